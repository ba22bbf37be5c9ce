//! Texts cut into elements.

use super::super::tokenize::{Elem, Need, Rules, Step, Tokenizer};
use super::*;

/// All elements, up to the end or the first error, each with its text.
fn elements(text: &[u8], rules: u16) -> Vec<(Elem, &[u8])> {
    let mut found = Vec::new();
    let (mut at, mut need) = (0, Need::FirstContent);
    loop {
        let rest = &text[at..];
        let mut machine = Tokenizer::new(Rules(rules), need);
        let mut fed = 0;
        let elem = loop {
            let Some(byte) = rest.get(fed) else {
                break machine.end();
            };
            fed += 1;
            match machine.feed(*byte) {
                Step::More => {}
                Step::Done(elem) => break elem,
                Step::DoneBefore(elem) => {
                    fed -= 1;
                    break elem;
                }
            }
        };
        at += fed;
        need = machine.need;
        found.push((elem, &rest[machine.start..machine.start + machine.len]));
        if elem as i8 <= 0 {
            return found;
        }
    }
}

fn said(text: &str, rules: u16) -> String {
    let elements = elements(text.as_bytes(), rules);
    let words = elements.iter().map(|(elem, text)| match *elem as i8 {
        ..=0 => format!("{}", *elem as i8),
        n => format!("{n}{}", String::from_utf8_lossy(text)),
    });
    words.collect::<Vec<_>>().join("|")
}

#[test]
fn a_line_is_cut_into_what_it_has() {
    assert_eq!(said("12 3.4 ab-c", 0), "312|43.4|2ab|1-|2c|0");
    assert_eq!(
        said("ab-c d.e/f", Rules::MINUS_NONTERM | Rules::DOT_NONTERM),
        "2ab-c|2d.e|1/|2f|0"
    );
    assert_eq!(said("x = \"q s\"", 0), "5x|7q s|0");
    assert_eq!(said("12.5 7", Rules::NO_INTEGERS), "212|1.|25|27|0");
    assert_eq!(said("12.5", Rules::NO_FLOATS), "312|1.|35|0");
    assert_eq!(said("a : b 2:c", Rules::AGG_COLON), "6a|2b|62|2c|0");
    assert_eq!(said("a # b\nc#d", Rules::HASH_COMMENT), "2a|2c|0");
    assert_eq!(
        said(
            "::1 a*b=c",
            Rules::COLON_NONTERM | Rules::ASTERISK_NONTERM | Rules::EQUALS_NONTERM
        ),
        "2::1|2a*b=c|0"
    );
    assert_eq!(
        said("text/html;q", Rules::RFC7230_DELIMS | Rules::SLASH_NONTERM),
        "2text/html|1;|2q|0"
    );
}

#[test]
fn characters_that_are_not_ascii_are_part_of_a_token() {
    assert_eq!(said("h\u{e4}llo \u{20ac}", 0), "2h\u{e4}llo|2\u{20ac}|0");
}

#[test]
fn a_list_has_one_comma_between_two() {
    assert_eq!(
        said("a, b,\"c\"", Rules::COMMA_SEP_LIST),
        "2a|1,|2b|1,|7c|0"
    );
    for (list, answer) in [
        (",a", "-1"),
        ("a b", "2a|-1"),
        ("a,", "2a|1,|-1"),
        ("a,,b", "2a|1,|-1"),
    ] {
        assert_eq!(said(list, Rules::COMMA_SEP_LIST), answer, "{list}");
    }
}

#[test]
fn what_is_malformed_has_a_number_of_its_own() {
    assert_eq!(said("\"abc", 0), "-4");
    assert_eq!(said("1.2.3", 0), "-3");
    assert_eq!(said("12=3", 0), "-2");
    for bytes in [
        &b"\xff"[..],
        b"a\xc3",
        b"\xc3a",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xc0\x80",
    ] {
        let last = elements(bytes, 0).last().map(|(elem, _)| *elem);
        assert_eq!(last, Some(Elem::BrokenUtf8), "{bytes:x?}");
    }
}

proptest! {
    #[test]
    fn whatever_comes_is_cut_within_the_text(
        text in proptest::collection::vec(prop_oneof![any::<u8>(), 0x20u8..0x7f, Just(b'"'), Just(b'.'), Just(b'1'), Just(b',')], 0..80),
        rules in 0u16..1 << 12,
    ) {
        let found = elements(&text, rules);
        prop_assert!(found.len() <= text.len() + 1);
    }

    #[test]
    fn utf8_is_what_rust_says_it_is(text in proptest::collection::vec(prop_oneof![0x80u8..=0xff, Just(b'a')], 0..12)) {
        let broken = elements(&text, 0).iter().any(|(elem, _)| *elem == Elem::BrokenUtf8);
        prop_assert_eq!(broken, std::str::from_utf8(&text).is_err());
    }
}
