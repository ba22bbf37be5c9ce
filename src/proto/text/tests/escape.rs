//! Escapes, hex digits, variable byte integers and units.

use super::super::escape::{Escaped, file_name, from_url, json, json_len, sql, sql_len, url};
use super::super::{hex, humanize, vbi};
use super::*;

fn text(escaped: Option<Escaped>) -> (String, usize) {
    let escaped = escaped.expect("there is room");
    let text = String::from_utf8(escaped.text).expect("ASCII");
    (text, escaped.used)
}

#[test]
fn each_format_has_its_escapes() {
    let source = b"a b'\xc3\xa4\t\"\\/".as_slice();
    assert_eq!(text(url(source, 99)).0, "a+b%27%C3%A4%09%22%5C%2F");
    assert_eq!(text(json(source, 99)).0, r#"a b'\u00C3\u00A4\t\u0022\\/"#);
    assert_eq!(text(sql(b"it's ''", 99)).0, "it''s ''''");
    assert_eq!((sql_len(b"it's"), json_len(b"a\t\x01\\")), (5, 15));
    let mut name = *b"../a:b\\c$d%e....x.";
    file_name(&mut name);
    assert_eq!(&name, b"__/a_b_c_d_e____x.");
}

#[test]
fn what_does_not_fit_is_left_out_whole() {
    assert_eq!(text(url(b"ab/c", 8)), ("ab%2F".into(), 3));
    assert_eq!(text(url(b"ab/c", 5)), ("ab".into(), 2));
    assert_eq!(text(sql(b"a'b", 4)), ("a''".into(), 2));
    assert_eq!(text(sql(b"a'b", 3)), ("a".into(), 1));
    assert_eq!(text(json(b"\t\t\t\t", 9)), ("\\t\\t".into(), 2));
    assert_eq!(url(b"a", 0), None);
    assert_eq!(text(url(b"a", 1)), (String::new(), 0));
}

#[test]
fn a_url_is_read_back() {
    assert_eq!(from_url(b"a%20b+c%4", 99), Ok(b"a b c".to_vec()));
    assert_eq!(from_url(b"a%20b+c%", 3), Ok(b"a b".to_vec()));
    for bad in ["%zz", "a%2", "%2g", "%z"] {
        let cut_off = bad == "a%2";
        assert_eq!(from_url(bad.as_bytes(), 99).is_ok(), cut_off, "{bad}");
    }
}

#[test]
fn hex_digits_come_in_pairs() {
    let mut out = [7; 3];
    assert_eq!(hex::decode(b"0aFf", &mut out), Ok(2));
    assert_eq!(out, [0x0a, 0xff, 7]);
    for bad in ["a", "0g", "aabbccdd"] {
        assert!(hex::decode(bad.as_bytes(), &mut out).is_err(), "{bad}");
    }
    let mut digits = *b"######";
    hex::encode(b"\x0a\xff\x00", &mut digits);
    assert_eq!(&digits, b"0aff0\0");
}

#[test]
fn variable_byte_integers_are_read_as_they_were_written() {
    for (value, len) in [
        (0, 1),
        (127, 1),
        (128, 2),
        (16_383, 2),
        (16_384, 3),
        (0xfff_ffff, 4),
    ] {
        let bytes = vbi::encode(value).expect("28 bits");
        assert_eq!(bytes.len(), len);
        assert_eq!(vbi::decode(&bytes), Some((value, len)));
        assert_eq!(vbi::decode(&bytes[..len - 1]), None);
    }
    assert_eq!(vbi::encode(0x1000_0000), None);
    assert_eq!(vbi::decode(&[0xff; 8]), None);
}

#[test]
fn a_number_is_said_in_the_unit_that_it_reaches() {
    let units = [("Mi", 1 << 20), ("Ki", 1 << 10), ("", 1)];
    let say = |value| {
        let said = humanize::humanize(value, units.into_iter());
        String::from_utf8(said.expect("1 is reached")).expect("ASCII")
    };
    assert_eq!(say(0), "0");
    assert_eq!(say(1023), "1023");
    assert_eq!(say(1536), "1.512Ki");
    assert_eq!(say(u64::MAX), "17592186044415.999Mi");
    assert_eq!(humanize::humanize(5, [("x", 9)].into_iter()), None);
}

proptest! {
    #[test]
    fn escapes_keep_to_the_room_and_a_url_comes_back(
        source in proptest::collection::vec(any::<u8>(), 0..60),
        room in 1usize..200,
    ) {
        for escaped in [url(&source, room), sql(&source, room), json(&source, room)] {
            let escaped = escaped.expect("room for a terminator");
            prop_assert!(escaped.text.len() < room && escaped.used <= source.len());
        }
        let escaped = url(&source, room).expect("room for a terminator");
        prop_assert_eq!(from_url(&escaped.text, 60), Ok(source[..escaped.used].to_vec()));
        prop_assert!(json(&source, 400).expect("room").text.len() <= json_len(&source));
        prop_assert_eq!(sql(&source, 400).expect("room").text.len(), sql_len(&source));
    }

    #[test]
    fn any_text_is_read_as_a_url_within_the_room(
        source in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'%'), Just(b'4')], 0..60),
        most in 0usize..70,
    ) {
        if let Ok(out) = from_url(&source, most) {
            prop_assert!(out.len() <= most.min(source.len()));
        }
    }
}
