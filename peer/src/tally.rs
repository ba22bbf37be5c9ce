//! The only place that counts: what arrived, in which order, and which gates are open. Tests wait on it.

use crate::h2::H2Counts;
use crate::orders::Order;
use crate::sys;
use crate::ws::WsCounts;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::File;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How connections are received.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    Normal,
    /// Nobody listens.
    Refuse,
    /// Accepts and never says a word, not even a handshake.
    AcceptMute,
    DieOnAccept,
}

impl Mode {
    pub(crate) fn of(word: &str) -> Option<Self> {
        match word {
            "normal" => Some(Self::Normal),
            "refuse" => Some(Self::Refuse),
            "accept-mute" => Some(Self::AcceptMute),
            "die-on-accept" => Some(Self::DieOnAccept),
            _ => None,
        }
    }
}

/// One request as it came.
pub(crate) struct Entry {
    pub(crate) conn: usize,
    pub(crate) nth: usize,
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) host: String,
    pub(crate) connection: String,
    pub(crate) head: Vec<u8>,
    pub(crate) body: usize,
    pub(crate) sum: u32,
}

#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) accepts: usize,
    pub(crate) closed: usize,
    pub(crate) handshakes: usize,
    /// Most connections that were open at once, with `--most`.
    pub(crate) most: usize,
    /// Connections on which bytes of the next request came before the response was out.
    pub(crate) ahead: usize,
    pub(crate) log: Vec<Entry>,
    /// A second name for each live socket, to end it from here.
    pub(crate) live: HashMap<usize, File>,
    pub(crate) last_tls: String,
    pub(crate) h2: H2Counts,
    pub(crate) ws: WsCounts,
    gates: HashMap<String, Gate>,
}

/// Open when the writing half is gone: the reading half then says end of file, to any number of waiters.
struct Gate {
    wait: UnixStream,
    hold: Option<UnixStream>,
}

pub(crate) struct Tally {
    counts: Mutex<Counts>,
    changed: Condvar,
}

impl Tally {
    pub(crate) fn new() -> Self {
        Self {
            counts: Mutex::new(Counts::default()),
            changed: Condvar::new(),
        }
    }

    /// Changes the counts and tells who waits.
    pub(crate) fn note<R>(&self, change: impl FnOnce(&mut Counts) -> R) -> R {
        let out = change(&mut self.lock());
        self.changed.notify_all();
        out
    }

    /// Changes the counts and lets those who wait sleep on, until the next note.
    pub(crate) fn quietly<R>(&self, change: impl FnOnce(&mut Counts) -> R) -> R {
        change(&mut self.lock())
    }

    /// "ok", or "timeout" when it did not come true within a minute.
    pub(crate) fn wait(&self, until: impl Fn(&Counts) -> bool) -> &'static str {
        let (counts, late) = self
            .changed
            .wait_timeout_while(self.lock(), Duration::from_secs(55), |c| !until(c))
            .unwrap_or_else(PoisonError::into_inner);
        drop(counts);
        if late.timed_out() { "timeout" } else { "ok" }
    }

    pub(crate) fn open_gate(&self, name: &str) {
        self.with_gate(name, |gate| gate.hold = None);
        self.lock().h2.post(&Order::Look);
    }

    pub(crate) fn gate_is_open(&self, name: &str) -> bool {
        self.with_gate(name, |gate| gate.hold.is_none()) == Some(true)
    }

    /// It can be read from when the gate is open.
    pub(crate) fn gate(&self, name: &str) -> Option<UnixStream> {
        self.with_gate(name, |gate| gate.wait.try_clone().ok())?
    }

    /// True when the gate opened, false when the client of `socket` went away first.
    pub(crate) fn pass_gate(&self, name: &str, socket: &File) -> bool {
        let Some(gate) = self.gate(name) else {
            return false;
        };
        let ready = sys::wait_any(
            &[
                (gate.as_fd(), libc::POLLIN),
                (socket.as_fd(), libc::POLLRDHUP),
            ],
            -1,
        );
        ready.first() == Some(&true)
    }

    pub(crate) fn drop_all(&self) -> usize {
        let counts = self.lock();
        for socket in counts.live.values() {
            sys::shutdown(socket.as_fd());
        }
        counts.live.len()
    }

    pub(crate) fn stats(&self) -> String {
        let c = self.lock();
        format!(
            "accepts={} requests={} open={} handshakes={} closed={} ahead={} most={} {} {}",
            c.accepts,
            c.log.len(),
            c.accepts - c.closed,
            c.handshakes,
            c.closed,
            c.ahead,
            c.most,
            c.h2.stats(),
            c.ws.stats()
        )
    }

    pub(crate) fn log(&self) -> String {
        let mut out = String::new();
        for e in &self.lock().log {
            let _ = write!(
                out,
                "conn={} nth={} {} {} body={} sum={:08x} connection={} host={}; ",
                e.conn, e.nth, e.method, e.target, e.body, e.sum, e.connection, e.host
            );
        }
        out
    }

    /// The bytes of request `n`'s head, counted from 1, on one line.
    pub(crate) fn head(&self, n: usize) -> String {
        let c = self.lock();
        n.checked_sub(1)
            .and_then(|i| c.log.get(i))
            .map_or_else(String::new, |e| e.head.escape_ascii().to_string())
    }

    pub(crate) fn last_tls(&self) -> String {
        self.lock().last_tls.clone()
    }

    fn with_gate<R>(&self, name: &str, act: impl FnOnce(&mut Gate) -> R) -> Option<R> {
        let mut counts = self.lock();
        if !counts.gates.contains_key(name) {
            let (wait, hold) = UnixStream::pair().ok()?;
            let hold = Some(hold);
            counts.gates.insert(name.to_owned(), Gate { wait, hold });
        }
        counts.gates.get_mut(name).map(act)
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// FNV-1a, so that a C story can compute the same.
pub(crate) fn sum(bytes: &[u8]) -> u32 {
    sum_on(0x811c_9dc5, bytes)
}

/// `bytes` come after those that made `sum`.
pub(crate) fn sum_on(sum: u32, bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(sum, |h, b| (h ^ u32::from(*b)).wrapping_mul(0x0100_0193))
}
