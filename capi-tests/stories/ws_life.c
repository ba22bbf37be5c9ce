/*
 * The life of a WebSocket: each callback in its order, what APPEND adds and what was offered on the wire, what the response says readable
 * from ESTABLISHED_CLIENT_HTTP to CLIENT_ESTABLISHED, and both ways to an end. session: the same with data of the library's.
 */
#include "harness.h"

static void says(struct lws *wsi, const char *name, const char *value)
{
	char got[100];
	int n = lws_hdr_custom_copy(wsi, got, sizeof got, name, (int)strlen(name));

	CHECK_EQ(n, strlen(value));
	CHECK_STR(got, value);
}

static void reads_the_response(struct req *r)
{
	char got[100];

	CHECK_EQ(lws_http_client_http_response(r->wsi), on_h2 ? 200 : 101);
	CHECK_EQ(lws_hdr_total_length(r->wsi, WSI_TOKEN_PROTOCOL), 4);
	CHECK_EQ(lws_hdr_copy(r->wsi, got, sizeof got, WSI_TOKEN_PROTOCOL), 4);
	CHECK_STR(got, "chat");
	says(r->wsi, "x-custom:", "hello");
}

static int hook(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	char peer[100];

	switch ((int)reason) {
	case REASON_EST:
	case REASON_FILTER:
		CHECK(!in && !len);
		reads_the_response(r);
		break;
	case REASON_OPENED:
		reads_the_response(r);
		lws_get_peer_simple(r->wsi, peer, sizeof peer);
		CHECK_STR(peer, "127.0.0.1");
		CHECK_STR(lws_get_protocol(r->wsi)->name, "story");
		CHECK_EQ(lws_get_network_wsi(r->wsi) == r->wsi, !on_h2);
		CHECK_EQ(lws_get_socket_fd(r->wsi) >= 0, !on_h2);
		CHECK_EQ(!!lws_get_ssl(r->wsi), r->story->opts.tls && !on_h2);
		CHECK_EQ(ws_text(r, "hello"), 5);
		break;
	case REASON_MESSAGE:
		CHECK_EQ(len, 5);
		CHECK_STR((char *)in, "hello");
		CHECK(lws_is_first_fragment(r->wsi) && lws_is_final_fragment(r->wsi) && !lws_frame_is_binary(r->wsi));
		ws_reason(r, 1000, "bye");
		return -1;
	default:
		break;
	}
	return 0;
}

static void on_the_wire(struct story *s)
{
	const char *head = peer_say(&s->peer, "ws-head");

	CHECK_HAS(head, on_h2 ? ":method: CONNECT" : "GET /ws/echo?protocol=chat");
	CHECK_HAS(head, s->opts.tls ? "rigin: https://there" : "rigin: http://there");
	CHECK_HAS(head, on_h2 ? "sec-websocket-protocol: super,chat" : "Sec-WebSocket-Protocol: super,chat");
	CHECK_HAS(head, on_h2 ? "sec-websocket-version: 13" : "Sec-WebSocket-Version: 13");
	CHECK_HAS(head, "by-name: 1");
	CHECK_HAS(head, on_h2 ? "by-hand: 2" : "By-Hand: 2");
	CHECK_LACKS(head, "xtensions");
	if (on_h2)
		CHECK_HAS(head, ":protocol: websocket");
}

int main(int argc, char **argv)
{
	size_t pss = IS(1, "session") ? 100 : 0;
	struct story *s;
	struct req *a, *b;

	ONLY_OURS();
	s = story_open(&(struct opts){ .peer = WS_PEER, .tls = IS(1, "tls"), .pss = pss });
	a = ASK(s, .ws = 1, .path = "/ws/echo?protocol=chat&extra=X-Custom:hello", .protocol = "super,chat", .origin = "there",
		.name = "by-name:", .value = "1", .fields = "By-Hand: 2\r\n", .hook = hook);
	RUN_ALL(s);
	CHECK_LOG(a, WS_LIVED);
	CHECK_EQ(a->status, on_h2 ? 200 : 101);
	on_the_wire(s);
	CHECK_STR(ws_heard(s, 1), "1000 bye");
	CHECK_HAS(peer_say(&s->peer, "ws-messages"), "text=hello");

	b = ASK(s, .ws = 1, .path = "/ws/send/text:one/text:two/data:3/close:1001:gone");
	RUN_ALL(s);
	CHECK_LOG(b, on_h2 ? WS_RODE "MESSAGE PEER_CLOSE" WS_ENDED : WS_LED "MESSAGE PEER_CLOSE" WS_ENDED);
	CHECK_STR(b->body, "onetwo3");
	CHECK_EQ(b->ws.messages, 3);
	CHECK(b->ws.binary);
	CHECK_EQ(b->ws.code, 1001);
	CHECK_STR(b->ws.reason, "gone");
	CHECK_STR(ws_heard(s, 2), "1001 gone");
	CHECK_EQ(peer_stat(&s->peer, "accepts"), on_h2 ? 1 : 2);
	return story_close(s);
}
