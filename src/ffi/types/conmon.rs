//! The only place for what a program is told of how long a request took.

use super::lws_sockaddr46;
use core::ffi::c_int;
use libc::addrinfo;

/// Microseconds, up to 71 minutes.
///
/// cbindgen:ignore
pub type lws_conmon_interval_us_t = u32;

/// Which member of `protocol_specific` holds.
///
/// cbindgen:ignore
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct lws_conmon_pcol(pub c_int);

impl lws_conmon_pcol {
    pub const NONE: Self = Self(0);
    pub const HTTP: Self = Self(1);
}

/// What became of the lookup of the name.
///
/// cbindgen:ignore
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct lws_conmon_dns_disposition(pub c_int);

impl lws_conmon_dns_disposition {
    pub const NONE: Self = Self(0);
    pub const OK: Self = Self(1);
    pub const SERVER_UNREACHABLE: Self = Self(2);
    pub const NO_RESULT: Self = Self(3);
}

/// What is known of an http response.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_conmon_http {
    /// its status
    pub response: c_int,
}

/// What depends on the protocol.
#[repr(C)]
#[derive(Clone, Copy)]
pub union lws_conmon_protocol_specific {
    /// with LWSCONMON_PCOL_HTTP
    pub http: lws_conmon_http,
}

/// How long the steps of a request took, for lws_conmon_wsi_take(). Intervals are in microseconds, and 0 for what was not done for this
/// request: one that rides a connection which was there looked up, connected and secured nothing.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_conmon {
    /// whom it reached: `sa4.sin_family` is 0 when nobody, or on a unix socket
    pub peer46: lws_sockaddr46,
    /// as `pcol` says
    pub protocol_specific: lws_conmon_protocol_specific,
    /// with LCCSCF_CONMON, what the lookup of the name found, in the order tried; NULL without one. lws_conmon_release() frees it
    pub dns_results_copy: *mut addrinfo,
    /// the lookup of the name
    pub ciu_dns: lws_conmon_interval_us_t,
    /// from connect() of the address that was reached until it was
    pub ciu_sockconn: lws_conmon_interval_us_t,
    /// the TLS handshake
    pub ciu_tls: lws_conmon_interval_us_t,
    /// from the request to its response's head
    pub ciu_txn_resp: lws_conmon_interval_us_t,
    /// LWSCONMON_PCOL_HTTP once there is a response
    pub pcol: lws_conmon_pcol,
    /// what became of the lookup
    pub dns_disposition: lws_conmon_dns_disposition,
}

#[cfg(target_pointer_width = "64")]
const _: () = {
    use core::mem::{offset_of, size_of};
    type M = lws_conmon;
    assert!(size_of::<M>() == 64);
    assert!(offset_of!(M, peer46) == 0);
    assert!(offset_of!(M, protocol_specific) == 28);
    assert!(offset_of!(M, dns_results_copy) == 32);
    assert!(offset_of!(M, ciu_dns) == 40);
    assert!(offset_of!(M, ciu_sockconn) == 44);
    assert!(offset_of!(M, ciu_tls) == 48);
    assert!(offset_of!(M, ciu_txn_resp) == 52);
    assert!(offset_of!(M, pcol) == 56);
    assert!(offset_of!(M, dns_disposition) == 60);
};
