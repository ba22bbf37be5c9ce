/*
 * The version, and what this library has: a feature is defined or it is not, never 0 or 1.
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
#define LWS_WITH_NETWORK
#define LWS_WITH_CLIENT
#define LWS_ROLE_H1
#define LWS_ROLE_H2
#define LWS_ROLE_WS
#define LWS_ROLE_RAW
#define LWS_ROLE_RAW_FILE
#define LWS_WITH_HTTP2
#define LWS_WITH_TLS
#define LWS_WITH_SSL
#define LWS_WITH_TCP_TLS
#define LWS_OPENSSL_SUPPORT
#define LWS_SSL_CLIENT_USE_OS_CA_CERTS
#define LWS_WITH_TLS_SESSIONS
#define LWS_WITH_SYS_STATE
#define LWS_WITH_SYS_SMD
#define LWS_WITH_HTTP_BASIC_AUTH
#define LWS_WITH_CUSTOM_HEADERS
#define LWS_WITH_HTTP_BASIC_AUTH
#define LWS_WITH_CACHE_NSCOOKIEJAR
#define LWS_WITH_HTTP_UNCOMMON_HEADERS
#define LWS_WITH_IPV4
#define LWS_WITH_IPV6
#define LWS_WITH_UNIX_SOCK
#define LWS_WITH_UDP
#define LWS_WITH_SOCKS5
#define LWS_WITH_POLL
#define LWS_LOGS_TIMESTAMP

/* What it does not: there is no lws_daemonize() */
#define LWS_NO_DAEMONIZE

/* What it stands on */
#define LWS_PLAT_UNIX
#define LWS_HAS_INTPTR_T
#define LWS_HAS_GETOPT_LONG
#define LWS_HAVE_STDINT_H
#define LWS_HAVE_PTHREAD_H
#define LWS_HAVE_TLS_CLIENT_METHOD
#define LWS_HAVE_SSL_CTX_set1_param
#define LWS_HAVE_CLOCK_GETTIME
#define LWS_HAVE_CTIME_R
#define LWS_HAVE_GMTIME_R

/* One service thread for each context */
#define LWS_MAX_SMP 1

/* Levels to add to, and take from, those that lwsl_...() compile to something */
#define LWS_LOGGING_BITFIELD_SET 0
#define LWS_LOGGING_BITFIELD_CLEAR 0

#endif /* LWS_CONFIG_H */
