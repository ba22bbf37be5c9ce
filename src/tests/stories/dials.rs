//! Stories of connections that are being made: names, addresses raced, attempts that fail.

use crate::engine::call::Reason;
use crate::engine::wsi::Method;
use crate::net::socket::Addr;
use crate::tests::books::End;
use crate::tests::h2_story::Proto;
use crate::tests::peer::{Dialed, Name, OK};
use crate::tests::program::Asked;
use crate::tests::story::{CONNECT_SECS, REPLY_SECS, SECOND, Story};

#[test]
fn an_attempt_that_fails_fails_all_who_waited_for_it_with_its_reason() {
    for proto in Proto::ALL {
        let name: (&[Name], &[Dialed], &str) =
            (&[Name::Fails("DNS NXDOMAIN")], &[], "DNS NXDOMAIN");
        let empty: (&[Name], &[Dialed], &str) = (&[Name::Has(0)], &[], "DNS NXDOMAIN");
        let refused: (&[Name], &[Dialed], &str) = (
            &[],
            &[Dialed::Refuses("conn fail: ECONNREFUSED")],
            "conn fail: ECONNREFUSED",
        );
        let at_once: (&[Name], &[Dialed], &str) = (
            &[],
            &[Dialed::RefusesAtOnce("conn fail: ENETUNREACH")],
            "conn fail: ENETUNREACH",
        );
        let no_socket: (&[Name], &[Dialed], &str) = (
            &[],
            &[Dialed::NoSocket("conn fail: skt creation: EMFILE")],
            "conn fail: skt creation: EMFILE",
        );
        for (names, dials, text) in [name, empty, refused, at_once, no_socket] {
            let mut s = proto.story();
            s.names.extend(names.iter().cloned());
            s.dials.extend(dials);
            let [a, b, c] = s.three();
            assert_eq!(
                s.ends(),
                [(a, End::Failed), (b, End::Failed), (c, End::Failed)]
            );
            for who in [a, b, c] {
                let error = s.error(who);
                assert!(
                    error.starts_with(text) && error.contains("a.test:80"),
                    "{error}"
                );
            }
            assert_eq!(s.places(), []);
        }
    }
}

#[test]
fn a_connection_that_ends_before_it_carried_a_request_is_a_failed_attempt() {
    for proto in Proto::ALL {
        let mut s = proto.story();
        let [a, b, c] = [(); 3].map(|()| s.get());
        s.dials.push_back(Dialed::AtOnce);
        s.hook(|s, _, reason| {
            if reason == Reason::AppendHandshakeHeader {
                s.peer().breaks("ECONNRESET");
            }
            0
        });
        s.run();
        assert_eq!(
            s.ends(),
            [(a, End::Failed), (b, End::Failed), (c, End::Failed)]
        );
        assert!(s.error(c).contains("ECONNRESET"), "{}", s.error(c));
    }
}

#[test]
fn the_next_address_is_tried_as_soon_as_one_refuses() {
    for proto in Proto::ALL {
        let mut s = proto.story();
        s.names.push_back(Name::Has(3));
        s.dials.extend([
            Dialed::Refuses("conn fail: ECONNREFUSED"),
            Dialed::NoSocket("conn fail: skt creation: EMFILE"),
        ]);
        let a = s.get();
        s.run();
        s.answers_ok();
        assert_eq!(s.ends(), [(a, End::Completed)]);
        assert_eq!((s.sockets.len(), s.connects(), s.closed), (2, 1, 1));
    }
}

#[test]
fn all_addresses_refusing_gives_the_reason_of_the_last() {
    for proto in Proto::ALL {
        let mut s = proto.story();
        s.names.push_back(Name::Has(2));
        s.dials.extend([
            Dialed::Refuses("conn fail: ECONNREFUSED"),
            Dialed::Refuses("conn fail: EHOSTUNREACH"),
        ]);
        let a = s.get();
        s.run();
        assert!(
            s.error(a).starts_with("conn fail: EHOSTUNREACH"),
            "{}",
            s.error(a)
        );
        assert_eq!(s.closed, 2);
    }
}

#[test]
fn the_second_address_is_tried_after_250_ms_and_the_loser_is_closed() {
    for proto in Proto::IN_TURN {
        let mut s = proto.story();
        s.names.push_back(Name::Has(2));
        s.dials.push_back(Dialed::Hangs);
        let a = s.get();
        s.wait(249_999);
        assert_eq!((s.sockets.len(), s.count(a, Reason::Connecting)), (1, 1));
        s.wait(1);
        assert_eq!((s.sockets.len(), s.count(a, Reason::Connecting)), (2, 2));
        assert_eq!((s.connects(), s.closed), (1, 1));
        let second = Addr::Inet(([192, 0, 2, 2], 80).into());
        assert_eq!((s.sockets[1].up, &s.sockets[1].addr), (true, &second));
        s.answers_ok();
        assert_eq!(s.ends(), [(a, End::Completed)]);
    }
}

#[test]
fn the_first_address_may_still_win() {
    for proto in Proto::IN_TURN {
        let mut s = proto.story();
        s.names.push_back(Name::Has(3));
        s.dials.extend([Dialed::Hangs, Dialed::Hangs]);
        s.get();
        s.wait(300_000);
        assert_eq!(s.sockets.len(), 2);
        s.sockets[0].dialed = Dialed::Accepts;
        s.run();
        assert_eq!((s.sockets[0].up, s.connects(), s.closed), (true, 1, 1));
        let next = s.engine.timers.next().map(|at| at - s.engine.now);
        let reply = u64::from(REPLY_SECS) * SECOND;
        assert_eq!(
            next,
            Some(reply),
            "the race is over: no third address is waited for"
        );
        s.answers_ok();
    }
}

#[test]
fn for_a_program_that_runs_the_loop_itself_one_address_is_tried_after_the_other_each_for_its_part_of_the_time()
 {
    for proto in Proto::IN_TURN {
        let mut s = proto.story();
        s.engine.run_from_outside();
        s.names.push_back(Name::Has(4));
        let refused = Dialed::Refuses("conn fail: ECONNREFUSED");
        s.dials.extend([Dialed::Hangs, refused, Dialed::Hangs]);
        let a = s.get();
        let part = u64::from(CONNECT_SECS) * SECOND / 4;
        s.wait(part - 1);
        assert_eq!((s.sockets.len(), s.closed), (1, 0));
        s.wait(1);
        assert_eq!((s.sockets.len(), s.closed), (3, 2));
        s.wait(part - 1);
        assert_eq!((s.sockets.len(), s.closed), (3, 2));
        s.wait(1);
        assert_eq!((s.sockets.len(), s.connects(), s.closed), (4, 1, 3));
        s.answers_ok();
        assert_eq!(s.ends(), [(a, End::Completed)]);
    }
}

#[test]
fn no_more_than_four_addresses_are_raced() {
    for proto in Proto::ALL {
        let mut s = proto.story();
        s.names.push_back(Name::Has(9));
        s.dials.extend([Dialed::Hangs; 9]);
        let a = s.get();
        s.wait_secs(10);
        assert_eq!((s.sockets.len(), s.closed), (4, 0));
        s.sockets[1].dialed = Dialed::Refuses("conn fail: ECONNREFUSED");
        s.run();
        assert_eq!((s.sockets.len(), s.closed), (5, 1));
        s.wait_secs(10);
        assert!(
            s.error(a).starts_with("Unable to connect"),
            "{}",
            s.error(a)
        );
        assert_eq!(s.closed, s.sockets.len());
    }
}

#[test]
fn a_connecting_that_says_no_fails_the_leader_alone() {
    for proto in Proto::IN_TURN {
        let mut s = proto.story();
        let [a, b, c] = [(); 3].map(|()| s.get());
        s.says_no(a, Reason::Connecting);
        s.run();
        assert_eq!(s.ends(), [(a, End::Failed)]);
        assert_eq!(s.places(), [(vec![b], vec![c])]);
        assert_eq!(s.count(b, Reason::Connecting), 1);
        s.answers_ok();
        s.answers_ok();
        assert_eq!((s.connects(), s.sockets.len()), (1, 1));
    }
}

#[test]
fn a_literal_address_is_not_looked_up() {
    let mut s = Story::new();
    s.ask(Asked::get().at("192.0.2.9"));
    s.ask(Asked::get().at("::1"));
    s.ask(Asked::get().at("+@name"));
    s.run();
    assert_eq!((s.lookups, s.connects()), (0, 3));
    for n in 0..3 {
        s.sockets[n].says(OK);
        s.run();
    }
    assert_eq!(s.ends().len(), 3);
}

#[test]
fn a_unix_path_that_is_none_is_a_reason() {
    let mut s = Story::new();
    let a = s.ask(Asked::get().at("+"));
    s.run();
    assert!(s.error(a).starts_with("conn fail:"), "{}", s.error(a));
}

#[test]
fn an_answer_of_the_resolver_that_comes_too_late_touches_nothing() {
    for proto in Proto::IN_TURN {
        let mut s = proto.story();
        s.names.push_back(Name::Later);
        let a = s.get();
        s.run();
        let at = s.seat(a).expect("it leads");
        s.cancel(a);
        s.run();
        s.name_is(at, &Name::Has(1));
        s.run();
        assert_eq!((s.ends().len(), s.sockets.len()), (1, 0));
    }
}

#[test]
fn who_asks_while_the_name_is_looked_up_waits_for_the_same_connection() {
    for proto in Proto::IN_TURN {
        let mut s = proto.story();
        s.names.push_back(Name::Later);
        let a = s.get();
        s.run();
        let b = s.ask(Asked::with(Method::Head));
        assert_eq!(s.places(), [(vec![a], vec![b])]);
        let at = s.seat(a).expect("it leads");
        s.name_is(at, &Name::Has(1));
        s.run();
        s.answers_ok();
        match proto.is_h2() {
            true => s.answers(200, ""),
            false => s.begins(200, 99),
        }
        assert_eq!((s.body(b), s.connects(), s.lookups), ("", 1, 1));
        assert_eq!(s.ends(), [(a, End::Completed), (b, End::Completed)]);
    }
}
