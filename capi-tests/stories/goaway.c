/*
 * Contract 2.6 and 4: the server ends its connection by GOAWAY. What it has taken is answered, all else moves to a new connection, and
 * only a request whose body has begun to go out and was not processed fails.
 */
#include "harness.h"

static void all_complete(struct story *s)
{
	size_t i;

	for (i = 0; i < s->n_reqs; i++) {
		CHECK_EQ(s->reqs[i]->n[REASON_COMPLETED], 1);
		CHECK_EQ(s->reqs[i]->status, 200);
	}
}

/* Every connection is good for so many requests. */
static void after(struct story *s, long each)
{
	long n = 300, accepts, fewest = (n + each - 1) / each;
	int i;

	peer_say(&s->peer, "h2 goaway-after=%ld", each);
	for (i = 0; i < n; i++)
		ASK(s, .path = "/ok", .quiet = 1);
	RUN_ALL(s);
	all_complete(s);
	accepts = peer_stat(&s->peer, "accepts");
	CHECK_EQ(peer_stat(&s->peer, "requests"), n);
	CHECK(accepts >= fewest && accepts <= fewest + 2);
}

/* One of many answers brings the GOAWAY: that covers it, and those before it. */
static void word(struct story *s, const char *path)
{
	int i;

	for (i = 0; i < 40; i++)
		ASK(s, .path = i == 20 ? path : "/len/1000");
	RUN_ALL(s);
	all_complete(s);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 2);
}

/* GOAWAY while gates hold the responses that it covers: they come on the old connection, the next requests go to another. */
static void covered(struct story *s, const char *line)
{
	struct req *held[5], *next[3];
	int i;

	for (i = 0; i < 5; i++)
		held[i] = ASK(s, .path = "/gate/x");
	await(s, "wait-requests 5");
	CHECK_STR(peer_say(&s->peer, "%s", line), "sent=1");
	peer_say(&s->peer, "ping");
	await(s, "wait-pongs 1");
	for (i = 0; i < 3; i++)
		next[i] = ASK(s, .path = "/ok");
	RUN_UNTIL(s, next[0]->done && next[1]->done && next[2]->done);
	CHECK_EQ(s->alive, 5);
	CHECK_LOG(next[0], LED);
	CHECK_LOG(next[1], RODE);
	peer_say(&s->peer, "open x");
	RUN_ALL(s);
	all_complete(s);
	for (i = 0; i < 5; i++)
		CHECK_LOG(held[i], i ? RODE : LED);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 2);
	CHECK_EQ(peer_stat(&s->peer, "requests"), 8);
	await(s, "wait-closed 1");
}

static int not_yet(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	(void)len;
	return reason == REASON_WRITE && !r->mine ? HOOK_DONE : 0;
}

/* Nothing was processed: three GETs and a POST that has given nothing yet move, one that has begun cannot. */
static void nothing(struct story *s)
{
	static char big[100000];
	struct req *get[3], *begun, *fresh;
	char head[1000];
	int i;

	memset(big, 'b', sizeof big);
	for (i = 0; i < 3; i++)
		get[i] = ASK(s, .path = "/gate/x", .name = "x-mine:", .value = "1");
	begun = ASK(s, .path = "/echo", .method = "POST", .body = big, .body_len = sizeof big, .pieces = 10);
	fresh = ASK(s, .path = "/echo", .method = "POST", .body = "abc", .body_len = 3, .hook = not_yet);
	await(s, "wait-requests 5");
	RUN_UNTIL(s, begun->sent);
	CHECK(begun->sent < sizeof big);
	fresh->mine = fresh;
	peer_say(&s->peer, "h2 no-window-updates=0 window=65535");
	peer_say(&s->peer, "goaway 0 11");
	await(s, "wait-requests 9");
	lws_callback_on_writable(fresh->wsi);
	RUN_UNTIL(s, begun->done && fresh->done);
	CHECK_LOG(begun, "BIND CREATE NEW | APPEND WRITE ERROR DROP DESTROY");
	CHECK_HAS(begun->error, "ENHANCE_YOUR_CALM");
	CHECK_HAS(begun->error, "body");
	CHECK_STR(fresh->body, "abc");
	CHECK_EQ(fresh->n[REASON_APPEND], 1);
	peer_say(&s->peer, "open x");
	RUN_ALL(s);
	for (i = 0; i < 3; i++) {
		CHECK_EQ(get[i]->n[REASON_APPEND], 1);
		CHECK_EQ(get[i]->n[REASON_COMPLETED], 1);
	}
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 2);
	snprintf(head, sizeof head, "%s", peer_say(&s->peer, "head 1"));
	CHECK_HAS(head, "x-mine: 1");
	CHECK_STR(peer_say(&s->peer, "head 6"), head);
}

int main(int argc, char **argv)
{
	struct story *s;
	int blocked = IS(1, "nothing");

	ONLY_H2();
	s = story_open(&(struct opts){ .peer = blocked ? "--h2 window=5000,no-window-updates=1" : NULL });
	if (IS(1, "after"))
		after(s, atol(ARG(2)));
	else if (IS(1, "word"))
		word(s, "/goaway");
	else if (IS(1, "graceful"))
		word(s, "/graceful");
	else if (IS(1, "cur"))
		covered(s, "goaway cur 0");
	else if (IS(1, "max"))
		covered(s, "goaway max 0");
	else
		nothing(s);
	return story_close(s);
}
