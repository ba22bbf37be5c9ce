//! The only place that turns keys into pointers for C and back.
//!
//! ```text
//!   63      56 55 54    51 50             28 27          4 3  0
//!   [context+ ][1][context][  generation   ][    key     ][kind]
//! ```
//!
//! The top byte is never 0, so on x86-64 no handle is a user address, and bit 55 puts it into the kernel half on aarch64
//! whatever the top byte: a stray dereference faults. A generation is process-wide, so a stale handle names nothing.

use super::context::CONTEXTS;
use super::types::{lws, lws_vhost};
use crate::engine::table::{GENERATION_BITS, INDEX_BITS, Key};

const _: () = assert!(
    usize::BITS == 64,
    "handles are laid out for 64-bit pointers"
);

const KIND_BITS: u32 = 4;
const MARK: u64 = 1 << 55;

/// What a handle names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Request,
    /// A vhost's protocol in callbacks that are no request's.
    Face,
    Vhost,
    /// A connection that requests share as streams.
    Conn,
}

impl Kind {
    fn bits(self) -> u64 {
        match self {
            Self::Request => 0,
            Self::Face => 4,
            Self::Vhost => 8,
            Self::Conn => 12,
        }
    }

    fn parse(bits: u64) -> Option<Self> {
        [Self::Request, Self::Face, Self::Vhost, Self::Conn]
            .into_iter()
            .find(|kind| kind.bits() == bits)
    }
}

/// A handle taken apart; what it names may be gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Handle {
    pub(crate) slot: usize,
    pub(crate) kind: Kind,
    index: u32,
    generation: u32,
}

impl Handle {
    pub(crate) fn key<T>(self) -> Key<T> {
        Key::from_parts(self.index, self.generation)
    }
}

/// The pointer for an entry of the context in `slot`.
pub(crate) fn encode<T>(slot: usize, kind: Kind, key: Key<T>) -> usize {
    let slot = slot as u64;
    let bits = ((slot >> 4) + 1) << 56
        | MARK
        | (slot & 15) << 51
        | u64::from(key.generation()) << (INDEX_BITS + KIND_BITS)
        | u64::from(key.index()) << KIND_BITS
        | kind.bits();
    bits as usize
}

/// Takes a pointer apart; `None` when it was never one of ours.
pub(crate) fn decode(pointer: usize) -> Option<Handle> {
    let bits = pointer as u64;
    let high = bits >> 56;
    if high == 0 || bits & MARK == 0 {
        return None;
    }
    let slot = (((high - 1) << 4) | (bits >> 51 & 15)) as usize;
    if slot >= CONTEXTS {
        return None;
    }
    Some(Handle {
        slot,
        kind: Kind::parse(bits & 15)?,
        index: (bits >> KIND_BITS & ((1 << INDEX_BITS) - 1)) as u32,
        generation: (bits >> (INDEX_BITS + KIND_BITS) & ((1 << GENERATION_BITS) - 1)) as u32,
    })
}

pub(crate) fn wsi_pointer<T>(slot: usize, kind: Kind, key: Key<T>) -> *mut lws {
    std::ptr::without_provenance_mut(encode(slot, kind, key))
}

pub(crate) fn vhost_pointer<T>(slot: usize, key: Key<T>) -> *mut lws_vhost {
    std::ptr::without_provenance_mut(encode(slot, Kind::Vhost, key))
}

#[cfg(test)]
mod tests {
    use super::{Handle, Kind, decode, encode};
    use crate::engine::table::Key;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_encoded_is_decoded_and_never_a_user_address(
            slot in 0usize..4080,
            index in 0u32..1 << 24,
            generation in 0u32..1 << 23,
        ) {
            let key: Key<()> = Key::from_parts(index, generation);
            for kind in [Kind::Request, Kind::Face, Kind::Vhost, Kind::Conn] {
                let pointer = encode(slot, kind, key);
                prop_assert!(pointer as u64 > u64::MAX >> 8);
                prop_assert_eq!(decode(pointer), Some(Handle { slot, kind, index, generation }));
            }
        }
    }

    #[test]
    fn user_addresses_and_null_are_refused() {
        let local = 0u8;
        assert_eq!(decode(0), None);
        assert_eq!(decode(&raw const local as usize), None);
        assert_eq!(decode(usize::MAX), None);
    }
}
