/* Nonzero from CLIENT_CONNECTION_ERROR means nothing: the request has ended already. */
#include "harness.h"

int main(void)
{
	struct story *s;
	struct req *a, *b;

	ONLY_OURS();
	s = story_open(&(struct opts){ .timeout_secs = 5 });
	a = ASK(s, .path = on_h2 ? "/rststream/2" : "/die/head", .fail_at = REASON_ERROR);
	b = ASK(s, .path = "/ok");
	RUN_ALL(s);
	CHECK_LOG(a, FAILED);
	CHECK_LOG(b, on_h2 ? RODE : LED);
	return story_close(s);
}
