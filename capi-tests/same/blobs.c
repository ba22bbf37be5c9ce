/* System blobs: random programs of setting, adding, emptying and reading. */
#include "same.h"

static uint8_t memory[64];
/* what the last call that changed a blob made it: nothing reads a direct one that is not set */
static enum { HEAP, DIRECT } kinds[LWS_SYSBLOB_TYPE_NTP_SERVER + 1];

static void look(lws_system_blob_t *b, int item)
{
	size_t len = draw(40), ofs = draw(48), i;
	const uint8_t *single = NULL;
	uint8_t to[64];
	int n;

	memset(to, '.', sizeof to);
	n = lws_system_blob_get(b, to, &len, ofs);
	printf("  get at %u: %d, %u:", (unsigned)ofs, n, (unsigned)len);
	for (i = 0; i < sizeof to; i++)
		printf("%c", to[i]);
	printf("\n  size %u\n", (unsigned)lws_system_blob_get_size(b));
	n = lws_system_blob_get_single_ptr(b, &single);
	/* 4.1.6 points beside the bytes of a heap blob */
	printf("  single: %d", n);
	if (!n && kinds[item] == DIRECT)
		printf(" %.*s", (int)lws_system_blob_get_size(b), (const char *)single);
	printf("\n");
}

static void change(lws_system_blob_t *b, int item)
{
	size_t len = 1 + draw(20);

	switch (draw(4)) {
	case 0:
		/* 4.1.6 forgets what is on the heap, and frees the program's memory */
		if (kinds[item] == HEAP)
			lws_system_blob_heap_empty(b);
		lws_system_blob_direct_set(b, memory + draw(20), len);
		kinds[item] = DIRECT;
		printf("  set %u\n", (unsigned)len);
		return;
	case 1:
		if (kinds[item] == DIRECT)
			return;
		lws_system_blob_heap_empty(b);
		printf("  empty\n");
		return;
	case 2:
		lws_system_blob_destroy(b);
		printf("  destroy\n");
		return;
	default:
		if (kinds[item] == DIRECT)
			return;
		printf("  append %u: %d\n", (unsigned)len, lws_system_blob_heap_append(b, memory + draw(20), len));
	}
}

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	lws_system_blob_t *b;
	struct lws_context *cx;
	int i, item, idx;

	seed_from(argc, argv);
	for (i = 0; i < (int)sizeof memory; i++)
		memory[i] = (uint8_t)('A' + i % 58);
	lws_set_log_level(LLL_ERR | LLL_WARN, print_line);
	memset(&info, 0, sizeof info);
	info.port = CONTEXT_PORT_NO_LISTEN;
	cx = lws_create_context(&info);
	if (!cx)
		return 1;
	for (i = 0; i < 300; i++) {
		item = (int)draw(LWS_SYSBLOB_TYPE_NTP_SERVER + 1);
		idx = (int)draw((unsigned)item + 1);
		b = lws_system_get_blob(cx, (lws_system_blob_item_t)(item - idx), idx);
		printf("blob %d\n", item);
		if (!b)
			return 2;
		change(b, item);
		look(b, item);
	}
	printf("%d\n", lws_system_get_blob(cx, LWS_SYSBLOB_TYPE_AUTH, -1) == NULL);
	for (i = 0; i <= LWS_SYSBLOB_TYPE_NTP_SERVER; i++)
		if (kinds[i] == HEAP)
			lws_system_blob_destroy(lws_system_get_blob(cx, LWS_SYSBLOB_TYPE_AUTH, i));
	lws_context_destroy(cx);
	return 0;
}
