//! The only place that runs the loop.

use std::ffi::c_int;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::context::{self, Context, Serving, WAKE_TOKEN, now};
use super::deliver::deliver;
use super::drive::{collect_answers, drain, run_timers};
use super::frame::Frame;
use super::lent::carry_on;
use super::logs;
use super::types::lws_context;
use crate::engine::LLL_ERR;
use crate::engine::call::{Input, Notice, Reason};
use crate::engine::timer::Micros;

/// Runs one pass of the loop: timers, callbacks, sockets. `timeout_ms` < 0 does not wait, 0 waits until there is something to
/// do, > 0 waits at most so many milliseconds. The first call runs PROTOCOL_INIT and the system states up to OPERATIONAL,
/// and returns.
///
/// Returns 0 after a pass, also when a signal ended the wait; 1 when `context` is NULL; -1 when the context is gone or is
/// being destroyed, or another thread is in here with it. Any thread may call it, one at a time.
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_service(context: *mut lws_context, timeout_ms: c_int) -> c_int {
    if context.is_null() {
        return 1;
    }
    let Some(context) = context::of(context, "lws_service") else {
        return -1;
    };
    let Some(serving) = Serving::begin(&context) else {
        logs::emit(
            LLL_ERR,
            "lws_service: another thread is in lws_service with this context",
        );
        return -1;
    };
    let frame = Frame::enter(&context);
    if serving.is_nested() {
        carry_on(&context);
    }
    let alive = pass(&context, timeout_ms);
    drop(serving);
    if frame.leave() || !alive {
        return -1;
    }
    0
}

/// `lws_service` for service thread `tsi`; there is one, 0. Others return -1.
///
/// # Safety
///
/// As lws_service().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_service_tsi(
    context: *mut lws_context,
    timeout_ms: c_int,
    tsi: c_int,
) -> c_int {
    if tsi != 0 {
        logs::emit(
            LLL_ERR,
            &format!("lws_service_tsi: tsi {tsi}: there is one service thread, 0"),
        );
        return -1;
    }
    // SAFETY: as our own contract.
    unsafe { lws_service(context, timeout_ms) }
}

/// Wakes a waiting `lws_service()`: EVENT_WAIT_CANCELLED comes to every protocol. Safe from any thread and from a signal
/// handler; takes no lock. After the context was destroyed it does nothing.
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_cancel_service(context: *mut lws_context) {
    if let Some(slot) = context::slot_of(context).and_then(context::slot) {
        slot.cancel();
    }
}

/// `lws_cancel_service` for the context of a request.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_cancel_service_pt(wsi: *mut super::types::lws) {
    let handle = super::handle::decode(wsi.addr());
    if let Some(slot) = handle.and_then(|handle| context::slot(handle.slot)) {
        slot.cancel();
    }
}

/// `false` when the context is being destroyed.
fn pass(context: &Arc<Context>, timeout_ms: c_int) -> bool {
    if context.doomed.load(Ordering::SeqCst) {
        return false;
    }
    let first = start(context);
    let busy = run_timers(context) | drain(context) | first | tell(context);
    if context.doomed.load(Ordering::SeqCst) {
        return false;
    }
    let timeout = if busy { Some(0) } else { patience(timeout_ms) };
    if wait(context, timeout) {
        collect_answers(context);
        if context.take_cancelled() {
            context.hold().notify(Notice::Cancelled);
        }
    }
    run_timers(context);
    drain(context);
    tell(context);
    !context.doomed.load(Ordering::SeqCst)
}

/// What other threads, and the program's callbacks, left for this one.
pub(crate) fn tell(context: &Arc<Context>) -> bool {
    super::system::run_attached(context) | super::smd::deliver(context)
}

/// Microseconds that the caller is willing to wait.
fn patience(timeout_ms: c_int) -> Option<Micros> {
    match timeout_ms {
        ..0 => Some(0),
        0 => None,
        ms => Some(ms as Micros * 1_000),
    }
}

/// Waits for sockets, timers or the bell. `true` when the bell rang.
fn wait(context: &Arc<Context>, timeout: Option<Micros>) -> bool {
    let (poll, timeout) = {
        let mut held = context.hold();
        let from = now();
        let next = held.timers.next().map(|at| at.saturating_sub(from));
        let timeout = match held.has_work() || held.has_ready_files() {
            true => Some(0),
            false => timeout.into_iter().chain(next).min(),
        };
        let until = timeout.map_or(Micros::MAX, |timeout| from.saturating_add(timeout));
        context.asleep_until.store(until.max(1), Ordering::SeqCst);
        (held.poll.clone(), timeout)
    };
    // None once the thread's locals are gone: atexit handlers.
    let mut events = EVENTS.try_with(std::cell::Cell::take).unwrap_or_default();
    let waited = poll.wait(&mut events, timeout.map(Duration::from_micros));
    context.asleep_until.store(0, Ordering::SeqCst);
    if waited.is_err() {
        events.clear(); // a signal: the pass counts as done
    }
    let mut woken = false;
    let mut held = context.hold();
    for event in &events {
        if event.token == WAKE_TOKEN {
            woken = true;
        } else {
            held.on_ready(event);
        }
    }
    held.look_at_ready_files();
    drop(held);
    let _ = EVENTS.try_with(|kept| kept.set(events));
    if woken {
        context.waiting().wake.clear();
    }
    woken
}

thread_local! {
    /// The list that epoll fills, kept from pass to pass.
    static EVENTS: std::cell::Cell<Vec<crate::net::poll::Ready>> = const { std::cell::Cell::new(Vec::new()) };
}

/// What is due once, and for vhosts that came since: PROTOCOL_INIT; then GET_THREAD_ID and OPERATIONAL.
pub(crate) fn start(context: &Arc<Context>) -> bool {
    let mut any = initialise(context);
    if context.stepped.load(Ordering::Relaxed) {
        return any;
    }
    if !context.started.swap(true, Ordering::SeqCst) {
        any = true;
        let call = {
            let held = context.hold();
            let face = held.first_face(None);
            face.and_then(|face| held.face_call(face, Reason::GetThreadId, 0, Input::None))
        };
        if let Some(call) = call {
            deliver(context, call);
        }
    }
    super::system::advance(context) || any
}

/// PROTOCOL_INIT where it is still due.
pub(crate) fn initialise(context: &Arc<Context>) -> bool {
    let mut any = false;
    loop {
        let Some(vhost) = context.hold().next_uninitialised() else {
            return any;
        };
        super::drive::notify(context, Notice::ProtocolInit(vhost));
        any = true;
    }
}
