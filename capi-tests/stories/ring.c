/* lws_ring: readers at their own pace, over the end of the memory; what is destroyed when; misuse that costs nothing; no memory. */
#include "harness.h"
#include <sys/resource.h>

struct item { char *text; long n; };
struct reader { struct reader *next; uint32_t tail; };

static struct lws_ring *ring;
static long destroyed[100];
static int n_destroyed, again;

static void destroy(void *element)
{
	struct item *item = element;

	CHECK((uintptr_t)element % 8 == 0);
	CHECK(lws_ring_get_element(ring, NULL) == element);	/* it still is the oldest */
	destroyed[n_destroyed++] = item->n;
	free(item->text);
	if (again) {				/* what nobody waits for is put in again */
		struct item copy = { strdup("again"), 1000 + item->n };

		again--;
		CHECK_EQ(lws_ring_insert(ring, &copy, 1), 1);
	}
}

static struct item made(long n)
{
	char text[30];

	snprintf(text, sizeof text, "item %ld", n);
	return (struct item){ strdup(text), n };
}

static long insert(long from, int n)
{
	struct item items[10];
	int i;
	long took;

	for (i = 0; i < n; i++)
		items[i] = made(from + i);
	took = (long)lws_ring_insert(ring, items, (size_t)n);
	for (i = (int)took; i < n; i++)
		free(items[i].text);
	return took;
}

/* "1 2 3": what was destroyed since this was asked last */
static const char *gone(void)
{
	static char text[300];
	int i, n = 0;

	text[0] = 0;
	for (i = 0; i < n_destroyed; i++)
		n += snprintf(text + n, sizeof text - (size_t)n, "%s%ld", i ? " " : "", destroyed[i]);
	n_destroyed = 0;
	return text;
}

static long next(uint32_t *tail)
{
	const struct item *item = lws_ring_get_element(ring, tail);

	return item ? item->n : -1;
}

static void many_readers(void)
{
	struct reader c = { NULL, 0 }, b = { &c, 0 }, a = { &b, 0 }, *first = &a;
	struct item items[10];

	ring = lws_ring_create(sizeof(struct item), 5, destroy);
	CHECK(ring);
	CHECK_EQ(lws_ring_get_count_free_elements(ring), 4);
	CHECK_EQ(next(NULL), -1);
	CHECK_EQ(insert(1, 3), 3);
	CHECK_EQ(insert(4, 3), 1);		/* one stays empty */
	CHECK_EQ(lws_ring_get_count_free_elements(ring), 0);
	lws_ring_consume_and_update_oldest_tail(ring, struct reader, &a.tail, 3, first, tail, next);
	CHECK_EQ(next(&a.tail), 4);
	lws_ring_consume_and_update_oldest_tail(ring, struct reader, &b.tail, 1, first, tail, next);
	CHECK_STR(gone(), "");			/* c has seen nothing yet */
	lws_ring_consume_and_update_oldest_tail(ring, struct reader, &c.tail, 2, first, tail, next);
	CHECK_STR(gone(), "1");			/* now b is the slowest */
	CHECK_EQ(insert(5, 3), 1);
	lws_ring_consume_and_update_oldest_tail(ring, struct reader, &b.tail, 9, first, tail, next);
	CHECK_STR(gone(), "2");
	CHECK_EQ(lws_ring_consume(ring, &c.tail, items, 9), 3);	/* over the end of the memory */
	CHECK_EQ(items[0].n, 3);
	CHECK_STR(items[2].text, "item 5");
	CHECK_EQ(lws_ring_get_count_waiting_elements(ring, &c.tail), 0);
	CHECK_EQ(lws_ring_get_count_waiting_elements(ring, &a.tail), 2);
	CHECK_EQ(lws_ring_get_count_waiting_elements(ring, NULL), 3);
	/* one who comes late and wants all there is */
	CHECK_EQ(lws_ring_get_oldest_tail(ring), 2 * sizeof(struct item));
	lws_ring_update_oldest_tail(ring, a.tail);
	CHECK_STR(gone(), "3");
	CHECK_EQ(insert(6, 9), 2);
	lws_ring_destroy(ring);
	CHECK_STR(gone(), "4 5 6 7");
}

static void one_reader(void)
{
	uint32_t tail = 0;
	struct item item;
	long n;

	ring = lws_ring_create(sizeof(struct item), 3, destroy);
	CHECK(ring);
	for (n = 0; n < 50; n++) {
		CHECK_EQ(insert(n, 1), 1);
		if (!n)
			continue;
		CHECK_EQ(next(&tail), n - 1);
		lws_ring_consume_single_tail(ring, &tail, 1);
	}
	CHECK_EQ(n_destroyed, 49);
	n_destroyed = 0;
	/* the ring keeps the tail */
	CHECK_EQ(lws_ring_consume(ring, NULL, &item, 5), 1);
	CHECK_EQ(item.n, 49);
	CHECK_STR(gone(), "49");
	again = 1;
	CHECK_EQ(insert(1, 1), 1);
	CHECK_EQ(lws_ring_consume(ring, NULL, NULL, 2), 1);
	CHECK_STR(gone(), "1");
	CHECK_EQ(next(NULL), 1001);
	CHECK_EQ(lws_ring_get_count_waiting_elements(ring, NULL), 1);
	lws_ring_destroy(ring);
	CHECK_STR(gone(), "1001");
}

/* into the ring's memory, without a copy */
static void in_place(void)
{
	void *start, *first;
	size_t bytes;
	char text[9] = "";

	ring = lws_ring_create(1, 8, NULL);
	CHECK(ring);
	CHECK_EQ(lws_ring_next_linear_insert_range(ring, &start, &bytes), 0);
	CHECK_EQ(bytes, 7);
	CHECK((uintptr_t)start % 16 == 0);
	first = start;
	memcpy(start, "abcde", 5);
	lws_ring_bump_head(ring, 5);
	CHECK_EQ(lws_ring_consume(ring, NULL, text, 4), 4);
	CHECK_STR(text, "abcd");
	CHECK_EQ(lws_ring_next_linear_insert_range(ring, &start, &bytes), 0);
	CHECK_EQ(bytes, 3);			/* to the end of the memory */
	CHECK((char *)start == (char *)first + 5);
	memcpy(start, "fgh", 3);
	lws_ring_bump_head(ring, 3);
	CHECK_EQ(lws_ring_next_linear_insert_range(ring, &start, &bytes), 0);
	CHECK_EQ(bytes, 3);			/* and from its start */
	CHECK(start == first);
	memcpy(start, "ij", 2);
	lws_ring_bump_head(ring, 2);
	CHECK_EQ(lws_ring_get_count_free_elements(ring), 0);	/* a single byte is no room */
	CHECK_EQ(lws_ring_next_linear_insert_range(ring, &start, &bytes), 1);
	memset(text, 0, sizeof text);
	CHECK_EQ(lws_ring_consume(ring, NULL, text, 8), 6);
	CHECK_STR(text, "efghij");
	lws_ring_destroy(ring);
}

#define REFUSED(call, words) do { size_t mark_ = log_mark(); call; CHECK_HAS(logged_since(mark_), words); } while (0)

static void misuse(void)
{
	uint32_t forged = 3, beyond = 1000, tail;
	char bytes[16] = "0123456789abcde";
	void *start;
	size_t n;

	REFUSED(CHECK(!lws_ring_create(0, 4, NULL)), "lws_ring_create: element_len times count is 0");
	REFUSED(CHECK(!lws_ring_create(4, 0, NULL)), "lws_ring_create: ");
	REFUSED(CHECK(!lws_ring_create(65536, 65536, NULL)), "above INT_MAX");
	REFUSED(CHECK(!lws_ring_create((size_t)-1, 3, NULL)), "above INT_MAX");
	REFUSED(CHECK_EQ(lws_ring_insert(NULL, bytes, 1), 0), "lws_ring_insert: ring is NULL");
	REFUSED(CHECK_EQ(lws_ring_consume(NULL, NULL, bytes, 1), 0), "lws_ring_consume: ring is NULL");
	REFUSED(CHECK(!lws_ring_get_element(NULL, NULL)), "ring is NULL");
	REFUSED(CHECK_EQ(lws_ring_get_count_free_elements(NULL), 0), "ring is NULL");
	REFUSED(CHECK_EQ(lws_ring_get_count_waiting_elements(NULL, NULL), 0), "ring is NULL");
	REFUSED(CHECK_EQ(lws_ring_get_oldest_tail(NULL), 0), "ring is NULL");
	REFUSED(CHECK_EQ(lws_ring_next_linear_insert_range(NULL, &start, &n), 1), "ring is NULL");
	REFUSED(lws_ring_update_oldest_tail(NULL, 0), "ring is NULL");
	REFUSED(lws_ring_bump_head(NULL, 1), "ring is NULL");
	REFUSED(lws_ring_dump(NULL, NULL), "ring is NULL");
	lws_ring_destroy(NULL);
	ring = lws_ring_create(4, 3, NULL);
	CHECK(ring);
	CHECK_EQ(lws_ring_insert(ring, NULL, 0), 0);
	REFUSED(CHECK_EQ(lws_ring_insert(ring, NULL, 1), 0), "lws_ring_insert: src is NULL");
	REFUSED(CHECK_EQ(lws_ring_next_linear_insert_range(ring, NULL, &n), 1), "an argument is NULL");
	CHECK_EQ(lws_ring_insert(ring, bytes, (size_t)-1), 2);
	/* what no reader can have */
	REFUSED(CHECK(!lws_ring_get_element(ring, &forged)), "3 is no tail of this ring");
	REFUSED(CHECK_EQ(lws_ring_consume(ring, &beyond, bytes, 1), 0), "1000 is no tail of this ring");
	REFUSED(lws_ring_update_oldest_tail(ring, 12), "12 is no tail of this ring");
	REFUSED(lws_ring_bump_head(ring, 1), "lws_ring_bump_head: more bytes");
	REFUSED(lws_ring_bump_head(ring, (size_t)-4), "lws_ring_bump_head: more bytes");
	REFUSED(lws_ring_dump(ring, NULL), "buflen 12, elem_len 4, head 8, oldest_tail 0\n     free_elems: 0; for tail 0, waiting elements: 2");
	CHECK_EQ(lws_ring_get_oldest_tail(ring), 0);
	CHECK_EQ(lws_ring_consume(ring, NULL, NULL, (size_t)-1), 2);
	lws_ring_destroy(ring);
	/* what is not there is not destroyed */
	ring = lws_ring_create(sizeof(struct item), 4, destroy);
	CHECK(ring);
	CHECK_EQ(insert(1, 1), 1);
	tail = 2 * sizeof(struct item);
	REFUSED(lws_ring_update_oldest_tail(ring, tail), "32 is past what was inserted");
	CHECK_STR(gone(), "");
	lws_ring_update_oldest_tail(ring, tail / 2);
	CHECK_STR(gone(), "1");
	REFUSED(lws_ring_update_oldest_tail(ring, 0), "0 is past what was inserted");
	lws_ring_destroy(ring);
	CHECK_STR(gone(), "");
}

static int scarce(void)
{
	struct rlimit all, little;
	size_t mark;

	if (UNDER_ASAN)
		return 77;			/* it needs more address space than there is */

	CHECK_EQ(getrlimit(RLIMIT_AS, &all), 0);
	little = all;
	little.rlim_cur = 1 << 30;
	CHECK_EQ(setrlimit(RLIMIT_AS, &little), 0);
	mark = log_mark();
	CHECK(!lws_ring_create(1 << 20, 2000, NULL));
	CHECK_HAS(logged_since(mark), "lws_ring_create: out of memory for 2097152000 bytes");
	ring = lws_ring_create(1 << 10, 2000, NULL);
	CHECK(ring);
	lws_ring_destroy(ring);
	CHECK_EQ(setrlimit(RLIMIT_AS, &all), 0);
	return 0;
}

int main(int argc, char **argv)
{
	struct story *s;
	int skipped = 0;

	ONLY_OURS();
	s = story_open(&(struct opts){ .no_peer = 1, .no_context = 1 });
	if (IS(1, "scarce"))
		skipped = scarce();
	else {
		many_readers();
		one_reader();
		in_place();
		misuse();
	}
	return story_close(s) | skipped;
}
