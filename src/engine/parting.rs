//! The only place that ends an open ws or raw request in peace: what was written leaves first, and Close is said and answered
//! (RFC 6455 section 7); and that looks whether the peer is still there.

use super::call::Due;
use super::exchange::SECOND;
use super::role::Role;
use super::table::Key;
use super::timer::Micros;
use super::wsi::{State, Wsi};
use super::{Engine, Fire, LLL_WARN};
use crate::proto::ws::{Kind, close_may_be_sent, close_payload};

/// How long what is said last may take, and the peer's answer to it.
const PATIENCE: Micros = 5 * SECOND;

impl Engine {
    /// A callback of an open ws or raw request said no: with a Close if the program gave a reason, else without.
    pub(crate) fn program_closes(&mut self, key: Key<Wsi>, text: &str) {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return;
        };
        let ws = wsi.ws.as_deref_mut();
        let said = ws.as_ref().is_some_and(|ws| ws.sender.is_closed());
        let reason = ws.and_then(|ws| ws.reason.clone()).filter(|_| !said);
        if let Some(reason) = reason {
            let sent = self.send_frame(key, Kind::Close, true, &reason);
            return self.part_open(key, sent.is_ok(), text);
        }
        self.part_open(key, said, text);
    }

    /// `lws_raw_transaction_completed`: `true` when it ends by itself, once what was written has left.
    pub(crate) fn all_is_said(&mut self, key: Key<Wsi>) -> bool {
        let open = self.wsis.get(key).map(|wsi| wsi.state) == Some(State::Open);
        let raw = !matches!(self.role_of(key), Role::Http | Role::Ws);
        if !open || !raw || !self.is_choked(key) {
            return false;
        }
        self.part_open(key, false, "lws_raw_transaction_completed");
        true
    }

    /// WS_PEER_INITIATED_CLOSE returned: 0 means that the peer's Close is answered by the same.
    pub(crate) fn peer_closes(&mut self, key: Key<Wsi>, payload: &[u8], verdict: i32) {
        if self
            .wsis
            .get(key)
            .is_none_or(|wsi| wsi.state != State::Open)
        {
            return;
        }
        if verdict == 0 {
            let _ = self.send_frame(key, Kind::Close, true, payload);
        } else if let Some(reason) = self.reason_of(key) {
            let _ = self.send_frame(key, Kind::Close, true, &reason);
        }
        self.part_open(key, false, "the peer closed it");
    }

    /// `lws_close_reason`: what the Close says when the program ends it. `false` when it is no ws.
    pub(crate) fn set_close(&mut self, key: Key<Wsi>, code: u16, reason: &str) -> bool {
        let ws = self.wsis.get_mut(key).and_then(|wsi| wsi.ws.as_deref_mut());
        let Some(ws) = ws else {
            return false;
        };
        let mut payload = Vec::new();
        if close_may_be_sent(code) && !close_payload(&mut payload, code, reason) {
            return false;
        }
        ws.reason = Some(payload.into());
        true
    }

    /// What `set_close` was told, as it is sent.
    pub(crate) fn close_reason(&self, key: Key<Wsi>) -> &[u8] {
        let ws = self.wsis.get(key).and_then(|wsi| wsi.ws.as_deref());
        ws.and_then(|ws| ws.reason.as_deref()).unwrap_or_default()
    }

    fn reason_of(&self, key: Key<Wsi>) -> Option<Box<[u8]>> {
        self.wsis.get(key)?.ws.as_ref()?.reason.clone()
    }

    /// The peer broke the rules: it is told which kind, and that is the end.
    pub(crate) fn break_off(&mut self, key: Key<Wsi>, code: u16) {
        let mut payload = Vec::new();
        if close_payload(&mut payload, code, "") {
            let _ = self.send_frame(key, Kind::Close, true, &payload);
        }
        self.part_open(key, false, "the peer broke the rules");
    }

    /// Nothing more is handed out or taken; it ends when what waits has left, and, with `awaits`, when the peer's Close is there.
    fn part_open(&mut self, key: Key<Wsi>, awaits: bool, text: &str) {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return;
        };
        if wsi.state != State::Open {
            return self.fail(key, text);
        }
        wsi.state = State::Parting;
        wsi.due = Due::empty();
        wsi.wants_write = false;
        if let Some(ws) = wsi.ws.as_deref_mut() {
            ws.awaits_close = awaits;
        }
        let timers = [wsi.timeout.take(), wsi.timer.take()];
        for timer in timers {
            self.cancel_timer(timer);
        }
        let stream = self.wsis.get(key).and_then(Wsi::stream);
        if let Some((at, stream)) = stream {
            // RFC 8441 section 5: what would be the end of the TCP connection. The peer's is awaited either way.
            self.write_on_stream(at, stream, b"", true);
        } else if self.has_left(key) {
            return self.fail(key, text);
        }
        let at = self.now.saturating_add(PATIENCE);
        self.arm_open(key, at);
        self.resume_open(key);
    }

    /// All that was to be said on its connection is said, and nothing is awaited.
    fn has_left(&self, key: Key<Wsi>) -> bool {
        let Some(wsi) = self.wsis.get(key) else {
            return false;
        };
        let conn = wsi.seat.as_ref().and_then(|seat| self.conns.get(seat.conn));
        let awaits = wsi.ws.as_ref().is_some_and(|ws| ws.awaits_close);
        let sent = wsi.udp.as_ref().is_none_or(|udp| udp.waiting.is_empty());
        !awaits && sent && conn.is_none_or(|conn| conn.tx.is_empty() && !conn.away)
    }

    /// Something left: perhaps that was the last.
    pub(crate) fn look_for_rest(&mut self, key: Key<Wsi>) {
        let parting = self.wsis.get(key).map(|wsi| wsi.state) == Some(State::Parting);
        if parting && self.has_left(key) {
            self.fail(key, "all was said");
        }
    }

    /// The peer's Close, while nothing else is wanted of it.
    pub(crate) fn close_came(&mut self, key: Key<Wsi>) {
        let ws = self.wsis.get_mut(key).and_then(|wsi| wsi.ws.as_deref_mut());
        if let Some(ws) = ws {
            ws.awaits_close = false;
        }
        let on_stream = self.wsis.get(key).and_then(Wsi::stream).is_some();
        if on_stream || self.has_left(key) {
            self.fail(key, "the peer closed it too");
        }
    }

    fn arm_open(&mut self, key: Key<Wsi>, at: Micros) {
        let old = self.wsis.get_mut(key).and_then(|wsi| wsi.reply.take());
        self.cancel_timer(old);
        let timer = self.timers.schedule(at, Fire::Reply(key));
        if let Some(wsi) = self.wsis.get_mut(key) {
            wsi.reply = Some(timer);
        }
    }

    /// The peer showed that it is there, or the program says so: `lws_validity_confirmed`.
    pub(crate) fn is_valid(&mut self, key: Key<Wsi>) {
        let now = self.now;
        let ws = self.wsis.get_mut(key).and_then(|wsi| wsi.ws.as_deref_mut());
        if let Some(ws) = ws {
            ws.valid = now;
            if std::mem::take(&mut ws.pinged) {
                self.arm_validity(key);
            }
        }
    }

    /// The next time to look for a sign of life. What showed one meanwhile moves nothing: it is asked when the time comes.
    pub(crate) fn arm_validity(&mut self, key: Key<Wsi>) {
        let Some(wsi) = self.wsis.get(key) else {
            return;
        };
        let Some(ws) = &wsi.ws else {
            return;
        };
        let validity = wsi.ask.validity;
        let secs = match validity.ping {
            0 => validity.hangup,
            _ if ws.pinged => validity.hangup,
            ping => ping,
        };
        if secs > 0 {
            let at = ws.valid.saturating_add(Micros::from(secs) * SECOND);
            self.arm_open(key, at);
        }
    }

    /// The timer of an open request fired.
    pub(crate) fn open_is_late(&mut self, key: Key<Wsi>) {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return;
        };
        wsi.reply = None;
        if wsi.state == State::Parting {
            return self.fail(key, "the peer did not answer the Close");
        }
        let validity = wsi.ask.validity;
        let Some(ws) = wsi.ws.as_deref_mut() else {
            return;
        };
        let after = |secs: u16| ws.valid.saturating_add(Micros::from(secs) * SECOND);
        if validity.hangup > 0 && self.now >= after(validity.hangup) {
            let text = "ws: no sign of life within secs_since_valid_hangup";
            self.log_wsi(key, LLL_WARN, text);
            return self.fail(key, text);
        }
        if validity.ping > 0 && !ws.pinged && self.now >= after(validity.ping) {
            ws.pinged = true;
            let _ = self.send_frame(key, Kind::Ping, true, b"");
        }
        self.arm_validity(key);
    }
}
