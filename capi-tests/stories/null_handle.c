/* NULL for every argument that can be NULL: the call's failure value, and nothing else happens. */
#include "harness.h"

int main(void)
{
	unsigned char buf[LWS_PRE + 16];
	char text[16], *px = text;
	int n = 4;

	ONLY_OURS();
	CHECK_EQ(lws_get_socket_fd(NULL), -1);
	CHECK(!lws_get_ssl(NULL));
	CHECK(!lws_get_opaque_user_data(NULL));
	CHECK(!lws_get_context(NULL));
	CHECK(!lws_context_user(NULL));
	CHECK(lws_callback_on_writable(NULL) <= 0);
	CHECK(lws_write(NULL, buf + LWS_PRE, 1, LWS_WRITE_HTTP) < 0);
	CHECK(lws_http_client_read(NULL, &px, &n) < 0);
	CHECK_EQ(lws_http_client_http_response(NULL), 0);
	CHECK(lws_get_peer_simple(NULL, text, sizeof text));
	CHECK(!lws_create_context(NULL));
	CHECK(lws_service(NULL, 0) != 0);
	CHECK(!lws_client_connect_via_info(NULL));
	lws_set_timeout(NULL, PENDING_TIMEOUT_USER_OK, 1);
	lws_set_timeout_us(NULL, PENDING_TIMEOUT_USER_OK, 1);
	lws_cancel_service(NULL);
	lws_context_destroy(NULL);
	lws_vhost_destroy(NULL);
	lws_sul_cancel(&(lws_sorted_usec_list_t){ .us = 0 });
	return 0;
}
