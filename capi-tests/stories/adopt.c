/* Sockets that the program opened, adopted as raw requests: the callbacks inside the call, what comes and goes, and every way to end. */
#include "harness.h"
#include <arpa/inet.h>
#include <poll.h>

#define LIVED "CREATE RAW_BIND RAW_ADOPT | RAW_WRITE RX RAW_DROP RAW_CLOSE DESTROY"
#define REFUSED "CREATE RAW_BIND RAW_ADOPT RAW_DROP RAW_CLOSE DESTROY |"

static int pair[2];			/* [0] is adopted, [1] is the other end */

struct talk {
	const char *says;		/* what the first WRITEABLE sends */
	int adopt, rx, from_rx;		/* what RAW_ADOPT and RAW_RX return; RAW_RX from that many bytes on */
	size_t largest;
	int paused;
};

static int talks(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	struct talk *t = r->mine;
	unsigned char buf[LWS_PRE + 100];

	(void)in;
	switch ((int)reason) {
	case LWS_CALLBACK_RAW_ADOPT:
		CHECK_EQ(lws_get_socket_fd(r->wsi), pair[0]);
		CHECK(wsi_from_fd(r->story->cx, pair[0]) == r->wsi);
		CHECK(lws_get_network_wsi(r->wsi) == r->wsi);
		CHECK(fcntl(pair[0], F_GETFL) & O_NONBLOCK);
		if (t->says)
			CHECK_EQ(lws_callback_on_writable(r->wsi), 1);
		return t->adopt;
	case LWS_CALLBACK_RAW_WRITEABLE:
		memcpy(buf + LWS_PRE, t->says, strlen(t->says));
		CHECK_EQ(lws_write(r->wsi, buf + LWS_PRE, strlen(t->says), LWS_WRITE_RAW), strlen(t->says));
		return 1;			/* only a negative return closes */
	case LWS_CALLBACK_RAW_RX:
		if (len > t->largest)
			t->largest = len;
		if (t->paused)
			fail(__FILE__, __LINE__, "RAW_RX while it is paused");
		return r->total >= (size_t)t->from_rx ? t->rx : 0;
	default:
		return 0;
	}
}

static void make_pair(void)
{
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
}

static struct lws *adopt_as(struct story *s, int type, int fd, const char *protocol)
{
	lws_sock_file_fd_type d;

	d.sockfd = fd;
	return lws_adopt_descriptor_vhost(lws_get_vhost_by_name(s->cx, "default"), (lws_adoption_type)type, d, protocol, NULL);
}

static struct req *adopted(struct story *s, struct talk *t, hook_fn hook)
{
	struct req *r;

	make_pair();
	CHECK(ADOPT(r, s, adopt_as(s, LWS_ADOPT_SOCKET, pair[0], "story"), .hook = hook, .mine = t));
	return r;
}

/* The other end reads what there is, and says whether that is all there will be. */
static int peer_reads(char *buf, size_t size)
{
	struct pollfd p = { pair[1], POLLIN, 0 };
	ssize_t n;

	CHECK_EQ(poll(&p, 1, 10000), 1);
	n = recv(pair[1], buf, size - 1, 0);
	CHECK(n >= 0);
	buf[n] = '\0';
	return n == 0;
}

static void peer_writes(const char *text)
{
	CHECK_EQ(send(pair[1], text, strlen(text), 0), strlen(text));
}

static void both_ways(struct story *s)
{
	struct talk t = { .says = "hello" };
	struct req *a = adopted(s, &t, talks);
	char buf[100];

	RUN_UNTIL(s, a->n[LWS_CALLBACK_RAW_WRITEABLE]);
	CHECK(!peer_reads(buf, sizeof buf));
	CHECK_STR(buf, "hello");
	peer_writes("0123456789abcdefghijKLMNO");
	RUN_UNTIL(s, a->total == 25);
	CHECK_EQ(t.largest, 10);
	peer_writes("P");
	close(pair[1]);
	RUN_ALL(s);
	CHECK_LOG(a, LIVED);
	CHECK_STR(a->body, "0123456789abcdefghijKLMNOP");
	CHECK(wsi_from_fd(s->cx, pair[0]) == NULL);
}

/* RAW_ADOPT says no: NULL, and the socket is closed. */
static void says_no(struct story *s)
{
	int verdict;

	for (verdict = -1; verdict <= 1; verdict += 2) {
		struct talk t = { .adopt = verdict };
		struct req *a;
		char buf[10];

		make_pair();
		CHECK(!ADOPT(a, s, adopt_as(s, LWS_ADOPT_SOCKET, pair[0], "story"), .hook = talks, .mine = &t));
		CHECK_LOG(a, REFUSED);
		CHECK(peer_reads(buf, sizeof buf));
		close(pair[1]);
	}
}

static void none_of(struct story *s, int type, const char *protocol, const char *line)
{
	size_t mark = log_mark();
	char buf[10];

	make_pair();
	CHECK(!adopt_as(s, type, pair[0], protocol));
	CHECK_HAS(logged_since(mark), line);
	CHECK(peer_reads(buf, sizeof buf));
	close(pair[1]);
}

static void refusals(struct story *s)
{
	lws_adopt_desc_t d;
	struct talk t = { 0 };
	struct req *a;
	size_t mark;
	int fd;

	none_of(s, LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP, "story", "LWS_ADOPT_HTTP");
	none_of(s, LWS_ADOPT_SOCKET | LWS_ADOPT_ALLOW_SSL, "story", "LWS_ADOPT_ALLOW_SSL");
	none_of(s, LWS_ADOPT_SOCKET | LWS_ADOPT_FLAG_RAW_PROXY, "story", "what can be adopted");
	none_of(s, LWS_ADOPT_RAW_SOCKET_UDP, "story", "no datagram socket");
	none_of(s, LWS_ADOPT_SOCKET, "nix", "no protocol \"nix\"");
	mark = log_mark();
	fd = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(fd >= 0 && !listen(fd, 1));
	CHECK(!adopt_as(s, LWS_ADOPT_SOCKET, fd, "story"));
	CHECK_HAS(logged_since(mark), "listens");
	CHECK(!adopt_as(s, LWS_ADOPT_SOCKET, fd, "story"));
	CHECK_HAS(logged_since(mark), "EBADF");
	CHECK(!adopt_as(s, LWS_ADOPT_SOCKET, -1, "story"));
	CHECK(!lws_adopt_descriptor_vhost_via_info(NULL));

	memset(&d, 0, sizeof d);
	make_pair();
	d.type = LWS_ADOPT_SOCKET;
	d.fd.sockfd = pair[0];
	CHECK(!lws_adopt_descriptor_vhost_via_info(&d));	/* no vhost: closed too */
	CHECK(fcntl(pair[0], F_GETFD) < 0);
	close(pair[1]);

	/* In use here: it stays whose it is. */
	a = adopted(s, &t, talks);
	CHECK(!adopt_as(s, LWS_ADOPT_SOCKET, pair[0], "story"));
	peer_writes("still here");
	RUN_UNTIL(s, a->total == 10);
	close(pair[1]);
	RUN_ALL(s);
}

/* The opaque pointer is there from WSI_CREATE on, and without a name it is the first protocol that is called. */
static void by_struct(struct story *s)
{
	struct talk t = { .says = "x" };
	lws_adopt_desc_t d;
	struct req *a;

	memset(&d, 0, sizeof d);
	make_pair();
	d.vh = lws_get_vhost_by_name(s->cx, "default");
	d.type = LWS_ADOPT_SOCKET;
	d.fd.sockfd = pair[0];
	a = adopt_begin(s, &(struct ask){ .hook = talks, .mine = &t });
	d.opaque = a;
	CHECK(adopt_end(a, lws_adopt_descriptor_vhost_via_info(&d)));
	peer_writes("y");
	RUN_UNTIL(s, a->total);
	close(pair[1]);
	RUN_ALL(s);
	CHECK_LOG(a, LIVED);
}

/* As a socket that a raw vhost accepted, with what was read of it before. */
static void accepted(struct story *s)
{
	struct talk t = { .says = "x" };
	struct lws_context_creation_info info;
	struct lws_vhost *raw;
	struct req *a;
	char buf[10];
	size_t mark = log_mark();

	make_pair();
	CHECK(!lws_adopt_socket(s->cx, pair[0]));
	CHECK_HAS(logged_since(mark), "would serve http");
	CHECK(peer_reads(buf, sizeof buf));
	close(pair[1]);

	memset(&info, 0, sizeof info);
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = s->protocols;
	info.vhost_name = "raw";
	info.options = LWS_SERVER_OPTION_ADOPT_APPLY_LISTEN_ACCEPT_CONFIG;
	info.listen_accept_role = "raw-skt";
	info.listen_accept_protocol = "story";
	raw = lws_create_vhost(s->cx, &info);
	CHECK(raw);
	make_pair();
	peer_writes("then this");
	CHECK(ADOPT(a, s, lws_adopt_socket_vhost_readbuf(raw, pair[0], "first, ", 7), .hook = talks, .mine = &t));
	RUN_UNTIL(s, a->total == 16);
	CHECK_STR(a->body, "first, then this");
	close(pair[1]);
	RUN_ALL(s);
	make_pair();
	CHECK(ADOPT(a, s, lws_adopt_socket_vhost(raw, pair[0]), .hook = talks, .mine = &t));
	close(pair[1]);
	RUN_ALL(s);
}

static int writes_much(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	static unsigned char much[LWS_PRE + 4000000];

	(void)in, (void)len;
	if ((int)reason != LWS_CALLBACK_RAW_ADOPT)
		return 0;
	CHECK_EQ(lws_raw_transaction_completed(r->wsi), -1);
	memset(much, 'm', sizeof much);
	CHECK_EQ(lws_write(r->wsi, much + LWS_PRE, sizeof much - LWS_PRE, LWS_WRITE_RAW), sizeof much - LWS_PRE);
	return 0;
}

/* What was written leaves before it ends. */
static void says_all(struct story *s)
{
	struct req *a = adopted(s, NULL, writes_much);
	char buf[10000];
	size_t got = 0;
	ssize_t n;

	CHECK_EQ(lws_partial_buffered(a->wsi), 1);
	CHECK_EQ(lws_raw_transaction_completed(a->wsi), 0);
	peer_writes("nobody hears this");
	while (s->alive) {
		lws_service(s->cx, -1);
		while ((n = recv(pair[1], buf, sizeof buf, MSG_DONTWAIT)) > 0)
			got += (size_t)n;
	}
	while ((n = recv(pair[1], buf, sizeof buf, 0)) > 0)
		got += (size_t)n;
	CHECK_EQ(got, 4000000);
	CHECK_LOG(a, "CREATE RAW_BIND RAW_ADOPT | RAW_DROP RAW_CLOSE DESTROY");
	close(pair[1]);
}

static void ends(struct story *s)
{
	struct talk t = { .rx = -1, .from_rx = 5 };
	struct req *a;
	int way;

	a = adopted(s, &t, talks);
	peer_writes("1234567890123");
	RUN_ALL(s);
	CHECK_EQ(a->total, 10);
	close(pair[1]);
	for (way = 0; way < 4; way++) {
		struct talk none = { 0 };
		char buf[10];

		a = adopted(s, &none, talks);
		a->ending = 1;
		if (way == 0)
			lws_close_free_wsi(a->wsi, LWS_CLOSE_STATUS_NOSTATUS, "here");
		else if (way == 3)
			lws_set_timeout(a->wsi, PENDING_TIMEOUT_USER_OK, 1);
		else
			kill_req(a, way == 1);
		CHECK_EQ(a->done, way < 2);
		RUN_ALL(s);
		CHECK_LOG(a, "CREATE RAW_BIND RAW_ADOPT | RAW_DROP RAW_CLOSE DESTROY");
		lws_service(s->cx, -1);
		CHECK(peer_reads(buf, sizeof buf));
		close(pair[1]);
	}
}

static const char *what;

static int acts(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in, (void)len;
	if ((int)reason != reason_of(what))
		return 0;
	if (r->mine)
		story_destroy(r->story);
	else
		kill_req(r, 1);
	return 0;
}

/* Killed, or the context destroyed, from inside each of the call's callbacks. */
static void inside(struct story *s, const char *in, int destroys)
{
	struct req *a;
	struct lws *wsi;
	char buf[10];

	what = in;
	make_pair();
	a = adopt_begin(s, &(struct ask){ .hook = acts, .mine = destroys ? s : NULL });
	a->ending = 1;
	wsi = adopt_as(s, LWS_ADOPT_SOCKET, pair[0], "story");
	if (destroys) {
		s->cx = NULL;
		CHECK(a->done);
	} else {
		CHECK(!adopt_end(a, wsi));
		CHECK_LOG(a, strcmp(in, "RAW_ADOPT") ? "CREATE RAW_BIND ERROR RAW_DROP DESTROY |" : REFUSED);
	}
	CHECK(peer_reads(buf, sizeof buf));
	close(pair[1]);
}

static int pauses(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	struct talk *t = r->mine;
	int ret = talks(r, reason, in, len);

	if ((int)reason == LWS_CALLBACK_RAW_RX && r->n[REASON_READ] == 1) {
		t->paused = 1;
		CHECK_EQ(lws_rx_flow_control(r->wsi, 0), 0);
	}
	return ret;
}

static void paused(struct story *s)
{
	struct talk t = { 0 };
	struct req *a = adopted(s, &t, pauses);
	int n;

	peer_writes("0123456789abcdefghijKLMNO");
	RUN_UNTIL(s, t.paused);
	for (n = 0; n < 5; n++)
		lws_service(s->cx, -1);
	CHECK_EQ(a->total, 10);
	t.paused = 0;
	CHECK_EQ(lws_rx_flow_control(a->wsi, 1), 0);
	RUN_UNTIL(s, a->total == 25);
	close(pair[1]);
	RUN_ALL(s);
}

static void destroyed(struct story *s)
{
	struct talk t = { 0 };
	struct req *a = adopted(s, &t, talks), *b;
	int other = pair[1];

	b = adopted(s, &t, talks);
	story_destroy(s);
	CHECK_LOG(a, "CREATE RAW_BIND RAW_ADOPT | RAW_DROP RAW_CLOSE DESTROY");
	CHECK(b->done);
	close(other);
	close(pair[1]);
}

static void small_pieces(struct story *s, struct lws_context_creation_info *info)
{
	(void)info;
	s->protocols[0].rx_buffer_size = 10;
}

int main(int argc, char **argv)
{
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .no_peer = 1, .pss = 8, .tune = small_pieces });
	if (IS(1, "no"))
		says_no(s);
	else if (IS(1, "refused"))
		refusals(s);
	else if (IS(1, "struct"))
		by_struct(s);
	else if (IS(1, "accepted"))
		accepted(s);
	else if (IS(1, "all"))
		says_all(s);
	else if (IS(1, "ends"))
		ends(s);
	else if (IS(1, "inside"))
		inside(s, ARG(2), IS(3, "destroy"));
	else if (IS(1, "paused"))
		paused(s);
	else if (IS(1, "destroy"))
		destroyed(s);
	else
		both_ways(s);
	return story_close(s);
}
