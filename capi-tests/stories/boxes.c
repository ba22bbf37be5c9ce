/* Memory from the program's allocator; hashes and HMACs; what the containers and addresses say to nonsense. */
#include "harness.h"

#include <arpa/inet.h>

static size_t blocks, asked;
static char last_reason[64];

static void *counting(void *ptr, size_t size, const char *reason)
{
	if (!size) {
		blocks--;
		free(ptr);
		return NULL;
	}
	CHECK(!ptr);
	CHECK(reason && *reason);
	snprintf(last_reason, sizeof last_reason, "%s", reason);
	blocks++;
	asked++;
	return malloc(size);
}

static void *none(void *ptr, size_t size, const char *reason)
{
	(void)reason;
	if (!size)
		free(ptr);
	return NULL;
}

#define REFUSED(call, words) do { size_t mark_ = log_mark(); call; CHECK_HAS(logged_since(mark_), words); } while (0)

static int heard(void *opaque, lws_smd_class_t _class, lws_usec_t timestamp, void *buf, size_t len)
{
	(void)opaque; (void)_class; (void)timestamp; (void)buf; (void)len;
	return 0;
}

static void use_all(struct lws_context *cx)
{
	struct lws_buflist *list = NULL;
	struct lwsac *ac = NULL;
	struct lws_smd_peer *peer;
	struct lws_ring *ring;
	void *message;

	CHECK(lwsac_use(&ac, 100, 0));
	CHECK_STR(last_reason, "lwsac_use");
	CHECK_EQ(lws_buflist_append_segment(&list, (const uint8_t *)"hello", 5), 1);
	CHECK_STR(last_reason, "lws_buflist_append_segment");
	ring = lws_ring_create(8, 8, NULL);
	CHECK(ring);
	peer = lws_smd_register(cx, NULL, 0, LWSSMDCL_NETWORK, heard);
	message = lws_smd_msg_alloc(cx, LWSSMDCL_NETWORK, 8);
	CHECK(message);
	CHECK(blocks >= 4);
	lws_smd_msg_free(&message);
	CHECK(!message);
	lws_smd_unregister(peer);
	lws_ring_destroy(ring);
	lws_buflist_destroy_all_segments(&list);
	lwsac_free(&ac);
}

static void out_of_memory(struct lws_context *cx)
{
	struct lws_buflist *list = NULL;
	struct lwsac *ac = NULL;
	struct lws_smd_peer *peer;

	lws_set_allocator(none);
	REFUSED(CHECK(!lwsac_use(&ac, 100, 0)), "lwsac_use: out of memory for 100 bytes");
	REFUSED(CHECK_EQ(lws_buflist_append_segment(&list, (const uint8_t *)"hello", 5), -1), "out of memory for 5 bytes");
	REFUSED(CHECK(!lws_ring_create(8, 8, NULL)), "lws_ring_create: out of memory");
	peer = lws_smd_register(cx, NULL, 0, LWSSMDCL_NETWORK, heard);
	REFUSED(CHECK(!lws_smd_msg_alloc(cx, LWSSMDCL_NETWORK, 8)), "lws_smd_msg_alloc: out of memory");
	lws_smd_unregister(peer);
	CHECK(!ac && !list);
	lws_set_allocator(counting);
}

static const char *hex(const uint8_t *bytes, size_t n)
{
	static char text[2 * LWS_GENHASH_LARGEST + 1];
	size_t i;

	for (i = 0; i < n; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return text;
}

static void hash_is(enum lws_genhash_types type, const char *want)
{
	uint8_t result[LWS_GENHASH_LARGEST];
	struct lws_genhash_ctx ctx;

	CHECK_EQ(lws_genhash_init(&ctx, type), 0);
	CHECK_EQ(lws_genhash_update(&ctx, "a", 1), 0);
	CHECK_EQ(lws_genhash_update(&ctx, NULL, 0), 0);
	CHECK_EQ(lws_genhash_update(&ctx, "bc", 2), 0);
	CHECK_EQ(lws_genhash_destroy(&ctx, result), 0);
	CHECK_STR(hex(result, lws_genhash_size(type)), want);
	CHECK_EQ(lws_genhash_init(&ctx, type), 0);
	CHECK_EQ(lws_genhash_destroy(&ctx, NULL), 0);
	REFUSED(CHECK_EQ(lws_genhash_destroy(&ctx, NULL), 1), "lws_genhash_destroy: none is under way");
	REFUSED(CHECK_EQ(lws_genhash_update(&ctx, "abc", 3), 1), "lws_genhash_update: none is under way");
}

/* RFC 4231, test case 2 */
static void hmac_is(enum lws_genhmac_types type, const char *want)
{
	uint8_t result[LWS_GENHASH_LARGEST];
	struct lws_genhmac_ctx ctx;

	CHECK_EQ(lws_genhmac_init(&ctx, type, (const uint8_t *)"Jefe", 4), 0);
	CHECK_EQ(lws_genhmac_update(&ctx, "what do ya want ", 16), 0);
	CHECK_EQ(lws_genhmac_update(&ctx, "for nothing?", 12), 0);
	CHECK_EQ(lws_genhmac_destroy(&ctx, result), 0);
	CHECK_STR(hex(result, lws_genhmac_size(type)), want);
	CHECK_EQ(lws_genhmac_init(&ctx, type, (const uint8_t *)"", 0), 0);
	CHECK_EQ(lws_genhmac_destroy(&ctx, NULL), 0);
	REFUSED(CHECK_EQ(lws_genhmac_destroy(&ctx, result), 1), "lws_genhmac_destroy: none is under way");
}

static void hashes(void)
{
	struct lws_genhmac_ctx hmac;
	struct lws_genhash_ctx ctx;

	hash_is(LWS_GENHASH_TYPE_MD5, "900150983cd24fb0d6963f7d28e17f72");
	hash_is(LWS_GENHASH_TYPE_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d");
	hash_is(LWS_GENHASH_TYPE_SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	hash_is(LWS_GENHASH_TYPE_SHA384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"
		"1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
	hash_is(LWS_GENHASH_TYPE_SHA512, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
	hmac_is(LWS_GENHMAC_TYPE_SHA256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	hmac_is(LWS_GENHMAC_TYPE_SHA384, "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47"
		"e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649");
	hmac_is(LWS_GENHMAC_TYPE_SHA512, "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
		"9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
	CHECK_EQ(lws_genhash_size(LWS_GENHASH_TYPE_UNKNOWN), 0);
	CHECK_EQ(lws_genhmac_size(LWS_GENHMAC_TYPE_UNKNOWN), 0);
	REFUSED(CHECK_EQ(lws_genhash_init(&ctx, LWS_GENHASH_TYPE_UNKNOWN), 1), "lws_genhash_init: no such hash");
	REFUSED(CHECK_EQ(lws_genhash_update(&ctx, "abc", 3), 1), "none is under way");
	REFUSED(CHECK_EQ(lws_genhash_init(NULL, LWS_GENHASH_TYPE_MD5), 1), "ctx is NULL");
	REFUSED(CHECK_EQ(lws_genhmac_init(&hmac, LWS_GENHMAC_TYPE_UNKNOWN, (const uint8_t *)"k", 1), 1), "no such HMAC");
	REFUSED(CHECK_EQ(lws_genhmac_init(&hmac, LWS_GENHMAC_TYPE_SHA256, NULL, 1), 1), "an argument is NULL");
}

static void no_file(void)
{
	lwsac_cached_file_t file = NULL;
	size_t len;

	REFUSED(CHECK_EQ(lwsac_cached_file(NULL, &file, &len), 1), "lwsac_cached_file: an argument is NULL");
	REFUSED(CHECK_EQ(lwsac_cached_file("/", NULL, &len), 1), "lwsac_cached_file: an argument is NULL");
	REFUSED(CHECK_EQ(lwsac_cached_file("/", &file, NULL), 1), "lwsac_cached_file: an argument is NULL");
	REFUSED(CHECK_EQ(lwsac_cached_file("/", &file, &len), 1), "lwsac_cached_file: /: is no regular file");
	REFUSED(CHECK_EQ(lwsac_cached_file("/no/such", &file, &len), 1), "lwsac_cached_file: /no/such: No such file");
	CHECK(!file);
	lwsac_use_cached_file_start(NULL);
	lwsac_use_cached_file_end(NULL);
	lwsac_use_cached_file_end(&file);
	lwsac_use_cached_file_detach(&file);
}

static void nonsense(void)
{
	struct lws_buflist *list = NULL;
	lws_dll2_owner_t owner;
	lws_dll2_t node;
	uint8_t bytes[16];
	uint8_t *at;

	memset(&owner, 0, sizeof owner);
	memset(&node, 0, sizeof node);
	REFUSED(lws_dll2_add_sorted(&node, &owner, NULL), "lws_dll2_add_sorted: an argument is NULL");
	REFUSED(lws_dll2_add_insert(&node, NULL), "lws_dll2_add_insert: an argument is NULL");
	REFUSED(CHECK(!_lws_dll2_search_sz_pl(&owner, NULL, 0, 0, 0)), "_lws_dll2_search_sz_pl: an argument is NULL");
	CHECK_EQ(owner.count, 0);
	REFUSED(CHECK(!lwsac_use(NULL, 1, 0)), "lwsac_use: head is NULL");
	REFUSED(CHECK_EQ(lwsac_extend(NULL, 1), 1), "lwsac_extend: head is NULL");
	lwsac_free(NULL);
	lwsac_reference(NULL);
	no_file();
	lwsac_detach(NULL);
	CHECK_EQ(lwsac_total_alloc(NULL), 0);
	CHECK(!lwsac_scan_extant(NULL, bytes, 1, 0));
	REFUSED(CHECK_EQ(lws_buflist_append_segment(&list, bytes, 0), -1), "an argument is NULL, or len is 0");
	REFUSED(CHECK_EQ(lws_buflist_append_segment(NULL, bytes, 1), -1), "an argument is NULL, or len is 0");
	REFUSED(CHECK_EQ(lws_buflist_linear_copy(&list, 0, NULL, 1), -1), "an argument is NULL");
	CHECK_EQ(lws_buflist_next_segment_len(&list, &at), 0);
	CHECK(!at);
	CHECK_EQ(lws_buflist_use_segment(&list, 3), 0);
	CHECK_EQ(lws_buflist_total_len(NULL), 0);
	lws_buflist_destroy_all_segments(NULL);
	REFUSED(CHECK_EQ(lws_parse_numeric_address(NULL, bytes, 16), -1), "an argument is NULL");
	CHECK_EQ(lws_parse_numeric_address("::1", bytes, 15), -1);
	CHECK_EQ(lws_sa46_compare_ads(NULL, NULL), 1);
	CHECK_EQ(lws_sa46_is_ipv4_mapped(NULL), 0);
}

static void addresses(void)
{
	lws_sockaddr46 a, net;
	struct sockaddr_in6 six;
	struct sockaddr_in four;
	char text[INET6_ADDRSTRLEN];
	uint8_t mac[6];

	memset(&a, 0, sizeof a);
	memset(&net, 0, sizeof net);
	CHECK_EQ(lws_sa46_parse_numeric_address("::ffff:10.1.2.3", &a), 0);
	sa46_sockport(&a, htons(443));
	CHECK_EQ(ntohs(a.sa6.sin6_port), 443);
	CHECK_EQ(sa46_address(&a)[15], 3);
	CHECK_EQ(lws_sa46_is_ipv4_mapped(&a), 1);
	CHECK_EQ(lws_sa46_parse_numeric_address("10.1.0.0", &net), 0);
	CHECK_EQ(lws_sa46_is_ipv4_mapped(&net), 0);
	CHECK_EQ(lws_sa46_on_net(&a, &net, 16), 0);
	CHECK_EQ(lws_sa46_on_net(&a, &net, 24), 1);
	CHECK_EQ(lws_sa46_on_net(&a, &net, 33), 1);
	CHECK_EQ(lws_sa46_compare_ads(&a, &net), 1);
	CHECK_EQ(lws_sa46_write_numeric_address(&a, text, sizeof text), 15);
	CHECK_STR(text, "::ffff:10.1.2.3");
	CHECK_EQ(lws_sa46_write_numeric_address(&a, text, 15), -1);
	CHECK_STR(text, "");
	CHECK_EQ(lws_parse_mac("11:ff:ce:CE:22:33", mac), 0);
	CHECK_EQ(mac[5], 0x33);
	CHECK_EQ(lws_parse_mac("11:ff:ce:CE:22:3", mac), -1);
	CHECK_EQ(lws_is_lan_address("192.168.1.5"), 1);
	CHECK_EQ(lws_is_lan_address("8.8.8.8"), 0);
	CHECK_EQ(lws_is_local_address("127.0.0.1"), 1);
	CHECK_EQ(lws_is_local_address("10.0.0.1"), 0);
	CHECK_EQ(lws_interface_to_sa(0, "lo", &four, sizeof four), LWS_ITOSA_USABLE);
	CHECK_EQ(four.sin_family, AF_INET);
	CHECK_EQ(ntohl(four.sin_addr.s_addr), INADDR_LOOPBACK);
	CHECK_EQ(lws_interface_to_sa(1, "127.0.0.1", (struct sockaddr_in *)&six, sizeof six), LWS_ITOSA_USABLE);
	CHECK(six.sin6_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six.sin6_addr));
	CHECK_EQ(lws_interface_to_sa(0, "::1", &four, sizeof four), LWS_ITOSA_NOT_USABLE);
	CHECK_EQ(lws_interface_to_sa(0, "no-such-if", &four, sizeof four), LWS_ITOSA_NOT_EXIST);
	REFUSED(CHECK_EQ(lws_interface_to_sa(1, "lo", &four, sizeof four), LWS_ITOSA_NOT_EXIST), "addrlen too small");
}

int main(void)
{
	struct story *s;

	ONLY_OURS();
	lws_set_allocator(counting);
	s = story_open(&(struct opts){ .pss = 64 });
	ASK(s, .path = "/ok");
	RUN_ALL(s);
	CHECK(asked >= 1);		/* per-session data */
	use_all(s->cx);
	out_of_memory(s->cx);
	hashes();
	nonsense();
	addresses();
	if (story_close(s))
		return 1;
	CHECK_EQ(blocks, 0);
	lws_set_allocator(NULL);
	return 0;
}
