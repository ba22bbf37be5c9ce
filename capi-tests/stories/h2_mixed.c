/* A real server and many requests of all kinds at once: all complete with the right bodies, as streams of one connection. */
#include "servers.h"

static const struct knows {
	const char *kind;
	int no_content;		/* it has a /204 */
	int mute;		/* no /echo, but a file answers POST too */
} known[] = { { "nginx", 1, 0 }, { "nghttpd", 0, 0 }, { "node", 1, 0 }, { "h2o", 1, 0 }, { "apache", 1, 1 }, { "hypercorn", 1, 0 } };

enum { LONGEST = 9000 };
static char bodies[LONGEST];
static struct lws *network;

/* A stream is not its connection: the fd and the SSL are those of the handle behind it, the same for all. */
static int hook(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	struct lws *of = lws_get_network_wsi(r->wsi);

	(void)in;
	(void)len;
	if (reason != REASON_EST)
		return 0;
	CHECK(of && of != r->wsi);
	CHECK(!network || network == of);
	network = of;
	CHECK(lws_get_socket_fd(of) >= 0);
	CHECK_EQ(!!lws_get_ssl(of), r->story->opts.tls);
	return 0;
}

enum what { FILE_, HEAD_, ECHO_, NONE_, EMPTY_, BIG_, SENT_ };

static enum what nth(size_t i, const struct knows *k)
{
	static const enum what turn[] = { FILE_, HEAD_, ECHO_, NONE_, EMPTY_, FILE_, ECHO_, FILE_ };
	enum what w = turn[i % 8];

	if (i % 100 == 50)
		return BIG_;
	if (w == ECHO_ && k->mute)
		return SENT_;
	return w == EMPTY_ && !k->no_content ? FILE_ : w;
}

static size_t body_len(size_t i)
{
	return 1 + i * 37 % LONGEST;
}

static struct req *ask_nth(struct server *v, size_t i, enum what w)
{
	static const char *const path[] = { "/file", "/file", "/echo", "/none", "/204", "/big", "/file" };

	if (w == ECHO_ || w == SENT_)
		return ASK(v->story, AT(v), .path = path[w], .method = "POST", .body = bodies, .body_len = body_len(i),
			   .pieces = 1 + i % 4);
	return ASK(v->story, AT(v), .path = path[w], .method = w == HEAD_ ? "HEAD" : "GET");
}

static void check_nth(struct req *r, size_t i, enum what w)
{
	static const int status[] = { 200, 200, 200, 404, 204, 200, 200 };
	static const size_t size[] = { FILE_SIZE, 0, 0, 0, 0, BIG_SIZE, FILE_SIZE };
	static unsigned sum[7];

	if (!sum[FILE_]) {
		sum[FILE_] = fill_sum(FILE_SIZE);
		sum[BIG_] = fill_sum(BIG_SIZE);
		sum[HEAD_] = sum[EMPTY_] = FNV_START;
		sum[SENT_] = sum[FILE_];
	}
	CHECK_EQ(r->status, status[w]);
	CHECK_EQ(r->n[REASON_EST], 1);
	CHECK_EQ(r->n[REASON_COMPLETED], 1);
	CHECK_EQ(r->n[REASON_RECEIVE], 0);
	CHECK_EQ(r->n[REASON_CONNECTING], i == 0);
	CHECK_EQ(r->fd, -1);
	CHECK(!r->ssl);
	if (w == NONE_)
		CHECK(r->total > 0);
	else
		CHECK_EQ(r->total, w == ECHO_ ? body_len(i) : size[w]);
	if (w != NONE_)
		CHECK_EQ(r->sum, w == ECHO_ ? fnv(bodies, body_len(i), FNV_START) : sum[w]);
	if (w == ECHO_ || w == SENT_)
		CHECK(strstr(r->log, " COMPLETED DROP CLOSED DESTROY"));	/* what it echoes may come between two pieces */
	else if (w == HEAD_ || w == EMPTY_)
		CHECK_LOG(r, "BIND CREATE NEW | APPEND FILTER EST COMPLETED DROP CLOSED DESTROY");
	else
		CHECK_LOG(r, i ? RODE2 : LED2);
}

int main(int argc, char **argv)
{
	size_t i, n = many();
	struct server v;
	struct counts c;
	const struct knows *k = known;
	struct story *s;

	ONLY_OURS();
	while (strcmp(k->kind, ARG(1)))
		k++;
	s = story_open(&(struct opts){ .tls = IS(2, "tls"), .hook = hook });
	fill(bodies, sizeof bodies);
	server_start(&v, s, &(struct server_opts){ .kind = k->kind, .extra = IS(3, "padded") ? "-b 200" : NULL });
	if (IS(3, "either"))
		v.alpn = "h2,http/1.1";
	for (i = 0; i < n; i++)
		ask_nth(&v, i, nth(i, k));
	RUN_ALL(s);
	story_destroy(s);
	s->cx = NULL;
	server_stop(&v);
	for (i = 0; i < n; i++)
		check_nth(s->reqs[i], i, nth(i, k));
	c = server_counts(&v);
	CHECK_EQ(c.connections, 1);
	CHECK_EQ(c.requests, n);
	CHECK(c.refused <= 0);
	server_forget(&v);
	return story_close(s);
}
