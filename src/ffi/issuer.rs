//! The only place where programs have keys and certificates made.

use std::ffi::{c_char, c_int};
use std::ptr;

use super::types::{lws_context, lws_x509_cert_gen_info};
use super::{context, logs, text};
use crate::engine::LLL_ERR;
use crate::net::issuer::{self, KeyKind, Made, Order, Use};

/// Makes a key, and a certificate for it (RFC 5280, version 3): 0, and both are in memory of malloc(), which the caller gives to free().
/// They are DER: the certificate, and the key as PKCS#1 (RSA) or SEC 1 (EC) have it, which the PEM labels "RSA PRIVATE KEY" and
/// "EC PRIVATE KEY" stand for. 1, after a log line that says why, when they cannot be made; the buffers are NULL then, and their lengths 0.
///
/// It is good from a day ago on, for clocks that differ; its serial number is random; it is signed with SHA-256. One of a CA has keyUsage
/// keyCertSign and cRLSign. Others have digitalSignature, with RSA also keyEncipherment, and extKeyUsage clientAuth, of a server serverAuth
/// too; only a server's has a subjectAltName, an iPAddress where `info->san` is an address, else a dNSName, which may begin with "*.".
///
/// `info->ca_cert_pem` has to be a CA's and `info->ca_key_pem` its key, whatever kind of key that is. Nothing of the certificate is kept
/// here. Making an RSA key takes from a tenth of a second (2,048 bits) to many seconds, in which the loop stands still when it is the loop's
/// thread that waits. `context` is not looked at, and may be NULL. Any thread.
///
/// # Safety
///
/// The four outputs are NULL, which is an error, or writable; `info` is NULL, which is one too, or readable with strings in it.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_x509_create_cert(
    context: *mut lws_context,
    cert_buf: *mut *mut u8,
    cert_len: *mut usize,
    key_buf: *mut *mut u8,
    key_len: *mut usize,
    info: *const lws_x509_cert_gen_info,
) -> c_int {
    let _ = context;
    let cert = Output(cert_buf, cert_len);
    let key = Output(key_buf, key_len);
    // SAFETY: NULL or readable, by this function's contract.
    let info = unsafe { info.as_ref() };
    // SAFETY: as this function's contract says.
    unsafe { deliver("lws_x509_create_cert", cert, key, info) }
}

/// As lws_x509_create_cert(), of a server that signs for itself: an RSA key of `key_bits` bits, 0 for 2048, and a year. `san` NULL is
/// "localhost".
///
/// # Safety
///
/// As lws_x509_create_cert(); `san` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_x509_create_self_signed(
    context: *mut lws_context,
    cert_buf: *mut *mut u8,
    cert_len: *mut usize,
    key_buf: *mut *mut u8,
    key_len: *mut usize,
    san: *const c_char,
    key_bits: c_int,
) -> c_int {
    let _ = context;
    let san = if san.is_null() {
        c"localhost".as_ptr()
    } else {
        san
    };
    let info = lws_x509_cert_gen_info {
        san,
        key_bits,
        curve_name: ptr::null(),
        ca_cert_pem: ptr::null(),
        ca_key_pem: ptr::null(),
        is_ca: 0,
        is_server: 1,
        validity_days: 0,
    };
    let cert = Output(cert_buf, cert_len);
    let key = Output(key_buf, key_len);
    // SAFETY: as this function's contract says.
    unsafe { deliver("lws_x509_create_self_signed", cert, key, Some(&info)) }
}

/// Where bytes go, and how many.
#[derive(Clone, Copy)]
struct Output(*mut *mut u8, *mut usize);

impl Output {
    /// # Safety
    ///
    /// Both are NULL or writable.
    unsafe fn put(self, bytes: *mut u8, len: usize) {
        if !self.0.is_null() {
            // SAFETY: by this function's contract.
            unsafe { self.0.write(bytes) };
        }
        if !self.1.is_null() {
            // SAFETY: by this function's contract.
            unsafe { self.1.write(len) };
        }
    }

    fn is_whole(self) -> bool {
        !self.0.is_null() && !self.1.is_null()
    }
}

/// # Safety
///
/// The outputs are NULL or writable, and the strings in `info` NULL or strings.
unsafe fn deliver(
    what: &str,
    cert: Output,
    key: Output,
    info: Option<&lws_x509_cert_gen_info>,
) -> c_int {
    let made = match (info, cert.is_whole() && key.is_whole()) {
        (Some(info), true) => {
            // SAFETY: by this function's contract.
            unsafe { made(info) }
        }
        (None, true) => Err("info is NULL".to_owned()),
        (_, false) => Err("an output is NULL".to_owned()),
    };
    let copies = made.and_then(|made| copies(&made));
    let (why, cert_copy, key_copy) = match copies {
        Ok((cert, key)) => (None, cert, key),
        Err(why) => (Some(why), NOTHING, NOTHING),
    };
    // SAFETY: by this function's contract.
    unsafe { cert.put(cert_copy.0, cert_copy.1) };
    // SAFETY: by this function's contract.
    unsafe { key.put(key_copy.0, key_copy.1) };
    match why {
        None => 0,
        Some(why) => {
            logs::emit(LLL_ERR, &format!("{what}: {why}"));
            1
        }
    }
}

type Copied = (*mut u8, usize);
const NOTHING: Copied = (ptr::null_mut(), 0);

/// # Safety
///
/// The strings in `info` are NULL or strings.
unsafe fn made(info: &lws_x509_cert_gen_info) -> Result<Made, String> {
    // SAFETY: by this function's contract.
    let name = unsafe { text::text(info.san) };
    // SAFETY: by this function's contract.
    let curve = unsafe { text::text(info.curve_name) };
    // SAFETY: by this function's contract.
    let ca_cert = unsafe { text::bytes(info.ca_cert_pem) };
    // SAFETY: by this function's contract.
    let ca_key = unsafe { text::bytes(info.ca_key_pem) };
    let signer = match (ca_cert, ca_key) {
        (None, None) => None,
        (Some(cert), Some(key)) => Some((cert, key)),
        _ => return Err("only one of ca_cert_pem and ca_key_pem is set".to_owned()),
    };
    let curve = curve.map_err(|_| "curve_name is not UTF-8")?;
    issuer::make(&Order {
        name: name.map_err(|_| "san is not UTF-8")?.ok_or("san is NULL")?,
        key: curve.map_or(KeyKind::Rsa(info.key_bits), KeyKind::Ec),
        signer,
        use_of: match (info.is_ca, info.is_server) {
            (0, 0) => Use::Client,
            (0, _) => Use::Server,
            _ => Use::Authority,
        },
        days: info.validity_days,
        now: context::wall_secs(),
    })
}

/// Both of malloc(), whatever lws_set_allocator() was given: the program frees them by free().
fn copies(made: &Made) -> Result<(Copied, Copied), String> {
    let cert = copy(&made.cert).ok_or("no memory")?;
    let Some(key) = copy(&made.key) else {
        // SAFETY: of malloc(), just now.
        unsafe { libc::free(cert.0.cast()) };
        return Err("no memory".to_owned());
    };
    Ok((cert, key))
}

fn copy(bytes: &[u8]) -> Option<Copied> {
    // SAFETY: malloc() may be called with any size.
    let copy = unsafe { libc::malloc(bytes.len()) }.cast::<u8>();
    if copy.is_null() {
        return None;
    }
    // SAFETY: as many bytes as that, of which nobody else knows.
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), copy, bytes.len()) };
    Some((copy, bytes.len()))
}
