/*
 * The program ends a WebSocket: by LWS_TO_KILL from inside each callback (self, within the call or from the loop), from outside in each
 * state, and by nonzero from each callback. One ending each, and another one goes on.
 */
#include "harness.h"

static const char *const places[] = { WS_PLACES };
static int at, in_call;

static int kills(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in, (void)len;
	if ((int)reason == at && !r->mine) {
		r->mine = r;
		kill_req(r, in_call);
	}
	return 0;
}

static int says_no(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in, (void)len;
	if ((int)reason != at)
		return 0;
	r->mine = r;
	return 1;
}

/* Before CLIENT_ESTABLISHED was answered it is an ERROR, after it WS_CLOSED; where nothing can be ended any more, nothing changes. */
static void everywhere(struct story *s, hook_fn hook)
{
	struct req *r, *other;
	size_t i, opened = 7;

	CHECK_STR(places[opened], "OPENED");
	other = ASK(s, .ws = 1, .path = "/ws/echo");
	RUN_UNTIL(s, other->ws.opened);
	for (i = 0; i < sizeof places / sizeof *places; i++) {
		int without = hook == says_no && (i < 3 || i > 11);

		if (on_h2 && !strcmp(places[i], "CONNECTING"))
			continue;
		at = reason_of(places[i]);
		r = ASK(s, WS_TOUR, .hook = hook);
		RUN_UNTIL(s, r->done);
		CHECK(r->mine);
		if (without)
			CHECK_EQ(r->ws.code, 1000);
		if (!without && i < opened)
			CHECK_EQ(r->n[REASON_ERROR], 1);
		else if (i == opened && (hook == says_no || in_call))
			CHECK_EQ(r->n[REASON_ERROR], 1);
		else
			CHECK_EQ(r->n[REASON_CLOSED], 1);
	}
	CHECK_EQ(ws_text(other, "still here"), 10);
	RUN_UNTIL(s, other->ws.messages);
}

static int closes(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in, (void)len;
	if ((int)reason != REASON_MESSAGE)
		return 0;
	ws_reason(r, 1000, "");
	r->mine = r;
	return -1;
}

static void now_kill(struct req *r, int closed)
{
	kill_req(r, in_call);
	CHECK_EQ(r->done, in_call);
	RUN_UNTIL(r->story, r->done);
	CHECK_EQ(r->n[REASON_CLOSED], closed);
	CHECK_EQ(r->n[REASON_ERROR], !closed);
}

static void from_outside(struct story *s)
{
	struct req *r = ASK(s, .ws = 1, .path = "/ws/echo?mute");

	now_kill(r, 0);						/* just asked */
	r = ASK(s, .ws = 1, .path = "/ws/echo", .address = "localhost");
	step(s);
	now_kill(r, 0);						/* its name being looked up */
	r = ASK(s, .ws = 1, .path = "/ws/echo?mute");
	await(s, "wait-requests 1");
	now_kill(r, 0);						/* asked for */
	r = ASK(s, .ws = 1, .path = "/ws/echo?half");
	await(s, "wait-requests 2");
	now_kill(r, 0);						/* half answered */
	r = ASK(s, .ws = 1, .path = "/ws/echo");
	RUN_UNTIL(s, r->ws.opened);
	now_kill(r, 1);						/* open */
	r = ASK(s, .ws = 1, .path = "/ws/send/first:a/hold");
	RUN_UNTIL(s, r->total);
	now_kill(r, 1);						/* within a message */
	r = ASK(s, .ws = 1, .path = "/ws/send/deaf:never");
	RUN_UNTIL(s, r->ws.opened);
	do
		CHECK_EQ(ws_send(r, LWS_WRITE_BINARY, NULL, 1000000), 1000000);
	while (!lws_send_pipe_choked(r->wsi));
	now_kill(r, 1);						/* with much to be sent */
	r = ASK(s, .ws = 1, .path = "/ws/send/text:m/hold", .hook = closes);
	RUN_UNTIL(s, r->mine);
	now_kill(r, 1);						/* its Close being awaited */
	r = ASK(s, .ws = 1, .path = "/ws/echo", .body = "x", .body_len = 1);
	RUN_UNTIL(s, r->ws.messages);
	CHECK_EQ(lws_rx_flow_control(r->wsi, 0), 0);
	now_kill(r, 1);						/* paused */
}

int main(int argc, char **argv)
{
	struct story *s;

	ONLY_OURS();
	in_call = IS(2, "sync");
	s = story_open(&(struct opts){ .peer = WS_PEER, .tls = IS(3, "tls") });
	if (IS(1, "outside"))
		from_outside(s);
	else
		everywhere(s, IS(1, "nonzero") ? says_no : kills);
	return story_close(s);
}
