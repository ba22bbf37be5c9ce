//! The only place that makes keys and certificates (RFC 5280).

use std::ffi::c_int;
use std::net::IpAddr;

use openssl::asn1::{Asn1Object, Asn1Time};
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::extension::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName,
    SubjectKeyIdentifier,
};
use openssl::x509::{X509, X509Builder, X509Extension, X509Name, X509NameRef, X509Ref};

use super::certificate;
use super::pem::private_key;
use super::secret::Secret;
use super::tls::reason;

/// What is to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order<'a> {
    /// The common name; of a server also its one alternative name.
    pub(crate) name: &'a str,
    pub(crate) key: KeyKind<'a>,
    /// PEM: the certificate of who signs, and its key. `None`: it signs itself.
    pub(crate) signer: Option<(&'a [u8], &'a [u8])>,
    pub(crate) use_of: Use,
    /// 0: as many as `DAYS`.
    pub(crate) days: c_int,
    /// Seconds since 1970.
    pub(crate) now: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind<'a> {
    /// So many bits, 0 for `RSA_BITS`.
    Rsa(c_int),
    /// On the curve of this name.
    Ec(&'a str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// It signs others.
    Authority,
    /// Servers show it, or clients.
    Server,
    Client,
}

/// Both in DER; the key as PKCS#1 or SEC 1 have it.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) cert: Vec<u8>,
    pub(crate) key: Secret,
}

/// RSA takes seconds from some thousand bits on. The error says what is wrong.
pub(crate) fn make(order: &Order<'_>) -> Result<Made, String> {
    let subject = subject(order.name)?;
    let days = days(order.days)?;
    let alternative = match order.use_of {
        Use::Server => Some(alternative_name(order.name)?),
        Use::Authority | Use::Client => None,
    };
    let signer = order.signer.map(|(cert, key)| Signer::read(cert, key));
    let signer = signer.transpose()?;
    if let Some(signer) = &signer {
        signer.may_sign(order.use_of)?;
    }
    let (key, der) = order.key.make()?;
    let failed = |e: ErrorStack| format!("OpenSSL: {}", reason(&e));
    let mut builder = X509Builder::new().map_err(failed)?;
    let issuer = signer.as_ref().map(|signer| &*signer.cert);
    describe(&mut builder, &subject, issuer, &key).map_err(failed)?;
    last_from(&mut builder, order.now, days).map_err(failed)?;
    extend(&mut builder, order.use_of, issuer, &key, alternative).map_err(failed)?;
    let signing = signer.as_ref().map_or(&key, |signer| &signer.key);
    let signed = builder.sign(signing, digest_of(signing));
    signed.map_err(|e| format!("it cannot be signed: {}", reason(&e)))?;
    let cert = builder.build().to_der().map_err(failed)?;
    Ok(Made { cert, key: der })
}

/// What a certificate without dates of its own is good for.
const DAYS: i64 = 365;
/// A hundred years: no mistake of a program's asks for more.
const MOST_DAYS: i64 = 36_600;
const DAY: i64 = 86_400;
const RSA_BITS: u32 = 2048;
/// Fewer are broken; more take minutes.
const RSA_RANGE: std::ops::RangeInclusive<u32> = 1024..=8192;
/// As strong as 2,048 bits of RSA (SP 800-57 part 1, table 2).
const LEAST_EC_BITS: u32 = 224;
/// RFC 5280, ub-common-name.
const LONGEST_NAME: usize = 64;
/// At least 64 of them unpredictable; 20 bytes at most (RFC 5280 section 4.1.2.2).
const SERIAL_BITS: i32 = 128;

impl KeyKind<'_> {
    fn make(self) -> Result<(PKey<Private>, Secret), String> {
        let made = match self {
            Self::Rsa(bits) => rsa(rsa_bits(bits)?),
            Self::Ec(name) => ec(&curve(name)?),
        };
        let (key, der) = made.map_err(|e| format!("no key can be made: {}", reason(&e)))?;
        match (self, key.id()) {
            (Self::Rsa(_), Id::RSA) | (Self::Ec(_), Id::EC) => Ok((key, der)),
            _ => Err("a key on that curve is not for ECDSA".to_owned()),
        }
    }
}

fn rsa(bits: u32) -> Result<(PKey<Private>, Secret), ErrorStack> {
    let key = Rsa::generate(bits)?;
    let der = Secret::of(key.private_key_to_der()?);
    Ok((PKey::from_rsa(key)?, der))
}

fn ec(group: &EcGroup) -> Result<(PKey<Private>, Secret), ErrorStack> {
    let key = EcKey::generate(group)?;
    let der = Secret::of(key.private_key_to_der()?);
    Ok((PKey::from_ec_key(key)?, der))
}

fn rsa_bits(bits: c_int) -> Result<u32, String> {
    let wanted = match bits {
        0 => Some(RSA_BITS),
        bits => u32::try_from(bits).ok(),
    };
    let wanted = wanted.filter(|bits| RSA_RANGE.contains(bits));
    wanted.ok_or_else(|| {
        let (least, most) = (RSA_RANGE.start(), RSA_RANGE.end());
        format!("key_bits {bits} is out of range {least}..{most}")
    })
}

/// By the names of NIST for the usual ones, or any name of OpenSSL's.
fn curve(name: &str) -> Result<EcGroup, String> {
    let nid = match name {
        "P-256" => Nid::X9_62_PRIME256V1,
        "P-384" => Nid::SECP384R1,
        "P-521" => Nid::SECP521R1,
        other => Asn1Object::from_str(other).map_or(Nid::UNDEF, |object| object.nid()),
    };
    let group = EcGroup::from_curve_name(nid).map_err(|_| format!("unknown curve {name}"))?;
    match group.order_bits() {
        bits if bits < LEAST_EC_BITS => Err(format!("curve {name} has no more than {bits} bits")),
        _ => Ok(group),
    }
}

/// Who signs: read, and seen to belong together.
struct Signer {
    cert: X509,
    key: PKey<Private>,
}

impl Signer {
    fn read(cert: &[u8], key: &[u8]) -> Result<Self, String> {
        let certs = certificate::parse(cert).map_err(|why| format!("ca_cert_pem: {why}"))?;
        let cert = certs.into_iter().next().ok_or("ca_cert_pem is empty")?;
        let key = private_key(key, None).map_err(|e| format!("ca_key_pem: {}", reason(&e)))?;
        let public = cert.public_key();
        let public = public.map_err(|e| format!("ca_cert_pem: its key: {}", reason(&e)))?;
        match public.public_eq(&key) {
            true => Ok(Self { cert, key }),
            false => Err("ca_key_pem is not the key of ca_cert_pem".to_owned()),
        }
    }

    /// Nobody would believe what it signs otherwise.
    fn may_sign(&self, use_of: Use) -> Result<(), String> {
        if !certificate::is_authority(&self.cert) {
            return Err("ca_cert_pem is not the certificate of a CA".to_owned());
        }
        match self.cert.pathlen() {
            Some(0) if use_of == Use::Authority => {
                Err("ca_cert_pem allows no CA below it (pathlen 0)".to_owned())
            }
            _ => Ok(()),
        }
    }
}

fn subject(name: &str) -> Result<X509Name, String> {
    if name.is_empty() {
        return Err("san is empty".to_owned());
    }
    if name.chars().any(char::is_control) {
        return Err("san has control characters".to_owned());
    }
    let length = name.chars().count();
    if length > LONGEST_NAME {
        return Err(format!(
            "san has {length} characters, and a common name may have {LONGEST_NAME}"
        ));
    }
    let build = || {
        let mut builder = X509Name::builder()?;
        builder.append_entry_by_nid(Nid::COMMONNAME, name)?;
        Ok(builder.build())
    };
    build().map_err(|e: ErrorStack| format!("san is no common name: {}", reason(&e)))
}

fn days(days: c_int) -> Result<i64, String> {
    match i64::from(days) {
        0 => Ok(DAYS),
        days if (1..=MOST_DAYS).contains(&days) => Ok(days),
        days => Err(format!(
            "validity_days {days} is out of range 0..{MOST_DAYS}"
        )),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AlternativeName<'a> {
    Address(IpAddr),
    Dns(&'a str),
}

fn alternative_name(name: &str) -> Result<AlternativeName<'_>, String> {
    if let Ok(address) = name.parse() {
        return Ok(AlternativeName::Address(address));
    }
    match is_dns_name(name) {
        true => Ok(AlternativeName::Dns(name)),
        false => Err(format!(
            "{name:?} is neither an address nor a host name in ASCII"
        )),
    }
}

/// As RFC 5280 section 4.2.1.6 wants it, or with `*` for its first label (RFC 6125); with `_`, which is in use.
fn is_dns_name(name: &str) -> bool {
    let label = |label: &str| {
        let allowed = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
        (1..=63).contains(&label.len())
            && label.bytes().all(allowed)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let numeric = |label: &str| label.bytes().all(|c| c.is_ascii_digit());
    let rest = name.strip_prefix("*.").unwrap_or(name);
    rest.split('.').all(label) && !rest.rsplit('.').next().is_some_and(numeric)
}

fn describe(
    builder: &mut X509Builder,
    subject: &X509NameRef,
    issuer: Option<&X509Ref>,
    key: &PKey<Private>,
) -> Result<(), ErrorStack> {
    builder.set_version(2)?; // which is version 3
    let mut serial = BigNum::new()?;
    serial.rand(SERIAL_BITS, MsbOption::ONE, false)?;
    let serial = serial.to_asn1_integer()?;
    builder.set_serial_number(&serial)?;
    builder.set_subject_name(subject)?;
    builder.set_issuer_name(issuer.map_or(subject, X509Ref::subject_name))?;
    builder.set_pubkey(key)
}

/// From yesterday on, for the clocks of others.
fn last_from(builder: &mut X509Builder, now: i64, days: i64) -> Result<(), ErrorStack> {
    // UTCTime to 2049, then GeneralizedTime (RFC 5280 section 4.1.2.5): OpenSSL sees to that.
    let at = |seconds: i64| Asn1Time::from_unix(seconds as libc::time_t);
    let (first, last) = (at(now - DAY)?, at(now + days * DAY)?);
    builder.set_not_before(&first)?;
    builder.set_not_after(&last)
}

fn extend(
    builder: &mut X509Builder,
    use_of: Use,
    issuer: Option<&X509Ref>,
    key: &PKey<Private>,
    alternative: Option<AlternativeName<'_>>,
) -> Result<(), ErrorStack> {
    let mut basic = BasicConstraints::new();
    let mut usage = KeyUsage::new();
    basic.critical();
    usage.critical();
    if use_of == Use::Authority {
        basic.ca();
        usage.key_cert_sign().crl_sign();
    } else {
        usage.digital_signature();
        if key.id() == Id::RSA {
            usage.key_encipherment(); // not with EC (RFC 8813 section 3)
        }
    }
    builder.append_extension(basic.build()?)?;
    builder.append_extension(usage.build()?)?;
    if use_of != Use::Authority {
        let mut purposes = ExtendedKeyUsage::new();
        if use_of == Use::Server {
            purposes.server_auth();
        }
        builder.append_extension(purposes.client_auth().build()?)?;
    }
    let own = SubjectKeyIdentifier::new().build(&builder.x509v3_context(issuer, None))?;
    builder.append_extension(own)?;
    let above = authority(builder, issuer)?;
    builder.append_extension(above)?;
    if let Some(name) = alternative {
        let mut names = SubjectAlternativeName::new();
        match name {
            AlternativeName::Address(address) => names.ip(&address.to_string()),
            AlternativeName::Dns(name) => names.dns(name),
        };
        let names = names.build(&builder.x509v3_context(issuer, None))?;
        builder.append_extension(names)?;
    }
    Ok(())
}

/// The id of the key that signs; of an issuer's certificate without one, who issued that and its number.
fn authority(builder: &X509Builder, issuer: Option<&X509Ref>) -> Result<X509Extension, ErrorStack> {
    let known = issuer.is_none_or(|issuer| issuer.subject_key_id().is_some());
    let mut above = AuthorityKeyIdentifier::new();
    match known {
        true => above.keyid(true),
        false => above.issuer(true),
    };
    above.build(&builder.x509v3_context(issuer, None))
}

/// Of some kinds of key the signature is not of a digest.
fn digest_of(key: &PKey<Private>) -> MessageDigest {
    match key.id() {
        Id::ED25519 | Id::ED448 => MessageDigest::null(),
        _ => MessageDigest::sha256(),
    }
}
