/* Cookies, KIND of story: with LCCSCF_CACHE_COOKIES what site.py sets comes back to it, and to it alone; a file keeps them. */
#include "servers.h"
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { JAR = (int)LCCSCF_CACHE_COOKIES,
       LAX = (int)(LCCSCF_CACHE_COOKIES | LCCSCF_ALLOW_INSECURE | LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK) };
#define AT_SITE .address = v.address, .port = v.port, .flags = JAR

static struct story *s;
static struct server v;
static char file[64];
static size_t items;

static void tune(struct story *of, struct lws_context_creation_info *info)
{
	(void)of;
	info->http_nsc_filepath = file[0] ? file : NULL;
	info->http_nsc_heap_max_items = items;
}

static void start(void)
{
	server_start(&v, s, &(struct server_opts){ .kind = "site" });
}

/* What the site is sent by a request for this path: the last line of the body. */
static const char *sent(const char *path)
{
	struct req *a = ASK(s, AT_SITE, .path = path);
	const char *found;

	RUN_ALL(s);
	CHECK_EQ(a->status, 200);
	found = strstr(a->body, "Cookie: ");
	return found ? found : "";
}

static void basic(void)
{
	struct req *a;

	start();
	CHECK_STR(sent("/x/set?c=a=1&c=b=2;%20Path=/;%20HttpOnly&c=c=3;%20Domain=example.com&c=d=4;%20Path=/y"), "");
	CHECK_STR(sent("/x"), "Cookie: a=1; b=2\n");
	CHECK_STR(sent("/y/z"), "Cookie: d=4; b=2\n");
	CHECK_STR(sent("/set?c=b=;%20Max-Age=0"), "Cookie: b=2\n");
	CHECK_STR(sent("/"), "");
	/* A program's own come first and win. */
	a = ASK(s, AT_SITE, .path = "/x/", .fields = "Cookie: own=1; a=mine\r\n");
	RUN_ALL(s);
	CHECK_HAS(a->body, "Cookie: own=1; a=mine\n");
	a = ASK(s, AT_SITE, .path = "/x/", .fields = "Cookie: own=1\r\nX-Y: z\r\n");
	RUN_ALL(s);
	CHECK_HAS(a->body, "Cookie: own=1; a=1\n");
	/* Without the flag there are none. */
	a = ASK(s, .address = v.address, .port = v.port, .path = "/x/");
	RUN_ALL(s);
	CHECK_LACKS(a->body, "Cookie");
}

static void secure(void)
{
	start();
	CHECK_STR(sent("/set?c=a=1;%20Secure&c=__Host-b=2;%20Secure;%20Path=/&c=__Host-c=3;%20Secure"), "");
	CHECK_STR(sent("/"), s->opts.tls ? "Cookie: a=1; __Host-b=2\n" : "");
}

static void redirects(void)
{
	struct server other;
	struct req *a;
	char path[200];

	start();
	server_start(&other, s, &(struct server_opts){ .kind = "site" });
	a = ASK(s, AT_SITE, .path = "/set?c=a=1;%20Path=/in&to=/in");
	RUN_ALL(s);
	CHECK_HAS(a->body, "Cookie: a=1\n");
	/* A port is no other host: RFC 6265bis section 8.5. */
	snprintf(path, sizeof path, "/set?c=b=2&to=http%s://%s:%d/", s->opts.tls ? "s" : "", other.address, other.port);
	a = ASK(s, .address = v.address, .port = v.port, .host = other.address, .path = path, .flags = LAX);
	RUN_ALL(s);
	CHECK_HAS(a->body, "Cookie: b=2\n");
	snprintf(path, sizeof path, "/set?c=c=3&to=http%s://127.0.0.1:%d/", s->opts.tls ? "s" : "", s->peer.port);
	a = ASK(s, .address = v.address, .port = v.port, .path = path, .flags = LAX);
	RUN_ALL(s);
	CHECK_STR(a->body, "/");
	CHECK_LACKS(peer_say(&s->peer, "log"), "c=3");
	a = ASK(s, AT_SITE, .path = "/login?scheme=basic", .user = "me", .password = "s\xc3\xa9" "cret: ok");
	RUN_ALL(s);
	CHECK_EQ(a->status, 200);
	server_stop(&other);
	server_forget(&other);
}

static void ws(void)
{
	struct req *a;

	start();
	CHECK_STR(sent("/set?c=a=1"), "");
	a = ASK(s, AT_SITE, .path = "/login?scheme=cookie", .ws = 1);
	RUN_ALL(s);
	CHECK_EQ(a->n[LWS_CALLBACK_CLIENT_ESTABLISHED], 1);
}

static void read_file(char *text, size_t size)
{
	FILE *f = fopen(file, "r");
	size_t n = f ? fread(text, 1, size - 1, f) : 0;

	text[n] = '\0';
	if (f)
		fclose(f);
}

/* The file is written by itself, and again at the end; curl reads it, and we read curl's. */
static void kept(void)
{
	char text[2000], line[600], want[200];
	const char *all;
	struct stat st;

	start();
	CHECK_STR(sent("/set?c=a=1;%20Max-Age=1000;%20HttpOnly&c=session=2&c=d=3;%20Max-Age=1000;%20Path=/p"), "");
	CHECK(stat(file, &st) < 0);
	do {
		step(s);
		read_file(text, sizeof text);
	} while (!text[0]);
	CHECK(!stat(file, &st));
	CHECK_EQ(st.st_mode & 0777, 0600);
	snprintf(want, sizeof want, "#HttpOnly_localhost\tFALSE\t/\tFALSE\t");
	CHECK_HAS(text, "# Netscape HTTP Cookie File\n");
	CHECK_HAS(text, want);
	CHECK_HAS(text, "\ta\t1\n");
	CHECK_LACKS(text, "session");
	CHECK_STR(sent("/set?c=e=5;%20Max-Age=1000"), "Cookie: a=1; session=2\n");
	story_destroy(s);
	read_file(text, sizeof text);
	CHECK_HAS(text, "\te\t5\n");
	story_context(s);
	CHECK_STR(sent("/p"), "Cookie: d=3; a=1; e=5\n");
	if (s->opts.tls || system("curl --version >/dev/null 2>&1"))
		return;
	snprintf(line, sizeof line, "curl -s -b %s -c %s --resolve localhost:%d:%s 'http://localhost:%d/set?c=f=6;%%20Max-Age=99' | grep -q 'a=1'",
		 file, file, v.port, v.address, v.port);
	story_destroy(s);
	CHECK(!system(line));
	story_context(s);
	all = sent("/");		/* it has an order of its own */
	CHECK(strstr(all, "a=1") && strstr(all, "e=5") && strstr(all, "f=6"));
}

/* A file that cannot be had is left alone, and cookies are in memory. */
static void broken(void)
{
	CHECK_HAS(logged_since(0), "cookies are kept in memory alone");
	start();
	CHECK_STR(sent("/set?c=a=1;%20Max-Age=1000"), "");
	CHECK_STR(sent("/"), "Cookie: a=1\n");
}

static void limit(void)
{
	start();
	CHECK_STR(sent("/set?c=a=1&c=b=2&c=c=3"), "");
	CHECK_STR(sent("/"), "Cookie: b=2; c=3\n");
}

static const struct { const char *name; void (*run)(void); } kinds[] = {
	{ "basic", basic }, { "secure", secure }, { "redirects", redirects }, { "ws", ws }, { "kept", kept }, { "broken", broken },
	{ "limit", limit },
};

int main(int argc, char **argv)
{
	size_t i;
	int status;

	ONLY_OURS();
	for (i = 0; i < sizeof kinds / sizeof *kinds && !IS(1, kinds[i].name); i++)
		;
	CHECK(i < sizeof kinds / sizeof *kinds);
	items = IS(1, "limit") ? 2 : 0;
	if (IS(1, "kept"))
		snprintf(file, sizeof file, "/tmp/broadside-cookies-%d", (int)getpid());
	if (IS(1, "broken"))
		snprintf(file, sizeof file, "/");
	s = story_open(&(struct opts){ .tls = IS(2, "tls"), .tune = tune });
	kinds[i].run();
	server_stop(&v);
	server_forget(&v);
	status = story_close(s);
	if (IS(1, "kept"))
		unlink(file);
	return status;
}
