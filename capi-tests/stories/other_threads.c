/*
 * A context belongs to no thread.
 * abc: created and asked in one thread, served in a second, destroyed in a third.
 * turns: two threads serve in turn under the program's mutex.
 * third: while one thread serves, another connects, asks for WRITEABLE, cancels and wakes.
 * second: a second lws_service() at the same time is refused with a log line.
 */
#include "harness.h"
#include <pthread.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static void in_thread(void *(*what)(void *), void *arg)
{
	pthread_t t;

	CHECK(!pthread_create(&t, NULL, what, arg));
	pthread_join(t, NULL);
}

static void *create(void *arg)
{
	struct story *s = arg;
	int i;

	story_context(s);
	for (i = 0; i < 5; i++)
		ASK(s, .path = "/ok");
	return NULL;
}

static void *serve(void *arg)
{
	struct story *s = arg;

	RUN_ALL(s);
	return NULL;
}

static void *destroy(void *arg)
{
	struct story *s = arg;

	story_destroy(s);
	s->cx = NULL;
	return NULL;
}

static void *serve_in_turn(void *arg)
{
	struct story *s = arg;

	for (;;) {
		pthread_mutex_lock(&turn);
		if (!s->alive) {
			pthread_mutex_unlock(&turn);
			return NULL;
		}
		step(s);
		pthread_mutex_unlock(&turn);
	}
}

static void turns(struct story *s)
{
	pthread_t t;
	int i;

	for (i = 0; i < 200; i++)
		ASK(s, .path = "/ok");
	CHECK(!pthread_create(&t, NULL, serve_in_turn, s));
	serve_in_turn(s);
	pthread_join(t, NULL);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
}

static void *from_outside(void *arg)
{
	struct story *s = arg;
	struct req *r, *held = ASK(s, .path = "/gate/x");
	int i;

	for (i = 0; i < 100; i++) {
		r = ASK(s, .path = "/ok", .solo = i % 3 == 0);
		lws_callback_on_writable(r->wsi);
		lws_cancel_service(s->cx);
		if (i % 5 == 0)
			lws_set_timeout(r->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
	}
	lws_set_timeout(held->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
	__atomic_store_n(&s->mine, s, __ATOMIC_SEQ_CST);
	lws_cancel_service(s->cx);
	return NULL;
}

static void third(struct story *s)
{
	pthread_t t;

	CHECK(!pthread_create(&t, NULL, from_outside, s));
	RUN_UNTIL(s, __atomic_load_n(&s->mine, __ATOMIC_SEQ_CST));
	pthread_join(t, NULL);
	RUN_ALL(s);
	CHECK_EQ(s->n_reqs, 101);
	CHECK(s->cancelled > 0);
}

static int second_result = 1;

static void *second_service(void *arg)
{
	second_result = lws_service(((struct story *)arg)->cx, 0);
	return NULL;
}

static int while_in_a_callback(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == REASON_EST)
		in_thread(second_service, r->story);
	return 0;
}

int main(int argc, char **argv)
{
	struct story *s;
	size_t mark;

	ONLY_OURS();
	s = story_open(&(struct opts){ .no_context = IS(1, "abc"), .tls = IS(2, "tls") });
	if (IS(1, "abc")) {
		in_thread(create, s);
		in_thread(serve, s);
		CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
		in_thread(destroy, s);
		in_thread(create, s);		/* another, destroyed with requests on their way */
		in_thread(destroy, s);
	} else if (IS(1, "turns")) {
		turns(s);
	} else if (IS(1, "third")) {
		third(s);
	} else {
		mark = log_mark();
		ASK(s, .path = "/ok", .hook = while_in_a_callback);
		RUN_ALL(s);
		CHECK_EQ(second_result, -1);
		CHECK(*logged_since(mark));
	}
	return story_close(s);
}
