/*
 * Bodies whose head does not say how long they are: on h1 they go in chunks and arrive whole. Of one that is longer or shorter than was
 * said the rest would be taken for a request, or the next request for the rest: nobody rides that connection again. Chunks of the
 * program's own are h1's alone.
 */
#include "harness.h"

static const char *said;	/* a header line; NULL: none */
static const char *text;

static int hook(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	unsigned char buf[LWS_PRE + 200], **p = in;

	if (reason == REASON_APPEND) {
		if (said)
			*p += snprintf((char *)*p, len, "%s\r\n", said);
		lws_client_http_body_pending(r->wsi, 1);
		CHECK_EQ(lws_callback_on_writable(r->wsi), 1);
		return HOOK_DONE;
	}
	if (reason != REASON_WRITE || r->mine)
		return 0;
	r->mine = r;
	memcpy(buf + LWS_PRE, text, strlen(text));
	CHECK_EQ(lws_write(r->wsi, buf + LWS_PRE, strlen(text), LWS_WRITE_HTTP_FINAL), strlen(text));
	return HOOK_DONE;
}

/* Requests that have each their own answer, whatever the one before them wrote. */
static void ask_for(struct story *s, const char *length, const char *body, const char *path, long accepts)
{
	struct req *a, *b, *c;
	size_t mark = log_mark();

	said = length;
	text = body;
	a = ASK(s, .path = path, .method = "POST", .hook = hook);
	b = ASK(s, .path = "/ok?b");
	c = ASK(s, .path = "/ok?c");
	RUN_ALL(s);
	CHECK_EQ(a->n[REASON_COMPLETED], 1);
	CHECK_STR(b->body, "/ok?b");
	CHECK_STR(c->body, "/ok?c");
	if (!length)
		CHECK_STR(a->body, body);
	else
		CHECK_HAS(logged_since(mark), "than its head says");
	CHECK_EQ(peer_stat(&s->peer, "accepts"), accepts);
}

static void chunks(struct story *s)
{
	struct req *a, *b;

	said = "Transfer-Encoding: chunked";
	text = "3\r\nabc\r\n0\r\n\r\n";
	a = ASK(s, .path = "/echo", .method = "POST", .hook = hook);
	b = ASK(s, .path = "/ok?b");
	RUN_ALL(s);
	if (on_h2 == 2)
		CHECK_HAS(a->error, "h2: there is no transfer-encoding on h2");
	else
		CHECK_STR(a->body, "abc");
	CHECK_STR(b->body, "/ok?b");
}

int main(int argc, char **argv)
{
	struct story *s;
	long before = 0;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(1, "tls") });
	ask_for(s, NULL, "how long is this?", "/echo", before = 1);
	if (!on_h2) {
		ask_for(s, "Content-Length: 3", "abcGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n", "/ok?a", ++before);
		ask_for(s, "Content-Length: 0", "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n", "/ok?a", ++before);
	}
	chunks(s);
	return story_close(s);
}
