/*
 * What lws_write() makes of each kind and flag: the frames as the peer has them, and the messages. order: what may not come then is
 * refused and leaves nothing behind. deaf: what the socket or the window does not take waits, WRITEABLE with it, and all of it arrives.
 */
#include "harness.h"

static void frames(struct story *s, int n, const char *want)
{
	await(s, "wait-ws %d", n);
	CHECK_HAS(peer_say(&s->peer, "ws-log 1"), want);
}

static struct req *opened(struct story *s, const char *path)
{
	struct req *r = ASK(s, .ws = 1, .path = path);

	RUN_UNTIL(s, r->n[REASON_OPENED]);
	return r;
}

static void end(struct req *r)
{
	kill_req(r, 0);
	RUN_UNTIL(r->story, r->done);
}

static void sizes(struct story *s)
{
	static const size_t sizes[] = { 0, 1, 125, 126, 127, 65535, 65536, 1 << 20 };
	struct req *r = opened(s, "/ws/echo");
	char want[100];
	size_t i;

	for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		size_t n = sizes[i];

		CHECK_EQ(ws_send(r, i % 2 ? LWS_WRITE_BINARY : LWS_WRITE_TEXT, NULL, n), n);
		RUN_UNTIL(s, r->ws.messages == i + 1);
		CHECK_EQ(r->ws.len, n);
		CHECK_EQ(r->ws.sum, pattern_sum(n));
		CHECK_EQ(r->ws.binary, i % 2);
		snprintf(want, sizeof want, "op=%zu fin=1 rsv=0 len=%zu sum=%08x", 1 + i % 2, n, pattern_sum(n));
		CHECK_HAS(peer_say(&s->peer, "ws-log 1"), want);
	}
	end(r);
}

static void kinds(struct story *s)
{
	struct req *r = opened(s, "/ws/send");
	static const struct { int kind; const char *bytes, *want; } list[] = {
		{ LWS_WRITE_TEXT, "t", "op=1 fin=1 rsv=0 len=1" },
		{ LWS_WRITE_BINARY, "b", "op=2 fin=1 rsv=0 len=1" },
		{ LWS_WRITE_PING, "ping", "op=9 fin=1 rsv=0 len=4" },
		{ LWS_WRITE_PONG, "pong", "op=10 fin=1 rsv=0 len=4" },
		{ LWS_WRITE_PING, "", "op=9 fin=1 rsv=0 len=0" },
		{ LWS_WRITE_TEXT | LWS_WRITE_NO_FIN, "a", "op=1 fin=0 rsv=0 len=1" },
		{ LWS_WRITE_PING, "between", "op=9 fin=1 rsv=0 len=7" },
		{ LWS_WRITE_CONTINUATION | LWS_WRITE_NO_FIN, "bb", "op=0 fin=0 rsv=0 len=2" },
		{ LWS_WRITE_CONTINUATION | LWS_WRITE_NO_FIN, "", "op=0 fin=0 rsv=0 len=0" },
		{ LWS_WRITE_CONTINUATION, "ccc", "op=0 fin=1 rsv=0 len=3" },
		{ LWS_WRITE_BINARY | LWS_WRITE_NO_FIN, "", "op=2 fin=0 rsv=0 len=0" },
		{ LWS_WRITE_CONTINUATION, "", "op=0 fin=1 rsv=0 len=0" },
		{ LWS_WRITE_BINARY | LWS_WRITE_CLIENT_IGNORE_XOR_MASK, "x", "op=2 fin=1 rsv=0 len=1" },
	};
	size_t i, n = sizeof list / sizeof *list;

	for (i = 0; i < n; i++) {
		CHECK_EQ(ws_send(r, list[i].kind, list[i].bytes, strlen(list[i].bytes)), strlen(list[i].bytes));
		frames(s, (int)i + 1, list[i].want);
	}
	CHECK_HAS(peer_say(&s->peer, "ws-messages"), "op=1 frames=4 zipped=0 len=6");
	RUN_UNTIL(s, r->ws.pongs == 3);
	CHECK_STR(r->ws.pong, "between");
	end(r);
}

static int refuses(struct req *r, int kind, const char *bytes, size_t len)
{
	size_t mark = log_mark();

	CHECK_EQ(ws_send(r, kind, bytes, len), -1);
	CHECK_HAS(logged_since(mark), "lws_write: ");
	return 0;
}

static int early(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in, (void)len;
	switch ((int)reason) {
	case REASON_CREATE:
	case REASON_APPEND:
	case REASON_EST:
	case REASON_FILTER:
	case REASON_DROP:
	case REASON_WS_CLOSED:
	case REASON_DESTROY:
		return refuses(r, LWS_WRITE_TEXT, "x", 1);
	case REASON_OPENED:
		CHECK_EQ(ws_text(r, "first"), 5);
		break;
	default:
		break;
	}
	return 0;
}

static void order(struct story *s)
{
	struct req *r = ASK(s, .ws = 1, .path = "/ws/echo", .hook = early);
	char long_one[126] = "";

	RUN_UNTIL(s, r->ws.messages);
	refuses(r, LWS_WRITE_CONTINUATION, "x", 1);
	refuses(r, LWS_WRITE_CONTINUATION | LWS_WRITE_NO_FIN, "x", 1);
	refuses(r, LWS_WRITE_PING | LWS_WRITE_NO_FIN, "x", 1);
	refuses(r, LWS_WRITE_PING, long_one, 126);
	refuses(r, LWS_WRITE_PONG, long_one, 126);
	refuses(r, LWS_WRITE_HTTP, "x", 1);
	refuses(r, LWS_WRITE_HTTP_FINAL, "x", 1);
	refuses(r, LWS_WRITE_HTTP_HEADERS, "x", 1);
	refuses(r, 4, "x", 1);
	CHECK_EQ(ws_send(r, LWS_WRITE_TEXT | LWS_WRITE_NO_FIN, "a", 1), 1);
	refuses(r, LWS_WRITE_TEXT, "x", 1);
	refuses(r, LWS_WRITE_BINARY, "x", 1);
	CHECK_EQ(ws_send(r, LWS_WRITE_CONTINUATION, "b", 1), 1);
	RUN_UNTIL(s, r->ws.messages == 2);
	CHECK_EQ(ws_send(r, LWS_WRITE_PING, long_one, 125), 125);
	RUN_UNTIL(s, r->ws.pongs);
	CHECK_STR(r->body, "firstab");
	CHECK_EQ(peer_stat(&s->peer, "wsframes"), 4);
	end(r);
}

enum { PART = 100000, PARTS = 60 };

/* One part a WRITEABLE, until it says that no more goes. */
static int fill_it(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	size_t *parts = r->ask.mine;

	(void)in, (void)len;
	if ((int)reason == REASON_OPENED)
		lws_callback_on_writable(r->wsi);
	if ((int)reason != REASON_WS_WRITE || *parts == PARTS)
		return 0;
	CHECK(!lws_send_pipe_choked(r->wsi) && !lws_partial_buffered(r->wsi));
	CHECK_EQ(ws_send(r, LWS_WRITE_BINARY, NULL, PART), PART);
	if (++*parts < PARTS)
		CHECK_EQ(lws_callback_on_writable(r->wsi), 1);
	return 0;
}

static void deaf(struct story *s)
{
	size_t parts = 0, was;
	struct req *r = ASK(s, .ws = 1, .path = "/ws/send/deaf:hear/recv:60/text:all", .hook = fill_it, .mine = &parts), *other;

	RUN_UNTIL(s, parts > 0 && lws_send_pipe_choked(r->wsi));
	CHECK(lws_partial_buffered(r->wsi));
	other = ASK(s, .path = "/ok", .solo = 1);
	RUN_UNTIL(s, other->done);
	was = parts;
	CHECK(was < PARTS);
	CHECK_EQ(lws_callback_on_writable(r->wsi), 1);
	other = ASK(s, .path = "/ok", .solo = 1);
	RUN_UNTIL(s, other->done);
	/* The kernel's buffers may have grown; WRITEABLE alone does not come. */
	CHECK(lws_send_pipe_choked(r->wsi) && parts < PARTS);
	peer_say(&s->peer, "open hear");
	RUN_UNTIL(s, r->ws.messages);
	CHECK_EQ(parts, PARTS);
	CHECK_EQ(peer_stat(&s->peer, "wsmessages"), PARTS);
	CHECK_HAS(peer_say(&s->peer, "ws-messages 1"), "op=2 frames=1 zipped=0 len=100000");
	CHECK(!lws_send_pipe_choked(r->wsi) && !lws_partial_buffered(r->wsi));
	end(r);
}

int main(int argc, char **argv)
{
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .peer = WS_PEER, .tls = IS(2, "tls") });
	if (IS(1, "kinds"))
		kinds(s);
	else if (IS(1, "order"))
		order(s);
	else if (IS(1, "deaf"))
		deaf(s);
	else
		sizes(s);
	return story_close(s);
}
