//! Tables and policy: which request rides which connection, and what becomes of both.
//!
//! Nothing here does I/O, reads a clock or calls the application. An entry point locks the engine, asks, and lets go; what
//! must happen outside is handed out as a `Step`. Import order: table <- list <- {attempt, auth, buffer, conmon, matching,
//! timer, role, ws, wsi, mux, gate, conn, vhost, call, step, udp} <- queue <- {dial, exchange, form, family, read, write, close, connect,
//! lanes, outlet, payload, streams, upgrade, open, messages, deflate, parting, adopt, expiry,
//! datagrams, face, file, jar, limits, metrics, notes, redirect, tag, tunnel, pace, watch} <- service <- mod.
#![forbid(unsafe_code)]

pub(crate) mod adopt;
pub(crate) mod attempt;
pub(crate) mod auth;
pub(crate) mod buffer;
pub(crate) mod call;
pub(crate) mod close;
pub(crate) mod conmon;
pub(crate) mod conn;
pub(crate) mod connect;
pub(crate) mod datagrams;
pub(crate) mod deflate;
pub(crate) mod dial;
pub(crate) mod exchange;
pub(crate) mod expiry;
pub(crate) mod face;
pub(crate) mod family;
pub(crate) mod file;
pub(crate) mod form;
pub(crate) mod gate;
pub(crate) mod jar;
pub(crate) mod lanes;
pub(crate) mod limits;
pub(crate) mod list;
pub(crate) mod matching;
pub(crate) mod messages;
pub(crate) mod metrics;
pub(crate) mod mux;
pub(crate) mod notes;
pub(crate) mod open;
pub(crate) mod outlet;
pub(crate) mod pace;
pub(crate) mod parting;
pub(crate) mod payload;
pub(crate) mod queue;
pub(crate) mod read;
pub(crate) mod redirect;
pub(crate) mod role;
pub(crate) mod service;
pub(crate) mod step;
pub(crate) mod streams;
pub(crate) mod table;
pub(crate) mod tag;
pub(crate) mod timer;
pub(crate) mod tunnel;
pub(crate) mod udp;
pub(crate) mod upgrade;
pub(crate) mod vhost;
pub(crate) mod watch;
pub(crate) mod write;
pub(crate) mod ws;
pub(crate) mod wsi;

use std::collections::VecDeque;
use std::sync::Arc;

use self::buffer::{Kept, Rx};
use self::call::{Due, Notice};
use self::conn::Conn;
use self::jar::Jar;
use self::limits::Limits;
use self::matching::Identities;
use self::metrics::Metrics;
use self::notes::Note;
use self::step::Parting;
use self::table::{Key, Table};
use self::tag::Counts;
use self::timer::{Micros, TimerKey, Timers};
use self::vhost::{Face, Vhost};
use self::watch::Watcher;
use self::wsi::{Response, Wsi};
use crate::net::poll::{Interest, Poll};
use crate::net::random::Random;
use crate::net::transport::Transport;

/// Log levels that the engine uses: LLL_ERR and its like.
pub(crate) const LLL_ERR: i32 = 1;
pub(crate) const LLL_WARN: i32 = 2;

/// Buffers kept for the next that needs one.
const SPARES: usize = 64;
/// A header table larger than this is not kept.
const SPARE_HEADERS: usize = 16 * 1024;

/// What a deadline is for.
pub(crate) enum Fire {
    /// A phase of a connection took too long, or its idle time is over.
    Conn(Key<Conn>),
    /// Time to race the next address.
    Pace(Key<Conn>),
    /// A response is late.
    Reply(Key<Wsi>),
    /// `lws_set_timeout`.
    Timeout(Key<Wsi>),
    /// `lws_set_timer_usecs`.
    Timer(Key<Wsi>),
    /// Cookies have changed a while ago.
    Cookies,
    /// The address of a program's `lws_sorted_usec_list_t`.
    Sul(usize),
}

/// Something that has work to do.
#[derive(Clone, Copy)]
pub(crate) enum Actor {
    Wsi(Key<Wsi>),
    Conn(Key<Conn>),
}

/// Everything that a context knows.
pub(crate) struct Engine {
    pub(crate) wsis: Table<Wsi>,
    pub(crate) conns: Table<Conn>,
    pub(crate) vhosts: Table<Vhost>,
    pub(crate) faces: Table<Face>,
    pub(crate) identities: Identities,
    pub(crate) jar: Jar,
    pub(crate) timers: Timers<Fire>,
    limits: Limits,
    /// Nothing: nobody asked.
    metrics: Option<Box<Metrics>>,
    counts: Counts,
    pub(crate) poll: Arc<Poll>,
    /// Nothing: the program runs no loop of its own.
    watcher: Option<Box<Watcher>>,
    pub(crate) now: Micros,
    /// The context is being destroyed: nothing is accepted.
    pub(crate) stopping: bool,
    ready: VecDeque<Actor>,
    notices: VecDeque<Notice>,
    /// Connections with something to send, when there is nothing else to do.
    flushing: VecDeque<Key<Conn>>,
    closing: Vec<Parting>,
    /// Files that the kernel does not wait for.
    always_ready: Vec<Key<Conn>>,
    notes: Vec<Note>,
    random: Random,
    /// For a frame that goes on a stream.
    scratch: Vec<u8>,
    /// For the payload of a compressed one.
    deflated: Vec<u8>,
    spare_rx: Vec<Rx>,
    /// With room for any datagram.
    wide_rx: Option<Rx>,
    // Boxed as requests hold them: one pointer while there is no response.
    #[expect(clippy::vec_box)]
    spare_responses: Vec<Box<Response>>,
    #[expect(clippy::vec_box)]
    spare_kept: Vec<Box<Kept>>,
}

impl Engine {
    pub(crate) fn new(poll: Arc<Poll>) -> Self {
        Self {
            wsis: Table::new(),
            conns: Table::new(),
            vhosts: Table::new(),
            faces: Table::new(),
            identities: Identities::new(),
            jar: Jar::default(),
            timers: Timers::new(),
            limits: Limits::default(),
            metrics: None,
            counts: Counts::default(),
            poll,
            watcher: None,
            now: 0,
            stopping: false,
            ready: VecDeque::new(),
            notices: VecDeque::new(),
            flushing: VecDeque::new(),
            closing: Vec::new(),
            always_ready: Vec::new(),
            notes: Vec::new(),
            random: Random::new(),
            scratch: Vec::new(),
            deflated: Vec::new(),
            spare_rx: Vec::new(),
            wide_rx: None,
            spare_responses: Vec::new(),
            spare_kept: Vec::new(),
        }
    }

    pub(crate) fn notify(&mut self, notice: Notice) {
        self.notices.push_back(notice);
    }

    /// Of a descriptor, once the program was told of it.
    pub(crate) fn next_closing(&mut self) -> Option<Parting> {
        if self.is_telling() {
            return None;
        }
        self.closing.pop()
    }

    /// Is there anything to do without waiting?
    pub(crate) fn has_work(&self) -> bool {
        !self.ready.is_empty()
            || !self.notices.is_empty()
            || !self.closing.is_empty()
            || !self.flushing.is_empty()
            || self.has_news()
    }

    /// In a forked child: every socket is registered with the child's own epoll, and names are looked up again.
    pub(crate) fn move_to(&mut self, poll: Arc<Poll>) {
        self.poll = poll;
        self.random.forget();
        for at in self.conns.keys() {
            self.ask_again(at);
            let Some(conn) = self.conns.get(at) else {
                continue;
            };
            let _ = self
                .poll
                .set(conn.fd, dial::token(at, 0), Interest::NONE, conn.interest);
            self.list_conn(at);
        }
    }

    /// Adds to what a request is owed.
    pub(crate) fn owe(&mut self, key: Key<Wsi>, due: Due) {
        if let Some(wsi) = self.wsis.get_mut(key) {
            wsi.due |= due;
        }
        self.list_wsi(key);
    }

    /// A request with something to do is looked at once, in turn.
    pub(crate) fn list_wsi(&mut self, key: Key<Wsi>) {
        if let Some(wsi) = self.wsis.get_mut(key).filter(|wsi| !wsi.listed) {
            wsi.listed = true;
            self.ready.push_back(Actor::Wsi(key));
        }
    }

    /// Before all others: endings of one request come before the next one's beginnings.
    fn list_wsi_first(&mut self, key: Key<Wsi>) {
        if let Some(wsi) = self.wsis.get_mut(key).filter(|wsi| !wsi.listed) {
            wsi.listed = true;
            self.ready.push_front(Actor::Wsi(key));
        }
    }

    pub(crate) fn list_conn(&mut self, key: Key<Conn>) {
        if let Some(conn) = self.conns.get_mut(key).filter(|conn| !conn.listed) {
            conn.listed = true;
            self.ready.push_back(Actor::Conn(key));
        }
    }

    /// Sets the deadline of a connection's phase, or takes it away.
    pub(crate) fn set_deadline(&mut self, key: Key<Conn>, after: Option<Micros>) {
        let Some(conn) = self.conns.get_mut(key) else {
            return;
        };
        if let Some(old) = conn.deadline.take() {
            self.timers.cancel(old);
        }
        conn.deadline = after.map(|after| {
            let at = self.now.saturating_add(after);
            self.timers.schedule(at, Fire::Conn(key))
        });
    }

    pub(crate) fn cancel_timer(&mut self, key: Option<TimerKey>) {
        if let Some(key) = key {
            self.timers.cancel(key);
        }
    }

    pub(crate) fn close_transport(&mut self, transport: Transport, polite: bool) {
        self.part(transport, polite, Vec::new());
    }

    fn part(&mut self, transport: Transport, polite: bool, words: Vec<u8>) {
        self.closing.push(Parting {
            transport,
            polite,
            words,
        });
    }

    pub(crate) fn take_rx(&mut self) -> Rx {
        self.spare_rx.pop().unwrap_or_default().ready()
    }

    pub(crate) fn keep_rx(&mut self, rx: Rx) {
        if self.spare_rx.len() < SPARES && rx.is_allocated() && rx.is_usual() {
            self.spare_rx.push(rx);
        } else if rx.is_wide() {
            self.wide_rx = Some(rx);
        }
    }

    pub(crate) fn keep_response(&mut self, mut response: Box<Response>) {
        if self.spare_responses.len() < SPARES && response.headers.footprint() <= SPARE_HEADERS {
            response.status = 0;
            response.headers.clear();
            self.spare_responses.push(response);
        }
    }

    /// Keeps the lines of a request until its response begins.
    fn keep_lines(&mut self, key: Key<Wsi>, lines: &[u8]) {
        if lines.is_empty() {
            return;
        }
        let Some(wsi) = self.wsis.get_mut(key) else {
            return;
        };
        let spares = &mut self.spare_kept;
        let kept = wsi
            .kept
            .get_or_insert_with(|| spares.pop().unwrap_or_default());
        kept.lines.clear();
        kept.lines.extend_from_slice(lines);
    }

    /// It will not be sent again.
    fn forget_kept(&mut self, key: Key<Wsi>) {
        let kept = self.wsis.get_mut(key).and_then(|wsi| wsi.kept.take());
        if let Some(kept) = kept {
            self.spare(kept);
        }
    }

    fn spare(&mut self, mut kept: Box<Kept>) {
        if self.spare_kept.len() < SPARES && kept.body.capacity() == 0 {
            kept.lines.clear();
            self.spare_kept.push(kept);
        }
    }
}
