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
		emitters[draw(2)]((int)draw(1 << LLL_COUNT), "by hand\n");
	}
	return 0;
}
