/*
 * WebSockets with real servers: echo of every size, fragments, pings, closing from either side, the subprotocol; plain and TLS, with
 * and without permessage-deflate. ws_real KIND [tls] [deflate]; the server's side is in servers_ws.h.
 *
 * It has a protocol callback of its own, and asks nothing that another library with this API does not do.
 */
#include "servers.h"

struct out {
	struct out *next;
	size_t len;
	int type;
	unsigned char bytes[];		/* LWS_PRE of room first */
};

struct ws {
	struct lws *wsi;
	struct out *first, **last, *sent;	/* what was sent stays until the next WRITEABLE */
	unsigned established, closed, errors, destroyed;
	char protocol[40];		/* the server's choice, as FILTER sees it */
	unsigned char *in;		/* the message that comes, or came last */
	size_t len, room;
	int binary, inside;
	unsigned messages, pieces;	/* of the last one */
	char pong[130];
	unsigned pongs;
	int code, leave;		/* to close with, from the next WRITEABLE */
	const char *reason;
	int peer_code;			/* what the server closed with */
	char peer_reason[130];
	unsigned peer_closes;
};

static struct story *story;
static struct server server, backend;

/* ---- a connection ---- */

static int write_one(struct ws *w)
{
	struct out *o = w->first;

	if (w->leave && !o) {
		lws_close_reason(w->wsi, (enum lws_close_status)w->code, (unsigned char *)w->reason, strlen(w->reason));
		return -1;
	}
	free(w->sent);
	w->sent = o;
	if (!o)
		return 0;
	w->first = o->next;
	if (!w->first)
		w->last = &w->first;
	/* Some count the head of a control frame too. */
	CHECK(lws_write(w->wsi, o->bytes + LWS_PRE, o->len, (enum lws_write_protocol)o->type) >= (int)o->len);
	if (w->first || w->leave)
		lws_callback_on_writable(w->wsi);
	return 0;
}

static void take(struct ws *w, const void *in, size_t len)
{
	int final = lws_is_final_fragment(w->wsi);

	CHECK_EQ(!!lws_is_first_fragment(w->wsi), !w->inside);
	if (!w->inside) {
		w->len = w->pieces = 0;
		w->binary = lws_frame_is_binary(w->wsi);
	}
	CHECK_EQ(lws_frame_is_binary(w->wsi), w->binary);
	if (w->len + len > w->room) {
		w->room = 2 * (w->len + len);
		w->in = realloc(w->in, w->room);
		CHECK(w->in);
	}
	if (len)
		memcpy(w->in + w->len, in, len);
	w->len += len;
	w->pieces++;
	w->inside = !final;
	w->messages += (unsigned)final;
}

static void peer_closes(struct ws *w, const unsigned char *in, size_t len)
{
	w->peer_closes++;
	if (len >= 2) {
		w->peer_code = in[0] << 8 | in[1];
		CHECK(len - 2 < sizeof w->peer_reason);
		memcpy(w->peer_reason, in + 2, len - 2);
		w->peer_reason[len - 2] = '\0';
	}
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct ws *w = reason == LWS_CALLBACK_WS_EXT_DEFAULTS ? NULL : user;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH:
		CHECK(!w->established);
		if (lws_hdr_copy(wsi, w->protocol, sizeof w->protocol, WSI_TOKEN_PROTOCOL) <= 0)
			*w->protocol = '\0';
		break;
	case LWS_CALLBACK_WS_EXT_DEFAULTS:
		/* That server loses parts of what comes compressed in large frames over TLS. */
		if (!strcmp(server.opts.kind, "lws"))
			strcpy(in, "tx_buf_size=10");
		break;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		CHECK(w->wsi == wsi && !w->established++);
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		CHECK(w->wsi == wsi && w->established && !w->closed);
		take(w, in, len);
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
		CHECK(len < sizeof w->pong);
		memcpy(w->pong, in, len);
		w->pong[len] = '\0';
		w->pongs++;
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		CHECK(w->established && !w->closed);
		return write_one(w);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		peer_closes(w, in, len);
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		fail(__FILE__, __LINE__, "no connection: %.*s", (int)len, in ? (char *)in : "");
	case LWS_CALLBACK_CLIENT_CLOSED:
		CHECK(w->established && !w->closed++);
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

static const struct lws_extension extensions[] = {
	{ "permessage-deflate", lws_extension_callback_pm_deflate, "permessage-deflate; client_max_window_bits" },
	{ NULL, NULL, NULL },
};

static void tune(struct story *s, struct lws_context_creation_info *info)
{
	(void)s;
	info->protocols = protocols;
	if (server.opts.deflate)
		info->extensions = extensions;
}

static struct ws *open_ws(const char *offered)
{
	struct ws *w = calloc(1, sizeof *w);
	struct lws_client_connect_info i = { .context = story->cx };

	CHECK(w);
	w->last = &w->first;
	i.address = server.address;
	i.port = server.port;
	i.host = OURS ? "localhost" : server.address;
	i.path = "/";
	i.protocol = offered;
	i.local_protocol_name = "story";
	i.userdata = w;
	i.pwsi = &w->wsi;
	if (story->opts.tls)
		i.ssl_connection = LCCSCF_USE_SSL | (OURS ? 0 : LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK);
	CHECK(lws_client_connect_via_info(&i));
	RUN_UNTIL(story, w->established);
	return w;
}

static void send_piece(struct ws *w, const void *bytes, size_t len, int type)
{
	struct out *o = malloc(sizeof *o + LWS_PRE + len + 1);

	CHECK(o);
	o->next = NULL;
	o->len = len;
	o->type = type;
	if (len)
		memcpy(o->bytes + LWS_PRE, bytes, len);
	*w->last = o;
	w->last = &o->next;
	lws_callback_on_writable(w->wsi);
}

static void say(struct ws *w, const char *text)
{
	send_piece(w, text, strlen(text), LWS_WRITE_TEXT);
}

/* The next message. */
static void await_message(struct ws *w)
{
	unsigned had = w->messages;

	RUN_UNTIL(story, w->messages > had || w->closed);
	CHECK_EQ(w->messages, had + 1);
}

static void hears(struct ws *w, const char *text)
{
	await_message(w);
	CHECK(!w->binary);
	if (w->len != strlen(text) || memcmp(w->in, text, w->len))
		fail(__FILE__, __LINE__, "heard \"%.*s\", not \"%s\"", (int)(w->len < 200 ? w->len : 200), (char *)w->in, text);
}

static void forget(struct ws *w)
{
	CHECK(w->closed);
	CHECK(!w->first);
	free(w->sent);
	free(w->in);
	free(w);
}

static void leave(struct ws *w, int code, const char *reason)
{
	w->code = code;
	w->reason = reason;
	w->leave = 1;
	lws_callback_on_writable(w->wsi);
	RUN_UNTIL(story, w->closed);
	CHECK(!w->peer_closes);
}

/* What the server saw of the end of the connection before this one. */
static void server_saw(struct ws *w, const char *end)
{
	char text[160];

	say(w, "!closed");
	snprintf(text, sizeof text, "!closed %s", end);
	hears(w, text);
}

/* ---- what is tried ---- */

static const size_t sizes[] = { 0, 1, 125, 126, 65535, 65536, 1 << 20 };
enum { SIZES = sizeof sizes / sizeof *sizes };

/* Empty pieces, and pings of ours: asked only of ours where it compresses, and then not with another library as the server. */
static int finely(void)
{
	return !server.opts.deflate || (OURS && strcmp(server.opts.kind, "lws"));
}

/* Octets that no text has; in a text, letters. */
static unsigned char *pattern(size_t len, int binary)
{
	unsigned char *bytes = malloc(len + 1);
	size_t i;

	CHECK(bytes);
	fill((char *)bytes, len);
	for (i = 0; binary && i < len; i++)
		bytes[i] = (unsigned char)(bytes[i] * 37 + i / 3);
	return bytes;
}

static void came_back(struct ws *w, const unsigned char *bytes, size_t len, int binary)
{
	await_message(w);
	CHECK_EQ(w->len, len);
	CHECK_EQ(w->binary, binary);
	CHECK(!len || !memcmp(w->in, bytes, len));
}

static void echoes(struct ws *w)
{
	size_t i;
	int binary;

	for (binary = 0; binary < 2; binary++)
		for (i = !finely(); i < SIZES; i++) {
			unsigned char *bytes = pattern(sizes[i], binary);

			send_piece(w, bytes, sizes[i], binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT);
			came_back(w, bytes, sizes[i], binary);
			free(bytes);
		}
}

/* Many at once: each comes back, in order. */
static void echoes_many(struct ws *w)
{
	enum { MANY = 200 };
	unsigned char *bytes = pattern(5000, 0);
	size_t i;

	for (i = 0; i < MANY; i++)
		send_piece(w, bytes + i, 5000 - i, LWS_WRITE_TEXT);
	for (i = 0; i < MANY; i++) {
		unsigned had = w->messages;

		RUN_UNTIL(story, w->messages > had || w->closed);
		/* Several may have come in one pass; the last one says which. */
		CHECK(!w->closed && w->messages - had <= MANY - i);
		i += w->messages - had - 1;
		if (!w->inside) {
			CHECK_EQ(w->len, 5000 - i);
			CHECK(!memcmp(w->in, bytes + i, w->len));
		}
	}
	free(bytes);
}

/* A message in fragments, the first or the last of them empty, with a ping between. */
static void fragments(struct ws *w, size_t len, int empty_first, int empty_last)
{
	enum { PARTS = 5 };
	unsigned char *bytes = pattern(len, 1);
	size_t i, part = len / PARTS;
	int type = LWS_WRITE_BINARY;

	empty_last &= finely();
	if (empty_first && finely()) {
		send_piece(w, "", 0, type | LWS_WRITE_NO_FIN);
		type = LWS_WRITE_CONTINUATION;
	}
	for (i = 0; i < PARTS; i++) {
		int last = i + 1 == PARTS && !empty_last;

		send_piece(w, bytes + i * part, i + 1 == PARTS ? len - i * part : part, last ? type : type | LWS_WRITE_NO_FIN);
		type = LWS_WRITE_CONTINUATION;
		if (i == 2 && finely())
			send_piece(w, "between", 7, LWS_WRITE_PING);
	}
	if (empty_last)
		send_piece(w, "", 0, LWS_WRITE_CONTINUATION);
	w->pongs = 0;
	came_back(w, bytes, len, 1);
	if (finely()) {
		RUN_UNTIL(story, w->pongs);
		CHECK_STR(w->pong, "between");
	}
	free(bytes);
}

static void fragments_come(struct ws *w, size_t count, size_t len)
{
	char text[60];
	size_t i;

	snprintf(text, sizeof text, "!fragments %zu %zu", count, len);
	say(w, text);
	await_message(w);
	CHECK(!w->binary);
	CHECK_EQ(w->len, len);
	for (i = 0; i < len; i++)
		CHECK_EQ(w->in[i], 'a' + (i * 7 + len) % 26);
	CHECK(w->pieces >= count || server.opts.deflate);
}

static void pings(struct ws *w)
{
	static const char *const payloads[] = { "", "are you there", NULL };
	char longest[126];
	size_t i;

	memset(longest, 'p', 125);
	longest[125] = '\0';
	for (i = 0; i < 3 && finely(); i++) {
		const char *payload = payloads[i] ? payloads[i] : longest;

		w->pongs = 0;
		send_piece(w, payload, strlen(payload), LWS_WRITE_PING);
		RUN_UNTIL(story, w->pongs);
		CHECK_STR(w->pong, payload);
	}
	say(w, "!ping here-I-am");
	hears(w, "!pong here-I-am");
	/* One that nobody asked for is passed over. */
	send_piece(w, "unasked", 7, LWS_WRITE_PONG);
	say(w, "still there");
	hears(w, "still there");
}

static void we_close(struct ws *w)
{
	struct ws *next;

	leave(w, 1000, "bye");
	forget(w);
	w = open_ws(NULL);
	server_saw(w, "1000 bye");
	leave(w, 4321, "");
	forget(w);
	next = open_ws(NULL);
	server_saw(next, "4321");
	leave(next, LWS_CLOSE_STATUS_GOINGAWAY, "going on");
	forget(next);
}

static void server_closes(void)
{
	struct ws *w = open_ws(NULL);

	server_saw(w, "1001 going on");
	say(w, "!close 4001 enough of this");
	RUN_UNTIL(story, w->closed);
	CHECK_EQ(w->peer_closes, 1);
	CHECK_EQ(w->peer_code, 4001);
	CHECK_STR(w->peer_reason, "enough of this");
	forget(w);
	w = open_ws(NULL);
	say(w, "!drop");
	RUN_UNTIL(story, w->closed);
	CHECK_EQ(w->peer_closes, 0);
	forget(w);
}

static void subprotocols(void)
{
	static const struct { const char *offered, *chosen; } table[] = {
		{ "chat.v1", "chat.v1" }, { "unknown, chat.v1", "chat.v1" }, { "chat.v2", "chat.v2" }, { NULL, "none" },
	};
	size_t i;

	for (i = 0; i < sizeof table / sizeof *table; i++) {
		struct ws *w = open_ws(table[i].offered);
		char text[60];

		CHECK_STR(w->protocol, table[i].offered ? table[i].chosen : "");
		say(w, "!subprotocol");
		snprintf(text, sizeof text, "!subprotocol %s", table[i].chosen);
		hears(w, text);
		leave(w, 1000, "");
		forget(w);
	}
}

static void deflates(struct ws *w, const char *kind)
{
	if (!strcmp(kind, "lws"))
		return;			/* it has nothing to ask that */
	say(w, "!extensions");
	hears(w, server.opts.deflate ? "!extensions permessage-deflate" : "!extensions none");
}

static void start(const char *kind, int deflate)
{
	static char where[60];

	if (!strcmp(kind, "nginx_ws")) {
		server_start(&backend, story, &(struct server_opts){ .kind = "ws", .plain = 1, .deflate = deflate });
		snprintf(where, sizeof where, "%s:%d", backend.address, backend.port);
	}
	server_start(&server, story, &(struct server_opts){ .kind = kind, .deflate = deflate, .extra = where });
}

static void stop(struct server *v)
{
	if (!v->pid)
		return;
	server_stop(v);
	server_forget(v);
}

int main(int argc, char **argv)
{
	int tls = IS(2, "tls"), deflate = IS(2, "deflate") || IS(3, "deflate");
	struct ws *w;

	story = story_open(&(struct opts){ .tls = tls, .tune = tune, .no_context = 1 });
	start(ARG(1), deflate);
	story_context(story);
	w = open_ws(NULL);
	deflates(w, ARG(1));
	echoes(w);
	echoes_many(w);
	fragments(w, 1000, 0, 0);
	fragments(w, 300000, 0, 1);
	fragments(w, 4000, 1, 0);
	fragments_come(w, 3, 1000);
	fragments_come(w, 7, 200000);
	pings(w);
	we_close(w);
	server_closes();
	subprotocols();
	story_destroy(story);
	story->cx = NULL;
	stop(&server);
	stop(&backend);
	return story_close(story);
}
