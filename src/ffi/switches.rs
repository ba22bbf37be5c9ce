//! The only place that walks a program's command line, and explains it.

use core::ffi::{CStr, c_char, c_int};
use core::ptr;
use std::io::{self, Write};

use super::cmdline::lws_cmdline_option;
use super::logs;
use super::text::bytes;
use super::types::{LLL_ERR, LLL_USER, lws_switches};

/// One after the other what the option `val` is set to, in the order of the command line; or, when `val` is NULL, what is no option: the
/// arguments that do not begin with `-`. `last` is NULL for the first, then what was returned before; NULL is the end. Of `-d5`, `-d=5` and
/// `-d 5` the value is 5; the last of these counts as no option too.
///
/// # Safety
///
/// `argv` has `argc` strings, the first the program's name; `val` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_cmdline_options(
    argc: c_int,
    argv: *const *const c_char,
    val: *const c_char,
    last: *const c_char,
) -> *const c_char {
    let count = usize::try_from(argc).unwrap_or(0);
    if argv.is_null() || count == 0 {
        return ptr::null();
    }
    // SAFETY: so many, by this function's contract.
    let arguments = unsafe { core::slice::from_raw_parts(argv, count) };
    // SAFETY: NULL or a string, by this function's contract.
    let option = unsafe { bytes(val) };
    let first = match last.is_null() {
        true => 1,
        // SAFETY: strings, by this function's contract.
        false => match unsafe { holder(arguments, last) } {
            Some(at) => at + 1,
            None => return ptr::null(),
        },
    };
    for (at, argument) in arguments.iter().enumerate().skip(first) {
        let next = arguments.get(at + 1);
        // SAFETY: strings, by this function's contract.
        if let Some(found) = unsafe { value(*argument, next, option) } {
            return found;
        }
    }
    ptr::null()
}

/// What a program's exit status should be: 0 when `actual` is what its command line expects with `--expected-exit` (0 without it), else 1.
/// One log line says which.
///
/// # Safety
///
/// `argv` has `argc` strings, the first the program's name.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_cmdline_passfail(
    argc: c_int,
    argv: *mut *const c_char,
    actual: c_int,
) -> c_int {
    // SAFETY: by this function's contract.
    let option = unsafe { lws_cmdline_option(argc, argv, c"--expected-exit".as_ptr()) };
    let expected = match option.is_null() {
        true => 0,
        // SAFETY: a string.
        false => unsafe { libc::atoi(option) },
    };
    if actual == expected {
        let line = format!("Completed: OK (seen expected {actual})");
        logs::emit(LLL_USER, &line);
        return 0;
    }
    let line = format!("Completed: failed: exit {actual}, expected {expected}");
    logs::emit(LLL_ERR, &line);
    1
}

/// Writes to stdout how the program `prog` is called: `count` options, a line each.
///
/// # Safety
///
/// `prog` is NULL or a string; `switches` is NULL or has `count` options, each with strings or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_switches_print_help(
    prog: *const c_char,
    switches: *const lws_switches,
    count: usize,
) {
    // SAFETY: NULL or a string, by this function's contract.
    let prog = unsafe { bytes(prog) }.unwrap_or(b"program");
    let switches = match switches.is_null() || count == 0 {
        true => &[][..],
        // SAFETY: so many, by this function's contract.
        false => unsafe { core::slice::from_raw_parts(switches, count) },
    };
    // SAFETY: NULL or strings, by this function's contract; so below.
    let pairs = switches.iter().map(|switch| unsafe { words(switch) });
    let pairs: Vec<_> = pairs.filter(|(option, _)| !option.is_empty()).collect();
    let text = help(prog, &pairs);
    // A program whose reader went away is not told here.
    let _ = io::stdout().write_all(&text);
    let _ = io::stdout().flush();
}

fn help(prog: &[u8], options: &[(&[u8], &[u8])]) -> Vec<u8> {
    let width = options.iter().map(|(option, _)| option.len()).max();
    let mut text = [b"Usage: ", prog, b" [options]\n"].concat();
    for (option, doc) in options {
        let padding = width.unwrap_or(0) - option.len() + 2;
        text.extend([b"  ", *option].concat());
        if !doc.is_empty() {
            text.extend(core::iter::repeat_n(b' ', padding));
            text.extend_from_slice(doc);
        }
        text.push(b'\n');
    }
    text
}

/// # Safety
///
/// Its members are NULL or strings that live and stay as they are for `'a`.
unsafe fn words<'a>(switch: &lws_switches) -> (&'a [u8], &'a [u8]) {
    // SAFETY: by this function's contract.
    let option = unsafe { bytes(switch.sw) };
    // SAFETY: as above.
    let doc = unsafe { bytes(switch.doc) };
    (option.unwrap_or(&[]), doc.unwrap_or(&[]))
}

/// The argument that `place` points into; the last, should one string stand there twice: so a walk ends.
///
/// # Safety
///
/// `arguments` are NULL or strings.
unsafe fn holder(arguments: &[*const c_char], place: *const c_char) -> Option<usize> {
    arguments.iter().rposition(|argument| {
        // SAFETY: NULL or a string, by this function's contract.
        let text = unsafe { bytes(*argument) };
        let end = text.map(|text| argument.addr() + text.len());
        end.is_some_and(|end| (argument.addr()..=end).contains(&place.addr()))
    })
}

/// What `argument` says about `option`, or itself if that is None and it is none.
///
/// # Safety
///
/// `argument` and `next` are NULL or strings.
unsafe fn value(
    argument: *const c_char,
    next: Option<&*const c_char>,
    option: Option<&[u8]>,
) -> Option<*const c_char> {
    if argument.is_null() {
        return None;
    }
    // SAFETY: a string, by this function's contract.
    let text = unsafe { CStr::from_ptr(argument) }.to_bytes();
    let Some(option) = option else {
        return (text.first() != Some(&b'-')).then_some(argument);
    };
    let rest = text.strip_prefix(option)?;
    let behind = argument.wrapping_add(option.len());
    match (rest.first(), next) {
        (None, Some(next)) if !next.is_null() => Some(*next),
        (Some(b'='), _) => Some(behind.wrapping_add(1)),
        _ => Some(behind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_ends_where_one_string_stands_twice() {
        let twice = c"-x".to_owned();
        let line = [c"prog", &twice, c"a", &twice];
        assert_eq!(walk(&line, Some(c"-x")), ["a", ""]);
        assert_eq!(walk(&[c"prog", &twice, &twice], Some(c"-")).len(), 1);
    }

    fn walk(arguments: &[&CStr], option: Option<&CStr>) -> Vec<String> {
        let argv: Vec<_> = arguments.iter().map(|argument| argument.as_ptr()).collect();
        let mut found = Vec::new();
        let mut last = ptr::null();
        loop {
            let option = option.map_or(ptr::null(), CStr::as_ptr);
            // SAFETY: the test's strings.
            last = unsafe { lws_cmdline_options(argv.len() as c_int, argv.as_ptr(), option, last) };
            // SAFETY: NULL or in one of them.
            let Some(text) = (unsafe { bytes(last) }) else {
                return found;
            };
            found.push(String::from_utf8_lossy(text).into_owned());
            assert!(found.len() <= argv.len(), "it goes round");
        }
    }

    #[test]
    fn options_and_other_arguments_come_in_their_order() {
        let line = [
            c"prog", c"-d5", c"file", c"-d", c"6", c"-d=7", c"--x=1", c"other", c"-d",
        ];
        assert_eq!(walk(&line, Some(c"-d")), ["5", "6", "7", ""]);
        assert_eq!(walk(&line, None), ["file", "6", "other"]);
        assert!(walk(&line, Some(c"--y")).is_empty());
        assert!(walk(&[], None).is_empty());
    }

    #[test]
    fn the_status_is_what_was_expected() {
        let line = [c"prog".as_ptr(), c"--expected-exit=3".as_ptr()];
        // SAFETY: the test's strings.
        let pass = |actual| unsafe { lws_cmdline_passfail(2, line.as_ptr().cast_mut(), actual) };
        assert_eq!((pass(3), pass(0)), (0, 1));
        // SAFETY: as above.
        let without = unsafe { lws_cmdline_passfail(1, line.as_ptr().cast_mut(), 0) };
        assert_eq!(without, 0);
    }

    #[test]
    fn help_has_a_line_for_each_option() {
        let options: [(&[u8], &[u8]); 3] = [(b"-d", b"Debug"), (b"--help", b"This"), (b"-x", b"")];
        let text = help(b"prog", &options);
        let lines = "Usage: prog [options]\n  -d      Debug\n  --help  This\n  -x\n";
        assert_eq!(String::from_utf8_lossy(&text), lines);
    }
}
