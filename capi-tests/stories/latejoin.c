/* A request that comes when the connection is idle rides it at once; nothing but BIND, CREATE and NEW comes inside connect. */
#include "harness.h"

int main(int argc, char **argv)
{
	struct story *s = story_open(&(struct opts){ .tls = IS(1, "tls") });
	struct req *a = ASK(s, .path = "/ok"), *b;

	RUN_UNTIL(s, a->n[REASON_COMPLETED]);
	if (OURS)
		RUN_ALL(s);
	b = ASK(s, .path = "/ok?late");
	if (OURS)
		CHECK_LOG(b, "BIND CREATE NEW |");
	RUN_UNTIL(s, b->n[REASON_COMPLETED]);
	CHECK_STR(b->body, "/ok?late");
	CHECK_EQ(b->fd, a->fd);
	CHECK(b->ssl == a->ssl);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
	CHECK_EQ(peer_stat(&s->peer, "handshakes"), s->opts.tls);
	if (!OURS)
		return story_close(s);
	RUN_ALL(s);
	CHECK_LOG(a, LED);
	CHECK_LOG(b, RODE);
	ASK(s, .path = "/ok?again");
	RUN_ALL(s);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
	return story_close(s);
}
