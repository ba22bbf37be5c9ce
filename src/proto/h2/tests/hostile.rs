//! The only place for peers that break the rules: what each sends, and how far the damage goes.

use proptest::prelude::*;

use super::*;

/// How far an error reaches.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reach {
    Connection(ErrorCode),
    /// That stream alone.
    Stream(u32, ErrorCode),
    Nothing,
}
use Reach::{Connection, Nothing, Stream};

pub(crate) const PROTOCOL: ErrorCode = ErrorCode::PROTOCOL_ERROR;
pub(crate) const SIZE: ErrorCode = ErrorCode::FRAME_SIZE_ERROR;
pub(crate) const FLOW: ErrorCode = ErrorCode::FLOW_CONTROL_ERROR;
pub(crate) const CLOSED: ErrorCode = ErrorCode::STREAM_CLOSED;
pub(crate) const PACKED: ErrorCode = ErrorCode::COMPRESSION_ERROR;
pub(crate) const CALM: ErrorCode = ErrorCode::ENHANCE_YOUR_CALM;

/// Streams: 1 awaits its head; 3 has it and awaits its body; 5 was answered and still sends; 7 was reset by us;
/// 9 is a HEAD; 11 is over and not let go; 13 has a content-length of 5; 15 awaits its head and still sends.
fn busy() -> Story {
    let mut s = Story::up();
    let keys = [
        s.get(),
        s.get(),
        s.post(),
        s.get(),
        s.ask("HEAD", "/", true),
        s.get(),
        s.get(),
        s.post(),
    ];
    s.h2.reset(keys[3], ErrorCode::CANCEL, &mut s.tx);
    let five = [(":status", "200"), ("content-length", "5")];
    let told = [
        ok(3, false),
        ok(5, true),
        ok(11, true),
        response(13, &five, false),
    ];
    s.peer_sends(&told.concat()).expect("fine");
    s.events();
    s.tx.clear();
    s
}

fn check(name: &str, bytes: &[u8], reach: Reach) {
    let mut s = busy();
    let result = s.peer_sends(bytes);
    let sent = s.sent();
    let resets: Vec<_> = sent
        .iter()
        .filter(|f| f.kind == Kind::RstStream)
        .map(|f| (f.stream, ErrorCode(f.number())))
        .collect();
    let goaway = sent.iter().find(|f| f.kind == Kind::GoAway);
    match reach {
        Connection(code) => {
            let Err(Fault::Peer(text)) = result else {
                panic!("{name}: {result:?} {:?}", s.events)
            };
            let payload = &goaway.expect(name).payload;
            assert_eq!(number(&payload[4..]), Some(code.0), "{name}: {text}");
            assert_eq!(&payload[8..], text.as_bytes());
            assert!(text.starts_with("h2: "), "{name}: {text}");
            assert_eq!(s.h2.room(), 0);
            assert_eq!(s.peer_sends(b""), result, "{name}: it stays broken");
            assert!(s.tx.is_empty(), "{name}: GOAWAY is said once");
        }
        Stream(id, code) => {
            assert_eq!(result, Ok(()), "{name}");
            assert_eq!(resets, [(id, code)], "{name}");
            let told = s.events().into_iter().filter(|e| {
                matches!(e, Event::Reset { stream, code: c, by_us: true, .. } if stream.id() == id && *c == code)
            });
            assert_eq!(told.count(), 1, "{name}");
            s.still_works();
        }
        Nothing => {
            assert_eq!(result, Ok(()), "{name}");
            assert!(resets.is_empty() && goaway.is_none(), "{name}");
            s.still_works();
        }
    }
}

/// The RFC's section and what is wrong, the bytes, how far the damage goes.
pub(crate) type Case = (&'static str, Vec<u8>, Reach);

pub(crate) fn check_all(cases: Vec<Case>) {
    for (name, bytes, reach) in cases {
        check(name, &bytes, reach);
    }
}

#[test]
fn floods_are_stopped() {
    let cases = [
        ("SETTINGS", settings(&[(4, 1)]), 150),
        ("SETTINGS ACK", frame(SETTINGS, ACK, 0, b""), 150),
        ("PING", frame(PING, 0, 0, &[0; 8]), 1_050),
        ("PING ACK", frame(PING, ACK, 0, &[0; 8]), 1_050),
        ("WINDOW_UPDATE", word(0, WINDOW_UPDATE, 1), 10_050),
        ("WINDOW_UPDATE, closed", word(7, WINDOW_UPDATE, 1), 10_050),
        ("empty DATA", data(3, b"", false), 1_050),
        ("padding", frame(DATA, PADDED, 3, b"\x01\0"), 1_050),
        ("tiny DATA", data(3, b"x", false), 20_050),
        ("PRIORITY", frame(PRIORITY, 0, 1, &[0; 5]), 1_050),
        ("unknown", frame(0x42, 0, 0, b""), 1_050),
        ("GOAWAY", goaway(15, 0), 150),
        ("RST_STREAM, closed", word(7, RST_STREAM, 0), 1_300),
        ("HEADERS, closed", ok(7, false), 1_300),
        ("DATA, closed", data(7, b"x", false), 1_300),
    ];
    for (name, one, enough) in cases {
        check(name, &one.repeat(enough), Connection(CALM));
        let mut s = busy();
        s.peer_sends(&one.repeat(90)).expect(name);
        s.h2.refill_budget();
        s.peer_sends(&one.repeat(90)).expect(name);
        if name != "GOAWAY" {
            s.still_works();
        }
    }
}

#[test]
fn a_peer_beyond_its_windows_is_told() {
    let small = Config {
        initial_window: 10,
        connection_window: 65_535,
        ..Config::default()
    };
    let mut s = Story::up_with(&small, &[]);
    s.holding = true;
    s.get();
    s.get();
    s.peer_sends(&[ok(1, false), data(1, &[0; 11], false)].concat())
        .expect("a stream error");
    let told = s.events().pop();
    assert!(matches!(told, Some(Event::Reset { code: FLOW, .. })));
    let mut s = Story::up_with(
        &Config {
            initial_window: 1 << 20,
            ..small
        },
        &[],
    );
    s.holding = true;
    s.get();
    let four = data(1, &[0; 16_384], false).repeat(4);
    let fault = s.peer_sends(&[ok(1, false), four].concat());
    assert_eq!(
        fault,
        Err(Fault::Peer("h2: DATA beyond the connection's window"))
    );
}

#[test]
fn a_peer_that_does_not_start_with_settings_is_no_h2_peer() {
    for (bytes, words) in [
        (frame(PING, 0, 0, &[0; 8]), "first frame is not SETTINGS"),
        (frame(SETTINGS, ACK, 0, b""), "first frame is not SETTINGS"),
        (goaway(0, 0), "first frame is not SETTINGS"),
        (
            b"HTTP/1.1 400 Bad Request\r\n".to_vec(),
            "does not speak h2",
        ),
        (
            b"220 mail.test ESMTP\r\n".to_vec(),
            "first frame is not SETTINGS",
        ),
    ] {
        let mut s = Story::new(&Config::default());
        let Err(Fault::Peer(text)) = s.peer_sends(&bytes) else {
            panic!("accepted: {}", bytes.escape_ascii())
        };
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn a_malformed_block_leaves_the_tables_as_they_have_to_be() {
    let mut s = Story::up();
    s.get();
    let second = s.get();
    // An entry that comes after the flaw is used by the next response.
    let flawed = [&[0x88][..], &block(&[("Bad", "x")]), b"\x40\x01k\x01v"].concat();
    let then = frame(HEADERS, 5, 3, &[0x88, 0xbe]);
    s.peer_sends(&[frame(HEADERS, 4, 1, &flawed), then].concat())
        .expect("a stream error only");
    assert_eq!(s.headers.by_name(b"k").next(), Some(&b"v"[..]));
    assert_eq!(s.events().pop(), Some(headers_event(second, 200, true)));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut s = busy();
        let _ = s.peer_sends(&bytes);
    }

    #[test]
    fn no_frames_make_it_panic_and_no_split_changes_what_they_mean(
        frames in proptest::collection::vec(
            (0u8..11, any::<u8>(), 0u32..17, proptest::collection::vec(any::<u8>(), 0..40)), 1..12),
        cut in any::<prop::sample::Index>(),
    ) {
        let bytes: Vec<u8> = frames.iter().flat_map(|(k, f, s, p)| frame(*k, *f, *s, p)).collect();
        let mut whole = busy();
        let fault = whole.peer_sends(&bytes);
        let (a, b) = bytes.split_at(cut.index(bytes.len() + 1));
        let mut parts = busy();
        let split = parts.peer_sends(a).and_then(|()| parts.peer_sends(b));
        prop_assert_eq!(fault, split);
        prop_assert_eq!(whole.body, parts.body);
        prop_assert_eq!(whole.tx, parts.tx);
    }
}
