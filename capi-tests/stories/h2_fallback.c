/*
 * h2 is asked for, and the server has none. Where ALPN lets the two agree, all complete over http/1.1, in turn on one connection;
 * where it does not, or where h2 was to be known beforehand, all are told why, and nobody waits.
 */
#include "servers.h"

enum { N = 40 };

int main(int argc, char **argv)
{
	struct server v;
	struct story *s;
	struct req *r[N];
	const char *alpn = IS(2, "only") ? "h2" : IS(2, "either") ? "h2,http/1.1" : NULL;
	int i, completes = IS(2, "either") || (IS(2, "only") && IS(1, "hypercorn"));

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(3, "tls") });
	server_start(&v, s, &(struct server_opts){ .kind = ARG(1), .h1 = 1 });
	v.alpn = alpn;
	for (i = 0; i < N; i++)
		r[i] = ASK(s, AT(&v), .path = "/file", .method = i % 5 == 2 ? "HEAD" : "GET");
	RUN_ALL(s);
	story_destroy(s);
	s->cx = NULL;
	server_stop(&v);
	for (i = 0; i < N; i++) {
		if (completes) {
			CHECK_EQ(r[i]->status, 200);
			CHECK_EQ(r[i]->total, i % 5 == 2 ? 0 : FILE_SIZE);
			CHECK_LOG(r[i], i == 0 ? LED : i % 5 == 2 ? "BIND CREATE NEW | APPEND FILTER EST COMPLETED DROP CLOSED DESTROY" : RODE);
			continue;
		}
		CHECK_LOG(r[i], FAILED);
		/* a server that has only http/1.1 and is offered only h2 ends the handshake: RFC 7301 section 3.2 */
		CHECK_HAS(r[i]->error, alpn ? "no application protocol" : "does not speak h2");
	}
	if (completes) {
		struct counts c = server_counts(&v);

		CHECK_EQ(c.connections, 1);
		CHECK_EQ(c.requests, N);
	}
	server_forget(&v);
	return story_close(s);
}
