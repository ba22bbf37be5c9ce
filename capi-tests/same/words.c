/* Command lines, URIs, base64 and Basic authentication, of random words. */
#include "same.h"

enum { ROUNDS = 3000 };

/* of a few pieces, so that what matters comes often */
static void draw_text(char *to, size_t size, const char *const *pieces, unsigned n_pieces, unsigned most)
{
	unsigned n = draw(most + 1);

	*to = 0;
	while (n--)
		snprintf(to + strlen(to), size - strlen(to), "%s", pieces[draw(n_pieces)]);
}

static void command_lines(void)
{
	static const char *const pieces[] = { "-d", "-", "--x", "d", "=", "5", "1039", "xy", "", "-s" };
	static const char *const options[] = { "-d", "--x", "-s", "--xy", "-" };
	static char words[8][2048];
	const char *argv[9], *found;
	struct lws_context_creation_info info;
	unsigned round, n, i;

	memset(&info, 0, sizeof info);
	for (round = 0; round < ROUNDS; round++) {
		n = draw(8);
		for (i = 0; i < n; i++) {
			draw_text(words[i], sizeof words[i], pieces, LWS_ARRAY_SIZE(pieces), 3);
			if (!draw(30)) {		/* the longest value, or one more */
				memset(words[i], 'v', 1025);
				words[i][1023 + draw(3)] = 0;
			}
			argv[i] = words[i];
		}
		argv[n] = NULL;
		printf("line:");
		for (i = 0; i < n; i++)
			printf(" [%.20s]", argv[i]);
		for (i = 0; i < LWS_ARRAY_SIZE(options); i++) {
			found = lws_cmdline_option((int)n, argv, options[i]);
			printf(" %s:%.30s(%d)", options[i], found ? found : "none", found ? (int)strlen(found) : -1);
		}
		lws_cmdline_option_handle_builtin((int)n, argv, &info);
		printf(" levels ");
		for (i = 0; i < 12; i++)
			printf("%d", !!lwsl_visible(1 << i));
		printf("\n");
	}
}

static void uris(void)
{
	static const char *const pieces[] = {
		"http", "https", "ws", "wss", "ftp", "://", "://", ":", "/", "//", "[", "]", "::1", "host", "a.b", "80", "8080", "99999",
		"+", "+/tmp/s", "@", "?q=1", "#", "path", "x", "-1", " 7"
	};
	char text[512], copy[512];
	const char *prot, *ads, *path;
	unsigned round;
	int port;

	for (round = 0; round < 4 * ROUNDS; round++) {
		draw_text(text, sizeof text, pieces, LWS_ARRAY_SIZE(pieces), 8);
		memcpy(copy, text, sizeof text);
		port = 7;
		printf("uri %s: %d", text, lws_parse_uri(copy, &prot, &ads, &port, &path));
		printf(" '%s' '%s' %d '%s'\n", prot, ads, port, path);
	}
}

static void base64(void)
{
	char in[64], out[128];
	unsigned round, len, size;
	int n;

	for (round = 0; round < ROUNDS; round++) {
		for (len = 0; len < sizeof in; len++)
			in[len] = (char)draw(256);
		len = draw(60);
		size = len * 4 / 3 + draw(12);
		memset(out, '#', sizeof out);
		n = lws_b64_encode_string(in, (int)len, out, (int)size);
		printf("%u into %u: %d %s", len, size, n, n < 0 ? "" : out);
		n = lws_b64_encode_string_url(in, (int)len, out, (int)size);
		printf(" %d %s\n", n, n < 0 ? "" : out);
	}
}

static void credentials(void)
{
	static const char *const pieces[] = { "a", "bc", "user", ":", "\xc3\xa4", "pass word", "%" };
	char user[64], password[64], out[256];
	unsigned round, needed;
	int n;

	for (round = 0; round < ROUNDS; round++) {
		draw_text(user, sizeof user, pieces, LWS_ARRAY_SIZE(pieces), 5);
		draw_text(password, sizeof password, pieces, LWS_ARRAY_SIZE(pieces), 5);
		needed = 6 + (unsigned)(strlen(user) + 1 + strlen(password) + 2) / 3 * 4 + 1;
		memset(out, '#', sizeof out);
		/* enough, or by far too little */
		n = lws_http_basic_auth_gen(user, password, out, draw(3) ? needed + draw(20) : needed - 5 - draw(needed - 5));
		printf("%s %s: %d %s\n", user, password, n, n ? "" : out);
	}
}

int main(int argc, char **argv)
{
	seed_from(argc, argv);
	lws_set_log_level(0, NULL);
	uris();
	base64();
	credentials();
	command_lines();
	return 0;
}
