//! The only place for log levels and what receives log lines.

use core::ffi::{c_char, c_int, c_void};

/// Something failed.
pub const LLL_ERR: c_int = 1 << 0;
/// Something is odd, work goes on.
pub const LLL_WARN: c_int = 1 << 1;
/// Worth knowing once.
pub const LLL_NOTICE: c_int = 1 << 2;
/// Every connection and its fate.
pub const LLL_INFO: c_int = 1 << 3;
/// Every step.
pub const LLL_DEBUG: c_int = 1 << 4;
/// How bytes were read.
pub const LLL_PARSER: c_int = 1 << 5;
/// Header bytes.
pub const LLL_HEADER: c_int = 1 << 6;
/// Extensions.
pub const LLL_EXT: c_int = 1 << 7;
/// Client steps.
pub const LLL_CLIENT: c_int = 1 << 8;
/// Durations.
pub const LLL_LATENCY: c_int = 1 << 9;
/// The program's own lines.
pub const LLL_USER: c_int = 1 << 10;
/// Threads.
pub const LLL_THREAD: c_int = 1 << 11;
/// How many levels there are.
pub const LLL_COUNT: c_int = 12;
/// A flag in `lll_flags`: for the program, about lines with personal data; nothing here looks at it.
pub const LLLF_SECRECY_PII: c_int = 1 << 16;
/// A flag in `lll_flags`: for the program, about lines with tokens; nothing here looks at it.
pub const LLLF_SECRECY_BEARER: c_int = 1 << 17;
/// A flag in `lll_flags`: each line begins with what lwsl_timestamp() writes.
pub const LLLF_LOG_TIMESTAMP: c_int = 1 << 18;
/// A flag in `lll_flags`: the emitter is the one that wants the log context.
pub const LLLF_LOG_CONTEXT_AWARE: c_int = 1 << 30;

/// What receives each line: its level and its text, ended by a newline and a NUL.
///
/// cbindgen:ignore
pub type lws_log_emit_t = Option<unsafe extern "C-unwind" fn(level: c_int, line: *const c_char)>;

/// As `lws_log_emit_t`, told which log context and how long the line is.
///
/// cbindgen:ignore
pub type lws_log_emit_cx_t = Option<
    unsafe extern "C-unwind" fn(cx: *mut lws_log_cx, level: c_int, line: *const c_char, len: usize),
>;

/// Told when a user of the log context comes (`_new` > 0) or goes.
///
/// cbindgen:ignore
pub type lws_log_use_cx_t = Option<unsafe extern "C-unwind" fn(cx: *mut lws_log_cx, _new: c_int)>;

/// Writes the text that goes before each line, from `*p` on and not beyond `e`.
///
/// cbindgen:ignore
pub type lws_log_prepend_cx_t = Option<
    unsafe extern "C-unwind" fn(
        cx: *mut lws_log_cx,
        obj: *mut c_void,
        p: *mut *mut c_char,
        e: *mut c_char,
    ),
>;

/// The emitter of a log context. LLLF_LOG_CONTEXT_AWARE in `lll_flags` says which of the two it is.
#[repr(C)]
#[derive(Clone, Copy)]
pub union lws_log_cx_emitter {
    /// told level and text
    pub emit: lws_log_emit_t,
    /// told the context too
    pub emit_cx: lws_log_emit_cx_t,
}

/// Where the log lines of one context, vhost or request go. The program's, and it outlives what uses it, and calls about that in other
/// threads: `refcount` is 0 then.
///
/// A line is: what the parents' `prepend` write, the topmost first; what names the context, vhost or request; the function's name; the
/// text, and a newline. Any thread that calls the library may call what this points at.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_log_cx {
    /// the emitter
    pub u: lws_log_cx_emitter,
    /// told when users come and go, after `refcount` changed, or NULL; one thread at a time
    pub refcount_cb: lws_log_use_cx_t,
    /// writes what goes before each line of a log context whose parent this is, and, when this has no parent, of its own; or NULL
    pub prepend: lws_log_prepend_cx_t,
    /// whose `prepend` comes first, or NULL; the line still goes to this one's emitter
    pub parent: *mut Self,
    /// for the program
    pub opaque: *mut c_void,
    /// for the emitter's own storage
    pub stg: *mut c_void,
    /// bitmap of the levels that are emitted, and LLLF_ flags
    pub lll_flags: u32,
    /// how many use it
    pub refcount: i32,
}

#[cfg(target_pointer_width = "64")]
const _: () = {
    use core::mem::{offset_of, size_of};
    assert!(size_of::<lws_log_cx>() == 56);
    assert!(offset_of!(lws_log_cx, refcount_cb) == 8);
    assert!(offset_of!(lws_log_cx, prepend) == 16);
    assert!(offset_of!(lws_log_cx, parent) == 24);
    assert!(offset_of!(lws_log_cx, opaque) == 32);
    assert!(offset_of!(lws_log_cx, stg) == 40);
    assert!(offset_of!(lws_log_cx, lll_flags) == 48);
    assert!(offset_of!(lws_log_cx, refcount) == 52);
};
