/* A raw client: RAW_CONNECTED, RX in pieces of rx_buffer_size, WRITEABLE, CLOSE; plain, over TLS and on a unix socket; beside a queue. */
#include "harness.h"
#include <unistd.h>

#define LIVED "RAW_BIND CREATE | CONNECTING RAW_CONNECTED RAW_WRITE RX RAW_DROP RAW_CLOSE DESTROY"

static const char asked[] = "GET /len/20000 HTTP/1.1\r\nHost: raw\r\nConnection: close\r\n\r\n";
static size_t largest;

struct talk {
	size_t enough;			/* end after so many bytes; 0: when the peer does */
	int verdict;			/* what RAW_RX returns */
	int paused;
};

static int says(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	struct talk *t = r->mine;
	unsigned char buf[LWS_PRE + sizeof asked];

	(void)in;
	switch ((int)reason) {
	case LWS_CALLBACK_RAW_CONNECTED:
		CHECK(lws_get_network_wsi(r->wsi) == r->wsi);
		CHECK(lws_get_socket_fd(r->wsi) >= 0);
		CHECK_EQ(lws_callback_on_writable(r->wsi), 1);
		break;
	case LWS_CALLBACK_RAW_WRITEABLE:
		memcpy(buf + LWS_PRE, asked, sizeof asked - 1);
		CHECK_EQ(lws_write(r->wsi, buf + LWS_PRE, sizeof asked - 1, LWS_WRITE_RAW), sizeof asked - 1);
		return 1;			/* only a negative return closes */
	case LWS_CALLBACK_RAW_RX:
		if (len > largest)
			largest = len;
		if (t->paused)
			fail(__FILE__, __LINE__, "RAW_RX while it is paused");
		if (t->enough && r->total >= t->enough)
			return t->verdict;
		break;
	default:
		break;
	}
	return 0;
}

static void small_pieces(struct story *s, struct lws_context_creation_info *info)
{
	(void)info;
	s->protocols[0].rx_buffer_size = 1000;
}

static struct req *raw(struct story *s, struct talk *t, const char *address, hook_fn hook)
{
	return ASK(s, .method = "RAW", .address = address, .hook = hook ? hook : says, .mine = t);
}

/* The whole response, as it is: head and body. */
static void to_the_end(struct story *s, const char *address)
{
	struct talk t = { 0 };
	struct req *a = raw(s, &t, address, NULL);

	RUN_ALL(s);
	CHECK_LOG(a, LIVED);
	CHECK_HAS(a->body, "HTTP/1.1 200");
	CHECK(a->total > 20000 && a->total < 21000);
	CHECK_EQ(largest, 1000);
}

static void ends_it(struct story *s)
{
	struct talk t = { .enough = 3000, .verdict = -1 }, on = { .enough = 3000, .verdict = 1 };
	struct req *a = raw(s, &t, NULL, NULL), *b;

	RUN_ALL(s);
	CHECK_LOG(a, LIVED);
	CHECK(a->total < 20000);
	b = raw(s, &on, NULL, NULL);
	RUN_ALL(s);
	CHECK(b->total > 20000);
}

static int refuses(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)r, (void)in, (void)len;
	return (int)reason == LWS_CALLBACK_RAW_CONNECTED ? -1 : 0;
}

static int kills(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in, (void)len;
	if ((int)reason == LWS_CALLBACK_RAW_CONNECTED)
		kill_req(r, 0);
	return 0;
}

static void does_not_begin(struct story *s)
{
	struct talk t = { 0 };
	struct req *a = raw(s, &t, NULL, refuses), *b, *c;

	RUN_ALL(s);
	CHECK_LOG(a, "RAW_BIND CREATE | CONNECTING RAW_CONNECTED ERROR RAW_DROP DESTROY");
	CHECK_HAS(a->error, "RawConnected");
	b = raw(s, &t, "+/no/such/socket", NULL);
	RUN_ALL(s);
	CHECK_LOG(b, "RAW_BIND CREATE | [CONNECTING] ERROR RAW_DROP DESTROY");
	c = raw(s, &t, NULL, kills);
	RUN_ALL(s);
	CHECK_LOG(c, "RAW_BIND CREATE | CONNECTING RAW_CONNECTED RAW_DROP RAW_CLOSE DESTROY");
}

/* Paused: nothing is handed out while others are served; then all of it. */
static int pauses(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	struct talk *t = r->mine;
	int ret = says(r, reason, in, len);

	if ((int)reason == LWS_CALLBACK_RAW_RX && r->n[REASON_READ] == 1) {
		t->paused = 1;
		CHECK_EQ(lws_rx_flow_control(r->wsi, 0), 0);
	}
	return ret;
}

static void is_paused(struct story *s)
{
	struct talk t = { 0 };
	struct req *a = raw(s, &t, NULL, pauses), *b;

	RUN_UNTIL(s, t.paused);
	b = ASK(s, .path = "/ok");
	RUN_UNTIL(s, b->done);
	CHECK_EQ(a->total, 1000);
	t.paused = 0;
	CHECK_EQ(lws_rx_flow_control(a->wsi, 1), 0);
	RUN_ALL(s);
	CHECK_LOG(a, LIVED);
	CHECK(a->total > 20000);
}

/* It neither joins a queue nor has one, though it asks to share. */
static void shares_nothing(struct story *s)
{
	struct talk t = { 0 };
	struct req *a = ASK(s, .path = "/gate/x"), *b = raw(s, &t, NULL, NULL), *c = ASK(s, .path = "/ok");

	RUN_UNTIL(s, b->done);
	CHECK(!a->done && !c->done);
	await(s, "open x");
	RUN_ALL(s);
	CHECK_LOG(c, RODE);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 2);
}

static void destroyed(struct story *s)
{
	struct talk t = { 0 }, other = { 0 };
	struct req *a = raw(s, &t, NULL, pauses), *b = raw(s, &other, NULL, says);

	RUN_UNTIL(s, t.paused);
	story_destroy(s);
	CHECK(a->done && b->done);
	CHECK_EQ(a->n[REASON_CLOSED], 1);
}

int main(int argc, char **argv)
{
	char options[200] = "", path[100];
	struct story *s;

	ONLY_OURS();
	snprintf(path, sizeof path, "+/tmp/broadside-raw-%d", (int)getpid());
	if (IS(1, "unix"))
		snprintf(options, sizeof options, "--listen unix:%s", path + 1);
	s = story_open(&(struct opts){ .peer = options, .tls = IS(2, "tls"), .tune = small_pieces });
	if (IS(1, "ends"))
		ends_it(s);
	else if (IS(1, "fails"))
		does_not_begin(s);
	else if (IS(1, "paused"))
		is_paused(s);
	else if (IS(1, "alone"))
		shares_nothing(s);
	else if (IS(1, "destroy"))
		destroyed(s);
	else
		to_the_end(s, IS(1, "unix") ? path : NULL);
	return story_close(s);
}
