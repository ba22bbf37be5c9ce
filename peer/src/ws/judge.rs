//! The only place that judges what the client's frames make together: messages, and its Close (RFC 6455 §5.4, §5.5, §7.4, §8.1).

use super::frame::{BAD_DATA, CLOSE, CONTINUATION, Fault, Frame, PING, TEXT};

/// What a frame was.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    Ping,
    Pong,
    Close(Close),
    /// Of a message that goes on; compressed or not.
    Part {
        zipped: bool,
    },
    /// It was the last frame of this message.
    Message(Message),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// `TEXT` or `BINARY`.
    pub(super) op: u8,
    /// RSV1 was set.
    pub(super) zipped: bool,
    pub(super) frames: usize,
    pub(super) payload: Vec<u8>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Close {
    pub(super) code: Option<u16>,
    pub(super) reason: String,
}

/// The message that is under way.
#[derive(Default)]
pub(super) struct Judge {
    message: Option<Message>,
}

impl Judge {
    pub(super) fn on_frame(&mut self, frame: &Frame) -> Result<Event, Fault> {
        match frame.op {
            CLOSE => Close::parse(&frame.payload).map(Event::Close),
            PING => Ok(Event::Ping),
            op if frame.is_control() || op > CLOSE => Ok(Event::Pong),
            _ => self.on_data(frame),
        }
    }

    /// Is it text that is under way, and that can be read?
    pub(super) fn in_text(&self) -> bool {
        let text = |m: &Message| m.op == TEXT && !m.zipped;
        self.message.as_ref().is_some_and(text)
    }

    fn on_data(&mut self, frame: &Frame) -> Result<Event, Fault> {
        let mut message = match (self.message.take(), frame.op) {
            (None, CONTINUATION) => return Err(Fault::protocol("a continuation of nothing")),
            (Some(message), CONTINUATION) => message,
            (Some(_), _) => return Err(Fault::protocol("a message inside a message")),
            (None, op) => Message {
                op,
                zipped: frame.rsv & 4 != 0,
                frames: 0,
                payload: Vec::new(),
            },
        };
        message.frames += 1;
        message.payload.extend_from_slice(&frame.payload);
        if frame.fin {
            return Ok(Event::Message(message));
        }
        let zipped = message.zipped;
        self.message = Some(message);
        Ok(Event::Part { zipped })
    }
}

impl Message {
    /// Once it is inflated.
    pub(super) fn check(&self) -> Result<(), Fault> {
        match self.op {
            TEXT if std::str::from_utf8(&self.payload).is_err() => {
                Err(Fault::new(BAD_DATA, "text that is not UTF-8"))
            }
            _ => Ok(()),
        }
    }
}

impl Close {
    fn parse(payload: &[u8]) -> Result<Self, Fault> {
        let Some((code, reason)) = payload.split_first_chunk() else {
            return match payload {
                [] => Ok(Self {
                    code: None,
                    reason: String::new(),
                }),
                _ => Err(Fault::protocol("a Close of one byte")),
            };
        };
        let code = u16::from_be_bytes(*code);
        if !is_sendable(code) {
            return Err(Fault::protocol(format!("a Close with code {code}")));
        }
        let reason = String::from_utf8(reason.to_vec())
            .map_err(|_| Fault::new(BAD_DATA, "a Close whose reason is not UTF-8"))?;
        let code = Some(code);
        Ok(Self { code, reason })
    }

    /// For the control line.
    pub(super) fn told(&self) -> String {
        let code = self.code.map_or_else(|| "none".into(), |c| c.to_string());
        match self.reason.as_str() {
            "" => code,
            reason => format!("{code} {}", reason.escape_debug()),
        }
    }
}

/// §7.4: those that the RFC and IANA's list allow on the wire, and those of libraries and applications.
fn is_sendable(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::frame::BINARY;

    fn frame(fin: bool, op: u8, payload: &[u8]) -> Frame {
        let payload = payload.to_vec();
        Frame {
            fin,
            rsv: 0,
            op,
            payload,
        }
    }

    fn close(payload: &[u8]) -> Result<String, String> {
        let close = Close::parse(payload);
        close.map(|c| c.told()).map_err(|f| f.text)
    }

    #[test]
    fn a_message_is_its_frames_with_control_frames_between() {
        let mut j = Judge::default();
        let part = Event::Part { zipped: false };
        assert_eq!(j.on_frame(&frame(false, TEXT, b"\xc3")), Ok(part));
        assert!(j.in_text());
        assert_eq!(j.on_frame(&frame(true, PING, b"x")), Ok(Event::Ping));
        let Ok(Event::Message(m)) = j.on_frame(&frame(true, 0, b"\xa4")) else {
            panic!("no message");
        };
        assert_eq!((m.op, m.frames, &*m.payload), (TEXT, 2, &b"\xc3\xa4"[..]));
        assert_eq!(m.check(), Ok(()));
        assert!(!j.in_text());
    }

    #[test]
    fn fragments_out_of_order_are_faults() {
        let mut j = Judge::default();
        assert!(j.on_frame(&frame(true, CONTINUATION, b"")).is_err());
        assert!(j.on_frame(&frame(false, BINARY, b"")).is_ok());
        assert!(j.on_frame(&frame(false, BINARY, b"")).is_err());
    }

    #[test]
    fn text_must_be_utf_8_and_binary_need_not() {
        for (op, fault) in [(TEXT, true), (BINARY, false)] {
            let event = Judge::default().on_frame(&frame(true, op, b"\xc3"));
            let Ok(Event::Message(m)) = event else {
                panic!("no message");
            };
            assert_eq!(m.check().is_err(), fault);
        }
    }

    #[test]
    fn a_close_has_a_code_that_may_be_sent_or_none() {
        assert_eq!(close(b""), Ok("none".into()));
        assert_eq!(close(b"\x03\xe8"), Ok("1000".into()));
        assert_eq!(close(b"\x0f\xa0bye now"), Ok("4000 bye now".into()));
        assert_eq!(close(b"\x03"), Err("a Close of one byte".into()));
        for code in [0, 999, 1004, 1005, 1006, 1015, 2999, 5000] {
            let told = Err(format!("a Close with code {code}"));
            assert_eq!(close(&u16::to_be_bytes(code)), told);
        }
        assert!(close(b"\x03\xe8\xff").is_err());
    }
}
