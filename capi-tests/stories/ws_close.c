/*
 * Close from either side (RFC 6455 section 7): theirs is answered by the same, or by what the program says; ours says what
 * lws_close_reason() was told, or nothing at all, after what was written before. deaf: the peer's answer is not awaited for ever.
 */
#include "harness.h"

static char long_reason[124];

/* What one callback is to do: end it, with this reason. */
struct end {
	int at, code;			/* -1: no lws_close_reason() */
	const char *text, *heard;
};

static int ends(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	const struct end *e = r->mine;

	(void)in, (void)len;
	if ((int)reason != e->at)
		return 0;
	if (e->code >= 0) {
		size_t n = strlen(e->text) < 123 ? strlen(e->text) : 123;

		ws_reason(r, e->code, e->text);
		if (strcmp(e->heard, "none")) {
			CHECK_EQ(lws_get_close_length(r->wsi), 2 + n);
			CHECK_EQ(lws_get_close_payload(r->wsi)[0] << 8 | lws_get_close_payload(r->wsi)[1], e->code);
			CHECK(!memcmp(lws_get_close_payload(r->wsi) + 2, e->text, n));
		}
	}
	return -1;
}

static const char *path_to(int at)
{
	switch (at) {
	case REASON_PONG:
		return "/ws/send/pong:p";
	case REASON_PEER_CLOSE:
		return "/ws/send/close:1000:theirs";
	default:
		return "/ws/send/text:m";
	}
}

static void ours(struct story *s, int n)
{
	char long_heard[140], longer[140];
	struct end list[] = {
		{ REASON_MESSAGE, 1000, "bye", "1000 bye" }, { REASON_WS_WRITE, 1001, "going", "1001 going" },
		{ REASON_PONG, 3000, "", "3000" }, { REASON_PEER_CLOSE, 4999, "so be it", "4999 so be it" },
		{ REASON_MESSAGE, 1000, long_reason, long_heard }, { REASON_MESSAGE, 1000, longer, long_heard },
		{ REASON_MESSAGE, LWS_CLOSE_STATUS_NOSTATUS, "", "none" }, { REASON_MESSAGE, 1006, "", "none" },
		{ REASON_MESSAGE, 9999, "", "none" },
	};
	struct req *r;
	size_t i;

	snprintf(long_heard, sizeof long_heard, "1000 %s", long_reason);
	snprintf(longer, sizeof longer, "%sand more", long_reason);
	for (i = 0; i < sizeof list / sizeof *list; i++) {
		r = ASK(s, .ws = 1, .path = path_to(list[i].at), .body = "x", .body_len = list[i].at == REASON_WS_WRITE, .hook = ends,
			.mine = list + i);
		RUN_ALL(s);
		CHECK(r->ws.opened && r->n[REASON_CLOSED]);
		CHECK_STR(ws_heard(s, ++n), list[i].heard);
	}
}

/* Nothing is said when no reason was given: the connection ends, on h2 the stream. */
static void silent(struct story *s)
{
	static struct end list[] = {
		{ REASON_MESSAGE, -1, "", "-" }, { REASON_PONG, -1, "", "-" }, { REASON_WS_WRITE, -1, "", "-" }, { REASON_PEER_CLOSE, -1, "", "-" },
	};
	struct req *r;
	size_t i;

	for (i = 0; i < sizeof list / sizeof *list; i++) {
		r = ASK(s, .ws = 1, .path = path_to(list[i].at), .body = "x", .body_len = list[i].at == REASON_WS_WRITE, .hook = ends,
			.mine = list + i);
		RUN_ALL(s);
		CHECK(r->ws.opened && r->n[REASON_CLOSED]);
		CHECK_STR(ws_heard(s, (int)i + 1), "-");
	}
}

static void theirs(struct story *s)
{
	static const int codes[] = { 1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999 };
	char path[200], heard[140];
	struct req *r;
	int i, n = sizeof codes / sizeof *codes;

	for (i = 0; i < n; i++) {
		snprintf(path, sizeof path, "/ws/send/text:m/close:%d:%s", codes[i], i == 3 ? long_reason : "why");
		r = ASK(s, .ws = 1, .path = path);
		RUN_ALL(s);
		CHECK_EQ(r->ws.code, codes[i]);
		CHECK_STR(r->ws.reason, i == 3 ? long_reason : "why");
		snprintf(heard, sizeof heard, "%d %s", codes[i], r->ws.reason);
		CHECK_STR(ws_heard(s, i + 1), heard);
	}
	r = ASK(s, .ws = 1, .path = "/ws/send/close");
	RUN_ALL(s);
	CHECK_EQ(r->ws.code, 0);
	CHECK_STR(ws_heard(s, n + 1), "none");
}

/* What came behind our Close is for nobody; what was written before it arrives. */
static int writes_and_ends(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in, (void)len;
	if ((int)reason != REASON_MESSAGE)
		return 0;
	CHECK(!lws_send_pipe_choked(r->wsi));
	CHECK_EQ(ws_send(r, LWS_WRITE_BINARY, NULL, 1000000), 1000000);
	CHECK_EQ(ws_text(r, "last"), 4);
	ws_reason(r, 1000, "done");
	return -1;
}

static void last_words(struct story *s)
{
	struct req *r = ASK(s, .ws = 1, .path = "/ws/send/text:m/await-close/text:late/ping:late/pong:late/close:1000", .hook = writes_and_ends);

	RUN_ALL(s);
	CHECK_STR(r->body, "m");
	CHECK_EQ(r->ws.pongs, 0);
	CHECK_EQ(r->ws.code, -1);
	CHECK_STR(ws_heard(s, 1), "1000 done");
	CHECK_EQ(peer_stat(&s->peer, "wsmessages"), 2);
	CHECK_HAS(peer_say(&s->peer, "ws-messages"), "len=1000000");
	CHECK_HAS(peer_say(&s->peer, "ws-messages 1"), "text=last");
}

/* Both at once. */
static void crossed(struct story *s)
{
	static struct end e = { REASON_MESSAGE, 1000, "ours", "1000 ours" };
	struct req *r = ASK(s, .ws = 1, .path = "/ws/send/text:m/close:1001:theirs?glue", .hook = ends, .mine = &e);

	RUN_ALL(s);
	CHECK_EQ(r->ws.code, -1);
	CHECK_STR(ws_heard(s, 1), "1000 ours");
}

static void deaf(struct story *s)
{
	static struct end e = { REASON_MESSAGE, 1000, "ours", "1000 ours" };
	struct req *r = ASK(s, .ws = 1, .path = "/ws/send/text:m/hold", .hook = ends, .mine = &e), *other;

	other = ASK(s, .ws = 1, .path = "/ws/echo", .body = "x", .body_len = 1);
	RUN_UNTIL(s, other->ws.messages);
	CHECK(!r->done);
	RUN_UNTIL(s, r->done);
	CHECK(!other->done);
	CHECK_STR(peer_say(&s->peer, "ws-close"), "1000 ours");
}

int main(int argc, char **argv)
{
	struct story *s;

	ONLY_OURS();
	memset(long_reason, 'r', 123);
	s = story_open(&(struct opts){ .peer = WS_PEER, .tls = IS(2, "tls") });
	if (IS(1, "silent"))
		silent(s);
	else if (IS(1, "theirs"))
		theirs(s);
	else if (IS(1, "last"))
		last_words(s);
	else if (IS(1, "crossed"))
		crossed(s);
	else if (IS(1, "deaf"))
		deaf(s);
	else
		ours(s, 0);
	return story_close(s);
}
