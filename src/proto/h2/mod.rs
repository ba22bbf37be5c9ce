//! The only place that knows where an h2 connection stands: its streams, its windows, and what may be asked of it.
//!
//! ```text
//!   start --peer's SETTINGS--> up: request .. request --GOAWAY--> no room, what it covers goes on --> nothing open
//!
//!   a stream:   Head --1xx--> Head --HEADERS--> Body --END_STREAM--> Ended      (theirs)
//!               open --send_data(.., end)--> ended                              (ours)
//!               and, at any moment, a reset by one side
//! ```
//!
//! A stream's key is good until `reset` lets it go, or an event says that it is gone (Reset, Refused). What goes out
//! is appended to `tx`: in the order of the calls, as HPACK and stream ids need it. The engine reads no more while its
//! `tx` is long: answers to PING and SETTINGS go there too.

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod by_hand;
mod control;
mod error;
mod field;
mod flow;
mod frame;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzz;
mod heads;
mod hpack;
mod message;
mod receive;
mod request;
mod send;
mod settings;
mod stream;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::VecDeque;
use std::ops::Range;

use super::Fault;
use error::{Budget, Error};
use flow::{ReceiveWindow, SendWindow};
use frame::MAX_ID;
use hpack::{Decoder, Encoder};
use receive::{Block, Run};
use settings::{DEFAULT_WINDOW, PeerSettings};
use stream::{Streams, Theirs};

pub(crate) use frame::ErrorCode;
pub(crate) use request::RequestFields;
pub(crate) use send::unsent_body;
pub(crate) use settings::Config;
pub(crate) use stream::StreamKey;

/// A receive buffer of this size always has room for what `handle_rx` waits for.
pub(crate) const RX_NEEDED: usize = frame::HEAD + frame::MAX_PAYLOAD;

/// One h2 connection, from the client's side.
#[derive(Debug)]
pub(crate) struct H2 {
    config: Config,
    peer: PeerSettings,
    /// The peer's first SETTINGS came.
    up: bool,
    /// Nobody may ask any more; what is open goes on.
    retired: bool,
    /// The peer broke the protocol, and was told: nothing goes on.
    broken: Option<Fault>,
    /// Of the next request. RFC 9113 §5.1.1: ids only grow, so it is taken when HEADERS leave.
    next_id: u32,
    streams: Streams,
    send: SendWindow,
    receive: ReceiveWindow,
    encoder: Encoder,
    decoder: Decoder,
    /// A header block that comes in several frames.
    block: Block,
    /// A DATA frame of which all but the payload was read.
    run: Option<Run>,
    /// What GOAWAY said, the lowest so far.
    last_id: u32,
    /// Streams that a GOAWAY left out and the engine has not been told of, the newest first.
    refused: Vec<StreamKey>,
    /// Who wants to send, in turn.
    line: VecDeque<StreamKey>,
    /// The window that a new stream has by our SETTINGS.
    starts_with: u32,
    budget: Budget,
    scratch: Vec<u8>,
}

/// What came of the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The connection is up: requests may go out.
    Up,
    /// `room()` or the send windows may be others now.
    SettingsChanged,
    /// The response's head is in `headers`. `length` is what content-length says, also where no content comes.
    Headers {
        stream: StreamKey,
        status: u16,
        length: Option<u64>,
        end: bool,
    },
    /// Payload, at this place of `rx`. The program holds it until `release`.
    Data {
        stream: StreamKey,
        at: Range<usize>,
        end: bool,
    },
    /// The response is complete, and did not end with the last payload: an empty DATA frame or trailers followed.
    End { stream: StreamKey },
    /// The stream is gone. `by_us`: the peer broke the protocol on it, as `text` says.
    Reset {
        stream: StreamKey,
        code: ErrorCode,
        by_us: bool,
        text: &'static str,
    },
    /// No new requests; what is above `last` was not and will not be processed, and is told of next.
    GoAway { last: u32, code: ErrorCode },
    /// The stream is gone, and nothing of it was processed.
    Refused { stream: StreamKey },
    /// The peer widened a stream's window, or without a stream the connection's.
    WindowOpened { stream: Option<StreamKey>, by: u32 },
    /// The answer to `ping`.
    Pong { opaque: [u8; 8] },
}

impl H2 {
    pub(crate) fn new(config: &Config) -> Self {
        let mut receive = ReceiveWindow::new(DEFAULT_WINDOW);
        receive.grow(config.connection_window.saturating_sub(DEFAULT_WINDOW));
        Self {
            config: config.clone(),
            peer: PeerSettings::default(),
            up: false,
            retired: false,
            broken: None,
            next_id: 1,
            streams: Streams::default(),
            send: SendWindow::new(DEFAULT_WINDOW),
            receive,
            encoder: Encoder::new(),
            decoder: Decoder::new(config.header_table as usize),
            block: Block::default(),
            run: None,
            last_id: MAX_ID,
            refused: Vec::new(),
            line: VecDeque::new(),
            starts_with: config.initial_window.min(MAX_ID),
            budget: Budget::default(),
            scratch: Vec::new(),
        }
    }

    /// What a client says first (§3.4).
    pub(crate) fn start(&self, tx: &mut Vec<u8>) {
        tx.extend_from_slice(frame::PREFACE);
        frame::put_settings(tx, &self.config.announce());
        let wider = self
            .config
            .connection_window
            .min(MAX_ID)
            .saturating_sub(DEFAULT_WINDOW);
        if wider > 0 {
            frame::put_window_update(tx, 0, wider);
        }
    }

    /// The program consumed `n` of the bytes it holds. The peer is told when half a window is to be given back.
    pub(crate) fn release(&mut self, key: StreamKey, n: usize, tx: &mut Vec<u8>) {
        let Some(stream) = self.streams.get_mut(key) else {
            return; // all it held was given back when it went
        };
        let n = u32::try_from(n).unwrap_or(u32::MAX).min(stream.held);
        stream.held -= n;
        if stream.theirs != Theirs::Ended && !stream.shape.manual_window {
            stream.receive.owe(n);
            if let Some(by) = stream.receive.due_and_wider(self.config.widest_window) {
                frame::put_window_update(tx, key.id(), by);
            }
        }
        self.receive.owe(n);
        self.give_back(tx);
    }

    /// Lets the peer send `n` bytes more on this stream. True when the window took all of it, or needs it no more.
    pub(crate) fn widen(&mut self, key: StreamKey, n: u32, tx: &mut Vec<u8>) -> bool {
        let Some(stream) = self.streams.get_mut(key) else {
            return false;
        };
        if stream.theirs == Theirs::Ended {
            return true;
        }
        let by = stream.receive.grow(n);
        if by > 0 {
            frame::put_window_update(tx, key.id(), by);
        }
        by == n
    }

    /// Lets a stream go. The peer is told when it is not over: CANCEL is the usual code.
    pub(crate) fn reset(&mut self, key: StreamKey, code: ErrorCode, tx: &mut Vec<u8>) {
        let Some(stream) = self.streams.remove(key) else {
            return;
        };
        if stream.is_open() && self.broken.is_none() {
            frame::put_rst_stream(tx, key.id(), code);
            let over = stream.theirs == Theirs::Ended;
            let window = if over { 0 } else { stream.receive.left() };
            self.budget.earn_late(window);
        }
        self.receive.owe(stream.held);
        self.give_back(tx);
    }

    /// Asks the peer for a sign of life.
    #[cfg_attr(
        not(any(test, feature = "fuzzing")),
        expect(dead_code, reason = "ws asks for signs of life")
    )]
    pub(crate) fn ping(&mut self, opaque: [u8; 8], tx: &mut Vec<u8>) {
        if self.broken.is_none() {
            frame::put_ping(tx, 0, opaque);
        }
    }

    /// Says that the connection ends, and with what is open.
    pub(crate) fn close(&mut self, code: ErrorCode, tx: &mut Vec<u8>) {
        self.retired = true;
        if self.broken.is_none() {
            frame::put_goaway(tx, code, "");
        }
    }

    /// No other request will go out; what is open goes on.
    pub(crate) fn retire(&mut self) {
        self.retired = true;
    }

    /// A second or so has passed: what peers may do only so often, they may do again.
    pub(crate) fn refill_budget(&mut self) {
        self.budget.refill();
    }

    /// The peer broke the protocol, and is told so by what goes out.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken.is_some()
    }

    #[cfg(test)]
    pub(crate) fn is_up(&self) -> bool {
        self.up
    }

    /// How many requests may go out now.
    pub(crate) fn room(&self) -> usize {
        if !self.up
            || self.retired
            || self.broken.is_some()
            || self.last_id != MAX_ID
            || self.next_id > MAX_ID
        {
            return 0;
        }
        let ids_left = (MAX_ID - self.next_id) as usize / 2 + 1;
        let most = (self.peer.max_streams as usize).min(self.config.max_streams);
        most.saturating_sub(self.streams.open()).min(ids_left)
    }

    /// Nothing will ever be asked of it again: when it carries nothing any more, it may be closed.
    pub(crate) fn is_retired(&self) -> bool {
        let exhausted = self.next_id > MAX_ID;
        self.retired || self.broken.is_some() || self.last_id != MAX_ID || exhausted
    }

    /// Requests went out before, up to this id.
    #[cfg(test)]
    pub(crate) fn next_id_is(&mut self, id: u32) {
        self.next_id = id;
    }

    /// Streams that have a key.
    #[cfg(test)]
    pub(crate) fn carries(&self) -> usize {
        self.streams.len()
    }

    /// Streams that count against the peer's limit.
    pub(crate) fn open(&self) -> usize {
        self.streams.open()
    }

    /// Requests that went out on this connection, all told.
    pub(crate) fn asked(&self) -> u32 {
        self.next_id / 2
    }

    /// Something of the response came, and its head did not: a 1xx, or a part of a block, or one that could not be read.
    pub(crate) fn is_answering(&self, key: StreamKey) -> bool {
        let theirs = self.streams.get(key).map(|stream| stream.theirs);
        let begun = matches!(theirs, Some(Theirs::Head { interims: 1.. }));
        let open = self.block.open.map(|block| block.stream);
        begun || open == Some(key.id()) || self.block.of == key.id()
    }

    /// Nobody waits to send.
    pub(crate) fn line_is_empty(&self) -> bool {
        self.line.is_empty()
    }

    /// RFC 8441: requests with a `protocol` may go out.
    pub(crate) fn connects_protocols(&self) -> bool {
        self.peer.connect_protocol
    }

    /// What may be sent on this stream now; negative when the peer took window back.
    pub(crate) fn send_allowance(&self, key: StreamKey) -> i64 {
        let stream = self.streams.get(key).filter(|s| !s.ours_ended);
        stream.map_or(0, |stream| stream.send.left().min(self.send.left()))
    }

    /// What the peer may send on this stream now.
    pub(crate) fn receive_allowance(&self, key: StreamKey) -> i64 {
        let stream = self.streams.get(key).filter(|s| s.theirs != Theirs::Ended);
        stream.map_or(0, |stream| {
            stream.receive.left().min(self.receive.left()).into()
        })
    }

    fn give_back(&mut self, tx: &mut Vec<u8>) {
        if let Some(by) = self.receive.due() {
            frame::put_window_update(tx, 0, by);
        }
    }

    /// The connection cannot go on: the peer is told why.
    fn fail(&mut self, code: ErrorCode, text: &'static str, tx: &mut Vec<u8>) -> Fault {
        frame::put_goaway(tx, code, text);
        let fault = Fault::Peer(text);
        self.broken = Some(fault);
        fault
    }

    /// One stream cannot go on: the peer is told, and so is the engine.
    fn fail_stream(
        &mut self,
        stream: StreamKey,
        code: ErrorCode,
        text: &'static str,
        tx: &mut Vec<u8>,
    ) -> Event {
        self.reset(stream, code, tx);
        Event::Reset {
            stream,
            code,
            by_us: true,
            text,
        }
    }
}
