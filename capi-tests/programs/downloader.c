/*
 * A downloader: writes what comes to a file, hashes it on the way, and compares with what the server said the hash is. A HEAD
 * before it tells how much will come.
 */
#include "http.h"
#include <openssl/evp.h>

struct download {
	struct fetch fetch;
	FILE *file;
	EVP_MD_CTX *hash;
	char length[24], etag[64], expected[80];
};

static void headers(struct lws *wsi, struct download *d)
{
	if (lws_hdr_copy(wsi, d->length, sizeof d->length, WSI_TOKEN_HTTP_CONTENT_LENGTH) < 0)
		d->length[0] = '\0';
	if (lws_hdr_copy(wsi, d->etag, sizeof d->etag, WSI_TOKEN_HTTP_ETAG) < 0)
		d->etag[0] = '\0';
	if (lws_hdr_custom_copy(wsi, d->expected, sizeof d->expected, "x-sha256:", 9) < 0)
		d->expected[0] = '\0';
}

static int callback_download(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct download *d = user;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH:
		headers(wsi, d);
		break;
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
		if (d->file && fwrite(in, 1, len, d->file) != len)
			return -1;
		EVP_DigestUpdate(d->hash, in, len);
		break;
	default:
		break;
	}
	return d || reason == LWS_CALLBACK_RECEIVE_CLIENT_HTTP ? fetch_callback(wsi, reason, &d->fetch, in, len) : 0;
}

static const struct lws_protocols protocols[] = {
	{ "http", callback_download, 0, 4096, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 }
};

static void tell_download(struct download *d)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	char text[2 * EVP_MAX_MD_SIZE + 1] = "";
	unsigned len = 0, n;

	EVP_DigestFinal_ex(d->hash, digest, &len);
	for (n = 0; n < len; n++)
		sprintf(text + 2 * n, "%02x", digest[n]);
	if (d->file)
		tell(&d->fetch);
	else
		say("%s: status %u", d->fetch.path, d->fetch.status);	/* a version calls no HEAD complete */
	say("  content-length %s, etag %s, hash %s", d->length, d->etag,
	    !d->fetch.total ? "of nothing" : strcmp(text, d->expected) ? "differs" : "as the server says");
	if (d->file) {
		say("  %ld bytes in the file", ftell(d->file));
		fclose(d->file);
	}
	EVP_MD_CTX_free(d->hash);
}

int main(int argc, char **argv)
{
	static const char *steps[][2] = { { "HEAD", "/file/3000000" }, { "GET", "/file/3000000" }, { "GET", "/file/0" },
					  { "GET", "/file/1" }, { "GET", "/none" } };
	struct target t = begin(argc, argv);
	struct lws_context_creation_info info;
	struct lws_client_connect_info i;
	struct lws_context *cx;
	size_t n;

	fill_context(&info, &t, protocols);
	cx = lws_create_context(&info);
	if (!cx)
		return 1;
	for (n = 0; n < LWS_ARRAY_SIZE(steps); n++) {
		struct download d;

		memset(&d, 0, sizeof d);
		d.fetch.path = steps[n][1];
		d.file = strcmp(steps[n][0], "GET") ? NULL : tmpfile();
		d.hash = EVP_MD_CTX_new();
		EVP_DigestInit_ex(d.hash, EVP_sha256(), NULL);
		fill_http(&i, &t, cx, &d.fetch, steps[n][0]);
		if (!lws_client_connect_via_info(&i))
			return 1;
		while (!d.fetch.ended && lws_service(cx, 0) >= 0)
			;
		/* Its wsi may live on for a moment, with the storage that is gone then. */
		lws_set_wsi_user(d.fetch.wsi, NULL);
		say("%s", steps[n][0]);
		tell_download(&d);
	}
	lws_context_destroy(cx);
	say("end");
	return 0;
}
