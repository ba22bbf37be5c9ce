//! The only place for stories of compressed messages: what peers send, what programs send, and what handshakes say.

mod deflate;
mod inflate;
mod params;
mod random;

use super::super::ws::Violation;
use super::{Agreed, Level, Next, PmDeflate};

/// Windows of 15 bits, and context takeover both ways.
const ALL: Agreed = Agreed {
    server_no_context_takeover: false,
    client_no_context_takeover: false,
    server_max_window_bits: 15,
    client_max_window_bits: 15,
};

/// Each message anew, both ways.
const ANEW: Agreed = Agreed {
    server_no_context_takeover: true,
    client_no_context_takeover: true,
    ..ALL
};

fn machine(agreed: Agreed) -> PmDeflate {
    PmDeflate::new(agreed, Level::FAST)
}

/// A whole message, that comes in these pieces, by so much room at a time.
fn message(
    machine: &mut PmDeflate,
    pieces: &[&[u8]],
    room: usize,
) -> Result<Vec<u8>, (Vec<u8>, Violation)> {
    let mut found = Vec::new();
    let mut out = vec![0; room];
    for (n, piece) in pieces.iter().enumerate() {
        let is_last = n + 1 == pieces.len();
        let mut rest = *piece;
        loop {
            let inflated = match machine.inflate(rest, is_last, &mut out) {
                Ok(inflated) => inflated,
                Err(violation) => return Err((found, violation)),
            };
            found.extend_from_slice(&out[..inflated.made]);
            rest = &rest[inflated.used..];
            match inflated.next {
                Next::Room => assert!(inflated.made > 0),
                Next::Piece => break assert!(rest.is_empty() && !is_last),
                Next::Message => break assert!(rest.is_empty() && is_last),
            }
        }
    }
    Ok(found)
}

/// In one piece, and with room enough.
fn whole(machine: &mut PmDeflate, payload: &[u8]) -> Option<Vec<u8>> {
    message(machine, &[payload], 100_000).ok()
}

/// The payload of one message.
fn sent(machine: &mut PmDeflate, data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    assert_eq!(machine.deflate(data, true, &mut out), Ok(()));
    out
}

/// What does not compress, the same every time.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..len).map(next).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    let digit = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(digit).collect()
}
