//! The only place that learns by which proxies a vhost goes: from its creation info, the environment and the program's calls.

use std::env;
use std::ffi::{c_char, c_int, c_uint};

use super::types::{lws_context_creation_info, lws_vhost};
use super::{logs, text, vhost};
use crate::engine::{LLL_ERR, LLL_WARN};
use crate::proto::proxy::{Kind, Proxies, Proxy, Spelling};

/// Client connections that the vhost makes from now on go by this HTTP proxy: all of them, with TLS or without, but for those to
/// unix sockets. `proxy` is `[http://][user:password@]address:port`, an IPv6 address in brackets, user and password as they are. The
/// port may be left out when the vhost has an HTTP proxy already: its port stays. "" takes the proxy away.
///
/// The proxy is asked for a tunnel by CONNECT (RFC 9110 section 9.3.6); TLS is spoken with what is behind it. Whatever the environment
/// says of proxies counts no more for this vhost. Connections that live stay as they are.
///
/// Returns 0, or -1 after a log line when an argument is NULL, stale or not understood: then nothing is changed. From any thread.
///
/// # Safety
///
/// `proxy` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_set_proxy(
    vhost: *mut lws_vhost,
    proxy: *const c_char,
) -> c_int {
    // SAFETY: NULL or a string, by this function's contract.
    unsafe { set(vhost, proxy, Kind::Http, "lws_set_proxy") }
}

/// Likewise by this SOCKS 5 proxy (RFC 1928), which resolves the names: `[socks5://][user:password@]address:port`, user and password (RFC
/// 1929) of at most 255 bytes each. Where the vhost has an HTTP proxy of the program's as well, that one is used.
///
/// Returns 0, or -1 after a log line when an argument is NULL, stale or not understood: then nothing is changed. From any thread.
///
/// # Safety
///
/// `socks` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_set_socks(
    vhost: *mut lws_vhost,
    socks: *const c_char,
) -> c_int {
    // SAFETY: NULL or a string, by this function's contract.
    unsafe { set(vhost, socks, Kind::Socks5, "lws_set_socks") }
}

/// # Safety
///
/// `proxy` is NULL or a string.
unsafe fn set(vhost: *mut lws_vhost, proxy: *const c_char, kind: Kind, what: &str) -> c_int {
    // SAFETY: by this function's contract.
    let text = match unsafe { text::text(proxy) } {
        Ok(Some(text)) => text,
        Ok(None) => return refuse(what, "proxy is NULL"),
        Err(why) => return refuse(what, &format!("proxy is {why}")),
    };
    let Some((context, key)) = vhost::find(vhost) else {
        return refuse(what, "vhost is NULL or not a live vhost");
    };
    let read = {
        let mut held = context.hold();
        let Some(entry) = held.vhosts.get_mut(key) else {
            return -1;
        };
        let proxies = &mut entry.config.proxies;
        let port = proxies.port_of(kind);
        let read = parse(text, kind, port);
        read.map(|proxy| say(proxies, kind, proxy))
    };
    match read {
        Ok(()) => 0,
        Err(why) => refuse(what, why),
    }
}

fn refuse(what: &str, why: &str) -> c_int {
    logs::emit(LLL_ERR, &format!("{what}: {why}"));
    -1
}

/// "" is none.
fn parse(text: &str, kind: Kind, port: Option<u16>) -> Result<Option<Proxy>, &'static str> {
    if text.is_empty() {
        return Ok(None);
    }
    Spelling::of_program(kind, port).read(text).map(Some)
}

fn say(proxies: &mut Proxies, kind: Kind, proxy: Option<Proxy>) {
    match kind {
        Kind::Http => proxies.set_http(proxy),
        _ => proxies.set_socks(proxy),
    }
}

/// What `info` says, or where it says nothing the environment, as it is now.
///
/// # Safety
///
/// `info` is filled in as its members say.
pub(super) unsafe fn of_info(info: &lws_context_creation_info) -> Result<Proxies, String> {
    let http = (info.http_proxy_address, info.http_proxy_port);
    let socks = (info.socks_proxy_address, info.socks_proxy_port);
    if http.0.is_null() && socks.0.is_null() {
        return Ok(of_environment());
    }
    let mut proxies = Proxies::default();
    // SAFETY: NULL or a string, by this function's contract.
    if let Some(proxy) = unsafe { member(http, Kind::Http, "http_proxy") }? {
        proxies.set_http(proxy);
    }
    // SAFETY: as above.
    if let Some(proxy) = unsafe { member(socks, Kind::Socks5, "socks_proxy") }? {
        proxies.set_socks(proxy);
    }
    Ok(proxies)
}

/// `None`: it says nothing. `Some(None)`: no proxy.
///
/// # Safety
///
/// The address is NULL or a string.
unsafe fn member(
    (address, port): (*const c_char, c_uint),
    kind: Kind,
    name: &str,
) -> Result<Option<Option<Proxy>>, String> {
    // SAFETY: by this function's contract.
    let found = unsafe { text::text(address) };
    let Some(text) = found.map_err(|why| format!("{name}_address is {why}"))? else {
        return Ok(None);
    };
    let port = match port {
        0 => None,
        port => Some(
            u16::try_from(port)
                .map_err(|_| format!("{name}_port {port} is out of range 0..65535"))?,
        ),
    };
    let read = parse(text, kind, port);
    read.map(Some)
        .map_err(|why| format!("{name}_address: {why}"))
}

fn of_environment() -> Proxies {
    // What is not UTF-8 names no host that can be found, but it is not gone past.
    let variable = |name: &str| env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    let (proxies, lines) = Proxies::from_environment(variable);
    for line in lines {
        logs::emit(LLL_WARN, &format!("lws_create_vhost: environment: {line}"));
    }
    proxies
}
