//! The only place for the peer that stories script: what a socket becomes, what it gives to read, what it was sent.

use std::collections::VecDeque;

use super::h2_peer::Server;
use super::ws_peer::Listener;
use crate::engine::conn::Conn;
use crate::engine::table::Key;
use crate::net::socket::{Addr, Connecting};
use crate::net::transport::Io;

/// A short response that leaves its connection open.
pub(crate) const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
/// One without a body.
pub(crate) const EMPTY: &str = "HTTP/1.1 204 No Content\r\n\r\n";
/// One that says it is the last.
pub(crate) const LAST: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";

/// What becomes of a socket that is being connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialed {
    /// After a turn of the loop.
    Accepts,
    /// connect() itself says so.
    AtOnce,
    /// After a turn of the loop.
    Refuses(&'static str),
    RefusesAtOnce(&'static str),
    /// No answer, until the story changes its mind.
    Hangs,
    /// There is no socket to be had.
    NoSocket(&'static str),
}

/// What a name stands for.
#[derive(Clone, Debug)]
pub(crate) enum Name {
    /// So many addresses.
    Has(u8),
    Fails(&'static str),
    /// The story answers with `Story::name_is`.
    Later,
}

/// What a turn of the TLS handshake comes to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shake {
    Done,
    /// The program's hook accepts what OpenSSL did not.
    Changed,
    WantRead,
    WantWrite,
    Failed(&'static str),
    /// The program's hook says no.
    Refused(&'static str),
}

/// What lies in a socket to be read.
#[derive(Debug)]
enum Input {
    Bytes(Vec<u8>),
    Eof,
    Truncated,
    Failed(&'static str),
    Want(Io),
}

/// One socket, with the peer at its other end.
#[derive(Debug)]
pub(crate) struct Socket {
    pub(crate) conn: Key<Conn>,
    pub(crate) attempt: usize,
    pub(crate) addr: Addr,
    pub(crate) dialed: Dialed,
    /// connect() was called on it.
    pub(crate) connecting: bool,
    /// It carries its connection.
    pub(crate) up: bool,
    /// All that the peer was sent.
    pub(crate) sent: Vec<u8>,
    /// Bytes that it takes before it is full.
    pub(crate) takes: usize,
    /// What the next writes come to instead.
    pub(crate) write_fails: Option<Io>,
    /// Bytes come in TLS records: what is left of one is inside, where the event loop does not see it.
    pub(crate) records: bool,
    pub(crate) reads: usize,
    /// Responses that it gave: the explorer's own count.
    pub(crate) answers: usize,
    /// It speaks h2.
    pub(crate) server: Option<Box<Server>>,
    /// It listens to a ws.
    pub(crate) ws: Option<Box<Listener>>,
    /// It was closed.
    pub(crate) closed: bool,
    inside: bool,
    inbox: VecDeque<Input>,
}

impl Socket {
    pub(crate) fn new(conn: Key<Conn>, attempt: usize, addr: Addr, dialed: Dialed) -> Self {
        Self {
            conn,
            attempt,
            addr,
            dialed,
            connecting: false,
            up: false,
            sent: Vec::new(),
            takes: usize::MAX,
            write_fails: None,
            records: false,
            reads: 0,
            answers: 0,
            server: None,
            ws: None,
            closed: false,
            inside: false,
            inbox: VecDeque::new(),
        }
    }

    pub(crate) fn says(&mut self, bytes: impl AsRef<[u8]>) {
        self.inbox.push_back(Input::Bytes(bytes.as_ref().to_vec()));
    }

    /// What its server said goes on its way.
    pub(crate) fn flush(&mut self) {
        let said = self.server.as_mut().map(|server| server.take_out());
        if let Some(said) = said.filter(|said| !said.is_empty() && !self.has_ended()) {
            self.says(said);
        }
    }

    /// What went out as it was closed.
    pub(crate) fn last_words(&mut self, words: &[u8]) {
        self.closed = true;
        if self.write_fails.is_some() {
            return;
        }
        match &mut self.server {
            Some(server) => server.took(words),
            None => self.took(words.get(..self.takes).unwrap_or(words)),
        }
    }

    pub(crate) fn hangs_up(&mut self) {
        self.inbox.push_back(Input::Eof);
    }

    pub(crate) fn is_cut(&mut self) {
        self.inbox.push_back(Input::Truncated);
    }

    pub(crate) fn breaks(&mut self, errno: &'static str) {
        self.inbox.push_back(Input::Failed(errno));
        self.write_fails = Some(Io::Failed(errno.into()));
    }

    /// The next read comes to `io`, whatever lies behind.
    pub(crate) fn next_read_is(&mut self, io: Io) {
        self.inbox.push_front(Input::Want(io));
    }

    /// What the peer was sent since it was asked last.
    pub(crate) fn heard(&mut self) -> String {
        String::from_utf8(std::mem::take(&mut self.sent)).expect("stories send text")
    }

    pub(crate) fn connect(&mut self) -> Connecting {
        self.connecting = true;
        match self.dialed {
            Dialed::AtOnce => self.connected(),
            Dialed::RefusesAtOnce(text) => Connecting::Failed(text.into()),
            _ => Connecting::InProgress,
        }
    }

    pub(crate) fn outcome(&mut self) -> Connecting {
        match self.dialed {
            Dialed::Accepts | Dialed::AtOnce => self.connected(),
            Dialed::Refuses(text) => {
                self.connecting = false;
                Connecting::Failed(text.into())
            }
            _ => Connecting::InProgress,
        }
    }

    fn connected(&mut self) -> Connecting {
        self.connecting = false;
        self.up = true;
        Connecting::Done
    }

    /// The kernel has an answer to connect().
    pub(crate) fn has_answer(&self) -> bool {
        self.connecting && matches!(self.dialed, Dialed::Accepts | Dialed::Refuses(_))
    }

    /// What level-triggered epoll would say.
    pub(crate) fn is_readable(&self) -> bool {
        self.inbox.len() > usize::from(self.inside)
    }

    pub(crate) fn is_writable(&self) -> bool {
        self.takes > 0 || self.write_fails.is_some()
    }

    /// The peer says no more.
    pub(crate) fn has_ended(&self) -> bool {
        matches!(
            self.inbox.back(),
            Some(Input::Eof | Input::Truncated | Input::Failed(_))
        )
    }

    pub(crate) fn is_broken(&self) -> bool {
        matches!(self.inbox.front(), Some(Input::Failed(_)))
    }

    pub(crate) fn read(&mut self, space: &mut [u8]) -> Io {
        self.reads += 1;
        match self.inbox.front_mut() {
            None => return Io::WantRead,
            Some(Input::Eof) => return Io::Eof,
            Some(Input::Truncated) => return Io::Truncated,
            Some(Input::Failed(text)) => return Io::Failed((*text).into()),
            Some(Input::Bytes(bytes)) => {
                let n = bytes.len().min(space.len());
                space[..n].copy_from_slice(&bytes[..n]);
                bytes.drain(..n);
                self.inside = self.records && !bytes.is_empty();
                if bytes.is_empty() {
                    self.inbox.pop_front();
                }
                return Io::Done {
                    n,
                    more: self.inside,
                };
            }
            Some(Input::Want(_)) => {}
        }
        match self.inbox.pop_front() {
            Some(Input::Want(io)) => io,
            _ => Io::WantRead,
        }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Io {
        match &self.write_fails {
            Some(Io::Failed(text)) => return Io::Failed(text.clone()),
            Some(Io::WantRead) => {
                self.write_fails = None;
                return Io::WantRead;
            }
            _ => {}
        }
        if self.takes == 0 {
            return Io::WantWrite;
        }
        let n = bytes.len().min(self.takes);
        self.takes -= n;
        match &mut self.server {
            Some(server) => {
                server.writes += 1;
                server.took(&bytes[..n]);
                self.flush();
            }
            None => self.took(&bytes[..n]),
        }
        Io::Done { n, more: false }
    }

    fn took(&mut self, bytes: &[u8]) {
        match &mut self.ws {
            Some(listener) => listener.took(bytes),
            None => self.sent.extend_from_slice(bytes),
        }
    }
}
