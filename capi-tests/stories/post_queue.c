/* Bodies in several writes, between requests without one; the server sees each whole, in order, on one connection. */
#include "harness.h"

int main(int argc, char **argv)
{
	struct story *s = story_open(&(struct opts){ .tls = IS(1, "tls") });
	static char big[300000];
	struct req *b, *c, *e;
	char want[64];
	size_t i;

	for (i = 0; i < sizeof big; i++)
		big[i] = (char)('a' + i * i % 26);
	ASK(s, .path = "/ok");
	b = ASK(s, .path = "/echo", .method = "POST", .body = big, .body_len = 3000, .pieces = 3);
	c = ASK(s, .path = "/echo?put", .method = "PUT", .body = big, .body_len = sizeof big, .pieces = 5);
	ASK(s, .path = "/ok?after");
	e = ASK(s, .path = "/echo", .method = "POST", .body = "one", .body_len = 3, .pieces = 1);
	RUN_UNTIL(s, on_h2 ? !s->alive : e->n[REASON_COMPLETED]);
	CHECK_EQ(b->total, 3000);
	CHECK_EQ(b->sum, fnv(big, 3000, FNV_START));
	CHECK_EQ(c->total, sizeof big);
	CHECK_EQ(c->sum, fnv(big, sizeof big, FNV_START));
	CHECK_STR(e->body, "one");
	CHECK(b->n[REASON_WRITE] >= 3);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
	CHECK_EQ(peer_stat(&s->peer, "ahead"), 0);
	snprintf(want, sizeof want, "nth=3 PUT /echo?put body=%zu sum=%08x", sizeof big, fnv(big, sizeof big, FNV_START));
	CHECK_HAS(peer_say(&s->peer, "log"), want);
	if (!OURS)
		return story_close(s);
	RUN_ALL(s);
	CHECK_LOG(b, "BIND CREATE NEW | APPEND WRITE FILTER EST RECEIVE READ(3000) COMPLETED DROP CLOSED DESTROY");
	CHECK_LOG(e, "BIND CREATE NEW | APPEND WRITE FILTER EST RECEIVE READ(3) COMPLETED DROP CLOSED DESTROY");
	return story_close(s);
}
