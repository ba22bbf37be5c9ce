/*
 * The program's own word about a certificate. reject: nonzero refuses, for that request alone; the others dial again. accept: a verdict
 * that the hook made good is its request's alone, the connection is not shared. extra: authorities added to the SSL_CTX at start.
 */
#include "harness.h"
#include <openssl/x509_vfy.h>

static int hook(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	(void)len;
	return reason == REASON_VERIFY && r->mine ? -1 : 0;
}

static int hook_accepts(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == REASON_VERIFY) {
		r->mine = r;
		X509_STORE_CTX_set_error(r->user, X509_V_OK);
	}
	return 0;
}

static int load_extra(struct story *s, struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in)
{
	(void)wsi;
	(void)in;
	if (reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS) {
		CHECK(user);
		CHECK_EQ(SSL_CTX_load_verify_locations(user, s->peer.ca, NULL), 1);
		s->mine = user;
	}
	return 0;
}

static void no_ca(struct story *s, struct lws_context_creation_info *info)
{
	(void)s;
	info->client_ssl_ca_filepath = NULL;
}

static void reject(struct story *s)
{
	struct req *a = ASK(s, .path = "/ok?a", .hook = hook, .mine = s), *b, *c;

	b = ASK(s, .path = "/ok?b", .hook = hook);
	c = ASK(s, .path = "/ok?c", .hook = hook);
	RUN_ALL(s);
	CHECK_LOG(a, FAILED);
	CHECK(a->verifies > 0);
	CHECK_LOG(b, LED);
	CHECK(b->verifies > 0);
	CHECK_LOG(c, RODE);
	CHECK_EQ(c->verifies, 0);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 2);
}

static void accept_it(struct story *s)
{
	struct req *a = ASK(s, .path = "/ok?a", .hook = hook_accepts), *b, *c;

	RUN_ALL(s);
	CHECK_LOG(a, LED);
	CHECK(a->mine);
	b = ASK(s, .path = "/ok?b");
	RUN_ALL(s);
	CHECK_LOG(b, FAILED);
	CHECK_HAS(b->error, "tls=invalidca");
	c = ASK(s, .path = "/ok?c", .hook = hook_accepts);
	RUN_ALL(s);
	CHECK_LOG(c, LED);
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 3);
	/* Those that waited for the attempt do not ride it either. */
	a = ASK(s, .path = "/ok?a", .hook = hook_accepts);
	b = ASK(s, .path = "/ok?b");
	RUN_ALL(s);
	CHECK_STR(a->body, "/ok?a");
	CHECK_LOG(b, FAILED);
}

static void extra(struct story *s)
{
	struct req *a = ASK(s, .path = "/ok");

	CHECK(s->mine);
	RUN_ALL(s);
	CHECK_LOG(a, LED);
}

int main(int argc, char **argv)
{
	struct story *s;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = 1, .tune = IS(1, "extra") ? no_ca : NULL, .vhost_hook = IS(1, "extra") ? load_extra : NULL,
				       .peer = IS(1, "accept") ? "--cert selfsigned" : "" });
	if (IS(1, "reject"))
		reject(s);
	else if (IS(1, "accept"))
		accept_it(s);
	else
		extra(s);
	return story_close(s);
}
