//! The only place that says what the engine hands out to be done while nothing is held, and how the outcome comes back.

use std::sync::Arc;

use super::buffer::{Rx, Tx};
use super::call::{Call, Notice};
use super::conn::Conn;
use super::matching::Identity;
use super::table::Key;
use crate::net::socket::{Addr, Connecting, SocketOptions};
use crate::net::tls::{Handshake, TlsClient};
use crate::net::transport::{Io, Transport};

/// Something to do with nothing held. What it carries is nobody else's until it comes back.
pub(crate) enum Step {
    Call(Call),
    Notice(Notice),
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
    Close {
        transport: Transport,
        polite: bool,
    },
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
    Written {
        conn: Key<Conn>,
        transport: Transport,
        tx: Tx,
        io: Io,
    },
}
