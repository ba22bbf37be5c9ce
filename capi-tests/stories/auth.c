/*
 * Logging in, KIND of it: a 401 that auth_username can answer is not told, and the request is made again on the same wsi, with what
 * APPEND writes and its body. A second 401 is a response. site.py checks what it is sent; nginx and apache do so by themselves.
 */
#include "servers.h"

#define LOGGED_IN "BIND CREATE NEW | [CONNECTING] APPEND APPEND FILTER EST RECEIVE READ COMPLETED DROP CLOSED DESTROY"
#define ME .user = "me", .password = "s\xc3\xa9" "cret: ok"

enum { LAX = (int)(LCCSCF_ALLOW_INSECURE | LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK) };

static struct story *s;
static struct server v;

static void start_site_(void)
{
	server_start(&v, s, &(struct server_opts){ .kind = "site" });
	v.alpn = NULL;
	v.flags = 0;
}

static const struct { const char *path, *body; } forms[] = {
	{ "/login?scheme=basic", "basic on" }, { "/login/%22x%22?scheme=digest", "digest MD5 - - on" },
	{ "/login?scheme=digest&qop=auth", "digest MD5 auth 00000001 on" },
	{ "/login?scheme=digest&qop=auth-int,auth", "digest MD5 auth 00000001 on" },
	{ "/login?scheme=digest&algorithm=MD5-sess&qop=auth", "digest MD5-sess auth 00000001 on" },
	{ "/login?scheme=digest&algorithm=SHA-256&qop=auth", "digest SHA-256 auth 00000001 on" },
	{ "/login?scheme=digest&algorithm=SHA-256-sess&qop=auth&userhash=1", "digest SHA-256-sess auth 00000001 on" },
	{ "/login?scheme=digest&algorithm=SHA-512-256&qop=auth", "digest SHA-512-256 auth 00000001 on" },
	{ "/login?scheme=digest&algorithm=SHA-256&qop=auth-int", "digest SHA-256 auth-int 00000001 on" },
	{ "/login?scheme=bearer&scheme=basic&scheme=digest&algorithm=MD5&algorithm=SHA-256&qop=auth", "digest SHA-256 auth 00000001 on" },
	{ "/login?scheme=basic&scheme=digest&algorithm=MD5&algorithm=SHA-256&qop=auth&together=1", "digest SHA-256 auth 00000001 on" },
	{ "/login?scheme=digest&algorithm=SHA3&qop=other&scheme=basic", "basic on" }, { NULL, NULL },
};

static void table(void)
{
	struct req *a;
	size_t i;

	start_site_();
	for (i = 0; forms[i].path; i++) {
		if (strstr(forms[i].path, "SHA3"))
			continue;
		a = ASK(s, AT(&v), .path = forms[i].path, ME);
		RUN_ALL(s);
		CHECK_HAS(a->body, forms[i].body);
		CHECK_LOG(a, LOGGED_IN);
		CHECK_EQ(a->status, 200);
		CHECK(!strstr(logged_since(0), "cret"));
	}
	a = ASK(s, AT(&v), .path = "/login?scheme=basic&nobody=1", .user = "", .password = "s\xc3\xa9" "cret: ok");
	RUN_ALL(s);
	/* On one connection, each twice. */
	CHECK_HAS(a->body, " on 2.");
}

static void wrong(void)
{
	struct req *a = NULL, *b;

	start_site_();
	a = ASK(s, AT(&v), .path = "/login?scheme=digest&qop=auth", .user = "me", .password = "wrong");
	b = ASK(s, AT(&v), .path = "/login?scheme=basic", .user = "me");
	RUN_ALL(s);
	CHECK_EQ(a->status, 401);
	CHECK_STR(a->body, "who are you?");
	CHECK_LOG(a, LOGGED_IN);
	CHECK_EQ(b->status, 401);
	a = ASK(s, AT(&v), .path = "/login?scheme=basic");
	b = ASK(s, AT(&v), .path = "/login?scheme=bearer", ME);
	RUN_ALL(s);
	CHECK_EQ(a->status, 401);
	CHECK_LOG(a, RODE);
	CHECK_LOG(b, RODE);
	CHECK_STR(b->body, "who are you?");
	/* By hand it is as ever, and who does it that way is told. */
	a = ASK(s, AT(&v), .path = "/login?scheme=basic", .fields = "Authorization: Basic bWU6c8OpY3JldDogb2s=\r\n");
	b = ASK(s, AT(&v), .path = "/login?scheme=basic", .fields = "Authorization: Basic eDp5\r\n", ME);
	RUN_ALL(s);
	CHECK_HAS(a->body, "basic on");
	CHECK_EQ(b->status, 401);
	CHECK_LOG(b, RODE);
	CHECK(!ASK(s, AT(&v), .path = "/", .user = "a\nb", .may_be_null = 1)->accepted);
	CHECK(!ASK(s, AT(&v), .path = "/", .user = "a", .password = "\x7f", .may_be_null = 1)->accepted);
}

static void post(void)
{
	struct req *a, *b;

	start_site_();
	a = ASK(s, AT(&v), .path = "/login?scheme=digest&algorithm=SHA-256&qop=auth", .method = "POST", .body = "one two three",
		.body_len = 13, .pieces = 3, ME);
	b = ASK(s, AT(&v), .path = "/b");
	RUN_ALL(s);
	CHECK_HAS(a->body, "digest SHA-256 auth 00000001");
	CHECK_HAS(a->body, ": one two three");
	CHECK_LOG(b, RODE);
	CHECK_ORDER(s, "B:COMPLETED", "A:COMPLETED");
	/* A body that is not known yet cannot be hashed. */
	a = ASK(s, AT(&v), .path = "/login?scheme=digest&qop=auth-int", .method = "PUT", .body = "xyz", .body_len = 3, ME);
	b = ASK(s, AT(&v), .path = "/login?scheme=digest&qop=auth-int", .method = "HEAD", ME);
	RUN_ALL(s);
	CHECK_EQ(a->status, 401);
	CHECK_EQ(b->status, 200);
}

static void stale(void)
{
	struct req *a;

	start_site_();
	a = ASK(s, AT(&v), .path = "/login?scheme=digest&qop=auth&stale=2", ME);
	RUN_ALL(s);
	CHECK_HAS(a->body, "digest MD5 auth 00000001");
	CHECK_EQ(a->n[REASON_APPEND], 4);
	a = ASK(s, AT(&v), .path = "/login?scheme=digest&qop=auth&stale=9", ME);
	RUN_ALL(s);
	CHECK_EQ(a->status, 401);
	CHECK_EQ(a->n[REASON_APPEND], 4);
}

/* Without LCCSCF_PIPELINE each attempt has its own connection. */
static void alone(void)
{
	struct req *a;

	start_site_();
	a = ASK(s, AT(&v), .path = "/login?scheme=digest&qop=auth", .solo = 1, ME);
	RUN_ALL(s);
	CHECK_HAS(a->body, "digest MD5 auth 00000001 on 3.1");
	CHECK_EQ(a->n[REASON_CONNECTING], 2);
}

/* A redirect takes the login along on the same server, and to no other. */
static void elsewhere(void)
{
	struct server other;
	char path[200];
	struct req *a;

	start_site_();
	server_start(&other, s, &(struct server_opts){ .kind = "site" });
	a = ASK(s, AT(&v), .path = "/r?to=/login?scheme=digest%26qop=auth", ME);
	RUN_ALL(s);
	CHECK_HAS(a->body, "digest MD5 auth 00000001");
	snprintf(path, sizeof path, "/r?to=http%s://%s:%d/x", s->opts.tls ? "s" : "", other.address, other.port);
	a = ASK(s, .address = v.address, .port = v.port, .path = path, ME, .flags = LAX);
	RUN_ALL(s);
	CHECK_HAS(a->body, "GET /x on");
	CHECK_LACKS(a->body, "Authorization");
	snprintf(path, sizeof path, "/r?to=http%s://%s:%d/login?scheme=basic", s->opts.tls ? "s" : "", other.address, other.port);
	a = ASK(s, .address = v.address, .port = v.port, .path = path, ME, .flags = LAX);
	RUN_ALL(s);
	CHECK_EQ(a->status, 401);
	server_stop(&other);
	server_forget(&other);
}

static void ws(void)
{
	struct req *a;

	start_site_();
	a = ASK(s, AT(&v), .path = "/login?scheme=digest&qop=auth", .ws = 1, ME);
	RUN_ALL(s);
	CHECK_EQ(a->n[REASON_EST], 1);
	CHECK_EQ(a->n[LWS_CALLBACK_CLIENT_ESTABLISHED], 1);
	CHECK_EQ(a->n[LWS_CALLBACK_WS_PEER_INITIATED_CLOSE], 1);
	a = ASK(s, AT(&v), .path = "/login?scheme=digest&qop=auth", .ws = 1, .user = "me", .password = "wrong");
	RUN_ALL(s);
	CHECK_HAS(a->error, "HS: ws upgrade response not 101");
	CHECK_EQ(a->n[REASON_EST], 1);
}

/* The program ends it, or everything, when it is asked the second time. */
static int how;

static int end_hook(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason != REASON_APPEND || r->n[REASON_APPEND] != 2 || r->ending)
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

	start_site_();
	for (how = 0; how < 2; how++) {
		a = ASK(s, AT(&v), .path = "/login?scheme=basic", ME, .hook = end_hook);
		b = ASK(s, AT(&v), .path = "/b");
		RUN_ALL(s);
		CHECK_HAS(a->error, "the program cancelled it");
		CHECK_HAS(b->body, "GET /b on");
	}
	ASK(s, AT(&v), .path = "/login?scheme=basic", ME, .hook = end_hook);
	while (s->cx)
		step(s);
	CHECK_EQ(s->alive, 0);
}

static void put_file(const char *name, const char *text)
{
	FILE *f = fopen(server_path(&v, name), "w");

	CHECK(f && fputs(text, f) >= 0 && !fclose(f));
}

/* On h1 or h2, each with and without TLS. */
static int h1;

static void real(void)
{
	struct req *a[4], *b;
	size_t i;

	if (h1) {
		v.alpn = NULL;
		v.flags = 0;
	}
	put_file("basic", "me:{PLAIN}secret\n");
	for (i = 0; i < 4; i++)
		a[i] = ASK(s, AT(&v), .path = "/file", .user = "me", .password = "secret");
	b = ASK(s, AT(&v), .path = "/file", .user = "me", .password = "wrong");
	RUN_ALL(s);
	for (i = 0; i < 4; i++) {
		CHECK_EQ(a[i]->status, 200);
		CHECK_EQ(a[i]->sum, fill_sum(FILE_SIZE));
		CHECK_EQ(a[i]->n[REASON_APPEND], 2);
	}
	CHECK_EQ(b->status, 401);
	CHECK_EQ(b->n[REASON_APPEND], 2);
	server_stop(&v);
	CHECK_EQ(server_counts(&v).connections, 1);
	/* A refusal's stream is reset when there is more of it to come, and apache does not list all of those. */
	if (h1)
		CHECK_EQ(server_counts(&v).requests, 10);
	else
		CHECK(server_counts(&v).requests >= 5);
}

static void nginx(void)
{
	server_start(&v, s, &(struct server_opts){ .kind = "nginx", .h1 = h1, .extra = "auth_basic site; auth_basic_user_file basic;" });
	real();
}

static void apache(const char *type, const char *file, const char *text)
{
	char extra[500];

	/* It looks at the file when it is asked. */
	snprintf(extra, sizeof extra, "<Location /file>\nAuthType %s\nAuthName \"a site\"\nAuth%sProvider file\nAuthUserFile %s\n"
		 "Require valid-user\n</Location>\n", type, type, file);
	server_start(&v, s, &(struct server_opts){ .kind = "apache", .h1 = h1, .extra = extra });
	put_file(file, text);
	real();
}

static void apache_basic(void)
{
	/* secret, as htpasswd -s writes it */
	apache("Basic", "users", "me:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n");
}

static void apache_digest(void)
{
	/* MD5 of "me:a site:secret" */
	apache("Digest", "users", "me:a site:8c13cf745602274f371fbac3f9869a89\n");
}

/* What site.py makes of curl is what it makes of us. */
static void curl(void)
{
	char line[600], got[200];
	size_t i, n;

	if (system("curl --version >/dev/null 2>&1"))
		exit(77);
	start_site_();
	for (i = 0; forms[i].path; i++) {
		FILE *f;

		if (strstr(forms[i].path, "auth-int,") || strstr(forms[i].path, "qop=auth-int") || strstr(forms[i].path, "SHA3") ||
		    strstr(forms[i].path, "SHA-512"))
			continue;
		snprintf(line, sizeof line, "curl -s --globoff --anyauth -u 'me:s\xc3\xa9" "cret: ok' 'http://%s:%d%s'", v.address, v.port,
			 forms[i].path);
		f = popen(line, "r");
		CHECK(f);
		n = fread(got, 1, sizeof got - 1, f);
		got[n] = '\0';
		pclose(f);
		if (strstr(forms[i].path, "algorithm=MD5&") || strstr(forms[i].path, "together"))
			CHECK_HAS(got, " on ");	/* it takes another of those on offer */
		else
			CHECK_HAS(got, forms[i].body);
	}
}

static const struct { const char *name; void (*run)(void); } kinds[] = {
	{ "table", table }, { "wrong", wrong }, { "post", post }, { "stale", stale }, { "alone", alone }, { "elsewhere", elsewhere },
	{ "ws", ws }, { "cancel", cancel }, { "nginx", nginx }, { "apache_basic", apache_basic }, { "apache_digest", apache_digest },
	{ "curl", curl },
};

int main(int argc, char **argv)
{
	size_t i;

	ONLY_OURS();
	for (i = 0; i < sizeof kinds / sizeof *kinds && !IS(1, kinds[i].name); i++)
		;
	CHECK(i < sizeof kinds / sizeof *kinds);
	s = story_open(&(struct opts){ .tls = IS(2, "tls") });
	h1 = IS(2, "h1") || IS(3, "h1");
	kinds[i].run();
	server_stop(&v);
	server_forget(&v);
	return story_close(s);
}
