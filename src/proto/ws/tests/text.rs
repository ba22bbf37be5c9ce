//! The only place for stories of text: what is UTF-8, and how soon it is known that something is not.

use super::super::frame::Rules;
use super::super::utf8::Utf8;
use super::{STRICT, Story, data, served};

const GOOD: [&str; 12] = [
    "",
    "Hello-\u{b5}@\u{df}\u{f6}\u{e4}\u{fc}\u{e0}\u{e1}-UTF-8!!",
    "\u{3ba}\u{1f79}\u{3c3}\u{3bc}\u{3b5}",
    "\0",
    "\u{7f}\u{80}\u{7ff}\u{800}",
    "\u{ffff}\u{10000}",
    "\u{d7ff}\u{e000}\u{fffd}",
    "\u{10ffff}",
    "\u{fffe}\u{1fffe}\u{10fffe}",
    "\u{feff}",
    "\u{1f600}\u{1f600}",
    "a\u{300}",
];

/// Each with how many of its bytes are needed to know it.
const BAD: [(&[u8], usize); 24] = [
    // Continuation bytes that continue nothing.
    (b"\x80", 1),
    (b"\xbf", 1),
    (b"ok\x80\xbf", 3),
    // First bytes alone.
    (b"\xc2 ", 2),
    (b"\xe0 ", 2),
    (b"\xf0 ", 2),
    // Characters that lack their last byte.
    (b"\xe1\x80 ", 3),
    (b"\xf1\x80\x80 ", 4),
    // Bytes that are never there.
    (b"\xfe", 1),
    (b"\xff", 1),
    (b"\xf5\x80\x80\x80", 1),
    (b"\xf8\x88\x80\x80\x80", 1),
    // Overlong.
    (b"\xc0\xaf", 1),
    (b"\xc1\xbf", 1),
    (b"\xe0\x80\xaf", 2),
    (b"\xe0\x9f\xbf", 2),
    (b"\xf0\x80\x80\xaf", 2),
    (b"\xf0\x8f\xbf\xbf", 2),
    // Surrogates, alone and in pairs.
    (b"\xed\xa0\x80", 2),
    (b"\xed\xbf\xbf", 2),
    (b"\xed\xa0\x80\xed\xb0\x80", 2),
    // Above U+10FFFF.
    (b"\xf4\x90\x80\x80", 2),
    (b"\xf7\xbf\xbf\xbf", 1),
    // After a good word.
    (
        b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited",
        13,
    ),
];

#[test]
fn good_text_is_good_however_it_is_cut() {
    for text in GOOD {
        for cut in 0..=text.len() {
            let (a, b) = text.as_bytes().split_at(cut);
            let mut utf8 = Utf8::default();
            assert_eq!(utf8.push(a), Ok(()));
            assert_eq!(utf8.is_whole(), text.is_char_boundary(cut));
            assert_eq!((utf8.push(b), utf8.is_whole()), (Ok(()), true), "{text}");
        }
    }
}

#[test]
fn bad_text_is_known_by_the_first_byte_that_cannot_be() {
    for (text, known) in BAD {
        for cut in 0..=text.len() {
            let (a, b) = text.split_at(cut);
            let mut utf8 = Utf8::default();
            let first = utf8.push(a);
            assert_eq!(first.is_err(), cut >= known, "{text:x?} at {cut}");
            assert!(first.is_err() || utf8.push(b).is_err(), "{text:x?}");
        }
    }
}

#[test]
fn every_character_is_good_byte_by_byte() {
    for c in (0..=0x10_ffff).filter_map(char::from_u32) {
        let mut utf8 = Utf8::default();
        for byte in c.encode_utf8(&mut [0; 4]).bytes() {
            assert_eq!(utf8.push(&[byte]), Ok(()), "{c:?}");
        }
        assert!(utf8.is_whole());
    }
}

#[test]
fn a_message_of_bad_text_ends_as_early_as_can_be_whatever_its_frame_promised() {
    for (text, known) in BAD {
        // Far more was announced than ever comes.
        let bytes = [&[0x81, 126, 0x10, 0x00], text].concat();
        let s = Story::slowly(STRICT, usize::MAX, &bytes);
        let (violation, arrived) = s.fault.expect("bad text");
        assert_eq!((violation.code, arrived), (1007, 4 + known), "{text:x?}");
        assert_eq!(s.heard, []);
    }
}

#[test]
fn a_character_may_be_cut_by_frames_and_pieces_with_a_ping_between() {
    let s = Story::of(
        STRICT,
        b"\x01\x02\xf0\x9f\x89\x01\xff\x00\x00\x00\x01\x98\x80\x01\x80",
    );
    assert_eq!((s.fault, s.heard.len()), (None, 5));
    let s = Story::slowly(STRICT, 3, &served(0x81, "\u{1f600}\u{e4}".as_bytes()));
    assert_eq!((s.fault, s.heard.len()), (None, 2));
    let s = Story::of(STRICT, b"\x01\x02\xf0\x9f\x80\x01 ");
    assert_eq!((s.code(), s.heard.len()), (Some(1007), 1));
}

#[test]
fn a_text_ends_where_a_character_does() {
    for bytes in [
        &b"\x81\x02a\xe2"[..],
        b"\x01\x02a\xe2\x80\x00",
        b"\x01\x02\xf0\x9f\x80\x01\x98",
    ] {
        let s = Story::of(STRICT, bytes);
        assert_eq!(s.code(), Some(1007), "{bytes:x?}");
    }
    // And the next one begins anew.
    let s = Story::of(STRICT, b"\x81\x01a\x81\x01b");
    assert_eq!(
        s.heard,
        [data(b"a", true, true, false), data(b"b", true, true, false)]
    );
}

#[test]
fn good_pieces_before_the_bad_one_are_heard_however_they_arrive() {
    let bytes = served(0x81, b"aaaabbbb\xffccc");
    let mut whole = Story::new(STRICT, 4);
    whole.peer_sends(&bytes);
    let slow = Story::slowly(STRICT, 4, &bytes);
    assert_eq!((whole.heard.len(), whole.code()), (2, Some(1007)));
    assert_eq!(slow.heard, whole.heard);
}

#[test]
fn binary_and_unvalidated_text_are_anything() {
    assert_eq!(Story::of(STRICT, b"\x82\x01\xff").fault, None);
    assert_eq!(Story::of(STRICT, b"\x02\x01\xff\x80\x01\xc3").fault, None);
    assert_eq!(Story::of(Rules::default(), b"\x81\x01\xff").fault, None);
}
