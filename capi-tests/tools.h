/* What harness.c and tools.c share and stories do not see. */
#ifndef BROADSIDE_TOOLS_H
#define BROADSIDE_TOOLS_H

#include "harness.h"
#include <pthread.h>
#include <stdarg.h>

enum { MAX_STORIES = 64 };
extern struct story *stories[MAX_STORIES];	/* to print when a check fails */
extern pthread_mutex_t books;			/* held over all that requests record, and over the lists of them */

void *grown(void *old, size_t size);
void append(char **text, size_t *len, size_t *cap, const char *word);
void print_fds(void);
void emit_log(int level, const char *line);
void watchdog(void);
void peer_tell(struct peer *p, const char *fmt, va_list ap);
void read_line(struct peer *p);
/* ws.c: at a callback, after it, the usual work in it, and at the end: NULL, or what is wrong. */
void ws_look(struct req *r, struct lws *wsi, int reason, void *in, size_t len);
void ws_answered(struct req *r, int reason, int verdict);
int ws_work(struct req *r, int reason);
const char *ws_ending(const struct req *r);


#endif
