//! The only place that makes keys and certificates: a CA and one leaf for every way to be wrong.

use crate::Options;
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{
    AlpnError, SslAcceptor, SslMethod, SslVerifyMode, SslVersion, select_next_proto,
};
use openssl::x509::extension::{BasicConstraints, KeyUsage, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509NameBuilder};
use std::collections::HashMap;

/// What `--cert` and the control line `cert` accept.
pub(crate) const KINDS: [&str; 6] = [
    "good",
    "expired",
    "notyet",
    "selfsigned",
    "wrongname",
    "unknown",
];

const DAY: i64 = 86_400;

pub(crate) struct Identity {
    pub(crate) key: PKey<Private>,
    pub(crate) cert: X509,
}

pub(crate) struct Certs {
    pub(crate) ca: X509,
    pub(crate) leaves: HashMap<&'static str, Identity>,
}

impl Certs {
    pub(crate) fn make() -> Result<Self, ErrorStack> {
        let ca = issue("Broadside Peer CA", &[], None, -DAY, 30 * DAY)?;
        let stranger = issue("A CA that nobody knows", &[], None, -DAY, 30 * DAY)?;
        let here = ["localhost"];
        let mut leaves = HashMap::new();
        for kind in KINDS {
            let leaf = match kind {
                "expired" => issue("localhost", &here, Some(&ca), -9 * DAY, -2 * DAY)?,
                "notyet" => issue("localhost", &here, Some(&ca), 2 * DAY, 9 * DAY)?,
                "selfsigned" => issue("localhost", &here, None, -DAY, 30 * DAY)?,
                "wrongname" => issue(
                    "elsewhere.test",
                    &["elsewhere.test"],
                    Some(&ca),
                    -DAY,
                    9 * DAY,
                )?,
                "unknown" => issue("localhost", &here, Some(&stranger), -DAY, 9 * DAY)?,
                _ => issue("localhost", &here, Some(&ca), -DAY, 9 * DAY)?,
            };
            leaves.insert(kind, leaf);
        }
        Ok(Self {
            ca: ca.cert,
            leaves,
        })
    }

    /// An acceptor that shows the leaf of this kind and takes the first of `alpn` that is offered.
    pub(crate) fn acceptor(
        &self,
        kind: &str,
        options: &Options,
    ) -> Result<SslAcceptor, ErrorStack> {
        let mut b = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
        if let Some(leaf) = self.leaves.get(kind) {
            b.set_private_key(&leaf.key)?;
            b.set_certificate(&leaf.cert)?;
        }
        if options.client_cert {
            b.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
            b.cert_store_mut().add_cert(self.ca.clone())?;
        }
        // Without it sessions of clients with a certificate would not be resumed.
        b.set_session_id_context(b"broadside-peer")?;
        if options.tls12 {
            b.set_max_proto_version(Some(SslVersion::TLS1_2))?;
        }
        let ours: Vec<u8> = options.alpn.split(',').flat_map(alpn_item).collect();
        b.set_alpn_select_callback(move |_, offered| {
            let picked = select_next_proto(&ours, offered).unwrap_or(b"");
            // OpenSSL keeps what is returned, so it is the client's own bytes.
            let place = offered.windows(picked.len()).position(|w| w == picked);
            place
                .and_then(|at| offered.get(at..at + picked.len()))
                .filter(|name| !name.is_empty())
                .ok_or(AlpnError::NOACK)
        });
        Ok(b.build())
    }
}

/// RFC 7301 §3.1: its length, then the name.
fn alpn_item(name: &str) -> Vec<u8> {
    [&[name.len() as u8], name.as_bytes()].concat()
}

/// A self-signed CA when nobody signs and no names are given; else a leaf for `names` and the loopback addresses.
fn issue(
    common_name: &str,
    names: &[&str],
    signer: Option<&Identity>,
    from: i64,
    until: i64,
) -> Result<Identity, ErrorStack> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let key = PKey::from_ec_key(EcKey::generate(&group)?)?;
    let mut subject = X509NameBuilder::new()?;
    subject.append_entry_by_nid(Nid::COMMONNAME, common_name)?;
    let subject = subject.build();

    let mut b = X509Builder::new()?;
    b.set_version(2)?;
    let mut serial = BigNum::new()?;
    serial.rand(64, openssl::bn::MsbOption::MAYBE_ZERO, false)?;
    let serial = serial.to_asn1_integer()?;
    b.set_serial_number(&serial)?;
    b.set_subject_name(&subject)?;
    b.set_issuer_name(signer.map_or(&*subject, |s| s.cert.subject_name()))?;
    b.set_pubkey(&key)?;
    let (not_before, not_after) = (at(from)?, at(until)?);
    b.set_not_before(&not_before)?;
    b.set_not_after(&not_after)?;
    if names.is_empty() {
        let ca = BasicConstraints::new().critical().ca().build()?;
        b.append_extension(ca)?;
        let usage = KeyUsage::new()
            .critical()
            .key_cert_sign()
            .crl_sign()
            .build()?;
        b.append_extension(usage)?;
    } else {
        let mut san = SubjectAlternativeName::new();
        for name in names {
            san.dns(name);
        }
        if names.contains(&"localhost") {
            san.ip("127.0.0.1").ip("::1");
        }
        let san = san.build(&b.x509v3_context(None, None))?;
        b.append_extension(san)?;
    }
    b.sign(signer.map_or(&key, |s| &s.key), MessageDigest::sha256())?;
    Ok(Identity {
        key,
        cert: b.build(),
    })
}

fn at(offset: i64) -> Result<Asn1Time, ErrorStack> {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |d| d.as_secs() as i64);
    Asn1Time::from_unix(now + offset)
}
