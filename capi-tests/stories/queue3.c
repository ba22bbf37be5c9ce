/* Three requests to one place: one connection, taken in turns. The fd and the SSL pass from the finished one to the next. */
#include "harness.h"

static int handed;

static int watch(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	struct req *next = r->nth + 1 < r->story->n_reqs ? r->story->reqs[r->nth + 1] : NULL;

	(void)in;
	(void)len;
	if (reason == REASON_EST) {
		CHECK(lws_get_socket_fd(r->wsi) >= 0);
		CHECK_EQ(!lws_get_ssl(r->wsi), !r->story->opts.tls);
		CHECK(lws_get_network_wsi(r->wsi) == r->wsi);
		if (next)
			CHECK_EQ(lws_get_socket_fd(next->wsi), -1);
		if (next)
			CHECK(!lws_get_ssl(next->wsi));
	}
	if (OURS && reason == REASON_CLOSED && next) {
		CHECK_EQ(lws_get_socket_fd(r->wsi), -1);
		CHECK(!lws_get_ssl(r->wsi));
		CHECK_EQ(lws_get_socket_fd(next->wsi), r->fd);
		CHECK(lws_get_ssl(next->wsi) == r->ssl);
		handed++;
	}
	if (reason == REASON_APPEND && r->nth) {
		CHECK_EQ(lws_get_socket_fd(r->wsi), r->story->reqs[0]->fd);
		CHECK(lws_get_ssl(r->wsi) == r->story->reqs[0]->ssl);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct story *s = story_open(&(struct opts){ .tls = IS(1, "tls"), .hook = watch });
	struct req *a = ASK(s, .path = "/ok?a"), *b = ASK(s, .path = "/ok?b"), *c = ASK(s, .path = "/ok?c");

	RUN_UNTIL(s, c->n[REASON_COMPLETED]);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
	CHECK_EQ(peer_stat(&s->peer, "requests"), 3);
	CHECK_EQ(peer_stat(&s->peer, "ahead"), 0);
	CHECK_EQ(peer_stat(&s->peer, "handshakes"), s->opts.tls);
	CHECK_STR(a->body, "/ok?a");
	CHECK_STR(b->body, "/ok?b");
	CHECK_STR(c->body, "/ok?c");
	CHECK_EQ(a->status, 200);
	if (!OURS)
		return story_close(s);
	RUN_ALL(s);
	CHECK_LOG(a, LED);
	CHECK_LOG(b, RODE);
	CHECK_LOG(c, RODE);
	CHECK_EQ(handed, 2);
	CHECK_ORDER(s, "C:NEW", "A:CONNECTING");
	CHECK_ORDER(s, "A:COMPLETED", "B:APPEND");
	CHECK_ORDER(s, "A:DESTROY", "B:FILTER");
	CHECK_ORDER(s, "B:DESTROY", "C:FILTER");
	CHECK_EQ(peer_stat(&s->peer, "open"), 1);
	return story_close(s);
}
