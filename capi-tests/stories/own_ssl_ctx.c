/*
 * TLS that the program sets up: provided_client_ssl_ctx is used as it is, by as many vhosts as like, and stays the program's;
 * lws_init_vhost_client_ssl() gives TLS to a vhost that has none.
 */
#include "harness.h"

static SSL_CTX *own;
static unsigned loads, infos;

static void tune(struct story *s, struct lws_context_creation_info *info)
{
	(void)s;
	info->client_ssl_ca_filepath = "/no/such/ca.pem";	/* not looked at */
	info->options = 0;
	info->provided_client_ssl_ctx = own;
}

static int loading(struct story *s, struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in)
{
	(void)in;
	if (reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS) {
		loads++;
		CHECK(user);
		CHECK(!own || user == own);
		CHECK_STR(lws_get_protocol(wsi)->name, s->protocols[0].name);
	}
	return 0;
}

static void told(const SSL *ssl, int where, int ret)
{
	(void)ssl;
	(void)where;
	(void)ret;
	infos++;
}

static int look(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == REASON_EST)
		CHECK(SSL_get_SSL_CTX(lws_get_ssl(lws_get_network_wsi(r->wsi))) == own);
	return 0;
}

static void provided(struct story *s)
{
	struct lws_context_creation_info info;
	struct lws_vhost *vh;
	struct req *r;

	own = SSL_CTX_new(TLS_client_method());
	CHECK(own);
	CHECK_EQ(SSL_CTX_load_verify_locations(own, s->peer.ca, NULL), 1);
	SSL_CTX_set_info_callback(own, told);
	story_context(s);
	CHECK_EQ(loads, 1);
	memset(&info, 0, sizeof info);
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = s->protocols;
	info.vhost_name = "second";
	info.provided_client_ssl_ctx = own;
	vh = lws_create_vhost(s->cx, &info);
	CHECK(vh);
	CHECK_EQ(loads, 2);
	r = ASK(s, .path = "/ok", .hook = look);
	ASK(s, .path = "/ok", .hook = look, .vhost = vh);
	RUN_ALL(s);
	CHECK_EQ(r->n[REASON_COMPLETED], 1);
	CHECK(infos);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 2);
	lws_vhost_destroy(vh);
	r = ASK(s, .path = "/ok", .hook = look, .host = "127.0.0.1");
	RUN_ALL(s);
	CHECK_EQ(r->n[REASON_COMPLETED], 1);
	story_destroy(s);
	s->cx = NULL;
	/* it outlives the context */
	CHECK_EQ(SSL_CTX_load_verify_locations(own, s->peer.ca, NULL), 1);
	SSL_CTX_free(own);
	own = NULL;
}

static void none(struct story *s, struct lws_context_creation_info *info)
{
	(void)s;
	info->options = 0;
	info->client_ssl_ca_filepath = NULL;
}

static void later(struct story *s)
{
	struct lws_context_creation_info info;
	struct lws_vhost *vh;
	struct req *r;
	size_t mark;

	s->opts.tune = none;
	story_context(s);
	CHECK_EQ(loads, 0);
	vh = lws_get_vhost_by_name(s->cx, "default");
	r = ASK(s, .path = "/ok");
	RUN_ALL(s);
	CHECK_HAS(r->error, "bio_create failed");
	memset(&info, 0, sizeof info);
	info.client_ssl_ca_filepath = s->peer.ca;
	CHECK_EQ(lws_init_vhost_client_ssl(&info, vh), 0);	/* without the option: none */
	r = ASK(s, .path = "/ok");
	RUN_ALL(s);
	CHECK_HAS(r->error, "bio_create failed");
	info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.client_ssl_cert_filepath = "/no/such/cert.pem";
	mark = log_mark();
	CHECK_EQ(lws_init_vhost_client_ssl(&info, vh), -1);
	CHECK_HAS(logged_since(mark), "/no/such/cert.pem");
	info.client_ssl_cert_filepath = NULL;
	info.client_ssl_cipher_list = "NO-SUCH-CIPHER";
	mark = log_mark();
	CHECK_EQ(lws_init_vhost_client_ssl(&info, vh), -1);
	CHECK_HAS(logged_since(mark), "client_ssl_cipher_list \"NO-SUCH-CIPHER\"");
	info.client_ssl_cipher_list = NULL;
	CHECK_EQ(lws_init_vhost_client_ssl(NULL, vh), -1);
	CHECK_EQ(lws_init_vhost_client_ssl(&info, NULL), -1);
	CHECK_EQ(loads, 0);
	CHECK_EQ(lws_init_vhost_client_ssl(&info, vh), 0);
	CHECK_EQ(loads, 1);
	r = ASK(s, .path = "/ok");
	RUN_ALL(s);
	CHECK_EQ(r->n[REASON_COMPLETED], 1);
	/* once is enough: what is there stays */
	info.client_ssl_ca_filepath = NULL;
	CHECK_EQ(lws_init_vhost_client_ssl(&info, vh), 0);
	CHECK_EQ(loads, 1);
	r = ASK(s, .path = "/ok", .solo = 1);
	RUN_ALL(s);
	CHECK_EQ(r->n[REASON_COMPLETED], 1);
}

static const char *ciphers, *suites;
static long options;

static void choose(struct story *s, struct lws_context_creation_info *info)
{
	(void)s;
	info->client_ssl_cipher_list = ciphers;
	info->client_tls_1_3_plus_cipher_list = suites;
	info->ssl_client_options_set = options;
}

static int cipher(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == REASON_EST)
		CHECK_STR(SSL_get_cipher_name((SSL *)lws_get_ssl(lws_get_network_wsi(r->wsi))), ciphers ? ciphers : suites);
	return 0;
}

/* Ciphers of both kinds, and an option that takes TLS 1.3 away. */
static void choices(struct story *s)
{
	static const char *const list[] = { "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305" };
	struct req *r;
	size_t i;

	s->opts.tune = choose;
	for (i = 0; i < 4; i++) {
		ciphers = i < 2 ? list[i] : NULL;
		options = i < 2 ? SSL_OP_NO_TLSv1_3 : 0;
		suites = i < 2 ? NULL : i == 2 ? "TLS_AES_128_GCM_SHA256" : "TLS_CHACHA20_POLY1305_SHA256";
		story_context(s);
		r = ASK(s, .path = "/ok", .hook = cipher);
		RUN_ALL(s);
		CHECK_EQ(r->n[REASON_COMPLETED], 1);
		CHECK_HAS(peer_say(&s->peer, "tls"), i < 2 ? "version=TLSv1.2" : "version=TLSv1.3");
		story_destroy(s);
		s->cx = NULL;
	}
}

int main(int argc, char **argv)
{
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = 1, .no_context = 1, .tune = tune, .vhost_hook = loading });
	if (IS(1, "provided"))
		provided(s);
	else if (IS(1, "later"))
		later(s);
	else
		choices(s);
	return story_close(s);
}
