//! The only place that knows what a Close frame's payload says: nothing, or a code and a reason.

use std::str;

use super::{CONTROL_MOST, Violation};

/// The code of a peer's Close frame, if it gave one; the reason is what stands behind its two bytes.
pub(super) fn code(payload: &[u8]) -> Result<Option<u16>, Violation> {
    let (code, reason) = match payload {
        [] => return Ok(None),
        // RFC 6455 §5.5.1: if there is a body, the first two bytes are the code.
        [_] => return Err(HALF_A_CODE),
        [high, low, reason @ ..] => (u16::from_be_bytes([*high, *low]), reason),
    };
    if !may_be_sent(code) {
        return Err(NO_SUCH_CODE);
    }
    // RFC 6455 §5.5.1, §8.1
    if str::from_utf8(reason).is_err() {
        return Err(REASON_IS_NOT_TEXT);
    }
    Ok(Some(code))
}

/// Whether a Close frame may carry `code`.
///
/// RFC 6455 §7.4.1: 1004 has no meaning yet; 1005, 1006 and 1015 tell the program what was not on the wire. 1012 to
/// 1014 were registered later. §7.4.2: 3000-3999 are registered, 4000-4999 private, the others nobody's.
pub(crate) fn may_be_sent(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// Appends the payload of a Close frame; of a reason that is too long, the whole characters that fit.
/// False when memory is short.
pub(crate) fn payload(out: &mut Vec<u8>, code: u16, reason: &str) -> bool {
    let mut fits = reason.len().min(CONTROL_MOST - 2);
    while !reason.is_char_boundary(fits) {
        fits -= 1;
    }
    if out.try_reserve(2 + fits).is_err() {
        return false;
    }
    out.extend_from_slice(&code.to_be_bytes());
    out.extend_from_slice(reason.as_bytes().get(..fits).unwrap_or_default());
    true
}

const HALF_A_CODE: Violation =
    Violation::protocol("ws: peer sent a Close with half a code: one byte");
const NO_SUCH_CODE: Violation =
    Violation::protocol("ws: peer sent a Close with a code that may not be sent");
const REASON_IS_NOT_TEXT: Violation =
    Violation::not_text("ws: peer sent a Close with a reason that is not UTF-8");
