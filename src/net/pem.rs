//! The only place that reads certificates and keys of programs: PEM, which may come from anywhere, or DER.

use std::ffi::c_int;
use std::ptr;

use foreign_types::ForeignType;
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;
use openssl_sys::{self as ffi, BIO};

/// All of them, at least one.
pub(super) fn certificates(bytes: &[u8]) -> Result<Vec<X509>, ErrorStack> {
    if !is_pem(bytes) {
        return Ok(vec![X509::from_der(bytes)?]);
    }
    match pem_certificates(bytes)? {
        (_, Some(broken)) => Err(broken),
        (found, None) => Ok(found),
    }
}

/// The certificates of a PEM text, at least one, up to its end or to one that cannot be read; what else is in there is passed over.
pub(super) fn pem_certificates(text: &[u8]) -> Result<(Vec<X509>, Option<ErrorStack>), ErrorStack> {
    let reader = Reader::new(text)?;
    let mut found = vec![reader.next()?];
    loop {
        match reader.next() {
            Ok(cert) => found.push(cert),
            Err(e) => return Ok((found, Some(e).filter(|e| !is_the_end(e)))),
        }
    }
}

/// The empty password where none is given: OpenSSL would ask on the terminal otherwise.
pub(super) fn private_key(
    bytes: &[u8],
    password: Option<&[u8]>,
) -> Result<PKey<Private>, ErrorStack> {
    if is_pem(bytes) {
        let password = password.unwrap_or_default();
        return PKey::private_key_from_pem_passphrase(start(bytes), password);
    }
    match password {
        Some(password) => PKey::private_key_from_pkcs8_passphrase(bytes, password)
            .or_else(|_| PKey::private_key_from_der(bytes)),
        None => PKey::private_key_from_der(bytes),
    }
}

fn is_pem(bytes: &[u8]) -> bool {
    const BEGIN: &[u8] = b"-----BEGIN ";
    bytes.windows(BEGIN.len()).any(|window| window == BEGIN)
}

/// As much as a BIO takes, 2 GiB.
fn start(bytes: &[u8]) -> &[u8] {
    bytes.get(..c_int::MAX as usize).unwrap_or(bytes)
}

fn is_the_end(errors: &ErrorStack) -> bool {
    let last = errors.errors().last();
    last.is_some_and(|e| {
        e.library_code() == ffi::ERR_LIB_PEM && e.reason_code() == ffi::PEM_R_NO_START_LINE
    })
}

/// A BIO that reads a text.
struct Reader<'a> {
    bio: *mut BIO,
    _text: &'a [u8],
}

impl<'a> Reader<'a> {
    fn new(text: &'a [u8]) -> Result<Self, ErrorStack> {
        ffi::init();
        let text = start(text);
        let len = c_int::try_from(text.len()).unwrap_or(c_int::MAX);
        // SAFETY: `len` bytes, which outlive the BIO, and which it only reads.
        let bio = unsafe { ffi::BIO_new_mem_buf(text.as_ptr().cast(), len) };
        match bio.is_null() {
            true => Err(ErrorStack::get()),
            false => Ok(Self { bio, _text: text }),
        }
    }

    fn next(&self) -> Result<X509, ErrorStack> {
        // The empty password for one that is encrypted, which no terminal is asked for then.
        let password = c"".as_ptr().cast_mut().cast();
        // SAFETY: a live BIO; without a callback the last argument is a string.
        let cert = unsafe { ffi::PEM_read_bio_X509(self.bio, ptr::null_mut(), None, password) };
        match cert.is_null() {
            true => Err(ErrorStack::get()),
            // SAFETY: a certificate that is ours now.
            false => Ok(unsafe { X509::from_ptr(cert) }),
        }
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        // SAFETY: made by `new`, and not used after this.
        unsafe { ffi::BIO_free_all(self.bio) };
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::net::issuer::{self, KeyKind, Order, Use};

    const BROKEN: &[u8] = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    const LOCKED: &[u8] = b"-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\n\
        DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n-----END CERTIFICATE-----\n";

    fn made() -> (Vec<u8>, Vec<u8>) {
        let order = Order {
            name: "x",
            key: KeyKind::Ec("P-256"),
            signer: None,
            use_of: Use::Client,
            days: 1,
            now: 1_795_694_400,
        };
        let made = issuer::make(&order).unwrap();
        let key = PKey::private_key_from_der(&made.key).unwrap();
        (made.cert, key.private_key_to_pem_pkcs8().unwrap())
    }

    #[test]
    fn certificates_come_as_pem_among_other_things_or_as_der() {
        let (der, key) = made();
        let pem = X509::from_der(&der).unwrap().to_pem().unwrap();
        let both = [
            b"words\n".as_slice(),
            &key,
            &pem,
            b"\n# more\n",
            &key,
            &pem,
            b"\0",
        ]
        .concat();
        for (bytes, count) in [(&der, 1), (&pem, 1), (&both, 2)] {
            let found = certificates(bytes).unwrap();
            assert_eq!(found.len(), count);
            assert!(found.iter().all(|cert| cert.to_der().unwrap() == der));
        }
        assert!(private_key(&both, None).is_ok());
        for bytes in [b"".as_slice(), b"words", &key] {
            assert!(certificates(bytes).is_err());
            assert!(pem_certificates(bytes).is_err());
        }
    }

    #[test]
    fn what_is_behind_a_broken_one_is_not_found() {
        let (der, _) = made();
        let pem = X509::from_der(&der).unwrap().to_pem().unwrap();
        for broken in [BROKEN, LOCKED] {
            let mixed = [&pem, broken, &pem].concat();
            assert!(certificates(&mixed).is_err());
            let (found, why) = pem_certificates(&mixed).unwrap();
            assert!(found.len() == 1 && why.is_some());
            assert!(pem_certificates(&[broken, &pem].concat()).is_err());
        }
    }
}
