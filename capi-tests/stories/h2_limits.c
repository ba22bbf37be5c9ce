/* A real server that takes few streams at once: however many are asked, all complete on one connection, and the limit holds. */
#include "servers.h"

int main(int argc, char **argv)
{
	struct server v;
	struct counts c;
	struct story *s;
	int limit = atoi(ARG(2));
	size_t i, n = limit == 1 ? many() / 4 : many();

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(3, "tls") });
	server_start(&v, s, &(struct server_opts){ .kind = ARG(1), .streams = limit });
	for (i = 0; i < n; i++)
		ASK(s, AT(&v), .path = "/file", .method = i % 5 == 2 ? "HEAD" : "GET");
	RUN_ALL(s);
	story_destroy(s);
	s->cx = NULL;
	server_stop(&v);
	for (i = 0; i < n; i++) {
		CHECK_EQ(s->reqs[i]->n[REASON_COMPLETED], 1);
		CHECK_EQ(s->reqs[i]->status, 200);
		CHECK_EQ(s->reqs[i]->total, i % 5 == 2 ? 0 : FILE_SIZE);
		CHECK_EQ(s->reqs[i]->n[REASON_CONNECTING], i == 0);
	}
	c = server_counts(&v);
	CHECK_EQ(c.connections, 1);
	CHECK_EQ(c.requests, n);
	CHECK(c.refused <= 0);
	if (c.most >= 0)
		CHECK_EQ(c.most, limit);	/* never more, and what is allowed is used */
	server_forget(&v);
	return story_close(s);
}
