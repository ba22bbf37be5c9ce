//! Stories of redirects: where the request goes, what the program is told, and that nobody else notices.

use crate::engine::call::Reason;
use crate::engine::wsi::{Method, Wsi};
use crate::net::heap::Block;
use crate::tests::books::End;
use crate::tests::h2_story::Proto;
use crate::tests::peer::{Dialed, OK};
use crate::tests::program::Asked;
use crate::tests::story::{REPLY_SECS, Req, Story};

use Reason::{
    AppendHandshakeHeader as Append, ClientHttpBindProtocol as Bind,
    ClientHttpDropProtocol as Unbind, ClientHttpRedirect as Redirect, ClosedClientHttp as Closed,
    CompletedClientHttp as Completed, Connecting, EstablishedClientHttp as Established,
    FilterPreEstablish as Filter, ReceiveClientHttp as Receive, ReceiveClientHttpRead as Read,
    ServerNewClientInstantiated as New, WsiCreate as Create, WsiDestroy as Destroy,
};

fn wsi(s: &Story, who: Req) -> &Wsi {
    let found = s.engine.wsis.get(s.told[who.0].key);
    found.expect("it lives")
}

#[test]
fn a_redirect_is_followed_on_the_same_wsi_and_its_body_is_not_delivered() {
    let mut s = Story::new();
    let a = s.get();
    s.run();
    s.redirects(302, "/other", "elsewhere");
    assert_eq!(s.requests_heard(), ["GET /", "GET /other"]);
    s.answer(OK);
    assert_eq!(
        s.heard(a),
        [
            Bind,
            Create,
            New,
            Connecting,
            Append,
            Redirect,
            Unbind,
            Bind,
            Append,
            Filter,
            Established,
            Receive,
            Read,
            Completed,
            Unbind,
            Closed,
            Destroy
        ]
    );
    assert_eq!((s.told[a.0].location.as_str(), s.body(a)), ("/other", "ok"));
    assert_eq!(s.connects(), 1, "its connection was idle");
}

#[test]
fn elsewhere_is_another_connection_and_another_host() {
    for proto in Proto::ALL {
        let mut s = proto.story();
        let a = s.get();
        s.run();
        s.redirects(301, "http://B.test:81/x?y#z", "");
        assert_eq!(s.connects(), 2);
        match s.peer().server {
            None => assert!(s.peer().heard().contains("\r\nHost: b.test:81\r\n")),
            Some(_) => {
                let server = s.server();
                assert_eq!(server.field(1, ":authority"), Some("b.test:81"));
                assert_eq!(server.field(1, ":path"), Some("/x?y"));
            }
        }
        s.answers_ok();
        assert_eq!(s.ends(), [(a, End::Completed)]);
        assert_eq!(s.count(a, Connecting), 2);
    }
}

#[test]
fn those_behind_a_redirected_one_lose_nothing() {
    for proto in Proto::ALL {
        for body in ["", "elsewhere"] {
            let mut s = proto.story();
            let all = s.some(3);
            s.redirects(302, "http://b.test/", body);
            for _ in 0..3 {
                s.answer_each();
            }
            let ends: Vec<_> = all.iter().map(|who| s.end_of(*who)).collect();
            assert_eq!(ends, [Some(End::Completed); 3], "{proto:?}");
            assert_eq!(s.connects(), 2, "one each place: {proto:?}");
            assert!(all[1..].iter().all(|who| s.count(*who, Append) == 1));
        }
    }
}

impl Story {
    /// Whoever stands on any live connection is answered.
    fn answer_each(&mut self) {
        if self.sockets.iter().any(|socket| socket.server.is_some()) {
            return self.answer_all();
        }
        for nth in 0..self.sockets.len() {
            if self.is_live(nth) && !self.sockets[nth].heard().is_empty() {
                self.sockets[nth].says(OK);
            }
        }
        self.run();
    }
}

#[test]
fn a_body_that_is_not_here_yet_costs_the_connection_and_its_queue_moves_on() {
    let mut s = Story::new();
    let [a, b, c] = s.three();
    s.answer("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 100000\r\n\r\nsome");
    assert_eq!(s.connects(), 2);
    assert_eq!(s.lists(), [(Some(b), vec![c, a])]);
    for _ in 0..3 {
        s.answer(OK);
    }
    assert_eq!(
        s.ends(),
        [
            (b, End::Completed),
            (c, End::Completed),
            (a, End::Completed)
        ]
    );
}

#[test]
fn a_chunked_body_that_is_here_is_skipped_and_surplus_bytes_are_nobodys() {
    for (rest, connects) in [("", 1), ("HTTP/1.1 200 OK\r\n", 2)] {
        let mut s = Story::new();
        let [a, b, _] = s.three();
        s.answer(&format!(
            "HTTP/1.1 303 See\r\nLocation: /x\r\nTransfer-Encoding: chunked\r\n\r\n3;a\r\nabc\r\n0\r\n\r\n{rest}"
        ));
        assert_eq!((s.connects(), s.seat(b).is_some()), (connects, true));
        for _ in 0..3 {
            s.answer(OK);
        }
        assert_eq!((s.end_of(a), s.body(b)), (Some(End::Completed), "ok"));
    }
}

#[test]
fn the_method_becomes_get_but_for_307_and_308_and_head_stays() {
    for (status, method, then) in [
        (301, Method::Post, "GET /x"),
        (302, Method::Put, "GET /x"),
        (303, Method::Delete, "GET /x"),
        (303, Method::Head, "HEAD /x"),
        (307, Method::Post, "POST /x"),
        (308, Method::Patch, "PATCH /x"),
    ] {
        for proto in Proto::ALL {
            let mut s = proto.story();
            let asked = match method {
                Method::Head => Asked::with(method),
                _ => Asked::with(method).body(&["one", "two"]),
            };
            let a = s.ask(asked);
            s.run();
            s.peer().sent.clear();
            s.redirects(status, "/x", "");
            let same = then.starts_with('P');
            assert_eq!(wsi(&s, a).made_get, then.starts_with("GET"));
            match s.peer().server {
                None => {
                    let heard = s.peer().heard();
                    let body = heard.rsplit("\r\n\r\n").next().unwrap_or_default();
                    assert!(heard.starts_with(then), "{status} {method:?}: {heard}");
                    assert_eq!(heard.contains("Content-Length: 6"), same, "{heard}");
                    assert_eq!(body == "onetwo", same, "{status} {method:?}: {heard}");
                }
                Some(_) => {
                    let server = s.server();
                    assert_eq!(server.requests().last().map(String::as_str), Some(then));
                    assert_eq!(server.field(3, "content-length").is_some(), same);
                    assert_eq!(server.body(3) == "onetwo", same, "{status} {method:?}");
                }
            }
            match method {
                Method::Head => s.begins(200, 0),
                _ => s.answers_ok(),
            }
            assert_eq!(s.ends(), [(a, End::Completed)]);
        }
    }
}

#[test]
fn four_are_followed_and_the_fifth_is_told_and_fails() {
    for proto in Proto::ALL {
        let mut s = proto.story();
        let a = s.get();
        s.run();
        for n in 0..5 {
            assert_eq!(s.end_of(a), None);
            s.redirects(302, &format!("/{n}"), "");
        }
        assert_eq!((s.count(a, Redirect), s.count(a, Append)), (5, 5));
        assert_eq!(s.told[a.0].location, "/4");
        assert!(
            s.error(a).starts_with("HS: Redirect failed"),
            "{}",
            s.error(a)
        );
    }
}

#[test]
fn what_cannot_be_followed_is_an_error_that_says_so() {
    for (head, told, why) in [
        ("Server: a", 0, "HS: Redirect code but no Location"),
        ("Location:", 0, "HS: Redirect code but no Location"),
        ("Location: ftp://a.test/", 1, "HS: URI did not parse"),
        ("Location: http://+run/", 1, "HS: URI did not parse"),
    ] {
        let mut s = Story::new();
        let a = s.get();
        let b = s.get();
        s.run();
        s.answer(&format!(
            "HTTP/1.1 302 Found\r\n{head}\r\nContent-Length: 0\r\n\r\n"
        ));
        assert!(s.error(a).starts_with(why), "{head}: {}", s.error(a));
        assert_eq!(s.count(a, Redirect), told);
        s.answer(OK);
        assert_eq!(
            s.end_of(b),
            Some(End::Completed),
            "the next is not its business"
        );
    }
}

#[test]
fn tls_is_turned_on_but_not_off_unless_the_program_accepts_that() {
    for downgrades in [false, true] {
        let mut s = Story::tls();
        let asked = Asked::get();
        let a = s.ask(if downgrades {
            asked.downgrades()
        } else {
            asked
        });
        s.run();
        assert_eq!(s.handshakes, 1);
        s.redirects(302, "http://a.test/", "");
        match downgrades {
            true => s.answer(OK),
            false => assert!(
                s.error(a)
                    .starts_with("HS: Redirect attempted SSL downgrade")
            ),
        }
        let end = if downgrades {
            End::Completed
        } else {
            End::Failed
        };
        assert_eq!((s.ends(), s.handshakes), (vec![(a, end)], 1));
    }
    let mut s = Story::tls();
    s.site.tls = false;
    let a = s.get();
    s.run();
    s.redirects(302, "https://a.test/", "");
    s.answer(OK);
    assert_eq!((s.end_of(a), s.handshakes), (Some(End::Completed), 1));
}

#[test]
fn without_leave_it_is_an_answer_and_with_a_no_an_error() {
    let mut s = Story::new();
    let a = s.ask(Asked::get().stays());
    s.run();
    s.redirects(302, "/x", "here");
    assert_eq!((s.told[a.0].status, s.body(a)), (302, "here"));
    assert_eq!(s.count(a, Redirect), 0);
    for proto in Proto::ALL {
        let mut s = proto.story();
        let all = s.some(2);
        s.says_no(all[0], Redirect);
        s.redirects(302, "/x", "");
        assert!(
            s.error(all[0])
                .starts_with("HS: user code rejected redirect")
        );
        s.unhook();
        s.answer_each();
        assert_eq!(s.end_of(all[1]), Some(End::Completed), "{proto:?}");
    }
}

#[test]
fn a_cancel_in_any_callback_of_a_redirect_ends_it_once() {
    for proto in Proto::ALL {
        for (reason, nth) in [
            (Redirect, 1),
            (Unbind, 1),
            (Bind, 2),
            (Connecting, 2),
            (Append, 2),
        ] {
            for now in [false, true] {
                let mut s = proto.story();
                let all = s.some(2);
                let a = all[0];
                s.hook(move |s, who, of| {
                    if (who, of) == (a, reason) && s.count(a, of) == nth {
                        match now {
                            true => s.cancel_now(a),
                            false => s.cancel(a),
                        }
                    }
                    0
                });
                s.redirects(302, "http://b.test/", "gone");
                assert_eq!(s.end_of(a), Some(End::Failed), "{proto:?} {reason:?} {now}");
                s.answer_each();
                assert_eq!(s.end_of(all[1]), Some(End::Completed));
            }
        }
    }
}

#[test]
fn a_destroyed_vhost_takes_redirected_ones_with_it() {
    for proto in Proto::ALL {
        for (reason, nth) in [(Redirect, 1), (Unbind, 1), (Bind, 2), (Append, 2)] {
            let mut s = proto.story();
            let a = s.some(2)[0];
            s.hook(move |s, who, of| {
                if (who, of) == (a, reason) && s.count(a, of) == nth {
                    s.destroy_vhost();
                }
                0
            });
            s.redirects(302, "http://b.test/", "gone");
            assert_eq!(s.ends(), []);
        }
    }
}

#[test]
fn a_follow_up_has_attempts_and_a_deadline_of_its_own_and_its_failure_is_its_own() {
    let mut s = Story::new();
    let a = s.get();
    s.run();
    s.wait_secs(REPLY_SECS - 1);
    s.redirects(302, "/x", "");
    s.wait_secs(REPLY_SECS - 1);
    assert_eq!(s.end_of(a), None);
    s.wait_secs(2);
    assert!(s.error(a).starts_with("Timed out waiting server reply"));
    let mut s = Story::new();
    let (a, b) = (s.get(), s.get());
    s.run();
    s.dials
        .push_back(Dialed::Refuses("conn fail: ECONNREFUSED"));
    s.redirects(302, "http://b.test/", "");
    assert!(s.error(a).starts_with("conn fail: ECONNREFUSED: b.test:80"));
    s.peer().says(OK);
    s.run();
    assert_eq!(
        (s.end_of(a), s.end_of(b)),
        (Some(End::Failed), Some(End::Completed))
    );
}

#[test]
fn a_follow_up_joins_the_live_connection_of_where_it_goes() {
    for proto in Proto::ALL {
        let mut s = proto.story();
        let all = s.some(2);
        s.redirects(302, "http://b.test/1", "");
        match proto {
            Proto::H1 => s.sockets[0]
                .says("HTTP/1.1 302 Any\r\nLocation: http://b.test/2\r\nContent-Length: 0\r\n\r\n"),
            _ => s.puts_on(0, |server| {
                let id = *server.waiting().first().expect("the other");
                server.head_only(id, 302, &[("location", "http://b.test/2")]);
            }),
        }
        s.run();
        assert_eq!(s.connects(), 2, "{proto:?}");
        s.answer_each();
        s.answer_each();
        let ends = [(all[0], End::Completed), (all[1], End::Completed)];
        assert_eq!((s.ends(), s.connects()), (ends.to_vec(), 2));
    }
}

#[test]
fn a_session_of_ours_begins_anew() {
    let mut s = Story::new();
    let a = s.get();
    s.run();
    let key = s.told[a.0].key;
    if let Some(wsi) = s.engine.wsis.get_mut(key) {
        let mut session = Block::zeroed(2, c"a session").expect("memory");
        session.bytes().fill(7);
        wsi.session = Some(session);
    }
    s.hook(move |s, _, of| {
        let wsi = s.engine.wsis.get_mut(key).expect("it lives");
        let seen = wsi.session.as_mut().map(|session| session.bytes().to_vec());
        match (of, s.count(a, Bind)) {
            (Unbind, 1) => assert_eq!(seen, Some(vec![7; 2])),
            (Bind, 2) => assert_eq!(seen, Some(vec![0; 2])),
            _ => {}
        }
        0
    });
    s.redirects(302, "/x", "");
    s.answer(OK);
    assert_eq!((s.count(a, Bind), s.end_of(a)), (2, Some(End::Completed)));
}

#[test]
fn the_stream_of_a_redirect_is_let_go_and_the_others_go_on() {
    let mut s = Proto::Broadside.story();
    let all = s.some(2);
    s.says(|server| server.head(1, 302, &[("location", "/x")]));
    assert_eq!(server_resets(&mut s), [1]);
    s.answer_all();
    assert_eq!((s.ended(End::Completed), s.connects()), (2, 1));
    assert_eq!(s.count(all[0], Append), 2);
}

fn server_resets(s: &mut Story) -> Vec<u32> {
    let resets = s.server().resets.iter();
    resets.map(|(id, _)| *id).collect()
}

#[test]
fn a_ws_stays_one_wherever_it_goes() {
    for bound in [true, false] {
        for location in ["/x", "ws://b.test/x", "http://b.test:81/x"] {
            let mut s = Story::new();
            let asked = Asked::ws();
            let a = s.ask(if bound { asked } else { asked.unbound() });
            s.run();
            s.redirects(302, location, "elsewhere");
            assert_eq!((s.connects(), s.count(a, Established)), (2, 0));
            s.agrees(b"");
            assert_eq!(s.count(a, Reason::ClientEstablished), 1, "{location}");
            assert!(s.text(a, "hello"));
            s.run();
            assert_eq!(s.frames().len(), 1);
            s.hangs_up();
            let told = |reason| s.count(a, reason);
            let again = if bound { 2 } else { 0 };
            assert_eq!((told(Bind), told(Unbind)), (again, again / 2));
            assert_eq!(told(Reason::ClientClosed), 1);
        }
    }
    let mut s = Story::new();
    let a = s.ask(Asked::ws().stays());
    s.run();
    s.redirects(302, "/x", "");
    assert!(s.error(a).starts_with("HS: ws upgrade response not 101"));
}

#[test]
fn a_server_on_a_unix_socket_that_names_itself_is_still_there() {
    for (to, stays) in [
        ("http://A.test/there", true),
        ("//a.test:80/there", true),
        ("http://a.test:81/there", false),
        ("http://b.test/there", false),
    ] {
        let mut s = Story::new();
        let a = s.ask(Asked::get().at("+/run/a.sock").login("me", "secret"));
        s.run();
        s.redirects(302, to, "");
        assert_eq!(s.connects(), if stays { 1 } else { 2 }, "{to}");
        assert_eq!(wsi(&s, a).ask.auth.is_some(), stays, "{to}");
        s.answer(OK);
        assert_eq!(s.ends(), [(a, End::Completed)]);
    }
}
