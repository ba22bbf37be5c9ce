//! The only place that reads the program's strings.

use std::ffi::{CStr, OsStr, c_char, c_uint, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The string at `pointer`; `None` for NULL, `Err` when it is not UTF-8.
///
/// # Safety
///
/// `pointer` is NULL or a string that lives and stays as it is for `'a`.
pub(crate) unsafe fn text<'a>(pointer: *const c_char) -> Result<Option<&'a str>, &'static str> {
    // SAFETY: by this function's contract.
    match unsafe { bytes(pointer) } {
        None => Ok(None),
        Some(bytes) => std::str::from_utf8(bytes)
            .map(Some)
            .map_err(|_| "not UTF-8: percent-encode what is not ASCII"),
    }
}

/// As `text`, with an empty string for none.
///
/// # Safety
///
/// As `text`.
pub(crate) unsafe fn text_if_any<'a>(
    pointer: *const c_char,
) -> Result<Option<&'a str>, &'static str> {
    // SAFETY: by this function's contract.
    let found = unsafe { text(pointer) }?;
    Ok(found.filter(|text| !text.is_empty()))
}

/// A path in the file system, whatever its bytes.
///
/// # Safety
///
/// As `text`.
pub(crate) unsafe fn path<'a>(pointer: *const c_char) -> Option<&'a Path> {
    // SAFETY: by this function's contract.
    let bytes = unsafe { bytes(pointer) }.filter(|bytes| !bytes.is_empty())?;
    Some(Path::new(OsStr::from_bytes(bytes)))
}

/// The bytes of a string, without its NUL.
///
/// # Safety
///
/// As `text`.
pub(crate) unsafe fn bytes<'a>(pointer: *const c_char) -> Option<&'a [u8]> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: a string, by this function's contract.
    Some(unsafe { CStr::from_ptr(pointer) }.to_bytes())
}

/// Memory with a length.
///
/// # Safety
///
/// `pointer` is NULL or has `len` readable bytes that live and stay as they are for `'a`.
pub(crate) unsafe fn memory<'a>(pointer: *const c_void, len: c_uint) -> Option<&'a [u8]> {
    // SAFETY: by this function's contract.
    unsafe { buffer(pointer, len as usize) }
}

/// As `memory`, of any length.
///
/// # Safety
///
/// As `memory`.
pub(crate) unsafe fn buffer<'a>(pointer: *const c_void, len: usize) -> Option<&'a [u8]> {
    if pointer.is_null() || len == 0 {
        return None;
    }
    // SAFETY: by this function's contract.
    Some(unsafe { std::slice::from_raw_parts(pointer.cast(), len) })
}

/// Copies `text` to `dest`, which has `len` bytes, and terminates it; cut when it does not fit.
///
/// # Safety
///
/// `dest` is NULL or has `len` writable bytes.
pub(crate) unsafe fn put(text: &[u8], dest: *mut c_char, len: usize) {
    if dest.is_null() || len == 0 {
        return;
    }
    let n = text.len().min(len - 1);
    // SAFETY: `dest` has more than `n` bytes, by this function's contract; `text` is ours.
    unsafe { std::ptr::copy_nonoverlapping(text.as_ptr().cast(), dest, n) };
    // SAFETY: `n` < `len`.
    let end = unsafe { dest.add(n) };
    // SAFETY: the byte at `n`, writable by this function's contract.
    unsafe { end.write(0) };
}
