//! Stories of request bodies over h2: what paces them, whose turn it is, and how they end.

use crate::engine::call::Reason;
use crate::engine::wsi::Method;
use crate::net::transport::Io;
use crate::tests::books::End;
use crate::tests::program::{Asked, Over};
use crate::tests::story::{Req, Story};

/// What the server's books have of one stream's DATA, in frames.
fn frames_of(s: &mut Story, id: u32) -> Vec<usize> {
    let data = s.server().data.iter().filter(|(of, _)| *of == id);
    data.map(|(_, len)| *len).collect()
}

/// Contract 1.12, in each of the ways in which a program may say that its body is over.
#[test]
fn a_body_ends_however_the_program_says_so() {
    let ways = [
        Over::NoMorePending,
        Over::NoMorePendingBefore,
        Over::Final,
        Over::EmptyFinal,
    ];
    for over in ways {
        for parts in [&["only"][..], &["one ", "two ", "three"]] {
            for window in [1, 4, 65_535] {
                let mut s = Story::h2_with(&[(4, window)]);
                let a = s.ask(Asked::post(parts).ends_by(over));
                let b = s.get();
                s.run();
                let stream = &s.server().streams[&1];
                assert!(stream.ended, "{over:?}, {parts:?}, {window}");
                assert_eq!(s.server().body(1), parts.concat());
                let most = parts
                    .concat()
                    .len()
                    .div_ceil(window as usize)
                    .max(parts.len());
                assert!(
                    frames_of(&mut s, 1).len() <= most + 1,
                    "one END_STREAM more at most"
                );
                s.answer_all();
                assert_eq!([a, b].map(|who| s.end_of(who)), [Some(End::Completed); 2]);
            }
        }
    }
}

#[test]
fn a_request_without_a_body_ends_with_its_head() {
    let mut s = Story::h2();
    for method in [Method::Get, Method::Post, Method::Put, Method::Delete] {
        s.ask(Asked::with(method));
    }
    s.run();
    assert!(s.server().streams.values().all(|stream| stream.ended));
    assert_eq!(s.server().data, []);
    s.answer_all();
}

#[test]
fn a_body_of_nothing_ends_its_stream() {
    for final_write in [true, false] {
        let mut s = Story::h2();
        let a = s.ask(Asked::with(Method::Post).append("Content-Length: 0\r\n"));
        s.hook(move |s, who, reason| {
            let key = s.told[who.0].key;
            match reason {
                Reason::AppendHandshakeHeader => {
                    s.engine.set_body_pending(key, true);
                    s.engine.ask_writeable(key);
                }
                Reason::ClientHttpWriteable if final_write => assert!(s.write_last(who, b"")),
                Reason::ClientHttpWriteable => s.engine.set_body_pending(key, false),
                _ => {}
            }
            0
        });
        s.run();
        assert!(s.server().streams[&1].ended);
        assert_eq!(s.server().data, [(1, 0)]);
        s.answer_all();
        assert_eq!(s.ends(), [(a, End::Completed)]);
    }
}

/// RFC 9113 section 6.9: the stream's window paces it. WRITEABLE comes when something can be sent.
#[test]
fn a_body_waits_for_its_streams_window() {
    let mut s = Story::h2_with(&[(4, 10)]);
    s.stingy = true;
    let part = "0123456789".repeat(2);
    let a = s.ask(Asked::post(&[&part[..], "end"]));
    let b = s.get();
    s.run();
    assert_eq!(
        (
            s.server().body(1).len(),
            s.count(a, Reason::ClientHttpWriteable)
        ),
        (10, 1)
    );
    s.says(|server| server.ok(3));
    assert_eq!(s.end_of(b), Some(End::Completed), "others go on");
    s.says(|server| server.give(1, 4));
    assert_eq!(
        (
            s.server().body(1).len(),
            s.count(a, Reason::ClientHttpWriteable)
        ),
        (14, 1)
    );
    s.says(|server| server.give(1, 6));
    assert_eq!(
        s.count(a, Reason::ClientHttpWriteable),
        1,
        "there is no window for more"
    );
    s.says(|server| server.give(1, 1));
    assert_eq!(
        (
            s.server().body(1).len(),
            s.count(a, Reason::ClientHttpWriteable)
        ),
        (21, 2)
    );
    s.says(|server| server.give(1, 100));
    assert_eq!(s.server().body(1), format!("{part}end"));
    s.answer_all();
    assert_eq!(s.end_of(a), Some(End::Completed));
}

/// RFC 9113 section 6.9.2: SETTINGS change the windows of streams that are open.
#[test]
fn a_window_that_settings_take_back_has_to_be_earned_again() {
    let mut s = Story::h2_with(&[(4, 10)]);
    s.stingy = true;
    let a = s.ask(Asked::post(&[&"x".repeat(40)]));
    s.run();
    assert_eq!(s.server().body(1).len(), 10);
    s.says(|server| server.settings(&[(4, 2)]));
    s.says(|server| server.give(1, 8));
    assert_eq!(s.server().body(1).len(), 10, "the window is 0 again");
    s.says(|server| server.settings(&[(4, 5)]));
    assert_eq!(s.server().body(1).len(), 13);
    s.says(|server| server.settings(&[(4, 1_000)]));
    assert_eq!(s.server().body(1).len(), 40);
    s.answer_all();
    assert_eq!(s.ends(), [(a, End::Completed)]);
}

/// The connection's window is shared, and what is left of it is shared out in turns.
#[test]
fn bodies_share_the_connections_window() {
    let mut s = Story::h2_with(&[(4, 1 << 20)]);
    s.stingy = true;
    let large = "x".repeat(60_000);
    let all = [(); 2].map(|()| s.ask(Asked::post(&[&large[..]])));
    s.run();
    let sent: usize = s.server().data.iter().map(|(_, len)| len).sum();
    assert_eq!(sent, 65_535, "all of the window, and no more");
    s.says(|server| server.give(0, 10_000));
    let sent: usize = s.server().data.iter().map(|(_, len)| len).sum();
    assert_eq!(sent, 75_535);
    s.says(|server| server.give(0, 1 << 20));
    for id in [1, 3] {
        assert!(s.server().body(id) == large && s.server().streams[&id].ended);
    }
    s.answer_all();
    assert_eq!(all.map(|who| s.end_of(who)), [Some(End::Completed); 2]);
}

/// A socket that takes nothing holds WRITEABLE back: programs do not fill our memory.
#[test]
fn a_full_socket_holds_programs_back_and_loses_nothing() {
    let mut s = Story::h2_with(&[(4, 1 << 24)]);
    let part = "x".repeat(16_384);
    let parts = vec![&part[..]; 40];
    let a = s.ask(Asked::post(&parts));
    s.hook(|s, _, reason| {
        if reason == Reason::AppendHandshakeHeader {
            s.peer().takes = 1_000;
        }
        0
    });
    s.run();
    s.unhook();
    s.says(|server| server.give(0, 1 << 24));
    let written = s.count(a, Reason::ClientHttpWriteable);
    assert!(
        written <= 6,
        "{written} parts of 16 KiB wait for the socket"
    );
    for _ in 0..700 {
        s.peer().takes = 1_000;
        s.run();
    }
    assert_eq!(s.server().body(1).len(), 40 * part.len());
    s.answer_all();
    assert_eq!(s.ends(), [(a, End::Completed)]);
}

/// Contract 2.10: of k streams that have data and window none sends a second frame before each has sent one.
#[test]
fn bodies_take_turns_frame_by_frame() {
    for count in [2, 3, 7] {
        for buffered in [true, false] {
            let mut s = Story::h2_with(&[(3, 100), (4, 1 << 24)]);
            let four = "x".repeat(4 * 16_384);
            let part = &four[..16_384];
            let parts = if buffered {
                vec![&four[..]]
            } else {
                vec![part; 4]
            };
            s.some(1); // the windows are known before anybody writes
            s.says(|server| server.give(0, 1 << 24));
            for _ in 0..count {
                s.ask(Asked::post(&parts));
            }
            s.run();
            let data = s.server().data.clone();
            let full: Vec<_> = data.iter().filter(|(_, len)| *len > 0).collect();
            assert_eq!(full.len(), 4 * count);
            for turn in full.chunks(count) {
                let mut ids: Vec<_> = turn.iter().map(|(id, _)| *id).collect();
                ids.sort_unstable();
                ids.dedup();
                assert_eq!(ids.len(), count, "each once: {data:?}");
            }
            s.answer_all();
        }
    }
}

/// As many as come late: a stream that joins has its turn in the next round.
#[test]
fn one_that_comes_late_has_its_turn_in_the_next_round() {
    let mut s = Story::h2_with(&[(4, 1 << 24)]);
    s.stingy = true;
    let large = "x".repeat(10 * 16_384);
    let all = [(); 2].map(|()| s.ask(Asked::post(&[&large[..]])));
    s.run();
    let before = s.server().data.len();
    let late = s.ask(Asked::post(&["late"]));
    s.run();
    s.says(|server| server.give(0, 3 * 16_384));
    let later = s.server().data[before..].to_vec();
    assert!(later.iter().take(3).any(|(id, _)| *id == 5), "{later:?}");
    s.says(|server| server.give(0, 1 << 24));
    s.answer_all();
    assert_eq!(s.ended(End::Completed), 3);
    assert!(
        all.iter()
            .chain([&late])
            .all(|who| s.end_of(*who).is_some())
    );
}

/// Contract 1.12 and semantics 3.6: whoever asks for WRITEABLE is called, a GET too.
#[test]
fn a_get_that_asks_for_writeable_gets_it_once() {
    let mut s = Story::h2_with(&[(3, 1)]);
    let [a, b, _] = s.three();
    for who in [a, b] {
        assert!(s.engine.ask_writeable(s.told[who.0].key));
    }
    s.run();
    assert_eq!(
        (
            s.count(a, Reason::ClientHttpWriteable),
            s.count(b, Reason::ClientHttpWriteable)
        ),
        (1, 0)
    );
    assert!(!s.write(b, b"too early"), "it waits");
    s.says(|server| server.ok(1));
    assert_eq!(
        s.count(b, Reason::ClientHttpWriteable),
        1,
        "remembered while it waited"
    );
    s.answer_all();
}

/// What a program writes outside of WRITEABLE is sent too, in order.
#[test]
fn parts_that_are_written_at_any_time_are_sent_in_order() {
    let mut s = Story::h2_with(&[(4, 3)]);
    s.stingy = true;
    let a = s.ask(Asked::with(Method::Post).append("Content-Length: 12\r\n"));
    s.hook(|s, who, reason| {
        if reason == Reason::AppendHandshakeHeader {
            let key = s.told[who.0].key;
            s.engine.set_body_pending(key, true);
        }
        0
    });
    s.run();
    s.unhook();
    for part in ["one ", "two ", "three"] {
        assert!(s.write(a, part.as_bytes()));
    }
    s.engine.set_body_pending(s.told[a.0].key, false);
    assert!(!s.write(a, b"") || !s.server().streams[&1].ended);
    s.run();
    assert_eq!(s.server().body(1), "one");
    s.says(|server| server.give(1, 100));
    assert_eq!(s.server().body(1), "one two three");
    assert!(s.server().streams[&1].ended);
    assert!(!s.write(a, b"after the end"));
    s.answer_all();
    assert_eq!(s.ends(), [(a, End::Completed)]);
}

#[test]
fn a_nonzero_from_writeable_ends_its_request_alone() {
    let mut s = Story::h2();
    let a = s.ask(Asked::post(&["one", "two"]));
    let b = s.ask(Asked::post(&["three"]));
    s.says_no(a, Reason::ClientHttpWriteable);
    s.run();
    assert_eq!(s.ends(), [(a, End::Failed)]);
    s.unhook();
    s.answer_all();
    assert_eq!((s.end_of(b), s.connects()), (Some(End::Completed), 1));
}

#[test]
fn an_upload_that_is_cancelled_leaves_its_turn_to_the_others() {
    for way in ["sync", "async", "write"] {
        let mut s = Story::h2_with(&[(4, 1 << 20)]);
        let all: Vec<_> = (0..6)
            .map(|_| s.ask(Asked::post(&["a", "b", "c"])))
            .collect();
        s.hook(move |s, who, reason| {
            if reason == Reason::ClientHttpWriteable && who.0 % 2 == 0 {
                match way {
                    "sync" => s.cancel_now(who),
                    "async" => s.cancel(who),
                    _ => return -1,
                }
            }
            0
        });
        s.run();
        s.unhook();
        s.answer_all();
        let odd = |who: &&Req| who.0 % 2 == 1;
        assert!(
            all.iter()
                .filter(odd)
                .all(|who| s.end_of(*who) == Some(End::Completed)),
            "{way}"
        );
        assert_eq!(s.ended(End::Completed), 3, "{way}");
    }
}

/// A write that fails takes the connection along when nothing can be read from it.
#[test]
fn a_write_error_ends_what_was_sent_and_moves_the_others() {
    let mut s = Story::h2_with(&[(3, 2), (4, 4)]);
    s.stingy = true;
    let a = s.ask(Asked::post(&["one ", "two ", "three"]));
    let b = s.get();
    let waits = s.get();
    s.run();
    s.hook(|s, _, reason| {
        if reason == Reason::ClientHttpWriteable {
            s.peer().breaks("EPIPE");
        }
        0
    });
    s.says(|server| server.give(1, 4));
    s.unhook();
    s.run();
    assert_eq!([a, b].map(|who| s.end_of(who)), [Some(End::Failed); 2]);
    s.answer_all();
    assert_eq!((s.end_of(waits), s.connects()), (Some(End::Completed), 2));
}

/// TLS: a write that wants to read first goes on when there was something.
#[test]
fn a_write_that_waits_for_something_to_read_goes_on_when_it_came() {
    let mut s = Story::h2();
    let a = s.ask(Asked::post(&["body"]));
    s.hook(|s, _, reason| {
        if reason == Reason::ClientHttpWriteable {
            s.peer().write_fails = Some(Io::WantRead);
        }
        0
    });
    s.run();
    s.unhook();
    s.says(|server| server.ping());
    assert_eq!(s.server().body(1), "body");
    s.answer_all();
    assert_eq!(s.ends(), [(a, End::Completed)]);
}
