//! The only place for stories of offers and answers.

use super::super::{Agreed, Options};

const UNKNOWN: &str = "HS: EXT: unknown ext";
const UNREADABLE: &str = "HS: EXT: failed parsing options";
const REJECTED: &str = "HS: EXT: Rejects server options";

/// What was offered, by what was asked of the peer: nothing but that we can keep to a window.
fn offered() -> Options {
    Options::parse("permessage-deflate; client_max_window_bits").unwrap()
}

fn answered(answer: &str) -> Result<Option<Agreed>, &'static str> {
    Agreed::parse(answer, Some(&offered()))
}

fn agreed(server_anew: bool, client_anew: bool, server_bits: u8, client_bits: u8) -> Agreed {
    Agreed {
        server_no_context_takeover: server_anew,
        client_no_context_takeover: client_anew,
        server_max_window_bits: server_bits,
        client_max_window_bits: client_bits,
    }
}

#[test]
fn offers_are_read() {
    let plain = Options::default();
    let all = Options {
        server_no_context_takeover: true,
        client_no_context_takeover: true,
        server_max_window_bits: Some(10),
        client_max_window_bits: Some(15),
    };
    for (offer, options) in [
        ("permessage-deflate", plain),
        (" permessage-deflate ", plain),
        (
            "permessage-deflate; client_no_context_takeover; client_max_window_bits",
            Options {
                client_no_context_takeover: true,
                client_max_window_bits: Some(15),
                ..plain
            },
        ),
        (
            "permessage-deflate;server_no_context_takeover;client_no_context_takeover;\
             server_max_window_bits=10;client_max_window_bits",
            all,
        ),
        (
            "permessage-deflate; server_max_window_bits; client_max_window_bits=\"9\"",
            Options {
                server_max_window_bits: Some(15),
                client_max_window_bits: Some(9),
                ..plain
            },
        ),
    ] {
        assert_eq!(Options::parse(offer), Ok(options), "{offer}");
    }
}

#[test]
fn what_is_no_offer_of_ours_is_told() {
    for offer in [
        "",
        ";",
        "deflate-frame",
        "permessage-deflate,",
        "permessage-deflate, permessage-deflate",
        "permessage-deflate; x",
        "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; client_max_window_bits=16",
        "permessage-deflate; client_no_context_takeover=1",
        "permessage-deflate; client_max_window_bits; client_max_window_bits",
        "permessage-deflate;",
        "permessage-deflate client_max_window_bits",
    ] {
        let told = Options::parse(offer);
        assert_eq!(told, Err("HS: EXT: failed parsing defaults"), "{offer}");
    }
}

#[test]
fn answers_that_agree() {
    for (answer, expected) in [
        ("", None),
        (" , ,\t", None),
        ("permessage-deflate", Some(agreed(false, false, 15, 15))),
        (" permessage-deflate\t,", Some(agreed(false, false, 15, 15))),
        (
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
            Some(agreed(true, true, 15, 15)),
        ),
        (
            "permessage-deflate;client_max_window_bits=8;server_max_window_bits=9",
            Some(agreed(false, false, 9, 8)),
        ),
        (
            "permessage-deflate ; client_max_window_bits = \"1\\0\" ; server_max_window_bits=\"15\"",
            Some(agreed(false, false, 15, 10)),
        ),
    ] {
        assert_eq!(answered(answer), Ok(expected), "{answer}");
    }
}

#[test]
fn answers_that_are_no_list_of_what_was_offered() {
    for (answer, text) in [
        ("x-webkit-deflate-frame", UNKNOWN),
        ("Permessage-Deflate", UNKNOWN),
        ("permessage-deflate, permessage-bzip2", UNKNOWN),
        ("permessage-deflate, permessage-deflate", REJECTED),
        (";", UNREADABLE),
        ("=", UNREADABLE),
        ("permessage-deflate permessage-deflate", UNREADABLE),
        ("permessage-deflate=1", UNREADABLE),
    ] {
        assert_eq!(answered(answer), Err(text), "{answer}");
    }
}

#[test]
fn parameters_that_cannot_be_read() {
    for param in [
        "",
        ";",
        "x",
        "Client_Max_Window_Bits=9",
        "server_no_context_takeover=1",
        "client_max_window_bits",
        "server_max_window_bits",
        "client_max_window_bits=",
        "client_max_window_bits=\"",
        "client_max_window_bits=\"\"",
        "client_max_window_bits=\"9",
        "client_max_window_bits=\"9\\",
        "client_max_window_bits=\"9,\"",
        "client_max_window_bits=\"9\"9",
        "client_max_window_bits=\u{e4}",
        "client_max_window_bits=09",
        "client_max_window_bits=+9",
        "client_max_window_bits=9.0",
    ] {
        let answer = format!("permessage-deflate; {param}");
        assert_eq!(answered(&answer), Err(UNREADABLE), "{answer}");
    }
}

#[test]
fn parameters_that_cannot_be_agreed_to() {
    for params in [
        "client_max_window_bits=0",
        "client_max_window_bits=7",
        "client_max_window_bits=16",
        "client_max_window_bits=264",
        "server_max_window_bits=99999999999999999999",
        "client_max_window_bits=9; client_max_window_bits=9",
        "server_no_context_takeover; server_no_context_takeover",
    ] {
        let answer = format!("permessage-deflate; {params}");
        assert_eq!(answered(&answer), Err(REJECTED), "{answer}");
    }
}

#[test]
fn what_was_not_offered_is_not_agreed_to() {
    assert_eq!(Agreed::parse("permessage-deflate", None), Err(UNKNOWN));
    assert_eq!(Agreed::parse("", None), Ok(None));
    let plain = Options::default();
    let answer = "permessage-deflate; client_max_window_bits=15";
    assert_eq!(Agreed::parse(answer, Some(&plain)), Err(REJECTED));
    // RFC 7692 §7.1.2.1: it may bind itself unasked.
    let answer = "permessage-deflate; server_max_window_bits=9; server_no_context_takeover";
    let expected = Ok(Some(agreed(true, false, 9, 15)));
    assert_eq!(Agreed::parse(answer, Some(&plain)), expected);
}

#[test]
fn a_window_is_no_larger_than_was_asked() {
    let offer = "permessage-deflate; server_max_window_bits=10; client_max_window_bits=11";
    let offer = Options::parse(offer).unwrap();
    let answer = |answer| Agreed::parse(answer, Some(&offer));
    let larger = "permessage-deflate; server_max_window_bits=11";
    assert_eq!(answer(larger), Err(REJECTED));
    let equal = "permessage-deflate; server_max_window_bits=10; client_max_window_bits=12";
    assert_eq!(answer(equal), Ok(Some(agreed(false, false, 10, 11))));
    // Left out: it does not have to say what we keep to.
    let silent = answer("permessage-deflate");
    assert_eq!(silent, Ok(Some(agreed(false, false, 15, 11))));
}

#[test]
fn a_promise_of_ours_holds_though_the_answer_does_not_have_it() {
    let offer = Options::parse("permessage-deflate; client_no_context_takeover").unwrap();
    let found = Agreed::parse("permessage-deflate", Some(&offer));
    assert_eq!(found, Ok(Some(agreed(false, true, 15, 15))));
}
