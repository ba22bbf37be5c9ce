/* A redirect is followed by the same request, asks APPEND again, and does not touch the others; refused ones say why. */
#include "harness.h"

static int refuse(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)r;
	if (reason == LWS_CALLBACK_CLIENT_HTTP_REDIRECT) {
		CHECK_STR((const char *)in, "/ok");
		CHECK_EQ(len, 302);
		return r->mine ? -1 : 0;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct req *a, *b, *c, *d, *e, *f, *g;
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(1, "tls") });
	a = ASK(s, .path = "/redirect/302", .hook = refuse, .name = "x-mine:", .value = "1");
	b = ASK(s, .path = "/ok?b");
	c = ASK(s, .path = "/ok?c");
	RUN_ALL(s);
	CHECK_STR(a->body, "/ok");
	CHECK_EQ(a->status, 200);
	CHECK_EQ(a->n[REASON_APPEND], 2);
	CHECK_EQ(a->n[REASON_EST], 1);
	CHECK_STR(b->body, "/ok?b");
	CHECK_STR(c->body, "/ok?c");
	CHECK_EQ(b->n[REASON_ERROR] + c->n[REASON_ERROR], 0);

	d = ASK(s, .path = "/redirect/302", .hook = refuse, .mine = s);
	e = ASK(s, .path = "/redirect/302/none");
	f = ASK(s, .path = "/redirect/302", .flags = LCCSCF_HTTP_NO_FOLLOW_REDIRECT);
	g = ASK(s, .path = "/redirect/302/redirect/302/redirect/302/redirect/302/redirect/302/redirect/302/ok");
	b = ASK(s, .path = "/ok?b");
	RUN_ALL(s);
	CHECK_HAS(d->error, "HS: user code rejected redirect");
	CHECK_HAS(e->error, "HS: Redirect code but no Location");
	CHECK_EQ(f->status, 302);
	CHECK_EQ(f->n[REASON_COMPLETED], 1);
	CHECK_EQ(g->n[REASON_ERROR], 1);
	CHECK_STR(b->body, "/ok?b");

	/* What becomes of a POST: 302 makes a GET of it, 307 sends it again. */
	a = ASK(s, .path = "/redirect/302/headers", .method = "POST", .body = "xyz", .body_len = 3);
	RUN_ALL(s);
	CHECK_HAS(a->body, "GET /headers");
	a = ASK(s, .path = "/redirect/307/echo", .method = "POST", .body = "xyz", .body_len = 3);
	RUN_ALL(s);
	CHECK_STR(a->body, "xyz");
	return story_close(s);
}
