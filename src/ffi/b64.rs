//! The only place for base64 that programs ask for, and what is made with it.

use core::ffi::{c_char, c_int, c_void};

use super::text::{buffer, bytes, put};
use super::types::lws_b64state;
use super::{logs, text};
use crate::engine::LLL_ERR;
use crate::net::random::base64;
use crate::proto::text::base64::{Decoder, Progress};

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

/// Decodes the base64 of the string `in`, of either alphabet, padded or not, to `out`; white space in it does not count. Terminates where
/// there is room for that. Returns how many bytes that were, or -1 when it is no base64, they do not fit into `out_size`, or an argument is
/// NULL.
///
/// # Safety
///
/// `in` is NULL or a string; `out` is NULL or has `out_size` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_b64_decode_string(
    in_: *const c_char,
    out: *mut c_char,
    out_size: c_int,
) -> c_int {
    // SAFETY: NULL or a string, by this function's contract.
    let input = unsafe { bytes(in_) };
    // SAFETY: by this function's contract.
    unsafe { decode_to("lws_b64_decode_string", input, out, out_size) }
}

/// As lws_b64_decode_string(), of the `in_len` characters at `in`, or all of a string when `in_len` is -1; a NUL ends them too.
///
/// # Safety
///
/// `in` is NULL or has `in_len` readable bytes, or is a string; `out` is NULL or has `out_size` writable ones.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_b64_decode_string_len(
    in_: *const c_char,
    in_len: c_int,
    out: *mut c_char,
    out_size: c_int,
) -> c_int {
    let input = match (usize::try_from(in_len), in_.is_null()) {
        (_, true) => None,
        (Ok(0), _) => Some(&[][..]),
        // SAFETY: readable, by this function's contract.
        (Ok(len), _) => unsafe { buffer(in_.cast(), len) }.map(up_to_nul),
        // SAFETY: a string, by this function's contract.
        (Err(_), _) => unsafe { bytes(in_) }.filter(|_| in_len == -1),
    };
    // SAFETY: by this function's contract.
    unsafe { decode_to("lws_b64_decode_string_len", input, out, out_size) }
}

/// Begins base64 that comes in pieces.
///
/// # Safety
///
/// `state` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_b64_decode_state_init(state: *mut lws_b64state) {
    if state.is_null() {
        return logs::emit(LLL_ERR, "lws_b64_decode_state_init: state is NULL");
    }
    // SAFETY: writable, by this function's contract; all zero is its beginning.
    unsafe { state.write_bytes(0, 1) };
}

/// Decodes one piece of base64: `*in_len` characters at `in`, to `*out_size` bytes at `out`, both of which are set to how much was read
/// and written. It stops early when fewer than 3 bytes of room are left, or at a NUL: what was not read is to be given again. `final`: nothing
/// follows. Terminates where there is room for that. Returns 0, or -1 when it is no base64 or an argument is NULL.
///
/// # Safety
///
/// `s` is NULL or was begun; `in_len` and `out_size` are NULL or writable; `in` and `out` are NULL or have that many bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_b64_decode_stateful(
    s: *mut lws_b64state,
    in_: *const c_char,
    in_len: *mut usize,
    out: *mut u8,
    out_size: *mut usize,
    r#final: c_int,
) -> c_int {
    const WHO: &str = "lws_b64_decode_stateful";
    // SAFETY: NULL, or writable and begun, by this function's contract.
    let state = unsafe { s.as_mut() };
    // SAFETY: NULL or writable, by this function's contract; so below.
    let in_len = unsafe { in_len.as_mut() };
    // SAFETY: as above.
    let out_size = unsafe { out_size.as_mut() };
    let (Some(state), Some(in_len), Some(out_size)) = (state, in_len, out_size) else {
        return refuse(WHO, "an argument is NULL");
    };
    if (in_.is_null() && *in_len > 0) || (out.is_null() && *out_size > 0) {
        return refuse(WHO, "in or out is NULL");
    }
    // SAFETY: readable, by this function's contract.
    let input = unsafe { buffer(in_.cast(), *in_len) }.unwrap_or(&[]);
    let mut decoder = Decoder {
        values: state.quad,
        count: state.i.try_into().unwrap_or(usize::MAX),
        padded: state.c == c_int::from(b'='),
    };
    let last = r#final != 0;
    // SAFETY: writable, by this function's contract.
    let decoded = unsafe { decode(&mut decoder, up_to_nul(input), out, *out_size, last) };
    let Progress { used, written } = match decoded {
        Ok(progress) => progress,
        Err(why) => return refuse(WHO, why),
    };
    *state = lws_b64state {
        quad: decoder.values,
        done: state.done.wrapping_add(written),
        len: decoder.count,
        i: decoder.count as c_int, // at most 4
        c: if decoder.padded { b'='.into() } else { 0 },
    };
    *in_len = used;
    *out_size = written;
    0
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
    // SAFETY: by this function's contract.
    unsafe { credentials("lws_http_basic_auth_gen", user, password, buf, len) }
}

/// As lws_http_basic_auth_gen(), with a password of `pwd_len` bytes, whatever they are.
///
/// # Safety
///
/// `user` is NULL or a string; `pw` is NULL or has `pwd_len` readable bytes; `buf` has `len` writable ones.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_http_basic_auth_gen2(
    user: *const c_char,
    pw: *const c_void,
    pwd_len: usize,
    buf: *mut c_char,
    len: usize,
) -> c_int {
    // SAFETY: NULL or a string, by this function's contract.
    let user = unsafe { bytes(user) };
    let password = match (pw.is_null(), pwd_len) {
        (false, 0) => Some(&[][..]),
        // SAFETY: readable, by this function's contract.
        _ => unsafe { buffer(pw, pwd_len) },
    };
    // SAFETY: by this function's contract.
    unsafe { credentials("lws_http_basic_auth_gen2", user, password, buf, len) }
}

/// # Safety
///
/// `buf` is NULL or has `len` writable bytes.
unsafe fn credentials(
    who: &str,
    user: Option<&[u8]>,
    password: Option<&[u8]>,
    buf: *mut c_char,
    len: usize,
) -> c_int {
    let (Some(user), Some(password), false) = (user, password, buf.is_null()) else {
        logs::emit(LLL_ERR, &format!("{who}: an argument is NULL"));
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

/// # Safety
///
/// `out` is NULL or has `out_size` writable bytes.
unsafe fn decode_to(who: &str, input: Option<&[u8]>, out: *mut c_char, out_size: c_int) -> c_int {
    let (Some(input), Ok(size), false) = (input, usize::try_from(out_size), out.is_null()) else {
        return refuse(who, "an argument is NULL or below 0");
    };
    let mut decoder = Decoder::default();
    // SAFETY: writable, by this function's contract.
    match unsafe { decode(&mut decoder, input, out.cast(), size, true) } {
        Ok(progress) if progress.used == input.len() && decoder.is_empty() => {
            c_int::try_from(progress.written).unwrap_or(-1)
        }
        Ok(_) => refuse(who, "out_size is too small"),
        Err(why) => refuse(who, why),
    }
}

fn up_to_nul(text: &[u8]) -> &[u8] {
    text.split(|byte| *byte == 0).next().unwrap_or(text)
}

/// Decodes to `out` by way of a buffer of ours, as `out` may be where `input` is; terminates where there is room for that.
///
/// # Safety
///
/// `out` has `size` writable bytes.
unsafe fn decode(
    decoder: &mut Decoder,
    input: &[u8],
    out: *mut u8,
    size: usize,
    last: bool,
) -> Result<Progress, &'static str> {
    let most = (input.len() / 4 + 2) * 3;
    let mut room = Vec::new();
    let reserved = room.try_reserve_exact(size.min(most));
    reserved.map_err(|_| "out of memory")?;
    room.resize(size.min(most), 0);
    let progress = decoder.decode(input, &mut room, last)?;
    // SAFETY: so many are writable, by this function's contract; nothing of `input` is read any more.
    unsafe { core::ptr::copy_nonoverlapping(room.as_ptr(), out, progress.written) };
    if progress.written < size {
        // SAFETY: as above, and this is one of them.
        unsafe { out.wrapping_add(progress.written).write(0) };
    }
    Ok(progress)
}

fn refuse(who: &str, why: &str) -> c_int {
    logs::emit(LLL_ERR, &format!("{who}: {why}"));
    -1
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
