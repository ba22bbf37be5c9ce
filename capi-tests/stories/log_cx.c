/*
 * Log contexts: what a context, its vhosts and its requests log goes where each was told, with what names it before it; the counts of
 * their users come back to nothing, and who is told of those reads the count that it is told about.
 */
#include "harness.h"
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROOM = 8192 };

struct sink {
	lws_log_cx_t cx;
	char lines[ROOM];
	unsigned joins, leaves;
	int most;
};

static void keep(struct lws_log_cx *cx, int level, const char *line, size_t len)
{
	struct sink *to = cx->opaque;
	size_t had = strlen(to->lines);

	CHECK_EQ(strlen(line), len);
	CHECK(len && line[len - 1] == '\n');
	snprintf(to->lines + had, ROOM - had, "%d %s", level, line);
}

static void count(struct lws_log_cx *cx, int _new)
{
	struct sink *of = cx->opaque;

	CHECK(_new == 1 || _new == -1);
	if (_new > 0)
		of->joins++;
	else
		of->leaves++;
	CHECK_EQ(cx->refcount, of->joins - of->leaves);
	if (of->most < cx->refcount)
		of->most = cx->refcount;
}

static struct sink whole, one;

static void sink(struct sink *s, int levels)
{
	memset(s, 0, sizeof *s);
	s->cx.lll_flags = (uint32_t)(levels | LLLF_LOG_CONTEXT_AWARE);
	s->cx.u.emit_cx = keep;
	s->cx.refcount_cb = count;
	s->cx.opaque = s;
}

static void tune(struct story *s, struct lws_context_creation_info *info)
{
	(void)s;
	info->log_cx = &whole.cx;
	info->vhost_name = "here";
}

static void before(struct lws_log_cx *cx, void *obj, char **p, char *e)
{
	CHECK(!obj);
	*p += lws_snprintf(*p, (size_t)(e - *p), "<%s> ", cx == &whole.cx ? "whole" : "other");
}

/* Goes beyond its room, and writes nothing that counts. */
static void beyond(struct lws_log_cx *cx, void *obj, char **p, char *e)
{
	(void)cx;
	(void)obj;
	*p = e + 100;
}

#define SAYS(of, text) do { CHECK_STR((of).lines, text); (of).lines[0] = '\0'; } while (0)

static int say(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	struct lws_context *cx = lws_get_context(r->wsi);
	struct lws_vhost *vh = lws_get_vhost(r->wsi);
	unsigned char byte = 0x41;

	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_WSI_CREATE) {
		CHECK(lwsl_context_get_cx(cx) == &whole.cx);
		CHECK(lwsl_vhost_get_cx(vh) == &whole.cx);
		CHECK(lwsl_wsi_get_cx(r->wsi) == (r->ask.log_cx ? r->ask.log_cx : &whole.cx));
		CHECK(lwsl_wsi_get_cx(lws_get_network_wsi(r->wsi)));
	}
	if (reason == LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH && r->ask.log_cx) {
		lwsl_wsi_notice(r->wsi, "hello %d", 7);
		SAYS(one, "4 <whole> [wsicli|1|GET/h1/here/127.0.0.1]: say: hello 7\n");
		lwsl_wsi_warn(r->wsi, "not shown\n");
		lwsl_wsi(r->wsi, LLL_DEBUG, "nor this");
		SAYS(one, "");
		lwsl_vhost_user(vh, "of the vhost\n");
		SAYS(whole, "1024 <whole> [vh|0|here||-1]: say: of the vhost\n");
		lwsl_cx_err(cx, "of the %s\n", "context");
		SAYS(whole, "1 <whole> here: say: of the context\n");
		lwsl_hexdump_wsi_notice(r->wsi, &byte, sizeof byte);
		CHECK_HAS(one.lines, "4 <whole> [wsicli|1|GET/h1/here/127.0.0.1]: 0000: 41 ");
		one.lines[0] = '\0';
		/* the library's own lines about it */
		CHECK_EQ(lws_write(r->wsi, NULL, 4, LWS_WRITE_HTTP), -1);
		SAYS(one, "1 <whole> [wsicli|1|GET/h1/here/127.0.0.1]: lws_write: buf is NULL\n");
	}
	return 0;
}

/* A context's, and one request's own. */
static void objects(int tls)
{
	struct story *s;
	size_t mark;

	sink(&whole, LLL_ERR | LLL_WARN | LLL_USER);
	sink(&one, LLL_ERR | LLL_NOTICE);
	whole.cx.prepend = before;
	one.cx.parent = &whole.cx;
	one.cx.prepend = beyond;			/* not asked: it has a parent */
	s = story_open(&(struct opts){ .tls = tls, .hook = say, .tune = tune });
	CHECK_EQ(whole.cx.refcount, 2);			/* the context and its vhost */
	mark = log_mark();
	ASK(s, .path = "/ok");
	CHECK_EQ(whole.cx.refcount, 3);
	ASK(s, .path = "/ok", .log_cx = &one.cx);
	CHECK_EQ(one.cx.refcount, 1);
	RUN_ALL(s);
	CHECK_EQ(one.most, 1);
	CHECK_EQ(one.cx.refcount, 0);
	CHECK_EQ(whole.cx.refcount, 2);
	/* what is refused before there is a request */
	whole.lines[0] = '\0';
	CHECK(!ASK(s, .path = "bad\npath", .may_be_null = 1)->wsi);
	CHECK_HAS(whole.lines, "1 <whole> lws_client_connect_via_info: path");
	CHECK(!ASK(s, .path = "bad\npath", .may_be_null = 1, .log_cx = &one.cx)->wsi);
	CHECK_HAS(one.lines, "1 <whole> lws_client_connect_via_info: path");
	CHECK_EQ(one.cx.refcount, 0);
	CHECK_STR(logged_since(mark), "");		/* nothing of it is the process's */
	story_destroy(s);
	CHECK_EQ(whole.cx.refcount, 0);
	CHECK_EQ(whole.joins, whole.leaves);
	CHECK_EQ(story_close(s), 0);
}

static char plain[ROOM];

static void emit_plain(int level, const char *line)
{
	size_t had = strlen(plain);

	snprintf(plain + had, ROOM - had, "%d %s", level, line);
}

/* What has none, and the process-wide one. */
static void alone(void)
{
	lws_log_cx_t cx;
	char wide[3000];
	size_t mark;

	memset(&cx, 0, sizeof cx);
	cx.lll_flags = LLL_NOTICE | LLLF_LOG_TIMESTAMP;
	cx.u.emit = emit_plain;
	_lws_log_cx(&cx, NULL, NULL, LLL_NOTICE, NULL, "line %s", "one");
	CHECK(plain[0] == '4' && plain[2] == '[');
	CHECK_HAS(plain, "] N: line one\n");
	cx.lll_flags = LLL_NOTICE;
	cx.prepend = beyond;
	plain[0] = '\0';
	_lws_log_cx(&cx, NULL, NULL, LLL_NOTICE, "fun", "%s\n", "two");
	CHECK_STR(plain, "4 fun: two\n");
	memset(wide, 'x', sizeof wide - 1);
	wide[sizeof wide - 1] = '\0';
	plain[0] = '\0';
	_lws_log_cx(&cx, NULL, NULL, LLL_NOTICE, "fun", "%s", wide);
	CHECK_HAS(plain, "xx...\n");
	cx.parent = &cx;				/* a circle ends */
	plain[0] = '\0';
	_lws_log_cx(&cx, NULL, NULL, LLL_NOTICE, NULL, "three");
	CHECK_STR(plain, "4 three\n");
	mark = log_mark();
	_lws_log_cx(NULL, lws_log_prepend_wsi, NULL, LLL_ERR, "fun", "four");
	CHECK_HAS(logged_since(mark), "[null wsi]: fun: four");
	CHECK(!lwsl_wsi_get_cx(NULL) && !lwsl_vhost_get_cx(NULL) && !lwsl_context_get_cx(NULL));
	mark = log_mark();
	lwsl_vhost_err(NULL, "five");
	lwsl_cx_err(NULL, "six");
	CHECK_HAS(logged_since(mark), "alone: five");
	CHECK_HAS(logged_since(mark), "alone: six");
	mark = log_mark();
	lwsl_hexdump_level_cx(NULL, NULL, NULL, LLL_ERR, NULL, 0);
	CHECK_HAS(logged_since(mark), "(hexdump: zero length)");
	lwsl_hexdump_level_cx(NULL, NULL, NULL, LLL_ERR, NULL, 1);
	CHECK_HAS(logged_since(mark), "(hexdump: NULL ptr)");
	mark = log_mark();
	lwsl_hexdump("A", 1);				/* at LLL_DEBUG, which is not shown */
	CHECK_STR(logged_since(mark), "");
	lwsl_refcount_cx(NULL, 1);
	lwsl_refcount_cx(&cx, -1);
	CHECK_EQ(cx.refcount, 0);
	CHECK_HAS(logged_since(mark), "lwsl_refcount_cx: nobody uses");
}

static char *contents(const char *path)
{
	static char text[ROOM];
	FILE *f = fopen(path, "r");
	size_t n;

	CHECK(f);
	n = fread(text, 1, sizeof text - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

static void tune_file(struct story *s, struct lws_context_creation_info *info)
{
	info->log_cx = s->opts.timeout_secs == 19 ? &one.cx : &whole.cx;
}

/* A file, open as long as somebody uses it; one that cannot be opened; and none yet. */
static void file(int tls)
{
	char path[300], nowhere[320];
	struct story *s;
	struct stat st;
	int fds = count_fds();
	size_t mark;

	snprintf(path, sizeof path, "/tmp/broadside-log-%d", (int)getpid());
	snprintf(nowhere, sizeof nowhere, "%s/none/log", path);
	memset(&whole, 0, sizeof whole);
	whole.cx.lll_flags = LLLF_LOG_CONTEXT_AWARE | LLL_ERR | LLL_USER;
	whole.cx.u.emit_cx = lws_log_emit_cx_file;
	whole.cx.refcount_cb = lws_log_use_cx_file;
	whole.cx.opaque = path;
	s = story_open(&(struct opts){ .tls = tls, .tune = tune_file, .no_fd_check = 1 });
	CHECK(!stat(path, &st));
	CHECK_EQ(st.st_mode & 0777, 0600);
	lwsl_cx_user(s->cx, "kept %d", 1);
	CHECK_HAS(contents(path), "] U: file: kept 1\n");
	ASK(s, .path = "/ok");
	RUN_ALL(s);
	lwsl_cx_user(s->cx, "kept %d\n", 2);
	story_destroy(s);
	CHECK_EQ(story_close(s), 0);
	CHECK_HAS(contents(path), "] U: file: kept 2\n");
	CHECK(!whole.cx.stg && !whole.cx.refcount);
	CHECK_EQ(settled_fds(fds), fds);
	unlink(path);

	one = whole;
	one.cx.opaque = nowhere;
	mark = log_mark();
	s = story_open(&(struct opts){ .tls = tls, .tune = tune_file, .timeout_secs = 19 });
	CHECK_HAS(logged_since(mark), "lws_log_use_cx_file: ");
	CHECK_HAS(logged_since(mark), "none/log");
	lwsl_cx_user(s->cx, "into nothing");
	CHECK_EQ(story_close(s), 0);
	CHECK(!one.cx.stg);
	one.cx.opaque = NULL;
	mark = log_mark();
	lwsl_refcount_cx(&one.cx, 1);
	CHECK_HAS(logged_since(mark), "opaque is NULL");
	lwsl_refcount_cx(&one.cx, -1);
	lws_log_use_cx_file(NULL, 1);
	lws_log_emit_cx_file(NULL, LLL_ERR, "x\n", 2);
}

int main(int argc, char **argv)
{
	ONLY_OURS();
	if (IS(1, "objects"))
		objects(IS(2, "tls"));
	else if (IS(1, "file"))
		file(IS(2, "tls"));
	else {
		struct story *s = story_open(&(struct opts){ .no_peer = 1 });	/* for its log */

		alone();
		return story_close(s);
	}
	return 0;
}
