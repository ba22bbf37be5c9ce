//! The only place that cuts one input in several ways: a machine has to make the same of each.

/// How the bytes of a peer arrive.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Split {
    Whole,
    Bytes,
    /// Pieces of any size, as a number from the bytes themselves has it: a file says all of a run.
    Ragged(u64),
}

impl Split {
    pub(crate) fn all(data: &[u8]) -> [Self; 4] {
        let mixed = data.iter().fold(data.len() as u64 | 1, |sum, byte| {
            (sum ^ u64::from(*byte)).wrapping_mul(SPREAD)
        });
        [
            Self::Whole,
            Self::Bytes,
            Self::Ragged(mixed | 1),
            Self::Ragged(mixed.rotate_left(32) | 1),
        ]
    }

    /// How many more of `left` bytes arrive next: at least one, when there are any.
    pub(crate) fn more(&mut self, left: usize) -> usize {
        let most = match self {
            Self::Whole => left,
            Self::Bytes => 1,
            Self::Ragged(state) => {
                // xorshift64
                *state ^= *state << 13;
                *state ^= *state >> 7;
                *state ^= *state << 17;
                let bits = *state >> 40;
                // Small ones and large ones.
                match bits & 3 {
                    0 => 1 + (bits >> 2) as usize % 3,
                    1 | 2 => 1 + (bits >> 2) as usize % 64,
                    _ => 1 + (bits >> 2) as usize % 4096,
                }
            }
        };
        most.min(left)
    }
}

const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
