/*
 * The version, and what this library has: a feature is defined or it is not, never 0 or 1. What is defined here is defined so
 * whatever a program's command line says of it (-DLWS_WITH_TLS=1).
 */
#ifndef LWS_CONFIG_H
#define LWS_CONFIG_H

#define LWS_LIBRARY_VERSION_MAJOR 4
#define LWS_LIBRARY_VERSION_MINOR 3
#define LWS_LIBRARY_VERSION_PATCH 5
#define LWS_LIBRARY_VERSION_PATCH_ELABORATED 5-broadside
/* 4003005 for 4.3.5 */
#define LWS_LIBRARY_VERSION_NUMBER \
	((LWS_LIBRARY_VERSION_MAJOR * 1000000) + (LWS_LIBRARY_VERSION_MINOR * 1000) + LWS_LIBRARY_VERSION_PATCH)
#define LWS_LIBRARY_VERSION "4.3.5-broadside"

/* What it does: each is a row of abi/features.txt, which says what shows it */
#undef LWS_WITH_NETWORK
#define LWS_WITH_NETWORK
#undef LWS_WITH_CLIENT
#define LWS_WITH_CLIENT
#undef LWS_ROLE_H1
#define LWS_ROLE_H1
#undef LWS_ROLE_H2
#define LWS_ROLE_H2
#undef LWS_ROLE_WS
#define LWS_ROLE_WS
#undef LWS_ROLE_RAW
#define LWS_ROLE_RAW
#undef LWS_ROLE_RAW_FILE
#define LWS_ROLE_RAW_FILE
#undef LWS_WITH_HTTP2
#define LWS_WITH_HTTP2
#undef LWS_WITH_TLS
#define LWS_WITH_TLS
#undef LWS_WITH_SSL
#define LWS_WITH_SSL
#undef LWS_WITH_TCP_TLS
#define LWS_WITH_TCP_TLS
#undef LWS_OPENSSL_SUPPORT
#define LWS_OPENSSL_SUPPORT
#undef LWS_SSL_CLIENT_USE_OS_CA_CERTS
#define LWS_SSL_CLIENT_USE_OS_CA_CERTS
#undef LWS_WITH_TLS_SESSIONS
#define LWS_WITH_TLS_SESSIONS
#undef LWS_WITH_SYS_STATE
#define LWS_WITH_SYS_STATE
#undef LWS_WITH_SYS_SMD
#define LWS_WITH_SYS_SMD
#undef LWS_WITH_HTTP_BASIC_AUTH
#define LWS_WITH_HTTP_BASIC_AUTH
#undef LWS_WITH_CUSTOM_HEADERS
#define LWS_WITH_CUSTOM_HEADERS
#undef LWS_WITH_CACHE_NSCOOKIEJAR
#define LWS_WITH_CACHE_NSCOOKIEJAR
#undef LWS_WITH_HTTP_UNCOMMON_HEADERS
#define LWS_WITH_HTTP_UNCOMMON_HEADERS
#undef LWS_WITH_IPV4
#define LWS_WITH_IPV4
#undef LWS_WITH_IPV6
#define LWS_WITH_IPV6
#undef LWS_WITH_UNIX_SOCK
#define LWS_WITH_UNIX_SOCK
#undef LWS_WITH_UDP
#define LWS_WITH_UDP
#undef LWS_WITH_CONMON
#define LWS_WITH_CONMON
#undef LWS_WITH_SOCKS5
#define LWS_WITH_SOCKS5
#undef LWS_CLIENT_HTTP_PROXYING
#define LWS_CLIENT_HTTP_PROXYING
#undef LWS_WITH_LWSAC
#define LWS_WITH_LWSAC
#undef LWS_WITH_POLL
#define LWS_WITH_POLL
#undef LWS_LOGS_TIMESTAMP
#define LWS_LOGS_TIMESTAMP

/* What it does not: there is no lws_daemonize() */
#undef LWS_NO_DAEMONIZE
#define LWS_NO_DAEMONIZE

/* What it stands on */
#undef LWS_PLAT_UNIX
#define LWS_PLAT_UNIX
#undef LWS_HAS_INTPTR_T
#define LWS_HAS_INTPTR_T
#undef LWS_HAS_GETOPT_LONG
#define LWS_HAS_GETOPT_LONG
#undef LWS_HAVE_STDINT_H
#define LWS_HAVE_STDINT_H
#undef LWS_HAVE_PTHREAD_H
#define LWS_HAVE_PTHREAD_H
#undef LWS_HAVE_TLS_CLIENT_METHOD
#define LWS_HAVE_TLS_CLIENT_METHOD
#undef LWS_HAVE_SSL_CTX_set1_param
#define LWS_HAVE_SSL_CTX_set1_param
#undef LWS_HAVE_CLOCK_GETTIME
#define LWS_HAVE_CLOCK_GETTIME
#undef LWS_HAVE_CTIME_R
#define LWS_HAVE_CTIME_R
#undef LWS_HAVE_GMTIME_R
#define LWS_HAVE_GMTIME_R

/* One service thread for each context */
#define LWS_MAX_SMP 1

/* LLL_ flags of levels to add to, and take from, those that lwsl_...() compile to something; a program may say its own before */
#ifndef LWS_LOGGING_BITFIELD_SET
#define LWS_LOGGING_BITFIELD_SET 0
#endif
#ifndef LWS_LOGGING_BITFIELD_CLEAR
#define LWS_LOGGING_BITFIELD_CLEAR 0
#endif

#endif /* LWS_CONFIG_H */
