//! The only place that links the program's timers (`lws_sorted_usec_list_t`) with our book of deadlines.
//!
//! A scheduled node says so itself: `list.owner` points at its context's book, which is only an address, and `list.prev`
//! holds the timer's key. A node that does not say so (all zero after a memset, say) counts as not scheduled.

use core::ffi::c_ulong;
use std::time::{SystemTime, UNIX_EPOCH};

use super::context::{self, Held, now};
use super::logs;
use super::types::{
    LWS_SET_TIMER_USEC_CANCEL, lws_context, lws_dll2, lws_sorted_usec_list, lws_usec_t, sul_cb_t,
};
use crate::engine::timer::TimerKey;
use crate::engine::{Fire, LLL_ERR};

/// Calls `cb` once, on the thread in `lws_service()`, `us` microseconds from now; `LWS_SET_TIMER_USEC_CANCEL` cancels. A timer
/// that is scheduled already is moved. O(log n).
///
/// # Safety
///
/// `sul` is zeroed or was scheduled here before, and stays where it is until it fires or is cancelled.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_sul_schedule(
    ctx: *mut lws_context,
    tsi: core::ffi::c_int,
    sul: *mut lws_sorted_usec_list,
    _cb: sul_cb_t,
    _us: lws_usec_t,
) {
    let _ = tsi; // there is one service thread
    if sul.is_null() {
        return logs::emit(LLL_ERR, "lws_sul_schedule: sul is NULL");
    }
    // SAFETY: `sul` is a timer, by this function's contract.
    unsafe { lws_sul_cancel(sul) };
    if _us == LWS_SET_TIMER_USEC_CANCEL {
        return;
    }
    let Some(context) = context::of(ctx, "lws_sul_schedule") else {
        return;
    };
    let Some(book) = context::slot(context.slot).map(context::Slot::book) else {
        return;
    };
    // At least 1: a timer set again from its own callback waits for the next pass.
    let at = now().saturating_add(u64::try_from(_us).unwrap_or(0).max(1));
    // The lock is kept while the node is filled: another thread's pass must not find it half made.
    let mut held = context.hold();
    let key = held.timers.schedule(at, Fire::Sul(sul.expose_provenance()));
    let scheduled = lws_sorted_usec_list {
        list: lws_dll2 {
            prev: std::ptr::without_provenance_mut(key.to_bits() as usize),
            next: std::ptr::null_mut(),
            owner: book,
        },
        us: at as lws_usec_t,
        cb: _cb,
        latency_us: 0,
    };
    // SAFETY: `sul` is writable, by this function's contract.
    unsafe { sul.write(scheduled) };
}

/// Takes the timer back; nothing happens when it is not scheduled.
///
/// # Safety
///
/// `sul` is NULL, or zeroed, or was scheduled here before.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_sul_cancel(sul: *mut lws_sorted_usec_list) {
    take_if_scheduled(sul.cast());
}

/// Detaches the node if it is a scheduled timer's. `false`: it is something else.
pub(crate) fn take_if_scheduled(node: *mut lws_dll2) -> bool {
    if node.is_null() {
        return false;
    }
    // SAFETY: lws_dll2_remove and lws_sul_cancel ask for NULL or a node.
    let owner = unsafe { &raw const (*node).owner };
    // SAFETY: as above. Volatile: the service thread may be detaching it.
    let owner = unsafe { owner.read_volatile() };
    let Some(slot) = context::slot_of_book(owner) else {
        return false;
    };
    let Some(context) = context::at(slot) else {
        detach(node);
        return true;
    };
    let mut held = context.hold();
    // SAFETY: as above; with the lock nobody else changes it.
    let read = unsafe { node.read() };
    if read.owner == owner {
        held.timers
            .cancel(TimerKey::from_bits(read.prev.addr() as u64));
        detach(node);
    }
    drop(held);
    true
}

fn detach(node: *mut lws_dll2) {
    let zero = lws_dll2 {
        prev: std::ptr::null_mut(),
        next: std::ptr::null_mut(),
        owner: std::ptr::null_mut(),
    };
    // SAFETY: who calls us has a node that is the program's and writable.
    unsafe { node.write(zero) };
}

/// A timer is due: it is detached, then called with nothing held. One that says it is not scheduled is let be.
///
/// `held` is the engine since the timer left the heap: until the node is detached nobody can cancel it, and then free it.
pub(crate) fn run(held: Held<'_>, key: TimerKey, sul: usize) {
    let sul = std::ptr::with_exposed_provenance_mut::<lws_sorted_usec_list>(sul);
    // SAFETY: lws_sul_schedule asks that a scheduled timer stays where it is until it fires or is cancelled.
    let list = unsafe { (*sul).list };
    // SAFETY: as above.
    let cb = unsafe { (*sul).cb };
    let book = context::slot(held.slot()).map(context::Slot::book);
    if book != Some(list.owner) || list.prev.addr() as u64 != key.to_bits() {
        return;
    }
    detach(sul.cast());
    drop(held);
    if let Some(cb) = cb {
        // SAFETY: lws_sul_schedule asks for a function that may be called with its timer; nothing is held.
        unsafe { cb(sul) };
    }
}

/// Monotonic microseconds, the clock of all timers.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn lws_now_usecs() -> lws_usec_t {
    now() as lws_usec_t
}

/// Seconds since 1970, by the system's clock: unlike lws_now_usecs() it jumps when that is set.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn lws_now_secs() -> c_ulong {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        c_ulong::try_from(since.as_secs()).unwrap_or(c_ulong::MAX)
    })
}
