/*
 * Several connections at once on two vhosts of one context, each with a heartbeat from LWS_CALLBACK_TIMER and its own session data,
 * and each ended in another way. What each saw is kept apart and printed at the end: how they interleave is not said.
 */
#include "program.h"

enum { CONNECTIONS = 8, BEATS = 5, PAGE = 1024 };

enum ending { BY_REASON, BY_RETURN, BY_TIMEOUT_ASYNC, BY_TIMEOUT_SYNC, BY_APP_CODE, FROM_RECEIVE, BY_LONG_REASON, BY_DESTROY };

struct connection {
	int n, beats, echoes, over;
	enum ending ending;
	struct lws *wsi;
	lws_sorted_usec_list_t later;
	char page[PAGE];
	size_t written;
};

/* What the library allocates for each connection. */
struct session {
	char text[64];
	size_t have;
	int id;
};

static struct connection connections[CONNECTIONS];
static int alive = CONNECTIONS;

static void note(struct connection *c, const char *text)
{
	int n = snprintf(c->page + c->written, PAGE - c->written, " %s", text);

	if (n > 0 && (size_t)n < PAGE - c->written)
		c->written += (size_t)n;
}

static void kill_sync(lws_sorted_usec_list_t *sul)
{
	struct connection *c = lws_container_of(sul, struct connection, later);

	lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
	note(c, "KILLED");
}

/* All beats have come back: the connection ends in its own way. What the callback is to return. */
static int end_it(struct connection *c)
{
	unsigned char reason[123];

	switch (c->ending) {
	case BY_REASON:
		lws_close_reason(c->wsi, LWS_CLOSE_STATUS_GOINGAWAY, NULL, 0);
		return -1;
	case BY_APP_CODE:
		lws_close_reason(c->wsi, (enum lws_close_status)3001, (unsigned char *)"mine", 4);
		return -1;
	case BY_LONG_REASON:
		memset(reason, 'r', sizeof reason);
		lws_close_reason(c->wsi, LWS_CLOSE_STATUS_NORMAL, reason, sizeof reason);
		return -1;
	case BY_RETURN:
		return -1;
	case BY_TIMEOUT_ASYNC:
		lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
		return 0;
	case BY_TIMEOUT_SYNC:
		lws_sul_schedule(lws_get_context(c->wsi), 0, &c->later, kill_sync, 1);
		return 0;
	default:
		return 0;
	}
}

static int write_beat(struct connection *c, struct session *s)
{
	unsigned char buf[LWS_PRE + 64];
	int n = snprintf((char *)buf + LWS_PRE, 64, "connection %d beat %d", s->id, c->beats);

	c->beats++;
	return lws_write(c->wsi, buf + LWS_PRE, (size_t)n, LWS_WRITE_TEXT) < n ? -1 : 0;
}

static int on_echo(struct connection *c, struct session *s)
{
	char expected[64];
	size_t n = (size_t)snprintf(expected, sizeof expected, "connection %d beat %d", c->n, c->echoes);

	if (s->have != n || memcmp(s->text, expected, n))
		note(c, "WRONG");
	s->have = 0;
	note(c, "echo");
	if (++c->echoes < BEATS) {
		lws_set_timer_usecs(c->wsi, 1000);
		return 0;
	}
	if (c->ending == FROM_RECEIVE) {
		lws_close_reason(c->wsi, LWS_CLOSE_STATUS_POLICY_VIOLATION, (unsigned char *)"enough", 6);
		return -1;
	}
	if (c->ending == BY_DESTROY)
		c->over = 1;		/* lives until the context goes */
	else
		lws_set_timer_usecs(c->wsi, 1000);
	return 0;
}

static int receive(struct connection *c, struct session *s, const char *in, size_t len)
{
	if (s->have + len > sizeof s->text)
		return -1;
	memcpy(s->text + s->have, in, len);
	s->have += len;
	return lws_is_final_fragment(c->wsi) && !lws_remaining_packet_payload(c->wsi) ? on_echo(c, s) : 0;
}

static int callback_many(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct session *s = (struct session *)user;
	struct connection *c = (struct connection *)lws_get_opaque_user_data(wsi);

	switch (reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		s->id = c->n;
		note(c, lws_get_vhost_name(lws_get_vhost(wsi)));
		lws_set_timer_usecs(wsi, 1000);
		break;
	case LWS_CALLBACK_TIMER:
		if (c->echoes == BEATS)
			return end_it(c);
		lws_callback_on_writable(wsi);
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return c->beats == c->echoes && c->beats < BEATS ? write_beat(c, s) : 0;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return receive(c, s, (const char *)in, len);
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		note(c, in ? (const char *)in : "no reason");
		break;
	case LWS_CALLBACK_WS_CLIENT_DROP_PROTOCOL:
		note(c, "DROP");
		break;
	case LWS_CALLBACK_CLIENT_CLOSED:
		note(c, s->id == c->n ? "CLOSED" : "CLOSED with other data");
		break;
	case LWS_CALLBACK_WSI_DESTROY:
		note(c, "DESTROY");
		c->over = 1;
		alive--;
		break;
	default:
		break;
	}
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ "many", callback_many, sizeof(struct session), 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 }
};

static int all_over(void)
{
	int n;

	for (n = 0; n < CONNECTIONS && connections[n].over; n++)
		;
	return n == CONNECTIONS;
}

static int open_one(struct lws_context *cx, const struct target *t, int n)
{
	struct connection *c = &connections[n];
	struct lws_client_connect_info i;
	char path[32];

	c->n = n;
	c->ending = (enum ending)n;
	snprintf(path, sizeof path, "/classic?connection=%d", n);	/* copied by the call */
	fill_connect(&i, t, cx, path, "many");
	i.vhost = lws_get_vhost_by_name(cx, n % 2 ? "odd" : "even");
	i.opaque_user_data = c;
	i.pwsi = &c->wsi;
	return lws_client_connect_via_info(&i) ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct target t = begin(argc, argv);
	struct lws_context_creation_info info;
	struct lws_context *cx;
	int n;

	fill_context(&info, &t, protocols);
	info.options |= LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
	cx = lws_create_context(&info);
	if (!cx)
		return 1;
	info.vhost_name = "even";
	if (!lws_create_vhost(cx, &info))
		return 1;
	info.vhost_name = "odd";
	if (!lws_create_vhost(cx, &info))
		return 1;
	for (n = 0; n < CONNECTIONS; n++)
		if (open_one(cx, &t, n))
			return 1;
	while (!all_over() && lws_service(cx, 0) >= 0)
		;
	say("%d alive before the context goes", alive);
	lws_context_destroy(cx);
	for (n = 0; n < CONNECTIONS; n++)
		say("%d:%s", n, connections[n].page);
	say("%d alive after", alive);
	say("end");
	return 0;
}
