//! The only place that asks the kernel which sockets are ready.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;
use std::time::Duration;

use super::socket::checked;
pub(crate) use super::wake::Wake;

/// Level-triggered epoll; what it hands back is the token, so an fd may change hands without a call here.
#[derive(Debug)]
pub(crate) struct Poll {
    fd: OwnedFd,
}

/// What is wanted of an fd. With nothing wanted it stays out of epoll, whose HUP and ERR cannot be switched off and would
/// spin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Interest {
    pub(crate) read: bool,
    pub(crate) write: bool,
}

/// Whether the kernel took it.
pub(crate) type Registered = io::Result<()>;

/// One socket's news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ready {
    pub(crate) token: u64,
    pub(crate) readable: bool,
    pub(crate) writable: bool,
    /// ERR or HUP: reading or writing tells which.
    pub(crate) hangup: bool,
}

impl Interest {
    pub(crate) const NONE: Self = Self {
        read: false,
        write: false,
    };
    pub(crate) const READ: Self = Self {
        read: true,
        write: false,
    };
    pub(crate) const WRITE: Self = Self {
        read: false,
        write: true,
    };
    pub(crate) const BOTH: Self = Self {
        read: true,
        write: true,
    };

    /// As poll(2) has it.
    pub(crate) fn poll_events(self) -> i32 {
        let read = if self.read { libc::POLLIN } else { 0 };
        let write = if self.write { libc::POLLOUT } else { 0 };
        i32::from(read | write)
    }

    fn events(self) -> u32 {
        let read = if self.read { libc::EPOLLIN as u32 } else { 0 };
        let write = if self.write { libc::EPOLLOUT as u32 } else { 0 };
        read | write
    }
}

/// What epoll says of files that are never waited for: regular ones, directories, /dev/null.
pub(crate) fn unpollable(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::EPERM)
}

/// The most that one wait hands over; the rest comes with the next, level-triggered.
const AT_ONCE: usize = 256;

impl Poll {
    pub(crate) fn new() -> io::Result<Self> {
        // SAFETY: no pointers.
        let fd = checked(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
        // SAFETY: a new fd that nobody else has.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        Ok(Self { fd })
    }

    /// Makes the kernel's view `new`, which is `old` now; no system call when they are the same. fd -1 is nobody's.
    pub(crate) fn set(
        &self,
        fd: RawFd,
        token: u64,
        old: Interest,
        new: Interest,
    ) -> io::Result<()> {
        let (old, new) = (old.events(), new.events());
        if fd < 0 || old == new {
            return Ok(());
        }
        let op = match (old, new) {
            (0, _) => libc::EPOLL_CTL_ADD,
            (_, 0) => libc::EPOLL_CTL_DEL,
            _ => libc::EPOLL_CTL_MOD,
        };
        let mut event = libc::epoll_event {
            events: new,
            u64: token,
        };
        // SAFETY: `event` is read during the call; a stale fd or op is refused with an errno.
        checked(unsafe { libc::epoll_ctl(self.fd(), op, fd, &raw mut event) }).map(|_| ())
    }

    /// Waits, at most `timeout` (None: for ever), and replaces what `out` holds. A signal ends it with `Interrupted`.
    pub(crate) fn wait(&self, out: &mut Vec<Ready>, timeout: Option<Duration>) -> io::Result<()> {
        // On the stack and not in `self`: `set` is called from other threads meanwhile, and this needs no lock.
        let mut events = [const { MaybeUninit::<libc::epoll_event>::uninit() }; AT_ONCE];
        out.clear();
        let to = ptr::from_mut(&mut events).cast();
        // SAFETY: `to` has room for AT_ONCE events.
        let n =
            checked(unsafe { libc::epoll_wait(self.fd(), to, AT_ONCE as i32, millis(timeout)) })?;
        out.extend(events.iter().take(n as usize).map(|event| {
            // SAFETY: the kernel wrote the first `n` of them.
            ready(unsafe { event.assume_init_ref() })
        }));
        Ok(())
    }

    /// For a program that waits on it itself: readable when anything here is ready.
    pub(crate) fn fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }
}

fn ready(event: &libc::epoll_event) -> Ready {
    let (events, token) = (event.events, event.u64);
    let has = |bits: i32| events & bits as u32 != 0;
    Ready {
        token,
        readable: has(libc::EPOLLIN),
        writable: has(libc::EPOLLOUT),
        hangup: has(libc::EPOLLERR | libc::EPOLLHUP),
    }
}

/// Rounded up: a timer that is due in 0.3 ms must not be polled for in a loop of zero waits.
fn millis(timeout: Option<Duration>) -> i32 {
    timeout.map_or(-1, |t| {
        i32::try_from(t.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX)
    })
}
