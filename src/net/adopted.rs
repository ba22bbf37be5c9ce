//! The only place that takes over a descriptor that somebody else made.

use std::ffi::c_int;
use std::io;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};

use super::errno::errno_name;
use super::socket::{checked, int_option};
use super::transport::{Kind, Transport};

/// From here on it is the transport's to close. It is made not to block, which whoever else has it shares.
pub(crate) fn take(fd: RawFd, kind: Kind) -> Result<Transport, String> {
    let flags = fcntl(fd, libc::F_GETFL, 0)?;
    fcntl(fd, libc::F_SETFL, flags | libc::O_NONBLOCK)?;
    // SAFETY: open, as fcntl found just now, and the caller's to give.
    let owned = unsafe { OwnedFd::from_raw_fd(fd) };
    Ok(Transport::adopted(owned, kind))
}

/// Another descriptor for the same file, which programs that are exec'd do not get.
pub(crate) fn duplicate(fd: RawFd) -> Result<RawFd, String> {
    fcntl(fd, libc::F_DUPFD_CLOEXEC, 3)
}

/// Whether it blocks; who shares the file with others leaves that as it was.
pub(crate) fn status(fd: RawFd) -> Result<c_int, String> {
    fcntl(fd, libc::F_GETFL, 0)
}

pub(crate) fn set_status(fd: RawFd, flags: c_int) {
    // It was theirs a moment ago, so nothing is to be refused.
    let _ = fcntl(fd, libc::F_SETFL, flags);
}

/// Some bytes; 0 is the end. `None`: not now.
pub(crate) fn read(fd: RawFd, into: &mut [u8]) -> Result<Option<usize>, String> {
    // SAFETY: `into` is writable as far as its length.
    let n = unsafe { libc::read(fd, into.as_mut_ptr().cast(), into.len()) };
    if let Ok(n) = usize::try_from(n) {
        return Ok(Some(n));
    }
    let error = io::Error::last_os_error();
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => Ok(None),
        _ => Err(errno_name(error.raw_os_error().unwrap_or(0)).to_string()),
    }
}

/// What says that this is no socket to talk on.
pub(crate) fn unfit(fd: RawFd, kind: Kind) -> Option<String> {
    let ask = |option| int_option(fd, libc::SOL_SOCKET, option).ok();
    let Some(found) = ask(libc::SO_TYPE) else {
        return (kind != Kind::File).then(|| format!("fd {fd} is no socket"));
    };
    match kind {
        Kind::Datagrams if found != libc::SOCK_DGRAM => {
            Some(format!("fd {fd} is no datagram socket"))
        }
        Kind::Stream if ask(libc::SO_ACCEPTCONN) == Some(1) => Some(format!(
            "fd {fd} listens, and nothing is served here: accept() from it, and hand in what that gives"
        )),
        _ => None,
    }
}

fn fcntl(fd: RawFd, what: c_int, value: c_int) -> Result<c_int, String> {
    // SAFETY: no pointers; an fd that is not open is refused by the system.
    let result = checked(unsafe { libc::fcntl(fd, what, value) });
    result.map_err(|error: io::Error| {
        let errno = error.raw_os_error().unwrap_or(0);
        format!("fd {fd} cannot be used: {}", errno_name(errno))
    })
}
