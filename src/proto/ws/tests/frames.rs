//! The only place for stories of frames that a peer may send.

use super::super::frame::{Event, Receiver, Rules};
use super::{Heard, STRICT, Story, data, served};

#[test]
fn the_unmasked_examples_of_the_rfc_are_heard() {
    // RFC 6455 §5.7
    let s = Story::of(STRICT, &[0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]);
    assert_eq!(s.heard, [data(b"Hello", true, true, false)]);

    let s = Story::of(
        STRICT,
        &[0x01, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f],
    );
    assert_eq!(
        s.heard,
        [
            data(b"Hel", true, false, false),
            data(b"lo", false, true, false)
        ]
    );

    let s = Story::of(STRICT, b"\x89\x05Hello");
    assert_eq!(s.heard, [Heard::Ping(b"Hello".to_vec())]);

    for len in [256, 65536] {
        let payload = vec![7; len];
        let s = Story::of(STRICT, &served(0x82, &payload));
        assert_eq!(s.heard, [data(&payload, true, true, true)]);
    }
}

#[test]
fn each_form_of_length_is_read_at_both_its_ends() {
    for len in [0, 1, 125, 126, 127, 65535, 65536, 65537] {
        let payload = vec![b'x'; len];
        let s = Story::of(STRICT, &served(0x81, &payload));
        assert_eq!(s.heard, [data(&payload, true, true, false)], "{len}");
        assert!(s.receiver.is_idle());
    }
}

#[test]
fn a_long_frame_comes_in_equal_pieces_and_a_rest() {
    let mut s = Story::new(STRICT, 4);
    s.peer_sends(b"\x82\x0aabc");
    assert_eq!((s.heard.len(), s.receiver.wanted(4)), (0, 4));
    s.peer_sends(b"defghij");
    let piece = |payload: &[u8], first, remaining| Heard::Data {
        payload: payload.to_vec(),
        first,
        fin: true,
        binary: true,
        remaining,
        compressed: false,
    };
    assert_eq!(
        s.heard,
        [
            piece(b"abcd", true, 6),
            piece(b"efgh", false, 2),
            piece(b"ij", false, 0)
        ]
    );
}

#[test]
fn what_is_wanted_is_the_payload_that_has_to_stand_in_one_piece() {
    let mut s = Story::new(STRICT, 1000);
    assert_eq!(s.receiver.wanted(1000), 0);
    s.peer_sends(&[0x82, 126]);
    assert_eq!(s.receiver.wanted(1000), 0);
    s.peer_sends(&[0x05, 0xdc]);
    assert_eq!(s.receiver.wanted(1000), 1000);
    s.peer_sends(&[0; 1000]);
    assert_eq!(s.receiver.wanted(1000), 500);
    s.peer_sends(&[0; 500]);
    assert_eq!(s.receiver.wanted(1000), 0);
    // A control frame comes whole, whatever the pieces of data are.
    s.peer_sends(&[0x89, 100]);
    assert_eq!(s.receiver.wanted(10), 100);
}

#[test]
fn pieces_of_no_bytes_are_pieces_of_one() {
    let s = Story::slowly(STRICT, 0, b"\x81\x02ab");
    assert_eq!(s.heard.len(), 2);
}

#[test]
fn smaller_pieces_may_be_asked_for_within_a_frame() {
    let mut receiver = Receiver::new(STRICT);
    // When pieces shrink, seven are known to be text, the last of them inside a character.
    let rx = b"abcde\xe2\x82\xac";
    assert_eq!(receiver.handle_rx(&[0x81, 8], 8), Ok((2, None)));
    assert_eq!(receiver.handle_rx(&rx[..7], 8), Ok((0, None)));
    let mut at = 0;
    while at < rx.len() {
        let (eaten, event) = receiver.handle_rx(&rx[at..], 3).expect("text");
        assert!(matches!(event, Some(Event::Data { first, .. }) if first == (at == 0)));
        at += eaten;
    }
    assert!(receiver.is_idle());
}

#[test]
fn an_empty_frame_is_an_event() {
    let s = Story::of(STRICT, &[0x01, 0, 0x00, 0, 0x80, 0, 0x89, 0, 0x8a, 0]);
    assert_eq!(
        s.heard,
        [
            data(b"", true, false, false),
            data(b"", false, false, false),
            data(b"", false, true, false),
            Heard::Ping(vec![]),
            Heard::Pong(vec![]),
        ]
    );
}

#[test]
fn a_ping_comes_between_the_fragments_of_a_message() {
    let s = Story::of(STRICT, b"\x01\x01a\x89\x01p\x8a\x01q\x80\x01b");
    assert_eq!(
        s.heard,
        [
            data(b"a", true, false, false),
            Heard::Ping(b"p".to_vec()),
            Heard::Pong(b"q".to_vec()),
            data(b"b", false, true, false),
        ]
    );
}

#[test]
fn a_close_has_a_code_and_a_reason_or_nothing_and_is_the_last_event() {
    let s = Story::of(STRICT, b"\x88\x05\x03\xe8bye\x81\x01a\xff\xff\xff");
    assert_eq!(s.heard, [Heard::Close(Some(1000), b"\x03\xe8bye".to_vec())]);
    assert_eq!(s.fault, None, "nothing is read behind it");
    let s = Story::of(STRICT, &[0x88, 0, 0x88, 0]);
    assert_eq!(s.heard, [Heard::Close(None, vec![])]);
}

#[test]
fn a_close_within_a_message_is_heard() {
    let s = Story::of(STRICT, b"\x01\x01a\x88\x00");
    assert_eq!(s.heard[1], Heard::Close(None, vec![]));
}

#[test]
fn reserved_bits_mean_nothing_where_they_are_allowed() {
    let rules = Rules {
        allow_reserved_bits: true,
        ..STRICT
    };
    let s = Story::of(rules, b"\x71\x01a\xf0\x01b\xf9\x00");
    assert_eq!(
        s.heard,
        [
            data(b"a", true, false, false),
            data(b"b", false, true, false),
            Heard::Ping(vec![])
        ]
    );
}

#[test]
fn unknown_frames_are_skipped_where_they_are_allowed_even_within_a_message() {
    let rules = Rules {
        allow_unknown_opcode: true,
        ..STRICT
    };
    let long = served(0x83, &[0xff; 70000]);
    let bytes = [
        &b"\x01\x01a\x8b\x03xyz\x87\x00\x07\x00"[..],
        &long,
        b"\x80\x01b",
    ]
    .concat();
    let s = Story::of(rules, &bytes);
    assert_eq!(
        s.heard,
        [
            data(b"a", true, false, false),
            data(b"b", false, true, false)
        ]
    );
}

#[test]
fn a_skipped_frame_needs_no_buffer() {
    let rules = Rules {
        allow_unknown_opcode: true,
        ..STRICT
    };
    let mut receiver = Receiver::new(rules);
    assert_eq!(receiver.handle_rx(b"\x83\x05abc", 100), Ok((5, None)));
    assert_eq!(receiver.wanted(100), 0);
    assert_eq!(receiver.handle_rx(b"de", 100), Ok((2, None)));
    assert!(receiver.is_idle());
}

#[test]
fn all_of_a_compressed_message_is_said_to_be_and_is_not_looked_at() {
    let rules = Rules {
        compression: true,
        ..STRICT
    };
    // Compressed: no text yet. The next message is not compressed.
    let s = Story::of(rules, b"\x41\x01\xff\x80\x01\xfe\x81\x01a");
    let piece = |payload: &[u8], first, fin, compressed| Heard::Data {
        payload: payload.to_vec(),
        first,
        fin,
        binary: false,
        remaining: 0,
        compressed,
    };
    assert_eq!(
        s.heard,
        [
            piece(b"\xff", true, false, true),
            piece(b"\xfe", false, true, true),
            piece(b"a", true, true, false),
        ]
    );
}

#[test]
fn every_split_of_a_long_conversation_gives_the_same_events() {
    let mut bytes =
        b"\x81\x05Hello\x01\x00\x00\x02\xe2\x82\x89\x02pi\x80\x03\xac!!\x8a\x00".to_vec();
    bytes.extend(served(0x82, &[9; 130]));
    bytes.extend(served(
        0x81,
        "gr\u{fc}\u{df}e \u{1f600}".repeat(12).as_bytes(),
    ));
    bytes.extend(b"\x88\x06\x03\xe9away\x81\x02no");
    for most in [1, 7, 64, usize::MAX] {
        let mut whole = Story::new(STRICT, most);
        whole.peer_sends(&bytes);
        assert!(whole.fault.is_none() && whole.heard.len() >= 8);
        let slow = Story::slowly(STRICT, most, &bytes);
        assert_eq!(slow.heard, whole.heard, "byte by byte");
        for cut in 0..bytes.len() {
            let mut s = Story::new(STRICT, most);
            s.peer_sends(&bytes[..cut]);
            s.peer_sends(&bytes[cut..]);
            assert_eq!(s.heard, whole.heard, "cut at {cut}");
        }
    }
}

#[test]
fn an_idle_receiver_is_small() {
    assert!(size_of::<Receiver>() <= 64, "{}", size_of::<Receiver>());
}
