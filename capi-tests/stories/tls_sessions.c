/*
 * TLS sessions: the second connection of the same trust resumes the first one's, no other does; they can be kept outside and brought
 * into another context; those that checked less, or that the program's hook made good, are nobody's.
 */
#include "harness.h"

static int expects, asked;

static int look(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	union lws_tls_cert_info_results buf;

	(void)in;
	(void)len;
	if (reason == REASON_CONNECTING)
		CHECK_EQ(lws_tls_session_is_reused(r->wsi), 0);
	if (reason != REASON_COMPLETED)
		return 0;
	asked++;
	CHECK_EQ(lws_tls_session_is_reused(r->wsi), expects);
	CHECK_EQ(lws_tls_session_is_reused(lws_get_network_wsi(r->wsi)), expects);
	CHECK_EQ(lws_tls_peer_cert_info(r->wsi, LWS_TLS_CERT_INFO_COMMON_NAME, &buf, 0), 0);
	CHECK_STR(buf.ns.name, "localhost");
	CHECK_EQ(lws_tls_peer_cert_info(r->wsi, LWS_TLS_CERT_INFO_VERIFIED, &buf, 0), 0);
	CHECK_EQ(buf.verified, 1);
	return 0;
}

/* on a connection of its own: whether it resumes is what the peer says too */
static void one(struct story *s, const struct ask *like, int resumes)
{
	struct ask a = *like;
	struct req *r;

	a.path = "/ok";
	a.solo = 1;
	a.hook = a.hook ? a.hook : look;
	expects = resumes;
	r = ask(s, &a);
	RUN_ALL(s);
	CHECK_EQ(r->n[REASON_COMPLETED], 1);
	CHECK_HAS(peer_say(&s->peer, "tls"), resumes ? "resumed=1" : "resumed=0");
}
#define ONE(s, resumes, ...) one((s), &(struct ask){ __VA_ARGS__ }, (resumes))
#define USUAL .path = "/ok"

static int hook_accepts(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == REASON_VERIFY)
		X509_STORE_CTX_set_error(r->user, X509_V_OK);
	return 0;
}

static void trusts(struct story *s)
{
	ONE(s, 0, USUAL);
	ONE(s, 1, USUAL);
	ONE(s, 1, USUAL);
	/* each its own */
	ONE(s, 0, .flags = LCCSCF_ALLOW_SELFSIGNED);
	ONE(s, 0, .flags = LCCSCF_ALLOW_EXPIRED);
	ONE(s, 0, .flags = LCCSCF_ALLOW_INSECURE);
	ONE(s, 0, .flags = LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK);
	ONE(s, 0, .host = "127.0.0.1");
	ONE(s, 0, .alpn = "http/1.1");
	ONE(s, 1, .flags = LCCSCF_ALLOW_EXPIRED);
	ONE(s, 1, .host = "127.0.0.1");
	ONE(s, 1, USUAL);
	/* A lax one got through; that helps no strict one. */
	peer_say(&s->peer, "cert expired");
	ONE(s, 0, .address = "localhost", .flags = LCCSCF_ALLOW_EXPIRED);
	{
		struct req *r = ASK(s, .path = "/ok", .address = "localhost", .solo = 1);

		RUN_ALL(s);
		CHECK_HAS(r->error, "tls=expired");
	}
	/* Nor does what the hook made good: it is asked again. */
	ONE(s, 0, .iface = "127.0.0.1", .hook = hook_accepts);
	ONE(s, 0, .iface = "127.0.0.1", .hook = hook_accepts);
}

static unsigned calls;
static void *blob;
static size_t blob_len;
static char tag[LWS_SESSION_TAG_LEN];

static int save(struct lws_context *cx, struct lws_tls_session_dump *info)
{
	CHECK(cx);
	calls++;
	CHECK(info->blob && info->blob_len);
	strcpy(tag, info->tag);
	free(blob);
	blob = malloc(info->blob_len);
	CHECK(blob);
	memcpy(blob, info->blob, blob_len = info->blob_len);
	return info->opaque != &calls;
}

static int load(struct lws_context *cx, struct lws_tls_session_dump *info)
{
	CHECK(cx);
	calls++;
	CHECK_STR(info->tag, tag);
	if (info->opaque != &calls)
		return 1;
	info->blob = malloc(blob_len);
	CHECK(info->blob);
	memcpy(info->blob, blob, info->blob_len = blob_len);
	return 0;
}

static int load_garbage(struct lws_context *cx, struct lws_tls_session_dump *info)
{
	(void)cx;
	info->blob = malloc(5);
	CHECK(info->blob);
	memcpy(info->blob, "words", info->blob_len = 5);
	return 0;
}

static int load_nothing(struct lws_context *cx, struct lws_tls_session_dump *info)
{
	(void)cx;
	(void)info;
	return 0;
}

static void dumps(struct story *s)
{
	uint16_t port = (uint16_t)s->peer.port;
	struct lws_vhost *vh = lws_get_vhost_by_name(s->cx, "default");
	char want[96];

	CHECK_EQ(lws_tls_session_dump_save(vh, "localhost", port, save, &calls), 1);
	ONE(s, 0, .flags = LCCSCF_ALLOW_EXPIRED);
	CHECK_EQ(lws_tls_session_dump_save(vh, "localhost", port, save, &calls), 1);
	CHECK_EQ(calls, 0);
	ONE(s, 0, USUAL);
	CHECK_EQ(lws_tls_session_dump_save(vh, "localhost", (uint16_t)(port + 1), save, &calls), 1);
	CHECK_EQ(lws_tls_session_dump_save(vh, "elsewhere.test", port, save, &calls), 1);
	CHECK_EQ(lws_tls_session_dump_save(NULL, "localhost", port, save, &calls), 1);
	CHECK_EQ(lws_tls_session_dump_save(vh, NULL, port, save, &calls), 1);
	CHECK_EQ(lws_tls_session_dump_save(vh, "localhost", port, NULL, &calls), 1);
	CHECK_EQ(calls, 0);
	CHECK_EQ(lws_tls_session_dump_save(vh, "localhost", port, save, NULL), 1);
	CHECK_EQ(lws_tls_session_dump_save(vh, "localhost", port, save, &calls), 0);
	snprintf(want, sizeof want, "default_localhost_%u", port);
	CHECK_STR(tag, want);
	CHECK_EQ(calls, 2);
	/* one that is here stays */
	CHECK_EQ(lws_tls_session_dump_load(vh, "localhost", port, load, &calls), 1);
	CHECK_EQ(calls, 2);
	story_destroy(s);
	s->cx = NULL;

	story_context(s);
	vh = lws_get_vhost_by_name(s->cx, "default");
	CHECK_EQ(lws_tls_session_dump_load(vh, "localhost", port, load_garbage, NULL), 1);
	CHECK_EQ(lws_tls_session_dump_load(vh, "localhost", port, load_nothing, NULL), 1);
	CHECK_EQ(lws_tls_session_dump_load(vh, "localhost", port, load, NULL), 1);
	CHECK_EQ(lws_tls_session_dump_load(vh, "localhost", port, load, &calls), 0);
	ONE(s, 0, .flags = LCCSCF_ALLOW_EXPIRED);	/* not for those who check less */
	ONE(s, 0, .host = "127.0.0.1");
	ONE(s, 1, USUAL);
	ONE(s, 1, USUAL);
	free(blob);
	blob = NULL;
}

static const char *how;

static void tune(struct story *s, struct lws_context_creation_info *info)
{
	(void)s;
	if (!strcmp(how, "off"))
		info->options |= LWS_SERVER_OPTION_DISABLE_TLS_SESSION_CACHE;
	if (!strcmp(how, "few"))
		info->tls_session_cache_max = 2;
	if (!strcmp(how, "short"))
		info->tls_session_timeout = 1;
}

/* only the two that were used last are kept */
static void few(struct story *s)
{
	ONE(s, 0, USUAL);
	ONE(s, 0, .flags = LCCSCF_ALLOW_EXPIRED);
	ONE(s, 1, USUAL);
	ONE(s, 0, .host = "127.0.0.1");
	ONE(s, 1, USUAL);
	ONE(s, 0, .flags = LCCSCF_ALLOW_EXPIRED);
}

static void short_lived(struct story *s)
{
	time_t begun;

	ONE(s, 0, USUAL);
	for (begun = time(NULL); time(NULL) <= begun + 1;)
		lws_service(s->cx, 100);
	ONE(s, 0, USUAL);
}

static void off(struct story *s)
{
	struct lws_vhost *vh = lws_get_vhost_by_name(s->cx, "default");

	ONE(s, 0, USUAL);
	ONE(s, 0, USUAL);
	CHECK_EQ(lws_tls_session_dump_save(vh, "localhost", (uint16_t)s->peer.port, save, &calls), 1);
	CHECK_EQ(lws_tls_session_dump_load(vh, "localhost", (uint16_t)s->peer.port, load, &calls), 1);
	CHECK_EQ(calls, 0);
}

int main(int argc, char **argv)
{
	struct story *s;

	ONLY_OURS();
	how = ARG(1);
	s = story_open(&(struct opts){ .tls = 1, .tune = tune, .peer = IS(2, "tls12") ? "--tls12" : "" });
	CHECK_EQ(lws_tls_session_is_reused(NULL), 0);
	if (IS(1, "trusts"))
		trusts(s);
	else if (IS(1, "dumps"))
		dumps(s);
	else if (IS(1, "few"))
		few(s);
	else if (IS(1, "short"))
		short_lived(s);
	else
		off(s);
	return story_close(s);
}
