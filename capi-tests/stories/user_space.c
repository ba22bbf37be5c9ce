/* lws_ensure_user_space(): per-session data for a request without a user pointer, zeroed, and the library's to free. */
#include "harness.h"

static int look(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	char *own;

	(void)in;
	(void)len;
	if (reason != REASON_APPEND)
		return 0;
	own = lws_wsi_user(r->wsi);
	CHECK(own);
	CHECK_EQ(lws_ensure_user_space(r->wsi), 0);	/* it has some */
	CHECK(lws_wsi_user(r->wsi) == own);
	lws_set_wsi_user(r->wsi, NULL);
	CHECK(!lws_wsi_user(r->wsi));
	CHECK_EQ(lws_ensure_user_space(r->wsi), 0);
	own = lws_wsi_user(r->wsi);
	CHECK(own && !own[0] && !own[r->story->opts.pss - 1]);
	memset(own, 1, r->story->opts.pss);
	CHECK_EQ(lws_ensure_user_space(NULL), 1);
	r->mine = r;
	return 0;
}

int main(int argc, char **argv)
{
	struct story *s;
	struct req *r;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(1, "tls"), .pss = 100 });
	r = ASK(s, .path = "/ok", .hook = look);
	RUN_ALL(s);
	CHECK(r->mine);
	CHECK_EQ(r->n[REASON_COMPLETED], 1);
	return story_close(s);
}
