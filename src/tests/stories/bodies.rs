//! Stories of bodies: the program's in parts, the peer's in pieces.

use crate::engine::call::Reason;
use crate::engine::wsi::Method;
use crate::net::transport::Io;
use crate::tests::books::End;
use crate::tests::peer::{LAST, OK};
use crate::tests::program::Asked;
use crate::tests::story::Story;

#[test]
fn a_body_goes_out_in_its_parts_each_in_a_writeable() {
    let mut s = Story::new();
    let a = s.ask(Asked::with(Method::Post).body(&["one ", "two ", "three"]));
    let b = s.get();
    s.run();
    let heard = s.peer().heard();
    assert!(heard.ends_with("\r\n\r\none two three"), "{heard}");
    assert_eq!(s.count(a, Reason::ClientHttpWriteable), 3);
    s.answer(OK);
    assert_eq!(s.requests_heard(), ["GET /"]);
    s.answer(OK);
    assert_eq!(
        (s.ends(), s.connects()),
        (vec![(a, End::Completed), (b, End::Completed)], 1)
    );
}

#[test]
fn a_full_socket_holds_the_next_writeable_back_and_loses_nothing() {
    let mut s = Story::new();
    let a = s.ask(Asked::with(Method::Post).body(&["one ", "two ", "three"]));
    s.hook(|s, _, reason| {
        if reason == Reason::AppendHandshakeHeader {
            s.peer().takes = 10;
        }
        0
    });
    s.run();
    s.unhook();
    assert_eq!(
        (s.peer().sent.len(), s.count(a, Reason::ClientHttpWriteable)),
        (10, 0)
    );
    let head_and_two = {
        s.peer().takes = 1 << 20;
        s.hook(|s, _, reason| {
            if reason == Reason::ClientHttpWriteable {
                s.peer().takes = 2;
            }
            0
        });
        s.run();
        s.unhook();
        s.peer().sent.len()
    };
    assert_eq!(
        s.count(a, Reason::ClientHttpWriteable),
        1,
        "not before its earlier bytes have left"
    );
    s.peer().takes = 1;
    s.run();
    assert_eq!(
        (s.peer().sent.len(), s.count(a, Reason::ClientHttpWriteable)),
        (head_and_two + 1, 1)
    );
    s.peer().takes = usize::MAX;
    s.run();
    assert!(s.peer().heard().ends_with("\r\n\r\none two three"));
    s.answer(OK);
    assert_eq!(s.ends(), [(a, End::Completed)]);
}

#[test]
fn a_response_before_the_body_was_out_completes_and_its_connection_is_not_reused() {
    let mut s = Story::new();
    let a = s.ask(Asked::with(Method::Post).body(&["one", "two"]));
    let b = s.get();
    s.hook(|s, _, reason| {
        if reason == Reason::ClientHttpWriteable {
            s.peer().takes = 0;
        }
        0
    });
    s.run();
    s.unhook();
    s.answer("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(
        (s.end_of(a), s.told[a.0].status, s.connects()),
        (Some(End::Completed), 413, 2)
    );
    s.answer(OK);
    assert_eq!(s.end_of(b), Some(End::Completed));
}

#[test]
fn a_writeable_asked_for_while_waiting_comes_when_the_head_is_out() {
    let mut s = Story::new();
    let [_, b, c] = s.three();
    assert!(s.engine.ask_writeable(s.told[b.0].key));
    assert!(
        !s.write(b, b"too early"),
        "there is no connection to write to"
    );
    s.run();
    assert_eq!(s.count(b, Reason::ClientHttpWriteable), 0);
    s.answer(OK);
    assert_eq!(s.count(b, Reason::ClientHttpWriteable), 1);
    s.answer(OK);
    s.answer(OK);
    assert_eq!(s.count(c, Reason::ClientHttpWriteable), 0);
}

#[test]
fn a_response_is_the_same_however_it_is_cut_and_read() {
    const RESPONSE: &str = "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n1\r\n \r\n005\r\nworld\r\n0\r\nTrailer: t\r\n\r\n";
    for cut in 1..=RESPONSE.len() {
        for buffer in [1, 3, 4096] {
            let mut s = Story::new();
            let a = s.ask(Asked::get().buffer(buffer));
            let b = s.get();
            s.run();
            for piece in RESPONSE.as_bytes().chunks(cut) {
                s.peer().says(piece);
                if cut % 2 == 0 {
                    s.run();
                }
            }
            s.run();
            assert_eq!(
                (s.body(a), s.told[a.0].status),
                ("hello world", 200),
                "cut {cut}, read {buffer}"
            );
            assert_eq!(s.count(a, Reason::EstablishedClientHttp), 1);
            s.answer(OK);
            assert_eq!(
                (s.body(b), s.connects()),
                ("ok", 1),
                "cut {cut}, read {buffer}"
            );
        }
    }
}

#[test]
fn a_program_that_reads_later_is_told_once_and_nothing_is_read_meanwhile() {
    let mut s = Story::new();
    let a = s.ask(Asked::get().reads_later());
    let b = s.get();
    s.run();
    s.answer("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n");
    s.answer("late");
    let reads = s.peer().reads;
    s.answer("last");
    s.wait_secs(60);
    assert_eq!(
        (s.count(a, Reason::ReceiveClientHttp), s.peer().reads),
        (1, reads)
    );
    assert_eq!(s.read(a, 4), 0);
    s.run();
    assert_eq!(
        (s.body(a), s.count(a, Reason::ReceiveClientHttp)),
        ("late", 2)
    );
    assert_eq!(s.read(a, 100), 0);
    assert_eq!(
        (s.body(a), s.end_of(a)),
        ("latelast", Some(End::Completed)),
        "COMPLETED comes within the read"
    );
    s.run();
    s.answer(OK);
    assert_eq!((s.end_of(b), s.connects()), (Some(End::Completed), 1));
}

#[test]
fn flow_control_holds_receive_back_until_it_is_lifted() {
    for buffered in [true, false] {
        let mut s = Story::new();
        let a = s.get();
        s.run();
        let key = s.told[a.0].key;
        s.engine.pause_rx(key, true);
        match buffered {
            true => s.answer(OK),
            false => {
                s.answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
                s.answer("ok");
            }
        }
        s.wait_secs(100);
        assert_eq!((s.count(a, Reason::ReceiveClientHttp), s.body(a)), (0, ""));
        s.engine.pause_rx(key, false);
        s.run();
        assert_eq!((s.body(a), s.end_of(a)), ("ok", Some(End::Completed)));
    }
}

#[test]
fn a_peer_that_hangs_up_on_a_paused_reader_does_not_spin_and_is_noticed_afterwards() {
    let mut s = Story::new();
    let a = s.get();
    s.run();
    s.answer("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha");
    let key = s.told[a.0].key;
    s.engine.pause_rx(key, true);
    s.peer().says("lf");
    s.peer().hangs_up();
    s.wait_secs(100);
    assert_eq!(s.end_of(a), None);
    s.engine.pause_rx(key, false);
    s.run();
    assert_eq!((s.body(a), s.end_of(a)), ("half", Some(End::Completed)));
}

#[test]
fn interim_responses_are_not_seen() {
    let mut s = Story::new();
    let a = s.get();
    s.run();
    s.answer("HTTP/1.1 100 Continue\r\n\r\n");
    s.answer("HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n");
    assert_eq!(s.count(a, Reason::EstablishedClientHttp), 0);
    s.answer("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(
        (
            s.told[a.0].status,
            s.count(a, Reason::EstablishedClientHttp)
        ),
        (404, 1)
    );
}

#[test]
fn a_head_has_no_body_whatever_its_length_says() {
    let mut s = Story::new();
    let a = s.ask(Asked::with(Method::Head));
    let b = s.get();
    s.run();
    s.answer("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    s.answer(OK);
    assert_eq!((s.body(a), s.body(b), s.connects()), ("", "ok", 1));
    assert_eq!(s.count(a, Reason::ReceiveClientHttp), 0);
}

#[test]
fn a_head_larger_than_one_read_is_put_together() {
    let mut s = Story::new();
    let a = s.get();
    s.run();
    let long = "x".repeat(40_000);
    s.answer(&format!(
        "HTTP/1.1 200 OK\r\nX-Long: {long}\r\nContent-Length: 2\r\n\r\nok"
    ));
    assert_eq!((s.body(a), s.connects()), ("ok", 1));
}

#[test]
fn a_response_that_breaks_the_rules_fails_its_request_and_the_others_move() {
    for bad in [
        "nonsense\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
    ] {
        let mut s = Story::new();
        let [a, b, c] = s.three();
        s.answer(bad);
        assert_eq!(s.ends(), [(a, End::Failed)], "{bad:?}");
        assert_eq!(s.lists(), [(Some(b), vec![c])], "{bad:?}");
        s.answer(OK);
        s.answer(OK);
    }
}

#[test]
fn a_chunk_that_breaks_the_rules_closes_its_request_and_the_others_move() {
    let mut s = Story::new();
    let [a, b, c] = s.three();
    s.answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nzz\r\n");
    assert_eq!((s.end_of(a), s.body(a)), (Some(End::Closed), "ok"));
    assert_eq!(s.lists(), [(Some(b), vec![c])]);
    s.answer(OK);
    s.answer(LAST);
}

#[test]
fn a_body_cut_off_without_a_tls_close_is_not_complete() {
    let mut s = Story::tls();
    let a = s.get();
    s.run();
    s.peer().says("HTTP/1.1 200 OK\r\n\r\nuntil ");
    s.peer().is_cut();
    s.run();
    assert_eq!((s.end_of(a), s.body(a)), (Some(End::Closed), "until "));
}

#[test]
fn a_timer_is_not_held_up_by_a_writeable_that_cannot_come() {
    let mut s = Story::new();
    let a = s.ask(Asked::with(Method::Post).append("Content-Length: 9\r\n"));
    s.run();
    let key = s.told[a.0].key;
    s.engine.ask_writeable(key);
    s.engine.set_timer(key, Some(0));
    // Both are owed, and a write fills the socket before either has come.
    let conn = s.seat(a).expect("it leads");
    s.engine.offer_writeable(conn);
    let now = s.engine.now;
    s.engine.fire(now);
    s.peer().takes = 0;
    assert!(s.write(a, b"blocked"));
    s.run();
    assert_eq!(
        (
            s.count(a, Reason::Timer),
            s.count(a, Reason::ClientHttpWriteable)
        ),
        (1, 0)
    );
    s.peer().takes = usize::MAX;
    s.run();
    assert_eq!(s.count(a, Reason::ClientHttpWriteable), 1);
    s.answer(OK);
}

#[test]
fn an_upload_goes_on_after_a_nested_pass_saw_its_connection_in_use() {
    let mut s = Story::new();
    let a = s.ask(Asked::with(Method::Post).body(&["one", "two"]));
    s.hook(|s, _, reason| {
        if reason == Reason::ClientHttpWriteable {
            s.peer().takes = 0;
        }
        0
    });
    s.run();
    s.answer("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n");
    s.unhook();
    // The program reads, and in its READ it runs the loop: there is more, and the upload is still blocked.
    s.hook(|s, _, reason| {
        if reason == Reason::ReceiveClientHttpRead {
            s.turn();
            s.drain();
        }
        0
    });
    s.peer().says("resp");
    s.peer().says("o");
    s.run();
    s.unhook();
    s.peer().takes = usize::MAX;
    s.run();
    assert!(s.peer().heard().ends_with("\r\n\r\nonetwo"));
    s.answer("nse");
    assert_eq!((s.body(a), s.end_of(a)), ("response", Some(End::Completed)));
}

#[test]
fn an_answer_is_delivered_though_the_peer_stopped_taking_the_body() {
    let mut s = Story::new();
    let a = s.ask(Asked::with(Method::Post).body(&["one ", "two ", "three"]));
    let b = s.get();
    s.hook(move |s, who, reason| {
        if (who, reason) == (a, Reason::ClientHttpWriteable) {
            s.peer().says(LAST);
            s.peer().write_fails = Some(Io::Failed("EPIPE".into()));
        }
        0
    });
    s.run();
    s.unhook();
    s.run();
    s.answer(OK);
    assert_eq!(
        (s.ends(), s.connects()),
        (vec![(a, End::Completed), (b, End::Completed)], 2)
    );
}

#[test]
fn a_body_that_the_peer_cuts_off_ends_with_what_the_socket_said() {
    let mut s = Story::new();
    let a = s.ask(Asked::with(Method::Post).body(&["one ", "two "]));
    s.hook(move |s, _, reason| {
        if reason == Reason::ClientHttpWriteable {
            s.peer().breaks("ECONNRESET");
        }
        0
    });
    s.run();
    s.unhook();
    s.run();
    assert_eq!(s.ends(), vec![(a, End::Failed)]);
    let why = s.error(a);
    assert!(why.starts_with("read failed: ECONNRESET"), "{why}");
}

#[test]
fn bytes_behind_a_read_that_was_said_no_to_are_not_lost() {
    let mut s = Story::new();
    let a = s.get();
    s.run();
    s.answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    s.hook(move |_, _, reason| match reason {
        Reason::ReceiveClientHttpRead => -1,
        _ => 0,
    });
    s.peer().says("3\r\nabc\r\n3\r\ndef\r\n");
    s.read(a, 100);
    s.unhook();
    s.answer("0\r\n\r\n");
    assert_eq!(s.ends(), vec![(a, End::Completed)]);
}

#[test]
fn a_broken_socket_whose_answer_is_not_wanted_yet_is_left_alone() {
    let mut s = Story::new();
    let a = s.ask(Asked::with(Method::Post).body(&["one ", "two ", "three"]));
    s.hook(move |s, who, reason| {
        if reason == Reason::EstablishedClientHttp {
            let key = s.told[who.0].key;
            s.engine.pause_rx(key, true);
        }
        if reason == Reason::ClientHttpWriteable {
            s.peer().takes = 2;
        }
        0
    });
    s.run();
    s.peer()
        .says("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    s.run();
    s.peer().breaks("ECONNRESET");
    s.run(); // a loop that spins panics here
    s.unhook();
    let key = s.told[a.0].key;
    s.engine.pause_rx(key, false);
    s.run();
    assert_eq!(s.ends(), vec![(a, End::Closed)]);
}
