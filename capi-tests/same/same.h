/*
 * What the programs of this folder share. Each is built twice, against Debian's libwebsockets 4.1.6 and against ours, and prints
 * what it sees for generated inputs: scripts/same.sh compares what the two printed. The argument is the seed.
 */
#ifndef SAME_H
#define SAME_H

#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed = 1;

static inline void seed_from(int argc, char **argv)
{
	if (argc > 1)
		seed = strtoull(argv[1], NULL, 10) * 2 + 1;
}

/* 0 <= number < `below`: xorshift64*, so that both builds draw the same */
static inline unsigned draw(unsigned below)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (unsigned)((seed * 0x2545f4914f6cdd1dull) >> 33) % below;
}

/* the library's lines without their timestamps, and with a line's pointers named `PTR` */
static inline void print_line(int level, const char *line)
{
	const char *p = line;

	if (level & (LLL_ERR | LLL_WARN))
		return;				/* words about misuse are each library's own */
	printf("log: ");
	while (*p) {
		if (p[0] == '0' && p[1] == 'x') {
			printf("PTR");
			for (p += 2; *p && strchr("0123456789abcdef", *p); p++)
				;
			continue;
		}
		putchar(*p++);
	}
}

#endif
