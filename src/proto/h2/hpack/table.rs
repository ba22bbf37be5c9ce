//! The only place that keeps a dynamic table: the newest fields that fit its size (RFC 7541 §2.3.2, §4).

use std::collections::VecDeque;

use super::ENTRY_COST;

/// Fields with something remembered about each, `X`.
#[derive(Debug)]
pub(super) struct Table<X> {
    /// The text of all entries, oldest first; some of the dead before them.
    text: Vec<u8>,
    /// Where the text of the oldest begins.
    dead: usize,
    /// Bytes that were cut off before `text`, counted round: entries need not be touched when it moves.
    cut: u32,
    /// Oldest first.
    entries: VecDeque<Entry<X>>,
    size: usize,
    max: usize,
}

#[derive(Debug)]
struct Entry<X> {
    at: u32,
    name: u32,
    value: u32,
    about: X,
}

impl<X: Copy> Table<X> {
    pub(super) fn new(max: usize) -> Self {
        Self {
            text: Vec::new(),
            dead: 0,
            cut: 0,
            entries: VecDeque::new(),
            size: 0,
            max,
        }
    }

    /// RFC 7541 §4.4: the oldest make room; what is larger than the table empties it, and is not added. The answer
    /// says whether it was added.
    pub(super) fn insert(&mut self, name: &[u8], value: &[u8], about: X) -> bool {
        if !self.make_room(name.len() + value.len() + ENTRY_COST) {
            return false;
        }
        let at = self.end();
        self.text.extend_from_slice(name);
        self.text.extend_from_slice(value);
        self.push(at, name.len(), value.len(), about);
        true
    }

    /// The same with the name of the entry `nth` from the newest, which may have to go to make room.
    pub(super) fn insert_named_as(&mut self, nth: usize, value: &[u8], about: X) -> bool {
        let Some((at, len)) = self.entry(nth).map(|e| (e.at, e.name as usize)) else {
            return false;
        };
        self.trim();
        let start = self.place(at);
        let name = start..(start + len).min(self.text.len());
        let new_at = self.end();
        // Copied before room is made: the text of the dead stays where it is until then.
        self.text.extend_from_within(name);
        if !self.make_room_untrimmed(len + value.len() + ENTRY_COST) {
            return false;
        }
        self.text.extend_from_slice(value);
        self.push(new_at, len, value.len(), about);
        true
    }

    /// RFC 7541 §4.3
    pub(super) fn resize(&mut self, max: usize) {
        self.max = max;
        self.evict_down_to(max);
    }

    /// The entry `nth` from the newest.
    #[inline]
    pub(super) fn at(&self, nth: usize) -> Option<(&[u8], &[u8], X)> {
        let entry = self.entry(nth)?;
        let text = self.text.get(self.place(entry.at)..)?;
        let (name, rest) = text.split_at_checked(entry.name as usize)?;
        Some((name, rest.get(..entry.value as usize)?, entry.about))
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn max(&self) -> usize {
        self.max
    }

    /// Panics when its own figures do not agree; the answer is the memory that its text takes.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) fn check_books(&self) -> usize {
        let text = |e: &Entry<X>| (e.name + e.value) as usize;
        let live: usize = self.entries.iter().map(text).sum();
        assert_eq!(self.size, live + self.entries.len() * ENTRY_COST);
        assert!(self.size <= self.max);
        assert!(self.dead + live <= self.text.len());
        let mut at = self.dead;
        for entry in &self.entries {
            assert_eq!(self.place(entry.at), at, "a gap between two entries");
            at += text(entry);
        }
        self.text.capacity()
    }

    #[inline]
    fn entry(&self, nth: usize) -> Option<&Entry<X>> {
        let last = self.entries.len().checked_sub(1)?;
        self.entries.get(last.checked_sub(nth)?)
    }

    fn make_room(&mut self, cost: usize) -> bool {
        self.trim();
        self.make_room_untrimmed(cost)
    }

    fn make_room_untrimmed(&mut self, cost: usize) -> bool {
        self.evict_down_to(self.max.saturating_sub(cost));
        cost <= self.max
    }

    fn evict_down_to(&mut self, size: usize) {
        while self.size > size {
            let Some(oldest) = self.entries.pop_front() else {
                return;
            };
            let text = (oldest.name + oldest.value) as usize;
            self.size -= text + ENTRY_COST;
            self.dead = self.place(oldest.at) + text;
        }
    }

    /// Moves the text to the front when as much as the table may hold is dead before it: on average, each byte that
    /// enters is moved at most once.
    fn trim(&mut self) {
        if self.entries.is_empty() {
            self.dead = self.text.len();
        }
        if self.dead > self.max.max(SMALL) {
            self.text.drain(..self.dead);
            self.cut = self.cut.wrapping_add(self.dead as u32);
            self.dead = 0;
        }
    }

    fn push(&mut self, at: u32, name: usize, value: usize, about: X) {
        self.size += name + value + ENTRY_COST;
        self.entries.push_back(Entry {
            at,
            name: name as u32,
            value: value as u32,
            about,
        });
    }

    fn end(&self) -> u32 {
        self.cut.wrapping_add(self.text.len() as u32)
    }

    fn place(&self, at: u32) -> usize {
        at.wrapping_sub(self.cut) as usize
    }
}

/// Not worth moving.
const SMALL: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    fn names(table: &Table<u8>) -> Vec<(String, u8)> {
        let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        (0..table.len())
            .filter_map(|n| table.at(n))
            .map(|(name, value, about)| (text(name) + "=" + &text(value), about))
            .collect()
    }

    #[test]
    fn the_oldest_make_room_and_what_is_too_large_empties_it() {
        let mut t = Table::new(100);
        assert!(t.insert(b"a", b"1", 1));
        assert!(t.insert(b"b", b"2", 2));
        assert_eq!(names(&t), [("b=2".into(), 2), ("a=1".into(), 1)]);
        assert!(t.insert(b"c", b"3", 3));
        assert_eq!(names(&t), [("c=3".into(), 3), ("b=2".into(), 2)]);
        assert!(!t.insert(b"d", &[b'x'; 68], 4));
        assert_eq!(t.len(), 0);
        assert!(t.insert(b"e", &[b'x'; 67], 5));
        t.resize(99);
        assert_eq!(t.len(), 0);
    }

    #[test]
    fn a_name_is_taken_from_an_entry_that_goes() {
        let mut t = Table::new(70);
        t.insert(b"name", b"old", 1);
        assert!(t.insert_named_as(0, b"new value", 2));
        assert_eq!(names(&t), [("name=new value".into(), 2)]);
        assert!(!t.insert_named_as(1, b"x", 3));
        assert!(!t.insert_named_as(0, &[b'y'; 64], 4));
        assert_eq!(t.len(), 0);
    }

    #[test]
    fn the_text_does_not_grow_however_many_come() {
        let mut t = Table::new(4096);
        for n in 0..100_000u32 {
            let value = n.to_string();
            if n % 3 == 0 && t.len() > 5 {
                t.insert_named_as(5, value.as_bytes(), 0);
            } else {
                t.insert(b"some-name", value.as_bytes(), 0);
            }
            let (_, newest, _) = t.at(0).expect("there");
            assert_eq!(newest, value.as_bytes());
        }
        assert!(t.text.capacity() <= 4 * 4096, "{}", t.text.capacity());
    }
}
