//! The only place that carries messages of a WebSocket: what the peer's frames come to, and what the program writes.

use super::buffer::Rx;
use super::call::{Call, Input, Reason};
use super::table::Key;
use super::write::Writing;
use super::ws::Shown;
use super::wsi::{State, Wsi};
use super::{Engine, LLL_WARN};
use crate::proto::ws::{Event, Kind};

/// While so much waits for the socket, pings are not answered: their peer does not read what it asked for.
const PONGS_MOST: usize = 16 * 1024;

impl Engine {
    /// Goes through the frames that are there, up to one that the program is told of: the callback, and how long the payload at
    /// the front of `rx` is.
    pub(crate) fn next_of_message(
        &mut self,
        key: Key<Wsi>,
        rx: &mut Rx,
        most: usize,
    ) -> Option<(Call, usize)> {
        loop {
            let wsi = self.wsis.get_mut(key)?;
            let parting = wsi.state == State::Parting;
            let ws = wsi.ws.as_deref_mut()?;
            let event = match ws.receiver.handle_rx(rx.pending(), most) {
                Ok((n, None)) => {
                    rx.consume(n);
                    ws.fed = false;
                    if rx.space().is_empty() && !rx.make_space() {
                        self.fail(key, "HS: OOM");
                    }
                    return None;
                }
                Ok((_, Some(event))) => event,
                Err(violation) => {
                    rx.consume(rx.pending().len());
                    if !parting {
                        self.log(LLL_WARN, violation.text);
                        self.break_off(key, violation.code);
                    }
                    return None;
                }
            };
            let at = event.payload();
            rx.consume(at.start);
            let payload = rx.pending().get(..at.len()).unwrap_or_default();
            let reason = self.told_of(key, &event, payload);
            match reason {
                Some(reason) => return Some((self.call(key, reason, Input::None)?, at.len())),
                None => rx.consume(at.len()),
            }
        }
    }

    /// What the program is told of an event, if it is; the others are seen to here.
    fn told_of(&mut self, key: Key<Wsi>, event: &Event, payload: &[u8]) -> Option<Reason> {
        let wsi = self.wsis.get_mut(key)?;
        let parting = wsi.state == State::Parting;
        let ws = wsi.ws.as_deref_mut()?;
        match *event {
            Event::Ping { .. } => {
                self.pong(key, payload);
                None
            }
            Event::Close { .. } if parting => {
                self.close_came(key);
                None
            }
            _ if parting => None,
            Event::Data {
                first,
                fin,
                binary,
                remaining,
                ..
            } => {
                ws.shown = Shown {
                    first,
                    last: fin && remaining == 0,
                    binary,
                    remaining,
                };
                Some(Reason::ClientReceive)
            }
            Event::Pong { .. } => {
                self.is_valid(key);
                Some(Reason::ClientReceivePong)
            }
            Event::Close { .. } => Some(Reason::WsPeerInitiatedClose),
        }
    }

    /// RFC 6455 section 5.5.3: whatever the program does, a ping is answered.
    fn pong(&mut self, key: Key<Wsi>, payload: &[u8]) {
        let Some(wsi) = self.wsis.get(key).filter(|wsi| wsi.state == State::Open) else {
            return;
        };
        if self.unsent_of(wsi) < PONGS_MOST {
            let _ = self.send_frame(key, Kind::Pong, true, payload);
        }
    }

    /// What waits for the socket, or for a window, before what this one would send now.
    pub(crate) fn unsent_of(&self, wsi: &Wsi) -> usize {
        let Some(conn) = wsi.seat.as_ref().and_then(|seat| self.conns.get(seat.conn)) else {
            return 0;
        };
        let rider = wsi
            .stream()
            .and_then(|(_, stream)| conn.mux.as_ref()?.rider(stream));
        match rider {
            Some(rider) => rider.unsent.pending().len(),
            None => conn.tx.pending().len(),
        }
    }

    /// `lws_write` on a WebSocket: one frame.
    pub(crate) fn write_message(
        &mut self,
        key: Key<Wsi>,
        kind: Kind,
        fin: bool,
        payload: &[u8],
    ) -> Writing {
        let Some(wsi) = self.wsis.get(key) else {
            return Writing::Refused("the request has ended");
        };
        if !wsi.may_send() {
            return Writing::Refused("the ws is not open: write from CLIENT_ESTABLISHED on");
        }
        let whole = wsi.stream().is_none();
        let at = wsi.seat.as_ref().map(|seat| seat.conn);
        if let Err(why) = self.send_frame(key, kind, fin, payload) {
            return Writing::Refused(why);
        }
        let step = at.filter(|_| whole).and_then(|at| self.write_step(at));
        step.map_or(Writing::Buffered, Writing::Step)
    }

    /// Puts one frame, masked, behind what waits to be sent.
    pub(crate) fn send_frame(
        &mut self,
        key: Key<Wsi>,
        kind: Kind,
        fin: bool,
        payload: &[u8],
    ) -> Result<(), &'static str> {
        let Ok(mask) = self.random.take::<4>() else {
            return Err("OpenSSL has no random bytes to mask with");
        };
        let wsi = self.wsis.get_mut(key).ok_or("the request has ended")?;
        let stream = wsi.stream();
        let at = wsi.seat.as_ref().map(|seat| seat.conn);
        let ws = wsi.ws.as_deref_mut().ok_or("the request is no ws")?;
        let conn = at.and_then(|at| self.conns.get_mut(at));
        let conn = conn.ok_or("the connection is gone")?;
        let Some((at, stream)) = stream else {
            ws.sender
                .write(conn.tx.frames(), kind, fin, false, payload, mask)?;
            if let Some(at) = at {
                self.list_conn(at);
            }
            return Ok(());
        };
        let mut frame = std::mem::take(&mut self.scratch);
        frame.clear();
        let written = ws
            .sender
            .write(&mut frame, kind, fin, false, payload, mask)
            .and_then(|()| match self.write_on_stream(at, stream, &frame, false) {
                Writing::Refused(why) => Err(why),
                _ => Ok(()),
            });
        self.scratch = frame;
        written
    }
}
