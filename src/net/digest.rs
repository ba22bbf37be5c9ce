//! The only place for hashes and HMACs (RFC 2104) that programs ask for.

use foreign_types::{ForeignType, ForeignTypeRef};
use openssl::error::ErrorStack;
use openssl::md::{Md, MdRef};
use openssl::md_ctx::MdCtx;
use openssl::pkey::PKey;
use openssl_sys::{EVP_MD, EVP_MD_CTX};

/// Which hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// Bytes of a digest.
    pub(crate) fn size(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// OpenSSL's own object, which lives as long as the process.
    pub(crate) fn as_ptr(self) -> *const EVP_MD {
        self.md().as_ptr()
    }

    fn md(self) -> &'static MdRef {
        match self {
            Self::Md5 => Md::md5(),
            Self::Sha1 => Md::sha1(),
            Self::Sha256 => Md::sha256(),
            Self::Sha384 => Md::sha384(),
            Self::Sha512 => Md::sha512(),
        }
    }
}

/// A hash, or with a key a HMAC, that is under way.
pub(crate) struct Digest(MdCtx);

impl Digest {
    pub(crate) fn hash(hash: Hash) -> Result<Self, String> {
        let mut ctx = MdCtx::new().map_err(text)?;
        ctx.digest_init(hash.md()).map_err(text)?;
        Ok(Self(ctx))
    }

    pub(crate) fn hmac(hash: Hash, key: &[u8]) -> Result<Self, String> {
        // RFC 2104 pads a key with zeros, so that one zero is the same key as none, which OpenSSL does not take.
        let key = if key.is_empty() { &[0] } else { key };
        let key = PKey::hmac(key).map_err(text)?;
        let mut ctx = MdCtx::new().map_err(text)?;
        ctx.digest_sign_init(Some(hash.md()), &key).map_err(text)?;
        Ok(Self(ctx))
    }

    /// Goes on with what `into_raw` left.
    ///
    /// # Safety
    ///
    /// `raw` is of `into_raw`, and nobody else goes on with it.
    pub(crate) unsafe fn from_raw(raw: *mut EVP_MD_CTX) -> Self {
        // SAFETY: by this function's contract.
        Self(unsafe { MdCtx::from_ptr(raw) })
    }

    /// For a program to keep.
    pub(crate) fn into_raw(self) -> *mut EVP_MD_CTX {
        let raw = self.0.as_ptr();
        std::mem::forget(self.0);
        raw
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.0.digest_update(bytes).map_err(text)
    }

    /// The digest of a hash; `out` is as large as it.
    pub(crate) fn finish_hash(mut self, out: &mut [u8]) -> Result<(), String> {
        self.0.digest_final(out).map(|_| ()).map_err(text)
    }

    /// The digest of a HMAC; `out` is as large as it.
    pub(crate) fn finish_hmac(mut self, out: &mut [u8]) -> Result<(), String> {
        self.0
            .digest_sign_final(Some(out))
            .map(|_| ())
            .map_err(text)
    }
}

fn text(errors: ErrorStack) -> String {
    format!("OpenSSL: {errors}")
}
