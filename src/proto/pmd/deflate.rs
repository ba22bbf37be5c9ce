//! The only place that deflates: what a program sends in, the payload of compressed frames appended.
//!
//! Each piece ends where the peer can inflate it, so nothing of a message waits here, and its pieces do not depend on
//! each other except by what they refer back to.

use flate2::{Compress, Compression, FlushCompress};

use super::TAIL;

/// How much work is spent on making messages small: 0, none, to 9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Level(u8);

impl Level {
    /// lws: compression_level 1, its default.
    pub(crate) const FAST: Self = Self(1);

    pub(crate) fn new(level: u8) -> Option<Self> {
        (level <= 9).then_some(Self(level))
    }
}

/// Our compressed messages.
#[derive(Debug)]
pub(super) struct Deflater {
    window_bits: u8,
    /// Whether messages refer to what was in those before (context takeover).
    remembers: bool,
    level: Level,
    /// None: nothing is remembered, and no memory held.
    raw: Option<Compress>,
}

impl Deflater {
    pub(super) fn new(window_bits: u8, remembers: bool, level: Level) -> Self {
        Self {
            window_bits,
            remembers,
            level,
            raw: None,
        }
    }

    pub(super) fn compresses(&self) -> bool {
        WINDOWS.contains(&self.window_bits)
    }

    pub(super) fn forget(&mut self) {
        self.raw = None;
    }

    pub(super) fn deflate(
        &mut self,
        input: &[u8],
        ends: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), &'static str> {
        let before = out.len();
        let done = if self.compresses() {
            self.compress(input, ends, out)
        } else {
            append(input, out)
        };
        if done.is_none() {
            // Whatever it has taken in never reaches the peer.
            self.forget();
            out.truncate(before);
            return Err("ws: out of memory for a compressed frame");
        }
        if ends && !self.remembers {
            self.forget();
        }
        Ok(())
    }

    fn compress(&mut self, input: &[u8], ends: bool, out: &mut Vec<u8>) -> Option<()> {
        match (input.is_empty(), ends) {
            (true, false) => Some(()),
            // RFC 7692 §7.2.3.6: the beginning of an empty block, whose rest is the tail that is not sent.
            (true, true) => append(&[0], out),
            (false, _) => {
                self.squeeze(input, out)?;
                let len = out.len().checked_sub(TAIL.len())?;
                // RFC 7692 §7.2.1
                let is_flushed = out.ends_with(&TAIL);
                out.truncate(if ends { len } else { out.len() });
                is_flushed.then_some(())
            }
        }
    }

    /// Appends all of `input`, up to and with the tail.
    fn squeeze(&mut self, mut input: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let raw = self.raw.get_or_insert_with(|| {
            // zlib-rs gives up Huffman codes of its own at 1, which leaves what is not text nearly as it was.
            let level = match self.level.0 {
                1 => 2,
                level => u32::from(level),
            };
            let level = Compression::new(level);
            Compress::new_with_window_bits(level, false, self.window_bits)
        });
        loop {
            out.try_reserve(input.len() / 4 + SPARE).ok()?;
            let total_in = raw.total_in();
            let status = raw.compress_vec(input, out, FlushCompress::Sync);
            status.ok()?;
            let used = (raw.total_in() - total_in) as usize;
            input = input.get(used..)?;
            // Where there was room for more, there was no more.
            if input.is_empty() && out.len() < out.capacity() {
                return Some(());
            }
        }
    }
}

fn append(bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
    out.try_reserve(bytes.len()).ok()?;
    out.extend_from_slice(bytes);
    Some(())
}

/// The windows that zlib keeps to: told 8 bits, it takes 9.
const WINDOWS: std::ops::RangeInclusive<u8> = 9..=15;

/// Room for a few blocks' heads and the tail, so that every round comes further.
const SPARE: usize = 64;
