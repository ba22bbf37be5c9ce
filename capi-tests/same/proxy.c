/* What lws_set_proxy() takes and what it does not. Not asked: a port that is no number, and no address at all, which are an error of ours. */
#include "same.h"

static const char *const schemes[] = { "", "", "http://" };
static const char *const users[] = { "", "", "me:secret@", "me@", "me:p@ss:word@", "@" };
static const char *const hosts[] = { "host", "a.b.test", "192.0.2.1", "[::1]", "[2001:db8::1]" };
static const char *const ports[] = { "", ":1", ":80", ":3128", ":65535" };

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	struct lws_context *cx;
	struct lws_vhost *vh;
	char text[200];
	unsigned n, v;

	seed_from(argc, argv);
	lws_set_log_level(0, NULL);
	memset(&info, 0, sizeof info);
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
	cx = lws_create_context(&info);
	if (!cx)
		return 3;
	for (v = 0; v < 8; v++) {
		info.vhost_name = "vhost";
		vh = lws_create_vhost(cx, &info);
		if (!vh)
			return 4;
		printf("NULL: %d\n", lws_set_proxy(vh, NULL));
		for (n = 0; n < 8; n++) {
			snprintf(text, sizeof text, "%s%s%s%s", schemes[draw(LWS_ARRAY_SIZE(schemes))], users[draw(LWS_ARRAY_SIZE(users))],
				 hosts[draw(LWS_ARRAY_SIZE(hosts))], ports[draw(LWS_ARRAY_SIZE(ports))]);
			printf("%s: %d\n", text, lws_set_proxy(vh, text));
		}
		lws_vhost_destroy(vh);
	}
	lws_context_destroy(cx);
	return 0;
}
