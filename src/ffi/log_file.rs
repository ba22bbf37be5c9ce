//! The only place that keeps a log file: the emitter and the `refcount_cb` of a log context whose `opaque` is a path.

use core::ffi::{CStr, c_char, c_int, c_void};
use core::ptr;

use super::logs::{self, lwsl_emit_stderr, stamp};
use super::text;
use super::types::{LLLF_LOG_TIMESTAMP, lws_log_cx};
use crate::engine::LLL_ERR;
use crate::net::log_file;

/// In `stg`: it could not be opened. NULL is none yet, so a file is never kept there as 0.
const NONE: usize = usize::MAX;

/// An emitter, for `u.emit_cx` with LLLF_LOG_CONTEXT_AWARE: writes the line to the file whose descriptor is in `stg`, with the time before
/// it. Goes with lws_log_use_cx_file(), which opens the file. Without one the line goes to stderr; when the file could not be
/// opened, nowhere.
///
/// # Safety
///
/// `cx` is NULL or a log context that lives; `line` has `len` bytes and then a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_log_emit_cx_file(
    cx: *mut lws_log_cx,
    level: c_int,
    line: *const c_char,
    len: usize,
) {
    // SAFETY: by this function's contract.
    let Some(says) = (unsafe { said(cx) }) else {
        return;
    };
    // SAFETY: by this function's contract.
    let Some(bytes) = (unsafe { text::buffer(line.cast(), len) }) else {
        return;
    };
    match says.stg.addr() {
        // SAFETY: as above.
        0 => unsafe { lwsl_emit_stderr(level, line) },
        NONE => {}
        fd => {
            let mut out = match says.lll_flags & LLLF_LOG_TIMESTAMP as u32 {
                0 => stamp(level).into_bytes(),
                _ => Vec::new(),
            };
            out.extend_from_slice(bytes);
            let written = c_int::try_from(fd).ok().map(|fd| log_file::write(fd, &out));
            if let Some(Err(error)) = written {
                logs::emit(LLL_ERR, &format!("lws_log_emit_cx_file: {error}"));
            }
        }
    }
}

/// A `refcount_cb`: the first who uses the log context opens the file at the path that `opaque` points at, empty and for this user alone,
/// and the last one closes it. Its descriptor is in `stg`. When it cannot be opened one line says so, process-wide.
///
/// # Safety
///
/// `cx` is NULL or a log context that lives, `opaque` NULL or a path.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_log_use_cx_file(cx: *mut lws_log_cx, _new: c_int) {
    // SAFETY: by this function's contract.
    let Some(says) = (unsafe { said(cx) }) else {
        return;
    };
    let is_open = !matches!(says.stg.addr(), 0 | NONE);
    let stg = if _new > 0 && says.refcount == 1 && !is_open {
        // SAFETY: by this function's contract.
        keep(unsafe { open(says.opaque) })
    } else if _new <= 0 && says.refcount == 0 {
        if is_open {
            log_file::close(c_int::try_from(says.stg.addr()).unwrap_or(-1));
        }
        ptr::null_mut()
    } else {
        return;
    };
    // SAFETY: lives, by this function's contract.
    let place = unsafe { &raw mut (*cx).stg };
    // SAFETY: as above; who changes it takes turns, see lwsl_refcount_cx().
    unsafe { place.write(stg) }
}

/// # Safety
///
/// `cx` is NULL or a log context that lives.
unsafe fn said(cx: *mut lws_log_cx) -> Option<lws_log_cx> {
    // SAFETY: by this function's contract.
    unsafe { cx.as_ref() }.copied()
}

fn keep(opened: Result<c_int, String>) -> *mut c_void {
    let kept = opened.map(|fd| fd.unsigned_abs() as usize);
    let kept = kept.unwrap_or_else(|why| {
        logs::emit(LLL_ERR, &format!("lws_log_use_cx_file: {why}"));
        NONE
    });
    ptr::without_provenance_mut(kept)
}

/// # Safety
///
/// `path` is NULL or a path.
unsafe fn open(path: *mut c_void) -> Result<c_int, String> {
    if path.is_null() {
        return Err("opaque is NULL, not a path".into());
    }
    // SAFETY: a string, by this function's contract.
    let path = unsafe { CStr::from_ptr(path.cast()) };
    log_file::open(path).map_err(|error| format!("{}: {error}", path.to_string_lossy()))
}
