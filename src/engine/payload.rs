//! The only place that hands payload of h2 streams to the program: where it lies, or from what was put aside.

use super::Engine;
use super::buffer::Rx;
use super::call::{Due, Input, Reason};
use super::conn::{Conn, mux_at};
use super::messages::Found;
use super::mux::Piece;
use super::open::Source;
use super::role::Role;
use super::step::{Home, Parcel, Step};
use super::table::Key;
use super::wsi::{State, Wsi};

/// Where a piece of payload went.
pub(crate) enum Handed {
    Out(Step),
    /// Nobody wants it, or it was put aside.
    Done,
    /// Its request is about to be told of its head first.
    Later,
}

impl Engine {
    pub(crate) fn hand_out(&mut self, at: Key<Conn>, piece: Piece) -> Handed {
        let Piece { stream, len, end } = piece;
        let Some(conn) = self.conns.get_mut(at) else {
            return Handed::Later;
        };
        let Some(mux) = conn.mux.as_deref_mut() else {
            return Handed::Later;
        };
        let rider = mux.rider_mut(stream);
        let wsi = rider.as_ref().and_then(|rider| self.wsis.get(rider.wsi));
        let (Some(rider), Some(wsi)) = (rider, wsi) else {
            mux.piece = None;
            conn.rx.consume(len);
            return Handed::Done;
        };
        if wsi.ask.role == Role::Ws && wsi.state != State::Ended {
            let (key, direct) = (rider.wsi, wsi.takes_bytes() && rider.backlog.is_empty());
            return match direct {
                true => self.hand_out_frames(at, key, piece),
                false => self.put_aside(at, piece),
            };
        }
        let busy = wsi.pins > 0 || !rider.backlog.is_empty();
        match wsi.state {
            State::Answered if !busy => return Handed::Later,
            State::Body if !busy && !wsi.rx_paused => {}
            State::Answered | State::Body => return self.put_aside(at, piece),
            _ => {
                mux.piece = None;
                conn.rx.consume(len);
                mux.h2.release(stream, len, conn.tx.frames());
                return Handed::Done;
            }
        }
        let key = rider.wsi;
        mux.piece = None;
        mux.lent = true;
        let parcel = Parcel {
            conn: at,
            wsi: key,
            reason: Reason::ReceiveClientHttpRead,
            stream: Some(stream),
            rx: std::mem::take(&mut conn.rx),
            len,
            home: Home::Lent,
            end,
        };
        match self.call(key, Reason::ReceiveClientHttpRead, Input::None) {
            Some(call) => Handed::Out(Step::Payload { call, parcel }),
            None => {
                self.payload_returned(parcel, -1);
                Handed::Done
            }
        }
    }

    /// Frames of a ws are read where they lie; what is left of the last one is put aside until its rest is there.
    fn hand_out_frames(&mut self, at: Key<Conn>, key: Key<Wsi>, piece: Piece) -> Handed {
        let most = self.wsis.get(key).map_or(1, |wsi| self.rx_buffer_size(wsi));
        let Some(conn) = self.conns.get_mut(at) else {
            return Handed::Later;
        };
        let mut rx = std::mem::take(&mut conn.rx);
        rx.hide_behind(piece.len);
        let found = self.next_of_message(key, &mut rx, most);
        let rest = rx.pending().len();
        self.eaten(Source::Stream(at, piece.stream), piece.len - rest);
        let lent = match &found {
            Some(Found::Here(_, len)) => Some(*len),
            _ => None,
        };
        if let Some(mux) = mux_at(&mut self.conns, at) {
            mux.lent = lent.is_some();
            mux.piece = Some(Piece {
                len: rest - lent.unwrap_or(0),
                ..piece
            });
        }
        let from = Source::Stream(at, piece.stream);
        let (call, rx, len, home) = match found {
            Some(Found::Here(call, len)) => (call, rx, len, Home::Lent),
            Some(Found::Made(call, made, len)) => {
                self.keep_for_later(at, rx);
                (call, made, len, Home::Own)
            }
            None => {
                self.keep_for_later(at, rx);
                return Handed::Done;
            }
        };
        let parcel = self.parcel(from, &call, key, rx, len, home);
        Handed::Out(Step::Payload { call, parcel })
    }

    /// What is left of the piece comes after what the program is handed now, or when the rest of its frame is there.
    fn keep_for_later(&mut self, at: Key<Conn>, rx: Rx) {
        self.show_again(at, rx);
        let mux = self.conns.get(at).and_then(|conn| conn.mux.as_ref());
        if let Some(rest) = mux.and_then(|mux| mux.piece) {
            self.put_aside(at, rest);
        }
    }

    /// The connection has its buffer again, all of it.
    pub(crate) fn show_again(&mut self, at: Key<Conn>, mut rx: Rx) {
        rx.show();
        match self.conns.get_mut(at) {
            Some(conn) => conn.rx = rx,
            None => self.keep_rx(rx),
        }
    }

    /// The program cannot be handed it now: it is copied, and takes up its window until it can.
    fn put_aside(&mut self, at: Key<Conn>, piece: Piece) -> Handed {
        let Some(conn) = self.conns.get_mut(at) else {
            return Handed::Later;
        };
        let Some(mux) = conn.mux.as_deref_mut() else {
            return Handed::Later;
        };
        mux.piece = None;
        let payload = conn.rx.pending().get(..piece.len).unwrap_or_default();
        let kept = mux.rider_mut(piece.stream).map(|rider| {
            rider.ended |= piece.end;
            (rider.wsi, rider.backlog.append(payload))
        });
        conn.rx.consume(piece.len);
        match kept {
            Some((key, false)) => self.fail(key, "HS: OOM"),
            Some((key, true)) => self.was_fed(key),
            None => {}
        }
        Handed::Done
    }

    /// What was put aside is handed out when the program can take it.
    pub(crate) fn offer_backlog(&mut self, key: Key<Wsi>) {
        let Some(wsi) = self.wsis.get(key) else {
            return;
        };
        let Some((at, stream)) = wsi.stream() else {
            return;
        };
        let mux = self.conns.get(at).and_then(|conn| conn.mux.as_ref());
        let Some(rider) = mux.and_then(|mux| mux.rider(stream)) else {
            return;
        };
        if wsi.state == State::Body && !wsi.rx_paused && !rider.backlog.is_empty() {
            self.owe(key, Due::BACKLOG);
        }
    }

    /// READ, of what was put aside.
    pub(crate) fn backlog_step(&mut self, key: Key<Wsi>) -> Option<Step> {
        let wsi = self.wsis.get(key)?;
        if wsi.ask.role == Role::Ws {
            return self.arrival_step(key);
        }
        let (at, stream) = wsi.stream()?;
        if wsi.state != State::Body || wsi.rx_paused {
            return None;
        }
        let mux = self.conns.get_mut(at)?.mux.as_deref_mut()?;
        let rider = mux.rider_mut(stream)?;
        let rx = std::mem::take(&mut rider.backlog);
        let parcel = Parcel {
            conn: at,
            wsi: key,
            reason: Reason::ReceiveClientHttpRead,
            stream: Some(stream),
            len: rx.pending().len(),
            rx,
            home: Home::Own,
            end: rider.ended,
        };
        let call = self.call(key, Reason::ReceiveClientHttpRead, Input::None)?;
        Some(Step::Payload { call, parcel })
    }

    /// READ returned `verdict`, and `returned` knows: the buffer comes back, and the peer may send as much again.
    pub(crate) fn payload_returned(&mut self, mut parcel: Parcel, verdict: i32) {
        let Parcel {
            conn: at,
            wsi: key,
            len,
            ..
        } = parcel;
        let Some(stream) = parcel
            .stream
            .filter(|_| parcel.reason == Reason::ReceiveClientHttpRead)
        else {
            return self.arrival_returned(parcel, verdict);
        };
        let Some(conn) = self.conns.get_mut(at) else {
            return self.keep_rx(parcel.rx);
        };
        let Some(mux) = conn.mux.as_deref_mut() else {
            return self.keep_rx(parcel.rx);
        };
        if parcel.home == Home::Lent && mux.lent {
            parcel.rx.consume(len);
            conn.rx = std::mem::take(&mut parcel.rx);
            mux.lent = false;
            mux.fed = true;
        }
        mux.h2.release(stream, len, conn.tx.frames());
        let mut whole = parcel.end;
        if let Some(rider) = mux.rider_mut(stream) {
            rider.ended |= parcel.end;
            whole = rider.ended && rider.backlog.is_empty();
        }
        self.keep_rx(parcel.rx);
        self.list_conn(at);
        if verdict != 0 {
            return self.refused(key, Reason::ReceiveClientHttpRead, verdict);
        }
        let in_body = self
            .wsis
            .get(key)
            .is_some_and(|wsi| wsi.state == State::Body);
        if in_body && whole {
            self.complete(key);
        } else if in_body {
            self.offer_backlog(key);
        }
    }

    /// A loop runs inside READ: the connection goes on without its buffer, with a copy of what was behind the payload.
    /// `first` is the first byte of it, where another stands there meanwhile.
    pub(crate) fn carry_on(&mut self, at: Key<Conn>, first: Option<u8>, behind: &[u8]) {
        let mut rx = self.take_rx();
        let Some(conn) = self.conns.get_mut(at) else {
            return self.keep_rx(rx);
        };
        let Some(mux) = conn.mux.as_deref_mut().filter(|mux| mux.lent) else {
            return self.keep_rx(rx);
        };
        if !rx.append(behind) {
            return; // no memory: it goes on when the callback has returned
        }
        if let (Some(first), Some(place)) = (first, rx.pending_mut().first_mut()) {
            *place = first;
        }
        conn.rx = rx;
        mux.lent = false;
        mux.fed = true;
        self.list_conn(at);
    }
}
