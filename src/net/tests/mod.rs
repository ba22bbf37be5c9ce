//! Stories of the net layer, on loopback: a peer in a thread for the other side, our Poll for waiting.
#![allow(clippy::unwrap_used)]

mod issuer;
mod peer;
mod poll;
mod resolve;
mod sockets;
mod tls;
mod tls_config;
mod tunnel;

use std::net::SocketAddr;
use std::time::Duration;

use super::poll::{Interest, Poll};
use super::socket::{self, Addr, Connecting, SocketOptions};
use super::transport::{Io, Transport};

/// Only a hang gets here.
const LONG: Duration = Duration::from_secs(30);

fn wait(transport: &Transport, interest: Interest) {
    let poll = Poll::new().unwrap();
    poll.set(transport.fd(), 1, Interest::NONE, interest)
        .unwrap();
    let mut ready = Vec::new();
    poll.wait(&mut ready, Some(LONG)).unwrap();
    assert!(!ready.is_empty(), "nothing happened for {LONG:?}");
}

fn connected(addr: SocketAddr) -> Transport {
    connected_with(&Addr::Inet(addr), &SocketOptions::default())
}

fn connected_with(addr: &Addr, options: &SocketOptions) -> Transport {
    let transport = socket::open(addr, options).unwrap();
    if socket::connect(&transport, addr) == Connecting::InProgress {
        wait(&transport, Interest::WRITE);
        assert_eq!(socket::outcome(&transport), Connecting::Done);
    }
    transport
}

/// Reads until something else than data or waiting comes.
fn read_to_end(transport: &mut Transport) -> (Vec<u8>, Io) {
    let (mut all, mut buf) = (Vec::new(), [0; 4096]);
    loop {
        match transport.read(&mut buf) {
            Io::Done { n, .. } => all.extend_from_slice(&buf[..n]),
            Io::WantRead => wait(transport, Interest::READ),
            Io::WantWrite => wait(transport, Interest::WRITE),
            end => return (all, end),
        }
    }
}

fn write_all(transport: &mut Transport, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        match transport.write(bytes) {
            Io::Done { n, .. } => bytes = &bytes[n..],
            Io::WantRead => wait(transport, Interest::READ),
            Io::WantWrite => wait(transport, Interest::WRITE),
            other => panic!("{other:?}"),
        }
    }
}
