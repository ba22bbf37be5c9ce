/*
 * Destroying, serving and asking after this thread's thread_locals are gone: from a static object's destructor, from
 * atexit(), from a thread_local's destructor of a worker thread. All are callers as any other (contract 5.2).
 */
#include "harness.h"
#include <thread>

static struct lws_context *cx;
static int kind;

struct At_exit {
	~At_exit()
	{
		if (cx) {
			lws_service(cx, -1);
			lws_context_destroy(cx);
			fprintf(stderr, "destroyed\n");
		}
	}
} at_exit;

struct Local {
	int used = 0;
	~Local()
	{
		lws_service(cx, -1);
		lws_context_destroy(cx);
		cx = NULL;
		fprintf(stderr, "destroyed in a thread_local\n");
	}
};

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;

	memset(&info, 0, sizeof info);
	info.port = CONTEXT_PORT_NO_LISTEN;
	kind = IS(1, "thread");
	cx = lws_create_context(&info);
	if (kind) {
		std::thread([] {
			thread_local Local local;
			local.used = 1;
			lws_service(cx, -1);
		}).join();
		CHECK(!cx);
		return 0;
	}
	lws_service(cx, -1);
	return 0;
}
