/*
 * What needs the generated part of <libwebsockets.h> before it: functions with a variable number of arguments, inline
 * functions, and lws-logs.h. By hand; <libwebsockets.h> includes it last.
 */
#ifndef LWS_INLINE_H
#define LWS_INLINE_H

#if defined(__cplusplus) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Logs one line at level `filter`, if lws_set_log_level() lets it through. Programs use the lwsl_...() below. */
LWS_VISIBLE LWS_EXTERN void _lws_log(int filter, const char *format, ...) LWS_FORMAT(2);

/* The same, of arguments that are at hand as a va_list. */
LWS_VISIBLE LWS_EXTERN void _lws_logv(int filter, const char *format, va_list vl) __attribute__((format(printf, 2, 0)));

/*
 * Logs one line into the log context `cx`, NULL for the process-wide one, if its `lll_flags` let it through. Before the text come
 * what the parents of `cx` write, what `prep` writes of `obj`, and `_fun` with ": "; `prep` and `_fun` may be NULL. Programs use the
 * lwsl_cx_...(), lwsl_vhost_...() and lwsl_wsi_...() of lws-logs.h.
 */
LWS_VISIBLE LWS_EXTERN void _lws_log_cx(struct lws_log_cx *cx, lws_log_prepend_cx_t prep, void *obj, int filter, const char *_fun,
					const char *format, ...) LWS_FORMAT(6);

/*
 * As snprintf(), but never answers more than `size`, so that it may be added to a position without a check: `size` says that the text
 * was cut, and that `str` has `size` - 1 bytes of it. `str` is terminated unless `size` is 0.
 */
LWS_VISIBLE LWS_EXTERN int lws_snprintf(char *str, size_t size, const char *format, ...) LWS_FORMAT(3);

/* open(2), with O_CLOEXEC: what is opened does not leak into programs that this one starts. `oflag` with O_CREAT or O_TMPFILE wants a mode
 * behind it. Returns the descriptor, which the caller closes, or -1 with errno; EINVAL for a NULL `file`. From any thread. */
LWS_VISIBLE LWS_EXTERN int lws_open(const char *file, int oflag, ...);

/* Schemas for lws_humanize(): powers of 1024, of bytes, and microseconds. */
LWS_VISIBLE LWS_EXTERN const struct lws_humanize_unit humanize_schema_si[7];
LWS_VISIBLE LWS_EXTERN const struct lws_humanize_unit humanize_schema_si_bytes[7];
LWS_VISIBLE LWS_EXTERN const struct lws_humanize_unit humanize_schema_us[8];
/*
 * Sends a system message of the formatted text, without its NUL, as lws_smd_msg_send() does. Formats nothing when nobody listens to the
 * class. Returns 0, or 1, after a log line, also when the text is longer than LWS_SMD_MAX_PAYLOAD.
 */
LWS_VISIBLE LWS_EXTERN int lws_smd_msg_printf(struct lws_context *ctx, lws_smd_class_t _class, const char *format, ...) LWS_FORMAT(3);

static LWS_INLINE struct lws_dll2 *
lws_dll2_get_head(struct lws_dll2_owner *owner)
{
	return owner->head;
}

static LWS_INLINE struct lws_dll2 *
lws_dll2_get_tail(struct lws_dll2_owner *owner)
{
	return owner->tail;
}

/* nonzero when the node is on no list, or the timer is not scheduled */
static LWS_INLINE int
lws_dll2_is_detached(const struct lws_dll2 *d)
{
	return !d->owner;
}

/* nonzero where the most significant byte comes first in memory */
static LWS_INLINE int
lws_is_be(void)
{
	const int probe = ~0xff;

	return *(const char *)&probe;
}

/* lws_write() of a piece of a body, which may be const */
#define lws_write_http(wsi, buf, len) lws_write((wsi), (unsigned char *)(buf), (len), LWS_WRITE_HTTP)

/* of lws_http_client_http_response() */
#define lws_http_client_http_resp_is_error(code) (!((code) < 400))

/* what to give lws_write() for one frame of a ws message: `initial` is the kind for the first frame */
static LWS_INLINE int
lws_write_ws_flags(int initial, int is_start, int is_end)
{
	int r = is_start ? initial : LWS_WRITE_CONTINUATION;

	if (!is_end)
		r |= LWS_WRITE_NO_FIN;

	return r;
}

#ifdef __cplusplus
}
#endif

#include "lws-logs.h"

#endif /* LWS_INLINE_H */
