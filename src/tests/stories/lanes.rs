//! Stories of h2 connections: the machine's own are beside it, here is what the engine makes of them.

use crate::net::transport::Io;
use crate::proto::h2::fuzz::server;
use crate::tests::books::End;
use crate::tests::story::Story;

/// A connection whose server chose h2 and has said its SETTINGS.
fn h2() -> Story {
    let mut s = Story::tls();
    s.alpn = Some("h2");
    s
}

fn ok(stream: u32) -> Vec<u8> {
    server::headers(stream, &[(":status", "200")], true)
}

#[test]
fn a_read_that_wanted_to_write_is_not_tried_again_and_again() {
    let mut s = h2();
    let a = s.get();
    s.run();
    s.peer().next_read_is(Io::WantWrite);
    s.run(); // it would spin
    s.peer().says(server::settings(&[]));
    s.run();
    s.peer().says(ok(1));
    s.run();
    assert_eq!(s.ends(), [(a, End::Completed)]);
}
