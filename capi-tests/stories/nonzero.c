/*
 * Nonzero from the callback that the argument names, on the leader. Where that closes, it ends that request alone and the queue goes
 * on with a new connection, on h2 on the same one; where it means nothing, nothing happens.
 */
#include "harness.h"

static const struct { const char *word, *log; int accepts; } table[] = {
	{ "BIND", LED, 1 }, { "CREATE", LED, 1 }, { "NEW", LED, 1 }, { "DROP", LED, 1 }, { "CLOSED", LED, 1 }, { "DESTROY", LED, 1 },
	{ "CONNECTING", "BIND CREATE NEW | CONNECTING ERROR DROP DESTROY", 1 },
	{ "APPEND", "BIND CREATE NEW | CONNECTING APPEND ERROR DROP DESTROY", 2 },
	{ "FILTER", "BIND CREATE NEW | CONNECTING APPEND FILTER ERROR DROP DESTROY", 2 },
	{ "EST", "BIND CREATE NEW | CONNECTING APPEND FILTER EST ERROR DROP DESTROY", 2 },
	{ "RECEIVE", "BIND CREATE NEW | CONNECTING APPEND FILTER EST RECEIVE DROP CLOSED DESTROY", 2 },
	{ "READ", "BIND CREATE NEW | CONNECTING APPEND FILTER EST RECEIVE READ DROP CLOSED DESTROY", 2 },
	{ "COMPLETED", LED, 2 },
	{ "WRITE", "BIND CREATE NEW | CONNECTING APPEND WRITE ERROR DROP DESTROY", 2 },
};

int main(int argc, char **argv)
{
	struct req *a, *b, *c, *d;
	struct story *s;
	size_t i;
	int post, accepts;

	ONLY_OURS();
	for (i = 0; i < sizeof table / sizeof *table && !IS(1, table[i].word); i++)
		;
	CHECK(i < sizeof table / sizeof *table);
	post = IS(1, "WRITE");
	s = story_open(&(struct opts){ .tls = IS(2, "tls") });
	a = ASK(s, .path = "/len/10", .fail_at = reason_of(argv[1]), .method = post ? "POST" : "GET", .body = "xy", .body_len = post ? 2 : 0);
	b = ASK(s, .path = "/ok?b");
	c = ASK(s, .path = "/ok?c");
	RUN_ALL(s);
	CHECK_LOG(a, table[i].log);
	CHECK_LOG(b, (table[i].accepts > 1 && !on_h2) || IS(1, "CONNECTING") ? LED : RODE);
	CHECK_LOG(c, RODE);
	if (IS(1, "FILTER"))
		CHECK_HAS(a->error, "HS: disallowed by client filter");
	if (IS(1, "EST"))
		CHECK_HAS(a->error, "HS: disallowed at ESTABLISHED");
	accepts = (int)peer_stat(&s->peer, "accepts");
	CHECK_EQ(accepts, on_h2 ? 1 : table[i].accepts);

	/* The same in the middle of a queue, on a connection that others made. */
	if (!IS(1, "CONNECTING") && !post) {
		ASK(s, .path = "/ok");
		d = ASK(s, .path = "/len/10", .fail_at = reason_of(argv[1]));
		b = ASK(s, .path = "/ok?b");
		RUN_ALL(s);
		CHECK_EQ(d->n[REASON_ERROR], a->n[REASON_ERROR]);
		CHECK_EQ(d->n[REASON_COMPLETED], a->n[REASON_COMPLETED]);
		CHECK_STR(b->body, "/ok?b");
		CHECK_EQ(peer_stat(&s->peer, "accepts"), 2 * accepts - 1);
	}
	return story_close(s);
}
