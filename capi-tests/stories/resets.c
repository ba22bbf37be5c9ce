/*
 * Contract 1.1, 1.7 and 4: RST_STREAM with every code before, inside and after a response ends that request as it should and says so;
 * its neighbours complete on the same connection.
 */
#include "harness.h"

static const char *const codes[] = {
	"NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED", "FRAME_SIZE_ERROR",
	"REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY",
	"HTTP_1_1_REQUIRED",
};

static void each(struct story *s, unsigned code, const char *name)
{
	struct req *before, *inside, *behind, *neighbour[4];
	char path[3][40];
	int i;

	snprintf(path[0], sizeof path[0], "/rststream/%u", code);
	snprintf(path[1], sizeof path[1], "/rstmid/%u", code);
	snprintf(path[2], sizeof path[2], "/rstafter/%u", code);
	neighbour[0] = ASK(s, .path = "/len/20000", .alpn = "h2");
	before = ASK(s, .path = path[0], .alpn = "h2");
	neighbour[1] = ASK(s, .path = "/len/20000", .alpn = "h2");
	inside = ASK(s, .path = path[1], .alpn = "h2");
	neighbour[2] = ASK(s, .path = "/len/20000", .alpn = "h2");
	behind = ASK(s, .path = path[2], .alpn = "h2");
	neighbour[3] = ASK(s, .path = "/len/20000", .alpn = "h2");
	RUN_ALL(s);
	/* A refused one is asked again, in the end on a connection of its own. */
	CHECK_LOG(before, "BIND CREATE NEW | APPEND [CONNECTING] ERROR DROP DESTROY");
	CHECK_HAS(before->error, name);
	CHECK_EQ(inside->n[REASON_EST], 1);
	CHECK_LOG(inside, "BIND CREATE NEW | APPEND FILTER EST [READ] DROP CLOSED DESTROY");
	CHECK_LOG(behind, RODE);
	CHECK_STR(behind->body, path[2]);
	for (i = 0; i < 4; i++)
		CHECK_EQ(neighbour[i]->total, 20000);
}

int main(void)
{
	struct story *s;
	unsigned code;

	ONLY_H2();
	s = story_open(&(struct opts){ 0 });
	ASK(s, .path = "/ok", .alpn = "h2");
	RUN_ALL(s);
	for (code = 0; code < sizeof codes / sizeof *codes; code++)
		each(s, code, codes[code]);
	each(s, 0x12345678, "an unknown error code");
	/* Another one only when the neighbours had all ended as the refused one was asked again. */
	CHECK(peer_stat(&s->peer, "accepts") <= 2);
	return story_close(s);
}
