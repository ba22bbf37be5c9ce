//! The only place that grows a text within the room of the program's buffer.

/// A text that leaves room for its terminator.
pub(crate) struct Out {
    bytes: Vec<u8>,
    room: usize,
}

impl Out {
    /// For a buffer of `room` bytes. `most` is what the text can become; memory for less is asked for at once. None: there is
    /// no room even for a terminator, or no memory.
    pub(crate) fn new(room: usize, most: usize) -> Option<Self> {
        let room = room.checked_sub(1)?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(room.min(most)).ok()?;
        Some(Self { bytes, room })
    }

    /// Whether so many bytes more fit.
    pub(crate) fn fits(&self, more: usize) -> bool {
        self.room - self.bytes.len() >= more
    }

    /// All of `piece`, or `false` and nothing.
    #[must_use]
    pub(crate) fn put(&mut self, piece: &[u8]) -> bool {
        let fits = self.fits(piece.len());
        if fits {
            self.bytes.extend_from_slice(piece);
        }
        fits
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}
