/*
 * The layout of every struct that programs and the library share, from C's side; src/ffi/types asserts the same numbers from
 * Rust's. Compiling this file is the test. The numbers are those of 64-bit machines.
 */
#include <libwebsockets.h>

#define SIZE(type, size) _Static_assert(sizeof(struct type) == (size), "size of " #type)
#define AT(type, member, offset) _Static_assert(offsetof(struct type, member) == (offset), "offset of " #type "." #member)
#define IS(constant, value) _Static_assert((constant) == (value), "value of " #constant)

#if UINTPTR_MAX == 0xffffffffffffffff

SIZE(lws_client_connect_info, 248);
AT(lws_client_connect_info, context, 0);
AT(lws_client_connect_info, address, 8);
AT(lws_client_connect_info, port, 16);
AT(lws_client_connect_info, ssl_connection, 20);
AT(lws_client_connect_info, path, 24);
AT(lws_client_connect_info, host, 32);
AT(lws_client_connect_info, origin, 40);
AT(lws_client_connect_info, protocol, 48);
AT(lws_client_connect_info, ietf_version_or_minus_one, 56);
AT(lws_client_connect_info, userdata, 64);
AT(lws_client_connect_info, client_exts, 72);
AT(lws_client_connect_info, method, 80);
AT(lws_client_connect_info, parent_wsi, 88);
AT(lws_client_connect_info, uri_replace_from, 96);
AT(lws_client_connect_info, uri_replace_to, 104);
AT(lws_client_connect_info, vhost, 112);
AT(lws_client_connect_info, pwsi, 120);
AT(lws_client_connect_info, iface, 128);
AT(lws_client_connect_info, local_protocol_name, 136);
AT(lws_client_connect_info, alpn, 144);
AT(lws_client_connect_info, seq, 152);
AT(lws_client_connect_info, opaque_user_data, 160);
AT(lws_client_connect_info, retry_and_idle_policy, 168);
AT(lws_client_connect_info, manual_initial_tx_credit, 176);
AT(lws_client_connect_info, sys_tls_client_cert, 180);
AT(lws_client_connect_info, priority, 181);
AT(lws_client_connect_info, mqtt_cp, 184);
AT(lws_client_connect_info, fi_wsi_name, 192);
AT(lws_client_connect_info, keep_warm_secs, 200);
AT(lws_client_connect_info, log_cx, 208);
/* in what older headers reserve: zero in a program that was built with one */
AT(lws_client_connect_info, auth_username, 216);
AT(lws_client_connect_info, auth_password, 224);
AT(lws_client_connect_info, local_port, 232);
AT(lws_client_connect_info, allow_reserved_bits, 236);
AT(lws_client_connect_info, allow_unknown_opcode, 237);
AT(lws_client_connect_info, disable_h3_fallback, 238);
AT(lws_client_connect_info, _unused, 240);

SIZE(lws_udp, 60);
AT(lws_udp, sa46, 0);
AT(lws_udp, sa46_pending, 28);
_Static_assert(sizeof(lws_sockaddr46) == 28, "size of lws_sockaddr46");
IS(LWS_CAUDP_BIND, 1);
IS(LWS_CAUDP_BROADCAST, 2);
IS(LWS_CAUDP_PF_PACKET, 4);

SIZE(lws_adopt_desc, 48);
AT(lws_adopt_desc, vh, 0);
AT(lws_adopt_desc, type, 8);
AT(lws_adopt_desc, fd, 12);
AT(lws_adopt_desc, vh_prot_name, 16);
AT(lws_adopt_desc, parent, 24);
AT(lws_adopt_desc, opaque, 32);
AT(lws_adopt_desc, fi_wsi_name, 40);
_Static_assert(sizeof(lws_sock_file_fd_type) == 4, "size of lws_sock_file_fd_type");
_Static_assert(sizeof(lws_adoption_type) == 4, "size of lws_adoption_type");

SIZE(lws_conmon, 64);
AT(lws_conmon, peer46, 0);
AT(lws_conmon, protocol_specific, 28);
AT(lws_conmon, dns_results_copy, 32);
AT(lws_conmon, ciu_dns, 40);
AT(lws_conmon, ciu_sockconn, 44);
AT(lws_conmon, ciu_tls, 48);
AT(lws_conmon, ciu_txn_resp, 52);
AT(lws_conmon, pcol, 56);
AT(lws_conmon, dns_disposition, 60);
IS(LCCSCF_CONMON, 1 << 28);

SIZE(lws_context_creation_info, 1024);
AT(lws_context_creation_info, iface, 0);
AT(lws_context_creation_info, protocols, 8);
AT(lws_context_creation_info, extensions, 16);
AT(lws_context_creation_info, token_limits, 24);
AT(lws_context_creation_info, http_proxy_address, 32);
AT(lws_context_creation_info, headers, 40);
AT(lws_context_creation_info, reject_service_keywords, 48);
AT(lws_context_creation_info, pvo, 56);
AT(lws_context_creation_info, log_filepath, 64);
AT(lws_context_creation_info, mounts, 72);
AT(lws_context_creation_info, server_string, 80);
AT(lws_context_creation_info, error_document_404, 88);
AT(lws_context_creation_info, port, 96);
AT(lws_context_creation_info, http_proxy_port, 100);
AT(lws_context_creation_info, max_http_header_data2, 104);
AT(lws_context_creation_info, max_http_header_pool2, 108);
AT(lws_context_creation_info, keepalive_timeout, 112);
AT(lws_context_creation_info, http2_settings, 116);
AT(lws_context_creation_info, max_http_header_data, 144);
AT(lws_context_creation_info, max_http_header_pool, 146);
AT(lws_context_creation_info, ssl_private_key_password, 152);
AT(lws_context_creation_info, ssl_cert_filepath, 160);
AT(lws_context_creation_info, ssl_private_key_filepath, 168);
AT(lws_context_creation_info, ssl_ca_filepath, 176);
AT(lws_context_creation_info, ssl_cipher_list, 184);
AT(lws_context_creation_info, ecdh_curve, 192);
AT(lws_context_creation_info, tls1_3_plus_cipher_list, 200);
AT(lws_context_creation_info, server_ssl_cert_mem, 208);
AT(lws_context_creation_info, server_ssl_private_key_mem, 216);
AT(lws_context_creation_info, server_ssl_ca_mem, 224);
AT(lws_context_creation_info, ssl_options_set, 232);
AT(lws_context_creation_info, ssl_options_clear, 240);
AT(lws_context_creation_info, simultaneous_ssl_restriction, 248);
AT(lws_context_creation_info, simultaneous_ssl_handshake_restriction, 252);
AT(lws_context_creation_info, ssl_info_event_mask, 256);
AT(lws_context_creation_info, server_ssl_cert_mem_len, 260);
AT(lws_context_creation_info, server_ssl_private_key_mem_len, 264);
AT(lws_context_creation_info, server_ssl_ca_mem_len, 268);
AT(lws_context_creation_info, alpn, 272);
AT(lws_context_creation_info, client_ssl_private_key_password, 280);
AT(lws_context_creation_info, client_ssl_cert_filepath, 288);
AT(lws_context_creation_info, client_ssl_cert_mem, 296);
AT(lws_context_creation_info, client_ssl_cert_mem_len, 304);
AT(lws_context_creation_info, client_ssl_private_key_filepath, 312);
AT(lws_context_creation_info, client_ssl_key_mem, 320);
AT(lws_context_creation_info, client_ssl_ca_filepath, 328);
AT(lws_context_creation_info, client_ssl_ca_mem, 336);
AT(lws_context_creation_info, client_ssl_cipher_list, 344);
AT(lws_context_creation_info, client_tls_1_3_plus_cipher_list, 352);
AT(lws_context_creation_info, ssl_client_options_set, 360);
AT(lws_context_creation_info, ssl_client_options_clear, 368);
AT(lws_context_creation_info, client_ssl_ca_mem_len, 376);
AT(lws_context_creation_info, client_ssl_key_mem_len, 380);
AT(lws_context_creation_info, provided_client_ssl_ctx, 384);
AT(lws_context_creation_info, ka_time, 392);
AT(lws_context_creation_info, ka_probes, 396);
AT(lws_context_creation_info, ka_interval, 400);
AT(lws_context_creation_info, timeout_secs, 404);
AT(lws_context_creation_info, connect_timeout_secs, 408);
AT(lws_context_creation_info, bind_iface, 412);
AT(lws_context_creation_info, timeout_secs_ah_idle, 416);
AT(lws_context_creation_info, tls_session_timeout, 420);
AT(lws_context_creation_info, tls_session_cache_max, 424);
AT(lws_context_creation_info, gid, 428);
AT(lws_context_creation_info, uid, 432);
AT(lws_context_creation_info, options, 440);
AT(lws_context_creation_info, user, 448);
AT(lws_context_creation_info, count_threads, 456);
AT(lws_context_creation_info, fd_limit_per_thread, 460);
AT(lws_context_creation_info, vhost_name, 464);
AT(lws_context_creation_info, external_baggage_free_on_destroy, 472);
AT(lws_context_creation_info, pt_serv_buf_size, 480);
AT(lws_context_creation_info, fops, 488);
AT(lws_context_creation_info, caps, 496);
AT(lws_context_creation_info, count_caps, 512);
AT(lws_context_creation_info, foreign_loops, 520);
AT(lws_context_creation_info, signal_cb, 528);
AT(lws_context_creation_info, pcontext, 536);
AT(lws_context_creation_info, finalize, 544);
AT(lws_context_creation_info, finalize_arg, 552);
AT(lws_context_creation_info, listen_accept_role, 560);
AT(lws_context_creation_info, listen_accept_protocol, 568);
AT(lws_context_creation_info, pprotocols, 576);
AT(lws_context_creation_info, username, 584);
AT(lws_context_creation_info, groupname, 592);
AT(lws_context_creation_info, unix_socket_perms, 600);
AT(lws_context_creation_info, system_ops, 608);
AT(lws_context_creation_info, retry_and_idle_policy, 616);
AT(lws_context_creation_info, register_notifier_list, 624);
AT(lws_context_creation_info, rlimit_nofile, 632);
AT(lws_context_creation_info, early_smd_cb, 640);
AT(lws_context_creation_info, early_smd_opaque, 648);
AT(lws_context_creation_info, early_smd_class_filter, 656);
AT(lws_context_creation_info, smd_ttl_us, 664);
AT(lws_context_creation_info, smd_queue_depth, 672);
AT(lws_context_creation_info, fo_listen_queue, 676);
AT(lws_context_creation_info, event_lib_custom, 680);
AT(lws_context_creation_info, log_cx, 688);
AT(lws_context_creation_info, http_nsc_filepath, 696);
AT(lws_context_creation_info, http_nsc_heap_max_footprint, 704);
AT(lws_context_creation_info, http_nsc_heap_max_items, 712);
AT(lws_context_creation_info, http_nsc_heap_max_payload, 720);
AT(lws_context_creation_info, socks_proxy_address, 728);
AT(lws_context_creation_info, socks_proxy_port, 736);
/* past what older headers have: only functions that this header's prototypes name read it */
AT(lws_context_creation_info, argc, 744);
AT(lws_context_creation_info, default_loglevel, 748);
AT(lws_context_creation_info, argv, 752);
AT(lws_context_creation_info, _reserved, 760);

SIZE(lws_protocols, 56);
AT(lws_protocols, name, 0);
AT(lws_protocols, callback, 8);
AT(lws_protocols, per_session_data_size, 16);
AT(lws_protocols, rx_buffer_size, 24);
AT(lws_protocols, id, 32);
AT(lws_protocols, user, 40);
AT(lws_protocols, tx_packet_size, 48);

SIZE(lws_extension, 24);
AT(lws_extension, name, 0);
AT(lws_extension, callback, 8);
AT(lws_extension, client_offer, 16);

SIZE(lws_protocol_vhost_options, 32);
AT(lws_protocol_vhost_options, next, 0);
AT(lws_protocol_vhost_options, options, 8);
AT(lws_protocol_vhost_options, name, 16);
AT(lws_protocol_vhost_options, value, 24);

SIZE(lws_retry_bo, 24);
AT(lws_retry_bo, retry_ms_table, 0);
AT(lws_retry_bo, retry_ms_table_count, 8);
AT(lws_retry_bo, conceal_count, 10);
AT(lws_retry_bo, secs_since_valid_ping, 12);
AT(lws_retry_bo, secs_since_valid_hangup, 14);
AT(lws_retry_bo, jitter_percent, 16);

SIZE(lws_sorted_usec_list, 48);
AT(lws_sorted_usec_list, list, 0);
AT(lws_sorted_usec_list, us, 24);
AT(lws_sorted_usec_list, cb, 32);
AT(lws_sorted_usec_list, latency_us, 40);

SIZE(lws_dll2, 24);
AT(lws_dll2, prev, 0);
AT(lws_dll2, next, 8);
AT(lws_dll2, owner, 16);

SIZE(lws_dll2_owner, 24);
AT(lws_dll2_owner, tail, 0);
AT(lws_dll2_owner, head, 8);
AT(lws_dll2_owner, count, 16);

SIZE(lws_pollargs, 12);
AT(lws_pollargs, fd, 0);
AT(lws_pollargs, events, 4);
AT(lws_pollargs, prev_events, 8);

SIZE(lws_token_limits, 192);
AT(lws_token_limits, token_limit, 0);

SIZE(lws_log_cx, 56);
AT(lws_log_cx, u, 0);
AT(lws_log_cx, refcount_cb, 8);
AT(lws_log_cx, prepend, 16);
AT(lws_log_cx, parent, 24);
AT(lws_log_cx, opaque, 32);
AT(lws_log_cx, stg, 40);
AT(lws_log_cx, lll_flags, 48);
AT(lws_log_cx, refcount, 52);

SIZE(lws_state_notify_link, 40);
AT(lws_state_notify_link, list, 0);
AT(lws_state_notify_link, notify_cb, 24);
AT(lws_state_notify_link, name, 32);

SIZE(lws_state_manager, 72);
AT(lws_state_manager, notify_list, 0);
AT(lws_state_manager, context, 24);
AT(lws_state_manager, parent, 32);
AT(lws_state_manager, smd_class, 40);
AT(lws_state_manager, state_names, 48);
AT(lws_state_manager, name, 56);
AT(lws_state_manager, state, 64);

SIZE(lws_metric_bucket, 16);
AT(lws_metric_bucket, next, 0);
AT(lws_metric_bucket, count, 8);
SIZE(lws_metric_pub, 88);
AT(lws_metric_pub, name, 0);
AT(lws_metric_pub, backend_opaque, 8);
AT(lws_metric_pub, us_first, 16);
AT(lws_metric_pub, us_last, 24);
AT(lws_metric_pub, us_dumped, 32);
AT(lws_metric_pub, u.agg.sum, 40);
AT(lws_metric_pub, u.agg.min, 56);
AT(lws_metric_pub, u.agg.max, 64);
AT(lws_metric_pub, u.agg.count, 72);
AT(lws_metric_pub, u.hist.head, 40);
AT(lws_metric_pub, u.hist.total_count, 48);
AT(lws_metric_pub, u.hist.list_size, 56);
AT(lws_metric_pub, flags, 80);

SIZE(lws_system_ops, 64);
AT(lws_system_ops, reboot, 0);
AT(lws_system_ops, set_clock, 8);
AT(lws_system_ops, attach, 16);
AT(lws_system_ops, captive_portal_detect_request, 24);
AT(lws_system_ops, metric_report, 32);
AT(lws_system_ops, jit_trust_query, 40);
AT(lws_system_ops, wake_latency_us, 48);
AT(lws_system_ops, stdin_rx, 56);

SIZE(lws_genhash_ctx, 24);
AT(lws_genhash_ctx, type, 0);
AT(lws_genhash_ctx, evp_type, 8);
AT(lws_genhash_ctx, mdctx, 16);

SIZE(lws_genhmac_ctx, 32);
AT(lws_genhmac_ctx, type, 0);
AT(lws_genhmac_ctx, evp_type, 8);
AT(lws_genhmac_ctx, ctx, 16);
AT(lws_genhmac_ctx, key, 24);

SIZE(lws_ssl_info, 8);
AT(lws_ssl_info, where, 0);
AT(lws_ssl_info, ret, 4);

_Static_assert(sizeof(union lws_tls_cert_info_results) == 72, "size of lws_tls_cert_info_results");
_Static_assert(offsetof(union lws_tls_cert_info_results, ns.name) == 4, "offset of lws_tls_cert_info_results.ns.name");
/* neither 4.3.5 nor 5.0.0 has 13; theirs are told apart by the others */
IS(LWS_TLS_CERT_INFO_AUTHORITY_KEY_ID, 8);
IS(LWS_TLS_CERT_INFO_SUBJECT_KEY_ID, 11);
IS(LWS_TLS_CERT_INFO_DER_SPKI, 13);
SIZE(lws_x509_cert_gen_info, 56);
AT(lws_x509_cert_gen_info, san, 0);
AT(lws_x509_cert_gen_info, key_bits, 8);
AT(lws_x509_cert_gen_info, curve_name, 16);
AT(lws_x509_cert_gen_info, ca_cert_pem, 24);
AT(lws_x509_cert_gen_info, ca_key_pem, 32);
AT(lws_x509_cert_gen_info, is_ca, 40);
AT(lws_x509_cert_gen_info, is_server, 44);
AT(lws_x509_cert_gen_info, validity_days, 48);
SIZE(lws_tls_session_dump, 120);
AT(lws_tls_session_dump, blob, 96);
AT(lws_tls_session_dump, opaque, 104);
AT(lws_tls_session_dump, blob_len, 112);
SIZE(lws_b64state, 32);
AT(lws_b64state, done, 8);
AT(lws_b64state, len, 16);
AT(lws_b64state, i, 24);
AT(lws_b64state, c, 28);

SIZE(lws_tokenize, 40);
AT(lws_tokenize, start, 0);
AT(lws_tokenize, token, 8);
AT(lws_tokenize, len, 16);
AT(lws_tokenize, token_len, 24);
AT(lws_tokenize, flags, 32);
AT(lws_tokenize, delim, 34);
AT(lws_tokenize, e, 35);

SIZE(lws_strexp, 88);
AT(lws_strexp, cb, 32);
AT(lws_strexp, priv, 40);
AT(lws_strexp, out, 48);
AT(lws_strexp, olen, 56);
AT(lws_strexp, pos, 64);
AT(lws_strexp, exp_ofs, 72);
AT(lws_strexp, name_pos, 80);
AT(lws_strexp, state, 81);

SIZE(lws_humanize_unit, 16);
AT(lws_humanize_unit, name, 0);
AT(lws_humanize_unit, factor, 8);

SIZE(lws_xos, 32);
SIZE(lws_switches, 16);
AT(lws_switches, sw, 0);
AT(lws_switches, doc, 8);

SIZE(lws_parse_uri, 32);
AT(lws_parse_uri, scheme, 0);
AT(lws_parse_uri, host, 8);
AT(lws_parse_uri, path, 16);
AT(lws_parse_uri, port, 24);
AT(lws_parse_uri, unix_skt, 26);

#endif

/* Numbers that are macros in C and constants in Rust, or that size something */
IS(LWS_PRE, 16);
IS(CONTEXT_PORT_NO_LISTEN, -1);
IS(CONTEXT_PORT_NO_LISTEN_SERVER, -2);
IS(LWS_TO_KILL_ASYNC, -1);
IS(LWS_TO_KILL_SYNC, -2);
IS(LWS_SET_TIMER_USEC_CANCEL, -1);
IS(LWS_US_PER_SEC, 1000000);
IS(LCCSCF_ALLOW_EARLY_DATA, INT_MIN);
IS(LCCSCF_PIPELINE, 65536);
IS(LWS_SERVER_OPTION_DISABLE_TLS_SESSION_CACHE, 0x8000000000ull);
IS(WSI_TOKEN_COUNT, 96);
IS(LWS_SYSTATE_OPERATIONAL, 12);
IS(LWS_LIBRARY_VERSION_NUMBER, 4003005);
IS(sizeof(enum lws_callback_reasons), sizeof(int));
IS(sizeof(enum lws_write_protocol), sizeof(int));

int
main(void)
{
	return 0;
}
