//! The only place where a script says what a program and an h2 server do in turn, in whole frames: what bytes alone would
//! find once in a lifetime.

use std::collections::HashMap;

use super::check_headers;
use super::frames::REQUEST;
use super::judge::Judge;
use super::ledger::Ledger;
use crate::proto::Fault;
use crate::proto::h2::frame::{self, END_HEADERS, END_STREAM, Head, Kind, PADDED};
use crate::proto::h2::hpack::{Encoder, Indexing};
use crate::proto::h2::{Config, ErrorCode, Event, H2, RequestFields, StreamKey};
use crate::proto::headers::Headers;
use crate::proto::script::Script;

/// The first byte says how the connection is set up; then each step is a byte, and what it needs.
pub(crate) fn talk(data: &[u8]) {
    let mut script = Script(data);
    let mut talk = Talk::new(script.byte().unwrap_or(0));
    while talk.fault.is_none()
        && let Some(op) = script.byte()
    {
        talk.step(op, &mut script);
        talk.check();
    }
    if talk.fault.is_none() {
        assert!(
            talk.judge.all_answered(),
            "SETTINGS and PING are answered at once"
        );
    }
    talk.check_broken();
}

struct Talk {
    config: Config,
    h2: H2,
    headers: Headers,
    tx: Vec<u8>,
    fault: Option<Fault>,
    ledger: Ledger,
    judge: Judge,
    /// The server's.
    encoder: Encoder,
    /// What the program gave to streams beyond their first window.
    widened: HashMap<StreamKey, u64>,
}

impl Talk {
    fn new(mode: u8) -> Self {
        let usual = Config::default();
        let says = |bit: u8| mode >> bit & 1 != 0;
        let config = Config {
            initial_window: if says(0) { 100 } else { 70_000 },
            widest_window: if says(7) { 300 } else { 100_000 },
            connection_window: if says(1) { 0 } else { 200_000 },
            max_header_list: if says(2) { 500 } else { usual.max_header_list },
            header_table: if says(3) { 0 } else { usual.header_table },
            max_streams: if says(4) { 2 } else { 20 },
            fix_windows: says(6),
        };
        let mut talk = Self {
            h2: H2::new(&config),
            config,
            headers: Headers::default(),
            tx: Vec::new(),
            fault: None,
            ledger: Ledger::default(),
            judge: Judge::new(),
            encoder: Encoder::new(),
            widened: HashMap::new(),
        };
        talk.h2.start(&mut talk.tx);
        talk.check();
        if says(5) {
            talk.send(4, 0, 0, &[]);
            talk.check();
        }
        talk
    }

    fn step(&mut self, op: u8, script: &mut Script<'_>) {
        let flag = op & 0x10 != 0;
        match op & 15 {
            0 => self.ask(op, script),
            1 => self.write(flag, script),
            2 => self.cancel(script),
            3 => self.release(script),
            4 => self.widen(script),
            5 => self.with(script, |talk, key, _| talk.h2.mark_writable(key)),
            6 => self.write_in_turn(script),
            7 => self.server_settings(op, script),
            8 => self.server_head(op, script),
            9 => self.server_data(op, script),
            10 => self.server_word(8, flag, script),
            11 => self.server_word(3, false, script),
            12 => self.server_goaway(flag, script),
            13 => self.server_anything(script),
            14 => self.of_connection(op),
            _ => self.server_ping(script),
        }
    }

    /// What has to hold after each step.
    fn check(&mut self) {
        self.judge.hear(&std::mem::take(&mut self.tx));
        assert_eq!(self.judge.gave_up, self.fault.is_some(), "{:?}", self.fault);
        if self.fault.is_some() {
            return;
        }
        self.h2.check_books();
        for key in &self.ledger.keys {
            if let Some(credit) = self.h2.stream_credit(*key) {
                let widened = self.widened.get(key).copied().unwrap_or(0);
                let (first, widest) = (self.config.initial_window, self.config.widest_window);
                let allowed = u64::from(first) + widened..=u64::from(first.max(widest)) + widened;
                assert!(allowed.contains(&credit), "{credit}, not {allowed:?}");
            }
        }
    }

    /// After a fault nothing is sent, and before it nothing of this is refused for no reason.
    fn check_broken(&mut self) {
        let Some(fault) = self.fault else { return };
        assert!(matches!(fault, Fault::Peer(_)));
        let again = self.h2.handle_rx(b"\0", &mut self.headers, &mut self.tx);
        assert_eq!((again, self.h2.room()), (Err(fault), 0));
        assert!(self.h2.request(&REQUEST, true, &mut self.tx).is_err());
        for key in self.ledger.keys.clone() {
            assert_eq!(self.h2.send_data(key, b"x", true, &mut self.tx), 0);
        }
        self.h2.ping([0; 8], &mut self.tx);
        self.h2.close(ErrorCode::NO_ERROR, &mut self.tx);
        assert!(self.tx.is_empty() && self.h2.is_retired());
    }

    fn with(
        &mut self,
        script: &mut Script<'_>,
        act: impl FnOnce(&mut Self, StreamKey, &mut Script<'_>),
    ) {
        let nth = usize::from(script.byte().unwrap_or(0));
        if !self.ledger.keys.is_empty() {
            let key = self.ledger.keys[nth % self.ledger.keys.len()];
            act(self, key, script);
        }
    }

    fn ask(&mut self, op: u8, script: &mut Script<'_>) {
        let method = script.pick(&["GET", "POST", "HEAD", "CONNECT"]);
        let path = "/p".repeat(script.pick(&[1, 20, 2_000, 9_000]));
        let fields = RequestFields {
            method,
            path: if op & 0x20 != 0 { &path } else { "/" },
            protocol: (op & 0x40 != 0).then_some("websocket"),
            manual_window: (op & 0x80 != 0).then(|| script.large()),
            extra: script.pick(&EXTRAS),
            ..REQUEST
        };
        let room = self.h2.room();
        let refused = fields.protocol.is_some() && !self.h2.connects_protocols();
        match self.h2.request(&fields, op & 0x10 != 0, &mut self.tx) {
            Ok(key) => {
                assert!(room > 0 && !refused && self.h2.room() == room - 1);
                self.ledger.asked(key, method);
            }
            Err(_) => assert!(room == 0 || refused),
        }
    }

    fn write(&mut self, end: bool, script: &mut Script<'_>) {
        self.with(script, |talk, key, script| {
            let bytes = vec![b'w'; script.number().unwrap_or(0)];
            talk.write_to(key, &bytes, end);
        });
    }

    fn write_to(&mut self, key: StreamKey, bytes: &[u8], end: bool) {
        let allowed = self.h2.send_allowance(key);
        let sent = self.h2.send_data(key, bytes, end, &mut self.tx);
        assert!(sent <= bytes.len() && sent as i64 <= allowed.max(0));
        assert!(
            sent > 0 || bytes.is_empty() || allowed <= 0,
            "it could have gone"
        );
    }

    /// All that wait for their turn get one, with so many bytes.
    fn write_in_turn(&mut self, script: &mut Script<'_>) {
        let bytes = vec![b't'; script.number().unwrap_or(1).max(1)];
        let mut turns = 0;
        while let Some(key) = self.h2.next_writable() {
            assert!(self.h2.send_allowance(key) > 0 || self.h2.has_ended(key));
            self.write_to(key, &bytes, false);
            turns += 1;
            assert!(turns <= self.ledger.keys.len(), "a turn each");
        }
    }

    fn cancel(&mut self, script: &mut Script<'_>) {
        self.with(script, |talk, key, _| {
            talk.h2.reset(key, ErrorCode::CANCEL, &mut talk.tx);
            talk.ledger.get(key).gone = true;
            talk.ledger.get(key).held = 0;
        });
    }

    fn release(&mut self, script: &mut Script<'_>) {
        self.with(script, |talk, key, script| {
            let held = &mut talk.ledger.get(key).held;
            let n = script.number().unwrap_or(0).min(*held);
            *held -= n;
            talk.h2.release(key, n, &mut talk.tx);
        });
    }

    fn widen(&mut self, script: &mut Script<'_>) {
        self.with(script, |talk, key, script| {
            let before = talk.h2.stream_credit(key);
            talk.h2.widen(key, script.large(), &mut talk.tx);
            if let (Some(before), Some(after)) = (before, talk.h2.stream_credit(key)) {
                *talk.widened.entry(key).or_insert(0) += after - before;
            }
        });
    }

    fn of_connection(&mut self, op: u8) {
        match op >> 4 & 3 {
            0 => self.h2.ping(*b"are you?", &mut self.tx),
            1 => self.h2.refill_budget(),
            2 if op & 0x40 != 0 => self.h2.close(ErrorCode::NO_ERROR, &mut self.tx),
            2 => self.h2.retire(),
            _ => {}
        }
    }

    fn server_settings(&mut self, op: u8, script: &mut Script<'_>) {
        let mut payload = Vec::new();
        for _ in 0..op >> 5 {
            payload.extend([0, script.byte().unwrap_or(0) % 10]);
            payload.extend(script.large().to_be_bytes());
        }
        let flags = u8::from(op & 0x10 != 0 && payload.is_empty());
        self.send(4, flags, 0, &payload);
    }

    /// A head, or what follows one, in one frame or more.
    fn server_head(&mut self, op: u8, script: &mut Script<'_>) {
        let mut block = Vec::new();
        self.encoder.begin(&mut block);
        if op & 0x20 == 0 {
            let status = script.pick(&[&b"200"[..], b"204", b"304", b"103", b"404", b"101", b"20"]);
            self.encoder
                .put(b":status", status, Indexing::Keep, &mut block);
        }
        for _ in 0..script.byte().unwrap_or(0) % 8 {
            let (name, value) = script.pick(&FIELDS);
            let times = script.pick(&[1, 1, 1, 10, 300, 3_000]);
            self.encoder
                .put(name, &value.repeat(times), Indexing::Keep, &mut block);
        }
        let end_stream = if op & 0x10 != 0 { END_STREAM } else { 0 };
        let most = if op & 0x40 != 0 {
            1 + block.len() / 3
        } else {
            frame::MAX_PAYLOAD
        };
        let last = block.len().div_ceil(most).max(1) - 1;
        self.with(script, |talk, key, _| {
            if block.is_empty() {
                return talk.send(1, END_HEADERS | end_stream, key.id(), &[]);
            }
            for (nth, piece) in block.chunks(most).enumerate() {
                let (kind, first) = if nth == 0 { (1, end_stream) } else { (9, 0) };
                let end_headers = if nth == last { END_HEADERS } else { 0 };
                talk.send(kind, first | end_headers, key.id(), piece);
            }
        });
    }

    fn server_data(&mut self, op: u8, script: &mut Script<'_>) {
        let padding = (op & 0x20 != 0).then(|| script.byte().unwrap_or(0));
        let length = script.number().unwrap_or(0) % (frame::MAX_PAYLOAD + 1);
        let mut payload = vec![b'd'; length];
        let mut flags = if op & 0x10 != 0 { END_STREAM } else { 0 };
        if let (Some(padding), Some(first)) = (padding, payload.first_mut()) {
            *first = padding;
            flags |= PADDED;
        }
        self.with(script, |talk, key, _| {
            talk.send(0, flags, key.id(), &payload)
        });
    }

    /// WINDOW_UPDATE or RST_STREAM.
    fn server_word(&mut self, kind: u8, of_connection: bool, script: &mut Script<'_>) {
        let number = script.large().to_be_bytes();
        if of_connection {
            return self.send(kind, 0, 0, &number);
        }
        self.with(script, |talk, key, _| talk.send(kind, 0, key.id(), &number));
    }

    fn server_goaway(&mut self, is_warning: bool, script: &mut Script<'_>) {
        let last = match is_warning {
            true => frame::MAX_ID,
            false => (u32::from(script.byte().unwrap_or(0)) << 1).saturating_sub(1),
        };
        let payload = [last.to_be_bytes(), script.large().to_be_bytes()].concat();
        self.send(7, 0, 0, &payload);
    }

    fn server_anything(&mut self, script: &mut Script<'_>) {
        let (kind, flags) = (script.byte().unwrap_or(0) % 12, script.byte().unwrap_or(0));
        let stream = u32::from(script.byte().unwrap_or(0)) % 32;
        let payload = script.text();
        self.send(kind, flags, stream, payload);
    }

    fn server_ping(&mut self, script: &mut Script<'_>) {
        let nth = script.byte().unwrap_or(0);
        self.send(6, nth & 1, 0, &[nth; 8]);
    }

    /// One frame of the server's, and all that comes of it.
    fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        if self.fault.is_some() {
            return;
        }
        self.judge.hear(&std::mem::take(&mut self.tx));
        let rx = [&frame::head(payload.len(), kind, flags, stream), payload].concat();
        let head = Head::parse(&rx).expect("whole");
        let (over, over_stream) = self.judge.say(head, payload);
        let mut at = 0;
        loop {
            let rest = &rx[at..];
            match self.h2.handle_rx(rest, &mut self.headers, &mut self.tx) {
                Ok((n, Some(event))) => {
                    self.on_event(&event, over_stream);
                    at += n;
                }
                Ok((n, None)) => {
                    assert_eq!(at + n, rx.len(), "a whole frame waits for nothing");
                    assert!(
                        head.kind != Kind::Data || !over,
                        "§6.9.1: beyond the connection's window"
                    );
                    return;
                }
                Err(fault) => {
                    let blames = fault.text().contains("the connection's window");
                    assert!(over || !blames || head.kind != Kind::Data, "it was allowed");
                    self.fault = Some(fault);
                    return;
                }
            }
        }
    }

    fn on_event(&mut self, event: &Event, over_stream: bool) {
        self.ledger.told(event);
        match event {
            Event::Headers { .. } => check_headers(&self.headers, self.config.max_header_list),
            Event::Data { .. } => assert!(!over_stream, "§6.9.1: beyond the stream's window"),
            Event::Reset {
                text, by_us: true, ..
            } => {
                assert!(
                    over_stream || !text.contains("DATA beyond"),
                    "it was allowed"
                );
            }
            _ => {}
        }
    }
}

impl Script<'_> {
    /// Any number: often a usual one.
    fn large(&mut self) -> u32 {
        match self.byte().unwrap_or(0) {
            255 => u32::from_be_bytes(self.take(4).try_into().unwrap_or_default()),
            byte @ 200.. => NUMBERS[usize::from(byte) % NUMBERS.len()],
            byte => u32::from(byte),
        }
    }
}

const NUMBERS: [u32; 12] = [
    0,
    1,
    100,
    4096,
    16_384,
    65_535,
    65_536,
    1 << 20,
    (1 << 24) - 1,
    0x7fff_ffff,
    0x8000_0000,
    u32::MAX,
];

const EXTRAS: [&[u8]; 6] = [
    b"",
    b"Accept: */*\r\nX-A: b\r\n",
    b"Host: other\r\nConnection: close\r\nTE: trailers\r\nUpgrade: x\r\n",
    b"Cookie: a=b\r\nAuthorization: Basic eA==\r\n",
    b"X-B: c\r\nx-b: c\r\nTE: gzip\r\n",
    b"user-agent: something that is longer than most things in here/1.0\r\ncontent-length: 12\r\n",
];

const FIELDS: [(&[u8], &[u8]); 12] = [
    (b"server", b"x"),
    (b"content-length", b"5"),
    (b"content-length", b"0"),
    (b"content-type", b"text/html"),
    (b"x-long", b"0123456789"),
    (b"x-other", b"\xf0"),
    (b"set-cookie", b"a=b; "),
    (b"connection", b"close"),
    (b"te", b"trailers"),
    (b":status", b"200"),
    (b"Bad", b"x"),
    (b"x-nul", b"\0"),
];
