//! The only place for bytes that programs have as hex digits.

use core::ffi::{c_char, c_int};

use super::logs;
use super::text::{buffer, bytes};
use super::types::lws_context;
use crate::engine::LLL_ERR;
use crate::net::random::fill;
use crate::proto::text::hex;

/// The bytes that the hex digits of the string `h` say, at most `max`, to `dest`. Returns how many, or -1 when something is no digit,
/// one digit is alone, they do not fit, or an argument is NULL.
///
/// # Safety
///
/// `h` is NULL or a string; `dest` is NULL or has `max` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_hex_to_byte_array(
    h: *const c_char,
    dest: *mut u8,
    max: c_int,
) -> c_int {
    // SAFETY: NULL or a string, by this function's contract.
    let digits = unsafe { bytes(h) };
    // SAFETY: by this function's contract.
    unsafe { decode("lws_hex_to_byte_array", digits, dest, max) }
}

/// As lws_hex_to_byte_array(), of `hlen` digits that need no terminator.
///
/// # Safety
///
/// `h` is NULL or has `hlen` readable bytes; `dest` is NULL or has `max` writable ones.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_hex_len_to_byte_array(
    h: *const c_char,
    hlen: usize,
    dest: *mut u8,
    max: c_int,
) -> c_int {
    let digits = match (h.is_null(), hlen) {
        (true, _) => None,
        (false, 0) => Some(&[][..]),
        // SAFETY: readable, by this function's contract.
        (false, _) => unsafe { buffer(h.cast(), hlen) },
    };
    // SAFETY: by this function's contract.
    unsafe { decode("lws_hex_len_to_byte_array", digits, dest, max) }
}

/// Writes `slen` bytes at `src` as lower case hex digits to `dest`, which has `len` bytes: as many as fit, and a terminator.
///
/// # Safety
///
/// `src` is NULL or has `slen` readable bytes; `dest` is NULL or has `len` writable ones.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_hex_from_byte_array(
    src: *const u8,
    slen: usize,
    dest: *mut c_char,
    len: usize,
) {
    if dest.is_null() || len == 0 {
        return;
    }
    // SAFETY: readable, by this function's contract.
    let source = unsafe { buffer(src.cast(), slen) }.unwrap_or(&[]);
    // What more there is would not be written.
    let used = slen.saturating_mul(2).saturating_add(1).min(len);
    // SAFETY: `len` writable bytes, by this function's contract.
    let out = unsafe { core::slice::from_raw_parts_mut(dest.cast::<u8>(), used) };
    hex::encode(source, out);
}

/// Fills `dest` with `len` - 1 random hex digits in lower case and a terminator. Returns 0, or 1 when there are no random bytes to be had,
/// `dest` is NULL or `len` is 0.
///
/// # Safety
///
/// `dest` is NULL or has `len` writable bytes. `context` is not looked at.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_hex_random(
    context: *mut lws_context,
    dest: *mut c_char,
    len: usize,
) -> c_int {
    let _ = context;
    if dest.is_null() || len == 0 {
        return refuse("lws_hex_random", "dest is NULL or empty", 1);
    }
    // SAFETY: `len` writable bytes, by this function's contract.
    let out = unsafe { core::slice::from_raw_parts_mut(dest.cast::<u8>(), len) };
    for part in out[..len - 1].chunks_mut(64) {
        let mut random = [0; 32];
        if !fill(&mut random) {
            out[0] = 0;
            return refuse("lws_hex_random", "no random bytes", 1);
        }
        let mut digits = [0; 65];
        hex::encode(&random, &mut digits);
        part.copy_from_slice(&digits[..part.len()]);
    }
    out[len - 1] = 0;
    0
}

/// # Safety
///
/// `dest` is NULL or has `max` writable bytes.
unsafe fn decode(who: &str, digits: Option<&[u8]>, dest: *mut u8, max: c_int) -> c_int {
    let (Some(digits), Ok(max), false) = (digits, usize::try_from(max), dest.is_null()) else {
        return refuse(who, "an argument is NULL or below 0", -1);
    };
    // SAFETY: writable, by this function's contract.
    let out = unsafe { core::slice::from_raw_parts_mut(dest, max) };
    match hex::decode(digits, out) {
        Ok(len) => c_int::try_from(len).unwrap_or(-1),
        Err(why) => refuse(who, why, -1),
    }
}

fn refuse(who: &str, why: &str, result: c_int) -> c_int {
    logs::emit(LLL_ERR, &format!("{who}: {why}"));
    result
}
