/*
 * A WebSocket whose alpn has h2, with servers that do not carry it there (RFC 8441 section 3): it opens on a connection of its own by
 * HTTP/1.1, while http requests share one of h2; and once the server's SETTINGS allow it, it rides that. With "h2" alone it is told why.
 */
#include "harness.h"

static struct req *opens(struct story *s, const char *alpn, int status)
{
	struct req *r = ASK(s, .ws = 1, .path = "/ws/echo", .alpn = alpn, .body = "x", .body_len = 1);

	RUN_UNTIL(s, r->ws.messages || r->done);
	CHECK_EQ(r->ws.messages, 1);
	CHECK_EQ(r->status, status);
	return r;
}

/* One that makes the connection, one that finds it, one while requests are under way; and one that did not ask for h2. */
static void refused_there(struct story *s)
{
	struct req *first = opens(s, "h2,http/1.1", 101), *http = ASK(s, .path = "/ok?h2"), *held;

	RUN_UNTIL(s, http->done);
	held = ASK(s, .path = "/gate/x");
	RUN_UNTIL(s, held->n[REASON_APPEND]);
	opens(s, "h2,http/1.1", 101);
	opens(s, "http/1.1", 101);
	await(s, "open x");
	RUN_UNTIL(s, held->done);
	CHECK_EQ(held->n[REASON_COMPLETED], 1);
	CHECK_EQ(ws_text(first, "still here"), 10);
	RUN_UNTIL(s, first->ws.messages == 2);
	CHECK_EQ(peer_stat(&s->peer, "h2"), 1);
	CHECK_EQ(peer_stat(&s->peer, "wslive"), 3);
}

static void allowed_later(struct story *s)
{
	struct req *held = ASK(s, .path = "/headthengate/x");
	long accepts;

	RUN_UNTIL(s, held->total);
	opens(s, "h2,http/1.1", 101);
	accepts = peer_stat(&s->peer, "accepts");
	CHECK_STR(peer_say(&s->peer, "settings connect-protocol=1"), "sent=1");
	await(s, "wait-acks 2");
	opens(s, "h2,http/1.1", 200);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), accepts);
	await(s, "open x");
	RUN_UNTIL(s, held->done);
	CHECK_EQ(held->n[REASON_COMPLETED], 1);
}

static void h2_alone(struct story *s)
{
	struct req *r = ASK(s, .ws = 1, .path = "/ws/echo", .alpn = "h2"), *http;

	RUN_ALL(s);
	CHECK_LOG(r, "BIND CREATE NEW | [CONNECTING] [APPEND] ERROR DROP DESTROY");
	CHECK_HAS(r->error, "no ws over h2: the server's SETTINGS do not allow it (RFC 8441)");
	CHECK_HAS(r->error, "add http/1.1 to alpn");
	http = ASK(s, .path = "/ok?goes on", .alpn = "h2");
	RUN_ALL(s);
	CHECK_EQ(http->n[REASON_COMPLETED], 1);
}

/* A server that has no h2 at all: none waits for another. */
static void h1_server(struct story *s)
{
	struct req *ws[3], *http[2];
	int i;

	for (i = 0; i < 3; i++)
		ws[i] = ASK(s, .ws = 1, .path = "/ws/echo", .alpn = "h2,http/1.1", .body = "x", .body_len = 1);
	for (i = 0; i < 2; i++)
		http[i] = ASK(s, .path = "/ok", .alpn = "h2,http/1.1");
	RUN_UNTIL(s, ws[0]->ws.messages && ws[1]->ws.messages && ws[2]->ws.messages && http[0]->done && http[1]->done);
	CHECK_EQ(http[1]->n[REASON_COMPLETED], 1);
	CHECK_EQ(peer_stat(&s->peer, "wslive"), 3);
	CHECK_EQ(peer_stat(&s->peer, "h2"), 0);
}

int main(int argc, char **argv)
{
	int h1 = IS(1, "h1");
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = h1, .peer = h1 ? "--alpn http/1.1" : "" });
	if (h1)
		h1_server(s);
	else if (IS(1, "later"))
		allowed_later(s);
	else if (IS(1, "alone"))
		h2_alone(s);
	else
		refused_there(s);
	return story_close(s);
}
