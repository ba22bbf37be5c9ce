//! The only place that knows what WebSocket frames look like on the wire (RFC 6455 §5.2).

pub(super) const CONTINUATION: u8 = 0;
pub(super) const TEXT: u8 = 1;
pub(super) const BINARY: u8 = 2;
pub(super) const CLOSE: u8 = 8;
pub(super) const PING: u8 = 9;
pub(super) const PONG: u8 = 10;

pub(super) const FIN: u8 = 0x80;
/// Of the three reserved bits, as they stand in a frame's first byte.
pub(super) const RSV1: u8 = 0x40;

pub(super) const PROTOCOL_ERROR: u16 = 1002;
pub(super) const BAD_DATA: u16 = 1007;

/// What the client did that it must not, and the code of the Close that it gets for it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: u16,
    pub(super) text: String,
}

impl Fault {
    pub(super) fn new(code: u16, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { code, text }
    }

    pub(super) fn protocol(text: impl Into<String>) -> Self {
        Self::new(PROTOCOL_ERROR, text)
    }
}

/// A whole frame from the client, unmasked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) fin: bool,
    /// 4 for RSV1, 2, 1.
    pub(super) rsv: u8,
    pub(super) op: u8,
    pub(super) payload: Vec<u8>,
}

impl Frame {
    pub(super) fn is_control(&self) -> bool {
        self.op >= CLOSE
    }
}

/// Puts the client's bytes together to frames.
pub(super) struct Reader {
    /// Of the frame that comes, while its head is not whole.
    head: Vec<u8>,
    body: Option<Body>,
    /// Reserved bits that an extension uses.
    rsv: u8,
    last_mask: [u8; 4],
    /// How many frames in a row had the last mask.
    same_masks: usize,
}

struct Body {
    head: Head,
    payload: Vec<u8>,
}

impl Reader {
    pub(super) fn new(rsv: u8) -> Self {
        Self {
            head: Vec::new(),
            body: None,
            rsv,
            last_mask: [0; 4],
            same_masks: 0,
        }
    }

    /// The next frame, as soon as it is whole. What was used is taken from `rx`.
    pub(super) fn eat(&mut self, rx: &mut &[u8]) -> Result<Option<Frame>, Fault> {
        loop {
            if let Some(body) = &mut self.body {
                body.take(rx);
                let whole = self.body.take_if(|b| b.left() == 0);
                return Ok(whole.map(Body::frame));
            }
            let Some((byte, rest)) = rx.split_first() else {
                return Ok(None);
            };
            self.head.push(*byte);
            *rx = rest;
            if let Some(head) = Head::parse(&self.head) {
                self.head.clear();
                head.check(self.rsv)?;
                self.check_mask(head.mask)?;
                let payload = Vec::new();
                self.body = Some(Body { head, payload });
            }
        }
    }

    /// §5.3 wants every mask fresh and unforeseen. Two that are alike may be chance, three are not.
    fn check_mask(&mut self, mask: Option<[u8; 4]>) -> Result<(), Fault> {
        let mask = mask.ok_or_else(|| Fault::protocol("an unmasked frame"))?;
        let same = mask == self.last_mask;
        self.same_masks = if same { self.same_masks + 1 } else { 1 };
        self.last_mask = mask;
        match self.same_masks {
            3.. => Err(Fault::protocol("the same mask three times")),
            _ => Ok(()),
        }
    }
}

impl Body {
    fn left(&self) -> u64 {
        self.head.len - self.payload.len() as u64
    }

    fn take(&mut self, rx: &mut &[u8]) {
        let most = usize::try_from(self.left()).unwrap_or(usize::MAX);
        let (now, rest) = rx.split_at(most.min(rx.len()));
        let mask = self.head.mask.unwrap_or_default();
        let mask = mask.iter().cycle().skip(self.payload.len() % 4);
        self.payload
            .extend(now.iter().zip(mask).map(|(b, m)| b ^ m));
        *rx = rest;
    }

    fn frame(self) -> Frame {
        Frame {
            fin: self.head.first & FIN != 0,
            rsv: (self.head.first >> 4) & 7,
            op: self.head.first & 0xf,
            payload: self.payload,
        }
    }
}

struct Head {
    first: u8,
    /// The seven bits of the length that say how the rest of it is written.
    short: u8,
    len: u64,
    mask: Option<[u8; 4]>,
}

impl Head {
    /// None while it is not whole.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let (&[first, second], rest) = bytes.split_first_chunk()?;
        let short = second & 0x7f;
        let (len, rest) = match short {
            126 => {
                let (len, rest) = rest.split_first_chunk()?;
                (u64::from(u16::from_be_bytes(*len)), rest)
            }
            127 => {
                let (len, rest) = rest.split_first_chunk()?;
                (u64::from_be_bytes(*len), rest)
            }
            len => (u64::from(len), rest),
        };
        let mask = match second & 0x80 {
            0 => None,
            _ => Some(*rest.first_chunk()?),
        };
        Some(Self {
            first,
            short,
            len,
            mask,
        })
    }

    fn check(&self, rsv: u8) -> Result<(), Fault> {
        let (op, fin) = (self.first & 0xf, self.first & FIN != 0);
        let told = |what: &str| Err(Fault::protocol(format!("{what}, opcode {op}")));
        let allowed = if matches!(op, TEXT | BINARY) { rsv } else { 0 };
        match (self.first >> 4) & 7 & !allowed {
            0 => {}
            bits => return told(&format!("reserved bits {bits}")),
        }
        match op {
            CONTINUATION | TEXT | BINARY => {}
            CLOSE | PING | PONG if !fin => return told("a fragmented control frame"),
            CLOSE | PING | PONG if self.short > 125 => return told("a long control frame"),
            CLOSE | PING | PONG => {}
            _ => return told("not known"),
        }
        let least = match self.short {
            126 => 126,
            127 => 65_536,
            _ => 0,
        };
        match self.len {
            len if len < least => told(&format!("a length of {len} in too many bytes")),
            0x8000_0000_0000_0000.. => told("a length with its highest bit set"),
            _ => Ok(()),
        }
    }
}

/// A frame from a server: with no mask.
pub(super) fn put(out: &mut Vec<u8>, first: u8, payload: &[u8]) {
    out.push(first);
    match payload.len() {
        len @ 0..=125 => out.push(len as u8),
        len @ 126..=0xffff => {
            out.push(126);
            out.extend_from_slice(&(len as u16).to_be_bytes());
        }
        len => {
            out.push(127);
            out.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(payload);
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// As a client sends it. Masks differ from frame to frame with the payload, so tests vary that.
    pub(in crate::ws) fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        put(&mut out, first, payload);
        out[1] |= 0x80;
        let mask = crate::tally::sum(&out).to_be_bytes();
        let at = out.len() - payload.len();
        for (byte, m) in out[at..].iter_mut().zip(mask.iter().cycle()) {
            *byte ^= m;
        }
        out.splice(at..at, mask);
        out
    }

    fn judged(bytes: &[u8]) -> Result<Option<Frame>, String> {
        let mut rx = bytes;
        Reader::new(0).eat(&mut rx).map_err(|f| f.text)
    }

    #[test]
    fn a_frame_is_read_when_its_last_byte_is_there() {
        for len in [0, 1, 125, 126, 65_535, 65_536] {
            let payload = crate::plain::pattern(len);
            let bytes = masked(FIN | BINARY, &payload);
            let (mut reader, mut got) = (Reader::new(0), None);
            for (at, byte) in bytes.iter().enumerate() {
                assert_eq!(got, None, "{at}");
                got = reader.eat(&mut &[*byte][..]).expect("no fault");
            }
            let got = got.expect("whole");
            assert_eq!((got.fin, got.rsv, got.op), (true, 0, BINARY));
            assert!(got.payload == payload, "{len}");
        }
    }

    #[test]
    fn frames_in_one_piece_come_one_by_one() {
        let both = [masked(TEXT, b"He"), masked(FIN, b"llo")].concat();
        let (mut rx, mut reader) = (both.as_slice(), Reader::new(0));
        let one = reader.eat(&mut rx).ok().flatten().expect("one");
        let two = reader.eat(&mut rx).ok().flatten().expect("two");
        assert_eq!((one.fin, one.op, &*one.payload), (false, TEXT, &b"He"[..]));
        assert_eq!((two.fin, two.op, &*two.payload), (true, 0, &b"llo"[..]));
        assert!(rx.is_empty());
    }

    #[test]
    fn what_the_rfc_forbids_is_a_fault_with_the_head() {
        let bad: [(&[u8], &str); 8] = [
            (b"\x81\x00", "an unmasked frame"),
            (b"\xc1\x80mask", "reserved bits 4, opcode 1"),
            (b"\x83\x80mask", "not known, opcode 3"),
            (b"\x8b\x80mask", "not known, opcode 11"),
            (b"\x09\x80mask", "a fragmented control frame, opcode 9"),
            (b"\x88\xfe\0\x7emask", "a long control frame, opcode 8"),
            (
                b"\x82\xfe\0\x7dmask",
                "a length of 125 in too many bytes, opcode 2",
            ),
            (
                b"\x82\xff\x80\0\0\0\0\0\0\0mask",
                "a length with its highest bit set, opcode 2",
            ),
        ];
        for (bytes, text) in bad {
            assert_eq!(judged(bytes), Err(text.into()));
        }
    }

    #[test]
    fn a_reserved_bit_is_for_messages_and_not_for_their_rest() {
        let mut reader = Reader::new(4);
        let ok = reader.eat(&mut &*masked(RSV1 | TEXT, b"a"));
        assert!(ok.is_ok_and(|f| f.is_some_and(|f| f.rsv == 4)));
        let bad = reader.eat(&mut &*masked(FIN | RSV1, b"b"));
        assert!(bad.is_err());
    }

    #[test]
    fn a_mask_that_stays_is_found() {
        let mut reader = Reader::new(0);
        let mut next = || reader.eat(&mut &b"\x81\x80\0\0\0\0"[..]).is_ok();
        assert!(next() && next());
        assert!(!next());
    }
}
