/*
 * The client of Autobahn's fuzzing server: asks how many cases there are, echoes what each sends, and has the reports written.
 *
 * It uses nothing but the API, and compiles with any library that has it. conformance/run.sh runs it.
 *
 *   autobahn [-a ADDRESS] -p PORT [-n AGENT] [-j CONNECTIONS] [-w SECONDS] [-t CA-FILE [-2]] [-d] [-s] [-v]
 *
 * -t speaks TLS, -2 asks for h2 there; -d does without permessage-deflate; -s sends each piece as it comes instead of the whole
 * message, as a fragment of one; -v shows what the library notices.
 */
#include <libwebsockets.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	MAX_CONNECTIONS = 64,
	MAX_MESSAGE = 64 << 20,
	MAX_WAITING = 32		/* pieces to send before reading pauses, half of them before it goes on */
};

static struct options {
	const char *address, *agent, *ca;
	int port, connections, h2, no_deflate, piecewise;
	unsigned seconds;
	int levels;
} options = { .address = "127.0.0.1", .agent = "Broadside", .connections = 1, .seconds = 600, .levels = LLL_ERR | LLL_WARN };

/* What is to be sent: LWS_PRE bytes of room, then `len` bytes. */
struct piece {
	struct piece *next;
	size_t len;
	int type;
	unsigned char bytes[];
};

struct link {
	enum { FREE, COUNT, CASE, REPORTS } what;
	int nth, ended;
	struct piece *first, **last;
	struct piece *sent;		/* kept until the next WRITEABLE: with an extension it may still be read */
	int waiting, paused;
	int inside;			/* a message: its first piece has come */
	struct piece *message;		/* as far as it has come; NULL where pieces are sent at once */
	size_t room;
};

static struct lws_context *context;
static struct link links[MAX_CONNECTIONS];
static int count = -1, failures;

/* ---- sending ---- */

static struct piece *new_piece(size_t room)
{
	struct piece *p = malloc(sizeof *p + LWS_PRE + room);

	if (p) {
		p->next = NULL;
		p->len = 0;
	}
	return p;
}

static void queue(struct link *l, struct piece *p)
{
	*l->last = p;
	l->last = &p->next;
	l->waiting++;
}

static int write_one(struct link *l, struct lws *wsi)
{
	struct piece *p = l->first;

	free(l->sent);
	l->sent = p;
	if (!p)
		return 0;
	l->first = p->next;
	if (!l->first)
		l->last = &l->first;
	l->waiting--;
	if (lws_write(wsi, p->bytes + LWS_PRE, p->len, (enum lws_write_protocol)p->type) < (int)p->len)
		return -1;
	if (l->paused && l->waiting <= MAX_WAITING / 2) {
		l->paused = 0;
		lws_rx_flow_control(wsi, 1);
	}
	if (l->first)
		lws_callback_on_writable(wsi);
	return 0;
}

/* ---- receiving ---- */

/* The piece that `len` more bytes go into: the message's, with room for them, or a new one. */
static struct piece *piece_for(struct link *l, size_t len)
{
	struct piece *p = l->message;
	size_t room = l->room ? l->room : 4096;

	if (options.piecewise)
		return new_piece(len);
	if (p && l->room - p->len >= len)
		return p;
	while (room - (p ? p->len : 0) < len)
		room *= 2;
	if (room > MAX_MESSAGE)
		return NULL;
	if (!p)
		p = new_piece(room);
	else
		p = realloc(p, sizeof *p + LWS_PRE + room);
	if (p) {
		l->message = p;
		l->room = room;
	}
	return p;
}

static int type_of(struct link *l, struct lws *wsi, int final)
{
	int type = lws_frame_is_binary(wsi) ? LWS_WRITE_BINARY : LWS_WRITE_TEXT;

	if (!options.piecewise)
		return type;
	if (l->inside)
		type = LWS_WRITE_CONTINUATION;
	return final ? type : type | LWS_WRITE_NO_FIN;
}

static int echo(struct link *l, struct lws *wsi, const void *in, size_t len)
{
	int final = lws_is_final_fragment(wsi);
	struct piece *p = piece_for(l, len);

	if (!p) {
		lws_close_reason(wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, NULL, 0);
		return -1;
	}
	if (len)
		memcpy(p->bytes + LWS_PRE + p->len, in, len);
	p->len += len;
	if (!final && !options.piecewise)
		return 0;
	p->type = type_of(l, wsi, final);
	l->inside = !final;
	l->message = NULL;
	l->room = 0;
	queue(l, p);
	if (!l->paused && l->waiting > MAX_WAITING) {
		l->paused = 1;
		lws_rx_flow_control(wsi, 0);
	}
	lws_callback_on_writable(wsi);
	return 0;
}

static void read_count(const void *in, size_t len)
{
	char text[16];

	if (len < sizeof text) {
		memcpy(text, in, len);
		text[len] = '\0';
		count = atoi(text);
	}
}

/* ---- connections ---- */

static void forget(struct link *l)
{
	struct piece *p;

	while ((p = l->first)) {
		l->first = p->next;
		free(p);
	}
	free(l->message);
	free(l->sent);
	l->message = l->sent = NULL;
	l->ended = 1;
}

static void fail(struct link *l, const char *why)
{
	fprintf(stderr, "autobahn: %s %d: %s\n", l->what == CASE ? "case" : l->what == COUNT ? "count" : "reports", l->nth, why);
	failures++;
	forget(l);
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct link *l = user;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_RECEIVE:
		if (l->what == CASE)
			return echo(l, wsi, in, len);
		read_count(in, len);
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return write_one(l, wsi);
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		fail(l, in ? (const char *)in : "no reason");
		break;
	case LWS_CALLBACK_CLIENT_CLOSED:
		forget(l);
		break;
	default:
		break;
	}
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ .name = "echo", .callback = callback, .rx_buffer_size = 65536 },
	{ .name = NULL },
};

/* Both parameters, so that a server may use either: cases 13.* do. */
static const struct lws_extension extensions[] = {
	{ "permessage-deflate", lws_extension_callback_pm_deflate,
	  "permessage-deflate; client_no_context_takeover; client_max_window_bits" },
	{ NULL, NULL, NULL },
};

static void open_link(struct link *l, int what, int nth)
{
	static const char *const paths[] = { "", "/getCaseCount?agent=%s", "/runCase?agent=%s&case=%d", "/updateReports?agent=%s" };
	struct lws_client_connect_info info = { .context = context, .address = options.address, .port = options.port };
	char path[200];

	memset(l, 0, sizeof *l);
	l->what = what;
	l->nth = nth;
	l->last = &l->first;
	lws_snprintf(path, sizeof path, paths[what], options.agent, nth);
	info.path = path;
	info.host = options.address;
	info.local_protocol_name = "echo";
	info.userdata = l;
	if (options.ca)
		info.ssl_connection = LCCSCF_USE_SSL;
	if (options.h2)
		info.alpn = "h2";
	if (!lws_client_connect_via_info(&info) && !l->ended)
		fail(l, "not accepted");
}

/* ---- the run ---- */

/* Runs until this one connection has ended. */
static void run_one(int what)
{
	open_link(links, what, 0);
	while (!links[0].ended)
		lws_service(context, 0);
}

static void run_cases(void)
{
	int next = 1, open = 0, i;

	for (i = 0; i < options.connections; i++)
		links[i].ended = 1;
	do {
		for (i = open = 0; i < options.connections; i++) {
			if (links[i].ended && next <= count)
				open_link(links + i, CASE, next++);
			open += !links[i].ended;
		}
		if (open)
			lws_service(context, 0);
	} while (open || next <= count);
}

static void usage(void)
{
	fputs("usage: autobahn [-a ADDRESS] -p PORT [-n AGENT] [-j CONNECTIONS] [-w SECONDS] [-t CA-FILE [-2]] [-d] [-s] [-v]\n", stderr);
	exit(2);
}

static void parse(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "a:p:n:j:w:t:2dsv")) != -1)
		switch (c) {
		case 'a': options.address = optarg; break;
		case 'p': options.port = atoi(optarg); break;
		case 'n': options.agent = optarg; break;
		case 'j': options.connections = atoi(optarg); break;
		case 'w': options.seconds = (unsigned)atoi(optarg); break;
		case 't': options.ca = optarg; break;
		case '2': options.h2 = 1; break;
		case 'd': options.no_deflate = 1; break;
		case 's': options.piecewise = 1; break;
		case 'v': options.levels |= LLL_NOTICE | LLL_INFO; break;
		default: usage();
		}
	if (!options.port || options.connections < 1 || options.connections > MAX_CONNECTIONS)
		usage();
}

static void too_long(int sig)
{
	static const char text[] = "autobahn: not done in time\n";

	(void)sig;
	_exit(write(2, text, sizeof text - 1) < 0 ? 4 : 3);
}

int main(int argc, char **argv)
{
	struct lws_context_creation_info info = { .port = CONTEXT_PORT_NO_LISTEN, .protocols = protocols };

	parse(argc, argv);
	signal(SIGALRM, too_long);
	alarm(options.seconds);
	lws_set_log_level(options.levels, NULL);
	info.options = LWS_SERVER_OPTION_VALIDATE_UTF8;
	if (!options.no_deflate)
		info.extensions = extensions;
	if (options.ca) {
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.client_ssl_ca_filepath = options.ca;
	}
	context = lws_create_context(&info);
	if (!context)
		return 2;
	run_one(COUNT);
	if (count < 1) {
		fputs("autobahn: the server did not say how many cases it has\n", stderr);
		failures++;
	} else {
		run_cases();
		run_one(REPORTS);
	}
	lws_context_destroy(context);
	printf("%d cases, %d connections failed\n", count, failures);
	return failures ? 1 : 0;
}
