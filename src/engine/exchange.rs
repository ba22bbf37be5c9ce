//! The only place that carries a request over a connection: head out, body out, head in; the body is `read.rs`'s.

use super::call::Due;
use super::conn::{Conn, Loss, Phase};
use super::form::{content_type, is_chunked};
use super::open::takes_more;
use super::role::Role;
use super::step::Step;
use super::table::Key;
use super::timer::Micros;
use super::wsi::{Framing, Lane, Method, State, Wsi};
use super::{Engine, LLL_ERR};
use crate::net::poll::Interest;
use crate::net::transport::Io;
use crate::proto::Fault;
use crate::proto::auth::Secret;
use crate::proto::h1::{Asked, Fields, HeadEvent, RequestHead, check_fields};

pub(crate) const SECOND: Micros = 1_000_000;

pub(crate) const HUNG_UP: &str = "read failed: the peer closed the connection";

impl Engine {
    /// The connection is up: whoever waited for it rides.
    pub(crate) fn up(&mut self, at: Key<Conn>) {
        self.set_deadline(at, None);
        let Some(conn) = self.conns.get_mut(at) else {
            return;
        };
        conn.phase = Phase::Up;
        let (shared, h1) = (conn.shared, conn.mux.is_none());
        if !shared {
            self.close_to_others(at);
        } else if h1 && self.may_speak_h2(at) {
            self.scatter(at);
        }
        self.want(at, Interest::READ);
        self.promote(at);
    }

    /// Seconds without progress that a connection's peer has.
    pub(crate) fn arm_io_deadline(&mut self, at: Key<Conn>) {
        let vhost = self
            .conns
            .get(at)
            .and_then(|conn| self.vhosts.get(conn.vhost));
        let secs = vhost.map_or(0, |vhost| vhost.config.timeout_secs);
        let rider = self.conns.get(at).filter(|conn| conn.started);
        let leader = rider.and_then(|conn| self.wsis.get(conn.leader?));
        let patient = leader.is_some_and(|wsi| wsi.immortal);
        self.set_deadline(at, (!patient).then(|| Micros::from(secs) * SECOND));
    }

    /// A request's turn: its lines are asked for, once, and its head goes out.
    pub(crate) fn begin(&mut self, at: Key<Conn>, key: Key<Wsi>) {
        let (Some(conn), Some(wsi)) = (self.conns.get_mut(at), self.wsis.get_mut(key)) else {
            return;
        };
        match (wsi.ask.role, &conn.mux) {
            (Role::Raw | Role::Datagrams, _) => return self.begin_raw(at, key),
            (Role::Ws, Some(mux)) if !mux.h2.connects_protocols() => {
                return self.upgrade_elsewhere(at, key);
            }
            // What comes behind it is not HTTP.
            (Role::Ws, None) if conn.shared => {
                conn.shared = false;
                self.close_to_others(at);
                return self.begin(at, key);
            }
            _ => {}
        }
        match &mut conn.mux {
            Some(mux) => {
                conn.leader = None;
                mux.opening.push_back(key);
                if let Some(seat) = &mut wsi.seat {
                    seat.lane = Lane::Opening;
                }
            }
            None => {
                conn.started = true;
                conn.response_began = false;
            }
        }
        wsi.state = State::Asking;
        let (appended, appending) = (wsi.appended, wsi.appending);
        if conn.mux.is_some() && conn.deadline.is_some() {
            self.set_deadline(at, None);
        }
        if appended {
            self.send_again(key);
        } else if !appending {
            match self.prepare_form(key) {
                Ok(()) => {
                    let due = self.due_before_head(key);
                    self.owe(key, due);
                }
                Err(text) => self.fail(key, &text),
            }
        } // else its APPEND runs: what it writes is for this connection
    }

    /// Its APPEND was answered before, for a connection that went.
    fn send_again(&mut self, key: Key<Wsi>) {
        let kept = self.wsis.get_mut(key).and_then(|wsi| wsi.kept.take());
        let mut kept = kept.unwrap_or_default();
        // They were checked before they were kept.
        let fields = check_fields(&kept.lines).unwrap_or_default();
        let body = std::mem::take(&mut kept.body);
        self.make_head(key, &kept.lines, fields, &body);
        self.spare(kept);
    }

    /// APPEND returned 0 and wrote `extra`.
    pub(crate) fn appended(&mut self, key: Key<Wsi>, extra: &[u8]) {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return;
        };
        wsi.appending = false;
        if !matches!(wsi.state, State::Waiting | State::Asking) {
            return;
        }
        wsi.appended = true;
        let turn = wsi.state == State::Asking;
        match check_fields(extra) {
            Ok(fields) if turn => {
                self.form_is_asked(key, fields);
                self.make_head(key, extra, fields, b"");
            }
            // The connection went while the program was asked: the lines wait for the next one.
            Ok(_) => self.keep_lines(key, extra),
            Err(Fault::App(text) | Fault::Peer(text)) => {
                let text = format!(
                    "closed before established: the header lines that the program added were refused: {text}"
                );
                self.fail(key, &text);
            }
        }
    }

    /// Makes the head, with the program's lines `extra`, where it is to be sent; `body` was taken from the program before.
    fn make_head(&mut self, key: Key<Wsi>, extra: &[u8], fields: Fields, body: &[u8]) {
        let seat = self.wsis.get(key).and_then(|wsi| wsi.seat.as_ref());
        let Some(at) = seat.map(|seat| seat.conn) else {
            return;
        };
        let extra = &*self.add_cookies(key, extra);
        if self.conns.get(at).is_some_and(|conn| conn.mux.is_some()) {
            return self.open_stream(at, key, extra, fields, body);
        }
        let method = self.wsis.get(key).map_or("", |wsi| wsi.ask.method.text());
        let own = self.authorization(key, method, fields, body);
        let upgrade = match self.upgrade_lines(key) {
            Ok(lines) => lines,
            Err(text) => return self.fail(key, &text),
        };
        let (Some(conn), Some(wsi)) = (self.conns.get_mut(at), self.wsis.get(key)) else {
            return;
        };
        let close = !wsi.ask.pipeline && upgrade.is_empty();
        let place = self.identities.get(wsi.identity).place();
        let vhost = self.vhosts.get(wsi.vhost);
        let head = RequestHead {
            method: wsi.ask.method.text(),
            target: wsi.ask.target(),
            host: place.host.filter(|_| !fields.has_host),
            origin: wsi.ask.origin(),
            tls: place.tls,
            raw_origin: vhost.is_some_and(|vhost| vhost.config.raw_origin),
            no_cache_control: wsi.ask.no_cache_control,
            close,
            content_type: &content_type(wsi, fields),
            chunked: is_chunked(wsi, fields, body),
            upgrade: &upgrade,
            own: own.as_ref().map_or(b"", Secret::as_bytes),
            extra,
        };
        head.write(conn.tx.head_mut());
        conn.tx.head_is_made(extra.len());
        conn.announced_close = close || fields.has_connection_close;
        let framed = self.frame_body(key, fields, body);
        let conn = self.conns.get_mut(at);
        if !framed.is_empty() && !conn.is_some_and(|conn| conn.tx.push(&framed)) {
            return self.fail(key, "HS: OOM");
        }
        self.send_head(at, key);
    }

    fn send_head(&mut self, at: Key<Conn>, key: Key<Wsi>) {
        let (Some(conn), Some(wsi)) = (self.conns.get_mut(at), self.wsis.get_mut(key)) else {
            return;
        };
        wsi.state = State::Sent;
        wsi.conmon.asks(self.now);
        conn.machine.begin(match (wsi.ask.role, wsi.ask.method) {
            (Role::Ws, _) => Asked::Upgrade,
            (_, Method::Head) => Asked::HeadOnly,
            _ => Asked::Anything,
        });
        self.arm_io_deadline(at);
        self.list_conn(at);
        self.resume_read(at);
    }

    /// What a connection that is up does next.
    pub(crate) fn up_step(&mut self, at: Key<Conn>) -> Option<Step> {
        self.end_chunks(at);
        let conn = self.conns.get_mut(at)?;
        if conn.away {
            return None;
        }
        if !conn.tx.is_empty() && !conn.write_blocked {
            return self.write_step(at);
        }
        let reads = match conn.leader.and_then(|leader| self.wsis.get(leader)) {
            _ if conn.probe => true,
            None => conn.readable,
            Some(leader) if conn.open => conn.readable && takes_more(conn, leader),
            Some(leader) => conn.readable && (leader.state == State::Sent || leader.is_draining()),
        };
        match reads {
            true => self.read_step(at),
            false => None,
        }
    }

    /// What the socket has goes behind what arrived before it.
    pub(crate) fn read_step(&mut self, at: Key<Conn>) -> Option<Step> {
        let conn = self.conns.get_mut(at)?;
        let transport = conn.transport.take()?;
        conn.away = true;
        let mut rx = std::mem::take(&mut conn.rx);
        if !rx.is_allocated() {
            rx = self.take_rx();
        }
        Some(Step::Read {
            conn: at,
            transport,
            rx,
        })
    }

    /// What waits goes to the socket, if that is free for it.
    pub(crate) fn write_step(&mut self, at: Key<Conn>) -> Option<Step> {
        let conn = self.conns.get_mut(at)?;
        if conn.away || conn.write_blocked || conn.tx.is_empty() {
            return None;
        }
        let transport = conn.transport.take()?;
        conn.away = true;
        let tx = std::mem::take(&mut conn.tx);
        Some(Step::Write {
            conn: at,
            transport,
            tx,
        })
    }

    /// A write returned.
    pub(crate) fn written(&mut self, at: Key<Conn>, io: Io) {
        let file = self.leader_role(at) == Some(Role::File);
        let Some(conn) = self.conns.get_mut(at) else {
            return;
        };
        if conn.mux.is_some() {
            return self.mux_wrote(at, io);
        }
        if matches!(conn.phase, Phase::Tunneling { .. }) {
            return self.tunnel_wrote(at, io);
        }
        match io {
            Io::Done { n, .. } => self.progressed(at, n),
            Io::WantWrite => {
                conn.write_blocked = true;
                self.want(at, Interest::BOTH);
            }
            Io::WantRead => conn.write_blocked = true,
            Io::Eof | Io::Truncated => self.peer_left(at, HUNG_UP),
            Io::Failed(text) if file => self.peer_left(at, &text),
            Io::Failed(text) => {
                // A response may have come before the peer stopped reading: it is looked at first.
                conn.write_blocked = true;
                conn.readable = true;
                conn.machine.retire();
                // Of an open one nothing is looked at while the program has paused it: it might never be told.
                let leader = conn.leader.and_then(|leader| self.wsis.get(leader));
                let deaf = conn.open && leader.is_some_and(|wsi| wsi.rx_paused);
                if conn.leader_sent_nothing() || deaf {
                    return self.peer_left(at, &text);
                }
                self.list_conn(at);
            }
        }
    }

    fn progressed(&mut self, at: Key<Conn>, n: usize) {
        let Some(conn) = self.conns.get_mut(at) else {
            return;
        };
        let Some(wsi) = conn.leader.and_then(|leader| self.wsis.get_mut(leader)) else {
            return;
        };
        if conn.tx.head_is_untouched() && n > 0 {
            conn.carried += 1;
            wsi.attempts += 1;
        }
        conn.tx.advance(n);
        let (state, more) = (wsi.state, !conn.tx.is_empty());
        let leader = conn.leader;
        if more {
            self.list_conn(at);
        } else {
            if conn.interest.write {
                self.want(at, Interest::READ);
            }
            self.offer_writeable(at);
        }
        match (state, leader) {
            (State::Sent, _) => self.arm_io_deadline(at),
            (State::Parting, Some(leader)) => self.look_for_rest(leader),
            _ => {}
        }
    }

    /// WRITEABLE to the leader when it asked for it and its earlier bytes have left.
    pub(crate) fn offer_writeable(&mut self, at: Key<Conn>) {
        let Some(leader) = self.conns.get(at).and_then(|conn| conn.leader) else {
            return;
        };
        if self.may_write(leader) && self.wsis.get(leader).is_some_and(|wsi| wsi.wants_write) {
            if let Some(wsi) = self.wsis.get_mut(leader) {
                wsi.wants_write = false;
            }
            self.owe(leader, Due::WRITEABLE);
        }
    }

    /// Its head is out, and nothing of it waits for the socket.
    pub(crate) fn may_write(&self, key: Key<Wsi>) -> bool {
        let Some(wsi) = self.wsis.get(key) else {
            return false;
        };
        let conn = wsi.seat.as_ref().and_then(|seat| self.conns.get(seat.conn));
        if !wsi.may_send() {
            return false;
        }
        wsi.stream().is_some()
            || conn.is_some_and(|conn| conn.tx.is_empty() && !conn.away && !conn.write_blocked)
    }

    /// A read of the engine's own returned: a response's head, or a look at an idle connection.
    pub(crate) fn was_read(&mut self, at: Key<Conn>, io: Io) {
        let Some(conn) = self.conns.get_mut(at) else {
            return;
        };
        conn.readable = false;
        if conn.mux.is_some() {
            return self.mux_read(at, io);
        }
        if matches!(conn.phase, Phase::Tunneling { .. }) {
            return self.tunnel_read(at, io);
        }
        match io {
            Io::Done { n, more } => {
                conn.rx.filled(n);
                conn.readable = more;
                conn.maybe_more = more || conn.rx.space().is_empty();
                if conn.probe || conn.leader.is_none() {
                    // Bytes that nobody asked for: they are nobody's, and what follows them cannot be told apart.
                    return self.retire(at);
                }
                conn.response_began = true;
                if conn.open {
                    return self.open_was_fed(at);
                }
                if let Some(leader) = conn.leader.filter(|leader| self.is_draining(*leader)) {
                    return self.drain(leader);
                }
                self.read_head(at);
            }
            Io::WantRead if conn.probe => {
                conn.probe = false;
                conn.maybe_more = false;
                self.resume_read(at);
                self.promote(at);
            }
            Io::WantRead => {
                if conn.open && conn.rx.is_empty() {
                    let rx = std::mem::take(&mut conn.rx);
                    self.keep_rx(rx);
                }
                self.resume_read(at);
            }
            Io::WantWrite => self.want(at, Interest::BOTH),
            Io::Eof | Io::Truncated if conn.leader.is_none() || conn.probe => self.retire(at),
            Io::Eof | Io::Truncated => self.peer_left(at, HUNG_UP),
            Io::Failed(_) if conn.leader.is_none() || conn.probe => self.retire(at),
            Io::Failed(text) => self.peer_left(at, &format!("read failed: {text}")),
        }
    }

    pub(crate) fn peer_left(&mut self, at: Key<Conn>, text: &str) {
        let leader = self.conns.get(at).and_then(|conn| conn.leader);
        if leader.is_some_and(|leader| self.stop_draining(leader)) {
            return;
        }
        self.lose(at, Loss::Broken(text.to_owned()));
    }

    fn read_head(&mut self, at: Key<Conn>) {
        loop {
            let Some(conn) = self.conns.get_mut(at) else {
                return;
            };
            let Some(key) = conn.leader else {
                return;
            };
            let Some(wsi) = self.wsis.get_mut(key) else {
                return;
            };
            let response = wsi
                .response
                .get_or_insert_with(|| self.spare_responses.pop().unwrap_or_default());
            match conn
                .machine
                .handle_head(conn.rx.pending(), &mut response.headers)
            {
                Ok(HeadEvent::NeedMore) => {
                    if conn.rx.space().is_empty() && !conn.rx.grow() {
                        self.log_wsi(key, LLL_ERR, "out of memory for a response head");
                        return self.peer_left(at, "HS: OOM");
                    }
                    return match conn.readable {
                        true => self.list_conn(at),
                        false => self.resume_read(at),
                    };
                }
                Ok(HeadEvent::Interim { consumed }) => conn.rx.consume(consumed),
                Ok(HeadEvent::Final { consumed, status }) => {
                    conn.rx.consume(consumed);
                    conn.tx.forget_head();
                    response.status = status;
                    wsi.state = State::Answered;
                    let Some(leader) = conn.leader else { return };
                    self.set_deadline(at, None);
                    return self.head_is_in(leader);
                }
                Err(Fault::Peer(text) | Fault::App(text)) => return self.peer_left(at, text),
            }
        }
    }

    /// The head of its response is there: a ws's is looked at before the program may filter it.
    pub(crate) fn head_is_in(&mut self, key: Key<Wsi>) {
        self.keep_cookies(key);
        self.measure_answer(key);
        if self.is_redirected(key) {
            return self.redirect_came(key);
        }
        if self.is_challenged(key) {
            return self.challenge_came(key);
        }
        let ws = self.wsis.get(key).map(|wsi| wsi.ask.role) == Some(Role::Ws);
        self.owe(key, if ws { Due::ESTABLISHED } else { Due::FILTER });
    }

    /// ESTABLISHED returned 0: the body follows, if there is one.
    pub(crate) fn established(&mut self, key: Key<Wsi>) {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return;
        };
        wsi.state = State::Body;
        let Some(at) = wsi.seat.as_ref().map(|seat| seat.conn) else {
            return;
        };
        let Some(conn) = self.conns.get(at) else {
            return;
        };
        if conn.mux.is_some() {
            return self.established_on_stream(at, key);
        }
        if conn.machine.body_done() {
            return self.complete(key);
        }
        self.offer_receive(key);
    }

    /// The whole response was received.
    pub(crate) fn complete(&mut self, key: Key<Wsi>) {
        if let Some(wsi) = self.wsis.get_mut(key) {
            wsi.state = State::Completing;
            wsi.due.remove(Due::RECEIVE | Due::WRITEABLE | Due::CREDIT);
        }
        self.owe(key, Due::COMPLETED);
    }

    /// COMPLETED was called. The connection is kept when its machine says so and the program did not say otherwise.
    pub(crate) fn lws_http_transaction_completed_client(&mut self, key: Key<Wsi>, close: bool) {
        // Those that belong to it are not to ride what it leaves: they would take the connection down with them.
        self.end_descendants(key);
        self.hand_on(key, close);
        self.finish(key);
    }

    /// A request wants no more of its connection: that goes to the next, if it may carry another and not `close`.
    pub(crate) fn hand_on(&mut self, key: Key<Wsi>, close: bool) {
        let close = close | self.is_misframed(key);
        let at = self
            .wsis
            .get(key)
            .and_then(|wsi| wsi.seat.as_ref())
            .map(|seat| seat.conn);
        if let (Some(at), Some(wsi)) = (at, self.wsis.get(key)) {
            let body_owed = wsi.body_pending || wsi.framing == Framing::Ending;
            let seat = wsi.seat.as_ref();
            if seat.is_some_and(|seat| seat.lane != Lane::Whole) {
                self.leave_seat(key);
                self.lane_is_free(at);
            } else if let Some(conn) = self.conns.get_mut(at) {
                let clean = conn.rx.is_empty() && conn.tx.is_empty() && !conn.announced_close;
                if !conn.machine.end() || close || body_owed || !clean || conn.away || !conn.shared
                {
                    self.leave_seat(key);
                    self.retire(at);
                } else {
                    conn.tx.forget_head();
                    conn.probe = conn.maybe_more;
                    conn.maybe_more = false;
                    self._lws_generic_transaction_completed_active_conn(key);
                    self.list_conn(at);
                }
            }
        }
    }

    /// Sets what the event loop waits for on a connection's socket.
    pub(crate) fn want(&mut self, at: Key<Conn>, interest: Interest) {
        let Some(conn) = self.conns.get_mut(at) else {
            return;
        };
        if conn.interest == interest {
            return;
        }
        let old = std::mem::replace(&mut conn.interest, interest);
        if conn.unpolled {
            return;
        }
        let (fd, vhost) = (conn.fd, conn.vhost);
        if let Err(error) = self.watch(at, 0, fd, old, interest) {
            self.log_vhost(vhost, LLL_ERR, format!("epoll_ctl on fd {fd}: {error}"));
        }
    }

    /// Somebody wants what the socket gives: look for it again if that was switched off.
    pub(crate) fn resume_read(&mut self, at: Key<Conn>) {
        let Some(conn) = self.conns.get(at) else {
            return;
        };
        if !conn.interest.read {
            let interest = match conn.interest.write {
                true => Interest::BOTH,
                false => Interest::READ,
            };
            self.want(at, interest);
        }
    }
}
