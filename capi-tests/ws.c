/* What holds for every callback of every WebSocket, and how stories send. */
#include "tools.h"

static void wrong(const struct req *r, const char *what)
{
	fail(__FILE__, __LINE__, "%s: CLIENT_RECEIVE %zu: %s", r->name, r->ws.pieces, what);
}

/* Programs write over the LWS_PRE bytes before a piece, and rely on the NUL behind it. */
static void look_at_piece(struct req *r, struct lws *wsi, unsigned char *in, size_t len)
{
	struct ws_seen *seen = &r->ws;
	int first = lws_is_first_fragment(wsi), final = lws_is_final_fragment(wsi), binary = lws_frame_is_binary(wsi);

	seen->pieces++;
	if (!in || in[len])
		wrong(r, "no NUL behind it");
	memset(in - LWS_PRE, 0x5a, LWS_PRE);
	if (first != !seen->within)
		wrong(r, first ? "first, within a message" : "not first, and no message has begun");
	if (!first && binary != seen->binary)
		wrong(r, "another kind than its message");
	if (final && lws_remaining_packet_payload(wsi))
		wrong(r, "final, and something remains");
	if (first) {
		seen->len = 0;
		seen->sum = FNV_START;
	}
	seen->len += len;
	seen->sum = fnv(in, len, seen->sum);
	seen->binary = binary;
	seen->within = !final;
	seen->messages += (size_t)final;
	if (len > seen->largest)
		seen->largest = len;
}

void ws_look(struct req *r, struct lws *wsi, int reason, void *in, size_t len)
{
	unsigned char *p = in;

	switch (reason) {
	case REASON_MESSAGE:
		look_at_piece(r, wsi, in, len);
		break;
	case REASON_PONG:
		CHECK(len < sizeof r->ws.pong);
		r->ws.pongs++;
		memcpy(r->ws.pong, in, len);
		r->ws.pong[len] = '\0';
		break;
	case REASON_PEER_CLOSE:
		CHECK(len != 1 && len <= 125 && r->ws.code == -1);
		r->ws.code = len ? p[0] << 8 | p[1] : 0;
		snprintf(r->ws.reason, sizeof r->ws.reason, "%.*s", len ? (int)len - 2 : 0, len ? (char *)p + 2 : "");
		break;
	case REASON_WS_DROP:
		/* contract 1.8: to the end */
		if (lws_http_client_http_response(wsi) != (unsigned)r->status)
			fail(__FILE__, __LINE__, "%s: its response is no longer there", r->name);
		r->ws.dropped = 1;
		break;
	default:
		break;
	}
}

void ws_answered(struct req *r, int reason, int verdict)
{
	if (reason == REASON_OPENED && !verdict && !r->ending && !r->story->destroying)
		r->ws.opened = 1;
}

/* One that has a body sends it in its first WRITEABLE. */
int ws_work(struct req *r, int reason)
{
	if (reason == REASON_OPENED && r->ask.body_len)
		lws_callback_on_writable(r->wsi);
	if (reason == REASON_WS_WRITE && !r->sent && r->ask.body_len) {
		r->sent = r->ask.body_len;
		return ws_send(r, LWS_WRITE_TEXT, r->ask.body, r->ask.body_len) == (int)r->ask.body_len ? 0 : -1;
	}
	return 0;
}

const char *ws_ending(const struct req *r)
{
	int closed = r->n[REASON_CLOSED] > 0, error = r->n[REASON_ERROR] > 0;

	if (r->n[REASON_OPENED] > 1 || r->n[REASON_COMPLETED] || r->n[REASON_RECEIVE])
		return "OPENED twice, or what is http's alone";
	if (closed && !r->n[REASON_OPENED])
		return "WS_CLOSED, but it was never open";
	if (error && r->ws.opened)
		return "ERROR, though it was open";
	if (r->ws.opened && !closed)
		return "it was open, and WS_CLOSED never came";
	if (r->ws.dropped != closed)
		return "WS_DROP belongs to WS_CLOSED, DROP to ERROR";
	return NULL;
}

static char *pattern(size_t len)
{
	char *bytes = grown(NULL, len + 1);
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = (char)('a' + i % 26);
	return bytes;
}

unsigned pattern_sum(size_t len)
{
	char *bytes = pattern(len);
	unsigned sum = fnv(bytes, len, FNV_START);

	free(bytes);
	return sum;
}

int ws_send(struct req *r, int kind, const void *bytes, size_t len)
{
	unsigned char *buf = grown(NULL, LWS_PRE + len + 1);
	char *made = bytes ? NULL : pattern(len);
	int taken;

	memset(buf, 0, LWS_PRE);
	memcpy(buf + LWS_PRE, bytes ? bytes : made, len);
	taken = lws_write(r->wsi, buf + LWS_PRE, len, (enum lws_write_protocol)kind);
	free(buf);
	free(made);
	return taken;
}

int ws_text(struct req *r, const char *text)
{
	return ws_send(r, LWS_WRITE_TEXT, text, strlen(text));
}

void ws_reason(struct req *r, int code, const char *text)
{
	unsigned char copy[300];
	size_t len = strlen(text);

	CHECK(len < sizeof copy);
	memcpy(copy, text, len);
	lws_close_reason(r->wsi, (enum lws_close_status)code, len ? copy : NULL, len);
}

const char *ws_heard(struct story *s, int n)
{
	await(s, "wait-ws-closed %d", n);
	return peer_say(&s->peer, "ws-close");
}
