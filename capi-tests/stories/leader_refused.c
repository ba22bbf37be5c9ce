/* Nobody listens: everyone who waits for that attempt hears the real reason. When somebody listens again, the next goes through. */
#include "harness.h"

int main(int argc, char **argv)
{
	struct story *s;
	struct req *r[3], *d;
	int i;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(1, "tls") });
	peer_say(&s->peer, "mode refuse");
	for (i = 0; i < 3; i++)
		r[i] = ASK(s, .path = "/ok");
	RUN_ALL(s);
	for (i = 0; i < 3; i++) {
		CHECK_LOG(r[i], i ? "BIND CREATE NEW | ERROR DROP DESTROY" :
				    "BIND CREATE NEW | CONNECTING ERROR DROP DESTROY");
		CHECK_HAS(r[i]->error, "conn fail: ECONNREFUSED");
		CHECK_HAS(r[i]->error, "127.0.0.1");
	}
	CHECK_ORDER(s, "A:ERROR", "B:ERROR");
	CHECK_ORDER(s, "B:ERROR", "C:ERROR");
	peer_say(&s->peer, "mode normal");
	d = ASK(s, .path = "/ok");
	RUN_ALL(s);
	CHECK_LOG(d, LED);
	return story_close(s);
}
