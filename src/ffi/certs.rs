//! The only place for what programs ask of certificates: a peer's, a vhost's, their own.

use std::ffi::{c_char, c_int, c_uint, c_void};
use std::ptr;
use std::sync::Arc;

use openssl::x509::{X509, X509Ref};

use super::types::{lws, lws_tls_cert_info, lws_tls_cert_info_results, lws_vhost, lws_x509_cert};
use super::{logs, text, vhost, wsi};
use crate::engine::conn::Conn;
use crate::engine::{Engine, LLL_ERR};
use crate::net::certificate::{self, Answer, Miss, Question, TlsPeer};

/// What stands behind a `struct lws_x509_cert *`.
struct Holder {
    /// The first is what is asked for, the others may lead from it to its CA.
    certs: Vec<X509>,
}

/// Asks the certificate that the peer showed when the connection was made: 0, and the answer is in `*buf`; 1 when the certificate
/// does not have it; -1 when there is no TLS connection yet or any more, it showed none, `type` is not known or `len` is too short.
///
/// `len` is how many bytes `buf->ns.name` has; 0 stands for the 64 of the union. Texts end with a NUL, of which `ns.len` does not know.
/// `ns.len` tells what would be needed when an answer is too long, and is 0 after any other -1. LWS_TLS_CERT_INFO_COMMON_NAME is the
/// common name itself, or all of the subject when it has none. Times are UTC. Of an h2 stream, or a handle of lws_get_network_wsi(), it
/// is the connection's peer.
///
/// # Safety
///
/// `buf` is NULL or writable, with `len` bytes from `ns.name` on if `len` is not 0.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_tls_peer_cert_info(
    wsi: *mut lws,
    r#type: lws_tls_cert_info,
    buf: *mut lws_tls_cert_info_results,
    len: usize,
) -> c_int {
    let peer = peer_of(wsi, "lws_tls_peer_cert_info");
    let cert = peer.as_ref().and_then(|peer| peer.cert.as_deref());
    let (Some(peer), true) = (
        &peer,
        cert.is_some() && r#type == lws_tls_cert_info::VERIFIED,
    ) else {
        // SAFETY: `buf` is as `answer` wants it, by this function's contract.
        return unsafe { answer(cert, r#type, buf, len) };
    };
    if buf.is_null() {
        return -1;
    }
    // SAFETY: writable, by this function's contract.
    let verified = unsafe { &raw mut (*buf).verified };
    // SAFETY: as above.
    unsafe { verified.write_unaligned(c_uint::from(peer.verified)) };
    0
}

/// What the handshake of the connection under a request found.
pub(crate) fn peer_of(wsi: *const lws, what: &str) -> Option<Arc<TlsPeer>> {
    let of_conn = |conn: &Conn| conn.tls_peer.clone();
    let of_itself = |engine: &Engine, at| engine.conns.get(at).map(of_conn);
    wsi::ask_conn(wsi, what, None, |_, conn| conn.and_then(of_conn), of_itself)
}

/// As lws_tls_peer_cert_info(), of the client certificate that the vhost shows to servers; LWS_TLS_CERT_INFO_VERIFIED is not known.
///
/// # Safety
///
/// As lws_tls_peer_cert_info().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_tls_vhost_cert_info(
    vhost: *mut lws_vhost,
    r#type: lws_tls_cert_info,
    buf: *mut lws_tls_cert_info_results,
    len: usize,
) -> c_int {
    let Some((context, key)) = vhost::find_or_log(vhost, "lws_tls_vhost_cert_info") else {
        // SAFETY: `buf` is as `answer` wants it, by this function's contract.
        return unsafe { answer(None, r#type, buf, len) };
    };
    let tls = {
        let held = context.hold();
        held.vhosts
            .get(key)
            .and_then(|vhost| vhost.config.tls.clone())
    };
    let cert = tls.as_ref().and_then(|tls| tls.certificate());
    // SAFETY: `buf` is as `answer` wants it, by this function's contract.
    unsafe { answer(cert, r#type, buf, len) }
}

/// Makes an object that holds no certificate yet: 0, and it is in `*x509`. 1 when `x509` is NULL. The caller destroys it with
/// lws_x509_destroy(). Threads that share one take turns.
///
/// # Safety
///
/// `x509` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_x509_create(x509: *mut *mut lws_x509_cert) -> c_int {
    if x509.is_null() {
        logs::emit(LLL_ERR, "lws_x509_create: x509 is NULL");
        return 1;
    }
    let made = Box::into_raw(Box::new(Holder { certs: Vec::new() }));
    // SAFETY: writable, by this function's contract.
    unsafe { x509.write(made.cast()) };
    0
}

/// Reads the certificates of a PEM text of `len` bytes, a NUL at its end or not: 0. The first is the object's; those that follow are the
/// chain of lws_x509_verify(). -1, after a log line, when the first cannot be read, and then the object holds what it held before. No
/// password is asked for.
///
/// # Safety
///
/// `x509` is NULL or of lws_x509_create(); `pem` is NULL or has `len` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_x509_parse_from_pem(
    x509: *mut lws_x509_cert,
    pem: *const c_void,
    len: usize,
) -> c_int {
    // SAFETY: NULL or ours, by this function's contract.
    let holder = unsafe { x509.cast::<Holder>().as_mut() };
    // SAFETY: `pem` has `len` bytes, by this function's contract.
    let pem = unsafe { text::buffer(pem, len) };
    let (Some(holder), Some(pem)) = (holder, pem) else {
        return refuse("lws_x509_parse_from_pem: x509 or pem is NULL, or len is 0");
    };
    match certificate::parse(pem) {
        Ok(certs) => {
            holder.certs = certs;
            0
        }
        Err(why) => refuse(&format!(
            "lws_x509_parse_from_pem: unable to parse PEM cert: {why}"
        )),
    }
}

/// As lws_tls_peer_cert_info(), of the object's certificate; LWS_TLS_CERT_INFO_VERIFIED is not known.
///
/// # Safety
///
/// `x509` is NULL or of lws_x509_create(); the others are as lws_tls_peer_cert_info() wants them.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_x509_info(
    x509: *mut lws_x509_cert,
    r#type: lws_tls_cert_info,
    buf: *mut lws_tls_cert_info_results,
    len: usize,
) -> c_int {
    // SAFETY: NULL or ours, by this function's contract.
    let cert = unsafe { held_by(x509) };
    if cert.is_none() {
        refuse("lws_x509_info: x509 is NULL or holds no certificate");
    }
    // SAFETY: `buf` is as `answer` wants it, by this function's contract.
    unsafe { answer(cert, r#type, buf, len) }
}

/// 0 when `trusted` is the certificate of the one who signed `x509`, or signed a CA that leads there by the other certificates which `x509`
/// was read with, and `common_name`, unless it is NULL, is the common name of `x509`. -1, after a log line, otherwise. Dates and uses are
/// not looked at, but that who is between is a CA, and allows as many below it.
///
/// # Safety
///
/// `x509` and `trusted` are NULL or of lws_x509_create(); `common_name` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_x509_verify(
    x509: *mut lws_x509_cert,
    trusted: *mut lws_x509_cert,
    common_name: *const c_char,
) -> c_int {
    // SAFETY: NULL or ours, by this function's contract.
    let certs = unsafe { all_held_by(x509) };
    // SAFETY: as above.
    let issuer = unsafe { held_by(trusted) };
    // SAFETY: NULL or a string, by this function's contract.
    let name = unsafe { text::bytes(common_name) };
    let (Some((cert, between)), Some(issuer)) = (certs.split_first(), issuer) else {
        return refuse("lws_x509_verify: x509 or trusted is NULL or holds no certificate");
    };
    if name.is_some_and(|name| !certificate::is_called(cert, name)) {
        return refuse("lws_x509_verify: common name mismatch");
    }
    match certificate::leads_to(cert, between, issuer) {
        Ok(()) => 0,
        Err(why) => refuse(&format!("lws_x509_verify: {why}")),
    }
}

/// The digest of the certificate's DER form into `buf`: how many bytes it has. `type` is the number of an enum lws_genhash_types: 1 MD5,
/// 2 SHA1, 3 SHA256, 4 SHA384, 5 SHA512. -1 for another number, less room than the digest needs, or no certificate.
///
/// # Safety
///
/// `x509` is NULL or of lws_x509_create(); `buf` is NULL or has `len` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_x509_cert_fingerprint(
    x509: *mut lws_x509_cert,
    r#type: c_int,
    buf: *mut u8,
    len: usize,
) -> c_int {
    // SAFETY: NULL or ours, by this function's contract.
    let cert = unsafe { held_by(x509) };
    let digest = certificate::digest_of(r#type).filter(|digest| digest.size() <= len);
    let (Some(cert), Some(digest), false) = (cert, digest, buf.is_null()) else {
        return refuse(
            "lws_x509_cert_fingerprint: no certificate, no such type, or too few bytes for its digest",
        );
    };
    match cert.digest(digest) {
        Ok(bytes) => {
            // SAFETY: `buf` has at least as many bytes, as was just seen.
            unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), buf, bytes.len()) };
            c_int::try_from(bytes.len()).unwrap_or(-1)
        }
        Err(why) => refuse(&format!("lws_x509_cert_fingerprint: {why}")),
    }
}

/// Frees the object and its certificate, and sets `*x509` to NULL. NULL, and a pointer to NULL, are allowed.
///
/// # Safety
///
/// `x509` is NULL or points to NULL or to an object of lws_x509_create().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_x509_destroy(x509: *mut *mut lws_x509_cert) {
    if x509.is_null() {
        return;
    }
    // SAFETY: readable and writable, by this function's contract.
    let object = unsafe { x509.replace(ptr::null_mut()) };
    if !object.is_null() {
        // SAFETY: of `lws_x509_create`, and nobody's from here on.
        drop(unsafe { Box::from_raw(object.cast::<Holder>()) });
    }
}

fn refuse(line: &str) -> c_int {
    logs::emit(LLL_ERR, line);
    -1
}

/// # Safety
///
/// `x509` is NULL or of `lws_x509_create()`, and stays as it is for `'a`.
unsafe fn held_by<'a>(x509: *const lws_x509_cert) -> Option<&'a X509Ref> {
    // SAFETY: by this function's contract.
    unsafe { all_held_by(x509) }.first().map(|cert| &**cert)
}

/// # Safety
///
/// As `held_by`.
unsafe fn all_held_by<'a>(x509: *const lws_x509_cert) -> &'a [X509] {
    // SAFETY: by this function's contract.
    let holder = unsafe { x509.cast::<Holder>().as_ref() };
    holder.map_or(&[], |holder| &holder.certs)
}

fn question(r#type: lws_tls_cert_info) -> Option<Question> {
    Some(match r#type {
        lws_tls_cert_info::VALIDITY_FROM => Question::ValidFrom,
        lws_tls_cert_info::VALIDITY_TO => Question::ValidTo,
        lws_tls_cert_info::COMMON_NAME => Question::CommonName,
        lws_tls_cert_info::ISSUER_NAME => Question::IssuerName,
        lws_tls_cert_info::USAGE => Question::Usage,
        lws_tls_cert_info::OPAQUE_PUBLIC_KEY | lws_tls_cert_info::DER_SPKI => Question::PublicKey,
        lws_tls_cert_info::DER_RAW => Question::Der,
        lws_tls_cert_info::AUTHORITY_KEY_ID => Question::AuthorityKeyId,
        lws_tls_cert_info::AUTHORITY_KEY_ID_ISSUER => Question::AuthorityIssuer,
        lws_tls_cert_info::AUTHORITY_KEY_ID_SERIAL => Question::AuthoritySerial,
        lws_tls_cert_info::SUBJECT_KEY_ID => Question::SubjectKeyId,
        _ => return None,
    })
}

/// -1, and a length of 0, where there is no certificate. `buf` may be anywhere in an array of bytes, so nothing in it is
/// aligned, and with fewer bytes than the union: only the member that answers is written.
///
/// # Safety
///
/// `buf` is NULL or writable, with `len` bytes from `ns.name` on if `len` is not 0.
unsafe fn answer(
    cert: Option<&X509Ref>,
    r#type: lws_tls_cert_info,
    buf: *mut lws_tls_cert_info_results,
    len: usize,
) -> c_int {
    if buf.is_null() {
        return refuse("a certificate is asked with buf NULL");
    }
    // SAFETY: writable, by this function's contract; so for the pointers below.
    let ns_len = unsafe { &raw mut (*buf).ns.len };
    // SAFETY: as above.
    unsafe { ns_len.write_unaligned(0) };
    let (Some(cert), Some(question)) = (cert, question(r#type)) else {
        return -1;
    };
    let room = if len == 0 { ROOM } else { len };
    match certificate::ask(cert, question, room) {
        Ok(Answer::Time(seconds)) => {
            // SAFETY: as above.
            let time = unsafe { &raw mut (*buf).time };
            // SAFETY: as above.
            unsafe { time.write_unaligned(seconds as libc::time_t) };
            0
        }
        Ok(Answer::Usage(usage)) => {
            // SAFETY: as above.
            let at = unsafe { &raw mut (*buf).usage };
            // SAFETY: as above.
            unsafe { at.write_unaligned(usage) };
            0
        }
        Ok(Answer::Text(bytes)) => {
            // SAFETY: as above; `put` writes at most `room` bytes.
            let name = unsafe { &raw mut (*buf).ns.name }.cast::<c_char>();
            // SAFETY: as above.
            unsafe { text::put(&bytes, name, room) };
            // SAFETY: as above.
            unsafe { ns_len.write_unaligned(length(bytes.len().min(room - 1))) };
            0
        }
        Ok(Answer::Bytes(bytes)) => {
            // SAFETY: as above.
            let name = unsafe { &raw mut (*buf).ns.name }.cast::<u8>();
            // SAFETY: not more than `room` bytes, which `ask` saw to.
            unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), name, bytes.len()) };
            // SAFETY: as above.
            unsafe { ns_len.write_unaligned(length(bytes.len())) };
            0
        }
        Err(Miss::TooLong(needed)) => {
            // SAFETY: as above.
            unsafe { ns_len.write_unaligned(length(needed)) };
            -1
        }
        Err(Miss::Lacks) => 1,
        Err(Miss::Broken) => -1,
    }
}

/// `len` 0.
const ROOM: usize = 64;

fn length(bytes: usize) -> c_int {
    c_int::try_from(bytes).unwrap_or(c_int::MAX)
}
