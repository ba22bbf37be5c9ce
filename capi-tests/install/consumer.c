/*
 * consumer: what a program of a user does first, in C or C++: it asks the version, makes a context, and has one request, whose
 * connection is refused. Built in each of the ways that find an installed library; see scripts/install_test.sh.
 */

#include <libwebsockets.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int told;	/* CLIENT_CONNECTION_ERROR came */

static int
on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)wsi;
	(void)user;
	if (reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR) {
		printf("refused: %.*s\n", (int)len, in ? (const char *)in : "");
		told++;
	}

	return 0;
}

static struct lws_protocols protocols[2];

/* A port that is taken, and where nobody listens: who connects is refused, whatever else runs on the machine. */
static int
refusing_port(void)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sin, sizeof(sin)) || getsockname(fd, (struct sockaddr *)&sin, &len))
		return -1;

	return ntohs(sin.sin_port);
}

int
main(void)
{
	struct lws_context_creation_info info;
	struct lws_client_connect_info ask;
	struct lws_context *context;
	int port = refusing_port();

	printf("%s, compiled with %s\n", lws_get_library_version(), LWS_LIBRARY_VERSION);
	if (port < 0 || !strstr(lws_get_library_version(), "broadside") ||
	    strcmp(lws_get_library_version(), LWS_LIBRARY_VERSION))
		return 1;

	lws_set_log_level(LLL_ERR, NULL);
	protocols[0].name = "consumer";
	protocols[0].callback = on_event;
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.protocols = protocols;
	context = lws_create_context(&info);
	if (!context)
		return 1;

	memset(&ask, 0, sizeof(ask));
	ask.context = context;
	ask.address = ask.host = "127.0.0.1";
	ask.port = port;
	ask.path = "/";
	ask.method = "GET";
	ask.protocol = protocols[0].name;
	ask.ssl_connection = LCCSCF_USE_SSL;
	if (lws_client_connect_via_info(&ask))
		while (!told && lws_service(context, 0) >= 0)
			;
	lws_context_destroy(context);

	return told != 1;
}
