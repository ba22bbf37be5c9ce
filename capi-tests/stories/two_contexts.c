/* Two contexts in two threads, made, used and destroyed again and again, know nothing of each other. */
#include "harness.h"
#include <pthread.h>

static void *use(void *arg)
{
	struct story *s = arg;
	size_t round, i, n = scale() / 1000;

	for (round = 0; round < 5; round++) {
		story_context(s);
		for (i = 0; i < n; i++)
			ASK(s, .path = "/ok", .solo = i % 50 == 0, .quiet = i > 10);
		RUN_ALL(s);
		ASK(s, .path = "/ok?left");
		story_destroy(s);
		s->cx = NULL;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct opts o = { .no_context = 1, .no_fd_check = 1, .tls = IS(1, "tls") };
	struct story *s[2];
	pthread_t t[2];
	int i, fds;

	ONLY_OURS();
	for (i = 0; i < 2; i++)
		s[i] = story_open(&o);
	fds = count_fds();
	for (i = 0; i < 2; i++)
		CHECK(!pthread_create(&t[i], NULL, use, s[i]));
	for (i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	CHECK_EQ(count_fds(), fds);
	for (i = 0; i < 2; i++)
		story_close(s[i]);
	return 0;
}
