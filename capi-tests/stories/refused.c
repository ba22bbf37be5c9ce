/*
 * Contract 4: a stream that the server refused is asked again, three times at most, and nobody else is disturbed; one that it takes by
 * HTTP/1.1 alone goes there when alpn allows that.
 */
#include "harness.h"

/* Nobody waits for ever behind an answer that takes for ever, though one stream was refused while that was the only other. */
static void behind(struct story *s)
{
	struct req *held = ASK(s, .path = "/gate/x"), *once, *ok;

	await(s, "wait-requests 1");
	once = ASK(s, .path = "/refuse/1");
	await(s, "wait-requests 2");
	peer_say(&s->peer, "ping");
	await(s, "wait-pongs 1");
	ok = ASK(s, .path = "/ok");
	RUN_UNTIL(s, ok->done && once->done);
	CHECK_EQ(once->status, 200);
	CHECK(!held->done);
	peer_say(&s->peer, "open x");
	RUN_ALL(s);
	CHECK_LOG(held, LED);
}

/* One that was refused while there was one other is no reason to ask one at a time from then on. */
static void recovers(struct story *s)
{
	struct req *held = ASK(s, .path = "/gate/x"), *once;
	int i;

	await(s, "wait-requests 1");
	once = ASK(s, .path = "/refuse/1");
	await(s, "wait-requests 2");
	peer_say(&s->peer, "open x");
	RUN_ALL(s);
	CHECK_LOG(held, LED);
	CHECK_EQ(once->status, 200);
	for (i = 0; i < 300; i++)
		ASK(s, .path = "/ok", .quiet = 1);
	RUN_ALL(s);
	CHECK_EQ(peer_stat(&s->peer, "requests"), 303);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
	CHECK(peer_stat(&s->peer, "streams") >= 16);
}

static void again(struct story *s)
{
	struct req *held = ASK(s, .path = "/gate/x"), *once = ASK(s, .path = "/refuse/1"), *twice = ASK(s, .path = "/refuse/2");
	struct req *never = ASK(s, .path = "/refuse/9", .name = "x-mine:", .value = "1"), *ok = ASK(s, .path = "/ok");
	struct req *post = ASK(s, .path = "/refuse/1?post", .method = "POST", .body = "xy", .body_len = 2);

	RUN_UNTIL(s, ok->done);
	RUN_UNTIL(s, peer_stat(&s->peer, "requests") > 5);
	peer_say(&s->peer, "open x");
	RUN_ALL(s);
	CHECK_LOG(held, LED);
	CHECK_LOG(ok, RODE);
	CHECK_EQ(once->status, 200);
	CHECK_EQ(once->n[REASON_APPEND], 1);
	CHECK_EQ(twice->status, 200);
	CHECK_EQ(never->n[REASON_ERROR], 1);
	CHECK_EQ(never->n[REASON_APPEND], 1);
	CHECK_HAS(never->error, "REFUSED_STREAM");
	CHECK(post->n[REASON_COMPLETED] + post->n[REASON_ERROR] == 1);
	if (post->error)
		CHECK_HAS(post->error, "REFUSED_STREAM");
}

/* It takes ten at once, whatever it says. */
static void above(struct story *s)
{
	size_t i;

	for (i = 0; i < 100; i++)
		ASK(s, .path = "/len/1000", .quiet = 1);
	RUN_ALL(s);
	for (i = 0; i < 100; i++)
		CHECK_EQ(s->reqs[i]->n[REASON_COMPLETED], 1);
	CHECK_EQ(peer_stat(&s->peer, "requests"), 100);
	CHECK_EQ(peer_stat(&s->peer, "streams"), 10);
}

static void by_h1(struct story *s)
{
	struct req *ok = ASK(s, .path = "/ok"), *both = ASK(s, .path = "/h11?both"), *last = ASK(s, .path = "/ok");
	struct req *only = ASK(s, .path = "/h11?only", .alpn = "h2"), *post;

	RUN_ALL(s);
	CHECK_LOG(last, RODE);
	CHECK_EQ(only->n[REASON_ERROR], 1);
	CHECK_HAS(only->error, "HTTP_1_1_REQUIRED");
	if (on_h2 == 1) {
		CHECK_EQ(both->n[REASON_APPEND], 1);
		CHECK_STR(both->body, "/h11?both");
		CHECK(both->fd >= 0 && ok->fd < 0);
		CHECK_EQ(peer_stat(&s->peer, "accepts"), 3);
	} else {
		CHECK_HAS(both->error, "HTTP_1_1_REQUIRED");
	}
	/* And the connection is as good as before. */
	post = ASK(s, .path = "/echo", .method = "POST", .body = "xy", .body_len = 2);
	RUN_ALL(s);
	CHECK_STR(post->body, "xy");
	CHECK_EQ(post->fd, -1);
}

int main(int argc, char **argv)
{
	struct story *s;

	ONLY_H2();
	s = story_open(&(struct opts){ .peer = IS(1, "above") ? "--h2 refuse-above=10" : NULL });
	if (IS(1, "again"))
		again(s);
	else if (IS(1, "recovers"))
		recovers(s);
	else if (IS(1, "behind"))
		behind(s);
	else if (IS(1, "above"))
		above(s);
	else
		by_h1(s);
	return story_close(s);
}
