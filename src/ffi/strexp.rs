//! The only place that expands `${name}` in the program's texts, as the program's function says.

use core::ffi::{c_char, c_int, c_void};

use super::logs;
use super::text::buffer;
use super::types::{lws_strexp, lws_strexp_expand_cb};
use crate::engine::LLL_ERR;

const LSTRX_DONE: c_int = 0;
const LSTRX_FILLED_OUT: c_int = 1;
const LSTRX_FATAL_NAME_TOO_LONG: c_int = -1;
const LSTRX_FATAL_NAME_UNKNOWN: c_int = -2;

/// What `lws_strexp.state` says is being read.
const LITERAL: c_char = 0;
/// Behind a `$`.
const OPEN_OR_LITERAL: c_char = 1;
const NAME_OR_CLOSE: c_char = 2;
/// The name is known, and what it stands for is not written yet.
const DRAIN: c_char = 3;

/// Sets up `exp`: `cb` says, given `priv`, what names stand for; the text goes to the `olen` bytes at `out`, or nowhere, and is
/// only counted, when `out` is NULL (`olen` 0: however long it gets).
///
/// # Safety
///
/// `exp` is NULL or writable; `out` is NULL or stays writable, `olen` bytes, while it is expanded; `cb` may be called with `priv`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_strexp_init(
    exp: *mut lws_strexp,
    r#priv: *mut c_void,
    cb: lws_strexp_expand_cb,
    out: *mut c_char,
    olen: usize,
) {
    if exp.is_null() {
        return logs::emit(LLL_ERR, "lws_strexp_init: exp is NULL");
    }
    let fresh = lws_strexp {
        name: [0; 32],
        cb,
        r#priv,
        out,
        olen,
        pos: 0,
        exp_ofs: 0,
        name_pos: 0,
        state: LITERAL,
    };
    // SAFETY: writable, by this function's contract.
    unsafe { exp.write(fresh) };
}

/// Gives `exp` another place to write to, or the same again, after LSTRX_FILLED_OUT.
///
/// # Safety
///
/// `exp` is NULL or was set up; `out` is as lws_strexp_init() wants it.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_strexp_reset_out(
    exp: *mut lws_strexp,
    out: *mut c_char,
    olen: usize,
) {
    // SAFETY: NULL, or writable and set up, by this function's contract.
    let Some(exp) = (unsafe { exp.as_mut() }) else {
        return logs::emit(LLL_ERR, "lws_strexp_reset_out: exp is NULL");
    };
    exp.out = out;
    exp.olen = olen;
    exp.pos = 0;
}

/// Copies `len` bytes at `in`, with each `${name}` replaced by what the program's function says; a `$` before anything else stays.
/// `*pused_in` is how much was read and `*pused_out` how much is in `out`. Returns LSTRX_DONE, with `out` terminated (a name may go on in
/// the next piece); LSTRX_FILLED_OUT, not terminated: use what is there, call lws_strexp_reset_out() and go on behind what was read; or
/// LSTRX_FATAL_NAME_TOO_LONG (32 and more, or no room for a `$`, or an argument that is NULL) or LSTRX_FATAL_NAME_UNKNOWN.
///
/// # Safety
///
/// `exp` is NULL or was set up; `in` is NULL or has `len` readable bytes; the others are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_strexp_expand(
    exp: *mut lws_strexp,
    in_: *const c_char,
    len: usize,
    pused_in: *mut usize,
    pused_out: *mut usize,
) -> c_int {
    // SAFETY: readable, by this function's contract.
    let text = unsafe { buffer(in_.cast(), len) }.unwrap_or(&[]);
    if exp.is_null() || pused_in.is_null() || pused_out.is_null() {
        logs::emit(LLL_ERR, "lws_strexp_expand: an argument is NULL");
        return LSTRX_FATAL_NAME_TOO_LONG;
    }
    // A copy, as the program's function may look at its own.
    // SAFETY: set up, by this function's contract.
    let mut expander = Expander(unsafe { exp.read() });
    // SAFETY: by this function's contract.
    let (result, used) = unsafe { expander.run(text) };
    // SAFETY: writable, by this function's contract; so below.
    unsafe { exp.write(expander.0) };
    // SAFETY: as above.
    unsafe { pused_in.write(used) };
    // SAFETY: as above.
    unsafe { pused_out.write(expander.0.pos) };
    result
}

struct Expander(lws_strexp);

impl Expander {
    /// The result, and how much was read.
    ///
    /// # Safety
    ///
    /// `out` is NULL or has `olen` writable bytes; `cb` may be called with `priv`.
    unsafe fn run(&mut self, text: &[u8]) -> (c_int, usize) {
        for (used, &byte) in text.iter().enumerate() {
            // SAFETY: by this function's contract.
            let result = unsafe { self.feed(byte) };
            match result {
                LSTRX_DONE => {}
                // What closes the name is read again, to go on with what it stands for.
                result if self.0.state == DRAIN => return (result, used),
                LSTRX_FILLED_OUT => return (result, used + 1),
                result => return (result, used),
            }
        }
        if !self.has_room(1) {
            return match self.0.out.is_null() {
                true => (LSTRX_DONE, text.len()),
                false => (LSTRX_FILLED_OUT, text.len()),
            };
        }
        if !self.0.out.is_null() {
            // SAFETY: there is room for one, by the check above.
            unsafe { self.0.out.wrapping_add(self.0.pos).write(0) };
        }
        (LSTRX_DONE, text.len())
    }

    /// # Safety
    ///
    /// As `run`.
    unsafe fn feed(&mut self, byte: u8) -> c_int {
        match self.0.state {
            OPEN_OR_LITERAL if byte == b'{' => {
                self.0.state = NAME_OR_CLOSE;
                self.0.name_pos = 0;
                self.0.exp_ofs = 0;
                LSTRX_DONE
            }
            OPEN_OR_LITERAL => {
                // lws: and a terminator
                if !self.has_room(3) {
                    return LSTRX_FATAL_NAME_TOO_LONG;
                }
                if byte != b'$' {
                    self.0.state = LITERAL;
                }
                // SAFETY: by this function's contract.
                unsafe { self.put(b'$') };
                // SAFETY: as above.
                unsafe { self.put(byte) };
                LSTRX_DONE
            }
            NAME_OR_CLOSE if byte != b'}' => self.grow_name(byte),
            NAME_OR_CLOSE | DRAIN => {
                self.0.state = DRAIN;
                // SAFETY: by this function's contract.
                unsafe { self.drain() }
            }
            _ if byte == b'$' => {
                self.0.state = OPEN_OR_LITERAL;
                LSTRX_DONE
            }
            _ => {
                if !self.has_room(1) {
                    return LSTRX_FATAL_NAME_TOO_LONG; // it was told before, or is of no size
                }
                // SAFETY: by this function's contract.
                unsafe { self.put(byte) };
                match self.has_room(1) {
                    true => LSTRX_DONE,
                    false => LSTRX_FILLED_OUT,
                }
            }
        }
    }

    fn grow_name(&mut self, byte: u8) -> c_int {
        let at = usize::from(self.0.name_pos);
        // The last place is the terminator's.
        let Some(place) = self.0.name.get_mut(at).filter(|_| at < 31) else {
            return LSTRX_FATAL_NAME_TOO_LONG;
        };
        *place = byte as c_char;
        self.0.name_pos += 1;
        LSTRX_DONE
    }

    /// # Safety
    ///
    /// As `run`.
    unsafe fn drain(&mut self) -> c_int {
        let exp = &mut self.0;
        if let Some(end) = exp.name.get_mut(usize::from(exp.name_pos)) {
            *end = 0;
        }
        let Some(cb) = exp.cb else {
            return LSTRX_FATAL_NAME_UNKNOWN;
        };
        let name = exp.name.as_ptr();
        let (pos, offset) = (&raw mut exp.pos, &raw mut exp.exp_ofs);
        // SAFETY: by this function's contract; the name is terminated.
        let result = unsafe { cb(exp.r#priv, name, exp.out, pos, exp.olen, offset) };
        if !exp.out.is_null() {
            exp.pos = exp.pos.min(exp.olen);
        }
        if matches!(result, LSTRX_FILLED_OUT | LSTRX_FATAL_NAME_UNKNOWN) {
            return result;
        }
        exp.state = LITERAL;
        LSTRX_DONE
    }

    /// lws: where nothing is written and no size was said, there is no end.
    fn has_room(&self, more: usize) -> bool {
        let endless = self.0.out.is_null() && self.0.olen == 0;
        endless || self.0.olen.saturating_sub(self.0.pos) >= more
    }

    /// # Safety
    ///
    /// There is room for one more; `out` is NULL or has `olen` writable bytes.
    unsafe fn put(&mut self, byte: u8) {
        if !self.0.out.is_null() {
            // SAFETY: by this function's contract.
            unsafe { self.0.out.wrapping_add(self.0.pos).write(byte as c_char) };
        }
        self.0.pos += 1;
    }
}
