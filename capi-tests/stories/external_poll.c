/*
 * What a program that runs the loop itself may rely on, besides what outside.c checks of every descriptor. calls: what lws_service_fd() and
 * lws_service_adjust_timeout() answer. handle: what the connection's own handle answers, from ADD to DEL. refuse WORD: the program says no.
 * inside WHAT: from within ADD the program calls on. hup: a peer that is gone while nothing is wanted of its socket. unasked: a context that
 * did not ask is told nothing, and can be served by descriptor all the same. cancel: a wake.
 */
#include "harness.h"
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static int adds, dels, changes, at;
static struct lws *own;			/* of the last ADD */
static const char *what;
static struct req *victim;

static int count(struct story *s, struct lws *wsi, enum lws_callback_reasons reason, const struct lws_pollargs *args)
{
	(void)s;
	(void)args;
	adds += reason == LWS_CALLBACK_ADD_POLL_FD;
	dels += reason == LWS_CALLBACK_DEL_POLL_FD;
	changes += reason == LWS_CALLBACK_CHANGE_MODE_POLL_FD;
	if (reason == LWS_CALLBACK_ADD_POLL_FD)
		own = wsi;
	return 0;
}

static void settle(struct story *s)
{
	while (!lws_service_adjust_timeout(s->cx, -1, 0))
		CHECK(lws_service_tsi(s->cx, -1, 0) >= 0);
}

/* ---- calls ---- */

static void answers(struct story *s)
{
	struct pollfd p = { .fd = 0, .events = POLLIN, .revents = POLLIN };
	struct req *a;

	CHECK_EQ(s->inits, 0);
	CHECK_EQ(lws_service_adjust_timeout(s->cx, 1000, 0), 0);
	CHECK_EQ(s->inits, 1);
	settle(s);
	CHECK_EQ(lws_service_adjust_timeout(s->cx, 1000, 0), 1000);
	CHECK_EQ(lws_service_adjust_timeout(s->cx, 0, 0), 0);
	CHECK_EQ(lws_service_adjust_timeout(s->cx, -1, 0), -1);
	CHECK_EQ(lws_service_adjust_timeout(NULL, 1000, 0), 1);
	CHECK_EQ(lws_service_fd(s->cx, &p), 0);
	CHECK_EQ(p.revents, POLLIN);
	p.fd = -1;
	CHECK_EQ(lws_service_fd(s->cx, &p), 0);
	CHECK_EQ(p.revents, POLLIN);
	CHECK_EQ(lws_service_fd(s->cx, NULL), -1);
	CHECK_HAS(logged_since(0), "pollfd is NULL");
	CHECK_EQ(lws_service_fd(NULL, &p), -1);
	CHECK_EQ(lws_service_fd_tsi(s->cx, &p, 1), -1);
	CHECK_EQ(p.revents, POLLIN);
	CHECK_EQ(lws_service_tsi(s->cx, -1, 1), -1);
	a = ASK(s, .path = "/mute");
	CHECK_EQ(lws_service_adjust_timeout(s->cx, 1000, 0), 0);
	RUN_UNTIL(s, a->n[REASON_APPEND]);
	settle(s);
	/* up to the response's deadline, in microseconds that have begun */
	CHECK(lws_service_adjust_timeout(s->cx, -1, 0) > 10000);
	CHECK(lws_service_adjust_timeout(s->cx, -1, 0) <= 15000);
	CHECK_EQ(lws_service_adjust_timeout(s->cx, 7, 0), 7);
	CHECK_EQ(outside_count(), 1);
	p.fd = lws_get_socket_fd(a->wsi);
	p.revents = 0;
	CHECK_EQ(lws_service_fd(s->cx, &p), 0);
	p.revents = POLLIN | POLLOUT;	/* that is not so, and does no harm */
	CHECK_EQ(lws_service_fd(s->cx, &p), 0);
	CHECK_EQ(p.revents, 0);
	kill_req(a, 0);
	p.revents = POLLOUT;
	CHECK_EQ(lws_service_fd(s->cx, &p), 1);
	CHECK_EQ(outside_count(), 0);
	CHECK_EQ(adds, 1);
	CHECK_EQ(dels, 1);
}

/* ---- handle ---- */

static int looks(struct story *s, struct lws *wsi, enum lws_callback_reasons reason, const struct lws_pollargs *args)
{
	char name[64];

	CHECK(lws_get_context(wsi) == s->cx);
	CHECK(lws_get_vhost(wsi) == lws_get_vhost_by_name(s->cx, "default"));
	CHECK(lws_get_protocol(wsi)->callback == s->protocols[0].callback);
	CHECK(lws_get_peer_simple(wsi, name, sizeof name) == name);
	if (reason == LWS_CALLBACK_DEL_POLL_FD && dels) {
		CHECK_EQ(!lws_get_ssl(wsi), !s->opts.tls);
		CHECK(!strcmp(name, "127.0.0.1") || !strcmp(name, "::1"));
	}
	return count(s, wsi, reason, args);
}

static void handle(struct story *s)
{
	struct req *a = ASK(s, .path = "/ok?a", .address = "localhost"), *b = ASK(s, .path = "/ok?b", .address = "localhost");
	struct lws *lookup;
	char name[64];

	RUN_UNTIL(s, adds);
	lookup = own;			/* its eventfd, and no socket yet */
	CHECK(lws_get_socket_fd(own) >= 0);
	CHECK_EQ(lws_get_socket_fd(a->wsi), -1);
	RUN_UNTIL(s, a->n[REASON_EST]);
	CHECK(own == lookup);
	CHECK(dels >= 1);
	if (a->fd >= 0)
		CHECK_EQ(lws_get_socket_fd(own), a->fd);
	else
		CHECK(lws_get_socket_fd(own) >= 0);
	RUN_UNTIL(s, b->done);
	CHECK(own == lookup);		/* across the handover */
	CHECK_EQ(adds, dels + 1);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
	CHECK(lws_get_peer_simple(own, name, sizeof name) && *name);
	story_destroy(s);
	CHECK_EQ(adds, dels);
	CHECK(!lws_get_context(own));
}

/* ---- refuse ---- */

static int refuses(struct story *s, struct lws *wsi, enum lws_callback_reasons reason, const struct lws_pollargs *args)
{
	count(s, wsi, reason, args);
	return (int)reason == at && !victim->error ? -1 : 0;
}

static void refuse(struct story *s)
{
	struct req *b;

	victim = ASK(s, .path = "/ok?a");
	RUN_UNTIL(s, victim->done);
	CHECK_HAS(victim->error, at == LWS_CALLBACK_CHANGE_MODE_POLL_FD ? "conn fail: change pollfd" : "conn fail: insert fd");
	settle(s);
	CHECK_EQ(outside_count(), 0);
	CHECK_EQ(dels, at == LWS_CALLBACK_CHANGE_MODE_POLL_FD);
	b = ASK(s, .path = "/ok?b");
	RUN_UNTIL(s, b->done);
	CHECK_EQ(b->n[REASON_COMPLETED], 1);
}

/* ---- inside ---- */

static int calls_on(struct story *s, struct lws *wsi, enum lws_callback_reasons reason, const struct lws_pollargs *args)
{
	static int depth;
	int i;

	count(s, wsi, reason, args);
	if ((int)reason != at || depth || (!victim && strcmp(what, "vhost")))
		return 0;
	depth++;
	if (!strcmp(what, "service"))
		for (i = 0; i < 5; i++)
			CHECK(lws_service(s->cx, -1) >= 0 || s->destroying);
	else if (!strcmp(what, "connect") && s->n_reqs < 4)
		ASK(s, .path = "/ok?more", .solo = 1);
	else if (!strcmp(what, "kill") && !victim->done) {
		victim->ending = 1;
		kill_req(victim, 1);
	} else if (!strcmp(what, "destroy"))
		story_destroy(s);
	else if (!strcmp(what, "vhost") && victim) {
		victim = NULL;
		lws_vhost_destroy(lws_get_vhost(wsi));
	}
	depth--;
	return 0;
}

static void inside(struct story *s)
{
	int solo = at == LWS_CALLBACK_DEL_POLL_FD;	/* or the connection stays for who comes next */
	struct req *a = victim = ASK(s, .path = "/ok?a", .solo = solo), *b = NULL;

	if (!strcmp(what, "vhost")) {
		a->ending = 1;
		RUN_UNTIL(s, a->done);
		a->at_destroy = 1;	/* a vhost's end is none of its own */
		settle(s);
		CHECK_EQ(outside_count(), 0);
		return;
	}
	if (!strcmp(what, "destroy")) {
		RUN_UNTIL(s, s->destroying);
		return;
	}
	b = ASK(s, .path = "/ok?b", .solo = solo);
	RUN_ALL(s);
	CHECK_EQ(b->n[REASON_COMPLETED], 1);
	if (strcmp(what, "kill"))
		CHECK_EQ(a->n[REASON_COMPLETED], 1);
	if (!strcmp(what, "connect"))
		CHECK_EQ(s->n_reqs, 4);
}

/* ---- hup ---- */

static int adopts(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	(void)len;
	if ((int)reason == LWS_CALLBACK_RAW_RX && r->total == 1)
		lws_rx_flow_control(r->wsi, 0);
	return 0;
}

static void hup(struct story *s)
{
	lws_sock_file_fd_type d;
	struct req *a;
	int pair[2], i;

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	d.sockfd = pair[0];
	CHECK(ADOPT(a, s, lws_adopt_descriptor_vhost(lws_get_vhost_by_name(s->cx, "default"), LWS_ADOPT_SOCKET, d, "story", NULL),
		    .hook = adopts));
	CHECK_EQ(adds, 1);		/* within the call */
	CHECK_EQ(outside_count(), 1);
	CHECK_EQ(write(pair[1], "1", 1), 1);
	RUN_UNTIL(s, a->total == 1);
	CHECK_EQ(write(pair[1], "2", 1), 1);
	close(pair[1]);
	for (i = 0; i < 50 && outside_count(); i++)
		step(s);
	CHECK_EQ(outside_count(), 0);
	CHECK_EQ(a->total, 1);
	lws_rx_flow_control(a->wsi, 1);
	RUN_ALL(s);
	CHECK_EQ(a->total, 2);
	CHECK_EQ(a->n[LWS_CALLBACK_RAW_CLOSE] + a->n[REASON_CLOSED], 1);
	CHECK_EQ(adds, 2);
	CHECK_EQ(dels, 2);
}

/* ---- unasked ---- */

static int connecting;

static int notes_fd(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)r;
	(void)len;
	if (reason == LWS_CALLBACK_CONNECTING)
		connecting = (int)(intptr_t)in;
	return 0;
}

static void unasked(struct story *s)
{
	struct req *a;
	int ms;

	settle(s);
	a = ASK(s, .path = "/ok", .hook = notes_fd);
	while (!a->done) {
		struct pollfd p = { .fd = connecting, .events = POLLIN | POLLOUT };

		ms = lws_service_adjust_timeout(s->cx, -1, 0);
		if (!ms || !connecting) {
			CHECK(lws_service_tsi(s->cx, -1, 0) >= 0);
			continue;
		}
		CHECK(poll(&p, 1, ms) >= 0);
		CHECK_EQ(lws_service_fd(s->cx, &p), 0);
		CHECK_EQ(p.revents, 0);
	}
	CHECK_EQ(a->n[REASON_COMPLETED], 1);
	CHECK_EQ(adds + dels + changes, 0);
}

/* ---- cancel ---- */

static void cancel(struct story *s)
{
	unsigned before;

	settle(s);
	before = s->cancelled;
	lws_cancel_service(s->cx);
	CHECK_EQ(lws_service_adjust_timeout(s->cx, 1000, 0), 0);
	settle(s);
	CHECK_EQ(s->cancelled, before + 1);
	CHECK_EQ(lws_service_adjust_timeout(s->cx, 1000, 0), 1000);
}

int main(int argc, char **argv)
{
	struct opts o = { .told = IS(1, "handle") ? looks : IS(1, "refuse") ? refuses : IS(1, "inside") ? calls_on : count,
			  .tls = IS(argc - 1, "tls"), .pss = IS(1, "hup") };
	struct story *s;
	const char *word = ARG(3);

	ONLY_OURS();
	if (!IS(1, "unasked"))
		setenv("LOOP", "poll", 0);
	if (IS(1, "refuse"))
		word = ARG(2);
	at = !strcmp(word, "LOCK") ? LWS_CALLBACK_LOCK_POLL : !strcmp(word, "CHANGE") ? LWS_CALLBACK_CHANGE_MODE_POLL_FD :
	     !strcmp(word, "DEL") ? LWS_CALLBACK_DEL_POLL_FD : LWS_CALLBACK_ADD_POLL_FD;
	what = ARG(2);
	s = story_open(&o);
	if (IS(1, "calls"))
		answers(s);
	else if (IS(1, "handle"))
		handle(s);
	else if (IS(1, "refuse"))
		refuse(s);
	else if (IS(1, "inside"))
		inside(s);
	else if (IS(1, "hup"))
		hup(s);
	else if (IS(1, "unasked"))
		unasked(s);
	else
		cancel(s);
	return story_close(s);
}
