/* What requests are called in log lines: each by its own text, from its first callback to its last. */
#include "harness.h"
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 4 };

static const char *tags[MOST];
static char texts[MOST][100];
static unsigned seen;

static int look(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	const char *tag = lws_wsi_tag(r->wsi);

	(void)in;
	(void)len;
	if (r->nth >= MOST || !r->accepted)
		return 0;
	if (!tags[r->nth]) {
		tags[r->nth] = tag;
		strcpy(texts[r->nth], tag);
	}
	CHECK(tags[r->nth] == tag);
	CHECK_STR(tag, texts[r->nth]);
	seen += reason == LWS_CALLBACK_WSI_DESTROY;
	return 0;
}

static void tune(struct story *s, struct lws_context_creation_info *info)
{
	(void)s;
	info->vhost_name = "here";
}

/* Only who is asked gets a text, so the ordinal is no count of those. */
static void the_others(struct story *s)
{
	lws_sock_file_fd_type fd;
	char want[100];
	struct req *r;
	int pair[2];
	unsigned i;

	for (i = 0; i < 14; i++)
		ASK(s, .path = "/ok");
	r = ASK(s, .path = "/ok", .method = "HEAD");
	snprintf(want, sizeof want, "[wsicli|%x|HEAD/h1/here/127.0.0.1]", 18);
	CHECK_STR(lws_wsi_tag(r->wsi), want);
	r = ASK(s, .ws = 1, .path = "/none", .solo = 1);
	CHECK_STR(lws_wsi_tag(r->wsi), "[wsicli|13|WS/h1/here/127.0.0.1]");
	r = ASK(s, .method = "RAW", .plain = 1, .solo = 1);
	CHECK_STR(lws_wsi_tag(r->wsi), "[wsicli|14|RAW/raw-skt/here/127.0.0.1]");
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	fd.sockfd = pair[0];
	CHECK(ADOPT(r, s, lws_adopt_descriptor_vhost(lws_get_vhost_by_name(s->cx, "here"), LWS_ADOPT_SOCKET, fd, "story", NULL), .path = NULL));
	CHECK_STR(lws_wsi_tag(r->wsi), "[wsisrv|0|adopted]");
	close(pair[1]);
}

int main(int argc, char **argv)
{
	static const char *const methods[MOST] = { "GET", "POST", "DELETE", "GET" };
	struct lws *gone;
	struct story *s;
	char want[100];
	unsigned i;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(1, "tls"), .timeout_secs = 20, .pss = 8, .hook = look, .tune = tune });
	for (i = 0; i < MOST; i++)
		ASK(s, .path = i == 3 ? "/redirect/302/ok" : "/ok", .method = methods[i], .body = i == 1 ? "x" : NULL, .body_len = i == 1);
	gone = s->reqs[0]->wsi;
	CHECK_STR(lws_vh_tag(lws_get_vhost(gone)), "[vh|0|here||-1]");
	for (i = 0; i < MOST; i++) {
		snprintf(want, sizeof want, "[wsicli|%x|%s/h1/here/127.0.0.1]", i, methods[i]);
		CHECK_STR(lws_wsi_tag(s->reqs[i]->wsi), want);
	}
	RUN_ALL(s);
	CHECK_EQ(seen, MOST);
	CHECK_STR(lws_wsi_tag(gone), "[wsi]");
	CHECK_STR(lws_wsi_tag(NULL), "[null wsi]");
	the_others(s);
	return story_close(s);
}
