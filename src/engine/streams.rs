//! The only place that reads what an h2 connection received: whose it is, and what it makes of that request.

use super::Engine;
use super::call::Due;
use super::conn::{Conn, Loss, mux_at};
use super::exchange::{HUNG_UP, SECOND};
use super::list::Dll2Owner;
use super::mux::Piece;
use super::outlet::TOO_MUCH;
use super::payload::Handed;
use super::step::Step;
use super::table::Key;
use super::wsi::{State, Wsi};
use crate::net::poll::Interest;
use crate::net::transport::Io;
use crate::proto::Fault;
use crate::proto::h2::{ErrorCode, Event, RX_NEEDED, StreamKey};

/// Room for a record behind what waits for its rest.
const SPACE: usize = RX_NEEDED + 16 * 1024;

impl Engine {
    /// What an h2 connection does next.
    pub(crate) fn mux_step(&mut self, at: Key<Conn>) -> Option<Step> {
        if self.conns.get(at)?.mux.as_ref()?.dead {
            return None;
        }
        if let Some(step) = self.read_frames(at) {
            return Some(step);
        }
        if let Some(step) = self.outlet_step(at) {
            return Some(step);
        }
        let conn = self.conns.get_mut(at)?;
        if !takes_more(conn) {
            return None;
        }
        if !(conn.readable || conn.probe) {
            self.resume_read(at);
            return None;
        }
        let transport = conn.transport.take()?;
        conn.away = true;
        let mut rx = std::mem::take(&mut conn.rx);
        if !rx.is_allocated() {
            rx = self.take_rx();
        }
        if !rx.make_room(SPACE) {
            self.give_back(at, transport);
            self.lose(at, Loss::Broken("HS: OOM".to_owned()));
            return None;
        }
        Some(Step::Read {
            conn: at,
            transport,
            rx,
        })
    }

    /// The socket of an h2 connection has news.
    pub(crate) fn mux_ready(&mut self, at: Key<Conn>) {
        let Some(conn) = self.conns.get(at) else {
            return;
        };
        if conn.readable && !takes_more(conn) {
            // Switched off until it can be looked at: the event is level-triggered.
            let interest = match conn.interest.write && conn.write_blocked {
                true => Interest::WRITE,
                false => Interest::NONE,
            };
            self.want(at, interest);
        } else if conn.interest.write && conn.tx.is_empty() {
            self.want(at, Interest::READ); // the room was for a read that wanted to write: TLS
        }
        self.list_conn(at);
    }

    /// A read returned.
    pub(crate) fn mux_read(&mut self, at: Key<Conn>, io: Io) {
        let now = self.now;
        let Some(conn) = self.conns.get_mut(at) else {
            return;
        };
        let Some(mux) = conn.mux.as_deref_mut() else {
            return;
        };
        match io {
            Io::Done { n, more } => {
                conn.rx.filled(n);
                conn.readable = more;
                mux.fed = true;
                mux.heard = now;
                if now.saturating_sub(mux.refilled) >= SECOND {
                    mux.refilled = now;
                    mux.h2.refill_budget();
                }
            }
            Io::WantRead if conn.probe => {
                conn.probe = false;
                self.resume_read(at);
                self.promote(at);
            }
            Io::WantRead => self.resume_read(at),
            Io::WantWrite => self.want(at, Interest::BOTH),
            _ if conn.is_up() && (conn.probe || !conn.is_ridden()) => self.retire(at),
            Io::Eof | Io::Truncated => self.peer_left(at, HUNG_UP),
            Io::Failed(text) => self.peer_left(at, &format!("read failed: {text}")),
        }
    }

    /// Goes through the frames that are there, up to payload that is to be handed out.
    fn read_frames(&mut self, at: Key<Conn>) -> Option<Step> {
        loop {
            let conn = self.conns.get_mut(at)?;
            let mux = conn.mux.as_deref_mut()?;
            if mux.lent || !mux.fed {
                return None;
            }
            if let Some(piece) = mux.piece {
                match self.hand_out(at, piece) {
                    Handed::Out(step) => return Some(step),
                    Handed::Done => continue,
                    Handed::Later => return None,
                }
            }
            let spares = &mut self.spare_responses;
            let response = mux
                .response
                .get_or_insert_with(|| spares.pop().unwrap_or_default());
            let rx = conn.rx.pending();
            let handled = mux
                .h2
                .handle_rx(rx, &mut response.headers, conn.tx.frames());
            match handled {
                Ok((n, None)) => {
                    conn.rx.consume(n);
                    mux.fed = false;
                    self.settle(at);
                    return None;
                }
                Ok((
                    _,
                    Some(Event::Data {
                        stream,
                        at: place,
                        end,
                    }),
                )) => {
                    conn.rx.consume(place.start);
                    let len = place.len();
                    mux.piece = Some(Piece { stream, len, end });
                }
                Ok((n, Some(event))) => {
                    conn.rx.consume(n);
                    self.event(at, event);
                }
                Err(Fault::Peer(text) | Fault::App(text)) => {
                    self.peer_left(at, text);
                    return None;
                }
            }
        }
    }

    fn event(&mut self, at: Key<Conn>, event: Event) {
        match event {
            Event::Up => self.up(at),
            Event::SettingsChanged if self.conns.get(at).is_some_and(Conn::is_waited_for) => {
                self.promote(at);
            }
            Event::Headers {
                stream,
                status,
                end,
                ..
            } => self.head_came(at, stream, status, end),
            Event::End { stream } => self.response_ended(at, stream),
            Event::Reset {
                stream,
                code,
                by_us,
                text,
            } => self.stream_was_reset(at, stream, code, by_us, text),
            Event::GoAway { last, code } => self.peer_goes(at, last, code),
            Event::Refused { stream } => {
                let mux = self.conns.get(at).and_then(|conn| conn.mux.as_ref());
                let code = mux.and_then(|mux| mux.goaway);
                let code = code.unwrap_or(ErrorCode::NO_ERROR);
                self.was_not_processed(at, stream, code, "GOAWAY");
            }
            Event::WindowOpened { stream, by } => self.window_opened(at, stream, by),
            // Nobody waits: an idle connection does not become younger by it.
            Event::SettingsChanged | Event::Pong { .. } | Event::Data { .. } => {}
        }
    }

    fn head_came(&mut self, at: Key<Conn>, stream: StreamKey, status: u16, end: bool) {
        let Some(mux) = mux_at(&mut self.conns, at) else {
            return;
        };
        mux.answers();
        let Some(rider) = mux.rider_mut(stream) else {
            return;
        };
        rider.ended |= end;
        let key = rider.wsi;
        let Some(wsi) = self
            .wsis
            .get_mut(key)
            .filter(|wsi| wsi.state == State::Sent)
        else {
            return;
        };
        let Some(mut response) = mux.response.take() else {
            return;
        };
        response.status = status;
        wsi.response = Some(response);
        wsi.state = State::Answered;
        let late = wsi.reply.take();
        self.cancel_timer(late);
        self.forget_kept(key);
        self.head_is_in(key);
    }

    /// The whole response is here; it is complete when the program has been handed all of it.
    fn response_ended(&mut self, at: Key<Conn>, stream: StreamKey) {
        let Some(mux) = mux_at(&mut self.conns, at) else {
            return;
        };
        let Some(rider) = mux.rider_mut(stream) else {
            return;
        };
        rider.ended = true;
        let (key, whole) = (rider.wsi, rider.backlog.is_empty());
        let in_body = self
            .wsis
            .get(key)
            .is_some_and(|wsi| wsi.state == State::Body);
        if whole && in_body {
            self.complete(key);
        }
        self.was_fed(key);
    }

    /// All of its response is here, and the program has not been told of all.
    pub(crate) fn has_its_response(&self, key: Key<Wsi>) -> bool {
        let Some(wsi) = self.wsis.get(key) else {
            return false;
        };
        let told = !matches!(wsi.state, State::Answered | State::Body);
        let Some((at, stream)) = wsi.stream().filter(|_| !told) else {
            return false;
        };
        let mux = self.conns.get(at).and_then(|conn| conn.mux.as_ref());
        mux.and_then(|mux| mux.rider(stream))
            .is_some_and(|rider| rider.ended)
    }

    /// The connection broke, and those whose responses are here stay on it until they were told. Nothing is read from it or
    /// written to it any more. Who waited for it is returned.
    pub(crate) fn outlive(&mut self, at: Key<Conn>) -> Dll2Owner<Wsi> {
        self.want(at, Interest::NONE);
        self.set_deadline(at, None);
        let Some(conn) = self.conns.get_mut(at) else {
            return Dll2Owner::default();
        };
        conn.write_blocked = true;
        if let Some(mux) = conn.mux.as_deref_mut() {
            mux.h2.retire();
            mux.dead = true;
            mux.moving.clear();
        }
        let line = std::mem::take(&mut conn.dll2_cli_txn_queue_owner);
        if self.identities.live(conn.identity) == Some(at) {
            self.identities.set_live(conn.identity, None);
        }
        line
    }

    /// ESTABLISHED returned 0.
    pub(crate) fn established_on_stream(&mut self, at: Key<Conn>, key: Key<Wsi>) {
        let Some((_, stream)) = self.wsis.get(key).and_then(Wsi::stream) else {
            return;
        };
        let Some(mux) = mux_at(&mut self.conns, at) else {
            return;
        };
        let Some(rider) = mux.rider(stream) else {
            return;
        };
        let (whole, ended) = (rider.backlog.is_empty(), rider.ended);
        mux.fed |= mux.piece.is_some();
        if mux.fed {
            self.list_conn(at);
        }
        if !whole {
            self.offer_backlog(key);
        } else if ended {
            self.complete(key);
        }
    }

    fn stream_was_reset(
        &mut self,
        at: Key<Conn>,
        stream: StreamKey,
        code: ErrorCode,
        by_us: bool,
        text: &str,
    ) {
        let Some(mux) = mux_at(&mut self.conns, at) else {
            return;
        };
        let Some(rider) = mux.rider(stream) else {
            return;
        };
        let key = rider.wsi;
        match code {
            _ if by_us => self.fail(key, text),
            ErrorCode::REFUSED_STREAM => {
                mux.is_refused();
                self.was_not_processed(at, stream, code, "RST_STREAM");
            }
            ErrorCode::HTTP_1_1_REQUIRED => {
                self.was_not_processed(at, stream, code, "RST_STREAM");
            }
            _ => self.fail(key, &format!("{text}: {}", code.name())),
        }
    }

    fn window_opened(&mut self, at: Key<Conn>, stream: Option<StreamKey>, by: u32) {
        let Some(mux) = mux_at(&mut self.conns, at) else {
            return;
        };
        let rider = stream.and_then(|stream| mux.rider_mut(stream));
        if let Some(rider) = rider.filter(|rider| rider.manual) {
            rider.credit = rider.credit.saturating_add(by);
            let key = rider.wsi;
            self.owe(key, Due::CREDIT);
        }
    }

    /// What WSI_TX_CREDIT_GET says.
    pub(crate) fn credit_to_tell(&mut self, key: Key<Wsi>) -> u32 {
        let Some((at, stream)) = self.wsis.get(key).and_then(Wsi::stream) else {
            return 0;
        };
        let mux = mux_at(&mut self.conns, at);
        let rider = mux.and_then(|mux| mux.rider_mut(stream));
        rider.map_or(0, |rider| std::mem::take(&mut rider.credit))
    }

    /// All that was received is read: who was left out of the connection is placed again.
    fn settle(&mut self, at: Key<Conn>) {
        let Some(mux) = mux_at(&mut self.conns, at) else {
            return;
        };
        let mut moving = std::mem::take(&mut mux.moving);
        let goes = mux.h2.is_retired() && mux.goaway.is_some();
        if moving.is_empty() && !goes {
            // A stream may be over on the wire long before its program has read it all.
            if self.conns.get(at).is_some_and(Conn::is_waited_for) {
                self.promote(at);
            }
            return;
        }
        if goes {
            moving.extend(self.take_unsent_riders(at));
        }
        if !moving.is_empty() {
            self.move_on(at, &moving);
        }
        let Some(conn) = self.conns.get(at) else {
            return;
        };
        if goes && self.identities.live(conn.identity) == Some(at) {
            self.close_to_others(at);
        }
        self.lane_is_free(at);
    }
}

/// It can be read from: nothing of what was read before waits.
fn takes_more(conn: &Conn) -> bool {
    let Some(mux) = &conn.mux else {
        return false;
    };
    !mux.dead
        && !conn.away
        && !mux.lent
        && mux.piece.is_none()
        && conn.tx.pending().len() < TOO_MUCH
}
