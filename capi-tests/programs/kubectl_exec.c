/*
 * An exec client like kubectl's: subprotocol v4.channel.k8s.io, binary frames whose first byte is a channel, a bearer token in the
 * request, the exit status on a channel of its own, and all the ways in which a session ends.
 */
#include "program.h"

enum { STDIN, STDOUT, STDERR, STATUS, RESIZE, CHANNELS, LINE_MAX_LEN = 256 };

#define PATH "/exec?container=main&command=sh&stdin=true&stdout=true&stderr=true"

/* What is typed: each time the prompt comes, one of these. ^ is the terminal's size, @ a line in two frames, ! our own end. */
struct exec {
	const char *name, *path;
	const char *typed[8];
	const char *refused;		/* why there is no session */
};

static const struct exec execs[] = {
	{ "shell", PATH, { "echo hello", "^{\"Width\":132,\"Height\":43}", "ls /missing", "@echo in two frames", "cat 300000", "exit 0" }, NULL },
	{ "fails", PATH, { "echo about to fail", "exit 3" }, NULL },
	{ "forbidden", "/forbidden?command=sh", { NULL }, "HS: ws upgrade response not 101" },
	{ "other subprotocol", PATH "&subprotocol=other", { NULL }, "HS: PROTOCOL malformed" },
	{ "interrupted", PATH, { "echo started", "!" }, NULL },
	{ "evicted", PATH, { "evict" }, NULL },
	{ "crashes", PATH, { "cat 10", "crash" }, NULL },
	{ "vanishes", PATH, { "echo here", "vanish" }, NULL },
};

struct run {
	const struct exec *exec;
	size_t line;			/* the next to type */
	int half;			/* the second frame of a line is due */
	int prompt, interrupted, done;
	int channel;			/* of the message that is arriving; -1 before its first byte */
	size_t bytes[CHANNELS];
	uint32_t sum[CHANNELS];
	unsigned char last[2];		/* of stdout: is it the prompt? */
	char status[512];
};

static int append_header(struct lws *wsi, unsigned char **p, size_t len)
{
	static const char token[] = "Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJkZXYifQ.c2ln";

	return lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_AUTHORIZATION, (const unsigned char *)token, sizeof token - 1, p,
					    *p + len);
}

static int write_frame(struct lws *wsi, int channel, const char *text, size_t len, const char *end)
{
	unsigned char buf[LWS_PRE + 1 + LINE_MAX_LEN + 2], *p = buf + LWS_PRE;
	size_t n = 0;

	p[n++] = (unsigned char)channel;
	memcpy(p + n, text, len);
	n += len;
	memcpy(p + n, end, strlen(end));
	n += strlen(end);
	return lws_write(wsi, p, n, LWS_WRITE_BINARY) == (int)n ? 0 : -1;
}

static int type_line(struct lws *wsi, struct run *r)
{
	const char *line = r->exec->typed[r->line];

	if (!line || !r->prompt)
		return 0;
	if (*line == '!') {
		if (!r->interrupted++)	/* the close may take more than one turn */
			say("interrupt");
		lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
		return -1;
	}
	if (*line == '@' && !r->half) {
		r->half = 1;
		lws_callback_on_writable(wsi);
		return write_frame(wsi, STDIN, line + 1, 7, "");
	}
	r->line++;
	r->prompt = 0;
	if (r->half) {
		r->half = 0;
		return write_frame(wsi, STDIN, line + 8, strlen(line + 8), "\n");
	}
	if (*line == '^')
		return write_frame(wsi, RESIZE, line + 1, strlen(line + 1), "");
	return write_frame(wsi, STDIN, line, strlen(line), "\n");
}

/* Some bytes of a channel: any piece of a frame after the channel's number. */
static void output(struct run *r, const unsigned char *in, size_t len)
{
	size_t at, old = r->bytes[r->channel];

	r->bytes[r->channel] += len;
	r->sum[r->channel] = fnv1a(in, len, r->sum[r->channel]);
	for (at = 0; at < len; at++) {
		if (r->channel == STDOUT) {
			r->last[0] = r->last[1];
			r->last[1] = in[at];
		}
		if (r->channel == STATUS && old + at + 1 < sizeof r->status)
			r->status[old + at] = (char)in[at];
	}
}

static int receive(struct lws *wsi, struct run *r, const unsigned char *in, size_t len)
{
	if (lws_is_first_fragment(wsi))
		r->channel = -1;
	if (r->channel < 0 && len) {
		if (!lws_frame_is_binary(wsi) || *in >= CHANNELS) {
			say("not a channel");
			return -1;
		}
		r->channel = *in++;
		len--;
	}
	if (r->channel >= 0)
		output(r, in, len);
	if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi))
		return 0;
	if (r->channel == STDOUT && !memcmp(r->last, "$ ", 2)) {
		r->prompt = 1;
		memset(r->last, 0, sizeof r->last);
		lws_callback_on_writable(wsi);
	}
	return 0;
}

static void peer_closes(const unsigned char *in, size_t len)
{
	if (len < 2)
		say("peer closes without a code");
	else
		say("peer closes: %u '%.*s'", in[0] << 8 | in[1], (int)len - 2, (const char *)in + 2);
}

static void summary(struct run *r)
{
	static const char *const names[] = { "stdin", "stdout", "stderr", "status" };
	int c;

	for (c = STDOUT; c <= STATUS; c++)
		say("%s: %u bytes, %08x", names[c], (unsigned)r->bytes[c], r->sum[c]);
	if (r->status[0])
		say("%s", r->status);
	r->done = 1;
}

static int callback_exec(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct run *r = (struct run *)user;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return append_header(wsi, (unsigned char **)in, len);
	case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
		say("HTTP %u", lws_http_client_http_response(wsi));
		break;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		say("established");
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return type_line(wsi, r);
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return receive(wsi, r, (const unsigned char *)in, len);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		peer_closes((const unsigned char *)in, len);
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("connection error: %s", reason_class(in, r->exec->refused ? r->exec->refused : "?"));
		summary(r);
		break;
	case LWS_CALLBACK_CLIENT_CLOSED:
		say("closed");
		summary(r);
		break;
	default:
		break;
	}
	return 0;
}

/* rx_buffer_size 0: the context's own size */
static const struct lws_protocols protocols[] = {
	{ "v4.channel.k8s.io", callback_exec, 0, 0, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 }
};

static int run_exec(struct lws_context *cx, const struct target *t, const struct exec *e)
{
	struct lws_client_connect_info i;
	struct run r;
	int c;

	memset(&r, 0, sizeof r);
	r.exec = e;
	for (c = 0; c < CHANNELS; c++)
		r.sum[c] = FNV_START;
	say("---- %s", e->name);
	fill_connect(&i, t, cx, e->path, "v4.channel.k8s.io");
	i.userdata = &r;
	if (!lws_client_connect_via_info(&i))
		return -1;
	while (!r.done)
		if (lws_service(cx, 0) < 0)
			return -1;
	return 0;
}

int main(int argc, char **argv)
{
	struct target t = begin(argc, argv);
	struct lws_context_creation_info info;
	struct lws_context *cx;
	size_t n;

	fill_context(&info, &t, protocols);
	cx = lws_create_context(&info);
	if (!cx)
		return 1;
	for (n = 0; n < sizeof execs / sizeof *execs; n++)
		if (run_exec(cx, &t, &execs[n]))
			return 1;
	lws_context_destroy(cx);
	say("end");
	return 0;
}
