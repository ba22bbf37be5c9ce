/*
 * An exception out of RECEIVE_CLIENT_HTTP_READ that the program catches around its lws_http_client_read(): it counts as a
 * callback that returned -1, and the bytes behind the piece are there for the next read.
 */
#include "harness.h"
#include <string>

static std::string all;
static int thrown, say_no;

static int hook(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	if (reason == REASON_RECEIVE) {
		char space[LWS_PRE + 65536], *p = space + LWS_PRE;
		int n = 65536; r->reading = 1;
		try {
			lws_http_client_read(r->wsi, &p, &n);
		} catch (int) {
			thrown++;
			lws_callback_on_writable(r->wsi);
		}
		return HOOK_DONE;
	}
	if (reason == REASON_WRITE) {
		char space[LWS_PRE + 65536], *p = space + LWS_PRE;
		int n = 65536; r->reading = 1;
		lws_http_client_read(r->wsi, &p, &n);
		return HOOK_DONE;
	}
	if (reason == REASON_READ) {
		all.append((char *)in, len);
		if (all.size() >= 30000 && !thrown) {
			if (!say_no) throw 1;
			thrown++; lws_callback_on_writable(r->wsi); return -1;
		}
		return HOOK_DONE;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct opts o;
	struct ask q;
	memset(&o, 0, sizeof o);
	memset(&q, 0, sizeof q);
	say_no = IS(1, "no");
	struct story *s = story_open(&o);
	q.path = "/chunked/10000,10000,10000,10000,10000,10000";
	struct req *b = ask(s, &q);
	RUN_ALL(s);
	q.hook = hook;
	struct req *a = ask(s, &q);
	double t = now();
	while (!a->done && now() - t < 5)
		lws_service(s->cx, 100);
	fprintf(stderr, "thrown %d total %zu of %zu done %d\n", thrown, all.size(), b->total, a->done);
	CHECK_EQ(all.size(), b->total);
	CHECK_EQ(fnv(all.data(), all.size(), FNV_START), b->sum);
	CHECK_EQ(a->n[REASON_COMPLETED], 1);
	return story_close(s);
}
