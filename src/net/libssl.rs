//! The only place that declares what openssl-sys lacks, or declares as never unwinding.

use std::ffi::{c_char, c_int, c_ulong, c_void};

use openssl_sys::{SSL, X509, X509_NAME, X509_STORE_CTX};

/// The program's verification callback runs inside the handshake, and a C++ exception may leave it.
pub(super) type VerifyCallback = unsafe extern "C-unwind" fn(c_int, *mut X509_STORE_CTX) -> c_int;

unsafe extern "C-unwind" {
    pub(super) fn SSL_do_handshake(ssl: *mut SSL) -> c_int;
    pub(super) fn SSL_read(ssl: *mut SSL, buf: *mut c_void, len: c_int) -> c_int;
    pub(super) fn SSL_write(ssl: *mut SSL, buf: *const c_void, len: c_int) -> c_int;
    pub(super) fn SSL_shutdown(ssl: *mut SSL) -> c_int;
}

unsafe extern "C" {
    pub(super) fn SSL_has_pending(ssl: *const SSL) -> c_int;
    pub(super) fn SSL_set_fd(ssl: *mut SSL, fd: c_int) -> c_int;
    pub(super) fn SSL_set_verify(ssl: *mut SSL, mode: c_int, callback: Option<VerifyCallback>);
    pub(super) fn SSL_set_default_read_buffer_len(ssl: *mut SSL, len: usize);
    pub(super) fn SSL_set_read_ahead(ssl: *mut SSL, yes: c_int);
    pub(super) fn SSL_certs_clear(ssl: *mut SSL);
    pub(super) fn SSL_set_options(ssl: *mut SSL, options: u64) -> u64;
    pub(super) fn ERR_peek_error() -> c_ulong;
    pub(super) fn X509_NAME_oneline(
        name: *const X509_NAME,
        buf: *mut c_char,
        size: c_int,
    ) -> *mut c_char;
    pub(super) fn X509_check_ca(cert: *mut X509) -> c_int;
    pub(super) fn X509_get_X509_PUBKEY(cert: *const X509) -> *mut c_void;
    pub(super) fn i2d_X509_PUBKEY(key: *const c_void, out: *mut *mut u8) -> c_int;
    pub(super) fn OPENSSL_cleanse(bytes: *mut c_void, len: usize);
}

/// ssl.h's number; from 1.1.0h on.
pub(super) const SSL_OP_NO_RENEGOTIATION: u64 = 1 << 30;
