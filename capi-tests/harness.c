/* A context that records every callback of every request. See harness.h; the only state looked at is what the public header offers. */
#include "tools.h"
#include <unistd.h>

/* ---- recording ---- */

static void record(struct req *r, int reason, const char *word)
{
	char both[64];

	if (r->ask.quiet)
		return;
	append(&r->log, &r->log_len, &r->log_cap, word);
	r->last = reason;
	snprintf(both, sizeof both, "%s:%s", r->name, word);
	append(&r->story->order, &r->story->order_len, &r->story->order_cap, both);
}

/* One word a callback, but a body that comes in several pieces is one RECEIVE and one READ(sum of them). */
static void note(struct req *r, int reason, size_t len)
{
	char word[32];
	const char *name = word_of(reason);

	if (reason == REASON_READ && r->last == REASON_READ && r->log) {
		snprintf(word, sizeof word, "READ(%zu)", r->total + len);
		r->log_len = r->log_tail;
		append(&r->log, &r->log_len, &r->log_cap, word);
		return;
	}
	if (r->last == reason && (reason == LWS_CALLBACK_RAW_RX || reason == REASON_MESSAGE || http_kind(reason) == REASON_WRITE))
		return;
	if (reason == REASON_RECEIVE && r->last == REASON_READ)
		return;
	if (reason == REASON_READ)
		snprintf(word, sizeof word, "READ(%zu)", r->total + len);
	else if (name)
		snprintf(word, sizeof word, "%s", name);
	else
		snprintf(word, sizeof word, "#%d", reason);
	r->log_tail = r->log_len;
	record(r, reason, word);
}

/* ---- the usual work of a program in each callback ---- */

static int write_head(struct req *r, unsigned char **p, size_t room)
{
	const struct ask *a = &r->ask;
	unsigned char *end = *p + room;
	char number[24];
	int n;

	if (a->name && lws_add_http_header_by_name(r->wsi, (const unsigned char *)a->name,
			(const unsigned char *)a->value, (int)strlen(a->value), p, end))
		return -1;
	if (a->body_len && !a->ws && !lws_http_is_redirected_to_get(r->wsi)) {
		n = snprintf(number, sizeof number, "%zu", a->body_len);
		if (lws_add_http_header_by_token(r->wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH,
				(unsigned char *)number, n, p, end))
			return -1;
		r->sent = 0;
		lws_client_http_body_pending(r->wsi, 1);
		lws_callback_on_writable(r->wsi);
	}
	if (a->fields) {
		size_t len = strlen(a->fields);

		if (len > (size_t)(end - *p))
			return -1;
		memcpy(*p, a->fields, len);
		*p += len;
	}
	return 0;
}

static int write_body(struct req *r)
{
	const struct ask *a = &r->ask;
	size_t pieces = a->pieces ? a->pieces : 1, n = (a->body_len + pieces - 1) / pieces;
	int last, taken;
	unsigned char *buf;

	if (r->sent >= a->body_len)
		return 0;
	if (n > a->body_len - r->sent)
		n = a->body_len - r->sent;
	last = r->sent + n == a->body_len;
	buf = malloc(LWS_PRE + n);
	if (!buf)
		return -1;
	memcpy(buf + LWS_PRE, a->body + r->sent, n);
	if (last)
		lws_client_http_body_pending(r->wsi, 0);
	taken = lws_write(r->wsi, buf + LWS_PRE, n, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP);
	free(buf);
	if (taken != (int)n)
		return -1;
	r->sent += n;
	if (!last)
		lws_callback_on_writable(r->wsi);
	return 0;
}

static int read_body(struct req *r)
{
	char buf[LWS_PRE + 4096], *px = buf + LWS_PRE;
	int n = sizeof buf - LWS_PRE, ret;

	r->reading++;
	ret = lws_http_client_read(r->wsi, &px, &n);
	r->reading--;
	return ret < 0 ? -1 : ret;
}

static void keep_body(struct req *r, const void *in, size_t len)
{
	size_t room = r->total < KEPT_BODY ? KEPT_BODY - r->total : 0, n = len < room ? len : room;

	r->sum = fnv(in, len, r->sum);
	if (n && !r->ask.quiet) {
		r->body = grown(r->body, r->total + n + 1);
		memcpy(r->body + r->total, in, n);
		r->body[r->total + n] = '\0';
	}
	r->total += len;
}

static int work(struct req *r, int reason, void *in, size_t len)
{
	switch (reason) {
	case REASON_APPEND:
		return write_head(r, (unsigned char **)in, len);
	case REASON_WRITE:
		return write_body(r);
	case REASON_RECEIVE:
		return read_body(r);
	default:
		return r->ask.ws ? ws_work(r, reason) : 0;
	}
}

/* ---- the callback ---- */

static void look(struct req *r, struct lws *wsi, int reason, void *in, size_t len)
{
	switch (reason) {
	case REASON_BIND:
		if (r->n[REASON_BIND] > 1)
			break;
		__atomic_fetch_add(&r->story->alive, 1, __ATOMIC_SEQ_CST);
		break;
	case REASON_EST:
		r->status = (int)lws_http_client_http_response(wsi);
		r->fd = lws_get_socket_fd(wsi);
		r->ssl = lws_get_ssl(wsi);
		break;
	case REASON_READ:
		keep_body(r, in, len);
		break;
	case REASON_ERROR:
		if (!r->error)
			r->error = in ? strndup(in, len) : NULL;
#ifndef UPSTREAM
		if (r->story->destroying)
			fail(__FILE__, __LINE__, "%s: ERROR from lws_context_destroy()", r->name);
		/* contract 1.7: never NULL or empty, one line without a newline, len its length */
		if (!in || !len || ((char *)in)[len] || strlen(in) != len || strchr(in, '\n'))
			fail(__FILE__, __LINE__, "%s: a reason that is no line: \"%s\" %zu", r->name, in ? (char *)in : "(null)", len);
#endif
		break;
	case REASON_DESTROY:
		r->at_destroy = r->story->destroying;
		if (!r->done)
			__atomic_fetch_sub(&r->story->alive, 1, __ATOMIC_SEQ_CST);
		r->done = 1;
		break;
	default:
		break;
	}
}

/* Holds at every callback of every request. */
static void check_entry(struct req *r, struct lws *wsi, int reason)
{
	const char *word = word_of(reason);

	if (!word)
		word = "?";
	if (r->n[REASON_DESTROY] && reason != REASON_VERIFY)
		fail(__FILE__, __LINE__, "%s: %s after DESTROY", r->name, word);
#ifndef UPSTREAM
	if (r->wsi != wsi)
		fail(__FILE__, __LINE__, "%s: %s on %p, but connect said %p", r->name, word, (void *)wsi, (void *)r->wsi);
	if (r->depth && reason == REASON_DESTROY)
		fail(__FILE__, __LINE__, "%s: DESTROY inside its own callback", r->name);
	if (r->depth && !r->ending && !(r->reading && (reason == REASON_READ || reason == REASON_COMPLETED)))
		fail(__FILE__, __LINE__, "%s: %s inside its own callback", r->name, word);
#else
	(void)wsi;
#endif
}

static void leave(struct req **r)
{
	(*r)->depth--;
}

/* The story's hook, and then the usual work. */
static int answer(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	hook_fn hook = r->ask.hook ? r->ask.hook : r->story->opts.hook;
	int ret;

	if (hook && (ret = hook(r, reason, in, len)))
		return ret == HOOK_DONE ? 0 : ret;
	if (r->ask.fail_at && (int)reason == r->ask.fail_at)
		return -1;
	return work(r, (int)reason, in, len);
}

static int for_request(struct req *r, struct lws *wsi, enum lws_callback_reasons reason, void *in, size_t len)
{
	/* By cleanup, so that an exception that passes here is counted too. */
	struct req *inside __attribute__((cleanup(leave))) = r;
	int verdict;

	check_entry(r, wsi, (int)reason);
	inside->depth++;
	if (reason == REASON_VERIFY)
		r->verifies++;
	else {
		pthread_mutex_lock(&books);
		if ((int)reason < MAX_REASON)
			r->n[http_kind((int)reason)]++;
		note(r, (int)reason, len);
		pthread_mutex_unlock(&books);
		look(r, wsi, http_kind((int)reason), in, len);
		if (r->ask.ws)
			ws_look(r, wsi, (int)reason, in, len);
	}
	verdict = answer(r, reason, in, len);
	if (r->ask.ws)
		ws_answered(r, (int)reason, verdict);
	return verdict;
}

static int of_request(int reason)
{
	return word_of(reason) != NULL;
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct story *s = lws_context_user(lws_get_context(wsi));
	struct req *r = NULL;

	if ((int)reason >= LWS_CALLBACK_ADD_POLL_FD && (int)reason <= LWS_CALLBACK_UNLOCK_POLL)
		return outside_told(s, wsi, reason, user, in, len);
	if (of_request((int)reason)) {
		r = lws_get_opaque_user_data(wsi);
		if (!r && s->adopting) {
			r = s->adopting;
			lws_set_opaque_user_data(wsi, r);
		}
		if (r && r == s->adopting && !r->wsi)
			r->wsi = wsi;
#ifdef UPSTREAM
		if (!r && reason != REASON_VERIFY)
			r = user;
#endif
	}
	if (r) {
#ifndef UPSTREAM
		if (reason == LWS_CALLBACK_CHILD_CLOSING)	/* it is for the one that asked for the other */
			CHECK(in == wsi && user == lws_get_opaque_user_data(lws_get_parent(wsi)));
		else if (!s->opts.pss && user != r && reason != REASON_VERIFY)
			fail(__FILE__, __LINE__, "%s: %s without its user pointer", r->name, word_of((int)reason));
		if (s->opts.pss && !user && !(r->adopted && (int)reason == REASON_CREATE))
			fail(__FILE__, __LINE__, "%s: %s without a session", r->name, word_of((int)reason));
#endif
		r->user = user;
		return for_request(r, wsi, reason, in, len);
	}
#ifndef UPSTREAM
	if (of_request((int)reason))
		fail(__FILE__, __LINE__, "%s on %p, which no request of the story has", word_of((int)reason), (void *)wsi);
#endif
	if (reason == LWS_CALLBACK_EVENT_WAIT_CANCELLED)
		s->cancelled++;
	if (reason == LWS_CALLBACK_PROTOCOL_INIT)
		s->inits++;
	return s->opts.vhost_hook ? s->opts.vhost_hook(s, wsi, reason, user, in) : 0;
}

/* ---- a story ---- */

void story_context(struct story *s)
{
	struct lws_context_creation_info info;

	memset(&info, 0, sizeof info);
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = s->protocols;
	info.gid = (gid_t)-1;
	info.uid = (uid_t)-1;
	info.user = s;
	info.timeout_secs = s->opts.timeout_secs;
	if (s->opts.tls) {
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.client_ssl_ca_filepath = s->peer.ca;
	}
	if (s->opts.tune)
		s->opts.tune(s, &info);
	s->destroying = 0;
	s->cx = from_outside() ? outside_context(&info) : lws_create_context(&info);
	CHECK(s->cx);
}

enum { BY_ALPN = 1, PRIOR_KNOWLEDGE };

static int proto(void)
{
	const char *proto = getenv("PROTO");

	if (!proto)
		return 0;
	return strcmp(proto, "h2c") ? BY_ALPN : PRIOR_KNOWLEDGE;
}

/* What is in the environment of whoever runs the stories is none of their business. */
static void no_proxies(void)
{
	static const char *const names[] = { "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "socks_proxy" };
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		unsetenv(names[i]);
}

struct story *story_open(const struct opts *o)
{
	struct story *s = calloc(1, sizeof *s);
	char options[256];
	size_t i;

	if (!s)
		abort();
	watchdog();
	no_proxies();
#ifndef UPSTREAM
	if (!strstr(lws_get_library_version(), "broadside"))
		fail(__FILE__, __LINE__, "this is another library: %s", lws_get_library_version());
#endif
	lws_set_log_level(LLL_ERR | LLL_WARN | LLL_NOTICE, emit_log);
	s->opts = *o;
	on_h2 = proto();
	s->opts.tls |= on_h2 == BY_ALPN;
	s->protocols[0].name = "story";
	s->protocols[0].callback = callback;
	s->protocols[0].per_session_data_size = o->pss;
	pthread_mutex_lock(&books);
	for (i = 0; stories[i]; i++)
		;
	stories[i] = s;
	pthread_mutex_unlock(&books);
	if (!o->no_peer) {
		snprintf(options, sizeof options, "%s %s %s", o->peer ? o->peer : "", s->opts.tls ? "--tls" : "",
			 on_h2 == BY_ALPN ? "--alpn h2,http/1.1" : "");
		peer_start(&s->peer, options);
	}
	outside_begin();
	s->fds = count_fds();
	if (!o->no_context)
		story_context(s);
	return s;
}

void step(struct story *s)
{
	int n;

	CHECK(s->cx);
	n = from_outside() ? outside_step(s->cx) : lws_service(s->cx, 0);
	if (s->destroying) {
		s->cx = NULL;
		CHECK(n < 0 || !OURS);
	} else
		CHECK(n >= 0);
}

void story_destroy(struct story *s)
{
	size_t i;

	s->destroying = 1;
	for (i = 0; i < s->n_reqs; i++)
		s->reqs[i]->ending = 1;
	lws_context_destroy(s->cx);
}

/* What contract 1.1 to 1.5 promise for every request. */
static void check_ending(const struct req *r)
{
	unsigned completed = r->n[REASON_COMPLETED], error = r->n[REASON_ERROR], closed = r->n[REASON_CLOSED];
	const char *wrong = NULL;

	if (!r->n[REASON_BIND] && !r->accepted)
		return;
#ifndef UPSTREAM
	/* A redirect drops the protocol and binds it again. */
	if (!r->n[REASON_BIND] || r->n[REASON_BIND] != r->n[REASON_DROP] ||
	    r->n[REASON_BIND] > 1 + r->n[LWS_CALLBACK_CLIENT_HTTP_REDIRECT])
		wrong = "BIND and DROP are not balanced";
	else if (r->n[REASON_DESTROY] != 1 || r->n[REASON_CREATE] > 1 || (r->accepted && !r->n[REASON_CREATE]))
		wrong = "CREATE and DESTROY are not balanced";
	else if (completed > 1 || error > 1 || closed > 1 || r->n[REASON_EST] > 1)
		wrong = "something came twice";
	else if (completed && (error || !closed))
		wrong = "COMPLETED wants CLOSED and no ERROR after it";
	else if (error && closed)
		wrong = "ERROR and CLOSED";
	else if (r->ask.ws && ws_ending(r))
		wrong = ws_ending(r);
	else if (!completed && closed && !r->n[REASON_EST])
		wrong = "CLOSED, but it was never established";
	else if (!completed && !closed && !error && !r->at_destroy)
		wrong = "no ending";
#else
	if (completed + error > 1 || (error && closed))
		wrong = "two endings";
#endif
	if (wrong)
		fail(__FILE__, __LINE__, "%s: %s", r->name, wrong);
}

static void free_req(struct req *r)
{
	free(r->error);
	free(r->body);
	free(r->log);
	free(r);
}

int story_close(struct story *s)
{
	size_t i;
	int fds;

	if (s->cx && !s->destroying)
		story_destroy(s);
	s->cx = NULL;
	s->destroying = 1;
	for (i = 0; i < s->n_reqs; i++)
		check_ending(s->reqs[i]);
#ifndef UPSTREAM
	CHECK_EQ(s->alive, 0);
#endif
	outside_end();
	fds = s->opts.no_fd_check ? 0 : settled_fds(s->fds);
	if (fds != s->fds && !s->opts.no_fd_check) {
		print_fds();
		fail(__FILE__, __LINE__, "%d descriptors at the start, %d at the end", s->fds, fds);
	}
	if (s->peer.pid && peer_stat(&s->peer, "violations"))
		fail(__FILE__, __LINE__, "the peer complains: %s", peer_say(&s->peer, "violation"));
	peer_stop(&s->peer);
	pthread_mutex_lock(&books);
	for (i = 0; stories[i] != s; i++)
		;
	stories[i] = NULL;
	pthread_mutex_unlock(&books);
	for (i = 0; i < s->n_reqs; i++)
		free_req(s->reqs[i]);
	free(s->reqs);
	free(s->order);
	free(s);
	return 0;
}

static struct req *new_req(struct story *s, const struct ask *a)
{
	struct req *r = calloc(1, sizeof *r);

	if (!r)
		abort();
	r->story = s;
	r->ask = *a;
	r->sum = FNV_START;
	r->mine = a->mine;
	r->fd = -1;
	r->last = -1;
	r->ws.code = -1;
	pthread_mutex_lock(&books);
	r->nth = s->n_reqs;
	if (r->nth < 26)
		snprintf(r->name, sizeof r->name, "%c", (char)('A' + r->nth));
	else
		snprintf(r->name, sizeof r->name, "R%u", (unsigned)r->nth % 100000);
	if (!(s->n_reqs & (s->n_reqs + 1)) || !s->reqs)
		s->reqs = grown(s->reqs, 2 * (s->n_reqs + 1) * sizeof *s->reqs);
	s->reqs[s->n_reqs++] = r;
	pthread_mutex_unlock(&books);
	return r;
}

/* The connect call has returned. */
static void mark_return(struct req *r)
{
	pthread_mutex_lock(&books);
	if (!r->ask.quiet && r->log)
		append(&r->log, &r->log_len, &r->log_cap, "|");
	pthread_mutex_unlock(&books);
}

struct req *adopt_begin(struct story *s, const struct ask *a)
{
	struct req *r = new_req(s, a);

	r->adopted = 1;
	s->adopting = r;
	return r;
}

struct lws *adopt_end(struct req *r, struct lws *wsi)
{
	r->story->adopting = NULL;
	r->accepted = !!wsi;
	if (wsi && wsi != r->wsi)
		fail(__FILE__, __LINE__, "%s: it returned %p, the callbacks had %p", r->name, (void *)wsi, (void *)r->wsi);
	mark_return(r);
	return wsi;
}

struct req *ask(struct story *s, const struct ask *a)
{
	struct lws_client_connect_info i;
	struct req *r = new_req(s, a);
	struct lws *wsi;

	memset(&i, 0, sizeof i);
	i.context = s->cx;
	i.address = a->address ? a->address : "127.0.0.1";
	i.host = a->host ? a->host : OURS ? "localhost" : "127.0.0.1";
	i.port = a->port || a->exact_port ? a->port : s->peer.port;
	i.path = a->path;
	i.method = a->method || a->ws ? a->method : "GET";
	i.ssl_connection = a->flags | (a->solo ? 0 : (int)LCCSCF_PIPELINE) |
			   (s->opts.tls && !a->plain ? (int)LCCSCF_USE_SSL : 0) |
			   (on_h2 == PRIOR_KNOWLEDGE ? (int)LCCSCF_H2_PRIOR_KNOWLEDGE : 0);
	i.alpn = a->alpn || !on_h2 ? a->alpn : "h2,http/1.1";
	i.iface = a->iface;
#ifndef UPSTREAM
	i.local_port = a->local_port;
#endif
	i.parent_wsi = a->parent ? a->parent->wsi : NULL;
	i.origin = a->origin;
	i.protocol = a->protocol || a->ws ? a->protocol : "story";
	i.local_protocol_name = a->ws ? "story" : NULL;
	i.retry_and_idle_policy = a->retry;
	i.keep_warm_secs = a->keep_warm;
	i.manual_initial_tx_credit = a->credit;
#ifndef UPSTREAM
	i.allow_reserved_bits = (uint8_t)a->reserved_bits;
	i.allow_unknown_opcode = (uint8_t)a->unknown_opcode;
	i.priority = a->priority;
	i.auth_username = a->user;
	i.auth_password = a->password;
	i.log_cx = a->log_cx;
	i.sys_tls_client_cert = a->client_cert;
#endif
	i.vhost = a->vhost;
	i.userdata = s->opts.pss ? NULL : r;
	i.opaque_user_data = r;
	i.pwsi = &r->wsi;
	wsi = lws_client_connect_via_info(&i);
	r->accepted = !!wsi;
	if (r->last == REASON_NEW || r->last == REASON_CREATE)
		mark_return(r);
#ifndef UPSTREAM
	if (wsi != r->wsi && !s->destroying)
		fail(__FILE__, __LINE__, "%s: connect said %p, *pwsi is %p", r->name, (void *)wsi, (void *)r->wsi);
	if (!wsi && r->n[REASON_BIND] && !s->destroying)
		fail(__FILE__, __LINE__, "%s: callbacks, and then NULL", r->name);
#else
	if (!wsi && r->n[REASON_BIND] && !r->done) {
		r->done = 1;
		s->alive--;
	}
#endif
	if (!wsi && !a->may_be_null)
		fail(__FILE__, __LINE__, "%s was not accepted", r->name);
	return r;
}

void kill_req(struct req *r, int sync)
{
	r->ending = sync;
	lws_set_timeout(r->wsi, PENDING_TIMEOUT_USER_OK, sync ? LWS_TO_KILL_SYNC : LWS_TO_KILL_ASYNC);
}
