//! The only place that takes in descriptors which the program opened itself.

use std::ffi::{c_char, c_int};
use std::ptr;
use std::sync::Arc;

use super::context::{self, Context, now};
use super::drive::drain_request;
use super::frame::Frame;
use super::handle::{self, Kind};
use super::types::{
    lws, lws_adopt_desc, lws_adoption_type, lws_context, lws_sock_file_fd_type, lws_sockfd_type,
    lws_vhost,
};
use super::wsi::parent_of_new;
use super::{logs, outside, service, text, vhost};
use crate::engine::LLL_ERR;
use crate::engine::adopt::{ADOPTED, Handed};
use crate::engine::conn::Conn;
use crate::engine::connect::Request;
use crate::engine::matching::{IpService, Place};
use crate::engine::role::Role;
use crate::engine::table::Key;
use crate::engine::vhost::Vhost;
use crate::engine::wsi::{Ask, Method, Wsi};
use crate::net::adopted;
use crate::net::socket::peer_name;
use crate::net::tls::Trust;
use crate::net::transport::{self, Transport};
use crate::net::udp::UdpFlags;

/// Takes in a connected socket as a raw request: WSI_CREATE (to the vhost's first protocol), RAW_SKT_BIND_PROTOCOL and RAW_ADOPT come
/// before this returns, RAW_RX, RAW_WRITEABLE and RAW_CLOSE from the loop. A file (`type` LWS_ADOPT_RAW_FILE_DESC: a pipe, a tty, an
/// eventfd or timerfd) has the callbacks ending in _FILE, and the program reads it itself in RAW_RX_FILE; there and in
/// RAW_WRITEABLE_FILE any nonzero return closes it. The descriptor is made not to block, and closed at the end.
///
/// Returns NULL, after a log line, when the vhost or the protocol is not there, the descriptor cannot be used or is in use here,
/// `type` asks for a server, which is not provided, `parent` is neither NULL nor a live
/// request of the vhost's context, or RAW_ADOPT returned nonzero. A socket is closed then, a
/// file is still the caller's.
///
/// # Safety
///
/// `vh_prot_name` is NULL or a string. The descriptor is the caller's to give.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_adopt_descriptor_vhost(
    vh: *mut lws_vhost,
    r#type: lws_adoption_type,
    fd: lws_sock_file_fd_type,
    vh_prot_name: *const c_char,
    parent: *mut lws,
) -> *mut lws {
    let info = lws_adopt_desc {
        vh,
        r#type,
        fd,
        vh_prot_name,
        parent,
        opaque: ptr::null_mut(),
        fi_wsi_name: ptr::null(),
    };
    // SAFETY: by this function's contract.
    unsafe { adopt("lws_adopt_descriptor_vhost", &info) }
}

/// lws_adopt_descriptor_vhost() with its arguments in a struct, and the opaque pointer that the callbacks find from the first on.
///
/// # Safety
///
/// `info` is NULL or filled in as its members say. The descriptor is the caller's to give.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_adopt_descriptor_vhost_via_info(
    info: *const lws_adopt_desc,
) -> *mut lws {
    // SAFETY: NULL or readable, by this function's contract.
    let Some(info) = (unsafe { info.as_ref() }) else {
        logs::emit(LLL_ERR, "lws_adopt_descriptor_vhost_via_info: info is NULL");
        return ptr::null_mut();
    };
    // SAFETY: by this function's contract.
    unsafe { adopt("lws_adopt_descriptor_vhost_via_info", info) }
}

/// Takes in a socket that the program accepted, for the context's default vhost; see lws_adopt_socket_vhost().
///
/// # Safety
///
/// The descriptor is the caller's to give.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_adopt_socket(
    context: *mut lws_context,
    accept_fd: lws_sockfd_type,
) -> *mut lws {
    let vhost = default_vhost(context, "lws_adopt_socket");
    // SAFETY: by this function's contract; nothing was read before.
    unsafe { accepted("lws_adopt_socket", vhost, accept_fd, ptr::null(), 0) }
}

/// Takes in a socket that the program accepted. Only for a vhost whose sockets are raw: LWS_SERVER_OPTION_ADOPT_APPLY_LISTEN_ACCEPT_CONFIG
/// with `listen_accept_role` "raw-skt"; the protocol that is called is `listen_accept_protocol`, or the first. Any other vhost
/// would serve http on it, which is not provided: the socket is closed, and NULL returned after a log line. A socket for a named
/// protocol goes to lws_adopt_descriptor_vhost() with LWS_ADOPT_SOCKET, whatever the vhost.
///
/// # Safety
///
/// The descriptor is the caller's to give.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_adopt_socket_vhost(
    vh: *mut lws_vhost,
    accept_fd: lws_sockfd_type,
) -> *mut lws {
    // SAFETY: by this function's contract; nothing was read before.
    unsafe { accepted("lws_adopt_socket_vhost", vh, accept_fd, ptr::null(), 0) }
}

/// lws_adopt_socket() with what the program has read of it already: RAW_RX begins with that.
///
/// # Safety
///
/// `readbuf` has `len` readable bytes. The descriptor is the caller's to give.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_adopt_socket_readbuf(
    context: *mut lws_context,
    accept_fd: lws_sockfd_type,
    readbuf: *const c_char,
    len: usize,
) -> *mut lws {
    let vhost = default_vhost(context, "lws_adopt_socket_readbuf");
    // SAFETY: by this function's contract.
    unsafe { accepted("lws_adopt_socket_readbuf", vhost, accept_fd, readbuf, len) }
}

/// lws_adopt_socket_vhost() with what the program has read of it already: RAW_RX begins with that.
///
/// # Safety
///
/// `readbuf` has `len` readable bytes. The descriptor is the caller's to give.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_adopt_socket_vhost_readbuf(
    vhost: *mut lws_vhost,
    accept_fd: lws_sockfd_type,
    readbuf: *const c_char,
    len: usize,
) -> *mut lws {
    let what = "lws_adopt_socket_vhost_readbuf";
    // SAFETY: by this function's contract.
    unsafe { accepted(what, vhost, accept_fd, readbuf, len) }
}

/// The request that has this descriptor; the connection's own handle when requests share it as streams; NULL when nobody has it.
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn wsi_from_fd(context: *const lws_context, fd: c_int) -> *mut lws {
    let found = context::of(context, "wsi_from_fd").filter(|_| fd >= 0);
    let Some(context) = found else {
        return ptr::null_mut();
    };
    match context.hold().riding_fd(fd) {
        Some((_, Some(leader))) => handle::wsi_pointer(context.slot, Kind::Request, leader),
        Some((at, None)) => handle::wsi_pointer(context.slot, Kind::Conn, at),
        None => ptr::null_mut(),
    }
}

fn default_vhost(context: *mut lws_context, what: &str) -> *mut lws_vhost {
    let Some(context) = context::of(context, what) else {
        return ptr::null_mut();
    };
    let found = context.hold().default_vhost();
    found.map_or(ptr::null_mut(), |key| {
        handle::vhost_pointer(context.slot, key)
    })
}

/// # Safety
///
/// `readbuf` has `len` readable bytes. The descriptor is the caller's to give.
unsafe fn accepted(
    what: &str,
    vhost: *mut lws_vhost,
    fd: lws_sockfd_type,
    readbuf: *const c_char,
    len: usize,
) -> *mut lws {
    // SAFETY: by this function's contract.
    let first = unsafe { text::buffer(readbuf.cast(), len) };
    let config = vhost::find(vhost).and_then(|(context, key)| {
        let held = context.hold();
        let config = &held.vhosts.get(key)?.config;
        Some((config.accepts_raw, config.accept_protocol.clone()))
    });
    let (raw, protocol) = config.unwrap_or((true, None));
    Taking {
        what,
        vhost,
        role: match raw {
            true => Ok(Role::Adopted),
            false => Err(
                "the vhost would serve http on it, and nothing is served here: use lws_adopt_descriptor_vhost() with LWS_ADOPT_SOCKET, or make the vhost with LWS_SERVER_OPTION_ADOPT_APPLY_LISTEN_ACCEPT_CONFIG and listen_accept_role \"raw-skt\"",
            ),
        },
        protocol: protocol.as_deref(),
        parent: ptr::null_mut(),
        opaque: 0,
        first: first.unwrap_or_default(),
        udp: UdpFlags::default(),
    }
    .take(fd, transport::Kind::Stream)
}

/// # Safety
///
/// `info` is filled in as its members say, and its descriptor the caller's to give.
unsafe fn adopt(what: &str, info: &lws_adopt_desc) -> *mut lws {
    // SAFETY: both members are the same integer.
    let fd = unsafe { info.fd.sockfd };
    let file = info.r#type.0 & lws_adoption_type::SOCKET.0 == 0;
    let role = role_of(info.r#type);
    // SAFETY: NULL or a string, by this function's contract.
    let protocol = unsafe { text::text(info.vh_prot_name) };
    Taking {
        what,
        vhost: info.vh,
        role: protocol.and(role),
        protocol: protocol.unwrap_or_default(),
        parent: info.parent,
        opaque: info.opaque.expose_provenance(),
        first: &[],
        udp: UdpFlags::default(),
    }
    .take(
        fd,
        match role {
            _ if file => transport::Kind::File,
            Ok(Role::Datagrams) => transport::Kind::Datagrams,
            _ => transport::Kind::Stream,
        },
    )
}

fn role_of(flags: lws_adoption_type) -> Result<Role, &'static str> {
    let has = |flag: lws_adoption_type| flags.0 & flag.0 != 0;
    if has(lws_adoption_type::HTTP) {
        return Err("LWS_ADOPT_HTTP: nothing is served here: leave it out for a raw socket");
    }
    if has(lws_adoption_type::ALLOW_SSL) {
        return Err(
            "LWS_ADOPT_ALLOW_SSL: nothing is served here, over TLS or without: leave it out",
        );
    }
    match flags {
        lws_adoption_type::RAW_FILE_DESC => Ok(Role::File),
        lws_adoption_type::SOCKET => Ok(Role::Adopted),
        lws_adoption_type::RAW_SOCKET_UDP => Ok(Role::Datagrams),
        _ => Err(
            "type: LWS_ADOPT_RAW_FILE_DESC, LWS_ADOPT_SOCKET and LWS_ADOPT_RAW_SOCKET_UDP are what can be adopted",
        ),
    }
}

/// A descriptor on its way in.
pub(super) struct Taking<'a> {
    pub(super) what: &'a str,
    pub(super) vhost: *mut lws_vhost,
    /// What it will speak, or why it is refused.
    pub(super) role: Result<Role, &'static str>,
    pub(super) protocol: Option<&'a str>,
    pub(super) parent: *mut lws,
    pub(super) opaque: usize,
    pub(super) first: &'a [u8],
    pub(super) udp: UdpFlags,
}

impl Taking<'_> {
    fn take(&self, fd: c_int, kind: transport::Kind) -> *mut lws {
        match adopted::take(fd, kind) {
            Ok(transport) => self.begin(Given {
                transport: Some(transport),
                kind,
            }),
            Err(line) => self.refuse(&line),
        }
    }

    fn refuse(&self, line: &str) -> *mut lws {
        logs::emit(LLL_ERR, &format!("{}: {line}", self.what));
        ptr::null_mut()
    }

    /// What is refused goes as `Given` goes.
    pub(super) fn begin(&self, mut given: Given) -> *mut lws {
        let fd = given.fd();
        let Some((context, vhost)) = vhost::find(self.vhost) else {
            return self.refuse("vhost is NULL or not a live vhost");
        };
        if let Some(line) = adopted::unfit(fd, given.kind) {
            return self.refuse(&line);
        }
        let frame = Frame::enter(&context);
        service::initialise(&context);
        let made = match self.accept(&context, vhost, fd) {
            Ok((key, at)) => settle(&context, key, at, given),
            Err(line) => {
                if context.hold().riding_fd(fd).is_some() {
                    given.kind = transport::Kind::File; // it is somebody's already, and not for us to close
                }
                self.refuse(&line)
            }
        };
        frame.leave();
        made
    }

    fn accept(
        &self,
        context: &Arc<Context>,
        vhost: Key<Vhost>,
        fd: c_int,
    ) -> Result<(Key<Wsi>, Key<Conn>), String> {
        let role = self.role?;
        let parent = parent_of_new(context, self.parent)?;
        let peer = peer_name(fd);
        let handed = Handed {
            fd,
            peer: peer.as_ref().and_then(|peer| peer.inet()),
            connected: peer.is_some(),
            first: self.first,
        };
        let mut held = context.hold();
        held.now = now();
        if held.stopping {
            return Err("the context is being destroyed".into());
        }
        let protocol = self.protocol_of(held.vhosts.get(vhost))?;
        let mut ask = Ask::new("/", None, Method::Get);
        ask.role = role;
        ask.udp = self.udp;
        let request = Request {
            place: place(vhost, ADOPTED, 0),
            ask,
            protocol,
            bound: true,
            user: 0,
            opaque: self.opaque,
            parent,
        };
        held.adopt(request, &handed)
    }

    /// The index of the protocol to call.
    pub(super) fn protocol_of(&self, vhost: Option<&Vhost>) -> Result<u16, String> {
        let vhost = vhost.filter(|vhost| !vhost.dying);
        let vhost = vhost.ok_or("the vhost is being destroyed")?;
        let Some(name) = self.protocol else {
            return Ok(0);
        };
        let found = vhost.protocol_named(name);
        found.ok_or_else(|| format!("the vhost has no protocol {name:?}"))
    }
}

/// Where nothing is shared with anybody: an address that says what it is.
pub(super) fn place(vhost: Key<Vhost>, address: &str, port: u16) -> Place<'_> {
    Place {
        vhost,
        address,
        port,
        host: None,
        tls: false,
        trust: Trust::default(),
        alpn: None,
        h2_prior_knowledge: false,
        client_cert: 0,
        iface: None,
        local_port: 0,
        ip: IpService::default(),
        proxy: None,
    }
}

/// The callbacks of the call; then the transport goes to where it belongs, if that is still there.
fn settle(context: &Arc<Context>, key: Key<Wsi>, at: Key<Conn>, mut given: Given) -> *mut lws {
    let left = Left { context, key };
    drain_request(context, key);
    context.hold().offer_adopted(key);
    drain_request(context, key);
    std::mem::forget(left);
    // What is refused is closed, or is the program's again, at once.
    outside::tell_all(context);
    let Some(transport) = given.transport.take() else {
        return ptr::null_mut();
    };
    let mut held = context.hold();
    held.now = now();
    match held.adopted(at, transport) {
        Ok(()) => handle::wsi_pointer(context.slot, Kind::Request, key),
        Err(transport) => {
            given.transport = Some(transport);
            ptr::null_mut()
        }
    }
}

/// An exception leaves the call: the loop delivers the last callbacks.
struct Left<'a> {
    context: &'a Arc<Context>,
    key: Key<Wsi>,
}

impl Drop for Left<'_> {
    fn drop(&mut self) {
        let why = "an exception left the call that adopted it";
        self.context.hold().cancel(self.key, why);
    }
}

/// A descriptor that nobody here has yet. If that stays so a socket is closed, and a file is the caller's, as it was.
pub(super) struct Given {
    transport: Option<Transport>,
    kind: transport::Kind,
}

impl Given {
    pub(super) fn datagrams(transport: Transport) -> Self {
        Self {
            transport: Some(transport),
            kind: transport::Kind::Datagrams,
        }
    }

    fn fd(&self) -> c_int {
        self.transport.as_ref().map_or(-1, Transport::fd)
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        match self.transport.take() {
            Some(transport) if self.kind == transport::Kind::File => transport.release(),
            Some(transport) => transport.close(false),
            None => {}
        }
    }
}
