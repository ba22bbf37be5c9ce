/* What cannot become a form: refused with one answer, nothing written, and the request beside it completes. */
#include "harness.h"

static int none(struct lws_context *cx, char *text, size_t size, const char **last)
{
	(void)cx;
	(void)text;
	(void)size;
	(void)last;
	return 1;
}

static int gives_up(struct lws_context *cx, char *text, size_t size, const char **last)
{
	none(cx, text, size, last);
	return -1;
}

static int no_file(struct lws_context *cx, char *text, size_t size, const char **last)
{
	if (*last)
		return none(cx, text, size, last);
	*last = text;
	snprintf(text, size, "a=@/no/such/file");
	return 0;
}

/* All of the space, and no terminator. */
static int endless(struct lws_context *cx, char *text, size_t size, const char **last)
{
	if (*last)
		return none(cx, text, size, last);
	*last = text;
	memset(text, 'a', size);
	text[1] = '=';
	return 0;
}

static void machines(struct req *r, unsigned char **p, unsigned char *end)
{
	unsigned char *was = *p, body[6000], *at = body;
	struct lws_http_mp_sm *sm = NULL;

	CHECK(!lws_http_mp_sm_init(r->wsi, NULL, p, end));
	CHECK(!lws_http_mp_sm_init(r->wsi, none, NULL, end));
	CHECK(!lws_http_mp_sm_init(r->wsi, none, p, *p + 30));
	CHECK(!lws_http_mp_sm_init(r->wsi, none, p, *p + 100));
	CHECK(!lws_http_mp_sm_init(r->wsi, gives_up, p, end));
	CHECK(!lws_http_mp_sm_init(r->wsi, no_file, p, end));
	CHECK(!lws_http_mp_sm_init(NULL, none, p, end));
	CHECK(*p == was);
	CHECK_EQ(lws_http_mp_sm_fill(NULL, &at, body + sizeof body), -1);
	lws_http_mp_sm_destroy(NULL);
	lws_http_mp_sm_destroy(&sm);
	sm = lws_http_mp_sm_init(r->wsi, endless, p, end);
	CHECK(sm);
	*p = was;
	CHECK_EQ(lws_http_mp_sm_fill(sm, NULL, body + sizeof body), -1);
	CHECK_EQ(lws_http_mp_sm_fill(sm, &at, body), 1);	/* no room: nothing is lost */
	CHECK(at == body);
	CHECK_EQ(lws_http_mp_sm_fill(sm, &at, body + sizeof body), 0);
	CHECK(at - body > 4090);
	CHECK_EQ(lws_http_mp_sm_fill(sm, &at, body + sizeof body), 0);
	lws_http_mp_sm_destroy(&sm);
	CHECK(!sm);
}

static int spoil(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	char text[200], *p = text;

	if (reason != REASON_APPEND)
		return 0;
	CHECK_EQ(lws_client_http_multipart(r->wsi, "a", NULL, NULL, NULL, text), 1);
	CHECK_EQ(lws_client_http_multipart(r->wsi, "a", NULL, NULL, &p, text), 1);
	CHECK_EQ(lws_client_http_multipart(r->wsi, "a", NULL, NULL, &p, text + 60), 1);
	CHECK_EQ(lws_client_http_multipart(r->wsi, "a", NULL, "text/plain\r\nX: y", &p, text + sizeof text), 1);
	CHECK_EQ(lws_client_http_multipart(NULL, "a", NULL, NULL, &p, text + sizeof text), 1);
	CHECK(p == text);
	if (r->ask.flags & LCCSCF_HTTP_MULTIPART_MIME) {
		CHECK_EQ(lws_client_http_multipart(r->wsi, "a\"\r\n", "f", NULL, &p, text + sizeof text), 0);
		CHECK_HAS(text, "name=\"a%22%0D%0A\"; filename=\"f\"\r\n\r\n");
		lws_client_http_body_pending(r->wsi, 0);	/* and no body after all */
	} else
		CHECK_EQ(lws_client_http_multipart(r->wsi, "a", NULL, NULL, &p, text + sizeof text), 1);
	machines(r, in, *(unsigned char **)in + len);
	r->mine = r;
	return 0;
}

int main(int argc, char **argv)
{
	struct req *plain, *form, *next;
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(1, "tls") });
	plain = ASK(s, .path = "/headers", .hook = spoil);
	form = ASK(s, .path = "/headers", .method = "POST", .hook = spoil, .flags = LCCSCF_HTTP_MULTIPART_MIME);
	next = ASK(s, .path = "/ok");
	RUN_ALL(s);
	CHECK(plain->mine && form->mine);
	CHECK_EQ(plain->n[REASON_COMPLETED] + form->n[REASON_COMPLETED] + next->n[REASON_COMPLETED], 3);
	CHECK_LACKS(plain->body, "multipart");
	CHECK_HAS(form->body, "multipart/form-data; boundary=\"");
	CHECK_LACKS(form->body, "chunked");
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
	return story_close(s);
}
