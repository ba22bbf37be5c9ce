/*
 * fork() between create and service: the child serves, the parent leaves. The requests were made before (to an address, or to a
 * name whose lookup had begun) or are made after.
 */
#include "harness.h"
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct story *s;
	const char *name = IS(1, "lookup") ? "localhost" : "127.0.0.1";
	int status = 0, i;
	pid_t child;

	ONLY_OURS();
	if (UNDER_ASAN && IS(1, "lookup"))
		return 77;			/* its allocator may be locked in the child by the thread that looks up */
	s = story_open(&(struct opts){ .tls = IS(2, "tls") });
	if (!IS(1, "after"))
		for (i = 0; i < 3; i++)
			ASK(s, .path = "/ok", .address = name);
	child = fork();
	CHECK(child >= 0);
	if (child) {
		CHECK(waitpid(child, &status, 0) == child);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
	}
	alarm(50);
	if (IS(1, "after"))
		for (i = 0; i < 3; i++)
			ASK(s, .path = "/ok", .address = "localhost");
	RUN_ALL(s);
	for (i = 0; i < 3; i++)
		CHECK_EQ(s->reqs[i]->n[REASON_COMPLETED], 1);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
	await(s, "wait-accepts 1");		/* lws_cancel_service() rings the child's bell */
	status = story_close(s);
	exit(status);
}
