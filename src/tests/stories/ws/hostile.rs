//! Stories of peers that break the rules: one ending, and the code that says which kind.

use crate::engine::call::Reason;
use crate::proto::ws::Rules;
use crate::tests::books::End;
use crate::tests::program::Asked;
use crate::tests::story::Story;
use crate::tests::ws_peer::{BINARY, CLOSE, ENDS, GOES_ON, PING, TEXT, TEXT_BEGINS, close, frame};

/// What a peer may not say, and the code that it hears.
fn bad() -> Vec<(&'static str, Vec<u8>, u16)> {
    let mut masked = frame(TEXT, b"abc");
    masked[1] |= 0x80;
    let of = |bytes: &[u8]| bytes.to_vec();
    vec![
        ("masked", masked, 1002),
        ("RSV1", frame(TEXT | 0x40, b"x"), 1002),
        ("RSV2", frame(BINARY | 0x20, b"x"), 1002),
        ("RSV3 of a ping", frame(PING | 0x10, b""), 1002),
        ("opcode 3", frame(0x83, b""), 1002),
        ("opcode 7", frame(0x87, b"x"), 1002),
        ("opcode 11", frame(0x8b, b""), 1002),
        ("opcode 15", frame(0x8f, b"x"), 1002),
        ("a ping in fragments", frame(PING & 0x7f, b"x"), 1002),
        ("a Close in fragments", frame(CLOSE & 0x7f, b""), 1002),
        ("a long ping", frame(PING, &[0; 126]), 1002),
        ("a long Close", frame(CLOSE, &[0; 65_536]), 1002),
        ("a continuation of nothing", frame(ENDS, b"x"), 1002),
        ("a fragment of nothing", frame(GOES_ON, b""), 1002),
        (
            "text within text",
            [frame(TEXT_BEGINS, b""), frame(TEXT, b"")].concat(),
            1002,
        ),
        ("16 bits for 125", of(&[TEXT, 126, 0, 125]), 1002),
        (
            "64 bits for 65535",
            of(&[TEXT, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff]),
            1002,
        ),
        ("2^63", of(&[TEXT, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]), 1002),
        (
            "2^64 - 1",
            of(&[BINARY, 127, 255, 255, 255, 255, 255, 255, 255, 255]),
            1002,
        ),
        ("half a code", frame(CLOSE, &[3]), 1002),
        ("code 0", frame(CLOSE, &close(0, "")), 1002),
        ("code 999", frame(CLOSE, &close(999, "")), 1002),
        ("code 1004", frame(CLOSE, &close(1004, "")), 1002),
        ("code 1005", frame(CLOSE, &close(1005, "")), 1002),
        ("code 1006", frame(CLOSE, &close(1006, "")), 1002),
        ("code 1015", frame(CLOSE, &close(1015, "")), 1002),
        ("code 2999", frame(CLOSE, &close(2999, "")), 1002),
        ("code 5000", frame(CLOSE, &close(5000, "")), 1002),
        (
            "a reason that is no text",
            frame(CLOSE, &[3, 232, 0xff]),
            1007,
        ),
    ]
}

/// Text that is not, under `VALIDATE_UTF8`.
fn bad_text() -> Vec<(&'static str, Vec<u8>)> {
    let cut = |text: &[&[u8]]| {
        let (last, first) = text.split_last().expect("some");
        let mut bytes = Vec::new();
        for (n, part) in first.iter().enumerate() {
            let begins = if n == 0 { TEXT_BEGINS } else { GOES_ON };
            bytes.extend(frame(begins, part));
        }
        bytes.extend(frame(ENDS, last));
        bytes
    };
    vec![
        ("no lead", frame(TEXT, &[0x80])),
        ("overlong", frame(TEXT, &[0xc0, 0xaf])),
        ("surrogate", frame(TEXT, &[0xed, 0xa0, 0x80])),
        ("above the last", frame(TEXT, &[0xf4, 0x90, 0x80, 0x80])),
        ("cut short", frame(TEXT, &[b'a', 0xe2, 0x82])),
        ("cut short by its last frame", cut(&[&[0xe2], &[0x82], b""])),
        ("broken over frames", cut(&[&[0xe2], &[0x28], b""])),
        (
            "broken in a late piece",
            frame(TEXT, b"0123456789abcdef\xff"),
        ),
    ]
}

fn strict() -> Rules {
    Rules {
        validate_utf8: true,
        ..Rules::default()
    }
}

/// One ending, and this Close before it.
fn is_broken_off(s: &mut Story, what: &str, code: u16) {
    let who = crate::tests::story::Req(0);
    assert_eq!(s.ends(), [(who, End::Closed)], "{what}");
    assert_eq!(s.frames(), [format!("close {code}")], "{what}");
    assert_eq!(s.count(who, Reason::WsPeerInitiatedClose), 0, "{what}");
    assert_eq!(s.closed, 1, "{what}");
}

#[test]
fn what_no_peer_may_say_ends_it_with_a_code() {
    for rules in [Rules::default(), strict()] {
        for (what, bytes, code) in bad() {
            for slowly in [false, true] {
                let mut s = Story::new();
                let a = s.opens(Asked::ws().rules(rules));
                s.sends(TEXT, b"fine");
                match slowly {
                    false => s.bytes(&[&bytes[..], &frame(TEXT, b"behind")].concat()),
                    true => {
                        for byte in bytes.iter().take(150) {
                            if s.end_of(a).is_none() {
                                s.bytes(&[*byte]);
                            }
                        }
                    }
                }
                is_broken_off(&mut s, what, code);
                let told = s.pieces(a);
                assert_eq!(told[0], "first last text fine");
                assert!(
                    told.len() <= 2 && !told.contains(&"behind".into()),
                    "{what}: {told:?}"
                );
            }
        }
    }
}

#[test]
fn what_no_peer_may_say_right_behind_its_agreement() {
    for (what, bytes, code) in bad() {
        let mut s = Story::new();
        s.ask(Asked::ws());
        s.run();
        s.agrees(&bytes);
        is_broken_off(&mut s, what, code);
    }
}

#[test]
fn a_peer_that_is_told_off_need_not_listen() {
    for (what, bytes, code) in bad() {
        let mut s = Story::new();
        let a = s.ws();
        s.peer().takes = 3;
        s.text(a, "unsent");
        s.bytes(&bytes);
        assert_eq!(s.end_of(a), None, "{what}");
        for _ in 0..20 {
            s.bytes(&[0xff; 100]);
        }
        s.peer().takes = usize::MAX;
        s.run();
        assert_eq!(
            s.frames(),
            ["text unsent".to_owned(), format!("close {code}")],
            "{what}"
        );
        assert_eq!(s.ends(), [(a, End::Closed)], "{what}");
    }
}

#[test]
fn a_peer_that_is_told_off_and_does_not_read_has_its_time() {
    let mut s = Story::new();
    let a = s.ws();
    s.peer().takes = 0;
    s.sends(0x83, b"");
    for _ in 0..4 {
        s.wait_secs(1);
        s.bytes(&[0; 1000]);
    }
    assert_eq!(s.end_of(a), None);
    s.wait_secs(1);
    assert_eq!(s.ends(), [(a, End::Closed)]);
}

#[test]
fn text_that_is_none_ends_it_when_it_is_looked_at() {
    for (what, bytes) in bad_text() {
        for slowly in [false, true] {
            let mut s = Story::new();
            let a = s.opens(Asked::ws().rules(strict()));
            match slowly {
                false => s.bytes(&bytes),
                true => {
                    for byte in &bytes {
                        if s.end_of(a).is_none() {
                            s.bytes(&[*byte]);
                        }
                    }
                }
            }
            is_broken_off(&mut s, what, 1007);
            let last = s.pieces(a).iter().any(|piece| piece.contains("last"));
            assert!(!last, "{what}: no message is whole");
        }
        let mut s = Story::new();
        let a = s.ws();
        s.bytes(&bytes);
        assert_eq!(s.end_of(a), None, "{what}: who does not look finds nothing");
        s.sends(BINARY, b"\xff");
        let mut s = Story::new();
        let b = s.opens(Asked::ws().rules(strict()));
        s.sends(BINARY, b"\xff\xfe");
        s.sends(TEXT, "\u{e9}\u{1f600} as well".as_bytes());
        assert_eq!(
            (s.end_of(b), s.pieces(b).len()),
            (None, 3),
            "binary is anything"
        );
    }
}

#[test]
fn what_the_program_allows_is_no_fault() {
    let rules = Rules {
        allow_reserved_bits: true,
        allow_unknown_opcode: true,
        ..Rules::default()
    };
    let mut s = Story::new();
    let a = s.opens(Asked::ws().rules(rules));
    s.sends(TEXT | 0x70, b"bits");
    s.sends(0x83, [7; 300]);
    s.sends(0x8f, b"control");
    s.sends(TEXT, b"next");
    assert_eq!(
        s.pieces(a),
        ["first last text bits", "first last text next"]
    );
    assert_eq!(s.end_of(a), None);
}

#[test]
fn a_program_that_said_close_is_not_called_about_what_the_peer_breaks() {
    for (what, bytes, _) in bad() {
        let mut s = Story::new();
        let a = s.ws();
        s.close_reason(a, 1000, "");
        s.says_no_in_writeable(a);
        s.bytes(&bytes);
        s.wait_secs(5);
        assert_eq!(s.ends(), [(a, End::Closed)], "{what}");
        assert_eq!(s.frames(), ["close 1000"], "{what}: one Close");
    }
}

#[test]
fn a_flood_of_pings_has_a_cap() {
    let mut s = Story::new();
    let a = s.ws();
    s.careful = false;
    s.peer().takes = 0;
    let flood: Vec<u8> = (0..1000).flat_map(|_| frame(PING, &[b'p'; 125])).collect();
    for _ in 0..20 {
        s.bytes(&flood);
    }
    let at = s.seat(a).expect("it is open");
    let held = |s: &Story| s.engine.conns.get(at).expect("its connection").tx.held();
    assert!(held(&s) < 64 * 1024, "{} are held", held(&s));
    // One that reads a little, so that something always waits.
    for _ in 0..500 {
        s.peer().takes = 131 * 100;
        s.bytes(&flood[..127 * 100]);
        s.listener().frames.clear();
    }
    assert!(held(&s) < 64 * 1024, "{} are held", held(&s));
    s.peer().takes = usize::MAX;
    s.sends(TEXT, b"alive");
    assert_eq!(s.pieces(a), ["first last text alive"]);
    s.listener().frames.clear();
    s.sends(PING, b"again");
    assert_eq!(s.frames(), ["pong again"]);
}

#[test]
fn a_frame_that_is_announced_takes_no_memory() {
    let mut s = Story::new();
    let a = s.ws();
    s.bytes(&[BINARY, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255]);
    for _ in 0..100 {
        s.bytes(&[0; 10_000]);
    }
    let pieces = &s.told[a.0].pieces;
    assert_eq!(pieces.len(), 100 * 10_000 / 8);
    let left = pieces[pieces.len() - 1]
        .shown
        .expect("of a message")
        .remaining;
    assert_eq!(left, (1 << 63) - 1 - 1_000_000);
}
