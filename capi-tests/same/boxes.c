/* lws_dll2_* in order, lwsac_* and lws_buflist_* under random programs. */
#include "same.h"

struct item { int key, n; lws_dll2_t list; const char *name; };

static int compare(const lws_dll2_t *d, const lws_dll2_t *i)
{
	const struct item *a = lws_container_of(d, struct item, list), *b = lws_container_of(i, struct item, list);

	printf("%d?%d ", a->n, b->n);
	return a->key - b->key;
}

static void print_list(const lws_dll2_owner_t *owner)
{
	printf("%u:", (unsigned)owner->count);
	lws_start_foreach_dll(struct lws_dll2 *, d, owner->head) {
		const struct item *item = lws_container_of(d, struct item, list);

		printf(" %d.%d", item->key, item->n);
	} lws_end_foreach_dll(d);
	printf(" back:");
	for (const struct lws_dll2 *d = owner->tail; d; d = d->prev)
		printf(" %d", lws_container_of(d, struct item, list)->n);
	printf("\n");
}

static void sorted(void)
{
	static const char *const names[] = { "", "one", "two", "onetwo", "on" };
	struct item items[40], *found;
	lws_dll2_owner_t owner;
	const char *name;
	unsigned i;

	memset(items, 0, sizeof items);
	memset(&owner, 0, sizeof owner);
	for (i = 0; i < 40; i++) {
		items[i].key = (int)draw(12);
		items[i].n = (int)i;
		items[i].name = names[draw(5)];
		lws_dll2_add_sorted(&items[i].list, &owner, compare);
		print_list(&owner);
		if (!draw(4)) {
			lws_dll2_remove(&items[draw(i + 1)].list);
			print_list(&owner);
		}
		name = names[draw(5)];
		found = lws_dll2_search_sz_pl(&owner, name, strlen(name), struct item, list, name);
		printf("%s: %d\n", name, found ? found->n : -1);
	}
	lws_start_foreach_dll_safe(struct lws_dll2 *, d, d1, owner.head) {
		if (draw(2))
			lws_dll2_remove(d);
	} lws_end_foreach_dll_safe(d, d1);
	print_list(&owner);
}

static void print_lwsac(struct lwsac *ac)
{
	struct lwsac *chunk;

	printf(" alloc %u overhead %u chunks", (unsigned)lwsac_total_alloc(ac), (unsigned)lwsac_total_overhead(ac));
	for (chunk = ac; chunk; chunk = lwsac_get_next(chunk))
		printf(" %u", (unsigned)lwsac_get_tail_pos(chunk));
	printf("\n");
}

/* which piece it is in, and where: addresses are each build's own */
static void print_found(uint8_t **pieces, size_t *sizes, unsigned n, const uint8_t *found)
{
	while (n--)
		if (found >= pieces[n] && found < pieces[n] + sizes[n]) {
			printf(" found %u+%u", n, (unsigned)(found - pieces[n]));
			return;
		}
	printf(" found %d", !!found);
}

static void chunks(void)
{
	struct lwsac *ac = NULL;
	uint8_t *pieces[60], text[8];
	size_t sizes[60], chunk;
	unsigned i, n, k;

	printf("sizeof %u %u\n", (unsigned)lwsac_sizeof(1), (unsigned)lwsac_sizeof(0));
	for (i = 0; i < 60; i++) {
		n = draw(draw(4) ? 60 : 6000);
		chunk = draw(3) ? draw(300) : 0;
		sizes[i] = n;
		switch (draw(4)) {
		case 0: pieces[i] = lwsac_use_zero(&ac, n, chunk); break;
		case 1: pieces[i] = lwsac_use_backfill(&ac, n, chunk); break;
		default:
			pieces[i] = lwsac_use(&ac, n, chunk);
			break;
		}
		printf("%u (%u): align %u", n, (unsigned)chunk, (unsigned)lwsac_align(n));
		for (k = 0; k < n; k++)
			pieces[i][k] = (uint8_t)('a' + draw(3));
		if (!draw(3)) {
			/* by an amount that says what it is */
			k = 8 * draw(9);
			printf(" extend %u: %d", k, lwsac_extend(ac, (int)k));
		}
		for (k = 0; k < 3; k++)
			text[k] = (uint8_t)('a' + draw(3));
		if (!draw(4))
			print_found(pieces, sizes, i + 1, lwsac_scan_extant(ac, text, 3, 0));
		print_lwsac(ac);
	}
	lwsac_info(ac);
	lwsac_reference(ac);
	lwsac_reference(ac);
	if (draw(2)) {
		struct lwsac *same = ac;

		lwsac_detach(&ac);
		printf("detached: %d\n", ac == same);
		lwsac_unreference(&ac);
		printf("one reference: %d\n", ac == same);
	}
	lwsac_unreference(&ac);
	printf("gone: %d\n", !ac);
	lwsac_free(&ac);
	lwsac_free(&ac);
	print_lwsac(ac);
}

/* 4.1.6 counts and copies what was used of the first piece too, as long as the piece is there */
static void print_buflist(struct lws_buflist **head, int used)
{
	uint8_t *buf = NULL, copy[64];
	size_t left = lws_buflist_next_segment_len(head, &buf), ofs = draw(40), len = draw(64);
	int n;

	printf(" | next %u %.*s", (unsigned)left, (int)left, left ? (char *)buf : "");
	if (used) {
		printf("\n");
		return;
	}
	printf(" total %u", (unsigned)lws_buflist_total_len(head));
	n = lws_buflist_linear_copy(head, ofs, copy, len);
	printf(" copy %u,%u: %d %.*s\n", (unsigned)ofs, (unsigned)len, n, n, (char *)copy);
}

static void pieces(void)
{
	struct lws_buflist *head = NULL;
	uint8_t bytes[32];
	unsigned i, n, k;
	size_t left;
	int used = 0;

	for (i = 0; i < 200; i++) {
		left = lws_buflist_next_segment_len(&head, NULL);
		if (left && draw(5) > 1) {
			n = 1 + draw((unsigned)left);
			used = n < left;
			printf("use %u: %u", n, (unsigned)lws_buflist_use_segment(&head, n));
		} else {
			n = 1 + draw(32);
			for (k = 0; k < n; k++)
				bytes[k] = (uint8_t)('a' + draw(26));
			printf("append %u: %d", n, lws_buflist_append_segment(&head, bytes, n));
		}
		print_buflist(&head, used);
		if (!draw(20))
			lws_buflist_describe(&head, &head, "as it is");
		if (!draw(40)) {
			lws_buflist_destroy_all_segments(&head);
			used = 0;
			printf("destroyed: %d\n", !head);
		}
	}
	lws_buflist_destroy_all_segments(&head);
}

int main(int argc, char **argv)
{
	seed_from(argc, argv);
	lws_set_log_level(LLL_NOTICE, print_line);
	sorted();
	chunks();
	pieces();
	return 0;
}
