//! The only place for stories of the WebSocket machine: a scripted peer's bytes, and what comes of them.

mod frames;
mod handshake;
mod hostile;
mod random;
mod send;
mod text;

use super::Violation;
use super::frame::{Event, Receiver, Rules};

/// An event, with its payload instead of where that was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Data {
        payload: Vec<u8>,
        first: bool,
        fin: bool,
        binary: bool,
        remaining: u64,
        compressed: bool,
    },
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<u16>, Vec<u8>),
}

/// A receiver, with the buffer that an engine would keep for it.
pub(super) struct Story {
    pub(super) receiver: Receiver,
    most: usize,
    rx: Vec<u8>,
    pub(super) heard: Vec<Heard>,
    /// How much came before the machine objected.
    arrived: usize,
    pub(super) fault: Option<(Violation, usize)>,
}

pub(super) const STRICT: Rules = Rules {
    validate_utf8: true,
    allow_reserved_bits: false,
    allow_unknown_opcode: false,
    compression: false,
};

impl Story {
    pub(super) fn new(rules: Rules, most: usize) -> Self {
        Self {
            receiver: Receiver::new(rules),
            most,
            rx: Vec::new(),
            heard: Vec::new(),
            arrived: 0,
            fault: None,
        }
    }

    /// All at once.
    pub(super) fn of(rules: Rules, bytes: &[u8]) -> Self {
        let mut s = Self::new(rules, usize::MAX);
        s.peer_sends(bytes);
        s
    }

    /// Byte by byte: the fault says after how many.
    pub(super) fn slowly(rules: Rules, most: usize, bytes: &[u8]) -> Self {
        let mut s = Self::new(rules, most);
        bytes.iter().for_each(|byte| s.peer_sends(&[*byte]));
        s
    }

    pub(super) fn peer_sends(&mut self, bytes: &[u8]) {
        self.arrived += bytes.len();
        self.rx.extend_from_slice(bytes);
        while self.fault.is_none() {
            match self.receiver.handle_rx(&self.rx, self.most) {
                Ok((eaten, event)) => {
                    let is_over = event.is_none();
                    self.heard.extend(event.map(|event| heard(event, &self.rx)));
                    self.rx.drain(..eaten);
                    if is_over {
                        break;
                    }
                }
                Err(violation) => self.fault = Some((violation, self.arrived)),
            }
        }
        if self.fault.is_none() && !self.rx.is_empty() {
            assert!(
                self.receiver.wanted(self.most) > self.rx.len(),
                "whatever is left waits for more"
            );
        }
    }

    pub(super) fn code(&self) -> Option<u16> {
        self.fault.map(|(violation, _)| violation.code)
    }
}

fn heard(event: Event, rx: &[u8]) -> Heard {
    match event {
        Event::Data {
            at,
            first,
            fin,
            binary,
            remaining,
            compressed,
        } => Heard::Data {
            payload: rx[at].to_vec(),
            first,
            fin,
            binary,
            remaining,
            compressed,
        },
        Event::Ping { at } => Heard::Ping(rx[at].to_vec()),
        Event::Pong { at } => Heard::Pong(rx[at].to_vec()),
        Event::Close { at, code } => Heard::Close(code, rx[at].to_vec()),
    }
}

/// A server's frame: `first` is its whole first byte.
pub(super) fn served(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        len @ ..=125 => frame.push(len as u8),
        len @ ..=0xffff => {
            frame.push(126);
            frame.extend_from_slice(&(len as u16).to_be_bytes());
        }
        len => {
            frame.push(127);
            frame.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(payload);
    frame
}

/// An uncompressed piece that ends its frame.
pub(super) fn data(payload: &[u8], first: bool, fin: bool, binary: bool) -> Heard {
    Heard::Data {
        payload: payload.to_vec(),
        first,
        fin,
        binary,
        remaining: 0,
        compressed: false,
    }
}
