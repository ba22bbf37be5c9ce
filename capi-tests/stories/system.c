/* System states that the program holds back and moves, calls from another thread at a state, system messages from many threads. */
#include "harness.h"

#include <pthread.h>
#include <semaphore.h>

enum { THREADS = 4, EACH = 500, AT_ONCE = 4 };

static int held_back, operational, calls, ordered = 1, heard_states, told_late;
static unsigned heard[THREADS];
static sem_t room[THREADS];		/* so that all fit into the queue */
static struct lws_context *cx;
static struct lws_smd_peer *second;
static pthread_t server;

/* what was said from when the context is destroyed, state by state, and PROTOCOL_DESTROY */
static char ending[8], *said = ending;
static lws_callback_function *inner;

static void at_the_end(lws_state_manager_t *mgr, int current, int target)
{
	if (current == target)
		*said++ = target == LWS_SYSTATE_POLICY_INVALID ? 'i' : 'D';
	else
		*said++ = target == LWS_SYSTATE_POLICY_INVALID ? 'I' : 'd';
	CHECK(lws_system_context_from_system_mgr(mgr) == cx);
	CHECK_EQ(lws_context_is_being_destroyed(cx), 1);
	lws_context_destroy(cx);		/* it is being destroyed */
	CHECK(lws_service(cx, 0) < 0);
}

static int on_protocol(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	if (reason == LWS_CALLBACK_PROTOCOL_DESTROY)
		*said++ = 'P';
	return inner(wsi, reason, user, in, len);
}

static int told(lws_state_manager_t *mgr, lws_state_notify_link_t *link, int current, int target)
{
	CHECK(pthread_equal(pthread_self(), server));
	CHECK(link->name);
	if (target >= LWS_SYSTATE_POLICY_INVALID)
		at_the_end(mgr, current, target);
	if (target == LWS_SYSTATE_CPD_PRE_TIME && current != target && !lws_system_cpd_state_get(mgr->context)) {
		held_back++;
		CHECK_EQ(lws_system_cpd_start(mgr->context), 0);
		return 1;
	}
	operational += current == LWS_SYSTATE_OPERATIONAL && target == LWS_SYSTATE_OPERATIONAL;
	return 0;
}

/* registered later, and gone by its own word */
static int told_once(lws_state_manager_t *mgr, lws_state_notify_link_t *link, int current, int target)
{
	(void)mgr; (void)current; (void)target;
	told_late++;
	lws_state_reg_deregister(link);
	return 0;
}

static lws_state_notify_link_t first_link = { { NULL, NULL, NULL }, told, "first" }, late_link = { { NULL, NULL, NULL }, told_once, "late" };
static lws_state_notify_link_t *const links[] = { &first_link, NULL };

static int early(void *opaque, lws_smd_class_t _class, lws_usec_t timestamp, void *buf, size_t len)
{
	CHECK(opaque == &heard_states);
	CHECK_EQ(_class, LWSSMDCL_SYSTEM_STATE);
	CHECK(timestamp > 0 && timestamp <= lws_now_usecs());
	CHECK(len > 10 && !memcmp(buf, "{\"state\":\"", 10));
	heard_states++;
	return 0;
}

static int from_threads(void *opaque, lws_smd_class_t _class, lws_usec_t timestamp, void *buf, size_t len)
{
	unsigned who, n;
	char text[16];

	(void)opaque; (void)timestamp;
	CHECK_EQ(_class, 1u << LWSSMDCL_USER_BASE_BITNUM);
	CHECK(pthread_equal(pthread_self(), server));
	CHECK(len < sizeof text);
	memcpy(text, buf, len);
	text[len] = '\0';
	CHECK_EQ(sscanf(text, "%u %u", &who, &n), 2);
	ordered &= n == heard[who]++;
	sem_post(&room[who]);
	lws_smd_unregister(second);
	return 0;
}

static int never(void *opaque, lws_smd_class_t _class, lws_usec_t timestamp, void *buf, size_t len)
{
	(void)opaque; (void)_class; (void)timestamp; (void)buf; (void)len;
	CHECK(!"told after it was unregistered");
	return 0;
}

static void attached(struct lws_context *context, int tsi, void *opaque)
{
	CHECK(context == cx);
	CHECK_EQ(tsi, 0);
	CHECK(operational || *(int *)opaque < LWS_SYSTATE_OPERATIONAL);
	CHECK(pthread_equal(pthread_self(), server));
	calls++;
}

static int at[2] = { LWS_SYSTATE_INITIALIZED, LWS_SYSTATE_OPERATIONAL };

static void *other_thread(void *arg)
{
	unsigned who = (unsigned)(size_t)arg, n;
	int i;

	for (i = 0; i < 2; i++)
		CHECK_EQ(__lws_system_attach(cx, 0, attached, (lws_system_states_t)at[i], &at[i], NULL), 0);
	for (n = 0; n < EACH; n++) {
		while (sem_wait(&room[who]))
			;
		CHECK_EQ(lws_smd_msg_printf(cx, 1u << LWSSMDCL_USER_BASE_BITNUM, "%u %u", who, n), 0);
	}
	return NULL;
}

static void tune(struct story *s, struct lws_context_creation_info *info)
{
	inner = s->protocols[0].callback;
	s->protocols[0].callback = on_protocol;
	info->register_notifier_list = links;
	info->early_smd_cb = early;
	info->early_smd_opaque = &heard_states;
	info->early_smd_class_filter = LWSSMDCL_SYSTEM_STATE;
}

#define REFUSED(call, words) do { size_t mark_ = log_mark(); call; CHECK_HAS(logged_since(mark_), words); } while (0)

static void misuse(void)
{
	struct lws_attach_item *item = (struct lws_attach_item *)&calls;
	void *message;
	int i;

	REFUSED(CHECK_EQ(__lws_system_attach(NULL, 0, attached, LWS_SYSTATE_DHCP, NULL, NULL), 1), "context is NULL");
	REFUSED(CHECK_EQ(__lws_system_attach(cx, 1, attached, LWS_SYSTATE_DHCP, NULL, NULL), 1), "tsi not 0");
	CHECK_EQ(__lws_system_attach(cx, 0, NULL, LWS_SYSTATE_DHCP, NULL, &item), 0);
	CHECK(!item);
	REFUSED(CHECK_EQ(lws_state_transition(NULL, 3), 1), "mgr is NULL");
	REFUSED(CHECK(!lws_system_get_state_manager(NULL)), "context is NULL");
	REFUSED(CHECK(!lws_smd_msg_alloc(cx, LWSSMDCL_SYSTEM_STATE, LWS_SMD_MAX_PAYLOAD + 1)), "at most LWS_SMD_MAX_PAYLOAD");
	REFUSED(CHECK(!lws_smd_register(cx, NULL, 0, 1, NULL)), "cb is NULL");
	REFUSED(CHECK_EQ(lws_smd_msg_send(cx, NULL), 1), "payload is NULL");
	message = lws_smd_msg_alloc(cx, LWSSMDCL_SYSTEM_STATE, LWS_SMD_MAX_PAYLOAD);
	CHECK(message);
	lws_smd_msg_free(&message);
	CHECK(!message);
	CHECK(!lws_smd_msg_alloc(cx, LWSSMDCL_NETWORK, 1));	/* nobody listens */
	CHECK_EQ(lws_smd_msg_printf(cx, LWSSMDCL_NETWORK, "%d", 5), 0);
	REFUSED(CHECK_EQ(lws_smd_msg_printf(NULL, LWSSMDCL_NETWORK, "%d", 5), 1), "context is NULL");
	for (i = 0; i < 40; i++)
		CHECK_EQ(lws_smd_msg_printf(cx, LWSSMDCL_SYSTEM_STATE, "{\"state\":\"of mine\"}"), 0);
	REFUSED(CHECK_EQ(lws_smd_msg_printf(cx, LWSSMDCL_SYSTEM_STATE, "{\"state\":\"one more\"}"), 1), "too many messages wait");
	REFUSED(CHECK(!lws_smd_msg_alloc(cx, LWSSMDCL_SYSTEM_STATE, 1)), "too many messages wait");
	lws_smd_msg_free(NULL);
	lws_smd_unregister(NULL);
	lws_smd_unregister(second);
}

/* two managers, and their own states */
static void own_manager(void)
{
	static const char *names[] = { "off", "on", "very much so" };
	lws_state_manager_t mgr;

	memset(&mgr, 0, sizeof mgr);
	mgr.name = "mine";
	mgr.state_names = names;
	lws_state_reg_notifier(&mgr, &late_link);
	CHECK_EQ(lws_state_transition_steps(&mgr, 2), 0);
	CHECK_EQ(mgr.state, 2);
	CHECK_EQ(told_late, 1);		/* its own word came before the first step */
	CHECK_EQ(mgr.notify_list.count, 0);
}

int main(void)
{
	struct lws_smd_peer *peer;
	pthread_t threads[THREADS];
	struct story *s;
	size_t i;
	int n;

	ONLY_OURS();
	server = pthread_self();
	s = story_open(&(struct opts){ .tune = tune });
	cx = s->cx;
	peer = lws_smd_register(cx, NULL, 0, 1u << LWSSMDCL_USER_BASE_BITNUM, from_threads);
	second = lws_smd_register(cx, NULL, 0, 1u << LWSSMDCL_USER_BASE_BITNUM, never);
	CHECK(peer && second && peer != second);
	for (i = 0; i < THREADS; i++)
		CHECK_EQ(sem_init(&room[i], 0, AT_ONCE), 0);
	for (i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, other_thread, (void *)i), 0);
	while (calls < THREADS || heard[0] + heard[1] + heard[2] + heard[3] < THREADS * EACH)
		lws_service(cx, 0);
	for (i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_join(threads[i], NULL), 0);
	CHECK(ordered);
	CHECK_EQ(held_back, 1);			/* asked once: it goes on when the program says so */
	CHECK_EQ(operational, 0);
	CHECK_EQ(calls, THREADS);
	n = heard_states;
	lws_system_cpd_set(cx, LWS_CPD_INTERNET_OK);
	CHECK_EQ(operational, 1);
	while (calls < 2 * THREADS || heard_states < n + 8)
		lws_service(cx, -1);
	CHECK_EQ(lws_system_get_state_manager(cx)->state, LWS_SYSTATE_OPERATIONAL);
	misuse();
	own_manager();
	lws_smd_unregister(peer);
	CHECK_EQ(lws_smd_msg_printf(cx, 1u << LWSSMDCL_USER_BASE_BITNUM, "nobody"), 0);
	ASK(s, .path = "/ok");
	RUN_ALL(s);
	CHECK_EQ(first_link.list.owner == NULL, 0);
	n = story_close(s);
	CHECK(!first_link.list.owner);		/* for the next context */
	CHECK(!strcmp(ending, "IiPdD"));	/* P: the protocols are told between the two */
	return n;
}
