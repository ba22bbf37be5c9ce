//! The only place that knows HPACK, the compression of header fields (RFC 7541), and what its two halves share.

mod decode;
mod encode;
#[cfg(any(test, feature = "fuzzing"))]
pub(super) mod fuzz;
mod huffman;
mod statics;
mod table;
#[cfg(test)]
mod tests;

pub(super) use decode::Decoder;
pub(super) use encode::{Encoder, Indexing};

/// One field, as the decoder shows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'a> {
    pub(super) name: &'a [u8],
    pub(super) value: &'a [u8],
    pub(super) verdict: Verdict,
}

/// What was found when a field was judged: once, also when it is used many times from a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) name: Name,
    /// The value has only what a value may have.
    pub(super) value_is_clean: bool,
}

pub(super) use super::field::Name;

/// The block cannot be read: the two tables are no longer the same, and never will be again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken(pub(super) &'static str);

/// Of a dynamic table, until somebody says otherwise (RFC 9113 §6.5.2).
pub(super) const DEFAULT_TABLE: usize = 4096;

/// RFC 7541 §4.1: what each entry costs beside its text.
const ENTRY_COST: usize = 32;

/// Where the dynamic table's indices begin.
const DYNAMIC: usize = statics::COUNT + 1;
