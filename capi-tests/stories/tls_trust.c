/* Which certificates are good enough: the CA by file and by memory, the trust flags, names and addresses; and what a refusal says. */
#include "harness.h"

static const char *ca_kind = "file";
static char ca_bytes[8192];

static void tune(struct story *s, struct lws_context_creation_info *info)
{
	char name[320];
	size_t n = 0;
	FILE *f;

	info->options |= LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
	if (!strcmp(ca_kind, "file"))
		return;
	info->client_ssl_ca_filepath = !strcmp(ca_kind, "missing") ? "/no/such/ca.pem" : NULL;
	if (!strcmp(ca_kind, "pem") || !strcmp(ca_kind, "der")) {
		snprintf(name, sizeof name, "%s/ca.%s", s->peer.dir, ca_kind);
		f = fopen(name, "r");
		CHECK(f);
		n = fread(ca_bytes, 1, sizeof ca_bytes, f);
		fclose(f);
		info->client_ssl_ca_mem = ca_bytes;
		info->client_ssl_ca_mem_len = (unsigned)n;
	}
}

static const struct { const char *ca, *cert, *host; int flags; const char *error; } table[] = {
	{ "file", "good", "localhost", 0, NULL },
	{ "pem", "good", "localhost", 0, NULL },
	{ "der", "good", "localhost", 0, NULL },
	{ "file", "good", "127.0.0.1", 0, NULL },
	{ "file", "good", "::1", 0, NULL },
	{ "file", "good", "localhost:1234", 0, NULL },
	{ "file", "good", "elsewhere.test", 0, "tls=hostname" },
	{ "file", "good", "127.0.0.2", 0, "tls=hostname" },
	{ "file", "good", "elsewhere.test", LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK, NULL },
	{ "file", "wrongname", "localhost", 0, "tls=hostname" },
	{ "file", "wrongname", "localhost", LCCSCF_ALLOW_SELFSIGNED | LCCSCF_ALLOW_EXPIRED | LCCSCF_ALLOW_INSECURE, "tls=hostname" },
	{ "file", "wrongname", "localhost", LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK, NULL },
	{ "none", "good", "localhost", 0, "tls=invalidca" },
	{ "missing", "good", "localhost", 0, "tls=invalidca" },
	{ "file", "unknown", "localhost", 0, "tls=invalidca" },
	{ "file", "unknown", "localhost", LCCSCF_ALLOW_INSECURE, NULL },
	{ "file", "selfsigned", "localhost", 0, "tls=invalidca" },
	{ "file", "selfsigned", "localhost", LCCSCF_ALLOW_SELFSIGNED, NULL },
	{ "file", "selfsigned", "localhost", LCCSCF_ALLOW_EXPIRED, "tls=invalidca" },
	{ "file", "expired", "localhost", 0, "tls=expired" },
	{ "file", "expired", "localhost", LCCSCF_ALLOW_SELFSIGNED, "tls=expired" },
	{ "file", "expired", "localhost", LCCSCF_ALLOW_EXPIRED, NULL },
	{ "file", "notyet", "localhost", 0, "tls=notyetvalid" },
	{ "file", "notyet", "localhost", LCCSCF_ALLOW_EXPIRED, NULL },
};

static void addresses(struct story *s)
{
	/* Without host, the address is what the certificate must name. IPv6 literals with and without brackets. */
	struct req *a = ASK(s, .path = "/ok", .address = "::1", .host = "::1"), *b;

	RUN_ALL(s);
	CHECK_LOG(a, LED);
	CHECK_HAS(peer_say(&s->peer, "tls"), "sni=- ");
	b = ASK(s, .path = "/ok", .address = "[::1]", .host = "[::1]");
	RUN_ALL(s);
	CHECK_EQ(b->n[REASON_COMPLETED], 1);
	a = ASK(s, .path = "/ok", .host = "localhost", .alpn = "http/1.1");
	RUN_ALL(s);
	CHECK_LOG(a, LED);
	CHECK_HAS(peer_say(&s->peer, "tls"), "sni=localhost alpn=http/1.1");
}

int main(int argc, char **argv)
{
	struct story *s;
	size_t i, mark;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = 1, .no_context = 1, .tune = tune, .timeout_secs = 20,
				       .peer = IS(1, "addresses") ? "--listen both" : IS(1, "tls12") ? "--tls12" : "" });
	if (IS(1, "addresses")) {
		story_context(s);
		addresses(s);
		return story_close(s);
	}
	for (i = 0; i < sizeof table / sizeof *table; i++) {
		struct req *r[3];
		int k;

		ca_kind = table[i].ca;
		mark = log_mark();
		story_context(s);
		if (!strcmp(ca_kind, "missing"))
			CHECK_HAS(logged_since(mark), "/no/such/ca.pem");
		peer_say(&s->peer, "cert %s", table[i].cert);
		for (k = 0; k < 3; k++)		/* waiting ones share the fate of the attempt */
			r[k] = ASK(s, .path = "/ok", .host = table[i].host, .flags = table[i].flags);
		RUN_ALL(s);
		for (k = 0; k < 3; k++) {
			if (!table[i].error) {
				CHECK_EQ(r[k]->n[REASON_COMPLETED], 1);
				continue;
			}
			if (!r[k]->error)
				fail(__FILE__, __LINE__, "%s, %s for %s was taken", table[i].ca, table[i].cert, table[i].host);
			CHECK_HAS(r[k]->error, "server's cert didn't look good, tls=");
			CHECK_HAS(r[k]->error, table[i].error);
			CHECK_HAS(r[k]->error, "X509_V_ERR = ");
		}
		story_destroy(s);
		s->cx = NULL;
	}
	return story_close(s);
}
