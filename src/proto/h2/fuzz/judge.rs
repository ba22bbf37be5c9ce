//! The only place for a strict h2 server's view: it follows both directions of a connection, and panics when the client
//! sends what RFC 9113 does not allow at that moment.

use std::collections::{BTreeMap, VecDeque};

use crate::proto::h2::frame::{self, ACK, END_HEADERS, END_STREAM, Head, Kind, MAX_ID, number};
use crate::proto::h2::hpack::{Broken, Decoder};
use crate::proto::h2::settings::DEFAULT_WINDOW;

pub(super) struct Judge {
    preface_came: bool,
    /// What we said, and since when: when the client acknowledged it.
    settings: Settings,
    unacknowledged: VecDeque<Vec<u8>>,
    pings: VecDeque<[u8; 8]>,
    goaway_sent: bool,
    streams: BTreeMap<u32, Side>,
    last_id: u32,
    /// What the client may send on the connection.
    window: i64,
    /// What we may.
    credit: i64,
    /// SETTINGS_INITIAL_WINDOW_SIZE of the client.
    initial_credit: i64,
    decoder: Decoder,
    /// Stream and bytes of a block that has not ended.
    block: Option<(u32, Vec<u8>)>,
    /// The client gave up.
    pub(super) gave_up: bool,
}

/// What we announced, as far as it binds the client.
struct Settings {
    header_table: u32,
    max_streams: u32,
    initial_window: u32,
    max_frame: u32,
    connect_protocol: bool,
}

/// One stream.
#[derive(Default)]
struct Side {
    window: i64,
    credit: i64,
    client_ended: bool,
    server_ended: bool,
    client_reset: bool,
    server_reset: bool,
}

impl Judge {
    pub(super) fn new() -> Self {
        Self {
            preface_came: false,
            settings: Settings {
                header_table: 4096,
                max_streams: u32::MAX,
                initial_window: DEFAULT_WINDOW,
                max_frame: 16_384,
                connect_protocol: false,
            },
            unacknowledged: VecDeque::new(),
            pings: VecDeque::new(),
            goaway_sent: false,
            streams: BTreeMap::new(),
            last_id: 0,
            window: i64::from(DEFAULT_WINDOW),
            credit: i64::from(DEFAULT_WINDOW),
            initial_credit: i64::from(DEFAULT_WINDOW),
            decoder: Decoder::new(4096),
            block: None,
            gave_up: false,
        }
    }

    /// The client sent this.
    pub(super) fn hear(&mut self, mut tx: &[u8]) {
        if !self.preface_came {
            tx = tx.strip_prefix(frame::PREFACE).expect("the preface first");
            assert_eq!(Head::parse(tx).map(|head| head.kind), Some(Kind::Settings));
            self.preface_came = true;
        }
        while !tx.is_empty() {
            let head = Head::parse(tx).expect("whole frames");
            let end = frame::HEAD + head.len;
            let payload = tx.get(frame::HEAD..end).expect("whole frames");
            assert!(!self.gave_up, "nothing follows a GOAWAY with an error");
            assert!(head.len <= self.settings.max_frame as usize, "§4.2");
            assert_eq!(
                self.block.is_some(),
                head.kind == Kind::Continuation,
                "§4.3"
            );
            self.frame(head, payload);
            tx = &tx[end..];
        }
        assert!(self.block.is_none(), "half a block");
    }

    fn frame(&mut self, head: Head, payload: &[u8]) {
        match head.kind {
            Kind::Data => self.data(head),
            Kind::Headers => self.headers(head, payload),
            Kind::Continuation => self.continuation(head, payload),
            Kind::RstStream => {
                let side = self
                    .streams
                    .get_mut(&head.stream)
                    .expect("§6.4: not of an idle stream");
                assert!(!side.client_reset && !side.server_reset && payload.len() == 4);
                side.client_reset = true;
            }
            Kind::Settings => self.settings_frame(head, payload),
            Kind::Ping if head.has(ACK) => {
                let asked = self.pings.pop_front().expect("an answer to a question");
                assert_eq!(payload, asked);
            }
            Kind::Ping => assert_eq!((head.stream, payload.len()), (0, 8)),
            Kind::GoAway => {
                assert_eq!((head.stream, number(payload)), (0, Some(0)));
                self.gave_up = payload.get(4..).and_then(number) != Some(0);
            }
            Kind::WindowUpdate => self.window_update(head, payload),
            Kind::Priority | Kind::PushPromise | Kind::Unknown => panic!("nobody sends {head:?}"),
        }
    }

    fn data(&mut self, head: Head) {
        let side = self
            .streams
            .get_mut(&head.stream)
            .expect("§5.1: of an open stream");
        assert!(
            !side.client_ended && !side.client_reset && !side.server_reset,
            "§5.1"
        );
        assert!(head.len > 0 || head.has(END_STREAM), "it says nothing");
        if head.len > 0 {
            side.window -= head.len as i64;
            self.window -= head.len as i64;
            assert!(side.window >= 0 && self.window >= 0, "§6.9.1");
        }
        side.client_ended = head.has(END_STREAM);
    }

    fn headers(&mut self, head: Head, payload: &[u8]) {
        assert_eq!(
            head.stream,
            self.last_id.max(1) + 2 * u32::from(self.last_id > 0),
            "§5.1.1"
        );
        assert!(head.flags & !(END_STREAM | END_HEADERS) == 0);
        assert!(!self.goaway_sent, "§6.8");
        assert!((self.open() as u32) < self.settings.max_streams, "§5.1.2");
        self.last_id = head.stream;
        let side = Side {
            window: i64::from(self.settings.initial_window),
            credit: self.initial_credit,
            client_ended: head.has(END_STREAM),
            ..Side::default()
        };
        self.streams.insert(head.stream, side);
        self.block = Some((head.stream, Vec::new()));
        self.continuation(head, payload);
    }

    fn continuation(&mut self, head: Head, payload: &[u8]) {
        let (stream, mut block) = self.block.take().expect("§6.10");
        assert_eq!(stream, head.stream);
        block.extend_from_slice(payload);
        if head.has(END_HEADERS) {
            self.check_request(&block);
        } else {
            assert_eq!(
                payload.len(),
                self.settings.max_frame as usize,
                "cut where it need not be"
            );
            self.block = Some((stream, block));
        }
    }

    /// §8.2, §8.3.1
    fn check_request(&mut self, block: &[u8]) {
        let mut names: Vec<Vec<u8>> = Vec::new();
        let see = |field: crate::proto::h2::hpack::Field<'_>| {
            assert!(!field.name.iter().any(u8::is_ascii_uppercase));
            names.push(field.name.to_vec());
            Ok::<_, Broken>(())
        };
        self.decoder.decode(block, see).expect("a block");
        assert!(
            self.decoder.size() <= self.settings.header_table as usize,
            "RFC 7541 §4.2"
        );
        let pseudo = names
            .iter()
            .take_while(|name| name.starts_with(b":"))
            .count();
        assert!(!names[pseudo..].iter().any(|name| name.starts_with(b":")));
        for wanted in [&b":method"[..], b":scheme", b":path"] {
            assert_eq!(names.iter().filter(|name| *name == wanted).count(), 1);
        }
        assert!(self.settings.connect_protocol || !names.iter().any(|name| name == b":protocol"));
        for never in [
            &b"connection"[..],
            b"transfer-encoding",
            b"upgrade",
            b"keep-alive",
        ] {
            assert!(!names.iter().any(|name| name == never), "§8.2.2");
        }
    }

    fn settings_frame(&mut self, head: Head, payload: &[u8]) {
        assert_eq!(head.stream, 0);
        if head.has(ACK) {
            assert!(payload.is_empty());
            let entries = self
                .unacknowledged
                .pop_front()
                .expect("an answer to SETTINGS");
            for entry in entries.chunks_exact(6) {
                let value = number(&entry[2..]).expect("6 bytes");
                self.adopt(u16::from_be_bytes([entry[0], entry[1]]), value);
            }
            return;
        }
        for entry in payload.chunks_exact(6) {
            if entry[..2] == [0, 4] {
                // §6.9.2: at the moment it is heard.
                let credit = i64::from(number(&entry[2..]).expect("6 bytes"));
                let by = credit - std::mem::replace(&mut self.initial_credit, credit);
                self.streams.values_mut().for_each(|side| side.credit += by);
            }
        }
    }

    fn adopt(&mut self, id: u16, value: u32) {
        match id {
            1 => self.settings.header_table = value,
            3 => self.settings.max_streams = value,
            4 => {
                let by = i64::from(value) - i64::from(self.settings.initial_window);
                self.streams.values_mut().for_each(|side| side.window += by);
                self.settings.initial_window = value;
            }
            5 => self.settings.max_frame = value,
            8 => self.settings.connect_protocol = value == 1,
            _ => {}
        }
    }

    fn window_update(&mut self, head: Head, payload: &[u8]) {
        let by = number(payload)
            .filter(|_| payload.len() == 4)
            .expect("4 bytes");
        assert!((1..=MAX_ID).contains(&by), "§6.9");
        let credit = match head.stream {
            0 => &mut self.credit,
            id => {
                &mut self
                    .streams
                    .get_mut(&id)
                    .expect("§5.1: not of an idle stream")
                    .credit
            }
        };
        *credit += i64::from(by);
        assert!(*credit <= i64::from(MAX_ID), "§6.9.1");
    }

    /// The server sends this frame. The answer is whether its DATA is more than the client allowed: on the connection,
    /// and on the stream.
    pub(super) fn say(&mut self, head: Head, payload: &[u8]) -> (bool, bool) {
        let (mut over, mut over_stream) = (false, false);
        let whole_number = number(payload).filter(|_| payload.len() == 4);
        match head.kind {
            Kind::Data => {
                self.credit -= head.len as i64;
                over = self.credit < 0;
                if let Some(side) = self.streams.get_mut(&head.stream) {
                    // What an ended or reset stream gets is not counted.
                    side.credit -= head.len as i64;
                    over_stream = side.credit < 0;
                }
            }
            Kind::Settings if !head.has(ACK) => self.unacknowledged.push_back(payload.to_vec()),
            Kind::Ping if !head.has(ACK) => self.pings.extend(payload.first_chunk::<8>()),
            Kind::GoAway => self.goaway_sent = true,
            Kind::WindowUpdate if head.stream == 0 => {
                self.window = wider(self.window, whole_number);
            }
            _ => {}
        }
        if let Some(side) = self.streams.get_mut(&head.stream) {
            side.server_reset |= head.kind == Kind::RstStream;
            let may_end = matches!(head.kind, Kind::Data | Kind::Headers);
            side.server_ended |= may_end && head.has(END_STREAM);
            if head.kind == Kind::WindowUpdate {
                side.window = wider(side.window, whole_number);
            }
        }
        (over, over_stream)
    }

    pub(super) fn all_answered(&self) -> bool {
        self.unacknowledged.is_empty() && self.pings.is_empty()
    }

    fn open(&self) -> usize {
        let over = |side: &Side| {
            side.client_reset || side.server_reset || (side.client_ended && side.server_ended)
        };
        self.streams.values().filter(|side| !over(side)).count()
    }
}

/// Beyond the largest there is an error, or the largest.
fn wider(window: i64, by: Option<u32>) -> i64 {
    let wider = window + i64::from(by.unwrap_or(0) & MAX_ID);
    wider.min(i64::from(MAX_ID))
}
