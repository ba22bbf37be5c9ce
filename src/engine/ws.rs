//! The only place that says what a WebSocket is about: both machines, what the program is looking at, how it will end.

use super::timer::Micros;
use crate::proto::ws::{Receiver, Rules, Sender};

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
            reason: None,
            awaits_close: false,
            fed: false,
            valid: 0,
            pinged: false,
        }
    }
}
