/*
 * A retry policy's idea of a connection that is alive: a PING after secs_since_valid_ping, the end after secs_since_valid_hangup. One that
 * answers lives on, and so does one that nobody asks.
 */
#include "harness.h"

int main(int argc, char **argv)
{
	static const lws_retry_bo_t watched = { .secs_since_valid_ping = 1, .secs_since_valid_hangup = 2 };
	static const lws_retry_bo_t hangup = { .secs_since_valid_hangup = 1 }, never = { .secs_since_valid_ping = 0 };
	struct story *s;
	struct req *mute, *lives, *asks_not, *unwatched, *default_one;

	ONLY_OURS();
	s = story_open(&(struct opts){ .peer = WS_PEER, .tls = IS(1, "tls") });
	mute = ASK(s, .ws = 1, .path = "/ws/echo?pong=none", .retry = &watched);
	lives = ASK(s, .ws = 1, .path = "/ws/echo", .retry = &watched);
	asks_not = ASK(s, .ws = 1, .path = "/ws/echo", .retry = &hangup);
	unwatched = ASK(s, .ws = 1, .path = "/ws/echo?pong=none", .retry = &never);
	default_one = ASK(s, .ws = 1, .path = "/ws/echo?pong=none");
	RUN_UNTIL(s, asks_not->done);
	CHECK(asks_not->ws.opened && !mute->done);
	RUN_UNTIL(s, mute->done);
	CHECK(mute->ws.opened && mute->n[REASON_CLOSED]);
	CHECK_EQ(mute->ws.pongs, 0);
	CHECK(!lives->done && !unwatched->done && !default_one->done);
	CHECK(lives->ws.pongs >= 1);
	CHECK_HAS(peer_say(&s->peer, "ws-log"), "op=9 fin=1 rsv=0 len=0");
	CHECK_EQ(ws_text(lives, "still there"), 11);
	CHECK_EQ(ws_text(unwatched, "still there"), 11);
	RUN_UNTIL(s, lives->ws.messages && unwatched->ws.messages);
	return story_close(s);
}
