//! The only place for base64 that programs ask for, and what is made with it.

use core::ffi::{c_char, c_int};

use super::text::{bytes, put};
use super::{logs, text};
use crate::engine::LLL_ERR;

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
    unsafe { encode_to(in_, in_len, out, out_size, STANDARD) }
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
    unsafe { encode_to(in_, in_len, out, out_size, FOR_URLS) }
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
    let value = [
        b"Basic ".to_vec(),
        encode(&[user, password].join(&b':'), STANDARD),
    ]
    .concat();
    if value.len() >= len {
        return 1;
    }
    // SAFETY: `buf` has `len` writable bytes, by this function's contract.
    unsafe { put(&value, buf, len) };
    0
}

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const FOR_URLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// # Safety
///
/// `from` has `in_len` readable bytes; `out` has `out_size` writable ones.
unsafe fn encode_to(
    from: *const c_char,
    in_len: c_int,
    out: *mut c_char,
    out_size: c_int,
    alphabet: &[u8; 64],
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
    unsafe { put(&encoded, out, room) };
    c_int::try_from(encoded.len()).unwrap_or(-1)
}

fn encode(input: &[u8], alphabet: &[u8; 64]) -> Vec<u8> {
    let mut out = Vec::with_capacity(input.len().div_ceil(3) * 4);
    for three in input.chunks(3) {
        let at = |n: usize| u32::from(three.get(n).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for n in 0..4 {
            let six = (bits >> (18 - 6 * n) & 63) as usize;
            let letter = (n <= three.len()).then(|| alphabet.get(six)).flatten();
            out.push(letter.copied().unwrap_or(b'='));
        }
    }
    out
}
