// A C++ exception from each callback reaches the program through the library, which can be used on: every request still has
// its one ending, the others complete, and nothing is left.
#include "harness.h"
#include <exception>
#include <stdexcept>

static int at;

static int hook(struct req *r, enum lws_callback_reasons reason, void *, size_t)
{
	if (static_cast<int>(reason) == at && !r->mine) {
		r->mine = r;
		throw std::runtime_error("thrown");
	}
	return 0;
}

static struct req *plain_ask(struct story *s, const char *path, hook_fn with, bool post = false)
{
	struct ask a = {};

	a.path = path;
	a.hook = with;
	a.may_be_null = 1;
	if (post) {
		a.method = "POST";
		a.body = "xy";
		a.body_len = 2;
	}
	return ask(s, &a);
}

int main(int argc, char **argv)
{
	struct opts o = {};
	struct story *s;
	struct req *a = nullptr, *b, *c;
	int caught = 0;

	ONLY_OURS();
	at = reason_of(ARG(1));
	CHECK(at >= 0);
	o.tls = IS(2, "tls");
	s = story_open(&o);
	try {
		a = plain_ask(s, at == REASON_ERROR ? "/die/head" : "/ok?a", hook, at == REASON_WRITE);
	} catch (const std::exception &e) {
		caught++;
		CHECK_STR(e.what(), "thrown");
		a = s->reqs[0];
	}
	b = plain_ask(s, "/ok?b", nullptr);
	c = plain_ask(s, "/ok?c", nullptr);
	while (!b->done || !c->done || (!a->done && a->n[REASON_BIND] && !caught)) {
		try {
			step(s);
		} catch (const std::exception &e) {
			caught++;
			CHECK_STR(e.what(), "thrown");
		}
	}
	CHECK_EQ(caught, 1);
	CHECK_STR(b->body, "/ok?b");
	CHECK_STR(c->body, "/ok?c");
	// What it was thrown through may have to wait for the context's end; the harness checks that it ended once.
	for (int i = 0; i < 20 && s->alive; i++)
		lws_service(s->cx, -1);
	return story_close(s);
}
