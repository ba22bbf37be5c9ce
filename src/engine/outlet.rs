//! The only place that says when the frames of an h2 connection leave, whose turn it is to send a part of a body, and how a
//! body ends.

use super::Engine;
use super::call::Due;
use super::conn::{Conn, mux_at};
use super::step::Step;
use super::table::Key;
use super::write::Writing;
use super::wsi::Wsi;
use crate::net::poll::Interest;
use crate::net::transport::Io;
use crate::proto::h2::StreamKey;

/// One TLS record's plaintext: no need to wait for more.
const FLUSH_AT: usize = 16 * 1024;
/// While so much waits for the socket, programs are not asked for more.
const ENOUGH: usize = 64 * 1024;
/// While so much waits for the socket nothing is read, which could only add to it.
pub(crate) const TOO_MUCH: usize = 256 * 1024;
/// Programs that are asked at once for a part of their body.
const TURNS: usize = 4;

impl Engine {
    /// A write that waited for everything else.
    pub(crate) fn next_flush(&mut self) -> Option<Step> {
        while let Some(at) = self.flushing.pop_front() {
            let step = self.flush(at);
            if step.is_some() {
                return step;
            }
        }
        None
    }

    /// What is to be sent leaves, in one write, when there is nothing else to do.
    pub(crate) fn flush(&mut self, at: Key<Conn>) -> Option<Step> {
        let conn = self.conns.get_mut(at)?;
        conn.flushing = false;
        if conn.away || conn.tx.is_empty() || conn.write_blocked {
            return None;
        }
        let transport = conn.transport.take()?;
        conn.away = true;
        let tx = std::mem::take(&mut conn.tx);
        if let Some(mux) = &mut conn.mux {
            mux.goes_out(tx.pending().len());
        }
        Some(Step::Write {
            conn: at,
            transport,
            tx,
        })
    }

    /// Sees to what a connection has to send: now when it is much, else later.
    pub(crate) fn outlet_step(&mut self, at: Key<Conn>) -> Option<Step> {
        self.end_bodies(at);
        self.give_turns(at);
        let conn = self.conns.get_mut(at)?;
        if conn.away || conn.tx.is_empty() || conn.write_blocked {
            return None;
        }
        if conn.tx.pending().len() >= FLUSH_AT {
            return self.flush(at);
        }
        if !conn.flushing {
            conn.flushing = true;
            self.flushing.push_back(at);
        }
        None
    }

    /// A write returned.
    pub(crate) fn mux_wrote(&mut self, at: Key<Conn>, io: Io) {
        let Some(conn) = self.conns.get_mut(at) else {
            return;
        };
        let Some(mux) = conn.mux.as_deref_mut() else {
            return;
        };
        match io {
            Io::Done { n, .. } => {
                mux.went_out(n);
                conn.tx.advance(n);
                conn.carried = u32::from(mux.has_carried());
                let (empty, blocked) = (conn.tx.is_empty(), conn.interest.write);
                // The time for a response begins when the request has left, however slowly that goes.
                let slow = blocked || !empty;
                let leaving = slow.then(|| mux.still_leaving(n));
                for key in leaving.into_iter().flatten() {
                    self.arm_reply(key);
                }
                if empty && blocked {
                    self.want(at, Interest::READ);
                }
            }
            io => {
                mux.went_out(0);
                conn.write_blocked = true;
                match io {
                    Io::WantWrite => self.want(at, Interest::BOTH),
                    Io::WantRead => {}
                    Io::Done { .. } | Io::Eof | Io::Truncated | Io::Failed(_) => {
                        // What the peer still says, responses or the real reason, is looked at first.
                        mux.h2.retire();
                        conn.readable = true;
                    }
                }
            }
        }
        self.list_conn(at);
    }

    /// Whoever has a part of a body to send sends one frame in its turn (contract 2.10), as windows and socket allow. While
    /// programs are about to be asked for theirs nobody has a second turn.
    fn give_turns(&mut self, at: Key<Conn>) {
        loop {
            let Some(conn) = self.conns.get_mut(at) else {
                return;
            };
            let Some(mux) = conn.mux.as_deref_mut() else {
                return;
            };
            if mux.h2.line_is_empty() || mux.turns >= TURNS || conn.tx.pending().len() >= ENOUGH {
                return;
            }
            let Some(stream) = mux.h2.next_writable() else {
                return;
            };
            let Some(rider) = mux.rider(stream) else {
                continue;
            };
            if rider.unsent.is_empty() {
                self.offer_turn(at, stream);
                continue;
            }
            let about_to = |key: &Key<Wsi>| {
                let wsi = self.wsis.get(*key);
                wsi.is_some_and(|wsi| wsi.pins == 0 && wsi.due.contains(Due::WRITEABLE))
            };
            mux.offered.retain(about_to);
            if !mux.offered.is_empty() {
                return mux.h2.wait_in_front(stream);
            }
            self.send_unsent(at, stream);
        }
    }

    fn send_unsent(&mut self, at: Key<Conn>, stream: StreamKey) {
        let Some(conn) = self.conns.get_mut(at) else {
            return;
        };
        let Some(mux) = conn.mux.as_deref_mut() else {
            return;
        };
        let Some(rider) = mux.rider_mut(stream) else {
            return;
        };
        let (key, closing) = (rider.wsi, rider.closing);
        let unsent = std::mem::take(&mut rider.unsent);
        let n = mux
            .h2
            .send_data(stream, unsent.pending(), closing, conn.tx.frames());
        mux.has_grown(stream, &conn.tx);
        let mut wants_more = false;
        if let Some(rider) = mux.rider_mut(stream) {
            rider.unsent = unsent;
            rider.unsent.advance(n);
            wants_more = !rider.unsent.is_empty();
        }
        wants_more |= self.wsis.get(key).is_some_and(|wsi| wsi.wants_write);
        if wants_more {
            mux.h2.mark_writable(stream);
        }
        self.arm_reply(key);
    }

    /// WRITEABLE, if it wants that.
    fn offer_turn(&mut self, at: Key<Conn>, stream: StreamKey) {
        let Some(mux) = mux_at(&mut self.conns, at) else {
            return;
        };
        let Some(rider) = mux.rider_mut(stream) else {
            return;
        };
        let key = rider.wsi;
        let Some(wsi) = self.wsis.get_mut(key) else {
            return;
        };
        if !wsi.wants_write || !wsi.may_send() {
            return;
        }
        wsi.wants_write = false;
        if !rider.turn {
            rider.turn = true;
            mux.turns += 1;
            mux.offered.push(key);
        }
        self.owe(key, Due::WRITEABLE);
    }

    /// Since it was offered its turn others have used up the connection's window: it comes again when that is wider.
    pub(crate) fn has_lost_turn(&mut self, key: Key<Wsi>) -> bool {
        let Some((at, stream)) = self.wsis.get(key).and_then(Wsi::stream) else {
            return false;
        };
        let Some(mux) = mux_at(&mut self.conns, at) else {
            return false;
        };
        let open = mux.h2.has_ended(stream) || mux.h2.send_allowance(stream) > 0;
        let Some(rider) = mux.rider_mut(stream).filter(|rider| rider.turn && !open) else {
            return false;
        };
        rider.turn = false;
        mux.turns -= 1;
        mux.h2.mark_writable(stream);
        if let Some(wsi) = self.wsis.get_mut(key) {
            wsi.wants_write = true;
        }
        true
    }

    /// The program was called about this request and has returned: its turn is over, and what it left to us is done.
    pub(crate) fn called_back(&mut self, at: Key<Conn>, key: Key<Wsi>) {
        let Some((_, stream)) = self.wsis.get(key).and_then(Wsi::stream) else {
            return;
        };
        let Some(mux) = mux_at(&mut self.conns, at) else {
            return;
        };
        let ending = !mux.ending.is_empty();
        let Some(rider) = mux.rider_mut(stream) else {
            return;
        };
        let backlog = !rider.backlog.is_empty();
        let had_turn = rider.turn;
        let told = self
            .wsis
            .get(key)
            .is_some_and(|wsi| !wsi.due.contains(Due::WRITEABLE));
        if had_turn && told {
            rider.turn = false;
            mux.turns -= 1;
        }
        if backlog {
            self.offer_backlog(key);
        }
        if ending || had_turn {
            self.list_conn(at);
        }
    }

    /// `lws_write` on a stream: one frame at most if it is its turn, and the rest as turns come.
    pub(crate) fn write_on_stream(
        &mut self,
        at: Key<Conn>,
        stream: StreamKey,
        payload: &[u8],
        last: bool,
    ) -> Writing {
        let Some(conn) = self.conns.get_mut(at) else {
            return Writing::Refused("the connection is gone");
        };
        let Some(mux) = conn.mux.as_deref_mut() else {
            return Writing::Refused("the connection is gone");
        };
        if mux.h2.has_ended(stream) {
            return match payload {
                [] => Writing::Buffered,
                _ => Writing::Refused(
                    "the request's body has ended: say lws_client_http_body_pending() first",
                ),
            };
        }
        let alone = mux.h2.line_is_empty() && mux.turns == 0;
        let Some(rider) = mux.rider_mut(stream) else {
            return Writing::Refused("the connection is gone");
        };
        rider.closing |= last;
        let key = rider.wsi;
        let may = rider.unsent.is_empty() && (rider.turn || alone || payload.is_empty());
        let turn = std::mem::take(&mut rider.turn);
        mux.turns -= usize::from(turn);
        let n = match may {
            true => mux.h2.send_data(stream, payload, last, conn.tx.frames()),
            false => 0,
        };
        mux.has_grown(stream, &conn.tx);
        let rest = payload.get(n..).unwrap_or_default();
        if !rest.is_empty() {
            let kept = mux.rider_mut(stream).map(|rider| rider.unsent.push(rest));
            if kept != Some(true) {
                return Writing::Refused("out of memory for the request's body");
            }
            mux.h2.mark_writable(stream);
        }
        self.arm_reply(key);
        self.list_conn(at);
        Writing::Buffered
    }

    /// `lws_client_http_body_pending(wsi, 0)`: the stream ends when the program is out of its callback, and what it wrote has
    /// gone. It may still write until then.
    pub(crate) fn body_is_given(&mut self, at: Key<Conn>, stream: StreamKey) {
        let Some(mux) = mux_at(&mut self.conns, at) else {
            return;
        };
        if mux.h2.has_ended(stream) {
            return;
        }
        mux.ending.push(stream);
        self.list_conn(at);
    }

    fn end_bodies(&mut self, at: Key<Conn>) {
        let Some(conn) = self.conns.get_mut(at) else {
            return;
        };
        let Some(mux) = conn.mux.as_deref_mut() else {
            return;
        };
        if mux.ending.is_empty() {
            return;
        }
        let mut ending = std::mem::take(&mut mux.ending);
        ending.retain(|stream| {
            let Some(rider) = mux.rider_mut(*stream) else {
                return false;
            };
            let inside = self.wsis.get(rider.wsi).is_some_and(|wsi| wsi.pins > 0);
            if inside {
                return true;
            }
            rider.closing = true;
            if rider.unsent.is_empty() {
                mux.h2.send_data(*stream, b"", true, conn.tx.frames());
            }
            false
        });
        mux.ending = ending;
    }

    /// `lws_callback_on_writable` on a stream.
    pub(crate) fn wants_turn(&mut self, at: Key<Conn>, key: Key<Wsi>, stream: StreamKey) {
        let Some(mux) = mux_at(&mut self.conns, at) else {
            return;
        };
        if mux.h2.has_ended(stream) {
            // Nothing can be sent: it is asked for the call alone.
            if let Some(wsi) = self.wsis.get_mut(key) {
                wsi.wants_write = false;
            }
            return self.owe(key, Due::WRITEABLE);
        }
        mux.h2.mark_writable(stream);
        self.list_conn(at);
    }

    /// `lws_get_peer_write_allowance`: what the windows let a stream send now.
    pub(crate) fn write_allowance(&self, key: Key<Wsi>) -> Option<i64> {
        let (at, stream) = self.wsis.get(key)?.stream()?;
        let mux = self.conns.get(at)?.mux.as_ref()?;
        let waiting = mux.rider(stream)?.unsent.pending().len() as i64;
        Some(mux.h2.send_allowance(stream) - waiting)
    }

    /// What the peer may send on the stream now.
    pub(crate) fn receive_allowance(&self, key: Key<Wsi>) -> Option<i64> {
        let (at, stream) = self.wsis.get(key)?.stream()?;
        let mux = self.conns.get(at)?.mux.as_ref()?;
        Some(mux.h2.receive_allowance(stream))
    }

    /// `lws_wsi_tx_credit`: the peer may send so much more. `Some(false)`: the window would be too wide.
    pub(crate) fn widen_receive(&mut self, key: Key<Wsi>, by: u32) -> Option<bool> {
        let (at, stream) = self.wsis.get(key)?.stream()?;
        let conn = self.conns.get_mut(at)?;
        let mux = conn.mux.as_deref_mut()?;
        let widened = mux.h2.widen(stream, by, conn.tx.frames());
        self.list_conn(at);
        Some(widened)
    }

    /// More from the program would only wait here.
    pub(crate) fn stream_is_choked(&self, at: Key<Conn>, stream: StreamKey) -> bool {
        let Some(conn) = self.conns.get(at) else {
            return true;
        };
        let rider = conn.mux.as_ref().and_then(|mux| mux.rider(stream));
        conn.tx.pending().len() >= ENOUGH || rider.is_none_or(|rider| !rider.unsent.is_empty())
    }

    /// `lws_h2_client_stream_long_poll_rxonly`: nothing more is sent on it, and its response may take for ever.
    pub(crate) fn only_listen(&mut self, key: Key<Wsi>) -> bool {
        let Some((at, stream)) = self.wsis.get(key).and_then(Wsi::stream) else {
            return false;
        };
        self.set_body_pending(key, false);
        self.make_immortal(key);
        self.write_on_stream(at, stream, b"", true);
        true
    }
}
