//! The only place for random bytes that programs ask for.

use core::ffi::c_void;

use super::types::lws_context;

/// Fills `buf` with `len` bytes that nobody can foresee, and answers how many they are: fewer only where the system has none to give.
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
    if buf.is_null() {
        return 0;
    }
    let mut done = 0;
    while done < len {
        // SAFETY: `done` is below `len`, and so inside of `buf`, by this function's contract.
        let next = unsafe { buf.cast::<u8>().add(done) };
        // SAFETY: what is left of it is writable.
        let n = unsafe { libc::getrandom(next.cast(), len - done, 0) };
        match usize::try_from(n) {
            Ok(n) => done += n,
            Err(_) if interrupted() => {}
            Err(_) => break,
        }
    }
    done
}

fn interrupted() -> bool {
    std::io::Error::last_os_error().kind() == std::io::ErrorKind::Interrupted
}

/// A number that may be any.
pub(crate) fn number() -> u16 {
    let mut bytes = [0; 2];
    let buf = bytes.as_mut_ptr().cast();
    // SAFETY: two bytes of ours.
    unsafe { lws_get_random(core::ptr::null_mut(), buf, bytes.len()) };
    u16::from_ne_bytes(bytes)
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
