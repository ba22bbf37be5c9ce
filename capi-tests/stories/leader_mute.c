/*
 * answer: the server never answers the leader; it times out, and those who waited go to another connection; on h2 they did not wait.
 * handshake: the TLS handshake never ends; the attempt failed, so all who waited for it hear why.
 * body: the answer stops in the middle; nobody hurries it, until the program's own timeout does.
 */
#include "harness.h"

static void answer(struct story *s)
{
	struct req *a = ASK(s, .path = "/mute"), *b = ASK(s, .path = "/ok?b"), *c = ASK(s, .path = "/ok?c");
	double start = now();

	RUN_ALL(s);
	CHECK(now() - start > 0.9);
	CHECK_LOG(a, "BIND CREATE NEW | CONNECTING APPEND ERROR DROP DESTROY");
	CHECK_HAS(a->error, "Timed out waiting server reply");
	CHECK_LOG(b, on_h2 ? RODE : LED);
	CHECK_LOG(c, RODE);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), on_h2 ? 1 : 2);
}

static void handshake(struct story *s)
{
	struct req *r[3];
	int i;

	for (i = 0; i < 3; i++)
		r[i] = ASK(s, .path = "/ok");
	RUN_ALL(s);
	for (i = 0; i < 3; i++) {
		CHECK_LOG(r[i], FAILED);
		CHECK_HAS(r[i]->error, "Timed out waiting SSL");
	}
}

static void body(struct story *s)
{
	struct req *a = ASK(s, .path = "/headthengate/never"), *b = ASK(s, .path = "/ok");

	RUN_UNTIL(s, a->total == 5);
	lws_set_timeout(a->wsi, PENDING_TIMEOUT_USER_OK, 1);
	RUN_ALL(s);
	CHECK_LOG(a, "BIND CREATE NEW | CONNECTING APPEND FILTER EST RECEIVE READ(5) DROP CLOSED DESTROY");
	CHECK_LOG(b, on_h2 ? RODE : LED);
}

int main(int argc, char **argv)
{
	int shake = IS(1, "handshake");
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .timeout_secs = 1, .tls = shake, .peer = shake ? "--mode accept-mute" : "" });
	if (IS(1, "answer"))
		answer(s);
	else if (shake)
		handshake(s);
	else
		body(s);
	return story_close(s);
}
