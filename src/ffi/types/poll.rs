//! The only place for what the poll callbacks are told.

use super::lws_sockfd_type;
use core::ffi::c_int;

/// What LWS_CALLBACK_ADD_POLL_FD, _DEL_POLL_FD and _CHANGE_MODE_POLL_FD point `in` at.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_pollargs {
    /// the socket
    pub fd: lws_sockfd_type,
    /// POLLIN and POLLOUT as wanted from now on
    pub events: c_int,
    /// what was wanted before
    pub prev_events: c_int,
}

const _: () = {
    use core::mem::{offset_of, size_of};
    assert!(size_of::<lws_pollargs>() == 12);
    assert!(offset_of!(lws_pollargs, events) == 4);
    assert!(offset_of!(lws_pollargs, prev_events) == 8);
};
