//! The only place that steps through the system states and tells who registered for them.

use std::ffi::c_int;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use super::context::Context;
use super::types::{
    lws_context, lws_dll2_owner, lws_state_manager, lws_state_notify_link, lws_system_states_t,
};

/// The state manager of a context, in memory of its own because programs are handed its address.
pub(crate) struct System {
    manager: Box<lws_state_manager>,
    links: Vec<*mut lws_state_notify_link>,
}

// SAFETY: the pointers are the program's links and strings, good until the context is destroyed; they are followed only by
// the thread that serves, one at a time.
unsafe impl Send for System {}

impl System {
    pub(crate) fn new(context: *mut lws_context) -> Self {
        Self {
            manager: Box::new(lws_state_manager {
                notify_list: lws_dll2_owner {
                    tail: std::ptr::null_mut(),
                    head: std::ptr::null_mut(),
                    count: 0,
                },
                context,
                parent: context.cast(),
                smd_class: 0,
                state_names: std::ptr::null_mut(),
                name: c"system".as_ptr(),
                state: lws_system_states_t::CONTEXT_CREATED.0,
            }),
            links: Vec::new(),
        }
    }

    /// Takes over a NULL-terminated list of links.
    ///
    /// # Safety
    ///
    /// `list` is NULL, or an array of pointers to links, ended by NULL; the links live as long as the context.
    pub(crate) unsafe fn register(&mut self, list: *const *mut lws_state_notify_link) {
        let mut next = list;
        while !next.is_null() {
            // SAFETY: not past the NULL that ends the list.
            let link = unsafe { next.read() };
            if link.is_null() {
                return;
            }
            self.links.push(link);
            // SAFETY: the entry read was not the last.
            next = unsafe { next.add(1) };
        }
    }
}

/// Steps to OPERATIONAL, telling every link before and after each step. A link that says no before a step holds the system
/// there until the next pass. `true` when a step was made.
pub(crate) fn advance(context: &Arc<Context>) -> bool {
    if context.advancing.swap(true, Ordering::SeqCst) {
        return false; // a link serves: the call that told it goes on when it returned
    }
    let _advancing = Advancing(context);
    let mut any = false;
    loop {
        let (manager, links, from) = {
            let mut system = context
                .system
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let from = system.manager.state;
            if from >= lws_system_states_t::OPERATIONAL.0 {
                context.operational.store(true, Ordering::Relaxed);
                return any;
            }
            (&raw mut *system.manager, system.links.clone(), from)
        };
        if tell(manager, &links, from, from + 1) {
            return any;
        }
        set_state(context, from + 1);
        tell(manager, &links, from + 1, from + 1);
        any = true;
        if context.doomed.load(Ordering::SeqCst) {
            return any;
        }
    }
}

/// Also the way of a C++ exception.
struct Advancing<'a>(&'a Context);

impl Drop for Advancing<'_> {
    fn drop(&mut self) {
        self.0.advancing.store(false, Ordering::SeqCst);
    }
}

fn set_state(context: &Arc<Context>, state: c_int) {
    let mut system = context
        .system
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    system.manager.state = state;
}

/// `true` when a link said no.
fn tell(
    manager: *mut lws_state_manager,
    links: &[*mut lws_state_notify_link],
    current: c_int,
    target: c_int,
) -> bool {
    for link in links {
        // SAFETY: `register`'s contract: links live as long as the context.
        let notify = unsafe { (**link).notify_cb };
        let Some(notify) = notify else {
            continue;
        };
        // SAFETY: lws_state_notify_link asks for a function that may be called so; nothing is held.
        if unsafe { notify(manager, *link, current, target) } != 0 {
            return true;
        }
    }
    false
}

/// The context whose system manager this is; NULL for NULL.
///
/// # Safety
///
/// `mgr` is NULL or the manager that a notification was given.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_system_context_from_system_mgr(
    mgr: *mut lws_state_manager,
) -> *mut lws_context {
    if mgr.is_null() {
        return std::ptr::null_mut();
    }
    // SAFETY: by this function's contract.
    unsafe { (*mgr).context }
}
