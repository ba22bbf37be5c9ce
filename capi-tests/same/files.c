/* Files that are kept in memory as long as somebody uses what was read, while others replace them. */
#include "same.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 300, USERS = 4, FILES = 2 };

static lwsac_cached_file_t cached[FILES], used[USERS];
static char names[FILES][64];
static time_t clock_of[FILES];

/* The clocks are this program's: a file is looked at again after a while only. */
static time_t at = 1700000000;

time_t time(time_t *to)
{
	if (to)
		*to = at;
	return at;
}

int gettimeofday(struct timeval *tv, void *zone)
{
	(void)zone;
	tv->tv_sec = at;
	tv->tv_usec = 0;
	return 0;
}

int clock_gettime(clockid_t clock, struct timespec *ts)
{
	(void)clock;
	ts->tv_sec = at;
	ts->tv_nsec = 0;
	return 0;
}

static void replace(unsigned which)
{
	char text[3000];
	unsigned len = draw(4) ? draw(64) : draw(sizeof text), i;
	struct timespec times[2];
	FILE *f;

	for (i = 0; i < len; i++)
		text[i] = (char)('a' + draw(26));
	f = fopen(names[which], "w");
	if (!f || fwrite(text, 1, len, f) != len || fclose(f))
		exit(1);
	/* a second is what both see */
	memset(times, 0, sizeof times);
	times[0].tv_sec = times[1].tv_sec = clock_of[which] += draw(4) != 0;
	if (utimensat(AT_FDCWD, names[which], times, 0))
		exit(1);
	printf("written %u: %u bytes at %u\n", which, len, (unsigned)clock_of[which]);
}

static void read_it(unsigned which)
{
	lwsac_cached_file_t before = cached[which];
	size_t len = 77777;
	int n = lwsac_cached_file(names[which], &cached[which], &len);

	printf("read %u: %d", which, n);
	if (!n)
		printf(" %s, %u bytes", cached[which] == before ? "as before" : "new", (unsigned)len);
	if (cached[which])
		printf(" '%s'", (const char *)cached[which]);
	printf("\n");
}

static void use(unsigned user)
{
	if (used[user]) {
		printf("%u has '%s'\n", user, (const char *)used[user]);
		lwsac_use_cached_file_end(&used[user]);
		used[user] = NULL;
		return;
	}
	used[user] = cached[draw(FILES)];
	if (used[user])
		lwsac_use_cached_file_start(used[user]);
}

static void drop(unsigned which)
{
	lwsac_cached_file_t old = cached[which];

	cached[which] = NULL;
	if (old)
		lwsac_use_cached_file_detach(&old);
	printf("dropped %u: %s\n", which, old ? "in use" : "gone");
}

int main(int argc, char **argv)
{
	unsigned round, which;

	seed_from(argc, argv);
	lws_set_log_level(0, NULL);
	for (which = 0; which < FILES; which++) {
		snprintf(names[which], sizeof names[which], "/tmp/same-files-%d-%u", (int)getpid(), which);
		clock_of[which] = 1000000;
		read_it(which);
		replace(which);
	}
	for (round = 0; round < ROUNDS; round++) {
		which = draw(FILES);
		at += (time_t)draw(4);
		switch (draw(6)) {
		case 0: replace(which); break;
		case 1:
			if (!draw(4))
				drop(which);
			break;
		case 2:
			if (!draw(8)) {
				unlink(names[which]);
				read_it(which);
				replace(which);
			}
			break;
		case 3: read_it(which); break;
		default:
			use(draw(USERS));
			break;
		}
	}
	for (round = 0; round < USERS; round++)
		if (used[round])
			use(round);
	for (which = 0; which < FILES; which++) {
		drop(which);
		unlink(names[which]);
	}
	return 0;
}
