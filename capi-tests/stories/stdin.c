/* lws_system_adopt_stdin(), KIND: what comes on stdin is appended to the command line, or given to the program. */
#include "harness.h"
#include "tools.h"
#include <fcntl.h>
#include <unistd.h>

static struct lws_context *cx;
static lws_state_notify_link_t told, *links[] = { &told, NULL };
static int operational, ended;
static char got[9000];
static size_t total;

static int none(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)wsi; (void)reason; (void)user; (void)in; (void)len;
	return 0;
}

static const struct lws_protocols protocols[] = { { "first", none, 0, 0, 0, NULL, 0 }, { NULL, NULL, 0, 0, 0, NULL, 0 } };

static int state(lws_state_manager_t *mgr, lws_state_notify_link_t *l, int now, int then)
{
	(void)mgr; (void)l;
	operational |= now == then && now == LWS_SYSTATE_OPERATIONAL;
	return 0;
}

static int rx(struct lws_context *context, const char *buf, size_t len)
{
	CHECK(context == cx);
	CHECK_EQ(ended, 0);
	if (!buf) {
		CHECK_EQ(len, 0);
		ended = 1;
		return 0;
	}
	CHECK(total + len < sizeof got);
	memcpy(got + total, buf, len);
	total += len;
	return total >= 8000 ? -1 : 0;
}

static struct lws_system_ops ops;
static const char *arguments[] = { "program", "--first=1", "-p", "80" };

static void start(int taken)
{
	struct lws_context_creation_info info;

	lws_context_info_defaults(&info, NULL);
	info.protocols = protocols;
	info.register_notifier_list = links;
	info.argc = 4;
	info.argv = arguments;
	memset(&told, 0, sizeof told);
	told.notify_cb = state;
	told.name = "story";
	ops.stdin_rx = taken ? rx : NULL;
	info.system_ops = &ops;
	cx = lws_create_context(&info);
	CHECK(cx);
}

/* Makes a pipe the program's stdin; returns its other end. */
static int piped(void)
{
	int ends[2];

	CHECK_EQ(pipe(ends), 0);
	CHECK_EQ(dup2(ends[0], 0), 0);
	close(ends[0]);
	return ends[1];
}

static void say(int to, const char *text)
{
	CHECK_EQ(write(to, text, strlen(text)), (ssize_t)strlen(text));
}

static void check_words(void)
{
	CHECK_STR(lws_cmdline_option_cx(cx, "--first"), "1");
	CHECK_STR(lws_cmdline_option_cx(cx, "--secret"), "two");
	CHECK_STR(lws_cmdline_option_cx(cx, "-u"), "me");
	CHECK_STR(lws_cmdline_option_cx(cx, "-p"), "8080");	/* the last one counts */
	CHECK_STR(lws_cmdline_option_cx(cx, "--bare"), "");
	CHECK(!lws_cmdline_option_cx(cx, "--none"));
}

static void words(void)
{
	int to = piped();

	start(0);
	CHECK_EQ(lws_system_adopt_stdin(cx, LWS_SAS_FLAG__APPEND_COMMANDLINE), 0);
	CHECK_EQ(lws_system_adopt_stdin(cx, LWS_SAS_FLAG__APPEND_COMMANDLINE), 1);
	CHECK_EQ(fcntl(0, F_GETFL) & O_NONBLOCK, 0);
	say(to, "--secret=two -u me\n\t-p 80");
	CHECK(lws_service(cx, -1) >= 0);
	CHECK(lws_service(cx, -1) >= 0);
	CHECK_EQ(operational, 0);
	CHECK(!lws_cmdline_option_cx(cx, "--secret"));
	say(to, "80  --bare");
	close(to);
	while (!operational)
		CHECK(lws_service(cx, 0) >= 0);
	check_words();
	lws_context_destroy(cx);
}

/* What nobody can wait for: a file, which is read from where it stands. */
static void file(void)
{
	char name[] = "/tmp/broadside-stdin-XXXXXX";
	int fd = mkstemp(name);

	CHECK(fd >= 0);
	unlink(name);
	say(fd, "--passed --secret=two -u me -p 8080 --bare\n");
	CHECK_EQ(lseek(fd, 9, SEEK_SET), 9);
	CHECK_EQ(dup2(fd, 0), 0);
	close(fd);
	start(0);
	CHECK_EQ(lws_system_adopt_stdin(cx, LWS_SAS_FLAG__APPEND_COMMANDLINE), 0);
	while (!operational)
		CHECK(lws_service(cx, 0) >= 0);
	check_words();
	CHECK(!lws_cmdline_option_cx(cx, "--passed"));
	lws_context_destroy(cx);
}

static void given(void)
{
	int to = piped();

	start(1);
	CHECK_EQ(lws_system_adopt_stdin(cx, 0), 0);
	while (!operational)			/* it is not waited for */
		CHECK(lws_service(cx, 0) >= 0);
	say(to, "one");
	while (total < 3)
		CHECK(lws_service(cx, 0) >= 0);
	say(to, "two");
	close(to);
	while (!ended)
		CHECK(lws_service(cx, 0) >= 0);
	CHECK_STR(got, "onetwo");
	lws_context_destroy(cx);
}

/* The program has had enough; and then the context goes while it is still open. */
static void enough(void)
{
	char much[8000];
	int to = piped();

	memset(much, 'm', sizeof much);
	start(1);
	CHECK_EQ(lws_system_adopt_stdin(cx, 0), 0);
	CHECK_EQ(write(to, much, sizeof much), (ssize_t)sizeof much);
	while (!ended)
		CHECK(lws_service(cx, 0) >= 0);
	CHECK_EQ(total, sizeof much);
	lws_context_destroy(cx);
	ended = operational = 0;
	total = 0;
	start(1);
	CHECK_EQ(lws_system_adopt_stdin(cx, 0), 0);
	while (!operational)
		CHECK(lws_service(cx, 0) >= 0);
	lws_context_destroy(cx);
	CHECK_EQ(ended, 1);
	close(to);
}

static void nobody(void)
{
	start(0);
	CHECK_EQ(lws_system_adopt_stdin(cx, 0), 1);
	CHECK_EQ(lws_system_adopt_stdin(NULL, 0), 1);
	close(0);
	CHECK_EQ(lws_system_adopt_stdin(cx, LWS_SAS_FLAG__APPEND_COMMANDLINE), 1);
	while (!operational)
		CHECK(lws_service(cx, 0) >= 0);
	lws_context_destroy(cx);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *kind;
		void (*run)(void);
	} kinds[] = { { "words", words }, { "file", file }, { "given", given }, { "enough", enough }, { "nobody", nobody } };
	size_t n;

	ONLY_OURS();
	watchdog();
	for (n = 0; n < sizeof kinds / sizeof kinds[0]; n++)
		if (IS(1, kinds[n].kind))
			kinds[n].run();
	return 0;
}
