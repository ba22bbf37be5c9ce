//! The only place that takes a context apart.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::context::{self, Context};
use super::cookies;
use super::deliver::deliver;
use super::drive::{drain_request, run};
use super::frame::{self, Frame};
use super::log_cx;
use super::metrics;
use super::outside;
use super::types::{lws_context, lws_system_states_t};
use crate::engine::call::{Notice, Reason};
use crate::engine::step::Step;
use crate::engine::table::Key;
use crate::engine::vhost::Vhost;

/// Destroys the context: every request gets its last callbacks, every socket is closed, every byte freed. Established requests
/// get DROP_PROTOCOL, CLOSED_CLIENT_HTTP and WSI_DESTROY, the others DROP_PROTOCOL and WSI_DESTROY. Then the system state becomes
/// POLICY_INVALID, every protocol gets PROTOCOL_DESTROY, and the state CONTEXT_DESTROYING; who holds these back delays nothing.
/// From inside a callback it is carried out when the outermost call into the context returns. NULL and a pointer that was destroyed
/// before are allowed. Any thread may call it; it waits for callbacks that run in others.
///
/// # Safety
///
/// What the context was given (protocols, user pointers) lives until this returns, or, from inside a callback, until the
/// outermost call returns.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_context_destroy(context: *mut lws_context) {
    let Some(context) = context::slot_of(context).and_then(context::at) else {
        return;
    };
    context.doomed.store(true, Ordering::SeqCst);
    context.hold().stopping = true;
    context.wake();
    if frame::is_inside(context.slot) {
        return; // the outermost frame carries it out
    }
    match context.claim() {
        true => tear_down(&context),
        false => context.wait_until_gone(),
    }
}

/// Nonzero from the moment `lws_context_destroy()` was called on it; a context that is gone is being destroyed too.
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_context_is_being_destroyed(
    context: *mut lws_context,
) -> core::ffi::c_int {
    let live = context::slot_of(context).and_then(context::at);
    live.is_none_or(|context| context.hold().stopping).into()
}

/// With nobody inside: ends everything. For whoever claimed the context, which is one thread, once.
pub(crate) fn tear_down(context: &Arc<Context>) {
    let claim = Claim(context);
    context.wait_until_left();
    end_all_requests(context);
    cookies::save(context);
    let frame = Frame::enter(context);
    let manager = context.system.manager();
    // A context that could not be made was in no state.
    let was_made = context.doomed.load(Ordering::SeqCst);
    if was_made {
        manager.transition(lws_system_states_t::POLICY_INVALID.0);
    }
    let vhosts = context.hold().vhosts.keys();
    for vhost in vhosts {
        remove_vhost(context, vhost);
    }
    metrics::report(context);
    if was_made {
        manager.steps(lws_system_states_t::CONTEXT_DESTROYING.0, None);
    }
    drop(frame);
    context.wait_until_left();
    std::mem::forget(claim);
    manager.forget_all();
    context.unseat();
    let place = std::ptr::with_exposed_provenance_mut::<*mut lws_context>(context.pcontext);
    if !place.is_null() {
        // SAFETY: `info.pcontext` is writable until the context is destroyed, by lws_create_context's contract.
        unsafe { place.write(std::ptr::null_mut()) };
    }
    log_cx::used(context.settings.log_cx, -1);
}

/// A call of another thread's that came in meanwhile (LWS_TO_KILL_SYNC, connect) may be inside a callback of a request: that one
/// gets its last callbacks from there, or here once that call has left. Nothing new is accepted any more.
fn end_all_requests(context: &Arc<Context>) {
    let mut left = usize::MAX;
    loop {
        let frame = Frame::enter(context);
        end_requests(context, None);
        drop(frame);
        context.wait_until_left();
        let before = std::mem::replace(&mut left, context.hold().wsis.len());
        if left == 0 || left >= before {
            return;
        }
    }
}

/// A C++ exception leaves `tear_down`: the next call of lws_context_destroy() goes on where it ended.
struct Claim<'a>(&'a Context);

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.0.unclaim();
    }
}

/// Ends the requests of a vhost, or all: their last callbacks come before this returns.
pub(crate) fn end_requests(context: &Arc<Context>, vhost: Option<Key<Vhost>>) {
    let ended = context.hold().end_all(vhost);
    for key in ended {
        drain_request(context, key);
    }
    close_sockets(context);
}

fn close_sockets(context: &Arc<Context>) {
    outside::tell_all(context);
    loop {
        let closing = context.hold().next_closing();
        match closing {
            Some(parting) => drop(run(context, Step::Close(parting))),
            None => return,
        }
    }
}

/// A vhost goes at once, or with the last of its requests.
pub(crate) fn retire_vhost(context: &Arc<Context>, vhost: Key<Vhost>) {
    let mut held = context.hold();
    let entry = held.vhosts.get(vhost);
    if entry.is_none_or(|vhost| vhost.requests > 0) {
        return;
    }
    if held.is_telling() {
        // From inside of ADD_POLL_FD or its like: what its program is still to be told of descriptors comes first.
        return held.notify(Notice::VhostEmpty(vhost));
    }
    drop(held);
    remove_vhost(context, vhost);
}

/// PROTOCOL_DESTROY to each protocol, and the vhost is no more.
pub(crate) fn remove_vhost(context: &Arc<Context>, vhost: Key<Vhost>) {
    let calls = {
        let mut held = context.hold();
        let Some(entry) = held.vhosts.get_mut(vhost) else {
            return;
        };
        if std::mem::replace(&mut entry.leaving, true) {
            return; // further up the stack, or in another thread
        }
        match entry.initialised {
            true => held.face_calls(Some(vhost), Reason::ProtocolDestroy),
            false => Vec::new(),
        }
    };
    for call in calls {
        deliver(context, call);
    }
    context.hold().remove_vhost(vhost);
}
