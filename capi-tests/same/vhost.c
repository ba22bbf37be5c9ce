/* What belongs to a vhost's protocol: memory that it keeps for it, options that it was given; which protocol has a name; the port. */
#include "same.h"

enum { PROTOCOLS = 4 };

static const char *const names[] = { "one", "two", "three", "four", "five", "", "on", "twoo" };
static const char *const options[] = { "a", "b", "key", "empty" };
static lws_callback_function callback;
static struct lws_protocols a[PROTOCOLS + 1], b[PROTOCOLS + 1];
static struct lws_protocol_vhost_options pvos[2][4], leaves[2][4][4];

static void print_options(const void *in)
{
	const struct lws_protocol_vhost_options *found;
	const char *text;
	unsigned n;

	for (n = 0; n < LWS_ARRAY_SIZE(options); n++) {
		found = lws_pvo_search(in, options[n]);
		printf(" %s=%s", options[n], found ? found->value : "-");
		text = "untouched";
		printf("(%d", lws_pvo_get_str((void *)in, options[n], &text));
		printf(" %s)", text);
	}
	printf("\n");
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	const struct lws_protocols *protocol;
	struct lws_vhost *vhost;
	unsigned n, at;
	char *memory, *again;

	(void)user; (void)len;
	if (reason != LWS_CALLBACK_PROTOCOL_INIT && reason != LWS_CALLBACK_PROTOCOL_DESTROY)
		return 0;
	vhost = lws_get_vhost(wsi);
	protocol = lws_get_protocol(wsi);
	memory = lws_protocol_vh_priv_get(vhost, protocol);
	printf("%s %s of %s: has %s", reason == LWS_CALLBACK_PROTOCOL_INIT ? "init" : "destroy", protocol->name,
	       lws_get_vhost_name(vhost), memory ? memory : "nothing");
	if (reason == LWS_CALLBACK_PROTOCOL_DESTROY) {
		printf("\n");
		return 0;
	}
	print_options(in);
	at = draw(4);
	if (at == 3)
		return 0;
	memory = lws_protocol_vh_priv_zalloc(vhost, protocol, 64);
	for (n = 0; n < 64; n++)
		if (memory[n])
			printf("not zero at %u\n", n);
	snprintf(memory, 64, "%s/%s", lws_get_vhost_name(vhost), protocol->name);
	again = lws_protocol_vh_priv_get(vhost, protocol);
	printf("  %s\n", again == memory ? "kept" : "lost");
	return 0;
}

/* a few of the options, for a few of the protocols */
static const struct lws_protocol_vhost_options *draw_options(unsigned which)
{
	unsigned p, n;

	for (p = 0; p < 4; p++) {
		pvos[which][p].name = names[draw(5)];
		pvos[which][p].value = "";
		pvos[which][p].next = p < 3 ? &pvos[which][p + 1] : NULL;
		pvos[which][p].options = draw(5) ? &leaves[which][p][0] : NULL;
		for (n = 0; n < 4; n++) {
			leaves[which][p][n].name = options[draw(4)];
			leaves[which][p][n].value = draw(6) ? names[draw(8)] : "";
			leaves[which][p][n].next = n < 3 && draw(4) ? &leaves[which][p][n + 1] : NULL;
			leaves[which][p][n].options = NULL;
		}
	}
	return draw(5) ? &pvos[which][0] : NULL;
}

static void protocols(struct lws_protocols *p, unsigned first)
{
	unsigned n;

	memset(p, 0, sizeof a);
	for (n = 0; n < PROTOCOLS; n++) {
		p[n].name = names[(first + n) % 5];
		p[n].callback = callback;
		p[n].id = n;
	}
}

static void look_around(struct lws_vhost *vh)
{
	struct lws_protocols forged;
	const struct lws_protocols *found;
	const char *memory;
	unsigned n;

	printf("%s: port %d, listens at %d\n", lws_get_vhost_name(vh), lws_get_vhost_port(vh), lws_get_vhost_listen_port(vh));
	for (n = 0; n < LWS_ARRAY_SIZE(names); n++) {
		found = lws_vhost_name_to_protocol(vh, names[n]);
		printf("  '%s' is number %d", names[n], found ? (int)found->id : -1);
		/* an entry that is another one's, by its name */
		memset(&forged, 0, sizeof forged);
		forged.name = names[n];
		memory = lws_protocol_vh_priv_get(vh, &forged);
		printf(" has %s\n", memory ? memory : "nothing");
	}
	forged.name = "two";
	snprintf(lws_protocol_vh_priv_zalloc(vh, &forged, 8) ? lws_protocol_vh_priv_get(vh, &forged) : (char[8]){ 0 }, 8, "forged");
	memory = lws_protocol_vh_priv_get(vh, lws_vhost_name_to_protocol(vh, "two"));
	printf("  two has now %s\n", memory ? memory : "nothing");
	forged.name = "nobody";
	printf("  nobody gets %s\n", lws_protocol_vh_priv_zalloc(vh, &forged, 8) ? "something" : "nothing");
}

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	struct lws_context *cx;
	struct lws_vhost *va, *vb;

	seed_from(argc, argv);
	lws_set_log_level(0, NULL);
	memset(&info, 0, sizeof info);
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
	cx = lws_create_context(&info);
	if (!cx)
		return 3;
	protocols(a, draw(5));
	protocols(b, draw(5));
	info.protocols = a;
	info.vhost_name = "va";
	info.pvo = draw_options(0);
	va = lws_create_vhost(cx, &info);
	info.protocols = b;
	info.vhost_name = "vb";
	info.pvo = draw_options(1);
	vb = lws_create_vhost(cx, &info);
	if (!va || !vb)
		return 4;
	lws_service(cx, -1);
	lws_service(cx, -1);
	printf("then\n");
	look_around(va);
	look_around(vb);
	printf("end of va\n");
	lws_vhost_destroy(va);
	printf("end of all\n");
	lws_context_destroy(cx);
	return 0;
}
