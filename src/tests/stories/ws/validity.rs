//! Stories of connections on which nothing moves: when their peer is asked, and when it is given up.

use crate::engine::call::Reason;
use crate::tests::books::End;
use crate::tests::program::Asked;
use crate::tests::story::{Req, Story};
use crate::tests::ws_peer::{PING, PONG, TEXT};

/// Asked after 30 s, given up after 40.
fn watched() -> (Story, Req) {
    let mut s = Story::new();
    let who = s.opens(Asked::ws().validity(30, 40));
    (s, who)
}

#[test]
fn an_idle_peer_is_asked_once_and_then_given_up() {
    let (mut s, a) = watched();
    s.wait_secs(29);
    assert_eq!(s.frames(), [""; 0]);
    s.wait_secs(1);
    assert_eq!(s.frames(), ["ping"]);
    s.wait_secs(9);
    assert_eq!((s.frames().len(), s.end_of(a)), (0, None));
    s.wait_secs(1);
    assert_eq!(s.ends(), [(a, End::Closed)]);
    assert_eq!(s.frames(), [""; 0], "it is not there to hear a Close");
    assert_eq!(s.closed, 1);
}

#[test]
fn a_pong_is_a_sign_of_life() {
    let (mut s, a) = watched();
    for _ in 0..10 {
        s.wait_secs(30);
        assert_eq!(s.frames(), ["ping"]);
        s.wait_secs(9);
        s.sends(PONG, b"");
    }
    assert_eq!(s.count(a, Reason::ClientReceivePong), 10);
    // One that nobody asked for is too.
    s.wait_secs(20);
    s.sends(PONG, b"");
    s.wait_secs(29);
    assert_eq!(s.frames(), [""; 0]);
    s.wait_secs(1);
    assert_eq!(s.frames(), ["ping"]);
    s.wait_secs(10);
    assert_eq!(s.ends(), [(a, End::Closed)]);
}

#[test]
fn what_the_program_knows_is_a_sign_of_life() {
    let (mut s, a) = watched();
    let confirm = |s: &mut Story| s.engine.is_valid(s.told[a.0].key);
    s.wait_secs(29);
    confirm(&mut s);
    s.wait_secs(29);
    assert_eq!(s.frames(), [""; 0]);
    s.wait_secs(1);
    assert_eq!(s.frames(), ["ping"]);
    s.wait_secs(9);
    confirm(&mut s);
    s.wait_secs(29);
    assert_eq!((s.frames().len(), s.end_of(a)), (0, None));
    s.wait_secs(1);
    assert_eq!(s.frames(), ["ping"]);
    s.wait_secs(10);
    assert_eq!(s.ends(), [(a, End::Closed)]);
}

#[test]
fn messages_and_pings_alone_are_none() {
    let (mut s, a) = watched();
    for _ in 0..4 {
        s.wait_secs(9);
        s.sends(TEXT, b"hello");
        s.sends(PING, b"p");
        s.text(a, "hello");
    }
    assert!(s.frames().contains(&"ping".to_owned()));
    s.wait_secs(4);
    assert_eq!(s.ends(), [(a, End::Closed)]);
}

#[test]
fn without_seconds_nobody_asks() {
    let mut s = Story::new();
    let a = s.opens(Asked::ws().validity(0, 0));
    s.wait_secs(90_000);
    assert_eq!((s.frames().len(), s.end_of(a)), (0, None));
    s.sends(TEXT, b"hello");
    assert_eq!(s.pieces(a), ["first last text hello"]);
}

#[test]
fn one_of_the_two_may_be_left_out() {
    let mut s = Story::new();
    let a = s.opens(Asked::ws().validity(0, 40));
    s.wait_secs(39);
    s.sends(PONG, b"");
    s.wait_secs(39);
    assert_eq!((s.frames().len(), s.end_of(a)), (0, None));
    s.wait_secs(1);
    assert_eq!(s.ends(), [(a, End::Closed)]);

    let mut s = Story::new();
    let b = s.opens(Asked::ws().validity(30, 0));
    s.wait_secs(1000);
    assert_eq!(s.frames(), ["ping"], "one at a time");
    s.sends(PONG, b"");
    s.wait_secs(30);
    assert_eq!(s.frames(), ["ping"]);
    assert_eq!(s.end_of(b), None);
}

#[test]
fn the_time_begins_when_it_is_open() {
    let mut s = Story::new();
    let a = s.ask(Asked::ws().validity(30, 40));
    s.run();
    s.wait_secs(19);
    s.agrees(b"");
    s.wait_secs(29);
    assert_eq!(s.frames(), [""; 0]);
    s.wait_secs(1);
    assert_eq!(s.frames(), ["ping"]);
    assert_eq!(s.end_of(a), None);
}

#[test]
fn a_ping_of_ours_waits_for_what_was_written_before() {
    let (mut s, a) = watched();
    s.peer().takes = 3;
    s.text(a, "unsent");
    s.wait_secs(35);
    s.peer().takes = usize::MAX;
    s.run();
    assert_eq!(s.frames(), ["text unsent", "ping"]);
    s.sends(PONG, b"");
    assert_eq!(s.end_of(a), None);
}

#[test]
fn a_close_that_is_awaited_has_its_own_time() {
    let (mut s, a) = watched();
    s.wait_secs(30);
    s.close_reason(a, 1000, "");
    s.says_no_in_writeable(a);
    assert_eq!(s.frames(), ["ping", "close 1000"]);
    s.wait_secs(4);
    s.sends(PONG, b"");
    assert_eq!(s.end_of(a), None);
    s.wait_secs(1);
    assert_eq!(s.ends(), [(a, End::Closed)]);
}

#[test]
fn a_program_that_pauses_for_longer_sees_no_sign_of_life() {
    let (mut s, a) = watched();
    s.pause(a, true);
    s.wait_secs(30);
    assert_eq!(s.frames(), ["ping"]);
    s.sends(PONG, b"unread");
    s.wait_secs(10);
    assert_eq!(s.ends(), [(a, End::Closed)]);
    assert_eq!(s.pieces(a), [""; 0]);
}

#[test]
fn a_ping_to_a_peer_that_went_ends_it() {
    for paused in [false, true] {
        let (mut s, a) = watched();
        s.pause(a, paused);
        s.wait_secs(20);
        s.peer().write_fails = Some(crate::net::transport::Io::Failed("EPIPE".into()));
        if paused {
            s.hangs_up();
            assert_eq!(s.end_of(a), None, "nothing is read");
        }
        s.wait_secs(10);
        if !paused {
            assert_eq!(s.end_of(a), None, "what it still says is waited for");
            s.hangs_up();
        }
        assert_eq!(s.ends(), [(a, End::Closed)]);
    }
}
