/*
 * two: two contexts in two threads know nothing of each other. outside: while one thread serves, another opens WebSockets, writes, pings,
 * pauses and ends them; what was written arrives, in order.
 */
#include "harness.h"
#include <pthread.h>

enum { ROUNDS = 30, MESSAGES = 20 };

/* Sends so many, each when the last one came back. */
static int echoes(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in, (void)len;
	if ((int)reason == REASON_OPENED || ((int)reason == REASON_MESSAGE && lws_is_final_fragment(r->wsi) && r->ws.messages < MESSAGES))
		lws_callback_on_writable(r->wsi);
	if ((int)reason == REASON_WS_WRITE)
		return ws_send(r, LWS_WRITE_BINARY, NULL, 5000) == 5000 ? 0 : -1;
	if ((int)reason == REASON_MESSAGE && r->ws.messages == MESSAGES) {
		ws_reason(r, 1000, "");
		return -1;
	}
	return 0;
}

static void *use(void *arg)
{
	struct story *s = arg;
	size_t round, i, n = 8, at;

	for (round = 0; round < 3; round++) {
		story_context(s);
		at = s->n_reqs;
		for (i = 0; i < n; i++)
			ASK(s, .ws = 1, .path = "/ws/echo", .hook = echoes, .quiet = 1);
		RUN_ALL(s);
		for (i = at; i < s->n_reqs; i++) {
			CHECK_EQ(s->reqs[i]->ws.messages, MESSAGES);
			CHECK_EQ(s->reqs[i]->ws.sum, pattern_sum(5000));
		}
		ASK(s, .ws = 1, .path = "/ws/echo");
		story_destroy(s);
		s->cx = NULL;
	}
	return NULL;
}

static int two(void)
{
	struct opts o = { .no_context = 1, .no_fd_check = 1, .peer = WS_PEER };
	struct story *s[2];
	pthread_t t[2];
	int i, fds;

	for (i = 0; i < 2; i++)
		s[i] = story_open(&o);
	fds = count_fds();
	for (i = 0; i < 2; i++)
		CHECK(!pthread_create(&t[i], NULL, use, s[i]));
	for (i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	CHECK_EQ(count_fds(), fds);
	for (i = 0; i < 2; i++)
		story_close(s[i]);
	return 0;
}

/* `mine` tells the other thread that it is open. */
static int tells(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in, (void)len;
	if ((int)reason == REASON_MESSAGE || (int)reason == REASON_PONG)
		__atomic_store_n(&r->mine, r, __ATOMIC_SEQ_CST);
	return 0;
}

static void await_open(struct req *r)
{
	while (!__atomic_load_n(&r->mine, __ATOMIC_SEQ_CST))
		lws_cancel_service(r->story->cx);
}

static void *from_outside(void *arg)
{
	struct story *s = arg;
	int round, i;

	for (round = 0; round < ROUNDS; round++) {
		struct req *r = ASK(s, .ws = 1, .path = "/ws/echo", .body = "x", .body_len = 1, .hook = tells);
		struct req *killed = ASK(s, .ws = 1, .path = "/ws/echo", .hook = tells);

		await_open(r);
		lws_rx_flow_control(r->wsi, 0);
		for (i = 0; i < MESSAGES; i++) {
			CHECK_EQ(ws_send(r, LWS_WRITE_BINARY, NULL, 1000), 1000);
			CHECK_EQ(ws_send(r, LWS_WRITE_PING, "p", 1), 1);
		}
		lws_callback_on_writable(r->wsi);
		lws_rx_flow_control(r->wsi, 1);
		lws_set_timeout(killed->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
	}
	__atomic_store_n(&s->mine, s, __ATOMIC_SEQ_CST);
	lws_cancel_service(s->cx);
	return NULL;
}

static void outside(struct story *s)
{
	pthread_t t;
	size_t i;

	CHECK(!pthread_create(&t, NULL, from_outside, s));
	RUN_UNTIL(s, __atomic_load_n(&s->mine, __ATOMIC_SEQ_CST));
	pthread_join(t, NULL);
	for (i = 0; i < s->n_reqs; i += 2) {
		struct req *r = s->reqs[i];

		RUN_UNTIL(s, r->ws.messages == 1 + MESSAGES && r->ws.pongs == MESSAGES);
		CHECK_EQ(r->total, 1 + MESSAGES * 1000);
		CHECK_EQ(r->ws.sum, pattern_sum(1000));
		RUN_UNTIL(s, s->reqs[i + 1]->done);
	}
}

int main(int argc, char **argv)
{
	struct story *s;

	ONLY_OURS();
	if (IS(1, "two"))
		return two();
	s = story_open(&(struct opts){ .peer = WS_PEER, .tls = IS(2, "tls") });
	outside(s);
	return story_close(s);
}
