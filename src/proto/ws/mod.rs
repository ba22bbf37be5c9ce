//! The only place that speaks WebSocket (RFC 6455), the client's side: frames and the handshake that leads to them.
//!
//! ```text
//!   handshake   the fields of the request, and whether the response agrees
//!   frame       Receiver: the peer's bytes in, events out; payload stays where it was received
//!   send        Sender: what the program writes, in its order, as masked frames
//!   close       what a Close frame says
//!   utf8        whether text is text, however it is cut
//! ```
//!
//! Compression (RFC 7692) is not here: a Receiver says which data is compressed, a Sender sets the bit it is told to.

mod close;
mod frame;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzz;
mod handshake;
mod send;
mod utf8;

#[cfg(test)]
mod tests;

pub(crate) use close::may_be_sent as close_may_be_sent;
pub(crate) use close::payload as close_payload;
pub(crate) use frame::{Event, Receiver, Rules};
pub(crate) use handshake::{Chosen, check, check_h2, request, request_h2};
pub(crate) use send::Sender;
pub(crate) use utf8::Utf8;

/// What a frame is, by its opcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

impl Kind {
    /// RFC 6455 §11.8
    fn of_opcode(opcode: u8) -> Option<Self> {
        Some(match opcode {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xa => Self::Pong,
            _ => return None,
        })
    }

    fn opcode(self) -> u8 {
        match self {
            Self::Continuation => 0x0,
            Self::Text => 0x1,
            Self::Binary => 0x2,
            Self::Close => 0x8,
            Self::Ping => 0x9,
            Self::Pong => 0xa,
        }
    }

    pub(crate) fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// What the peer did that ends the connection, and the code for the Close frame that tells it so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) code: u16,
    pub(crate) text: &'static str,
}

impl Violation {
    /// RFC 6455 §7.4.1: 1002, a protocol error.
    const fn protocol(text: &'static str) -> Self {
        Self { code: 1002, text }
    }

    /// RFC 6455 §7.4.1: 1007, data that is not what its message says it is.
    pub(crate) const fn not_text(text: &'static str) -> Self {
        Self { code: 1007, text }
    }
}

/// RFC 6455 §5.5: a control frame's payload has at most 125 bytes.
const CONTROL_MOST: usize = 125;

const FIN: u8 = 0x80;
const RSV1: u8 = 0x40;
const RSV: u8 = 0x70;
const OPCODE: u8 = 0x0f;
const MASKED: u8 = 0x80;
/// The 7 bits of length that say that 16 bits of it follow, and that 64 do.
const LENGTH_16: u8 = 126;
const LENGTH_64: u8 = 127;
