//! Stories of raw clients: bytes as they are, on a connection of their own.

use crate::engine::call::Reason;
use crate::tests::books::End;
use crate::tests::peer::{Dialed, Name, OK};
use crate::tests::program::Asked;
use crate::tests::story::{Req, Story};

/// What comes inside the connect call.
const BEGUN: [Reason; 2] = [Reason::RawSktBindProtocol, Reason::WsiCreate];

const OPENED: [Reason; 2] = [Reason::Connecting, Reason::RawConnected];

const CLOSED: [Reason; 3] = [
    Reason::RawSktDropProtocol,
    Reason::RawClose,
    Reason::WsiDestroy,
];

fn raw() -> (Story, Req) {
    let mut s = Story::new();
    let who = s.ask(Asked::raw());
    s.run();
    (s, who)
}

fn is_over(s: &Story, who: Req) {
    assert_eq!(s.ends(), [(who, End::Closed)]);
    assert!(s.heard(who).ends_with(&CLOSED), "{:?}", s.heard(who));
    assert_eq!(s.closed, 1);
}

#[test]
fn a_raw_request_hears_everything_in_order() {
    for mut s in [Story::new(), Story::tls()] {
        let a = s.ask(Asked::raw());
        assert_eq!(s.heard(a), BEGUN, "nothing else comes inside the call");
        s.run();
        assert_eq!(s.peer().sent, b"", "nothing is said for it");
        s.answer("banner");
        s.ask_writeable(a);
        s.run();
        s.hangs_up();
        let met = [Reason::RawRx, Reason::RawWriteable];
        assert_eq!(s.heard(a), [&BEGUN[..], &OPENED, &met, &CLOSED].concat());
        is_over(&s, a);
    }
}

#[test]
fn one_that_fails_hears_why_then_drop_then_destroy() {
    let failed = [
        Reason::ConnectionError,
        Reason::RawSktDropProtocol,
        Reason::WsiDestroy,
    ];
    let mut s = Story::new();
    s.names.push_back(Name::Fails("DNS NXDOMAIN"));
    let a = s.ask(Asked::raw());
    s.run();
    assert_eq!(s.heard(a), [&BEGUN[..], &failed].concat());
    assert!(s.error(a).starts_with("DNS NXDOMAIN: a.test:80"));
}

#[test]
fn bytes_come_in_pieces_of_rx_buffer_size() {
    let (mut s, a) = raw();
    s.answer("0123456789abcdef!");
    assert_eq!(s.pieces(a), ["raw 01234567", "raw 89abcdef", "raw !"]);
    for byte in "one by one".bytes() {
        s.bytes(&[byte]);
    }
    assert_eq!(s.pieces(a).len(), 13, "what is there is handed out");
    assert_eq!(s.body(a), "0123456789abcdef!one by one");
}

#[test]
fn what_looks_like_http_is_bytes() {
    let (mut s, a) = raw();
    s.answer(OK);
    s.answer("HTTP/1.1 101 Switching Protocols\r\n\r\n");
    assert_eq!(s.end_of(a), None);
    assert!(s.body(a).starts_with(OK));
}

#[test]
fn more_than_a_buffer_at_once_arrives() {
    for records in [false, true] {
        let mut s = if records { Story::tls() } else { Story::new() };
        s.takes(1000);
        let a = s.ask(Asked::raw());
        s.run();
        s.peer().records = records;
        let said: String = ('a'..='z').cycle().take(100_000).collect();
        s.answer(&said);
        assert_eq!(s.body(a), said);
    }
}

#[test]
fn a_positive_return_closes_nothing() {
    for reason in [Reason::RawRx, Reason::RawWriteable] {
        let (mut s, a) = raw();
        s.hook(move |_, _, at| i32::from(at == reason));
        s.answer("one");
        s.ask_writeable(a);
        s.run();
        s.answer("two");
        assert_eq!(s.pieces(a), ["raw one", "raw two"]);
        assert_eq!((s.count(a, reason) > 0, s.end_of(a)), (true, None));
    }
}

#[test]
fn a_negative_return_closes() {
    for reason in [Reason::RawRx, Reason::RawWriteable] {
        let (mut s, a) = raw();
        s.says_no(a, reason);
        s.answer("one");
        s.ask_writeable(a);
        s.run();
        is_over(&s, a);
        assert_eq!(s.count(a, reason), 1);
    }
}

#[test]
fn nonzero_from_raw_connected_is_an_error() {
    for verdict in [-1, 1] {
        let mut s = Story::new();
        s.hook(move |_, _, at| {
            if at == Reason::RawConnected {
                verdict
            } else {
                0
            }
        });
        let a = s.ask(Asked::raw());
        s.run();
        assert_eq!((s.ends(), s.closed), (vec![(a, End::Failed)], 1));
        assert!(s.error(a).starts_with("user"), "{}", s.error(a));
    }
}

#[test]
fn a_write_inside_raw_connected_leaves_at_once() {
    let mut s = Story::new();
    s.hook(|s, who, reason| {
        let open = reason == Reason::RawConnected;
        if !matches!(reason, Reason::RawRx) {
            assert_eq!(s.write(who, b"hello"), open, "{reason:?}");
        }
        0
    });
    let a = s.ask(Asked::raw());
    s.run();
    s.unhook();
    assert_eq!(s.peer().heard(), "hello");
    assert_eq!(s.end_of(a), None);
}

#[test]
fn what_the_socket_does_not_take_leaves_later_whatever_it_takes() {
    for takes in 0..=12 {
        let (mut s, a) = raw();
        s.peer().takes = takes;
        assert!(s.write(a, b"one"));
        assert!(s.write(a, b"and two"));
        s.ask_writeable(a);
        s.run();
        assert_eq!(
            s.count(a, Reason::RawWriteable),
            usize::from(takes >= 10),
            "{takes}"
        );
        for _ in takes..10 {
            assert_eq!(s.count(a, Reason::RawWriteable), 0, "{takes}");
            s.peer().takes = 1;
            s.run();
        }
        s.peer().takes = usize::MAX;
        s.run();
        assert_eq!(s.peer().heard(), "oneand two", "{takes}");
        assert_eq!(s.count(a, Reason::RawWriteable), 1, "{takes}");
    }
}

#[test]
fn what_was_written_leaves_before_the_end() {
    for takes in 0..6 {
        let (mut s, a) = raw();
        s.peer().takes = takes;
        assert!(s.write(a, b"unsent"));
        s.says_no(a, Reason::RawRx);
        s.answer("go");
        s.unhook();
        s.peer().says("nobody wants this");
        assert_eq!(s.end_of(a), None, "{takes}");
        assert!(!s.write(a, b"more"), "it is as good as over");
        assert!(!s.ask_writeable(a));
        s.peer().takes = usize::MAX;
        s.run();
        is_over(&s, a);
        assert_eq!(s.sockets[0].heard(), "unsent", "{takes}");
        assert_eq!(s.pieces(a), ["raw go"]);
    }
    let (mut s, a) = raw();
    s.peer().takes = 1;
    assert!(s.write(a, b"unsent"));
    s.says_no(a, Reason::RawRx);
    s.answer("go");
    s.wait_secs(4);
    assert_eq!(s.end_of(a), None, "the peer has time to take it");
    s.wait_secs(1);
    is_over(&s, a);
}

#[test]
fn a_pause_holds_what_comes_inside_callbacks_and_outside() {
    let (mut s, a) = raw();
    s.pause(a, true);
    s.answer("one");
    assert_eq!(s.pieces(a), [""; 0]);
    s.pause(a, false);
    s.run();
    assert_eq!(s.pieces(a), ["raw one"]);
    s.hook(move |s, who, reason| {
        if reason == Reason::RawRx {
            s.pause(who, true);
        }
        0
    });
    s.answer("0123456789");
    assert_eq!(s.pieces(a)[1..], ["raw 01234567"]);
    s.pause(a, false);
    s.run();
    s.pause(a, false);
    s.unhook();
    s.run();
    assert_eq!(s.pieces(a)[2..], ["raw 89"]);
}

#[test]
fn what_came_before_the_peer_went_is_handed_out_first() {
    let (mut s, a) = raw();
    s.pause(a, true);
    s.answer("last words");
    s.hangs_up();
    assert_eq!(s.end_of(a), None);
    s.pause(a, false);
    s.run();
    assert_eq!(s.body(a), "last words");
    is_over(&s, a);
}

#[test]
fn a_paused_one_whose_write_fails_is_over() {
    let (mut s, a) = raw();
    s.pause(a, true);
    s.peer().breaks("EPIPE");
    s.write(a, b"nobody hears it");
    s.run();
    is_over(&s, a);
}

#[test]
fn a_peer_that_goes_ends_it_once() {
    for unsent in [false, true] {
        for how in ["fin", "cut", "reset"] {
            let (mut s, a) = raw();
            if unsent {
                s.peer().takes = 1;
                assert!(s.write(a, b"unsent"));
            }
            s.peer().says("bye");
            match how {
                "fin" => s.peer().hangs_up(),
                "cut" => s.peer().is_cut(),
                _ => s.peer().breaks("ECONNRESET"),
            }
            s.run();
            assert_eq!(s.body(a), "bye", "{how}");
            is_over(&s, a);
        }
    }
}

#[test]
fn one_that_is_silent_lives() {
    let (mut s, a) = raw();
    s.wait_secs(90_000);
    s.answer("late");
    s.write(a, b"later");
    s.wait_secs(90_000);
    assert_eq!((s.body(a), s.end_of(a)), ("late", None));
}

#[test]
fn it_has_its_connection_to_itself() {
    let mut s = Story::new();
    s.get();
    s.run();
    s.answer(OK);
    let b = s.ask(Asked::raw());
    let c = s.ask(Asked::raw());
    s.run();
    assert_eq!(
        s.connects(),
        3,
        "it does not ride the idle one, nor another's"
    );
    let d = s.get();
    s.run();
    assert_eq!(s.connects(), 3, "who may share rides the idle one");
    s.sockets[0].says(OK);
    s.run();
    assert_eq!(s.end_of(d), Some(End::Completed));
    s.hangs_up();
    s.sockets[1].hangs_up();
    s.run();
    assert_eq!(
        (s.end_of(b), s.end_of(c)),
        (Some(End::Closed), Some(End::Closed))
    );
}

/// Where it is when something ends it, and how it ends then.
const STATES: [(&str, End); 6] = [
    ("unplaced", End::Failed),
    ("looked up", End::Failed),
    ("connecting", End::Failed),
    ("handshake", End::Failed),
    ("open", End::Closed),
    ("flushing", End::Closed),
];

fn in_state(state: &str) -> (Story, Req) {
    let mut s = match state {
        "handshake" => Story::tls(),
        _ => Story::new(),
    };
    match state {
        "looked up" => s.names.push_back(Name::Later),
        "connecting" => s.dials.push_back(Dialed::Hangs),
        "handshake" => s.says_hello = false,
        _ => {}
    }
    let who = s.ask(Asked::raw());
    if state != "unplaced" {
        s.run();
    }
    if state == "flushing" {
        s.peer().takes = 1;
        assert!(s.write(who, b"unsent"));
        s.says_no(who, Reason::RawRx);
        s.answer("go");
        s.unhook();
    }
    (s, who)
}

#[test]
fn the_program_or_its_vhost_ends_it_whatever_its_state() {
    for (state, end) in STATES {
        for sync in [false, true] {
            let (mut s, a) = in_state(state);
            match sync {
                false => s.cancel(a),
                true => s.cancel_now(a),
            }
            s.run();
            assert_eq!(s.ends(), [(a, end)], "{state}");
            assert_eq!(s.active_conns(), [], "{state}");
        }
        let (mut s, a) = in_state(state);
        s.destroy_vhost();
        let told = (end == End::Closed).then_some((a, End::Closed));
        assert_eq!(s.ends(), told.into_iter().collect::<Vec<_>>(), "{state}");
        assert_eq!(s.count(a, Reason::WsiDestroy), 1, "{state}");
    }
}

#[test]
fn what_happens_in_a_callback_ends_it_once() {
    for (reason, end) in [
        (Reason::RawConnected, End::Failed),
        (Reason::RawRx, End::Closed),
        (Reason::RawWriteable, End::Closed),
    ] {
        for (sync, verdict) in [(false, 0), (true, 0), (true, -1), (false, -1)] {
            let mut s = Story::new();
            s.hook(move |s, who, at| {
                if at == reason {
                    match sync {
                        true => s.cancel_now(who),
                        false => s.cancel(who),
                    }
                    return verdict;
                }
                0
            });
            let a = s.ask(Asked::raw());
            s.ask_writeable(a);
            s.run();
            if s.end_of(a).is_none() {
                s.answer("hello");
            }
            let opened = reason == Reason::RawConnected && !sync && verdict == 0;
            let end = if opened { End::Closed } else { end };
            assert_eq!(s.ends(), [(a, end)], "{reason:?} {sync} {verdict}");
            assert_eq!(s.count(a, reason), 1);
        }
    }
}

#[test]
fn a_loop_in_rx_leaves_the_rest_for_later() {
    let (mut s, a) = raw();
    s.hook(|s, who, reason| {
        if reason == Reason::RawRx {
            let pieces = s.told[who.0].pieces.len();
            s.nested();
            assert_eq!(s.told[who.0].pieces.len(), pieces, "one callback at once");
        }
        0
    });
    s.peer().says("0123456789");
    s.peer().says("abc");
    s.run();
    assert_eq!(s.body(a), "0123456789abc");
}
