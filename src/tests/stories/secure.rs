//! Stories of the TLS handshake, as far as the engine sees it.

use crate::engine::call::Reason;
use crate::net::transport::Io;
use crate::tests::books::End;
use crate::tests::h2_story::Proto;
use crate::tests::peer::{OK, Shake};
use crate::tests::story::Story;

#[test]
fn a_handshake_is_asked_again_only_when_the_socket_has_news() {
    for proto in Proto::ALL {
        let mut s = proto.tls();
        s.says_hello = false;
        let a = s.get();
        s.run();
        assert!(
            s.handshakes <= 2,
            "{} turns of the handshake, and the peer has said nothing",
            s.handshakes
        );
        s.says_hello = true;
        s.shakes
            .extend([Shake::WantRead, Shake::WantWrite, Shake::Done]);
        s.run();
        assert!(
            s.handshakes <= 6,
            "{} turns of the handshake for three that had news",
            s.handshakes
        );
        s.answers_ok();
        assert_eq!(s.ends(), [(a, End::Completed)]);
    }
}

#[test]
fn a_handshake_that_fails_fails_all_with_its_reason() {
    for proto in Proto::ALL {
        let mut s = proto.tls();
        s.shakes.push_back(Shake::Failed(
            "server's cert didn't look good, tls=hostname X509_V_ERR = 62: hostname mismatch",
        ));
        let [a, b, c] = s.three();
        assert_eq!(
            s.ends(),
            [(a, End::Failed), (b, End::Failed), (c, End::Failed)]
        );
        for who in [a, b, c] {
            assert!(
                s.error(who)
                    .starts_with("server's cert didn't look good, tls=hostname"),
                "{}",
                s.error(who)
            );
            assert!(
                s.error(who).contains("in the TLS handshake"),
                "{}",
                s.error(who)
            );
        }
    }
}

#[test]
fn a_certificate_that_the_programs_hook_refuses_fails_the_leader_alone() {
    for proto in Proto::IN_TURN {
        let mut s = proto.tls();
        s.shakes.push_back(Shake::Refused(
            "tls: the program's hook refused the certificate",
        ));
        let [a, b, c] = s.three();
        assert_eq!(s.ends(), [(a, End::Failed)]);
        assert!(
            s.error(a).starts_with("tls: the program's hook refused"),
            "{}",
            s.error(a)
        );
        assert_eq!(s.places(), [(vec![b], vec![c])]);
        s.answers_ok();
        s.answers_ok();
        assert_eq!((s.connects(), s.ends().len()), (2, 3));
    }
}

#[test]
fn a_certificate_that_only_the_programs_hook_accepts_is_the_leaders_alone() {
    let mut s = Story::tls();
    s.shakes
        .extend([Shake::Changed, Shake::Changed, Shake::Changed]);
    let [a, b, c] = s.three();
    assert_eq!(
        s.lists(),
        [(Some(a), vec![]), (Some(b), vec![]), (Some(c), vec![])]
    );
    for n in 0..3 {
        s.sockets[n].says(OK);
        s.run();
    }
    assert_eq!((s.connects(), s.ends().len(), s.lists().len()), (3, 3, 0));
    for who in [a, b, c] {
        assert_eq!(s.count(who, Reason::PerformServerCertVerification), 1);
    }
}

#[test]
fn a_leader_cancelled_in_the_handshake_leaves_it_to_the_next() {
    for proto in Proto::IN_TURN {
        let mut s = proto.tls();
        s.says_hello = false;
        let [a, b, c] = s.three();
        s.cancel(a);
        s.run();
        assert_eq!(s.places(), [(vec![b], vec![c])]);
        s.says_hello = true;
        s.run();
        s.answers_ok();
        s.answers_ok();
        assert_eq!((s.connects(), s.ends().len()), (1, 3));
    }
}

#[test]
fn a_vhost_without_an_ssl_ctx_says_why() {
    let mut s =
        Story::without_tls("tls: no client SSL_CTX; set LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT");
    let [a, b, c] = s.three();
    assert_eq!(
        s.ends(),
        [(a, End::Failed), (b, End::Failed), (c, End::Failed)]
    );
    assert!(
        s.error(c).starts_with("tls: no client SSL_CTX"),
        "{}",
        s.error(c)
    );
}

#[test]
fn a_write_that_waits_for_something_to_read_goes_on_when_it_came() {
    for proto in Proto::ALL {
        let mut s = proto.tls();
        let a = s.get();
        s.hook(|s, _, reason| {
            if reason == Reason::AppendHandshakeHeader {
                s.peer().write_fails = Some(Io::WantRead);
            }
            0
        });
        s.run();
        s.peer().next_read_is(Io::WantRead);
        s.run();
        assert_eq!(s.asked_there(), ["GET /"]);
        s.answers_ok();
        assert_eq!(s.ends(), [(a, End::Completed)]);
    }
}

#[test]
fn a_read_that_waits_for_room_to_write_goes_on_when_there_is_some() {
    for proto in Proto::ALL {
        let mut s = proto.tls();
        let a = s.get();
        s.run();
        match proto.is_h2() {
            true => s.puts(|server| server.ok(1)),
            false => s.peer().says(OK),
        }
        s.peer().next_read_is(Io::WantWrite);
        s.run();
        assert_eq!(s.ends(), [(a, End::Completed)]);
    }
}
