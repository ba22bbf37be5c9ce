/* Memory that a vhost keeps for a protocol, the options that PROTOCOL_INIT hands it, and how long both are there. */
#include "harness.h"

struct kept { long double aligned; char text[40]; };

static int inits, destroys;

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct lws_vhost *vh = lws_get_vhost(wsi);
	const struct lws_protocols *protocol = lws_get_protocol(wsi);
	struct kept *kept = lws_protocol_vh_priv_get(vh, protocol), zero;
	const char *text = NULL;

	(void)user; (void)len;
	switch (reason) {
	case LWS_CALLBACK_PROTOCOL_INIT:
		CHECK(!kept);
		kept = lws_protocol_vh_priv_zalloc(vh, protocol, sizeof *kept);
		CHECK(kept);
		CHECK((uintptr_t)kept % 16 == 0);
		memset(&zero, 0, sizeof zero);
		CHECK(!memcmp(kept, &zero, sizeof zero));
		CHECK(lws_protocol_vh_priv_get(vh, protocol) == kept);
		snprintf(kept->text, sizeof kept->text, "%s on %s", protocol->name, lws_get_vhost_name(vh));
		CHECK_EQ(lws_pvo_get_str(in, "colour", &text), protocol->id ? 1 : 0);
		CHECK(protocol->id ? !in : !strcmp(text, "blue"));
		inits++;
		break;
	case LWS_CALLBACK_PROTOCOL_DESTROY:
		CHECK(kept);
		CHECK(!strncmp(kept->text, protocol->name, strlen(protocol->name)));
		destroys++;
		break;
	default:
		break;
	}
	return 0;
}

#define REFUSED(call, words) do { size_t mark_ = log_mark(); call; CHECK_HAS(logged_since(mark_), words); } while (0)

static void misuse(struct lws_vhost *vh, const struct lws_protocols *p)
{
	struct lws_protocols other;
	const char *text = "as it was";
	size_t mark = log_mark();

	memset(&other, 0, sizeof other);
	other.name = "other";
	CHECK(!lws_protocol_vh_priv_get(NULL, p));
	CHECK(!lws_protocol_vh_priv_get(vh, NULL));
	CHECK(!lws_protocol_vh_priv_get(vh, &other));
	CHECK(!lws_vhost_name_to_protocol(NULL, "first"));
	CHECK(!lws_vhost_name_to_protocol(vh, NULL));
	CHECK(!lws_vhost_name_to_protocol(vh, "other"));
	CHECK(!lws_pvo_search(NULL, "colour"));
	CHECK_EQ(lws_pvo_get_str(NULL, "colour", &text), 1);
	CHECK_STR(text, "as it was");
	CHECK_STR(logged_since(mark), "");
	REFUSED(CHECK(!lws_protocol_vh_priv_zalloc(NULL, p, 8)), "lws_protocol_vh_priv_zalloc: vhost is NULL");
	REFUSED(CHECK(!lws_protocol_vh_priv_zalloc(vh, NULL, 8)), "prot is NULL");
	REFUSED(CHECK(!lws_protocol_vh_priv_zalloc(vh, &other, 8)), "the vhost has no such protocol");
	REFUSED(CHECK(!lws_protocol_vh_priv_zalloc(vh, p, -1)), "size is below 0");
	REFUSED(CHECK_EQ(lws_get_vhost_port(NULL), 0), "lws_get_vhost_port: vhost is NULL");
	other.name = NULL;
	CHECK(!lws_protocol_vh_priv_get(vh, &other));
}

int main(void)
{
	static const struct lws_protocol_vhost_options
		colour = { NULL, NULL, "colour", "blue" }, size = { &colour, NULL, "size", "8" },
		for_first = { NULL, &size, "first", "" }, for_nobody = { &for_first, &colour, "nobody", "" };
	static const struct lws_protocols list[] = {
		{ "first", callback, 0, 0, 0, NULL, 0 }, { "second", callback, 0, 0, 1, NULL, 0 }, LWS_PROTOCOL_LIST_TERM
	};
	struct story *s = story_open(&(struct opts){ .no_peer = 1, .no_context = 1 });
	struct lws_context_creation_info info;
	struct lws_context *cx;
	struct lws_vhost *one, *two;
	struct kept *kept, *more;

	ONLY_OURS();
	memset(&info, 0, sizeof info);
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = list;
	info.pvo = &for_nobody;
	info.vhost_name = "one";
	cx = lws_create_context(&info);
	CHECK(cx);
	one = lws_get_vhost_by_name(cx, "one");
	info.vhost_name = "two";
	info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
	two = lws_create_vhost(cx, &info);
	CHECK(one && two);

	CHECK(lws_vhost_name_to_protocol(one, "first") == &list[0]);
	while (inits < 4)
		lws_service(cx, -1);
	CHECK_EQ(lws_get_vhost_port(one), CONTEXT_PORT_NO_LISTEN);
	CHECK_EQ(lws_get_vhost_listen_port(two), CONTEXT_PORT_NO_LISTEN_SERVER);
	kept = lws_protocol_vh_priv_get(two, &list[1]);
	CHECK_STR(kept->text, "second on two");
	kept = lws_protocol_vh_priv_get(one, &list[0]);
	CHECK_STR(kept->text, "first on one");
	/* another one: the first stays for those who know it */
	more = lws_protocol_vh_priv_zalloc(one, &list[0], 100000);
	CHECK(more && more != kept);
	CHECK(lws_protocol_vh_priv_get(one, &list[0]) == more);
	CHECK_STR(kept->text, "first on one");
	strcpy(more->text, "first, again");
	CHECK(lws_protocol_vh_priv_zalloc(one, &list[1], 0));
	misuse(one, &list[0]);
	strcpy(((struct kept *)lws_protocol_vh_priv_zalloc(one, &list[1], sizeof *kept))->text, "second");
	lws_vhost_destroy(one);
	CHECK_EQ(destroys, 2);
	CHECK(!lws_protocol_vh_priv_get(one, &list[0]));
	CHECK(!lws_vhost_name_to_protocol(one, "first"));
	REFUSED(CHECK(!lws_protocol_vh_priv_zalloc(one, &list[0], 8)), "not a live vhost");
	lws_context_destroy(cx);
	CHECK_EQ(destroys, 4);
	return story_close(s);
}
