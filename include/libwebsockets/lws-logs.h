/*
 * The log macros: process-wide, and into the log context of a context, a vhost or a request. By hand; lws-inline.h includes it.
 *
 * All of them are there, and the level decides at run time: as in distributions' packages. What LWS_LOGGING_BITFIELD_CLEAR names compiles to
 * nothing, and with LWS_WITH_NO_LOGS, which a program may define, all but errors and user does.
 */
#ifndef LWS_LOGS_H
#define LWS_LOGS_H

#if defined(LWS_WITH_NO_LOGS)
#define _LWS_LINIT (LLL_ERR | LLL_USER)
#else
#define _LWS_LINIT ((1 << LLL_COUNT) - 1)
#endif
#define _LWS_ENABLED_LOGS ((_LWS_LINIT | (LWS_LOGGING_BITFIELD_SET)) & ~(LWS_LOGGING_BITFIELD_CLEAR))

/* A line at the level `_fil`, which may be any. */
#define lwsl_cx(_c, _fil, ...) \
	_lws_log_cx(lwsl_context_get_cx(_c), lws_log_prepend_context, (_c), (_fil), __func__, __VA_ARGS__)
#define lwsl_vhost(_v, _fil, ...) \
	_lws_log_cx(lwsl_vhost_get_cx(_v), lws_log_prepend_vhost, (_v), (_fil), __func__, __VA_ARGS__)
#define lwsl_wsi(_w, _fil, ...) \
	_lws_log_cx(lwsl_wsi_get_cx(_w), lws_log_prepend_wsi, (_w), (_fil), __func__, __VA_ARGS__)

/*
 * lwsl_LEVEL(format, ...), lwsl_cx_LEVEL(context, format, ...), lwsl_vhost_LEVEL(vhost, format, ...), lwsl_wsi_LEVEL(wsi, format, ...)
 */
#if (_LWS_ENABLED_LOGS & LLL_ERR)
#define lwsl_err(...) _lws_log(LLL_ERR, __VA_ARGS__)
#define lwsl_cx_err(_c, ...) lwsl_cx(_c, LLL_ERR, __VA_ARGS__)
#define lwsl_vhost_err(_v, ...) lwsl_vhost(_v, LLL_ERR, __VA_ARGS__)
#define lwsl_wsi_err(_w, ...) lwsl_wsi(_w, LLL_ERR, __VA_ARGS__)
#else
#define lwsl_err(...) do {} while (0)
#define lwsl_cx_err(_c, ...) do {} while (0)
#define lwsl_vhost_err(_v, ...) do {} while (0)
#define lwsl_wsi_err(_w, ...) do {} while (0)
#endif
#if (_LWS_ENABLED_LOGS & LLL_WARN)
#define lwsl_warn(...) _lws_log(LLL_WARN, __VA_ARGS__)
#define lwsl_cx_warn(_c, ...) lwsl_cx(_c, LLL_WARN, __VA_ARGS__)
#define lwsl_vhost_warn(_v, ...) lwsl_vhost(_v, LLL_WARN, __VA_ARGS__)
#define lwsl_wsi_warn(_w, ...) lwsl_wsi(_w, LLL_WARN, __VA_ARGS__)
#else
#define lwsl_warn(...) do {} while (0)
#define lwsl_cx_warn(_c, ...) do {} while (0)
#define lwsl_vhost_warn(_v, ...) do {} while (0)
#define lwsl_wsi_warn(_w, ...) do {} while (0)
#endif
#if (_LWS_ENABLED_LOGS & LLL_NOTICE)
#define lwsl_notice(...) _lws_log(LLL_NOTICE, __VA_ARGS__)
#define lwsl_cx_notice(_c, ...) lwsl_cx(_c, LLL_NOTICE, __VA_ARGS__)
#define lwsl_vhost_notice(_v, ...) lwsl_vhost(_v, LLL_NOTICE, __VA_ARGS__)
#define lwsl_wsi_notice(_w, ...) lwsl_wsi(_w, LLL_NOTICE, __VA_ARGS__)
#else
#define lwsl_notice(...) do {} while (0)
#define lwsl_cx_notice(_c, ...) do {} while (0)
#define lwsl_vhost_notice(_v, ...) do {} while (0)
#define lwsl_wsi_notice(_w, ...) do {} while (0)
#endif
#if (_LWS_ENABLED_LOGS & LLL_INFO)
#define lwsl_info(...) _lws_log(LLL_INFO, __VA_ARGS__)
#define lwsl_cx_info(_c, ...) lwsl_cx(_c, LLL_INFO, __VA_ARGS__)
#define lwsl_vhost_info(_v, ...) lwsl_vhost(_v, LLL_INFO, __VA_ARGS__)
#define lwsl_wsi_info(_w, ...) lwsl_wsi(_w, LLL_INFO, __VA_ARGS__)
#else
#define lwsl_info(...) do {} while (0)
#define lwsl_cx_info(_c, ...) do {} while (0)
#define lwsl_vhost_info(_v, ...) do {} while (0)
#define lwsl_wsi_info(_w, ...) do {} while (0)
#endif
#if (_LWS_ENABLED_LOGS & LLL_DEBUG)
#define lwsl_debug(...) _lws_log(LLL_DEBUG, __VA_ARGS__)
#define lwsl_cx_debug(_c, ...) lwsl_cx(_c, LLL_DEBUG, __VA_ARGS__)
#define lwsl_vhost_debug(_v, ...) lwsl_vhost(_v, LLL_DEBUG, __VA_ARGS__)
#define lwsl_wsi_debug(_w, ...) lwsl_wsi(_w, LLL_DEBUG, __VA_ARGS__)
#else
#define lwsl_debug(...) do {} while (0)
#define lwsl_cx_debug(_c, ...) do {} while (0)
#define lwsl_vhost_debug(_v, ...) do {} while (0)
#define lwsl_wsi_debug(_w, ...) do {} while (0)
#endif
#if (_LWS_ENABLED_LOGS & LLL_PARSER)
#define lwsl_parser(...) _lws_log(LLL_PARSER, __VA_ARGS__)
#define lwsl_cx_parser(_c, ...) lwsl_cx(_c, LLL_PARSER, __VA_ARGS__)
#define lwsl_vhost_parser(_v, ...) lwsl_vhost(_v, LLL_PARSER, __VA_ARGS__)
#define lwsl_wsi_parser(_w, ...) lwsl_wsi(_w, LLL_PARSER, __VA_ARGS__)
#else
#define lwsl_parser(...) do {} while (0)
#define lwsl_cx_parser(_c, ...) do {} while (0)
#define lwsl_vhost_parser(_v, ...) do {} while (0)
#define lwsl_wsi_parser(_w, ...) do {} while (0)
#endif
#if (_LWS_ENABLED_LOGS & LLL_HEADER)
#define lwsl_header(...) _lws_log(LLL_HEADER, __VA_ARGS__)
#define lwsl_cx_header(_c, ...) lwsl_cx(_c, LLL_HEADER, __VA_ARGS__)
#define lwsl_vhost_header(_v, ...) lwsl_vhost(_v, LLL_HEADER, __VA_ARGS__)
#define lwsl_wsi_header(_w, ...) lwsl_wsi(_w, LLL_HEADER, __VA_ARGS__)
#else
#define lwsl_header(...) do {} while (0)
#define lwsl_cx_header(_c, ...) do {} while (0)
#define lwsl_vhost_header(_v, ...) do {} while (0)
#define lwsl_wsi_header(_w, ...) do {} while (0)
#endif
#if (_LWS_ENABLED_LOGS & LLL_EXT)
#define lwsl_ext(...) _lws_log(LLL_EXT, __VA_ARGS__)
#define lwsl_cx_ext(_c, ...) lwsl_cx(_c, LLL_EXT, __VA_ARGS__)
#define lwsl_vhost_ext(_v, ...) lwsl_vhost(_v, LLL_EXT, __VA_ARGS__)
#define lwsl_wsi_ext(_w, ...) lwsl_wsi(_w, LLL_EXT, __VA_ARGS__)
#else
#define lwsl_ext(...) do {} while (0)
#define lwsl_cx_ext(_c, ...) do {} while (0)
#define lwsl_vhost_ext(_v, ...) do {} while (0)
#define lwsl_wsi_ext(_w, ...) do {} while (0)
#endif
#if (_LWS_ENABLED_LOGS & LLL_CLIENT)
#define lwsl_client(...) _lws_log(LLL_CLIENT, __VA_ARGS__)
#define lwsl_cx_client(_c, ...) lwsl_cx(_c, LLL_CLIENT, __VA_ARGS__)
#define lwsl_vhost_client(_v, ...) lwsl_vhost(_v, LLL_CLIENT, __VA_ARGS__)
#define lwsl_wsi_client(_w, ...) lwsl_wsi(_w, LLL_CLIENT, __VA_ARGS__)
#else
#define lwsl_client(...) do {} while (0)
#define lwsl_cx_client(_c, ...) do {} while (0)
#define lwsl_vhost_client(_v, ...) do {} while (0)
#define lwsl_wsi_client(_w, ...) do {} while (0)
#endif
#if (_LWS_ENABLED_LOGS & LLL_LATENCY)
#define lwsl_latency(...) _lws_log(LLL_LATENCY, __VA_ARGS__)
#define lwsl_cx_latency(_c, ...) lwsl_cx(_c, LLL_LATENCY, __VA_ARGS__)
#define lwsl_vhost_latency(_v, ...) lwsl_vhost(_v, LLL_LATENCY, __VA_ARGS__)
#define lwsl_wsi_latency(_w, ...) lwsl_wsi(_w, LLL_LATENCY, __VA_ARGS__)
#else
#define lwsl_latency(...) do {} while (0)
#define lwsl_cx_latency(_c, ...) do {} while (0)
#define lwsl_vhost_latency(_v, ...) do {} while (0)
#define lwsl_wsi_latency(_w, ...) do {} while (0)
#endif
#if (_LWS_ENABLED_LOGS & LLL_THREAD)
#define lwsl_thread(...) _lws_log(LLL_THREAD, __VA_ARGS__)
#define lwsl_cx_thread(_c, ...) lwsl_cx(_c, LLL_THREAD, __VA_ARGS__)
#define lwsl_vhost_thread(_v, ...) lwsl_vhost(_v, LLL_THREAD, __VA_ARGS__)
#define lwsl_wsi_thread(_w, ...) lwsl_wsi(_w, LLL_THREAD, __VA_ARGS__)
#else
#define lwsl_thread(...) do {} while (0)
#define lwsl_cx_thread(_c, ...) do {} while (0)
#define lwsl_vhost_thread(_v, ...) do {} while (0)
#define lwsl_wsi_thread(_w, ...) do {} while (0)
#endif
#if (_LWS_ENABLED_LOGS & LLL_USER)
#define lwsl_user(...) _lws_log(LLL_USER, __VA_ARGS__)
#define lwsl_cx_user(_c, ...) lwsl_cx(_c, LLL_USER, __VA_ARGS__)
#define lwsl_vhost_user(_v, ...) lwsl_vhost(_v, LLL_USER, __VA_ARGS__)
#define lwsl_wsi_user(_w, ...) lwsl_wsi(_w, LLL_USER, __VA_ARGS__)
#else
#define lwsl_user(...) do {} while (0)
#define lwsl_cx_user(_c, ...) do {} while (0)
#define lwsl_vhost_user(_v, ...) do {} while (0)
#define lwsl_wsi_user(_w, ...) do {} while (0)
#endif

/* lwsl_hexdump_LEVEL(buf, len), lwsl_hexdump_cx_LEVEL(context, buf, len), lwsl_hexdump_vhost_..., lwsl_hexdump_wsi_... */
#define lwsl_hexdump_context(_c, _fil, _buf, _len) \
	lwsl_hexdump_level_cx(lwsl_context_get_cx(_c), lws_log_prepend_context, (_c), (_fil), (_buf), (_len))
#define lwsl_hexdump_vhost(_v, _fil, _buf, _len) \
	lwsl_hexdump_level_cx(lwsl_vhost_get_cx(_v), lws_log_prepend_vhost, (_v), (_fil), (_buf), (_len))
#define lwsl_hexdump_wsi(_w, _fil, _buf, _len) \
	lwsl_hexdump_level_cx(lwsl_wsi_get_cx(_w), lws_log_prepend_wsi, (_w), (_fil), (_buf), (_len))
#define lwsl_hexdump_err(...) lwsl_hexdump_level(LLL_ERR, __VA_ARGS__)
#define lwsl_hexdump_cx_err(_c, ...) lwsl_hexdump_context(_c, LLL_ERR, __VA_ARGS__)
#define lwsl_hexdump_vhost_err(_v, ...) lwsl_hexdump_vhost(_v, LLL_ERR, __VA_ARGS__)
#define lwsl_hexdump_wsi_err(_w, ...) lwsl_hexdump_wsi(_w, LLL_ERR, __VA_ARGS__)
#define lwsl_hexdump_warn(...) lwsl_hexdump_level(LLL_WARN, __VA_ARGS__)
#define lwsl_hexdump_cx_warn(_c, ...) lwsl_hexdump_context(_c, LLL_WARN, __VA_ARGS__)
#define lwsl_hexdump_vhost_warn(_v, ...) lwsl_hexdump_vhost(_v, LLL_WARN, __VA_ARGS__)
#define lwsl_hexdump_wsi_warn(_w, ...) lwsl_hexdump_wsi(_w, LLL_WARN, __VA_ARGS__)
#define lwsl_hexdump_notice(...) lwsl_hexdump_level(LLL_NOTICE, __VA_ARGS__)
#define lwsl_hexdump_cx_notice(_c, ...) lwsl_hexdump_context(_c, LLL_NOTICE, __VA_ARGS__)
#define lwsl_hexdump_vhost_notice(_v, ...) lwsl_hexdump_vhost(_v, LLL_NOTICE, __VA_ARGS__)
#define lwsl_hexdump_wsi_notice(_w, ...) lwsl_hexdump_wsi(_w, LLL_NOTICE, __VA_ARGS__)
#define lwsl_hexdump_info(...) lwsl_hexdump_level(LLL_INFO, __VA_ARGS__)
#define lwsl_hexdump_cx_info(_c, ...) lwsl_hexdump_context(_c, LLL_INFO, __VA_ARGS__)
#define lwsl_hexdump_vhost_info(_v, ...) lwsl_hexdump_vhost(_v, LLL_INFO, __VA_ARGS__)
#define lwsl_hexdump_wsi_info(_w, ...) lwsl_hexdump_wsi(_w, LLL_INFO, __VA_ARGS__)
#define lwsl_hexdump_debug(...) lwsl_hexdump_level(LLL_DEBUG, __VA_ARGS__)
#define lwsl_hexdump_cx_debug(_c, ...) lwsl_hexdump_context(_c, LLL_DEBUG, __VA_ARGS__)
#define lwsl_hexdump_vhost_debug(_v, ...) lwsl_hexdump_vhost(_v, LLL_DEBUG, __VA_ARGS__)
#define lwsl_hexdump_wsi_debug(_w, ...) lwsl_hexdump_wsi(_w, LLL_DEBUG, __VA_ARGS__)

#endif /* LWS_LOGS_H */
