//! The only place for what programs ask of TLS sessions: whether one was resumed, and as bytes to keep elsewhere.

use std::ffi::{c_char, c_int, c_void};
use std::ptr;
use std::sync::Arc;

use super::context::wall_secs;
use super::types::{LWS_SESSION_TAG_LEN, lws, lws_tls_sess_cb_t, lws_tls_session_dump, lws_vhost};
use super::{certs, logs, text, vhost};
use crate::engine::LLL_ERR;
use crate::net::tickets::Sessions;

/// 1 when the TLS connection under a request resumed an earlier session. 0 without TLS, before the handshake is done, and when the
/// connection is gone.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_tls_session_is_reused(wsi: *mut lws) -> c_int {
    let peer = certs::peer_of(wsi, "lws_tls_session_is_reused");
    c_int::from(peer.is_some_and(|peer| peer.resumed))
}

/// Hands the newest session for `host` and `port` to `cb_save`, which returns 0 when it kept it; the blob is its to read until it
/// returns. Only sessions of requests without LCCSCF_ALLOW_* flags are handed out.
///
/// 0 when it was kept. 1 when there is none, the vhost keeps none (LWS_SERVER_OPTION_DISABLE_TLS_SESSION_CACHE, or
/// `provided_client_ssl_ctx`), an argument is NULL or stale, or `cb_save` said no.
///
/// # Safety
///
/// `host` is NULL or a string; `cb_save` is NULL or may be called with a dump.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_tls_session_dump_save(
    vh: *mut lws_vhost,
    host: *const c_char,
    port: u16,
    cb_save: lws_tls_sess_cb_t,
    opq: *mut c_void,
) -> c_int {
    // SAFETY: by this function's contract.
    let Some(asked) = (unsafe { Asked::of(vh, host, port, "lws_tls_session_dump_save") }) else {
        return 1;
    };
    let Some(save) = cb_save else {
        return refuse("lws_tls_session_dump_save: cb_save is NULL");
    };
    let Some(mut blob) = asked.sessions.dump(asked.host, port, wall_secs()) else {
        return 1;
    };
    let mut dump = asked.empty_dump(opq);
    dump.blob = blob.as_mut_ptr().cast();
    dump.blob_len = blob.len();
    // SAFETY: as this function's contract says of it; the dump lives until it returns.
    let no = unsafe { save(asked.context, &raw mut dump) };
    c_int::from(no != 0)
}

/// Takes a session for `host` and `port` from `cb_load`, which sets `blob`, made by malloc(), and `blob_len`, and returns 0; the blob
/// is freed here. Requests without LCCSCF_ALLOW_* flags offer it to the server. A session that is here already stays.
///
/// 0 when it was taken. 1 when one is here, the vhost keeps none, an argument is NULL or stale, `cb_load` said no, or its bytes are no
/// session.
///
/// # Safety
///
/// `host` is NULL or a string; `cb_load` is NULL or may be called with a dump.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_tls_session_dump_load(
    vh: *mut lws_vhost,
    host: *const c_char,
    port: u16,
    cb_load: lws_tls_sess_cb_t,
    opq: *mut c_void,
) -> c_int {
    // SAFETY: by this function's contract.
    let Some(asked) = (unsafe { Asked::of(vh, host, port, "lws_tls_session_dump_load") }) else {
        return 1;
    };
    let Some(load) = cb_load else {
        return refuse("lws_tls_session_dump_load: cb_load is NULL");
    };
    if asked.sessions.has(asked.host, port, wall_secs()) {
        return 1;
    }
    let mut dump = asked.empty_dump(opq);
    // SAFETY: as this function's contract says of it; the dump lives until it returns.
    let no = unsafe { load(asked.context, &raw mut dump) };
    if no != 0 {
        return 1;
    }
    // SAFETY: the program made it, with as many bytes.
    let bytes = unsafe { text::buffer(dump.blob, dump.blob_len) }.unwrap_or_default();
    let taken = asked.sessions.load(asked.host, port, bytes, wall_secs());
    // SAFETY: NULL or of malloc(), as the program was told, and its bytes are not looked at any more.
    unsafe { libc::free(dump.blob) };
    match taken {
        true => 0,
        false => refuse("lws_tls_session_dump_load: the bytes are no TLS session"),
    }
}

/// What both are asked.
struct Asked<'a> {
    sessions: Arc<Sessions>,
    context: *mut super::types::lws_context,
    host: &'a str,
    tag: [c_char; LWS_SESSION_TAG_LEN],
}

impl<'a> Asked<'a> {
    /// # Safety
    ///
    /// `host` is NULL or a string.
    unsafe fn of(vh: *mut lws_vhost, host: *const c_char, port: u16, what: &str) -> Option<Self> {
        let (context, key) = vhost::find_or_log(vh, what)?;
        // SAFETY: by this function's contract.
        let Ok(Some(host)) = (unsafe { text::text(host) }) else {
            logs::emit(LLL_ERR, &format!("{what}: host is NULL, or not UTF-8"));
            return None;
        };
        let (sessions, name) = {
            let held = context.hold();
            let config = &held.vhosts.get(key)?.config;
            let sessions = Arc::clone(config.tls.as_ref()?.sessions()?);
            (sessions, config.name.trim_end_matches('\0').to_owned())
        };
        Some(Self {
            sessions,
            context: context.pointer(),
            host,
            tag: tag(&format!("{name}_{host}_{port}")),
        })
    }

    fn empty_dump(&self, opaque: *mut c_void) -> lws_tls_session_dump {
        lws_tls_session_dump {
            tag: self.tag,
            blob: ptr::null_mut(),
            opaque,
            blob_len: 0,
        }
    }
}

/// A name that a file may have, cut when it is too long.
fn tag(text: &str) -> [c_char; LWS_SESSION_TAG_LEN] {
    let mut tag = [0; LWS_SESSION_TAG_LEN];
    let text = text.replace("..", "__");
    let bytes = text.bytes().map(|byte| match byte {
        b':' | b'/' | b'\\' | b'$' | b'%' => b'_',
        byte => byte,
    });
    for (to, byte) in tag.iter_mut().take(LWS_SESSION_TAG_LEN - 1).zip(bytes) {
        *to = byte as c_char;
    }
    tag
}

fn refuse(line: &str) -> c_int {
    logs::emit(LLL_ERR, line);
    1
}
