//! The only place that gives out keys: a slab whose entries know which generation they are.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::marker::PhantomData;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use slab::Slab;

/// Bits of a key that a handle can carry (`ffi/handle.rs`).
pub(crate) const INDEX_BITS: u32 = 24;
/// Bits of a generation that a handle can carry.
pub(crate) const GENERATION_BITS: u32 = 23;

/// Names one entry of one `Table` for as long as that entry lives; afterwards it names nothing.
pub(crate) struct Key<T> {
    index: u32,
    generation: u32,
    of: PhantomData<fn() -> T>,
}

impl<T> Key<T> {
    pub(crate) fn from_parts(index: u32, generation: u32) -> Self {
        Self {
            index,
            generation,
            of: PhantomData,
        }
    }

    pub(crate) fn index(self) -> u32 {
        self.index
    }

    pub(crate) fn generation(self) -> u32 {
        self.generation
    }
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Key<T> {}

impl<T> PartialEq for Key<T> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index && self.generation == other.generation
    }
}

impl<T> Eq for Key<T> {}

impl<T> fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.index, self.generation)
    }
}

struct Entry<T> {
    generation: u32,
    value: T,
}

/// Entries by key, O(1) to add, find and remove.
pub(crate) struct Table<T> {
    entries: Slab<Entry<T>>,
}

impl<T> Table<T> {
    pub(crate) fn new() -> Self {
        Self {
            entries: Slab::new(),
        }
    }

    /// `None` when all indices that a handle can carry are taken, or memory is.
    pub(crate) fn insert(&mut self, value: T) -> Option<Key<T>> {
        if self.entries.len() >= 1 << INDEX_BITS {
            return None;
        }
        let generation = next_generation();
        let index = self.entries.insert(Entry { generation, value });
        Some(Key::from_parts(u32::try_from(index).ok()?, generation))
    }

    pub(crate) fn get(&self, key: Key<T>) -> Option<&T> {
        let entry = self.entries.get(key.index as usize)?;
        (entry.generation == key.generation).then_some(&entry.value)
    }

    pub(crate) fn get_mut(&mut self, key: Key<T>) -> Option<&mut T> {
        let entry = self.entries.get_mut(key.index as usize)?;
        (entry.generation == key.generation).then_some(&mut entry.value)
    }

    pub(crate) fn remove(&mut self, key: Key<T>) -> Option<T> {
        self.get(key)?;
        Some(self.entries.remove(key.index as usize).value)
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Key<T>, &T)> {
        self.entries.iter().map(|(index, entry)| {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            (Key::from_parts(index, entry.generation), &entry.value)
        })
    }

    pub(crate) fn keys(&self) -> Vec<Key<T>> {
        self.iter().map(|(key, _)| key).collect()
    }
}

/// Process-wide and from a random start, so that a handle of a destroyed context, or of another process's log, names
/// nothing here.
fn next_generation() -> u32 {
    static START: OnceLock<u32> = OnceLock::new();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let start = *START.get_or_init(|| RandomState::new().hash_one(0u8) as u32);
    start.wrapping_add(COUNT.fetch_add(1, Ordering::Relaxed)) & ((1 << GENERATION_BITS) - 1)
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn a_key_of_a_removed_entry_names_nothing_even_when_its_place_is_taken_again() {
        let mut table = Table::new();
        let first = table.insert('a').expect("room");
        assert_eq!(table.remove(first), Some('a'));
        let second = table.insert('b').expect("room");
        assert_eq!(first.index(), second.index());
        assert!(table.get(first).is_none());
        assert_eq!(table.get(second), Some(&'b'));
        assert!(table.remove(first).is_none());
    }
}
