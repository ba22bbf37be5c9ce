/*
 * fetch-many: fetches URLs and draws when each request waited, was sent, had its first byte and ended.
 *
 *	cc fetch-many.c -o fetch-many $(pkg-config --cflags --libs libwebsockets)
 *	./fetch-many -p -n 10 https://example.com/ https://example.com/robots.txt
 *
 * With -p, requests to the same place ask to share one connection (LCCSCF_PIPELINE); without it each has its own. Where the
 * server speaks h2 they share it at the same time, as streams, and in turn otherwise.
 * The exit code is 0 when every request was answered completely and with a status below 400.
 */

#define _POSIX_C_SOURCE 200809L

#include <libwebsockets.h>

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BAR_COLUMNS	48
#define REASON_SIZE	256

struct url {
	const char		*text;		/* as it was given */
	char			*address;	/* whom to connect to: no brackets, no port */
	char			*host;		/* what the server is called in the request */
	char			*path;
	int			port;
	int			tls;
};

struct request {
	const struct url	*url;
	lws_usec_t		asked, sent, first, ended;	/* 0: has not happened */
	unsigned long long	bytes;
	unsigned int		status;
	char			reason[REASON_SIZE];	/* why it failed; empty when it did not */
};

/* what the callbacks share */
static struct {
	struct lws_context	*context;
	struct request		*requests;
	size_t			count, unfinished;
	unsigned int		connections;
	int			flags;		/* LCCSCF_* that the command line asked for */
	const char		*alpn;
	lws_usec_t		began;
	volatile sig_atomic_t	interrupted;
} job = { .alpn = "h2,http/1.1" };

/* ---- one request's life ---- */

static void
finish(struct request *r, const char *reason)
{
	if (r->ended)
		return;		/* the first ending is the one that tells */

	r->ended = lws_now_usecs();
	if (reason)
		lws_snprintf(r->reason, sizeof(r->reason), "%s", reason);
	else if (r->status >= 400)
		lws_snprintf(r->reason, sizeof(r->reason), "the server answered with status %u", r->status);
	job.unfinished--;
}

static void
finish_closed(struct request *r)
{
	char reason[REASON_SIZE];

	lws_snprintf(reason, sizeof(reason), "the connection closed before the response was complete (after %llu bytes)",
		     r->bytes);
	finish(r, reason);
}

static void
finish_refused(struct request *r, const char *why, size_t length)
{
	char reason[REASON_SIZE];

	if (!why || !length) {
		finish(r, "the connection failed");
		return;
	}
	lws_snprintf(reason, sizeof(reason), "%.*s", (int)length, why);
	finish(r, reason);
}

/* the request is about to be sent: its header lines may be added to, up to `room` bytes */
static void
append_headers(char **at, size_t room)
{
	*at += lws_snprintf(*at, room, "User-Agent: fetch-many\r\nAccept: */*\r\n");
}

static int
drain_body(struct lws *wsi)
{
	static char buffer[LWS_PRE + 65536];
	char *at = buffer + LWS_PRE;
	int length = (int)sizeof(buffer) - LWS_PRE;

	/* calls back with RECEIVE_CLIENT_HTTP_READ for what there is */
	return lws_http_client_read(wsi, &at, &length) < 0 ? -1 : 0;
}

static int
on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct request *r = lws_get_opaque_user_data(wsi);

	(void)user;

	if (!r)
		return 0;	/* about the library, not about one of our requests */

	switch (reason) {
	case LWS_CALLBACK_CONNECTING:
		job.connections++;
		break;
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		r->sent = lws_now_usecs();
		append_headers(in, len);
		break;
	case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
		r->first = lws_now_usecs();
		r->status = lws_http_client_http_response(wsi);
		break;
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:	/* on HTTP/1.1; on h2 READ comes by itself */
		return drain_body(wsi);
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
		r->bytes += len;
		break;
	case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
		finish(r, NULL);
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		finish_refused(r, in, len);
		break;
	case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
		finish_closed(r);	/* does nothing when it was complete */
		break;
	default:
		break;
	}

	return 0;
}

static void
ask(struct request *r)
{
	struct lws_client_connect_info info;

	memset(&info, 0, sizeof(info));
	info.context		= job.context;
	info.address		= r->url->address;
	info.host		= r->url->host;
	info.port		= r->url->port;
	info.path		= r->url->path;
	info.method		= "GET";
	info.alpn		= r->url->tls ? job.alpn : NULL;
	info.protocol		= "fetch";
	info.opaque_user_data	= r;
	info.ssl_connection	= job.flags | (r->url->tls ? LCCSCF_USE_SSL : 0);

	r->asked = lws_now_usecs();
	if (!lws_client_connect_via_info(&info))
		finish(r, "the request was not accepted");
}

/* the library says when it is ready for work */
static int
on_state(lws_state_manager_t *manager, lws_state_notify_link_t *link, int current, int target)
{
	size_t i;

	(void)manager;
	(void)link;

	if (current != LWS_SYSTATE_OPERATIONAL || target != LWS_SYSTATE_OPERATIONAL)
		return 0;

	job.began = lws_now_usecs();
	for (i = 0; i < job.count; i++)
		ask(&job.requests[i]);

	return 0;
}

/* ---- what is printed ---- */

static double
ms_since_start(lws_usec_t when)
{
	return (double)(when - job.began) / 1000.0;
}

static void
print_ms(lws_usec_t when)
{
	if (when)
		printf(" %9.1f", ms_since_start(when));
	else
		printf(" %9s", "-");
}

static lws_usec_t
last_end(void)
{
	lws_usec_t last = job.began;
	size_t i;

	for (i = 0; i < job.count; i++)
		if (job.requests[i].ended > last)
			last = job.requests[i].ended;

	return last;
}

/* '.' waited, '=' sent, '#' body; each column stands for the moment in its middle */
static void
draw_bar(const struct request *r, lws_usec_t wall, char bar[BAR_COLUMNS + 1])
{
	int column;

	for (column = 0; column < BAR_COLUMNS; column++) {
		lws_usec_t at = job.began + wall * (2 * column + 1) / (2 * BAR_COLUMNS);

		if (at < r->asked || at > r->ended)
			bar[column] = ' ';
		else if (!r->sent || at < r->sent)
			bar[column] = '.';
		else if (!r->first || at < r->first)
			bar[column] = '=';
		else
			bar[column] = '#';
	}
	if (r->first) {		/* a body that falls between two moments shows all the same */
		column = (int)((r->first - job.began) * BAR_COLUMNS / wall);
		bar[column < BAR_COLUMNS ? column : BAR_COLUMNS - 1] = '#';
	}
	bar[BAR_COLUMNS] = '\0';
}

static void
print_waterfall(void)
{
	lws_usec_t wall = last_end() - job.began;
	char bar[BAR_COLUMNS + 1];
	size_t i;

	printf("%5s %9s %9s %9s %9s  %-*s  status\n", "ms:", "asked", "sent", "first", "end",
	       BAR_COLUMNS, "'.' waits  '=' is sent  '#' body");
	for (i = 0; i < job.count; i++) {
		const struct request *r = &job.requests[i];

		draw_bar(r, wall > 0 ? wall : 1, bar);
		printf("%5llu", (unsigned long long)i + 1);
		print_ms(r->asked);
		print_ms(r->sent);
		print_ms(r->first);
		print_ms(r->ended);
		printf(" |%s| ", bar);
		if (r->status)
			printf("%u ", r->status);
		printf("%s%s\n", r->url->path, r->reason[0] ? " FAILED" : "");
	}
}

/* returns how many failed */
static size_t
print_totals(void)
{
	unsigned long long bytes = 0;
	size_t i, failed = 0;

	for (i = 0; i < job.count; i++) {
		bytes += job.requests[i].bytes;
		failed += job.requests[i].reason[0] != '\0';
	}
	printf("requests=%llu failed=%llu bytes=%llu wall_ms=%.1f connections=%u\n", (unsigned long long)job.count,
	       (unsigned long long)failed, bytes, ms_since_start(last_end()), job.connections);
	fflush(stdout);
	for (i = 0; i < job.count; i++)
		if (job.requests[i].reason[0])
			fprintf(stderr, "fetch-many: request %llu, %s: %s\n", (unsigned long long)i + 1,
				job.requests[i].url->text, job.requests[i].reason);

	return failed;
}

/* ---- the command line ---- */

static void *
allocate(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (!memory) {
		fprintf(stderr, "fetch-many: out of memory\n");
		exit(1);
	}

	return memory;
}

/* a string of its own: `before`, then `length` bytes of `from` */
static char *
copy_span(const char *before, const char *from, size_t length)
{
	size_t lead = strlen(before);
	char *copy = allocate(lead + length + 1, 1);

	memcpy(copy, before, lead);
	memcpy(copy + lead, from, length);

	return copy;
}

/* the port that ":123" names, 0 when that is none */
static int
parse_port(const char *colon, const char *end)
{
	long port = 0;
	const char *at;

	for (at = colon + 1; at < end; at++) {
		if (*at < '0' || *at > '9' || port > 65535)
			return 0;
		port = port * 10 + (*at - '0');
	}

	return port <= 65535 ? (int)port : 0;
}

/* splits "host", "host:port", "[v6]" or "[v6]:port"; returns what is wrong with it, or NULL */
static const char *
parse_authority(struct url *url, const char *from, size_t length)
{
	const char *end = from + length, *name = from, *name_end, *colon;
	int usual = url->port;

	if (memchr(from, '@', length))
		return "user names and passwords in a URL are not sent; leave out what is before the @";
	if (length && *from == '[') {
		name++;
		name_end = memchr(from, ']', length);
		if (!name_end)
			return "the [ has no ]";
		colon = name_end + 1;
		if (colon < end && *colon != ':')
			return "only a port may follow the ]";
	} else {
		name_end = memchr(from, ':', length);
		if (!name_end)
			name_end = end;
		colon = name_end;
	}
	if (name_end == name)
		return "no host";
	if (colon + 1 < end) {
		url->port = parse_port(colon, end);
		if (!url->port)
			return "the port is not a number from 1 to 65535";
	}
	url->address = copy_span("", name, (size_t)(name_end - name));
	/* the usual port of the scheme is left out of Host */
	url->host = copy_span("", from, (size_t)((url->port == usual ? colon : end) - from));

	return NULL;
}

static const char *
parse_url(struct url *url, const char *text)
{
	const char *authority, *path, *at;
	size_t path_length;

	url->text = text;
	for (at = text; *at; at++)
		if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7f)
			return "spaces, control characters and non-ASCII have to be percent-encoded";
	if (!strncasecmp(text, "https://", 8)) {
		url->tls = 1;
		url->port = 443;
		authority = text + 8;
	} else if (!strncasecmp(text, "http://", 7)) {
		url->port = 80;
		authority = text + 7;
	} else {
		return "it has to begin with http:// or https://";
	}
	path = authority + strcspn(authority, "/?#");
	path_length = strcspn(path, "#");
	/* "http://host?query" has the path "/" */
	url->path = copy_span(*path == '/' ? "" : "/", path, path_length);

	return parse_authority(url, authority, (size_t)(path - authority));
}

static void
usage(FILE *to)
{
	fprintf(to,
		"fetch-many [-p] [-n N] [--h1] [-k] [--cacert FILE] URL...\n"
		"  -p             requests to the same place share a connection (LCCSCF_PIPELINE)\n"
		"  -n N           fetch every URL N times\n"
		"  --h1           offer HTTP/1.1 only, instead of h2 and HTTP/1.1\n"
		"  -k             take any certificate\n"
		"  --cacert FILE  trust the CA in this PEM file too\n");
}

struct options {
	const char	*cacert;
	unsigned long	times;
};

/* returns the index of the first URL, or exits */
static int
parse_options(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "h1",		no_argument,		NULL, '1' },
		{ "cacert",	required_argument,	NULL, 'c' },
		{ "help",	no_argument,		NULL, 'h' },
		{ NULL,		0,			NULL, 0 }
	};
	char *end;
	int c;

	while ((c = getopt_long(argc, argv, "pn:kh", known, NULL)) != -1) {
		switch (c) {
		case 'p':
			job.flags |= LCCSCF_PIPELINE;
			break;
		case 'n':
			options->times = strtoul(optarg, &end, 10);
			if (*end || *optarg == '-' || options->times < 1 || options->times > 1000000) {
				fprintf(stderr, "fetch-many: -n takes a number from 1 to 1000000\n");
				exit(2);
			}
			break;
		case '1':
			job.alpn = "http/1.1";
			break;
		case 'k':
			job.flags |= LCCSCF_ALLOW_SELFSIGNED | LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK |
				     LCCSCF_ALLOW_EXPIRED | LCCSCF_ALLOW_INSECURE;
			break;
		case 'c':
			options->cacert = optarg;
			break;
		case 'h':
			usage(stdout);
			exit(0);
		default:
			usage(stderr);
			exit(2);
		}
	}
	if (optind == argc) {
		usage(stderr);
		exit(2);
	}

	return optind;
}

/* every URL in turn, and that `times` times */
static void
plan_requests(struct url *urls, size_t url_count, unsigned long times)
{
	size_t i;

	job.count = job.unfinished = url_count * times;
	job.requests = allocate(job.count, sizeof(*job.requests));
	for (i = 0; i < job.count; i++)
		job.requests[i].url = &urls[i % url_count];
}

static void
on_interrupt(int signal_number)
{
	(void)signal_number;
	job.interrupted = 1;
	lws_cancel_service(job.context);
}

static int
run(const char *cacert)
{
	static const struct lws_protocols protocols[] = {
		{ .name = "fetch", .callback = on_event },
		{ 0 }
	};
	lws_state_notify_link_t notifier = { .notify_cb = on_state, .name = "fetch-many" };
	lws_state_notify_link_t *notifiers[] = { &notifier, NULL };
	struct lws_context_creation_info info;
	size_t i;

	memset(&info, 0, sizeof(info));
	info.port			= CONTEXT_PORT_NO_LISTEN;
	info.options			= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.protocols			= protocols;
	info.client_ssl_ca_filepath	= cacert;
	info.register_notifier_list	= notifiers;
	job.context = lws_create_context(&info);
	if (!job.context) {
		fprintf(stderr, "fetch-many: the library did not start\n");
		return 1;
	}
	job.began = lws_now_usecs();
	signal(SIGINT, on_interrupt);
	while (job.unfinished && !job.interrupted && lws_service(job.context, 0) >= 0)
		;
	for (i = 0; i < job.count; i++)
		finish(&job.requests[i], job.interrupted ? "interrupted" : "the service loop ended");
	signal(SIGINT, SIG_DFL);
	lws_context_destroy(job.context);

	return 0;
}

static void
free_urls(struct url *urls, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		free(urls[i].address);
		free(urls[i].host);
		free(urls[i].path);
	}
	free(urls);
}

/* nonzero, and a line that says why, when one of them is no URL that we can fetch */
static int
parse_urls(struct url *urls, size_t count, char **texts)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const char *wrong = parse_url(&urls[i], texts[i]);

		if (wrong) {
			fprintf(stderr, "fetch-many: %s: %s\n", texts[i], wrong);
			return 1;
		}
	}

	return 0;
}

int
main(int argc, char **argv)
{
	struct options options = { .times = 1 };
	int first = parse_options(argc, argv, &options), exit_code = 2;
	size_t url_count = (size_t)(argc - first);
	struct url *urls = allocate(url_count, sizeof(*urls));

	lws_set_log_level(LLL_ERR | LLL_WARN, NULL);
	if (!parse_urls(urls, url_count, argv + first)) {
		plan_requests(urls, url_count, options.times);
		exit_code = run(options.cacert);
		if (!exit_code) {
			print_waterfall();
			exit_code = print_totals() ? 1 : 0;
		}
		free(job.requests);
	}
	free_urls(urls, url_count);

	return exit_code;
}
