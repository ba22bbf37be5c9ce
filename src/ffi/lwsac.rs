//! The only place for lwsac: memory that is given out in small pieces, from large chunks, and freed at once.
//!
//! A chunk is one block of memory: a `Chunk`, in the first one an `All` too, and the pieces behind it.

use std::ffi::{c_int, c_void};
use std::ptr::{self, NonNull};

use super::logs;
use super::types::{LLL_DEBUG, lwsac};
use crate::engine::LLL_ERR;
use crate::net::heap;

/// Gives `ensure` bytes, aligned for pointers, of the last chunk, or of a new one when it has no room for them; `*head` NULL makes the first
/// one. A new chunk has room for `chunk_size` bytes, 4000 where that is 0, and for `ensure` at least. They are not zeroed.
///
/// Returns NULL, after a log line, when memory is short or `head` is NULL. Nothing is freed but all at once, by lwsac_free(). A lwsac has
/// no lock.
///
/// # Safety
///
/// `head` is NULL, or at a pointer that is NULL or what this function made of it.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsac_use(
    head: *mut *mut lwsac,
    ensure: usize,
    chunk_size: usize,
) -> *mut c_void {
    // SAFETY: by this function's contract.
    unsafe { give(head, ensure, chunk_size, false) }
}

/// As lwsac_use(), of the first chunk that has room.
///
/// # Safety
///
/// As lwsac_use().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsac_use_backfill(
    head: *mut *mut lwsac,
    ensure: usize,
    chunk_size: usize,
) -> *mut c_void {
    // SAFETY: by this function's contract.
    unsafe { give(head, ensure, chunk_size, true) }
}

/// As lwsac_use(), zeroed.
///
/// # Safety
///
/// As lwsac_use().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsac_use_zero(
    head: *mut *mut lwsac,
    ensure: usize,
    chunk_size: usize,
) -> *mut c_void {
    // Chunks are zeroed when they are made, and nothing is given out twice.
    // SAFETY: by this function's contract.
    unsafe { give(head, ensure, chunk_size, false) }
}

/// Makes what was given last larger by `amount`, rounded up to pointers, where it lies. Returns 0, or 1 when the last chunk has no
/// room for that or `head` is NULL.
///
/// # Safety
///
/// `head` is NULL, or what lwsac_use() made.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsac_extend(head: *mut lwsac, amount: usize) -> c_int {
    // SAFETY: by this function's contract.
    let Some(first) = (unsafe { Item::at(head) }) else {
        refuse("lwsac_extend", "head is NULL");
        return 1;
    };
    let last = first.all().last;
    c_int::from(last.take(amount).is_none())
}

/// Frees all of it, whatever the references; `*head` is NULL then.
///
/// # Safety
///
/// `head` is NULL, or at a pointer that is NULL or what lwsac_use() made of it.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsac_free(head: *mut *mut lwsac) {
    if head.is_null() {
        return;
    }
    // SAFETY: readable, by this function's contract.
    let first = unsafe { head.read() };
    // SAFETY: by this function's contract.
    let mut next = unsafe { Item::at(first) };
    // SAFETY: writable, by this function's contract.
    unsafe { head.write(ptr::null_mut()) };
    while let Some(chunk) = next {
        next = chunk.get().next;
        // SAFETY: a block of ours, which nobody knows any more.
        unsafe { heap::free(chunk.0.cast()) };
    }
}

/// Says that its user needs it no more: it is freed, and `*head` is NULL, now if nobody has a reference, else with the last one.
///
/// # Safety
///
/// As lwsac_free().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsac_detach(head: *mut *mut lwsac) {
    // SAFETY: by this function's contract.
    unsafe { change(head, |all| all.detached = true) };
}

/// One reference more.
///
/// # Safety
///
/// `head` is NULL, or what lwsac_use() made.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsac_reference(head: *mut lwsac) {
    // SAFETY: by this function's contract.
    if let Some(first) = unsafe { Item::at(head) } {
        let mut all = first.all();
        all.references = all.references.saturating_add(1);
        first.set_all(all);
    }
}

/// One reference less. With the last one of a lwsac that was detached it is freed, and `*head` is NULL.
///
/// # Safety
///
/// As lwsac_free().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsac_unreference(head: *mut *mut lwsac) {
    // SAFETY: by this function's contract.
    unsafe {
        change(head, |all| {
            all.references = all.references.saturating_sub(1)
        })
    };
}

/// Bytes before the pieces of a chunk: of the first one with `first` 1, of others with 0.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn lwsac_sizeof(first: c_int) -> usize {
    if first == 0 { CHUNK } else { CHUNK + ALL }
}

/// Bytes of this chunk that are used, its head among them; 0 for NULL.
///
/// # Safety
///
/// `lac` is NULL, or of lwsac_use() or lwsac_get_next().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsac_get_tail_pos(lac: *mut lwsac) -> usize {
    // SAFETY: by this function's contract.
    unsafe { Item::at(lac) }.map_or(0, |chunk| chunk.get().used)
}

/// The chunk after this one, or NULL.
///
/// # Safety
///
/// `lac` is NULL, or of lwsac_use() or lwsac_get_next().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsac_get_next(lac: *mut lwsac) -> *mut lwsac {
    // SAFETY: by this function's contract.
    let next = unsafe { Item::at(lac) }.and_then(|chunk| chunk.get().next);
    next.map_or(ptr::null_mut(), |chunk| chunk.0.as_ptr().cast())
}

/// The next multiple of a pointer's size, or `length` where it is one.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn lwsac_align(length: usize) -> usize {
    aligned(length).unwrap_or(usize::MAX - (ALIGNMENT - 1))
}

/// Logs, at level debug, how much memory it has in how many chunks.
///
/// # Safety
///
/// `head` is NULL, or what lwsac_use() made.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsac_info(head: *mut lwsac) {
    // SAFETY: by this function's contract.
    let line = match unsafe { Item::at(head) } {
        None => "lwsac_info: empty".to_owned(),
        Some(first) => {
            let All { bytes, chunks, .. } = first.all();
            format!(
                "lwsac_info: lac {head:p}: {}KiB in {chunks} blocks",
                bytes >> 10
            )
        }
    };
    logs::emit(LLL_DEBUG, &line);
}

/// Bytes that all chunks have together, their heads among them; 0 for NULL.
///
/// # Safety
///
/// `head` is NULL, or what lwsac_use() made.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsac_total_alloc(head: *mut lwsac) -> u64 {
    // SAFETY: by this function's contract.
    unsafe { Item::at(head) }.map_or(0, |first| first.all().bytes as u64)
}

/// Bytes of them that are not given out; of heads only one `lwsac_sizeof(0)` a chunk counts. 0 for NULL.
///
/// # Safety
///
/// `head` is NULL, or what lwsac_use() made.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsac_total_overhead(head: *mut lwsac) -> u64 {
    // SAFETY: by this function's contract.
    let chunks = unsafe { Item::at(head) }
        .into_iter()
        .flat_map(Item::onwards);
    let unused = |chunk: Item| chunk.get().size - chunk.get().used + CHUNK;
    chunks.map(|chunk| unused(chunk) as u64).sum()
}

/// Where `len` bytes that are as those at `find` were given out, with a NUL behind them if `nul` is not 0; NULL when they were not, or
/// `len` is 0. What was given and not written yet counts as zeros.
///
/// # Safety
///
/// `head` is NULL, or what lwsac_use() made; `find` is NULL or has `len` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsac_scan_extant(
    head: *mut lwsac,
    find: *mut u8,
    len: usize,
    nul: c_int,
) -> *mut u8 {
    // SAFETY: NULL or `len` readable bytes, by this function's contract.
    let Some(find) = (unsafe { super::text::buffer(find.cast(), len) }) else {
        return ptr::null_mut();
    };
    let tail = usize::from(nul != 0);
    // SAFETY: by this function's contract.
    let first = unsafe { Item::at(head) };
    for (n, chunk) in first.into_iter().flat_map(Item::onwards).enumerate() {
        let from = lwsac_sizeof(c_int::from(n == 0));
        let pieces = chunk.bytes(from);
        let matches = |window: &[u8]| {
            let (same, end) = window.split_at(len);
            same == find && end.iter().all(|byte| *byte == 0)
        };
        if let Some(at) = pieces.windows(len + tail).position(matches) {
            return chunk.place(from + at);
        }
    }
    ptr::null_mut()
}

fn refuse(who: &str, why: &str) {
    logs::emit(LLL_ERR, &format!("{who}: {why}"));
}

/// # Safety
///
/// `head` is as lwsac_use() wants it.
unsafe fn give(
    head: *mut *mut lwsac,
    ensure: usize,
    chunk_size: usize,
    backfill: bool,
) -> *mut c_void {
    if head.is_null() {
        refuse("lwsac_use", "head is NULL");
        return ptr::null_mut();
    }
    // SAFETY: readable, by this function's contract.
    let first = unsafe { head.read() };
    // SAFETY: by this function's contract.
    let first = unsafe { Item::at(first) };
    let found = first.and_then(|first| match backfill {
        true => first.onwards().find_map(|chunk| chunk.take(ensure)),
        false => first.all().last.take(ensure),
    });
    let piece = found.or_else(|| {
        let chunk = Item::allocate(first, ensure, chunk_size)?;
        if first.is_none() {
            // SAFETY: writable, by this function's contract.
            unsafe { head.write(chunk.0.as_ptr().cast()) };
        }
        chunk.take(ensure)
    });
    let Some(piece) = piece else {
        refuse("lwsac_use", &format!("out of memory for {ensure} bytes"));
        return ptr::null_mut();
    };
    piece.cast()
}

/// Changes who needs it, and frees it when nobody does any more.
///
/// # Safety
///
/// `head` is as lwsac_free() wants it.
unsafe fn change(head: *mut *mut lwsac, what: impl FnOnce(&mut All)) {
    if head.is_null() {
        return;
    }
    // SAFETY: readable, by this function's contract.
    let first = unsafe { head.read() };
    // SAFETY: by this function's contract.
    let Some(first) = (unsafe { Item::at(first) }) else {
        return;
    };
    let mut all = first.all();
    what(&mut all);
    first.set_all(all);
    if all.detached && all.references == 0 {
        // SAFETY: by this function's contract.
        unsafe { lwsac_free(head) };
    }
}

/// What the block of a chunk begins with.
#[repr(C)]
#[derive(Clone, Copy)]
struct Chunk {
    next: Option<Item>,
    /// of the block
    size: usize,
    /// of the block: this, the `All` of the first one, and what was given out
    used: usize,
    /// keeps the pieces aligned as malloc()'s memory is
    _even: usize,
}

/// What the first chunk has behind its `Chunk`: the whole of it.
#[repr(C)]
#[derive(Clone, Copy)]
struct All {
    last: Item,
    bytes: usize,
    chunks: usize,
    references: u32,
    detached: bool,
}

const CHUNK: usize = size_of::<Chunk>();
const ALL: usize = size_of::<All>();
const ALIGNMENT: usize = size_of::<*mut c_void>();
const CHUNK_SIZE: usize = 4000;

fn aligned(length: usize) -> Option<usize> {
    length.checked_next_multiple_of(ALIGNMENT)
}

/// A chunk that C vouched for.
#[derive(Clone, Copy)]
struct Item(NonNull<Chunk>);

impl Item {
    /// # Safety
    ///
    /// `chunk` is NULL, or of `allocate` and not freed; nobody else is at it.
    unsafe fn at(chunk: *mut lwsac) -> Option<Self> {
        NonNull::new(chunk.cast()).map(Self)
    }

    /// A new chunk, behind the last one.
    fn allocate(first: Option<Self>, ensure: usize, chunk_size: usize) -> Option<Self> {
        let wanted = if chunk_size == 0 {
            CHUNK_SIZE
        } else {
            chunk_size
        };
        let used = lwsac_sizeof(c_int::from(first.is_none()));
        let size = wanted.max(aligned(ensure)?).checked_add(used)?;
        let block = heap::allocate(size, c"lwsac_use")?;
        // Zeroed, so that lwsac_scan_extant() may look at what was given and not written.
        // SAFETY: so many bytes were allocated.
        unsafe { block.write_bytes(0, size) };
        let chunk = Self(block.cast());
        chunk.set(Chunk {
            next: None,
            size,
            used,
            _even: 0,
        });
        let Some(first) = first else {
            chunk.set_all(All {
                last: chunk,
                bytes: size,
                chunks: 1,
                references: 0,
                detached: false,
            });
            return Some(chunk);
        };
        let mut all = first.all();
        let last = all.last.get();
        all.last.set(Chunk {
            next: Some(chunk),
            ..last
        });
        all.last = chunk;
        all.bytes += size;
        all.chunks += 1;
        first.set_all(all);
        Some(chunk)
    }

    /// The place of so many bytes more, if there is room for them.
    fn take(self, bytes: usize) -> Option<*mut u8> {
        let chunk = self.get();
        if bytes > chunk.size - chunk.used {
            return None;
        }
        // The end of a chunk need not be aligned.
        let used = chunk.size.min(chunk.used.checked_add(aligned(bytes)?)?);
        self.set(Chunk { used, ..chunk });
        Some(self.place(chunk.used))
    }

    fn onwards(self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |chunk| chunk.get().next)
    }

    fn get(self) -> Chunk {
        // SAFETY: a live block, by the contract of `at`.
        unsafe { self.0.read() }
    }

    fn set(self, chunk: Chunk) {
        // SAFETY: as above.
        unsafe { self.0.write(chunk) };
    }

    /// Of the first chunk.
    fn all(self) -> All {
        // SAFETY: the first chunk has it behind its head.
        unsafe { self.place(CHUNK).cast::<All>().read() }
    }

    fn set_all(self, all: All) {
        // SAFETY: as above.
        unsafe { self.place(CHUNK).cast::<All>().write(all) };
    }

    fn place(self, at: usize) -> *mut u8 {
        // SAFETY: places are within the block.
        unsafe { self.0.as_ptr().cast::<u8>().add(at) }
    }

    /// What was given out, from the place `from` on.
    fn bytes(&self, from: usize) -> &[u8] {
        let len = self.get().used.saturating_sub(from);
        // SAFETY: within the block, which was zeroed.
        unsafe { std::slice::from_raw_parts(self.place(from), len) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_no_memory_has_are_refused() {
        let mut head = ptr::null_mut();
        for ensure in [
            usize::MAX,
            usize::MAX - 7,
            usize::MAX - 70,
            isize::MAX as usize,
        ] {
            // SAFETY: the test's own pointer.
            let piece = unsafe { lwsac_use(&raw mut head, ensure, 0) };
            assert!(piece.is_null() && head.is_null());
        }
        // SAFETY: as above.
        let piece = unsafe { lwsac_use(&raw mut head, 1, 0) };
        assert!(!piece.is_null());
        // SAFETY: as above.
        let extended = unsafe { lwsac_extend(head, usize::MAX) };
        assert_eq!(extended, 1);
        // SAFETY: as above.
        unsafe { lwsac_free(&raw mut head) };
        assert!(head.is_null());
    }
}
