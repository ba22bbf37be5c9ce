//! The only place that looks into the program's named options (`lws_protocol_vhost_options`).

use core::ffi::{c_char, c_int, c_void};
use core::ptr;

use super::text;
use super::types::lws_protocol_vhost_options;

/// The first option of this name on the level that `pvo` begins, or NULL.
///
/// # Safety
///
/// `pvo` is NULL or begins a list of options, each with a name; `name` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_pvo_search(
    pvo: *const lws_protocol_vhost_options,
    name: *const c_char,
) -> *const lws_protocol_vhost_options {
    // SAFETY: NULL or a string, by this function's contract.
    let Some(wanted) = (unsafe { text::bytes(name) }) else {
        return ptr::null();
    };
    let mut next = pvo;
    // SAFETY: NULL or an option, by this function's contract.
    while let Some(option) = unsafe { next.as_ref() } {
        // SAFETY: a string, by this function's contract.
        if unsafe { text::bytes(option.name) } == Some(wanted) {
            return next;
        }
        next = option.next;
    }
    ptr::null()
}

/// The value of the first option of this name, to `*result`. `in` is what PROTOCOL_INIT was handed. Returns 0, or 1, with `*result` as
/// it was, when there is none.
///
/// # Safety
///
/// `in` is NULL or begins a list of options, each with a name; `name` is NULL or a string; `result` is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_pvo_get_str(
    in_: *mut c_void,
    name: *const c_char,
    result: *mut *const c_char,
) -> c_int {
    // SAFETY: by this function's contract.
    let found = unsafe { lws_pvo_search(in_.cast(), name) };
    // SAFETY: NULL, or an option of the list.
    let Some(option) = (unsafe { found.as_ref() }) else {
        return 1;
    };
    if result.is_null() {
        return 1;
    }
    // SAFETY: writable, by this function's contract.
    unsafe { result.write(option.value) };
    0
}
