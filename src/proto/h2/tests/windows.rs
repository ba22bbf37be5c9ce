//! The only place for stories of windows: who may send how much, whose turn it is, and what is given back when.

use super::*;

fn small() -> Config {
    Config {
        initial_window: 100,
        widest_window: 100,
        connection_window: 65_535,
        ..Config::default()
    }
}

#[test]
fn padding_is_not_payload_and_its_window_comes_back_at_once() {
    let mut s = Story::up_with(&small(), &[]);
    let a = s.get();
    s.holding = true;
    s.peer_sends(&ok(1, false)).expect("fine");
    s.sent();
    let padded = [&[60][..], b"hi", &[0; 60]].concat();
    s.peer_sends(&frame(DATA, PADDED, 1, &padded))
        .expect("fine");
    assert_eq!(s.body(), "hi");
    let sent = s.sent();
    assert_eq!(
        (sent[0].kind, sent[0].stream, sent[0].number()),
        (Kind::WindowUpdate, 1, 61)
    );
    let all_padding = [&[99][..], &[0; 98]].concat();
    assert!(all_padding.len() == 99);
    s.peer_sends(&frame(DATA, PADDED, 1, &[&[30][..], &[0; 30]].concat()))
        .expect("fine");
    s.peer_sends(&frame(DATA, PADDED | END_STREAM, 1, &[0, b'!']))
        .expect("fine");
    assert_eq!(s.body(), "!");
    assert!(matches!(s.events().pop(), Some(Event::Data { end: true, stream, .. }) if stream == a));
    s.holding = false;
    s.still_works();
}

#[test]
fn what_the_program_holds_is_not_given_back_before_it_is_consumed() {
    let mut s = Story::up_with(&small(), &[]);
    let a = s.get();
    s.holding = true;
    s.peer_sends(&[ok(1, false), data(1, &[b'x'; 100], false)].concat())
        .expect("fine");
    s.sent();
    s.h2.release(a, 49, &mut s.tx);
    assert_eq!(s.sent(), []);
    s.h2.release(a, 1, &mut s.tx);
    let sent = s.sent();
    assert_eq!((sent[0].stream, sent[0].number()), (1, 50));
    s.h2.release(a, 1000, &mut s.tx);
    assert_eq!(s.sent()[0].number(), 50, "no more than it held");
}

#[test]
fn a_cancelled_stream_gives_the_connection_its_window_back() {
    let config = Config {
        initial_window: 40_000,
        connection_window: 65_535,
        ..Config::default()
    };
    let mut s = Story::up_with(&config, &[]);
    s.holding = true;
    let a = s.get();
    let b = s.get();
    s.peer_sends(&[ok(1, false), ok(3, false)].concat())
        .expect("fine");
    for _ in 0..2 {
        s.peer_sends(&data(1, &[b'x'; 16_384], false))
            .expect("fine");
    }
    s.sent();
    s.h2.reset(a, ErrorCode::CANCEL, &mut s.tx);
    let sent = s.sent();
    assert_eq!(
        (sent[0].kind, sent[0].stream, sent[0].number()),
        (Kind::RstStream, 1, 8)
    );
    assert_eq!(
        (sent[1].kind, sent[1].stream, sent[1].number()),
        (Kind::WindowUpdate, 0, 32_768)
    );
    // What was under way goes nowhere, and costs the connection nothing.
    s.events();
    for _ in 0..2 {
        s.peer_sends(&data(1, &[b'x'; 16_384], false))
            .expect("fine");
    }
    assert_eq!(s.events(), []);
    assert_eq!(s.sent()[0].number(), 32_768);
    s.h2.release(a, 99, &mut s.tx);
    s.h2.reset(a, ErrorCode::CANCEL, &mut s.tx);
    assert_eq!(s.sent(), []);
    s.peer_sends(&data(3, b"b", true)).expect("fine");
    assert!(matches!(s.events()[..], [Event::Data { stream, end: true, .. }] if stream == b));
}

#[test]
fn a_body_is_paced_by_stream_connection_and_frame() {
    let mut s = Story::up_with(&Config::default(), &[(4, 20_000)]);
    let a = s.post();
    s.sent();
    let body = vec![b'x'; 100_000];
    assert_eq!(s.h2.send_allowance(a), 20_000);
    assert_eq!(s.write(a, &body, true), 16_384);
    assert_eq!(s.write(a, &body, true), 3_616);
    assert_eq!(s.write(a, &body, true), 0);
    assert!(s.sent().iter().all(|f| f.flags == 0));
    // MAX_FRAME_SIZE and INITIAL_WINDOW_SIZE change while it runs.
    s.peer_sends(&settings(&[(5, 40_000), (4, 10_000)]))
        .expect("fine");
    assert_eq!(s.h2.send_allowance(a), -10_000);
    s.h2.mark_writable(a);
    assert_eq!(s.h2.next_writable(), None);
    s.peer_sends(&word(1, WINDOW_UPDATE, 10_000)).expect("fine");
    assert_eq!(s.h2.next_writable(), None);
    s.peer_sends(&word(1, WINDOW_UPDATE, 90_000)).expect("fine");
    assert_eq!(s.h2.next_writable(), Some(a));
    assert_eq!(s.write(a, &body, true), 40_000);
    assert_eq!(s.write(a, &body, true), 5_535, "the connection's window");
    s.h2.mark_writable(a);
    assert_eq!(s.h2.next_writable(), None);
    s.peer_sends(&word(0, WINDOW_UPDATE, 3)).expect("fine");
    assert_eq!(s.h2.next_writable(), Some(a));
    s.sent();
    assert_eq!(s.write(a, b"end", true), 3);
    assert_eq!(s.sent()[0].flags, END_STREAM);
    assert_eq!(s.write(a, b"more", true), 0);
}

#[test]
fn an_empty_end_needs_no_window() {
    let mut s = Story::up_with(&Config::default(), &[(4, 0)]);
    let a = s.post();
    s.sent();
    assert_eq!(s.write(a, b"x", true), 0);
    assert_eq!(s.write(a, b"", false), 0);
    assert_eq!(s.sent(), []);
    s.write(a, b"", true);
    let sent = s.sent();
    assert_eq!(
        (sent[0].kind, sent[0].flags, sent[0].payload.len()),
        (Kind::Data, END_STREAM, 0)
    );
}

#[test]
fn nobody_sends_a_second_frame_before_each_has_sent_one() {
    let mut s = Story::up();
    let streams: Vec<_> = (0..3).map(|_| s.post()).collect();
    for key in &streams {
        s.h2.mark_writable(*key);
        s.h2.mark_writable(*key);
    }
    let mut order = Vec::new();
    while let Some(key) = s.h2.next_writable() {
        order.push(key);
        s.write(key, &[b'x'; 10_000], false);
        s.h2.mark_writable(key);
    }
    let expected: Vec<_> = streams.iter().cycle().take(7).copied().collect();
    assert_eq!(order, expected);
}

#[test]
fn a_program_may_give_window_itself() {
    let mut s = Story::up();
    let free = s.get();
    s.sent();
    let fields = RequestFields {
        manual_window: Some(3),
        ..GET
    };
    let a = s.h2.request(&fields, true, &mut s.tx).expect("room");
    let sent = s.sent();
    let kinds: Vec<_> = sent.iter().map(|f| (f.kind, f.stream)).collect();
    let expected = [
        (Kind::Settings, 0),
        (Kind::WindowUpdate, free.id()),
        (Kind::Headers, a.id()),
        (Kind::WindowUpdate, a.id()),
    ];
    assert_eq!(
        kinds, expected,
        "windows begin at 0 now; the others keep theirs"
    );
    assert_eq!((sent[1].number(), sent[3].number()), (1 << 20, 3));
    let later = s.get();
    assert_eq!(
        s.sent()[1].number(),
        1 << 20,
        "{later:?} has its window by hand"
    );
    assert!(s.h2.widen(a, 2, &mut s.tx));
    assert_eq!(s.sent()[0].number(), 2);
    s.peer_sends(&[ok(3, false), data(3, b"12345", false)].concat())
        .expect("fine");
    assert_eq!(s.sent(), [], "released, and nothing given back");
    s.peer_sends(&data(3, b"6", false))
        .expect("a stream error only");
    assert!(matches!(
        s.events().pop(),
        Some(Event::Reset {
            code: ErrorCode::FLOW_CONTROL_ERROR,
            ..
        })
    ));
    assert!(!s.h2.widen(a, 5, &mut s.tx));
}

#[test]
fn a_window_widens_while_the_program_consumes_what_comes() {
    let config = Config {
        widest_window: 350,
        ..small()
    };
    let mut s = Story::up_with(&config, &[]);
    s.get();
    s.sent();
    s.peer_sends(&ok(1, false)).expect("fine");
    let mut windows = Vec::new();
    for _ in 0..20 {
        s.peer_sends(&data(1, &[0; 50], false)).expect("fine");
        windows.extend(s.sent().iter().map(Sent::number));
    }
    let wider: u32 = windows.iter().sum();
    assert_eq!(windows[..2], [150, 300 - 50], "{windows:?}");
    assert!(
        100 + wider - 20 * 50 <= 350,
        "never beyond the widest: {windows:?}"
    );
}

#[test]
fn a_program_that_is_slower_than_its_peer_does_not_widen_the_window_for_ever() {
    let config = Config {
        widest_window: 300,
        ..small()
    };
    let mut s = Story::up_with(&config, &[]);
    let a = s.get();
    s.sent();
    s.peer_sends(&ok(1, false)).expect("fine");
    s.holding = true;
    let (mut allowed, mut sent, mut consumed) = (100, 0, 0);
    for _ in 0..50 {
        // The peer sends all it may, and the program consumes a little of it.
        let piece = vec![0; allowed - sent];
        s.peer_sends(&data(1, &piece, false))
            .expect("it is allowed");
        sent = allowed;
        s.h2.release(a, 60, &mut s.tx);
        consumed += 60;
        let updates = s.sent().into_iter().filter(|f| f.stream == 1);
        allowed += updates.map(|f| f.number() as usize).sum::<usize>();
        assert!(allowed - consumed <= 300, "{allowed} for {consumed}");
    }
}

#[test]
fn padding_uses_up_no_window_for_good() {
    let mut s = Story::up_with(&small(), &[]);
    s.get();
    s.peer_sends(&ok(1, false)).expect("fine");
    let padded = [&[90][..], b"x", &[0; 90]].concat();
    for _ in 0..2_000 {
        s.peer_sends(&frame(DATA, PADDED, 1, &padded))
            .expect("all of it was given back");
    }
    assert_eq!(s.events().len(), 2_001);
    let given = |stream, sent: &[Sent]| -> u32 {
        let updates = sent.iter().filter(|f| f.kind == Kind::WindowUpdate);
        updates
            .filter(|f| f.stream == stream)
            .map(Sent::number)
            .sum()
    };
    let sent = s.sent();
    assert!(given(1, &sent) > 2_000 * 92 - 50);
    assert!(given(0, &sent) > 2_000 * 92 - 32_768);
}

#[test]
fn a_peer_that_states_no_limit_is_asked_a_hundred_at_once() {
    let unstated = Story::up_with(&Config::default(), &[]);
    assert_eq!(unstated.h2.room(), 100);
    let plenty = Story::up_with(&Config::default(), &[(3, u32::MAX)]);
    assert_eq!(plenty.h2.room(), 1000);
}

#[test]
fn what_was_on_its_way_when_a_stream_was_reset_is_no_flood() {
    let mut s = Story::up();
    let stream = s.get();
    let other = s.get();
    s.peer_sends(&ok(1, false)).expect("fine");
    s.h2.reset(stream, ErrorCode::CANCEL, &mut s.tx);
    // A whole window, as the peer may send it: in more frames than strangers may send for streams that are over.
    s.peer_sends(&data(1, &[0; 512], false).repeat(2048))
        .expect("the peer's right");
    s.peer_sends(&ok(3, true)).expect("the connection lives");
    assert!(s.events().contains(&headers_event(other, 200, true)));
    let more = s.peer_sends(&data(1, &[0; 512], false).repeat(1300));
    assert_eq!(
        more,
        Err(Fault::Peer("h2: flooded with frames for closed streams"))
    );
}
