/* A program that does not read one large response for a while: the others on its connection go on, and nothing of it is lost. */
#include "servers.h"

enum { OTHERS = 50 };

static int pause_it(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == REASON_EST)
		CHECK_EQ(lws_rx_flow_control(r->wsi, 0), 0);
	return 0;
}

int main(int argc, char **argv)
{
	struct server v;
	struct counts c;
	struct story *s;
	struct req *slow;
	size_t i, before;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(2, "tls") });
	server_start(&v, s, &(struct server_opts){ .kind = ARG(1) });
	slow = ASK(s, AT(&v), .path = "/huge", .hook = pause_it);
	RUN_UNTIL(s, slow->n[REASON_EST]);
	before = slow->total;
	for (i = 0; i < OTHERS; i++)
		ASK(s, AT(&v), .path = i % 10 ? "/file" : "/big");
	RUN_UNTIL(s, s->alive == 1);
	CHECK_EQ(slow->total, before);
	CHECK(!slow->n[REASON_COMPLETED]);
	CHECK_EQ(lws_rx_flow_control(slow->wsi, 1), 0);
	RUN_ALL(s);
	story_destroy(s);
	s->cx = NULL;
	server_stop(&v);
	CHECK_EQ(slow->total, HUGE_SIZE);
	CHECK_EQ(slow->sum, fill_sum(HUGE_SIZE));
	CHECK_LOG(slow, LED2);
	for (i = 1; i <= OTHERS; i++) {
		size_t size = (i - 1) % 10 ? FILE_SIZE : BIG_SIZE;

		CHECK_EQ(s->reqs[i]->total, size);
		CHECK_EQ(s->reqs[i]->sum, fill_sum(size));
		CHECK_LOG(s->reqs[i], RODE2);
	}
	c = server_counts(&v);
	CHECK_EQ(c.connections, 1);
	server_forget(&v);
	return story_close(s);
}
