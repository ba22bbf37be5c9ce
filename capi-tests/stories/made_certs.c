/*
 * Keys and certificates that the library makes. chain: a CA, a CA below it, servers and a client, as lws_x509_* and OpenSSL see them.
 * nginx: a server that shows one of them and wants one of its clients, to a request that trusts their CA and has the client's, or not.
 * refused: what cannot be made.
 */
#include "harness.h"
#include "servers.h"
#include <openssl/pem.h>
#include <openssl/x509v3.h>

struct pair {
	uint8_t *cert, *key;
	size_t cert_len, key_len;
	char cert_pem[8192], key_pem[8192];
};

static void as_pem(const char *label, const uint8_t *der, size_t len, char *pem, size_t size)
{
	BIO *out = BIO_new(BIO_s_mem());
	int n;

	CHECK(PEM_write_bio(out, label, "", der, (long)len) > 0);
	n = BIO_read(out, pem, (int)size - 1);
	CHECK(n > 0);
	pem[n] = 0;
	BIO_free(out);
}

static void free_pair(struct pair *p)
{
	free(p->cert);
	free(p->key);
	p->cert = p->key = NULL;
}

static void take(struct pair *p)
{
	int is_ec;
	EVP_PKEY *key;
	BIO *in;

	/* SEC 1 begins with version 1, PKCS#1 with 0 */
	CHECK(p->cert && p->key && p->cert_len > 100 && p->key_len > 100);
	is_ec = p->key[2] == 2 ? p->key[4] == 1 : p->key[3] == 2 && p->key[5] == 1;
	as_pem("CERTIFICATE", p->cert, p->cert_len, p->cert_pem, sizeof p->cert_pem);
	as_pem(is_ec ? "EC PRIVATE KEY" : "RSA PRIVATE KEY", p->key, p->key_len, p->key_pem, sizeof p->key_pem);
	in = BIO_new_mem_buf(p->key_pem, -1);
	key = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);
	CHECK(key);
	CHECK_EQ(EVP_PKEY_get_base_id(key), is_ec ? EVP_PKEY_EC : EVP_PKEY_RSA);
	EVP_PKEY_free(key);
	BIO_free(in);
}

static void make(struct pair *p, struct pair *signer, struct lws_x509_cert_gen_info info)
{
	if (signer) {
		info.ca_cert_pem = signer->cert_pem;
		info.ca_key_pem = signer->key_pem;
	}
	memset(p, 0, sizeof *p);
	CHECK_EQ(lws_x509_create_cert(NULL, &p->cert, &p->cert_len, &p->key, &p->key_len, &info), 0);
	take(p);
}
#define MAKE(p, signer, ...) make((p), (signer), (struct lws_x509_cert_gen_info){ __VA_ARGS__ })

static X509 *x509_of(const struct pair *p)
{
	const unsigned char *at = p->cert;
	X509 *cert = d2i_X509(NULL, &at, (long)p->cert_len);

	CHECK(cert && at == p->cert + p->cert_len);
	return cert;
}

static struct lws_x509_cert *object_of(const struct pair *p)
{
	struct lws_x509_cert *x = NULL;

	CHECK_EQ(lws_x509_create(&x), 0);
	CHECK_EQ(lws_x509_parse_from_pem(x, p->cert_pem, strlen(p->cert_pem) + 1), 0);
	return x;
}

/* X509_V_OK, or what OpenSSL has against this chain: for that use, of that host or address if any */
static int verdict(const struct pair *root, const struct pair *between, const struct pair *leaf, int purpose, const char *host, const char *ip)
{
	X509 *top = x509_of(root), *cert = x509_of(leaf), *middle = between ? x509_of(between) : NULL;
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *cx = X509_STORE_CTX_new();
	STACK_OF(X509) *others = sk_X509_new_null();
	X509_VERIFY_PARAM *param;
	int ret;

	X509_STORE_add_cert(store, top);
	if (middle)
		sk_X509_push(others, middle);
	X509_STORE_CTX_init(cx, store, cert, others);
	param = X509_STORE_CTX_get0_param(cx);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT);
	X509_VERIFY_PARAM_set_purpose(param, purpose);
	X509_VERIFY_PARAM_set_auth_level(param, 2);
	if (host)
		CHECK_EQ(X509_VERIFY_PARAM_set1_host(param, host, 0), 1);
	if (ip)
		CHECK_EQ(X509_VERIFY_PARAM_set1_ip_asc(param, ip), 1);
	ret = X509_verify_cert(cx) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(cx);
	X509_STORE_CTX_free(cx);
	X509_STORE_free(store);
	sk_X509_free(others);
	X509_free(top);
	X509_free(cert);
	X509_free(middle);
	return ret;
}

/* what a program asks of the certificate that it made */
static void asked(const struct pair *p, const struct pair *signer, const char *name, unsigned usage)
{
	static char memory[4096];
	union lws_tls_cert_info_results *buf = (void *)memory;
	struct lws_x509_cert *x = object_of(p), *above = object_of(signer);
	unsigned char *der = NULL;
	X509 *cert = x509_of(p);
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
	char id[20];

	CHECK_EQ(lws_x509_info(x, LWS_TLS_CERT_INFO_COMMON_NAME, buf, 1000), 0);
	CHECK_STR(buf->ns.name, name);
	CHECK_EQ(lws_x509_info(x, LWS_TLS_CERT_INFO_DER_RAW, buf, 4000), 0);
	CHECK_EQ(buf->ns.len, p->cert_len);
	CHECK(!memcmp(buf->ns.name, p->cert, p->cert_len));
	CHECK_EQ(lws_x509_info(x, LWS_TLS_CERT_INFO_USAGE, buf, 0), 0);
	CHECK_EQ(buf->usage, usage);
	/* the size first, as programs do, then all of it */
	CHECK_EQ(lws_x509_info(x, LWS_TLS_CERT_INFO_DER_SPKI, buf, 1), -1);
	CHECK_EQ(buf->ns.len, len);
	CHECK_EQ(lws_x509_info(x, LWS_TLS_CERT_INFO_DER_SPKI, buf, (size_t)len - 1), -1);
	CHECK_EQ(lws_x509_info(x, LWS_TLS_CERT_INFO_DER_SPKI, buf, (size_t)len), 0);
	CHECK_EQ(buf->ns.len, len);
	CHECK(!memcmp(buf->ns.name, der, (size_t)len));
	CHECK_EQ(lws_x509_info(above, LWS_TLS_CERT_INFO_SUBJECT_KEY_ID, buf, 0), 0);
	CHECK_EQ(buf->ns.len, sizeof id);
	memcpy(id, buf->ns.name, sizeof id);
	CHECK_EQ(lws_x509_info(x, LWS_TLS_CERT_INFO_AUTHORITY_KEY_ID, buf, 0), 0);
	CHECK_EQ(buf->ns.len, sizeof id);
	CHECK(!memcmp(buf->ns.name, id, sizeof id));
	/* one that signs only itself is no CA */
	CHECK_EQ(lws_x509_verify(x, above, name), p == signer && !(usage & X509v3_KU_KEY_CERT_SIGN) ? -1 : 0);
	CHECK_EQ(lws_x509_verify(x, above, "somebody else"), -1);
	OPENSSL_free(der);
	X509_free(cert);
	lws_x509_destroy(&x);
	lws_x509_destroy(&above);
}

static void dates(const struct pair *p, int days)
{
	union lws_tls_cert_info_results buf;
	struct lws_x509_cert *x = object_of(p);
	time_t now = time(NULL), made;

	CHECK_EQ(lws_x509_info(x, LWS_TLS_CERT_INFO_VALIDITY_FROM, &buf, 0), 0);
	made = buf.time + 24 * 3600;
	CHECK(made <= now && made > now - 3600);
	CHECK_EQ(lws_x509_info(x, LWS_TLS_CERT_INFO_VALIDITY_TO, &buf, 0), 0);
	CHECK_EQ(buf.time, made + (time_t)days * 24 * 3600);
	lws_x509_destroy(&x);
}

static int chain(struct story *s)
{
	static struct pair ca, below, server, host, client, self;
	unsigned signs = X509v3_KU_KEY_CERT_SIGN | X509v3_KU_CRL_SIGN, ec = X509v3_KU_DIGITAL_SIGNATURE;

	MAKE(&ca, NULL, .san = "A CA of the Story", .curve_name = "P-256", .is_ca = 1, .validity_days = 30);
	asked(&ca, &ca, "A CA of the Story", signs);
	dates(&ca, 30);
	MAKE(&below, &ca, .san = "One Below", .curve_name = "secp384r1", .is_ca = 1);
	asked(&below, &ca, "One Below", signs);
	dates(&below, 365);
	MAKE(&server, &below, .san = "localhost", .curve_name = "P-521", .is_server = 1, .validity_days = 36600);
	asked(&server, &below, "localhost", ec);
	dates(&server, 36600);
	CHECK_EQ(verdict(&ca, &below, &server, X509_PURPOSE_SSL_SERVER, "localhost", NULL), X509_V_OK);
	CHECK_EQ(verdict(&ca, &below, &server, X509_PURPOSE_SSL_CLIENT, NULL, NULL), X509_V_OK);
	CHECK_EQ(verdict(&ca, &below, &server, X509_PURPOSE_SSL_SERVER, "elsewhere", NULL), X509_V_ERR_HOSTNAME_MISMATCH);
	CHECK_EQ(verdict(&ca, NULL, &server, X509_PURPOSE_SSL_SERVER, "localhost", NULL), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
	MAKE(&host, &ca, .san = "127.0.0.1", .key_bits = 2048, .is_server = 2);
	asked(&host, &ca, "127.0.0.1", ec | X509v3_KU_KEY_ENCIPHERMENT);
	CHECK_EQ(verdict(&ca, NULL, &host, X509_PURPOSE_SSL_SERVER, NULL, "127.0.0.1"), X509_V_OK);
	CHECK_EQ(verdict(&ca, NULL, &host, X509_PURPOSE_SSL_SERVER, NULL, "127.0.0.2"), X509_V_ERR_IP_ADDRESS_MISMATCH);
	MAKE(&client, &ca, .san = "somebody, anybody", .curve_name = "P-256");
	asked(&client, &ca, "somebody, anybody", ec);
	CHECK_EQ(verdict(&ca, NULL, &client, X509_PURPOSE_SSL_CLIENT, NULL, NULL), X509_V_OK);
	CHECK_EQ(verdict(&ca, NULL, &client, X509_PURPOSE_SSL_SERVER, NULL, NULL), X509_V_ERR_INVALID_PURPOSE);
	/* the short way, with a context and without one */
	CHECK_EQ(lws_x509_create_self_signed(s->cx, &self.cert, &self.cert_len, &self.key, &self.key_len, NULL, 0), 0);
	take(&self);
	asked(&self, &self, "localhost", ec | X509v3_KU_KEY_ENCIPHERMENT);
	dates(&self, 365);
	CHECK_EQ(verdict(&self, NULL, &self, X509_PURPOSE_SSL_SERVER, "localhost", NULL), X509_V_OK);
	free_pair(&self);
	CHECK_EQ(lws_x509_create_self_signed(NULL, &self.cert, &self.cert_len, &self.key, &self.key_len, "10.0.0.1", 1024), 0);
	take(&self);
	CHECK_EQ(self.key_len / 100, 6);
	free_pair(&self);
	free_pair(&ca);
	free_pair(&below);
	free_pair(&server);
	free_pair(&host);
	free_pair(&client);
	return story_close(s);
}

static void put(struct story *s, const char *name, const char *text, char *path, size_t size)
{
	FILE *f;

	snprintf(path, size, "%s/%s", s->peer.dir, name);
	f = fopen(path, "w");
	CHECK(f && fwrite(text, 1, strlen(text), f) == strlen(text) && !fclose(f));
}

/* trusts `ca`, which may be NULL for nobody but the system's; is `who`, if not NULL */
static struct lws_vhost *vhost_of(struct story *s, const char *name, const struct pair *ca, const struct pair *who)
{
	struct lws_context_creation_info info;
	struct lws_vhost *vh;

	memset(&info, 0, sizeof info);
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = s->protocols;
	info.vhost_name = name;
	info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	if (ca) {
		info.client_ssl_ca_mem = ca->cert;	/* DER, as it came */
		info.client_ssl_ca_mem_len = (unsigned)ca->cert_len;
	}
	if (who) {
		info.client_ssl_cert_mem = who->cert;
		info.client_ssl_cert_mem_len = (unsigned)who->cert_len;
		info.client_ssl_key_mem = who->key;
		info.client_ssl_key_mem_len = (unsigned)who->key_len;
	}
	vh = lws_create_vhost(s->cx, &info);
	CHECK(vh);
	return vh;
}

static const struct pair *shown;

static int look(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	static char memory[4096];
	union lws_tls_cert_info_results *buf = (void *)memory;
	unsigned char *der = NULL;
	X509 *cert;
	int n;

	(void)in;
	(void)len;
	if (reason != REASON_EST)
		return 0;
	cert = x509_of(shown);
	n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
	CHECK_EQ(lws_tls_peer_cert_info(r->wsi, LWS_TLS_CERT_INFO_DER_SPKI, buf, 0), n <= 64 ? 0 : -1);
	CHECK_EQ(lws_tls_peer_cert_info(r->wsi, LWS_TLS_CERT_INFO_DER_SPKI, buf, 4000), 0);
	CHECK_EQ(buf->ns.len, n);
	CHECK(!memcmp(buf->ns.name, der, (size_t)n));
	CHECK_EQ(lws_tls_peer_cert_info(r->wsi, LWS_TLS_CERT_INFO_DER_RAW, buf, 4000), 0);
	CHECK(!memcmp(buf->ns.name, shown->cert, shown->cert_len));
	OPENSSL_free(der);
	X509_free(cert);
	return 0;
}

static int with_nginx(struct story *s)
{
	static struct pair ca, server, client, other_ca, stranger;
	char path[320], extra[400];
	struct lws_vhost *vh[5];
	struct server v = { 0 };
	struct req *r;
	size_t i;

	MAKE(&ca, NULL, .san = "A CA of the Story", .curve_name = "P-384", .is_ca = 1);
	MAKE(&other_ca, NULL, .san = "A CA of the Story", .curve_name = "P-256", .is_ca = 1);
	MAKE(&client, &ca, .san = "a client", .key_bits = 2048);
	MAKE(&stranger, &other_ca, .san = "a stranger", .curve_name = "P-256");
	put(s, "made-ca.pem", ca.cert_pem, path, sizeof path);
	snprintf(extra, sizeof extra, "ssl_client_certificate %s; ssl_verify_client on;", path);
	/* in the place that each server here takes its own from */
	MAKE(&server, &ca, .san = "localhost", .curve_name = "P-256", .is_server = 1);
	shown = &server;
	put(s, "good.pem", server.cert_pem, path, sizeof path);
	put(s, "good.key", server.key_pem, path, sizeof path);
	server_start(&v, s, &(struct server_opts){ .kind = "nginx", .h1 = !on_h2, .extra = extra });
	vh[0] = vhost_of(s, "knows", &ca, &client);
	vh[1] = vhost_of(s, "nobody", &ca, NULL);
	vh[2] = vhost_of(s, "stranger", &ca, &stranger);
	vh[3] = vhost_of(s, "distrusts", &other_ca, &client);
	vh[4] = vh[0];
	for (i = 0; i < 5; i++) {
		r = ASK(s, .path = "/204", .address = v.address, .port = v.port, .alpn = on_h2 ? v.alpn : NULL, .flags = v.flags,
			.vhost = vh[i], .host = i < 4 ? NULL : v.address, .solo = 1, .hook = look);
		RUN_ALL(s);
		CHECK_EQ(r->n[REASON_COMPLETED], i < 3);
		if (i < 3)
			CHECK_EQ(r->status, i ? 400 : 204);
		else
			CHECK_HAS(r->error, i < 4 ? "tls=invalidca" : "tls=hostname");
	}
	server_stop(&v);
	server_forget(&v);
	free_pair(&ca);
	free_pair(&server);
	free_pair(&client);
	free_pair(&other_ca);
	free_pair(&stranger);
	return story_close(s);
}

/* with the text that the log has to have */
static void no(const struct lws_x509_cert_gen_info *info, const char *why)
{
	uint8_t untouched, *cert = &untouched, *key = &untouched;
	size_t cert_len = 77, key_len = 77, mark = log_mark();

	CHECK_EQ(lws_x509_create_cert(NULL, &cert, &cert_len, &key, &key_len, info), 1);
	CHECK_HAS(logged_since(mark), "lws_x509_create_cert: ");
	CHECK_HAS(logged_since(mark), why);
	CHECK(!cert && !key && !cert_len && !key_len);
}
#define NO(why, ...) no(&(struct lws_x509_cert_gen_info){ __VA_ARGS__ }, (why))

static int refused(struct story *s)
{
	static struct pair ca, other, leaf;
	struct lws_x509_cert_gen_info info = { .san = "x" };
	uint8_t *cert = NULL, *key = NULL;
	size_t cert_len = 0, key_len = 0, mark = log_mark(), i;

	for (i = 0; i < 4; i++) {
		CHECK_EQ(lws_x509_create_cert(s->cx, i == 0 ? NULL : &cert, i == 1 ? NULL : &cert_len, i == 2 ? NULL : &key, i == 3 ? NULL : &key_len, &info), 1);
		CHECK_EQ(lws_x509_create_self_signed(s->cx, i == 0 ? NULL : &cert, i == 1 ? NULL : &cert_len, i == 2 ? NULL : &key, i == 3 ? NULL : &key_len, "x", 0), 1);
		CHECK(!cert && !key && !cert_len && !key_len);
	}
	CHECK_HAS(logged_since(mark), "lws_x509_create_cert: an output is NULL");
	CHECK_HAS(logged_since(mark), "lws_x509_create_self_signed: an output is NULL");
	CHECK_EQ(lws_x509_create_self_signed(s->cx, &cert, &cert_len, &key, &key_len, "no host", 2048), 1);
	CHECK_HAS(logged_since(mark), "neither an address nor a host name");
	CHECK_EQ(lws_x509_create_self_signed(s->cx, &cert, &cert_len, &key, &key_len, "host", -2048), 1);
	CHECK_HAS(logged_since(mark), "key_bits -2048 is out of range");
	no(NULL, "info is NULL");
	NO("san is NULL", .curve_name = "P-256");
	NO("san is empty", .san = "");
	NO("san is not UTF-8", .san = "\xff");
	NO("65 characters", .san = "12345678901234567890123456789012345678901234567890123456789012345");
	NO("neither an address nor a host name", .san = "a,DNS:b", .is_server = 1);
	NO("validity_days -1", .san = "x", .validity_days = -1);
	NO("validity_days 36601", .san = "x", .validity_days = 36601);
	NO("validity_days 2147483647", .san = "x", .validity_days = 2147483647);
	NO("key_bits 1023", .san = "x", .key_bits = 1023);
	NO("key_bits 1000000", .san = "x", .key_bits = 1000000);
	NO("unknown curve ", .san = "x", .curve_name = "");
	NO("unknown curve P-257", .san = "x", .curve_name = "P-257");
	NO("curve_name is not UTF-8", .san = "x", .curve_name = "\xff");
	MAKE(&ca, NULL, .san = "CA", .curve_name = "P-256", .is_ca = 1);
	MAKE(&other, NULL, .san = "CA", .curve_name = "P-256", .is_ca = 1);
	MAKE(&leaf, &ca, .san = "leaf", .curve_name = "P-256");
	NO("only one of ca_cert_pem and ca_key_pem", .san = "x", .ca_cert_pem = ca.cert_pem);
	NO("only one of ca_cert_pem and ca_key_pem", .san = "x", .ca_key_pem = ca.key_pem);
	NO("ca_key_pem is not the key of ca_cert_pem", .san = "x", .ca_cert_pem = ca.cert_pem, .ca_key_pem = other.key_pem);
	NO("ca_cert_pem is not the certificate of a CA", .san = "x", .ca_cert_pem = leaf.cert_pem, .ca_key_pem = leaf.key_pem);
	NO("ca_cert_pem: ", .san = "x", .ca_cert_pem = "words", .ca_key_pem = ca.key_pem);
	NO("ca_key_pem: ", .san = "x", .ca_cert_pem = ca.cert_pem, .ca_key_pem = "");
	free_pair(&ca);
	free_pair(&other);
	free_pair(&leaf);
	return story_close(s);
}

int main(int argc, char **argv)
{
	struct story *s;

	ONLY_OURS();
	if (IS(1, "nginx"))
		return with_nginx(story_open(&(struct opts){ .tls = 1, .timeout_secs = 20 }));
	s = story_open(&(struct opts){ .no_peer = 1 });
	return IS(1, "refused") ? refused(s) : chain(s);
}
