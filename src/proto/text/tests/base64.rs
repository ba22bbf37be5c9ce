//! Base64, whole and in pieces.

use super::super::base64::{Decoder, Progress};
use super::*;

fn whole(input: &[u8], room: usize) -> Result<(Vec<u8>, Progress), &'static str> {
    let mut out = vec![b'#'; room];
    let progress = Decoder::default().decode(input, &mut out, true)?;
    out.truncate(progress.written);
    Ok((out, progress))
}

#[test]
fn padding_may_be_there_or_missing_and_both_alphabets_are_read() {
    for (input, bytes) in [
        (&b""[..], &b""[..]),
        (b"YWJj", b"abc"),
        (b"YWI=", b"ab"),
        (b"YQ==", b"a"),
        (b"YWI", b"ab"),
        (b"YQ", b"a"),
        (b"YW\r\nJj\n", b"abc"),
        (b"-_8=", b"\xfb\xff"),
        (b"+/8", b"\xfb\xff"),
    ] {
        let (out, progress) = whole(input, 8).expect("it is base64");
        assert_eq!((out.as_slice(), progress.used), (bytes, input.len()));
    }
}

#[test]
fn what_is_no_base64_is_refused() {
    for input in [
        "Y", "YWJjY", "Y===", "YW!j", "YQ==YQ==", "=YWJj", "YW\0j", "\u{e4}",
    ] {
        assert!(whole(input.as_bytes(), 16).is_err(), "{input}");
    }
}

#[test]
fn nothing_is_written_that_has_no_room() {
    let (out, progress) = whole(b"YWJjZGVm", 5).expect("it is base64");
    assert_eq!((out.as_slice(), progress.used), (&b"abc"[..], 8));
    let mut decoder = Decoder::default();
    let mut out = [b'#'; 2];
    let progress = decoder.decode(b"YWJjZGVm", &mut out, true);
    assert_eq!(
        progress,
        Ok(Progress {
            used: 4,
            written: 0
        })
    );
    assert!(!decoder.is_empty());
}

proptest! {
    #[test]
    fn pieces_come_to_the_same_as_the_whole(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        cuts in proptest::collection::vec(0usize..9, 1..100),
    ) {
        let text = openssl::base64::encode_block(&bytes);
        let (once, _) = whole(text.as_bytes(), 400).expect("it is base64");
        prop_assert_eq!(&once, &bytes);
        let mut decoder = Decoder::default();
        let mut rest = text.as_bytes();
        let mut all = Vec::new();
        let mut cuts = cuts.iter().cycle();
        while !rest.is_empty() {
            let (piece, room) = (*cuts.next().expect("endless") + 1, 3 + *cuts.next().expect("endless"));
            let piece = &rest[..piece.min(rest.len())];
            let mut out = vec![0; room];
            let progress = decoder.decode(piece, &mut out, piece.len() == rest.len()).expect("it is base64");
            all.extend_from_slice(&out[..progress.written]);
            rest = &rest[progress.used..];
            prop_assert!(progress.used > 0 || progress.written > 0);
        }
        let mut out = [0; 3];
        let progress = decoder.decode(&[], &mut out, true).expect("it is base64");
        all.extend_from_slice(&out[..progress.written]);
        prop_assert_eq!(&all, &bytes);
    }

    #[test]
    fn whatever_comes_stays_within_the_room(
        input in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'A'), Just(b'='), Just(b'_')], 0..100),
        room in 0usize..40,
        last in any::<bool>(),
        count in 0usize..9,
    ) {
        let mut decoder = Decoder { count, ..Decoder::default() };
        let mut out = vec![0; room];
        if let Ok(progress) = decoder.decode(&input, &mut out, last) {
            prop_assert!(progress.written <= room && progress.used <= input.len());
        }
    }
}
