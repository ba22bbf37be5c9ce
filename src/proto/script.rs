//! The only place that reads a script out of a fuzzer's bytes: where they end, everything is 0 or empty.

/// What is left of it.
pub(crate) struct Script<'a>(pub(crate) &'a [u8]);

impl<'a> Script<'a> {
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(byte)
    }

    /// Of two bytes.
    pub(crate) fn number(&mut self) -> Option<usize> {
        let (&number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(usize::from(u16::from_be_bytes(number)))
    }

    pub(crate) fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// After its length in one byte.
    pub(crate) fn text(&mut self) -> &'a [u8] {
        let len = self.byte().unwrap_or(0);
        self.take(usize::from(len))
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let nth = usize::from(self.byte().unwrap_or(0));
        from[nth % from.len()]
    }
}
