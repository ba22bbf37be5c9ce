//! Stories of phases that take too long.

use crate::engine::call::Reason;
use crate::engine::wsi::Method;
use crate::tests::books::End;
use crate::tests::h2_story::Proto;
use crate::tests::peer::{Dialed, Name, OK};
use crate::tests::program::Asked;
use crate::tests::story::{CONNECT_SECS, REPLY_SECS, Story};

#[test]
fn no_answer_to_connect_fails_all_who_waited() {
    for proto in Proto::ALL {
        for hangs_in in ["lookup", "connect"] {
            let mut s = proto.story();
            match hangs_in {
                "lookup" => s.names.push_back(Name::Later),
                _ => s.dials.push_back(Dialed::Hangs),
            }
            let [a, b, c] = s.three();
            s.wait_secs(CONNECT_SECS - 1);
            assert_eq!(s.ends(), []);
            s.wait_secs(1);
            assert_eq!(
                s.ends(),
                [(a, End::Failed), (b, End::Failed), (c, End::Failed)]
            );
            for who in [a, b, c] {
                let error = s.error(who);
                assert!(
                    error.starts_with("Unable to connect")
                        && error.contains("connect_timeout_secs (20 s)"),
                    "{error}"
                );
            }
        }
    }
}

#[test]
fn no_end_of_the_handshake_fails_all_who_waited() {
    for proto in Proto::ALL {
        let mut s = proto.tls();
        s.says_hello = false;
        let [a, b, c] = s.three();
        s.wait_secs(REPLY_SECS - 1);
        assert_eq!(s.ends(), []);
        s.wait_secs(1);
        assert_eq!(
            s.ends(),
            [(a, End::Failed), (b, End::Failed), (c, End::Failed)]
        );
        assert!(
            s.error(b).starts_with("Timed out waiting SSL"),
            "{}",
            s.error(b)
        );
    }
}

#[test]
fn no_response_fails_the_leader_alone_and_the_others_move() {
    for proto in Proto::IN_TURN {
        let mut s = proto.story();
        let [a, b, c] = s.three();
        s.wait_secs(REPLY_SECS - 1);
        assert_eq!(s.ends(), []);
        s.wait_secs(1);
        assert_eq!(s.ends(), [(a, End::Failed)]);
        let error = s.error(a);
        assert!(
            error.starts_with("Timed out waiting server reply")
                && error.contains("timeout_secs (20 s)"),
            "{error}"
        );
        assert_eq!(s.places(), [(vec![b], vec![c])]);
        s.answers_ok();
        s.answers_ok();
        assert_eq!(s.connects(), 2);
    }
}

#[test]
fn the_time_of_one_does_not_count_for_the_next() {
    for proto in Proto::IN_TURN {
        let mut s = proto.story();
        s.three();
        for _ in 0..3 {
            s.wait_secs(REPLY_SECS - 1);
            s.answers_ok();
        }
        assert_eq!((s.ends().len(), s.connects()), (3, 1));
        assert!(s.ends().iter().all(|(_, end)| *end == End::Completed));
    }
}

#[test]
fn a_body_may_take_its_time() {
    for proto in Proto::ALL {
        let mut s = proto.story();
        let a = s.get();
        s.run();
        s.begins(200, 8);
        s.goes_on("slow");
        s.wait_secs(1_000);
        s.goes_on("slow");
        assert_eq!((s.end_of(a), s.body(a)), (Some(End::Completed), "slowslow"));
    }
}

#[test]
fn a_program_that_still_writes_when_the_response_has_begun_is_not_timed_for_a_reply() {
    let mut s = Story::new();
    let a = s.ask(Asked::with(Method::Post).body(&["one", "two"]));
    s.engine.pause_rx(s.told[a.0].key, true);
    s.run();
    s.engine.pause_rx(s.told[a.0].key, false);
    let b = s.ask(
        Asked::with(Method::Post)
            .append("Content-Length: 6\r\n")
            .at("b.test"),
    );
    s.run();
    let at = s.seat(b).expect("it leads");
    s.socket(at)
        .says("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nslow");
    s.run();
    assert!(s.write(b, b"onetwo"));
    s.sockets[0].says(OK);
    s.run();
    s.wait_secs(REPLY_SECS * 2);
    assert_eq!(
        s.end_of(b),
        None,
        "its response has begun, the rest may take its time"
    );
    s.socket(at).says("slow");
    s.run();
    assert_eq!(s.ends(), [(a, End::Completed), (b, End::Completed)]);
}

#[test]
fn an_upload_that_goes_on_is_not_cut_off() {
    for proto in Proto::ALL {
        let mut s = proto.story();
        let part = "x".repeat(100);
        let parts: Vec<&str> = (0..10).map(|_| part.as_str()).collect();
        let a = s.ask(Asked::with(Method::Post).body(&parts));
        s.hook(|s, _, reason| {
            if reason == Reason::AppendHandshakeHeader {
                s.peer().takes = 60;
            }
            0
        });
        s.run();
        for _ in 0..10 {
            s.peer().takes = 60;
            s.wait_secs(REPLY_SECS - 1);
        }
        s.peer().takes = usize::MAX;
        s.run();
        s.answers_ok();
        assert_eq!(s.ends(), [(a, End::Completed)]);
    }
}
