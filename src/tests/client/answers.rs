//! The only place that has what a fuzzed client's peers say: whole answers that tell whose they are, and pieces of others.

use crate::proto::h2::by_hand::*;
use crate::tests::peer::Socket;

/// What a socket's peer has said so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    /// Over h1, whole answers; more than anybody asks when no other may follow.
    answers: usize,
    /// Over h2, the streams that were answered.
    streams: Vec<u32>,
    /// Its first SETTINGS.
    greeted: bool,
    /// What is no answer to anybody: nothing can be said about contents any more.
    pub(super) nonsense: bool,
}

impl Said {
    /// An answer to one that the peer has read; its content is the path.
    pub(super) fn answer(&mut self, socket: &mut Socket, form: u8) {
        let whole = match is_h2(socket) {
            true => self.answer_h2(&socket.sent, form),
            false => self.answer_h1(&socket.sent, form),
        };
        let (first, second) = whole.split_at(whole.len() * usize::from(form >> 4) / 15);
        for piece in [first, second] {
            if !piece.is_empty() {
                socket.says(piece);
            }
        }
    }

    /// A proxy that is asked for a tunnel makes it, and then is nobody.
    pub(super) fn make_tunnel(&mut self, socket: &mut Socket, cut: usize) {
        const YES: &str = "HTTP/1.1 200 OK\r\n\r\n";
        if socket.sent.starts_with(b"CONNECT ") && socket.sent.ends_with(b"\r\n\r\n") {
            socket.sent.clear();
            let (first, second) = YES.split_at(1 + cut * 2);
            socket.says(first);
            socket.says(second);
        }
    }

    pub(super) fn greet(&mut self, socket: &mut Socket) {
        if is_h2(socket) && !self.greeted {
            self.greeted = true;
            socket.says(settings(&[]));
        }
    }

    fn answer_h1(&mut self, sent: &[u8], form: u8) -> Vec<u8> {
        let Some((path, is_head)) = nth_request(sent, self.answers) else {
            return Vec::new();
        };
        let (whole, is_last) = h1_answer(&path, is_head, form);
        self.answers = if is_last {
            usize::MAX
        } else {
            self.answers + 1
        };
        whole.into_bytes()
    }

    /// Not always the oldest: streams are answered in any order.
    fn answer_h2(&mut self, sent: &[u8], form: u8) -> Vec<u8> {
        let mut asked = requests(sent);
        asked.retain(|asked| !self.streams.contains(&asked.stream));
        let Some(nth) = usize::from(form).checked_rem(asked.len()) else {
            return Vec::new();
        };
        let asked = asked.swap_remove(nth);
        self.streams.push(asked.stream);
        h2_answer(&asked, form)
    }
}

/// The client greeted it so.
pub(super) fn is_h2(socket: &Socket) -> bool {
    socket.sent.starts_with(b"PRI * HTTP/2.0")
}

/// Of the requests that a peer has read: the path of one, and whether it was a HEAD.
fn nth_request(sent: &[u8], nth: usize) -> Option<(String, bool)> {
    let text = str::from_utf8(sent).expect("requests are text");
    let lines = text.split("\r\n");
    let mut lines = lines.filter_map(|line| line.strip_suffix(" HTTP/1.1"));
    let (method, path) = lines.nth(nth)?.rsplit_once(' ')?;
    Some((path.to_owned(), method.ends_with("HEAD")))
}

/// A request on a stream.
struct Asked {
    stream: u32,
    path: String,
    is_head: bool,
}

/// The requests in what a client has sent since it began; what is not there whole is left out.
fn requests(sent: &[u8]) -> Vec<Asked> {
    let mut reader = FieldReader::new();
    let (mut asked, mut block) = (Vec::new(), Vec::new());
    let mut rest = sent.strip_prefix(PREFACE).unwrap_or_default();
    while let Some((frame, after)) = cut(rest) {
        rest = after;
        if !matches!(frame.kind, Kind::Headers | Kind::Continuation) {
            continue;
        }
        block.extend_from_slice(&frame.payload);
        if frame.has(END_HEADERS) {
            let fields = reader.read(&std::mem::take(&mut block));
            let value = |name| {
                fields
                    .iter()
                    .find(|(n, _)| n == name)
                    .map(|(_, value)| value)
            };
            asked.push(Asked {
                stream: frame.stream,
                path: value(":path").cloned().unwrap_or_default(),
                is_head: value(":method").is_some_and(|method| method == "HEAD"),
            });
        }
    }
    asked
}

/// With this content, and whether no other may follow it.
fn h1_answer(path: &str, is_head: bool, form: u8) -> (String, bool) {
    let len = path.len();
    let (fields, body) = match form & 7 {
        0 | 1 => (format!("Content-Length: {len}"), path.to_owned()),
        2 => (
            CHUNKED.to_owned(),
            format!("{len:x}\r\n{path}\r\n0\r\n\r\n"),
        ),
        3 => (
            format!("Connection: close\r\nContent-Length: {len}"),
            path.to_owned(),
        ),
        4 => ("Server: until-the-end".to_owned(), path.to_owned()),
        5 => (format!("Content-Length: {len}"), format!("{path}/surplus")),
        6 => ("Content-Length: 40".to_owned(), path.to_owned()),
        _ => (CHUNKED.to_owned(), "2\r\n".to_owned()),
    };
    let interim = match form & 8 {
        0 => "",
        _ => "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
    };
    let body = if is_head { String::new() } else { body };
    let whole = format!("{interim}HTTP/1.1 200 OK\r\n{fields}\r\n\r\n{body}");
    (whole, form & 7 > 2)
}

fn h2_answer(asked: &Asked, form: u8) -> Vec<u8> {
    let (stream, path) = (asked.stream, asked.path.as_bytes());
    let length = asked.path.len().to_string();
    let head = |end| response(stream, &[(":status", "200")], end);
    let head_with_length = || {
        response(
            stream,
            &[(":status", "200"), ("content-length", &length)],
            false,
        )
    };
    let content = |end| data(stream, path, end);
    let frames = match form & 7 {
        _ if asked.is_head => vec![head(true)],
        0 => vec![head_with_length(), content(true)],
        1 => vec![head(false), content(false), data(stream, b"", true)],
        2 => vec![
            head(false),
            content(false),
            response(stream, &[("x-sum", "1")], true),
        ],
        3 => vec![head_with_length(), content(true), goaway(stream, 0)],
        4 => vec![head(false), content(false)],
        5 => vec![
            head_with_length(),
            content(false),
            word(stream, RST_STREAM, 2),
        ],
        6 => vec![word(stream, RST_STREAM, 7)],
        _ => vec![head(false), content(true), word(stream, RST_STREAM, 0)],
    };
    let interim = match form & 8 {
        0 => Vec::new(),
        _ => response(stream, &[(":status", "103"), ("link", "</a>")], false),
    };
    [interim, frames.concat()].concat()
}

/// What an h2 server may say at any time.
pub(super) fn h2_saying(nth: u8, number: u8) -> Vec<u8> {
    let n = u32::from(number);
    match nth % 11 {
        0 => settings(&[]),
        1 => settings(&[(3, n)]),
        2 => settings(&[(4, n)]),
        3 => settings(&[(4, 65_535), (3, 100)]),
        4 => goaway(n.saturating_mul(2).saturating_sub(1), n % 14),
        5 => goaway(u32::MAX >> 1, 0),
        6 => word(0, WINDOW_UPDATE, n + 1),
        7 => word(2 * (n % 8) + 1, WINDOW_UPDATE, 1000),
        8 => word(2 * (n % 8) + 1, RST_STREAM, n >> 3 & 15),
        9 => {
            // To itself: its content stays what it was.
            let fields = [(":status", "302"), ("location", "#")];
            response(2 * (n % 8) + 1, &fields, n >> 3 & 1 == 0)
        }
        _ => frame(PING, 0, 0, b"are you?"),
    }
}

pub(super) const SAYINGS: [&[u8]; 10] = [
    b"HTTP/1.1 ",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"HTTP/1.0 200 OK\r\n\r\nuntil the end",
    b"\r\n\r\n",
    b"5\r\nabcde\r\n0\r\n\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 2\r\n\r\nno",
    b"HTTP/1.1 307 Again\r\nLocation: //b.test/\r\nConnection: close\r\n\r\n",
];

const CHUNKED: &str = "Transfer-Encoding: chunked";
