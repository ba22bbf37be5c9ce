//! Stories of connections through a proxy: what it is asked, what becomes of its answers, and who shares the tunnel.

use crate::engine::call::Reason;
use crate::engine::role::Role;
use crate::net::socket::Addr;
use crate::net::transport::Io;
use crate::proto::proxy::{Kind, Proxies, Proxy, Spelling};
use crate::tests::books::End;
use crate::tests::h2_story::Proto;
use crate::tests::peer::{Dialed, Name, OK};
use crate::tests::program::Asked;
use crate::tests::story::{CONNECT_SECS, Req, SECOND, Story};

const HTTP: &str = "192.0.2.9:3128";
const ASKED: &str = "CONNECT a.test:80 HTTP/1.1\r\nHost: a.test:80\r\n\r\n";
const YES: &str = "HTTP/1.1 200 Connection established\r\n\r\n";

/// What SOCKS 5 says to get to a.test:80, and what it is answered.
const GREETING: &str = "\x05\x01\0";
const METHOD: &str = "\x05\0";
const REQUEST: &str = "\x05\x01\0\x03\x06a.test\0\x50";
const REPLY: &str = "\x05\0\0\x01\x7f\0\0\x01\x1f\x01";

fn http(text: &str) -> Option<Proxy> {
    let read = Spelling::of_program(Kind::Http, None).read(text);
    Some(read.expect("a proxy"))
}

fn socks(text: &str) -> Option<Proxy> {
    let read = Spelling::of_program(Kind::Socks5, None).read(text);
    Some(read.expect("a proxy"))
}

impl Story {
    fn by(mut self, proxy: Option<Proxy>) -> Self {
        self.proxies().set_http(proxy);
        self
    }

    fn by_socks(mut self, proxy: Option<Proxy>) -> Self {
        self.proxies().set_socks(proxy);
        self
    }

    /// A byte a turn of the loop.
    fn answer_slowly(&mut self, bytes: &str) {
        for byte in bytes.chars() {
            self.answer(&byte.to_string());
        }
    }

    fn error_begins(&self, who: Req, text: &str) {
        let error = self.error(who);
        assert!(error.starts_with(text), "{error}");
        assert!(error.contains("a.test:80 by "), "{error}");
    }
}

#[test]
fn the_proxy_is_asked_for_a_tunnel_and_then_all_is_as_without_it() {
    for slow in [false, true] {
        let mut s = Story::new().by(http(HTTP));
        let a = s.get();
        s.run();
        assert_eq!(
            s.peer().heard(),
            ASKED,
            "and nothing else before its answer"
        );
        let proxy = Addr::Inet(([192, 0, 2, 9], 3128).into());
        assert_eq!((s.lookups, &s.peer().addr), (0, &proxy));
        match slow {
            false => s.answer(YES),
            true => s.answer_slowly(YES),
        }
        assert!(s.peer().heard().starts_with("GET / HTTP/1.1\r\n"));
        s.answer(OK);
        assert_eq!(s.ends(), [(a, End::Completed)]);
        assert_eq!((s.body(a), s.connects()), ("ok", 1));
    }
}

#[test]
fn the_proxys_own_name_is_what_is_looked_up() {
    let mut s = Story::new().by(http("p.test:3128"));
    s.names.push_back(Name::Fails("DNS NXDOMAIN"));
    let a = s.get();
    s.run();
    assert_eq!((s.ends(), s.lookups), (vec![(a, End::Failed)], 1));
    s.error_begins(a, "DNS NXDOMAIN: a.test:80 by http proxy p.test:3128");
}

#[test]
fn credentials_go_to_the_proxy_and_no_further() {
    let mut s = Story::new().by(http("me:secret@192.0.2.9:3128"));
    let a = s.get();
    s.run();
    let asked = ASKED.replace(
        "\r\n\r\n",
        "\r\nProxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n",
    );
    assert_eq!(s.peer().heard(), asked);
    s.answer(YES);
    assert!(!s.peer().heard().contains("Authorization"));
    s.hangs_up();
    assert!(!s.error(a).contains("secret"), "{}", s.error(a));
}

#[test]
fn the_queue_is_the_same_behind_a_proxy_and_tls_and_h2_begin_in_the_tunnel() {
    for proto in Proto::ALL {
        let mut s = proto.tls().by(http(HTTP));
        let all = s.three();
        assert_eq!((s.handshakes, s.connects()), (0, 1));
        assert_eq!(s.peer().heard(), ASKED);
        s.answer(YES);
        assert!(s.handshakes > 0);
        for _ in all {
            s.answers_ok();
        }
        assert_eq!(s.ended(End::Completed), 3);
        assert_eq!(s.connects(), 1, "one tunnel for all of them");
    }
}

#[test]
fn an_answer_that_is_none_fails_all_who_waited_for_it() {
    for (answer, text) in [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
            "http_proxy -> 407",
        ),
        (
            "HTTP/1.0 503 Service Unavailable\r\n\r\n",
            "http_proxy -> 503",
        ),
        ("SSH-2.0-OpenSSH\r\n", "http_proxy fail"),
        (
            "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
            "http_proxy fail: something follows",
        ),
    ] {
        for mut s in [Story::new(), Story::tls()] {
            s.proxies().set_http(http(HTTP));
            let all = s.three();
            s.answer(answer);
            for who in all {
                assert_eq!(s.end_of(who), Some(End::Failed), "{answer:?}");
                s.error_begins(who, text);
            }
            assert_eq!((s.connects(), s.closed), (1, 1));
            assert!(s.lists().is_empty());
        }
    }
}

#[test]
fn a_proxy_that_goes_says_how() {
    for (kind, words) in [
        (
            Kind::Http,
            ["proxy conn dead", "proxy read err: ECONNRESET"],
        ),
        (
            Kind::Socks5,
            ["socks conn dead", "socks recv fail: ECONNRESET"],
        ),
    ] {
        for (how, text) in ["eof", "reset"].into_iter().zip(words) {
            let mut s = Story::new();
            match kind {
                Kind::Http => s.proxies().set_http(http(HTTP)),
                _ => s.proxies().set_socks(socks(HTTP)),
            }
            let a = s.get();
            s.run();
            if kind == Kind::Http {
                s.answer("HTTP/1.1 200");
            }
            match how {
                "eof" => s.peer().hangs_up(),
                _ => s.peer().breaks("ECONNRESET"),
            }
            s.run();
            assert_eq!(s.ends(), [(a, End::Failed)]);
            s.error_begins(a, text);
            assert!(
                s.error(a).contains("while the proxy is asked"),
                "{}",
                s.error(a)
            );
        }
    }
}

#[test]
fn a_proxy_that_takes_no_more_is_heard_before_it_is_given_up() {
    for (answer, text) in [
        ("HTTP/1.1 407 x\r\n\r\n", "http_proxy -> 407"),
        ("", "proxy write failed: EPIPE"),
    ] {
        let mut s = Story::new().by(http(HTTP));
        s.dials.push_back(Dialed::AtOnce);
        s.hook(move |s, _, reason| {
            if reason == Reason::Connecting {
                let socket = s.sockets.last_mut().expect("it is about one");
                socket.write_fails = Some(Io::Failed("EPIPE".into()));
                if !answer.is_empty() {
                    socket.says(answer);
                }
            }
            0
        });
        let a = s.get();
        s.run();
        assert_eq!(s.ends(), [(a, End::Failed)]);
        s.error_begins(a, text);
    }
}

#[test]
fn a_question_that_does_not_fit_the_socket_goes_in_parts() {
    let mut s = Story::new().by(http(HTTP));
    s.dials.push_back(Dialed::AtOnce);
    s.hook(|s, _, reason| {
        if reason == Reason::Connecting {
            s.sockets.last_mut().expect("it is about one").takes = 5;
        }
        0
    });
    let a = s.get();
    s.run();
    s.unhook();
    assert_eq!(s.peer().heard(), &ASKED[..5]);
    // An early answer of which only a part is here spins nothing.
    s.answer("HTTP/1.1 ");
    s.peer().takes = usize::MAX;
    s.run();
    assert_eq!(s.peer().heard(), &ASKED[5..]);
    s.answer("200 OK\r\n\r\n");
    s.answer(OK);
    assert_eq!(s.ends(), [(a, End::Completed)]);
}

#[test]
fn an_answer_to_half_a_question_makes_no_tunnel() {
    let mut s = Story::new().by(http(HTTP));
    s.dials.push_back(Dialed::AtOnce);
    s.hook(|s, _, reason| {
        if reason == Reason::Connecting {
            s.sockets.last_mut().expect("it is about one").takes = 5;
        }
        0
    });
    let a = s.get();
    s.run();
    s.answer(YES);
    assert_eq!(s.ends(), [(a, End::Failed)]);
    s.error_begins(a, "http_proxy fail: the proxy answered before it was asked");
}

#[test]
fn a_proxy_that_says_nothing_has_the_time_of_a_connect() {
    for proto in Proto::ALL {
        for mut s in [
            proto.tls().by(http(HTTP)),
            proto.tls().by_socks(socks(HTTP)),
        ] {
            let all = s.three();
            s.wait(u64::from(CONNECT_SECS) * SECOND - 1);
            assert_eq!(s.ends(), []);
            s.wait(1);
            for who in all {
                s.error_begins(who, "Unable to connect: no tunnel from the proxy");
            }
        }
    }
}

#[test]
fn an_answer_that_drips_has_no_more_time_than_that() {
    let mut s = Story::new().by(http(HTTP));
    let a = s.get();
    s.run();
    s.answer("HTTP/1.1 200 OK\r\n");
    for _ in 0..=CONNECT_SECS {
        if s.end_of(a).is_none() {
            s.answer("A: b\r\n");
        }
        s.wait_secs(1);
    }
    assert_eq!(s.ends(), [(a, End::Failed)]);
}

#[test]
fn a_leader_that_is_cancelled_leaves_the_tunnel_to_the_next() {
    let mut s = Story::new().by(http(HTTP));
    let [a, b, c] = s.three();
    s.cancel(a);
    s.run();
    assert_eq!(s.end_of(a), Some(End::Failed));
    assert_eq!(s.places(), [(vec![b], vec![c])]);
    s.answer(YES);
    s.answer(OK);
    s.answer(OK);
    assert_eq!(s.ended(End::Completed), 2);
    assert_eq!(s.connects(), 1);
}

#[test]
fn the_last_one_that_is_cancelled_closes_it() {
    let mut s = Story::new().by(http(HTTP));
    let a = s.get();
    s.run();
    s.cancel(a);
    s.run();
    assert_eq!((s.ends().len(), s.closed), (1, 1));
}

#[test]
fn a_tunnel_is_nobodys_who_goes_another_way() {
    let mut s = Story::new();
    s.get();
    s.run();
    for (n, proxy) in [HTTP, "192.0.2.9:3129", "me:x@192.0.2.9:3128"]
        .into_iter()
        .enumerate()
    {
        s.proxies().set_http(http(proxy));
        s.get();
        s.run();
        assert_eq!(s.connects(), n + 2);
    }
    s.proxies().set_http(None);
    s.proxies().set_socks(socks(HTTP));
    s.get();
    s.run();
    assert_eq!(s.connects(), 5);
    s.proxies().set_socks(None);
    s.get();
    s.run();
    assert_eq!(s.connects(), 5, "directly again: behind the first");
    assert_eq!(s.lists().len(), 5);
    s.destroy_vhost();
}

#[test]
fn an_idle_tunnel_is_ridden_again() {
    let mut s = Story::new().by(http(HTTP));
    s.get();
    s.run();
    s.answer(YES);
    s.answer(OK);
    let b = s.get();
    s.run();
    s.answer(OK);
    assert_eq!(s.end_of(b), Some(End::Completed));
    assert_eq!(s.connects(), 1);
}

#[test]
fn a_tunnel_that_ends_is_made_again_for_those_who_wait() {
    for proto in Proto::ALL {
        let mut s = proto.tls().by(http(HTTP));
        s.three();
        s.answer(YES);
        s.answers_ok();
        s.hangs_up();
        s.run();
        if s.ended(End::Completed) < 3 && s.connects() == 2 {
            assert_eq!(s.peer().heard(), ASKED);
            s.answer(YES);
            s.answers_ok();
            s.answers_ok();
        }
        assert_eq!(s.ends().len(), 3);
    }
}

#[test]
fn a_redirect_finds_its_own_way() {
    let (proxies, _) = Proxies::from_environment(|name| match name {
        "http_proxy" => Some(HTTP.to_owned()),
        "no_proxy" => Some("b.test".to_owned()),
        _ => None,
    });
    let mut s = Story::new();
    *s.proxies() = proxies;
    let a = s.get();
    s.run();
    assert_eq!(s.peer().heard(), ASKED);
    s.answer(YES);
    s.redirects(302, "http://b.test/", "");
    let inet = Addr::Inet(([192, 0, 2, 1], 80).into());
    assert_eq!((s.lookups, &s.peer().addr), (1, &inet));
    assert!(s.peer().heard().starts_with("GET / "));
    s.redirects(302, "http://c.test/", "");
    assert!(s.peer().heard().starts_with("CONNECT c.test:80 "));
    s.answer(YES);
    s.answer(OK);
    assert_eq!(s.ends(), [(a, End::Completed)]);
    assert_eq!((s.lookups, s.connects()), (1, 3));
}

#[test]
fn raw_bytes_may_come_with_the_proxys_answer() {
    for reply in [YES.to_owned() + "banner", YES.to_owned()] {
        let mut s = Story::new().by(http(HTTP));
        let a = s.ask(Asked::raw());
        s.run();
        s.answer(&reply);
        if reply == YES {
            s.answer("banner");
        }
        let pieces: String = s.told[a.0]
            .pieces
            .iter()
            .map(|piece| piece.to_string())
            .collect();
        assert_eq!(pieces.replace("raw ", ""), "banner");
        assert_eq!(s.count(a, Reason::RawConnected), 1);
    }
}

#[test]
fn settings_of_h2_by_prior_knowledge_may_come_with_the_proxys_answer() {
    let mut s = Story::new().by(http(HTTP));
    s.site.h2c = true;
    s.get();
    s.run();
    assert_eq!(s.peer().heard(), ASKED);
    s.answer(&(YES.to_owned() + "\0\0\0\x04\0\0\0\0\0"));
    let heard = s.peer().sent.clone();
    assert!(heard.starts_with(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
    let headers = heard
        .windows(6)
        .filter(|frame| frame == b"\x01\x05\0\0\0\x01");
    assert_eq!(headers.count(), 1, "its HEADERS went out: {heard:?}");
    s.destroy_vhost();
}

#[test]
fn by_socks_a_name_is_not_looked_up_here() {
    for slow in [false, true] {
        let mut s = Story::new().by_socks(socks(HTTP));
        let a = s.get();
        s.run();
        for (said, answer) in [(GREETING, METHOD), (REQUEST, REPLY)] {
            assert_eq!(s.peer().heard(), said);
            match slow {
                false => s.answer(answer),
                true => s.answer_slowly(answer),
            }
        }
        assert!(s.peer().heard().starts_with("GET / "));
        s.answer(OK);
        assert_eq!(s.ends(), [(a, End::Completed)]);
        assert_eq!(s.lookups, 0);
    }
}

#[test]
fn a_socks_refusal_fails_all_who_waited_for_it() {
    let mut s = Story::tls().by_socks(socks("me:x@192.0.2.9:1080"));
    let all = s.three();
    assert_eq!(s.peer().heard(), "\x05\x02\0\x02");
    s.answer("\x05\x02");
    assert_eq!(s.peer().heard(), "\x01\x02me\x01x");
    s.answer("\x01\0");
    assert_eq!(s.peer().heard(), REQUEST);
    s.answer("\x05\x05");
    for who in all {
        s.error_begins(
            who,
            "socks reply fail: Connection refused (5): a.test:80 by socks proxy",
        );
    }
    assert_eq!(s.handshakes, 0);
}

#[test]
fn a_proxy_of_the_environment_that_cannot_be_used_is_not_gone_past() {
    let (proxies, _) = Proxies::from_environment(|name| {
        (name == "all_proxy").then(|| "https://p.test:443".to_owned())
    });
    let mut s = Story::new();
    *s.proxies() = proxies;
    let a = s.get();
    s.run();
    s.error_begins(a, "http_proxy fail: the environment's proxy cannot be used");
    assert_eq!((s.lookups, s.sockets.len()), (0, 0));
}

#[test]
fn an_address_that_no_proxy_can_be_asked_for_fails_alone() {
    let mut s = Story::new().by(http(HTTP));
    let a = s.ask(Asked::get().at("a.test x"));
    s.run();
    assert!(
        s.error(a).starts_with("proxy write failed"),
        "{}",
        s.error(a)
    );
    assert_eq!(s.closed, 1);
}

#[test]
fn datagrams_and_what_was_adopted_go_by_no_proxy() {
    for (role, goes) in [
        (Role::Http, true),
        (Role::Ws, true),
        (Role::Raw, true),
        (Role::Datagrams, false),
        (Role::File, false),
    ] {
        let mut s = Story::new().by(http(HTTP));
        let mut asked = Asked::get();
        asked.role = role;
        let request = asked.request(&s.site, 1);
        let key = s.engine.accept(request).expect("room for a request");
        let identity = s.engine.wsis.get(key).expect("it lives").identity;
        let place = s.engine.identities.get(identity).place();
        assert_eq!(place.proxy.is_some(), goes, "{role:?}");
        s.engine.free(key);
    }
}

#[test]
fn the_time_that_the_proxy_took_is_not_that_of_the_handshake() {
    let mut s = Story::tls().by(http(HTTP));
    let a = s.get();
    s.run();
    s.wait(5 * SECOND);
    s.answer(YES);
    let wsi = s.engine.wsis.get(s.told[a.0].key).expect("it is asked");
    assert!((1..SECOND as u32).contains(&wsi.conmon.tls_us));
    s.answer(OK);
    assert_eq!(s.ends(), [(a, End::Completed)]);
}
