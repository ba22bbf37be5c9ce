/*
 * Redirects, KIND of them: where the request goes, on the same wsi with the same pointers, and what the program is told before. Those
 * who wait for the connection do not notice.
 */
#include "harness.h"

#define BEGUN "BIND CREATE NEW | CONNECTING APPEND REDIRECT DROP BIND "
#define ENDED "APPEND FILTER EST RECEIVE READ COMPLETED DROP CLOSED DESTROY"
enum { LAX = (int)(LCCSCF_ALLOW_INSECURE | LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK) };

static struct story *s;
static char location[256];
static int status, how;

/* What each callback of a redirect shows. */
static int look(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	switch ((int)reason) {
	case LWS_CALLBACK_CLIENT_HTTP_REDIRECT:
		CHECK_EQ(strlen(in), strlen((char *)in));
		snprintf(location, sizeof location, "%s", (char *)in);
		status = (int)len;
		CHECK_EQ(lws_http_client_http_response(r->wsi), len);
		CHECK(lws_hdr_total_length(r->wsi, WSI_TOKEN_HTTP_LOCATION) == (int)strlen(in));
		break;
	case REASON_DROP:
		if (r->n[REASON_DROP] <= r->n[LWS_CALLBACK_CLIENT_HTTP_REDIRECT] && !r->n[REASON_EST] && !r->n[REASON_ERROR])
			CHECK_STR((char *)in, "lws_client_reset");
		break;
	default:
		break;
	}
	return 0;
}

static void stays(void)
{
	struct req *a = ASK(s, .path = "/redirect/302", .hook = look, .flags = (int)LCCSCF_HTTP_NO_FOLLOW_REDIRECT);
	struct req *b = ASK(s, .path = "/ok?b");

	RUN_ALL(s);
	CHECK_EQ(a->status, 302);
	CHECK_STR(a->body, "elsewhere");
	CHECK_EQ(a->n[LWS_CALLBACK_CLIENT_HTTP_REDIRECT], 0);
	CHECK_LOG(b, RODE);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
}

static void follow(void)
{
	struct req *a = ASK(s, .path = "/redirect/302/a/b", .hook = look);

	RUN_ALL(s);
	CHECK_LOG(a, BEGUN ENDED);
	CHECK_STR(location, "/a/b");
	CHECK_EQ(status, 302);
	CHECK_STR(a->body, "/a/b");
	CHECK_EQ(a->status, 200);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
}

/* A request that does not share has a connection of its own each time. */
static void alone(void)
{
	struct req *a = ASK(s, .path = "/redirect/301", .hook = look, .solo = 1);

	RUN_ALL(s);
	CHECK_LOG(a, BEGUN "CONNECTING " ENDED);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 2);
}

static void loop(void)
{
	struct req *a = ASK(s, .path = "/redirect/302/to/%23", .hook = look);

	RUN_ALL(s);
	CHECK_HAS(a->error, "HS: Redirect failed");
	CHECK_EQ(a->n[LWS_CALLBACK_CLIENT_HTTP_REDIRECT], 5);
	CHECK_EQ(peer_stat(&s->peer, "requests"), 5);
	a = ASK(s, .path = "/redirect/302/redirect/301/redirect/307/redirect/308/four");
	RUN_ALL(s);
	CHECK_STR(a->body, "/four");
}

static void forms(void)
{
	static const struct { const char *path, *body; } table[] = {
		{ "/redirect/302/to/%2fx", "/x" }, { "/redirect/302/to/..%2f..%2f..%2fx%3fy%23z", "/x?y" },
		{ "/redirect/302/to/..%2f..%2f..%2f..%2f.%2fx", "/x" }, { "/redirect/308/to/%2fa%20b[c]", "/a%20b%5Bc%5D" },
		{ "/redirect/302/to/%2f%25zz", "/%25zz" }, { NULL, NULL },
	};
	struct req *a;
	size_t i;

	for (i = 0; table[i].body; i++) {
		a = ASK(s, .path = table[i].path, .hook = look);
		RUN_ALL(s);
		CHECK_STR(a->body, table[i].body);
	}
	CHECK_EQ(peer_stat(&s->peer, "requests"), 2 * i);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
}

static void errors(void)
{
	static const struct { const char *path, *error; unsigned told; } table[] = {
		{ "/redirect/302/none", "HS: Redirect code but no Location", 0 },
		{ "/redirect/302/to/ftp:%2f%2fa%2f", "HS: URI did not parse", 1 },
		{ "/redirect/302/to/http:%2f%2f%2brun%2f", "HS: URI did not parse", 1 },
		{ "/redirect/302/to/http:%2f%2f127.0.0.1:99999%2f", "HS: URI did not parse", 1 },
	};
	struct req *a, *b;
	size_t i;

	for (i = 0; i < sizeof table / sizeof *table; i++) {
		a = ASK(s, .path = table[i].path, .hook = look);
		b = ASK(s, .path = "/ok?b");
		RUN_ALL(s);
		CHECK_HAS(a->error, table[i].error);
		CHECK_EQ(a->n[LWS_CALLBACK_CLIENT_HTTP_REDIRECT], table[i].told);
		CHECK_EQ(b->n[REASON_COMPLETED], 1);
	}
}

/* A path of the first peer that leads to `path` of another. */
static const char *leads(const struct peer *other, const char *scheme, const char *path)
{
	static char text[128];

	snprintf(text, sizeof text, "/redirect/302/to/%s:%%2f%%2fme:you@127.0.0.1:%d%%2f%s", scheme, other->port, path);
	return text;
}

/* Two of a queue go to another server, and share one connection there too; the third stays. */
static void port(void)
{
	struct peer other;
	struct req *a, *b, *c;
	char host[64];

	peer_start(&other, on_h2 == 1 ? "--tls --alpn h2,http/1.1" : s->opts.tls ? "--tls" : NULL);
	a = ASK(s, .path = leads(&other, s->opts.tls ? "https" : "http", "headers"), .hook = look, .flags = LAX);
	b = ASK(s, .path = leads(&other, s->opts.tls ? "wss" : "ws", "b"), .hook = look, .flags = LAX);
	c = ASK(s, .path = "/ok?c", .flags = LAX);
	RUN_ALL(s);
	CHECK_LOG(a, BEGUN "CONNECTING " ENDED);
	snprintf(host, sizeof host, "%s: 127.0.0.1:%d\r\n", on_h2 ? ":authority" : "Host", other.port);
	CHECK_HAS(a->body, host);
	CHECK_LACKS(a->body, "you");
	CHECK_STR(b->body, "/b");
	CHECK_LOG(c, RODE);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
	CHECK_EQ(peer_stat(&other, "accepts"), 1);
	peer_stop(&other);
}

/* TLS can be had, and no peer's authority is known: they have one each, of the same name. */
static void strangers(struct story *of, struct lws_context_creation_info *info)
{
	(void)of;
	info->options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info->client_ssl_ca_filepath = NULL;
}

/* TLS is turned on by a redirect, */
static void up(void)
{
	struct peer other;
	struct req *a;

	peer_start(&other, "--tls --alpn h2,http/1.1");
	a = ASK(s, .path = leads(&other, "https", "secure"), .hook = look, .flags = LAX);
	RUN_ALL(s);
	CHECK_STR(a->body, "/secure");
	CHECK(a->verifies && (on_h2 || a->ssl));
	if (!s->opts.tls) {
		a = ASK(s, .path = leads(&other, "https", "secure"));
		RUN_ALL(s);
		CHECK_HAS(a->error, "server's cert didn't look good");
	}
	peer_stop(&other);
}

/* and off only with the program's consent. */
static void down(void)
{
	struct peer other;
	struct req *a;

	peer_start(&other, NULL);
	a = ASK(s, .path = leads(&other, "http", "bare"), .hook = look);
	RUN_ALL(s);
	CHECK_HAS(a->error, "HS: Redirect attempted SSL downgrade");
	CHECK_EQ(peer_stat(&other, "accepts"), 0);
	a = ASK(s, .path = leads(&other, "http", "bare"), .flags = (int)LCCSCF_ACCEPT_TLS_DOWNGRADE_REDIRECTS);
	RUN_ALL(s);
	CHECK_STR(a->body, "/bare");
	CHECK(!a->ssl);
	peer_stop(&other);
}

static void reject(void)
{
	struct req *a = ASK(s, .path = "/redirect/302", .fail_at = LWS_CALLBACK_CLIENT_HTTP_REDIRECT);
	struct req *b = ASK(s, .path = "/ok?b");

	RUN_ALL(s);
	CHECK_LOG(a, "BIND CREATE NEW | CONNECTING APPEND REDIRECT ERROR DROP DESTROY");
	CHECK_HAS(a->error, "HS: user code rejected redirect");
	CHECK_EQ(b->n[REASON_COMPLETED], 1);
}

static void post(void)
{
	static const struct { const char *path, *line; int again; } table[] = {
		{ "/redirect/301/headers", "GET", 0 }, { "/redirect/303/headers", "GET", 0 }, { "/redirect/307/headers", "POST", 1 },
	};
	struct req *a, *b;
	size_t i;

	for (i = 0; i < sizeof table / sizeof *table; i++) {
		a = ASK(s, .path = table[i].path, .method = "POST", .body = "one two three", .body_len = 13, .pieces = 3,
			.flags = (int)LCCSCF_HTTP_X_WWW_FORM_URLENCODED, .hook = look);
		b = ASK(s, .path = "/ok?b");
		RUN_ALL(s);
		CHECK_HAS(a->body, table[i].line);
		if (table[i].again)
			CHECK_HAS(a->body, "application/x-www-form-urlencoded");
		else
			CHECK_LACKS(a->body, "ontent-");
		CHECK_STR(b->body, "/ok?b");
	}
	a = ASK(s, .path = "/redirect/308/echo", .method = "PUT", .body = "one two three", .body_len = 13, .pieces = 3);
	b = ASK(s, .path = "/redirect/302", .method = "HEAD");
	RUN_ALL(s);
	CHECK_STR(a->body, "one two three");
	CHECK_EQ(b->n[REASON_COMPLETED], 1);
	CHECK_HAS(peer_say(&s->peer, "log"), "HEAD /ok");
}

static void queue(void)
{
	struct req *a = ASK(s, .path = "/redirect/302", .hook = look), *b = ASK(s, .path = "/ok?b");
	struct req *c = ASK(s, .path = "/ok?c", .method = "POST", .body = "xyz", .body_len = 3);

	RUN_ALL(s);
	CHECK_STR(a->body, "/ok");
	CHECK_LOG(b, RODE);
	CHECK_EQ(c->n[REASON_COMPLETED], 1);
	CHECK_EQ(a->n[REASON_APPEND], 2);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
	if (!on_h2)
		CHECK_ORDER(s, "C:COMPLETED", "A:COMPLETED");
}

/* To read the body of a redirect to its end costs more than a connection. */
static void big(void)
{
	struct req *a = ASK(s, .path = "/redirect/302/big", .hook = look), *b = ASK(s, .path = "/ok?b"), *c = ASK(s, .path = "/ok?c");

	RUN_ALL(s);
	CHECK_STR(a->body, "/ok");
	CHECK_STR(b->body, "/ok?b");
	CHECK_STR(c->body, "/ok?c");
	CHECK_EQ(peer_stat(&s->peer, "accepts"), on_h2 ? 1 : 2);
}

/* Space that the library allocated is the old target's until DROP, and zeroed from BIND on. */
static int session_hook(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	static void *first;
	unsigned char *space = r->user;
	size_t i;

	if (reason == REASON_VERIFY)
		return 0;
	if (reason == REASON_BIND) {
		if (!first)
			first = space;
		CHECK(first == space);
		for (i = 0; i < 100; i++)
			CHECK_EQ(space[i], 0);
	}
	if (reason == REASON_DROP)
		CHECK_EQ(space[99], 7);
	memset(space, 7, 100);
	return look(r, reason, in, len);
}

static void session(void)
{
	struct req *a = ASK(s, .path = "/redirect/302", .hook = session_hook);

	RUN_ALL(s);
	CHECK_STR(a->body, "/ok");
}

/* The program ends it, or everything, in one of the callbacks of a redirect. */
static const int places[] = {
	LWS_CALLBACK_CLIENT_HTTP_REDIRECT, REASON_DROP, REASON_BIND, REASON_APPEND,
};
static int at;

static int end_hook(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	(void)len;
	if ((int)reason != at || r->ending || r->n[at] != (at == REASON_BIND || at == REASON_APPEND ? 2 : 1))
		return 0;
	if (how == 2)
		story_destroy(r->story);
	else
		kill_req(r, how);
	return 0;
}

static void cancel(void)
{
	struct req *a, *b;
	size_t i;

	for (i = 0; i < sizeof places / sizeof *places; i++) {
		at = places[i];
		a = ASK(s, .path = "/redirect/302", .hook = end_hook);
		b = ASK(s, .path = "/ok?b");
		RUN_ALL(s);
		CHECK_HAS(a->error, "the program cancelled it");
		CHECK_STR(b->body, "/ok?b");
	}
}

static void destroy(void)
{
	size_t i;

	for (i = 0; i < sizeof places / sizeof *places; i++) {
		at = places[i];
		if (i)
			story_context(s);
		ASK(s, .path = "/redirect/302", .hook = end_hook);
		ASK(s, .path = "/gate/never", .solo = 1);
		while (s->cx)
			step(s);
		CHECK_EQ(s->alive, 0);
		CHECK_EQ(settled_fds(s->fds), s->fds);
	}
}

static const struct { const char *name; void (*run)(void); int tls; } kinds[] = {
	{ "stays", stays, 0 }, { "follow", follow, 0 }, { "alone", alone, 0 }, { "loop", loop, 0 }, { "forms", forms, 0 },
	{ "errors", errors, 0 }, { "port", port, 0 }, { "up", up, 0 }, { "down", down, 1 }, { "reject", reject, 0 },
	{ "post", post, 0 }, { "queue", queue, 0 }, { "big", big, 0 }, { "session", session, 0 }, { "cancel", cancel, 0 },
	{ "destroy", destroy, 0 },
};

int main(int argc, char **argv)
{
	size_t i;

	ONLY_OURS();
	for (i = 0; i < sizeof kinds / sizeof *kinds && !IS(1, kinds[i].name); i++)
		;
	CHECK(i < sizeof kinds / sizeof *kinds);
	how = IS(1, "destroy") ? 2 : IS(2, "sync");
	s = story_open(&(struct opts){ .tls = IS(2, "tls") || kinds[i].tls, .pss = IS(1, "session") ? 100 : 0,
				       .tune = IS(1, "up") || IS(1, "port") ? strangers : NULL });
	kinds[i].run();
	return story_close(s);
}
