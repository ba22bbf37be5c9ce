//! The only place for what a program fills in to make a request.

use super::{lws, lws_context, lws_log_cx, lws_retry_bo, lws_sequencer, lws_vhost};
use core::ffi::{c_char, c_int, c_void};

/// One request, for lws_client_connect_via_info(). All zero but `context` and `address` is valid.
/// All that it points at need only live during that call, unless the member says otherwise.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_client_connect_info {
    /// the context, needed
    pub context: *mut lws_context,
    /// name or address to connect to, needed; `+path` and `+@name` are unix sockets
    pub address: *const c_char,
    /// TCP port
    pub port: c_int,
    /// LCCSCF_ flags: TLS, trust, pipelining
    pub ssl_connection: c_int,
    /// path and query
    pub path: *const c_char,
    /// Host header, and the name that the certificate must have; NULL: no Host header, and `address` for the certificate
    pub host: *const c_char,
    /// Origin header, or NULL
    pub origin: *const c_char,
    /// ws subprotocols to ask for, comma-separated, or NULL; also the name of the protocol to call, see `local_protocol_name`
    pub protocol: *const c_char,
    /// 0 or -1
    pub ietf_version_or_minus_one: c_int,
    /// the callback's `user`; NULL: the library allocates per_session_data_size
    pub userdata: *mut c_void,
    /// not used
    pub client_exts: *const c_void,
    /// an HTTP method; NULL: a WebSocket; "RAW": the bytes of the socket as they are
    pub method: *const c_char,
    /// a request that this one belongs to, or NULL: when that ends this one ends before it, and whenever this one ends the other's
    /// protocol gets LWS_CALLBACK_CHILD_CLOSING
    pub parent_wsi: *mut lws,
    /// what to replace in received html, or NULL
    pub uri_replace_from: *const c_char,
    /// with what
    pub uri_replace_to: *const c_char,
    /// the vhost, or NULL: the context's first
    pub vhost: *mut lws_vhost,
    /// where to put the handle before the first callback, or NULL
    pub pwsi: *mut *mut lws,
    /// interface or local address to connect from, or NULL
    pub iface: *const c_char,
    /// name of the protocol whose callback is called, or NULL: by `protocol`, else the first
    pub local_protocol_name: *const c_char,
    /// ALPN list, comma-separated, the preferred one first: "h2", "http/1.1"; NULL: the vhost's, and without one HTTP/1.1. A ws is over
    /// HTTP/1.1 unless it says h2 itself
    pub alpn: *const c_char,
    /// a sequencer that is told, or NULL
    pub seq: *mut lws_sequencer,
    /// lws_get_opaque_user_data() answers it from the first callback on
    pub opaque_user_data: *mut c_void,
    /// when to try again, and when the connection counts as idle; must outlive the request; NULL: the default waits, and idle
    /// times of the vhost
    pub retry_and_idle_policy: *const lws_retry_bo,
    /// with LCCSCF_H2_MANUAL_RXFLOW: the first window
    pub manual_initial_tx_credit: c_int,
    /// 1..16: the client certificate in the blob LWS_SYSBLOB_TYPE_CLIENT_CERT_DER, with the key in LWS_SYSBLOB_TYPE_CLIENT_KEY_DER,
    /// each this minus 1 further, DER or PEM, as they are when the TLS handshake begins; requests that name the same share
    /// connections, and no TLS session is kept; 0: the vhost's
    pub sys_tls_client_cert: u8,
    /// socket priority 0..6; above that it is 6
    pub priority: u8,
    /// MQTT settings; not used
    pub mqtt_cp: *const c_void,
    /// a name for fault injection; not used
    pub fi_wsi_name: *const c_char,
    /// seconds that an idle connection is kept for others; 0: 5
    pub keep_warm_secs: u16,
    /// where this request's log lines go, or NULL
    pub log_cx: *mut lws_log_cx,
    /// user for HTTP authentication, or NULL; it may be empty if the password is not. A 401 that offers Digest (MD5, SHA-256, SHA-512-256;
    /// RFC 7616) or Basic (RFC 7617) is then answered and not told: the request begins again on the same wsi, with APPEND. A second 401
    /// is a response like any other, and so is one to an Authorization line that APPEND wrote. Nothing is sent before a server asks, and
    /// nothing to where a redirect leads unless that is the same scheme, address, host and port. Control characters are an error
    pub auth_username: *const c_char,
    /// its password; NULL: empty
    pub auth_password: *const c_char,
    /// local TCP port to connect from; 0: any
    pub local_port: c_int,
    /// ws: pass frames with reserved bits
    pub allow_reserved_bits: u8,
    /// ws: pass frames with unknown opcodes
    pub allow_unknown_opcode: u8,
    /// not used
    pub disable_h3_fallback: u8,
    /// zero
    pub _unused: [*mut c_void; 1],
}

/// `ssl_connection`: TLS
pub const LCCSCF_USE_SSL: c_int = 1 << 0;
/// accept a certificate that no known authority signed
pub const LCCSCF_ALLOW_SELFSIGNED: c_int = 1 << 1;
/// accept a certificate for another name
pub const LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK: c_int = 1 << 2;
/// accept a certificate that is not valid now
pub const LCCSCF_ALLOW_EXPIRED: c_int = 1 << 3;
/// accept any certificate
pub const LCCSCF_ALLOW_INSECURE: c_int = 1 << 4;
/// h2: nothing to be said: a request without a body always ends its stream with its head
pub const LCCSCF_H2_QUIRK_NGHTTP2_END_STREAM: c_int = 1 << 5;
/// h2: a window that the peer widens beyond 2^31-1 is cut to that, instead of ending the connection (RFC 9113 section 6.9.1)
pub const LCCSCF_H2_QUIRK_OVERFLOWS_TXCR: c_int = 1 << 6;
/// h2: the bearer token is a header
pub const LCCSCF_H2_AUTH_BEARER: c_int = 1 << 7;
/// h2: the token is sent in hex
pub const LCCSCF_H2_HEXIFY_AUTH_TOKEN: c_int = 1 << 8;
/// h2: the response may send manual_initial_tx_credit bytes, and then what lws_wsi_tx_credit() gives
pub const LCCSCF_H2_MANUAL_RXFLOW: c_int = 1 << 9;
/// the body is multipart/form-data: see lws_client_http_multipart()
pub const LCCSCF_HTTP_MULTIPART_MIME: c_int = 1 << 10;
/// the body is application/x-www-form-urlencoded: the Content-Type says so unless APPEND writes one. A request with a body says
/// lws_client_http_body_pending() or lws_callback_on_writable() in APPEND, and its Content-Length, or the body goes in chunks on h1
pub const LCCSCF_HTTP_X_WWW_FORM_URLENCODED: c_int = 1 << 11;
/// 301, 302, 303, 307 and 308 are answers like any other; without it they are followed: see LWS_CALLBACK_CLIENT_HTTP_REDIRECT
pub const LCCSCF_HTTP_NO_FOLLOW_REDIRECT: c_int = 1 << 12;
/// no Pragma and Cache-Control in the request
pub const LCCSCF_HTTP_NO_CACHE_CONTROL: c_int = 1 << 13;
/// the local address may be in use: with local_port that is always so, as its last connection may be in TIME_WAIT
pub const LCCSCF_ALLOW_REUSE_ADDR: c_int = 1 << 14;
/// prefer a public IPv6 source address
pub const LCCSCF_IPV6_PREFER_PUBLIC_ADDR: c_int = 1 << 15;
/// may share a connection, in turn or as a stream
pub const LCCSCF_PIPELINE: c_int = 1 << 16;
/// may be a stream
pub const LCCSCF_MUXABLE_STREAM: c_int = 1 << 17;
/// speak h2 at once, without TLS or upgrade
pub const LCCSCF_H2_PRIOR_KNOWLEDGE: c_int = 1 << 18;
/// a validity check may wake the system; timers of this library do not keep it from waking
pub const LCCSCF_WAKE_SUSPEND__VALIDITY: c_int = 1 << 19;
/// serve its reads first; whatever is readable is served in turn here, and none waits for another's writes
pub const LCCSCF_PRIORITIZE_READS: c_int = 1 << 20;
/// secure streams; not used
pub const LCCSCF_SECSTREAM_CLIENT: c_int = 1 << 21;
/// secure streams; not used
pub const LCCSCF_SECSTREAM_PROXY_LINK: c_int = 1 << 22;
/// secure streams; not used
pub const LCCSCF_SECSTREAM_PROXY_ONWARD: c_int = 1 << 23;
/// IP: low latency
pub const LCCSCF_IP_LOW_LATENCY: c_int = 1 << 24;
/// IP: high throughput
pub const LCCSCF_IP_HIGH_THROUGHPUT: c_int = 1 << 25;
/// IP: high reliability
pub const LCCSCF_IP_HIGH_RELIABILITY: c_int = 1 << 26;
/// IP: low cost; its bit is ECN's today (RFC 3168), and Linux leaves it out on TCP
pub const LCCSCF_IP_LOW_COST: c_int = 1 << 27;
/// keep the addresses of the name for lws_conmon_wsi_take(); how long the steps take is measured without it too
pub const LCCSCF_CONMON: c_int = 1 << 28;
/// follow redirects from https to http; without it they fail
pub const LCCSCF_ACCEPT_TLS_DOWNGRADE_REDIRECTS: c_int = 1 << 29;
/// keep the cookies of the responses, whatever their status, and send those that are for where it goes: RFC 6265bis. All requests of a
/// context with this flag share them. A domain of one label (`com`) is refused, and no list says which longer ones are registries'.
/// A Cookie line that APPEND wrote is kept, and theirs follow in it; of the same name its own counts
pub const LCCSCF_CACHE_COOKIES: c_int = 1 << 30;
/// TLS early data
///
/// cbindgen:ignore
pub const LCCSCF_ALLOW_EARLY_DATA: c_int = 1 << 31;

#[cfg(target_pointer_width = "64")]
const _: () = {
    use core::mem::{offset_of, size_of};
    type C = lws_client_connect_info;
    assert!(size_of::<C>() == 248);
    assert!(offset_of!(C, address) == 8);
    assert!(offset_of!(C, port) == 16);
    assert!(offset_of!(C, ssl_connection) == 20);
    assert!(offset_of!(C, path) == 24);
    assert!(offset_of!(C, host) == 32);
    assert!(offset_of!(C, origin) == 40);
    assert!(offset_of!(C, protocol) == 48);
    assert!(offset_of!(C, ietf_version_or_minus_one) == 56);
    assert!(offset_of!(C, userdata) == 64);
    assert!(offset_of!(C, client_exts) == 72);
    assert!(offset_of!(C, method) == 80);
    assert!(offset_of!(C, parent_wsi) == 88);
    assert!(offset_of!(C, uri_replace_from) == 96);
    assert!(offset_of!(C, uri_replace_to) == 104);
    assert!(offset_of!(C, vhost) == 112);
    assert!(offset_of!(C, pwsi) == 120);
    assert!(offset_of!(C, iface) == 128);
    assert!(offset_of!(C, local_protocol_name) == 136);
    assert!(offset_of!(C, alpn) == 144);
    assert!(offset_of!(C, seq) == 152);
    assert!(offset_of!(C, opaque_user_data) == 160);
    assert!(offset_of!(C, retry_and_idle_policy) == 168);
    assert!(offset_of!(C, manual_initial_tx_credit) == 176);
    assert!(offset_of!(C, sys_tls_client_cert) == 180);
    assert!(offset_of!(C, priority) == 181);
    assert!(offset_of!(C, mqtt_cp) == 184);
    assert!(offset_of!(C, fi_wsi_name) == 192);
    assert!(offset_of!(C, keep_warm_secs) == 200);
    assert!(offset_of!(C, log_cx) == 208);
    // From here on what was reserved space: programs built against an older header have zeros there.
    assert!(offset_of!(C, auth_username) == 216);
    assert!(offset_of!(C, auth_password) == 224);
    assert!(offset_of!(C, local_port) == 232);
    assert!(offset_of!(C, allow_reserved_bits) == 236);
    assert!(offset_of!(C, allow_unknown_opcode) == 237);
    assert!(offset_of!(C, disable_h3_fallback) == 238);
    assert!(offset_of!(C, _unused) == 240);
};
