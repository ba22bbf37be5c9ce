//! The only place that writes frames: masked, as a client has to, and in an order that a peer can follow.

use super::{CONTROL_MOST, FIN, Kind, LENGTH_16, LENGTH_64, MASKED, RSV1};

/// Our half of a connection.
///
/// ```text
///   Between <--TEXT, BINARY without FIN / CONTINUATION with FIN--> Within
///      `------------------------- CLOSE ---------------------------' -> Closed
/// ```
#[derive(Debug, Default)]
pub(crate) struct Sender {
    state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// No message has begun that has not ended.
    #[default]
    Between,
    Within,
    Closed,
}

impl Sender {
    /// Appends what a program writes to `out`; when it may not be sent, or memory is short, nothing changes.
    pub(crate) fn write(
        &mut self,
        out: &mut Vec<u8>,
        kind: Kind,
        fin: bool,
        rsv1: bool,
        payload: &[u8],
        mask: [u8; 4],
    ) -> Result<(), &'static str> {
        let next = self.after(kind, fin, payload.len())?;
        if !frame(out, kind, fin, rsv1, payload, mask) {
            return Err("ws: out of memory for a frame");
        }
        self.state = next;
        Ok(())
    }

    /// Whether a frame of this kind may be next.
    pub(crate) fn check(&self, kind: Kind, fin: bool, len: usize) -> Result<(), &'static str> {
        self.after(kind, fin, len).map(|_| ())
    }

    /// Our Close was written: nothing may follow.
    pub(crate) fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    fn after(&self, kind: Kind, fin: bool, len: usize) -> Result<State, &'static str> {
        let then = if fin { State::Between } else { State::Within };
        match (self.state, kind) {
            // RFC 6455 §5.5.1
            (State::Closed, _) => Err("ws: nothing may be sent after CLOSE"),
            (_, control) if control.is_control() => self.after_control(control, fin, len),
            // RFC 6455 §5.4
            (State::Between, Kind::Continuation) => Err("ws: CONTINUATION without a message open"),
            (State::Within, Kind::Text | Kind::Binary) => {
                Err("ws: TEXT or BINARY while a message is open: it goes on with CONTINUATION")
            }
            _ => Ok(then),
        }
    }

    /// RFC 6455 §5.5
    fn after_control(&self, kind: Kind, fin: bool, len: usize) -> Result<State, &'static str> {
        if !fin {
            return Err("ws: PING, PONG and CLOSE cannot be fragmented");
        }
        if len > CONTROL_MOST {
            return Err("ws: PING, PONG and CLOSE have at most 125 bytes");
        }
        Ok(match kind {
            Kind::Close => State::Closed,
            _ => self.state,
        })
    }
}

/// Appends one frame to `out`, with the shortest form of its length; false, and nothing appended, when memory is short.
///
/// RFC 6455 §5.3: `mask` is new for each frame, and not to be guessed.
pub(crate) fn frame(
    out: &mut Vec<u8>,
    kind: Kind,
    fin: bool,
    rsv1: bool,
    payload: &[u8],
    mask: [u8; 4],
) -> bool {
    if out
        .try_reserve(payload.len().saturating_add(HEADER_MOST))
        .is_err()
    {
        return false;
    }
    let fin = if fin { FIN } else { 0 };
    let rsv1 = if rsv1 { RSV1 } else { 0 };
    out.push(fin | rsv1 | kind.opcode());
    length(out, payload.len());
    out.extend_from_slice(&mask);
    let start = out.len();
    out.extend_from_slice(payload);
    apply(mask, out.get_mut(start..).unwrap_or_default());
    true
}

/// RFC 6455 §5.2
fn length(out: &mut Vec<u8>, len: usize) {
    match (u8::try_from(len), u16::try_from(len)) {
        (Ok(short), _) if short < LENGTH_16 => out.push(MASKED | short),
        (_, Ok(len)) => {
            out.push(MASKED | LENGTH_16);
            out.extend_from_slice(&len.to_be_bytes());
        }
        _ => {
            out.push(MASKED | LENGTH_64);
            out.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
}

/// RFC 6455 §5.3; done twice it undoes itself.
pub(super) fn apply(mask: [u8; 4], payload: &mut [u8]) {
    let [a, b, c, d] = mask;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (eights, rest) = payload.as_chunks_mut::<8>();
    for eight in eights {
        *eight = (u64::from_ne_bytes(*eight) ^ wide).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
}

/// Two bytes, 64 bits of length, the mask.
const HEADER_MOST: usize = 14;
