/*
 * lws_rx_flow_control() and windows by hand on h2: a request that takes nothing gets nothing, no matter how much the others get, and
 * then gets all of it, in order. est, read: paused there, and resumed by another's callback; timer: resumed by a timer. manual: the server
 * sends what the program credits. credit: how an upload hears of the window that the server opens.
 */
#include "harness.h"

enum { BIG = 3000000 };

static struct req *big;
static size_t paused_at, completed;
static int pause_in;
static lws_sorted_usec_list_t sul;

static unsigned sum_of(size_t n)
{
	unsigned sum = FNV_START;
	size_t i;

	for (i = 0; i < n; i++)
		sum = fnv(&"abcdefghijklmnopqrstuvwxyz"[i % 26], 1, sum);
	return sum;
}

static int pausing(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	(void)len;
	if ((int)reason == pause_in && !r->mine) {
		r->mine = r;
		paused_at = r->total;
		CHECK_EQ(lws_rx_flow_control(r->wsi, 0), 0);
	}
	return 0;
}

static void resume(void)
{
	CHECK_EQ(big->total, paused_at);
	CHECK(!big->done);
	CHECK_EQ(lws_rx_flow_control(big->wsi, 1), 0);
}

static int resuming(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == REASON_COMPLETED && ++completed == 20 && pause_in && r->story->mine)
		resume();
	return 0;
}

static void later(lws_sorted_usec_list_t *self)
{
	(void)self;
	resume();
}

static void paused(struct story *s, int where, int by_timer)
{
	int i;

	pause_in = where;
	s->mine = by_timer ? NULL : s;
	big = ASK(s, .path = "/len/3000000", .hook = pausing);
	RUN_UNTIL(s, big->mine);
	for (i = 0; i < 20; i++)
		ASK(s, .path = "/len/100000", .hook = resuming);
	RUN_UNTIL(s, completed == 20);
	if (by_timer) {
		CHECK_EQ(big->total, paused_at);
		lws_sul_schedule(s->cx, 0, &sul, later, 20000);
	}
	RUN_ALL(s);
	for (i = 1; i <= 20; i++)
		CHECK_EQ(s->reqs[i]->total, 100000);
	CHECK_EQ(big->n[REASON_COMPLETED], 1);
	CHECK_EQ(big->total, BIG);
	CHECK_EQ(big->sum, sum_of(BIG));
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
}

/* A whole request of the others' passes, there and back. */
static void pass(struct story *s)
{
	struct req *r = ASK(s, .path = "/len/40000");

	RUN_UNTIL(s, r->done);
	CHECK_EQ(r->total, 40000);
}

static int crediting(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	if (reason == REASON_READ && r->mine)
		CHECK_EQ(lws_wsi_tx_credit(r->wsi, LWSTXCR_PEER_TO_US, (int)len), 0);
	return 0;
}

static void manual(struct story *s)
{
	struct req *r = ASK(s, .path = "/len/20000", .flags = LCCSCF_H2_MANUAL_RXFLOW, .credit = 1000, .hook = crediting);

	pass(s);
	RUN_UNTIL(s, r->total == 1000);
	pass(s);
	CHECK_EQ(r->total, 1000);
	CHECK_EQ(lws_wsi_tx_credit(r->wsi, LWSTXCR_PEER_TO_US, 0), 0);
	CHECK_EQ(lws_wsi_tx_credit(r->wsi, LWSTXCR_PEER_TO_US, 500), 0);
	CHECK_EQ(lws_wsi_tx_credit(r->wsi, LWSTXCR_PEER_TO_US, 0), 500);
	RUN_UNTIL(s, r->total == 1500);
	pass(s);
	CHECK_EQ(r->total, 1500);
	CHECK_EQ(lws_wsi_tx_credit(r->wsi, LWSTXCR_PEER_TO_US, -1), -1);
	/* From now on as much as was read. */
	r->mine = r;
	CHECK_EQ(lws_wsi_tx_credit(r->wsi, LWSTXCR_PEER_TO_US, 100), 0);
	RUN_ALL(s);
	CHECK_EQ(r->total, 20000);
	CHECK_EQ(r->sum, sum_of(20000));
	CHECK_LOG(r, LED);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
}

static size_t credited;

static int told(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	if (reason != LWS_CALLBACK_WSI_TX_CREDIT_GET)
		return 0;
	CHECK(len > 0);
	CHECK(!r->n[REASON_COMPLETED]);
	credited += len;
	return 0;
}

static void credit(struct story *s)
{
	static char body[100000];
	struct req *r;

	memset(body, 'b', sizeof body);
	r = ASK(s, .path = "/echo", .method = "POST", .body = body, .body_len = sizeof body, .pieces = 20, .hook = told,
		.flags = LCCSCF_H2_MANUAL_RXFLOW, .credit = sizeof body);
	RUN_ALL(s);
	CHECK_EQ(r->n[REASON_COMPLETED], 1);
	CHECK_EQ(r->sum, fnv(body, sizeof body, FNV_START));
	CHECK(r->n[LWS_CALLBACK_WSI_TX_CREDIT_GET] > 0);
	/* What it began with, and what it was told of, are enough for the body. */
	CHECK(credited + 10000 >= sizeof body);
	CHECK(credited <= sizeof body);
}

int main(int argc, char **argv)
{
	struct story *s;

	ONLY_H2();
	s = story_open(&(struct opts){ .peer = IS(1, "credit") ? "--h2 window=10000" : NULL });
	if (IS(1, "manual"))
		manual(s);
	else if (IS(1, "credit"))
		credit(s);
	else
		paused(s, IS(1, "est") ? REASON_EST : REASON_READ, IS(1, "timer"));
	return story_close(s);
}
