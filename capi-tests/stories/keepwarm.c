/* An idle connection is kept as long as the largest keep_warm_secs that a rider asked for, and no request pays for it. */
#include "harness.h"

/* when the last response was complete: from then on the connection is idle */
static double idle;

static int note(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)r;
	(void)in;
	(void)len;
	if (reason == REASON_COMPLETED)
		idle = now();
	return 0;
}

int main(int argc, char **argv)
{
	struct story *s;
	struct req *a, *b, *c;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(1, "tls"), .hook = note });
	a = ASK(s, .path = "/ok", .keep_warm = 1);
	RUN_ALL(s);
	CHECK_LOG(a, LED);
	await(s, "wait-closed 1");
	CHECK(now() - idle > 0.9 && now() - idle < 5);

	a = ASK(s, .path = "/ok", .keep_warm = 2);
	b = ASK(s, .path = "/ok", .keep_warm = 1);
	RUN_ALL(s);
	CHECK_LOG(a, LED);
	CHECK_LOG(b, RODE);
	await(s, "wait-closed 2");
	CHECK(now() - idle > 1.9);

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
