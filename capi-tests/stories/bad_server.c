/*
 * What a server must not send, and what it may. Each is asked with another request waiting behind it: the first ends as the table
 * says, the connection of a refused one is not used again, and the other completes.
 */
#include "harness.h"

enum { ERROR, CLOSED, OK };

static const struct { const char *path; int end; } table[] = {
	{ "/garbage", ERROR }, { "/garbage/version", ERROR }, { "/garbage/status", ERROR }, { "/garbage/noheaders", ERROR },
	{ "/smuggle/cl-te", ERROR }, { "/smuggle/two-cl", ERROR }, { "/smuggle/list-cl", ERROR }, { "/smuggle/plus-cl", ERROR },
	{ "/smuggle/minus-cl", ERROR }, { "/smuggle/huge-cl", ERROR }, { "/smuggle/te", ERROR }, { "/smuggle/te-twice", ERROR },
	{ "/smuggle/space-name", ERROR }, { "/barecr", ERROR }, { "/obsfold", ERROR }, { "/nul", ERROR }, { "/101", ERROR },
	{ "/bighead/70000", ERROR }, { "/manyfields/200", ERROR }, { "/bighead/60000", OK }, { "/manyfields/120", OK },
	{ "/badchunk", CLOSED }, { "/badchunk/overflow", CLOSED }, { "/badchunk/negative", CLOSED }, { "/badchunk/spaced", CLOSED },
	{ "/badchunk/long", CLOSED }, { "/badchunk/barelf", CLOSED },
	{ "/slow", OK }, { "/100", OK }, { "/103", OK }, { "/surplus", OK }, { "/idleclose", OK },
};

static void drip(struct story *s)
{
	/* A byte now and then does not keep the head's budget alive. */
	struct req *a = ASK(s, .path = "/drip"), *b = ASK(s, .path = "/ok");

	RUN_ALL(s);
	CHECK_LOG(a, FAILED);
	CHECK_HAS(a->error, "Timed out waiting server reply");
	CHECK_LOG(b, LED);
}

int main(int argc, char **argv)
{
	struct story *s;
	long before;
	size_t i;

	ONLY_OURS();
	s = story_open(&(struct opts){ .timeout_secs = IS(1, "drip") ? 1 : 20, .tls = IS(2, "tls") });
	if (IS(1, "drip")) {
		drip(s);
		return story_close(s);
	}
	for (i = 0; i < sizeof table / sizeof *table; i++) {
		struct req *a = ASK(s, .path = table[i].path, .host = "127.0.0.1"), *b = ASK(s, .path = "/close", .host = "127.0.0.1");
		int end, used_again;

		before = peer_stat(&s->peer, "accepts");
		RUN_ALL(s);
		end = a->n[REASON_COMPLETED] ? OK : a->n[REASON_ERROR] ? ERROR : CLOSED;
		if (end != table[i].end)
			fail(__FILE__, __LINE__, "%s ended as %d, not %d", table[i].path, end, table[i].end);
		CHECK_STR(b->body, "/close");
		used_again = end == OK && strcmp(a->ask.path, "/surplus") && strcmp(a->ask.path, "/idleclose");
		if (peer_stat(&s->peer, "accepts") - before != (used_again ? 1 : 2))
			fail(__FILE__, __LINE__, "%s: %ld connections", a->ask.path, peer_stat(&s->peer, "accepts") - before);
		CHECK_LACKS(a->body, "EVIL");
	}
	return story_close(s);
}
