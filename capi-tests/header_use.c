/*
 * Uses the macros, inline functions and types of <libwebsockets.h> as programs do, in what is both C and C++. It is compiled,
 * not run: see header_matrix.sh.
 */
#include <libwebsockets.h>

struct item {
	struct item *next;
	lws_dll2_t list;
	lws_sorted_usec_list_t sul;
	int n;
};

static lws_callback_function callback;

static int
callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	unsigned char buf[LWS_PRE + 8], *p = &buf[LWS_PRE];

	switch (reason) {
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		lwsl_err("%s: %s\n", __func__, in ? (char *)in : "(null)");
		break;
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
		lwsl_hexdump_notice(in, len);
		lwsl_debug("%d %s", (int)len, "bytes");
		break;
	case LWS_CALLBACK_CLIENT_HTTP_WRITEABLE:
		return lws_write(wsi, p, 8, LWS_WRITE_HTTP_FINAL) != 8;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return lws_write(wsi, p, 8, (enum lws_write_protocol)lws_write_ws_flags(LWS_WRITE_TEXT, 1, 0)) < 0;
	case LWS_CALLBACK_TIMER:
		lws_set_timer_usecs(wsi, LWS_SET_TIMER_USEC_CANCEL);
		lws_wsi_close(wsi, LWS_TO_KILL_ASYNC);
		break;
	default:
		break;
	}

	return lws_callback_http_dummy(wsi, reason, user, in, len);
}

static const struct lws_protocols protocols[] = {
	{ "http", callback, sizeof(struct item), 0, 0, NULL, 0 },
	LWS_PROTOCOL_LIST_TERM
};

static void
due(lws_sorted_usec_list_t *sul)
{
	struct item *i = lws_container_of(sul, struct item, sul);

	lws_sul_schedule(NULL, 0, &i->sul, due, 2 * LWS_US_PER_SEC + 5 * LWS_US_PER_MS);
}

static int
told(struct lws_state_manager *mgr, struct lws_state_notify_link *l, int current, int target)
{
	(void)l;
	if (current == LWS_SYSTATE_OPERATIONAL && target == LWS_SYSTATE_OPERATIONAL)
		lwsl_user("%p\n", (void *)lws_system_context_from_system_mgr(mgr));

	return 0;
}

static int
walk(struct item *first, lws_dll2_owner_t *owner)
{
	int n = 0;

	lws_start_foreach_ll(struct item *, i, first) {
		n += i->n;
	} lws_end_foreach_ll(i, next);

	lws_start_foreach_ll_safe(struct item *, i, first, next) {
		n += i->n;
	} lws_end_foreach_ll_safe(i);

	lws_start_foreach_llp(struct item **, pp, first) {
		n += (*pp)->n;
	} lws_end_foreach_llp(pp, next);

	lws_start_foreach_dll(struct lws_dll2 *, d, lws_dll2_get_head(owner)) {
		struct item *i = lws_container_of(d, struct item, list);

		n += i->n;
	} lws_end_foreach_dll(d);

	lws_start_foreach_dll_safe(struct lws_dll2 *, d, d1, owner->head) {
		lws_dll2_remove(d);
		n += lws_dll2_is_detached(d);
	} lws_end_foreach_dll_safe(d, d1);

	return n;
}

struct reader {
	struct reader *next;
	uint32_t tail;
};

static void
read_on(struct lws_ring *ring, struct reader *first)
{
	uint32_t tail = 0;

	lws_ring_consume_single_tail(ring, &tail, 1);
	lws_ring_consume_and_update_oldest_tail(ring, struct reader, &first->tail, 1, first, tail, next);
}

static int
named(void *priv, const char *name, char *out, size_t *pos, size_t olen, size_t *exp_ofs)
{
	return !priv && name && out && pos && olen && exp_ofs ? LSTRX_DONE : LSTRX_FATAL_NAME_UNKNOWN;
}

static const struct lws_switches switches[] = { { "-d", "Debug logs" } };

static size_t
texts(const char *line)
{
	lws_parse_uri_t *uri = lws_parse_uri_create(line);
	size_t n = 0, used_in, used_out;
	lws_list_ptr list = NULL;
	lws_tokenize_elem e;
	lws_tokenize_t ts;
	lws_strexp_t exp;
	char text[32];

	lws_tokenize_init(&ts, line, LWS_TOKENIZE_F_MINUS_NONTERM | LWS_TOKENIZE_F_NO_FLOATS);
	do {
		e = lws_tokenize(&ts);
		n += ts.token_len;
	} while (e > 0);
	lws_strexp_init(&exp, NULL, named, text, sizeof(text));
	n += lws_strexp_expand(&exp, line, 1, &used_in, &used_out) == LSTRX_DONE;
	lws_humanize(text, sizeof(text), n, humanize_schema_si);
	lws_list_ptr_insert(&list, &list, NULL);
	lws_switches_print_help("use", switches, LWS_ARRAY_SIZE(switches));
	lws_parse_uri_destroy(&uri);

	return n;
}

int
main(void)
{
	static lws_state_notify_link_t link_ = { { NULL, NULL, NULL }, told, "app" };
	static lws_state_notify_link_t *links[] = { &link_, NULL };
	static const uint32_t table[] = { 1000, 2000 };
	static const lws_retry_bo_t retry = { table, LWS_ARRAY_SIZE(table), 2, 3, 10, 20 };
	struct lws_context_creation_info info;
	struct lws_client_connect_info i;
	struct lws_pollfd pfd;
	lws_dll2_owner_t owner;
	struct item item;
	SSL *ssl;
	char text[16], *at = text;
	struct lws *wsi;

	lws_context_info_defaults(&info, NULL);
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_DISABLE_TLS_SESSION_CACHE;
	info.register_notifier_list = links;
	info.retry_and_idle_policy = &retry;
	lws_set_log_level(LLL_ERR | LLL_WARN | LLL_USER, NULL);

	memset(&i, 0, sizeof(i));
	i.context = lws_create_context(&info);
	i.ssl_connection = LCCSCF_USE_SSL | LCCSCF_PIPELINE | LCCSCF_ALLOW_EARLY_DATA;
	i.method = "GET";
	i.pwsi = &wsi;
	if (!lws_client_connect_via_info(&i))
		return 1;
	read_on(lws_ring_create(sizeof(item), 4, NULL), NULL);
	ssl = lws_get_ssl(wsi);
	pfd.fd = lws_get_socket_fd(wsi);
	pfd.events = LWS_POLLIN;

	memset(&item, 0, sizeof(item));
	lws_dll2_owner_clear(&owner);
	lws_dll2_add_tail(&item.list, &owner);
	at += lws_snprintf(at, sizeof(text), "%d", walk(&item, &owner));
	due(&item.sul);

	return lws_ptr_diff(at, text) + lws_is_be() + !ssl + pfd.events + (int)lws_ptr_diff_size_t(at, text) + (int)texts(text);
}
