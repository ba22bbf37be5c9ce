//! The only place that knows the Huffman code of RFC 7541 Appendix B.
//!
//! The code is canonical: within a length, codes go up with their symbols. So the lengths say all of it.

use std::sync::LazyLock;

const EOS: u16 = 256;
const LONGEST: usize = 30;

/// None when the text ends inside a symbol, or names the end itself (RFC 7541 §5.2).
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 8 / 5);
    let (mut code, mut len) = (0_u32, 0_usize);
    for byte in text {
        for bit in (0..8).rev() {
            (code, len) = (code << 1 | u32::from(byte >> bit & 1), len + 1);
            match CODE.symbol(code, len) {
                Some(EOS) => return None,
                Some(symbol) => {
                    out.push(symbol as u8);
                    (code, len) = (0, 0);
                }
                None if len >= LONGEST => return None,
                None => {}
            }
        }
    }
    // What is left must be the start of EOS: ones, and less than a byte.
    (len < 8 && code + 1 == 1 << len).then_some(out)
}

struct Code {
    /// By length: the first code, and the place in `symbols` of what it stands for.
    firsts: [(u32, usize); LONGEST + 2],
    symbols: Vec<u16>,
}

impl Code {
    fn symbol(&self, code: u32, len: usize) -> Option<u16> {
        let (&(first, from), &(_, until)) = (self.firsts.get(len)?, self.firsts.get(len + 1)?);
        let at = from + code.checked_sub(first)? as usize;
        self.symbols.get(..until)?.get(at).copied()
    }
}

static CODE: LazyLock<Code> = LazyLock::new(|| {
    let mut symbols: Vec<u16> = (0..=EOS).collect();
    symbols.sort_by_key(|s| LENGTHS.get(usize::from(*s)));
    let mut firsts = [(0, 0); LONGEST + 2];
    let (mut code, mut at) = (0, 0);
    for (len, first) in firsts.iter_mut().enumerate() {
        *first = (code, at);
        let count = LENGTHS.iter().filter(|l| usize::from(**l) == len).count();
        (code, at) = ((code + count as u32) << 1, at + count);
    }
    Code { firsts, symbols }
});

#[rustfmt::skip]
const LENGTHS: [u8; 257] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
    28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
    5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
    13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
    15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
    6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
    20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
    22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
    21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
    19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
    20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
    30,
];

#[cfg(test)]
mod tests {
    use super::decode;

    /// RFC 7541 Appendix C.4.1, C.6.1.
    #[test]
    fn the_examples_of_the_rfc_are_understood() {
        let text = [
            0xf1, 0xe3, 0xc2, 0xe5, 0xf2, 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0xff,
        ];
        assert_eq!(decode(&text), Some(b"www.example.com".to_vec()));
        assert_eq!(decode(&[0x64, 0x02]), Some(b"302".to_vec()));
        assert_eq!(decode(&[]), Some(Vec::new()));
    }

    #[test]
    fn padding_that_is_long_or_not_of_ones_and_a_named_end_are_refused() {
        // "302" is 0x64 0x02 with no padding at all.
        assert_eq!(decode(&[0x64, 0x02, 0xff]), None);
        assert_eq!(decode(&[0b0000_0111]), Some(b"0".to_vec()));
        assert_eq!(decode(&[0b0000_0110]), None);
        assert_eq!(decode(&[0xff, 0xff, 0xff, 0xff]), None);
    }
}
