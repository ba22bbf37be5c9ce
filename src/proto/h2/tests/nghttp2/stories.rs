//! The only place for stories with nghttp2: one thing each on which it is strict.

use super::*;

fn get(path: &str) -> Ask {
    Ask {
        method: "GET",
        path: path.into(),
        ..Ask::default()
    }
}

fn post(path: &str, len: usize) -> Ask {
    Ask {
        path: path.into(),
        body: vec![b'b'; len],
        ..Ask::default()
    }
}

fn pair(asks: Vec<Ask>) -> Pair {
    Pair::new(&Config::default(), &Options::default(), asks)
}

fn codes(frames: impl Iterator<Item = u32>) -> Vec<u32> {
    frames.collect()
}

#[test]
fn nghttp2_would_have_complained() {
    for wrong in [
        data(1, b"nobody asked", true),
        frame(HEADERS, END_HEADERS | 1, 1, &block(&[(":method", "GET")])),
        frame(SETTINGS, ACK, 0, b""),
        word(0, WINDOW_UPDATE, 0),
        word(0, WINDOW_UPDATE, MAX_ID),
        frame(HEADERS, END_HEADERS, 1, &[0x3f, 0xff, 0xff, 0x7f]),
    ] {
        let mut pair = pair(Vec::new());
        pair.run();
        pair.server.receive(&wrong);
        pair.server.send(&mut Vec::new());
        assert!(!pair.server.complaints().is_empty(), "{wrong:?}");
    }
}

#[test]
fn each_settings_is_acknowledged_and_followed() {
    let mut pair = pair((0..40).map(|_| post("/stream", 40_000)).collect());
    for step in 0u32.. {
        if step < 30 {
            let up_and_down = [0, 4096, 30, 5000][step as usize % 4];
            pair.server.settings(&[
                (HEADER_TABLE_SIZE, 10),
                (HEADER_TABLE_SIZE, up_and_down),
                (INITIAL_WINDOW_SIZE, step * 1000),
                (MAX_CONCURRENT_STREAMS, 40 - step),
                (MAX_FRAME_SIZE, 17_000 - step),
            ]);
        }
        if !pair.step() {
            break;
        }
    }
    pair.hold();
    pair.hold_answers();
    assert_eq!(
        pair.server
            .sent(SETTINGS)
            .filter(|f| f.flags & ACK == 0)
            .count(),
        31
    );
}

#[test]
fn a_stream_window_of_zero_lets_nothing_pass_until_settings_open_it() {
    let options = Options {
        settings: vec![(INITIAL_WINDOW_SIZE, 0)],
        ..Options::default()
    };
    let asks = vec![post("/", 100_000), get("/")];
    let mut pair = Pair::new(&Config::default(), &options, asks);
    while pair.step() {}
    assert_eq!(pair.server.received(DATA).count(), 0);
    assert_eq!(pair.client.placed(), 1);
    pair.server.settings(&[(INITIAL_WINDOW_SIZE, 1 << 20)]);
    pair.run();
    pair.hold_answers();
}

#[test]
fn a_request_whose_answer_came_early_is_stopped_by_no_error() {
    let options = Options {
        settings: vec![(INITIAL_WINDOW_SIZE, 1000)],
        ..Options::default()
    };
    for prompt in [true, false] {
        let asks = (0..10).map(|_| post("/early", 5000)).chain([get("/")]);
        let mut pair = Pair::new(&Config::default(), &options, asks.collect());
        pair.client.prompt = prompt;
        pair.run();
        pair.hold_answers();
        let resets = pair.server.sent(RST_STREAM).map(|f| f.code);
        assert_eq!(codes(resets), [0; 10]);
        let body = pair.server.received(DATA).filter(|f| f.flags & 1 != 0);
        assert_eq!(body.count(), 0, "no request was sent whole");
    }
}

#[test]
fn a_program_that_leaves_costs_the_others_nothing() {
    let asks = (0..50).map(|n| Ask {
        enough: (n % 2 == 0).then_some(n * 300),
        ..post("/stream", 100_000)
    });
    let config = Config {
        initial_window: 10_000,
        connection_window: 65_535,
        ..Config::default()
    };
    let mut pair = Pair::new(&config, &Options::default(), asks.collect());
    pair.client.prompt = false;
    pair.cuts = Round::new(&[1009, 20_000]);
    pair.run();
    pair.hold_answers();
    let left = pair.client.answers.iter();
    let left = left.filter(|answer| answer.end == Some(End::LeftAlone));
    assert_eq!(left.count(), 25);
    let resets = pair.server.received(RST_STREAM).map(|f| f.code);
    assert_eq!(codes(resets), [ErrorCode::CANCEL.0; 25]);
}

#[test]
fn a_limit_that_shrinks_under_way_has_the_surplus_asked_again() {
    let mut pair = pair(Vec::new());
    pair.run();
    // On its way while the client asks by what it knew.
    pair.server.settings(&[(MAX_CONCURRENT_STREAMS, 3)]);
    for _ in 0..10 {
        pair.client.ask(post("/", 10));
    }
    pair.run();
    pair.hold_answers();
    assert_eq!(pair.client.refused, 7);
    let resets = pair.server.sent(RST_STREAM).map(|f| f.code);
    assert_eq!(codes(resets), [ErrorCode::REFUSED_STREAM.0; 7]);
}

#[test]
fn pings_are_answered_on_both_sides() {
    let mut pair = pair(vec![post("/stream", 1000)]);
    pair.server.ping(*b"from nh2");
    pair.step();
    pair.client.s.h2.ping(*b"from us!", &mut pair.client.s.tx);
    pair.run();
    pair.hold_answers();
    let acks = pair.server.received(PING).filter(|f| f.flags & ACK != 0);
    assert_eq!(acks.count(), 1);
    let pong = Event::Pong {
        opaque: *b"from us!",
    };
    assert!(pair.client.s.events().contains(&pong));
}

#[test]
fn a_warning_and_a_goaway_leave_what_was_asked_before_undisturbed() {
    let mut pair = pair((0..20).map(|_| post("/stream", 50_000)).collect());
    pair.cuts = Round::new(&[3001]);
    while pair.server.requests().count() < 15 {
        assert!(pair.step());
    }
    pair.server.shutdown_notice();
    for _ in 0..5 {
        pair.client.ask(get("/"));
    }
    while pair.client.s.h2.room() > 0 {
        assert!(pair.step());
    }
    pair.step();
    pair.server.goaway(None);
    pair.run();
    let (done, left): (Vec<_>, Vec<_>) = pair.client.outcomes().partition(|(_, a)| a.end.is_some());
    assert_eq!(done.len(), pair.server.requests().count());
    assert_eq!(done.len() + left.len(), 25);
    done.iter()
        .for_each(|(ask, answer)| hold_answer(ask, answer));
}

#[test]
fn our_goaway_is_taken() {
    let mut pair = pair(vec![get("/")]);
    pair.run();
    let s = &mut pair.client.s;
    s.h2.close(ErrorCode::NO_ERROR, &mut s.tx);
    pair.run();
    assert_eq!(codes(pair.server.received(GOAWAY).map(|f| f.code)), [0]);
}

#[test]
fn a_websocket_is_let_through_and_bytes_flow_both_ways() {
    let options = Options {
        settings: vec![(ENABLE_CONNECT_PROTOCOL, 1)],
        padding: 17,
        ..Options::default()
    };
    let mut pair = Pair::new(&Config::default(), &options, Vec::new());
    pair.run();
    assert!(pair.client.s.h2.connects_protocols());
    let fields = RequestFields {
        method: "CONNECT",
        protocol: Some("websocket"),
        path: "/stream",
        extra: b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n",
        ..GET
    };
    let s = &mut pair.client.s;
    let key = s.h2.request(&fields, false, &mut s.tx).expect("room");
    let mut came = Vec::new();
    for n in 0..50u8 {
        let s = &mut pair.client.s;
        let sent = s.h2.send_data(key, &[n; 1000], n == 49, &mut s.tx);
        assert_eq!(sent, 1000);
        pair.server.receive(&std::mem::take(&mut s.tx));
        let mut down = Vec::new();
        pair.server.send(&mut down);
        s.peer_sends(&down).expect("a good server");
        came.append(&mut s.body);
        assert_eq!(came.len(), (usize::from(n) + 1) * 1000);
    }
    let end = pair.client.s.events().pop();
    assert!(matches!(
        end,
        Some(Event::Data { end: true, .. } | Event::End { .. })
    ));
    let s = &mut pair.client.s;
    s.h2.reset(key, ErrorCode::CANCEL, &mut s.tx);
    pair.run();
    let request = pair.server.requests().next().expect("it came");
    assert_eq!(request.field(":protocol"), b"websocket");
    assert_eq!(request.field("sec-websocket-version"), b"13");
    assert_eq!(request.field("upgrade"), b"");
}

#[test]
fn a_program_that_gives_window_itself_gets_just_that() {
    let ask = |window, len| Ask {
        manual_window: Some(window),
        ..post("/stream", len)
    };
    let asks = vec![post("/stream", 300_000), ask(0, 5000), ask(700, 5000)];
    let mut pair = pair(asks);
    while pair.step() {}
    let answer = |pair: &Pair, n: usize| pair.client.answers[n].clone();
    assert_eq!(answer(&pair, 0).body.len(), 300_000);
    assert_eq!(
        (answer(&pair, 1).status, answer(&pair, 1).body.len()),
        (200, 0)
    );
    assert_eq!(answer(&pair, 2).end, Some(End::Whole));
    let key = pair.client.key(1).expect("it waits");
    let s = &mut pair.client.s;
    assert!(s.h2.widen(key, 123, &mut s.tx));
    pair.client.prompt = false;
    pair.server.receive(&std::mem::take(&mut pair.client.s.tx));
    let mut down = Vec::new();
    pair.server.send(&mut down);
    pair.client.take(&down);
    assert_eq!(answer(&pair, 1).body.len(), 123);
    pair.client.prompt = true;
    pair.run();
    pair.hold_answers();
}

#[test]
fn secrets_arrive_marked_as_never_to_be_indexed() {
    let lines = b"Authorization: Basic eDp5\r\nCookie: a=1\r\nCookie: a-much-longer=cookie-that-cannot-be-guessed\r\n";
    let ask = Ask {
        lines: lines.to_vec(),
        ..get("/")
    };
    let mut pair = pair(vec![ask.clone(), ask]);
    pair.run();
    pair.hold_answers();
    for request in pair.server.requests() {
        let marked = request.fields.iter().filter(|f| f.never_indexed);
        let values: Vec<_> = marked.map(|f| text(&f.value)).collect();
        assert_eq!(values, ["Basic eDp5", "a=1"]);
    }
}
