//! The only place for string helpers that programs call.

use core::ffi::c_char;

/// Copies at most `size` - 1 characters, terminates, and fills the rest with zeros. Answers `dest`.
///
/// # Safety
///
/// `dest` has `size` writable bytes; `src` is NULL, for an empty string, or a string, or has `size` - 1 readable bytes;
/// the two do not overlap.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_strncpy(
    dest: *mut c_char,
    src: *const c_char,
    size: usize,
) -> *mut c_char {
    if dest.is_null() || size == 0 {
        return dest;
    }
    let src = if src.is_null() { c"".as_ptr() } else { src };
    // SAFETY: `dest` has `size` bytes and `src` ends or has `size` - 1, by this function's contract.
    unsafe { libc::strncpy(dest, src, size - 1) };
    // SAFETY: `size` > 0, so the last of `size` bytes is there.
    let last = unsafe { dest.add(size - 1) };
    // SAFETY: the same byte, writable by this function's contract.
    unsafe { last.write(0) };
    dest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(src: Option<&core::ffi::CStr>, size: usize) -> Vec<u8> {
        let mut room = [b'.'; 6];
        let src = src.map_or(core::ptr::null(), core::ffi::CStr::as_ptr);
        // SAFETY: `size` is at most the room, and `src` is NULL or a string.
        unsafe { lws_strncpy(room.as_mut_ptr().cast(), src, size) };
        room.to_vec()
    }

    #[test]
    fn the_copy_is_cut_to_the_room_and_always_terminated() {
        assert_eq!(copied(Some(c"abcdefgh"), 4), b"abc\0..");
        assert_eq!(copied(Some(c"ab"), 5), b"ab\0\0\0.");
        assert_eq!(copied(Some(c"ab"), 1), b"\0.....");
        assert_eq!(copied(Some(c"ab"), 0), b"......");
        assert_eq!(copied(None, 2), b"\0\0....");
    }
}
