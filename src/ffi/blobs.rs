//! The only place for the bytes that a context keeps for the system it is part of: credentials, names, serial numbers.
//!
//! A `lws_system_blob_t *` names a context's slot and one of its blobs; it is looked up, never followed. Nothing here reads a
//! blob but for `sys_tls_client_cert`.

use std::ffi::c_int;
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::context::{self, Context};
use super::types::{lws_context, lws_system_blob, lws_system_blob_item_t};
use super::{logs, text};
use crate::engine::LLL_ERR;
use crate::net::secret::Secret;

/// How many blobs a context has.
pub(crate) const BLOBS: usize = lws_system_blob_item_t::COUNT.0 as usize;

/// All blobs of a context.
#[derive(Default)]
pub(crate) struct Blobs(Mutex<[Blob; BLOBS]>);

enum Blob {
    /// Copies of ours, in the pieces that they came in.
    Pieces(Vec<Secret>),
    /// The program's memory; its address.
    Direct { at: usize, len: usize },
}

impl Default for Blob {
    fn default() -> Self {
        Self::Pieces(Vec::new())
    }
}

impl Blob {
    /// What of its memory there is, in order.
    ///
    /// # Safety
    ///
    /// The program's memory is as lws_system_blob_direct_set() asks.
    unsafe fn pieces(&self) -> Vec<&[u8]> {
        match self {
            Self::Pieces(pieces) => pieces.iter().map(|piece| &**piece).collect(),
            Self::Direct { at, len } => {
                // SAFETY: by this function's contract.
                let bytes = unsafe { text::buffer(ptr::with_exposed_provenance(*at), *len) };
                bytes.into_iter().collect()
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Pieces(pieces) => pieces.iter().map(|piece| piece.len()).sum(),
            Self::Direct { len, .. } => *len,
        }
    }
}

impl Blobs {
    fn hold(&self) -> MutexGuard<'_, [Blob; BLOBS]> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The certificate and the key that `sys_tls_client_cert` names: 1 the first ones, 2 those one blob further, ...
    ///
    /// # Safety
    ///
    /// The program's memory is as lws_system_blob_direct_set() asks.
    pub(super) unsafe fn client_cert(&self, number: u8) -> Result<(Secret, Secret), String> {
        let (certificate, key) = client_cert_items(number)?;
        let blobs = self.hold();
        let copy = |item: usize, name: &str| {
            // SAFETY: by this function's contract.
            let pieces = unsafe { blobs[item].pieces() };
            let room = Secret::with_room(blobs[item].len());
            let mut all = room.ok_or("tls: out of memory for a client certificate")?;
            pieces.iter().for_each(|piece| all.append(piece));
            match all.is_empty() {
                false => Ok(all),
                true => Err(format!(
                    "tls: sys_tls_client_cert {number}: the blob {name} + {} is empty: fill it before",
                    number - 1
                )),
            }
        };
        Ok((
            copy(certificate, "LWS_SYSBLOB_TYPE_CLIENT_CERT_DER")?,
            copy(key, "LWS_SYSBLOB_TYPE_CLIENT_KEY_DER")?,
        ))
    }
}

/// The blobs of the certificate and of its key.
pub(super) fn client_cert_items(number: u8) -> Result<(usize, usize), String> {
    let first = |item: lws_system_blob_item_t| item.0 as usize;
    let index = usize::from(number).wrapping_sub(1);
    let key = first(lws_system_blob_item_t::CLIENT_KEY_DER).wrapping_add(index);
    match number > 0 && key < BLOBS {
        true => Ok((first(lws_system_blob_item_t::CLIENT_CERT_DER) + index, key)),
        false => Err(format!(
            "sys_tls_client_cert {number} is out of range 1..{}",
            BLOBS - first(lws_system_blob_item_t::CLIENT_KEY_DER)
        )),
    }
}

/// A blob of a live context.
struct Found {
    context: Arc<Context>,
    item: usize,
}

impl Found {
    /// A stale or foreign pointer is logged as `what`'s argument.
    fn of(pointer: *const lws_system_blob, what: &str) -> Option<Self> {
        let named = context::slot_of_blob(pointer);
        let found = named.and_then(|(slot, item)| {
            Some(Self {
                context: context::at(slot)?,
                item,
            })
        });
        if found.is_none() {
            say(what, "the blob is NULL, or not of a live context");
        }
        found
    }

    fn with<T>(&self, f: impl FnOnce(&mut Blob) -> T) -> T {
        f(&mut self.context.blobs.hold()[self.item])
    }
}

fn say(what: &str, why: &str) {
    logs::emit(LLL_ERR, &format!("{what}: {why}"));
}

/// The `idx`th blob from `type` on: LWS_SYSBLOB_TYPE_AUTH with 1 is the second of that type. It lives as long as the context, and any
/// thread may use it. NULL, after a log line, when there is no such context, or no such blob.
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_system_get_blob(
    context: *mut lws_context,
    r#type: lws_system_blob_item_t,
    idx: c_int,
) -> *mut lws_system_blob {
    const WHO: &str = "lws_system_get_blob";
    let Some(context) = context::of(context, WHO) else {
        return ptr::null_mut();
    };
    let item = usize::try_from(r#type.0).ok();
    let item = item.zip(usize::try_from(idx).ok());
    let item = item.and_then(|(item, idx)| item.checked_add(idx));
    let Some(item) = item.filter(|item| *item < BLOBS) else {
        say(WHO, &format!("there is no blob {} + {idx}", r#type.0));
        return ptr::null_mut();
    };
    context::blob_pointer(context.slot, item)
}

/// From now on the blob is the `len` bytes at `ptr`, which are not copied: they have to stay, as they are, until it is set anew or emptied,
/// or the context is destroyed. What it had of lws_system_blob_heap_append() is freed. With NULL and a `len` there is a log line, and nothing
/// changes.
///
/// # Safety
///
/// `ptr` is NULL or has `len` readable bytes for as long as said.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_system_blob_direct_set(
    b: *mut lws_system_blob,
    ptr: *const u8,
    len: usize,
) {
    const WHO: &str = "lws_system_blob_direct_set";
    let Some(found) = Found::of(b, WHO) else {
        return;
    };
    if (ptr.is_null() && len > 0) || isize::try_from(len).is_err() {
        return say(WHO, "ptr is NULL, or len out of range");
    }
    found.with(|blob| {
        *blob = Blob::Direct {
            at: ptr.expose_provenance(),
            len,
        }
    });
}

/// Empties the blob, and makes it one that lws_system_blob_heap_append() adds to.
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_system_blob_heap_empty(b: *mut lws_system_blob) {
    if let Some(found) = Found::of(b, "lws_system_blob_heap_empty") {
        found.with(|blob| *blob = Blob::default());
    }
}

/// Adds a copy of `len` bytes, which is overwritten before it is freed. Returns 0, or -1, after a log line, when memory is short, `len` is
/// 0, `ptr` or `b` is NULL, or the blob is the program's memory: then lws_system_blob_heap_empty() goes before.
///
/// # Safety
///
/// `ptr` is NULL or has `len` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_system_blob_heap_append(
    b: *mut lws_system_blob,
    ptr: *const u8,
    len: usize,
) -> c_int {
    const WHO: &str = "lws_system_blob_heap_append";
    let Some(found) = Found::of(b, WHO) else {
        return -1;
    };
    if isize::try_from(len).is_err() {
        say(WHO, "len is out of range");
        return -1;
    }
    // SAFETY: by this function's contract.
    let bytes = unsafe { text::buffer(ptr.cast(), len) };
    let appended = match bytes.map(Secret::copy) {
        None => Err("ptr is NULL, or len is 0"),
        Some(None) => Err("out of memory"),
        Some(Some(copy)) => found.with(|blob| match blob {
            Blob::Direct { .. } => Err("the blob is set to the program's memory: empty it before"),
            Blob::Pieces(pieces) => {
                pieces.push(copy);
                Ok(())
            }
        }),
    };
    appended.map_or_else(
        |why| {
            say(WHO, why);
            -1
        },
        |()| 0,
    )
}

/// How many bytes the blob has; 0, after a log line, when there is no such blob.
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_system_blob_get_size(b: *mut lws_system_blob) -> usize {
    let found = Found::of(b, "lws_system_blob_get_size");
    found.map_or(0, |found| found.with(|blob| blob.len()))
}

/// Copies at most `*len` bytes from the byte `ofs` on, and sets `*len` to how many they are. Returns 0; 1 when the blob is the program's
/// memory and ends before `ofs`; -1, after a log line, when there is no such blob or an argument is NULL.
///
/// # Safety
///
/// `len` is NULL or writable; `ptr` is NULL or has `*len` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_system_blob_get(
    b: *mut lws_system_blob,
    ptr: *mut u8,
    len: *mut usize,
    ofs: usize,
) -> c_int {
    const WHO: &str = "lws_system_blob_get";
    let Some(found) = Found::of(b, WHO) else {
        return -1;
    };
    // SAFETY: NULL or writable, by this function's contract.
    let Some(len) = (unsafe { len.as_mut() }).filter(|_| !ptr.is_null()) else {
        say(WHO, "an argument is NULL");
        return -1;
    };
    found.with(|blob| {
        let past = matches!(blob, Blob::Direct { len, .. } if ofs >= *len);
        // SAFETY: lws_system_blob_direct_set() asks for that.
        let pieces = unsafe { blob.pieces() };
        // SAFETY: `ptr` has `*len` writable bytes, by this function's contract.
        *len = unsafe { copy(&pieces, ofs, ptr, *len) };
        c_int::from(past)
    })
}

/// # Safety
///
/// `to` has `len` writable bytes.
unsafe fn copy(pieces: &[&[u8]], ofs: usize, to: *mut u8, len: usize) -> usize {
    let (mut skip, mut done) = (ofs, 0);
    for piece in pieces {
        let rest = piece.get(skip..).unwrap_or_default();
        skip = skip.saturating_sub(piece.len());
        let n = rest.len().min(len - done);
        // SAFETY: `done` <= `len`.
        let at = unsafe { to.add(done) };
        // SAFETY: `n` bytes are left of both; the program may hand in the blob's own memory, so they may overlap.
        unsafe { ptr::copy(rest.as_ptr(), at, n) };
        done += n;
    }
    done
}

/// Sets `*ptr` to the blob's bytes, if they are in one piece: the program's memory, or what one lws_system_blob_heap_append() added. They
/// stay until the blob changes or the context is destroyed. Returns 0, or -1 when they are not, there are none, or, after a log line, there is no such blob
/// or `ptr` is NULL.
///
/// # Safety
///
/// `ptr` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_system_blob_get_single_ptr(
    b: *mut lws_system_blob,
    ptr: *mut *const u8,
) -> c_int {
    const WHO: &str = "lws_system_blob_get_single_ptr";
    let Some(found) = Found::of(b, WHO) else {
        return -1;
    };
    if ptr.is_null() {
        say(WHO, "ptr is NULL");
        return -1;
    }
    let at = found.with(|blob| match blob {
        Blob::Direct { at, .. } => Some(ptr::with_exposed_provenance(*at)),
        Blob::Pieces(pieces) => match pieces.as_slice() {
            [only] => Some(only.as_ptr()),
            _ => None,
        },
    });
    let Some(at) = at else {
        return -1;
    };
    // SAFETY: writable, by this function's contract.
    unsafe { ptr.write(at) };
    0
}

/// Frees what lws_system_blob_heap_append() added; the program's memory stays set. A context does so with all of its blobs at its end.
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_system_blob_destroy(b: *mut lws_system_blob) {
    let Some(found) = Found::of(b, "lws_system_blob_destroy") else {
        return;
    };
    found.with(|blob| {
        if let Blob::Pieces(pieces) = blob {
            pieces.clear();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_of_a_client_certificate_has_two_blobs_in_the_table() {
        assert_eq!(client_cert_items(1), Ok((2, 3)));
        assert_eq!(client_cert_items(16), Ok((17, 18)));
        for number in [0, 17, u8::MAX] {
            let why = client_cert_items(number).expect_err("out of range");
            assert!(why.ends_with("out of range 1..16"), "{why}");
        }
    }

    #[test]
    fn pieces_are_copied_as_one_from_anywhere_and_no_further_than_asked() {
        let pieces: [&[u8]; 3] = [b"ab", b"", b"cdef"];
        let all = b"abcdef";
        for ofs in 0..9 {
            for len in 0..9 {
                let mut to = [0; 9];
                // SAFETY: `to` has `len` bytes and more.
                let n = unsafe { copy(&pieces, ofs, to.as_mut_ptr(), len) };
                let expected = all.get(ofs..).unwrap_or_default();
                let expected = &expected[..expected.len().min(len)];
                assert_eq!(&to[..n], expected, "from {ofs}, {len}");
                assert_eq!(to[n..], [0; 9][n..], "from {ofs}, {len}");
            }
        }
    }

    #[test]
    fn a_pointer_that_is_no_blob_is_told() {
        let last = context::blob_pointer(3, BLOBS - 1);
        assert_eq!(context::slot_of_blob(last), Some((3, BLOBS - 1)));
        assert!(context::blob_pointer(3, BLOBS).is_null());
        for odd in [
            ptr::null(),
            ptr::dangling(),
            last.cast::<u8>().wrapping_add(1).cast(),
        ] {
            assert_eq!(context::slot_of_blob(odd), None);
        }
    }
}
