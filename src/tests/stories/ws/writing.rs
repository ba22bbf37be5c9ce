//! Stories of what a program writes: how it leaves, however little the socket takes, and what is refused.

use crate::engine::call::Reason;
use crate::net::transport::Io;
use crate::proto::ws::Kind;
use crate::tests::books::End;
use crate::tests::program::Asked;
use crate::tests::story::Story;
use crate::tests::ws_peer::{BINARY, PING, TEXT, frame};

#[test]
fn every_kind_of_frame_leaves_as_it_was_written() {
    let mut s = Story::new();
    let a = s.ws();
    for (kind, fin, payload) in [
        (Kind::Text, true, "whole"),
        (Kind::Text, false, "one-"),
        (Kind::Continuation, false, "two-"),
        (Kind::Ping, true, "between"),
        (Kind::Continuation, true, "three"),
        (Kind::Binary, false, ""),
        (Kind::Pong, true, ""),
        (Kind::Continuation, true, ""),
        (Kind::Binary, true, "bits"),
    ] {
        assert!(s.write_frame(a, kind, fin, payload.as_bytes()), "{payload}");
    }
    let sent = [
        "text whole",
        "text- one-",
        "more- two-",
        "ping between",
        "more three",
        "binary-",
        "pong",
        "more",
        "binary bits",
    ];
    s.run();
    assert_eq!(s.frames(), sent);
}

#[test]
fn what_no_peer_could_follow_is_refused() {
    let mut s = Story::new();
    let a = s.ws();
    let long = [b'x'; 126];
    assert!(
        !s.write_frame(a, Kind::Continuation, true, b""),
        "of nothing"
    );
    assert!(!s.write_frame(a, Kind::Ping, true, &long), "too long");
    assert!(!s.write_frame(a, Kind::Pong, true, &long), "too long");
    assert!(!s.write_frame(a, Kind::Ping, false, b""), "in fragments");
    assert!(s.write_frame(a, Kind::Text, false, b"begun"));
    assert!(!s.text(a, "another"), "within a message");
    assert!(s.write_frame(a, Kind::Continuation, true, b" and ended"));
    assert!(s.text(a, "another"));
    s.run();
    assert_eq!(
        s.frames(),
        ["text- begun", "more  and ended", "text another"]
    );
}

#[test]
fn every_length_leaves_in_its_form() {
    for len in [0, 125, 126, 65_535, 65_536, 300_000] {
        let mut s = Story::new();
        let a = s.ws();
        let payload: Vec<u8> = (0..len).map(|n| (n % 251) as u8).collect();
        assert!(s.write_frame(a, Kind::Binary, true, &payload));
        s.run();
        let frames = std::mem::take(&mut s.listener().frames);
        assert_eq!(frames.len(), 1);
        assert_eq!(frames[0].payload, payload);
    }
}

#[test]
fn a_write_before_it_is_open_is_refused_and_from_client_established_on_it_is_not() {
    let mut s = Story::new();
    s.hook(|s, who, reason| {
        let open = reason == Reason::ClientEstablished;
        let first = !open || s.count(who, reason) == 1;
        if first && !matches!(reason, Reason::ClientWriteable) {
            assert_eq!(s.text(who, "early"), open, "{reason:?}");
        }
        0
    });
    let a = s.ask(Asked::ws());
    s.text(a, "early");
    s.run();
    assert!(!s.text(a, "early"), "the request is out, and not answered");
    s.agrees(b"");
    s.unhook();
    assert_eq!(s.frames(), ["text early"]);
}

#[test]
fn a_write_inside_client_established_leaves_before_the_peers_words_are_read() {
    let mut s = Story::new();
    s.hook(|s, who, reason| {
        if reason == Reason::ClientEstablished {
            assert!(s.text(who, "hello"));
            assert_eq!(s.frames(), ["text hello"], "at once");
            assert!(s.ask_writeable(who));
        }
        0
    });
    let a = s.ask(Asked::ws());
    s.run();
    s.agrees(&frame(TEXT, b"glued"));
    let heard = s.heard_from_the_loop(a);
    let opened = heard.iter().position(|at| *at == Reason::ClientEstablished);
    let mut rest = heard[opened.expect("it opened") + 1..].to_vec();
    rest.sort_by_key(|reason| *reason as i32);
    assert_eq!(rest, [Reason::ClientReceive, Reason::ClientWriteable]);
}

#[test]
fn a_writeable_that_was_asked_for_early_comes_when_it_is_open() {
    for reason in [
        Reason::WsiCreate,
        Reason::AppendHandshakeHeader,
        Reason::EstablishedClientHttp,
        Reason::FilterPreEstablish,
        Reason::ClientEstablished,
    ] {
        let mut s = Story::new();
        s.hook(move |s, who, at| {
            if at == reason {
                assert!(s.ask_writeable(who));
            }
            0
        });
        let a = s.ask(Asked::ws());
        s.run();
        assert_eq!(s.count(a, Reason::ClientWriteable), 0);
        s.agrees(b"");
        let last = [Reason::ClientEstablished, Reason::ClientWriteable];
        assert!(s.heard(a).ends_with(&last), "{reason:?}: {:?}", s.heard(a));
    }
}

#[test]
fn what_the_socket_does_not_take_leaves_later_whatever_it_takes() {
    let frames = ["text first of all", "ping and", "text last"];
    for takes in 0..40 {
        let mut s = Story::new();
        let a = s.ws();
        s.peer().takes = takes;
        assert!(s.text(a, "first of all"));
        assert!(s.write_frame(a, Kind::Ping, true, b"and"));
        assert!(s.text(a, "last"));
        s.ask_writeable(a);
        s.run();
        let length = (6 + 12) + (6 + 3) + (6 + 4);
        let all = takes >= length;
        assert_eq!(
            s.count(a, Reason::ClientWriteable),
            usize::from(all),
            "{takes}"
        );
        for _ in takes..length {
            assert_eq!(
                s.count(a, Reason::ClientWriteable),
                0,
                "not before all has left"
            );
            s.peer().takes = 1;
            s.run();
        }
        assert_eq!(s.frames(), frames, "{takes}");
        // A socket that is full now says so when it is tried.
        s.peer().takes = usize::MAX;
        s.run();
        assert_eq!(s.count(a, Reason::ClientWriteable), 1, "{takes}");
    }
}

#[test]
fn a_message_that_is_read_while_another_waits_is_handed_out() {
    let mut s = Story::new();
    let a = s.ws();
    s.peer().takes = 5;
    assert!(s.text(a, "waits"));
    s.run();
    s.sends(TEXT, b"arrives");
    assert_eq!(s.pieces(a), ["first last text arrives"]);
    assert_eq!(s.frames(), [""; 0]);
    s.peer().takes = usize::MAX;
    s.run();
    assert_eq!(s.frames(), ["text waits"]);
}

#[test]
fn an_echo_leaves_in_order_whatever_the_socket_takes() {
    for takes in [1, 2, 7, 30] {
        let mut s = Story::new();
        let a = s.ws();
        s.hook(move |s, who, reason| {
            if reason == Reason::ClientReceive {
                let piece = s.told[who.0].pieces.last().expect("a piece").clone();
                let shown = piece.shown.expect("of a message");
                let kind = match (shown.first, shown.binary) {
                    (false, _) => Kind::Continuation,
                    (true, true) => Kind::Binary,
                    (true, false) => Kind::Text,
                };
                assert!(s.write_frame(who, kind, shown.last, &piece.bytes));
            }
            0
        });
        let said = [
            frame(TEXT, b"hello"),
            frame(BINARY, b"0123456789abcdef"),
            frame(PING, b"p"),
            frame(TEXT, b""),
        ];
        s.peer().takes = takes;
        s.bytes(&said.concat());
        while s.peer().takes == 0 {
            s.peer().takes = takes;
            s.run();
        }
        let echo = [
            "text hello",
            "binary- 01234567",
            "more 89abcdef",
            "pong p",
            "text",
        ];
        assert_eq!(s.frames(), echo, "{takes}");
        assert_eq!(s.count(a, Reason::ClientReceive), 4);
    }
}

#[test]
fn a_program_that_writes_in_every_writeable_is_asked_again() {
    let mut s = Story::new();
    let a = s.ws();
    s.hook(|s, who, reason| {
        let nth = s.count(who, Reason::ClientWriteable);
        if reason == Reason::ClientWriteable && nth <= 20 {
            s.text(who, &format!("{nth}"));
            s.ask_writeable(who);
        }
        0
    });
    s.ask_writeable(a);
    s.run();
    assert_eq!(s.count(a, Reason::ClientWriteable), 21);
    let sent: Vec<String> = (1..=20).map(|n| format!("text {n}")).collect();
    assert_eq!(s.frames(), sent);
}

#[test]
fn a_write_to_a_peer_that_went_ends_it_once() {
    let mut s = Story::new();
    let a = s.ws();
    s.peer().breaks("EPIPE");
    s.text(a, "nobody hears it");
    s.run();
    assert_eq!(s.ends(), [(a, End::Closed)]);
    assert_eq!(s.closed, 1);
}

#[test]
fn what_the_peer_said_before_it_went_is_heard_though_a_write_fails() {
    let mut s = Story::new();
    let a = s.ws();
    s.peer().says(frame(TEXT, b"so long"));
    s.peer().breaks("EPIPE");
    s.text(a, "nobody hears it");
    s.run();
    assert_eq!(s.pieces(a), ["first last text so long"]);
    assert_eq!(s.ends(), [(a, End::Closed)]);
}

#[test]
fn what_was_sent_takes_no_memory_though_something_always_waits() {
    let mut s = Story::new();
    let a = s.ws();
    s.careful = false;
    s.peer().takes = 1;
    assert!(s.text(a, &"x".repeat(1000)));
    for _ in 0..2_000 {
        assert!(s.text(a, &"x".repeat(94)));
        s.peer().takes = 100;
        s.run();
        s.listener().frames.clear();
    }
    let at = s.seat(a).expect("it is open");
    let tx = &s.engine.conns.get(at).expect("its connection").tx;
    assert!(tx.pending().len() < 3_000, "{} wait", tx.pending().len());
    assert!(tx.held() < 16_000, "{} are held", tx.held());
}

#[test]
fn a_tunnel_that_wants_the_other_direction_gets_it() {
    let mut s = Story::tls();
    let a = s.ws();
    s.peer().write_fails = Some(Io::WantRead);
    assert!(s.text(a, "waits for something to read"));
    s.run();
    assert_eq!(s.frames(), [""; 0]);
    s.sends(TEXT, b"here");
    assert_eq!(s.frames(), ["text waits for something to read"]);
    s.peer().next_read_is(Io::WantWrite);
    s.sends(TEXT, b"waits for room");
    let told = [
        "first last text here",
        "first text waits fo +6",
        "last text r room",
    ];
    assert_eq!(s.pieces(a), told);
}
