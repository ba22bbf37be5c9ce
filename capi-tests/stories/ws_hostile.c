/*
 * Peers that break RFC 6455: each has the one ending, what came before is delivered and nothing behind, and the peer is told which rule in
 * a Close. allowed: what a program asked to let pass.
 */
#include "harness.h"

static const struct bad {
	const char *name, *steps;
	int code;
	const char *why, *body;		/* in the log; what is delivered: "before" and this */
} table[] = {
	{ "masked", "hex:81810000000061", 1002, "masked", "" },
	{ "RSV1", "hex:c10161", 1002, "reserved bits", "" },
	{ "RSV2", "hex:a10161", 1002, "reserved bits", "" },
	{ "RSV3", "hex:920161", 1002, "reserved bits", "" },
	{ "RSV1 on a Ping", "hex:c90161", 1002, "reserved bits", "" },
	{ "opcode 3", "hex:830161", 1002, "unknown opcode", "" },
	{ "opcode 7", "hex:8700", 1002, "unknown opcode", "" },
	{ "opcode 11", "hex:8b00", 1002, "unknown opcode", "" },
	{ "opcode 15", "hex:8f0161", 1002, "unknown opcode", "" },
	{ "a fragmented Ping", "hex:090161", 1002, "in fragments", "" },
	{ "a fragmented Close", "hex:080203e8", 1002, "in fragments", "" },
	{ "a long Ping", "hex:897e007e/fill:126", 1002, "more than 125", "" },
	{ "a very long Pong", "hex:8a7f0000000000010000/fill:1000", 1002, "more than 125", "" },
	{ "a long Close", "hex:887e00c803e8/fill:198", 1002, "more than 125", "" },
	{ "a continuation of nothing", "hex:800161", 1002, "continuation of no message", "" },
	{ "and one that goes on", "hex:000161", 1002, "continuation of no message", "" },
	{ "a text within a text", "hex:010161810162", 1002, "before the last one had ended", "a" },
	{ "a binary within a text", "hex:010161020162", 1002, "before the last one had ended", "a" },
	{ "16 bits of length for 5", "hex:817e00056161616161", 1002, "longer form", "" },
	{ "64 bits of length for 5", "hex:817f00000000000000056161616161", 1002, "longer form", "" },
	{ "64 bits of length for 65535", "hex:827f000000000000ffff/fill:1000", 1002, "longer form", "" },
	{ "2^63", "hex:827f8000000000000000/fill:1000", 1002, "2^63", "" },
	{ "2^64 - 1", "hex:827fffffffffffffffff", 1002, "2^63", "" },
	{ "a Close of one byte", "hex:880103", 1002, "one byte", "" },
	{ "code 0", "hex:88020000", 1002, "may not be sent", "" },
	{ "code 999", "hex:880203e7", 1002, "may not be sent", "" },
	{ "code 1004", "hex:880203ec", 1002, "may not be sent", "" },
	{ "code 1005", "hex:880203ed", 1002, "may not be sent", "" },
	{ "code 1006", "hex:880203ee", 1002, "may not be sent", "" },
	{ "code 1015", "hex:880203f7", 1002, "may not be sent", "" },
	{ "code 2999", "hex:88020bb7", 1002, "may not be sent", "" },
	{ "code 5000", "hex:88021388", 1002, "may not be sent", "" },
	{ "code 65535", "hex:8802ffff", 1002, "may not be sent", "" },
	{ "a reason that is no text", "hex:880403e8ffff", 1007, "not UTF-8", "" },
};

static int n;

static void all(struct story *s)
{
	char path[200], want[100];
	struct req *r;
	size_t i, mark;

	for (i = 0; i < sizeof table / sizeof *table; i++) {
		const struct bad *b = table + i;

		if (getenv("HARNESS_VERBOSE"))
			fprintf(stderr, "-- %s\n", b->name);
		snprintf(path, sizeof path, "/ws/send/%s/text:before/%s/text:after/close:1000", i % 3 ? "glue" : "whole", b->steps);
		mark = log_mark();
		r = ASK(s, .ws = 1, .path = path);
		RUN_ALL(s);
		CHECK_LOG(r, on_h2 && i ? WS_RODE "MESSAGE" WS_ENDED : WS_LED "MESSAGE" WS_ENDED);
		snprintf(want, sizeof want, "before%s", b->body);
		CHECK_STR(r->body, want);
		CHECK_HAS(logged_since(mark), b->why);
		snprintf(want, sizeof want, "%d", b->code);
		CHECK_STR(ws_heard(s, ++n), want);
	}
}

/* The largest length there may be: it never ends, and takes no memory. */
static void endless(struct story *s)
{
	struct req *r = ASK(s, .ws = 1, .path = "/ws/send/hex:827f7fffffffffffffff/fill:100000/hold");

	RUN_UNTIL(s, r->total == 100000);
	CHECK(r->ws.within);
	CHECK_EQ(lws_remaining_packet_payload(r->wsi), 0x7fffffffffffffff - 100000);
	kill_req(r, 1);
	/* Behind Close there is nothing. */
	r = ASK(s, .ws = 1, .path = "/ws/send/glue/text:x/close:1000/hex:810161/ping:p/hex:ffffffff");
	RUN_ALL(s);
	CHECK_STR(r->body, "x");
	CHECK_EQ(r->ws.code, 1000);
	CHECK_STR(ws_heard(s, n + 2), "1000");
}

static void allowed(struct story *s)
{
	struct req *r = ASK(s, .ws = 1, .path = "/ws/send/hex:a10161/text:b/close:1000", .reserved_bits = 1);

	RUN_ALL(s);
	CHECK_STR(r->body, "ab");
	CHECK_EQ(r->ws.code, 1000);
	r = ASK(s, .ws = 1, .path = "/ws/send/text:a/hex:830161/text:b/close:1000", .unknown_opcode = 1);
	RUN_ALL(s);
	CHECK_EQ(r->ws.code, 1000);
}

static void small_pieces(struct story *s, struct lws_context_creation_info *info)
{
	(void)info;
	s->protocols[0].rx_buffer_size = 1000;
}

int main(int argc, char **argv)
{
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .peer = WS_PEER, .tls = IS(2, "tls"), .tune = small_pieces });
	if (IS(1, "allowed"))
		allowed(s);
	else {
		all(s);
		endless(s);
	}
	return story_close(s);
}
