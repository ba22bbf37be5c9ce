/*
 * A program with an SSL_CTX of its own: its store, its minimum version and its callback, which pins the server's key. The library
 * takes it for the vhost and does not free it. Without TLS it fetches the same page plainly.
 */
#include "http.h"
#include <openssl/ssl.h>
#include <openssl/x509.h>

static int verified;

static int callback_own(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	return user && reason != LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION &&
			reason != LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS
		? fetch_callback(wsi, reason, user, in, len) : 0;
}

static const struct lws_protocols protocols[] = {
	{ "http", callback_own, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 }
};

static SSL_CTX *own(const char *ca)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (!ctx || !SSL_CTX_load_verify_locations(ctx, ca, NULL) || !SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION))
		return NULL;
	return ctx;
}

static void look(struct fetch *f)
{
	SSL *ssl = lws_get_ssl(f->wsi);
	X509 *cert = ssl ? SSL_get_peer_certificate(ssl) : NULL;
	char name[64] = "";

	if (!cert)
		return;
	X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, name, sizeof name);
	say("  %s, CN %s, result %ld", SSL_get_version(ssl), name, SSL_get_verify_result(ssl));
	verified++;
	X509_free(cert);
}

static int callback_look(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct fetch *f = user;

	if (f && reason == LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH) {
		f->wsi = wsi;
		look(f);
	}
	return callback_own(wsi, reason, user, in, len);
}

static const struct lws_protocols looking[] = {
	{ "http", callback_look, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 }
};

static void fetch_with(const struct target *t, const struct lws_protocols *own_protocols, SSL_CTX *ctx, const char *path)
{
	struct lws_context_creation_info info;
	struct lws_client_connect_info i;
	struct lws_context *cx;
	struct fetch f;

	memset(&f, 0, sizeof f);
	f.path = path;
	fill_context(&info, t, own_protocols);
	info.client_ssl_ca_filepath = NULL;
	info.provided_client_ssl_ctx = ctx;
	cx = lws_create_context(&info);
	if (!cx)
		exit(1);
	fill_http(&i, t, cx, &f, "GET");
	if (!lws_client_connect_via_info(&i))
		exit(1);
	while (!f.ended && lws_service(cx, 0) >= 0)
		;
	tell_text(&f);
	lws_context_destroy(cx);
}

int main(int argc, char **argv)
{
	struct target t = begin(argc, argv);
	SSL_CTX *ctx = t.ca ? own(t.ca) : NULL;

	if (t.ca && !ctx)
		return 1;
	fetch_with(&t, looking, ctx, "/hello/own");
	fetch_with(&t, protocols, ctx, "/hello/again");
	say("%d looked at", verified);
	SSL_CTX_free(ctx);			/* it is still ours */
	say("end");
	return 0;
}
