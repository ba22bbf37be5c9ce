/*
 * Large bodies to real servers, many at once on one connection: paced by the window the server gives (lws_get_peer_write_allowance()),
 * or in pieces however large, which the library keeps until they fit. Each arrives as it was sent. With `early` nginx finds it too
 * large and says so while it is sent: that is the response, and it is complete.
 */
#include "servers.h"

static char *body;
static size_t body_len, piece;
static int paced, early;

/* Writes one piece, at most what the server takes now, when it is the request's turn. */
static int write_piece(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	unsigned char *buf;
	size_t n = piece;
	lws_fileofs_t most;

	(void)in;
	(void)len;
	if (reason != REASON_WRITE || r->sent >= body_len)
		return 0;
	most = lws_get_peer_write_allowance(r->wsi);
	CHECK(most >= 0);
	if (paced && (size_t)most < n)
		n = (size_t)most;
	if (n > body_len - r->sent)
		n = body_len - r->sent;
	if (n) {
		buf = malloc(LWS_PRE + n);
		CHECK(buf);
		memcpy(buf + LWS_PRE, body + r->sent, n);
		CHECK_EQ(lws_write(r->wsi, buf + LWS_PRE, n, r->sent + n == body_len ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP), n);
		free(buf);
		r->sent += n;
		if (paced && r->sent < body_len)
			CHECK_EQ(lws_get_peer_write_allowance(r->wsi) >= 0, 1);
	}
	if (r->sent < body_len)
		lws_callback_on_writable(r->wsi);
	return HOOK_DONE;
}

/* nginx says in which file it put the body. */
static unsigned sum_of_file(const char *name)
{
	char *bytes = malloc(body_len + 1);
	FILE *f = fopen(name, "r");
	unsigned sum;

	CHECK(bytes && f);
	CHECK_EQ(fread(bytes, 1, body_len + 1, f), body_len);
	sum = fnv(bytes, body_len, FNV_START);
	fclose(f);
	free(bytes);
	return sum;
}

static void check_one(struct server *v, struct req *r, unsigned sum)
{
	char text[40];

	CHECK_EQ(r->status, early ? 413 : 200);
	CHECK_EQ(r->n[REASON_COMPLETED], 1);
	CHECK_EQ(r->n[REASON_EST], 1);
	if (early)
		CHECK_HAS(r->body, "Too Large");
	else if (!strcmp(v->opts.kind, "node")) {
		snprintf(text, sizeof text, "%zu %u", body_len, sum);
		CHECK_STR(r->body, text);
	} else if (!strcmp(v->opts.kind, "nginx"))
		CHECK_EQ(sum_of_file(r->body), sum);
	else {
		CHECK_EQ(r->total, body_len);
		CHECK_EQ(r->sum, sum);
	}
}

int main(int argc, char **argv)
{
	const char *path;
	struct server v;
	struct counts c;
	struct story *s;
	size_t i, n = many() >= 500 ? 20 : 5;
	unsigned sum;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(4, "tls"), .hook = write_piece });
	server_start(&v, s, &(struct server_opts){ .kind = ARG(1) });
	early = IS(2, "early");
	path = early ? "/small" : IS(1, "node") ? "/sum" : IS(1, "nginx") ? "/up" : "/echo";
	body_len = IS(1, "node") ? many() >= 500 ? 4000000 : 1000000 : 300000;
	paced = IS(2, "paced");
	piece = (size_t)atoi(ARG(3));
	body = malloc(body_len);
	CHECK(body);
	fill(body, body_len);
	sum = fnv(body, body_len, FNV_START);
	for (i = 0; i < n; i++)
		ASK(s, AT(&v), .path = path, .method = "POST", .body = body, .body_len = body_len);
	RUN_ALL(s);
	story_destroy(s);
	s->cx = NULL;
	server_stop(&v);
	for (i = 0; i < n; i++)
		check_one(&v, s->reqs[i], sum);
	c = server_counts(&v);
	CHECK_EQ(c.connections, 1);
	CHECK_EQ(c.requests, n);
	free(body);
	server_forget(&v);
	return story_close(s);
}
