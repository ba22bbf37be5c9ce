//! The only place for the options of a context or vhost, and the ports that are not ports.
//!
//! C has all names of the options, so that a program that also serves compiles; what a server or an event library would
//! need is not acted upon.

use core::ffi::c_int;

/// a server demands client certificates
pub const LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT: u64 = (1u64 << 1) | (1u64 << 12);
/// do not look up the name of this machine
pub const LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME: u64 = 1u64 << 2;
/// a server takes plain connections on its TLS port
pub const LWS_SERVER_OPTION_ALLOW_NON_SSL_ON_SSL_PORT: u64 = (1u64 << 3) | (1u64 << 12);
/// event library
pub const LWS_SERVER_OPTION_LIBEV: u64 = 1u64 << 4;
/// no IPv6
pub const LWS_SERVER_OPTION_DISABLE_IPV6: u64 = 1u64 << 5;
/// do not trust the system's authorities
pub const LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS: u64 = 1u64 << 6;
/// a server takes clients without certificate
pub const LWS_SERVER_OPTION_PEER_CERT_NOT_REQUIRED: u64 = 1u64 << 7;
/// ws: text must be UTF-8
pub const LWS_SERVER_OPTION_VALIDATE_UTF8: u64 = 1u64 << 8;
/// a server uses ECDH
pub const LWS_SERVER_OPTION_SSL_ECDH: u64 = (1u64 << 9) | (1u64 << 12);
/// event library
pub const LWS_SERVER_OPTION_LIBUV: u64 = 1u64 << 10;
/// a server redirects plain requests
pub const LWS_SERVER_OPTION_REDIRECT_HTTP_TO_HTTPS: u64 = (1u64 << 11) | (1u64 << 12);
/// set TLS up in this process
pub const LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT: u64 = 1u64 << 12;
/// the context makes no vhost of its own
pub const LWS_SERVER_OPTION_EXPLICIT_VHOSTS: u64 = 1u64 << 13;
/// a server listens on a unix socket
pub const LWS_SERVER_OPTION_UNIX_SOCK: u64 = 1u64 << 14;
/// a server sends Strict-Transport-Security
pub const LWS_SERVER_OPTION_STS: u64 = 1u64 << 15;
/// set IPV6_V6ONLY as the next one says
pub const LWS_SERVER_OPTION_IPV6_V6ONLY_MODIFY: u64 = 1u64 << 16;
/// the value
pub const LWS_SERVER_OPTION_IPV6_V6ONLY_VALUE: u64 = 1u64 << 17;
/// event library: leave these signals alone
pub const LWS_SERVER_OPTION_UV_NO_SIGSEGV_SIGFPE_SPIN: u64 = 1u64 << 18;
/// Origin is sent as given
pub const LWS_SERVER_OPTION_JUST_USE_RAW_ORIGIN: u64 = 1u64 << 19;
/// older name of the next one
pub const LWS_SERVER_OPTION_FALLBACK_TO_RAW: u64 = 1u64 << 20;
/// a server falls back to another role
pub const LWS_SERVER_OPTION_FALLBACK_TO_APPLY_LISTEN_ACCEPT_CONFIG: u64 = 1u64 << 20;
/// event library
pub const LWS_SERVER_OPTION_LIBEVENT: u64 = 1u64 << 21;
/// older name of the next one
pub const LWS_SERVER_OPTION_ONLY_RAW: u64 = 1u64 << 22;
/// a server takes each connection in another role
pub const LWS_SERVER_OPTION_ADOPT_APPLY_LISTEN_ACCEPT_CONFIG: u64 = 1u64 << 22;
/// a server shares its port
pub const LWS_SERVER_OPTION_ALLOW_LISTEN_SHARE: u64 = 1u64 << 23;
/// a vhost has its own SSL_CTX though it has no certificate
pub const LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX: u64 = 1u64 << 24;
/// no LWS_CALLBACK_PROTOCOL_INIT on this vhost
pub const LWS_SERVER_OPTION_SKIP_PROTOCOL_INIT: u64 = 1u64 << 25;
/// a server starts without certificate
pub const LWS_SERVER_OPTION_IGNORE_MISSING_CERT: u64 = 1u64 << 26;
/// a server checks Host of upgrades
pub const LWS_SERVER_OPTION_VHOST_UPG_STRICT_HOST_CHECK: u64 = 1u64 << 27;
/// a server adds security headers
pub const LWS_SERVER_OPTION_HTTP_HEADERS_SECURITY_BEST_PRACTICES_ENFORCE: u64 = 1u64 << 28;
/// a server serves plain requests on its TLS port
pub const LWS_SERVER_OPTION_ALLOW_HTTP_ON_HTTPS_LISTENER: u64 = 1u64 << 29;
/// a server fails when it cannot listen
pub const LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND: u64 = 1u64 << 30;
/// h2: a window that overflows is cut, not refused
pub const LWS_SERVER_OPTION_H2_JUST_FIX_WINDOW_UPDATE_OVERFLOW: u64 = 1u64 << 31;
/// h2: half-closed streams may be long polls
pub const LWS_SERVER_OPTION_VH_H2_HALF_CLOSED_LONG_POLL: u64 = 1u64 << 32;
/// event library
pub const LWS_SERVER_OPTION_GLIB: u64 = 1u64 << 33;
/// h2 at once, without TLS or upgrade
pub const LWS_SERVER_OPTION_H2_PRIOR_KNOWLEDGE: u64 = 1u64 << 34;
/// the context goes through no system states
pub const LWS_SERVER_OPTION_NO_LWS_SYSTEM_STATES: u64 = 1u64 << 35;
/// secure streams; not used
pub const LWS_SERVER_OPTION_SS_PROXY: u64 = 1u64 << 36;
/// event library
pub const LWS_SERVER_OPTION_SDEVENT: u64 = 1u64 << 37;
/// event library
pub const LWS_SERVER_OPTION_ULOOP: u64 = 1u64 << 38;
/// TLS sessions are neither kept nor resumed
pub const LWS_SERVER_OPTION_DISABLE_TLS_SESSION_CACHE: u64 = 1u64 << 39;

/// `port`: do not listen
///
/// cbindgen:ignore
pub const CONTEXT_PORT_NO_LISTEN: c_int = -1;
/// `port`: do not listen, though this is a server's vhost
///
/// cbindgen:ignore
pub const CONTEXT_PORT_NO_LISTEN_SERVER: c_int = -2;
