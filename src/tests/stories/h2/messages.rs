//! Stories of responses over h2: how they may be cut, padded, announced and ended, and what the program sees of that.

use crate::engine::call::Reason;
use crate::engine::wsi::Method;
use crate::proto::h2::ErrorCode;
use crate::proto::h2::by_hand::*;
use crate::tests::books::End;
use crate::tests::program::Asked;
use crate::tests::story::Story;

/// Everything that a server may say around two responses.
fn two_responses() -> Vec<u8> {
    let long = block(&[(":status", "200"), ("x-long", &"v".repeat(200))]);
    [
        settings(&[(3, 100)]),
        response(1, &[(":status", "103"), ("link", "</a>")], false),
        frame(HEADERS, 0, 1, &long[..50]),
        frame(CONTINUATION, 0, 1, b""),
        frame(CONTINUATION, END_HEADERS, 1, &long[50..]),
        frame(DATA, PADDED, 1, b"\x05hello\0\0\0\0\0"),
        ok(3, false),
        frame(PING, 0, 0, b"pingping"),
        data(3, b"oth", false),
        frame(0xbe, 0xff, 99, b"what is this"),
        data(1, b" world", false),
        data(1, b"", false),
        response(1, &[("x-trailer", "t")], true),
        data(3, b"er", false),
        data(3, b"", true),
        word(0, WINDOW_UPDATE, 1000),
    ]
    .concat()
}

/// However the bytes come, the program sees the same.
#[test]
fn two_responses_are_the_same_wherever_their_bytes_are_cut() {
    let all = two_responses();
    for cut in 0..all.len() {
        for late in [false, true] {
            let mut s = Story::h2();
            s.careful = false;
            let two = s.some(2);
            s.server().frames(&all);
            let all = s.server().take_out();
            s.peer().says(&all[..cut]);
            if late {
                s.run();
            }
            s.peer().says(&all[cut..]);
            s.run();
            assert_eq!(
                two.iter().map(|who| s.body(*who)).collect::<Vec<_>>(),
                ["hello world", "other"]
            );
            assert_eq!(s.ended(End::Completed), 2, "cut at {cut}");
            for who in two {
                assert_eq!(
                    (
                        s.told[who.0].status,
                        s.count(who, Reason::EstablishedClientHttp)
                    ),
                    (200, 1)
                );
            }
        }
    }
}

#[test]
fn two_responses_that_come_byte_by_byte_are_the_same() {
    let mut s = Story::h2();
    let two = s.some(2);
    s.server().frames(&two_responses());
    for byte in s.server().take_out() {
        s.peer().says([byte]);
        s.run();
    }
    assert_eq!((s.body(two[0]), s.body(two[1])), ("hello world", "other"));
    assert_eq!(s.ended(End::Completed), 2);
}

/// Contract 1.5: 1xx are not seen; trailers do not repeat ESTABLISHED.
#[test]
fn interim_heads_and_trailers_are_not_seen() {
    let mut s = Story::h2();
    let a = s.some(1)[0];
    s.says(|server| {
        server.head(1, 100, &[]);
        server.head(1, 103, &[("link", "</a>")]);
    });
    assert_eq!(s.count(a, Reason::FilterPreEstablish), 0);
    s.says(|server| server.head(1, 404, &[("x-a", "1")]));
    s.says(|server| server.piece(1, "body"));
    s.says(|server| server.trailers(1, &[("x-a", "2")]));
    assert_eq!((s.told[a.0].status, s.body(a)), (404, "body"));
    assert_eq!(s.count(a, Reason::EstablishedClientHttp), 1);
    assert_eq!(s.ends(), [(a, End::Completed)]);
}

/// RFC 9110 section 6.4.1: no content, whatever content-length says.
#[test]
fn responses_without_a_body_complete_with_their_heads() {
    for (method, status, fields) in [
        (Method::Head, 200, vec![("content-length", "1000")]),
        (Method::Get, 204, vec![]),
        (Method::Get, 304, vec![("content-length", "1000")]),
        (Method::Get, 200, vec![("content-length", "0")]),
        (Method::Post, 200, vec![]),
    ] {
        for end_with_head in [true, false] {
            let mut s = Story::h2();
            let a = s.ask(Asked::with(method));
            let b = s.get();
            s.run();
            s.says(|server| match end_with_head {
                true => server.head_only(1, status, &fields),
                false => {
                    server.head(1, status, &fields);
                    server.last(1, "");
                }
            });
            assert_eq!(s.ends(), [(a, End::Completed)], "{method:?} {status}");
            assert_eq!((s.told[a.0].status, s.body(a)), (status, ""));
            assert_eq!(s.count(a, Reason::ReceiveClientHttpRead), 0);
            s.answer_all();
            assert_eq!((s.body(b), s.connects()), ("ok", 1));
        }
    }
}

/// Contract 1.8: status and headers stay readable until WSI_DESTROY returned, and are nobody else's.
#[test]
fn heads_of_responses_that_come_together_are_not_mixed_up() {
    let mut s = Story::h2();
    let three = s.three();
    s.hook(move |s, who, reason| {
        let first = [Reason::AppendHandshakeHeader, Reason::FilterPreEstablish];
        if s.told[who.0].status > 0 && !first.contains(&reason) {
            let wsi = s.engine.wsis.get(s.told[who.0].key).expect("it lives");
            let headers = &wsi.response.as_ref().expect("its head is kept").headers;
            let own = format!("{}", who.0);
            assert_eq!(headers.by_name(b"x-mine").next(), Some(own.as_bytes()));
            assert_eq!(wsi.status(), 200 + who.0 as u16);
            assert_eq!(headers.by_name(b"x-last").count(), usize::from(who.0 == 2));
        }
        0
    });
    s.says(|server| {
        server.head(5, 202, &[("x-mine", "2"), ("x-last", "1")]);
        server.head(1, 200, &[("x-mine", "0")]);
        server.head(3, 201, &[("x-mine", "1")]);
        server.last(1, "first");
        server.last(5, "third");
        server.last(3, "second");
    });
    assert_eq!(s.ended(End::Completed), 3);
    assert_eq!(three.map(|who| s.body(who)), ["first", "second", "third"]);
}

/// A body of many frames in every size is delivered in order and whole.
#[test]
fn bodies_that_come_interleaved_are_delivered_whole_and_in_order() {
    let mut s = Story::h2();
    let three = s.three();
    let piece = |nth: usize| "abcdefg"[nth % 7..].repeat(1 + nth * 97 % 1_500);
    s.puts(|server| {
        for id in [1, 3, 5] {
            server.head(id, 200, &[]);
        }
        for nth in 0..30 {
            server.piece([1, 3, 5][nth % 3], piece(nth));
        }
        for id in [5, 1, 3] {
            server.last(id, "");
        }
    });
    s.run();
    for who in three {
        let whole: String = (who.0..30).step_by(3).map(piece).collect();
        assert!(s.body(who) == whole, "{who:?}");
    }
    assert_eq!(s.ended(End::Completed), 3);
}

/// RFC 9113 section 8.1: the response is whole, and no more of the request is wanted.
#[test]
fn a_response_before_the_body_was_out_completes_and_the_rest_is_not_asked_for() {
    for reset_by_server in [true, false] {
        let mut s = Story::h2_with(&[(4, 3)]);
        s.stingy = true;
        let a = s.ask(Asked::post(&["one", "two", "three"]));
        let b = s.get();
        s.run();
        assert_eq!(s.server().body(1), "one");
        s.says(|server| {
            server.reply(1, 413, "too large");
            if reset_by_server {
                server.raw(word(1, RST_STREAM, 0));
            }
        });
        assert_eq!(
            (s.end_of(a), s.body(a)),
            (Some(End::Completed), "too large")
        );
        let written = s.count(a, Reason::ClientHttpWriteable);
        let told: Vec<_> = (!reset_by_server)
            .then_some((1, ErrorCode::NO_ERROR))
            .into_iter()
            .collect();
        assert_eq!(s.server().resets, told);
        s.says(|server| server.give(0, 100));
        assert_eq!(s.count(a, Reason::ClientHttpWriteable), written);
        s.answer_all();
        assert_eq!((s.end_of(b), s.connects()), (Some(End::Completed), 1));
    }
}

#[test]
fn more_or_less_than_content_length_is_not_a_response() {
    for body in ["four", "longer"] {
        let mut s = Story::h2();
        let [a, b, _] = s.three();
        s.says(|server| server.head(1, 200, &[("content-length", "5")]));
        s.says(|server| server.raw(data(1, body.as_bytes(), true)));
        assert_eq!(s.ends(), [(a, End::Closed)]);
        assert_eq!(s.server().resets, [(1, ErrorCode::PROTOCOL_ERROR)]);
        s.server().drop_stream(1);
        s.answer_all();
        assert_eq!(s.end_of(b), Some(End::Completed));
    }
}
