/*
 * Real servers that end a connection with GOAWAY while requests are on it and others wait: none is lost. What was asked on the old
 * one is answered there; what was not processed, and all that waited, goes to new ones.
 */
#include "servers.h"
#include <signal.h>

static struct server v;
static struct lws *network;
static size_t moves, asked, want;

static struct req *get(struct story *s, const char *path, size_t i)
{
	asked++;
	return ASK(s, AT(&v), .path = path, .method = i % 5 == 2 ? "HEAD" : "GET");
}

/* A server that takes K requests on a connection. */
static void count(struct story *s, const char *kind, int k)
{
	struct counts c;
	size_t i, n = k < 10 ? 100 : many() / 2;

	server_start(&v, s, &(struct server_opts){ .kind = kind, .requests = k });
	for (i = 0; i < n; i++)
		get(s, "/file", i);
	RUN_ALL(s);
	story_destroy(s);
	s->cx = NULL;
	server_stop(&v);
	c = server_counts(&v);
	/*
	 * The first connection takes less than K when GOAWAY crosses requests that the server has begun to read; after that the
	 * library knows K. One more for the last, which takes what is left.
	 */
	CHECK(c.connections >= (long)n / k && c.connections <= (long)(n + (size_t)k - 1) / k + 2);
}

/* When a response begins, it notes whether its connection is another one than before; asks another until that was so. */
static int moving(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	struct lws *of;

	(void)in;
	(void)len;
	if (reason == REASON_EST) {
		of = lws_get_network_wsi(r->wsi);
		moves += network && network != of;
		network = of;
	}
	if (reason != REASON_COMPLETED)
		return 0;
	if (r->nth == want / 4)
		server_signal(&v, SIGHUP);
	if (asked < want || !moves)
		get(r->story, "/file", asked);
	return 0;
}

/* nginx starts new workers and tells the old ones to end when they have nothing left to do. */
static void reload(struct story *s)
{
	struct counts c;
	size_t i;

	want = many();
	server_start(&v, s, &(struct server_opts){ .kind = "nginx" });
	for (i = 0; i < 50; i++)
		get(s, "/file", i);
	RUN_ALL(s);
	story_destroy(s);
	s->cx = NULL;
	server_stop(&v);
	c = server_counts(&v);
	CHECK_EQ(c.requests, asked);
	CHECK_EQ(c.connections, 2);
}

/* The connection of a request that has completed goes while nobody needs it: the next request is not lost with it. */
static void idle(struct story *s)
{
	size_t i;

	server_start(&v, s, &(struct server_opts){ .kind = "node" });
	for (i = 0; i < 20; i++) {
		get(s, "/file", i);
		RUN_ALL(s);
		CHECK_STR(server_say(&v, i % 2 ? "goaway" : "close"), "ok");
	}
	CHECK_HAS(server_say(&v, "stats"), "sessions=20 ");
	story_destroy(s);
	s->cx = NULL;
	server_stop(&v);
}

/* nginx's worker dies with many on its connection and many waiting, and its master starts another. */
static int crashing(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == REASON_COMPLETED && r->nth == want / 4)
		server_kill_worker(&v);
	return 0;
}

static void crash(struct story *s)
{
	struct counts c;
	size_t i;

	want = many();
	server_start(&v, s, &(struct server_opts){ .kind = "nginx" });
	for (i = 0; i < want; i++)
		get(s, "/file", i);
	RUN_ALL(s);
	story_destroy(s);
	s->cx = NULL;
	server_stop(&v);
	c = server_counts(&v);
	CHECK_EQ(c.connections, 2);
}

/* Its response had begun, and the rest went down with the connection. */
static int went_down(const struct req *r)
{
	return r->n[REASON_EST] && r->n[REASON_CLOSED] && !r->n[REASON_COMPLETED];
}

/* Every one that is on the connection is held by the server, others wait for room, and then it says GOAWAY. */
static void held(struct story *s)
{
	struct counts c;
	size_t i;

	server_start(&v, s, &(struct server_opts){ .kind = "node", .streams = 20 });
	for (i = 0; i < 20; i++)
		ASK(s, AT(&v), .path = "/hold");
	for (; i < 50; i++)
		get(s, "/file", i);
	while (!strstr(server_say(&v, "stats"), "held=20 "))
		lws_service(s->cx, -1);
	CHECK_STR(server_say(&v, "goaway"), "ok");
	RUN_UNTIL(s, s->alive == 20);
	for (i = 0; i < 20; i++)
		CHECK_EQ(s->reqs[i]->n[REASON_EST], 0);
	CHECK_STR(server_say(&v, "release"), "ok");
	RUN_ALL(s);
	story_destroy(s);
	s->cx = NULL;
	server_stop(&v);
	for (i = 0; i < 20; i++)
		CHECK_STR(s->reqs[i]->body, "released");
	c = server_counts(&v);
	CHECK_EQ(c.connections, 2);
	CHECK_EQ(c.requests, 50);
}

int main(int argc, char **argv)
{
	struct story *s;
	size_t i;
	int tls = argc > 1 && !strcmp(argv[argc - 1], "tls");

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = tls, .hook = IS(1, "reload") ? moving : IS(1, "crash") ? crashing : NULL });
	if (IS(1, "reload"))
		reload(s);
	else if (IS(1, "held"))
		held(s);
	else if (IS(1, "idle"))
		idle(s);
	else if (IS(1, "crash"))
		crash(s);
	else
		count(s, ARG(1), atoi(ARG(2)));
	for (i = 0; i < s->n_reqs; i++) {
		struct req *r = s->reqs[i];

		if (IS(1, "crash") && went_down(r))
			continue;
		if (r->n[REASON_COMPLETED] != 1)
			fail(__FILE__, __LINE__, "%s is lost: %s %s", r->name, r->log, r->error ? r->error : "");
		CHECK_EQ(r->n[REASON_EST], 1);
		CHECK_EQ(r->n[REASON_APPEND], 1);
		CHECK_EQ(r->status, 200);
		if (!strcmp(r->ask.path, "/file"))
			CHECK_EQ(r->total, !strcmp(r->ask.method, "HEAD") ? 0 : FILE_SIZE);
	}
	server_forget(&v);
	return story_close(s);
}
