//! The only place for the peer of WebSockets that stories script: it reads what a client sends, and objects to what RFC 6455
//! does not allow. It shares nothing with `proto/ws`.

use std::fmt;

/// First bytes of whole messages, and of control frames.
pub(crate) const TEXT: u8 = 0x81;
pub(crate) const BINARY: u8 = 0x82;
pub(crate) const CLOSE: u8 = 0x88;
pub(crate) const PING: u8 = 0x89;
pub(crate) const PONG: u8 = 0x8a;
/// A message begins, and goes on with CONTINUATION.
pub(crate) const TEXT_BEGINS: u8 = 0x01;
pub(crate) const BINARY_BEGINS: u8 = 0x02;
/// It goes on, and is not over.
pub(crate) const GOES_ON: u8 = 0x00;
/// Its last frame.
pub(crate) const ENDS: u8 = 0x80;

/// A server's frame.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let len = payload.len();
    let mut frame = vec![first];
    if len < 126 {
        frame.push(len as u8);
    } else if len < 0x1_0000 {
        frame.push(126);
        frame.extend((len as u16).to_be_bytes());
    } else {
        frame.push(127);
        frame.extend((len as u64).to_be_bytes());
    }
    frame.extend(payload);
    frame
}

/// The payload of a Close.
pub(crate) fn close(code: u16, reason: &str) -> Vec<u8> {
    [&code.to_be_bytes(), reason.as_bytes()].concat()
}

/// The Sec-WebSocket-Accept for a key: RFC 6455 section 4.2.2.
pub(crate) fn accept(key: &str) -> String {
    let with_guid = [key, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"].concat();
    openssl::base64::encode_block(&openssl::sha::sha1(with_guid.as_bytes()))
}

/// What a client sent, unmasked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) fin: bool,
    pub(crate) opcode: u8,
    pub(crate) payload: Vec<u8>,
}

impl fmt::Display for Frame {
    /// `text hello`, `text- begins`, `more- goes on`, `more ends`, `ping`, `close 1001 away`.
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.opcode {
            0 => "more",
            1 => "text",
            2 => "binary",
            8 => "close",
            9 => "ping",
            10 => "pong",
            _ => "unknown",
        };
        let dash = if self.fin { "" } else { "-" };
        let payload = match (self.opcode, self.payload.as_slice()) {
            (8, [high, low, reason @ ..]) => {
                let code = u16::from_be_bytes([*high, *low]);
                format!("{code} {}", String::from_utf8_lossy(reason))
            }
            (_, payload) => String::from_utf8_lossy(payload).into_owned(),
        };
        let whole = format!("{name}{dash} {payload}");
        to.write_str(whole.trim_end())
    }
}

/// The server's ear.
#[derive(Debug, Default)]
pub(crate) struct Listener {
    /// The request's, when it is there whole.
    pub(crate) head: Option<String>,
    /// The server has said that it agrees.
    pub(crate) agreed: bool,
    /// What came and was not asked for yet.
    pub(crate) frames: Vec<Frame>,
    /// What the client may not do.
    pub(crate) violations: Vec<&'static str>,
    rx: Vec<u8>,
    /// A message has begun that has not ended.
    within: bool,
    /// The client's Close came.
    closed: bool,
}

impl Listener {
    pub(crate) fn took(&mut self, bytes: &[u8]) {
        self.rx.extend_from_slice(bytes);
        if self.head.is_none() {
            let end = self.rx.windows(4).position(|four| four == b"\r\n\r\n");
            let Some(end) = end else { return };
            let head: Vec<u8> = self.rx.drain(..end + 4).collect();
            self.head = Some(String::from_utf8(head).expect("a head is text"));
        }
        if !self.agreed && !self.rx.is_empty() {
            self.violations.push("bytes before the server agreed");
        }
        while let Some((frame, len)) = self.first_frame() {
            self.rx.drain(..len);
            self.check(&frame);
            self.frames.push(frame);
        }
    }

    /// A field of the request.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let lines = self.head.as_ref()?.split("\r\n");
        let mut fields = lines.filter_map(|line| line.split_once(": "));
        let found = fields.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    }

    /// A frame that is there whole, and how long it is.
    fn first_frame(&mut self) -> Option<(Frame, usize)> {
        let (first, second) = (*self.rx.first()?, *self.rx.get(1)?);
        let extended = match second & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let bytes = self.rx.get(2..2 + extended)?;
        let long = bytes
            .iter()
            .fold(0, |so_far, byte| so_far << 8 | usize::from(*byte));
        let len = if extended == 0 {
            usize::from(second & 0x7f)
        } else {
            long
        };
        let mask = self.rx.get(2 + extended..6 + extended)?.to_vec();
        let start = 6 + extended;
        let mut payload = self.rx.get(start..start + len)?.to_vec();
        for (byte, mask) in payload.iter_mut().zip(mask.iter().cycle()) {
            *byte ^= mask;
        }
        let least = [0, 126, 0x1_0000][extended.div_ceil(4)];
        self.hold(second & 0x80 != 0, "a frame without a mask");
        self.hold(first & 0x70 == 0, "reserved bits");
        self.hold(len >= least, "a length in a longer form than it needs");
        let frame = Frame {
            fin: first & 0x80 != 0,
            opcode: first & 0x0f,
            payload,
        };
        Some((frame, start + len))
    }

    fn check(&mut self, frame: &Frame) {
        self.hold(!self.closed, "a frame behind Close");
        match frame.opcode {
            0 => self.hold(self.within, "a continuation of nothing"),
            1 | 2 => self.hold(!self.within, "a message within a message"),
            8..=10 => {
                self.hold(frame.fin, "a control frame in fragments");
                self.hold(frame.payload.len() <= 125, "a long control frame");
            }
            _ => self.hold(false, "an unknown opcode"),
        }
        match frame.opcode {
            8 => {
                self.closed = true;
                self.hold(frame.payload.len() != 1, "half a code");
            }
            0..=2 => self.within = !frame.fin,
            _ => {}
        }
    }

    fn hold(&mut self, holds: bool, what: &'static str) {
        if !holds {
            self.violations.push(what);
        }
    }
}
