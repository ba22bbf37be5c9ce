/*
 * A poller of a REST resource: a thread services under a mutex, another asks for polls under it. What is refused with 503 is tried
 * again after a delay out of a retry table; what was answered is asked for again until the server says that there is no more.
 */
#include "http.h"
#include <pthread.h>

static const uint32_t delays_ms[] = { 10, 20, 40 };
static const lws_retry_bo_t retry = { delays_ms, LWS_ARRAY_SIZE(delays_ms), LWS_ARRAY_SIZE(delays_ms), 0, 0, 0 };

struct poller {
	struct target target;
	struct lws_context *cx;
	struct fetch fetch;
	lws_sorted_usec_list_t again, tick;
	uint16_t tries;
	unsigned polls, busy;
	int wanted, more, over;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct poller poller;

static void ask(struct poller *p)
{
	struct lws_client_connect_info i;

	memset(&p->fetch, 0, sizeof p->fetch);
	p->fetch.path = "/poll/news";
	fill_http(&i, &p->target, p->cx, &p->fetch, "GET");
	p->polls++;
	if (!lws_client_connect_via_info(&i))
		p->over = 1;
}

static void ask_again(lws_sorted_usec_list_t *sul)
{
	ask(lws_container_of(sul, struct poller, again));
}

/* The loop comes round for the other thread. */
static void tick(lws_sorted_usec_list_t *sul)
{
	struct poller *p = lws_container_of(sul, struct poller, tick);

	lws_sul_schedule(p->cx, 0, &p->tick, tick, 5000);
}

static void answered(struct poller *p)
{
	tell_text(&p->fetch);
	if (p->fetch.status == 503) {
		p->busy++;
		if (lws_retry_sul_schedule(p->cx, 0, &p->again, &retry, ask_again, &p->tries))
			p->over = 1;
		return;
	}
	p->tries = 0;
	p->more = strstr(p->fetch.text, "\"more\": true") != NULL;
	p->over = !p->more;
	p->wanted = 0;
	pthread_cond_signal(&changed);
}

static int callback_poll(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct fetch *f = user;
	char after[16];
	int ret = f || reason == LWS_CALLBACK_RECEIVE_CLIENT_HTTP ? fetch_callback(wsi, reason, f, in, len) : 0;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH:
		if (lws_hdr_copy(wsi, after, sizeof after, WSI_TOKEN_HTTP_RETRY_AFTER) > 0)
			say("retry after %s", after);
		break;
	case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
		answered(&poller);
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		poller.over = 1;
		break;
	default:
		break;
	}
	return ret;
}

static const struct lws_protocols protocols[] = {
	{ "http", callback_poll, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 }
};

static void *service(void *unused)
{
	int over = 0;

	while (!over) {
		pthread_mutex_lock(&lock);
		if (lws_service(poller.cx, 0) < 0)
			poller.over = 1;
		over = poller.over;
		pthread_cond_signal(&changed);
		pthread_mutex_unlock(&lock);
		sched_yield();
	}
	return unused;
}

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	pthread_t thread;

	poller.target = begin(argc, argv);
	fill_context(&info, &poller.target, protocols);
	poller.cx = lws_create_context(&info);
	if (!poller.cx)
		return 1;
	lws_sul_schedule(poller.cx, 0, &poller.tick, tick, 5000);
	pthread_create(&thread, NULL, service, NULL);
	pthread_mutex_lock(&lock);
	while (!poller.over) {
		if (!poller.wanted) {
			poller.wanted = 1;
			ask(&poller);
		}
		pthread_cond_wait(&changed, &lock);
	}
	pthread_mutex_unlock(&lock);
	pthread_join(thread, NULL);
	say("%u polls, %u busy", poller.polls, poller.busy);
	lws_sul_cancel(&poller.tick);
	lws_context_destroy(poller.cx);
	say("end");
	return 0;
}
