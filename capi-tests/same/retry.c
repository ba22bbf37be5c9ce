/* lws_retry_*: which waits there are and how often failure is concealed, for many tables; and which policy a request has. */
#include "same.h"
#include <netinet/in.h>
#include <sys/socket.h>

enum { DRAWS = 6000, MOST = 400 };

static struct lws_context *cx;
static int done;

static void due(lws_sorted_usec_list_t *sul)
{
	(void)sul;
}

/* every wait that there can be, when there are few */
static void waits(const lws_retry_bo_t *retry, uint16_t from)
{
	unsigned low = ~0u, high = 0, ms, base = 3000;
	static char seen[MOST];
	char conceal = 9;
	uint16_t tries;
	int i;

	if (retry)
		base = retry->retry_ms_table[from < retry->retry_ms_table_count ? from : retry->retry_ms_table_count - 1];
	memset(seen, 0, sizeof seen);
	for (i = 0; i < DRAWS; i++) {
		tries = from;
		ms = lws_retry_get_delay_ms(cx, retry, &tries, &conceal);
		low = ms < low ? ms : low;
		high = ms > high ? ms : high;
		if (ms < MOST)
			seen[ms] = 1;
	}
	printf("  try %u: then %u, conceal %d:", from, tries, conceal);
	if (high < MOST) {
		for (i = 0; i < MOST; i++)
			if (seen[i])
				printf(" %d", i);
	} else					/* the wait without a random part is in there, and so are hundredths of it: in fours */
		printf(" %s, up to about %u of 100", low - base < base / 100 ? "from the base" : "from elsewhere",
		       (unsigned)(high * 100ull / base / 4 * 4));
	printf("\n");
}

static void tables(void)
{
	static const uint16_t counts[] = { 1, 2, 5 }, conceals[] = { 0, 1, 3, 0xffff };
	static const uint16_t tries[] = { 0, 1, 2, 3, 4, 7, 0xfffd, 0xfffe, 0xffff };
	uint32_t table[5];
	unsigned i, n, t;

	waits(NULL, 0);
	waits(NULL, 0xffff);
	for (n = 0; n < 40; n++) {
		lws_retry_bo_t retry = { 0 };

		for (i = 0; i < 5; i++)
			table[i] = draw(3) ? draw(30) : 1000 * draw(5000);
		retry.retry_ms_table = table;
		retry.retry_ms_table_count = counts[draw(3)];
		retry.conceal_count = conceals[draw(4)];
		retry.jitter_percent = draw(2) ? (uint8_t)draw(256) : (uint8_t)(draw(2) * 100);
		printf("table of %u, conceal %u, jitter %u\n", retry.retry_ms_table_count, retry.conceal_count, retry.jitter_percent);
		for (t = 0; t < LWS_ARRAY_SIZE(tries); t++)
			if (!draw(3))
				waits(&retry, tries[t]);
	}
}

/* what was scheduled, in quarters of the base wait */
static void scheduled(int answer, lws_sorted_usec_list_t *sul, lws_usec_t began, uint16_t tries, uint32_t base)
{
	lws_usec_t us = sul->us - began;

	printf("  answer %d, tries %u, %s", answer, tries, sul->list.owner ? "scheduled" : "not scheduled");
	if (sul->list.owner)
		printf(" %s", us >= (lws_usec_t)base * 1000 && us < (lws_usec_t)base * 2000 + 60000000 ? "in time" : "out of time");
	printf("\n");
	lws_sul_schedule(cx, 0, sul, NULL, LWS_SET_TIMER_USEC_CANCEL);
}

static void schedules(void)
{
	static const uint32_t table[] = { 5000, 60000, 6000000, 80000000 };
	lws_retry_bo_t retry = { 0 };
	lws_sorted_usec_list_t sul;
	uint16_t tries;
	unsigned n;
	int answer;

	retry.retry_ms_table = table;
	for (n = 0; n < 60; n++) {
		unsigned nth = draw(4);

		memset(&sul, 0, sizeof sul);
		retry.retry_ms_table_count = 4;
		retry.conceal_count = (uint16_t)draw(6);
		retry.jitter_percent = (uint8_t)draw(101);
		tries = (uint16_t)nth;
		lws_usec_t began = lws_now_usecs();

		answer = lws_retry_sul_schedule(cx, 0, &sul, &retry, due, &tries);
		printf("conceal %u:", retry.conceal_count);
		scheduled(answer, &sul, began, tries, table[nth]);
	}
	tries = 0;
	memset(&sul, 0, sizeof sul);
	answer = lws_retry_sul_schedule(cx, 0, &sul, NULL, due, &tries);
	printf("no policy:");
	scheduled(answer, &sul, lws_now_usecs(), tries, 0);
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	lws_sorted_usec_list_t sul;
	uint16_t tries;
	unsigned n;
	int answer;

	(void)user; (void)in; (void)len;
	if (reason != LWS_CALLBACK_CLIENT_CONNECTION_ERROR)
		return 0;
	for (n = 0, tries = 0; n < 8; n++) {
		uint32_t low = ~0u, high = 0;
		unsigned i;
		uint16_t from = tries;

		for (i = 0; i < 300; i++) {
			lws_usec_t began = lws_now_usecs();

			tries = from;
			memset(&sul, 0, sizeof sul);
			answer = lws_retry_sul_schedule_retry_wsi(wsi, &sul, due, &tries);
			if (sul.list.owner) {
				/* the clock was read in between: neither bound is too wide */
				uint32_t most = (uint32_t)((sul.us - began) / 1000);
				uint32_t least = (uint32_t)((sul.us - lws_now_usecs()) / 1000);

				low = most < low ? most : low;
				high = least > high ? least : high;
				lws_sul_schedule(cx, 0, &sul, NULL, LWS_SET_TIMER_USEC_CANCEL);
			}
		}
		printf("  answer %d, tries %u", answer, tries);
		if (!answer)
			printf(", a wait of %u and up to %u tenths more", low / 500 * 500, (unsigned)((high - low + low / 40) * 10 / (low + !low)));
		printf("\n");
	}
	done = 1;
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ "retry", callback, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 }
};

static void context(const lws_retry_bo_t *policy)
{
	struct lws_context_creation_info info;

	memset(&info, 0, sizeof info);
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.retry_and_idle_policy = policy;
	cx = lws_create_context(&info);
	if (!cx)
		exit(3);
}

/* of a request that fails: nobody listens there */
static void policy(const char *which, const lws_retry_bo_t *of_context, const lws_retry_bo_t *of_request)
{
	struct lws_client_connect_info i;
	struct sockaddr_in at;
	socklen_t len = sizeof at;
	int s = socket(AF_INET, SOCK_STREAM, 0);

	printf("policy of %s\n", which);
	memset(&at, 0, sizeof at);
	at.sin_family = AF_INET;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (s < 0 || bind(s, (struct sockaddr *)&at, sizeof at) || getsockname(s, (struct sockaddr *)&at, &len))
		exit(4);
	context(of_context);
	memset(&i, 0, sizeof i);
	i.context = cx;
	i.address = i.host = i.origin = "127.0.0.1";
	i.port = ntohs(at.sin_port);
	i.path = "/";
	i.method = "GET";
	i.protocol = "retry";
	i.retry_and_idle_policy = of_request;
	done = 0;
	lws_client_connect_via_info(&i);
	while (!done)
		lws_service(cx, 0);
	lws_context_destroy(cx);
	close(s);
}

int main(int argc, char **argv)
{
	static const uint32_t one[] = { 500, 4000, 9000 }, other[] = { 2000 };
	static const lws_retry_bo_t a = { one, 3, 5, 10, 20, 40 }, b = { other, 1, 2, 10, 20, 0 }, idle = { NULL, 0, 0, 10, 20, 0 };

	seed_from(argc, argv);
	lws_set_log_level(0, NULL);
	context(NULL);
	tables();
	schedules();
	lws_context_destroy(cx);
	policy("nobody", NULL, NULL);
	policy("the request", NULL, &a);
	policy("the context", &b, NULL);
	policy("both", &b, &a);
	policy("the context, idle times alone", &idle, NULL);
	return 0;
}
