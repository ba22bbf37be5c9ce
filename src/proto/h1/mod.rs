//! The only place that knows where an h1 connection stands: one exchange after another, each a head and a body.
//!
//! ```text
//!   Idle --begin--> Head --1xx--> Head --final head--> Body --all of it--> (done) --end--> Idle
//! ```
//!
//! Whatever goes wrong retires the connection: the exchange under way may be judged, but no other will begin.

mod body;
mod chunks;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzz;
mod request;
mod response;
#[cfg(test)]
mod tests;

use super::Fault;
use super::headers::Headers;
use body::Body;
use response::Search;

pub(crate) use body::Piece;
pub(crate) use chunks::{LAST_CHUNK, payloads, put_chunk};
pub(crate) use request::{
    Fields, RequestHead, check_fields, check_name, check_target, check_value, cookie_pairs,
    with_cookie,
};

/// The reading side of one h1 connection.
#[derive(Debug, Default)]
pub(crate) struct H1 {
    state: State,
    retired: bool,
    /// Of the last response, until the next exchange begins.
    status: u16,
    length: Option<u64>,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Idle,
    Head {
        asked: Asked,
        search: Search,
        interims: u8,
    },
    Body(Body),
}

/// What the request was that a response answers, as far as that changes how it is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Asked {
    #[default]
    Anything,
    /// HEAD: no body comes.
    HeadOnly,
    /// The connection may become something else (RFC 9110 §7.8): 101 is the answer, and what follows is not HTTP.
    Upgrade,
}

/// What the bytes of a head came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeadEvent {
    NeedMore,
    /// A 1xx response: nobody is told.
    Interim {
        consumed: usize,
    },
    Final {
        consumed: usize,
        status: u16,
    },
}

impl H1 {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A request goes out now.
    pub(crate) fn begin(&mut self, asked: Asked) {
        debug_assert!(
            self.room() > 0,
            "an h1 connection carries one exchange at a time"
        );
        self.status = 0;
        self.length = None;
        self.state = State::Head {
            asked,
            search: Search::default(),
            interims: 0,
        };
    }

    /// `rx` is all that was received since the start of the head and not consumed yet.
    pub(crate) fn handle_head(
        &mut self,
        rx: &[u8],
        into: &mut Headers,
    ) -> Result<HeadEvent, Fault> {
        let event = self.read_head(rx, into);
        self.retired |= event.is_err();
        event
    }

    /// Moves past the framing and the payload that the answer tells of. Call again with what follows, until it moves no
    /// more or `body_done()`.
    pub(crate) fn handle_body(&mut self, rx: &[u8]) -> Result<Piece, Fault> {
        let State::Body(body) = &mut self.state else {
            return Ok(Piece::default());
        };
        let piece = body.eat(rx);
        self.retired |= piece.is_err();
        piece
    }

    /// The peer sends no more. Ok when that is the end of the body, or nothing was awaited.
    pub(crate) fn handle_eof(&mut self) -> Result<(), Fault> {
        self.retired = true;
        match &mut self.state {
            State::Idle => Ok(()),
            State::Head { .. } => Err(Fault::Peer("Peer hung up before the response was there")),
            State::Body(body) => body.eof(),
        }
    }

    /// The exchange is over, one way or another. True when the connection may carry the next.
    ///
    /// What only the caller sees retires it first: bytes after the body, a request not sent whole.
    pub(crate) fn end(&mut self) -> bool {
        self.retired |= !self.body_done();
        self.state = State::Idle;
        !self.retired
    }

    /// No other exchange will begin; the one under way may go on.
    pub(crate) fn retire(&mut self) {
        self.retired = true;
    }

    /// Another exchange may begin when the body that is under way is over.
    pub(crate) fn goes_on(&self) -> bool {
        !self.retired && matches!(self.state, State::Body(_))
    }

    /// How many requests may go out now.
    pub(crate) fn room(&self) -> usize {
        usize::from(!self.retired && matches!(self.state, State::Idle))
    }

    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    /// True as soon as the head is there when no body follows.
    pub(crate) fn body_done(&self) -> bool {
        matches!(&self.state, State::Body(body) if body.is_done())
    }

    /// What content-length says; of HEAD and 304 the length of a body that does not come.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn body_length(&self) -> Option<u64> {
        self.length
    }

    /// How many of the next bytes are payload for certain: they may be received where the program wants them, and
    /// shown to `handle_body` there.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn body_direct(&self) -> Option<u64> {
        match &self.state {
            State::Body(body) => body.direct(),
            State::Idle | State::Head { .. } => None,
        }
    }

    fn read_head(&mut self, rx: &[u8], into: &mut Headers) -> Result<HeadEvent, Fault> {
        let State::Head {
            asked,
            search,
            interims,
        } = &mut self.state
        else {
            return Err(Fault::Peer(
                "problems parsing header: the peer sent what nobody asked for",
            ));
        };
        let Some(head) = search.read(rx, *asked, into)? else {
            return Ok(HeadEvent::NeedMore);
        };
        let consumed = head.consumed;
        match head.status {
            101 if *asked != Asked::Upgrade => Err(Fault::Peer(
                "problems parsing header: 101 Switching Protocols, but no upgrade was asked for",
            )),
            100 | 102..200 if *interims >= MAX_INTERIMS => Err(Fault::Peer(
                "problems parsing header: too many 1xx responses before the real one",
            )),
            100 | 102..200 => {
                *interims += 1;
                *search = Search::default();
                Ok(HeadEvent::Interim { consumed })
            }
            status => {
                self.status = status;
                self.length = head.length;
                self.retired |= !head.keep_alive || status == 101;
                self.state = State::Body(Body::new(head.framing));
                Ok(HeadEvent::Final { consumed, status })
            }
        }
    }
}

/// Servers send one or two (100, 103). More is a way to keep a client busy for ever.
const MAX_INTERIMS: u8 = 32;
