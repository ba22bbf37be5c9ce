//! Stories of lws_rx_flow_control: what waits, and how it goes on.

use crate::engine::call::Reason;
use crate::tests::books::End;
use crate::tests::program::Asked;
use crate::tests::story::{Req, Story};
use crate::tests::ws_peer::{PING, TEXT, frame};

/// Pauses in the first of these callbacks.
fn pauses_in(s: &mut Story, who: Req, reason: Reason) {
    s.hook(move |s, at, of| {
        if (at, of) == (who, reason) && s.count(who, reason) == 1 {
            s.pause(who, true);
        }
        0
    });
}

#[test]
fn a_pause_outside_of_callbacks_holds_what_comes() {
    let mut s = Story::new();
    let a = s.ws();
    s.pause(a, true);
    s.sends(TEXT, b"one");
    s.sends(PING, b"");
    assert_eq!(s.pieces(a), [""; 0]);
    assert_eq!(s.frames(), [""; 0], "nothing is read");
    s.wait_secs(1000);
    s.pause(a, false);
    s.run();
    assert_eq!(s.pieces(a), ["first last text one"]);
    assert_eq!(s.frames(), ["pong"]);
}

#[test]
fn a_pause_in_a_message_holds_the_rest_of_it() {
    let mut s = Story::new();
    let a = s.ws();
    pauses_in(&mut s, a, Reason::ClientReceive);
    s.sends(TEXT, b"0123456789abcdef and more");
    s.sends(TEXT, b"next");
    assert_eq!(s.pieces(a), ["first text 01234567 +17"]);
    s.pause(a, false);
    assert_eq!(s.pieces(a).len(), 1, "not inside the call");
    s.run();
    let rest = ["text 89abcdef +9", "text  and mor +1", "last text e"];
    assert_eq!(s.pieces(a)[1..4], rest);
    assert_eq!(s.pieces(a)[4..], ["first last text next"]);
}

#[test]
fn a_pause_that_is_taken_back_in_the_same_callback_is_none() {
    let mut s = Story::new();
    let a = s.ws();
    s.hook(move |s, who, reason| {
        if reason == Reason::ClientReceive {
            s.pause(who, true);
            s.pause(who, false);
        }
        0
    });
    s.bytes(&[frame(TEXT, b"0123456789"), frame(TEXT, b"x")].concat());
    assert_eq!(s.pieces(a).len(), 3);
}

#[test]
fn a_pause_from_the_first_callback_on() {
    for reason in [
        Reason::WsiCreate,
        Reason::AppendHandshakeHeader,
        Reason::EstablishedClientHttp,
        Reason::FilterPreEstablish,
        Reason::ClientEstablished,
    ] {
        let mut s = Story::new();
        s.hook(move |s, who, at| {
            if at == reason {
                s.pause(who, true);
            }
            0
        });
        let a = s.ask(Asked::ws());
        s.run();
        s.agrees(&frame(TEXT, b"glued"));
        s.sends(TEXT, b"later");
        assert_eq!(s.count(a, Reason::ClientEstablished), 1, "{reason:?}");
        assert_eq!(s.pieces(a), [""; 0], "{reason:?}");
        s.pause(a, false);
        s.run();
        let told = ["first last text glued", "first last text later"];
        assert_eq!(s.pieces(a), told);
    }
}

#[test]
fn a_paused_ws_writes() {
    let mut s = Story::new();
    let a = s.ws();
    s.pause(a, true);
    s.sends(TEXT, b"held");
    s.peer().takes = 3;
    assert!(s.text(a, "hello"));
    s.run();
    s.peer().takes = usize::MAX;
    s.run();
    assert_eq!(s.frames(), ["text hello"]);
    s.ask_writeable(a);
    s.run();
    assert_eq!(s.count(a, Reason::ClientWriteable), 1);
    assert_eq!(s.pieces(a), [""; 0]);
}

#[test]
fn what_came_before_the_peer_went_is_handed_out_first() {
    let mut s = Story::new();
    let a = s.ws();
    pauses_in(&mut s, a, Reason::ClientReceive);
    s.bytes(&[frame(TEXT, b"one"), frame(TEXT, b"two")].concat());
    s.hangs_up();
    s.wait_secs(10);
    assert_eq!(s.end_of(a), None, "it has not been read");
    s.pause(a, false);
    s.run();
    assert_eq!(s.pieces(a), ["first last text one", "first last text two"]);
    assert_eq!(s.ends(), [(a, End::Closed)]);
}

#[test]
fn a_paused_ws_whose_socket_broke_ends_when_it_goes_on() {
    let mut s = Story::new();
    let a = s.ws();
    s.pause(a, true);
    s.peer().breaks("ECONNRESET");
    s.run();
    s.pause(a, false);
    s.run();
    assert_eq!(s.ends(), [(a, End::Closed)]);
}

#[test]
fn a_paused_ws_whose_write_fails_is_over() {
    let mut s = Story::new();
    let a = s.ws();
    s.pause(a, true);
    s.peer().breaks("EPIPE");
    s.text(a, "nobody hears it");
    s.run();
    assert_eq!(s.ends(), [(a, End::Closed)], "it would never be told");
}

#[test]
fn a_paused_ws_is_ended_by_the_program_as_any_other() {
    for with_reason in [false, true] {
        let mut s = Story::new();
        let a = s.ws();
        s.pause(a, true);
        s.bytes(&[frame(TEXT, b"unread"), frame(0x88, b"")].concat());
        if with_reason {
            s.close_reason(a, 1000, "done");
        }
        s.says_no_in_writeable(a);
        assert_eq!(s.ends(), [(a, End::Closed)], "the peer's Close is found");
        assert_eq!(s.pieces(a), [""; 0]);
        let sent = if with_reason {
            vec!["close 1000 done"]
        } else {
            vec![]
        };
        assert_eq!(s.frames(), sent);
    }
}
