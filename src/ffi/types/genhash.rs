//! The only place for what hashes and HMACs are kept in.

use core::ffi::{c_int, c_void};
use openssl_sys::{EVP_MD, EVP_MD_CTX};

/// Which hash.
///
/// cbindgen:ignore
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct lws_genhash_types(pub c_int);

impl lws_genhash_types {
    pub const UNKNOWN: Self = Self(0);
    pub const MD5: Self = Self(1);
    pub const SHA1: Self = Self(2);
    pub const SHA256: Self = Self(3);
    pub const SHA384: Self = Self(4);
    pub const SHA512: Self = Self(5);
}

/// Which hash a HMAC uses.
///
/// cbindgen:ignore
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct lws_genhmac_types(pub c_int);

impl lws_genhmac_types {
    pub const UNKNOWN: Self = Self(0);
    pub const SHA256: Self = Self(1);
    pub const SHA384: Self = Self(2);
    pub const SHA512: Self = Self(3);
}

/// bytes of the largest digest
pub const LWS_GENHASH_LARGEST: usize = 64;

/// A hash that is under way; in the program's memory, from lws_genhash_init() to lws_genhash_destroy().
#[repr(C)]
#[derive(Debug)]
pub struct lws_genhash_ctx {
    /// LWS_GENHASH_TYPE_
    pub r#type: u8,
    /// the hash
    pub evp_type: *const EVP_MD,
    /// the library's; NULL when none is under way
    pub mdctx: *mut EVP_MD_CTX,
}

/// A HMAC that is under way; in the program's memory, from lws_genhmac_init() to lws_genhmac_destroy().
#[repr(C)]
#[derive(Debug)]
pub struct lws_genhmac_ctx {
    /// LWS_GENHMAC_TYPE_
    pub r#type: u8,
    /// the hash
    pub evp_type: *const EVP_MD,
    /// the library's; NULL when none is under way
    pub ctx: *mut EVP_MD_CTX,
    /// NULL
    pub key: *mut c_void,
}

#[cfg(target_pointer_width = "64")]
const _: () = {
    use core::mem::{offset_of, size_of};
    assert!(size_of::<lws_genhash_ctx>() == 24);
    assert!(offset_of!(lws_genhash_ctx, evp_type) == 8);
    assert!(offset_of!(lws_genhash_ctx, mdctx) == 16);
    assert!(size_of::<lws_genhmac_ctx>() == 32);
    assert!(offset_of!(lws_genhmac_ctx, evp_type) == 8);
    assert!(offset_of!(lws_genhmac_ctx, ctx) == 16);
    assert!(offset_of!(lws_genhmac_ctx, key) == 24);
};
