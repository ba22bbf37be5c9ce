//! The only place that gathers blocks of fields and decides what they mean to their stream (RFC 9113 §4.3, §8.1).

use super::error::Nuisance;
use super::frame::{self, Head};
use super::message::{self, Message, Part};
use super::receive::OpenBlock;
use super::stream::{StreamKey, Theirs};
use super::{Error, ErrorCode, Event, H2};
use crate::proto::headers::Headers;

impl H2 {
    pub(super) fn headers_frame(
        &mut self,
        head: Head,
        payload: &[u8],
        headers: &mut Headers,
    ) -> Result<Option<Event>, Error> {
        self.check_stream(head.stream)?;
        if head.has(frame::PADDED) && payload.is_empty() {
            return Error::frame_size("h2: padded HEADERS without a pad length");
        }
        let Some(mut fragment) = frame::unpad(head, payload) else {
            // §6.2
            return Error::protocol("h2: more padding than payload in HEADERS");
        };
        if head.has(frame::PRIORITY) {
            let Some((_, rest)) = fragment.split_first_chunk::<5>() else {
                return Error::frame_size("h2: HEADERS with less than their priority");
            };
            fragment = rest;
        }
        let end = head.has(frame::END_STREAM);
        if head.has(frame::END_HEADERS) {
            return self.block(head.stream, end, fragment, headers);
        }
        self.block.bytes.clear();
        self.block.open = Some(OpenBlock {
            stream: head.stream,
            end_stream: end,
            continuations: 0,
        });
        self.gather(fragment).map(|()| None)
    }

    pub(super) fn continuation_frame(
        &mut self,
        head: Head,
        payload: &[u8],
        headers: &mut Headers,
    ) -> Result<Option<Event>, Error> {
        let Some(open) = &mut self.block.open else {
            return Ok(None);
        };
        open.continuations += 1;
        if open.continuations > MAX_CONTINUATIONS {
            return Error::calm("h2: more than 8 CONTINUATION frames");
        }
        let (stream, end) = (open.stream, open.end_stream);
        self.gather(payload)?;
        if !head.has(frame::END_HEADERS) {
            return Ok(None);
        }
        self.block.open = None;
        let bytes = std::mem::take(&mut self.block.bytes);
        let event = self.block(stream, end, &bytes, headers);
        self.block.bytes = bytes;
        event
    }

    fn gather(&mut self, fragment: &[u8]) -> Result<(), Error> {
        let bytes = &mut self.block.bytes;
        if bytes.len() + fragment.len() > MAX_BLOCK {
            return Error::calm("h2: a header block larger than 64 KiB");
        }
        if bytes.try_reserve(fragment.len()).is_err() {
            return Err(Error::Connection(
                ErrorCode::INTERNAL_ERROR,
                "h2: OOM: no memory for a header block",
            ));
        }
        bytes.extend_from_slice(fragment);
        Ok(())
    }

    /// A whole block.
    fn block(
        &mut self,
        id: u32,
        end: bool,
        bytes: &[u8],
        headers: &mut Headers,
    ) -> Result<Option<Event>, Error> {
        let key = self.streams.by_id(id);
        let theirs = key.and_then(|key| self.streams.get(key)).map(|s| s.theirs);
        let part = match theirs {
            Some(Theirs::Head { .. }) => Part::Head,
            Some(Theirs::Body { .. }) => Part::Trailers,
            Some(Theirs::Ended) | None => Part::Nothing,
        };
        let mut message = Message::new(part, headers, self.config.max_header_list);
        self.block.of = id;
        self.decoder.decode(bytes, |field| message.field(field))?;
        self.block.of = 0;
        let (Some(key), Some(theirs)) = (key, theirs) else {
            self.budget.spend(Nuisance::Late)?;
            return Ok(None);
        };
        let fail = |text| Error::Stream(key, ErrorCode::PROTOCOL_ERROR, text);
        match theirs {
            Theirs::Head { interims } => {
                let head = message.head().map_err(fail)?;
                let event = self.head(key, head, interims, end)?;
                if event.is_none() {
                    headers.clear();
                }
                Ok(event)
            }
            Theirs::Body { left } => {
                check_trailers(message, left, end).map_err(fail)?;
                self.end_theirs(key);
                Ok(Some(Event::End { stream: key }))
            }
            Theirs::Ended => self.block_after_end(key),
        }
    }

    /// A response's head, or one before it.
    fn head(
        &mut self,
        key: StreamKey,
        head: message::Head,
        interims: u8,
        end: bool,
    ) -> Result<Option<Event>, Error> {
        let fail = |text| Err(Error::Stream(key, ErrorCode::PROTOCOL_ERROR, text));
        let Some(stream) = self.streams.get_mut(key) else {
            return Ok(None);
        };
        let shape = stream.shape;
        let left = match head.status {
            // §8.6, and no 1xx ends a stream.
            101 => return fail("h2: malformed response: 101 Switching Protocols"),
            100..200 if end => return fail("h2: malformed response: it ends with a 1xx head"),
            100..200 if interims >= MAX_INTERIMS => {
                return Err(Error::Stream(
                    key,
                    ErrorCode::ENHANCE_YOUR_CALM,
                    "h2: too many 1xx responses before the real one",
                ));
            }
            100..200 => {
                stream.theirs = Theirs::Head {
                    interims: interims + 1,
                };
                return Ok(None);
            }
            // RFC 9110 §9.3.6
            200..300 if shape.connect => None,
            // §8.1.1: no content, whatever content-length says.
            _ if shape.head_only => Some(0),
            204 | 304 => Some(0),
            _ if end && head.length.is_some_and(|length| length > 0) => {
                return fail("h2: malformed response: it has content-length and no body");
            }
            _ => head.length,
        };
        stream.theirs = Theirs::Body { left };
        if end {
            self.end_theirs(key);
        }
        self.budget.earn();
        Ok(Some(Event::Headers {
            stream: key,
            status: head.status,
            length: head.length,
            end,
        }))
    }

    /// §5.1: a stream error as long as we may still be sending.
    fn block_after_end(&mut self, key: StreamKey) -> Result<Option<Event>, Error> {
        if self.streams.get(key).is_some_and(|stream| stream.is_open()) {
            let text = "h2: HEADERS after END_STREAM";
            return Err(Error::Stream(key, ErrorCode::STREAM_CLOSED, text));
        }
        self.budget.spend(Nuisance::Late)?;
        Ok(None)
    }
}

/// Their fields are dropped: programs of h1 do not see them either.
fn check_trailers(message: Message<'_>, left: Option<u64>, end: bool) -> Result<(), &'static str> {
    if let Some(flaw) = message.flaw() {
        return Err(flaw);
    }
    if !end {
        // §8.1
        return Err("h2: malformed response: HEADERS in the middle of the body");
    }
    if left.is_some_and(|left| left > 0) {
        return Err("h2: malformed response: the body is not as long as content-length says");
    }
    Ok(())
}

/// As many as nobody needs.
const MAX_CONTINUATIONS: usize = 8;
pub(super) const MAX_BLOCK: usize = 64 * 1024;

/// Servers send one or two (100, 103). More is a way to keep a client busy for ever.
const MAX_INTERIMS: u8 = 32;
