// Contract 5.4: a C++ exception out of READ or WRITEABLE of one of many streams reaches the program, ends that request alone, and the
// bytes of the others come whole on the same connection.
#include "harness.h"
#include <stdexcept>

static int at;

static int hook(struct req *r, enum lws_callback_reasons reason, void *, size_t)
{
	if (static_cast<int>(reason) == at && !r->mine && (at != REASON_READ || r->total > 50000)) {
		r->mine = r;
		throw std::runtime_error("thrown");
	}
	return 0;
}

static char body[200000];

static struct req *add(struct story *s, int post, hook_fn with)
{
	struct ask a = {};

	a.path = post ? "/echo" : "/len/200000";
	a.hook = with;
	if (post) {
		a.method = "POST";
		a.body = body;
		a.body_len = sizeof body;
		a.pieces = 30;
	}
	return ask(s, &a);
}

int main(int argc, char **argv)
{
	struct opts o = {};
	struct req *r[10];
	struct story *s;
	int caught = 0, i, thrown = 0;

	ONLY_H2();
	at = reason_of(ARG(1));
	for (size_t n = 0; n < sizeof body; n++)
		body[n] = static_cast<char>('a' + n % 26);
	s = story_open(&o);
	for (i = 0; i < 10; i++)
		r[i] = add(s, i % 2, i == 3 || i == 6 || i == 7 ? hook : nullptr);
	for (;;) {
		int left = 0;

		for (i = 0; i < 10; i++)
			left += !r[i]->done && !r[i]->mine;
		if (!left)
			break;
		try {
			step(s);
		} catch (const std::exception &e) {
			caught++;
			CHECK_STR(e.what(), "thrown");
		}
	}
	// What it was thrown through may have its last callbacks still to come.
	for (i = 0; i < 20 && s->alive; i++)
		lws_service(s->cx, -1);
	CHECK_EQ(s->alive, 0);
	for (i = 0; i < 10; i++) {
		thrown += !!r[i]->mine;
		CHECK_EQ(r[i]->n[REASON_COMPLETED], !r[i]->mine);
		if (!r[i]->mine) {
			CHECK_EQ(r[i]->total, sizeof body);
			CHECK_EQ(r[i]->sum, fnv(body, sizeof body, FNV_START));
		}
	}
	CHECK_EQ(caught, thrown);
	CHECK_EQ(thrown, at == REASON_READ ? 3 : 2);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
	return story_close(s);
}
