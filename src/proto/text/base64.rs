//! The only place that decodes base64, in pieces: RFC 4648, both alphabets, the padding may be missing; white space does not count.

/// Between two pieces: up to four characters that are not written yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Decoder {
    pub(crate) values: [u8; 4],
    /// How many of `values` there are.
    pub(crate) count: usize,
    /// Padding was seen, and nothing but padding may follow.
    pub(crate) padded: bool,
}

/// What one piece came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) used: usize,
    pub(crate) written: usize,
}

impl Decoder {
    /// Decodes into `out` until the input ends or no three bytes of room are left; `last`: nothing follows this input.
    pub(crate) fn decode(
        &mut self,
        input: &[u8],
        out: &mut [u8],
        last: bool,
    ) -> Result<Progress, &'static str> {
        let mut used = 0;
        let mut written = 0;
        for &byte in input {
            if self.count == 4 && !self.flush(out, &mut written) {
                return Ok(Progress { used, written });
            }
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => {}
                b'=' => self.padded = true,
                _ if self.padded => return Err("base64 goes on behind its padding"),
                _ => {
                    let value = value(byte).ok_or("not a character of base64")?;
                    *self.values.get_mut(self.count).ok_or("a broken state")? = value;
                    self.count += 1;
                }
            }
            used += 1;
        }
        let ends = last || self.padded;
        if ends && self.count == 1 {
            return Err("base64 ends inside of a byte");
        }
        if self.count == 4 || ends {
            self.flush(out, &mut written);
        }
        Ok(Progress { used, written })
    }

    /// Nothing waits to be written.
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Writes what the characters so far say; `false` when there is no room.
    fn flush(&mut self, out: &mut [u8], written: &mut usize) -> bool {
        let [a, b, c, d] = self.values;
        let bytes = [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d];
        let len = self.count.saturating_sub(1);
        let (Some(bytes), Some(room)) = (bytes.get(..len), out.get_mut(*written..*written + len))
        else {
            return false;
        };
        room.copy_from_slice(bytes);
        *written += len;
        *self = Self {
            padded: self.padded,
            ..Self::default()
        };
        true
    }
}

fn value(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}
