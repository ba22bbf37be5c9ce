//! The only place for the header API: what a request's head gets, what a response's head had.

use std::ffi::{c_char, c_int, c_uchar, c_uint, c_void};

use super::log_cx;
use super::text::bytes;
use super::types::{lws, lws_filepos_t, lws_hdr_custom_fe_cb_t, lws_token_indexes};
use super::wsi::{request, with};
use crate::engine::LLL_ERR;
use crate::proto::h1::{check_name, check_value};
use crate::proto::headers::Headers;
use crate::proto::tokens::Token;

/// Writes `name: value` and its line end at `*p` and moves `*p` behind it. `name` ends with a colon or not.
/// Returns 0, or 1, with a log line and `*p` as it was, when it does not fit before `end`, or name or value cannot stand in a
/// header (CR, LF, NUL), or the handle is stale.
///
/// # Safety
///
/// `name` is a string; `value` has `length` readable bytes; `*p` up to `end` is writable, as APPEND_HANDSHAKE_HEADER gave it.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_add_http_header_by_name(
    wsi: *mut lws,
    name: *const c_uchar,
    value: *const c_uchar,
    length: c_int,
    p: *mut *mut c_uchar,
    end: *mut c_uchar,
) -> c_int {
    if request(wsi, "lws_add_http_header_by_name").is_none() {
        return 1;
    }
    // SAFETY: NULL or a string, by this function's contract.
    let Some(name) = (unsafe { bytes(name.cast()) }) else {
        return refuse(wsi, "name is NULL");
    };
    // SAFETY: by this function's contract.
    unsafe {
        add(
            wsi,
            name.strip_suffix(b":").unwrap_or(name),
            value,
            length,
            p,
            end,
        )
    }
}

/// As lws_add_http_header_by_name(), the name given by its token.
///
/// # Safety
///
/// As lws_add_http_header_by_name().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_add_http_header_by_token(
    wsi: *mut lws,
    token: lws_token_indexes,
    value: *const c_uchar,
    length: c_int,
    p: *mut *mut c_uchar,
    end: *mut c_uchar,
) -> c_int {
    if request(wsi, "lws_add_http_header_by_token").is_none() {
        return 1;
    }
    let Some(name) = Token::from_int(token.0).and_then(Token::name) else {
        return refuse(wsi, "token names no header");
    };
    // SAFETY: by this function's contract.
    unsafe { add(wsi, name, value, length, p, end) }
}

/// Adds Content-Length.
///
/// # Safety
///
/// As lws_add_http_header_by_name().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_add_http_header_content_length(
    wsi: *mut lws,
    content_length: lws_filepos_t,
    p: *mut *mut c_uchar,
    end: *mut c_uchar,
) -> c_int {
    if request(wsi, "lws_add_http_header_content_length").is_none() {
        return 1;
    }
    let digits = content_length.to_string();
    // SAFETY: by this function's contract; `digits` are ours.
    unsafe {
        add(
            wsi,
            b"content-length",
            digits.as_ptr(),
            digits.len() as c_int,
            p,
            end,
        )
    }
}

fn refuse(wsi: *const lws, why: &str) -> c_int {
    log_cx::say_of(wsi, LLL_ERR, &format!("lws_add_http_header: {why}"));
    1
}

/// # Safety
///
/// `value` has `length` readable bytes; `*p` up to `end` is writable.
unsafe fn add(
    wsi: *const lws,
    name: &[u8],
    value: *const c_uchar,
    length: c_int,
    p: *mut *mut c_uchar,
    end: *mut c_uchar,
) -> c_int {
    let Ok(length) = usize::try_from(length) else {
        return refuse(wsi, "length is below 0");
    };
    if p.is_null() || (value.is_null() && length > 0) {
        return refuse(wsi, "p or value is NULL");
    }
    let value = match length {
        0 => &[],
        // SAFETY: `length` readable bytes, by this function's contract.
        _ => unsafe { std::slice::from_raw_parts(value, length) },
    };
    if let Err(fault) = check_name(name).and_then(|()| check_value(value)) {
        return refuse(wsi, fault.text());
    }
    // SAFETY: readable, by this function's contract.
    let start = unsafe { *p };
    let room = end.addr().saturating_sub(start.addr());
    let needed = name.len() + 2 + length + 2;
    if start.is_null() || needed > room {
        return refuse(wsi, "no space left for one more header line");
    }
    // SAFETY: from `*p` to `end` is writable, by this function's contract, and `needed` fits.
    let space = unsafe { std::slice::from_raw_parts_mut(start, needed) };
    let parts: [&[u8]; 4] = [name, b": ", value, b"\r\n"];
    let mut at = 0;
    for part in parts {
        space[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    }
    // SAFETY: within the space, or just behind it.
    let behind = unsafe { start.add(needed) };
    // SAFETY: `p` is writable, by this function's contract.
    unsafe { p.write(behind) };
    0
}

/// The name of a header token with its colon, lower case; NULL for a number that is none.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn lws_token_to_string(token: lws_token_indexes) -> *const c_uchar {
    let text = Token::from_int(token.0).and_then(Token::text);
    text.map_or(std::ptr::null(), |text| text.as_ptr().cast())
}

/// The status of the response; 0 before there is one.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_http_client_http_response(wsi: *mut lws) -> c_uint {
    let Some((context, key)) = request(wsi, "lws_http_client_http_response") else {
        return 0;
    };
    let status = context.hold().wsis.get(key).map_or(0, |wsi| wsi.status());
    c_uint::from(status)
}

/// 1 when a redirect turned the request into a GET: it has no body any more, and its APPEND writes none of the headers of one.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_http_is_redirected_to_get(wsi: *mut lws) -> c_int {
    with(wsi, "lws_http_is_redirected_to_get", 0, |held, key| {
        let made_get = held.wsis.get(key).is_some_and(|wsi| wsi.made_get);
        c_int::from(made_get)
    })
}

/// Asks a response's headers; `none` while there are none.
fn ask<T>(wsi: *mut lws, what: &str, none: T, answer: impl FnOnce(&Headers) -> T) -> T {
    let found = with(wsi, what, None, |held, key| {
        let response = held.wsis.get(key)?.response.as_ref()?;
        Some(answer(&response.headers))
    });
    found.unwrap_or(none)
}

fn int(n: usize) -> c_int {
    c_int::try_from(n).unwrap_or(c_int::MAX)
}

/// How long a response's header is, all its occurrences joined by commas; 0 when it is not there.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_hdr_total_length(wsi: *mut lws, h: lws_token_indexes) -> c_int {
    ask(wsi, "lws_hdr_total_length", 0, |headers| {
        let Some(token) = Token::from_int(h.0) else {
            return 0;
        };
        let (count, bytes) = headers
            .by_token(token)
            .fold((0, 0), |(count, bytes), value| {
                (count + 1, bytes + value.len())
            });
        int(bytes + usize::max(count, 1) - 1)
    })
}

/// Copies a response's header to `dest`, terminated, its occurrences joined by commas. Returns its length, 0 when it is not there,
/// -1 when it does not fit or the handle is stale. Readable until WSI_DESTROY returned.
///
/// # Safety
///
/// `dest` has `len` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_hdr_copy(
    wsi: *mut lws,
    dest: *mut c_char,
    len: c_int,
    h: lws_token_indexes,
) -> c_int {
    // SAFETY: `dest` has `len` bytes, by this function's contract.
    let Some(space) = (unsafe { lent(dest, len) }) else {
        return -1;
    };
    space[0] = 0;
    ask(wsi, "lws_hdr_copy", -1, |headers| {
        let token = Token::from_int(h.0);
        let values = token.into_iter().flat_map(|token| headers.by_token(token));
        copy_joined(values, space)
    })
}

/// The program's buffer, of at least one byte.
///
/// # Safety
///
/// `dest` is NULL or has `len` writable bytes for `'a`.
unsafe fn lent<'a>(dest: *mut c_char, len: c_int) -> Option<&'a mut [u8]> {
    let len = usize::try_from(len).ok().filter(|len| *len > 0)?;
    if dest.is_null() {
        return None;
    }
    // SAFETY: by this function's contract.
    Some(unsafe { std::slice::from_raw_parts_mut(dest.cast(), len) })
}

/// Values joined by commas and terminated; -1, and an empty string, when they do not fit.
fn copy_joined<'a>(values: impl Iterator<Item = &'a [u8]>, space: &mut [u8]) -> c_int {
    let mut at = 0;
    for (nth, value) in values.enumerate() {
        let comma: &[u8] = if nth > 0 { b"," } else { b"" };
        for part in [comma, value] {
            // One byte more, for the terminator.
            let Some(place) = space.get_mut(at..=at + part.len()) else {
                space[0] = 0;
                return -1;
            };
            place[..part.len()].copy_from_slice(part);
            at += part.len();
        }
    }
    space[at] = 0;
    int(at)
}

/// How long one occurrence of a response's header is, from 0; 0 when it is not there.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_hdr_fragment_length(
    wsi: *mut lws,
    h: lws_token_indexes,
    frag_idx: c_int,
) -> c_int {
    ask(wsi, "lws_hdr_fragment_length", 0, |headers| {
        nth(headers, h, frag_idx).map_or(0, |value| int(value.len()))
    })
}

fn nth(headers: &Headers, h: lws_token_indexes, n: c_int) -> Option<&[u8]> {
    let token = Token::from_int(h.0)?;
    headers.by_token(token).nth(usize::try_from(n).ok()?)
}

/// Copies one occurrence of a response's header, from 0. Returns its length, or -1 when it is not there or does not fit.
///
/// # Safety
///
/// `dest` has `len` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_hdr_copy_fragment(
    wsi: *mut lws,
    dest: *mut c_char,
    len: c_int,
    h: lws_token_indexes,
    frag_idx: c_int,
) -> c_int {
    // SAFETY: `dest` has `len` bytes, by this function's contract.
    let Some(space) = (unsafe { lent(dest, len) }) else {
        return -1;
    };
    space[0] = 0;
    ask(wsi, "lws_hdr_copy_fragment", -1, |headers| {
        nth(headers, h, frag_idx).map_or(-1, |value| copy_joined([value].into_iter(), space))
    })
}

/// The name of a header that a program asks for: `nlen` bytes, its colon included or not.
///
/// # Safety
///
/// `name` is NULL or has `nlen` readable bytes for `'a`.
unsafe fn custom<'a>(name: *const c_char, nlen: c_int) -> Option<&'a [u8]> {
    let nlen = usize::try_from(nlen).ok().filter(|_| !name.is_null())?;
    // SAFETY: by this function's contract.
    let name = unsafe { std::slice::from_raw_parts(name.cast::<u8>(), nlen) };
    Some(name.strip_suffix(b":").unwrap_or(name))
}

/// How long a response's header of this name is; -1 when it is not there.
///
/// # Safety
///
/// `name` has `nlen` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_hdr_custom_length(
    wsi: *mut lws,
    name: *const c_char,
    nlen: c_int,
) -> c_int {
    // SAFETY: by this function's contract.
    let Some(name) = (unsafe { custom(name, nlen) }) else {
        return -1;
    };
    ask(wsi, "lws_hdr_custom_length", -1, |headers| {
        let value = headers.by_name(name).next();
        value.map_or(-1, |value| int(value.len()))
    })
}

/// Copies a response's header of this name to `dst`, terminated. Returns its length, or -1 when it is not there or does not fit.
///
/// # Safety
///
/// `name` has `nlen` readable bytes; `dst` has `len` writable ones.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_hdr_custom_copy(
    wsi: *mut lws,
    dst: *mut c_char,
    len: c_int,
    name: *const c_char,
    nlen: c_int,
) -> c_int {
    // SAFETY: `dst` has `len` bytes, by this function's contract.
    let Some(space) = (unsafe { lent(dst, len) }) else {
        return -1;
    };
    space[0] = 0;
    // SAFETY: by this function's contract.
    let Some(name) = (unsafe { custom(name, nlen) }) else {
        return -1;
    };
    ask(wsi, "lws_hdr_custom_copy", -1, |headers| {
        let value = headers.by_name(name).next();
        value.map_or(-1, |value| copy_joined([value].into_iter(), space))
    })
}

/// Calls `cb` with the name, lower case and with its colon, of each header of the response that has no token. Returns 0, or -1 when
/// `cb` is NULL or the handle is stale.
///
/// # Safety
///
/// `cb` may be called with a name, its length and `opaque`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_hdr_custom_name_foreach(
    wsi: *mut lws,
    cb: lws_hdr_custom_fe_cb_t,
    opaque: *mut c_void,
) -> c_int {
    let Some(cb) = cb else {
        return -1;
    };
    if request(wsi, "lws_hdr_custom_name_foreach").is_none() {
        return -1;
    }
    // Copied out, for the callback may ask anything: nothing is held while it runs.
    let names: Vec<Vec<u8>> = ask(wsi, "lws_hdr_custom_name_foreach", Vec::new(), |headers| {
        let custom = headers.names().filter(|(_, token)| token.is_none());
        custom
            .map(|(name, _)| {
                let mut name = name.to_ascii_lowercase();
                name.extend_from_slice(b":\0");
                name
            })
            .collect()
    });
    for name in names {
        // SAFETY: `cb` may be called so, by this function's contract; the name is terminated.
        unsafe { cb(name.as_ptr().cast(), int(name.len() - 1), opaque) };
    }
    0
}

#[cfg(test)]
mod tests {
    use super::copy_joined;

    fn joined(values: &[&[u8]], size: usize) -> (i32, Vec<u8>) {
        let mut space = vec![b'.'; size];
        let n = copy_joined(values.iter().copied(), &mut space);
        (n, space)
    }

    #[test]
    fn occurrences_are_joined_by_commas_and_terminated() {
        assert_eq!(joined(&[b"a=1", b"b"], 7), (5, b"a=1,b\0.".to_vec()));
        assert_eq!(joined(&[b"a=1", b"b"], 6), (5, b"a=1,b\0".to_vec()));
        assert_eq!(joined(&[], 2), (0, b"\0.".to_vec()));
    }

    #[test]
    fn what_does_not_fit_with_its_terminator_leaves_an_empty_string() {
        let (n, space) = joined(&[b"a=1", b"b"], 5);
        assert_eq!((n, space[0]), (-1, 0));
        assert_eq!(joined(&[b"a"], 1), (-1, b"\0".to_vec()));
    }
}
