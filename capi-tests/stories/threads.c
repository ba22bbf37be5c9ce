/*
 * Contract 5.2 on h2: while one thread serves, another connects, asks for WRITEABLE, writes bodies, credits, pauses and cancels streams of
 * a connection that is busy. Everything that was not cancelled completes, each body whole.
 */
#include "harness.h"
#include <pthread.h>

enum { ROUNDS = 60, PIECE = 700, PIECES = 9 };

static char text[PIECE * PIECES];

/* Its body is written by the other thread. */
static int leave_it(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	unsigned char **p = in;
	char number[24];
	int n;

	if (reason == REASON_WRITE)
		return HOOK_DONE;
	if (reason != REASON_APPEND)
		return 0;
	n = snprintf(number, sizeof number, "%d", PIECE * PIECES);
	CHECK(!lws_add_http_header_by_token(r->wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, (unsigned char *)number, n, p, *p + len));
	lws_client_http_body_pending(r->wsi, 1);
	__atomic_store_n(&r->mine, r, __ATOMIC_SEQ_CST);
	return HOOK_DONE;
}

static void write_it(struct req *r)
{
	unsigned char buf[LWS_PRE + PIECE];
	int i;

	/* Until its head is out nothing is taken. */
	for (i = 0; i < PIECES; i++) {
		memcpy(buf + LWS_PRE, text + i * PIECE, PIECE);
		while (lws_write(r->wsi, buf + LWS_PRE, PIECE, i + 1 < PIECES ? LWS_WRITE_HTTP : LWS_WRITE_HTTP_FINAL) != PIECE)
			lws_callback_on_writable(r->wsi);
	}
}

static void *from_outside(void *arg)
{
	struct req *post, *get, *held, *slow;
	struct story *s = arg;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		post = ASK(s, .path = "/echo", .method = "POST", .hook = leave_it);
		get = ASK(s, .path = "/len/30000");
		slow = ASK(s, .path = "/len/30000", .flags = LCCSCF_H2_MANUAL_RXFLOW, .credit = 1000);
		held = ASK(s, .path = "/gate/never");
		lws_callback_on_writable(get->wsi);
		lws_rx_flow_control(get->wsi, 0);
		while (!__atomic_load_n(&post->mine, __ATOMIC_SEQ_CST))
			lws_cancel_service(s->cx);
		write_it(post);
		while (lws_wsi_tx_credit(slow->wsi, LWSTXCR_PEER_TO_US, 40000))
			lws_cancel_service(s->cx);
		lws_rx_flow_control(get->wsi, 1);
		lws_set_timeout(held->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
	}
	__atomic_store_n(&s->mine, s, __ATOMIC_SEQ_CST);
	lws_cancel_service(s->cx);
	return NULL;
}

int main(void)
{
	struct story *s;
	pthread_t t;
	size_t i;

	ONLY_H2();
	for (i = 0; i < sizeof text; i++)
		text[i] = (char)('a' + i * i % 26);
	s = story_open(&(struct opts){ 0 });
	CHECK(!pthread_create(&t, NULL, from_outside, s));
	RUN_UNTIL(s, __atomic_load_n(&s->mine, __ATOMIC_SEQ_CST));
	pthread_join(t, NULL);
	RUN_ALL(s);
	CHECK_EQ(s->n_reqs, 4 * ROUNDS);
	for (i = 0; i < s->n_reqs; i++) {
		struct req *r = s->reqs[i];

		CHECK_EQ(r->n[REASON_COMPLETED], i % 4 != 3);
		if (i % 4 == 0) {
			CHECK_EQ(r->total, sizeof text);
			CHECK_EQ(r->sum, fnv(text, sizeof text, FNV_START));
		} else if (i % 4 < 3)
			CHECK_EQ(r->total, 30000);
	}
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
	return story_close(s);
}
