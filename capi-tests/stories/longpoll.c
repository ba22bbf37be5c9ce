/*
 * lws_h2_client_stream_long_poll_rxonly() and lws_http_mark_sse(): a response that may take for ever outlives the time that others have
 * for theirs. The time is the library's own: a request that is never answered says when it has passed.
 */
#include "harness.h"

static int mark(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == REASON_APPEND)
		CHECK_EQ(lws_http_mark_sse(r->wsi), 0);
	return 0;
}

static void times_out(struct story *s)
{
	struct req *mute = ASK(s, .path = "/mute");

	RUN_UNTIL(s, mute->done);
	CHECK_EQ(mute->n[REASON_ERROR], 1);
	CHECK_HAS(mute->error, "Timed out waiting server reply");
}

int main(int argc, char **argv)
{
	struct req *poll[3];
	struct story *s;
	int i, alone = IS(1, "alone");

	ONLY_H2();
	s = story_open(&(struct opts){ .timeout_secs = 1 });
	poll[0] = ASK(s, .path = "/gate/x", .solo = alone);
	poll[1] = ASK(s, .path = "/gate/x", .solo = alone, .hook = mark);
	poll[2] = ASK(s, .path = "/gate/x", .solo = alone);
	await(s, "wait-requests 3");
	CHECK_EQ(lws_h2_client_stream_long_poll_rxonly(poll[0]->wsi), 0);
	CHECK_EQ(lws_http_mark_sse(poll[2]->wsi), 0);
	times_out(s);
	times_out(s);
	for (i = 0; i < 3; i++)
		CHECK(!poll[i]->done);
	peer_say(&s->peer, "open x");
	RUN_ALL(s);
	for (i = 0; i < 3; i++) {
		CHECK_LOG(poll[i], i && !alone ? RODE : LED);
		CHECK_STR(poll[i]->body, "/gate/x");
	}
	return story_close(s);
}
