//! Stories of connections that nobody rides.

use crate::tests::h2_story::Proto;
use crate::tests::peer::{LAST, OK};
use crate::tests::program::Asked;
use crate::tests::story::Story;

#[test]
fn an_idle_connection_is_kept_five_seconds() {
    for proto in Proto::ALL {
        let mut s = proto.story();
        s.get();
        s.run();
        s.answers_ok();
        s.wait(4_999_999);
        assert_eq!((s.places().len(), s.closed), (1, 0));
        s.wait(1);
        assert_eq!((s.places().len(), s.closed), (0, 1));
    }
}

#[test]
fn it_is_kept_as_long_as_the_rider_who_asked_for_most() {
    for proto in Proto::ALL {
        let mut s = proto.story();
        for secs in [7, 30, 0] {
            s.ask(Asked::get().keep_warm(secs));
        }
        s.run();
        for _ in 0..3 {
            s.answers_ok();
        }
        s.wait_secs(29);
        assert_eq!(s.places().len(), 1);
        s.wait_secs(1);
        assert_eq!(s.places().len(), 0);
    }
}

#[test]
fn who_moved_to_another_connection_keeps_that_one_warm_too() {
    let mut s = Story::new();
    for secs in [0, 0, 30] {
        s.ask(Asked::get().keep_warm(secs));
    }
    s.run();
    s.answer(LAST);
    s.answer(OK);
    s.answer(OK);
    assert_eq!(s.connects(), 2);
    s.wait_secs(29);
    assert_eq!(s.lists().len(), 1);
    s.wait_secs(1);
    assert_eq!(s.lists().len(), 0);
}

#[test]
fn who_rides_again_starts_the_idle_time_anew() {
    for proto in Proto::ALL {
        let mut s = proto.story();
        s.get();
        s.run();
        s.answers_ok();
        s.wait_secs(4);
        s.get();
        s.run();
        s.wait_secs(4);
        s.answers_ok();
        s.wait_secs(4);
        assert_eq!((s.places().len(), s.connects()), (1, 1));
        s.wait_secs(1);
        assert_eq!(s.places().len(), 0);
    }
}

#[test]
fn a_server_that_hangs_up_on_an_idle_connection_closes_it_at_once() {
    for proto in Proto::ALL {
        for end in ["fin", "cut", "reset"] {
            let mut s = proto.story();
            s.get();
            s.run();
            s.answers_ok();
            match end {
                "fin" => s.peer().hangs_up(),
                "cut" => s.peer().is_cut(),
                _ => s.peer().breaks("ECONNRESET"),
            }
            s.run();
            assert_eq!((s.places().len(), s.closed), (0, 1));
        }
    }
}

#[test]
fn one_that_asks_in_the_moment_the_idle_time_is_over_is_served() {
    for proto in Proto::ALL {
        let mut s = proto.story();
        s.get();
        s.run();
        s.answers_ok();
        s.wait(4_999_999);
        s.get();
        s.wait(2);
        s.answers_ok();
        assert_eq!((s.connects(), s.ends().len()), (1, 2));
    }
}
