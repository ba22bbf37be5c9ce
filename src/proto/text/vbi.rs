//! The only place for MQTT's variable byte integers: seven bits a byte, the least significant first, bit 7 says that more follow.

/// What four bytes can say.
const MOST: u64 = 0xfff_ffff;

/// At most 4 bytes; None: the value needs more.
pub(crate) fn encode(value: u64) -> Option<Vec<u8>> {
    if value > MOST {
        return None;
    }
    let mut bytes = Vec::with_capacity(4);
    let mut rest = value;
    loop {
        let low = (rest & 0x7f) as u8;
        rest >>= 7;
        if rest == 0 {
            bytes.push(low);
            return Some(bytes);
        }
        bytes.push(low | 0x80);
    }
}

/// The value at the front, and how many bytes it has. None: more than 4, or they go on behind the end.
pub(crate) fn decode(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0;
    for (at, byte) in bytes.iter().take(4).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((value, at + 1));
        }
    }
    None
}
