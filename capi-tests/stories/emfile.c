/* Very many solo requests with few descriptors: each that gets none ends with a reason, the others complete, nothing spins. */
#include "harness.h"
#include <sys/resource.h>
int main(int argc, char **argv)
{
	struct rlimit l = { 200, 200 };
	struct story *s = story_open(&(struct opts){ .tls = IS(1, "tls") });
	size_t i, failed = 0, done = 0;
	double t = now();
	struct rusage u;
	ASK(s, .path = "/ok"); RUN_ALL(s);
	l.rlim_cur = (rlim_t)count_fds() + 100;
	l.rlim_max = l.rlim_cur + 1000;
	if (setrlimit(RLIMIT_NOFILE, &l)) perror("setrlimit");
	getrlimit(RLIMIT_NOFILE, &l); fprintf(stderr, "limit %ld\n", (long)l.rlim_cur);
	for (i = 0; i < 3000; i++)
		ASK(s, .path = "/ok", .solo = 1, .quiet = 1, .address = i % 7 ? "127.0.0.1" : "localhost", .host="localhost");
	RUN_ALL(s);
	for (i = 0; i < s->n_reqs; i++) {
		if (s->reqs[i]->n[REASON_ERROR]) { if (!failed++) fprintf(stderr, "%s\n", s->reqs[i]->error); else if (strstr(s->reqs[i]->error, "localhost") && failed < 30) {failed+=0; } }
		else done++;
	}
	getrusage(RUSAGE_SELF, &u);
	fprintf(stderr, "failed %zu done %zu in %g s\n", failed, done, now() - t);
	ASK(s, .path = "/ok"); RUN_ALL(s);
	return story_close(s);
}
