/* Pings are answered by themselves, with what they say; a flood of them neither grows memory nor stops the rest. */
#include "harness.h"

static void answered(struct story *s)
{
	char path[300], want[200], most[126];
	struct req *r;

	memset(most, 'p', 125);
	most[125] = '\0';
	snprintf(path, sizeof path, "/ws/send/ping:/ping:hello/first:a/ping:%s/last:b/recv:3/close:1000", most);
	r = ASK(s, .ws = 1, .path = path);
	RUN_ALL(s);
	CHECK_STR(r->body, "ab");
	CHECK_EQ(r->ws.pongs, 0);
	ws_heard(s, 1);
	CHECK_HAS(peer_say(&s->peer, "ws-log 4"), "op=10 fin=1 rsv=0 len=0");
	CHECK_HAS(peer_say(&s->peer, "ws-log 4"), "text=hello");
	snprintf(want, sizeof want, "op=10 fin=1 rsv=0 len=125 sum=%08x", fnv(most, 125, FNV_START));
	CHECK_HAS(peer_say(&s->peer, "ws-log 4"), want);
	CHECK_EQ(peer_stat(&s->peer, "wsframes"), 4);
}

/* Paused, it hands out nothing, but answers when it goes on. */
static int pauses(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in, (void)len;
	if ((int)reason == REASON_MESSAGE && r->ws.messages == 1)
		lws_rx_flow_control(r->wsi, 0);
	return 0;
}

static void paused(struct story *s)
{
	struct req *r = ASK(s, .ws = 1, .path = "/ws/send/glue/text:m/ping:p/whole/recv:1/text:n", .hook = pauses), *other;

	RUN_UNTIL(s, r->ws.messages);
	other = ASK(s, .path = "/ok", .solo = 1);
	RUN_UNTIL(s, other->done);
	lws_rx_flow_control(r->wsi, 1);
	RUN_UNTIL(s, r->ws.messages == 2);
	CHECK_HAS(peer_say(&s->peer, "ws-log 1"), "text=p");
}

static void flood(struct story *s)
{
	struct req *r = ASK(s, .ws = 1, .path = "/ws/send/glue/ping:0123456789*50000/text:m/whole/deaf:hear/text:n");

	RUN_UNTIL(s, r->ws.messages);
	peer_say(&s->peer, "open hear");
	RUN_UNTIL(s, r->ws.messages == 2);
	await(s, "wait-ws 1");
	CHECK_HAS(peer_say(&s->peer, "ws-log 1"), "op=10");
	CHECK_EQ(ws_text(r, "still there"), 11);
	await(s, "wait-ws-messages 1");
	CHECK_EQ(peer_stat(&s->peer, "wsmessages"), 1);
}

int main(int argc, char **argv)
{
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .peer = WS_PEER, .tls = IS(2, "tls") });
	if (IS(1, "flood"))
		flood(s);
	else if (IS(1, "paused"))
		paused(s);
	else
		answered(s);
	return story_close(s);
}
