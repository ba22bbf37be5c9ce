/* HTTP/1.0 in the middle of a queue ends the connection, but with keep-alive it does not. */
#include "harness.h"

int main(int argc, char **argv)
{
	struct story *s;
	struct req *a, *b, *c, *d, *e;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(1, "tls") });
	a = ASK(s, .path = "/ok");
	b = ASK(s, .path = "/http10");
	c = ASK(s, .path = "/http10ka");
	d = ASK(s, .path = "/ok?d");
	e = ASK(s, .path = "/ok?e");
	RUN_ALL(s);
	CHECK_LOG(a, LED);
	CHECK_LOG(b, RODE);
	CHECK_LOG(c, LED);
	CHECK_LOG(d, RODE);
	CHECK_LOG(e, RODE);
	CHECK_STR(b->body, "/http10");
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 2);
	CHECK_EQ(peer_stat(&s->peer, "requests"), 5);
	return story_close(s);
}
