/*
 * Contract 1.8, 2.1, 2.3, 3.1 on h2: three asked before there is a connection share one and one handshake, all at once and in the order
 * they were asked; who comes later joins, busy or idle; who may not share does not.
 */
#include "harness.h"

static int watch(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	struct lws *network = lws_get_network_wsi(r->wsi);
	char name[64];

	(void)in;
	(void)len;
	CHECK(lws_wsi_user(r->wsi) == r);
	CHECK(lws_get_opaque_user_data(r->wsi) == r);
	if (reason != REASON_EST)
		return 0;
	CHECK(network && network != r->wsi);
	CHECK_EQ(lws_get_socket_fd(r->wsi), -1);
	CHECK(!lws_get_ssl(r->wsi));
	CHECK(lws_get_socket_fd(network) >= 0);
	CHECK_EQ(!lws_get_ssl(network), on_h2 != 1);
	lws_get_peer_simple(r->wsi, name, sizeof name);
	CHECK_STR(name, "127.0.0.1");
	r->mine = network;
	return 0;
}

static void together(struct story *s)
{
	struct req *a = ASK(s, .path = "/gate/x?a"), *b = ASK(s, .path = "/gate/x?b"), *c = ASK(s, .path = "/gate/x?c");
	char log[1000];

	await(s, "wait-requests 3");
	CHECK_ORDER(s, "C:NEW", "A:CONNECTING");
	CHECK_ORDER(s, "A:APPEND", "B:APPEND");
	CHECK_ORDER(s, "B:APPEND", "C:APPEND");
	CHECK_LOG(a, "BIND CREATE NEW | CONNECTING APPEND");
	CHECK_LOG(c, "BIND CREATE NEW | APPEND");
	snprintf(log, sizeof log, "%s", peer_say(&s->peer, "log"));
	CHECK_HAS(log, "nth=1 GET /gate/x?a");
	CHECK_HAS(log, "nth=2 GET /gate/x?b");
	CHECK_HAS(log, "nth=3 GET /gate/x?c");
	CHECK(lws_get_network_wsi(a->wsi) == lws_get_network_wsi(c->wsi));
	peer_say(&s->peer, "open x");
	RUN_ALL(s);
	CHECK_LOG(a, LED);
	CHECK_LOG(b, RODE);
	CHECK_LOG(c, RODE);
	CHECK_STR(a->body, "/gate/x?a");
	CHECK_STR(b->body, "/gate/x?b");
	CHECK_STR(c->body, "/gate/x?c");
	CHECK(a->mine && a->mine == b->mine && b->mine == c->mine);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
	CHECK_EQ(peer_stat(&s->peer, "streams"), 3);
}

static void later(struct story *s)
{
	struct req *idle = ASK(s, .path = "/status/404"), *held, *busy;

	RUN_ALL(s);
	CHECK_LOG(idle, RODE);
	CHECK_EQ(idle->status, 404);
	held = ASK(s, .path = "/gate/y");
	await(s, "wait-requests 5");
	busy = ASK(s, .path = "/status/201");
	CHECK_LOG(busy, "BIND CREATE NEW |");
	RUN_UNTIL(s, busy->done);
	CHECK(!held->done);
	CHECK_LOG(busy, RODE);
	CHECK_EQ(busy->status, 201);
	peer_say(&s->peer, "open y");
	RUN_ALL(s);
	CHECK_LOG(held, RODE);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
	CHECK_EQ(peer_stat(&s->peer, "handshakes"), s->opts.tls);
}

/* Nothing of one kind rides with another, and what is alike shares. */
static void apart(struct story *s)
{
	struct req *alone[2], *only[3], *either[2];
	int i;

	for (i = 0; i < 2; i++)
		alone[i] = ASK(s, .path = "/ok", .solo = 1);
	RUN_ALL(s);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 3);
	CHECK_LOG(alone[0], LED);
	CHECK_LOG(alone[1], LED);
	await(s, "wait-closed 2");
	for (i = 0; i < 3; i++)
		only[i] = ASK(s, .path = "/ok", .alpn = "h2");
	for (i = 0; i < 2; i++)
		either[i] = ASK(s, .path = "/ok", .alpn = "h2,http/1.1");
	RUN_ALL(s);
	CHECK_LOG(only[0], LED);
	CHECK_LOG(only[1], RODE);
	CHECK_LOG(only[2], RODE);
	CHECK_LOG(either[1], RODE);
	CHECK(only[0]->mine == only[2]->mine && only[0]->mine != either[0]->mine);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 4);
	CHECK_EQ(peer_stat(&s->peer, "h2"), 4);
}

int main(void)
{
	struct story *s;

	ONLY_H2();
	s = story_open(&(struct opts){ .hook = watch });
	together(s);
	later(s);
	apart(s);
	return story_close(s);
}
