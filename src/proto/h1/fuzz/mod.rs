//! The only place that says what has to hold for h1 whatever a peer sends.

mod plain;

use super::request::is_tchar;
use super::{Asked, H1, HeadEvent, MAX_INTERIMS, Piece};
use crate::proto::Fault;
use crate::proto::headers::Headers;
use crate::proto::split::Split;
use crate::proto::tokens::Token;
use plain::Plain;

/// A whole answer, to a GET, to a HEAD and to an upgrade: the same however it is cut.
pub(crate) fn head(data: &[u8]) {
    for asked in [Asked::Anything, Asked::HeadOnly, Asked::Upgrade] {
        let [whole, others @ ..] = Split::all(data).map(|split| Answer::read(data, split, asked));
        for other in others {
            assert_eq!(other, whole, "the pieces decide what is read");
        }
    }
}

/// A body in chunks: the same however it is cut, and what another reader makes of it. Then the other framings.
pub(crate) fn body(data: &[u8]) {
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let plain = plain::read(data);
    for split in Split::all(data) {
        let read = Content::read(&mut machine_after(chunked), data, split);
        // The limits are the machine's own.
        if data.len() < SHORT {
            assert_eq!(read.as_plain(), plain, "{split:?}");
        }
    }
    let length = data.len() / 2;
    let with_length = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
    let (first, rest) = data.split_at(length);
    for split in Split::all(data) {
        let read = Content::read(&mut machine_after(with_length.as_bytes()), data, split);
        assert_eq!(
            (&read.payload[..], data.len() - read.eaten),
            (first, rest.len())
        );
        assert_eq!((read.fault, read.done), (None, true));
        let read = Content::read(&mut machine_after(b"HTTP/1.1 200 OK\r\n\r\n"), data, split);
        assert_eq!((&read.payload[..], read.eaten), (data, data.len()));
        assert_eq!((read.fault, read.at_eof), (None, None));
    }
}

fn machine_after(head: &[u8]) -> H1 {
    let mut h1 = H1::new();
    h1.begin(Asked::Anything);
    let event = h1.handle_head(head, &mut Headers::default());
    let consumed = head.len();
    assert_eq!(
        event,
        Ok(HeadEvent::Final {
            consumed,
            status: 200
        })
    );
    h1
}

/// All that a program could learn.
#[derive(Debug, PartialEq)]
struct Answer {
    interims: u8,
    /// None: there will never be one.
    head: Option<Head>,
    content: Content,
    alive: bool,
}

#[derive(Debug, PartialEq)]
struct Head {
    status: u16,
    consumed: usize,
    line: Vec<u8>,
    fields: Vec<(Vec<u8>, Vec<u8>)>,
    length: Option<u64>,
}

impl Answer {
    fn read(data: &[u8], mut split: Split, asked: Asked) -> Self {
        let mut h1 = H1::new();
        assert_eq!(h1.room(), 1);
        h1.begin(asked);
        assert_eq!(h1.room(), 0);
        let mut interims = 0;
        let (head, seen) = read_heads(&mut h1, data, &mut split, &mut interims);
        assert!(interims <= MAX_INTERIMS);
        let mut content = Content::default();
        if let Some(head) = &head {
            let body = data.get(head.consumed..).unwrap_or_default();
            content = Content::read_on(&mut h1, body, seen - head.consumed, split);
            assert_eq!(h1.room(), 0, "the exchange is not over");
        }
        let done = content.done;
        let alive = h1.end();
        assert_eq!(h1.room(), usize::from(alive));
        assert!(!alive || (done && content.fault.is_none()));
        Self {
            interims,
            head,
            content,
            alive,
        }
    }
}

/// The final head and how much of the data has arrived with it. Faults are not told apart: a head that never ends and is
/// malformed is found out at once or at the end, as it arrives.
fn read_heads(
    h1: &mut H1,
    data: &[u8],
    split: &mut Split,
    interims: &mut u8,
) -> (Option<Head>, usize) {
    let mut headers = Headers::default();
    let (mut at, mut seen) = (0, 0);
    loop {
        let rx = &data[at..seen];
        let event = h1.handle_head(rx, &mut headers);
        assert!(headers.footprint() <= MOST_HELD, "{}", headers.footprint());
        match event {
            Ok(HeadEvent::NeedMore) if seen == data.len() => {
                assert!(rx.len() < LONGEST, "a head has an end");
                assert!(h1.handle_eof().is_err());
                return (None, seen);
            }
            Ok(HeadEvent::NeedMore) => seen += split.more(data.len() - seen),
            Ok(HeadEvent::Interim { consumed }) => {
                assert!((1..=rx.len().min(LONGEST)).contains(&consumed));
                assert!(headers.is_empty());
                *interims += 1;
                at += consumed;
            }
            Ok(HeadEvent::Final { consumed, status }) => {
                assert!((1..=rx.len().min(LONGEST)).contains(&consumed));
                let head = Head::of(h1, &headers, status, &rx[..consumed], at + consumed);
                return (Some(head), seen);
            }
            Err(Fault::App(text)) => panic!("no program did this: {text}"),
            Err(Fault::Peer(_)) => {
                assert!(!h1.end(), "nothing is asked after a fault");
                return (None, seen);
            }
        }
    }
}

impl Head {
    fn of(h1: &H1, headers: &Headers, status: u16, head: &[u8], consumed: usize) -> Self {
        assert_eq!(h1.status(), status);
        assert!(status == 101 || (200..1000).contains(&status));
        let token = match head.get(5..8) {
            Some(b"1.0") => Token::HTTP1_0,
            _ => Token::HTTP,
        };
        let line = headers.by_token(token).next().expect("the status line");
        assert!(line.starts_with(status.to_string().as_bytes()));
        let fields: Vec<_> = headers
            .iter()
            .map(|(n, v)| (n.to_vec(), v.to_vec()))
            .collect();
        assert!(fields.len() <= MOST_FIELDS && headers.names().count() == fields.len());
        let text: usize = fields.iter().map(|(n, v)| n.len() + v.len() + 2).sum();
        assert!(line.len() + text < head.len(), "more fields than head");
        for (name, value) in &fields {
            assert!(!name.is_empty() && name.iter().all(|b| is_tchar(*b)));
            assert!(is_one_line(value) && value.trim_ascii() == value);
            assert!(
                headers
                    .by_name(&name.to_ascii_uppercase())
                    .any(|v| v == value)
            );
        }
        assert!(is_one_line(line));
        Self {
            status,
            consumed,
            line: line.to_vec(),
            fields,
            length: h1.body_length(),
        }
    }
}

fn is_one_line(text: &[u8]) -> bool {
    !text.iter().any(|b| matches!(b, b'\r' | b'\n' | 0))
}

/// What came of a body.
#[derive(Debug, Default, PartialEq)]
struct Content {
    payload: Vec<u8>,
    eaten: usize,
    fault: Option<Fault>,
    done: bool,
    /// What the peer's hanging up after that came to, when it was a fault.
    at_eof: Option<Fault>,
}

impl Content {
    fn read(h1: &mut H1, data: &[u8], split: Split) -> Self {
        Self::read_on(h1, data, 0, split)
    }

    /// `seen` of it came with the head.
    fn read_on(h1: &mut H1, data: &[u8], mut seen: usize, mut split: Split) -> Self {
        let mut content = Self::default();
        while content.fault.is_none() && !h1.body_done() {
            let rx = &data[content.eaten..seen];
            if content.eat(h1, rx) == 0 && content.fault.is_none() {
                assert!(rx.is_empty() || h1.body_done(), "it neither eats nor ends");
                if seen == data.len() {
                    break;
                }
                seen += split.more(data.len() - seen);
            }
        }
        if content.fault.is_some() {
            content.eaten = 0; // how much before it is the pieces' affair
        }
        content.done = h1.body_done();
        if content.done {
            assert_eq!(h1.handle_body(b"x"), Ok(Piece::default()));
        }
        if content.fault.is_none() && !content.done {
            content.at_eof = h1.handle_eof().err();
        }
        content
    }

    /// How much was eaten.
    fn eat(&mut self, h1: &mut H1, rx: &[u8]) -> usize {
        let direct = h1.body_direct();
        let piece = match h1.handle_body(rx) {
            Ok(piece) => piece,
            Err(fault) => {
                assert!(matches!(fault, Fault::Peer(_)));
                self.fault = Some(fault);
                return 0;
            }
        };
        let eaten = piece.skip + piece.take;
        assert!(eaten <= rx.len());
        if let Some(direct) = direct {
            let certain = usize::try_from(direct).map_or(rx.len(), |n| n.min(rx.len()));
            assert!(piece.skip == 0 && piece.take >= certain);
        }
        self.payload.extend_from_slice(&rx[piece.skip..eaten]);
        self.eaten += eaten;
        eaten
    }

    fn as_plain(&self) -> Plain {
        let payload = self.payload.clone();
        match (self.fault, self.done) {
            (Some(_), _) => Plain::Malformed { payload },
            (None, true) => Plain::Whole {
                payload,
                eaten: self.eaten,
            },
            (None, false) => Plain::Short { payload },
        }
    }
}

/// What the machine says of itself.
const LONGEST: usize = 64 * 1024;
const MOST_FIELDS: usize = 128;

/// Twice what one head can be, as vectors grow.
const MOST_HELD: usize = 2 * (LONGEST + MOST_FIELDS * 16);

/// Shorter than every limit on what a chunked body may have beside its payload.
const SHORT: usize = 16 * 1024;
