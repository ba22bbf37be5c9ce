/*
 * MQTT 3.1.1 over WebSocket by hand: subprotocol "mqtt", binary messages, packets and messages with borders of their own, QoS 1 both
 * ways, PINGREQ from a timer.
 */
#include "program.h"

enum { CONNECT = 1, CONNACK, PUBLISH, PUBACK, SUBSCRIBE = 8, SUBACK, PINGREQ = 12, PINGRESP, DISCONNECT };
enum { PUBLICATIONS = 4, PACKET_MAX = 24000, STREAM_MAX = 65536, KEEPALIVE_MS = 100 };

/* What is to be sent, in order; each is one message of one or more frames. */
struct out {
	unsigned char bytes[LWS_PRE + PACKET_MAX];
	size_t len, sent, piece;	/* piece: the size of a frame */
	struct out *next;
};

struct client {
	struct lws_context *cx;
	struct lws *wsi;
	struct out *head, **tail;
	lws_sorted_usec_list_t keepalive;
	unsigned published, confirmed, received, pongs;
	int leaving, ended;
	unsigned char stream[STREAM_MAX];
	size_t have;
};

static const size_t payload_size[PUBLICATIONS] = { 1, 119, 16300, 20000 };	/* lengths of one, two and three bytes */

static void queue_packet(struct client *c, unsigned first, const unsigned char *body, size_t len, size_t piece)
{
	struct out *o = (struct out *)malloc(sizeof *o);
	unsigned char *p;
	size_t rest = len;

	if (!o)
		abort();
	p = o->bytes + LWS_PRE;
	*p++ = (unsigned char)first;
	do {
		*p++ = (unsigned char)((rest & 127) | (rest > 127 ? 128 : 0));
		rest >>= 7;
	} while (rest);
	if (len)
		memcpy(p, body, len);
	o->len = (size_t)(p - (o->bytes + LWS_PRE)) + len;
	o->sent = 0;
	o->piece = piece ? piece : o->len;
	o->next = NULL;
	*c->tail = o;
	c->tail = &o->next;
	lws_callback_on_writable(c->wsi);
}

static void say_hello(struct client *c)
{
	static const unsigned char hello[] = "\0\4MQTT\4\2\0\1\0\6sensor";	/* clean session, keepalive 1 s */

	queue_packet(c, CONNECT << 4, hello, sizeof hello - 1, 3);
}

static void subscribe(struct client *c)
{
	static const unsigned char topic[] = "\0\1\0\6room/1\1";

	queue_packet(c, SUBSCRIBE << 4 | 2, topic, sizeof topic - 1, 0);
}

static void publish_next(struct client *c)
{
	static unsigned char body[PACKET_MAX - 8];
	static const unsigned char topic[] = "\0\6room/1";
	size_t i, n = sizeof topic - 1, len = payload_size[c->published];
	unsigned ident = 10 + c->published++;

	memcpy(body, topic, n);
	body[n++] = (unsigned char)(ident >> 8);
	body[n++] = (unsigned char)ident;
	for (i = 0; i < len; i++)
		body[n + i] = (unsigned char)(i * 31 + ident);
	say("publish %u: %u bytes, %08x", ident, (unsigned)len, fnv1a(body + n, len, FNV_START));
	queue_packet(c, PUBLISH << 4 | 2, body, n + len, 5000);
}

static void on_keepalive(lws_sorted_usec_list_t *sul)
{
	struct client *c = lws_container_of(sul, struct client, keepalive);

	queue_packet(c, PINGREQ << 4, NULL, 0, 0);
}

static void on_publish(struct client *c, unsigned flags, const unsigned char *body, size_t len)
{
	size_t topic = 2 + (size_t)(body[0] << 8 | body[1]);
	unsigned ident = (unsigned)(body[topic] << 8 | body[topic + 1]);

	c->received++;
	say("received %u: qos %u, %.*s, %u bytes, %08x", ident, flags >> 1 & 3, (int)topic - 2, (const char *)body + 2,
	    (unsigned)(len - topic - 2), fnv1a(body + topic + 2, len - topic - 2, FNV_START));
	queue_packet(c, PUBACK << 4, body + topic, 2, 0);
	if (ident == 7) {		/* the broker says good night */
		c->leaving = 1;
		queue_packet(c, DISCONNECT << 4, NULL, 0, 0);
	} else if (c->published < PUBLICATIONS) {
		publish_next(c);
	} else {
		lws_sul_schedule(c->cx, 0, &c->keepalive, on_keepalive, KEEPALIVE_MS * LWS_US_PER_MS);
	}
}

static int on_packet(struct client *c, unsigned first, const unsigned char *body, size_t len)
{
	switch (first >> 4) {
	case CONNACK:
		say("CONNACK %u", body[1]);
		subscribe(c);
		return 0;
	case SUBACK:
		say("SUBACK qos %u", body[2]);
		return 0;
	case PUBACK:
		say("PUBACK %u", (unsigned)(body[0] << 8 | body[1]));
		c->confirmed++;
		return 0;
	case PINGRESP:
		say("PINGRESP");
		if (++c->pongs < 2)
			lws_sul_schedule(c->cx, 0, &c->keepalive, on_keepalive, KEEPALIVE_MS * LWS_US_PER_MS);
		return 0;
	case PUBLISH:
		on_publish(c, first & 15, body, len);
		return 0;
	default:
		say("packet of type %u", first >> 4);
		return -1;
	}
}

/* One whole packet from the stream: its size, or 0 if it is not all there. */
static size_t one_packet(struct client *c, size_t at)
{
	size_t left = c->have - at, n = 1, len = 0;
	const unsigned char *p = c->stream + at;

	do {
		if (n >= left)
			return 0;
		len |= (size_t)(p[n] & 127) << 7 * (n - 1);
	} while (p[n++] & 128);
	if (left - n < len)
		return 0;
	return on_packet(c, p[0], p + n, len) ? STREAM_MAX + 1 : n + len;
}

static int receive(struct client *c, const unsigned char *in, size_t len)
{
	size_t at = 0, n;

	if (len > STREAM_MAX - c->have)
		return -1;
	if (len)
		memcpy(c->stream + c->have, in, len);
	c->have += len;
	while ((n = one_packet(c, at)) > 0) {
		if (n > STREAM_MAX)
			return -1;
		at += n;
	}
	c->have -= at;
	memmove(c->stream, c->stream + at, c->have);
	return 0;
}

static int write_frame(struct lws *wsi, struct client *c)
{
	struct out *o = c->head;
	size_t n;
	int flags;

	if (!o) {
		if (!c->leaving)
			return 0;
		lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
		return -1;
	}
	n = o->len - o->sent < o->piece ? o->len - o->sent : o->piece;
	flags = lws_write_ws_flags(LWS_WRITE_BINARY, !o->sent, o->sent + n == o->len);
	/* The bytes before a later piece are sent already: they may be written over. */
	if (lws_write(wsi, o->bytes + LWS_PRE + o->sent, n, (enum lws_write_protocol)flags) < (int)n)
		return -1;
	o->sent += n;
	if (o->sent == o->len) {
		c->head = o->next;
		if (!c->head)
			c->tail = &c->head;
		free(o);
	}
	if (c->head || c->leaving)
		lws_callback_on_writable(wsi);
	return 0;
}

static void finish(struct client *c)
{
	struct out *o;

	lws_sul_cancel(&c->keepalive);
	while ((o = c->head)) {
		c->head = o->next;
		free(o);
	}
	c->ended = 1;
}

static int callback_mqtt(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct client *c = (struct client *)user;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		say("established as %s", lws_get_protocol(wsi)->name);
		say_hello(c);
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		if (!lws_frame_is_binary(wsi))
			say("not binary");
		return receive(c, (const unsigned char *)in, len);
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return write_frame(wsi, c);
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("connection error: %s", in ? (const char *)in : "no reason");
		finish(c);
		break;
	case LWS_CALLBACK_CLIENT_CLOSED:
		say("closed");
		finish(c);
		break;
	default:
		break;
	}
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ "http", lws_callback_http_dummy, 0, 0, 0, NULL, 0 },
	{ "mqtt", callback_mqtt, 0, 4096, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 }
};

int main(int argc, char **argv)
{
	static struct client c;
	struct target t = begin(argc, argv);
	struct lws_context_creation_info info;
	struct lws_client_connect_info i;

	c.tail = &c.head;
	fill_context(&info, &t, protocols);
	c.cx = lws_create_context(&info);
	if (!c.cx)
		return 1;
	/* What is offered is more than what the protocol is called here. */
	fill_connect(&i, &t, c.cx, "/mqtt", "mqtt, mqttv3.1");
	i.local_protocol_name = "mqtt";
	i.pwsi = &c.wsi;
	i.userdata = &c;
	if (!lws_client_connect_via_info(&i))
		return 1;
	while (!c.ended && lws_service(c.cx, 0) >= 0)
		;
	say("%u published, %u confirmed, %u received, %u PINGRESP, %u bytes left over", c.published, c.confirmed, c.received,
	    c.pongs, (unsigned)c.have);
	lws_context_destroy(c.cx);
	say("end");
	return 0;
}
