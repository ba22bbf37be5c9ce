/*
 * What the programs here share: their arguments, the transcript, a sum. Each program is otherwise as its author would have
 * written it for any libwebsockets, and prints what it saw and nothing that may differ from run to run.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <libwebsockets.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__GNUC__)
#define SAY_FORMAT __attribute__((format(printf, 1, 2)))
#else
#define SAY_FORMAT
#endif

/* PROGRAM PORT [CA-FILE]: with a CA it is TLS. */
struct target {
	int port;
	const char *ca;
};

/* One line of the transcript. */
static inline void say(const char *format, ...) SAY_FORMAT;
static inline void say(const char *format, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof line, format, ap);
	va_end(ap);
	puts(line);			/* one call: lines of two threads do not mix */
	fflush(stdout);
}

static inline uint32_t fnv1a(const void *bytes, size_t len, uint32_t from)
{
	const unsigned char *p = (const unsigned char *)bytes;

	while (len--)
		from = (from ^ *p++) * 16777619u;
	return from;
}

#define FNV_START 2166136261u

/* The beginning of every program: who is asked for, and an end if nothing else ends it. */
static inline struct target begin(int argc, char **argv)
{
	struct target t;

	t.port = argc > 1 ? atoi(argv[1]) : 0;
	t.ca = argc > 2 ? argv[2] : NULL;
	if (!t.port) {
		fprintf(stderr, "usage: %s PORT [CA-FILE]\n", argv[0]);
		exit(2);
	}
	fprintf(stderr, "library: %s\n", lws_get_library_version());
	alarm(60);
	lws_set_log_level(LLL_ERR | LLL_WARN, NULL);
	return t;
}

static inline void fill_context(struct lws_context_creation_info *info, const struct target *t,
				const struct lws_protocols *protocols)
{
	memset(info, 0, sizeof *info);
	info->port = CONTEXT_PORT_NO_LISTEN;
	info->protocols = protocols;
	info->gid = -1;
	info->uid = -1;
	if (t->ca) {
		info->options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info->client_ssl_ca_filepath = t->ca;
	}
}

static inline void fill_connect(struct lws_client_connect_info *i, const struct target *t, struct lws_context *cx,
				const char *path, const char *protocol)
{
	memset(i, 0, sizeof *i);
	i->context = cx;
	i->address = "127.0.0.1";
	i->port = t->port;
	i->path = path;
	i->host = "localhost";		/* the name in the certificate */
	i->origin = "localhost";
	i->protocol = protocol;
	i->ssl_connection = t->ca ? LCCSCF_USE_SSL : 0;
}

/* The text of CLIENT_CONNECTION_ERROR as far as every version has it: the words before the first detail. */
static inline const char *reason_class(const void *in, const char *expected)
{
	if (!in)
		return "no reason";
	return strncmp((const char *)in, expected, strlen(expected)) ? (const char *)in : expected;
}

#endif
