//! The only place that has the static table (RFC 7541 Appendix A).

use super::Verdict;
use crate::proto::h2::field;

pub(super) const COUNT: usize = 61;

/// The entry with an index from 1, and what was found about it.
#[inline]
pub(super) fn at(index: usize) -> Option<(&'static [u8], &'static [u8], Verdict)> {
    let nth = index.checked_sub(1)?;
    let (name, value) = TABLE.get(nth)?;
    Some((name.as_bytes(), value.as_bytes(), *VERDICTS.get(nth)?))
}

/// The lowest index of a name.
#[inline]
pub(super) fn index_of(name: &[u8]) -> Option<usize> {
    let (&first, &last) = (name.first()?, name.last()?);
    let &middle = name.get(name.len() / 2)?;
    let nth = usize::from(*SLOTS.get(slot(name.len(), first, middle, last))?);
    let (known, _) = TABLE.get(nth)?;
    (known.as_bytes() == name).then_some(nth + 1)
}

/// The multipliers were searched for: no two names meet.
#[inline]
const fn slot(len: usize, first: u8, middle: u8, last: u8) -> usize {
    (len.wrapping_mul(39) + first as usize * 135 + last as usize * 199 + middle as usize * 224)
        % SLOTS.len()
}

const NONE: u8 = u8::MAX;

static SLOTS: [u8; 256] = {
    let mut slots = [NONE; 256];
    let mut nth = COUNT;
    while nth > 0 {
        nth -= 1;
        let name = TABLE[nth].0.as_bytes();
        let last = name[name.len() - 1];
        let at = slot(name.len(), name[0], name[name.len() / 2], last);
        // From the last on, so that the lowest of a name stays.
        assert!(
            slots[at] == NONE || same(TABLE[slots[at] as usize].0.as_bytes(), name),
            "two names in one slot"
        );
        slots[at] = nth as u8;
    }
    slots
};

static VERDICTS: [Verdict; COUNT] = {
    let mut verdicts = [Verdict {
        name: field::Name::Plain,
        value_is_clean: true,
    }; COUNT];
    let mut nth = 0;
    while nth < COUNT {
        verdicts[nth].name = field::name(TABLE[nth].0.as_bytes());
        nth += 1;
    }
    verdicts
};

const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

static TABLE: [(&str, &str); COUNT] = [
    (":authority", ""),
    (":method", "GET"),
    (":method", "POST"),
    (":path", "/"),
    (":path", "/index.html"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "200"),
    (":status", "204"),
    (":status", "206"),
    (":status", "304"),
    (":status", "400"),
    (":status", "404"),
    (":status", "500"),
    ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"),
    ("accept-language", ""),
    ("accept-ranges", ""),
    ("accept", ""),
    ("access-control-allow-origin", ""),
    ("age", ""),
    ("allow", ""),
    ("authorization", ""),
    ("cache-control", ""),
    ("content-disposition", ""),
    ("content-encoding", ""),
    ("content-language", ""),
    ("content-length", ""),
    ("content-location", ""),
    ("content-range", ""),
    ("content-type", ""),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("expect", ""),
    ("expires", ""),
    ("from", ""),
    ("host", ""),
    ("if-match", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("if-range", ""),
    ("if-unmodified-since", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("max-forwards", ""),
    ("proxy-authenticate", ""),
    ("proxy-authorization", ""),
    ("range", ""),
    ("referer", ""),
    ("refresh", ""),
    ("retry-after", ""),
    ("server", ""),
    ("set-cookie", ""),
    ("strict-transport-security", ""),
    ("transfer-encoding", ""),
    ("user-agent", ""),
    ("vary", ""),
    ("via", ""),
    ("www-authenticate", ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_at_its_lowest_index_and_no_other_is() {
        for (name, _) in TABLE {
            let lowest = TABLE.iter().position(|(n, _)| *n == name).expect("there") + 1;
            assert_eq!(index_of(name.as_bytes()), Some(lowest), "{name}");
        }
        for unknown in ["", "x", "content-lengti", ":statu", "Host", "hosts"] {
            assert_eq!(index_of(unknown.as_bytes()), None, "{unknown}");
        }
        assert!(at(0).is_none() && at(62).is_none());
        assert_eq!(at(61).map(|e| e.0), Some(&b"www-authenticate"[..]));
    }
}
