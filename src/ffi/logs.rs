//! The only place where log lines leave the library: levels, the emitter, what goes before each line.

use super::types::{LLL_COUNT, LLL_ERR, LLL_NOTICE, LLL_WARN, lws_log_emit_t};
use core::ffi::{CStr, c_char, c_int, c_void};
use core::fmt::Write as _;
use core::mem;
use core::ptr;
use core::sync::atomic::{AtomicI32, AtomicPtr, Ordering};
use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

type Emitter = unsafe extern "C-unwind" fn(c_int, *const c_char);

static LEVELS: AtomicI32 = AtomicI32::new(LLL_ERR | LLL_WARN | LLL_NOTICE);

/// The program's `Emitter`, or NULL for ours.
static EMITTER: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());

/// Logs one line. The emitter is the program's, so nothing may be held here.
pub(crate) fn emit(level: c_int, line: &str) {
    if visible(level) {
        emit_bytes(level, line.as_bytes());
    }
}

/// Whether a line of this level goes anywhere: spares the cost of making it.
pub(crate) fn visible(level: c_int) -> bool {
    LEVELS.load(Ordering::Relaxed) & level != 0
}

fn emit_bytes(level: c_int, line: &[u8]) {
    let mut text = Vec::with_capacity(line.len() + 2);
    text.extend(line.iter().copied().take_while(|b| *b != 0));
    if text.last() != Some(&b'\n') {
        text.push(b'\n');
    }
    text.push(0);
    let line = text.as_ptr().cast::<c_char>();
    // SAFETY: an emitter may be called with a level and a terminated line: that is what lws_set_log_level() asks for.
    unsafe { emitter()(level, line) }
}

fn emitter() -> Emitter {
    let set = EMITTER.load(Ordering::Acquire);
    if set.is_null() {
        return lwsl_emit_stderr;
    }
    // SAFETY: only lws_set_log_level() stores here, and it stores nothing but an `Emitter`.
    unsafe { mem::transmute::<*mut c_void, Emitter>(set) }
}

/// Sets which levels are logged, LLL_ERR | LLL_WARN | ..., and what receives the lines; NULL keeps what is set.
///
/// # Safety
///
/// `log_emit_function` is NULL, or may be called with a level and a terminated line from any thread that calls the library,
/// until another one is set.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_set_log_level(level: c_int, log_emit_function: lws_log_emit_t) {
    LEVELS.store(level, Ordering::Relaxed);
    if let Some(emit) = log_emit_function {
        EMITTER.store(emit as *mut c_void, Ordering::Release);
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
    if !visible(level) {
        return;
    }
    if len == 0 {
        return emit(level, "(hexdump: zero length)");
    }
    if vbuf.is_null() {
        return emit(level, "(hexdump: NULL ptr)");
    }
    // SAFETY: readable, by this function's contract.
    let bytes = unsafe { core::slice::from_raw_parts(vbuf.cast::<u8>(), len) };
    emit(level, "");
    for (i, row) in bytes.chunks(16).enumerate() {
        emit(level, &hex_row(i * 16, row));
    }
    emit(level, "");
}

fn hex_row(offset: usize, row: &[u8]) -> String {
    let mut line = format!("{offset:04X}: ");
    for byte in row {
        let _ = write!(line, "{byte:02X} "); // a String takes everything
    }
    let missing = 16usize.saturating_sub(row.len());
    line.extend(core::iter::repeat_n("   ", missing));
    line.push_str("   ");
    line.extend(row.iter().map(|b| {
        if (b' '..127).contains(b) {
            char::from(*b)
        } else {
            '.'
        }
    }));
    line.extend(core::iter::repeat_n(' ', missing));
    line
}

/// "[2026/11/23 07:31:30:0524] E: ", the last group in tenths of milliseconds; empty unless `level` is one level.
fn stamp(level: c_int) -> String {
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

    #[test]
    fn a_row_of_hex_keeps_its_columns_when_short() {
        let full = hex_row(0, b"0123456789abcdef");
        let short = hex_row(16, b"A\n");
        assert_eq!(full.len(), short.len());
        assert!(short.starts_with("0010: 41 0A    "), "{short}");
        assert!(short.trim_end().ends_with("A."), "{short}");
    }
}
