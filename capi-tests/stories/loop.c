/* The loop: OPERATIONAL once inside the first lws_service(), timers in order, wakes that programs see, and -1 polls that do not wait. */
#include "harness.h"

static int operational, fired[4], n_fired;
static lws_state_notify_link_t notify;
static lws_state_notify_link_t *const links[] = { &notify, NULL };
static lws_sorted_usec_list_t timers[4];

static int state(lws_state_manager_t *mgr, lws_state_notify_link_t *l, int current, int target)
{
	CHECK(l == &notify);
	CHECK(lws_system_context_from_system_mgr(mgr));
	operational += current == LWS_SYSTATE_OPERATIONAL && target == LWS_SYSTATE_OPERATIONAL;
	return 0;
}

static void tune(struct story *s, struct lws_context_creation_info *info)
{
	(void)s;
	notify.name = "story";
	notify.notify_cb = state;
	info->register_notifier_list = links;
}

static void fire(lws_sorted_usec_list_t *sul)
{
	fired[n_fired++ % 4] = (int)(sul - timers);
}

int main(void)
{
	unsigned cancelled;
	struct story *s;
	int i;

	s = story_open(&(struct opts){ .tune = tune });
	CHECK_EQ(operational, 0);
	while (!operational)
		step(s);
	CHECK_EQ(s->inits, 1);
	lws_sul_schedule(s->cx, 0, &timers[2], fire, 30 * LWS_US_PER_MS);
	lws_sul_schedule(s->cx, 0, &timers[1], fire, 20 * LWS_US_PER_MS);
	lws_sul_schedule(s->cx, 0, &timers[3], fire, 10 * LWS_US_PER_MS);
	lws_sul_schedule(s->cx, 0, &timers[0], fire, 40 * LWS_US_PER_MS);
	CHECK(timers[2].list.owner);
	lws_sul_cancel(&timers[3]);
	CHECK(!timers[3].list.owner);
	lws_sul_schedule(s->cx, 0, &timers[0], fire, 1);	/* sooner than before */
	RUN_UNTIL(s, n_fired == 3);
	CHECK_EQ(fired[0], 0);
	CHECK_EQ(fired[1], 1);
	CHECK_EQ(fired[2], 2);
	CHECK_EQ(operational, 1);

	cancelled = s->cancelled;
	lws_cancel_service(s->cx);
	RUN_UNTIL(s, s->cancelled > cancelled);
	cancelled = s->cancelled;
	for (i = 0; OURS && i < 100; i++)
		CHECK(lws_service(s->cx, -1) >= 0);
	ASK(s, .path = "/ok");
	if (OURS) {
		RUN_ALL(s);
		CHECK_EQ(s->cancelled, cancelled);		/* internal wakes are nobody's business */
	}
	return story_close(s);
}
