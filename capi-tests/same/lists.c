/* Random programs on two lws_dll2 lists, whose nodes know where they are. */
#include "same.h"

enum { ROUNDS = 5000, ITEMS = 12 };

struct item {
	int n;
	lws_dll2_t list;
};

static struct item items[ITEMS];
static lws_dll2_owner_t owners[2];
static int stop_at;

static int each(struct lws_dll2 *d, void *user)
{
	struct item *i = lws_container_of(d, struct item, list);

	printf(" %d", i->n);
	if (user && i->n % 3 == 0)
		lws_dll2_remove(d);
	return i->n == stop_at ? 7 : 0;
}

static int by_third(const lws_dll2_t *a, const lws_dll2_t *b)
{
	return lws_container_of(a, struct item, list)->n / 3 - lws_container_of(b, struct item, list)->n / 3;
}

static void add(struct item *i, struct item *other, lws_dll2_owner_t *owner)
{
	if (!lws_dll2_is_detached(&i->list))
		return;
	switch (draw(4)) {
	case 0: lws_dll2_add_head(&i->list, owner); break;
	case 1: lws_dll2_add_tail(&i->list, owner); break;
	case 2: lws_dll2_add_sorted(&i->list, owner, by_third); break;
	default:
		if (!lws_dll2_is_detached(&other->list))
			lws_dll2_add_before(&i->list, &other->list);
		break;
	}
}

static void empty(lws_dll2_owner_t *owner)
{
	lws_start_foreach_dll_safe(struct lws_dll2 *, p, next, lws_dll2_get_head(owner)) {
		lws_dll2_clear(p);
	} lws_end_foreach_dll_safe(p, next);
	lws_dll2_owner_clear(owner);
}

static void thin_out(lws_dll2_owner_t *owner)
{
	lws_start_foreach_dll_safe(struct lws_dll2 *, p, next, lws_dll2_get_head(owner)) {
		if (draw(2))
			lws_dll2_remove(p);
	} lws_end_foreach_dll_safe(p, next);
}

static void show(lws_dll2_owner_t *owner)
{
	struct lws_dll2 *p;

	printf("%u:", (unsigned)owner->count);
	lws_start_foreach_dll(struct lws_dll2 *, d, lws_dll2_get_head(owner)) {
		printf(" %d%s", lws_container_of(d, struct item, list)->n, d->owner == owner ? "" : "?");
	} lws_end_foreach_dll(d);
	printf(" back");
	for (p = lws_dll2_get_tail(owner); p; p = p->prev)
		printf(" %d", lws_container_of(p, struct item, list)->n);
}

int main(int argc, char **argv)
{
	struct item *i, *other;
	lws_dll2_owner_t *owner;
	int n;

	seed_from(argc, argv);
	lws_set_log_level(0, NULL);
	for (n = 0; n < ITEMS; n++)
		items[n].n = n;
	for (n = 0; n < ROUNDS; n++) {
		i = &items[draw(ITEMS)];
		other = &items[draw(ITEMS)];
		owner = &owners[draw(2)];
		switch (draw(8)) {
		case 0: lws_dll2_remove(&i->list); break;
		case 1:
			stop_at = (int)draw(20);
			printf("each");
			printf(" = %d\n", lws_dll2_foreach_safe(owner, draw(2) ? i : NULL, each));
			break;
		case 2:
			if (!draw(10))
				thin_out(owner);
			break;
		case 3:
			if (!draw(20))
				empty(owner);
			break;
		default:
			add(i, other, owner);
			break;
		}
		show(&owners[0]);
		printf(", ");
		show(&owners[1]);
		printf("\n");
	}
	return 0;
}
