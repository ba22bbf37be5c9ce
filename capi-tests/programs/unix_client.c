/* A client of a local daemon: HTTP over a unix socket, one request after another, and one to a socket that is not there. */
#include "http.h"

static int callback_local(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct fetch *f = user;

	if (!f)
		return 0;
	/* Whether it is told depends on the version: see ask(). */
	if (reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR) {
		fprintf(stderr, "%s: %s\n", f->path, in ? (const char *)in : "no reason");
		f->ended = 1;
		return 0;
	}
	return fetch_callback(wsi, reason, f, in, len);
}

static const struct lws_protocols protocols[] = {
	{ "http", callback_local, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 }
};

static void ask(struct lws_context *cx, const struct target *t, const char *socket, const char *path)
{
	struct lws_client_connect_info i;
	struct fetch f;
	char address[200];

	memset(&f, 0, sizeof f);
	f.path = path;
	snprintf(address, sizeof address, "+%s", socket);
	fill_http(&i, t, cx, &f, "GET");
	i.address = address;
	i.port = 0;
	/* A version says that there is no connection at once, another later. */
	if (!lws_client_connect_via_info(&i))
		f.ended = 1;
	while (!f.ended && lws_service(cx, 0) >= 0)
		;
	if (f.completed)
		lws_set_wsi_user(f.wsi, NULL);
	tell_text(&f);
}

int main(int argc, char **argv)
{
	struct target t = begin(argc, argv);
	const char *socket = getenv("PROGRAM_SOCKET");
	struct lws_context_creation_info info;
	struct lws_context *cx;

	fill_context(&info, &t, protocols);
	cx = lws_create_context(&info);
	if (!cx || !socket)
		return 1;
	ask(cx, &t, socket, "/hello/local");
	ask(cx, &t, socket, "/many/7");
	ask(cx, &t, "/nonexistent/socket", "/hello/nobody");
	lws_context_destroy(cx);
	say("end");
	return 0;
}
