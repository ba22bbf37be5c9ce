// A C++ exception from ADD_POLL_FD and its like reaches the program through lws_service_fd() or lws_service(); the connection counts as
// refused, and the next one works.
#include "harness.h"
#include <cstring>
#include <stdexcept>

static int at, thrown;

static int throws(struct story *, struct lws *, enum lws_callback_reasons reason, const struct lws_pollargs *)
{
	if (static_cast<int>(reason) == at && !thrown++)
		throw std::runtime_error("thrown");
	return 0;
}

int main(int argc, char **argv)
{
	struct ask how = {};
	struct opts o = {};
	struct story *s;
	struct req *a, *b;
	int caught = 0;

	ONLY_OURS();
	setenv("LOOP", "poll", 0);
	at = !strcmp(ARG(1), "LOCK") ? LWS_CALLBACK_LOCK_POLL :
	     !strcmp(ARG(1), "ADD") ? LWS_CALLBACK_ADD_POLL_FD : LWS_CALLBACK_CHANGE_MODE_POLL_FD;
	o.told = throws;
	o.tls = IS(2, "tls");
	s = story_open(&o);
	how.path = "/ok";
	a = ask(s, &how);
	while (!a->done)
		try {
			step(s);
		} catch (const std::runtime_error &e) {
			CHECK_STR(e.what(), "thrown");
			caught++;
			outside_unlock();	// UNLOCK_POLL does not come any more
		}
	CHECK_EQ(caught, 1);
	CHECK_HAS(a->error, "conn fail: ");
	b = ask(s, &how);
	RUN_UNTIL(s, b->done);
	CHECK_EQ(b->n[REASON_COMPLETED], 1);
	return story_close(s);
}
