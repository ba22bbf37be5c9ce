//! The only place that reads certificates: what a program may ask of one, and what is kept of a peer's.

use std::ffi::{c_char, c_int};
use std::ptr;

use foreign_types::ForeignTypeRef;
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::ssl::SslRef;
use openssl::x509::{GeneralNameRef, X509, X509Name, X509NameRef, X509Ref, X509VerifyResult};
use openssl_sys::{self as ffi};

use super::libssl as raw;
use super::pem::pem_certificates;

/// What can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    ValidFrom,
    ValidTo,
    CommonName,
    IssuerName,
    Usage,
    PublicKey,
    Der,
    AuthorityKeyId,
    AuthorityIssuer,
    AuthoritySerial,
    SubjectKeyId,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Seconds since 1970.
    Time(i64),
    /// The bits of RFC 5280's KeyUsage, all of them when the certificate says nothing.
    Usage(u32),
    /// As `/C=GB/CN=name`: only whole parts of it may be left out when there is not room enough.
    Text(Vec<u8>),
    Bytes(Vec<u8>),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Miss {
    /// The certificate does not have it.
    Lacks,
    /// It cannot be read.
    Broken,
    /// It has more bytes than there is room for: so many.
    TooLong(usize),
}

impl From<ErrorStack> for Miss {
    fn from(_: ErrorStack) -> Self {
        Self::Broken
    }
}

/// One answer of at most `room` bytes, the NUL of a text among them.
pub(crate) fn ask(cert: &X509Ref, question: Question, room: usize) -> Result<Answer, Miss> {
    match question {
        Question::ValidFrom => since_1970(cert.not_before()).map(Answer::Time),
        Question::ValidTo => since_1970(cert.not_after()).map(Answer::Time),
        Question::CommonName => common_name(cert.subject_name(), room),
        // One less, as lws: programs compare what is cut.
        Question::IssuerName => {
            one_line(cert.issuer_name(), room.saturating_sub(1)).map(Answer::Text)
        }
        Question::Usage => {
            // SAFETY: a live certificate; OpenSSL fills in what it remembers of it under its own lock.
            let usage = unsafe { ffi::X509_get_key_usage(cert.as_ptr()) };
            Ok(Answer::Usage(usage))
        }
        Question::PublicKey => fitting(public_key_info(cert)?, room),
        Question::Der => fitting(cert.to_der()?, room),
        Question::AuthorityKeyId => {
            let id = cert.authority_key_id().ok_or(Miss::Lacks)?;
            fitting(id.as_slice().to_vec(), room)
        }
        Question::AuthorityIssuer => {
            let names = cert.authority_issuer().ok_or(Miss::Lacks)?;
            let names: Vec<u8> = names.iter().filter_map(general).flatten().collect();
            match names.is_empty() {
                true => Err(Miss::Lacks),
                false => terminated(names, room),
            }
        }
        Question::AuthoritySerial => {
            let serial = cert.authority_serial().ok_or(Miss::Lacks)?;
            fitting(serial.to_bn()?.to_vec(), room)
        }
        Question::SubjectKeyId => {
            let id = cert.subject_key_id().ok_or(Miss::Lacks)?;
            fitting(id.as_slice().to_vec(), room)
        }
    }
}

/// The certificates of a PEM text, at least one; those behind one that cannot be read are left out.
pub(crate) fn parse(pem: &[u8]) -> Result<Vec<X509>, String> {
    let found = pem_certificates(pem);
    found.map_or_else(|e| Err(super::tls::reason(&e)), |(found, _)| Ok(found))
}

/// Whether it may sign others, as far as it says anything of that.
pub(super) fn is_authority(cert: &X509Ref) -> bool {
    // SAFETY: a live certificate; OpenSSL fills in what it remembers of it under its own lock.
    unsafe { raw::X509_check_ca(cert.as_ptr()) != 0 }
}

/// Whether the common name of `cert` is this one.
pub(crate) fn is_called(cert: &X509Ref, name: &[u8]) -> bool {
    let mut own = cert.subject_name().entries_by_nid(Nid::COMMONNAME);
    own.next()
        .is_some_and(|entry| entry.data().as_slice() == name)
}

/// Whether `issuer` signed `cert`, or signed one of the CAs `between` that leads there, whatever their order. What is wrong otherwise.
pub(crate) fn leads_to(cert: &X509Ref, between: &[X509], issuer: &X509Ref) -> Result<(), String> {
    let Err(why) = issued_by(cert, issuer) else {
        return Ok(());
    };
    // Each is looked at once, with as few CAs below it as can be.
    let mut waiting: Vec<&X509Ref> = between
        .iter()
        .take(MOST_BETWEEN)
        .map(|cert| &**cert)
        .collect();
    let mut reached = vec![cert];
    for below in 0.. {
        let above = |above: &mut &X509Ref| {
            may_sign(above, below) && reached.iter().any(|cert| issued_by(cert, above).is_ok())
        };
        let next: Vec<&X509Ref> = waiting.extract_if(.., above).collect();
        if next.is_empty() {
            break;
        }
        if may_sign(issuer, below + 1) && next.iter().any(|cert| issued_by(cert, issuer).is_ok()) {
            return Ok(());
        }
        reached = next;
    }
    Err(why)
}

/// More than any chain has.
const MOST_BETWEEN: usize = 32;

/// A CA that allows so many others below it.
fn may_sign(cert: &X509Ref, below: u32) -> bool {
    is_authority(cert) && cert.pathlen().is_none_or(|most| below <= most)
}

fn issued_by(cert: &X509Ref, issuer: &X509Ref) -> Result<(), String> {
    let related = issuer.issued(cert);
    if related != X509VerifyResult::OK {
        return Err(format!(
            "the other did not issue it: {}",
            related.error_string()
        ));
    }
    let signed = issuer.public_key().and_then(|key| cert.verify(&key));
    match signed {
        Ok(true) => Ok(()),
        Ok(false) => Err("the other's key did not sign it".into()),
        Err(e) => Err(format!(
            "its signature cannot be checked: {}",
            super::tls::reason(&e)
        )),
    }
}

/// How many bytes a digest with the number of an enum lws_genhash_types has; `None` for one that there is not.
pub(crate) fn digest_of(number: c_int) -> Option<MessageDigest> {
    Some(match number {
        1 => MessageDigest::md5(),
        2 => MessageDigest::sha1(),
        3 => MessageDigest::sha256(),
        4 => MessageDigest::sha384(),
        5 => MessageDigest::sha512(),
        _ => return None,
    })
}

/// What a handshake showed of the other side; the SSL itself may be at work elsewhere.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct TlsPeer {
    pub(crate) cert: Option<X509>,
    /// The certificate is good, or the program said so.
    pub(crate) verified: bool,
    /// An earlier session was resumed.
    pub(crate) resumed: bool,
}

impl TlsPeer {
    pub(super) fn of(ssl: &SslRef) -> Self {
        Self {
            cert: ssl.peer_certificate(),
            verified: ssl.verify_result() == X509VerifyResult::OK,
            resumed: ssl.session_reused(),
        }
    }
}

/// RFC 5280's SubjectPublicKeyInfo, as it is in the certificate: also of keys that OpenSSL does not know.
fn public_key_info(cert: &X509Ref) -> Result<Vec<u8>, Miss> {
    // SAFETY: a live certificate, to which the result belongs.
    let info = unsafe { raw::X509_get_X509_PUBKEY(cert.as_ptr()) };
    // SAFETY: as above; without a buffer it only counts.
    let len = unsafe { raw::i2d_X509_PUBKEY(info, ptr::null_mut()) };
    let len = usize::try_from(len).map_err(|_| Miss::Broken)?;
    let mut der = vec![0_u8; len];
    let mut end = der.as_mut_ptr();
    // SAFETY: as many bytes as were counted.
    let written = unsafe { raw::i2d_X509_PUBKEY(info, &raw mut end) };
    match usize::try_from(written) {
        Ok(written) if written == len && len > 0 => Ok(der),
        _ => Err(Miss::Broken),
    }
}

fn since_1970(time: &Asn1TimeRef) -> Result<i64, Miss> {
    let span = Asn1Time::from_unix(0)?.diff(time)?;
    Ok(i64::from(span.days) * 86_400 + i64::from(span.secs))
}

fn fitting(bytes: Vec<u8>, room: usize) -> Result<Answer, Miss> {
    match bytes.len() <= room {
        true => Ok(Answer::Bytes(bytes)),
        false => Err(Miss::TooLong(bytes.len())),
    }
}

fn terminated(text: Vec<u8>, room: usize) -> Result<Answer, Miss> {
    match text.len() < room {
        true => Ok(Answer::Text(text)),
        false => Err(Miss::TooLong(text.len())),
    }
}

/// The common name, read as such: text that looks like one inside of another part is not taken for it. Of a subject that has none, all parts.
fn common_name(subject: &X509NameRef, room: usize) -> Result<Answer, Miss> {
    const PREFIX: &[u8] = b"/CN=";
    let Some(entry) = subject.entries_by_nid(Nid::COMMONNAME).next() else {
        return one_line(subject, room.saturating_sub(2)).map(Answer::Text);
    };
    let mut alone = X509Name::builder()?;
    alone.append_entry(entry)?;
    let mut text = one_line(&alone.build(), usize::MAX)?;
    if text.starts_with(PREFIX) {
        text.drain(..PREFIX.len());
    }
    // Some versions of OpenSSL mark what is no boundary between parts; here is only one.
    let mut plain = Vec::with_capacity(text.len());
    for (n, byte) in text.iter().enumerate() {
        if *byte != b'\\' || text.get(n + 1) != Some(&b'/') {
            plain.push(*byte);
        }
    }
    terminated(plain, room)
}

/// OpenSSL's own way to write names, into `room` bytes with the NUL: parts that do not fit are left out.
fn one_line(name: &X509NameRef, room: usize) -> Result<Vec<u8>, Miss> {
    // SAFETY: a live name; without a buffer OpenSSL makes one that is large enough.
    let line = unsafe { raw::X509_NAME_oneline(name.as_ptr(), ptr::null_mut(), 0) };
    if line.is_null() {
        return Err(Miss::Broken);
    }
    // SAFETY: a string of OpenSSL's.
    let whole = unsafe { std::ffi::CStr::from_ptr(line) }
        .to_bytes()
        .to_vec();
    // SAFETY: made by the call above, and not used after this.
    unsafe { ffi::OPENSSL_free(line.cast()) };
    if whole.len() < room {
        return Ok(whole);
    }
    // There is less room than the whole line takes: small enough to make here.
    let mut cut = vec![0u8; room.max(1)];
    let len = c_int::try_from(room).map_err(|_| Miss::Broken)?;
    if len > 0 {
        // SAFETY: a live name, and as many writable bytes as said.
        unsafe { raw::X509_NAME_oneline(name.as_ptr(), cut.as_mut_ptr().cast::<c_char>(), len) };
    }
    let end = cut.iter().position(|byte| *byte == 0).unwrap_or(cut.len());
    cut.truncate(end);
    Ok(cut)
}

/// The kind of a name, and the name.
fn general(name: &GeneralNameRef) -> Option<Vec<u8>> {
    let text = |kind: &str, text: &str| [kind.as_bytes(), text.as_bytes()].concat();
    if let Some(directory) = name.directory_name() {
        let line = one_line(directory, usize::MAX).ok()?;
        return Some([b"DirName".as_slice(), &line].concat());
    }
    let dns = name.dnsname().map(|dns| text("DNS", dns));
    let uri = || name.uri().map(|uri| text("URI", uri));
    let email = || name.email().map(|email| text("email", email));
    dns.or_else(uri).or_else(email)
}
