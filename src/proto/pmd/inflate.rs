//! The only place that inflates: a peer's compressed messages in, their data out, as much as there is room for.
//!
//! ```text
//!   Idle -> Live -> Idle               without context takeover: each message anew
//!           Live -> Live               with it: the last 32 KiB are remembered
//!           Live -> Broken
//! ```
//!
//! A peer may refer 32 KiB back whatever it agreed to: the memory for it is there, and nothing more.

use flate2::{Decompress, FlushDecompress, Status};

use super::super::ws::Violation;
use super::{EMPTY, TAIL};

/// What one call came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Inflated {
    /// How much of the input is behind us.
    pub(crate) used: usize,
    /// How much of the room is filled.
    pub(crate) made: usize,
    pub(crate) next: Next,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The room is full, and there is more for it, or a violation: call again, with what is left of the input.
    Room,
    /// The message goes on: all that came of it is used, and handed out.
    Piece,
    /// The message has ended, and all of it is handed out.
    Message,
}

/// The peer's compressed messages.
#[derive(Debug)]
pub(super) struct Inflater {
    /// Whether messages refer to what was in those before (context takeover).
    remembers: bool,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Nothing is remembered, and no memory held.
    Idle,
    Live(Live),
    Broken,
}

#[derive(Debug)]
struct Live {
    raw: Decompress,
    /// Nothing came since the message began, or since a final block in it.
    fresh: bool,
    /// It was made when the room was full: whoever is told that there is more shall not find that there is none.
    spill: Option<u8>,
    /// What came is not DEFLATE; to be told when what came before is handed out.
    fault: bool,
}

impl Inflater {
    pub(super) fn new(remembers: bool) -> Self {
        Self {
            remembers,
            state: State::Idle,
        }
    }

    pub(super) fn inflate(
        &mut self,
        input: &[u8],
        ends: bool,
        out: &mut [u8],
    ) -> Result<Inflated, Violation> {
        if matches!(self.state, State::Idle) {
            self.state = State::Live(Live::new());
        }
        let State::Live(live) = &mut self.state else {
            return Err(NOT_DEFLATE);
        };
        let inflated = live.inflate(input, ends, out);
        if live.fault && inflated.made == 0 {
            self.state = State::Broken;
            return Err(NOT_DEFLATE);
        }
        if inflated.next == Next::Message && !self.remembers {
            self.state = State::Idle;
        }
        Ok(inflated)
    }
}

impl Live {
    fn new() -> Self {
        Self {
            raw: Decompress::new(false),
            fresh: true,
            spill: None,
            fault: false,
        }
    }

    fn inflate(&mut self, input: &[u8], ends: bool, out: &mut [u8]) -> Inflated {
        let mut made = 0;
        if let Some(slot) = out.first_mut()
            && let Some(byte) = self.spill.take()
        {
            *slot = byte;
            made = 1;
        }
        let mut used = 0;
        if self.spill.is_none() {
            let (n, more) = self.fill(input, out.get_mut(made..).unwrap_or_default());
            (used, made) = (n, made + more);
        }
        if made == out.len() && self.spill.is_none() {
            let mut byte = [0];
            let (n, more) = self.fill(input.get(used..).unwrap_or_default(), &mut byte);
            used += n;
            self.spill = (more > 0).then_some(byte[0]);
        }
        let has_more = self.spill.is_some() || self.fault;
        let next = match (has_more, ends) {
            (true, _) => Next::Room,
            (false, false) => Next::Piece,
            (false, true) if self.end_message() => Next::Message,
            (false, true) => {
                self.fault = true;
                Next::Room
            }
        };
        Inflated { used, made, next }
    }

    /// Until the room is full or the input used: how much of both.
    fn fill(&mut self, input: &[u8], out: &mut [u8]) -> (usize, usize) {
        let (mut used, mut made) = (0, 0);
        while !self.fault {
            let rest = input.get(used..).unwrap_or_default();
            let room = out.get_mut(made..).unwrap_or_default();
            let (n, more, status) = self.step(rest, room);
            (used, made) = (used + n, made + more);
            self.fresh &= n == 0;
            match status {
                // RFC 7692 §7.2.3.4: behind a final block the message goes on; nothing refers back across it.
                Some(Status::StreamEnd) => self.begin(),
                Some(_) if n == 0 && more == 0 => break,
                Some(_) => {}
                None => self.fault = true,
            }
        }
        (used, made)
    }

    /// One call of the library. No status: it does not go on.
    fn step(&mut self, input: &[u8], out: &mut [u8]) -> (usize, usize, Option<Status>) {
        let (total_in, total_out) = (self.raw.total_in(), self.raw.total_out());
        let status = self.raw.decompress(input, out, FlushDecompress::None);
        let used = (self.raw.total_in() - total_in) as usize;
        let made = (self.raw.total_out() - total_out) as usize;
        (used, made, status.ok())
    }

    fn begin(&mut self) {
        self.raw.reset(false);
        self.fresh = true;
    }

    /// RFC 7692 §7.2.2: with the tail that was not sent, the message has to end between two blocks.
    ///
    /// All that came is handed out, so that what is made of the tail, or of an empty block behind it, is made because
    /// the message was cut short. (Not every such message is found: it is what its peer made of it.)
    fn end_message(&mut self) -> bool {
        // A message without a byte, or that ended with a final block: peers that leave out the last byte.
        if self.fresh {
            return true;
        }
        self.fresh = true;
        match self.step(&TAIL, &mut [0]) {
            (4, 0, Some(Status::StreamEnd)) => {
                self.begin();
                true
            }
            (4, 0, Some(_)) => self.step(&EMPTY, &mut [0]) == (EMPTY.len(), 0, Some(Status::Ok)),
            _ => false,
        }
    }
}

/// RFC 6455 §7.4.1: data that is not what its message says it is.
const NOT_DEFLATE: Violation = Violation {
    code: 1007,
    text: "ws: peer sent a compressed message that cannot be inflated",
};
