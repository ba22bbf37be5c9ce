/*
 * lws_service() from inside a system state notification: every state is told once, and the state never goes back.
 */
#include "harness.h"

static int seen[64], nested, last;

static int notify(lws_state_manager_t *mgr, lws_state_notify_link_t *link, int current, int target)
{
	(void)link;
	fprintf(stderr, "%d -> %d\n", current, target);
	CHECK(current >= last);
	last = current;
	if (current == target)
		CHECK_EQ(++seen[target], 1);
	if (!nested) {
		nested = 1;
		lws_service(lws_system_context_from_system_mgr(mgr), -1);
	}
	return 0;
}

static lws_state_notify_link_t link_ = { .notify_cb = notify, .name = "me" };
static lws_state_notify_link_t *links[] = { &link_, NULL };

static void tune(struct story *s, struct lws_context_creation_info *info)
{
	(void)s;
	info->register_notifier_list = links;
}

int main(void)
{
	struct story *s = story_open(&(struct opts){ .tune = tune });
	ASK(s, .path = "/ok");
	RUN_ALL(s);
	return story_close(s);
}
