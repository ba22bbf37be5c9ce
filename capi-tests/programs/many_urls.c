/* A fetcher of many URLs: all are asked for at once, they share what connections they can, and each is told of in its turn. */
#include "http.h"

enum { URLS = 60 };

static struct fetch fetches[URLS];
static char paths[URLS][32];

static int callback_url(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	return user ? fetch_callback(wsi, reason, user, in, len) : 0;
}

static const struct lws_protocols protocols[] = {
	{ "http", callback_url, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 }
};

static int left(void)
{
	int n, waiting = 0;

	for (n = 0; n < URLS; n++)
		waiting += !fetches[n].ended;
	return waiting;
}

int main(int argc, char **argv)
{
	struct target t = begin(argc, argv);
	struct lws_context_creation_info info;
	struct lws_client_connect_info i;
	struct lws_context *cx;
	int n;

	fill_context(&info, &t, protocols);
	cx = lws_create_context(&info);
	if (!cx)
		return 1;
	for (n = 0; n < URLS; n++) {
		snprintf(paths[n], sizeof paths[n], "/many/%d", n);
		fetches[n].path = paths[n];
		fill_http(&i, &t, cx, &fetches[n], "GET");
		i.ssl_connection |= LCCSCF_PIPELINE;
		if (!lws_client_connect_via_info(&i))
			return 1;
	}
	while (left() && lws_service(cx, 0) >= 0)
		;
	for (n = 0; n < URLS; n++)
		tell(&fetches[n]);
	lws_context_destroy(cx);
	say("end");
	return 0;
}
