// A C++ exception from each callback of a WebSocket reaches the program through the library, which can be used on.
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

static struct req *ask_for(struct story *s, const char *path, hook_fn with)
{
	struct ask a = {};

	a.ws = 1;
	a.path = path;
	a.body = "x";
	a.body_len = 1;
	a.hook = with;
	return ask(s, &a);
}

static void one(struct story *s, const char *place)
{
	struct req *r, *other, *open = ask_for(s, "/ws/echo", nullptr);
	size_t nth = s->n_reqs;
	int caught = 0;

	at = reason_of(place);
	RUN_UNTIL(s, open->ws.messages);
	try {
		ask_for(s, at == REASON_ERROR ? "/ws/echo?status=403" : "/ws/send/text:m/pong:p/recv:1/close:1000:bye", hook);
	} catch (const std::exception &e) {
		caught++;
	}
	r = s->reqs[nth];
	other = ask_for(s, "/ws/send/text:other/recv:1/close:1000", nullptr);
	while (!other->done || !caught) {
		try {
			step(s);
		} catch (const std::exception &e) {
			caught++;
			CHECK_STR(e.what(), "thrown");
		}
	}
	CHECK_EQ(caught, 1);
	CHECK(r->mine);
	CHECK_STR(other->body, "other");
	CHECK_EQ(ws_text(open, "still here"), 10);
	RUN_UNTIL(s, open->ws.messages == 2);
	// What it was thrown through may have to wait for the context's end; the harness checks that it ended once.
	for (int i = 0; i < 20 && s->alive > 1; i++)
		lws_service(s->cx, -1);
	story_destroy(s);
	s->cx = nullptr;
	CHECK_EQ(s->alive, 0);
}

int main(int argc, char **argv)
{
	static const char *const places[] = { WS_PLACES, "ERROR" };
	struct opts o = {};
	struct story *s;

	ONLY_OURS();
	o.tls = IS(1, "tls");
	o.peer = WS_PEER;
	o.no_context = 1;
	s = story_open(&o);
	for (const char *place : places) {
		if (on_h2 && !strcmp(place, "CONNECTING"))
			continue;
		story_context(s);
		one(s, place);
	}
	return story_close(s);
}
