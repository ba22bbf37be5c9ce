//! The only place for stories of peers that keep the rules.

use super::*;

#[test]
fn the_client_speaks_first_and_is_up_with_the_peers_settings() {
    let mut s = Story::new(&Config::default());
    let preface = s.tx.drain(..24).collect::<Vec<_>>();
    assert_eq!(preface, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    assert_eq!(s.sent_kinds(), [Kind::Settings, Kind::WindowUpdate]);
    assert!(!s.h2.is_up());
    assert_eq!(s.h2.room(), 0);
    assert!(matches!(
        s.h2.request(&GET, true, &mut s.tx),
        Err(Fault::App(_))
    ));
    s.peer_sends(&settings(&[(3, 7)])).expect("fine");
    assert_eq!(s.events(), [Event::Up]);
    assert_eq!(s.h2.room(), 7);
    let ack = s.sent();
    assert_eq!(
        (ack[0].kind, ack[0].flags, ack[0].payload.len()),
        (Kind::Settings, ACK, 0)
    );
}

#[test]
fn a_get_is_answered_and_ends() {
    let mut s = Story::up();
    let a = s.get();
    let sent = s.sent();
    assert_eq!(sent[0].flags, END_HEADERS | END_STREAM);
    assert_eq!(
        s.fields(&sent),
        ":method=GET\n:scheme=https\n:authority=a.test\n:path=/\n"
    );
    let fields = [(":status", "200"), ("content-length", "5"), ("x-a", "1")];
    s.peer_sends(&response(1, &fields, false)).expect("fine");
    let head = Event::Headers {
        stream: a,
        status: 200,
        length: Some(5),
        end: false,
    };
    assert_eq!(s.events(), [head]);
    assert_eq!(s.headers.by_name(b"X-A").next(), Some(&b"1"[..]));
    s.peer_sends(&data(1, b"hello", true)).expect("fine");
    assert_eq!(s.body(), "hello");
    assert_eq!(s.h2.room(), 1000);
    assert_eq!(s.h2.carries(), 1);
    s.h2.reset(a, ErrorCode::CANCEL, &mut s.tx);
    assert_eq!(s.h2.carries(), 0);
    assert_eq!(s.sent_kinds(), []);
}

#[test]
fn h1_lines_become_h2_fields_and_those_about_the_connection_stay_behind() {
    let mut s = Story::up();
    let fields = RequestFields {
        method: "POST",
        scheme: "http",
        path: "/p?q",
        content_type: "application/x-www-form-urlencoded",
        extra: b"X-Big: a\r\nConnection: close\r\nKeep-Alive: 1\r\nTransfer-Encoding: chunked\r\n\
                 Host: other\r\nTE: trailers\r\nte: gzip\r\nUpgrade: x\r\nProxy-Connection: y\r\n\
                 Cookie: s=1\r\nauthorization: Basic eA==\r\nx-empty:\r\n",
        ..GET
    };
    s.h2.request(&fields, false, &mut s.tx).expect("room");
    let sent = s.sent();
    assert_eq!(
        s.fields(&sent),
        ":method=POST\n:scheme=http\n:authority=a.test\n:path=/p?q\n\
         content-type=application/x-www-form-urlencoded\nx-big=a\nte=trailers\ncookie=s=1\n\
         authorization=Basic eA==\nx-empty=\n"
    );
    // RFC 7541 §6.2.3: never indexed, by static index 32 and 23.
    let block = &sent[0].payload;
    assert!(block.windows(2).any(|w| w == [0x1f, 32 - 15]));
    assert!(block.windows(2).any(|w| w == [0x1f, 23 - 15]));
    let own_host = RequestFields {
        authority: None,
        extra: b"Host: own\r\n",
        ..GET
    };
    s.h2.request(&own_host, true, &mut s.tx).expect("room");
    let sent = s.sent();
    assert_eq!(
        s.fields(&sent),
        ":method=GET\n:scheme=https\n:path=/\nhost=own\n"
    );
}

#[test]
fn what_comes_again_takes_a_byte_each() {
    let mut s = Story::up();
    let fields = RequestFields {
        extra: b"user-agent: thing/1.0\r\naccept: */*\r\nx-mine: yes\r\n",
        ..GET
    };
    for _ in 0..3 {
        s.h2.request(&fields, true, &mut s.tx).expect("room");
    }
    let sent = s.sent();
    assert_eq!(sent[2].payload.len(), 7);
    for one in sent {
        assert!(s.fields(&[one]).ends_with("accept=*/*\nx-mine=yes\n"));
    }
}

#[test]
fn a_head_too_large_for_a_frame_goes_on_in_continuations() {
    let mut s = Story::up();
    let extra = format!(
        "x-a: {}\r\nx-b: {}\r\n",
        "\u{1}".repeat(20_000),
        "z".repeat(30_000)
    );
    let fields = RequestFields {
        extra: extra.as_bytes(),
        ..GET
    };
    s.h2.request(&fields, true, &mut s.tx).expect("room");
    let sent = s.sent();
    let shape: Vec<_> = sent.iter().map(|f| (f.kind, f.flags)).collect();
    assert_eq!(shape[0], (Kind::Headers, END_STREAM));
    assert_eq!(
        *shape.last().expect("some"),
        (Kind::Continuation, END_HEADERS)
    );
    assert!(sent.iter().all(|f| f.payload.len() <= 16_384));
    assert!(s.fields(&sent).contains(&"z".repeat(30_000)));
}

#[test]
fn interim_heads_are_not_seen_and_trailers_end_the_response() {
    let mut s = Story::up();
    let a = s.get();
    s.peer_sends(&response(1, &[(":status", "103"), ("link", "x")], false))
        .expect("fine");
    s.peer_sends(&response(1, &[(":status", "100")], false))
        .expect("fine");
    assert_eq!(s.events(), []);
    s.peer_sends(&ok(1, false)).expect("fine");
    assert!(s.headers.by_name(b"link").next().is_none());
    s.peer_sends(&data(1, b"x", false)).expect("fine");
    s.events();
    s.peer_sends(&response(1, &[("grpc-status", "0")], true))
        .expect("fine");
    assert_eq!(s.events(), [Event::End { stream: a }]);
    assert!(s.headers.by_name(b"grpc-status").next().is_none());
    s.still_works();
}

#[test]
fn responses_without_content_end_with_their_head() {
    let mut s = Story::up();
    let head = s.ask("HEAD", "/", true);
    s.peer_sends(&response(
        1,
        &[(":status", "200"), ("content-length", "9")],
        true,
    ))
    .expect("fine");
    let event = s.events().pop();
    assert!(
        matches!(event, Some(Event::Headers { stream, end: true, length: Some(9), .. }) if stream == head)
    );
    for status in ["204", "304"] {
        let key = s.get();
        let fields = [(":status", status), ("content-length", "9")];
        s.peer_sends(&response(key.id(), &fields, false))
            .expect("fine");
        s.events();
        s.peer_sends(&data(key.id(), b"", true)).expect("fine");
        assert_eq!(s.events(), [Event::End { stream: key }]);
    }
    s.still_works();
}

#[test]
fn a_data_frame_comes_in_pieces_and_its_stream_may_go_in_between() {
    let mut s = Story::up();
    let a = s.get();
    let frame = data(1, b"abcdef", true);
    s.peer_sends(&ok(1, false)).expect("fine");
    s.peer_sends(&frame[..11]).expect("fine");
    s.peer_sends(&frame[11..12]).expect("fine");
    assert_eq!(s.body(), "abc");
    s.events();
    s.h2.reset(a, ErrorCode::CANCEL, &mut s.tx);
    s.peer_sends(&frame[12..]).expect("fine");
    assert_eq!(s.events(), []);
    s.still_works();
}

#[test]
fn the_peers_limit_moves_down_to_nothing_and_up() {
    let mut s = Story::up_with(&Config::default(), &[(3, 2)]);
    let a = s.get();
    s.get();
    assert_eq!(s.h2.room(), 0);
    assert!(s.h2.request(&GET, true, &mut s.tx).is_err());
    s.peer_sends(&settings(&[(3, 0)])).expect("fine");
    assert_eq!(s.events(), [Event::SettingsChanged]);
    s.peer_sends(&ok(1, true)).expect("fine");
    assert_eq!(s.events(), [headers_event(a, 200, true)]);
    assert_eq!(s.h2.room(), 0);
    s.peer_sends(&settings(&[(3, 5)])).expect("fine");
    assert_eq!(s.h2.room(), 4);
    s.peer_sends(&settings(&[(3, 1_000_000)])).expect("fine");
    assert_eq!(s.h2.room(), 999, "our own cap");
}

#[test]
fn goaway_refuses_what_it_leaves_out_and_the_rest_goes_on() {
    let mut s = Story::up();
    let keys: Vec<_> = (0..5).map(|_| s.get()).collect();
    s.peer_sends(&goaway(MAX_ID, 0)).expect("fine");
    assert_eq!(
        s.events(),
        [Event::GoAway {
            last: MAX_ID,
            code: ErrorCode::NO_ERROR
        }]
    );
    assert_eq!(s.h2.room(), 0);
    s.peer_sends(&goaway(5, 0)).expect("fine");
    assert_eq!(
        s.events(),
        [
            Event::GoAway {
                last: 5,
                code: ErrorCode::NO_ERROR
            },
            Event::Refused { stream: keys[3] },
            Event::Refused { stream: keys[4] },
        ]
    );
    s.peer_sends(&goaway(1, 2)).expect("fine");
    assert_eq!(s.events().len(), 3);
    s.peer_sends(&ok(1, true)).expect("fine");
    assert_eq!(s.events(), [headers_event(keys[0], 200, true)]);
    s.h2.reset(keys[0], ErrorCode::CANCEL, &mut s.tx);
    assert_eq!(s.h2.carries(), 0);
    assert!(s.h2.is_retired());
}

#[test]
fn a_reset_ends_one_stream_and_disturbs_nobody() {
    let mut s = Story::up();
    let a = s.get();
    s.get();
    s.peer_sends(&word(1, RST_STREAM, 7)).expect("fine");
    let code = ErrorCode::REFUSED_STREAM;
    assert!(
        matches!(s.events()[..], [Event::Reset { stream, code: c, by_us: false, .. }] if stream == a && c == code)
    );
    assert_eq!(s.h2.send_allowance(a), 0);
    s.peer_sends(&ok(3, true)).expect("fine");
    s.still_works();
}

#[test]
fn a_response_may_come_before_the_request_is_whole() {
    let mut s = Story::up();
    let a = s.post();
    s.peer_sends(&ok(1, true)).expect("fine");
    assert_eq!(s.events(), [headers_event(a, 200, true)]);
    assert_eq!(s.h2.room(), 999, "half closed counts");
    s.peer_sends(&word(1, RST_STREAM, 0)).expect("fine");
    assert_eq!(s.events(), [], "the response is whole");
    assert!(s.h2.has_ended(a));
    assert_eq!(s.h2.room(), 1000);
    let b = s.post();
    s.peer_sends(&ok(3, true)).expect("fine");
    s.sent();
    s.h2.reset(b, ErrorCode::CANCEL, &mut s.tx);
    assert_eq!(s.sent()[0].number(), 8);
}

#[test]
fn pings_are_answered_and_ours_come_back() {
    let mut s = Story::up();
    s.peer_sends(&frame(PING, 0, 0, b"12345678")).expect("fine");
    let sent = s.sent();
    assert_eq!(
        (sent[0].kind, sent[0].flags, &sent[0].payload[..]),
        (Kind::Ping, ACK, &b"12345678"[..])
    );
    s.h2.ping(*b"abcdefgh", &mut s.tx);
    assert_eq!(s.sent()[0].flags, 0);
    s.peer_sends(&frame(PING, ACK, 0, b"abcdefgh"))
        .expect("fine");
    assert_eq!(
        s.events(),
        [Event::Pong {
            opaque: *b"abcdefgh"
        }]
    );
}

#[test]
fn the_table_follows_the_peers_size() {
    let mut s = Story::up();
    let ask = |s: &mut Story| {
        s.h2.request(&GET, true, &mut s.tx).expect("room");
        let sent: Vec<_> = s
            .sent()
            .into_iter()
            .filter(|f| f.kind == Kind::Headers)
            .collect();
        assert_eq!(
            s.fields(&sent),
            ":method=GET\n:scheme=https\n:authority=a.test\n:path=/\n"
        );
        sent[0].payload.clone()
    };
    ask(&mut s);
    s.peer_sends(&settings(&[(1, 0)])).expect("fine");
    assert_eq!(ask(&mut s)[0], 0x20);
    assert_ne!(ask(&mut s)[0], 0x20);
    s.peer_sends(&settings(&[(1, 100)])).expect("fine");
    s.peer_sends(&settings(&[(1, 0), (1, 100_000)]))
        .expect("fine");
    let block = ask(&mut s);
    assert_eq!(
        block[..4],
        [0x20, 0x3f, 0xe1, 0x1f],
        "to 0, then to our 4096"
    );
    assert_eq!(ask(&mut s).len(), 4);
}

#[test]
fn ids_run_out_and_the_connection_retires() {
    let mut s = Story::up();
    s.h2.next_id = MAX_ID - 2;
    assert_eq!(s.h2.room(), 2);
    s.get();
    assert_eq!(s.h2.room(), 1);
    s.get();
    assert_eq!(s.h2.room(), 0);
    assert!(s.h2.is_retired());
    assert!(s.h2.request(&GET, true, &mut s.tx).is_err());
    s.peer_sends(&ok(MAX_ID, true)).expect("fine");
}

#[test]
fn extended_connect_waits_for_the_peers_word_and_has_no_length() {
    let ws = RequestFields {
        method: "CONNECT",
        protocol: Some("websocket"),
        ..GET
    };
    let mut s = Story::up();
    assert!(matches!(
        s.h2.request(&ws, false, &mut s.tx),
        Err(Fault::App(_))
    ));
    s.peer_sends(&settings(&[(8, 1)])).expect("fine");
    assert!(s.h2.connects_protocols());
    s.sent();
    let a = s.h2.request(&ws, false, &mut s.tx).expect("room");
    let sent = s.sent();
    assert!(
        s.fields(&sent)
            .starts_with(":method=CONNECT\n:protocol=websocket\n")
    );
    s.peer_sends(&response(
        1,
        &[(":status", "200"), ("content-length", "0")],
        false,
    ))
    .expect("fine");
    s.peer_sends(&data(1, b"frames", false)).expect("fine");
    assert_eq!(s.body(), "frames");
    assert_eq!(s.write(a, b"frames", false), 6);
}

#[test]
fn our_goaway_is_said_once_and_what_is_open_goes_on() {
    let mut s = Story::up();
    let a = s.get();
    s.sent();
    s.h2.close(ErrorCode::NO_ERROR, &mut s.tx);
    assert_eq!(s.sent_kinds(), [Kind::GoAway]);
    assert_eq!(s.h2.room(), 0);
    s.peer_sends(&ok(1, true)).expect("fine");
    assert_eq!(s.events(), [headers_event(a, 200, true)]);
}

#[test]
fn a_warm_connection_allocates_nothing() {
    let mut s = Story::up();
    let fields = [(":status", "200"), ("server", "x"), ("content-length", "5")];
    let mut held = Vec::new();
    for n in 0..200 {
        let key = s.get();
        s.h2.mark_writable(key);
        s.h2.next_writable();
        s.peer_sends(
            &[
                response(key.id(), &fields, false),
                data(key.id(), b"hello", true),
            ]
            .concat(),
        )
        .expect("fine");
        s.h2.reset(key, ErrorCode::CANCEL, &mut s.tx);
        s.tx.clear();
        s.events.clear();
        let now = (
            s.headers.footprint(),
            s.tx.capacity(),
            s.h2.line.capacity(),
            s.h2.scratch.capacity(),
        );
        if n > 100 {
            held.push(now);
        }
    }
    held.dedup();
    assert_eq!(held.len(), 1);
    assert_eq!((s.h2.carries(), s.h2.room()), (0, 1000));
}
