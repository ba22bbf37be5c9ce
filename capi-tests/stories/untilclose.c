/* A body that ends with the connection is whole; those who waited behind it go to a new connection, in order, and lose nothing. */
#include "harness.h"

int main(int argc, char **argv)
{
	struct story *s = story_open(&(struct opts){ .tls = IS(1, "tls") });
	struct req *a = ASK(s, .path = "/untilclose/100"), *b = ASK(s, .path = "/ok?b"), *c = ASK(s, .path = "/ok?c");

	ONLY_OURS();
	RUN_ALL(s);
	CHECK_EQ(a->total, 100);
	CHECK_LOG(a, LED);
	CHECK_LOG(b, LED);
	CHECK_LOG(c, RODE);
	CHECK_ORDER(s, "A:COMPLETED", "B:CONNECTING");
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 2);
	CHECK_HAS(peer_say(&s->peer, "log"), "conn=2 nth=1 GET /ok?b");
	CHECK_HAS(peer_say(&s->peer, "log"), "conn=2 nth=2 GET /ok?c");

	if (s->opts.tls) {
		/* Without close_notify the end may be somebody else's: the body is not complete. */
		struct req *d = ASK(s, .path = "/untilclose/100/rude");

		RUN_ALL(s);
		CHECK_LOG(d, "BIND CREATE NEW | [CONNECTING] APPEND FILTER EST RECEIVE READ DROP CLOSED DESTROY");
	}
	return story_close(s);
}
