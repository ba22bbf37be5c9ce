/*
 * A server that asks who the client is: the certificate and key by file and by memory, PEM and DER, locked by a password, by the older
 * members; a wrong one is refused, by the server or, when it cannot be used at all, by lws_create_vhost() with a line that says why.
 * blobs: the certificates of single requests, out of the context's blobs, whoever their vhost is, and who shares a connection with whom.
 * nginx: the same with a real server, where the second connection resumes the session of the first, and who the client is with it.
 */
#include "harness.h"
#include "servers.h"

static const char *kind;
static char cert_path[320], key_path[320], cert_bytes[8192], key_bytes[8192];

/* `name` below the peer's directory */
static unsigned slurp(struct story *s, const char *name, char *to, size_t size)
{
	char path[320];
	size_t n;
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", s->peer.dir, name);
	f = fopen(path, "r");
	CHECK(f);
	n = fread(to, 1, size, f);
	fclose(f);
	return (unsigned)n;
}

static void put(struct story *s, const char *name, const void *bytes, size_t len, char *path, size_t size)
{
	FILE *f;

	snprintf(path, size, "%s/%s", s->peer.dir, name);
	f = fopen(path, "w");
	CHECK(f);
	CHECK_EQ(fwrite(bytes, 1, len, f), len);
	fclose(f);
}

/* the peer's key, locked by a password */
static void lock_key(struct story *s)
{
	unsigned n = slurp(s, "good.key", key_bytes, sizeof key_bytes);
	BIO *in = BIO_new_mem_buf(key_bytes, (int)n), *out = BIO_new(BIO_s_mem());
	EVP_PKEY *key = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);
	char *text;
	long len;

	CHECK(key);
	CHECK_EQ(PEM_write_bio_PKCS8PrivateKey(out, key, EVP_aes_128_cbc(), NULL, 0, NULL, (void *)(intptr_t)"secret"), 1);
	len = BIO_get_mem_data(out, &text);
	put(s, "locked.key", text, (size_t)len, key_path, sizeof key_path);
	BIO_free(in);
	BIO_free(out);
	EVP_PKEY_free(key);
}

/* the peer's certificate and key as DER, into cert_bytes and key_bytes */
static void as_der(struct story *s, unsigned *cert_len, unsigned *key_len)
{
	unsigned n = slurp(s, "good.pem", cert_bytes, sizeof cert_bytes);
	BIO *in = BIO_new_mem_buf(cert_bytes, (int)n);
	X509 *cert = PEM_read_bio_X509(in, NULL, NULL, NULL);
	unsigned char *to;
	EVP_PKEY *key;

	CHECK(cert);
	BIO_free(in);
	n = slurp(s, "good.key", key_bytes, sizeof key_bytes);
	in = BIO_new_mem_buf(key_bytes, (int)n);
	key = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);
	CHECK(key);
	to = (unsigned char *)cert_bytes;
	*cert_len = (unsigned)i2d_X509(cert, &to);
	to = (unsigned char *)key_bytes;
	*key_len = (unsigned)i2d_PrivateKey(key, &to);
	BIO_free(in);
	X509_free(cert);
	EVP_PKEY_free(key);
}

static void set_members(struct story *s, struct lws_context_creation_info *info)
{
	const char *cert = "good.pem", *key = "good.key";

	if (!strcmp(kind, "none"))
		return;
	if (!strcmp(kind, "mem")) {
		info->client_ssl_cert_mem = cert_bytes;
		info->client_ssl_cert_mem_len = slurp(s, cert, cert_bytes, sizeof cert_bytes);
		info->client_ssl_key_mem = key_bytes;
		info->client_ssl_key_mem_len = slurp(s, key, key_bytes, sizeof key_bytes);
		return;
	}
	if (!strcmp(kind, "der")) {
		as_der(s, &info->client_ssl_cert_mem_len, &info->client_ssl_key_mem_len);
		info->client_ssl_cert_mem = cert_bytes;
		info->client_ssl_key_mem = key_bytes;
		return;
	}
	if (!strcmp(kind, "stranger"))
		cert = "unknown.pem", key = "unknown.key";
	if (!strcmp(kind, "mismatch"))
		key = "expired.key";
	snprintf(cert_path, sizeof cert_path, "%s/%s", s->peer.dir, !strcmp(kind, "missing") ? "none.pem" : cert);
	snprintf(key_path, sizeof key_path, "%s/%s", s->peer.dir, key);
	if (!strcmp(kind, "garbage"))
		put(s, "garbage.pem", "words", 5, cert_path, sizeof cert_path);
	if (!strcmp(kind, "locked") || !strcmp(kind, "badpass"))
		lock_key(s);
	if (!strcmp(kind, "older")) {
		info->ssl_cert_filepath = cert_path;
		info->ssl_private_key_filepath = key_path;
		return;
	}
	info->client_ssl_cert_filepath = cert_path;
	info->client_ssl_private_key_filepath = key_path;
	if (!strcmp(kind, "nokey"))
		info->client_ssl_private_key_filepath = NULL;
	if (!strcmp(kind, "locked"))
		info->client_ssl_private_key_password = "secret";
	if (!strcmp(kind, "badpass"))
		info->client_ssl_private_key_password = "guess";
}

static const struct { const char *kind, *ends, *line; } table[] = {
	{ "file", "client=localhost", NULL },
	{ "mem", "client=localhost", NULL },
	{ "der", "client=localhost", NULL },
	{ "locked", "client=localhost", NULL },
	{ "older", "client=localhost", NULL },
	/* with TLS 1.3 the client is done before the server has looked, and hears of it when it reads */
	{ "none", "FAILED", NULL },
	{ "stranger", "FAILED", NULL },
	{ "nokey", "FAILED", "is not used without client_ssl_private_key_filepath" },
	{ "missing", NULL, "none.pem: No such file" },
	{ "garbage", NULL, "garbage.pem does not load: " },
	{ "mismatch", NULL, "expired.key does not load: key values mismatch" },
	{ "badpass", NULL, "locked.key does not load: " },
};

/* a vhost besides the context's own; NULL when it cannot be made */
static struct lws_vhost *vhost_of(struct story *s, const char *name)
{
	struct lws_context_creation_info info;

	memset(&info, 0, sizeof info);
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = s->protocols;
	info.vhost_name = name;
	info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.client_ssl_ca_filepath = s->peer.ca;
	kind = name;
	set_members(s, &info);
	return lws_create_vhost(s->cx, &info);
}

static void who_the_vhost_is(struct story *s, struct lws_vhost *vh)
{
	union lws_tls_cert_info_results buf;

	CHECK_EQ(lws_tls_vhost_cert_info(vh, LWS_TLS_CERT_INFO_COMMON_NAME, &buf, 0), 0);
	CHECK_STR(buf.ns.name, "localhost");
	CHECK_EQ(lws_tls_vhost_cert_info(vh, LWS_TLS_CERT_INFO_VERIFIED, &buf, 0), -1);
	CHECK_EQ(lws_tls_vhost_cert_info(lws_get_vhost_by_name(s->cx, "default"), LWS_TLS_CERT_INFO_COMMON_NAME, &buf, 0), -1);
	CHECK_EQ(lws_tls_vhost_cert_info(NULL, LWS_TLS_CERT_INFO_COMMON_NAME, &buf, 0), -1);
}

static int resumed(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == REASON_COMPLETED)
		CHECK_EQ(lws_tls_session_is_reused(r->wsi), r->mine != NULL);
	return 0;
}

static int with_nginx(struct story *s)
{
	static const struct { const char *kind; int status; } clients[] = { { "file", 204 }, { "none", 400 }, { "stranger", 400 } };
	struct server v = { 0 };
	struct lws_vhost *vh;
	char extra[400];
	struct req *r;
	size_t i;
	int again;

	snprintf(extra, sizeof extra, "ssl_client_certificate %s; ssl_verify_client on;", s->peer.ca);
	server_start(&v, s, &(struct server_opts){ .kind = "nginx", .h1 = !on_h2, .extra = extra });
	for (i = 0; i < sizeof clients / sizeof *clients; i++) {
		vh = vhost_of(s, clients[i].kind);
		CHECK(vh);
		for (again = 0; again < 2; again++) {
			/* nginx resumes nobody whom it did not like */
			r = ASK(s, .path = "/204", .address = v.address, .port = v.port, .alpn = on_h2 ? v.alpn : NULL, .flags = v.flags,
				.vhost = vh, .solo = 1, .hook = i ? NULL : resumed, .mine = again ? s : NULL);
			RUN_ALL(s);
			CHECK_EQ(r->n[REASON_COMPLETED], 1);
			CHECK_EQ(r->status, clients[i].status);
		}
	}
	server_stop(&v);
	server_forget(&v);
	return story_close(s);
}

static lws_system_blob_t *blob(struct story *s, lws_system_blob_item_t type, int idx)
{
	lws_system_blob_t *b = lws_system_get_blob(s->cx, type, idx);

	CHECK(b);
	return b;
}

/* one request, as the client whose certificate has this number; the name that the server saw, or how it failed */
static struct req *as(struct story *s, struct lws_vhost *vh, unsigned char number, const char *who)
{
	struct req *r = ASK(s, .path = "/ok", .vhost = vh, .client_cert = number);

	RUN_ALL(s);
	CHECK_EQ(r->n[REASON_COMPLETED], who ? 1 : 0);
	if (who)
		CHECK_HAS(peer_say(&s->peer, "tls"), who);
	return r;
}

static int with_blobs(struct story *s)
{
	static char pem[8192];
	lws_system_blob_t *cert = blob(s, LWS_SYSBLOB_TYPE_CLIENT_CERT_DER, 0), *key = blob(s, LWS_SYSBLOB_TYPE_CLIENT_KEY_DER, 0);
	lws_system_blob_t *cert5 = blob(s, LWS_SYSBLOB_TYPE_CLIENT_CERT_DER, 5), *key5 = blob(s, LWS_SYSBLOB_TYPE_CLIENT_KEY_DER, 5);
	struct lws_vhost *stranger = vhost_of(s, "stranger");
	struct req *first, *r;
	unsigned n, cert_len, key_len;
	long accepts;
	size_t mark;

	CHECK(stranger);
	/* nothing there yet, only a certificate, a key of somebody else */
	CHECK_HAS(as(s, NULL, 1, NULL)->error, "sys_tls_client_cert 1: the blob LWS_SYSBLOB_TYPE_CLIENT_CERT_DER + 0 is empty");
	as_der(s, &cert_len, &key_len);
	lws_system_blob_direct_set(cert, (const uint8_t *)cert_bytes, cert_len);
	CHECK_HAS(as(s, NULL, 1, NULL)->error, "LWS_SYSBLOB_TYPE_CLIENT_KEY_DER + 0 is empty");
	n = slurp(s, "expired.key", pem, sizeof pem);
	CHECK_EQ(lws_system_blob_heap_append(key, (const uint8_t *)pem, n), 0);
	CHECK_HAS(as(s, NULL, 1, NULL)->error, "the private key does not load: ");
	lws_system_blob_heap_empty(key);
	CHECK_EQ(lws_system_blob_heap_append(key, (const uint8_t *)"words", 5), 0);
	CHECK_HAS(as(s, NULL, 1, NULL)->error, "the private key does not load: ");

	/* DER, the key in two pieces; the vhost is nobody, or somebody whom the server does not know */
	lws_system_blob_heap_empty(key);
	CHECK_EQ(lws_system_blob_heap_append(key, (const uint8_t *)key_bytes, 100), 0);
	CHECK_EQ(lws_system_blob_heap_append(key, (const uint8_t *)key_bytes + 100, key_len - 100), 0);
	first = as(s, NULL, 1, "client=localhost");
	as(s, stranger, 1, "client=localhost");
	as(s, NULL, 0, NULL);

	/* PEM in others, which is another client: a connection of its own; and who is the same rides, and resumes nothing */
	n = slurp(s, "good.pem", pem, sizeof pem);
	CHECK_EQ(lws_system_blob_heap_append(cert5, (const uint8_t *)pem, n), 0);
	n = slurp(s, "good.key", pem, sizeof pem);
	CHECK_EQ(lws_system_blob_heap_append(key5, (const uint8_t *)pem, n), 0);
	accepts = peer_stat(&s->peer, "accepts");
	CHECK_EQ(as(s, NULL, 1, "client=localhost")->fd, first->fd);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), accepts);
	as(s, NULL, 6, "client=localhost");
	CHECK_EQ(peer_stat(&s->peer, "accepts"), accepts + 1);
	r = ASK(s, .path = "/ok", .client_cert = 6, .solo = 1);
	RUN_ALL(s);
	CHECK_EQ(r->n[REASON_COMPLETED], 1);
	CHECK_HAS(peer_say(&s->peer, "tls"), "resumed=0");

	/* numbers that no blobs have */
	mark = log_mark();
	r = ASK(s, .path = "/ok", .client_cert = 17, .may_be_null = 1);
	CHECK(!r->accepted);
	CHECK_HAS(logged_since(mark), "sys_tls_client_cert 17 is out of range 1..16");
	return story_close(s);
}

int main(int argc, char **argv)
{
	struct lws_vhost *vh;
	struct story *s;
	struct req *r;
	size_t i, mark;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = 1, .peer = IS(1, "tls12") || IS(2, "tls12") ? "--client-cert --tls12" : "--client-cert", .timeout_secs = 20 });
	if (IS(1, "nginx"))
		return with_nginx(s);
	if (IS(1, "blobs"))
		return with_blobs(s);
	for (i = 0; i < sizeof table / sizeof *table; i++) {
		mark = log_mark();
		vh = vhost_of(s, table[i].kind);
		if (table[i].line)
			CHECK_HAS(logged_since(mark), table[i].line);
		CHECK_EQ(!!vh, !!table[i].ends);
		if (!vh)
			continue;
		if (!i)
			who_the_vhost_is(s, vh);
		r = ASK(s, .path = "/ok", .vhost = vh);
		RUN_ALL(s);
		if (strcmp(table[i].ends, "FAILED")) {
			CHECK_EQ(r->n[REASON_COMPLETED], 1);
			CHECK_HAS(peer_say(&s->peer, "tls"), table[i].ends);
			/* another vhost's connection, idle now, is not for those who are somebody else */
			r = ASK(s, .path = "/ok");
			RUN_ALL(s);
		}
		CHECK_EQ(r->n[REASON_ERROR], 1);
		CHECK_HAS(r->error, IS(1, "tls12") ? "client certificate" : "");
	}
	return story_close(s);
}
