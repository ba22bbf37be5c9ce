//! The only place where log lines leave the library: levels, the emitter, what goes before each line.

use super::log_cx::{self, Line};
use super::types::{
    LLL_COUNT, LLL_DEBUG, LLL_ERR, LLL_INFO, LLL_NOTICE, LLL_WARN, LLLF_LOG_CONTEXT_AWARE,
    lws_log_cx, lws_log_cx_emitter, lws_log_emit_t, lws_log_prepend_cx_t,
};
use core::ffi::{CStr, c_char, c_int, c_void};
use core::mem;
use core::ptr;
use core::sync::atomic::{AtomicI32, AtomicPtr, AtomicU32, Ordering};
use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

/// The process-wide `struct lws_log_cx`, as programs see it: they may be handed its address.
#[repr(C)]
struct ProcessWide {
    emit: AtomicPtr<c_void>,
    refcount_cb: AtomicPtr<c_void>,
    prepend: AtomicPtr<c_void>,
    parent: AtomicPtr<lws_log_cx>,
    opaque: AtomicPtr<c_void>,
    stg: AtomicPtr<c_void>,
    lll_flags: AtomicU32,
    refcount: AtomicI32,
}

const _: () = {
    use core::mem::{align_of, offset_of, size_of};
    assert!(size_of::<ProcessWide>() == size_of::<lws_log_cx>());
    assert!(align_of::<ProcessWide>() == align_of::<lws_log_cx>());
    assert!(offset_of!(ProcessWide, prepend) == offset_of!(lws_log_cx, prepend));
    assert!(offset_of!(ProcessWide, stg) == offset_of!(lws_log_cx, stg));
    assert!(offset_of!(ProcessWide, lll_flags) == offset_of!(lws_log_cx, lll_flags));
    assert!(offset_of!(ProcessWide, refcount) == offset_of!(lws_log_cx, refcount));
};

static PROCESS_WIDE: ProcessWide = ProcessWide {
    emit: AtomicPtr::new(ptr::null_mut()),
    refcount_cb: AtomicPtr::new(ptr::null_mut()),
    prepend: AtomicPtr::new(ptr::null_mut()),
    parent: AtomicPtr::new(ptr::null_mut()),
    opaque: AtomicPtr::new(ptr::null_mut()),
    stg: AtomicPtr::new(ptr::null_mut()),
    lll_flags: AtomicU32::new((LLL_ERR | LLL_WARN | LLL_NOTICE) as u32),
    refcount: AtomicI32::new(0),
};

/// What a program is handed for it.
pub(crate) fn process_wide() -> *mut lws_log_cx {
    ptr::from_ref(&PROCESS_WIDE).cast_mut().cast()
}

/// What it says now.
pub(crate) fn process_wide_now() -> lws_log_cx {
    let emit = PROCESS_WIDE.emit.load(Ordering::Acquire);
    let prepend = PROCESS_WIDE.prepend.load(Ordering::Acquire);
    lws_log_cx {
        u: lws_log_cx_emitter {
            // SAFETY: NULL, or what lws_set_log_level() stored: an emitter.
            emit: unsafe { mem::transmute::<*mut c_void, lws_log_emit_t>(emit) },
        },
        refcount_cb: None,
        // SAFETY: NULL, or what a program stored in a struct that says what it must be.
        prepend: unsafe { mem::transmute::<*mut c_void, lws_log_prepend_cx_t>(prepend) },
        parent: PROCESS_WIDE.parent.load(Ordering::Acquire),
        opaque: PROCESS_WIDE.opaque.load(Ordering::Acquire),
        stg: PROCESS_WIDE.stg.load(Ordering::Acquire),
        lll_flags: PROCESS_WIDE.lll_flags.load(Ordering::Acquire),
        refcount: PROCESS_WIDE.refcount.load(Ordering::Relaxed),
    }
}

/// Logs one line, process-wide. The emitter is the program's, so nothing may be held here.
pub(crate) fn emit(level: c_int, line: &str) {
    if visible(level) {
        emit_bytes(level, line.as_bytes());
    }
}

/// Whether a line of this level goes anywhere: spares the cost of making it.
pub(crate) fn visible(level: c_int) -> bool {
    PROCESS_WIDE.lll_flags.load(Ordering::Relaxed) & level.cast_unsigned() != 0
}

fn emit_bytes(level: c_int, line: &[u8]) {
    // SAFETY: NULL is the process-wide one.
    unsafe { log_cx::emit(ptr::null_mut(), &Line::new(level, line)) }
}

/// Sets which levels are logged, LLL_ERR | LLL_WARN | ..., and what receives the lines; NULL keeps what is set.
///
/// # Safety
///
/// `log_emit_function` is NULL, or may be called with a level and a terminated line from any thread that calls the library,
/// until another one is set.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_set_log_level(level: c_int, log_emit_function: lws_log_emit_t) {
    let flags = level & !LLLF_LOG_CONTEXT_AWARE;
    PROCESS_WIDE
        .lll_flags
        .store(flags.cast_unsigned(), Ordering::Relaxed);
    if let Some(emit) = log_emit_function {
        PROCESS_WIDE
            .emit
            .store(emit as *mut c_void, Ordering::Release);
    }
}

/// Nonzero when lines of this level are logged.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn lwsl_visible(level: c_int) -> c_int {
    c_int::from(visible(level))
}

/// The emitter when none is set: time, level and line on stderr.
///
/// # Safety
///
/// `line` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsl_emit_stderr(level: c_int, line: *const c_char) {
    if line.is_null() {
        return;
    }
    // SAFETY: a string, by this function's contract.
    let line = unsafe { CStr::from_ptr(line) };
    let mut out = stamp(level).into_bytes();
    out.extend_from_slice(line.to_bytes());
    // One write, so that lines of several threads do not mix. Nowhere to tell that it failed.
    let _ = std::io::stderr().write_all(&out);
}

/// As lwsl_emit_stderr(), without time and level before the line.
///
/// # Safety
///
/// `line` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsl_emit_stderr_notimestamp(level: c_int, line: *const c_char) {
    let _ = level;
    if line.is_null() {
        return;
    }
    // SAFETY: a string, by this function's contract.
    let line = unsafe { CStr::from_ptr(line) };
    // As in lwsl_emit_stderr().
    let _ = std::io::stderr().write_all(line.to_bytes());
}

/// An emitter for lws_set_log_level() that hands lines to syslog(3): LLL_ERR as LOG_ERR, LLL_WARN as LOG_WARNING, LLL_NOTICE as LOG_NOTICE,
/// LLL_INFO as LOG_INFO, all else as LOG_DEBUG. The program says who it is by openlog(), if it likes.
///
/// # Safety
///
/// `line` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsl_emit_syslog(level: c_int, line: *const c_char) {
    let priority = match level {
        LLL_ERR => libc::LOG_ERR,
        LLL_WARN => libc::LOG_WARNING,
        LLL_NOTICE => libc::LOG_NOTICE,
        LLL_INFO => libc::LOG_INFO,
        _ => libc::LOG_DEBUG,
    };
    if !line.is_null() {
        // SAFETY: `line` is a string, by this function's contract, and what the format asks for.
        unsafe { libc::syslog(priority, c"%s".as_ptr(), line) };
    }
}

/// Writes what lwsl_emit_stderr() puts before a line, terminated. Answers its length; 0 for more or less than one level.
///
/// # Safety
///
/// `p` has `len` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsl_timestamp(level: c_int, p: *mut c_char, len: usize) -> c_int {
    if p.is_null() || len == 0 {
        return 0;
    }
    let text = stamp(level);
    let n = text.len().min(len - 1);
    // SAFETY: `p` has more than `n` writable bytes, by this function's contract, and `text` is ours.
    unsafe { ptr::copy_nonoverlapping(text.as_ptr().cast(), p, n) };
    // SAFETY: `n` < `len`.
    let end = unsafe { p.add(n) };
    // SAFETY: the same byte, writable by this function's contract.
    unsafe { end.write(0) };
    c_int::try_from(n).unwrap_or(c_int::MAX)
}

/// Logs memory, 16 bytes a line: offset, hex, text.
///
/// # Safety
///
/// `vbuf` is NULL or has `len` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsl_hexdump_level(level: c_int, vbuf: *const c_void, len: usize) {
    // SAFETY: NULL is the process-wide one, and the rest by this function's contract.
    unsafe {
        log_cx::lwsl_hexdump_level_cx(ptr::null_mut(), None, ptr::null_mut(), level, vbuf, len)
    }
}

/// lwsl_hexdump_level() at LLL_DEBUG.
///
/// # Safety
///
/// `buf` is NULL or has `len` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsl_hexdump(buf: *const c_void, len: usize) {
    // SAFETY: by this function's contract.
    unsafe { lwsl_hexdump_level(LLL_DEBUG, buf, len) }
}

/// "[2026/11/23 07:31:30:0524] E: ", the last group in tenths of milliseconds; empty unless `level` is one level.
pub(crate) fn stamp(level: c_int) -> String {
    let Some(letter) = (0..LLL_COUNT)
        .zip("EWNIDPHXCLUT".chars())
        .find(|(n, _)| level == 1 << n)
    else {
        return String::new();
    };
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let part = now.subsec_micros() / 100;
    let seconds = libc::time_t::try_from(now.as_secs()).unwrap_or_default();
    let mut tm = mem::MaybeUninit::<libc::tm>::uninit();
    // SAFETY: both pointers are to locals of the right types.
    let filled = unsafe { libc::localtime_r(&raw const seconds, tm.as_mut_ptr()) };
    if filled.is_null() {
        return format!("[{seconds}:{part:04}] {}: ", letter.1);
    }
    // SAFETY: localtime_r() answers non-NULL when it has filled it in.
    let tm = unsafe { tm.assume_init() };
    format!(
        "[{:04}/{:02}/{:02} {:02}:{:02}:{:02}:{part:04}] {}: ",
        tm.tm_year + 1900,
        tm.tm_mon + 1,
        tm.tm_mday,
        tm.tm_hour,
        tm.tm_min,
        tm.tm_sec,
        letter.1
    )
}

/// For shim.c, which declares it hidden: whether a line is worth formatting.
///
/// cbindgen:ignore
#[unsafe(no_mangle)]
pub extern "C-unwind" fn broadside_log_visible(level: c_int) -> c_int {
    lwsl_visible(level)
}

/// For shim.c, which declares it hidden: one formatted line.
///
/// cbindgen:ignore
///
/// # Safety
///
/// `text` has `len` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn broadside_log_line(level: c_int, text: *const c_char, len: usize) {
    // SAFETY: readable, by this function's contract.
    emit_bytes(level, unsafe {
        core::slice::from_raw_parts(text.cast(), len)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_names_date_time_and_level() {
        let text = stamp(LLL_WARN);
        assert_eq!(text.len(), "[2026/11/23 07:31:30:0524] E: ".len());
        assert!(text.starts_with('[') && text.ends_with("] W: "), "{text}");
        assert_eq!(stamp(LLL_ERR | LLL_WARN), "");
        assert_eq!(stamp(1 << LLL_COUNT), "");
    }

    #[test]
    fn a_stamp_is_cut_to_the_room() {
        let mut room = [b'.'; 6];
        // SAFETY: five of the six bytes are offered.
        let n = unsafe { lwsl_timestamp(LLL_ERR, room.as_mut_ptr().cast(), 5) };
        assert_eq!((n, room[4], room[5]), (4, 0, b'.'));
    }
}
