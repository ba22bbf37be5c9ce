/*
 * Contract 1.12, 2.10, 5.3 of what upstream does: request bodies of every size in any number of writes, ended each way, against windows
 * that are small, shut and opened later; the server has each whole, and no program is told to write when nothing may go.
 */
#include "harness.h"

enum { BIG = 1000000 };
enum ending { BY_FINAL = 1, BY_PENDING, BY_EMPTY_FINAL };

static char text[BIG];
static long window;			/* the server's, which allowances stay within; 0: any */
static int at_most;			/* writes no more than the allowance */

struct plan {
	size_t len, piece, sent;
	enum ending ending;
	unsigned writes;
};

static int head(struct req *r, unsigned char **p, size_t room)
{
	struct plan *plan = r->mine;
	char number[24];
	int n = snprintf(number, sizeof number, "%zu", plan->len);

	CHECK(!lws_add_http_header_by_token(r->wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, (unsigned char *)number, n, p, *p + room));
	lws_client_http_body_pending(r->wsi, 1);
	lws_callback_on_writable(r->wsi);
	return HOOK_DONE;
}

static void put(struct req *r, size_t n, enum lws_write_protocol how)
{
	unsigned char *buf = malloc(LWS_PRE + n + 1);
	struct plan *plan = r->mine;

	CHECK(buf);
	memcpy(buf + LWS_PRE, text + plan->sent, n);
	CHECK_EQ(lws_write(r->wsi, buf + LWS_PRE, n, how), n);
	free(buf);
	plan->sent += n;
}

static int write_some(struct req *r)
{
	struct plan *plan = r->mine;
	size_t n = plan->len - plan->sent;
	long may = (long)lws_get_peer_write_allowance(r->wsi);
	int last;

	plan->writes++;
	/* The call itself is the answer that something may go; that it ends, when nothing is left. */
	if (n)
		CHECK(may > 0);
	if (window)
		CHECK(may <= window);
	if (n > plan->piece)
		n = plan->piece;
	if (at_most && n > (size_t)may)
		n = (size_t)may;
	last = plan->sent + n == plan->len;
	if (n || (last && plan->ending == BY_FINAL))
		put(r, n, last && plan->ending == BY_FINAL ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP);
	if (last && plan->ending == BY_PENDING)
		lws_client_http_body_pending(r->wsi, 0);
	if (last && plan->ending == BY_EMPTY_FINAL)
		put(r, 0, LWS_WRITE_HTTP_FINAL);
	if (!last)
		lws_callback_on_writable(r->wsi);
	return HOOK_DONE;
}

static int upload(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	if (reason == REASON_APPEND)
		return head(r, in, len);
	return reason == REASON_WRITE ? write_some(r) : 0;
}

static struct req *post(struct story *s, const char *path, size_t len, size_t piece, enum ending ending)
{
	struct plan *plan = calloc(1, sizeof *plan);

	CHECK(plan);
	plan->len = len;
	plan->piece = piece;
	plan->ending = ending;
	return ASK(s, .path = path, .method = "POST", .hook = upload, .mine = plan);
}

static void echoed(struct req *r)
{
	struct plan *plan = r->mine;

	CHECK_EQ(r->n[REASON_COMPLETED], 1);
	CHECK_EQ(r->status, 200);
	CHECK_EQ(r->total, plan->len);
	CHECK_EQ(r->sum, fnv(text, plan->len, FNV_START));
	free(plan);
}

static void sizes(struct story *s)
{
	static const size_t lens[] = { 0, 1, 16384, 16385, BIG };
	static const size_t pieces[] = { BIG, 16384, 9000 };
	struct req *r[5][3][3];
	int i, j, k;

	for (i = 0; i < 5; i++)
		for (j = 0; j < 3; j++)
			for (k = 0; k < 3; k++)
				r[i][j][k] = post(s, "/echo", lens[i], pieces[j], (enum ending)(BY_FINAL + k));
	RUN_ALL(s);
	for (i = 0; i < 5; i++)
		for (j = 0; j < 3; j++)
			for (k = 0; k < 3; k++)
				echoed(r[i][j][k]);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
}

/* One byte may go at a time; `all` hands everything over in one write, which waits in the library. */
static void drip(struct story *s, int all)
{
	struct req *r[3];
	int k;

	window = 1;
	at_most = !all;
	for (k = 0; k < 3; k++)
		r[k] = post(s, "/echo", 1000, 1000, (enum ending)(BY_FINAL + k));
	RUN_ALL(s);
	for (k = 0; k < 3; k++) {
		CHECK_EQ(((struct plan *)r[k]->mine)->writes, all ? 1 : 1000);
		echoed(r[k]);
	}
}

/* Nothing may go: nobody is asked to write, but for the one that has no body; then the window opens. */
static void shut(struct story *s)
{
	struct req *a = post(s, "/echo", 50000, 50000, BY_FINAL), *b = post(s, "/echo", 50000, 1000, BY_PENDING);
	struct req *none = post(s, "/echo", 0, 1, BY_FINAL), *get = ASK(s, .path = "/ok");

	RUN_UNTIL(s, get->done);
	CHECK_EQ(a->n[REASON_WRITE] + b->n[REASON_WRITE], 0);
	CHECK_EQ(lws_get_peer_write_allowance(a->wsi), 0);
	CHECK_EQ(lws_wsi_tx_credit(a->wsi, LWSTXCR_US_TO_PEER, 0), 0);
	peer_say(&s->peer, "settings window=100");
	RUN_UNTIL(s, a->n[REASON_WRITE] && b->n[REASON_WRITE]);
	RUN_ALL(s);
	echoed(a);
	echoed(b);
	echoed(none);
}

/* The windows are used up, of the streams and of the connection, and nothing is given back until a gate opens. */
static void withheld(struct story *s)
{
	struct req *r[4], *get = ASK(s, .path = "/ok");
	unsigned writes = 0;
	int i;

	at_most = 1;
	window = 65535;
	for (i = 0; i < 4; i++)
		r[i] = post(s, "/echo", 60000, 5000, BY_FINAL);
	await(s, "wait-requests 5");
	RUN_UNTIL(s, get->done);
	RUN_UNTIL(s, lws_get_peer_write_allowance(r[0]->wsi) == 0);
	peer_say(&s->peer, "ping");
	await(s, "wait-pongs 1");
	for (i = 0; i < 4; i++) {
		CHECK_EQ(lws_get_peer_write_allowance(r[i]->wsi), 0);
		writes += ((struct plan *)r[i]->mine)->writes;
	}
	peer_say(&s->peer, "ping");
	await(s, "wait-pongs 2");
	for (i = 0; i < 4; i++)
		writes -= ((struct plan *)r[i]->mine)->writes;
	CHECK_EQ(writes, 0);
	CHECK_EQ(s->alive, 4);
	peer_say(&s->peer, "open window");
	RUN_ALL(s);
	for (i = 0; i < 4; i++)
		echoed(r[i]);
}

/* An answer before the body was sent: it is the answer, and the rest of the body is not sent. */
static void early(struct story *s)
{
	struct req *some = post(s, "/early", BIG, 10000, BY_FINAL), *none = post(s, "/early", 50000, 100, BY_FINAL), *get;

	RUN_ALL(s);
	CHECK_STR(some->body, "too soon");
	CHECK_STR(none->body, "too soon");
	CHECK_EQ(some->n[REASON_COMPLETED] + none->n[REASON_COMPLETED], 2);
	CHECK(((struct plan *)some->mine)->sent < BIG);
	free(some->mine);
	free(none->mine);
	get = ASK(s, .path = "/ok");
	RUN_ALL(s);
	CHECK_LOG(get, RODE);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
}

static void twenty(struct story *s)
{
	struct req *r[20];
	int i;

	for (i = 0; i < 20; i++)
		r[i] = post(s, "/echo", 200000 + (size_t)i, i % 2 ? 200100 : 7000, (enum ending)(BY_FINAL + i % 3));
	RUN_ALL(s);
	for (i = 0; i < 20; i++)
		echoed(r[i]);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);
	CHECK_EQ(peer_stat(&s->peer, "streams"), 20);
}

int main(int argc, char **argv)
{
	struct story *s;
	size_t i;

	ONLY_H2();
	for (i = 0; i < sizeof text; i++)
		text[i] = (char)('a' + i * i % 26);
	s = story_open(&(struct opts){ .peer = IS(1, "drip") || IS(1, "whole") ? "--h2 window=1" : IS(1, "shut") ? "--h2 window=0" :
		IS(1, "withheld") || IS(1, "early") ? "--h2 no-window-updates=1" : NULL });
	if (IS(1, "sizes"))
		sizes(s);
	else if (IS(1, "drip") || IS(1, "whole"))
		drip(s, IS(1, "whole"));
	else if (IS(1, "shut"))
		shut(s);
	else if (IS(1, "withheld"))
		withheld(s);
	else if (IS(1, "early"))
		early(s);
	else
		twenty(s);
	return story_close(s);
}
