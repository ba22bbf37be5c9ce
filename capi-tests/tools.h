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

/* What it is for a request of whatever kind: raw ones have reasons of their own for the same. */
int kind_of(int reason);

#endif
