/* Escapes, base64, hex, texts in texts, and bytes in order, of random words. */
#include "same.h"

enum { ROUNDS = 3000, ROOM = 1024 };

static char text[128], out[ROOM], copy[ROOM];

static const char *const pieces[] = {
	"a", "bc", "Z9", " ", "%", "%2", "%20", "%zz", "+", "'", "''", "\"", "\\", "/", "\n", "\t", "\r", "\x01", "\xc3\xa4", "..", ".",
	":", "$", "=", "&", "\"a\":", "\"b\": ", "{", "}", "[", "]", ",", "true", "12"
};

static void draw_text(unsigned most)
{
	unsigned n = draw(most + 1);

	*text = 0;
	while (n--)
		strcat(text, pieces[draw(LWS_ARRAY_SIZE(pieces))]);
}

/* Each fits, or is cut where both cut: what overruns its room there is not asked for. */
static void escapes(void)
{
	unsigned round;
	int used, n;

	for (round = 0; round < ROUNDS; round++) {
		draw_text(12);
		n = (int)draw(60) + 1;
		printf("url %d %s\n", n, lws_urlencode(out, text, n));
		strcpy(copy, out);
		printf("back %d %s\n", lws_urldecode(copy, copy, ROOM - 1), copy);
		if (!lws_urldecode(out, text, ROOM - 1))
			printf("decoded %s\n", out);
		printf("sql %d %s\n", n, lws_sql_purify(out, text, n));
		used = -1;
		printf("json %s", lws_json_purify(out, text, ROOM, &used));
		printf(" %d %d\n", used, lws_json_purify_len(text));
		if (!strpbrk(text, "\t\n\r\\")) {
			printf("json %d %s", n, lws_json_purify(out, text, n, &used));
			printf(" %d\n", used);
		}
		lws_filename_purify_inplace(text);
		printf("file %s\n", text);
	}
}

static void base64(void)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct lws_b64state state;
	unsigned char in[64], all[128];
	size_t len, i, at, written, used, room, cuts[7];
	unsigned round;
	int n;

	for (round = 0; round < ROUNDS; round++) {
		len = draw(50);
		for (i = 0; i < len; i++)
			in[i] = (unsigned char)draw(256);
		n = draw(2) ? lws_b64_encode_string((char *)in, (int)len, text, sizeof text) :
			      lws_b64_encode_string_url((char *)in, (int)len, text, sizeof text);
		while (n && draw(2) && text[n - 1] == '=')
			text[--n] = 0;
		memset(out, '#', sizeof out);
		n = lws_b64_decode_string(text, out, ROOM);
		printf("b64 %s %d %d", text, n, n == (int)len && !memcmp(in, out, len) && !out[len]);
		n = lws_b64_decode_string_len(text, (int)strlen(text), out, ROOM);
		printf(" %d %d", n, n == (int)len && !memcmp(in, out, len));
		/* in pieces, without padding: with it a byte may be missing there */
		for (i = 0; i < LWS_ARRAY_SIZE(cuts); i++)
			cuts[i] = draw(9);
		lws_b64_decode_state_init(&state);
		n = (int)strlen(text);
		at = written = 0;
		for (i = 0; i < 1000 && len % 3 == 0 && (int)at < n; i++) {
			used = cuts[i % LWS_ARRAY_SIZE(cuts)];
			if (used > (size_t)n - at)
				used = (size_t)n - at;
			room = 8 + cuts[(i + 1) % LWS_ARRAY_SIZE(cuts)];
			if (lws_b64_decode_stateful(&state, text + at, &used, all + written, &room, 0))
				break;
			at += used;
			written += room;
		}
		if (i < 1000 && len % 3 == 0)
			printf(" pieces %d %d", (int)written, written == len && !memcmp(in, all, len));
		printf("\n");
	}
	for (i = 0; i < 64; i++) {
		char four[5] = { 'A', 'A', alphabet[i], alphabet[63 - i], 0 };

		n = lws_b64_decode_string(four, out, ROOM);
		printf("%s %d %02x%02x%02x\n", four, n, (uint8_t)out[0], (uint8_t)out[1], (uint8_t)out[2]);
	}
}

static void hex(void)
{
	static const char digits[] = "0123456789abcdefABCDEFg";
	struct lws_context_creation_info info;
	struct lws_context *context;
	unsigned char bytes[64];
	unsigned round, len, i;
	int n;

	memset(&info, 0, sizeof info);
	info.port = CONTEXT_PORT_NO_LISTEN;
	context = lws_create_context(&info);
	for (round = 0; round < ROUNDS; round++) {
		len = draw(20);
		for (i = 0; i < len; i++)
			text[i] = digits[draw(draw(8) ? 22 : 23)];
		text[len] = 0;
		/* exactly enough is not enough there */
		n = (int)draw(len / 2 + 6);
		if (n == (int)len / 2)
			n++;
		memset(bytes, 7, sizeof bytes);
		n = lws_hex_to_byte_array(text, bytes, n);
		printf("hex %s %d", text, n);
		for (i = 0; (int)i < n; i++)
			printf(" %02x", bytes[i]);
		printf("\n");
		/* of an odd number of digits one is missing there */
		n = lws_hex_random(context, text, (len & ~1u) + 1);
		printf("random %d %d %d\n", n, (int)strlen(text), (int)strspn(text, "0123456789abcdef"));
	}
	lws_context_destroy(context);
}

static void searches(void)
{
	const char *found;
	unsigned round;
	size_t len, n;
	int m;

	for (round = 0; round < ROUNDS; round++) {
		draw_text(14);
		n = strlen(text) ? draw((unsigned)strlen(text) + 1) : 0;
		len = 12345;
		found = lws_json_simple_find(text, n, "\"a\":", &len);
		/* behind a backslash that is the last it is one past the end there */
		if (found && found + len < text + n)
			printf("json %.*s: %.*s\n", (int)n, text, (int)len, found);
		else
			printf("json %.*s: %s\n", (int)n, text, found ? "to the end" : "none");
		m = lws_json_simple_strcmp(text, n, "\"a\":", "12");
		printf("is 12: %d\n", !m);
		found = lws_nstrstr(text, n, "a", 1);
		printf("a %d", found ? (int)(found - text) : -1);
		found = lws_nstrstr(text, n, "bc%", 3);
		printf(" bc%% %d\n", found ? (int)(found - text) : -1);
	}
}

static void integers(void)
{
	uint8_t bytes[16], other[16];
	unsigned round, i;
	uint64_t value;
	int n;

	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < 8; i++)
			other[i] = bytes[i] = (uint8_t)draw(256);
		value = ((uint64_t)draw(1u << 31) << 33 | draw(1u << 31)) >> draw(64);
		printf("%u %u %llu", lws_ser_ru16be(bytes), lws_ser_ru32be(bytes), (unsigned long long)lws_ser_ru64be(bytes));
		lws_ser_wu16be(bytes, (uint16_t)value);
		lws_ser_wu32be(bytes + 2, (uint32_t)value);
		lws_ser_wu64be(bytes + 6, value);
		for (i = 0; i < 14; i++)
			printf("%c%02x", i ? '.' : ' ', bytes[i]);
		n = value > 0xfffffff ? 0 : lws_vbi_encode(value, bytes);
		for (i = 0; (int)i < n; i++)
			printf("%c%02x", i ? '.' : ' ', bytes[i]);
		memcpy(bytes, other, 8);
		bytes[draw(8)] ^= (uint8_t)draw(3);
		printf(" %d\n", lws_timingsafe_bcmp(bytes, other, 8));
		lws_explicit_bzero(bytes, draw(9));
		lws_SHA1(bytes, draw(9), (unsigned char *)text);
		for (i = 0; i < 20; i++)
			printf("%02x", (uint8_t)text[i]);
		printf("\n");
	}
}

struct item {
	lws_list_ptr next;
	int key, nth;
};

static int by_key(lws_list_ptr a, lws_list_ptr b)
{
	return lws_list_ptr_container(a, struct item, next)->key - lws_list_ptr_container(b, struct item, next)->key;
}

static void lists(void)
{
	struct item items[12];
	lws_list_ptr head;
	unsigned round;
	int n, i;

	for (round = 0; round < ROUNDS; round++) {
		head = NULL;
		n = (int)draw(12);
		for (i = 0; i < n; i++) {
			items[i].key = (int)draw(6);
			items[i].nth = i;
			lws_list_ptr_insert(&head, &items[i].next, round & 1 ? by_key : NULL);
		}
		printf("list");
		while (head) {
			struct item *item = lws_list_ptr_container(head, struct item, next);

			printf(" %d.%d", item->key, item->nth);
			lws_list_ptr_advance(head);
		}
		printf("\n");
	}
}

int main(int argc, char **argv)
{
	seed_from(argc, argv);
	lws_set_log_level(0, NULL);
	escapes();
	base64();
	hex();
	searches();
	integers();
	lists();
	return 0;
}
