/* Arguments that cannot work: NULL with one log line, *pwsi NULL and no callback; or -1. And the request beside them completes. */
#include "harness.h"
#include <limits.h>

static size_t lines(const char *log)
{
	size_t n = 0;

	for (; *log; log++)
		n += *log == '\n';
	return n;
}

static void refused(struct story *s, const struct ask *a, const char *what)
{
	size_t mark = log_mark();
	struct req *r = ask(s, a);

	if (r->accepted || r->wsi || r->log)
		fail(__FILE__, __LINE__, "%s was accepted", what);
	if (lines(logged_since(mark)) != 1)
		fail(__FILE__, __LINE__, "%s: logged \"%s\"", what, logged_since(mark));
}
#define REFUSED(s, ...) refused((s), &(struct ask){ .may_be_null = 1, __VA_ARGS__ }, #__VA_ARGS__)

/* Headers by the API and by hand, and lengths that no int holds. */
static int spoil(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	unsigned char **p = in, *end;
	static const unsigned char name[] = "x-a:", *bad = (const unsigned char *)"one\r\ntwo: 2";

	if (reason != REASON_APPEND)
		return 0;
	end = *p + len;
	CHECK(lws_add_http_header_by_name(r->wsi, name, bad, 11, p, end));
	CHECK(lws_add_http_header_by_name(r->wsi, name, (const unsigned char *)"a\0b", 3, p, end));
	CHECK(lws_add_http_header_by_name(r->wsi, (const unsigned char *)"x a\r\n:", (const unsigned char *)"b", 1, p, end));
	CHECK(lws_add_http_header_by_token(r->wsi, WSI_TOKEN_HTTP_COOKIE, (unsigned char *)(size_t)bad, 11, p, end));
	CHECK(lws_add_http_header_by_name(r->wsi, name, bad, -1, p, end));
	CHECK(lws_add_http_header_by_name(r->wsi, name, bad, 3, p, *p + 5));	/* no room */
	CHECK(lws_write(r->wsi, *p, (size_t)INT_MAX + 1, LWS_WRITE_HTTP) < 0);
	r->mine = r;
	return 0;
}

static void by_hand(struct story *s)
{
	static const char *const fields[] = {
		"x: a\rb\r\n", "x: a\nb\r\n", "no colon\r\n", "x: unterminated", "\r\nGET /smuggled HTTP/1.1\r\n\r\n", ": no name\r\n",
		"x y: space\r\n", "x: a\r\n\r\n",
	};
	size_t i;

	for (i = 0; i < sizeof fields / sizeof *fields; i++) {
		struct req *r = ASK(s, .path = "/ok?by-hand", .fields = fields[i]), *next = ASK(s, .path = "/ok?next");

		RUN_UNTIL(s, r->done && next->done);
		if (r->n[REASON_ERROR] != 1)
			fail(__FILE__, __LINE__, "field %zu was taken", i);
		CHECK_STR(next->body, "/ok?next");
	}
	CHECK_LACKS(peer_say(&s->peer, "log"), "by-hand");
	CHECK_LACKS(peer_say(&s->peer, "log"), "smuggled");
}

int main(void)
{
	struct lws_vhost *unknown = (struct lws_vhost *)(size_t)0x12345678;
	static char long_path[70000];
	struct req *ok, *r;
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .timeout_secs = 5 });
	ok = ASK(s, .path = "/gate/x");
	REFUSED(s, .path = "/ok", .address = "");
	REFUSED(s, .path = "/ok", .vhost = unknown);
	REFUSED(s, .path = "/ok", .method = "BREW");
	REFUSED(s, .path = "/ok", .method = "get");
	REFUSED(s, .path = "/ok HTTP/1.1\r\nx: y");
	REFUSED(s, .path = "/a\nb");
	REFUSED(s, .path = "/ok", .host = "a\r\nb: c");
	REFUSED(s, .path = "/ok", .origin = "a\r\nb: c");
	REFUSED(s, .path = "/ok", .port = -1);
	REFUSED(s, .path = "/ok", .port = 65536);
	REFUSED(s, .path = "/ok", .port = INT_MAX);
	await(s, "wait-requests 1");
	peer_say(&s->peer, "open x");
	RUN_ALL(s);
	CHECK_LOG(ok, LED);

	/* Long, but nothing wrong with it. */
	memset(long_path, 'a', sizeof long_path - 1);
	long_path[0] = '/';
	ok = ASK(s, .path = long_path);
	r = ASK(s, .path = "/headers", .hook = spoil);
	ASK(s, .path = "/ok", .exact_port = 1, .may_be_null = 1);	/* port 0 */
	RUN_ALL(s);
	CHECK_EQ(s->reqs[s->n_reqs - 1]->n[REASON_COMPLETED], 0);
	CHECK(ok->n[REASON_COMPLETED] || ok->n[REASON_ERROR]);
	CHECK(r->mine);
	CHECK_EQ(r->n[REASON_COMPLETED], 1);
	CHECK_LACKS(r->body, "x-a");
	by_hand(s);

	/* No address at all, and no path at all. */
	{
		struct lws_client_connect_info i;
		struct lws *wsi = (struct lws *)s;

		memset(&i, 0, sizeof i);
		i.context = s->cx;
		i.port = s->peer.port;
		i.method = "GET";
		i.pwsi = &wsi;
		CHECK(!lws_client_connect_via_info(&i));
		CHECK(!wsi);
		memset(&i, 0, sizeof i);
		CHECK(!lws_client_connect_via_info(&i));
	}
	ok = ASK(s, .path = NULL);
	RUN_ALL(s);
	CHECK_STR(ok->body, "/");
	return story_close(s);
}
