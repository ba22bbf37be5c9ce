//! The only place that makes sockets for datagrams, and where a program sends one.

use std::ffi::{c_char, c_int, c_void};
use std::net::{Ipv4Addr, SocketAddr};
use std::ptr;
use std::sync::Arc;

use super::adopt::{Given, Taking, place};
use super::client::Unplaced;
use super::context::{Context, now};
use super::drive::drain_request;
use super::frame::Frame;
use super::handle::{self, Kind};
use super::types::{
    LWS_CAUDP_BIND, LWS_CAUDP_BROADCAST, LWS_CAUDP_PF_PACKET, lws, lws_retry_bo, lws_udp, lws_vhost,
};
use super::wsi::{parent_of_new, with_quietly};
use super::{logs, service, text, vhost};
use crate::engine::LLL_ERR;
use crate::engine::connect::Request;
use crate::engine::datagrams::Sending;
use crate::engine::role::Role;
use crate::engine::table::Key;
use crate::engine::wsi::{Ask, Method, Wsi};
use crate::net::resolve;
use crate::net::udp::{UdpFlags, open};

/// Makes a UDP socket and takes it in as a raw request: WSI_CREATE (to the vhost's first protocol), RAW_SKT_BIND_PROTOCOL and RAW_ADOPT,
/// then a RAW_RX for each datagram, of its whole length, RAW_WRITEABLE and RAW_CLOSE. With LWS_CAUDP_BIND it waits at `ads` and
/// `port`, without it sends to them and hears nobody else; LWS_CAUDP_BROADCAST lets it send to broadcast addresses. `ads` NULL is
/// 0.0.0.0, `port` 0 any that is free. `ifname` binds it to an interface. `retry_policy` and `fi_wsi_name` are not used.
///
/// For an address, or NULL, all comes before this returns: NULL, after a log line, when there is no such vhost or protocol, the
/// socket cannot be had, LWS_CAUDP_PF_PACKET is asked for, which is not provided, `parent_wsi` is neither NULL nor a live request
/// of the vhost's context, or RAW_ADOPT returned nonzero. A
/// name is looked up without keeping the loop: RAW_ADOPT comes from the loop, or CLIENT_CONNECTION_ERROR that says why not.
///
/// # Safety
///
/// `ads`, `protocol_name` and `ifname` are NULL or strings.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_create_adopt_udp(
    vhost: *mut lws_vhost,
    ads: *const c_char,
    port: c_int,
    flags: c_int,
    protocol_name: *const c_char,
    ifname: *const c_char,
    parent_wsi: *mut lws,
    opaque: *mut c_void,
    retry_policy: *const lws_retry_bo,
    fi_wsi_name: *const c_char,
) -> *mut lws {
    let _ = (retry_policy, fi_wsi_name);
    // SAFETY: NULL or strings, by this function's contract.
    let strings = unsafe { Strings::read(ads, protocol_name, ifname) };
    let wanted = strings.and_then(|strings| {
        let port = u16::try_from(port).map_err(|_| "port is out of range 0..65535")?;
        if flags & LWS_CAUDP_PF_PACKET != 0 {
            return Err("LWS_CAUDP_PF_PACKET: whole packets are not provided");
        }
        Ok((strings, port))
    });
    let (strings, port) = match wanted {
        Ok(wanted) => wanted,
        Err(line) => return refuse(line),
    };
    let taking = Taking {
        what: "lws_create_adopt_udp",
        vhost,
        role: Ok(Role::Datagrams),
        protocol: strings.protocol,
        parent: parent_wsi,
        opaque: opaque.expose_provenance(),
        first: &[],
        udp: UdpFlags {
            bind: flags & LWS_CAUDP_BIND != 0,
            broadcast: flags & LWS_CAUDP_BROADCAST != 0,
        },
    };
    match strings.literal(port) {
        Some(addr) => at_once(&taking, &addr, strings.iface),
        None => by_name(
            &taking,
            strings.address.unwrap_or_default(),
            port,
            strings.iface,
        ),
    }
}

struct Strings<'a> {
    address: Option<&'a str>,
    protocol: Option<&'a str>,
    iface: Option<&'a str>,
}

impl<'a> Strings<'a> {
    /// # Safety
    ///
    /// All are NULL or strings for `'a`.
    unsafe fn read(
        address: *const c_char,
        protocol: *const c_char,
        iface: *const c_char,
    ) -> Result<Self, &'static str> {
        // SAFETY: by this function's contract, as for all below.
        let address = unsafe { text::text_if_any(address) }.map_err(|_| "ads is not UTF-8")?;
        // SAFETY: as above.
        let protocol = unsafe { text::text(protocol) }.map_err(|_| "protocol_name is not UTF-8")?;
        // SAFETY: as above.
        let iface = unsafe { text::text_if_any(iface) }.map_err(|_| "ifname is not UTF-8")?;
        if address.is_some_and(|address| address.starts_with('+')) {
            return Err("ads: a unix socket is not one for datagrams here");
        }
        Ok(Self {
            address,
            protocol,
            iface,
        })
    }

    fn literal(&self, port: u16) -> Option<SocketAddr> {
        match self.address {
            None => Some(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))),
            Some(address) => resolve::literal(address, port),
        }
    }
}

fn refuse(line: &str) -> *mut lws {
    logs::emit(LLL_ERR, &format!("lws_create_adopt_udp: {line}"));
    ptr::null_mut()
}

fn at_once(taking: &Taking<'_>, addr: &SocketAddr, iface: Option<&str>) -> *mut lws {
    match open(addr, taking.udp, iface) {
        Ok(transport) => taking.begin(Given::datagrams(transport)),
        Err(line) => refuse(&line),
    }
}

fn by_name(taking: &Taking<'_>, address: &str, port: u16, iface: Option<&str>) -> *mut lws {
    let Some((context, key)) = vhost::find(taking.vhost) else {
        return refuse("vhost is NULL or not a live vhost");
    };
    let frame = Frame::enter(&context);
    service::initialise(&context);
    let parent = parent_of_new(&context, taking.parent);
    let accepted = {
        let mut held = context.hold();
        held.now = now();
        let protocol = taking.protocol_of(held.vhosts.get(key));
        let asked = protocol.and_then(|protocol| Ok((protocol, parent?)));
        asked.and_then(|(protocol, parent)| {
            let mut ask = Ask::new("/", None, Method::Get);
            ask.role = Role::Datagrams;
            ask.udp = taking.udp;
            let mut place = place(key, address, port);
            place.iface = iface;
            let request = Request {
                place,
                ask,
                protocol,
                bound: true,
                user: 0,
                opaque: taking.opaque,
                parent,
            };
            let stopping = held.stopping;
            let made = (!stopping).then(|| held.accept(request)).flatten();
            made.ok_or_else(|| "the context is being destroyed, or memory is short".into())
        })
    };
    let made = match accepted {
        Ok(key) => {
            look_up(&context, key);
            handle::wsi_pointer(context.slot, Kind::Request, key)
        }
        Err(line) => refuse(&line),
    };
    frame.leave();
    made
}

/// The callbacks of the call; the rest is the loop's.
fn look_up(context: &Arc<Context>, key: Key<Wsi>) {
    let unplaced = Unplaced { context, key };
    drain_request(context, key);
    std::mem::forget(unplaced);
    let mut held = context.hold();
    held.now = now();
    held.place(key);
}

/// Who sent the datagram of the last RAW_RX, and, until one has come, whom the socket talks with: `sa46`. lws_write() sends to it, so a
/// program that sets it chooses where to. NULL when the wsi is not one for datagrams. The same pointer until WSI_DESTROY returned.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_get_udp(wsi: *const lws) -> *const lws_udp {
    let found = with_quietly(wsi, "lws_get_udp", 0, |wsi| {
        wsi.udp.as_ref().map_or(0, |udp| udp.face.address())
    });
    ptr::with_exposed_provenance(found)
}

/// One datagram of the program's: `answer`, or -1.
pub(super) fn send(context: &Arc<Context>, key: Key<Wsi>, payload: &[u8], answer: c_int) -> c_int {
    let sending = context.hold().send_begin(key, payload);
    let sent = match sending {
        Sending::Refused(why) => Err(why.to_owned()),
        Sending::Kept => Ok(()),
        Sending::Wire {
            conn,
            mut transport,
            to,
        } => {
            let io = transport.send_to(payload, to.as_ref());
            let mut held = context.hold();
            held.send_returned(conn, transport, payload, to, io)
        }
    };
    match sent {
        Ok(()) => answer,
        Err(why) => {
            logs::emit(
                LLL_ERR,
                &format!("lws_write: the datagram was not sent: {why}"),
            );
            -1
        }
    }
}
