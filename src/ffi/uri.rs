//! The only place that takes a URI of the program's apart.

use core::ffi::{c_char, c_int};

use super::logs;
use crate::engine::LLL_ERR;

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
    let mut port = match usual {
        b"http" | b"ws" => Port::Usual(80),
        b"https" | b"wss" => Port::Usual(443),
        _ => Port::Unknown,
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

fn terminate(text: &mut [u8], at: usize) {
    if let Some(byte) = text.get_mut(at) {
        *byte = 0;
    }
}
