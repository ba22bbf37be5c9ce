/*
 * lws_rx_flow_control() on a WebSocket, from inside its callbacks and from outside: while it is paused nothing is handed out, others are
 * served, and then comes all of it, in order, whatever the peer did meanwhile.
 */
#include "harness.h"

static const char *at;

static void small_pieces(struct story *s, struct lws_context_creation_info *info)
{
	(void)info;
	s->protocols[0].rx_buffer_size = 1000;
}

static int pauses(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in, (void)len;
	if (r->mine)
		fail(__FILE__, __LINE__, "%s while it is paused", word_of((int)reason));
	if (!strcmp(at, "every") ? (int)reason == REASON_MESSAGE : (int)reason == reason_of(at) && !r->sent) {
		r->sent = 1;
		r->mine = r;
		CHECK_EQ(lws_rx_flow_control(r->wsi, 0), 0);
	}
	return 0;
}

static void resume(struct req *r)
{
	r->mine = NULL;
	CHECK_EQ(lws_rx_flow_control(r->wsi, 1), 0);
}

static void others_are_served(struct story *s)
{
	struct req *other = ASK(s, .path = "/ok", .solo = 1), *echo = ASK(s, .ws = 1, .path = "/ws/echo", .body = "x", .body_len = 1);

	RUN_UNTIL(s, other->done && echo->ws.messages);
	kill_req(echo, 0);
	RUN_UNTIL(s, echo->done);
}

/* From the callback named, in the middle of a message when that is MESSAGE. */
static void inside(struct story *s, const char *word, const char *path, size_t total)
{
	struct req *r;

	at = word;
	r = ASK(s, .ws = 1, .path = path, .hook = pauses);
	RUN_UNTIL(s, r->mine);
	CHECK(r->total <= 1000);
	others_are_served(s);
	resume(r);
	RUN_UNTIL(s, r->done);
	CHECK_EQ(r->total, total);
	CHECK_EQ(r->sum, pattern_sum(total));
}

static void every_piece(struct story *s)
{
	struct req *r;

	at = "every";
	r = ASK(s, .ws = 1, .path = "/ws/send/bin:300000/close:1000", .hook = pauses);
	while (!r->done) {
		step(s);
		if (r->mine)
			resume(r);
	}
	CHECK_EQ(r->ws.pieces, 300);
	CHECK_EQ(r->total, 300000);
	CHECK_EQ(r->sum, pattern_sum(300000));
	CHECK_EQ(r->ws.code, 1000);
}

static void outside(struct story *s)
{
	struct req *r = ASK(s, .ws = 1, .path = "/ws/echo");
	size_t seen;

	RUN_UNTIL(s, r->ws.opened);
	CHECK_EQ(lws_rx_flow_control(r->wsi, 0), 0);
	CHECK_EQ(lws_rx_flow_control(r->wsi, 0), 0);
	CHECK_EQ(ws_send(r, LWS_WRITE_BINARY, NULL, 50000), 50000);
	await(s, "wait-ws-messages 1");
	others_are_served(s);
	CHECK_EQ(r->total, 0);
	resume(r);
	RUN_UNTIL(s, (seen = r->total));
	CHECK_EQ(lws_rx_flow_control(r->wsi, 0), 0);
	seen = r->total;
	others_are_served(s);
	CHECK_EQ(r->total, seen);
	resume(r);
	RUN_UNTIL(s, r->ws.messages);
	CHECK_EQ(r->ws.sum, pattern_sum(50000));
	/* Paused, it can still be ended. */
	CHECK_EQ(lws_rx_flow_control(r->wsi, 0), 0);
	kill_req(r, 0);
	RUN_UNTIL(s, r->done);
}

int main(int argc, char **argv)
{
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .peer = WS_PEER, .tls = IS(2, "tls"), .tune = small_pieces });
	if (IS(1, "outside"))
		outside(s);
	else if (IS(1, "every"))
		every_piece(s);
	else {
		inside(s, "OPENED", "/ws/send/bin:5000/close:1000?glue", 5000);
		inside(s, "OPENED", "/ws/send/bin:5000/close:1000", 5000);
		inside(s, "MESSAGE", "/ws/send/bin:5000/close:1000", 5000);
		inside(s, "MESSAGE", "/ws/send/bin:2000000/close:1000", 2000000);
		inside(s, "MESSAGE", "/ws/send/bin:50000/fin", 50000);
		inside(s, "OPENED", "/ws/send/bin:50000/fin?glue", 50000);
	}
	return story_close(s);
}
