/*
 * What an idle WebSocket costs: 10,000 connections, and as many streams as ride one h2 connection, at under 4 KiB of the heap each.
 * OpenSSL's own, for TLS, is not counted: the many are plain.
 */
#include "harness.h"
#include <malloc.h>
#include <sys/resource.h>

enum { LIMIT = 4096 };

static size_t opened, ended;

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)wsi, (void)user;
	switch ((int)reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		opened++;
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		fail(__FILE__, __LINE__, "refused: %.*s", (int)len, (char *)in);
		break;
	case LWS_CALLBACK_CLIENT_CLOSED:
		ended++;
		break;
	default:
		break;
	}
	return 0;
}

static size_t heap(void)
{
	struct mallinfo2 all = mallinfo2();

	return all.uordblks + all.hblkhd;
}

/* Opens `n`, and says what each takes once all are idle. */
static size_t each(struct lws_context *cx, struct lws_client_connect_info *info, size_t n, int port, int other)
{
	size_t before = heap(), i;

	opened = 0;
	for (i = 0; i < n; i++) {
		info->port = i % 2 ? other : port;
		CHECK(lws_client_connect_via_info(info));
		while (opened + 200 < i)
			lws_service(cx, 0);
	}
	while (opened < n)
		lws_service(cx, 0);
	return (heap() - before) / n;
}

int main(int argc, char **argv)
{
	const struct lws_protocols protocols[] = { { .name = "idle", .callback = callback }, { 0 } };
	struct lws_context_creation_info info = { .port = CONTEXT_PORT_NO_LISTEN, .protocols = protocols };
	struct lws_client_connect_info ask = { .address = "127.0.0.1", .host = "localhost", .path = "/ws/send", .protocol = "idle" };
	int h2 = argc > 1 && !strcmp(argv[1], "h2");
	size_t n = h2 ? 900 : scale() / 10, took;
	struct rlimit files;
	struct peer peers[2];		/* one has not enough descriptors */

	CHECK(!getrlimit(RLIMIT_NOFILE, &files));
	files.rlim_cur = files.rlim_max;
	CHECK(!setrlimit(RLIMIT_NOFILE, &files));
	if (n > (files.rlim_max - 200) / 3 * 2)
		n = (files.rlim_max - 200) / 3 * 2;
	peer_start(&peers[0], h2 ? "--listen v4 --h2 connect-protocol=1,max-streams=1000" : "--listen v4");
	peer_start(&peers[1], "--listen v4");
	ask.context = lws_create_context(&info);
	CHECK(ask.context);
	if (h2)
		ask.ssl_connection = LCCSCF_PIPELINE | LCCSCF_H2_PRIOR_KNOWLEDGE;
	took = each(ask.context, &ask, n, peers[0].port, peers[h2 ? 0 : 1].port);
	fprintf(stderr, "%zu idle, %zu bytes each\n", n, took);
	CHECK(took < LIMIT);
	CHECK_EQ(peer_stat(&peers[0], "wslive") + peer_stat(&peers[1], "wslive"), n);
	CHECK_EQ(peer_stat(&peers[0], "accepts") + peer_stat(&peers[1], "accepts"), h2 ? 1 : n);
	lws_context_destroy(ask.context);
	CHECK_EQ(ended, n);
	peer_stop(&peers[0]);
	peer_stop(&peers[1]);
	return 0;
}
