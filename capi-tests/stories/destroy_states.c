/* One context with requests in every state is destroyed, again and again: no descriptor, no byte, no request is left. */
#include "harness.h"
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

/* A port that takes connections into its backlog and never a byte from them; with `full`, not even the connections. */
static int silent_port(int fds[4], int full)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof in;
	int i;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK(!bind(fds[0], (struct sockaddr *)&in, sizeof in) && !listen(fds[0], full ? 0 : 64));
	CHECK(!getsockname(fds[0], (struct sockaddr *)&in, &len));
	for (i = 1; i < 4; i++) {
		fds[i] = full ? socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) : -1;
		if (full)
			(void)!connect(fds[i], (struct sockaddr *)&in, sizeof in);
	}
	return ntohs(in.sin_port);
}

static int unread(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason != (on_h2 ? REASON_EST : REASON_RECEIVE))
		return 0;
	if (on_h2)
		lws_rx_flow_control(r->wsi, 0);
	r->mine = r;
	return HOOK_DONE;
}

int main(int argc, char **argv)
{
	static char big[4000000];
	int silent[4], full[4], silent_at, full_at, n, rounds = (int)(scale() / 2000), i;
	struct req *half, *held, *done, *last, *first;
	struct story *s;
	size_t at;

	ONLY_OURS();
	s = story_open(&(struct opts){ .no_context = 1, .tls = IS(1, "tls"), .timeout_secs = 30, .peer = "--h2 max-streams=1" });
	silent_at = silent_port(silent, 0);
	full_at = silent_port(full, 1);
	n = count_fds();
	for (i = 0; i < (rounds > 2 ? rounds : 2); i++) {
		at = s->n_reqs;
		story_context(s);
		done = ASK(s, .path = "/ok", .host = "127.0.0.1");		/* then idle */
		RUN_UNTIL(s, done->done);
		half = ASK(s, .path = "/headthengate/never", .solo = 1);
		held = ASK(s, .path = "/len/500000", .solo = 1, .hook = unread);
		ASK(s, .path = on_h2 ? "/raw/0000500104SSSSSSSS88" : "/halfheadgate/never", .solo = 1);
		ASK(s, .path = "/mute", .solo = 1);
		ASK(s, .path = "/echo", .method = "POST", .body = big, .body_len = sizeof big, .pieces = 4, .plain = 1, .port = silent_at);
		ASK(s, .path = "/ok", .port = silent_at);			/* in TLS: the handshake */
		ASK(s, .path = "/ok", .port = full_at);				/* connecting */
		first = ASK(s, .path = "/gate/never");
		last = ASK(s, .path = "/ok?waits");
		RUN_UNTIL(s, half->total == 5 && held->mine && first->n[REASON_APPEND]);
		last = ASK(s, .path = "/ok", .address = "localhost", .solo = 1);
		if (i % 2)							/* the lookup has begun, or not */
			lws_service(s->cx, -1);
		ASK(s, .path = "/ok?just-asked", .solo = 1);
		story_destroy(s);
		s->cx = NULL;
		CHECK_EQ(s->alive, 0);
		CHECK_EQ(settled_fds(n), n);
		CHECK_LOG(s->reqs[s->n_reqs - 1], "BIND CREATE NEW | DROP DESTROY");
		CHECK_LOG(s->reqs[at + 9], "BIND CREATE NEW | DROP DESTROY");
		CHECK_LOG(half, "BIND CREATE NEW | CONNECTING APPEND FILTER EST RECEIVE READ(5) DROP CLOSED DESTROY");
		if (!last->n[REASON_ERROR])
			CHECK_LOG(last, "BIND CREATE NEW | [CONNECTING] [CONNECTING] [APPEND] DROP DESTROY");
	}
	for (i = 0; i < 4; i++) {
		close(silent[i]);
		close(full[i]);
	}
	return story_close(s);
}
