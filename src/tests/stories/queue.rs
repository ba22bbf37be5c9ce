//! Stories of the queue: who leads, who waits, who is next. They read the mission's lists.

use crate::engine::call::Reason;
use crate::engine::wsi::Method;
use crate::tests::books::End;
use crate::tests::h2_story::Proto;
use crate::tests::peer::{EMPTY, LAST, OK};
use crate::tests::program::Asked;
use crate::tests::story::Story;

#[test]
fn three_share_one_connection_and_are_served_in_the_order_they_asked() {
    for proto in Proto::IN_TURN {
        let mut s = proto.story();
        let [a, b, c] = ["/a", "/b", "/c"].map(|path| s.ask(Asked::get().path(path)));
        assert_eq!(s.places(), [(vec![a], vec![b, c])]);
        s.run();
        let at = s.seat(a).expect("the first leads");
        assert_eq!((s.seat(b), s.seat(c)), (None, None));
        assert_eq!(s.asked_there(), ["GET /a"]);

        s.answers_ok();
        assert_eq!(s.places(), [(vec![b], vec![c])]);
        assert_eq!((s.seat(a), s.seat(b)), (None, Some(at)));
        assert_eq!(s.asked_there(), ["GET /b"]);

        s.answers_ok();
        assert_eq!(s.places(), [(vec![c], vec![])]);
        assert_eq!(s.seat(c), Some(at));
        assert_eq!(s.asked_there(), ["GET /c"]);

        s.answers_ok();
        assert_eq!(s.places(), [(vec![], vec![])]);
        assert_eq!(
            s.ends(),
            [
                (a, End::Completed),
                (b, End::Completed),
                (c, End::Completed)
            ]
        );
        assert_eq!((s.connects(), s.lookups), (1, 1));
    }
}

#[test]
fn the_last_callbacks_of_one_come_before_the_first_of_the_next() {
    for proto in Proto::IN_TURN {
        let mut s = proto.story();
        let [a, b, _] = s.three();
        s.answers_ok();
        let done = s.log().iter().position(|at| *at == (a, Reason::WsiDestroy));
        let next = s
            .log()
            .iter()
            .position(|at| *at == (b, Reason::AppendHandshakeHeader));
        assert!(done.is_some() && done < next, "{:?}", s.log());
        s.cancel(b);
        s.run();
        s.answers_ok();
    }
}

#[test]
fn nothing_of_the_second_is_sent_before_the_first_is_answered() {
    for proto in Proto::IN_TURN {
        let mut s = proto.story();
        let [a, b, c] = s.three();
        s.asked_there();
        s.begins(200, 4);
        s.goes_on("ha");
        assert_eq!(s.asked_there(), [""; 0]);
        assert_eq!(s.places(), [(vec![a], vec![b, c])]);
        s.goes_on("lf");
        assert_eq!(s.body(a), "half");
        assert_eq!(s.asked_there(), ["GET /"]);
        s.answers_ok();
        s.answers_ok();
    }
}

#[test]
fn one_that_comes_late_to_an_idle_connection_looks_before_it_writes() {
    let mut s = Story::new();
    let a = s.get();
    s.run();
    s.answer(OK);
    assert_eq!(s.lists(), [(None, vec![])]);
    let reads = s.peer().reads;
    s.peer().heard();
    s.peer().hangs_up();
    // The loop has not seen the FIN yet when the next one asks.
    let b = s.get();
    s.drain();
    assert_eq!(s.sockets[0].reads, reads + 1, "a look");
    assert_eq!(
        s.sockets[0].sent, b"",
        "nothing is written to a peer that has left"
    );
    s.run();
    s.answer(OK);
    assert_eq!(s.ends(), [(a, End::Completed), (b, End::Completed)]);
    assert_eq!(s.connects(), 2);
}

#[test]
fn one_that_comes_late_rides_the_idle_connection_at_once() {
    for proto in Proto::IN_TURN {
        let mut s = proto.story();
        let a = s.get();
        s.run();
        let at = s.seat(a);
        s.answers(204, "");
        let b = s.ask(Asked::with(Method::Post).body(&["x"]));
        let c = s.get();
        assert_eq!(s.places(), [(vec![b], vec![c])]);
        s.run();
        assert_eq!(s.seat(b), at);
        s.answers_ok();
        s.answers_ok();
        assert_eq!(s.connects(), 1);
        assert_eq!(s.ends().len(), 3);
    }
}

#[test]
fn surplus_bytes_are_nobodys_and_end_the_connection() {
    for response in [OK, EMPTY] {
        let mut s = Story::new();
        let [a, b, c] = s.three();
        let evil = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
        s.answer(&format!("{response}{evil}"));
        assert_eq!((s.end_of(a), s.connects()), (Some(End::Completed), 2));
        assert_eq!(s.lists(), [(Some(b), vec![c])]);
        s.answer(OK);
        s.answer(OK);
        assert_eq!((s.body(b), s.body(c)), ("ok", "ok"));
    }
}

#[test]
fn surplus_bytes_in_a_tls_record_are_found_before_the_next_one_writes() {
    let mut s = Story::tls();
    let a = s.ask(Asked::get().buffer(2));
    let b = s.get();
    s.run();
    s.peer().records = true;
    // The head alone, then a record with the body and more than was promised.
    s.answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
    s.answer("okHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
    assert_eq!((s.body(a), s.connects()), ("ok", 2));
    s.answer(OK);
    assert_eq!(s.body(b), "ok");
}

#[test]
fn bytes_that_nobody_asked_for_end_an_idle_connection() {
    let mut s = Story::new();
    let a = s.get();
    s.run();
    s.answer(OK);
    s.answer("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
    assert_eq!(s.lists(), []);
    let b = s.get();
    s.run();
    s.answer(OK);
    assert_eq!((s.body(a), s.body(b), s.connects()), ("ok", "ok", 2));
}

#[test]
fn who_waited_moves_in_order_when_the_peer_closes_after_a_response() {
    for goodbye in [LAST, "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"] {
        let mut s = Story::new();
        let [a, b, c] = s.three();
        s.answer(goodbye);
        assert_eq!(s.lists(), [(Some(b), vec![c])]);
        assert_eq!(s.connects(), 2);
        s.answer(OK);
        s.answer(OK);
        assert_eq!(
            s.ends(),
            [
                (a, End::Completed),
                (b, End::Completed),
                (c, End::Completed)
            ]
        );
        assert_eq!(s.connects(), 2);
    }
}

#[test]
fn a_body_that_ends_with_its_connection_completes_and_the_others_move() {
    let mut s = Story::new();
    let [a, b, c] = s.three();
    s.peer().says("HTTP/1.1 200 OK\r\n\r\nuntil ");
    s.peer().says("the end");
    s.peer().hangs_up();
    s.run();
    assert_eq!(
        (s.body(a), s.end_of(a)),
        ("until the end", Some(End::Completed))
    );
    assert_eq!(s.lists(), [(Some(b), vec![c])]);
    s.answer(OK);
    s.answer(OK);
    assert_eq!(s.connects(), 2);
}

#[test]
fn one_that_shares_nothing_has_a_connection_of_its_own_and_says_close() {
    let mut s = Story::new();
    let a = s.get();
    let b = s.ask(Asked::get().alone());
    let c = s.get();
    let d = s.ask(Asked::get().at("b.test"));
    assert_eq!(
        s.lists(),
        [(Some(a), vec![c]), (Some(b), vec![]), (Some(d), vec![])]
    );
    s.run();
    let close = |s: &mut Story, who| {
        let at = s.seat(who).expect("each leads");
        s.socket(at)
            .heard()
            .to_ascii_lowercase()
            .contains("connection: close")
    };
    assert!(!close(&mut s, a) && close(&mut s, b) && !close(&mut s, d));
    for who in [a, b, d, c] {
        let at = s.seat(who).expect("each leads");
        s.socket(at).says(OK);
        s.run();
    }
    assert_eq!((s.connects(), s.ends().len()), (3, 4));
}

#[test]
fn a_program_that_says_connection_close_lets_nobody_ride_after_it() {
    let mut s = Story::new();
    let a = s.ask(Asked::get().append("Connection: close\r\n"));
    let b = s.get();
    s.run();
    s.answer(OK);
    assert_eq!(s.connects(), 2);
    s.answer(OK);
    assert_eq!(s.ends(), [(a, End::Completed), (b, End::Completed)]);
}

#[test]
fn a_request_made_in_a_callback_of_the_leader_waits_behind_the_others() {
    for proto in Proto::IN_TURN {
        let mut s = proto.story();
        let [a, b, c] = s.three();
        s.hook(move |s, who, reason| {
            if (who, reason) == (a, Reason::CompletedClientHttp) {
                s.get();
            }
            0
        });
        s.answers_ok();
        let d = crate::tests::story::Req(3);
        assert_eq!(s.places(), [(vec![b], vec![c, d])]);
        for _ in 0..3 {
            s.answers_ok();
        }
        assert_eq!((s.connects(), s.ends().len()), (1, 4));
    }
}

#[test]
fn a_thousand_share_one_connection() {
    let mut s = Story::new();
    for _ in 0..1_000 {
        s.get();
    }
    s.run();
    for _ in 0..1_000 {
        s.peer().says(OK);
        s.drain();
        s.turn();
        s.drain();
    }
    s.run();
    assert_eq!((s.connects(), s.ends().len()), (1, 1_000));
    assert!(s.ends().is_sorted_by_key(|(who, _)| who.0));
}
