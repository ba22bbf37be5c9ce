/* first: fetches paths of one https server, all asked for at once, over one shared connection */

#include <libwebsockets.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct page {
	const char	*path;
	int		complete;
};

static int unfinished, failed;

static int
on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct page *page = lws_get_opaque_user_data(wsi);	/* what main() gave with the request */
	static char buffer[LWS_PRE + 4096];
	char *at = buffer + LWS_PRE;
	int room = sizeof(buffer) - LWS_PRE;

	(void)user;

	if (!page)
		return 0;	/* about the library, not about one of our requests */

	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:	/* the response's head is here */
		printf("%s: status %u\n", page->path, lws_http_client_http_response(wsi));
		break;

	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:		/* HTTP/1.1: some body is here, take it */
		if (lws_http_client_read(wsi, &at, &room) < 0)
			return -1;
		break;

	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:	/* this is it; on h2 it comes by itself */
		printf("%s: %llu bytes\n", page->path, (unsigned long long)len);
		break;

	case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:	/* the response was complete */
		page->complete = 1;
		unfinished--;
		break;

	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:	/* it never began; `in` says why */
		fprintf(stderr, "%s: %.*s\n", page->path, (int)len, in ? (const char *)in : "");
		unfinished--;
		failed = 1;
		break;

	case LWS_CALLBACK_CLOSED_CLIENT_HTTP:		/* the end of a response that had begun */
		if (!page->complete) {
			fprintf(stderr, "%s: closed before it was complete\n", page->path);
			unfinished--;
			failed = 1;
		}
		break;

	default:
		break;
	}

	return 0;
}

int
main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ .name = "first", .callback = on_event },
		{ 0 }
	};
	struct lws_context_creation_info info = { 0 };
	struct lws_client_connect_info ask = { 0 };
	struct lws_context *context;
	struct page pages[16] = { 0 };
	int i;

	if (argc < 4 || argc > 3 + 16) {
		fprintf(stderr, "usage: first HOST PORT PATH... (16 at most)\n");
		return 2;
	}

	info.port = CONTEXT_PORT_NO_LISTEN;
	info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.protocols = protocols;
	context = lws_create_context(&info);
	if (!context)
		return 1;

	ask.context = context;
	ask.address = ask.host = argv[1];
	ask.port = atoi(argv[2]);
	ask.method = "GET";
	ask.protocol = protocols[0].name;
	ask.ssl_connection = LCCSCF_USE_SSL | LCCSCF_PIPELINE;	/* TLS; share a connection */
	ask.alpn = "h2,http/1.1";				/* as streams, or in turn: as the server likes */
	for (i = 3; i < argc; i++) {
		pages[i - 3].path = ask.path = argv[i];
		ask.opaque_user_data = &pages[i - 3];
		if (lws_client_connect_via_info(&ask))
			unfinished++;
		else
			failed = 1;	/* refused at once: the log says why */
	}

	while (unfinished && lws_service(context, 0) >= 0)
		;
	lws_context_destroy(context);

	return failed;
}
