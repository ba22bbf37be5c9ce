/* What certificates say: the peer's under a request, whether it leads, rides, or is a stream; and objects of lws_x509_*. */
#include "harness.h"
#include <openssl/x509v3.h>
#include <unistd.h>

static X509 *read_cert(struct story *s, const char *name, char *pem, size_t *len)
{
	char path[320];
	FILE *f;
	BIO *in;
	X509 *cert;

	snprintf(path, sizeof path, "%s/%s", s->peer.dir, name);
	f = fopen(path, "r");
	CHECK(f);
	*len = fread(pem, 1, 8192, f);
	fclose(f);
	in = BIO_new_mem_buf(pem, (int)*len);
	cert = PEM_read_bio_X509(in, NULL, NULL, NULL);
	BIO_free(in);
	CHECK(cert);
	return cert;
}

static time_t seconds(const ASN1_TIME *at)
{
	struct tm tm;

	CHECK_EQ(ASN1_TIME_to_tm(at, &tm), 1);
	return timegm(&tm);
}

typedef int (*info_fn)(void *of, enum lws_tls_cert_info type, union lws_tls_cert_info_results *buf, size_t len);

static int of_peer(void *wsi, enum lws_tls_cert_info type, union lws_tls_cert_info_results *buf, size_t len)
{
	return lws_tls_peer_cert_info(wsi, type, buf, len);
}

static int of_object(void *x, enum lws_tls_cert_info type, union lws_tls_cert_info_results *buf, size_t len)
{
	return lws_x509_info(x, type, buf, len);
}

/* `cert` is what OpenSSL says of the same */
static void check_info(info_fn info, void *of, X509 *cert)
{
	static char memory[4096];
	union lws_tls_cert_info_results *buf = (void *)memory;
	unsigned char *der = NULL;
	int len = i2d_X509(cert, &der);

	CHECK_EQ(info(of, LWS_TLS_CERT_INFO_VALIDITY_FROM, buf, 0), 0);
	CHECK_EQ(buf->time, seconds(X509_get0_notBefore(cert)));
	CHECK_EQ(info(of, LWS_TLS_CERT_INFO_VALIDITY_TO, buf, 0), 0);
	CHECK_EQ(buf->time, seconds(X509_get0_notAfter(cert)));
	CHECK_EQ(info(of, LWS_TLS_CERT_INFO_COMMON_NAME, buf, 0), 0);
	CHECK_STR(buf->ns.name, "localhost");
	CHECK_EQ(buf->ns.len, 9);
	CHECK_EQ(info(of, LWS_TLS_CERT_INFO_COMMON_NAME, buf, 9), -1);
	CHECK_EQ(info(of, LWS_TLS_CERT_INFO_COMMON_NAME, buf, 10), 0);
	CHECK_EQ(info(of, LWS_TLS_CERT_INFO_ISSUER_NAME, buf, 0), 0);
	CHECK_STR(buf->ns.name, "/CN=Broadside Peer CA");
	CHECK_EQ(info(of, LWS_TLS_CERT_INFO_USAGE, buf, 0), 0);
	CHECK_EQ(buf->usage, X509_get_key_usage(cert));
	CHECK_EQ(info(of, LWS_TLS_CERT_INFO_DER_RAW, buf, 64), -1);
	CHECK_EQ(buf->ns.len, len);
	CHECK_EQ(info(of, LWS_TLS_CERT_INFO_DER_RAW, buf, 4000), 0);
	CHECK_EQ(buf->ns.len, len);
	CHECK(!memcmp(buf->ns.name, der, (size_t)len));
	OPENSSL_free(der);
	der = NULL;
	len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
	CHECK_EQ(info(of, LWS_TLS_CERT_INFO_OPAQUE_PUBLIC_KEY, buf, 4000), 0);
	CHECK_EQ(buf->ns.len, len);
	CHECK(!memcmp(buf->ns.name, der, (size_t)len));
	memset(memory, 0, sizeof memory);
	CHECK_EQ(info(of, LWS_TLS_CERT_INFO_DER_SPKI, buf, (size_t)len), 0);
	CHECK_EQ(buf->ns.len, len);
	CHECK(!memcmp(buf->ns.name, der, (size_t)len));
	OPENSSL_free(der);
	/* the peer's have no key ids */
	CHECK_EQ(info(of, LWS_TLS_CERT_INFO_AUTHORITY_KEY_ID, buf, 0), 1);
	CHECK_EQ(info(of, LWS_TLS_CERT_INFO_AUTHORITY_KEY_ID_ISSUER, buf, 0), 1);
	CHECK_EQ(info(of, LWS_TLS_CERT_INFO_AUTHORITY_KEY_ID_SERIAL, buf, 0), 1);
	CHECK_EQ(info(of, LWS_TLS_CERT_INFO_SUBJECT_KEY_ID, buf, 0), 1);
	CHECK_EQ(info(of, (enum lws_tls_cert_info)99, buf, 0), -1);
	CHECK_EQ(info(of, LWS_TLS_CERT_INFO_USAGE, NULL, 0), -1);
}

/* memory of the program's that is aligned for nothing, as a char array may be */
static void anywhere(info_fn info, void *of, X509 *cert)
{
	static char memory[200];
	union lws_tls_cert_info_results at;
	void *odd = memory + 1;

	CHECK_EQ(info(of, LWS_TLS_CERT_INFO_VALIDITY_TO, odd, 0), 0);
	memcpy(&at, odd, sizeof at);
	CHECK_EQ(at.time, seconds(X509_get0_notAfter(cert)));
	CHECK_EQ(info(of, LWS_TLS_CERT_INFO_USAGE, odd, 0), 0);
	memcpy(&at, odd, sizeof at);
	CHECK_EQ(at.usage, X509_get_key_usage(cert));
	CHECK_EQ(info(of, LWS_TLS_CERT_INFO_COMMON_NAME, odd, 0), 0);
	memcpy(&at, odd, sizeof at);
	CHECK_EQ(at.ns.len, 9);
	CHECK_STR(at.ns.name, "localhost");
	CHECK_EQ(info(of, LWS_TLS_CERT_INFO_DER_RAW, odd, 100), -1);
	memcpy(&at, odd, sizeof at);
	CHECK_EQ(at.ns.len, i2d_X509(cert, NULL));
}

/* memory as programs count it: what is before the bytes, and so many bytes; nothing behind is touched */
static void exactly(info_fn info, void *of, X509 *cert)
{
	size_t before = sizeof(union lws_tls_cert_info_results) - 64;
	int type;

	for (type = LWS_TLS_CERT_INFO_VALIDITY_FROM; type <= LWS_TLS_CERT_INFO_DER_SPKI; type++) {
		int room = i2d_X509(cert, NULL);

		for (; room > 0; room = room > 70 ? room - 50 : room - 1) {
			union lws_tls_cert_info_results *buf = malloc(before + (size_t)room);

			CHECK(buf);
			info(of, (enum lws_tls_cert_info)type, buf, (size_t)room);
			free(buf);
		}
	}
}

/* no certificate to ask */
static void none(info_fn info, void *of)
{
	union lws_tls_cert_info_results buf = { .ns = { .len = 77 } };

	CHECK_EQ(info(of, LWS_TLS_CERT_INFO_DER_RAW, &buf, 0), -1);
	CHECK_EQ(buf.ns.len, 0);
	CHECK_EQ(info(of, LWS_TLS_CERT_INFO_VERIFIED, &buf, 0), -1);
}

static X509 *shown;
static unsigned verified, asked;

static int look(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	union lws_tls_cert_info_results buf;

	(void)in;
	(void)len;
	if (reason == REASON_CONNECTING || reason == REASON_CREATE)
		none(of_peer, r->wsi);
	reason = (enum lws_callback_reasons)http_kind((int)reason);
	if (reason != REASON_EST && reason != REASON_COMPLETED)
		return 0;
	asked++;
	check_info(of_peer, r->wsi, shown);
	anywhere(of_peer, r->wsi, shown);
	exactly(of_peer, r->wsi, shown);
	check_info(of_peer, lws_get_network_wsi(r->wsi), shown);
	CHECK_EQ(lws_tls_peer_cert_info(r->wsi, LWS_TLS_CERT_INFO_VERIFIED, &buf, 0), 0);
	CHECK_EQ(buf.verified, verified);
	CHECK_EQ(!lws_get_ssl(r->wsi), on_h2 && !r->ask.ws);
	CHECK(lws_get_ssl(lws_get_network_wsi(r->wsi)));
	CHECK_EQ(lws_is_ssl(r->wsi), 1);
	return 0;
}

static void peers(struct story *s)
{
	char pem[8192];
	struct req *r;
	size_t len;
	int i;

	shown = read_cert(s, "good.pem", pem, &len);
	verified = 1;
	for (i = 0; i < 3; i++)		/* the first makes the connection, the others ride it */
		ASK(s, .path = "/ok", .hook = look);
	RUN_ALL(s);
	CHECK_EQ(asked, 6);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
	/* and a WebSocket, with a connection of its own */
	ASK(s, .path = "/ws/send/close:1000:done", .ws = 1, .hook = look);
	RUN_ALL(s);
	CHECK_EQ(asked, 7);
	X509_free(shown);
	/* a certificate that is good enough for this request */
	peer_say(&s->peer, "cert expired");
	shown = read_cert(s, "expired.pem", pem, &len);
	r = ASK(s, .path = "/ok", .hook = look, .flags = LCCSCF_ALLOW_EXPIRED);
	RUN_ALL(s);
	CHECK_EQ(r->n[REASON_COMPLETED], 1);
	CHECK_EQ(asked, 9);
	X509_free(shown);
	/* the wsi of a request that is gone, and none */
	none(of_peer, r->wsi);
	none(of_peer, NULL);
}

/* With ids of keys, and an issuer that is named in it. */
static X509 *with_ids(EVP_PKEY *key, X509 *issuer)
{
	const char *name = issuer ? "a/CN=b" : "An Issuer";
	static const struct { int nid; const char *value; } ids[] = {
		{ NID_subject_key_identifier, "hash" },
		{ NID_authority_key_identifier, "keyid:always,issuer:always" },
	};
	X509 *cert = X509_new();
	X509V3_CTX ctx;
	size_t i;

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 0x1234);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(issuer ? issuer : cert));
	X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert), 1000);
	X509_set_pubkey(cert, key);
	X509V3_set_ctx(&ctx, issuer ? issuer : cert, cert, NULL, NULL, 0);
	for (i = 0; i < (issuer ? 2 : 1); i++) {
		X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, ids[i].nid, ids[i].value);

		CHECK(ext);
		X509_add_ext(cert, ext, -1);
		X509_EXTENSION_free(ext);
	}
	CHECK(X509_sign(cert, key, EVP_sha256()));
	return cert;
}

/* by `signer`, whose certificate is `issuer`; itself if that is NULL */
static X509 *issued(const char *name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *signer, const char *constraints)
{
	static long serial;
	X509 *cert = X509_new();
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, constraints);

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), ++serial);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(issuer ? issuer : cert));
	X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert), 1000);
	X509_set_pubkey(cert, key);
	CHECK(ext && X509_add_ext(cert, ext, -1) && X509_sign(cert, signer, EVP_sha256()));
	X509_EXTENSION_free(ext);
	return cert;
}

static struct lws_x509_cert *objects_of(X509 *const *certs)
{
	BIO *out = BIO_new(BIO_s_mem());
	struct lws_x509_cert *x = NULL;
	char *pem;
	long len;

	for (; *certs; certs++)
		CHECK_EQ(PEM_write_bio_X509(out, *certs), 1);
	len = BIO_get_mem_data(out, &pem);
	CHECK_EQ(lws_x509_create(&x), 0);
	CHECK_EQ(lws_x509_parse_from_pem(x, pem, (size_t)len), 0);
	BIO_free(out);
	return x;
}

static struct lws_x509_cert *object_of(X509 *cert)
{
	return objects_of((X509 *[]){ cert, NULL });
}

static void key_ids(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *ca = with_ids(key, NULL), *leaf = with_ids(key, ca);
	struct lws_x509_cert *x = object_of(leaf);
	const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(ca);
	union lws_tls_cert_info_results buf;

	CHECK_EQ(lws_x509_info(x, LWS_TLS_CERT_INFO_SUBJECT_KEY_ID, &buf, 0), 0);
	CHECK_EQ(buf.ns.len, 20);
	CHECK(!memcmp(buf.ns.name, ASN1_STRING_get0_data(id), 20));
	CHECK_EQ(lws_x509_info(x, LWS_TLS_CERT_INFO_AUTHORITY_KEY_ID, &buf, 0), 0);
	CHECK_EQ(buf.ns.len, 20);
	CHECK(!memcmp(buf.ns.name, ASN1_STRING_get0_data(id), 20));
	CHECK_EQ(lws_x509_info(x, LWS_TLS_CERT_INFO_AUTHORITY_KEY_ID, &buf, 19), -1);
	CHECK_EQ(lws_x509_info(x, LWS_TLS_CERT_INFO_AUTHORITY_KEY_ID_ISSUER, &buf, 0), 0);
	CHECK_STR(buf.ns.name, "DirName/CN=An Issuer");
	CHECK_EQ(lws_x509_info(x, LWS_TLS_CERT_INFO_AUTHORITY_KEY_ID_SERIAL, &buf, 0), 0);
	CHECK_EQ(buf.ns.len, 2);
	CHECK(!memcmp(buf.ns.name, "\x12\x34", 2));
	/* what looks like another part is not */
	CHECK_EQ(lws_x509_info(x, LWS_TLS_CERT_INFO_COMMON_NAME, &buf, 0), 0);
	CHECK_STR(buf.ns.name, "a/CN=b");
	lws_x509_destroy(&x);
	CHECK(!x);
	X509_free(ca);
	X509_free(leaf);
	EVP_PKEY_free(key);
}

static void fingerprints(struct lws_x509_cert *x, X509 *cert)
{
	static const struct { int type; const char *name; } digests[] = {
		{ LWS_GENHASH_TYPE_MD5, "MD5" }, { LWS_GENHASH_TYPE_SHA1, "SHA1" }, { LWS_GENHASH_TYPE_SHA256, "SHA256" },
		{ LWS_GENHASH_TYPE_SHA384, "SHA384" }, { LWS_GENHASH_TYPE_SHA512, "SHA512" },
	};
	unsigned char want[EVP_MAX_MD_SIZE], got[EVP_MAX_MD_SIZE];
	unsigned len;
	size_t i;

	for (i = 0; i < sizeof digests / sizeof *digests; i++) {
		CHECK_EQ(X509_digest(cert, EVP_get_digestbyname(digests[i].name), want, &len), 1);
		CHECK_EQ(lws_x509_cert_fingerprint(x, digests[i].type, got, sizeof got), len);
		CHECK(!memcmp(got, want, len));
		CHECK_EQ(lws_x509_cert_fingerprint(x, digests[i].type, got, len), len);
		CHECK_EQ(lws_x509_cert_fingerprint(x, digests[i].type, got, len - 1), -1);
	}
	CHECK_EQ(lws_x509_cert_fingerprint(x, LWS_GENHASH_TYPE_UNKNOWN, got, sizeof got), -1);
	CHECK_EQ(lws_x509_cert_fingerprint(x, 6, got, sizeof got), -1);
	CHECK_EQ(lws_x509_cert_fingerprint(x, LWS_GENHASH_TYPE_SHA256, NULL, 64), -1);
	CHECK_EQ(lws_x509_cert_fingerprint(NULL, LWS_GENHASH_TYPE_SHA256, got, sizeof got), -1);
}

/* PEM that wants a password: nobody is asked for it, neither at a terminal nor by what the program is to read */
static void locked(struct lws_x509_cert *x)
{
	static const char pem[] = "-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-----END CERTIFICATE-----\n";
	int in = dup(0), ends[2];
	char word[8] = "";

	CHECK(in >= 0 && !pipe(ends) && dup2(ends[0], 0) == 0);
	CHECK_EQ(write(ends[1], "mine\n", 5), 5);
	close(ends[1]);
	CHECK_EQ(lws_x509_parse_from_pem(x, pem, sizeof pem), -1);
	CHECK_EQ(read(0, word, 7), 5);
	CHECK_STR(word, "mine\n");
	CHECK(dup2(in, 0) == 0);
	close(in);
	close(ends[0]);
}

/* leaf, and CAs that lead to the trusted one: in any order, but each is needed, and has to be a CA */
static void chains(void)
{
	EVP_PKEY *keys[4];
	X509 *certs[5];
	struct lws_x509_cert *x[5], *chain;
	int i;

	for (i = 0; i < 4; i++)
		keys[i] = EVP_EC_gen("P-256");
	certs[0] = issued("root", keys[0], NULL, keys[0], "CA:TRUE,pathlen:2");
	certs[1] = issued("one", keys[1], certs[0], keys[0], "CA:TRUE,pathlen:1");
	certs[2] = issued("two", keys[2], certs[1], keys[1], "CA:TRUE,pathlen:0");
	certs[3] = issued("leaf", keys[3], certs[2], keys[2], "CA:FALSE");
	certs[4] = issued("below", keys[0], certs[3], keys[3], "CA:FALSE");
	for (i = 0; i < 5; i++)
		x[i] = object_of(certs[i]);
	CHECK_EQ(lws_x509_verify(x[3], x[2], NULL), 0);
	CHECK_EQ(lws_x509_verify(x[3], x[0], NULL), -1);
	chain = objects_of((X509 *[]){ certs[3], certs[2], certs[1], NULL });
	CHECK_EQ(lws_x509_verify(chain, x[0], "leaf"), 0);
	CHECK_EQ(lws_x509_verify(chain, x[1], NULL), 0);
	CHECK_EQ(lws_x509_verify(chain, x[0], "two"), -1);
	CHECK_EQ(lws_x509_verify(chain, x[4], NULL), -1);
	lws_x509_destroy(&chain);
	chain = objects_of((X509 *[]){ certs[3], certs[0], certs[1], certs[4], certs[2], NULL });
	CHECK_EQ(lws_x509_verify(chain, x[0], "leaf"), 0);
	lws_x509_destroy(&chain);
	chain = objects_of((X509 *[]){ certs[3], certs[1], NULL });
	CHECK_EQ(lws_x509_verify(chain, x[0], NULL), -1);
	lws_x509_destroy(&chain);
	/* through somebody who is no CA */
	CHECK_EQ(lws_x509_verify(x[4], x[3], NULL), 0);
	chain = objects_of((X509 *[]){ certs[4], certs[3], certs[2], certs[1], NULL });
	CHECK_EQ(lws_x509_verify(chain, x[2], NULL), -1);
	CHECK_EQ(lws_x509_verify(chain, x[0], NULL), -1);
	lws_x509_destroy(&chain);
	/* through more CAs than allowed */
	X509_free(certs[4]);
	certs[4] = issued("below", keys[0], certs[2], keys[2], "CA:TRUE");
	X509_free(certs[3]);
	certs[3] = issued("leaf", keys[3], certs[4], keys[0], "CA:FALSE");
	chain = objects_of((X509 *[]){ certs[3], certs[4], certs[2], certs[1], NULL });
	CHECK_EQ(lws_x509_verify(chain, x[2], NULL), -1);
	CHECK_EQ(lws_x509_verify(chain, x[0], NULL), -1);
	lws_x509_destroy(&chain);
	for (i = 0; i < 5; i++) {
		X509_free(certs[i]);
		lws_x509_destroy(&x[i]);
	}
	for (i = 0; i < 4; i++)
		EVP_PKEY_free(keys[i]);
}

static void objects(struct story *s)
{
	struct lws_x509_cert *x = NULL, *ca = NULL, *stranger = NULL, *empty = NULL;
	union lws_tls_cert_info_results buf;
	char pem[8192];
	X509 *cert;
	size_t len;

	cert = read_cert(s, "ca.pem", pem, &len);
	ca = object_of(cert);
	X509_free(cert);
	cert = read_cert(s, "unknown.pem", pem, &len);
	stranger = object_of(cert);
	X509_free(cert);
	cert = read_cert(s, "good.pem", pem, &len);
	CHECK_EQ(lws_x509_create(NULL), 1);
	CHECK_EQ(lws_x509_create(&empty), 0);
	CHECK_EQ(lws_x509_create(&x), 0);
	CHECK_EQ(lws_x509_parse_from_pem(x, pem, len), 0);
	check_info(of_object, x, cert);
	anywhere(of_object, x, cert);
	exactly(of_object, x, cert);
	fingerprints(x, cert);
	CHECK_EQ(lws_x509_info(x, LWS_TLS_CERT_INFO_VERIFIED, &buf, 0), -1);
	none(of_object, empty);
	none(of_object, NULL);
	CHECK_EQ(lws_x509_verify(x, ca, NULL), 0);
	CHECK_EQ(lws_x509_verify(x, ca, "localhost"), 0);
	CHECK_EQ(lws_x509_verify(x, ca, "localhos"), -1);
	CHECK_EQ(lws_x509_verify(ca, ca, NULL), 0);
	CHECK_EQ(lws_x509_verify(ca, x, NULL), -1);
	CHECK_EQ(lws_x509_verify(stranger, ca, NULL), -1);
	CHECK_EQ(lws_x509_verify(x, empty, NULL), -1);
	CHECK_EQ(lws_x509_verify(NULL, ca, NULL), -1);
	/* what cannot be read leaves what was there */
	CHECK_EQ(lws_x509_parse_from_pem(x, "words", 5), -1);
	CHECK_EQ(lws_x509_parse_from_pem(x, pem, 20), -1);
	CHECK_EQ(lws_x509_parse_from_pem(x, pem, 0), -1);
	locked(x);
	CHECK_EQ(lws_x509_parse_from_pem(x, NULL, 7), -1);
	CHECK_EQ(lws_x509_parse_from_pem(NULL, pem, len), -1);
	CHECK_EQ(lws_x509_verify(x, ca, "localhost"), 0);
	/* and a second one takes its place, with its NUL or without */
	pem[len] = 0;
	CHECK_EQ(lws_x509_parse_from_pem(ca, pem, len + 1), 0);
	CHECK_EQ(lws_x509_verify(ca, x, NULL), -1);
	X509_free(cert);
	lws_x509_destroy(&x);
	lws_x509_destroy(&ca);
	lws_x509_destroy(&stranger);
	lws_x509_destroy(&empty);
	CHECK(!x && !ca && !stranger && !empty);
	lws_x509_destroy(&empty);
	lws_x509_destroy(NULL);
}

int main(void)
{
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = 1 });
	peers(s);
	objects(s);
	key_ids();
	chains();
	return story_close(s);
}
