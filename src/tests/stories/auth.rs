//! Stories of logging in: which 401 is answered and how often, what the program hears of it, and who never gets its password.

use crate::engine::call::Reason;
use crate::engine::wsi::Method;
use crate::tests::books::End;
use crate::tests::h2_story::Proto;
use crate::tests::peer::OK;
use crate::tests::program::Asked;
use crate::tests::story::{Req, Story};

use Reason::{
    AppendHandshakeHeader as Append, ClientEstablished, ClientHttpBindProtocol as Bind,
    ClientHttpDropProtocol as Drop, ClosedClientHttp as Closed, CompletedClientHttp as Completed,
    Connecting, EstablishedClientHttp as Established, FilterPreEstablish as Filter,
    ReceiveClientHttp as Receive, ReceiveClientHttpRead as Read,
    ServerNewClientInstantiated as New, WsiCreate as Create, WsiDestroy as Destroy,
};

const BASIC: &str = "Basic realm=\"r\"";
const DIGEST: &str = "Digest realm=\"r\", nonce=\"one\", qop=\"auth\", algorithm=SHA-256";
/// me:secret
const ME: &str = "Basic bWU6c2VjcmV0";

fn login() -> Asked {
    Asked::get().login("me", "secret")
}

impl Story {
    /// A 401 with these challenges.
    fn challenges(&mut self, offers: &[&str], body: &str) {
        let fields: Vec<_> = offers
            .iter()
            .map(|one| ("www-authenticate", *one))
            .collect();
        self.replies(401, &fields, body);
    }

    /// A field of the request that was made last.
    fn asked_with(&mut self, name: &str) -> Option<String> {
        if let Some(server) = &self.peer().server {
            let id = 2 * server.requests().len() as u32 - 1;
            return server.field(id, name).map(str::to_owned);
        }
        if let Some(listener) = &self.peer().ws {
            return listener.field(name).map(str::to_owned);
        }
        let heard = self.peer().heard();
        let head = heard.rsplit(" HTTP/1.1\r\n").next().unwrap_or_default();
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        let found = lines.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.to_owned())
    }

    fn authorization(&mut self) -> Option<String> {
        self.asked_with("authorization")
    }

    fn told(&self, who: Req) -> (Option<End>, u16, &str) {
        let told = &self.told[who.0];
        (self.end_of(who), told.status, self.body(who))
    }
}

/// The value of a parameter in an answer.
fn param<'a>(answer: &'a str, name: &str) -> &'a str {
    let mut params = answer
        .split(", ")
        .filter_map(|one| one.rsplit(' ').next()?.split_once('='));
    let found = params.find(|(known, _)| *known == name);
    found.map_or("", |(_, value)| value.trim_matches('"'))
}

#[test]
fn a_challenge_is_answered_on_the_same_wsi_and_connection_and_not_told() {
    let mut s = Story::new();
    let a = s.ask(login());
    s.run();
    assert_eq!(s.authorization(), None, "nobody asked yet");
    s.challenges(&[BASIC], "who are you?");
    assert_eq!(s.authorization().as_deref(), Some(ME));
    s.answer(OK);
    assert_eq!(
        s.heard(a),
        [
            Bind,
            Create,
            New,
            Connecting,
            Append,
            Append,
            Filter,
            Established,
            Receive,
            Read,
            Completed,
            Drop,
            Closed,
            Destroy
        ]
    );
    assert_eq!(s.told(a), (Some(End::Completed), 200, "ok"));
    assert_eq!(s.connects(), 1);
}

#[test]
fn on_any_protocol_the_strongest_is_answered() {
    for proto in Proto::ALL {
        let mut s = proto.story();
        let a = s.ask(login().path("/a?b"));
        s.run();
        s.challenges(&[BASIC, "Digest realm=r, nonce=weak", DIGEST], "no");
        let said = s.authorization().expect("an answer");
        assert_eq!(param(&said, "algorithm"), "SHA-256", "{said}");
        for (name, value) in [
            ("username", "me"),
            ("nonce", "one"),
            ("uri", "/a?b"),
            ("nc", "00000001"),
        ] {
            assert_eq!(param(&said, name), value, "{said}");
        }
        s.answers_ok();
        assert_eq!(s.told(a), (Some(End::Completed), 200, "ok"), "{proto:?}");
        assert_eq!(s.connects(), 1);
    }
}

#[test]
fn a_second_refusal_is_a_response() {
    for proto in Proto::ALL {
        for offer in [BASIC, DIGEST, "Digest realm=r, nonce=two"] {
            let mut s = proto.story();
            let a = s.ask(login());
            s.run();
            s.challenges(&[offer], "no");
            s.challenges(&[offer], "still no");
            assert_eq!(
                s.told(a),
                (Some(End::Completed), 401, "still no"),
                "{proto:?} {offer}"
            );
            assert_eq!(s.count(a, Append), 2);
        }
    }
}

#[test]
fn a_stale_nonce_is_answered_with_the_new_one_but_not_for_ever() {
    let mut s = Story::new();
    let a = s.ask(login());
    s.run();
    s.challenges(&[DIGEST], "");
    for nonce in ["two", "three"] {
        let stale = DIGEST.replace("one", nonce) + ", stale=true";
        s.challenges(&[&stale], "");
        let said = s.authorization().expect("an answer");
        assert_eq!(
            (param(&said, "nonce"), param(&said, "nc")),
            (nonce, "00000001")
        );
    }
    assert_eq!(s.end_of(a), None);
    s.challenges(
        &[&(DIGEST.replace("one", "four") + ", stale=true")],
        "stale",
    );
    assert_eq!(s.told(a), (Some(End::Completed), 401, "stale"));
}

#[test]
fn what_cannot_be_answered_is_a_response_as_ever() {
    for (asked, offers) in [
        (Asked::get(), &[BASIC, DIGEST][..]),
        (login(), &[]),
        (login(), &["Bearer realm=\"r\"", "Negotiate"]),
        (login(), &["Digest realm=r, nonce=n, algorithm=SHA3"]),
        (login().append("Authorization: Bearer x\r\n"), &[BASIC]),
    ] {
        for proto in Proto::ALL {
            let mut s = proto.story();
            let a = s.ask(asked.clone());
            s.run();
            s.challenges(offers, "no");
            assert_eq!(
                s.told(a),
                (Some(End::Completed), 401, "no"),
                "{proto:?} {offers:?}"
            );
            assert_eq!(s.count(a, Append), 1);
        }
    }
}

#[test]
fn a_program_may_still_do_it_by_hand() {
    for proto in Proto::ALL {
        let mut s = proto.story();
        let a = s.ask(Asked::get().append(&format!("Authorization: {ME}\r\n")));
        s.run();
        assert_eq!(s.authorization().as_deref(), Some(ME));
        s.answers_ok();
        assert_eq!(s.told(a), (Some(End::Completed), 200, "ok"));
    }
}

#[test]
fn a_body_is_asked_for_again() {
    for proto in Proto::ALL {
        let mut s = proto.story();
        let a = s.ask(
            Asked::with(Method::Post)
                .login("me", "secret")
                .body(&["one", "two"]),
        );
        s.run();
        s.peer().sent.clear();
        s.challenges(&[DIGEST], "no");
        match s.peer().server {
            None => {
                let heard = s.peer().heard();
                assert!(heard.ends_with("\r\n\r\nonetwo"), "{heard}");
            }
            Some(_) => assert_eq!(s.server().body(3), "onetwo"),
        }
        s.answers_ok();
        assert_eq!(s.told(a), (Some(End::Completed), 200, "ok"), "{proto:?}");
        assert_eq!(s.connects(), 1);
    }
}

#[test]
fn a_body_that_would_have_to_be_hashed_first_is_not_protected() {
    let int = "Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"";
    let mut s = Story::new();
    let a = s.ask(
        Asked::with(Method::Put)
            .login("me", "secret")
            .body(&["one"]),
    );
    let b = s.ask(login());
    s.run();
    s.challenges(&[int], "");
    s.challenges(&[int], "");
    assert_eq!(s.authorization(), None);
    s.challenges(&[int], "no");
    let said = s.authorization().expect("a GET has no body");
    assert_eq!(param(&said, "qop"), "auth-int");
    s.answer(OK);
    assert_eq!(s.told(a), (Some(End::Completed), 401, "no"));
    assert_eq!(s.told(b), (Some(End::Completed), 200, "ok"));
}

#[test]
fn those_behind_it_go_first_and_lose_nothing() {
    let mut s = Story::new();
    let a = s.ask(login());
    let b = s.get();
    let c = s.get();
    s.run();
    s.challenges(&[BASIC], "no");
    assert_eq!(s.lists(), [(Some(b), vec![c, a])]);
    for _ in 0..3 {
        s.answer(OK);
    }
    let ends = [b, c, a].map(|who| (who, End::Completed));
    assert_eq!((s.ends(), s.connects()), (ends.to_vec(), 1));
}

#[test]
fn one_that_does_not_share_and_a_body_that_is_not_here_cost_a_connection() {
    let mut s = Story::new();
    let a = s.ask(login().alone());
    s.run();
    s.challenges(&[BASIC], "no");
    s.answer(OK);
    assert_eq!((s.end_of(a), s.connects()), (Some(End::Completed), 2));
    let mut s = Story::new();
    let a = s.ask(login());
    s.run();
    s.answer(REFUSES_AT_LENGTH);
    s.answer(&"x".repeat(20_000));
    assert_eq!(s.authorization().as_deref(), Some(ME));
    s.answer(OK);
    assert_eq!((s.end_of(a), s.connects()), (Some(End::Completed), 2));
}

const REFUSES_AT_LENGTH: &str =
    "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nContent-Length: 100000\r\n\r\nsome";

#[test]
fn the_rest_of_a_refusal_is_awaited_when_that_saves_the_connection() {
    let chunked =
        "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nTransfer-Encoding: chunked\r\n\r\n";
    let close = "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nConnection: close\r\nContent-Length: 9\r\n\r\n";
    for (head, rest, connects) in [
        (chunked, &["5\r\nhel", "lo\r\n0\r\n", "\r\n"][..], 1),
        (REFUSES_AT_LENGTH, &[], 2),
        (chunked, &["no chunk"], 2),
        (close, &[], 2),
    ] {
        let mut s = Story::new();
        let a = s.ask(login());
        let b = s.get();
        s.run();
        s.answer(head);
        for piece in rest {
            assert_eq!(s.count(a, Append), 1);
            s.answer(piece);
        }
        if head == REFUSES_AT_LENGTH {
            s.wait_secs(crate::tests::story::REPLY_SECS);
        }
        s.answer(OK);
        s.answer(OK);
        let ends = [b, a].map(|who| (who, End::Completed));
        assert_eq!(
            (s.ends(), s.connects()),
            (ends.to_vec(), connects),
            "{head} {rest:?}"
        );
    }
}

#[test]
fn while_it_is_awaited_the_peer_may_leave_and_the_program_may_cancel() {
    let mut s = Story::new();
    let a = s.ask(login());
    s.run();
    s.answer(REFUSES_AT_LENGTH);
    s.peer().hangs_up();
    s.run();
    assert_eq!(s.authorization().as_deref(), Some(ME));
    s.answer(OK);
    assert_eq!((s.end_of(a), s.connects()), (Some(End::Completed), 2));
    for now in [false, true] {
        let mut s = Story::new();
        let a = s.ask(login());
        let b = s.get();
        s.run();
        s.answer(REFUSES_AT_LENGTH);
        match now {
            true => s.cancel_now(a),
            false => s.cancel(a),
        }
        s.run();
        s.answer(OK);
        assert_eq!(s.ends(), [(a, End::Failed), (b, End::Completed)]);
    }
}

#[test]
fn a_redirect_within_the_origin_keeps_the_login_and_counts_on() {
    for proto in Proto::ALL {
        for location in ["/b", "SELF/b"] {
            let mut s = proto.story();
            let a = s.ask(login());
            s.run();
            s.challenges(&[DIGEST], "");
            let own = if s.site.tls {
                "https://a.test:80"
            } else {
                "http://A.test"
            };
            s.redirects(302, &location.replace("SELF", own), "");
            let said = s.authorization().expect("an answer");
            assert_eq!(
                (param(&said, "uri"), param(&said, "nc")),
                ("/b", "00000002")
            );
            let other = DIGEST.replace("one", "other");
            s.challenges(&[&other], "");
            let said = s.authorization().expect("it is another target");
            assert_eq!(param(&said, "nonce"), "other");
            s.answers_ok();
            assert_eq!(s.end_of(a), Some(End::Completed), "{proto:?}");
        }
    }
}

#[test]
fn a_redirect_to_another_origin_takes_no_password_along_nor_does_one_back() {
    for proto in Proto::ALL {
        for elsewhere in ["a.test:81", "b.test:80", "a.test.b.test:80"] {
            let mut s = proto.story();
            let a = s.ask(login());
            s.run();
            s.challenges(&[BASIC], "");
            assert_eq!(s.authorization().as_deref(), Some(ME));
            let scheme = if s.site.tls { "https" } else { "http" };
            s.redirects(302, &format!("{scheme}://{elsewhere}/"), "");
            assert_eq!(s.connects(), 2);
            assert_eq!(s.authorization(), None, "{proto:?} {elsewhere}");
            s.sockets[0].hangs_up();
            s.run();
            s.redirects(302, &format!("{scheme}://a.test:80/"), "");
            assert_eq!(s.authorization(), None);
            s.challenges(&[BASIC], "no");
            assert_eq!(s.told(a), (Some(End::Completed), 401, "no"));
        }
    }
    let mut s = Story::tls();
    s.site.tls = false;
    let a = s.ask(login());
    s.run();
    s.challenges(&[BASIC], "");
    s.redirects(302, "https://a.test:80/", "");
    assert_eq!(s.authorization(), None, "another scheme is another origin");
    s.challenges(&[BASIC], "no");
    assert_eq!(s.told(a), (Some(End::Completed), 401, "no"));
}

#[test]
fn a_ws_logs_in_before_it_opens() {
    let mut s = Story::new();
    let a = s.ask(Asked::ws().login("me", "secret"));
    s.run();
    let key = s.asked_with("sec-websocket-key");
    s.challenges(&[DIGEST], "no");
    let said = s.authorization().expect("an answer");
    assert_eq!(param(&said, "uri"), "/");
    assert_ne!(s.asked_with("sec-websocket-key"), key);
    s.agrees(b"");
    assert_eq!(s.count(a, Established), 1);
    assert_eq!(s.heard(a).last(), Some(&ClientEstablished));
}

#[test]
fn a_request_that_is_sent_again_says_another_count() {
    let mut s = Story::new();
    let a = s.ask(login());
    s.run();
    s.challenges(&[DIGEST], "");
    let first = s.authorization().expect("an answer");
    s.peer().hangs_up();
    s.run();
    let second = s.authorization().expect("an answer");
    assert_eq!(
        (param(&first, "nc"), param(&second, "nc")),
        ("00000001", "00000002")
    );
    assert_eq!(param(&first, "cnonce"), param(&second, "cnonce"));
    s.answer(OK);
    assert_eq!((s.end_of(a), s.count(a, Append)), (Some(End::Completed), 2));
}

#[test]
fn it_may_be_cancelled_and_all_may_end_meanwhile() {
    for proto in Proto::ALL {
        for nested in [false, true] {
            let mut s = proto.story();
            let a = s.ask(login());
            s.run();
            s.hook(move |s, who, reason| {
                if reason == Append && s.count(who, Append) == 2 {
                    if nested {
                        s.cancel_now(who);
                    } else {
                        s.cancel(who);
                    }
                }
                0
            });
            s.challenges(&[BASIC], "no");
            assert_eq!(s.end_of(a), Some(End::Failed), "{proto:?}");
        }
    }
}
