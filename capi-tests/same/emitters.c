/* What the ready-made emitters do with lines of each level: stderr without a timestamp, and syslog, which is this program's own. */
#include "same.h"
#include <stdarg.h>
#include <unistd.h>

static void told(int priority, const char *format, va_list ap)
{
	printf("syslog %d: ", priority);
	vprintf(format, ap);
	fflush(stdout);
}

void syslog(int priority, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	told(priority, format, ap);
	va_end(ap);
}

/* the same, where a library was built with -D_FORTIFY_SOURCE */
void __syslog_chk(int priority, int flag, const char *format, ...);
void __syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list ap;

	(void)flag;
	va_start(ap, format);
	told(priority, format, ap);
	va_end(ap);
}

/* A program's own lines, by the macros: as the headers come, without a word of the program's about it. */
static void own(unsigned n)
{
	switch (draw(12)) {
	case 0: lwsl_err("err %u\n", n); break;
	case 1: lwsl_warn("warn %u\n", n); break;
	case 2: lwsl_notice("notice %u\n", n); break;
	case 3: lwsl_info("info %u\n", n); break;
	case 4: lwsl_debug("debug %u\n", n); break;
	case 5: lwsl_parser("parser %u\n", n); break;
	case 6: lwsl_header("header %u\n", n); break;
	case 7: lwsl_ext("ext %u\n", n); break;
	case 8: lwsl_client("client %u\n", n); break;
	case 9: lwsl_latency("latency %u\n", n); break;
	case 10: lwsl_thread("thread %u\n", n); break;
	default: lwsl_user("user %u\n", n); break;
	}
	lwsl_hexdump_info(&n, sizeof n);
	lwsl_hexdump_debug(&n, sizeof n);
}

static void (*const emitters[])(int, const char *) = { lwsl_emit_syslog, lwsl_emit_stderr_notimestamp };

int main(int argc, char **argv)
{
	unsigned round;

	seed_from(argc, argv);
	dup2(1, 2);
	for (round = 0; round < 500; round++) {
		int level = 1 << draw(LLL_COUNT);

		lws_set_log_level((int)draw(1 << LLL_COUNT), emitters[draw(2)]);
		_lws_log(level, "line %u of %%s\n", round);
		own(round);
		emitters[draw(2)]((int)draw(1 << LLL_COUNT), "by hand\n");
	}
	return 0;
}
