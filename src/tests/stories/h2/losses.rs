//! Stories of h2 connections that end under their riders: contract section 4, for each of them.

use crate::engine::call::Reason;
use crate::engine::wsi::Method;
use crate::net::transport::Io;
use crate::tests::books::End;
use crate::tests::program::Asked;
use crate::tests::story::{Req, Story};

const HOWS: [&str; 3] = ["fin", "cut", "reset"];

/// A connection that has answered one request.
fn reused() -> Story {
    let mut s = Story::h2_with(&[(3, 20)]);
    s.some(1);
    s.answer_all();
    s
}

fn dies(s: &mut Story, how: &str) {
    s.peer().dies(how);
    s.run();
}

/// Contract section 4, last rows; and 2.6: who only waited loses nothing.
#[test]
fn on_a_fresh_connection_what_was_sent_fails_and_who_waited_moves() {
    for how in HOWS {
        let mut s = Story::h2_with(&[(3, 2)]);
        let all = s.some(5);
        dies(&mut s, how);
        assert_eq!(s.ends(), [(all[0], End::Failed), (all[1], End::Failed)]);
        for who in &all[..2] {
            let error = s.error(*who);
            assert!(error.contains("before the response head"), "{error}");
        }
        assert_eq!(s.places(), [(all[2..4].to_vec(), all[4..].to_vec())]);
        s.answer_all();
        assert_eq!((s.ended(End::Completed), s.connects()), (3, 2));
    }
}

/// Contract section 4, third row.
#[test]
fn on_a_reused_connection_idempotent_requests_go_again_in_order() {
    for how in HOWS {
        let mut s = reused();
        let methods = [
            Method::Get,
            Method::Post,
            Method::Head,
            Method::Put,
            Method::Patch,
            Method::Delete,
            Method::Options,
        ];
        let all = methods.map(|method| s.ask(Asked::with(method).append("X-Once: 1\r\n")));
        s.run();
        dies(&mut s, how);
        assert_eq!(
            s.ends()[1..],
            [(all[1], End::Failed), (all[4], End::Failed)]
        );
        assert_eq!(
            s.server().requests(),
            ["GET /", "HEAD /", "PUT /", "DELETE /", "OPTIONS /"]
        );
        assert_eq!(s.server().field(9, "x-once"), Some("1"));
        s.answer_all();
        assert_eq!((s.ended(End::Completed), s.connects()), (6, 2));
        assert_eq!(s.count(all[0], Reason::AppendHandshakeHeader), 1);
    }
}

#[test]
fn each_state_gets_what_section_4_says() {
    for how in HOWS {
        let mut s = reused();
        let answered = s.get();
        let in_body = s.get();
        let upload = s.ask(Asked::with(Method::Put).body(&["body"]));
        let plain = s.get();
        s.run();
        s.says(|server| {
            server.head(3, 200, &[]);
            server.head(5, 200, &[]);
            server.piece(5, "half");
        });
        dies(&mut s, how);
        let ends = [answered, in_body, upload, plain].map(|who| s.end_of(who));
        let closed = Some(End::Closed);
        assert_eq!(ends, [closed, closed, Some(End::Failed), None], "{how}");
        assert_eq!(s.body(in_body), "half");
        s.answer_all();
        assert_eq!(s.end_of(plain), Some(End::Completed));
    }
}

/// As on h1: one byte of the response, a 103 too, rules a second attempt out.
#[test]
fn an_interim_response_rules_a_second_attempt_out() {
    let mut s = reused();
    let all = s.some(2);
    s.says(|server| server.head(3, 103, &[("link", "</x>")]));
    dies(&mut s, "fin");
    assert_eq!(s.end_of(all[0]), Some(End::Failed));
    s.answer_all();
    assert_eq!(s.end_of(all[1]), Some(End::Completed));
}

/// Contract section 4, first row: any method, and it does not count as an attempt; body bytes that were given go along.
#[test]
fn of_whom_nothing_was_sent_loses_nothing() {
    for how in ["fin", "reset"] {
        let mut s = reused();
        s.some(1);
        s.peer().takes = 0;
        let all = [
            s.ask(Asked::post(&["one ", "two"])),
            s.ask(Asked::with(Method::Patch).body(&["three"])),
            s.get(),
        ];
        s.run();
        assert_eq!(s.server().streams.len(), 2);
        dies(&mut s, how);
        assert_eq!(all.map(|who| s.end_of(who)), [None; 3], "{how}");
        s.answer_all();
        assert_eq!(s.ended(End::Completed), 5);
        let bodies = bodies_of(&s, 1);
        assert!(bodies.contains(&"one two".into()) && bodies.contains(&"three".into()));
        for who in all {
            assert_eq!(s.count(who, Reason::AppendHandshakeHeader), 1);
        }
    }
}

fn bodies_of(s: &Story, nth: usize) -> Vec<String> {
    let server = s.server_of(nth);
    let ids = server.streams.keys();
    ids.map(|id| server.body(*id).to_owned()).collect()
}

/// The socket took a part: what is behind it is placed again, what was cut is not.
#[test]
fn a_head_that_was_cut_counts_as_sent() {
    let mut s = reused();
    let first = s.some(1)[0];
    let room = 12;
    s.peer().takes = room;
    let all: Vec<_> = (0..4).map(|_| s.ask(Asked::with(Method::Post))).collect();
    s.run();
    dies(&mut s, "reset");
    assert_eq!(s.end_of(all[0]), Some(End::Failed), "its first bytes left");
    assert_eq!(s.end_of(all[3]), None);
    s.answer_all();
    assert_eq!(s.end_of(first), Some(End::Completed));
    assert_eq!(s.end_of(all[3]), Some(End::Completed));
}

/// Contract 2.5: it ended before it carried one request.
#[test]
fn a_connection_that_carried_nothing_fails_all_who_waited_for_it() {
    for how in HOWS {
        for settings in [false, true] {
            let mut s = Story::h2_with(&[(3, 0)]);
            s.mute = !settings;
            let all = s.some(3);
            dies(&mut s, how);
            assert_eq!(s.ended(End::Failed), 3, "{how}, SETTINGS: {settings}");
            for who in all {
                assert!(s.error(who).contains("read failed"), "{}", s.error(who));
            }
        }
    }
}

/// A write that fails leaves the last word to what the socket still gives.
#[test]
fn a_response_that_came_before_the_server_stopped_reading_is_delivered() {
    let mut s = Story::h2();
    let all = s.some(3);
    s.puts(|server| server.ok(1));
    s.peer().write_fails = Some(Io::Failed("EPIPE".into()));
    s.cancel(all[1]); // something to write
    s.run();
    assert_eq!(s.end_of(all[0]), Some(End::Completed));
    assert_eq!(s.end_of(all[1]), Some(End::Failed));
    let late = s.some(1)[0];
    s.sockets[0].hangs_up();
    s.run();
    assert_eq!(s.end_of(all[2]), Some(End::Failed));
    s.answer_all();
    assert_eq!((s.end_of(late), s.connects()), (Some(End::Completed), 2));
}

#[test]
fn a_response_whose_end_came_with_the_fin_completes() {
    let mut s = Story::h2();
    let all = s.some(3);
    s.puts(|server| {
        server.ok(1);
        server.head(3, 200, &[]);
        server.last(3, "x".repeat(10_000));
    });
    s.peer().hangs_up();
    s.run();
    assert_eq!(
        all.iter().map(|who| s.end_of(*who)).collect::<Vec<_>>(),
        [
            Some(End::Completed),
            Some(End::Completed),
            Some(End::Failed)
        ]
    );
}

/// A paused reader has not seen all of its response when the connection goes: what came whole is delivered, and completes.
#[test]
fn a_response_that_was_put_aside_whole_outlives_its_connection() {
    for whole in [true, false] {
        let mut s = Story::h2();
        let a = s.some(1)[0];
        let key = s.told[a.0].key;
        s.says(|server| server.head(1, 200, &[]));
        s.engine.pause_rx(key, true);
        s.puts(|server| match whole {
            true => server.last(1, "all of it"),
            false => server.piece(1, "not all of it"),
        });
        s.peer().hangs_up();
        s.run();
        s.engine.pause_rx(key, false);
        s.run();
        if whole {
            assert_eq!(s.body(a), "all of it");
        }
        let end = if whole { End::Completed } else { End::Closed };
        assert_eq!(s.end_of(a), Some(end));
    }
}

/// Every connection breaks after it has answered one: contract section 4 counts to three.
#[test]
fn three_attempts_that_sent_bytes_are_the_most() {
    let mut s = reused();
    let who = s.some(1)[0];
    for attempt in 2..=3 {
        dies(&mut s, "fin");
        assert_eq!((s.end_of(who), s.connects()), (None, attempt));
        make_reused(&mut s, who);
    }
    s.peer().breaks("ECONNRESET");
    s.run();
    assert_eq!((s.end_of(who), s.connects()), (Some(End::Failed), 3));
    assert!(s.error(who).contains("ECONNRESET"), "{}", s.error(who));
}

/// As if its connection had answered somebody before.
fn make_reused(s: &mut Story, who: Req) {
    let wsi = s.engine.wsis.get(s.told[who.0].key).expect("it lives");
    let (at, stream) = wsi.stream().expect("it rides");
    let conn = s.engine.conns.get_mut(at).expect("it is up");
    let mux = conn.mux.as_mut().expect("it speaks h2");
    mux.rider_mut(stream).expect("it rides").reused = true;
}
