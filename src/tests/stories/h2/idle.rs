//! Stories of h2 connections that nobody rides.

use crate::tests::books::End;
use crate::tests::program::Asked;
use crate::tests::story::Story;

fn idle() -> Story {
    let mut s = Story::h2();
    s.some(1);
    s.answer_all();
    assert_eq!(s.places(), [(vec![], vec![])]);
    s
}

/// Contract 2.4: it is ridden at once, with a look first.
#[test]
fn an_idle_connection_is_ridden_at_once_after_a_look() {
    let mut s = idle();
    let reads = s.peer().reads;
    let all = [s.get(), s.get()];
    s.drain();
    assert_eq!(s.peer().reads, reads + 1, "a look");
    assert_eq!(s.server().streams.len(), 3, "and no answer was waited for");
    assert_eq!(s.places(), [(all.to_vec(), vec![])]);
    s.answer_all();
    assert_eq!((s.connects(), s.ended(End::Completed)), (1, 3));
}

#[test]
fn a_fin_that_nobody_has_seen_yet_loses_nobody() {
    for how in ["fin", "cut", "reset"] {
        let mut s = idle();
        s.peer().dies(how);
        let all = [s.ask(Asked::post(&["x"])), s.get()];
        s.drain();
        assert_eq!(s.server_of(0).streams.len(), 1, "nothing is written");
        s.answer_all();
        assert_eq!(s.connects(), 2);
        assert_eq!(all.map(|who| s.end_of(who)), [Some(End::Completed); 2]);
    }
}

#[test]
fn a_server_that_hangs_up_on_an_idle_connection_closes_it_at_once() {
    for how in ["fin", "cut", "reset"] {
        let mut s = idle();
        s.peer().dies(how);
        s.run();
        assert_eq!((s.places(), s.closed), (vec![], 1), "{how}");
    }
}

/// Contract 2.4: keep_warm_secs, h1 and h2 alike.
#[test]
fn an_idle_connection_is_kept_five_seconds_or_as_long_as_a_rider_asked_for() {
    for (warm, kept) in [(0, 5), (7, 7), (30, 30)] {
        let mut s = Story::h2();
        s.get();
        s.ask(Asked::get().keep_warm(warm));
        s.answer_all();
        s.wait(u64::from(kept as u32) * 1_000_000 - 1);
        assert_eq!(s.closed, 0);
        s.wait(1);
        assert_eq!(s.closed, 1);
        assert_eq!(s.server_of(0).goaways.len(), 1, "it says goodbye");
    }
}

#[test]
fn who_rides_again_starts_the_idle_time_anew() {
    let mut s = idle();
    for _ in 0..3 {
        s.wait_secs(4);
        s.some(1);
        s.answer_all();
    }
    s.wait_secs(4);
    assert_eq!((s.connects(), s.closed), (1, 0));
    s.wait_secs(1);
    assert_eq!(s.closed, 1);
}

/// What servers say of themselves does not keep a connection warm, and does not end it.
#[test]
fn pings_and_settings_on_an_idle_connection_are_answered() {
    let mut s = idle();
    s.wait_secs(3);
    s.says(|server| {
        server.ping();
        server.max_streams(7);
    });
    assert_eq!((s.server().ping_acks, s.server().settings_acks), (1, 2));
    assert_eq!(s.closed, 0);
    s.wait_secs(2);
    assert_eq!(s.closed, 1, "five seconds after its last rider");
}

#[test]
fn a_goaway_on_an_idle_connection_closes_it() {
    let mut s = idle();
    s.says(|server| server.goaway(1, crate::proto::h2::ErrorCode::NO_ERROR));
    assert_eq!((s.places(), s.closed), (vec![], 1));
}

#[test]
fn a_goaway_that_nobody_has_seen_yet_loses_nobody() {
    let mut s = idle();
    s.puts(|server| server.goaway(1, crate::proto::h2::ErrorCode::NO_ERROR));
    let b = s.ask(Asked::post(&["x"]));
    s.answer_all();
    assert_eq!((s.end_of(b), s.connects()), (Some(End::Completed), 2));
    assert_eq!(s.server_of(0).streams.len(), 1);
}
