/*
 * How long a request took: who made the connection looked up, connected and secured it; who rode it did not. The addresses of the name are
 * the program's once they are taken.
 */
#include "harness.h"

static struct lws_conmon seen[16];

static int take(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	struct lws_conmon *m = &seen[r->nth];

	(void)in;
	(void)len;
	/* Whatever it held is overwritten. */
	if (reason == LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER) {
		struct lws_conmon early;

		memset(&early, 0xff, sizeof early);
		lws_conmon_wsi_take(r->wsi, &early);
		CHECK_EQ(early.ciu_txn_resp, 0);
		CHECK_EQ(early.pcol, LWSCONMON_PCOL_NONE);
		if (early.dns_results_copy) {		/* back to where the rest of the story looks */
			m->dns_results_copy = early.dns_results_copy;
			early.dns_results_copy = NULL;
		}
		lws_conmon_release(&early);
	}
	if (reason == LWS_CALLBACK_COMPLETED_CLIENT_HTTP || reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR) {
		struct addrinfo *had = m->dns_results_copy;

		memset(m, 0xff, sizeof *m);
		lws_conmon_wsi_take(r->wsi, m);
		if (had) {
			CHECK(!m->dns_results_copy);	/* it was taken */
			m->dns_results_copy = had;
		}
	}
	if (reason == LWS_CALLBACK_WSI_DESTROY) {
		struct lws_conmon again;

		lws_conmon_wsi_take(r->wsi, &again);
		CHECK(!again.dns_results_copy);
		CHECK_EQ(again.ciu_dns, m->ciu_dns);
		CHECK_EQ(again.ciu_sockconn, m->ciu_sockconn);
		CHECK_EQ(again.ciu_tls, m->ciu_tls);
		CHECK_EQ(again.ciu_txn_resp, m->ciu_txn_resp);
		CHECK(!memcmp(&again.peer46, &m->peer46, sizeof again.peer46));
	}
	return 0;
}

static int has(const struct lws_conmon *m, const lws_sockaddr46 *peer)
{
	const struct addrinfo *ai;
	int found = 0;

	for (ai = m->dns_results_copy; ai; ai = ai->ai_next) {
		const lws_sockaddr46 *at = (const lws_sockaddr46 *)(const void *)ai->ai_addr;

		CHECK(ai->ai_family == AF_INET || ai->ai_family == AF_INET6);
		CHECK_EQ(ai->ai_family, at->sa4.sin_family);
		CHECK_EQ(ai->ai_addrlen, ai->ai_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
		found |= ai->ai_family == AF_INET && at->sa4.sin_addr.s_addr == peer->sa4.sin_addr.s_addr;
	}
	return found;
}

/* Whom all of them reach. */
static void check_peer(struct story *s, const struct lws_conmon *m)
{
	CHECK_EQ(m->peer46.sa4.sin_family, AF_INET);
	CHECK_EQ(ntohs(m->peer46.sa4.sin_port), s->peer.port);
	CHECK_EQ(ntohl(m->peer46.sa4.sin_addr.s_addr), INADDR_LOOPBACK);
}

static void check_answered(const struct lws_conmon *m)
{
	CHECK(m->ciu_txn_resp);
	CHECK_EQ(m->pcol, LWSCONMON_PCOL_HTTP);
	CHECK_EQ(m->protocol_specific.http.response, 200);
}

static void check_led(struct story *s, const struct lws_conmon *m)
{
	check_peer(s, m);
	check_answered(m);
	CHECK(m->ciu_dns && m->ciu_sockconn);
	CHECK_EQ(!!m->ciu_tls, s->opts.tls);
	CHECK_EQ(m->dns_disposition, LWSCONMON_DNS_OK);
	CHECK(has(m, &m->peer46));
}

static void check_rode(const struct lws_conmon *m)
{
	CHECK(!m->ciu_dns && !m->ciu_sockconn && !m->ciu_tls);
	CHECK(!m->dns_results_copy);
	CHECK_EQ(m->dns_disposition, LWSCONMON_DNS_NONE);
}

static void answered(struct story *s)
{
	struct req *led = ASK(s, .path = "/ok", .address = "localhost", .flags = LCCSCF_CONMON);
	struct req *rode = ASK(s, .path = "/ok", .address = "localhost", .flags = LCCSCF_CONMON);
	struct req *literal = ASK(s, .path = "/ok", .address = "127.0.0.1", .flags = LCCSCF_CONMON, .solo = 1);
	struct req *unasked = ASK(s, .path = "/ok", .address = "localhost", .solo = 1);
	struct lws_conmon *m;

	RUN_ALL(s);
	m = &seen[led->nth];
	check_led(s, m);
	m = &seen[rode->nth];
	check_peer(s, m);
	check_answered(m);
	check_rode(m);
	m = &seen[literal->nth];
	check_peer(s, m);
	check_answered(m);
	CHECK(!m->ciu_dns && !m->dns_results_copy && m->ciu_sockconn);
	CHECK_EQ(m->dns_disposition, LWSCONMON_DNS_NONE);
	CHECK_EQ(!!m->ciu_tls, s->opts.tls);
	m = &seen[unasked->nth];
	check_answered(m);
	CHECK(m->ciu_dns && m->ciu_sockconn && !m->dns_results_copy);
	CHECK_EQ(m->dns_disposition, LWSCONMON_DNS_OK);
	/* one that comes when the connection is idle */
	rode = ASK(s, .path = "/ok", .address = "localhost", .flags = LCCSCF_CONMON);
	RUN_ALL(s);
	m = &seen[rode->nth];
	check_peer(s, m);
	check_answered(m);
	check_rode(m);
}

/* A redirect, or a login, on the connection that a request made: that was made for it all the same. */
static void moved(struct story *s)
{
	struct req *a = ASK(s, .path = "/redirect/302", .address = "localhost", .flags = LCCSCF_CONMON, .priority = 1);
	struct lws_conmon *m = &seen[a->nth];

	RUN_ALL(s);
	CHECK_EQ(a->n[LWS_CALLBACK_CLIENT_HTTP_REDIRECT], 1);
	CHECK_EQ(a->n[REASON_CONNECTING], 1);
	check_led(s, m);
}

static void failed(struct story *s)
{
	struct req *nowhere = ASK(s, .path = "/ok", .address = "no-such-host.invalid", .flags = LCCSCF_CONMON);
	struct req *refused = ASK(s, .path = "/ok", .address = "127.0.0.1", .port = 1, .flags = LCCSCF_CONMON);
	struct lws_conmon *m;

	RUN_ALL(s);
	CHECK(nowhere->error && refused->error);
	m = &seen[nowhere->nth];
	CHECK(m->ciu_dns && !m->ciu_sockconn && !m->ciu_tls && !m->ciu_txn_resp);
	CHECK(m->dns_disposition == LWSCONMON_DNS_NO_RESULT || m->dns_disposition == LWSCONMON_DNS_SERVER_UNREACHABLE);
	CHECK(!m->dns_results_copy && !m->peer46.sa4.sin_family);
	CHECK_EQ(m->pcol, LWSCONMON_PCOL_NONE);
	m = &seen[refused->nth];
	check_rode(m);
	CHECK(!m->ciu_txn_resp && !m->peer46.sa4.sin_family);
}

static void misuse(struct req *gone)
{
	struct lws_conmon m, zero;
	size_t mark = log_mark();

	memset(&zero, 0, sizeof zero);
	lws_conmon_wsi_take(gone->wsi, NULL);
	CHECK_HAS(logged_since(mark), "lws_conmon_wsi_take: dest is NULL");
	memset(&m, 0xff, sizeof m);
	lws_conmon_wsi_take(gone->wsi, &m);
	CHECK(!memcmp(&m, &zero, sizeof m));
	memset(&m, 0xff, sizeof m);
	lws_conmon_wsi_take(NULL, &m);
	CHECK(!memcmp(&m, &zero, sizeof m));
	lws_conmon_release(&m);
	lws_conmon_release(NULL);
}

int main(int argc, char **argv)
{
	struct story *s;
	size_t n;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(1, "tls"), .hook = take });
	answered(s);
	moved(s);
	failed(s);
	misuse(s->reqs[0]);
	for (n = 0; n < LWS_ARRAY_SIZE(seen); n++) {
		lws_conmon_release(&seen[n]);
		lws_conmon_release(&seen[n]);
	}
	return story_close(s);
}
