/*
 * lws_http_client_read() from inside RECEIVE_CLIENT_HTTP_READ: bytes come in the order they were sent, and the response is
 * complete, whatever the program's buffer is.
 */
#include "harness.h"

static size_t size;
static int depth, deepest, most;
static unsigned sum = FNV_START;
static size_t total;

static int hook(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	if (reason == REASON_RECEIVE || reason == REASON_READ) {
		char space[LWS_PRE + size], *p = space + LWS_PRE;
		int n = (int)size;
		if (reason == REASON_READ) {
			sum = fnv(in, len, sum);
			total += len;
		}
		if (depth < most) {
			r->reading = 1;
			if (++depth > deepest)
				deepest = depth;
			lws_http_client_read(r->wsi, &p, &n);
			depth--;
		}
		return HOOK_DONE;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct story *s;
	struct req *a, *b;

	size = (size_t)atoi(ARG(1));
	most = atoi(ARG(2));
	s = story_open(&(struct opts){ .tls = IS(4, "tls") });
	b = ASK(s, .path = ARG(3));
	RUN_ALL(s);
	a = ASK(s, .path = ARG(3), .hook = hook);
	RUN_ALL(s);
	fprintf(stderr, "total %zu deepest %d\n", total, deepest);
	CHECK_EQ(a->n[REASON_COMPLETED], 1);
	CHECK_EQ(total, b->total);
	CHECK_EQ(sum, b->sum);
	return story_close(s);
}
