/* System blobs while threads set, read and empty them; what is out of range, stale or NULL is an error; each context has its own. */
#include "harness.h"

#include <pthread.h>

enum { ROUNDS = 2000 };

static lws_system_blob_t *shared;
static const uint8_t ones[] = "1111111111", twos[] = "22222222222222222222";

/* the blob is all of one digit, whatever the moment */
static void *reads(void *arg)
{
	uint8_t to[32];
	size_t len, k;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		len = sizeof to;
		CHECK(lws_system_blob_get(shared, to, &len, 0) >= 0);
		CHECK(len == 0 || len == 10 || len == 20);
		for (k = 0; k < len; k++)
			CHECK_EQ(to[k], len == 10 ? '1' : '2');
	}
	return arg;
}

static void *changes(void *arg)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		lws_system_blob_heap_empty(shared);
		CHECK_EQ(lws_system_blob_heap_append(shared, ones, 10), 0);
		lws_system_blob_direct_set(shared, twos, 20);
	}
	return arg;
}

static void threads(struct story *s)
{
	pthread_t reader[2], writer;
	int i;

	shared = lws_system_get_blob(s->cx, LWS_SYSBLOB_TYPE_AUTH, 1);
	CHECK(shared);
	CHECK_EQ(pthread_create(&writer, NULL, changes, NULL), 0);
	for (i = 0; i < 2; i++)
		CHECK_EQ(pthread_create(&reader[i], NULL, reads, NULL), 0);
	pthread_join(writer, NULL);
	for (i = 0; i < 2; i++)
		pthread_join(reader[i], NULL);
}

static void odd_arguments(struct story *s)
{
	lws_system_blob_t *b = lws_system_get_blob(s->cx, LWS_SYSBLOB_TYPE_EXT_AUTH4_1, 0);
	const uint8_t *at = NULL;
	uint8_t byte = 'x';
	size_t len = 1;

	CHECK(b);
	CHECK(lws_system_get_blob(s->cx, LWS_SYSBLOB_TYPE_EXT_AUTH4, 1) == b);
	CHECK(!lws_system_get_blob(s->cx, LWS_SYSBLOB_TYPE_COUNT, 0));
	CHECK(!lws_system_get_blob(s->cx, LWS_SYSBLOB_TYPE_EXT_AUTH4_1, 1));
	CHECK(!lws_system_get_blob(s->cx, LWS_SYSBLOB_TYPE_AUTH, -1));
	CHECK(!lws_system_get_blob(s->cx, LWS_SYSBLOB_TYPE_AUTH, 0x7fffffff));
	CHECK(!lws_system_get_blob(NULL, LWS_SYSBLOB_TYPE_AUTH, 0));
	CHECK_EQ(lws_system_blob_heap_append(b, NULL, 1), -1);
	CHECK_EQ(lws_system_blob_heap_append(b, &byte, 0), -1);
	CHECK_EQ(lws_system_blob_heap_append(b, &byte, SIZE_MAX), -1);
	CHECK_EQ(lws_system_blob_heap_append(NULL, &byte, 1), -1);
	lws_system_blob_direct_set(b, NULL, 1);
	lws_system_blob_direct_set(b, &byte, SIZE_MAX);
	CHECK_EQ(lws_system_blob_get_size(b), 0);
	CHECK_EQ(lws_system_blob_get_single_ptr(b, &at), -1);
	CHECK_EQ(lws_system_blob_get_single_ptr(b, NULL), -1);
	CHECK_EQ(lws_system_blob_get(b, NULL, &len, 0), -1);
	CHECK_EQ(lws_system_blob_get(b, &byte, NULL, 0), -1);
	CHECK_EQ(lws_system_blob_get(b, &byte, &len, SIZE_MAX), 0);
	CHECK_EQ(len, 0);
	/* nothing is added to what is the program's, and what is on the heap is not lost */
	CHECK_EQ(lws_system_blob_heap_append(b, &byte, 1), 0);
	CHECK_EQ(lws_system_blob_get_single_ptr(b, &at), 0);
	CHECK(at != &byte && *at == 'x');
	CHECK_EQ(lws_system_blob_heap_append(b, &byte, 1), 0);
	CHECK_EQ(lws_system_blob_get_single_ptr(b, &at), -1);	/* in two pieces */
	lws_system_blob_direct_set(b, &byte, 1);
	CHECK_EQ(lws_system_blob_heap_append(b, &byte, 1), -1);
	CHECK_EQ(lws_system_blob_get_single_ptr(b, &at), 0);
	CHECK(at == &byte);
	lws_system_blob_heap_empty(b);
	CHECK_EQ(byte, 'x');
	CHECK_EQ(lws_system_blob_get_size(b), 0);
	CHECK_EQ(lws_system_blob_heap_append(b, &byte, 1), 0);	/* the context's end frees it */
}

int main(int argc, char **argv)
{
	struct story *s;
	const uint8_t *at;
	uint8_t byte;
	size_t len = 1;

	(void)argc;
	(void)argv;
	ONLY_OURS();
	s = story_open(&(struct opts){ .no_peer = 1 });
	odd_arguments(s);
	threads(s);
	story_destroy(s);
	CHECK_EQ(lws_system_blob_get_size(shared), 0);
	CHECK_EQ(lws_system_blob_get(shared, &byte, &len, 0), -1);
	CHECK_EQ(lws_system_blob_get_single_ptr(shared, &at), -1);
	CHECK_EQ(lws_system_blob_heap_append(shared, ones, 1), -1);
	lws_system_blob_direct_set(shared, ones, 1);
	lws_system_blob_heap_empty(shared);
	lws_system_blob_destroy(shared);
	return story_close(s);
}
