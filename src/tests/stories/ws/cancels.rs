//! Stories of a ws that the program ends, or its vhost, wherever it is.

use crate::engine::call::Reason;
use crate::tests::books::End;
use crate::tests::peer::{Dialed, Name};
use crate::tests::program::Asked;
use crate::tests::story::{Req, Story};
use crate::tests::ws_peer::{CLOSE, PONG, TEXT, close, frame};

/// Where it is before it is open.
const EARLY: [&str; 6] = [
    "unplaced",
    "looked up",
    "connecting",
    "handshake",
    "sent",
    "head begun",
];

fn early(phase: &str) -> (Story, Req) {
    let mut s = match phase {
        "handshake" => Story::tls(),
        _ => Story::new(),
    };
    match phase {
        "looked up" => s.names.push_back(Name::Later),
        "connecting" => s.dials.push_back(Dialed::Hangs),
        "handshake" => s.says_hello = false,
        _ => {}
    }
    let who = s.ask(Asked::ws());
    if phase != "unplaced" {
        s.run();
    }
    if phase == "head begun" {
        s.answer("HTTP/1.1 101 Sw");
    }
    (s, who)
}

#[test]
fn one_that_is_not_open_fails_wherever_it_is() {
    for phase in EARLY {
        for sync in [false, true] {
            let (mut s, a) = early(phase);
            match sync {
                false => s.cancel(a),
                true => s.cancel_now(a),
            }
            s.run();
            assert_eq!(s.ends(), [(a, End::Failed)], "{phase}");
            assert_eq!(s.active_conns(), [], "{phase}");
        }
        let (mut s, a) = early(phase);
        s.destroy_vhost();
        let last = [Reason::ClientHttpDropProtocol, Reason::WsiDestroy];
        assert!(s.heard(a).ends_with(&last), "{phase}");
        assert_eq!(s.ends(), [], "{phase}");
    }
}

/// All callbacks of a ws that lives, and whether its end is an error then.
const CALLBACKS: [(Reason, End); 10] = [
    (Reason::AppendHandshakeHeader, End::Failed),
    (Reason::EstablishedClientHttp, End::Failed),
    (Reason::FilterPreEstablish, End::Failed),
    (Reason::ClientEstablished, End::Failed),
    (Reason::ClientReceive, End::Closed),
    (Reason::ClientWriteable, End::Closed),
    (Reason::ClientReceivePong, End::Closed),
    (Reason::Timer, End::Closed),
    (Reason::WsPeerInitiatedClose, End::Closed),
    (Reason::Connecting, End::Failed),
];

/// Everything happens to it, as far as it lives.
fn lives(s: &mut Story) -> Req {
    let who = s.ask(Asked::ws());
    s.run();
    if s.end_of(who).is_some() || s.destroyed {
        return who;
    }
    let rest = [
        frame(TEXT, b"hello hello"),
        frame(PONG, b"p"),
        frame(TEXT, b"x"),
    ];
    s.agrees(&rest.concat());
    s.ask_writeable(who);
    s.engine.set_timer(s.told[who.0].key, Some(1));
    s.wait_secs(1);
    if s.end_of(who).is_none() && !s.destroyed {
        s.sends(CLOSE, close(1000, ""));
    }
    s.wait_secs(5);
    who
}

/// What happens in the first callback of a kind.
fn happens_in(s: &mut Story, reason: Reason, what: fn(&mut Story, Req) -> i32) {
    s.hook(move |s, who, at| {
        if at == reason && s.count(who, reason) == 1 {
            return what(s, who);
        }
        0
    });
}

#[test]
fn nonzero_ends_it_once_whatever_says_it() {
    for (reason, end) in CALLBACKS {
        for verdict in [-1, 1] {
            let mut s = Story::new();
            match verdict {
                1 => happens_in(&mut s, reason, |_, _| 1),
                _ => happens_in(&mut s, reason, |_, _| -1),
            }
            let a = lives(&mut s);
            assert_eq!(s.ends(), [(a, end)], "{reason:?}");
            let heard = s.heard(a);
            let at = heard.iter().position(|at| *at == reason).expect("it came");
            assert!(
                heard.len() - at <= 4,
                "nothing but the end: {:?}",
                &heard[at..]
            );
        }
    }
}

#[test]
fn nonzero_before_it_is_open_is_told_in_upstreams_words() {
    for (reason, text) in [
        (
            Reason::EstablishedClientHttp,
            "HS: disallowed by client filter",
        ),
        (Reason::FilterPreEstablish, "HS: Rejected by filter cb"),
        (
            Reason::ClientEstablished,
            "HS: Rejected at CLIENT_ESTABLISHED",
        ),
    ] {
        let mut s = Story::new();
        happens_in(&mut s, reason, |s, who| {
            s.close_reason(who, 1000, "is not said");
            -1
        });
        let a = lives(&mut s);
        assert!(s.error(a).starts_with(text), "{}", s.error(a));
        assert_eq!(s.frames(), [""; 0], "{reason:?}");
    }
}

#[test]
fn a_cancel_in_a_callback_ends_it_once() {
    for (reason, end) in CALLBACKS {
        for what in [
            |s: &mut Story, who| {
                s.cancel(who);
                0
            },
            |s: &mut Story, who| {
                s.cancel_now(who);
                0
            },
            |s: &mut Story, who| {
                s.cancel_now(who);
                -1
            },
            |s: &mut Story, who| {
                s.cancel(who);
                s.close_reason_if_ws(who);
                -1
            },
        ] {
            let mut s = Story::new();
            happens_in(&mut s, reason, what);
            let a = lives(&mut s);
            if reason == Reason::Connecting {
                assert_eq!(s.ends().len(), 1, "{reason:?}");
                continue;
            }
            // It is opened by the time that the loop looks.
            let late = reason == Reason::ClientEstablished && s.end_of(a) == Some(End::Closed);
            let expected = if late { End::Closed } else { end };
            assert_eq!(s.ends(), [(a, expected)], "{reason:?}");
        }
    }
}

#[test]
fn a_vhost_that_goes_in_a_callback_takes_it_along() {
    for (reason, end) in CALLBACKS {
        let mut s = Story::new();
        happens_in(&mut s, reason, |s, who| {
            s.destroy_vhost();
            assert_eq!(s.count(who, Reason::WsiDestroy), 0, "not inside");
            0
        });
        let a = lives(&mut s);
        let ended: Vec<_> = (end == End::Closed)
            .then_some((a, End::Closed))
            .into_iter()
            .collect();
        assert_eq!(s.ends(), ended, "{reason:?}");
        assert_eq!(s.count(a, Reason::WsiDestroy), 1, "{reason:?}");
        assert_eq!(s.engine.vhosts.len(), 0, "{reason:?}");
    }
}

#[test]
fn a_loop_in_a_callback_changes_nothing() {
    let whole = {
        let mut s = Story::new();
        let a = lives(&mut s);
        (s.heard(a), s.pieces(a))
    };
    for (reason, _) in CALLBACKS {
        let mut s = Story::new();
        happens_in(&mut s, reason, |s, _| {
            s.nested();
            0
        });
        let a = lives(&mut s);
        assert_eq!((s.heard(a), s.pieces(a)), whole, "{reason:?}");
    }
}

#[test]
fn another_that_is_cancelled_from_its_callback_does_not_disturb_it() {
    let mut s = Story::new();
    let b = s.ws();
    let a = s.ws();
    s.hook(move |s, who, reason| {
        if (who, reason) == (a, Reason::ClientReceive) {
            s.cancel_now(b);
        }
        0
    });
    s.sends(TEXT, b"0123456789");
    assert_eq!(s.pieces(a), ["first text 01234567 +2", "last text 89"]);
    assert_eq!(s.ends(), [(b, End::Closed)]);
}

impl Story {
    /// As lws_close_reason() in any callback.
    fn close_reason_if_ws(&mut self, who: Req) {
        let key = self.told[who.0].key;
        self.engine.set_close(key, 1000, "unsaid");
    }
}
