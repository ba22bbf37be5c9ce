//! Stories of last callbacks: their order, and vhosts that go.

use crate::engine::call::Reason;
use crate::tests::books::End;
use crate::tests::h2_story::Proto;
use crate::tests::peer::{Name, OK};
use crate::tests::program::Asked;
use crate::tests::story::Story;

/// What comes inside the connect call.
const BEGUN: [Reason; 3] = [
    Reason::ClientHttpBindProtocol,
    Reason::WsiCreate,
    Reason::ServerNewClientInstantiated,
];

#[test]
fn a_request_hears_everything_in_order() {
    for proto in Proto::ALL {
        let mut s = proto.story();
        let [a, b, c] = [(); 3].map(|()| s.get());
        for who in [a, b, c] {
            assert_eq!(
                s.heard(who),
                BEGUN,
                "nothing else comes inside the connect call"
            );
        }
        s.run();
        for _ in 0..3 {
            s.answers_ok();
        }
        let mut ridden = vec![
            Reason::AppendHandshakeHeader,
            Reason::FilterPreEstablish,
            Reason::EstablishedClientHttp,
            Reason::ReceiveClientHttp,
            Reason::ReceiveClientHttpRead,
            Reason::CompletedClientHttp,
            Reason::ClientHttpDropProtocol,
            Reason::ClosedClientHttp,
            Reason::WsiDestroy,
        ];
        if proto.is_h2() {
            ridden.retain(|reason| *reason != Reason::ReceiveClientHttp); // READ comes by itself there
        }
        let first = [&BEGUN[..], &[Reason::Connecting], &ridden].concat();
        let later = [&BEGUN[..], &ridden].concat();
        assert_eq!(
            (s.heard(a), s.heard(b), s.heard(c)),
            (first, later.clone(), later)
        );
    }
}

#[test]
fn a_request_that_fails_hears_why_then_drop_then_destroy() {
    for proto in Proto::ALL {
        let mut s = proto.story();
        s.names.push_back(Name::Fails("DNS NXDOMAIN"));
        let [a, b, c] = s.three();
        for who in [a, b, c] {
            let last = [
                Reason::ConnectionError,
                Reason::ClientHttpDropProtocol,
                Reason::WsiDestroy,
            ];
            assert_eq!(s.heard(who), [BEGUN, last].concat());
        }
    }
}

#[test]
fn a_reason_is_one_line_that_names_the_peer() {
    for proto in Proto::ALL {
        let mut s = proto.story();
        s.names.push_back(Name::Fails("DNS\nNXDOMAIN\r"));
        let a = s.get();
        s.run();
        let error = s.error(a);
        assert!(
            error.starts_with("DNSNXDOMAIN: a.test:80, while connecting"),
            "{error:?}"
        );
        assert!(!error.contains(char::is_control), "{error:?}");
    }
}

#[test]
fn a_vhost_that_goes_closes_the_established_and_drops_the_others() {
    for proto in Proto::IN_TURN {
        let mut s = proto.story();
        let [a, b, c] = s.three();
        let d = s.ask(Asked::get().at("b.test"));
        s.run();
        match proto.is_h2() {
            true => s.puts_on(0, |server| server.head(1, 200, &[])),
            false => {
                s.sockets[0].says("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
            }
        }
        s.run();
        s.destroy_vhost();
        assert_eq!(s.ends(), [(a, End::Closed)]);
        for who in [b, c, d] {
            let heard = s.heard(who);
            assert!(
                heard.ends_with(&[Reason::ClientHttpDropProtocol, Reason::WsiDestroy]),
                "{heard:?}"
            );
            assert!(!heard.contains(&Reason::ConnectionError), "{heard:?}");
        }
        assert_eq!(
            (
                s.engine.vhosts.len(),
                s.engine.faces.len(),
                s.engine.conns.len()
            ),
            (0, 0, 0)
        );
        assert_eq!(s.closed, 2);
    }
}

#[test]
fn a_vhost_that_goes_in_a_callback_waits_for_that_request() {
    for proto in Proto::ALL {
        for reason in [
            Reason::EstablishedClientHttp,
            Reason::ReceiveClientHttpRead,
            Reason::CompletedClientHttp,
        ] {
            let mut s = proto.story();
            let [a, b, c] = s.three();
            s.hook(move |s, who, at| {
                if (who, at) == (a, reason) {
                    s.destroy_vhost();
                    let [a, b, c] = [a, b, c].map(|who| s.count(who, Reason::WsiDestroy));
                    assert_eq!(
                        [a, b, c],
                        [0, 1, 1],
                        "the others go at once, it stays while its callback runs"
                    );
                    assert_eq!(s.engine.vhosts.len(), 1);
                }
                0
            });
            s.answers_ok();
            assert_eq!(
                (s.count(a, Reason::WsiDestroy), s.engine.vhosts.len()),
                (1, 0),
                "{reason:?}"
            );
        }
    }
}

#[test]
fn an_idle_connection_goes_with_its_vhost() {
    for proto in Proto::ALL {
        let mut s = proto.story();
        s.get();
        s.run();
        s.answers_ok();
        s.destroy_vhost();
        assert_eq!((s.closed, s.engine.vhosts.len()), (1, 0));
    }
}

#[test]
fn status_and_headers_stay_readable_until_destroy_returned() {
    let mut s = Story::new();
    let [a, b, _] = s.three();
    s.hook(move |s, who, reason| {
        let last = [
            Reason::ClientHttpDropProtocol,
            Reason::ClosedClientHttp,
            Reason::WsiDestroy,
        ];
        if who == a && last.contains(&reason) {
            let wsi = s.engine.wsis.get(s.told[a.0].key).expect("it lives");
            let response = wsi.response.as_ref().expect("its head is kept");
            assert_eq!(
                (wsi.status(), response.headers.by_name(b"x-a").count()),
                (200, 1)
            );
            assert!(wsi.peer.is_some(), "whom it reached");
        }
        0
    });
    s.answer("HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 0\r\n\r\n");
    assert!(s.engine.wsis.get(s.told[a.0].key).is_none());
    s.unhook();
    s.answer(OK);
    s.answer("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(
        s.told[b.0].status, 200,
        "nothing of the first one's head is left to the second"
    );
}

#[test]
fn a_key_of_one_that_has_ended_reaches_nobody() {
    for proto in Proto::ALL {
        let mut s = proto.story();
        let a = s.get();
        s.run();
        s.answers_ok();
        let b = s.get();
        s.run();
        s.cancel(a);
        s.cancel_now(a);
        assert!(!s.write(a, b"x"));
        assert_eq!(s.read(a, 10), 0);
        s.run();
        s.answers_ok();
        assert_eq!(s.ends(), [(a, End::Completed), (b, End::Completed)]);
    }
}
