/* LWS_SERVER_OPTION_VALIDATE_UTF8: text that is none ends the connection with 1007, however it is cut; without the option it passes. */
#include "harness.h"

static const char *const bad[] = {
	"text:%ff", "text:ab%c3", "text:%e2%82", "text:%c0%80", "text:%ed%a0%80", "text:%f4%90%80%80", "text:%80",
	"first:%e2/last:%82", "first:%e2%82/ping:p/last:x", "split/text:ok%fe", "first:%c3/last:",
};
static const char *const good[] = {
	"text:%e2%82%ac", "first:%e2/cont:%82/last:%ac", "split/text:%f0%9f%98%80", "text:", "first:%e2/ping:p/cont:/last:%82%ac",
	"data:%ff", "firstbin:%ff/last:%c3", "text:%ed%9f%bf%ee%80%80%f4%8f%bf%bf", "pong:%ff/text:x",
};

static void checked(struct story *s, struct lws_context_creation_info *info)
{
	info->options |= LWS_SERVER_OPTION_VALIDATE_UTF8;
	s->protocols[0].rx_buffer_size = 2;
}

static int n;

static void one(struct story *s, const char *steps, int passes)
{
	char path[200];
	struct req *r;

	snprintf(path, sizeof path, "/ws/send/text:before/%s/text:after/close:1000", steps);
	r = ASK(s, .ws = 1, .path = path);
	RUN_ALL(s);
	CHECK(r->ws.opened);
	CHECK_EQ(r->ws.code, passes ? 1000 : -1);
	CHECK_EQ(!!strstr(r->body, "after"), passes);
	CHECK_STR(ws_heard(s, ++n), passes ? "1000" : "1007");
}

int main(int argc, char **argv)
{
	int on = !IS(1, "off");
	struct story *s;
	size_t i;

	ONLY_OURS();
	s = story_open(&(struct opts){ .peer = WS_PEER, .tls = IS(2, "tls"), .tune = on ? checked : NULL });
	for (i = 0; i < sizeof good / sizeof *good; i++)
		one(s, good[i], 1);
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		one(s, bad[i], !on);
	return story_close(s);
}
