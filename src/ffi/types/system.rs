//! The only place for the system states that a context goes through and who is told.

use super::{lws_context, lws_dll2, lws_dll2_owner, lws_smd_class_t, lws_usec_t};
use core::ffi::{c_char, c_int, c_void};

/// Told before (`current` < `target`) and after each step. Nonzero before a step: it waits.
///
/// cbindgen:ignore
pub type lws_state_notify_t = Option<
    unsafe extern "C-unwind" fn(
        mgr: *mut lws_state_manager,
        l: *mut lws_state_notify_link,
        current: c_int,
        target: c_int,
    ) -> c_int,
>;

/// Told of system messages; nothing here sends one.
///
/// cbindgen:ignore
pub type lws_smd_notification_cb_t = Option<
    unsafe extern "C-unwind" fn(
        opaque: *mut c_void,
        _class: lws_smd_class_t,
        timestamp: lws_usec_t,
        buf: *mut c_void,
        len: usize,
    ) -> c_int,
>;

/// One who is told; lives in the program's memory.
#[repr(C)]
#[derive(Debug)]
pub struct lws_state_notify_link {
    /// the library's; all zero
    pub list: lws_dll2,
    /// what is called
    pub notify_cb: lws_state_notify_t,
    /// for logs
    pub name: *const c_char,
}

/// The state of a system, and all who are told.
#[repr(C)]
#[derive(Debug)]
pub struct lws_state_manager {
    /// who is told
    pub notify_list: lws_dll2_owner,
    /// whose state it is
    pub context: *mut lws_context,
    /// for whoever made the manager
    pub parent: *mut c_void,
    /// the message class of a change
    pub smd_class: lws_smd_class_t,
    /// a name for each state
    pub state_names: *mut *const c_char,
    /// the manager's own name
    pub name: *const c_char,
    /// the state now, LWS_SYSTATE_ for the system manager
    pub state: c_int,
}

/// The states of the system manager, in order.
///
/// cbindgen:ignore
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct lws_system_states_t(pub c_int);

impl lws_system_states_t {
    pub const UNKNOWN: Self = Self(0);
    pub const CONTEXT_CREATED: Self = Self(1);
    pub const INITIALIZED: Self = Self(2);
    pub const IFACE_COLDPLUG: Self = Self(3);
    pub const DHCP: Self = Self(4);
    pub const CPD_PRE_TIME: Self = Self(5);
    pub const TIME_VALID: Self = Self(6);
    pub const CPD_POST_TIME: Self = Self(7);
    pub const POLICY_VALID: Self = Self(8);
    pub const REGISTERED: Self = Self(9);
    pub const AUTH1: Self = Self(10);
    pub const AUTH2: Self = Self(11);
    /// connections may be made from here on
    pub const OPERATIONAL: Self = Self(12);
    pub const POLICY_INVALID: Self = Self(13);
    pub const CONTEXT_DESTROYING: Self = Self(14);
}

#[cfg(target_pointer_width = "64")]
const _: () = {
    use core::mem::{offset_of, size_of};
    assert!(size_of::<lws_state_notify_link>() == 40);
    assert!(offset_of!(lws_state_notify_link, notify_cb) == 24);
    assert!(offset_of!(lws_state_notify_link, name) == 32);
    assert!(size_of::<lws_state_manager>() == 72);
    assert!(offset_of!(lws_state_manager, context) == 24);
    assert!(offset_of!(lws_state_manager, parent) == 32);
    assert!(offset_of!(lws_state_manager, smd_class) == 40);
    assert!(offset_of!(lws_state_manager, state_names) == 48);
    assert!(offset_of!(lws_state_manager, name) == 56);
    assert!(offset_of!(lws_state_manager, state) == 64);
};
