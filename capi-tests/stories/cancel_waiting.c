/*
 * Cancelling requests that wait, from the head, the middle and the end of the queue, ends them alone; the others keep their order.
 * On h2 they wait for a peer that takes one stream at a time.
 */
#include "harness.h"

int main(int argc, char **argv)
{
	struct story *s;
	struct req *r[6];
	int i, sync = IS(1, "sync");

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(2, "tls"), .peer = "--h2 max-streams=1" });
	r[0] = ASK(s, .path = "/gate/x");
	for (i = 1; i < 6; i++)
		r[i] = ASK(s, .path = "/ok");
	await(s, "wait-requests 1");
	for (i = 1; i < 6; i += 2)
		kill_req(r[i], sync);
	for (i = 1; i < 6; i += 2)
		CHECK_EQ(r[i]->done, sync);
	RUN_UNTIL(s, r[1]->done && r[3]->done && r[5]->done);
	CHECK_EQ(s->alive, 3);
	peer_say(&s->peer, "open x");
	RUN_ALL(s);
	for (i = 1; i < 6; i += 2)
		CHECK_LOG(r[i], "BIND CREATE NEW | ERROR DROP DESTROY");
	CHECK_LOG(r[0], LED);
	CHECK_LOG(r[2], RODE);
	CHECK_LOG(r[4], RODE);
	CHECK_ORDER(s, "A:COMPLETED", "C:APPEND");
	CHECK_ORDER(s, "C:COMPLETED", "E:APPEND");
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
	CHECK_EQ(peer_stat(&s->peer, "requests"), 3);

	/* Timeouts that the program sets on waiting requests. */
	ASK(s, .path = "/gate/y");
	r[1] = ASK(s, .path = "/ok");
	r[3] = ASK(s, .path = "/ok");
	r[2] = ASK(s, .path = "/ok?last");
	lws_set_timeout(r[1]->wsi, PENDING_TIMEOUT_USER_OK, 1);
	lws_set_timeout_us(r[3]->wsi, PENDING_TIMEOUT_USER_OK, 1);
	lws_set_timeout_us(r[2]->wsi, PENDING_TIMEOUT_USER_OK, 1);
	lws_set_timeout_us(r[2]->wsi, PENDING_TIMEOUT_USER_OK, 0);		/* and taken back */
	RUN_UNTIL(s, r[1]->done && r[3]->done);
	CHECK_LOG(r[1], "BIND CREATE NEW | ERROR DROP DESTROY");
	CHECK_LOG(r[3], "BIND CREATE NEW | ERROR DROP DESTROY");
	peer_say(&s->peer, "open y");
	RUN_ALL(s);
	CHECK_STR(r[2]->body, "/ok?last");
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
	if (on_h2)
		CHECK_EQ(peer_stat(&s->peer, "streams"), 1);
	return story_close(s);
}
