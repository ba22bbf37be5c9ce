//! Stories of forms: a boundary that is the request's own, and bodies whose length nobody said.

use crate::engine::call::Reason;
use crate::engine::wsi::{FormKind, Method};
use crate::proto::form::Part;
use crate::tests::books::End;
use crate::tests::peer::OK;
use crate::tests::program::{Asked, Over};
use crate::tests::story::{Req, Story};

const OVERS: [Over; 4] = [
    Over::NoMorePending,
    Over::NoMorePendingBefore,
    Over::Final,
    Over::EmptyFinal,
];

/// A multipart form that says nothing of its length.
fn form(over: Over) -> Asked {
    Asked::with(Method::Post)
        .form(FormKind::Multipart)
        .parts(&["one ", "and two"])
        .ends_by(over)
}

fn boundary(head: &str) -> &str {
    let (_, rest) = head
        .split_once("multipart/form-data; boundary=\"")
        .expect("a boundary");
    rest.split_once('"').expect("quotes").0
}

fn posted(s: &mut Story) -> (String, String) {
    let heard = s.peer().heard();
    let (head, body) = heard.split_once("\r\n\r\n").expect("a head");
    (head.to_owned(), body.to_owned())
}

#[test]
fn a_form_without_a_length_goes_in_chunks_however_it_ends_and_the_next_rides_on() {
    for over in OVERS {
        let mut s = Story::new();
        let a = s.ask(form(over));
        let b = s.get();
        s.run();
        let (head, body) = posted(&mut s);
        assert!(head.contains("Transfer-Encoding: chunked"), "{head}");
        assert_eq!(boundary(&head).len(), 16);
        assert_eq!(body, "4\r\none \r\n7\r\nand two\r\n0\r\n\r\n", "{over:?}");
        s.answer(OK);
        s.answer(OK);
        let ends = vec![(a, End::Completed), (b, End::Completed)];
        assert_eq!((s.ends(), s.connects()), (ends, 1), "{over:?}");
    }
}

#[test]
fn a_length_or_a_type_of_the_programs_own_is_what_is_sent() {
    let mut s = Story::new();
    s.ask(form(Over::Final).append("Content-Length: 11\r\nContent-Type: my/own\r\n"));
    s.run();
    let (head, body) = posted(&mut s);
    assert!(!head.contains("chunked") && !head.contains("multipart"));
    assert_eq!(head.matches("Content-Type").count(), 1);
    assert_eq!(body, "one and two");
    s.answer(OK);
}

#[test]
fn each_form_has_a_boundary_of_its_own() {
    let mut seen = Vec::new();
    for _ in 0..2 {
        let mut s = Story::new();
        s.ask(form(Over::Final));
        s.run();
        let (head, _) = posted(&mut s);
        seen.push(boundary(&head).to_owned());
        s.answer(OK);
    }
    assert_ne!(seen[0], seen[1]);
}

fn next_part(s: &mut Story, who: Req, name: Option<&str>) -> String {
    let key = s.told[who.0].key;
    let part = name.map(|name| Part {
        name: name.as_bytes(),
        filename: None,
        content_type: None,
    });
    let text = s.engine.next_part(key, part).expect("a part");
    if name.is_some() {
        s.engine.part_is_given(key);
    }
    String::from_utf8(text).expect("text")
}

#[test]
fn parts_begin_with_a_line_end_but_for_the_first() {
    let mut s = Story::new();
    let a = s.ask(form(Over::Final));
    let plain = s.ask(Asked::get());
    let key = s.told[a.0].key;
    assert!(s.engine.next_part(key, None).is_err(), "APPEND is to come");
    s.run();
    let first = next_part(&mut s, a, Some("x"));
    let own = first[2..18].to_owned();
    assert!(first.starts_with("--") && first.ends_with("name=\"x\"\r\n\r\n"));
    let second = next_part(&mut s, a, Some("y"));
    assert!(second.starts_with(&format!("\r\n--{own}\r\n")), "{second}");
    assert_eq!(next_part(&mut s, a, None), format!("\r\n--{own}--\r\n"));
    s.answer(OK);
    let plain = s.told[plain.0].key;
    assert!(s.engine.next_part(plain, None).is_err(), "no form");
    s.answer(OK);
}

#[test]
fn a_form_on_h2_has_its_type_and_ends_its_stream() {
    for over in OVERS {
        let mut s = Story::h2c();
        let a = s.ask(form(over));
        s.run();
        let id = s.stream(a);
        let server = s.server();
        let kind = server.field(id, "content-type").unwrap_or_default();
        assert!(
            kind.starts_with("multipart/form-data; boundary=\""),
            "{kind}"
        );
        assert_eq!(server.field(id, "transfer-encoding"), None);
        assert_eq!(server.body(id), "one and two", "{over:?}");
        assert!(server.streams[&id].ended, "{over:?}");
        s.answer_all();
        assert_eq!(s.ends(), [(a, End::Completed)]);
    }
}

#[test]
fn an_urlencoded_form_on_h2_needs_no_more_than_a_wish_to_write() {
    let mut s = Story::h2c();
    let a = s.ask(
        Asked::with(Method::Post)
            .form(FormKind::Urlencoded)
            .parts(&["a=1&", "b=2"])
            .asks_to_write_alone()
            .ends_by(Over::Final),
    );
    s.run();
    let id = s.stream(a);
    assert_eq!(
        s.server().field(id, "content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(s.server().body(id), "a=1&b=2");
    assert!(s.server().streams[&id].ended);
    s.answer_all();
}

#[test]
fn a_form_of_which_nothing_left_is_sent_again_in_the_same_chunks() {
    let mut s = Story::new();
    s.get();
    s.run();
    s.answer(OK);
    s.peer().takes = 0;
    let a = s.ask(form(Over::Final));
    s.run();
    assert_eq!(s.count(a, Reason::ClientHttpWriteable), 0);
    assert!(
        s.write(a, b"before "),
        "behind a head of which nothing left"
    );
    s.peer().breaks("ECONNRESET");
    s.run();
    let (head, body) = posted(&mut s);
    assert!(head.contains("Transfer-Encoding: chunked"));
    assert_eq!(
        body,
        "7\r\nbefore \r\n4\r\none \r\n7\r\nand two\r\n0\r\n\r\n"
    );
    assert_eq!(s.count(a, Reason::AppendHandshakeHeader), 1);
    s.answer(OK);
    assert_eq!(s.connects(), 2);
}

#[test]
fn a_redirect_that_keeps_the_method_begins_the_form_anew_and_one_that_does_not_drops_it() {
    for (status, again) in [(307, true), (303, false)] {
        let mut s = Story::new();
        let a = s.ask(form(Over::Final));
        s.run();
        let (first, _) = posted(&mut s);
        next_part(&mut s, a, Some("x"));
        s.answer(&format!(
            "HTTP/1.1 {status} Go\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"
        ));
        let (second, body) = posted(&mut s);
        assert_eq!(second.contains("multipart"), again, "{second}");
        if again {
            assert_ne!(boundary(&first), boundary(&second));
            assert_eq!(body, "4\r\none \r\n7\r\nand two\r\n0\r\n\r\n");
            assert!(next_part(&mut s, a, Some("x")).starts_with("--"));
        } else {
            assert_eq!(body, "");
        }
        s.answer(OK);
        assert_eq!(s.ends(), [(a, End::Completed)]);
    }
}

#[test]
fn any_body_without_a_length_goes_in_chunks() {
    for form in [FormKind::None, FormKind::Urlencoded] {
        let mut s = Story::new();
        let a = s.ask(Asked::with(Method::Post).form(form).parts(&["one ", "two"]));
        let b = s.get();
        s.run();
        let (head, body) = posted(&mut s);
        assert!(head.contains("Transfer-Encoding: chunked"), "{head}");
        assert_eq!(body, "4\r\none \r\n3\r\ntwo\r\n0\r\n\r\n");
        s.answer(OK);
        s.answer(OK);
        let ends = vec![(a, End::Completed), (b, End::Completed)];
        assert_eq!((s.ends(), s.connects()), (ends, 1));
    }
}

#[test]
fn a_body_that_is_not_as_long_as_its_head_says_is_the_last_on_its_connection() {
    for (said, connects) in [("8", 2), ("7", 1), ("6", 2), ("0", 2)] {
        let mut s = Story::new();
        let lines = format!("Content-Length: {said}\r\n");
        let parts = Asked::with(Method::Post).parts(&["one ", "two"]);
        let a = s.ask(parts.append(&lines).ends_by(Over::Final));
        let b = s.get();
        s.run();
        s.answer(OK);
        s.answer(OK);
        let ends = vec![(a, End::Completed), (b, End::Completed)];
        assert_eq!((s.ends(), s.connects()), (ends, connects), "{said}");
    }
}

#[test]
fn chunks_of_the_programs_own_are_not_counted() {
    let mut s = Story::new();
    let parts = Asked::with(Method::Post).parts(&["3\r\none\r\n", "0\r\n\r\n"]);
    let a = s.ask(parts.append("Transfer-Encoding: chunked\r\n"));
    let b = s.get();
    s.run();
    s.answer(OK);
    s.answer(OK);
    let ends = vec![(a, End::Completed), (b, End::Completed)];
    assert_eq!((s.ends(), s.connects()), (ends, 1));
}
