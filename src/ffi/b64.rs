//! The only place for base64 that programs ask for, and what is made with it.

use core::ffi::{c_char, c_int};

use super::text::{bytes, put};
use super::{logs, text};
use crate::engine::LLL_ERR;
use crate::net::random::base64;

/// Encodes `in_len` bytes at `in` in base64, with padding, and terminates. Returns the length, or -1 when `out_size` is not at least two
/// more than it.
///
/// # Safety
///
/// `in` has `in_len` readable bytes; `out` has `out_size` writable ones.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_b64_encode_string(
    in_: *const c_char,
    in_len: c_int,
    out: *mut c_char,
    out_size: c_int,
) -> c_int {
    // SAFETY: as `encode_to` wants them, by this function's contract.
    unsafe { encode_to(in_, in_len, out, out_size, Alphabet::Standard) }
}

/// As lws_b64_encode_string(), with the alphabet for URLs and file names.
///
/// # Safety
///
/// `in` has `in_len` readable bytes; `out` has `out_size` writable ones.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_b64_encode_string_url(
    in_: *const c_char,
    in_len: c_int,
    out: *mut c_char,
    out_size: c_int,
) -> c_int {
    // SAFETY: as `encode_to` wants them, by this function's contract.
    unsafe { encode_to(in_, in_len, out, out_size, Alphabet::ForUrls) }
}

/// Writes the value of an Authorization header for HTTP Basic authentication, `Basic ...`, to `buf`. Returns 0, or 1 when an argument is
/// NULL or the value does not fit into `len` bytes with its terminator.
///
/// # Safety
///
/// `user` and `pw` are NULL or strings; `buf` has `len` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_http_basic_auth_gen(
    user: *const c_char,
    pw: *const c_char,
    buf: *mut c_char,
    len: usize,
) -> c_int {
    // SAFETY: NULL or a string, by this function's contract.
    let user = unsafe { bytes(user) };
    // SAFETY: as above.
    let password = unsafe { bytes(pw) };
    let (Some(user), Some(password), false) = (user, password, buf.is_null()) else {
        logs::emit(LLL_ERR, "lws_http_basic_auth_gen: an argument is NULL");
        return 1;
    };
    let credentials = base64(&[user, password].join(&b':'));
    let value = format!("Basic {credentials}");
    if value.len() >= len {
        return 1;
    }
    // SAFETY: `buf` has `len` writable bytes, by this function's contract.
    unsafe { put(value.as_bytes(), buf, len) };
    0
}

#[derive(Clone, Copy)]
enum Alphabet {
    Standard,
    ForUrls,
}

/// # Safety
///
/// `from` has `in_len` readable bytes; `out` has `out_size` writable ones.
unsafe fn encode_to(
    from: *const c_char,
    in_len: c_int,
    out: *mut c_char,
    out_size: c_int,
    alphabet: Alphabet,
) -> c_int {
    let (Ok(len), Ok(room)) = (u32::try_from(in_len), usize::try_from(out_size)) else {
        return -1;
    };
    // SAFETY: readable, by this function's contract.
    let input = unsafe { text::memory(from.cast(), len) }.unwrap_or(&[]);
    // lws: the terminator, and one more.
    let needed = input.len().div_ceil(3) * 4 + 2;
    if out.is_null() || room < needed {
        return -1;
    }
    let encoded = encode(input, alphabet);
    // SAFETY: `out` has so many writable bytes, by this function's contract.
    unsafe { put(encoded.as_bytes(), out, room) };
    c_int::try_from(encoded.len()).unwrap_or(-1)
}

fn encode(input: &[u8], alphabet: Alphabet) -> String {
    let text = base64(input);
    match alphabet {
        Alphabet::Standard => text,
        // RFC 4648 section 5
        Alphabet::ForUrls => text.replace('+', "-").replace('/', "_"),
    }
}
