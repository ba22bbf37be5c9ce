//! The only place that says how the server in nghttp2 answers: by the words in a request's path.
//!
//! ```text
//!   (none)   when the request is whole: its fields and its body, as they came
//!   stream   the head at once, the body as it comes
//!   early    all of an answer at once; what is left of the request is refused with RST_STREAM(NO_ERROR)
//!   late     all of an answer at once; what is left of the request may come
//!   hint     103 comes first
//!   sized    with content-length
//!   trail    with trailers
//!   empty    204
//!   cut      half of the body, then RST_STREAM(INTERNAL_ERROR)
//!   cancel   nothing but RST_STREAM(CANCEL)
//! ```

use std::collections::{BTreeMap, HashSet};

use super::{Body, Field, Frame, Note, Session};

/// How a server is to be.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// What it announces first.
    pub(crate) settings: Vec<(u16, u32)>,
    /// Added to each frame that can have some.
    pub(crate) padding: usize,
    /// The most payload of one DATA frame.
    pub(crate) data_frame: usize,
    /// What its compressor's table never exceeds.
    pub(crate) deflate_table: usize,
    /// Of all requests' bodies together.
    pub(crate) connection_window: i32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            settings: Vec::new(),
            padding: 0,
            data_frame: 16_384,
            deflate_table: 4096,
            connection_window: 65_535,
        }
    }
}

/// A request as it came.
#[derive(Debug, Default)]
pub(crate) struct Request {
    /// `:path` and the like among them.
    pub(crate) fields: Vec<Field>,
    pub(crate) body: Vec<u8>,
    pub(crate) ended: bool,
}

impl Request {
    pub(crate) fn field(&self, name: &str) -> &[u8] {
        let found = self.fields.iter().find(|f| f.name == name.as_bytes());
        found.map_or(&[], |field| &field.value)
    }

    fn says(&self, word: &str) -> bool {
        let words = self.field(":path").split(|b| !b.is_ascii_lowercase());
        words.into_iter().any(|w| w == word.as_bytes())
    }

    fn is_head(&self) -> bool {
        self.field(":method") == b"HEAD"
    }

    fn plan(&self) -> Plan {
        let says = |word| self.says(word);
        match () {
            () if says("cancel") => Plan::Cancel,
            () if self.is_head() => Plan::Whole,
            () if says("early") || says("late") => Plan::AtOnce,
            () if says("stream") => Plan::Stream,
            () => Plan::Whole,
        }
    }

    fn answer_fields(&self, status: &str, length: Option<usize>) -> Vec<Field> {
        let mut fields = vec![Field::new(":status", status)];
        if let Some(length) = length.filter(|_| self.says("sized")) {
            fields.push(Field::new("content-length", length.to_string()));
        }
        let regular = self.fields.iter().filter(|f| !f.name.starts_with(b":"));
        let own = regular.filter(|f| f.name != b"content-length" && f.name != b"te");
        fields.extend(own.cloned());
        fields
    }

    fn answer_body(&self) -> Body {
        match self.says("trail") {
            true => Body::BeforeTrailers,
            false => Body::Last,
        }
    }
}

/// When a request is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plan {
    Cancel,
    AtOnce,
    Stream,
    Whole,
}

/// A whole server for one connection.
pub(crate) struct Server {
    session: Session,
    requests: BTreeMap<i32, Request>,
    open: HashSet<i32>,
    /// Streams that it was to reset.
    resets: HashSet<i32>,
    received: Vec<Frame>,
    sent: Vec<Frame>,
    complaints: Vec<String>,
}

impl Server {
    pub(crate) fn new(options: &Options) -> Self {
        let mut session = Session::new(options.padding, options.data_frame, options.deflate_table);
        session.settings(&options.settings);
        session.widen_connection(options.connection_window);
        Self {
            session,
            requests: BTreeMap::new(),
            open: HashSet::new(),
            resets: HashSet::new(),
            received: Vec::new(),
            sent: Vec::new(),
            complaints: Vec::new(),
        }
    }

    pub(crate) fn receive(&mut self, bytes: &[u8]) {
        self.session.receive(bytes);
        self.read_notes();
    }

    /// Appends all that it has to say now.
    pub(crate) fn send(&mut self, out: &mut Vec<u8>) {
        loop {
            let before = out.len();
            self.session.send(out);
            self.read_notes();
            if out.len() == before {
                return;
            }
        }
    }

    pub(crate) fn settings(&mut self, entries: &[(u16, u32)]) {
        self.session.settings(entries);
    }

    pub(crate) fn ping(&mut self, opaque: [u8; 8]) {
        self.session.ping(opaque);
    }

    pub(crate) fn shutdown_notice(&mut self) {
        self.session.shutdown_notice();
    }

    /// Nothing above `last` is answered any more; without one, nothing that has not come yet.
    pub(crate) fn goaway(&mut self, last: Option<i32>) {
        let processed = self.session.last_processed();
        let last = last.map_or(processed, |last| last.min(processed));
        self.session.goaway(last, 0);
    }

    /// What nghttp2 found wrong with the client.
    pub(crate) fn complaints(&self) -> &[String] {
        &self.complaints
    }

    pub(crate) fn requests(&self) -> impl Iterator<Item = &Request> {
        self.requests.values()
    }

    /// Frames of this kind that came.
    pub(crate) fn received(&self, kind: u8) -> impl Iterator<Item = &Frame> {
        self.received.iter().filter(move |f| f.kind == kind)
    }

    /// Frames of this kind that it sent.
    pub(crate) fn sent(&self, kind: u8) -> impl Iterator<Item = &Frame> {
        self.sent.iter().filter(move |f| f.kind == kind)
    }

    /// Streams that are not over on both sides.
    pub(crate) fn open(&self) -> usize {
        self.open.len()
    }

    /// What the client allows on the connection.
    pub(crate) fn send_window(&self) -> i32 {
        self.session.send_window()
    }

    /// False after its GOAWAY when no stream is left: what comes then it does not look at.
    pub(crate) fn reads(&self) -> bool {
        self.session.reads()
    }

    fn read_notes(&mut self) {
        for note in self.session.take_notes() {
            match note {
                Note::Begins(id) => {
                    self.open.insert(id);
                    self.requests.insert(id, Request::default());
                }
                Note::Field(id, field) => self.request(id).fields.push(field),
                Note::Data(id, bytes) => self.data_came(id, &bytes),
                Note::Came(frame) => self.frame_came(frame),
                Note::Went(frame) => self.frame_went(frame),
                Note::BodyLeft(id) => {
                    self.session.trailers(id, &[Field::new("x-trailer", "t")]);
                }
                Note::Closed(id) => {
                    self.open.remove(&id);
                }
                Note::Complaint(text) => self.complaints.push(text),
            }
        }
    }

    fn request(&mut self, id: i32) -> &mut Request {
        self.requests.entry(id).or_default()
    }

    fn data_came(&mut self, id: i32, bytes: &[u8]) {
        let request = self.request(id);
        request.body.extend_from_slice(bytes);
        if request.plan() == Plan::Stream {
            self.session.push_body(id, bytes, false);
        }
    }

    fn frame_came(&mut self, frame: Frame) {
        self.received.push(frame);
        if frame.kind == HEADERS {
            self.head_came(frame.stream);
        }
        let may_end = frame.kind == HEADERS || frame.kind == DATA;
        if may_end && frame.flags & END_STREAM != 0 {
            self.request(frame.stream).ended = true;
            self.request_ended(frame.stream);
        }
    }

    fn head_came(&mut self, id: i32) {
        let request = self.requests.entry(id).or_default();
        if request.says("hint") {
            let link = Field::new("link", "</style.css>");
            self.session.hint(id, &[Field::new(":status", "103"), link]);
        }
        match request.plan() {
            Plan::Cancel => {
                self.resets.insert(id);
                self.session.reset(id, CANCEL);
            }
            Plan::AtOnce => {
                let fields = request.answer_fields("200", Some(EARLY.len()));
                self.session.respond(id, &fields, request.answer_body());
                self.session.push_body(id, EARLY, true);
            }
            Plan::Stream => {
                let fields = request.answer_fields("200", None);
                self.session.respond(id, &fields, request.answer_body());
            }
            Plan::Whole => {}
        }
    }

    fn request_ended(&mut self, id: i32) {
        let request = self.requests.entry(id).or_default();
        match request.plan() {
            Plan::Cancel | Plan::AtOnce => return,
            Plan::Stream => return self.session.push_body(id, b"", true),
            Plan::Whole => {}
        }
        if request.says("empty") {
            let fields = request.answer_fields("204", None);
            return self.session.respond(id, &fields, Body::None);
        }
        let fields = request.answer_fields("200", Some(request.body.len()));
        if request.is_head() {
            return self.session.respond(id, &fields, Body::None);
        }
        self.session.respond(id, &fields, request.answer_body());
        let cut = request.says("cut");
        let len = request.body.len() / if cut { 2 } else { 1 };
        self.session.push_body(id, &request.body[..len], !cut);
    }

    fn frame_went(&mut self, frame: Frame) {
        self.sent.push(frame);
        let id = frame.stream;
        match frame.kind {
            RST_STREAM if self.resets.contains(&id) || frame.code == REFUSED_STREAM => {}
            RST_STREAM | GOAWAY if frame.code != NO_ERROR => {
                self.complaints.push(format!("it answers with {frame:?}"));
            }
            HEADERS | DATA => self.answer_went(frame),
            _ => {}
        }
    }

    fn answer_went(&mut self, frame: Frame) {
        let id = frame.stream;
        let request = self.requests.entry(id).or_default();
        let is_whole = frame.flags & END_STREAM != 0;
        if is_whole && !request.ended && request.says("early") {
            self.session.reset(id, NO_ERROR);
        }
        let cut = request.says("cut") && request.ended && !is_whole;
        if cut && self.resets.insert(id) {
            self.session.reset(id, INTERNAL_ERROR);
        }
    }
}

/// The body of an answer that does not wait for the request's.
pub(crate) const EARLY: &[u8] = b"enough";

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const GOAWAY: u8 = 7;

const END_STREAM: u8 = 1;

const NO_ERROR: u32 = 0;
const INTERNAL_ERROR: u32 = 2;
const REFUSED_STREAM: u32 = 7;
const CANCEL: u32 = 8;
