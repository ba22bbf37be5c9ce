//! Stories of h2 connections: the machine's own are beside it, here is what the engine makes of them.

use crate::engine::wsi::Method;
use crate::net::transport::Io;
use crate::proto::h2::by_hand::{goaway, ok, settings};
use crate::tests::books::End;
use crate::tests::program::Asked;
use crate::tests::story::Story;

/// A connection whose server chose h2 and has said its SETTINGS.
fn h2() -> Story {
    let mut s = Story::tls();
    s.alpn = Some("h2");
    s
}

#[test]
fn a_read_that_wanted_to_write_is_not_tried_again_and_again() {
    let mut s = h2();
    let a = s.get();
    s.run();
    s.peer().next_read_is(Io::WantWrite);
    s.run(); // it would spin
    s.peer().says(settings(&[]));
    s.run();
    s.peer().says(ok(1, true));
    s.run();
    assert_eq!(s.ends(), [(a, End::Completed)]);
}

#[test]
fn who_is_on_the_move_is_not_lost_with_the_connection() {
    let mut s = h2();
    let a = s.get();
    let b = s.ask(Asked::with(Method::Post).body(&["one"]));
    s.run();
    s.peer().says(settings(&[]));
    s.run();
    // a can be moved; b cannot, and its end is the end of all that rides there.
    s.peer().says(goaway(0, 0));
    s.run();
    assert_eq!(s.ends(), [(b, End::Failed)]);
    s.peer().says([settings(&[]), ok(1, true)].concat());
    s.run();
    assert_eq!(s.end_of(a), Some(End::Completed));
}
