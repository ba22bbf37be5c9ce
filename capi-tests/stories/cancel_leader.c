/*
 * Cancelling the leader, before its answer and in the middle of it, ends it alone: sync within the call, async from the loop. On h2
 * that resets its stream, and the connection and the others on it go on.
 */
#include "harness.h"

int main(int argc, char **argv)
{
	struct story *s;
	struct req *a, *b, *c, *d, *e;
	int sync = IS(1, "sync");

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(2, "tls") });
	a = ASK(s, .path = "/mute");
	b = ASK(s, .path = "/ok?b");
	c = ASK(s, .path = "/ok?c");
	await(s, "wait-requests 1");
	kill_req(a, sync);
	CHECK_EQ(a->done, sync);
	RUN_ALL(s);
	CHECK_LOG(a, "BIND CREATE NEW | CONNECTING APPEND ERROR DROP DESTROY");
	CHECK_LOG(b, on_h2 ? RODE : LED);
	CHECK_LOG(c, RODE);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), on_h2 ? 1 : 2);
	if (on_h2)
		await(s, "wait-resets 1");

	d = ASK(s, .path = "/headthengate/never");
	e = ASK(s, .path = "/ok?e");
	RUN_UNTIL(s, d->total);
	kill_req(d, sync);
	RUN_ALL(s);
	CHECK_LOG(d, "BIND CREATE NEW | APPEND FILTER EST RECEIVE READ(5) DROP CLOSED DESTROY");
	CHECK_LOG(e, on_h2 ? RODE : LED);
	await(s, on_h2 ? "wait-resets 2" : "wait-closed 2");
	CHECK_EQ(peer_stat(&s->peer, "accepts"), on_h2 ? 1 : 3);
	if (on_h2)
		CHECK_STR(peer_say(&s->peer, "reset-code"), "8");	/* CANCEL */

	/* And before anything of it was sent: nobody has heard of it, the others go on. */
	peer_say(&s->peer, "drop-all");
	await(s, on_h2 ? "wait-closed 1" : "wait-closed 3");
	a = ASK(s, .path = "/ok?unsent");
	b = ASK(s, .path = "/ok?other");
	kill_req(a, sync);
	RUN_ALL(s);
	CHECK_EQ(a->n[REASON_ERROR], 1);
	CHECK_STR(b->body, "/ok?other");
	CHECK_LACKS(peer_say(&s->peer, "log"), "unsent");
	return story_close(s);
}
