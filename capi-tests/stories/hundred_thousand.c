/*
 * Very many wait on one connection, in order, cheaply; then they run, or are destroyed, cancelled, or go to another connection. On
 * h2 they wait because the peer takes one stream at a time, and one that is cancelled gives way on the same connection.
 */
#include "harness.h"
#include <malloc.h>

static size_t next;

static int count(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == REASON_COMPLETED)
		CHECK_EQ(r->nth, next++);
	return 0;
}

static size_t held(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

int main(int argc, char **argv)
{
	size_t n = scale(), i, before, mine, each;
	struct story *s;
	double start, waiting, ended;
	const char *alpn;
	char path[220];			/* with host, address and alpn: 256 bytes, the most that the promise is about */

	ONLY_OURS();
	s = story_open(&(struct opts){ .timeout_secs = 200, .peer = "--h2 max-streams=1", .hook = IS(1, "run") ? count : NULL });
	alpn = on_h2 ? NULL : "http/1.1";
	ASK(s, .path = IS(1, "replace") ? "/mute" : "/gate/x", .quiet = 1, .alpn = alpn);
	await(s, "wait-requests 1");
	memset(path, 'p', sizeof path);
	memcpy(path, "/ok?", 4);
	path[sizeof path - 1] = '\0';
	start = now();
	before = held();
	for (i = 1; i < n; i++)
		ASK(s, .path = path, .quiet = 1, .alpn = alpn);
	mine = (malloc_usable_size(s->reqs[1]) + 8) * (n - 1) + malloc_usable_size(s->reqs);
	each = held() > before + mine ? (held() - before - mine) / n : 0;
	waiting = now();
	if (n >= 50000)
		CHECK(each < 1536);
	if (IS(1, "run")) {
		peer_say(&s->peer, "open x");
		RUN_ALL(s);
		CHECK_EQ(next, n);
		CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
		CHECK_EQ(peer_stat(&s->peer, "ahead"), 0);
	} else if (IS(1, "replace")) {
		kill_req(s->reqs[0], 1);
		RUN_ALL(s);
		CHECK_EQ(peer_stat(&s->peer, "accepts"), on_h2 ? 1 : 2);
		CHECK_EQ(peer_stat(&s->peer, "requests"), (long)n);
	} else if (IS(1, "cancel")) {
		for (i = n - 1; i > 0; i -= i > 1 ? 2 : 1)	/* from both ends, within the call and from the loop */
			kill_req(s->reqs[i], 1);
		for (i = 1; i < n; i++)
			if (!s->reqs[i]->done)
				kill_req(s->reqs[i], 0);
		peer_say(&s->peer, "open x");
		RUN_ALL(s);
		CHECK_EQ(s->reqs[0]->n[REASON_COMPLETED], 1);
		CHECK_EQ(peer_stat(&s->peer, "requests"), 1);
	} else {
		story_destroy(s);
		s->cx = NULL;
	}
	ended = now();
	printf("%zu: %zu bytes and %.2f us each to wait, %.2f us each to end\n", n, each, (waiting - start) * 1e6 / (double)n,
	       (ended - waiting) * 1e6 / (double)n);
	return story_close(s);
}
