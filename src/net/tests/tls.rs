//! Handshakes, good and bad.

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};

use openssl_sys::{self as ffi, SSL, X509_STORE_CTX};

use super::peer::{Identity, NOW, Peer, San, Seen, authority, selfsigned, server};
use super::{connected, wait};
use crate::net::poll::Interest;
use crate::net::tls::{TlsAsk, TlsClient, TlsConfig, Trust};
use crate::net::transport::{Handshake, Transport};
use crate::net::verify::VerifyHook;

pub(super) const HOST: &str = "a.test";
const STRICT: Trust = Trust {
    selfsigned: false,
    skip_hostname: false,
    expired: false,
    insecure: false,
};

/// A program's hook: what it was asked, and what it does.
#[derive(Default)]
pub(super) struct Hook {
    pub(super) asked: Vec<i32>,
    set_ok: bool,
    refuse: bool,
    panic: bool,
}

impl VerifyHook for Hook {
    fn verify(&mut self, preverify_ok: i32, store: *mut X509_STORE_CTX, ssl: *mut SSL) -> i32 {
        assert!(!ssl.is_null());
        self.asked.push(preverify_ok);
        assert!(!self.panic, "thrown by the story's hook");
        if self.set_ok {
            // SAFETY: the live store of this question.
            unsafe { ffi::X509_STORE_CTX_set_error(store, ffi::X509_V_OK) };
        }
        i32::from(self.refuse)
    }
}

pub(super) fn trusting(ca: &Identity) -> TlsClient {
    let pem = ca.cert.to_pem().unwrap();
    let (client, warnings) = TlsClient::new(&TlsConfig {
        ca_mem: Some(&pem),
        ..TlsConfig::default()
    })
    .unwrap();
    assert_eq!(warnings, [""; 0]);
    client
}

pub(super) fn strict(name: &str) -> TlsAsk<'_> {
    TlsAsk {
        name,
        alpn: None,
        trust: STRICT,
        session: None,
        credentials: None,
    }
}

pub(super) fn shake(transport: &mut Transport, hook: &mut Hook) -> Handshake {
    loop {
        match transport.handshake(hook) {
            Handshake::WantRead => wait(transport, Interest::READ),
            Handshake::WantWrite => wait(transport, Interest::WRITE),
            end => return end,
        }
    }
}

pub(super) fn secured(peer: &Peer, client: &TlsClient, ask: &TlsAsk<'_>) -> Transport {
    let mut transport = connected(peer.addr);
    transport.secure(client, ask).unwrap();
    assert_ne!(transport.ssl(), 0);
    transport
}

/// One handshake with a server that is `identity`.
fn meet(
    identity: &Identity,
    client: &TlsClient,
    ask: &TlsAsk<'_>,
    hook: &mut Hook,
) -> (Handshake, Result<Seen, String>) {
    let peer = Peer::tls(identity, |_| {});
    let mut transport = secured(&peer, client, ask);
    let end = shake(&mut transport, hook);
    transport.close(true);
    (end, peer.join())
}

fn refused_text(identity: &Identity, client: &TlsClient, ask: &TlsAsk<'_>) -> String {
    let (end, _) = meet(identity, client, ask, &mut Hook::default());
    let Handshake::Failed(text) = end else {
        panic!("{end:?}")
    };
    assert!(!text.contains('\n'));
    text
}

/// What ALPN chose, and whether the hook made good what was bad.
fn done(end: &Handshake) -> Option<(Option<&str>, bool)> {
    match end {
        Handshake::Done {
            alpn,
            verdict_changed,
            ..
        } => Some((alpn.as_deref(), *verdict_changed)),
        _ => None,
    }
}

fn accepted(identity: &Identity, client: &TlsClient, ask: &TlsAsk<'_>) -> Seen {
    let (end, seen) = meet(identity, client, ask, &mut Hook::default());
    assert!(
        matches!(
            end,
            Handshake::Done {
                verdict_changed: false,
                ..
            }
        ),
        "{end:?}"
    );
    seen.unwrap()
}

#[test]
fn a_good_certificate_is_accepted_and_alpn_and_sni_are_said() {
    let ca = authority();
    let (identity, client) = (server(&ca, &[San::Dns(HOST)], NOW), trusting(&ca));
    for (alpn, chosen) in [
        (None, None),
        (Some("h2,http/1.1"), Some("h2")),
        (Some("http/1.1"), Some("http/1.1")),
    ] {
        let ask = TlsAsk {
            alpn,
            ..strict("a.test.")
        };
        let mut hook = Hook::default();
        let (end, seen) = meet(&identity, &client, &ask, &mut hook);
        assert_eq!(done(&end), Some((chosen, false)));
        assert_eq!(
            seen.unwrap(),
            Seen {
                sni: Some(HOST.into()),
                client_cert: false
            }
        );
        assert_eq!(hook.asked, [1, 1], "once for the CA, once for the server");
    }
}

#[test]
fn a_self_signed_one_needs_its_flag() {
    let (identity, client) = (selfsigned(&[San::Dns(HOST)]), trusting(&authority()));
    let text = refused_text(&identity, &client, &strict(HOST));
    assert!(
        text.starts_with("server's cert didn't look good, tls=invalidca X509_V_ERR = 18: "),
        "{text}"
    );
    assert!(
        text.contains("; add the CA with client_ssl_ca_filepath"),
        "{text}"
    );
    let others = Trust {
        skip_hostname: true,
        expired: true,
        insecure: true,
        ..STRICT
    };
    refused_text(
        &identity,
        &client,
        &TlsAsk {
            trust: others,
            ..strict(HOST)
        },
    );
    accepted(
        &identity,
        &client,
        &TlsAsk {
            trust: Trust {
                selfsigned: true,
                ..STRICT
            },
            ..strict(HOST)
        },
    );
}

#[test]
fn the_self_signed_flag_does_not_excuse_another_name() {
    let (identity, client) = (selfsigned(&[San::Dns("b.test")]), trusting(&authority()));
    let ask = TlsAsk {
        trust: Trust {
            selfsigned: true,
            ..STRICT
        },
        ..strict(HOST)
    };
    let text = refused_text(&identity, &client, &ask);
    assert!(
        text.starts_with("server's cert didn't look good, tls=hostname X509_V_ERR = 62: "),
        "{text}"
    );
}

#[test]
fn an_unknown_issuer_needs_its_flag() {
    let (identity, client) = (
        server(&authority(), &[San::Dns(HOST)], NOW),
        trusting(&authority()),
    );
    let text = refused_text(&identity, &client, &strict(HOST));
    assert!(
        text.starts_with("server's cert didn't look good, tls=invalidca X509_V_ERR = "),
        "{text}"
    );
    refused_text(
        &identity,
        &client,
        &TlsAsk {
            trust: Trust {
                selfsigned: true,
                ..STRICT
            },
            ..strict(HOST)
        },
    );
}

#[test]
fn an_issuer_that_is_not_there_needs_the_insecure_flag() {
    let (identity, (client, _)) = (
        server(&authority(), &[San::Dns(HOST)], NOW),
        TlsClient::new(&TlsConfig::default()).unwrap(),
    );
    let text = refused_text(&identity, &client, &strict(HOST));
    assert!(
        text.starts_with("server's cert didn't look good, tls=invalidca X509_V_ERR = 20: "),
        "{text}"
    );
    accepted(
        &identity,
        &client,
        &TlsAsk {
            trust: Trust {
                insecure: true,
                ..STRICT
            },
            ..strict(HOST)
        },
    );
}

#[test]
fn time_is_checked_and_its_flag_excuses_it() {
    let ca = authority();
    let client = trusting(&ca);
    let lax = TlsAsk {
        trust: Trust {
            expired: true,
            ..STRICT
        },
        ..strict(HOST)
    };
    for (valid, words) in [
        ((-30, -1), "expired X509_V_ERR = 10"),
        ((1, 30), "notyetvalid X509_V_ERR = 9"),
    ] {
        let identity = server(&ca, &[San::Dns(HOST)], valid);
        let text = refused_text(&identity, &client, &strict(HOST));
        assert!(
            text.starts_with(&format!("server's cert didn't look good, tls={words}: ")),
            "{text}"
        );
        accepted(&identity, &client, &lax);
    }
}

#[test]
fn the_name_is_checked_unless_it_is_not_wanted() {
    let ca = authority();
    let client = trusting(&ca);
    let identity = server(
        &ca,
        &[
            San::Dns("b.test"),
            San::Dns("*.wild.test"),
            San::Dns("f*.part.test"),
        ],
        NOW,
    );
    for wrong in [
        HOST,
        "x.b.test",
        "wild.test",
        "a.b.wild.test",
        "foo.part.test",
        "127.0.0.1",
    ] {
        let text = refused_text(&identity, &client, &strict(wrong));
        assert!(
            text.starts_with("server's cert didn't look good, tls=hostname X509_V_ERR = 6"),
            "{text}"
        );
        accepted(
            &identity,
            &client,
            &TlsAsk {
                trust: Trust {
                    skip_hostname: true,
                    ..STRICT
                },
                ..strict(wrong)
            },
        );
    }
    for right in ["b.test", "B.TEST", "c.wild.test"] {
        accepted(&identity, &client, &strict(right));
    }
}

#[test]
fn addresses_are_checked_as_addresses_and_are_no_sni() {
    let ca = authority();
    let client = trusting(&ca);
    let identity = server(
        &ca,
        &[San::Ip("127.0.0.1"), San::Ip("::1"), San::Ip("fe80::1")],
        NOW,
    );
    for name in ["127.0.0.1", "::1", "[::1]", "0:0:0:0:0:0:0:1", "fe80::1%lo"] {
        assert_eq!(
            accepted(&identity, &client, &strict(name)).sni,
            None,
            "{name}"
        );
    }
    for name in ["127.0.0.2", "[::2]"] {
        let text = refused_text(&identity, &client, &strict(name));
        assert!(
            text.starts_with("server's cert didn't look good, tls=hostname X509_V_ERR = 64: "),
            "{text}"
        );
    }
}

#[test]
fn the_hook_makes_a_bad_certificate_good() {
    let (identity, client) = (selfsigned(&[San::Dns(HOST)]), trusting(&authority()));
    let mut hook = Hook {
        set_ok: true,
        ..Hook::default()
    };
    let (end, seen) = meet(&identity, &client, &strict(HOST), &mut hook);
    assert_eq!(done(&end), Some((None, true)));
    assert!(hook.asked.contains(&0) && seen.is_ok());
}

#[test]
fn the_hook_returning_zero_alone_does_not() {
    let (identity, client) = (selfsigned(&[San::Dns(HOST)]), trusting(&authority()));
    let mut hook = Hook::default();
    let (end, _) = meet(&identity, &client, &strict(HOST), &mut hook);
    assert!(matches!(end, Handshake::Failed(_)), "{end:?}");
    assert_eq!(hook.asked, [0]);
}

#[test]
fn the_hook_sees_an_excused_certificate_as_good() {
    let (identity, client) = (selfsigned(&[San::Dns(HOST)]), trusting(&authority()));
    let mut hook = Hook::default();
    let ask = TlsAsk {
        trust: Trust {
            selfsigned: true,
            ..STRICT
        },
        ..strict(HOST)
    };
    let (end, _) = meet(&identity, &client, &ask, &mut hook);
    assert_eq!(done(&end), Some((None, false)));
    assert_eq!(hook.asked, [1]);
}

#[test]
fn the_hook_refuses_good_and_bad_alike() {
    let ca = authority();
    let client = trusting(&ca);
    for (identity, code) in [
        (server(&ca, &[San::Dns(HOST)], NOW), 50),
        (selfsigned(&[San::Dns(HOST)]), 18),
    ] {
        let mut hook = Hook {
            refuse: true,
            ..Hook::default()
        };
        let (end, seen) = meet(&identity, &client, &strict(HOST), &mut hook);
        let Handshake::Refused(text) = end else {
            panic!("{end:?}")
        };
        assert!(
            text.starts_with("server's cert didn't look good, tls=invalidca"),
            "{text}"
        );
        assert!(text.contains(&format!("X509_V_ERR = {code}: ")), "{text}");
        assert!(seen.is_err() && hook.asked.len() == 1);
    }
}

#[test]
fn a_hook_that_throws_leaves_a_transport_that_closes() {
    let ca = authority();
    let (identity, client) = (server(&ca, &[San::Dns(HOST)], NOW), trusting(&ca));
    let peer = Peer::tls(&identity, |_| {});
    let mut transport = secured(&peer, &client, &strict(HOST));
    let mut hook = Hook {
        panic: true,
        ..Hook::default()
    };
    assert!(catch_unwind(AssertUnwindSafe(|| shake(&mut transport, &mut hook))).is_err());
    drop(hook);
    transport.close(true);
    assert!(peer.join().is_err());
}

#[test]
fn alerts_name_themselves_and_what_to_do() {
    let ca = authority();
    let identity = server(&ca, &[San::Dns(HOST)], NOW);
    let ask = TlsAsk {
        alpn: Some("foo"),
        ..strict(HOST)
    };
    let text = refused_text(&identity, &trusting(&ca), &ask);
    assert!(
        text.starts_with("tls: ") && text.contains("leave alpn out"),
        "{text}"
    );
}

#[test]
fn asks_that_cannot_be_are_refused_before_a_byte_is_sent() {
    let client = trusting(&authority());
    let peer = Peer::plain(|mut tcp| {
        assert_eq!(tcp.read(&mut [0; 8]).unwrap(), 0);
        Ok(Seen::default())
    });
    let mut transport = connected(peer.addr);
    let lax = Trust {
        skip_hostname: true,
        ..STRICT
    };
    for ask in [
        strict(""),
        strict("."),
        strict("[]"),
        strict("a\0b"),
        TlsAsk {
            trust: lax,
            ..strict("")
        },
        TlsAsk {
            alpn: Some("0123456789,0123456789,0123456789,0123456789"),
            ..strict(HOST)
        },
        strict(&"x".repeat(300)),
    ] {
        let text = transport.secure(&client, &ask).unwrap_err();
        assert!(text.starts_with("tls: "), "{text}");
    }
    transport.close(true);
    peer.join().unwrap();
}
