//! The only place for what certificates and TLS sessions are asked and tell.

use super::lws_context;
use core::ffi::{c_char, c_int, c_uint, c_void};
use libc::time_t;

/// What of a certificate is asked for.
///
/// cbindgen:ignore
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct lws_tls_cert_info(pub c_int);

impl lws_tls_cert_info {
    /// `time`: the first moment of its validity
    pub const VALIDITY_FROM: Self = Self(0);
    /// `time`: the last one
    pub const VALIDITY_TO: Self = Self(1);
    /// `ns`: the subject's common name
    pub const COMMON_NAME: Self = Self(2);
    /// `ns`: all of the issuer's name
    pub const ISSUER_NAME: Self = Self(3);
    /// `usage`: the bits of KeyUsage
    pub const USAGE: Self = Self(4);
    /// `verified`: of a peer alone
    pub const VERIFIED: Self = Self(5);
    /// `ns`: the public key, DER
    pub const OPAQUE_PUBLIC_KEY: Self = Self(6);
    /// `ns`: the certificate, DER
    pub const DER_RAW: Self = Self(7);
    /// `ns`: the id of the issuer's key
    pub const AUTHORITY_KEY_ID: Self = Self(8);
    /// `ns`: the name of the issuer's issuer
    pub const AUTHORITY_KEY_ID_ISSUER: Self = Self(9);
    /// `ns`: the serial number of the issuer's certificate, most significant byte first
    pub const AUTHORITY_KEY_ID_SERIAL: Self = Self(10);
    /// `ns`: the id of its own key
    pub const SUBJECT_KEY_ID: Self = Self(11);
    /// `ns`: the SubjectPublicKeyInfo, DER. libwebsockets 5.0 gives it 8, which is AUTHORITY_KEY_ID in 4.3.5, and moves those behind it up
    /// to 12; so this is a number that neither has.
    pub const DER_SPKI: Self = Self(13);
}

/// Bytes with a length. Those who ask may own a larger `name` than this, and say how large.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_tls_cert_info_ns {
    /// how many bytes, without the NUL of a text
    pub len: c_int,
    /// the bytes
    pub name: [c_char; 64],
}

/// What a certificate answered; which member depends on what was asked.
#[repr(C)]
#[derive(Clone, Copy)]
pub union lws_tls_cert_info_results {
    /// 1: the peer's certificate is good, or the program said so
    pub verified: c_uint,
    /// seconds since 1970
    pub time: time_t,
    /// bits of KeyUsage, as X509_get_key_usage() of OpenSSL
    pub usage: c_uint,
    /// anything else
    pub ns: lws_tls_cert_info_ns,
}

/// What lws_x509_create_cert() is to make. Zeroed, it asks for a certificate of clients that signs itself, of a 2,048-bit RSA key, good
/// for a year; `san` has to be set. The members are those of libwebsockets 5.0; their order is inferred: name them.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_x509_cert_gen_info {
    /// the common name, UTF-8, at most 64 characters; of a server also the subjectAltName: its host name or address
    pub san: *const c_char,
    /// of an RSA key: 1024 to 8192, 0 for 2048; not looked at where curve_name is set
    pub key_bits: c_int,
    /// NULL: an RSA key. "P-256", "P-384", "P-521", or a name that OpenSSL has for a curve of 224 bits or more: an EC key
    pub curve_name: *const c_char,
    /// NULL, it signs itself; or PEM, the certificate of the CA that does
    pub ca_cert_pem: *const c_char,
    /// PEM, the key of ca_cert_pem, without a password; NULL where that is NULL
    pub ca_key_pem: *const c_char,
    /// 1: a CA, which signs others; is_server is not looked at
    pub is_ca: c_int,
    /// 1: for servers, and clients too; 0: for clients alone
    pub is_server: c_int,
    /// how many days from now it is good for, at most 36600; 0 for 365
    pub validity_days: c_int,
}

/// Bytes of `lws_tls_session_dump.tag`.
pub const LWS_SESSION_TAG_LEN: usize = 96;

/// A TLS session as bytes, on its way to or from where the program keeps it. Whoever has them can read what is said in the
/// session: keep them as a key is kept.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_tls_session_dump {
    /// which session: `vhost_host_port`, as a file name may be
    pub tag: [c_char; LWS_SESSION_TAG_LEN],
    /// the bytes; of malloc(), and the library's from then on, when the program hands them in
    pub blob: *mut c_void,
    /// what the program gave
    pub opaque: *mut c_void,
    /// how many bytes
    pub blob_len: usize,
}

/// Keeps a session's bytes, or brings them: 0 when it did.
///
/// cbindgen:ignore
pub type lws_tls_sess_cb_t = Option<
    unsafe extern "C-unwind" fn(cx: *mut lws_context, info: *mut lws_tls_session_dump) -> c_int,
>;

#[cfg(target_pointer_width = "64")]
const _: () = {
    use core::mem::{offset_of, size_of};
    type U = lws_tls_cert_info_results;
    assert!(size_of::<U>() == 72);
    assert!(offset_of!(U, ns) == 0);
    assert!(offset_of!(lws_tls_cert_info_ns, name) == 4);
    type G = lws_x509_cert_gen_info;
    assert!(size_of::<G>() == 56);
    assert!(offset_of!(G, san) == 0);
    assert!(offset_of!(G, key_bits) == 8);
    assert!(offset_of!(G, curve_name) == 16);
    assert!(offset_of!(G, ca_cert_pem) == 24);
    assert!(offset_of!(G, ca_key_pem) == 32);
    assert!(offset_of!(G, is_ca) == 40);
    assert!(offset_of!(G, is_server) == 44);
    assert!(offset_of!(G, validity_days) == 48);
    type D = lws_tls_session_dump;
    assert!(size_of::<D>() == 120);
    assert!(offset_of!(D, tag) == 0);
    assert!(offset_of!(D, blob) == 96);
    assert!(offset_of!(D, opaque) == 104);
    assert!(offset_of!(D, blob_len) == 112);
};
