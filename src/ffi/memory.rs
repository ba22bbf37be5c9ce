//! The only place for what programs do with bytes and words as such: wipe, compare, count bits, hash, draw.

use core::ffi::{c_int, c_uint, c_void};
use core::hint::black_box;
use core::ptr;
use core::sync::atomic::{Ordering, compiler_fence};

use super::text::buffer;
use super::types::lws_xos;
use crate::net::random;

/// Zeroes `len` bytes at `p`, even if nobody reads them any more.
///
/// # Safety
///
/// `p` is NULL or has `len` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_explicit_bzero(p: *mut c_void, len: usize) {
    if p.is_null() {
        return;
    }
    // SAFETY: writable, by this function's contract.
    unsafe { ptr::write_bytes(p.cast::<u8>(), 0, len) };
    // For all the compiler knows somebody reads them here.
    black_box(p);
    compiler_fence(Ordering::SeqCst);
}

/// 0 when `len` bytes at `a` and `b` are the same, else nonzero. It takes as long wherever they differ: nobody learns from that how
/// much of a secret was right. Nonzero too when one of them is NULL.
///
/// # Safety
///
/// `a` and `b` are NULL or have `len` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_timingsafe_bcmp(
    a: *const c_void,
    b: *const c_void,
    len: u32,
) -> c_int {
    if len == 0 {
        return 0;
    }
    // SAFETY: readable, by this function's contract.
    let one = unsafe { buffer(a, len as usize) };
    // SAFETY: as above.
    let other = unsafe { buffer(b, len as usize) };
    let (Some(one), Some(other)) = (one, other) else {
        return 1;
    };
    let differ = one
        .iter()
        .zip(other)
        .fold(0, |differ, (a, b)| black_box(differ | (a ^ b)));
    c_int::from(differ)
}

/// How many bits `u` needs: 1 for 0 and 1, 8 for 255, 9 for 256.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn lws_sigbits(u: usize) -> c_uint {
    (usize::BITS - u.leading_zeros()).max(1)
}

/// The SHA-1 of `n` bytes at `d`, 20 bytes, to `md`. Answers `md`, or NULL when that or `d` is NULL. Not for signatures: who chooses what
/// is hashed can make two things with the same one.
///
/// # Safety
///
/// `d` is NULL or has `n` readable bytes; `md` is NULL or has 20 writable ones.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_SHA1(d: *const u8, n: usize, md: *mut u8) -> *mut u8 {
    if md.is_null() || (d.is_null() && n > 0) {
        return ptr::null_mut();
    }
    // SAFETY: readable, by this function's contract.
    let input = unsafe { buffer(d.cast(), n) }.unwrap_or(&[]);
    let hash = random::sha1(input);
    // SAFETY: writable, by this function's contract.
    unsafe { md.cast::<[u8; 20]>().write(hash) };
    md
}

/// Starts the sequence that `seed` names.
///
/// # Safety
///
/// `xos` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_xos_init(xos: *mut lws_xos, seed: u64) {
    let mut at = seed;
    let s = core::array::from_fn(|_| splitmix64(&mut at));
    if !xos.is_null() {
        // SAFETY: writable, by this function's contract.
        unsafe { xos.write(lws_xos { s }) };
    }
}

/// The next number of the sequence; 0 for NULL.
///
/// # Safety
///
/// `xos` is NULL or was started.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_xos(xos: *mut lws_xos) -> u64 {
    // SAFETY: NULL, or writable and started, by this function's contract.
    unsafe { xos.as_mut() }.map_or(0, next)
}

/// 1 in `percent` of 100 cases, else 0; it takes one number of the sequence.
///
/// # Safety
///
/// `xos` is NULL or was started.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_xos_percent(xos: *mut lws_xos, percent: c_int) -> c_int {
    // SAFETY: NULL, or writable and started, by this function's contract.
    let drawn = unsafe { lws_xos(xos) } % 100;
    c_int::from((drawn as c_int) < percent)
}

/// The generator that the authors of xoshiro name to seed it with.
fn splitmix64(at: &mut u64) -> u64 {
    let mut z = *at;
    // lws: the state is used, and then moved on.
    *at = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// xoshiro256** 1.0
fn next(xos: &mut lws_xos) -> u64 {
    let [a, b, c, d] = xos.s;
    let result = b.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
    let (c, d) = (c ^ a, d ^ b);
    xos.s = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_is_that_of_its_seed() {
        // The reference implementation's first numbers for this state.
        let mut xos = lws_xos { s: [1, 2, 3, 4] };
        let numbers: Vec<_> = (0..4).map(|_| next(&mut xos)).collect();
        assert_eq!(
            numbers,
            [11520, 0, 1_509_978_240, 1_215_971_899_390_074_240]
        );
        // SAFETY: a state of the test's.
        unsafe { lws_xos_init(&raw mut xos, 7) };
        let once = xos.s;
        // SAFETY: as above.
        let always = (0..500).all(|_| unsafe { lws_xos_percent(&raw mut xos, 100) } == 1);
        // SAFETY: as above.
        let never = (0..500).all(|_| unsafe { lws_xos_percent(&raw mut xos, 0) } == 0);
        assert!(always && never);
        // SAFETY: as above.
        unsafe { lws_xos_init(&raw mut xos, 7) };
        assert_eq!(xos.s, once);
    }

    #[test]
    fn bits_are_counted_up_to_the_highest() {
        assert_eq!(
            [0, 1, 2, 255, 256, usize::MAX].map(|u| lws_sigbits(u)),
            [1, 1, 2, 8, 9, usize::BITS]
        );
    }

    #[test]
    fn bytes_compare_and_are_wiped() {
        let mut bytes = *b"secret";
        let compare = |a: &[u8; 6], b: &[u8; 6]| {
            // SAFETY: 6 bytes each.
            unsafe { lws_timingsafe_bcmp(a.as_ptr().cast(), b.as_ptr().cast(), 6) }
        };
        assert_eq!(compare(&bytes, b"secret"), 0);
        assert_ne!(compare(&bytes, b"secreT"), 0);
        // SAFETY: one byte is left out.
        unsafe { lws_explicit_bzero(bytes.as_mut_ptr().cast(), 5) };
        assert_eq!(&bytes, b"\0\0\0\0\0t");
    }
}
