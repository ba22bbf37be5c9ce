//! Stories of the link: what a client sends, and the frames that it gets.

use super::frame::{
    ACK, END_HEADERS, END_STREAM, Frame, Kind, PREFACE, put, put_data, put_number, put_settings,
};
use super::hpack;
use super::link::Link;
use super::settings::{Settings, WINDOW};
use crate::answer::Next;
use crate::orders::Order;
use crate::tally::Tally;
use std::sync::Arc;

struct Story {
    link: Link,
    tally: Arc<Tally>,
}

impl Story {
    /// A client that has shaken hands.
    fn of(settings: &str) -> Self {
        let mut s = Settings::new();
        assert!(s.change(settings));
        let tally = Arc::new(Tally::new());
        let mut me = Self {
            link: Link::new(s, Arc::clone(&tally), 1),
            tally,
        };
        let mut hello = PREFACE.to_vec();
        put_settings(&mut hello, &[]);
        put(&mut hello, Kind::Settings, ACK, 0, &[]);
        me.says(&hello);
        me.frames();
        me
    }

    /// One byte at a time, as a slow network brings them.
    fn says(&mut self, bytes: &[u8]) {
        let mut rx = Vec::new();
        for byte in bytes {
            rx.push(*byte);
            let used = self.link.receive(&rx);
            rx.drain(..used);
        }
        self.link.fill();
    }

    fn asks(&mut self, stream: u32, path: &str, end: bool) {
        let (mut block, mut out) = (Vec::new(), Vec::new());
        let head = [(":method", "POST"), (":scheme", "http"), (":path", path)];
        for (name, value) in head {
            hpack::encode(&mut block, name, value);
        }
        let end = if end { END_STREAM } else { 0 };
        put(&mut out, Kind::Headers, end | END_HEADERS, stream, &block);
        self.says(&out);
    }

    fn connects(&mut self, stream: u32, path: &str) {
        let (mut block, mut out) = (Vec::new(), Vec::new());
        for (name, value) in [
            (":method", "CONNECT"),
            (":protocol", "websocket"),
            (":scheme", "http"),
            (":authority", "a"),
            (":path", path),
            ("sec-websocket-version", "13"),
        ] {
            hpack::encode(&mut block, name, value);
        }
        put(&mut out, Kind::Headers, END_HEADERS, stream, &block);
        self.says(&out);
    }

    fn sends(&mut self, stream: u32, end: bool, bytes: &[u8]) {
        let mut out = Vec::new();
        put_data(&mut out, stream, end, None, bytes);
        self.says(&out);
    }

    fn widens(&mut self, stream: u32, by: u32) {
        let mut out = Vec::new();
        put_number(&mut out, Kind::WindowUpdate, stream, by);
        self.says(&out);
    }

    fn opens(&mut self, gate: &str) {
        self.tally.open_gate(gate);
        self.link.obey(Order::Look);
        self.link.fill();
    }

    /// What the client got since it looked last: which frame, on which stream, how long.
    fn frames(&mut self) -> Vec<(Kind, u32, usize)> {
        let tx = std::mem::take(&mut self.link.tx);
        let (mut rest, mut out) = (tx.as_slice(), Vec::new());
        while let Ok(Some(f)) = Frame::parse(rest, 1 << 24) {
            out.push((f.kind, f.stream, f.payload.len()));
            rest = rest.get(f.whole_len()..).unwrap_or(&[]);
        }
        out
    }

    fn data(&mut self) -> Vec<(u32, usize)> {
        let frames = self.frames().into_iter();
        let data = frames.filter(|f| f.0 == Kind::Data);
        data.map(|(_, stream, len)| (stream, len)).collect()
    }

    fn violation(&self) -> String {
        let last = self.tally.quietly(|c| c.h2.last_violation.clone());
        last.unwrap_or_default()
    }
}

#[test]
fn a_stream_at_a_gate_holds_up_nobody() {
    let mut s = Story::of("");
    s.asks(1, "/gate/a", true);
    s.asks(3, "/b", true);
    assert_eq!(s.data(), [(3, 2)]);
    s.opens("other");
    assert_eq!(s.data(), []);
    s.opens("a");
    assert_eq!(s.data(), [(1, 7)]);
}

#[test]
fn streams_take_turns_and_stop_where_the_windows_do() {
    let mut s = Story::of("");
    let mut small = Vec::new();
    put_settings(&mut small, &[(WINDOW, 20_000)]);
    s.says(&small);
    for id in [1, 3, 5, 7] {
        s.asks(id, "/len/30000", true);
    }
    let one_each = [16_384, 3_616];
    let expected = [1, 3, 5].map(|id| one_each.map(|len| (id, len)));
    assert_eq!(s.data(), [&expected.concat()[..], &[(7, 5_535)]].concat());
    s.widens(0, 20_000);
    assert_eq!(s.data(), [(7, 14_465)], "the others wait for their own");
    s.widens(3, 10_000);
    assert_eq!(s.data(), [(3, 5_535)], "the connection's window is empty");
}

#[test]
fn a_body_is_given_back_once_the_gate_lets_it() {
    let mut s = Story::of("no-window-updates=1 window=10");
    s.asks(1, "/echo", false);
    s.sends(1, false, b"0123456789");
    assert_eq!(s.frames(), []);
    s.opens("window");
    let back = Kind::WindowUpdate;
    assert_eq!(s.frames(), [(back, 1, 4), (back, 0, 4)]);
    s.sends(1, true, b"abc");
    assert_eq!(s.data(), [(1, 13)]);
    assert_eq!(s.violation(), "");
}

#[test]
fn data_beyond_the_window_is_a_violation() {
    let mut s = Story::of("window=10");
    s.asks(1, "/echo", false);
    s.sends(1, false, b"0123456789");
    s.frames();
    s.sends(1, false, b"0123456789a");
    assert_eq!(
        s.violation(),
        "conn=1 stream 1: DATA beyond the stream's window"
    );
    assert_eq!(s.frames().first(), Some(&(Kind::RstStream, 1, 4)));
}

#[test]
fn a_stream_too_many_is_refused_and_the_place_is_free_again_after_the_answer() {
    let mut s = Story::of("max-streams=1");
    s.asks(1, "/gate/a", true);
    s.asks(3, "/b", true);
    assert_eq!(s.violation(), "conn=1 stream 3: 1 are open, 1 are allowed");
    assert_eq!(s.frames(), [(Kind::RstStream, 3, 4)]);
    s.opens("a");
    s.frames();
    s.asks(5, "/c", true);
    assert_eq!(s.data(), [(5, 2)]);
}

#[test]
fn after_the_last_request_streams_above_are_ignored_and_the_end_comes_with_its_answer() {
    let mut s = Story::of("goaway-after=2");
    s.asks(1, "/gate/a", true);
    s.asks(3, "/b", true);
    s.asks(5, "/c", true);
    let told: Vec<(Kind, u32)> = s.frames().iter().map(|f| (f.0, f.1)).collect();
    let answer = [(Kind::Headers, 3), (Kind::Data, 3)];
    assert_eq!(told, [&[(Kind::Goaway, 0)], &answer[..]].concat());
    assert!(s.link.end.is_none());
    s.opens("a");
    assert_eq!(s.data(), [(1, 7)]);
    assert!(s.link.end == Some(Next::Close));
    assert_eq!(s.violation(), "");
}

#[test]
fn what_is_in_flight_on_a_stream_that_we_reset_is_no_violation() {
    let mut s = Story::of("");
    s.asks(1, "/rststream/8", false);
    s.sends(1, false, b"more");
    s.sends(1, true, b"and more");
    assert_eq!(s.violation(), "");
    s.sends(1, true, b"after the end");
    assert_eq!(s.violation(), "conn=1 Data on stream 1: a closed stream");
}

/// A client that asks for a WebSocket on stream 1.
fn tunnel(settings: &str, path: &str) -> Story {
    let mut s = Story::of(&format!("connect-protocol=1,{settings}"));
    s.connects(1, path);
    s
}

#[test]
fn a_websocket_on_a_stream_echoes_and_ends_with_the_stream() {
    let mut s = tunnel("", "/ws/echo");
    assert_eq!(s.frames(), [(Kind::Headers, 1, 13)]);
    s.sends(1, false, b"\x81\x82\0\0\0\0hi");
    assert_eq!(s.data(), [(1, 4)]);
    s.sends(1, false, b"\x88\x80\0\0\0\0");
    assert_eq!(s.data(), [(1, 2), (1, 0)]);
    s.sends(1, true, b"");
    assert!(s.link.streams.is_empty());
    assert_eq!(s.violation(), "");
    let counts = s.tally.quietly(|c| (c.ws.frames, c.ws.closed));
    assert_eq!(counts, (2, 1));
}

#[test]
fn a_script_on_a_stream_waits_for_windows_gates_and_frames() {
    let mut s = tunnel("", "/ws/send/bin:70000/wait:g/split/text:a/recv:1/rst:5");
    let first = [(1, 16_384), (1, 16_384), (1, 16_384), (1, 16_383)];
    assert_eq!(s.data(), first);
    s.opens("g");
    s.widens(1, 100_000);
    assert_eq!(s.data(), [], "nor has the connection");
    s.widens(0, 100_000);
    assert_eq!(s.data(), [(1, 4_475), (1, 1), (1, 1), (1, 1)]);
    s.sends(1, false, b"\x8a\x80\0\0\0\0");
    assert_eq!(s.frames().last(), Some(&(Kind::RstStream, 1, 4)));
}

#[test]
fn the_deaf_give_nothing_back() {
    let mut s = tunnel("", "/ws/echo/deaf:g");
    s.frames();
    s.sends(1, false, b"\x81\x82\0\0\0\0hi");
    let back = Kind::WindowUpdate;
    assert_eq!(s.frames(), [(back, 0, 4), (Kind::Data, 1, 4)]);
    s.opens("g");
    assert_eq!(s.frames(), [(back, 1, 4)]);
}

#[test]
fn a_protocol_that_was_not_allowed_is_a_violation() {
    let mut s = Story::of("");
    s.connects(1, "/ws/echo");
    assert!(s.violation().contains(":protocol"));
    assert_eq!(s.frames(), [(Kind::RstStream, 1, 4)]);

    let s = tunnel("", "/ws/echo?wait=g");
    assert_eq!(s.violation(), "");
}

#[test]
fn bytes_before_the_answer_are_a_violation() {
    let mut s = tunnel("", "/ws/echo?wait=g");
    s.sends(1, false, b"\x81");
    assert_eq!(s.violation(), "conn=1 stream=1: bytes before the answer");
}

#[test]
fn a_refused_websocket_is_a_plain_answer() {
    for (path, frames) in [("/ws/echo?status=403", 2), ("/other", 2)] {
        let mut s = tunnel("", path);
        assert_eq!(s.frames().len(), frames, "{path}");
        s.sends(1, true, b"");
        assert!(s.link.streams.is_empty());
    }
    let mut s = tunnel("", "/ws/echo?mute");
    assert_eq!(s.frames(), []);
}
