//! The only place for stories of peers and programs that mean harm, or are broken as if they did.

use proptest::prelude::*;

use super::*;

fn refused(answer: &[u8]) -> &'static str {
    match Story::get(answer) {
        Err(Fault::Peer(text)) => text,
        Err(Fault::App(text)) => panic!("the program is not to blame: {text}"),
        Ok(_) => panic!("accepted: {}", answer.escape_ascii()),
    }
}

#[test]
fn interim_responses_without_end_and_an_upgrade_not_asked_for_are_refused() {
    let flood = b"HTTP/1.1 102 Processing\r\n\r\n".repeat(100);
    assert!(refused(&flood).contains("too many 1xx"));
    let upgrade = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n";
    assert!(refused(upgrade).contains("no upgrade was asked for"));
}

#[test]
fn bytes_that_nobody_asked_for_are_a_fault() {
    let mut idle = H1::new();
    let mut headers = Headers::new();
    assert!(
        idle.handle_head(b"HTTP/1.1 408 X\r\n\r\n", &mut headers)
            .is_err()
    );
    assert_eq!(idle.room(), 0);
}

#[test]
fn lengths_and_codings_that_smuggle_are_refused() {
    for lines in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5, 6\r\n",
        "Content-Length: 5,\r\n",
        "Content-Length:\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: 5 5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 5.0\r\n",
        "Content-Length: 18446744073709551616\r\n",
        "Content-Length: 99999999999999999999999\r\n",
    ] {
        let text = refused(&ok_with(lines));
        assert!(
            text.starts_with("problems parsing header"),
            "{lines}: {text}"
        );
    }
    for lines in [
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked, gzip\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked;q=1\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: \"chunked\"\r\n",
        "Transfer-Encoding:\r\n",
        "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n",
    ] {
        let text = refused(&ok_with(lines));
        assert!(text.starts_with("HS: unsupported TE"), "{lines}: {text}");
    }
}

#[test]
fn malformed_heads_are_refused_and_the_connection_is_done_with() {
    for answer in [
        &b"HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n"[..],
        b"HTTP/1.1 200 OK\r\nA: b\r\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA\0: b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n A: b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n: b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 O\rK\r\n\r\n",
        b"HTTP/1.1 200 O\0K\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 099 OK\r\n\r\n",
        b"HTTP/1.1 -20 OK\r\n\r\n",
        b"HTTP/1.1  200 OK\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.2 200 OK\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        b"\nHTTP/1.1 200 OK\r\n\r\n",
        b"ICY 200 OK\r\n\r\n",
        b"<html>",
        b"SSH-2.0-x\r\n",
        b"\x15\x03\x03\x00\x02\x02\x46",
        b"\x00\x00\x12\x04",
    ] {
        let mut s = Story::begin(Asked::Anything);
        let found = s.peer_sends(answer);
        let Err(Fault::Peer(text)) = found else {
            panic!("accepted: {}", answer.escape_ascii());
        };
        let known = text.starts_with("problems parsing header") || text.starts_with("HS: :status");
        assert!(known && !text.contains('\n'), "{text}");
        assert!(!s.h1.end());
        assert_eq!(s.h1.room(), 0);
    }
}

#[test]
fn a_fault_is_the_same_however_slowly_it_comes() {
    for answer in [
        &b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n"[..],
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
    ] {
        let at_once = refused(answer);
        let mut s = Story::begin(Asked::Anything);
        let slowly = answer.iter().find_map(|b| s.peer_sends(&[*b]).err());
        assert_eq!(slowly, Some(Fault::Peer(at_once)));
    }
}

#[test]
fn malformed_chunks_are_refused() {
    let head = ok_with("Transfer-Encoding: chunked\r\n");
    for chunks in [
        &b"\r\n"[..],
        b";ext\r\n",
        b" 5\r\nhello",
        b"-5\r\n",
        b"+5\r\n",
        b"0x5\r\n",
        b"5g\r\n",
        b"5 \r\nhello",
        b"5 5\r\n",
        b"5\nhello",
        b"5\rhello",
        b"5;a\nhello",
        b"5;a\0\r\nhello",
        b"5\r\nhelloX",
        b"5\r\nhello\n",
        b"5\r\nhello\rX",
        b"5\r\nhello!\r\n",
        b"10000000000000000\r\n",
        b"fffffffffffffffff\r\n",
        b"0\r\n\n",
        b"0\r\nbad\r\n",
        b"0\r\nA: b\n",
        b"0\r\nA: b\rc\r\n",
        b"0\r\nA: b\0\r\n",
        b"0\r\nA: b\r\n folded\r\n",
        b"0\r\n: b\r\n",
        b"0\r\nA : b\r\n",
        b"0\r\n\rX",
    ] {
        let text = refused(&[&head[..], chunks].concat());
        assert!(
            text.starts_with("chunk") || text.starts_with("trailer"),
            "{text}"
        );
    }
}

#[test]
fn the_largest_chunk_size_is_a_size() {
    let head = ok_with("Transfer-Encoding: chunked\r\n");
    let s = Story::get(&[&head[..], b"FFFFFFFFFFFFFFFF\r\nab"].concat()).expect("a size");
    assert_eq!((s.body(), s.h1.body_direct()), ("ab", Some(u64::MAX - 2)));
}

#[test]
fn heads_up_to_the_limits_are_read_and_larger_ones_are_refused() {
    let sized = |total: usize| {
        let fixed = ok_with("Content-Length: 0\r\nA: \r\n").len();
        ok_with(&format!(
            "Content-Length: 0\r\nA: {}\r\n",
            "x".repeat(total - fixed)
        ))
    };
    assert!(
        Story::get(&sized(64 * 1024))
            .expect("just fits")
            .ends_alive()
    );
    assert!(refused(&sized(64 * 1024 + 1)).contains("64 KiB"));
    let mut s = Story::begin(Asked::Anything);
    let found = sized(70_000)
        .chunks(1000)
        .find_map(|c| s.peer_sends(c).err());
    assert!(found.is_some_and(|f| f.text().contains("64 KiB")));

    let fields = |n| ok_with(&"A: b\r\n".repeat(n));
    assert_eq!(
        Story::get(&fields(128))
            .expect("just fit")
            .headers
            .names()
            .count(),
        128
    );
    assert!(refused(&fields(129)).contains("128 fields"));
}

#[test]
fn size_lines_and_trailers_without_end_are_refused() {
    let head = ok_with("Transfer-Encoding: chunked\r\n");
    for (endless, text) in [
        (format!("5;{}", "x".repeat(17_000)), "16 KiB"),
        (format!("5 {}", " ".repeat(17_000)), "16 KiB"),
        ("0".repeat(17_000), "16 KiB"),
        (format!("0\r\nA: {}", "x".repeat(70_000)), "64 KiB"),
        (format!("0\r\n{}", "A: b\r\n".repeat(12_000)), "64 KiB"),
    ] {
        let found = refused(&[&head[..], endless.as_bytes()].concat());
        assert!(found.contains(text), "{found}");
    }
}

/// Bytes that lead far into the machine more often than noise does.
fn peer_bytes() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        Just(b"HTTP/1.1 200 OK\r\n".to_vec()),
        Just(b"HTTP/1.0 204 \r\n".to_vec()),
        Just(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec()),
        Just(b"Content-Length: 3\r\n".to_vec()),
        Just(b"Transfer-Encoding: chunked\r\n".to_vec()),
        Just(b"Connection: close\r\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"3\r\nabc\r\n".to_vec()),
        Just(b"0\r\n".to_vec()),
        Just(b";x".to_vec()),
        prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(word, 0..12).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic_and_no_split_changes_what_they_mean(
        start in prop_oneof![Just(&b"HTTP/1.1 200 OK\r\n"[..]), Just(&b""[..])],
        bytes in peer_bytes(),
        step in 1usize..9,
        asked in prop_oneof![Just(Asked::Anything), Just(Asked::HeadOnly), Just(Asked::Upgrade)],
    ) {
        let answer = [start, &bytes].concat();
        let mut whole = Story::begin(asked);
        let at_once = whole.peer_sends(&answer);
        let mut slow = Story::begin(asked);
        let in_steps = answer.chunks(step).try_for_each(|piece| slow.peer_sends(piece));
        if at_once.is_err() && in_steps.is_ok() {
            // A head that is bad already but not ended: told at the first look or at the end.
            prop_assert!(!slow.head_is_there);
        } else {
            prop_assert_eq!(at_once, in_steps);
            prop_assert_eq!(&whole.body, &slow.body);
            prop_assert_eq!(whole.h1.status(), slow.h1.status());
            prop_assert_eq!(whole.h1.body_done(), slow.h1.body_done());
        }
        if at_once.is_ok() {
            prop_assert_eq!(&whole.rx, &slow.rx);
        }
        prop_assert_eq!(whole.h1.handle_eof().is_ok(), slow.h1.handle_eof().is_ok());
        prop_assert_eq!(whole.h1.end(), slow.h1.end());
    }

    #[test]
    fn lines_that_pass_the_check_stay_within_their_head(
        lines in prop::collection::vec("[a-zA-Z: \r\n\t\0]{0,12}(\r\n)?", 0..4),
    ) {
        let extra = lines.concat();
        if check_fields(extra.as_bytes()).is_ok() {
            let mut room = [httparse::EMPTY_HEADER; 64];
            let mut request = httparse::Request::new(&mut room);
            let text = format!("GET / HTTP/1.1\r\n{extra}\r\n");
            let parsed = request.parse(text.as_bytes()).expect("well formed");
            prop_assert_eq!(parsed, httparse::Status::Complete(text.len()));
            prop_assert_eq!(request.headers.len(), extra.matches("\r\n").count());
        }
    }
}
