//! The only place that writes header blocks (RFC 7541 §6), and decides which fields enter the table.

use super::table::Table;
use super::{DEFAULT_TABLE, DYNAMIC, ENTRY_COST, huffman, statics};

/// Our table, as the peer follows it.
#[derive(Debug)]
pub(crate) struct Encoder {
    table: Table<Links>,
    /// Numbers of the entries that have entered, round; the newest has this one. 0 is none.
    newest: u32,
    /// By hash: the number of the newest entry.
    by_field: [u32; BUCKETS],
    by_name: [u32; BUCKETS],
    /// §4.2: the peer changed the size, and is told at the start of the next block that it was followed.
    resized: Option<Resized>,
}

/// The next older entries in the same buckets. Entries go oldest first, so a chain ends at the first that is gone.
#[derive(Clone, Copy, Debug)]
struct Links {
    field: u32,
    name: u32,
}

#[derive(Clone, Copy, Debug)]
struct Resized {
    lowest: usize,
    last: usize,
}

/// How a field may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Indexing {
    /// It comes again: enters the table.
    Keep,
    /// It does not, or is too large.
    Pass,
    /// §7.1.3: a secret that could be guessed piece by piece from how well it compresses. Nobody on the way may index
    /// it either.
    Never,
}

impl Encoder {
    pub(crate) fn new() -> Self {
        Self {
            table: Table::new(DEFAULT_TABLE),
            newest: 0,
            by_field: [0; BUCKETS],
            by_name: [0; BUCKETS],
            resized: None,
        }
    }

    /// The peer's SETTINGS_HEADER_TABLE_SIZE went to `last`, by way of `lowest`.
    pub(crate) fn peer_allows(&mut self, lowest: usize, last: usize) {
        let last = last.min(DEFAULT_TABLE);
        let before = self.resized.map_or_else(|| self.table.max(), |r| r.lowest);
        let lowest = lowest.min(last).min(before);
        if self.resized.is_some() || lowest != self.table.max() || last != self.table.max() {
            self.resized = Some(Resized { lowest, last });
        }
    }

    /// Goes before the first field of a block.
    pub(crate) fn begin(&mut self, out: &mut Vec<u8>) {
        let Some(Resized { lowest, last }) = self.resized.take() else {
            return;
        };
        if lowest < last {
            self.table.resize(lowest);
            put_int(out, 0x20, 5, lowest);
        }
        self.table.resize(last);
        put_int(out, 0x20, 5, last);
    }

    /// An entry of the static table, whole.
    pub(crate) fn put_static(&mut self, index: u8, out: &mut Vec<u8>) {
        out.push(0x80 | index);
    }

    /// `name` is in lower case.
    pub(crate) fn put(&mut self, name: &[u8], value: &[u8], indexing: Indexing, out: &mut Vec<u8>) {
        match indexing {
            Indexing::Keep => self.put_kept(name, value, out),
            Indexing::Pass => {
                let index = self.name_index(name, name_hash(name));
                put_literal(out, 0x00, 4, index, name, value);
            }
            Indexing::Never => {
                let index = self.name_index(name, name_hash(name));
                put_literal(out, 0x10, 4, index, name, value);
            }
        }
    }

    fn put_kept(&mut self, name: &[u8], value: &[u8], out: &mut Vec<u8>) {
        let name_hash = name_hash(name);
        let field_hash = hash(value).rotate_left(7) ^ name_hash;
        if let Some(index) = self.field_index(name, value, field_hash) {
            return put_int(out, 0x80, 7, index);
        }
        let index = self.name_index(name, name_hash);
        // Entries that push most of the others out cost more than they save.
        if (name.len() + value.len() + ENTRY_COST) * 4 > self.table.max() * 3 {
            return put_literal(out, 0x00, 4, index, name, value);
        }
        put_literal(out, 0x40, 6, index, name, value);
        self.keep(name, value, name_hash, field_hash);
    }

    fn keep(&mut self, name: &[u8], value: &[u8], name_hash: u32, field_hash: u32) {
        let number = self.newest.wrapping_add(1);
        let (Some(by_field), Some(by_name)) = (
            self.by_field.get_mut(bucket(field_hash)),
            self.by_name.get_mut(bucket(name_hash)),
        ) else {
            return;
        };
        let links = Links {
            field: *by_field,
            name: *by_name,
        };
        // Also when it is not added, the table is empty as the peer's is.
        if self.table.insert(name, value, links) {
            self.newest = number;
            *by_field = number;
            *by_name = number;
        }
    }

    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn check_books(&self) {
        let held = self.table.check_books();
        assert!(self.table.max() <= DEFAULT_TABLE);
        assert!(held <= 8 * DEFAULT_TABLE, "{held}");
    }

    #[inline]
    fn field_index(&self, name: &[u8], value: &[u8], hash: u32) -> Option<usize> {
        let newest = self.by_field.get(bucket(hash)).copied()?;
        let same = |n: &[u8], v: &[u8]| n == name && v == value;
        self.find(newest, same, |links| links.field)
    }

    /// 0 when no table has it.
    fn name_index(&self, name: &[u8], hash: u32) -> usize {
        if let Some(index) = statics::index_of(name) {
            return index;
        }
        let newest = self.by_name.get(bucket(hash)).copied().unwrap_or(0);
        self.find(newest, |n, _| n == name, |links| links.name)
            .unwrap_or(0)
    }

    fn find(
        &self,
        mut number: u32,
        same: impl Fn(&[u8], &[u8]) -> bool,
        next: impl Fn(Links) -> u32,
    ) -> Option<usize> {
        for _ in 0..LONGEST_CHAIN {
            let nth = self.newest.wrapping_sub(number) as usize;
            let (name, value, links) = self.table.at(nth)?;
            if same(name, value) {
                return Some(DYNAMIC + nth);
            }
            number = next(links);
        }
        None
    }
}

/// §6.2: the name by its index, or as text when that is 0.
fn put_literal(
    out: &mut Vec<u8>,
    pattern: u8,
    prefix: u32,
    index: usize,
    name: &[u8],
    value: &[u8],
) {
    put_int(out, pattern, prefix, index);
    if index == 0 {
        put_text(out, name);
    }
    put_text(out, value);
}

/// §5.2: coded when that is shorter.
fn put_text(out: &mut Vec<u8>, text: &[u8]) {
    let coded = huffman::encoded_len(text);
    if coded < text.len() {
        put_int(out, 0x80, 7, coded);
        huffman::encode(text, out);
    } else {
        put_int(out, 0x00, 7, text.len());
        out.extend_from_slice(text);
    }
}

/// §5.1
#[inline]
fn put_int(out: &mut Vec<u8>, pattern: u8, prefix: u32, number: usize) {
    let most = (1usize << prefix) - 1;
    if number < most {
        return out.push(pattern | number as u8);
    }
    out.push(pattern | most as u8);
    let mut rest = number - most;
    while rest > 0x7f {
        out.push(0x80 | (rest & 0x7f) as u8);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// Eight bytes a step, the last step once more over some of those before. Who can choose our request fields can make
/// chains long: they are followed a little way only.
#[inline]
fn hash(text: &[u8]) -> u32 {
    let mix = |sum: u64, eight: u64| (sum.rotate_left(5) ^ eight).wrapping_mul(SPREAD);
    let sum = text.len() as u64;
    let Some(last) = text.last_chunk::<8>() else {
        let short = text.iter().fold(0, |n, b| (n << 8) | u64::from(*b));
        return (mix(sum, short) >> 32) as u32;
    };
    let eights = text.chunks_exact(8);
    let sum = eights.fold(sum, |sum, eight| {
        mix(
            sum,
            eight.first_chunk().copied().map_or(0, u64::from_le_bytes),
        )
    });
    (mix(sum, u64::from_le_bytes(*last)) >> 32) as u32
}

/// Names differ in length, or in one of three places, well enough.
#[inline]
fn name_hash(name: &[u8]) -> u32 {
    let at = |n: usize| name.get(n).copied().map_or(0, u32::from);
    let (first, middle) = (at(0), at(name.len() / 2));
    let last = at(name.len().wrapping_sub(1));
    let mixed = (name.len() as u32) << 24 ^ first << 16 ^ middle << 8 ^ last;
    (u64::from(mixed).wrapping_mul(SPREAD) >> 32) as u32
}

const SPREAD: u64 = 0x517c_c1b7_2722_0a95;

fn bucket(hash: u32) -> usize {
    (hash >> 8) as usize % BUCKETS
}

/// About as many as entries fit the table.
const BUCKETS: usize = 128;
const LONGEST_CHAIN: usize = 8;
