//! The only place where a program says which allocator its memory comes from.

use std::ffi::{c_char, c_void};

use crate::net::heap;

/// Says where memory that programs see comes from: `per_session_data_size`, lws_protocol_vh_priv_zalloc(), lwsac, buflists, rings, and
/// the messages of lws_smd_msg_alloc(). `cb` is called as realloc(), with a size of 0 to free, and a word on what it is for; NULL
/// is malloc() again. What the library uses for itself comes from malloc() in any case, and so does what OpenSSL uses.
///
/// `cb` may be called from any thread, and calls nothing of this library. It is set before all else: memory that is freed
/// later goes to the function that is set then.
///
/// # Safety
///
/// `cb` is NULL, or may be called as realloc() is, gives memory that is aligned as malloc()'s, and throws nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_set_allocator(
    cb: Option<
        unsafe extern "C-unwind" fn(
            ptr: *mut c_void,
            size: usize,
            reason: *const c_char,
        ) -> *mut c_void,
    >,
) {
    // SAFETY: by this function's contract.
    unsafe { heap::set(cb) };
}
