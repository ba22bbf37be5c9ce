//! Stories of GOAWAY: whom it leaves out, who goes on, and what is learnt from it.

use crate::engine::wsi::Method;
use crate::proto::h2::ErrorCode;
use crate::proto::h2::by_hand::MAX_ID;
use crate::tests::books::End;
use crate::tests::program::Asked;
use crate::tests::story::{Req, Story};

const NO_ERROR: ErrorCode = ErrorCode::NO_ERROR;

/// Five that ride and two that wait.
fn seven() -> (Story, Vec<Req>) {
    let mut s = Story::h2_with(&[(3, 5)]);
    let all = s.some(7);
    (s, all)
}

fn all_end_well(s: &mut Story, connects: usize) {
    s.answer_all();
    assert_eq!(s.ended(End::Completed), s.told.len());
    assert_eq!(s.connects(), connects);
}

/// Contract section 4: a GOAWAY that covers a stream does not disturb it.
#[test]
fn those_that_it_covers_go_on_and_who_waited_moves() {
    let (mut s, all) = seven();
    s.says(|server| server.goaway(9, NO_ERROR));
    assert_eq!(s.ends(), []);
    assert_eq!(
        s.places(),
        [(all[..5].to_vec(), vec![]), (all[5..].to_vec(), vec![])]
    );
    let late = s.get();
    s.run();
    assert_eq!(s.riders_of(s.seat(late).expect("it rides")).len(), 3);
    all_end_well(&mut s, 2);
    assert!(s.sockets[0].closed && !s.sockets[1].closed);
    assert_eq!(s.server_of(0).goaways, [(NO_ERROR, String::new())]);
}

/// Contract section 4: what it leaves out is placed again, in order and before those who waited.
#[test]
fn those_that_it_leaves_out_move_before_those_who_waited() {
    for (last, stay) in [(5, 3), (1, 1), (0, 0)] {
        let (mut s, all) = seven();
        s.says(|server| server.goaway(last, NO_ERROR));
        assert_eq!(s.ends(), []);
        let moved = s.riders_of(s.seat(all[stay]).expect("it rides"));
        let at_once = stay.max(1); // what the next connection lasts, as far as this one has shown
        assert_eq!(moved, all[stay..(stay + at_once).min(7)]);
        assert_eq!(s.server_of(0).resets, [], "nothing is reset");
        all_end_well(&mut s, 2);
    }
}

#[test]
fn an_error_code_changes_nothing_for_those_that_it_covers() {
    for code in [2, 3, 11, 0xbad] {
        let (mut s, all) = seven();
        s.says(|server| server.goaway(3, ErrorCode(code)));
        assert_eq!(s.ends(), []);
        assert_eq!(s.places()[0].0, all[..2]);
        all_end_well(&mut s, 2);
    }
}

/// RFC 9113 section 6.8: a graceful shutdown warns first, then says what it has seen.
#[test]
fn a_warning_moves_those_who_wait_and_the_real_one_those_it_leaves_out() {
    let (mut s, all) = seven();
    s.says(|server| server.goaway(MAX_ID, NO_ERROR));
    assert_eq!(
        s.places(),
        [(all[..5].to_vec(), vec![]), (all[5..].to_vec(), vec![])]
    );
    s.puts_on(0, |server| server.ok(1));
    s.run();
    assert_eq!(s.end_of(all[0]), Some(End::Completed));
    s.puts_on(0, |server| server.goaway(5, NO_ERROR));
    s.run();
    assert_eq!(s.places()[0].0, all[1..3]);
    all_end_well(&mut s, 2);
}

#[test]
fn two_that_go_down_leave_out_more_each() {
    let (mut s, all) = seven();
    s.puts_on(0, |server| server.goaway(7, NO_ERROR));
    s.run();
    assert_eq!(s.places()[0].0, all[..4]);
    s.puts_on(0, |server| server.goaway(3, NO_ERROR));
    s.run();
    assert_eq!(s.places()[0].0, all[..2]);
    assert_eq!(s.ends(), []);
    all_end_well(&mut s, 2);
}

#[test]
fn a_fin_behind_it_breaks_only_those_that_it_covers() {
    let (mut s, all) = seven();
    s.puts(|server| server.goaway(3, NO_ERROR));
    s.peer().hangs_up();
    s.run();
    assert_eq!(s.ends(), [(all[0], End::Failed), (all[1], End::Failed)]);
    s.answer_all();
    assert_eq!((s.ended(End::Completed), s.connects()), (5, 2));
}

/// Contract section 4: any method, if no body byte was taken from the program.
#[test]
fn a_body_that_was_taken_is_not_asked_for_again() {
    let mut s = Story::h2();
    let a = s.get();
    let b = s.ask(Asked::post(&["body"]));
    let c = s.ask(Asked::with(Method::Post).append("Content-Length: 0\r\n"));
    s.run();
    assert_eq!(s.server().body(3), "body");
    s.says(|server| server.goaway(1, NO_ERROR));
    assert_eq!(s.ends(), [(b, End::Failed)]);
    let error = s.error(b);
    assert!(error.contains("GOAWAY NO_ERROR"), "{error}");
    assert!(error.contains("ask again"), "{error}");
    s.answer_all();
    assert_eq!([a, c].map(|who| s.end_of(who)), [Some(End::Completed); 2]);
}

/// Contract section 4: at most three attempts that sent bytes.
#[test]
fn three_that_leave_it_out_are_enough() {
    let mut s = Story::h2();
    let a = s.some(1)[0];
    for connects in 1..=3 {
        assert_eq!((s.end_of(a), s.connects()), (None, connects));
        s.says(|server| server.goaway(0, NO_ERROR));
    }
    assert_eq!((s.end_of(a), s.connects()), (Some(End::Failed), 3));
    let error = s.error(a);
    assert!(error.contains("GOAWAY NO_ERROR), 3 times"), "{error}");
}

#[test]
fn one_that_has_its_head_and_is_left_out_is_closed() {
    let mut s = Story::h2();
    let a = s.some(1)[0];
    s.says(|server| server.head(1, 200, &[]));
    s.says(|server| server.goaway(0, NO_ERROR));
    assert_eq!(s.ends(), [(a, End::Closed)]);
}

/// What was learnt of one connection is not for ever: nobody waits behind a response that takes its time.
#[test]
fn a_long_response_on_a_connection_that_lasts_longer_than_the_last_holds_nobody_up() {
    for long in 0..3 {
        let mut s = Story::h2_with(&[(3, 100)]);
        let all = s.some(13);
        s.says(|server| {
            for id in [1, 3, 5] {
                server.ok(id);
            }
            server.goaway(5, NO_ERROR);
        });
        assert_eq!(s.ended(End::Completed), 3);
        // Three at once, it says. One of them never ends.
        let id = s.stream(all[3 + long]);
        s.says(|server| server.head(id, 200, &[]));
        for _ in 0..20 {
            s.wait_secs(1);
            s.says(|server| {
                for other in server.waiting().into_iter().filter(|other| *other != id) {
                    server.ok(other);
                }
            });
        }
        assert_eq!(s.ended(End::Completed), 12, "all but number {long}");
        s.says(|server| server.last(id, "at last"));
        assert_eq!((s.ended(End::Completed), s.connects()), (13, 2));
    }
}

/// The last rider fails, and those who are to be placed again are not forgotten with their connection.
#[test]
fn those_that_move_are_placed_though_the_last_rider_fails_in_the_same_breath() {
    let mut s = Story::h2();
    let [a, b, c] = s.three();
    s.says(|server| server.head(5, 200, &[]));
    s.says(|server| server.goaway(0, NO_ERROR));
    assert_eq!(s.ends(), [(c, End::Closed)]);
    s.answer_all();
    assert_eq!([a, b].map(|who| s.end_of(who)), [Some(End::Completed); 2]);
    assert_eq!(s.connects(), 2);
}

/// The server ends each connection after so many requests.
fn lasts(count: usize, each: usize, then_fin: bool) -> Story {
    let mut s = Story::h2_with(&[(3, 100)]).many();
    for _ in 0..count {
        s.get();
    }
    for _ in 0..10 * count {
        s.run();
        let Some(nth) = (0..s.sockets.len()).find(|nth| s.is_live(*nth)) else {
            break;
        };
        if s.server_of(nth).streams.is_empty() {
            break;
        }
        serve_up_to(&mut s, nth, each, then_fin);
    }
    s.run();
    s
}

fn serve_up_to(s: &mut Story, nth: usize, each: usize, then_fin: bool) {
    let full = s.server_of(nth).streams.len() >= each;
    let last = (each * 2 - 1) as u32;
    s.puts_on(nth, |server| {
        for id in server.waiting().into_iter().filter(|id| *id <= last) {
            server.ok(id);
        }
        if full {
            server.goaway(last, NO_ERROR);
        }
    });
    if full && then_fin {
        s.sockets[nth].hangs_up();
    }
}

#[test]
fn no_request_fails_however_few_a_connection_lasts() {
    for each in [1, 3, 5, 100] {
        for then_fin in [false, true] {
            let s = lasts(300, each, then_fin);
            assert_eq!(
                s.ended(End::Completed),
                300,
                "{each} each, FIN: {then_fin}: {:?}",
                s.ends().iter().find(|(_, end)| *end != End::Completed)
            );
            assert_eq!(s.connects(), 300 / each, "{each} each");
            let more = |nth: &usize| s.server_of(*nth).streams.len() > each;
            assert!((1..s.connects()).all(|nth| !more(&nth)), "it was learnt");
        }
    }
}
