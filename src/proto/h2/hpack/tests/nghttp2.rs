//! The only place that compares our HPACK with nghttp2's: what one writes, the other reads.

use super::*;
use crate::tests::nghttp2::{Deflater, Field as Theirs, Inflater};

/// The reader's SETTINGS since the last block, each with its values for the table's size.
type Sizes = Vec<Vec<usize>>;

type Fields = Vec<(String, Vec<u8>, Indexing)>;

fn size() -> impl Strategy<Value = usize> {
    prop_oneof![
        2 => prop::sample::select(vec![0, 1, 31, 32, 33, 64, 4095, 4096, 4097, 65_536]),
        1 => 0usize..6000,
    ]
}

fn sizes() -> impl Strategy<Value = Sizes> {
    let settings = prop::collection::vec(prop::collection::vec(size(), 1..4), 0..3);
    let none = Just(Vec::new());
    prop_oneof![2 => none, 1 => settings]
}

fn blocks() -> impl Strategy<Value = Vec<(Fields, Sizes)>> {
    prop::collection::vec((prop::collection::vec(field(), 0..12), sizes()), 1..20)
}

fn theirs((name, value, indexing): &(String, Vec<u8>, Indexing)) -> Theirs {
    Theirs {
        never_indexed: *indexing == Indexing::Never,
        ..Theirs::new(name.as_str(), value.as_slice())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn nghttp2_reads_what_we_write(blocks in blocks()) {
        let mut encoder = Encoder::new();
        let mut inflater = Inflater::new();
        let mut allowed = DEFAULT_TABLE;
        for (fields, sizes) in blocks {
            for values in sizes {
                let lowest = values.iter().copied().chain([allowed]).min().unwrap_or(allowed);
                allowed = values.last().copied().unwrap_or(allowed);
                encoder.peer_allows(lowest, allowed);
                // As nghttp2 takes its own SETTINGS once they are acknowledged: the lowest, and the last.
                inflater.announce(lowest);
                inflater.announce(allowed);
            }
            let mut out = Vec::new();
            encoder.begin(&mut out);
            for (name, value, indexing) in &fields {
                encoder.put(name.as_bytes(), value, *indexing, &mut out);
            }
            let meant: Vec<_> = fields.iter().map(theirs).collect();
            prop_assert_eq!(inflater.inflate(&out), Ok(meant));
            prop_assert!(inflater.table() <= allowed.min(DEFAULT_TABLE));
        }
    }

    #[test]
    fn we_read_what_nghttp2_writes(
        blocks in blocks(),
        announced in size(),
        most in size(),
    ) {
        // What we announce is known to the peer before its first block, or later, or never.
        let announced = announced.max(DEFAULT_TABLE);
        let mut decoder = Decoder::new(announced);
        let mut deflater = Deflater::new(most);
        for (fields, sizes) in blocks {
            for size in sizes.into_iter().flatten() {
                deflater.allow(size.min(announced));
            }
            let block = deflater.deflate(&fields.iter().map(theirs).collect::<Vec<_>>());
            let mut found = Vec::new();
            decoder.decode(&block, |f| {
                found.push((f.name.to_vec(), f.value.to_vec()));
                Ok::<_, Broken>(())
            }).expect("nghttp2's");
            let meant: Vec<_> = fields.into_iter().map(|(n, v, _)| (n.into_bytes(), v)).collect();
            prop_assert_eq!(found, meant);
        }
    }

    /// What one refuses, the other does, and what both read is the same.
    #[test]
    fn any_bytes_mean_to_us_what_they_mean_to_nghttp2(
        start in prop::collection::vec(field(), 0..8),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        tail in prop::collection::vec(any::<u8>(), 0..12),
    ) {
        let mut deflater = Deflater::new(DEFAULT_TABLE);
        let mut block = deflater.deflate(&start.iter().map(theirs).collect::<Vec<_>>());
        for (at, byte) in flips {
            if !block.is_empty() {
                let at = at.index(block.len());
                block[at] = byte;
            }
        }
        block.extend(tail);
        let mut found = Vec::new();
        let ours = Decoder::new(DEFAULT_TABLE).decode(&block, |f| {
            found.push(Theirs::new(f.name, f.value));
            Ok::<_, Broken>(())
        });
        let theirs = Inflater::new().inflate(&block);
        prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{:?} {:?} {:?}", ours, theirs, block);
        if let Ok(mut theirs) = theirs {
            theirs.iter_mut().for_each(|field| field.never_indexed = false);
            prop_assert_eq!(found, theirs);
        }
    }
}
