//! The only place for random bytes that programs ask for.

use core::ffi::c_void;

use super::types::lws_context;
use crate::net::random::fill;

/// Fills `buf` with `len` bytes that nobody can foresee, and answers how many they are: 0 where there are none to be had.
///
/// # Safety
///
/// `buf` has `len` writable bytes, or is NULL. `context` is not looked at.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_get_random(
    context: *mut lws_context,
    buf: *mut c_void,
    len: usize,
) -> usize {
    let _ = context;
    if buf.is_null() || len == 0 {
        return 0;
    }
    // SAFETY: `len` writable bytes, by this function's contract.
    let buf = unsafe { core::slice::from_raw_parts_mut(buf.cast::<u8>(), len) };
    match fill(buf) {
        true => len,
        false => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr;

    #[test]
    fn all_of_the_buffer_is_filled_and_nothing_else() {
        let mut bytes = vec![0_u8; 100_001];
        // SAFETY: one byte is left out.
        let n = unsafe { lws_get_random(ptr::null_mut(), bytes.as_mut_ptr().cast(), 100_000) };
        assert_eq!(n, 100_000);
        assert!(bytes.chunks(16).take(6250).all(|part| part != [0; 16]));
        assert_eq!(bytes[100_000], 0);
        // SAFETY: nothing to write.
        let none = unsafe { lws_get_random(ptr::null_mut(), bytes.as_mut_ptr().cast(), 0) };
        // SAFETY: NULL is allowed.
        let nowhere = unsafe { lws_get_random(ptr::null_mut(), ptr::null_mut(), 10) };
        assert_eq!((none, nowhere), (0, 0));
    }
}
