/*
 * permessage-deflate by lws_extension_callback_pm_deflate: offered as the program wrote it unless CLIENT_CONFIRM_EXTENSION_SUPPORTED says
 * no, agreed on or refused by the texts of semantics 4.6, with WS_EXT_DEFAULTS' options. echo: every size, each way of agreeing. bomb: what
 * inflates a thousandfold comes in pieces of rx_buffer_size, and memory does not grow. garbage: 1007 on the wire, one ending.
 */
#include "harness.h"
#include <sys/resource.h>

#define OFFER "permessage-deflate; client_no_context_takeover; client_max_window_bits"
#define OPENS "BIND CREATE NEW | [CONNECTING] CONFIRM APPEND EST"

static const struct lws_extension extensions[] = {
	{ "permessage-deflate", lws_extension_callback_pm_deflate, OFFER }, { NULL, NULL, NULL }
};

static const char *options;		/* what WS_EXT_DEFAULTS writes */
static int verdict, asked;		/* what it returns, and how often it came */

static void tune(struct story *s, struct lws_context_creation_info *info)
{
	info->extensions = extensions;
	info->options |= LWS_SERVER_OPTION_VALIDATE_UTF8;
	s->protocols[0].rx_buffer_size = 1000;
}

static int defaults(struct story *s, struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in)
{
	(void)s, (void)wsi;
	if (reason != LWS_CALLBACK_WS_EXT_DEFAULTS)
		return 0;
	CHECK_STR((char *)user, "permessage-deflate");
	CHECK_STR((char *)in, "");
	asked++;
	if (options)
		snprintf(in, 128, "%s", options);
	return verdict;
}

/* Ends it when a message has come back. */
static int echoes(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)len;
	if ((int)reason == REASON_CONFIRM)
		CHECK_STR((char *)in, "permessage-deflate");
	if ((int)reason != REASON_MESSAGE || r->ws.within)
		return 0;
	ws_reason(r, 1000, "");
	return -1;
}

static int sends(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	if ((int)reason == REASON_OPENED)
		lws_callback_on_writable(r->wsi);
	if ((int)reason == REASON_WS_WRITE && !r->sent++) {
		size_t n = (size_t)r->mine;

		CHECK_EQ(ws_send(r, n % 2 ? LWS_WRITE_TEXT : LWS_WRITE_BINARY, NULL, n), n);
	}
	return echoes(r, reason, in, len);
}

static void echo(struct story *s)
{
	static const char *const terms[] = {
		"deflate", "deflate=none", "deflate=server_no_context_takeover", "deflate=client_max_window_bits=9",
		"deflate=client_max_window_bits=8", "deflate=server_no_context_takeover;client_no_context_takeover;client_max_window_bits=12",
	};
	static const size_t sizes[] = { 0, 1, 999, 1000, 1001, 65536, 300001 };
	char path[200];
	size_t i, k;

	for (i = 0; i < sizeof terms / sizeof *terms; i++)
		for (k = 0; k < sizeof sizes / sizeof *sizes; k++) {
			struct req *r;

			snprintf(path, sizeof path, "/ws/echo?%s", terms[i]);
			asked = 0;
			r = ASK(s, .ws = 1, .path = path, .hook = sends, .mine = (void *)sizes[k]);
			RUN_ALL(s);
			CHECK_LOG(r, OPENS " FILTER OPENED WS_WRITE MESSAGE" WS_ENDED);
			CHECK_EQ(r->total, sizes[k]);
			CHECK_EQ(r->ws.sum, pattern_sum(sizes[k]));
			CHECK_EQ(r->ws.binary, !(sizes[k] % 2));
			CHECK(r->ws.largest <= 1000);
			CHECK_EQ(asked, 1);
			/* A window of 8 bits is one that zlib has not. */
			CHECK_HAS(peer_say(&s->peer, "ws-messages 1"), i == 4 ? "zipped=0" : "zipped=1");
			CHECK_HAS(peer_say(&s->peer, "ws-head"), OFFER);
		}
	CHECK_EQ(peer_stat(&s->peer, "violations"), 0);
}

static void withheld(struct story *s)
{
	struct req *r = ASK(s, .ws = 1, .path = "/ws/echo?deflate", .hook = sends, .mine = (void *)5000, .fail_at = REASON_CONFIRM);

	RUN_ALL(s);
	CHECK_LOG(r, OPENS " FILTER OPENED WS_WRITE MESSAGE" WS_ENDED);
	CHECK_LACKS(peer_say(&s->peer, "ws-head"), "xtensions");
	CHECK_HAS(peer_say(&s->peer, "ws-messages 1"), "zipped=0");
	CHECK_EQ(asked, 0);
}

/* "compression_level=9" and its like; tx_buf_size makes frames of 2^7 bytes of message. */
static void by_options(struct story *s)
{
	static const struct { const char *options; int verdict; const char *text; } bad[] = {
		{ "nonsense=1", 0, "HS: EXT: failed parsing defaults" }, { "compression_level=10", 0, "HS: EXT: failed parsing defaults" },
		{ "client_max_window_bits=x", 0, "HS: EXT: failed parsing defaults" }, { "", 1, "HS: EXT: failed setting defaults" },
	};
	struct req *r;
	size_t i;

	options = "compression_level=9; tx_buf_size=7";
	r = ASK(s, .ws = 1, .path = "/ws/echo?deflate", .hook = sends, .mine = (void *)1280);
	RUN_ALL(s);
	CHECK_EQ(r->ws.sum, pattern_sum(1280));
	CHECK_HAS(peer_say(&s->peer, "ws-messages 1"), "frames=10 zipped=1 len=1280");
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		options = bad[i].options;
		verdict = bad[i].verdict;
		r = ASK(s, .ws = 1, .path = "/ws/echo?deflate");
		RUN_ALL(s);
		CHECK_LOG(r, OPENS " ERROR DROP DESTROY");
		CHECK_HAS(r->error, bad[i].text);
	}
}

static void refused(struct story *s)
{
	static const struct { const char *ext, *text; } bad[] = {
		{ "other", "HS: EXT: unknown ext" }, { "permessage-deflate,%20other", "HS: EXT: unknown ext" },
		{ "permessage-deflate;%20unknown=1", "HS: EXT: failed parsing options" },
		{ "permessage-deflate;%20client_max_window_bits", "HS: EXT: failed parsing options" },
		{ "permessage-deflate;%20client_max_window_bits=08", "HS: EXT: failed parsing options" },
		{ "permessage-deflate;%20server_max_window_bits=16", "HS: EXT: Rejects server options" },
		{ "permessage-deflate,%20permessage-deflate", "HS: EXT: Rejects server options" },
	};
	char path[200];
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct req *r;

		snprintf(path, sizeof path, "/ws/echo?ext=%s", bad[i].ext);
		r = ASK(s, .ws = 1, .path = path);
		RUN_ALL(s);
		CHECK_LOG(r, OPENS " ERROR DROP DESTROY");
		CHECK_HAS(r->error, bad[i].text);
	}
}

static void bomb(struct story *s)
{
	struct rusage before, after;
	struct req *r;

	r = ASK(s, .ws = 1, .path = "/ws/send/bomb:1/close:1000?deflate");
	RUN_ALL(s);
	getrusage(RUSAGE_SELF, &before);
	r = ASK(s, .ws = 1, .path = "/ws/send/bomb:24/close:1000?deflate");
	RUN_ALL(s);
	getrusage(RUSAGE_SELF, &after);
	CHECK_EQ(r->total, 24 << 20);
	CHECK_EQ(r->ws.messages, 1);
	CHECK(r->ws.largest <= 1000);
	CHECK_EQ(r->ws.code, 1000);
	CHECK(after.ru_maxrss - before.ru_maxrss < 8 << 10);
}

/* What is no DEFLATE, what inflates to no text, and RSV1 where nothing is compressed. */
static void garbage(struct story *s)
{
	struct req *r = ASK(s, .ws = 1, .path = "/ws/send/hex:c103ffffff/text:never?deflate");

	RUN_ALL(s);
	CHECK_LOG(r, OPENS " FILTER OPENED" WS_ENDED);
	CHECK_STR(ws_heard(s, 1), "1007");
	r = ASK(s, .ws = 1, .path = "/ws/send/text:a%c3(/text:never?deflate");
	RUN_ALL(s);
	CHECK_EQ(r->n[REASON_CLOSED], 1);
	CHECK_EQ(r->ws.messages, 0);
	CHECK_STR(ws_heard(s, 2), "1007");
	r = ASK(s, .ws = 1, .path = "/ws/send/hex:c10161/text:never");
	RUN_ALL(s);
	CHECK_EQ(r->ws.messages, 0);
	CHECK_STR(ws_heard(s, 3), "1002");
}

int main(int argc, char **argv)
{
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(2, "tls"), .peer = WS_PEER, .tune = tune, .vhost_hook = defaults });
	if (IS(1, "withheld"))
		withheld(s);
	else if (IS(1, "options"))
		by_options(s);
	else if (IS(1, "refused"))
		refused(s);
	else if (IS(1, "bomb"))
		bomb(s);
	else if (IS(1, "garbage"))
		garbage(s);
	else
		echo(s);
	return story_close(s);
}
