//! The only place that hands out what arrives for a ws or a raw request: its bytes are nobody else's once it is open.
//!
//! ```text
//! begin -> OPENED -> (CLIENT_RECEIVE | RAW_RX | WRITEABLE)* -> parting -> CLOSED
//! ```
//!
//! They lie in the connection's buffer, or, when it is one of many streams, in the buffer of what was put aside for it.

use super::Engine;
use super::buffer::Rx;
use super::call::{Call, Due, Input, Reason};
use super::conn::{Conn, mux_at};
use super::exchange::HUNG_UP;
use super::messages::Found;
use super::role::Role;
use super::step::{Home, Parcel, Step};
use super::table::Key;
use super::ws::Ws;
use super::wsi::{State, Wsi};
use crate::proto::h2::StreamKey;

/// Whose buffer a request's bytes arrive in.
#[derive(Clone, Copy)]
pub(crate) enum Source {
    Conn(Key<Conn>),
    Stream(Key<Conn>, StreamKey),
}

impl Engine {
    /// The connection of a raw request is up: the program is told.
    pub(crate) fn begin_raw(&mut self, at: Key<Conn>, key: Key<Wsi>) {
        let (Some(conn), Some(wsi)) = (self.conns.get_mut(at), self.wsis.get_mut(key)) else {
            return;
        };
        conn.started = true;
        conn.response_began = true; // a write of the program's starts no clock
        conn.open = true;
        wsi.state = State::Opening;
        self.datagrams_begin(at, key);
        self.owe(key, Due::OPENED);
    }

    /// What it speaks; a request that is gone counts as http.
    pub(crate) fn role_of(&self, key: Key<Wsi>) -> Role {
        self.wsis.get(key).map_or(Role::Http, |wsi| wsi.ask.role)
    }

    /// What arrives is handed out from here on, or again.
    pub(crate) fn resume_open(&mut self, key: Key<Wsi>) {
        let wsi = self.wsis.get(key).filter(|wsi| wsi.takes_bytes());
        match wsi.and_then(source) {
            Some(Source::Conn(at)) => {
                self.resume_read(at);
                self.list_conn(at);
            }
            Some(Source::Stream(at, stream)) => {
                let ws = wsi.and_then(|wsi| wsi.ws.as_deref());
                let inflating = ws.is_some_and(Ws::is_inflating);
                let rider = mux_at(&mut self.conns, at).and_then(|mux| mux.rider(stream));
                if inflating || rider.is_some_and(|rider| rider.ended || !rider.backlog.is_empty())
                {
                    self.owe(key, Due::BACKLOG);
                }
            }
            None => {}
        }
    }

    /// A read brought bytes for the leader.
    pub(crate) fn open_was_fed(&mut self, at: Key<Conn>) {
        let leader = self.conns.get(at).and_then(|conn| conn.leader);
        let wsi = leader.and_then(|leader| self.wsis.get_mut(leader));
        if let Some(ws) = wsi.and_then(|wsi| wsi.ws.as_deref_mut()) {
            ws.fed = true;
        }
        self.list_conn(at);
    }

    /// What came for the leader of a connection that is its alone.
    pub(crate) fn open_conn_step(&mut self, at: Key<Conn>) -> Option<Step> {
        let conn = self.conns.get(at).filter(|conn| conn.open)?;
        self.arrival_step(conn.leader?)
    }

    /// What came for a ws on a stream was put aside.
    pub(crate) fn was_fed(&mut self, key: Key<Wsi>) {
        let ws = self.wsis.get_mut(key).and_then(|wsi| wsi.ws.as_deref_mut());
        if let Some(ws) = ws {
            ws.fed = true;
            self.resume_open(key);
        }
    }

    /// The next callback about what arrived for a request.
    pub(crate) fn arrival_step(&mut self, key: Key<Wsi>) -> Option<Step> {
        let wsi = self.wsis.get(key).filter(|wsi| wsi.takes_bytes())?;
        let (from, role) = (source(wsi)?, wsi.ask.role);
        let most = self.rx_buffer_size(wsi);
        let mut rx = match from {
            Source::Conn(at) => std::mem::take(&mut self.conns.get_mut(at)?.rx),
            Source::Stream(at, stream) => {
                let rider = mux_at(&mut self.conns, at)?.rider_mut(stream)?;
                std::mem::take(&mut rider.backlog)
            }
        };
        let before = rx.pending().len();
        let found = match role {
            Role::Ws => self.next_of_message(key, &mut rx, most),
            _ => self.next_raw(key, &mut rx, most),
        };
        self.eaten(from, before - rx.pending().len());
        let (call, rx, len, home) = match found {
            Some(Found::Here(call, len)) => (call, rx, len, Home::Aside),
            Some(Found::Made(call, made, len)) => {
                self.put_back(key, from, rx);
                (call, made, len, Home::Own)
            }
            None => {
                self.put_back(key, from, rx);
                self.look_for_end(key, from);
                return None;
            }
        };
        let parcel = self.parcel(from, &call, key, rx, len, home);
        Some(Step::Payload { call, parcel })
    }

    /// What a callback of an open request is about: the first `len` bytes of `rx`.
    pub(crate) fn parcel(
        &mut self,
        from: Source,
        call: &Call,
        key: Key<Wsi>,
        mut rx: Rx,
        len: usize,
        home: Home,
    ) -> Parcel {
        if let Some(wsi) = self.wsis.get_mut(key) {
            wsi.reading = true;
        }
        if call.reason != Reason::RawRx {
            rx.terminate(len);
        }
        let (conn, stream) = match from {
            Source::Conn(at) => (at, None),
            Source::Stream(at, stream) => (at, Some(stream)),
        };
        Parcel {
            conn,
            wsi: key,
            reason: call.reason,
            stream,
            len,
            rx,
            home,
            end: false,
        }
    }

    /// RAW_RX, about what was received and has not been handed out.
    fn next_raw(&mut self, key: Key<Wsi>, rx: &mut Rx, most: usize) -> Option<Found> {
        if self.wsis.get(key)?.state == State::Parting {
            rx.consume(rx.pending().len());
        }
        let len = rx.pending().len().min(most);
        if len == 0 {
            return None;
        }
        let call = self.call(key, Reason::RawRx, Input::None)?;
        Some(Found::Here(call, len))
    }

    pub(crate) fn rx_buffer_size(&self, wsi: &Wsi) -> usize {
        let vhost = self.vhosts.get(wsi.vhost);
        let protocol =
            vhost.and_then(|vhost| vhost.config.protocols.get(usize::from(wsi.protocol)));
        protocol.map_or(1, |protocol| protocol.rx_buffer_size.max(1))
    }

    /// So many bytes were done with: the peer of a stream may send as many again.
    pub(crate) fn eaten(&mut self, from: Source, n: usize) {
        let Source::Stream(at, stream) = from else {
            return;
        };
        let Some(conn) = self.conns.get_mut(at).filter(|_| n > 0) else {
            return;
        };
        if let Some(mux) = conn.mux.as_deref_mut() {
            mux.h2.release(stream, n, conn.tx.frames());
            self.list_conn(at);
        }
    }

    /// The buffer goes back to where it came from, before what was added meanwhile.
    fn put_back(&mut self, key: Key<Wsi>, from: Source, mut rx: Rx) {
        let home = match from {
            Source::Conn(at) => {
                let conn = self.conns.get_mut(at);
                conn.filter(|conn| conn.leader == Some(key))
                    .map(|conn| &mut conn.rx)
            }
            Source::Stream(at, stream) => {
                let rider = mux_at(&mut self.conns, at).and_then(|mux| mux.rider_mut(stream));
                rider.map(|rider| &mut rider.backlog)
            }
        };
        let Some(home) = home else {
            return self.keep_rx(rx);
        };
        if rx.is_empty() {
            // Idle connections have no buffer.
            return self.keep_rx(rx);
        }
        let meanwhile = std::mem::take(home);
        let whole = rx.append(meanwhile.pending());
        *home = rx;
        self.keep_rx(meanwhile);
        if !whole {
            self.fail(key, "HS: OOM");
        }
    }

    /// A stream that the peer has ended, and of which nothing is left to hand out, is over.
    fn look_for_end(&mut self, key: Key<Wsi>, from: Source) {
        let Source::Stream(at, stream) = from else {
            return;
        };
        let rider = mux_at(&mut self.conns, at).and_then(|mux| mux.rider(stream));
        if rider.is_some_and(|rider| rider.ended) {
            self.fail(key, HUNG_UP);
        }
    }

    /// The callback about a piece returned `verdict`: what is behind it comes next.
    pub(crate) fn arrival_returned(&mut self, mut parcel: Parcel, verdict: i32) {
        let (key, len) = (parcel.wsi, parcel.len);
        let from = match parcel.stream {
            Some(stream) => Source::Stream(parcel.conn, stream),
            None => Source::Conn(parcel.conn),
        };
        if let Some(wsi) = self.wsis.get_mut(key) {
            wsi.reading = false;
        }
        parcel.rx.restore();
        if parcel.reason == Reason::WsPeerInitiatedClose {
            let payload = parcel.rx.pending().get(..len).unwrap_or_default();
            self.peer_closes(key, payload, verdict);
        }
        match parcel.home {
            Home::Own => self.keep_rx(parcel.rx),
            Home::Aside => {
                parcel.rx.consume(len);
                self.eaten(from, len);
                self.put_back(key, from, parcel.rx);
            }
            Home::Lent => {
                parcel.rx.consume(len);
                self.eaten(from, len);
                self.lent_is_back(parcel.conn, parcel.rx);
            }
        }
        match parcel.reason {
            Reason::WsPeerInitiatedClose => {}
            Reason::RawRx if verdict >= 0 => {}
            _ if verdict == 0 => {}
            reason => return self.refused(key, reason, verdict),
        }
        self.resume_open(key);
    }

    /// The connection's buffer is back from a callback about frames on a stream, unless the connection went on without it.
    fn lent_is_back(&mut self, at: Key<Conn>, rx: Rx) {
        let Some(mux) = mux_at(&mut self.conns, at).filter(|mux| mux.lent) else {
            return self.keep_rx(rx);
        };
        mux.lent = false;
        mux.fed = true;
        self.show_again(at, rx);
        self.list_conn(at);
    }
}

fn source(wsi: &Wsi) -> Option<Source> {
    let seat = wsi.seat.as_ref()?;
    Some(match wsi.stream() {
        Some((at, stream)) => Source::Stream(at, stream),
        None => Source::Conn(seat.conn),
    })
}

/// More can be read for the program: it has been handed what was read before.
pub(crate) fn takes_more(conn: &Conn, wsi: &Wsi) -> bool {
    wsi.takes_bytes()
        && match &wsi.ws {
            Some(ws) => !ws.fed,
            None => conn.rx.is_empty(),
        }
}
