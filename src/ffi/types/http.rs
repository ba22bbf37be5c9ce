//! The only place for header tokens and limits by token, as C numbers them.

use super::lws_context;
use core::ffi::{c_char, c_int, c_ushort, c_void};

/// Which header: WSI_TOKEN_ from 0 to 95.
///
/// cbindgen:ignore
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct lws_token_indexes(pub c_int);

impl lws_token_indexes {
    /// how many tokens there are
    ///
    /// cbindgen:ignore
    pub const COUNT: c_int = 96;
}

/// What lws_hdr_custom_name_foreach() calls for each header that has no token.
///
/// cbindgen:ignore
pub type lws_hdr_custom_fe_cb_t =
    Option<unsafe extern "C-unwind" fn(name: *const c_char, nlen: c_int, opaque: *mut c_void)>;

/// What lws_http_mp_sm_init() asks for the fields of a form.
///
/// cbindgen:ignore
pub type lws_http_mp_sm_cb_t = Option<
    unsafe extern "C-unwind" fn(
        cx: *mut lws_context,
        text: *mut c_char,
        size: usize,
        last: *mut *const c_char,
    ) -> c_int,
>;

/// The most bytes that a header may have, by token; 0: no limit of its own.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_token_limits {
    /// indexed by WSI_TOKEN_
    pub token_limit: [c_ushort; 96],
}

const _: () = assert!(size_of::<lws_token_limits>() == 2 * lws_token_indexes::COUNT as usize);
