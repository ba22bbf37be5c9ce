/*
 * Forms, to servers that take them apart with a parser of their own (node's busboy, Python's email): multipart by hand with and
 * without a length, multipart filled in from values and files, urlencoded. Each value arrives as it was, a large one in many
 * pieces, and the next form rides the same connection.
 */
#include "servers.h"
#include <unistd.h>

enum { FORMS = 3, PARTS = 4, PIECE = 1500 };

static struct part {
	const char *name, *filename, *type;
	char *bytes;
	size_t len;
} parts[PARTS] = {
	{ "text", NULL, NULL, NULL, 11 },
	{ "empty", NULL, NULL, NULL, 0 },
	{ "file", "two words.bin", "application/octet-stream", NULL, 300000 },
	{ "last", "x.txt", "text/plain", NULL, 26 },
};
static const char urlencoded[] = "text=hello+world&empty=&odd=%26%3D%25";
static char want[2000], mode[8], file_path[300];

/* Where a program is in its form. */
struct place {
	struct lws_http_mp_sm *sm;
	size_t part, at;
	int begun, over;
};

static void make_parts(struct server *v)
{
	size_t i, n = 0;
	FILE *f;

	if (many() < 500)
		parts[2].len = 50000;
	for (i = 0; i < PARTS; i++) {
		parts[i].bytes = malloc(parts[i].len + 1);
		CHECK(parts[i].bytes);
		fill(parts[i].bytes, parts[i].len);
		if (!parts[i].filename && parts[i].len)	/* a value is text */
			memcpy(parts[i].bytes, "hello world", parts[i].len);
		parts[i].bytes[parts[i].len] = '\0';
	}
	snprintf(file_path, sizeof file_path, "%s", server_path(v, "upload.bin"));
	f = fopen(file_path, "w");
	CHECK(f && fwrite(parts[2].bytes, 1, parts[2].len, f) == parts[2].len && !fclose(f));
	if (!strcmp(mode, "url")) {
		snprintf(want, sizeof want, "text||text/plain|11|%u\nempty||text/plain|0|%u\nodd||text/plain|3|%u\n%zu\n",
			 fnv("hello world", 11, FNV_START), FNV_START, fnv("&=%", 3, FNV_START), sizeof urlencoded - 1);
		return;
	}
	for (i = 0; i < PARTS; i++) {
		struct part *p = &parts[i];

		if (!strcmp(mode, "sm") && p->filename) {	/* the same file twice */
			p->type = "application/octet-stream";
			p->bytes = i > 2 ? memcpy(realloc(p->bytes, parts[2].len), parts[2].bytes, parts[2].len) : p->bytes;
			p->len = parts[2].len;
		}
		n += (size_t)snprintf(want + n, sizeof want - n, "%s|%s|%s|%zu|%u\n", p->name,
				      !p->filename ? "" : !strcmp(mode, "sm") ? file_path : p->filename,
				      p->type ? p->type : "text/plain", p->len, fnv(p->bytes, p->len, FNV_START));
	}
}

/* lws_http_mp_sm_init() asks for one field after another. */
static int next_field(struct lws_context *cx, char *text, size_t size, const char **last)
{
	size_t i;

	CHECK(cx);
	for (i = 0; i < PARTS && *last; i++)
		if (*last == parts[i].name)
			break;
	i = *last ? i + 1 : 0;
	if (i == PARTS)
		return 1;
	*last = parts[i].name;
	if (parts[i].filename)
		snprintf(text, size, "%s=@%s", parts[i].name, file_path);
	else
		snprintf(text, size, "%s=%s", parts[i].name, parts[i].bytes);
	return 0;
}

static size_t by_hand(struct req *r, struct place *pl, char *p, char *end)
{
	char *start = p;

	while (pl->part < PARTS) {
		struct part *part = &parts[pl->part];
		size_t n = part->len - pl->at;

		if (!pl->begun && lws_client_http_multipart(r->wsi, part->name, part->filename, part->type, &p, end))
			return (size_t)(p - start);
		pl->begun = 1;
		if (n > (size_t)(end - p))
			n = (size_t)(end - p);
		memcpy(p, part->bytes + pl->at, n);
		p += n;
		pl->at += n;
		if (pl->at < part->len)
			return (size_t)(p - start);
		pl->part++;
		pl->at = 0;
		pl->begun = 0;
	}
	if (!lws_client_http_multipart(r->wsi, NULL, NULL, NULL, &p, end))
		pl->over = 1;
	return (size_t)(p - start);
}

/* How long the form by hand is: the boundary has 16 characters. */
static size_t length(void)
{
	size_t i, n = 2 + 2 + 16 + 2 + 2;

	for (i = 0; i < PARTS; i++) {
		n += (i ? 2 : 0) + 2 + 16 + 2 + strlen("Content-Disposition: form-data; name=\"\"") + strlen(parts[i].name) + 4 + parts[i].len;
		if (parts[i].filename)
			n += strlen("; filename=\"\"") + strlen(parts[i].filename);
		if (parts[i].type)
			n += 2 + strlen("Content-Type: ") + strlen(parts[i].type);
	}
	return n;
}

static int begin(struct req *r, struct place *pl, unsigned char **p, size_t len)
{
	unsigned char *end = *p + len;

	if (!strcmp(mode, "sm")) {
		pl->sm = lws_http_mp_sm_init(r->wsi, next_field, p, end);
		CHECK(pl->sm);
		lws_client_http_body_pending(r->wsi, 1);
	} else if (!strcmp(mode, "long"))
		CHECK(!lws_add_http_header_content_length(r->wsi, length(), p, end));
	else if (!strcmp(mode, "url"))
		CHECK(!lws_add_http_header_content_length(r->wsi, sizeof urlencoded - 1, p, end));
	CHECK_EQ(lws_callback_on_writable(r->wsi), 1);
	return 0;
}

static int send_piece(struct req *r, struct place *pl)
{
	unsigned char buf[LWS_PRE + PIECE], *start = buf + LWS_PRE, *p = start;
	size_t n;

	if (pl->over)
		return 0;
	if (!strcmp(mode, "sm")) {
		int more = lws_http_mp_sm_fill(pl->sm, &p, buf + sizeof buf);

		CHECK(more >= 0);
		n = (size_t)(p - start);
		pl->over = !more;
	} else if (!strcmp(mode, "url")) {
		n = sizeof urlencoded - 1;
		memcpy(start, urlencoded, n);
		pl->over = 1;
	} else
		n = by_hand(r, pl, (char *)start, (char *)buf + sizeof buf);
	if (pl->over)
		lws_client_http_body_pending(r->wsi, 0);
	CHECK_EQ(lws_write(r->wsi, start, n, pl->over ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP), n);
	if (!pl->over)
		lws_callback_on_writable(r->wsi);
	return 0;
}

static int work(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	struct place *pl = r->mine;

	if (reason == REASON_APPEND)
		begin(r, pl, in, len);
	else if (reason == REASON_WRITE) {
		send_piece(r, pl);
		return HOOK_DONE;
	} else if (reason == REASON_DESTROY)
		lws_http_mp_sm_destroy(&pl->sm);
	return 0;
}

int main(int argc, char **argv)
{
	struct place places[FORMS];
	struct server v;
	struct counts c;
	struct story *s;
	struct req *r[FORMS];
	int i, flag, h1 = IS(3, "h1") || IS(4, "h1");

	ONLY_OURS();
	memset(places, 0, sizeof places);
	snprintf(mode, sizeof mode, "%s", ARG(2));
	s = story_open(&(struct opts){ .tls = IS(3, "tls") });
	server_start(&v, s, &(struct server_opts){ .kind = ARG(1), .h1 = h1 });
	if (h1)
		v.alpn = NULL, v.flags = 0;
	make_parts(&v);
	flag = IS(2, "url") ? LCCSCF_HTTP_X_WWW_FORM_URLENCODED : IS(2, "sm") ? 0 : LCCSCF_HTTP_MULTIPART_MIME;
	for (i = 0; i < FORMS; i++)
		r[i] = ask(s, &(struct ask){ .address = v.address, .port = v.port, .alpn = v.alpn, .flags = v.flags | flag,
					     .path = "/form", .method = "POST", .hook = work, .mine = &places[i] });
	RUN_ALL(s);
	story_destroy(s);
	s->cx = NULL;
	server_stop(&v);
	if (r[0]->body && strstr(r[0]->body, "no busboy")) {
		puts(r[0]->body);
		server_forget(&v);
		story_close(s);
		return 77;
	}
	for (i = 0; i < FORMS; i++) {
		CHECK_EQ(r[i]->n[REASON_COMPLETED], 1);
		CHECK_EQ(r[i]->status, 200);
		CHECK_HAS(r[i]->body, want);
		if (IS(2, "hand"))
			CHECK_STR(r[i]->body + strlen(want), h1 ? "chunked\n" : "nothing\n");
	}
	c = server_counts(&v);
	CHECK_EQ(c.connections, 1);
	CHECK_EQ(c.requests, FORMS);
	for (i = 0; i < PARTS; i++)
		free(parts[i].bytes);
	server_forget(&v);
	return story_close(s);
}
