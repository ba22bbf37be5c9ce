//! The only place that turns a name into addresses, without blocking the loop.

use std::ffi::CString;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::os::fd::RawFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) use super::fork::fork_epoch;
use super::lookups::{self, Lookup};
use super::socket::Addr;
use super::wake::Wake;

/// Which addresses are of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Any,
    V4,
}

/// What became of a lookup.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) ticket: u64,
    /// In the system's order (RFC 6724), or the reason's text.
    pub(crate) result: Result<Vec<SocketAddr>, String>,
}

impl Answer {
    pub(crate) fn addresses(self) -> Result<Vec<Addr>, String> {
        let addrs = self.result?;
        Ok(addrs.into_iter().map(Addr::Inet).collect())
    }
}

/// Where answers wait for their context. A lookup holds this and nothing else of a context.
///
/// It belongs to the process that made it: in a forked child every call here is a no-op (the parent's resolver thread may
/// have held the lock at the fork), nothing asked before the fork is answered, and the context makes a new one.
#[derive(Debug)]
pub(crate) struct Mailbox {
    epoch: u32,
    slot: Mutex<Slot>,
}

/// Closed is a state of its own, so that an answer that comes late finds neither a list nor an fd.
#[derive(Debug)]
enum Slot {
    Open { answers: Vec<Answer>, wake: RawFd },
    Closed,
}

/// The address, when `host` is one: never a lookup. Takes v4, v6, v6 in brackets, and v6 with a scope.
pub(crate) fn literal(host: &str, port: u16) -> Option<SocketAddr> {
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    if let Some((ip, scope)) = bare.unwrap_or(host).split_once('%') {
        return Some(SocketAddr::V6(SocketAddrV6::new(
            ip.parse().ok()?,
            port,
            0,
            scope_id(scope)?,
        )));
    }
    let ip = match bare {
        Some(bare) => IpAddr::V6(bare.parse::<Ipv6Addr>().ok()?),
        None => host.parse().ok()?,
    };
    Some(SocketAddr::new(ip, port))
}

/// Asks for `host`; the answer goes to `mailbox` with `ticket` on it. Err: it could not even be asked.
pub(crate) fn submit(
    host: &str,
    port: u16,
    family: Family,
    ticket: u64,
    mailbox: &Arc<Mailbox>,
) -> Result<(), String> {
    let host = CString::new(host)
        .map_err(|_| "DNS NXDOMAIN: the host name has a NUL in it".to_string())?;
    lookups::push(Lookup {
        host,
        port,
        family,
        ticket,
        mailbox: Arc::clone(mailbox),
    })
}

impl Mailbox {
    /// Rings `wake_fd` when it gets an answer, until it is closed.
    pub(crate) fn new(wake_fd: RawFd) -> Self {
        let slot = Mutex::new(Slot::Open {
            answers: Vec::new(),
            wake: wake_fd,
        });
        Self {
            epoch: fork_epoch(),
            slot,
        }
    }

    /// Moves what has come to the end of `out`.
    pub(crate) fn drain(&self, out: &mut Vec<Answer>) {
        if let Some(Slot::Open { answers, .. }) = self.lock().as_deref_mut() {
            out.append(answers);
        }
    }

    /// The answer, of a mailbox that is for one.
    pub(crate) fn take_one(&self) -> Option<Answer> {
        match self.lock().as_deref_mut() {
            Some(Slot::Open { answers, .. }) => answers.pop(),
            _ => None,
        }
    }

    /// Something has come.
    pub(crate) fn has_answers(&self) -> bool {
        self.lock()
            .is_some_and(|slot| matches!(&*slot, Slot::Open { answers, .. } if !answers.is_empty()))
    }

    /// Returns at once. From then on the wake fd is not touched, so it may be closed; late answers are dropped.
    pub(crate) fn close(&self) {
        let closed = self
            .lock()
            .map(|mut slot| std::mem::replace(&mut *slot, Slot::Closed));
        drop(closed); // answers are freed with the lock given back
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().is_none_or(|slot| matches!(*slot, Slot::Closed))
    }

    /// The bell is rung under the lock: `close` must not return between the look at the fd and the write to it.
    pub(super) fn put(&self, answer: Answer) {
        if let Some(Slot::Open { answers, wake }) = self.lock().as_deref_mut() {
            answers.push(answer);
            Wake::ring(*wake);
        }
    }

    fn lock(&self) -> Option<MutexGuard<'_, Slot>> {
        (self.epoch == fork_epoch())
            .then(|| self.slot.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// RFC 4007 §11: the zone is an interface's name or its number.
fn scope_id(scope: &str) -> Option<u32> {
    if let Ok(number) = scope.parse() {
        return Some(number);
    }
    let name = CString::new(scope).ok()?;
    // SAFETY: `name` is NUL-terminated.
    let index = unsafe { libc::if_nametoindex(name.as_ptr()) };
    (index != 0).then_some(index)
}
