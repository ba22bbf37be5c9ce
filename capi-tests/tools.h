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
/*
 * outside.c: stories whose program runs the loop itself. The environment's LOOP says how: poll, epoll, or mixed, which calls lws_service()
 * every other time.
 */
int from_outside(void);
void outside_begin(void);
struct lws_context *outside_context(const struct lws_context_creation_info *info);
int outside_told(struct story *s, struct lws *wsi, enum lws_callback_reasons reason, const void *user, const void *in, size_t len);
int outside_step(struct lws_context *cx);
void outside_wake(void);
/* All that was added was deleted. */
void outside_end(void);


#endif
