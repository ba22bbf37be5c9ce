//! The only place that knows what h2 frames look like on the wire (RFC 9113 §4, §6), and how a fault is said in them.

pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The head of a frame.
pub(super) const HEAD: usize = 9;

/// Flags. ACK has the bit of END_STREAM, on other kinds of frames.
pub(super) const ACK: u8 = 0x1;
pub(super) const END_STREAM: u8 = 0x1;
pub(super) const END_HEADERS: u8 = 0x4;
pub(super) const PADDED: u8 = 0x8;
pub(super) const PRIORITY: u8 = 0x20;

/// Error codes, §7.
pub(super) const NO_ERROR: u32 = 0x0;
pub(super) const PROTOCOL_ERROR: u32 = 0x1;
pub(super) const FLOW_CONTROL_ERROR: u32 = 0x3;
pub(super) const STREAM_CLOSED: u32 = 0x5;
pub(super) const FRAME_SIZE_ERROR: u32 = 0x6;
pub(super) const REFUSED_STREAM: u32 = 0x7;
pub(super) const CANCEL: u32 = 0x8;
pub(super) const COMPRESSION_ERROR: u32 = 0x9;
pub(super) const HTTP_1_1_REQUIRED: u32 = 0xd;

pub(super) const MAX_WINDOW: i64 = 0x7fff_ffff;
pub(super) const MAX_STREAM: u32 = 0x7fff_ffff;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Data,
    Headers,
    Priority,
    RstStream,
    Settings,
    PushPromise,
    Ping,
    Goaway,
    WindowUpdate,
    Continuation,
    Unknown(u8),
}

impl Kind {
    const KNOWN: [Self; 10] = [
        Self::Data,
        Self::Headers,
        Self::Priority,
        Self::RstStream,
        Self::Settings,
        Self::PushPromise,
        Self::Ping,
        Self::Goaway,
        Self::WindowUpdate,
        Self::Continuation,
    ];

    fn of(byte: u8) -> Self {
        let known = Self::KNOWN.get(usize::from(byte));
        known.copied().unwrap_or(Self::Unknown(byte))
    }

    fn byte(self) -> u8 {
        match self {
            Self::Unknown(byte) => byte,
            known => Self::KNOWN.iter().position(|k| *k == known).unwrap_or(0) as u8,
        }
    }
}

/// What the client did that it must not, and what dies of it.
#[derive(Debug)]
pub(super) enum Fault {
    Conn(u32, String),
    Stream(u32, u32, String),
}

#[derive(Debug)]
pub(super) struct Frame<'a> {
    pub(super) kind: Kind,
    pub(super) flags: u8,
    pub(super) stream: u32,
    pub(super) payload: &'a [u8],
}

impl<'a> Frame<'a> {
    /// None while the frame is not whole; it may be as long as `most`.
    pub(super) fn parse(bytes: &'a [u8], most: usize) -> Result<Option<Self>, Fault> {
        let Some((&[a, b, c, kind, flags, d, e, f, g], rest)) = bytes.split_first_chunk::<HEAD>()
        else {
            return Ok(None);
        };
        let (kind, len) = (Kind::of(kind), u32::from_be_bytes([0, a, b, c]) as usize);
        if len > most {
            let text = format!("{kind:?} frame of {len} bytes, {most} are allowed");
            return Err(Fault::Conn(FRAME_SIZE_ERROR, text));
        }
        Ok(rest.get(..len).map(|payload| Frame {
            kind,
            flags,
            stream: u32::from_be_bytes([d, e, f, g]) & MAX_STREAM,
            payload,
        }))
    }

    pub(super) fn whole_len(&self) -> usize {
        HEAD + self.payload.len()
    }

    pub(super) fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    pub(super) fn text(&self) -> String {
        format!("{:?} on stream {}", self.kind, self.stream)
    }

    pub(super) fn fault(&self, code: u32, why: &str) -> Fault {
        Fault::Conn(code, format!("{}: {why}", self.text()))
    }

    /// The payload without its padding (§6.1, §6.2).
    pub(super) fn unpadded(&self) -> Result<&'a [u8], Fault> {
        if !self.has(PADDED) {
            return Ok(self.payload);
        }
        let Some((pad, rest)) = self.payload.split_first() else {
            return Err(self.fault(FRAME_SIZE_ERROR, "no pad length"));
        };
        let kept = rest.len().checked_sub(usize::from(*pad));
        kept.and_then(|n| rest.get(..n))
            .ok_or_else(|| self.fault(PROTOCOL_ERROR, "more padding than payload"))
    }

    /// A payload that is one number.
    pub(super) fn number(&self) -> Result<u32, Fault> {
        let bytes = self.payload.try_into();
        bytes
            .map(u32::from_be_bytes)
            .map_err(|_| self.fault(FRAME_SIZE_ERROR, "not 4 bytes"))
    }
}

pub(super) fn put(out: &mut Vec<u8>, kind: Kind, flags: u8, stream: u32, payload: &[u8]) {
    let len = (payload.len() as u32).to_be_bytes();
    out.extend_from_slice(len.get(1..).unwrap_or(&[]));
    out.extend_from_slice(&[kind.byte(), flags]);
    out.extend_from_slice(&stream.to_be_bytes());
    out.extend_from_slice(payload);
}

pub(super) fn put_number(out: &mut Vec<u8>, kind: Kind, stream: u32, n: u32) {
    put(out, kind, 0, stream, &n.to_be_bytes());
}

pub(super) fn put_settings(out: &mut Vec<u8>, pairs: &[(u16, u32)]) {
    let mut payload = Vec::new();
    for (id, value) in pairs {
        payload.extend_from_slice(&id.to_be_bytes());
        payload.extend_from_slice(&value.to_be_bytes());
    }
    put(out, Kind::Settings, 0, 0, &payload);
}

pub(super) fn put_goaway(out: &mut Vec<u8>, last: u32, code: u32) {
    let payload = (u64::from(last) << 32 | u64::from(code)).to_be_bytes();
    put(out, Kind::Goaway, 0, 0, &payload);
}

/// `pad` bytes of padding, and one that says so.
pub(super) fn put_data(out: &mut Vec<u8>, stream: u32, end: bool, pad: Option<u8>, bytes: &[u8]) {
    let end = if end { END_STREAM } else { 0 };
    let Some(pad) = pad else {
        return put(out, Kind::Data, end, stream, bytes);
    };
    let payload = [&[pad], bytes, &vec![0; usize::from(pad)]].concat();
    put(out, Kind::Data, end | PADDED, stream, &payload);
}

/// HEADERS or PUSH_PROMISE and as many CONTINUATION frames as are asked for, or as no frame longer than `most` needs.
pub(super) fn put_block(
    out: &mut Vec<u8>,
    kind: Kind,
    end: bool,
    stream: u32,
    block: &[u8],
    (most, more): (usize, usize),
) {
    let size = block.len().div_ceil(more + 1).clamp(1, most);
    let count = block.len().div_ceil(size).max(more + 1);
    for i in 0..count {
        let from = block.len().min(i * size);
        let piece = block.get(from..block.len().min(from + size)).unwrap_or(&[]);
        let kind = if i == 0 { kind } else { Kind::Continuation };
        let last = if i + 1 == count { END_HEADERS } else { 0 };
        let end = if i == 0 && end { END_STREAM } else { 0 };
        put(out, kind, end | last, stream, piece);
    }
}

/// Whether bytes from somewhere else say the last word on a stream.
pub(super) fn ends_stream(mut bytes: &[u8], stream: u32) -> bool {
    while let Ok(Some(frame)) = Frame::parse(bytes, usize::MAX) {
        let ends = match frame.kind {
            Kind::Data | Kind::Headers => frame.has(END_STREAM),
            kind => kind == Kind::RstStream,
        };
        if frame.stream == stream && ends {
            return true;
        }
        bytes = bytes.get(frame.whole_len()..).unwrap_or(&[]);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(mut bytes: &[u8]) -> Vec<(Kind, u8, usize)> {
        let mut out = Vec::new();
        while let Ok(Some(f)) = Frame::parse(bytes, 1 << 24) {
            out.push((f.kind, f.flags, f.payload.len()));
            bytes = bytes.get(f.whole_len()..).unwrap_or(&[]);
        }
        out
    }

    #[test]
    fn a_frame_is_read_as_it_was_put_and_not_before_it_is_whole() {
        let mut out = Vec::new();
        put_data(&mut out, 5, true, Some(3), b"hello");
        for n in 0..out.len() {
            assert!(matches!(Frame::parse(&out[..n], 100), Ok(None)));
        }
        let frame = Frame::parse(&out, 100).ok().flatten();
        let frame = frame.expect("it is whole");
        assert_eq!((frame.kind, frame.stream), (Kind::Data, 5));
        assert_eq!(frame.unpadded().ok(), Some(&b"hello"[..]));
        assert!(matches!(
            Frame::parse(&out, 8),
            Err(Fault::Conn(FRAME_SIZE_ERROR, _))
        ));
    }

    #[test]
    fn padding_longer_than_the_payload_is_a_fault() {
        let frame = Frame {
            kind: Kind::Data,
            flags: PADDED,
            stream: 1,
            payload: &[3, 0, 0],
        };
        assert!(matches!(
            frame.unpadded(),
            Err(Fault::Conn(PROTOCOL_ERROR, _))
        ));
    }

    #[test]
    fn a_block_is_cut_where_a_frame_ends_and_where_it_is_asked_to() {
        let mut out = Vec::new();
        put_block(&mut out, Kind::Headers, true, 1, &[0; 25], (10, 0));
        put_block(&mut out, Kind::Headers, false, 3, &[0; 2], (10, 3));
        let next = Kind::Continuation;
        assert_eq!(
            kinds(&out),
            [
                (Kind::Headers, END_STREAM, 10),
                (next, 0, 10),
                (next, END_HEADERS, 5),
                (Kind::Headers, 0, 1),
                (next, 0, 1),
                (next, 0, 0),
                (next, END_HEADERS, 0),
            ]
        );
    }

    #[test]
    fn bytes_from_elsewhere_end_a_stream_by_flag_or_reset() {
        let mut out = Vec::new();
        put_data(&mut out, 1, false, None, b"x");
        put_data(&mut out, 3, true, None, b"x");
        assert!(!ends_stream(&out, 1) && ends_stream(&out, 3));
        put_number(&mut out, Kind::RstStream, 1, 8);
        assert!(ends_stream(&out, 1));
    }
}
