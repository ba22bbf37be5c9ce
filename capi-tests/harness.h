/*
 * What every story uses: a scripted peer, a context that records each callback of each request as words, and checks.
 *
 * A story opens, asks, runs the loop until something is true, compares logs, and closes; closing checks what must hold for
 * every request whatever happened (one ending, balanced callbacks, DESTROY last, no descriptor left).
 */
#ifndef BROADSIDE_HARNESS_H
#define BROADSIDE_HARNESS_H

#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the scripted peer ---- */

struct peer {
	int pid, in, out, port;
	char dir[256], ca[300];
	char *answer;			/* the last one; the next command overwrites it */
};

void peer_start(struct peer *p, const char *options);
void peer_stop(struct peer *p);
/* Sends a control line and returns its answer. The loop does not run meanwhile. */
const char *peer_say(struct peer *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* One number of `stats`: accepts, requests, open, handshakes, closed, ahead. */
long peer_stat(struct peer *p, const char *name);

/* ---- a story ---- */

struct req;
struct story;

#include "ws.h"

/* Called for every callback of a request, after it was recorded; 0 goes on with the usual work. */
typedef int (*hook_fn)(struct req *r, enum lws_callback_reasons reason, void *in, size_t len);
#define HOOK_DONE 12345			/* return 0 to the library, without the usual work */

struct opts {
	const char *peer;		/* options of the peer; NULL: none */
	int no_peer, no_fd_check, no_context;
	int tls;
	unsigned timeout_secs;
	size_t pss;			/* per-session data of the library instead of userdata */
	hook_fn hook;			/* for every request that has no own */
	int (*vhost_hook)(struct story *s, struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in);
	void (*tune)(struct story *s, struct lws_context_creation_info *info);
	/* LOCK_POLL to UNLOCK_POLL, before the harness takes note; nonzero from ADD or LOCK: it does not */
	int (*told)(struct story *s, struct lws *wsi, enum lws_callback_reasons reason, const struct lws_pollargs *args);
};

struct ask {
	const char *path, *method, *address, *host, *alpn, *iface, *origin, *protocol;
	int port;			/* 0: the peer's */
	int flags;			/* added to PIPELINE and, in a TLS story, USE_SSL */
	int solo, plain;		/* without PIPELINE, without USE_SSL */
	int exact_port;			/* `port` as it is, 0 too */
	unsigned short keep_warm;
	unsigned char priority;
	unsigned char client_cert;	/* sys_tls_client_cert */
	int local_port;
	struct req *parent;		/* whose child it is */
	void *log_cx;			/* a struct lws_log_cx */
	struct lws_vhost *vhost;
	const char *body;		/* a request body of `body_len` bytes, written in `pieces` */
	size_t body_len, pieces;
	const char *fields;		/* "Name: value\r\n" lines that APPEND writes by hand */
	const char *name, *value;	/* a header that APPEND adds by name ("name:" with its colon) */
	const char *user, *password;	/* auth_username, auth_password */
	const lws_retry_bo_t *retry;	/* lives as long as the request */
	int ws;				/* a WebSocket: `protocol` is what it offers, NULL for nothing */
	int reserved_bits, unknown_opcode;	/* allow_reserved_bits, allow_unknown_opcode */
	int credit;			/* with LCCSCF_H2_MANUAL_RXFLOW: what the server may send first */
	int fail_at;			/* return -1 from this callback */
	hook_fn hook;
	void *mine;			/* for the hook: starts as req.mine */
	int quiet;			/* count, but keep no log: for very many requests */
	int may_be_null;		/* a NULL from connect is part of the story */
};

enum { MAX_REASON = 120, KEPT_BODY = 4096 };

struct req {
	struct story *story;
	struct lws *wsi;
	char name[8];			/* A, B, ... then R26, ... */
	size_t nth;
	struct ask ask;
	int accepted, adopted;
	volatile int done;		/* DESTROY has come */
	int at_destroy;			/* and it came from lws_context_destroy() */
	unsigned n[MAX_REASON];		/* how often each callback came */
	unsigned verifies;		/* OPENSSL_PERFORM_SERVER_CERT_VERIFICATION */
	int status;
	char *error;			/* what CLIENT_CONNECTION_ERROR said */
	char *body;			/* the first bytes of the response body, NUL after them */
	size_t total;			/* all of them */
	unsigned sum;			/* and their FNV-1a */
	int fd;				/* lws_get_socket_fd() and lws_get_ssl() at ESTABLISHED */
	void *ssl;
	struct ws_seen ws;
	void *mine;			/* for the story's hook */
	void *user;			/* what the last callback had as user: the X509_STORE_CTX at VERIFY */
	/* private to the harness */
	char *log;
	size_t log_len, log_cap, log_tail, sent;
	int depth, reading, ending, receive_pending, last;
};

struct story {
	struct lws_context *cx;
	struct peer peer;
	struct opts opts;
	struct lws_protocols protocols[2];
	struct req **reqs;
	size_t n_reqs;
	volatile size_t alive;		/* requests between BIND and DESTROY */
	char *order;			/* "A:BIND A:CREATE ..." over all requests that are not quiet */
	size_t order_len, order_cap;
	struct req *adopting;		/* whose the callbacks are that come inside of an adopting call */
	unsigned cancelled, inits;	/* EVENT_WAIT_CANCELLED and PROTOCOL_INIT seen */
	int destroying;			/* lws_context_destroy() was called by the story */
	int fds;
	void *mine;
};

struct story *story_open(const struct opts *o);
/* Destroys the context, checks, stops the peer. The exit status. */
int story_close(struct story *s);
/* Destroys the context now, from anywhere. */
void story_destroy(struct story *s);
/* A second context of the same kind, for stories that make many. */
void story_context(struct story *s);

struct req *ask(struct story *s, const struct ask *a);
#define ASK(s, ...) ask((s), &(struct ask){ __VA_ARGS__ })

/* A request that begins with a descriptor: ADOPT() makes it, and `call` is what adopts, within which its first callbacks come. */
struct req *adopt_begin(struct story *s, const struct ask *a);
struct lws *adopt_end(struct req *r, struct lws *wsi);
#define ADOPT(r, s, call, ...) ((r) = adopt_begin((s), &(struct ask){ __VA_ARGS__ }), adopt_end((r), (call)))

/* One pass of the loop, which may wait. */
void step(struct story *s);
#define RUN_UNTIL(s, cond) do { while (!(cond)) step(s); } while (0)
#define RUN_ALL(s) RUN_UNTIL(s, !(s)->alive)
/* Runs the loop until the peer has answered this control line. */
const char *await(struct story *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* How many descriptors the loop of LOOP waits for. */
size_t outside_count(void);
/* LOCK_POLL has come, and UNLOCK_POLL will not. */
void outside_unlock(void);

/* How many for the stories of very many: 100000, or the environment's SCALE. */
size_t scale(void);
double now(void);
int count_fds(void);
int settled_fds(int want);		/* counted again for a while: a lookup inside libc closes its own */
unsigned fnv(const void *bytes, size_t len, unsigned from);
#define FNV_START 0x811c9dc5u

/* What the library logged (errors, warnings, notices) since the mark. */
size_t log_mark(void);
const char *logged_since(size_t mark);

/* ---- checks: a failed one prints everything that is known and ends the program ---- */

/* The stories run on h2 too: the environment's PROTO says h2 (TLS, by ALPN) or h2c (prior knowledge). 0 on h1. */
extern int on_h2;
extern void (*on_failure)(void);	/* called before a failed program ends: to stop what it started */
void fail(const char *file, int line, const char *fmt, ...) __attribute__((format(printf, 3, 4), noreturn));
int matches(const char *log, const char *want);
int in_order(struct story *s, const char *first, const char *then);

#define CHECK(cond) do { if (!(cond)) fail(__FILE__, __LINE__, "not true: %s", #cond); } while (0)
#define CHECK_EQ(a, b) do { long long a_ = (long long)(a), b_ = (long long)(b); \
	if (a_ != b_) fail(__FILE__, __LINE__, "%s is %lld, not %s = %lld", #a, a_, #b, b_); } while (0)
#define CHECK_STR(a, b) do { const char *a_ = (a), *b_ = (b); \
	if (!a_ || strcmp(a_, b_)) fail(__FILE__, __LINE__, "%s is \"%s\", not \"%s\"", #a, a_ ? a_ : "(null)", b_); } while (0)
#define CHECK_HAS(a, b) do { const char *a_ = (a), *b_ = (b); \
	if (!a_ || !strstr(a_, b_)) fail(__FILE__, __LINE__, "%s is \"%s\", without \"%s\"", #a, a_ ? a_ : "(null)", b_); } while (0)
#define CHECK_LACKS(a, b) do { const char *a_ = (a), *b_ = (b); \
	if (a_ && strstr(a_, b_)) fail(__FILE__, __LINE__, "%s is \"%s\", with \"%s\"", #a, a_, b_); } while (0)
/* On h2 "RECEIVE" in `want` is nothing: READ comes by itself. In `want`, "READ" alone stands for READ(any size) and "[WORD]" for a word that may be missing. */
#define CHECK_LOG(r, want) do { struct req *r_ = (r); if (!matches(r_->log, (want))) \
	fail(__FILE__, __LINE__, "%s has the log\n  %s\nnot\n  %s", r_->name, r_->log ? r_->log : "", (want)); } while (0)
#define CHECK_ORDER(s, a, b) do { if (!in_order((s), (a), (b))) \
	fail(__FILE__, __LINE__, "%s is not before %s", (a), (b)); } while (0)

/* The whole life of a request that made the connection, and of one that rode it. */
#define LED  "BIND CREATE NEW | CONNECTING APPEND FILTER EST RECEIVE READ COMPLETED DROP CLOSED DESTROY"
#define RODE "BIND CREATE NEW | APPEND FILTER EST RECEIVE READ COMPLETED DROP CLOSED DESTROY"
/* The same as streams of an h2 connection: payload comes with READ, without a RECEIVE before it. */
#define LED2  "BIND CREATE NEW | CONNECTING APPEND FILTER EST READ COMPLETED DROP CLOSED DESTROY"
#define RODE2 "BIND CREATE NEW | APPEND FILTER EST READ COMPLETED DROP CLOSED DESTROY"
#define FAILED "BIND CREATE NEW | [CONNECTING] [APPEND] ERROR DROP DESTROY"

#define REASON_BIND      LWS_CALLBACK_CLIENT_HTTP_BIND_PROTOCOL
#define REASON_CREATE    LWS_CALLBACK_WSI_CREATE
#define REASON_NEW       LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED
#ifdef UPSTREAM				/* another library: what only contract.md promises is not asked of it */
enum { OURS = 0 };
#define REASON_CONNECTING 105
#else
enum { OURS = 1 };
#define REASON_CONNECTING LWS_CALLBACK_CONNECTING
#endif
#define REASON_APPEND    LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER
#define REASON_FILTER    LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH
#define REASON_EST       LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP
#define REASON_RECEIVE   LWS_CALLBACK_RECEIVE_CLIENT_HTTP
#define REASON_READ      LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ
#define REASON_WRITE     LWS_CALLBACK_CLIENT_HTTP_WRITEABLE
#define REASON_COMPLETED LWS_CALLBACK_COMPLETED_CLIENT_HTTP
#define REASON_ERROR     LWS_CALLBACK_CLIENT_CONNECTION_ERROR
#define REASON_DROP      LWS_CALLBACK_CLIENT_HTTP_DROP_PROTOCOL
#define REASON_CLOSED    LWS_CALLBACK_CLOSED_CLIENT_HTTP
#define REASON_DESTROY   LWS_CALLBACK_WSI_DESTROY
#define REASON_VERIFY    LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION

/* The reason that a word in a log stands for; -1 for none. */
int reason_of(const char *word);
const char *word_of(int reason);
/* What it is for a request of whatever kind, and what it counts as in req.n: raw and ws have reasons of their own for the same. */
int http_kind(int reason);
/* Stories of promises that only ours makes. */
#define ONLY_OURS() do { if (!OURS) return 77; } while (0)
/* And those of h2: it is TLS and ALPN unless the environment says otherwise. */
#define ONLY_H2() do { ONLY_OURS(); setenv("PROTO", "h2", 0); } while (0)
/* Whether this is built for AddressSanitizer. */
#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif
#ifndef UNDER_ASAN
#define UNDER_ASAN 0
#endif
/* An argument of the program, "" when there are fewer. */
#define ARG(n) (argc > (n) ? argv[n] : "")
#define IS(n, word) (!strcmp(ARG(n), (word)))
/* Ends a request: sync within this call, else from the loop. */
void kill_req(struct req *r, int sync);

#ifdef __cplusplus
}
#endif
#endif
