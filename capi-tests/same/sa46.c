/*
 * Numeric addresses as text, as bytes and in an lws_sockaddr46. Left out is what 4.1.6 does differently from RFC 4291 and RFC 5952: it
 * takes more than one "::", a dot at the end, no dotted IPv4 but behind ::ffff:, writes the first run of zeros as "::", even
 * a single one, and cuts what does not fit.
 */
#include "same.h"

static unsigned length;
static char text[256];

static void put(const char *s)
{
	length += (unsigned)lws_snprintf(text + length, sizeof text - length, "%s", s);
}

static void number(const char *format, unsigned n)
{
	char s[16];

	lws_snprintf(s, sizeof s, format, n);
	put(s);
}

static void v4(unsigned most)
{
	unsigned i, fields = draw(8) ? 4 : 3 + 2 * draw(2);

	for (i = 0; i < fields; i++) {
		if (i)
			put(".");
		number(draw(6) ? "%u" : "%03u", draw(most));
	}
}

/* the second `::` of one is never written */
static void v6(void)
{
	unsigned groups = draw(6) ? 8 : 7 + 2 * draw(2), gap = groups == 8 && draw(2) ? draw(8) : 99, shorter = gap == 99 ? 0 : 2 + draw(6), i;

	for (i = 0; i < groups; i++) {
		if (i == gap) {
			put(i ? ":" : "::");
			i += shorter - 1;
			if (i + 1 >= groups && gap)
				put(":");
			continue;
		}
		number(draw(3) ? "%x" : draw(2) ? "%X" : "%04x", 1 + draw(draw(40) ? 0xfffe : 0x1fffe));
		if (i + 1 < groups)
			put(":");
	}
}

static void make(void)
{
	static const char *const odd[] = {
		"", "1", "a.b.c.d", "0x1.2.3.4", "-1.2.3.4", "1..3.4", ".1.2.3", "1.2.3.4/24", "1.2.3.4:80", ":", ":::", "1:", ":1", "g::",
		"::1%lo", "[::1]", "hello", "12345::", "::", "::1", "1::", "0:0:0:0:0:0:0:0", "::ffff:1.2.3.4", "::ffff:1.2.3.256", " 1.2.3.4",
		"1.2.3.4\n", " ::1 ", "255.255.255.255", "0.0.0.0", "FF02::fb", "1.2.3.4a", "+1.2.3.4", "1,2,3,4"
	};

	length = 0;
	text[0] = '\0';
	switch (draw(4)) {
	case 0: v4(draw(3) ? 256 : 400); break;
	case 1:
	case 2: v6(); break;
	default:
		put(odd[draw(sizeof odd / sizeof odd[0])]);
		break;
	}
}

static int parse(lws_sockaddr46 *sa46)
{
	uint8_t bytes[16];
	size_t room = draw(4) ? 16 : draw(17);
	char back[64] = "";
	int n = lws_parse_numeric_address(text, bytes, room), i;

	printf("'%s' into %u: %d", text, (unsigned)room, n < 0 ? -1 : n);
	for (i = 0; i < n; i++)
		printf("%s%02x", i ? "" : " ", bytes[i]);
	memset(sa46, 0, sizeof *sa46);
	sa46->sa4.sin_port = htons(80);
	i = lws_sa46_parse_numeric_address(text, sa46);
	printf(" %d", i);
	if (i)
		return 1;
	printf(" family %d port %u", sa46->sa4.sin_family, ntohs(sa46->sa4.sin_port));
	i = lws_sa46_write_numeric_address(sa46, back, sizeof back);
	printf(" %d %s", i, back);
	return 0;
}

int main(int argc, char **argv)
{
	lws_sockaddr46 sa46, before;
	char buf[64];
	int i;

	seed_from(argc, argv);
	lws_set_log_level(0, NULL);
	memset(&before, 0, sizeof before);
	for (i = 0; i < 3000; i++) {
		make();
		if (!parse(&sa46)) {
			printf(" same as before %d", !lws_sa46_compare_ads(&before, &sa46));
			before = sa46;
			before.sa4.sin_port = 0;
			printf(" same but for the port %d", !lws_sa46_compare_ads(&before, &sa46));
		}
		printf("\n");
	}
	memset(&sa46, 0, sizeof sa46);
	printf("no family: %d\n", lws_sa46_write_numeric_address(&sa46, buf, sizeof buf));
	printf("two of none: %d\n", lws_sa46_compare_ads(&sa46, &sa46));
	for (i = -1; i < 20; i++)
		printf("%d bytes: %d\n", i, lws_write_numeric_address((const uint8_t *)"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\2\3\4", i, buf, sizeof buf));
	return 0;
}
