//! The only place for stories of the opening handshake.

use super::super::handshake::{Chosen, check, check_h2, request};

const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

type Fields = Vec<(&'static str, &'static str)>;

fn good() -> Fields {
    vec![
        ("upgrade", "websocket"),
        ("connection", "Upgrade"),
        ("sec-websocket-accept", ACCEPT),
    ]
}

fn good_but(name: &'static str, value: &'static str) -> Fields {
    let mut fields = without(name);
    fields.push((name, value));
    fields
}

fn without(name: &str) -> Fields {
    let mut fields = good();
    fields.retain(|(known, _)| *known != name);
    fields
}

fn find(fields: &Fields) -> impl Fn(&str) -> Option<&'static str> {
    move |name| Some(fields.iter().find(|(known, _)| *known == name)?.1)
}

fn answer(fields: &Fields, offered: Option<&str>) -> Result<Chosen<'static>, &'static str> {
    check(101, find(fields), ACCEPT, offered)
}

#[test]
fn a_request_has_its_fields_in_this_order() {
    let mut out = b"GET / HTTP/1.1\r\n".to_vec();
    let key = "dGhlIHNhbXBsZSBub25jZQ==";
    assert_eq!(
        request(&mut out, key, Some("chat, superchat"), Some("x")),
        Ok(())
    );
    let expected = "GET / HTTP/1.1\r\n\
        Upgrade: websocket\r\n\
        Connection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Protocol: chat, superchat\r\n\
        Sec-WebSocket-Extensions: x\r\n\
        Sec-WebSocket-Version: 13\r\n";
    assert_eq!(String::from_utf8_lossy(&out), expected);
}

#[test]
fn what_is_not_offered_is_not_mentioned() {
    for none in [None, Some("")] {
        let mut out = Vec::new();
        assert_eq!(request(&mut out, "k", none, none), Ok(()));
        let expected = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: k\r\n\
            Sec-WebSocket-Version: 13\r\n";
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }
}

#[test]
fn a_name_with_a_line_break_adds_no_field_of_its_own() {
    let mut out = Vec::new();
    assert!(request(&mut out, "k", Some("chat\r\nCookie: a"), None).is_err());
    assert!(request(&mut out, "k", None, Some("x\n")).is_err());
    assert!(out.is_empty());
}

#[test]
fn the_answer_of_the_rfc_is_accepted_with_the_protocol_it_names() {
    let fields = good_but("sec-websocket-protocol", "chat");
    let chosen = answer(&fields, Some("superchat, chat")).expect("accepted");
    assert_eq!((chosen.protocol, chosen.extensions), (Some("chat"), None));
}

#[test]
fn no_protocol_is_accepted_whether_or_not_some_were_offered() {
    for offered in [None, Some("chat")] {
        assert_eq!(answer(&good(), offered), Ok(Chosen::default()));
    }
}

#[test]
fn extensions_are_given_as_they_came() {
    let fields = good_but("sec-websocket-extensions", "permessage-deflate; a=1");
    let chosen = answer(&fields, None).expect("accepted");
    assert_eq!(chosen.extensions, Some("permessage-deflate; a=1"));
}

#[test]
fn case_and_other_tokens_do_not_matter() {
    for (name, value) in [
        ("upgrade", "WebSocket"),
        ("upgrade", " websocket "),
        ("connection", "upgrade"),
        ("connection", "keep-alive, UPGRADE"),
        ("connection", "Upgrade,keep-alive"),
    ] {
        assert!(
            answer(&good_but(name, value), None).is_ok(),
            "{name}: {value}"
        );
    }
}

#[test]
fn an_answer_that_is_no_handshake_is_named_by_what_is_wrong_with_it() {
    let malformed = "HS: UPGRADE malformed";
    let other = "HS: Upgrade to something other than websocket";
    for (fields, text) in [
        (vec![], "HS: ACCEPT missing"),
        (without("sec-websocket-accept"), "HS: ACCEPT missing"),
        (without("upgrade"), "HS: UPGRADE missing"),
        (good_but("upgrade", "h2c"), other),
        (good_but("upgrade", ""), other),
        (good_but("upgrade", "websocket2"), other),
        (without("connection"), malformed),
        (good_but("connection", ""), malformed),
        (good_but("connection", "close"), malformed),
        (good_but("connection", "upgraded, no-upgrade"), malformed),
        (
            good_but("sec-websocket-accept", "other"),
            "HS: Accept hash wrong",
        ),
        (
            good_but("sec-websocket-accept", ""),
            "HS: Accept hash wrong",
        ),
        (
            good_but("sec-websocket-accept", "S3PPLMBITXAQ9KYGZZHZRBK+XOO="),
            "HS: Accept hash wrong",
        ),
    ] {
        assert_eq!(answer(&fields, None), Err(text), "{fields:?}");
    }
    for status in [100, 200, 301, 401, 404] {
        let done = check(status, find(&good()), ACCEPT, None);
        assert_eq!(done, Err("HS: ws upgrade response not 101"));
    }
}

/// What was offered, and an answer that is none of it.
const NOT_OFFERED: [(Option<&str>, &str); 9] = [
    (None, "chat"),
    (Some(""), "chat"),
    (None, ""),
    (Some("chat"), ""),
    (Some(""), ""),
    (Some("chat"), "cha"),
    (Some("chat"), "chatter"),
    (Some("chat, superchat"), "chat, superchat"),
    (Some("chat"), "Chat"),
];

#[test]
fn a_protocol_that_was_not_offered_is_refused() {
    for (offered, named) in NOT_OFFERED {
        let fields = good_but("sec-websocket-protocol", named);
        let refused = Err("HS: PROTOCOL malformed");
        assert_eq!(answer(&fields, offered), refused, "{named}");
        assert_eq!(check_h2(200, find(&fields), offered), refused, "{named}");
    }
}

#[test]
fn over_h2_the_status_and_the_protocol_are_all_there_is() {
    let none = |_: &str| None;
    assert_eq!(check_h2(200, none, Some("chat")), Ok(Chosen::default()));
    let fields = vec![("sec-websocket-protocol", "chat")];
    let chosen = check_h2(200, find(&fields), Some("a,chat")).expect("accepted");
    assert_eq!(chosen.protocol, Some("chat"));
    for status in [101, 201, 404] {
        let done = check_h2(status, none, None);
        assert_eq!(done, Err("HS: ws upgrade response not 200"));
    }
}
