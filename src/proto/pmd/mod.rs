//! The only place that speaks permessage-deflate (RFC 7692), the client's side: what compressed messages of a WebSocket hold.
//!
//! ```text
//!   params    what is offered, and what the peer made of it
//!   inflate   the peer's messages: payload in, a bounded piece of data out
//!   deflate   our messages: data in, payload appended
//! ```
//!
//! Frames are not here: `ws` says which messages are compressed, and sets the bit (RSV1) it is told to.
//!
//! # Memory
//!
//! Of the heap, per connection, on 64 bits; nothing before the first message.
//!
//! | | within a message | between messages, with context takeover | without |
//! |---|---|---|---|
//! | receiving | 47 KB, whatever the peer's window | the same | 0 |
//! | sending | 251 KB (window of 9 bits) to 380 KB (15 bits) | the same, until `forget_sent()` | 0 |
//!
//! It does not grow with what a peer sends: a message that inflates a thousandfold comes in as many pieces as there is room.

mod deflate;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzz;
mod inflate;
mod params;

#[cfg(test)]
mod tests;

use super::ws::Violation;
use deflate::Deflater;
use inflate::Inflater;

pub(crate) use deflate::Level;
pub(crate) use inflate::{Inflated, Next};
pub(crate) use params::{Agreed, Options};

/// The compressed messages of one connection, both ways.
#[derive(Debug)]
pub(crate) struct PmDeflate {
    rx: Inflater,
    tx: Deflater,
}

impl PmDeflate {
    /// Takes no memory of the heap until there is a message.
    pub(crate) fn new(agreed: Agreed, level: Level) -> Self {
        Self {
            rx: Inflater::new(!agreed.server_no_context_takeover),
            tx: Deflater::new(
                agreed.client_max_window_bits,
                !agreed.client_no_context_takeover,
                level,
            ),
        }
    }

    /// Inflates the front of `input`, which is what is left of a compressed message or of a piece of it, into `out`.
    ///
    /// `ends`: with this piece the message ends. `Inflated::next` says what to call it again for. What is not used of
    /// `input` has to be the front of the next one. Pieces may be of any size, also empty, and `out` too, except that in
    /// an empty one nothing is ever made.
    ///
    /// After a violation nothing more is inflated. What comes before it is handed out first.
    pub(crate) fn inflate(
        &mut self,
        input: &[u8],
        ends: bool,
        out: &mut [u8],
    ) -> Result<Inflated, Violation> {
        self.rx.inflate(input, ends, out)
    }

    /// Whether messages are compressed: RSV1 of their first frames.
    ///
    /// Not in a window of 8 bits, which zlib cannot keep to. RFC 7692 §6: any message may go as it is.
    pub(crate) fn compresses(&self) -> bool {
        self.tx.compresses()
    }

    /// Appends to `out` the payload of a frame that carries this piece of a message; when memory is short, nothing.
    ///
    /// `ends`: the frame has FIN. The peer can inflate each frame when it has come: nothing is kept back for the next.
    /// When nothing is compressed, the payload is the piece itself.
    pub(crate) fn deflate(
        &mut self,
        input: &[u8],
        ends: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), &'static str> {
        self.tx.deflate(input, ends, out)
    }

    /// What was deflated so far is not referred to again. Right between any two pieces; it gives the memory back.
    ///
    /// It must be said of a piece that was deflated and is not sent, before the next: the peer never sees it.
    pub(crate) fn forget_sent(&mut self) {
        self.tx.forget();
    }
}

/// RFC 7692 §7.2.1: what every message would end with, and is not sent.
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// Blocks with nothing in them, which change nothing where a message has ended: enough of them to get through the
/// tables of a block that was cut short.
const EMPTY: [u8; 100] = {
    let mut blocks = [0; 100];
    let mut at = 0;
    while at < blocks.len() {
        blocks[at + 3] = 0xff;
        blocks[at + 4] = 0xff;
        at += 5;
    }
    blocks
};
