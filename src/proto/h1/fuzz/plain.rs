//! The only place for a second reader of chunked bodies: it has all of the body, and the grammar of RFC 9112 §7.1 in order.

use super::super::request::is_tchar;

#[derive(Debug, PartialEq)]
pub(super) enum Plain {
    Whole { payload: Vec<u8>, eaten: usize },
    Short { payload: Vec<u8> },
    Malformed { payload: Vec<u8> },
}

pub(super) fn read(body: &[u8]) -> Plain {
    let mut rest = Rest(body);
    let mut payload = Vec::new();
    match chunks(&mut rest, &mut payload).and_then(|()| trailers(&mut rest)) {
        Ok(()) => Plain::Whole {
            payload,
            eaten: body.len() - rest.0.len(),
        },
        Err(Flaw::Short) => Plain::Short { payload },
        Err(Flaw::Malformed) => Plain::Malformed { payload },
    }
}

enum Flaw {
    Short,
    Malformed,
}

fn chunks(rest: &mut Rest<'_>, payload: &mut Vec<u8>) -> Result<(), Flaw> {
    loop {
        let digits = rest.all(|b| b.is_ascii_hexdigit());
        if digits.is_empty() {
            return Err(rest.flaw());
        }
        let size = size(digits)?;
        let blanks = rest.all(|b| matches!(b, b' ' | b'\t'));
        if rest.next_is(b';') || !blanks.is_empty() {
            rest.expect(b';')?;
            rest.all(is_text);
        }
        rest.expect(b'\r')?;
        rest.expect(b'\n')?;
        if size == 0 {
            return Ok(());
        }
        let there = usize::try_from(size).map_or(rest.0.len(), |size| size.min(rest.0.len()));
        let (data, after) = rest.0.split_at(there);
        payload.extend_from_slice(data);
        rest.0 = after;
        rest.expect(b'\r')?;
        rest.expect(b'\n')?;
    }
}

fn trailers(rest: &mut Rest<'_>) -> Result<(), Flaw> {
    while !rest.next_is(b'\r') {
        if rest.all(is_tchar).is_empty() {
            return Err(rest.flaw());
        }
        rest.expect(b':')?;
        rest.all(is_text);
        rest.expect(b'\r')?;
        rest.expect(b'\n')?;
    }
    rest.expect(b'\r')?;
    rest.expect(b'\n')
}

/// More than 64 bits are too many.
fn size(digits: &[u8]) -> Result<u64, Flaw> {
    let text = str::from_utf8(digits).map_err(|_| Flaw::Malformed)?;
    match text.trim_start_matches('0') {
        "" => Ok(0),
        significant => u64::from_str_radix(significant, 16).map_err(|_| Flaw::Malformed),
    }
}

fn is_text(b: u8) -> bool {
    b == b'\t' || (b >= b' ' && b != 0x7f)
}

struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn all(&mut self, is: impl Fn(u8) -> bool) -> &'a [u8] {
        let end = self.0.iter().position(|b| !is(*b)).unwrap_or(self.0.len());
        let (found, after) = self.0.split_at(end);
        self.0 = after;
        found
    }

    fn next_is(&self, wanted: u8) -> bool {
        self.0.first() == Some(&wanted)
    }

    fn expect(&mut self, wanted: u8) -> Result<(), Flaw> {
        match self.0.split_first() {
            Some((first, after)) if *first == wanted => {
                self.0 = after;
                Ok(())
            }
            _ => Err(self.flaw()),
        }
    }

    /// What it is that something else was expected here.
    fn flaw(&self) -> Flaw {
        match self.0 {
            [] => Flaw::Short,
            _ => Flaw::Malformed,
        }
    }
}
