//! The only place where tests, and the rig of the stories, build h2 frames by hand, and read what a client sent.

#![cfg_attr(
    not(test),
    allow(dead_code, unused_imports, reason = "tests use more than the fuzzer")
)]

use super::frame::{self, HEAD, Head, head, number};
use super::hpack::{Broken, Decoder, Field};

pub(crate) use super::frame::{ACK, END_HEADERS, END_STREAM, Kind, MAX_ID, PADDED, PREFACE};

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const PRIORITY: u8 = 2;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PUSH_PROMISE: u8 = 5;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    [&head(payload.len(), kind, flags, stream), payload].concat()
}

pub(crate) fn settings(entries: &[(u16, u32)]) -> Vec<u8> {
    let mut out = Vec::new();
    frame::put_settings(&mut out, entries);
    out
}

/// Fields as literals that enter no table.
pub(crate) fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, value) in fields {
        out.push(0);
        for text in [name, value] {
            assert!(text.len() < 127 + 128);
            match text.len() {
                len @ 0..127 => out.push(len as u8),
                len => out.extend([127, (len - 127) as u8]),
            }
            out.extend(text.as_bytes());
        }
    }
    out
}

pub(crate) fn response(stream: u32, fields: &[(&str, &str)], end: bool) -> Vec<u8> {
    let flags = END_HEADERS | u8::from(end);
    frame(HEADERS, flags, stream, &block(fields))
}

pub(crate) fn ok(stream: u32, end: bool) -> Vec<u8> {
    response(stream, &[(":status", "200")], end)
}

pub(crate) fn data(stream: u32, payload: &[u8], end: bool) -> Vec<u8> {
    frame(DATA, u8::from(end), stream, payload)
}

pub(crate) fn word(stream: u32, kind: u8, n: u32) -> Vec<u8> {
    frame(kind, 0, stream, &n.to_be_bytes())
}

pub(crate) fn goaway(last: u32, code: u32) -> Vec<u8> {
    let payload = [last.to_be_bytes(), code.to_be_bytes()].concat();
    frame(GOAWAY, 0, 0, &payload)
}

/// A frame that the client sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) kind: Kind,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

impl Sent {
    pub(crate) fn number(&self) -> u32 {
        number(&self.payload).expect("4 bytes")
    }

    pub(crate) fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// The first frame of `bytes`, and what is behind it; None when not all of it is there.
pub(crate) fn cut(bytes: &[u8]) -> Option<(Sent, &[u8])> {
    let head = Head::parse(bytes)?;
    let (payload, rest) = bytes[HEAD..].split_at_checked(head.len)?;
    let sent = Sent {
        kind: head.kind,
        flags: head.flags,
        stream: head.stream,
        payload: payload.to_vec(),
    };
    Some((sent, rest))
}

/// How a server reads a client's fields.
#[derive(Debug)]
pub(crate) struct FieldReader(Decoder);

impl FieldReader {
    pub(crate) fn new() -> Self {
        Self(Decoder::new(4096))
    }

    pub(crate) fn read(&mut self, block: &[u8]) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        let text = |bytes: &[u8]| str::from_utf8(bytes).expect("text").to_owned();
        let see = |field: Field<'_>| {
            fields.push((text(field.name), text(field.value)));
            Ok::<_, Broken>(())
        };
        self.0.decode(block, see).expect("a block");
        fields
    }
}
