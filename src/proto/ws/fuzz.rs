//! The only place that says what has to hold for frames whatever a peer sends, and whatever a program writes.

use super::frame::{Event, Receiver, Rules};
use super::send::{Sender, apply};
use super::utf8::Utf8;
use super::{Kind, Violation};
use crate::proto::script::Script;
use crate::proto::split::Split;

/// A byte that says what, then of that: the bytes of a peer, or the writes of a program.
pub(crate) fn frames(data: &[u8]) {
    let mut script = Script(data);
    let how = script.byte().unwrap_or(0);
    let most = most(script.byte().unwrap_or(0));
    match how & 0x80 {
        0 => peer(rules(how), most, script.0),
        _ => program(most, script),
    }
}

/// The same however it is cut, and sound.
fn peer(rules: Rules, most: usize, data: &[u8]) {
    let [whole, others @ ..] = Split::all(data).map(|split| Heard::of(rules, most, data, split));
    whole.check(rules, most);
    for other in others {
        assert_eq!(other, whole, "the pieces decide what is heard");
    }
}

/// What was heard of some bytes.
#[derive(Debug, PartialEq)]
struct Heard {
    /// Each with its payload; where that stood is not compared.
    events: Vec<(Event, Vec<u8>)>,
    violation: Option<Violation>,
    is_idle: bool,
}

impl Heard {
    fn of(rules: Rules, most: usize, data: &[u8], mut split: Split) -> Self {
        let mut receiver = Receiver::new(rules);
        let mut events = Vec::new();
        // What arrived and was not eaten.
        let (mut from, mut to) = (0, 0);
        while to < data.len() {
            to += split.more(data.len() - to);
            loop {
                let rx = &data[from..to];
                let (eaten, event) = match receiver.handle_rx(rx, most) {
                    Ok(step) => step,
                    Err(violation) => {
                        let rest = receiver.handle_rx(rx, most);
                        assert_eq!(rest, Ok((rx.len(), None)), "nothing more is heard");
                        return Self {
                            events,
                            violation: Some(violation),
                            is_idle: false,
                        };
                    }
                };
                from += eaten;
                match event {
                    Some(event) => events.push(apart(event, rx, eaten)),
                    None => break,
                }
            }
            let waiting = to - from;
            let wanted = receiver.wanted(most);
            assert!(waiting == 0 || wanted > waiting, "it stands still");
        }
        Self {
            events,
            violation: None,
            is_idle: receiver.is_idle(),
        }
    }

    /// Messages begin and end where they have to, and no piece is larger than was asked for.
    fn check(&self, rules: Rules, most: usize) {
        let mut open = false;
        let mut text = Utf8::default();
        for (n, (event, payload)) in self.events.iter().enumerate() {
            let Event::Data {
                first,
                fin,
                binary,
                remaining,
                compressed,
                ..
            } = event
            else {
                assert!(payload.len() <= 125);
                let is_close = matches!(event, Event::Close { .. });
                assert!(!is_close || n + 1 == self.events.len());
                continue;
            };
            assert_eq!(*first, !open, "a message begins when none is open");
            assert!(payload.len() <= most.max(1) && (*remaining == 0 || !payload.is_empty()));
            assert!(rules.compression || !compressed);
            let ends = *fin && *remaining == 0;
            open = !ends;
            if rules.validate_utf8 && !binary && !compressed {
                assert!(text.push(payload).is_ok());
                assert!(!ends || text.is_whole());
            }
        }
        assert!(!self.is_idle || !open);
    }
}

/// The event as it is wherever its payload stood.
fn apart(mut event: Event, rx: &[u8], eaten: usize) -> (Event, Vec<u8>) {
    let (Event::Data { at, .. }
    | Event::Ping { at }
    | Event::Pong { at }
    | Event::Close { at, .. }) = &mut event;
    assert_eq!(at.end, eaten, "an event ends with its payload");
    let payload = rx[at.clone()].to_vec();
    *at = 0..payload.len();
    (event, payload)
}

/// Writes, a byte and a payload each: what may be sent is heard as it was written.
fn program(most: usize, mut script: Script<'_>) {
    let rules = Rules {
        compression: true,
        ..Rules::default()
    };
    let mut sender = Sender::default();
    let (mut wire, mut written) = (Vec::new(), Vec::new());
    while let Some(op) = script.byte() {
        let kind = Kind::of_opcode(op & 0x0f).unwrap_or(Kind::Binary);
        let fin = op & 0x80 != 0;
        let rsv1 = op & 0x40 != 0 && matches!(kind, Kind::Text | Kind::Binary);
        let times = if op & 0x20 == 0 { 1 } else { 300 };
        let payload = match kind {
            // What it may say is not the sender's business.
            Kind::Close => b"\x03\xe8".to_vec(),
            _ => script.text().repeat(times),
        };
        let mut out = b"before".to_vec();
        let mask = [op, 1, 2, 3];
        match sender.write(&mut out, kind, fin, rsv1, &payload, mask) {
            Ok(()) => {
                wire.extend(unmasked(out.split_off(6)));
                written.push((kind, fin, rsv1, payload));
            }
            Err(text) => assert!(text.starts_with("ws: ")),
        }
        assert_eq!(out, b"before");
    }
    let split = Split::all(&wire)[2];
    let heard = Heard::of(rules, most, &wire, split);
    assert_eq!(heard.violation, None);
    assert!(joined(&heard) == written);
}

/// Frames, of their pieces.
fn joined(heard: &Heard) -> Vec<(Kind, bool, bool, Vec<u8>)> {
    let mut frames = Vec::new();
    let mut so_far = None;
    for (event, payload) in &heard.events {
        let (kind, fin, rsv1, remaining) = match event {
            Event::Data {
                first,
                fin,
                binary,
                remaining,
                compressed,
                ..
            } => {
                let kind = match (first, binary) {
                    (false, _) => Kind::Continuation,
                    (true, false) => Kind::Text,
                    (true, true) => Kind::Binary,
                };
                (kind, *fin, *first && *compressed, *remaining)
            }
            Event::Ping { .. } => (Kind::Ping, true, false, 0),
            Event::Pong { .. } => (Kind::Pong, true, false, 0),
            Event::Close { .. } => (Kind::Close, true, false, 0),
        };
        let begun = so_far.take();
        let (kind, rsv1, mut whole) = begun.unwrap_or((kind, rsv1, Vec::new()));
        whole.extend_from_slice(payload);
        match remaining {
            0 => frames.push((kind, fin, rsv1, whole)),
            _ => so_far = Some((kind, rsv1, whole)),
        }
    }
    frames
}

/// What a server would have sent: the mask, and the bit that tells of it, taken away.
pub(super) fn unmasked(mut frame: Vec<u8>) -> Vec<u8> {
    let length = match frame[1] & 0x7f {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    frame[1] &= 0x7f;
    let mut payload = frame.split_off(2 + length + 4);
    let mask = frame.split_off(2 + length);
    apply(mask.try_into().expect("four bytes"), &mut payload);
    frame.extend(payload);
    frame
}

fn rules(bits: u8) -> Rules {
    Rules {
        validate_utf8: bits & 1 != 0,
        allow_reserved_bits: bits & 2 != 0,
        allow_unknown_opcode: bits & 4 != 0,
        compression: bits & 8 != 0,
    }
}

fn most(byte: u8) -> usize {
    match byte {
        255 => usize::MAX,
        byte => usize::from(byte).pow(2),
    }
}
