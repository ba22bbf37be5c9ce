/*
 * What the generated part of <libwebsockets.h> needs before it: what it includes, the attributes of prototypes, names of
 * types, function types, and macros that stand for expressions. By hand; <libwebsockets.h> includes it.
 */
#ifndef LWS_MACROS_H
#define LWS_MACROS_H

#include "../lws_config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

/* Programs use OpenSSL's types and functions through this header. */
#include <openssl/err.h>
#include <openssl/ssl.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Prototypes */

/*
 * A program that runs the loop itself is built with -DLWS_WITH_EXTERNAL_POLL: LWS_CALLBACK_ADD_POLL_FD and its like come to the contexts that
 * it creates.
 */
#if defined(LWS_WITH_EXTERNAL_POLL)
#define LWS_CREATE_CONTEXT_NAME "broadside_create_context_external_poll"
#else
#define LWS_CREATE_CONTEXT_NAME "broadside_create_context"
#endif
#define LWS_VISIBLE __attribute__((visibility("default")))
#define LWS_EXTERN extern
#define LWS_INLINE inline
#define LWS_O_INLINE inline
#define LWS_WARN_UNUSED_RESULT __attribute__((warn_unused_result))
#define LWS_WARN_DEPRECATED __attribute__((deprecated))
#define LWS_FORMAT(string_index) __attribute__((format(printf, string_index, string_index + 1)))

/* Integers */

/* microseconds: a point of the clock that lws_now_usecs() reads, or a span */
typedef int64_t lws_usec_t;
typedef int lws_sockfd_type;
typedef int lws_filefd_type;
typedef unsigned long long lws_filepos_t;
typedef long long lws_fileofs_t;
typedef uint32_t lws_fop_flags_t;
typedef uint32_t lws_smd_class_t;
/* microseconds */
typedef uint32_t lws_conmon_interval_us_t;
typedef intptr_t lws_intptr_t;
/* the bytes of a file: lwsac_cached_file() */
typedef unsigned char *lwsac_cached_file_t;
/* a number of a metric */
typedef uint64_t u_mt_t;

/* The name of a histogram's bucket, behind it: a byte with its length, the name, NUL */
#define lws_metric_bucket_name_len(_b) (*((const uint8_t *)&(_b)[1]))
#define lws_metric_bucket_name(_b) (((const char *)&(_b)[1]) + 1)

/* Types known by name alone */

struct lws;
struct lws_context;
struct lws_vhost;
struct lws_sequencer;
struct lws_http_mount;
struct lws_plat_file_ops;
struct lws_plugin_evlib;
struct lws_attach_item;
struct lws_smd_peer;
struct lws_ring;
struct lws_http_mp_sm;
struct lwsac;
struct lws_buflist;
struct lws_x509_cert;

/* Types that are defined further down */

struct lws_extension;
struct lws_dll2;
struct lws_dll2_owner;
struct lws_sorted_usec_list;
struct lws_state_manager;
struct lws_state_notify_link;
struct lws_log_cx;
struct lws_retry_bo;
struct lws_tls_session_dump;
struct lws_adopt_desc;
struct lws_system_ops;
struct lws_metric_pub;
struct lws_metric_bucket;
struct lws_system_blob;
union lws_sock_file_fd_type;
union lws_sockaddr46;
union lws_tls_cert_info_results;

typedef struct lws_dll2 lws_dll2_t;
typedef struct lws_dll2_owner lws_dll2_owner_t;
typedef struct lws_sorted_usec_list lws_sorted_usec_list_t;
typedef struct lws_state_manager lws_state_manager_t;
typedef struct lws_state_notify_link lws_state_notify_link_t;
typedef struct lws_log_cx lws_log_cx_t;
typedef struct lws_retry_bo lws_retry_bo_t;
typedef struct lws_system_ops lws_system_ops_t;
typedef struct lws_system_blob lws_system_blob_t;
typedef struct lws_metric_pub lws_metric_pub_t;
typedef struct lws_metric_bucket lws_metric_bucket_t;
typedef struct lws_plugin_evlib lws_plugin_evlib_t;
typedef struct lws_adopt_desc lws_adopt_desc_t;
typedef union lws_sock_file_fd_type lws_sock_file_fd_type;
typedef union lws_sockaddr46 lws_sockaddr46;

#ifdef __cplusplus
}
#endif

#include "lws-enums.h"
#include "lws-tokens.h"
#include "lws-text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Functions of the program's */

/*
 * A protocol's callback. What `in` and `len` are depends on `reason`, and so does the meaning of a nonzero return; 0 is always
 * "go on". A type of function, not of pointer: programs declare their callbacks with it.
 */
typedef int lws_callback_function(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len);

typedef int lws_extension_callback_function(struct lws_context *context, const struct lws_extension *ext, struct lws *wsi,
					    enum lws_extension_callback_reasons reason, void *user, void *in, size_t len);

/* A timer that is due; it may schedule itself again. */
typedef void (*sul_cb_t)(struct lws_sorted_usec_list *sul);

/* Before (`current` < `target`) and after each step of the state; nonzero before a step: not yet. */
typedef int (*lws_state_notify_t)(struct lws_state_manager *mgr, struct lws_state_notify_link *l, int current, int target);

/* Keeps a TLS session's bytes, or brings them; 0 when it did. */
typedef int (*lws_tls_sess_cb_t)(struct lws_context *cx, struct lws_tls_session_dump *info);

/* For each node; it may remove the node. Nonzero ends the walk. */
typedef int (*lws_dll2_foreach_cb_t)(struct lws_dll2 *d, void *user);

/* lws_http_mp_sm_init() asks for the next field of a form: 0, 1 for no more, below 0 to give up. */
typedef int (*lws_http_mp_sm_cb_t)(struct lws_context *cx, char *text, size_t size, const char **last);

/* For each response header that has no token; `name` has `nlen` characters and no terminator. */
typedef void (*lws_hdr_custom_fe_cb_t)(const char *name, int nlen, void *opaque);

/* For each log line: its level, and the line with its newline. */
typedef void (*lws_log_emit_t)(int level, const char *line);
typedef void (*lws_log_emit_cx_t)(struct lws_log_cx *cx, int level, const char *line, size_t len);
typedef void (*lws_log_prepend_cx_t)(struct lws_log_cx *cx, void *obj, char **p, char *e);
typedef void (*lws_log_use_cx_t)(struct lws_log_cx *cx, int _new);

/* For each system message of a class that was registered for, by the thread that serves. */
typedef int (*lws_smd_notification_cb_t)(void *opaque, lws_smd_class_t _class, lws_usec_t timestamp, void *buf, size_t len);

/* Once, by the thread that serves, as soon as the system state is the one asked for. */
typedef void (*lws_attach_cb_t)(struct lws_context *context, int tsi, void *opaque);

#ifdef __cplusplus
}
#endif

/* Time */

#define LWS_US_PER_SEC ((lws_usec_t)1000000)
#define LWS_MS_PER_SEC ((lws_usec_t)1000)
#define LWS_US_PER_MS ((lws_usec_t)1000)
#define LWS_NS_PER_US ((lws_usec_t)1000)
#define LWS_NS_PER_SEC (LWS_US_PER_SEC * LWS_NS_PER_US)
#define LWS_USEC_PER_SEC ((lws_usec_t)1000000)
/* the nearest */
#define LWS_US_TO_MS(x) (((x) + (LWS_US_PER_MS / 2)) / LWS_US_PER_MS)
#define lws_time_in_microseconds lws_now_usecs

/* Sizes */

#define LWS_KI (1024)
#define LWS_MI (LWS_KI * 1024)
#define LWS_GI (LWS_MI * 1024)
#define LWS_TI ((uint64_t)LWS_GI * 1024)
#define LWS_PI ((uint64_t)LWS_TI * 1024)

/* What programs that know older versions test */

#define LWS_FEATURE_PROTOCOLS_HAS_ID_FIELD
#define LWS_FEATURE_PROTOCOLS_HAS_PEER_WRITE_ALLOWANCE

/* in place of microseconds: no timer */
#define LWS_SET_TIMER_USEC_CANCEL ((lws_usec_t)-1)
/* in place of seconds, to lws_set_timeout(): end it when the loop runs next, or before the call returns */
#define LWS_TO_KILL_ASYNC (-1)
#define LWS_TO_KILL_SYNC (-2)
/* ends `w`; `to_kill` is one of the two above */
/* an lws_sockaddr46 for functions of the system's */
#define sa46_sockaddr(_sa46) ((struct sockaddr *)(_sa46))
#define sa46_socklen(_sa46) ((socklen_t)((_sa46)->sa4.sin_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6)))
/* sets the port, which is in network order */
#define sa46_sockport(_sa46, _sp) \
	{ \
		if ((_sa46)->sa4.sin_family == AF_INET) \
			(_sa46)->sa4.sin_port = (_sp); \
		else \
			(_sa46)->sa6.sin6_port = (_sp); \
	}
#define sa46_address(_sa46) \
	((uint8_t *)((_sa46)->sa4.sin_family == AF_INET ? (void *)&(_sa46)->sa4.sin_addr : (void *)&(_sa46)->sa6.sin6_addr))

#define lws_wsi_close(w, to_kill) lws_set_timeout((w), PENDING_TIMEOUT_AWAITING_PROXY_RESPONSE, (to_kill))

/* Contexts and vhosts */

/* in place of a port: do not listen; the second one on the vhost of a server */
#define CONTEXT_PORT_NO_LISTEN (-1)
#define CONTEXT_PORT_NO_LISTEN_SERVER (-2)
/* ends a list of protocols */
#define LWS_PROTOCOL_LIST_TERM { NULL, NULL, 0, 0, 0, NULL, 0 }
/* what a program starts from; the policy is for secure streams, which are not here */
#define lws_context_info_defaults(info, policy) _lws_context_info_defaults((info), NULL)
#define lws_check_opt(c, f) ((((uint64_t)(c)) & ((uint64_t)(f))) == ((uint64_t)(f)))
#define lws_plat_service_tsi lws_service_tsi

/* the sign bit of `ssl_connection`: TLS early data */
#define LCCSCF_ALLOW_EARLY_DATA ((int)(1u << 31))

/* Sending and receiving */

#define LWS_SEND_BUFFER_PRE_PADDING LWS_PRE
#define LWS_SEND_BUFFER_POST_PADDING 0
#define LWS_WRITE_RAW LWS_WRITE_HTTP
#define LWS_RECOMMENDED_MIN_HEADER_SPACE 2048
#define LWS_ILLEGAL_HTTP_CONTENT_LEN ((lws_filepos_t)-1ll)

/* Sockets and files */

#define lws_pollfd pollfd
#define LWS_POLLHUP (POLLHUP | POLLERR)
#define LWS_POLLIN (POLLIN)
#define LWS_POLLOUT (POLLOUT)
#define LWS_INVALID_FILE -1
#define LWS_SOCK_INVALID (-1)
#define LWS_ERRNO errno
#define LWS_O_RDONLY O_RDONLY
#define LWS_O_WRONLY O_WRONLY
#define LWS_O_CREAT O_CREAT
#define LWS_O_TRUNC O_TRUNC
#define LWS_POSIX_LENGTH_CAST(x) (x)

/* C */

#define LWS_ARRAY_SIZE(x) (sizeof(x) / sizeof((x)[0]))
/* the struct of type T whose member M is at P */
#define lws_container_of(P, T, M) ((T *)((char *)(P) - offsetof(T, M)))
#define LWS_ALIGN_TO(x, bou) ((x) += ((bou) - ((x) % (bou))) % (bou))
#define LWS_SIZEOFPTR ((int)sizeof(void *))
#define lws_ptr_diff(head, tail) ((int)((char *)(head) - (char *)(tail)))
#define lws_ptr_diff_size_t(head, tail) ((size_t)(ssize_t)((char *)(head) - (char *)(tail)))
/* of an array that is written from its start while `_l` says how much room is left: where to go on, and how much is there */
#define lws_concat_temp(_t, _l) ((_t) + sizeof(_t) - (_l))
#define lws_concat_used(_t, _l) (sizeof(_t) - (_l))
/* lws_strncpy() of at most `size1` characters of a string that need not be terminated */
#define lws_strnncpy(dest, src, size1, destsize) \
	lws_strncpy((dest), (src), (size_t)(size1) + 1 < (size_t)(destsize) ? (size_t)(size1) + 1 : (size_t)(destsize))

/* One service thread: nothing to lock. */
#define lws_pthread_mutex(name)
#define lws_pthread_mutex_init(_a)
#define lws_pthread_mutex_destroy(_a)
#define lws_pthread_mutex_lock(_a)
#define lws_pthread_mutex_unlock(_a)

/*
 * Walks. Each start needs its end, with the body between them; the _safe ones let the body remove the element it is at.
 *
 * ll: singly linked, `nxt` is the member that points on
 */
#define lws_start_foreach_ll(type, it, start) \
	{ \
		type it = start; \
		while (it) {
#define lws_end_foreach_ll(it, nxt) \
			it = it->nxt; \
		} \
	}
#define lws_start_foreach_ll_safe(type, it, start, nxt) \
	{ \
		type it = start; \
		while (it) { \
			type next_##it = it->nxt;
#define lws_end_foreach_ll_safe(it) \
			it = next_##it; \
		} \
	}
/* llp: the same, by the pointer to the pointer, so that the body may relink */
#define lws_start_foreach_llp(type, it, start) \
	{ \
		type it = &(start); \
		while (*(it)) {
#define lws_end_foreach_llp(it, nxt) \
			it = &(*(it))->nxt; \
		} \
	}
#define lws_start_foreach_llp_safe(type, it, start, nxt) \
	{ \
		type it = &(start); \
		type next; \
		while (*(it)) { \
			next = &((*(it))->nxt);
#define lws_end_foreach_llp_safe(it) \
			it = next; \
		} \
	}
/* dll: lws_dll2 */
#define lws_start_foreach_dll(___type, ___it, ___start) \
	{ \
		___type ___it = ___start; \
		while (___it) {
#define lws_end_foreach_dll(___it) \
			___it = (___it)->next; \
		} \
	}
#define lws_start_foreach_dll_safe(___type, ___it, ___tmp, ___start) \
	{ \
		___type ___it = ___start; \
		while (___it) { \
			___type ___tmp = (___it)->next;
#define lws_end_foreach_dll_safe(___it, ___tmp) \
			___it = ___tmp; \
		} \
	}
/* the `type` on the list `own` whose string `membptr` is the `namelen` characters at `name`; `membd2list` is its node */
#define lws_dll2_search_sz_pl(own, name, namelen, type, membd2list, membptr) \
	((type *)_lws_dll2_search_sz_pl((own), (name), (namelen), offsetof(type, membd2list), offsetof(type, membptr)))
/* puts an object first in a singly linked list */
#define lws_ll_fwd_insert(___new_object, ___m_list, ___list_head) \
	{ \
		(___new_object)->___m_list = ___list_head; \
		___list_head = ___new_object; \
	}
/* takes an object out of one */
#define lws_ll_fwd_remove(___type, ___m_list, ___target, ___list_head) \
	{ \
		lws_start_foreach_llp(___type **, ___ppss, ___list_head) { \
			if (*___ppss == ___target) { \
				*___ppss = ___target->___m_list; \
				break; \
			} \
		} lws_end_foreach_llp(___ppss, ___m_list); \
	}

#define lwsac_use_zeroed lwsac_use_zero

/*
 * Rings: a reader moves on by `count` elements, and what nobody needs any more goes.
 *
 * for one reader, whose tail is at `ptail`
 */
#define lws_ring_consume_single_tail(ring_, ptail_, count_) \
	{ \
		lws_ring_consume((ring_), (ptail_), NULL, (count_)); \
		lws_ring_update_oldest_tail((ring_), *(ptail_)); \
	}
/*
 * for many, singly linked by `mlist` from `head` on, each a `type` with its tail as the member `mtail`; `ptail` is that of the
 * one who moves. The oldest tail follows the reader for whom most waits.
 */
#define lws_ring_consume_and_update_oldest_tail(ring_, type_, ptail_, count_, head_, mtail_, mlist_) \
	{ \
		int ___was_oldest = lws_ring_get_oldest_tail(ring_) == *(ptail_); \
		lws_ring_consume((ring_), (ptail_), NULL, (count_)); \
		if (___was_oldest) { \
			uint32_t ___oldest = *(ptail_); \
			size_t ___most = 0; \
			lws_start_foreach_llp(type_ **, ___reader, head_) { \
				size_t ___waits = lws_ring_get_count_waiting_elements((ring_), &(*___reader)->mtail_); \
				if (___waits >= ___most) { \
					___most = ___waits; \
					___oldest = (*___reader)->mtail_; \
				} \
			} lws_end_foreach_llp(___reader, mlist_); \
			lws_ring_update_oldest_tail((ring_), ___oldest); \
		} \
	}

/*
 * Some functions are named as structs are, and of each of these g++ -Wshadow says that it hides a constructor. lws-inline.h ends it.
 */
#if defined(__cplusplus) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#endif

#endif /* LWS_MACROS_H */
