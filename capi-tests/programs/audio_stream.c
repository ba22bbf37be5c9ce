/*
 * A speech client: 20 ms frames of sound from a timer through an lws_ring to the socket, partial transcripts back meanwhile, all of
 * it through permessage-deflate.
 */
#include "program.h"

enum { FRAME = 640, FRAMES = 25, RING = 16, FRAME_MS = 20, RX_BUFFER = 2048 };

struct frame {
	unsigned char pcm[FRAME];
};

struct stream {
	struct lws_context *cx;
	struct lws *wsi;
	struct lws_ring *ring;
	uint32_t tail;
	lws_sorted_usec_list_t tick;
	unsigned captured, sent, dropped;
	int configured, finished, ended;
	/* what arrives */
	size_t gathered, largest;
	int binary;
	uint32_t sum;
	char text[128];
	unsigned partials;
};

static unsigned let_go;			/* frames that the ring is done with */

/* A chirp and some hiss: compresses a little, as sound does. */
static void capture_sound(struct frame *f, unsigned n)
{
	unsigned i, phase, hiss = n * 2654435761u;

	for (i = 0; i < FRAME / 2; i++) {
		phase = (n * FRAME / 2 + i) * (20 + n) % 512;
		hiss = hiss * 1664525u + 1013904223u;
		f->pcm[2 * i] = (unsigned char)((phase < 256 ? phase : 511 - phase) ^ (hiss >> 30));
		f->pcm[2 * i + 1] = (unsigned char)(phase < 256 ? 0x10 : 0xf0);
	}
}

static void forget(void *element)
{
	(void)element;
	let_go++;
}

static void on_tick(lws_sorted_usec_list_t *tick)
{
	struct stream *s = lws_container_of(tick, struct stream, tick);
	struct frame f;

	capture_sound(&f, s->captured++);
	if (lws_ring_insert(s->ring, &f, 1) != 1)
		s->dropped++;
	lws_callback_on_writable(s->wsi);
	if (s->captured < FRAMES)
		lws_sul_schedule(s->cx, 0, tick, on_tick, FRAME_MS * LWS_US_PER_MS);
}

static int write_text(struct lws *wsi, const char *text)
{
	unsigned char buf[LWS_PRE + 128];
	size_t len = strlen(text);

	memcpy(buf + LWS_PRE, text, len);
	return lws_write(wsi, buf + LWS_PRE, len, LWS_WRITE_TEXT) < (int)len ? -1 : 0;
}

static int write_next(struct stream *s)
{
	unsigned char buf[LWS_PRE + FRAME];
	const struct frame *f;

	if (!s->configured) {
		s->configured = 1;
		lws_sul_schedule(s->cx, 0, &s->tick, on_tick, FRAME_MS * LWS_US_PER_MS);
		return write_text(s->wsi, "{\"encoding\":\"pcm\",\"rate\":16000,\"interim\":true}");
	}
	f = (const struct frame *)lws_ring_get_element(s->ring, &s->tail);
	if (!f) {
		if (s->sent < FRAMES || s->finished)
			return 0;
		s->finished = 1;
		return write_text(s->wsi, "eof");
	}
	memcpy(buf + LWS_PRE, f, FRAME);
	lws_ring_consume(s->ring, &s->tail, NULL, 1);
	lws_ring_update_oldest_tail(s->ring, s->tail);
	s->sent++;
	lws_callback_on_writable(s->wsi);	/* the next frame, or the end */
	return lws_write(s->wsi, buf + LWS_PRE, FRAME, LWS_WRITE_BINARY) < FRAME ? -1 : 0;
}

static void whole_message(struct stream *s)
{
	if (!s->binary && s->gathered && s->gathered < sizeof s->text) {
		s->partials++;
		say("%.*s", (int)s->gathered, s->text);
		return;
	}
	say("%s of %u bytes, %08x", s->binary ? "binary" : "text", (unsigned)s->gathered, s->sum);
}

static int receive(struct lws *wsi, struct stream *s, const char *in, size_t len)
{
	if (lws_is_first_fragment(wsi)) {
		s->gathered = 0;
		s->sum = FNV_START;
		s->binary = lws_frame_is_binary(wsi);
	}
	if (s->gathered + len <= sizeof s->text)
		memcpy(s->text + s->gathered, in, len);
	s->gathered += len;
	s->sum = fnv1a(in, len, s->sum);
	if (len > s->largest)
		s->largest = len;
	if (lws_is_final_fragment(wsi) && !lws_remaining_packet_payload(wsi))
		whole_message(s);
	return 0;
}

static void before_established(struct lws *wsi)
{
	char extensions[256] = "none";

	lws_hdr_copy(wsi, extensions, sizeof extensions, WSI_TOKEN_EXTENSIONS);
	say("extensions: %s", extensions);
}

static int callback_voice(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct stream *s = (struct stream *)user;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONFIRM_EXTENSION_SUPPORTED:
		say("confirm %s", (const char *)in);
		break;
	case LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH:
		before_established(wsi);
		break;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		lws_callback_on_writable(wsi);
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return write_next(s);
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return receive(wsi, s, (const char *)in, len);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		say("peer closes: %.*s", len > 2 ? (int)len - 2 : 0, (const char *)in + 2);
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("connection error: %s", in ? (const char *)in : "no reason");
		s->ended = 1;
		break;
	case LWS_CALLBACK_CLIENT_CLOSED:
		lws_sul_cancel(&s->tick);
		say("closed");
		s->ended = 1;
		break;
	default:
		break;
	}
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ "speech", callback_voice, 0, RX_BUFFER, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 }
};

/* One stream from its handshake to its end, with what `offer` says of compression. */
static int stream(const struct target *t, const char *offer)
{
	const struct lws_extension extensions[] = {
		{ "permessage-deflate", lws_extension_callback_pm_deflate, offer },
		{ NULL, NULL, NULL }
	};
	struct lws_context_creation_info info;
	struct lws_client_connect_info i;
	struct stream s;

	memset(&s, 0, sizeof s);
	let_go = 0;
	fill_context(&info, t, protocols);
	info.extensions = extensions;
	s.cx = lws_create_context(&info);
	s.ring = lws_ring_create(sizeof(struct frame), RING, forget);
	if (!s.cx || !s.ring)
		return -1;
	say("---- %s: room for %u frames", offer, (unsigned)lws_ring_get_count_free_elements(s.ring));
	fill_connect(&i, t, s.cx, "/voice", "speech");
	i.userdata = &s;
	i.pwsi = &s.wsi;
	if (!lws_client_connect_via_info(&i))
		return -1;
	while (!s.ended && lws_service(s.cx, 0) >= 0)
		;
	say("%u captured, %u sent, %u dropped, %u waiting, %u let go, %u partial transcripts, pieces within bounds: %s",
	    s.captured, s.sent, s.dropped, (unsigned)lws_ring_get_count_waiting_elements(s.ring, &s.tail), let_go, s.partials,
	    s.largest <= RX_BUFFER ? "yes" : "no");
	lws_ring_destroy(s.ring);
	lws_context_destroy(s.cx);
	return 0;
}

int main(int argc, char **argv)
{
	static const char *const offers[] = {
		"permessage-deflate; client_no_context_takeover; client_max_window_bits",
		"permessage-deflate",
		"permessage-deflate; server_no_context_takeover; client_no_context_takeover",
	};
	struct target t = begin(argc, argv);
	size_t n;

	for (n = 0; n < sizeof offers / sizeof *offers; n++)
		if (stream(&t, offers[n]))
			return 1;
	say("end");
	return 0;
}
