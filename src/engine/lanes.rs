//! The only place that puts requests on the streams of an h2 connection and takes them off; where those go that the peer did
//! not process (contract section 4).

use super::Engine;
use super::close::ATTEMPTS;
use super::conn::{Conn, Phase, mux_at};
use super::form::content_type;
use super::matching::lists;
use super::mux::Mux;
use super::role::Role;
use super::table::Key;
use super::timer::Micros;
use super::wsi::{Lane, State, Wsi};
use super::{Fire, LLL_ERR};
use crate::engine::exchange::SECOND;
use crate::net::poll::Interest;
use crate::proto::Fault;
use crate::proto::auth::Secret;
use crate::proto::h1::Fields;
use crate::proto::h2::{Config, ErrorCode, RequestFields, StreamKey, unsent_body};

impl Engine {
    /// The connection speaks h2: we say so, and wait for the peer's SETTINGS.
    pub(crate) fn greet(&mut self, at: Key<Conn>) {
        let Some(conn) = self.conns.get_mut(at) else {
            return;
        };
        let lasts = self.identities.lasts(conn.identity);
        let leader = conn.leader.and_then(|leader| self.wsis.get(leader));
        let vhost = self.vhosts.get(conn.vhost);
        let config = Config {
            fix_windows: leader.is_some_and(|wsi| wsi.ask.fix_windows),
            ..vhost
                .map(|vhost| vhost.config.h2.clone())
                .unwrap_or_default()
        };
        let mut mux = Mux::new(&config, self.now, lasts, &mut conn.tx);
        mux.fed = !conn.rx.is_empty(); // what came with a proxy's answer
        conn.mux = Some(Box::new(mux));
        conn.phase = Phase::Greeting;
        self.arm_io_deadline(at);
        self.want(at, Interest::READ);
        self.list_conn(at);
    }

    /// The head of `key` goes out as a stream of its own.
    pub(crate) fn open_stream(
        &mut self,
        at: Key<Conn>,
        key: Key<Wsi>,
        extra: &[u8],
        fields: Fields,
        body: &[u8],
    ) {
        let Some(mux) = mux_at(&mut self.conns, at) else {
            return;
        };
        mux.stop_opening(key);
        if mux.h2.room() == 0 {
            return self.turn_back(at, key, extra, body);
        }
        if fields.has_transfer_encoding_chunked {
            return self.chunks_go_by_h1(at, key, extra, body);
        }
        let connect = match self.connect_lines(key) {
            Ok(lines) => lines,
            Err(text) => return self.fail(key, &text),
        };
        let method = match connect.is_empty() {
            true => self.wsis.get(key).map_or("", |wsi| wsi.ask.method.text()),
            false => "CONNECT",
        };
        let own = self.authorization(key, method, fields, body);
        let own = own.as_ref().map_or(&b""[..], Secret::as_bytes);
        let made = match connect.is_empty() && own.is_empty() {
            true => self.make_stream(at, key, extra, fields, body),
            false => {
                let lines = Secret::join(&[&connect, own, extra]);
                self.make_stream(at, key, lines.as_bytes(), fields, body)
            }
        };
        let stream = match made {
            Some(Ok(stream)) => stream,
            Some(Err(text)) => return self.fail(key, text),
            None => return,
        };
        let (Some(mux), Some(wsi)) = (mux_at(&mut self.conns, at), self.wsis.get_mut(key)) else {
            return;
        };
        wsi.state = State::Sent;
        wsi.conmon.asks(self.now);
        if let Some(seat) = &mut wsi.seat {
            seat.lane = Lane::Stream(stream);
        }
        let (retired, wants_turn) = (mux.h2.is_retired(), wsi.wants_write);
        if wants_turn {
            self.wants_turn(at, key, stream);
        }
        self.keep_lines(key, extra);
        self.arm_reply(key);
        self.list_conn(at);
        if retired {
            self.close_to_others(at); // no stream ids are left
        }
    }

    /// Puts the head, with these lines, behind what waits to be sent, and a rider on the stream that it opens.
    fn make_stream(
        &mut self,
        at: Key<Conn>,
        key: Key<Wsi>,
        lines: &[u8],
        fields: Fields,
        body: &[u8],
    ) -> Option<Result<StreamKey, &'static str>> {
        let conn = self.conns.get_mut(at)?;
        let wsi = self.wsis.get(key)?;
        let mux = conn.mux.as_deref_mut()?;
        let ws = wsi.ask.role == Role::Ws;
        let content_type = content_type(wsi, fields);
        let place = self.identities.get(wsi.identity).place();
        let named = place.host.unwrap_or(place.address);
        let request = RequestFields {
            method: if ws { "CONNECT" } else { wsi.ask.method.text() },
            scheme: if place.tls { "https" } else { "http" },
            authority: Some(named).filter(|name| !fields.has_host && !name.starts_with('+')),
            path: wsi.ask.target(),
            protocol: ws.then_some("websocket"),
            content_type: &content_type,
            manual_window: wsi.ask.manual_rx,
            extra: lines,
        };
        let first = mux.place_of_next(&conn.tx);
        let ends = !ws && !wsi.body_pending;
        let has_body = !ends || !body.is_empty();
        let stream = match mux.h2.request(&request, !has_body, conn.tx.frames()) {
            Ok(stream) => stream,
            Err(Fault::App(text) | Fault::Peer(text)) => return Some(Err(text)),
        };
        let head = first..mux.place_of_next(&conn.tx);
        mux.seat(key, stream, head, wsi.ask.manual_rx.is_some());
        if has_body {
            mux.carry(stream, body, ends);
        }
        Some(Ok(stream))
    }

    /// There was room when its APPEND was asked, and there is none now.
    fn turn_back(&mut self, at: Key<Conn>, key: Key<Wsi>, extra: &[u8], body: &[u8]) {
        self.take_off(key, extra, body);
        self.move_on(at, &[key]);
    }

    /// The program makes chunks of its own. RFC 9113 section 8.2.2: the server would take them for what is in the body.
    fn chunks_go_by_h1(&mut self, at: Key<Conn>, key: Key<Wsi>, extra: &[u8], body: &[u8]) {
        self.take_off(key, extra, body);
        self.ask_by_h1(
            key,
            "h2: there is no transfer-encoding on h2, and the request has one; leave it out, or add http/1.1 to alpn",
        );
        self.lane_is_free(at);
    }

    /// Its head was not made: with what it is to be made of, it waits nowhere.
    fn take_off(&mut self, key: Key<Wsi>, extra: &[u8], body: &[u8]) {
        self.keep_lines(key, extra);
        if !body.is_empty()
            && let Some(wsi) = self.wsis.get_mut(key)
        {
            let kept = wsi.kept.get_or_insert_default();
            kept.body = body.to_vec();
        }
        self.leave_seat(key);
        self.back_to_waiting(key);
    }

    /// The peer has not processed these, and they are off the connection: they go before those who wait for it, or before
    /// those of another when it takes no more.
    pub(crate) fn move_on(&mut self, at: Key<Conn>, first: &[Key<Wsi>]) {
        let identity = first.first().and_then(|key| self.wsis.get(*key));
        let live = identity.and_then(|wsi| self.identities.live(wsi.identity));
        let goes_on = |conn: &Conn| {
            let mux = conn.mux.as_ref();
            mux.is_some_and(|mux| mux.is_ridden() && !mux.h2.is_retired())
        };
        if live == Some(at) && self.conns.get(at).is_some_and(goes_on) {
            return self.queue_first(at, first);
        }
        if live == Some(at) {
            if let Some(mux) = mux_at(&mut self.conns, at) {
                mux.h2.retire();
            }
            let line = self.take_line(at);
            return self.rejoin_after(first, line);
        }
        self.rejoin_after(first, Default::default());
    }

    /// Of `leave_seat`.
    pub(crate) fn leave_lane(&mut self, at: Key<Conn>, key: Key<Wsi>, lane: Lane) {
        let Some(conn) = self.conns.get_mut(at) else {
            return;
        };
        let Some(mux) = conn.mux.as_deref_mut() else {
            return;
        };
        let Lane::Stream(stream) = lane else {
            return mux.stop_opening(key);
        };
        let state = self.wsis.get(key).map(|wsi| wsi.state);
        let code = match state {
            // Its response is whole, and perhaps was before its body.
            Some(State::Completing) => ErrorCode::NO_ERROR,
            _ => ErrorCode::CANCEL,
        };
        let rider = mux.unseat(stream);
        mux.h2.reset(stream, code, conn.tx.frames());
        mux.fed = true; // a piece of its payload may be next
        self.list_conn(at);
        if let Some(rider) = rider {
            self.keep_rx(rider.backlog);
        }
    }

    /// Somebody left: the next may ride, or it was the last that ever will.
    pub(crate) fn lane_is_free(&mut self, at: Key<Conn>) {
        let Some(conn) = self.conns.get_mut(at) else {
            return;
        };
        let shared = conn.shared;
        let Some(mux) = conn.mux.as_deref_mut() else {
            return;
        };
        if !mux.moving.is_empty() {
            return; // `settle` places them, and sees to the rest
        }
        if mux.is_over() || (!shared && !mux.is_ridden()) {
            return self.retire(at);
        }
        if !mux.is_ridden() && mux.h2.asked() >= mux.lasts {
            mux.lasts = mux.lasts.saturating_mul(2); // it outlived what the one before did
        }
        self.promote(at);
    }

    /// Somebody waits although the peer allows more: behind responses that may take for ever that must not be for ever.
    pub(crate) fn arm_patience(&mut self, at: Key<Conn>) {
        let waits = |conn: &Conn| {
            let holds_back = |mux: &Mux| mux.is_ridden() && mux.holds_back();
            conn.is_up()
                && conn.deadline.is_none()
                && conn.dll2_cli_txn_queue_owner.head.is_some()
                && conn.mux.as_deref().is_some_and(holds_back)
        };
        if self.conns.get(at).is_some_and(waits) {
            self.set_deadline(at, Some(SECOND));
        }
    }

    /// Nobody left for a while.
    pub(crate) fn patience_ends(&mut self, at: Key<Conn>) {
        if let Some(mux) = mux_at(&mut self.conns, at) {
            mux.try_more();
        }
        self.promote(at);
    }

    /// A request on a stream whose connection broke: contract section 4.
    pub(crate) fn may_ride_again(&mut self, at: Key<Conn>, key: Key<Wsi>, on: StreamKey) -> bool {
        let (Some(conn), Some(wsi)) = (self.conns.get(at), self.wsis.get_mut(key)) else {
            return false;
        };
        let Some(mux) = conn.mux.as_deref() else {
            return false;
        };
        let Some(rider) = mux.rider(on).filter(|_| wsi.state == State::Sent) else {
            return false;
        };
        if !mux.has_left(rider.first) {
            self.take_body_back(at, key, on);
            return true;
        }
        wsi.attempts += 1;
        let once_more = wsi.attempts < ATTEMPTS && !wsi.body_taken;
        once_more && rider.reused && !mux.h2.is_answering(on) && wsi.ask.method.is_idempotent()
    }

    /// The peer said that it has not processed it. `None`: it can be sent again; else why not.
    fn may_not_be_moved(&mut self, at: Key<Conn>, key: Key<Wsi>, on: StreamKey) -> Option<String> {
        let (Some(conn), Some(wsi)) = (self.conns.get(at), self.wsis.get_mut(key)) else {
            return Some(String::new());
        };
        let mux = conn.mux.as_deref()?;
        let rider = mux.rider(on)?;
        if wsi.state == State::Sent && !mux.has_left(rider.first) {
            self.take_body_back(at, key, on);
            return None;
        }
        wsi.attempts += 1;
        if wsi.state != State::Sent {
            return Some("after it had begun to answer".into());
        }
        if wsi.body_taken {
            return Some("and a part of the request's body is gone; ask again".into());
        }
        let tries = wsi.attempts;
        (tries >= ATTEMPTS).then(|| format!("{tries} times; ask again later"))
    }

    /// Nothing of it has left: what the program gave of its body is in our hands.
    fn take_body_back(&mut self, at: Key<Conn>, key: Key<Wsi>, on: StreamKey) {
        let (Some(conn), Some(wsi)) = (self.conns.get(at), self.wsis.get_mut(key)) else {
            return;
        };
        let Some(mux) = conn.mux.as_deref().filter(|_| wsi.body_taken) else {
            return;
        };
        let Some(rider) = mux.rider(on) else {
            return;
        };
        let from = mux.offset(rider.first).unwrap_or_default();
        let frames = conn.tx.pending().get(from..).unwrap_or_default();
        let kept = wsi.kept.get_or_insert_default();
        kept.body = unsent_body(frames, on);
        kept.body.extend_from_slice(rider.unsent.pending());
    }

    /// A GOAWAY left this one out, or the peer refused it alone: `what` it said.
    pub(crate) fn was_not_processed(
        &mut self,
        at: Key<Conn>,
        stream: StreamKey,
        code: ErrorCode,
        what: &str,
    ) {
        let mux = self.conns.get(at).and_then(|conn| conn.mux.as_deref());
        let Some(key) = mux.and_then(|mux| mux.rider(stream)).map(|rider| rider.wsi) else {
            return;
        };
        if let Some(why) = self.may_not_be_moved(at, key, stream) {
            let text = format!(
                "h2: the server did not process it ({what} {}), {why}",
                code.name()
            );
            return self.fail(key, &text);
        }
        self.leave_seat(key);
        self.back_to_waiting(key);
        if code == ErrorCode::HTTP_1_1_REQUIRED {
            self.ask_by_h1(
                key,
                "h2: the server wants HTTP/1.1 for it (HTTP_1_1_REQUIRED); add http/1.1 to alpn",
            );
            return self.lane_is_free(at);
        }
        if let Some(mux) = mux_at(&mut self.conns, at) {
            mux.moving.push(key);
        }
    }

    /// RFC 9113 §8.7's neighbour: the server takes this one by HTTP/1.1 alone.
    ///
    /// `refused` is why it ends when it may not be asked so.
    pub(crate) fn ask_by_h1(&mut self, key: Key<Wsi>, refused: &str) {
        const H1: &str = "http/1.1";
        let Some(wsi) = self.wsis.get(key) else {
            return;
        };
        let identity = self.identities.get(wsi.identity).clone();
        let mut place = identity.place();
        let offered = place.alpn.is_some_and(|list| lists(list, H1));
        if place.h2_prior_knowledge || !offered {
            return self.fail(key, refused);
        }
        place.alpn = Some(H1);
        self.change_place(key, &place);
        if let Some(wsi) = self.wsis.get_mut(key) {
            wsi.state = State::New;
        }
        self.place(key);
    }

    /// Those of whom nothing was sent have no connection any more: the peer takes no more requests.
    pub(crate) fn take_unsent_riders(&mut self, at: Key<Conn>) -> Vec<Key<Wsi>> {
        let Some(conn) = self.conns.get(at) else {
            return Vec::new();
        };
        let Some(mux) = &conn.mux else {
            return Vec::new();
        };
        let opening: Vec<_> = mux.opening.iter().copied().chain(conn.leader).collect();
        for key in &opening {
            self.leave_seat(*key);
            self.back_to_waiting(*key);
        }
        opening
    }

    /// Its response has to begin within timeout_secs.
    pub(crate) fn arm_reply(&mut self, key: Key<Wsi>) {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return;
        };
        if wsi.opened {
            return; // its timer is not about a response
        }
        let old = wsi.reply.take();
        let waits = wsi.state == State::Sent && !wsi.immortal;
        let vhost = self.vhosts.get(wsi.vhost);
        let secs = vhost.map_or(0, |vhost| vhost.config.timeout_secs);
        self.cancel_timer(old);
        if !waits {
            return;
        }
        let at = self.now.saturating_add(Micros::from(secs) * SECOND);
        let timer = self.timers.schedule(at, Fire::Reply(key));
        if let Some(wsi) = self.wsis.get_mut(key) {
            wsi.reply = Some(timer);
        }
    }

    /// A response did not begin in time. A peer that said nothing to anybody meanwhile is not asked again.
    pub(crate) fn reply_is_late(&mut self, key: Key<Wsi>) {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return;
        };
        if wsi.opened {
            return self.open_is_late(key);
        }
        wsi.reply = None;
        let on = wsi.stream();
        let vhost = self.vhosts.get(wsi.vhost);
        let secs = vhost.map_or(0, |vhost| vhost.config.timeout_secs);
        let since = self.now.saturating_sub(Micros::from(secs) * SECOND);
        if let Some((at, _)) = on
            && let Some(mux) = mux_at(&mut self.conns, at)
            && mux.heard <= since
        {
            mux.h2.retire();
            self.close_to_others(at);
        }
        let text = format!("Timed out waiting server reply: none within timeout_secs ({secs} s)");
        self.fail(key, &text);
    }

    /// `lws_mux_mark_immortal` and its like: it waits for its response as long as that takes.
    pub(crate) fn make_immortal(&mut self, key: Key<Wsi>) {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return;
        };
        wsi.immortal = true;
        let seat = wsi.seat.as_ref().filter(|seat| seat.lane == Lane::Whole);
        let alone = seat.filter(|_| wsi.state == State::Sent);
        if let Some(at) = alone.map(|seat| seat.conn) {
            self.set_deadline(at, None);
        }
        self.arm_reply(key);
    }

    /// The peer said GOAWAY: nobody else rides, and those who wait go elsewhere.
    pub(crate) fn peer_goes(&mut self, at: Key<Conn>, last: u32, code: ErrorCode) {
        let Some(conn) = self.conns.get_mut(at) else {
            return;
        };
        let (identity, vhost) = (conn.identity, conn.vhost);
        let Some(mux) = conn.mux.as_deref_mut() else {
            return;
        };
        mux.goaway = Some(code);
        let (processed, asked) = (last.div_ceil(2), mux.h2.asked());
        if processed <= asked && asked > 0 {
            self.identities.set_lasts(identity, processed.max(1));
        }
        if code != ErrorCode::NO_ERROR {
            let text = format!("h2: the server ends the connection: GOAWAY {}", code.name());
            self.log_vhost(vhost, LLL_ERR, text);
        }
    }
}
