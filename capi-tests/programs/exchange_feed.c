/*
 * A subscriber to an exchange's feed that never gives up: every connection ends sooner or later, lws_retry_sul_schedule_retry_wsi()
 * makes the next, which goes on where the last one stopped; a PING finds out whether a silent one still lives.
 */
#include "program.h"

static const uint32_t backoff_ms[] = { 20, 40, 80, 160 };

static const lws_retry_bo_t retry = {
	backoff_ms,
	LWS_ARRAY_SIZE(backoff_ms),
	LWS_RETRY_CONCEAL_ALWAYS,
	1,				/* seconds of silence until a PING */
	2,				/* and until the end */
	20,
};

static struct feed {
	struct lws_context *cx;
	struct target target;
	struct lws *wsi;
	lws_sorted_usec_list_t again;
	uint16_t tries;
	unsigned attempts, pongs;
	unsigned last, gaps, seen;	/* sequence numbers: the last, those left out or repeated, the last that was acknowledged */
	uint32_t sum;
	char message[256];
	size_t gathered;
	int finished, over;		/* the feed; and the program */
} feed;

static void connect_again(lws_sorted_usec_list_t *sul)
{
	struct feed *f = lws_container_of(sul, struct feed, again);
	struct lws_client_connect_info i;
	char path[64];

	snprintf(path, sizeof path, "/feed?stream=trades&after=%u", f->last);
	say("---- attempt %u: %s", ++f->attempts, path);
	fill_connect(&i, &f->target, f->cx, path, "feed");
	i.pwsi = &f->wsi;
	i.userdata = f;
	i.retry_and_idle_policy = &retry;
	if (lws_client_connect_via_info(&i))
		return;
	/* nothing that is in our hands: the same way as when it fails later */
	if (lws_retry_sul_schedule(f->cx, 0, sul, &retry, connect_again, &f->tries)) {
		say("gave up");
		f->over = 1;
	}
}

static void come_back(struct feed *f, struct lws *wsi)
{
	f->gathered = 0;		/* half a message is none */
	f->wsi = NULL;
	if (f->finished) {
		f->over = 1;
		return;
	}
	if (lws_retry_sul_schedule_retry_wsi(wsi, &f->again, connect_again, &f->tries)) {
		say("gave up");
		f->over = 1;
		return;
	}
	say("try %u", f->tries);
}

static void one_trade(struct feed *f)
{
	unsigned seq;

	f->message[f->gathered] = '\0';
	if (sscanf(f->message, "{\"seq\":%u,", &seq) != 1) {
		say("not a trade: %s", f->message);
		return;
	}
	if (seq != f->last + 1)
		f->gaps++;
	f->last = seq;
	f->sum = fnv1a(f->message, f->gathered, f->sum);
	if (seq % 5 == 0)		/* a checkpoint */
		lws_callback_on_writable(f->wsi);
}

static int receive(struct lws *wsi, struct feed *f, const char *in, size_t len)
{
	if (f->gathered + len >= sizeof f->message)
		return -1;
	memcpy(f->message + f->gathered, in, len);
	f->gathered += len;
	if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi))
		return 0;
	one_trade(f);
	f->gathered = 0;
	return 0;
}

static int acknowledge(struct lws *wsi, struct feed *f)
{
	unsigned char buf[LWS_PRE + 32];
	int n;

	if (f->last == f->seen || f->last % 5)
		return 0;
	f->seen = f->last;
	n = snprintf((char *)buf + LWS_PRE, sizeof buf - LWS_PRE, "seen %u", f->last);
	return lws_write(wsi, buf + LWS_PRE, (size_t)n, LWS_WRITE_TEXT) < n ? -1 : 0;
}

static void peer_closes(struct feed *f, const unsigned char *in, size_t len)
{
	unsigned code = len >= 2 ? (unsigned)(in[0] << 8 | in[1]) : 0;

	say("peer closes: %u '%.*s'", code, len > 2 ? (int)len - 2 : 0, (const char *)in + 2);
	if (code == LWS_CLOSE_STATUS_NORMAL)
		f->finished = 1;
}

static int callback_feed(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct feed *f = (struct feed *)user;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		say("established");
		f->tries = 0;
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return receive(wsi, f, (const char *)in, len);
	case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
		f->pongs++;
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return acknowledge(wsi, f);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		peer_closes(f, (const unsigned char *)in, len);
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("connection error");
		come_back(f, wsi);
		break;
	case LWS_CALLBACK_CLIENT_CLOSED:
		say("closed after %u, %08x, %u gaps", f->last, f->sum, f->gaps);
		come_back(f, wsi);
		break;
	default:
		break;
	}
	return lws_callback_http_dummy(wsi, reason, user, in, len);
}

static const struct lws_protocols protocols[] = {
	{ "feed", callback_feed, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 }
};

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;

	feed.target = begin(argc, argv);
	feed.sum = FNV_START;
	fill_context(&info, &feed.target, protocols);
	feed.cx = lws_create_context(&info);
	if (!feed.cx)
		return 1;
	lws_sul_schedule(feed.cx, 0, &feed.again, connect_again, 1);
	while (!feed.over && lws_service(feed.cx, 0) >= 0)
		;
	say("%u trades in %u attempts, %u gaps, %08x, pongs: %s", feed.last, feed.attempts, feed.gaps, feed.sum,
	    feed.pongs ? "yes" : "no");
	lws_sul_cancel(&feed.again);
	lws_context_destroy(feed.cx);
	say("end");
	return 0;
}
