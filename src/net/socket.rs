//! The only place that makes, binds and connects a socket.

use std::ffi::{CStr, c_int};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;

pub(crate) use super::addr::Addr;
use super::addr::{RawAddr, inet_behind};
pub(crate) use super::errno::errno_name;
use super::errno::last;
use super::transport::Transport;
use super::udp::{self, UdpFlags};

/// What a request may ask of its socket.
#[derive(Debug, Clone, Default)]
pub(crate) struct SocketOptions {
    /// Seconds idle, probes, seconds between them; a zero leaves the system's own figure.
    pub(crate) keepalive: Option<(c_int, c_int, c_int)>,
    /// The local interface's name or address.
    pub(crate) iface: Option<String>,
    /// 0: any.
    pub(crate) local_port: u16,
    pub(crate) priority: Option<u8>,
    pub(crate) ip: IpFlags,
    /// It is for datagrams.
    pub(crate) udp: Option<UdpFlags>,
}

/// LCCSCF_IP_*: hints for the type-of-service byte.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct IpFlags {
    pub(crate) low_latency: bool,
    pub(crate) high_throughput: bool,
    pub(crate) high_reliability: bool,
    pub(crate) low_cost: bool,
}

/// How far a connect has come.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Connecting {
    Done,
    /// Wait until the socket is writable, then ask `outcome`.
    InProgress,
    Failed(String),
}

/// A socket that can connect to `addr`, as `options` want it: CLOEXEC, not blocking, no Nagle delay.
pub(crate) fn open(addr: &Addr, options: &SocketOptions) -> Result<Transport, String> {
    if let (Some(flags), Addr::Inet(addr)) = (options.udp, addr) {
        return udp::open(addr, flags, options.iface.as_deref());
    }
    let fd = create(addr.family()).map_err(|e| format!("conn fail: skt creation: {}", name(&e)))?;
    if let Addr::Inet(peer) = addr {
        set_options(&fd, options).map_err(|e| format!("conn fail: skt options: {}", name(&e)))?;
        set_hints(&fd, peer, options);
        if options.iface.is_some() || options.local_port != 0 {
            bind_local(&fd, peer, options).map_err(|e| bind_text(&e, options))?;
        }
    }
    Ok(Transport::plain(fd))
}

/// Starts the connect; it never waits.
pub(crate) fn connect(transport: &Transport, addr: &Addr) -> Connecting {
    let raw = RawAddr::from(addr);
    // SAFETY: `raw` is a whole address of the length it tells.
    if unsafe { libc::connect(transport.fd(), raw.as_ptr(), raw.len()) } == 0 {
        return Connecting::Done;
    }
    match last() {
        libc::EISCONN => Connecting::Done,
        // An interrupted connect goes on by itself (POSIX), and its end shows as writable.
        libc::EINPROGRESS | libc::EALREADY | libc::EINTR => Connecting::InProgress,
        errno => failed(errno),
    }
}

/// What became of a connect, once the socket is writable (or hung up).
pub(crate) fn outcome(transport: &Transport) -> Connecting {
    let fd = transport.fd();
    match socket_error(fd) {
        Ok(0) if peer_name(fd).is_some() => Connecting::Done,
        Ok(0) if !settled(fd) => Connecting::InProgress,
        Ok(0) => failed(libc::ENOTCONN),
        Ok(errno) => failed(errno),
        Err(e) => failed(e.raw_os_error().unwrap_or(0)),
    }
}

/// Who is at the other end.
pub(crate) fn peer_name(fd: RawFd) -> Option<Addr> {
    // SAFETY: both pointers are to room that `filled` owns, and the length tells how much.
    RawAddr::filled(|to, len| unsafe { libc::getpeername(fd, to, len) })?.addr()
}

/// No more will be sent; what comes in may still be read.
#[cfg(test)]
pub(crate) fn shutdown_write(fd: RawFd) {
    // SAFETY: no pointers; an fd that is not a connected socket is refused by the system.
    unsafe { libc::shutdown(fd, libc::SHUT_WR) };
}

/// OpenSSL writes with write(2), which raises SIGPIPE on a connection that the peer has closed.
pub(crate) fn ignore_sigpipe() {
    // SAFETY: SIG_IGN is a valid disposition for SIGPIPE.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
}

fn failed(errno: c_int) -> Connecting {
    Connecting::Failed(format!("conn fail: {}", errno_name(errno)))
}

fn name(error: &io::Error) -> &'static str {
    errno_name(error.raw_os_error().unwrap_or(0))
}

fn bind_text(error: &io::Error, options: &SocketOptions) -> String {
    format!(
        "conn fail: socket bind: {} for iface {:?}, local port {}; give an address or interface of this machine, of \
         the peer's family",
        name(error),
        options.iface.as_deref().unwrap_or("any"),
        options.local_port
    )
}

fn create(family: c_int) -> io::Result<OwnedFd> {
    let kind = libc::SOCK_STREAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
    // SAFETY: no pointers.
    let fd = checked(unsafe { libc::socket(family, kind, 0) })?;
    // SAFETY: a new fd that nobody else has.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

fn set_options(fd: &OwnedFd, options: &SocketOptions) -> io::Result<()> {
    set_int(fd, libc::IPPROTO_TCP, libc::TCP_NODELAY, 1)?;
    let Some((time, probes, interval)) = options.keepalive else {
        return Ok(());
    };
    set_int(fd, libc::SOL_SOCKET, libc::SO_KEEPALIVE, 1)?;
    for (option, value) in [
        (libc::TCP_KEEPIDLE, time),
        (libc::TCP_KEEPCNT, probes),
        (libc::TCP_KEEPINTVL, interval),
    ] {
        if value > 0 {
            set_int(fd, libc::IPPROTO_TCP, option, value)?;
        }
    }
    Ok(())
}

/// Hints lose no request: a priority above 6 needs a privilege, and a refusal only means the ordinary service.
fn set_hints(fd: &OwnedFd, peer: &SocketAddr, options: &SocketOptions) {
    let tos = tos_byte(options.ip);
    if tos != 0 {
        let (level, option) = match peer {
            SocketAddr::V4(_) => (libc::IPPROTO_IP, libc::IP_TOS),
            SocketAddr::V6(_) => (libc::IPPROTO_IPV6, libc::IPV6_TCLASS),
        };
        let _ = set_int(fd, level, option, tos);
    }
    // After the TOS byte, which sets a priority of its own.
    if let Some(priority) = options.priority {
        let _ = set_int(
            fd,
            libc::SOL_SOCKET,
            libc::SO_PRIORITY,
            c_int::from(priority),
        );
    }
}

/// RFC 1349's bits.
fn tos_byte(flags: IpFlags) -> c_int {
    let IpFlags {
        low_latency,
        high_throughput,
        high_reliability,
        low_cost,
    } = flags;
    [
        (low_latency, 0x10),
        (high_throughput, 0x08),
        (high_reliability, 0x04),
        (low_cost, 0x02),
    ]
    .into_iter()
    .filter_map(|(wanted, bit)| wanted.then_some(bit))
    .sum()
}

fn bind_local(fd: &OwnedFd, peer: &SocketAddr, options: &SocketOptions) -> io::Result<()> {
    let mut local = match options.iface.as_deref() {
        Some(iface) => local_address(iface, peer)?,
        None => any_address(peer),
    };
    local.set_port(options.local_port);
    if options.local_port == 0 {
        // The port is chosen at connect(), so one local port serves many peers. Only an economy: errors do not matter.
        let _ = set_int(fd, libc::IPPROTO_IP, libc::IP_BIND_ADDRESS_NO_PORT, 1);
    } else {
        // The previous connection from this port may be in TIME_WAIT.
        set_int(fd, libc::SOL_SOCKET, libc::SO_REUSEADDR, 1)?;
    }
    let raw = RawAddr::from(&local);
    // SAFETY: `raw` is a whole address of the length it tells.
    checked(unsafe { libc::bind(fd.as_raw_fd(), raw.as_ptr(), raw.len()) }).map(|_| ())
}

fn any_address(peer: &SocketAddr) -> SocketAddr {
    let ip = match peer {
        SocketAddr::V4(_) => IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED),
        SocketAddr::V6(_) => IpAddr::V6(std::net::Ipv6Addr::UNSPECIFIED),
    };
    SocketAddr::new(ip, 0)
}

fn local_address(iface: &str, peer: &SocketAddr) -> io::Result<SocketAddr> {
    if let Some(literal) = super::resolve::literal(iface, 0) {
        return match literal.is_ipv4() == peer.is_ipv4() {
            true => Ok(literal),
            false => Err(io::Error::from_raw_os_error(libc::EAFNOSUPPORT)),
        };
    }
    let mut found = addresses_of(iface)?;
    found.retain(|a| a.is_ipv4() == peer.is_ipv4());
    // A link-local peer is reached from a link-local address, any other from one with a wider scope.
    let same_reach = found.iter().find(|a| link_local(a) == link_local(peer));
    same_reach
        .or_else(|| found.first())
        .copied()
        .ok_or_else(|| io::Error::from_raw_os_error(libc::ENODEV))
}

fn link_local(addr: &SocketAddr) -> bool {
    match addr.ip() {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}

/// getifaddrs' list, freed once.
struct Interfaces(*mut libc::ifaddrs);

impl Drop for Interfaces {
    fn drop(&mut self) {
        // SAFETY: getifaddrs gave the list, and nobody else frees it.
        unsafe { libc::freeifaddrs(self.0) };
    }
}

/// The addresses of an interface; `None` when there is no such one, or the system does not say.
pub(crate) fn interface_addresses(name: &[u8]) -> Option<Vec<IpAddr>> {
    let iface = std::str::from_utf8(name).ok()?;
    let terminated = std::ffi::CString::new(name).ok()?;
    // SAFETY: a terminated string.
    if unsafe { libc::if_nametoindex(terminated.as_ptr()) } == 0 {
        return None;
    }
    let found = addresses_of(iface).ok()?;
    Some(found.iter().map(SocketAddr::ip).collect())
}

fn addresses_of(iface: &str) -> io::Result<Vec<SocketAddr>> {
    let mut first = ptr::null_mut();
    // SAFETY: `first` is where the list's head goes.
    checked(unsafe { libc::getifaddrs(&raw mut first) })?;
    let list = Interfaces(first);
    let mut found = Vec::new();
    let mut at = list.0;
    // SAFETY: NULL or an entry of the list, which lives as long as `list`.
    while let Some(entry) = unsafe { at.as_ref() } {
        // SAFETY: every entry has a name, NUL-terminated.
        let name = unsafe { CStr::from_ptr(entry.ifa_name) };
        if name.to_bytes() == iface.as_bytes() {
            // SAFETY: NULL or an address as its family says, by getifaddrs' contract.
            found.extend(unsafe { inet_behind(entry.ifa_addr) });
        }
        at = entry.ifa_next;
    }
    Ok(found)
}

fn socket_error(fd: RawFd) -> io::Result<c_int> {
    int_option(fd, libc::SOL_SOCKET, libc::SO_ERROR)
}

/// What a socket says of itself, where that is an int.
pub(super) fn int_option(fd: RawFd, level: c_int, option: c_int) -> io::Result<c_int> {
    let mut value: c_int = 0;
    let mut len = size_of::<c_int>() as libc::socklen_t;
    let to = (&raw mut value).cast();
    // SAFETY: `to` has room for an int, and `len` says so.
    checked(unsafe { libc::getsockopt(fd, level, option, to, &raw mut len) })?;
    Ok(value)
}

/// False while a connect is really still under way: a socket that is neither ready nor hung up.
fn settled(fd: RawFd) -> bool {
    let mut ask = libc::pollfd {
        fd,
        events: libc::POLLOUT,
        revents: 0,
    };
    // SAFETY: one pollfd, as the count says.
    let ready = unsafe { libc::poll(&raw mut ask, 1, 0) };
    ready != 0
}

pub(super) fn set_int(fd: &OwnedFd, level: c_int, option: c_int, value: c_int) -> io::Result<()> {
    let len = size_of::<c_int>() as libc::socklen_t;
    let from = (&raw const value).cast();
    // SAFETY: `from` points to the int of `len` bytes that these options take.
    checked(unsafe { libc::setsockopt(fd.as_raw_fd(), level, option, from, len) }).map(|_| ())
}

pub(super) fn checked(result: c_int) -> io::Result<c_int> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}
