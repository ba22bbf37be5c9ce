//! The only place that writes a program's numbers for humans, and for the units that they are in.

use core::ffi::{CStr, c_char, c_int};
use core::iter;
use core::ptr;

use super::logs;
use super::text::{bytes, put};
use super::types::lws_humanize_unit;
use crate::engine::LLL_ERR;
use crate::proto::text::humanize::{SI, US, Unit, humanize, padded};

const END: lws_humanize_unit = lws_humanize_unit {
    name: ptr::null(),
    factor: 0,
};

const fn unit(name: &'static CStr, factor: u64) -> lws_humanize_unit {
    lws_humanize_unit {
        name: name.as_ptr(),
        factor,
    }
}

/// The units, and one without a name behind them.
const fn schema<const N: usize, const ALL: usize>(units: &[Unit; N]) -> [lws_humanize_unit; ALL] {
    let mut made = [END; ALL];
    let mut n = 0;
    while n < N {
        made[n] = unit(units[n].0, units[n].1);
        n += 1;
    }
    made
}

/// Powers of 1024: "1.500Ki".
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals)] // C's name
pub static humanize_schema_si: [lws_humanize_unit; 7] = schema(&SI);

/// Powers of 1024, of bytes: "1.500KiB".
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals)] // C's name
pub static humanize_schema_si_bytes: [lws_humanize_unit; 7] = [
    unit(c"PiB", 1 << 50),
    unit(c"TiB", 1 << 40),
    unit(c"GiB", 1 << 30),
    unit(c"MiB", 1 << 20),
    unit(c"KiB", 1 << 10),
    unit(c"B", 1),
    END,
];

/// Microseconds: "1.500s", "2.000min".
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals)] // C's name
pub static humanize_schema_us: [lws_humanize_unit; 8] = schema(&US);

/// Writes `value` to `buf`, which has `len` bytes, in the largest unit of `schema` that it reaches, with three decimals, or as it is in the
/// smallest: "512KiB" is "512.000KiB", 128 is "128". It is not padded. Cut to the room and terminated. Returns its length in `buf`, or 0
/// when an argument is NULL or `value` is in no unit.
///
/// # Safety
///
/// `buf` is NULL or has `len` writable bytes; `schema` is NULL or ended by a unit without a name.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_humanize(
    buf: *mut c_char,
    len: usize,
    value: u64,
    schema: *const lws_humanize_unit,
) -> c_int {
    // SAFETY: by this function's contract.
    unsafe { write("lws_humanize", buf, len, value, schema, |text| text) }
}

/// As lws_humanize(), in columns: spaces before it, so that its point, or the name of its unit, is the sixth character, and behind it up to the
/// twelfth.
///
/// # Safety
///
/// As lws_humanize().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_humanize_pad(
    p: *mut c_char,
    len: usize,
    v: u64,
    schema: *const lws_humanize_unit,
) -> c_int {
    // SAFETY: by this function's contract.
    unsafe { write("lws_humanize_pad", p, len, v, schema, padded) }
}

/// # Safety
///
/// As lws_humanize().
unsafe fn write(
    who: &str,
    buf: *mut c_char,
    len: usize,
    value: u64,
    schema: *const lws_humanize_unit,
    finish: impl FnOnce(Vec<u8>) -> Vec<u8>,
) -> c_int {
    if buf.is_null() || len == 0 || schema.is_null() {
        logs::emit(LLL_ERR, &format!("{who}: an argument is NULL or 0"));
        return 0;
    }
    let mut next = schema;
    let units = iter::from_fn(|| {
        // SAFETY: not past the one that ends the schema, by this function's contract.
        let unit = unsafe { next.read() };
        // SAFETY: NULL or a string, by this function's contract.
        let name = unsafe { bytes(unit.name) }?;
        next = next.wrapping_add(1);
        Some((name, unit.factor))
    });
    let Some(text) = humanize(value, units).map(finish) else {
        logs::emit(LLL_ERR, &format!("{who}: the schema has no unit for it"));
        // SAFETY: `len` writable bytes, by this function's contract.
        unsafe { put(b"", buf, len) };
        return 0;
    };
    // SAFETY: `len` writable bytes, by this function's contract.
    unsafe { put(&text, buf, len) };
    c_int::try_from(text.len().min(len - 1)).unwrap_or(0)
}
