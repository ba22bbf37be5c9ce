//! The only place that finds the payload among an h1 body's bytes: by length, by chunks, or until the peer closes.
//!
//! ```text
//!             ,----------------------------------------------------.
//!             v                                                    |
//!   chunked: Size -> [Pad] -> [Extension] -> SizeLf -> Data -> DataCr -> DataLf
//!                                              | size 0
//!                                              v
//!            Trailer(Start -> Name -> Value -> Lf -> Start ... -> EndLf) -> Done
//! ```

use crate::proto::Fault;

use super::request::is_tchar;
use super::response::Framing;

/// A stretch of what was received: framing, then payload. Both may be nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) skip: usize,
    pub(crate) take: usize,
}

/// What is still to come of a body.
#[derive(Debug)]
pub(super) enum Body {
    Length { left: u64 },
    Chunked(Chunk),
    UntilClose,
    Done,
}

impl Body {
    pub(super) fn new(framing: Framing) -> Self {
        match framing {
            Framing::NoBody | Framing::Length(0) => Self::Done,
            Framing::Length(left) => Self::Length { left },
            Framing::Chunked => Self::Chunked(Chunk::FIRST),
            Framing::UntilClose => Self::UntilClose,
        }
    }

    /// Eats the framing at the start of `rx` and the payload after it, as much as stands in one stretch.
    pub(super) fn eat(&mut self, rx: &[u8]) -> Result<Piece, Fault> {
        match self {
            Self::Length { left } => {
                let take = take_from(left, rx.len());
                if *left == 0 {
                    *self = Self::Done;
                }
                Ok(Piece { skip: 0, take })
            }
            Self::Chunked(chunk) => {
                let piece = chunk.eat(rx)?;
                if matches!(chunk, Chunk::Done) {
                    *self = Self::Done;
                }
                Ok(piece)
            }
            Self::UntilClose => Ok(Piece {
                skip: 0,
                take: rx.len(),
            }),
            Self::Done => Ok(Piece::default()),
        }
    }

    /// The peer sends no more.
    pub(super) fn eof(&mut self) -> Result<(), Fault> {
        match self {
            Self::UntilClose => *self = Self::Done,
            Self::Done => {}
            Self::Length { .. } => {
                return Err(Fault::Peer(
                    "Peer hung up: the body is shorter than its content-length",
                ));
            }
            Self::Chunked(_) => {
                return Err(Fault::Peer("Peer hung up: the last chunk is missing"));
            }
        }
        Ok(())
    }

    /// How many of the next bytes are payload for certain.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) fn direct(&self) -> Option<u64> {
        match self {
            Self::Length { left } | Self::Chunked(Chunk::Data { left }) => Some(*left),
            Self::UntilClose => Some(u64::MAX),
            Self::Chunked(_) | Self::Done => None,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        matches!(self, Self::Done)
    }
}

/// Where in a chunked body the next byte stands (RFC 9112 §7.1).
#[derive(Clone, Copy, Debug)]
pub(super) enum Chunk {
    /// `len` counts the bytes of the size line, here and in the two that follow.
    Size {
        size: u64,
        len: u32,
    },
    /// Blanks after the digits: only an extension may follow them.
    Pad {
        size: u64,
        len: u32,
    },
    Extension {
        size: u64,
        len: u32,
    },
    SizeLf {
        size: u64,
    },
    Data {
        left: u64,
    },
    DataCr,
    DataLf,
    Trailer {
        line: Trailer,
        len: u32,
    },
    Done,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Trailer {
    Start,
    Name,
    Value,
    Lf,
    EndLf,
}

impl Chunk {
    const FIRST: Self = Self::Size { size: 0, len: 0 };

    fn eat(&mut self, rx: &[u8]) -> Result<Piece, Fault> {
        for (skip, &b) in rx.iter().enumerate() {
            match self {
                Self::Data { left } => {
                    let take = take_from(left, rx.len() - skip);
                    if *left == 0 {
                        *self = Self::DataCr;
                    }
                    return Ok(Piece { skip, take });
                }
                Self::Done => return Ok(Piece { skip, take: 0 }),
                _ => *self = self.step(b)?,
            }
        }
        Ok(Piece {
            skip: rx.len(),
            take: 0,
        })
    }

    /// One byte of framing.
    fn step(self, b: u8) -> Result<Self, Fault> {
        match self {
            Self::Size { size, len } => size_byte(size, len, b),
            Self::Pad { size, len } => match b {
                b' ' | b'\t' => Ok(Self::Pad {
                    size,
                    len: longer(len)?,
                }),
                b';' => Ok(Self::Extension { size, len }),
                _ => Err(Fault::Peer(
                    "chunk size is followed by something that is no extension",
                )),
            },
            Self::Extension { size, len } => match b {
                b'\r' => Ok(Self::SizeLf { size }),
                _ if is_text(b) => Ok(Self::Extension {
                    size,
                    len: longer(len)?,
                }),
                _ => Err(Fault::Peer("chunk extension has a control character")),
            },
            Self::SizeLf { size: 0 } => expect(b, b'\n', Self::trailer(Trailer::Start, 0)),
            Self::SizeLf { size } => expect(b, b'\n', Self::Data { left: size }),
            Self::DataCr => expect(b, b'\r', Self::DataLf),
            Self::DataLf => expect(b, b'\n', Self::FIRST),
            Self::Trailer { line, len } => line.step(len, b),
            Self::Data { .. } | Self::Done => Ok(self), // no framing: `eat` asks for none here
        }
    }

    fn trailer(line: Trailer, len: u32) -> Self {
        Self::Trailer { line, len }
    }
}

impl Trailer {
    /// Trailers are read past, but as strictly as the fields of a head.
    fn step(self, len: u32, b: u8) -> Result<Chunk, Fault> {
        if len >= MAX_TRAILERS {
            return Err(Fault::Peer("trailers are larger than 64 KiB"));
        }
        let next = match (self, b) {
            (Self::Start, b'\r') => Self::EndLf,
            (Self::Start, _) if is_tchar(b) => Self::Name,
            (Self::Name, b':') => Self::Value,
            (Self::Name, _) if is_tchar(b) => Self::Name,
            (Self::Value, b'\r') => Self::Lf,
            (Self::Value, _) if is_text(b) => Self::Value,
            (Self::Lf, b'\n') => Self::Start,
            (Self::EndLf, b'\n') => return Ok(Chunk::Done),
            _ => return Err(Fault::Peer("trailer after the last chunk is malformed")),
        };
        Ok(Chunk::trailer(next, len + 1))
    }
}

fn size_byte(size: u64, len: u32, b: u8) -> Result<Chunk, Fault> {
    let Some(digit) = char::from(b).to_digit(16) else {
        return match b {
            _ if len == 0 => Err(Fault::Peer("chunk size has no digits")),
            b'\r' => Ok(Chunk::SizeLf { size }),
            b';' => Ok(Chunk::Extension { size, len }),
            b' ' | b'\t' => Ok(Chunk::Pad { size, len }),
            _ => Err(Fault::Peer("chunk size has a byte that is no hex digit")),
        };
    };
    let Some(size) = size.checked_mul(16) else {
        return Err(Fault::Peer("chunk size is out of range"));
    };
    Ok(Chunk::Size {
        size: size | u64::from(digit),
        len: longer(len)?,
    })
}

fn expect(b: u8, wanted: u8, next: Chunk) -> Result<Chunk, Fault> {
    if b == wanted {
        return Ok(next);
    }
    Err(Fault::Peer(
        "chunk does not end with CR LF where its size says",
    ))
}

fn longer(len: u32) -> Result<u32, Fault> {
    if len >= MAX_SIZE_LINE {
        return Err(Fault::Peer("chunk size line is longer than 16 KiB"));
    }
    Ok(len + 1)
}

/// Takes what is there, at most what is left.
fn take_from(left: &mut u64, there: usize) -> usize {
    let take = usize::try_from(*left).map_or(there, |left| left.min(there));
    *left -= take as u64;
    take
}

/// May stand in a field value: no CR, no LF, no NUL.
fn is_text(b: u8) -> bool {
    b == b'\t' || (b >= b' ' && b != 0x7f)
}

const MAX_SIZE_LINE: u32 = 16 * 1024;
const MAX_TRAILERS: u32 = 64 * 1024;
