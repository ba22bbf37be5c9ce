/*
 * Contract 6, 1.7 and 2.6 on h2: frames that break the rules, and floods of frames that do not. What is wrong with one stream ends that
 * request; what is wrong with the connection ends what it has begun to answer or was asked, with a clear reason, and who waited goes to a
 * new connection. Either way everything else completes then.
 */
#include "harness.h"

enum harm { TO_NONE, TO_STREAM, TO_CONN };


static const struct bad { const char *name, *path; enum harm harm; const char *why; } rules[] = {
	{ "unknown frame", "/raw/0000040b00SSSSSSSS000000000000010105SSSSSSSS88", TO_NONE, NULL },
	{ "PRIORITY", "/raw/0000050200SSSSSSSS00000000100000010105SSSSSSSS88", TO_NONE, NULL },
	{ "unknown setting", "/raw/000006040000000000f0f0000000010000010105SSSSSSSS88", TO_NONE, NULL },
	{ "padded", "/padded/3000/255", TO_NONE, NULL },
	{ "continuation", "/continuation/3", TO_NONE, NULL },
	{ "fields", "/manyfields/100", TO_NONE, NULL },
	{ "101", "/101", TO_STREAM, "101" },
	{ "no status", "/raw/0000000105SSSSSSSS", TO_STREAM, ":status" },
	{ "two statuses", "/raw/0000020105SSSSSSSS8888", TO_STREAM, ":status" },
	{ "upper case", "/raw/0000060105SSSSSSSS880001410162", TO_STREAM, "no field name has" },
	{ "connection field", "/raw/0000130105SSSSSSSS88000a636f6e6e656374696f6e05636c6f7365", TO_STREAM, "a field about the connection" },
	{ "late pseudo field", "/raw/0000060105SSSSSSSS000161016288", TO_STREAM, ":status" },
	{ "request pseudo field", "/raw/0000020105SSSSSSSS8882", TO_STREAM, "pseudo" },
	{ "length and no body", "/raw/0000050105SSSSSSSS880f0d0135", TO_STREAM, "content-length" },
	{ "two lengths", "/raw/0000090105SSSSSSSS880f0d01350f0d0136", TO_STREAM, "content-length" },
	{ "CR in a value", "/raw/0000070105SSSSSSSS88000161020d0a", TO_STREAM, "value" },
	{ "DATA first", "/raw/0000010001SSSSSSSS61", TO_STREAM, "DATA" },
	{ "stream WINDOW_UPDATE of 0", "/raw/0000040800SSSSSSSS00000000", TO_STREAM, "WINDOW_UPDATE" },
	{ "stream window too wide", "/raw/0000040800SSSSSSSS7fffffff", TO_STREAM, "2^31" },
	{ "DATA on idle", "/raw/000001000000000fff61", TO_CONN, "nobody opened" },
	{ "DATA on 0", "/raw/00000100000000000061", TO_CONN, "stream 0" },
	{ "HEADERS on 0", "/raw/00000101050000000088", TO_CONN, "stream 0" },
	{ "HEADERS on an even stream", "/raw/00000101050000000288", TO_CONN, "nobody opened" },
	{ "SETTINGS of 5 bytes", "/raw/0000050400000000000000000000", TO_CONN, "SETTINGS" },
	{ "SETTINGS on a stream", "/raw/000000040000000001", TO_CONN, "SETTINGS" },
	{ "SETTINGS ACK with more", "/raw/000006040100000000000300000001", TO_CONN, "SETTINGS" },
	{ "ENABLE_PUSH", "/raw/000006040000000000000200000001", TO_CONN, "PUSH" },
	{ "INITIAL_WINDOW_SIZE", "/raw/000006040000000000000480000000", TO_CONN, "INITIAL_WINDOW_SIZE" },
	{ "MAX_FRAME_SIZE", "/raw/000006040000000000000500000001", TO_CONN, "MAX_FRAME_SIZE" },
	{ "PING of 7", "/raw/00000706000000000000000000000000", TO_CONN, "PING" },
	{ "PING on a stream", "/raw/000008060000000001" "0000000000000000", TO_CONN, "PING" },
	{ "GOAWAY of 7", "/raw/00000707000000000000000000000000", TO_CONN, "GOAWAY" },
	{ "GOAWAY on a stream", "/raw/0000080700000000010000000000000000", TO_CONN, "GOAWAY" },
	{ "RST_STREAM of 3", "/raw/0000030300SSSSSSSS000000", TO_CONN, "RST_STREAM" },
	{ "RST_STREAM on 0", "/raw/00000403000000000000000008", TO_CONN, "stream 0" },
	{ "RST_STREAM on idle", "/raw/00000403000000" "0fff00000008", TO_CONN, "nobody opened" },
	{ "WINDOW_UPDATE of 0", "/raw/00000408000000000000000000", TO_CONN, "WINDOW_UPDATE" },
	{ "WINDOW_UPDATE of 3", "/raw/000003080000000000000000", TO_CONN, "WINDOW_UPDATE" },
	{ "window too wide", "/raw/0000040800000000007fffffff", TO_CONN, "2^31" },
	{ "too long a frame", "/raw/0040010001SSSSSSSS6161616161616161", TO_CONN, "SETTINGS_MAX_FRAME_SIZE" },
	{ "padding beyond the end", "/raw/0000010008SSSSSSSSff", TO_CONN, "padding" },
	{ "index 0", "/raw/0000010105SSSSSSSS80", TO_CONN, "HPACK" },
	{ "index beyond the table", "/raw/0000030105SSSSSSSSffff7f", TO_CONN, "HPACK" },
	{ "no end to a number", "/raw/00000a0105SSSSSSSSffffffffffffffffffff", TO_CONN, "HPACK" },
	{ "CONTINUATION alone", "/raw/0000010904SSSSSSSS88", TO_CONN, "CONTINUATION" },
	{ "PING in a header block", "/raw/0000010101SSSSSSSS880000080600000000000000000000000000", TO_CONN, "interrupted" },
	{ "too many CONTINUATIONs", "/continuation/9", TO_CONN, "CONTINUATION" },
	{ "push", "/push", TO_CONN, "PUSH_PROMISE" },
	{ "too large a head", "/bigfield/70000", TO_CONN, "larger than 64 KiB" },
	{ "too many fields", "/manyfields/200", TO_CONN, "128 fields" },
};

static const struct bad floods[] = {
	{ "PING", "/flood/20000/0000080600000000000000000000000000", TO_CONN, "flooded with PINGs" },
	{ "SETTINGS", "/flood/20000/000000040000000000", TO_CONN, "flooded with SETTINGS" },
	{ "empty DATA", "/flood/20000/0000000000SSSSSSSS/0000010104SSSSSSSS88", TO_CONN, "flooded with empty DATA" },
	{ "WINDOW_UPDATE", "/flood/20000/00000408000000000000000001", TO_CONN, "flooded with WINDOW_UPDATEs" },
	{ "RST_STREAM", "/flood/20000/0000040300SSSSSSSS00000008", TO_CONN, "CANCEL" },
	{ "PRIORITY", "/flood/20000/0000050200SSSSSSSS0000000010", TO_CONN, "flooded with PRIORITY" },
	{ "unknown", "/flood/20000/0000000b0000000000", TO_CONN, "flooded with PRIORITY or unknown" },
	{ "interim heads", "/flood/20000/0000050104SSSSSSSS0803313030", TO_CONN, "too many 1xx" },
};

/* A neighbour in flight, the bad one, and one that waits as two are as many as the server takes. */
static void one(struct story *s, const struct bad *b)
{
	long accepts = peer_stat(&s->peer, "accepts") + 1 + (b->harm == TO_CONN);
	char gate[40];
	struct req *held, *bad, *waits, *after;

	snprintf(gate, sizeof gate, "/gate/%ld", accepts);
	held = ASK(s, .path = gate);
	bad = ASK(s, .path = b->path);
	waits = ASK(s, .path = "/ok?waits");
	if (getenv("HARNESS_VERBOSE"))
		fprintf(stderr, "-- %s\n", b->name);
	RUN_UNTIL(s, bad->done && waits->done);
	peer_say(&s->peer, "open %ld", accepts);
	RUN_ALL(s);
	held->ask.path = NULL;
	/* A flood may end the bad one first, and then the one that waited is on its way when the connection ends. */
	if (waits->error && strstr(b->path, "flood"))
		CHECK_HAS(waits->error, "h2: flooded");
	else
		CHECK_LOG(waits, b->harm == TO_CONN ? "BIND CREATE NEW | [APPEND] CONNECTING [APPEND] FILTER EST READ COMPLETED DROP CLOSED DESTROY" : RODE);
	if (b->harm == TO_NONE)
		CHECK_EQ(bad->n[REASON_COMPLETED], 1);
	else {
		CHECK_EQ(bad->n[REASON_COMPLETED], 0);
		CHECK(bad->n[REASON_ERROR] || bad->n[REASON_CLOSED]);
	}
	if (bad->error && b->why && !strstr(bad->error, b->why))
		fail(__FILE__, __LINE__, "%s: the reason is \"%s\", without \"%s\"", b->name, bad->error, b->why);
	if (b->harm == TO_CONN) {
		CHECK_EQ(held->n[REASON_ERROR], 1);
		CHECK_HAS(held->error, "h2: ");
	} else
		CHECK_LOG(held, LED);
	after = ASK(s, .path = "/len/1000");
	RUN_ALL(s);
	CHECK_LOG(after, waits->error ? LED : RODE);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), accepts);
	peer_say(&s->peer, "drop-all");
	await(s, "wait-closed %ld", accepts);
}

int main(int argc, char **argv)
{
	const struct bad *list = IS(1, "floods") ? floods : rules;
	size_t i, n = IS(1, "floods") ? sizeof floods / sizeof *floods : sizeof rules / sizeof *rules;
	struct story *s;

	ONLY_H2();
	s = story_open(&(struct opts){ .peer = "--h2 max-streams=2" });
	for (i = 0; i < n; i++)
		one(s, list + i);
	return story_close(s);
}
