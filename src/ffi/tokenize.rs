//! The only place that cuts the program's texts into tokens.

use core::ffi::{c_char, c_int};
use core::ptr;

use super::logs;
use super::text::buffer;
use super::types::{lws_tokenize, lws_tokenize_elem};
use crate::engine::LLL_ERR;
use crate::proto::text::tokenize::{Elem, Need, Rules, Step, Tokenizer};

/// Sets up `ts` for the string `start`; `flags` are LWS_TOKENIZE_F_. Where the text has no terminator, set `ts->len` afterwards.
///
/// # Safety
///
/// `ts` is NULL or writable; `start` is NULL or lives as long as it is cut.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_tokenize_init(
    ts: *mut lws_tokenize,
    start: *const c_char,
    flags: c_int,
) {
    if ts.is_null() {
        return logs::emit(LLL_ERR, "lws_tokenize_init: ts is NULL");
    }
    let fresh = lws_tokenize {
        start,
        token: ptr::null(),
        len: 0x7fff_ffff,
        token_len: 0,
        flags: flags as u16, // as many as there are
        delim: Need::FirstContent as u8,
        e: 0,
    };
    // SAFETY: writable, by this function's contract.
    unsafe { ts.write(fresh) };
}

/// Finds the next element of the text, and answers an lws_tokenize_elem: 0 at the end, below 0 when the text is malformed, else
/// what `ts->token` and `ts->token_len` are. Letters, digits, `_` and characters that are not ASCII make tokens; white space separates
/// them; `"` begins and ends a string, and a token right before it is dropped; anything else is a delimiter of one character. The flags
/// say otherwise for some. The text has to be UTF-8 (RFC 3629) and ends at a NUL or after `ts->len` bytes.
///
/// # Safety
///
/// `ts` is NULL or was set up, and its text is there: a string, or `ts->len` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_tokenize(ts: *mut lws_tokenize) -> lws_tokenize_elem {
    // SAFETY: NULL, or writable and set up, by this function's contract.
    let Some(ts) = (unsafe { ts.as_mut() }) else {
        logs::emit(LLL_ERR, "lws_tokenize: ts is NULL");
        return lws_tokenize_elem(Elem::Ended as c_int);
    };
    let begin = ts.start;
    let mut machine = Tokenizer::new(Rules(ts.flags), Need::from_int(ts.delim));
    // SAFETY: by this function's contract.
    let elem = unsafe { run(&mut machine, ts) };
    ts.delim = machine.need as u8;
    (ts.token, ts.token_len) = match machine.len {
        0 if elem != Elem::QuotedString => (ptr::null(), 0),
        len => (begin.wrapping_add(machine.start), len),
    };
    lws_tokenize_elem(elem as c_int)
}

/// Copies the element that was found to `str`, which has `max` bytes, and terminates it. Returns 0, or 1, with `str` as it was, when it
/// does not fit, or an argument is NULL. lws: of `max` bytes one is left over.
///
/// # Safety
///
/// `ts` is NULL or what lws_tokenize() left, its text still there; `str` is NULL or has `max` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_tokenize_cstr(
    ts: *mut lws_tokenize,
    str: *mut c_char,
    max: usize,
) -> c_int {
    // SAFETY: NULL or readable, by this function's contract.
    let Some(ts) = (unsafe { ts.as_ref() }) else {
        logs::emit(LLL_ERR, "lws_tokenize_cstr: ts is NULL");
        return 1;
    };
    if str.is_null() || max.saturating_sub(1) <= ts.token_len {
        return 1;
    }
    // SAFETY: the element is in the text, by this function's contract.
    let token = unsafe { buffer(ts.token.cast(), ts.token_len) }.unwrap_or(&[]);
    // SAFETY: `max` writable bytes, by this function's contract.
    unsafe { super::text::put(token, str, max) };
    0
}

/// Feeds the machine until it has an element; `ts` moves on by what that takes.
///
/// # Safety
///
/// The text of `ts` is a string, or has `ts.len` readable bytes.
unsafe fn run(machine: &mut Tokenizer, ts: &mut lws_tokenize) -> Elem {
    while ts.len > 0 && !ts.start.is_null() {
        // SAFETY: one of `ts.len` bytes, and no NUL came before it, by this function's contract.
        let byte = unsafe { ts.start.cast::<u8>().read() };
        if byte == 0 {
            break; // it stays there: asked again, the text is still at its end
        }
        match machine.feed(byte) {
            Step::More => {}
            Step::Done(elem) => {
                ts.start = ts.start.wrapping_add(1);
                ts.len -= 1;
                return elem;
            }
            Step::DoneBefore(elem) => return elem,
        }
        ts.start = ts.start.wrapping_add(1);
        ts.len -= 1;
    }
    machine.end()
}
