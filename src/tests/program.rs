//! The only place for the program that stories script: what it asks for, what it does in callbacks, what it remembers.

use std::fmt;

use super::story::{Req, Story};
use crate::engine::auth::Auth;
use crate::engine::buffer::Rx;
use crate::engine::call::{Input, Reason};
use crate::engine::conn::Conn;
use crate::engine::connect::Request;
use crate::engine::matching::{IpService, Place};
use crate::engine::read::{Portion, Reading};
use crate::engine::role::Role;
use crate::engine::table::Key;
use crate::engine::vhost::Vhost;
use crate::engine::ws::{Shown, Validity};
use crate::engine::wsi::{Ask, Method, Wsi};
use crate::net::tls::Trust;
use crate::net::transport::Io;
use crate::proto::ws::Rules;

/// How a program says that its body is over. Contract 1.12.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Over {
    /// lws_client_http_body_pending(wsi, 0) after the last write.
    NoMorePending,
    /// The same, before it.
    NoMorePendingBefore,
    /// LWS_WRITE_HTTP_FINAL with the last part.
    Final,
    /// LWS_WRITE_HTTP_FINAL with nothing, in a WRITEABLE of its own.
    EmptyFinal,
}

/// What a request asks for, and what its callbacks do.
#[derive(Clone)]
pub(crate) struct Asked {
    method: Method,
    path: String,
    address: &'static str,
    pub(crate) role: Role,
    /// The ws subprotocols on offer.
    offers: Option<&'static str>,
    rules: Rules,
    validity: Validity,
    /// A protocol of the vhost was named.
    pub(crate) bound: bool,
    pipeline: bool,
    /// It follows redirects, and from TLS to none.
    follow: bool,
    downgrade: bool,
    keep_warm: u16,
    /// LCCSCF_H2_MANUAL_RXFLOW.
    manual_rx: Option<u32>,
    /// `auth_username` and `auth_password`.
    pub(crate) auth: Option<(&'static str, &'static str)>,
    /// LCCSCF_CACHE_COOKIES.
    cookies: bool,
    /// Header lines that APPEND writes.
    pub(crate) append: String,
    /// Parts of a body, each sent in its WRITEABLE.
    pub(crate) body: Vec<Vec<u8>>,
    /// How it says that its body is over.
    pub(crate) over: Over,
    /// The program's buffer; 0: it does not read in RECEIVE.
    pub(crate) buffer: usize,
}

impl Asked {
    pub(crate) fn get() -> Self {
        Self::with(Method::Get)
    }

    pub(crate) fn with(method: Method) -> Self {
        Self {
            method,
            path: "/".into(),
            address: "a.test",
            role: Role::Http,
            offers: None,
            rules: Rules::default(),
            validity: Validity::default(),
            bound: true,
            pipeline: true,
            follow: true,
            downgrade: false,
            keep_warm: 0,
            manual_rx: None,
            auth: None,
            cookies: false,
            append: String::new(),
            body: Vec::new(),
            over: Over::NoMorePending,
            buffer: 4096,
        }
    }

    /// A ws: no method.
    pub(crate) fn ws() -> Self {
        Self {
            role: Role::Ws,
            pipeline: false,
            ..Self::get()
        }
    }

    /// Method "RAW".
    pub(crate) fn raw() -> Self {
        Self {
            role: Role::Raw,
            pipeline: false,
            ..Self::get()
        }
    }

    pub(crate) fn is_raw(&self) -> bool {
        self.role == Role::Raw
    }

    /// Of a ws: `protocol`.
    pub(crate) fn offers(mut self, subprotocols: &'static str) -> Self {
        self.offers = Some(subprotocols);
        self
    }

    pub(crate) fn rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// `retry_and_idle_policy`.
    pub(crate) fn validity(mut self, ping: u16, hangup: u16) -> Self {
        self.validity = Validity { ping, hangup };
        self
    }

    /// None of the vhost's protocols was named.
    pub(crate) fn unbound(mut self) -> Self {
        self.bound = false;
        self
    }

    pub(crate) fn path(mut self, path: &str) -> Self {
        self.path = path.into();
        self
    }

    /// Another place.
    pub(crate) fn at(mut self, address: &'static str) -> Self {
        self.address = address;
        self
    }

    /// Without LCCSCF_PIPELINE.
    pub(crate) fn alone(mut self) -> Self {
        self.pipeline = false;
        self
    }

    /// LCCSCF_HTTP_NO_FOLLOW_REDIRECT.
    pub(crate) fn stays(mut self) -> Self {
        self.follow = false;
        self
    }

    /// LCCSCF_ACCEPT_TLS_DOWNGRADE_REDIRECTS.
    pub(crate) fn downgrades(mut self) -> Self {
        self.downgrade = true;
        self
    }

    pub(crate) fn keep_warm(mut self, secs: u16) -> Self {
        self.keep_warm = secs;
        self
    }

    pub(crate) fn manual_rx(mut self, window: u32) -> Self {
        self.manual_rx = Some(window);
        self
    }

    pub(crate) fn login(mut self, user: &'static str, password: &'static str) -> Self {
        self.auth = Some((user, password));
        self
    }

    pub(crate) fn cookies(mut self) -> Self {
        self.cookies = true;
        self
    }

    pub(crate) fn ends_by(mut self, over: Over) -> Self {
        self.over = over;
        self
    }

    pub(crate) fn append(mut self, lines: &str) -> Self {
        self.append.push_str(lines);
        self
    }

    /// A body of these parts, and the header that says how long it is.
    pub(crate) fn body(mut self, parts: &[&str]) -> Self {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        self.body = parts.iter().map(|part| part.as_bytes().to_vec()).collect();
        self.append(&format!("Content-Length: {length}\r\n"))
    }

    pub(crate) fn buffer(mut self, bytes: usize) -> Self {
        self.buffer = bytes;
        self
    }

    /// It looks at RECEIVE and reads later.
    pub(crate) fn reads_later(self) -> Self {
        self.buffer(0)
    }

    pub(crate) fn request(&self, at: &Site, user: usize) -> Request<'_> {
        let mut ask = Ask::new(&self.path, None, self.method);
        ask.role = self.role;
        ask.subprotocols = self.offers.map(Into::into);
        ask.ws = self.rules;
        ask.validity = self.validity;
        ask.pipeline = self.pipeline;
        ask.follow = self.follow;
        ask.downgrade = self.downgrade;
        ask.keep_warm = self.keep_warm;
        ask.manual_rx = self.manual_rx;
        ask.cookies = self.cookies;
        let auth = self.auth.map(|(user, password)| Auth::new(user, password));
        ask.auth = auth.map(|auth| Box::new(auth.expect("may be sent")));
        Request {
            place: Place {
                vhost: at.vhost,
                address: self.address,
                port: 80,
                host: Some("a.test"),
                tls: at.tls,
                trust: Trust::default(),
                alpn: at.alpn,
                h2_prior_knowledge: at.h2c,
                client_cert: 0,
                iface: None,
                local_port: 0,
                ip: IpService::default(),
                proxy: None,
            },
            ask,
            protocol: 0,
            bound: self.bound,
            user,
            opaque: user,
        }
    }
}

/// What the requests of a story have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site {
    pub(crate) vhost: Key<Vhost>,
    pub(crate) tls: bool,
    pub(crate) alpn: Option<&'static str>,
    /// h2 by prior knowledge.
    pub(crate) h2c: bool,
}

/// What the program of a ws or a raw request was handed.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) reason: Reason,
    pub(crate) bytes: Vec<u8>,
    /// Of a message.
    pub(crate) shown: Option<Shown>,
}

impl fmt::Display for Piece {
    /// `first last text hello`, `binary abc +4` with what is left of its frame, `pong abc`, `close 1001 away`, `raw abc`.
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = String::from_utf8_lossy(&self.bytes);
        let (before, after) = match (self.reason, &self.shown, self.bytes.as_slice()) {
            (Reason::ClientReceive, Some(shown), _) => {
                let flag = |is: bool, name: &'static str| if is { name } else { "" };
                let kind = if shown.binary { "binary " } else { "text " };
                let ends = [flag(shown.first, "first "), flag(shown.last, "last "), kind];
                let left = match shown.remaining {
                    0 => String::new(),
                    left => format!(" +{left}"),
                };
                (ends.concat() + &text, left)
            }
            (Reason::WsPeerInitiatedClose, _, [high, low, reason @ ..]) => {
                let code = u16::from_be_bytes([*high, *low]);
                let reason = String::from_utf8_lossy(reason);
                (format!("close {code} {reason}"), String::new())
            }
            (Reason::WsPeerInitiatedClose, ..) => (format!("close {text}"), String::new()),
            (Reason::ClientReceivePong, ..) => (format!("pong {text}"), String::new()),
            (Reason::RawRx, ..) => (format!("raw {text}"), String::new()),
            (reason, ..) => (format!("{reason:?} {text}"), String::new()),
        };
        let whole = before.trim_end().to_owned() + &after;
        to.write_str(&whole)
    }
}

/// What the program knows of a request.
pub(crate) struct Told {
    pub(crate) key: Key<Wsi>,
    pub(crate) asked: Asked,
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    /// What came for a ws or a raw request.
    pub(crate) pieces: Vec<Piece>,
    /// The text of CLIENT_CONNECTION_ERROR.
    pub(crate) error: String,
    /// What the last CLIENT_HTTP_REDIRECT said.
    pub(crate) location: String,
    /// Parts of the body that were written.
    written: usize,
}

impl Told {
    pub(crate) fn new(key: Key<Wsi>, asked: Asked) -> Self {
        Self {
            key,
            asked,
            status: 0,
            body: Vec::new(),
            pieces: Vec::new(),
            error: String::new(),
            location: String::new(),
            written: 0,
        }
    }
}

impl Story {
    /// What a program does that wants its answer: it sends its body, and reads what comes.
    pub(crate) fn usual(&mut self, who: Req, reason: Reason) -> i32 {
        let told = &self.told[who.0];
        match reason {
            Reason::AppendHandshakeHeader
                if !told.asked.body.is_empty() && !self.was_made_get(who) =>
            {
                let key = told.key;
                self.told[who.0].written = 0;
                self.engine.set_body_pending(key, true);
                self.engine.ask_writeable(key);
                0
            }
            Reason::ClientHttpWriteable => self.write_next(who),
            Reason::ReceiveClientHttp if told.asked.buffer > 0 => self.read(who, told.asked.buffer),
            _ => 0,
        }
    }

    /// lws_http_is_redirected_to_get().
    pub(crate) fn was_made_get(&self, who: Req) -> bool {
        let wsi = self.engine.wsis.get(self.told[who.0].key);
        wsi.is_some_and(|wsi| wsi.made_get)
    }

    fn write_next(&mut self, who: Req) -> i32 {
        let told = &mut self.told[who.0];
        let (key, over, count) = (told.key, told.asked.over, told.asked.body.len());
        let nth = told.written;
        told.written += 1;
        let Some(part) = told.asked.body.get(nth).cloned() else {
            if nth == count && count > 0 && over == Over::EmptyFinal {
                return if self.write_last(who, b"") { 0 } else { -1 };
            }
            return 0;
        };
        let last = nth + 1 == count;
        if last && over == Over::NoMorePendingBefore {
            self.engine.set_body_pending(key, false);
        }
        let written = match last && over == Over::Final {
            true => self.write_last(who, &part),
            false => self.write(who, &part),
        };
        if !written {
            return -1;
        }
        if !last || over == Over::EmptyFinal {
            self.engine.ask_writeable(key);
        } else if over == Over::NoMorePending {
            self.engine.set_body_pending(key, false);
        }
        0
    }

    /// lws_http_client_read(), as `ffi/read.rs` has it.
    pub(crate) fn read(&mut self, who: Req, size: usize) -> i32 {
        let key = self.told[who.0].key;
        let verdict = match self.engine.read_begin(key) {
            Reading::Nothing => 0,
            Reading::Buffered { conn, rx } => self.read_buffer(who, conn, rx, size),
            Reading::Wire { conn, transport } => {
                let mut space = vec![0; size];
                let io = self.socket(conn).read(&mut space);
                self.engine.read_returned(conn, transport, &io, size);
                self.read_wire(who, conn, &space, io)
            }
        };
        self.engine.read_over(key);
        verdict
    }

    fn read_wire(&mut self, who: Req, conn: Key<Conn>, space: &[u8], io: Io) -> i32 {
        let key = self.told[who.0].key;
        match io {
            Io::Done { n, .. } => {
                let mut rest = &space[..n];
                loop {
                    match self.engine.portion(key, conn, rest) {
                        Portion::Payload { skip, take } => {
                            let (eaten, after) = rest.split_at(skip + take);
                            rest = after;
                            let verdict = self.payload(who, &eaten[skip..]);
                            if verdict != 0 {
                                self.engine.keep_rest(conn, rest);
                                return verdict;
                            }
                        }
                        portion => return self.finish(who, &portion),
                    }
                }
            }
            Io::WantRead | Io::WantWrite => {
                self.engine.offer_receive(key);
                0
            }
            io => {
                if self.engine.read_ended(key, conn, io) {
                    self.completed(who);
                }
                -1
            }
        }
    }

    fn read_buffer(&mut self, who: Req, conn: Key<Conn>, mut rx: Rx, most: usize) -> i32 {
        let key = self.told[who.0].key;
        let mut given = 0;
        let portion = loop {
            let window = rx.pending().len().min(most - given);
            let portion = self.engine.portion(key, conn, &rx.pending()[..window]);
            let Portion::Payload { skip, take } = portion else {
                break portion;
            };
            rx.consume(skip);
            given += take;
            let bytes = rx.pending()[..take].to_vec();
            let verdict = self.payload(who, &bytes);
            rx.consume(take);
            if verdict != 0 {
                self.engine.rx_returned(conn, rx);
                return verdict;
            }
        };
        self.engine.rx_returned(conn, rx);
        self.finish(who, &portion)
    }

    /// RECEIVE_CLIENT_HTTP_READ.
    fn payload(&mut self, who: Req, bytes: &[u8]) -> i32 {
        if bytes.is_empty() {
            return 0;
        }
        let key = self.told[who.0].key;
        let Some(call) = self
            .engine
            .call(key, Reason::ReceiveClientHttpRead, Input::None)
        else {
            return -1;
        };
        self.told[who.0].body.extend_from_slice(bytes);
        self.deliver(&call)
    }

    fn finish(&mut self, who: Req, portion: &Portion) -> i32 {
        let key = self.told[who.0].key;
        match portion {
            Portion::End => {
                self.engine.complete(key);
                self.completed(who);
                0
            }
            Portion::More | Portion::Payload { .. } => {
                self.engine.body_goes_on(key);
                0
            }
            Portion::Broken => -1,
        }
    }

    fn completed(&mut self, who: Req) {
        let key = self.told[who.0].key;
        if let Some(call) = self.engine.completed_call(key) {
            self.deliver(&call);
        }
    }
}
