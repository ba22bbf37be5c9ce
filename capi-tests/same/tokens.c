/* Texts cut into tokens, texts with names that are expanded, and numbers for humans. */
#include "same.h"

enum { ROUNDS = 3000 };

static char text[512];

static void draw_text(const char *const *pieces, unsigned n_pieces, unsigned most)
{
	unsigned n = draw(most + 1);

	*text = 0;
	while (n--)
		strcat(text, pieces[draw(n_pieces)]);
}

static void tokens(void)
{
	static const char *const pieces[] = {
		"a", "bc", "x_1", "12", "7", "3.4", ".", " ", "\t", "\n", "\r\n", "\"", "\"q\"", "=", ":", ",", ", ", "-", "/", "*", "#", ";",
		"(", "[", "\x7f", "\x01"
	};
	static const char *const others[] = { "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xff", "\xc3", "b", " ", ",", "9" };
	struct lws_tokenize ts;
	lws_tokenize_elem e;
	unsigned round, i;
	char str[16];
	int flags, n;

	for (round = 0; round < 8 * ROUNDS; round++) {
		flags = (int)draw(1 << 9);		/* what there is there */
		/* without that flag a character that is not ASCII is cut apart there */
		if (flags & LWS_TOKENIZE_F_RFC7230_DELIMS && draw(2))
			draw_text(others, LWS_ARRAY_SIZE(others), 8);
		else
			draw_text(pieces, LWS_ARRAY_SIZE(pieces), 12);
		lws_tokenize_init(&ts, text, flags);
		ts.len = strlen(text);
		printf("tokens %x %s:", (unsigned)flags, text);
		i = 0;
		do {
			e = lws_tokenize(&ts);
			printf(" %d", (int)e);
			if (e <= 0)
				break;
			printf("'%.*s'@%d", (int)ts.token_len, ts.token, (int)(ts.token - text));
			memset(str, '#', sizeof str);
			n = lws_tokenize_cstr(&ts, str, draw(12));
			if (!n)
				printf("=%s", str);
		} while (i++ < 100);
		printf("\n");
	}
}

static const char *const names[] = { "a", "long", "" };
static const char *const values[] = { "x", "a longer text", "" };

static int expand(void *priv, const char *name, char *out, size_t *pos, size_t olen, size_t *exp_ofs)
{
	unsigned i;

	(*(int *)priv)++;
	for (i = 0; i < LWS_ARRAY_SIZE(names); i++) {
		const char *value = values[i] + *exp_ofs;
		size_t len, all;

		if (strcmp(name, names[i]))
			continue;
		all = len = strlen(value);
		if (len > olen - *pos)
			len = olen - *pos;
		if (out)
			memcpy(out + *pos, value, len);
		*pos += len;
		*exp_ofs += len;
		return len == all && *pos < olen ? LSTRX_DONE : LSTRX_FILLED_OUT;
	}
	return LSTRX_FATAL_NAME_UNKNOWN;
}

static void expansions(void)
{
	static const char *const pieces[] = {
		"plain", "x", "${a}", "${long}", "$", "${", "}", "{", "${b}", "$$", "${}", "a", "${aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}"
	};
	char out[64];
	lws_strexp_t exp;
	size_t used_in, used_out, at, piece, room;
	unsigned round, i;
	int n, calls;

	for (round = 0; round < 4 * ROUNDS; round++) {
		draw_text(pieces, LWS_ARRAY_SIZE(pieces), 7);
		room = 4 + draw(50);
		calls = 0;
		lws_strexp_init(&exp, &calls, expand, draw(8) ? out : NULL, room);
		printf("expand %s (%d):", text, (int)room);
		at = 0;
		for (i = 0; i < 60; i++) {
			piece = strlen(text) - at;
			if (draw(2) && piece)
				piece = draw((unsigned)piece) + 1;
			used_in = used_out = 0;
			memset(out, '#', sizeof out);
			n = lws_strexp_expand(&exp, text + at, piece, &used_in, &used_out);
			if (n < 0) {
				printf(" %d", n);
				break;
			}
			printf(" %d,%d,%d", n, (int)used_in, (int)used_out);
			if (exp.out)
				printf(",%.*s", (int)used_out, out);
			at += used_in;
			if (n == LSTRX_DONE && at == strlen(text))
				break;
			if (n == LSTRX_FILLED_OUT)
				lws_strexp_reset_out(&exp, exp.out, room);
		}
		printf(" %d calls\n", calls);
	}
}

/* They are padded there, which later became a function of its own. */
#if LWS_LIBRARY_VERSION_NUMBER >= 4003000
#define PADDED lws_humanize_pad
#else
#define PADDED lws_humanize
#endif

static void numbers(void)
{
	static const lws_humanize_unit_t own[] = { { "km", 1000000 }, { "m", 1000 }, { "mm", 1 }, { NULL, 0 } };
	const lws_humanize_unit_t *schemas[4], *unit;
	unsigned round, i;
	uint64_t value;
	char out[64];
	int n;

	schemas[0] = humanize_schema_si;
	schemas[1] = humanize_schema_si_bytes;
	schemas[2] = humanize_schema_us;
	schemas[3] = own;
	for (round = 0; round < 4 * ROUNDS; round++) {
		value = 1 + (((uint64_t)draw(1u << 31) << 33 | draw(1u << 31)) >> draw(64));
		for (i = 0; i < 4; i++) {
			for (unit = schemas[i]; value < unit->factor; unit++)
				;
			/* where digits are missing there, or the decimals begin again */
			if (value / unit->factor > 9999 || (unit->factor > 1 && value % unit->factor / (unit->factor / 1000) > 999))
				continue;
			PADDED(out, sizeof out, value, schemas[i]);
			/* what is behind comes with the library's names there */
			n = i == 3 ? (int)strcspn(out, "km") : 12;
			printf("%llu [%.*s]\n", (unsigned long long)value, n, out);
		}
	}
}

static void machine(void)
{
	struct lws_context_creation_info info;
	struct lws_context *context;
	unsigned i;

	for (i = 0; i < 2; i++) {
		memset(&info, 0, sizeof info);
		info.port = CONTEXT_PORT_NO_LISTEN;
		info.options = i ? LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME : 0;
		context = lws_create_context(&info);
		printf("%s\n", lws_canonical_hostname(context));
		lws_context_destroy(context);
	}
	printf("%d\n", labs((long)lws_now_secs() - (long)time(NULL)) < 5);
}

int main(int argc, char **argv)
{
	seed_from(argc, argv);
	lws_set_log_level(0, NULL);
	tokens();
	expansions();
	numbers();
	machine();
	return 0;
}
