/*
 * parent_wsi: a request and those that belong to it. However it ends (cancelled, its response complete, the context destroyed), they end
 * before it, the newest first and each after its own; the parent's protocol hears of each.
 */
#include "harness.h"

static struct lws *of(struct req *r)
{
	return r ? r->wsi : NULL;
}

static void check_family(struct req *r, struct req *parent, struct req *child)
{
	CHECK(lws_get_parent(r->wsi) == of(parent));
	CHECK(lws_get_child(r->wsi) == of(child));
}

/* While CHILD_CLOSING runs it still has its parent; afterwards it has none, and the parent one less. */
static int look(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_CHILD_CLOSING)
		CHECK(lws_get_parent(r->wsi) == of(r->ask.parent));
	if (reason == REASON_DESTROY) {
		CHECK(!lws_get_parent(r->wsi));
		CHECK(!lws_get_child(r->wsi));
		if (r->ask.parent)
			CHECK(lws_get_child(r->ask.parent->wsi) != r->wsi);
	}
	return 0;
}

/* Ends the parent from a callback of its child: the child goes first all the same. */
static int kill_parent(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	look(r, reason, in, len);
	if (reason == REASON_READ)
		kill_req(r->ask.parent, 1);
	return 0;
}

static void check_order(struct story *s)
{
	CHECK_ORDER(s, "C:DESTROY", "D:DROP");
	CHECK_ORDER(s, "D:DESTROY", "B:DROP");
	CHECK_ORDER(s, "B:DESTROY", "A:DROP");
}

static void refusals(struct story *s, struct req *gone)
{
	struct lws_client_connect_info i;
	struct lws *wsi = (struct lws *)s;

	memset(&i, 0, sizeof i);
	i.context = s->cx;
	i.address = "127.0.0.1";
	i.port = s->peer.port;
	i.method = "GET";
	i.pwsi = &wsi;
	i.parent_wsi = gone->wsi;
	CHECK(!lws_client_connect_via_info(&i));
	CHECK(!wsi);
	CHECK(!lws_get_parent(NULL));
	CHECK(!lws_get_child(gone->wsi));
}

int main(int argc, char **argv)
{
	struct req *a, *b, *c, *d;
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(2, "tls"), .hook = look });
	a = ASK(s, .path = IS(1, "done") ? "/gate/y" : "/gate/x");
	b = ASK(s, .path = "/gate/x", .parent = a, .solo = 1);
	c = ASK(s, .path = IS(1, "inside") ? "/ok" : "/gate/x", .parent = a, .solo = 1, .hook = IS(1, "inside") ? kill_parent : NULL);
	d = ASK(s, .path = "/gate/x", .parent = b, .solo = !IS(1, "waits"));
	check_family(a, NULL, c);
	check_family(b, a, d);
	check_family(c, a, NULL);
	check_family(d, b, NULL);
	if (IS(1, "early")) {
		kill_req(a, 1);
		CHECK(a->done && b->done && c->done && d->done);
	} else if (IS(1, "inside")) {
		RUN_ALL(s);
		CHECK_LOG(c, "BIND CREATE NEW | CONNECTING APPEND FILTER EST RECEIVE READ DROP CLOSED CHILD_CLOSING DESTROY");
		CHECK_ORDER(s, "C:DESTROY", "A:DROP");
		CHECK_ORDER(s, "D:DESTROY", "B:DROP");
		CHECK_ORDER(s, "B:DESTROY", "A:DROP");
		return story_close(s);
	} else if (IS(1, "child")) {
		await(s, "wait-requests 4");
		kill_req(b, 0);
		RUN_UNTIL(s, b->done);
		CHECK_ORDER(s, "D:DESTROY", "B:ERROR");
		CHECK(!c->done && !a->done);
		check_family(a, NULL, c);
		peer_say(&s->peer, "open x");
		RUN_ALL(s);
		CHECK_LOG(b, "BIND CREATE NEW | CONNECTING APPEND ERROR DROP CHILD_CLOSING DESTROY");
		return story_close(s);
	} else if (IS(1, "destroy")) {
		await(s, "wait-requests 4");
		s->destroying = 1;
		lws_context_destroy(s->cx);
		s->cx = NULL;
		CHECK_LOG(a, "BIND CREATE NEW | CONNECTING APPEND DROP DESTROY");
		check_order(s);
		return story_close(s);
	} else {
		await(s, "wait-requests %d", IS(1, "waits") ? 3 : 4);
		if (IS(1, "done"))
			peer_say(&s->peer, "open y");
		else
			kill_req(a, IS(1, "sync"));
	}
	RUN_ALL(s);
	check_order(s);
	CHECK_LOG(d, "BIND CREATE NEW | [CONNECTING] [APPEND] ERROR DROP CHILD_CLOSING DESTROY");
	CHECK_HAS(d->error, "the request that it belongs to ended");
	if (IS(1, "done"))
		CHECK_STR(a->body, "/gate/y");
	refusals(s, d);
	return story_close(s);
}
