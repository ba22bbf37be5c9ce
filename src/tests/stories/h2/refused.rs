//! Stories of RST_STREAM from the server: refused, to be asked by h1, or ended in the middle.

use crate::engine::call::Reason;
use crate::engine::wsi::Method;
use crate::proto::h2::ErrorCode;
use crate::tests::books::End;
use crate::tests::program::Asked;
use crate::tests::story::Story;

const REFUSED: ErrorCode = ErrorCode::REFUSED_STREAM;
const BY_H1: ErrorCode = ErrorCode::HTTP_1_1_REQUIRED;

/// Contract section 4: again after another stream of that connection ended, before those who waited.
#[test]
fn one_that_was_refused_beside_others_goes_again_when_one_of_them_has_ended() {
    let mut s = Story::h2_with(&[(3, 3)]);
    let all = s.some(5);
    s.says(|server| server.reset(3, REFUSED));
    assert_eq!((s.ends(), s.connects()), (vec![], 1));
    let (riding, waiting) = (vec![all[0], all[2]], vec![all[1], all[3], all[4]]);
    assert_eq!(s.places(), [(riding, waiting)]);
    assert_eq!(s.server().streams.len(), 3, "not at once");
    s.says(|server| server.ok(1));
    assert!(s.rides(all[1]) && !s.rides(all[3]));
    s.answer_all();
    assert_eq!((s.ended(End::Completed), s.connects()), (5, 1));
    assert!(s.server().most <= 3);
}

/// Contract section 4: or on a new one.
#[test]
fn one_that_was_refused_alone_goes_again_on_a_new_connection() {
    let mut s = Story::h2();
    let a = s.ask(Asked::with(Method::Post).append("X-Once: 1\r\n"));
    s.run();
    s.says(|server| server.reset(1, REFUSED));
    assert_eq!((s.ends(), s.connects()), (vec![], 2));
    assert_eq!(s.server().field(1, "x-once"), Some("1"));
    s.answer_all();
    assert_eq!(s.ends(), [(a, End::Completed)]);
}

#[test]
fn three_refusals_are_enough_and_others_are_not_disturbed() {
    let mut s = Story::h2();
    let other = s.some(1)[0];
    let a = s.some(1)[0];
    for nth in 0..3 {
        assert_eq!(s.end_of(a), None);
        let (stream, at) = (s.stream(a), s.seat(a).expect("it rides"));
        let socket = s.sockets.iter().position(|socket| socket.conn == at);
        s.puts_on(socket.expect("it has one"), |server| {
            server.reset(stream, REFUSED)
        });
        s.run();
        if nth == 0 {
            assert!(!s.rides(a), "the other stream has not ended");
            s.says(|server| server.ok(1));
            assert_eq!(s.end_of(other), Some(End::Completed));
        }
    }
    assert_eq!(s.end_of(a), Some(End::Failed));
    let error = s.error(a);
    assert!(
        error.contains("RST_STREAM REFUSED_STREAM), 3 times"),
        "{error}"
    );
}

#[test]
fn one_whose_body_was_taken_is_not_asked_again() {
    let mut s = Story::h2();
    let a = s.ask(Asked::post(&["body"]));
    s.run();
    s.says(|server| server.reset(1, REFUSED));
    assert_eq!(s.ends(), [(a, End::Failed)]);
    assert!(s.error(a).contains("REFUSED_STREAM"), "{}", s.error(a));
}

/// All of a full house are refused at once: all of them complete.
#[test]
fn many_that_are_refused_at_once_all_complete() {
    let mut s = Story::h2_with(&[(3, 100)]);
    s.some(30);
    s.says(|server| {
        for id in server.waiting().into_iter().skip(10) {
            server.reset(id, REFUSED);
        }
    });
    assert_eq!(s.server().open, 10, "what it takes is learnt");
    s.answer_all();
    assert_eq!((s.ended(End::Completed), s.connects()), (30, 1));
}

#[test]
fn one_that_is_to_be_asked_by_h1_is_asked_by_h1() {
    let mut s = Story::h2();
    let all = s.some(3);
    s.says(|server| server.reset(3, BY_H1));
    assert_eq!((s.ends(), s.connects()), (vec![], 2));
    assert!(s.sockets[1].server.is_none());
    s.answer(crate::tests::peer::OK);
    assert_eq!(s.ends(), [(all[1], End::Completed)]);
    s.answer_all();
    assert_eq!(s.ended(End::Completed), 3);
}

/// On a stream they would be a part of the body.
#[test]
fn chunks_of_the_programs_own_go_by_h1() {
    let chunked = || {
        let parts = Asked::with(Method::Post).parts(&["3\r\none\r\n", "0\r\n\r\n"]);
        parts.append("Transfer-Encoding: chunked\r\n")
    };
    let mut s = Story::h2();
    let (a, b) = (s.ask(Asked::get()), s.ask(chunked()));
    s.run();
    assert_eq!((s.ends(), s.connects()), (vec![], 2));
    assert!(s.sockets[1].server.is_none());
    let heard = s.peer().heard();
    assert!(heard.ends_with("Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\n\r\n"));
    assert_eq!(s.count(b, Reason::AppendHandshakeHeader), 1);
    s.answer(crate::tests::peer::OK);
    assert_eq!(s.ends(), [(b, End::Completed)]);
    s.answer_all();
    assert_eq!(s.end_of(a), Some(End::Completed));

    let mut s = Story::h2();
    s.site.alpn = Some("h2");
    let (a, b) = (s.ask(chunked().alone()), s.ask(Asked::get()));
    s.run();
    assert!(s.error(a).contains("no transfer-encoding on h2"));
    s.answer_all();
    assert_eq!(s.end_of(b), Some(End::Completed));
}

#[test]
fn one_that_may_not_be_asked_by_h1_says_so() {
    for mut s in [Story::h2(), Story::h2c()] {
        s.site.alpn = s.site.alpn.map(|_| "h2");
        let a = s.some(1)[0];
        s.says(|server| server.reset(1, BY_H1));
        assert_eq!(s.ends(), [(a, End::Failed)]);
        let error = s.error(a);
        assert!(error.contains("HTTP_1_1_REQUIRED"), "{error}");
        assert!(error.contains("alpn"), "it says what to do: {error}");
    }
}

/// Contract 1.1: an error before ESTABLISHED, closed after it, and nothing lost once the response was whole.
#[test]
fn a_reset_ends_its_request_alone_as_far_as_it_was() {
    for code in (0..=14).chain([0xbad]) {
        let code = ErrorCode(code);
        let moves = [REFUSED, BY_H1].contains(&code);
        let mut s = Story::h2();
        let all = s.some(4);
        s.says(|server| server.head(3, 200, &[]));
        s.says(|server| {
            server.ok(5);
            server.raw(crate::proto::h2::by_hand::word(5, 3, code.0));
            server.reset(3, code);
            if !moves {
                server.reset(1, code);
            }
        });
        let first = if moves { None } else { Some(End::Failed) };
        assert_eq!(s.end_of(all[0]), first, "{code:?}");
        assert_eq!(s.end_of(all[1]), Some(End::Closed), "{code:?}");
        assert_eq!(s.end_of(all[2]), Some(End::Completed), "{code:?}");
        assert_eq!(s.end_of(all[3]), None, "{code:?}");
        if !moves {
            assert!(s.error(all[0]).contains(code.name()), "{}", s.error(all[0]));
        }
        s.answer_all();
        assert_eq!((s.end_of(all[3]), s.connects()), (Some(End::Completed), 1));
    }
}

/// A request that was refused and waits is cancelled: nothing of it comes back to life.
#[test]
fn one_that_is_cancelled_between_its_refusal_and_its_next_place_ends_once() {
    use crate::engine::call::Reason;
    for sync in [true, false] {
        let mut s = Story::h2();
        let [a, b, c] = s.three();
        s.says(|server| server.head(1, 200, &[]));
        s.hook(move |s, who, reason| {
            if (who, reason) == (a, Reason::ReceiveClientHttpRead) && s.end_of(b).is_none() {
                match sync {
                    true => s.cancel_now(b),
                    false => s.cancel(b),
                }
            }
            0
        });
        // The refusal is read, and in the same breath payload of another, whose READ cancels it.
        s.says(|server| {
            server.reset(3, REFUSED);
            server.piece(1, "x");
        });
        assert_eq!(s.ends(), [(b, End::Failed)]);
        s.unhook();
        s.answer_all();
        assert_eq!([a, c].map(|who| s.end_of(who)), [Some(End::Completed); 2]);
    }
}
