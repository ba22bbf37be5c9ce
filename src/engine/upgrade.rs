//! The only place that makes a WebSocket of a request: what its head asks with, whether the response agrees, and then
//!
//! ```text
//! 101 -> ESTABLISHED_CLIENT_HTTP -> (checked) -> FILTER_PRE_ESTABLISH -> CLIENT_ESTABLISHED
//! ```
//!
//! On an h2 stream (RFC 8441) it is an extended CONNECT, and 200.

use std::borrow::Cow;

use super::Engine;
use super::call::Due;
use super::conn::Conn;
use super::list::Dll2Owner;
use super::matching::lists;
use super::role::Role;
use super::table::Key;
use super::vhost;
use super::ws::Ws;
use super::wsi::{Lane, Response, State, Wsi};
use crate::net::random::{websocket_accept, websocket_key};
use crate::proto::ws::{Chosen, Receiver, Rules, check, check_h2, request, request_h2};

/// What a response's header says, joined where it came several times.
type Field<'a> = (&'static str, Option<Cow<'a, str>>);

impl Engine {
    /// What is asked before a head is made.
    pub(crate) fn due_before_head(&self, key: Key<Wsi>) -> Due {
        let offered = self.wsis.get(key).and_then(|wsi| self.deflate_offer(wsi));
        match offered {
            Some(_) => Due::CONFIRM | Due::APPEND,
            None => Due::APPEND,
        }
    }

    /// The lines that ask an h1 server to upgrade; none when the request is no ws.
    pub(crate) fn upgrade_lines(&mut self, key: Key<Wsi>) -> Result<Vec<u8>, String> {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return Ok(Vec::new());
        };
        if wsi.ask.role != Role::Ws {
            return Ok(Vec::new());
        }
        let nonce = websocket_key(&mut self.random)?;
        wsi.ws = Some(Box::new(Ws::new(websocket_accept(&nonce))));
        let mut lines = Vec::new();
        if let Some(wsi) = self.wsis.get(key) {
            let subprotocols = wsi.ask.subprotocols.as_deref();
            let extensions = self.deflate_offer(wsi).map(|offer| &*offer.text);
            request(&mut lines, &nonce, subprotocols, extensions)?;
        }
        Ok(lines)
    }

    /// The lines that ask for a ws on a stream; none when the request is no ws.
    pub(crate) fn connect_lines(&mut self, key: Key<Wsi>) -> Result<Vec<u8>, String> {
        let mut lines = Vec::new();
        let Some(wsi) = self.wsis.get_mut(key) else {
            return Ok(lines);
        };
        if wsi.ask.role != Role::Ws {
            return Ok(lines);
        }
        wsi.ws = Some(Box::new(Ws::new(String::new())));
        let Some(wsi) = self.wsis.get(key) else {
            return Ok(lines);
        };
        let place = self.identities.get(wsi.identity).place();
        let vhost = self.vhosts.get(wsi.vhost);
        let scheme = match place.tls {
            _ if vhost.is_some_and(|vhost| vhost.config.raw_origin) => "",
            true => "https://",
            false => "http://",
        };
        let origin = wsi.ask.origin().map(|origin| format!("{scheme}{origin}"));
        let subprotocols = wsi.ask.subprotocols.as_deref();
        let extensions = self.deflate_offer(wsi).map(|offer| &*offer.text);
        request_h2(&mut lines, origin.as_deref(), subprotocols, extensions)?;
        Ok(lines)
    }

    /// A ws cannot ride this connection: it goes to one of its own, by HTTP/1.1.
    pub(crate) fn upgrade_elsewhere(&mut self, at: Key<Conn>, key: Key<Wsi>) {
        self.leave_seat(key);
        self.back_to_waiting(key);
        if let Some(wsi) = self.wsis.get_mut(key) {
            wsi.ask.pipeline = false;
        }
        self.ask_by_h1(
            key,
            "HS: no ws over h2: the server's SETTINGS do not allow it (RFC 8441); add http/1.1 to alpn",
        );
        let left = self.conns.get(at);
        if left.is_some_and(|conn| !conn.shared && !conn.is_ridden()) {
            self.retire(at);
        }
    }

    /// It is a ws, and the connection speaks h1: nobody waits there for a turn that would be the last.
    pub(crate) fn takes_no_ws(&self, at: Key<Conn>, key: Key<Wsi>) -> bool {
        let conn = self.conns.get(at);
        self.role_of(key) == Role::Ws && conn.is_some_and(|conn| conn.is_up() && conn.mux.is_none())
    }

    /// Those who wait for it may be there for h2.
    pub(crate) fn may_speak_h2(&self, at: Key<Conn>) -> bool {
        let Some(conn) = self.conns.get(at) else {
            return false;
        };
        let place = self.identities.get(conn.identity).place();
        place.alpn.is_some_and(|list| lists(list, "h2"))
    }

    /// Those of a queue who open a ws do not wait for each other when the connection turned out to be h1.
    pub(crate) fn scatter(&mut self, at: Key<Conn>) {
        let Some(conn) = self.conns.get_mut(at) else {
            return;
        };
        let (mut line, identity) = (
            std::mem::take(&mut conn.dll2_cli_txn_queue_owner),
            conn.identity,
        );
        let mut stay = Dll2Owner::default();
        let mut leave = Vec::new();
        while let Some(key) = line.pop_head(&mut self.wsis) {
            match self.role_of(key) {
                Role::Ws => leave.push(key),
                _ => stay.add_tail(&mut self.wsis, key, identity),
            }
        }
        if let Some(conn) = self.conns.get_mut(at) {
            conn.dll2_cli_txn_queue_owner = stay;
        }
        for key in leave {
            self.upgrade_alone(key);
        }
    }

    /// A connection of its own, for it waits nowhere.
    pub(crate) fn upgrade_alone(&mut self, key: Key<Wsi>) {
        if let Some(wsi) = self.wsis.get_mut(key) {
            wsi.ask.pipeline = false;
        }
        self.lead(key, Dll2Owner::default());
    }

    /// ESTABLISHED_CLIENT_HTTP returned 0: a ws's response is looked at.
    pub(crate) fn answered(&mut self, key: Key<Wsi>) {
        let Some(wsi) = self.wsis.get(key) else {
            return;
        };
        let (Some(response), Some(ws)) = (&wsi.response, &wsi.ws) else {
            return self.fail(key, "HS: OOM");
        };
        let on_stream = wsi.stream().is_some();
        let fields = fields(response);
        let header = |name: &str| {
            let found = fields.iter().find(|(known, _)| *known == name);
            found.and_then(|(_, value)| value.as_deref())
        };
        let offered = wsi.ask.subprotocols.as_deref();
        let judged = match on_stream {
            true => check_h2(response.status, header, offered),
            false => check(response.status, header, &ws.expected, offered),
        };
        let (subprotocol, extensions) = match judged {
            Ok(Chosen {
                protocol,
                extensions,
            }) => (protocol.map(str::to_owned), extensions.map(str::to_owned)),
            Err(text) => return self.fail(key, text),
        };
        self.bind_chosen(key, subprotocol.as_deref());
        if let Some(text) = extensions
            && let Err(text) = self.agree_on_extensions(key, &text)
        {
            return self.fail(key, text);
        }
        let asks = self.wsis.get(key).map(|wsi| wsi.due);
        if asks.is_some_and(|due| !due.contains(Due::EXTENSION)) {
            self.agreed(key);
        }
    }

    /// A protocol that the program named stays; else the one that the server chose is called.
    fn bind_chosen(&mut self, key: Key<Wsi>, subprotocol: Option<&str>) {
        let Some(wsi) = self.wsis.get_mut(key).filter(|wsi| !wsi.bound) else {
            return;
        };
        let Some(vhost) = self.vhosts.get(wsi.vhost) else {
            return;
        };
        let Some(found) = subprotocol.and_then(|name| vhost.protocol_named(name)) else {
            return;
        };
        let protocols = &vhost.config.protocols;
        let size = |at: u16| {
            let protocol = protocols.get(usize::from(at));
            protocol.map_or(0, |protocol| protocol.per_session_data_size)
        };
        let grows = size(found) > size(wsi.protocol);
        if grows && (wsi.session.is_some() || wsi.user == 0) {
            let Some(session) = vhost::session(size(found)) else {
                return self.fail(key, "HS: OOM");
            };
            wsi.user = session.as_ptr().expose_provenance();
            wsi.session = Some(session);
        }
        wsi.protocol = found;
    }

    /// The response completes the handshake.
    pub(crate) fn agreed(&mut self, key: Key<Wsi>) {
        let Some(wsi) = self
            .wsis
            .get_mut(key)
            .filter(|wsi| wsi.state == State::Answered)
        else {
            return;
        };
        if let Some(ws) = wsi.ws.as_deref_mut() {
            ws.receiver = Receiver::new(Rules {
                compression: ws.deflate.is_some(),
                ..wsi.ask.ws
            });
            ws.expected = String::new();
        }
        self.owe(key, Due::FILTER);
    }

    /// FILTER_PRE_ESTABLISH returned 0: it is a WebSocket, and the program's.
    pub(crate) fn begin_ws(&mut self, key: Key<Wsi>) {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return;
        };
        wsi.state = State::Opening;
        let whole = wsi.seat.as_ref().filter(|seat| seat.lane == Lane::Whole);
        if let Some(conn) = whole.and_then(|seat| self.conns.get_mut(seat.conn)) {
            conn.open = true;
        }
        self.owe(key, Due::OPENED);
    }

    /// CLIENT_ESTABLISHED, or RAW_CONNECTED, returned 0: what arrives is handed out from here on.
    pub(crate) fn opened_up(&mut self, key: Key<Wsi>) {
        let now = self.now;
        let Some(wsi) = self.wsis.get_mut(key) else {
            return;
        };
        if wsi.state != State::Opening {
            return; // ended itself inside
        }
        wsi.state = State::Open;
        wsi.opened = true;
        let (asks, on) = (wsi.wants_write, wsi.stream());
        if let Some(ws) = wsi.ws.as_deref_mut() {
            ws.fed = true;
            ws.valid = now;
            // Thousands of them may be idle for days, and what their responses said stays readable (contract 1.8).
            if let Some(response) = &mut wsi.response {
                response.headers.shrink();
            }
            self.arm_validity(key);
        }
        if let Some((at, stream)) = on.filter(|_| asks) {
            self.wants_turn(at, key, stream);
        }
        self.resume_open(key);
    }
}

/// The fields that the handshake is about.
fn fields(response: &Response) -> [Field<'_>; 5] {
    [
        "sec-websocket-accept",
        "upgrade",
        "connection",
        "sec-websocket-protocol",
        "sec-websocket-extensions",
    ]
    .map(|name| {
        let values = response.headers.by_name(name.as_bytes());
        let joined = values
            .map(String::from_utf8_lossy)
            .reduce(|first, next| Cow::Owned(format!("{first}, {next}")));
        (name, joined)
    })
}
