/* An idle connection is kept as long as the largest keep_warm_secs that a rider asked for, and no request pays for it. */
#include "harness.h"

int main(int argc, char **argv)
{
	struct story *s;
	struct req *a, *b, *c;
	double start;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(1, "tls") });
	a = ASK(s, .path = "/ok", .keep_warm = 1);
	RUN_ALL(s);
	start = now();
	CHECK_LOG(a, LED);
	await(s, "wait-closed 1");
	CHECK(now() - start > 0.9 && now() - start < 5);

	a = ASK(s, .path = "/ok", .keep_warm = 2);
	b = ASK(s, .path = "/ok", .keep_warm = 1);
	RUN_ALL(s);
	start = now();
	CHECK_LOG(a, LED);
	CHECK_LOG(b, RODE);
	await(s, "wait-closed 2");
	CHECK(now() - start > 1.9);

	/* The server ends an idle connection: nobody hears of it, and the next request makes another. */
	a = ASK(s, .path = "/idleclosegate/x");
	RUN_ALL(s);
	peer_say(&s->peer, "open x");
	await(s, "wait-closed 3");
	c = ASK(s, .path = "/ok?c");
	RUN_ALL(s);
	CHECK_STR(c->body, "/ok?c");
	CHECK_EQ(c->n[REASON_ERROR], 0);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 4);
	return story_close(s);
}
