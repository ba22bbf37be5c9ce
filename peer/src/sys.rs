//! The only place that makes raw system calls: waiting on descriptors and ending sockets rudely.

use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::raw::{c_int, c_short};

/// Waits until one of `fds` has something to say; true for each one that has.
pub(crate) fn wait_any(fds: &[(BorrowedFd<'_>, c_short)], timeout_ms: c_int) -> Vec<bool> {
    let mut set: Vec<libc::pollfd> = fds
        .iter()
        .map(|(fd, events)| libc::pollfd {
            fd: fd.as_raw_fd(),
            events: *events,
            revents: 0,
        })
        .collect();
    loop {
        // SAFETY: `set` is a live array of exactly the length that is passed.
        let n = unsafe { libc::poll(set.as_mut_ptr(), set.len() as libc::nfds_t, timeout_ms) };
        if n >= 0 || std::io::Error::last_os_error().kind() != std::io::ErrorKind::Interrupted {
            return set.iter().map(|p| p.revents != 0).collect();
        }
    }
}

/// Closing this socket will send RST instead of FIN.
pub(crate) fn reset_on_close(fd: BorrowedFd<'_>) {
    let linger = libc::linger {
        l_onoff: 1,
        l_linger: 0,
    };
    // SAFETY: the option value is a live `linger` of the size that is passed.
    unsafe {
        libc::setsockopt(
            fd.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_LINGER,
            (&raw const linger).cast(),
            size_of::<libc::linger>() as libc::socklen_t,
        )
    };
}

/// One byte a segment needs Nagle off. Not meant for unix sockets, where it fails and does not matter.
pub(crate) fn no_delay(fd: BorrowedFd<'_>) {
    let on: c_int = 1;
    // SAFETY: the option value is a live `int` of the size that is passed.
    unsafe {
        libc::setsockopt(
            fd.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_NODELAY,
            (&raw const on).cast(),
            size_of::<c_int>() as libc::socklen_t,
        )
    };
}

/// Ends both directions, so that the thread that serves it wakes with end of file.
pub(crate) fn shutdown(fd: BorrowedFd<'_>) {
    // SAFETY: takes a descriptor and touches no memory.
    unsafe { libc::shutdown(fd.as_raw_fd(), libc::SHUT_RDWR) };
}

/// What the client sends can still be read.
pub(crate) fn end_writing(fd: BorrowedFd<'_>) {
    // SAFETY: takes a descriptor and touches no memory.
    unsafe { libc::shutdown(fd.as_raw_fd(), libc::SHUT_WR) };
}

/// Of every name of the socket.
pub(crate) fn set_nonblocking(fd: BorrowedFd<'_>) {
    // SAFETY: takes a descriptor and touches no memory.
    let flags = unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_GETFL) };
    // SAFETY: takes a descriptor and touches no memory.
    unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFL, flags | libc::O_NONBLOCK) };
}

/// std listens with a short queue; bursts of solo requests need a long one.
pub(crate) fn listen_longer(fd: BorrowedFd<'_>) {
    // SAFETY: takes a descriptor and touches no memory.
    unsafe { libc::listen(fd.as_raw_fd(), 4096) };
}
