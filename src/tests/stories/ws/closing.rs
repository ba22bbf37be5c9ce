//! Stories of how a ws ends: by the program, by the peer, in peace or not.

use crate::engine::call::Reason;
use crate::proto::ws::Kind;
use crate::tests::books::End;
use crate::tests::story::{Req, Story};
use crate::tests::ws_peer::{CLOSE, ENDS, PING, TEXT, TEXT_BEGINS, close, frame};

/// Seconds for the peer's answer to our Close.
const PATIENCE: u32 = 5;

const CLOSED: [Reason; 3] = [
    Reason::WsClientDropProtocol,
    Reason::ClientClosed,
    Reason::WsiDestroy,
];

fn is_over(s: &Story, who: Req) {
    assert_eq!(s.ends(), [(who, End::Closed)]);
    assert!(s.heard(who).ends_with(&CLOSED), "{:?}", s.heard(who));
    assert_eq!(s.closed, 1);
}

#[test]
fn a_program_with_a_reason_says_close_and_waits_for_the_peers() {
    let mut s = Story::new();
    let a = s.ws();
    s.close_reason(a, 1001, "bye");
    s.says_no_in_writeable(a);
    assert_eq!(s.frames(), ["close 1001 bye"]);
    s.wait_secs(PATIENCE - 1);
    assert_eq!(s.end_of(a), None, "the peer has time");
    let heard = s.heard(a).len();
    s.sends(TEXT, b"still talking");
    s.sends(PING, b"");
    s.sends_close(1001, "bye");
    assert_eq!(s.heard(a)[heard..], CLOSED, "nothing of it is seen");
    assert_eq!(s.frames(), [""; 0], "nor answered");
    is_over(&s, a);
}

#[test]
fn a_peer_that_does_not_answer_close_has_its_time() {
    for talks in [false, true] {
        let mut s = Story::new();
        let a = s.ws();
        s.close_reason(a, 1000, "");
        s.says_no_in_writeable(a);
        for _ in 1..PATIENCE {
            s.wait_secs(1);
            if talks {
                s.sends(TEXT, b"I did not hear you");
            }
        }
        assert_eq!(s.end_of(a), None);
        s.wait_secs(1);
        is_over(&s, a);
    }
}

#[test]
fn a_peer_that_answers_close_by_going_is_not_waited_for() {
    let mut s = Story::new();
    let a = s.ws();
    s.close_reason(a, 1000, "");
    s.says_no_in_writeable(a);
    s.hangs_up();
    is_over(&s, a);
}

#[test]
fn a_program_without_a_reason_says_nothing() {
    let mut s = Story::new();
    let a = s.ws();
    s.says_no_in_writeable(a);
    assert_eq!(s.frames(), [""; 0]);
    is_over(&s, a);
}

#[test]
fn codes_and_reasons_are_what_may_be_sent() {
    let long = "\u{e9}".repeat(100);
    for (code, reason, sent) in [
        (1000, "", "close 1000".to_owned()),
        (1001, "going", "close 1001 going".into()),
        (3000, "", "close 3000".into()),
        (4999, "mine", "close 4999 mine".into()),
        (0, "no code", "close".into()),
        (1005, "nor this", "close".into()),
        (1006, "", "close".into()),
        (1015, "", "close".into()),
        (999, "", "close".into()),
        (5000, "", "close".into()),
        (1000, &long, format!("close 1000 {}", "\u{e9}".repeat(61))),
    ] {
        let mut s = Story::new();
        let a = s.ws();
        s.close_reason(a, code, reason);
        s.says_no_in_writeable(a);
        assert_eq!(s.frames(), [sent]);
        s.sends(CLOSE, b"");
        is_over(&s, a);
    }
}

#[test]
fn the_last_reason_counts() {
    let mut s = Story::new();
    let a = s.ws();
    s.close_reason(a, 1000, "first");
    s.close_reason(a, 1001, "second");
    s.sends(TEXT, b"a reason alone ends nothing");
    s.says_no_in_writeable(a);
    assert_eq!(s.frames(), ["close 1001 second"]);
}

#[test]
fn what_was_written_leaves_before_close_and_before_the_end() {
    for with_reason in [false, true] {
        for takes in 0..20 {
            let mut s = Story::new();
            let a = s.ws();
            s.peer().takes = takes;
            assert!(s.text(a, "unsent"));
            if with_reason {
                s.close_reason(a, 1000, "");
            }
            s.run();
            s.says_no(a, Reason::ClientReceive);
            s.sends(TEXT, b"go");
            s.unhook();
            let mut sent = vec!["text unsent"];
            if with_reason {
                sent.push("close 1000");
            }
            let length = 12 + usize::from(with_reason) * 8;
            assert_eq!(s.end_of(a).is_some(), !with_reason && takes >= length);
            for _ in takes..length {
                s.wait_secs(0);
                s.peer().takes = 1;
                s.run();
            }
            assert_eq!(s.frames(), sent, "{takes}");
            if with_reason {
                assert_eq!(s.end_of(a), None, "it waits for the peer's");
                s.sends(CLOSE, close(1000, ""));
            }
            is_over(&s, a);
        }
    }
}

#[test]
fn a_peer_that_takes_nothing_has_its_time() {
    let mut s = Story::new();
    let a = s.ws();
    s.peer().takes = 3;
    assert!(s.text(a, "unsent"));
    s.says_no(a, Reason::ClientReceive);
    s.sends(TEXT, b"go");
    s.unhook();
    assert!(!s.text(a, "more"), "it is as good as over");
    assert!(!s.ask_writeable(a));
    s.wait_secs(PATIENCE - 1);
    assert_eq!(s.end_of(a), None);
    s.wait_secs(1);
    is_over(&s, a);
}

#[test]
fn close_behind_what_waits_is_answered_before_it_has_left() {
    let mut s = Story::new();
    let a = s.ws();
    s.peer().takes = 3;
    assert!(s.text(a, "unsent"));
    s.close_reason(a, 1000, "");
    s.says_no(a, Reason::ClientReceive);
    s.sends(TEXT, b"go");
    s.unhook();
    s.sends(CLOSE, b"");
    assert_eq!(s.end_of(a), None, "what was written leaves first");
    s.peer().takes = usize::MAX;
    s.run();
    assert_eq!(s.frames(), ["text unsent", "close 1000"]);
    is_over(&s, a);
}

#[test]
fn the_peers_close_is_answered_by_the_same() {
    for payload in [
        Vec::new(),
        close(1000, ""),
        close(1001, "going away"),
        close(4321, &"r".repeat(123)),
    ] {
        let mut s = Story::new();
        let a = s.ws();
        s.sends(CLOSE, &payload);
        let frames = std::mem::take(&mut s.listener().frames);
        assert_eq!(frames.len(), 1);
        assert_eq!((frames[0].opcode, &frames[0].payload), (8, &payload));
        assert_eq!(s.count(a, Reason::WsPeerInitiatedClose), 1);
        assert_eq!(s.told[a.0].pieces[0].bytes, payload);
        is_over(&s, a);
    }
}

#[test]
fn a_program_that_says_no_to_the_peers_close_does_not_answer() {
    for reason in [None, Some("mine")] {
        let mut s = Story::new();
        let a = s.ws();
        s.says_no(a, Reason::WsPeerInitiatedClose);
        if let Some(reason) = reason {
            s.close_reason(a, 3000, reason);
        }
        s.sends_close(1000, "yours");
        let sent: Vec<String> = reason
            .map(|_| "close 3000 mine".into())
            .into_iter()
            .collect();
        assert_eq!(s.frames(), sent, "unless it said what to answer");
        is_over(&s, a);
    }
}

#[test]
fn the_answer_to_close_leaves_behind_what_waits() {
    for takes in 0..22 {
        let mut s = Story::new();
        let a = s.ws();
        s.peer().takes = takes;
        assert!(s.text(a, "unsent"));
        s.sends_close(1000, "");
        assert_eq!(s.end_of(a).is_some(), takes >= 20, "{takes}");
        for _ in takes..20 {
            assert_eq!(s.end_of(a), None);
            s.peer().takes = 1;
            s.run();
        }
        assert_eq!(s.frames(), ["text unsent", "close 1000"]);
        is_over(&s, a);
    }
}

#[test]
fn an_answer_that_does_not_leave_has_its_time() {
    let mut s = Story::new();
    let a = s.ws();
    s.peer().takes = 0;
    s.sends_close(1000, "");
    s.wait_secs(PATIENCE - 1);
    assert_eq!(s.end_of(a), None);
    s.wait_secs(1);
    is_over(&s, a);
}

#[test]
fn a_program_may_write_in_the_callback_about_the_peers_close() {
    let mut s = Story::new();
    let a = s.ws();
    s.hook(|s, who, reason| {
        if reason == Reason::WsPeerInitiatedClose {
            assert!(s.text(who, "last words"));
        }
        0
    });
    s.sends_close(1000, "");
    assert_eq!(s.frames(), ["text last words", "close 1000"]);
    is_over(&s, a);
}

#[test]
fn a_message_of_ours_may_be_cut_short_by_close() {
    let mut s = Story::new();
    let a = s.ws();
    assert!(s.write_frame(a, Kind::Text, false, b"begun"));
    s.run();
    s.sends_close(1000, "");
    assert_eq!(s.frames(), ["text- begun", "close 1000"]);
    is_over(&s, a);
}

#[test]
fn what_stands_behind_the_peers_close_is_nobodys() {
    let mut s = Story::new();
    let a = s.ws();
    let behind = [frame(TEXT, b"x"), frame(PING, b""), frame(CLOSE, b"")].concat();
    s.peer().takes = 0;
    s.bytes(&[frame(CLOSE, &close(1000, "")), behind.clone()].concat());
    s.bytes(&behind);
    s.peer().takes = usize::MAX;
    s.run();
    assert_eq!(s.pieces(a), ["close 1000"]);
    assert_eq!(s.frames(), ["close 1000"]);
    is_over(&s, a);
}

#[test]
fn both_may_say_close_at_once() {
    let mut s = Story::new();
    let a = s.ws();
    s.close_reason(a, 1000, "ours");
    s.hook(|_, _, reason| -i32::from(reason == Reason::ClientReceive));
    s.bytes(&[frame(TEXT, b"go"), frame(CLOSE, &close(1001, "theirs"))].concat());
    assert_eq!(s.frames(), ["close 1000 ours"]);
    assert_eq!(s.count(a, Reason::WsPeerInitiatedClose), 0);
    is_over(&s, a);
}

/// Where a ws is when its peer goes.
const STATES: [&str; 8] = [
    "idle",
    "in a header",
    "in a payload",
    "between fragments",
    "something unsent",
    "our Close unanswered",
    "our Close unsent",
    "flushing",
];

fn in_state(state: &str) -> (Story, Req) {
    let mut s = Story::new();
    let a = s.ws();
    let unsent = matches!(state, "something unsent" | "our Close unsent" | "flushing");
    if unsent {
        s.peer().takes = 1;
        assert!(s.text(a, "unsent"));
        s.run();
    }
    match state {
        "in a header" => s.bytes(&frame(TEXT, &[0; 300])[..3]),
        "in a payload" => s.bytes(&frame(TEXT, b"hello")[..5]),
        "between fragments" => s.sends(TEXT_BEGINS, b"be"),
        _ => {}
    }
    let ours = matches!(state, "our Close unanswered" | "our Close unsent");
    if ours {
        s.close_reason(a, 1000, "");
    }
    if ours || state == "flushing" {
        s.says_no(a, Reason::ClientReceive);
        s.sends(TEXT, b"go");
        s.unhook();
    }
    assert_eq!(s.end_of(a), None, "{state}");
    (s, a)
}

#[test]
fn a_peer_that_goes_ends_it_once_whatever_its_state() {
    for state in STATES {
        for how in ["fin", "cut", "reset"] {
            let (mut s, a) = in_state(state);
            let heard = s.heard(a).len();
            match how {
                "fin" => s.peer().hangs_up(),
                "cut" => s.peer().is_cut(),
                _ => s.peer().breaks("ECONNRESET"),
            }
            s.run();
            assert_eq!(s.heard(a)[heard..], CLOSED, "{state} {how}");
            is_over(&s, a);
        }
    }
}

#[test]
fn the_end_of_the_vhost_ends_it_whatever_its_state() {
    for state in STATES {
        let (mut s, a) = in_state(state);
        let heard = s.heard(a).len();
        s.destroy_vhost();
        assert_eq!(s.heard(a)[heard..], CLOSED, "{state}");
        assert_eq!((s.engine.vhosts.len(), s.closed), (0, 1));
    }
}

#[test]
fn the_program_cancels_it_whatever_its_state() {
    for state in STATES {
        for sync in [false, true] {
            let (mut s, a) = in_state(state);
            let heard = s.heard(a).len();
            match sync {
                true => s.cancel_now(a),
                false => s.cancel(a),
            }
            assert_eq!(s.heard(a).len() > heard, sync);
            s.run();
            assert_eq!(s.heard(a)[heard..], CLOSED, "{state}");
            is_over(&s, a);
        }
    }
}

#[test]
fn a_peer_breaking_the_rules_ends_it_once_whatever_its_state() {
    for state in STATES {
        let (mut s, a) = in_state(state);
        let heard = s.heard(a).len();
        // Whatever was begun ends here, or swallows it.
        for _ in 0..100 {
            if s.end_of(a).is_none() {
                s.bytes(&[0xff; 10]);
            }
        }
        s.wait_secs(PATIENCE);
        let last = s.heard(a)[heard..].to_vec();
        assert!(last.ends_with(&CLOSED), "{state}: {last:?}");
        is_over(&s, a);
    }
}

#[test]
fn time_of_the_programs_own_that_runs_out_closes_it() {
    let mut s = Story::new();
    let a = s.ws();
    s.engine.set_timeout(s.told[a.0].key, 10);
    s.wait_secs(9);
    s.sends(TEXT_BEGINS, b"be");
    s.sends(ENDS, b"gun");
    assert_eq!(s.end_of(a), None);
    s.wait_secs(1);
    assert_eq!(s.frames(), [""; 0]);
    is_over(&s, a);
}

#[test]
fn the_end_of_the_context_ends_it_whatever_its_state() {
    for state in STATES {
        let (mut s, a) = in_state(state);
        let heard = s.heard(a).len();
        s.destroyed = true;
        assert_eq!(s.engine.end_all(None).len(), 1);
        s.run();
        assert_eq!(s.heard(a)[heard..], CLOSED, "{state}");
        assert_eq!(s.closed, 1);
    }
}

#[test]
fn what_was_written_is_tried_once_more_when_its_vhost_goes() {
    let mut s = Story::new();
    let a = s.ws();
    s.peer().takes = 3;
    assert!(s.text(a, "unsent"));
    s.run();
    s.peer().takes = usize::MAX;
    s.destroy_vhost();
    assert_eq!(s.frames(), ["text unsent"]);
    assert_eq!(s.ends(), [(a, End::Closed)]);
}
