//! The only place that carries messages of a WebSocket: what the peer's frames come to, and what the program writes.

use super::buffer::Rx;
use super::call::{Call, Input, Reason};
use super::deflate::Piece;
use super::table::Key;
use super::write::Writing;
use super::ws::Shown;
use super::wsi::{State, Wsi};
use super::{Engine, LLL_WARN};
use crate::proto::ws::{Event, Kind, Violation};

/// While so much waits for the socket, pings are not answered: their peer does not read what it asked for.
const PONGS_MOST: usize = 16 * 1024;

/// What the program is told next, and where that is.
pub(crate) enum Found {
    /// So many bytes at the front of what was received.
    Here(Call, usize),
    /// So many bytes in a buffer of their own.
    Made(Call, Rx, usize),
}

enum Told {
    Now(Reason),
    /// The payload is compressed.
    Inflated,
    Nothing,
}

impl Engine {
    /// Goes through the frames that are there, up to one that the program is told of.
    pub(crate) fn next_of_message(
        &mut self,
        key: Key<Wsi>,
        rx: &mut Rx,
        most: usize,
    ) -> Option<Found> {
        loop {
            let ws = self.wsis.get_mut(key)?.ws.as_deref_mut()?;
            if ws.is_inflating() {
                match self.next_inflated(key, rx, most) {
                    Ok(Some(found)) => return Some(found),
                    Ok(None) => continue,
                    Err(violation) => return self.violates(key, rx, violation),
                }
            }
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
                Err(violation) => return self.violates(key, rx, violation),
            };
            let at = event.payload();
            rx.consume(at.start);
            let payload = rx.pending().get(..at.len()).unwrap_or_default();
            match self.told_of(key, &event, payload) {
                Told::Now(reason) => {
                    let call = self.call(key, reason, Input::None)?;
                    return Some(Found::Here(call, at.len()));
                }
                Told::Inflated => {}
                Told::Nothing => rx.consume(at.len()),
            }
        }
    }

    /// Whatever else was received says nothing any more.
    fn violates(&mut self, key: Key<Wsi>, rx: &mut Rx, violation: Violation) -> Option<Found> {
        rx.consume(rx.pending().len());
        if self.wsis.get(key)?.state == State::Parting {
            // No Close is to be expected of it any more.
            self.close_came(key);
            return None;
        }
        self.log_wsi(key, LLL_WARN, violation.text);
        self.break_off(key, violation.code);
        None
    }

    /// What the program is told of an event; those that it is not told of are seen to here.
    fn told_of(&mut self, key: Key<Wsi>, event: &Event, payload: &[u8]) -> Told {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return Told::Nothing;
        };
        let parting = wsi.state == State::Parting;
        match *event {
            Event::Ping { .. } => self.pong(key, payload),
            Event::Close { .. } if parting => self.close_came(key),
            _ if parting => {}
            Event::Data {
                first,
                fin,
                binary,
                remaining,
                compressed,
                ..
            } => {
                let ends = fin && remaining == 0;
                if compressed {
                    let len = payload.len();
                    let piece = Piece {
                        len,
                        first,
                        ends,
                        binary,
                        remaining,
                    };
                    self.begin_inflating(key, &piece);
                    return Told::Inflated;
                }
                if let Some(ws) = wsi.ws.as_deref_mut() {
                    ws.shown = Shown {
                        first,
                        last: ends,
                        binary,
                        remaining,
                    };
                }
                return Told::Now(Reason::ClientReceive);
            }
            Event::Pong { .. } => {
                self.is_valid(key);
                return Told::Now(Reason::ClientReceivePong);
            }
            Event::Close { .. } => return Told::Now(Reason::WsPeerInitiatedClose),
        }
        Told::Nothing
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
    fn unsent_of(&self, wsi: &Wsi) -> usize {
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

    /// Puts one frame, masked, behind what waits to be sent; more than one where the program wants compressed ones to be small.
    pub(crate) fn send_frame(
        &mut self,
        key: Key<Wsi>,
        kind: Kind,
        fin: bool,
        payload: &[u8],
    ) -> Result<(), &'static str> {
        let most = self.most_in_frame(key, kind);
        let mut deflated = std::mem::take(&mut self.deflated);
        let (mut rest, mut next) = (payload, kind);
        let sent = loop {
            let (piece, after) = rest.split_at(rest.len().min(most));
            let ends = fin && after.is_empty();
            let sent = self.send_deflated(key, next, ends, piece, &mut deflated);
            if sent.is_err() || after.is_empty() {
                break sent;
            }
            (rest, next) = (after, Kind::Continuation);
        };
        self.deflated = kept(deflated);
        sent
    }

    fn send_deflated(
        &mut self,
        key: Key<Wsi>,
        kind: Kind,
        fin: bool,
        payload: &[u8],
        deflated: &mut Vec<u8>,
    ) -> Result<(), &'static str> {
        let wsi = self.wsis.get_mut(key).ok_or("the request has ended")?;
        let ws = wsi.ws.as_deref_mut().ok_or("the request is no ws")?;
        let (payload, rsv1) = match Self::deflated(ws, kind, fin, payload, deflated)? {
            Some(rsv1) => (&**deflated, rsv1),
            None => (payload, false),
        };
        let sent = self.put_frame(key, kind, fin, rsv1, payload);
        if sent.is_err() {
            self.undo_deflated(key);
        }
        sent
    }

    fn put_frame(
        &mut self,
        key: Key<Wsi>,
        kind: Kind,
        fin: bool,
        rsv1: bool,
        payload: &[u8],
    ) -> Result<(), &'static str> {
        let Ok(mask) = self.random.take::<4>() else {
            return Err("OpenSSL has no random bytes to mask with");
        };
        let wsi = self.wsis.get_mut(key).ok_or("the request has ended")?;
        let stream = wsi.stream();
        let at = wsi.seat.as_ref().map(|seat| seat.conn);
        let at = at.ok_or("the connection is gone")?;
        let ws = wsi.ws.as_deref_mut().ok_or("the request is no ws")?;
        let Some((at, stream)) = stream else {
            let conn = self.conns.get_mut(at).ok_or("the connection is gone")?;
            let out = conn.tx.frames();
            ws.sender.write(out, kind, fin, rsv1, payload, mask)?;
            self.list_conn(at);
            return Ok(());
        };
        let mut frame = std::mem::take(&mut self.scratch);
        frame.clear();
        let written = ws
            .sender
            .write(&mut frame, kind, fin, rsv1, payload, mask)
            .and_then(|()| match self.write_on_stream(at, stream, &frame, false) {
                Writing::Refused(why) => Err(why),
                _ => Ok(()),
            });
        self.scratch = kept(frame);
        written
    }
}

/// A scratch buffer, unless it has grown beyond what is usual.
fn kept(scratch: Vec<u8>) -> Vec<u8> {
    const USUAL: usize = 64 * 1024;
    match scratch.capacity() <= USUAL {
        true => scratch,
        false => Vec::new(),
    }
}
