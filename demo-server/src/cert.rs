//! The only place that makes the demo's certificate: in memory, at each start.

use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{AlpnError, SslAcceptor, SslMethod, select_next_proto};
use openssl::x509::extension::{BasicConstraints, KeyUsage, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509Name, X509NameRef};

/// A ready acceptor for `localhost`, and the PEM of the CA that its clients have to trust.
pub(crate) fn made_now() -> Result<(SslAcceptor, Vec<u8>), ErrorStack> {
    let ca_key = new_key()?;
    let ca = new_ca(&ca_key)?;
    let key = new_key()?;
    let cert = new_leaf(&key, &ca, &ca_key)?;
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
    acceptor.set_private_key(&key)?;
    acceptor.set_certificate(&cert)?;
    acceptor.set_alpn_select_callback(|_, offered| {
        select_next_proto(SPOKEN, offered).ok_or(AlpnError::NOACK)
    });
    Ok((acceptor.build(), ca.to_pem()?))
}

fn new_key() -> Result<PKey<Private>, ErrorStack> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    PKey::from_ec_key(EcKey::generate(&group)?)
}

fn new_ca(key: &PKey<Private>) -> Result<X509, ErrorStack> {
    let name = name("Broadside demo CA")?;
    let mut cert = new_cert(key, &name, &name)?;
    cert.append_extension(BasicConstraints::new().critical().ca().build()?)?;
    cert.append_extension(KeyUsage::new().critical().key_cert_sign().build()?)?;
    cert.sign(key, MessageDigest::sha256())?;
    Ok(cert.build())
}

fn new_leaf(key: &PKey<Private>, ca: &X509, ca_key: &PKey<Private>) -> Result<X509, ErrorStack> {
    let subject = name("localhost")?;
    let mut cert = new_cert(key, &subject, ca.subject_name())?;
    let names = SubjectAlternativeName::new()
        .dns("localhost")
        .ip("127.0.0.1")
        .ip("::1")
        .build(&cert.x509v3_context(Some(ca), None))?;
    cert.append_extension(names)?;
    cert.sign(ca_key, MessageDigest::sha256())?;
    Ok(cert.build())
}

fn new_cert(
    key: &PKey<Private>,
    subject: &X509NameRef,
    issuer: &X509NameRef,
) -> Result<X509Builder, ErrorStack> {
    let mut serial = BigNum::new()?;
    serial.rand(127, MsbOption::MAYBE_ZERO, false)?;
    let mut cert = X509::builder()?;
    cert.set_version(2)?; // v3, counted from 0
    cert.set_serial_number(serial.to_asn1_integer()?.as_ref())?;
    cert.set_subject_name(subject)?;
    cert.set_issuer_name(issuer)?;
    cert.set_not_before(Asn1Time::days_from_now(0)?.as_ref())?;
    cert.set_not_after(Asn1Time::days_from_now(1)?.as_ref())?;
    cert.set_pubkey(key)?;
    Ok(cert)
}

fn name(common: &str) -> Result<X509Name, ErrorStack> {
    let mut name = X509Name::builder()?;
    name.append_entry_by_nid(Nid::COMMONNAME, common)?;
    Ok(name.build())
}

/// The protocols of the server in ALPN's wire form, the preferred one first.
const SPOKEN: &[u8] = b"\x02h2\x08http/1.1";
