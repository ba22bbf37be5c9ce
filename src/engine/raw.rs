//! The only place that carries raw bytes: a connection that is up is its request's, and what arrives is handed out as it is.
//!
//!     up -> RAW_CONNECTED -> (RAW_RX | RAW_WRITEABLE)* -> RAW_CLOSE

use super::Engine;
use super::call::{Due, Input, Reason};
use super::conn::Conn;
use super::role::Role;
use super::step::{Parcel, Step};
use super::table::Key;
use super::wsi::{State, Wsi};

impl Engine {
    /// The connection is up: the program is told.
    pub(crate) fn open_raw(&mut self, at: Key<Conn>, key: Key<Wsi>) {
        let (Some(conn), Some(wsi)) = (self.conns.get_mut(at), self.wsis.get_mut(key)) else {
            return;
        };
        conn.started = true;
        conn.response_began = true; // a write of the program's starts no clock
        conn.raw = true;
        wsi.state = State::Answered;
        self.owe(key, Due::ESTABLISHED);
    }

    /// RAW_CONNECTED returned 0.
    pub(crate) fn raw_connected(&mut self, key: Key<Wsi>) {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return;
        };
        if wsi.state != State::Answered {
            return; // ended itself inside
        }
        wsi.state = State::Open;
        self.resume_raw(key);
    }

    /// What arrives is handed out from here on, or again.
    pub(crate) fn resume_raw(&mut self, key: Key<Wsi>) {
        let wsi = self.wsis.get(key).filter(|wsi| wsi.state == State::Open);
        let seat = wsi.and_then(|wsi| wsi.seat.as_ref());
        if let Some(at) = seat.map(|seat| seat.conn) {
            self.resume_read(at);
            self.list_conn(at);
        }
    }

    /// It is a raw request: its bytes are nobody's business.
    pub(crate) fn is_for_raw(&self, key: Key<Wsi>) -> bool {
        self.wsis
            .get(key)
            .is_some_and(|wsi| wsi.ask.role == Role::Raw)
    }

    pub(crate) fn is_raw(&self, at: Key<Conn>) -> bool {
        self.conns.get(at).is_some_and(|conn| conn.raw)
    }

    /// RAW_RX, about what was received and has not been handed out.
    pub(crate) fn raw_step(&mut self, at: Key<Conn>) -> Option<Step> {
        let conn = self.conns.get(at).filter(|conn| conn.raw)?;
        let key = conn.leader?;
        let wsi = self.wsis.get(key)?;
        let most = self.rx_buffer_size(wsi);
        let takes = wsi.state == State::Open && wsi.pins == 0 && !wsi.rx_paused && !wsi.reading;
        if !takes || conn.rx.is_empty() {
            return None;
        }
        let call = self.call(key, Reason::RawRx, Input::None)?;
        self.wsis.get_mut(key)?.reading = true;
        let rx = std::mem::take(&mut self.conns.get_mut(at)?.rx);
        let parcel = Parcel {
            conn: at,
            wsi: key,
            stream: None,
            len: rx.pending().len().min(most),
            rx,
            backlog: true,
            end: false,
        };
        Some(Step::Payload { call, parcel })
    }

    fn rx_buffer_size(&self, wsi: &Wsi) -> usize {
        let vhost = self.vhosts.get(wsi.vhost);
        let protocol =
            vhost.and_then(|vhost| vhost.config.protocols.get(usize::from(wsi.protocol)));
        protocol.map_or(1, |protocol| protocol.rx_buffer_size.max(1))
    }

    /// RAW_RX returned `verdict`: what is behind the piece it was about comes next.
    pub(crate) fn raw_rx_returned(&mut self, mut parcel: Parcel, verdict: i32) {
        let (at, key) = (parcel.conn, parcel.wsi);
        if let Some(wsi) = self.wsis.get_mut(key) {
            wsi.reading = false;
        }
        parcel.rx.consume(parcel.len);
        match self.conns.get_mut(at) {
            Some(conn) if !parcel.rx.is_empty() => conn.rx = parcel.rx,
            _ => self.keep_rx(parcel.rx),
        }
        if verdict < 0 {
            return self.refused(key, Reason::RawRx, verdict);
        }
        self.resume_raw(key);
    }
}

/// More can be read for the program: it has been handed what was read before.
pub(crate) fn takes_raw(conn: &Conn, wsi: &Wsi) -> bool {
    conn.rx.is_empty() && !wsi.rx_paused && !wsi.reading
}
