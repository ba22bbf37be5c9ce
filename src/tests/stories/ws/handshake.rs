//! Stories of the opening handshake: what is refused and why, and how the peer's words may be cut.

use crate::engine::call::Reason;
use crate::engine::vhost::Protocol;
use crate::tests::books::End;
use crate::tests::program::Asked;
use crate::tests::story::{REPLY_SECS, Req, Story};
use crate::tests::ws_peer::{PING, TEXT, close, frame};

/// One that offers "chat" and "superchat", and has sent its request.
fn asked() -> (Story, Req) {
    let mut s = Story::new();
    let who = s.ask(Asked::ws().offers("chat, superchat"));
    s.run();
    (s, who)
}

/// What the server's fields are, and in what words the program hears that they will not do.
const REFUSED: [(&str, &str, &str); 18] = [
    ("101", "UPG CON", "HS: ACCEPT missing"),
    ("101", "CON ACC", "HS: UPGRADE missing"),
    (
        "101",
        "Upgrade: h2c|CON ACC",
        "HS: Upgrade to something other than websocket",
    ),
    (
        "101",
        "Upgrade:|CON ACC",
        "HS: Upgrade to something other than websocket",
    ),
    (
        "101",
        "Upgrade: websockets|CON ACC",
        "HS: Upgrade to something other than websocket",
    ),
    ("101", "UPG ACC", "HS: UPGRADE malformed"),
    (
        "101",
        "UPG Connection: keep-alive|ACC",
        "HS: UPGRADE malformed",
    ),
    (
        "101",
        "UPG Connection: upgraded|ACC",
        "HS: UPGRADE malformed",
    ),
    (
        "101",
        "UPG CON Sec-WebSocket-Accept: AAAA|",
        "HS: Accept hash wrong",
    ),
    (
        "101",
        "UPG CON Sec-WebSocket-Accept:|",
        "HS: Accept hash wrong",
    ),
    ("101", "UPG CON acc", "HS: Accept hash wrong"),
    ("101", "UPG CON ACC ACC", "HS: Accept hash wrong"),
    (
        "101",
        "UPG CON ACC Sec-WebSocket-Protocol: other|",
        "HS: PROTOCOL malformed",
    ),
    (
        "101",
        "UPG CON ACC Sec-WebSocket-Protocol: CHAT|",
        "HS: PROTOCOL malformed",
    ),
    (
        "101",
        "UPG CON ACC Sec-WebSocket-Protocol: chat, superchat|",
        "HS: PROTOCOL malformed",
    ),
    (
        "101",
        "UPG CON ACC Sec-WebSocket-Extensions: permessage-deflate|",
        "HS: EXT: unknown ext",
    ),
    (
        "200",
        "UPG CON ACC Content-Length: 2|",
        "HS: ws upgrade response not 101",
    ),
    (
        "401",
        "WWW-Authenticate: Basic|",
        "HS: ws upgrade response not 101",
    ),
];

/// UPG, CON and ACC are the fields that are as they should be, "|" ends one that is not.
fn response(s: &mut Story, status: &str, fields: &str) -> String {
    let right = s.agreement("");
    let right: Vec<&str> = right.lines().collect();
    let accept = format!("{}|", right[3]);
    let fields = fields
        .replace("UPG ", "Upgrade: websocket|")
        .replace("CON", "Connection: Upgrade|")
        .replace("ACC", &accept)
        .replace("acc", &accept.to_lowercase());
    let lines = fields.split('|').map(|line| line.trim_start());
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    format!("HTTP/1.1 {status} \r\n{}\r\n\r\n", lines.join("\r\n"))
}

#[test]
fn a_response_that_will_not_do_is_told_in_upstreams_words() {
    for (status, fields, text) in REFUSED {
        let (mut s, a) = asked();
        let response = response(&mut s, status, fields);
        s.answer(&response);
        assert_eq!(s.end_of(a), Some(End::Failed), "{response}");
        let error = s.error(a);
        assert!(error.starts_with(text), "{response}: {error}");
        assert!(error[text.len()..].starts_with(": a.test:80, "), "{error}");
        let heard = s.heard_from_the_loop(a);
        let told = [
            Reason::AppendHandshakeHeader,
            Reason::EstablishedClientHttp,
            Reason::ConnectionError,
            Reason::ClientHttpDropProtocol,
            Reason::WsiDestroy,
        ];
        assert_eq!(heard, told, "{response}: FILTER comes when all is well");
        assert_eq!(s.frames(), [""; 0], "no frame goes to who does not agree");
        assert_eq!(s.closed, 1);
    }
}

#[test]
fn what_may_be_written_in_many_ways_may() {
    for fields in [
        "UPG CON ACC",
        "Upgrade: WebSocket|CON ACC",
        "UPG Connection: upgrade|ACC",
        "UPG Connection: keep-alive, Upgrade|ACC",
        "UPG Connection: keep-alive|Connection: UPGRADE|ACC",
        "UPG CON ACC Sec-WebSocket-Protocol: superchat|",
        "UPG CON ACC sec-websocket-protocol:chat|",
        "UPG CON ACC Server: x|Date: y|",
    ] {
        let (mut s, a) = asked();
        let response = response(&mut s, "101", fields);
        s.answer(&response);
        assert_eq!(s.count(a, Reason::ClientEstablished), 1, "{response}");
        s.sends(TEXT, b"hello");
        assert_eq!(s.pieces(a), ["first last text hello"]);
    }
}

#[test]
fn a_subprotocol_that_nobody_offered_is_refused() {
    let mut s = Story::new();
    let a = s.ask(Asked::ws());
    s.run();
    let agreement = s.agreement("Sec-WebSocket-Protocol: chat\r\n");
    s.answer(&agreement);
    assert!(s.error(a).starts_with("HS: PROTOCOL malformed"));
}

#[test]
fn interim_responses_are_not_seen() {
    let (mut s, a) = asked();
    let agreement = s.agreement("");
    s.answer("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
    assert_eq!(s.count(a, Reason::EstablishedClientHttp), 0);
    s.answer(&agreement);
    assert_eq!(s.count(a, Reason::EstablishedClientHttp), 1);
    assert_eq!(s.count(a, Reason::ClientEstablished), 1);
}

#[test]
fn the_peers_words_may_be_cut_anywhere() {
    let rest = [
        frame(TEXT, b"one"),
        frame(PING, b"are you there"),
        frame(TEXT, b"a longer one"),
        frame(0x88, &close(1000, "bye")),
    ];
    let rest = rest.concat();
    let whole = {
        let (mut s, a) = asked();
        let said = [s.agreement("").as_bytes(), &rest].concat();
        let length = said.len();
        s.bytes(&said);
        (s.heard(a), s.pieces(a), s.frames(), length)
    };
    assert_eq!(whole.2, ["pong are you there", "close 1000 bye"]);
    for cut in 1..whole.3 {
        let (mut s, a) = asked();
        let said = [s.agreement("").as_bytes(), &rest].concat();
        let (one, other) = said.split_at(cut);
        s.bytes(one);
        s.bytes(other);
        let this = (s.heard(a), s.pieces(a), s.frames(), said.len());
        assert_eq!(this, whole, "cut at {cut}");
    }
    let (mut s, a) = asked();
    for byte in [s.agreement("").as_bytes(), &rest].concat() {
        s.bytes(&[byte]);
    }
    assert_eq!((s.heard(a), s.pieces(a), s.frames(), whole.3), whole);
}

#[test]
fn a_protocol_that_the_program_named_stays_else_the_servers_choice_is_called() {
    for (bound, called) in [(true, 0), (false, 1)] {
        let mut s = Story::new();
        let vhost = s.engine.vhosts.get_mut(s.vhost).expect("the vhost");
        vhost.config.protocols.push(Protocol {
            name: "superchat".into(),
            callback: 2,
            per_session_data_size: 64,
            rx_buffer_size: 0,
            c: 0,
            face: None,
            options: 0,
        });
        let asked = Asked::ws().offers("chat, superchat");
        let a = s.ask(if bound { asked } else { asked.unbound() });
        s.run();
        let protocol = |s: &Story| {
            let wsi = s.engine.wsis.get(s.told[a.0].key).expect("it lives");
            (wsi.protocol, wsi.user)
        };
        let user = a.0 + 1;
        assert_eq!(protocol(&s), (0, user));
        let agreement = s.agreement("Sec-WebSocket-Protocol: superchat\r\n");
        s.answer(&agreement);
        assert_eq!(protocol(&s), (called, user), "its user pointer stays");
        s.sends(TEXT, b"x");
        assert_eq!(s.pieces(a), ["first last text x"]);
        s.hangs_up();
        assert_eq!(
            s.count(a, Reason::ClientHttpBindProtocol),
            usize::from(bound)
        );
    }
}

#[test]
fn no_response_is_an_error_after_its_time() {
    let (mut s, a) = asked();
    s.wait_secs(REPLY_SECS - 1);
    assert_eq!(s.end_of(a), None);
    s.answer("HTTP/1.1 101 Switching");
    s.wait_secs(2);
    let error = s.error(a);
    assert!(
        error.starts_with("Timed out waiting server reply"),
        "{error}"
    );
}

#[test]
fn a_response_has_no_deadline_for_messages() {
    let (mut s, a) = asked();
    s.agrees(b"");
    s.wait_secs(100 * REPLY_SECS);
    s.sends(TEXT, b"late");
    assert_eq!(s.pieces(a), ["first last text late"]);
}

#[test]
fn a_peer_that_goes_before_it_agreed_is_an_error() {
    for said in ["", "HTTP/1.1 101 Switching Protocols\r\nUpgr"] {
        for rude in [false, true] {
            let (mut s, a) = asked();
            s.answer(said);
            match rude {
                false => s.peer().hangs_up(),
                true => s.peer().breaks("ECONNRESET"),
            }
            s.run();
            assert_eq!(s.ends(), [(a, End::Failed)]);
            let error = s.error(a);
            assert!(error.starts_with("read failed"), "{error}");
            assert_eq!(s.connects(), 1, "it is not asked again");
        }
    }
}

#[test]
fn what_is_no_http_is_an_error() {
    for said in [
        "SSH-2.0-x\r\n\r\n",
        "HTTP/1.1 xyz\r\n\r\n",
        "\u{1}\u{2}\r\n\r\n",
    ] {
        let (mut s, a) = asked();
        s.answer(said);
        assert_eq!(s.ends(), [(a, End::Failed)], "{said:?}");
    }
}

#[test]
fn a_peer_that_goes_right_behind_its_words_was_heard() {
    let (mut s, a) = asked();
    let said = [s.agreement("").as_bytes(), &frame(TEXT, b"last words")].concat();
    s.peer().says(said);
    s.peer().hangs_up();
    s.run();
    assert_eq!(s.pieces(a).concat(), "first text last wor +2last text ds");
    assert_eq!(s.ends(), [(a, End::Closed)]);
}
