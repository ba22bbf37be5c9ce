//! The other side: certificates made on the spot, and a TLS server that takes one connection.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{
    AlpnError, Ssl, SslContext, SslContextBuilder, SslMethod, SslStream, select_next_proto,
};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509NameBuilder};

#[derive(Clone)]
pub(super) struct Identity {
    pub(super) cert: X509,
    pub(super) key: PKey<Private>,
}

#[derive(Clone, Copy)]
pub(super) enum San {
    Dns(&'static str),
    Ip(&'static str),
}

/// Days from now, from and to.
pub(super) type Valid = (i64, i64);
pub(super) const NOW: Valid = (-1, 30);

pub(super) fn authority() -> Identity {
    make("Story CA", None, &[], NOW)
}

pub(super) fn server(ca: &Identity, sans: &[San], valid: Valid) -> Identity {
    make("server", Some(ca), sans, valid)
}

pub(super) fn selfsigned(sans: &[San]) -> Identity {
    make("lonely", None, sans, NOW)
}

fn make(name: &str, ca: Option<&Identity>, sans: &[San], valid: Valid) -> Identity {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let mut subject = X509NameBuilder::new().unwrap();
    subject.append_entry_by_text("CN", name).unwrap();
    let subject = subject.build();
    let mut serial = BigNum::new().unwrap();
    serial.rand(96, MsbOption::MAYBE_ZERO, false).unwrap();
    let mut cert = X509::builder().unwrap();
    cert.set_version(2).unwrap();
    cert.set_serial_number(&serial.to_asn1_integer().unwrap())
        .unwrap();
    cert.set_subject_name(&subject).unwrap();
    cert.set_issuer_name(ca.map_or(&*subject, |ca| ca.cert.subject_name()))
        .unwrap();
    cert.set_not_before(&days(valid.0)).unwrap();
    cert.set_not_after(&days(valid.1)).unwrap();
    cert.set_pubkey(&key).unwrap();
    if ca.is_none() {
        cert.append_extension(BasicConstraints::new().critical().ca().build().unwrap())
            .unwrap();
    }
    if !sans.is_empty() {
        let mut san = SubjectAlternativeName::new();
        for one in sans {
            match one {
                San::Dns(name) => san.dns(name),
                San::Ip(ip) => san.ip(ip),
            };
        }
        let san = san.build(&cert.x509v3_context(None, None)).unwrap();
        cert.append_extension(san).unwrap();
    }
    cert.sign(ca.map_or(&key, |ca| &ca.key), MessageDigest::sha256())
        .unwrap();
    Identity {
        cert: cert.build(),
        key,
    }
}

fn days(from_now: i64) -> Asn1Time {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    Asn1Time::from_unix(now.as_secs() as i64 + from_now * 86_400).unwrap()
}

/// What the server saw of a client that finished its handshake.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) sni: Option<String>,
    pub(super) client_cert: bool,
}

pub(super) struct Peer {
    pub(super) addr: SocketAddr,
    thread: JoinHandle<Result<Seen, String>>,
}

impl Peer {
    /// Takes one connection, shakes hands, and lets `then` talk.
    pub(super) fn tls(
        identity: &Identity,
        then: impl FnOnce(&mut SslStream<TcpStream>) + Send + 'static,
    ) -> Self {
        Self::tls_with(identity, |_| {}, then)
    }

    pub(super) fn tls_with(
        identity: &Identity,
        tune: impl FnOnce(&mut SslContextBuilder),
        then: impl FnOnce(&mut SslStream<TcpStream>) + Send + 'static,
    ) -> Self {
        let mut context = SslContext::builder(SslMethod::tls_server()).unwrap();
        context.set_certificate(&identity.cert).unwrap();
        context.set_private_key(&identity.key).unwrap();
        context.set_alpn_select_callback(|_, client| {
            select_next_proto(b"\x02h2\x08http/1.1", client).ok_or(AlpnError::ALERT_FATAL)
        });
        tune(&mut context);
        let context = context.build();
        Self::plain(move |tcp| {
            let mut stream = SslStream::new(Ssl::new(&context).unwrap(), tcp).unwrap();
            stream.accept().map_err(|e| e.to_string())?;
            let seen = Seen {
                sni: stream
                    .ssl()
                    .servername(openssl::ssl::NameType::HOST_NAME)
                    .map(String::from),
                client_cert: stream.ssl().peer_certificate().is_some(),
            };
            then(&mut stream);
            Ok(seen)
        })
    }

    pub(super) fn plain(
        then: impl FnOnce(TcpStream) -> Result<Seen, String> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let thread = thread::spawn(move || then(listener.accept().unwrap().0));
        Self { addr, thread }
    }

    pub(super) fn join(self) -> Result<Seen, String> {
        self.thread.join().unwrap()
    }
}
