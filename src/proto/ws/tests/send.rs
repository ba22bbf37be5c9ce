//! The only place for stories of what we send.

use super::super::send::{Sender, frame};
use super::super::{Kind, close};

const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

fn written(kind: Kind, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    assert!(frame(&mut out, kind, true, false, payload, MASK));
    out
}

#[test]
fn the_masked_examples_of_the_rfc_are_written() {
    // RFC 6455 §5.7
    let hello = [0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
    assert_eq!(
        written(Kind::Text, b"Hello"),
        [&[0x81, 0x85], &hello[..]].concat()
    );
    assert_eq!(
        written(Kind::Pong, b"Hello"),
        [&[0x8a, 0x85], &hello[..]].concat()
    );
}

#[test]
fn a_length_has_its_shortest_form() {
    for (len, header) in [
        (0, &[0x82, 0x80][..]),
        (125, &[0x82, 0xfd]),
        (126, &[0x82, 0xfe, 0, 126]),
        (65535, &[0x82, 0xfe, 0xff, 0xff]),
        (65536, &[0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0]),
    ] {
        let out = written(Kind::Binary, &vec![0; len]);
        let masked = MASK.iter().copied().cycle().take(len);
        let whole: Vec<u8> = header.iter().copied().chain(MASK).chain(masked).collect();
        assert!(out == whole, "{len}");
    }
}

#[test]
fn a_frame_is_appended_with_the_bits_it_is_given() {
    let mut out = b"before".to_vec();
    assert!(frame(
        &mut out,
        Kind::Continuation,
        false,
        false,
        b"",
        [0; 4]
    ));
    assert!(frame(&mut out, Kind::Text, false, true, b"", [0; 4]));
    assert_eq!(out, b"before\x00\x80\0\0\0\0\x41\x80\0\0\0\0");
}

/// What becomes of writing these one after the other.
fn sequence(writes: &[(Kind, bool)]) -> Vec<Result<(), &'static str>> {
    let mut sender = Sender::default();
    let mut out = Vec::new();
    let write = |(kind, fin): &(Kind, bool)| {
        let before = out.len();
        let done = sender.write(&mut out, *kind, *fin, false, b"x", MASK);
        assert_eq!(out.len() > before, done.is_ok());
        done
    };
    writes.iter().map(write).collect()
}

#[test]
fn a_message_goes_out_in_fragments_with_a_ping_between() {
    let done = sequence(&[
        (Kind::Text, false),
        (Kind::Ping, true),
        (Kind::Continuation, false),
        (Kind::Pong, true),
        (Kind::Continuation, true),
        (Kind::Binary, true),
        (Kind::Binary, false),
        (Kind::Continuation, true),
    ]);
    assert!(done.iter().all(Result::is_ok), "{done:?}");
}

#[test]
fn a_continuation_needs_a_message() {
    assert!(sequence(&[(Kind::Continuation, true)])[0].is_err());
    assert!(sequence(&[(Kind::Text, true), (Kind::Continuation, true)])[1].is_err());
}

#[test]
fn a_message_is_not_begun_within_another_which_goes_on_all_the_same() {
    for kind in [Kind::Text, Kind::Binary] {
        let done = sequence(&[
            (Kind::Text, false),
            (kind, true),
            (Kind::Continuation, true),
            (kind, true),
        ]);
        assert!(done[1].is_err() && done[2].is_ok() && done[3].is_ok());
    }
}

#[test]
fn control_frames_are_whole_and_short() {
    for kind in [Kind::Ping, Kind::Pong, Kind::Close] {
        assert!(sequence(&[(kind, false)])[0].is_err());
        let mut sender = Sender::default();
        let mut out = Vec::new();
        assert!(
            sender
                .write(&mut out, kind, true, false, &[0; 126], MASK)
                .is_err()
        );
        assert!(out.is_empty() && !sender.is_closed());
        assert!(
            sender
                .write(&mut out, kind, true, false, &[0; 125], MASK)
                .is_ok()
        );
        assert_eq!(sender.is_closed(), kind == Kind::Close);
    }
}

#[test]
fn nothing_goes_out_after_close() {
    for kind in [
        Kind::Text,
        Kind::Ping,
        Kind::Pong,
        Kind::Close,
        Kind::Continuation,
    ] {
        let done = sequence(&[(Kind::Text, false), (Kind::Close, true), (kind, true)]);
        assert_eq!(done[2], Err("ws: nothing may be sent after CLOSE"));
    }
}

#[test]
fn a_reason_that_is_too_long_is_cut_between_characters() {
    let mut out = Vec::new();
    assert!(close::payload(&mut out, 1000, &"\u{e4}".repeat(100)));
    let expected = [&[0x03, 0xe8], "\u{e4}".repeat(61).as_bytes()].concat();
    assert_eq!(out, expected);
    assert!(close::may_be_sent(1000) && !close::may_be_sent(1005));
}
