//! Stories of the session: what a client sends, and what is done about it.

use super::deflate::{Deflate, Params};
use super::frame::tests::masked;
use super::frame::{BINARY, CLOSE, FIN, PING, RSV1, TEXT};
use super::script::{Ask, Writes};
use super::session::{Act, Session};
use crate::tally::Tally;
use std::sync::Arc;

struct Story {
    session: Session,
    tally: Arc<Tally>,
}

impl Story {
    fn of(path: &str) -> Self {
        Self::agreed(path, None)
    }

    fn agreed(path: &str, agreed: Option<Params>) -> Self {
        let tally = Arc::new(Tally::new());
        let ask = Ask::parse(&format!("/ws/{path}")).expect("a target");
        let session = Session::new(&tally, "conn=1", ask, agreed);
        Self { session, tally }
    }

    fn sends(&mut self, first: u8, payload: &[u8]) {
        self.session.receive(&masked(first, payload));
    }

    /// Until there is nothing to do.
    fn acts(&mut self) -> Vec<Act> {
        let mut out = Vec::new();
        loop {
            match self.session.next() {
                Act::Idle(_) => return out,
                act => out.push(act),
            }
        }
    }

    fn violation(&self) -> String {
        let last = self.tally.quietly(|c| c.h2.last_violation.clone());
        last.unwrap_or_default()
    }
}

fn write(bytes: &[u8]) -> Act {
    Act::Write(bytes.to_vec())
}

#[test]
fn frames_come_back_as_they_came_and_close_ends_it() {
    let mut s = Story::of("echo");
    s.sends(TEXT, b"He");
    s.sends(FIN | PING, b"?");
    s.sends(FIN, b"llo");
    let expected = [
        write(b"\x01\x02He"),
        write(b"\x8a\x01?"),
        write(b"\x80\x03llo"),
    ];
    assert_eq!(s.acts(), expected);
    s.sends(FIN | CLOSE, b"\x0f\xa0bye");
    assert_eq!(s.acts(), [write(b"\x88\x02\x0f\xa0"), Act::End]);
    let counts = s
        .tally
        .quietly(|c| (c.ws.frames, c.ws.messages, c.ws.closed));
    assert_eq!((counts, s.violation()), ((4, 1, 1), String::new()));
    let log = s.tally.quietly(|c| c.ws.frame_log(2));
    let expected = "ws=1 conn=1 op=0 fin=1 rsv=0 len=3 sum=3759937e text=llo; \
        ws=1 conn=1 op=8 fin=1 rsv=0 len=5 sum=";
    assert!(log.starts_with(expected), "{log}");
    assert!(log.ends_with(" code=4000; "), "{log}");
}

#[test]
fn steps_wait_for_gates_and_frames() {
    let mut s = Story::of("send/text:a/wait:g/frag:2x2/recv:1/ping:x*2/close:1000/fin");
    assert_eq!(s.acts(), [write(b"\x81\x01a")]);
    assert_eq!(s.session.next(), Act::Idle(Some("g".into())));
    s.tally.open_gate("g");
    assert_eq!(s.acts(), [write(b"\x02\x02ab\x80\x02cd")]);
    s.sends(FIN | BINARY, b"");
    let (ping, close) = (|| write(b"\x89\x01x"), write(b"\x88\x02\x03\xe8"));
    assert_eq!(s.acts(), [ping(), ping(), close, Act::Fin(true)]);
    s.sends(FIN | CLOSE, b"\x03\xe8");
    assert_eq!(s.acts(), [Act::End]);
}

#[test]
fn the_clients_close_ends_a_script_that_does_not_wait_for_it() {
    let mut s = Story::of("send/wait:g/text:never");
    s.acts();
    s.sends(FIN | CLOSE, b"");
    assert_eq!(s.acts(), [write(b"\x88\x00"), Act::End]);

    let mut s = Story::of("send/await-close/text:a/hold");
    s.acts();
    s.sends(FIN | CLOSE, b"");
    assert_eq!(s.acts(), [write(b"\x81\x01a")]);
    s.session.on_end();
    assert_eq!(s.acts(), [Act::End]);
}

#[test]
fn writes_are_cut_and_glued() {
    let mut s = Story::of("send/text:a/split/pong:/chunk:2/text:b/glue/text:c/text:d/wait:g");
    s.session
        .begin(b"head".to_vec(), Writes::Glued { once: true });
    let expected = [
        &b"head\x81\x01a"[..],
        b"\x8a",
        b"\x00",
        b"\x81\x01",
        b"b",
        b"\x81\x01c\x81\x01d",
    ];
    assert_eq!(s.acts(), expected.map(write));
}

#[test]
fn violations_are_answered_by_close_and_the_end() {
    let mut s = Story::of("echo/wait:g");
    s.sends(FIN | TEXT, b"\xff");
    assert_eq!(s.violation(), "ws=1 conn=1: text that is not UTF-8");
    assert_eq!(s.acts(), [write(b"\x88\x02\x03\xef"), Act::End]);

    let mut s = Story::of("echo");
    s.sends(FIN | CLOSE, b"");
    s.sends(FIN | TEXT, b"more");
    assert_eq!(s.violation(), "ws=1 conn=1: bytes after Close");
}

#[test]
fn a_flood_is_made_as_it_is_written() {
    let mut s = Story::of("send/ping:x*1000000000/close");
    for _ in 0..1000 {
        assert_eq!(s.session.next(), write(b"\x89\x01x"));
    }
    s.session.on_end();
    assert_eq!(s.acts(), [Act::End]);
}

#[test]
fn the_deaf_hear_when_the_gate_opens() {
    let mut s = Story::of("echo/deaf:g");
    s.acts();
    assert!(s.session.is_deaf());
    s.tally.open_gate("g");
    s.acts();
    assert!(!s.session.is_deaf());
}

#[test]
fn a_compressed_message_comes_back_when_it_is_whole_in_as_many_frames() {
    let mut s = Story::agreed("deflate", Some(Params::default()));
    let (mut client, text) = (Deflate::new(Params::default()), b"Hello, hello, hello");
    let packed = client.pack(text);
    let (first, last) = packed.split_at(3);
    s.sends(RSV1 | TEXT, first);
    assert_eq!(s.acts(), []);
    s.sends(FIN, last);
    let [Act::Write(bytes)] = &*s.acts() else {
        panic!("no echo");
    };
    let (one, two) = bytes.split_at(bytes.len().div_ceil(2));
    assert_eq!((one[0], two[0]), (RSV1 | TEXT, FIN));
    assert_eq!(
        client.unpack(&[&one[2..], &two[2..]].concat()).as_deref(),
        Ok(&text[..])
    );
    let log = s.tally.quietly(|c| c.ws.message_log(0));
    assert!(log.contains("op=1 frames=2 zipped=1 len=19 "), "{log}");

    s.sends(FIN | TEXT, b"plain");
    assert_eq!(s.acts(), [write(b"\x81\x05plain")]);
    s.sends(FIN | RSV1 | TEXT, b"\xff\xff");
    assert!(s.violation().ends_with("a message that cannot be inflated"));
}

#[test]
fn a_script_compresses_when_it_is_agreed_or_when_it_says_so() {
    let mut s = Story::of("send/text:a/zip/text:a/plain/text:a");
    let [Act::Write(one), Act::Write(two), Act::Write(three)] = &*s.acts() else {
        panic!("not three");
    };
    assert_eq!((one[0], two[0], three[0]), (0x81, 0xc1, 0x81));

    let mut s = Story::agreed("send/textlen:5", Some(Params::default()));
    assert!(matches!(&*s.acts(), [Act::Write(bytes)] if bytes[0] == 0xc1));
}
