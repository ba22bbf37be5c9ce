/*
 * Many WebSockets at once beside http requests: on h1 each has its connection, on h2 all ride one. Each echoes what it sends, every third
 * ends in one way or another, and the rest do not notice.
 */
#include "harness.h"

enum { ROUNDS = 3 };
static size_t n;

static int hook(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in, (void)len;
	if ((int)reason == REASON_WS_WRITE) {
		char text[40];

		snprintf(text, sizeof text, "%zu from %s", r->ws.messages, r->name);
		return ws_text(r, text) < 0 ? -1 : HOOK_DONE;
	}
	if ((int)reason == REASON_PEER_CLOSE)
		return -1;
	if ((int)reason == REASON_MESSAGE && r->mine) {
		ws_reason(r, 1000, "");
		return -1;
	}
	return 0;
}

static int all_have(struct story *s, size_t messages)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!s->reqs[i]->done && s->reqs[i]->ws.messages < messages)
			return 0;
	return 1;
}

static void everybody_speaks(struct story *s)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!s->reqs[i]->done)
			CHECK_EQ(lws_callback_on_writable(s->reqs[i]->wsi), 1);
}

/* By Close with the echo of its last word, by a kill at once, by a kill from the loop. */
static void some_end(struct story *s)
{
	size_t i;

	for (i = 0; i < n; i += 3)
		if (i % 9 == 0)
			s->reqs[i]->mine = s;
		else
			kill_req(s->reqs[i], i % 9 == 3);
}

int main(int argc, char **argv)
{
	size_t i, round;
	struct story *s;

	ONLY_OURS();
	n = scale() / 500 > 20 ? scale() / 500 : 20;
	s = story_open(&(struct opts){ .peer = WS_PEER ",max-streams=1000", .tls = IS(1, "tls"), .hook = hook });
	for (i = 0; i < n; i++)
		ASK(s, .ws = 1, .path = "/ws/echo", .body = "x", .body_len = 1, .quiet = i > 20);
	for (i = 0; i < n / 4; i++)
		ASK(s, .path = "/len/1000", .quiet = 1);
	RUN_UNTIL(s, all_have(s, 1) && s->alive == n);
	for (round = 1; round < ROUNDS; round++) {
		if (round == 2)
			some_end(s);
		everybody_speaks(s);
		RUN_UNTIL(s, all_have(s, round + 1));
	}
	RUN_UNTIL(s, s->alive == n - (n + 2) / 3);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), on_h2 ? 1 : n + 1);
	for (i = 0; i < n; i++)
		CHECK_EQ(s->reqs[i]->done, i % 3 == 0);
	for (i = n; i < s->n_reqs; i++)
		CHECK_EQ(s->reqs[i]->n[REASON_COMPLETED], 1);
	return story_close(s);
}
