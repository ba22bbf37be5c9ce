/*
 * What a context measured is reported once, when it is destroyed and after the last request ended: as many connections, handshakes and
 * responses as the peer counted, and what failed or was given up beside them.
 */
#include "harness.h"

enum { DNS, TCP, TLS, TXN, METRICS };

static const char *const names[] = { "n.cn.dns", "n.cn.tcp", "n.cn.tls", "n.http.txn" };
static lws_metric_pub_t seen[METRICS];
static char lines[METRICS][160];
static unsigned reports;
static struct story *story;

static int report(lws_metric_pub_t *m)
{
	lws_metric_bucket_t *sub = m->u.hist.head;
	unsigned n = reports++;
	int len;

	CHECK(n < METRICS);
	CHECK(!story->alive);
	CHECK_STR(m->name, names[n]);
	CHECK_EQ(m->flags, LWSMTFL_REPORT_MEAN | LWSMTFL_REPORT_DUTY_WALLCLOCK_US);
	CHECK(!m->backend_opaque && !m->us_dumped && m->us_first > 0);
	seen[n] = *m;
	len = lws_metrics_format(m, &sub, lines[n], sizeof lines[n]);
	CHECK_EQ(len, strlen(lines[n]));
	CHECK(!sub);
	return (int)(n & 1);
}

static const lws_system_ops_t ops = { .metric_report = report };

static void tune(struct story *s, struct lws_context_creation_info *info)
{
	story = s;
	info->system_ops = &ops;
}

static void check(int n, long go, long nogo)
{
	const lws_metric_pub_t *m = &seen[n];
	char begin[64];

	CHECK_EQ(m->u.agg.count[METRES_GO], go);
	CHECK_EQ(m->u.agg.count[METRES_NOGO], nogo);
	if (!go && !nogo) {
		CHECK_EQ(m->us_last, 0);
		CHECK_STR(lines[n], "");
		return;
	}
	CHECK(m->us_last >= m->us_first && m->us_last <= lws_now_usecs());
	CHECK(m->u.agg.min && m->u.agg.min <= m->u.agg.max);
	CHECK(m->u.agg.sum[METRES_GO] + m->u.agg.sum[METRES_NOGO] >= m->u.agg.max);
	if (go)
		snprintf(begin, sizeof begin, "%s: Go: %ld, mean: ", names[n], go);
	else
		snprintf(begin, sizeof begin, "%s: , NoGo: %ld, mean: ", names[n], nogo);
	CHECK_EQ(strncmp(lines[n], begin, strlen(begin)), 0);
	snprintf(begin, sizeof begin, ", NoGo: %ld, mean: ", nogo);
	CHECK_EQ(!!strstr(lines[n], begin), !!nogo);
	CHECK_HAS(lines[n], ", min: ");
	CHECK_HAS(lines[n], ", max: ");
}

/* Names: one lookup for each connection that asks for one. */
static void looked_up(struct story *s)
{
	long accepts;

	ASK(s, .path = "/ok", .address = "localhost");
	ASK(s, .path = "/ok", .address = "localhost");
	ASK(s, .path = "/ok", .address = "localhost", .solo = 1);
	ASK(s, .path = "/ok", .address = "no-such-host.invalid");
	RUN_ALL(s);
	accepts = peer_stat(&s->peer, "accepts");
	story_destroy(s);
	CHECK_EQ(reports, METRICS);
	check(DNS, 2, 1);
	/* localhost may have an address at which nobody listens */
	check(TCP, accepts, (long)seen[TCP].u.agg.count[METRES_NOGO]);
	check(TXN, 3, 0);
}

static void reached(struct story *s)
{
	long accepts, shaken = 0, refused = 0, requests, i;
	struct req *held;

	for (i = 0; i < 3; i++)
		ASK(s, .path = "/ok");
	ASK(s, .path = "/ok", .solo = 1);
	RUN_ALL(s);
	ASK(s, .path = "/status/404");
	ASK(s, .path = "/ok", .port = 1);		/* nobody listens */
	RUN_ALL(s);
	requests = peer_stat(&s->peer, "requests");
	CHECK_EQ(requests, 5);
	held = ASK(s, .path = "/gate/x");
	await(s, "wait-requests 6");
	kill_req(held, 1);
	RUN_ALL(s);
	ASK(s, .path = "/gate/y");			/* goes with the context */
	await(s, "wait-requests 7");
	if (s->opts.tls) {
		shaken = peer_stat(&s->peer, "handshakes");
		peer_say(&s->peer, "cert expired");
		ASK(s, .path = "/ok", .solo = 1, .keep_warm = 1);
		RUN_UNTIL(s, s->reqs[s->n_reqs - 1]->done);
		CHECK(s->reqs[s->n_reqs - 1]->error);
		refused = 1;
	}
	accepts = peer_stat(&s->peer, "accepts");
	CHECK_EQ(reports, 0);
	story_destroy(s);
	CHECK_EQ(reports, METRICS);
	check(DNS, 0, 0);
	check(TCP, accepts, 1);
	check(TLS, shaken, refused);
	check(TXN, 4, 3);
}

/* A ws is answered with 101, on h2 with 200: both are go. */
static void upgraded(struct story *s)
{
	ASK(s, .ws = 1, .path = "/ws/send/text:one/close:1001:gone");
	RUN_ALL(s);
	CHECK_EQ(s->reqs[0]->status, on_h2 ? 200 : 101);
	story_destroy(s);
	CHECK_EQ(reports, METRICS);
	check(TXN, 1, 0);
}

static void format(void)
{
	struct { lws_metric_bucket_t bucket; char name[8]; } second = { { NULL, 7 }, "\4four" }, first = { { &second.bucket, 2 }, "\3dns" };
	lws_metric_pub_t m = { .name = "n.cn.failures", .flags = LWSMTFL_REPORT_HIST };
	lws_metric_bucket_t *sub = &first.bucket;
	char buf[64] = "x";

	m.u.hist.head = sub;
	CHECK_EQ(lws_metric_bucket_name_len(sub), 3);
	CHECK_STR(lws_metric_bucket_name(sub), "dns");
	CHECK_EQ(lws_metrics_format(&m, &sub, buf, sizeof buf), 1);
	CHECK_STR(buf, "n.cn.failures{dns} 2");
	CHECK_EQ(lws_metrics_format(&m, &sub, buf, 8), 1);
	CHECK_STR(buf, "n.cn.fa");
	CHECK(!sub);
	CHECK_EQ(lws_metrics_format(&m, &sub, buf, sizeof buf), 0);
	CHECK_STR(buf, "");
	CHECK_EQ(lws_metrics_format(&m, NULL, buf, sizeof buf), 0);
	CHECK_EQ(lws_metrics_format(NULL, &sub, buf, sizeof buf), 0);
	CHECK_EQ(lws_metrics_format(&m, &sub, NULL, sizeof buf), 0);
	CHECK_EQ(lws_metrics_format(&m, &sub, buf, 0), 0);
	memset(&m, 0, sizeof m);
	m.name = "vh.a.rx";
	m.u.agg.sum[METRES_GO] = 2048;
	m.u.agg.count[METRES_GO] = 3;
	CHECK_EQ(lws_metrics_format(&m, NULL, buf, sizeof buf), 24);
	CHECK_STR(buf, "vh.a.rx: Go: (3) 2.000Ki");
	CHECK_EQ(lws_metrics_format(&m, &sub, buf, 1), 0);
	CHECK_STR(buf, "");
}

int main(int argc, char **argv)
{
	struct story *s;

	ONLY_OURS();
	format();
	s = story_open(&(struct opts){ .tls = IS(1, "tls"), .peer = WS_PEER, .tune = tune });
	if (IS(2, "names"))
		looked_up(s);
	else if (IS(2, "ws"))
		upgraded(s);
	else
		reached(s);
	return story_close(s);
}
