//! Stories of contract section 4: what becomes of a request whose connection ends under it.

use crate::engine::call::Reason;
use crate::engine::wsi::Method;
use crate::tests::books::End;
use crate::tests::peer::OK;
use crate::tests::program::Asked;
use crate::tests::story::{Req, Story};

/// A connection that carried one request; the next has sent its head on it.
fn reused(asked: Asked) -> (Story, Req) {
    let mut s = Story::new();
    s.get();
    s.run();
    s.answer(OK);
    let who = s.ask(asked);
    s.run();
    s.peer().heard();
    (s, who)
}

#[test]
fn an_idempotent_request_on_a_reused_connection_that_ends_before_the_response_is_sent_again() {
    for method in [
        Method::Get,
        Method::Head,
        Method::Put,
        Method::Delete,
        Method::Options,
    ] {
        for cause in ["fin", "reset"] {
            let (mut s, who) = reused(Asked::with(method).append("X-Once: 1\r\n"));
            let waits = s.get();
            match cause {
                "fin" => s.peer().hangs_up(),
                _ => s.peer().breaks("ECONNRESET"),
            }
            s.run();
            assert_eq!(
                s.lists(),
                [(Some(who), vec![waits])],
                "before all that waited"
            );
            let heard = s.peer().heard();
            assert!(
                heard.starts_with(method.text()) && heard.contains("X-Once: 1"),
                "{heard}"
            );
            s.answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            s.answer(OK);
            assert_eq!(
                (s.end_of(who), s.end_of(waits)),
                (Some(End::Completed), Some(End::Completed))
            );
            assert_eq!(
                (s.connects(), s.count(who, Reason::AppendHandshakeHeader)),
                (2, 1)
            );
        }
    }
}

#[test]
fn a_post_on_a_reused_connection_that_ends_before_the_response_fails() {
    for method in [Method::Post, Method::Patch] {
        let (mut s, who) = reused(Asked::with(method).append("Content-Length: 0\r\n"));
        let waits = s.get();
        s.peer().hangs_up();
        s.run();
        assert_eq!(s.end_of(who), Some(End::Failed));
        assert!(
            s.error(who).starts_with("read failed: the peer closed"),
            "{}",
            s.error(who)
        );
        assert!(
            s.error(who).contains("before the response head"),
            "{}",
            s.error(who)
        );
        s.answer(OK);
        assert_eq!(
            s.end_of(waits),
            Some(End::Completed),
            "who only waited loses nothing"
        );
    }
}

#[test]
fn any_method_of_which_no_byte_left_is_sent_on_another_connection() {
    for method in [Method::Get, Method::Post] {
        let (mut s, who) = reused(Asked::get());
        let next = s.ask(Asked::with(method).append("Content-Length: 0\r\n"));
        s.peer().takes = 0;
        s.answer(OK);
        assert_eq!(
            (s.end_of(who), s.seat(next).is_some()),
            (Some(End::Completed), true)
        );
        s.peer().breaks("EPIPE");
        s.run();
        let heard = s.requests_heard();
        assert_eq!(heard, [format!("{} /", method.text())]);
        s.answer(OK);
        assert_eq!((s.end_of(next), s.connects()), (Some(End::Completed), 2));
        assert_eq!(s.count(next, Reason::AppendHandshakeHeader), 1);
    }
}

#[test]
fn a_body_written_before_the_head_left_is_sent_with_it_or_the_request_fails() {
    let (mut s, _) = reused(Asked::get());
    let next = s.ask(Asked::with(Method::Post).append("Content-Length: 4\r\n"));
    s.peer().takes = 0;
    s.answer(OK);
    assert!(s.write(next, b"body"), "it is kept for later");
    s.peer().breaks("EPIPE");
    s.run();
    if s.end_of(next).is_none() {
        let heard = s.peer().heard();
        assert!(
            heard.ends_with("\r\n\r\nbody"),
            "the program has let go of the body: {heard}"
        );
        s.answer(OK);
    }
    assert!(s.end_of(next).is_some());
}

#[test]
fn a_request_on_a_fresh_connection_that_ends_before_the_response_fails_alone() {
    let mut s = Story::new();
    let [a, b, c] = s.three();
    s.peer().hangs_up();
    s.run();
    assert_eq!(s.ends(), [(a, End::Failed)]);
    assert_eq!(s.lists(), [(Some(b), vec![c])]);
    s.answer(OK);
    s.answer(OK);
    assert_eq!((s.connects(), s.ends().len()), (2, 3));
}

#[test]
fn a_body_byte_that_was_taken_is_not_sent_again() {
    let (mut s, who) = reused(Asked::with(Method::Put).body(&["body"]));
    s.run();
    s.peer().hangs_up();
    s.run();
    assert_eq!((s.end_of(who), s.connects()), (Some(End::Failed), 1));
}

#[test]
fn one_byte_of_the_response_rules_a_second_attempt_out() {
    let (mut s, who) = reused(Asked::get());
    s.answer("H");
    s.peer().hangs_up();
    s.run();
    assert_eq!((s.end_of(who), s.connects()), (Some(End::Failed), 1));
}

#[test]
fn an_interim_response_rules_a_second_attempt_out() {
    let (mut s, who) = reused(Asked::get());
    s.answer("HTTP/1.1 103 Early Hints\r\n\r\n");
    s.peer().hangs_up();
    s.run();
    assert_eq!(s.end_of(who), Some(End::Failed));
}

#[test]
fn who_is_established_is_closed() {
    let mut s = Story::new();
    let [a, b, c] = s.three();
    s.answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    s.peer().hangs_up();
    s.run();
    assert_eq!((s.end_of(a), s.body(a)), (Some(End::Closed), "half"));
    assert_eq!(s.lists(), [(Some(b), vec![c])]);
    s.answer(OK);
    s.answer(OK);
}

#[test]
fn a_resent_request_on_a_fresh_connection_that_ends_too_fails() {
    let (mut s, who) = reused(Asked::get());
    s.peer().hangs_up();
    s.run();
    assert_eq!(s.connects(), 2);
    s.peer().hangs_up();
    s.run();
    assert_eq!((s.end_of(who), s.connects()), (Some(End::Failed), 2));
}

#[test]
fn three_attempts_that_sent_bytes_are_the_most() {
    let (mut s, who) = reused(Asked::get());
    // Whatever connection it comes to counts as one that has carried another.
    for attempt in 2..=3 {
        s.peer().hangs_up();
        s.run();
        assert_eq!((s.end_of(who), s.connects()), (None, attempt));
        let at = s.seat(who).expect("it leads");
        s.engine.conns.get_mut(at).expect("it is up").carried += 1;
    }
    s.peer().breaks("ECONNRESET");
    s.run();
    assert_eq!((s.end_of(who), s.connects()), (Some(End::Failed), 3));
    assert!(
        s.error(who).contains("ECONNRESET"),
        "it names the last cause: {}",
        s.error(who)
    );
}

#[test]
fn a_move_before_anything_was_sent_is_not_an_attempt() {
    let mut s = Story::new();
    for _ in 0..5 {
        s.get();
        s.run();
        s.answer(OK);
        s.peer().hangs_up(); // not seen by the loop yet
    }
    let who = s.get();
    s.run();
    s.answer(OK);
    assert_eq!(s.end_of(who), Some(End::Completed));
}

#[test]
fn a_connection_that_goes_while_append_is_asked_does_not_lose_what_it_wrote() {
    let mut s = Story::new();
    s.get();
    s.run();
    s.answer(OK);
    let b = s.ask(Asked::with(Method::Post).append("X-Mine: 1\r\nContent-Length: 0\r\n"));
    s.hook(move |s, who, reason| {
        if (who, reason) == (b, Reason::AppendHandshakeHeader) {
            // A nested pass of the loop sees the peer go.
            s.peer().breaks("ECONNRESET");
            s.run();
        }
        0
    });
    s.run();
    s.unhook();
    let heard = s.peer().heard();
    assert!(
        heard.starts_with("POST") && heard.contains("X-Mine: 1"),
        "{heard}"
    );
    s.answer(OK);
    assert_eq!(
        (s.end_of(b), s.count(b, Reason::AppendHandshakeHeader)),
        (Some(End::Completed), 1)
    );
}

#[test]
fn a_response_that_came_before_the_peer_stopped_reading_is_delivered() {
    let mut s = Story::new();
    let a = s.ask(Asked::with(Method::Post).body(&["one", "two"]));
    s.hook(|s, _, reason| {
        if reason == Reason::ClientHttpWriteable {
            s.peer().takes = 0;
        }
        0
    });
    s.run();
    s.peer()
        .says("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    s.peer().breaks("EPIPE");
    s.run();
    assert_eq!(s.told[a.0].status, 413);
}
