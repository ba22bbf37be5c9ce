/*
 * Real servers on loopback for the stories that want one: each started on a free port of an address of its own, with the same
 * files to serve, stopped whatever happens, and asked afterwards what it saw.
 *
 * A server that is not installed ends the program with 77: ctest counts it as skipped.
 */
#ifndef BROADSIDE_SERVERS_H
#define BROADSIDE_SERVERS_H

#include "harness.h"

struct server_opts {
	const char *kind;	/* nginx, nghttpd, node, h2o, apache, hypercorn, site (site.py); of WebSockets: websockets, ws, lws, nginx_ws;
				   proxies: proxy (scripted: servers/proxy.py), tinyproxy, microsocks */
	int h1;			/* no h2 */
	int streams;		/* at most so many at once; 0: as the server comes */
	int requests;		/* a connection ends after so many (nginx, node); 0: it does not */
	const char *extra;	/* nginx: lines for http{}; apache: of its server; nghttpd, microsocks: options; tinyproxy: lines of its conf;
				   node: JSON of its http2 options; nginx_ws: what it is in front of, ADDRESS:PORT */
	int plain;		/* of WebSockets: without TLS in a story that has it */
	int deflate;		/* of WebSockets: with permessage-deflate */
};

struct server {
	struct server_opts opts;
	struct story *story;
	char dir[64], address[32];
	int port, pid;
	int in, out;		/* node's: lines to it, and from it */
	char answer[4096];
	const char *alpn;	/* how to ask it for h2 */
	int flags;
};

/* Starts it, with TLS when the story has that; returns when it listens. */
void server_start(struct server *v, struct story *s, const struct server_opts *o);
/* A control line for node, and its answer. */
const char *server_say(struct server *v, const char *line);
/* Sends a signal to it. */
void server_signal(struct server *v, int sig);
/* Ends nginx's worker as a crash does; its master starts another. */
void server_kill_worker(struct server *v);
/* Stops it; what it wrote can still be read. */
void server_stop(struct server *v);
/* Removes all that it wrote. */
void server_forget(struct server *v);

/* What the stopped server saw. */
struct counts {
	long connections, requests;
	long most;		/* streams open at once on one connection; -1 where the server does not tell */
	long refused;		/* streams that it refused; -1 where it does not tell */
};
struct counts server_counts(struct server *v);

/* A file that it wrote, or serves. */
const char *server_path(struct server *v, const char *name);
/* Whether this text is in a file that it wrote. */
int server_wrote(struct server *v, const char *name, const char *text);

/* The files that each serves, and what is in them. */
enum { FILE_SIZE = 20000, BIG_SIZE = 1000000, HUGE_SIZE = 5000000 };
void fill(char *at, size_t len);
unsigned fill_sum(size_t len);

/* What goes into an ask for this server. */
#define AT(v) .address = (v)->address, .port = (v)->port, .alpn = (v)->alpn, .flags = (v)->flags

/* How many the stories with a real server ask for: 2000, fewer in instrumented builds, 100 under valgrind. */
size_t many(void);

#endif
