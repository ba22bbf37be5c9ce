/*
 * The text around the parts of a multipart form, for generated names; the boundary, which is random, is shown as B: 4.1.6's has 12
 * characters, later ones 16.
 */
#include "same.h"
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

static int done;

static const char *word(char *to, size_t most)
{
	static const char letters[] = "abcXYZ019 -_.;=/'()&%";
	size_t i, n = draw((unsigned)most);

	for (i = 0; i < n; i++)
		to[i] = letters[draw(sizeof letters - 1)];
	to[n] = '\0';
	return to;
}

/* The boundary is what stands between the first "--" and the next line end. */
static void show(const char *text, size_t len)
{
	static char boundary[64];
	size_t i, n;

	if (!boundary[0] && len > 2)
		for (n = 0; n + 2 < len && text[n + 2] != '\r' && n + 1 < sizeof boundary; n++)
			boundary[n] = text[n + 2];
	n = strlen(boundary);
	for (i = 0; i < len; i++) {
		if (n && !strncmp(text + i, boundary, n)) {
			putchar('B');
			i += n - 1;
		} else if (text[i] == '\r' || text[i] == '\n')
			printf(text[i] == '\r' ? "\\r" : "\\n\n");
		else
			putchar(text[i]);
	}
	printf("|\n");
}

static void write_form(struct lws *wsi)
{
	char text[2000], name[40], filename[40], type[40], *p;
	unsigned i, parts = 1 + draw(6);

	for (i = 0; i < parts; i++) {
		const char *f = draw(2) ? word(filename, sizeof filename) : NULL, *t = draw(2) ? word(type, sizeof type) : NULL;

		p = text;
		printf("returns %d\n", lws_client_http_multipart(wsi, word(name, sizeof name), f, t, &p, text + sizeof text));
		show(text, (size_t)(p - text));
	}
	p = text;
	printf("returns %d\n", lws_client_http_multipart(wsi, NULL, NULL, NULL, &p, text + sizeof text));
	show(text, (size_t)(p - text));
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)user;
	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER) {
		write_form(wsi);
		done = 1;
	}
	return 0;
}

static struct lws_protocols protocols[] = {
	{ "form", callback, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct lws_context_creation_info info;
	struct lws_client_connect_info i;
	socklen_t len = sizeof at;

	seed_from(argc, argv);
	lws_set_log_level(0, NULL);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, len) || listen(fd, 8) || getsockname(fd, (struct sockaddr *)&at, &len))
		return 1;
	memset(&info, 0, sizeof info);
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	memset(&i, 0, sizeof i);
	i.context = lws_create_context(&info);
	i.address = i.host = "127.0.0.1";
	i.port = ntohs(at.sin_port);
	i.path = "/";
	i.method = "POST";
	i.protocol = "form";
	i.ssl_connection = LCCSCF_HTTP_MULTIPART_MIME;
	if (!i.context || !lws_client_connect_via_info(&i))
		return 1;
	while (!done)
		lws_service(i.context, 0);
	lws_context_destroy(i.context);
	close(fd);
	return 0;
}
