//! The only place for what programs ask of a WebSocket: about the piece that they are handed, and how it is to end.

use std::ffi::{c_int, c_uchar, c_void};
use std::ptr;

use super::context::now;
use super::types::{
    lws, lws_close_status, lws_context, lws_extension, lws_extension_callback_reasons, lws_retry_bo,
};
use super::wsi::with;
use super::{logs, text};
use crate::engine::ws::{Offer, Shown, Validity};
use crate::engine::{LLL_ERR, LLL_WARN};
use crate::proto::pmd::Options;

/// Without a policy: 300 s without a sign of life, and 10 more.
pub(crate) const VALIDITY: Validity = Validity {
    ping: 300,
    hangup: 310,
};

/// What a policy says of idle connections; `None` without one.
///
/// # Safety
///
/// `policy` is NULL or a policy.
pub(crate) unsafe fn validity(policy: *const lws_retry_bo) -> Option<Validity> {
    // SAFETY: by this function's contract.
    let policy = unsafe { policy.as_ref() }?;
    Some(Validity {
        ping: policy.secs_since_valid_ping,
        hangup: policy.secs_since_valid_hangup,
    })
}

/// What a list of extensions offers: permessage-deflate is the one that is known.
///
/// # Safety
///
/// `extensions` is NULL or a list that an all-zero entry ends.
pub(crate) unsafe fn offer(extensions: *const lws_extension) -> Option<Offer> {
    let known = lws_extension_callback_pm_deflate as *const ();
    let mut next = extensions;
    // SAFETY: by this function's contract.
    while let Some(entry) = unsafe { next.as_ref() } {
        let callback = entry.callback?;
        // SAFETY: its name is NULL or a string.
        let name = unsafe { text::text(entry.name) };
        let name = name.ok().flatten().unwrap_or("permessage-deflate");
        if callback as *const () == known {
            // SAFETY: its offer is NULL or a string.
            let offered = unsafe { text::text(entry.client_offer) };
            let offered = offered.ok().flatten().unwrap_or("permessage-deflate");
            match Options::parse(offered) {
                Ok(options) => {
                    return Some(Offer {
                        name: format!("{name}\0").into(),
                        text: offered.into(),
                        options,
                    });
                }
                Err(why) => {
                    logs::emit(
                        LLL_ERR,
                        &format!("extension {name}: {why}: it is not offered"),
                    );
                }
            }
        } else {
            let line = format!(
                "extension {name}: it is not offered: lws_extension_callback_pm_deflate is the only one that is known"
            );
            logs::emit(LLL_WARN, &line);
        }
        // SAFETY: that entry was not the last.
        next = unsafe { next.add(1) };
    }
    None
}

fn shown(wsi: *mut lws, what: &str) -> Shown {
    with(wsi, what, Shown::default(), |held, key| {
        let ws = held.wsis.get(key).and_then(|wsi| wsi.ws.as_deref());
        ws.map_or_else(Shown::default, |ws| ws.shown)
    })
}

/// In CLIENT_RECEIVE: 1 when the message begins with this piece (RFC 6455 section 5.4), else 0; 0 for a stale handle.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_is_first_fragment(wsi: *mut lws) -> c_int {
    c_int::from(shown(wsi, "lws_is_first_fragment").first)
}

/// In CLIENT_RECEIVE: 1 when the message ends with this piece, else 0; 0 for a stale handle. A large frame comes in pieces of the
/// protocol's rx_buffer_size, and this is 1 for the last piece of the last frame alone.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_is_final_fragment(wsi: *mut lws) -> c_int {
    c_int::from(shown(wsi, "lws_is_final_fragment").last)
}

/// In CLIENT_RECEIVE: 1 when the message is binary, 0 when it is text or the handle is stale.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_frame_is_binary(wsi: *mut lws) -> c_int {
    c_int::from(shown(wsi, "lws_frame_is_binary").binary)
}

/// In CLIENT_RECEIVE: bytes of this frame that come behind this piece; 0 for a stale handle.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_remaining_packet_payload(wsi: *mut lws) -> usize {
    usize::try_from(shown(wsi, "lws_remaining_packet_payload").remaining).unwrap_or(usize::MAX)
}

/// What the ws's Close frame says when a callback of it returns nonzero: `status` and `len` bytes of UTF-8 at `buf`, of which at
/// most 123 are sent (RFC 6455 sections 5.5.1 and 7.4); copied. A status that may not be sent, such as
/// LWS_CLOSE_STATUS_NOSTATUS, makes it a Close without one. The peer's Close is then awaited for at most 5 s.
///
/// # Safety
///
/// `buf` is NULL or has `len` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_close_reason(
    wsi: *mut lws,
    status: lws_close_status,
    buf: *mut c_uchar,
    len: usize,
) {
    let reason = match (buf.is_null(), len) {
        (true, _) | (_, 0) => &[],
        // SAFETY: `len` readable bytes, by this function's contract.
        (false, _) => unsafe { std::slice::from_raw_parts(buf, len.min(REASON_MOST)) },
    };
    with(wsi, "lws_close_reason", (), |mut held, key| {
        let code = u16::try_from(status.0).unwrap_or(0);
        if !held.set_close(key, code, &String::from_utf8_lossy(reason)) {
            held.log_wsi(key, LLL_ERR, "lws_close_reason: the wsi is no ws");
        }
    });
}

/// More is not looked at: whatever it is, it does not fit.
const REASON_MOST: usize = 256;

/// Bytes at lws_get_close_payload(): the code's two, and the reason's; 0 before lws_close_reason().
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_get_close_length(wsi: *mut lws) -> c_int {
    with(wsi, "lws_get_close_length", 0, |held, key| {
        let reason = held.close_reason(key);
        c_int::try_from(reason.len()).unwrap_or(0)
    })
}

/// What lws_close_reason() was told, as it is sent: the code, high byte first, then the reason. Good until the next
/// lws_close_reason() or the ws's end; NULL before the first.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_get_close_payload(wsi: *mut lws) -> *mut c_uchar {
    with(
        wsi,
        "lws_get_close_payload",
        ptr::null_mut(),
        |held, key| match held.close_reason(key) {
            [] => ptr::null_mut(),
            reason => reason.as_ptr().cast_mut(),
        },
    )
}

/// The program knows that the peer is there: the time until it is pinged, or given up, begins anew.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_validity_confirmed(wsi: *mut lws) {
    with(wsi, "lws_validity_confirmed", (), |mut held, key| {
        held.now = now();
        held.is_valid(key);
    });
}

/// Stands for permessage-deflate (RFC 7692) in a vhost's list of extensions. It is not for calling: it does nothing, and returns 0.
///
/// # Safety
///
/// None: nothing is looked at.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_extension_callback_pm_deflate(
    context: *mut lws_context,
    ext: *const lws_extension,
    wsi: *mut lws,
    reason: lws_extension_callback_reasons,
    user: *mut c_void,
    in_: *mut c_void,
    len: usize,
) -> c_int {
    let _ = (context, ext, wsi, reason, user, in_, len);
    logs::emit(
        LLL_ERR,
        "lws_extension_callback_pm_deflate: put it into info.extensions instead of calling it",
    );
    0
}
