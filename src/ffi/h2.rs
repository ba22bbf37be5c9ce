//! The only place for what programs ask of an h2 stream: windows, and responses that take for ever.

use std::ffi::{c_char, c_int};

use super::context::now;
use super::log_cx;
use super::types::{lws, lws_fileofs_t};
use super::wsi::with;
use crate::engine::LLL_ERR;

/// `peer_to_us` of lws_wsi_tx_credit(): what we may send
pub const LWSTXCR_US_TO_PEER: c_int = 0;
/// what the peer may send
pub const LWSTXCR_PEER_TO_US: c_int = 1;

/// How many bytes the request's h2 stream may send now: the smaller of its window and the connection's, less what was written
/// and waits for them (RFC 9113 section 6.9). 0 while it waits for its turn or the peer; -1 where nothing limits it but the
/// socket: on h1, and when the handle is stale.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_get_peer_write_allowance(wsi: *mut lws) -> lws_fileofs_t {
    with(wsi, "lws_get_peer_write_allowance", -1, |held, key| {
        held.write_allowance(key).map_or(-1, |most| most.max(0))
    })
}

/// Windows of a request's h2 stream (RFC 9113 section 6.9). With LWSTXCR_PEER_TO_US and `add` > 0 the peer may send `add` bytes
/// more: for requests with LCCSCF_H2_MANUAL_RXFLOW, whose window nothing else widens. With `add` 0 it tells: how many bytes
/// the peer may send now, or with LWSTXCR_US_TO_PEER how many we may.
///
/// Returns 0 when the window was widened or the response needs none any more, the number when it was asked for, and -1 with a log line when the handle is stale,
/// the request is not on an h2 stream, `add` is below 0 or widens the window beyond 2^31-1, or `add` is not 0 with
/// LWSTXCR_US_TO_PEER: what we may send is the peer's to say.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_wsi_tx_credit(
    wsi: *mut lws,
    peer_to_us: c_char,
    add: c_int,
) -> c_int {
    let asked = with(wsi, "lws_wsi_tx_credit", Ok(-1), |mut held, key| {
        let to_us = c_int::from(peer_to_us) == LWSTXCR_PEER_TO_US;
        let told = match (to_us, u32::try_from(add)) {
            (_, Err(_)) => return Err("add is below 0"),
            (true, Ok(0)) => held.receive_allowance(key),
            (false, Ok(0)) => held.write_allowance(key),
            (false, Ok(_)) => return Err("what we may send is the peer's to say"),
            (true, Ok(add)) => match held.widen_receive(key, add) {
                Some(true) => Some(0),
                Some(false) => return Err("the window would be wider than 2^31-1"),
                None => None,
            },
        };
        let told = told.ok_or("the request is not on an h2 stream")?;
        Ok(c_int::try_from(told).unwrap_or(c_int::MAX))
    });
    asked.unwrap_or_else(|why| {
        log_cx::say_of(wsi, LLL_ERR, &format!("lws_wsi_tx_credit: {why}"));
        -1
    })
}

/// Ends the sending half of the request's h2 stream and lets its response take as long as it likes: a long poll.
/// Returns 0, or 1 when the handle is stale or the request is not on an h2 stream.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_h2_client_stream_long_poll_rxonly(wsi: *mut lws) -> c_int {
    with(
        wsi,
        "lws_h2_client_stream_long_poll_rxonly",
        1,
        |mut held, key| {
            held.now = now();
            c_int::from(!held.only_listen(key))
        },
    )
}

/// Lets the request's response take as long as it likes to begin: server-sent events. Returns 0, or 1 when the handle is stale.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_http_mark_sse(wsi: *mut lws) -> c_int {
    with(wsi, "lws_http_mark_sse", 1, |mut held, key| {
        held.make_immortal(key);
        0
    })
}
