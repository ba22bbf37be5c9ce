//! The only place that says what a WebSocket is about: both machines, what the program is looking at, how it will end.

use super::timer::Micros;
use crate::proto::pmd::{Agreed, Options, PmDeflate};
use crate::proto::ws::{Receiver, Rules, Sender, Utf8, Violation};

/// Seconds after the last sign of life; 0: never.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Validity {
    /// Until we ask for one.
    pub(crate) ping: u16,
    /// Until the connection is closed.
    pub(crate) hangup: u16,
}

/// The piece of a message that the program is handed, or was handed last.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shown {
    pub(crate) first: bool,
    /// The message ends with it.
    pub(crate) last: bool,
    pub(crate) binary: bool,
    /// Bytes of its frame that come behind it.
    pub(crate) remaining: u64,
}

pub(crate) struct Ws {
    pub(crate) receiver: Receiver,
    pub(crate) sender: Sender,
    /// What Sec-WebSocket-Accept has to say, until it did.
    pub(crate) expected: String,
    pub(crate) shown: Shown,
    /// permessage-deflate, as it was agreed on, until the program has set its options.
    pub(crate) agreed: Option<Agreed>,
    pub(crate) deflate: Option<Box<Deflate>>,
    /// The payload of the Close that the program wants sent when it ends this: `lws_close_reason`.
    pub(crate) reason: Option<Box<[u8]>>,
    /// Our Close is out, or on its way, and the peer's has not come.
    pub(crate) awaits_close: bool,
    /// There are bytes that the receiver has not seen.
    pub(crate) fed: bool,
    /// When the peer last showed that it is there.
    pub(crate) valid: Micros,
    /// And that we have asked since.
    pub(crate) pinged: bool,
}

impl Ws {
    pub(crate) fn new(expected: String) -> Self {
        Self {
            receiver: Receiver::new(Rules::default()),
            sender: Sender::default(),
            expected,
            shown: Shown::default(),
            agreed: None,
            deflate: None,
            reason: None,
            awaits_close: false,
            fed: false,
            valid: 0,
            pinged: false,
        }
    }

    /// A compressed message has something for the program, whatever else has arrived.
    pub(crate) fn is_inflating(&self) -> bool {
        self.deflate.as_ref().is_some_and(|deflate| deflate.busy)
    }
}

/// The extension as a vhost offers it.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    /// NUL-terminated, for the program.
    pub(crate) name: Box<str>,
    /// As it goes into the request.
    pub(crate) text: Box<str>,
    pub(crate) options: Options,
}

/// A compressed message of the peer's of which something is still to be inflated, or checked.
#[derive(Debug, Default)]
pub(crate) struct Inflating {
    /// So many bytes at the front of what was received are its.
    pub(crate) left: usize,
    /// The message ends with them.
    pub(crate) ends: bool,
    /// Compressed bytes of its frame that come behind them.
    pub(crate) remaining: u64,
    pub(crate) binary: bool,
    /// Nothing of it was handed out yet.
    pub(crate) first: bool,
    pub(crate) text: Utf8,
}

/// What a ws with the extension carries.
#[derive(Debug)]
pub(crate) struct Deflate {
    pub(crate) codec: PmDeflate,
    pub(crate) message: Inflating,
    /// `message` has something for the program before more frames are looked at.
    pub(crate) busy: bool,
    /// Bytes of a message in one frame of ours.
    pub(crate) most_in_frame: usize,
}

impl Deflate {
    pub(crate) fn new(codec: PmDeflate, most_in_frame: usize) -> Self {
        Self {
            codec,
            message: Inflating::default(),
            busy: false,
            most_in_frame,
        }
    }
}

impl Inflating {
    /// RFC 6455 section 8.1, of what the message inflates to.
    pub(crate) fn check(&mut self, piece: &[u8], last: bool) -> Result<(), Violation> {
        let fault = self.text.push(piece).is_err() || (last && !self.text.is_whole());
        match fault {
            true => Err(Violation::not_text("ws: peer sent text that is not UTF-8")),
            false => Ok(()),
        }
    }
}
