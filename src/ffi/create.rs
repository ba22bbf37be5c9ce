//! The only place that makes contexts and vhosts out of `struct lws_context_creation_info`.

use std::ffi::{CString, c_char, c_int};
use std::ptr;
use std::sync::Arc;

use super::context::{self, Context, Settings, Waiting};
use super::options::lws_pvo_search;
use super::types::{
    LWS_SERVER_OPTION_ADOPT_APPLY_LISTEN_ACCEPT_CONFIG, LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
    LWS_SERVER_OPTION_EXPLICIT_VHOSTS, LWS_SERVER_OPTION_GLIB,
    LWS_SERVER_OPTION_H2_JUST_FIX_WINDOW_UPDATE_OVERFLOW, LWS_SERVER_OPTION_JUST_USE_RAW_ORIGIN,
    LWS_SERVER_OPTION_LIBEV, LWS_SERVER_OPTION_LIBEVENT, LWS_SERVER_OPTION_LIBUV,
    LWS_SERVER_OPTION_SDEVENT, LWS_SERVER_OPTION_ULOOP, LWS_SERVER_OPTION_VALIDATE_UTF8,
    lws_context, lws_context_creation_info, lws_protocol_vhost_options, lws_protocols, lws_vhost,
};
use super::{
    cookies, destroy, handle, info, log_cx, logs, panics, proxies, smd, states, text, tls, write,
    ws,
};
use crate::engine::table::Key;
use crate::engine::vhost::{Protocol, Vhost, VhostConfig};
use crate::engine::{LLL_ERR, LLL_WARN};
use crate::net::socket::ignore_sigpipe;
use crate::proto::h2;

/// `rx_buffer_size` 0.
const RX_BUFFER_SIZE: usize = 4096;
/// `timeout_secs` 0, and `connect_timeout_secs` 0.
const TIMEOUT_SECS: u32 = 15;
const CONNECT_TIMEOUT_SECS: u32 = 20;

/// `info.port` of one who does not listen.
const NO_LISTEN: [c_int; 2] = [-1, -2];

/// Options of event libraries, none of which is provided.
const EVENT_LIBRARIES: u64 = LWS_SERVER_OPTION_LIBEV
    | LWS_SERVER_OPTION_LIBUV
    | LWS_SERVER_OPTION_LIBEVENT
    | LWS_SERVER_OPTION_GLIB
    | LWS_SERVER_OPTION_SDEVENT
    | LWS_SERVER_OPTION_ULOOP;

/// Makes a context, and unless `LWS_SERVER_OPTION_EXPLICIT_VHOSTS` is set without `pprotocols`, its first vhost, named "default".
/// OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS comes before this returns. SIGPIPE is ignored from here on in the process.
///
/// Returns NULL, after a log line, when `info` is NULL, memory or fds are short, 4,080 contexts exist, an event library is
/// asked for, or the client certificate or a proxy's address cannot be used. The caller destroys the context with lws_context_destroy().
///
/// # Safety
///
/// `info` is NULL or filled in as its members say.
/// cbindgen:postfix=__asm__(LWS_CREATE_CONTEXT_NAME)
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_create_context(
    info: *const lws_context_creation_info,
) -> *mut lws_context {
    // SAFETY: by this function's contract.
    let info = unsafe { info::short(info) };
    // SAFETY: as above.
    unsafe { context_of(info, Loop::Inside) }
}

/// Who runs the loop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Loop {
    /// lws_service().
    Inside,
    /// The program, which is told of descriptors.
    Outside,
}

/// # Safety
///
/// `info` is filled in as its members say.
pub(crate) unsafe fn context_of(
    info: Option<lws_context_creation_info>,
    runs: Loop,
) -> *mut lws_context {
    let Some(info) = &info else {
        logs::emit(LLL_ERR, "lws_create_context: info is NULL");
        return ptr::null_mut();
    };
    if !is_acceptable(info) {
        return ptr::null_mut();
    }
    panics::install();
    ignore_sigpipe();
    let created = context::create(|slot| match Waiting::new() {
        // SAFETY: by this function's contract.
        Ok(waiting) => Some(Arc::new(unsafe { new_context(slot, waiting, info) })),
        Err(error) => {
            logs::emit(
                LLL_ERR,
                &format!("lws_create_context: no epoll or eventfd: {error}"),
            );
            None
        }
    });
    let Some(context) = created else {
        return ptr::null_mut();
    };
    if runs == Loop::Outside {
        context.hold().run_from_outside();
    }
    context.hold().limit_tls(
        info.simultaneous_ssl_restriction,
        info.simultaneous_ssl_handshake_restriction,
    );
    log_cx::used(context.settings.log_cx, 1);
    // SAFETY: `info` is filled in as its members say, by this function's contract.
    unsafe { cookies::open(&context, info) };
    // SAFETY: as above.
    unsafe { register(&context, info) };
    let explicit = info.options & LWS_SERVER_OPTION_EXPLICIT_VHOSTS != 0;
    if !explicit || !info.pprotocols.is_null() {
        // SAFETY: `info` is filled in as its members say, by this function's contract.
        if unsafe { create_vhost(&context, info, "default") }.is_none() {
            context.claim();
            destroy::tear_down(&context);
            return ptr::null_mut();
        }
    }
    if !info.pcontext.is_null() {
        // SAFETY: NULL or writable, as the member says.
        unsafe { info.pcontext.write(context.pointer()) };
    }
    context.pointer()
}

/// Who is told of system states and messages from the start.
///
/// # Safety
///
/// `info` is filled in as its members say.
unsafe fn register(context: &Context, info: &lws_context_creation_info) {
    let manager = context.system.manager();
    // SAFETY: by this function's contract; nobody else knows the manager yet.
    unsafe { states::lws_state_reg_notifier_list(manager.0, info.register_notifier_list) };
    if info.early_smd_cb.is_some() {
        let (opaque, classes) = (info.early_smd_opaque, info.early_smd_class_filter);
        // SAFETY: by this function's contract.
        unsafe { smd::lws_smd_register(context.pointer(), opaque, 0, classes, info.early_smd_cb) };
    }
}

fn is_acceptable(info: &lws_context_creation_info) -> bool {
    if info.options & EVENT_LIBRARIES != 0 || !info.event_lib_custom.is_null() {
        logs::emit(
            LLL_ERR,
            "lws_create_context: event libraries are not provided: leave the option out and call lws_service()",
        );
        return false;
    }
    if info.count_threads > 1 {
        logs::emit(
            LLL_WARN,
            "lws_create_context: count_threads: there is one service thread",
        );
    }
    if !NO_LISTEN.contains(&info.port) {
        logs::emit(
            LLL_WARN,
            "lws_create_context: port: nothing listens here: say CONTEXT_PORT_NO_LISTEN",
        );
    }
    true
}

/// # Safety
///
/// `info` is filled in as its members say.
unsafe fn new_context(slot: usize, waiting: Waiting, info: &lws_context_creation_info) -> Context {
    let settings = Settings {
        timeout_secs: or(info.timeout_secs, TIMEOUT_SECS),
        options: info.options,
        argc: info.argc,
        argv: info.argv.expose_provenance(),
        log_cx: info.log_cx.expose_provenance(),
        system_ops: info.system_ops.expose_provenance(),
        smd_queue_depth: info.smd_queue_depth,
    };
    // SAFETY: by this function's contract.
    let name = unsafe { text::text(info.vhost_name) };
    let pcontext = info.pcontext.expose_provenance();
    Context::new(
        slot,
        waiting,
        settings,
        name.ok().flatten().unwrap_or_default().to_owned(),
        info.user.expose_provenance(),
        pcontext,
    )
}

fn or(given: u32, default: u32) -> u32 {
    if given == 0 { default } else { given }
}

/// Makes one more vhost on a context. OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS comes before this returns, PROTOCOL_INIT from the loop.
/// Returns NULL, after a log line, when an argument is NULL or stale, memory is short, or the client certificate or a proxy's
/// address cannot be used. It lives until lws_vhost_destroy() or the end of the context.
///
/// # Safety
///
/// `info` is NULL or filled in as its members say.
/// cbindgen:postfix=__asm__("broadside_create_vhost")
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_create_vhost(
    context: *mut lws_context,
    info: *const lws_context_creation_info,
) -> *mut lws_vhost {
    // SAFETY: by this function's contract.
    let info = unsafe { info::short(info) };
    // SAFETY: as above.
    unsafe { vhost_of(context, info) }
}

/// # Safety
///
/// `info` is filled in as its members say.
pub(crate) unsafe fn vhost_of(
    context: *mut lws_context,
    info: Option<lws_context_creation_info>,
) -> *mut lws_vhost {
    let Some(context) = context::of(context, "lws_create_vhost") else {
        return ptr::null_mut();
    };
    let Some(info) = &info else {
        logs::emit(LLL_ERR, "lws_create_vhost: info is NULL");
        return ptr::null_mut();
    };
    // SAFETY: `info` is filled in as its members say, by this function's contract.
    match unsafe { create_vhost(&context, info, "default") } {
        Some(key) => handle::vhost_pointer(context.slot, key),
        None => ptr::null_mut(),
    }
}

/// # Safety
///
/// `info` is filled in as its members say.
unsafe fn create_vhost(
    context: &Arc<Context>,
    info: &lws_context_creation_info,
    default_name: &str,
) -> Option<Key<Vhost>> {
    // SAFETY: by this function's contract.
    let config = unsafe { vhost_config(context, info, default_name) };
    let config = match config {
        Ok(config) => config,
        Err(line) => {
            log_cx::say(
                chosen(info, context),
                None,
                LLL_ERR,
                &format!("lws_create_vhost: {line}"),
            );
            return None;
        }
    };
    let tls = config.tls.clone();
    let key = context.hold().create_vhost(config)?;
    if let Some(tls) = tls {
        tls::load_extra(context, key, &tls);
    }
    Some(key)
}

/// The log context that a vhost has.
fn chosen(info: &lws_context_creation_info, context: &Context) -> usize {
    match info.log_cx.is_null() {
        true => context.settings.log_cx,
        false => info.log_cx.expose_provenance(),
    }
}

/// What is wrong with a member, with its name.
pub(crate) fn named(member: &'static str) -> impl Fn(&str) -> String {
    move |why| format!("{member} is {why}")
}

/// # Safety
///
/// `info` is filled in as its members say.
unsafe fn vhost_config(
    context: &Context,
    info: &lws_context_creation_info,
    default_name: &str,
) -> Result<VhostConfig, String> {
    // SAFETY: by this function's contract, as for all members below.
    let proxies = unsafe { proxies::of_info(info) }?;
    // SAFETY: as above.
    let name = unsafe { text::text_if_any(info.vhost_name) }.map_err(named("vhost_name"))?;
    // SAFETY: as above.
    let alpn = unsafe { text::text_if_any(info.alpn) }.map_err(named("alpn"))?;
    // SAFETY: as above.
    let protocols = unsafe { protocols(info) }?;
    // SAFETY: as above.
    let (tls, no_tls) = unsafe { tls::client(info, context.settings.options) }?;
    let options = info.options | context.settings.options;
    // SAFETY: as above.
    let iface = unsafe { text::text_if_any(info.iface) }.map_err(named("iface"))?;
    // SAFETY: as above.
    let role = unsafe { text::bytes(info.listen_accept_role) };
    // SAFETY: as above.
    let accept_protocol = unsafe { text::text_if_any(info.listen_accept_protocol) }
        .map_err(named("listen_accept_protocol"))?;
    Ok(VhostConfig {
        name: format!("{}\0", name.unwrap_or(default_name)),
        protocols,
        user: info.user.expose_provenance(),
        port: info.port,
        alpn: alpn.map(Arc::from),
        // lws: where a server listens; a client's sockets are bound to it with bind_iface alone.
        device: iface.filter(|_| info.bind_iface != 0).map(str::to_owned),
        iface: iface.and_then(|iface| CString::new(iface).ok()),
        tag: String::new(),
        tls: tls.map(Arc::new),
        proxies,
        no_tls,
        connect_timeout_secs: or(info.connect_timeout_secs, CONNECT_TIMEOUT_SECS),
        timeout_secs: or(info.timeout_secs, context.settings.timeout_secs),
        keepalive: (info.ka_time > 0).then_some((info.ka_time, info.ka_probes, info.ka_interval)),
        accepts_raw: info.options & LWS_SERVER_OPTION_ADOPT_APPLY_LISTEN_ACCEPT_CONFIG != 0
            && role == Some(b"raw-skt"),
        accept_protocol: accept_protocol.map(str::to_owned),
        raw_origin: options & LWS_SERVER_OPTION_JUST_USE_RAW_ORIGIN != 0,
        // SAFETY: as above.
        deflate: unsafe { ws::offer(info.extensions) },
        validate_utf8: options & LWS_SERVER_OPTION_VALIDATE_UTF8 != 0,
        // SAFETY: as above.
        validity: unsafe { ws::validity(info.retry_and_idle_policy) }.unwrap_or(ws::VALIDITY),
        h2: h2_config(&info.http2_settings),
        log_cx: chosen(info, context),
    })
}

/// By the numbers of RFC 9113 section 6.5.2; nothing of it counts when [0] is 0.
fn h2_config(settings: &[u32; 7]) -> h2::Config {
    let &[set, table, _push, streams, window, _frame, list] = settings;
    let mut config = h2::Config::default();
    let given = |value: u32| (set != 0 && value != 0).then_some(value);
    if let Some(table) = given(table) {
        config.header_table = table.min(LARGEST_TABLE);
    }
    if let Some(streams) = given(streams) {
        config.max_streams = config.max_streams.min(streams as usize);
    }
    if let Some(window) = given(window) {
        config.initial_window = window;
        config.widest_window = window;
    }
    if let Some(list) = given(list) {
        config.max_header_list = list;
    }
    config
}

/// What a peer may make us remember of its header fields.
const LARGEST_TABLE: u32 = 65_536;

/// The program's protocols, or one that does nothing.
///
/// # Safety
///
/// `info` is filled in as its members say.
unsafe fn protocols(info: &lws_context_creation_info) -> Result<Vec<Protocol>, String> {
    let mut found = Vec::new();
    let mut next = info.protocols;
    // SAFETY: the list ends with an entry that has no callback.
    while let Some(entry) = unsafe { next.as_ref() }.filter(|entry| entry.callback.is_some()) {
        // SAFETY: its name is NULL or a string; `info.pvo` is as the member says.
        found.push(unsafe { protocol(entry, info.pvo) }?);
        // SAFETY: that entry was not the last.
        next = unsafe { next.add(1) };
    }
    let mut next = info.pprotocols;
    while found.is_empty() || info.protocols.is_null() {
        // SAFETY: NULL, or not past the NULL that ends the list.
        let Some(entry) = (unsafe { next.as_ref() }) else {
            break;
        };
        // SAFETY: NULL or an entry.
        let Some(entry) = (unsafe { entry.as_ref() }) else {
            break;
        };
        // SAFETY: its name is NULL or a string; `info.pvo` is as the member says.
        found.push(unsafe { protocol(entry, info.pvo) }?);
        // SAFETY: that pointer was not the last.
        next = unsafe { next.add(1) };
    }
    if found.is_empty() {
        found.push(Protocol {
            name: String::new(),
            callback: (write::lws_callback_http_dummy as *const ()).expose_provenance(),
            per_session_data_size: 0,
            rx_buffer_size: RX_BUFFER_SIZE,
            c: 0,
            options: 0,
            face: None,
        });
    }
    Ok(found)
}

/// # Safety
///
/// `entry.name` is NULL or a string; `pvo` is as `lws_pvo_search` wants it.
unsafe fn protocol(
    entry: &lws_protocols,
    pvo: *const lws_protocol_vhost_options,
) -> Result<Protocol, String> {
    // SAFETY: by this function's contract.
    let name =
        unsafe { text::text(entry.name) }.map_err(|why| format!("a protocol's name is {why}"))?;
    let callback = entry
        .callback
        .map_or(ptr::null(), |callback| callback as *const ());
    Ok(Protocol {
        name: name.unwrap_or_default().to_owned(),
        callback: callback.expose_provenance(),
        per_session_data_size: entry.per_session_data_size,
        rx_buffer_size: match entry.rx_buffer_size {
            0 => RX_BUFFER_SIZE,
            size => size,
        },
        c: ptr::from_ref(entry).expose_provenance(),
        // SAFETY: by this function's contract.
        options: unsafe { options_of(pvo, entry.name) }.expose_provenance(),
        face: None,
    })
}

/// The options below the one that is named as the protocol is.
///
/// # Safety
///
/// `pvo` and `name` are as `lws_pvo_search` wants them.
unsafe fn options_of(
    pvo: *const lws_protocol_vhost_options,
    name: *const c_char,
) -> *const lws_protocol_vhost_options {
    // SAFETY: by this function's contract.
    let found = unsafe { lws_pvo_search(pvo, name) };
    // SAFETY: NULL, or an entry of the list.
    unsafe { found.as_ref() }.map_or(ptr::null(), |found| found.options)
}

/// Fills `info` with what a client starts from: zeros, no listening port, TLS on, no vhost of the context's own.
/// `lws_context_info_defaults()` is the name to call it by.
///
/// # Safety
///
/// `info` is NULL or writable. `sspol` is not used.
/// cbindgen:postfix=__asm__("broadside_context_info_defaults")
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn _lws_context_info_defaults(
    info: *mut lws_context_creation_info,
    sspol: *const c_char,
) {
    let _ = sspol;
    // SAFETY: so many are writable, by this function's contract.
    unsafe { defaults(info, info::SHORT) }
}

/// # Safety
///
/// `info` is NULL or has `len` writable bytes, at least the first `info::SHORT` ones.
pub(crate) unsafe fn defaults(info: *mut lws_context_creation_info, len: usize) {
    if info.is_null() {
        return logs::emit(LLL_ERR, "lws_context_info_defaults: info is NULL");
    }
    // SAFETY: writable, by this function's contract.
    unsafe { info.cast::<u8>().write_bytes(0, len) };
    // SAFETY: as above; all of these are among the first ones.
    let port = unsafe { &raw mut (*info).port };
    // SAFETY: as above.
    unsafe { port.write(NO_LISTEN[0]) };
    // SAFETY: as above.
    let hint = unsafe { &raw mut (*info).fd_limit_per_thread };
    // SAFETY: as above.
    unsafe { hint.write(8) };
    // SAFETY: as above.
    let options = unsafe { &raw mut (*info).options };
    let start = LWS_SERVER_OPTION_EXPLICIT_VHOSTS
        | LWS_SERVER_OPTION_H2_JUST_FIX_WINDOW_UPDATE_OVERFLOW
        | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    // SAFETY: as above.
    unsafe { options.write(start) };
}
