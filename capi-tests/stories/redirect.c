/* A redirect is an answer like any other: status, Location and body are the program's. The others in the queue do not notice. */
#include "harness.h"

static char location[64];

static int look(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == REASON_EST)
		CHECK(lws_hdr_copy(r->wsi, location, sizeof location, WSI_TOKEN_HTTP_LOCATION) > 0);
	return 0;
}

int main(int argc, char **argv)
{
	struct req *a, *b, *c;
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(1, "tls") });
	a = ASK(s, .path = "/redirect/302", .hook = look);
	b = ASK(s, .path = "/ok?b");
	c = ASK(s, .path = "/ok?c", .method = "POST", .body = "xyz", .body_len = 3);
	RUN_ALL(s);
	CHECK_EQ(a->status, 302);
	CHECK_STR(location, "/ok");
	CHECK_EQ(a->n[REASON_COMPLETED], 1);
	CHECK_EQ(a->n[REASON_APPEND], 1);
	CHECK_LOG(b, RODE);
	CHECK_EQ(c->n[REASON_COMPLETED], 1);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
	return story_close(s);
}
