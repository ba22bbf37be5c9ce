//! The only place for memory that programs see: it comes from the function that lws_set_allocator() was given, or from malloc().

use std::ffi::{CStr, c_char, c_void};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, Ordering};

/// As realloc(), which frees where the size is 0, with a word on what it is for.
pub(crate) type Realloc = unsafe extern "C-unwind" fn(
    ptr: *mut c_void,
    size: usize,
    reason: *const c_char,
) -> *mut c_void;

/// The program's `Realloc`, or NULL for malloc() and free().
static HOOK: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());

/// What is allocated from now on, and freed, goes through `hook`.
///
/// # Safety
///
/// `hook` may be called as realloc() is, from any thread, and frees also what was allocated before.
pub(crate) unsafe fn set(hook: Option<Realloc>) {
    let address = hook.map_or(ptr::null_mut(), |hook| hook as *mut c_void);
    HOOK.store(address, Ordering::Release);
}

fn hook() -> Option<Realloc> {
    let set = HOOK.load(Ordering::Acquire);
    if set.is_null() {
        return None;
    }
    // SAFETY: only `set` stores here, and it stores nothing but a `Realloc`.
    Some(unsafe { std::mem::transmute::<*mut c_void, Realloc>(set) })
}

/// Memory as malloc() gives it: not zeroed, aligned for anything. `None`: there is none to be had.
pub(crate) fn allocate(bytes: usize, reason: &CStr) -> Option<NonNull<u8>> {
    let bytes = bytes.max(1);
    let block = match hook() {
        // SAFETY: by the contract of `set`.
        Some(hook) => unsafe { hook(ptr::null_mut(), bytes, reason.as_ptr()) },
        // SAFETY: malloc() may be called with any size.
        None => unsafe { libc::malloc(bytes) },
    };
    NonNull::new(block.cast())
}

/// # Safety
///
/// `block` is of `allocate`, and not freed yet.
pub(crate) unsafe fn free(block: NonNull<u8>) {
    let block = block.as_ptr().cast();
    match hook() {
        Some(hook) => {
            // SAFETY: by the contracts of `set` and of this function.
            let _ = unsafe { hook(block, 0, c"free".as_ptr()) };
        }
        // SAFETY: by this function's contract.
        None => unsafe { libc::free(block) },
    }
}

/// Zeroed memory that the library owns and the program uses.
#[derive(Debug)]
pub(crate) struct Block {
    at: NonNull<u8>,
    bytes: usize,
}

// SAFETY: nobody but the owner frees it, and what is in it is the program's.
unsafe impl Send for Block {}

impl Block {
    pub(crate) fn zeroed(bytes: usize, reason: &CStr) -> Option<Self> {
        let at = allocate(bytes, reason)?;
        let mut block = Self { at, bytes };
        block.clear();
        Some(block)
    }

    pub(crate) fn clear(&mut self) {
        // SAFETY: so many bytes were allocated.
        unsafe { self.at.write_bytes(0, self.bytes) };
    }

    #[cfg(test)]
    pub(crate) fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: so many bytes, zeroed at first, which nobody else is at meanwhile.
        unsafe { std::slice::from_raw_parts_mut(self.at.as_ptr(), self.bytes) }
    }

    pub(crate) fn as_ptr(&self) -> *mut u8 {
        self.at.as_ptr()
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: allocated by `zeroed`, and nobody else frees it.
        unsafe { free(self.at) };
    }
}
