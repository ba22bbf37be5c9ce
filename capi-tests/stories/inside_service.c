/*
 * lws_service() from inside every callback: it serves the others and never delivers to the request whose callback it is in
 * (the harness checks that at each entry). A whole other request can run inside a callback of the first.
 */
#include "harness.h"

static int at;

static int hook(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	struct req *other = r->story->reqs[0];
	int i;

	(void)in;
	(void)len;
	if ((int)reason != at || r->mine)
		return 0;
	r->mine = r;
	for (i = 0; i < 3; i++)
		CHECK(lws_service(r->story->cx, -1) >= 0);
	if (r != other)
		while (!other->done)
			CHECK(lws_service(r->story->cx, 0) >= 0);
	return 0;
}

int main(int argc, char **argv)
{
	struct story *s;
	struct req *a, *b, *c, *d;
	int post = IS(1, "WRITE");

	ONLY_OURS();
	at = reason_of(ARG(1));
	CHECK(at >= 0);
	s = story_open(&(struct opts){ .tls = IS(2, "tls") });
	d = ASK(s, .path = "/len/100000", .solo = 1);
	a = ASK(s, .path = "/chunked/9,9", .hook = hook, .method = post ? "POST" : "GET", .body = "xy", .body_len = post ? 2 : 0);
	b = ASK(s, .path = "/ok?b", .hook = hook);
	c = ASK(s, .path = "/ok?c");
	RUN_ALL(s);
	CHECK(a->mine);
	CHECK_EQ(a->total, 18);
	CHECK_STR(b->body, "/ok?b");
	CHECK_LOG(c, RODE);
	CHECK_EQ(d->total, 100000);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 2);
	return story_close(s);
}
