/* Texts that are written into less room than they need, and the names of header tokens. */
#include "same.h"

enum { ROUNDS = 3000, ROOM = 40 };

static void cut(void)
{
	char in[64], out[ROOM];
	unsigned round, n, i;
	size_t room;

	for (round = 0; round < ROUNDS; round++) {
		n = draw(50);
		for (i = 0; i < n; i++)
			in[i] = (char)('a' + draw(26));
		in[n] = '\0';
		room = draw(ROOM);
		memset(out, '#', sizeof out);
		printf("%u %s %u: %d", (unsigned)room, in, round, lws_snprintf(out, room, "%s-%u", in, round));
		printf(" %.*s\n", ROOM, out);
		if (!room)
			continue;
		memset(out, '#', sizeof out);
		lws_strncpy(out, in, room);
		printf("%.*s", ROOM, out);
		memset(out, '#', sizeof out);
		lws_strnncpy(out, in, draw(20), room);
		printf(" %.*s\n", ROOM, out);
	}
}

/* A program that puts a text together of pieces, without a look at how much room is left. */
static void joined(void)
{
	char out[ROOM], *p = out, *end;
	unsigned round;

	for (round = 0; round < ROUNDS; round++) {
		end = out + 1 + draw(ROOM - 1);
		memset(out, '#', sizeof out);
		for (p = out; draw(8);)
			p += lws_snprintf(p, (size_t)(end - p), "%u,", draw(100000));
		printf("%d of %d, cut %d: %.*s\n", (int)(p - out), (int)(end - out), p == end, ROOM, out);
	}
}

static void macros(void)
{
	char temp[100];
	size_t used = sizeof temp - draw(100);
	lws_usec_t us = (lws_usec_t)draw(1u << 31);

	memset(temp, 'x', sizeof temp);
	printf("%llu %llu %llu %llu %llu\n", (unsigned long long)LWS_KI, (unsigned long long)LWS_MI, (unsigned long long)LWS_GI,
	       (unsigned long long)LWS_TI, (unsigned long long)LWS_PI);
	printf("%lld ms, %d bytes at %d\n", (long long)LWS_US_TO_MS(us), (int)lws_concat_used(temp, used),
	       (int)(lws_concat_temp(temp, used) - temp));
	printf("%d %d\n", !!lws_http_client_http_resp_is_error(draw(600)), lws_time_in_microseconds() > 0);
#if defined(LWS_FEATURE_PROTOCOLS_HAS_ID_FIELD) && defined(LWS_FEATURE_PROTOCOLS_HAS_PEER_WRITE_ALLOWANCE)
	printf("protocols have what they have\n");
#endif
}

int main(int argc, char **argv)
{
	const unsigned char *name;
	int i;

	seed_from(argc, argv);
	lws_set_log_level(0, NULL);
	cut();
	joined();
	macros();
	for (i = 0; i < 82; i++) {		/* those that both have */
		name = lws_token_to_string((enum lws_token_indexes)i);
		printf("%d %s\n", i, name ? (const char *)name : "none");
	}
	return 0;
}
