/* System states, captive portal results, calls at a state and system messages: a context under random programs. */
#include "same.h"

static int vetoes[3][16], ending;
static char heard[2][4096];

static int told(struct lws_state_manager *mgr, struct lws_state_notify_link *link, int current, int target)
{
	int *veto = &vetoes[link->name[0] - 'a'][target & 15];

	if (target == LWS_SYSTATE_POLICY_INVALID + 1 && ending)
		return 0;	/* 4.1.6 has no such state */
	printf("  %s: %d -> %d at %d\n", link->name, current, target, mgr->state);
	if (current == target || !*veto)
		return 0;
	(*veto)--;
	return 1;
}

static lws_state_notify_link_t links[] = {
	{ { NULL, NULL, NULL }, told, "a" }, { { NULL, NULL, NULL }, told, "b" }, { { NULL, NULL, NULL }, told, "c" }
};
static lws_state_notify_link_t *const list[] = { &links[0], &links[1], NULL };

static int hears(void *opaque, lws_smd_class_t _class, lws_usec_t timestamp, void *buf, size_t len)
{
	char *to = opaque;
	size_t n = strlen(to);

	(void)timestamp;
	lws_snprintf(to + n, 4096 - n, " %x:%.*s", (unsigned)_class, (int)len, (const char *)buf);
	return 0;
}

static void attached(struct lws_context *context, int tsi, void *opaque)
{
	(void)context;
	printf("  attached %s on %d\n", (const char *)opaque, tsi);
}

static int attach(struct lws_context *context, int tsi, lws_attach_cb_t cb, lws_system_states_t state, void *opaque,
		  struct lws_attach_item **get)
{
	return __lws_system_attach(context, tsi, cb, state, opaque, get);
}

static int detect(struct lws_context *context)
{
	printf("  asked: %d\n", lws_system_cpd_state_get(context));
	return 3;
}

static const lws_system_ops_t ops = { .attach = attach, .captive_portal_detect_request = detect };

static void serve(struct lws_context *cx)
{
	int i;

	for (i = 0; i < 3; i++)
		lws_service(cx, -1);
	for (i = 0; i < 2; i++) {
		printf("  heard %d:%s\n", i, heard[i]);
		heard[i][0] = '\0';
	}
}

static void say(struct lws_context *cx)
{
	/* those that the first one listens to: 4.1.6 does not notice when nobody listens any more */
	lws_smd_class_t _class = 1u << (1 + draw(2));
	char *message;

	if (draw(2)) {
		printf("say %x: %d\n", (unsigned)_class, lws_smd_msg_printf(cx, _class, "%s %u", "number", draw(100)));
		return;
	}
	message = lws_smd_msg_alloc(cx, _class, 7);
	memcpy(message, "seven!!", 7);
	printf("send %x: %d\n", (unsigned)_class, lws_smd_msg_send(cx, message));
}

static void states(struct lws_context *cx, struct lws_state_manager *mgr)
{
	int target = 2 + (int)draw(12), n;

	switch (draw(4)) {
	case 0:
		printf("to %d\n", target);
		n = lws_state_transition(mgr, target);
		break;
	case 1:
		printf("steps to %d\n", target);
		n = lws_state_transition_steps(mgr, target);
		break;
	case 2:
		vetoes[draw(3)][target] = 1;
		return;
	default:
		printf("attach at %d\n", target);
		n = ops.attach(cx, 0, attached, (lws_system_states_t)target, "it", NULL);
		break;
	}
	printf(" %d, now %d %s\n", n, mgr->state, mgr->state_names[mgr->state]);
}

static void portal(struct lws_context *cx)
{
	int result = (int)draw(4), n;

	if (draw(2)) {
		n = lws_system_cpd_start(cx);
		printf("start %d", n);
	} else {
		printf("result %d\n", result);
		lws_system_cpd_set(cx, (lws_cpd_result_t)result);
	}
	printf(" is %d\n", lws_system_cpd_state_get(cx));
}

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	struct lws_smd_peer *peer = NULL;
	struct lws_state_manager *mgr;
	struct lws_context *cx;
	int i;

	seed_from(argc, argv);
	lws_set_log_level(0, NULL);
	memset(&info, 0, sizeof info);
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.register_notifier_list = list;
	info.system_ops = &ops;
	info.early_smd_cb = hears;
	info.early_smd_opaque = heard[0];
	info.early_smd_class_filter = LWSSMDCL_SYSTEM_STATE | LWSSMDCL_NETWORK;
	vetoes[1][2 + draw(12)] = 1;
	cx = lws_create_context(&info);
	mgr = lws_system_get_state_manager(cx);
	printf("ops %d manager %s of %d\n", lws_system_get_ops(cx) == &ops, mgr->name, lws_system_context_from_system_mgr(mgr) == cx);
	printf("nobody listens: %d\n", !lws_smd_msg_alloc(cx, 8, 7));
	if (draw(2))
		serve(cx);
	for (i = 0; i < 60; i++) {
		switch (draw(6)) {
		case 0: portal(cx); break;
		case 1:
			say(cx);
			break;
		case 2:
			lws_state_reg_deregister(&links[2]);
			if (draw(2))
				lws_state_reg_notifier(mgr, &links[2]);
			break;
		case 3:
			if (peer)
				lws_smd_unregister(peer);
			peer = peer ? NULL : lws_smd_register(cx, heard[1], 0, 0xf, hears);
			break;
		default:
			states(cx, mgr);
			break;
		}
		/* each time: 4.1.6 has room for few messages */
		serve(cx);
	}
	ending = 1;
	for (i = 0; i < 3; i++)
		vetoes[i][LWS_SYSTATE_POLICY_INVALID] = 0;	/* on the way to the other one it is tried again */
	printf("destroy\n");
	lws_context_destroy(cx);
	return 0;
}
