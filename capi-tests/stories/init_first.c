/*
 * A vhost's PROTOCOL_INIT comes before the first callback of a request on it (contract 1.6), also when the request is made
 * inside another vhost's PROTOCOL_INIT.
 */
#include "harness.h"

static int inits2, binds2;
static struct lws_vhost *vh[2];

static int cb2(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)wsi; (void)user; (void)in; (void)len;
	if (reason == LWS_CALLBACK_PROTOCOL_INIT)
		inits2++;
	if (reason == LWS_CALLBACK_CLIENT_HTTP_BIND_PROTOCOL) {
		binds2++;
		CHECK_EQ(inits2, 1);
	}
	return 0;
}
static struct lws_protocols ps2[] = { { .name = "p2", .callback = cb2 }, { 0 } };
static int cb1(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct lws_client_connect_info i;
	(void)user; (void)in; (void)len;
	if (reason != LWS_CALLBACK_PROTOCOL_INIT)
		return 0;
	memset(&i, 0, sizeof i);
	i.context = lws_get_context(wsi); i.vhost = vh[1]; i.address = "127.0.0.1"; i.port = 9; i.path = "/"; i.method = "GET"; i.protocol = "p2";
	lws_client_connect_via_info(&i);
	return 0;
}
static struct lws_protocols ps1[] = { { .name = "p1", .callback = cb1 }, { 0 } };

int main(void)
{
	struct lws_context_creation_info info;
	struct lws_context *cx;
	int i;

	lws_context_info_defaults(&info, NULL);
	cx = lws_create_context(&info);
	info.protocols = ps1; info.vhost_name = "one";
	vh[0] = lws_create_vhost(cx, &info);
	info.protocols = ps2; info.vhost_name = "two";
	vh[1] = lws_create_vhost(cx, &info);
	CHECK(vh[0] && vh[1]);
	for (i = 0; i < 3; i++)
		lws_service(cx, -1);
	CHECK_EQ(inits2, 1);
	CHECK_EQ(binds2, 1);
	lws_context_destroy(cx);
	return 0;
}
