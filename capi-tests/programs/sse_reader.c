/*
 * A reader of server-sent events, as dashboards have one: it takes lines apart however they come, keeps the id of the last event, and when
 * the server goes away it comes back after `retry` milliseconds and says where it was.
 */
#include "program.h"

static struct sse {
	struct lws_context *cx;
	struct target target;
	lws_sorted_usec_list_t again;
	char line[256], data[256], event[32], id[16];
	size_t len;
	unsigned retry_ms, attempts, comments;
	int over;
} sse;

static void connect_again(lws_sorted_usec_list_t *sul)
{
	struct sse *e = lws_container_of(sul, struct sse, again);
	struct lws_client_connect_info i;

	e->len = 0;
	e->data[0] = e->event[0] = '\0';	/* half an event is none */
	say("---- attempt %u", ++e->attempts);
	fill_connect(&i, &e->target, e->cx, "/events", "sse");
	i.method = "GET";
	i.userdata = e;
	if (!lws_client_connect_via_info(&i)) {
		say("no request");
		e->over = 1;
	}
}

static int append(struct lws *wsi, struct sse *e, unsigned char **at, size_t len)
{
	unsigned char *end = *at + len;

	if (lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_ACCEPT, (const unsigned char *)"text/event-stream", 17, at, end))
		return -1;
	if (!e->id[0])
		return 0;
	return lws_add_http_header_by_name(wsi, (const unsigned char *)"last-event-id:", (const unsigned char *)e->id,
					   (int)strlen(e->id), at, end) ? -1 : 0;
}

static void one_line(struct sse *e)
{
	char *value = strchr(e->line, ':');
	size_t had = strlen(e->data);

	if (!e->len) {
		if (e->data[0])
			say("%s #%s: %s", e->event[0] ? e->event : "message", e->id, e->data);
		if (!strcmp(e->event, "end"))
			e->over = 1;
		e->data[0] = e->event[0] = '\0';
		return;
	}
	if (value == e->line) {
		e->comments++;
		return;
	}
	if (!value)
		return;
	*value++ = '\0';
	if (*value == ' ')
		value++;
	if (!strcmp(e->line, "data"))
		lws_snprintf(e->data + had, sizeof e->data - had, "%s%s", had ? "|" : "", value);
	else if (!strcmp(e->line, "event"))
		lws_strncpy(e->event, value, sizeof e->event);
	else if (!strcmp(e->line, "id"))
		lws_strncpy(e->id, value, sizeof e->id);
	else if (!strcmp(e->line, "retry"))
		e->retry_ms = (unsigned)atoi(value);
}

static int callback_sse(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct sse *e = (struct sse *)user;
	char buf[LWS_PRE + 512], *at = buf + LWS_PRE;
	int n = sizeof buf - LWS_PRE;
	const char *p = (const char *)in;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return append(wsi, e, (unsigned char **)in, len);
	case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
		at[0] = '\0';
		lws_hdr_copy(wsi, at, n, WSI_TOKEN_HTTP_CONTENT_TYPE);
		say("status %u, %s", lws_http_client_http_response(wsi), at);
		lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
		break;
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
		return lws_http_client_read(wsi, &at, &n) < 0 ? -1 : 0;
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
		for (; len; len--, p++) {
			if (*p != '\n' && e->len + 1 < sizeof e->line) {
				e->line[e->len++] = *p;
				continue;
			}
			e->line[e->len] = '\0';
			one_line(e);
			e->len = 0;
		}
		return 0;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("connection error");
		e->over = 1;
		break;
	case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
		say("closed, %u comments", e->comments);
		if (!e->over)
			lws_sul_schedule(e->cx, 0, &e->again, connect_again, e->retry_ms * LWS_US_PER_MS);
		break;
	default:
		break;
	}
	return lws_callback_http_dummy(wsi, reason, user, in, len);
}

static const struct lws_protocols protocols[] = {
	{ "sse", callback_sse, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;

	sse.target = begin(argc, argv);
	fill_context(&info, &sse.target, protocols);
	sse.cx = lws_create_context(&info);
	if (!sse.cx)
		return 1;
	connect_again(&sse.again);
	while (!sse.over && lws_service(sse.cx, 0) >= 0)
		;
	lws_sul_cancel(&sse.again);
	lws_context_destroy(sse.cx);
	say("end");
	return 0;
}
