/*
 * Helpers over text keep to the room that they are given, to the byte: each has a block of its own on the heap, so that a sanitizer sees
 * one that does not; and they say no to what is none of theirs.
 */
#include "harness.h"

/* a block of exactly `size` bytes, none of them 0 */
static char *block(size_t size)
{
	char *p = malloc(size ? size : 1);

	CHECK(p);
	memset(p, '#', size);
	return p;
}

/* `text` without a terminator behind it */
static char *bare(const char *text)
{
	char *p = block(strlen(text));

	memcpy(p, text, strlen(text));
	return p;
}

static void escapes(void)
{
	const char *text = "a \xc3\xa4'\"\t\n\\\x01..b";
	int size, used, whole_url = 0, whole_json = 0;
	char *out, *in_place;

	for (size = 1; size < 80; size++) {
		out = block((size_t)size);
		CHECK(lws_urlencode(out, text, size) == out && strlen(out) < (size_t)size);
		whole_url |= !strcmp(out, "a+%C3%A4%27%22%09%0A%5C%01%2E%2Eb");
		CHECK(lws_sql_purify(out, "'''''''''''''''''''''", (size_t)size) == out && strlen(out) < (size_t)size);
		CHECK(lws_json_purify(out, "\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t", size, &used) == out && strlen(out) == 2 * (size_t)used);
		CHECK(lws_json_purify(out, text, size, &used) == out && strlen(out) < (size_t)size);
		whole_json |= !strcmp(out, "a \\u00C3\\u00A4'\\u0022\\t\\n\\\\\\u0001..b");
		CHECK_EQ(lws_urldecode(out, "%41%42%43%44%45", size), 0);
		CHECK(strlen(out) == (size_t)(size > 5 ? 5 : size - 1) && !strncmp(out, "ABCDE", strlen(out)));
		free(out);
	}
	CHECK(whole_url && whole_json);
	in_place = block(6);
	strcpy(in_place, "abcde");
	CHECK_EQ(lws_urldecode(in_place, in_place, 5), 0);
	CHECK_STR(in_place, "abcde");
	CHECK_EQ(lws_urldecode(in_place, in_place, 1000), 0);
	CHECK_STR(in_place, "abcde");
	CHECK_EQ(lws_urldecode(in_place, "%4x", 6), -1);
	CHECK_STR(in_place, "");
	strcpy(in_place, "..:$%");
	lws_filename_purify_inplace(in_place);
	CHECK_STR(in_place, "_____");
	*in_place = '#';
	lws_urlencode(in_place, "x", 0);
	lws_urlencode(in_place, "x", -1);
	lws_sql_purify(in_place, "x", 0);
	lws_json_purify(in_place, "x", 0, NULL);
	lws_urlencode(in_place, NULL, 6);
	CHECK_EQ(lws_urldecode(in_place, "x", 0), -1);
	CHECK_EQ(lws_urldecode(NULL, "x", 5), -1);
	CHECK(*in_place == '#' && !lws_urlencode(NULL, "x", 6));
	CHECK(*lws_json_purify(in_place, NULL, 6, NULL) == 0);
	CHECK_EQ(lws_sql_purify_len("it's"), 5);
	CHECK_EQ(lws_json_purify_len("a\t\""), 9);
	lws_filename_purify_inplace(NULL);
	free(in_place);
}

static void codes(void)
{
	struct lws_b64state state;
	uint8_t bytes[4] = { 0 };
	size_t in, room;
	char *out, *text;
	int size;

	for (size = 0; size < 9; size++) {
		out = block((size_t)size);
		CHECK_EQ(lws_b64_decode_string("YWJjZGU=", out, size), size < 5 ? -1 : 5);
		if (size >= 5)
			CHECK(!memcmp(out, "abcde", 5) && (size < 6 || !out[5]));
		CHECK_EQ(lws_hex_to_byte_array("0102aF", (uint8_t *)out, size), size < 3 ? -1 : 3);
		lws_hex_from_byte_array((const uint8_t *)"\x01\xaf\x10", 3, out, (size_t)size);
		if (size)
			CHECK(strlen(out) == (size_t)(size > 6 ? 6 : size - 1) && !strncmp(out, "01af10", strlen(out)));
		CHECK_EQ(lws_hex_random(NULL, out, (size_t)size), !size);
		if (size)
			CHECK_EQ(strspn(out, "0123456789abcdef"), size - 1);
		free(out);
	}
	text = bare("YWJjZGU");
	out = block(5);
	CHECK_EQ(lws_b64_decode_string_len(text, 7, out, 5), 5);
	memcpy(text, "0a0B0cx", 7);
	CHECK_EQ(lws_hex_len_to_byte_array(text, 6, (uint8_t *)out, 5), 3);
	CHECK_EQ(lws_hex_len_to_byte_array(text, 7, (uint8_t *)out, 5), -1);
	free(out);
	free(text);
	lws_b64_decode_state_init(&state);
	in = 8;
	room = 3;
	CHECK_EQ(lws_b64_decode_stateful(&state, "YWJjZGU=", &in, bytes, &room, 1), 0);
	CHECK(room == 3 && in < 8 + 1 && !memcmp(bytes, "abc", 3));
	CHECK_EQ(lws_b64_decode_stateful(&state, "YWJjZGU=", NULL, bytes, &room, 1), -1);
	CHECK_EQ(lws_b64_decode_string("YW!j", (char *)bytes, 4), -1);
	CHECK_EQ(lws_b64_decode_string(NULL, (char *)bytes, 4), -1);
	CHECK_EQ(lws_vbi_encode(0xfffffff, bytes), 4);
	CHECK_EQ(lws_vbi_encode(0x10000000, bytes), -1);
	CHECK_EQ(lws_sigbits(0x1ff), 9);
}

static void found(void)
{
	char *json = bare("{\"a\": \"b\\"), *name = bare("a*b");
	size_t len = 77;

	CHECK(lws_json_simple_find(json, 9, "\"a\":", &len) == json + 7);
	CHECK_EQ(len, 2);
	CHECK(!lws_json_simple_find(json, 9, "\"c\":", &len) && !lws_json_simple_find(NULL, 9, "\"a\":", &len));
	CHECK_EQ(lws_json_simple_strcmp("{\"a\":true}", 10, "\"a\":", "true"), 0);
	CHECK(lws_json_simple_strcmp("{\"a\":true}", 10, "\"a\":", "trus"));
	CHECK_EQ(lws_strcmp_wildcard(name, 3, "axxb", 4), 0);
	CHECK_EQ(lws_strcmp_wildcard(name, 3, "axxbc", 5), 1);
	CHECK_EQ(lws_strcmp_wildcard(name, 2, "", 0), 1);
	CHECK(lws_nstrstr(json, 9, name, 1) == json + 2 && !lws_nstrstr(json, 9, name, 3));
	free(json);
	free(name);
}

static void tokens(void)
{
	char *text = bare("rate = 12.5, x-y"), str[8];
	struct lws_tokenize ts;

	lws_tokenize_init(&ts, text, LWS_TOKENIZE_F_MINUS_NONTERM);
	ts.len = 16;
	CHECK_EQ(lws_tokenize(&ts), LWS_TOKZE_TOKEN_NAME_EQUALS);
	CHECK(ts.token == text && ts.token_len == 4);
	CHECK_EQ(lws_tokenize_cstr(&ts, str, 5), 1);
	CHECK_EQ(lws_tokenize_cstr(&ts, str, 6), 0);
	CHECK_STR(str, "rate");
	CHECK_EQ(lws_tokenize(&ts), LWS_TOKZE_FLOAT);
	CHECK_EQ(lws_tokenize(&ts), LWS_TOKZE_DELIMITER);
	CHECK_EQ(lws_tokenize(&ts), LWS_TOKZE_TOKEN);
	CHECK_EQ(lws_tokenize_cstr(&ts, str, sizeof str), 0);
	CHECK_STR(str, "x-y");
	CHECK_EQ(lws_tokenize(&ts), LWS_TOKZE_ENDED);
	free(text);
	/* a string ends at its terminator, however often one asks */
	lws_tokenize_init(&ts, "a", 0);
	CHECK_EQ(lws_tokenize(&ts), LWS_TOKZE_TOKEN);
	CHECK_EQ(lws_tokenize(&ts), LWS_TOKZE_ENDED);
	CHECK_EQ(lws_tokenize(&ts), LWS_TOKZE_ENDED);
	lws_tokenize_init(&ts, NULL, 0);
	CHECK_EQ(lws_tokenize(&ts), LWS_TOKZE_ENDED);
	CHECK_EQ(lws_tokenize(NULL), LWS_TOKZE_ENDED);
}

/* says that it wrote more than there is room for */
static int liar(void *priv, const char *name, char *out, size_t *pos, size_t olen, size_t *exp_ofs)
{
	(void)priv; (void)out; (void)exp_ofs;
	if (strcmp(name, "x"))
		return LSTRX_FATAL_NAME_UNKNOWN;
	*pos = olen + 100;
	return LSTRX_DONE;
}

static void expansions(void)
{
	size_t used_in, used_out, size;
	lws_strexp_t exp;
	char *out;

	for (size = 0; size < 8; size++) {
		out = block(size);
		lws_strexp_init(&exp, NULL, liar, out, size);
		CHECK(lws_strexp_expand(&exp, "ab$c", 4, &used_in, &used_out) != LSTRX_DONE || size > 4);
		CHECK(used_out <= size);
		lws_strexp_init(&exp, NULL, liar, out, size);
		CHECK(lws_strexp_expand(&exp, "${x}a", 5, &used_in, &used_out) != LSTRX_DONE);
		CHECK(used_out <= size);
		free(out);
	}
	lws_strexp_init(&exp, NULL, liar, NULL, 0);
	CHECK_EQ(lws_strexp_expand(&exp, "count me", 8, &used_in, &used_out), LSTRX_DONE);
	CHECK(used_in == 8 && used_out == 8);
	CHECK_EQ(lws_strexp_expand(&exp, "${y}", 4, &used_in, &used_out), LSTRX_FATAL_NAME_UNKNOWN);
	CHECK_EQ(lws_strexp_expand(&exp, "a", 1, NULL, &used_out), LSTRX_FATAL_NAME_TOO_LONG);
}

static void numbers(void)
{
	char *out;
	int size;

	for (size = 1; size < 14; size++) {
		out = block((size_t)size);
		CHECK_EQ(lws_humanize(out, (size_t)size, 1024 * 1024 * 5, humanize_schema_si_bytes), size > 8 ? 8 : size - 1);
		CHECK(!strncmp(out, "5.000MiB", (size_t)size - 1));
		free(out);
	}
	CHECK_EQ(lws_humanize(NULL, 5, 1, humanize_schema_us), 0);
	CHECK_EQ(lws_humanize_pad(NULL, 5, 1, humanize_schema_us), 0);
	out = block(13);
	CHECK_EQ(lws_humanize_pad(out, 5, 1, humanize_schema_us), 4);
	CHECK_STR(out, "    ");
	CHECK_EQ(lws_humanize_pad(out, 13, 42, humanize_schema_us), 12);
	CHECK_STR(out, "   42us     ");
	CHECK_EQ(lws_humanize_pad(out, 13, 1500000, humanize_schema_us), 12);
	CHECK_STR(out, "    1.500s  ");
	free(out);
}

static void uris(void)
{
	char url[32];
	lws_parse_uri_t *uri = lws_parse_uri_create("https://[2001:db8::1]:8443/a/b?c=d");

	CHECK(uri);
	CHECK_STR(uri->scheme, "https");
	CHECK_STR(uri->host, "2001:db8::1");
	CHECK_EQ(uri->port, 8443);
	CHECK_STR(uri->path, "a/b?c=d");
	CHECK(!uri->unix_skt);
	lws_parse_uri_destroy(&uri);
	CHECK(!uri);
	lws_parse_uri_destroy(&uri);
	lws_parse_uri_destroy(NULL);
	uri = lws_parse_uri_create("ws://example.com");
	CHECK(uri && uri->port == 80);
	CHECK_STR(uri->host, "example.com");
	CHECK_STR(uri->path, "");
	lws_parse_uri_destroy(&uri);
	uri = lws_parse_uri_create("http://+/run/x.sock:/p");
	CHECK(uri && uri->unix_skt);
	CHECK_STR(uri->host, "+/run/x.sock");
	CHECK_STR(uri->path, "p");
	lws_parse_uri_destroy(&uri);
	CHECK(!lws_parse_uri_create(NULL) && !lws_parse_uri_create("http://a:99999/") && !lws_parse_uri_create("http://a:+1/"));
	uri = lws_parse_uri_create("http://a:/");
	CHECK(uri && uri->port == 80);
	lws_parse_uri_destroy(&uri);
	CHECK_EQ(lws_http_rel_to_url(url, sizeof url, "https://x.com/y/z.html", "../b.html"), 0);
	CHECK_STR(url, "https://x.com/b.html");
	CHECK_EQ(lws_http_rel_to_url(url, 20, "https://x.com/y/z.html", "../b.html"), 1);
	CHECK_EQ(lws_http_basic_auth_gen2("a", "b\0c", 3, url, 15), 0);
	CHECK_STR(url, "Basic YTpiAGM=");
	CHECK_EQ(lws_http_basic_auth_gen2("a", "b\0c", 3, url, 14), 1);
}

static void command_lines(void)
{
	static const struct lws_switches switches[] = { { "-p", "Port to connect to" }, { "--help", NULL } };
	const char *argv[] = { "prog", "-p1", "one", "-p=2", "two", "--expected-exit=7" }, *last = NULL;
	int argc = LWS_ARRAY_SIZE(argv);

	last = lws_cmdline_options(argc, argv, "-p", last);
	CHECK_STR(last, "1");
	last = lws_cmdline_options(argc, argv, "-p", last);
	CHECK_STR(last, "2");
	CHECK(!lws_cmdline_options(argc, argv, "-p", last));
	last = lws_cmdline_options(argc, argv, NULL, NULL);
	CHECK_STR(last, "one");
	last = lws_cmdline_options(argc, argv, NULL, last);
	CHECK_STR(last, "two");
	CHECK(!lws_cmdline_options(argc, argv, NULL, last));
	CHECK(!lws_cmdline_options(argc, argv, NULL, "none of them") && !lws_cmdline_options(3, NULL, "-p", NULL));
	CHECK_EQ(lws_cmdline_passfail(argc, argv, 7), 0);
	CHECK_EQ(lws_cmdline_passfail(argc, argv, 0), 1);
	lws_switches_print_help(argv[0], switches, LWS_ARRAY_SIZE(switches));
	lws_switches_print_help(NULL, NULL, 3);
}

static void machine(struct story *s)
{
	char name[256] = "";
	uid_t uid = 77777;
	gid_t gid = 77777;

	CHECK(!gethostname(name, sizeof name));
	CHECK_STR(lws_canonical_hostname(s->cx), name);
	CHECK(!lws_canonical_hostname(NULL));
	lws_get_effective_uid_gid(s->cx, &uid, &gid);
	CHECK(uid == geteuid() && gid == getegid());
	lws_get_effective_uid_gid(s->cx, NULL, NULL);
	CHECK(labs((long)lws_now_secs() - (long)time(NULL)) <= 1);
}

int main(void)
{
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .no_peer = 1 });
	escapes();
	codes();
	found();
	tokens();
	expansions();
	numbers();
	uris();
	command_lines();
	machine(s);
	return story_close(s);
}
