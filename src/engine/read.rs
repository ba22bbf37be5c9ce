//! The only place that hands a response's body to the program: when it is offered, where its bytes come from, when it ends.

use super::Engine;
use super::buffer::Rx;
use super::call::Due;
use super::conn::{Conn, Loss};
use super::table::Key;
use super::wsi::{State, Wsi};
use crate::net::poll::Interest;
use crate::net::transport::{Io, Transport};
use crate::proto::Fault;

/// Where `lws_http_client_read` gets its bytes from.
pub(crate) enum Reading {
    /// There is no body to read: it has ended, or has not begun, or it is being read further up the stack.
    Nothing,
    /// From what arrived with the head, in our own buffer.
    Buffered { conn: Key<Conn>, rx: Rx },
    /// From the socket, straight into the program's buffer.
    Wire {
        conn: Key<Conn>,
        transport: Transport,
    },
}

/// What the next bytes of the body are.
pub(crate) enum Portion {
    /// `skip` bytes of framing, then `take` bytes for the program.
    Payload { skip: usize, take: usize },
    /// All eaten: the rest of the body is yet to come.
    More,
    /// That was the last of it; `surplus` bytes follow that are nobody's.
    End,
    /// The peer broke the rules, or the request is gone.
    Broken,
}

impl Engine {
    /// RECEIVE, when there is something to read and the program is not reading already.
    pub(crate) fn offer_receive(&mut self, key: Key<Wsi>) {
        let Some(wsi) = self.wsis.get(key) else {
            return;
        };
        let Some(at) = wsi.seat.as_ref().map(|seat| seat.conn) else {
            return;
        };
        let Some(conn) = self.conns.get(at) else {
            return;
        };
        if wsi.state != State::Body || wsi.rx_paused || wsi.receive_sent || conn.mux.is_some() {
            return;
        }
        if conn.rx.is_empty() && !conn.readable {
            return self.resume_read(at);
        }
        if let Some(wsi) = self.wsis.get_mut(key) {
            wsi.receive_sent = true;
        }
        self.owe(key, Due::RECEIVE);
    }

    /// `lws_http_client_read` begins.
    pub(crate) fn read_begin(&mut self, key: Key<Wsi>) -> Reading {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return Reading::Nothing;
        };
        let Some(at) = wsi.seat.as_ref().map(|seat| seat.conn) else {
            return Reading::Nothing;
        };
        let Some(conn) = self.conns.get_mut(at) else {
            return Reading::Nothing;
        };
        if wsi.state != State::Body || conn.mux.is_some() {
            return Reading::Nothing; // READ comes by itself on a stream
        }
        // Also when it cannot be read now: it is offered again.
        wsi.receive_sent = false;
        if conn.away || wsi.reading {
            return Reading::Nothing;
        }
        if !conn.rx.is_empty() {
            let rx = std::mem::take(&mut conn.rx);
            wsi.reading = true;
            return Reading::Buffered { conn: at, rx };
        }
        let Some(transport) = conn.transport.take() else {
            return Reading::Nothing;
        };
        conn.away = true;
        wsi.reading = true;
        Reading::Wire {
            conn: at,
            transport,
        }
    }

    /// `lws_http_client_read` is over.
    pub(crate) fn read_over(&mut self, key: Key<Wsi>) {
        if let Some(wsi) = self.wsis.get_mut(key) {
            wsi.reading = false;
        }
    }

    /// The socket gave what it had: the transport is back.
    pub(crate) fn read_returned(
        &mut self,
        at: Key<Conn>,
        transport: Transport,
        io: &Io,
        cap: usize,
    ) {
        let Some(conn) = self.give_back(at, transport) else {
            return;
        };
        match *io {
            Io::Done { n, more } => {
                // A buffer that was filled to the brim: look again before asking the kernel to wait.
                conn.readable = more || n == cap;
                conn.maybe_more = more || n == cap;
            }
            Io::WantWrite => {
                conn.readable = false;
                self.want(at, Interest::BOTH);
            }
            _ => conn.readable = false,
        }
    }

    /// A transport comes back from a step. One that nobody waits for any more is closed.
    pub(crate) fn give_back(&mut self, at: Key<Conn>, transport: Transport) -> Option<&mut Conn> {
        if self.conns.get(at).is_none() {
            self.close_transport(transport, false);
            return None;
        }
        let conn = self.conns.get_mut(at)?;
        conn.transport = Some(transport);
        conn.away = false;
        self.list_conn(at);
        self.conns.get_mut(at)
    }

    /// Looks at `bytes`, the next that arrived for the request.
    pub(crate) fn portion(&mut self, key: Key<Wsi>, at: Key<Conn>, bytes: &[u8]) -> Portion {
        let Some(conn) = self.conns.get_mut(at) else {
            return Portion::Broken;
        };
        let Some(wsi) = self.wsis.get(key) else {
            return Portion::Broken;
        };
        if wsi.state != State::Body || conn.leader != Some(key) {
            return Portion::Broken;
        }
        if conn.machine.body_done() {
            if !bytes.is_empty() {
                conn.machine.retire();
            }
            return Portion::End;
        }
        match conn.machine.handle_body(bytes) {
            Ok(piece) if piece.skip == 0 && piece.take == 0 => match conn.machine.body_done() {
                true => Portion::End,
                false => Portion::More,
            },
            Ok(piece) => Portion::Payload {
                skip: piece.skip,
                take: piece.take,
            },
            Err(Fault::Peer(text) | Fault::App(text)) => {
                self.lose(at, Loss::Broken(text.to_owned()));
                Portion::Broken
            }
        }
    }

    /// The socket has ended. `true` when that is how this body ends.
    pub(crate) fn read_ended(&mut self, key: Key<Wsi>, at: Key<Conn>, io: Io) -> bool {
        let Some(conn) = self.conns.get_mut(at) else {
            return false;
        };
        let text = match io {
            Io::Eof => match conn.machine.handle_eof() {
                Ok(()) => {
                    self.complete(key);
                    return true;
                }
                Err(Fault::Peer(text) | Fault::App(text)) => text.to_owned(),
            },
            Io::Truncated => "Peer hung up: the connection ended without a TLS close".to_owned(),
            Io::Failed(text) => format!("read failed: {text}"),
            _ => return false,
        };
        self.lose(at, Loss::Broken(text));
        false
    }

    /// The program said no to a piece of what it read from the socket: the bytes behind it wait for its next read.
    pub(crate) fn keep_rest(&mut self, at: Key<Conn>, rest: &[u8]) {
        if rest.is_empty() {
            return;
        }
        let mut rx = self.take_rx();
        if !rx.append(rest) {
            return self.lose(at, Loss::Broken("HS: OOM".to_owned()));
        }
        self.rx_returned(at, rx);
    }

    /// The program read, and there is more to come: it is offered when it is there.
    pub(crate) fn body_goes_on(&mut self, key: Key<Wsi>) {
        self.offer_receive(key);
    }

    /// Our own buffer comes back from the program's read call.
    pub(crate) fn rx_returned(&mut self, at: Key<Conn>, rx: Rx) {
        match self.conns.get_mut(at) {
            Some(conn) => {
                if !rx.is_empty() && conn.machine.body_done() {
                    conn.machine.retire();
                }
                conn.rx = rx;
            }
            None => self.keep_rx(rx),
        }
    }

    /// `lws_rx_flow_control`.
    pub(crate) fn pause_rx(&mut self, key: Key<Wsi>, paused: bool) -> bool {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return false;
        };
        wsi.rx_paused = paused;
        if paused && wsi.due.contains(Due::RECEIVE) {
            wsi.due.remove(Due::RECEIVE);
            wsi.receive_sent = false;
        }
        if !paused {
            self.offer_receive(key);
            self.offer_backlog(key);
            self.resume_open(key);
        }
        true
    }
}
