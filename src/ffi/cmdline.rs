//! The only place that reads a program's command line.

use core::ffi::{CStr, c_char, c_int};
use core::ptr;

use super::logs::lws_set_log_level;
use super::text::bytes;
use super::types::{LLL_ERR, LLL_NOTICE, LLL_USER, LLL_WARN, lws_context_creation_info};

/// A value that is an argument of its own and longer is none.
const LONGEST: usize = 1024;

/// What the option `val` is set to: of `-d5`, `-d=5` and `-d 5`, 5; "" when the last argument is the option alone. If it is there more
/// than once the last one counts, and NULL is returned when it is not there. A longer argument that begins with `val` is the option too.
///
/// # Safety
///
/// `argv` has `argc` strings, the first the program's name; `val` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_cmdline_option(
    argc: c_int,
    argv: *mut *const c_char,
    val: *const c_char,
) -> *const c_char {
    // SAFETY: NULL or a string, by this function's contract.
    let Some(option) = (unsafe { bytes(val) }) else {
        return ptr::null();
    };
    let count = usize::try_from(argc).unwrap_or(0);
    if argv.is_null() || count == 0 {
        return ptr::null();
    }
    // SAFETY: so many, by this function's contract.
    let arguments = unsafe { core::slice::from_raw_parts(argv.cast_const(), count) };
    for (at, argument) in arguments.iter().enumerate().skip(1).rev() {
        // SAFETY: a string, by this function's contract.
        let Some(rest) = (unsafe { after(*argument, option) }) else {
            continue;
        };
        return match (rest.to_bytes().first(), arguments.get(at + 1)) {
            // SAFETY: a string, by this function's contract.
            (None, Some(next)) => unsafe { bytes(*next) }
                .filter(|value| value.len() <= LONGEST)
                .map_or(ptr::null(), |_| *next),
            (Some(b'='), _) => rest.as_ptr().wrapping_add(1),
            _ => rest.as_ptr(),
        };
    }
    ptr::null()
}

/// What is behind the option in an argument that begins with it.
///
/// # Safety
///
/// `argument` is NULL or a string that lives and stays as it is for `'a`.
unsafe fn after<'a>(argument: *const c_char, option: &[u8]) -> Option<&'a CStr> {
    if argument.is_null() {
        return None;
    }
    // SAFETY: by this function's contract.
    let text = unsafe { CStr::from_ptr(argument) };
    let rest = text.to_bytes_with_nul().get(option.len()..)?;
    text.to_bytes()
        .starts_with(option)
        .then(|| CStr::from_bytes_with_nul(rest).ok())?
}

/// Carries out what programs have in common: `-d LEVELS` sets the log levels; without it they are errors, warnings, notices and what the
/// program says. `info` is not changed.
///
/// # Safety
///
/// `argv` has `argc` strings, the first the program's name.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_cmdline_option_handle_builtin(
    argc: c_int,
    argv: *mut *const c_char,
    info: *mut lws_context_creation_info,
) {
    let _ = info;
    // SAFETY: by this function's contract.
    let levels = unsafe { lws_cmdline_option(argc, argv, c"-d".as_ptr()) };
    let levels = match levels.is_null() {
        true => LLL_USER | LLL_ERR | LLL_WARN | LLL_NOTICE,
        // SAFETY: a string.
        false => unsafe { libc::atoi(levels) },
    };
    // SAFETY: the emitter stays the one that is set.
    unsafe { lws_set_log_level(levels, None) };
}
