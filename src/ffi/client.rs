//! The only place that turns `struct lws_client_connect_info` into a request.

use std::ffi::c_char;
use std::ptr;
use std::sync::Arc;

use super::context::{self, Context, now};
use super::drive::drain_request;
use super::frame::Frame;
use super::handle::{self, Kind};
use super::types::{
    LCCSCF_ACCEPT_TLS_DOWNGRADE_REDIRECTS, LCCSCF_ALLOW_EXPIRED, LCCSCF_ALLOW_INSECURE,
    LCCSCF_ALLOW_SELFSIGNED, LCCSCF_CACHE_COOKIES, LCCSCF_CONMON, LCCSCF_H2_MANUAL_RXFLOW,
    LCCSCF_H2_PRIOR_KNOWLEDGE, LCCSCF_H2_QUIRK_OVERFLOWS_TXCR, LCCSCF_HTTP_MULTIPART_MIME,
    LCCSCF_HTTP_NO_CACHE_CONTROL, LCCSCF_HTTP_NO_FOLLOW_REDIRECT,
    LCCSCF_HTTP_X_WWW_FORM_URLENCODED, LCCSCF_IP_HIGH_RELIABILITY, LCCSCF_IP_HIGH_THROUGHPUT,
    LCCSCF_IP_LOW_COST, LCCSCF_IP_LOW_LATENCY, LCCSCF_PIPELINE,
    LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK, LCCSCF_USE_SSL, lws, lws_client_connect_info,
};
use super::{blobs, log_cx, logs, service, text, vhost, ws, wsi};
use crate::engine::auth::Auth;
use crate::engine::connect::Request;
use crate::engine::matching::{IpService, Place, lists};
use crate::engine::role::Role;
use crate::engine::table::Key;
use crate::engine::vhost::{Vhost, VhostConfig};
use crate::engine::ws::Validity;
use crate::engine::wsi::{Ask, FormKind, Method, Wsi};
use crate::engine::{LLL_ERR, LLL_WARN};
use crate::net::tls::Trust;
use crate::proto::Fault;
use crate::proto::h1::{check_target, check_value};
use crate::proto::ws::Rules;

/// Makes a request. Everything that `ccinfo` points at is copied, but `userdata`, `opaque_user_data` and `retry_and_idle_policy`.
///
/// Returns its handle, good until its WSI_DESTROY returned, or NULL when nothing was accepted: then one log line says why,
/// `*pwsi` is NULL, and no callback came or will come. Whatever goes wrong later is CLIENT_CONNECTION_ERROR's, from the loop.
///
/// Requests with LCCSCF_PIPELINE to the same place, with the same trust, share one connection. Any thread may call it; the
/// callbacks that come inside (BIND_PROTOCOL, WSI_CREATE, SERVER_NEW_CLIENT_INSTANTIATED) come on the caller's.
///
/// # Safety
///
/// `ccinfo` is NULL or filled in as its members say.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_client_connect_via_info(
    ccinfo: *const lws_client_connect_info,
) -> *mut lws {
    // SAFETY: NULL or readable, by this function's contract.
    let Some(info) = (unsafe { ccinfo.as_ref() }) else {
        logs::emit(LLL_ERR, "lws_client_connect_via_info: ccinfo is NULL");
        return ptr::null_mut();
    };
    if !info.pwsi.is_null() {
        // SAFETY: NULL or writable, as the member says.
        unsafe { info.pwsi.write(ptr::null_mut()) };
    }
    let Some(context) = context::of(info.context, "lws_client_connect_via_info") else {
        return ptr::null_mut();
    };
    let frame = Frame::enter(&context);
    service::initialise(&context);
    // SAFETY: `info` is filled in as its members say, by this function's contract.
    let made = match unsafe { accept(&context, info) } {
        Ok(made) => made,
        Err(line) => {
            let line = format!("lws_client_connect_via_info: {line}");
            log_cx::say(chosen(&context, info), None, LLL_ERR, &line);
            ptr::null_mut()
        }
    };
    frame.leave();
    made
}

/// The log context of a request that is not there: its own, the vhost's or the context's.
fn chosen(context: &Arc<Context>, info: &lws_client_connect_info) -> usize {
    if !info.log_cx.is_null() {
        return info.log_cx.expose_provenance();
    }
    let vhost = choose_vhost(context, info).ok();
    let held = context.hold();
    let vhost = vhost.and_then(|vhost| held.vhosts.get(vhost));
    vhost.map_or(context.settings.log_cx, |vhost| vhost.config.log_cx)
}

/// # Safety
///
/// `info` is filled in as its members say.
unsafe fn accept(
    context: &Arc<Context>,
    info: &lws_client_connect_info,
) -> Result<*mut lws, String> {
    let vhost = choose_vhost(context, info)?;
    if info.sys_tls_client_cert != 0 {
        blobs::client_cert_items(info.sys_tls_client_cert)?;
    }
    let parent = wsi::parent_of_new(context, info.parent_wsi)?;
    // SAFETY: by this function's contract.
    let strings = unsafe { Strings::read(info) }?;
    let unplaced;
    let key = {
        let mut held = context.hold();
        let engine = &mut *held;
        if engine.stopping {
            return Err("the context is being destroyed".into());
        }
        engine.now = now();
        let entry = engine.vhosts.get(vhost).ok_or("the vhost is gone")?;
        let defaults = Defaults::of(&entry.config);
        let named = strings
            .protocol
            .map(|name| (name, entry.protocol_named(name)));
        let protocol = named.and_then(|(_, found)| found);
        let request = Request {
            place: strings.place(info, vhost, defaults.alpn.as_deref())?,
            // SAFETY: by this function's contract.
            ask: unsafe { strings.ask(info, &defaults) }?,
            protocol: protocol.unwrap_or(0),
            bound: protocol.is_some(),
            user: info.userdata.expose_provenance(),
            opaque: info.opaque_user_data.expose_provenance(),
            parent,
        };
        let key = engine
            .accept(request)
            .ok_or("out of memory for one more request")?;
        if let Some((name, None)) = named {
            let line = format!(
                "lws_client_connect_via_info: no protocol {name:?}: the first one is called"
            );
            engine.log_wsi(key, LLL_WARN, line);
        }
        // Before the lock goes, for then a line is logged, and the program's emitter may throw.
        unplaced = Unplaced { context, key };
        key
    };
    let made = handle::wsi_pointer(context.slot, Kind::Request, key);
    if !info.pwsi.is_null() {
        // SAFETY: NULL or writable, as the member says; the call has not returned.
        unsafe { info.pwsi.write(made) };
    }
    drain_request(context, key);
    std::mem::forget(unplaced);
    let mut held = context.hold();
    held.now = now();
    held.place(key);
    Ok(made)
}

/// An exception leaves the connect call: what is left of it is the loop's.
pub(super) struct Unplaced<'a> {
    pub(super) context: &'a Arc<Context>,
    pub(super) key: Key<Wsi>,
}

impl Drop for Unplaced<'_> {
    fn drop(&mut self) {
        self.context.hold().place_later(self.key);
    }
}

fn choose_vhost(
    context: &Arc<Context>,
    info: &lws_client_connect_info,
) -> Result<Key<Vhost>, String> {
    if info.vhost.is_null() {
        let found = context.hold().default_vhost();
        return found
            .ok_or_else(|| "the context has no vhost: make one with lws_create_vhost()".into());
    }
    let Some((owner, key)) = vhost::find(info.vhost) else {
        return Err("vhost is not a live vhost".into());
    };
    if !Arc::ptr_eq(&owner, context) {
        return Err("vhost is another context's".into());
    }
    if owner.hold().vhosts.get(key).is_none_or(|vhost| vhost.dying) {
        return Err("vhost is being destroyed".into());
    }
    Ok(key)
}

/// What a vhost says for requests that do not.
struct Defaults {
    alpn: Option<Arc<str>>,
    validate_utf8: bool,
    validity: Validity,
}

impl Defaults {
    fn of(config: &VhostConfig) -> Self {
        Self {
            alpn: config.alpn.clone(),
            validate_utf8: config.validate_utf8,
            validity: config.validity,
        }
    }
}

/// The strings of a request, read and checked.
struct Strings<'a> {
    address: &'a str,
    path: &'a str,
    host: Option<&'a str>,
    origin: Option<&'a str>,
    method: Method,
    role: Role,
    alpn: Option<&'a str>,
    iface: Option<&'a str>,
    protocol: Option<&'a str>,
    subprotocols: Option<&'a str>,
    user: Option<&'a str>,
    password: &'a str,
}

impl<'a> Strings<'a> {
    /// # Safety
    ///
    /// `info` is filled in as its members say, and stays so for `'a`.
    unsafe fn read(info: &'a lws_client_connect_info) -> Result<Self, String> {
        let read = |member: &str, pointer: *const c_char| {
            // SAFETY: NULL or a string, by this function's contract.
            let found = unsafe { text::text_if_any(pointer) };
            found.map_err(|why| format!("{member} is {why}"))
        };
        let checked = |member: &str, pointer: *const c_char| match read(member, pointer)? {
            Some(found) => match check_value(found.as_bytes()) {
                Ok(()) => Ok(Some(found)),
                Err(Fault::App(why) | Fault::Peer(why)) => Err(format!("{member}: {why}")),
            },
            None => Ok(None),
        };
        let method = read("method", info.method)?;
        let role = match method {
            None => Role::Ws,
            Some("RAW") => Role::Raw,
            Some(_) => Role::Http,
        };
        let path = read("path", info.path)?.unwrap_or("/");
        check_target(path).map_err(|fault| format!("path: {}", fault.text()))?;
        let local = read("local_protocol_name", info.local_protocol_name)?;
        let protocol = match local {
            Some(name) => Some(name),
            None => read("protocol", info.protocol)?,
        };
        Ok(Self {
            address: checked("address", info.address)?.ok_or("address is NULL or empty")?,
            path,
            host: checked("host", info.host)?,
            origin: checked("origin", info.origin)?,
            method: match method.filter(|_| role == Role::Http) {
                None => Method::Get,
                Some(method) => Method::parse(method).ok_or_else(|| unknown_method(method))?,
            },
            role,
            alpn: read("alpn", info.alpn)?,
            iface: read("iface", info.iface)?,
            protocol,
            subprotocols: match role {
                Role::Ws => checked("protocol", info.protocol)?,
                _ => None,
            },
            user: {
                // SAFETY: NULL or a string, by this function's contract.
                let user = unsafe { text::text(info.auth_username) };
                user.map_err(|why| format!("auth_username is {why}"))?
            },
            password: read("auth_password", info.auth_password)?.unwrap_or_default(),
        })
    }

    fn place<'b>(
        &self,
        info: &lws_client_connect_info,
        vhost: Key<Vhost>,
        vhost_alpn: Option<&'b str>,
    ) -> Result<Place<'b>, String>
    where
        'a: 'b,
    {
        let has = |flag: i32| info.ssl_connection & flag != 0;
        let unix = self.address.starts_with('+');
        let port = u16::try_from(info.port)
            .ok()
            .filter(|port| unix || *port > 0);
        let raw = self.role == Role::Raw;
        let alpn = match self.role {
            Role::Http => self.alpn.or(vhost_alpn),
            // A server that takes h2 may know no ws on it: the program has to ask for that.
            Role::Ws => self.alpn.or(Some("http/1.1")),
            _ => self.alpn,
        };
        let spoken = |list: &str| lists(list, "h2") || lists(list, "http/1.1");
        if let Some(list) = alpn.filter(|list| !raw && has(LCCSCF_USE_SSL) && !spoken(list)) {
            return Err(format!(
                "alpn {list:?} has neither h2 nor http/1.1, which are what is spoken: add one"
            ));
        }
        Ok(Place {
            vhost,
            address: self.address,
            port: port.ok_or_else(|| format!("port {} is out of range 1..65535", info.port))?,
            host: self.host,
            tls: has(LCCSCF_USE_SSL),
            trust: Trust {
                selfsigned: has(LCCSCF_ALLOW_SELFSIGNED),
                skip_hostname: has(LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK),
                expired: has(LCCSCF_ALLOW_EXPIRED),
                insecure: has(LCCSCF_ALLOW_INSECURE),
            },
            alpn,
            h2_prior_knowledge: has(LCCSCF_H2_PRIOR_KNOWLEDGE) && !raw,
            client_cert: info.sys_tls_client_cert,
            iface: self.iface,
            local_port: u16::try_from(info.local_port)
                .map_err(|_| format!("local_port {} is out of range 0..65535", info.local_port))?,
            ip: IpService {
                priority: info.priority,
                low_latency: has(LCCSCF_IP_LOW_LATENCY),
                high_throughput: has(LCCSCF_IP_HIGH_THROUGHPUT),
                high_reliability: has(LCCSCF_IP_HIGH_RELIABILITY),
                low_cost: has(LCCSCF_IP_LOW_COST),
            },
            proxy: None, // the vhost's, as the request is accepted
        })
    }

    fn offers_h2(&self) -> bool {
        self.alpn.is_some_and(|list| lists(list, "h2"))
    }

    /// # Safety
    ///
    /// `info` is filled in as its members say.
    unsafe fn ask(&self, info: &lws_client_connect_info, vhost: &Defaults) -> Result<Ask, String> {
        let has = |flag: i32| info.ssl_connection & flag != 0;
        let tls = has(LCCSCF_USE_SSL);
        let mut ask = Ask::new(self.path, self.origin, self.method);
        ask.role = self.role;
        ask.subprotocols = self.subprotocols.map(Into::into);
        ask.deflate = self.role == Role::Ws;
        ask.ws = Rules {
            validate_utf8: vhost.validate_utf8,
            allow_reserved_bits: info.allow_reserved_bits != 0,
            allow_unknown_opcode: info.allow_unknown_opcode != 0,
            compression: false,
        };
        // SAFETY: NULL or a policy, by this function's contract.
        ask.validity =
            unsafe { ws::validity(info.retry_and_idle_policy) }.unwrap_or(vhost.validity);
        ask.pipeline = has(LCCSCF_PIPELINE)
            && match self.role {
                Role::Http => true,
                // On h1 it has its connection to itself.
                Role::Ws => has(LCCSCF_H2_PRIOR_KNOWLEDGE) || (tls && self.offers_h2()),
                _ => false,
            };
        ask.follow = !has(LCCSCF_HTTP_NO_FOLLOW_REDIRECT);
        ask.downgrade = has(LCCSCF_ACCEPT_TLS_DOWNGRADE_REDIRECTS);
        ask.no_cache_control = has(LCCSCF_HTTP_NO_CACHE_CONTROL);
        ask.form = match self.role {
            Role::Http if has(LCCSCF_HTTP_MULTIPART_MIME) => FormKind::Multipart,
            Role::Http if has(LCCSCF_HTTP_X_WWW_FORM_URLENCODED) => FormKind::Urlencoded,
            _ => FormKind::None,
        };
        ask.keep_warm = info.keep_warm_secs;
        ask.fix_windows = has(LCCSCF_H2_QUIRK_OVERFLOWS_TXCR);
        let credit = u32::try_from(info.manual_initial_tx_credit).unwrap_or(0);
        ask.manual_rx = has(LCCSCF_H2_MANUAL_RXFLOW).then_some(credit);
        ask.conmon = has(LCCSCF_CONMON);
        ask.log_cx = info.log_cx.expose_provenance();
        ask.retry = info.retry_and_idle_policy.expose_provenance();
        ask.cookies = has(LCCSCF_CACHE_COOKIES);
        ask.auth = self.auth()?.map(Box::new);
        Ok(ask)
    }

    fn auth(&self) -> Result<Option<Auth>, String> {
        // Either may be empty: servers that take a token have it as the password of nobody.
        let somebody = |user: &&str| !(user.is_empty() && self.password.is_empty());
        let Some(user) = self
            .user
            .filter(somebody)
            .filter(|_| self.role != Role::Raw)
        else {
            return Ok(None);
        };
        let made = Auth::new(user, self.password);
        made.map(Some)
            .map_err(|why| format!("auth_username, auth_password: {why}"))
    }
}

fn unknown_method(method: &str) -> String {
    format!(
        "method {method:?} is not one of GET HEAD POST PUT PATCH DELETE OPTIONS, nor RAW, nor NULL for a ws"
    )
}
