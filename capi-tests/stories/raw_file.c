/* Files that the program opened and reads itself: pipes, ttys, eventfds, timerfds, and files that nobody can wait for. */
#include "harness.h"
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <termios.h>

#define BEGAN "CREATE FILE_BIND FILE_ADOPT |"
#define ENDED "FILE_DROP FILE_CLOSE DESTROY"

struct reads {
	char got[100];
	size_t len;
	int rx;				/* what RAW_RX_FILE returns, once something was read */
	int leaves;			/* it does not read */
	int once;			/* it holds up the loop after the first */
	const char *says;		/* what RAW_WRITEABLE_FILE writes */
	int writeable;			/* and returns */
	int adopt;			/* what RAW_ADOPT_FILE returns */
};

static int reads(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	struct reads *f = r->mine;
	ssize_t n;

	CHECK(in == NULL || (int)reason == LWS_CALLBACK_RAW_FILE_DROP_PROTOCOL);
	(void)len;
	switch ((int)reason) {
	case LWS_CALLBACK_RAW_ADOPT_FILE:
		CHECK(wsi_from_fd(r->story->cx, lws_get_socket_fd(r->wsi)) == r->wsi);
		CHECK(fcntl(lws_get_socket_fd(r->wsi), F_GETFL) & O_NONBLOCK);
		CHECK(!lws_get_udp(r->wsi));
		if (f->says)
			CHECK_EQ(lws_callback_on_writable(r->wsi), 1);
		return f->adopt;
	case LWS_CALLBACK_RAW_RX_FILE:
		if (f->once && r->n[LWS_CALLBACK_RAW_RX_FILE] == 1)
			CHECK_EQ(lws_rx_flow_control(r->wsi, 0), 0);
		if (f->leaves)
			return 0;
		n = read(lws_get_socket_fd(r->wsi), f->got + f->len, sizeof f->got - f->len - 1);
		CHECK(n >= 0);
		f->len += (size_t)n;
		return n ? f->rx : 0;
	case LWS_CALLBACK_RAW_WRITEABLE_FILE:
		CHECK_EQ(write(lws_get_socket_fd(r->wsi), f->says, strlen(f->says)), strlen(f->says));
		return f->writeable;
	default:
		return 0;
	}
}

static struct lws *adopt_file(struct story *s, int fd, const char *protocol)
{
	lws_sock_file_fd_type d;

	d.filefd = fd;
	return lws_adopt_descriptor_vhost(lws_get_vhost_by_name(s->cx, "default"), LWS_ADOPT_RAW_FILE_DESC, d, protocol, NULL);
}

static struct req *file(struct story *s, int fd, struct reads *f)
{
	struct req *r;

	CHECK(fd >= 0);
	CHECK(ADOPT(r, s, adopt_file(s, fd, "story"), .hook = reads, .mine = f));
	CHECK_LOG(r, BEGAN);
	return r;
}

static int is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* The end of a pipe that is read, to its end. */
static void pipe_in(struct story *s)
{
	struct reads f = { .once = 1 };
	struct req *a;
	int p[2], n;

	CHECK(!pipe(p));
	a = file(s, p[0], &f);
	CHECK_EQ(write(p[1], "first", 5), 5);
	RUN_UNTIL(s, f.len == 5);
	CHECK_EQ(write(p[1], " last", 5), 5);
	for (n = 0; n < 5; n++)
		lws_service(s->cx, -1);
	CHECK_EQ(f.len, 5);			/* held up */
	CHECK_EQ(lws_rx_flow_control(a->wsi, 1), 0);
	close(p[1]);				/* what is left is read before it ends */
	RUN_ALL(s);
	CHECK_STR(f.got, "first last");
	CHECK_LOG(a, BEGAN " FILE_RX FILE_RX " ENDED);
	lws_service(s->cx, -1);
	CHECK(!is_open(p[0]));
}

/* The end that is written: WRITEABLE comes when there is room, and it ends when nobody reads. */
static void pipe_out(struct story *s)
{
	struct reads f = { .says = "out" };
	unsigned char buf[LWS_PRE + 10];
	struct req *a;
	char got[65536];
	int p[2];

	CHECK(!pipe(p));
	a = file(s, p[1], &f);
	RUN_UNTIL(s, a->n[LWS_CALLBACK_RAW_WRITEABLE_FILE]);
	CHECK_EQ(read(p[0], got, sizeof got), 3);
	memset(got, 'f', sizeof got);
	CHECK_EQ(write(p[1], got, sizeof got), sizeof got);	/* it is full */
	CHECK_EQ(lws_callback_on_writable(a->wsi), 1);
	lws_service(s->cx, -1);
	lws_service(s->cx, -1);
	CHECK_EQ(a->n[LWS_CALLBACK_RAW_WRITEABLE_FILE], 1);
	CHECK_EQ(read(p[0], got, sizeof got), sizeof got);
	RUN_UNTIL(s, a->n[LWS_CALLBACK_RAW_WRITEABLE_FILE] == 2);
	memcpy(buf + LWS_PRE, "by lws_write", 10);
	CHECK_EQ(lws_write(a->wsi, buf + LWS_PRE, 10, LWS_WRITE_RAW), 10);
	CHECK_EQ(read(p[0], got, sizeof got), 13);
	CHECK(!memcmp(got, "outby lws_wri", 13));
	close(p[0]);
	RUN_ALL(s);
	CHECK_LOG(a, BEGAN " FILE_WRITE FILE_WRITE " ENDED);
}

/* Any nonzero return closes, and what the program leaves there is told again. */
static void returns(struct story *s)
{
	struct reads one = { .rx = 1 }, full = { .says = "12345678", .writeable = 1 }, leaves = { .leaves = 1 };
	struct req *a;
	int n;

	a = file(s, eventfd(1, 0), &one);
	RUN_ALL(s);
	CHECK_EQ(one.len, 8);
	CHECK_LOG(a, BEGAN " FILE_RX " ENDED);
	a = file(s, eventfd(0, 0), &full);
	RUN_ALL(s);
	CHECK_LOG(a, BEGAN " FILE_WRITE " ENDED);
	a = file(s, eventfd(1, 0), &leaves);
	for (n = 0; n < 6; n++)
		lws_service(s->cx, -1);
	CHECK(a->n[LWS_CALLBACK_RAW_RX_FILE] > 2);
	kill_req(a, 1);
	CHECK(a->done);
}

static void timer(struct story *s)
{
	struct itimerspec soon = { .it_value = { 0, 1000000 } };
	struct reads f = { .rx = -1 };
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	struct req *a = file(s, fd, &f);

	CHECK(!timerfd_settime(fd, 0, &soon, NULL));
	RUN_ALL(s);
	CHECK_EQ(f.len, 8);
	CHECK_LOG(a, BEGAN " FILE_RX " ENDED);
}

static void tty(struct story *s)
{
	struct reads f = { 0 };
	int master = posix_openpt(O_RDWR | O_NOCTTY), fd;
	struct termios raw;
	struct req *a;

	CHECK(master >= 0 && !grantpt(master) && !unlockpt(master));
	fd = open(ptsname(master), O_RDWR | O_NOCTTY);
	CHECK(fd >= 0 && !tcgetattr(fd, &raw));
	cfmakeraw(&raw);
	CHECK(!tcsetattr(fd, TCSANOW, &raw));
	a = file(s, fd, &f);
	CHECK_EQ(write(master, "keys", 4), 4);
	RUN_UNTIL(s, f.len == 4);
	CHECK_STR(f.got, "keys");
	kill_req(a, 0);
	RUN_ALL(s);
	close(master);
}

/* A regular file is ready whenever one looks; timers and others have their turns meanwhile. */
static void regular(struct story *s)
{
	struct reads f = { 0 }, other = { 0 };
	FILE *tmp = tmpfile();
	struct req *a, *b;
	int p[2], n;
	unsigned was;

	CHECK(tmp && fputs("written before", tmp) >= 0 && !fflush(tmp) && !fseek(tmp, 0, SEEK_SET));
	a = file(s, dup(fileno(tmp)), &f);
	CHECK(!pipe(p));
	b = file(s, p[0], &other);
	CHECK_EQ(write(p[1], "too", 3), 3);
	RUN_UNTIL(s, f.len == 14 && other.len == 3);
	CHECK_STR(f.got, "written before");
	CHECK(a->n[LWS_CALLBACK_RAW_RX_FILE] < 50);
	was = a->n[LWS_CALLBACK_RAW_RX_FILE];
	lws_service(s->cx, 0);			/* does not wait */
	lws_service(s->cx, 0);
	CHECK(a->n[LWS_CALLBACK_RAW_RX_FILE] > was);
	CHECK_EQ(lws_rx_flow_control(a->wsi, 0), 0);
	lws_service(s->cx, -1);
	was = a->n[LWS_CALLBACK_RAW_RX_FILE];
	for (n = 0; n < 3; n++)
		lws_service(s->cx, -1);
	CHECK_EQ(a->n[LWS_CALLBACK_RAW_RX_FILE], was);
	f.says = "after";
	CHECK_EQ(lws_callback_on_writable(a->wsi), 1);
	RUN_UNTIL(s, a->n[LWS_CALLBACK_RAW_WRITEABLE_FILE]);
	kill_req(a, 1);
	kill_req(b, 1);
	close(p[1]);
	fclose(tmp);
}

/* NULL: the file is the caller's, as it was. */
static void refused(struct story *s)
{
	struct reads f = { .adopt = 1 };
	lws_adopt_desc_t d;
	struct req *a;
	size_t mark = log_mark();
	int fd = eventfd(1, 0);

	CHECK(!adopt_file(s, fd, "nix"));
	CHECK_HAS(logged_since(mark), "no protocol \"nix\"");
	CHECK(!adopt_file(s, -1, "story"));
	CHECK(!ADOPT(a, s, adopt_file(s, fd, "story"), .hook = reads, .mine = &f));
	CHECK_LOG(a, "CREATE FILE_BIND FILE_ADOPT " ENDED " |");
	memset(&d, 0, sizeof d);
	d.vh = lws_get_vhost_by_name(s->cx, "default");
	d.type = LWS_ADOPT_HTTP;
	d.fd.filefd = fd;
	CHECK(!lws_adopt_descriptor_vhost_via_info(&d));
	CHECK(is_open(fd));
	f.adopt = 0;
	f.rx = -1;
	a = file(s, fd, &f);			/* it can be tried again */
	RUN_ALL(s);
	CHECK_EQ(f.len, 8);
}

static void destroyed(struct story *s)
{
	struct reads f = { 0 };
	int fd = eventfd(0, 0);
	struct req *a = file(s, fd, &f);

	story_destroy(s);
	CHECK_LOG(a, BEGAN " " ENDED);
	CHECK(!is_open(fd));
}

int main(int argc, char **argv)
{
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .no_peer = 1, .pss = 8 });
	if (IS(1, "out"))
		pipe_out(s);
	else if (IS(1, "returns"))
		returns(s);
	else if (IS(1, "timer"))
		timer(s);
	else if (IS(1, "tty"))
		tty(s);
	else if (IS(1, "regular"))
		regular(s);
	else if (IS(1, "refused"))
		refused(s);
	else if (IS(1, "destroy"))
		destroyed(s);
	else
		pipe_in(s);
	return story_close(s);
}
