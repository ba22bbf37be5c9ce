//! The only place that ends things: a request, the connection under it, and what that means for those who waited.

use std::sync::Arc;

use super::Engine;
use super::call::Due;
use super::conn::{Conn, Loss, Phase};
use super::form::taken_back;
use super::gate::Limit;
use super::list::Dll2Owner;
use super::table::Key;
use super::wsi::{Framing, Lane, State, Wsi};
use crate::proto::h2::ErrorCode;

/// Contract section 4: attempts that sent bytes.
pub(crate) const ATTEMPTS: u8 = 3;

/// A request that was under way when its connection ended.
enum Fate {
    /// It goes to a new connection, before all that waited.
    Again(Key<Wsi>),
    Ended,
}

impl Engine {
    /// A reason as programs see it: what, which peer, which phase, what to do. One line, NUL at its end.
    fn reason(&self, key: Key<Wsi>, text: &str) -> Arc<str> {
        let wsi = self.wsis.get(key);
        let peer = wsi.map_or_else(String::new, |wsi| {
            self.identities.get(wsi.identity).place().peer_text()
        });
        let phase = wsi.map_or("", |wsi| self.phase_text(wsi));
        let advice = advice(text);
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        format!("{text}: {peer}, {phase}{advice}\0").into()
    }

    fn phase_text(&self, wsi: &Wsi) -> &'static str {
        let conn = wsi.seat.as_ref().and_then(|seat| self.conns.get(seat.conn));
        match (wsi.state, conn.map(|conn| &conn.phase)) {
            (State::Sent, _) => "before the response head",
            (State::Answered | State::Body, _) => "with the response head in",
            (State::Opening | State::Open | State::Parting, _) => "with the connection up",
            (_, Some(Phase::Dialing(_))) => "while connecting",
            (_, Some(Phase::Tunneling { .. })) => "while the proxy is asked for a tunnel",
            (_, Some(Phase::Securing { .. })) => "in the TLS handshake",
            (_, Some(Phase::Greeting)) => "before the server's SETTINGS",
            (_, Some(Phase::Up)) => "before the request was sent",
            (_, None) => "while waiting for a connection",
        }
    }

    /// A request ends because something of its own went wrong; its connection, if it was on one, follows contract 2.6.
    pub(crate) fn fail(&mut self, key: Key<Wsi>, text: &str) {
        let reason = self.reason(key, text);
        self.end(key, Some(reason));
        let conn = self
            .wsis
            .get(key)
            .and_then(|wsi| wsi.seat.as_ref())
            .map(|seat| seat.conn);
        let started = conn
            .and_then(|at| self.conns.get(at))
            .is_some_and(|conn| conn.started);
        match self.detach(key) {
            Some((at, seat)) if seat.lane == Lane::Whole => self.abandon(at, started),
            Some((at, _)) => self.lane_is_free(at),
            None => {}
        }
    }

    /// Notes how a request ends and owes it its last callbacks. It keeps its place until `detach`.
    fn end(&mut self, key: Key<Wsi>, reason: Option<Arc<str>>) {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return;
        };
        if matches!(wsi.state, State::Ended | State::Completing) {
            return;
        }
        let closed = match (wsi.is_established(), &reason) {
            (true, _) => Due::CLOSED,
            (false, Some(_)) => Due::ERROR,
            (false, None) => Due::empty(),
        };
        wsi.reason = reason;
        self.last_callbacks(key, closed);
    }

    /// COMPLETED was answered: DROP, CLOSED and WSI_DESTROY follow.
    pub(crate) fn finish(&mut self, key: Key<Wsi>) {
        self.leave_seat(key);
        self.last_callbacks(key, Due::CLOSED);
    }

    fn last_callbacks(&mut self, key: Key<Wsi>, closed: Due) {
        self.measure_silence(key);
        let Some(wsi) = self.wsis.get_mut(key) else {
            return;
        };
        wsi.state = State::Ended;
        if wsi.due.contains(Due::UNBIND) {
            wsi.due.remove(Due::BIND); // it is bound still
        }
        // What an interrupted connect call, or a redirect, still owes comes first: each has its counterpart among the last.
        wsi.due = wsi.due & (Due::CREATE_FIRST | Due::BIND | Due::CREATE) | closed | Due::DESTROY;
        if wsi.bound {
            wsi.due |= Due::DROP;
        }
        let child = wsi.family.as_ref().is_some_and(|own| own.parent.is_some());
        wsi.due.set(Due::CHILD_CLOSING, child);
        let timers = [wsi.timeout.take(), wsi.timer.take(), wsi.reply.take()];
        for timer in timers {
            self.cancel_timer(timer);
        }
        self.forget_kept(key);
        self.list_wsi_first(key);
    }

    /// Takes a request out of the queue it waits in, or off its seat.
    fn detach(&mut self, key: Key<Wsi>) -> Option<(Key<Conn>, super::wsi::Seat)> {
        let wsi = self.wsis.get(key)?;
        if let Some(identity) = wsi.dll2_cli_txn_queue.owner {
            let live = self.identities.live(identity);
            if let Some(conn) = live.and_then(|live| self.conns.get_mut(live)) {
                conn.dll2_cli_txn_queue_owner.remove(&mut self.wsis, key);
            }
        }
        self.leave_seat(key)
    }

    /// The leader left. A connection on which nothing of it was under way goes to the next; any other closes.
    fn abandon(&mut self, at: Key<Conn>, started: bool) {
        let Some(conn) = self.conns.get(at) else {
            return;
        };
        let untouched = !conn.is_up() || !started;
        let secured_alone = !conn.shared && matches!(conn.phase, Phase::Securing { .. });
        if !untouched || secured_alone {
            return self.retire(at);
        }
        if self.next_leader(at) {
            return self.promote(at);
        }
        match self.conns.get(at).is_some_and(Conn::is_up) {
            true if self.conns.get(at).is_some_and(|conn| conn.shared) => self.promote(at),
            _ => self.retire(at),
        }
    }

    /// A connection takes no more riders: it closes, and whoever waited goes to a new one. Nobody on it is told.
    pub(crate) fn retire(&mut self, at: Key<Conn>) {
        let leader = self.conns.get(at).and_then(|conn| conn.leader);
        if let Some(leader) = leader {
            self.leave_seat(leader);
            self.back_to_waiting(leader);
        }
        let line = self.drop_conn(at, true);
        match leader {
            Some(leader) => self.rejoin_after(&[leader], line),
            None => self.rejoin(line),
        }
    }

    /// Requests other than its leader look for another connection.
    pub(crate) fn close_to_others(&mut self, at: Key<Conn>) {
        let line = self.take_line(at);
        self.rejoin(line);
    }

    /// Nobody else will wait for it; who did is returned.
    pub(crate) fn take_line(&mut self, at: Key<Conn>) -> Dll2Owner<Wsi> {
        let Some(conn) = self.conns.get_mut(at) else {
            return Dll2Owner::default();
        };
        let line = std::mem::take(&mut conn.dll2_cli_txn_queue_owner);
        let identity = conn.identity;
        if self.identities.live(identity) == Some(at) {
            self.identities.set_live(identity, None);
        }
        line
    }

    /// A connection ended, or could not be made. Contract 2.5, 2.6 and section 4.
    pub(crate) fn lose(&mut self, at: Key<Conn>, loss: Loss) {
        let Some(conn) = self.conns.get(at) else {
            return;
        };
        let leader = conn.leader;
        match loss {
            Loss::Refused(text) => {
                if let Some(leader) = leader {
                    let reason = self.reason(leader, &text);
                    self.end(leader, Some(reason));
                    self.leave_seat(leader);
                }
                let line = self.drop_conn(at, false);
                self.rejoin(line);
            }
            Loss::Broken(text) if conn.carried > 0 => self.broken(at, leader, &text),
            Loss::Attempt(text) | Loss::Broken(text) => self.fail_all(at, leader, &text),
        }
    }

    /// Everybody on it and behind it is told: those who ride first, then those who waited, in the order they asked.
    fn fail_all(&mut self, at: Key<Conn>, leader: Option<Key<Wsi>>, text: &str) {
        let riders = self.riders(at, leader);
        let mut reason = None;
        for rider in riders {
            let text = reason
                .get_or_insert_with(|| self.reason(rider, text))
                .clone();
            self.end_in_turn(rider, text);
            self.leave_seat(rider);
        }
        let mut line = self.drop_conn(at, false);
        let Some(reason) = reason.or_else(|| Some(self.reason(line.head?, text))) else {
            return;
        };
        while let Some(next) = line.pop_head(&mut self.wsis) {
            self.end_in_turn(next, reason.clone());
        }
    }

    fn riders(&self, at: Key<Conn>, leader: Option<Key<Wsi>>) -> Vec<Key<Wsi>> {
        let mux = self.conns.get(at).and_then(|conn| conn.mux.as_ref());
        let mut riders = mux.map_or_else(Vec::new, |mux| mux.everybody());
        riders.extend(leader);
        riders
    }

    fn end_in_turn(&mut self, key: Key<Wsi>, reason: Arc<str>) {
        self.list_wsi(key);
        self.end(key, Some(reason));
    }

    fn broken(&mut self, at: Key<Conn>, leader: Option<Key<Wsi>>, text: &str) {
        let mut again = Vec::new();
        let mut outlived = false;
        for rider in self.riders(at, leader) {
            if self.has_its_response(rider) {
                outlived = true;
                continue;
            }
            if let Fate::Again(rider) = self.fate(at, rider, text) {
                again.push(rider);
            }
            self.leave_seat(rider);
        }
        let line = match outlived {
            true => self.outlive(at),
            false => self.drop_conn(at, false),
        };
        self.rejoin_after(&again, line);
    }

    /// What becomes of the request that was on a connection when it broke: the table of contract section 4.
    fn fate(&mut self, at: Key<Conn>, leader: Key<Wsi>, text: &str) -> Fate {
        if let Some((_, stream)) = self.wsis.get(leader).and_then(Wsi::stream) {
            return match self.may_ride_again(at, leader, stream) {
                true => self.again(leader),
                false => self.ended(leader, text),
            };
        }
        let (Some(conn), Some(wsi)) = (self.conns.get_mut(at), self.wsis.get_mut(leader)) else {
            return Fate::Ended;
        };
        let reused = conn.carried > 1;
        let again = match wsi.state {
            State::Waiting | State::Asking => true,
            State::Sent if conn.leader_sent_nothing() => true,
            State::Sent => {
                reused
                    && !conn.response_began
                    && wsi.ask.method.is_idempotent()
                    && !wsi.body_taken
                    && wsi.attempts < ATTEMPTS
            }
            _ => false,
        };
        if !again {
            return self.ended(leader, text);
        }
        if wsi.state == State::Sent {
            let mut kept = conn.tx.take_kept();
            kept.body = taken_back(wsi, kept.body);
            wsi.kept = Some(Box::new(kept));
        }
        self.again(leader)
    }

    fn again(&mut self, key: Key<Wsi>) -> Fate {
        self.back_to_waiting(key);
        Fate::Again(key)
    }

    fn ended(&mut self, key: Key<Wsi>, text: &str) -> Fate {
        let completing = self.wsis.get(key).map(|wsi| wsi.state) == Some(State::Completing);
        if !completing {
            let reason = self.reason(key, text);
            self.end_in_turn(key, reason);
        }
        Fate::Ended
    }

    pub(crate) fn back_to_waiting(&mut self, key: Key<Wsi>) {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return;
        };
        wsi.state = State::Waiting;
        wsi.framing = Framing::AsIs;
        wsi.body_left = None;
        wsi.wants_write |= wsi.due.contains(Due::WRITEABLE);
        wsi.due
            .remove(Due::APPEND | Due::WRITEABLE | Due::CONNECTING | Due::CREDIT);
        let late = wsi.reply.take();
        self.cancel_timer(late);
    }

    /// Takes a connection out of every book. What waited for it is returned.
    pub(crate) fn drop_conn(&mut self, at: Key<Conn>, polite: bool) -> Dll2Owner<Wsi> {
        self.measure_unmade(at);
        self.stop_dialing(at);
        self.set_deadline(at, None);
        let Some(conn) = self.conns.get(at) else {
            return Dll2Owner::default();
        };
        let (vhost, identity) = (conn.vhost, conn.identity);
        if let Some(vhost) = self.vhosts.get_mut(vhost) {
            let owner = &mut vhost.dll_cli_active_conns_owner;
            owner.remove(&mut self.conns, at);
        }
        if self.identities.live(identity) == Some(at) {
            self.identities.set_live(identity, None);
        }
        let Some(mut conn) = self.conns.remove(at) else {
            return Dll2Owner::default();
        };
        match conn.transport.take() {
            Some(transport) => {
                self.unwatch(at, transport.fd(), conn.interest);
                let polite = polite && matches!(conn.phase, Phase::Greeting | Phase::Up);
                let words = last_words(&mut conn, polite);
                self.part(transport, polite, words);
            }
            // It is out on a step further up the stack, and still open: a nested loop must not be woken by it for ever.
            None if conn.away => self.unwatch(at, conn.fd, conn.interest),
            None => {}
        }
        self.remember(at, &conn);
        self.keep_rx(std::mem::take(&mut conn.rx));
        if let Some(response) = conn.mux.as_mut().and_then(|mux| mux.response.take()) {
            self.keep_response(response);
        }
        self.identities.release(identity);
        self.turn_is_over(Limit::Connections, conn.connection_turn);
        self.turn_is_over(Limit::Handshakes, conn.handshake_turn);
        conn.dll2_cli_txn_queue_owner
    }

    /// `lws_set_timeout(wsi, ..., LWS_TO_KILL_*)`, and what comes to the same.
    pub(crate) fn cancel(&mut self, key: Key<Wsi>, why: &str) {
        let Some(wsi) = self.wsis.get(key) else {
            return;
        };
        let text = match wsi.state {
            State::Sent => format!("Timed out waiting server reply: {why}"),
            _ => format!("closed before established: {why}"),
        };
        self.fail(key, &text);
    }

    /// A vhost, or with `None` the whole context, goes: established requests are closed, the others get DROP and WSI_DESTROY.
    pub(crate) fn end_all(&mut self, vhost: Option<Key<super::vhost::Vhost>>) -> Vec<Key<Wsi>> {
        let of = |key: Key<super::vhost::Vhost>| vhost.is_none_or(|vhost| vhost == key);
        for at in self.conns.keys() {
            if !self.conns.get(at).is_some_and(|conn| of(conn.vhost)) {
                continue;
            }
            let leader = self.conns.get(at).and_then(|conn| conn.leader);
            for rider in self.riders(at, leader) {
                self.leave_seat(rider);
            }
            let mut line = self.drop_conn(at, true);
            while line.pop_head(&mut self.wsis).is_some() {}
        }
        let mut ended = self.wsis.keys();
        ended.retain(|key| self.wsis.get(*key).is_some_and(|wsi| of(wsi.vhost)));
        for key in &ended {
            self.end(*key, None);
            // Nor is one told now why it failed a moment ago.
            if let Some(wsi) = self.wsis.get_mut(*key) {
                wsi.due.remove(Due::ERROR);
            }
        }
        ended
    }
}

/// What an h2 connection says before it closes: why, or that all is well.
fn last_words(conn: &mut Conn, polite: bool) -> Vec<u8> {
    let Some(mux) = &mut conn.mux else {
        // What the program wrote before it, or the context, ended.
        let rest = if conn.open { conn.tx.pending() } else { &[] };
        return rest.to_vec();
    };
    if mux.h2.is_broken() || polite {
        mux.h2.close(ErrorCode::NO_ERROR, conn.tx.frames());
        return conn.tx.pending().to_vec();
    }
    Vec::new()
}

/// What to do about a reason, where we know.
fn advice(text: &str) -> &'static str {
    if text.starts_with("conn fail: ECONNREFUSED") {
        "; check that a server listens there"
    } else if text.starts_with("Timed out waiting server reply: no") {
        "; raise timeout_secs if the server needs longer"
    } else if text.starts_with("Peer hung up") || text.starts_with("read failed") {
        "; ask again if the request may be repeated"
    } else if text.starts_with("Unable to connect") {
        "; check address, port and route, or raise connect_timeout_secs"
    } else {
        ""
    }
}
