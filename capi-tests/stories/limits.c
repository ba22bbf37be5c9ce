/*
 * Contract 2.3: however few streams the server takes at once, and whenever it changes its mind, any number of requests complete on one
 * connection, and it never sees one too many. 100 and 1: as many from the start. zero: none, and 5 later. change: 100, then 1, then 50.
 */
#include "harness.h"

static size_t completed;

static int count(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == REASON_EST)
		CHECK_EQ(r->status, 200);
	completed += reason == REASON_COMPLETED;
	return 0;
}

static void many(struct story *s, size_t n, const char *path)
{
	while (n--)
		ASK(s, .path = path, .quiet = 1);
}

static void zero(struct story *s, size_t n)
{
	many(s, n, "/ok");
	await(s, "wait-acks 1");
	peer_say(&s->peer, "ping");
	await(s, "wait-pongs 1");
	CHECK_EQ(peer_stat(&s->peer, "requests"), 0);
	peer_say(&s->peer, "settings max-streams=5");
	RUN_ALL(s);
	CHECK(peer_stat(&s->peer, "streams") <= 5);
}

static void change(struct story *s, size_t n)
{
	many(s, 300, "/gate/x");
	await(s, "wait-requests 100");
	peer_say(&s->peer, "settings max-streams=1");
	await(s, "wait-acks 2");
	many(s, n, "/ok");
	CHECK_EQ(peer_stat(&s->peer, "requests"), 100);
	CHECK_EQ(completed, 0);
	peer_say(&s->peer, "open x");
	RUN_UNTIL(s, completed > 200);
	peer_say(&s->peer, "settings max-streams=50");
	RUN_ALL(s);
	await(s, "wait-acks 3");
}

int main(int argc, char **argv)
{
	size_t n = scale() / 10;
	struct story *s;
	char options[64];

	ONLY_H2();
	snprintf(options, sizeof options, "--h2 max-streams=%s", IS(1, "1") ? "1" : IS(1, "zero") ? "0" : "100");
	s = story_open(&(struct opts){ .peer = options, .hook = count });
	if (IS(1, "zero"))
		zero(s, n / 10);
	else if (IS(1, "change"))
		change(s, n / 10);
	else {
		many(s, n, "/ok");
		RUN_ALL(s);
		CHECK(peer_stat(&s->peer, "streams") <= atoi(argv[1]));
	}
	CHECK_EQ(completed, s->n_reqs);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
	CHECK_EQ(peer_stat(&s->peer, "requests"), (long)s->n_reqs);
	CHECK_EQ(peer_stat(&s->peer, "refused"), 0);
	return story_close(s);
}
