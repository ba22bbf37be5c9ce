//! The only place that makes datagram sockets, and moves datagrams.

use std::ffi::c_int;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use super::addr::RawAddr;
use super::errno::{errno_name, last};
use super::socket::{checked, set_int};
use super::transport::{Io, Kind, Transport};

/// LWS_CAUDP_ flags.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct UdpFlags {
    /// It waits at the address; without, the address is whom it talks with.
    pub(crate) bind: bool,
    pub(crate) broadcast: bool,
}

/// A socket that is bound, or connected, to `addr`: datagrams can come and go.
pub(crate) fn open(
    addr: &SocketAddr,
    flags: UdpFlags,
    iface: Option<&str>,
) -> Result<Transport, String> {
    let failed = |what: &str, error: &io::Error| {
        let errno = errno_name(error.raw_os_error().unwrap_or(0));
        format!("conn fail: {what}: {errno} for {addr}")
    };
    let fd = create(addr).map_err(|error| failed("skt creation", &error))?;
    set_int(&fd, libc::SOL_SOCKET, libc::SO_REUSEADDR, 1).map_err(|e| failed("skt options", &e))?;
    if flags.broadcast {
        set_int(&fd, libc::SOL_SOCKET, libc::SO_BROADCAST, 1)
            .map_err(|e| failed("skt options", &e))?;
    }
    if let Some(iface) = iface {
        bind_to_device(&fd, iface)
            .map_err(|error| format!("{}, interface {iface:?}", failed("socket bind", &error)))?;
    }
    let raw = RawAddr::from(addr);
    let done = match flags.bind {
        // SAFETY: `raw` is a whole address of the length it tells.
        true => unsafe { libc::bind(fd.as_raw_fd(), raw.as_ptr(), raw.len()) },
        // SAFETY: as above. It never waits: nothing is sent.
        false => unsafe { libc::connect(fd.as_raw_fd(), raw.as_ptr(), raw.len()) },
    };
    let what = if flags.bind { "socket bind" } else { "connect" };
    checked(done).map_err(|error| failed(what, &error))?;
    Ok(Transport::adopted(fd, Kind::Datagrams))
}

fn create(addr: &SocketAddr) -> io::Result<OwnedFd> {
    let family = match addr {
        SocketAddr::V4(_) => libc::AF_INET,
        SocketAddr::V6(_) => libc::AF_INET6,
    };
    let kind = libc::SOCK_DGRAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
    // SAFETY: no pointers.
    let fd = checked(unsafe { libc::socket(family, kind, libc::IPPROTO_UDP) })?;
    // SAFETY: a new fd that nobody else has.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

pub(super) fn bind_to_device(fd: &OwnedFd, iface: &str) -> io::Result<c_int> {
    let (from, len) = (iface.as_ptr().cast(), iface.len() as libc::socklen_t);
    let (level, option) = (libc::SOL_SOCKET, libc::SO_BINDTODEVICE);
    // SAFETY: `from` has `len` readable bytes.
    checked(unsafe { libc::setsockopt(fd.as_raw_fd(), level, option, from, len) })
}

/// One datagram, and who sent it.
pub(super) fn receive(fd: RawFd, buf: &mut [u8]) -> (Io, Option<SocketAddr>) {
    loop {
        let mut n = -1;
        let from = RawAddr::filled(|from, len| {
            // SAFETY: `buf` has room for as many bytes as said, and `from` for as many as `len` says.
            n = unsafe { libc::recvfrom(fd, buf.as_mut_ptr().cast(), buf.len(), 0, from, len) };
            if n < 0 { -1 } else { 0 }
        });
        if n >= 0 {
            let io = Io::Done {
                n: n as usize,
                more: true,
            };
            return (io, from.and_then(|from| from.inet()));
        }
        match last() {
            libc::EINTR => {}
            libc::EAGAIN => return (Io::WantRead, None),
            errno => return (Io::Failed(errno_name(errno).into()), None),
        }
    }
}

/// One datagram, to whom it is connected with when `to` is nobody.
pub(super) fn send(fd: RawFd, buf: &[u8], to: Option<&SocketAddr>) -> Io {
    let raw = to.map(RawAddr::from);
    let (to, len) = raw
        .as_ref()
        .map_or((std::ptr::null(), 0), |raw| (raw.as_ptr(), raw.len()));
    let flags = libc::MSG_NOSIGNAL;
    super::transport::written(|| {
        // SAFETY: as many readable bytes as said, and NULL or a whole address.
        unsafe { libc::sendto(fd, buf.as_ptr().cast(), buf.len(), flags, to, len) }
    })
}
