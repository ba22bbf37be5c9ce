/*
 * What needs the generated part of <libwebsockets.h> before it: functions with a variable number of arguments, inline
 * functions, and the log macros. By hand; <libwebsockets.h> includes it last.
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
 * As snprintf(), but answers what is really in `str`: never more than `size` - 1, so that it may be added to a position
 * without a check. `str` is terminated unless `size` is 0.
 */
LWS_VISIBLE LWS_EXTERN int lws_snprintf(char *str, size_t size, const char *format, ...) LWS_FORMAT(3);

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

/*
 * lwsl_...(format, ...): what a program logs through the library. Those outside _LWS_ENABLED_LOGS compile to nothing: info and
 * below, unless the program is built with _DEBUG, or LWS_LOGGING_BITFIELD_SET says so.
 */
#if defined(_DEBUG)
#define _LWS_LINIT ((1 << LLL_COUNT) - 1)
#else
#define _LWS_LINIT (LLL_ERR | LLL_USER | LLL_WARN | LLL_NOTICE)
#endif
#define _LWS_ENABLED_LOGS ((_LWS_LINIT | (LWS_LOGGING_BITFIELD_SET)) & ~(LWS_LOGGING_BITFIELD_CLEAR))

#if (_LWS_ENABLED_LOGS & LLL_ERR)
#define lwsl_err(...) _lws_log(LLL_ERR, __VA_ARGS__)
#else
#define lwsl_err(...) do {} while (0)
#endif
#if (_LWS_ENABLED_LOGS & LLL_WARN)
#define lwsl_warn(...) _lws_log(LLL_WARN, __VA_ARGS__)
#else
#define lwsl_warn(...) do {} while (0)
#endif
#if (_LWS_ENABLED_LOGS & LLL_NOTICE)
#define lwsl_notice(...) _lws_log(LLL_NOTICE, __VA_ARGS__)
#else
#define lwsl_notice(...) do {} while (0)
#endif
#if (_LWS_ENABLED_LOGS & LLL_INFO)
#define lwsl_info(...) _lws_log(LLL_INFO, __VA_ARGS__)
#else
#define lwsl_info(...) do {} while (0)
#endif
#if (_LWS_ENABLED_LOGS & LLL_DEBUG)
#define lwsl_debug(...) _lws_log(LLL_DEBUG, __VA_ARGS__)
#else
#define lwsl_debug(...) do {} while (0)
#endif
#if (_LWS_ENABLED_LOGS & LLL_PARSER)
#define lwsl_parser(...) _lws_log(LLL_PARSER, __VA_ARGS__)
#else
#define lwsl_parser(...) do {} while (0)
#endif
#if (_LWS_ENABLED_LOGS & LLL_HEADER)
#define lwsl_header(...) _lws_log(LLL_HEADER, __VA_ARGS__)
#else
#define lwsl_header(...) do {} while (0)
#endif
#if (_LWS_ENABLED_LOGS & LLL_EXT)
#define lwsl_ext(...) _lws_log(LLL_EXT, __VA_ARGS__)
#else
#define lwsl_ext(...) do {} while (0)
#endif
#if (_LWS_ENABLED_LOGS & LLL_CLIENT)
#define lwsl_client(...) _lws_log(LLL_CLIENT, __VA_ARGS__)
#else
#define lwsl_client(...) do {} while (0)
#endif
#if (_LWS_ENABLED_LOGS & LLL_LATENCY)
#define lwsl_latency(...) _lws_log(LLL_LATENCY, __VA_ARGS__)
#else
#define lwsl_latency(...) do {} while (0)
#endif
#if (_LWS_ENABLED_LOGS & LLL_THREAD)
#define lwsl_thread(...) _lws_log(LLL_THREAD, __VA_ARGS__)
#else
#define lwsl_thread(...) do {} while (0)
#endif
#if (_LWS_ENABLED_LOGS & LLL_USER)
#define lwsl_user(...) _lws_log(LLL_USER, __VA_ARGS__)
#else
#define lwsl_user(...) do {} while (0)
#endif

/* lwsl_hexdump_...(buf, len) */
#define lwsl_hexdump_err(...) lwsl_hexdump_level(LLL_ERR, __VA_ARGS__)
#define lwsl_hexdump_warn(...) lwsl_hexdump_level(LLL_WARN, __VA_ARGS__)
#define lwsl_hexdump_notice(...) lwsl_hexdump_level(LLL_NOTICE, __VA_ARGS__)
#define lwsl_hexdump_info(...) lwsl_hexdump_level(LLL_INFO, __VA_ARGS__)
#define lwsl_hexdump_debug(...) lwsl_hexdump_level(LLL_DEBUG, __VA_ARGS__)

#endif /* LWS_INLINE_H */
