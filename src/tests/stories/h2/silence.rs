//! Stories of servers that say nothing, or not what was waited for; and of connections that run out of stream ids.

use crate::proto::h2::ErrorCode;
use crate::proto::h2::by_hand::MAX_ID;
use crate::tests::books::End;
use crate::tests::story::{REPLY_SECS, Story};

#[test]
fn no_settings_in_time_fail_all_who_waited() {
    for mut s in [Story::h2(), Story::h2c()] {
        s.mute = true;
        s.some(3);
        s.wait_secs(REPLY_SECS - 1);
        assert_eq!(s.ends(), []);
        s.wait_secs(1);
        assert_eq!(s.ended(End::Failed), 3);
        for told in &s.told {
            assert!(told.error.contains("no SETTINGS"), "{}", told.error);
        }
    }
}

#[test]
fn a_peer_that_speaks_h1_is_told_from_one_that_speaks_h2() {
    let mut s = Story::h2c();
    s.mute = true;
    s.some(2);
    s.says(|server| server.raw("HTTP/1.1 400 Bad Request\r\n\r\n"));
    assert_eq!(s.ended(End::Failed), 2);
    for told in &s.told {
        let error = &told.error;
        assert!(error.contains("it does not speak h2 there"), "{error}");
    }
}

/// Each request has its own time for its response to begin.
#[test]
fn a_response_that_is_late_fails_its_request_alone() {
    let mut s = Story::h2();
    let [a, b, c] = s.three();
    s.wait_secs(REPLY_SECS - 1);
    s.says(|server| {
        server.head(3, 200, &[]);
        server.ok(5);
    });
    let d = s.some(1)[0];
    s.wait_secs(1);
    assert_eq!(s.ends(), [(c, End::Completed), (a, End::Failed)]);
    let error = s.error(a);
    assert!(
        error.starts_with("Timed out waiting server reply"),
        "{error}"
    );
    assert_eq!(s.server().resets, [(1, ErrorCode::CANCEL)]);
    s.wait_secs(REPLY_SECS - 2);
    assert_eq!(s.end_of(d), None);
    s.says(|server| server.last(3, "slow"));
    s.answer_all();
    assert_eq!([b, d].map(|who| s.end_of(who)), [Some(End::Completed); 2]);
    assert_eq!(s.connects(), 1, "the server is alive");
}

#[test]
fn a_body_may_take_its_time() {
    let mut s = Story::h2();
    let a = s.some(1)[0];
    s.says(|server| server.head(1, 200, &[]));
    s.wait_secs(1_000);
    s.says(|server| server.last(1, "slow"));
    assert_eq!((s.body(a), s.end_of(a)), ("slow", Some(End::Completed)));
}

/// A connection that said nothing while a request waited for its answer may be dead: nobody else is put on it.
#[test]
fn a_silent_connection_is_not_used_for_new_requests() {
    let mut s = Story::h2_with(&[(3, 2)]);
    let a = s.some(1)[0];
    s.wait_secs(REPLY_SECS / 2);
    let [b, waits] = [s.get(), s.get()];
    s.run();
    s.wait_secs(REPLY_SECS / 2);
    assert_eq!(s.ends(), [(a, End::Failed)]);
    let c = s.some(1)[0];
    assert_eq!(s.connects(), 2);
    assert_eq!(s.places(), [(vec![b], vec![]), (vec![waits, c], vec![])]);
    s.answer_all();
    assert_eq!(
        [b, waits, c].map(|who| s.end_of(who)),
        [Some(End::Completed); 3]
    );
}

#[test]
fn the_time_of_an_upload_begins_with_each_of_its_parts() {
    let mut s = Story::h2_with(&[(4, 10)]);
    s.stingy = true;
    let a = s.ask(crate::tests::program::Asked::post(
        &["x"; 5].map(|_| "0123456789"),
    ));
    s.run();
    for _ in 0..4 {
        s.wait_secs(REPLY_SECS - 1);
        assert_eq!(s.end_of(a), None);
        s.says(|server| {
            server.give(1, 10);
            server.give(0, 10);
        });
    }
    s.answer_all();
    assert_eq!(s.ends(), [(a, End::Completed)]);
}

/// RFC 9113 section 5.1.1: a connection whose ids are used up takes no more requests.
#[test]
fn who_comes_after_the_last_stream_id_goes_to_a_new_connection() {
    for waiting in [0, 3] {
        let mut s = Story::h2_with(&[(3, 5)]);
        let a = s.some(1)[0];
        let at = s.seat(a).expect("it rides");
        let conn = s.engine.conns.get_mut(at).expect("it is up");
        let mux = conn.mux.as_mut().expect("it speaks h2");
        mux.h2.next_id_is(MAX_ID - 2);
        let all: Vec<_> = (0..2 + waiting).map(|_| s.get()).collect();
        s.run();
        assert_eq!(s.server_of(0).streams.len(), 3);
        assert_eq!(s.stream(all[1]), MAX_ID);
        assert_eq!(s.connects(), if waiting > 0 { 2 } else { 1 });
        let last = s.some(1)[0];
        assert_ne!(s.seat(last), Some(at));
        s.answer_all();
        assert_eq!(s.ended(End::Completed), s.told.len());
        assert_eq!(s.connects(), 2);
        assert!(s.sockets[0].closed, "it is closed when it carries nothing");
    }
}
