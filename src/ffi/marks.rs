//! The only place that reckons where a ring is at.
//!
//! Places are bytes from the first element: `head` is where the next one goes, a tail is where its reader goes on, and what is
//! before the oldest tail is free. One element stays empty, or a full ring would look like an empty one.

use core::ffi::c_int;

/// Where a ring is at. Sums of two places fit: `size` is at most INT_MAX.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Marks {
    pub(crate) size: u32,
    pub(crate) element: u32,
    pub(crate) head: u32,
    pub(crate) oldest: u32,
}

impl Marks {
    pub(crate) fn new(element_len: usize, count: usize) -> Option<Self> {
        let size = element_len.checked_mul(count)?;
        let size = c_int::try_from(size).ok().filter(|size| *size > 0)?;
        Some(Self {
            size: size.unsigned_abs(),
            element: u32::try_from(element_len).ok()?,
            head: 0,
            oldest: 0,
        })
    }

    /// In elements.
    pub(crate) fn free(self) -> u32 {
        match self.room() {
            1 => 0, // lws: a single byte is no room
            room => room / self.element,
        }
    }

    /// In bytes, less the element that stays empty.
    pub(crate) fn room(self) -> u32 {
        let gap = match self.distance(self.head, self.oldest) {
            0 => self.size,
            gap => gap,
        };
        gap.saturating_sub(self.element)
    }

    /// In elements.
    pub(crate) fn waiting(self, tail: u32) -> u32 {
        self.distance(tail, self.head) / self.element
    }

    /// Bytes from one place to another, going up.
    pub(crate) fn distance(self, from: u32, to: u32) -> u32 {
        if to >= from {
            to - from
        } else {
            self.size - from + to
        }
    }

    pub(crate) fn after(self, place: u32, bytes: u32) -> u32 {
        (place + bytes) % self.size
    }

    /// So many bytes from a place on are these up to the end of the memory, and these at its start.
    pub(crate) fn split(self, at: u32, bytes: u32) -> (usize, usize) {
        let first = bytes.min(self.size - at);
        (first as usize, (bytes - first) as usize)
    }

    pub(crate) fn is_element(self, place: u32) -> bool {
        place < self.size && place.is_multiple_of(self.element)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_ring_can_be_is_refused() {
        let int_max = usize::try_from(c_int::MAX).expect("fits");
        for (element, count) in [
            (0, 4),
            (4, 0),
            (1, int_max + 1),
            (usize::MAX, 2),
            (1 << 20, 1 << 20),
        ] {
            assert!(Marks::new(element, count).is_none(), "{element} x {count}");
        }
        let most = Marks::new(1, int_max).expect("INT_MAX bytes");
        assert_eq!(most.after(most.size - 1, most.size - 1), most.size - 2);
    }

    #[test]
    fn a_single_byte_is_no_room() {
        let mut marks = Marks::new(1, 4).expect("a ring");
        let free: Vec<u32> = (0..4)
            .map(|head| {
                marks.head = head;
                marks.free()
            })
            .collect();
        assert_eq!(free, [3, 2, 0, 0]);
    }
}
