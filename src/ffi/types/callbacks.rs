//! The only place for why a program is called, and what is called.

use super::lws;
use core::ffi::{c_int, c_void};

/// Why the callback is called.
///
/// cbindgen:ignore
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct lws_callback_reasons(pub c_int);

/// A protocol's callback; what its return means depends on the reason, 0 is always "go on".
///
/// cbindgen:ignore
pub type lws_callback_function = Option<
    unsafe extern "C-unwind" fn(
        wsi: *mut lws,
        reason: lws_callback_reasons,
        user: *mut c_void,
        in_: *mut c_void,
        len: usize,
    ) -> c_int,
>;

/// What LWS_CALLBACK_SSL_INFO points `in` at: the arguments of OpenSSL's info callback.
///
/// cbindgen:field-names=[where, ret]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_ssl_info {
    /// SSL_CB_ bits
    pub where_: c_int,
    /// its result
    pub ret: c_int,
}

/// Those that a client library names; C has the whole list.
impl lws_callback_reasons {
    pub const ESTABLISHED: Self = Self(0);
    pub const CLIENT_CONNECTION_ERROR: Self = Self(1);
    pub const CLIENT_FILTER_PRE_ESTABLISH: Self = Self(2);
    pub const CLIENT_ESTABLISHED: Self = Self(3);
    pub const CLOSED: Self = Self(4);
    pub const CLOSED_HTTP: Self = Self(5);
    pub const RECEIVE: Self = Self(6);
    pub const RECEIVE_PONG: Self = Self(7);
    pub const CLIENT_RECEIVE: Self = Self(8);
    pub const CLIENT_RECEIVE_PONG: Self = Self(9);
    pub const CLIENT_WRITEABLE: Self = Self(10);
    pub const SERVER_WRITEABLE: Self = Self(11);
    pub const HTTP: Self = Self(12);
    pub const HTTP_BODY: Self = Self(13);
    pub const HTTP_BODY_COMPLETION: Self = Self(14);
    pub const HTTP_FILE_COMPLETION: Self = Self(15);
    pub const HTTP_WRITEABLE: Self = Self(16);
    pub const FILTER_NETWORK_CONNECTION: Self = Self(17);
    pub const FILTER_HTTP_CONNECTION: Self = Self(18);
    pub const SERVER_NEW_CLIENT_INSTANTIATED: Self = Self(19);
    pub const FILTER_PROTOCOL_CONNECTION: Self = Self(20);
    pub const OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS: Self = Self(21);
    pub const OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS: Self = Self(22);
    pub const OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION: Self = Self(23);
    pub const CLIENT_APPEND_HANDSHAKE_HEADER: Self = Self(24);
    pub const CONFIRM_EXTENSION_OKAY: Self = Self(25);
    pub const CLIENT_CONFIRM_EXTENSION_SUPPORTED: Self = Self(26);
    pub const PROTOCOL_INIT: Self = Self(27);
    pub const PROTOCOL_DESTROY: Self = Self(28);
    pub const WSI_CREATE: Self = Self(29);
    pub const WSI_DESTROY: Self = Self(30);
    pub const GET_THREAD_ID: Self = Self(31);
    pub const ADD_POLL_FD: Self = Self(32);
    pub const DEL_POLL_FD: Self = Self(33);
    pub const CHANGE_MODE_POLL_FD: Self = Self(34);
    pub const LOCK_POLL: Self = Self(35);
    pub const UNLOCK_POLL: Self = Self(36);
    pub const OPENSSL_CONTEXT_REQUIRES_PRIVATE_KEY: Self = Self(37);
    pub const WS_PEER_INITIATED_CLOSE: Self = Self(38);
    pub const WS_EXT_DEFAULTS: Self = Self(39);
    pub const ESTABLISHED_CLIENT_HTTP: Self = Self(44);
    pub const CLOSED_CLIENT_HTTP: Self = Self(45);
    pub const RECEIVE_CLIENT_HTTP: Self = Self(46);
    pub const COMPLETED_CLIENT_HTTP: Self = Self(47);
    pub const RECEIVE_CLIENT_HTTP_READ: Self = Self(48);
    pub const HTTP_BIND_PROTOCOL: Self = Self(49);
    pub const HTTP_DROP_PROTOCOL: Self = Self(50);
    pub const CHECK_ACCESS_RIGHTS: Self = Self(51);
    pub const ADD_HEADERS: Self = Self(53);
    pub const CLIENT_HTTP_WRITEABLE: Self = Self(57);
    pub const OPENSSL_PERFORM_SERVER_CERT_VERIFICATION: Self = Self(58);
    pub const RAW_RX: Self = Self(59);
    pub const RAW_CLOSE: Self = Self(60);
    pub const RAW_WRITEABLE: Self = Self(61);
    pub const RAW_ADOPT: Self = Self(62);
    pub const RAW_ADOPT_FILE: Self = Self(63);
    pub const RAW_RX_FILE: Self = Self(64);
    pub const RAW_WRITEABLE_FILE: Self = Self(65);
    pub const RAW_CLOSE_FILE: Self = Self(66);
    pub const SSL_INFO: Self = Self(67);
    pub const CHILD_CLOSING: Self = Self(69);
    pub const EVENT_WAIT_CANCELLED: Self = Self(71);
    pub const VHOST_CERT_AGING: Self = Self(72);
    pub const TIMER: Self = Self(73);
    pub const VHOST_CERT_UPDATE: Self = Self(74);
    pub const CLIENT_CLOSED: Self = Self(75);
    pub const CLIENT_HTTP_DROP_PROTOCOL: Self = Self(76);
    pub const WS_SERVER_BIND_PROTOCOL: Self = Self(77);
    pub const WS_SERVER_DROP_PROTOCOL: Self = Self(78);
    pub const WS_CLIENT_BIND_PROTOCOL: Self = Self(79);
    pub const WS_CLIENT_DROP_PROTOCOL: Self = Self(80);
    pub const RAW_SKT_BIND_PROTOCOL: Self = Self(81);
    pub const RAW_SKT_DROP_PROTOCOL: Self = Self(82);
    pub const RAW_FILE_BIND_PROTOCOL: Self = Self(83);
    pub const RAW_FILE_DROP_PROTOCOL: Self = Self(84);
    pub const CLIENT_HTTP_BIND_PROTOCOL: Self = Self(85);
    pub const HTTP_CONFIRM_UPGRADE: Self = Self(86);
    pub const RAW_CONNECTED: Self = Self(101);
    pub const VERIFY_BASIC_AUTHORIZATION: Self = Self(102);
    pub const WSI_TX_CREDIT_GET: Self = Self(103);
    pub const CLIENT_HTTP_REDIRECT: Self = Self(104);
    pub const CONNECTING: Self = Self(105);
    pub const CLIENT_ESTABLISHED_EARLY: Self = Self(219);
    pub const USER: Self = Self(1000);
}

const _: () = assert!(size_of::<lws_ssl_info>() == 8);
