/* `Connection: close` in the middle of a queue, and a server that says it after every second response. */
#include "harness.h"

int main(int argc, char **argv)
{
	struct story *s;
	struct req *r[10];
	int i;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(1, "tls") });
	r[0] = ASK(s, .path = "/ok?a");
	r[1] = ASK(s, .path = "/close?b");
	r[2] = ASK(s, .path = "/ok?c");
	r[3] = ASK(s, .path = "/ok?d");
	RUN_ALL(s);
	CHECK_LOG(r[0], LED);
	CHECK_LOG(r[1], RODE);
	CHECK_LOG(r[2], LED);
	CHECK_LOG(r[3], RODE);
	CHECK_ORDER(s, "B:COMPLETED", "C:CONNECTING");
	CHECK_ORDER(s, "C:COMPLETED", "D:APPEND");
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 2);
	await(s, "wait-closed 1");
	peer_say(&s->peer, "drop-all");
	await(s, "wait-closed 2");

	for (i = 0; i < 10; i++)
		r[i] = ASK(s, .path = "/ka2");
	RUN_ALL(s);
	for (i = 0; i < 10; i++)
		CHECK_LOG(r[i], i % 2 ? RODE : LED);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 2 + 5);
	return story_close(s);
}
