//! The only place that follows what a program is told of its h2 streams, and says what it may not be told.

use std::collections::HashMap;

use crate::proto::h2::{Event, StreamKey};

/// The streams that were asked for.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    entries: HashMap<StreamKey, Entry>,
    /// In the order they were asked for.
    pub(super) keys: Vec<StreamKey>,
    /// GOAWAY was told of: what it left out is told of next.
    last: Option<u32>,
}

#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) has_head: bool,
    pub(super) ended: bool,
    /// Its key names nothing any more.
    pub(super) gone: bool,
    /// Of a response that has content.
    length: Option<u64>,
    got: u64,
    /// Given to the program and not released.
    pub(super) held: usize,
    /// HEAD.
    bodiless: bool,
    tunnel: bool,
}

impl Ledger {
    pub(super) fn asked(&mut self, key: StreamKey, method: &str) {
        let entry = Entry {
            bodiless: method == "HEAD",
            tunnel: method == "CONNECT",
            ..Entry::default()
        };
        assert!(self.entries.insert(key, entry).is_none(), "a key twice");
        self.keys.push(key);
    }

    pub(super) fn let_go(&mut self, key: StreamKey) {
        let entry = self.live(key);
        (entry.gone, entry.held) = (true, 0);
    }

    pub(super) fn get(&mut self, key: StreamKey) -> &mut Entry {
        self.entries.get_mut(&key).expect("asked for")
    }

    fn live(&mut self, key: StreamKey) -> &mut Entry {
        let entry = self.get(key);
        assert!(!entry.gone, "told of a stream that is gone: {key:?}");
        entry
    }

    pub(super) fn told(&mut self, event: &Event) {
        match event {
            Event::Headers {
                stream,
                status,
                length,
                end,
            } => self.head(*stream, *status, *length, *end),
            Event::Data { stream, at, end } => {
                assert!(!at.is_empty());
                let entry = self.live(*stream);
                entry.got += at.len() as u64;
                entry.held += at.len();
                assert!(entry.has_head && !entry.ended, "content where none comes");
                assert!(entry.length.is_none_or(|length| entry.got <= length));
                if *end {
                    entry.finish();
                }
            }
            Event::End { stream } => self.live(*stream).finish(),
            Event::Reset { stream, .. } => self.let_go(*stream),
            Event::GoAway { last, .. } => {
                assert!(self.last.is_none_or(|before| *last <= before));
                self.last = Some(*last);
            }
            Event::Refused { stream } => {
                assert!(self.last.is_some_and(|last| stream.id() > last));
                self.let_go(*stream);
            }
            Event::WindowOpened {
                stream: Some(stream),
                by,
            } => {
                assert!(*by > 0);
                self.live(*stream);
            }
            Event::Up
            | Event::SettingsChanged
            | Event::WindowOpened { .. }
            | Event::Pong { .. } => {}
        }
    }

    fn head(&mut self, key: StreamKey, status: u16, length: Option<u64>, end: bool) {
        assert!((200..1000).contains(&status));
        let entry = self.live(key);
        assert!(!entry.has_head, "a second head");
        entry.has_head = true;
        entry.length = match status {
            200..300 if entry.tunnel => None,
            204 | 304 => Some(0),
            _ if entry.bodiless => Some(0),
            _ => length,
        };
        if end {
            entry.finish();
        }
    }
}

impl Entry {
    fn finish(&mut self) {
        assert!(self.has_head && !self.ended);
        assert!(
            self.length.is_none_or(|length| self.got == length),
            "cut short, and taken for whole"
        );
        self.ended = true;
    }
}
