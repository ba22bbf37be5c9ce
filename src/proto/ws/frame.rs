//! The only place that reads a peer's frames: which bytes are whose payload, and whether the peer may send them.
//!
//! ```text
//!   First -> Second -> [Length] -> Payload -> First ...
//!                                     | of a Close
//!                                     v
//!                                   Closed: whatever comes is eaten
//! ```
//!
//! Headers are eaten byte by byte; payload stays in the caller's buffer, which is why it has to be there in one piece.

use std::ops::Range;

use super::utf8::Utf8;
use super::{
    CONTROL_MOST, FIN, Kind, LENGTH_16, LENGTH_64, MASKED, OPCODE, RSV, RSV1, Violation, close,
};

/// What this connection's peer may do.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rules {
    pub(crate) validate_utf8: bool,
    /// Bits that nothing was negotiated for mean nothing, instead of the end.
    pub(crate) allow_reserved_bits: bool,
    /// Frames that nobody knows are skipped.
    pub(crate) allow_unknown_opcode: bool,
    /// permessage-deflate (RFC 7692) was negotiated: RSV1 has a meaning.
    pub(crate) compression: bool,
}

/// What came, and where in the bytes that were handed in its payload is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A piece of a message. The message ends with the piece that has `fin` and nothing `remaining`.
    Data {
        at: Range<usize>,
        /// The message begins here.
        first: bool,
        /// The frame is its message's last one.
        fin: bool,
        binary: bool,
        /// How much of this frame comes behind this piece.
        remaining: u64,
        /// The whole message is compressed.
        compressed: bool,
    },
    Ping {
        at: Range<usize>,
    },
    Pong {
        at: Range<usize>,
    },
    /// The last event. `at` is the whole payload: the code's two bytes, then the reason.
    Close {
        at: Range<usize>,
        code: Option<u16>,
    },
}

impl Event {
    /// Where its payload is.
    pub(crate) fn payload(&self) -> Range<usize> {
        match self {
            Self::Data { at, .. }
            | Self::Ping { at }
            | Self::Pong { at }
            | Self::Close { at, .. } => at.clone(),
        }
    }
}

/// The peer's half of a connection.
#[derive(Debug)]
pub(crate) struct Receiver {
    rules: Rules,
    state: State,
    message: Option<Message>,
    /// Whole whenever no text is under way: one that ends otherwise is a violation.
    text: Utf8,
}

/// The message that is under way; control frames come between its frames (RFC 6455 §5.4).
#[derive(Clone, Copy, Debug)]
struct Message {
    binary: bool,
    compressed: bool,
    /// Nothing of it was handed out yet.
    fresh: bool,
}

#[derive(Clone, Copy, Debug)]
enum State {
    First,
    Second(Frame),
    Length {
        frame: Frame,
        /// Bytes of the length still to come.
        missing: u8,
        so_far: u64,
        /// The shorter form would have done for what is less.
        least: u64,
    },
    Payload {
        frame: Frame,
        left: u64,
        /// How much of what was left in the caller's buffer is known to be text.
        checked: usize,
    },
    Closed,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    fin: bool,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Data,
    Ping,
    Pong,
    Close,
    Skipped,
}

/// How much one step ate, and what it came to.
type Step = (usize, Option<Event>);

impl Receiver {
    pub(crate) fn new(rules: Rules) -> Self {
        Self {
            rules,
            state: State::First,
            message: None,
            text: Utf8::default(),
        }
    }

    /// Eats the front of `rx`, up to the first event and the end of its payload.
    ///
    /// Data is handed out in pieces of `most` bytes (at least one), or what is left of its frame; control frames whole.
    /// What is not eaten has to stand at the front of the next `rx`. After a violation nothing more is heard.
    pub(crate) fn handle_rx(&mut self, rx: &[u8], most: usize) -> Result<Step, Violation> {
        let done = self.first_event(rx, most);
        if done.is_err() {
            self.state = State::Closed;
        }
        done
    }

    /// How many bytes of payload, given the same `most`, have to stand at the front of `rx` before anything comes of
    /// them: 0 where any byte helps.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn wanted(&self, most: usize) -> usize {
        match self.state {
            State::Payload { frame, left, .. } if frame.what != What::Skipped => {
                piece(left, frame, most)
            }
            _ => 0,
        }
    }

    /// No frame has begun that has not ended, and no message.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn is_idle(&self) -> bool {
        matches!(self.state, State::First) && self.message.is_none()
    }

    fn first_event(&mut self, rx: &[u8], most: usize) -> Result<Step, Violation> {
        let mut eaten = 0;
        loop {
            let rest = rx.get(eaten..).unwrap_or_default();
            let (n, event) = self.step(rest, eaten, most)?;
            eaten += n;
            if n == 0 || event.is_some() {
                return Ok((eaten, event));
            }
        }
    }

    /// `rest` begins at `from` of what the caller has.
    fn step(&mut self, rest: &[u8], from: usize, most: usize) -> Result<Step, Violation> {
        let byte = rest.first().copied();
        match (self.state, byte) {
            (State::Closed, _) => return Ok((rest.len(), None)),
            (
                State::Payload {
                    frame,
                    left,
                    checked,
                },
                _,
            ) => {
                return match frame.what {
                    What::Data => self.data(rest, from, (frame, left, checked), most),
                    What::Skipped => Ok((self.skip(rest, frame, left), None)),
                    _ => self.control(rest, from, (frame, left)),
                };
            }
            (_, None) => return Ok((0, None)),
            (State::First, Some(byte)) => self.state = State::Second(self.begin(byte)?),
            (State::Second(frame), Some(byte)) => self.state = second(frame, byte)?,
            (
                State::Length {
                    frame,
                    missing,
                    so_far,
                    least,
                },
                Some(byte),
            ) => {
                let so_far = so_far << 8 | u64::from(byte);
                self.state = length(frame, missing - 1, so_far, least)?;
            }
        }
        Ok((1, None))
    }

    /// A frame's first byte: FIN, the reserved bits, the opcode.
    fn begin(&mut self, byte: u8) -> Result<Frame, Violation> {
        let kind = Kind::of_opcode(byte & OPCODE);
        let compressed = self.check_reserved(byte, kind)?;
        let fin = byte & FIN != 0;
        // RFC 6455 §5.5: control frames, known or not (§5.2: 0xb to 0xf), are never fragmented.
        if is_control(byte) && !fin {
            return Err(CONTROL_IN_FRAGMENTS);
        }
        let what = match kind {
            // RFC 6455 §5.2
            None if self.rules.allow_unknown_opcode => What::Skipped,
            None => return Err(UNKNOWN_OPCODE),
            Some(Kind::Ping) => What::Ping,
            Some(Kind::Pong) => What::Pong,
            Some(Kind::Close) => What::Close,
            // RFC 6455 §5.4
            Some(Kind::Continuation) if self.message.is_none() => {
                return Err(NOTHING_TO_CONTINUE);
            }
            Some(Kind::Continuation) => What::Data,
            Some(kind @ (Kind::Text | Kind::Binary)) => {
                self.open_message(kind == Kind::Binary, compressed)?;
                What::Data
            }
        };
        Ok(Frame { fin, what })
    }

    /// Whether the frame begins a compressed message.
    fn check_reserved(&self, byte: u8, kind: Option<Kind>) -> Result<bool, Violation> {
        let mut bits = byte & RSV;
        let mut compressed = false;
        if self.rules.compression && bits & RSV1 != 0 {
            compressed = matches!(kind, Some(Kind::Text | Kind::Binary));
            // RFC 7692 §6: only a message's first frame has the bit, and never a control frame (§6.1).
            if kind == Some(Kind::Continuation) || is_control(byte) {
                return Err(COMPRESSED_OUT_OF_PLACE);
            }
            bits &= !RSV1;
        }
        // RFC 6455 §5.2
        if bits != 0 && !self.rules.allow_reserved_bits {
            return Err(RESERVED_BITS);
        }
        Ok(compressed)
    }

    fn open_message(&mut self, binary: bool, compressed: bool) -> Result<(), Violation> {
        // RFC 6455 §5.4: the fragments of one message do not stand between those of another.
        if self.message.is_some() {
            return Err(MESSAGE_IN_MESSAGE);
        }
        self.message = Some(Message {
            binary,
            compressed,
            fresh: true,
        });
        Ok(())
    }

    /// A piece of a data frame, or nothing before it is there whole.
    fn data(
        &mut self,
        rest: &[u8],
        from: usize,
        (frame, left, checked): (Frame, u64, usize),
        most: usize,
    ) -> Result<Step, Violation> {
        let Some(message) = self.message else {
            return Err(NOTHING_TO_CONTINUE);
        };
        let take = piece(left, frame, most);
        let there = rest.len().min(take);
        let is_text = self.rules.validate_utf8 && !message.binary && !message.compressed;
        // RFC 6455 §8.1. No further than this piece: what comes before the fault is handed out, however it arrived.
        let fresh = rest.get(checked..there).unwrap_or_default();
        if is_text && self.text.push(fresh).is_err() {
            return Err(NOT_UTF8);
        }
        let checked = checked.max(there);
        if there < take {
            self.state = behind(frame, left, checked);
            return Ok((0, None));
        }
        let remaining = left - take as u64;
        let ends = frame.fin && remaining == 0;
        if ends && is_text && !self.text.is_whole() {
            return Err(UTF8_CUT_SHORT);
        }
        self.message = (!ends).then_some(Message {
            fresh: false,
            ..message
        });
        self.state = behind(frame, remaining, checked - take);
        let event = Event::Data {
            at: from..from + take,
            first: message.fresh,
            fin: frame.fin,
            binary: message.binary,
            remaining,
            compressed: message.compressed,
        };
        Ok((take, Some(event)))
    }

    fn control(
        &mut self,
        rest: &[u8],
        from: usize,
        (frame, left): (Frame, u64),
    ) -> Result<Step, Violation> {
        let take = piece(left, frame, 0);
        let Some(payload) = rest.get(..take) else {
            return Ok((0, None));
        };
        let at = from..from + take;
        self.state = State::First;
        let event = match frame.what {
            What::Ping => Event::Ping { at },
            What::Pong => Event::Pong { at },
            _ => {
                self.state = State::Closed;
                let code = close::code(payload)?;
                Event::Close { at, code }
            }
        };
        Ok((take, Some(event)))
    }

    fn skip(&mut self, rest: &[u8], frame: Frame, left: u64) -> usize {
        let take = piece(left, frame, rest.len());
        self.state = behind(frame, left - take as u64, 0);
        take
    }
}

/// A frame's second byte: the mask bit and the 7 bits of length.
fn second(frame: Frame, byte: u8) -> Result<State, Violation> {
    // RFC 6455 §5.1: a server masks nothing.
    if byte & MASKED != 0 {
        return Err(MASKED_FRAME);
    }
    // RFC 6455 §5.5
    let is_control = matches!(frame.what, What::Ping | What::Pong | What::Close);
    if is_control && usize::from(byte) > CONTROL_MOST {
        return Err(CONTROL_TOO_LONG);
    }
    Ok(match byte {
        LENGTH_16 => State::Length {
            frame,
            missing: 2,
            so_far: 0,
            least: u64::from(LENGTH_16),
        },
        LENGTH_64 => State::Length {
            frame,
            missing: 8,
            so_far: 0,
            least: 1 << 16,
        },
        short => payload(frame, u64::from(short)),
    })
}

fn length(frame: Frame, missing: u8, so_far: u64, least: u64) -> Result<State, Violation> {
    if missing > 0 {
        return Ok(State::Length {
            frame,
            missing,
            so_far,
            least,
        });
    }
    // RFC 6455 §5.2: the most significant bit must be 0, and the shortest form used.
    if so_far >> 63 != 0 {
        return Err(LENGTH_TOP_BIT);
    }
    if so_far < least {
        return Err(LENGTH_NOT_MINIMAL);
    }
    Ok(payload(frame, so_far))
}

/// Behind the header. An empty frame is an event all the same, unless it is skipped.
fn payload(frame: Frame, left: u64) -> State {
    if left == 0 && frame.what == What::Skipped {
        return State::First;
    }
    State::Payload {
        frame,
        left,
        checked: 0,
    }
}

/// Behind a piece of payload.
fn behind(frame: Frame, left: u64, checked: usize) -> State {
    if left == 0 {
        return State::First;
    }
    State::Payload {
        frame,
        left,
        checked,
    }
}

/// How much of the payload is handled at once.
fn piece(left: u64, frame: Frame, most: usize) -> usize {
    let most = match frame.what {
        What::Data => most.max(1),
        What::Skipped => most,
        What::Ping | What::Pong | What::Close => CONTROL_MOST,
    };
    usize::try_from(left).map_or(most, |left| left.min(most))
}

/// RFC 6455 §5.5: by the opcode's top bit.
fn is_control(byte: u8) -> bool {
    byte & 0x8 != 0
}

const MASKED_FRAME: Violation = Violation::protocol("ws: peer sent a masked frame");
const RESERVED_BITS: Violation =
    Violation::protocol("ws: peer set reserved bits that were not negotiated");
const COMPRESSED_OUT_OF_PLACE: Violation =
    Violation::protocol("ws: peer set RSV1 on a frame that does not begin a message");
const UNKNOWN_OPCODE: Violation = Violation::protocol("ws: peer sent an unknown opcode");
const CONTROL_IN_FRAGMENTS: Violation =
    Violation::protocol("ws: peer sent a control frame in fragments");
const CONTROL_TOO_LONG: Violation =
    Violation::protocol("ws: peer sent a control frame of more than 125 bytes");
const NOTHING_TO_CONTINUE: Violation =
    Violation::protocol("ws: peer sent a continuation of no message");
const MESSAGE_IN_MESSAGE: Violation =
    Violation::protocol("ws: peer began a message before the last one had ended");
const LENGTH_NOT_MINIMAL: Violation =
    Violation::protocol("ws: peer sent a length in a longer form than it needs");
const LENGTH_TOP_BIT: Violation = Violation::protocol("ws: peer sent a length above 2^63 - 1");
const NOT_UTF8: Violation = Violation::not_text("ws: peer sent text that is not UTF-8");
const UTF8_CUT_SHORT: Violation =
    Violation::not_text("ws: peer ended a text inside a UTF-8 character");
