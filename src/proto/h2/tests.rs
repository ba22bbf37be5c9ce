//! The only place for the rig of the h2 machine's stories: a scripted peer that builds its frames by hand.

mod client;
pub(crate) mod hostile;
mod nghttp2;
mod peers;
mod splits;
mod stories;
pub(crate) mod table;
mod windows;

use super::by_hand::*;
use super::frame::number;
use super::*;
use crate::proto::headers::Headers;

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
    server: FieldReader,
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
            server: FieldReader::new(),
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
        Self::up_with(&Config::default(), &[(3, 100_000)])
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
        while let Some((frame, after)) = cut(rest) {
            sent.push(frame);
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
        let fields = self.server.read(&block).into_iter();
        fields
            .map(|(name, value)| format!("{name}={value}\n"))
            .collect()
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
    content_type: "",
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
