/*
 * What the HTTP programs here share: how a response is read, and what is told of it. See program.h.
 */
#ifndef PROGRAM_HTTP_H
#define PROGRAM_HTTP_H

#include "program.h"

/* One request and what came of it. */
struct fetch {
	const char *path;
	struct lws *wsi;
	unsigned status;
	size_t total;
	uint32_t sum;
	char text[256];			/* the beginning of the body */
	int completed, failed, ended;
};

static inline void fill_http(struct lws_client_connect_info *i, const struct target *t, struct lws_context *cx,
			     struct fetch *f, const char *method)
{
	fill_connect(i, t, cx, f->path, "http");
	i->method = method;
	i->alpn = "http/1.1";
	i->pwsi = &f->wsi;
	i->userdata = f;
	f->sum = FNV_START;
}

static inline void take(struct fetch *f, const void *in, size_t len)
{
	size_t room = sizeof f->text - 1 > f->total ? sizeof f->text - 1 - f->total : 0;

	if (room)
		memcpy(f->text + f->total, in, len < room ? len : room);
	f->total += len;
	f->sum = fnv1a(in, len, f->sum);
}

/* RECEIVE_CLIENT_HTTP: reads, which calls back with the payload. */
static inline int read_on(struct lws *wsi)
{
	char buffer[1024 + LWS_PRE];
	char *p = buffer + LWS_PRE;
	int len = sizeof buffer - LWS_PRE;

	return lws_http_client_read(wsi, &p, &len) < 0 ? -1 : 0;
}

/* What is the same in all of them; a program's own callback does the rest. */
static inline int fetch_callback(struct lws *wsi, enum lws_callback_reasons reason, struct fetch *f, void *in, size_t len)
{
	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
		f->status = lws_http_client_http_response(wsi);
		break;
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
		take(f, in, len);
		break;
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
		return read_on(wsi);
	case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
		f->completed = 1;
		f->ended = 1;
		lws_cancel_service(lws_get_context(wsi));
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("%s: %s", f->path, in ? (const char *)in : "no reason");
		f->failed = 1;
		f->ended = 1;
		break;
	case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
		f->ended = 1;
		break;
	default:
		break;
	}
	return 0;
}

static inline void tell(const struct fetch *f)
{
	say("%s: %s, status %u, %u bytes, %08x", f->path, f->completed ? "completed" : "not completed", f->status,
	    (unsigned)f->total, f->sum);
}

static inline void tell_text(const struct fetch *f)
{
	tell(f);
	say("  %.*s", (int)strcspn(f->text, "\n"), f->text);
}

#endif
