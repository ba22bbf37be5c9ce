//! The only place for buflists: copies of bytes that wait, in the pieces that they came in.
//!
//! A piece is one block of memory: a `Piece`, LWS_PRE bytes for lws_write(), the bytes, and a NUL.

use std::ffi::{c_char, c_int, c_void};
use std::ptr::{self, NonNull};

use super::types::{LLL_NOTICE, LWS_PRE, lws_buflist};
use super::{logs, text};
use crate::engine::LLL_ERR;
use crate::net::heap;

/// Puts a copy of `len` bytes at the end of the list; `*head` NULL is an empty one. Returns 1 when they are the first piece, 0 when
/// they are a further one, or -1, after a log line, when memory is short, `len` is 0 or an argument is NULL.
///
/// # Safety
///
/// `head` is NULL, or at a list's head, and nobody else is at the list; `buf` is NULL or has `len` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_buflist_append_segment(
    head: *mut *mut lws_buflist,
    buf: *const u8,
    len: usize,
) -> c_int {
    const WHO: &str = "lws_buflist_append_segment";
    // SAFETY: by this function's contract.
    let list = unsafe { List::at(head) };
    // SAFETY: NULL or `len` readable bytes, by this function's contract.
    let bytes = unsafe { text::buffer(buf.cast(), len) };
    let (Some(list), Some(bytes)) = (list, bytes) else {
        return refuse(WHO, "an argument is NULL, or len is 0");
    };
    let Some(piece) = Piece::of(bytes) else {
        return refuse(WHO, &format!("out of memory for {len} bytes"));
    };
    match list.pieces().last() {
        None => {
            list.set_first(Some(piece));
            1
        }
        Some(last) => {
            last.set(Piece {
                next: Some(piece),
                ..last.get()
            });
            0
        }
    }
}

/// How many bytes are left of the first piece, and, if `buf` is not NULL, where they are: there are LWS_PRE writable bytes before the first
/// of a piece. 0, and NULL in `*buf`, when the list is empty.
///
/// # Safety
///
/// `head` is NULL, or at a list's head, and nobody else is at the list; `buf` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_buflist_next_segment_len(
    head: *mut *mut lws_buflist,
    buf: *mut *mut u8,
) -> usize {
    // SAFETY: by this function's contract.
    let first = unsafe { List::at(head) }.and_then(List::first);
    let (at, left) = first.map_or((ptr::null_mut(), 0), |piece| (piece.rest(), piece.left()));
    if !buf.is_null() {
        // SAFETY: writable, by this function's contract.
        unsafe { buf.write(at) };
    }
    left
}

/// Takes `len` bytes off the first piece, or what is left of it when that is less; when nothing is left the piece is freed. Returns how
/// many bytes are left of what is then the first piece: 0 when the list is empty.
///
/// # Safety
///
/// `head` is NULL, or at a list's head, and nobody else is at the list.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_buflist_use_segment(
    head: *mut *mut lws_buflist,
    len: usize,
) -> usize {
    // SAFETY: by this function's contract.
    let Some(list) = (unsafe { List::at(head) }) else {
        return 0;
    };
    list.take(len);
    list.first().map_or(0, Item::left)
}

/// How many bytes all pieces have left.
///
/// # Safety
///
/// `head` is NULL, or at a list's head, and nobody else is at the list.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_buflist_total_len(head: *mut *mut lws_buflist) -> usize {
    // SAFETY: by this function's contract.
    let list = unsafe { List::at(head) };
    list.map_or(0, |list| list.pieces().map(Item::left).sum())
}

/// Copies at most `len` bytes, from the byte `ofs` on, of all pieces as one, and uses none. Returns how many it copied: 0 when there are
/// none at `ofs`, -1 when `buf` is NULL.
///
/// # Safety
///
/// `head` is NULL, or at a list's head, and nobody else is at the list; `buf` is NULL or has `len` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_buflist_linear_copy(
    head: *mut *mut lws_buflist,
    ofs: usize,
    buf: *mut u8,
    len: usize,
) -> c_int {
    // SAFETY: by this function's contract.
    let list = unsafe { List::at(head) };
    let (Some(list), false) = (list, buf.is_null()) else {
        return refuse("lws_buflist_linear_copy", "an argument is NULL");
    };
    // SAFETY: by this function's contract.
    unsafe { list.copy(ofs, buf, len) }
}

/// As lws_buflist_linear_copy() from the first byte on, and uses what it copied.
///
/// # Safety
///
/// As lws_buflist_linear_copy().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_buflist_linear_use(
    head: *mut *mut lws_buflist,
    buf: *mut u8,
    len: usize,
) -> c_int {
    // SAFETY: by this function's contract.
    let list = unsafe { List::at(head) };
    let (Some(list), false) = (list, buf.is_null()) else {
        return refuse("lws_buflist_linear_use", "an argument is NULL");
    };
    // SAFETY: by this function's contract.
    let copied = unsafe { list.copy(0, buf, len) };
    let mut left = usize::try_from(copied).unwrap_or(0);
    while left > 0 {
        let of_first = list.first().map_or(left, Item::left).min(left);
        list.take(of_first);
        left -= of_first;
    }
    copied
}

/// Copies at most `len` bytes of the first piece, uses them, and returns how many. `*frag_first` is 1 when the piece begins with them,
/// `*frag_fin` is 1 when it ends with them, else 0. Returns 0, and both are left alone, when the list is empty, and -1 when
/// `buf` is NULL.
///
/// # Safety
///
/// As lws_buflist_linear_copy(); `frag_first` and `frag_fin` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_buflist_fragment_use(
    head: *mut *mut lws_buflist,
    buf: *mut u8,
    len: usize,
    frag_first: *mut c_char,
    frag_fin: *mut c_char,
) -> c_int {
    // SAFETY: by this function's contract.
    let list = unsafe { List::at(head) };
    let (Some(list), false) = (list, buf.is_null()) else {
        return refuse("lws_buflist_fragment_use", "an argument is NULL");
    };
    let Some(first) = list.first() else {
        return 0;
    };
    let n = first.left().min(len).min(c_int::MAX as usize);
    if !frag_first.is_null() {
        // SAFETY: writable, by this function's contract.
        unsafe { frag_first.write(c_char::from(first.get().used == 0)) };
    }
    if !frag_fin.is_null() {
        // SAFETY: writable, by this function's contract.
        unsafe { frag_fin.write(c_char::from(n == first.left())) };
    }
    // SAFETY: the piece has `n` bytes, and `buf` room for them, by this function's contract.
    unsafe { ptr::copy_nonoverlapping(first.rest(), buf, n) };
    list.take(n);
    n as c_int
}

/// Frees all pieces; `*head` is NULL then.
///
/// # Safety
///
/// `head` is NULL, or at a list's head, and nobody else is at the list.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_buflist_destroy_all_segments(head: *mut *mut lws_buflist) {
    // SAFETY: by this function's contract.
    let Some(list) = (unsafe { List::at(head) }) else {
        return;
    };
    while list.first().is_some() {
        list.take(usize::MAX);
    }
}

/// Logs, as notices, how long each piece is and how much of it was used; `id` and `reason` are for the line.
///
/// # Safety
///
/// `head` is NULL, or at a list's head, and nobody else is at the list; `reason` is NULL or a string. `id` is not followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_buflist_describe(
    head: *mut *mut lws_buflist,
    id: *mut c_void,
    reason: *const c_char,
) {
    // SAFETY: by this function's contract.
    let list = unsafe { List::at(head) };
    // SAFETY: NULL or a string, by this function's contract.
    let reason = unsafe { text::bytes(reason) }.unwrap_or_default();
    let reason = String::from_utf8_lossy(reason);
    let mut any = false;
    for (n, piece) in list.into_iter().flat_map(List::pieces).enumerate() {
        let Piece { len, used, .. } = piece.get();
        let left = piece.left();
        let line = format!("{id:p}: {reason}: {n}: {used} / {len} ({left} left)");
        logs::emit(LLL_NOTICE, &line);
        any = true;
    }
    if !any {
        logs::emit(LLL_NOTICE, &format!("{id:p}: {reason}: buflist empty"));
    }
}

fn refuse(who: &str, why: &str) -> c_int {
    logs::emit(LLL_ERR, &format!("{who}: {why}"));
    -1
}

/// What the block of a piece begins with.
#[derive(Clone, Copy)]
struct Piece {
    next: Option<Item>,
    len: usize,
    used: usize,
}

impl Piece {
    /// A piece with a copy of the bytes.
    fn of(bytes: &[u8]) -> Option<Item> {
        let len = bytes.len();
        let block = heap::allocate(
            BEFORE.checked_add(len)?.checked_add(1)?,
            c"lws_buflist_append_segment",
        )?;
        let piece = Item(block.cast());
        piece.set(Self {
            next: None,
            len,
            used: 0,
        });
        // SAFETY: the block has room for so many bytes behind its head.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), piece.rest(), len) };
        // SAFETY: and for one more.
        let end = unsafe { piece.rest().add(len) };
        // SAFETY: as above.
        unsafe { end.write(0) };
        Some(piece)
    }
}

/// Where the bytes of a piece are in its block.
const BEFORE: usize = size_of::<Piece>() + LWS_PRE;

/// A piece of a list that C vouched for.
#[derive(Clone, Copy)]
struct Item(NonNull<Piece>);

impl Item {
    fn get(self) -> Piece {
        // SAFETY: a live block, by the contract of `List::at`.
        unsafe { self.0.read() }
    }

    fn set(self, piece: Piece) {
        // SAFETY: as above.
        unsafe { self.0.write(piece) };
    }

    fn left(self) -> usize {
        self.get().len - self.get().used
    }

    /// Where what is left begins.
    fn rest(self) -> *mut u8 {
        // SAFETY: within the block, which has all its bytes behind its head.
        unsafe { self.0.as_ptr().cast::<u8>().add(BEFORE + self.get().used) }
    }
}

/// A list that C vouched for: the pointer to its first piece.
#[derive(Clone, Copy)]
struct List(NonNull<Option<Item>>);

impl List {
    /// # Safety
    ///
    /// `head` is NULL, or at a pointer that is NULL or of a list of ours, and nobody else is at it.
    unsafe fn at(head: *mut *mut lws_buflist) -> Option<Self> {
        NonNull::new(head.cast()).map(Self)
    }

    fn first(self) -> Option<Item> {
        // SAFETY: readable, by the contract of `at`.
        unsafe { self.0.read() }
    }

    fn set_first(self, first: Option<Item>) {
        // SAFETY: writable, by the contract of `at`.
        unsafe { self.0.write(first) };
    }

    fn pieces(self) -> impl Iterator<Item = Item> {
        std::iter::successors(self.first(), |piece| piece.get().next)
    }

    /// Uses at most `len` bytes of the first piece.
    fn take(self, len: usize) {
        let Some(first) = self.first() else {
            return;
        };
        if len < first.left() {
            let piece = first.get();
            let used = piece.used + len;
            return first.set(Piece { used, ..piece });
        }
        self.set_first(first.get().next);
        // SAFETY: a block of ours, which no list has any more.
        unsafe { heap::free(first.0.cast()) };
    }

    /// # Safety
    ///
    /// `buf` has `len` writable bytes.
    unsafe fn copy(self, from: usize, buf: *mut u8, len: usize) -> c_int {
        let (mut skip, mut done) = (from, 0);
        let most = len.min(c_int::MAX as usize);
        for piece in self.pieces() {
            let skipped = skip.min(piece.left());
            skip -= skipped;
            let n = (piece.left() - skipped).min(most - done);
            // SAFETY: within what is left of the piece.
            let src = unsafe { piece.rest().add(skipped) };
            // SAFETY: `done` is at most `len`.
            let dest = unsafe { buf.add(done) };
            // SAFETY: the piece has so many bytes left, and `buf` so much room, by this function's contract.
            unsafe { ptr::copy_nonoverlapping(src, dest, n) };
            done += n;
        }
        done as c_int
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_used_one_by_one_or_as_one() {
        let mut head = ptr::null_mut();
        let head = &raw mut head;
        let mut room = [0_u8; 16];
        let buf = room.as_mut_ptr();
        let (mut first, mut fin) = (9, 9);
        for (text, answer) in [(&b"hello"[..], 1), (b"brave", 0), (b"world", 0)] {
            // SAFETY: the test's list and strings; so below.
            let n = unsafe { lws_buflist_append_segment(head, text.as_ptr(), text.len()) };
            assert_eq!(n, answer);
        }
        // SAFETY: as above.
        let n = unsafe { lws_buflist_fragment_use(head, buf, 3, &raw mut first, &raw mut fin) };
        assert_eq!((n, first, fin), (3, 1, 0));
        // SAFETY: as above.
        let n = unsafe { lws_buflist_fragment_use(head, buf, 16, &raw mut first, &raw mut fin) };
        assert_eq!((n, first, fin), (2, 0, 1));
        // SAFETY: as above.
        let n = unsafe { lws_buflist_linear_use(head, buf, 7) };
        assert_eq!((n, &room[..7]), (7, &b"bravewo"[..]));
        // SAFETY: as above.
        assert_eq!(unsafe { lws_buflist_total_len(head) }, 3);
        // SAFETY: as above. More than there is: all of it.
        assert_eq!(unsafe { lws_buflist_use_segment(head, 99) }, 0);
        // SAFETY: as above.
        let n = unsafe { lws_buflist_fragment_use(head, buf, 16, &raw mut first, &raw mut fin) };
        assert_eq!(n, 0);
        // SAFETY: as above.
        let n = unsafe { lws_buflist_append_segment(head, buf, 0) };
        assert_eq!(n, -1);
        // SAFETY: as above.
        unsafe { lws_buflist_destroy_all_segments(head) };
    }
}
