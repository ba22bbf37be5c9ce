//! The only place that takes a URI of the program's apart.

use core::ffi::{c_char, c_int};
use core::ptr;

use super::logs;
use super::text::{bytes, put};
use super::types::lws_parse_uri;
use crate::engine::LLL_ERR;
use crate::proto::location;

/// Cuts `scheme://address:port/path` into its parts, in place: `*prot`, `*ads` and `*path` point into `p`, or at "" and "/" for what is
/// not there. `*path` has no slash before it. `*port` is what the URI says, or that of http, ws, https and wss, else as it was. An
/// address may be in brackets, or a unix socket `+path:`. Returns 0, or 1 when an argument is NULL.
///
/// # Safety
///
/// `p` is a string that may be changed; the others are writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_parse_uri(
    p: *mut c_char,
    prot: *mut *const c_char,
    ads: *mut *const c_char,
    port: *mut c_int,
    path: *mut *const c_char,
) -> c_int {
    if p.is_null() || prot.is_null() || ads.is_null() || port.is_null() || path.is_null() {
        logs::emit(LLL_ERR, "lws_parse_uri: an argument is NULL");
        return 1;
    }
    // SAFETY: a string, by this function's contract.
    let len = unsafe { libc::strlen(p) };
    // SAFETY: its bytes, with the terminator, may be changed, by this function's contract.
    let text = unsafe { core::slice::from_raw_parts_mut(p.cast::<u8>(), len + 1) };
    let parts = cut(text);
    let at = |place: usize| p.wrapping_add(place).cast_const();
    // SAFETY: writable, by this function's contract; so below.
    unsafe { prot.write(at(parts.scheme)) };
    // SAFETY: as above.
    unsafe { ads.write(at(parts.address)) };
    // SAFETY: as above.
    unsafe { path.write(parts.path.map_or(c"/".as_ptr(), at)) };
    let number = match parts.port {
        Port::Said(place) => {
            // SAFETY: a place in the string.
            unsafe { libc::atoi(at(place)) }
        }
        Port::Usual(number) => number,
        Port::Unknown => return 0,
    };
    // SAFETY: as above.
    unsafe { port.write(number) };
    0
}

/// Takes a URI apart as lws_parse_uri() does, in memory of its own: `uri` is not changed. The path is what follows the slash behind the
/// address, query and all, and "" when nothing does; the port is 0 when neither the URI nor its scheme says one. Returns NULL, after a log
/// line, when `uri` is NULL, its port is no number up to 65535, or memory is short; lws_parse_uri_destroy() frees it.
///
/// # Safety
///
/// `uri` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_parse_uri_create(uri: *const c_char) -> *mut lws_parse_uri {
    // SAFETY: NULL or a string, by this function's contract.
    let taken = unsafe { bytes(uri) }
        .ok_or("uri is NULL")
        .and_then(Taken::new);
    match taken {
        Ok(taken) => Box::into_raw(taken).cast(),
        Err(why) => {
            logs::emit(LLL_ERR, &format!("lws_parse_uri_create: {why}"));
            ptr::null_mut()
        }
    }
}

/// Frees what lws_parse_uri_create() made, and sets `*pcuri` to NULL. Does nothing when one of the two is NULL.
///
/// # Safety
///
/// `pcuri` is NULL, or `*pcuri` is NULL or was made by lws_parse_uri_create() and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_parse_uri_destroy(pcuri: *mut *mut lws_parse_uri) {
    // SAFETY: NULL or writable, by this function's contract.
    let Some(uri) = (unsafe { pcuri.as_mut() }) else {
        return;
    };
    let taken = core::mem::replace(uri, ptr::null_mut()).cast::<Taken>();
    if !taken.is_null() {
        // SAFETY: from `Box::into_raw`, by this function's contract, and nobody has it any more.
        drop(unsafe { Box::from_raw(taken) });
    }
}

/// Writes the URL that `rel` means on the page at `base` (RFC 3986 section 5) to `dest`, which has `len` bytes: on https://x.com/y/z.html,
/// `a.html` means https://x.com/y/a.html. What may not stand in a URL is percent-encoded, a fragment is left out. Returns 0, or 1 when
/// `base` is no absolute URL, `rel` no reference, the result does not fit, or an argument is NULL.
///
/// # Safety
///
/// `dest` is NULL or has `len` writable bytes; `base` and `rel` are NULL or strings.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_http_rel_to_url(
    dest: *mut c_char,
    len: usize,
    base: *const c_char,
    rel: *const c_char,
) -> c_int {
    // SAFETY: NULL or a string, by this function's contract.
    let base = unsafe { bytes(base) };
    // SAFETY: as above.
    let rel = unsafe { bytes(rel) };
    let joined = base
        .zip(rel)
        .and_then(|(base, rel)| location::join(base, rel));
    let Some(url) = joined.filter(|url| !dest.is_null() && url.len() < len) else {
        logs::emit(LLL_ERR, "lws_http_rel_to_url: no URL, or no room for it");
        return 1;
    };
    // SAFETY: `len` writable bytes, by this function's contract.
    unsafe { put(url.as_bytes(), dest, len) };
    0
}

/// A URI's parts, with the text that they are in.
#[repr(C)]
struct Taken {
    /// First: C's pointer is ours.
    uri: lws_parse_uri,
    text: Vec<u8>,
}

const BAD_PORT: &str = "the port is no number up to 65535";

impl Taken {
    fn new(uri: &[u8]) -> Result<Box<Self>, &'static str> {
        let mut text = Vec::new();
        let reserved = text.try_reserve_exact(uri.len() + 1);
        reserved.map_err(|_| "out of memory")?;
        text.extend_from_slice(uri);
        text.push(0);
        let parts = cut(&mut text);
        let from = |place: usize| text.get(place..).unwrap_or_default();
        let at = |place: usize| from(place).as_ptr().cast::<c_char>();
        let word = |place: usize| {
            let word = from(place).split(|byte| *byte == 0).next();
            word.unwrap_or_default()
        };
        let digits = match parts.port {
            Port::Said(place) => word(place),
            Port::Usual(_) | Port::Unknown => &[],
        };
        let port = match std::str::from_utf8(digits) {
            // RFC 3986 section 3.2.3: that the scheme's is meant, too
            Ok("") => usual_port(word(parts.scheme)).unwrap_or(0),
            Ok(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().map_err(|_| BAD_PORT)?
            }
            _ => return Err(BAD_PORT),
        };
        let end = uri.len();
        let uri = lws_parse_uri {
            scheme: at(parts.scheme),
            host: at(parts.address),
            path: at(parts.path.unwrap_or(end)),
            port,
            unix_skt: u8::from(from(parts.address).first() == Some(&b'+')),
        };
        // Moving a Vec moves no byte of its text.
        Ok(Box::new(Self { uri, text }))
    }
}

enum Port {
    /// There.
    Said(usize),
    Usual(c_int),
    Unknown,
}

/// Places in a URI that was cut.
struct Parts {
    scheme: usize,
    address: usize,
    port: Port,
    path: Option<usize>,
}

/// `text` ends with its terminator, and gets one behind each part.
fn cut(text: &mut [u8]) -> Parts {
    let end = text.len().saturating_sub(1);
    let find = |text: &[u8], from: usize, is: &dyn Fn(u8) -> bool| {
        let rest = text.get(from..end).unwrap_or(&[]);
        rest.iter()
            .position(|byte| is(*byte))
            .map_or(end, |n| from + n)
    };
    let (scheme, mut at) = match text.windows(3).position(|three| three == b"://") {
        Some(n) => (0, n + 3),
        None => (end, 0),
    };
    let usual = text.get(..at.saturating_sub(3)).unwrap_or(&[]);
    let mut port = match usual_port(usual) {
        Some(number) => Port::Usual(number.into()),
        None => Port::Unknown,
    };
    if at > 0 {
        terminate(text, at - 3);
    }
    let first = text.get(at).copied();
    let mut address = at;
    if first == Some(b'[') {
        address += 1;
        at = find(text, at, &|byte| byte == b']');
        if at < end {
            terminate(text, at);
            at += 1;
        }
    } else {
        let unix = first == Some(b'+');
        at = find(text, at, &|byte| byte == b':' || (byte == b'/' && !unix));
    }
    if text.get(at) == Some(&b':') {
        terminate(text, at);
        port = Port::Said(at + 1);
        at = find(text, at + 1, &|byte| byte == b'/');
    }
    let path = (at + 1 < end).then_some(at + 1);
    terminate(text, at);
    Parts {
        scheme,
        address,
        port,
        path,
    }
}

fn usual_port(scheme: &[u8]) -> Option<u16> {
    match scheme {
        b"http" | b"ws" => Some(80),
        b"https" | b"wss" => Some(443),
        _ => None,
    }
}

fn terminate(text: &mut [u8], at: usize) {
    if let Some(byte) = text.get_mut(at) {
        *byte = 0;
    }
}
