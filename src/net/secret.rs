//! The only place that wipes what nobody may find in freed memory.

use std::fmt;
use std::ops::Deref;

use super::libssl as raw;

/// Bytes, of a key perhaps, that are overwritten before they are freed.
#[derive(Default)]
pub(crate) struct Secret(Vec<u8>);

impl Secret {
    pub(super) fn of(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Room for `len` bytes, so that they stay where they are put. `None`: there is no memory for them.
    pub(crate) fn with_room(len: usize) -> Option<Self> {
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(len).ok()?;
        Some(Self(bytes))
    }

    /// A copy; `None`: there is no memory for it.
    pub(crate) fn copy(bytes: &[u8]) -> Option<Self> {
        let mut copy = Self::with_room(bytes.len())?;
        copy.0.extend_from_slice(bytes);
        Some(copy)
    }

    /// Puts `bytes` at the end; there has to be room.
    pub(crate) fn append(&mut self, bytes: &[u8]) {
        let room = self.0.capacity() - self.0.len();
        assert!(bytes.len() <= room, "a secret does not move");
        self.0.extend_from_slice(bytes);
    }
}

impl Deref for Secret {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", self.0.len())
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        // SAFETY: as many writable bytes as said.
        unsafe { raw::OPENSSL_cleanse(self.0.as_mut_ptr().cast(), self.0.len()) };
    }
}
