//! Stories of cookies: that they go where they belong, whatever carries them, and when they are to be saved.

use std::path::Path;
use std::sync::Arc;

use crate::engine::jar::Jar;
use crate::proto::cookies::Limits;
use crate::tests::books::End;
use crate::tests::h2_story::Proto;
use crate::tests::peer::OK;
use crate::tests::program::Asked;
use crate::tests::story::Story;

fn with_cookies() -> Asked {
    Asked::get().cookies()
}

impl Story {
    /// The Cookie of the request that was made last, and that there is one at most.
    fn cookie(&mut self) -> String {
        if let Some(server) = &self.peer().server {
            let id = 2 * server.requests().len() as u32 - 1;
            return server.field(id, "cookie").unwrap_or_default().to_owned();
        }
        if let Some(listener) = &self.peer().ws {
            return listener.field("cookie").unwrap_or_default().to_owned();
        }
        let heard = self.peer().heard();
        let head = heard.rsplit(" HTTP/1.1\r\n").next().unwrap_or_default();
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        let mut cookies = lines
            .by_ref()
            .filter(|(name, _)| name.eq_ignore_ascii_case("cookie"));
        let found = cookies.next().map(|(_, value)| value.to_owned());
        assert!(cookies.next().is_none(), "two Cookie lines: {heard}");
        found.unwrap_or_default()
    }

    fn sets(&mut self, status: u16, cookies: &[&str]) {
        let fields: Vec<_> = cookies.iter().map(|one| ("set-cookie", *one)).collect();
        self.replies(status, &fields, "");
    }
}

#[test]
fn what_a_response_sets_goes_with_the_next_request() {
    for proto in Proto::ALL {
        let mut s = proto.story();
        let a = s.ask(with_cookies().path("/x/y?z"));
        s.run();
        assert_eq!(s.cookie(), "");
        s.sets(404, &["a=1", "b=2; Path=/", "c=3; Domain=other.test"]);
        let b = s.ask(with_cookies().path("/x"));
        s.run();
        assert_eq!(s.cookie(), "a=1; b=2", "{proto:?}");
        s.sets(200, &["a=; Max-Age=0; Path=/x"]);
        let c = s.ask(with_cookies().path("/x"));
        s.run();
        assert_eq!(s.cookie(), "b=2");
        s.answers_ok();
        let d = s.get();
        s.run();
        assert_eq!(s.cookie(), "", "without the flag there are none");
        s.sets(200, &["d=4"]);
        let e = s.ask(with_cookies());
        s.run();
        assert_eq!(s.cookie(), "b=2");
        s.answers_ok();
        assert_eq!(s.ends(), [a, b, c, d, e].map(|who| (who, End::Completed)));
    }
}

#[test]
fn a_programs_own_cookies_are_in_the_same_line() {
    for proto in Proto::ALL {
        let mut s = proto.story();
        s.ask(with_cookies());
        s.run();
        s.sets(200, &["a=1", "b=2"]);
        let own = "X: 1\r\nCookie: b=own\r\nY: 2\r\ncookie: z=9\r\n";
        s.ask(with_cookies().append(own));
        s.run();
        assert_eq!(s.cookie(), "b=own; z=9; a=1", "{proto:?}");
        s.answers_ok();
    }
}

#[test]
fn a_redirect_and_a_401_set_them_too() {
    for proto in Proto::ALL {
        let mut s = proto.story();
        let a = s.ask(with_cookies().login("u", "p"));
        s.run();
        s.replies(
            401,
            &[("www-authenticate", "Basic"), ("set-cookie", "s=1")],
            "",
        );
        assert_eq!(s.cookie(), "s=1");
        s.replies(
            302,
            &[("location", "/in"), ("set-cookie", "t=2; Path=/in")],
            "",
        );
        assert_eq!(s.cookie(), "t=2; s=1", "{proto:?}");
        let scheme = if s.site.tls { "https" } else { "http" };
        let elsewhere = format!("{scheme}://b.test:81/");
        s.replies(
            302,
            &[
                ("location", &elsewhere),
                ("set-cookie", "u=3; Domain=b.test"),
            ],
            "",
        );
        assert_eq!(s.cookie(), "");
        s.answers_ok();
        assert_eq!(s.ends(), [(a, End::Completed)]);
    }
}

#[test]
fn secure_ones_stay_on_tls() {
    let mut s = Story::tls();
    s.ask(with_cookies());
    s.run();
    s.sets(200, &["a=1; Secure", "b=2"]);
    s.site.tls = false;
    s.ask(with_cookies());
    s.run();
    assert_eq!(s.cookie(), "b=2");
    s.answer(OK);
}

#[test]
fn a_ws_has_them_too() {
    let mut s = Story::new();
    s.ask(with_cookies());
    s.run();
    s.sets(200, &["a=1"]);
    s.ask(Asked::ws().cookies());
    s.run();
    assert_eq!(s.cookie(), "a=1");
    let agreed = s.agreement("Set-Cookie: b=2\r\n");
    s.bytes(agreed.as_bytes());
    s.ask(with_cookies().at("other.test"));
    s.run();
    assert_eq!(s.cookie(), "a=1; b=2", "it is the name that counts");
    s.answer(OK);
}

#[test]
fn one_that_is_sent_again_says_them_again() {
    let mut s = Story::new();
    s.ask(with_cookies());
    s.run();
    s.sets(200, &["a=1"]);
    let b = s.ask(with_cookies().append("Cookie: own=1\r\n"));
    s.run();
    s.peer().hangs_up();
    s.run();
    assert_eq!(s.cookie(), "own=1; a=1");
    s.answer(OK);
    assert_eq!((s.end_of(b), s.connects()), (Some(End::Completed), 2));
}

#[test]
fn a_change_is_saved_a_second_later_once() {
    let mut s = Story::new();
    let kept = b"a.test\tFALSE\t/\tFALSE\t2000000000\told\t1\n";
    s.engine.jar = Jar::new(Limits::default(), || 1_700_000_000);
    s.engine.jar.keep_in(Arc::from(Path::new("/jar")), kept);
    assert_eq!(s.engine.jar.unsaved(), None);
    let set = |s: &mut Story, line: &str| {
        s.ask(with_cookies());
        s.run();
        let cookie = s.cookie();
        s.sets(200, &[line]);
        cookie
    };
    assert_eq!(set(&mut s, "session=1"), "old=1");
    assert_eq!(s.engine.jar.unsaved(), None, "it ends with the context");
    set(&mut s, "new=2; Max-Age=90");
    set(&mut s, "new=2; Max-Age=100");
    assert_eq!(s.saves, 0);
    s.wait_secs(1);
    assert_eq!(s.saves, 1, "two changes are one write");
    let (file, bytes) = s.engine.jar.unsaved().expect("a change");
    assert_eq!(&*file, Path::new("/jar"));
    let text = String::from_utf8(bytes).expect("text");
    assert!(
        text.contains("\told\t1\n") && text.contains("\t1700000100\tnew\t2\n"),
        "{text}"
    );
    assert_eq!(s.engine.jar.unsaved(), None);
    s.engine.jar.not_saved();
    assert!(s.engine.jar.unsaved().is_some());
}
