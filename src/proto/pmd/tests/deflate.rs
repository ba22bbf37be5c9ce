//! The only place for stories of what programs send.

use super::super::fuzz::plain::{End, Plain};
use super::super::{Agreed, Level, PmDeflate};
use super::{ALL, ANEW, machine, noise, sent};

/// What a peer that keeps to its window makes of a message.
fn heard(peer: &mut Plain, payload: &[u8]) -> Vec<u8> {
    let (data, end) = peer.read(payload);
    assert_eq!(end, End::Whole);
    data
}

#[test]
fn a_message_is_read_by_another_reader_at_every_level() {
    let data = [&b"Hello, Hello, Hello".repeat(20)[..], &noise(3000)].concat();
    for level in 0..=9 {
        let mut m = PmDeflate::new(ALL, Level::new(level).unwrap());
        let mut peer = Plain::new(15, true, usize::MAX);
        for _ in 0..3 {
            assert!(heard(&mut peer, &sent(&mut m, &data)) == data, "{level}");
        }
    }
    assert_eq!(Level::new(10), None);
}

#[test]
fn with_context_takeover_the_second_is_shorter_and_without_it_is_the_same() {
    let data = noise(500);
    let mut m = machine(ALL);
    assert!(sent(&mut m, &data).len() > 500 && sent(&mut m, &data).len() < 50);
    let mut m = machine(ANEW);
    assert_eq!(sent(&mut m, &data), sent(&mut m, &data));
}

#[test]
fn an_empty_message_is_one_byte() {
    // RFC 7692 §7.2.3.6
    for agreed in [ALL, ANEW] {
        let mut m = machine(agreed);
        assert_eq!(sent(&mut m, b""), b"\x00");
        sent(&mut m, b"x");
        assert_eq!(sent(&mut m, b""), b"\x00");
    }
}

#[test]
fn every_frame_can_be_inflated_when_it_has_come() {
    let messages: [[&[u8]; 4]; 2] = [[b"Hello, ", b"", b"Hello", b""], [b"", b"He", b"llo", b"!"]];
    for message in messages {
        let mut m = machine(ALL);
        let mut payload = Vec::new();
        for (n, piece) in message.iter().enumerate() {
            let ends = n + 1 == message.len();
            assert_eq!(m.deflate(piece, ends, &mut payload), Ok(()));
            // As if it ended here.
            let so_far = [&payload[..], if ends { b"" } else { b"\x00" }].concat();
            let mut peer = Plain::new(15, true, usize::MAX);
            assert_eq!(heard(&mut peer, &so_far), message[..=n].concat());
        }
    }
}

#[test]
fn no_reference_leaves_the_window() {
    let once = noise(40_000);
    let data = [&once[..], &once[..300], &once[39_000..], &once[..20_000]].concat();
    for bits in 9..=15 {
        for level in [1, 6, 9] {
            let agreed = Agreed {
                client_max_window_bits: bits,
                ..ALL
            };
            let mut m = PmDeflate::new(agreed, Level::new(level).unwrap());
            let mut peer = Plain::new(bits, true, usize::MAX);
            let payload = sent(&mut m, &data);
            assert!(heard(&mut peer, &payload) == data, "{bits} {level}");
            let payload = sent(&mut m, &once[39_900..]);
            assert!(heard(&mut peer, &payload) == once[39_900..]);
        }
    }
}

#[test]
fn in_a_window_of_eight_bits_messages_go_as_they_are() {
    let mut m = machine(Agreed {
        client_max_window_bits: 8,
        ..ALL
    });
    assert!(!m.compresses() && machine(ALL).compresses());
    assert_eq!(sent(&mut m, b"Hello"), b"Hello");
    assert_eq!(sent(&mut m, b""), b"");
}

#[test]
fn what_is_forgotten_is_not_referred_to() {
    let data = noise(500);
    let mut m = machine(ALL);
    let mut peer = Plain::new(15, true, usize::MAX);
    // One that the peer never sees, whole or in part.
    sent(&mut m, &data);
    m.forget_sent();
    assert_eq!(heard(&mut peer, &sent(&mut m, &data)), data);
    let mut payload = Vec::new();
    assert_eq!(m.deflate(&data, false, &mut payload), Ok(()));
    m.forget_sent();
    assert_eq!(m.deflate(&data, true, &mut payload), Ok(()));
    assert_eq!(heard(&mut peer, &payload), data.repeat(2));
}

#[test]
fn what_was_there_before_stays() {
    let mut out = b"before".to_vec();
    let mut m = machine(ANEW);
    assert_eq!(m.deflate(b"Hello", true, &mut out), Ok(()));
    let alone = sent(&mut m, b"Hello");
    assert_eq!(out, [b"before", &alone[..]].concat());
}
