//! The only place that calls nghttp2's HPACK by itself: both halves, made safe.

use std::ffi::c_int;
use std::ptr::null_mut;

use libnghttp2_sys as sys;

use super::{Field, NO_INDEX, copy, pairs};

/// Writes header blocks.
pub(crate) struct Deflater(*mut sys::nghttp2_hd_deflater);

impl Deflater {
    /// Its table never grows beyond `most`, whatever it is allowed.
    pub(crate) fn new(most: usize) -> Self {
        let mut raw = null_mut();
        // SAFETY: `raw` is writable.
        let made = unsafe { sys::nghttp2_hd_deflate_new(&raw mut raw, most) };
        assert_eq!(made, 0);
        Self(raw)
    }

    /// The reader's SETTINGS_HEADER_TABLE_SIZE.
    pub(crate) fn allow(&mut self, size: usize) {
        // SAFETY: it is alive.
        let done = unsafe { sys::nghttp2_hd_deflate_change_table_size(self.0, size) };
        assert_eq!(done, 0);
    }

    pub(crate) fn deflate(&mut self, fields: &[Field]) -> Vec<u8> {
        let pairs = pairs(fields);
        // SAFETY: it is alive, and the pairs are readable.
        let bound = unsafe { sys::nghttp2_hd_deflate_bound(self.0, pairs.as_ptr(), pairs.len()) };
        let mut block = vec![0; bound];
        // SAFETY: it is alive; the pairs are readable, and `block` is writable for its length.
        let len = unsafe {
            sys::nghttp2_hd_deflate_hd2(
                self.0,
                block.as_mut_ptr(),
                block.len(),
                pairs.as_ptr(),
                pairs.len(),
            )
        };
        block.truncate(usize::try_from(len).expect("within its bound"));
        block
    }
}

impl Drop for Deflater {
    fn drop(&mut self) {
        // SAFETY: it came from nghttp2, and nobody uses it after this.
        unsafe { sys::nghttp2_hd_deflate_del(self.0) };
    }
}

/// Reads header blocks.
pub(crate) struct Inflater(*mut sys::nghttp2_hd_inflater);

impl Inflater {
    pub(crate) fn new() -> Self {
        let mut raw = null_mut();
        // SAFETY: `raw` is writable.
        let made = unsafe { sys::nghttp2_hd_inflate_new(&raw mut raw) };
        assert_eq!(made, 0);
        Self(raw)
    }

    /// Its own SETTINGS_HEADER_TABLE_SIZE, acknowledged. When that is less than before, it insists that the next block
    /// says so.
    pub(crate) fn announce(&mut self, size: usize) {
        // SAFETY: it is alive.
        let done = unsafe { sys::nghttp2_hd_inflate_change_table_size(self.0, size) };
        assert_eq!(done, 0);
    }

    /// A whole block, or nghttp2's error.
    pub(crate) fn inflate(&mut self, block: &[u8]) -> Result<Vec<Field>, isize> {
        let mut fields = Vec::new();
        let mut rest = block;
        loop {
            let mut pair = sys::nghttp2_nv {
                name: null_mut(),
                value: null_mut(),
                namelen: 0,
                valuelen: 0,
                flags: 0,
            };
            let mut flags: c_int = 0;
            // SAFETY: it is alive; `pair` and `flags` are writable, and `rest` is readable.
            let read = unsafe {
                sys::nghttp2_hd_inflate_hd3(
                    self.0,
                    &raw mut pair,
                    &raw mut flags,
                    rest.as_ptr(),
                    rest.len(),
                    1,
                )
            };
            rest = rest
                .get(usize::try_from(read).map_err(|_| read)?..)
                .expect("not more than there is");
            if flags & sys::NGHTTP2_HD_INFLATE_EMIT as c_int != 0 {
                fields.push(Field {
                    // SAFETY: nghttp2 shows a name until it is called again.
                    name: unsafe { copy(pair.name, pair.namelen) },
                    // SAFETY: nghttp2 shows a value until it is called again.
                    value: unsafe { copy(pair.value, pair.valuelen) },
                    never_indexed: pair.flags & NO_INDEX != 0,
                });
            }
            if flags & sys::NGHTTP2_HD_INFLATE_FINAL as c_int != 0 {
                // SAFETY: it is alive, and the block is read.
                unsafe { sys::nghttp2_hd_inflate_end_headers(self.0) };
                return Ok(fields);
            }
        }
    }

    /// Bytes of its table in use (RFC 7541 §4.1).
    pub(crate) fn table(&self) -> usize {
        // SAFETY: it is alive.
        unsafe { sys::nghttp2_hd_inflate_get_dynamic_table_size(self.0) }
    }
}

impl Drop for Inflater {
    fn drop(&mut self) {
        // SAFETY: it came from nghttp2, and nobody uses it after this.
        unsafe { sys::nghttp2_hd_inflate_del(self.0) };
    }
}
