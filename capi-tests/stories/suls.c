#include "harness.h"
enum { N = 100000 };
static lws_sorted_usec_list_t *sul; static unsigned fired, order_bad; static lws_usec_t lastus; static int re;
static struct lws_context *cx;
static void f(lws_sorted_usec_list_t *s) { fired++; if (s->us < lastus) order_bad++; lastus = s->us; }
static void again(lws_sorted_usec_list_t *s) { if (++re < 5) lws_sul_schedule(cx, 0, s, again, 0); }
static lws_sorted_usec_list_t x, y;
static void cancels(lws_sorted_usec_list_t *s) { (void)s; fired++; lws_sul_cancel(&y); memset(&y, 0xff, sizeof y); }
int main(void)
{
	struct story *s = story_open(&(struct opts){ .no_peer = 1 });
	double t = now(); int i;
	cx = s->cx; sul = calloc(N, sizeof *sul);
	lws_service(cx, -1);
	for (i = 0; i < N; i++) lws_sul_schedule(cx, 0, &sul[i], f, (i * 7919L) % 100000);
	for (i = 0; i < N; i += 2) { if (i % 4) lws_sul_cancel(&sul[i]); else lws_dll2_remove(&sul[i].list); }
	while (fired < N / 2) lws_service(cx, 0);
	CHECK_EQ(order_bad, 0);
	fprintf(stderr, "%u in %g\n", fired, now() - t);
	lws_sul_schedule(cx, 0, &x, again, 0);
	i = 0; while (re < 5) lws_service(cx, -1), i++;
	fprintf(stderr, "re: %d passes\n", i);
	fired = 0; lws_sul_schedule(cx, 0, &x, cancels, 1); lws_sul_schedule(cx, 0, &y, f, 1);
	for (i = 0; i < 100; i++) lws_service(cx, -1);
	CHECK_EQ(fired, 1);
	memset(&y, 0, sizeof y);
	/* stale after destroy, and a later context's timers */
	lws_sul_schedule(cx, 0, &x, f, 1000000);
	for (i = 0; i < 4080; i++) { struct lws_context_creation_info in; memset(&in, 0, sizeof in); in.port = CONTEXT_PORT_NO_LISTEN; if (i == 0) { lws_sul_schedule(cx, 0, &x, NULL, LWS_SET_TIMER_USEC_CANCEL); }
		struct lws_context *c = lws_create_context(&in); if (i == 0) { lws_sul_schedule(c, 0, &x, f, 100000000); } lws_context_destroy(c);
		if (i == 4078) { } }
	struct lws_context_creation_info in; memset(&in, 0, sizeof in); in.port = CONTEXT_PORT_NO_LISTEN;
	int hit = 0;
	for (i = 0; i < 4100 && !hit; i++) { struct lws_context *c = lws_create_context(&in); fired = 0;
		lws_sul_schedule(c, 0, &y, f, 1); lws_dll2_t keep = x.list; lws_sul_cancel(&x); x.list = keep; 
		double t0 = now(); while (now() - t0 < 0.0002) lws_service(c, -1);
		if (!fired) { lws_service(c, 2); if (!fired) { hit = 1; fprintf(stderr, "a stale timer cancelled another context's (round %d)\n", i);} }
		lws_sul_cancel(&y); lws_context_destroy(c); }
	CHECK_EQ(hit, 0);
	return story_close(s);
}
