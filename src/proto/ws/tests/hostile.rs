//! The only place for frames that a peer may not send: what each costs it.

use super::super::frame::Rules;
use super::{STRICT, Story, served};

const COMPRESSING: Rules = Rules {
    compression: true,
    ..STRICT
};

const LENIENT: Rules = Rules {
    allow_reserved_bits: true,
    allow_unknown_opcode: true,
    ..STRICT
};

/// What it is, who hears it, the bytes, the code, and a word of the text.
type Row = (&'static str, Rules, &'static [u8], u16, &'static str);

const ROWS: [Row; 34] = [
    ("masked", STRICT, &[0x81, 0x85, 1, 2, 3, 4], 1002, "masked"),
    ("masked and empty", STRICT, &[0x81, 0x80], 1002, "masked"),
    ("a masked ping", STRICT, &[0x89, 0x80], 1002, "masked"),
    ("RSV1", STRICT, &[0xc1], 1002, "reserved"),
    ("RSV2", STRICT, &[0xa1], 1002, "reserved"),
    ("RSV3", STRICT, &[0x91], 1002, "reserved"),
    ("RSV1 on a ping", STRICT, &[0xc9], 1002, "reserved"),
    ("RSV2, compressing", COMPRESSING, &[0xa1], 1002, "reserved"),
    ("RSV1 and 3", COMPRESSING, &[0xd1], 1002, "reserved"),
    ("RSV1 on a ping", COMPRESSING, &[0xc9], 1002, "RSV1"),
    ("RSV1 on a close", COMPRESSING, &[0xc8], 1002, "RSV1"),
    ("RSV1 again", COMPRESSING, &[0x41, 0, 0xc0], 1002, "RSV1"),
    ("RSV1 late", COMPRESSING, &[0x01, 0, 0xc0], 1002, "RSV1"),
    ("data nobody knows", STRICT, &[0x83], 1002, "opcode"),
    ("0x7", STRICT, &[0x87], 1002, "opcode"),
    ("control nobody knows", STRICT, &[0x8b], 1002, "opcode"),
    ("0xf", STRICT, &[0x8f], 1002, "opcode"),
    ("a ping without FIN", STRICT, &[0x09], 1002, "fragments"),
    ("a pong without FIN", STRICT, &[0x0a], 1002, "fragments"),
    ("a close without FIN", STRICT, &[0x08], 1002, "fragments"),
    (
        "unknown control in two",
        LENIENT,
        &[0x0b],
        1002,
        "fragments",
    ),
    ("a ping of 126", STRICT, &[0x89, 126], 1002, "125"),
    ("a close of 64 bits", STRICT, &[0x88, 127], 1002, "125"),
    ("nothing to continue", STRICT, &[0x80], 1002, "no message"),
    ("one more", STRICT, &[0x81, 0, 0x80], 1002, "no message"),
    (
        "unknown, continued",
        LENIENT,
        &[3, 0, 0x80],
        1002,
        "no message",
    ),
    (
        "text in text",
        STRICT,
        &[1, 0, 0x81],
        1002,
        "before the last",
    ),
    (
        "binary in text",
        STRICT,
        &[1, 0, 2],
        1002,
        "before the last",
    ),
    (
        "16 bits for 125",
        STRICT,
        &[0x82, 126, 0, 125],
        1002,
        "longer form",
    ),
    (
        "16 bits for 0",
        LENIENT,
        &[0x83, 126, 0, 0],
        1002,
        "longer form",
    ),
    (
        "64 bits for 65535",
        STRICT,
        &[0x82, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff],
        1002,
        "longer form",
    ),
    (
        "2^63",
        STRICT,
        &[0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0],
        1002,
        "2^63",
    ),
    ("not text", STRICT, &[0x81, 1, 0xff], 1007, "not UTF-8"),
    ("half a character", STRICT, &[0x81, 1, 0xc3], 1007, "inside"),
];

#[test]
fn each_hostile_frame_ends_the_connection_at_its_last_byte_however_it_arrives() {
    for (what, rules, bytes, code, word) in ROWS {
        let slow = Story::slowly(rules, usize::MAX, bytes);
        let whole = Story::of(rules, &[bytes, &[0; 20]].concat());
        assert_eq!(
            (slow.code(), whole.code()),
            (Some(code), Some(code)),
            "{what}"
        );
        let (violation, _) = slow.fault.expect(what);
        assert!(violation.text.contains(word), "{what}: {}", violation.text);
        assert_eq!(slow.heard, whole.heard, "{what}");
        // A mask is known by the second byte: its four are not waited for.
        let last = if word == "masked" { 2 } else { bytes.len() };
        assert_eq!(slow.fault, Some((violation, last)), "{what}");
    }
}

#[test]
fn the_largest_length_is_no_violation_and_its_pieces_come() {
    let header = [0x82, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    let mut s = Story::new(STRICT, 4);
    s.peer_sends(&header);
    s.peer_sends(&[0; 9]);
    assert_eq!((s.fault, s.heard.len(), s.receiver.wanted(4)), (None, 2, 4));
    assert_eq!(s.receiver.wanted(usize::MAX), i64::MAX as usize - 8);
}

#[test]
fn after_a_violation_nothing_more_is_heard() {
    let mut s = Story::of(STRICT, &[0x83]);
    assert_eq!(s.receiver.handle_rx(b"\x81\x01a", 10), Ok((3, None)));
    s.fault = None;
    s.peer_sends(b"\x81\x01a\x83");
    assert_eq!((s.heard.len(), s.fault), (0, None));
}

#[test]
fn what_came_before_the_violation_is_heard() {
    let s = Story::of(STRICT, b"\x81\x01a\x82\x01b\x83\x01c");
    assert_eq!((s.heard.len(), s.code()), (2, Some(1002)));
}

#[test]
fn a_close_may_carry_the_codes_of_the_rfc_and_no_others() {
    let good = [1000..=1003, 1007..=1014, 3000..=4999];
    for code in 0..=u16::MAX {
        let s = Story::of(STRICT, &served(0x88, &code.to_be_bytes()));
        let is_good = good.iter().any(|codes| codes.contains(&code));
        let expected = if is_good { None } else { Some(1002) };
        assert_eq!(
            (s.code(), s.heard.len()),
            (expected, usize::from(is_good)),
            "{code}"
        );
    }
}

#[test]
fn a_close_of_one_byte_is_a_protocol_error_and_a_bad_reason_is_no_text() {
    assert_eq!(Story::of(STRICT, &[0x88, 1, 3]).code(), Some(1002));
    let lenient = Rules::default();
    for rules in [STRICT, lenient] {
        for reason in [&b"\xff"[..], b"abc\xc3", b"\xed\xa0\x80"] {
            let payload = [&[0x03, 0xe8], reason].concat();
            assert_eq!(Story::of(rules, &served(0x88, &payload)).code(), Some(1007));
        }
        // The code is looked at first.
        assert_eq!(Story::of(rules, b"\x88\x03\x00\x00\xff").code(), Some(1002));
    }
}
