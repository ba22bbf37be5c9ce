//! The only place that makes a text safe to stand in another: in a URL, in SQL, in JSON, as the name of a file; and that reads
//! the first of these.

use super::hex;
use super::out::Out;

const DIGITS: &[u8; 16] = b"0123456789ABCDEF";

/// A text that was escaped for a buffer, and how much of the source that is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Escaped {
    pub(crate) text: Vec<u8>,
    pub(crate) used: usize,
}

/// application/x-www-form-urlencoded, as far as it fits into `room` with its terminator: letters and digits are left, a space
/// becomes `+`, anything else `%XX`.
pub(crate) fn url(source: &[u8], room: usize) -> Option<Escaped> {
    // lws: it goes on only while any character would still fit.
    each(source, room, 3, |byte, piece| match byte {
        b' ' => piece.push(b'+'),
        byte if byte.is_ascii_alphanumeric() => piece.push(byte),
        byte => piece.extend([b'%', digit(byte >> 4), digit(byte)]),
    })
}

/// SQL's string literals: each `'` is doubled.
pub(crate) fn sql(source: &[u8], room: usize) -> Option<Escaped> {
    each(source, room, 2, |byte, piece| match byte {
        b'\'' => piece.extend(b"''"),
        byte => piece.push(byte),
    })
}

/// JSON's strings, in ASCII (RFC 8259 section 7): `\t`, `\n`, `\r`, `\\`; the quote, other control characters and what is not ASCII
/// as `\u00XX`, byte by byte.
pub(crate) fn json(source: &[u8], room: usize) -> Option<Escaped> {
    each(source, room, 6, |byte, piece| match byte {
        b'\t' => piece.extend(b"\\t"),
        b'\n' => piece.extend(b"\\n"),
        b'\r' => piece.extend(b"\\r"),
        b'\\' => piece.extend(b"\\\\"),
        b'"' | 0..b' ' | 0x80.. => {
            piece.extend(b"\\u00");
            piece.extend([digit(byte >> 4), digit(byte)]);
        }
        byte => piece.push(byte),
    })
}

/// How long `json()` makes it at most: the backslash is counted as six, though two do.
pub(crate) fn json_len(source: &[u8]) -> usize {
    let lens = source.iter().map(|byte| match byte {
        b'\t' | b'\n' | b'\r' => 2,
        b'"' | b'\\' | 0..b' ' | 0x80.. => 6,
        _ => 1,
    });
    lens.sum()
}

pub(crate) fn sql_len(source: &[u8]) -> usize {
    source.len() + source.iter().filter(|byte| **byte == b'\'').count()
}

/// What could lead out of a directory, or means something to a shell or a drive, becomes `_`: `..`, `:`, `\`, `$` and `%`.
pub(crate) fn file_name(name: &mut [u8]) {
    let mut rest = name;
    while let [first, behind @ ..] = rest {
        if *first == b'.'
            && let Some(second @ b'.') = behind.first_mut()
        {
            *first = b'_';
            *second = b'_';
        }
        if matches!(first, b':' | b'\\' | b'$' | b'%') {
            *first = b'_';
        }
        rest = behind;
    }
}

/// Reads what `url()` wrote, as far as `most` bytes; an escape that the end cuts off is left out. `Err`: it has a `%` that no two
/// hex digits follow.
pub(crate) fn from_url(source: &[u8], most: usize) -> Result<Vec<u8>, &'static str> {
    let mut out = Vec::new();
    let reserved = out.try_reserve_exact(source.len().min(most));
    reserved.map_err(|_| "out of memory")?;
    let mut rest = source;
    while let ([first, behind @ ..], true) = (rest, out.len() < most) {
        rest = behind;
        let byte = match (first, behind) {
            (b'+', _) => b' ',
            (b'%', [high, low, behind @ ..]) => {
                rest = behind;
                hex::byte(*high, *low).ok_or("a % is not followed by two hex digits")?
            }
            (b'%', [high]) if hex::nibble(*high).is_none() => {
                return Err("a % is not followed by two hex digits");
            }
            (b'%', _) => break,
            (byte, _) => *byte,
        };
        out.push(byte);
    }
    Ok(out)
}

/// Appends what `escape` makes of each byte, while `most`, the longest that it makes, would fit.
fn each(
    source: &[u8],
    room: usize,
    most: usize,
    escape: impl Fn(u8, &mut Vec<u8>),
) -> Option<Escaped> {
    let mut out = Out::new(room, source.len().saturating_mul(most))?;
    let mut piece = Vec::with_capacity(most);
    let mut used = 0;
    for &byte in source {
        piece.clear();
        escape(byte, &mut piece);
        if !out.fits(most) || !out.put(&piece) {
            break;
        }
        used += 1;
    }
    let text = out.into_bytes();
    Some(Escaped { text, used })
}

fn digit(nibble: u8) -> u8 {
    DIGITS[usize::from(nibble & 15)]
}
