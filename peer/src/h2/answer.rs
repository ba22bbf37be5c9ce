//! The only place that decides what an h2 request gets: the first word of its path names the behaviour. A query is ignored.
//!
//! As over h1, from `plain.rs`: the path itself when nothing else is said, `len/N`, `echo`, `headers`, `set/NAME/VALUE`,
//! `cl0`, `early`, `status/N`, `redirect/...`. These and all others that are "normal" carry `content-length`, `x-nth` (the
//! request's number on its connection), `x-stream` and `x-conn`. The body of `headers` has `name: value` and CR LF for each
//! field, pseudo fields included.
//!
//! As over h1, in frames:
//! - `204`, `304`: no body. `100`, `101`, `103`: an interim head, then a normal answer.
//! - `chunked/5,6,7`: DATA frames of those sizes, no content-length. `trailers`: `hello`, then trailers.
//! - `gate/NAME`: waits, then answers. `headthengate/NAME`: HEADERS and half of 10 bytes, waits, the rest.
//! - `mute`: nothing, ever. `slow`: one byte a DATA frame, one frame a write.
//! - `die`, `rst`: FIN or RST of the connection before a byte; `die/body` after half of the body, `die/halfhead` inside of
//!   the HEADERS frame. `dieonreuse`: dies unless it is the connection's first request.
//! - `idleclose`, `idleclosegate/NAME`: a normal answer, then the connection is closed.
//! - `manyfields/N`: N fields more.
//!
//! Of h2 alone (those marked with a star do not wait for the request's body):
//! - `rststream/CODE`*: RST_STREAM and no answer. `rstmid/CODE`*: after HEADERS and half of the body. `rstafter/CODE`*: after
//!   a whole answer with END_STREAM. `h11`*: RST_STREAM HTTP_1_1_REQUIRED.
//! - `refuse/N`*: RST_STREAM REFUSED_STREAM for the first N requests with this very target, then normal.
//! - `goaway`: a normal answer, then GOAWAY with this stream as the last. `goaway0/CODE`*: GOAWAY with last stream 0, no
//!   answer, then closes. `graceful`: GOAWAY 2^31-1, a normal answer, GOAWAY with this stream.
//! - `padded/N/PAD`: N bytes in DATA frames with PAD (100) bytes of padding each. `chunk/K/N`: N bytes, K in a frame.
//! - `continuation/N`: the header block goes on over N CONTINUATION frames. `bigfield/N`: a field of N bytes.
//! - `push`: PUSH_PROMISE of /pushed and RST_STREAM CANCEL of it, then a normal answer.
//! - `raw/HEX`: these bytes on the wire; SSSSSSSS in them is this stream's number. `flood/N/HEX/FIRST`: the bytes FIRST, and
//!   then N times HEX.

use super::frame::{HTTP_1_1_REQUIRED, Kind, MAX_STREAM, NO_ERROR, REFUSED_STREAM, put_block};
use super::hpack;
use super::stream::{Data, Step};
use crate::answer::Next;
use crate::plain::{Plain, Words, pattern};
use crate::tally::Tally;
use std::collections::VecDeque;

/// A request, and where it came.
pub(super) struct Ask<'a> {
    pub(super) conn: usize,
    pub(super) nth: usize,
    pub(super) stream: u32,
    pub(super) method: &'a str,
    pub(super) target: &'a str,
    pub(super) host: &'a str,
    pub(super) head: &'a [u8],
    pub(super) body: Vec<u8>,
    pub(super) tally: &'a Tally,
}

/// Answers that do not wait for the end of the request.
pub(super) fn is_at_once(target: &str) -> bool {
    let words = [
        "early",
        "rststream",
        "rstmid",
        "rstafter",
        "refuse",
        "h11",
        "goaway0",
    ];
    words.contains(&Words::of(target).word(0))
}

/// Answers that are made of the request's body.
pub(super) fn needs_body(target: &str) -> bool {
    Words::of(target).word(0) == "echo"
}

pub(super) fn script(mut ask: Ask<'_>) -> VecDeque<Step> {
    let words = Words::of(ask.target);
    let body = std::mem::take(&mut ask.body);
    let this = |code| Step::Goaway {
        last: ask.stream,
        code,
    };
    let steps = match words.word(0) {
        "204" | "304" => vec![bare(words.number(0))],
        "100" | "101" | "103" => then(vec![interim(words.number(0))], ask.normal()),
        "chunked" => chunked(words.word(1)),
        "trailers" => trailers(),
        "gate" => then(vec![Step::Gate(words.word(1).into())], ask.normal()),
        "headthengate" => ask.head_then_gate(words.word(1)),
        "mute" => Vec::new(),
        "slow" => ask.whole(Plain::ok(ask.target), |d| (d.most, d.slow) = (1, true)),
        "die" | "rst" => ask.die(&words),
        "dieonreuse" if ask.nth > 1 => vec![Step::End(Next::Drop)],
        "idleclose" => then(ask.normal(), vec![Step::End(Next::Close)]),
        "idleclosegate" => {
            let gate = Step::Gate(words.word(1).into());
            then(ask.normal(), vec![gate, Step::End(Next::Close)])
        }
        "manyfields" | "bigfield" => ask.large(&words),
        "rststream" => vec![Step::Reset(words.number(1))],
        "rstmid" => then(ask.half(), vec![Step::Reset(words.number(1))]),
        "rstafter" => then(ask.normal(), vec![Step::Reset(words.number(1))]),
        "h11" => vec![Step::Reset(HTTP_1_1_REQUIRED)],
        "refuse" if ask.tally.quietly(|c| c.h2.seen(ask.target)) <= words.number(1) => {
            vec![Step::Reset(REFUSED_STREAM)]
        }
        "goaway" => then(ask.normal(), vec![this(NO_ERROR)]),
        "goaway0" => vec![Step::Leave(words.number(1))],
        "graceful" => {
            let notice = Step::Goaway {
                last: MAX_STREAM,
                code: NO_ERROR,
            };
            then(then(vec![notice], ask.normal()), vec![this(NO_ERROR)])
        }
        "padded" => {
            let pad = words.word(2).parse().unwrap_or(100);
            ask.whole(Plain::ok(pattern(words.number(1))), |d| d.pad = Some(pad))
        }
        "chunk" => {
            let most = words.number::<usize>(1).max(1);
            ask.whole(Plain::ok(pattern(words.number(2))), |d| d.most = most)
        }
        "continuation" => ask.continued(words.number(1)),
        "push" => then(vec![ask.push()], ask.normal()),
        "raw" => ask.raw(words.word(1)),
        "flood" => {
            let again = words.word(2).repeat(words.number(1));
            ask.raw(&(words.word(3).to_owned() + &again))
        }
        _ => ask.whole(Plain::of(&words, ask.target, ask.head, body), |_| {}),
    };
    steps.into()
}

impl Ask<'_> {
    fn normal(&self) -> Vec<Step> {
        self.whole(Plain::ok(self.target), |_| {})
    }

    /// HEADERS, and DATA that is bent before it goes out. A HEAD request gets no DATA, and nothing else does without a body.
    fn whole(&self, plain: Plain, bend: impl FnOnce(&mut Data)) -> Vec<Step> {
        let plain = plain.with("x-nth", self.nth);
        let plain = plain.with("x-stream", self.stream);
        let plain = plain.with("x-conn", self.conn);
        let length = ("content-length".into(), plain.body.len().to_string());
        let mut fields = status(plain.status);
        fields.push(length);
        fields.extend(plain.fields);
        let mut data = Data::new(plain.body);
        bend(&mut data);
        let end = self.method == "HEAD" || (data.left() == 0 && data.pad.is_none());
        let mut out = vec![head(fields, end)];
        out.extend((!end).then_some(Step::Data(data)));
        out
    }

    /// A head that promises twice as much as comes.
    fn half(&self) -> Vec<Step> {
        let length = (2 * self.target.len()).to_string();
        let mut fields = status(200);
        fields.push(("content-length".into(), length));
        let mut data = Data::new(self.target);
        data.end = false;
        vec![head(fields, false), Step::Data(data)]
    }

    fn head_then_gate(&self, gate: &str) -> Vec<Step> {
        let mut fields = status(200);
        fields.push(("content-length".into(), "10".into()));
        let (mut first, gate) = (Data::new("01234"), Step::Gate(gate.into()));
        first.end = false;
        let rest = Step::Data(Data::new("56789"));
        vec![head(fields, false), Step::Data(first), gate, rest]
    }

    fn die(&self, words: &Words<'_>) -> Vec<Step> {
        let end = match words.word(0) {
            "rst" => Step::End(Next::Reset),
            _ => Step::End(Next::Drop),
        };
        let before = match words.word(1) {
            "body" => self.half(),
            "halfhead" => vec![Step::Bytes(self.half_head())],
            _ => Vec::new(),
        };
        then(before, vec![end])
    }

    fn half_head(&self) -> Vec<u8> {
        let (mut block, mut out) = (Vec::new(), Vec::new());
        hpack::encode(&mut block, ":status", "200");
        hpack::encode(&mut block, "x-half", self.target);
        let whole = (usize::MAX, 0);
        put_block(&mut out, Kind::Headers, true, self.stream, &block, whole);
        out.truncate(out.len() - self.target.len());
        out
    }

    fn large(&self, words: &Words<'_>) -> Vec<Step> {
        let n = words.number::<usize>(1);
        let plain = Plain::ok(self.target);
        let plain = match words.word(0) {
            "bigfield" => plain.with("x-big", "b".repeat(n)),
            _ => (0..n).fold(plain, |p, i| p.with(&format!("x-f{i}"), i)),
        };
        self.whole(plain, |_| {})
    }

    fn continued(&self, n: usize) -> Vec<Step> {
        let mut steps = self.normal();
        if let Some(Step::Head { more, .. }) = steps.first_mut() {
            *more = n;
        }
        steps
    }

    fn push(&self) -> Step {
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Step::Push(vec![
            field(":method", "GET"),
            field(":scheme", "https"),
            field(":authority", self.host),
            field(":path", "/pushed"),
        ])
    }

    fn raw(&self, hex: &str) -> Vec<Step> {
        let hex = hex.replace("SSSSSSSS", &format!("{:08x}", self.stream));
        let digits: Option<Vec<u8>> = hex.chars().map(digit).collect();
        let Some(digits) = digits.filter(|d| d.len() % 2 == 0) else {
            let plain = Plain {
                status: 400,
                ..Plain::ok("this is no hex")
            };
            return self.whole(plain, |_| {});
        };
        let pairs = digits.as_chunks::<2>().0;
        let bytes = pairs.iter().map(|[high, low]| high << 4 | low);
        vec![Step::Bytes(bytes.collect())]
    }
}

fn digit(c: char) -> Option<u8> {
    c.to_digit(16).map(|d| d as u8)
}

fn then(mut first: Vec<Step>, rest: Vec<Step>) -> Vec<Step> {
    first.extend(rest);
    first
}

fn status(status: u16) -> Vec<(String, String)> {
    vec![(":status".into(), format!("{status:03}"))]
}

fn head(fields: Vec<(String, String)>, end: bool) -> Step {
    Step::Head {
        fields,
        end,
        more: 0,
    }
}

/// A status that has no body; 304 tells the length that it would have had.
fn bare(code: u16) -> Step {
    let mut fields = status(code);
    if code == 304 {
        fields.push(("content-length".into(), "1000".into()));
    }
    head(fields, true)
}

fn interim(code: u16) -> Step {
    let mut fields = status(code);
    if code == 103 {
        fields.push(("link".into(), "</style.css>; rel=preload".into()));
    }
    head(fields, false)
}

fn trailers() -> Vec<Step> {
    let mut data = Data::new("hello");
    data.end = false;
    let last = [("x-trailer", "1"), ("x-more", "2")];
    let last = last.map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec();
    vec![head(status(200), false), Step::Data(data), head(last, true)]
}

/// "5,6,7": three frames of those sizes, their bytes one running pattern.
fn chunked(sizes: &str) -> Vec<Step> {
    let sizes: Vec<usize> = sizes.split(',').filter_map(|s| s.parse().ok()).collect();
    let all = pattern(sizes.iter().sum());
    let mut rest = all.as_slice();
    let mut out = vec![head(status(200), sizes.is_empty())];
    for (i, size) in sizes.iter().enumerate() {
        let (piece, after) = rest.split_at_checked(*size).unwrap_or((rest, &[]));
        let mut data = Data::new(piece);
        data.end = i + 1 == sizes.len();
        out.push(Step::Data(data));
        rest = after;
    }
    out
}
