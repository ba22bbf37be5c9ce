/* WRITEABLE for every request that has a protocol: on one vhost, on all of the context, and on nobody else's. */
#include "harness.h"

#define REFUSED(call, words) do { size_t mark_ = log_mark(); call; CHECK_HAS(logged_since(mark_), words); } while (0)

int main(void)
{
	struct lws_context_creation_info info;
	struct lws_protocols others[3];
	struct req *a, *b, *c;
	struct lws_vhost *two;
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .timeout_secs = 0 });
	memset(others, 0, sizeof others);
	others[0] = others[1] = s->protocols[0];
	others[0].name = "another";
	memset(&info, 0, sizeof info);
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = others;
	info.vhost_name = "two";
	two = lws_create_vhost(s->cx, &info);
	CHECK(two);
	a = ASK(s, .path = "/headthengate/x", .solo = 1, .protocol = "story");
	b = ASK(s, .path = "/headthengate/x", .solo = 1, .protocol = "story", .vhost = two);
	c = ASK(s, .path = "/headthengate/x", .solo = 1, .protocol = "another", .vhost = two);
	RUN_UNTIL(s, a->n[REASON_EST] && b->n[REASON_EST] && c->n[REASON_EST]);
	CHECK_EQ(lws_callback_on_writable_all_protocol_vhost(two, &others[0]), 0);
	RUN_UNTIL(s, c->n[REASON_WRITE]);
	CHECK_EQ(lws_callback_on_writable_all_protocol(s->cx, &s->protocols[0]), 0);
	RUN_UNTIL(s, a->n[REASON_WRITE] && b->n[REASON_WRITE]);
	/* by its name, where the entry is another vhost's */
	CHECK_EQ(lws_callback_on_writable_all_protocol_vhost(two, &s->protocols[0]), 0);
	RUN_UNTIL(s, b->n[REASON_WRITE] == 2);
	CHECK_EQ(a->n[REASON_WRITE], 1);
	CHECK_EQ(c->n[REASON_WRITE], 1);
	REFUSED(CHECK_EQ(lws_callback_on_writable_all_protocol(NULL, &others[0]), -1), "context is NULL");
	REFUSED(CHECK_EQ(lws_callback_on_writable_all_protocol(s->cx, NULL), -1), "protocol is NULL");
	REFUSED(CHECK_EQ(lws_callback_on_writable_all_protocol_vhost(NULL, &others[0]), -1), "vhost is NULL");
	others[2].name = "nobody";
	REFUSED(CHECK_EQ(lws_callback_on_writable_all_protocol_vhost(two, &others[2]), -1), "no such protocol");
	CHECK_EQ(lws_callback_on_writable_all_protocol(s->cx, &others[2]), 0);
	peer_say(&s->peer, "open x");
	RUN_ALL(s);
	CHECK_EQ(lws_callback_on_writable_all_protocol(s->cx, &others[0]), 0);	/* there is nobody left */
	return story_close(s);
}
