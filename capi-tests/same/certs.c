/* What certificates say, for certificates of random names, dates and uses; and who issued whom. */
#include "same.h"
#include <openssl/x509v3.h>

enum { ROUNDS = 150 };

/* deterministic for a seed, and so are its signatures */
static EVP_PKEY *draw_key(void)
{
	unsigned char bytes[32];
	size_t i;

	for (i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)draw(256);
	return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, bytes, sizeof bytes);
}

static X509_NAME *draw_name(void)
{
	static const char *const parts[] = { "C", "O", "OU", "L", "emailAddress" };
	static const char *const words[] = { "a", "Some Org", "x.example", "very long words indeed", "=", "\xc3\xa4", "," };
	X509_NAME *name = X509_NAME_new();
	char text[64];
	unsigned i, n;

	for (i = 0; i < LWS_ARRAY_SIZE(parts); i++) {
		if (draw(2))
			continue;
		if (!i) {
			X509_NAME_add_entry_by_txt(name, "C", MBSTRING_ASC, (const unsigned char *)"GB", -1, -1, 0);
			continue;
		}
		for (*text = 0, n = 1 + draw(2); n; n--)
			strcat(text, i == 4 ? "m" : words[draw(LWS_ARRAY_SIZE(words))]);
		X509_NAME_add_entry_by_txt(name, parts[i], MBSTRING_UTF8, (const unsigned char *)text, -1, -1, 0);
	}
	if (draw(5)) {
		snprintf(text, sizeof text, "%s%u", words[draw(LWS_ARRAY_SIZE(words))], draw(1000));
		X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)text, -1, -1, 0);
	}
	return name;
}

/* `issuer` NULL: signed by itself; without `signer`'s key when `forged` */
static X509 *draw_cert(EVP_PKEY *key, X509 *issuer, EVP_PKEY *signer)
{
	static const char *const uses[] = { "digitalSignature", "keyEncipherment,keyAgreement", "critical,keyCertSign,cRLSign", "decipherOnly,keyAgreement" };
	X509 *cert = X509_new();
	X509_NAME *name = draw_name();
	X509_EXTENSION *ext;
	ASN1_TIME *time = ASN1_TIME_new();

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1 + (long)draw(100000));
	X509_set_subject_name(cert, name);
	X509_set_issuer_name(cert, issuer ? X509_get_subject_name(issuer) : name);
	/* within 2000 to 2049: Debian's misreads years that two digits do not name so */
	ASN1_TIME_set(time, (time_t)946857600 + draw(1500000000));
	X509_set1_notBefore(cert, time);
	ASN1_TIME_set(time, (time_t)946857600 + draw(1500000000));
	X509_set1_notAfter(cert, time);
	X509_set_pubkey(cert, key);
	if (draw(2)) {
		ext = X509V3_EXT_conf_nid(NULL, NULL, NID_key_usage, (char *)(intptr_t)uses[draw(LWS_ARRAY_SIZE(uses))]);
		X509_add_ext(cert, ext, -1);
		X509_EXTENSION_free(ext);
	}
	X509_sign(cert, issuer ? signer : key, NULL);
	ASN1_TIME_free(time);
	X509_NAME_free(name);
	return cert;
}

static struct lws_x509_cert *parsed(X509 *cert)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct lws_x509_cert *x = NULL;
	char *pem;
	long len;

	PEM_write_bio_X509(bio, cert);
	len = BIO_get_mem_data(bio, &pem);
	printf("create %d", lws_x509_create(&x));
	printf(" parse %d\n", lws_x509_parse_from_pem(x, pem, (size_t)len));
	BIO_free(bio);
	return x;
}

static void show(struct lws_x509_cert *x)
{
	static char memory[4096];
	union lws_tls_cert_info_results *buf = (void *)memory;
	size_t room, i;
	int type, n;

	for (type = -1; type <= LWS_TLS_CERT_INFO_OPAQUE_PUBLIC_KEY; type++) {
		/* a common name that does not fit is an error in ours, and cut in Debian's; 0 is 64 in later versions alone */
		room = type == LWS_TLS_CERT_INFO_COMMON_NAME ? 1000 : 8 + draw(200);
		memset(memory, '#', sizeof memory);
		n = lws_x509_info(x, (enum lws_tls_cert_info)type, buf, room);
		printf("  %d in %d: %d", type, (int)room, n);
		if (n) {
			printf("\n");
			continue;
		}
		switch (type) {
		case LWS_TLS_CERT_INFO_VALIDITY_FROM:
		case LWS_TLS_CERT_INFO_VALIDITY_TO:
			/* Debian's counts from the day before */
			if (LWS_LIBRARY_VERSION_NUMBER < 4002000)
				buf->time += 24 * 3600;
			printf(" %lld\n", (long long)buf->time);
			break;
		case LWS_TLS_CERT_INFO_USAGE:
			printf(" %x\n", buf->usage);
			break;
		default:
			printf(" %d:", buf->ns.len);
			for (i = 0; i < (size_t)buf->ns.len; i++)
				printf(type < LWS_TLS_CERT_INFO_USAGE ? "%c" : "%02x", (unsigned char)buf->ns.name[i]);
			printf("%s\n", type < LWS_TLS_CERT_INFO_USAGE && !buf->ns.name[buf->ns.len] ? "" : " no end");
		}
	}
}

static void related(void)
{
	EVP_PKEY *key = draw_key(), *ca_key = draw_key();
	X509 *ca = draw_cert(ca_key, NULL, NULL), *leaf = draw_cert(key, draw(3) ? ca : NULL, ca_key);
	struct lws_x509_cert *x = parsed(leaf), *y = parsed(ca);

	show(x);
	show(y);
	printf("issued: %d", lws_x509_verify(x, y, NULL));
	printf(" reversed %d", lws_x509_verify(y, x, NULL));
	/* Debian's also refuses right names of some subjects: the story `certs` asks for those */
	printf(" otherwise %d\n", lws_x509_verify(x, y, "somebody else"));
	lws_x509_destroy(&x);
	lws_x509_destroy(&y);
	printf("gone: %d\n", !x && !y);
	lws_x509_destroy(&y);
	X509_free(leaf);
	X509_free(ca);
	EVP_PKEY_free(key);
	EVP_PKEY_free(ca_key);
}

static void garbage(void)
{
	struct lws_x509_cert *x = NULL;

	lws_x509_create(&x);
	printf("garbage: %d", lws_x509_parse_from_pem(x, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", 55));
	printf(" %d\n", lws_x509_parse_from_pem(x, "words", 5));
	lws_x509_destroy(&x);
}

int main(int argc, char **argv)
{
	unsigned round;

	seed_from(argc, argv);
	setenv("TZ", "UTC", 1);
	lws_set_log_level(0, NULL);
	garbage();
	for (round = 0; round < ROUNDS; round++)
		related();
	return 0;
}
