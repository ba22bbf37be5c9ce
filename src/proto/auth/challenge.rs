//! The only place that reads WWW-Authenticate: RFC 9110 section 11.6.1.

use std::borrow::Cow;

/// One challenge, of those that a header lists.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Challenge<'a> {
    pub(super) scheme: &'a str,
    params: Vec<(&'a str, Cow<'a, [u8]>)>,
}

impl Challenge<'_> {
    /// The value of a parameter; case does not matter. One that came twice is the first.
    pub(super) fn param(&self, name: &str) -> Option<&[u8]> {
        let mut params = self.params.iter();
        let found = params.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(&found.1)
    }
}

/// The challenges of one header, up to the first that cannot be told apart from what follows it.
pub(super) fn parse(value: &[u8]) -> Vec<Challenge<'_>> {
    let mut found = Vec::new();
    let mut reader = Reader { rest: value };
    loop {
        reader.skip(|b| is_blank(b) || b == b',');
        if reader.rest.is_empty() {
            return found;
        }
        let Some(name) = reader.token() else {
            return found;
        };
        let spaces = reader.skip(is_blank);
        if reader.next_is(b'=') {
            let Some(challenge) = found.last_mut() else {
                return found;
            };
            if reader.param(name, challenge).is_none() {
                found.pop();
                return found;
            }
            continue;
        }
        let mut challenge = Challenge {
            scheme: name,
            params: Vec::new(),
        };
        if spaces > 0 && !reader.token68() && reader.first_param(&mut challenge).is_none() {
            return found;
        }
        found.push(challenge);
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// How many bytes were skipped.
    fn skip(&mut self, is: impl Fn(u8) -> bool) -> usize {
        self.take(is).len()
    }

    fn take(&mut self, is: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.rest;
        let end = rest.iter().position(|b| !is(*b)).unwrap_or(rest.len());
        let (taken, after) = rest.split_at_checked(end).unwrap_or((rest, b""));
        self.rest = after;
        taken
    }

    fn next_is(&self, byte: u8) -> bool {
        self.rest.first() == Some(&byte)
    }

    fn token(&mut self) -> Option<&'a str> {
        let token = self.take(is_tchar);
        std::str::from_utf8(token).ok().filter(|t| !t.is_empty())
    }

    /// What stands for parameters in schemes that have none, `abc==`. When it is no such thing nothing is read.
    fn token68(&mut self) -> bool {
        let before = self.rest;
        let text = self.skip(|b| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b));
        self.skip(|b| b == b'=');
        self.skip(is_blank);
        let ends = self.rest.is_empty() || self.next_is(b',');
        if text > 0 && ends {
            return true;
        }
        self.rest = before;
        false
    }

    /// What follows a scheme: a parameter, or nothing.
    fn first_param(&mut self, of: &mut Challenge<'a>) -> Option<()> {
        if self.rest.is_empty() || self.next_is(b',') {
            return Some(());
        }
        let name = self.token()?;
        self.skip(is_blank);
        self.param(name, of)
    }

    /// From its `=` on, up to the comma.
    fn param(&mut self, name: &'a str, of: &mut Challenge<'a>) -> Option<()> {
        self.rest = self.rest.strip_prefix(b"=")?;
        self.skip(is_blank);
        let value = match self.next_is(b'"') {
            true => self.quoted()?,
            // RFC 9110 has a token here; servers leave quotes out around more than that.
            false => Cow::Borrowed(self.take(|b| !is_blank(b) && b != b',' && b != b'"')),
        };
        self.skip(is_blank);
        if !self.rest.is_empty() && !self.next_is(b',') {
            return None;
        }
        if of.param(name).is_none() {
            of.params.push((name, value));
        }
        Some(())
    }

    /// RFC 9110 section 5.6.4
    fn quoted(&mut self) -> Option<Cow<'a, [u8]>> {
        self.rest = self.rest.strip_prefix(b"\"")?;
        let plain = self.take(|b| b != b'"' && b != b'\\');
        if let Some(after) = self.rest.strip_prefix(b"\"") {
            self.rest = after;
            return Some(Cow::Borrowed(plain));
        }
        let mut text = plain.to_vec();
        loop {
            match self.rest {
                [b'"', after @ ..] => {
                    self.rest = after;
                    return Some(Cow::Owned(text));
                }
                [b'\\', b, after @ ..] | [b, after @ ..] => {
                    text.push(*b);
                    self.rest = after;
                }
                [] => return None,
            }
        }
    }
}

fn is_blank(b: u8) -> bool {
    matches!(b, b' ' | b'\t')
}

/// RFC 9110 section 5.6.2
fn is_tchar(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b)
}
