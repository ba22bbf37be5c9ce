/* lws_ring_*: rings of every small size, with and without a destructor, under random programs. */
#include "same.h"

enum { READERS = 3, WORDS = 400 };

struct reader { struct reader *next; uint32_t tail; };

static const char *base;	/* where the ring's elements are */
static unsigned size, counter;
static struct lws_ring *ring;

static void print_bytes(const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	while (n--)
		printf("%02x", *p++);
}

static void destroyed(void *element)
{
	printf(" destroy@%d:", (int)((char *)element - base));
	print_bytes(element, size);
	/* while it is destroyed, it is still the oldest */
	printf("(oldest %u free %u)", (unsigned)lws_ring_get_oldest_tail(ring), (unsigned)lws_ring_get_count_free_elements(ring));
}

static void fill(char *to, size_t n)
{
	while (n--)
		*to++ = (char)counter++;
}

static void state(struct reader *readers)
{
	const void *element = lws_ring_get_element(ring, NULL);
	void *start = NULL;
	size_t bytes = 0;
	int i, full = lws_ring_next_linear_insert_range(ring, &start, &bytes);

	printf(" | oldest %u free %u waiting %u", (unsigned)lws_ring_get_oldest_tail(ring),
	       (unsigned)lws_ring_get_count_free_elements(ring), (unsigned)lws_ring_get_count_waiting_elements(ring, NULL));
	if (full)
		printf(" full %d", full);
	else
		printf(" room %u@%d", (unsigned)bytes, (int)((char *)start - base));
	if (element)
		printf(" first@%d", (int)((const char *)element - base));
	for (i = 0; i < READERS; i++) {
		element = lws_ring_get_element(ring, &readers[i].tail);
		printf(" [%u: %u waiting%s", (unsigned)readers[i].tail, (unsigned)lws_ring_get_count_waiting_elements(ring, &readers[i].tail),
		       element ? " " : "");
		if (element)
			print_bytes(element, size);
		printf("]");
	}
	printf("\n");
}

static void insert(unsigned count)
{
	char bytes[1024];
	unsigned n = draw(count + 3);

	fill(bytes, n * size);
	printf("insert %u: ", n);
	printf("%u", (unsigned)lws_ring_insert(ring, bytes, n));
}

/* straight into the memory, and now and then in two steps */
static void write_in_place(void)
{
	void *start;
	size_t bytes, n;

	if (lws_ring_next_linear_insert_range(ring, &start, &bytes)) {
		printf("no range");
		return;
	}
	fill(start, bytes);
	n = (1 + draw((unsigned)(bytes / size))) * size;
	printf("bump %u", (unsigned)n);
	if (draw(2) && size > 1) {
		lws_ring_bump_head(ring, 1);
		printf(" (after 1: waiting %u free %u)", (unsigned)lws_ring_get_count_waiting_elements(ring, NULL),
		       (unsigned)lws_ring_get_count_free_elements(ring));
		n--;
	}
	lws_ring_bump_head(ring, n);
}

static struct reader *slowest(struct reader *readers)
{
	struct reader *found = readers;
	int i;

	for (i = 1; i < READERS; i++)
		if (lws_ring_get_count_waiting_elements(ring, &readers[i].tail) > lws_ring_get_count_waiting_elements(ring, &found->tail))
			found = &readers[i];
	return found;
}

static void consume(struct reader *readers, unsigned count)
{
	struct reader *r = &readers[draw(READERS)], *list = readers;
	unsigned n = draw(count + 3);
	char bytes[1024];
	size_t got;

	if (draw(2)) {
		printf("read %u:", n);
		lws_ring_consume_and_update_oldest_tail(ring, struct reader, &r->tail, n, list, tail, next);
		return;
	}
	got = lws_ring_consume(ring, &r->tail, bytes, n);
	printf("copy %u: %u ", n, (unsigned)got);
	print_bytes(bytes, got * size);
	lws_ring_update_oldest_tail(ring, slowest(readers)->tail);
}

/* one reader, whose tail the ring keeps */
static void consume_own(struct reader *readers, unsigned count)
{
	unsigned n = draw(count + 3), i;
	char bytes[1024];
	size_t got = lws_ring_consume(ring, NULL, draw(2) ? bytes : NULL, n);

	printf("own %u: %u", n, (unsigned)got);
	for (i = 0; i < READERS; i++)
		readers[i].tail = lws_ring_get_oldest_tail(ring);
}

static void one_ring(unsigned element, unsigned count, int destructor)
{
	struct reader readers[READERS];
	void *start;
	size_t bytes;
	int i, own = !draw(3);

	size = element;
	ring = lws_ring_create(element, count, destructor ? destroyed : NULL);
	printf("ring of %u x %u%s\n", count, element, destructor ? " with a destructor" : "");
	if (!lws_ring_next_linear_insert_range(ring, &start, &bytes))
		base = start;
	memset(readers, 0, sizeof readers);
	for (i = 0; i + 1 < READERS; i++)
		readers[i].next = &readers[i + 1];
	for (i = 0; i < WORDS; i++) {
		switch (draw(5)) {
		case 0: case 1: insert(count); break;
		case 2: write_in_place(); break;
		default:
			if (own)
				consume_own(readers, count);
			else
				consume(readers, count);
		}
		state(readers);
		if (!draw(40))
			lws_ring_dump(ring, draw(2) ? &readers[0].tail : NULL);
	}
	lws_ring_destroy(ring);
	printf("\n");
}

/* one reader with a tail of its own */
static void single_tail(void)
{
	uint32_t tail = 0;
	unsigned i, n = 0;
	void *start;
	size_t bytes;

	size = sizeof n;
	ring = lws_ring_create(sizeof n, 4, destroyed);
	if (lws_ring_next_linear_insert_range(ring, &start, &bytes))
		return;
	base = start;
	for (i = 0; i < 20; i++) {
		n++;
		printf("insert %u,", (unsigned)lws_ring_insert(ring, &n, 1));
		if (i % 3)
			lws_ring_consume_single_tail(ring, &tail, 1);
		printf(" tail %u waiting %u\n", (unsigned)tail, (unsigned)lws_ring_get_count_waiting_elements(ring, &tail));
	}
	lws_ring_destroy(ring);
	printf("\n");
}

int main(int argc, char **argv)
{
	unsigned element, count;

	seed_from(argc, argv);
	lws_set_log_level(LLL_NOTICE, print_line);
	for (element = 1; element < 10; element++)
		for (count = 1; count < 9; count++)
			one_ring(element, count, draw(2));
	one_ring(1, 100, 0);
	one_ring(32, 15, 1);
	single_tail();
	return 0;
}
