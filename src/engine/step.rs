//! The only place that says what the engine hands out to be done while nothing is held, and how the outcome comes back.

use std::net::SocketAddr;
use std::sync::Arc;

use super::buffer::{Rx, Tx};
use super::call::{Call, Notice, Reason};
use super::conn::Conn;
use super::matching::Identity;
use super::table::Key;
use super::wsi::Wsi;
use crate::net::socket::{Addr, Connecting, SocketOptions};
use crate::net::tls::{Handshake, TlsClient};
use crate::net::transport::{Io, Transport};
use crate::proto::h2::StreamKey;

/// Something to do with nothing held. What it carries is nobody else's until it comes back.
pub(crate) enum Step {
    Call(Call),
    Notice(Notice),
    Tell(News),
    Resolve {
        conn: Key<Conn>,
        host: String,
        port: u16,
    },
    Open {
        conn: Key<Conn>,
        attempt: usize,
        addr: Addr,
        options: SocketOptions,
    },
    Connect {
        conn: Key<Conn>,
        attempt: usize,
        transport: Transport,
        addr: Addr,
    },
    Outcome {
        conn: Key<Conn>,
        attempt: usize,
        transport: Transport,
    },
    Secure {
        conn: Key<Conn>,
        /// What is spoken is the program's business: all of its ALPN list is offered.
        raw: bool,
        transport: Transport,
        client: Arc<TlsClient>,
        identity: Box<Identity>,
    },
    Handshake {
        conn: Key<Conn>,
        transport: Transport,
    },
    Read {
        conn: Key<Conn>,
        transport: Transport,
        rx: Rx,
    },
    Write {
        conn: Key<Conn>,
        transport: Transport,
        tx: Tx,
    },
    Receive {
        conn: Key<Conn>,
        transport: Transport,
        rx: Rx,
    },
    Send {
        conn: Key<Conn>,
        transport: Transport,
        datagram: Datagram,
    },
    /// READ about payload of a stream, or what arrived for a ws or raw request.
    Payload {
        call: Call,
        parcel: Parcel,
    },
    Close(Parting),
}

/// Payload that the program is handed, in a buffer that its callback's frame owns meanwhile.
pub(crate) struct Parcel {
    pub(crate) conn: Key<Conn>,
    pub(crate) wsi: Key<Wsi>,
    pub(crate) reason: Reason,
    /// `None`: the connection is its rider's alone.
    pub(crate) stream: Option<StreamKey>,
    /// The payload is at the front of what is pending here.
    pub(crate) rx: Rx,
    pub(crate) len: usize,
    pub(crate) home: Home,
    /// The response ends with it.
    pub(crate) end: bool,
}

/// One that waits to be sent, and to whom; to whom the socket is connected with when that is nobody.
pub(crate) struct Datagram {
    pub(crate) payload: Vec<u8>,
    pub(crate) to: Option<SocketAddr>,
}

/// Where a parcel's buffer comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Home {
    /// It is the connection's, with what was received for others behind the payload.
    Lent,
    /// It has what was received for this request: what is behind the payload comes next.
    Aside,
    /// It is for this payload alone.
    Own,
}

/// What a program that runs the loop itself is told of a descriptor: ADD, CHANGE_MODE or DEL.
pub(crate) struct News {
    pub(crate) conn: Key<Conn>,
    /// Address of the callback function.
    pub(crate) callback: usize,
    pub(crate) reason: Reason,
    pub(crate) fd: i32,
    /// As poll(2) has it.
    pub(crate) events: i32,
    pub(crate) prev_events: i32,
}

/// A connection's transport, to be closed.
pub(crate) struct Parting {
    pub(crate) transport: Transport,
    /// With a goodbye.
    pub(crate) polite: bool,
    /// What is still to be said, if the socket takes it at once.
    pub(crate) words: Vec<u8>,
}

/// How a step ended.
pub(crate) enum Done {
    Opened {
        conn: Key<Conn>,
        attempt: usize,
        outcome: Result<Transport, String>,
    },
    Connected {
        conn: Key<Conn>,
        attempt: usize,
        transport: Transport,
        outcome: Connecting,
    },
    Secured {
        conn: Key<Conn>,
        transport: Transport,
        outcome: Result<(), String>,
    },
    Shook {
        conn: Key<Conn>,
        transport: Transport,
        outcome: Handshake,
    },
    Read {
        conn: Key<Conn>,
        transport: Transport,
        rx: Rx,
        io: Io,
    },
    Received {
        conn: Key<Conn>,
        transport: Transport,
        rx: Rx,
        io: Io,
        from: Option<SocketAddr>,
    },
    Sent {
        conn: Key<Conn>,
        transport: Transport,
        datagram: Datagram,
        io: Io,
    },
    Written {
        conn: Key<Conn>,
        transport: Transport,
        tx: Tx,
        io: Io,
    },
}
