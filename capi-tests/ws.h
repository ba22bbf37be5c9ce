/* What stories see of a WebSocket, and do with it; harness.h includes it. */
#ifndef BROADSIDE_WS_H
#define BROADSIDE_WS_H

/* What has come; bodies of messages are in req.body, req.total and req.sum, all of them joined. */
struct ws_seen {
	size_t messages, pieces;	/* whole messages, and calls of CLIENT_RECEIVE */
	size_t largest;			/* piece */
	size_t len;			/* of the last message, as far as it came, */
	unsigned sum;			/* and its FNV-1a */
	int binary;
	int within;			/* it has not ended */
	int opened;			/* CLIENT_ESTABLISHED was answered with 0 */
	int dropped;			/* WS_CLIENT_DROP_PROTOCOL came */
	int code;			/* the peer's Close: -1 before it came, 0 when it has none */
	char reason[124];
	size_t pongs;
	char pong[126];			/* what the last one says */
};

/* Sends one frame; what lws_write() said. NULL stands for the peer's pattern, abc...z repeated. */
int ws_send(struct req *r, int kind, const void *bytes, size_t len);
int ws_text(struct req *r, const char *text);
/* lws_close_reason(), with a text. */
void ws_reason(struct req *r, int code, const char *text);
/* What the peer heard last in a Close, when `n` of its WebSockets have ended: "CODE REASON", "none", "-" before. */
const char *ws_heard(struct story *s, int n);
/* The FNV-1a of `len` bytes of the peer's pattern. */
unsigned pattern_sum(size_t len);

/* The whole life of a ws, up to what is exchanged; of one that made the connection, of one that rode one of h2. */
#define WS_LED  "BIND CREATE NEW | CONNECTING APPEND EST FILTER OPENED "
#define WS_RODE "BIND CREATE NEW | APPEND EST FILTER OPENED "
#define WS_ENDED " WS_DROP WS_CLOSED DESTROY"
#define WS_LIVED WS_LED "MESSAGE" WS_ENDED
/* A life that comes by every callback, the one of an http request that fails apart; and their words. */
#define WS_TOUR .ws = 1, .path = "/ws/send/text:m/pong:p/recv:1/close:1000:bye", .body = "x", .body_len = 1
#define WS_PLACES "BIND", "CREATE", "NEW", "CONNECTING", "APPEND", "EST", "FILTER", "OPENED", "MESSAGE", "PONG", "WS_WRITE", \
	"PEER_CLOSE", "WS_DROP", "WS_CLOSED", "DESTROY"
/* The peer's option that lets h2 carry WebSockets; it says nothing to h1. */
#define WS_PEER "--h2 connect-protocol=1"

#define REASON_OPENED     LWS_CALLBACK_CLIENT_ESTABLISHED
#define REASON_MESSAGE    LWS_CALLBACK_CLIENT_RECEIVE
#define REASON_PONG       LWS_CALLBACK_CLIENT_RECEIVE_PONG
#define REASON_WS_WRITE   LWS_CALLBACK_CLIENT_WRITEABLE
#define REASON_PEER_CLOSE LWS_CALLBACK_WS_PEER_INITIATED_CLOSE
#define REASON_WS_DROP    LWS_CALLBACK_WS_CLIENT_DROP_PROTOCOL
#define REASON_WS_CLOSED  LWS_CALLBACK_CLIENT_CLOSED
#define REASON_CONFIRM    LWS_CALLBACK_CLIENT_CONFIRM_EXTENSION_SUPPORTED

#endif
