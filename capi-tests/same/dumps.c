/* Dumps of random memory: what a program's emitter is handed, and at which levels. */
#include "same.h"

enum { ROUNDS = 400, MOST = 300 };

static void print_dump(int level, const char *line)
{
	printf("%d %s", level, line);
}

int main(int argc, char **argv)
{
	static const int levels[] = { LLL_ERR, LLL_WARN, LLL_NOTICE, LLL_USER, LLL_INFO, LLL_DEBUG };
	unsigned char memory[MOST];
	unsigned round, len, i;

	seed_from(argc, argv);
	for (round = 0; round < ROUNDS; round++) {
		int shown = (int)draw(1 << LLL_COUNT), level = levels[draw(LWS_ARRAY_SIZE(levels))];

		lws_set_log_level(shown, print_dump);
		len = draw(4) ? draw(40) : draw(MOST + 1);
		for (i = 0; i < len; i++)
			memory[i] = (unsigned char)(draw(3) ? ' ' + draw(96) : draw(256));
		printf("%u bytes at %d of %x: %d\n", len, level, (unsigned)shown, !!lwsl_visible(level));
		lwsl_hexdump_level(level, memory, len);
		lwsl_hexdump_level(level, NULL, len);
	}
	return 0;
}
