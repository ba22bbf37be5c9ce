/*
 * Closing itself, and closing another that waits, from inside every callback, within the call and from the loop: one ending each, the
 * rest completes. On h2 the other one is in flight, and may be anywhere in its life.
 */
#include "harness.h"

static const char *const places[] = {
	"BIND", "CREATE", "NEW", "CONNECTING", "APPEND", "WRITE", "FILTER", "EST", "RECEIVE", "READ", "COMPLETED", "DROP", "CLOSED",
};
static int at, in_call, other;

static int hook(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	struct story *s = r->story;

	(void)in;
	(void)len;
	if ((int)reason != at || r->mine)
		return 0;
	r->mine = r;
	if (!other)
		kill_req(r, in_call);
	else if (r->nth + 1 < s->n_reqs && !s->reqs[r->nth + 1]->done) {
		s->reqs[r->nth + 1]->mine = r;
		kill_req(s->reqs[r->nth + 1], in_call);
		CHECK_EQ(s->reqs[r->nth + 1]->done, in_call);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct story *s;
	struct req *a, *b, *c;
	size_t i;

	ONLY_OURS();
	s = story_open(&(struct opts){ .no_context = 1, .tls = IS(3, "tls") });
	other = IS(1, "other");
	in_call = IS(2, "sync");
	for (i = 0; i < sizeof places / sizeof *places; i++) {
		int post = !strcmp(places[i], "WRITE");

		if (on_h2 && !strcmp(places[i], "RECEIVE"))
			continue;
		at = reason_of(places[i]);
		story_context(s);
		a = ASK(s, .path = "/len/10", .hook = hook, .method = post ? "POST" : "GET", .body = "xy", .body_len = post ? 2 : 0);
		b = ASK(s, .path = "/ok?b");
		c = ASK(s, .path = "/ok?c");
		RUN_ALL(s);
		CHECK_STR(c->body, "/ok?c");
		CHECK(a->mine);
		/* BIND, CREATE and NEW come before there is another one. */
		if (!other)
			CHECK_STR(b->body, "/ok?b");
		else if (i < 3)
			CHECK_EQ(a->n[REASON_COMPLETED] + b->n[REASON_COMPLETED], 2);
		if (!other && i < 7)
			CHECK_EQ(a->n[REASON_ERROR], 1);
		if (!other && i > 9)
			CHECK_EQ(a->n[REASON_COMPLETED], 1);
		if (other && i > 2 && i < 11 && !on_h2)
			CHECK_EQ(b->n[REASON_ERROR], 1);
		if (other && on_h2)
			CHECK_EQ(b->n[REASON_COMPLETED], !b->mine);
		if (other && on_h2 && i > 2 && i < 6)
			CHECK_EQ(b->n[REASON_ERROR], 1);
		story_destroy(s);
		s->cx = NULL;
		CHECK_EQ(settled_fds(s->fds), s->fds);
	}
	return story_close(s);
}
