//! The only place that reads and writes a program's integers in network order, and as variable byte integers.

use core::ffi::{c_int, c_void};

use super::logs;
use super::text::buffer;
use crate::engine::LLL_ERR;
use crate::proto::text::vbi;

/// Writes `u` at `b`, the most significant byte first.
///
/// # Safety
///
/// `b` is NULL or has 2 writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_ser_wu16be(b: *mut u8, u: u16) {
    // SAFETY: by this function's contract.
    unsafe { write(b, u.to_be_bytes()) };
}

/// Writes `u32` at `b`, the most significant byte first.
///
/// # Safety
///
/// `b` is NULL or has 4 writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_ser_wu32be(b: *mut u8, u32: u32) {
    // SAFETY: by this function's contract.
    unsafe { write(b, u32.to_be_bytes()) };
}

/// Writes `u64` at `b`, the most significant byte first.
///
/// # Safety
///
/// `b` is NULL or has 8 writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_ser_wu64be(b: *mut u8, u64: u64) {
    // SAFETY: by this function's contract.
    unsafe { write(b, u64.to_be_bytes()) };
}

/// The integer at `b`, whose most significant byte is first; 0 for NULL.
///
/// # Safety
///
/// `b` is NULL or has 2 readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_ser_ru16be(b: *const u8) -> u16 {
    // SAFETY: by this function's contract.
    u16::from_be_bytes(unsafe { read(b) })
}

/// The integer at `b`, whose most significant byte is first; 0 for NULL.
///
/// # Safety
///
/// `b` is NULL or has 4 readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_ser_ru32be(b: *const u8) -> u32 {
    // SAFETY: by this function's contract.
    u32::from_be_bytes(unsafe { read(b) })
}

/// The integer at `b`, whose most significant byte is first; 0 for NULL.
///
/// # Safety
///
/// `b` is NULL or has 8 readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_ser_ru64be(b: *const u8) -> u64 {
    // SAFETY: by this function's contract.
    u64::from_be_bytes(unsafe { read(b) })
}

/// Writes `value` to `buf` as a variable byte integer (MQTT 5 section 1.5.5): 1 to 4 bytes of 7 bits each, the least significant first.
/// Returns how many, or -1 when `value` needs more than 28 bits or `buf` is NULL.
///
/// # Safety
///
/// `buf` is NULL or has 4 writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_vbi_encode(value: u64, buf: *mut c_void) -> c_int {
    let (Some(bytes), false) = (vbi::encode(value), buf.is_null()) else {
        logs::emit(LLL_ERR, "lws_vbi_encode: more than 28 bits, or buf is NULL");
        return -1;
    };
    // SAFETY: 4 writable bytes, by this function's contract, and there are no more.
    unsafe { core::ptr::copy_nonoverlapping(bytes.as_ptr(), buf.cast(), bytes.len()) };
    bytes.len() as c_int
}

/// Reads what lws_vbi_encode() wrote: from the `len` bytes at `buf` to `*value`. Returns how many bytes that were, or 0, and `*value` as it
/// was, when it goes on behind `len` or 4 bytes.
///
/// # Safety
///
/// `buf` is NULL or has `len` readable bytes; `value` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_vbi_decode(
    buf: *const c_void,
    value: *mut u64,
    len: usize,
) -> c_int {
    // SAFETY: readable, by this function's contract.
    let bytes = unsafe { buffer(buf, len) }.unwrap_or(&[]);
    let (Some((number, used)), false) = (vbi::decode(bytes), value.is_null()) else {
        return 0;
    };
    // SAFETY: writable, by this function's contract.
    unsafe { value.write(number) };
    used as c_int
}

/// # Safety
///
/// `to` is NULL or has `N` writable bytes.
unsafe fn write<const N: usize>(to: *mut u8, bytes: [u8; N]) {
    if !to.is_null() {
        // SAFETY: by this function's contract; an array of bytes lies anywhere.
        unsafe { to.cast::<[u8; N]>().write(bytes) };
    }
}

/// # Safety
///
/// `from` is NULL or has `N` readable bytes.
unsafe fn read<const N: usize>(from: *const u8) -> [u8; N] {
    match from.is_null() {
        true => [0; N],
        // SAFETY: by this function's contract; an array of bytes lies anywhere.
        false => unsafe { from.cast::<[u8; N]>().read() },
    }
}
