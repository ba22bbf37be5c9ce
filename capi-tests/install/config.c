/*
 * config: <libwebsockets.h> brings the feature macros along, and what those say of the platform is so. The rows `platform` of
 * abi/features.txt are here.
 */

#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include <libwebsockets.h>

#include <stdio.h>
#include <string.h>

#if defined(LWS_HAVE_STDINT_H)
#include <stdint.h>
#endif
#if defined(LWS_HAVE_PTHREAD_H)
#include <pthread.h>
#endif
#if defined(LWS_HAS_GETOPT_LONG)
#include <getopt.h>
#endif
#if defined(LWS_PLAT_UNIX)
#include <sys/socket.h>
#include <unistd.h>
#endif
#if defined(LWS_HAVE_CLOCK_GETTIME) || defined(LWS_HAVE_CTIME_R) || defined(LWS_HAVE_GMTIME_R)
#include <time.h>
#endif

static void *
on_thread(void *arg)
{
	*(int *)arg = 1;

	return NULL;
}

static int
platform_is_so(char **argv)
{
#if defined(LWS_HAS_INTPTR_T)
	intptr_t pointer = (intptr_t)argv;
#endif
	const struct option options[] = { { "x", no_argument, NULL, 'x' }, { NULL, 0, NULL, 0 } };
	SSL_CTX *ctx = NULL;
	struct timespec ts;
	struct tm tm;
	time_t epoch = 0;
	pthread_t thread;
	char text[32];
	int ran = 0;

#if defined(LWS_HAVE_TLS_CLIENT_METHOD)
	ctx = SSL_CTX_new(TLS_client_method());
#endif
#if defined(LWS_HAVE_SSL_CTX_set1_param)
	if (ctx && SSL_CTX_set1_param(ctx, SSL_CTX_get0_param(ctx)) != 1)
		return 0;
#endif
	SSL_CTX_free(ctx);

	return ctx && (char **)pointer == argv && getopt_long(1, argv, "x", options, NULL) == -1 &&
	       !pthread_create(&thread, NULL, on_thread, &ran) && !pthread_join(thread, NULL) && ran &&
	       !clock_gettime(CLOCK_MONOTONIC, &ts) && ctime_r(&epoch, text) && gmtime_r(&epoch, &tm) && tm.tm_year == 70 &&
	       sizeof(uint64_t) == 8 && getpid() > 0;
}

/* What programs that were written for the library ask before they use a part of it */
#if !defined(LWS_WITH_NETWORK) || !defined(LWS_WITH_CLIENT) || !defined(LWS_ROLE_H1) || !defined(LWS_ROLE_H2) || \
    !defined(LWS_ROLE_WS) || !defined(LWS_ROLE_RAW) || !defined(LWS_WITH_TLS) || !defined(LWS_WITH_HTTP2) || \
    !defined(LWS_WITH_SYS_STATE) || !defined(LWS_WITH_UDP) || !defined(LWS_WITH_CUSTOM_HEADERS) || !defined(LWS_WITH_POLL)
#error "a feature that the library has is not defined"
#endif
#if defined(LWS_WITHOUT_CLIENT) || defined(LWS_WITHOUT_EXTENSIONS) || defined(LWS_WITH_MBEDTLS) || defined(LWS_WITH_NO_LOGS) || \
    defined(LWS_WITH_SECURE_STREAMS) || defined(LWS_ROLE_H3)
#error "a feature that the library does not have is defined"
#endif
#if LWS_LIBRARY_VERSION_NUMBER != 4003005 || LWS_LIBRARY_VERSION_MAJOR != 4 || LWS_LIBRARY_VERSION_MINOR != 3 || \
    LWS_LIBRARY_VERSION_PATCH != 5 || LWS_MAX_SMP != 1
#error "the version is another one"
#endif

int
main(int argc, char **argv)
{
	(void)argc;
	if (!platform_is_so(argv) || strncmp(lws_get_library_version(), "4.3.5", 5)) {
		fprintf(stderr, "lws_config.h says of the platform what is not so\n");
		return 1;
	}

	return 0;
}
