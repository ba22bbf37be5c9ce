//! The only place that says a number in the unit that makes it short.

use std::ffi::CStr;
use std::fmt::Write;

/// A name, and what it is of the smallest unit.
pub(crate) type Unit = (&'static CStr, u64);

/// Powers of 1024.
pub(crate) const SI: [Unit; 6] = [
    (c"Pi", 1 << 50),
    (c"Ti", 1 << 40),
    (c"Gi", 1 << 30),
    (c"Mi", 1 << 20),
    (c"Ki", 1 << 10),
    (c"", 1),
];

const SECOND: u64 = 1_000_000;

/// Microseconds.
pub(crate) const US: [Unit; 7] = [
    (c"y", 365 * 24 * 3600 * SECOND),
    (c"d", 24 * 3600 * SECOND),
    (c"hr", 3600 * SECOND),
    (c"min", 60 * SECOND),
    (c"s", SECOND),
    (c"ms", 1000),
    (c"us", 1),
];

/// `value` in the first of `units` (a name and what it is of the smallest) that it reaches, with three decimals; in the unit 1 as it
/// is. None: it reaches none of them.
pub(crate) fn humanize<N: AsRef<[u8]>>(
    value: u64,
    units: impl Iterator<Item = (N, u64)>,
) -> Option<Vec<u8>> {
    for (name, factor) in units {
        if factor == 0 || (factor != 1 && value < factor) {
            continue;
        }
        let mut text = (value / factor).to_string();
        if factor > 1 {
            // lws: a thousandth is rounded down to whole units, so 1536 is 1.512Ki, and there may be more than 1000 of them.
            let thousandth = (factor / 1000).max(1);
            let decimals = (value % factor / thousandth).min(999);
            write!(text, ".{decimals:03}").ok()?;
        }
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(name.as_ref());
        return Some(bytes);
    }
    None
}

/// lws: in columns: what is before the point, or the name, ends after 5, and all of it after 12.
pub(crate) fn padded(mut text: Vec<u8>) -> Vec<u8> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let before = 5usize.saturating_sub(digits);
    text.splice(..0, std::iter::repeat_n(b' ', before));
    let all = text.len().max(12);
    text.resize(all, b' ');
    text
}
