//! The only place for bytes that are wiped when nobody needs them any more.

use std::fmt;
use std::hint::black_box;

/// Bytes that no log shows.
pub(crate) struct Secret(Vec<u8>);

impl Secret {
    pub(crate) fn copy(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    /// In one allocation, so that no piece is left in a smaller one.
    pub(crate) fn join(parts: &[&[u8]]) -> Self {
        Self(parts.concat())
    }

    pub(crate) fn from_vec(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text.into_bytes())
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.fill(0);
        // Somebody might look: the compiler cannot leave the zeros out.
        black_box(&mut self.0);
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("(secret)")
    }
}
