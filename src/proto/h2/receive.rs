//! The only place that takes the peer's bytes apart into frames, and reads DATA; blocks of fields are `heads.rs`'s, and
//! frames about streams and connection `control.rs`'s.

use super::error::{Nuisance, TINY};
use super::frame::{self, Head, Kind};
use super::stream::{StreamKey, Theirs};
use super::{Error, ErrorCode, Event, Fault, H2};
use crate::proto::headers::Headers;

/// A header block of which not all frames came.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub(super) open: Option<OpenBlock>,
    pub(super) bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct OpenBlock {
    pub(super) stream: u32,
    pub(super) end_stream: bool,
    pub(super) continuations: usize,
}

/// The rest of a DATA frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    /// None: nobody wants it.
    stream: Option<StreamKey>,
    payload: usize,
    padding: usize,
    end: bool,
}

#[cfg(any(test, feature = "fuzzing"))]
impl Run {
    pub(super) fn stream(&self) -> Option<StreamKey> {
        self.stream
    }

    pub(super) fn payload(&self) -> usize {
        self.payload
    }
}

/// Bytes that were eaten, and what came of them; None when more are needed first.
type Step = Option<(usize, Option<Event>)>;

impl H2 {
    /// Eats frames up to the next event. The answer is how many bytes are done with, and the event; without one, all
    /// that is left waits for more. Call again after each event: there may be another without further bytes.
    ///
    /// `headers` is cleared and filled when a response's head comes.
    pub(crate) fn handle_rx(
        &mut self,
        rx: &[u8],
        headers: &mut Headers,
        tx: &mut Vec<u8>,
    ) -> Result<(usize, Option<Event>), Fault> {
        if let Some(fault) = self.broken {
            return Err(fault);
        }
        let mut eaten = 0;
        loop {
            if let Some(event) = self.next_refused(tx) {
                return Ok((eaten, Some(event)));
            }
            let rest = rx.get(eaten..).unwrap_or_default();
            let step = match self.step(rest, headers, tx) {
                Ok(step) => step,
                Err(Error::Connection(code, text) | Error::Stream(_, code, text)) => {
                    return Err(self.fail(code, text, tx));
                }
            };
            let Some((n, event)) = step else {
                return Ok((eaten, None));
            };
            let before = eaten;
            eaten += n;
            match event {
                None => {}
                Some(Event::Data { stream, at, end }) => {
                    let at = before + at.start..before + at.end;
                    return Ok((eaten, Some(Event::Data { stream, at, end })));
                }
                event => return Ok((eaten, event)),
            }
        }
    }

    /// What the last GOAWAY left out, oldest first.
    fn next_refused(&mut self, tx: &mut Vec<u8>) -> Option<Event> {
        while let Some(stream) = self.refused.pop() {
            if let Some(gone) = self.streams.remove(stream) {
                self.receive.owe(gone.held);
                self.give_back(tx);
                return Some(Event::Refused { stream });
            }
        }
        None
    }

    fn step(&mut self, rx: &[u8], headers: &mut Headers, tx: &mut Vec<u8>) -> Result<Step, Error> {
        if let Some(run) = self.run {
            return Ok(self.data_piece(run, rx, tx));
        }
        if !self.up {
            check_start(rx)?;
        }
        let Some(head) = Head::parse(rx) else {
            return Ok(None);
        };
        self.check_order(head)?;
        if head.kind == Kind::Data {
            return self.data_frame(head, rx, tx);
        }
        let whole = frame::HEAD + head.len;
        let Some(payload) = rx.get(frame::HEAD..whole) else {
            return Ok(None);
        };
        let event = match self.whole_frame(head, payload, headers, tx) {
            Err(Error::Stream(stream, code, text)) => {
                Some(self.fail_stream(stream, code, text, tx))
            }
            other => other?,
        };
        Ok(Some((whole, event)))
    }

    /// What may not come now, whatever is in it.
    fn check_order(&self, head: Head) -> Result<(), Error> {
        if !self.up && (head.kind != Kind::Settings || head.has(frame::ACK)) {
            // §3.4
            return Error::protocol("h2: the peer's first frame is not SETTINGS");
        }
        if head.len > frame::MAX_PAYLOAD {
            // §4.2
            return Error::frame_size("h2: a frame larger than SETTINGS_MAX_FRAME_SIZE");
        }
        match (self.block.open, head.kind) {
            // §6.10
            (Some(open), Kind::Continuation) if open.stream == head.stream => Ok(()),
            (Some(_), _) => Error::protocol("h2: a header block is interrupted by another frame"),
            (None, Kind::Continuation) => {
                Error::protocol("h2: CONTINUATION without a header block")
            }
            (None, _) => Ok(()),
        }
    }

    fn whole_frame(
        &mut self,
        head: Head,
        payload: &[u8],
        headers: &mut Headers,
        tx: &mut Vec<u8>,
    ) -> Result<Option<Event>, Error> {
        match head.kind {
            Kind::Headers => self.headers_frame(head, payload, headers),
            Kind::Continuation => self.continuation_frame(head, payload, headers),
            Kind::RstStream => self.rst_stream_frame(head, payload, tx),
            Kind::Settings => self.settings_frame(head, payload, tx),
            Kind::Ping => self.ping_frame(head, payload, tx),
            Kind::GoAway => self.goaway_frame(head, payload),
            Kind::WindowUpdate => self.window_update_frame(head, payload),
            Kind::Priority => self.priority_frame(head),
            // §8.4: we said ENABLE_PUSH = 0.
            Kind::PushPromise => Error::protocol("h2: PUSH_PROMISE, but push is off"),
            // §4.1, §5.5
            Kind::Unknown => self.budget.spend(Nuisance::Ignored).map(|()| None),
            Kind::Data => Ok(None), // read as it comes
        }
    }

    /// The start of a DATA frame: all but its payload is judged at once.
    fn data_frame(&mut self, head: Head, rx: &[u8], tx: &mut Vec<u8>) -> Result<Step, Error> {
        self.check_stream(head.stream)?;
        let (start, padding) = if !head.has(frame::PADDED) {
            (frame::HEAD, 0)
        } else if head.len == 0 {
            return Error::frame_size("h2: padded DATA without a pad length");
        } else if let Some(padding) = rx.get(frame::HEAD) {
            (frame::HEAD + 1, usize::from(*padding))
        } else {
            return Ok(None);
        };
        let overhead = start - frame::HEAD + padding;
        let Some(payload) = head.len.checked_sub(overhead) else {
            // §6.1
            return Error::protocol("h2: more padding than payload in DATA");
        };
        if !self.receive.take(head.len as u32) {
            // §6.9
            return Err(Error::Connection(
                ErrorCode::FLOW_CONTROL_ERROR,
                "h2: DATA beyond the connection's window",
            ));
        }
        self.receive.owe(overhead as u32);
        let end = head.has(frame::END_STREAM);
        self.judge_rate(payload, end)?;
        let (stream, event) = match self.admit(head.stream, payload, overhead, end, tx) {
            Ok(stream) => (stream, None),
            Err(Error::Stream(stream, code, text)) => {
                (None, Some(self.fail_stream(stream, code, text, tx)))
            }
            Err(error) => return Err(error),
        };
        let run = Run {
            stream,
            payload,
            padding,
            end,
        };
        self.run = (payload + padding > 0).then_some(run);
        let event = match stream {
            Some(stream) if payload == 0 && end => {
                self.end_theirs(stream);
                Some(Event::End { stream })
            }
            _ => event,
        };
        Ok(Some((start, event)))
    }

    fn judge_rate(&mut self, payload: usize, end: bool) -> Result<(), Error> {
        match payload {
            0 if !end => self.budget.spend(Nuisance::EmptyData),
            1..TINY if !end => self.budget.spend(Nuisance::TinyData),
            0..TINY => Ok(()),
            _ => {
                self.budget.earn();
                Ok(())
            }
        }
    }

    /// Whose payload it is, and whether it may come. None: its stream is over.
    fn admit(
        &mut self,
        id: u32,
        payload: usize,
        overhead: usize,
        end: bool,
        tx: &mut Vec<u8>,
    ) -> Result<Option<StreamKey>, Error> {
        let Some(key) = self.streams.by_id(id) else {
            self.budget.spend_late_data(payload + overhead)?;
            return Ok(None);
        };
        let Some(stream) = self.streams.get_mut(key) else {
            return Ok(None);
        };
        let fail = |code, text| Err(Error::Stream(key, code, text));
        let left = match stream.theirs {
            Theirs::Body { left } => left,
            Theirs::Head { .. } => {
                return fail(
                    ErrorCode::PROTOCOL_ERROR,
                    "h2: malformed response: DATA before HEADERS",
                );
            }
            // §5.1
            Theirs::Ended if stream.is_open() => {
                return fail(ErrorCode::STREAM_CLOSED, "h2: DATA after END_STREAM");
            }
            Theirs::Ended => {
                self.budget.spend(Nuisance::Late)?;
                return Ok(None);
            }
        };
        if !stream.receive.take((payload + overhead) as u32) {
            return fail(
                ErrorCode::FLOW_CONTROL_ERROR,
                "h2: DATA beyond the stream's window",
            );
        }
        // §8.1.1
        let after = left.map(|left| left.checked_sub(payload as u64));
        if matches!(after, Some(None)) || (end && matches!(after, Some(Some(1..)))) {
            return fail(
                ErrorCode::PROTOCOL_ERROR,
                "h2: malformed response: the body is not as long as content-length says",
            );
        }
        stream.theirs = Theirs::Body {
            left: after.flatten(),
        };
        stream.receive.owe(overhead as u32);
        if let Some(by) = stream.receive.due() {
            frame::put_window_update(tx, id, by);
        }
        Ok(Some(key))
    }

    /// What is there of the payload, or of the padding after it.
    fn data_piece(&mut self, mut run: Run, rx: &[u8], tx: &mut Vec<u8>) -> Step {
        if rx.is_empty() {
            return None;
        }
        if run.payload == 0 {
            let n = run.padding.min(rx.len());
            run.padding -= n;
            self.run = (run.padding > 0).then_some(run);
            self.give_back(tx);
            return Some((n, None));
        }
        let n = run.payload.min(rx.len());
        run.payload -= n;
        self.run = (run.payload + run.padding > 0).then_some(run);
        let live = run
            .stream
            .and_then(|key| Some((key, self.streams.get_mut(key)?)));
        let Some((stream, live)) = live else {
            // It was reset meanwhile: as good as consumed.
            self.receive.owe(n as u32);
            self.give_back(tx);
            return Some((n, None));
        };
        live.held += n as u32;
        let end = run.end && run.payload == 0;
        if end {
            self.end_theirs(stream);
        }
        let at = 0..n;
        Some((n, Some(Event::Data { stream, at, end })))
    }

    pub(super) fn end_theirs(&mut self, key: StreamKey) {
        self.streams
            .advance(key, |stream| stream.theirs = Theirs::Ended);
    }

    /// §5.1, §5.1.1: frames are for streams that we opened, now or before.
    pub(super) fn check_stream(&self, id: u32) -> Result<(), Error> {
        if id == 0 {
            return Error::protocol("h2: a stream's frame on stream 0");
        }
        if id.is_multiple_of(2) || id >= self.next_id {
            return Error::protocol("h2: a frame for a stream that nobody opened");
        }
        Ok(())
    }
}

/// Tells a peer that speaks h1 by its first bytes.
fn check_start(rx: &[u8]) -> Result<(), Error> {
    const H1: &[u8] = b"HTTP/1.";
    if rx.starts_with(H1) {
        return Error::protocol(
            "h2: the server answers in HTTP/1: it does not speak h2 there; \
             check the port, or do without LCCSCF_H2_PRIOR_KNOWLEDGE",
        );
    }
    Ok(())
}
