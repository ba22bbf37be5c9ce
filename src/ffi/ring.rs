//! The only place for rings: elements of one size in the order they came, for as many readers as keep a tail.
//!
//! A ring is one block of memory: a `Head`, and the elements behind it.

use super::logs;
use super::marks::Marks;
use super::types::{LLL_NOTICE, lws_ring};
use crate::engine::LLL_ERR;
use crate::net::heap;
use core::ffi::{c_int, c_void};
use core::ptr::{self, NonNull};

/// Makes a ring that holds at most `count` - 1 elements of `element_len` bytes. `destroy_element`, if not NULL, is called for each
/// one that no reader will see any more; it may ask and fill the ring, but not destroy it.
///
/// Returns NULL, after a log line, when one of the numbers is 0, their product is above INT_MAX, or memory is short. A ring has no
/// lock: threads that share one take turns. The caller destroys it with lws_ring_destroy().
///
/// # Safety
///
/// `destroy_element` is NULL or may be called with elements of the ring.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_ring_create(
    element_len: usize,
    count: usize,
    destroy_element: Option<unsafe extern "C-unwind" fn(element: *mut c_void)>,
) -> *mut lws_ring {
    let Some(marks) = Marks::new(element_len, count) else {
        let line = "lws_ring_create: element_len times count is 0, or above INT_MAX";
        logs::emit(LLL_ERR, line);
        return ptr::null_mut();
    };
    let ring = Ring::allocate(Head {
        marks,
        destroy_element,
    });
    let Some(ring) = ring else {
        let bytes = marks.size;
        logs::emit(
            LLL_ERR,
            &format!("lws_ring_create: out of memory for {bytes} bytes"),
        );
        return ptr::null_mut();
    };
    ring.0.as_ptr().cast()
}

/// Ends the ring, and each element that is left in it: `destroy_element` is called for them, oldest first. NULL is allowed.
///
/// # Safety
///
/// `ring` is NULL, or of lws_ring_create() and not destroyed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_ring_destroy(ring: *mut lws_ring) {
    // SAFETY: `ring` is as `Ring::at` wants it, by this function's contract.
    let Some(ring) = (unsafe { Ring::at(ring) }) else {
        return;
    };
    while ring.marks().waiting(ring.marks().oldest) > 0 {
        ring.retire_oldest();
    }
    ring.free();
}

/// How many elements lws_ring_insert() would take now. A ring of single bytes says 0 when one is left.
///
/// # Safety
///
/// `ring` is NULL, or of lws_ring_create() and not destroyed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_ring_get_count_free_elements(ring: *mut lws_ring) -> usize {
    // SAFETY: `ring` is as `known` wants it, by this function's contract.
    let ring = unsafe { known(ring, "lws_ring_get_count_free_elements") };
    ring.map_or(0, |ring| ring.marks().free() as usize)
}

/// How many elements wait for the reader with this tail; for the oldest one's if `tail` is NULL.
///
/// # Safety
///
/// `ring` is NULL, or of lws_ring_create() and not destroyed yet; `tail` is NULL or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_ring_get_count_waiting_elements(
    ring: *mut lws_ring,
    tail: *mut u32,
) -> usize {
    // SAFETY: both are as `reader` wants them, by this function's contract.
    let found = unsafe { reader(ring, tail, "lws_ring_get_count_waiting_elements") };
    found.map_or(0, |(ring, tail)| ring.marks().waiting(tail) as usize)
}

/// Copies up to `max_count` elements into the ring, and answers how many it had room for.
///
/// # Safety
///
/// `ring` is NULL, or of lws_ring_create() and not destroyed yet; `src` has so many elements as the ring has room for, or
/// `max_count`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_ring_insert(
    ring: *mut lws_ring,
    src: *const c_void,
    max_count: usize,
) -> usize {
    // SAFETY: `ring` is as `known` wants it, by this function's contract.
    let Some(ring) = (unsafe { known(ring, "lws_ring_insert") }) else {
        return 0;
    };
    let mut marks = ring.marks();
    let count = at_most(marks.free(), max_count);
    if count == 0 {
        return 0;
    }
    if src.is_null() {
        refuse("lws_ring_insert", "src is NULL");
        return 0;
    }
    let bytes = count * marks.element;
    // SAFETY: `src` has `count` elements, by this function's contract.
    unsafe { ring.copy_in(marks.head, src.cast(), bytes) };
    marks.head = marks.after(marks.head, bytes);
    ring.set_marks(marks);
    count as usize
}

/// Moves the reader with this tail on by up to `max_count` elements, copies them to `dest` if that is not NULL, and answers how
/// many there were. The elements stay until lws_ring_update_oldest_tail() says that nobody needs them; with `tail` NULL the
/// ring's oldest tail is the reader's, and they are gone at once.
///
/// # Safety
///
/// `ring` is NULL, or of lws_ring_create() and not destroyed yet; `tail` is NULL or writable; `dest` is NULL or has room for as many
/// elements as wait, or `max_count`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_ring_consume(
    ring: *mut lws_ring,
    tail: *mut u32,
    dest: *mut c_void,
    max_count: usize,
) -> usize {
    // SAFETY: both are as `reader` wants them, by this function's contract.
    let Some((ring, from)) = (unsafe { reader(ring, tail, "lws_ring_consume") }) else {
        return 0;
    };
    let marks = ring.marks();
    let count = at_most(marks.waiting(from), max_count);
    let bytes = count * marks.element;
    if !dest.is_null() {
        // SAFETY: `dest` has room for `count` elements, by this function's contract.
        unsafe { ring.copy_out(from, dest.cast(), bytes) };
    }
    let to = marks.after(from, bytes);
    if tail.is_null() {
        ring.retire_until(to);
    } else {
        // SAFETY: writable, by this function's contract.
        unsafe { tail.write(to) };
    }
    count as usize
}

/// The next element for the reader with this tail, or for the oldest tail's if it is NULL; NULL when none waits. It is good until
/// the oldest tail moves past it.
///
/// # Safety
///
/// `ring` is NULL, or of lws_ring_create() and not destroyed yet; `tail` is NULL or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_ring_get_element(
    ring: *mut lws_ring,
    tail: *mut u32,
) -> *const c_void {
    // SAFETY: both are as `reader` wants them, by this function's contract.
    let found = unsafe { reader(ring, tail, "lws_ring_get_element") };
    match found {
        Some((ring, tail)) if ring.marks().head != tail => ring.place(tail).cast(),
        _ => ptr::null(),
    }
}

/// Says which of the readers' tails is the oldest: what is before it is destroyed, and its room is free. Of a ring with a
/// destructor it cannot be past what was inserted.
///
/// # Safety
///
/// `ring` is NULL, or of lws_ring_create() and not destroyed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_ring_update_oldest_tail(ring: *mut lws_ring, tail: u32) {
    let mut tail = tail;
    // SAFETY: `ring` is as `reader` wants it, by this function's contract; `tail` is ours.
    let found = unsafe { reader(ring, &raw mut tail, "lws_ring_update_oldest_tail") };
    if let Some((ring, tail)) = found {
        ring.retire_until(tail);
    }
}

/// The oldest tail: where a reader starts that wants all that the ring still has.
///
/// # Safety
///
/// `ring` is NULL, or of lws_ring_create() and not destroyed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_ring_get_oldest_tail(ring: *mut lws_ring) -> u32 {
    // SAFETY: `ring` is as `known` wants it, by this function's contract.
    let ring = unsafe { known(ring, "lws_ring_get_oldest_tail") };
    ring.map_or(0, |ring| ring.marks().oldest)
}

/// Says where elements may be written in place: `*bytes` from `*start` on, as far as the ring's memory goes. lws_ring_bump_head()
/// then says how many were. Answers 0, or 1 when the ring is full.
///
/// # Safety
///
/// `ring` is NULL, or of lws_ring_create() and not destroyed yet; `start` and `bytes` are writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_ring_next_linear_insert_range(
    ring: *mut lws_ring,
    start: *mut *mut c_void,
    bytes: *mut usize,
) -> c_int {
    // SAFETY: `ring` is as `known` wants it, by this function's contract.
    let Some(ring) = (unsafe { known(ring, "lws_ring_next_linear_insert_range") }) else {
        return 1;
    };
    if start.is_null() || bytes.is_null() {
        refuse("lws_ring_next_linear_insert_range", "an argument is NULL");
        return 1;
    }
    let marks = ring.marks();
    let range = (marks.free() * marks.element).min(marks.size - marks.head);
    if range == 0 {
        return 1;
    }
    // SAFETY: writable, by this function's contract.
    unsafe { start.write(ring.place(marks.head).cast()) };
    // SAFETY: as above.
    unsafe { bytes.write(range as usize) };
    0
}

/// Takes `bytes` that were written in place into the ring.
///
/// # Safety
///
/// `ring` is NULL, or of lws_ring_create() and not destroyed yet; that much of its range was written.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_ring_bump_head(ring: *mut lws_ring, bytes: usize) {
    // SAFETY: `ring` is as `known` wants it, by this function's contract.
    let Some(ring) = (unsafe { known(ring, "lws_ring_bump_head") }) else {
        return;
    };
    let mut marks = ring.marks();
    match u32::try_from(bytes) {
        Ok(bytes) if bytes <= marks.room() => marks.head = marks.after(marks.head, bytes),
        _ => {
            return refuse(
                "lws_ring_bump_head",
                "more bytes than the ring has room for",
            );
        }
    }
    ring.set_marks(marks);
}

/// Logs, as a notice, where the ring is at, and how much waits for this tail, or for the oldest one if it is NULL.
///
/// # Safety
///
/// `ring` is NULL, or of lws_ring_create() and not destroyed yet; `tail` is NULL or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_ring_dump(ring: *mut lws_ring, tail: *mut u32) {
    // SAFETY: both are as `reader` wants them, by this function's contract.
    let Some((known, tail)) = (unsafe { reader(ring, tail, "lws_ring_dump") }) else {
        return;
    };
    let marks = known.marks();
    let Marks {
        size,
        element,
        head,
        oldest,
    } = marks;
    let (free, waiting) = (marks.free(), marks.waiting(tail));
    let line = format!(
        "ring {ring:p}: buflen {size}, elem_len {element}, head {head}, oldest_tail {oldest}\n     \
         free_elems: {free}; for tail {tail}, waiting elements: {waiting}"
    );
    logs::emit(LLL_NOTICE, &line);
}

/// # Safety
///
/// `ring` is as `Ring::at` wants it.
unsafe fn known(ring: *mut lws_ring, who: &str) -> Option<Ring> {
    // SAFETY: by this function's contract.
    let found = unsafe { Ring::at(ring) };
    if found.is_none() {
        refuse(who, "ring is NULL");
    }
    found
}

/// The ring, and the place that the tail names.
///
/// # Safety
///
/// `ring` is as `Ring::at` wants it; `tail` is NULL or readable.
unsafe fn reader(ring: *mut lws_ring, tail: *const u32, who: &str) -> Option<(Ring, u32)> {
    // SAFETY: by this function's contract.
    let ring = unsafe { known(ring, who) }?;
    let marks = ring.marks();
    if tail.is_null() {
        return Some((ring, marks.oldest));
    }
    // SAFETY: by this function's contract.
    let tail = unsafe { tail.read() };
    if !marks.is_element(tail) {
        refuse(who, &format!("{tail} is no tail of this ring"));
        return None;
    }
    Some((ring, tail))
}

fn refuse(who: &str, why: &str) {
    logs::emit(LLL_ERR, &format!("{who}: {why}"));
}

fn at_most(there: u32, wanted: usize) -> u32 {
    u32::try_from(wanted).map_or(there, |wanted| wanted.min(there))
}

/// A ring that C vouched for.
#[derive(Clone, Copy)]
struct Ring(NonNull<Head>);

/// What the block of a ring begins with. Its alignment is that of malloc's memory, and so the elements'.
#[repr(C, align(16))]
struct Head {
    marks: Marks,
    destroy_element: Option<unsafe extern "C-unwind" fn(element: *mut c_void)>,
}

impl Ring {
    /// # Safety
    ///
    /// `ring` is NULL, or of `allocate` and not freed; nobody else is at it.
    unsafe fn at(ring: *mut lws_ring) -> Option<Self> {
        NonNull::new(ring.cast()).map(Self)
    }

    fn allocate(head: Head) -> Option<Self> {
        let bytes = size_of::<Head>().checked_add(head.marks.size as usize)?;
        let ring = heap::allocate(bytes, c"lws_ring_create")?.cast();
        // SAFETY: fresh memory that fits a head.
        unsafe { ring.write(head) };
        Some(Self(ring))
    }

    fn free(self) {
        // SAFETY: a block of `allocate`, by the contract of `at`.
        unsafe { heap::free(self.0.cast()) };
    }

    /// Copied: what the program calls meanwhile may change it.
    fn marks(self) -> Marks {
        // SAFETY: a live block, by the contract of `at`.
        unsafe { (*self.0.as_ptr()).marks }
    }

    fn set_marks(self, marks: Marks) {
        // SAFETY: as above.
        unsafe { (*self.0.as_ptr()).marks = marks };
    }

    /// The oldest tail moves here, and what it passes is destroyed.
    fn retire_until(self, tail: u32) {
        // SAFETY: a live block, by the contract of `at`.
        let destroy = unsafe { (*self.0.as_ptr()).destroy_element };
        let marks = self.marks();
        if destroy.is_none() {
            return self.set_marks(Marks {
                oldest: tail,
                ..marks
            });
        }
        let passed = marks.distance(marks.oldest, tail);
        if passed > marks.distance(marks.oldest, marks.head) {
            let line = format!("{tail} is past what was inserted");
            return refuse("lws_ring_update_oldest_tail", &line);
        }
        let mut left = passed / marks.element;
        while left > 0 && self.retire_oldest() {
            left -= 1;
        }
    }

    /// Destroys the oldest element, which is there to be asked for meanwhile. `false`: the program has moved the oldest tail itself.
    fn retire_oldest(self) -> bool {
        // SAFETY: a live block, by the contract of `at`.
        let destroy = unsafe { (*self.0.as_ptr()).destroy_element };
        let oldest = self.marks().oldest;
        if let Some(destroy) = destroy {
            // SAFETY: lws_ring_create asks for a function that may be called so.
            unsafe { destroy(self.place(oldest).cast()) };
        }
        let mut marks = self.marks();
        if marks.oldest != oldest {
            return false;
        }
        marks.oldest = marks.after(oldest, marks.element);
        self.set_marks(marks);
        true
    }

    /// # Safety
    ///
    /// `src` has so many readable bytes; there is room for them from `at` on.
    unsafe fn copy_in(self, at: u32, src: *const u8, bytes: u32) {
        let (first, rest) = self.marks().split(at, bytes);
        // SAFETY: `first` of the bytes, by this function's contract; the ring's memory goes on for so many.
        unsafe { ptr::copy(src, self.place(at), first) };
        // SAFETY: `first` is not more than there is.
        let src = unsafe { src.add(first) };
        // SAFETY: the rest of the bytes; the ring has room for it before `at`.
        unsafe { ptr::copy(src, self.place(0), rest) };
    }

    /// # Safety
    ///
    /// `dest` has so many writable bytes; the ring has them from `at` on.
    unsafe fn copy_out(self, at: u32, dest: *mut u8, bytes: u32) {
        let (first, rest) = self.marks().split(at, bytes);
        // SAFETY: `first` of the bytes, by this function's contract; the ring's memory goes on for so many.
        unsafe { ptr::copy(self.place(at), dest, first) };
        // SAFETY: `first` is not more than there is room.
        let dest = unsafe { dest.add(first) };
        // SAFETY: the rest of the bytes; the ring has them before `at`.
        unsafe { ptr::copy(self.place(0), dest, rest) };
    }

    fn place(self, at: u32) -> *mut u8 {
        // SAFETY: the elements are in the same block, behind the head.
        let first = unsafe { self.0.as_ptr().add(1) };
        // SAFETY: a place is below the size of the elements.
        unsafe { first.cast::<u8>().add(at as usize) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    /// A reader's tail by how many elements it is behind the head.
    fn tail_of(marks: Marks, waiting: usize) -> u32 {
        let back = waiting as u32 * marks.element;
        (marks.head + marks.size - back) % marks.size
    }

    proptest! {
        /// Against a queue that has no places: what is free, what waits, and in which order it comes out.
        #[test]
        fn a_ring_is_a_bounded_queue(
            element in 2_usize..9,
            count in 1_usize..9,
            program in proptest::collection::vec((any::<bool>(), 0_usize..10), 0..200),
        ) {
            // SAFETY: there is no destructor.
            let ring = unsafe { lws_ring_create(element, count, None) };
            let mut model = VecDeque::new();
            let mut next = 0_u8;
            for (inserts, n) in program {
                if inserts {
                    let bytes: Vec<u8> = (0..n * element).map(|i| next.wrapping_add((i / element) as u8)).collect();
                    // SAFETY: a live ring, and `n` elements.
                    let took = unsafe { lws_ring_insert(ring, bytes.as_ptr().cast(), n) };
                    prop_assert_eq!(took, n.min(count - 1 - model.len()));
                    model.extend((0..took).map(|i| next.wrapping_add(i as u8)));
                    next = next.wrapping_add(took as u8);
                } else {
                    let mut bytes = vec![0_u8; n * element];
                    // SAFETY: a live ring, and room for `n` elements.
                    let got = unsafe { lws_ring_consume(ring, ptr::null_mut(), bytes.as_mut_ptr().cast(), n) };
                    prop_assert_eq!(got, n.min(model.len()));
                    for whole in bytes.chunks(element).take(got) {
                        let want = model.pop_front().expect("as many as were got");
                        prop_assert!(whole.iter().all(|byte| *byte == want));
                    }
                }
                // SAFETY: a live ring.
                let marks = unsafe { Ring::at(ring) }.expect("not NULL").marks();
                prop_assert_eq!(marks.waiting(marks.oldest) as usize, model.len());
                prop_assert_eq!(marks.free() as usize, count - 1 - model.len());
                prop_assert_eq!(tail_of(marks, model.len()), marks.oldest);
            }
            // SAFETY: a live ring.
            unsafe { lws_ring_destroy(ring) };
        }
    }
}
