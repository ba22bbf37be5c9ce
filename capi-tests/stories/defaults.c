/*
 * A context from lws_context_info_defaults(): no vhost until one is made, then TLS requests through it. Every option is taken but those
 * of event libraries, which are refused; a lower header pool or fd limit refuses nothing; OPERATIONAL is told once, with the context.
 */
#include "harness.h"

static int completed, operational, failed;
static struct lws_context *seen;

static int cb(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	char buf[LWS_PRE + 512], *p = buf + LWS_PRE;
	int n = sizeof buf - LWS_PRE;

	(void)user;
	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_RECEIVE_CLIENT_HTTP)
		return lws_http_client_read(wsi, &p, &n) < 0 ? -1 : 0;
	if (reason == LWS_CALLBACK_COMPLETED_CLIENT_HTTP)
		completed++;
	if (reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR)
		failed++;
	return 0;
}

static const struct lws_protocols protocols[] = { { .name = "first", .callback = cb }, { 0 } };
static const struct lws_protocols *listed[] = { &protocols[0], NULL };

static int told(lws_state_manager_t *mgr, lws_state_notify_link_t *link, int current, int target)
{
	(void)link;
	if (current == LWS_SYSTATE_OPERATIONAL && target == LWS_SYSTATE_OPERATIONAL) {
		operational++;
		seen = lws_system_context_from_system_mgr(mgr);
	}
	return 0;
}

static struct lws_context *made(uint64_t option, int with_list)
{
	struct lws_context_creation_info info;

	lws_context_info_defaults(&info, NULL);
	CHECK_EQ(info.port, CONTEXT_PORT_NO_LISTEN);
	info.options |= option;
	info.max_http_header_pool = 3;
	if (with_list)
		info.pprotocols = listed;
	return lws_create_context(&info);
}

static void options(void)
{
	static const uint64_t event_libraries = LWS_SERVER_OPTION_LIBEV | LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_LIBEVENT |
		LWS_SERVER_OPTION_GLIB | LWS_SERVER_OPTION_SDEVENT | LWS_SERVER_OPTION_ULOOP;
	struct lws_context *cx;
	int bit;

	for (bit = 1; bit < 40; bit++) {
		cx = made(1ull << bit, bit & 1);
		CHECK_EQ(!cx, !!(event_libraries & 1ull << bit));
		lws_context_destroy(cx);
	}
}

int main(void)
{
	lws_state_notify_link_t link = { { NULL, NULL, NULL }, told, "story" }, *links[] = { &link, NULL };
	struct lws_context_creation_info info;
	struct lws_client_connect_info i;
	struct lws_context *cx;
	struct lws_vhost *vh;
	struct story *s;
	int n;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = 1 });		/* for its peer and its CA */
	options();
	lws_context_info_defaults(&info, NULL);
	info.register_notifier_list = links;
	info.pcontext = &cx;
	CHECK(lws_create_context(&info) == cx && cx);
	memset(&i, 0, sizeof i);
	i.context = cx;
	i.address = "127.0.0.1";
	i.host = "localhost";
	i.port = s->peer.port;
	i.path = "ok";						/* the slash is the library's to add */
	i.method = "GET";
	i.protocol = "first";
	i.ssl_connection = LCCSCF_USE_SSL | LCCSCF_PIPELINE;
	CHECK(!lws_client_connect_via_info(&i));		/* no vhost yet */
	info.vhost_name = "made";
	info.http_proxy_address = "https://127.0.0.1:1";
	CHECK(!lws_create_vhost(cx, &info));			/* TLS to a proxy is not provided, and nobody goes past it */
	info.http_proxy_address = "";
	info.protocols = protocols;
	info.client_ssl_ca_filepath = s->peer.ca;
	info.register_notifier_list = NULL;
	vh = lws_create_vhost(cx, &info);
	CHECK(vh && lws_get_vhost_by_name(cx, "made") == vh);
	for (n = 0; n < 5; n++)
		CHECK(lws_client_connect_via_info(&i));
	while (completed + failed < 5)
		CHECK(lws_service(cx, 0) >= 0);
	CHECK_EQ(completed, 5);
	CHECK_EQ(operational, 1);
	CHECK(seen == cx);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
	lws_vhost_destroy(vh);
	CHECK(!lws_get_vhost_by_name(cx, "made"));
	lws_context_destroy(cx);
	CHECK(!cx);
	return story_close(s);
}
