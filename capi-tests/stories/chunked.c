/* Chunked bodies, with extensions and trailers, end where they end, and the next request goes on the same connection. */
#include "harness.h"

int main(int argc, char **argv)
{
	struct story *s = story_open(&(struct opts){ .tls = IS(1, "tls") });
	struct req *a = ASK(s, .path = "/chunked/5,6,7"), *b, *c, *d, *e;

	b = ASK(s, .path = OURS ? "/chunkext" : "/chunked/5");
	c = ASK(s, .path = OURS ? "/trailers" : "/chunked/5");
	d = ASK(s, .path = "/chunked/100000,1,70000");
	e = ASK(s, .path = "/ok");
	RUN_UNTIL(s, e->n[REASON_COMPLETED]);
	CHECK_STR(a->body, "abcdefghijklmnopqr");
	CHECK_EQ(b->total, 5);
	CHECK_EQ(c->total, 5);
	CHECK_EQ(d->total, 170001);
	CHECK_STR(e->body, "/ok");
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
	if (!OURS)
		return story_close(s);
	RUN_ALL(s);
	CHECK_STR(b->body, "hello");
	CHECK_STR(c->body, "hello");
	CHECK_LOG(a, LED);
	CHECK_LOG(b, RODE);
	CHECK_LOG(c, RODE);
	CHECK_LOG(d, RODE);
	CHECK_LOG(e, RODE);
	return story_close(s);
}
