/*
 * lws_service_fd() and lws_service_adjust_timeout() of a raw connection that the program polls itself, by the descriptor that
 * lws_get_socket_fd() says: what comes of generated words, room and descriptors of others, and of the end.
 */
#include "same.h"
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static struct lws_context *cx;
static struct lws *wsi;
static int connected, closed, writeable, others[2];
static size_t received;

static int callback(struct lws *w, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)w;
	(void)user;
	(void)in;
	switch ((int)reason) {
	case LWS_CALLBACK_RAW_CONNECTED:
		connected = 1;
		break;
	case LWS_CALLBACK_RAW_RX:
		received += len;
		break;
	case LWS_CALLBACK_RAW_WRITEABLE:
		writeable++;
		break;
	case LWS_CALLBACK_RAW_CLOSE:
		closed = 1;
		break;
	default:
		break;
	}
	return 0;
}

static struct lws_protocols protocols[] = {
	{ "service", callback, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

static int connects(int *listener)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	struct lws_client_connect_info i;
	socklen_t len = sizeof at;
	int end;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(*listener, (struct sockaddr *)&at, len) || listen(*listener, 1) || getsockname(*listener, (struct sockaddr *)&at, &len))
		abort();
	memset(&i, 0, sizeof i);
	i.context = cx;
	i.address = i.host = "127.0.0.1";
	i.port = ntohs(at.sin_port);
	i.path = "/";
	i.method = "RAW";
	i.local_protocol_name = "service";
	i.pwsi = &wsi;
	if (!lws_client_connect_via_info(&i))
		abort();
	while (!connected)
		lws_service(cx, 0);
	end = accept(*listener, NULL, NULL);
	if (end < 0)
		abort();
	return end;
}

/* Until `done` says so: what poll() sees is served. The last answer. */
static int serve(short events, size_t *is, size_t want)
{
	struct pollfd p = { .fd = lws_get_socket_fd(wsi), .events = events };
	int answer = 0;

	while (*is < want) {
		if (poll(&p, 1, 10000) != 1)
			abort();
		answer = lws_service_fd(cx, &p);
		if (p.revents)
			printf("revents is %d\n", p.revents);
	}
	return answer;
}

static void words(int end)
{
	char buf[3000];
	size_t n = 1 + draw(sizeof buf), before = received;

	memset(buf, 'w', n);
	if (send(end, buf, n, 0) != (ssize_t)n)
		abort();
	printf("%d: ", serve(POLLIN, &received, before + n));
	printf("%zu bytes\n", received - before);
}

static void room(void)
{
	struct pollfd p = { .fd = lws_get_socket_fd(wsi), .events = POLLOUT };
	int asked = lws_callback_on_writable(wsi), before = writeable;

	if (poll(&p, 1, 10000) != 1)
		abort();
	printf("%d, %d: ", asked, lws_service_fd(cx, &p));
	printf("%d times\n", writeable - before);
}

static void of_another(void)
{
	static const int fds[] = { 0, 1, 2 };
	unsigned n = draw(4);
	struct pollfd p = { .fd = n < 3 ? fds[n] : others[0], .events = POLLIN, .revents = POLLIN };

	printf("%d: ", lws_service_fd(cx, &p));
	printf("revents %d\n", p.revents);
}

static void patience(void)
{
	int ms = (int)draw(5000);

	while (!lws_service_adjust_timeout(cx, 1, 0))
		lws_service(cx, -1);
	printf("of %d: %d\n", ms, lws_service_adjust_timeout(cx, ms, 0));
}

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	size_t is_closed = 0;
	int listener, end, i, answer;

	seed_from(argc, argv);
	lws_set_log_level(LLL_ERR | LLL_WARN, print_line);
	memset(&info, 0, sizeof info);
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	cx = lws_create_context(&info);
	if (!cx || pipe(others))
		return 1;
	printf("of no context: %d\n", lws_service_adjust_timeout(NULL, 100, 0));
	end = connects(&listener);
	for (i = 0; i < 100; i++)
		switch (draw(4)) {
		case 0: words(end); break;
		case 1: room(); break;
		case 2: of_another(); break;
		default: patience();
		}
	close(end);
	do {
		struct pollfd p = { .fd = lws_get_socket_fd(wsi), .events = POLLIN };

		if (poll(&p, 1, 10000) != 1)
			abort();
		answer = lws_service_fd(cx, &p);
		is_closed = (size_t)closed;
	} while (!is_closed);
	printf("the end: %d\n", answer);
	close(listener);
	lws_context_destroy(cx);
	return 0;
}
