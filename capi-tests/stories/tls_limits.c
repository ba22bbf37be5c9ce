/*
 * simultaneous_ssl_restriction and simultaneous_ssl_handshake_restriction: those over them wait for a turn, and all complete.
 * connections: the server never has more than that many; handshakes: 20 at once, one after the other; busy: no turn comes, and the
 * reason says so.
 */
#include "harness.h"

enum { MOST = 3, MANY = 20 };

static int connections, handshakes;

static void limits(struct story *s, struct lws_context_creation_info *info)
{
	(void)s;
	info->simultaneous_ssl_restriction = connections;
	info->simultaneous_ssl_handshake_restriction = handshakes;
	info->connect_timeout_secs = 2;
}

static void all_complete(struct story *s, int solo)
{
	static char paths[MANY][32];
	struct req *r[MANY];
	int i;

	for (i = 0; i < MANY; i++) {
		snprintf(paths[i], sizeof paths[i], "/ok?%d", i);
		r[i] = ASK(s, .path = paths[i], .solo = solo);
	}
	RUN_ALL(s);
	for (i = 0; i < MANY; i++) {
		CHECK_EQ(r[i]->n[REASON_COMPLETED], 1);
		CHECK_STR(r[i]->body, paths[i]);
	}
}

/* to two places, one of which is idle and in the way of the other, again and again */
static void back_and_forth(struct story *s)
{
	struct req *r;
	int i;

	for (i = 0; i < 6; i++) {
		r = ASK(s, .path = "/ok", .host = i & 1 ? "127.0.0.1" : "localhost", .keep_warm = 60);
		RUN_ALL(s);
		CHECK_EQ(r->n[REASON_COMPLETED], 1);
	}
}

static void busy(struct story *s)
{
	struct req *a = ASK(s, .path = "/gate/a", .solo = 1), *b;

	RUN_UNTIL(s, a->n[REASON_APPEND]);
	b = ASK(s, .path = "/ok", .solo = 1);
	RUN_UNTIL(s, b->done);
	CHECK_HAS(b->error, "tls restriction limit");
	CHECK_HAS(b->error, "simultaneous_ssl_restriction (1)");
	CHECK_LOG(b, "BIND CREATE NEW | ERROR DROP DESTROY");
	/* plain connections are not counted */
	peer_say(&s->peer, "open a");
	RUN_ALL(s);
	CHECK_EQ(a->n[REASON_COMPLETED], 1);
}

int main(int argc, char **argv)
{
	struct story *s;

	ONLY_OURS();
	if (IS(1, "connections"))
		connections = MOST;
	else if (IS(1, "handshakes"))
		handshakes = 1;
	else
		connections = 1;
	s = story_open(&(struct opts){ .tls = 1, .peer = "--most", .tune = limits, .timeout_secs = 20 });
	if (IS(1, "busy"))
		busy(s);
	else if (IS(1, "forth"))
		back_and_forth(s);
	else {
		all_complete(s, 1);
		all_complete(s, 0);
	}
	if (connections)
		CHECK_EQ(peer_stat(&s->peer, "most"), connections);
	return story_close(s);
}
