//! The only place that says a number in the unit that makes it short.

use std::fmt::Write;

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
