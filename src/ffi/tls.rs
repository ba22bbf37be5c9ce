//! The only place that reads what creation info says of TLS.

use std::ffi::{c_char, c_int, c_void};
use std::ptr::{self, NonNull};
use std::sync::Arc;

use super::context::Context;
use super::create::named;
use super::deliver::deliver;
use super::frame::Frame;
use super::types::{
    LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS, LWS_SERVER_OPTION_DISABLE_TLS_SESSION_CACHE,
    LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT, lws_context_creation_info, lws_vhost,
};
use super::{logs, text, vhost};
use crate::engine::call::{Input, Reason};
use crate::engine::table::Key;
use crate::engine::vhost::Vhost;
use crate::engine::{LLL_ERR, LLL_WARN};
use crate::net::tls::{TlsClient, TlsConfig};

type Tls = (Option<TlsClient>, &'static str);

/// Gives a vhost that has no client TLS what `info` says of it: the members that lws_create_vhost() would read, no others.
/// OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS comes before this returns. 0; also when the vhost has client TLS already, which stays as it
/// is, and when `info->options` lacks LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT, and then it has none.
///
/// -1, after a log line, when an argument is NULL or stale or a client certificate, key or cipher list cannot be used.
///
/// # Safety
///
/// `info` is NULL or filled in as its members say.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_init_vhost_client_ssl(
    info: *const lws_context_creation_info,
    vhost: *mut lws_vhost,
) -> c_int {
    let Some((context, key)) = vhost::find_or_log(vhost, "lws_init_vhost_client_ssl") else {
        return -1;
    };
    // SAFETY: NULL or readable, by this function's contract.
    let Some(info) = (unsafe { info.as_ref() }) else {
        logs::emit(LLL_ERR, "lws_init_vhost_client_ssl: info is NULL");
        return -1;
    };
    let has = |key| {
        context
            .hold()
            .vhosts
            .get(key)
            .is_some_and(|vhost| vhost.config.tls.is_some())
    };
    if has(key) {
        return 0;
    }
    // SAFETY: by this function's contract.
    let tls = match unsafe { client(info, 0) } {
        Ok((Some(tls), _)) => Arc::new(tls),
        Ok((None, _)) => return 0,
        Err(line) => {
            logs::emit(LLL_ERR, &format!("lws_init_vhost_client_ssl: {line}"));
            return -1;
        }
    };
    if let Some(vhost) = context.hold().vhosts.get_mut(key) {
        vhost.config.tls = Some(Arc::clone(&tls));
    }
    let frame = Frame::enter(&context);
    load_extra(&context, key, &tls);
    frame.leave();
    0
}

/// OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS: the program's chance to change the SSL_CTX.
pub(crate) fn load_extra(context: &Arc<Context>, key: Key<Vhost>, tls: &TlsClient) {
    let ctx = tls.ctx().expose_provenance();
    let call = {
        let held = context.hold();
        let face = held.first_face(Some(key));
        face.and_then(|face| {
            held.face_call(face, Reason::LoadExtraClientVerifyCerts, ctx, Input::None)
        })
    };
    if let Some(call) = call {
        deliver(context, call);
    }
}

/// A vhost's client SSL_CTX, or why it has none.
///
/// # Safety
///
/// `info` is filled in as its members say.
pub(crate) unsafe fn client(
    info: &lws_context_creation_info,
    context_options: u64,
) -> Result<Tls, String> {
    const OFF: &str =
        "bio_create failed: TLS is off: set LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT in info.options";
    let options = info.options | context_options;
    let provided = NonNull::new(info.provided_client_ssl_ctx);
    if options & LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT == 0 && provided.is_none() {
        return Ok((None, OFF));
    }
    // SAFETY: by this function's contract.
    let config = unsafe { tls_config(info, options, provided) }?;
    let (client, warnings) = TlsClient::new(&config)?;
    for line in warnings {
        logs::emit(LLL_WARN, &line);
    }
    Ok((Some(client), ""))
}

/// lws: what is set of neither `client_ssl_` member, path or memory, is taken from the older `ssl_*` one.
///
/// # Safety
///
/// `info` is filled in as its members say.
unsafe fn tls_config(
    info: &lws_context_creation_info,
    options: u64,
    provided: Option<NonNull<openssl_sys::SSL_CTX>>,
) -> Result<TlsConfig<'_>, String> {
    let ca = or_older(
        info.client_ssl_ca_filepath,
        info.client_ssl_ca_mem,
        info.ssl_ca_filepath,
    );
    let cert = or_older(
        info.client_ssl_cert_filepath,
        info.client_ssl_cert_mem,
        info.ssl_cert_filepath,
    );
    let key = or_older(
        info.client_ssl_private_key_filepath,
        info.client_ssl_key_mem,
        info.ssl_private_key_filepath,
    );
    let none = ptr::null();
    let password = or_older(
        info.client_ssl_private_key_password,
        none,
        info.ssl_private_key_password,
    );
    let ciphers = or_older(info.client_ssl_cipher_list, none, info.ssl_cipher_list);
    let tls13 = or_older(
        info.client_tls_1_3_plus_cipher_list,
        none,
        info.tls1_3_plus_cipher_list,
    );
    // SAFETY: strings and memory are as the members say, by this function's contract; so for every call below.
    let ca_filepath = unsafe { text::path(ca) };
    // SAFETY: as above.
    let ca_mem = unsafe { text::memory(info.client_ssl_ca_mem, info.client_ssl_ca_mem_len) };
    // SAFETY: as above.
    let cert_filepath = unsafe { text::path(cert) };
    // SAFETY: as above.
    let cert_mem = unsafe { text::memory(info.client_ssl_cert_mem, info.client_ssl_cert_mem_len) };
    // SAFETY: as above.
    let key_filepath = unsafe { text::path(key) };
    // SAFETY: as above.
    let key_mem = unsafe { text::memory(info.client_ssl_key_mem, info.client_ssl_key_mem_len) };
    // SAFETY: as above.
    let key_password = unsafe { text::bytes(password) };
    // SAFETY: as above.
    let cipher_list = unsafe { text::text_if_any(ciphers) };
    // SAFETY: as above.
    let tls13_ciphers = unsafe { text::text_if_any(tls13) };
    let keeps_sessions = options & LWS_SERVER_OPTION_DISABLE_TLS_SESSION_CACHE == 0;
    Ok(TlsConfig {
        ca_filepath,
        ca_mem,
        cert_filepath,
        cert_mem,
        key_filepath,
        key_mem,
        key_password,
        cipher_list: cipher_list.map_err(named("client_ssl_cipher_list"))?,
        tls13_ciphers: tls13_ciphers.map_err(named("client_tls_1_3_plus_cipher_list"))?,
        options_set: info.ssl_client_options_set,
        options_clear: info.ssl_client_options_clear,
        sessions: keeps_sessions.then_some((info.tls_session_cache_max, info.tls_session_timeout)),
        os_store: options & LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS == 0,
        provided,
    })
}

fn or_older(ours: *const c_char, memory: *const c_void, older: *const c_char) -> *const c_char {
    if ours.is_null() && memory.is_null() {
        older
    } else {
        ours
    }
}
