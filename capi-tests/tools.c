/* What stories use beside the library: small tools, the library's log, failing, the scripted peer, comparing logs. */
#include "tools.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct story *stories[MAX_STORIES];
int on_h2;
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t books = PTHREAD_MUTEX_INITIALIZER;
static char lib_log[1 << 18];
static size_t lib_log_len;

/* ---- small tools ---- */

size_t scale(void)
{
	const char *e = getenv("SCALE");
	long n = e ? atol(e) : 0;

	return n > 0 ? (size_t)n : 100000;
}

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

unsigned fnv(const void *bytes, size_t len, unsigned from)
{
	const unsigned char *p = bytes;

	while (len--)
		from = (from ^ *p++) * 0x01000193u;
	return from;
}

int count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	if (!d)
		return -1;
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

int settled_fds(int want)
{
	int tries, n = count_fds();

	for (tries = 0; n != want && tries < 3000; tries++) {
		usleep(1000);
		n = count_fds();
	}
	return n;
}

void print_fds(void)
{
	char name[64], to[256];
	int fd;

	for (fd = 0; fd < 1024; fd++) {
		ssize_t n;

		snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
		n = readlink(name, to, sizeof to - 1);
		if (n > 0)
			fprintf(stderr, "  fd %d %.*s\n", fd, (int)n, to);
	}
}

void *grown(void *old, size_t size)
{
	void *p = realloc(old, size);

	if (!p)
		abort();
	return p;
}

void append(char **text, size_t *len, size_t *cap, const char *word)
{
	size_t n = strlen(word);

	if (*len + n + 2 > *cap) {
		*cap = (*cap + n + 64) * 2;
		*text = grown(*text, *cap);
	}
	if (*len)
		(*text)[(*len)++] = ' ';
	memcpy(*text + *len, word, n + 1);
	*len += n;
}

/* ---- what the library logs ---- */

void emit_log(int level, const char *line)
{
	size_t n = strlen(line);

	(void)level;
	pthread_mutex_lock(&log_lock);
	if (lib_log_len + n + 1 < sizeof lib_log) {
		memcpy(lib_log + lib_log_len, line, n + 1);
		lib_log_len += n;
	}
	pthread_mutex_unlock(&log_lock);
	if (getenv("HARNESS_VERBOSE"))
		fputs(line, stderr);
}

size_t log_mark(void)
{
	return lib_log_len;
}

const char *logged_since(size_t mark)
{
	return lib_log + mark;
}

/* ---- failing ---- */

static void dump(struct story *s)
{
	size_t i, cut = s->order_len > 20000 ? s->order_len - 20000 : 0;

	fprintf(stderr, "order: %s%s\n", cut ? "... " : "", s->order ? s->order + cut : "");
	for (i = 0; i < s->n_reqs && i < 40; i++) {
		struct req *r = s->reqs[i];

		fprintf(stderr, "%s %s: %s\n", r->name, r->ask.path ? r->ask.path : "", r->log ? r->log : "");
		if (r->error)
			fprintf(stderr, "   error: %s\n", r->error);
	}
}

void (*on_failure)(void);

static void dump_all(void)
{
	size_t i;

	for (i = 0; i < sizeof stories / sizeof *stories; i++)
		if (stories[i])
			dump(stories[i]);
	fprintf(stderr, "library log:\n%s", lib_log);
	fflush(NULL);
}

void fail(const char *file, int line, const char *fmt, ...)
{
	va_list ap;
	size_t i;

	fprintf(stderr, "\n%s:%d: ", file, line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	dump_all();
	for (i = 0; i < sizeof stories / sizeof *stories; i++)
		if (stories[i] && stories[i]->peer.pid) {
			fprintf(stderr, "peer: %.2000s\n", peer_say(&stories[i]->peer, "stats"));
			fprintf(stderr, "peer: %.4000s\n", peer_say(&stories[i]->peer, "log"));
		}
	fflush(NULL);
	if (on_failure)
		on_failure();
	_exit(1);
}

static void too_long(int sig)
{
	(void)sig;
	fprintf(stderr, "\nthe watchdog: nothing more happens\n");
	dump_all();
	if (on_failure)
		on_failure();
	_exit(8);
}

void watchdog(void)
{
	const char *e = getenv("HARNESS_WATCHDOG");

	signal(SIGALRM, too_long);
	alarm(e ? (unsigned)atoi(e) : 60);
}

/* ---- the peer ---- */

void read_line(struct peer *p)
{
	size_t len = 0, cap = 256;
	ssize_t n;

	p->answer = grown(p->answer, cap);
	for (;;) {
		if (len + 2 > cap)
			p->answer = grown(p->answer, cap *= 2);
		n = read(p->out, p->answer + len, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || p->answer[len] == '\n')
			break;
		len++;
	}
	p->answer[len] = '\0';
}

void peer_start(struct peer *p, const char *options)
{
	const char *program = getenv("BROADSIDE_PEER");
	char copy[512], *argv[32], *save = NULL, *ca;
	int to[2], from[2], n = 0;

#ifdef PEER
	if (!program)
		program = PEER;
#endif
	memset(p, 0, sizeof *p);
	if (!program || pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		fail(__FILE__, __LINE__, "no peer: set BROADSIDE_PEER");
	snprintf(copy, sizeof copy, "%s", options ? options : "");
	argv[n++] = (char *)(size_t)program;
	for (argv[n] = strtok_r(copy, " ", &save); argv[n] && n < 30; argv[n] = strtok_r(NULL, " ", &save))
		n++;
	argv[n] = NULL;
	p->pid = fork();
	if (!p->pid) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		execv(program, argv);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	p->in = to[1];
	p->out = from[0];
	read_line(p);
	ca = strstr(p->answer, "ca=");
	if (p->pid < 0 || sscanf(p->answer, "ready port=%d", &p->port) != 1 || !ca) {
		fprintf(stderr, "the peer %s did not start: \"%s\"\n", program, p->answer);
		_exit(1);
	}
	snprintf(p->ca, sizeof p->ca, "%s", ca + 3);
	snprintf(p->dir, sizeof p->dir, "%.*s", (int)(strlen(p->ca) - strlen("/ca.pem")), p->ca);
}

void peer_tell(struct peer *p, const char *fmt, va_list ap)
{
	char line[512];
	int n = vsnprintf(line, sizeof line - 1, fmt, ap);
	void (*old)(int) = signal(SIGPIPE, SIG_IGN);

	line[n++] = '\n';
	if (write(p->in, line, (size_t)n) != n)
		fprintf(stderr, "the peer is gone\n");
	signal(SIGPIPE, old);
}

const char *peer_say(struct peer *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	peer_tell(p, fmt, ap);
	va_end(ap);
	read_line(p);
	return p->answer;
}

long peer_stat(struct peer *p, const char *name)
{
	char key[64];
	const char *at;

	snprintf(key, sizeof key, "%s=", name);
	at = strstr(peer_say(p, "stats"), key);
	return at ? atol(at + strlen(key)) : -1;
}

void peer_stop(struct peer *p)
{
	int status;

	if (!p->pid)
		return;
	close(p->in);
	close(p->out);
	waitpid(p->pid, &status, 0);
	free(p->answer);
	memset(p, 0, sizeof *p);
}

/* ---- running the loop until the peer answers ---- */

struct waiting {
	struct story *s;
	int done;
};

static void *wait_for_line(void *arg)
{
	struct waiting *w = arg;

	read_line(&w->s->peer);
	__atomic_store_n(&w->done, 1, __ATOMIC_RELEASE);
	lws_cancel_service(w->s->cx);
	outside_wake();
	return NULL;
}

const char *await(struct story *s, const char *fmt, ...)
{
	struct waiting w = { s, 0 };
	pthread_t thread;
	va_list ap;

	va_start(ap, fmt);
	peer_tell(&s->peer, fmt, ap);
	va_end(ap);
	CHECK(!pthread_create(&thread, NULL, wait_for_line, &w));
	RUN_UNTIL(s, __atomic_load_n(&w.done, __ATOMIC_ACQUIRE));
	pthread_join(thread, NULL);
	if (!strcmp(s->peer.answer, "timeout"))
		fail(__FILE__, __LINE__, "the peer waited in vain: %s", fmt);
	return s->peer.answer;
}

/* ---- comparing ---- */

static int same_word(const char *got, size_t n, const char *want, size_t m)
{
	if (m == 4 && !memcmp(want, "READ", 4))
		return n > 5 && !memcmp(got, "READ(", 5);
	return n == m && !memcmp(got, want, n);
}

int matches(const char *log, const char *want)
{
	if (!log)
		return !*want;
	while (*want) {
		size_t n = strcspn(log, " "), m = strcspn(want, " ");
		int maybe = *want == '[', same;

		if (on_h2 && m == 7 && !strncmp(want, "RECEIVE", 7)) {
			want += m + !!want[m];
			continue;
		}

		same = maybe ? same_word(log, n, want + 1, m - 2) : same_word(log, n, want, m);
		if (!same && !maybe)
			return 0;
		want += m + !!want[m];
		if (same)
			log += n + !!log[n];
	}
	return !*log;
}

static const char *find_word(const char *in, const char *word)
{
	size_t n = strlen(word);
	const char *at = in;

	while (at && (at = strstr(at, word))) {
		if ((at == in || at[-1] == ' ') && (!at[n] || at[n] == ' ' || at[n] == '('))
			return at;
		at += n;
	}
	return NULL;
}

int in_order(struct story *s, const char *first, const char *then)
{
	const char *a = find_word(s->order, first), *b = find_word(s->order, then);

	return a && b && a < b;
}
