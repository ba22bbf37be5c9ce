/*
 * A context and a vhost from an info of either length. `short`: as a program of libwebsockets 4.3.5 makes them, whose info has 744 bytes;
 * what is behind it is out of bounds, and whatever it holds is not looked at. `whole`: what this header has behind is read.
 */
#include "harness.h"
#include <sys/mman.h>

/* What a program of 4.3.5 links: the names without a label. */
struct lws_context *plain_create_context(const void *info) __asm__("lws_create_context");
struct lws_vhost *plain_create_vhost(struct lws_context *cx, const void *info) __asm__("lws_create_vhost");
void plain_info_defaults(void *info, const char *policy) __asm__("_lws_context_info_defaults");
void plain_handle_builtin(int argc, const char **argv, void *info) __asm__("lws_cmdline_option_handle_builtin");

enum { SHORT = 744 };
_Static_assert(offsetof(struct lws_context_creation_info, argc) == SHORT, "the shorter one");

static int completed, failed;

static int cb(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	char buf[LWS_PRE + 512], *p = buf + LWS_PRE;
	int n = sizeof buf - LWS_PRE;

	(void)user;
	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_RECEIVE_CLIENT_HTTP)
		return lws_http_client_read(wsi, &p, &n) < 0 ? -1 : 0;
	if (reason == LWS_CALLBACK_COMPLETED_CLIENT_HTTP)
		completed++;
	if (reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR)
		failed++;
	return 0;
}

static const struct lws_protocols protocols[] = { { .name = "first", .callback = cb }, { 0 } };
static const char *arguments[] = { "prog", "--name", "value", "-d", "7", NULL };
enum { ARGUMENTS = 5 };

static void get(struct story *s, struct lws_context *cx, struct lws_vhost *vh)
{
	struct lws_client_connect_info i;
	int done = completed;

	memset(&i, 0, sizeof i);
	i.context = cx;
	i.vhost = vh;
	i.address = "127.0.0.1";
	i.host = "localhost";
	i.port = s->peer.port;
	i.path = "/ok";
	i.method = "GET";
	i.ssl_connection = s->opts.tls ? LCCSCF_USE_SSL : 0;
	CHECK(lws_client_connect_via_info(&i));
	while (completed == done && !failed)
		CHECK(lws_service(cx, 0) >= 0);
	CHECK_EQ(failed, 0);
}

/* Two vhosts of an info that ends after 744 bytes. */
static void ends(struct story *s, void *at)
{
	struct lws_context_creation_info *info = at;
	struct lws_context *cx;
	struct lws_vhost *vh;

	plain_info_defaults(at, NULL);
	plain_handle_builtin(ARGUMENTS, arguments, at);
	info->options &= ~(uint64_t)LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
	info->protocols = protocols;
	info->client_ssl_ca_filepath = s->peer.ca;
	cx = plain_create_context(at);
	CHECK(cx);
	info->vhost_name = "second";
	vh = plain_create_vhost(cx, at);
	CHECK(vh);
	get(s, cx, lws_get_vhost_by_name(cx, "default"));
	get(s, cx, vh);
	CHECK(!lws_cmdline_option_cx(cx, "--name"));
	CHECK(!lws_cmdline_option_cx_argv0(cx));
	CHECK(!lws_cmdline_options_cx(cx, "--name", NULL));
	lws_context_destroy(cx);
}

static void shorter(struct story *s)
{
	struct lws_context_creation_info poisoned;
	size_t page = 4096;
	char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *block = malloc(SHORT), *tail;
	size_t n;

	CHECK(pages != MAP_FAILED && !mprotect(pages + page, page, PROT_NONE) && block);
	ends(s, pages + page - SHORT);
	ends(s, block);				/* for AddressSanitizer and valgrind */
	memset(&poisoned, 0xa5, sizeof poisoned);
	ends(s, &poisoned);
	tail = (char *)&poisoned + SHORT;
	for (n = 0; n < sizeof poisoned - SHORT; n++)
		CHECK_EQ((unsigned char)tail[n], 0xa5);
	CHECK(!plain_create_context(NULL));
	free(block);
	munmap(pages, 2 * page);
}

static void whole(struct story *s)
{
	struct lws_context_creation_info info;
	struct lws_context *cx;
	struct lws_vhost *vh;
	size_t n;

	memset(&info, 0xa5, sizeof info);
	lws_context_info_defaults(&info, NULL);
	for (n = SHORT; n < sizeof info; n++)
		CHECK(!((char *)&info)[n]);
	info.default_loglevel = LLL_ERR | LLL_DEBUG;
	lws_cmdline_option_handle_builtin(1, arguments, &info);
	CHECK(lwsl_visible(LLL_DEBUG) && !lwsl_visible(LLL_WARN));
	CHECK_EQ(info.argc, 1);
	lws_cmdline_option_handle_builtin(ARGUMENTS, arguments, &info);
	CHECK(!lwsl_visible(LLL_DEBUG) && lwsl_visible(LLL_NOTICE));
	lws_cmdline_option_handle_builtin(1, arguments, NULL);
	CHECK_EQ(info.argc, ARGUMENTS);
	CHECK(info.argv == arguments);
	info.protocols = protocols;
	info.client_ssl_ca_filepath = s->peer.ca;
	cx = lws_create_context(&info);
	CHECK(cx);
	CHECK_STR(lws_cmdline_option_cx(cx, "--name"), "value");
	CHECK(!lws_cmdline_option_cx(cx, "--other"));
	CHECK_STR(lws_cmdline_option_cx_argv0(cx), "prog");
	CHECK_STR(lws_cmdline_options_cx(cx, "--name", NULL), "value");
	CHECK(!lws_cmdline_options_cx(cx, "--name", lws_cmdline_options_cx(cx, "--name", NULL)));
	vh = lws_create_vhost(cx, &info);
	CHECK(vh);
	get(s, cx, vh);
	lws_context_destroy(cx);
	CHECK(!lws_create_context(NULL));
	CHECK(!lws_cmdline_option_cx(cx, "--name"));
}

int main(int argc, char **argv)
{
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(2, "tls") });	/* for its peer and its CA */
	if (IS(1, "short"))
		shorter(s);
	else
		whole(s);
	return story_close(s);
}
