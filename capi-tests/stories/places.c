/* Where a connection can go: names, IPv6, unix sockets; and that two vhosts, one of them destroyed, have queues of their own. */
#include "harness.h"
#include <unistd.h>

static void vhosts(struct story *s)
{
	struct lws_context_creation_info info;
	struct lws_vhost *vh;
	struct req *a, *b, *c, *d;

	memset(&info, 0, sizeof info);
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = s->protocols;
	info.vhost_name = "other";
	vh = lws_create_vhost(s->cx, &info);
	CHECK(vh);
	CHECK(lws_get_vhost_by_name(s->cx, "other") == vh);
	a = ASK(s, .path = "/gate/x", .vhost = vh);
	b = ASK(s, .path = "/ok?b", .vhost = vh);
	c = ASK(s, .path = "/ok?c");
	RUN_UNTIL(s, c->done);
	CHECK_LOG(c, LED);
	await(s, "wait-requests 2");
	s->destroying = 1;			/* requests that were not established: DROP and DESTROY alone */
	lws_vhost_destroy(vh);
	s->destroying = 0;
	RUN_ALL(s);
	CHECK_LOG(a, "BIND CREATE NEW | CONNECTING APPEND DROP DESTROY");
	CHECK_LOG(b, "BIND CREATE NEW | DROP DESTROY");
	d = ASK(s, .path = "/ok", .vhost = vh, .may_be_null = 1);
	CHECK(!d->accepted);
	d = ASK(s, .path = "/ok?d");
	RUN_ALL(s);
	CHECK_LOG(d, RODE);
}

int main(int argc, char **argv)
{
	char options[200], path[100];
	struct story *s;
	struct req *a, *b;
	const char *address = NULL;

	ONLY_OURS();
	snprintf(path, sizeof path, "%s/tmp/broadside-story-%d", IS(1, "abstract") ? "@" : "", (int)getpid());
	snprintf(options, sizeof options, "--listen %s%s", IS(1, "v6") ? "v6" : IS(1, "unix") || IS(1, "abstract") ? "unix:" : "v4",
		 IS(1, "unix") || IS(1, "abstract") ? path : "");
	s = story_open(&(struct opts){ .peer = options });
	if (IS(1, "vhosts")) {
		vhosts(s);
		return story_close(s);
	}
	memmove(path + 1, path, strlen(path) + 1);
	path[0] = '+';
	address = IS(1, "v6") ? "::1" : IS(1, "name") ? "localhost" : path;
	a = ASK(s, .path = "/ok?a", .address = address);
	b = ASK(s, .path = "/ok?b", .address = address);
	RUN_ALL(s);
	CHECK_STR(a->body, "/ok?a");
	CHECK_LOG(b, RODE);
	if (address == path) {
		/* Where a redirect to its own name leads is here as well. */
		a = ASK(s, .path = "/redirect/302/to/http:%2f%2fmyself.test%2fthere", .address = address, .host = "myself.test");
		RUN_ALL(s);
		CHECK_STR(a->body, "/there");
		CHECK_EQ(peer_stat(&s->peer, "accepts"), 2);
	}
	if (IS(1, "name")) {
		a = ASK(s, .path = "/ok", .address = "no-such-host.invalid");
		b = ASK(s, .path = "/ok", .address = "no-such-host.invalid");
		RUN_ALL(s);
		CHECK_LOG(a, FAILED);
		CHECK_HAS(a->error, "DNS ");
		CHECK_HAS(b->error, "DNS ");
	} else if (!IS(1, "v6")) {
		a = ASK(s, .path = "/ok", .address = "+/no/such/socket");
		RUN_ALL(s);
		CHECK_LOG(a, FAILED);
		CHECK_HAS(a->error, "ENOENT");
	}
	return story_close(s);
}
