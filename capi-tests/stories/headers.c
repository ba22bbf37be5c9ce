/* The head of a request: its lines and their order, what APPEND adds three ways; and the fields of a response by token and name. */
#include "harness.h"

static void note_name(const char *name, int nlen, void *opaque)
{
	char *names = opaque;

	snprintf(names + strlen(names), 200 - strlen(names), "%.*s[%d] ", nlen, name, nlen);
}

static int look(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	char text[64];

	(void)in;
	(void)len;
	if (reason != REASON_FILTER && reason != REASON_EST && reason != REASON_COMPLETED)
		return 0;
	CHECK_EQ(lws_http_client_http_response(r->wsi), 200);
	CHECK_EQ(lws_hdr_total_length(r->wsi, WSI_TOKEN_HTTP_SERVER), 5);
	CHECK_EQ(lws_hdr_copy(r->wsi, text, sizeof text, WSI_TOKEN_HTTP_SERVER), 5);
	CHECK_STR(text, "scrip");
	CHECK(lws_hdr_copy(r->wsi, text, 3, WSI_TOKEN_HTTP_SERVER) < 0);
	CHECK_EQ(lws_hdr_total_length(r->wsi, WSI_TOKEN_HTTP_LOCATION), 0);
	CHECK_EQ(lws_hdr_custom_length(r->wsi, "x-nth:", 6), 1);
	CHECK_EQ(lws_hdr_custom_copy(r->wsi, text, sizeof text, "x-nth:", 6), 1);
	CHECK_STR(text, "1");
	CHECK(lws_hdr_custom_length(r->wsi, "x-none:", 7) < 0);
	r->mine = r;
	return 0;
}

/* A header that is there three times, and one that has no token of its own. */
static int fragments(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	char text[64], names[200] = "";

	(void)in;
	(void)len;
	if (reason != REASON_EST)
		return 0;
	CHECK_EQ(lws_hdr_total_length(r->wsi, WSI_TOKEN_HTTP_SET_COOKIE), 3 + 1 + 5 + 1 + 3);
	CHECK_EQ(lws_hdr_copy(r->wsi, text, sizeof text, WSI_TOKEN_HTTP_SET_COOKIE), 13);
	CHECK_STR(text, "a=1,b=2;x,c=3");
	CHECK_EQ(lws_hdr_fragment_length(r->wsi, WSI_TOKEN_HTTP_SET_COOKIE, 0), 3);
	CHECK_EQ(lws_hdr_fragment_length(r->wsi, WSI_TOKEN_HTTP_SET_COOKIE, 1), 5);
	CHECK_EQ(lws_hdr_fragment_length(r->wsi, WSI_TOKEN_HTTP_SET_COOKIE, 3), 0);
	CHECK_EQ(lws_hdr_fragment_length(r->wsi, WSI_TOKEN_HTTP_SET_COOKIE, -1), 0);
	CHECK_EQ(lws_hdr_copy_fragment(r->wsi, text, sizeof text, WSI_TOKEN_HTTP_SET_COOKIE, 1), 5);
	CHECK_STR(text, "b=2;x");
	CHECK_EQ(lws_hdr_copy_fragment(r->wsi, text, 6, WSI_TOKEN_HTTP_SET_COOKIE, 1), 5);
	CHECK_EQ(lws_hdr_copy_fragment(r->wsi, text, 5, WSI_TOKEN_HTTP_SET_COOKIE, 1), -1);
	CHECK_EQ(lws_hdr_copy_fragment(r->wsi, text, sizeof text, WSI_TOKEN_HTTP_SET_COOKIE, 3), -1);
	CHECK_EQ(lws_hdr_custom_length(r->wsi, "x-mine:", 7), 3);
	CHECK_EQ(lws_hdr_custom_copy(r->wsi, text, 3, "x-mine:", 7), -1);
	CHECK_EQ(lws_hdr_custom_name_foreach(r->wsi, note_name, names), 0);
	CHECK_HAS(names, "x-mine:[7] x-nth:[6] ");
	CHECK_EQ(lws_hdr_custom_name_foreach(r->wsi, NULL, names), -1);
	r->mine = r;
	return 0;
}

static int append(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	unsigned char **p = in;

	if (reason != REASON_APPEND)
		return 0;
	CHECK(len >= 3900);
	CHECK(!lws_add_http_header_by_token(r->wsi, WSI_TOKEN_HTTP_USER_AGENT, (unsigned char *)(size_t)"story", 5, p, *p + len));
	return 0;
}

int main(int argc, char **argv)
{
	static char big[3800];
	struct req *a, *b, *c, *d;
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(1, "tls") });
	a = ASK(s, .path = "/set/Server/scrip", .hook = look);
	RUN_ALL(s);
	CHECK(a->mine);
	a = ASK(s, .path = "/set/Set-Cookie/a=1/X-Mine/abc/set-cookie/b=2;x/Set-Cookie/c=3", .hook = fragments);
	RUN_ALL(s);
	CHECK(a->mine);
	b = ASK(s, .path = "headers", .origin = "here", .hook = append, .name = "x-name:", .value = "value", .fields = "X-Hand: made\r\n");
	c = ASK(s, .path = "/headers", .solo = 1);
	d = ASK(s, .path = "/headers", .flags = LCCSCF_HTTP_NO_CACHE_CONTROL);
	RUN_ALL(s);
	if (on_h2) {
		CHECK_HAS(b->body, ":method: GET\r\n");
		CHECK_HAS(b->body, ":path: /headers\r\n");
		CHECK_HAS(b->body, ":authority: localhost\r\n");
		CHECK_HAS(b->body, on_h2 == 1 ? ":scheme: https\r\n" : ":scheme: http\r\n");
		CHECK_LACKS(b->body, "origin:");
		CHECK_HAS(b->body, "user-agent: story\r\n");
		CHECK_HAS(b->body, "x-name: value\r\n");
		CHECK_HAS(b->body, "x-hand: made\r\n");
		CHECK_LACKS(b->body, "host:");
		CHECK_LACKS(b->body, "onnection:");
		CHECK_LACKS(c->body, "onnection:");
		CHECK_LACKS(d->body, "cache-control");
		goto big;
	}
	CHECK_HAS(b->body, "GET /headers HTTP/1.1\r\nPragma: no-cache\r\nCache-Control: no-cache\r\nHost: localhost\r\nOrigin: http");
	CHECK_HAS(b->body, "://here\r\n");
	CHECK_HAS(b->body, "user-agent: story\r\n");
	CHECK_HAS(b->body, "x-name: value\r\n");
	CHECK_HAS(b->body, "X-Hand: made\r\n\r\n");
	CHECK_LACKS(b->body, "onnection:");
	CHECK_HAS(c->body, "connection: close\r\n");
	CHECK_LACKS(d->body, "Cache-Control");
big:
	/* At least 4,000 bytes of the program's own. */
	memset(big, 'b', sizeof big);
	memcpy(big, "X-Big: ", 7);
	memcpy(big + sizeof big - 3, "\r\n", 3);
	a = ASK(s, .path = "/ok", .fields = big);
	RUN_ALL(s);
	CHECK_EQ(a->n[REASON_COMPLETED], 1);
	CHECK_HAS(peer_say(&s->peer, "head 6"), "bbbb\\r\\n");
	return story_close(s);
}
