/*
 * What programs do inside each callback of a WebSocket: connect another one, run the loop, destroy the context. Everybody has one ending,
 * and what was not destroyed is whole.
 */
#include "harness.h"

static const char *const places[] = { WS_PLACES, "ERROR" };
static int at, mode;
enum { CONNECT, SERVICE, DESTROY };

static int hook(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	struct story *s = r->story;
	int i;

	(void)in, (void)len;
	if ((int)reason != at || r->mine || s->destroying)
		return 0;
	r->mine = r;
	if (mode == CONNECT)
		ASK(s, .ws = 1, .path = "/ws/send/text:inner/close:1000");
	else if (mode == DESTROY)
		story_destroy(s);
	else
		for (i = 0; i < 3; i++)
			CHECK(lws_service(s->cx, -1) >= 0);
	return 0;
}

/* Open, not answered yet, and a plain one; then the one that the callbacks are of. */
static void one(struct story *s, int error)
{
	struct req *open, *mute, *echo, *r;

	open = ASK(s, .ws = 1, .path = "/ws/echo", .body = "y", .body_len = 1);
	RUN_UNTIL(s, open->ws.messages);
	mute = ASK(s, .ws = 1, .path = "/ws/echo?mute");
	echo = ASK(s, .ws = 1, .path = "/ws/send/bin:50000/close:1000");
	r = error ? ASK(s, .ws = 1, .path = "/ws/echo?status=403", .hook = hook, .may_be_null = 1) :
		ASK(s, WS_TOUR, .hook = hook, .may_be_null = 1);
	if (s->destroying)
		s->cx = NULL;
	while (s->cx && !(r->done && echo->done && s->alive == 2))
		step(s);
	if (mode == DESTROY)
		return;
	CHECK(!open->done && !mute->done);
	CHECK_EQ(echo->total, 50000);
	CHECK_EQ(echo->sum, pattern_sum(50000));
	if (!error) {
		CHECK_STR(r->body, "m");
		CHECK_EQ(r->ws.code, 1000);
	}
	if (mode == CONNECT)
		CHECK_STR(s->reqs[s->n_reqs - 1]->body, "inner");
}

int main(int argc, char **argv)
{
	struct story *s;
	size_t i;

	ONLY_OURS();
	mode = IS(1, "service") ? SERVICE : IS(1, "destroy") ? DESTROY : CONNECT;
	s = story_open(&(struct opts){ .peer = WS_PEER, .no_context = 1, .tls = IS(2, "tls") });
	for (i = 0; i < sizeof places / sizeof *places; i++) {
		if (on_h2 && !strcmp(places[i], "CONNECTING"))
			continue;
		at = reason_of(places[i]);
		story_context(s);
		one(s, at == REASON_ERROR);
		CHECK(s->reqs[s->n_reqs - 1 - (mode == CONNECT)]->mine);
		if (s->cx)
			story_destroy(s);
		s->cx = NULL;
		CHECK_EQ(s->alive, 0);
		CHECK_EQ(settled_fds(s->fds), s->fds);
	}
	return story_close(s);
}
