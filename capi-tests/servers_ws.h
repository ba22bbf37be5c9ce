/*
 * What servers.c and servers_ws.c share and stories do not see. A server of WebSockets echoes messages, and does what a text says
 * that begins with '!':
 *
 *   !ping WORD           pings with WORD, and says "!pong WORD" when that has come back
 *   !close CODE REASON   closes with these
 *   !drop                closes the TCP connection
 *   !closed              says "!closed CODE REASON" of the next connection that ended, of which it has not said so
 *   !fragments N SIZE    says fill_ws() of SIZE in N fragments
 *   !subprotocol         says which it chose, or "none"
 */
#ifndef BROADSIDE_SERVERS_WS_H
#define BROADSIDE_SERVERS_WS_H

#include "servers.h"

void write_text(struct server *v, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Starts this command; the words are separated by single spaces. */
void launch(struct server *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Ends the program as one whose server is not installed. */
void skip(struct server *v);

void start_websockets(struct server *v);
void start_ws(struct server *v);
void start_lws(struct server *v);
void start_nginx_ws(struct server *v);
void start_hypercorn(struct server *v);
void start_site(struct server *v);

#endif
