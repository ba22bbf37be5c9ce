/*
 * Every field of the trust identity, flipped one at a time: the connection of the one is never used for the other, idle or busy.
 * And a strict request is refused by a bad certificate however many lax ones came before.
 */
#include "harness.h"

static struct lws_vhost *second_vhost(struct story *s)
{
	struct lws_context_creation_info info;
	struct lws_vhost *vh;

	memset(&info, 0, sizeof info);
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = s->protocols;
	info.vhost_name = "second";
	if (s->opts.tls) {
		info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.client_ssl_ca_filepath = s->peer.ca;
	}
	vh = lws_create_vhost(s->cx, &info);
	CHECK(vh);
	return vh;
}

static void flips(struct story *s)
{
	const struct ask base = { .path = "/ok" };
	struct ask flip[32];
	char gate[32];
	long accepts;
	size_t n = 0, i;

	for (i = 0; i < 32; i++)
		flip[i] = base;
	flip[n++].flags = LCCSCF_ALLOW_SELFSIGNED;
	flip[n++].flags = LCCSCF_ALLOW_EXPIRED;
	flip[n++].flags = LCCSCF_ALLOW_INSECURE;
	flip[n++].flags = LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK;
	flip[n++].flags = LCCSCF_IP_LOW_LATENCY;
	flip[n++].flags = LCCSCF_IP_HIGH_THROUGHPUT;
	flip[n++].flags = LCCSCF_IP_HIGH_RELIABILITY;
	flip[n++].flags = LCCSCF_IP_LOW_COST;
	flip[n++].host = "127.0.0.1";
	flip[n++].host = "localhost:1";
	flip[n++].address = "localhost";
	flip[n++].alpn = "http/1.1";
	flip[n++].iface = "127.0.0.1";
	flip[n++].priority = 3;
	if (!s->opts.tls)			/* over TLS it is shown, and there is none */
		flip[n++].client_cert = 1;
	flip[n++].vhost = NULL;			/* a second one: made for each context */
	for (i = 0; i < n; i++) {
		struct req *busy, *first, *r;

		story_context(s);
		if (i == n - 1)
			flip[i].vhost = second_vhost(s);
		accepts = peer_stat(&s->peer, "accepts");
		snprintf(gate, sizeof gate, "/gate/%zu", i);
		busy = ask(s, &(struct ask){ .path = gate });
		first = ask(s, &flip[i]);
		RUN_UNTIL(s, first->done);	/* it did not wait behind the busy one */
		if (!first->n[REASON_COMPLETED])
			fail(__FILE__, __LINE__, "flip %zu: %s", i, first->error ? first->error : "?");
		peer_say(&s->peer, "open %zu", i);
		RUN_ALL(s);
		if (peer_stat(&s->peer, "accepts") != accepts + 2)
			fail(__FILE__, __LINE__, "flip %zu: %ld accepts", i, peer_stat(&s->peer, "accepts") - accepts);
		r = ask(s, &base);		/* now both are idle: each rides its own kind */
		RUN_ALL(s);
		CHECK_EQ(r->fd, busy->fd);
		r = ask(s, &flip[i]);
		RUN_ALL(s);
		CHECK_EQ(r->fd, first->fd);
		CHECK_EQ(peer_stat(&s->peer, "accepts"), accepts + 2);
		story_destroy(s);
		s->cx = NULL;
	}
}

static void strict(struct story *s)
{
	struct req *r;
	int i;

	peer_say(&s->peer, "cert selfsigned");
	for (i = 0; i < 5; i++)
		ASK(s, .path = "/ok", .flags = LCCSCF_ALLOW_SELFSIGNED);
	RUN_ALL(s);
	r = ASK(s, .path = "/ok");
	ASK(s, .path = "/ok", .flags = LCCSCF_ALLOW_SELFSIGNED);
	RUN_ALL(s);
	CHECK_LOG(r, FAILED);
	CHECK_HAS(r->error, "tls=invalidca");
	CHECK_HAS(peer_say(&s->peer, "tls"), "resumed=0");
}

int main(int argc, char **argv)
{
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = !IS(1, "plain"), .no_context = !IS(1, "strict") });
	if (IS(1, "strict"))
		strict(s);
	else
		flips(s);
	return story_close(s);
}
