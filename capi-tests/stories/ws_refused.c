/*
 * A handshake that comes to nothing: each text that CLIENT_CONNECTION_ERROR has for it, the status readable before, and nonzero from
 * the callbacks on the way. hangs: the answer is late, half, or never comes.
 */
#include "harness.h"

#define SEEN   "BIND CREATE NEW | [CONNECTING] APPEND EST ERROR DROP DESTROY"
#define PASSED "BIND CREATE NEW | [CONNECTING] APPEND EST FILTER ERROR DROP DESTROY"

static const struct bad {
	const char *options, *text, *offers;
	int status;			/* 0: 101, on h2 200 */
	int h1_alone;
} table[] = {
	{ "status=200", "HS: ws upgrade response not 101", .status = 200, .h1_alone = 1 },
	{ "status=403", "HS: ws upgrade response not ", .status = 403 },
	{ "status=404", "HS: ws upgrade response not ", .status = 404 },
	{ "status=500", "HS: ws upgrade response not ", .status = 500 },
	{ "accept=none", "HS: ACCEPT missing", .h1_alone = 1 },
	{ "accept=bad", "HS: Accept hash wrong", .h1_alone = 1 },
	{ "accept=twice", "HS: Accept hash wrong", .h1_alone = 1 },
	{ "accept=x", "HS: Accept hash wrong", .h1_alone = 1 },
	{ "upgrade=none", "HS: UPGRADE missing", .h1_alone = 1 },
	{ "upgrade=other", "HS: Upgrade to something other than websocket", .h1_alone = 1 },
	{ "connection=none", "HS: UPGRADE malformed", .h1_alone = 1 },
	{ "connection=close", "HS: UPGRADE malformed", .h1_alone = 1 },
	{ "protocol=other", "HS: PROTOCOL malformed", .offers = "one,two" },
	{ "protocol=tw", "HS: PROTOCOL malformed", .offers = "one,two" },
	{ "protocol=one,two", "HS: PROTOCOL malformed", .offers = "one,two" },
	{ "protocol=one", "HS: PROTOCOL malformed", .offers = NULL },
	{ "ext=permessage-deflate", "HS: EXT: unknown ext", .offers = NULL },
	{ "ext=what%20ever", "HS: EXT: unknown ext", .offers = NULL },
};

static void refused(struct story *s)
{
	char path[100];
	struct req *r;
	size_t i;

	for (i = 0; i < sizeof table / sizeof *table; i++) {
		if (on_h2 && table[i].h1_alone)
			continue;
		snprintf(path, sizeof path, "/ws/echo?%s", table[i].options);
		r = ASK(s, .ws = 1, .path = path, .protocol = table[i].offers);
		RUN_ALL(s);
		CHECK_LOG(r, SEEN);
		CHECK_HAS(r->error, table[i].text);
		CHECK_EQ(r->status, table[i].status ? table[i].status : on_h2 ? 200 : 101);
	}
}

/* What is unusual, and right. */
static void accepted(struct story *s)
{
	static const char *const paths[] = {
		"/ws/send/text:x/close:1000?protocol=none", "/ws/send/text:x/close:1000?protocol=two",
		"/ws/send/text:x/close:1000?upgrade=WebSocket&connection=keep-alive,%20upgrade",
	};
	struct req *r;
	size_t i;

	for (i = 0; i < sizeof paths / sizeof *paths; i++) {
		r = ASK(s, .ws = 1, .path = paths[i], .protocol = "one, two");
		RUN_ALL(s);
		CHECK_STR(r->body, "x");
		CHECK_EQ(r->ws.code, 1000);
	}
}

static void nonzero(struct story *s)
{
	static const struct { int at; const char *text, *log; } from[] = {
		{ REASON_APPEND, "", "BIND CREATE NEW | [CONNECTING] APPEND ERROR DROP DESTROY" },
		{ REASON_EST, "HS: disallowed by client filter", SEEN },
		{ REASON_FILTER, "HS: Rejected by filter cb", PASSED },
		{ REASON_OPENED, "HS: Rejected at CLIENT_ESTABLISHED", "BIND CREATE NEW | [CONNECTING] APPEND EST FILTER OPENED ERROR DROP DESTROY" },
	};
	struct req *r;
	size_t i;

	for (i = 0; i < sizeof from / sizeof *from; i++) {
		r = ASK(s, .ws = 1, .path = "/ws/send/text:glued?glue", .fail_at = from[i].at);
		RUN_ALL(s);
		CHECK_LOG(r, from[i].log);
		CHECK_HAS(r->error, from[i].text);
		CHECK_EQ(r->ws.pieces, 0);
	}
}

/* The answer that is late is an answer; those who have not got one can be ended, and the connection that ends is told. */
static void hangs(struct story *s)
{
	struct req *late = ASK(s, .ws = 1, .path = "/ws/send/text:x/close:1000?wait=late");
	struct req *half = ASK(s, .ws = 1, .path = "/ws/echo?half"), *mute = ASK(s, .ws = 1, .path = "/ws/echo?mute");

	await(s, "wait-requests 3");
	kill_req(half, 0);
	RUN_UNTIL(s, half->done);
	CHECK_LOG(half, "BIND CREATE NEW | [CONNECTING] APPEND ERROR DROP DESTROY");
	await(s, "open late");
	RUN_UNTIL(s, late->done);
	CHECK_STR(late->body, "x");
	peer_say(&s->peer, "drop-all");
	RUN_ALL(s);
	CHECK_LOG(mute, "BIND CREATE NEW | [CONNECTING] APPEND ERROR DROP DESTROY");
	mute = ASK(s, .ws = 1, .path = "/ws/echo?mute");
	RUN_ALL(s);
	CHECK_HAS(mute->error, "Timed out waiting server reply");
}

int main(int argc, char **argv)
{
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .peer = WS_PEER, .tls = IS(2, "tls"), .timeout_secs = IS(1, "hangs") });
	if (IS(1, "hangs"))
		hangs(s);
	else if (IS(1, "nonzero"))
		nonzero(s);
	else {
		refused(s);
		accepted(s);
	}
	await(s, "wait-ws-closed %ld", peer_stat(&s->peer, "ws"));
	return story_close(s);
}
