/*
 * A client of a signed API: the headers of each request are a list that was made when it was signed, and that the handshake's
 * callback writes and frees. Bodies go out in pieces. Four at once.
 */
#include "http.h"
#include <openssl/hmac.h>
#include <openssl/sha.h>

enum { REQUESTS = 4, PIECE = 700 };

static const char key[] = "a secret that both know";

struct header {
	struct header *next;
	char *name, *value;
};

struct call {
	struct fetch fetch;
	struct header *headers;
	char *body;
	size_t len, sent;
};

static struct call calls[REQUESTS];

static void add(struct call *c, const char *name, const char *value)
{
	struct header *h = malloc(sizeof *h);

	h->name = strdup(name);
	h->value = strdup(value);
	h->next = c->headers;
	c->headers = h;
}

static void hex(char *to, const unsigned char *from, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		sprintf(to + 2 * i, "%02x", from[i]);
}

static void sign(struct call *c, const char *date)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	char text[256], of_body[2 * sizeof digest + 1], signature[2 * sizeof digest + 1];

	SHA256((const unsigned char *)c->body, c->len, digest);
	hex(of_body, digest, sizeof digest);
	snprintf(text, sizeof text, "%s\n%s", date, of_body);
	HMAC(EVP_sha256(), key, (int)strlen(key), (unsigned char *)text, strlen(text), digest, NULL);
	hex(signature, digest, sizeof digest);
	snprintf(text, sizeof text, "SIMPLE-HMAC Credential=me, Signature=%s", signature);
	add(c, "authorization:", text);
	add(c, "x-date:", date);
	add(c, "content-type:", "application/x-records");
	snprintf(text, sizeof text, "%u", (unsigned)c->len);
	add(c, "content-length:", text);
}

/* Writes the list and frees it: it is asked for once. */
static int append_headers(struct lws *wsi, struct call *c, unsigned char **p, unsigned char *end)
{
	int failed = 0;

	while (c->headers) {
		struct header *h = c->headers;

		c->headers = h->next;
		failed |= lws_add_http_header_by_name(wsi, (unsigned char *)h->name, (unsigned char *)h->value,
						      (int)strlen(h->value), p, end);
		free(h->name);
		free(h->value);
		free(h);
	}
	lws_client_http_body_pending(wsi, 1);
	lws_callback_on_writable(wsi);
	return failed;
}

static int write_piece(struct lws *wsi, struct call *c)
{
	unsigned char buffer[LWS_PRE + PIECE];
	size_t len = c->len - c->sent < PIECE ? c->len - c->sent : PIECE;
	int last = c->sent + len == c->len;

	memcpy(buffer + LWS_PRE, c->body + c->sent, len);
	c->sent += len;
	if (last)
		lws_client_http_body_pending(wsi, 0);
	if (lws_write(wsi, buffer + LWS_PRE, len, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < (int)len)
		return -1;
	if (!last)
		lws_callback_on_writable(wsi);
	return 0;
}

static int callback_post(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct call *c = user;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return append_headers(wsi, c, in, *(unsigned char **)in + len);
	case LWS_CALLBACK_CLIENT_HTTP_WRITEABLE:
		return c->sent < c->len ? write_piece(wsi, c) : 0;
	default:
		return fetch_callback(wsi, reason, &c->fetch, in, len);
	}
}

static const struct lws_protocols protocols[] = {
	{ "http", callback_post, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 }
};

int main(int argc, char **argv)
{
	static const size_t sizes[REQUESTS] = { 1, 700, 5000, 100000 };
	static const char *paths[REQUESTS] = { "/records/a", "/records/b", "/records/c", "/records/d" };
	struct target t = begin(argc, argv);
	struct lws_context_creation_info info;
	struct lws_client_connect_info i;
	struct lws_context *cx;
	size_t n, k;
	int left = REQUESTS;

	fill_context(&info, &t, protocols);
	cx = lws_create_context(&info);
	if (!cx)
		return 1;
	for (n = 0; n < REQUESTS; n++) {
		struct call *c = &calls[n];

		c->len = sizes[n];
		c->body = malloc(c->len);
		for (k = 0; k < c->len; k++)
			c->body[k] = (char)('a' + (k + n) % 26);
		sign(c, "20260101T000000Z");
		c->fetch.path = paths[n];
		fill_http(&i, &t, cx, &c->fetch, "POST");
		if (!lws_client_connect_via_info(&i))
			return 1;
	}
	while (left && lws_service(cx, 0) >= 0)
		for (n = 0, left = 0; n < REQUESTS; n++)
			left += !calls[n].fetch.ended;
	for (n = 0; n < REQUESTS; n++) {
		tell_text(&calls[n].fetch);
		say("  %s, %u sent", calls[n].headers ? "headers left" : "no headers left", (unsigned)calls[n].sent);
		free(calls[n].body);
	}
	lws_context_destroy(cx);
	say("end");
	return 0;
}
