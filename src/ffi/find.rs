//! The only place that looks into the program's texts.

use core::ffi::{c_char, c_int};
use core::ptr;

use super::text::{buffer, bytes};
use crate::proto::text::find;

/// Where `name` begins in `buf`, neither of which needs a terminator; NULL when it is not there, or is empty.
///
/// # Safety
///
/// `buf` is NULL or has `len` readable bytes, `name` likewise `nl`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_nstrstr(
    buf: *const c_char,
    len: usize,
    name: *const c_char,
    nl: usize,
) -> *const c_char {
    // SAFETY: readable, by this function's contract.
    let text = unsafe { buffer(buf.cast(), len) }.unwrap_or(&[]);
    // SAFETY: as above.
    let name = unsafe { buffer(name.cast(), nl) }.unwrap_or(&[]);
    match find::find(text, name) {
        Some(at) => buf.wrapping_add(at),
        None => ptr::null(),
    }
}

/// The value behind the first `name` in flat JSON; `name` has its quotes and colon: "\"name\":". Of a string it is what stands between
/// the quotes, escapes as they are; of anything else all up to `,`, `]` or `}`. `*alen` is its length. NULL, and `*alen` as it was, when it
/// is not there. This is no parser: text that looks like `name` inside of a string counts too.
///
/// # Safety
///
/// `buf` is NULL or has `len` readable bytes; `name` is NULL or a string; `alen` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_json_simple_find(
    buf: *const c_char,
    len: usize,
    name: *const c_char,
    alen: *mut usize,
) -> *const c_char {
    // SAFETY: by this function's contract.
    let Some(value) = (unsafe { value(buf, len, name) }) else {
        return ptr::null();
    };
    if !alen.is_null() {
        // SAFETY: writable, by this function's contract.
        unsafe { alen.write(value.len()) };
    }
    value.as_ptr().cast()
}

/// 0 when the value that lws_json_simple_find() finds is `comp`; else nonzero: -1 when it is not there, or has another length.
///
/// # Safety
///
/// `buf` is NULL or has `len` readable bytes; `name` and `comp` are NULL or strings.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_json_simple_strcmp(
    buf: *const c_char,
    len: usize,
    name: *const c_char,
    comp: *const c_char,
) -> c_int {
    // SAFETY: by this function's contract.
    let value = unsafe { value(buf, len, name) };
    // SAFETY: NULL or a string, by this function's contract.
    let wanted = unsafe { bytes(comp) };
    match (value, wanted) {
        (Some(value), Some(wanted)) if value.len() == wanted.len() => {
            let differ = value.iter().zip(wanted).find(|(a, b)| a != b);
            differ.map_or(0, |(a, b)| c_int::from(*a) - c_int::from(*b))
        }
        _ => -1,
    }
}

/// 0 when `check` is what `wildcard` says, where each `*` stands for any characters, or none; else 1. Neither needs a terminator.
///
/// # Safety
///
/// `wildcard` is NULL or has `wlen` readable bytes, `check` likewise `clen`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_strcmp_wildcard(
    wildcard: *const c_char,
    wlen: usize,
    check: *const c_char,
    clen: usize,
) -> c_int {
    // SAFETY: readable, by this function's contract.
    let pattern = unsafe { buffer(wildcard.cast(), wlen) }.unwrap_or(&[]);
    // SAFETY: as above.
    let text = unsafe { buffer(check.cast(), clen) }.unwrap_or(&[]);
    c_int::from(!find::matches_wildcard(pattern, text))
}

/// # Safety
///
/// `buf` is NULL or has `len` readable bytes that live and stay as they are for `'a`; `name` is NULL or a string.
unsafe fn value<'a>(buf: *const c_char, len: usize, name: *const c_char) -> Option<&'a [u8]> {
    // SAFETY: by this function's contract.
    let text = unsafe { buffer(buf.cast(), len) }?;
    // SAFETY: as above.
    let name = unsafe { bytes(name) }?;
    find::json_value(text, name)
}
