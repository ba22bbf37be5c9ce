/* Datagrams: each is one RAW_RX of its own length, lws_get_udp() says whose it is, and lws_write() sends one to that address. */
#include "harness.h"
#include <arpa/inet.h>
#include <poll.h>

#define BEGAN "CREATE RAW_BIND RAW_ADOPT |"

struct talk {
	const char *says;		/* what RAW_WRITEABLE sends */
	int echoes;			/* RAW_RX sends back what came */
	int lens[10];			/* the length of each RAW_RX */
	int n;
	struct sockaddr_in from;	/* who sent the last one */
	int rx;				/* what RAW_RX returns */
};

static int talks(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	static unsigned char buf[LWS_PRE + 70000];
	struct talk *t = r->mine;
	const struct lws_udp *udp;

	switch ((int)reason) {
	case LWS_CALLBACK_RAW_ADOPT:
		CHECK(lws_get_udp(r->wsi));
		CHECK(lws_get_socket_fd(r->wsi) >= 0);
		if (t->says)
			CHECK_EQ(lws_callback_on_writable(r->wsi), 1);
		break;
	case LWS_CALLBACK_RAW_WRITEABLE:
		memcpy(buf + LWS_PRE, t->says, strlen(t->says));
		CHECK_EQ(lws_write(r->wsi, buf + LWS_PRE, strlen(t->says), LWS_WRITE_RAW), strlen(t->says));
		break;
	case LWS_CALLBACK_RAW_RX:
		CHECK(in);
		if (t->n < 10)
			t->lens[t->n++] = (int)len;
		udp = lws_get_udp(r->wsi);
		CHECK(udp);
		t->from = udp->sa46.sa4;
		if (t->echoes) {
			memcpy(buf + LWS_PRE, in, len);
			CHECK_EQ(lws_write(r->wsi, buf + LWS_PRE, len, LWS_WRITE_RAW), len);
		}
		return t->rx;
	default:
		break;
	}
	return 0;
}

static struct lws_vhost *vhost(struct story *s)
{
	return lws_get_vhost_by_name(s->cx, "default");
}

static struct lws *udp(struct story *s, const char *ads, int port, int flags)
{
	return lws_create_adopt_udp(vhost(s), ads, port, flags, "story", NULL, NULL, NULL, NULL, NULL);
}

static struct sockaddr_in name_of(int fd)
{
	struct sockaddr_in a;
	socklen_t len = sizeof a;

	CHECK(!getsockname(fd, (struct sockaddr *)&a, &len));
	return a;
}

static int port_of(int fd)
{
	return ntohs(name_of(fd).sin_port);
}

/* A socket of the test's own on the loopback. */
static int own(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in a;

	memset(&a, 0, sizeof a);
	a.sin_family = AF_INET;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(fd >= 0 && !bind(fd, (struct sockaddr *)&a, sizeof a));
	return fd;
}

static void sends(int fd, int port, const void *bytes, size_t len)
{
	struct sockaddr_in a = name_of(fd);

	a.sin_port = htons((uint16_t)port);
	CHECK_EQ(sendto(fd, bytes, len, 0, (struct sockaddr *)&a, sizeof a), len);
}

static size_t gets(int fd, char *buf, size_t size, struct sockaddr_in *from)
{
	struct pollfd p = { fd, POLLIN, 0 };
	socklen_t len = sizeof *from;
	ssize_t n;

	CHECK_EQ(poll(&p, 1, 10000), 1);
	n = recvfrom(fd, buf, size, 0, (struct sockaddr *)from, from ? &len : NULL);
	CHECK(n >= 0);
	return (size_t)n;
}

/* Bound: datagrams of several, of any length, each answered to whom it came from. */
static void waits(struct story *s)
{
	struct talk t = { .echoes = 1 };
	static char big[65507], buf[70000];
	int x = own(), y = own(), port;
	struct req *a;

	CHECK(ADOPT(a, s, udp(s, "127.0.0.1", 0, LWS_CAUDP_BIND), .hook = talks, .mine = &t));
	CHECK_LOG(a, BEGAN);
	port = port_of(lws_get_socket_fd(a->wsi));
	CHECK_EQ(lws_write(a->wsi, (unsigned char *)buf + LWS_PRE, 1, LWS_WRITE_RAW), -1);	/* nobody to send it to */
	sends(x, port, "ping", 4);
	RUN_UNTIL(s, t.n == 1);
	CHECK_EQ(t.from.sin_port, name_of(x).sin_port);
	CHECK_EQ(t.from.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
	CHECK_EQ(gets(x, buf, sizeof buf, NULL), 4);
	memset(big, 'b', sizeof big);
	sends(y, port, "", 0);
	sends(x, port, big, sizeof big);
	sends(y, port, big, 5000);
	RUN_UNTIL(s, t.n == 4);
	CHECK_EQ(t.lens[1], 0);
	CHECK_EQ(t.lens[2], 65507);
	CHECK_EQ(t.lens[3], 5000);
	CHECK_EQ(t.from.sin_port, name_of(y).sin_port);
	CHECK_EQ(gets(y, buf, sizeof buf, NULL), 0);
	CHECK_EQ(gets(x, buf, sizeof buf, NULL), 65507);
	CHECK_EQ(gets(y, buf, sizeof buf, NULL), 5000);
	CHECK_EQ(lws_write(a->wsi, (unsigned char *)buf + LWS_PRE, 65536, LWS_WRITE_RAW), -1);	/* too large: it lives on */
	t.rx = -1;
	sends(x, port, "end", 3);
	RUN_ALL(s);
	CHECK_LOG(a, BEGAN " RX RAW_DROP RAW_CLOSE DESTROY");
	close(x), close(y);
}

/* The program says where to: it sets what lws_get_udp() points at. */
static void aims(struct story *s)
{
	struct talk t = { 0 };
	char buf[LWS_PRE + 10];
	struct lws_udp *to;
	struct req *a;
	int x = own();

	CHECK(ADOPT(a, s, udp(s, "127.0.0.1", 0, LWS_CAUDP_BIND | LWS_CAUDP_BROADCAST), .hook = talks, .mine = &t));
	to = (struct lws_udp *)lws_get_udp(a->wsi);
	CHECK(!to->connected);
	to->sa46.sa4 = name_of(x);
	CHECK_EQ(sa46_socklen(&to->sa46), sizeof(struct sockaddr_in));
	memcpy(buf + LWS_PRE, "aimed", 5);
	CHECK_EQ(lws_write(a->wsi, (unsigned char *)buf + LWS_PRE, 5, LWS_WRITE_RAW), 5);
	CHECK_EQ(gets(x, buf, sizeof buf, NULL), 5);
	kill_req(a, 1);
	CHECK(a->done);
	close(x);
}

/* Connected: it talks with one, and hears nobody else. */
static void connects(struct story *s)
{
	struct talk t = { .says = "hello" };
	struct sockaddr_in from;
	int x = own(), other = own();
	struct req *a;
	char buf[100];

	CHECK(ADOPT(a, s, udp(s, "127.0.0.1", port_of(x), 0), .hook = talks, .mine = &t));
	CHECK(lws_get_udp(a->wsi)->connected);
	CHECK_EQ(lws_get_udp(a->wsi)->sa46.sa4.sin_port, name_of(x).sin_port);
	RUN_UNTIL(s, a->n[LWS_CALLBACK_RAW_WRITEABLE]);
	CHECK_EQ(gets(x, buf, sizeof buf, &from), 5);
	CHECK_EQ(ntohs(from.sin_port), port_of(lws_get_socket_fd(a->wsi)));
	sends(other, ntohs(from.sin_port), "nobody hears this", 17);
	sends(x, ntohs(from.sin_port), "back", 4);
	RUN_UNTIL(s, t.n == 1);
	CHECK_EQ(t.lens[0], 4);
	CHECK_STR(a->body, "back");
	/* Nobody is there any more: the system says so, and it ends. */
	close(x);
	lws_callback_on_writable(a->wsi);
	RUN_ALL(s);
	CHECK_LOG(a, BEGAN " RAW_WRITE RX RAW_WRITE RAW_DROP RAW_CLOSE DESTROY");
	close(other);
}

/* A name is looked up by the loop. */
static void by_name(struct story *s)
{
	struct talk t = { 0 };
	struct req *a;

	CHECK(ADOPT(a, s, udp(s, "localhost", 9, 0), .hook = talks, .mine = &t));
	CHECK_LOG(a, "CREATE RAW_BIND |");
	CHECK_EQ(lws_get_socket_fd(a->wsi), -1);
	RUN_UNTIL(s, a->n[REASON_EST]);
	CHECK(lws_get_udp(a->wsi)->connected);
	kill_req(a, 0);
	RUN_ALL(s);
	CHECK_LOG(a, "CREATE RAW_BIND | RAW_ADOPT RAW_DROP RAW_CLOSE DESTROY");
	CHECK(ADOPT(a, s, udp(s, "no.such.name.invalid", 9, 0), .hook = talks, .mine = &t));
	RUN_ALL(s);
	CHECK_LOG(a, "CREATE RAW_BIND | ERROR RAW_DROP DESTROY");
	CHECK_HAS(a->error, "DNS");
	CHECK(ADOPT(a, s, udp(s, "no.such.name.invalid", 9, 0), .hook = talks, .mine = &t));
	story_destroy(s);
	CHECK(a->done);
}

static void refused(struct story *s, const char *ads, int port, int flags, const char *protocol, const char *ifname,
		    const char *line)
{
	size_t mark = log_mark();

	CHECK(!lws_create_adopt_udp(vhost(s), ads, port, flags, protocol, ifname, NULL, NULL, NULL, NULL));
	CHECK_HAS(logged_since(mark), line);
}

static void refusals(struct story *s)
{
	refused(s, NULL, -1, LWS_CAUDP_BIND, "story", NULL, "port");
	refused(s, NULL, 65536, LWS_CAUDP_BIND, "story", NULL, "port");
	refused(s, NULL, 0, LWS_CAUDP_PF_PACKET, "story", NULL, "PF_PACKET");
	refused(s, "127.0.0.1", 9, 0, "nix", NULL, "no protocol");
	refused(s, "name.invalid", 9, 0, "nix", NULL, "no protocol");
	refused(s, "192.0.2.1", 0, LWS_CAUDP_BIND, "story", NULL, "EADDRNOTAVAIL");
	refused(s, "127.0.0.1", 0, LWS_CAUDP_BIND, "story", "nosuchif0", "nosuchif0");
	refused(s, "+/tmp/x", 0, 0, "story", NULL, "unix");
	CHECK(!lws_create_adopt_udp(NULL, NULL, 0, LWS_CAUDP_BIND, "story", NULL, NULL, NULL, NULL, NULL));
	CHECK(!lws_create_adopt_udp(NULL, "name.invalid", 0, 0, "story", NULL, NULL, NULL, NULL, NULL));
}

/* What the socket does not take waits, a datagram each, in order. */
static void keeps(struct story *s)
{
	enum { MANY = 2000 };
	struct talk t = { 0 };
	unsigned char buf[LWS_PRE + sizeof(int)];
	lws_sock_file_fd_type d;
	struct req *a;
	int pair[2], n, got, next = 0;

	CHECK(!socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	d.sockfd = pair[0];
	CHECK(ADOPT(a, s, lws_adopt_descriptor_vhost(vhost(s), LWS_ADOPT_RAW_SOCKET_UDP, d, "story", NULL), .hook = talks,
		    .mine = &t));
	for (n = 0; n < MANY; n++) {
		memcpy(buf + LWS_PRE, &n, sizeof n);
		CHECK_EQ(lws_write(a->wsi, buf + LWS_PRE, sizeof n, LWS_WRITE_RAW), sizeof n);
	}
	CHECK_EQ(lws_send_pipe_choked(a->wsi), 1);
	CHECK_EQ(lws_raw_transaction_completed(a->wsi), 0);	/* it ends when they have left */
	while (next < MANY) {
		lws_service(s->cx, -1);
		while (recv(pair[1], &got, sizeof got, MSG_DONTWAIT) == sizeof got)
			CHECK_EQ(got, next++);
	}
	RUN_ALL(s);
	CHECK_LOG(a, BEGAN " RAW_DROP RAW_CLOSE DESTROY");
	close(pair[1]);
}

/* A socket of the program's own, and a loop that is held up while more arrives. */
static void adopted(struct story *s)
{
	struct talk t = { .echoes = 1 };
	lws_sock_file_fd_type d;
	int x = own(), n;
	struct req *a;
	char buf[10];

	d.sockfd = own();
	n = port_of(d.sockfd);
	CHECK(ADOPT(a, s, lws_adopt_descriptor_vhost(vhost(s), LWS_ADOPT_RAW_SOCKET_UDP, d, NULL, NULL), .hook = talks,
		    .mine = &t));
	CHECK_EQ(lws_rx_flow_control(a->wsi, 0), 0);
	sends(x, n, "one", 3);
	sends(x, n, "four", 4);
	for (n = 0; n < 5; n++)
		lws_service(s->cx, -1);
	CHECK_EQ(t.n, 0);
	CHECK_EQ(lws_rx_flow_control(a->wsi, 1), 0);
	RUN_UNTIL(s, t.n == 2);
	CHECK_EQ(t.lens[0], 3);
	CHECK_EQ(t.lens[1], 4);
	CHECK_EQ(gets(x, buf, sizeof buf, NULL), 3);
	CHECK_EQ(gets(x, buf, sizeof buf, NULL), 4);
	close(x);
}

int main(int argc, char **argv)
{
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .no_peer = 1, .pss = 8 });
	if (IS(1, "aims"))
		aims(s);
	else if (IS(1, "connects"))
		connects(s);
	else if (IS(1, "name"))
		by_name(s);
	else if (IS(1, "refused"))
		refusals(s);
	else if (IS(1, "keeps"))
		keeps(s);
	else if (IS(1, "adopted"))
		adopted(s);
	else
		waits(s);
	return story_close(s);
}
