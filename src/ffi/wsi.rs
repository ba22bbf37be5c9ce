//! The only place for what programs ask of a request, or of the handle that a callback was given.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::sync::Arc;

use openssl_sys::SSL;

use super::context::{self, Context, Held, now};
use super::drive::drain_request;
use super::frame::Frame;
use super::handle::{self, Handle, Kind};
use super::types::{
    LWS_TO_KILL_ASYNC, LWS_TO_KILL_SYNC, lws, lws_close_status, lws_context, lws_protocols,
    lws_sockfd_type, lws_usec_t, lws_vhost, pending_timeout,
};
use super::{log_cx, logs, text};
use crate::engine::conn::Conn;
use crate::engine::table::Key;
use crate::engine::vhost::{Face, Vhost};
use crate::engine::watch::Own;
use crate::engine::wsi::{Lane, Wsi};
use crate::engine::{Engine, LLL_ERR};

/// The live request behind a handle; a stale, foreign or forged one is logged as `what`'s.
pub(crate) fn request(wsi: *const lws, what: &str) -> Option<(Arc<Context>, Key<Wsi>)> {
    let found = find(wsi).and_then(|(context, handle)| {
        let key = handle.key();
        let live = handle.kind == Kind::Request && context.hold().wsis.get(key).is_some();
        live.then_some((context, key))
    });
    if found.is_none() {
        log_refused(wsi, what);
    }
    found
}

fn log_refused(wsi: *const lws, what: &str) {
    let state = match wsi.is_null() {
        true => "NULL",
        false => "stale, or never was one",
    };
    logs::emit(LLL_ERR, &format!("{what}: the wsi is {state}"));
}

pub(super) fn find(wsi: *const lws) -> Option<(Arc<Context>, Handle)> {
    let handle = handle::decode(wsi.addr())?;
    Some((context::at(handle.slot)?, handle))
}

/// What every handle answers: its vhost, and which of the vhost's protocols.
pub(super) fn belongs(engine: &Engine, handle: Handle) -> Option<(Key<Vhost>, u16)> {
    match handle.kind {
        Kind::Request => {
            let wsi = engine.wsis.get(handle.key::<Wsi>())?;
            Some((wsi.vhost, wsi.protocol))
        }
        Kind::Face => {
            let face = engine.faces.get(handle.key::<Face>())?;
            Some((face.vhost, face.protocol))
        }
        Kind::Conn => Some((engine.own(handle.key::<Conn>())?.vhost, 0)),
        Kind::Vhost => None,
    }
}

/// With the engine held, does something for a live request; `refused` when it is not one.
pub(crate) fn with<T>(
    wsi: *const lws,
    what: &str,
    refused: T,
    answer: impl FnOnce(Held<'_>, Key<Wsi>) -> T,
) -> T {
    if let Some((context, handle)) = find(wsi).filter(|(_, handle)| handle.kind == Kind::Request) {
        let held = context.hold();
        let key = handle.key();
        if held.wsis.get(key).is_some() {
            return answer(held, key);
        }
    }
    log_refused(wsi, what);
    refused
}

/// Asks a live request something; `refused` when it is not one.
fn ask<T>(wsi: *const lws, what: &str, refused: T, answer: impl FnOnce(&Wsi, &Held<'_>) -> T) -> T {
    let answer = |held: Held<'_>, key| held.wsis.get(key).map(|entry| answer(entry, &held));
    with(wsi, what, None, answer).unwrap_or(refused)
}

/// As `ask`, and a handle that is no request's gets `refused` without a log line: programs ask in every callback.
fn ask_quietly<T>(
    wsi: *const lws,
    what: &str,
    refused: T,
    answer: impl FnOnce(&Wsi, &Held<'_>) -> T,
) -> T {
    if is_no_request(wsi) {
        return refused;
    }
    ask(wsi, what, refused, answer)
}

/// As `ask_quietly`, of the request alone.
pub(crate) fn with_quietly<T: Copy>(
    wsi: *const lws,
    what: &str,
    refused: T,
    answer: impl FnOnce(&Wsi) -> T,
) -> T {
    ask_quietly(wsi, what, refused, |wsi, _| answer(wsi))
}

fn is_no_request(wsi: *const lws) -> bool {
    handle::decode(wsi.addr()).is_some_and(|handle| matches!(handle.kind, Kind::Face | Kind::Conn))
}

/// Asks the connection under a request, or the one that a handle of its own names.
pub(crate) fn ask_conn<T>(
    wsi: *const lws,
    what: &str,
    refused: T,
    of_request: impl FnOnce(&Wsi, Option<&Conn>) -> T,
    of_itself: impl FnOnce(&Engine, Key<Conn>) -> Option<T>,
) -> T {
    let own = find(wsi).filter(|(_, handle)| handle.kind == Kind::Conn);
    if let Some((context, handle)) = own {
        return of_itself(&context.hold(), handle.key()).unwrap_or(refused);
    }
    ask_quietly(wsi, what, refused, |wsi, held| {
        let seat = wsi.seat.as_ref();
        of_request(wsi, seat.and_then(|seat| held.conns.get(seat.conn)))
    })
}

/// As `ask_conn`, and what a connection's own handle answers until the program was told that its descriptor goes.
fn ask_own<T>(
    wsi: *const lws,
    what: &str,
    refused: T,
    of_request: impl FnOnce(&Wsi, Option<&Conn>) -> T,
    of_own: impl FnOnce(Own) -> T,
) -> T {
    let of_itself = |engine: &Engine, at| engine.own(at).map(of_own);
    ask_conn(wsi, what, refused, of_request, of_itself)
}

/// The request has the connection to itself while it rides.
fn rides_alone(wsi: &Wsi) -> bool {
    wsi.seat
        .as_ref()
        .is_some_and(|seat| seat.lane == Lane::Whole)
}

/// The context of a request, or of any handle that a callback was given; NULL for one that is gone.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_get_context(wsi: *const lws) -> *mut lws_context {
    let found = find(wsi).filter(|(context, handle)| belongs(&context.hold(), *handle).is_some());
    found.map_or(ptr::null_mut(), |(context, _)| context.pointer())
}

/// The vhost of a request, or of any handle that a callback was given; NULL for one that is gone.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_get_vhost(wsi: *mut lws) -> *mut lws_vhost {
    let Some((context, handle)) = find(wsi) else {
        return ptr::null_mut();
    };
    let vhost = belongs(&context.hold(), handle);
    vhost.map_or(ptr::null_mut(), |(vhost, _)| {
        handle::vhost_pointer(context.slot, vhost)
    })
}

/// The program's own protocol entry that the handle is bound to; NULL for a handle that is gone.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_get_protocol(wsi: *mut lws) -> *const lws_protocols {
    let Some((context, handle)) = find(wsi) else {
        return ptr::null();
    };
    let held = context.hold();
    let entry = belongs(&held, handle).and_then(|(vhost, protocol)| {
        held.vhosts
            .get(vhost)?
            .config
            .protocols
            .get(usize::from(protocol))
    });
    ptr::with_exposed_provenance(entry.map_or(0, |protocol| protocol.c))
}

/// The handle that stands for the connection. An h1 request is its own. A request on an h2 stream shares its connection: the
/// handle is the connection's, which answers context, vhost, protocol, socket, SSL and peer, and has no user and no opaque
/// pointer. It is good while the connection lives.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_get_network_wsi(wsi: *mut lws) -> *mut lws {
    let own = find(wsi).filter(|(_, handle)| handle.kind == Kind::Conn);
    if let Some((context, handle)) = own {
        let lives = context.hold().own(handle.key::<Conn>()).is_some();
        return if lives { wsi } else { ptr::null_mut() };
    }
    let Some((context, key)) = request(wsi, "lws_get_network_wsi") else {
        return ptr::null_mut();
    };
    let stream = context.hold().wsis.get(key).and_then(Wsi::stream);
    stream.map_or(wsi, |(at, _)| {
        handle::wsi_pointer(context.slot, Kind::Conn, at)
    })
}

/// The pointer set with lws_set_opaque_user_data() or `opaque_user_data`; NULL in vhost-wide callbacks.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_get_opaque_user_data(wsi: *const lws) -> *mut c_void {
    let found = ask_quietly(wsi, "lws_get_opaque_user_data", 0, |wsi, _| wsi.opaque);
    ptr::with_exposed_provenance_mut(found)
}

/// Sets what lws_get_opaque_user_data() answers.
///
/// # Safety
///
/// None: the handle is looked up, never followed, and so is `data`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_set_opaque_user_data(wsi: *mut lws, data: *mut c_void) {
    with(wsi, "lws_set_opaque_user_data", (), |mut held, key| {
        if let Some(wsi) = held.wsis.get_mut(key) {
            wsi.opaque = data.expose_provenance();
        }
    });
}

/// The pointer that the request's callbacks get as `user`.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_wsi_user(wsi: *mut lws) -> *mut c_void {
    let found = ask_quietly(wsi, "lws_wsi_user", 0, |wsi, _| wsi.user);
    ptr::with_exposed_provenance_mut(found)
}

/// Sets the pointer that the request's callbacks get as `user` from now on. Per-session data that the library allocated is
/// still freed by it.
///
/// # Safety
///
/// None: the handle is looked up, never followed, and so is `user`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_set_wsi_user(wsi: *mut lws, user: *mut c_void) {
    with(wsi, "lws_set_wsi_user", (), |mut held, key| {
        if let Some(wsi) = held.wsis.get_mut(key) {
            wsi.user = user.expose_provenance();
        }
    });
}

/// The socket of the request that leads its connection; -1 while it waits, when its turn is over, and on an h2 stream, whose
/// socket lws_get_network_wsi() has.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_get_socket_fd(wsi: *mut lws) -> lws_sockfd_type {
    let alone = |wsi: &Wsi, conn: Option<&Conn>| {
        let conn = conn.filter(|_| rides_alone(wsi));
        conn.map_or(-1, |conn| conn.fd)
    };
    ask_own(wsi, "lws_get_socket_fd", -1, alone, |own| own.fd)
}

/// The `SSL` of the request that leads its connection; NULL while it waits, when its turn is over, without TLS, and on an
/// h2 stream, whose connection's lws_get_network_wsi() has. The library's: do not free it, read from it or write to it.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_get_ssl(wsi: *mut lws) -> *mut SSL {
    let alone = |wsi: &Wsi, conn: Option<&Conn>| {
        let conn = conn.filter(|_| rides_alone(wsi));
        conn.map_or(0, |conn| conn.ssl)
    };
    let found = ask_own(wsi, "lws_get_ssl", 0, alone, |own| own.ssl);
    ptr::with_exposed_provenance_mut(found)
}

/// 1 when the request asked for TLS.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_is_ssl(wsi: *mut lws) -> c_int {
    ask_quietly(wsi, "lws_is_ssl", 0, |wsi, held| {
        c_int::from(held.identities.get(wsi.identity).place().tls)
    })
}

/// The address of the peer as text, into `name`, which is returned. A string also when the handle is stale or there was no
/// peer: "" then. Stays readable on a finished request.
///
/// # Safety
///
/// `name` has `namelen` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_get_peer_simple(
    wsi: *mut lws,
    name: *mut c_char,
    namelen: usize,
) -> *const c_char {
    let of_request = |wsi: &Wsi, conn: Option<&Conn>| conn.map_or(wsi.peer, |conn| conn.peer);
    let found = ask_own(wsi, "lws_get_peer_simple", None, of_request, |own| own.peer);
    let address = found.map_or_else(String::new, |peer| peer.ip().to_string());
    // SAFETY: `name` has `namelen` bytes, by this function's contract.
    unsafe { text::put(address.as_bytes(), name, namelen) };
    name
}

/// The request that this one belongs to: its `parent_wsi`, until LWS_CALLBACK_CHILD_CLOSING returned. NULL when it has none.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_get_parent(wsi: *const lws) -> *mut lws {
    relative(wsi, "lws_get_parent", Engine::parent)
}

/// The newest of the requests that belong to this one, or NULL.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_get_child(wsi: *const lws) -> *mut lws {
    relative(wsi, "lws_get_child", Engine::child)
}

fn relative(
    wsi: *const lws,
    what: &str,
    who: impl FnOnce(&Engine, Key<Wsi>) -> Option<Key<Wsi>>,
) -> *mut lws {
    if is_no_request(wsi) {
        return ptr::null_mut();
    }
    with(wsi, what, ptr::null_mut(), |held, key| {
        let found = who(&held, key);
        found.map_or(ptr::null_mut(), |found| {
            handle::wsi_pointer(held.slot(), Kind::Request, found)
        })
    })
}

/// The live request of this context that a new one is to belong to; none for NULL.
pub(super) fn parent_of_new(
    context: &Arc<Context>,
    parent: *const lws,
) -> Result<Option<Key<Wsi>>, String> {
    if parent.is_null() {
        return Ok(None);
    }
    let same = |(owner, handle): &(Arc<Context>, Handle)| {
        handle.kind == Kind::Request && Arc::ptr_eq(owner, context)
    };
    let key = find(parent).filter(same).map(|(_, handle)| handle.key());
    let live = key.filter(|key| context.hold().may_be_parent(*key));
    match live {
        Some(parent) => Ok(Some(parent)),
        None => Err("the parent is no live request of this context, or has ended".into()),
    }
}

/// Per-session data for a request that has no user pointer: what its protocol's per_session_data_size says, zeroed, and the
/// library's to free. Returns 0, also when it has one or its protocol wants none, or 1 when memory is short or the handle is stale.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_ensure_user_space(wsi: *mut lws) -> c_int {
    with(wsi, "lws_ensure_user_space", 1, |mut held, key| {
        c_int::from(!held.ensure_session(key))
    })
}

/// A name for log lines: "[wsicli|0|GET/h1/default/example.com]" with an ordinal in hexadecimal, the method ("WS", "RAW"), the role that it
/// begins with, vhost and address; "[wsisrv|0|adopted]" for what was adopted. It is the request's own, and good until WSI_DESTROY has
/// returned. A string also for NULL, for the handle of callbacks that are no request's and for one that is stale.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_wsi_tag(wsi: *mut lws) -> *const c_char {
    if wsi.is_null() {
        return c"[null wsi]".as_ptr();
    }
    let request = find(wsi).filter(|(_, handle)| handle.kind == Kind::Request);
    let tag = request.and_then(|(context, handle)| {
        let mut held = context.hold();
        held.tag_of(handle.key()).map(CStr::as_ptr)
    });
    tag.unwrap_or(c"[wsi]".as_ptr())
}

/// Ends the request after `secs` seconds, whatever `reason` says; `secs` 0 or PENDING_TIMEOUT 0 takes that back.
/// LWS_TO_KILL_ASYNC ends it when the loop runs next, LWS_TO_KILL_SYNC before this returns, or, when the request is inside a
/// callback, as soon as that returned. Nobody else on its connection or in its queue is touched.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_set_timeout(
    wsi: *mut lws,
    reason: pending_timeout,
    secs: c_int,
) {
    let Some((context, key)) = request(wsi, "lws_set_timeout") else {
        return;
    };
    match secs {
        LWS_TO_KILL_SYNC => {
            end_now(&context, key, "the program cancelled it (LWS_TO_KILL_SYNC)");
        }
        LWS_TO_KILL_ASYNC => {
            let mut held = context.hold();
            if let Some(wsi) = held.wsis.get_mut(key) {
                wsi.kill = true;
            }
            held.list_wsi(key);
        }
        ..0 => log_cx::say_of(
            wsi,
            LLL_ERR,
            &format!("lws_set_timeout: secs {secs} is neither seconds nor LWS_TO_KILL_"),
        ),
        _ => {
            let secs = match reason {
                pending_timeout::NO_PENDING_TIMEOUT => 0,
                _ => secs.unsigned_abs(),
            };
            let mut held = context.hold();
            held.now = now();
            held.set_timeout(key, secs);
        }
    }
}

/// As lws_set_timeout(), with microseconds: `us` 0 or below takes it back.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_set_timeout_us(
    wsi: *mut lws,
    reason: pending_timeout,
    us: lws_usec_t,
) {
    let after = match reason {
        pending_timeout::NO_PENDING_TIMEOUT => 0,
        _ => u64::try_from(us).unwrap_or(0),
    };
    with(wsi, "lws_set_timeout_us", (), |mut held, key| {
        held.now = now();
        held.set_timeout_us(key, after);
    });
}

/// Ends the request before this returns, or, when it is inside a callback, as soon as that returned: LWS_TO_KILL_SYNC by another
/// name. `reason` and `caller` say nothing.
///
/// # Safety
///
/// None: the handle is looked up, never followed, and so is `caller`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_close_free_wsi(
    wsi: *mut lws,
    reason: lws_close_status,
    caller: *const c_char,
) {
    let _ = (reason, caller);
    if let Some((context, key)) = request(wsi, "lws_close_free_wsi") {
        end_now(
            &context,
            key,
            "the program cancelled it (lws_close_free_wsi)",
        );
    }
}

fn end_now(context: &Arc<Context>, key: Key<Wsi>, why: &str) {
    let frame = Frame::enter(context);
    context.hold().cancel(key, why);
    drain_request(context, key);
    frame.leave();
}

/// LWS_CALLBACK_TIMER after `usecs` microseconds, once; LWS_SET_TIMER_USEC_CANCEL takes it back.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_set_timer_usecs(wsi: *mut lws, usecs: lws_usec_t) {
    with(wsi, "lws_set_timer_usecs", (), |mut held, key| {
        held.now = now();
        held.set_timer(key, u64::try_from(usecs).ok());
    });
}
