/*
 * PROTOCOL_DESTROY comes once for a vhost, whatever is called from inside it: lws_service, lws_vhost_destroy, connect.
 */
#include "harness.h"

static int destroys, what;
static struct lws_vhost *vh;

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)user; (void)in; (void)len;
	if (reason == LWS_CALLBACK_PROTOCOL_DESTROY && lws_get_vhost(wsi) == vh) {
		struct lws_context *cx = lws_get_context(wsi);
		CHECK(++destroys < 5);
		if (what == 0)
			lws_service(cx, -1);
		if (what == 1)
			lws_vhost_destroy(vh);
		if (what == 2) {
			struct lws_client_connect_info i;
			memset(&i, 0, sizeof i);
			i.context = cx; i.vhost = vh; i.address = "127.0.0.1"; i.port = 1; i.path = "/"; i.method = "GET";
			fprintf(stderr, "connect: %p\n", (void *)lws_client_connect_via_info(&i));
		}
	}
	return 0;
}

static int hook(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in; (void)len; (void)r; (void)reason;
	return 0;
}

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	struct lws_protocols p[2];
	struct story *s;

	what = atoi(ARG(1));
	s = story_open(&(struct opts){ .hook = hook });
	memset(p, 0, sizeof p);
	p[0].name = "other"; p[0].callback = callback;
	lws_context_info_defaults(&info, NULL);
	info.protocols = p;
	info.vhost_name = "second";
	vh = lws_create_vhost(s->cx, &info);
	CHECK(vh);
	struct lws_client_connect_info i;
	memset(&i, 0, sizeof i);
	i.context = s->cx; i.vhost = vh; i.address = "127.0.0.1"; i.port = s->peer.port; i.path = "/gate/x"; i.method = "GET";
	lws_client_connect_via_info(&i);
	step(s);
	lws_vhost_destroy(vh);
	lws_service(s->cx, -1);
	lws_service(s->cx, -1);
	CHECK_EQ(destroys, 1);
	return story_close(s);
}
