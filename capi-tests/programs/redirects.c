/* A follower of redirects: it is told of each, lets some pass and refuses one, and reads the page at the end. */
#include "http.h"

struct journey {
	struct fetch fetch;
	int hops, most;
};

static int callback_journey(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct journey *j = user;

	if (!j)
		return 0;
	if (reason == LWS_CALLBACK_CLIENT_HTTP_REDIRECT) {
		const char *to = in, *path = strstr(to, "://");

		/* The port is not the same in every run. */
		path = path ? strchr(path + 3, '/') : to;
		j->hops++;
		say("%s: %d: %s%s", j->fetch.path, (int)len, path == to ? "" : "a server, ", path);
		return j->hops > j->most;
	}
	return fetch_callback(wsi, reason, &j->fetch, in, len);
}

static const struct lws_protocols protocols[] = {
	{ "http", callback_journey, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 }
};

static void travel(struct lws_context *cx, const struct target *t, const char *path, int most)
{
	struct lws_client_connect_info i;
	struct journey j;

	memset(&j, 0, sizeof j);
	j.fetch.path = path;
	j.most = most;
	fill_http(&i, t, cx, &j.fetch, "GET");
	i.address = "localhost";	/* of the two, a version asks a redirect's target with this one as Host */
	if (!lws_client_connect_via_info(&i))
		exit(1);
	while (!j.fetch.ended && lws_service(cx, 0) >= 0)
		;
	if (j.fetch.completed) {
		lws_set_wsi_user(j.fetch.wsi, NULL);
		tell_text(&j.fetch);
	}
	say("%s: %d hops", path, j.hops);
}

int main(int argc, char **argv)
{
	static const char *paths[] = { "/hop/301/1", "/hop/302/3", "/hop/307/2", "/hop/308/1", "/away/absolute" };
	struct target t = begin(argc, argv);
	struct lws_context_creation_info info;
	struct lws_context *cx;
	size_t n;

	fill_context(&info, &t, protocols);
	cx = lws_create_context(&info);
	if (!cx)
		return 1;
	for (n = 0; n < LWS_ARRAY_SIZE(paths); n++)
		travel(cx, &t, paths[n], 9);
	lws_context_destroy(cx);
	say("end");
	return 0;
}
