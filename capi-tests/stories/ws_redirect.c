/* Redirects of a WebSocket's handshake: it stays a WebSocket, on the same wsi, wherever it goes. */
#include "harness.h"

static struct story *s;
static struct lws *wsi_of;
static char log_text[512], error[512], got[64];
static int ended;

static void note(const char *word)
{
	size_t at = strlen(log_text);

	snprintf(log_text + at, sizeof log_text - at, "%s%s", at ? " " : "", word);
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	unsigned char out[LWS_PRE + 5];

	(void)user;
	switch ((int)reason) {
	case LWS_CALLBACK_CLIENT_HTTP_BIND_PROTOCOL:
		note("BIND");
		break;
	case LWS_CALLBACK_CONNECTING:
		note("CONNECTING");
		break;
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		note("APPEND");
		break;
	case LWS_CALLBACK_CLIENT_HTTP_REDIRECT:
		CHECK(wsi == wsi_of && len == 302);
		note("REDIRECT");
		break;
	case LWS_CALLBACK_CLIENT_HTTP_DROP_PROTOCOL:
		note("DROP");
		break;
	case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
		note("EST");
		break;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		CHECK(wsi == wsi_of);
		note("OPEN");
		lws_callback_on_writable(wsi);
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		memcpy(out + LWS_PRE, "hello", 5);
		CHECK_EQ(lws_write(wsi, out + LWS_PRE, 5, LWS_WRITE_TEXT), 5);
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		snprintf(got, sizeof got, "%.*s", (int)len, (char *)in);
		lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
		return -1;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		snprintf(error, sizeof error, "%s", (char *)in);
		note("ERROR");
		break;
	case LWS_CALLBACK_CLIENT_CLOSED:
		note("CLOSED");
		break;
	case LWS_CALLBACK_WSI_DESTROY:
		ended = 1;
		break;
	default:
		break;
	}
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ .name = "story", .callback = callback },
	{ .name = NULL },
};

static void tune(struct story *of, struct lws_context_creation_info *info)
{
	(void)of;
	info->protocols = protocols;
}

/* One WebSocket, to its end. */
static void open_ws(const char *path, int flags)
{
	struct lws_client_connect_info i = { .context = s->cx };

	i.address = "127.0.0.1";
	i.host = "localhost";
	i.port = s->peer.port;
	i.path = path;
	i.protocol = "story";
	i.alpn = on_h2 ? "h2,http/1.1" : NULL;
	i.pwsi = &wsi_of;
	i.ssl_connection = flags | (s->opts.tls ? (int)LCCSCF_USE_SSL : 0);
	*log_text = *error = *got = '\0';
	ended = 0;
	CHECK(lws_client_connect_via_info(&i));
	RUN_UNTIL(s, ended);
}

#define FIRST "BIND CONNECTING APPEND REDIRECT DROP BIND CONNECTING APPEND "

static void follow(void)
{
	open_ws("/ws/echo?status=302:%2Fws%2Fecho", 0);
	CHECK_STR(log_text, FIRST "EST OPEN CLOSED");
	CHECK_STR(got, "hello");
	open_ws("/ws/echo?status=302:..%2Fws%2Fecho%3Fprotocol=none", 0);
	CHECK_STR(got, "hello");
}

static void loop(void)
{
	open_ws("/ws/echo?status=302:%23", 0);
	CHECK_HAS(error, "HS: Redirect failed");
	CHECK_EQ(peer_stat(&s->peer, "requests"), 5);
}

static void errors(void)
{
	open_ws("/ws/echo?status=302", 0);
	CHECK_HAS(error, "HS: Redirect code but no Location");
	open_ws("/ws/echo?status=302:gopher%3A%2F%2Fa%2F", 0);
	CHECK_HAS(error, "HS: URI did not parse");
	open_ws("/ws/echo?status=302:%2Fws%2Fecho", (int)LCCSCF_HTTP_NO_FOLLOW_REDIRECT);
	CHECK_HAS(error, on_h2 ? "HS: ws upgrade response not 200" : "HS: ws upgrade response not 101");
	CHECK_STR(log_text, "BIND CONNECTING APPEND EST ERROR DROP");
}

/* From a server to another, from TLS to none. */
static void port(void)
{
	struct peer other;
	char path[128];

	peer_start(&other, NULL);
	snprintf(path, sizeof path, "/ws/echo?status=302:ws%%3A%%2F%%2F127.0.0.1:%d%%2Fws%%2Fecho", other.port);
	open_ws(path, 0);
	CHECK_HAS(error, "HS: Redirect attempted SSL downgrade");
	open_ws(path, (int)LCCSCF_ACCEPT_TLS_DOWNGRADE_REDIRECTS);
	CHECK_STR(log_text, FIRST "EST OPEN CLOSED");
	CHECK_STR(got, "hello");
	CHECK_HAS(peer_say(&other, "ws-head"), "Host: 127.0.0.1:");
	peer_stop(&other);
}

int main(int argc, char **argv)
{
	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(2, "tls"), .tune = tune, .peer = "--h2 connect-protocol=1" });
	if (IS(1, "follow"))
		follow();
	else if (IS(1, "loop"))
		loop();
	else if (IS(1, "errors"))
		errors();
	else
		port();
	return story_close(s);
}
