//! The only place that wakes a waiting loop.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use super::socket::checked;

/// An eventfd: readable from the first `ring` until `clear`.
#[derive(Debug)]
pub(crate) struct Wake {
    fd: OwnedFd,
}

impl Wake {
    pub(crate) fn new() -> io::Result<Self> {
        // SAFETY: no pointers.
        let fd = checked(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) })?;
        // SAFETY: a new fd that nobody else has.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        Ok(Self { fd })
    }

    /// To be closed by somebody else.
    pub(crate) fn into_fd(self) -> OwnedFd {
        self.fd
    }

    pub(crate) fn fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }

    /// From any thread and from a signal handler: one write(2), errno as it was. A full counter is rung already.
    pub(crate) fn ring(fd: RawFd) {
        // SAFETY: each thread's errno has an address for as long as the thread lives.
        let errno = unsafe { libc::__errno_location() };
        // SAFETY: as above; readable.
        let before = unsafe { errno.read() };
        let one = 1u64;
        // SAFETY: eight readable bytes, as eventfd takes them.
        unsafe { libc::write(fd, (&raw const one).cast(), size_of::<u64>()) };
        // SAFETY: as above; writable.
        unsafe { errno.write(before) };
    }

    pub(crate) fn clear(&self) {
        let mut count = 0u64;
        // SAFETY: room for eight bytes; EAGAIN says that nobody rang.
        unsafe { libc::read(self.fd(), (&raw mut count).cast(), size_of::<u64>()) };
    }
}
