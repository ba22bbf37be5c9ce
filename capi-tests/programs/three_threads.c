/*
 * The context is made and the connection asked for in one thread, served in a second, and used from a third, which only posts:
 * it queues and calls lws_cancel_service(). The serving thread destroys the context.
 */
#include "program.h"
#include <pthread.h>

enum { POSTS = 50, POST_SIZE = 64 };

struct shared {
	struct lws_context *cx;
	struct lws *wsi;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* under the lock */
	char queue[POSTS][POST_SIZE];
	unsigned posted, taken, acknowledged;
	int welcome, ended;
	/* the serving thread's */
	pthread_t server;
	unsigned elsewhere;		/* callbacks in another thread */
	unsigned bad_acks;
	char message[128];
	size_t gathered;
};

static void set(struct shared *s, int *flag)
{
	pthread_mutex_lock(&s->lock);
	*flag = 1;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static int write_posted(struct shared *s)
{
	unsigned char buf[LWS_PRE + POST_SIZE];
	size_t len = 0;
	int more;

	pthread_mutex_lock(&s->lock);
	if (s->taken < s->posted) {
		len = strlen(s->queue[s->taken]);
		memcpy(buf + LWS_PRE, s->queue[s->taken++], len);
	}
	more = s->taken < s->posted;
	pthread_mutex_unlock(&s->lock);
	if (more)
		lws_callback_on_writable(s->wsi);
	return len && lws_write(s->wsi, buf + LWS_PRE, len, LWS_WRITE_TEXT) < (int)len ? -1 : 0;
}

static void one_message(struct shared *s)
{
	char expected[64];
	unsigned n;

	s->message[s->gathered] = '\0';
	s->gathered = 0;
	if (!strcmp(s->message, "welcome")) {
		say("welcome");
		set(s, &s->welcome);
		return;
	}
	pthread_mutex_lock(&s->lock);
	n = ++s->acknowledged;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	snprintf(expected, sizeof expected, "ack %u ", n);
	if (strncmp(s->message, expected, strlen(expected)))
		s->bad_acks++;
	if (n % 10 == 0)
		say("%s", s->message);
}

static int receive(struct lws *wsi, struct shared *s, const char *in, size_t len)
{
	if (s->gathered + len >= sizeof s->message)
		return -1;
	memcpy(s->message + s->gathered, in, len);
	s->gathered += len;
	if (lws_is_final_fragment(wsi) && !lws_remaining_packet_payload(wsi))
		one_message(s);
	return 0;
}

static int callback_hub(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct shared *s = (struct shared *)lws_context_user(lws_get_context(wsi));

	switch (reason) {
	case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
		if (s->welcome)
			lws_callback_on_writable(s->wsi);
		break;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		say("established: user data %s", user == s ? "the same" : "another");
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		s->elsewhere += !pthread_equal(pthread_self(), s->server);
		return receive(wsi, s, (const char *)in, len);
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		s->elsewhere += !pthread_equal(pthread_self(), s->server);
		return write_posted(s);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		say("peer closes: %.*s", len > 2 ? (int)len - 2 : 0, (const char *)in + 2);
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("connection error: %s", in ? (const char *)in : "no reason");
		set(s, &s->ended);
		break;
	case LWS_CALLBACK_CLIENT_CLOSED:
		say("closed");
		set(s, &s->ended);
		break;
	case LWS_CALLBACK_PROTOCOL_DESTROY:
		say("protocol destroyed in the %s thread", pthread_equal(pthread_self(), s->server) ? "serving" : "wrong");
		break;
	default:
		break;
	}
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ "hub", callback_hub, 0, 512, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 }
};

static void *serve(void *arg)
{
	struct shared *s = (struct shared *)arg;

	s->server = pthread_self();
	while (!s->ended && lws_service(s->cx, 0) >= 0)
		;
	lws_context_destroy(s->cx);
	return NULL;
}

/* Each message once the one before is acknowledged, then several at once, and the last. */
static void *post(void *arg)
{
	struct shared *s = (struct shared *)arg;
	unsigned n;

	pthread_mutex_lock(&s->lock);
	while (!s->welcome && !s->ended)
		pthread_cond_wait(&s->changed, &s->lock);
	for (n = 0; n < POSTS && !s->ended; n++) {
		snprintf(s->queue[n], POST_SIZE, n == POSTS - 1 ? "last" : "message %u", n);
		s->posted = n + 1;
		lws_cancel_service(s->cx);	/* the context lives until the last is acknowledged */
		while (n < POSTS / 2 && s->acknowledged <= n && !s->ended)
			pthread_cond_wait(&s->changed, &s->lock);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

int main(int argc, char **argv)
{
	static struct shared s = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };
	struct target t = begin(argc, argv);
	struct lws_context_creation_info info;
	struct lws_client_connect_info i;
	pthread_t server, poster;

	fill_context(&info, &t, protocols);
	info.user = &s;
	s.cx = lws_create_context(&info);
	if (!s.cx)
		return 1;
	fill_connect(&i, &t, s.cx, "/hub", "hub");
	i.userdata = &s;
	i.pwsi = &s.wsi;
	if (!lws_client_connect_via_info(&i))
		return 1;
	if (pthread_create(&server, NULL, serve, &s) || pthread_create(&poster, NULL, post, &s))
		return 1;
	pthread_join(server, NULL);
	pthread_join(poster, NULL);
	say("%u posted, %u acknowledged, %u of them wrong, %u callbacks in the wrong thread", s.posted, s.acknowledged, s.bad_acks,
	    s.elsewhere);
	say("end");
	return 0;
}
