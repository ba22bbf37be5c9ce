//! The only place that knows what a frame looks like on the wire (RFC 9113 §4.1, §6, §7).

/// Bytes before every frame's payload.
pub(super) const HEAD: usize = 9;

/// The largest payload that we accept: SETTINGS_MAX_FRAME_SIZE stays at its initial value.
pub(crate) const MAX_PAYLOAD: usize = 16_384;

pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What stands before a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) len: usize,
    pub(super) kind: Kind,
    pub(super) flags: u8,
    pub(super) stream: u32,
}

impl Head {
    /// None when `rx` has less than all of it.
    #[inline]
    pub(super) fn parse(rx: &[u8]) -> Option<Self> {
        let &[l0, l1, l2, kind, flags, s0, s1, s2, s3] = rx.first_chunk::<HEAD>()?;
        Some(Self {
            len: u32::from_be_bytes([0, l0, l1, l2]) as usize,
            kind: Kind::of(kind),
            flags,
            // RFC 9113 §4.1: the reserved bit is ignored.
            stream: u32::from_be_bytes([s0, s1, s2, s3]) & MAX_ID,
        })
    }

    pub(super) fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// The largest stream id, and the largest window.
pub(crate) const MAX_ID: u32 = u32::MAX >> 1;

/// RFC 9113 §6
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Data,
    Headers,
    Priority,
    RstStream,
    Settings,
    PushPromise,
    Ping,
    GoAway,
    WindowUpdate,
    Continuation,
    Unknown,
}

impl Kind {
    #[inline]
    fn of(byte: u8) -> Self {
        match byte {
            0 => Self::Data,
            1 => Self::Headers,
            2 => Self::Priority,
            3 => Self::RstStream,
            4 => Self::Settings,
            5 => Self::PushPromise,
            6 => Self::Ping,
            7 => Self::GoAway,
            8 => Self::WindowUpdate,
            9 => Self::Continuation,
            _ => Self::Unknown,
        }
    }
}

pub(crate) const END_STREAM: u8 = 0x01;
pub(crate) const ACK: u8 = 0x01;
pub(crate) const END_HEADERS: u8 = 0x04;
pub(crate) const PADDED: u8 = 0x08;
pub(super) const PRIORITY: u8 = 0x20;

/// RFC 9113 §7. Any number may come from a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ErrorCode(pub(crate) u32);

impl ErrorCode {
    pub(crate) const NO_ERROR: Self = Self(0);
    pub(crate) const PROTOCOL_ERROR: Self = Self(1);
    pub(crate) const INTERNAL_ERROR: Self = Self(2);
    pub(crate) const FLOW_CONTROL_ERROR: Self = Self(3);
    pub(crate) const STREAM_CLOSED: Self = Self(5);
    pub(crate) const FRAME_SIZE_ERROR: Self = Self(6);
    pub(crate) const REFUSED_STREAM: Self = Self(7);
    pub(crate) const CANCEL: Self = Self(8);
    pub(crate) const COMPRESSION_ERROR: Self = Self(9);
    pub(crate) const ENHANCE_YOUR_CALM: Self = Self(11);
    pub(crate) const HTTP_1_1_REQUIRED: Self = Self(13);

    /// As the RFC calls it, for reasons that people read.
    pub(crate) fn name(self) -> &'static str {
        match self.0 {
            0 => "NO_ERROR",
            1 => "PROTOCOL_ERROR",
            2 => "INTERNAL_ERROR",
            3 => "FLOW_CONTROL_ERROR",
            4 => "SETTINGS_TIMEOUT",
            5 => "STREAM_CLOSED",
            6 => "FRAME_SIZE_ERROR",
            7 => "REFUSED_STREAM",
            8 => "CANCEL",
            9 => "COMPRESSION_ERROR",
            10 => "CONNECT_ERROR",
            11 => "ENHANCE_YOUR_CALM",
            12 => "INADEQUATE_SECURITY",
            13 => "HTTP_1_1_REQUIRED",
            _ => "an unknown error code",
        }
    }
}

/// The frame's head alone; `len` and `stream` are within what the wire can say.
#[inline]
pub(super) fn head(len: usize, kind: u8, flags: u8, stream: u32) -> [u8; HEAD] {
    let [_, l0, l1, l2] = (len as u32).to_be_bytes();
    let [s0, s1, s2, s3] = stream.to_be_bytes();
    [l0, l1, l2, kind, flags, s0, s1, s2, s3]
}

pub(super) fn put_data(tx: &mut Vec<u8>, stream: u32, payload: &[u8], end: bool) {
    tx.reserve(HEAD + payload.len());
    tx.extend_from_slice(&head(payload.len(), 0, u8::from(end), stream));
    tx.extend_from_slice(payload);
}

pub(super) fn put_rst_stream(tx: &mut Vec<u8>, stream: u32, code: ErrorCode) {
    tx.extend_from_slice(&head(4, 3, 0, stream));
    tx.extend_from_slice(&code.0.to_be_bytes());
}

pub(super) fn put_settings(tx: &mut Vec<u8>, settings: &[(u16, u32)]) {
    tx.extend_from_slice(&head(settings.len() * 6, 4, 0, 0));
    for (id, value) in settings {
        tx.extend_from_slice(&id.to_be_bytes());
        tx.extend_from_slice(&value.to_be_bytes());
    }
}

pub(super) fn put_settings_ack(tx: &mut Vec<u8>) {
    tx.extend_from_slice(&head(0, 4, ACK, 0));
}

pub(super) fn put_ping(tx: &mut Vec<u8>, flags: u8, opaque: [u8; 8]) {
    tx.extend_from_slice(&head(8, 6, flags, 0));
    tx.extend_from_slice(&opaque);
}

pub(super) fn put_goaway(tx: &mut Vec<u8>, code: ErrorCode, text: &str) {
    tx.extend_from_slice(&head(8 + text.len(), 7, 0, 0));
    // No stream of the peer's was ever processed: it may not open any.
    tx.extend_from_slice(&0u32.to_be_bytes());
    tx.extend_from_slice(&code.0.to_be_bytes());
    tx.extend_from_slice(text.as_bytes());
}

pub(super) fn put_window_update(tx: &mut Vec<u8>, stream: u32, by: u32) {
    tx.extend_from_slice(&head(4, 8, 0, stream));
    tx.extend_from_slice(&by.to_be_bytes());
}

/// Takes the pad length and the padding off a payload; None when there is more padding than payload.
pub(super) fn unpad(head: Head, payload: &[u8]) -> Option<&[u8]> {
    if !head.has(PADDED) {
        return Some(payload);
    }
    let (&pad, rest) = payload.split_first()?;
    rest.get(..rest.len().checked_sub(usize::from(pad))?)
}

/// The number at the start of a payload whose length was checked.
pub(super) fn number(payload: &[u8]) -> Option<u32> {
    payload.first_chunk().copied().map(u32::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_reads_as_it_was_written_and_the_reserved_bit_is_ignored() {
        let bytes = head(0x01_02_03, 8, 0x25, 0x8000_0007);
        let read = Head::parse(&bytes).expect("whole");
        assert_eq!(
            (read.len, read.kind, read.flags, read.stream),
            (0x01_02_03, Kind::WindowUpdate, 0x25, 7)
        );
        assert_eq!(Head::parse(&bytes[..8]), None);
    }

    #[test]
    fn padding_may_fill_all_of_a_payload_and_no_more() {
        let padded = Head {
            len: 3,
            kind: Kind::Data,
            flags: PADDED,
            stream: 1,
        };
        assert_eq!(unpad(padded, &[2, 0, 0]), Some(&[][..]));
        assert_eq!(unpad(padded, &[1, 9, 0]), Some(&[9][..]));
        assert_eq!(unpad(padded, &[3, 0, 0]), None);
        assert_eq!(unpad(padded, &[]), None);
    }
}
