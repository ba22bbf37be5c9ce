/* Responses without a body, interim ones, and every method: the real status once, and the connection goes on. */
#include "harness.h"

#define BARE "BIND CREATE NEW | APPEND FILTER EST COMPLETED DROP CLOSED DESTROY"

int main(int argc, char **argv)
{
	static const char *const methods[] = { "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" };
	struct req *r[8];
	struct story *s;
	char want[64];
	size_t i;

	ONLY_OURS();
	s = story_open(&(struct opts){ .tls = IS(1, "tls") });
	ASK(s, .path = "/ok");
	r[0] = ASK(s, .path = "/ok", .method = "HEAD");
	r[1] = ASK(s, .path = "/204");
	r[2] = ASK(s, .path = "/304");
	r[3] = ASK(s, .path = "/cl0");
	r[4] = ASK(s, .path = "/100");
	r[5] = ASK(s, .path = "/103");
	r[6] = ASK(s, .path = "/status/404");
	r[7] = ASK(s, .path = "/status/401");
	RUN_ALL(s);
	for (i = 0; i < 8; i++)
		CHECK_LOG(r[i], i < 4 ? BARE : RODE);
	CHECK_EQ(r[0]->status, 200);
	CHECK_EQ(r[1]->status, 204);
	CHECK_EQ(r[2]->status, 304);
	CHECK_EQ(r[4]->status, 200);
	CHECK_EQ(r[5]->status, 200);
	CHECK_EQ(r[6]->status, 404);
	CHECK_EQ(r[7]->status, 401);
	for (i = 0; i < 6; i++)
		r[i] = ASK(s, .path = "/headers", .method = methods[i]);
	RUN_ALL(s);
	for (i = 0; i < 6; i++) {
		snprintf(want, sizeof want, on_h2 ? ":method: %s\r\n" : "%s /headers HTTP/1.1\r\n", methods[i]);
		CHECK_HAS(r[i]->body, want);
	}
	CHECK_EQ(peer_stat(&s->peer, "accepts"), 1);

	/* HEAD first on a connection, and an answer before the body was sent. */
	r[0] = ASK(s, .path = "/ok", .method = "HEAD", .host = "127.0.0.1");
	r[1] = ASK(s, .path = "/early", .method = "POST", .body = "xyz", .body_len = 3, .host = "127.0.0.1");
	RUN_ALL(s);
	CHECK_EQ(r[0]->n[REASON_COMPLETED], 1);
	CHECK_STR(r[1]->body, "too soon");
	return story_close(s);
}
