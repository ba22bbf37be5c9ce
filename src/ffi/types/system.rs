//! The only place for the system states that a context goes through and who is told.

use super::{
    lws_attach_item, lws_context, lws_dll2, lws_dll2_owner, lws_metric_pub, lws_smd_class_t,
    lws_usec_t,
};
use core::ffi::{c_char, c_int, c_void};

/// Told before (`current` != `target`) and after each change. Nonzero before: it is held back.
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

/// Told of a system message.
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

/// Called by the thread that serves.
///
/// cbindgen:ignore
pub type lws_attach_cb_t =
    Option<unsafe extern "C-unwind" fn(context: *mut lws_context, tsi: c_int, opaque: *mut c_void)>;

/// What a program does for the system. It lives as long as the context; a member that is not NULL may be called.
#[repr(C)]
#[derive(Debug)]
pub struct lws_system_ops {
    /// for the program's own use
    pub reboot: Option<unsafe extern "C-unwind" fn() -> c_int>,
    /// for the program's own use
    pub set_clock: Option<unsafe extern "C-unwind" fn(us: lws_usec_t) -> c_int>,
    /// for the program's own use: __lws_system_attach() with a lock around it, which it needs none of here
    pub attach: Option<
        unsafe extern "C-unwind" fn(
            context: *mut lws_context,
            tsi: c_int,
            cb: lws_attach_cb_t,
            state: lws_system_states_t,
            opaque: *mut c_void,
            get: *mut *mut lws_attach_item,
        ) -> c_int,
    >,
    /// what lws_system_cpd_start() calls
    pub captive_portal_detect_request:
        Option<unsafe extern "C-unwind" fn(context: *mut lws_context) -> c_int>,
    /// how long the steps of all requests took: called once for each of "n.cn.dns" (lookups of names), "n.cn.tcp" (connect() of an address),
    /// "n.cn.tls" (handshakes), "n.http.txn" (from a request to its response's head: go with 2xx, or the 101 of a ws) when the context is
    /// destroyed, by the thread that destroys it, after the last callbacks of all requests. What failed or was given up is no-go. `mdata`
    /// is good until it returns; what it returns is not used. Other metrics, other occasions there are not. Set before the context is
    /// created, or nothing is measured
    pub metric_report: Option<unsafe extern "C-unwind" fn(mdata: *mut lws_metric_pub) -> c_int>,
    /// not called: trust comes from the vhost
    pub jit_trust_query: Option<
        unsafe extern "C-unwind" fn(
            cx: *mut lws_context,
            skid: *const u8,
            skid_len: usize,
            got_opaque: *mut c_void,
        ) -> c_int,
    >,
    /// not used
    pub wake_latency_us: u32,
    /// given what comes on stdin: see lws_system_adopt_stdin(), which alone looks at this member; programs of 4.3.5 do not have it. `len`
    /// bytes at `buf`, or NULL and 0 at the end. Nonzero: no more of it
    pub stdin_rx: Option<
        unsafe extern "C-unwind" fn(cx: *mut lws_context, buf: *const c_char, len: usize) -> c_int,
    >,
}

/// Whether a captive portal is in the way.
///
/// cbindgen:ignore
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct lws_cpd_result_t(pub c_int);

impl lws_cpd_result_t {
    /// nobody found out yet
    pub const UNKNOWN: Self = Self(0);
    pub const INTERNET_OK: Self = Self(1);
    pub const CAPTIVE_PORTAL: Self = Self(2);
    pub const NO_INTERNET: Self = Self(3);
}

/// Which blob.
///
/// cbindgen:ignore
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct lws_system_blob_item_t(pub c_int);

impl lws_system_blob_item_t {
    /// two of them
    pub const AUTH: Self = Self(0);
    /// the certificate of sys_tls_client_cert
    pub const CLIENT_CERT_DER: Self = Self(2);
    /// its key
    pub const CLIENT_KEY_DER: Self = Self(3);
    pub const DEVICE_SERIAL: Self = Self(4);
    pub const DEVICE_FW_VERSION: Self = Self(5);
    pub const DEVICE_TYPE: Self = Self(6);
    pub const NTP_SERVER: Self = Self(7);
    pub const MQTT_CLIENT_ID: Self = Self(8);
    pub const MQTT_USERNAME: Self = Self(9);
    pub const MQTT_PASSWORD: Self = Self(10);
    /// two of each of these
    pub const EXT_AUTH1: Self = Self(11);
    pub const EXT_AUTH2: Self = Self(13);
    pub const EXT_AUTH3: Self = Self(15);
    pub const EXT_AUTH4: Self = Self(17);
    pub const EXT_AUTH4_1: Self = Self(18);
    /// how many there are
    pub const COUNT: Self = Self(19);
}

/// bytes of the largest system message
pub const LWS_SMD_MAX_PAYLOAD: usize = 384;
/// message class: a user does something
pub const LWSSMDCL_INTERACTION: lws_smd_class_t = 1 << 0;
/// message class: the system state changes
pub const LWSSMDCL_SYSTEM_STATE: lws_smd_class_t = 1 << 1;
/// message class: something about the network
pub const LWSSMDCL_NETWORK: lws_smd_class_t = 1 << 2;
/// message class: metrics; nothing here sends one
pub const LWSSMDCL_METRICS: lws_smd_class_t = 1 << 3;
/// the first bit of classes that are the program's
pub const LWSSMDCL_USER_BASE_BITNUM: c_int = 24;

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
    assert!(size_of::<lws_system_ops>() == 64);
    assert!(offset_of!(lws_system_ops, set_clock) == 8);
    assert!(offset_of!(lws_system_ops, attach) == 16);
    assert!(offset_of!(lws_system_ops, captive_portal_detect_request) == 24);
    assert!(offset_of!(lws_system_ops, metric_report) == 32);
    assert!(offset_of!(lws_system_ops, jit_trust_query) == 40);
    assert!(offset_of!(lws_system_ops, wake_latency_us) == 48);
    assert!(offset_of!(lws_system_ops, stdin_rx) == 56);
};
