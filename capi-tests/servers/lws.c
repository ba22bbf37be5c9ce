/*
 * Debian's libwebsockets as a server for the stories; see servers_ws.h. lws ADDRESS PORT CERTIFICATES|- plain|deflate
 *
 * Built against that library, never ours.
 */
#include <libwebsockets.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64 << 20 };

struct message {
	struct message *next;
	size_t len, room;
	int type;
	unsigned char bytes[];
};

struct link {
	struct message *first, *sent, *coming;
	char ping[130];
	int pinging, awaits_closed;
	char ended[150];
};

static struct { char text[150]; } closed[100];
static int closed_first, closed_n;
static volatile sig_atomic_t stopped;
static struct lws_context *context;

/* ---- messages ---- */

static struct message *grow(struct message *m, size_t more)
{
	size_t len = m ? m->len : 0, room = m ? m->room : 4096;
	struct message *n;

	if (m && len + more <= room)
		return m;
	while (room < len + more)
		room *= 2;
	if (room > MOST || !(n = realloc(m, sizeof *m + LWS_PRE + room)))
		return NULL;
	if (!m)
		memset(n, 0, sizeof *n);
	n->room = room;
	return n;
}

static void queue(struct link *l, struct lws *wsi, struct message *m)
{
	struct message **at = &l->first;

	while (*at)
		at = &(*at)->next;
	*at = m;
	m->next = NULL;
	lws_callback_on_writable(wsi);
}

static void say(struct link *l, struct lws *wsi, const char *word, const char *text)
{
	struct message *m = grow(NULL, strlen(word) + strlen(text) + 2);

	if (!m)
		return;
	m->type = LWS_WRITE_TEXT;
	m->len = (size_t)sprintf((char *)m->bytes + LWS_PRE, "%s %s", word, text);
	queue(l, wsi, m);
}

static void fragments(struct link *l, struct lws *wsi, const char *line)
{
	size_t count = 1, size = 0, step, at = 0, i;

	sscanf(line, "%zu %zu", &count, &size);
	step = (size + count - 1) / count;
	for (i = 0; i < count; i++) {
		struct message *m = grow(NULL, step + 1);

		if (!m)
			return;
		for (; m->len < step && at < size; at++)
			m->bytes[LWS_PRE + m->len++] = (unsigned char)('a' + (at * 7 + size) % 26);
		m->type = (i ? LWS_WRITE_CONTINUATION : LWS_WRITE_TEXT) | (i + 1 < count ? LWS_WRITE_NO_FIN : 0);
		queue(l, wsi, m);
	}
}

/* ---- commands ---- */

static const char *after(const char *line, const char *word)
{
	size_t n = strlen(word);

	return strncmp(line, word, n) || (line[n] && line[n] != ' ') ? NULL : line[n] ? line + n + 1 : line + n;
}

static int command(struct link *l, struct lws *wsi, const char *line)
{
	const char *rest;
	char reason[124];

	if ((rest = after(line, "!ping"))) {
		snprintf(l->ping, sizeof l->ping, "%s", rest);
		l->pinging = 1;
		lws_callback_on_writable(wsi);
	} else if ((rest = after(line, "!close"))) {
		snprintf(reason, sizeof reason, "%s", strchr(rest, ' ') ? strchr(rest, ' ') + 1 : "");
		lws_close_reason(wsi, (enum lws_close_status)atoi(rest), (unsigned char *)reason, strlen(reason));
		return -1;
	} else if (after(line, "!closed")) {
		l->awaits_closed = 1;
		lws_callback_on_writable(wsi);
	} else if ((rest = after(line, "!fragments")))
		fragments(l, wsi, rest);
	else if (after(line, "!drop"))
		return -1;
	else if (after(line, "!subprotocol"))
		say(l, wsi, "!subprotocol", *lws_get_protocol(wsi)->name == '-' ? "none" : lws_get_protocol(wsi)->name);
	else
		return 1;
	return 0;
}

static int received(struct link *l, struct lws *wsi, const void *in, size_t len)
{
	struct message *m = l->coming = grow(l->coming, len + 1);
	int n = 1;

	if (!m)
		return -1;
	if (len)
		memcpy(m->bytes + LWS_PRE + m->len, in, len);
	m->len += len;
	if (!lws_is_final_fragment(wsi))
		return 0;
	l->coming = NULL;
	m->type = lws_frame_is_binary(wsi) ? LWS_WRITE_BINARY : LWS_WRITE_TEXT;
	m->bytes[LWS_PRE + m->len] = '\0';
	if (m->type == LWS_WRITE_TEXT && m->bytes[LWS_PRE] == '!')
		n = command(l, wsi, (char *)m->bytes + LWS_PRE);
	if (n == 1)
		queue(l, wsi, m);
	else
		free(m);
	return n < 0 ? -1 : 0;
}

static int write_one(struct link *l, struct lws *wsi)
{
	unsigned char ping[LWS_PRE + sizeof l->ping];
	struct message *m = l->first;

	if (l->pinging == 1) {
		memcpy(ping + LWS_PRE, l->ping, strlen(l->ping));
		l->pinging = 2;
		lws_callback_on_writable(wsi);
		return lws_write(wsi, ping + LWS_PRE, strlen(l->ping), LWS_WRITE_PING) < 0 ? -1 : 0;
	}
	if (l->awaits_closed && closed_first < closed_n) {
		l->awaits_closed = 0;
		say(l, wsi, "!closed", closed[closed_first++].text);
		return 0;
	}
	free(l->sent);			/* with an extension it was read until now */
	l->sent = m;
	if (!m)
		return 0;
	l->first = m->next;
	if (lws_write(wsi, m->bytes + LWS_PRE, m->len, (enum lws_write_protocol)m->type) < (int)m->len)
		return -1;
	if (l->first)
		lws_callback_on_writable(wsi);
	return 0;
}

/* ---- connections ---- */

static void ended(struct link *l)
{
	struct message *m;

	while ((m = l->first)) {
		l->first = m->next;
		free(m);
	}
	free(l->sent);
	free(l->coming);
	if (closed_n < (int)(sizeof closed / sizeof *closed))
		strcpy(closed[closed_n++].text, *l->ended ? l->ended : "1006");
}

static void peer_closes(struct link *l, const unsigned char *in, size_t len)
{
	if (len < 2)
		strcpy(l->ended, "1005");
	else
		snprintf(l->ended, sizeof l->ended, "%d%s%.*s", in[0] << 8 | in[1], len > 2 ? " " : "", (int)len - 2, (const char *)in + 2);
}

static const struct lws_protocols protocols[4];

/* Whoever asked for the next end may have it now. */
static void tell_all(void)
{
	const struct lws_protocols *p;

	for (p = protocols; p->name; p++)
		lws_callback_on_writable_all_protocol(context, p);
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct link *l = user;

	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
		memset(l, 0, sizeof *l);
		break;
	case LWS_CALLBACK_RECEIVE:
		return received(l, wsi, in, len);
	case LWS_CALLBACK_RECEIVE_PONG:
		if (l->pinging && len == strlen(l->ping) && !memcmp(in, l->ping, len)) {
			l->pinging = 0;
			say(l, wsi, "!pong", l->ping);
		}
		break;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return write_one(l, wsi);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		peer_closes(l, in, len);
		break;
	case LWS_CALLBACK_CLOSED:
		ended(l);
		tell_all();
		break;
	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
	return 0;
}

static const struct lws_protocols protocols[4] = {
	{ .name = "-", .callback = callback, .per_session_data_size = sizeof(struct link), .rx_buffer_size = 65536 },
	{ .name = "chat.v1", .callback = callback, .per_session_data_size = sizeof(struct link), .rx_buffer_size = 65536 },
	{ .name = "chat.v2", .callback = callback, .per_session_data_size = sizeof(struct link), .rx_buffer_size = 65536 },
	{ .name = NULL },
};

static const struct lws_extension extensions[] = {
	{ "permessage-deflate", lws_extension_callback_pm_deflate, "permessage-deflate" },
	{ NULL, NULL, NULL },
};

static void stop(int sig)
{
	(void)sig;
	stopped = 1;
	lws_cancel_service(context);
}

int main(int argc, char **argv)
{
	struct lws_context_creation_info info = { .protocols = protocols };
	char cert[400], key[400];

	if (argc != 5)
		return 2;
	lws_set_log_level(LLL_ERR | LLL_WARN, NULL);
	info.iface = argv[1];
	info.port = atoi(argv[2]);
	if (strcmp(argv[3], "-")) {
		snprintf(cert, sizeof cert, "%s/good.pem", argv[3]);
		snprintf(key, sizeof key, "%s/good.key", argv[3]);
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.ssl_cert_filepath = cert;
		info.ssl_private_key_filepath = key;
	}
	if (!strcmp(argv[4], "deflate"))
		info.extensions = extensions;
	context = lws_create_context(&info);
	if (!context)
		return 1;
	signal(SIGTERM, stop);
	while (!stopped && lws_service(context, 0) >= 0)
		;
	lws_context_destroy(context);
	return 0;
}
