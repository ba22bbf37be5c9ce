//! The only place that reads a program's command line.

use core::ffi::{CStr, c_char, c_int};
use core::ptr;

use super::context::{self, Context, Settings};
use super::logs::lws_set_log_level;
use super::switches::lws_cmdline_options;
use super::text::bytes;
use super::types::{
    LLL_ERR, LLL_NOTICE, LLL_USER, LLL_WARN, lws_context, lws_context_creation_info,
};

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

/// Carries out what programs have in common: `-d LEVELS` sets the log levels; without it they are `info.default_loglevel`, and when
/// that is 0 errors, warnings, notices and what the program says. Puts `argc` and `argv` into `info`, for lws_cmdline_option_cx().
///
/// # Safety
///
/// `argv` has `argc` strings, the first the program's name; `info` is NULL or writable, and its `default_loglevel` is set.
/// cbindgen:postfix=__asm__("broadside_cmdline_option_handle_builtin")
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_cmdline_option_handle_builtin(
    argc: c_int,
    argv: *mut *const c_char,
    info: *mut lws_context_creation_info,
) {
    let _ = info; // one that is too short for either
    // SAFETY: by this function's contract.
    unsafe { set_levels(argc, argv, 0) }
}

/// # Safety
///
/// `argv` has `argc` strings, the first the program's name.
pub(crate) unsafe fn set_levels(argc: c_int, argv: *mut *const c_char, default: c_int) {
    // SAFETY: by this function's contract.
    let levels = unsafe { lws_cmdline_option(argc, argv, c"-d".as_ptr()) };
    let levels = match (levels.is_null(), default) {
        (true, 0) => LLL_USER | LLL_ERR | LLL_WARN | LLL_NOTICE,
        (true, default) => default,
        // SAFETY: a string.
        (false, _) => unsafe { libc::atoi(levels) },
    };
    // SAFETY: the emitter stays the one that is set.
    unsafe { lws_set_log_level(levels, None) };
}

/// As lws_cmdline_option(), of the command line that the context was created with, `info.argc` and `info.argv`, and of what
/// lws_system_adopt_stdin() appended to it. NULL without one.
///
/// # Safety
///
/// `info.argv` has `info.argc` strings still; `val` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_cmdline_option_cx(
    cx: *const lws_context,
    val: *const c_char,
) -> *const c_char {
    let Some(context) = context::of(cx, "lws_cmdline_option_cx") else {
        return ptr::null();
    };
    // SAFETY: by this function's contract.
    let (argc, mut argv) = unsafe { arguments(&context) };
    // SAFETY: so many strings; `val` by this function's contract.
    unsafe { lws_cmdline_option(argc, argv.as_mut_ptr(), val) }
}

/// The program's arguments, and behind them what came on stdin for it.
///
/// # Safety
///
/// `info.argv` has `info.argc` strings still.
unsafe fn arguments(context: &Context) -> (c_int, Vec<*const c_char>) {
    let Settings { argc, argv, .. } = context.settings;
    let argv = ptr::with_exposed_provenance::<*const c_char>(argv);
    let count = usize::try_from(argc)
        .ok()
        .filter(|_| !argv.is_null())
        .unwrap_or(0);
    let mut all = match count {
        // The first is no option: it is passed over.
        0 => vec![c"".as_ptr()],
        // SAFETY: by this function's contract.
        _ => unsafe { core::slice::from_raw_parts(argv, count) }.to_vec(),
    };
    all.extend(context.stdin.words().iter().map(|word| word.as_ptr()));
    (c_int::try_from(all.len()).unwrap_or(c_int::MAX), all)
}

/// As lws_cmdline_options(), of the command line that the context was created with. NULL without one.
///
/// # Safety
///
/// `info.argv` has `info.argc` strings still; `val` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_cmdline_options_cx(
    cx: *const lws_context,
    val: *const c_char,
    last: *const c_char,
) -> *const c_char {
    let Some(context) = context::of(cx, "lws_cmdline_options_cx") else {
        return ptr::null();
    };
    // SAFETY: by this function's contract.
    let (argc, argv) = unsafe { arguments(&context) };
    // SAFETY: so many strings; `val` and `last` by this function's contract.
    unsafe { lws_cmdline_options(argc, argv.as_ptr(), val, last) }
}

/// The program's name on the command line that the context was created with; NULL without one.
///
/// # Safety
///
/// `info.argv` has `info.argc` strings still.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_cmdline_option_cx_argv0(
    cx: *const lws_context,
) -> *const c_char {
    let Some(context) = context::of(cx, "lws_cmdline_option_cx_argv0") else {
        return ptr::null();
    };
    let Settings { argc, argv, .. } = context.settings;
    let argv = ptr::with_exposed_provenance::<*const c_char>(argv);
    if argv.is_null() || argc < 1 {
        return ptr::null();
    }
    // SAFETY: there is one at least, by this function's contract.
    unsafe { argv.read() }
}
