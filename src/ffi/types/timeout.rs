//! The only place for what schedules: timers, timeouts' reasons, retry and idle policy.

use super::{lws_dll2, lws_usec_t};
use core::ffi::c_int;

/// What a timer calls when it is due, once.
///
/// cbindgen:ignore
pub type sul_cb_t = Option<unsafe extern "C-unwind" fn(sul: *mut lws_sorted_usec_list)>;

/// One timer; lives in the program's memory. All zero: not scheduled.
#[repr(C)]
#[derive(Debug)]
pub struct lws_sorted_usec_list {
    /// `list.owner` is not NULL while it is scheduled; the rest is the library's
    pub list: lws_dll2,
    /// when it is due, on the clock of lws_now_usecs()
    pub us: lws_usec_t,
    /// what is called then
    pub cb: sul_cb_t,
    /// how late it may be, in microseconds
    pub latency_us: u32,
}

/// How often to try again, and when a connection counts as idle or dead.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_retry_bo {
    /// milliseconds to wait before each attempt; the last is for all that follow
    pub retry_ms_table: *const u32,
    /// how many there are
    pub retry_ms_table_count: u16,
    /// how many attempts before the failure is told, or LWS_RETRY_CONCEAL_ALWAYS
    pub conceal_count: u16,
    /// seconds without proof of life before a PING is sent; 0: none
    pub secs_since_valid_ping: u16,
    /// seconds without proof of life before the connection is closed; 0: never
    pub secs_since_valid_hangup: u16,
    /// up to how much is added to the wait by chance, in per cent; 0: 30
    pub jitter_percent: u8,
}

/// As `conceal_count`: failures are never told.
pub const LWS_RETRY_CONCEAL_ALWAYS: u16 = 0xffff;

/// Why a request has a deadline.
///
/// cbindgen:ignore
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct pending_timeout(pub c_int);

impl pending_timeout {
    /// no deadline: lws_set_timeout() with it cancels
    pub const NO_PENDING_TIMEOUT: Self = Self(0);
    /// the proxy is to answer
    pub const AWAITING_PROXY_RESPONSE: Self = Self(1);
    /// the connection is to be made
    pub const AWAITING_CONNECT_RESPONSE: Self = Self(2);
    /// the server is to accept the upgrade
    pub const ESTABLISH_WITH_SERVER: Self = Self(3);
    /// the server is to answer
    pub const AWAITING_SERVER_RESPONSE: Self = Self(4);
    /// the peer is to answer a close
    pub const CLOSE_ACK: Self = Self(6);
    /// the request was sent
    pub const SENT_CLIENT_HANDSHAKE: Self = Self(8);
    /// the body is to go on
    pub const HTTP_CONTENT: Self = Self(10);
    /// nobody uses the connection
    pub const HTTP_KEEPALIVE_IDLE: Self = Self(15);
    /// the request body is to be written
    pub const CLIENT_ISSUE_PAYLOAD: Self = Self(18);
    /// the close frame is to leave
    pub const CLOSE_SEND: Self = Self(24);
    /// nobody uses the connection, as a client
    pub const CLIENT_CONN_IDLE: Self = Self(27);
    /// the program's: it is content with whatever the deadline does
    pub const USER_OK: Self = Self(32);
    /// from here on numbers are the program's
    pub const USER_REASON_BASE: Self = Self(1000);
}

/// In place of seconds: end the request when the loop runs next.
///
/// cbindgen:ignore
pub const LWS_TO_KILL_ASYNC: c_int = -1;
/// In place of seconds: end the request before the call returns.
///
/// cbindgen:ignore
pub const LWS_TO_KILL_SYNC: c_int = -2;
/// In place of microseconds: no timer, or unscheduled.
///
/// cbindgen:ignore
pub const LWS_SET_TIMER_USEC_CANCEL: lws_usec_t = -1;

#[cfg(target_pointer_width = "64")]
const _: () = {
    use core::mem::{offset_of, size_of};
    assert!(size_of::<lws_sorted_usec_list>() == 48);
    assert!(offset_of!(lws_sorted_usec_list, us) == 24);
    assert!(offset_of!(lws_sorted_usec_list, cb) == 32);
    assert!(offset_of!(lws_sorted_usec_list, latency_us) == 40);
    assert!(size_of::<lws_retry_bo>() == 24);
    assert!(offset_of!(lws_retry_bo, retry_ms_table_count) == 8);
    assert!(offset_of!(lws_retry_bo, conceal_count) == 10);
    assert!(offset_of!(lws_retry_bo, secs_since_valid_ping) == 12);
    assert!(offset_of!(lws_retry_bo, secs_since_valid_hangup) == 14);
    assert!(offset_of!(lws_retry_bo, jitter_percent) == 16);
};
