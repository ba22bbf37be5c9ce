//! The only place for the rig of the h2 machine's stories: a scripted peer that builds its frames by hand.

mod client;
mod hostile;
mod nghttp2;
mod peers;
mod splits;
mod stories;
mod table;
mod windows;

use super::frame::{ACK, END_HEADERS, END_STREAM, Head, Kind, PADDED, head, number};
use super::hpack::{Decoder, Field};
use super::*;
use crate::proto::headers::Headers;

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const PRIORITY: u8 = 2;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const PUSH_PROMISE: u8 = 5;
pub(super) const PING: u8 = 6;
pub(super) const GOAWAY: u8 = 7;
pub(super) const WINDOW_UPDATE: u8 = 8;
pub(super) const CONTINUATION: u8 = 9;

pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    [&head(payload.len(), kind, flags, stream), payload].concat()
}

pub(super) fn settings(entries: &[(u16, u32)]) -> Vec<u8> {
    let mut out = Vec::new();
    frame::put_settings(&mut out, entries);
    out
}

/// Fields as literals that enter no table.
pub(super) fn block(fields: &[(&str, &str)]) -> Vec<u8> {
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

pub(super) fn response(stream: u32, fields: &[(&str, &str)], end: bool) -> Vec<u8> {
    let flags = END_HEADERS | u8::from(end);
    frame(HEADERS, flags, stream, &block(fields))
}

pub(super) fn ok(stream: u32, end: bool) -> Vec<u8> {
    response(stream, &[(":status", "200")], end)
}

pub(super) fn data(stream: u32, payload: &[u8], end: bool) -> Vec<u8> {
    frame(DATA, u8::from(end), stream, payload)
}

pub(super) fn word(stream: u32, kind: u8, n: u32) -> Vec<u8> {
    frame(kind, 0, stream, &n.to_be_bytes())
}

pub(super) fn goaway(last: u32, code: u32) -> Vec<u8> {
    let payload = [last.to_be_bytes(), code.to_be_bytes()].concat();
    frame(GOAWAY, 0, 0, &payload)
}

/// A frame that the client sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) kind: Kind,
    pub(super) flags: u8,
    pub(super) stream: u32,
    pub(super) payload: Vec<u8>,
}

impl Sent {
    pub(super) fn number(&self) -> u32 {
        number(&self.payload).expect("4 bytes")
    }
}

/// One connection, with what an engine would keep for it.
pub(super) struct Story {
    pub(super) h2: H2,
    pub(super) headers: Headers,
    pub(super) tx: Vec<u8>,
    pub(super) rx: Vec<u8>,
    pub(super) events: Vec<Event>,
    pub(super) body: Vec<u8>,
    /// The program consumes nothing.
    pub(super) holding: bool,
    /// How the server reads our fields.
    server: Decoder,
}

impl Story {
    /// Started, and nothing came yet.
    pub(super) fn new(config: &Config) -> Self {
        let mut s = Self {
            h2: H2::new(config),
            headers: Headers::new(),
            tx: Vec::new(),
            rx: Vec::new(),
            events: Vec::new(),
            body: Vec::new(),
            holding: false,
            server: Decoder::new(4096),
        };
        s.h2.start(&mut s.tx);
        s
    }

    /// The peer has said these settings.
    pub(super) fn up_with(config: &Config, entries: &[(u16, u32)]) -> Self {
        let mut s = Self::new(config);
        s.tx.clear();
        s.peer_sends(&settings(entries)).expect("fine");
        assert_eq!(s.events(), [Event::Up]);
        assert_eq!(s.sent_kinds(), [Kind::Settings]);
        s
    }

    pub(super) fn up() -> Self {
        Self::up_with(&Config::default(), &[])
    }

    pub(super) fn ask(&mut self, method: &str, path: &str, end: bool) -> StreamKey {
        let fields = RequestFields {
            method,
            path,
            ..GET
        };
        let asked = self.h2.request(&fields, end, &mut self.tx);
        asked.expect("room")
    }

    pub(super) fn get(&mut self) -> StreamKey {
        self.ask("GET", "/", true)
    }

    pub(super) fn post(&mut self) -> StreamKey {
        self.ask("POST", "/", false)
    }

    pub(super) fn write(&mut self, key: StreamKey, bytes: &[u8], end: bool) -> usize {
        self.h2.send_data(key, bytes, end, &mut self.tx)
    }

    pub(super) fn peer_sends(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.rx.extend_from_slice(bytes);
        loop {
            let (eaten, event) = self
                .h2
                .handle_rx(&self.rx, &mut self.headers, &mut self.tx)?;
            if let Some(Event::Data { stream, at, .. }) = &event {
                assert!(at.end <= eaten && !at.is_empty());
                self.body.extend_from_slice(&self.rx[at.clone()]);
                if !self.holding {
                    self.h2.release(*stream, at.len(), &mut self.tx);
                }
            }
            self.rx.drain(..eaten);
            match event {
                Some(event) => self.events.push(event),
                None => return Ok(()),
            }
        }
    }

    pub(super) fn events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    pub(super) fn body(&mut self) -> String {
        String::from_utf8(std::mem::take(&mut self.body)).expect("text")
    }

    pub(super) fn sent(&mut self) -> Vec<Sent> {
        let mut rest = &self.tx[..];
        let mut sent = Vec::new();
        while let Some(head) = Head::parse(rest) {
            let (payload, after) = rest[frame::HEAD..].split_at(head.len);
            sent.push(Sent {
                kind: head.kind,
                flags: head.flags,
                stream: head.stream,
                payload: payload.to_vec(),
            });
            rest = after;
        }
        assert!(rest.is_empty(), "half a frame");
        self.tx.clear();
        sent
    }

    pub(super) fn sent_kinds(&mut self) -> Vec<Kind> {
        self.sent().into_iter().map(|f| f.kind).collect()
    }

    /// The fields of the blocks in `sent`, as the server sees them.
    pub(super) fn fields(&mut self, sent: &[Sent]) -> String {
        let block: Vec<u8> = sent
            .iter()
            .filter(|f| matches!(f.kind, Kind::Headers | Kind::Continuation))
            .flat_map(|f| f.payload.clone())
            .collect();
        let mut text = String::new();
        let see = |field: Field<'_>| {
            for part in [field.name, b"=", field.value, b"\n"] {
                text.push_str(str::from_utf8(part).expect("text"));
            }
            Ok::<_, Error>(())
        };
        self.server.decode(&block, see).expect("a block");
        text
    }

    /// Another request on this connection goes well.
    pub(super) fn still_works(&mut self) {
        self.events();
        self.tx.clear();
        self.body.clear();
        let stream = self.get();
        let id = self.sent()[0].stream;
        self.peer_sends(&[ok(id, false), data(id, b"fine", true)].concat())
            .expect("the connection lives");
        assert_eq!(self.body(), "fine");
        let end = self.events().pop();
        assert!(
            matches!(end, Some(Event::Data { stream: s, end: true, .. }) if s == stream),
            "{end:?}"
        );
        self.h2.reset(stream, ErrorCode::CANCEL, &mut self.tx);
        assert!(!self.sent_kinds().contains(&Kind::RstStream));
    }
}

pub(super) const GET: RequestFields<'static> = RequestFields {
    method: "GET",
    scheme: "https",
    authority: Some("a.test"),
    path: "/",
    protocol: None,
    urlencoded: false,
    manual_window: None,
    extra: b"",
};

pub(super) fn headers_event(stream: StreamKey, status: u16, end: bool) -> Event {
    Event::Headers {
        stream,
        status,
        length: None,
        end,
    }
}
