/*
 * A program around an event loop of its own, as runtimes of scripting languages have one: handles with a callback each, and a hook
 * before each wait. The library's sockets are handles like the others (LWS_WITH_EXTERNAL_POLL); where the library does not tell of them it
 * is served from the hook.
 */
#include "http.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

enum { URLS = 24, MOST = 256 };

struct loop;
typedef void (*ready_fn)(struct loop *loop, int fd, uint32_t events);

struct loop {
	int epoll, running;
	ready_fn ready[MOST];		/* by descriptor */
	struct lws_context *cx;
};

static struct loop loop;
static struct fetch fetches[URLS];
static char paths[URLS][32];
static int asked, more, ticks;		/* an eventfd: somebody wants to be asked for */
static struct target target;

/* ---- the loop ---- */

static int watch(struct loop *l, int fd, uint32_t events, ready_fn ready)
{
	struct epoll_event event = { .events = events };
	int op = !ready ? EPOLL_CTL_DEL : l->ready[fd] ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	if (fd < 0 || fd >= MOST)
		return -1;
	event.data.fd = fd;
	l->ready[fd] = ready;
	return epoll_ctl(l->epoll, op, fd, &event);
}

/* How long the library lets it wait. */
static int prepare(struct loop *l)
{
#if !defined(LWS_WITH_EXTERNAL_POLL)
	if (lws_service(l->cx, -1) < 0)
		l->running = 0;
	return 1;
#else
	int ms;

	while (!(ms = lws_service_adjust_timeout(l->cx, 1000, 0)))
		if (lws_service_tsi(l->cx, -1, 0) < 0) {
			l->running = 0;
			break;
		}
	return ms;
#endif
}

static void run(struct loop *l)
{
	struct epoll_event events[16];
	int n, i, ms;

	for (l->running = 1; l->running;) {
		ms = prepare(l);
		if (!l->running)
			break;
		n = epoll_wait(l->epoll, events, 16, ms);
		for (i = 0; i < n; i++)
			if (l->ready[events[i].data.fd])
				l->ready[events[i].data.fd](l, events[i].data.fd, events[i].events);
	}
}

/* ---- the library in it ---- */

#if defined(LWS_WITH_EXTERNAL_POLL)
static void serve(struct loop *l, int fd, uint32_t events)
{
	struct lws_pollfd p = { .fd = fd, .revents = (short)events };

	if (lws_service_fd(l->cx, &p) < 0)
		l->running = 0;
}

static uint32_t wanted(int events)
{
	return (events & LWS_POLLIN ? EPOLLIN : 0u) | (events & LWS_POLLOUT ? EPOLLOUT : 0u);
}
#endif

static int all_ended(void)
{
	int n;

	if (!ticks)
		return 0;
	for (n = 0; n < URLS; n++)
		if (!fetches[n].ended)
			return 0;
	return 1;
}

static int callback_http(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	int ret;

	switch (reason) {
#if defined(LWS_WITH_EXTERNAL_POLL)
	case LWS_CALLBACK_ADD_POLL_FD:
	case LWS_CALLBACK_CHANGE_MODE_POLL_FD:
		return watch(&loop, ((struct lws_pollargs *)in)->fd, wanted(((struct lws_pollargs *)in)->events), serve);
	case LWS_CALLBACK_DEL_POLL_FD:
		return watch(&loop, ((struct lws_pollargs *)in)->fd, 0, NULL);
#endif
	default:
		break;
	}
	ret = user ? fetch_callback(wsi, reason, user, in, len) : 0;
	if (reason == LWS_CALLBACK_COMPLETED_CLIENT_HTTP && eventfd_write(more, 1))
		return -1;
	if (all_ended())
		loop.running = 0;
	return ret;
}

static const struct lws_protocols protocols[] = {
	{ "http", callback_http, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 }
};

/* ---- what the program is about ---- */

static void ask(struct loop *l, int fd, uint32_t events)
{
	struct lws_client_connect_info i;
	eventfd_t n = 0;

	(void)events;
	if (fd >= 0 && eventfd_read(fd, &n))
		return;
	for (; n && asked < URLS; n--) {
		struct fetch *f = &fetches[asked];

		snprintf(paths[asked], sizeof paths[asked], "/many/%d", asked);
		f->path = paths[asked++];
		fill_http(&i, &target, l->cx, f, "GET");
		if (asked % 3)
			i.ssl_connection |= LCCSCF_PIPELINE;
		if (!lws_client_connect_via_info(&i))
			f->ended = 1;
	}
}

static void tick(struct loop *l, int fd, uint32_t events)
{
	uint64_t n;

	(void)events;
	if (read(fd, &n, sizeof n) == sizeof n)
		ticks = 1;
	if (all_ended())
		l->running = 0;
}

int main(int argc, char **argv)
{
	struct itimerspec soon = { .it_value = { .tv_nsec = 1000000 } };
	struct lws_context_creation_info info;
	int n, left = 0, timer;

	target = begin(argc, argv);
	loop.epoll = epoll_create1(EPOLL_CLOEXEC);
	more = eventfd(4, EFD_NONBLOCK);	/* four at a time */
	timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	fill_context(&info, &target, protocols);
	loop.cx = lws_create_context(&info);
	if (!loop.cx || timerfd_settime(timer, 0, &soon, NULL) || watch(&loop, more, EPOLLIN, ask) || watch(&loop, timer, EPOLLIN, tick))
		return 1;
	run(&loop);
	lws_context_destroy(loop.cx);
	for (n = 0; n < URLS; n++)
		tell(&fetches[n]);
	for (n = 0; n < MOST; n++)
		left += loop.ready[n] != NULL;
	say("%d handles left", left);
	say("end");
	return 0;
}
