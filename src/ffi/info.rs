//! The only place that knows that a program's `struct lws_context_creation_info` has one of two lengths.
//!
//! A program that was built for libwebsockets 4.3.5 has the shorter one, and links a function's plain name. The prototypes of our
//! header carry the names below instead (`__asm__`), so what links those has all of it.

use std::ffi::{c_char, c_int};
use std::mem::{MaybeUninit, offset_of};

use super::create::Loop;
use super::types::{lws_context, lws_context_creation_info, lws_vhost};
use super::{cmdline, create, tls};

/// What libwebsockets 4.3.5 has of it.
pub(crate) const SHORT: usize = offset_of!(lws_context_creation_info, argc);

/// The info of a program that links a plain name: what lies behind it is not looked at, and zero.
///
/// # Safety
///
/// `info` is NULL, or what a program of 4.3.5 filled in.
pub(crate) unsafe fn short(
    info: *const lws_context_creation_info,
) -> Option<lws_context_creation_info> {
    if info.is_null() {
        return None;
    }
    let mut whole = MaybeUninit::<lws_context_creation_info>::zeroed();
    // SAFETY: so many are readable, by this function's contract, and `whole` has more.
    unsafe { std::ptr::copy_nonoverlapping(info.cast::<u8>(), whole.as_mut_ptr().cast(), SHORT) };
    // SAFETY: filled in up to there, and zero is a valid value of every member behind.
    Some(unsafe { whole.assume_init() })
}

/// The info of a program that was built with our header.
///
/// # Safety
///
/// `info` is NULL or filled in as its members say.
pub(crate) unsafe fn whole(
    info: *const lws_context_creation_info,
) -> Option<lws_context_creation_info> {
    // SAFETY: by this function's contract.
    unsafe { info.as_ref() }.copied()
}

/// lws_create_context() of a program that was built with our header.
///
/// cbindgen:ignore
///
/// # Safety
///
/// As lws_create_context().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn broadside_create_context(
    info: *const lws_context_creation_info,
) -> *mut lws_context {
    // SAFETY: by this function's contract.
    let info = unsafe { whole(info) };
    // SAFETY: as above.
    unsafe { create::context_of(info, Loop::Inside) }
}

/// lws_create_context() of a program that was built with our header and -DLWS_WITH_EXTERNAL_POLL.
///
/// cbindgen:ignore
///
/// # Safety
///
/// As lws_create_context().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn broadside_create_context_external_poll(
    info: *const lws_context_creation_info,
) -> *mut lws_context {
    // SAFETY: by this function's contract.
    let info = unsafe { whole(info) };
    // SAFETY: as above.
    unsafe { create::context_of(info, Loop::Outside) }
}

/// lws_create_vhost() of a program that was built with our header.
///
/// cbindgen:ignore
///
/// # Safety
///
/// As lws_create_vhost().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn broadside_create_vhost(
    context: *mut lws_context,
    info: *const lws_context_creation_info,
) -> *mut lws_vhost {
    // SAFETY: by this function's contract.
    let info = unsafe { whole(info) };
    // SAFETY: as above.
    unsafe { create::vhost_of(context, info) }
}

/// lws_init_vhost_client_ssl() of a program that was built with our header.
///
/// cbindgen:ignore
///
/// # Safety
///
/// As lws_init_vhost_client_ssl().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn broadside_init_vhost_client_ssl(
    info: *const lws_context_creation_info,
    vhost: *mut lws_vhost,
) -> c_int {
    // SAFETY: by this function's contract.
    let info = unsafe { whole(info) };
    // SAFETY: as above.
    unsafe { tls::init_client(info, vhost) }
}

/// _lws_context_info_defaults() of a program that was built with our header.
///
/// cbindgen:ignore
///
/// # Safety
///
/// As _lws_context_info_defaults().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn broadside_context_info_defaults(
    info: *mut lws_context_creation_info,
    sspol: *const c_char,
) {
    let _ = sspol;
    // SAFETY: writable to its end, by this function's contract.
    unsafe { create::defaults(info, size_of::<lws_context_creation_info>()) }
}

/// lws_cmdline_option_handle_builtin() of a program that was built with our header.
///
/// cbindgen:ignore
///
/// # Safety
///
/// As lws_cmdline_option_handle_builtin().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn broadside_cmdline_option_handle_builtin(
    argc: c_int,
    argv: *mut *const c_char,
    info: *mut lws_context_creation_info,
) {
    // SAFETY: NULL or writable to its end, by this function's contract.
    let levels = unsafe { info.as_mut() }.map_or(0, |info| {
        info.argc = argc;
        info.argv = argv;
        info.default_loglevel
    });
    // SAFETY: by this function's contract.
    unsafe { cmdline::set_levels(argc, argv, levels) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shorter_one_ends_where_that_of_4_3_5_does() {
        assert_eq!(SHORT, 744);
        // All but the first 744 bytes is what lies behind it.
        let all_set = [0x5a_u8; size_of::<lws_context_creation_info>()];
        // SAFETY: longer than what is read, and only plain members are looked at.
        let seen = unsafe { short(all_set.as_ptr().cast()) }.expect("not NULL");
        assert_eq!(seen.port, 0x5a5a_5a5a);
        assert_eq!(seen.argc, 0);
        assert!(seen.argv.is_null());
        // SAFETY: NULL is allowed.
        assert!(unsafe { short(std::ptr::null()) }.is_none());
    }
}
