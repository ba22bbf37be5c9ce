/* lws_context_destroy() from inside every callback, with others waiting, in flight and idle: every request ends, nothing is left. */
#include "harness.h"

static const char *const places[] = {
	"BIND", "CREATE", "NEW", "CONNECTING", "APPEND", "WRITE", "FILTER", "EST", "RECEIVE", "READ", "COMPLETED", "ERROR", "DROP",
	"CLOSED", "DESTROY",
};
static int at;

static int hook(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	(void)len;
	if ((int)reason == at && !r->story->destroying)
		story_destroy(r->story);
	return 0;
}

int main(int argc, char **argv)
{
	struct story *s;
	struct req *busy;
	size_t i;

	ONLY_OURS();
	s = story_open(&(struct opts){ .no_context = 1, .tls = IS(1, "tls") });
	for (i = 0; i < sizeof places / sizeof *places; i++) {
		int post = !strcmp(places[i], "WRITE"), bad = !strcmp(places[i], "ERROR");

		if (on_h2 && !strcmp(places[i], "RECEIVE"))
			continue;
		at = reason_of(places[i]);
		story_context(s);
		ASK(s, .path = "/ok", .host = OURS ? "127.0.0.1" : NULL);
		RUN_ALL(s);			/* leaves an idle connection */
		busy = ASK(s, .path = "/headthengate/never", .solo = 1);
		RUN_UNTIL(s, busy->total);
		ASK(s, .path = bad ? "/die/head" : "/len/10", .hook = hook, .may_be_null = 1, .method = post ? "POST" : "GET",
		    .body = "xy", .body_len = post ? 2 : 0);
		if (s->destroying)
			s->cx = NULL;
		else
			ASK(s, .path = "/ok?waits");
		while (s->cx)
			step(s);
		CHECK_EQ(s->alive, 0);
		CHECK_EQ(settled_fds(s->fds), s->fds);
	}
	return story_close(s);
}
