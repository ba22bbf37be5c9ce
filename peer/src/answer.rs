//! The only place that decides what an h1 request gets: the first word of its target names the behaviour. A query is
//! ignored, but for `/ws/...`: see `ws/mod.rs`.

use crate::conn::{Conn, Request};
use crate::plain::{Plain, Words, pattern};
use crate::ws;
use std::fmt::Write as _;
use std::io;
use std::time::Duration;

/// What becomes of the connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    Keep,
    /// With close_notify on TLS.
    Close,
    /// FIN and nothing else.
    Drop,
    Reset,
}

/// A head whose parts can be bent before it goes out.
struct Head {
    version: &'static str,
    status: u16,
    fields: String,
}

impl Head {
    fn ok() -> Self {
        Self {
            version: "HTTP/1.1",
            status: 200,
            fields: String::new(),
        }
    }

    fn with(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        let _ = write!(self.fields, "{name}: {value}\r\n");
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let reason = match self.status {
            200 => "OK",
            204 => "No Content",
            304 => "Not Modified",
            _ => "Whatever",
        };
        let (version, status, fields) = (self.version, self.status, &self.fields);
        format!("{version} {status} {reason}\r\n{fields}\r\n").into_bytes()
    }
}

pub(crate) fn answer(conn: &mut Conn, request: &Request) -> io::Result<Next> {
    let target = request.target.clone();
    let words = Words::of(&target);

    if words.word(0) == "early" {
        let next = plain(conn, request, Plain::ok("too soon"))?;
        conn.read_body(request)?;
        return Ok(next);
    }
    let body = conn.read_body(request)?;
    if words.word(0) == "ws" {
        return ws::answer_h1(conn, request);
    }
    let own = target.as_bytes();
    match words.word(0) {
        "204" | "304" => bare(conn, request, words.number(0)),
        "100" | "103" => {
            conn.send(&interim(words.number(0)))?;
            plain(conn, request, Plain::ok(own))
        }
        "101" => raw(
            conn,
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: tea\r\nConnection: upgrade\r\n\r\n",
        ),
        "chunked" | "chunkext" | "trailers" | "chunkeof" | "badchunk" => chunks(conn, &words),
        "untilclose" => until_close(conn, &words),
        "close" => closing(conn, request, own),
        "ka2" if conn.nth.is_multiple_of(2) => closing(conn, request, own),
        "http10" => old(conn, own, false),
        "http10ka" => old(conn, own, true),
        "mute" => {
            conn.wait_for_the_end();
            Ok(Next::Drop)
        }
        "die" | "rst" => die(conn, &words, own),
        "dieonreuse" if conn.nth > 1 => Ok(Next::Drop),
        "idleclose" => plain(conn, request, Plain::ok(own)).map(|_| Next::Close),
        "idleclosegate" => {
            plain(conn, request, Plain::ok(own))?;
            conn.tally.pass_gate(words.word(1), &conn.wire.socket);
            Ok(Next::Close)
        }
        "gate" => match conn.tally.pass_gate(words.word(1), &conn.wire.socket) {
            true => plain(conn, request, Plain::ok(own)),
            false => Ok(Next::Drop),
        },
        "headthengate" => head_then_gate(conn, words.word(1)),
        "halfheadgate" => half_head_gate(conn, words.word(1), own),
        "slow" => byte_by_byte(conn, own, Duration::ZERO),
        "drip" => byte_by_byte(conn, own, Duration::from_millis(200)),
        "bighead" | "manyfields" | "garbage" | "smuggle" | "barecr" | "obsfold" | "nul"
        | "surplus" => raw(conn, &hostile(&words, own)),
        _ => plain(
            conn,
            request,
            Plain::of(&words, &target, &request.head, body),
        ),
    }
}

/// A whole response with a content-length; says close when the client did.
pub(crate) fn plain(conn: &mut Conn, request: &Request, plain: Plain) -> io::Result<Next> {
    let mut head = Head::ok();
    head.status = plain.status;
    for (name, value) in &plain.fields {
        head = head.with(name, value);
    }
    head = head
        .with("Content-Length", plain.body.len())
        .with("X-Nth", conn.nth);
    if request.wants_close() {
        head = head.with("Connection", "close");
    }
    let mut out = head.bytes();
    if request.method != "HEAD" {
        out.extend_from_slice(&plain.body);
    }
    conn.look_ahead();
    conn.send(&out)?;
    Ok(if request.wants_close() {
        Next::Close
    } else {
        Next::Keep
    })
}

/// A status that has no body; 304 tells the length that it would have had.
fn bare(conn: &mut Conn, request: &Request, status: u16) -> io::Result<Next> {
    let mut head = Head::ok();
    head.status = status;
    if status == 304 {
        head = head.with("Content-Length", 1000);
    }
    conn.look_ahead();
    conn.send(&head.bytes())?;
    Ok(if request.wants_close() {
        Next::Close
    } else {
        Next::Keep
    })
}

fn closing(conn: &mut Conn, request: &Request, body: &[u8]) -> io::Result<Next> {
    let answer = Plain::ok(body).with("X-Closing", "yes");
    let answer = if request.wants_close() {
        answer
    } else {
        answer.with("Connection", "close")
    };
    plain(conn, request, answer).map(|_| Next::Close)
}

fn until_close(conn: &mut Conn, words: &Words<'_>) -> io::Result<Next> {
    conn.send(&Head::ok().bytes())?;
    conn.send(&pattern(words.number(1)))?;
    Ok(if words.word(2) == "rude" {
        Next::Drop
    } else {
        Next::Close
    })
}

fn old(conn: &mut Conn, body: &[u8], keep: bool) -> io::Result<Next> {
    let mut head = Head::ok().with("Content-Length", body.len());
    head.version = "HTTP/1.0";
    if keep {
        head = head.with("Connection", "keep-alive");
    }
    conn.send(&[&head.bytes(), body].concat())?;
    Ok(if keep { Next::Keep } else { Next::Close })
}

fn interim(status: usize) -> Vec<u8> {
    match status {
        100 => b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(),
        _ => b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n".to_vec(),
    }
}

fn chunks(conn: &mut Conn, words: &Words<'_>) -> io::Result<Next> {
    let mut out = Head::ok().with("Transfer-Encoding", "chunked").bytes();
    let detail = words.word(1);
    let mut next = Next::Keep;
    match words.word(0) {
        "chunked" => out.extend(chunked(detail)),
        "chunkext" => out.extend_from_slice(b"5;a=b;c=\"d;e\"\r\nhello\r\n0;last\r\n\r\n"),
        "trailers" => {
            out.extend_from_slice(b"5\r\nhello\r\n0\r\nX-Trailer: 1\r\nX-More: 2\r\n\r\n")
        }
        "chunkeof" => {
            out.extend_from_slice(b"a\r\nhello");
            next = Next::Close;
        }
        _ => out.extend_from_slice(match detail {
            "overflow" => b"fffffffffffffffff\r\nhello\r\n0\r\n\r\n",
            "negative" => b"-5\r\nhello\r\n0\r\n\r\n",
            "spaced" => b"5 5\r\nhello\r\n0\r\n\r\n",
            "long" => b"5\r\nhelloworld\r\n0\r\n\r\n",
            "barelf" => b"5\nhello\n0\n\n",
            _ => b"zz\r\nhello\r\n0\r\n\r\n",
        }),
    }
    conn.look_ahead();
    conn.send(&out)?;
    Ok(next)
}

/// "5,6,7": three chunks of those sizes, their bytes one running pattern.
fn chunked(sizes: &str) -> Vec<u8> {
    let sizes: Vec<usize> = sizes.split(',').filter_map(|s| s.parse().ok()).collect();
    let all = pattern(sizes.iter().sum());
    let (mut out, mut at) = (Vec::new(), 0);
    for size in sizes {
        out.extend_from_slice(format!("{size:x}\r\n").as_bytes());
        out.extend_from_slice(all.get(at..at + size).unwrap_or(&[]));
        out.extend_from_slice(b"\r\n");
        at += size;
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out
}

/// `/die/head` and `/rst/head` before a byte, `/die/body` and `/rst/body` after half of the body,
/// `/die/halfhead` in the middle of the head.
fn die(conn: &mut Conn, words: &Words<'_>, own: &[u8]) -> io::Result<Next> {
    let head = Head::ok().with("Content-Length", 2 * own.len()).bytes();
    match words.word(1) {
        "body" => conn.send(&[&head, own].concat())?,
        "halfhead" => conn.send(head.get(..20).unwrap_or(&[]))?,
        _ => {}
    }
    Ok(if words.word(0) == "rst" {
        Next::Reset
    } else {
        Next::Drop
    })
}

fn head_then_gate(conn: &mut Conn, gate: &str) -> io::Result<Next> {
    conn.send(&[&*Head::ok().with("Content-Length", 10).bytes(), b"01234"].concat())?;
    if !conn.tally.pass_gate(gate, &conn.wire.socket) {
        return Ok(Next::Drop);
    }
    conn.look_ahead();
    conn.send(b"56789")?;
    Ok(Next::Keep)
}

fn half_head_gate(conn: &mut Conn, gate: &str, own: &[u8]) -> io::Result<Next> {
    let whole = [&*Head::ok().with("Content-Length", own.len()).bytes(), own].concat();
    let (first, rest) = whole.split_at(25);
    conn.send(first)?;
    if !conn.tally.pass_gate(gate, &conn.wire.socket) {
        return Ok(Next::Drop);
    }
    conn.send(rest)?;
    Ok(Next::Keep)
}

fn byte_by_byte(conn: &mut Conn, own: &[u8], pause: Duration) -> io::Result<Next> {
    let whole = [&*Head::ok().with("Content-Length", own.len()).bytes(), own].concat();
    for byte in whole {
        conn.send(&[byte])?;
        std::thread::sleep(pause);
    }
    Ok(Next::Keep)
}

fn raw(conn: &mut Conn, bytes: &[u8]) -> io::Result<Next> {
    conn.send(bytes)?;
    Ok(Next::Keep)
}

/// Whole responses that a careful client refuses, or must not be confused by.
fn hostile(words: &Words<'_>, own: &[u8]) -> Vec<u8> {
    let detail = words.word(1);
    let n: usize = detail.parse().unwrap_or(0);
    let with = |fields: &str| [b"HTTP/1.1 200 OK\r\n", fields.as_bytes(), b"\r\nhello"].concat();
    let length = "Content-Length: 5\r\n";
    match words.word(0) {
        "bighead" => with(&format!("X-Big: {}\r\n{length}", "b".repeat(n))),
        "manyfields" => {
            let many: String = (0..n).map(|i| format!("X-F{i}: {i}\r\n")).collect();
            with(&format!("{many}{length}"))
        }
        "smuggle" => match detail {
            "cl-te" => with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
            "two-cl" => with("Content-Length: 5\r\nContent-Length: 4\r\n"),
            "list-cl" => with("Content-Length: 5, 4\r\n"),
            "plus-cl" => with("Content-Length: +5\r\n"),
            "minus-cl" => with("Content-Length: -5\r\n"),
            "huge-cl" => with("Content-Length: 99999999999999999999999\r\n"),
            "te" => with("Transfer-Encoding: gzip\r\n"),
            "te-twice" => with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
            "space-name" => with("Content-Length : 5\r\n"),
            _ => with(length),
        },
        "barecr" => with("X-A: one\rtwo\r\nContent-Length: 5\r\n"),
        "obsfold" => with("X-A: one\r\n two\r\nContent-Length: 5\r\n"),
        "nul" => with("X-A: one\0two\r\nContent-Length: 5\r\n"),
        "surplus" => {
            let first = Head::ok().with("Content-Length", own.len()).bytes();
            [
                &first,
                own,
                b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL",
            ]
            .concat()
        }
        _ => match detail {
            "version" => b"HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n".to_vec(),
            "status" => b"HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n".to_vec(),
            "noheaders" => b"\r\n\r\n\r\n".to_vec(),
            _ => b"\x00\x01\x02 this is no HTTP at all\xff\xfe\r\n\r\n".to_vec(),
        },
    }
}
