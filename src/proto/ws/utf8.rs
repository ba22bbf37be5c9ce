//! The only place that tells whether text that arrives in pieces is UTF-8 (RFC 3629): at the first byte that it cannot be.

use std::str;

/// What was pushed so far: whole characters, then the beginning of at most one.
#[derive(Debug, Default)]
pub(crate) struct Utf8 {
    partial: [u8; 4],
    len: u8,
}

impl Utf8 {
    /// After an error it is of no further use.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), ()> {
        let rest = self.complete(bytes)?;
        // The standard library's is strict (no surrogates, nothing overlong, nothing above U+10FFFF), and fast.
        let Err(error) = str::from_utf8(rest) else {
            return Ok(());
        };
        // A length is there for what no further byte can mend.
        if error.error_len().is_some() {
            return Err(());
        }
        let tail = rest.get(error.valid_up_to()..).unwrap_or_default();
        tail.iter().try_for_each(|byte| self.keep(*byte))
    }

    /// Whether it ends where a character does.
    pub(crate) fn is_whole(&self) -> bool {
        self.len == 0
    }

    /// Takes from `bytes` what the character begun before needs; gives back the others.
    fn complete<'a>(&mut self, mut bytes: &'a [u8]) -> Result<&'a [u8], ()> {
        while self.len > 0 {
            let Some((byte, rest)) = bytes.split_first() else {
                break;
            };
            self.keep(*byte)?;
            bytes = rest;
            let partial = self.partial.get(..usize::from(self.len));
            match str::from_utf8(partial.unwrap_or_default()) {
                Ok(_) => self.len = 0,
                Err(error) if error.error_len().is_some() => return Err(()),
                Err(_) => {}
            }
        }
        Ok(bytes)
    }

    fn keep(&mut self, byte: u8) -> Result<(), ()> {
        // No character has a fifth byte.
        let slot = self.partial.get_mut(usize::from(self.len)).ok_or(())?;
        *slot = byte;
        self.len += 1;
        Ok(())
    }
}
