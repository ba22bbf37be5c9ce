/*
 * A consumer that is slower than what comes: it stops reading with lws_rx_flow_control() after every few messages, goes on from a
 * timer, and sends a PING of its own each time. Nothing may be lost, and nothing may come while it does not read.
 */
#include "program.h"

enum { BATCH = 10, PAUSE_US = 2000, MESSAGES = 300, MESSAGE_MAX = 20000 };

struct consumer {
	struct lws_context *cx;
	struct lws *wsi;
	lws_sorted_usec_list_t pause;
	unsigned messages, binary, out_of_order, pauses, while_paused;
	unsigned pings_due, pings, pongs, wrong_pongs;
	int paused, asked, done, ended;
	size_t gathered, total;
	uint32_t sum;
	char message[MESSAGE_MAX];
};

static void go_on(lws_sorted_usec_list_t *sul)
{
	struct consumer *c = lws_container_of(sul, struct consumer, pause);

	c->paused = 0;
	lws_rx_flow_control(c->wsi, 1);
}

static void stop(struct consumer *c)
{
	c->paused = 1;
	c->pauses++;
	c->pings_due++;
	lws_rx_flow_control(c->wsi, 0);
	lws_callback_on_writable(c->wsi);
	lws_sul_schedule(c->cx, 0, &c->pause, go_on, PAUSE_US);
}

/* "number:..." and its length is told by the number. */
static void whole_message(struct consumer *c)
{
	unsigned number = 0;

	c->message[c->gathered < MESSAGE_MAX ? c->gathered : MESSAGE_MAX - 1] = '\0';
	if (sscanf(c->message, "%u:", &number) != 1 || number != c->messages)
		c->out_of_order++;
	c->messages++;
	c->total += c->gathered;
	c->sum = fnv1a(c->message, c->gathered, c->sum);
	c->gathered = 0;
	if (c->messages == MESSAGES) {
		c->done = 1;
		lws_callback_on_writable(c->wsi);
	} else if (c->messages % BATCH == 0) {
		stop(c);
	}
}

static int receive(struct lws *wsi, struct consumer *c, const char *in, size_t len)
{
	c->while_paused += c->paused != 0;
	if (lws_is_first_fragment(wsi))
		c->binary += lws_frame_is_binary(wsi) != 0;
	if (c->gathered + len >= MESSAGE_MAX)
		return -1;
	memcpy(c->message + c->gathered, in, len);
	c->gathered += len;
	if (lws_is_final_fragment(wsi) && !lws_remaining_packet_payload(wsi))
		whole_message(c);
	return 0;
}

static void on_pong(struct consumer *c, const char *in, size_t len)
{
	char expected[32];
	size_t n = (size_t)snprintf(expected, sizeof expected, "batch %u", c->pongs++);

	if (len != n || memcmp(in, expected, n))
		c->wrong_pongs++;
}

static int write_next(struct lws *wsi, struct consumer *c)
{
	unsigned char buf[LWS_PRE + 64];
	char *text = (char *)buf + LWS_PRE;
	int n;

	if (c->pings < c->pings_due) {
		n = snprintf(text, 64, "batch %u", c->pings++);
		if (c->pings < c->pings_due || c->done)
			lws_callback_on_writable(wsi);
		return lws_write(wsi, buf + LWS_PRE, (size_t)n, LWS_WRITE_PING) < n ? -1 : 0;
	}
	if (!c->done || c->asked)
		return 0;
	c->asked = 1;
	n = snprintf(text, 64, "done %u", c->messages);
	return lws_write(wsi, buf + LWS_PRE, (size_t)n, LWS_WRITE_TEXT) < n ? -1 : 0;
}

static int callback_consumer(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct consumer *c = (struct consumer *)user;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return receive(wsi, c, (const char *)in, len);
	case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
		on_pong(c, (const char *)in, len);
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return write_next(wsi, c);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		say("peer closes: %.*s", len > 2 ? (int)len - 2 : 0, (const char *)in + 2);
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("connection error: %s", in ? (const char *)in : "no reason");
		c->ended = 1;
		break;
	case LWS_CALLBACK_CLIENT_CLOSED:
		say("closed");
		lws_sul_cancel(&c->pause);
		c->ended = 1;
		break;
	default:
		break;
	}
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ "consumer", callback_consumer, 0, 1500, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 }
};

int main(int argc, char **argv)
{
	static struct consumer c;
	struct target t = begin(argc, argv);
	struct lws_context_creation_info info;
	struct lws_client_connect_info i;

	c.sum = FNV_START;
	fill_context(&info, &t, protocols);
	c.cx = lws_create_context(&info);
	if (!c.cx)
		return 1;
	fill_connect(&i, &t, c.cx, "/burst", "consumer");
	i.pwsi = &c.wsi;
	i.userdata = &c;
	if (!lws_client_connect_via_info(&i))
		return 1;
	while (!c.ended && lws_service(c.cx, 0) >= 0)
		;
	say("%u messages, %u binary, %u bytes, %08x, %u out of order", c.messages, c.binary, (unsigned)c.total, c.sum, c.out_of_order);
	say("%u pauses, %u pieces while paused, %u pings, %u pongs, %u wrong", c.pauses, c.while_paused, c.pings, c.pongs,
	    c.wrong_pongs);
	lws_context_destroy(c.cx);
	say("end");
	return 0;
}
