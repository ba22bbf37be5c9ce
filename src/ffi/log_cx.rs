//! The only place that gives a line to a log context: what goes before it, its emitter, and who uses the context.

use core::ffi::{CStr, c_char, c_int, c_void};
use core::fmt::Write as _;
use core::ptr;
use core::sync::atomic::{AtomicI32, Ordering};
use std::cell::Cell;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::context;
use super::handle::{self, Kind};
use super::logs::{self, lwsl_emit_stderr, stamp};
use super::types::{
    LLLF_LOG_CONTEXT_AWARE, LLLF_LOG_TIMESTAMP, lws, lws_context, lws_log_cx, lws_log_prepend_cx_t,
    lws_vhost,
};
use super::wsi::lws_wsi_tag;
use super::{text, vhost, wsi};
use crate::engine::LLL_ERR;
use crate::engine::notes::Note;

/// What the functions that write before a line have room for.
const PREFIX: usize = 512;
/// Parents that are asked; a circle of them ends here.
const PARENTS: usize = 16;

/// One line, before it is put together.
pub(crate) struct Line<'a> {
    level: c_int,
    prep: lws_log_prepend_cx_t,
    obj: *mut c_void,
    function: &'a [u8],
    text: &'a [u8],
}

impl<'a> Line<'a> {
    pub(crate) fn new(level: c_int, text: &'a [u8]) -> Self {
        Self {
            level,
            prep: None,
            obj: ptr::null_mut(),
            function: b"",
            text,
        }
    }
}

/// What a log context says now; NULL is the process-wide one.
///
/// # Safety
///
/// `cx` is NULL or a log context that lives.
unsafe fn now(cx: *mut lws_log_cx) -> lws_log_cx {
    if cx.is_null() || cx == logs::process_wide() {
        return logs::process_wide_now();
    }
    // SAFETY: by this function's contract.
    unsafe { cx.read() }
}

fn shows(cx: &lws_log_cx, level: c_int) -> bool {
    cx.lll_flags & level.cast_unsigned() != 0
}

/// Logs one line, if its level is shown. All that is called is the program's, so nothing may be held here.
///
/// # Safety
///
/// `cx` is NULL or a log context that lives; `line.prep` may be called with `line.obj`.
pub(crate) unsafe fn emit(cx: *mut lws_log_cx, line: &Line<'_>) {
    // SAFETY: by this function's contract.
    let says = unsafe { now(cx) };
    if !shows(&says, line.level) {
        return;
    }
    let cx = if cx.is_null() {
        logs::process_wide()
    } else {
        cx
    };
    let mut whole = Vec::with_capacity(line.text.len() + 2);
    // SAFETY: by this function's contract.
    unsafe { prefix(cx, &says, line, &mut whole) };
    whole.extend(line.text.iter().copied().take_while(|b| *b != 0));
    if whole.last() != Some(&b'\n') {
        whole.push(b'\n');
    }
    let len = whole.len();
    whole.push(0);
    let text = whole.as_ptr().cast::<c_char>();
    if says.lll_flags & LLLF_LOG_CONTEXT_AWARE as u32 == 0 {
        // SAFETY: without the flag it is this one that was set.
        let emit = unsafe { says.u.emit }.unwrap_or(lwsl_emit_stderr);
        // SAFETY: an emitter may be called with a level and a terminated line: that is what lws_log_emit_t asks for.
        unsafe { emit(line.level, text) };
        return;
    }
    // SAFETY: with the flag it is this one.
    match unsafe { says.u.emit_cx } {
        // SAFETY: as lws_log_emit_cx_t asks for.
        Some(emit) => unsafe { emit(cx, line.level, text, len) },
        // SAFETY: a terminated line.
        None => unsafe { lwsl_emit_stderr(line.level, text) },
    }
}

/// # Safety
///
/// As `emit`; `says` is what `cx` says.
unsafe fn prefix(cx: *mut lws_log_cx, says: &lws_log_cx, line: &Line<'_>, out: &mut Vec<u8>) {
    if says.lll_flags & LLLF_LOG_TIMESTAMP as u32 != 0 {
        out.extend_from_slice(stamp(line.level).as_bytes());
    }
    let mut asked = Vec::new();
    if says.parent.is_null() {
        asked.push((cx, says.prepend));
    }
    let mut parent = says.parent;
    while !parent.is_null() && asked.len() < PARENTS {
        // SAFETY: lives while its children do, as lws_log_cx says.
        let above = unsafe { now(parent) };
        asked.push((parent, above.prepend));
        parent = above.parent;
    }
    for (whose, prepend) in asked.into_iter().rev() {
        // SAFETY: as lws_log_prepend_cx_t asks for; no object is a log context's own.
        unsafe { ask(prepend, whose, ptr::null_mut(), out) };
    }
    // SAFETY: by this function's contract.
    unsafe { ask(line.prep, cx, line.obj, out) };
    if !line.function.is_empty() {
        out.extend_from_slice(line.function);
        out.extend_from_slice(b": ");
    }
}

/// # Safety
///
/// `prepend` is NULL or may be called with `cx` and `obj`.
unsafe fn ask(
    prepend: lws_log_prepend_cx_t,
    cx: *mut lws_log_cx,
    obj: *mut c_void,
    out: &mut Vec<u8>,
) {
    let Some(prepend) = prepend else {
        return;
    };
    let mut room = [0u8; PREFIX];
    let start = room.as_mut_ptr().cast::<c_char>();
    let mut end = start;
    let last = start.wrapping_add(PREFIX - 1);
    // SAFETY: by this function's contract; `*p` up to `e` is writable.
    unsafe { prepend(cx, obj, &raw mut end, last) };
    let written = end.addr().wrapping_sub(start.addr());
    let written = room.get(..written).unwrap_or_default();
    out.extend(written.iter().copied().take_while(|b| *b != 0));
}

/// Carries out what the engine noted for the log.
pub(crate) fn carry_out(slot: usize, notes: Vec<Note>) {
    let mut rest = Rest(notes.into_iter());
    for note in rest.0.by_ref() {
        match note {
            Note::Joined(cx) => used(cx, 1),
            Note::Left(cx) => used(cx, -1),
            Note::Line {
                level,
                text,
                log_cx,
                wsi,
            } => {
                let obj = wsi.map(|key| handle::wsi_pointer(slot, Kind::Request, key));
                say(log_cx, obj, level, &text);
            }
        }
    }
}

/// An emitter threw a C++ exception: who uses what is counted all the same.
struct Rest(std::vec::IntoIter<Note>);

impl Drop for Rest {
    fn drop(&mut self) {
        for note in self.0.by_ref() {
            match note {
                Note::Joined(cx) => used(cx, 1),
                Note::Left(cx) => used(cx, -1),
                Note::Line { .. } => {}
            }
        }
    }
}

/// A line in the log context at this address, 0 for the process-wide one. In a program's own one it names the request.
pub(crate) fn say(cx: usize, about: Option<*mut lws>, level: c_int, text: &str) {
    let mut line = Line::new(level, text.as_bytes());
    if let Some(wsi) = about.filter(|_| cx != 0) {
        line.prep = Some(lws_log_prepend_wsi);
        line.obj = wsi.cast();
    }
    // SAFETY: 0, or what the program gave to something that has not left it.
    unsafe { emit(ptr::with_exposed_provenance_mut(cx), &line) }
}

/// A line about a request that lives.
pub(crate) fn say_of(wsi: *const lws, level: c_int, text: &str) {
    say(of_wsi(wsi).unwrap_or(0), Some(wsi.cast_mut()), level, text);
}

/// One more uses the log context, or one less.
pub(crate) fn used(cx: usize, new: c_int) {
    // SAFETY: as in `say`.
    unsafe { lwsl_refcount_cx(ptr::with_exposed_provenance_mut(cx), new) }
}

/// One thread at a time counts, so that who is told reads the count that it is told about. It may come back in here.
static TURN: Mutex<()> = Mutex::new(());

thread_local! {
    static MY_TURN: Cell<bool> = const { Cell::new(false) };
}

struct Turn {
    _guard: Option<MutexGuard<'static, ()>>,
}

impl Turn {
    fn take() -> Self {
        // Without the thread's locals, at its very end, there is no coming back.
        let mine = MY_TURN.try_with(|mine| mine.replace(true)).unwrap_or(false);
        let guard = (!mine).then(|| TURN.lock().unwrap_or_else(PoisonError::into_inner));
        Self { _guard: guard }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self._guard.is_some() {
            let _ = MY_TURN.try_with(|mine| mine.set(false));
        }
    }
}

/// Counts one more user of a log context (`_new` > 0), or one less, and tells its `refcount_cb`. The library does so for contexts, vhosts
/// and requests. NULL is allowed; a count of 0 stays 0, with a log line.
///
/// # Safety
///
/// `cx` is NULL or a log context that lives.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsl_refcount_cx(cx: *mut lws_log_cx, _new: c_int) {
    if cx.is_null() {
        return;
    }
    let _turn = Turn::take();
    // SAFETY: lives, by this function's contract.
    let place = unsafe { &raw mut (*cx).refcount };
    // SAFETY: aligned and alive, by this function's contract; all who change it take turns.
    let count = unsafe { AtomicI32::from_ptr(place) };
    let step = if _new > 0 { 1 } else { -1 };
    if step < 0 && count.load(Ordering::Relaxed) <= 0 {
        return logs::emit(LLL_ERR, "lwsl_refcount_cx: nobody uses this log context");
    }
    count.fetch_add(step, Ordering::Relaxed);
    // SAFETY: by this function's contract.
    let says = unsafe { cx.read() };
    if let Some(tell) = says.refcount_cb {
        // SAFETY: as lws_log_use_cx_t asks for.
        unsafe { tell(cx, _new) }
    }
}

/// The log context of a context; the process-wide one when it was given none; NULL when it is no live context.
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsl_context_get_cx(cx: *mut lws_context) -> *mut lws_log_cx {
    let context = context::slot_of(cx).and_then(context::at);
    found(context.map(|context| context.settings.log_cx))
}

/// The log context of a vhost: its own, or the context's; NULL when it is no live vhost.
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsl_vhost_get_cx(vh: *mut lws_vhost) -> *mut lws_log_cx {
    let log_cx = vhost::find(vh).and_then(|(context, key)| {
        let held = context.hold();
        Some(held.vhosts.get(key)?.config.log_cx)
    });
    found(log_cx)
}

/// The log context of a request: its own, or the vhost's; of other handles that callbacks are given, the vhost's; NULL for a handle
/// that is gone.
///
/// # Safety
///
/// None: the handle is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsl_wsi_get_cx(wsi: *mut lws) -> *mut lws_log_cx {
    found(of_wsi(wsi))
}

fn of_wsi(wsi: *const lws) -> Option<usize> {
    let (context, handle) = wsi::find(wsi)?;
    let held = context.hold();
    if handle.kind == Kind::Request {
        return Some(held.wsis.get(handle.key())?.ask.log_cx);
    }
    let (vhost, _) = wsi::belongs(&held, handle)?;
    Some(held.vhosts.get(vhost)?.config.log_cx)
}

fn found(log_cx: Option<usize>) -> *mut lws_log_cx {
    match log_cx {
        None => ptr::null_mut(),
        Some(0) => logs::process_wide(),
        Some(log_cx) => ptr::with_exposed_provenance_mut(log_cx),
    }
}

/// Writes the name of a context before a line, and ": ". `obj` is the context. Its name is the `vhost_name` that it was created with;
/// without one, and for one that is gone, nothing is written.
///
/// # Safety
///
/// `*p` up to `e` is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_log_prepend_context(
    cx: *mut lws_log_cx,
    obj: *mut c_void,
    p: *mut *mut c_char,
    e: *mut c_char,
) {
    let _ = cx;
    let context = context::slot_of(obj.cast()).and_then(context::at);
    let name = context.map_or_else(String::new, |context| match context.name.as_str() {
        "" => String::new(),
        name => format!("{name}: "),
    });
    // SAFETY: by this function's contract.
    unsafe { put_before(name.as_bytes(), p, e) }
}

/// Writes lws_vh_tag() of a vhost, and ": ", before a line. `obj` is the vhost; nothing is written for one that is gone.
///
/// # Safety
///
/// `*p` up to `e` is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_log_prepend_vhost(
    cx: *mut lws_log_cx,
    obj: *mut c_void,
    p: *mut *mut c_char,
    e: *mut c_char,
) {
    let _ = cx;
    let tag = vhost::find(obj.cast()).and_then(|(context, key)| {
        let held = context.hold();
        let tag = &held.vhosts.get(key)?.config.tag;
        Some(format!("{}: ", tag.trim_end_matches('\0')))
    });
    // SAFETY: by this function's contract.
    unsafe { put_before(tag.unwrap_or_default().as_bytes(), p, e) }
}

/// Writes lws_wsi_tag() of a request, and ": ", before a line. `obj` is the handle.
///
/// # Safety
///
/// `*p` up to `e` is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_log_prepend_wsi(
    cx: *mut lws_log_cx,
    obj: *mut c_void,
    p: *mut *mut c_char,
    e: *mut c_char,
) {
    let _ = cx;
    // SAFETY: takes any pointer.
    let tag = unsafe { lws_wsi_tag(obj.cast()) };
    // SAFETY: it returns a string.
    let mut tag = unsafe { CStr::from_ptr(tag) }.to_bytes().to_vec();
    tag.extend_from_slice(b": ");
    // SAFETY: by this function's contract.
    unsafe { put_before(&tag, p, e) }
}

/// As much as there is room for, with a NUL behind that the next one overwrites.
///
/// # Safety
///
/// `p` is NULL or readable and writable, and `*p` up to `e` is writable.
unsafe fn put_before(text: &[u8], p: *mut *mut c_char, e: *mut c_char) {
    // SAFETY: by this function's contract.
    let Some(at) = (unsafe { p.as_mut() }) else {
        return;
    };
    let room = e.addr().saturating_sub(at.addr());
    if at.is_null() || room == 0 {
        return;
    }
    // SAFETY: so many are writable, by this function's contract.
    unsafe { text::put(text, *at, room) };
    *at = at.wrapping_add(text.len().min(room - 1));
}

/// lwsl_hexdump_level() into a log context; NULL: the process-wide one. `prep` and `obj` are as for lws_log_prepend_wsi(), or NULL.
///
/// # Safety
///
/// `cx` is NULL or a log context that lives; `vbuf` is NULL or has `len` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsl_hexdump_level_cx(
    cx: *mut lws_log_cx,
    prep: lws_log_prepend_cx_t,
    obj: *mut c_void,
    hexdump_level: c_int,
    vbuf: *const c_void,
    len: usize,
) {
    // SAFETY: by this function's contract.
    if !shows(&unsafe { now(cx) }, hexdump_level) {
        return;
    }
    let line = |text: &str| {
        let line = Line {
            prep,
            obj,
            ..Line::new(hexdump_level, text.as_bytes())
        };
        // SAFETY: by this function's contract.
        unsafe { emit(cx, &line) }
    };
    if len == 0 {
        return line("(hexdump: zero length)");
    }
    // SAFETY: readable, by this function's contract.
    let Some(bytes) = (unsafe { text::buffer(vbuf, len) }) else {
        return line("(hexdump: NULL ptr)");
    };
    line("");
    for (i, row) in bytes.chunks(16).enumerate() {
        line(&hex_row(i * 16, row));
    }
    line("");
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

/// For shim.c, which declares it hidden: whether a line is worth formatting.
///
/// cbindgen:ignore
///
/// # Safety
///
/// `cx` is NULL or a log context that lives.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn broadside_log_cx_visible(
    cx: *mut lws_log_cx,
    level: c_int,
) -> c_int {
    // SAFETY: by this function's contract.
    c_int::from(shows(&unsafe { now(cx) }, level))
}

/// For shim.c, which declares it hidden: one formatted line.
///
/// cbindgen:ignore
///
/// # Safety
///
/// `cx` is NULL or a log context that lives; `prep` is NULL or may be called with `obj`; `function` is NULL or a string; `text` has
/// `len` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn broadside_log_cx_line(
    cx: *mut lws_log_cx,
    prep: lws_log_prepend_cx_t,
    obj: *mut c_void,
    level: c_int,
    function: *const c_char,
    text: *const c_char,
    len: usize,
) {
    // SAFETY: by this function's contract.
    let function = unsafe { text::bytes(function) }.unwrap_or_default();
    // SAFETY: as above.
    let text = unsafe { core::slice::from_raw_parts(text.cast(), len) };
    let line = Line {
        level,
        prep,
        obj,
        function,
        text,
    };
    // SAFETY: as above.
    unsafe { emit(cx, &line) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_hex_keeps_its_columns_when_short() {
        let full = hex_row(0, b"0123456789abcdef");
        let short = hex_row(16, b"A\n");
        assert_eq!(full.len(), short.len());
        assert!(short.starts_with("0010: 41 0A    "), "{short}");
        assert!(short.trim_end().ends_with("A."), "{short}");
    }

    #[test]
    fn what_goes_before_a_line_is_cut_to_the_room() {
        let mut room = [b'.' as c_char; 6];
        let start = room.as_mut_ptr();
        let mut at = start;
        // SAFETY: five of the six bytes are offered.
        unsafe { put_before(b"abcdefgh", &raw mut at, start.wrapping_add(5)) };
        assert_eq!(at.addr() - start.addr(), 4);
        assert_eq!(room.map(|c| c as u8), *b"abcd\0.");
        // SAFETY: nothing is written.
        unsafe { put_before(b"x", ptr::null_mut(), start) };
    }
}
