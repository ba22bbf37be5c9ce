//! Texts in texts, values in flat JSON, wildcards.

use super::super::find::{find, json_value, matches_wildcard};
use super::*;

#[test]
fn a_value_is_found_by_its_name() {
    let json = br#"{"a": "x\"y", "b":12 ,"c":[1],"d":  true}"#;
    let value = |name: &str| json_value(json, format!("\"{name}\":").as_bytes());
    assert_eq!(value("a"), Some(&br#"x\"y"#[..]));
    assert_eq!(value("b"), Some(&b"12 "[..]));
    assert_eq!(value("c"), Some(&b"[1"[..]));
    assert_eq!(value("d"), Some(&b"true"[..]));
    assert_eq!(value("e"), None);
    assert_eq!(json_value(b"\"a\":  ", b"\"a\":"), None);
    assert_eq!(json_value(b"\"a\":\"x\\", b"\"a\":"), Some(&b"x\\"[..]));
    assert_eq!(json_value(b"\"a\":\"", b"\"a\":"), Some(&b""[..]));
    assert_eq!(
        (find(b"abcab", b"ab"), find(b"ab", b"abc"), find(b"ab", b"")),
        (Some(0), None, None)
    );
}

#[test]
fn a_star_stands_for_any_characters_or_none() {
    for (pattern, text, matches) in [
        ("", "", true),
        ("", "a", false),
        ("*", "", true),
        ("a*", "a", true),
        ("a*b", "ab", true),
        ("a*b", "axxb", true),
        ("a*b", "axxbc", false),
        ("*b*d*", "abcd", true),
        ("a*b*c*d*e", "a-b-c-d-e", true),
        ("*ab", "aab", true),
        ("allied", "allie", false),
    ] {
        assert_eq!(
            matches_wildcard(pattern.as_bytes(), text.as_bytes()),
            matches,
            "{pattern} {text}"
        );
    }
}

/// What a star means, by its definition.
fn plainly(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|n| plainly(rest, &text[n..])),
        Some((byte, rest)) => text.first() == Some(byte) && plainly(rest, &text[1..]),
    }
}

proptest! {
    #[test]
    fn wildcards_match_as_they_are_defined(pattern in "[ab*]{0,7}", text in "[ab]{0,9}") {
        let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
        prop_assert_eq!(matches_wildcard(pattern, text), plainly(pattern, text));
    }

    #[test]
    fn any_text_may_be_looked_through(
        text in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'"'), Just(b'a'), Just(b':'), Just(b'\\')], 0..60),
    ) {
        if let Some(value) = json_value(&text, b"\"a\":") {
            prop_assert!(value.len() < text.len());
        }
    }
}
