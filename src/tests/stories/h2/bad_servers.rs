//! Stories of the table of what bad servers send (`proto/h2/tests/table.rs`), played through the engine: who is told what.
//!
//! Streams, as the table needs them: 1 awaits its head; 3 has it and awaits its body; 5 was answered, and still sends (its
//! program has paused, so that it is not over); 7 was cancelled; 9 is a HEAD; 11 is over; 13 has a content-length of 5; 15
//! awaits its head and still sends. One more waits: there is no room.

use crate::engine::wsi::{Method, State};
use crate::proto::h2::ErrorCode;
use crate::proto::h2::tests::hostile::{Case, Reach};
use crate::proto::h2::tests::table;
use crate::tests::books::End;
use crate::tests::program::Asked;
use crate::tests::story::{Req, Story};

const CANCELLED: Req = Req(3);
const OVER: Req = Req(5);
const WAITS: Req = Req(8);

fn busy() -> Story {
    let mut s = Story::h2_with(&[(3, 6)]);
    s.careful = false;
    let upload = || Asked::with(Method::Post).append("Content-Length: 9\r\n");
    s.hook(|s, who, reason| {
        use crate::engine::call::Reason::AppendHandshakeHeader;
        if reason == AppendHandshakeHeader && [2, 7].contains(&who.0) {
            let key = s.told[who.0].key;
            s.engine.set_body_pending(key, true);
        }
        0
    });
    for asked in [
        Asked::get(),
        Asked::get(),
        upload(),
        Asked::get(),
        Asked::with(Method::Head),
        Asked::get(),
        Asked::get(),
        upload(),
        Asked::get(),
    ] {
        s.ask(asked);
    }
    s.run();
    s.unhook();
    s.says(|server| server.head(5, 200, &[]));
    let key = s.told[2].key;
    s.engine.pause_rx(key, true);
    s.cancel(CANCELLED);
    s.says(|server| {
        server.head(3, 200, &[]);
        server.last(5, "paused");
        server.ok(11);
    });
    s.says(|server| server.head(13, 200, &[("content-length", "5")]));
    assert_eq!(s.ends(), [(CANCELLED, End::Failed), (OVER, End::Completed)]);
    assert_eq!(s.server().resets, [(7, ErrorCode::CANCEL)]);
    assert!(!s.rides(WAITS));
    s
}

/// The request on a stream.
fn on(stream: u32) -> Req {
    Req(stream as usize / 2)
}

fn play((name, bytes, reach): Case) {
    eprintln!("{name}");
    let mut s = busy();
    s.puts(|server| server.frames(&bytes));
    s.run();
    match reach {
        Reach::Nothing => {
            assert_eq!(s.connects(), 1, "{name}");
            assert_eq!(s.server().resets.len(), 1, "{name}");
            end_well(&mut s, name, None);
        }
        Reach::Stream(id, code) => {
            assert_eq!(s.server().resets[1..], [(id, code)], "{name}");
            let end = s.end_of(on(id));
            assert!(
                matches!(end, Some(End::Failed | End::Closed)),
                "{name}: {end:?}"
            );
            end_well(&mut s, name, Some(on(id)));
        }
        Reach::Connection(code) => is_over(&mut s, name, code),
    }
}

/// All but `lost` complete, on the connection that they are on.
fn end_well(s: &mut Story, name: &str, lost: Option<Req>) {
    let key = s.told[2].key;
    s.engine.pause_rx(key, false);
    for _ in 0..2 {
        s.run();
        for n in 0..s.told.len() {
            complete(s, Req(n));
        }
    }
    s.run();
    for n in 0..s.told.len() {
        let who = Req(n);
        if Some(who) != lost && who != CANCELLED {
            assert_eq!(s.end_of(who), Some(End::Completed), "{name}: {who:?}");
        }
    }
    assert_eq!((s.connects(), s.ends().len()), (1, 9), "{name}");
}

/// The server says what the client still waits for.
fn complete(s: &mut Story, who: Req) {
    let Some(wsi) = s.engine.wsis.get(s.told[who.0].key) else {
        return;
    };
    let Some((_, stream)) = wsi.stream() else {
        return;
    };
    let (id, state, method) = (stream.id(), wsi.state, wsi.ask.method);
    let missing = match id {
        13 => 5 - s.told[who.0].body.len(),
        _ => 2,
    };
    s.puts(|server| match state {
        State::Sent if method == Method::Head => server.head_only(id, 200, &[]),
        State::Sent => server.ok(id),
        State::Body if id != 5 => server.last(id, &b"12345"[..missing]),
        _ => {}
    });
    s.run();
}

/// Contract section 4 for all that were in flight; who waited completes on a new connection.
fn is_over(s: &mut Story, name: &str, code: ErrorCode) {
    // What came whole before is told when its program wants it; then nothing holds the connection.
    let key = s.told[2].key;
    s.engine.pause_rx(key, false);
    s.run();
    assert!(s.end_of(on(5)).is_some(), "{name}");
    let said = s.server_of(0).goaways.clone();
    assert_eq!(said.len(), 1, "{name}: {said:?}");
    assert_eq!(said[0].0, code, "{name}: {}", said[0].1);
    // The first GOAWAY of the two leaves some out: they are on their way to a new connection when the second comes.
    let moved: &[u32] = match name {
        "6.8 GOAWAY rises" => &[9, 15],
        _ => &[],
    };
    for (id, end) in [
        (1, End::Failed),
        (3, End::Closed),
        (9, End::Failed),
        (13, End::Closed),
        (15, End::Failed),
    ] {
        let expected = (!moved.contains(&id)).then_some(end);
        assert_eq!(s.end_of(on(id)), expected, "{name}: stream {id}");
    }
    let error = s.error(on(1));
    assert!(error.contains(&said[0].1), "{name}: {error}");
    s.answer_all();
    assert_eq!(
        (s.end_of(WAITS), s.ends().len()),
        (Some(End::Completed), 9),
        "{name}"
    );
    assert_eq!(s.connects(), 2, "{name}");
}

/// Whose reach is another on a connection where the engine has let stream 5's and 11's requests go on: none so far.
fn play_all(cases: Vec<Case>) {
    let count = cases.len();
    for case in cases {
        play(case);
    }
    assert!(count > 20, "the table is found");
}

#[test]
fn frames_that_break_the_framing() {
    play_all(table::framing());
}

#[test]
fn header_blocks_that_are_interrupted_or_cannot_be_read() {
    play_all(table::blocks());
}

#[test]
fn fields_that_are_malformed() {
    play_all(table::fields());
}

#[test]
fn messages_whose_parts_do_not_fit() {
    play_all(table::messages());
}
