//! Stories of requests that join an h2 connection: how many ride at once, in which order, and who waits for how long.

use crate::engine::call::Reason;
use crate::tests::books::End;
use crate::tests::program::Asked;
use crate::tests::story::{REPLY_SECS, Story};

/// Contract 2.3: all that wait join the connection as streams, in the order in which they were asked.
#[test]
fn all_that_wait_join_in_the_order_in_which_they_were_asked() {
    for mut s in [Story::h2(), Story::h2c()] {
        let three = ["/a", "/b", "/c"].map(|path| s.ask(Asked::get().path(path)));
        s.run();
        assert_eq!(s.server().requests(), ["GET /a", "GET /b", "GET /c"]);
        assert_eq!(s.places(), [(three.to_vec(), vec![])]);
        assert_eq!(three.map(|who| s.stream(who)), [1, 3, 5]);
        assert_eq!(s.server().field(1, ":authority"), Some("a.test"));
        s.answer_all();
        assert_eq!(s.ended(End::Completed), 3);
        assert_eq!((s.connects(), s.lookups), (1, 1));
    }
}

/// Contract 2.3: N is never too many, and the peer's limit is never exceeded (the server's books say so).
#[test]
fn any_number_completes_on_one_connection_whatever_its_limit() {
    for (count, limit) in [(3, 100), (100, 100), (1_000, 100), (100, 1), (1_000, 7)] {
        let mut s = Story::h2_with(&[(3, limit)]).many();
        s.some(count);
        let most = (limit as usize).min(count);
        assert_eq!((s.server().open, s.engine.conns.len()), (most, 1));
        s.answer_all();
        assert_eq!(s.ended(End::Completed), count);
        assert_eq!((s.connects(), s.server().most), (1, most));
        assert_eq!(s.server().streams.len(), count);
        assert!(s.ends().is_sorted_by_key(|(who, _)| who.0), "in order");
    }
}

#[test]
fn ten_thousand_complete_on_a_connection_that_allows_a_hundred() {
    let mut s = Story::h2_with(&[(3, 100)]).many();
    s.some(10_000);
    s.answer_all();
    assert_eq!(s.ended(End::Completed), 10_000);
    assert_eq!((s.connects(), s.server().most), (1, 100));
}

/// Contract 2.3: our own cap is 1,000, and 100 where the server states no limit.
#[test]
fn a_server_gets_a_thousand_at_once_at_most_and_a_hundred_if_it_says_nothing() {
    for (settings, most) in [(vec![(3, u32::MAX)], 1_000), (vec![], 100)] {
        let mut s = Story::h2_with(&settings).many();
        s.some(1_500);
        assert_eq!(s.server().open, most);
        s.answer_all();
        assert_eq!(s.ended(End::Completed), 1_500);
        assert_eq!(s.server().most, most);
    }
}

/// Contract 2.3: also when the limit changes, also when it is 0.
#[test]
fn a_limit_of_none_holds_all_back_until_it_grows() {
    let mut s = Story::h2_with(&[(3, 0)]);
    let all = s.some(12);
    assert_eq!(s.server().streams.len(), 0);
    assert_eq!(s.places(), [(all[..1].to_vec(), all[1..].to_vec())]);
    assert!(!s.rides(all[0]), "the first leads, and is not sent");
    s.says(|server| server.max_streams(5));
    assert_eq!(s.places(), [(all[..5].to_vec(), all[5..].to_vec())]);
    s.answer_all();
    assert_eq!(s.ended(End::Completed), 12);
    assert_eq!((s.server().most, s.connects()), (5, 1));
}

#[test]
fn a_limit_that_grows_lets_those_who_wait_ride_at_once() {
    let mut s = Story::h2_with(&[(3, 1)]);
    let all = s.some(6);
    assert_eq!(s.places(), [(all[..1].to_vec(), all[1..].to_vec())]);
    s.says(|server| server.max_streams(4));
    assert_eq!(s.places(), [(all[..4].to_vec(), all[4..].to_vec())]);
    s.answer_all();
    assert_eq!((s.ended(End::Completed), s.connects()), (6, 1));
}

#[test]
fn a_limit_that_shrinks_leaves_those_who_ride_and_holds_the_others_back() {
    let mut s = Story::h2_with(&[(3, 5)]);
    let all = s.some(9);
    s.says(|server| server.max_streams(2));
    assert_eq!(s.server().open, 5);
    for nth in 0..3 {
        s.says(|server| server.ok(1 + 2 * nth));
        assert_eq!(
            s.server().streams.len(),
            5,
            "two are open: that is all it takes"
        );
    }
    s.says(|server| server.ok(7));
    assert!(s.rides(all[5]) && !s.rides(all[6]));
    s.answer_all();
    assert_eq!((s.ended(End::Completed), s.connects()), (9, 1));
}

/// A program is told in the end: nobody waits for ever.
#[test]
fn a_server_that_allows_no_stream_for_too_long_fails_those_who_wait() {
    let mut s = Story::h2_with(&[(3, 0)]);
    let all = s.some(2);
    s.wait_secs(REPLY_SECS - 1);
    assert_eq!(s.ends(), []);
    s.wait_secs(1);
    assert_eq!(s.ends(), [(all[0], End::Failed), (all[1], End::Failed)]);
    let error = s.error(all[1]);
    assert!(error.contains("SETTINGS_MAX_CONCURRENT_STREAMS"), "{error}");
}

/// Contract 1.5 and 1.8: EST comes once, and the first requester keeps its wsi, user and opaque.
#[test]
fn the_first_requester_keeps_its_wsi_and_each_is_established_once() {
    let mut s = Story::h2();
    let all = s.some(3);
    s.hook(|s, who, _| {
        let wsi = s.engine.wsis.get(s.told[who.0].key).expect("it lives");
        assert_eq!((wsi.opaque, wsi.user), (who.0 + 1, who.0 + 1));
        0
    });
    s.answer_all();
    let begun = [
        Reason::ClientHttpBindProtocol,
        Reason::WsiCreate,
        Reason::ServerNewClientInstantiated,
    ];
    let ridden = [
        Reason::AppendHandshakeHeader,
        Reason::FilterPreEstablish,
        Reason::EstablishedClientHttp,
        Reason::ReceiveClientHttpRead,
        Reason::CompletedClientHttp,
        Reason::ClientHttpDropProtocol,
        Reason::ClosedClientHttp,
        Reason::WsiDestroy,
    ];
    let first = [&begun[..], &[Reason::Connecting], &ridden].concat();
    let later = [&begun[..], &ridden].concat();
    assert_eq!(s.heard(all[0]), first);
    assert_eq!((s.heard(all[1]), s.heard(all[2])), (later.clone(), later));
}

/// Contract 2.3: a joiner of a live connection needs no extra round trip.
#[test]
fn a_joiner_of_a_live_connection_is_asked_for_without_a_word_of_the_server() {
    let mut s = Story::h2();
    let a = s.some(1)[0];
    let (reads, writes) = (s.peer().reads, s.server().writes);
    let b = s.ask(Asked::get().path("/b"));
    let c = s.ask(Asked::get().path("/c"));
    s.drain();
    assert_eq!(s.server().requests(), ["GET /", "GET /b", "GET /c"]);
    assert_eq!(
        (s.peer().reads, s.server().writes),
        (reads, writes + 1),
        "in one write, and nothing was read"
    );
    s.says(|server| {
        server.ok(3);
        server.ok(5);
    });
    assert_eq!(s.ends(), [(b, End::Completed), (c, End::Completed)]);
    s.answer_all();
    assert_eq!(s.end_of(a), Some(End::Completed));
}

/// Design law 9: what a pass has to send leaves in as few writes as can be.
#[test]
fn a_hundred_requests_and_their_bodies_leave_in_a_few_writes() {
    let mut s = Story::h2_with(&[(3, 200)]);
    s.some(1);
    let before = s.server().writes;
    for _ in 0..100 {
        s.get();
    }
    s.run();
    assert_eq!(s.server().streams.len(), 101);
    let writes = s.server().writes - before;
    assert!(writes <= 2, "{writes} writes");
    s.answer_all();
}

/// Contract 2.1: who does not share has a connection of its own, also on h2.
#[test]
fn one_that_shares_nothing_has_a_connection_of_its_own() {
    let mut s = Story::h2();
    let a = s.get();
    let b = s.ask(Asked::get().alone());
    let c = s.get();
    s.run();
    assert_eq!(s.places(), [(vec![a, c], vec![]), (vec![b], vec![])]);
    s.puts_on(1, |server| server.ok(1));
    s.run();
    assert_eq!(s.ends(), [(b, End::Completed)]);
    assert!(s.sockets[1].closed, "nobody else may ride it");
    s.answer_all();
    assert_eq!((s.connects(), s.ended(End::Completed)), (2, 3));
}

/// A request made in any callback of another rides the same connection.
#[test]
fn one_that_asks_in_a_callback_rides_along() {
    for reason in [
        Reason::AppendHandshakeHeader,
        Reason::FilterPreEstablish,
        Reason::EstablishedClientHttp,
        Reason::ReceiveClientHttpRead,
        Reason::CompletedClientHttp,
        Reason::ClosedClientHttp,
        Reason::WsiDestroy,
    ] {
        let mut s = Story::h2();
        s.get();
        s.hook(move |s, who, at| {
            if (who.0, at) == (0, reason) {
                s.get();
            }
            0
        });
        s.answer_all();
        assert_eq!(
            (s.ended(End::Completed), s.connects()),
            (2, 1),
            "{reason:?}"
        );
    }
}
