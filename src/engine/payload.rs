//! The only place that hands payload of h2 streams to the program: where it lies, or from what was put aside.

use super::Engine;
use super::call::{Due, Input, Reason};
use super::conn::Conn;
use super::mux::Piece;
use super::role::Role;
use super::step::{Parcel, Step};
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
            return self.put_aside(at, piece);
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
            backlog: false,
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
            backlog: true,
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
        if !parcel.backlog && mux.lent {
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
    pub(crate) fn carry_on(&mut self, at: Key<Conn>, behind: &[u8]) {
        let mut rx = self.take_rx();
        let Some(conn) = self.conns.get_mut(at) else {
            return self.keep_rx(rx);
        };
        let Some(mux) = conn.mux.as_deref_mut().filter(|mux| mux.lent) else {
            return self.keep_rx(rx);
        };
        if !rx.append(behind) {
            return; // no memory: it goes on when READ has returned
        }
        conn.rx = rx;
        mux.lent = false;
        mux.fed = true;
        self.list_conn(at);
    }
}
