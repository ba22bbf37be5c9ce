//! The only place for exchanges with nghttp2 as the server, in memory, cut anywhere: what has to hold in each of them.

mod random;
mod stories;

use super::client::{Answer, Ask, Client, End, text};
use super::*;
use crate::tests::nghttp2::{EARLY, Options, Server};

/// Bytes on their way.
#[derive(Default)]
struct Pipe {
    bytes: Vec<u8>,
    read: usize,
}

impl Pipe {
    /// The next `n`, or what there is.
    fn take(&mut self, n: usize) -> &[u8] {
        if self.read > self.bytes.len() / 2 {
            self.bytes.drain(..self.read);
            self.read = 0;
        }
        let start = self.read;
        self.read += n.min(self.bytes.len() - start);
        &self.bytes[start..self.read]
    }
}

/// Numbers that come round again.
struct Round {
    numbers: Vec<usize>,
    at: usize,
}

impl Round {
    fn new(numbers: &[usize]) -> Self {
        Self {
            numbers: numbers.to_vec(),
            at: 0,
        }
    }

    fn next(&mut self) -> usize {
        self.at = (self.at + 1) % self.numbers.len();
        self.numbers[self.at]
    }
}

/// Our client and nghttp2's server.
struct Pair {
    client: Client,
    server: Server,
    up: Pipe,
    down: Pipe,
    /// How many bytes arrive at once.
    cuts: Round,
    /// Which of its debts the program pays; an odd number: none now.
    picks: Round,
    connection_window: u32,
    steps: usize,
}

impl Pair {
    fn new(config: &Config, options: &Options, asks: Vec<Ask>) -> Self {
        Self {
            client: Client::new(config, asks),
            server: Server::new(options),
            up: Pipe::default(),
            down: Pipe::default(),
            cuts: Round::new(&[usize::MAX]),
            picks: Round::new(&[0]),
            connection_window: config.connection_window.max(65_535),
            steps: 0,
        }
    }

    /// Lets a bit of everything happen. False: nothing can.
    fn step(&mut self) -> bool {
        self.steps += 1;
        if self.steps.is_multiple_of(100) {
            // A second, as it were: where one byte moves at a time, many frames are tiny.
            self.client.s.h2.refill_budget();
        }
        self.client.place();
        self.client.send_bodies();
        self.up.bytes.append(&mut self.client.s.tx);
        let up = self.up.take(self.cuts.next());
        if !up.is_empty() {
            self.server.receive(up);
        }
        self.server.send(&mut self.down.bytes);
        let down = self.down.take(self.cuts.next());
        if !down.is_empty() {
            self.client.take(down);
        }
        let moved = !up.is_empty() || !down.is_empty();
        let pick = self.picks.next();
        let pays = !moved || pick.is_multiple_of(2);
        (pays && self.client.pay(pick)) || moved || !self.client.s.tx.is_empty()
    }

    /// Until nothing can happen any more.
    fn run(&mut self) {
        while self.step() {}
        self.hold();
    }

    /// nghttp2 found no fault, nothing is left behind, and all window came back.
    fn hold(&self) {
        assert_eq!(self.server.complaints(), [""; 0]);
        let h2 = &self.client.s.h2;
        let left = (h2.carries(), h2.open(), self.client.placed());
        assert_eq!((left, self.server.open()), ((0, 0, 0), 0), "stalled");
        if !self.server.reads() {
            return;
        }
        let (settings, acks) = (
            self.server.sent(SETTINGS).filter(|f| f.flags & ACK == 0),
            self.server
                .received(SETTINGS)
                .filter(|f| f.flags & ACK != 0),
        );
        assert_eq!(settings.count(), acks.count());
        let window = self.server.send_window();
        assert!(
            window >= (self.connection_window / 2) as i32,
            "{window} of {} are left",
            self.connection_window
        );
    }

    /// All was answered as the paths asked for.
    fn hold_answers(&self) {
        assert!(self.client.is_done(), "stalled");
        for (ask, answer) in self.client.outcomes() {
            hold_answer(ask, answer);
        }
    }
}

/// One answer is what its path asked for.
fn hold_answer(ask: &Ask, answer: &Answer) {
    let path = &ask.path;
    let (status, body, end) = expected(ask);
    let enough = |enough| enough <= answer.body.len();
    match answer.end {
        Some(End::LeftAlone) => assert!(ask.enough.is_some_and(enough), "{path}"),
        other => assert_eq!(other, Some(end), "{path}"),
    }
    if answer.end == Some(End::Whole) {
        assert!(answer.body == body, "{path}: the body differs");
    }
    assert!(body.starts_with(&answer.body), "{path}: the body differs");
    if answer.status == 0 {
        // Reset before there was a head.
        return assert_ne!(answer.end, Some(End::Whole), "{path}");
    }
    assert_eq!(answer.status, status, "{path}");
    let own = |field: &&String| !field.starts_with(':') && !field.starts_with("content-length:");
    let came: Vec<&String> = answer.fields.iter().filter(own).collect();
    assert_eq!(came, echoed(ask).iter().collect::<Vec<_>>(), "{path}");
}

/// What the server does by the words of a path; it says more about them itself.
fn expected(ask: &Ask) -> (u16, &[u8], End) {
    let says = |word| ask.path.split(['/', '-', '?']).any(|w| w == word);
    let half = &ask.body[..ask.body.len() / 2];
    match () {
        () if says("cancel") => (200, b"", End::Reset(ErrorCode::CANCEL)),
        () if says("empty") => (204, b"", End::Whole),
        () if ask.method == "HEAD" => (200, b"", End::Whole),
        () if says("early") || says("late") => (200, EARLY, End::Whole),
        () if says("cut") => (200, half, End::Reset(ErrorCode::INTERNAL_ERROR)),
        () => (200, &ask.body, End::Whole),
    }
}

/// The fields of a request that come back.
fn echoed(ask: &Ask) -> Vec<String> {
    const LEFT_OUT: [&str; 5] = ["connection", "keep-alive", "host", "te", "content-length"];
    let lines = ask.lines.split(|b| *b == b'\n');
    let lines = lines.filter_map(|line| {
        let line = text(line);
        let (name, value) = line.split_once(':')?;
        let name = name.to_ascii_lowercase();
        let goes = !LEFT_OUT.contains(&name.as_str());
        goes.then(|| format!("{name}: {}", value.trim_matches([' ', '\t', '\r'])))
    });
    lines.collect()
}

// RFC 9113 §6.5.2
const HEADER_TABLE_SIZE: u16 = 1;
const MAX_CONCURRENT_STREAMS: u16 = 3;
const INITIAL_WINDOW_SIZE: u16 = 4;
const MAX_FRAME_SIZE: u16 = 5;
const ENABLE_CONNECT_PROTOCOL: u16 = 8;
