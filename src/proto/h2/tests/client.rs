//! The only place for a small engine around the machine: what meets other implementations.

use std::collections::{HashMap, VecDeque};

use super::*;

/// A request to be made.
#[derive(Clone)]
pub(super) struct Ask {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) lines: Vec<u8>,
    pub(super) body: Vec<u8>,
    /// END_STREAM does not go with HEADERS, even when there is no body.
    pub(super) ends_apart: bool,
    pub(super) manual_window: Option<u32>,
    /// The program has enough when so much of the body came.
    pub(super) enough: Option<usize>,
}

impl Default for Ask {
    fn default() -> Self {
        Self {
            method: "POST",
            path: "/".into(),
            lines: Vec::new(),
            body: Vec::new(),
            ends_apart: false,
            manual_window: None,
            enough: None,
        }
    }
}

impl std::fmt::Debug for Ask {
    /// What is long is not shown whole.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ask")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("lines", &format!("{:.300}", text(&self.lines)))
            .field("length", &self.lines.len())
            .field("body", &self.body.len())
            .field("ends_apart", &self.ends_apart)
            .field("manual_window", &self.manual_window)
            .field("enough", &self.enough)
            .finish()
    }
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// `name: value`, a char for each byte.
    pub(super) fields: Vec<String>,
    pub(super) body: Vec<u8>,
    pub(super) end: Option<End>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Whole,
    Reset(ErrorCode),
    /// By the program, which had enough.
    LeftAlone,
}

/// A request that is on the connection.
struct Placed {
    ask: usize,
    sent: usize,
    /// Consumed where the program gives window itself, and not given back.
    owed: usize,
}

/// What the program has still to do.
enum Debt {
    Consume(StreamKey, usize),
    LetGo(StreamKey),
}

/// All requests on one connection, as there is room.
pub(super) struct Client {
    pub(super) s: Story,
    pub(super) answers: Vec<Answer>,
    /// The program consumes what comes at once; otherwise when `pay` is called.
    pub(super) prompt: bool,
    /// What the program hands over at once.
    pub(super) piece: usize,
    /// Requests that were sent and refused, unprocessed.
    pub(super) refused: usize,
    asks: Vec<Ask>,
    waiting: VecDeque<usize>,
    placed: HashMap<StreamKey, Placed>,
    debts: Vec<Debt>,
}

impl Client {
    pub(super) fn new(config: &Config, asks: Vec<Ask>) -> Self {
        let mut client = Self {
            s: Story::new(config),
            answers: Vec::new(),
            prompt: true,
            piece: usize::MAX,
            refused: 0,
            asks: Vec::new(),
            waiting: VecDeque::new(),
            placed: HashMap::new(),
            debts: Vec::new(),
        };
        asks.into_iter().for_each(|ask| client.ask(ask));
        client
    }

    pub(super) fn ask(&mut self, ask: Ask) {
        self.waiting.push_back(self.asks.len());
        self.asks.push(ask);
        self.answers.push(Answer::default());
    }

    /// Sends what there is room for.
    pub(super) fn place(&mut self) {
        while self.s.h2.room() > 0
            && let Some(n) = self.waiting.pop_front()
        {
            let ask = &self.asks[n];
            let fields = RequestFields {
                method: ask.method,
                path: &ask.path,
                extra: &ask.lines,
                manual_window: ask.manual_window,
                ..GET
            };
            let empty = ask.body.is_empty();
            let end = empty && !ask.ends_apart;
            let asked = self.s.h2.request(&fields, end, &mut self.s.tx);
            let key = asked.expect("room");
            if empty && !end {
                self.s.h2.send_data(key, b"", true, &mut self.s.tx);
            }
            self.s.h2.mark_writable(key);
            let placed = Placed {
                ask: n,
                sent: 0,
                owed: 0,
            };
            self.placed.insert(key, placed);
        }
    }

    pub(super) fn send_bodies(&mut self) {
        let h2 = &mut self.s.h2;
        while let Some(key) = h2.next_writable() {
            let Some(placed) = self.placed.get_mut(&key) else {
                continue;
            };
            let rest = &self.asks[placed.ask].body[placed.sent..];
            let now = &rest[..rest.len().min(self.piece)];
            let last = now.len() == rest.len();
            placed.sent += h2.send_data(key, now, last, &mut self.s.tx);
            if !h2.has_ended(key) {
                h2.mark_writable(key);
            }
        }
    }

    pub(super) fn take(&mut self, bytes: &[u8]) {
        self.s.rx.extend_from_slice(bytes);
        loop {
            let s = &mut self.s;
            let handled = s.h2.handle_rx(&s.rx, &mut s.headers, &mut s.tx);
            let (eaten, event) = handled.expect("a good server");
            let more = event.is_some();
            if let Some(event) = event {
                self.on_event(event);
            }
            self.s.rx.drain(..eaten);
            while self.prompt && self.pay(0) {}
            if !more {
                return;
            }
        }
    }

    /// The program does one of the things that it has still to do, if there is one.
    pub(super) fn pay(&mut self, pick: usize) -> bool {
        if self.debts.is_empty() {
            return false;
        }
        let (h2, tx) = (&mut self.s.h2, &mut self.s.tx);
        match self.debts.swap_remove(pick % self.debts.len()) {
            Debt::Consume(key, n) => {
                h2.release(key, n, tx);
                if let Some(placed) = self.placed.get_mut(&key)
                    && let Some(window) = self.asks[placed.ask].manual_window
                {
                    placed.owed += n;
                    if placed.owed >= window as usize / 2 {
                        h2.widen(key, std::mem::take(&mut placed.owed) as u32, tx);
                    }
                }
            }
            Debt::LetGo(key) => {
                h2.reset(key, ErrorCode::CANCEL, tx);
                self.placed.remove(&key);
            }
        }
        true
    }

    pub(super) fn is_done(&self) -> bool {
        self.answers.iter().all(|answer| answer.end.is_some())
    }

    /// Requests, each with what came of it.
    pub(super) fn outcomes(&self) -> impl Iterator<Item = (&Ask, &Answer)> {
        self.asks.iter().zip(&self.answers)
    }

    /// Requests that are on the connection.
    pub(super) fn placed(&self) -> usize {
        self.placed.len()
    }

    pub(super) fn key(&self, ask: usize) -> Option<StreamKey> {
        let found = self.placed.iter().find(|(_, placed)| placed.ask == ask);
        found.map(|(key, _)| *key)
    }

    fn on_event(&mut self, event: Event) {
        match event {
            Event::Headers {
                stream,
                status,
                end,
                ..
            } => {
                let fields = self.s.headers.iter();
                let fields = fields.map(|(n, v)| format!("{}: {}", text(n), text(v)));
                let fields = fields.collect();
                let answer = self.answer(stream);
                answer.status = status;
                answer.fields = fields;
                self.came(stream, end);
            }
            Event::Data { stream, at, end } => {
                let n = at.len();
                let payload = self.s.rx[at].to_vec();
                self.answer(stream).body.extend(payload);
                self.debts.push(Debt::Consume(stream, n));
                self.came(stream, end);
            }
            Event::End { stream } => self.came(stream, true),
            Event::Refused { stream } => self.is_refused(stream),
            Event::Reset { text, by_us, .. } if by_us => panic!("{text}"),
            Event::Reset { stream, code, .. } if code == ErrorCode::REFUSED_STREAM => {
                self.is_refused(stream);
            }
            Event::Reset { stream, code, .. } => {
                self.answer(stream).end = Some(End::Reset(code));
                self.placed.remove(&stream);
            }
            event => self.s.events.push(event),
        }
    }

    fn answer(&mut self, key: StreamKey) -> &mut Answer {
        &mut self.answers[self.placed[&key].ask]
    }

    /// Some of an answer came, or all.
    fn came(&mut self, key: StreamKey, end: bool) {
        let n = self.placed[&key].ask;
        let answer = &mut self.answers[n];
        if end {
            answer.end = Some(End::Whole);
            self.debts.push(Debt::LetGo(key));
            return;
        }
        let enough = self.asks[n].enough;
        if enough.is_some_and(|enough| answer.body.len() >= enough) {
            answer.end = Some(End::LeftAlone);
            let (h2, tx) = (&mut self.s.h2, &mut self.s.tx);
            h2.reset(key, ErrorCode::CANCEL, tx);
            self.placed.remove(&key);
        }
    }

    fn is_refused(&mut self, key: StreamKey) {
        let placed = self.placed.remove(&key).expect("ours");
        self.refused += 1;
        self.answers[placed.ask] = Answer::default();
        self.waiting.push_front(placed.ask);
    }
}

/// A char for each byte, whatever it is.
pub(super) fn text(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}
