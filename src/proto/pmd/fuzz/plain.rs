//! The only place that inflates bit by bit (RFC 1951), with nothing of the library's: what others make of it is held against this.

use super::super::{EMPTY, TAIL};

/// How a message ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// As it has to.
    Whole,
    /// It is not DEFLATE, or was cut short.
    Broken,
    /// It was cut short where nobody can tell yet: whatever follows is of no more use.
    Unknown,
    /// Nobody wants to read all of that.
    TooMuch,
}

/// The messages of one direction of a connection.
pub(crate) struct Plain {
    /// How far back may be referred.
    window: usize,
    remembers: bool,
    most: usize,
    history: Vec<u8>,
}

/// Why it goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    Starved,
    Broken,
    TooMuch,
}

impl Plain {
    pub(crate) fn new(window_bits: u8, remembers: bool, most: usize) -> Self {
        Self {
            window: 1 << window_bits,
            remembers,
            most,
            history: Vec::new(),
        }
    }

    /// A whole message's payload.
    pub(crate) fn read(&mut self, payload: &[u8]) -> (Vec<u8>, End) {
        let mut reading = Reading {
            bits: Bits {
                data: [payload, &TAIL, &EMPTY].concat(),
                at: 0,
            },
            last: payload.len() * 8,
            window: self.window,
            most: self.most,
            history: std::mem::take(&mut self.history),
            out: Vec::new(),
        };
        let end = reading.message();
        if self.remembers {
            self.history = reading.history;
        }
        (reading.out, end)
    }
}

struct Reading {
    bits: Bits,
    /// Behind it nothing may be made: the message's own bits.
    last: usize,
    window: usize,
    most: usize,
    history: Vec<u8>,
    out: Vec<u8>,
}

impl Reading {
    fn message(&mut self) -> End {
        let mut fresh = 0;
        loop {
            if self.bits.at == fresh && fresh == self.last {
                return End::Whole;
            }
            if self.bits.at == self.bits.data.len() * 8 {
                return End::Whole;
            }
            match self.block() {
                Ok(false) => {}
                Ok(true) => {
                    self.bits.align();
                    fresh = self.bits.at;
                    self.history.clear();
                    if fresh > self.last {
                        let is_whole = fresh == self.last + TAIL.len() * 8;
                        return if is_whole { End::Whole } else { End::Broken };
                    }
                }
                Err(Stop::Starved) => return End::Unknown,
                Err(Stop::Broken) => return End::Broken,
                Err(Stop::TooMuch) => return End::TooMuch,
            }
        }
    }

    /// Whether it was a final one.
    fn block(&mut self) -> Result<bool, Stop> {
        let is_final = self.bits.take(1)? == 1;
        match self.bits.take(2)? {
            0 => self.stored()?,
            1 => {
                let lengths: Vec<u8> = (0..288).map(fixed).collect();
                self.compressed(&Code::new(&lengths)?, &Code::new(&[5; 30])?)?;
            }
            2 => {
                let (literals, distances) = self.codes()?;
                self.compressed(&literals, &distances)?;
            }
            _ => return Err(Stop::Broken),
        }
        Ok(is_final)
    }

    fn stored(&mut self) -> Result<(), Stop> {
        self.bits.align();
        let (len, check) = (self.bits.take(16)?, self.bits.take(16)?);
        if len != !check & 0xffff {
            return Err(Stop::Broken);
        }
        for _ in 0..len {
            let byte = self.bits.take(8)?;
            self.make(byte as u8)?;
        }
        Ok(())
    }

    /// §3.2.7
    fn codes(&mut self) -> Result<(Code, Code), Stop> {
        let literals = self.bits.take(5)? as usize + 257;
        let distances = self.bits.take(5)? as usize + 1;
        let count = self.bits.take(4)? as usize + 4;
        if literals > 286 || distances > 30 {
            return Err(Stop::Broken);
        }
        let mut lengths = [0; 19];
        for at in &ORDER[..count] {
            lengths[*at] = self.bits.take(3)? as u8;
        }
        let code = Code::new(&lengths)?;
        if code.is_incomplete && code.longest > 0 {
            return Err(Stop::Broken);
        }
        let mut lengths = Vec::new();
        while lengths.len() < literals + distances {
            let symbol = match code.longest {
                0 => self.bits.take(1).map(|_| 0)?,
                _ => code.read(&mut self.bits)?,
            };
            let (length, times) = match symbol {
                16 => {
                    let times = self.bits.take(2)? + 3;
                    (*lengths.last().ok_or(Stop::Broken)?, times)
                }
                17 => (0, self.bits.take(3)? + 3),
                18 => (0, self.bits.take(7)? + 11),
                length => (length as u8, 1),
            };
            lengths.extend((0..times).map(|_| length));
        }
        if lengths.len() > literals + distances || lengths[256] == 0 {
            return Err(Stop::Broken);
        }
        let (literals, distances) = lengths.split_at(literals);
        let codes = (Code::new(literals)?, Code::new(distances)?);
        let is_bad = |code: &Code| code.is_incomplete && code.longest > 1;
        match is_bad(&codes.0) || is_bad(&codes.1) {
            true => Err(Stop::Broken),
            false => Ok(codes),
        }
    }

    fn compressed(&mut self, literals: &Code, distances: &Code) -> Result<(), Stop> {
        loop {
            match literals.read(&mut self.bits)? {
                256 => return Ok(()),
                literal @ 0..256 => self.make(literal as u8)?,
                length => {
                    let (base, extra) = *LENGTHS.get(length - 257).ok_or(Stop::Broken)?;
                    let length = base + self.bits.take(extra)?;
                    let code = distances.read(&mut self.bits)?;
                    let (base, extra) = *DISTANCES.get(code).ok_or(Stop::Broken)?;
                    let back = (base + self.bits.take(extra)?) as usize;
                    self.copy(length, back)?;
                }
            }
        }
    }

    fn copy(&mut self, length: u32, back: usize) -> Result<(), Stop> {
        if back > self.window || back > self.history.len() {
            return Err(Stop::Broken);
        }
        for _ in 0..length {
            self.make(self.history[self.history.len() - back])?;
        }
        Ok(())
    }

    fn make(&mut self, byte: u8) -> Result<(), Stop> {
        if self.bits.at > self.last {
            return Err(Stop::Broken);
        }
        if self.out.len() >= self.most {
            return Err(Stop::TooMuch);
        }
        self.out.push(byte);
        self.history.push(byte);
        Ok(())
    }
}

struct Bits {
    data: Vec<u8>,
    at: usize,
}

impl Bits {
    fn take(&mut self, count: u8) -> Result<u32, Stop> {
        let mut bits = 0;
        for n in 0..count {
            let byte = *self.data.get(self.at / 8).ok_or(Stop::Starved)?;
            bits |= u32::from(byte >> (self.at % 8) & 1) << n;
            self.at += 1;
        }
        Ok(bits)
    }

    fn align(&mut self) {
        self.at = self.at.next_multiple_of(8);
    }
}

/// A Huffman code (§3.2.2).
struct Code {
    /// How many symbols there are of each length, and the symbols in their order.
    counts: [u32; 16],
    symbols: Vec<usize>,
    longest: usize,
    is_incomplete: bool,
}

impl Code {
    /// An error when there are more symbols than fit.
    fn new(lengths: &[u8]) -> Result<Self, Stop> {
        let mut counts = [0; 16];
        for length in lengths.iter().filter(|length| **length > 0) {
            counts[usize::from(*length)] += 1;
        }
        let mut left = 1_u32;
        for count in &counts[1..] {
            left = (left * 2).checked_sub(*count).ok_or(Stop::Broken)?;
        }
        let mut symbols: Vec<usize> = (0..lengths.len()).filter(|n| lengths[*n] > 0).collect();
        symbols.sort_by_key(|n| lengths[*n]);
        Ok(Self {
            longest: counts.iter().rposition(|count| *count > 0).unwrap_or(0),
            counts,
            symbols,
            is_incomplete: left > 0,
        })
    }

    fn read(&self, bits: &mut Bits) -> Result<usize, Stop> {
        let (mut code, mut first, mut index) = (0, 0, 0);
        for count in &self.counts[1..=self.longest.max(1)] {
            code |= bits.take(1)?;
            if code < first + count {
                return Ok(self.symbols[(index + code - first) as usize]);
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        Err(Stop::Broken)
    }
}

/// §3.2.6
fn fixed(symbol: u32) -> u8 {
    match symbol {
        ..144 => 8,
        144..256 => 9,
        256..280 => 7,
        _ => 8,
    }
}

const ORDER: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

/// §3.2.5: bases and extra bits.
const LENGTHS: [(u32, u8); 29] = {
    let mut table = [(258, 0); 29];
    let (mut at, mut base) = (0, 3);
    while at < 28 {
        let extra = if at < 4 { 0 } else { at as u8 / 4 - 1 };
        table[at] = (base, extra);
        base += 1 << extra;
        at += 1;
    }
    table
};

const DISTANCES: [(u32, u8); 30] = {
    let mut table = [(1, 0); 30];
    let (mut at, mut base) = (0, 1);
    while at < 30 {
        let extra = if at < 2 { 0 } else { at as u8 / 2 - 1 };
        table[at] = (base, extra);
        base += 1 << extra;
        at += 1;
    }
    table
};
