//! The only place that keeps deadlines: a 4-ary heap, and a side slab that says where in it each one is.

use std::sync::atomic::{AtomicU32, Ordering};

use slab::Slab;

/// Microseconds on the monotonic clock.
pub(crate) type Micros = u64;

const ARITY: usize = 4;

/// Counts for the whole process: a program's timer keeps its key when its context is destroyed, and another context may have
/// come to the same place.
static STAMP: AtomicU32 = AtomicU32::new(1);

/// Names a scheduled deadline. Not reused while the process's count of schedules fits 32 bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct TimerKey {
    slot: u32,
    stamp: u32,
}

impl TimerKey {
    pub(crate) fn to_bits(self) -> u64 {
        u64::from(self.slot) << 32 | u64::from(self.stamp)
    }

    pub(crate) fn from_bits(bits: u64) -> Self {
        Self {
            slot: (bits >> 32) as u32,
            stamp: bits as u32,
        }
    }
}

struct Slot<W> {
    position: usize,
    stamp: u32,
    what: W,
}

struct Entry {
    at: Micros,
    /// Equal deadlines fire in the order they were set.
    order: u64,
    slot: u32,
}

impl Entry {
    fn before(&self, other: &Self) -> bool {
        (self.at, self.order) < (other.at, other.order)
    }
}

/// Deadlines and what each is for. O(log n) to set and to cancel.
pub(crate) struct Timers<W> {
    heap: Vec<Entry>,
    slots: Slab<Slot<W>>,
    order: u64,
}

impl<W> Timers<W> {
    pub(crate) fn new() -> Self {
        Self {
            heap: Vec::new(),
            slots: Slab::new(),
            order: 0,
        }
    }

    pub(crate) fn schedule(&mut self, at: Micros, what: W) -> TimerKey {
        self.order += 1;
        let stamp = STAMP.fetch_add(1, Ordering::Relaxed);
        let position = self.heap.len();
        let slot = self.slots.insert(Slot {
            position,
            stamp,
            what,
        }) as u32;
        self.heap.push(Entry {
            at,
            order: self.order,
            slot,
        });
        self.rise(position);
        TimerKey { slot, stamp }
    }

    /// What it was for, or `None` when it has fired or was cancelled.
    pub(crate) fn cancel(&mut self, key: TimerKey) -> Option<W> {
        let slot = self.slots.get(key.slot as usize)?;
        if slot.stamp != key.stamp {
            return None;
        }
        self.take(slot.position)
    }

    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<Micros> {
        self.heap.first().map(|entry| entry.at)
    }

    /// One that is due at `now`, the earliest first.
    pub(crate) fn pop_due(&mut self, now: Micros) -> Option<(TimerKey, W)> {
        let entry = self.heap.first().filter(|entry| entry.at <= now)?;
        let slot = entry.slot;
        let stamp = self.slots.get(slot as usize)?.stamp;
        Some((TimerKey { slot, stamp }, self.take(0)?))
    }

    fn take(&mut self, position: usize) -> Option<W> {
        let entry = self.heap.get(position)?;
        let slot = entry.slot as usize;
        self.heap.swap_remove(position);
        if position < self.heap.len() {
            self.settle(position);
            self.rise(position);
            self.sink(position);
        }
        Some(self.slots.remove(slot).what)
    }

    fn rise(&mut self, mut position: usize) {
        while position > 0 {
            let parent = (position - 1) / ARITY;
            if !self.heap[position].before(&self.heap[parent]) {
                break;
            }
            self.swap(position, parent);
            position = parent;
        }
    }

    fn sink(&mut self, mut position: usize) {
        loop {
            let first = position * ARITY + 1;
            let children = first..(first + ARITY).min(self.heap.len());
            let Some(least) = children.reduce(|a, b| {
                if self.heap[b].before(&self.heap[a]) {
                    b
                } else {
                    a
                }
            }) else {
                break;
            };
            if !self.heap[least].before(&self.heap[position]) {
                break;
            }
            self.swap(position, least);
            position = least;
        }
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.heap.swap(a, b);
        self.settle(a);
        self.settle(b);
    }

    fn settle(&mut self, position: usize) {
        let slot = self.heap[position].slot as usize;
        self.slots[slot].position = position;
    }
}

#[cfg(test)]
mod tests {
    use super::Timers;
    use proptest::prelude::*;

    #[test]
    fn equal_deadlines_fire_in_the_order_they_were_set() {
        let mut timers = Timers::new();
        for what in 0..20 {
            timers.schedule(7, what);
        }
        let fired: Vec<_> = std::iter::from_fn(|| timers.pop_due(7))
            .map(|due| due.1)
            .collect();
        assert_eq!(fired, (0..20).collect::<Vec<_>>());
    }

    #[test]
    fn a_cancelled_key_never_cancels_its_successor() {
        let mut timers = Timers::new();
        let old = timers.schedule(1, 'a');
        assert_eq!(timers.cancel(old), Some('a'));
        timers.schedule(1, 'b');
        assert_eq!(timers.cancel(old), None);
        assert_eq!(timers.pop_due(1).map(|due| due.1), Some('b'));
    }

    proptest! {
        #[test]
        fn fires_sorted_whatever_was_set_and_cancelled(ops in prop::collection::vec((0u64..50, any::<bool>()), 1..200)) {
            let mut timers = Timers::new();
            let mut expected = Vec::new();
            for (n, (at, keep)) in ops.into_iter().enumerate() {
                let key = timers.schedule(at, n);
                if keep {
                    expected.push((at, n));
                } else {
                    prop_assert_eq!(timers.cancel(key), Some(n));
                }
            }
            expected.sort_unstable();
            let fired: Vec<_> = std::iter::from_fn(|| timers.pop_due(u64::MAX)).map(|due| due.1).collect();
            prop_assert_eq!(fired, expected.into_iter().map(|(_, n)| n).collect::<Vec<_>>());
        }
    }
}
