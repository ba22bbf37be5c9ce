/* Behind a proxy: every request goes through CONNECT, with a name and a password, and several share the tunnel. */
#include "http.h"

enum { REQUESTS = 3 };

static struct fetch fetches[REQUESTS];

static int callback_proxied(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	return user ? fetch_callback(wsi, reason, user, in, len) : 0;
}

static const struct lws_protocols protocols[] = {
	{ "http", callback_proxied, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 }
};

int main(int argc, char **argv)
{
	static const char *paths[REQUESTS] = { "/hello/through", "/many/21", "/file/70000" };
	struct target t = begin(argc, argv);
	const char *port = getenv("PROGRAM_PROXY");
	struct lws_context_creation_info info;
	struct lws_client_connect_info i;
	struct lws_context *cx;
	char proxy[64];
	int n, left = REQUESTS;

	if (!port)
		return 1;
	snprintf(proxy, sizeof proxy, "me:secret@127.0.0.1:%s", port);
	fill_context(&info, &t, protocols);
	cx = lws_create_context(&info);
	if (!cx || lws_set_proxy(lws_get_vhost_by_name(cx, "default"), proxy))
		return 1;
	for (n = 0; n < REQUESTS; n++) {
		fetches[n].path = paths[n];
		fill_http(&i, &t, cx, &fetches[n], "GET");
		i.address = "localhost";
		if (!lws_client_connect_via_info(&i))
			return 1;
	}
	while (left && lws_service(cx, 0) >= 0)
		for (n = 0, left = 0; n < REQUESTS; n++)
			left += !fetches[n].ended;
	for (n = 0; n < REQUESTS; n++)
		tell(&fetches[n]);
	lws_context_destroy(cx);
	say("end");
	return 0;
}
