/*
 * Messages of any size, in pieces: first and final, what remains, the kind, the NUL behind and the LWS_PRE bytes before each that programs
 * write over (the harness looks at every piece). sizes: none is larger than rx_buffer_size, and none is lost. fragments: of a message
 * in frames, with control frames between. split: head and frames byte by byte. glued: frames in one segment with the head.
 */
#include "harness.h"

static size_t expect_remaining;

static void small_pieces(struct story *s, struct lws_context_creation_info *info)
{
	(void)info;
	s->protocols[0].rx_buffer_size = 1000;
}

/* Of a frame that is a message. */
static int hook(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	if ((int)reason == REASON_MESSAGE) {
		if (lws_is_first_fragment(r->wsi))
			expect_remaining = (size_t)r->mine;
		CHECK(len <= expect_remaining);
		expect_remaining -= len;
		CHECK_EQ(lws_remaining_packet_payload(r->wsi), expect_remaining);
		CHECK_EQ(lws_is_final_fragment(r->wsi), !expect_remaining);
	}
	return 0;
}

static struct req *whole(struct story *s, const char *path, size_t messages, size_t total)
{
	struct req *r = ASK(s, .ws = 1, .path = path);

	RUN_ALL(s);
	CHECK_EQ(r->ws.messages, messages);
	CHECK_EQ(r->total, total);
	CHECK_EQ(r->ws.within, 0);
	CHECK(r->ws.largest <= 1000);
	CHECK_EQ(r->ws.code, 1000);
	return r;
}

static void sizes(struct story *s)
{
	static const size_t sizes[] = { 0, 1, 125, 126, 127, 999, 1000, 1001, 2000, 16384, 65535, 65536, 65537, 1 << 20 };
	char path[100];
	struct req *r;
	size_t i;

	for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		size_t n = sizes[i];

		snprintf(path, sizeof path, "/ws/send/%s:%zu*2/close:1000", i % 2 ? "textlen" : "bin", n);
		r = ASK(s, .ws = 1, .path = path, .hook = hook, .mine = (void *)n);
		RUN_ALL(s);
		CHECK_EQ(r->ws.messages, 2);
		CHECK_EQ(r->total, 2 * n);
		CHECK_EQ(r->ws.len, n);
		CHECK_EQ(r->ws.sum, pattern_sum(n));
		CHECK_EQ(r->ws.binary, i % 2 == 0);
		CHECK(r->ws.largest <= 1000 && r->ws.pieces >= 2 * ((n + 999) / 1000));
		CHECK_EQ(r->ws.code, 1000);
	}
}

static void fragments(struct story *s)
{
	struct req *r = whole(s, "/ws/send/frag:5x3000/fragtext:3x0/frag:1x7/close:1000", 3, 15007);

	CHECK(r->ws.binary);
	r = whole(s, "/ws/send/first:a/ping:p/cont:b/pong:q/cont:/ping:p/last:c/close:1000", 1, 3);
	CHECK_STR(r->body, "abc");
	CHECK_EQ(r->ws.pongs, 1);
	CHECK_STR(r->ws.pong, "q");
	CHECK_LOG(r, on_h2 ? WS_RODE "MESSAGE PONG MESSAGE PEER_CLOSE" WS_ENDED : WS_LED "MESSAGE PONG MESSAGE PEER_CLOSE" WS_ENDED);
	r = whole(s, "/ws/send/firstbin:/cont:/last:/text:x/close:1000", 2, 1);
	CHECK_EQ(r->ws.pieces, 4);
}

static void split(struct story *s)
{
	struct req *r = whole(s, "/ws/send/split/text:hello/first:a/ping:/last:b/bin:300/close:1000?split", 3, 307);

	CHECK_EQ(r->ws.sum, pattern_sum(300));
	whole(s, "/ws/send/chunk:7/bin:70000/text:x/close:1000", 2, 70001);
}

static void glued(struct story *s)
{
	struct req *r = whole(s, "/ws/send/text:one/text:two/ping:p/frag:3x10/close:1000?glue", 3, 36);

	CHECK_EQ(memcmp(r->body, "onetwoabc", 9), 0);
	whole(s, "/ws/send/bin:100000/text:x/close:1000?glue", 2, 100001);
	whole(s, "/ws/send/glue/text:x*5000/close:1000", 5000, 5000);
}

int main(int argc, char **argv)
{
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .peer = WS_PEER, .tls = IS(2, "tls"), .tune = small_pieces });
	if (IS(1, "fragments"))
		fragments(s);
	else if (IS(1, "split"))
		split(s);
	else if (IS(1, "glued"))
		glued(s);
	else
		sizes(s);
	return story_close(s);
}
