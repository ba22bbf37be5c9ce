//! Stories of h2 requests that the program ends, in every state that they can be in.

use crate::engine::call::Reason;
use crate::engine::wsi::Method;
use crate::proto::h2::ErrorCode;
use crate::tests::books::End;
use crate::tests::program::Asked;
use crate::tests::story::{Req, Story};

const STATES: [&str; 10] = [
    "before the connection",
    "greeting",
    "opening",
    "unsent",
    "sent",
    "uploading",
    "blocked upload",
    "answered",
    "in the body",
    "put aside",
];

/// Two others ride, and the third is so far.
fn third_is(state: &str) -> (Story, [Req; 3]) {
    let mut s = Story::h2_with(&[(3, 10), (4, 4)]);
    s.mute = state == "greeting";
    s.stingy = true;
    let (a, b) = (s.get(), s.get());
    if !matches!(state, "before the connection" | "greeting") {
        s.run();
    }
    if state == "unsent" {
        s.peer().takes = 0;
    }
    let parts: &[&str] = match state {
        "uploading" => &["four"],
        "blocked upload" => &["four", "blocked"],
        _ => &[],
    };
    let c = match parts {
        [] => s.get(),
        parts => s.ask(Asked::with(Method::Put).body(parts)),
    };
    if state == "uploading" {
        s.told[c.0].asked.over = crate::tests::program::Over::EmptyFinal;
    }
    match state {
        "before the connection" | "opening" => {}
        _ => s.run(),
    }
    match state {
        "answered" | "in the body" | "put aside" => s.says(|server| server.head(5, 200, &[])),
        _ => {}
    }
    if state == "put aside" {
        let key = s.told[c.0].key;
        s.engine.pause_rx(key, true);
    }
    if matches!(state, "in the body" | "put aside") {
        s.says(|server| server.piece(5, "half"));
    }
    (s, [a, b, c])
}

fn expected(state: &str) -> End {
    match state {
        "answered" | "in the body" | "put aside" => End::Closed,
        _ => End::Failed,
    }
}

/// Contract 2.7 and 1.1: it ends alone; the server is told with CANCEL if it knows of it.
#[test]
fn a_cancel_ends_one_alone_whatever_its_state() {
    for state in STATES {
        for way in ["sync", "async", "timeout"] {
            let (mut s, [a, b, c]) = third_is(state);
            match way {
                "sync" => s.cancel_now(c),
                "async" => s.cancel(c),
                _ => {
                    let key = s.told[c.0].key;
                    s.engine.set_timeout(key, 1);
                    s.wait_secs(1);
                }
            }
            assert_eq!(s.end_of(c).is_some(), way != "async", "{state}, {way}");
            s.run();
            assert_eq!(s.ends(), [(c, expected(state))], "{state}, {way}");
            let rides = !matches!(state, "before the connection" | "greeting" | "opening");
            s.mute = false;
            for socket in &mut s.sockets {
                socket.takes = usize::MAX;
            }
            if state == "greeting" {
                s.says(|server| server.settings(&[(3, 10)]));
            }
            s.run();
            let resets = s.server_of(0).resets.clone();
            let told = rides || (way == "timeout" && state != "greeting");
            match told {
                true => assert_eq!(resets, [(5, ErrorCode::CANCEL)], "{state}, {way}"),
                false => assert_eq!(resets, [], "{state}, {way}"),
            }
            s.answer_all();
            assert_eq!([a, b].map(|who| s.end_of(who)), [Some(End::Completed); 2]);
            assert_eq!(s.connects(), 1, "{state}, {way}");
        }
    }
}

/// Contract 1.1: who was established is closed, the others get DROP and WSI_DESTROY alone; whatever their state.
#[test]
fn a_vhost_that_goes_takes_all_of_them_along_whatever_their_state() {
    for state in STATES {
        let (mut s, [a, b, c]) = third_is(state);
        s.destroy_vhost();
        let closed = s.ends().iter().map(|(who, _)| *who).collect::<Vec<_>>();
        let established = expected(state) == End::Closed;
        assert_eq!(
            closed,
            if established { vec![c] } else { vec![] },
            "{state}"
        );
        for who in [a, b, c] {
            let last = [Reason::ConnectionError, Reason::CompletedClientHttp];
            assert!(!s.heard(who).iter().any(|at| last.contains(at)), "{state}");
        }
        assert_eq!(
            (s.engine.conns.len(), s.engine.vhosts.len()),
            (0, 0),
            "{state}"
        );
        assert_eq!(s.closed, s.sockets.len(), "{state}");
    }
}

/// Contract 2.7: the first is not more than the others, once its connection is up.
#[test]
fn cancelling_any_of_three_leaves_the_others() {
    for nth in 0..3 {
        for limit in [1, 2, 100] {
            let mut s = Story::h2_with(&[(3, limit)]);
            let all = s.some(3);
            s.cancel(all[nth]);
            s.run();
            assert_eq!(s.ends(), [(all[nth], End::Failed)]);
            s.answer_all();
            assert_eq!((s.ended(End::Completed), s.connects()), (2, 1));
        }
    }
}

#[test]
fn who_waits_rides_as_soon_as_one_was_cancelled() {
    let mut s = Story::h2_with(&[(3, 2)]);
    let all = s.some(4);
    s.cancel(all[0]);
    s.run();
    assert_eq!(s.places(), [(vec![all[1], all[2]], vec![all[3]])]);
    assert_eq!(s.server().resets, [(1, ErrorCode::CANCEL)]);
    s.answer_all();
}

/// What comes late for one that was cancelled is nobody's, and uses up no window for ever.
#[test]
fn what_comes_late_for_one_that_was_cancelled_is_nobodys() {
    let mut s = Story::h2();
    let all = s.some(2);
    s.puts(|server| {
        server.head(1, 200, &[]);
        server.piece(1, "x".repeat(10_000));
        server.last(1, "y");
    });
    s.cancel_now(all[0]);
    s.run();
    assert_eq!(s.ends(), [(all[0], End::Failed)]);
    s.answer_all();
    assert_eq!(s.end_of(all[1]), Some(End::Completed));
    assert_eq!(
        s.heard(all[0])
            .iter()
            .filter(|r| **r == Reason::FilterPreEstablish)
            .count(),
        0
    );
}

/// Contract 1.9: nonzero where it means "close" resets the stream, and ends that request alone.
#[test]
fn a_verdict_that_says_no_ends_its_request_alone() {
    for (reason, end, code) in [
        (Reason::AppendHandshakeHeader, End::Failed, None),
        (
            Reason::FilterPreEstablish,
            End::Failed,
            Some(ErrorCode::CANCEL),
        ),
        (
            Reason::EstablishedClientHttp,
            End::Failed,
            Some(ErrorCode::CANCEL),
        ),
        (
            Reason::ReceiveClientHttpRead,
            End::Closed,
            Some(ErrorCode::CANCEL),
        ),
        (Reason::CompletedClientHttp, End::Completed, None),
    ] {
        let mut s = Story::h2();
        let all = [(); 3].map(|()| s.get());
        s.says_no(all[0], reason);
        s.run();
        if reason != Reason::AppendHandshakeHeader {
            s.says(|server| {
                server.head(1, 200, &[]);
                server.piece(1, "x");
            });
            if s.end_of(all[0]).is_none() {
                s.says(|server| server.last(1, "y"));
            }
        }
        assert_eq!(s.ends(), [(all[0], end)], "{reason:?}");
        let resets: Vec<_> = code.into_iter().map(|code| (1, code)).collect();
        assert_eq!(s.server().resets, resets, "{reason:?}");
        s.answer_all();
        assert_eq!((s.connects(), s.ends().len()), (1, 3), "{reason:?}");
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
        Reason::ReceiveClientHttpRead,
        Reason::ClientHttpWriteable,
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
                    for limit in [2, 100] {
                        meddle(reason, Req(caller), Req(victim), way, limit);
                    }
                }
            }
        }
    }
}

fn meddle(reason: Reason, caller: Req, victim: Req, way: &'static str, limit: u32) {
    let mut s = Story::h2_with(&[(3, limit)]);
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
                s.turn();
                s.drain();
            }
        }
        0
    });
    for nth in 0..3 {
        if !s.destroyed {
            s.ask(match nth {
                1 => Asked::post(&["one", "two"]),
                _ => Asked::get(),
            });
        }
    }
    s.answer_all();
    let left = s.told.len() - s.ends().len();
    assert!(
        left == 0 || s.destroyed,
        "{way} of {victim:?} in {reason:?} of {caller:?}: {left} did not end"
    );
}
