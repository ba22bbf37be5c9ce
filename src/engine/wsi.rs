//! The only place that says what a request is: whom to call, what was asked, where it sits.

use std::ffi::CString;
use std::net::SocketAddr;
use std::sync::Arc;

use super::auth::{Auth, Challenge};
use super::buffer::Kept;
use super::call::Due;
use super::conmon::Conmon;
use super::conn::Conn;
use super::list::{Dll2, Member};
use super::matching::IdentityId;
use super::role::Role;
use super::table::Key;
use super::timer::TimerKey;
use super::udp::Udp;
use super::vhost::Vhost;
use super::ws::{Validity, Ws};
use crate::net::heap::Block;
use crate::net::udp::UdpFlags;
use crate::proto::h2::StreamKey;
use crate::proto::headers::Headers;
use crate::proto::ws::Rules;

/// The right to a connection, or to a lane of it. Neither copied nor cloned, it moves.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) conn: Key<Conn>,
    pub(crate) lane: Lane,
}

/// How much of a connection is its rider's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Lane {
    /// All of it: whoever has it answers for the fd and the `SSL *`.
    Whole,
    /// One of many, as soon as its head is made.
    Opening,
    /// One of many.
    Stream(StreamKey),
}

/// Methods that a request may name. Contract 2.1: all of them can share.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
    Options,
}

impl Method {
    /// Case-sensitive, as methods are (RFC 9110 section 9.1).
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "PATCH" => Self::Patch,
            "DELETE" => Self::Delete,
            "OPTIONS" => Self::Options,
            _ => return None,
        })
    }

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }

    /// RFC 9110 section 9.2.2.
    pub(crate) fn is_idempotent(self) -> bool {
        !matches!(self, Self::Post | Self::Patch)
    }
}

/// How far a request is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    /// Accepted; it has no place yet: the callbacks of the connect call are under way.
    New,
    /// In a queue, or leading a connection that is not up; nothing of it was made.
    Waiting,
    /// APPEND is asked, or its answer is being looked at.
    Asking,
    /// The head is made, and perhaps sent; the response has not begun.
    Sent,
    /// The response head is there; FILTER and ESTABLISHED are asked.
    Answered,
    /// Established: the body arrives as the program reads it.
    Body,
    /// The connection is the program's: CLIENT_ESTABLISHED, or RAW_CONNECTED, is asked.
    Opening,
    /// It was answered with 0: messages or bytes come and go until one side ends it.
    Open,
    /// One side has: what is still to be said leaves, and perhaps the peer's Close is awaited. The program hears no more of it
    /// until the end.
    Parting,
    /// The whole response was received; COMPLETED is asked.
    Completing,
    /// Nothing but endings from here on.
    Ended,
}

/// What a request asks for, in one allocation.
pub(crate) struct Ask {
    text: Box<str>,
    origin_at: u32,
    pub(crate) method: Method,
    pub(crate) role: Role,
    /// The ws subprotocols on offer, as the program listed them.
    pub(crate) subprotocols: Option<Box<str>>,
    pub(crate) ws: Rules,
    /// What its vhost offers of permessage-deflate is offered.
    pub(crate) deflate: bool,
    pub(crate) validity: Validity,
    /// LCCSCF_PIPELINE.
    pub(crate) pipeline: bool,
    /// Not LCCSCF_HTTP_NO_FOLLOW_REDIRECT.
    pub(crate) follow: bool,
    /// LCCSCF_ACCEPT_TLS_DOWNGRADE_REDIRECTS.
    pub(crate) downgrade: bool,
    pub(crate) no_cache_control: bool,
    pub(crate) form: FormKind,
    pub(crate) has_origin: bool,
    /// Seconds that its connection stays idle for the next one.
    pub(crate) keep_warm: u16,
    /// LCCSCF_H2_QUIRK_OVERFLOWS_TXCR: of a connection that it makes.
    pub(crate) fix_windows: bool,
    /// LCCSCF_H2_MANUAL_RXFLOW: the response may send so much before the program asks for more.
    pub(crate) manual_rx: Option<u32>,
    /// LWS_CAUDP_ flags, of one for datagrams.
    pub(crate) udp: UdpFlags,
    /// Address of the program's policy of when to try again, or 0.
    pub(crate) retry: usize,
    /// LCCSCF_CACHE_COOKIES.
    pub(crate) cookies: bool,
    /// `auth_username` and `auth_password`.
    pub(crate) auth: Option<Box<Auth>>,
    /// Address of the program's log context; 0: the vhost's.
    pub(crate) log_cx: usize,
    /// LCCSCF_CONMON: the addresses of its name are kept for the program.
    pub(crate) conmon: bool,
}

impl Ask {
    pub(crate) fn new(target: &str, origin: Option<&str>, method: Method) -> Self {
        let (text, origin_at) = joined(target, origin);
        Self {
            text,
            origin_at,
            method,
            role: Role::Http,
            subprotocols: None,
            ws: Rules::default(),
            deflate: false,
            validity: Validity::default(),
            pipeline: false,
            follow: true,
            downgrade: false,
            no_cache_control: false,
            form: FormKind::None,
            has_origin: origin.is_some(),
            keep_warm: 0,
            fix_windows: false,
            manual_rx: None,
            udp: UdpFlags::default(),
            retry: 0,
            cookies: false,
            auth: None,
            log_cx: 0,
            conmon: false,
        }
    }

    /// It asks for something else.
    pub(crate) fn retarget(&mut self, target: &str) {
        (self.text, self.origin_at) = joined(target, self.origin());
    }

    pub(crate) fn target(&self) -> &str {
        self.text.get(..self.origin_at as usize).unwrap_or("/")
    }

    pub(crate) fn origin(&self) -> Option<&str> {
        self.text
            .get(self.origin_at as usize..)
            .filter(|_| self.has_origin)
    }
}

/// A target, with its slash, and an origin; where that begins.
fn joined(target: &str, origin: Option<&str>) -> (Box<str>, u32) {
    let mut text = String::with_capacity(target.len() + 1 + origin.map_or(0, str::len));
    if !target.starts_with('/') {
        text.push('/');
    }
    text.push_str(target);
    let origin_at = text.len() as u32;
    text.push_str(origin.unwrap_or_default());
    (text.into(), origin_at)
}

/// Whether a request's body is a form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FormKind {
    None,
    /// LCCSCF_HTTP_X_WWW_FORM_URLENCODED
    Urlencoded,
    /// LCCSCF_HTTP_MULTIPART_MIME
    Multipart,
}

/// What stands between the parts of a multipart form.
pub(crate) struct Boundary {
    pub(crate) text: String,
    /// A part was begun with it.
    pub(crate) used: bool,
}

/// Where a request stands among those that belong together.
#[derive(Default)]
pub(crate) struct Family {
    pub(crate) parent: Option<Key<Wsi>>,
    /// CHILD_CLOSING has returned.
    pub(crate) has_left: bool,
    /// Its newest child.
    pub(crate) child: Option<Key<Wsi>>,
    /// The parent's other children beside it.
    pub(crate) newer: Option<Key<Wsi>>,
    pub(crate) older: Option<Key<Wsi>>,
}

/// How the body of a request goes out on h1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Framing {
    /// As the program writes it.
    AsIs,
    Chunks,
    /// The program has said that no more follows; the last chunk is still to be sent.
    Ending,
    /// It was.
    Over,
}

/// A response's head, kept until WSI_DESTROY returned.
#[derive(Default)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
}

/// One request.
pub(crate) struct Wsi {
    pub(crate) vhost: Key<Vhost>,
    /// Index into the vhost's protocols.
    pub(crate) protocol: u16,
    /// A protocol name was given and known: BIND was sent, DROP is owed.
    pub(crate) bound: bool,
    /// The program's pointer, or that of `session`.
    pub(crate) user: usize,
    /// Per-session data that we allocated, zeroed and aligned for anything.
    pub(crate) session: Option<Block>,
    pub(crate) opaque: usize,
    pub(crate) ask: Ask,
    pub(crate) identity: IdentityId,
    pub(crate) seat: Option<Seat>,
    /// Member link of the queue it waits in; the owner is the identity, whose live connection holds the list.
    pub(crate) dll2_cli_txn_queue: Dll2<Self, IdentityId>,
    pub(crate) state: State,
    /// CLIENT_ESTABLISHED, or RAW_CONNECTED, was answered with 0.
    pub(crate) opened: bool,
    /// What a ws is about, from its handshake on.
    pub(crate) ws: Option<Box<Ws>>,
    /// Of one for datagrams.
    pub(crate) udp: Option<Box<Udp>>,
    pub(crate) due: Due,
    /// Callbacks on it that have not returned.
    pub(crate) pins: u8,
    /// It is on the engine's list of those with something to do.
    pub(crate) listed: bool,
    /// Its connect call did not get to placing it.
    pub(crate) unplaced: bool,
    /// The program asked for WRITEABLE.
    pub(crate) wants_write: bool,
    /// `lws_client_http_body_pending(wsi, 1)`.
    pub(crate) body_pending: bool,
    /// Of a multipart form, from its APPEND on.
    pub(crate) boundary: Option<Box<Boundary>>,
    pub(crate) framing: Framing,
    /// Of an h1 body whose bytes count: those that the head announced and the program has not given, below 0 when it gave more.
    pub(crate) body_left: Option<i64>,
    /// A body byte was taken from the program.
    pub(crate) body_taken: bool,
    /// `lws_rx_flow_control(wsi, 0)`.
    pub(crate) rx_paused: bool,
    /// RECEIVE was sent, and the program has not read since.
    pub(crate) receive_sent: bool,
    /// A read of the program's is under way: bytes of the body are out with it, and nobody may take those behind them.
    pub(crate) reading: bool,
    /// The loop ends it at its next turn: LWS_TO_KILL_ASYNC.
    pub(crate) kill: bool,
    /// Its response is a challenge that it answers: the program is not told.
    pub(crate) challenge: Challenge,
    /// APPEND was called and has not returned.
    pub(crate) appending: bool,
    /// APPEND was answered: it is asked once.
    pub(crate) appended: bool,
    /// It may take as long as it likes: no deadline for its response.
    pub(crate) immortal: bool,
    /// Attempts that sent bytes.
    pub(crate) attempts: u8,
    /// Redirects that it followed.
    pub(crate) follows: u8,
    /// One of them made it a GET.
    pub(crate) made_get: bool,
    /// What it takes to send it again. Nothing: APPEND wrote no lines.
    pub(crate) kept: Option<Box<Kept>>,
    pub(crate) response: Option<Box<Response>>,
    /// Why it failed: NUL-terminated, for CLIENT_CONNECTION_ERROR.
    pub(crate) reason: Option<Arc<str>>,
    /// Whose it is, and which are its own: nothing for most.
    pub(crate) family: Option<Box<Family>>,
    /// How long it took.
    pub(crate) conmon: Conmon,
    /// Whom its connection reached.
    pub(crate) peer: Option<SocketAddr>,
    /// The socket that CONNECTING names.
    pub(crate) connecting_fd: i32,
    /// Its response is late then, on a connection that others ride too.
    pub(crate) reply: Option<TimerKey>,
    /// `lws_set_timeout`.
    pub(crate) timeout: Option<TimerKey>,
    /// `lws_set_timer_usecs`.
    pub(crate) timer: Option<TimerKey>,
    /// So many of its kind were made before it.
    pub(crate) ordinal: u32,
    /// What it is called in log lines, once that was asked.
    pub(crate) tag: Option<CString>,
}

impl Member<IdentityId> for Wsi {
    fn dll2(&mut self) -> &mut Dll2<Self, IdentityId> {
        &mut self.dll2_cli_txn_queue
    }
}

impl Wsi {
    /// One that has no place yet, and is owed nothing.
    pub(crate) fn new(vhost: Key<Vhost>, identity: IdentityId, ask: Ask) -> Self {
        Self {
            vhost,
            protocol: 0,
            bound: false,
            user: 0,
            session: None,
            opaque: 0,
            ask,
            identity,
            seat: None,
            dll2_cli_txn_queue: Dll2::default(),
            state: State::New,
            opened: false,
            ws: None,
            udp: None,
            due: Due::empty(),
            pins: 0,
            listed: false,
            unplaced: false,
            wants_write: false,
            body_pending: false,
            boundary: None,
            framing: Framing::AsIs,
            body_left: None,
            body_taken: false,
            rx_paused: false,
            receive_sent: false,
            reading: false,
            kill: false,
            challenge: Challenge::None,
            appending: false,
            appended: false,
            immortal: false,
            attempts: 0,
            follows: 0,
            made_get: false,
            kept: None,
            response: None,
            reason: None,
            family: None,
            conmon: Conmon::default(),
            peer: None,
            connecting_fd: -1,
            reply: None,
            timeout: None,
            timer: None,
            ordinal: 0,
            tag: None,
        }
    }

    /// ESTABLISHED_CLIENT_HTTP, CLIENT_ESTABLISHED or RAW_CONNECTED was answered with 0, or RAW_ADOPT is asked.
    pub(crate) fn is_established(&self) -> bool {
        use State::{Body, Completing, Open, Opening, Parting};
        match self.state {
            Body | Open | Completing => true,
            Opening => self.ask.role.is_adopted(),
            Parting => self.opened,
            _ => false,
        }
    }

    /// The program may write now.
    pub(crate) fn may_send(&self) -> bool {
        use State::{Answered, Body, Open, Opening, Sent};
        match self.ask.role {
            Role::Http => matches!(self.state, Sent | Answered | Body),
            _ => matches!(self.state, Opening | Open),
        }
    }

    /// What arrives for it can be handed out, or dropped.
    pub(crate) fn takes_bytes(&self) -> bool {
        match self.state {
            State::Open => self.pins == 0 && !self.rx_paused && !self.reading,
            State::Parting => !self.reading,
            _ => false,
        }
    }

    /// The stream that it rides.
    pub(crate) fn stream(&self) -> Option<(Key<Conn>, StreamKey)> {
        match self.seat.as_ref()? {
            Seat {
                conn,
                lane: Lane::Stream(stream),
            } => Some((*conn, *stream)),
            _ => None,
        }
    }

    pub(crate) fn status(&self) -> u16 {
        self.response.as_ref().map_or(0, |response| response.status)
    }
}
