/* The classic sort of client: one callback with a switch, a buffer with LWS_PRE, per-session data, fragments gathered. */
#include "program.h"

enum { RX_BUFFER = 128, MESSAGE_MAX = 4096 };

struct session {
	unsigned sent, received;	/* messages */
	size_t gathered;
	size_t largest_piece;
	int binary;
	char message[MESSAGE_MAX];
};

static const struct { size_t len; enum lws_write_protocol how; } script[] = {
	{ 5, LWS_WRITE_TEXT }, { 100, LWS_WRITE_BINARY }, { 125, LWS_WRITE_TEXT }, { 126, LWS_WRITE_TEXT },
	{ 1000, LWS_WRITE_BINARY }, { 0, LWS_WRITE_TEXT }, { 4000, LWS_WRITE_TEXT },
};
static char label[] = "opaque";
static int ended;

static int send_next(struct lws *wsi, struct session *s)
{
	unsigned char buf[LWS_PRE + MESSAGE_MAX];
	size_t i, len = script[s->sent].len;
	int n;

	for (i = 0; i < len; i++)
		buf[LWS_PRE + i] = (unsigned char)('a' + (i + s->sent) % 26);
	say("send %u: %u bytes, %08x", s->sent, (unsigned)len, fnv1a(buf + LWS_PRE, len, FNV_START));
	n = lws_write(wsi, buf + LWS_PRE, len, script[s->sent].how);
	if (n < (int)len) {
		say("lws_write: %d", n);
		return -1;
	}
	s->sent++;
	return 0;
}

static int whole_message(struct lws *wsi, struct session *s)
{
	say("received %u: %s, %u bytes, %08x", s->received, s->binary ? "binary" : "text", (unsigned)s->gathered,
	    fnv1a(s->message, s->gathered, FNV_START));
	s->received++;
	s->gathered = 0;
	if (s->received < sizeof script / sizeof *script) {
		lws_callback_on_writable(wsi);
		return 0;
	}
	say("largest piece %u", (unsigned)s->largest_piece);
	lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, (unsigned char *)"bye", 3);
	return -1;
}

static int received(struct lws *wsi, struct session *s, const char *in, size_t len)
{
	if (lws_is_first_fragment(wsi)) {
		if (s->gathered)
			say("a message begins inside another");
		s->binary = lws_frame_is_binary(wsi);
	}
	if (len > s->largest_piece)
		s->largest_piece = len;
	if (len > MESSAGE_MAX - s->gathered)
		return -1;
	memcpy(s->message + s->gathered, in, len);
	s->gathered += len;
	return lws_is_final_fragment(wsi) && !lws_remaining_packet_payload(wsi) ? whole_message(wsi, s) : 0;
}

static int established(struct lws *wsi, struct session *s)
{
	size_t i;

	for (i = 0; i < sizeof *s && !((const char *)s)[i]; i++)
		;
	say("established: session data %s, lws_wsi_user %s, opaque %s, protocol %s", i == sizeof *s ? "zeroed" : "dirty",
	    lws_wsi_user(wsi) == s ? "the same" : "another", (const char *)lws_get_opaque_user_data(wsi),
	    lws_get_protocol(wsi)->name);
	lws_callback_on_writable(wsi);
	return 0;
}

static int callback_echo(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct session *s = (struct session *)user;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		return established(wsi, s);
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (s->sent == s->received && s->sent < sizeof script / sizeof *script)
			return send_next(wsi, s);
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return received(wsi, s, (const char *)in, len);
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("connection error: %s", in ? (const char *)in : "no reason");
		ended = 1;
		break;
	case LWS_CALLBACK_CLIENT_CLOSED:
		say("closed");
		ended = 1;
		break;
	default:
		break;
	}
	return lws_callback_http_dummy(wsi, reason, user, in, len);
}

static const struct lws_protocols protocols[] = {
	{ "echo", callback_echo, sizeof(struct session), RX_BUFFER, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 }
};

int main(int argc, char **argv)
{
	struct target t = begin(argc, argv);
	struct lws_context_creation_info info;
	struct lws_client_connect_info i;
	struct lws_context *cx;
	struct lws *wsi = NULL;

	fill_context(&info, &t, protocols);
	cx = lws_create_context(&info);
	if (!cx)
		return 1;
	fill_connect(&i, &t, cx, "/classic", "echo");
	i.pwsi = &wsi;
	i.opaque_user_data = label;
	if (!lws_client_connect_via_info(&i) || !wsi)
		return 1;
	while (!ended && lws_service(cx, 0) >= 0)
		;
	lws_context_destroy(cx);
	say("end");
	return 0;
}
