/*
 * What node's http2 can do beside a plain response: trailers, 1xx before the response, push (which we refuse), heads of many and of
 * large fields, small HPACK tables, streams that it resets. Each ends as it should, and what can be on one connection is.
 */
#include "servers.h"

static char seen[64], last_field[600];

static int look(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == REASON_EST && lws_hdr_custom_copy(r->wsi, last_field, sizeof last_field, "x-field-99:", 11) < 0)
		last_field[0] = '\0';
	/* trailers are not a second head: what the program sees is the first */
	if (reason == REASON_COMPLETED && lws_hdr_custom_copy(r->wsi, seen, sizeof seen, "x-sum:", 6) < 0)
		strcpy(seen, "none");
	return 0;
}

static void one_by_one(struct story *s, struct server *v)
{
	char path[40];
	struct req *r;
	size_t i;

	r = ASK(s, AT(v), .path = "/trailers", .hook = look);
	RUN_ALL(s);
	CHECK_STR(r->body, "a body with fields behind it");
	CHECK_LOG(r, LED2);
	CHECK_STR(seen, "none");
	r = ASK(s, AT(v), .path = "/trailers-only", .hook = look);
	RUN_ALL(s);
	CHECK_LOG(r, "BIND CREATE NEW | APPEND FILTER EST COMPLETED DROP CLOSED DESTROY");
	r = ASK(s, AT(v), .path = "/hints");
	RUN_ALL(s);
	CHECK_EQ(r->status, 200);
	CHECK_STR(r->body, "after the hints");
	CHECK_LOG(r, RODE2);
	r = ASK(s, AT(v), .path = "/push");
	RUN_ALL(s);
	CHECK_STR(r->body, "ERR_HTTP2_PUSH_DISABLED");
	CHECK_LOG(r, RODE2);
	for (i = 20; i <= 500; i += 160) {	/* 3 KB to 50 KB: from one frame to several CONTINUATION */
		snprintf(path, sizeof path, "/fields/100/%zu", i);
		r = ASK(s, AT(v), .path = path, .hook = look);
		RUN_ALL(s);
		CHECK_STR(r->body, "fields");
		CHECK_EQ(strlen(last_field), i);
		CHECK(!strncmp(last_field, "99-vvvv", 7));
	}
}

/*
 * More fields or bytes than a head may have: its request is told so, after a second try when the connection had served others, and
 * the next request gets a new connection.
 */
static void too_much(struct story *s, struct server *v)
{
	static const char *const paths[] = { "/fields/300/10", "/fields/100/620" }, *const words[] = { "128 fields", "64 KiB" };
	struct req *r;
	int i;

	for (i = 0; i < 2; i++) {
		r = ASK(s, AT(v), .path = paths[i]);
		RUN_ALL(s);
		CHECK_LOG(r, "BIND CREATE NEW | APPEND [CONNECTING] ERROR DROP DESTROY");
		CHECK_HAS(r->error, words[i]);
		r = ASK(s, AT(v), .path = "/file");
		RUN_ALL(s);
		CHECK_LOG(r, LED2);
	}
}

static void resets(struct story *s, struct server *v)
{
	struct req *a, *b, *c;

	a = ASK(s, AT(v), .path = "/reset");
	b = ASK(s, AT(v), .path = "/refuse");
	c = ASK(s, AT(v), .path = "/file");
	RUN_ALL(s);
	CHECK_LOG(a, "BIND CREATE NEW | APPEND ERROR DROP DESTROY");
	CHECK_HAS(a->error, "INTERNAL_ERROR");
	/* it may be sent again, and is: three times in all, on new connections when nothing else is on this one */
	CHECK_LOG(b, "BIND CREATE NEW | APPEND [CONNECTING] [CONNECTING] ERROR DROP DESTROY");
	CHECK_HAS(b->error, "REFUSED_STREAM");
	CHECK_EQ(c->n[REASON_COMPLETED], 1);
}

/* All of them at once, many times over: what HPACK keeps has to stay the same at both ends. */
static void all_at_once(struct story *s, struct server *v)
{
	static const char *const paths[] = { "/file", "/trailers", "/hints", "/fields/20/30", "/push", "/204", "/fields/90/100", "/none" };
	size_t i, first = s->n_reqs, n = many() / 2;
	char value[40];

	for (i = 0; i < n; i++) {
		snprintf(value, sizeof value, "value %zu", i % 37);
		ASK(s, AT(v), .path = paths[i % 8], .name = "x-some-name:", .value = value);
	}
	RUN_ALL(s);
	for (i = 0; i < n; i++) {
		struct req *r = s->reqs[first + i];

		CHECK_EQ(r->n[REASON_COMPLETED], 1);
		CHECK_EQ(r->n[REASON_EST], 1);
		CHECK_EQ(r->status, i % 8 == 5 ? 204 : i % 8 == 7 ? 404 : 200);
	}
}

int main(int argc, char **argv)
{
	char extra[80] = "";
	struct server v;
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(2, "tls") });
	if (atoi(ARG(1)) || IS(1, "0"))
		snprintf(extra, sizeof extra, "{ \"settings\": { \"headerTableSize\": %d } }", atoi(ARG(1)));
	server_start(&v, s, &(struct server_opts){ .kind = "node", .extra = *extra ? extra : NULL });
	one_by_one(s, &v);
	all_at_once(s, &v);
	CHECK_HAS(server_say(&v, "stats"), "sessions=1 ");
	resets(s, &v);
	too_much(s, &v);
	story_destroy(s);
	s->cx = NULL;
	server_stop(&v);
	server_forget(&v);
	return story_close(s);
}
