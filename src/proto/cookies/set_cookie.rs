//! The only place that reads Set-Cookie: RFC 6265bis sections 5.1.1 and 5.6.

use super::PAYLOAD;
use crate::proto::date;

/// What a server says. Of an attribute that came twice the last counts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SetCookie<'a> {
    pub(super) name: &'a [u8],
    pub(super) value: &'a [u8],
    /// As it came, without a dot before it.
    pub(super) domain: Option<&'a [u8]>,
    /// `None`: it is not one that begins with a slash.
    pub(super) path: Option<&'a [u8]>,
    pub(super) secure: bool,
    pub(super) http_only: bool,
    /// Seconds since 1970.
    pub(super) expires: Option<i64>,
}

/// RFC 6265bis section 5.6: longer attributes are ignored,
const ATTRIBUTE: usize = 1_024;
/// and nothing lasts longer than 400 days.
const LONGEST: i64 = 400 * 24 * 60 * 60;

impl<'a> SetCookie<'a> {
    pub(super) fn parse(line: &'a [u8], now: i64) -> Option<Self> {
        // A tab is allowed there, and would split the line of the file.
        if line.iter().any(u8::is_ascii_control) {
            return None;
        }
        let mut parts = line.split(|b| *b == b';');
        let pair = parts.next()?;
        let (name, value) = split(pair).unwrap_or_else(|| (b"", pair.trim_ascii()));
        if (name.is_empty() && value.is_empty()) || name.len() + value.len() > PAYLOAD {
            return None;
        }
        let mut said = Self {
            name,
            value,
            ..Self::default()
        };
        let mut max_age = None;
        for part in parts {
            let (name, value) = split(part).unwrap_or_else(|| (part.trim_ascii(), b""));
            if value.len() > ATTRIBUTE {
                continue;
            }
            match name.to_ascii_lowercase().as_slice() {
                b"expires" => said.expires = date(value).or(said.expires),
                b"max-age" => max_age = seconds(value).or(max_age),
                b"domain" => said.domain = Some(value.strip_prefix(b".").unwrap_or(value)),
                b"path" => said.path = Some(value).filter(|path| path.starts_with(b"/")),
                b"secure" => said.secure = true,
                b"httponly" => said.http_only = true,
                _ => {}
            }
        }
        if let Some(age) = max_age {
            said.expires = Some(now.saturating_add(age));
        }
        let latest = now.saturating_add(LONGEST);
        said.expires = said.expires.map(|expires| expires.min(latest));
        Some(said)
    }
}

/// `name=value`, both without blanks around them.
fn split(pair: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = pair.iter().position(|b| *b == b'=')?;
    let (name, value) = pair.split_at_checked(at)?;
    Some((name.trim_ascii(), value.get(1..)?.trim_ascii()))
}

/// Max-Age. What is not positive is over at once.
fn seconds(value: &[u8]) -> Option<i64> {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let many = str::from_utf8(value).ok()?.parse().unwrap_or(LONGEST);
    Some(if value.starts_with(b"-") || many <= 0 {
        i64::MIN
    } else {
        many
    })
}

/// RFC 6265bis section 5.1.1: the first words that look like a time, a day, a month and a year.
pub(super) fn date(value: &[u8]) -> Option<i64> {
    let is_delimiter =
        |b: &u8| matches!(b, 0x09 | 0x20..=0x2f | 0x3b..=0x40 | 0x5b..=0x60 | 0x7b..=0x7e);
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for word in value.split(is_delimiter).filter(|word| !word.is_empty()) {
        if time.is_none()
            && let Some(found) = time_of(word)
        {
            time = Some(found);
        } else if day.is_none()
            && let Some(found) = number(word, 1, 2)
        {
            day = Some(found);
        } else if month.is_none()
            && let Some(found) = month_of(word)
        {
            month = Some(found);
        } else if year.is_none()
            && let Some(found) = number(word, 2, 4)
        {
            year = Some(found);
        }
    }
    let year = match year? {
        year @ 70..=99 => 1900 + year,
        year @ 0..=69 => 2000 + year,
        year => year,
    };
    let (hours, minutes, seconds) = time?;
    if year < 1601 || seconds > 59 {
        return None;
    }
    date::unix(year, month?, day?, (hours, minutes, seconds))
}

/// So many digits, and then anything that is none.
fn number(word: &[u8], least: usize, most: usize) -> Option<i64> {
    let end = word.iter().position(|b| !b.is_ascii_digit());
    let digits = word.get(..end.unwrap_or(word.len()))?;
    let fits = (least..=most).contains(&digits.len());
    str::from_utf8(digits).ok()?.parse().ok().filter(|_| fits)
}

fn time_of(word: &[u8]) -> Option<(i64, i64, i64)> {
    let mut parts = word.splitn(3, |b| *b == b':');
    let mut exact = || {
        let part = parts.next()?;
        number(part, 1, 2).filter(|_| part.iter().all(u8::is_ascii_digit))
    };
    let (hours, minutes) = (exact()?, exact()?);
    Some((hours, minutes, number(parts.next()?, 1, 2)?))
}

fn month_of(word: &[u8]) -> Option<usize> {
    let word = word.get(..3)?;
    let mut months = date::MONTHS.iter();
    months.position(|month| word.eq_ignore_ascii_case(month.as_bytes()))
}
