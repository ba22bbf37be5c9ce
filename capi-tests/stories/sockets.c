/*
 * What a program asks of its sockets, read back from the kernel: keepalive, type of service, priority, where it is bound; requests that
 * ask for something else get sockets of their own. And what a vhost says of itself.
 */
#include "harness.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

static int option(int fd, int level, int name)
{
	socklen_t len = sizeof(int);
	int value = -1;

	CHECK(!getsockopt(fd, level, name, &value, &len));
	return value;
}

static int local_port(int fd)
{
	struct sockaddr_in at;
	socklen_t len = sizeof at;

	CHECK(!getsockname(fd, (struct sockaddr *)&at, &len));
	CHECK_EQ(at.sin_family, AF_INET);
	return ntohs(at.sin_port);
}

static void tune(struct story *s, struct lws_context_creation_info *info)
{
	(void)s;
	info->ka_time = 31;
	info->ka_probes = 4;
	info->ka_interval = 9;
	info->vhost_name = "mine";
}

/* At CONNECTING: `in` is the socket. */
static int look(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	int fd = (int)(intptr_t)in, tos = 0;

	(void)len;
	if (reason != REASON_CONNECTING)
		return 0;
	CHECK_EQ(option(fd, IPPROTO_TCP, TCP_NODELAY), 1);
	CHECK_EQ(option(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
	CHECK_EQ(option(fd, IPPROTO_TCP, TCP_KEEPIDLE), 31);
	CHECK_EQ(option(fd, IPPROTO_TCP, TCP_KEEPCNT), 4);
	CHECK_EQ(option(fd, IPPROTO_TCP, TCP_KEEPINTVL), 9);
	tos |= r->ask.flags & LCCSCF_IP_LOW_LATENCY ? 0x10 : 0;
	tos |= r->ask.flags & LCCSCF_IP_HIGH_THROUGHPUT ? 0x08 : 0;
	tos |= r->ask.flags & LCCSCF_IP_HIGH_RELIABILITY ? 0x04 : 0;
	/* LCCSCF_IP_LOW_COST is 0x02, which Linux keeps to itself on TCP: it is ECN's (RFC 3168) */
	CHECK_EQ(option(fd, IPPROTO_IP, IP_TOS), tos);
	if (r->ask.priority)
		CHECK_EQ(option(fd, SOL_SOCKET, SO_PRIORITY), r->ask.priority > 6 ? 6 : r->ask.priority);
	if (r->ask.local_port)
		CHECK_EQ(local_port(fd), r->ask.local_port);
	r->mine = r;
	return 0;
}

static int free_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), port;

	CHECK(fd >= 0 && !bind(fd, (struct sockaddr *)&at, sizeof at));
	port = local_port(fd);
	close(fd);
	return port;
}

static void vhosts(struct story *s)
{
	struct lws_context_creation_info info;
	struct lws_vhost *lo, *none;
	struct req *a, *b;

	CHECK_EQ(lws_get_count_threads(s->cx), 1);
	CHECK_EQ(lws_context_is_deprecated(s->cx), 0);
	CHECK(!lws_get_vhost_iface(lws_get_vhost_by_name(s->cx, "mine")));
	CHECK_HAS(lws_vh_tag(lws_get_vhost_by_name(s->cx, "mine")), "mine");
	CHECK(lws_vh_tag(NULL) && *lws_vh_tag(NULL));
	memset(&info, 0, sizeof info);
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = s->protocols;
	info.vhost_name = "lo";
	info.client_ssl_ca_filepath = s->opts.tls ? s->peer.ca : NULL;
	info.iface = "lo";
	info.bind_iface = 1;
	info.ka_time = 31;
	info.ka_probes = 4;
	info.ka_interval = 9;
	lo = lws_create_vhost(s->cx, &info);
	info.vhost_name = "none";
	info.iface = "no-such-if";
	none = lws_create_vhost(s->cx, &info);
	CHECK(lo && none);
	CHECK_STR(lws_get_vhost_iface(lo), "lo");
	a = ASK(s, .path = "/ok", .vhost = lo);
	b = ASK(s, .path = "/ok", .vhost = none);
	RUN_ALL(s);
	CHECK_EQ(a->n[REASON_COMPLETED], 1);
	CHECK_EQ(b->n[REASON_ERROR], 1);
	CHECK_HAS(b->error, "conn fail: socket bind");
}

int main(int argc, char **argv)
{
	static const int flags[] = { LCCSCF_IP_LOW_LATENCY, LCCSCF_IP_HIGH_THROUGHPUT, LCCSCF_IP_HIGH_RELIABILITY, LCCSCF_IP_LOW_COST,
				     LCCSCF_IP_LOW_LATENCY | LCCSCF_IP_LOW_COST };
	int n = 1, port = free_port();
	struct story *s;
	struct req *r;
	size_t i;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(1, "tls"), .hook = look, .tune = tune });
	ASK(s, .path = "/ok");
	for (i = 0; i < sizeof flags / sizeof *flags; i++, n++)
		ASK(s, .path = "/ok", .flags = flags[i]);
	for (i = 1; i <= 9; i += 4, n++)	/* above 6 it is 6: more needs a privilege */
		ASK(s, .path = "/ok", .priority = (unsigned char)i);
	ASK(s, .path = "/ok", .local_port = port, .flags = LCCSCF_ALLOW_REUSE_ADDR);
	ASK(s, .path = "/ok", .iface = "127.0.0.1");
	ASK(s, .path = "/ok", .iface = "lo");
	n += 3;
	RUN_ALL(s);
	for (i = 0; i < s->n_reqs; i++) {
		CHECK_EQ(s->reqs[i]->n[REASON_COMPLETED], 1);
		CHECK(s->reqs[i]->mine);
	}
	CHECK_EQ(peer_stat(&s->peer, "accepts"), n);
	r = ASK(s, .path = "/ok", .iface = "no-such-if");
	RUN_ALL(s);
	CHECK_LOG(r, FAILED);
	CHECK_HAS(r->error, "conn fail: socket bind");
	r = ASK(s, .path = "/ok", .flags = LCCSCF_WAKE_SUSPEND__VALIDITY | LCCSCF_PRIORITIZE_READS);
	RUN_ALL(s);
	CHECK_EQ(r->n[REASON_COMPLETED], 1);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), n);	/* hints of this kind need no socket of their own */
	vhosts(s);
	return story_close(s);
}
