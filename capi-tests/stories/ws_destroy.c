/*
 * A context, or a vhost, with WebSockets in every state is destroyed, again and again: those that were open hear WS_CLOSED, the others
 * DROP alone; no descriptor, no request is left.
 */
#include "harness.h"

enum { MUTE, HALF, OPEN, WITHIN, PAUSED, CHOKED, AWAITS, LOOKUP, JUST_ASKED, STATES };

static struct lws_vhost *vh;

static int hook(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in, (void)len;
	if ((int)reason == REASON_MESSAGE && !strcmp(r->ask.path, "/ws/send/text:m/hold")) {
		r->mine = r;
		ws_reason(r, 1000, "");
		return -1;
	}
	if ((int)reason == REASON_MESSAGE && !strncmp(r->ask.path, "/ws/send/bin", 12)) {
		r->mine = r;
		lws_rx_flow_control(r->wsi, 0);
	}
	return 0;
}

static struct req *ws(struct story *s, const char *path)
{
	return ASK(s, .ws = 1, .path = path, .hook = hook, .vhost = vh);
}

/* None of these ends by itself. */
static void every_state(struct story *s, struct req *r[STATES])
{
	r[OPEN] = ws(s, "/ws/echo");
	RUN_UNTIL(s, r[OPEN]->ws.opened);
	r[MUTE] = ws(s, "/ws/echo?mute");
	r[HALF] = ws(s, "/ws/echo?half");
	r[WITHIN] = ws(s, "/ws/send/first:a/hold");
	r[PAUSED] = ws(s, "/ws/send/bin:100000/close:1000");
	r[CHOKED] = ws(s, "/ws/send/deaf:never");
	r[AWAITS] = ws(s, "/ws/send/text:m/hold");
	RUN_UNTIL(s, r[WITHIN]->total && r[PAUSED]->mine && r[CHOKED]->ws.opened && r[AWAITS]->mine);
	RUN_UNTIL(s, r[HALF]->n[REASON_APPEND] && r[MUTE]->n[REASON_APPEND]);
	do
		CHECK_EQ(ws_send(r[CHOKED], LWS_WRITE_BINARY, NULL, 1000000), 1000000);
	while (!lws_send_pipe_choked(r[CHOKED]->wsi));
	r[LOOKUP] = ASK(s, .ws = 1, .path = "/ws/echo", .address = "localhost", .vhost = vh);
	lws_service(s->cx, -1);
	r[JUST_ASKED] = ws(s, "/ws/echo");
}

static void check(struct req *const r[STATES])
{
	int i;

	for (i = 0; i < STATES; i++) {
		int open = i >= OPEN && i <= AWAITS;

		CHECK(r[i]->done);
		CHECK_EQ(r[i]->ws.opened, open);
		CHECK_EQ(r[i]->n[REASON_CLOSED], open);
		CHECK_EQ(r[i]->n[REASON_ERROR], 0);
	}
}

/* The vhost's go with it; one of another vhost goes on. */
static void the_vhost(struct story *s)
{
	struct lws_context_creation_info info = { .vhost_name = "second", .protocols = s->protocols, .port = CONTEXT_PORT_NO_LISTEN };
	struct req *r[STATES], *other = ASK(s, .ws = 1, .path = "/ws/echo");
	size_t i;

	RUN_UNTIL(s, other->ws.opened);
	if (s->opts.tls) {
		info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.client_ssl_ca_filepath = s->peer.ca;
	}
	vh = lws_create_vhost(s->cx, &info);
	CHECK(vh);
	every_state(s, r);
	s->destroying = 1;			/* the same is promised as of a context's end */
	for (i = 0; i < STATES; i++)
		r[i]->ending = 1;
	lws_vhost_destroy(vh);
	vh = NULL;
	check(r);
	s->destroying = 0;
	CHECK_EQ(ws_text(other, "still here"), 10);
	RUN_UNTIL(s, other->ws.messages);
}

int main(int argc, char **argv)
{
	size_t i, rounds = scale() / 10000;
	struct req *r[STATES];
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .peer = WS_PEER, .no_context = 1, .timeout_secs = 30, .tls = IS(2, "tls") });
	for (i = 0; i < (rounds > 2 ? rounds : 2); i++) {
		story_context(s);
		if (IS(1, "vhost"))
			the_vhost(s);
		else
			every_state(s, r);
		story_destroy(s);
		s->cx = NULL;
		if (!IS(1, "vhost"))
			check(r);
		CHECK_EQ(s->alive, 0);
		CHECK_EQ(settled_fds(s->fds), s->fds);
	}
	return story_close(s);
}
