//! Stories of the limits on TLS: who is over them waits for a turn.

use crate::engine::call::Reason;
use crate::engine::gate::Limit;
use crate::tests::books::End;
use crate::tests::h2_story::Proto;
use crate::tests::peer::{Dialed, LAST, Shake};
use crate::tests::program::Asked;
use crate::tests::story::{CONNECT_SECS, Req, Story};

const PLACES: [&str; 4] = ["a.test", "b.test", "c.test", "d.test"];

impl Story {
    fn limited(proto: Proto, connections: i32, handshakes: i32) -> Self {
        let mut story = proto.tls();
        story.engine.limit_tls(connections, handshakes);
        story
    }

    /// One request to each of so many places.
    fn everywhere(&mut self, places: usize) -> Vec<Req> {
        let asked = PLACES
            .iter()
            .take(places)
            .map(|place| Asked::get().at(place));
        asked
            .collect::<Vec<_>>()
            .into_iter()
            .map(|one| self.ask(one))
            .collect()
    }

    /// Every request that is out is answered; on h1 on so many connections, which close.
    fn answer_the_rest(&mut self, count: usize) {
        for _ in 0..count {
            match self.peer().server.is_some() {
                true => self.answer_all(),
                false => self.answer(LAST),
            }
        }
    }

    /// Who is inside, and who waits for that.
    fn turns(&mut self, limit: Limit) -> (usize, usize) {
        self.engine.gate_counts(limit)
    }
}

#[test]
fn those_over_the_limit_wait_in_order_and_all_complete() {
    for proto in Proto::ALL {
        let mut s = Story::limited(proto, 1, 0);
        let all = s.everywhere(4);
        s.run();
        assert_eq!((s.connects(), s.lookups), (1, 1));
        assert_eq!(s.turns(Limit::Connections), (1, 3));
        for n in 1..=4 {
            assert_eq!(s.sockets.iter().filter(|socket| !socket.closed).count(), 1);
            s.answers_ok();
            s.wait(0); // the idle one makes way
            assert_eq!(s.connects(), (n + 1).min(4));
        }
        let ended: Vec<_> = all.iter().map(|who| (*who, End::Completed)).collect();
        assert_eq!(s.ends(), ended);
    }
}

#[test]
fn a_connection_without_tls_needs_no_turn() {
    let mut s = Story::new();
    s.engine.limit_tls(1, 1);
    s.everywhere(3);
    s.run();
    assert_eq!((s.connects(), s.turns(Limit::Connections)), (3, (0, 0)));
    s.answer_the_rest(3);
}

#[test]
fn an_idle_connection_makes_way_and_a_busy_one_does_not() {
    for proto in Proto::ALL {
        let mut s = Story::limited(proto, 2, 0);
        let [a, b] = ["a.test", "b.test"].map(|place| s.ask(Asked::get().at(place).keep_warm(60)));
        s.run();
        s.answers_ok();
        let done = s.ends()[0].0;
        let c = s.ask(Asked::get().at("c.test"));
        s.run();
        assert_eq!(s.turns(Limit::Connections), (2, 1));
        s.wait(0);
        assert_eq!(s.turns(Limit::Connections), (2, 0));
        let busy = if done == a { b } else { a };
        assert_eq!(s.end_of(busy), None);
        s.answer_the_rest(2);
        assert_eq!(s.end_of(c), Some(End::Completed));
    }
}

#[test]
fn who_comes_back_to_a_connection_that_was_to_go_rides_it() {
    let mut s = Story::limited(Proto::H1, 1, 0);
    s.get();
    s.run();
    s.answers_ok();
    let b = s.ask(Asked::get().at("b.test"));
    s.run();
    let c = s.get(); // before the loop's next pass
    s.run();
    s.answers_ok();
    assert_eq!((s.connects(), s.end_of(c)), (1, Some(End::Completed)));
    s.wait(0);
    s.answers_ok();
    assert_eq!((s.connects(), s.end_of(b)), (2, Some(End::Completed)));
}

#[test]
fn turns_are_given_back_however_a_connection_ends() {
    let mut s = Story::limited(Proto::H1, 1, 1);
    s.dials
        .push_back(Dialed::Refuses("conn fail: ECONNREFUSED"));
    s.shakes.push_back(Shake::Failed("tls: bad"));
    s.shakes.push_back(Shake::Refused("tls: no"));
    s.everywhere(3);
    s.run();
    assert_eq!(s.ends().len(), 3);
    // A chain of handovers, and the last response says that it is the last.
    let chain = s.three();
    s.answers_ok();
    s.answers_ok();
    s.answer(LAST);
    for who in chain {
        assert_eq!(s.end_of(who), Some(End::Completed));
    }
    // Cancelled while it leads, and while it is secured.
    let d = s.get();
    s.run();
    s.cancel(d);
    s.run();
    s.says_hello = false;
    let e = s.get();
    s.run();
    assert_eq!(s.turns(Limit::Handshakes), (1, 0));
    s.cancel_now(e);
    s.run();
    s.says_hello = true;
    assert_eq!(s.turns(Limit::Connections), (0, 0));
    assert_eq!(s.turns(Limit::Handshakes), (0, 0));
    let f = s.get();
    s.run();
    s.answers_ok();
    assert_eq!(s.end_of(f), Some(End::Completed));
}

#[test]
fn who_waits_can_be_cancelled_and_the_next_goes_on() {
    for proto in Proto::ALL {
        let mut s = Story::limited(proto, 1, 0);
        let all = s.everywhere(4);
        s.run();
        s.cancel(all[1]);
        s.cancel_now(all[2]);
        s.run();
        assert_eq!(s.turns(Limit::Connections), (1, 1));
        s.answers_ok();
        s.wait(0);
        s.answers_ok();
        assert_eq!(s.connects(), 2);
        assert_eq!(s.end_of(all[3]), Some(End::Completed));
    }
}

#[test]
fn many_who_come_and_go_while_there_is_no_turn_leave_nothing() {
    let mut s = Story::limited(Proto::H1, 1, 0);
    s.get();
    s.run();
    for _ in 0..500 {
        let b = s.ask(Asked::get().at("b.test"));
        s.run();
        s.cancel(b);
        s.run();
        assert_eq!(s.turns(Limit::Connections), (1, 0));
    }
    assert!(s.engine.gate_line(Limit::Connections) <= 2);
    s.answers_ok();
}

#[test]
fn waiting_for_a_turn_has_an_end_and_a_reason() {
    let mut s = Story::limited(Proto::H1, 1, 0);
    let [a, b] = ["a.test", "b.test"].map(|place| s.ask(Asked::get().at(place)));
    s.hook(move |s, who, reason| {
        // The first one's response takes its time.
        if (who, reason) == (a, Reason::AppendHandshakeHeader) {
            let key = s.told[0].key;
            if let Some(wsi) = s.engine.wsis.get_mut(key) {
                wsi.immortal = true;
            }
        }
        0
    });
    s.run();
    s.wait_secs(CONNECT_SECS + 1);
    assert_eq!(s.end_of(b), Some(End::Failed));
    let error = s.error(b);
    assert!(error.starts_with("tls restriction limit"), "{error}");
    assert!(
        error.contains("simultaneous_ssl_restriction (1)"),
        "{error}"
    );
    assert_eq!(s.turns(Limit::Connections), (1, 0));
    s.answers_ok();
}

#[test]
fn handshakes_take_turns_on_connections_that_are_made_already() {
    let mut s = Story::limited(Proto::H1, 0, 1);
    s.says_hello = false;
    let all = s.everywhere(3);
    s.run();
    assert_eq!((s.connects(), s.turns(Limit::Handshakes)), (3, (1, 2)));
    let turns = s.handshakes;
    s.run();
    assert_eq!(s.handshakes, turns, "who waits for a turn shakes no hands");
    s.says_hello = true;
    s.run();
    assert_eq!(s.turns(Limit::Handshakes), (0, 0));
    let order: Vec<_> = s
        .log()
        .iter()
        .filter(|(_, reason)| *reason == Reason::AppendHandshakeHeader)
        .map(|(who, _)| *who)
        .collect();
    assert_eq!(order, all);
    s.answer_the_rest(3);
}

#[test]
fn a_socket_that_closes_while_it_waits_for_its_turn_does_not_make_the_loop_spin() {
    let mut s = Story::limited(Proto::H1, 0, 1);
    s.says_hello = false;
    let all = s.everywhere(2);
    s.run();
    s.sockets[1].hangs_up();
    s.run();
    assert_eq!(s.turns(Limit::Handshakes), (1, 1));
    s.says_hello = true;
    s.shakes
        .extend([Shake::Done, Shake::Failed("tls: unexpected eof")]);
    s.run();
    assert_eq!(s.ends(), [(all[1], End::Failed)]);
    s.answers_ok();
    assert_eq!(s.ends()[1], (all[0], End::Completed));
}
