/*
 * A command line's form poster: three forms one after another, urlencoded, multipart written part by part, and a file in pieces as the
 * socket takes them. It says how long the first is, and leaves the others to the library.
 */
#include "program.h"

enum { N_FORMS = 3, FILE_BYTES = 70001 };

static const char url_form[] = "user=an%20na&mode=fast&empty=&note=%26%3D%3F";

static struct post {
	struct lws_context *cx;
	struct target target;
	int nth, part, over;
	size_t at;
	unsigned status;
	uint32_t sum;
	size_t total;
} post;

static unsigned char file_byte(size_t at)
{
	return (unsigned char)(at * 31 ^ at >> 7);
}

static void next_form(struct post *p)
{
	static const int flags[N_FORMS] = { LCCSCF_HTTP_X_WWW_FORM_URLENCODED, LCCSCF_HTTP_MULTIPART_MIME,
					    LCCSCF_HTTP_MULTIPART_MIME };
	struct lws_client_connect_info i;

	p->part = 0;
	p->at = 0;
	p->over = 0;
	p->status = 0;
	p->total = 0;
	p->sum = FNV_START;
	fill_connect(&i, &p->target, p->cx, p->nth ? "/upload" : "/login", "http");
	i.method = "POST";
	i.ssl_connection |= flags[p->nth];
	i.userdata = p;
	say("---- form %d", p->nth);
	if (!lws_client_connect_via_info(&i)) {
		say("no request");
		p->nth = N_FORMS;
	}
}

static int append(struct lws *wsi, struct post *p, unsigned char **at, size_t len)
{
	unsigned char *end = *at + len;
	char length[20];
	int n = snprintf(length, sizeof length, "%zu", sizeof url_form - 1);

	if (lws_http_is_redirected_to_get(wsi))
		return 0;
	if (!p->nth && lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, (unsigned char *)length, n, at, end))
		return -1;
	if (lws_add_http_header_by_name(wsi, (const unsigned char *)"accept:", (const unsigned char *)"text/plain", 10, at, end))
		return -1;
	lws_client_http_body_pending(wsi, 1);
	lws_callback_on_writable(wsi);
	return 0;
}

/* Two fields, a file and the end, each where it fits. */
static void write_part(struct lws *wsi, struct post *p, char **at, char *end)
{
	switch (p->part++) {
	case 0:
		lws_client_http_multipart(wsi, "text1", NULL, NULL, at, end);
		*at += lws_snprintf(*at, (size_t)(end - *at), "my text field");
		break;
	case 1:
		lws_client_http_multipart(wsi, "note", NULL, "text/plain", at, end);
		*at += lws_snprintf(*at, (size_t)(end - *at), "two\r\nlines");
		break;
	case 2:
		lws_client_http_multipart(wsi, "file", "my file.bin", "application/octet-stream", at, end);
		while (p->at < (p->nth == 1 ? 100 : FILE_BYTES) && *at < end)
			*(*at)++ = (char)file_byte(p->at++);
		break;
	default:
		while (p->at < (p->nth == 1 ? 100 : FILE_BYTES) && *at < end)
			*(*at)++ = (char)file_byte(p->at++);
		if (p->at < (p->nth == 1 ? 100 : FILE_BYTES) || end - *at < 100)
			break;
		lws_client_http_multipart(wsi, NULL, NULL, NULL, at, end);
		p->over = 1;
	}
}

static int write_some(struct lws *wsi, struct post *p)
{
	unsigned char buf[LWS_PRE + 1024], *start = buf + LWS_PRE;
	char *at = (char *)start;
	int n;

	if (p->over)
		return 0;
	if (!p->nth) {
		memcpy(start, url_form, sizeof url_form - 1);
		at += sizeof url_form - 1;
		p->over = 1;
	} else
		write_part(wsi, p, &at, (char *)buf + sizeof buf);
	n = (int)(at - (char *)start);
	if (p->over)
		lws_client_http_body_pending(wsi, 0);
	if (lws_write(wsi, start, (size_t)n, p->over ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) != n)
		return 1;
	if (!p->over)
		lws_callback_on_writable(wsi);
	return 0;
}

static int callback_http(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct post *p = (struct post *)user;
	char buf[LWS_PRE + 1024], *at = buf + LWS_PRE;
	int n = sizeof buf - LWS_PRE;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return append(wsi, p, (unsigned char **)in, len);
	case LWS_CALLBACK_CLIENT_HTTP_WRITEABLE:
		return write_some(wsi, p);
	case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
		p->status = lws_http_client_http_response(wsi);
		break;
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
		return lws_http_client_read(wsi, &at, &n) < 0 ? -1 : 0;
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
		p->sum = fnv1a(in, len, p->sum);
		p->total += len;
		return 0;
	case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
		say("status %u, %zu bytes, %08x", p->status, p->total, (unsigned)p->sum);
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("connection error");
		p->nth = N_FORMS;
		break;
	case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
		if (++p->nth < N_FORMS)
			next_form(p);
		break;
	default:
		break;
	}
	return lws_callback_http_dummy(wsi, reason, user, in, len);
}

static const struct lws_protocols protocols[] = {
	{ "http", callback_http, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;

	post.target = begin(argc, argv);
	fill_context(&info, &post.target, protocols);
	post.cx = lws_create_context(&info);
	if (!post.cx)
		return 1;
	next_form(&post);
	while (post.nth < N_FORMS && lws_service(post.cx, 0) >= 0)
		;
	lws_context_destroy(post.cx);
	say("end");
	return 0;
}
