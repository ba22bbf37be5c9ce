//! The only place with threads: those that wait inside getaddrinfo, shared by all contexts.

use std::collections::VecDeque;
use std::ffi::{CStr, CString, c_int};
use std::mem::{self, MaybeUninit};
use std::net::SocketAddr;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::addr::inet_behind;
use super::errno::{errno_name, last};
use super::fork::fork_epoch;
use super::resolve::{Answer, Family, Mailbox};

/// One name to look up, and where the answer goes.
pub(super) struct Lookup {
    pub(super) host: CString,
    pub(super) port: u16,
    pub(super) family: Family,
    pub(super) ticket: u64,
    pub(super) mailbox: Arc<Mailbox>,
}

const THREADS_MAX: usize = 8;
const IDLE: Duration = Duration::from_secs(5);
const STACK: usize = 256 * 1024;

/// Puts a lookup before the threads, and makes a thread if none is free.
pub(super) fn push(lookup: Lookup) -> Result<(), String> {
    let pool = pool();
    let mut state = pool.lock();
    state.waiting.push_back(lookup);
    if state.waiting.len() <= state.idle || state.threads >= THREADS_MAX {
        drop(state);
        pool.bell.notify_one();
        return Ok(());
    }
    // The lock stays: if no thread can be had, the lookup that has to come out again is still the last one.
    match spawn(pool) {
        Ok(()) => state.threads += 1,
        Err(e) if state.threads == 0 => {
            state.waiting.pop_back();
            return Err(format!(
                "DNS: no thread for the resolver: {e}; raise the limit of threads or use an address"
            ));
        }
        Err(_) => {} // one of the others gets to it
    }
    Ok(())
}

/// The threads of one process and what waits for them.
struct Pool {
    epoch: u32,
    state: Mutex<State>,
    bell: Condvar,
}

struct State {
    waiting: VecDeque<Lookup>,
    threads: usize,
    /// Those of `threads` that wait for the bell.
    idle: usize,
}

impl Pool {
    const fn new(epoch: u32) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            threads: 0,
            idle: 0,
        };
        Self {
            epoch,
            state: Mutex::new(state),
            bell: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// None: nothing came for `IDLE`, and the thread is no longer counted.
    fn next(&self) -> Option<Lookup> {
        let mut state = self.lock();
        if state.waiting.is_empty() {
            state.idle += 1;
            let wait = self
                .bell
                .wait_timeout_while(state, IDLE, |state| state.waiting.is_empty());
            state = wait.unwrap_or_else(PoisonError::into_inner).0;
            state.idle -= 1;
        }
        let next = state.waiting.pop_front();
        if next.is_none() {
            state.threads -= 1;
        }
        next
    }
}

static FIRST: Pool = Pool::new(0);

/// The pool of a forked child; NULL in a process that never was one.
static FORKED: AtomicPtr<Pool> = AtomicPtr::new(ptr::null_mut());

/// This process's own: threads do not survive a fork, and a lock that one of them held stays locked in the child.
fn pool() -> &'static Pool {
    let epoch = fork_epoch();
    if epoch == FIRST.epoch {
        return &FIRST;
    }
    let found = FORKED.load(Ordering::Acquire);
    // SAFETY: NULL or a pool that was leaked below, so it is there for good.
    if let Some(pool) = unsafe { found.as_ref() }.filter(|pool| pool.epoch == epoch) {
        return pool;
    }
    let made = Box::into_raw(Box::new(Pool::new(epoch)));
    match FORKED.compare_exchange(found, made, Ordering::AcqRel, Ordering::Acquire) {
        // SAFETY: leaked on purpose, one a fork: nobody frees it.
        Ok(_) => unsafe { &*made },
        Err(theirs) => {
            // SAFETY: `made` came from Box::into_raw above and was not shown to anyone.
            drop(unsafe { Box::from_raw(made) });
            // SAFETY: another thread's, leaked as above and not NULL: only pools are stored.
            unsafe { &*theirs }
        }
    }
}

fn spawn(pool: &'static Pool) -> std::io::Result<()> {
    let _blocked = SignalsBlocked::new();
    let builder = thread::Builder::new()
        .name("lws-dns".into())
        .stack_size(STACK);
    builder
        .spawn(move || {
            while let Some(lookup) = pool.next() {
                lookup.run()
            }
        })
        .map(|_| ())
}

/// A thread inherits the mask it is born with: the program's signals are for the program's threads.
struct SignalsBlocked {
    before: libc::sigset_t,
}

impl SignalsBlocked {
    fn new() -> Self {
        let mut all = MaybeUninit::<libc::sigset_t>::uninit();
        let mut before = MaybeUninit::<libc::sigset_t>::zeroed();
        // SAFETY: room for one set.
        unsafe { libc::sigfillset(all.as_mut_ptr()) };
        // SAFETY: the set was filled just now, and `before` has room for one.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr()) };
        // SAFETY: written by the call above; all zero is a valid (empty) set as well.
        let before = unsafe { before.assume_init() };
        Self { before }
    }
}

impl Drop for SignalsBlocked {
    fn drop(&mut self) {
        // SAFETY: a set that the system gave us; NULL says that the present one is not wanted.
        unsafe {
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.before, ptr::null_mut())
        };
    }
}

impl Lookup {
    fn run(self) {
        if !self.mailbox.is_closed() {
            let answer = Answer {
                ticket: self.ticket,
                result: self.ask(),
            };
            self.mailbox.put(answer);
        }
    }

    /// No AI_ADDRCONFIG: a machine with loopback alone still resolves.
    fn ask(&self) -> Result<Vec<SocketAddr>, String> {
        // SAFETY: all zero is what the documentation asks of unused hints.
        let mut hints: libc::addrinfo = unsafe { mem::zeroed() };
        hints.ai_socktype = libc::SOCK_STREAM;
        hints.ai_family = match self.family {
            Family::Any => libc::AF_UNSPEC,
            Family::V4 => libc::AF_INET,
        };
        let mut first = ptr::null_mut();
        // SAFETY: each thread's errno has an address for as long as the thread lives.
        let errno = unsafe { libc::__errno_location() };
        // SAFETY: as above; writable.
        unsafe { errno.write(0) };
        // SAFETY: a NUL-terminated name, no service, whole hints, and where the list's head goes.
        let code = unsafe {
            libc::getaddrinfo(
                self.host.as_ptr(),
                ptr::null(),
                &raw const hints,
                &raw mut first,
            )
        };
        if code != 0 {
            return Err(fault(code, &self.host));
        }
        let found = Found(first).addresses(self.port);
        if found.is_empty() {
            Err(fault(libc::EAI_NONAME, &self.host))
        } else {
            Ok(found)
        }
    }
}

/// getaddrinfo's list, freed once.
struct Found(*mut libc::addrinfo);

impl Found {
    fn addresses(&self, port: u16) -> Vec<SocketAddr> {
        let mut addresses = Vec::new();
        let mut at = self.0;
        // SAFETY: NULL or an entry of the list, which lives as long as `self`.
        while let Some(entry) = unsafe { at.as_ref() } {
            // SAFETY: NULL or an address as its family says, by getaddrinfo's contract.
            if let Some(mut addr) = unsafe { inet_behind(entry.ai_addr) } {
                addr.set_port(port);
                addresses.push(addr);
            }
            at = entry.ai_next;
        }
        addresses
    }
}

impl Drop for Found {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: getaddrinfo gave the list, and nobody else frees it.
            unsafe { libc::freeaddrinfo(self.0) };
        }
    }
}

fn fault(code: c_int, host: &CStr) -> String {
    let errno = last();
    let host = host.to_string_lossy();
    match code {
        // glibc takes a file that it cannot open for one that is not there.
        libc::EAI_NONAME if matches!(errno, libc::EMFILE | libc::ENFILE) => {
            format!(
                "DNS {} for host {host:?}; raise the limit of open files",
                errno_name(errno)
            )
        }
        libc::EAI_NONAME => {
            format!("DNS NXDOMAIN: no such host {host:?}; check its spelling and /etc/hosts")
        }
        libc::EAI_SYSTEM => {
            format!(
                "DNS {} for host {host:?}; check the system's limits and resolver",
                errno_name(errno)
            )
        }
        _ => {
            // SAFETY: takes any code.
            let text = unsafe { libc::gai_strerror(code) };
            // SAFETY: it returns a static, NUL-terminated text.
            let text = unsafe { CStr::from_ptr(text) }.to_string_lossy();
            format!("DNS {text} for host {host:?}; check the network and /etc/resolv.conf")
        }
    }
}
