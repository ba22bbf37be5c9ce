/*
 * Requests that belong to others, in generated families: whose each one is and which is its first child, and in which order they
 * go when one of them is ended. The server is a socket that nobody accepts from.
 */
#include "same.h"
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 9 };

static struct lws_context *cx;
static struct lws *all[MOST];
static char users[MOST];
static int count, gone[MOST], asked;

static int nth(const struct lws *wsi)
{
	int i;

	for (i = 0; i < count; i++)
		if (all[i] == wsi && !gone[i])
			return i;
	return -1;
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	int n = nth(wsi);

	(void)len;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		asked++;
		break;
	case LWS_CALLBACK_CHILD_CLOSING:
		printf("%d closes, told %d, in %d, parent %d\n", n, (int)((char *)user - users), nth(in), nth(lws_get_parent(wsi)));
		break;
	case LWS_CALLBACK_WSI_DESTROY:
		printf("%d is gone, parent %d, child %d\n", n, nth(lws_get_parent(wsi)), nth(lws_get_child(wsi)));
		if (n >= 0)
			gone[n] = 1;
		break;
	default:
		break;
	}
	return 0;
}

static struct lws_protocols protocols[] = {
	{ "family", callback, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

static void one_more(int port)
{
	struct lws_client_connect_info i;
	int parent = count ? (int)draw((unsigned)count) : -1;

	memset(&i, 0, sizeof i);
	i.context = cx;
	i.address = i.host = "127.0.0.1";
	i.port = port;
	i.path = "/";
	i.method = "GET";
	i.protocol = "family";
	i.userdata = &users[count];
	i.pwsi = &all[count];
	i.parent_wsi = parent < 0 ? NULL : all[parent];
	count++;
	if (!lws_client_connect_via_info(&i))
		printf("no request\n");
	printf("%d of %d\n", count - 1, parent);
}

static void show(void)
{
	int i;

	for (i = 0; i < count; i++)
		if (!gone[i])
			printf("%d: parent %d, child %d\n", i, nth(lws_get_parent(all[i])), nth(lws_get_child(all[i])));
}

static int left(void)
{
	int i, n = 0;

	for (i = 0; i < count; i++)
		n += !gone[i];
	return n;
}

int main(int argc, char **argv)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), many;
	struct lws_context_creation_info info;
	socklen_t len = sizeof at;

	seed_from(argc, argv);
	lws_set_log_level(0, NULL);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, len) || listen(fd, 64) || getsockname(fd, (struct sockaddr *)&at, &len))
		return 1;
	memset(&info, 0, sizeof info);
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.timeout_secs = 100;	/* nobody answers */
	info.iface = draw(2) ? "lo" : NULL;
	cx = lws_create_context(&info);
	if (!cx)
		return 1;
	many = 1 + (int)draw(MOST);
	while (count < many)
		one_more(ntohs(at.sin_port));
	while (asked < many)
		lws_service(cx, 0);
	printf("iface %s, threads %d, deprecated %d\n",
	       lws_get_vhost_iface(lws_get_vhost(all[0])) ? lws_get_vhost_iface(lws_get_vhost(all[0])) : "none",
	       lws_get_count_threads(cx), lws_context_is_deprecated(cx));
	while (left()) {
		int who = (int)draw((unsigned)many), sync = (int)draw(2);

		if (gone[who])
			continue;
		show();
		printf("-- %d ends\n", who);
		lws_set_timeout(all[who], (enum pending_timeout)1, sync ? LWS_TO_KILL_SYNC : LWS_TO_KILL_ASYNC);
		while (!gone[who]) {
			lws_cancel_service(cx);	/* 4.1.6 sees to it when the loop wakes for something else */
			lws_service(cx, 0);
		}
	}
	lws_context_destroy(cx);
	close(fd);
	return 0;
}
