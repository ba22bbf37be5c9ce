//! The only place for what a context knows of the system it is part of: its states, what waits for one, the captive portal.

use std::ffi::{c_char, c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::context::{self, Context};
use super::frame::Frame;
use super::states::Manager;
use super::types::{
    LLL_NOTICE, LWSSMDCL_NETWORK, LWSSMDCL_SYSTEM_STATE, lws_attach_cb_t, lws_attach_item,
    lws_context, lws_cpd_result_t, lws_dll2_owner, lws_metric_pub, lws_state_manager,
    lws_system_ops, lws_system_states_t,
};
use super::{logs, smd};
use crate::engine::LLL_ERR;

/// What a context knows of its system.
pub(crate) struct System {
    /// In memory of its own, because programs are handed its address; never NULL.
    manager: *mut lws_state_manager,
    attached: Mutex<Vec<Attached>>,
    cpd: AtomicI32,
    /// `info.system_ops`.
    ops: *const lws_system_ops,
}

/// A call that waits for a state.
struct Attached {
    state: lws_system_states_t,
    cb: unsafe extern "C-unwind" fn(context: *mut lws_context, tsi: c_int, opaque: *mut c_void),
    opaque: *mut c_void,
}

// SAFETY: the manager is ours until we are dropped, and only the thread that serves follows it, or the links that the program
// registered; `ops` is never written, and lives as long as the context; `opaque` is handed back and not followed.
unsafe impl Send for System {}
// SAFETY: as above.
unsafe impl Sync for System {}

impl System {
    pub(crate) fn new(context: *mut lws_context, ops: *const lws_system_ops) -> Self {
        let manager = Box::new(lws_state_manager {
            notify_list: lws_dll2_owner {
                tail: ptr::null_mut(),
                head: ptr::null_mut(),
                count: 0,
            },
            context,
            parent: context.cast(),
            smd_class: LWSSMDCL_SYSTEM_STATE,
            state_names: NAMES.0.as_ptr().cast_mut(),
            name: c"system".as_ptr(),
            state: lws_system_states_t::CONTEXT_CREATED.0,
        });
        Self {
            manager: Box::into_raw(manager),
            attached: Mutex::default(),
            cpd: AtomicI32::new(lws_cpd_result_t::UNKNOWN.0),
            ops,
        }
    }

    pub(crate) fn manager(&self) -> Manager {
        Manager(self.manager)
    }

    /// `metric_report` of `info.system_ops`.
    pub(crate) fn metric_report(
        &self,
    ) -> Option<unsafe extern "C-unwind" fn(mdata: *mut lws_metric_pub) -> c_int> {
        if self.ops.is_null() {
            return None;
        }
        // SAFETY: not NULL, so what lws_context_creation_info says of it; a program of 4.3.5 has no more of it than up to `stdin_rx`.
        let member = unsafe { &raw const (*self.ops).metric_report };
        // SAFETY: as above.
        unsafe { member.read() }
    }

    /// `stdin_rx` of `info.system_ops`.
    ///
    /// # Safety
    ///
    /// The program was built with our header.
    pub(crate) unsafe fn stdin_rx(
        &self,
    ) -> Option<unsafe extern "C-unwind" fn(*mut lws_context, *const c_char, usize) -> c_int> {
        if self.ops.is_null() {
            return None;
        }
        // SAFETY: not NULL, and by this function's contract it has this member.
        let member = unsafe { &raw const (*self.ops).stdin_rx };
        // SAFETY: as above.
        unsafe { member.read() }
    }

    /// There is a call whose state is reached.
    pub(crate) fn has_due(&self) -> bool {
        let attached = self.attached.lock().unwrap_or_else(PoisonError::into_inner);
        let state = self.manager().state();
        attached.iter().any(|item| item.state.0 <= state)
    }

    /// The first call whose state is reached.
    fn next_attached(&self) -> Option<Attached> {
        let mut attached = self.attached.lock().unwrap_or_else(PoisonError::into_inner);
        let state = self.manager().state();
        let ripe = attached.iter().position(|item| item.state.0 <= state)?;
        Some(attached.remove(ripe))
    }
}

impl Drop for System {
    fn drop(&mut self) {
        // SAFETY: made by Box::into_raw, and nobody else frees it.
        drop(unsafe { Box::from_raw(self.manager) });
    }
}

struct Names([*const c_char; 15]);

// SAFETY: constant strings.
unsafe impl Sync for Names {}

static NAMES: Names = Names([
    c"undef".as_ptr(),
    c"CONTEXT_CREATED".as_ptr(),
    c"INITIALIZED".as_ptr(),
    c"IFACE_COLDPLUG".as_ptr(),
    c"DHCP".as_ptr(),
    c"CPD_PRE_TIME".as_ptr(),
    c"TIME_VALID".as_ptr(),
    c"CPD_POST_TIME".as_ptr(),
    c"POLICY_VALID".as_ptr(),
    c"REGISTERED".as_ptr(),
    c"AUTH1".as_ptr(),
    c"AUTH2".as_ptr(),
    c"OPERATIONAL".as_ptr(),
    c"POLICY_INVALID".as_ptr(),
    c"CONTEXT_DESTROYING".as_ptr(),
]);

/// Steps to OPERATIONAL, once: who holds a step back goes on with lws_state_transition_steps(). `true` when a step was made.
pub(crate) fn advance(context: &Arc<Context>) -> bool {
    if context.advancing.swap(true, Ordering::SeqCst) {
        return false; // a link serves: the call that told it goes on when it returned
    }
    let _advancing = Advancing(context);
    let manager = context.system.manager();
    let from = manager.state();
    let before = i32::from(context.stdin.is_awaited());
    manager.steps(lws_system_states_t::OPERATIONAL.0 - before, Some(context));
    context.stepped.store(true, Ordering::Relaxed);
    manager.state() != from
}

/// Also the way of a C++ exception.
struct Advancing<'a>(&'a Context);

impl Drop for Advancing<'_> {
    fn drop(&mut self) {
        self.0.advancing.store(false, Ordering::SeqCst);
    }
}

/// Calls what waits for a state that is reached. `true` when it called one.
pub(crate) fn run_attached(context: &Arc<Context>) -> bool {
    let mut any = false;
    let is_ending = context.doomed.load(Ordering::SeqCst);
    while let Some(item) = context.system.next_attached() {
        any = true;
        let cb = item.cb;
        // SAFETY: __lws_system_attach asks for a function that may be called so; nothing is held.
        unsafe { cb(context.pointer(), 0, item.opaque) };
        if !is_ending && context.doomed.load(Ordering::SeqCst) {
            break;
        }
    }
    any
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
        return ptr::null_mut();
    }
    // SAFETY: by this function's contract.
    unsafe { (*mgr).context }
}

/// The manager of the context's system states, for lws_state_reg_notifier() and lws_state_transition_steps(); NULL, after a log line, when
/// there is no such context. It lives as long as the context.
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_system_get_state_manager(
    context: *mut lws_context,
) -> *mut lws_state_manager {
    let found = context::of(context, "lws_system_get_state_manager");
    found.map_or(ptr::null_mut(), |context| context.system.manager)
}

/// `info.system_ops` of the context; NULL when it has none, or, after a log line, when there is no such context.
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_system_get_ops(
    context: *mut lws_context,
) -> *const lws_system_ops {
    let found = context::of(context, "lws_system_get_ops");
    found.map_or(ptr::null(), |context| context.system.ops)
}

/// Has `cb` called once, with `opaque`, by the thread that serves, as soon as the system state is at `state` or above. Any thread may call
/// it, without a lock of its own; a program whose `attach` of `lws_system_ops` has one may call it inside of that. What still waits when
/// the context is destroyed is called as the last states are passed, for a `state` of up to LWS_SYSTATE_CONTEXT_DESTROYING.
///
/// `get`, where it is not NULL, is set to NULL: the loop takes what is due by itself. Returns 0, or 1, after a log line, when there is no
/// such context, `tsi` is not 0, or `cb` and `get` are both NULL.
///
/// # Safety
///
/// `cb` is NULL or may be called so; `get` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn __lws_system_attach(
    context: *mut lws_context,
    tsi: c_int,
    cb: lws_attach_cb_t,
    state: lws_system_states_t,
    opaque: *mut c_void,
    get: *mut *mut lws_attach_item,
) -> c_int {
    const WHO: &str = "__lws_system_attach";
    let Some(context) = context::of(context, WHO) else {
        return 1;
    };
    if !get.is_null() {
        // SAFETY: writable, by this function's contract.
        unsafe { get.write(ptr::null_mut()) };
        return 0;
    }
    let (Some(cb), 0) = (cb, tsi) else {
        logs::emit(LLL_ERR, &format!("{WHO}: cb is NULL, or tsi not 0"));
        return 1;
    };
    let system = &context.system;
    let mut attached = system
        .attached
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    attached.push(Attached { state, cb, opaque });
    drop(attached);
    context.wake();
    0
}

/// Begins to find out whether a captive portal is in the way: the result is LWS_CPD_UNKNOWN again, and `captive_portal_detect_request` of
/// the context's `lws_system_ops` is called, which sees to it that lws_system_cpd_set() is. Returns what it returned, 0 when there is
/// none, or -1, after a log line, when there is no such context.
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_system_cpd_start(context: *mut lws_context) -> c_int {
    let Some(context) = context::of(context, "lws_system_cpd_start") else {
        return -1;
    };
    let unknown = lws_cpd_result_t::UNKNOWN.0;
    context.system.cpd.store(unknown, Ordering::SeqCst);
    let ops = context.system.ops;
    if ops.is_null() {
        return 0;
    }
    // SAFETY: not NULL, so what lws_context_creation_info says of it, up to `stdin_rx`.
    let member = unsafe { &raw const (*ops).captive_portal_detect_request };
    // SAFETY: as above.
    let Some(request) = (unsafe { member.read() }) else {
        return 0;
    };
    let frame = Frame::enter(&context);
    // SAFETY: lws_system_ops asks for a function that may be called so; nothing is held.
    let answer = unsafe { request(context.pointer()) };
    frame.leave();
    answer
}

/// Says what was found out. The first result after lws_system_cpd_start(), or of all, counts, and LWS_CPD_UNKNOWN is none. It is published as a message of the class
/// LWSSMDCL_NETWORK, and system states that were held back go on, as far as OPERATIONAL. Called by the thread that serves.
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_system_cpd_set(
    context: *mut lws_context,
    result: lws_cpd_result_t,
) {
    let Some(context) = context::of(context, "lws_system_cpd_set") else {
        return;
    };
    let text = match result {
        lws_cpd_result_t::UNKNOWN => "Unknown",
        lws_cpd_result_t::INTERNET_OK => "OK",
        lws_cpd_result_t::CAPTIVE_PORTAL => "Captive",
        lws_cpd_result_t::NO_INTERNET => "No internet",
        _ => return,
    };
    let unknown = lws_cpd_result_t::UNKNOWN.0;
    let order = Ordering::SeqCst;
    let set = context
        .system
        .cpd
        .compare_exchange(unknown, result.0, order, order);
    if set.is_err() {
        return;
    }
    logs::emit(
        LLL_NOTICE,
        &format!("lws_system_cpd_set: setting CPD result {text}"),
    );
    let line = format!("{{\"type\":\"cpd\",\"result\":\"{text}\"}}");
    smd::publish(&context, LWSSMDCL_NETWORK, line.as_bytes());
    let frame = Frame::enter(&context);
    let operational = lws_system_states_t::OPERATIONAL.0;
    context.system.manager().steps(operational, Some(&context));
    frame.leave();
}

/// What lws_system_cpd_set() said last; LWS_CPD_UNKNOWN when it was not called since lws_system_cpd_start(), or there is no such context.
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_system_cpd_state_get(
    context: *mut lws_context,
) -> lws_cpd_result_t {
    let found = context::of(context, "lws_system_cpd_state_get");
    let cpd = found.map_or(0, |context| context.system.cpd.load(Ordering::SeqCst));
    lws_cpd_result_t(cpd)
}
