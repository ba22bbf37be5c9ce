/*
 * libwebsockets.h: the C API of Broadside, the client side of libwebsockets on a Rust core.
 *
 * Made by cbindgen from src/ffi; do not edit. By hand are lws_config.h, libwebsockets/lws-macros.h and
 * libwebsockets/lws-inline.h, which it includes.
 */

#ifndef LIBWEBSOCKETS_H
#define LIBWEBSOCKETS_H

#include "libwebsockets/lws-macros.h"

// `peer_to_us` of lws_wsi_tx_credit(): what we may send
#define LWSTXCR_US_TO_PEER 0

// what the peer may send
#define LWSTXCR_PEER_TO_US 1

// flag: the socket waits at the address; without it talks with the address
#define LWS_CAUDP_BIND (1 << 0)

// flag: it may send to broadcast addresses
#define LWS_CAUDP_BROADCAST (1 << 1)

// flag: whole packets; refused
#define LWS_CAUDP_PF_PACKET (1 << 2)

// of lws_interface_to_sa(): the address was written
#define LWS_ITOSA_USABLE 0

// of lws_interface_to_sa(): there is no such interface
#define LWS_ITOSA_NOT_EXIST -1

// of lws_interface_to_sa(): the interface has no such address
#define LWS_ITOSA_NOT_USABLE -2

// of a server's bind; nothing here returns it
#define LWS_ITOSA_BUSY -3

// Bytes of `lws_tls_session_dump.tag`.
#define LWS_SESSION_TAG_LEN 96

// `ssl_connection`: TLS
#define LCCSCF_USE_SSL (1 << 0)

// accept a certificate that no known authority signed
#define LCCSCF_ALLOW_SELFSIGNED (1 << 1)

// accept a certificate for another name
#define LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK (1 << 2)

// accept a certificate that is not valid now
#define LCCSCF_ALLOW_EXPIRED (1 << 3)

// accept any certificate
#define LCCSCF_ALLOW_INSECURE (1 << 4)

// h2: nothing to be said: a request without a body always ends its stream with its head
#define LCCSCF_H2_QUIRK_NGHTTP2_END_STREAM (1 << 5)

// h2: a window that the peer widens beyond 2^31-1 is cut to that, instead of ending the connection (RFC 9113 section 6.9.1)
#define LCCSCF_H2_QUIRK_OVERFLOWS_TXCR (1 << 6)

// h2: the bearer token is a header
#define LCCSCF_H2_AUTH_BEARER (1 << 7)

// h2: the token is sent in hex
#define LCCSCF_H2_HEXIFY_AUTH_TOKEN (1 << 8)

// h2: the response may send manual_initial_tx_credit bytes, and then what lws_wsi_tx_credit() gives
#define LCCSCF_H2_MANUAL_RXFLOW (1 << 9)

// the body is multipart/form-data: see lws_client_http_multipart()
#define LCCSCF_HTTP_MULTIPART_MIME (1 << 10)

// the body is application/x-www-form-urlencoded: the Content-Type says so unless APPEND writes one. A request with a body says
// lws_client_http_body_pending() or lws_callback_on_writable() in APPEND, and its Content-Length, or the body goes in chunks on h1
#define LCCSCF_HTTP_X_WWW_FORM_URLENCODED (1 << 11)

// 301, 302, 303, 307 and 308 are answers like any other; without it they are followed: see LWS_CALLBACK_CLIENT_HTTP_REDIRECT
#define LCCSCF_HTTP_NO_FOLLOW_REDIRECT (1 << 12)

// no Pragma and Cache-Control in the request
#define LCCSCF_HTTP_NO_CACHE_CONTROL (1 << 13)

// the local address may be in use: with local_port that is always so, as its last connection may be in TIME_WAIT
#define LCCSCF_ALLOW_REUSE_ADDR (1 << 14)

// prefer a public IPv6 source address
#define LCCSCF_IPV6_PREFER_PUBLIC_ADDR (1 << 15)

// may share a connection, in turn or as a stream
#define LCCSCF_PIPELINE (1 << 16)

// may be a stream
#define LCCSCF_MUXABLE_STREAM (1 << 17)

// speak h2 at once, without TLS or upgrade
#define LCCSCF_H2_PRIOR_KNOWLEDGE (1 << 18)

// a validity check may wake the system; timers of this library do not keep it from waking
#define LCCSCF_WAKE_SUSPEND__VALIDITY (1 << 19)

// serve its reads first; whatever is readable is served in turn here, and none waits for another's writes
#define LCCSCF_PRIORITIZE_READS (1 << 20)

// secure streams; not used
#define LCCSCF_SECSTREAM_CLIENT (1 << 21)

// secure streams; not used
#define LCCSCF_SECSTREAM_PROXY_LINK (1 << 22)

// secure streams; not used
#define LCCSCF_SECSTREAM_PROXY_ONWARD (1 << 23)

// IP: low latency
#define LCCSCF_IP_LOW_LATENCY (1 << 24)

// IP: high throughput
#define LCCSCF_IP_HIGH_THROUGHPUT (1 << 25)

// IP: high reliability
#define LCCSCF_IP_HIGH_RELIABILITY (1 << 26)

// IP: low cost; its bit is ECN's today (RFC 3168), and Linux leaves it out on TCP
#define LCCSCF_IP_LOW_COST (1 << 27)

// keep the addresses of the name for lws_conmon_wsi_take(); how long the steps take is measured without it too
#define LCCSCF_CONMON (1 << 28)

// follow redirects from https to http; without it they fail
#define LCCSCF_ACCEPT_TLS_DOWNGRADE_REDIRECTS (1 << 29)

// keep the cookies of the responses, whatever their status, and send those that are for where it goes: RFC 6265bis. All requests of a
// context with this flag share them. A domain of one label (`com`) is refused, and no list says which longer ones are registries'.
// A Cookie line that APPEND wrote is kept, and theirs follow in it; of the same name its own counts
#define LCCSCF_CACHE_COOKIES (1 << 30)

// bytes of the largest digest
#define LWS_GENHASH_LARGEST 64

// Something failed.
#define LLL_ERR (1 << 0)

// Something is odd, work goes on.
#define LLL_WARN (1 << 1)

// Worth knowing once.
#define LLL_NOTICE (1 << 2)

// Every connection and its fate.
#define LLL_INFO (1 << 3)

// Every step.
#define LLL_DEBUG (1 << 4)

// How bytes were read.
#define LLL_PARSER (1 << 5)

// Header bytes.
#define LLL_HEADER (1 << 6)

// Extensions.
#define LLL_EXT (1 << 7)

// Client steps.
#define LLL_CLIENT (1 << 8)

// Durations.
#define LLL_LATENCY (1 << 9)

// The program's own lines.
#define LLL_USER (1 << 10)

// Threads.
#define LLL_THREAD (1 << 11)

// How many levels there are.
#define LLL_COUNT 12

// A flag in `lll_flags`: for the program, about lines with personal data; nothing here looks at it.
#define LLLF_SECRECY_PII (1 << 16)

// A flag in `lll_flags`: for the program, about lines with tokens; nothing here looks at it.
#define LLLF_SECRECY_BEARER (1 << 17)

// A flag in `lll_flags`: each line begins with what lwsl_timestamp() writes.
#define LLLF_LOG_TIMESTAMP (1 << 18)

// A flag in `lll_flags`: the emitter is the one that wants the log context.
#define LLLF_LOG_CONTEXT_AWARE (1 << 30)

// metric: what is far from the mean is reported too; none here has it
#define LWSMTFL_REPORT_OUTLIERS (1 << 0)

// metric: events are reported as they come; none here has it
#define LWSMTFL_REPORT_OOB (1 << 1)

// metric: that nothing happened is reported too; none here has it
#define LWSMTFL_REPORT_INACTIVITY_AT_PERIODIC (1 << 2)

// metric: the mean and the extremes say something, not only the sum
#define LWSMTFL_REPORT_MEAN (1 << 3)

// metric: its no-go side says nothing
#define LWSMTFL_REPORT_ONLY_GO (1 << 4)

// metric: microseconds
#define LWSMTFL_REPORT_DUTY_WALLCLOCK_US (1 << 5)

// metric: a histogram
#define LWSMTFL_REPORT_HIST (1 << 6)

// index of what went well
#define METRES_GO 0

// index of what did not
#define METRES_NOGO 1

// a server demands client certificates
#define LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT ((1ull << 1) | (1ull << 12))

// do not look up the name of this machine
#define LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME (1ull << 2)

// a server takes plain connections on its TLS port
#define LWS_SERVER_OPTION_ALLOW_NON_SSL_ON_SSL_PORT ((1ull << 3) | (1ull << 12))

// event library
#define LWS_SERVER_OPTION_LIBEV (1ull << 4)

// no IPv6
#define LWS_SERVER_OPTION_DISABLE_IPV6 (1ull << 5)

// do not trust the system's authorities
#define LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS (1ull << 6)

// a server takes clients without certificate
#define LWS_SERVER_OPTION_PEER_CERT_NOT_REQUIRED (1ull << 7)

// ws: text must be UTF-8
#define LWS_SERVER_OPTION_VALIDATE_UTF8 (1ull << 8)

// a server uses ECDH
#define LWS_SERVER_OPTION_SSL_ECDH ((1ull << 9) | (1ull << 12))

// event library
#define LWS_SERVER_OPTION_LIBUV (1ull << 10)

// a server redirects plain requests
#define LWS_SERVER_OPTION_REDIRECT_HTTP_TO_HTTPS ((1ull << 11) | (1ull << 12))

// set TLS up in this process
#define LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT (1ull << 12)

// the context makes no vhost of its own
#define LWS_SERVER_OPTION_EXPLICIT_VHOSTS (1ull << 13)

// a server listens on a unix socket
#define LWS_SERVER_OPTION_UNIX_SOCK (1ull << 14)

// a server sends Strict-Transport-Security
#define LWS_SERVER_OPTION_STS (1ull << 15)

// set IPV6_V6ONLY as the next one says
#define LWS_SERVER_OPTION_IPV6_V6ONLY_MODIFY (1ull << 16)

// the value
#define LWS_SERVER_OPTION_IPV6_V6ONLY_VALUE (1ull << 17)

// event library: leave these signals alone
#define LWS_SERVER_OPTION_UV_NO_SIGSEGV_SIGFPE_SPIN (1ull << 18)

// Origin is sent as given
#define LWS_SERVER_OPTION_JUST_USE_RAW_ORIGIN (1ull << 19)

// older name of the next one
#define LWS_SERVER_OPTION_FALLBACK_TO_RAW (1ull << 20)

// a server falls back to another role
#define LWS_SERVER_OPTION_FALLBACK_TO_APPLY_LISTEN_ACCEPT_CONFIG (1ull << 20)

// event library
#define LWS_SERVER_OPTION_LIBEVENT (1ull << 21)

// older name of the next one
#define LWS_SERVER_OPTION_ONLY_RAW (1ull << 22)

// a server takes each connection in another role
#define LWS_SERVER_OPTION_ADOPT_APPLY_LISTEN_ACCEPT_CONFIG (1ull << 22)

// a server shares its port
#define LWS_SERVER_OPTION_ALLOW_LISTEN_SHARE (1ull << 23)

// a vhost has its own SSL_CTX though it has no certificate
#define LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX (1ull << 24)

// no LWS_CALLBACK_PROTOCOL_INIT on this vhost
#define LWS_SERVER_OPTION_SKIP_PROTOCOL_INIT (1ull << 25)

// a server starts without certificate
#define LWS_SERVER_OPTION_IGNORE_MISSING_CERT (1ull << 26)

// a server checks Host of upgrades
#define LWS_SERVER_OPTION_VHOST_UPG_STRICT_HOST_CHECK (1ull << 27)

// a server adds security headers
#define LWS_SERVER_OPTION_HTTP_HEADERS_SECURITY_BEST_PRACTICES_ENFORCE (1ull << 28)

// a server serves plain requests on its TLS port
#define LWS_SERVER_OPTION_ALLOW_HTTP_ON_HTTPS_LISTENER (1ull << 29)

// a server fails when it cannot listen
#define LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND (1ull << 30)

// h2: a window that overflows is cut, not refused
#define LWS_SERVER_OPTION_H2_JUST_FIX_WINDOW_UPDATE_OVERFLOW (1ull << 31)

// h2: half-closed streams may be long polls
#define LWS_SERVER_OPTION_VH_H2_HALF_CLOSED_LONG_POLL (1ull << 32)

// event library
#define LWS_SERVER_OPTION_GLIB (1ull << 33)

// h2 at once, without TLS or upgrade
#define LWS_SERVER_OPTION_H2_PRIOR_KNOWLEDGE (1ull << 34)

// the context goes through no system states
#define LWS_SERVER_OPTION_NO_LWS_SYSTEM_STATES (1ull << 35)

// secure streams; not used
#define LWS_SERVER_OPTION_SS_PROXY (1ull << 36)

// event library
#define LWS_SERVER_OPTION_SDEVENT (1ull << 37)

// event library
#define LWS_SERVER_OPTION_ULOOP (1ull << 38)

// TLS sessions are neither kept nor resumed
#define LWS_SERVER_OPTION_DISABLE_TLS_SESSION_CACHE (1ull << 39)

// bytes of the largest system message
#define LWS_SMD_MAX_PAYLOAD 384

// the first bit of classes that are the program's
#define LWSSMDCL_USER_BASE_BITNUM 24

// As `conceal_count`: failures are never told.
#define LWS_RETRY_CONCEAL_ALWAYS 65535

// How much room before the payload lws_write() may use for framing.
#define LWS_PRE 16

// A descriptor to adopt.
union lws_sock_file_fd_type {
        // with LWS_ADOPT_SOCKET
        lws_sockfd_type sockfd;
        // without
        lws_filefd_type filefd;
};

// What lws_adopt_descriptor_vhost_via_info() is told.
struct lws_adopt_desc {
        // whose protocols are called
        struct lws_vhost *vh;
        // LWS_ADOPT_ flags
        lws_adoption_type type;
        // the descriptor
        union lws_sock_file_fd_type fd;
        // the protocol to call; NULL: the vhost's first
        const char *vh_prot_name;
        // a request that this one belongs to, or NULL: as parent_wsi of lws_client_connect_info
        struct lws *parent;
        // what lws_get_opaque_user_data() answers from the start
        void *opaque;
        // not used
        const char *fi_wsi_name;
};

// Base64 that is decoded piece by piece. The members are the library's.
struct lws_b64state {
        // what up to four characters said that are not written yet
        uint8_t quad[4];
        // how many bytes were written so far
        size_t done;
        // how many characters are in `quad`
        size_t len;
        // as `len`
        int i;
        // '=' once padding was seen
        int c;
};

// One protocol: a name and the callback of all requests bound to it. A list ends with an all-zero one.
struct lws_protocols {
        // the ws subprotocol, or whatever `local_protocol_name` picks it by
        const char *name;
        // what is told everything
        lws_callback_function * callback;
        // bytes that each request gets, zeroed, as the callback's `user`
        size_t per_session_data_size;
        // the most that one receive callback brings; 0: the library's choice
        size_t rx_buffer_size;
        // for the program
        unsigned int id;
        // for the program
        void *user;
        // the most that is sent at once; 0: as `rx_buffer_size`
        size_t tx_packet_size;
};

// Bytes with a length. Those who ask may own a larger `name` than this, and say how large.
struct lws_tls_cert_info_ns {
        // how many bytes, without the NUL of a text
        int len;
        // the bytes
        char name[64];
};

// What a certificate answered; which member depends on what was asked.
union lws_tls_cert_info_results {
        // 1: the peer's certificate is good, or the program said so
        unsigned int verified;
        // seconds since 1970
        time_t time;
        // bits of KeyUsage, as X509_get_key_usage() of OpenSSL
        unsigned int usage;
        // anything else
        struct lws_tls_cert_info_ns ns;
};

// How often to try again, and when a connection counts as idle or dead.
struct lws_retry_bo {
        // milliseconds to wait before each attempt; the last is for all that follow
        const uint32_t *retry_ms_table;
        // how many there are
        uint16_t retry_ms_table_count;
        // how many attempts before the failure is told, or LWS_RETRY_CONCEAL_ALWAYS
        uint16_t conceal_count;
        // seconds without proof of life before a PING is sent; 0: none
        uint16_t secs_since_valid_ping;
        // seconds without proof of life before the connection is closed; 0: never
        uint16_t secs_since_valid_hangup;
        // up to how much is added to the wait by chance, in per cent; 0: 30
        uint8_t jitter_percent;
};

// The emitter of a log context. LLLF_LOG_CONTEXT_AWARE in `lll_flags` says which of the two it is.
union lws_log_cx_emitter {
        // told level and text
        lws_log_emit_t emit;
        // told the context too
        lws_log_emit_cx_t emit_cx;
};

// Where the log lines of one context, vhost or request go. The program's, and it outlives what uses it, and calls about that in other
// threads: `refcount` is 0 then.
//
// A line is: what the parents' `prepend` write, the topmost first; what names the context, vhost or request; the function's name; the
// text, and a newline. Any thread that calls the library may call what this points at.
struct lws_log_cx {
        // the emitter
        union lws_log_cx_emitter u;
        // told when users come and go, after `refcount` changed, or NULL; one thread at a time
        lws_log_use_cx_t refcount_cb;
        // writes what goes before each line of a log context whose parent this is, and, when this has no parent, of its own; or NULL
        lws_log_prepend_cx_t prepend;
        // whose `prepend` comes first, or NULL; the line still goes to this one's emitter
        struct lws_log_cx *parent;
        // for the program
        void *opaque;
        // for the emitter's own storage
        void *stg;
        // bitmap of the levels that are emitted, and LLLF_ flags
        uint32_t lll_flags;
        // how many use it
        int32_t refcount;
};

// One request, for lws_client_connect_via_info(). All zero but `context` and `address` is valid.
// All that it points at need only live during that call, unless the member says otherwise.
struct lws_client_connect_info {
        // the context, needed
        struct lws_context *context;
        // name or address to connect to, needed; `+path` and `+@name` are unix sockets
        const char *address;
        // TCP port
        int port;
        // LCCSCF_ flags: TLS, trust, pipelining
        int ssl_connection;
        // path and query
        const char *path;
        // Host header, and the name that the certificate must have; NULL: no Host header, and `address` for the certificate
        const char *host;
        // Origin header, or NULL
        const char *origin;
        // ws subprotocols to ask for, comma-separated, or NULL; also the name of the protocol to call, see `local_protocol_name`
        const char *protocol;
        // 0 or -1
        int ietf_version_or_minus_one;
        // the callback's `user`; NULL: the library allocates per_session_data_size
        void *userdata;
        // not used
        const void *client_exts;
        // an HTTP method; NULL: a WebSocket; "RAW": the bytes of the socket as they are
        const char *method;
        // a request that this one belongs to, or NULL: when that ends this one ends before it, and whenever this one ends the other's
        // protocol gets LWS_CALLBACK_CHILD_CLOSING
        struct lws *parent_wsi;
        // what to replace in received html, or NULL
        const char *uri_replace_from;
        // with what
        const char *uri_replace_to;
        // the vhost, or NULL: the context's first
        struct lws_vhost *vhost;
        // where to put the handle before the first callback, or NULL
        struct lws **pwsi;
        // interface or local address to connect from, or NULL
        const char *iface;
        // name of the protocol whose callback is called, or NULL: by `protocol`, else the first
        const char *local_protocol_name;
        // ALPN list, comma-separated, the preferred one first: "h2", "http/1.1"; NULL: the vhost's, and without one HTTP/1.1. A ws is over
        // HTTP/1.1 unless it says h2 itself
        const char *alpn;
        // a sequencer that is told, or NULL
        struct lws_sequencer *seq;
        // lws_get_opaque_user_data() answers it from the first callback on
        void *opaque_user_data;
        // when to try again, and when the connection counts as idle; must outlive the request; NULL: the default waits, and idle
        // times of the vhost
        const struct lws_retry_bo *retry_and_idle_policy;
        // with LCCSCF_H2_MANUAL_RXFLOW: the first window
        int manual_initial_tx_credit;
        // 1..16: the client certificate in the blob LWS_SYSBLOB_TYPE_CLIENT_CERT_DER, with the key in LWS_SYSBLOB_TYPE_CLIENT_KEY_DER,
        // each this minus 1 further, DER or PEM, as they are when the TLS handshake begins; requests that name the same share
        // connections, and no TLS session is kept; 0: the vhost's
        uint8_t sys_tls_client_cert;
        // socket priority 0..6; above that it is 6
        uint8_t priority;
        // MQTT settings; not used
        const void *mqtt_cp;
        // a name for fault injection; not used
        const char *fi_wsi_name;
        // seconds that an idle connection is kept for others; 0: 5
        uint16_t keep_warm_secs;
        // where this request's log lines go, or NULL
        struct lws_log_cx *log_cx;
        // user for HTTP authentication, or NULL; it may be empty if the password is not. A 401 that offers Digest (MD5, SHA-256, SHA-512-256;
        // RFC 7616) or Basic (RFC 7617) is then answered and not told: the request begins again on the same wsi, with APPEND. A second 401
        // is a response like any other, and so is one to an Authorization line that APPEND wrote. Nothing is sent before a server asks, and
        // nothing to where a redirect leads unless that is the same scheme, address, host and port. Control characters are an error
        const char *auth_username;
        // its password; NULL: empty
        const char *auth_password;
        // local TCP port to connect from; 0: any
        int local_port;
        // ws: pass frames with reserved bits
        uint8_t allow_reserved_bits;
        // ws: pass frames with unknown opcodes
        uint8_t allow_unknown_opcode;
        // not used
        uint8_t disable_h3_fallback;
        // zero
        void *_unused[1];
};

// One ws extension. A list ends with an all-zero one.
struct lws_extension {
        // its name, as in Sec-WebSocket-Extensions
        const char *name;
        // what it does
        lws_extension_callback_function * callback;
        // what a client offers: name and parameters
        const char *client_offer;
};

// The most bytes that a header may have, by token; 0: no limit of its own.
struct lws_token_limits {
        // indexed by WSI_TOKEN_
        unsigned short token_limit[96];
};

// One named option; a list, and each may have its own list below.
struct lws_protocol_vhost_options {
        // the next on this level, or NULL
        const struct lws_protocol_vhost_options *next;
        // the first one below, or NULL
        const struct lws_protocol_vhost_options *options;
        // its name
        const char *name;
        // its value
        const char *value;
};

// Numbers that were added up, by outcome: [METRES_GO], [METRES_NOGO].
struct lws_metric_agg {
        // of the numbers
        uint64_t sum[2];
        // the smallest, of either outcome; the largest there can be while there is none
        uint64_t min;
        // the largest, of either outcome
        uint64_t max;
        // how many numbers
        uint32_t count[2];
};

// One outcome of a histogram; its name follows: a byte with its length, the name, and a NUL. `lws_metric_bucket_name()`,
// `lws_metric_bucket_name_len()`.
struct lws_metric_bucket {
        // NULL: the last
        struct lws_metric_bucket *next;
        // how often it came
        uint64_t count;
};

// How often each of several outcomes came.
struct lws_metric_hist {
        // the first, or NULL
        struct lws_metric_bucket *head;
        // of all outcomes
        uint64_t total_count;
        // how many outcomes
        uint32_t list_size;
};

// What was measured.
union lws_metric_data {
        // without LWSMTFL_REPORT_HIST
        struct lws_metric_agg agg;
        // with LWSMTFL_REPORT_HIST
        struct lws_metric_hist hist;
};

// One metric, for `metric_report` of `lws_system_ops` and lws_metrics_format().
struct lws_metric_pub {
        // "n.cn.dns" and its like
        const char *name;
        // the program's
        void *backend_opaque;
        // when it began to be collected, by the clock of lws_now_usecs()
        lws_usec_t us_first;
        // when the last event was, or 0
        lws_usec_t us_last;
        // when it was reported before, or 0
        lws_usec_t us_dumped;
        // as `flags` say
        union lws_metric_data u;
        // LWSMTFL_REPORT_
        uint8_t flags;
};

// What a program does for the system. It lives as long as the context; a member that is not NULL may be called.
struct lws_system_ops {
        // for the program's own use
        int (*reboot)(void);
        // for the program's own use
        int (*set_clock)(lws_usec_t us);
        // for the program's own use: __lws_system_attach() with a lock around it, which it needs none of here
        int (*attach)(struct lws_context *context,
                      int tsi,
                      lws_attach_cb_t cb,
                      lws_system_states_t state,
                      void *opaque,
                      struct lws_attach_item **get);
        // what lws_system_cpd_start() calls
        int (*captive_portal_detect_request)(struct lws_context *context);
        // how long the steps of all requests took: called once for each of "n.cn.dns" (lookups of names), "n.cn.tcp" (connect() of an address),
        // "n.cn.tls" (handshakes), "n.http.txn" (from a request to its response's head: go with 2xx, or the 101 of a ws) when the context is
        // destroyed, by the thread that destroys it, after the last callbacks of all requests. What failed or was given up is no-go. `mdata`
        // is good until it returns; what it returns is not used. Other metrics, other occasions there are not. Set before the context is
        // created, or nothing is measured
        int (*metric_report)(struct lws_metric_pub *mdata);
        // not called: trust comes from the vhost
        int (*jit_trust_query)(struct lws_context *cx, const uint8_t *skid, size_t skid_len, void *got_opaque);
        // not used
        uint32_t wake_latency_us;
        // given what comes on stdin: see lws_system_adopt_stdin(), which alone looks at this member; programs of 4.3.5 do not have it. `len`
        // bytes at `buf`, or NULL and 0 at the end. Nonzero: no more of it
        int (*stdin_rx)(struct lws_context *cx, const char *buf, size_t len);
};

// One list. All zero: empty.
struct lws_dll2_owner {
        // the last node, or NULL
        struct lws_dll2 *tail;
        // the first node, or NULL
        struct lws_dll2 *head;
        // how many nodes
        uint32_t count;
};

// One node; embed it in the struct that is to be listed. All zero: on no list.
struct lws_dll2 {
        // the node before, or NULL
        struct lws_dll2 *prev;
        // the node after, or NULL
        struct lws_dll2 *next;
        // the list that this node is on, or NULL
        struct lws_dll2_owner *owner;
};

// One who is told; lives in the program's memory.
struct lws_state_notify_link {
        // the library's; all zero
        struct lws_dll2 list;
        // what is called
        lws_state_notify_t notify_cb;
        // for logs
        const char *name;
};

// One context and its first vhost, or one more vhost. All zero but `port` and `protocols` is usual.
// Strings are copied; protocols, extensions, policies and what `pcontext` points at must outlive the vhost.
//
// Programs that were built for libwebsockets 4.3.5 end it before `argc`. The functions that they link read no further; those
// that this header's prototypes name read all of it.
struct lws_context_creation_info {
        // interface to listen on: lws_get_vhost_iface() answers it; a client uses it with bind_iface alone
        const char *iface;
        // the protocols, ended by an all-zero one; NULL: those of `pprotocols`
        const struct lws_protocols *protocols;
        // the ws extensions on offer, ended by an all-zero one, or NULL
        const struct lws_extension *extensions;
        // limits by header, or NULL
        const struct lws_token_limits *token_limits;
        // HTTP proxy for all client connections but those to unix sockets, as lws_set_proxy() takes it; "": none; NULL: what the
        // environment said when the vhost was made, unless `socks_proxy_address` is set. Without TLS that is the first of http_proxy,
        // all_proxy, ALL_PROXY and socks_proxy that is set and not empty, with TLS the first of https_proxy, HTTPS_PROXY, all_proxy,
        // ALL_PROXY, http_proxy and socks_proxy. Each is `[scheme://][user:password@]host[:port]` with http, socks5 or socks5h for the scheme,
        // percent-encoded credentials, and 1080 where there is no port. A proxy that cannot be used is not gone past: the request fails.
        // no_proxy, or NO_PROXY, lists what is gone to without one of these, separated by commas or blanks: `*` for all; a name for that
        // host and those below it; an address, or with `/bits` a network. It has no ports and says nothing about proxies of the
        // program's own
        const char *http_proxy_address;
        // headers that a server adds
        const struct lws_protocol_vhost_options *headers;
        // what a server refuses
        const struct lws_protocol_vhost_options *reject_service_keywords;
        // options for the protocols, given at LWS_CALLBACK_PROTOCOL_INIT
        const struct lws_protocol_vhost_options *pvo;
        // access log of a server
        const char *log_filepath;
        // mounts of a server
        const struct lws_http_mount *mounts;
        // Server header of a server
        const char *server_string;
        // what a server shows for 404
        const char *error_document_404;
        // port to listen on; a client says CONTEXT_PORT_NO_LISTEN
        int port;
        // port of the HTTP proxy, when its address names none
        unsigned int http_proxy_port;
        // as `max_http_header_data`, for more than 64 KiB
        unsigned int max_http_header_data2;
        // as `max_http_header_pool`, for more than 65535
        unsigned int max_http_header_pool2;
        // seconds that an idle connection of a server is kept; 0: the default
        int keepalive_timeout;
        // h2 SETTINGS of client connections, by H2SET_ number (RFC 9113 section 6.5.2); they count when [0] is nonzero, and those
        // that are 0 keep their default. HEADER_TABLE_SIZE (4096), INITIAL_WINDOW_SIZE (1 MiB, growing to 16 MiB; a value set
        // here does not grow) and MAX_HEADER_LIST_SIZE (64 KiB) are sent; MAX_CONCURRENT_STREAMS (at most 1000) limits how many
        // requests ride at once, beside what the server says; ENABLE_PUSH stays 0 and MAX_FRAME_SIZE 16384
        uint32_t http2_settings[7];
        // a hint: bytes of headers that a request may need
        unsigned short max_http_header_data;
        // a hint: how many requests have headers at once
        unsigned short max_http_header_pool;
        // password of the key of a server
        const char *ssl_private_key_password;
        // certificate of a server
        const char *ssl_cert_filepath;
        // key of a server
        const char *ssl_private_key_filepath;
        // authorities for client certificates of a server
        const char *ssl_ca_filepath;
        // ciphers of a server, up to TLS 1.2
        const char *ssl_cipher_list;
        // curve of a server
        const char *ecdh_curve;
        // ciphers of a server, from TLS 1.3 on
        const char *tls1_3_plus_cipher_list;
        // certificate of a server, in memory
        const void *server_ssl_cert_mem;
        // key of a server, in memory
        const void *server_ssl_private_key_mem;
        // authorities of a server, in memory
        const void *server_ssl_ca_mem;
        // OpenSSL options of a server to set
        long ssl_options_set;
        // OpenSSL options of a server to clear
        long ssl_options_clear;
        // how many TLS connections of the context at once, the others wait for a turn; 0: no limit
        int simultaneous_ssl_restriction;
        // how many TLS handshakes of the context at once, the others wait for a turn; 0: no limit
        int simultaneous_ssl_handshake_restriction;
        // SSL_CB_ events to tell as LWS_CALLBACK_SSL_INFO
        int ssl_info_event_mask;
        // its length
        unsigned int server_ssl_cert_mem_len;
        // its length
        unsigned int server_ssl_private_key_mem_len;
        // its length
        unsigned int server_ssl_ca_mem_len;
        // ALPN list, comma-separated, for requests that give none; NULL: none
        const char *alpn;
        // password of the client's key, or NULL
        const char *client_ssl_private_key_password;
        // client certificate chain, PEM, or NULL
        const char *client_ssl_cert_filepath;
        // the same in memory, PEM or DER
        const void *client_ssl_cert_mem;
        // its length
        unsigned int client_ssl_cert_mem_len;
        // key of the client certificate, PEM, or NULL
        const char *client_ssl_private_key_filepath;
        // the same in memory, PEM or DER
        const void *client_ssl_key_mem;
        // authorities that the client trusts, PEM, or NULL
        const char *client_ssl_ca_filepath;
        // the same in memory, PEM or DER
        const void *client_ssl_ca_mem;
        // ciphers of the client, up to TLS 1.2, or NULL
        const char *client_ssl_cipher_list;
        // ciphers of the client, from TLS 1.3 on, or NULL
        const char *client_tls_1_3_plus_cipher_list;
        // OpenSSL options of the client to set
        long ssl_client_options_set;
        // OpenSSL options of the client to clear
        long ssl_client_options_clear;
        // length of `client_ssl_ca_mem`
        unsigned int client_ssl_ca_mem_len;
        // length of `client_ssl_key_mem`
        unsigned int client_ssl_key_mem_len;
        // the program's own SSL_CTX for clients, used as it is and not freed, or NULL; no sessions are kept for it
        SSL_CTX *provided_client_ssl_ctx;
        // seconds of silence before TCP keepalive probes; 0: none
        int ka_time;
        // how many probes
        int ka_probes;
        // seconds between them
        int ka_interval;
        // seconds that a step of the protocol may take; 0: the default
        unsigned int timeout_secs;
        // seconds that making a connection may take; 0: the default
        unsigned int connect_timeout_secs;
        // nonzero: sockets are bound to `iface`, a device's name (SO_BINDTODEVICE)
        int bind_iface;
        // not used
        unsigned int timeout_secs_ah_idle;
        // seconds that a TLS session may be resumed; 0: 300
        uint32_t tls_session_timeout;
        // how many TLS sessions the vhost keeps, those that were used last; 0: 10
        uint32_t tls_session_cache_max;
        // group to become; 0: stay
        gid_t gid;
        // user to become; 0: stay
        uid_t uid;
        // LWS_SERVER_OPTION_ flags
        uint64_t options;
        // lws_context_user(), or lws_vhost_user() of a vhost
        void *user;
        // service threads; more than 1 is taken as 1
        unsigned int count_threads;
        // a hint: how many sockets at once
        unsigned int fd_limit_per_thread;
        // name of the vhost; NULL: "default"
        const char *vhost_name;
        // freed with the context
        void *external_baggage_free_on_destroy;
        // bytes of the service buffer; 0: 4096
        unsigned int pt_serv_buf_size;
        // file operations of the program, or NULL
        const struct lws_plat_file_ops *fops;
        // capabilities to keep
        int caps[4];
        // how many
        char count_caps;
        // the program's own event loop, or NULL
        void **foreign_loops;
        // told of signals by event libraries
        void (*signal_cb)(void *event_lib_handle, int signum);
        // where to put the context before the first callback; NULL again when it is destroyed
        struct lws_context **pcontext;
        // called when the vhost is gone
        void (*finalize)(struct lws_vhost *vh, void *arg);
        // its argument
        void *finalize_arg;
        // role of what a server accepts
        const char *listen_accept_role;
        // protocol of what a server accepts
        const char *listen_accept_protocol;
        // the protocols as a list of pointers, ended by NULL, or NULL
        const struct lws_protocols **pprotocols;
        // user to become, by name
        const char *username;
        // group to become, by name
        const char *groupname;
        // owner of the socket of a server
        const char *unix_socket_perms;
        // what the program does for the system, or NULL
        const struct lws_system_ops *system_ops;
        // idle times for requests that bring none: its waits are not used; must outlive the context; NULL: the default
        const struct lws_retry_bo *retry_and_idle_policy;
        // who is told of system states, ended by NULL, or NULL
        struct lws_state_notify_link *const *register_notifier_list;
        // limit of open files to set; 0: leave
        int rlimit_nofile;
        // told of system messages, as if lws_smd_register() had been called first of all; or NULL
        lws_smd_notification_cb_t early_smd_cb;
        // its first argument
        void *early_smd_opaque;
        // which classes
        lws_smd_class_t early_smd_class_filter;
        // not used: messages wait until they are handed out
        lws_usec_t smd_ttl_us;
        // how many system messages may wait; 0: 40
        uint16_t smd_queue_depth;
        // TCP fast open of a server
        int fo_listen_queue;
        // the program's own event library, or NULL
        const struct lws_plugin_evlib *event_lib_custom;
        // where log lines go, or NULL: as lws_set_log_level() says
        struct lws_log_cx *log_cx;
        // where the cookies of the context are kept (see LCCSCF_CACHE_COOKIES), or NULL: in memory alone. A file in Netscape's format, as curl
        // has it: read when the context is made, replaced whole, mode 0600, a second after a change and at the end. Cookies without a
        // lifetime are not in it. Of lws_create_context() alone
        const char *http_nsc_filepath;
        // bytes of all cookies; 0: no limit but that of their number
        size_t http_nsc_heap_max_footprint;
        // cookies; 0: 3,000. At most 180 are of one domain. Those that were not used for longest go first
        size_t http_nsc_heap_max_items;
        // bytes of one cookie's name and value; 0, or more than 4,096: 4,096
        size_t http_nsc_heap_max_payload;
        // SOCKS 5 proxy for client connections when there is no HTTP proxy, as lws_set_socks() takes it; "": none; NULL: as
        // `http_proxy_address` says
        const char *socks_proxy_address;
        // port of the SOCKS proxy, when its address names none
        unsigned int socks_proxy_port;
        // zero
        unsigned int _unused;
        // how many `argv` has
        int argc;
        // LLL_ flags that lws_cmdline_option_handle_builtin() sets when the command line has no -d; 0: errors, warnings, notices and
        // what the program says
        int default_loglevel;
        // the program's command line, for lws_cmdline_option_cx(), which reads it where it is; or NULL.
        // lws_cmdline_option_handle_builtin() sets both
        const char **argv;
        // zero: room for what comes
        void *_reserved[33];
};

// An address of either family: `sa4.sin_family` says which.
union lws_sockaddr46 {
        // AF_INET
        struct sockaddr_in sa4;
        // AF_INET6
        struct sockaddr_in6 sa6;
};

// What is known of an http response.
struct lws_conmon_http {
        // its status
        int response;
};

// What depends on the protocol.
union lws_conmon_protocol_specific {
        // with LWSCONMON_PCOL_HTTP
        struct lws_conmon_http http;
};

// How long the steps of a request took, for lws_conmon_wsi_take(). Intervals are in microseconds, and 0 for what was not done for this
// request: one that rides a connection which was there looked up, connected and secured nothing.
struct lws_conmon {
        // whom it reached: `sa4.sin_family` is 0 when nobody, or on a unix socket
        union lws_sockaddr46 peer46;
        // as `pcol` says
        union lws_conmon_protocol_specific protocol_specific;
        // with LCCSCF_CONMON, what the lookup of the name found, in the order tried; NULL without one. lws_conmon_release() frees it
        struct addrinfo *dns_results_copy;
        // the lookup of the name
        lws_conmon_interval_us_t ciu_dns;
        // from connect() of the address that was reached until it was
        lws_conmon_interval_us_t ciu_sockconn;
        // the TLS handshake
        lws_conmon_interval_us_t ciu_tls;
        // from the request to its response's head
        lws_conmon_interval_us_t ciu_txn_resp;
        // LWSCONMON_PCOL_HTTP once there is a response
        enum lws_conmon_pcol pcol;
        // what became of the lookup
        enum lws_conmon_dns_disposition dns_disposition;
};

// A hash that is under way; in the program's memory, from lws_genhash_init() to lws_genhash_destroy().
struct lws_genhash_ctx {
        // LWS_GENHASH_TYPE_
        uint8_t type;
        // the hash
        const EVP_MD *evp_type;
        // the library's; NULL when none is under way
        EVP_MD_CTX *mdctx;
};

// A HMAC that is under way; in the program's memory, from lws_genhmac_init() to lws_genhmac_destroy().
struct lws_genhmac_ctx {
        // LWS_GENHMAC_TYPE_
        uint8_t type;
        // the hash
        const EVP_MD *evp_type;
        // the library's; NULL when none is under way
        EVP_MD_CTX *ctx;
        // NULL
        void *key;
};

// A unit of a schema for lws_humanize(); a schema is ended by one whose name is NULL.
struct lws_humanize_unit {
        // what is written behind the number
        const char *name;
        // how many of the smallest unit it is; larger ones come first
        uint64_t factor;
};

// What lws_x509_create_cert() is to make. Zeroed, it asks for a certificate of clients that signs itself, of a 2,048-bit RSA key, good
// for a year; `san` has to be set. The members are those of libwebsockets 5.0; their order is inferred: name them.
struct lws_x509_cert_gen_info {
        // the common name, UTF-8, at most 64 characters; of a server also the subjectAltName: its host name or address
        const char *san;
        // of an RSA key: 1024 to 8192, 0 for 2048; not looked at where curve_name is set
        int key_bits;
        // NULL: an RSA key. "P-256", "P-384", "P-521", or a name that OpenSSL has for a curve of 224 bits or more: an EC key
        const char *curve_name;
        // NULL, it signs itself; or PEM, the certificate of the CA that does
        const char *ca_cert_pem;
        // PEM, the key of ca_cert_pem, without a password; NULL where that is NULL
        const char *ca_key_pem;
        // 1: a CA, which signs others; is_server is not looked at
        int is_ca;
        // 1: for servers, and clients too; 0: for clients alone
        int is_server;
        // how many days from now it is good for, at most 36600; 0 for 365
        int validity_days;
};

// A pseudo random sequence, xoshiro256**: the same seed, the same sequence. Not for secrets.
struct lws_xos {
        // the state, not all zero
        uint64_t s[4];
};

// One timer; lives in the program's memory. All zero: not scheduled.
struct lws_sorted_usec_list {
        // `list.owner` is not NULL while it is scheduled; the rest is the library's
        struct lws_dll2 list;
        // when it is due, on the clock of lws_now_usecs()
        lws_usec_t us;
        // what is called then
        sul_cb_t cb;
        // how late it may be, in microseconds
        uint32_t latency_us;
};

// The state of a system, and all who are told.
struct lws_state_manager {
        // who is told
        struct lws_dll2_owner notify_list;
        // whose state it is
        struct lws_context *context;
        // for whoever made the manager
        void *parent;
        // the message class of a change
        lws_smd_class_t smd_class;
        // a name for each state
        const char **state_names;
        // the manager's own name
        const char *name;
        // the state now, LWS_SYSTATE_ for the system manager
        int state;
};

// A text whose `${name}` are being expanded. The members are the library's.
struct lws_strexp {
        // the name so far
        char name[32];
        // knows what names stand for
        lws_strexp_expand_cb cb;
        // for `cb`
        void *priv;
        // where the expanded text goes, or NULL
        char *out;
        // size of `out`
        size_t olen;
        // how much of it is used
        size_t pos;
        // how much of what the name stands for was written
        size_t exp_ofs;
        // how long `name` is
        uint8_t name_pos;
        // what is being read
        char state;
};

// One option of a program's command line, for lws_switches_print_help().
struct lws_switches {
        // as it is typed: "--port"
        const char *sw;
        // what it does, or NULL
        const char *doc;
};

// A text that is being cut into tokens. lws_tokenize_init() sets it up; a program that has no terminator behind its text sets `len` then.
struct lws_tokenize {
        // what is left of the text
        const char *start;
        // the element found, in the text and not terminated; of a quoted string what is between the quotes
        const char *token;
        // how much is left at most; a NUL ends the text too
        size_t len;
        // how long the element is
        size_t token_len;
        // LWS_TOKENIZE_F_ flags
        uint16_t flags;
        // what a comma-separated list needs next: enum lws_tokenize_delimiter_tracking
        uint8_t delim;
        // room for the program to keep an lws_tokenize_elem
        int8_t e;
};

// What lws_get_udp() points at.
struct lws_udp {
        // who sent the last datagram, and where lws_write() sends the next; a program may set it
        union lws_sockaddr46 sa46;
        // not used
        union lws_sockaddr46 sa46_pending;
        // 1: the socket talks with one peer
        //
        uint8_t connected: 1;
};

// The parts of a URI, made by lws_parse_uri_create(). The strings are terminated, and none is NULL.
struct lws_parse_uri {
        // "https" of "https://..."; "" without one
        const char *scheme;
        // the address, without the brackets of an IPv6 literal; of a unix socket `+` and its path
        const char *host;
        // what follows the slash behind the address, and "/" when nothing does
        const char *path;
        // as the URI says, or the usual one of http, ws, https and wss, or 0
        uint16_t port;
        // 1 when `host` is a unix socket's path
        uint8_t unix_skt;
};

// What LWS_CALLBACK_ADD_POLL_FD, _DEL_POLL_FD and _CHANGE_MODE_POLL_FD point `in` at.
struct lws_pollargs {
        // the socket
        lws_sockfd_type fd;
        // POLLIN and POLLOUT as wanted from now on
        int events;
        // what was wanted before
        int prev_events;
};

// What LWS_CALLBACK_SSL_INFO points `in` at: the arguments of OpenSSL's info callback.
//
struct lws_ssl_info {
        // SSL_CB_ bits
        int where;
        // its result
        int ret;
};

// A TLS session as bytes, on its way to or from where the program keeps it. Whoever has them can read what is said in the
// session: keep them as a key is kept.
struct lws_tls_session_dump {
        // which session: `vhost_host_port`, as a file name may be
        char tag[LWS_SESSION_TAG_LEN];
        // the bytes; of malloc(), and the library's from then on, when the program hands them in
        void *blob;
        // what the program gave
        void *opaque;
        // how many bytes
        size_t blob_len;
};

















































































































































































































































// message class: a user does something
#define LWSSMDCL_INTERACTION (1 << 0)

// message class: the system state changes
#define LWSSMDCL_SYSTEM_STATE (1 << 1)

// message class: something about the network
#define LWSSMDCL_NETWORK (1 << 2)

// message class: metrics; nothing here sends one
#define LWSSMDCL_METRICS (1 << 3)















































































































































#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Takes in a connected socket as a raw request: WSI_CREATE (to the vhost's first protocol), RAW_SKT_BIND_PROTOCOL and RAW_ADOPT come
// before this returns, RAW_RX, RAW_WRITEABLE and RAW_CLOSE from the loop. A file (`type` LWS_ADOPT_RAW_FILE_DESC: a pipe, a tty, an
// eventfd or timerfd) has the callbacks ending in _FILE, and the program reads it itself in RAW_RX_FILE; there and in
// RAW_WRITEABLE_FILE any nonzero return closes it. The descriptor is made not to block, and closed at the end.
//
// Returns NULL, after a log line, when the vhost or the protocol is not there, the descriptor cannot be used or is in use here,
// `type` asks for a server, which is not provided, `parent` is neither NULL nor a live
// request of the vhost's context, or RAW_ADOPT returned nonzero. A socket is closed then, a
// file is still the caller's.
//
// Requires: `vh_prot_name` is NULL or a string. The descriptor is the caller's to give.
LWS_VISIBLE LWS_EXTERN
struct lws *lws_adopt_descriptor_vhost(struct lws_vhost *vh,
                                       lws_adoption_type type,
                                       union lws_sock_file_fd_type fd,
                                       const char *vh_prot_name,
                                       struct lws *parent);

// lws_adopt_descriptor_vhost() with its arguments in a struct, and the opaque pointer that the callbacks find from the first on.
//
// Requires: `info` is NULL or filled in as its members say. The descriptor is the caller's to give.
LWS_VISIBLE LWS_EXTERN
struct lws *lws_adopt_descriptor_vhost_via_info(const struct lws_adopt_desc *info);

// Takes in a socket that the program accepted, for the context's default vhost; see lws_adopt_socket_vhost().
//
// Requires: The descriptor is the caller's to give.
LWS_VISIBLE LWS_EXTERN struct lws *lws_adopt_socket(struct lws_context *context, lws_sockfd_type accept_fd);

// Takes in a socket that the program accepted. Only for a vhost whose sockets are raw: LWS_SERVER_OPTION_ADOPT_APPLY_LISTEN_ACCEPT_CONFIG
// with `listen_accept_role` "raw-skt"; the protocol that is called is `listen_accept_protocol`, or the first. Any other vhost
// would serve http on it, which is not provided: the socket is closed, and NULL returned after a log line. A socket for a named
// protocol goes to lws_adopt_descriptor_vhost() with LWS_ADOPT_SOCKET, whatever the vhost.
//
// Requires: The descriptor is the caller's to give.
LWS_VISIBLE LWS_EXTERN
struct lws *lws_adopt_socket_vhost(struct lws_vhost *vh,
                                   lws_sockfd_type accept_fd);

// lws_adopt_socket() with what the program has read of it already: RAW_RX begins with that.
//
// Requires: `readbuf` has `len` readable bytes. The descriptor is the caller's to give.
LWS_VISIBLE LWS_EXTERN
struct lws *lws_adopt_socket_readbuf(struct lws_context *context,
                                     lws_sockfd_type accept_fd,
                                     const char *readbuf,
                                     size_t len);

// lws_adopt_socket_vhost() with what the program has read of it already: RAW_RX begins with that.
//
// Requires: `readbuf` has `len` readable bytes. The descriptor is the caller's to give.
LWS_VISIBLE LWS_EXTERN
struct lws *lws_adopt_socket_vhost_readbuf(struct lws_vhost *vhost,
                                           lws_sockfd_type accept_fd,
                                           const char *readbuf,
                                           size_t len);

// The request that has this descriptor; the connection's own handle when requests share it as streams; NULL when nobody has it.
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
struct lws *wsi_from_fd(const struct lws_context *context,
                        int fd);

// Says where memory that programs see comes from: `per_session_data_size`, lws_protocol_vh_priv_zalloc(), lwsac, buflists, rings, and
// the messages of lws_smd_msg_alloc(). `cb` is called as realloc(), with a size of 0 to free, and a word on what it is for; NULL
// is malloc() again. What the library uses for itself comes from malloc() in any case, and so does what OpenSSL uses.
//
// `cb` may be called from any thread, and calls nothing of this library. It is set before all else: memory that is freed
// later goes to the function that is set then.
//
// Requires: `cb` is NULL, or may be called as realloc() is, gives memory that is aligned as malloc()'s, and throws nothing.
LWS_VISIBLE LWS_EXTERN
void lws_set_allocator(void *(*cb)(void *ptr, size_t size, const char *reason));

// Encodes `in_len` bytes at `in` in base64, with padding, and terminates. Returns the length, or -1 when `out_size` is not at least two
// more than it.
//
// Requires: `in` has `in_len` readable bytes; `out` has `out_size` writable ones.
LWS_VISIBLE LWS_EXTERN
int lws_b64_encode_string(const char *in_,
                          int in_len,
                          char *out,
                          int out_size);

// As lws_b64_encode_string(), with the alphabet for URLs and file names.
//
// Requires: `in` has `in_len` readable bytes; `out` has `out_size` writable ones.
LWS_VISIBLE LWS_EXTERN int lws_b64_encode_string_url(const char *in_, int in_len, char *out, int out_size);

// Decodes the base64 of the string `in`, of either alphabet, padded or not, to `out`; white space in it does not count. Terminates where
// there is room for that. Returns how many bytes that were, or -1 when it is no base64, they do not fit into `out_size`, or an argument is
// NULL.
//
// Requires: `in` is NULL or a string; `out` is NULL or has `out_size` writable bytes.
LWS_VISIBLE LWS_EXTERN
int lws_b64_decode_string(const char *in_,
                          char *out,
                          int out_size);

// As lws_b64_decode_string(), of the `in_len` characters at `in`, or all of a string when `in_len` is -1; a NUL ends them too.
//
// Requires: `in` is NULL or has `in_len` readable bytes, or is a string; `out` is NULL or has `out_size` writable ones.
LWS_VISIBLE LWS_EXTERN
int lws_b64_decode_string_len(const char *in_,
                              int in_len,
                              char *out,
                              int out_size);

// Begins base64 that comes in pieces.
//
// Requires: `state` is NULL or writable.
LWS_VISIBLE LWS_EXTERN void lws_b64_decode_state_init(struct lws_b64state *state);

// Decodes one piece of base64: `*in_len` characters at `in`, to `*out_size` bytes at `out`, both of which are set to how much was read
// and written. It stops early when fewer than 3 bytes of room are left, or at a NUL: what was not read is to be given again. `final`: nothing
// follows. Terminates where there is room for that. Returns 0, or -1 when it is no base64 or an argument is NULL.
//
// Requires: `s` is NULL or was begun; `in_len` and `out_size` are NULL or writable; `in` and `out` are NULL or have that many bytes.
LWS_VISIBLE LWS_EXTERN
int lws_b64_decode_stateful(struct lws_b64state *s,
                            const char *in_,
                            size_t *in_len,
                            uint8_t *out,
                            size_t *out_size,
                            int final);

// Writes the value of an Authorization header for HTTP Basic authentication, `Basic ...`, to `buf`. Returns 0, or 1 when an argument is
// NULL or the value does not fit into `len` bytes with its terminator.
//
// Requires: `user` and `pw` are NULL or strings; `buf` has `len` writable bytes.
LWS_VISIBLE LWS_EXTERN
int lws_http_basic_auth_gen(const char *user,
                            const char *pw,
                            char *buf,
                            size_t len);

// As lws_http_basic_auth_gen(), with a password of `pwd_len` bytes, whatever they are.
//
// Requires: `user` is NULL or a string; `pw` is NULL or has `pwd_len` readable bytes; `buf` has `len` writable ones.
LWS_VISIBLE LWS_EXTERN
int lws_http_basic_auth_gen2(const char *user,
                             const void *pw,
                             size_t pwd_len,
                             char *buf,
                             size_t len);

// The `idx`th blob from `type` on: LWS_SYSBLOB_TYPE_AUTH with 1 is the second of that type. It lives as long as the context, and any
// thread may use it. NULL, after a log line, when there is no such context, or no such blob.
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
struct lws_system_blob *lws_system_get_blob(struct lws_context *context,
                                            lws_system_blob_item_t type,
                                            int idx);

// From now on the blob is the `len` bytes at `ptr`, which are not copied: they have to stay, as they are, until it is set anew or emptied,
// or the context is destroyed. What it had of lws_system_blob_heap_append() is freed. With NULL and a `len` there is a log line, and nothing
// changes.
//
// Requires: `ptr` is NULL or has `len` readable bytes for as long as said.
LWS_VISIBLE LWS_EXTERN
void lws_system_blob_direct_set(struct lws_system_blob *b,
                                const uint8_t *ptr,
                                size_t len);

// Empties the blob, and makes it one that lws_system_blob_heap_append() adds to.
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN void lws_system_blob_heap_empty(struct lws_system_blob *b);

// Adds a copy of `len` bytes, which is overwritten before it is freed. Returns 0, or -1, after a log line, when memory is short, `len` is
// 0, `ptr` or `b` is NULL, or the blob is the program's memory: then lws_system_blob_heap_empty() goes before.
//
// Requires: `ptr` is NULL or has `len` readable bytes.
LWS_VISIBLE LWS_EXTERN
int lws_system_blob_heap_append(struct lws_system_blob *b,
                                const uint8_t *ptr,
                                size_t len);

// How many bytes the blob has; 0, after a log line, when there is no such blob.
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN size_t lws_system_blob_get_size(struct lws_system_blob *b);

// Copies at most `*len` bytes from the byte `ofs` on, and sets `*len` to how many they are. Returns 0; 1 when the blob is the program's
// memory and ends before `ofs`; -1, after a log line, when there is no such blob or an argument is NULL.
//
// Requires: `len` is NULL or writable; `ptr` is NULL or has `*len` writable bytes.
LWS_VISIBLE LWS_EXTERN
int lws_system_blob_get(struct lws_system_blob *b,
                        uint8_t *ptr,
                        size_t *len,
                        size_t ofs);

// Sets `*ptr` to the blob's bytes, if they are in one piece: the program's memory, or what one lws_system_blob_heap_append() added. They
// stay until the blob changes or the context is destroyed. Returns 0, or -1 when they are not, there are none, or, after a log line, there is no such blob
// or `ptr` is NULL.
//
// Requires: `ptr` is NULL or writable.
LWS_VISIBLE LWS_EXTERN
int lws_system_blob_get_single_ptr(struct lws_system_blob *b,
                                   const uint8_t **ptr);

// Frees what lws_system_blob_heap_append() added; the program's memory stays set. A context does so with all of its blobs at its end.
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
void lws_system_blob_destroy(struct lws_system_blob *b);

// As lws_callback_on_writable(), for every request of the vhost that has this protocol. Returns 0, or -1, after a log line, when the
// vhost has no such protocol, or an argument is NULL or stale.
//
// Requires: `protocol` is NULL or an entry whose name is NULL or a string.
LWS_VISIBLE LWS_EXTERN
int lws_callback_on_writable_all_protocol_vhost(const struct lws_vhost *vhost,
                                                const struct lws_protocols *protocol);

// As lws_callback_on_writable_all_protocol_vhost(), on every vhost that has a protocol with the callback and the name of this one.
// Returns 0, or -1, after a log line, when an argument is NULL or stale.
//
// Requires: `protocol` is NULL or an entry whose name is NULL or a string.
LWS_VISIBLE LWS_EXTERN
int lws_callback_on_writable_all_protocol(const struct lws_context *context,
                                          const struct lws_protocols *protocol);

// Puts a copy of `len` bytes at the end of the list; `*head` NULL is an empty one. Returns 1 when they are the first piece, 0 when
// they are a further one, or -1, after a log line, when memory is short, `len` is 0 or an argument is NULL.
//
// Requires: `head` is NULL, or at a list's head, and nobody else is at the list; `buf` is NULL or has `len` readable bytes.
LWS_VISIBLE LWS_EXTERN
int lws_buflist_append_segment(struct lws_buflist **head,
                               const uint8_t *buf,
                               size_t len);

// How many bytes are left of the first piece, and, if `buf` is not NULL, where they are: there are LWS_PRE writable bytes before the first
// of a piece. 0, and NULL in `*buf`, when the list is empty.
//
// Requires: `head` is NULL, or at a list's head, and nobody else is at the list; `buf` is NULL or writable.
LWS_VISIBLE LWS_EXTERN
size_t lws_buflist_next_segment_len(struct lws_buflist **head,
                                    uint8_t **buf);

// Takes `len` bytes off the first piece, or what is left of it when that is less; when nothing is left the piece is freed. Returns how
// many bytes are left of what is then the first piece: 0 when the list is empty.
//
// Requires: `head` is NULL, or at a list's head, and nobody else is at the list.
LWS_VISIBLE LWS_EXTERN
size_t lws_buflist_use_segment(struct lws_buflist **head,
                               size_t len);

// How many bytes all pieces have left.
//
// Requires: `head` is NULL, or at a list's head, and nobody else is at the list.
LWS_VISIBLE LWS_EXTERN size_t lws_buflist_total_len(struct lws_buflist **head);

// Copies at most `len` bytes, from the byte `ofs` on, of all pieces as one, and uses none. Returns how many it copied: 0 when there are
// none at `ofs`, -1 when `buf` is NULL.
//
// Requires: `head` is NULL, or at a list's head, and nobody else is at the list; `buf` is NULL or has `len` writable bytes.
LWS_VISIBLE LWS_EXTERN
int lws_buflist_linear_copy(struct lws_buflist **head,
                            size_t ofs,
                            uint8_t *buf,
                            size_t len);

// As lws_buflist_linear_copy() from the first byte on, and uses what it copied.
//
// Requires: As lws_buflist_linear_copy().
LWS_VISIBLE LWS_EXTERN int lws_buflist_linear_use(struct lws_buflist **head, uint8_t *buf, size_t len);

// Copies at most `len` bytes of the first piece, uses them, and returns how many. `*frag_first` is 1 when the piece begins with them,
// `*frag_fin` is 1 when it ends with them, else 0. Returns 0, and both are left alone, when the list is empty, and -1 when
// `buf` is NULL.
//
// Requires: As lws_buflist_linear_copy(); `frag_first` and `frag_fin` are NULL or writable.
LWS_VISIBLE LWS_EXTERN
int lws_buflist_fragment_use(struct lws_buflist **head,
                             uint8_t *buf,
                             size_t len,
                             char *frag_first,
                             char *frag_fin);

// Frees all pieces; `*head` is NULL then.
//
// Requires: `head` is NULL, or at a list's head, and nobody else is at the list.
LWS_VISIBLE LWS_EXTERN void lws_buflist_destroy_all_segments(struct lws_buflist **head);

// Logs, as notices, how long each piece is and how much of it was used; `id` and `reason` are for the line.
//
// Requires: `head` is NULL, or at a list's head, and nobody else is at the list; `reason` is NULL or a string. `id` is not followed.
LWS_VISIBLE LWS_EXTERN
void lws_buflist_describe(struct lws_buflist **head,
                          void *id,
                          const char *reason);

// Asks the certificate that the peer showed when the connection was made: 0, and the answer is in `*buf`; 1 when the certificate
// does not have it; -1 when there is no TLS connection yet or any more, it showed none, `type` is not known or `len` is too short.
//
// `len` is how many bytes `buf->ns.name` has; 0 stands for the 64 of the union. Texts end with a NUL, of which `ns.len` does not know.
// `ns.len` tells what would be needed when an answer is too long, and is 0 after any other -1. LWS_TLS_CERT_INFO_COMMON_NAME is the
// common name itself, or all of the subject when it has none. Times are UTC. Of an h2 stream, or a handle of lws_get_network_wsi(), it
// is the connection's peer.
//
// Requires: `buf` is NULL or writable, with `len` bytes from `ns.name` on if `len` is not 0.
LWS_VISIBLE LWS_EXTERN
int lws_tls_peer_cert_info(struct lws *wsi,
                           enum lws_tls_cert_info type,
                           union lws_tls_cert_info_results *buf,
                           size_t len);

// As lws_tls_peer_cert_info(), of the client certificate that the vhost shows to servers; LWS_TLS_CERT_INFO_VERIFIED is not known.
//
// Requires: As lws_tls_peer_cert_info().
LWS_VISIBLE LWS_EXTERN
int lws_tls_vhost_cert_info(struct lws_vhost *vhost,
                            enum lws_tls_cert_info type,
                            union lws_tls_cert_info_results *buf,
                            size_t len);

// Makes an object that holds no certificate yet: 0, and it is in `*x509`. 1 when `x509` is NULL. The caller destroys it with
// lws_x509_destroy(). Threads that share one take turns.
//
// Requires: `x509` is NULL or writable.
LWS_VISIBLE LWS_EXTERN
int lws_x509_create(struct lws_x509_cert **x509);

// Reads the certificates of a PEM text of `len` bytes, a NUL at its end or not: 0. The first is the object's; those that follow are the
// chain of lws_x509_verify(). -1, after a log line, when the first cannot be read, and then the object holds what it held before. No
// password is asked for.
//
// Requires: `x509` is NULL or of lws_x509_create(); `pem` is NULL or has `len` readable bytes.
LWS_VISIBLE LWS_EXTERN
int lws_x509_parse_from_pem(struct lws_x509_cert *x509,
                            const void *pem,
                            size_t len);

// As lws_tls_peer_cert_info(), of the object's certificate; LWS_TLS_CERT_INFO_VERIFIED is not known.
//
// Requires: `x509` is NULL or of lws_x509_create(); the others are as lws_tls_peer_cert_info() wants them.
LWS_VISIBLE LWS_EXTERN
int lws_x509_info(struct lws_x509_cert *x509,
                  enum lws_tls_cert_info type,
                  union lws_tls_cert_info_results *buf,
                  size_t len);

// 0 when `trusted` is the certificate of the one who signed `x509`, or signed a CA that leads there by the other certificates which `x509`
// was read with, and `common_name`, unless it is NULL, is the common name of `x509`. -1, after a log line, otherwise. Dates and uses are
// not looked at, but that who is between is a CA, and allows as many below it.
//
// Requires: `x509` and `trusted` are NULL or of lws_x509_create(); `common_name` is NULL or a string.
LWS_VISIBLE LWS_EXTERN
int lws_x509_verify(struct lws_x509_cert *x509,
                    struct lws_x509_cert *trusted,
                    const char *common_name);

// The digest of the certificate's DER form into `buf`: how many bytes it has. `type` is the number of an enum lws_genhash_types: 1 MD5,
// 2 SHA1, 3 SHA256, 4 SHA384, 5 SHA512. -1 for another number, less room than the digest needs, or no certificate.
//
// Requires: `x509` is NULL or of lws_x509_create(); `buf` is NULL or has `len` writable bytes.
LWS_VISIBLE LWS_EXTERN
int lws_x509_cert_fingerprint(struct lws_x509_cert *x509,
                              int type,
                              uint8_t *buf,
                              size_t len);

// Frees the object and its certificate, and sets `*x509` to NULL. NULL, and a pointer to NULL, are allowed.
//
// Requires: `x509` is NULL or points to NULL or to an object of lws_x509_create().
LWS_VISIBLE LWS_EXTERN void lws_x509_destroy(struct lws_x509_cert **x509);

// Makes a request. Everything that `ccinfo` points at is copied, but `userdata`, `opaque_user_data` and `retry_and_idle_policy`.
//
// Returns its handle, good until its WSI_DESTROY returned, or NULL when nothing was accepted: then one log line says why,
// `*pwsi` is NULL, and no callback came or will come. Whatever goes wrong later is CLIENT_CONNECTION_ERROR's, from the loop.
//
// Requests with LCCSCF_PIPELINE to the same place, with the same trust, share one connection. Any thread may call it; the
// callbacks that come inside (BIND_PROTOCOL, WSI_CREATE, SERVER_NEW_CLIENT_INSTANTIATED) come on the caller's.
//
// Requires: `ccinfo` is NULL or filled in as its members say.
LWS_VISIBLE LWS_EXTERN
struct lws *lws_client_connect_via_info(const struct lws_client_connect_info *ccinfo);

// What the option `val` is set to: of `-d5`, `-d=5` and `-d 5`, 5; "" when the last argument is the option alone. If it is there more
// than once the last one counts, and NULL is returned when it is not there. A longer argument that begins with `val` is the option too.
//
// Requires: `argv` has `argc` strings, the first the program's name; `val` is NULL or a string.
LWS_VISIBLE LWS_EXTERN
const char *lws_cmdline_option(int argc,
                               const char **argv,
                               const char *val);

// Carries out what programs have in common: `-d LEVELS` sets the log levels; without it they are `info.default_loglevel`, and when
// that is 0 errors, warnings, notices and what the program says. Puts `argc` and `argv` into `info`, for lws_cmdline_option_cx().
//
// Requires: `argv` has `argc` strings, the first the program's name; `info` is NULL or writable, and its `default_loglevel` is set.
LWS_VISIBLE LWS_EXTERN
void lws_cmdline_option_handle_builtin(int argc,
                                       const char **argv,
                                       struct lws_context_creation_info *info)
__asm__("broadside_cmdline_option_handle_builtin");

// As lws_cmdline_option(), of the command line that the context was created with, `info.argc` and `info.argv`, and of what
// lws_system_adopt_stdin() appended to it. NULL without one.
//
// Requires: `info.argv` has `info.argc` strings still; `val` is NULL or a string.
LWS_VISIBLE LWS_EXTERN
const char *lws_cmdline_option_cx(const struct lws_context *cx,
                                  const char *val);

// As lws_cmdline_options(), of the command line that the context was created with. NULL without one.
//
// Requires: `info.argv` has `info.argc` strings still; `val` is NULL or a string.
LWS_VISIBLE LWS_EXTERN
const char *lws_cmdline_options_cx(const struct lws_context *cx,
                                   const char *val,
                                   const char *last);

// The program's name on the command line that the context was created with; NULL without one.
//
// Requires: `info.argv` has `info.argc` strings still.
LWS_VISIBLE LWS_EXTERN const char *lws_cmdline_option_cx_argv0(const struct lws_context *cx);

// Fills `dest` with how long the steps of the request took so far, and gives it the list of addresses that its name has: the caller
// frees that with lws_conmon_release(), whenever it likes. A second call finds the same, and no list. All of `dest` is zero for a
// handle that is gone. Good in every callback of the request, up to its WSI_DESTROY.
//
// Requires: `dest` is NULL or writable; what it held is not freed.
LWS_VISIBLE LWS_EXTERN
void lws_conmon_wsi_take(struct lws *wsi,
                         struct lws_conmon *dest);

// Frees what lws_conmon_wsi_take() gave `conmon`: the list of addresses, which is NULL from then on. `conmon` itself is the program's.
// NULL is allowed, and so is a second call.
//
// Requires: `conmon` is NULL or filled in by lws_conmon_wsi_take(), its list not freed yet.
LWS_VISIBLE LWS_EXTERN
void lws_conmon_release(struct lws_conmon *conmon);

// Makes a context, and unless `LWS_SERVER_OPTION_EXPLICIT_VHOSTS` is set without `pprotocols`, its first vhost, named "default".
// OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS comes before this returns. SIGPIPE is ignored from here on in the process.
//
// Returns NULL, after a log line, when `info` is NULL, memory or fds are short, 4,080 contexts exist, an event library is
// asked for, or the client certificate or a proxy's address cannot be used. The caller destroys the context with lws_context_destroy().
//
// Requires: `info` is NULL or filled in as its members say.
LWS_VISIBLE LWS_EXTERN
struct lws_context *lws_create_context(const struct lws_context_creation_info *info)
__asm__(LWS_CREATE_CONTEXT_NAME);

// Makes one more vhost on a context. OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS comes before this returns, PROTOCOL_INIT from the loop.
// Returns NULL, after a log line, when an argument is NULL or stale, memory is short, or the client certificate or a proxy's
// address cannot be used. It lives until lws_vhost_destroy() or the end of the context.
//
// Requires: `info` is NULL or filled in as its members say.
LWS_VISIBLE LWS_EXTERN
struct lws_vhost *lws_create_vhost(struct lws_context *context,
                                   const struct lws_context_creation_info *info)
__asm__("broadside_create_vhost");

// Fills `info` with what a client starts from: zeros, no listening port, TLS on, no vhost of the context's own.
// `lws_context_info_defaults()` is the name to call it by.
//
// Requires: `info` is NULL or writable. `sspol` is not used.
LWS_VISIBLE LWS_EXTERN
void _lws_context_info_defaults(struct lws_context_creation_info *info,
                                const char *sspol)
__asm__("broadside_context_info_defaults");

// Destroys the context: every request gets its last callbacks, every socket is closed, every byte freed. Established requests
// get DROP_PROTOCOL, CLOSED_CLIENT_HTTP and WSI_DESTROY, the others DROP_PROTOCOL and WSI_DESTROY. Then the system state becomes
// POLICY_INVALID, every protocol gets PROTOCOL_DESTROY, and the state CONTEXT_DESTROYING; who holds these back delays nothing.
// From inside a callback it is carried out when the outermost call into the context returns. NULL and a pointer that was destroyed
// before are allowed. Any thread may call it; it waits for callbacks that run in others.
//
// Requires: What the context was given (protocols, user pointers) lives until this returns, or, from inside a callback, until the
// outermost call returns.
LWS_VISIBLE LWS_EXTERN
void lws_context_destroy(struct lws_context *context);

// Nonzero from the moment `lws_context_destroy()` was called on it; a context that is gone is being destroyed too.
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN int lws_context_is_being_destroyed(struct lws_context *context);

// Writes `string` to `escaped` as a URL's query has it, and answers `escaped`: letters and digits as they are, a space as `+`, anything
// else as `%XX`. `len` is the size of `escaped`, with the terminator. It ends early where another `%XX` might not fit. `escaped` is
// as it was when `len` is below 1 or a pointer is NULL.
//
// Requires: `escaped` is NULL or has `len` writable bytes; `string` is NULL or a string.
LWS_VISIBLE LWS_EXTERN
const char *lws_urlencode(char *escaped,
                          const char *string,
                          int len);

// Reads what lws_urlencode() writes: `+` as a space, `%XX` as a byte. `len` is the size of `string`, with the terminator; decoded in
// place (`string` is `escaped`) it is how many characters there may be. What does not fit is cut off, as is a `%X` at the end. Returns
// 0, or -1 with an empty `string` when no two hex digits follow a `%`, or an argument is NULL or below 1.
//
// Requires: `string` is NULL or has `len` writable bytes, in place those of `escaped`; `escaped` is NULL or a string.
LWS_VISIBLE LWS_EXTERN
int lws_urldecode(char *string,
                  const char *escaped,
                  int len);

// Writes `string` to `escaped` with each `'` doubled, to stand in a string literal of SQL, and answers `escaped`. `len` is the size of
// `escaped`, with the terminator. It ends early where another `''` might not fit.
//
// Requires: `escaped` is NULL or has `len` writable bytes; `string` is NULL or a string.
LWS_VISIBLE LWS_EXTERN
const char *lws_sql_purify(char *escaped,
                           const char *string,
                           size_t len);

// How long lws_sql_purify() makes `p`, without the terminator; 0 for NULL.
//
// Requires: `p` is NULL or a string.
LWS_VISIBLE LWS_EXTERN int lws_sql_purify_len(const char *p);

// Writes `string` to `escaped` to stand between the quotes of a JSON string, and answers `escaped`. The result is ASCII: each byte from
// 0x80 on is written as `\u00XX`. `len` is the size of `escaped`, with the terminator. It ends early where another `\u00XX` might not
// fit; `*in_used` is how much of `string` was written. A NULL `string` is written as an empty one.
//
// Requires: `escaped` is NULL or has `len` writable bytes; `string` is NULL or a string; `in_used` is NULL or writable.
LWS_VISIBLE LWS_EXTERN
const char *lws_json_purify(char *escaped,
                            const char *string,
                            int len,
                            int *in_used);

// How long lws_json_purify() makes `string` at most, without the terminator; 0 for NULL.
//
// Requires: `string` is NULL or a string.
LWS_VISIBLE LWS_EXTERN int lws_json_purify_len(const char *string);

// Makes `filename` safe to open: `..`, `:`, `\`, `$` and `%` become `_`, in place. Slashes stay.
//
// Requires: `filename` is NULL or a string that may be changed.
LWS_VISIBLE LWS_EXTERN void lws_filename_purify_inplace(char *filename);

// Reads a file into memory that is kept: 0, and `*cache` is at its bytes, with a NUL behind them, and `*len` says how many they are. Where
// `*cache` is not NULL it is of an earlier call for the same file: if that is less than 5 s ago, or the file was not written since, this
// returns 0 and leaves both as they are. Else the file is read anew, and the earlier bytes are freed, at once or with
// lwsac_use_cached_file_end() of whoever uses them still.
//
// Returns 1 when an argument is NULL, or, after a log line, when the file cannot be read or memory is short; `*cache` stays as it is then. A
// cached file has no lock.
//
// Requires: `filepath` is NULL or a string; `cache` is NULL, or at a pointer that is NULL or of this function; `len` is NULL or writable.
LWS_VISIBLE LWS_EXTERN
int lwsac_cached_file(const char *filepath,
                      lwsac_cached_file_t *cache,
                      size_t *len);

// One more uses the bytes: they stay, whatever becomes of the file, until lwsac_use_cached_file_end().
//
// Requires: `cache` is NULL, or of lwsac_cached_file() and not freed.
LWS_VISIBLE LWS_EXTERN void lwsac_use_cached_file_start(lwsac_cached_file_t cache);

// One uses the bytes no more. With the last one, when they were replaced or detached, they are freed and `*cache` is NULL.
//
// Requires: `cache` is NULL, or at a pointer that is NULL or of lwsac_cached_file() and not freed.
LWS_VISIBLE LWS_EXTERN
void lwsac_use_cached_file_end(lwsac_cached_file_t *cache);

// The bytes are freed, and `*cache` is NULL, now if nobody uses them, else with the last lwsac_use_cached_file_end().
//
// Requires: As lwsac_use_cached_file_end().
LWS_VISIBLE LWS_EXTERN void lwsac_use_cached_file_detach(lwsac_cached_file_t *cache);

// Where `name` begins in `buf`, neither of which needs a terminator; NULL when it is not there, or is empty.
//
// Requires: `buf` is NULL or has `len` readable bytes, `name` likewise `nl`.
LWS_VISIBLE LWS_EXTERN const char *lws_nstrstr(const char *buf, size_t len, const char *name, size_t nl);

// The value behind the first `name` in flat JSON; `name` has its quotes and colon: "\"name\":". Of a string it is what stands between
// the quotes, escapes as they are; of anything else all up to `,`, `]` or `}`. `*alen` is its length. NULL, and `*alen` as it was, when it
// is not there. This is no parser: text that looks like `name` inside of a string counts too.
//
// Requires: `buf` is NULL or has `len` readable bytes; `name` is NULL or a string; `alen` is NULL or writable.
LWS_VISIBLE LWS_EXTERN
const char *lws_json_simple_find(const char *buf,
                                 size_t len,
                                 const char *name,
                                 size_t *alen);

// 0 when the value that lws_json_simple_find() finds is `comp`; else nonzero: -1 when it is not there, or has another length.
//
// Requires: `buf` is NULL or has `len` readable bytes; `name` and `comp` are NULL or strings.
LWS_VISIBLE LWS_EXTERN
int lws_json_simple_strcmp(const char *buf,
                           size_t len,
                           const char *name,
                           const char *comp);

// 0 when `check` is what `wildcard` says, where each `*` stands for any characters, or none; else 1. Neither needs a terminator.
//
// Requires: `wildcard` is NULL or has `wlen` readable bytes, `check` likewise `clen`.
LWS_VISIBLE LWS_EXTERN
int lws_strcmp_wildcard(const char *wildcard,
                        size_t wlen,
                        const char *check,
                        size_t clen);

// Writes what begins a part of a multipart form at `*p`, terminated, and moves `*p` to the terminator: the part's value follows there.
// `name` NULL writes the form's end instead. `filename` and `content_type` are NULL where the part has none. A quote, CR or LF in
// `name` or `filename` is written as %22, %0D or %0A.
//
// For requests with LCCSCF_HTTP_MULTIPART_MIME, from APPEND_HANDSHAKE_HEADER on. Their Content-Type is written by the library, with a
// boundary that is new for each. Without a Content-Length of the program's the body is sent in chunks on h1 (RFC 9112 section 7.1).
//
// Returns 0, or 1, with a log line and `*p` as it was, when it does not fit before `end`, `content_type` has a CR, LF or NUL,
// the request is not of this kind, or the handle is stale.
//
// Requires: `name`, `filename` and `content_type` are NULL or strings; `*p` up to `end` is writable.
LWS_VISIBLE LWS_EXTERN
int lws_client_http_multipart(struct lws *wsi,
                              const char *name,
                              const char *filename,
                              const char *content_type,
                              char **p,
                              char *end);

// Begins a multipart form that is filled in from values and files: writes its Content-Type and Content-Length at `*p` and moves `*p`
// behind them. For APPEND_HANDSHAKE_HEADER of a request without LCCSCF_HTTP_MULTIPART_MIME; the program says
// lws_client_http_body_pending() and lws_callback_on_writable() itself, and lws_http_mp_sm_fill() gives it the body in
// CLIENT_HTTP_WRITEABLE.
//
// `cb(context, text, size, &last)` is asked for one field after another, all of them within this call. It writes `name=value`, or
// `name=@path` for what is in a file, to `text`, which has `size` bytes (4,096), terminated, and returns 0; 1 when there are no more,
// and below 0 to give up. `last` is NULL at first, and what it left there afterwards.
//
// Returns what lws_http_mp_sm_fill() takes, or NULL, with a log line and `*p` as it was, when `cb` gave up, a file is not there or no
// regular file, the lines do not fit before `end`, memory or random bytes are short, or the handle is stale.
//
// Requires: `cb` may be called so; `*p` up to `end` is writable, as APPEND_HANDSHAKE_HEADER gave it.
LWS_VISIBLE LWS_EXTERN
struct lws_http_mp_sm *lws_http_mp_sm_init(struct lws *wsi,
                                           lws_http_mp_sm_cb_t cb,
                                           uint8_t **p,
                                           uint8_t *end);

// Writes the next bytes of the form's body at `*p`, as many as there are and as fit before `end`, and moves `*p` behind them. Returns 1
// while more follow, 0 when these were the last, and -1, with a log line, when a file cannot be read or became shorter than it was, or
// an argument is NULL. A file that grew is sent as long as it was.
//
// Requires: `phms` came from lws_http_mp_sm_init() and was not destroyed; `*p` up to `end` is writable.
LWS_VISIBLE LWS_EXTERN
int lws_http_mp_sm_fill(struct lws_http_mp_sm *phms,
                        uint8_t **p,
                        uint8_t *end);

// Frees what lws_http_mp_sm_init() gave, and sets `*pphms` to NULL. NULL, and a pointer to NULL, are allowed.
//
// Requires: `*pphms` is NULL, or came from lws_http_mp_sm_init() and was not destroyed.
LWS_VISIBLE LWS_EXTERN void lws_http_mp_sm_destroy(struct lws_http_mp_sm **pphms);

// Bytes of the hash's digest: at most LWS_GENHASH_LARGEST; 0 when there is no such hash.
LWS_VISIBLE LWS_EXTERN size_t lws_genhash_size(enum lws_genhash_types type);

// Begins a hash. Returns 0, or 1, after a log line, when there is no such hash, OpenSSL refuses it (MD5 under FIPS) or `ctx` is NULL; there
// is nothing to destroy then.
//
// Requires: `ctx` is NULL or writable, and no hash is under way in it: what it holds is not freed.
LWS_VISIBLE LWS_EXTERN
int lws_genhash_init(struct lws_genhash_ctx *ctx,
                     enum lws_genhash_types type);

// Goes on with `len` bytes. Returns 0, or 1, after a log line, when no hash is under way or an argument is NULL.
//
// Requires: `ctx` is NULL, or was given to lws_genhash_init(); `in` is NULL or has `len` readable bytes.
LWS_VISIBLE LWS_EXTERN int lws_genhash_update(struct lws_genhash_ctx *ctx, const void *in, size_t len);

// Ends a hash. Its digest, lws_genhash_size() bytes, is written to `result` unless that is NULL. Returns 0, or 1, after a log line, when
// OpenSSL fails, no hash is under way or `ctx` is NULL. It is freed in any case.
//
// Requires: `ctx` is NULL, or was given to lws_genhash_init(); `result` is NULL or has that many writable bytes.
LWS_VISIBLE LWS_EXTERN
int lws_genhash_destroy(struct lws_genhash_ctx *ctx,
                        void *result);

// Bytes of the HMAC: at most LWS_GENHASH_LARGEST; 0 when there is no such HMAC.
LWS_VISIBLE LWS_EXTERN size_t lws_genhmac_size(enum lws_genhmac_types type);

// Begins a HMAC (RFC 2104). The key is copied. Returns 0, or 1, after a log line, when there is no such HMAC, OpenSSL refuses it, or `ctx`
// is NULL, or `key` is and `key_len` is not 0; there is nothing to destroy then.
//
// Requires: `ctx` is NULL or writable, and no HMAC is under way in it: what it holds is not freed. `key` is NULL or has `key_len` readable bytes.
LWS_VISIBLE LWS_EXTERN
int lws_genhmac_init(struct lws_genhmac_ctx *ctx,
                     enum lws_genhmac_types type,
                     const uint8_t *key,
                     size_t key_len);

// Goes on with `len` bytes. Returns 0, or 1, after a log line, when no HMAC is under way or an argument is NULL.
//
// Requires: `ctx` is NULL, or was given to lws_genhmac_init(); `in` is NULL or has `len` readable bytes.
LWS_VISIBLE LWS_EXTERN int lws_genhmac_update(struct lws_genhmac_ctx *ctx, const void *in, size_t len);

// Ends a HMAC. It is written to `result`, lws_genhmac_size() bytes, unless that is NULL. Returns 0, or 1, after a log line, when OpenSSL
// fails, no HMAC is under way or `ctx` is NULL. It is freed in any case.
//
// Requires: `ctx` is NULL, or was given to lws_genhmac_init(); `result` is NULL or has that many writable bytes.
LWS_VISIBLE LWS_EXTERN
int lws_genhmac_destroy(struct lws_genhmac_ctx *ctx,
                        void *result);

// How many bytes the request's h2 stream may send now: the smaller of its window and the connection's, less what was written
// and waits for them (RFC 9113 section 6.9). 0 while it waits for its turn or the peer; -1 where nothing limits it but the
// socket: on h1, and when the handle is stale.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
lws_fileofs_t lws_get_peer_write_allowance(struct lws *wsi);

// Windows of a request's h2 stream (RFC 9113 section 6.9). With LWSTXCR_PEER_TO_US and `add` > 0 the peer may send `add` bytes
// more: for requests with LCCSCF_H2_MANUAL_RXFLOW, whose window nothing else widens. With `add` 0 it tells: how many bytes
// the peer may send now, or with LWSTXCR_US_TO_PEER how many we may.
//
// Returns 0 when the window was widened or the response needs none any more, the number when it was asked for, and -1 with a log line when the handle is stale,
// the request is not on an h2 stream, `add` is below 0 or widens the window beyond 2^31-1, or `add` is not 0 with
// LWSTXCR_US_TO_PEER: what we may send is the peer's to say.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
int lws_wsi_tx_credit(struct lws *wsi,
                      char peer_to_us,
                      int add);

// Ends the sending half of the request's h2 stream and lets its response take as long as it likes: a long poll.
// Returns 0, or 1 when the handle is stale or the request is not on an h2 stream.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN int lws_h2_client_stream_long_poll_rxonly(struct lws *wsi);

// Lets the request's response take as long as it likes to begin: server-sent events. Returns 0, or 1 when the handle is stale.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
int lws_http_mark_sse(struct lws *wsi);

// The bytes that the hex digits of the string `h` say, at most `max`, to `dest`. Returns how many, or -1 when something is no digit,
// one digit is alone, they do not fit, or an argument is NULL.
//
// Requires: `h` is NULL or a string; `dest` is NULL or has `max` writable bytes.
LWS_VISIBLE LWS_EXTERN
int lws_hex_to_byte_array(const char *h,
                          uint8_t *dest,
                          int max);

// As lws_hex_to_byte_array(), of `hlen` digits that need no terminator.
//
// Requires: `h` is NULL or has `hlen` readable bytes; `dest` is NULL or has `max` writable ones.
LWS_VISIBLE LWS_EXTERN int lws_hex_len_to_byte_array(const char *h, size_t hlen, uint8_t *dest, int max);

// Writes `slen` bytes at `src` as lower case hex digits to `dest`, which has `len` bytes: as many as fit, and a terminator.
//
// Requires: `src` is NULL or has `slen` readable bytes; `dest` is NULL or has `len` writable ones.
LWS_VISIBLE LWS_EXTERN
void lws_hex_from_byte_array(const uint8_t *src,
                             size_t slen,
                             char *dest,
                             size_t len);

// Fills `dest` with `len` - 1 random hex digits in lower case and a terminator. Returns 0, or 1 when there are no random bytes to be had,
// `dest` is NULL or `len` is 0.
//
// Requires: `dest` is NULL or has `len` writable bytes. `context` is not looked at.
LWS_VISIBLE LWS_EXTERN
int lws_hex_random(struct lws_context *context,
                   char *dest,
                   size_t len);

// Writes `name: value` and its line end at `*p` and moves `*p` behind it. `name` ends with a colon or not.
// Returns 0, or 1, with a log line and `*p` as it was, when it does not fit before `end`, or name or value cannot stand in a
// header (CR, LF, NUL), or the handle is stale.
//
// Requires: `name` is a string; `value` has `length` readable bytes; `*p` up to `end` is writable, as APPEND_HANDSHAKE_HEADER gave it.
LWS_VISIBLE LWS_EXTERN
int lws_add_http_header_by_name(struct lws *wsi,
                                const unsigned char *name,
                                const unsigned char *value,
                                int length,
                                unsigned char **p,
                                unsigned char *end);

// As lws_add_http_header_by_name(), the name given by its token.
//
// Requires: As lws_add_http_header_by_name().
LWS_VISIBLE LWS_EXTERN
int lws_add_http_header_by_token(struct lws *wsi,
                                 enum lws_token_indexes token,
                                 const unsigned char *value,
                                 int length,
                                 unsigned char **p,
                                 unsigned char *end);

// Adds Content-Length.
//
// Requires: As lws_add_http_header_by_name().
LWS_VISIBLE LWS_EXTERN
int lws_add_http_header_content_length(struct lws *wsi,
                                       lws_filepos_t content_length,
                                       unsigned char **p,
                                       unsigned char *end);

// The name of a header token with its colon, lower case; NULL for a number that is none.
LWS_VISIBLE LWS_EXTERN const unsigned char *lws_token_to_string(enum lws_token_indexes token);

// The status of the response; 0 before there is one.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN unsigned int lws_http_client_http_response(struct lws *wsi);

// 1 when a redirect turned the request into a GET: it has no body any more, and its APPEND writes none of the headers of one.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
int lws_http_is_redirected_to_get(struct lws *wsi);

// How long a response's header is, all its occurrences joined by commas; 0 when it is not there.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN int lws_hdr_total_length(struct lws *wsi, enum lws_token_indexes h);

// Copies a response's header to `dest`, terminated, its occurrences joined by commas. Returns its length, 0 when it is not there,
// -1 when it does not fit or the handle is stale. Readable until WSI_DESTROY returned.
//
// Requires: `dest` has `len` writable bytes.
LWS_VISIBLE LWS_EXTERN
int lws_hdr_copy(struct lws *wsi,
                 char *dest,
                 int len,
                 enum lws_token_indexes h);

// How long one occurrence of a response's header is, from 0; 0 when it is not there.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN int lws_hdr_fragment_length(struct lws *wsi, enum lws_token_indexes h, int frag_idx);

// Copies one occurrence of a response's header, from 0. Returns its length, or -1 when it is not there or does not fit.
//
// Requires: `dest` has `len` writable bytes.
LWS_VISIBLE LWS_EXTERN
int lws_hdr_copy_fragment(struct lws *wsi,
                          char *dest,
                          int len,
                          enum lws_token_indexes h,
                          int frag_idx);

// How long a response's header of this name is; -1 when it is not there.
//
// Requires: `name` has `nlen` readable bytes.
LWS_VISIBLE LWS_EXTERN int lws_hdr_custom_length(struct lws *wsi, const char *name, int nlen);

// Copies a response's header of this name to `dst`, terminated. Returns its length, or -1 when it is not there or does not fit.
//
// Requires: `name` has `nlen` readable bytes; `dst` has `len` writable ones.
LWS_VISIBLE LWS_EXTERN
int lws_hdr_custom_copy(struct lws *wsi,
                        char *dst,
                        int len,
                        const char *name,
                        int nlen);

// Calls `cb` with the name, lower case and with its colon, of each header of the response that has no token. Returns 0, or -1 when
// `cb` is NULL or the handle is stale.
//
// Requires: `cb` may be called with a name, its length and `opaque`.
LWS_VISIBLE LWS_EXTERN
int lws_hdr_custom_name_foreach(struct lws *wsi,
                                lws_hdr_custom_fe_cb_t cb,
                                void *opaque);

// Writes `value` to `buf`, which has `len` bytes, in the largest unit of `schema` that it reaches, with three decimals, or as it is in the
// smallest: "512KiB" is "512.000KiB", 128 is "128". It is not padded. Cut to the room and terminated. Returns its length in `buf`, or 0
// when an argument is NULL or `value` is in no unit.
//
// Requires: `buf` is NULL or has `len` writable bytes; `schema` is NULL or ended by a unit without a name.
LWS_VISIBLE LWS_EXTERN
int lws_humanize(char *buf,
                 size_t len,
                 uint64_t value,
                 const struct lws_humanize_unit *schema);

// As lws_humanize(), in columns: spaces before it, so that its point, or the name of its unit, is the sixth character, and behind it up to the
// twelfth.
//
// Requires: As lws_humanize().
LWS_VISIBLE LWS_EXTERN
int lws_humanize_pad(char *p,
                     size_t len,
                     uint64_t v,
                     const struct lws_humanize_unit *schema);

// The name of this machine, as it was when this was asked first; "unknown" on a context with
// LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME, or when it has none. It lives as long as the context. NULL when that is stale.
//
// Requires: nothing: the context is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
const char *lws_canonical_hostname(struct lws_context *context);

// The user and the group that the process acts as now, to `*uid` and `*gid`. lws: those that the context was told to become.
//
// Requires: `uid` and `gid` are NULL or writable.
LWS_VISIBLE LWS_EXTERN
void lws_get_effective_uid_gid(struct lws_context *context,
                               uid_t *uid,
                               gid_t *gid);

// Makes a key, and a certificate for it (RFC 5280, version 3): 0, and both are in memory of malloc(), which the caller gives to free().
// They are DER: the certificate, and the key as PKCS#1 (RSA) or SEC 1 (EC) have it, which the PEM labels "RSA PRIVATE KEY" and
// "EC PRIVATE KEY" stand for. 1, after a log line that says why, when they cannot be made; the buffers are NULL then, and their lengths 0.
//
// It is good from a day ago on, for clocks that differ; its serial number is random; it is signed with SHA-256. One of a CA has keyUsage
// keyCertSign and cRLSign. Others have digitalSignature, with RSA also keyEncipherment, and extKeyUsage clientAuth, of a server serverAuth
// too; only a server's has a subjectAltName, an iPAddress where `info->san` is an address, else a dNSName, which may begin with "*.".
//
// `info->ca_cert_pem` has to be a CA's and `info->ca_key_pem` its key, whatever kind of key that is. Nothing of the certificate is kept
// here. Making an RSA key takes from a tenth of a second (2,048 bits) to many seconds, in which the loop stands still when it is the loop's
// thread that waits. `context` is not looked at, and may be NULL. Any thread.
//
// Requires: The four outputs are NULL, which is an error, or writable; `info` is NULL, which is one too, or readable with strings in it.
LWS_VISIBLE LWS_EXTERN
int lws_x509_create_cert(struct lws_context *context,
                         uint8_t **cert_buf,
                         size_t *cert_len,
                         uint8_t **key_buf,
                         size_t *key_len,
                         const struct lws_x509_cert_gen_info *info);

// As lws_x509_create_cert(), of a server that signs for itself: an RSA key of `key_bits` bits, 0 for 2048, and a year. `san` NULL is
// "localhost".
//
// Requires: As lws_x509_create_cert(); `san` is NULL or a string.
LWS_VISIBLE LWS_EXTERN
int lws_x509_create_self_signed(struct lws_context *context,
                                uint8_t **cert_buf,
                                size_t *cert_len,
                                uint8_t **key_buf,
                                size_t *key_len,
                                const char *san,
                                int key_bits);

// Puts the node first on the list.
//
// Requires: `d` and `owner` are NULL, or writable, and so is every node that the list has.
LWS_VISIBLE LWS_EXTERN void lws_dll2_add_head(struct lws_dll2 *d, struct lws_dll2_owner *owner);

// Puts the node last on the list.
//
// Requires: `d` and `owner` are NULL, or writable, and so is every node that the list has.
LWS_VISIBLE LWS_EXTERN void lws_dll2_add_tail(struct lws_dll2 *d, struct lws_dll2_owner *owner);

// Puts the node `d` before the node `after`, on the list that `after` is on.
//
// Requires: `d` and `after` are NULL, or writable, and so is the list of `after` and every node that it has.
LWS_VISIBLE LWS_EXTERN void lws_dll2_add_before(struct lws_dll2 *d, struct lws_dll2 *after);

// Puts the node `d` behind the node `prev`, on the list that `prev` is on.
//
// Requires: `d` and `prev` are NULL, or writable, and so is the list of `prev` and every node that it has.
LWS_VISIBLE LWS_EXTERN void lws_dll2_add_insert(struct lws_dll2 *d, struct lws_dll2 *prev);

// Puts the node before the first one, `d`, for which `compare(d, i)` >= 0, where `i` is the new one; last when there is none. So a list
// stays sorted, and among equals the newest comes first.
//
// Requires: `d` and `own` are NULL, or writable, and so is every node that the list has; `compare` is NULL or may be called with them, and
// does not change the list.
LWS_VISIBLE LWS_EXTERN
void lws_dll2_add_sorted(struct lws_dll2 *d,
                         struct lws_dll2_owner *own,
                         int (*compare)(const struct lws_dll2 *d, const struct lws_dll2 *i));

// As lws_dll2_add_sorted(); `compare3` is handed `priv` too.
//
// Requires: As lws_dll2_add_sorted().
LWS_VISIBLE LWS_EXTERN
void lws_dll2_add_sorted_priv(struct lws_dll2 *d,
                              struct lws_dll2_owner *own,
                              void *priv,
                              int (*compare3)(void *priv, const struct lws_dll2 *d, const struct lws_dll2 *i));

// The first object on the list whose string is the `namelen` characters at `name`; NULL when there is none. `dll2_ofs` and `ptr_ofs` are
// where in the object its node and the pointer to its string are; lws_dll2_search_sz_pl() is the name to call it by.
//
// Requires: `own` is NULL or readable, and so is every object that the list has, whose pointer is NULL or at a string; `name` is NULL or has
// `namelen` readable bytes.
LWS_VISIBLE LWS_EXTERN
void *_lws_dll2_search_sz_pl(struct lws_dll2_owner *own,
                             const char *name,
                             size_t namelen,
                             size_t dll2_ofs,
                             size_t ptr_ofs);

// Logs, at level info, the list and its nodes; `desc` is for the lines.
//
// Requires: `owner` is NULL or readable, and so is every node that the list has; `desc` is NULL or a string.
LWS_VISIBLE LWS_EXTERN void lws_dll2_describe(struct lws_dll2_owner *owner, const char *desc);

// Takes the node off the list that it is on; nothing when it is on none. A scheduled timer is cancelled.
//
// Requires: `d` is NULL, or writable, and so is the list it is on and every node that it has.
LWS_VISIBLE LWS_EXTERN void lws_dll2_remove(struct lws_dll2 *d);

// Calls `cb` for each node, first to last, and answers 1 when it ended the walk, else 0. `cb` may remove the node it is given.
//
// Requires: `owner` is NULL, or readable, and so is every node that the list has; `cb` is NULL or may be called with them.
LWS_VISIBLE LWS_EXTERN
int lws_dll2_foreach_safe(struct lws_dll2_owner *owner,
                          void *user,
                          lws_dll2_foreach_cb_t cb);

// Puts `add` into the singly linked list that begins at `*phead`. A list pointer points at a member of an element's that is the next one's
// list pointer, or NULL. It goes first; or with `sort` before the first element that it is not greater than: `sort(add, element)` is
// negative, 0 or positive as in strcmp(). Equal ones so come before those that are there.
//
// Requires: `phead` is NULL or writable, and so are all members of the list; `add` is NULL or writable and on no list; `sort` is NULL or may be
// called with what `add` and the list's members hold.
LWS_VISIBLE LWS_EXTERN
void lws_list_ptr_insert(void **phead,
                         void **add,
                         lws_list_ptr_sort_func_t sort);

// Makes the memory a node on no list, whatever was in it. A node that is on a list is to be removed instead.
//
// Requires: `d` is NULL or writable.
LWS_VISIBLE LWS_EXTERN void lws_dll2_clear(struct lws_dll2 *d);

// Makes the memory an empty list, whatever was in it. Its nodes, if it had any, are not touched.
//
// Requires: `d` is NULL or writable.
LWS_VISIBLE LWS_EXTERN void lws_dll2_owner_clear(struct lws_dll2_owner *d);

// Counts one more user of a log context (`_new` > 0), or one less, and tells its `refcount_cb`. The library does so for contexts, vhosts
// and requests. NULL is allowed; a count of 0 stays 0, with a log line.
//
// Requires: `cx` is NULL or a log context that lives.
LWS_VISIBLE LWS_EXTERN
void lwsl_refcount_cx(struct lws_log_cx *cx,
                      int _new);

// The log context of a context; the process-wide one when it was given none; NULL when it is no live context.
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN struct lws_log_cx *lwsl_context_get_cx(struct lws_context *cx);

// The log context of a vhost: its own, or the context's; NULL when it is no live vhost.
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN struct lws_log_cx *lwsl_vhost_get_cx(struct lws_vhost *vh);

// The log context of a request: its own, or the vhost's; of other handles that callbacks are given, the vhost's; NULL for a handle
// that is gone.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
struct lws_log_cx *lwsl_wsi_get_cx(struct lws *wsi);

// Writes the name of a context before a line, and ": ". `obj` is the context. Its name is the `vhost_name` that it was created with;
// without one, and for one that is gone, nothing is written.
//
// Requires: `*p` up to `e` is writable.
LWS_VISIBLE LWS_EXTERN
void lws_log_prepend_context(struct lws_log_cx *cx,
                             void *obj,
                             char **p,
                             char *e);

// Writes lws_vh_tag() of a vhost, and ": ", before a line. `obj` is the vhost; nothing is written for one that is gone.
//
// Requires: `*p` up to `e` is writable.
LWS_VISIBLE LWS_EXTERN void lws_log_prepend_vhost(struct lws_log_cx *cx, void *obj, char **p, char *e);

// Writes lws_wsi_tag() of a request, and ": ", before a line. `obj` is the handle.
//
// Requires: `*p` up to `e` is writable.
LWS_VISIBLE LWS_EXTERN void lws_log_prepend_wsi(struct lws_log_cx *cx, void *obj, char **p, char *e);

// lwsl_hexdump_level() into a log context; NULL: the process-wide one. `prep` and `obj` are as for lws_log_prepend_wsi(), or NULL.
//
// Requires: `cx` is NULL or a log context that lives; `vbuf` is NULL or has `len` readable bytes.
LWS_VISIBLE LWS_EXTERN
void lwsl_hexdump_level_cx(struct lws_log_cx *cx,
                           lws_log_prepend_cx_t prep,
                           void *obj,
                           int hexdump_level,
                           const void *vbuf,
                           size_t len);

// An emitter, for `u.emit_cx` with LLLF_LOG_CONTEXT_AWARE: writes the line to the file whose descriptor is in `stg`, with the time before
// it. Goes with lws_log_use_cx_file(), which opens the file. Without one the line goes to stderr; when the file could not be
// opened, nowhere.
//
// Requires: `cx` is NULL or a log context that lives; `line` has `len` bytes and then a NUL.
LWS_VISIBLE LWS_EXTERN
void lws_log_emit_cx_file(struct lws_log_cx *cx,
                          int level,
                          const char *line,
                          size_t len);

// A `refcount_cb`: the first who uses the log context opens the file at the path that `opaque` points at, empty and for this user alone,
// and the last one closes it. Its descriptor is in `stg`. When it cannot be opened one line says so, process-wide.
//
// Requires: `cx` is NULL or a log context that lives, `opaque` NULL or a path.
LWS_VISIBLE LWS_EXTERN
void lws_log_use_cx_file(struct lws_log_cx *cx,
                         int _new);

// Sets which levels are logged, LLL_ERR | LLL_WARN | ..., and what receives the lines; NULL keeps what is set.
//
// Requires: `log_emit_function` is NULL, or may be called with a level and a terminated line from any thread that calls the library,
// until another one is set.
LWS_VISIBLE LWS_EXTERN
void lws_set_log_level(int level,
                       lws_log_emit_t log_emit_function);

// Nonzero when lines of this level are logged.
LWS_VISIBLE LWS_EXTERN int lwsl_visible(int level);

// The emitter when none is set: time, level and line on stderr.
//
// Requires: `line` is NULL or a string.
LWS_VISIBLE LWS_EXTERN void lwsl_emit_stderr(int level, const char *line);

// As lwsl_emit_stderr(), without time and level before the line.
//
// Requires: `line` is NULL or a string.
LWS_VISIBLE LWS_EXTERN void lwsl_emit_stderr_notimestamp(int level, const char *line);

// An emitter for lws_set_log_level() that hands lines to syslog(3): LLL_ERR as LOG_ERR, LLL_WARN as LOG_WARNING, LLL_NOTICE as LOG_NOTICE,
// LLL_INFO as LOG_INFO, all else as LOG_DEBUG. The program says who it is by openlog(), if it likes.
//
// Requires: `line` is NULL or a string.
LWS_VISIBLE LWS_EXTERN
void lwsl_emit_syslog(int level,
                      const char *line);

// Writes what lwsl_emit_stderr() puts before a line, terminated. Answers its length; 0 for more or less than one level.
//
// Requires: `p` has `len` writable bytes.
LWS_VISIBLE LWS_EXTERN int lwsl_timestamp(int level, char *p, size_t len);

// Logs memory, 16 bytes a line: offset, hex, text.
//
// Requires: `vbuf` is NULL or has `len` readable bytes.
LWS_VISIBLE LWS_EXTERN void lwsl_hexdump_level(int level, const void *vbuf, size_t len);

// lwsl_hexdump_level() at LLL_DEBUG.
//
// Requires: `buf` is NULL or has `len` readable bytes.
LWS_VISIBLE LWS_EXTERN void lwsl_hexdump(const void *buf, size_t len);

// Gives `ensure` bytes, aligned for pointers, of the last chunk, or of a new one when it has no room for them; `*head` NULL makes the first
// one. A new chunk has room for `chunk_size` bytes, 4000 where that is 0, and for `ensure` at least. They are not zeroed.
//
// Returns NULL, after a log line, when memory is short or `head` is NULL. Nothing is freed but all at once, by lwsac_free(). A lwsac has
// no lock.
//
// Requires: `head` is NULL, or at a pointer that is NULL or what this function made of it.
LWS_VISIBLE LWS_EXTERN
void *lwsac_use(struct lwsac **head,
                size_t ensure,
                size_t chunk_size);

// As lwsac_use(), of the first chunk that has room.
//
// Requires: As lwsac_use().
LWS_VISIBLE LWS_EXTERN void *lwsac_use_backfill(struct lwsac **head, size_t ensure, size_t chunk_size);

// As lwsac_use(), zeroed.
//
// Requires: As lwsac_use().
LWS_VISIBLE LWS_EXTERN void *lwsac_use_zero(struct lwsac **head, size_t ensure, size_t chunk_size);

// Makes what was given last larger by `amount`, rounded up to pointers, where it lies. Returns 0, or 1 when the last chunk has no
// room for that or `head` is NULL.
//
// Requires: `head` is NULL, or what lwsac_use() made.
LWS_VISIBLE LWS_EXTERN
int lwsac_extend(struct lwsac *head,
                 size_t amount);

// Frees all of it, whatever the references; `*head` is NULL then.
//
// Requires: `head` is NULL, or at a pointer that is NULL or what lwsac_use() made of it.
LWS_VISIBLE LWS_EXTERN void lwsac_free(struct lwsac **head);

// Says that its user needs it no more: it is freed, and `*head` is NULL, now if nobody has a reference, else with the last one.
//
// Requires: As lwsac_free().
LWS_VISIBLE LWS_EXTERN
void lwsac_detach(struct lwsac **head);

// One reference more.
//
// Requires: `head` is NULL, or what lwsac_use() made.
LWS_VISIBLE LWS_EXTERN void lwsac_reference(struct lwsac *head);

// One reference less. With the last one of a lwsac that was detached it is freed, and `*head` is NULL.
//
// Requires: As lwsac_free().
LWS_VISIBLE LWS_EXTERN void lwsac_unreference(struct lwsac **head);

// Bytes before the pieces of a chunk: of the first one with `first` 1, of others with 0.
LWS_VISIBLE LWS_EXTERN size_t lwsac_sizeof(int first);

// Bytes of this chunk that are used, its head among them; 0 for NULL.
//
// Requires: `lac` is NULL, or of lwsac_use() or lwsac_get_next().
LWS_VISIBLE LWS_EXTERN size_t lwsac_get_tail_pos(struct lwsac *lac);

// The chunk after this one, or NULL.
//
// Requires: `lac` is NULL, or of lwsac_use() or lwsac_get_next().
LWS_VISIBLE LWS_EXTERN struct lwsac *lwsac_get_next(struct lwsac *lac);

// The next multiple of a pointer's size, or `length` where it is one.
LWS_VISIBLE LWS_EXTERN size_t lwsac_align(size_t length);

// Logs, at level debug, how much memory it has in how many chunks.
//
// Requires: `head` is NULL, or what lwsac_use() made.
LWS_VISIBLE LWS_EXTERN void lwsac_info(struct lwsac *head);

// Bytes that all chunks have together, their heads among them; 0 for NULL.
//
// Requires: `head` is NULL, or what lwsac_use() made.
LWS_VISIBLE LWS_EXTERN uint64_t lwsac_total_alloc(struct lwsac *head);

// Bytes of them that are not given out; of heads only one `lwsac_sizeof(0)` a chunk counts. 0 for NULL.
//
// Requires: `head` is NULL, or what lwsac_use() made.
LWS_VISIBLE LWS_EXTERN uint64_t lwsac_total_overhead(struct lwsac *head);

// Where `len` bytes that are as those at `find` were given out, with a NUL behind them if `nul` is not 0; NULL when they were not, or
// `len` is 0. What was given and not written yet counts as zeros.
//
// Requires: `head` is NULL, or what lwsac_use() made; `find` is NULL or has `len` readable bytes.
LWS_VISIBLE LWS_EXTERN
uint8_t *lwsac_scan_extant(struct lwsac *head,
                           uint8_t *find,
                           size_t len,
                           int nul);

// Zeroes `len` bytes at `p`, even if nobody reads them any more.
//
// Requires: `p` is NULL or has `len` writable bytes.
LWS_VISIBLE LWS_EXTERN void lws_explicit_bzero(void *p, size_t len);

// 0 when `len` bytes at `a` and `b` are the same, else nonzero. It takes as long wherever they differ: nobody learns from that how
// much of a secret was right. Nonzero too when one of them is NULL.
//
// Requires: `a` and `b` are NULL or have `len` readable bytes.
LWS_VISIBLE LWS_EXTERN
int lws_timingsafe_bcmp(const void *a,
                        const void *b,
                        uint32_t len);

// How many bits `u` needs: 1 for 0 and 1, 8 for 255, 9 for 256.
LWS_VISIBLE LWS_EXTERN unsigned int lws_sigbits(size_t u);

// The SHA-1 of `n` bytes at `d`, 20 bytes, to `md`. Answers `md`, or NULL when that or `d` is NULL. Not for signatures: who chooses what
// is hashed can make two things with the same one.
//
// Requires: `d` is NULL or has `n` readable bytes; `md` is NULL or has 20 writable ones.
LWS_VISIBLE LWS_EXTERN
uint8_t *lws_SHA1(const uint8_t *d,
                  size_t n,
                  uint8_t *md);

// Starts the sequence that `seed` names.
//
// Requires: `xos` is NULL or writable.
LWS_VISIBLE LWS_EXTERN void lws_xos_init(struct lws_xos *xos, uint64_t seed);

// The next number of the sequence; 0 for NULL.
//
// Requires: `xos` is NULL or was started.
LWS_VISIBLE LWS_EXTERN uint64_t lws_xos(struct lws_xos *xos);

// 1 in `percent` of 100 cases, else 0; it takes one number of the sequence.
//
// Requires: `xos` is NULL or was started.
LWS_VISIBLE LWS_EXTERN int lws_xos_percent(struct lws_xos *xos, int percent);

// Writes a metric as one line, without a line end, for logs: "n.cn.tcp: Go: 2, mean: 1.500ms, NoGo: 1, mean: 80us, min: 80us, max: 2.000ms".
// `*sub` becomes NULL. With LWSMTFL_REPORT_HIST it is one line for the bucket `*sub`, "name{bucket} 3", and `*sub` becomes the next: begin
// with `u.hist.head`, and call until it is NULL. Cut to the room and terminated.
//
// Returns the length of the line in `buf`, of a bucket 1; or 0, and `buf` is empty, when nothing was counted, or `*sub` is NULL, or, after
// a log line, when `metric`, `buf` or `len` is NULL or 0, or `sub` is, with LWSMTFL_REPORT_HIST. Any thread may call it.
//
// Requires: `metric` is NULL, or a metric with its name and its buckets; `sub` is NULL, or writable, and `*sub` NULL or a bucket of the metric;
// `buf` is NULL or has `len` writable bytes.
LWS_VISIBLE LWS_EXTERN
int lws_metrics_format(struct lws_metric_pub *metric,
                       struct lws_metric_bucket **sub,
                       char *buf,
                       size_t len);

// The first option of this name on the level that `pvo` begins, or NULL.
//
// Requires: `pvo` is NULL or begins a list of options, each with a name; `name` is NULL or a string.
LWS_VISIBLE LWS_EXTERN
const struct lws_protocol_vhost_options *lws_pvo_search(const struct lws_protocol_vhost_options *pvo,
                                                        const char *name);

// The value of the first option of this name, to `*result`. `in` is what PROTOCOL_INIT was handed. Returns 0, or 1, with `*result` as
// it was, when there is none.
//
// Requires: `in` is NULL or begins a list of options, each with a name; `name` is NULL or a string; `result` is writable.
LWS_VISIBLE LWS_EXTERN
int lws_pvo_get_str(void *in_,
                    const char *name,
                    const char **result);

// Serves one descriptor that the program's own poll() or the like reported: `pollfd->revents` says what it saw (POLLIN, POLLOUT, POLLHUP,
// POLLERR), and is zeroed when the descriptor is the context's. Timers that are due, and all else that can be done without waiting, are
// done as well.
//
// A program is told which descriptors to wait for (LWS_CALLBACK_ADD_POLL_FD, _CHANGE_MODE_POLL_FD, _DEL_POLL_FD) when it was built with
// -DLWS_WITH_EXTERNAL_POLL. Before each wait it asks lws_service_adjust_timeout() how long that may take, and when that time is over
// it calls lws_service_tsi(context, -1, 0). Its wait is its own: calls from other threads, lws_cancel_service() too, do not end it.
//
// Returns 0 when that is done, and also when the descriptor is not the context's or has no news; 1 when its connection is gone; -1,
// after a log line, when an argument is NULL or stale, or another thread is in here with the context, and without one when the context
// is being destroyed. Any thread may call it, one at a time.
//
// Requires: `pollfd` is NULL or writable.
LWS_VISIBLE LWS_EXTERN
int lws_service_fd(struct lws_context *context,
                   struct pollfd *pollfd);

// lws_service_fd() for service thread `tsi`; there is one, 0. Others return -1.
//
// Requires: As lws_service_fd().
LWS_VISIBLE LWS_EXTERN int lws_service_fd_tsi(struct lws_context *context, struct pollfd *pollfd, int tsi);

// How long a program that runs the loop itself may wait for descriptors, at most `timeout_ms` milliseconds, less than 0 for as long as it
// likes: 0 when there is something to do now, for which it calls lws_service_tsi(context, -1, 0), and else no longer than up to
// the next timer. PROTOCOL_INIT, where it is still due, comes before this returns.
//
// Returns milliseconds, or `timeout_ms` when that is less than 0 and no timer runs. 1 when `context` is NULL; 0 when it is stale, which
// is logged, or is being destroyed. `tsi` is not looked at.
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
int lws_service_adjust_timeout(struct lws_context *context,
                               int timeout_ms,
                               int tsi);

// Client connections that the vhost makes from now on go by this HTTP proxy: all of them, with TLS or without, but for those to
// unix sockets. `proxy` is `[http://][user:password@]address:port`, an IPv6 address in brackets, user and password as they are. The
// port may be left out when the vhost has an HTTP proxy already: its port stays. "" takes the proxy away.
//
// The proxy is asked for a tunnel by CONNECT (RFC 9110 section 9.3.6); TLS is spoken with what is behind it. Whatever the environment
// says of proxies counts no more for this vhost. Connections that live stay as they are.
//
// Returns 0, or -1 after a log line when an argument is NULL, stale or not understood: then nothing is changed. From any thread.
//
// Requires: `proxy` is NULL or a string.
LWS_VISIBLE LWS_EXTERN
int lws_set_proxy(struct lws_vhost *vhost,
                  const char *proxy);

// Likewise by this SOCKS 5 proxy (RFC 1928), which resolves the names: `[socks5://][user:password@]address:port`, user and password (RFC
// 1929) of at most 255 bytes each. Where the vhost has an HTTP proxy of the program's as well, that one is used.
//
// Returns 0, or -1 after a log line when an argument is NULL, stale or not understood: then nothing is changed. From any thread.
//
// Requires: `socks` is NULL or a string.
LWS_VISIBLE LWS_EXTERN
int lws_set_socks(struct lws_vhost *vhost,
                  const char *socks);

// Fills `buf` with `len` bytes that nobody can foresee, and answers how many they are: 0 where there are none to be had.
//
// Requires: `buf` has `len` writable bytes, or is NULL. `context` is not looked at.
LWS_VISIBLE LWS_EXTERN
size_t lws_get_random(struct lws_context *context,
                      void *buf,
                      size_t len);

// Reads what there is of a response's body, at most `*len` bytes: RECEIVE_CLIENT_HTTP_READ comes for each piece of payload,
// and COMPLETED_CLIENT_HTTP when the response is complete, before this returns. `*buf` is used as space to read into; the
// payload is where `in` of READ points. Call it in RECEIVE_CLIENT_HTTP, or later: until it is called nothing more is read
// from the socket. NULL `buf` or `len` means a buffer of the library's. On an h2 stream READ comes by itself, without
// RECEIVE_CLIENT_HTTP, and this does nothing.
//
// Returns 0, or READ's nonzero return, or -1 when the handle is stale, the connection failed, or the body ended with the
// connection; the callback should return nonzero then.
//
// Requires: `buf` and `len` are NULL, or `*buf` has `*len` writable bytes.
LWS_VISIBLE LWS_EXTERN
int lws_http_client_read(struct lws *wsi,
                         char **buf,
                         int *len);

// The wait before the next attempt, in milliseconds: of the attempts so far, `*ctry`, which is counted on up to 65535, the policy's
// table says which; the last of it is for all that follow, and 3000 where there is none. A random part is added, up to
// `jitter_percent` of it, or 30 if that is 0. `*conceal` is 1 while the attempts are not more than the policy's `conceal_count`,
// else 0, and 0 without a policy.
//
// Requires: `retry` is NULL or a policy with its table; `ctry` is writable; `conceal` is NULL or writable. `context` is not looked at.
LWS_VISIBLE LWS_EXTERN
unsigned int lws_retry_get_delay_ms(struct lws_context *context,
                                    const struct lws_retry_bo *retry,
                                    uint16_t *ctry,
                                    char *conceal);

// Schedules `sul` for the next attempt, as lws_retry_get_delay_ms() counts, and answers 0; or answers 1, and schedules nothing, when
// the failure is not to be concealed any more, or an argument is NULL or stale.
//
// Requires: `retry` is NULL or a policy with its table; `ctry` is writable; `sul` is as lws_sul_schedule() wants it.
LWS_VISIBLE LWS_EXTERN
int lws_retry_sul_schedule(struct lws_context *context,
                           int tid,
                           struct lws_sorted_usec_list *sul,
                           const struct lws_retry_bo *retry,
                           sul_cb_t cb,
                           uint16_t *ctry);

// As lws_retry_sul_schedule(), with the policy that the request was made with, in any callback of it; without one there are waits of
// 1, 3, 9 and 17 seconds, and then no more. If its response said Retry-After, the wait is at least that long.
//
// Requires: The request's policy, if it has one, lives, with its table; `ctry` is writable; `sul` is as lws_sul_schedule() wants it.
LWS_VISIBLE LWS_EXTERN
int lws_retry_sul_schedule_retry_wsi(struct lws *wsi,
                                     struct lws_sorted_usec_list *sul,
                                     sul_cb_t cb,
                                     uint16_t *ctry);

// Raises `*us_interval_in_out`, a wait in microseconds, to what the response's Retry-After (RFC 9110 section 10.2.3) asks for: seconds,
// or until a date, counted from the response's Date if it has one, else from now. A shorter wait that is asked for changes nothing.
// Returns 0, or 1, and changes nothing, when the response has no such header, or one that cannot be read, or an argument is NULL or
// stale. Readable until WSI_DESTROY returned.
//
// Requires: `us_interval_in_out` is NULL or writable.
LWS_VISIBLE LWS_EXTERN
int lws_http_check_retry_after(struct lws *wsi,
                               lws_usec_t *us_interval_in_out);

// Writes the time `*t`, in seconds since 1970, to `buf`, which has `len` bytes, as HTTP headers have it: 29 characters (RFC 9110 section
// 5.6.7) and a terminator. Returns 0, or -1 when that does not fit, the year is none of 1 to 9999, or an argument is NULL.
//
// Requires: `buf` is NULL or has `len` writable bytes; `t` is NULL or readable.
LWS_VISIBLE LWS_EXTERN
int lws_http_date_render_from_unix(char *buf,
                                   size_t len,
                                   const time_t *t);

// Reads a date as HTTP headers have it: `len` bytes at `b`, to seconds since 1970 at `*t`. Returns 0, or -1, with `*t` as it was, when
// it is none.
//
// Requires: `b` has `len` readable bytes; `t` is writable.
LWS_VISIBLE LWS_EXTERN
int lws_http_date_parse_unix(const char *b,
                             size_t len,
                             time_t *t);

// Makes a ring that holds at most `count` - 1 elements of `element_len` bytes. `destroy_element`, if not NULL, is called for each
// one that no reader will see any more; it may ask and fill the ring, but not destroy it.
//
// Returns NULL, after a log line, when one of the numbers is 0, their product is above INT_MAX, or memory is short. A ring has no
// lock: threads that share one take turns. The caller destroys it with lws_ring_destroy().
//
// Requires: `destroy_element` is NULL or may be called with elements of the ring.
LWS_VISIBLE LWS_EXTERN
struct lws_ring *lws_ring_create(size_t element_len,
                                 size_t count,
                                 void (*destroy_element)(void *element));

// Ends the ring, and each element that is left in it: `destroy_element` is called for them, oldest first. NULL is allowed.
//
// Requires: `ring` is NULL, or of lws_ring_create() and not destroyed yet.
LWS_VISIBLE LWS_EXTERN
void lws_ring_destroy(struct lws_ring *ring);

// How many elements lws_ring_insert() would take now. A ring of single bytes says 0 when one is left.
//
// Requires: `ring` is NULL, or of lws_ring_create() and not destroyed yet.
LWS_VISIBLE LWS_EXTERN size_t lws_ring_get_count_free_elements(struct lws_ring *ring);

// How many elements wait for the reader with this tail; for the oldest one's if `tail` is NULL.
//
// Requires: `ring` is NULL, or of lws_ring_create() and not destroyed yet; `tail` is NULL or readable.
LWS_VISIBLE LWS_EXTERN size_t lws_ring_get_count_waiting_elements(struct lws_ring *ring, uint32_t *tail);

// Copies up to `max_count` elements into the ring, and answers how many it had room for.
//
// Requires: `ring` is NULL, or of lws_ring_create() and not destroyed yet; `src` has so many elements as the ring has room for, or
// `max_count`.
LWS_VISIBLE LWS_EXTERN
size_t lws_ring_insert(struct lws_ring *ring,
                       const void *src,
                       size_t max_count);

// Moves the reader with this tail on by up to `max_count` elements, copies them to `dest` if that is not NULL, and answers how
// many there were. The elements stay until lws_ring_update_oldest_tail() says that nobody needs them; with `tail` NULL the
// ring's oldest tail is the reader's, and they are gone at once.
//
// Requires: `ring` is NULL, or of lws_ring_create() and not destroyed yet; `tail` is NULL or writable; `dest` is NULL or has room for as many
// elements as wait, or `max_count`.
LWS_VISIBLE LWS_EXTERN
size_t lws_ring_consume(struct lws_ring *ring,
                        uint32_t *tail,
                        void *dest,
                        size_t max_count);

// The next element for the reader with this tail, or for the oldest tail's if it is NULL; NULL when none waits. It is good until
// the oldest tail moves past it.
//
// Requires: `ring` is NULL, or of lws_ring_create() and not destroyed yet; `tail` is NULL or readable.
LWS_VISIBLE LWS_EXTERN
const void *lws_ring_get_element(struct lws_ring *ring,
                                 uint32_t *tail);

// Says which of the readers' tails is the oldest: what is before it is destroyed, and its room is free. Of a ring with a
// destructor it cannot be past what was inserted.
//
// Requires: `ring` is NULL, or of lws_ring_create() and not destroyed yet.
LWS_VISIBLE LWS_EXTERN
void lws_ring_update_oldest_tail(struct lws_ring *ring,
                                 uint32_t tail);

// The oldest tail: where a reader starts that wants all that the ring still has.
//
// Requires: `ring` is NULL, or of lws_ring_create() and not destroyed yet.
LWS_VISIBLE LWS_EXTERN uint32_t lws_ring_get_oldest_tail(struct lws_ring *ring);

// Says where elements may be written in place: `*bytes` from `*start` on, as far as the ring's memory goes. lws_ring_bump_head()
// then says how many were. Answers 0, or 1 when the ring is full.
//
// Requires: `ring` is NULL, or of lws_ring_create() and not destroyed yet; `start` and `bytes` are writable.
LWS_VISIBLE LWS_EXTERN
int lws_ring_next_linear_insert_range(struct lws_ring *ring,
                                      void **start,
                                      size_t *bytes);

// Takes `bytes` that were written in place into the ring.
//
// Requires: `ring` is NULL, or of lws_ring_create() and not destroyed yet; that much of its range was written.
LWS_VISIBLE LWS_EXTERN void lws_ring_bump_head(struct lws_ring *ring, size_t bytes);

// Logs, as a notice, where the ring is at, and how much waits for this tail, or for the oldest one if it is NULL.
//
// Requires: `ring` is NULL, or of lws_ring_create() and not destroyed yet; `tail` is NULL or readable.
LWS_VISIBLE LWS_EXTERN void lws_ring_dump(struct lws_ring *ring, uint32_t *tail);

// Reads an IPv4 address ("1.2.3.4") or an IPv6 one in any form of RFC 4291 section 2.2, without brackets, scope or port, and writes its
// 4 or 16 bytes, in network order. Whitespace around it is skipped, and leading zeros of an IPv4 field do not make it octal.
//
// Returns the number of bytes, or -1 when the text is no address, or `max_len` is too small, or an argument is NULL; nothing is
// written then.
//
// Requires: `ads` is NULL or a string; `result` is NULL or has `max_len` writable bytes.
LWS_VISIBLE LWS_EXTERN
int lws_parse_numeric_address(const char *ads,
                              uint8_t *result,
                              size_t max_len);

// As lws_parse_numeric_address(), into `sa46`: its family and address are set, and its port and all else stay as they were.
// Returns 0, or -1 when the text is no address or an argument is NULL.
//
// Requires: `ads` is NULL or a string; `sa46` is NULL or writable.
LWS_VISIBLE LWS_EXTERN
int lws_sa46_parse_numeric_address(const char *ads,
                                   union lws_sockaddr46 *sa46);

// Writes an address of `size` bytes, 4 or 16, in network order, as text: "1.2.3.4", or as RFC 5952 says, where an IPv4-mapped one is
// "::ffff:1.2.3.4". INET6_ADDRSTRLEN bytes are always enough.
//
// Returns the length of the text, or -1 when it does not fit, the size is another one or an argument is NULL; `buf`, if there is
// one, is an empty string then.
//
// Requires: `ads` is NULL or has `size` readable bytes; `buf` is NULL or has `len` writable bytes.
LWS_VISIBLE LWS_EXTERN
int lws_write_numeric_address(const uint8_t *ads,
                              int size,
                              char *buf,
                              size_t len);

// As lws_write_numeric_address(), the address of `sa46`; its port is left out. -1 also when its family is neither AF_INET nor AF_INET6.
//
// Requires: `sa46` is NULL or readable; `buf` is NULL or has `len` writable bytes.
LWS_VISIBLE LWS_EXTERN
int lws_sa46_write_numeric_address(union lws_sockaddr46 *sa46,
                                   char *buf,
                                   size_t len);

// Returns 0 when both have the same family and the same address, whatever the port, or the same family that is neither AF_INET nor
// AF_INET6. Else 1, also when one is NULL.
//
// Requires: Both are NULL or readable.
LWS_VISIBLE LWS_EXTERN
int lws_sa46_compare_ads(const union lws_sockaddr46 *sa46a,
                         const union lws_sockaddr46 *sa46b);

// Returns 0 when the address is on the network whose first `net_len` bits are those of `sa46_net`. Between the families an IPv4 address
// counts as ::ffff:1.2.3.4, and an IPv4 network has 96 bits more. Else 1, also when a family is neither, `net_len` is out of range 0..32
// or 0..128, or an argument is NULL.
//
// Requires: Both are NULL or readable.
LWS_VISIBLE LWS_EXTERN
int lws_sa46_on_net(const union lws_sockaddr46 *sa46a,
                    const union lws_sockaddr46 *sa46_net,
                    int net_len);

// Returns 1 when it is an IPv6 address of the form ::ffff:1.2.3.4, else 0.
//
// Requires: `sa46` is NULL or readable.
LWS_VISIBLE LWS_EXTERN int lws_sa46_is_ipv4_mapped(const union lws_sockaddr46 *sa46);

// Reads a MAC, six fields of two hexadecimal digits with ':' between them, and writes its 6 bytes. Whitespace around it is skipped.
// Returns 0, or -1, with nothing written, when the text is none or an argument is NULL.
//
// Requires: `ads` is NULL or a string; `result_6_bytes` is NULL or has 6 writable bytes.
LWS_VISIBLE LWS_EXTERN
int lws_parse_mac(const char *ads,
                  uint8_t *result_6_bytes);

// Returns 1 when the text is an address of a private network (RFC 1918, RFC 4193), a link-local or a loopback one, else 0.
//
// Requires: `ads` is NULL or a string.
LWS_VISIBLE LWS_EXTERN
int lws_is_lan_address(const char *ads);

// Returns 1 when the text is a loopback address (127.0.0.0/8, ::1), else 0.
//
// Requires: `ads` is NULL or a string.
LWS_VISIBLE LWS_EXTERN int lws_is_local_address(const char *ads);

// Writes the address of a network interface, or the numeric address that `ifname` is, as a sockaddr_in, or, with `ipv6` nonzero,
// as a sockaddr_in6, where an IPv4 address becomes ::ffff:1.2.3.4. An interface's first address counts, an IPv4 one before the
// others. The port is 0.
//
// Returns LWS_ITOSA_USABLE; LWS_ITOSA_NOT_EXIST when there is no such interface, an argument is NULL, or `addrlen` is too small; or
// LWS_ITOSA_NOT_USABLE when the interface has no address of that kind. Nothing is written in these cases.
//
// Requires: `ifname` is NULL or a string; `addr` is NULL or has `addrlen` writable bytes.
LWS_VISIBLE LWS_EXTERN
int lws_interface_to_sa(int ipv6,
                        const char *ifname,
                        struct sockaddr_in *addr,
                        size_t addrlen);

// Writes `u` at `b`, the most significant byte first.
//
// Requires: `b` is NULL or has 2 writable bytes.
LWS_VISIBLE LWS_EXTERN void lws_ser_wu16be(uint8_t *b, uint16_t u);

// Writes `u32` at `b`, the most significant byte first.
//
// Requires: `b` is NULL or has 4 writable bytes.
LWS_VISIBLE LWS_EXTERN void lws_ser_wu32be(uint8_t *b, uint32_t u32);

// Writes `u64` at `b`, the most significant byte first.
//
// Requires: `b` is NULL or has 8 writable bytes.
LWS_VISIBLE LWS_EXTERN void lws_ser_wu64be(uint8_t *b, uint64_t u64);

// The integer at `b`, whose most significant byte is first; 0 for NULL.
//
// Requires: `b` is NULL or has 2 readable bytes.
LWS_VISIBLE LWS_EXTERN uint16_t lws_ser_ru16be(const uint8_t *b);

// The integer at `b`, whose most significant byte is first; 0 for NULL.
//
// Requires: `b` is NULL or has 4 readable bytes.
LWS_VISIBLE LWS_EXTERN uint32_t lws_ser_ru32be(const uint8_t *b);

// The integer at `b`, whose most significant byte is first; 0 for NULL.
//
// Requires: `b` is NULL or has 8 readable bytes.
LWS_VISIBLE LWS_EXTERN uint64_t lws_ser_ru64be(const uint8_t *b);

// Writes `value` to `buf` as a variable byte integer (MQTT 5 section 1.5.5): 1 to 4 bytes of 7 bits each, the least significant first.
// Returns how many, or -1 when `value` needs more than 28 bits or `buf` is NULL.
//
// Requires: `buf` is NULL or has 4 writable bytes.
LWS_VISIBLE LWS_EXTERN
int lws_vbi_encode(uint64_t value,
                   void *buf);

// Reads what lws_vbi_encode() wrote: from the `len` bytes at `buf` to `*value`. Returns how many bytes that were, or 0, and `*value` as it
// was, when it goes on behind `len` or 4 bytes.
//
// Requires: `buf` is NULL or has `len` readable bytes; `value` is NULL or writable.
LWS_VISIBLE LWS_EXTERN
int lws_vbi_decode(const void *buf,
                   uint64_t *value,
                   size_t len);

// Runs one pass of the loop: timers, callbacks, sockets. `timeout_ms` < 0 does not wait, 0 waits until there is something to
// do, > 0 waits at most so many milliseconds. The first call runs PROTOCOL_INIT and the system states up to OPERATIONAL,
// and returns.
//
// Returns 0 after a pass, also when a signal ended the wait; 1 when `context` is NULL; -1 when the context is gone or is
// being destroyed, or another thread is in here with it. Any thread may call it, one at a time.
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
int lws_service(struct lws_context *context,
                int timeout_ms);

// `lws_service` for service thread `tsi`; there is one, 0. Others return -1.
//
// Requires: As lws_service().
LWS_VISIBLE LWS_EXTERN int lws_service_tsi(struct lws_context *context, int timeout_ms, int tsi);

// Wakes a waiting `lws_service()`: EVENT_WAIT_CANCELLED comes to every protocol. Safe from any thread and from a signal
// handler; takes no lock. After the context was destroyed it does nothing.
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN void lws_cancel_service(struct lws_context *context);

// `lws_cancel_service` for the context of a request.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN void lws_cancel_service_pt(struct lws *wsi);

// 1 when the TLS connection under a request resumed an earlier session. 0 without TLS, before the handshake is done, and when the
// connection is gone.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
int lws_tls_session_is_reused(struct lws *wsi);

// Hands the newest session for `host` and `port` to `cb_save`, which returns 0 when it kept it; the blob is its to read until it
// returns. Only sessions of requests without LCCSCF_ALLOW_* flags are handed out.
//
// 0 when it was kept. 1 when there is none, the vhost keeps none (LWS_SERVER_OPTION_DISABLE_TLS_SESSION_CACHE, or
// `provided_client_ssl_ctx`), an argument is NULL or stale, or `cb_save` said no.
//
// Requires: `host` is NULL or a string; `cb_save` is NULL or may be called with a dump.
LWS_VISIBLE LWS_EXTERN
int lws_tls_session_dump_save(struct lws_vhost *vh,
                              const char *host,
                              uint16_t port,
                              lws_tls_sess_cb_t cb_save,
                              void *opq);

// Takes a session for `host` and `port` from `cb_load`, which sets `blob`, made by malloc(), and `blob_len`, and returns 0; the blob
// is freed here. Requests without LCCSCF_ALLOW_* flags offer it to the server. A session that is here already stays.
//
// 0 when it was taken. 1 when one is here, the vhost keeps none, an argument is NULL or stale, `cb_load` said no, or its bytes are no
// session.
//
// Requires: `host` is NULL or a string; `cb_load` is NULL or may be called with a dump.
LWS_VISIBLE LWS_EXTERN
int lws_tls_session_dump_load(struct lws_vhost *vh,
                              const char *host,
                              uint16_t port,
                              lws_tls_sess_cb_t cb_load,
                              void *opq);

// Memory for the payload of a message, `len` bytes that are not zeroed, for lws_smd_msg_send() or lws_smd_msg_free(). Any thread may ask.
// Returns NULL when nobody listens to the class, and, after a log line, when `len` is above LWS_SMD_MAX_PAYLOAD, memory is short, too many
// messages wait already, or there is no such context.
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
void *lws_smd_msg_alloc(struct lws_context *ctx,
                        lws_smd_class_t _class,
                        size_t len);

// Frees a message that was not sent; `*payload` is NULL then.
//
// Requires: `payload` is NULL, or at NULL or what lws_smd_msg_alloc() gave.
LWS_VISIBLE LWS_EXTERN void lws_smd_msg_free(void **payload);

// Sends a message to all who are registered for its class now: the thread that serves tells them, in the order sent. The memory is the
// library's from here on, also when it fails. Any thread may send. Returns 0, also when nobody listens, or 1, after a log line, when too
// many messages wait, `payload` is NULL or there is no such context.
//
// Requires: `payload` is NULL or what lws_smd_msg_alloc() gave for this context.
LWS_VISIBLE LWS_EXTERN
int lws_smd_msg_send(struct lws_context *ctx,
                     void *payload);

// Registers `cb`: the thread that serves calls it for each message that is sent from now on whose class is in the bits of
// `_class_filter`, with the moment it was sent and its payload; what it returns does not count. It may register and unregister, itself
// too, and send. `flags` is 0.
//
// Returns NULL, after a log line, when memory is short, `cb` is NULL or there is no such context. What is returned is only for
// lws_smd_unregister(); the end of the context unregisters too. Any thread may register.
//
// Requires: `cb` may be called with `opaque` until it is unregistered.
LWS_VISIBLE LWS_EXTERN
struct lws_smd_peer *lws_smd_register(struct lws_context *ctx,
                                      void *opaque,
                                      int flags,
                                      lws_smd_class_t _class_filter,
                                      lws_smd_notification_cb_t cb);

// `cb` is called no more, except that one which runs in another thread ends. NULL, and one whose context is gone, are let alone.
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
void lws_smd_unregister(struct lws_smd_peer *pr);

// Registers `nl`: it is told before and after each change of state, and before all who registered earlier. It stays in the program's
// memory until lws_state_reg_deregister(), or until the manager's context is destroyed.
//
// Requires: `mgr` and `nl` are NULL or writable; only the thread that changes the manager's state calls this.
LWS_VISIBLE LWS_EXTERN
void lws_state_reg_notifier(struct lws_state_manager *mgr,
                            struct lws_state_notify_link *nl);

// Registers each of a list of pointers that NULL ends, one after the other.
//
// Requires: `mgr` is NULL or writable, `nl` is NULL or such a list; only the thread that changes the manager's state calls this.
LWS_VISIBLE LWS_EXTERN
void lws_state_reg_notifier_list(struct lws_state_manager *mgr,
                                 struct lws_state_notify_link *const *nl);

// The link is told no more. One that is not registered is let alone.
//
// Requires: `nl` is NULL or writable; only the thread that changes the manager's state calls this, or a notification about itself.
LWS_VISIBLE LWS_EXTERN
void lws_state_reg_deregister(struct lws_state_notify_link *nl);

// Moves to `target`. All who registered are told first (`current` is the old state) and one that returns nonzero holds it back: the others
// are not asked then. After the move all are told again (`current` is `target`). The same state again is no move.
//
// Returns 0 in any case, `mgr->state` says where it is; 1 when `mgr` is NULL. For a context's manager it is called by the thread that
// serves.
//
// Requires: `mgr` is NULL, or a manager that nobody else is at; what registered with it lives.
LWS_VISIBLE LWS_EXTERN
int lws_state_transition(struct lws_state_manager *mgr,
                         int target);

// As lws_state_transition(), state by state up to `target`, until one is held back. A `target` that is not above is no move.
//
// Requires: As lws_state_transition().
LWS_VISIBLE LWS_EXTERN
int lws_state_transition_steps(struct lws_state_manager *mgr,
                               int target);

// Reads the program's stdin from now on, on a descriptor of its own, until its end. With LWS_SAS_FLAG__APPEND_COMMANDLINE in `flags` its
// words, which white space separates, are arguments of the command line for lws_cmdline_option_cx(), at most 256 KiB of them, and the
// system's state does not go on to OPERATIONAL before all are there: secrets reach a program so without standing in its arguments.
// Without the flag `stdin_rx` of `info.system_ops` is given what comes.
//
// Once for each context, from the thread that serves it. It makes one more vhost, "system". Returns 0, or 1 after a log line: there is
// no such context, it was asked before, there is no stdin, or nobody is to be given it.
//
// Requires: `info.system_ops` of the context is NULL or has the length of our header.
LWS_VISIBLE LWS_EXTERN
int lws_system_adopt_stdin(struct lws_context *cx,
                           unsigned int flags);

// Sets up `exp`: `cb` says, given `priv`, what names stand for; the text goes to the `olen` bytes at `out`, or nowhere, and is
// only counted, when `out` is NULL (`olen` 0: however long it gets).
//
// Requires: `exp` is NULL or writable; `out` is NULL or stays writable, `olen` bytes, while it is expanded; `cb` may be called with `priv`.
LWS_VISIBLE LWS_EXTERN
void lws_strexp_init(struct lws_strexp *exp,
                     void *priv,
                     lws_strexp_expand_cb cb,
                     char *out,
                     size_t olen);

// Gives `exp` another place to write to, or the same again, after LSTRX_FILLED_OUT.
//
// Requires: `exp` is NULL or was set up; `out` is as lws_strexp_init() wants it.
LWS_VISIBLE LWS_EXTERN void lws_strexp_reset_out(struct lws_strexp *exp, char *out, size_t olen);

// Copies `len` bytes at `in`, with each `${name}` replaced by what the program's function says; a `$` before anything else stays.
// `*pused_in` is how much was read and `*pused_out` how much is in `out`. Returns LSTRX_DONE, with `out` terminated (a name may go on in
// the next piece); LSTRX_FILLED_OUT, not terminated: use what is there, call lws_strexp_reset_out() and go on behind what was read; or
// LSTRX_FATAL_NAME_TOO_LONG (32 and more, or no room for a `$`, or an argument that is NULL) or LSTRX_FATAL_NAME_UNKNOWN.
//
// Requires: `exp` is NULL or was set up; `in` is NULL or has `len` readable bytes; the others are NULL or writable.
LWS_VISIBLE LWS_EXTERN
int lws_strexp_expand(struct lws_strexp *exp,
                      const char *in_,
                      size_t len,
                      size_t *pused_in,
                      size_t *pused_out);

// Copies at most `size` - 1 characters, terminates, and fills the rest with zeros. Answers `dest`.
//
// Requires: `dest` has `size` writable bytes; `src` is NULL, for an empty string, or a string, or has `size` - 1 readable bytes;
// the two do not overlap.
LWS_VISIBLE LWS_EXTERN char *lws_strncpy(char *dest, const char *src, size_t size);

// One after the other what the option `val` is set to, in the order of the command line; or, when `val` is NULL, what is no option: the
// arguments that do not begin with `-`. `last` is NULL for the first, then what was returned before; NULL is the end. Of `-d5`, `-d=5` and
// `-d 5` the value is 5; the last of these counts as no option too.
//
// Requires: `argv` has `argc` strings, the first the program's name; `val` is NULL or a string.
LWS_VISIBLE LWS_EXTERN
const char *lws_cmdline_options(int argc,
                                const char *const *argv,
                                const char *val,
                                const char *last);

// What a program's exit status should be: 0 when `actual` is what its command line expects with `--expected-exit` (0 without it), else 1.
// One log line says which.
//
// Requires: `argv` has `argc` strings, the first the program's name.
LWS_VISIBLE LWS_EXTERN
int lws_cmdline_passfail(int argc,
                         const char **argv,
                         int actual);

// Writes to stdout how the program `prog` is called: `count` options, a line each.
//
// Requires: `prog` is NULL or a string; `switches` is NULL or has `count` options, each with strings or NULL.
LWS_VISIBLE LWS_EXTERN
void lws_switches_print_help(const char *prog,
                             const struct lws_switches *switches,
                             size_t count);

// The context whose system manager this is; NULL for NULL.
//
// Requires: `mgr` is NULL or the manager that a notification was given.
LWS_VISIBLE LWS_EXTERN struct lws_context *lws_system_context_from_system_mgr(struct lws_state_manager *mgr);

// The manager of the context's system states, for lws_state_reg_notifier() and lws_state_transition_steps(); NULL, after a log line, when
// there is no such context. It lives as long as the context.
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
struct lws_state_manager *lws_system_get_state_manager(struct lws_context *context);

// `info.system_ops` of the context; NULL when it has none, or, after a log line, when there is no such context.
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN const struct lws_system_ops *lws_system_get_ops(struct lws_context *context);

// Has `cb` called once, with `opaque`, by the thread that serves, as soon as the system state is at `state` or above. Any thread may call
// it, without a lock of its own; a program whose `attach` of `lws_system_ops` has one may call it inside of that. What still waits when
// the context is destroyed is called as the last states are passed, for a `state` of up to LWS_SYSTATE_CONTEXT_DESTROYING.
//
// `get`, where it is not NULL, is set to NULL: the loop takes what is due by itself. Returns 0, or 1, after a log line, when there is no
// such context, `tsi` is not 0, or `cb` and `get` are both NULL.
//
// Requires: `cb` is NULL or may be called so; `get` is NULL or writable.
LWS_VISIBLE LWS_EXTERN
int __lws_system_attach(struct lws_context *context,
                        int tsi,
                        lws_attach_cb_t cb,
                        lws_system_states_t state,
                        void *opaque,
                        struct lws_attach_item **get);

// Begins to find out whether a captive portal is in the way: the result is LWS_CPD_UNKNOWN again, and `captive_portal_detect_request` of
// the context's `lws_system_ops` is called, which sees to it that lws_system_cpd_set() is. Returns what it returned, 0 when there is
// none, or -1, after a log line, when there is no such context.
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
int lws_system_cpd_start(struct lws_context *context);

// Says what was found out. The first result after lws_system_cpd_start(), or of all, counts, and LWS_CPD_UNKNOWN is none. It is published as a message of the class
// LWSSMDCL_NETWORK, and system states that were held back go on, as far as OPERATIONAL. Called by the thread that serves.
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
void lws_system_cpd_set(struct lws_context *context,
                        lws_cpd_result_t result);

// What lws_system_cpd_set() said last; LWS_CPD_UNKNOWN when it was not called since lws_system_cpd_start(), or there is no such context.
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
lws_cpd_result_t lws_system_cpd_state_get(struct lws_context *context);

// Calls `cb` once, on the thread in `lws_service()`, `us` microseconds from now; `LWS_SET_TIMER_USEC_CANCEL` cancels. A timer
// that is scheduled already is moved. O(log n).
//
// Requires: `sul` is zeroed or was scheduled here before, and stays where it is until it fires or is cancelled.
LWS_VISIBLE LWS_EXTERN
void lws_sul_schedule(struct lws_context *ctx,
                      int tsi,
                      struct lws_sorted_usec_list *sul,
                      sul_cb_t _cb,
                      lws_usec_t _us);

// Takes the timer back; nothing happens when it is not scheduled.
//
// Requires: `sul` is NULL, or zeroed, or was scheduled here before.
LWS_VISIBLE LWS_EXTERN void lws_sul_cancel(struct lws_sorted_usec_list *sul);

// Monotonic microseconds, the clock of all timers.
LWS_VISIBLE LWS_EXTERN lws_usec_t lws_now_usecs(void);

// Seconds since 1970, by the system's clock: unlike lws_now_usecs() it jumps when that is set.
LWS_VISIBLE LWS_EXTERN unsigned long lws_now_secs(void);

// Gives a vhost that has no client TLS what `info` says of it: the members that lws_create_vhost() would read, no others.
// OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS comes before this returns. 0; also when the vhost has client TLS already, which stays as it
// is, and when `info->options` lacks LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT, and then it has none.
//
// -1, after a log line, when an argument is NULL or stale or a client certificate, key or cipher list cannot be used.
//
// Requires: `info` is NULL or filled in as its members say.
LWS_VISIBLE LWS_EXTERN
int lws_init_vhost_client_ssl(const struct lws_context_creation_info *info,
                              struct lws_vhost *vhost)
__asm__("broadside_init_vhost_client_ssl");

// Sets up `ts` for the string `start`; `flags` are LWS_TOKENIZE_F_. Where the text has no terminator, set `ts->len` afterwards.
//
// Requires: `ts` is NULL or writable; `start` is NULL or lives as long as it is cut.
LWS_VISIBLE LWS_EXTERN
void lws_tokenize_init(struct lws_tokenize *ts,
                       const char *start,
                       int flags);

// Finds the next element of the text, and answers an lws_tokenize_elem: 0 at the end, below 0 when the text is malformed, else
// what `ts->token` and `ts->token_len` are. Letters, digits, `_` and characters that are not ASCII make tokens; white space separates
// them; `"` begins and ends a string, and a token right before it is dropped; anything else is a delimiter of one character. The flags
// say otherwise for some. The text has to be UTF-8 (RFC 3629) and ends at a NUL or after `ts->len` bytes.
//
// Requires: `ts` is NULL or was set up, and its text is there: a string, or `ts->len` readable bytes.
LWS_VISIBLE LWS_EXTERN
lws_tokenize_elem lws_tokenize(struct lws_tokenize *ts);

// Copies the element that was found to `str`, which has `max` bytes, and terminates it. Returns 0, or 1, with `str` as it was, when it
// does not fit, or an argument is NULL. lws: of `max` bytes one is left over.
//
// Requires: `ts` is NULL or what lws_tokenize() left, its text still there; `str` is NULL or has `max` writable bytes.
LWS_VISIBLE LWS_EXTERN
int lws_tokenize_cstr(struct lws_tokenize *ts,
                      char *str,
                      size_t max);

// Makes a UDP socket and takes it in as a raw request: WSI_CREATE (to the vhost's first protocol), RAW_SKT_BIND_PROTOCOL and RAW_ADOPT,
// then a RAW_RX for each datagram, of its whole length, RAW_WRITEABLE and RAW_CLOSE. With LWS_CAUDP_BIND it waits at `ads` and
// `port`, without it sends to them and hears nobody else; LWS_CAUDP_BROADCAST lets it send to broadcast addresses. `ads` NULL is
// 0.0.0.0, `port` 0 any that is free. `ifname` binds it to an interface. `retry_policy` and `fi_wsi_name` are not used.
//
// For an address, or NULL, all comes before this returns: NULL, after a log line, when there is no such vhost or protocol, the
// socket cannot be had, LWS_CAUDP_PF_PACKET is asked for, which is not provided, `parent_wsi` is neither NULL nor a live request
// of the vhost's context, or RAW_ADOPT returned nonzero. A
// name is looked up without keeping the loop: RAW_ADOPT comes from the loop, or CLIENT_CONNECTION_ERROR that says why not.
//
// Requires: `ads`, `protocol_name` and `ifname` are NULL or strings.
LWS_VISIBLE LWS_EXTERN
struct lws *lws_create_adopt_udp(struct lws_vhost *vhost,
                                 const char *ads,
                                 int port,
                                 int flags,
                                 const char *protocol_name,
                                 const char *ifname,
                                 struct lws *parent_wsi,
                                 void *opaque,
                                 const struct lws_retry_bo *retry_policy,
                                 const char *fi_wsi_name);

// Who sent the datagram of the last RAW_RX, and, until one has come, whom the socket talks with: `sa46`. lws_write() sends to it, so a
// program that sets it chooses where to. NULL when the wsi is not one for datagrams. The same pointer until WSI_DESTROY returned.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
const struct lws_udp *lws_get_udp(const struct lws *wsi);

// Cuts `scheme://address:port/path` into its parts, in place: `*prot`, `*ads` and `*path` point into `p`, or at "" and "/" for what is
// not there. `*path` has no slash before it. `*port` is what the URI says, or that of http, ws, https and wss, else as it was. An
// address may be in brackets, or a unix socket `+path:`. Returns 0, or 1 when an argument is NULL.
//
// Requires: `p` is a string that may be changed; the others are writable.
LWS_VISIBLE LWS_EXTERN
int lws_parse_uri(char *p,
                  const char **prot,
                  const char **ads,
                  int *port,
                  const char **path);

// Takes a URI apart as lws_parse_uri() does, in memory of its own: `uri` is not changed. The path is what follows the slash behind the
// address, query and all, and "" when nothing does; the port is 0 when neither the URI nor its scheme says one. Returns NULL, after a log
// line, when `uri` is NULL, its port is no number up to 65535, or memory is short; lws_parse_uri_destroy() frees it.
//
// Requires: `uri` is NULL or a string.
LWS_VISIBLE LWS_EXTERN
struct lws_parse_uri *lws_parse_uri_create(const char *uri);

// Frees what lws_parse_uri_create() made, and sets `*pcuri` to NULL. Does nothing when one of the two is NULL.
//
// Requires: `pcuri` is NULL, or `*pcuri` is NULL or was made by lws_parse_uri_create() and not freed.
LWS_VISIBLE LWS_EXTERN void lws_parse_uri_destroy(struct lws_parse_uri **pcuri);

// Writes the URL that `rel` means on the page at `base` (RFC 3986 section 5) to `dest`, which has `len` bytes: on https://x.com/y/z.html,
// `a.html` means https://x.com/y/a.html. What may not stand in a URL is percent-encoded, a fragment is left out. Returns 0, or 1 when
// `base` is no absolute URL, `rel` no reference, the result does not fit, or an argument is NULL.
//
// Requires: `dest` is NULL or has `len` writable bytes; `base` and `rel` are NULL or strings.
LWS_VISIBLE LWS_EXTERN
int lws_http_rel_to_url(char *dest,
                        size_t len,
                        const char *base,
                        const char *rel);

// The version whose API this is, and whose library.
LWS_VISIBLE LWS_EXTERN const char *lws_get_library_version(void);

// Gives a protocol `size` zeroed bytes on a vhost, aligned for any object, and returns them. They are freed with the vhost, after its
// PROTOCOL_DESTROY. A second call gives new ones, which lws_protocol_vh_priv_get() finds from then on.
//
// Returns NULL, after a log line, when the vhost has no such protocol, an argument is NULL or stale, `size` is below 0, or memory is
// short.
//
// Requires: `prot` is NULL or an entry whose name is NULL or a string.
LWS_VISIBLE LWS_EXTERN
void *lws_protocol_vh_priv_zalloc(struct lws_vhost *vhost,
                                  const struct lws_protocols *prot,
                                  int size);

// What lws_protocol_vh_priv_zalloc() gave last for this protocol of the vhost; NULL when nothing was, or there is no such vhost or
// protocol. Programs ask in every callback, so that is not logged.
//
// Requires: `prot` is NULL or an entry whose name is NULL or a string.
LWS_VISIBLE LWS_EXTERN
void *lws_protocol_vh_priv_get(struct lws_vhost *vhost,
                               const struct lws_protocols *prot);

// The vhost's protocol of this name, as the program's own entry; NULL when it has none.
//
// Requires: `name` is NULL or a string.
LWS_VISIBLE LWS_EXTERN const struct lws_protocols *lws_vhost_name_to_protocol(struct lws_vhost *vh, const char *name);

// Ends the vhost: its requests get their last callbacks, its protocols PROTOCOL_DESTROY, before this returns; a request that is
// inside a callback gets them when that returned. NULL and a vhost that is gone are allowed.
//
// Requires: What the vhost was given lives until this returns.
LWS_VISIBLE LWS_EXTERN
void lws_vhost_destroy(struct lws_vhost *vh);

// The vhost of this name, or NULL.
//
// Requires: `name` is NULL or a string.
LWS_VISIBLE LWS_EXTERN struct lws_vhost *lws_get_vhost_by_name(struct lws_context *context, const char *name);

// The vhost's name: good until the vhost is destroyed. "" for one that is gone.
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN const char *lws_get_vhost_name(struct lws_vhost *vhost);

// The `info.port` that the vhost was created with: CONTEXT_PORT_NO_LISTEN, for nothing listens here. 0 for a vhost that is gone.
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
int lws_get_vhost_port(struct lws_vhost *vhost);

// The same as lws_get_vhost_port().
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN int lws_get_vhost_listen_port(struct lws_vhost *vhost);

// The `user` that the vhost was created with.
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN void *lws_get_vhost_user(struct lws_vhost *vhost);

// The same as lws_get_vhost_user().
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN void *lws_vhost_user(struct lws_vhost *vhost);

// The `info.iface` that the vhost was created with, good until it is destroyed; NULL when it had none, or the vhost is gone.
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
const char *lws_get_vhost_iface(struct lws_vhost *vhost);

// A name for log lines, "[vh|0|default||-1]" with an ordinal in hexadecimal, name, `info.iface` and `info.port`; good until the vhost is destroyed. A string also for NULL and for a vhost that is gone.
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
const char *lws_vh_tag(struct lws_vhost *vh);

// How many threads serve the context at once: 1, whatever `count_threads` asked for; 0 for a context that is gone.
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN int lws_get_count_threads(struct lws_context *context);

// 0: nothing here makes a context that only finishes what it has.
//
// Requires: nothing: the pointer is not looked at.
LWS_VISIBLE LWS_EXTERN int lws_context_is_deprecated(struct lws_context *context);

// The `user` that the context was created with.
//
// Requires: nothing: the pointer is looked up, never followed.
LWS_VISIBLE LWS_EXTERN void *lws_context_user(struct lws_context *context);

// Sends a part of a request's body, in CLIENT_HTTP_WRITEABLE. What the socket does not take is kept and sent before WRITEABLE
// comes again. LWS_WRITE_HTTP_FINAL says that it is the last part; `len` 0 is allowed. The body is sent as it is: the
// headers say how long it is. On an h2 stream it goes out as windows allow, one DATA frame in its turn (RFC 9113 section
// 6.9); lws_get_peer_write_allowance() tells how much of it would leave at once.
//
// A ws sends one frame a call, from CLIENT_ESTABLISHED on (RFC 6455 section 5.6): LWS_WRITE_TEXT or LWS_WRITE_BINARY begins a
// message, LWS_WRITE_CONTINUATION goes on with it, and LWS_WRITE_NO_FIN says that more of it follows; LWS_WRITE_PING and
// LWS_WRITE_PONG take at most 125 bytes. The frame is masked on its way out: `buf` is not changed.
//
// A raw request's bytes are sent as they are, from RAW_CONNECTED on; `protocol` says nothing then.
//
// Returns `len`, or -1 when the handle is stale, the request is not where it can be written to, `protocol` is not for data,
// `len` is above INT_MAX, memory is short, or the connection is lost; the callback should return -1 then.
//
// Requires: `buf` has `len` readable bytes, after LWS_PRE writable ones.
LWS_VISIBLE LWS_EXTERN
int lws_write(struct lws *wsi,
              unsigned char *buf,
              size_t len,
              enum lws_write_protocol protocol);

// Asks for one CLIENT_HTTP_WRITEABLE, CLIENT_WRITEABLE or RAW_WRITEABLE, when the request can be written to. While it waits for its turn that is remembered.
// Returns 1, or 0 when the request has ended, or -1 when the handle is stale.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
int lws_callback_on_writable(struct lws *wsi);

// Says whether the request has a body to send: nonzero in APPEND_HANDSHAKE_HEADER, 0 when all of it was written. While it is
// pending the request is not over. On h1 the body goes in chunks (RFC 9112 section 7.1) unless APPEND writes a Content-Length, or a
// Transfer-Encoding and chunks of its own: such a request is not sent over h2.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
void lws_client_http_body_pending(struct lws *wsi,
                                  int something_left_to_send);

// 1 while bytes of the request wait for the socket: more is better written in WRITEABLE.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN int lws_send_pipe_choked(struct lws *wsi);

// 1 while bytes of the request are buffered here.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN int lws_partial_buffered(struct lws *wsi);

// The program has said all on a raw request. Returns 0 when bytes of it still wait for the socket: it ends when they have left, and
// is handed nothing more. Returns -1 when nothing waits, or it is no open raw request: the callback should return that.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
int lws_raw_transaction_completed(struct lws *wsi);

// 0 stops the response's body, or what a ws or raw request receives, from being offered, 1 lets it go on; from inside a callback too. On an h2 stream the peer is
// given no more window meanwhile, and what it may still send is kept (1 MiB, and more once a response has moved faster).
// Returns 0, or -1 when the handle is stale.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
int lws_rx_flow_control(struct lws *wsi,
                        int enable);

// The protocol callback of those who have none: does nothing, returns 0.
//
// Requires: nothing: nothing is looked at.
LWS_VISIBLE LWS_EXTERN
int lws_callback_http_dummy(struct lws *wsi,
                            enum lws_callback_reasons reason,
                            void *user,
                            void *in_,
                            size_t len);

// In CLIENT_RECEIVE: 1 when the message begins with this piece (RFC 6455 section 5.4), else 0; 0 for a stale handle.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN int lws_is_first_fragment(struct lws *wsi);

// In CLIENT_RECEIVE: 1 when the message ends with this piece, else 0; 0 for a stale handle. A large frame comes in pieces of the
// protocol's rx_buffer_size, and this is 1 for the last piece of the last frame alone.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
int lws_is_final_fragment(struct lws *wsi);

// In CLIENT_RECEIVE: 1 when the message is binary, 0 when it is text or the handle is stale.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN int lws_frame_is_binary(struct lws *wsi);

// In CLIENT_RECEIVE: bytes of this frame that come behind this piece; 0 for a stale handle.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN size_t lws_remaining_packet_payload(struct lws *wsi);

// What the ws's Close frame says when a callback of it returns nonzero: `status` and `len` bytes of UTF-8 at `buf`, of which at
// most 123 are sent (RFC 6455 sections 5.5.1 and 7.4); copied. A status that may not be sent, such as
// LWS_CLOSE_STATUS_NOSTATUS, makes it a Close without one. The peer's Close is then awaited for at most 5 s.
//
// Requires: `buf` is NULL or has `len` readable bytes.
LWS_VISIBLE LWS_EXTERN
void lws_close_reason(struct lws *wsi,
                      enum lws_close_status status,
                      unsigned char *buf,
                      size_t len);

// Bytes at lws_get_close_payload(): the code's two, and the reason's; 0 before lws_close_reason().
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN int lws_get_close_length(struct lws *wsi);

// What lws_close_reason() was told, as it is sent: the code, high byte first, then the reason. Good until the next
// lws_close_reason() or the ws's end; NULL before the first.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN unsigned char *lws_get_close_payload(struct lws *wsi);

// The program knows that the peer is there: the time until it is pinged, or given up, begins anew.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN void lws_validity_confirmed(struct lws *wsi);

// Stands for permessage-deflate (RFC 7692) in a vhost's list of extensions. It is not for calling: it does nothing, and returns 0.
//
// Requires: nothing: nothing is looked at.
LWS_VISIBLE LWS_EXTERN
int lws_extension_callback_pm_deflate(struct lws_context *context,
                                      const struct lws_extension *ext,
                                      struct lws *wsi,
                                      enum lws_extension_callback_reasons reason,
                                      void *user,
                                      void *in_,
                                      size_t len);

// The context of a request, or of any handle that a callback was given; NULL for one that is gone.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN struct lws_context *lws_get_context(const struct lws *wsi);

// The vhost of a request, or of any handle that a callback was given; NULL for one that is gone.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN struct lws_vhost *lws_get_vhost(struct lws *wsi);

// The program's own protocol entry that the handle is bound to; NULL for a handle that is gone.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN const struct lws_protocols *lws_get_protocol(struct lws *wsi);

// The handle that stands for the connection. An h1 request is its own. A request on an h2 stream shares its connection: the
// handle is the connection's, which answers context, vhost, protocol, socket, SSL and peer, and has no user and no opaque
// pointer. It is good while the connection lives.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
struct lws *lws_get_network_wsi(struct lws *wsi);

// The pointer set with lws_set_opaque_user_data() or `opaque_user_data`; NULL in vhost-wide callbacks.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN void *lws_get_opaque_user_data(const struct lws *wsi);

// Sets what lws_get_opaque_user_data() answers.
//
// Requires: nothing: the handle is looked up, never followed, and so is `data`.
LWS_VISIBLE LWS_EXTERN void lws_set_opaque_user_data(struct lws *wsi, void *data);

// The pointer that the request's callbacks get as `user`.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN void *lws_wsi_user(struct lws *wsi);

// Sets the pointer that the request's callbacks get as `user` from now on. Per-session data that the library allocated is
// still freed by it.
//
// Requires: nothing: the handle is looked up, never followed, and so is `user`.
LWS_VISIBLE LWS_EXTERN
void lws_set_wsi_user(struct lws *wsi,
                      void *user);

// The socket of the request that leads its connection; -1 while it waits, when its turn is over, and on an h2 stream, whose
// socket lws_get_network_wsi() has.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
lws_sockfd_type lws_get_socket_fd(struct lws *wsi);

// The `SSL` of the request that leads its connection; NULL while it waits, when its turn is over, without TLS, and on an
// h2 stream, whose connection's lws_get_network_wsi() has. The library's: do not free it, read from it or write to it.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
SSL *lws_get_ssl(struct lws *wsi);

// 1 when the request asked for TLS.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN int lws_is_ssl(struct lws *wsi);

// The address of the peer as text, into `name`, which is returned. A string also when the handle is stale or there was no
// peer: "" then. Stays readable on a finished request.
//
// Requires: `name` has `namelen` writable bytes.
LWS_VISIBLE LWS_EXTERN
const char *lws_get_peer_simple(struct lws *wsi,
                                char *name,
                                size_t namelen);

// The request that this one belongs to: its `parent_wsi`, until LWS_CALLBACK_CHILD_CLOSING returned. NULL when it has none.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
struct lws *lws_get_parent(const struct lws *wsi);

// The newest of the requests that belong to this one, or NULL.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN struct lws *lws_get_child(const struct lws *wsi);

// Per-session data for a request that has no user pointer: what its protocol's per_session_data_size says, zeroed, and the
// library's to free. Returns 0, also when it has one or its protocol wants none, or 1 when memory is short or the handle is stale.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
int lws_ensure_user_space(struct lws *wsi);

// A name for log lines: "[wsicli|0|GET/h1/default/example.com]" with an ordinal in hexadecimal, the method ("WS", "RAW"), the role that it
// begins with, vhost and address; "[wsisrv|0|adopted]" for what was adopted. It is the request's own, and good until WSI_DESTROY has
// returned. A string also for NULL, for the handle of callbacks that are no request's and for one that is stale.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
const char *lws_wsi_tag(struct lws *wsi);

// Ends the request after `secs` seconds, whatever `reason` says; `secs` 0 or PENDING_TIMEOUT 0 takes that back.
// LWS_TO_KILL_ASYNC ends it when the loop runs next, LWS_TO_KILL_SYNC before this returns, or, when the request is inside a
// callback, as soon as that returned. Nobody else on its connection or in its queue is touched.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN
void lws_set_timeout(struct lws *wsi,
                     enum pending_timeout reason,
                     int secs);

// As lws_set_timeout(), with microseconds: `us` 0 or below takes it back.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN void lws_set_timeout_us(struct lws *wsi, enum pending_timeout reason, lws_usec_t us);

// Ends the request before this returns, or, when it is inside a callback, as soon as that returned: LWS_TO_KILL_SYNC by another
// name. `reason` and `caller` say nothing.
//
// Requires: nothing: the handle is looked up, never followed, and so is `caller`.
LWS_VISIBLE LWS_EXTERN
void lws_close_free_wsi(struct lws *wsi,
                        enum lws_close_status reason,
                        const char *caller);

// LWS_CALLBACK_TIMER after `usecs` microseconds, once; LWS_SET_TIMER_USEC_CANCEL takes it back.
//
// Requires: nothing: the handle is looked up, never followed.
LWS_VISIBLE LWS_EXTERN void lws_set_timer_usecs(struct lws *wsi, lws_usec_t usecs);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* LIBWEBSOCKETS_H */

#include "libwebsockets/lws-inline.h"
