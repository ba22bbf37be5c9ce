/*
 * Proxies between a program and its server. proxy KIND WHAT [tls]: KIND is http or socks, with a scripted proxy, or tinyproxy or microsocks; WHAT
 * is tried of it.
 */
#include "servers.h"

static struct story *s;
static struct server proxy;
static const char *kind;
static char spelled[100];		/* the proxy as programs write it */

static int by_http(void)
{
	return !strcmp(kind, "http") || !strcmp(kind, "tinyproxy");
}

/* How many tunnels the scripted proxy made whose lines have this text. */
static int tunnels(const char *text)
{
	char *line = NULL;
	size_t cap = 0;
	int n = 0;
	FILE *f = fopen(server_path(&proxy, "access"), "r");

	CHECK(f);
	while (getline(&line, &cap, f) > 0)
		n += strstr(line, text) != NULL;
	free(line);
	fclose(f);
	return n;
}

static int set_proxy(const char *text)
{
	struct lws_vhost *vh = lws_get_vhost_by_name(s->cx, "default");

	return by_http() ? lws_set_proxy(vh, text) : lws_set_socks(vh, text);
}

static const char *with(const char *before, const char *after)
{
	static char text[300];

	snprintf(text, sizeof text, "%s%s%s", before, spelled, after);
	return text;
}

static void tune(struct story *of, struct lws_context_creation_info *info)
{
	(void)of;
	info->connect_timeout_secs = 1;
	if (by_http()) {
		info->http_proxy_address = proxy.address;
		info->http_proxy_port = (unsigned)proxy.port;
	} else {
		info->socks_proxy_address = proxy.address;
		info->socks_proxy_port = (unsigned)proxy.port;
	}
}

/* ---- what is tried ---- */

/* Three in one tunnel, by a name that only the proxy knows; a proxy with credentials is another way. */
static void queue(void)
{
	struct req *a, *b, *c;
	int round;

	for (round = 1; round <= 2; round++) {
		a = ASK(s, .path = "/ok?a", .address = "origin.test");
		b = ASK(s, .path = "/ok?b", .address = "origin.test");
		c = ASK(s, .path = "/ok?c", .address = "origin.test");
		RUN_ALL(s);
		CHECK_LOG(a, LED);
		CHECK_LOG(b, RODE);
		CHECK_LOG(c, RODE);
		CHECK_STR(a->body, "/ok?a");
		CHECK_STR(c->body, "/ok?c");
		CHECK_EQ(peer_stat(&s->peer, "accepts"), round);
		CHECK_EQ(tunnels(by_http() ? "http origin.test:" : "socks origin.test:"), round);
		CHECK_EQ(set_proxy(with("me:secret@", "")), 0);
	}
	CHECK_EQ(tunnels(" me:secret"), 1);
	CHECK_LACKS(peer_say(&s->peer, "head 0"), "secret");
	a = ASK(s, .path = "/ok?a", .address = "origin.test");
	RUN_ALL(s);
	CHECK_LOG(a, RODE);
	CHECK_EQ(set_proxy(""), 0);
	a = ASK(s, .path = "/ok?a");
	RUN_ALL(s);
	CHECK_LOG(a, LED);
	CHECK_EQ(tunnels(""), 2);
}

/* Answers in pieces, and before the last one another. */
static void pieces(void)
{
	static const char *const hosts[] = { "drip.test", "interim.test" };
	struct req *a;
	unsigned i;

	for (i = 0; i < LWS_ARRAY_SIZE(hosts); i++) {
		a = ASK(s, .path = "/ok?a", .address = hosts[i]);
		RUN_ALL(s);
		CHECK_LOG(a, LED);
		CHECK_STR(a->body, "/ok?a");
	}
}

static const struct refusal { const char *host, *http, *socks; } refusals[] = {
	{ "407.test", "http_proxy -> 407", NULL },
	{ "403.test", "http_proxy -> 403", NULL },
	{ "302.test", "http_proxy -> 302", NULL },
	{ "503.test", "http_proxy -> 503", NULL },
	{ "auth.test", "http_proxy -> 407", NULL },
	{ "1.test", NULL, "socks reply fail: general SOCKS server failure" },
	{ "5.test", NULL, "socks reply fail: Connection refused" },
	{ "8.test", NULL, "socks reply fail: Address type" },
	{ "garbage.test", "http_proxy fail", "socks reply fail" },
	{ "surplus.test", "http_proxy fail: something follows", "socks reply fail: something follows" },
	{ "endless.test", "http_proxy fail", NULL },
	{ "cut.test", "proxy conn dead", "socks conn dead" },
	{ "close.test", "proxy conn dead", "socks conn dead" },
	{ "silent.test", "Unable to connect: no tunnel", "Unable to connect: no tunnel" },
};

static void refuses(const struct refusal *of)
{
	const char *text = by_http() ? of->http : of->socks;
	struct req *a, *b;

	if (!text)
		return;
	a = ASK(s, .path = "/ok?a", .address = of->host);
	b = ASK(s, .path = "/ok?b", .address = of->host);
	RUN_ALL(s);
	CHECK_LOG(a, FAILED);
	CHECK_LOG(b, FAILED);
	CHECK_HAS(a->error, text);
	CHECK_STR(a->error, b->error);
	CHECK_HAS(a->error, of->host);
	CHECK_HAS(a->error, spelled);
}

/* Where there is no tunnel everybody who waited for it hears why. */
static void refused(void)
{
	struct req *a;
	unsigned i;

	for (i = 0; i < LWS_ARRAY_SIZE(refusals); i++)
		refuses(&refusals[i]);
	CHECK_EQ(set_proxy(with("me:wrong@", "")), 0);
	a = ASK(s, .path = "/ok", .address = "origin.test");
	RUN_ALL(s);
	CHECK_HAS(a->error, by_http() ? "http_proxy -> 407" : "socks reply fail: the proxy refuses user name");
	CHECK_LACKS(a->error, "wrong");
	CHECK_EQ(peer_stat(&s->peer, "requests"), 0);
}

/* The certificate is that of who is behind the tunnel. */
static void trust(void)
{
	struct req *a = ASK(s, .path = "/ok?a", .address = "origin.test", .host = "wrong.test");
	struct req *b = ASK(s, .path = "/ok?b", .address = "origin.test");

	RUN_ALL(s);
	CHECK_HAS(a->error, "hostname mismatch");
	CHECK_HAS(a->error, "in the TLS handshake");
	CHECK_LOG(b, LED);
}

static int greet(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	if (reason == REASON_OPENED)
		CHECK_EQ(ws_text(r, "hello"), 5);
	if (reason != REASON_MESSAGE)
		return 0;
	CHECK_EQ(len, 5);
	CHECK_STR((char *)in, "hello");
	ws_reason(r, 1000, "bye");
	return -1;
}

static void ws(void)
{
	struct req *a = ASK(s, .ws = 1, .path = "/ws/echo", .address = "origin.test", .hook = greet);

	RUN_ALL(s);
	CHECK_EQ(a->n[REASON_OPENED], 1);
	CHECK_STR(ws_heard(s, 1), "1000 bye");
	CHECK_EQ(tunnels("origin.test:"), 1);
}

/* The server ends the connection in the middle of the queue: those who wait get another tunnel. */
static void moves(void)
{
	struct req *r[4];
	int i;

	for (i = 0; i < 4; i++)
		r[i] = ASK(s, .path = i == 1 ? "/close?a" : "/ok?a", .address = "origin.test");
	RUN_ALL(s);
	CHECK_LOG(r[1], RODE);
	CHECK_LOG(r[2], LED);
	CHECK_LOG(r[3], RODE);
	CHECK_EQ(tunnels("origin.test:"), 2);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 2);
}

static int get_by_hand(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	static const char asked[] = "GET /len/2000 HTTP/1.1\r\nHost: raw\r\nConnection: close\r\n\r\n";
	unsigned char buf[LWS_PRE + sizeof asked];

	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_RAW_CONNECTED)
		CHECK_EQ(lws_callback_on_writable(r->wsi), 1);
	if (reason != LWS_CALLBACK_RAW_WRITEABLE)
		return 0;
	memcpy(buf + LWS_PRE, asked, sizeof asked - 1);
	CHECK_EQ(lws_write(r->wsi, buf + LWS_PRE, sizeof asked - 1, LWS_WRITE_RAW), sizeof asked - 1);
	return 0;
}

static void raw(void)
{
	struct req *a = ASK(s, .method = "RAW", .address = "origin.test", .hook = get_by_hand);

	RUN_ALL(s);
	CHECK_LOG(a, "RAW_BIND CREATE | CONNECTING RAW_CONNECTED RAW_WRITE RX RAW_DROP RAW_CLOSE DESTROY");
	CHECK_HAS(a->body, "HTTP/1.1 200");
	CHECK(a->total > 2000);
	CHECK_EQ(tunnels("origin.test:"), 1);
}

/* One that is cancelled while its tunnel is made leaves nothing behind, and the next is not disturbed. */
static void cancelled(void)
{
	struct req *a = ASK(s, .path = "/ok?a", .address = "silent.test"), *b;

	RUN_UNTIL(s, a->n[REASON_CONNECTING]);
	kill_req(a, 0);
	b = ASK(s, .path = "/ok?b", .address = "origin.test");
	RUN_ALL(s);
	CHECK_HAS(a->error, "cancelled");
	CHECK_LOG(b, LED);
	a = ASK(s, .path = "/ok?a", .address = "silent.test");
	RUN_UNTIL(s, a->n[REASON_CONNECTING]);
	story_destroy(s);
	CHECK(a->done);
}

/* A new context, which finds these variables. */
static void environment(const char *const set[][2], unsigned n)
{
	static const char *const names[] = { "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
					     "socks_proxy", "no_proxy", "NO_PROXY" };
	unsigned i;

	if (s->cx)
		story_destroy(s);
	for (i = 0; i < LWS_ARRAY_SIZE(names); i++)
		unsetenv(names[i]);
	for (i = 0; i < n; i++)
		setenv(set[i][0], set[i][1], 1);
	s->opts.tune = NULL;
	story_context(s);
}

#define ENVIRONMENT(...) environment((const char *const[][2]){ __VA_ARGS__ }, sizeof((const char *[][2]){ __VA_ARGS__ }) / sizeof(char *[2]))

/* Which way a request goes. */
static const char *way_to(const char *address)
{
	int had = tunnels("");
	struct req *a = ASK(s, .path = "/ok?a", .address = address);

	RUN_ALL(s);
	if (a->error)
		return a->error;
	CHECK_STR(a->body, "/ok?a");
	return tunnels("") > had ? "tunnel" : "direct";
}

/* From a place behind the proxy to one that no_proxy names: each by its own way. */
static void redirected(void)
{
	int had = tunnels("");
	char path[100];
	struct req *a;

	snprintf(path, sizeof path, "/redirect/302/to/%s:%%2f%%2flocalhost:%d%%2fok%%3fthere", s->opts.tls ? "https" : "http", s->peer.port);
	a = ASK(s, .path = path, .address = "other.test");
	RUN_ALL(s);
	CHECK_STR(a->body, "/ok?there");
	CHECK_EQ(a->n[REASON_CONNECTING], 2);
	CHECK_EQ(tunnels(""), had + 1);
}

static void env(void)
{
	const char *scheme = by_http() ? "http://" : "socks5h://", *lower = s->opts.tls ? "https_proxy" : "http_proxy";
	char url[300];

	snprintf(url, sizeof url, "%sme:sec%%72et@%s/", scheme, spelled);
	ENVIRONMENT({ lower, url }, { "no_proxy", "direct.test, localhost,127.0.0.0/8" });
	CHECK_STR(way_to("origin.test"), "tunnel");
	CHECK_EQ(tunnels(" me:secret"), 1);
	CHECK_STR(way_to("127.0.0.1"), "direct");
	redirected();
	ENVIRONMENT({ "ALL_PROXY", url }, { "NO_PROXY", "127.0.0.1" });
	CHECK_STR(way_to("origin.test"), "tunnel");
	CHECK_STR(way_to("127.0.0.1"), "direct");
	ENVIRONMENT({ "http_proxy", url }, { "no_proxy", "localhost" });
	CHECK_STR(way_to("127.0.0.1"), "tunnel");
	CHECK_EQ(set_proxy(""), 0);
	CHECK_STR(way_to("127.0.0.1"), "direct");
	ENVIRONMENT({ "HTTP_PROXY", url }, { "https_proxy", "" });
	CHECK_STR(way_to("127.0.0.1"), "direct");
	ENVIRONMENT({ "all_proxy", "https://127.0.0.1:1" }, { "HTTP_PROXY", url });
	CHECK_HAS(way_to("127.0.0.1"), "the environment's proxy cannot be used");
	if (!by_http()) {
		ENVIRONMENT({ "socks_proxy", spelled }, { "no_proxy", "" });
		CHECK_STR(way_to("127.0.0.1"), "tunnel");
	}
	ENVIRONMENT({ "no_proxy", "*" }, { "NO_PROXY", "" });
}

/* What is not understood changes nothing. */
static void settings(void)
{
	static const char *const wrong[] = { ":1", "host:0", "host:65536", "host:x", "[::1:1", "ftp://host:1", "ho st:1", "u@:1" };
	struct lws_context_creation_info info;
	struct lws_vhost *vh;
	unsigned i;

	CHECK_EQ(set_proxy(NULL), -1);
	CHECK_EQ(lws_set_proxy(NULL, "a:1"), -1);
	CHECK_EQ(lws_set_socks(NULL, "a:1"), -1);
	for (i = 0; i < LWS_ARRAY_SIZE(wrong); i++)
		CHECK_EQ(set_proxy(wrong[i]), -1);
	CHECK_STR(way_to("origin.test"), "tunnel");
	memset(&info, 0, sizeof info);
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = s->protocols;
	info.vhost_name = "other";
	info.http_proxy_address = "host";		/* without a port */
	CHECK(!lws_create_vhost(s->cx, &info));
	info.http_proxy_port = 65536;
	CHECK(!lws_create_vhost(s->cx, &info));
	info.http_proxy_address = "";
	info.http_proxy_port = 0;
	setenv("http_proxy", "127.0.0.1:1", 1);
	vh = lws_create_vhost(s->cx, &info);
	CHECK(vh);
	if (!s->opts.tls) {
		struct req *a = ASK(s, .path = "/ok", .vhost = vh);

		RUN_ALL(s);
		CHECK_LOG(a, LED);
	}
	CHECK_EQ(lws_set_proxy(vh, "host"), -1);
	CHECK_EQ(lws_set_proxy(vh, "host:1"), 0);
	CHECK_EQ(lws_set_proxy(vh, "other"), 0);	/* it keeps its port */
}

/* A proxy that is not ours: many in a few tunnels, a WebSocket, and a place where nobody listens. */
static void real(void)
{
	const char *credentials = "me:secret@";
	struct req *a;
	size_t i, n = many() / 10;

	CHECK_EQ(set_proxy(with(credentials, "")), 0);
	for (i = 0; i < n; i++)
		ASK(s, .path = "/ok?abc", .address = "localhost");
	RUN_ALL(s);
	for (i = 0; i < n; i++)
		CHECK_STR(s->reqs[i]->body, "/ok?abc");
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
	a = ASK(s, .ws = 1, .path = "/ws/echo", .hook = greet);
	RUN_ALL(s);
	CHECK_EQ(a->n[REASON_OPENED], 1);
	a = ASK(s, .path = "/ok", .port = 1);
	RUN_ALL(s);
	CHECK_HAS(a->error, by_http() ? "http_proxy -> 50" : "socks reply fail: Connection refused");
	CHECK_EQ(set_proxy(with("me:wrong@", "")), 0);
	a = ASK(s, .path = "/ok", .address = "localhost");
	RUN_ALL(s);
	CHECK_HAS(a->error, by_http() ? "http_proxy -> 40" : "socks reply fail: the proxy refuses");
	CHECK_LACKS(a->error, "wrong");
}

static const struct { const char *name; void (*run)(void); } what[] = {
	{ "queue", queue }, { "pieces", pieces }, { "refused", refused }, { "trust", trust }, { "ws", ws }, { "cancelled", cancelled },
	{ "moves", moves }, { "raw", raw },
	{ "env", env }, { "settings", settings }, { "real", real },
};

static const char *extra_of(const char *of)
{
	if (!strcmp(of, "tinyproxy"))
		return "BasicAuth me secret";
	return strcmp(of, "microsocks") ? NULL : "-u me -P secret";
}

int main(int argc, char **argv)
{
	unsigned i;

	ONLY_OURS();
	kind = ARG(1);
	s = story_open(&(struct opts){ .peer = WS_PEER, .tls = IS(3, "tls"), .no_context = 1, .tune = tune });
	server_start(&proxy, s, &(struct server_opts){ .kind = extra_of(kind) ? kind : "proxy", .extra = extra_of(kind) });
	snprintf(spelled, sizeof spelled, "%s:%d", proxy.address, proxy.port);
	story_context(s);
	for (i = 0; i < LWS_ARRAY_SIZE(what); i++)
		if (IS(2, what[i].name)) {
			what[i].run();
			break;
		}
	CHECK(i < LWS_ARRAY_SIZE(what));
	server_stop(&proxy);
	i = (unsigned)story_close(s);
	server_forget(&proxy);
	return (int)i;
}
