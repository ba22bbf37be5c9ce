//! The only place that knows how C lays out a socket's address.

use std::fmt;
use std::mem::{self, offset_of};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use libc::{
    sa_family_t, sockaddr, sockaddr_in, sockaddr_in6, sockaddr_storage, sockaddr_un, socklen_t,
};

/// Where a connection goes, or where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Addr {
    Inet(SocketAddr),
    /// A path in the file system.
    Unix(Vec<u8>),
    /// A name in Linux's abstract namespace.
    Abstract(Vec<u8>),
}

/// sun_path less its terminator; an abstract name loses one byte to its leading NUL instead.
const UNIX_MAX: usize = 107;

const PATH_AT: usize = offset_of!(sockaddr_un, sun_path);

impl Addr {
    /// lws writes unix sockets as "+path" and "+@name".
    pub(crate) fn unix(address: impl AsRef<[u8]>) -> Result<Self, String> {
        let Some(name) = address.as_ref().strip_prefix(b"+") else {
            return Err("conn fail: a unix socket's address starts with '+'".into());
        };
        let (name, make): (_, fn(Vec<u8>) -> Self) = match name.strip_prefix(b"@") {
            Some(name) => (name, Self::Abstract),
            None => (name, Self::Unix),
        };
        if name.is_empty() || name.contains(&0) {
            return Err("conn fail: the unix socket's name is empty or has a NUL in it".into());
        }
        if name.len() > UNIX_MAX {
            return Err(format!(
                "conn fail: ENAMETOOLONG: a unix socket's name has {} bytes, {UNIX_MAX} is the most; use a shorter one",
                name.len()
            ));
        }
        Ok(make(name.to_vec()))
    }

    /// None for a unix socket.
    pub(crate) fn inet(&self) -> Option<SocketAddr> {
        match self {
            Self::Inet(inet) => Some(*inet),
            Self::Unix(_) | Self::Abstract(_) => None,
        }
    }

    pub(super) fn family(&self) -> i32 {
        match self {
            Self::Inet(SocketAddr::V4(_)) => libc::AF_INET,
            Self::Inet(SocketAddr::V6(_)) => libc::AF_INET6,
            Self::Unix(_) | Self::Abstract(_) => libc::AF_UNIX,
        }
    }
}

/// "1.2.3.4:80", "[::1]:80", "+/path", "+@name".
impl fmt::Display for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inet(inet) => inet.fmt(f),
            Self::Unix(path) => write!(f, "+{}", String::from_utf8_lossy(path)),
            Self::Abstract(name) => write!(f, "+@{}", String::from_utf8_lossy(name)),
        }
    }
}

/// A `struct sockaddr *` with its length, as system calls take and give it.
pub(super) struct RawAddr {
    storage: sockaddr_storage,
    len: socklen_t,
}

impl RawAddr {
    /// Room for any address; `fill` gets the pointers for it.
    pub(super) fn filled(fill: impl FnOnce(*mut sockaddr, *mut socklen_t) -> i32) -> Option<Self> {
        let mut raw = Self::of(sockaddr_zero(), size::<sockaddr_storage>());
        (fill((&raw mut raw.storage).cast(), &raw mut raw.len) == 0).then_some(raw)
    }

    pub(super) fn as_ptr(&self) -> *const sockaddr {
        (&raw const self.storage).cast()
    }

    pub(super) fn len(&self) -> socklen_t {
        self.len
    }

    /// None for families that are not ours.
    pub(super) fn addr(&self) -> Option<Addr> {
        match i32::from(self.storage.ss_family) {
            libc::AF_UNIX => Some(unix_addr(&self.read(), self.len as usize)),
            _ => self.inet().map(Addr::Inet),
        }
    }

    pub(super) fn inet(&self) -> Option<SocketAddr> {
        match i32::from(self.storage.ss_family) {
            libc::AF_INET if self.len >= size::<sockaddr_in>() => Some(v4_addr(&self.read())),
            libc::AF_INET6 if self.len >= size::<sockaddr_in6>() => Some(v6_addr(&self.read())),
            _ => None,
        }
    }

    fn of<T: CSockaddr>(value: T, len: socklen_t) -> Self {
        // SAFETY: all bytes zero is a valid sockaddr_storage: it holds integers alone.
        let mut storage: sockaddr_storage = unsafe { mem::zeroed() };
        // SAFETY: sockaddr_storage is as large and as aligned as any CSockaddr, by its definition.
        unsafe { (&raw mut storage).cast::<T>().write(value) };
        Self { storage, len }
    }

    fn read<T: CSockaddr>(&self) -> T {
        // SAFETY: as in `of`; every bit pattern is a valid T, which holds integers alone.
        unsafe { self.as_ptr().cast::<T>().read() }
    }
}

impl From<&Addr> for RawAddr {
    fn from(addr: &Addr) -> Self {
        match addr {
            Addr::Inet(inet) => inet.into(),
            Addr::Unix(path) => {
                Self::of(unix_raw(path, 0), (PATH_AT + path.len() + 1) as socklen_t)
            }
            Addr::Abstract(name) => {
                Self::of(unix_raw(name, 1), (PATH_AT + name.len() + 1) as socklen_t)
            }
        }
    }
}

impl From<&SocketAddr> for RawAddr {
    fn from(addr: &SocketAddr) -> Self {
        match addr {
            SocketAddr::V4(v4) => Self::of(
                sockaddr_in {
                    sin_family: libc::AF_INET as sa_family_t,
                    sin_port: v4.port().to_be(),
                    sin_addr: libc::in_addr {
                        s_addr: u32::from_ne_bytes(v4.ip().octets()),
                    },
                    sin_zero: [0; 8],
                },
                size::<sockaddr_in>(),
            ),
            SocketAddr::V6(v6) => Self::of(
                sockaddr_in6 {
                    sin6_family: libc::AF_INET6 as sa_family_t,
                    sin6_port: v6.port().to_be(),
                    sin6_flowinfo: v6.flowinfo(),
                    sin6_addr: libc::in6_addr {
                        s6_addr: v6.ip().octets(),
                    },
                    sin6_scope_id: v6.scope_id(),
                },
                size::<sockaddr_in6>(),
            ),
        }
    }
}

/// The address behind a pointer that the system gave us (getaddrinfo, getifaddrs).
///
/// # Safety
///
/// `from` is NULL or points to an address as long as its family says.
pub(super) unsafe fn inet_behind(from: *const sockaddr) -> Option<SocketAddr> {
    // SAFETY: NULL or readable, by this function's contract.
    let family = unsafe { from.as_ref() }?.sa_family;
    match i32::from(family) {
        libc::AF_INET => {
            // SAFETY: the family says that a sockaddr_in is there; malloc'd memory may not be aligned for it.
            let v4 = unsafe { from.cast::<sockaddr_in>().read_unaligned() };
            Some(v4_addr(&v4))
        }
        libc::AF_INET6 => {
            // SAFETY: as above, a sockaddr_in6.
            let v6 = unsafe { from.cast::<sockaddr_in6>().read_unaligned() };
            Some(v6_addr(&v6))
        }
        _ => None,
    }
}

/// Structs that a sockaddr_storage is made to hold.
trait CSockaddr: Copy {}
impl CSockaddr for sockaddr_in {}
impl CSockaddr for sockaddr_in6 {}
impl CSockaddr for sockaddr_un {}
impl CSockaddr for sockaddr_storage {}

fn sockaddr_zero() -> sockaddr_storage {
    // SAFETY: all bytes zero is a valid sockaddr_storage: it holds integers alone.
    unsafe { mem::zeroed() }
}

fn size<T: CSockaddr>() -> socklen_t {
    size_of::<T>() as socklen_t
}

fn v4_addr(raw: &sockaddr_in) -> SocketAddr {
    let ip = Ipv4Addr::from(raw.sin_addr.s_addr.to_ne_bytes());
    SocketAddr::new(IpAddr::V4(ip), u16::from_be(raw.sin_port))
}

fn v6_addr(raw: &sockaddr_in6) -> SocketAddr {
    let ip = Ipv6Addr::from(raw.sin6_addr.s6_addr);
    SocketAddr::V6(SocketAddrV6::new(
        ip,
        u16::from_be(raw.sin6_port),
        raw.sin6_flowinfo,
        raw.sin6_scope_id,
    ))
}

fn unix_raw(name: &[u8], at: usize) -> sockaddr_un {
    let mut raw = sockaddr_un {
        sun_family: libc::AF_UNIX as sa_family_t,
        sun_path: [0; 108],
    };
    for (to, from) in raw.sun_path.iter_mut().skip(at).zip(name) {
        *to = *from as libc::c_char;
    }
    raw
}

/// An unnamed peer (a socketpair, an unbound client) is an empty path.
fn unix_addr(raw: &sockaddr_un, len: usize) -> Addr {
    let held: Vec<u8> = raw
        .sun_path
        .iter()
        .take(len.saturating_sub(PATH_AT))
        .map(|&c| c as u8)
        .collect();
    match held.split_first() {
        Some((0, name)) => Addr::Abstract(name.to_vec()),
        _ => Addr::Unix(
            held.split(|&byte| byte == 0)
                .next()
                .unwrap_or_default()
                .to_vec(),
        ),
    }
}
