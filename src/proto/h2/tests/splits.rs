//! The only place for a whole connection's bytes, cut at every position.

use super::*;

/// Everything a peer may say, for streams 1 (GET), 3 (GET), 5 (POST) and 7 (GET).
fn script() -> Vec<u8> {
    let long = block(&[
        (":status", "200"),
        ("x-long", &"v".repeat(200)),
        ("content-length", "9"),
    ]);
    [
        settings(&[(3, 100), (4, 70_000)]),
        frame(SETTINGS, ACK, 0, b""),
        word(0, WINDOW_UPDATE, 1000),
        response(1, &[(":status", "103"), ("link", "</a>")], false),
        frame(HEADERS, 0, 1, &long[..50]),
        frame(CONTINUATION, 0, 1, &long[50..51]),
        frame(CONTINUATION, 0, 1, b""),
        frame(CONTINUATION, END_HEADERS, 1, &long[51..]),
        data(1, b"four", false),
        frame(PING, 0, 0, b"pingping"),
        frame(
            HEADERS,
            END_HEADERS | PADDED | 0x20,
            3,
            &[
                &[3, 0, 0, 0, 0, 7][..],
                &block(&[(":status", "404")]),
                &[0; 3],
            ]
            .concat(),
        ),
        frame(DATA, PADDED, 3, b"\x05pad\0\0\0\0\0"),
        frame(0xbe, 0xff, 99, b"what is this"),
        word(5, WINDOW_UPDATE, 7),
        frame(DATA, PADDED | END_STREAM, 1, b"\x02 more\0\0"),
        frame(PRIORITY, 0, 3, b"\0\0\0\0\x01"),
        word(5, RST_STREAM, 8),
        data(3, b"", false),
        response(3, &[("x-trailer", "t")], true),
        goaway(5, 0),
        settings(&[(0x99, 1)]),
    ]
    .concat()
}

/// What came of it: events with pieces of payload joined, and what was answered.
fn outcome(pieces: &[&[u8]]) -> (Vec<String>, Vec<Sent>) {
    let mut s = Story::new(&Config::default());
    s.tx.clear();
    let mut asked = false;
    for piece in pieces {
        s.peer_sends(piece).expect("fine");
        if s.h2.is_up() && !asked {
            asked = true;
            s.get();
            s.get();
            s.post();
            s.get();
        }
    }
    let mut joined: Vec<String> = Vec::new();
    for event in s.events() {
        let text = match event {
            Event::Data { stream, end, .. } => format!("data {} {end}", stream.id()),
            other => format!("{other:?}"),
        };
        let started = text
            .strip_suffix("true")
            .or_else(|| text.strip_suffix("false"));
        if let (Some(last), Some(stem)) = (joined.last_mut(), started)
            && stem.starts_with("data")
            && last.starts_with(stem)
        {
            *last = text;
            continue;
        }
        joined.push(text);
    }
    joined.push(s.body());
    assert!(s.rx.is_empty());
    (joined, s.sent())
}

#[test]
fn every_split_of_a_connections_bytes_comes_to_the_same() {
    let script = script();
    let (settings, rest) = script.split_at(9 + 12);
    let whole = outcome(&[settings, rest]);
    assert_eq!(whole.0.last().map(String::as_str), Some("fourpad more"));
    for cut in 0..rest.len() {
        let (a, b) = rest.split_at(cut);
        assert_eq!(outcome(&[settings, a, b]), whole, "cut at {cut}");
    }
    for size in 1..40 {
        let mut pieces = vec![settings];
        pieces.extend(rest.chunks(size));
        assert_eq!(outcome(&pieces), whole, "pieces of {size}");
    }
}

#[test]
fn the_first_settings_may_come_byte_by_byte() {
    let mut s = Story::new(&Config::default());
    for byte in settings(&[(3, 5)]) {
        s.peer_sends(&[byte]).expect("fine");
    }
    assert_eq!(s.events(), [Event::Up]);
}
