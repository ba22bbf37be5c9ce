//! The only place that escapes the program's strings, and reads a URL's.

use core::ffi::{c_char, c_int};

use super::logs;
use super::text::{bytes, put};
use crate::engine::LLL_ERR;
use crate::proto::text::escape::{self, Escaped};

/// Writes `string` to `escaped` as a URL's query has it, and answers `escaped`: letters and digits as they are, a space as `+`, anything
/// else as `%XX`. `len` is the size of `escaped`, with the terminator. It ends early where another `%XX` might not fit. `escaped` is
/// as it was when `len` is below 1 or a pointer is NULL.
///
/// # Safety
///
/// `escaped` is NULL or has `len` writable bytes; `string` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_urlencode(
    escaped: *mut c_char,
    string: *const c_char,
    len: c_int,
) -> *const c_char {
    let len = usize::try_from(len).unwrap_or(0);
    // SAFETY: as `write` wants them, by this function's contract.
    unsafe { write("lws_urlencode", escaped, string, len, escape::url) };
    escaped
}

/// Reads what lws_urlencode() writes: `+` as a space, `%XX` as a byte. `len` is the size of `string`, with the terminator; decoded in
/// place (`string` is `escaped`) it is how many characters there may be. What does not fit is cut off, as is a `%X` at the end. Returns
/// 0, or -1 with an empty `string` when no two hex digits follow a `%`, or an argument is NULL or below 1.
///
/// # Safety
///
/// `string` is NULL or has `len` writable bytes, in place those of `escaped`; `escaped` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_urldecode(
    string: *mut c_char,
    escaped: *const c_char,
    len: c_int,
) -> c_int {
    const WHO: &str = "lws_urldecode";
    let in_place = ptr_eq(string, escaped);
    // What is decoded is not longer than its source, which has a terminator of its own.
    let size = usize::try_from(len).map(|len| len + usize::from(in_place && len > 0));
    // SAFETY: NULL or a string, by this function's contract.
    let source = unsafe { bytes(escaped) };
    let (Some(source), Ok(size @ 1..), false) = (source, size, string.is_null()) else {
        refuse(WHO, "an argument is NULL, or len below 1");
        return -1;
    };
    let decoded = escape::from_url(source, size - 1);
    let size = match in_place {
        true => size.min(source.len() + 1),
        false => size,
    };
    let (text, result) = match decoded {
        Ok(text) => (text, 0),
        Err(why) => {
            refuse(WHO, why);
            (Vec::new(), -1)
        }
    };
    // SAFETY: `string` has so many writable bytes, by this function's contract; nothing of `escaped` is read any more.
    unsafe { put(&text, string, size) };
    result
}

/// Writes `string` to `escaped` with each `'` doubled, to stand in a string literal of SQL, and answers `escaped`. `len` is the size of
/// `escaped`, with the terminator. It ends early where another `''` might not fit.
///
/// # Safety
///
/// `escaped` is NULL or has `len` writable bytes; `string` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_sql_purify(
    escaped: *mut c_char,
    string: *const c_char,
    len: usize,
) -> *const c_char {
    // SAFETY: as `write` wants them, by this function's contract.
    unsafe { write("lws_sql_purify", escaped, string, len, escape::sql) };
    escaped
}

/// How long lws_sql_purify() makes `p`, without the terminator; 0 for NULL.
///
/// # Safety
///
/// `p` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_sql_purify_len(p: *const c_char) -> c_int {
    // SAFETY: NULL or a string, by this function's contract.
    let text = unsafe { bytes(p) }.unwrap_or(&[]);
    c_int::try_from(escape::sql_len(text)).unwrap_or(c_int::MAX)
}

/// Writes `string` to `escaped` to stand between the quotes of a JSON string, and answers `escaped`. The result is ASCII: each byte from
/// 0x80 on is written as `\u00XX`. `len` is the size of `escaped`, with the terminator. It ends early where another `\u00XX` might not
/// fit; `*in_used` is how much of `string` was written. A NULL `string` is written as an empty one.
///
/// # Safety
///
/// `escaped` is NULL or has `len` writable bytes; `string` is NULL or a string; `in_used` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_json_purify(
    escaped: *mut c_char,
    string: *const c_char,
    len: c_int,
    in_used: *mut c_int,
) -> *const c_char {
    let len = usize::try_from(len).unwrap_or(0);
    let source = match string.is_null() {
        true => c"".as_ptr(),
        false => string,
    };
    // SAFETY: as `write` wants them, by this function's contract.
    let used = unsafe { write("lws_json_purify", escaped, source, len, escape::json) };
    if !in_used.is_null() && !string.is_null() {
        // SAFETY: writable, by this function's contract.
        unsafe { in_used.write(c_int::try_from(used).unwrap_or(c_int::MAX)) };
    }
    escaped
}

/// How long lws_json_purify() makes `string` at most, without the terminator; 0 for NULL.
///
/// # Safety
///
/// `string` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_json_purify_len(string: *const c_char) -> c_int {
    // SAFETY: NULL or a string, by this function's contract.
    let text = unsafe { bytes(string) }.unwrap_or(&[]);
    c_int::try_from(escape::json_len(text)).unwrap_or(c_int::MAX)
}

/// Makes `filename` safe to open: `..`, `:`, `\`, `$` and `%` become `_`, in place. Slashes stay.
///
/// # Safety
///
/// `filename` is NULL or a string that may be changed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_filename_purify_inplace(filename: *mut c_char) {
    if filename.is_null() {
        return;
    }
    // SAFETY: a string, by this function's contract.
    let len = unsafe { libc::strlen(filename) };
    // SAFETY: its bytes may be changed, by this function's contract.
    let name = unsafe { core::slice::from_raw_parts_mut(filename.cast::<u8>(), len) };
    escape::file_name(name);
}

/// How much of `string` was written.
///
/// # Safety
///
/// `to` is NULL or has `len` writable bytes; `string` is NULL or a string.
unsafe fn write(
    who: &str,
    to: *mut c_char,
    string: *const c_char,
    len: usize,
    escape: impl Fn(&[u8], usize) -> Option<Escaped>,
) -> usize {
    // SAFETY: NULL or a string, by this function's contract.
    let source = unsafe { bytes(string) };
    let (Some(source), false) = (source, to.is_null()) else {
        refuse(who, "an argument is NULL");
        return 0;
    };
    let Some(escaped) = escape(source, len) else {
        refuse(who, "no room for a terminator, or no memory");
        return 0;
    };
    // SAFETY: `len` writable bytes, by this function's contract.
    unsafe { put(&escaped.text, to, len) };
    escaped.used
}

fn ptr_eq(a: *mut c_char, b: *const c_char) -> bool {
    a.cast_const() == b
}

fn refuse(who: &str, why: &str) {
    logs::emit(LLL_ERR, &format!("{who}: {why}"));
}
