/* h2: inside READ of one stream a program runs the loop until another's response is complete. Nothing is lost, and the payload
 * of the first keeps its order (contract 5.4). */
#include "harness.h"

static struct req *other;
static int inside;

static int wait_inside(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	char first = len ? *(char *)in : 0;

	if (reason != REASON_READ || inside++)
		return 0;
	while (!other->done)
		CHECK(lws_service(r->story->cx, 0) >= 0);
	CHECK_EQ(first, *(char *)in);	/* what it was handed is its own until it returns */
	return 0;
}

int main(int argc, char **argv)
{
	struct story *s = story_open(&(struct opts){ .tls = IS(1, "tls") });
	struct req *a, *plain;

	if (!on_h2)
		return 77;
	plain = ASK(s, .path = "/len/300000");
	RUN_ALL(s);
	a = ASK(s, .path = "/len/300000", .hook = wait_inside);
	other = ASK(s, .path = "/len/200000");
	RUN_ALL(s);
	CHECK_EQ(inside > 0, 1);
	CHECK_EQ(a->total, 300000);
	CHECK_EQ(a->sum, plain->sum);
	CHECK_EQ(other->total, 200000);
	CHECK_ORDER(s, "C:DESTROY", "B:COMPLETED");
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
	return story_close(s);
}
