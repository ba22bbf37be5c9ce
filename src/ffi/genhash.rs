//! The only place for hashes and HMACs as programs keep them.

use core::ffi::{c_int, c_void};
use core::ptr;

use super::types::{lws_genhash_ctx, lws_genhash_types, lws_genhmac_ctx, lws_genhmac_types};
use super::{logs, text};
use crate::engine::LLL_ERR;
use crate::net::digest::{Digest, Hash};

/// Bytes of the hash's digest: at most LWS_GENHASH_LARGEST; 0 when there is no such hash.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn lws_genhash_size(r#type: lws_genhash_types) -> usize {
    hash_of(r#type).map_or(0, Hash::size)
}

/// Begins a hash. Returns 0, or 1, after a log line, when there is no such hash, OpenSSL refuses it (MD5 under FIPS) or `ctx` is NULL; there
/// is nothing to destroy then.
///
/// # Safety
///
/// `ctx` is NULL or writable, and no hash is under way in it: what it holds is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_genhash_init(
    ctx: *mut lws_genhash_ctx,
    r#type: lws_genhash_types,
) -> c_int {
    const WHO: &str = "lws_genhash_init";
    if ctx.is_null() {
        return refuse(WHO, "ctx is NULL");
    }
    let hash = hash_of(r#type);
    let begun = hash.map_or_else(|| Err("no such hash".into()), Digest::hash);
    let (evp_type, mdctx, answer) = match begun {
        Ok(digest) => (hash.map_or(ptr::null(), Hash::as_ptr), digest.into_raw(), 0),
        Err(why) => (ptr::null(), ptr::null_mut(), refuse(WHO, &why)),
    };
    let begun = lws_genhash_ctx {
        r#type: r#type.0 as u8,
        evp_type,
        mdctx,
    };
    // SAFETY: writable, by this function's contract.
    unsafe { ctx.write(begun) };
    answer
}

/// Goes on with `len` bytes. Returns 0, or 1, after a log line, when no hash is under way or an argument is NULL.
///
/// # Safety
///
/// `ctx` is NULL, or was given to lws_genhash_init(); `in` is NULL or has `len` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_genhash_update(
    ctx: *mut lws_genhash_ctx,
    r#in: *const c_void,
    len: usize,
) -> c_int {
    // SAFETY: NULL or readable, by this function's contract.
    let raw = unsafe { ctx.as_ref() }.map_or(ptr::null_mut(), |ctx| ctx.mdctx);
    // SAFETY: by this function's contract.
    unsafe { update("lws_genhash_update", raw, r#in, len) }
}

/// Ends a hash. Its digest, lws_genhash_size() bytes, is written to `result` unless that is NULL. Returns 0, or 1, after a log line, when
/// OpenSSL fails, no hash is under way or `ctx` is NULL. It is freed in any case.
///
/// # Safety
///
/// `ctx` is NULL, or was given to lws_genhash_init(); `result` is NULL or has that many writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_genhash_destroy(
    ctx: *mut lws_genhash_ctx,
    result: *mut c_void,
) -> c_int {
    const WHO: &str = "lws_genhash_destroy";
    // SAFETY: NULL or writable, by this function's contract.
    let Some(ctx) = (unsafe { ctx.as_mut() }) else {
        return refuse(WHO, NONE);
    };
    let raw = core::mem::replace(&mut ctx.mdctx, ptr::null_mut());
    let hash = hash_of(lws_genhash_types(c_int::from(ctx.r#type)));
    let (Some(hash), false) = (hash, raw.is_null()) else {
        return refuse(WHO, NONE);
    };
    // SAFETY: of lws_genhash_init(), and the program's context does not name it any more.
    let digest = unsafe { Digest::from_raw(raw) };
    let mut out = [0; LARGEST];
    let out = &mut out[..hash.size()];
    if result.is_null() {
        return 0;
    }
    if let Err(why) = digest.finish_hash(out) {
        return refuse(WHO, &why);
    }
    // SAFETY: as many writable bytes, by this function's contract.
    unsafe { put(out, result) };
    0
}

/// Bytes of the HMAC: at most LWS_GENHASH_LARGEST; 0 when there is no such HMAC.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn lws_genhmac_size(r#type: lws_genhmac_types) -> usize {
    hmac_of(r#type).map_or(0, Hash::size)
}

/// Begins a HMAC (RFC 2104). The key is copied. Returns 0, or 1, after a log line, when there is no such HMAC, OpenSSL refuses it, or `ctx`
/// is NULL, or `key` is and `key_len` is not 0; there is nothing to destroy then.
///
/// # Safety
///
/// `ctx` is NULL or writable, and no HMAC is under way in it: what it holds is not freed. `key` is NULL or has `key_len` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_genhmac_init(
    ctx: *mut lws_genhmac_ctx,
    r#type: lws_genhmac_types,
    key: *const u8,
    key_len: usize,
) -> c_int {
    const WHO: &str = "lws_genhmac_init";
    if ctx.is_null() || (key.is_null() && key_len > 0) {
        return refuse(WHO, "an argument is NULL");
    }
    // SAFETY: NULL or `key_len` readable bytes, by this function's contract.
    let key = unsafe { text::buffer(key.cast(), key_len) }.unwrap_or_default();
    let hash = hmac_of(r#type);
    let begun = hash.map_or_else(
        || Err("no such HMAC".into()),
        |hash| Digest::hmac(hash, key),
    );
    let (evp_type, raw, answer) = match begun {
        Ok(digest) => (hash.map_or(ptr::null(), Hash::as_ptr), digest.into_raw(), 0),
        Err(why) => (ptr::null(), ptr::null_mut(), refuse(WHO, &why)),
    };
    let begun = lws_genhmac_ctx {
        r#type: r#type.0 as u8,
        evp_type,
        ctx: raw,
        key: ptr::null_mut(),
    };
    // SAFETY: writable, by this function's contract.
    unsafe { ctx.write(begun) };
    answer
}

/// Goes on with `len` bytes. Returns 0, or 1, after a log line, when no HMAC is under way or an argument is NULL.
///
/// # Safety
///
/// `ctx` is NULL, or was given to lws_genhmac_init(); `in` is NULL or has `len` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_genhmac_update(
    ctx: *mut lws_genhmac_ctx,
    r#in: *const c_void,
    len: usize,
) -> c_int {
    // SAFETY: NULL or readable, by this function's contract.
    let raw = unsafe { ctx.as_ref() }.map_or(ptr::null_mut(), |ctx| ctx.ctx);
    // SAFETY: by this function's contract.
    unsafe { update("lws_genhmac_update", raw, r#in, len) }
}

/// Ends a HMAC. It is written to `result`, lws_genhmac_size() bytes, unless that is NULL. Returns 0, or 1, after a log line, when OpenSSL
/// fails, no HMAC is under way or `ctx` is NULL. It is freed in any case.
///
/// # Safety
///
/// `ctx` is NULL, or was given to lws_genhmac_init(); `result` is NULL or has that many writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_genhmac_destroy(
    ctx: *mut lws_genhmac_ctx,
    result: *mut c_void,
) -> c_int {
    const WHO: &str = "lws_genhmac_destroy";
    // SAFETY: NULL or writable, by this function's contract.
    let Some(ctx) = (unsafe { ctx.as_mut() }) else {
        return refuse(WHO, NONE);
    };
    let raw = core::mem::replace(&mut ctx.ctx, ptr::null_mut());
    let hash = hmac_of(lws_genhmac_types(c_int::from(ctx.r#type)));
    let (Some(hash), false) = (hash, raw.is_null()) else {
        return refuse(WHO, NONE);
    };
    // SAFETY: of lws_genhmac_init(), and the program's context does not name it any more.
    let digest = unsafe { Digest::from_raw(raw) };
    let mut out = [0; LARGEST];
    let out = &mut out[..hash.size()];
    if result.is_null() {
        return 0;
    }
    if let Err(why) = digest.finish_hmac(out) {
        return refuse(WHO, &why);
    }
    // SAFETY: as many writable bytes, by this function's contract.
    unsafe { put(out, result) };
    0
}

const LARGEST: usize = super::types::LWS_GENHASH_LARGEST;
const NONE: &str = "none is under way";

fn hash_of(number: lws_genhash_types) -> Option<Hash> {
    match number {
        lws_genhash_types::MD5 => Some(Hash::Md5),
        lws_genhash_types::SHA1 => Some(Hash::Sha1),
        lws_genhash_types::SHA256 => Some(Hash::Sha256),
        lws_genhash_types::SHA384 => Some(Hash::Sha384),
        lws_genhash_types::SHA512 => Some(Hash::Sha512),
        _ => None,
    }
}

fn hmac_of(number: lws_genhmac_types) -> Option<Hash> {
    match number {
        lws_genhmac_types::SHA256 => Some(Hash::Sha256),
        lws_genhmac_types::SHA384 => Some(Hash::Sha384),
        lws_genhmac_types::SHA512 => Some(Hash::Sha512),
        _ => None,
    }
}

/// # Safety
///
/// `raw` is NULL or of `Digest::into_raw`, and nobody else is at it; `bytes` is NULL or has `len` readable bytes.
unsafe fn update(
    who: &str,
    raw: *mut openssl_sys::EVP_MD_CTX,
    bytes: *const c_void,
    len: usize,
) -> c_int {
    if raw.is_null() {
        return refuse(who, NONE);
    }
    if bytes.is_null() && len > 0 {
        return refuse(who, "in is NULL");
    }
    // SAFETY: NULL or readable, by this function's contract.
    let bytes = unsafe { text::buffer(bytes, len) }.unwrap_or_default();
    // SAFETY: by this function's contract; given back below.
    let mut digest = unsafe { Digest::from_raw(raw) };
    let went_on = digest.update(bytes);
    digest.into_raw();
    went_on.map_or_else(|why| refuse(who, &why), |()| 0)
}

/// # Safety
///
/// `result` has as many writable bytes.
unsafe fn put(digest: &[u8], result: *mut c_void) {
    // SAFETY: by this function's contract; the digest is ours.
    unsafe { ptr::copy_nonoverlapping(digest.as_ptr(), result.cast(), digest.len()) };
}

fn refuse(who: &str, why: &str) -> c_int {
    logs::emit(LLL_ERR, &format!("{who}: {why}"));
    1
}
