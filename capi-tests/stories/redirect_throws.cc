/* A C++ exception out of a callback of a redirect: where a nonzero return ends the request it does so too, and the others go on. */
#include "harness.h"

static int at;

static int hook(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	(void)len;
	if ((int)reason == at && r->n[at] == (at == (int)REASON_BIND ? 2u : 1u))
		throw 1;
	return 0;
}

int main(int argc, char **argv)
{
	struct opts o = {};
	struct ask q = {};
	int thrown = 0;

	ONLY_OURS();
	at = reason_of(ARG(1));
	o.tls = IS(2, "tls");
	struct story *s = story_open(&o);
	q.path = "/redirect/302";
	q.hook = hook;
	struct req *a = ask(s, &q);
	q.path = "/ok?b";
	q.hook = NULL;
	struct req *b = ask(s, &q);
	while (s->alive) {
		try {
			step(s);
		} catch (int) {
			thrown++;
		}
	}
	CHECK_EQ(thrown, 1);
	if (IS(1, "REDIRECT"))
		CHECK_HAS(a->error, "HS: user code rejected redirect");
	else
		CHECK_STR(a->body, "/ok");
	CHECK_STR(b->body, "/ok?b");
	return story_close(s);
}
