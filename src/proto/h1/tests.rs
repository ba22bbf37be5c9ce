//! The only place for stories of the h1 machine: a scripted peer's bytes, and what comes of them.

mod hostile;

use super::*;
use crate::proto::tokens::Token;

/// One connection, with the buffer that an engine would keep for it.
#[derive(Default)]
struct Story {
    h1: H1,
    headers: Headers,
    rx: Vec<u8>,
    head_is_there: bool,
    body: Vec<u8>,
}

impl Story {
    fn begin(asked: Asked) -> Self {
        let mut s = Self::default();
        s.h1.begin(asked);
        s
    }

    /// What a peer's whole answer to a GET comes to.
    fn get(answer: &[u8]) -> Result<Self, Fault> {
        let mut s = Self::begin(Asked::Anything);
        s.peer_sends(answer)?;
        Ok(s)
    }

    fn head(answer: &[u8]) -> Result<Self, Fault> {
        let mut s = Self::begin(Asked::HeadOnly);
        s.peer_sends(answer)?;
        Ok(s)
    }

    fn peer_sends(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.rx.extend_from_slice(bytes);
        while !self.head_is_there {
            match self.h1.handle_head(&self.rx, &mut self.headers)? {
                HeadEvent::NeedMore => return Ok(()),
                HeadEvent::Interim { consumed } => drop(self.rx.drain(..consumed)),
                HeadEvent::Final { consumed, status } => {
                    assert_eq!(status, self.h1.status());
                    self.rx.drain(..consumed);
                    self.head_is_there = true;
                }
            }
        }
        self.read_body()
    }

    fn read_body(&mut self) -> Result<(), Fault> {
        while !self.h1.body_done() {
            let direct = self.h1.body_direct();
            let piece = self.h1.handle_body(&self.rx)?;
            if piece == Piece::default() {
                break;
            }
            if direct.is_some() {
                assert_eq!(piece.skip, 0, "all of the next bytes were to be payload");
            }
            let eaten = piece.skip + piece.take;
            self.body.extend_from_slice(&self.rx[piece.skip..eaten]);
            self.rx.drain(..eaten);
        }
        Ok(())
    }

    fn body(&self) -> &str {
        str::from_utf8(&self.body).expect("text")
    }

    fn value(&self, name: &str) -> Option<&str> {
        let found = self.headers.by_name(name.as_bytes()).next();
        found.map(|v| str::from_utf8(v).expect("text"))
    }

    /// Done, and the connection carries another.
    fn ends_alive(mut self) -> bool {
        assert!(self.h1.body_done(), "the exchange is not over");
        let alive = self.h1.end();
        assert_eq!(self.h1.room(), usize::from(alive));
        alive
    }
}

/// A 200 with these lines and nothing after them.
fn ok_with(lines: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\n{lines}\r\n").into_bytes()
}

const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nServer: s\r\nTransfer-Encoding: chunked\r\n\r\n\
    5;ext=\"a;b\"\r\nhello\r\n00A ;x\r\n, wide wor\r\n2\r\nld\r\n0;last\r\nX-Trailer: 1\r\nX-B:\r\n\r\n";

#[test]
fn a_response_with_a_length_is_read_and_the_connection_stays() {
    let s = Story::get(
        b"HTTP/1.1 200 Fine\r\nServer: x\r\nCONTENT-LENGTH: 5\r\nX-A:  b c \t\r\n\r\nhello",
    )
    .expect("well formed");
    assert_eq!((s.h1.status(), s.body()), (200, "hello"));
    assert_eq!(s.h1.body_length(), Some(5));
    assert_eq!(
        (s.value("x-a"), s.value("server")),
        (Some("b c"), Some("x"))
    );
    let status_line: Vec<_> = s.headers.by_token(Token::HTTP).collect();
    assert_eq!(status_line, [b"200 Fine"]);
    let length: Vec<_> = s.headers.by_token(Token::CONTENT_LENGTH).collect();
    assert_eq!(length, [b"5"]);
    assert!(s.ends_alive());
}

#[test]
fn a_status_line_may_lack_its_reason_or_have_one_that_is_not_ascii() {
    for (line, text) in [
        (&b"HTTP/1.1 204"[..], &b"204"[..]),
        (b"HTTP/1.1 204 ", b"204 "),
        (b"HTTP/1.1 204 gr\xfc\xdf", b"204 gr\xfc\xdf"),
    ] {
        let s = Story::get(&[line, b"\r\nA: b\r\n\r\n"].concat()).expect("well formed");
        assert_eq!(s.headers.by_token(Token::HTTP).collect::<Vec<_>>(), [text]);
        assert_eq!(s.value("a"), Some("b"));
    }
}

#[test]
fn every_split_of_a_response_gives_the_same() {
    let plain = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\n\
        Content-Length: 19\r\n\r\nhello, wide world\r\n";
    for (answer, body) in [
        (CHUNKED, "hello, wide world"),
        (plain, "hello, wide world\r\n"),
    ] {
        for split in 0..=answer.len() {
            let (first, second) = answer.split_at(split);
            let mut s = Story::begin(Asked::Anything);
            s.peer_sends(first).expect("well formed");
            assert_eq!(s.h1.body_done(), second.is_empty());
            s.peer_sends(second).expect("well formed");
            assert_eq!((s.h1.status(), s.body()), (200, body), "split at {split}");
            assert!(s.rx.is_empty() && s.ends_alive());
        }
    }
}

#[test]
fn byte_by_byte_gives_the_same() {
    let mut s = Story::begin(Asked::Anything);
    for (n, b) in CHUNKED.iter().enumerate() {
        assert!(!s.h1.body_done(), "done before byte {n}");
        s.peer_sends(&[*b]).expect("well formed");
    }
    assert_eq!(s.body(), "hello, wide world");
    assert_eq!(s.value("x-trailer"), None);
    assert_eq!(s.h1.body_length(), None);
    assert!(s.ends_alive());
}

#[test]
fn payload_can_be_received_where_the_program_wants_it() {
    let mut s = Story::get(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc").expect("fine");
    assert_eq!(s.h1.body_direct(), Some(7));
    s.peer_sends(b"defghij").expect("fine");
    assert_eq!(s.h1.body_direct(), None);
    assert!(s.h1.body_done());

    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nabc";
    let mut s = Story::get(head).expect("fine");
    assert_eq!(s.h1.body_direct(), Some(13));
    s.peer_sends(&[b'x'; 13]).expect("fine");
    assert_eq!((s.h1.body_direct(), s.h1.body_done()), (None, false));

    let s = Story::get(b"HTTP/1.1 200 OK\r\n\r\nabc").expect("fine");
    assert_eq!(s.h1.body_direct(), Some(u64::MAX));
}

#[test]
fn lines_of_a_head_may_end_with_lf_alone() {
    let s = Story::get(b"HTTP/1.1 200 OK\nA: b\nContent-Length: 2\n\nhi").expect("tolerated");
    assert_eq!((s.value("a"), s.body()), (Some("b"), "hi"));
    let mut s = Story::begin(Asked::Anything);
    for b in b"HTTP/1.1 204 X\nA: b\r\n\n" {
        s.peer_sends(&[*b]).expect("tolerated");
    }
    assert!(s.ends_alive());
}

#[test]
fn responses_without_a_body_end_with_their_head() {
    for (head_only, answer) in [
        (true, &b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"[..]),
        (
            true,
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        ),
        (true, b"HTTP/1.1 200 OK\r\n\r\n"),
        (false, b"HTTP/1.1 204 No Content\r\n\r\n"),
        (
            false,
            b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
        ),
        (
            false,
            b"HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n",
        ),
        (false, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    ] {
        let mut s = Story::begin(if head_only {
            Asked::HeadOnly
        } else {
            Asked::Anything
        });
        s.peer_sends(answer).expect("well formed");
        assert!(s.rx.is_empty() && s.body().is_empty());
        assert_eq!(s.h1.handle_body(b"x"), Ok(Piece::default()));
        assert!(s.ends_alive(), "{}", answer.escape_ascii());
    }
}

#[test]
fn a_bodiless_response_whose_peer_may_send_a_body_is_the_last() {
    for answer in [
        &b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"[..],
        b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 304 X\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
    ] {
        assert!(!Story::get(answer).expect("read").ends_alive());
    }
}

#[test]
fn interim_responses_are_not_seen() {
    let s = Story::get(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n\
          HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n",
    )
    .expect("well formed");
    assert_eq!((s.h1.status(), s.value("link")), (201, None));
    assert!(s.ends_alive());
}

#[test]
fn the_rules_of_persistence_hold_in_both_versions() {
    for (version, connection, alive) in [
        ("1.1", "", true),
        ("1.1", "Connection: keep-alive\r\n", true),
        ("1.1", "Connection: close\r\n", false),
        ("1.1", "Connection: CLOSE\r\n", false),
        ("1.1", "Connection: x, close ,y\r\n", false),
        ("1.1", "Connection: x\r\nConnection: close\r\n", false),
        ("1.1", "Connection: keep-alive, close\r\n", false),
        ("1.1", "Connection: closed\r\n", true),
        ("1.1", "Proxy-Connection: close\r\n", true),
        ("1.0", "", false),
        ("1.0", "Connection: keep-alive\r\n", true),
        ("1.0", "Connection: x,\tKeep-Alive\r\n", true),
        ("1.0", "Connection: keep-alive, close\r\n", false),
    ] {
        let answer = format!("HTTP/{version} 200 OK\r\n{connection}Content-Length: 1\r\n\r\nx");
        let s = Story::get(answer.as_bytes()).expect("well formed");
        assert_eq!(s.ends_alive(), alive, "{answer}");
    }
}

#[test]
fn http_1_0_has_its_own_token_and_chunks_in_it_are_read_but_not_trusted() {
    let s = Story::get(
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
    )
    .expect("read");
    assert_eq!(s.headers.by_token(Token::HTTP1_0).count(), 1);
    assert_eq!(s.headers.by_token(Token::HTTP).count(), 0);
    assert_eq!(s.body(), "x");
    assert!(!s.ends_alive());
}

#[test]
fn a_body_until_close_ends_with_the_connection_and_not_before() {
    let mut s = Story::get(b"HTTP/1.1 200 OK\r\n\r\nsome").expect("well formed");
    assert!(!s.h1.body_done());
    s.peer_sends(b" more").expect("payload");
    assert_eq!(s.h1.handle_eof(), Ok(()));
    assert_eq!(s.body(), "some more");
    assert!(!s.ends_alive());
}

#[test]
fn a_peer_that_hangs_up_early_is_told_of() {
    for answer in [
        &b""[..],
        b"HTTP/1.1 200 O",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhell",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
    ] {
        let mut s = Story::get(answer).expect("a beginning");
        let Err(Fault::Peer(text)) = s.h1.handle_eof() else {
            panic!("not noticed: {}", answer.escape_ascii());
        };
        assert!(text.starts_with("Peer hung up"), "{text}");
        assert!(!s.h1.end());
        assert_eq!(s.h1.room(), 0);
    }
}

#[test]
fn a_hangup_after_the_last_byte_or_between_exchanges_is_no_fault() {
    let mut s = Story::get(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx").expect("fine");
    assert_eq!(s.h1.handle_eof(), Ok(()));
    assert!(!s.ends_alive());
    let mut idle = H1::new();
    assert_eq!((idle.handle_eof(), idle.room()), (Ok(()), 0));
}

#[test]
fn what_follows_the_response_is_left_alone() {
    for answer in [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"[..],
        CHUNKED,
        b"HTTP/1.1 204 X\r\n\r\n",
    ] {
        let more = b"HTTP/1.1 200 OK\r\n";
        let s = Story::get(&[answer, more].concat()).expect("well formed");
        assert_eq!(s.rx, more);
    }
}

#[test]
fn one_connection_carries_one_exchange_after_another() {
    let mut s = Story::default();
    for n in 0..3 {
        assert_eq!(s.h1.room(), 1);
        s.h1.begin(Asked::Anything);
        assert_eq!((s.h1.room(), s.h1.status()), (0, 0));
        (s.head_is_there, s.body) = (false, Vec::new());
        let answer = format!("HTTP/1.1 20{n} OK\r\nN: {n}\r\nContent-Length: 1\r\n\r\n{n}");
        s.peer_sends(answer.as_bytes()).expect("well formed");
        assert_eq!(s.value("n"), Some(&*n.to_string()));
        assert_eq!((s.h1.status(), s.body()), (200 + n, &*n.to_string()));
        assert!(s.h1.end());
    }
    s.h1.retire();
    assert_eq!(s.h1.room(), 0);
}

#[test]
fn retiring_lets_the_exchange_under_way_finish_and_ending_early_retires() {
    let mut s = Story::begin(Asked::Anything);
    s.h1.retire();
    s.peer_sends(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
        .expect("fine");
    assert!(!s.ends_alive());
    let mut s = Story::get(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx").expect("fine");
    assert!(!s.h1.end());
}

#[test]
fn equal_lengths_and_odd_spellings_of_chunked_are_one() {
    for lines in [
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: 005\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\ncontent-length: 5 , 5\r\n",
    ] {
        let answer = [&ok_with(lines)[..], b"hello"].concat();
        assert_eq!(Story::get(&answer).expect(lines).body(), "hello");
    }
    for lines in [
        "Transfer-Encoding: Chunked\r\n",
        "transfer-encoding:\tchunked \r\n",
        "TRANSFER-ENCODING: , chunked,\r\n",
    ] {
        let answer = [&ok_with(lines)[..], b"1\r\nx\r\n0\r\n\r\n"].concat();
        assert_eq!(Story::get(&answer).expect(lines).body(), "x");
    }
}

#[test]
fn a_warm_machine_allocates_nothing_for_a_head() {
    let mut s = Story::head(CHUNKED).expect("well formed");
    let held = s.headers.footprint();
    for _ in 0..10 {
        assert!(s.h1.end());
        s.h1.begin(Asked::HeadOnly);
        let event = s.h1.handle_head(CHUNKED, &mut s.headers);
        assert!(matches!(event, Ok(HeadEvent::Final { status: 200, .. })));
        assert_eq!(
            (s.headers.names().count(), s.headers.footprint()),
            (2, held)
        );
    }
}

#[test]
fn an_upgrade_that_was_asked_for_is_a_response_whose_connection_is_no_longer_http() {
    let mut s = Story::begin(Asked::Upgrade);
    let head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nTransfer-Encoding: gzip\r\n\r\n";
    s.peer_sends(b"HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n")
        .expect("interim");
    s.peer_sends(head).expect("well formed");
    assert_eq!(s.h1.status(), 101);
    assert_eq!(s.headers.by_name(b"upgrade").next(), Some(&b"x"[..]));
    assert!(s.h1.body_done());
    s.rx.extend_from_slice(b"\x81\x00");
    assert_eq!(s.h1.handle_body(&s.rx), Ok(Piece::default()));
    assert!(!s.ends_alive());
}
