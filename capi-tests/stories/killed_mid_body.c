/* The connection ends in the middle of a body: CLOSED without COMPLETED for that request, and nothing lost for who waited. */
#include "harness.h"

int main(int argc, char **argv)
{
	struct story *s;
	struct req *a, *b, *c, *d, *e;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(1, "tls") });
	a = ASK(s, .path = "/die/body");
	b = ASK(s, .path = "/ok?b");
	c = ASK(s, .path = "/chunkeof");
	d = ASK(s, .path = "/ok?d");
	RUN_ALL(s);
	CHECK_LOG(a, "BIND CREATE NEW | CONNECTING APPEND FILTER EST RECEIVE READ(9) DROP CLOSED DESTROY");
	CHECK_LOG(b, LED);
	CHECK_LOG(c, "BIND CREATE NEW | APPEND FILTER EST RECEIVE READ(5) DROP CLOSED DESTROY");
	CHECK_LOG(d, LED);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 3);

	/* Reset and half a head are what they may be, but one ending each, and the next goes on. */
	ASK(s, .path = "/rst/body");
	ASK(s, .path = "/die/halfhead");
	e = ASK(s, .path = "/ok");
	RUN_ALL(s);
	CHECK_STR(e->body, "/ok");
	return story_close(s);
}
