//! The only place that judges what the fields of a response together say (RFC 9113 §8.1, §8.3.2).

use super::error::Error;
use super::field::Name;
use super::frame::ErrorCode;
use super::hpack::{Broken, Field};
use crate::proto::headers::Headers;

/// What a header block is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Head,
    Trailers,
    /// Of a stream that is over: read, because the tables have to stay the same, and dropped.
    Nothing,
}

/// A block while its fields come in.
///
/// A flaw of the message ends its stream, but the rest of the block is read: other streams' blocks depend on it.
#[derive(Debug)]
pub(super) struct Message<'a> {
    part: Part,
    into: &'a mut Headers,
    /// §6.5.2: text and 32 for each field.
    size: usize,
    max_size: usize,
    fields: usize,
    regular_came: bool,
    status: Option<u16>,
    length: Option<u64>,
    flaw: Option<&'static str>,
}

/// What a head without flaw says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) length: Option<u64>,
}

impl<'a> Message<'a> {
    pub(super) fn new(part: Part, into: &'a mut Headers, max_size: u32) -> Self {
        if part == Part::Head {
            into.clear();
        }
        Self {
            part,
            into,
            size: 0,
            max_size: max_size as usize,
            fields: 0,
            regular_came: false,
            status: None,
            length: None,
            flaw: None,
        }
    }

    pub(super) fn field(&mut self, field: Field<'_>) -> Result<(), Error> {
        self.fields += 1;
        self.size += field.name.len() + field.value.len() + FIELD_COST;
        if self.fields > MAX_FIELDS {
            return Error::calm("h2: a header block of more than 128 fields");
        }
        if self.size > self.max_size {
            return Error::calm(
                "h2: a header block larger than SETTINGS_MAX_HEADER_LIST_SIZE, 64 KiB",
            );
        }
        if self.flaw.is_some() || self.part == Part::Nothing {
            return Ok(());
        }
        self.flaw = self.judge(field).err();
        if self.part == Part::Head && self.flaw.is_none() {
            let pushed = self.into.push(field.name, field.value);
            pushed.map_err(|fault| Error::Connection(ErrorCode::INTERNAL_ERROR, fault.text()))?;
        }
        Ok(())
    }

    /// What the head says, when this was one.
    pub(super) fn head(self) -> Result<Head, &'static str> {
        match (self.flaw, self.status) {
            (Some(flaw), _) => Err(flaw),
            (None, None) => Err("HS: :status missing"),
            (None, Some(status)) => Ok(Head {
                status,
                length: self.length,
            }),
        }
    }

    /// What is wrong with it, if something is.
    pub(super) fn flaw(self) -> Option<&'static str> {
        self.flaw
    }

    fn judge(&mut self, field: Field<'_>) -> Result<(), &'static str> {
        if !field.verdict.value_is_clean {
            return Err("h2: malformed response: CR, LF, NUL or blanks around it in a field value");
        }
        match field.verdict.name {
            Name::Plain => {}
            Name::Status => return self.judge_status(field.value),
            Name::Pseudo => {
                return Err("h2: malformed response: a pseudo field other than :status");
            }
            Name::ContentLength => self.judge_length(field.value)?,
            Name::Connection => {
                return Err("h2: malformed response: a field about the connection");
            }
            Name::Te if !field.value.eq_ignore_ascii_case(b"trailers") => {
                return Err("h2: malformed response: te is not trailers");
            }
            Name::Te => {}
            Name::Malformed => {
                return Err("h2: malformed response: a capital or a byte that no field name has");
            }
        }
        self.regular_came = true;
        Ok(())
    }

    fn judge_status(&mut self, value: &[u8]) -> Result<(), &'static str> {
        if self.part == Part::Trailers {
            return Err("h2: malformed response: :status in trailers");
        }
        if self.regular_came || self.status.is_some() {
            return Err("h2: malformed response: :status is there twice or after other fields");
        }
        let &[a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9'] = value else {
            return Err("HS: :status missing: it is not between 100 and 999");
        };
        let digit = |d: u8| u16::from(d - b'0');
        self.status = Some(digit(a) * 100 + digit(b) * 10 + digit(c));
        Ok(())
    }

    fn judge_length(&mut self, value: &[u8]) -> Result<(), &'static str> {
        if self.part == Part::Trailers {
            // RFC 9110 §6.5.1: means nothing there.
            return Ok(());
        }
        let length = decimal(value).filter(|n| self.length.is_none_or(|before| before == *n));
        self.length = length;
        match length {
            Some(_) => Ok(()),
            None => Err("h2: malformed response: content-length is malformed or differs"),
        }
    }
}

impl From<Broken> for Error {
    fn from(Broken(text): Broken) -> Self {
        Self::Connection(ErrorCode::COMPRESSION_ERROR, text)
    }
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

const MAX_FIELDS: usize = 128;
const FIELD_COST: usize = 32;
