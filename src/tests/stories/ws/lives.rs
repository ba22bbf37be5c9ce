//! Stories of whole lives of a ws: the order of its callbacks, and what it has to do with other requests.

use crate::engine::call::Reason;
use crate::proto::ws::Kind;
use crate::tests::books::End;
use crate::tests::peer::{Name, OK};
use crate::tests::program::Asked;
use crate::tests::story::{REPLY_SECS, Req, Story};
use crate::tests::ws_peer::{PING, PONG, TEXT, close, frame};

/// What comes inside the connect call.
const BEGUN: [Reason; 3] = [
    Reason::ClientHttpBindProtocol,
    Reason::WsiCreate,
    Reason::ServerNewClientInstantiated,
];

/// From CONNECTING to the first message.
const OPENED: [Reason; 5] = [
    Reason::Connecting,
    Reason::AppendHandshakeHeader,
    Reason::EstablishedClientHttp,
    Reason::FilterPreEstablish,
    Reason::ClientEstablished,
];

const CLOSED: [Reason; 3] = [
    Reason::WsClientDropProtocol,
    Reason::ClientClosed,
    Reason::WsiDestroy,
];

#[test]
fn a_ws_hears_everything_in_order() {
    for mut s in [Story::new(), Story::tls()] {
        let a = s.ask(Asked::ws());
        assert_eq!(s.heard(a), BEGUN, "nothing else comes inside the call");
        s.run();
        s.agrees(&frame(TEXT, b"one"));
        s.ask_writeable(a);
        s.run();
        s.sends(PING, b"unseen");
        s.sends(PONG, b"seen");
        s.sends_close(1001, "going");
        let met = [
            Reason::ClientReceive,
            Reason::ClientWriteable,
            Reason::ClientReceivePong,
            Reason::WsPeerInitiatedClose,
        ];
        assert_eq!(s.heard(a), [&BEGUN[..], &OPENED, &met, &CLOSED].concat());
        assert_eq!(s.told[a.0].status, 101, "ESTABLISHED_CLIENT_HTTP sees it");
        assert_eq!(s.ends(), [(a, End::Closed)]);
        assert_eq!((s.connects(), s.closed), (1, 1));
    }
}

#[test]
fn a_ws_that_fails_hears_why_then_drop_then_destroy() {
    let failed = [
        Reason::ConnectionError,
        Reason::ClientHttpDropProtocol,
        Reason::WsiDestroy,
    ];
    let mut s = Story::new();
    s.names.push_back(Name::Fails("DNS NXDOMAIN"));
    let a = s.ask(Asked::ws());
    s.run();
    assert_eq!(s.heard(a), [BEGUN, failed].concat());

    let b = s.ask(Asked::ws());
    s.run();
    s.answer(OK);
    let refused = [&BEGUN[..], &OPENED[..3], &failed].concat();
    assert_eq!(s.heard(b), refused, "the program may look at the refusal");
    assert_eq!(s.told[b.0].status, 200);
}

#[test]
fn the_request_asks_for_what_the_program_wants() {
    let mut s = Story::new();
    let asked = Asked::ws().path("/chat").offers("chat, superchat");
    s.ask(asked.append("X-A: 1\r\n"));
    s.run();
    let listener = s.listener();
    let head = listener.head.clone().expect("a request");
    assert!(head.starts_with("GET /chat HTTP/1.1\r\n"), "{head}");
    for (name, value) in [
        ("Host", "a.test"),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Protocol", "chat, superchat"),
        ("X-A", "1"),
    ] {
        assert_eq!(listener.field(name), Some(value), "{name}");
        let times = head.matches(&format!("\r\n{name}:")).count();
        assert_eq!(times, 1, "{name} in {head}");
    }
    assert_eq!(listener.field("Sec-WebSocket-Extensions"), None);
    let key = listener.field("Sec-WebSocket-Key").expect("a key");
    let nonce = openssl::base64::decode_block(key).expect("base64");
    assert_eq!(nonce.len(), 16);
    let first = key.to_owned();
    s.ask(Asked::ws());
    s.run();
    let second = s.listener().field("Sec-WebSocket-Key").map(str::to_owned);
    assert_ne!(second, Some(first), "a key is new for each");
    s.wait_secs(REPLY_SECS);
    assert_eq!(s.ends().len(), 2);
}

#[test]
fn a_ws_has_its_connection_to_itself() {
    let mut s = Story::new();
    let [a, b] = [s.get(), s.get()];
    s.run();
    s.answer(OK);
    s.answer(OK);
    assert_eq!((s.ends().len(), s.connects()), (2, 1));
    let c = s.ws();
    assert_eq!(s.connects(), 2, "it does not ride the idle one");
    let d = s.get();
    s.run();
    assert_eq!(s.connects(), 2, "who may share rides the idle one");
    assert_ne!(s.seat(c), s.seat(d));
    s.sends(TEXT, b"for the ws");
    s.sockets[0].says(OK);
    s.run();
    let e = s.ws();
    assert_eq!(s.connects(), 3, "nor do two of them share");
    assert_ne!(s.seat(c), s.seat(e));
    assert_eq!(s.end_of(d), Some(End::Completed));
    assert_eq!([s.body(a), s.body(b), s.body(d)], ["ok"; 3]);
    assert_eq!(s.body(c), "for the ws");
    for socket in [1, 2] {
        s.sockets[socket].hangs_up();
        s.run();
    }
    assert_eq!(s.ends().len(), 5);
}

#[test]
fn the_connection_of_a_ws_that_failed_is_nobodys() {
    let mut s = Story::new();
    let a = s.ask(Asked::ws());
    s.run();
    s.answer(OK);
    assert_eq!((s.end_of(a), s.closed), (Some(End::Failed), 1));
    s.get();
    s.run();
    assert_eq!(s.connects(), 2);
    s.answer(OK);
}

#[test]
fn what_belongs_to_a_ws_that_has_ended_reaches_nobody() {
    let mut s = Story::new();
    let a = s.ws();
    s.hangs_up();
    assert!(!s.text(a, "x"));
    assert!(!s.write_frame(a, Kind::Ping, true, b""));
    assert!(!s.ask_writeable(a));
    s.pause(a, true);
    s.pause(a, false);
    s.cancel(a);
    s.cancel_now(a);
    let key = s.told[a.0].key;
    assert!(!s.engine.set_close(key, 1000, ""));
    s.engine.is_valid(key);
    s.run();
    assert_eq!(s.ends(), [(a, End::Closed)]);
}

#[test]
fn a_thousand_live_side_by_side() {
    let mut s = Story::new().many();
    let all: Vec<_> = (0..1000).map(|_| s.ask(Asked::ws())).collect();
    s.run();
    for n in 0..all.len() {
        let socket = &mut s.sockets[n];
        let listener = socket.ws.as_deref_mut().expect("it listens");
        listener.agreed = true;
        let key = listener.field("Sec-WebSocket-Key").expect("a key");
        let accept = crate::tests::ws_peer::accept(key);
        socket.says(format!(
            "HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
        ));
        socket.says(frame(TEXT, format!("to {n}").as_bytes()));
        socket.says(frame(0x88, &close(1000, "")));
    }
    s.run();
    for (n, who) in all.iter().enumerate() {
        let told = [format!("first last text to {n}"), "close 1000".into()];
        assert_eq!(s.pieces(*who), told);
    }
    assert_eq!(s.ends().len(), 1000);
}

#[test]
fn the_response_can_be_looked_at_until_it_is_open_or_has_failed() {
    for agrees in [true, false] {
        let mut s = Story::new();
        s.hook(move |s, who, reason| {
            let looks = match agrees {
                true => matches!(
                    reason,
                    Reason::EstablishedClientHttp
                        | Reason::FilterPreEstablish
                        | Reason::ClientEstablished
                ),
                false => matches!(
                    reason,
                    Reason::EstablishedClientHttp
                        | Reason::ConnectionError
                        | Reason::ClientHttpDropProtocol
                        | Reason::WsiDestroy
                ),
            };
            if looks {
                let wsi = s.engine.wsis.get(s.told[who.0].key).expect("it lives");
                let response = wsi.response.as_ref().expect("its head is kept");
                let seen = (response.status, response.headers.by_name(b"x-a").count());
                let status = if agrees { 101 } else { 403 };
                assert_eq!(seen, (status, 1), "{reason:?}");
            }
            0
        });
        let a = s.ask(Asked::ws());
        s.run();
        let said = match agrees {
            true => s.agreement("X-A: 1\r\n"),
            false => "HTTP/1.1 403 Forbidden\r\nX-A: 1\r\nContent-Length: 0\r\n\r\n".into(),
        };
        s.answer(&said);
        assert_eq!(s.count(a, Reason::ConnectionError), usize::from(!agrees));
    }
}

#[test]
fn nothing_is_sent_from_last_callbacks() {
    for fails in [false, true] {
        let mut s = Story::new();
        s.hook(|s, who, reason| {
            let last = [
                Reason::ConnectionError,
                Reason::ClientHttpDropProtocol,
                Reason::WsClientDropProtocol,
                Reason::ClientClosed,
                Reason::WsiDestroy,
            ];
            if last.contains(&reason) {
                assert!(!s.text(who, "too late"), "{reason:?}");
                assert!(!s.ask_writeable(who), "{reason:?}");
                s.pause(who, true);
                s.pause(who, false);
                s.cancel(who);
                s.cancel_now(who);
                return -1;
            }
            0
        });
        let a = s.ask(Asked::ws());
        s.run();
        match fails {
            true => s.answer(OK),
            false => {
                s.agrees(b"");
                s.sends_close(1000, "");
            }
        }
        let end = if fails { End::Failed } else { End::Closed };
        assert_eq!((s.ends(), s.closed), (vec![(a, end)], 1));
        let sent: &[&str] = if fails { &[] } else { &["close 1000"] };
        assert_eq!(s.frames(), sent);
    }
}

#[test]
fn a_program_may_ask_for_the_next_in_the_last_callbacks_of_one() {
    for reason in [
        Reason::ConnectionError,
        Reason::WsClientDropProtocol,
        Reason::ClientClosed,
        Reason::WsiDestroy,
    ] {
        let mut s = Story::new();
        s.hook(move |s, _, at| {
            if at == reason && s.told.len() == 1 {
                s.ask(Asked::ws());
            }
            0
        });
        let a = s.ask(Asked::ws());
        s.run();
        match reason {
            Reason::ConnectionError => s.answer(OK),
            _ => {
                s.agrees(b"");
                s.hangs_up();
            }
        }
        assert!(s.end_of(a).is_some());
        s.agrees(&frame(TEXT, b"again"));
        assert_eq!(s.pieces(Req(1)), ["first last text again"], "{reason:?}");
        assert_eq!(s.connects(), 2);
    }
}
