//! The only place for what a program fills in to make a context or a vhost.

use super::{
    lws_context, lws_extension, lws_http_mount, lws_log_cx, lws_plat_file_ops, lws_plugin_evlib,
    lws_protocol_vhost_options, lws_protocols, lws_retry_bo, lws_smd_class_t,
    lws_smd_notification_cb_t, lws_state_notify_link, lws_system_ops, lws_token_limits, lws_usec_t,
    lws_vhost,
};
use core::ffi::{c_char, c_int, c_long, c_uint, c_ushort, c_void};
use libc::{gid_t, uid_t};
use openssl_sys::SSL_CTX;

/// One context and its first vhost, or one more vhost. All zero but `port` and `protocols` is usual.
/// Strings are copied; protocols, extensions, policies and what `pcontext` points at must outlive the vhost.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_context_creation_info {
    /// interface to listen on; not used by a client
    pub iface: *const c_char,
    /// the protocols, ended by an all-zero one; NULL: those of `pprotocols`
    pub protocols: *const lws_protocols,
    /// the ws extensions on offer, ended by an all-zero one, or NULL
    pub extensions: *const lws_extension,
    /// limits by header, or NULL
    pub token_limits: *const lws_token_limits,
    /// HTTP proxy for all client connections but those to unix sockets, as lws_set_proxy() takes it; "": none; NULL: what the
    /// environment said when the vhost was made, unless `socks_proxy_address` is set. Without TLS that is the first of http_proxy,
    /// all_proxy, ALL_PROXY and socks_proxy that is set and not empty, with TLS the first of https_proxy, HTTPS_PROXY, all_proxy,
    /// ALL_PROXY, http_proxy and socks_proxy. Each is `[scheme://][user:password@]host[:port]` with http, socks5 or socks5h for the scheme,
    /// percent-encoded credentials, and 1080 where there is no port. A proxy that cannot be used is not gone past: the request fails.
    /// no_proxy, or NO_PROXY, lists what is gone to without one of these, separated by commas or blanks: `*` for all; a name for that
    /// host and those below it; an address, or with `/bits` a network. It has no ports and says nothing about proxies of the
    /// program's own
    pub http_proxy_address: *const c_char,
    /// headers that a server adds
    pub headers: *const lws_protocol_vhost_options,
    /// what a server refuses
    pub reject_service_keywords: *const lws_protocol_vhost_options,
    /// options for the protocols, given at LWS_CALLBACK_PROTOCOL_INIT
    pub pvo: *const lws_protocol_vhost_options,
    /// access log of a server
    pub log_filepath: *const c_char,
    /// mounts of a server
    pub mounts: *const lws_http_mount,
    /// Server header of a server
    pub server_string: *const c_char,
    /// what a server shows for 404
    pub error_document_404: *const c_char,
    /// port to listen on; a client says CONTEXT_PORT_NO_LISTEN
    pub port: c_int,
    /// port of the HTTP proxy, when its address names none
    pub http_proxy_port: c_uint,
    /// as `max_http_header_data`, for more than 64 KiB
    pub max_http_header_data2: c_uint,
    /// as `max_http_header_pool`, for more than 65535
    pub max_http_header_pool2: c_uint,
    /// seconds that an idle connection of a server is kept; 0: the default
    pub keepalive_timeout: c_int,
    /// h2 SETTINGS of client connections, by H2SET_ number (RFC 9113 section 6.5.2); they count when [0] is nonzero, and those
    /// that are 0 keep their default. HEADER_TABLE_SIZE (4096), INITIAL_WINDOW_SIZE (1 MiB, growing to 16 MiB; a value set
    /// here does not grow) and MAX_HEADER_LIST_SIZE (64 KiB) are sent; MAX_CONCURRENT_STREAMS (at most 1000) limits how many
    /// requests ride at once, beside what the server says; ENABLE_PUSH stays 0 and MAX_FRAME_SIZE 16384
    pub http2_settings: [u32; 7],
    /// a hint: bytes of headers that a request may need
    pub max_http_header_data: c_ushort,
    /// a hint: how many requests have headers at once
    pub max_http_header_pool: c_ushort,
    /// password of the key of a server
    pub ssl_private_key_password: *const c_char,
    /// certificate of a server
    pub ssl_cert_filepath: *const c_char,
    /// key of a server
    pub ssl_private_key_filepath: *const c_char,
    /// authorities for client certificates of a server
    pub ssl_ca_filepath: *const c_char,
    /// ciphers of a server, up to TLS 1.2
    pub ssl_cipher_list: *const c_char,
    /// curve of a server
    pub ecdh_curve: *const c_char,
    /// ciphers of a server, from TLS 1.3 on
    pub tls1_3_plus_cipher_list: *const c_char,
    /// certificate of a server, in memory
    pub server_ssl_cert_mem: *const c_void,
    /// key of a server, in memory
    pub server_ssl_private_key_mem: *const c_void,
    /// authorities of a server, in memory
    pub server_ssl_ca_mem: *const c_void,
    /// OpenSSL options of a server to set
    pub ssl_options_set: c_long,
    /// OpenSSL options of a server to clear
    pub ssl_options_clear: c_long,
    /// how many TLS connections of the context at once, the others wait for a turn; 0: no limit
    pub simultaneous_ssl_restriction: c_int,
    /// how many TLS handshakes of the context at once, the others wait for a turn; 0: no limit
    pub simultaneous_ssl_handshake_restriction: c_int,
    /// SSL_CB_ events to tell as LWS_CALLBACK_SSL_INFO
    pub ssl_info_event_mask: c_int,
    /// its length
    pub server_ssl_cert_mem_len: c_uint,
    /// its length
    pub server_ssl_private_key_mem_len: c_uint,
    /// its length
    pub server_ssl_ca_mem_len: c_uint,
    /// ALPN list, comma-separated, for requests that give none; NULL: none
    pub alpn: *const c_char,
    /// password of the client's key, or NULL
    pub client_ssl_private_key_password: *const c_char,
    /// client certificate chain, PEM, or NULL
    pub client_ssl_cert_filepath: *const c_char,
    /// the same in memory, PEM or DER
    pub client_ssl_cert_mem: *const c_void,
    /// its length
    pub client_ssl_cert_mem_len: c_uint,
    /// key of the client certificate, PEM, or NULL
    pub client_ssl_private_key_filepath: *const c_char,
    /// the same in memory, PEM or DER
    pub client_ssl_key_mem: *const c_void,
    /// authorities that the client trusts, PEM, or NULL
    pub client_ssl_ca_filepath: *const c_char,
    /// the same in memory, PEM or DER
    pub client_ssl_ca_mem: *const c_void,
    /// ciphers of the client, up to TLS 1.2, or NULL
    pub client_ssl_cipher_list: *const c_char,
    /// ciphers of the client, from TLS 1.3 on, or NULL
    pub client_tls_1_3_plus_cipher_list: *const c_char,
    /// OpenSSL options of the client to set
    pub ssl_client_options_set: c_long,
    /// OpenSSL options of the client to clear
    pub ssl_client_options_clear: c_long,
    /// length of `client_ssl_ca_mem`
    pub client_ssl_ca_mem_len: c_uint,
    /// length of `client_ssl_key_mem`
    pub client_ssl_key_mem_len: c_uint,
    /// the program's own SSL_CTX for clients, used as it is and not freed, or NULL; no sessions are kept for it
    pub provided_client_ssl_ctx: *mut SSL_CTX,
    /// seconds of silence before TCP keepalive probes; 0: none
    pub ka_time: c_int,
    /// how many probes
    pub ka_probes: c_int,
    /// seconds between them
    pub ka_interval: c_int,
    /// seconds that a step of the protocol may take; 0: the default
    pub timeout_secs: c_uint,
    /// seconds that making a connection may take; 0: the default
    pub connect_timeout_secs: c_uint,
    /// nonzero: bind sockets to the interface itself
    pub bind_iface: c_int,
    /// not used
    pub timeout_secs_ah_idle: c_uint,
    /// seconds that a TLS session may be resumed; 0: 300
    pub tls_session_timeout: u32,
    /// how many TLS sessions the vhost keeps, those that were used last; 0: 10
    pub tls_session_cache_max: u32,
    /// group to become; 0: stay
    pub gid: gid_t,
    /// user to become; 0: stay
    pub uid: uid_t,
    /// LWS_SERVER_OPTION_ flags
    pub options: u64,
    /// lws_context_user(), or lws_vhost_user() of a vhost
    pub user: *mut c_void,
    /// service threads; more than 1 is taken as 1
    pub count_threads: c_uint,
    /// a hint: how many sockets at once
    pub fd_limit_per_thread: c_uint,
    /// name of the vhost; NULL: "default"
    pub vhost_name: *const c_char,
    /// freed with the context
    pub external_baggage_free_on_destroy: *mut c_void,
    /// bytes of the service buffer; 0: 4096
    pub pt_serv_buf_size: c_uint,
    /// file operations of the program, or NULL
    pub fops: *const lws_plat_file_ops,
    /// capabilities to keep
    pub caps: [c_int; 4],
    /// how many
    pub count_caps: c_char,
    /// the program's own event loop, or NULL
    pub foreign_loops: *mut *mut c_void,
    /// told of signals by event libraries
    pub signal_cb:
        Option<unsafe extern "C-unwind" fn(event_lib_handle: *mut c_void, signum: c_int)>,
    /// where to put the context before the first callback; NULL again when it is destroyed
    pub pcontext: *mut *mut lws_context,
    /// called when the vhost is gone
    pub finalize: Option<unsafe extern "C-unwind" fn(vh: *mut lws_vhost, arg: *mut c_void)>,
    /// its argument
    pub finalize_arg: *mut c_void,
    /// role of what a server accepts
    pub listen_accept_role: *const c_char,
    /// protocol of what a server accepts
    pub listen_accept_protocol: *const c_char,
    /// the protocols as a list of pointers, ended by NULL, or NULL
    pub pprotocols: *mut *const lws_protocols,
    /// user to become, by name
    pub username: *const c_char,
    /// group to become, by name
    pub groupname: *const c_char,
    /// owner of the socket of a server
    pub unix_socket_perms: *const c_char,
    /// what the program does for the system, or NULL
    pub system_ops: *const lws_system_ops,
    /// idle times for requests that bring none: its waits are not used; must outlive the context; NULL: the default
    pub retry_and_idle_policy: *const lws_retry_bo,
    /// who is told of system states, ended by NULL, or NULL
    pub register_notifier_list: *const *mut lws_state_notify_link,
    /// limit of open files to set; 0: leave
    pub rlimit_nofile: c_int,
    /// told of system messages, as if lws_smd_register() had been called first of all; or NULL
    pub early_smd_cb: lws_smd_notification_cb_t,
    /// its first argument
    pub early_smd_opaque: *mut c_void,
    /// which classes
    pub early_smd_class_filter: lws_smd_class_t,
    /// not used: messages wait until they are handed out
    pub smd_ttl_us: lws_usec_t,
    /// how many system messages may wait; 0: 40
    pub smd_queue_depth: u16,
    /// TCP fast open of a server
    pub fo_listen_queue: c_int,
    /// the program's own event library, or NULL
    pub event_lib_custom: *const lws_plugin_evlib,
    /// where log lines go, or NULL: as lws_set_log_level() says
    pub log_cx: *mut lws_log_cx,
    /// where the cookies of the context are kept (see LCCSCF_CACHE_COOKIES), or NULL: in memory alone. A file in Netscape's format, as curl
    /// has it: read when the context is made, replaced whole, mode 0600, a second after a change and at the end. Cookies without a
    /// lifetime are not in it. Of lws_create_context() alone
    pub http_nsc_filepath: *const c_char,
    /// bytes of all cookies; 0: no limit but that of their number
    pub http_nsc_heap_max_footprint: usize,
    /// cookies; 0: 3,000. At most 180 are of one domain. Those that were not used for longest go first
    pub http_nsc_heap_max_items: usize,
    /// bytes of one cookie's name and value; 0, or more than 4,096: 4,096
    pub http_nsc_heap_max_payload: usize,
    /// SOCKS 5 proxy for client connections when there is no HTTP proxy, as lws_set_socks() takes it; "": none; NULL: as
    /// `http_proxy_address` says
    pub socks_proxy_address: *const c_char,
    /// port of the SOCKS proxy, when its address names none
    pub socks_proxy_port: c_uint,
}

#[cfg(target_pointer_width = "64")]
const _: () = {
    use core::mem::{offset_of, size_of};
    type I = lws_context_creation_info;
    assert!(size_of::<I>() == 744);
    assert!(offset_of!(I, protocols) == 8);
    assert!(offset_of!(I, extensions) == 16);
    assert!(offset_of!(I, token_limits) == 24);
    assert!(offset_of!(I, http_proxy_address) == 32);
    assert!(offset_of!(I, headers) == 40);
    assert!(offset_of!(I, reject_service_keywords) == 48);
    assert!(offset_of!(I, pvo) == 56);
    assert!(offset_of!(I, log_filepath) == 64);
    assert!(offset_of!(I, mounts) == 72);
    assert!(offset_of!(I, server_string) == 80);
    assert!(offset_of!(I, error_document_404) == 88);
    assert!(offset_of!(I, port) == 96);
    assert!(offset_of!(I, http_proxy_port) == 100);
    assert!(offset_of!(I, max_http_header_data2) == 104);
    assert!(offset_of!(I, max_http_header_pool2) == 108);
    assert!(offset_of!(I, keepalive_timeout) == 112);
    assert!(offset_of!(I, http2_settings) == 116);
    assert!(offset_of!(I, max_http_header_data) == 144);
    assert!(offset_of!(I, max_http_header_pool) == 146);
    assert!(offset_of!(I, ssl_private_key_password) == 152);
    assert!(offset_of!(I, ssl_cert_filepath) == 160);
    assert!(offset_of!(I, ssl_private_key_filepath) == 168);
    assert!(offset_of!(I, ssl_ca_filepath) == 176);
    assert!(offset_of!(I, ssl_cipher_list) == 184);
    assert!(offset_of!(I, ecdh_curve) == 192);
    assert!(offset_of!(I, tls1_3_plus_cipher_list) == 200);
    assert!(offset_of!(I, server_ssl_cert_mem) == 208);
    assert!(offset_of!(I, server_ssl_private_key_mem) == 216);
    assert!(offset_of!(I, server_ssl_ca_mem) == 224);
    assert!(offset_of!(I, ssl_options_set) == 232);
    assert!(offset_of!(I, ssl_options_clear) == 240);
    assert!(offset_of!(I, simultaneous_ssl_restriction) == 248);
    assert!(offset_of!(I, simultaneous_ssl_handshake_restriction) == 252);
    assert!(offset_of!(I, ssl_info_event_mask) == 256);
    assert!(offset_of!(I, server_ssl_cert_mem_len) == 260);
    assert!(offset_of!(I, server_ssl_private_key_mem_len) == 264);
    assert!(offset_of!(I, server_ssl_ca_mem_len) == 268);
    assert!(offset_of!(I, alpn) == 272);
    assert!(offset_of!(I, client_ssl_private_key_password) == 280);
    assert!(offset_of!(I, client_ssl_cert_filepath) == 288);
    assert!(offset_of!(I, client_ssl_cert_mem) == 296);
    assert!(offset_of!(I, client_ssl_cert_mem_len) == 304);
    assert!(offset_of!(I, client_ssl_private_key_filepath) == 312);
    assert!(offset_of!(I, client_ssl_key_mem) == 320);
    assert!(offset_of!(I, client_ssl_ca_filepath) == 328);
    assert!(offset_of!(I, client_ssl_ca_mem) == 336);
    assert!(offset_of!(I, client_ssl_cipher_list) == 344);
    assert!(offset_of!(I, client_tls_1_3_plus_cipher_list) == 352);
    assert!(offset_of!(I, ssl_client_options_set) == 360);
    assert!(offset_of!(I, ssl_client_options_clear) == 368);
    assert!(offset_of!(I, client_ssl_ca_mem_len) == 376);
    assert!(offset_of!(I, client_ssl_key_mem_len) == 380);
    assert!(offset_of!(I, provided_client_ssl_ctx) == 384);
    assert!(offset_of!(I, ka_time) == 392);
    assert!(offset_of!(I, ka_probes) == 396);
    assert!(offset_of!(I, ka_interval) == 400);
    assert!(offset_of!(I, timeout_secs) == 404);
    assert!(offset_of!(I, connect_timeout_secs) == 408);
    assert!(offset_of!(I, bind_iface) == 412);
    assert!(offset_of!(I, timeout_secs_ah_idle) == 416);
    assert!(offset_of!(I, tls_session_timeout) == 420);
    assert!(offset_of!(I, tls_session_cache_max) == 424);
    assert!(offset_of!(I, gid) == 428);
    assert!(offset_of!(I, uid) == 432);
    assert!(offset_of!(I, options) == 440);
    assert!(offset_of!(I, user) == 448);
    assert!(offset_of!(I, count_threads) == 456);
    assert!(offset_of!(I, fd_limit_per_thread) == 460);
    assert!(offset_of!(I, vhost_name) == 464);
    assert!(offset_of!(I, external_baggage_free_on_destroy) == 472);
    assert!(offset_of!(I, pt_serv_buf_size) == 480);
    assert!(offset_of!(I, fops) == 488);
    assert!(offset_of!(I, caps) == 496);
    assert!(offset_of!(I, count_caps) == 512);
    assert!(offset_of!(I, foreign_loops) == 520);
    assert!(offset_of!(I, signal_cb) == 528);
    assert!(offset_of!(I, pcontext) == 536);
    assert!(offset_of!(I, finalize) == 544);
    assert!(offset_of!(I, finalize_arg) == 552);
    assert!(offset_of!(I, listen_accept_role) == 560);
    assert!(offset_of!(I, listen_accept_protocol) == 568);
    assert!(offset_of!(I, pprotocols) == 576);
    assert!(offset_of!(I, username) == 584);
    assert!(offset_of!(I, groupname) == 592);
    assert!(offset_of!(I, unix_socket_perms) == 600);
    assert!(offset_of!(I, system_ops) == 608);
    assert!(offset_of!(I, retry_and_idle_policy) == 616);
    assert!(offset_of!(I, register_notifier_list) == 624);
    assert!(offset_of!(I, rlimit_nofile) == 632);
    assert!(offset_of!(I, early_smd_cb) == 640);
    assert!(offset_of!(I, early_smd_opaque) == 648);
    assert!(offset_of!(I, early_smd_class_filter) == 656);
    assert!(offset_of!(I, smd_ttl_us) == 664);
    assert!(offset_of!(I, smd_queue_depth) == 672);
    assert!(offset_of!(I, fo_listen_queue) == 676);
    assert!(offset_of!(I, event_lib_custom) == 680);
    assert!(offset_of!(I, log_cx) == 688);
    assert!(offset_of!(I, http_nsc_filepath) == 696);
    assert!(offset_of!(I, http_nsc_heap_max_footprint) == 704);
    assert!(offset_of!(I, http_nsc_heap_max_items) == 712);
    assert!(offset_of!(I, http_nsc_heap_max_payload) == 720);
    assert!(offset_of!(I, socks_proxy_address) == 728);
    assert!(offset_of!(I, socks_proxy_port) == 736);
};
