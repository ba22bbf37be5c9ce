/* A program that asks again by the policy of the request that failed, until failure is not to be concealed; and Retry-After. */
#include "harness.h"
#include <netinet/in.h>
#include <sys/socket.h>

static const uint32_t soon[] = { 1, 2 };
static const lws_retry_bo_t policy = { soon, 2, 3, 0, 0, 50 }, always = { soon, 2, LWS_RETRY_CONCEAL_ALWAYS, 0, 0, 0 };

static struct story *s;
static lws_sorted_usec_list_t sul;
static uint16_t tries;
static int attempts, told, refusing_port;

static void again(lws_sorted_usec_list_t *due);

static int failed(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in; (void)len;
	if (reason == REASON_ERROR && lws_retry_sul_schedule_retry_wsi(r->wsi, &sul, again, &tries))
		told++;
	return 0;
}

static void again(lws_sorted_usec_list_t *due)
{
	(void)due;
	CHECK(++attempts <= 4);
	ASK(s, .path = "/ok", .port = refusing_port, .retry = &policy, .hook = failed);
}

/* bound, and nobody listens */
static int refusing(void)
{
	struct sockaddr_in at;
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&at, 0, sizeof at);
	at.sin_family = AF_INET;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(fd >= 0);
	CHECK(!bind(fd, (struct sockaddr *)&at, sizeof at) && !getsockname(fd, (struct sockaddr *)&at, &len));
	refusing_port = ntohs(at.sin_port);
	return fd;
}

static void reconnects(void)
{
	int fd = refusing();

	again(NULL);
	RUN_UNTIL(s, told);
	RUN_ALL(s);
	CHECK_EQ(attempts, 4);			/* the first, and three that were concealed */
	CHECK_EQ(tries, 4);
	close(fd);
}

/* The wait is `want` seconds, and a part of one that is random. */
static void waits(struct lws *wsi, int want)
{
	lws_sorted_usec_list_t one;
	lws_usec_t began = lws_now_usecs(), most, least;
	uint16_t n = 0;

	memset(&one, 0, sizeof one);
	CHECK_EQ(lws_retry_sul_schedule_retry_wsi(wsi, &one, again, &n), 0);
	CHECK_EQ(n, 1);
	CHECK(one.list.owner);
	most = one.us - began;
	least = one.us - lws_now_usecs();
	lws_sul_cancel(&one);
	CHECK(most >= want * LWS_US_PER_SEC && least < (want + 1) * LWS_US_PER_SEC);
}

static int asked_to_wait(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	int want = *(int *)r->mine;

	(void)in; (void)len;
	if (reason == REASON_APPEND)
		waits(r->wsi, r->ask.retry ? 0 : 1);	/* the response is not there yet */
	if (reason == REASON_EST || reason == REASON_COMPLETED || reason == REASON_CLOSED || reason == REASON_DESTROY)
		waits(r->wsi, want);
	return 0;
}

/* Whether the response asks for `want` seconds or more, and a shorter wait is raised to that. */
static int is_asked(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	const int want = *(int *)r->mine;
	lws_usec_t us = 5;

	(void)in; (void)len;
	if (reason != REASON_EST && reason != REASON_COMPLETED)
		return 0;
	CHECK_EQ(lws_http_check_retry_after(r->wsi, &us), want < 0);
	CHECK_EQ(us, want < 0 ? 5 : want * LWS_US_PER_SEC);
	us = 1000 * LWS_US_PER_SEC;
	lws_http_check_retry_after(r->wsi, &us);
	CHECK_EQ(us, 1000 * LWS_US_PER_SEC);
	CHECK_EQ(lws_http_check_retry_after(r->wsi, NULL), 1);
	return 0;
}

static void waits_that_are_asked_for(void)
{
	int two_minutes = 120, none = -1;

	ASK(s, .path = "/set/retry-after/120", .hook = is_asked, .mine = &two_minutes);
	ASK(s, .path = "/set/retry-after/tomorrow", .hook = is_asked, .mine = &none);
	ASK(s, .path = "/ok", .hook = is_asked, .mine = &none);
	RUN_ALL(s);
	CHECK_EQ(lws_http_check_retry_after(NULL, NULL), 1);
}

static void servers_that_ask_to_wait(void)
{
	int two_minutes = 120, none = 0, one = 1;

	ASK(s, .path = "/set/retry-after/120", .retry = &policy, .hook = asked_to_wait, .mine = &two_minutes);
	ASK(s, .path = "/set/Retry-After/0", .retry = &always, .hook = asked_to_wait, .mine = &none);
	ASK(s, .path = "/set/retry-after/tomorrow", .retry = &policy, .hook = asked_to_wait, .mine = &none);
	ASK(s, .path = "/set/retry-after/999999999", .retry = &policy, .hook = asked_to_wait, .mine = &none);
	ASK(s, .path = "/set/retry-after/120", .hook = asked_to_wait, .mine = &two_minutes);
	ASK(s, .path = "/ok", .hook = asked_to_wait, .mine = &one);
	RUN_ALL(s);
}

#define REFUSED(call, words) do { size_t mark_ = log_mark(); call; CHECK_HAS(logged_since(mark_), words); } while (0)

static void counts(void)
{
	unsigned char bytes[64] = { 0 }, zero[64] = { 0 };
	uint16_t n = 0xfffe;
	char conceal = 9;
	struct lws *gone;
	struct req *r;
	unsigned ms;

	ms = lws_retry_get_delay_ms(s->cx, &always, &n, &conceal);
	CHECK(ms == 2 && conceal == 1);
	CHECK_EQ(n, 0xffff);
	lws_retry_get_delay_ms(s->cx, &always, &n, &conceal);
	CHECK(n == 0xffff && conceal == 1);
	n = 3;
	ms = lws_retry_get_delay_ms(s->cx, NULL, &n, &conceal);
	CHECK(ms >= 3000 && ms < 3900 && n == 4 && !conceal);
	ms = lws_retry_get_delay_ms(NULL, &policy, &n, NULL);
	CHECK(ms == 2 && n == 5);
	n = 0;
	memset(&sul, 0, sizeof sul);
	CHECK_EQ(lws_retry_sul_schedule(s->cx, 0, &sul, NULL, again, &n), 1);	/* nothing says that it is concealed */
	CHECK(n == 1 && !sul.list.owner);
	CHECK_EQ(lws_retry_sul_schedule(s->cx, 0, &sul, &policy, again, &n), 0);
	CHECK(n == 2 && sul.list.owner);
	lws_sul_cancel(&sul);
	REFUSED(CHECK_EQ(lws_retry_sul_schedule(NULL, 0, &sul, &policy, again, &n), 1), "lws_retry_sul_schedule: context is NULL");
	REFUSED(CHECK_EQ(lws_retry_sul_schedule(s->cx, 0, &sul, &policy, again, NULL), 1), "lws_retry_sul_schedule: ctry is NULL");
	REFUSED(CHECK_EQ(lws_retry_sul_schedule_retry_wsi(NULL, &sul, again, &n), 1), "the wsi is NULL");
	REFUSED(CHECK_EQ(lws_retry_get_delay_ms(s->cx, &policy, NULL, &conceal), 1), "ctry is NULL");
	CHECK(!conceal);
	r = ASK(s, .path = "/ok", .retry = &policy);
	gone = r->wsi;
	RUN_ALL(s);
	REFUSED(CHECK_EQ(lws_retry_sul_schedule_retry_wsi(gone, &sul, again, &n), 1), "stale");
	CHECK(n == 2 && !sul.list.owner);
	CHECK_EQ(lws_get_random(s->cx, bytes, sizeof bytes), sizeof bytes);
	CHECK(memcmp(bytes, zero, sizeof bytes));
}

static void dates(void)
{
	const char *moment = "Sun, 06 Nov 1994 08:49:37 GMT";
	char rendered[30];
	time_t t = 5;

	CHECK_EQ(lws_http_date_parse_unix(moment, strlen(moment), &t), 0);
	CHECK_EQ(t, 784111777);
	CHECK_EQ(lws_http_date_render_from_unix(rendered, 30, &t), 0);
	CHECK_STR(rendered, moment);
	CHECK_EQ(lws_http_date_render_from_unix(rendered, 29, &t), -1);
	REFUSED(CHECK_EQ(lws_http_date_render_from_unix(rendered, 30, NULL), -1), "lws_http_date_render_from_unix");
	CHECK_EQ(lws_http_date_parse_unix(moment, 10, &t), -1);
	REFUSED(CHECK_EQ(lws_http_date_parse_unix(NULL, 10, &t), -1), "an argument is NULL");
	CHECK_EQ(t, 784111777);
}

int main(int argc, char **argv)
{
	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(1, "tls") });
	reconnects();
	servers_that_ask_to_wait();
	waits_that_are_asked_for();
	counts();
	dates();
	return story_close(s);
}
