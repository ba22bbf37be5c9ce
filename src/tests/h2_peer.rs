//! The only place for the h2 server that stories script: it says what a story tells it to, and keeps the books of what it got.
//!
//! It acknowledges SETTINGS and answers PINGs by itself. What a client may not do is a violation, which fails its story.

use std::collections::{BTreeMap, VecDeque};

use crate::proto::h2::ErrorCode;
use crate::proto::h2::by_hand::{frame as build, *};

/// One request, as the server sees it.
#[derive(Debug, Default)]
pub(crate) struct Served {
    pub(crate) head: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// The client has said all.
    pub(crate) ended: bool,
    /// A final head was said.
    pub(crate) answered: bool,
    /// The server has said all, or one of them reset it.
    pub(crate) over: bool,
    pub(crate) reset: bool,
    /// What the client may still send.
    credit: i64,
    /// What the server may still send.
    pub(crate) allowance: i64,
    /// What is left of the content-length that was said.
    left: Option<usize>,
}

/// What SETTINGS allow the client.
#[derive(Clone, Copy, Debug)]
struct Limits {
    streams: u32,
    window: u32,
    frame: u32,
}

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) streams: BTreeMap<u32, Served>,
    pub(crate) open: usize,
    /// The most that were open at once.
    pub(crate) most: usize,
    pub(crate) violations: Vec<String>,
    /// Codes of the client's RST_STREAMs.
    pub(crate) resets: Vec<(u32, ErrorCode)>,
    pub(crate) goaways: Vec<(ErrorCode, String)>,
    pub(crate) settings_acks: usize,
    pub(crate) ping_acks: usize,
    /// WINDOW_UPDATEs, and what each gave.
    pub(crate) credits: Vec<(u32, u32)>,
    /// DATA frames in the order in which they came: stream and length.
    pub(crate) data: Vec<(u32, usize)>,
    /// Times that the client wrote.
    pub(crate) writes: usize,
    pub(crate) allowance: i64,
    /// It gives the client no window back by itself.
    pub(crate) stingy: bool,
    raw: Vec<u8>,
    greeted: bool,
    settled: bool,
    fields: FieldReader,
    limits: Limits,
    /// The client's SETTINGS that wait for ours to be said.
    unacknowledged: usize,
    /// SETTINGS that were said and not acknowledged.
    announced: VecDeque<Limits>,
    said: Limits,
    /// Of its latest GOAWAY.
    last: u32,
    /// It has said SETTINGS.
    spoke: bool,
    /// What a stream of the client's begins with.
    starts_with: u32,
    credit: i64,
    block: Option<Sent>,
    out: Vec<u8>,
}

impl Served {
    pub(crate) fn left(&self) -> Option<usize> {
        self.left
    }
}

impl Server {
    pub(crate) fn new(settings: &[(u16, u32)]) -> Self {
        let mut server = Self::mute();
        server.settings(settings);
        server
    }

    /// One that has not said its SETTINGS.
    pub(crate) fn mute() -> Self {
        let limits = Limits {
            streams: u32::MAX,
            window: 65_535,
            frame: 16_384,
        };
        Self {
            streams: BTreeMap::new(),
            open: 0,
            most: 0,
            violations: Vec::new(),
            resets: Vec::new(),
            goaways: Vec::new(),
            settings_acks: 0,
            ping_acks: 0,
            credits: Vec::new(),
            data: Vec::new(),
            writes: 0,
            allowance: 65_535,
            stingy: false,
            raw: Vec::new(),
            greeted: false,
            settled: false,
            fields: FieldReader::new(),
            limits,
            unacknowledged: 0,
            announced: VecDeque::new(),
            spoke: false,
            said: limits,
            last: MAX_ID,
            starts_with: 65_535,
            credit: 65_535,
            block: None,
            out: Vec::new(),
        }
    }

    // What it says.

    /// What it has said since this was asked last.
    pub(crate) fn take_out(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// Bytes that are in no book.
    pub(crate) fn raw(&mut self, bytes: impl AsRef<[u8]>) {
        self.out.extend_from_slice(bytes.as_ref());
    }

    /// Frames that a story made by hand: of what they mean to the client's duties, the books know.
    pub(crate) fn frames(&mut self, bytes: &[u8]) {
        self.raw(bytes);
        let mut rest = bytes;
        while let Some((frame, after)) = cut(rest) {
            rest = after;
            let known = self.streams.contains_key(&frame.stream);
            match frame.kind {
                Kind::Settings if !frame.has(ACK) => self.announced.push_back(self.said),
                Kind::RstStream if known => self.drop_stream(frame.stream),
                Kind::Headers | Kind::Data if known && frame.has(END_STREAM) => {
                    self.finish(frame.stream);
                }
                _ => {}
            }
        }
    }

    pub(crate) fn settings(&mut self, entries: &[(u16, u32)]) {
        for (id, value) in entries {
            match id {
                3 => self.said.streams = *value,
                4 => self.said.window = *value,
                5 => self.said.frame = *value,
                _ => {}
            }
        }
        self.announced.push_back(self.said);
        self.raw(settings(entries));
        self.spoke = true;
        self.acknowledge();
    }

    pub(crate) fn max_streams(&mut self, n: u32) {
        self.settings(&[(3, n)]);
    }

    pub(crate) fn head(&mut self, id: u32, status: u16, fields: &[(&str, &str)]) {
        let stream = self.served(id);
        if status >= 200 {
            stream.answered = true;
            let length = fields.iter().find(|(name, _)| *name == "content-length");
            stream.left = length.map(|(_, n)| n.parse().expect("a number"));
        }
        let status = status.to_string();
        let fields = [&[(":status", &status[..])][..], fields].concat();
        self.raw(response(id, &fields, false));
    }

    /// A head that is all.
    pub(crate) fn head_only(&mut self, id: u32, status: u16, fields: &[(&str, &str)]) {
        self.served(id).answered = true;
        let status = status.to_string();
        let fields = [&[(":status", &status[..])][..], fields].concat();
        self.raw(response(id, &fields, true));
        self.finish(id);
    }

    /// A head and a body, whole.
    pub(crate) fn reply(&mut self, id: u32, status: u16, body: &str) {
        self.head(id, status, &[]);
        self.last(id, body);
    }

    /// 200, "ok".
    pub(crate) fn ok(&mut self, id: u32) {
        self.reply(id, 200, "ok");
    }

    /// A part of a body; the last when content-length says so.
    pub(crate) fn piece(&mut self, id: u32, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        self.spend(id, bytes.len());
        let stream = self.served(id);
        stream.left = stream.left.map(|left| left - bytes.len());
        let end = stream.left == Some(0);
        self.raw(data(id, bytes, end));
        if end {
            self.finish(id);
        }
    }

    pub(crate) fn last(&mut self, id: u32, bytes: impl AsRef<[u8]>) {
        self.spend(id, bytes.as_ref().len());
        self.raw(data(id, bytes.as_ref(), true));
        self.finish(id);
    }

    pub(crate) fn trailers(&mut self, id: u32, fields: &[(&str, &str)]) {
        self.raw(response(id, fields, true));
        self.finish(id);
    }

    pub(crate) fn reset(&mut self, id: u32, code: ErrorCode) {
        self.raw(word(id, RST_STREAM, code.0));
        self.drop_stream(id);
    }

    pub(crate) fn goaway(&mut self, last: u32, code: ErrorCode) {
        self.last = last;
        self.raw(goaway(last, code.0));
    }

    pub(crate) fn ping(&mut self) {
        self.raw(build(PING, 0, 0, b"are you "));
    }

    /// What it may say again.
    pub(crate) fn last_goaway(&self) -> u32 {
        self.last
    }

    /// What decides what it can do next.
    pub(crate) fn position(&self) -> String {
        let streams = self.streams.iter().filter(|(_, stream)| !stream.over);
        let of = |(id, s): (&u32, &Served)| (*id, s.ended, s.answered, s.body.len());
        let streams: Vec<_> = streams.map(of).collect();
        format!(
            "{streams:?} {} {:?} {}",
            self.last,
            self.said,
            self.announced.len()
        )
    }

    /// More window for a stream, or with 0 for the connection.
    pub(crate) fn give(&mut self, id: u32, by: u32) {
        match id {
            0 => self.credit += i64::from(by),
            id => self.served(id).credit += i64::from(by),
        }
        self.raw(word(id, WINDOW_UPDATE, by));
    }

    fn spend(&mut self, id: u32, n: usize) {
        self.allowance -= n as i64;
        self.served(id).allowance -= n as i64;
        let left = self.allowance.min(self.served(id).allowance);
        assert!(left >= 0, "the story sends more than the windows allow");
    }

    fn finish(&mut self, id: u32) {
        let stream = self.served(id);
        let was_open = !(stream.over && stream.ended);
        stream.over = true;
        stream.answered = true;
        if was_open && stream.ended {
            self.open -= 1;
        }
    }

    /// It is over, as far as its books go.
    pub(crate) fn drop_stream(&mut self, id: u32) {
        let stream = self.served(id);
        let was_open = !(stream.over && stream.ended);
        (stream.over, stream.reset) = (true, true);
        stream.ended = true;
        self.open -= usize::from(was_open);
    }

    fn served(&mut self, id: u32) -> &mut Served {
        self.streams.get_mut(&id).expect("a request came on it")
    }

    // What it was asked.

    /// Streams that it has not answered to the end, in order.
    pub(crate) fn waiting(&self) -> Vec<u32> {
        let open = self.streams.iter().filter(|(_, stream)| !stream.over);
        open.map(|(id, _)| *id).collect()
    }

    pub(crate) fn field(&self, id: u32, name: &str) -> Option<&str> {
        let head = &self.streams.get(&id)?.head;
        let found = head.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Methods and paths, in the order in which they came.
    pub(crate) fn requests(&self) -> Vec<String> {
        let of = |id, name| self.field(id, name).unwrap_or_default();
        let line = |id: &u32| format!("{} {}", of(*id, ":method"), of(*id, ":path"));
        self.streams.keys().map(line).collect()
    }

    pub(crate) fn body(&self, id: u32) -> &str {
        str::from_utf8(&self.streams[&id].body).expect("stories send text")
    }

    // What it got.

    pub(crate) fn took(&mut self, bytes: &[u8]) {
        self.raw.extend_from_slice(bytes);
        if !self.greeted {
            if self.raw.len() < PREFACE.len() {
                return;
            }
            let rest = self.raw.split_off(PREFACE.len());
            let said = std::mem::replace(&mut self.raw, rest);
            self.check(said == PREFACE, 0, "it does not begin with the preface");
            self.greeted = true;
        }
        let raw = std::mem::take(&mut self.raw);
        let mut rest = &raw[..];
        while let Some((frame, after)) = cut(rest) {
            rest = after;
            self.frame(frame);
        }
        self.raw = rest.to_vec();
    }

    fn check(&mut self, right: bool, id: u32, what: &str) {
        if !right {
            self.violations.push(format!("stream {id}: {what}"));
        }
    }

    fn frame(&mut self, frame: Sent) {
        let id = frame.stream;
        let is_settings = frame.kind == Kind::Settings;
        self.check(self.settled || is_settings, id, "a frame before SETTINGS");
        self.settled = true;
        let fits = frame.payload.len() <= self.limits.frame as usize;
        self.check(fits, id, "a frame that is too large");
        let continues = frame.kind == Kind::Continuation;
        self.check(self.block.is_some() == continues, id, "a broken block");
        self.check(self.goaways.is_empty(), id, "a frame after GOAWAY");
        match frame.kind {
            Kind::Headers | Kind::Continuation => self.block(frame),
            Kind::Data => self.data(&frame),
            Kind::Settings => self.settings_came(&frame),
            Kind::WindowUpdate => self.window(id, frame.number()),
            Kind::RstStream => {
                self.check(self.streams.contains_key(&id), id, "RST_STREAM while idle");
                self.resets.push((id, ErrorCode(frame.number())));
                if self.streams.contains_key(&id) {
                    self.drop_stream(id);
                }
            }
            Kind::Ping if frame.has(ACK) => self.ping_acks += 1,
            Kind::Ping => {
                let pong = build(PING, ACK, 0, &frame.payload);
                self.raw(pong);
            }
            Kind::GoAway => {
                let (numbers, text) = frame.payload.split_at(8);
                let text = String::from_utf8_lossy(text).into_owned();
                let code = u32::from_be_bytes([numbers[4], numbers[5], numbers[6], numbers[7]]);
                self.goaways.push((ErrorCode(code), text));
            }
            Kind::Priority | Kind::PushPromise | Kind::Unknown => {
                self.check(false, id, "a frame that no client of ours sends");
            }
        }
    }

    fn settings_came(&mut self, frame: &Sent) {
        if frame.has(ACK) {
            self.settings_acks += 1;
            match self.announced.pop_front() {
                Some(limits) => self.adopt(limits),
                None => self.check(false, 0, "an acknowledgement of no SETTINGS"),
            }
            return;
        }
        for entry in frame.payload.chunks_exact(6) {
            let value = u32::from_be_bytes([entry[2], entry[3], entry[4], entry[5]]);
            if entry[..2] == [0, 4] {
                let by = i64::from(value) - i64::from(self.starts_with);
                self.starts_with = value;
                for stream in self.streams.values_mut() {
                    stream.allowance += by;
                }
            }
        }
        self.unacknowledged += 1;
        self.acknowledge();
    }

    fn acknowledge(&mut self) {
        while self.spoke && self.unacknowledged > 0 {
            self.unacknowledged -= 1;
            self.raw(build(SETTINGS, ACK, 0, b""));
        }
    }

    fn adopt(&mut self, limits: Limits) {
        let by = i64::from(limits.window) - i64::from(self.limits.window);
        for stream in self.streams.values_mut() {
            stream.credit += by;
        }
        self.limits = limits;
    }

    fn window(&mut self, id: u32, by: u32) {
        self.check(by > 0, id, "WINDOW_UPDATE of 0");
        self.credits.push((id, by));
        match id {
            0 => self.allowance += i64::from(by),
            id => match self.streams.get_mut(&id) {
                Some(stream) => stream.allowance += i64::from(by),
                None => self.check(false, id, "WINDOW_UPDATE while idle"),
            },
        }
        let most = i64::from(i32::MAX);
        self.check(self.allowance <= most, id, "a window beyond 2^31-1");
    }

    fn block(&mut self, frame: Sent) {
        let ends = frame.has(END_HEADERS);
        let block = match self.block.take() {
            Some(mut open) => {
                open.payload.extend(frame.payload);
                open
            }
            None => frame,
        };
        match ends {
            true => self.request(&block),
            false => self.block = Some(block),
        }
    }

    fn request(&mut self, block: &Sent) {
        let id = block.stream;
        let head = self.fields.read(&block.payload);
        let newest = self.streams.keys().next_back().copied().unwrap_or(0);
        self.check(id % 2 == 1 && id > newest, id, "its id is not the next");
        let room = self.open < self.limits.streams as usize;
        self.check(room, id, "more than MAX_CONCURRENT_STREAMS");
        self.check(self.limits_known(), id, "a request before our SETTINGS");
        let lower = |(name, _): &(String, String)| !name.contains(|c: char| c.is_uppercase());
        self.check(head.iter().all(lower), id, "a name with capitals");
        let pseudo = |(name, _): &(String, String)| name.starts_with(':');
        self.check(head.is_sorted_by_key(|f| !pseudo(f)), id, "pseudo late");
        self.streams.insert(
            id,
            Served {
                head,
                ended: block.has(END_STREAM),
                credit: i64::from(self.limits.window),
                allowance: i64::from(self.starts_with),
                ..Served::default()
            },
        );
        self.open += 1;
        self.most = self.most.max(self.open);
    }

    fn limits_known(&self) -> bool {
        self.settings_acks > 0
    }

    fn data(&mut self, frame: &Sent) {
        let (id, n) = (frame.stream, frame.payload.len());
        self.data.push((id, n));
        self.credit -= n as i64;
        self.check(self.credit >= 0, id, "DATA beyond the connection's window");
        let Some(stream) = self.streams.get_mut(&id) else {
            return self.check(false, id, "DATA while idle");
        };
        if stream.reset {
            let by_us = !self.resets.iter().any(|(reset, _)| *reset == id);
            return self.check(by_us, id, "DATA after its own RST_STREAM");
        }
        stream.credit -= n as i64;
        let (fits, ended) = (stream.credit >= 0, stream.ended);
        stream.body.extend_from_slice(&frame.payload);
        stream.ended |= frame.has(END_STREAM);
        let closes = !ended && stream.ended && stream.over;
        self.open -= usize::from(closes);
        self.check(fits, id, "DATA beyond its window");
        self.check(!ended, id, "DATA after END_STREAM");
        let empty = n == 0 && !frame.has(END_STREAM);
        self.check(!empty, id, "an empty DATA frame");
        if n > 0 && !self.stingy {
            self.give(0, n as u32);
            if !frame.has(END_STREAM) {
                self.give(id, n as u32);
            }
        }
    }
}
