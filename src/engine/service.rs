//! The only place that turns events into work, work into steps, and outcomes into state.

use super::auth::Challenge;
use super::call::{Call, Due, Input, Notice, Reason, Who};
use super::conn::{Conn, Phase};
use super::dial::from_token;
use super::open::takes_more;
use super::role::Role;
use super::step::{Done, Step};
use super::table::Key;
use super::timer::Micros;
use super::wsi::{Framing, Lane, State, Wsi};
use super::{Actor, Engine};
use crate::net::poll::{Interest, Ready};

/// CCE's text when a request failed without one: a bug's last resort, never NULL.
const NO_REASON: &str = "unknown\0";
/// `in` of DROP: who lets go.
const DROP_IN: &str = "__lws_close_free_wsi\0";
/// And when it is bound anew, for a redirect.
const UNBIND_IN: &str = "lws_client_reset\0";

impl Engine {
    /// The next thing to do, or `None` when all that is left waits for something.
    pub(crate) fn next(&mut self) -> Option<Step> {
        loop {
            if self.is_run_from_outside() {
                if let Some(step) = self.outside_step() {
                    return Some(step);
                }
            } else if let Some(parting) = self.closing.pop() {
                return Some(Step::Close(parting));
            }
            if let Some(notice) = self.notices.pop_front() {
                return Some(Step::Notice(notice));
            }
            let step = match self.ready.pop_front() {
                Some(Actor::Wsi(key)) => self.wsi_step(key),
                Some(Actor::Conn(key)) => self.conn_step(key),
                // As few and as large writes as can be: after all that could add to them.
                None => return self.next_flush(),
            };
            if step.is_some() {
                return step;
            }
        }
    }

    fn conn_step(&mut self, at: Key<Conn>) -> Option<Step> {
        let conn = self.conns.get_mut(at)?;
        conn.listed = false;
        match conn.phase {
            Phase::Dialing(_) => {
                self.name_answered(at);
                self.dial_step(at)
            }
            Phase::Tunneling { .. } => self.tunnel_step(at),
            Phase::Securing { .. } => self.secure_step(at),
            Phase::Greeting => self.mux_step(at),
            Phase::Up if conn.mux.is_some() => self.mux_step(at),
            Phase::Up => {
                let step = match self.leader_role(at) {
                    Some(Role::File) => self.file_step(at),
                    Some(Role::Datagrams) => self.datagram_step(at),
                    _ => self.open_conn_step(at).or_else(|| self.up_step(at)),
                };
                if step.is_none() {
                    self.offer_writeable(at);
                    self.offer_body(at);
                }
                step
            }
        }
    }

    fn offer_body(&mut self, at: Key<Conn>) {
        let Some(conn) = self.conns.get(at) else {
            return;
        };
        if let Some(leader) = conn.leader.filter(|_| conn.readable || !conn.rx.is_empty()) {
            self.offer_receive(leader);
        }
    }

    fn wsi_step(&mut self, key: Key<Wsi>) -> Option<Step> {
        let wsi = self.wsis.get_mut(key)?;
        if wsi.due.first() == Due::BACKLOG && wsi.pins == 0 && !wsi.kill {
            wsi.listed = false;
            wsi.due.remove(Due::BACKLOG);
            let step = self.backlog_step(key);
            if step.is_some() {
                return step;
            }
        }
        self.next_call(key).map(Step::Call)
    }

    /// The next callback that a request is owed. One that is inside a callback waits until that returned.
    pub(crate) fn next_call(&mut self, key: Key<Wsi>) -> Option<Call> {
        let wsi = self.wsis.get_mut(key)?;
        wsi.listed = false;
        if wsi.pins > 0 {
            return None;
        }
        // Contract 1.6: not inside the connect call.
        let placed = wsi.state != State::New || wsi.unplaced;
        if placed && std::mem::take(&mut wsi.kill) {
            self.cancel(key, "the program cancelled it (LWS_TO_KILL_ASYNC)");
        }
        if self.ends_children(key) {
            return None;
        }
        let wsi = self.wsis.get_mut(key)?;
        wsi.listed = false;
        if wsi.challenge == Challenge::Due {
            self.answer_challenge(key);
        }
        let wsi = self.wsis.get_mut(key)?;
        wsi.listed = false;
        if wsi.due.is_empty() && std::mem::take(&mut wsi.unplaced) {
            self.place(key);
        }
        let wsi = self.wsis.get_mut(key)?;
        let due = wsi.due.first();
        wsi.due.remove(due);
        if due == Due::WRITEABLE && !self.may_write(key) {
            let wsi = self.wsis.get_mut(key)?;
            wsi.wants_write = true;
            return self.next_call(key);
        }
        if due == Due::WRITEABLE && self.has_lost_turn(key) {
            return self.next_call(key);
        }
        let (reason, input) = self.what_is_due(key, due)?;
        self.call(key, reason, input)
    }

    fn what_is_due(&mut self, key: Key<Wsi>, due: Due) -> Option<(Reason, Input)> {
        let wsi = self.wsis.get(key)?;
        Some(match due {
            Due::UNBIND => (wsi.ask.role.drop(false), Input::Fixed(UNBIND_IN)),
            Due::BIND => (wsi.ask.role.bind(), Input::None),
            Due::CREATE | Due::CREATE_FIRST => (Reason::WsiCreate, Input::None),
            Due::NEW => (Reason::ServerNewClientInstantiated, Input::None),
            Due::CONNECTING => (Reason::Connecting, Input::Fd(wsi.connecting_fd)),
            Due::CONFIRM => {
                let name = self.extension_name(key)?;
                (
                    Reason::ClientConfirmExtensionSupported,
                    Input::Text(name.into()),
                )
            }
            Due::EXTENSION => (Reason::WsExtDefaults, Input::Options),
            Due::APPEND => (Reason::AppendHandshakeHeader, Input::Append),
            Due::REDIRECT => (Reason::ClientHttpRedirect, self.location(key)?),
            Due::FILTER => (Reason::FilterPreEstablish, Input::None),
            Due::ESTABLISHED => (Reason::EstablishedClientHttp, Input::None),
            Due::OPENED => (wsi.ask.role.opened(), Input::None),
            Due::RECEIVE => (Reason::ReceiveClientHttp, Input::None),
            Due::CREDIT => (
                Reason::WsiTxCreditGet,
                Input::Count(self.credit_to_tell(key)),
            ),
            Due::WRITEABLE => (wsi.ask.role.writeable(), Input::None),
            Due::TIMER => (Reason::Timer, Input::None),
            Due::COMPLETED => (Reason::CompletedClientHttp, Input::None),
            Due::ERROR => {
                let text = wsi
                    .reason
                    .clone()
                    .map_or(Input::Fixed(NO_REASON), Input::Text);
                (Reason::ConnectionError, text)
            }
            Due::DROP => (wsi.ask.role.drop(wsi.opened), Input::Fixed(DROP_IN)),
            Due::CLOSED => (wsi.ask.role.closed(), Input::None),
            Due::CHILD_CLOSING => (Reason::ChildClosing, Input::Itself),
            Due::DESTROY => (Reason::WsiDestroy, Input::None),
            _ => return None,
        })
    }

    /// A callback to a request, which is pinned until `returned`.
    pub(crate) fn call(&mut self, key: Key<Wsi>, reason: Reason, input: Input) -> Option<Call> {
        let (vhost, protocol, user) = self.called(key, reason)?;
        let wsi = self.wsis.get_mut(key)?;
        let protocols = &self.vhosts.get(vhost)?.config.protocols;
        let unbound = reason == Reason::WsiCreate && wsi.ask.role.is_adopted();
        let protocol = match reason {
            // lws: to the vhost's protocols[0]
            Reason::WsiDestroy | Reason::ClientConfirmExtensionSupported => protocols.first()?,
            _ if unbound => protocols.first()?,
            _ => protocols.get(usize::from(protocol))?,
        };
        wsi.pins += 1;
        if reason == Reason::AppendHandshakeHeader {
            wsi.appending = true;
        }
        Some(Call {
            who: Who::Request(key),
            reason,
            callback: protocol.callback,
            user: if unbound { 0 } else { user },
            input,
        })
    }

    /// COMPLETED, when a read of the program's own brought the end: at once, whatever call it is in.
    pub(crate) fn completed_call(&mut self, key: Key<Wsi>) -> Option<Call> {
        let wsi = self.wsis.get_mut(key)?;
        if !wsi.due.contains(Due::COMPLETED) {
            return None;
        }
        wsi.due.remove(Due::COMPLETED);
        self.call(key, Reason::CompletedClientHttp, Input::None)
    }

    /// A callback returned `verdict`. APPEND's is `append_returned`'s.
    pub(crate) fn returned(&mut self, key: Key<Wsi>, reason: Reason, verdict: i32) {
        self.unpin(key);
        match reason {
            Reason::Connecting if verdict == 0 => self.may_connect(key),
            Reason::FilterPreEstablish if verdict == 0 => match self.answered_role(key) {
                Some(Role::Ws) => self.begin_ws(key),
                Some(_) => self.owe(key, Due::ESTABLISHED),
                None => {}
            },
            Reason::EstablishedClientHttp if verdict == 0 => match self.answered_role(key) {
                Some(Role::Ws) => self.answered(key),
                Some(_) => self.established(key),
                None => {}
            },
            Reason::ClientHttpRedirect if verdict == 0 => self.redirect_allowed(key),
            Reason::ClientHttpDropProtocol => self.unbound(key),
            Reason::ReceiveClientHttp if verdict == 0 => self.receive_returned(key),
            Reason::ClientEstablished
            | Reason::RawConnected
            | Reason::RawAdopt
            | Reason::RawAdoptFile
                if verdict == 0 =>
            {
                self.opened_up(key);
            }
            Reason::CompletedClientHttp => {
                self.lws_http_transaction_completed_client(key, verdict != 0);
            }
            Reason::ChildClosing => self.child_left(key),
            Reason::WsiDestroy => self.free(key),
            Reason::ClientConfirmExtensionSupported if verdict != 0 => self.withhold_deflate(key),
            // Semantics 4.7: only a negative return closes.
            Reason::RawWriteable if verdict >= 0 => {}
            Reason::ClientHttpBindProtocol
            | Reason::RawSktBindProtocol
            | Reason::RawSktDropProtocol
            | Reason::RawFileBindProtocol
            | Reason::RawFileDropProtocol
            | Reason::RawClose
            | Reason::RawCloseFile
            | Reason::RawRx
            | Reason::ClientReceive
            | Reason::ClientReceivePong
            | Reason::WsPeerInitiatedClose
            | Reason::WsClientDropProtocol
            | Reason::ClientClosed
            | Reason::WsiCreate
            | Reason::ServerNewClientInstantiated
            | Reason::ReceiveClientHttpRead
            | Reason::ClosedClientHttp
            | Reason::ConnectionError
            | Reason::PerformServerCertVerification => {}
            _ if verdict == 0 => {}
            _ => self.refused(key, reason, verdict),
        }
    }

    /// CONNECTING was answered with 0.
    fn may_connect(&mut self, key: Key<Wsi>) {
        let seat = self.wsis.get(key).and_then(|wsi| wsi.seat.as_ref());
        if let Some(at) = seat.map(|seat| seat.conn) {
            self.connecting_allowed(at);
        }
    }

    /// What it speaks, while the program is asked about the head of its response.
    fn answered_role(&self, key: Key<Wsi>) -> Option<Role> {
        let wsi = self.wsis.get(key)?;
        (wsi.state == State::Answered).then_some(wsi.ask.role)
    }

    /// One callback less on it; what it is owed can come.
    pub(crate) fn unpin(&mut self, key: Key<Wsi>) {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return;
        };
        wsi.pins = wsi.pins.saturating_sub(1);
        let ended = wsi.state == State::Ended;
        if wsi.state == State::New && !wsi.unplaced {
            return; // its connect call sees to it
        }
        if wsi.pins > 0 {
            return;
        }
        let seat = wsi.seat.as_ref();
        let on_lane = seat.filter(|seat| seat.lane != Lane::Whole);
        let at = on_lane.map(|seat| seat.conn);
        let ending = wsi.framing == Framing::Ending;
        let alone = seat.filter(|seat| seat.lane == Lane::Whole && (wsi.opened || ending));
        let open = alone.map(|seat| seat.conn);
        if wsi.kill || wsi.challenge == Challenge::Due || wsi.unplaced || !wsi.due.is_empty() {
            match ended {
                true => self.list_wsi_first(key),
                false => self.list_wsi(key),
            }
        }
        if let Some(at) = at {
            self.called_back(at, key);
        }
        if let Some(at) = open {
            self.list_conn(at);
        }
    }

    pub(crate) fn refused(&mut self, key: Key<Wsi>, reason: Reason, verdict: i32) {
        let Some(wsi) = self.wsis.get(key) else {
            return;
        };
        let ws = wsi.ask.role == Role::Ws;
        let text = match reason {
            Reason::ClientHttpRedirect => "HS: user code rejected redirect",
            Reason::FilterPreEstablish if ws => "HS: Rejected by filter cb",
            Reason::FilterPreEstablish => "HS: disallowed by client filter",
            Reason::EstablishedClientHttp if ws => "HS: disallowed by client filter",
            Reason::EstablishedClientHttp => "HS: disallowed at ESTABLISHED",
            Reason::ClientEstablished => "HS: Rejected at CLIENT_ESTABLISHED",
            Reason::RawConnected => "user",
            _ => "closed before established",
        };
        let open = wsi.state == State::Open;
        let text = format!("{text}: the program's callback returned {verdict} from {reason:?}");
        match open {
            true => self.program_closes(key, &text),
            false => self.fail(key, &text),
        }
    }

    /// APPEND returned, having written `extra`; an error text stands for a pointer moved out of its buffer.
    pub(crate) fn append_returned(
        &mut self,
        key: Key<Wsi>,
        verdict: i32,
        extra: Result<&[u8], &str>,
    ) {
        self.unpin(key);
        if let Some(wsi) = self
            .wsis
            .get_mut(key)
            .filter(|_| verdict != 0 || extra.is_err())
        {
            wsi.appending = false;
        }
        match extra {
            _ if verdict != 0 => self.refused(key, Reason::AppendHandshakeHeader, verdict),
            Ok(extra) => self.appended(key, extra),
            Err(text) => self.fail(key, text),
        }
    }

    /// RECEIVE returned. A program that did not read is not told again until it has.
    fn receive_returned(&mut self, key: Key<Wsi>) {
        let Some(wsi) = self.wsis.get(key) else {
            return;
        };
        if !wsi.receive_sent {
            self.offer_receive(key);
        }
    }

    /// The last callback has returned: nothing of the request stays.
    pub(crate) fn free(&mut self, key: Key<Wsi>) {
        let Some(wsi) = self.wsis.remove(key) else {
            return;
        };
        if let Some(family) = &wsi.family {
            self.unlink_child(family);
        }
        self.identities.release(wsi.identity);
        self.leaves(wsi.ask.log_cx);
        if let Some(vhost) = self.vhosts.get_mut(wsi.vhost) {
            vhost.requests -= 1;
            if vhost.dying && vhost.requests == 0 {
                self.notify(Notice::VhostEmpty(wsi.vhost));
            }
        }
        if let Some(response) = wsi.response {
            self.keep_response(response);
        }
    }

    /// What the event loop saw on one socket.
    pub(crate) fn on_ready(&mut self, ready: &Ready) {
        let (at, attempt) = from_token(ready.token);
        let Some(conn) = self.conns.get(at) else {
            return; // of a connection that is no more
        };
        if matches!(conn.phase, Phase::Dialing(_)) {
            return self.attempt_ready(at, attempt);
        }
        if self.leader_role(at) == Some(Role::File) {
            return self.file_ready(at, ready);
        }
        let Some(conn) = self.conns.get_mut(at) else {
            return;
        };
        conn.readable |= ready.readable || ready.hangup;
        // A write that does not wait for the socket's room waits for something to read: TLS.
        if ready.writable || ready.hangup || !conn.interest.write {
            conn.write_blocked = false;
        }
        if ready.writable && conn.tx.is_empty() {
            conn.readable = true; // the room is for a read that wanted to write: TLS
        }
        if let Phase::Securing { waits, .. } = &mut conn.phase {
            *waits = false;
        }
        if conn.away {
            // Somebody works on it further up the stack: the level-triggered event is switched off until it is back.
            return self.want(at, Interest::NONE);
        }
        if conn.mux.is_some() {
            return self.mux_ready(at);
        }
        if conn.is_up() {
            return self.up_ready(at);
        }
        if matches!(conn.phase, Phase::Tunneling { .. }) {
            return self.list_conn(at);
        }
        self.want(at, Interest::READ);
        self.list_conn(at);
    }

    fn up_ready(&mut self, at: Key<Conn>) {
        let Some(conn) = self.conns.get(at) else {
            return;
        };
        let leader = conn.leader.and_then(|leader| self.wsis.get(leader));
        let takes = match leader {
            _ if conn.probe => true,
            None => true,
            Some(wsi) => match wsi.state {
                State::Sent => true,
                State::Answered => wsi.is_draining(),
                State::Body => !wsi.rx_paused && !wsi.receive_sent,
                State::Open | State::Parting => takes_more(conn, wsi),
                _ => false,
            },
        };
        let writes = !conn.tx.is_empty() && !conn.write_blocked;
        if conn.readable && !takes {
            let interest = match conn.interest.write && !writes {
                true => Interest::WRITE,
                false => Interest::NONE,
            };
            self.want(at, interest);
        } else if conn.interest.write && (writes || conn.tx.is_empty()) {
            self.want(at, Interest::READ);
        }
        self.list_conn(at);
    }

    /// The outcome of a step.
    pub(crate) fn finish_step(&mut self, done: Done, now: Micros) {
        self.now = now;
        match done {
            Done::Opened {
                conn,
                attempt,
                outcome,
            } => self.opened(conn, attempt, outcome),
            Done::Connected {
                conn,
                attempt,
                transport,
                outcome,
            } => self.connected(conn, attempt, transport, outcome),
            Done::Secured {
                conn,
                transport,
                outcome,
            } => {
                if self.give_back(conn, transport).is_some() {
                    self.secured(conn, outcome);
                }
            }
            Done::Shook {
                conn,
                transport,
                outcome,
            } => {
                if self.give_back(conn, transport).is_some() {
                    self.shook(conn, outcome);
                }
            }
            Done::Read {
                conn,
                transport,
                rx,
                io,
            } => match self.give_back(conn, transport) {
                Some(entry) => {
                    entry.rx = rx;
                    self.was_read(conn, io);
                }
                None => self.keep_rx(rx),
            },
            Done::Received {
                conn,
                transport,
                rx,
                io,
                from,
            } => match self.give_back(conn, transport) {
                Some(_) => self.received(conn, rx, io, from),
                None => self.keep_rx(rx),
            },
            Done::Sent {
                conn,
                transport,
                datagram,
                io,
            } => {
                if self.give_back(conn, transport).is_some() {
                    self.sent(conn, datagram, io);
                }
            }
            Done::Written {
                conn,
                transport,
                mut tx,
                io,
            } => {
                if let Some(entry) = self.give_back(conn, transport) {
                    let meanwhile = std::mem::take(&mut entry.tx);
                    if !meanwhile.is_empty() {
                        tx.push(meanwhile.pending());
                    }
                    entry.tx = tx;
                    self.written(conn, io);
                }
            }
        }
    }
}
