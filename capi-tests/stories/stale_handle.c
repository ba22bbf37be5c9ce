/* A handle whose request has ended, one of a dead context, and one that never was: refused, with one log line, and never undefined. */
#include "harness.h"
#include <stdint.h>

static void use(struct lws *wsi)
{
	unsigned char buf[LWS_PRE + 64], *p = buf + LWS_PRE;
	char text[64], *px = text;
	int n = sizeof text;

	CHECK_EQ(lws_get_socket_fd(wsi), -1);
	CHECK(!lws_get_ssl(wsi));
	CHECK(!lws_get_opaque_user_data(wsi));
	CHECK(!lws_wsi_user(wsi));
	CHECK(!lws_get_network_wsi(wsi));
	CHECK(!lws_get_context(wsi));
	CHECK(!lws_get_vhost(wsi));
	CHECK(!lws_get_protocol(wsi));
	CHECK(lws_callback_on_writable(wsi) <= 0);
	CHECK(lws_write(wsi, buf + LWS_PRE, 4, LWS_WRITE_HTTP) < 0);
	CHECK(lws_http_client_read(wsi, &px, &n) < 0);
	CHECK_EQ(lws_http_client_http_response(wsi), 0);
	CHECK(lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) <= 0);
	CHECK(lws_hdr_copy(wsi, text, sizeof text, WSI_TOKEN_HTTP_CONTENT_LENGTH) <= 0);
	CHECK(lws_hdr_custom_length(wsi, "x-nth:", 6) < 0);
	CHECK(lws_add_http_header_by_name(wsi, (const unsigned char *)"a:", (const unsigned char *)"b", 1, &p, buf + sizeof buf));
	CHECK(lws_get_peer_simple(wsi, text, sizeof text));
	CHECK(lws_wsi_tag(wsi));
	lws_client_http_body_pending(wsi, 1);
	lws_rx_flow_control(wsi, 0);
	lws_set_opaque_user_data(wsi, text);
	lws_set_wsi_user(wsi, text);
	lws_set_timer_usecs(wsi, 1);
	lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, 1);
	lws_set_timeout_us(wsi, PENDING_TIMEOUT_USER_OK, 1);
	lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
	lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
}

static size_t lines(const char *log)
{
	size_t n = 0;

	for (; *log; log++)
		n += *log == '\n';
	return n;
}

int main(void)
{
	struct req *a, *b, *c;
	struct story *s;
	struct lws *old;
	size_t mark;
	uintptr_t forged;
	int i;

	ONLY_OURS();
	s = story_open(&(struct opts){ .timeout_secs = 20 });
	a = ASK(s, .path = "/ok?a");
	RUN_ALL(s);
	b = ASK(s, .path = "/gate/x");
	CHECK(a->wsi != b->wsi);
	mark = log_mark();
	CHECK_EQ(lws_get_socket_fd(a->wsi), -1);
	CHECK(lines(logged_since(mark)) <= 1);
	use(a->wsi);
	for (i = 0; i < 60; i += 7) {			/* bits of a living one turned: another one, or none */
		forged = (uintptr_t)b->wsi ^ ((uintptr_t)1 << i);
		use((struct lws *)forged);
	}
	use((struct lws *)(uintptr_t)0xdeadbeef);
	use((struct lws *)&forged);
	await(s, "wait-requests 2");
	peer_say(&s->peer, "open x");
	RUN_ALL(s);
	CHECK_STR(b->body, "/gate/x");			/* none of it touched the living one */
	old = b->wsi;
	story_destroy(s);
	s->cx = NULL;
	use(old);
	story_context(s);
	use(old);
	c = ASK(s, .path = "/ok?c");
	use(old);
	RUN_ALL(s);
	CHECK_STR(c->body, "/ok?c");
	CHECK(log_mark() > mark);
	return story_close(s);
}
