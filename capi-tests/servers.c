/* Real servers on loopback: their configurations, starting and stopping, and what they say they saw. See servers.h. */
#include "servers_ws.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_INSTALLED = 127, MAX_SERVERS = 4 };

static struct server *servers[MAX_SERVERS];

/* ---- what they serve ---- */

void fill(char *at, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		at[i] = (char)('a' + (i * 7 + i / 251 + len) % 26);
}

unsigned fill_sum(size_t len)
{
	char *bytes = malloc(len + 1);
	unsigned sum;

	CHECK(bytes);
	fill(bytes, len);
	sum = fnv(bytes, len, FNV_START);
	free(bytes);
	return sum;
}

size_t many(void)
{
	return scale() >= 100000 ? 2000 : scale() >= 10000 ? 500 : 100;
}

const char *server_path(struct server *v, const char *name)
{
	static char path[4][200];
	static int at;

	at = (at + 1) % 4;
	snprintf(path[at], sizeof path[at], "%s/%s", v->dir, name);
	return path[at];
}

static void write_file(struct server *v, const char *name, const char *text, size_t len)
{
	const char *path = server_path(v, name);
	FILE *f = fopen(path, "w");

	CHECK(f && fwrite(text, 1, len, f) == len && !fclose(f));
	CHECK(!chmod(path, 0644));	/* some read it as another user */
}

void write_text(struct server *v, const char *name, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	CHECK(n >= 0);
	write_file(v, name, text, (size_t)n);
	free(text);
}

static void write_files(struct server *v)
{
	static const struct { const char *name; size_t size; } files[] = {
		{ "file", FILE_SIZE }, { "big", BIG_SIZE }, { "huge", HUGE_SIZE },
	};
	size_t i;

	for (i = 0; i < sizeof files / sizeof *files; i++) {
		char *bytes = malloc(files[i].size);

		CHECK(bytes);
		fill(bytes, files[i].size);
		write_file(v, files[i].name, bytes, files[i].size);
		free(bytes);
	}
	write_file(v, "access", "", 0);
	write_file(v, "most", "", 0);
}

/* ---- starting ---- */

/*
 * An address that only this process uses, so that nobody else takes a port between looking for a free one and listening on it:
 * all of 127.0.0.0/8 is ours.
 */
static void own_address(struct server *v)
{
	unsigned pid = (unsigned)getpid();

	snprintf(v->address, sizeof v->address, "127.%u.%u.%u", 1 + (pid >> 16) % 250, pid >> 8 & 255, pid & 255);
}

static struct sockaddr_in place(const struct server *v)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons((unsigned short)v->port) };

	CHECK(inet_pton(AF_INET, v->address, &in.sin_addr) == 1);
	return in;
}

static int free_port(const struct server *v)
{
	struct sockaddr_in in = place(v);
	socklen_t len = sizeof in;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	in.sin_port = 0;
	CHECK(fd >= 0 && !bind(fd, (struct sockaddr *)&in, len) && !getsockname(fd, (struct sockaddr *)&in, &len));
	close(fd);
	return ntohs(in.sin_port);
}

static int listens(const struct server *v)
{
	struct sockaddr_in in = place(v);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), does;

	CHECK(fd >= 0);
	does = !connect(fd, (struct sockaddr *)&in, sizeof in);
	close(fd);
	return does;
}

static void become(struct server *v, int to, int from, char *line)
{
	char *argv[48], *save = NULL, path[4096];
	int n = 0, log = open(server_path(v, "log"), O_WRONLY | O_CREAT | O_APPEND, 0644);
	const char *old = getenv("PATH");

	/* It ends when the story does, however that ends; with its children, which are in its group. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGALRM, SIG_DFL);
	alarm(0);
	dup2(to, 0);
	dup2(from, 1);
	dup2(log, 2);
	if (strcmp(v->opts.kind, "node"))
		dup2(log, 1);
	snprintf(path, sizeof path, "%s:/usr/sbin", old ? old : "/usr/bin:/bin");
	setenv("PATH", path, 1);
	for (argv[0] = strtok_r(line, " ", &save); argv[n] && n < 46; argv[n] = strtok_r(NULL, " ", &save))
		n++;
	argv[n] = NULL;
	execvp(argv[0], argv);
	_exit(NOT_INSTALLED);
}

void launch(struct server *v, const char *fmt, ...)
{
	int to[2], from[2];
	char line[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	CHECK(!pipe2(to, O_CLOEXEC) && !pipe2(from, O_CLOEXEC));
	v->pid = fork();
	CHECK(v->pid >= 0);
	if (!v->pid)
		become(v, to[0], from[1], line);
	setpgid(v->pid, v->pid);
	close(to[0]);
	close(from[1]);
	v->in = to[1];
	v->out = from[0];
}

static const char *or_none(const char *text)
{
	return text ? text : "";
}

/*
 * nginx has no echo: a body of /echo travels as a header field to a second server on a unix socket, which returns that; one of
 * /up is kept in a file, whose name comes back.
 */
static void start_nginx(struct server *v)
{
	const char *d = v->dir, *certs = v->story->peer.dir;
	int tls = v->story->opts.tls;

	write_text(v, "conf",
		"daemon off; worker_processes 1; pid %s/pid; error_log %s/error info;\n"
		"events { worker_connections 4096; }\n"
		"http { log_format short '$connection $request_uri'; access_log off; gzip off;\n"
		"client_body_temp_path %s/t1; proxy_temp_path %s/t2; fastcgi_temp_path %s/t3; uwsgi_temp_path %s/t4; scgi_temp_path %s/t5;\n"
		"keepalive_requests %d; %s\n"
		"server { listen %s:%d %s %s; root %s; access_log %s/access short; ssl_certificate %s/good.pem; ssl_certificate_key %s/good.key;\n"
		"  %s%d%s\n"
		"  location = /204 { return 204; }\n"
		"  location = /small { client_max_body_size 1k; return 200 small; }\n"
		"  location = /echo { client_body_buffer_size 16k; client_body_in_single_buffer on; proxy_method GET; proxy_pass_request_body off;\n"
		"    proxy_set_header Content-Length \"\"; proxy_set_header X-Body $request_body; proxy_pass http://unix:%s/sock:/echo; }\n"
		"  location = /up { client_max_body_size 20m; client_body_in_file_only on; proxy_method GET; proxy_pass_request_body off;\n"
		"    proxy_set_header Content-Length \"\"; proxy_set_header X-Body $request_body_file; proxy_pass http://unix:%s/sock:/echo; }\n"
		"}\n"
		"server { listen unix:%s/sock; large_client_header_buffers 4 32k; location / { return 200 $http_x_body; } } }\n",
		d, d, d, d, d, d, d, v->opts.requests ? v->opts.requests : 1000000, or_none(v->opts.extra),
		v->address, v->port, tls ? "ssl" : "", v->opts.h1 ? "" : "http2", d, d, certs, certs,
		v->opts.streams ? "http2_max_concurrent_streams " : "# ", v->opts.streams, v->opts.streams ? ";" : "",
		d, d, d);
	launch(v, "nginx -p %s -c %s/conf", d, d);
}

static void start_nghttpd(struct server *v)
{
	char streams[40] = "", certs[600] = "";

	if (v->opts.streams)
		snprintf(streams, sizeof streams, "-m %d", v->opts.streams);
	if (v->story->opts.tls)
		snprintf(certs, sizeof certs, "%s/good.key %s/good.pem", v->story->peer.dir, v->story->peer.dir);
	launch(v, "nghttpd -v -a %s -d %s --echo-upload %s %s %s %d %s", v->address, v->dir, streams, or_none(v->opts.extra),
	       v->story->opts.tls ? "" : "--no-tls", v->port, certs);
}

static void start_node(struct server *v)
{
	write_text(v, "options", "{ \"dir\": \"%s\", \"address\": \"%s\", \"port\": %d, \"certs\": \"%s\", \"tls\": %s, \"h1\": %s,"
		   " \"streams\": %d, \"requests\": %d, \"http2\": %s }\n",
		   v->dir, v->address, v->port, v->story->peer.dir, v->story->opts.tls ? "true" : "false",
		   v->opts.h1 ? "true" : "false", v->opts.streams, v->opts.requests, v->opts.extra ? v->opts.extra : "{}");
	launch(v, "env NODE_PATH=/usr/share/nodejs node %s/node.js %s/options", SERVERS, v->dir);
}

static void start_h2o(struct server *v)
{
	const char *d = v->dir, *certs = v->story->peer.dir;
	char ssl[700] = "";

	if (v->story->opts.tls)
		snprintf(ssl, sizeof ssl, "  ssl: { certificate-file: %s/good.pem, key-file: %s/good.key }\n", certs, certs);
	write_text(v, "conf",
		"num-threads: 1\nerror-log: %s/error\n"
		"listen:\n  host: %s\n  port: %d\n%s"
		"http2-max-concurrent-requests-per-connection: %d\n"
		"access-log: { path: %s/access, format: \"%%{connection-id}x %%U\" }\n"
		"hosts:\n  default:\n    paths:\n"
		"      /echo: { mruby.handler: \"Proc.new { |env| [200, {}, [env['rack.input'] ? env['rack.input'].read : '']] }\" }\n"
		"      /204: { mruby.handler: \"Proc.new { |env| [204, {}, []] }\" }\n"
		"      /: { file.dir: %s }\n",
		d, v->address, v->port, ssl, v->opts.streams ? v->opts.streams : 100, d, d);
	launch(v, "h2o -c %s/conf", d);
}

static void start_apache(struct server *v)
{
	const char *d = v->dir, *modules = "/usr/lib/apache2/modules";
	char tls[1000] = "", streams[60] = "";
	static const char *const loaded[] = { "mpm_event", "authz_core", "alias", "http2", "ssl", "authn_core", "authn_file", "authz_user",
					      "auth_basic", "auth_digest" };
	char lines[1600];
	size_t i, n = 0;

	for (i = 0; i < sizeof loaded / sizeof *loaded; i++)
		n += (size_t)snprintf(lines + n, sizeof lines - n, "LoadModule %s_module %s/mod_%s.so\n", loaded[i], modules, loaded[i]);
	if (v->story->opts.tls)
		snprintf(tls, sizeof tls, "SSLEngine on\nSSLCertificateFile %s/good.pem\nSSLCertificateKeyFile %s/good.key\n",
			 v->story->peer.dir, v->story->peer.dir);
	if (v->opts.streams)
		snprintf(streams, sizeof streams, "H2MaxSessionStreams %d\n", v->opts.streams);
	write_text(v, "conf",
		"%sServerRoot %s\nServerName localhost\nPidFile %s/pid\nDefaultRuntimeDir %s\nMutex pthread\nListen %s:%d\n"
		"User www-data\nGroup www-data\nStartServers 1\nServerLimit 1\nMaxRequestWorkers 25\nKeepAlive on\nMaxKeepAliveRequests 0\n"
		"ErrorLog %s/error\nLogFormat \"%%{remote}p %%U\" short\nCustomLog %s/access short\n"
		"Protocols %s http/1.1\n%s%s"
		"DocumentRoot %s\n<Directory %s>\nRequire all granted\n</Directory>\n"
		"Redirect 204 /204\n%s",
		lines, d, d, d, v->address, v->port, d, d, v->opts.h1 ? "" : v->story->opts.tls ? "h2" : "h2c", streams, tls, d, d,
		or_none(v->opts.extra));
	launch(v, "apache2 -f %s/conf -DFOREGROUND", d);
}

/* What is not real here is in proxy.py. */
static void start_proxy(struct server *v)
{
	launch(v, "/usr/bin/python3 %s/proxy.py %s %s %d", SERVERS, v->dir, v->address, v->port);
}

static void start_tinyproxy(struct server *v)
{
	write_text(v, "conf", "Listen %s\nPort %d\nTimeout 60\nMaxClients 50\nAllow 127.0.0.0/8\nLogFile \"%s/access\"\nLogLevel Connect\n%s\n",
		   v->address, v->port, v->dir, or_none(v->opts.extra));
	launch(v, "tinyproxy -d -c %s/conf", v->dir);
}

static void start_microsocks(struct server *v)
{
	launch(v, "microsocks -i %s -p %d %s", v->address, v->port, or_none(v->opts.extra));
}

static const struct kind {
	const char *name;
	void (*start)(struct server *v);
} kinds[] = {
	{ "nginx", start_nginx }, { "nghttpd", start_nghttpd }, { "node", start_node }, { "h2o", start_h2o },
	{ "apache", start_apache }, { "hypercorn", start_hypercorn }, { "site", start_site },
	{ "proxy", start_proxy }, { "tinyproxy", start_tinyproxy }, { "microsocks", start_microsocks },
	{ "websockets", start_websockets }, { "ws", start_ws }, { "lws", start_lws }, { "nginx_ws", start_nginx_ws },
};

static const struct kind *kind_of(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	fail(__FILE__, __LINE__, "no server is called \"%s\"", name);
}

static void print_file(struct server *v, const char *name)
{
	FILE *f = fopen(server_path(v, name), "r");
	char text[6000];
	size_t n;

	if (!f)
		return;
	if (!fseek(f, 0, SEEK_END) && ftell(f) > (long)sizeof text)
		fseek(f, -(long)sizeof text, SEEK_END);
	else
		rewind(f);
	n = fread(text, 1, sizeof text, f);
	fclose(f);
	if (n)
		fprintf(stderr, "---- the end of %s's %s:\n%.*s\n", v->opts.kind, name, (int)n, text);
}

/* After a failed check: nothing that was started stays. */
static void stop_all(void)
{
	int i;

	for (i = 0; i < MAX_SERVERS; i++) {
		struct server *v = servers[i];

		if (!v)
			continue;
		if (v->pid > 0) {
			kill(-v->pid, SIGKILL);
			waitpid(v->pid, NULL, 0);
		}
		print_file(v, "log");
		print_file(v, "error");
		if (!getenv("HARNESS_KEEP"))
			server_forget(v);
	}
}

void skip(struct server *v)
{
	fprintf(stderr, "%s is not installed\n", v->opts.kind);
	server_forget(v);
	peer_stop(&v->story->peer);
	_exit(77);
}

/* Waits until it listens, or has ended. */
static int came_up(struct server *v)
{
	int status;

	while (!listens(v)) {
		if (waitpid(v->pid, &status, WNOHANG) == v->pid) {
			v->pid = 0;
			close(v->in);
			close(v->out);
			if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_INSTALLED)
				skip(v);
			return 0;
		}
		poll(NULL, 0, 2);
	}
	return 1;
}

void server_start(struct server *v, struct story *s, const struct server_opts *o)
{
	const struct kind *kind = kind_of(o->kind);
	int i, tries;

	memset(v, 0, sizeof *v);
	v->opts = *o;
	v->story = s;
	v->alpn = s->opts.tls ? "h2" : NULL;
	v->flags = s->opts.tls ? 0 : (int)LCCSCF_H2_PRIOR_KNOWLEDGE;
	strcpy(v->dir, "/tmp/broadside-server-XXXXXX");
	CHECK(mkdtemp(v->dir) && !chmod(v->dir, 0755));
	for (i = 0; i < MAX_SERVERS - 1 && servers[i]; i++)
		;
	servers[i] = v;
	on_failure = stop_all;
	write_files(v);
	own_address(v);
	for (tries = 0; tries < 5; tries++) {
		v->port = free_port(v);
		kind->start(v);
		if (came_up(v))
			return;
	}
	fail(__FILE__, __LINE__, "%s does not start", o->kind);
}

/* ---- talking, stopping ---- */

const char *server_say(struct server *v, const char *line)
{
	size_t n = strlen(line), len = 0;

	CHECK(write(v->in, line, n) == (ssize_t)n && write(v->in, "\n", 1) == 1);
	while (len + 1 < sizeof v->answer) {
		ssize_t got = read(v->out, v->answer + len, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || v->answer[len] == '\n')
			break;
		len++;
	}
	v->answer[len] = '\0';
	return v->answer;
}

void server_signal(struct server *v, int sig)
{
	CHECK(v->pid > 0 && !kill(v->pid, sig));
}

void server_kill_worker(struct server *v)
{
	char name[80];
	int worker;
	FILE *f;

	snprintf(name, sizeof name, "/proc/%d/task/%d/children", v->pid, v->pid);
	f = fopen(name, "r");
	CHECK(f && fscanf(f, "%d", &worker) == 1 && !fclose(f));
	CHECK(!kill(worker, SIGKILL));
}

void server_stop(struct server *v)
{
	if (v->pid <= 0)
		return;
	kill(v->pid, SIGTERM);
	while (waitpid(v->pid, NULL, 0) < 0 && errno == EINTR)
		;
	kill(-v->pid, SIGKILL);		/* whatever it left */
	v->pid = 0;
	close(v->in);
	close(v->out);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

void server_forget(struct server *v)
{
	int i;

	nftw(v->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	for (i = 0; i < MAX_SERVERS; i++)
		if (servers[i] == v)
			servers[i] = NULL;
}

/* ---- what it saw ---- */

int server_wrote(struct server *v, const char *name, const char *text)
{
	char *line = NULL;
	size_t cap = 0;
	int found = 0;
	FILE *f = fopen(server_path(v, name), "r");

	while (f && !found && getline(&line, &cap, f) > 0)
		found = strstr(line, text) != NULL;
	free(line);
	if (f)
		fclose(f);
	return found;
}

/* Connections by number, with the streams that are open on them. */
struct books {
	struct { long id, open; } conns[4096];
	long n;
};

static long *open_on(struct books *b, long id)
{
	long i;

	for (i = b->n - 1; i >= 0; i--)		/* it is mostly the last one */
		if (b->conns[i].id == id)
			return &b->conns[i].open;
	CHECK(b->n < 4096);
	b->conns[b->n].id = id;
	b->conns[b->n].open = 0;
	return &b->conns[b->n++].open;
}

/* Lines of "CONNECTION TARGET", one a request. */
static struct counts of_access_log(struct server *v, struct books *b)
{
	struct counts c = { 0, 0, -1, -1 };
	char *line = NULL;
	size_t cap = 0;
	FILE *f = fopen(server_path(v, "access"), "r");

	CHECK(f);
	while (getline(&line, &cap, f) > 0) {
		open_on(b, atol(line));
		c.requests++;
	}
	c.connections = b->n;
	fclose(f);
	f = fopen(server_path(v, "most"), "r");
	if (f && fscanf(f, "%ld", &c.most) != 1)
		c.most = -1;
	if (f)
		fclose(f);
	free(line);
	return c;
}

/* nghttpd tells of each frame: "[id=1] [  0.012] recv HEADERS frame <length=.., flags=0x05, stream_id=13>". */
static struct counts of_frames(struct server *v, struct books *b)
{
	struct counts c = { 0, 0, 0, 0 };
	char *line = NULL;
	size_t cap = 0;
	FILE *f = fopen(server_path(v, "log"), "r");

	CHECK(f);
	while (getline(&line, &cap, f) > 0) {
		const char *id = strstr(line, "[id=");
		long *open;

		if (!id)
			continue;
		if (strstr(line, "recv HEADERS frame")) {
			open = open_on(b, atol(id + 4));
			c.requests++;
			c.most = ++*open > c.most ? *open : c.most;
		} else if (strstr(line, " closed") && strstr(line, "stream_id="))
			--*open_on(b, atol(id + 4));
		c.refused += strstr(line, "REFUSED_STREAM") != NULL;
	}
	c.connections = b->n;
	fclose(f);
	free(line);
	return c;
}

struct counts server_counts(struct server *v)
{
	struct books *b = calloc(1, sizeof *b);
	struct counts c;

	CHECK(b);
	if (!strcmp(v->opts.kind, "nghttpd"))
		c = of_frames(v, b);
	else
		c = of_access_log(v, b);
	if (!strcmp(v->opts.kind, "nginx"))
		c.refused = server_wrote(v, "error", "concurrent streams exceeded");
	free(b);
	return c;
}
