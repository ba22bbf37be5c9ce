/* A request made from inside each callback of another is accepted, gets only BIND, CREATE and NEW there, and completes. */
#include "harness.h"

static int at;

static int hook(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	struct req *inner;

	(void)in;
	(void)len;
	if ((int)reason == at && !r->mine) {
		r->mine = r;
		inner = ASK(r->story, .path = "/ok?inner");
		CHECK_LOG(inner, "BIND CREATE NEW |");
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct story *s;
	struct req *a;
	size_t i;
	int bad, post = IS(1, "WRITE");

	ONLY_OURS();
	at = reason_of(ARG(1));
	CHECK(at >= 0);
	bad = at == REASON_ERROR;
	s = story_open(&(struct opts){ .tls = IS(2, "tls") });
	a = ASK(s, .path = bad ? "/die/head" : "/ok?a", .hook = hook, .method = post ? "POST" : "GET", .body = "xy", .body_len = post ? 2 : 0);
	ASK(s, .path = "/ok?b");
	RUN_ALL(s);
	CHECK(a->mine);
	CHECK_EQ(s->n_reqs, 3);
	for (i = bad; i < 3; i++)
		CHECK_EQ(s->reqs[i]->n[REASON_COMPLETED], 1);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1 + bad);
	CHECK_EQ(peer_stat(&s->peer, "ahead"), 0);
	return story_close(s);
}
