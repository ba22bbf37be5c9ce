/*
 * A program that says itself how much a server may send (LCCSCF_H2_MANUAL_RXFLOW, lws_wsi_tx_credit()): it gets no byte more, and all
 * in the end. Others on the same connection are not held up.
 */
#include "servers.h"

enum { FIRST = 5000, MORE = 70000 };

struct window {
	size_t granted;
};

static int grant(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	struct window *w = r->mine;

	(void)in;
	(void)len;
	if (reason != REASON_READ)
		return 0;
	CHECK(r->total <= w->granted);
	if (r->total == w->granted && r->story->alive == 1) {
		CHECK_EQ(lws_wsi_tx_credit(r->wsi, LWSTXCR_PEER_TO_US, 0), 0);
		CHECK_EQ(lws_wsi_tx_credit(r->wsi, LWSTXCR_PEER_TO_US, MORE), 0);
		w->granted += MORE;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct window w = { FIRST };
	struct server v;
	struct story *s;
	struct req *r;
	int i;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(2, "tls") });
	server_start(&v, s, &(struct server_opts){ .kind = ARG(1) });
	v.flags |= (int)LCCSCF_H2_MANUAL_RXFLOW;
	r = ASK(s, AT(&v), .path = "/big", .credit = FIRST, .hook = grant, .mine = &w);
	v.flags &= ~(int)LCCSCF_H2_MANUAL_RXFLOW;
	for (i = 0; i < 20; i++)
		ASK(s, AT(&v), .path = "/file");
	RUN_UNTIL(s, s->alive == 1 && r->total == FIRST);
	CHECK_EQ(lws_wsi_tx_credit(r->wsi, LWSTXCR_PEER_TO_US, MORE), 0);
	w.granted += MORE;
	RUN_ALL(s);
	story_destroy(s);
	s->cx = NULL;
	server_stop(&v);
	CHECK_EQ(r->total, BIG_SIZE);
	CHECK_EQ(r->sum, fill_sum(BIG_SIZE));
	CHECK_LOG(r, LED2);
	for (i = 1; i <= 20; i++)
		CHECK_LOG(s->reqs[i], RODE2);
	CHECK_EQ(server_counts(&v).connections, 1);
	server_forget(&v);
	return story_close(s);
}
