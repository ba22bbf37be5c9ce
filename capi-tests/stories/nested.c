/*
 * Contract 5.4 on h2: a loop inside a callback of one stream serves the others of its connection, and the payload of each comes in order,
 * whole. service: lws_service() inside FILTER, READ and WRITEABLE of everybody. destroy: the context goes inside a READ. self, neighbour: a
 * request ends itself, or another, inside its READ. in: the same from inside a loop that a READ runs.
 */
#include "harness.h"

enum { N = 20, LEN = 200000 };

static int depth, deepest;

static unsigned sum_of(size_t n)
{
	unsigned sum = FNV_START;
	size_t i;

	for (i = 0; i < n; i++)
		sum = fnv(&"abcdefghijklmnopqrstuvwxyz"[i % 26], 1, sum);
	return sum;
}

static int serve(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	int i;

	(void)in;
	(void)len;
	if ((reason != REASON_READ && reason != REASON_FILTER && reason != REASON_WRITE) || depth > 4)
		return 0;
	if (++depth > deepest)
		deepest = depth;
	for (i = 0; i < 3; i++)
		CHECK(lws_service(r->story->cx, -1) >= 0);
	depth--;
	return 0;
}

static void service(struct story *s)
{
	static char body[LEN];
	struct req *r[N];
	size_t i;

	for (i = 0; i < LEN; i++)
		body[i] = (char)('a' + i % 26);
	for (i = 0; i < N; i++)
		r[i] = i % 2 ? ASK(s, .path = "/len/200000", .hook = serve) :
			ASK(s, .path = "/echo", .method = "POST", .body = body, .body_len = LEN, .pieces = 30, .hook = serve);
	RUN_ALL(s);
	for (i = 0; i < N; i++) {
		CHECK_EQ(r[i]->n[REASON_COMPLETED], 1);
		CHECK_EQ(r[i]->total, LEN);
		CHECK_EQ(r[i]->sum, sum_of(LEN));
	}
	CHECK(deepest > 1);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
}

static int destroy_there(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == REASON_READ && r->total > LEN / 4 && !r->story->destroying)
		story_destroy(r->story);
	return 0;
}

static void destroy(struct story *s)
{
	int i;

	for (i = 0; i < N; i++)
		ASK(s, .path = "/len/200000", .hook = destroy_there);
	ASK(s, .path = "/gate/never");
	while (s->cx)
		step(s);
	CHECK_EQ(s->alive, 0);
}

static struct req *victim;
static int sync_kill, inside;

static int kill_there(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason != REASON_READ || r->mine || r->total < LEN / 4)
		return 0;
	r->mine = r;
	if (inside)
		CHECK(lws_service(r->story->cx, -1) >= 0);
	if (victim->done)
		return 0;
	kill_req(victim, sync_kill);
	CHECK_EQ(victim->done, sync_kill && victim != r);
	if (inside)
		CHECK(lws_service(r->story->cx, -1) >= 0);
	return 0;
}

static void kill_one(struct story *s, int self)
{
	struct req *r[6];
	int i;

	for (i = 0; i < 6; i++)
		r[i] = ASK(s, .path = "/len/200000", .hook = i == 2 ? kill_there : NULL);
	victim = r[self ? 2 : 3];
	RUN_ALL(s);
	for (i = 0; i < 6; i++)
		if (r[i] != victim) {
			CHECK_EQ(r[i]->total, LEN);
			CHECK_EQ(r[i]->sum, sum_of(LEN));
			CHECK_EQ(r[i]->n[REASON_COMPLETED], 1);
		}
	CHECK_LOG(victim, victim->error ? "BIND CREATE NEW | APPEND ERROR DROP DESTROY" :
		  "BIND CREATE NEW | APPEND FILTER EST [READ] DROP CLOSED DESTROY");
	CHECK(victim->total < LEN);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
	await(s, "wait-resets 1");
}

int main(int argc, char **argv)
{
	struct story *s;
	int self = IS(1, "self");

	ONLY_H2();
	sync_kill = IS(2, "sync");
	inside = IS(3, "in");
	s = story_open(&(struct opts){ 0 });
	if (IS(1, "service"))
		service(s);
	else if (IS(1, "destroy"))
		destroy(s);
	else
		kill_one(s, self);
	return story_close(s);
}
