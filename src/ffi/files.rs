//! The only place for files that are kept in memory: each in a lwsac of its own, which lives as long as somebody uses it.

use std::ffi::{CStr, OsStr, c_char, c_int};
use std::fs::{File, metadata};
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::ptr;

use super::logs;
use super::lwsac::{lwsac_detach, lwsac_reference, lwsac_unreference, lwsac_use};
use super::timers::lws_now_secs;
use super::types::{lwsac, lwsac_cached_file_t};
use crate::engine::LLL_ERR;

/// Before the bytes that a program sees.
#[repr(C)]
struct Head {
    all: *mut lwsac,
    /// When the file was written: seconds and nanoseconds.
    written: (i64, i64),
    /// When that was looked at: seconds.
    checked: u64,
}

const HEAD: usize = size_of::<Head>();

/// A file is looked at again after so many seconds.
const FRESH: u64 = 5;

/// Reads a file into memory that is kept: 0, and `*cache` is at its bytes, with a NUL behind them, and `*len` says how many they are. Where
/// `*cache` is not NULL it is of an earlier call for the same file: if that is less than 5 s ago, or the file was not written since, this
/// returns 0 and leaves both as they are. Else the file is read anew, and the earlier bytes are freed, at once or with
/// lwsac_use_cached_file_end() of whoever uses them still.
///
/// Returns 1 when an argument is NULL, or, after a log line, when the file cannot be read or memory is short; `*cache` stays as it is then. A
/// cached file has no lock.
///
/// # Safety
///
/// `filepath` is NULL or a string; `cache` is NULL, or at a pointer that is NULL or of this function; `len` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsac_cached_file(
    filepath: *const c_char,
    cache: *mut lwsac_cached_file_t,
    len: *mut usize,
) -> c_int {
    if filepath.is_null() || cache.is_null() || len.is_null() {
        logs::emit(LLL_ERR, "lwsac_cached_file: an argument is NULL");
        return 1;
    }
    // SAFETY: readable, by this function's contract.
    let mut old = unsafe { cache.read() };
    // SAFETY: NULL or ours, by this function's contract.
    let before = unsafe { head_of(old).as_mut() };
    let now = lws_now_secs();
    if before
        .as_ref()
        .is_some_and(|head| now.saturating_sub(head.checked) < FRESH)
    {
        return 0;
    }
    // SAFETY: a string, by this function's contract.
    let path = unsafe { CStr::from_ptr(filepath) }.to_bytes();
    let (new, size) = match read(path, before, now) {
        Ok(Some(read)) => read,
        Ok(None) => return 0,
        Err(why) => {
            let path = String::from_utf8_lossy(path);
            logs::emit(LLL_ERR, &format!("lwsac_cached_file: {path}: {why}"));
            return 1;
        }
    };
    // SAFETY: writable, by this function's contract.
    unsafe { cache.write(new) };
    // SAFETY: as above.
    unsafe { len.write(size) };
    // SAFETY: NULL or ours, by this function's contract.
    unsafe { lwsac_use_cached_file_detach(&raw mut old) };
    0
}

/// The file's bytes in memory of their own, and how many. `None`: it was not written since `before`.
fn read(
    path: &[u8],
    before: Option<&mut Head>,
    now: u64,
) -> Result<Option<(lwsac_cached_file_t, usize)>, String> {
    let path = OsStr::from_bytes(path);
    // Asked before it is opened: a FIFO would make that wait.
    let is_file = metadata(path).map_err(|error| error.to_string())?.is_file();
    if !is_file {
        return Err("is no regular file".into());
    }
    let mut file = File::open(path).map_err(|error| error.to_string())?;
    let about = file.metadata().map_err(|error| error.to_string())?;
    let written = (about.mtime(), about.mtime_nsec());
    if let Some(head) = before.filter(|head| head.written == written) {
        head.checked = now;
        return Ok(None);
    }
    let size = usize::try_from(about.size()).map_err(|_| "it is too large")?;
    let all = HEAD.checked_add(size).and_then(|all| all.checked_add(1));
    let all = all.ok_or("it is too large")?;
    let mut ac = ptr::null_mut();
    // SAFETY: NULL is the start of a new one.
    let head: *mut Head = unsafe { lwsac_use(&raw mut ac, all, all) }.cast();
    if head.is_null() {
        return Err("out of memory".into());
    }
    let info = Head {
        all: ac,
        written,
        checked: now,
    };
    // SAFETY: aligned as lwsac_use() does, and large enough.
    unsafe { head.write(info) };
    // SAFETY: behind the head, within what was given.
    let mut bytes: lwsac_cached_file_t = unsafe { head.add(1) }.cast();
    // SAFETY: `size` and one more are behind the head, zeroed, and nobody else's yet.
    let room = unsafe { std::slice::from_raw_parts_mut(bytes, size) };
    if let Err(error) = file.read_exact(room) {
        // SAFETY: ours, and nobody has it.
        unsafe { lwsac_use_cached_file_detach(&raw mut bytes) };
        return Err(error.to_string());
    }
    Ok(Some((bytes, size)))
}

/// What stands before a cached file's bytes; NULL for NULL.
fn head_of(cache: lwsac_cached_file_t) -> *mut Head {
    match cache.is_null() {
        true => ptr::null_mut(),
        false => cache.wrapping_sub(HEAD).cast(),
    }
}

/// One more uses the bytes: they stay, whatever becomes of the file, until lwsac_use_cached_file_end().
///
/// # Safety
///
/// `cache` is NULL, or of lwsac_cached_file() and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsac_use_cached_file_start(cache: lwsac_cached_file_t) {
    // SAFETY: by this function's contract.
    if let Some(head) = unsafe { head_of(cache).as_ref() } {
        // SAFETY: what it lies in.
        unsafe { lwsac_reference(head.all) };
    }
}

/// One uses the bytes no more. With the last one, when they were replaced or detached, they are freed and `*cache` is NULL.
///
/// # Safety
///
/// `cache` is NULL, or at a pointer that is NULL or of lwsac_cached_file() and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsac_use_cached_file_end(cache: *mut lwsac_cached_file_t) {
    // SAFETY: by this function's contract.
    unsafe { leave(cache, false) };
}

/// The bytes are freed, and `*cache` is NULL, now if nobody uses them, else with the last lwsac_use_cached_file_end().
///
/// # Safety
///
/// As lwsac_use_cached_file_end().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsac_use_cached_file_detach(cache: *mut lwsac_cached_file_t) {
    // SAFETY: by this function's contract.
    unsafe { leave(cache, true) };
}

/// # Safety
///
/// As lwsac_use_cached_file_end().
unsafe fn leave(cache: *mut lwsac_cached_file_t, detach: bool) {
    if cache.is_null() {
        return;
    }
    // SAFETY: readable, by this function's contract.
    let bytes = unsafe { cache.read() };
    // SAFETY: by this function's contract.
    let Some(head) = (unsafe { head_of(bytes).as_ref() }) else {
        return;
    };
    let mut all = head.all;
    match detach {
        // SAFETY: what it lies in.
        true => unsafe { lwsac_detach(&raw mut all) },
        // SAFETY: as above.
        false => unsafe { lwsac_unreference(&raw mut all) },
    }
    if all.is_null() {
        // SAFETY: writable, by this function's contract.
        unsafe { cache.write(ptr::null_mut()) };
    }
}
