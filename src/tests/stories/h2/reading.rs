//! Stories of programs that read slowly, or pause, or say how much they want; and of loops that run inside their callbacks.

use crate::engine::call::Reason;
use crate::proto::h2::ErrorCode;
use crate::tests::books::End;
use crate::tests::h2_peer::Server;
use crate::tests::program::Asked;
use crate::tests::story::{Req, Story};

fn pause(s: &mut Story, who: Req, paused: bool) {
    let key = s.told[who.0].key;
    s.engine.pause_rx(key, paused);
}

/// As much as the windows allow of one stream, up to 2 MiB.
fn fill(server: &mut Server, id: u32) -> usize {
    let mut sent = 0;
    loop {
        let n = server
            .allowance
            .min(server.streams[&id].allowance)
            .min(16_384);
        if n == 0 || sent >= 2 << 20 {
            return sent;
        }
        server.piece(id, "x".repeat(n as usize));
        sent += n as usize;
    }
}

/// lws_rx_flow_control on a stream: the peer is given no more window, and all comes in order when it is lifted.
#[test]
fn a_paused_stream_gives_no_window_back_and_holds_nobody_up() {
    let mut s = Story::h2();
    let [a, b, _] = s.three();
    s.says(|server| server.head(1, 200, &[]));
    pause(&mut s, a, true);
    let mut sent = 0;
    s.puts(|server| sent = fill(server, 1));
    s.run();
    assert!(sent >= 1 << 20);
    assert_eq!((s.server().streams[&1].allowance, s.body(a)), (0, ""));
    s.says(|server| server.reply(3, 200, "not held up"));
    assert_eq!(
        (s.body(b), s.end_of(b)),
        ("not held up", Some(End::Completed))
    );
    s.wait_secs(100);
    assert_eq!(s.server().streams[&1].allowance, 0);
    pause(&mut s, a, false);
    s.run();
    assert_eq!(s.body(a).len(), sent);
    assert!(
        s.server().streams[&1].allowance >= 1 << 19,
        "it is given back"
    );
    s.says(|server| server.last(1, "end"));
    assert!(s.body(a).ends_with("xend"));
    assert_eq!(s.end_of(a), Some(End::Completed));
    s.answer_all();
}

#[test]
fn a_body_that_was_put_aside_comes_before_what_follows_it() {
    for pauses in 1..5 {
        let mut s = Story::h2();
        let a = s.some(1)[0];
        s.says(|server| server.head(1, 200, &[]));
        let mut whole = String::new();
        for nth in 0..10 {
            pause(&mut s, a, nth % pauses != 0);
            let piece = format!("{nth};").repeat(1 + nth);
            whole.push_str(&piece);
            s.says(|server| server.piece(1, &piece));
        }
        s.says(|server| server.last(1, ""));
        pause(&mut s, a, false);
        s.run();
        assert_eq!((s.body(a), s.end_of(a)), (&whole[..], Some(End::Completed)));
    }
}

/// Contract 2.3: who waits joins as streams end, on the wire: a program that reads slowly holds nobody up.
#[test]
fn one_that_is_paused_with_all_of_its_response_makes_room() {
    let mut s = Story::h2_with(&[(3, 1)]);
    let [a, b, c] = s.three();
    s.says(|server| server.head(1, 200, &[]));
    pause(&mut s, a, true);
    s.says(|server| server.last(1, "all of it"));
    assert_eq!((s.end_of(a), s.rides(b)), (None, true));
    s.answer_all();
    assert_eq!(s.ends(), [(b, End::Completed), (c, End::Completed)]);
    pause(&mut s, a, false);
    s.run();
    assert_eq!(
        (s.body(a), s.end_of(a)),
        ("all of it", Some(End::Completed))
    );
}

/// Paused inside READ itself: what follows in the same read is kept.
#[test]
fn a_pause_inside_read_keeps_the_rest() {
    let mut s = Story::h2();
    let [a, b, c] = s.three();
    s.hook(move |s, who, reason| {
        if (who, reason) == (a, Reason::ReceiveClientHttpRead) {
            pause(s, a, true);
        }
        0
    });
    s.says(|server| {
        server.head(1, 200, &[]);
        for piece in ["one ", "two ", "three"] {
            server.piece(1, piece);
        }
        server.ok(3);
        server.last(1, " end");
        server.ok(5);
    });
    assert_eq!(s.body(a), "one ");
    assert_eq!(s.ends(), [(b, End::Completed), (c, End::Completed)]);
    s.unhook();
    pause(&mut s, a, false);
    s.run();
    assert_eq!(
        (s.body(a), s.end_of(a)),
        ("one two three end", Some(End::Completed))
    );
}

/// The connection's window is given back as the program consumes: a thousand bodies of 1 MiB pass through it.
#[test]
fn windows_come_back_as_the_program_reads() {
    let mut s = Story::h2();
    s.careful = false;
    let two = s.some(2);
    s.says(|server| {
        server.head(1, 200, &[]);
        server.head(3, 200, &[]);
    });
    let mut sent = [0, 0];
    for _ in 0..30 {
        for (nth, id) in [1, 3].into_iter().enumerate() {
            s.puts(|server| sent[nth] += fill(server, id));
            s.run();
        }
    }
    assert!(sent.iter().all(|sent| *sent > 30 << 19), "{sent:?}");
    for (nth, who) in two.iter().enumerate() {
        assert_eq!(s.told[who.0].body.len(), sent[nth]);
    }
    s.answer_all();
    assert_eq!(s.ended(End::Completed), 2);
}

/// A body that nobody wants any more gives its window back.
#[test]
fn what_a_cancelled_reader_held_is_given_back_to_the_connection() {
    let mut s = Story::h2();
    let keep = s.some(1)[0];
    let before = s.server().allowance;
    for _ in 0..50 {
        let who = s.some(1)[0];
        let id = s.stream(who);
        s.says(|server| server.head(id, 200, &[]));
        pause(&mut s, who, true);
        s.puts(|server| {
            fill(server, id);
        });
        s.run();
        s.cancel(who);
        s.run();
    }
    assert!(
        s.server().allowance >= before / 2,
        "{}",
        s.server().allowance
    );
    s.answer_all();
    assert_eq!(s.end_of(keep), Some(End::Completed));
}

/// LCCSCF_H2_MANUAL_RXFLOW: the program says what the peer may send.
#[test]
fn a_program_that_gives_the_window_itself_gets_what_it_asked_for() {
    let mut s = Story::h2();
    let usual = s.some(1)[0];
    let a = s.ask(Asked::get().manual_rx(10));
    let key = s.told[a.0].key;
    s.run();
    let usual_window = s.server().streams[&1].allowance;
    assert_eq!(s.server().streams[&3].allowance, 10);
    assert!(usual_window >= 65_535, "others keep theirs: {usual_window}");
    s.says(|server| {
        server.head(3, 200, &[]);
        server.piece(3, "0123456789");
    });
    assert_eq!(
        (s.server().streams[&3].allowance, s.body(a)),
        (0, "0123456789")
    );
    assert_eq!(s.engine.widen_receive(key, 5), Some(true));
    s.run();
    assert_eq!(s.server().streams[&3].allowance, 5);
    s.says(|server| server.piece(3, "01234"));
    assert_eq!(
        s.engine.widen_receive(key, u32::MAX),
        Some(false),
        "too wide"
    );
    s.says(|server| server.last(3, ""));
    assert_eq!(s.end_of(a), Some(End::Completed));
    let late = s.some(1)[0];
    assert!(
        s.server().streams[&5].allowance >= 65_535,
        "and those who come later"
    );
    s.answer_all();
    assert_eq!(
        [usual, late].map(|who| s.end_of(who)),
        [Some(End::Completed); 2]
    );
}

/// WSI_TX_CREDIT_GET: only programs that see to windows themselves are told.
#[test]
fn credit_for_the_upload_is_told_to_those_who_see_to_windows() {
    let mut s = Story::h2();
    let a = s.ask(Asked::post(&["x"]).manual_rx(10));
    let b = s.ask(Asked::post(&["x"]));
    s.run();
    let before = [a, b].map(|who| s.count(who, Reason::WsiTxCreditGet));
    s.says(|server| {
        server.give(1, 7);
        server.give(3, 7);
    });
    let after = [a, b].map(|who| s.count(who, Reason::WsiTxCreditGet));
    assert_eq!((after[0] - before[0], after[1]), (1, 0));
    s.answer_all();
}

/// A READ that returns nonzero resets the stream, and whatever else came of it is nobody's.
#[test]
fn a_read_that_says_no_ends_its_request_alone() {
    for at in 0..4 {
        let mut s = Story::h2();
        let [a, b, c] = s.three();
        s.hook(move |s, who, reason| {
            let nth = s.count(who, Reason::ReceiveClientHttpRead);
            if (who, reason) == (a, Reason::ReceiveClientHttpRead) && nth == at + 1 {
                return -1;
            }
            0
        });
        s.says(|server| {
            server.head(1, 200, &[]);
            for _ in 0..4 {
                server.piece(1, "piece");
            }
            server.ok(3);
        });
        assert_eq!(
            [a, b].map(|who| s.end_of(who)),
            [Some(End::Closed), Some(End::Completed)]
        );
        assert_eq!(s.count(a, Reason::ReceiveClientHttpRead), at + 1);
        assert_eq!(s.server().resets, [(1, ErrorCode::CANCEL)]);
        s.answer_all();
        assert_eq!((s.end_of(c), s.connects()), (Some(End::Completed), 1));
    }
}

/// Contract 5.4: a nested loop serves the others, and never delivers to one that is inside a callback.
#[test]
fn a_loop_inside_a_callback_serves_the_others_and_loses_nothing() {
    for reason in [
        Reason::AppendHandshakeHeader,
        Reason::FilterPreEstablish,
        Reason::EstablishedClientHttp,
        Reason::ReceiveClientHttpRead,
        Reason::ClientHttpWriteable,
        Reason::CompletedClientHttp,
        Reason::ClosedClientHttp,
        Reason::WsiDestroy,
    ] {
        let mut s = Story::h2();
        let a = s.ask(Asked::post(&["one", "two"]).path("/a"));
        let b = s.get();
        s.hook(move |s, who, at| {
            if (who, at) != (a, reason) {
                return 0;
            }
            let heard = s.log().iter().filter(|(of, _)| *of == a).count();
            if s.sockets[0].server.is_some() {
                more(s);
            }
            s.nested();
            let now = s.log().iter().filter(|(of, _)| *of == a).count();
            assert_eq!(heard, now, "not to one that is inside {reason:?}");
            0
        });
        s.run();
        for _ in 0..8 {
            more(&mut s);
            s.run();
        }
        s.unhook();
        s.answer_all();
        assert_eq!(
            [a, b].map(|who| s.end_of(who)),
            [Some(End::Completed); 2],
            "{reason:?}"
        );
        assert_eq!(s.body(a), "0123456789", "{reason:?}");
        assert!(s.body(b).starts_with("other"), "{reason:?}");
    }
}

/// The next thing that the server says to each of two.
fn more(s: &mut Story) {
    s.puts_on(0, |server| {
        for id in server.waiting() {
            let first = server.field(id, ":path") == Some("/a");
            let stream = &server.streams[&id];
            match (stream.answered, stream.left()) {
                (false, _) if first => server.head(id, 200, &[("content-length", "10")]),
                (false, _) => server.head(id, 200, &[]),
                (true, Some(10)) => server.piece(id, "01234"),
                (true, Some(_)) => server.piece(id, "56789"),
                (true, None) => server.piece(id, "other"),
            }
        }
    });
}

/// Loops in loops, each inside READ: whoever is handed out is handed out once and whole.
#[test]
fn loops_inside_reads_inside_loops_lose_nothing() {
    let mut s = Story::h2();
    let three = s.three();
    s.hook(|s, _, reason| {
        if reason == Reason::ReceiveClientHttpRead {
            s.nested();
        }
        0
    });
    s.says(|server| {
        for id in [1, 3, 5] {
            server.head(id, 200, &[]);
        }
        for nth in 0..9 {
            server.piece([1, 3, 5][nth % 3], format!("{nth}"));
        }
        for id in [1, 3, 5] {
            server.last(id, "end");
        }
    });
    assert_eq!(s.ended(End::Completed), 3);
    assert_eq!(three.map(|who| s.body(who)), ["036end", "147end", "258end"]);
}

/// The connection ends while the program looks at its payload.
#[test]
fn a_connection_that_goes_while_its_payload_is_looked_at_ends_once() {
    for way in ["fin", "reset", "goaway", "flood", "vhost", "cancel all"] {
        let mut s = Story::h2();
        let three = s.three();
        s.hook(move |s, _, reason| {
            if reason != Reason::ReceiveClientHttpRead || s.destroyed {
                return 0;
            }
            match way {
                "vhost" => s.destroy_vhost(),
                "cancel all" => three.iter().for_each(|who| s.cancel_now(*who)),
                "goaway" => s.puts_on(0, |server| server.goaway(0, ErrorCode::NO_ERROR)),
                "flood" => s.puts_on(0, |server| server.raw(b"\0\0\0\x04\0\0\0\0\x01")),
                how => s.sockets[0].dies(how),
            }
            s.nested();
            0
        });
        s.says(|server| {
            server.head(1, 200, &[]);
            server.piece(1, "one");
            server.piece(1, "two");
        });
        s.unhook();
        assert_eq!(s.count(three[0], Reason::ReceiveClientHttpRead), 1, "{way}");
        s.answer_all();
        let ended = s.told.len() == s.ends().len();
        assert!(ended || s.destroyed, "{way}: {:?}", s.ends());
    }
}
