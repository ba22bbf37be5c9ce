//! The only place that moves a state manager from state to state and tells who registered with it.

use std::ffi::{CStr, c_int};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::context::{self, Context};
use super::frame::Frame;
use super::lists::{lws_dll2_add_head, lws_dll2_remove};
use super::types::{lws_state_manager, lws_state_notify_link};
use super::{logs, smd, system};
use crate::engine::LLL_ERR;

/// Registers `nl`: it is told before and after each change of state, and before all who registered earlier. It stays in the program's
/// memory until lws_state_reg_deregister(), or until the manager's context is destroyed.
///
/// # Safety
///
/// `mgr` and `nl` are NULL or writable; only the thread that changes the manager's state calls this.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_state_reg_notifier(
    mgr: *mut lws_state_manager,
    nl: *mut lws_state_notify_link,
) {
    if mgr.is_null() || nl.is_null() {
        return refuse("lws_state_reg_notifier", "an argument is NULL");
    }
    // SAFETY: not NULL, so writable, by this function's contract.
    let list = unsafe { &raw mut (*mgr).notify_list };
    // SAFETY: as above; the node is the link's first member.
    unsafe { lws_dll2_add_head(nl.cast(), list) };
}

/// Registers each of a list of pointers that NULL ends, one after the other.
///
/// # Safety
///
/// `mgr` is NULL or writable, `nl` is NULL or such a list; only the thread that changes the manager's state calls this.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_state_reg_notifier_list(
    mgr: *mut lws_state_manager,
    nl: *const *mut lws_state_notify_link,
) {
    let mut at = nl;
    while !at.is_null() {
        // SAFETY: not past the NULL that ends the list, by this function's contract.
        let link = unsafe { at.read() };
        if link.is_null() {
            return;
        }
        // SAFETY: by this function's contract.
        unsafe { lws_state_reg_notifier(mgr, link) };
        // SAFETY: the entry read was not the last.
        at = unsafe { at.add(1) };
    }
}

/// The link is told no more. One that is not registered is let alone.
///
/// # Safety
///
/// `nl` is NULL or writable; only the thread that changes the manager's state calls this, or a notification about itself.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_state_reg_deregister(nl: *mut lws_state_notify_link) {
    // SAFETY: NULL or a link, whose first member is its node, by this function's contract.
    unsafe { lws_dll2_remove(nl.cast()) };
}

/// Moves to `target`. All who registered are told first (`current` is the old state) and one that returns nonzero holds it back: the others
/// are not asked then. After the move all are told again (`current` is `target`). The same state again is no move.
///
/// Returns 0 in any case, `mgr->state` says where it is; 1 when `mgr` is NULL. For a context's manager it is called by the thread that
/// serves.
///
/// # Safety
///
/// `mgr` is NULL, or a manager that nobody else is at; what registered with it lives.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_state_transition(
    mgr: *mut lws_state_manager,
    target: c_int,
) -> c_int {
    // SAFETY: by this function's contract.
    unsafe {
        with("lws_state_transition", mgr, |mgr, _| {
            mgr.transition(target);
        })
    }
}

/// As lws_state_transition(), state by state up to `target`, until one is held back. A `target` that is not above is no move.
///
/// # Safety
///
/// As lws_state_transition().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_state_transition_steps(
    mgr: *mut lws_state_manager,
    target: c_int,
) -> c_int {
    // SAFETY: by this function's contract.
    unsafe {
        with("lws_state_transition_steps", mgr, |mgr, context| {
            mgr.steps(target, context);
        })
    }
}

/// Runs `what`, and carries out a destroy of its context that came meanwhile.
///
/// # Safety
///
/// As lws_state_transition().
unsafe fn with(
    who: &str,
    mgr: *mut lws_state_manager,
    what: impl FnOnce(Manager, Option<&Arc<Context>>),
) -> c_int {
    if mgr.is_null() {
        refuse(who, "mgr is NULL");
        return 1;
    }
    let mgr = Manager(mgr);
    let context = mgr.context();
    let frame = context.as_ref().map(Frame::enter);
    what(mgr, context.as_ref());
    if let Some(frame) = frame {
        frame.leave();
    }
    0
}

fn refuse(who: &str, why: &str) {
    logs::emit(LLL_ERR, &format!("{who}: {why}"));
}

/// A manager that C, or the context, vouched for; not NULL.
#[derive(Clone, Copy)]
pub(crate) struct Manager(pub(super) *mut lws_state_manager);

impl Manager {
    pub(crate) fn state(self) -> c_int {
        // SAFETY: readable, by whoever vouched for it.
        unsafe { (*self.0).state }
    }

    /// Up to `target`. `false`: somebody held it back, or the context is being destroyed.
    pub(crate) fn steps(self, target: c_int, context: Option<&Arc<Context>>) -> bool {
        while self.state() < target {
            let moved = self.transition(self.state() + 1);
            if !moved || context.is_some_and(|context| context.doomed.load(Ordering::SeqCst)) {
                return false;
            }
        }
        true
    }

    /// `false`: somebody held it back.
    pub(crate) fn transition(self, target: c_int) -> bool {
        let current = self.state();
        if current == target {
            return true;
        }
        if self.tell(current, target) {
            return false;
        }
        if self.state() != current {
            return true; // who was told has moved it meanwhile
        }
        // SAFETY: writable, by whoever vouched for it.
        unsafe { (*self.0).state = target };
        self.publish(target);
        self.tell(target, target);
        if let Some(context) = self.context() {
            system::run_attached(&context);
        }
        true
    }

    /// `true` when a link said no.
    fn tell(self, current: c_int, target: c_int) -> bool {
        // SAFETY: readable, by whoever vouched for it.
        let mut node = unsafe { (*self.0).notify_list.head };
        while !node.is_null() {
            let link: *mut lws_state_notify_link = node.cast();
            // SAFETY: what registered lives; it may take itself off the list.
            let next = unsafe { (*node).next };
            // SAFETY: as above.
            if let Some(notify) = unsafe { (*link).notify_cb } {
                // SAFETY: lws_state_notify_link asks for a function that may be called so; nothing is held.
                if unsafe { notify(self.0, link, current, target) } != 0 {
                    return true;
                }
            }
            node = next;
        }
        false
    }

    /// Tells the listeners of the manager's message class, if it has one.
    fn publish(self, state: c_int) {
        // SAFETY: readable, by whoever vouched for it.
        let class = unsafe { (*self.0).smd_class };
        let Some(context) = self.context().filter(|_| class != 0) else {
            return;
        };
        let line = format!("{{\"state\":\"{}\"}}", self.name_of(state));
        smd::publish(&context, class, line.as_bytes());
    }

    fn name_of(self, state: c_int) -> String {
        // SAFETY: readable, by whoever vouched for it.
        let names = unsafe { (*self.0).state_names };
        let Ok(index) = usize::try_from(state) else {
            return state.to_string();
        };
        if names.is_null() {
            return state.to_string();
        }
        // SAFETY: there is a name for each state.
        let name = unsafe { names.add(index) };
        // SAFETY: as above.
        let name = unsafe { name.read() };
        if name.is_null() {
            return state.to_string();
        }
        // SAFETY: a string.
        unsafe { CStr::from_ptr(name) }
            .to_string_lossy()
            .into_owned()
    }

    fn context(self) -> Option<Arc<Context>> {
        // SAFETY: readable, by whoever vouched for it.
        let context = unsafe { (*self.0).context };
        context::slot_of(context).and_then(context::at)
    }

    /// Nobody is registered any more.
    pub(crate) fn forget_all(self) {
        loop {
            // SAFETY: readable, by whoever vouched for it.
            let first = unsafe { (*self.0).notify_list.head };
            if first.is_null() {
                return;
            }
            // SAFETY: what registered lives.
            unsafe { lws_dll2_remove(first) };
        }
    }
}
