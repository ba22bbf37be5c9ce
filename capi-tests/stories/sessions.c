/* User and opaque pointers: readable in every callback; per-session data is the library's, zeroed, each request its own. */
#include "harness.h"

static int look(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	size_t i;

	(void)in;
	(void)len;
	CHECK(lws_get_opaque_user_data(r->wsi) == r);
	CHECK(reason == REASON_VERIFY || lws_wsi_user(r->wsi) == r->user);
	if (reason == REASON_BIND) {
		for (i = 0; i < 1000; i++)
			CHECK_EQ(((char *)r->user)[i], 0);
		memset(r->user, (int)r->nth + 1, 1000);
	} else
		for (i = 0; i < 1000; i++)
			CHECK_EQ(((char *)r->user)[i], (int)r->nth + 1);
	CHECK(lws_get_context(r->wsi) == r->story->cx);
	CHECK_STR(lws_get_protocol(r->wsi)->name, "story");
	CHECK_STR(lws_get_vhost_name(lws_get_vhost(r->wsi)), "default");
	return 0;
}

int main(void)
{
	struct story *s;
	int i;

	ONLY_OURS();
	s = story_open(&(struct opts){ .pss = 1000, .hook = look });
	for (i = 0; i < 10; i++)
		ASK(s, .path = i == 5 ? "/die/head" : "/ok");
	RUN_ALL(s);
	CHECK_EQ(s->inits, 1);
	return story_close(s);
}
