//! The only place that knows the Huffman code of RFC 7541 Appendix B, both ways.
//!
//! The code is canonical, so the lengths say all of it. Every table is made from them when the crate is compiled.

use super::Broken;

/// Replaces `out` by what `text` stands for.
pub(super) fn decode(text: &[u8], out: &mut Vec<u8>) -> Result<(), Broken> {
    // No code is shorter than 5 bits. Two more, as two are written where one may be meant.
    let most = text.len().saturating_mul(8) / 5 + 2;
    out.clear();
    if out.try_reserve(most).is_err() {
        return Err(Broken("h2: OOM: no memory for a header field"));
    }
    out.resize(most, 0);
    let mut bits = Bits::new(text);
    let mut written = 0;
    loop {
        pairs(&mut bits, out, &mut written);
        // A long code, or the end.
        let window = bits.window();
        if bits.count < 8 && window == u32::MAX {
            break; // §5.2: the start of EOS, and less than a byte
        }
        let (symbol, len) = one(window);
        if symbol == EOS {
            // RFC 7541 §5.2
            return Err(Broken("h2: HPACK: EOS inside a Huffman-coded string"));
        }
        if u32::from(len) > bits.count {
            return Err(Broken(
                "h2: HPACK: the padding of a Huffman-coded string is malformed",
            ));
        }
        if let Some(place) = out.get_mut(written) {
            *place = symbol as u8;
        }
        written += 1;
        bits.skip(u32::from(len));
    }
    out.truncate(written);
    Ok(())
}

/// The usual case: two symbols a step, as long as a step has what it needs.
#[inline]
fn pairs(bits: &mut Bits<'_>, out: &mut [u8], written: &mut usize) {
    let (mut acc, mut count, mut at) = (bits.acc, bits.count, *written);
    loop {
        while count >= STEP {
            let pair = PAIRS.get((acc >> (64 - STEP)) as usize).copied();
            let Some(pair @ 1..) = pair else {
                (bits.acc, bits.count, *written) = (acc, count, at);
                return bits.refill(); // a long code
            };
            if let Some(place) = out.get_mut(at..).and_then(|out| out.first_chunk_mut()) {
                *place = ((pair >> 16) as u16).to_le_bytes();
            }
            at += (pair >> 8 & 0xff) as usize;
            acc <<= pair & 0x3f;
            count -= pair & 0x3f;
        }
        (bits.acc, bits.count) = (acc, count);
        bits.refill();
        (acc, count) = (bits.acc, bits.count);
        if count < STEP {
            *written = at;
            return;
        }
    }
}

/// Beyond the end of a string there are ones.
#[inline]
fn ones_after(count: u32) -> u64 {
    u64::MAX.checked_shr(count).unwrap_or(0)
}

/// The bytes that coding `text` takes.
pub(super) fn encoded_len(text: &[u8]) -> usize {
    let bits = text.iter().map(|b| {
        CODES
            .get(usize::from(*b))
            .map_or(0, |(_, len)| u64::from(*len))
    });
    (bits.sum::<u64>() as usize).div_ceil(8)
}

/// Appends `text`, coded.
pub(super) fn encode(text: &[u8], out: &mut Vec<u8>) {
    let mut acc = 0u64;
    let mut count = 0;
    for (code, len) in text.iter().filter_map(|b| CODES.get(usize::from(*b))) {
        // At most 31 bits wait, and a code has at most 30.
        acc = (acc << len) | u64::from(*code);
        count += u32::from(*len);
        if count >= 32 {
            count -= 32;
            out.extend_from_slice(&((acc >> count) as u32).to_be_bytes());
        }
    }
    // Padded with ones to a whole byte.
    let pad = count.wrapping_neg() % 8;
    acc = (acc << pad) | ((1 << pad) - 1);
    count += pad;
    let tail = ((acc << (32 - count)) as u32).to_be_bytes();
    out.extend_from_slice(tail.get(..(count / 8) as usize).unwrap_or_default());
}

/// A byte's code, and the code's length.
#[cfg(any(test, feature = "fuzzing"))]
pub(super) fn code(byte: u8) -> (u32, u8) {
    CODES[usize::from(byte)]
}

/// The next bits of a string, the first of them on top.
struct Bits<'a> {
    acc: u64,
    count: u32,
    rest: &'a [u8],
}

impl<'a> Bits<'a> {
    fn new(rest: &'a [u8]) -> Self {
        Self {
            acc: 0,
            count: 0,
            rest,
        }
    }

    /// Afterwards there are more than 32, or all there are.
    #[inline]
    fn refill(&mut self) {
        if self.count > 32 {
            return;
        }
        if let Some((four, rest)) = self.rest.split_first_chunk() {
            self.acc |= u64::from(u32::from_be_bytes(*four)) << (32 - self.count);
            self.count += 32;
            self.rest = rest;
            return;
        }
        while let Some((byte, rest)) = self.rest.split_first() {
            self.acc |= u64::from(*byte) << (56 - self.count);
            self.count += 8;
            self.rest = rest;
        }
    }

    #[inline]
    fn skip(&mut self, n: u32) {
        self.acc <<= n;
        self.count -= n;
    }

    /// The next 32, with ones where there are no more.
    fn window(&self) -> u32 {
        ((self.acc | ones_after(self.count)) >> 32) as u32
    }
}

/// The code at the top of `window`: its symbol and its length. Every window starts with one.
const fn one(window: u32) -> (u16, u8) {
    let mut len = SHORTEST;
    while len < LONGEST && window as u64 >= BY_LENGTH.limit[len] {
        len += 1;
    }
    let nth = (window >> (32 - len)) - BY_LENGTH.first[len];
    let at = BY_LENGTH.start[len] + nth as usize;
    let at = if at < SYMBOLS { at } else { SYMBOLS - 1 };
    (BY_LENGTH.symbols[at], len as u8)
}

const EOS: u16 = 256;
const SYMBOLS: usize = 257;
const SHORTEST: usize = 5;
const LONGEST: usize = 30;

/// Bits that a step of `pairs` looks at: codes of most text are 5 to 7 long.
const STEP: u32 = 12;

/// For each next STEP bits: up to two symbols, how many, and their length, a byte each from the top. 0 when the first
/// is longer.
static PAIRS: [u32; 1 << STEP] = {
    let mut pairs = [0; 1 << STEP];
    let mut n = 0;
    while n < pairs.len() {
        let window = (n as u32) << (32 - STEP);
        let (first, len) = one(window);
        let (second, more) = one(window << len);
        pairs[n] = match (len as u32, (len + more) as u32) {
            (_, both @ ..=STEP) => (second as u32) << 24 | (first as u32) << 16 | 2 << 8 | both,
            (one @ ..=STEP, _) => (first as u32) << 16 | 1 << 8 | one,
            _ => 0,
        };
        n += 1;
    }
    pairs
};

/// For each byte its code and the code's length.
static CODES: [(u32, u8); 256] = {
    let mut codes = [(0, 0); 256];
    let mut len = SHORTEST;
    while len <= LONGEST {
        let mut nth = 0;
        while BY_LENGTH.start[len] + nth < BY_LENGTH.start[len + 1] {
            let symbol = BY_LENGTH.symbols[BY_LENGTH.start[len] + nth];
            if symbol != EOS {
                codes[symbol as usize] = (BY_LENGTH.first[len] + nth as u32, len as u8);
            }
            nth += 1;
        }
        len += 1;
    }
    codes
};

/// A canonical code: in each length the codes count up in the order of the symbols.
struct ByLength {
    symbols: [u16; SYMBOLS],
    /// Where each length begins in `symbols`.
    start: [usize; LONGEST + 2],
    /// Its first code.
    first: [u32; LONGEST + 1],
    /// One past its last code, when 32 bits are looked at.
    limit: [u64; LONGEST + 1],
}

const BY_LENGTH: ByLength = {
    let mut table = ByLength {
        symbols: [0; SYMBOLS],
        start: [0; LONGEST + 2],
        first: [0; LONGEST + 1],
        limit: [0; LONGEST + 1],
    };
    let (mut at, mut code, mut len) = (0, 0u32, 1);
    while len <= LONGEST {
        code <<= 1;
        table.start[len] = at;
        table.first[len] = code;
        let mut symbol = 0;
        while symbol < SYMBOLS {
            if LENGTHS[symbol] as usize == len {
                table.symbols[at] = symbol as u16;
                at += 1;
                code += 1;
            }
            symbol += 1;
        }
        table.limit[len] = (code as u64) << (32 - len);
        len += 1;
    }
    table.start[len] = at;
    assert!(
        at == SYMBOLS && code == 1 << LONGEST,
        "the code is complete"
    );
    table
};

/// RFC 7541 Appendix B, EOS last.
#[rustfmt::skip]
const LENGTHS: [u8; SYMBOLS] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28,
    28, 28, 28, 28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
    5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
    15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7,
    7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21,
    23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24,
    21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &[u8]) -> Result<Vec<u8>, Broken> {
        let mut out = b"what was here before".to_vec();
        decode(text, &mut out).map(|()| out)
    }

    #[test]
    fn the_strings_of_the_rfc_read_and_write() {
        // RFC 7541 §C.4.1, §C.6.1
        for (text, coded) in [
            (
                &b"www.example.com"[..],
                &b"\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff"[..],
            ),
            (b"no-cache", b"\xa8\xeb\x10\x64\x9c\xbf"),
            (b"302", b"\x64\x02"),
            (b"private", b"\xae\xc3\x77\x1a\x4b"),
            (b"", b""),
        ] {
            let mut out = Vec::new();
            encode(text, &mut out);
            assert_eq!(out, coded);
            assert_eq!(encoded_len(text), coded.len());
            assert_eq!(decoded(coded), Ok(text.to_vec()));
        }
    }

    #[test]
    fn every_byte_comes_back_at_every_offset() {
        for b in 0..=255u8 {
            for around in 0..9 {
                let mut text = vec![b'0'; around];
                text.extend([b, b, b'x', b]);
                let mut coded = Vec::new();
                encode(&text, &mut coded);
                assert_eq!(coded.len(), encoded_len(&text));
                assert_eq!(decoded(&coded), Ok(text));
            }
        }
    }

    #[test]
    fn padding_is_ones_and_less_than_a_byte_and_eos_is_refused() {
        assert!(decoded(&[0xff]).is_err(), "8 bits of padding");
        assert!(decoded(&[0x1f, 0xff]).is_err(), "11 bits of padding");
        assert!(decoded(&[0b0001_1000]).is_err(), "padded with zeros");
        assert!(
            decoded(&[0b0001_1110]).is_err(),
            "padded with a zero at the end"
        );
        assert_eq!(decoded(&[0b0001_1111]), Ok(b"a".to_vec()));
        assert!(decoded(&[0xff, 0xff, 0xff, 0xff]).is_err(), "EOS");
        assert!(
            decoded(&[0x1f, 0xff, 0xff, 0xff, 0xff, 0xff]).is_err(),
            "EOS after text"
        );
        assert!(decoded(&[0xff, 0xff, 0xff]).is_err(), "half an EOS");
    }
}
