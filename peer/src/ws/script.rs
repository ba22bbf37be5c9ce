//! The only place that reads what a `/ws/...` target asks for: its kind, its steps and its options. The grammar is in `mod.rs`.

use super::frame::{BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, TEXT};
use crate::plain::pattern;
use std::collections::VecDeque;

/// One thing that the server does on an open WebSocket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Compressed when that is agreed, in as many frames.
    Message {
        op: u8,
        payload: Vec<u8>,
        frames: usize,
    },
    /// As it is; the first byte has FIN and the opcode.
    Frame(u8, Vec<u8>),
    Raw(Vec<u8>),
    /// A compressed message of that many MiB of zeros.
    Bomb(usize),
    /// Compress the messages that follow?
    Zip(bool),
    Writes(Writes),
    Wait(String),
    /// Reads nothing meanwhile.
    Deaf(String),
    /// Until so many frames came on this connection.
    Recv(usize),
    AwaitClose,
    /// Until the client ends the connection.
    Hold,
    /// Ends our side; with close_notify on TLS, or not.
    Fin(bool),
    Reset(u32),
}

/// How bytes become writes; on h2, DATA frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writes {
    /// One a step.
    Whole,
    /// One for all that can go before the next wait; the mode after that.
    Glued { once: bool },
    /// Of so many bytes at most.
    Cut(usize),
}

/// A step, and how often.
pub(super) type Script = VecDeque<(Step, usize)>;

#[derive(Debug)]
pub(super) struct Ask {
    pub(super) echo: bool,
    pub(super) script: Script,
    pub(super) options: Options,
}

/// What is asked of the handshake, and of the whole connection.
#[derive(Default, Debug, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) accept: Option<String>,
    pub(super) protocol: Option<String>,
    pub(super) ext: Option<String>,
    /// The parameters that permessage-deflate is answered with; nothing for those that the offer suggests.
    pub(super) deflate: Option<String>,
    /// And the Location.
    pub(super) status: Option<(u16, Option<String>)>,
    pub(super) upgrade: Option<String>,
    pub(super) connection: Option<String>,
    pub(super) extra: Vec<(String, String)>,
    pub(super) wait: Option<String>,
    pub(super) split: bool,
    pub(super) glue: bool,
    pub(super) half: bool,
    pub(super) mute: bool,
    pub(super) no_pong: bool,
}

impl Ask {
    /// What is wrong with it, when something is.
    pub(super) fn parse(target: &str) -> Result<Self, String> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut words = path.split('/').skip(2);
        let kind = words.next().unwrap_or("");
        let mut options = Options::default();
        let echo = match kind {
            "echo" => true,
            "send" => false,
            "deflate" => {
                options.deflate = Some(String::new());
                true
            }
            _ => return Err(format!("no kind '{kind}'")),
        };
        for word in query.split('&').filter(|w| !w.is_empty()) {
            options
                .set(word)
                .ok_or_else(|| format!("no option '{word}'"))?;
        }
        let words = words.filter(|w| !w.is_empty());
        let steps = words.map(|w| times(w).ok_or_else(|| format!("no step '{w}'")));
        let script = steps.collect::<Result<_, _>>()?;
        Ok(Self {
            echo,
            script,
            options,
        })
    }
}

impl Options {
    fn set(&mut self, word: &str) -> Option<()> {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        let value = text(value)?;
        match key {
            "accept" => self.accept = Some(value),
            "protocol" => self.protocol = Some(value),
            "ext" => self.ext = Some(value),
            "deflate" => self.deflate = Some(value),
            "status" => {
                let (code, location) = match value.split_once(':') {
                    Some((code, location)) => (code, Some(location.to_owned())),
                    None => (value.as_str(), None),
                };
                self.status = Some((code.parse().ok()?, location));
            }
            "upgrade" => self.upgrade = Some(value),
            "connection" => self.connection = Some(value),
            "extra" => {
                let (name, value) = value.split_once(':')?;
                self.extra.push((name.to_owned(), value.to_owned()));
            }
            "wait" => self.wait = Some(value),
            "split" => self.split = true,
            "glue" => self.glue = true,
            "half" => self.half = true,
            "mute" => self.mute = true,
            "pong" if value == "none" => self.no_pong = true,
            _ => return None,
        }
        Some(())
    }
}

/// `STEP*N`.
fn times(word: &str) -> Option<(Step, usize)> {
    let number = |(step, n): (_, &str)| Some((step, n.parse().ok()?));
    match word.rsplit_once('*').and_then(number) {
        Some((word, n)) => Some((step(word)?, n)),
        None => Some((step(word)?, 1)),
    }
}

fn step(word: &str) -> Option<Step> {
    let (name, rest) = word.split_once(':').unwrap_or((word, ""));
    let bytes = bytes(rest)?;
    let n = rest.parse().ok();
    Some(match name {
        "text" => message(TEXT, bytes, 1),
        "textlen" => message(TEXT, pattern(n?), 1),
        "data" => message(BINARY, bytes, 1),
        "bin" => message(BINARY, pattern(n?), 1),
        "frag" | "fragtext" => {
            let (frames, size) = rest.split_once('x')?;
            let (frames, size) = (frames.parse().ok()?, size.parse::<usize>().ok()?);
            let op = if name == "frag" { BINARY } else { TEXT };
            message(op, pattern(size.checked_mul(frames)?), frames.max(1))
        }
        "first" => Step::Frame(TEXT, bytes),
        "firstbin" => Step::Frame(BINARY, bytes),
        "cont" => Step::Frame(CONTINUATION, bytes),
        "last" => Step::Frame(FIN | CONTINUATION, bytes),
        "ping" => Step::Frame(FIN | PING, bytes),
        "pong" => Step::Frame(FIN | PONG, bytes),
        "close" => close(rest)?,
        "hex" => Step::Raw(hex(rest)?),
        "fill" => Step::Raw(pattern(n?)),
        "bomb" => Step::Bomb(n?),
        "zip" => Step::Zip(true),
        "plain" => Step::Zip(false),
        "whole" => Step::Writes(Writes::Whole),
        "glue" => Step::Writes(Writes::Glued { once: false }),
        "split" => Step::Writes(Writes::Cut(1)),
        "chunk" => Step::Writes(Writes::Cut(n.filter(|n| *n > 0)?)),
        "wait" => Step::Wait(text(rest)?),
        "deaf" => Step::Deaf(text(rest)?),
        "recv" => Step::Recv(n?),
        "await-close" => Step::AwaitClose,
        "hold" => Step::Hold,
        "fin" => Step::Fin(true),
        "cut" => Step::Fin(false),
        "rst" if rest.is_empty() => Step::Reset(8),
        "rst" => Step::Reset(rest.parse().ok()?),
        _ => return None,
    })
}

fn message(op: u8, payload: Vec<u8>, frames: usize) -> Step {
    Step::Message {
        op,
        payload,
        frames,
    }
}

/// `CODE:REASON`, `CODE`, or nothing.
fn close(rest: &str) -> Option<Step> {
    let (code, reason) = rest.split_once(':').unwrap_or((rest, ""));
    let mut payload = Vec::new();
    if !code.is_empty() {
        payload.extend(code.parse::<u16>().ok()?.to_be_bytes());
        payload.extend(bytes(reason)?);
    }
    Some(Step::Frame(FIN | CLOSE, payload))
}

fn text(escaped: &str) -> Option<String> {
    String::from_utf8(bytes(escaped)?).ok()
}

/// Without percent encoding.
fn bytes(escaped: &str) -> Option<Vec<u8>> {
    let mut parts = escaped.split('%');
    let mut out = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        out.extend(hex(digits)?);
        out.extend_from_slice(rest.as_bytes());
    }
    Some(out)
}

fn hex(digits: &str) -> Option<Vec<u8>> {
    let digit = |c: char| c.to_digit(16).map(|d| d as u8);
    let digits: Vec<u8> = digits.chars().map(digit).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| high << 4 | low);
    rest.is_empty().then(|| bytes.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(path: &str) -> Vec<(Step, usize)> {
        let ask = Ask::parse(&format!("/ws/send/{path}"));
        ask.expect("a script").script.into()
    }

    #[test]
    fn steps_are_words_with_arguments_and_a_number_of_times() {
        let frame = |first, bytes: &[u8]| Step::Frame(first, bytes.to_vec());
        let got = script("text:a%2Fb*c/ping:x*1000/close:1000:bye/close/hex:81ff/rst:2/frag:2x3");
        let expected = [
            (message(TEXT, b"a/b*c".to_vec(), 1), 1),
            (frame(0x89, b"x"), 1000),
            (frame(0x88, b"\x03\xe8bye"), 1),
            (frame(0x88, b""), 1),
            (Step::Raw(vec![0x81, 0xff]), 1),
            (Step::Reset(2), 1),
            (message(BINARY, b"abcdef".to_vec(), 2), 1),
        ];
        assert_eq!(got, expected);
        assert_eq!(script("wait:g")[0].0, Step::Wait("g".into()));
        assert_eq!(
            script("text:%ff")[0],
            (message(TEXT, b"\xff".to_vec(), 1), 1)
        );
    }

    #[test]
    fn options_stand_in_the_query() {
        let target = "/ws/echo?status=302:http%3A//h/ws&extra=A:b&extra=C:d=e&split&protocol=none";
        let o = Ask::parse(target).expect("good").options;
        assert_eq!(o.status, Some((302, Some("http://h/ws".into()))));
        let extra = [("A", "b"), ("C", "d=e")].map(|(n, v)| (n.into(), v.into()));
        assert_eq!(o.extra, extra);
        assert!(o.split && !o.glue && o.protocol.as_deref() == Some("none"));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (target, why) in [
            ("/ws/tea", "no kind 'tea'"),
            ("/ws/echo?x=1", "no option 'x=1'"),
            ("/ws/send/hex:8", "no step 'hex:8'"),
            ("/ws/send/jump", "no step 'jump'"),
            ("/ws/send/chunk:0", "no step 'chunk:0'"),
        ] {
            assert_eq!(Ask::parse(target).expect_err(why), why);
        }
    }
}
