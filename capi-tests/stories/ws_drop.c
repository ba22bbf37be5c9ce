/*
 * The connection, on h2 the stream, ends without a Close at every stage: by FIN, by RST, in the middle of a TLS session. What came before
 * is delivered, a part of a frame that makes no whole piece apart, and each has its one ending; others go on.
 */
#include "harness.h"

static const struct stage {
	const char *steps, *body;
	int opened;			/* 1: surely; 0: an RST may be faster than what came before it */
} stages[] = {
	{ "", "", 0 }, { "text:hello", "hello", 0 }, { "hex:82", "", 0 }, { "hex:827e", "", 0 }, { "hex:82056162", "", 0 },
	{ "first:a", "a", 0 }, { "first:a/hex:80", "a", 0 }, { "bin:26", "abcdefghijklmnopqrstuvwxyz", 0 },
	/* It has had an answer: whatever ends it comes later. */
	{ "recv:1", "", 1 }, { "recv:1/text:hello", "hello", 0 }, { "recv:1/hex:880203", "", 1 },
};

static struct req *one(struct story *s, const struct stage *stage, const char *how)
{
	char path[200];
	struct req *r;

	snprintf(path, sizeof path, "/ws/send/%s/%s", stage->steps, how);
	r = ASK(s, .ws = 1, .path = path, .body = "x", .body_len = !strncmp(stage->steps, "recv", 4));
	RUN_UNTIL(s, r->done);
	CHECK_EQ(r->ws.code, -1);
	return r;
}

static void ends(struct story *s, const char *how)
{
	int sudden = !strcmp(how, "rst");
	struct req *r, *other;
	size_t i;

	other = ASK(s, .ws = 1, .path = "/ws/echo");
	RUN_UNTIL(s, other->ws.opened);
	for (i = 0; i < sizeof stages / sizeof *stages; i++) {
		r = one(s, stages + i, how);
		if (sudden && !stages[i].opened)
			continue;
		CHECK(r->ws.opened);
		CHECK_EQ(r->n[REASON_CLOSED], 1);
		CHECK_STR(r->body ? r->body : "", stages[i].body);
	}
	CHECK_EQ(ws_text(other, "still here"), 10);
	RUN_UNTIL(s, other->ws.messages);
}

/* Before the handshake is over: no CLIENT_CLOSED for what was never open. */
static void never_opened(struct story *s)
{
	static const char *const paths[] = { "/ws/echo?mute", "/ws/echo?half", "/ws/echo?wait=never" };
	struct req *r;
	size_t i;

	for (i = 0; i < sizeof paths / sizeof *paths; i++) {
		r = ASK(s, .ws = 1, .path = paths[i]);
		await(s, "wait-requests %zu", i + 1);
		peer_say(&s->peer, "drop-all");
		RUN_ALL(s);
		CHECK_LOG(r, "BIND CREATE NEW | [CONNECTING] APPEND ERROR DROP DESTROY");
	}
	/* And all at once when they are open. */
	for (i = 0; i < 10; i++)
		ASK(s, .ws = 1, .path = "/ws/echo", .body = "x", .body_len = 1);
	for (i = 3; i < 13; i++)
		RUN_UNTIL(s, s->reqs[i]->ws.messages);
	peer_say(&s->peer, "drop-all");
	RUN_ALL(s);
	for (i = 3; i < 13; i++)
		CHECK_EQ(s->reqs[i]->n[REASON_CLOSED], 1);
}

int main(int argc, char **argv)
{
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .peer = WS_PEER, .tls = IS(2, "tls") });
	if (IS(1, "before"))
		never_opened(s);
	else
		ends(s, ARG(1));
	return story_close(s);
}
