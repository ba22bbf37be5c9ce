//! The only place that takes a request body from the program.

use super::Engine;
use super::conn::Conn;
use super::role::Role;
use super::step::Step;
use super::table::Key;
use super::wsi::{Framing, State, Wsi};
use crate::net::poll::Interest;
use crate::net::transport::{Io, Transport};

/// How a write of the program's begins.
pub(crate) enum Writing {
    /// The request cannot be written to; why.
    Refused(&'static str),
    /// Earlier bytes wait for the socket: these were put behind them.
    Buffered,
    /// It is put behind nothing: this is to be done now.
    Step(Step),
    /// Nothing is in the way: the program's buffer can go to the socket as it is.
    Wire {
        conn: Key<Conn>,
        transport: Transport,
    },
}

impl Engine {
    /// `lws_write` begins.
    pub(crate) fn write_begin(&mut self, key: Key<Wsi>, payload: &[u8], last: bool) -> Writing {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return Writing::Refused("the request has ended");
        };
        let Some(at) = wsi.seat.as_ref().map(|seat| seat.conn) else {
            return Writing::Refused(
                "the request waits for a connection: write in CLIENT_HTTP_WRITEABLE",
            );
        };
        let Some(conn) = self.conns.get_mut(at) else {
            return Writing::Refused("the connection is gone");
        };
        if !wsi.may_send() {
            return Writing::Refused(
                "the connection is not up, or the request's head is not out: write in CLIENT_HTTP_WRITEABLE or RAW_WRITEABLE",
            );
        }
        if !payload.is_empty() {
            wsi.body_taken = true;
        }
        if let Some((at, stream)) = wsi.stream() {
            return self.write_on_stream(at, stream, payload, last);
        }
        if wsi.framing != Framing::AsIs {
            return self.write_chunk(at, payload, last);
        }
        wsi.gave(payload);
        let free = conn.tx.is_empty() && !conn.away && !conn.write_blocked;
        if free
            && !payload.is_empty()
            && let Some(transport) = conn.transport.take()
        {
            conn.away = true;
            return Writing::Wire {
                conn: at,
                transport,
            };
        }
        self.buffer(at, payload)
    }

    fn buffer(&mut self, at: Key<Conn>, payload: &[u8]) -> Writing {
        let Some(conn) = self.conns.get_mut(at) else {
            return Writing::Refused("the connection is gone");
        };
        if conn.away && conn.transport.is_none() && conn.tx.is_empty() && conn.leader.is_none() {
            return Writing::Refused("the connection is gone");
        }
        if !conn.tx.push(payload) {
            return Writing::Refused("out of memory for the request's body");
        }
        self.list_conn(at);
        Writing::Buffered
    }

    /// The socket took some of the program's buffer: the rest is kept, copied once. `false` when the connection is lost.
    pub(crate) fn write_returned(
        &mut self,
        at: Key<Conn>,
        transport: Transport,
        payload: &[u8],
        io: Io,
    ) -> bool {
        let Some(conn) = self.give_back(at, transport) else {
            return false;
        };
        let taken = match io {
            Io::Done { n, .. } => n,
            Io::WantWrite | Io::WantRead => 0,
            Io::Eof | Io::Truncated | Io::Failed(_) => {
                // The program is not told: what the socket still gives, a response or the real reason, ends the request.
                conn.tx.push(payload);
                self.written(at, io);
                return true;
            }
        };
        let rest = payload.get(taken..).unwrap_or_default();
        if rest.is_empty() {
            if !conn.response_began {
                self.arm_io_deadline(at);
            }
            return true;
        }
        conn.write_blocked = taken == 0;
        let blocked = conn.write_blocked;
        if !conn.tx.push(rest) {
            return false;
        }
        if blocked {
            self.want(at, Interest::BOTH);
        }
        true
    }

    /// `lws_client_http_body_pending`, and LWS_WRITE_HTTP_FINAL.
    pub(crate) fn set_body_pending(&mut self, key: Key<Wsi>, pending: bool) {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return;
        };
        wsi.body_pending = pending;
        if wsi.framing != Framing::AsIs {
            return self.end_chunks_later(key, pending);
        }
        if let Some((at, stream)) = wsi.stream().filter(|_| !pending) {
            self.body_is_given(at, stream);
        }
    }

    /// `lws_callback_on_writable`: remembered while the request waits.
    pub(crate) fn ask_writeable(&mut self, key: Key<Wsi>) -> bool {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return false;
        };
        if matches!(wsi.state, State::Ended | State::Completing | State::Parting) {
            return false;
        }
        wsi.wants_write = true;
        if let Some((at, stream)) = wsi.stream() {
            self.wants_turn(at, key, stream);
            return true;
        }
        let at = wsi.seat.as_ref().map(|seat| seat.conn);
        if let Some(at) = at {
            if self.leader_role(at) == Some(Role::File) {
                self.await_room(at);
            }
            self.list_conn(at);
        }
        true
    }

    /// Bytes of the request wait for the socket.
    pub(crate) fn is_choked(&self, key: Key<Wsi>) -> bool {
        let wsi = self.wsis.get(key);
        if let Some((at, stream)) = wsi.and_then(Wsi::stream) {
            return self.stream_is_choked(at, stream);
        }
        let seat = wsi.and_then(|wsi| wsi.seat.as_ref());
        seat.and_then(|seat| self.conns.get(seat.conn))
            .is_some_and(|conn| !conn.tx.is_empty() || conn.write_blocked)
    }
}
