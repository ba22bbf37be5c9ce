/* Real servers of WebSockets: how each is started. See servers_ws.h. */
#include "servers_ws.h"
#include <unistd.h>

#ifndef LWS_SERVER
#define LWS_SERVER ""
#endif

static const char *certs(struct server *v)
{
	return v->story->opts.tls && !v->opts.plain ? v->story->peer.dir : "-";
}

static const char *deflate(struct server *v)
{
	return v->opts.deflate ? "deflate" : "plain";
}

void start_websockets(struct server *v)
{
	launch(v, "/usr/bin/python3 %s/ws_python.py %s %d %s %s", SERVERS, v->address, v->port, certs(v), deflate(v));
}

/* Debian's modules are not where every node looks. */
void start_ws(struct server *v)
{
	launch(v, "env NODE_PATH=/usr/share/nodejs node %s/ws.js %s %d %s %s", SERVERS, v->address, v->port, certs(v), deflate(v));
}

void start_lws(struct server *v)
{
	if (access(LWS_SERVER, X_OK))
		skip(v);
	launch(v, "%s %s %d %s %s", LWS_SERVER, v->address, v->port, certs(v), deflate(v));
}

void start_nginx_ws(struct server *v)
{
	const char *d = v->dir, *dir = v->story->peer.dir;
	int tls = strcmp(certs(v), "-") != 0;

	write_text(v, "conf",
		"daemon off; worker_processes 1; pid %s/pid; error_log %s/error info;\n"
		"events { worker_connections 64; }\n"
		"http { access_log off; gzip off;\n"
		"client_body_temp_path %s/t1; proxy_temp_path %s/t2; fastcgi_temp_path %s/t3; uwsgi_temp_path %s/t4; scgi_temp_path %s/t5;\n"
		"server { listen %s:%d %s; ssl_certificate %s/good.pem; ssl_certificate_key %s/good.key;\n"
		"  location / { proxy_pass http://%s; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade;\n"
		"    proxy_set_header Connection upgrade; } } }\n",
		d, d, d, d, d, d, d, v->address, v->port, tls ? "ssl" : "", dir, dir, v->opts.extra);
	launch(v, "nginx -p %s -c %s/conf", d, d);
}

/* ---- of http too, in python ---- */

void start_hypercorn(struct server *v)
{
	launch(v, "/usr/bin/python3 %s/asgi.py %s %s %d %d %s %s", SERVERS, v->dir, v->address, v->port, v->opts.streams,
	       v->story->opts.tls ? v->story->peer.dir : "-", v->opts.h1 ? "h1" : "");
}

void start_site(struct server *v)
{
	launch(v, "/usr/bin/python3 %s/site.py %s %d %s", SERVERS, v->address, v->port, v->story->opts.tls ? v->story->peer.dir : "");
}
