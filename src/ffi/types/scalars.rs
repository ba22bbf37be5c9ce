//! The only place for C's names of plain integers. `lws-macros.h` has the typedefs.

use core::ffi::{c_int, c_longlong, c_ulonglong};

/// Microseconds: a point of the monotonic clock, or a span.
///
/// cbindgen:ignore
pub type lws_usec_t = i64;

/// A socket; -1 when there is none.
///
/// cbindgen:ignore
pub type lws_sockfd_type = c_int;

/// A length or position in a file or a body.
///
/// cbindgen:ignore
pub type lws_filepos_t = c_ulonglong;

/// A signed distance in a file.
///
/// cbindgen:ignore
pub type lws_fileofs_t = c_longlong;

/// A bitmap of system message classes.
///
/// cbindgen:ignore
pub type lws_smd_class_t = u32;

/// The bytes of a file that is kept in memory.
///
/// cbindgen:ignore
pub type lwsac_cached_file_t = *mut u8;
