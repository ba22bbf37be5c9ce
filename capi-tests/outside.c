/*
 * A program that runs the loop itself: a table kept by ADD_POLL_FD, CHANGE_MODE_POLL_FD and DEL_POLL_FD alone, and what must hold for
 * each of them whatever happens.
 */
#define LWS_WITH_EXTERNAL_POLL
#include "tools.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#ifdef UPSTREAM

int from_outside(void) { return 0; }
void outside_begin(void) { }
struct lws_context *outside_context(const struct lws_context_creation_info *info) { (void)info; return NULL; }
int outside_told(struct story *s, struct lws *wsi, enum lws_callback_reasons reason, const void *user, const void *in, size_t len)
{
	(void)s, (void)wsi, (void)reason, (void)user, (void)in, (void)len;
	return 0;
}
int outside_step(struct lws_context *cx) { (void)cx; return -1; }
void outside_wake(void) { }
void outside_end(void) { }
size_t outside_count(void) { return 0; }
void outside_unlock(void) { }

#else

enum { NO, BY_POLL, BY_EPOLL, MIXED };
enum { MOST = 4096 };

/* One place a descriptor, as the process has them all; `wsi` NULL: nobody waits for it. */
static struct {
	struct lws *wsi;
	int events;
} table[MOST];
static int how = -1, locked, bell, epfd;
static size_t count;

int from_outside(void)
{
	const char *loop = getenv("LOOP");

	if (how < 0)
		how = !loop ? NO : !strcmp(loop, "poll") ? BY_POLL : !strcmp(loop, "epoll") ? BY_EPOLL : MIXED;
	return how;
}

/* What the program waits for besides: its own bell. */
void outside_begin(void)
{
	struct epoll_event event = { .events = EPOLLIN };

	if (!from_outside() || bell)
		return;
	bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	epfd = epoll_create1(EPOLL_CLOEXEC);
	CHECK(bell > 0 && epfd > 0);
	event.data.fd = bell;
	CHECK(!epoll_ctl(epfd, EPOLL_CTL_ADD, bell, &event));
}

struct lws_context *outside_context(const struct lws_context_creation_info *info)
{
	return lws_create_context(info);
}

void outside_wake(void)
{
	uint64_t one = 1;

	if (from_outside() && write(bell, &one, sizeof one) != sizeof one)
		fail(__FILE__, __LINE__, "the program's own eventfd: %s", strerror(errno));
}

static void ctl(int op, int fd, int events)
{
	struct epoll_event event = { .events = 0 };

	event.events = (events & POLLIN ? EPOLLIN : 0u) | (events & POLLOUT ? EPOLLOUT : 0u);
	event.data.fd = fd;
	if (how == BY_EPOLL && epoll_ctl(epfd, op, fd, &event))
		fail(__FILE__, __LINE__, "epoll_ctl %d on fd %d: %s", op, fd, strerror(errno));
}

static void of_the_connection(struct lws *wsi, const struct lws_pollargs *args, const void *user)
{
	CHECK(lws_get_context(wsi) && lws_get_vhost(wsi) && lws_get_protocol(wsi));
	CHECK_EQ(lws_get_socket_fd(wsi), args->fd);
	CHECK(!user && !lws_wsi_user(wsi) && !lws_get_opaque_user_data(wsi));
	CHECK(lws_get_network_wsi(wsi) == wsi);
}

static int note(struct lws *wsi, enum lws_callback_reasons reason, const void *user, const void *in, size_t len)
{
	const struct lws_pollargs *args = in;
	int fd = args->fd, i;

	CHECK(from_outside());		/* and no other context is told */
	CHECK(fd >= 0 && fd < MOST);
	CHECK(fcntl(fd, F_GETFD) >= 0);
	of_the_connection(wsi, args, user);
	switch ((int)reason) {
	case LWS_CALLBACK_LOCK_POLL:
		CHECK(!locked++);
		CHECK_EQ(len, !table[fd].wsi || (!args->events && !args->prev_events));
		return 0;
	case LWS_CALLBACK_UNLOCK_POLL:
		CHECK(locked--);
		return 0;
	case LWS_CALLBACK_ADD_POLL_FD:
		CHECK(locked && !table[fd].wsi && args->events && !args->prev_events);
		for (i = 0; i < MOST; i++)	/* one at a time */
			CHECK(table[i].wsi != wsi);
		table[fd].wsi = wsi;
		count++;
		ctl(EPOLL_CTL_ADD, fd, args->events);
		break;
	case LWS_CALLBACK_CHANGE_MODE_POLL_FD:
		CHECK(locked && table[fd].wsi == wsi);
		CHECK_EQ(args->prev_events, table[fd].events);
		CHECK(args->events != args->prev_events);
		ctl(EPOLL_CTL_MOD, fd, args->events);
		break;
	default:
		CHECK(locked && table[fd].wsi == wsi);
		CHECK(!args->events && !args->prev_events);
		table[fd].wsi = NULL;
		count--;
		ctl(EPOLL_CTL_DEL, fd, 0);
	}
	table[fd].events = args->events;
	return 0;
}

/* First the story, which may refuse it. */
int outside_told(struct story *s, struct lws *wsi, enum lws_callback_reasons reason, const void *user, const void *in, size_t len)
{
	int verdict = s->opts.told ? s->opts.told(s, wsi, reason, in) : 0;
	int noted = verdict && reason != LWS_CALLBACK_CHANGE_MODE_POLL_FD ? 0 : note(wsi, reason, user, in, len);

	return verdict ? verdict : noted;
}

static size_t by_poll(struct pollfd *ready, int ms)
{
	static struct pollfd fds[MOST];
	size_t n = 1, i, found = 0;

	fds[0] = (struct pollfd){ .fd = bell, .events = POLLIN };
	for (i = 0; i < MOST; i++)
		if (table[i].wsi)
			fds[n++] = (struct pollfd){ .fd = (int)i, .events = (short)table[i].events };
	CHECK(poll(fds, n, ms) >= 0 || errno == EINTR);
	for (i = 0; i < n; i++) {
		CHECK(!(fds[i].revents & POLLNVAL));
		if (fds[i].revents)
			ready[found++] = fds[i];
	}
	return found;
}

static size_t by_epoll(struct pollfd *ready, int ms)
{
	struct epoll_event events[64];
	int n = epoll_wait(epfd, events, 64, ms), i;

	CHECK(n >= 0 || errno == EINTR);
	for (i = 0; i < n; i++)
		ready[i] = (struct pollfd){ .fd = events[i].data.fd, .revents = (short)events[i].events };
	return n > 0 ? (size_t)n : 0;
}

static void silence(void)
{
	uint64_t rung;

	CHECK(read(bell, &rung, sizeof rung) == sizeof rung || errno == EAGAIN);
}

int outside_step(struct lws_context *cx)
{
	static struct pollfd ready[MOST];
	static unsigned turn;
	int ms = lws_service_adjust_timeout(cx, -1, 0), ret = 0;
	size_t n, i;

	if (how == MIXED && turn++ % 2)
		return lws_service(cx, -1);
	if (!ms)
		return lws_service_tsi(cx, -1, 0);
	n = how == BY_EPOLL ? by_epoll(ready, ms) : by_poll(ready, ms);
	if (!n)
		return lws_service_tsi(cx, -1, 0);
	for (i = 0; i < n && ret >= 0; i++)
		if (ready[i].fd == bell)
			silence();
		else if (table[ready[i].fd].wsi) {
			ret = lws_service_fd(cx, &ready[i]);
			CHECK(ret <= 1);
			CHECK(ret < 0 || !ready[i].revents);
		}
	return ret < 0 ? -1 : 0;
}

void outside_unlock(void)
{
	locked = 0;
}

size_t outside_count(void)
{
	return count;
}

void outside_end(void)
{
	CHECK_EQ(count, 0);
	CHECK_EQ(locked, 0);
}

#endif
