//! The only place where a program's bytes come in to be sent.

use std::ffi::{c_int, c_uchar, c_void};
use std::sync::Arc;

use super::context::{Context, now};
use super::drive::run;
use super::types::{lws, lws_write_protocol};
use super::wsi::{request, with};
use super::{log_cx, udp};
use crate::engine::LLL_ERR;
use crate::engine::role::Role;
use crate::engine::table::Key;
use crate::engine::write::Writing;
use crate::engine::wsi::Wsi;
use crate::proto::ws::Kind;

/// Sends a part of a request's body, in CLIENT_HTTP_WRITEABLE. What the socket does not take is kept and sent before WRITEABLE
/// comes again. LWS_WRITE_HTTP_FINAL says that it is the last part; `len` 0 is allowed. The body is sent as it is: the
/// headers say how long it is. On an h2 stream it goes out as windows allow, one DATA frame in its turn (RFC 9113 section
/// 6.9); lws_get_peer_write_allowance() tells how much of it would leave at once.
///
/// A ws sends one frame a call, from CLIENT_ESTABLISHED on (RFC 6455 section 5.6): LWS_WRITE_TEXT or LWS_WRITE_BINARY begins a
/// message, LWS_WRITE_CONTINUATION goes on with it, and LWS_WRITE_NO_FIN says that more of it follows; LWS_WRITE_PING and
/// LWS_WRITE_PONG take at most 125 bytes. The frame is masked on its way out: `buf` is not changed.
///
/// A raw request's bytes are sent as they are, from RAW_CONNECTED on; `protocol` says nothing then.
///
/// Returns `len`, or -1 when the handle is stale, the request is not where it can be written to, `protocol` is not for data,
/// `len` is above INT_MAX, memory is short, or the connection is lost; the callback should return -1 then.
///
/// # Safety
///
/// `buf` has `len` readable bytes, after LWS_PRE writable ones.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_write(
    wsi: *mut lws,
    buf: *mut c_uchar,
    len: usize,
    protocol: lws_write_protocol,
) -> c_int {
    let Some((context, key)) = request(wsi, "lws_write") else {
        return -1;
    };
    let Ok(answer) = c_int::try_from(len) else {
        return refuse(wsi, "len is above INT_MAX");
    };
    let payload = match (buf.is_null(), len) {
        (_, 0) => &[],
        (true, _) => return refuse(wsi, "buf is NULL"),
        // SAFETY: `len` readable bytes, by this function's contract.
        (false, _) => unsafe { std::slice::from_raw_parts(buf, len) },
    };
    let role = context.hold().role_of(key);
    let sent = match role {
        Role::Ws => send_frame(&context, key, payload, protocol),
        Role::Raw | Role::Adopted | Role::File => send(&context, key, payload, false),
        Role::Datagrams => return udp::send(&context, key, payload, answer),
        Role::Http => send_body(&context, key, payload, protocol),
    };
    match sent {
        Ok(()) => answer,
        Err(why) => refuse(wsi, why),
    }
}

fn send_body(
    context: &Arc<Context>,
    key: Key<Wsi>,
    payload: &[u8],
    protocol: lws_write_protocol,
) -> Result<(), &'static str> {
    let last = match lws_write_protocol(protocol.0 & lws_write_protocol::KIND) {
        lws_write_protocol::HTTP_FINAL => true,
        lws_write_protocol::TEXT
        | lws_write_protocol::BINARY
        | lws_write_protocol::CONTINUATION
        | lws_write_protocol::HTTP => protocol.0 & lws_write_protocol::H2_STREAM_END != 0,
        _ => {
            return Err(
                "protocol is not one for body data: use LWS_WRITE_HTTP or LWS_WRITE_HTTP_FINAL",
            );
        }
    };
    send(context, key, payload, last)?;
    if last {
        context.hold().set_body_pending(key, false);
    }
    Ok(())
}

fn send_frame(
    context: &Arc<Context>,
    key: Key<Wsi>,
    payload: &[u8],
    protocol: lws_write_protocol,
) -> Result<(), &'static str> {
    let kind = match lws_write_protocol(protocol.0 & lws_write_protocol::KIND) {
        lws_write_protocol::TEXT => Kind::Text,
        lws_write_protocol::BINARY => Kind::Binary,
        lws_write_protocol::CONTINUATION => Kind::Continuation,
        lws_write_protocol::PING => Kind::Ping,
        lws_write_protocol::PONG => Kind::Pong,
        _ => {
            return Err(
                "protocol is not one of a ws: LWS_WRITE_TEXT, BINARY, CONTINUATION, PING or PONG",
            );
        }
    };
    let fin = protocol.0 & lws_write_protocol::NO_FIN == 0;
    let writing = context.hold().write_message(key, kind, fin, payload);
    carry_out(context, writing, payload)
}

fn refuse(wsi: *const lws, why: &str) -> c_int {
    log_cx::say_of(wsi, LLL_ERR, &format!("lws_write: {why}"));
    -1
}

fn send(
    context: &Arc<Context>,
    key: Key<Wsi>,
    payload: &[u8],
    last: bool,
) -> Result<(), &'static str> {
    let writing = context.hold().write_begin(key, payload, last);
    carry_out(context, writing, payload)
}

fn carry_out(context: &Arc<Context>, writing: Writing, payload: &[u8]) -> Result<(), &'static str> {
    match writing {
        Writing::Refused(why) => Err(why),
        Writing::Buffered => Ok(()),
        Writing::Step(step) => {
            drop(run(context, step));
            Ok(())
        }
        Writing::Wire {
            conn,
            mut transport,
        } => {
            let io = transport.write(payload);
            let mut held = context.hold();
            held.now = now(); // the peer's time begins here, however long the program's callback has taken
            let kept = held.write_returned(conn, transport, payload, io);
            kept.then_some(()).ok_or("the connection is lost")
        }
    }
}

/// Asks for one CLIENT_HTTP_WRITEABLE, CLIENT_WRITEABLE or RAW_WRITEABLE, when the request can be written to. While it waits for its turn that is remembered.
/// Returns 1, or 0 when the request has ended, or -1 when the handle is stale.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_callback_on_writable(wsi: *mut lws) -> c_int {
    with(wsi, "lws_callback_on_writable", -1, |mut held, key| {
        c_int::from(held.ask_writeable(key))
    })
}

/// Says whether the request has a body to send: nonzero in APPEND_HANDSHAKE_HEADER, 0 when all of it was written. While it is
/// pending the request is not over. On h1 the body goes in chunks (RFC 9112 section 7.1) unless APPEND writes a Content-Length, or a
/// Transfer-Encoding and chunks of its own: such a request is not sent over h2.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_client_http_body_pending(
    wsi: *mut lws,
    something_left_to_send: c_int,
) {
    with(wsi, "lws_client_http_body_pending", (), |mut held, key| {
        held.set_body_pending(key, something_left_to_send != 0);
    });
}

/// 1 while bytes of the request wait for the socket: more is better written in WRITEABLE.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_send_pipe_choked(wsi: *mut lws) -> c_int {
    with(wsi, "lws_send_pipe_choked", 1, |held, key| {
        c_int::from(held.is_choked(key))
    })
}

/// 1 while bytes of the request are buffered here.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_partial_buffered(wsi: *mut lws) -> c_int {
    with(wsi, "lws_partial_buffered", 0, |held, key| {
        c_int::from(held.is_choked(key))
    })
}

/// The program has said all on a raw request. Returns 0 when bytes of it still wait for the socket: it ends when they have left, and
/// is handed nothing more. Returns -1 when nothing waits, or it is no open raw request: the callback should return that.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_raw_transaction_completed(wsi: *mut lws) -> c_int {
    with(
        wsi,
        "lws_raw_transaction_completed",
        -1,
        |mut held, key| match held.all_is_said(key) {
            true => 0,
            false => -1,
        },
    )
}

/// 0 stops the response's body, or what a ws or raw request receives, from being offered, 1 lets it go on; from inside a callback too. On an h2 stream the peer is
/// given no more window meanwhile, and what it may still send is kept (1 MiB, and more once a response has moved faster).
/// Returns 0, or -1 when the handle is stale.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_rx_flow_control(wsi: *mut lws, enable: c_int) -> c_int {
    with(wsi, "lws_rx_flow_control", -1, |mut held, key| {
        match held.pause_rx(key, enable & 1 == 0) {
            true => 0,
            false => -1,
        }
    })
}

/// The protocol callback of those who have none: does nothing, returns 0.
///
/// # Safety
///
/// None: nothing is looked at.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_callback_http_dummy(
    wsi: *mut lws,
    reason: super::types::lws_callback_reasons,
    user: *mut c_void,
    in_: *mut c_void,
    len: usize,
) -> c_int {
    let _ = (wsi, reason, user, in_, len);
    0
}
