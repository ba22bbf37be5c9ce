/*
 * The connection ends after the request was sent and before a byte of the answer. On a fresh connection that is the request's
 * error; on a reused one an idempotent request without a body is sent again. Who only waited loses nothing either way.
 */
#include "harness.h"

static void fresh(struct story *s, const char *path)
{
	struct req *a = ASK(s, .path = path), *b = ASK(s, .path = "/ok?b"), *c = ASK(s, .path = "/ok?c");
	long before = peer_stat(&s->peer, "accepts");

	RUN_ALL(s);
	CHECK_LOG(a, "BIND CREATE NEW | CONNECTING APPEND ERROR DROP DESTROY");
	CHECK(a->error && *a->error);
	CHECK_LOG(b, LED);
	CHECK_LOG(c, RODE);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), before + 2);
}

/* GET is sent again, with the same head, without asking APPEND again; POST is not. */
static void reused(struct story *s)
{
	struct req *a = ASK(s, .path = "/ok"), *b = ASK(s, .path = "/dieonreuse", .name = "x-mine:", .value = "1");
	struct req *c = ASK(s, .path = "/ok?c"), *d = ASK(s, .path = "/dieonreuse", .method = "POST", .body = "x", .body_len = 1);
	struct req *e = ASK(s, .path = "/ok?e");
	char head[500];

	RUN_ALL(s);
	CHECK_LOG(a, LED);
	CHECK_LOG(b, "BIND CREATE NEW | APPEND CONNECTING FILTER EST RECEIVE READ COMPLETED DROP CLOSED DESTROY");
	CHECK_LOG(c, RODE);
	CHECK_LOG(d, "BIND CREATE NEW | APPEND [WRITE] ERROR DROP DESTROY");
	CHECK_LOG(e, LED);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 3);
	snprintf(head, sizeof head, "%s", peer_say(&s->peer, "head 2"));
	CHECK_HAS(head, "x-mine: 1");
	CHECK_STR(peer_say(&s->peer, "head 3"), head);
}

int main(int argc, char **argv)
{
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(2, "tls") });
	if (IS(1, "reused"))
		reused(s);
	else
		fresh(s, IS(1, "rst") ? "/rst/head" : "/die/head");
	return story_close(s);
}
