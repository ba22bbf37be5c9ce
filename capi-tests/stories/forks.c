/* fork() inside each callback: the child goes on with the context, the parent leaves it alone (contract 5.5). */
#include "harness.h"
#include <sys/wait.h>
#include <unistd.h>
static int at, pid = -1;
static int hook(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in; (void)len;
	if ((int)reason == at && !r->mine && pid < 0) {
		r->mine = r;
		pid = fork();
		if (pid) {
			int st = 0;
			waitpid(pid, &st, 0);
			fprintf(stderr, "child %d\n", st);
			_exit(WIFEXITED(st) ? WEXITSTATUS(st) : 99);
		}
	}
	return 0;
}
int main(int argc, char **argv)
{
	struct story *s;
	struct req *a, *b, *c;
	/* The sanitizer's allocator, unlike libc's, stays locked in the child if another thread, the resolver's, was inside. */
	const char *place = UNDER_ASAN ? "127.0.0.1" : "localhost";
	at = reason_of(ARG(1));
	s = story_open(&(struct opts){ .hook = hook, .tls = IS(2, "tls"), .no_fd_check = 1 });
	a = ASK(s, .path = "/chunked/9,9", .address = place, .host="localhost", .method = at == REASON_WRITE ? "POST" : "GET", .body = "xy", .body_len = at == REASON_WRITE ? 2 : 0);
	b = ASK(s, .path = "/ok?b", .address = place, .host="localhost");
	c = ASK(s, .path = "/ok?c", .solo = 1, .address = place, .host="localhost");
	RUN_ALL(s);
	CHECK_EQ(pid, 0);
	CHECK_EQ(a->total, 18);
	CHECK_STR(b->body, "/ok?b");
	CHECK_STR(c->body, "/ok?c");
	lws_context_destroy(s->cx);
	_exit(0);
}
