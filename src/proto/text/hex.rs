//! The only place for bytes as pairs of hex digits.

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The value of one digit, of either case.
pub(crate) fn nibble(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

pub(crate) fn byte(high: u8, low: u8) -> Option<u8> {
    Some(nibble(high)? << 4 | nibble(low)?)
}

/// Fills `out` from the front, and answers how many bytes that were. `Err`: something is no digit, one digit is alone, or there is no
/// room.
pub(crate) fn decode(text: &[u8], out: &mut [u8]) -> Result<usize, &'static str> {
    let pairs = text.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return Err("an odd number of digits");
    }
    let len = pairs.len();
    let out = out.get_mut(..len).ok_or("no room for all of it")?;
    for (pair, to) in pairs.zip(out) {
        let &[high, low] = pair else {
            continue; // pairs are of two
        };
        *to = byte(high, low).ok_or("not a hex digit")?;
    }
    Ok(len)
}

/// Digits in lower case, as many as fit, and a terminator. `out` is not empty.
pub(crate) fn encode(bytes: &[u8], out: &mut [u8]) {
    let Some(room) = out.len().checked_sub(1) else {
        return;
    };
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let mut len = 0;
    for (to, digit) in out.iter_mut().take(room).zip(digits) {
        *to = DIGITS[usize::from(digit)];
        len += 1;
    }
    out[len] = 0;
}
