/* O_TMPFILE */
#define _GNU_SOURCE
/*
 * The only place for functions with a variable number of arguments: they format here, and Rust sees the text.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define EXPORTED __attribute__((visibility("default")))
/* Rust exports all that C may call: said to be hidden here, these stay inside the library. */
#define INSIDE __attribute__((visibility("hidden")))
#define FORMAT(string_index, first) __attribute__((format(printf, string_index, first)))

INSIDE int broadside_log_visible(int level);
INSIDE void broadside_log_line(int level, const char *text, size_t len);

struct lws_log_cx;
typedef void prepend(struct lws_log_cx *cx, void *obj, char **p, char *e);

INSIDE int broadside_log_cx_visible(struct lws_log_cx *cx, int level);
INSIDE void broadside_log_cx_line(struct lws_log_cx *cx, prepend *prep, void *obj, int level, const char *function,
				  const char *text, size_t len);
struct lws_context;
/* -1: there is no such context */
INSIDE int broadside_smd_wanted(struct lws_context *ctx, uint32_t _class);
INSIDE int broadside_smd_line(struct lws_context *ctx, uint32_t _class, const char *text, size_t len);

EXPORTED void _lws_log(int filter, const char *format, ...) FORMAT(2, 3);
EXPORTED void _lws_logv(int filter, const char *format, va_list vl) FORMAT(2, 0);
EXPORTED void _lws_log_cx(struct lws_log_cx *cx, prepend *prep, void *obj, int filter, const char *_fun, const char *format, ...)
	FORMAT(6, 7);
EXPORTED int lws_snprintf(char *str, size_t size, const char *format, ...) FORMAT(3, 4);
EXPORTED int lws_open(const char *file, int oflag, ...);
EXPORTED int lws_smd_msg_printf(struct lws_context *ctx, uint32_t _class, const char *format, ...) FORMAT(3, 4);

/* A line that is longer ends in CUT. */
#define LINE_SIZE 2048
#define CUT "..."

FORMAT(2, 0) static int
formatted(char line[LINE_SIZE], const char *format, va_list vl, size_t *len)
{
	int n = vsnprintf(line, LINE_SIZE, format, vl);

	if (n < 0)
		return 0;

	*len = (size_t)n;
	if (*len >= LINE_SIZE) {
		*len = LINE_SIZE - 1;
		memcpy(line + *len - (sizeof(CUT) - 1), CUT, sizeof(CUT) - 1);
	}

	return 1;
}

void
_lws_logv(int filter, const char *format, va_list vl)
{
	char line[LINE_SIZE];
	size_t len;

	if (format && broadside_log_visible(filter) && formatted(line, format, vl, &len))
		broadside_log_line(filter, line, len);
}

void
_lws_log(int filter, const char *format, ...)
{
	va_list vl;

	va_start(vl, format);
	_lws_logv(filter, format, vl);
	va_end(vl);
}

void
_lws_log_cx(struct lws_log_cx *cx, prepend *prep, void *obj, int filter, const char *_fun, const char *format, ...)
{
	char line[LINE_SIZE];
	int shown = 0;
	size_t len;
	va_list vl;

	if (!format || !broadside_log_cx_visible(cx, filter))
		return;

	va_start(vl, format);
	shown = formatted(line, format, vl, &len);
	va_end(vl);

	if (shown)
		broadside_log_cx_line(cx, prep, obj, filter, _fun, line, len);
}

int
lws_snprintf(char *str, size_t size, const char *format, ...)
{
	va_list vl;
	int n;

	if (!str || !size)
		return 0;

	va_start(vl, format);
	n = vsnprintf(str, size, format, vl);
	va_end(vl);

	if (n < 0) {
		str[0] = '\0';
		return 0;
	}

	return (size_t)n < size ? n : (int)size;
}

/* There is a mode only where a file may be made. */
int
lws_open(const char *file, int oflag, ...)
{
	mode_t mode = 0;
	va_list vl;

	if (!file) {
		errno = EINVAL;
		return -1;
	}

	if ((oflag & O_CREAT) || (oflag & O_TMPFILE) == O_TMPFILE) {
		va_start(vl, oflag);
		mode = va_arg(vl, mode_t);
		va_end(vl);
	}

	return open(file, oflag | O_CLOEXEC, mode);
}

/* LWS_SMD_MAX_PAYLOAD */
#define PAYLOAD_SIZE 384

int
lws_smd_msg_printf(struct lws_context *ctx, uint32_t _class, const char *format, ...)
{
	char text[PAYLOAD_SIZE + 1];
	int wanted = broadside_smd_wanted(ctx, _class);
	va_list vl;
	int n;

	if (wanted <= 0)
		return wanted < 0;

	if (!format)
		return 1;

	va_start(vl, format);
	n = vsnprintf(text, sizeof(text), format, vl);
	va_end(vl);

	/* what is too long is refused by its length: no more than is there is read of it */
	return n < 0 || broadside_smd_line(ctx, _class, text, (size_t)n);
}
