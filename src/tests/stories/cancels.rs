//! Stories of requests that the program ends: cancelled, timed out, said no to.

use crate::engine::call::Reason;
use crate::engine::conn::Conn;
use crate::engine::table::Key;
use crate::tests::books::End;
use crate::tests::h2_story::Proto;
use crate::tests::peer::{Dialed, Name, OK};
use crate::tests::program::Asked;
use crate::tests::story::{Req, Story};

/// Where the leader of three is when something happens to it.
const PHASES: [&str; 8] = [
    "unplaced",
    "looked up",
    "connecting",
    "handshake",
    "sent",
    "head begun",
    "body",
    "untouched head",
];

fn at_phase(proto: Proto, phase: &str) -> (Story, [Req; 3]) {
    let mut s = match phase {
        "handshake" => proto.tls(),
        _ => proto.story(),
    };
    match phase {
        "looked up" => s.names.push_back(Name::Later),
        "connecting" => s.dials.push_back(Dialed::Hangs),
        "handshake" => s.says_hello = false,
        "untouched head" => s.hook(|s, _, reason| {
            if reason == Reason::AppendHandshakeHeader {
                s.peer().takes = 0;
            }
            0
        }),
        _ => {}
    }
    let three = [(); 3].map(|()| s.get());
    match phase {
        "unplaced" => return (s, three),
        _ => s.run(),
    }
    match phase {
        "head begun" if proto.is_h2() => s.says(|server| server.head(1, 103, &[])),
        "head begun" => s.answer("HTTP/1.1 20"),
        "body" => {
            s.begins(200, 9);
            s.goes_on("half");
        }
        _ => {}
    }
    s.unhook();
    (s, three)
}

/// The others get what they asked for, whatever stands in the way.
fn serve(s: &mut Story, others: &[Req]) {
    s.says_hello = true;
    for socket in &mut s.sockets {
        socket.takes = usize::MAX;
        if socket.dialed == Dialed::Hangs {
            socket.dialed = Dialed::Accepts;
        }
    }
    let looked_up = s.active_conns();
    s.run();
    for at in looked_up {
        s.name_is(at, &Name::Has(1));
    }
    s.run();
    for who in others {
        s.answers_ok();
        assert_eq!((s.end_of(*who), s.body(*who)), (Some(End::Completed), "ok"));
    }
}

fn expected(phase: &str) -> End {
    match phase {
        "body" => End::Closed,
        _ => End::Failed,
    }
}

#[test]
fn cancelling_the_leader_ends_it_alone_whatever_its_phase() {
    for proto in Proto::IN_TURN {
        for phase in PHASES {
            for sync in [false, true] {
                let (mut s, [a, b, c]) = at_phase(proto, phase);
                match sync {
                    false => s.cancel(a),
                    true => s.cancel_now(a),
                }
                assert_eq!(s.end_of(a).is_some(), sync, "{phase}");
                s.run();
                assert_eq!(s.ends(), [(a, expected(phase))], "{phase}");
                assert_eq!(s.places(), [(vec![b], vec![c])], "{phase}");
                serve(&mut s, &[b, c]);
                let connects = if phase == "untouched head" || s.connects() == 1 {
                    s.connects()
                } else {
                    2
                };
                assert_eq!(s.connects(), connects, "{phase}");
                if proto.is_h2() {
                    assert_eq!(
                        s.connects(),
                        1,
                        "{phase}: its stream goes, not its connection"
                    );
                }
            }
        }
    }
}

#[test]
fn cancelling_one_that_waits_ends_it_alone_whatever_the_leaders_phase() {
    for proto in Proto::IN_TURN {
        for phase in PHASES {
            for sync in [false, true] {
                let (mut s, [a, b, c]) = at_phase(proto, phase);
                match sync {
                    false => s.cancel(b),
                    true => s.cancel_now(b),
                }
                s.run();
                assert_eq!(s.ends(), [(b, End::Failed)], "{phase}");
                assert_eq!(s.places(), [(vec![a], vec![c])], "{phase}");
                s.cancel(a);
                s.run();
                serve(&mut s, &[c]);
            }
        }
    }
}

#[test]
fn cancelling_all_of_them_leaves_nothing() {
    for proto in Proto::IN_TURN {
        for phase in PHASES {
            let (mut s, three) = at_phase(proto, phase);
            for who in three {
                s.cancel(who);
            }
            s.run();
            assert_eq!(s.ends().len(), 3, "{phase}");
            let left = s.places();
            let idle = |(riding, waiting): &(Vec<Req>, Vec<Req>)| {
                [riding, waiting].iter().all(|all| all.is_empty())
            };
            assert!(
                left.iter().all(idle) && (proto.is_h2() || left.is_empty()),
                "{phase}"
            );
        }
    }
}

#[test]
fn a_cancel_says_in_which_phase_it_came() {
    for proto in Proto::IN_TURN {
        for (phase, text) in [
            ("connecting", "while connecting"),
            ("handshake", "in the TLS handshake"),
            ("sent", "before the response head"),
        ] {
            let (mut s, [a, b, c]) = at_phase(proto, phase);
            s.cancel(a);
            s.run();
            let error = s.error(a);
            assert!(
                error.contains("cancelled") && error.contains(text),
                "{phase}: {error}"
            );
            serve(&mut s, &[b, c]);
        }
    }
}

#[test]
fn a_cancel_within_the_connect_call_is_told_of_by_the_loop() {
    for proto in Proto::IN_TURN {
        for reason in [
            Reason::ClientHttpBindProtocol,
            Reason::WsiCreate,
            Reason::ServerNewClientInstantiated,
        ] {
            let mut s = proto.story();
            s.hook(move |s, who, at| {
                if at == reason {
                    s.cancel(who);
                }
                0
            });
            let a = s.get();
            assert_eq!(s.ends(), [], "every ending comes from the loop: {reason:?}");
            s.run();
            assert_eq!(s.ends(), [(a, End::Failed)]);
        }
    }
}

#[test]
fn the_programs_timeout_ends_one_alone() {
    for proto in Proto::IN_TURN {
        let (mut s, [a, b, c]) = at_phase(proto, "sent");
        let key = s.told[b.0].key;
        s.engine.set_timeout(key, 3);
        s.wait_secs(2);
        assert_eq!(s.ends(), []);
        s.wait_secs(1);
        assert_eq!(s.ends(), [(b, End::Failed)]);
        assert!(s.error(b).contains("lws_set_timeout"), "{}", s.error(b));
        serve(&mut s, &[a, c]);
    }
}

#[test]
fn a_timeout_that_is_taken_back_does_not_come() {
    for proto in Proto::IN_TURN {
        let (mut s, [a, b, c]) = at_phase(proto, "sent");
        let key = s.told[b.0].key;
        s.engine.set_timeout(key, 3);
        s.engine.set_timeout(key, 0);
        s.wait_secs(10);
        serve(&mut s, &[a, b, c]);
    }
}

#[test]
fn a_verdict_that_says_no_ends_its_request_alone() {
    for proto in Proto::IN_TURN {
        for (reason, end, text) in [
            (Reason::Connecting, End::Failed, "closed before established"),
            (
                Reason::AppendHandshakeHeader,
                End::Failed,
                "closed before established",
            ),
            (
                Reason::FilterPreEstablish,
                End::Failed,
                "HS: disallowed by client filter",
            ),
            (
                Reason::EstablishedClientHttp,
                End::Failed,
                "HS: disallowed at ESTABLISHED",
            ),
            (Reason::ReceiveClientHttp, End::Closed, ""),
            (Reason::ReceiveClientHttpRead, End::Closed, ""),
            (Reason::CompletedClientHttp, End::Completed, ""),
        ] {
            if proto.is_h2() && reason == Reason::ReceiveClientHttp {
                continue; // READ comes by itself there
            }
            let mut s = proto.story();
            let [a, b, c] = [(); 3].map(|()| s.get());
            s.says_no(a, reason);
            s.run();
            if s.end_of(a).is_none() {
                s.answers_ok();
            }
            assert_eq!(s.ends(), [(a, end)], "{reason:?}");
            assert!(s.error(a).starts_with(text), "{reason:?}: {}", s.error(a));
            assert_eq!(s.places(), [(vec![b], vec![c])], "{reason:?}");
            serve(&mut s, &[b, c]);
            let carried = reason != Reason::Connecting && !proto.is_h2();
            assert_eq!(
                s.connects(),
                1 + usize::from(carried),
                "{reason:?}: its connection goes if it was on it"
            );
        }
    }
}

#[test]
fn verdicts_that_mean_nothing_end_nothing() {
    for proto in Proto::ALL {
        let mut s = proto.story();
        s.hook(|_, _, reason| {
            let ignored = matches!(
                reason,
                Reason::ClientHttpBindProtocol
                    | Reason::WsiCreate
                    | Reason::ServerNewClientInstantiated
                    | Reason::ClientHttpDropProtocol
                    | Reason::ClosedClientHttp
                    | Reason::WsiDestroy
            );
            if ignored { -1 } else { 0 }
        });
        let three = s.three();
        for who in three {
            s.answers_ok();
            assert_eq!(s.end_of(who), Some(End::Completed));
        }
        assert_eq!(s.connects(), 1);
    }
}

#[test]
fn header_lines_that_would_split_the_request_are_refused() {
    for proto in Proto::ALL {
        for lines in [
            "X-A: 1\r\n\r\nGET /evil HTTP/1.1\r\n",
            "X-A: 1\n",
            "X-A 1\r\n",
            "X-A: 1",
        ] {
            let mut s = proto.story();
            let a = s.ask(Asked::get().append(lines));
            let b = s.get();
            s.run();
            assert_eq!(s.ends(), [(a, End::Failed)], "{lines:?}");
            assert!(s.error(a).contains("were refused"), "{}", s.error(a));
            s.answers_ok();
            assert_eq!(s.end_of(b), Some(End::Completed));
        }
    }
}

/// Every callback of one of three ends any of three, in any way: each still ends once, and the others are served.
#[test]
fn whoever_is_ended_in_whatever_callback_each_ends_once() {
    const REASONS: [Reason; 14] = [
        Reason::ClientHttpBindProtocol,
        Reason::WsiCreate,
        Reason::ServerNewClientInstantiated,
        Reason::Connecting,
        Reason::AppendHandshakeHeader,
        Reason::FilterPreEstablish,
        Reason::EstablishedClientHttp,
        Reason::ReceiveClientHttp,
        Reason::ReceiveClientHttpRead,
        Reason::CompletedClientHttp,
        Reason::ConnectionError,
        Reason::ClientHttpDropProtocol,
        Reason::ClosedClientHttp,
        Reason::WsiDestroy,
    ];
    for reason in REASONS {
        for caller in 0..3 {
            for victim in 0..3 {
                for way in ["sync", "async", "no", "vhost", "ask", "nest"] {
                    meddle(reason, Req(caller), Req(victim), way);
                }
            }
        }
    }
}

fn meddle(reason: Reason, caller: Req, victim: Req, way: &'static str) {
    let mut s = Story::new();
    s.hook(move |s, who, at| {
        if (who, at) != (caller, reason) || victim.0 >= s.told.len() || s.told.len() > 5 {
            return 0;
        }
        match way {
            "sync" => s.cancel_now(victim),
            "async" => s.cancel(victim),
            "no" => return -1,
            "vhost" => s.destroy_vhost(),
            "ask" => drop(s.get()),
            _ => {
                s.cancel(victim);
                s.drain();
            }
        }
        0
    });
    for _ in 0..3 {
        if !s.destroyed {
            s.get();
        }
    }
    for _ in 0..8 {
        s.run();
        let conns = s.active_conns();
        let leads = |at: &Key<Conn>| s.engine.conns.get(*at).is_some_and(|c| c.leader.is_some());
        let led = conns.first().copied().filter(leads);
        if let Some(at) = led.filter(|_| s.connects() > s.closed) {
            s.socket(at).says(OK);
        }
    }
    s.run();
    let left = s.told.len() - s.ends().len();
    assert!(
        left == 0 || s.destroyed,
        "{way} of {victim:?} in {reason:?} of {caller:?}: {left} did not end"
    );
}
