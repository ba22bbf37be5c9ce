//! The only place that says which library this is.

use std::ffi::c_char;

/// The version whose API this is, and whose library.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn lws_get_library_version() -> *const c_char {
    c"4.3.5-broadside".as_ptr()
}
