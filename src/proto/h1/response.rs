//! The only place that reads an h1 response head, and decides from it what body follows and what becomes of the
//! connection (RFC 9112 §6.3, §9.3).

use std::mem::MaybeUninit;

use super::Asked;
use crate::proto::Fault;
use crate::proto::headers::Headers;
use crate::proto::tokens::Token;

/// A head that was read whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct ResponseHead {
    /// Bytes of it, the blank line included.
    pub(super) consumed: usize,
    pub(super) status: u16,
    pub(super) framing: Framing,
    /// As content-length says it, also where no body comes (HEAD, 304).
    pub(super) length: Option<u64>,
    /// The connection may carry another exchange after this one.
    pub(super) keep_alive: bool,
}

/// How the end of the body is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    NoBody,
    Length(u64),
    Chunked,
    UntilClose,
}

/// How far the search for a head's end has come.
///
/// Most heads arrive whole, so the first look parses at once. When that finds the head incomplete, later looks only
/// search the new bytes for the blank line, and parse again when it is there: twice at most, however slow the peer.
#[derive(Debug, Default)]
pub(super) struct Search {
    parsed_once: bool,
    /// No head ends before this.
    scanned: usize,
}

impl Search {
    /// The head at the start of `rx`, its fields put into `into`, or None when more bytes are needed. Interim (1xx)
    /// heads leave `into` empty.
    pub(super) fn read(
        &mut self,
        rx: &[u8],
        asked: Asked,
        into: &mut Headers,
    ) -> Result<Option<ResponseHead>, Fault> {
        check_start(rx)?;
        let window = rx.get(..MAX_HEAD).unwrap_or(rx);
        let may_be_whole = !self.parsed_once || self.find_end(window);
        if may_be_whole {
            if let Some(head) = parse(window, asked, into)? {
                return Ok(Some(head));
            }
            if self.parsed_once || self.find_end(window) {
                // The blank line is there, but not where the parser would end the head.
                return Err(Fault::Peer(
                    "problems parsing header: a blank line inside it",
                ));
            }
            self.parsed_once = true;
        }
        if window.len() == MAX_HEAD {
            return Err(Fault::Peer(
                "problems parsing header: the response head is larger than 64 KiB",
            ));
        }
        Ok(None)
    }

    /// Looks for a blank line in what was not looked at before. Lines may end with LF alone (RFC 9112 §2.2).
    fn find_end(&mut self, rx: &[u8]) -> bool {
        while let Some(rest) = rx.get(self.scanned..) {
            let Some(lf) = rest.iter().position(|b| *b == b'\n') else {
                self.scanned = rx.len();
                return false;
            };
            self.scanned += lf;
            match rx.get(self.scanned + 1..).unwrap_or_default() {
                [b'\n', ..] | [b'\r', b'\n', ..] => return true,
                [] | [b'\r'] => return false, // undecided: this LF is looked at again
                _ => self.scanned += 1,
            }
        }
        false
    }
}

/// Tells a peer that does not speak HTTP at its first bytes: it may never send the blank line.
fn check_start(rx: &[u8]) -> Result<(), Fault> {
    const START: &[u8] = b"HTTP/1.";
    let seen = rx.get(..START.len()).unwrap_or(rx);
    if !START.starts_with(seen) {
        return Err(Fault::Peer(
            "problems parsing header: the response does not begin with HTTP/1; \
             check the port, and whether the server wants TLS there",
        ));
    }
    Ok(())
}

fn parse(rx: &[u8], asked: Asked, into: &mut Headers) -> Result<Option<ResponseHead>, Fault> {
    // Uninitialised: setting up 128 of them would cost more than parsing a usual head.
    let mut fields = [const { MaybeUninit::<httparse::Header<'_>>::uninit() }; MAX_FIELDS];
    let mut response = httparse::Response::new(&mut []);
    let parsed = httparse::ParserConfig::default().parse_response_with_uninit_headers(
        &mut response,
        rx,
        &mut fields,
    );
    let consumed = match parsed {
        Ok(httparse::Status::Complete(consumed)) => consumed,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err(fault(error)),
    };
    let (Some(status @ 100..), Some(version)) = (response.code, response.version) else {
        return Err(Fault::Peer(
            "HS: :status missing: it is not between 100 and 999",
        ));
    };
    into.clear();
    let upgraded = status == 101 && asked == Asked::Upgrade;
    if status < 200 && !upgraded {
        return Ok(Some(interim(consumed, status)));
    }
    let block = rx.get(..consumed).unwrap_or(rx);
    let token = match version {
        0 => Token::HTTP1_0,
        _ => Token::HTTP,
    };
    let fields = response
        .headers
        .iter()
        .map(|f| (f.name.as_bytes(), f.value));
    let text = status_text(block, response.reason.unwrap_or_default());
    into.push_block(block, (token, text), fields.clone())?;
    if upgraded {
        return Ok(Some(interim(consumed, status)));
    }
    let connection = Connection::read(fields)?;
    connection
        .judge(consumed, status, version, asked == Asked::HeadOnly)
        .map(Some)
}

/// What the first line says after the version: "200 OK".
fn status_text<'a>(head: &'a [u8], reason: &str) -> &'a [u8] {
    let text = head.get("HTTP/1.1 ".len()..).unwrap_or_default();
    let end = match reason.len() {
        // None, or one that is not ASCII, which the parser keeps back.
        0 => text.iter().position(|b| matches!(b, b'\r' | b'\n')),
        len => Some("200 ".len() + len),
    };
    end.and_then(|end| text.get(..end)).unwrap_or_default()
}

fn interim(consumed: usize, status: u16) -> ResponseHead {
    ResponseHead {
        consumed,
        status,
        framing: Framing::NoBody,
        length: None,
        keep_alive: true,
    }
}

fn fault(error: httparse::Error) -> Fault {
    use httparse::Error;
    Fault::Peer(match error {
        Error::Status => "HS: :status missing: the status line is malformed",
        Error::Version => "problems parsing header: the version is neither HTTP/1.0 nor HTTP/1.1",
        Error::TooManyHeaders => "problems parsing header: more than 128 fields",
        Error::HeaderName => "problems parsing header: a malformed or folded field name",
        Error::HeaderValue => "problems parsing header: a control character in a field value",
        Error::NewLine => "problems parsing header: a CR without LF",
        Error::Token => "problems parsing header: a malformed token",
    })
}

/// What the fields say about framing and persistence.
#[derive(Debug, Default)]
struct Connection {
    length: Option<u64>,
    codings: Codings,
    close: bool,
    keep_alive: bool,
}

impl Connection {
    fn read<'a>(fields: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Result<Self, Fault> {
        let mut found = Self::default();
        for (name, value) in fields {
            if is(name, b"connection") {
                found.note_connection(value);
            } else if is(name, b"content-length") {
                // RFC 9112 §6.3: differing or malformed lengths are an unrecoverable error.
                found.length = Some(content_length(value, found.length).ok_or(Fault::Peer(
                    "problems parsing header: content-length is malformed or differs",
                ))?);
            } else if is(name, b"transfer-encoding") {
                found.codings.add(value);
            }
        }
        Ok(found)
    }

    fn note_connection(&mut self, value: &[u8]) {
        for option in elements(value) {
            self.close |= is(option, b"close");
            self.keep_alive |= is(option, b"keep-alive");
        }
    }

    fn judge(
        &self,
        consumed: usize,
        status: u16,
        version: u8,
        head_only: bool,
    ) -> Result<ResponseHead, Fault> {
        let framing = self.framing(status, head_only)?;
        Ok(ResponseHead {
            consumed,
            status,
            framing,
            length: self.length,
            keep_alive: self.persists(version)
                && framing != Framing::UntilClose
                && !self.odd(status, version),
        })
    }

    /// RFC 9112 §6.3, in its order.
    fn framing(&self, status: u16, head_only: bool) -> Result<Framing, Fault> {
        if head_only || matches!(status, 204 | 304) {
            return Ok(Framing::NoBody);
        }
        match (self.codings, self.length) {
            (Codings::Other, _) => Err(Fault::Peer(
                "HS: unsupported TE: the transfer-encoding is not chunked alone",
            )),
            (Codings::Chunked, Some(_)) => Err(Fault::Peer(
                "problems parsing header: both content-length and transfer-encoding",
            )),
            (Codings::Chunked, None) => Ok(Framing::Chunked),
            (Codings::Absent, Some(length)) => Ok(Framing::Length(length)),
            (Codings::Absent, None) => Ok(Framing::UntilClose),
        }
    }

    /// RFC 9112 §9.3
    fn persists(&self, version: u8) -> bool {
        !self.close && (version > 0 || self.keep_alive)
    }

    /// The response can be read, but the peer's idea of where it ends may be another: nothing may follow it.
    fn odd(&self, status: u16, version: u8) -> bool {
        let coded = self.codings != Codings::Absent;
        // RFC 9112 §6.1: a transfer-encoding in HTTP/1.0 makes the framing suspect.
        let coded_1_0 = coded && version == 0;
        let both = coded && self.length.is_some();
        let body_of_204 = status == 204 && (coded || self.length.is_some_and(|n| n > 0));
        coded_1_0 || both || body_of_204
    }
}

/// What all transfer-encoding fields of a message together say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Codings {
    #[default]
    Absent,
    Chunked,
    /// A coding we cannot undo, chunked twice, chunked not last, or an empty list.
    Other,
}

impl Codings {
    pub(super) fn add(&mut self, value: &[u8]) {
        let mut named = false;
        for coding in elements(value).filter(|e| !e.is_empty()) {
            named = true;
            *self = match self {
                Self::Absent if coding.eq_ignore_ascii_case(b"chunked") => Self::Chunked,
                _ => Self::Other,
            };
        }
        if !named {
            *self = Self::Other;
        }
    }
}

/// The number in a content-length field, or None when it is malformed or another than `before`.
///
/// RFC 9112 §6.3: a list of equal numbers counts as that number.
pub(super) fn content_length(value: &[u8], before: Option<u64>) -> Option<u64> {
    elements(value).try_fold(before, |before, element| {
        let length = decimal(element)?;
        before.is_none_or(|b| b == length).then_some(Some(length))
    })?
}

/// Whether a comma-separated list such as Connection has `token`; case does not matter.
pub(super) fn has_token(value: &[u8], token: &[u8]) -> bool {
    elements(value).any(|e| e.eq_ignore_ascii_case(token))
}

fn elements(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|b| *b == b',').map(<[u8]>::trim_ascii)
}

/// Compares with a known name of small letters and dashes at a few instructions. Setting the case bit can make no other
/// byte of a token equal to one of those.
#[inline]
fn is<const N: usize>(text: &[u8], known: &[u8; N]) -> bool {
    let differs = |text: &[u8; N]| {
        let pairs = text.iter().zip(known);
        pairs.fold(0, |found, (a, b)| found | ((a | 0x20) ^ b))
    };
    text.try_into().is_ok_and(|text| differs(text) == 0)
}

/// Digits and nothing else; `str::parse` would take a plus sign.
fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |n, b| {
        let digit = b.is_ascii_digit().then(|| u64::from(b - b'0'))?;
        n.checked_mul(10)?.checked_add(digit)
    })
}

const MAX_HEAD: usize = 64 * 1024;
const MAX_FIELDS: usize = 128;
