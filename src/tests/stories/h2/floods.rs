//! Stories of servers that keep us busy for nothing (contract section 6): told to calm down, and the requests told why.

use crate::proto::h2::ErrorCode;
use crate::proto::h2::by_hand::*;
use crate::tests::books::End;
use crate::tests::story::Story;

/// One request awaits its head, one is in its body, one waits for room.
fn three_requests() -> Story {
    let mut s = Story::h2_with(&[(3, 2)]);
    s.some(3);
    s.says(|server| server.head(3, 200, &[]));
    s
}

fn is_told_to_calm_down(mut s: Story, name: &str, bytes: &[u8], reason: &str) {
    s.server().frames(bytes);
    // As the network gives it: in pieces.
    for piece in s.server().take_out().chunks(16_000) {
        s.sockets[0].says(piece);
    }
    s.run();
    let said = &s.server_of(0).goaways;
    assert_eq!(said.len(), 1, "{name}: {said:?}");
    assert_eq!(said[0].0, ErrorCode::ENHANCE_YOUR_CALM, "{name}");
    assert!(said[0].1.contains(reason), "{name}: {}", said[0].1);
    let told: Vec<_> = (0..2)
        .map(|n| s.end_of(crate::tests::story::Req(n)))
        .collect();
    assert_eq!(told, [Some(End::Failed), Some(End::Closed)], "{name}");
    let error = &s.told[0].error;
    assert!(
        error.contains(reason) && error.contains("a.test:80"),
        "{name}: {error}"
    );
    s.answer_all();
    assert_eq!((s.ended(End::Completed), s.connects()), (1, 2), "{name}");
}

#[test]
fn floods_are_ended_and_who_waited_moves() {
    let cases = [
        (
            "PING",
            frame(PING, 0, 0, &[0; 8]),
            1_100,
            "flooded with PINGs",
        ),
        (
            "SETTINGS",
            settings(&[(4, 1)]),
            200,
            "flooded with SETTINGS",
        ),
        ("GOAWAY", goaway(3, 0), 200, "flooded with SETTINGS"),
        (
            "WINDOW_UPDATE",
            word(0, WINDOW_UPDATE, 1),
            10_100,
            "flooded with WINDOW_UPDATEs",
        ),
        (
            "empty DATA",
            data(3, b"", false),
            1_100,
            "flooded with empty DATA",
        ),
        (
            "tiny DATA",
            data(3, b"x", false),
            20_100,
            "flooded with tiny DATA",
        ),
        (
            "padding",
            frame(DATA, PADDED, 3, b"\x01\0"),
            1_100,
            "flooded with empty DATA",
        ),
        (
            "PRIORITY",
            frame(PRIORITY, 0, 1, &[0; 5]),
            1_100,
            "flooded with PRIORITY",
        ),
        (
            "unknown",
            frame(0x42, 0, 0, b"x"),
            1_100,
            "flooded with PRIORITY or unknown",
        ),
    ];
    for (name, one, count, reason) in cases {
        is_told_to_calm_down(three_requests(), name, &one.repeat(count), reason);
    }
}

#[test]
fn heads_beyond_our_limits_are_refused() {
    let many = |n: usize| [&[0x88][..], &block(&vec![("x", "y"); n])].concat();
    let start = frame(HEADERS, 0, 1, b"\x88");
    let continued = |frames: Vec<u8>| [start.clone(), frames].concat();
    let cases = [
        (
            "9 CONTINUATIONs",
            continued(frame(CONTINUATION, 0, 1, b"").repeat(9)),
            "8 CONTINUATION",
        ),
        (
            "64 KiB of block",
            continued(frame(CONTINUATION, 0, 1, &[0x88; 16_384]).repeat(4)),
            "larger than 64 KiB",
        ),
        ("129 fields", frame(HEADERS, 4, 1, &many(128)), "128"),
        (
            "a list that unpacks to 80 KB",
            frame(
                HEADERS,
                4,
                1,
                &[
                    &[0x88, 0x40, 1, b'y', 0x7f, 0xbd, 0x1d][..],
                    &[b'v'; 3_900],
                    &[0xbe; 20],
                ]
                .concat(),
            ),
            "64 KiB",
        ),
    ];
    for (name, bytes, reason) in cases {
        is_told_to_calm_down(three_requests(), name, &bytes, reason);
    }
}

#[test]
fn a_head_of_128_fields_is_none_too_many() {
    let mut s = Story::h2();
    let a = s.some(1)[0];
    let fields = vec![("x-y", "z"); 127];
    s.says(|server| server.head_only(1, 200, &fields));
    assert_eq!(s.ends(), [(a, End::Completed)]);
}

/// Streams that a server resets as soon as they are asked for (and whose requests fail) end nothing but themselves.
#[test]
fn resets_of_streams_that_are_closed_are_a_flood() {
    let mut s = three_requests();
    s.says(|server| server.ok(1));
    let bytes = word(1, RST_STREAM, 8).repeat(1_400);
    for piece in bytes.chunks(16_000) {
        s.sockets[0].says(piece);
    }
    s.run();
    assert_eq!(s.server_of(0).goaways[0].0, ErrorCode::ENHANCE_YOUR_CALM);
    s.answer_all();
    assert_eq!(s.ends().len(), 3);
}

/// Time heals: what comes seldom is no flood, however long it goes on.
#[test]
fn what_comes_seldom_is_no_flood() {
    let mut s = three_requests();
    s.says(|server| server.ok(1));
    s.wait_secs(0);
    s.says(|server| server.ok(5));
    for _ in 0..100 {
        s.wait_secs(2);
        s.says(|server| {
            for _ in 0..90 {
                server.ping();
            }
            server.settings(&[(3, 50)]);
        });
    }
    assert_eq!((s.connects(), s.server().ping_acks), (1, 9_000));
    s.answer_all();
    assert_eq!(s.ended(End::Completed), 3);
}

/// Answers to a flood do not fill our memory while the socket takes nothing.
#[test]
fn a_flood_that_does_not_read_its_answers_is_not_read_either() {
    let mut s = three_requests();
    s.peer().takes = 0;
    let piece = frame(PING, 0, 0, &[0; 8]).repeat(900);
    for _ in 0..50 {
        s.sockets[0].says(&piece);
        s.wait_secs(2);
    }
    let at = s.sockets[0].conn;
    let waits = s
        .engine
        .conns
        .get(at)
        .map_or(0, |conn| conn.tx.pending().len());
    assert!(waits < 600 * 1024, "{waits} bytes of answers");
    s.peer().takes = usize::MAX;
    s.run();
    s.answer_all();
}
