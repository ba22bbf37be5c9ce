//! The only place that knows what a stream remembers, and what an answer is made of: a script of steps.

use crate::answer::Next;
use crate::tally::sum;
use crate::ws::Session;
use std::collections::VecDeque;

/// One thing to do. A stream's steps are done in their order; streams take turns.
pub(super) enum Step {
    Head {
        fields: Vec<(String, String)>,
        end: bool,
        /// CONTINUATION frames, at least.
        more: usize,
    },
    Data(Data),
    /// As they are.
    Bytes(Vec<u8>),
    Gate(String),
    Reset(u32),
    Goaway {
        last: u32,
        code: u32,
    },
    /// GOAWAY with last stream 0, and the end.
    Leave(u32),
    /// PUSH_PROMISE of a request with these fields.
    Push(Vec<(String, String)>),
    /// What becomes of the connection, once all before it is out.
    End(Next),
}

pub(super) struct Data {
    pub(super) body: Vec<u8>,
    pub(super) at: usize,
    /// In a frame.
    pub(super) most: usize,
    pub(super) pad: Option<u8>,
    pub(super) end: bool,
    /// One frame a write.
    pub(super) slow: bool,
}

impl Data {
    pub(super) fn new(body: impl Into<Vec<u8>>) -> Self {
        Self {
            body: body.into(),
            at: 0,
            most: usize::MAX,
            pad: None,
            end: true,
            slow: false,
        }
    }

    pub(super) fn left(&self) -> usize {
        self.body.len() - self.at
    }

    /// What padding takes from the windows, in every frame.
    pub(super) fn overhead(&self) -> usize {
        self.pad.map_or(0, |pad| usize::from(pad) + 1)
    }
}

pub(super) struct Stream {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) host: String,
    pub(super) head: Vec<u8>,
    /// The request's number on its connection.
    pub(super) nth: usize,
    pub(super) rx: Rx,
    pub(super) script: VecDeque<Step>,
    /// The answer did not wait for the end of the request.
    pub(super) at_once: bool,
    /// What makes more steps when there are none.
    pub(super) ws: Option<Box<Session>>,
    pub(super) send_window: i64,
    /// In the queue, or wherever it waits to come back to it.
    pub(super) queued: bool,
    /// Something of the response went out.
    pub(super) begun: bool,
    pub(super) ended: bool,
}

impl Stream {
    /// What comes is not wanted yet.
    pub(super) fn is_deaf(&self) -> bool {
        self.ws.as_ref().is_some_and(|ws| ws.is_deaf())
    }
}

/// The request's body.
pub(super) struct Rx {
    pub(super) window: i64,
    /// Taken from the window and not yet given back.
    pub(super) owed: u32,
    pub(super) ended: bool,
    /// The request's place in the tally's log.
    pub(super) entry: usize,
    pub(super) len: usize,
    pub(super) sum: u32,
    content_length: Option<u64>,
    /// The bytes, when the answer needs them.
    pub(super) kept: Option<Vec<u8>>,
}

impl Rx {
    pub(super) fn new(window: i64, entry: usize, content_length: Option<u64>, keep: bool) -> Self {
        Self {
            window,
            owed: 0,
            ended: false,
            entry,
            len: 0,
            sum: sum(b""),
            content_length,
            kept: keep.then(Vec::new),
        }
    }

    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.len += bytes.len();
        self.sum = crate::tally::sum_on(self.sum, bytes);
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(bytes);
        }
        match self.content_length {
            Some(said) if self.len as u64 > said => Err(self.mismatch(said)),
            _ => Ok(()),
        }
    }

    pub(super) fn end(&mut self) -> Result<(), String> {
        self.ended = true;
        match self.content_length {
            Some(said) if self.len as u64 != said => Err(self.mismatch(said)),
            _ => Ok(()),
        }
    }

    /// For the log: where, how long, which bytes.
    pub(super) fn so_far(&self) -> (usize, usize, u32) {
        (self.entry, self.len, self.sum)
    }

    fn mismatch(&self, said: u64) -> String {
        format!("content-length says {said}, the body has {}", self.len)
    }
}

/// What may still come on a stream that is over for us (RFC 9113 §5.1, closed).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tail {
    /// Anything: the client was not done, and may not know yet that we are.
    Any,
    /// It ended its side: no more HEADERS and no DATA.
    Ended,
    /// It reset the stream: nothing.
    Reset,
}

impl Tail {
    pub(super) fn of(ended: bool) -> Self {
        if ended { Self::Ended } else { Self::Any }
    }
}
