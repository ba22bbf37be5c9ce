//! The only place that decides whether a server's certificate is good enough.
//!
//! OpenSSL's opinion first, then the connection's trust flags, then the program's hook: the hook sees what is left.

use std::ffi::{c_int, c_void};
use std::marker::PhantomData;
use std::ptr;
use std::sync::OnceLock;

use openssl::x509::X509VerifyResult;
use openssl_sys::{self as ffi, SSL, X509_STORE_CTX};

use super::ask::Trust;

/// The program's say. Called with nothing held, inside the handshake, once for each thing that OpenSSL reports.
///
/// Nonzero refuses. A bad certificate is accepted by X509_STORE_CTX_set_error(store, X509_V_OK) and 0.
pub(crate) trait VerifyHook {
    fn verify(&mut self, preverify_ok: c_int, store: *mut X509_STORE_CTX, ssl: *mut SSL) -> c_int;
}

/// What came out of one handshake step's questions.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// The hook made good what was bad.
    pub(super) changed: bool,
    /// The hook refused.
    pub(super) refused: bool,
    /// The X509_V_ERR_* that ended it.
    pub(super) error: Option<c_int>,
}

/// Runs `step`, a handshake, with `hook` to ask. None: there was no memory, and `step` did not run.
///
/// A C++ exception from the hook passes through: the SSL forgets the hook on every way out.
pub(super) fn hear<R>(
    ssl: *mut SSL,
    trust: Trust,
    hook: &mut dyn VerifyHook,
    step: impl FnOnce() -> R,
) -> Option<(R, Verdict)> {
    let mut hearing = Hearing {
        hook,
        trust,
        verdict: Verdict::default(),
        inside: ptr::null_mut(),
    };
    let session = InSession::begin(ssl, &raw mut hearing)?;
    let result = step();
    session.end();
    Some((result, hearing.verdict))
}

/// lws's words, then what to do about it.
pub(super) fn complaint(error: c_int) -> String {
    let (kind, remedy) = remedy(error);
    format!("{}; {remedy}", words(kind, error))
}

pub(super) fn refusal(error: c_int) -> String {
    let (kind, _) = remedy(error);
    format!(
        "{}; the program's OPENSSL_PERFORM_SERVER_CERT_VERIFICATION callback refused it",
        words(kind, error)
    )
}

fn words(kind: &str, error: c_int) -> String {
    // SAFETY: any number: an unknown one has a text too.
    let result = unsafe { X509VerifyResult::from_raw(error) };
    let text = result.error_string();
    format!("server's cert didn't look good, tls={kind} X509_V_ERR = {error}: {text}")
}

fn remedy(error: c_int) -> (&'static str, &'static str) {
    match error {
        ffi::X509_V_ERR_HOSTNAME_MISMATCH
        | ffi::X509_V_ERR_EMAIL_MISMATCH
        | ffi::X509_V_ERR_IP_ADDRESS_MISMATCH => (
            "hostname",
            "set host (or address) to a name that the certificate has, or set LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK",
        ),
        ffi::X509_V_ERR_CERT_NOT_YET_VALID => (
            "notyetvalid",
            "check the clocks and the certificate, or set LCCSCF_ALLOW_EXPIRED",
        ),
        ffi::X509_V_ERR_CERT_HAS_EXPIRED => (
            "expired",
            "renew the certificate or check the clock, or set LCCSCF_ALLOW_EXPIRED",
        ),
        ffi::X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT | ffi::X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN => {
            (
                "invalidca",
                "add the CA with client_ssl_ca_filepath or client_ssl_ca_mem, or set LCCSCF_ALLOW_SELFSIGNED",
            )
        }
        ffi::X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY
        | ffi::X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE => (
            "invalidca",
            "add the CA with client_ssl_ca_filepath or client_ssl_ca_mem, or set LCCSCF_ALLOW_INSECURE",
        ),
        _ => (
            "invalidca",
            "check the server's certificate chain and the CAs that this vhost trusts",
        ),
    }
}

/// Policy, one line a flag.
fn excused(trust: Trust, error: c_int) -> bool {
    match error {
        ffi::X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT | ffi::X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN => {
            trust.selfsigned
        }
        ffi::X509_V_ERR_CERT_NOT_YET_VALID | ffi::X509_V_ERR_CERT_HAS_EXPIRED => trust.expired,
        ffi::X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY
        | ffi::X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE => trust.insecure,
        ffi::X509_V_ERR_HOSTNAME_MISMATCH | ffi::X509_V_ERR_IP_ADDRESS_MISMATCH => {
            trust.skip_hostname
        }
        _ => false,
    }
}

/// The questions of one handshake step; lives in `hear`'s frame.
struct Hearing<'a> {
    hook: &'a mut dyn VerifyHook,
    trust: Trust,
    verdict: Verdict,
    /// The store that the hook was given and has not given back.
    inside: *mut X509_STORE_CTX,
}

impl Hearing<'_> {
    /// OpenSSL's question: 1 goes on, 0 ends the handshake.
    fn ask(&mut self, preverify: c_int, store: *mut X509_STORE_CTX, ssl: *mut SSL) -> c_int {
        let error = error_of(store);
        let excused = preverify == 0 && excused(self.trust, error);
        if excused {
            set_error(store, ffi::X509_V_OK);
            // The program is asked once of a certificate: after each other error OpenSSL reports it once more, as good.
            if error != ffi::X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE {
                return 1;
            }
        }
        let good = preverify != 0 || excused;
        self.inside = store;
        let refused = self.hook.verify(c_int::from(good), store, ssl) != 0;
        self.inside = ptr::null_mut();
        self.settle(store, good, refused)
    }

    fn settle(&mut self, store: *mut X509_STORE_CTX, good: bool, refused: bool) -> c_int {
        if refused {
            if error_of(store) == ffi::X509_V_OK {
                set_error(store, ffi::X509_V_ERR_APPLICATION_VERIFICATION);
            }
            self.verdict.refused = true;
            self.verdict.error = Some(error_of(store));
            return 0;
        }
        if !good && error_of(store) != ffi::X509_V_OK {
            self.verdict.error = Some(error_of(store));
            return 0;
        }
        self.verdict.changed |= !good;
        1
    }
}

/// While this lives the SSL knows the hearing.
struct InSession<'a> {
    ssl: *mut SSL,
    hearing: *mut Hearing<'a>,
    scope: PhantomData<&'a mut ()>,
}

impl<'a> InSession<'a> {
    fn begin(ssl: *mut SSL, hearing: *mut Hearing<'a>) -> Option<Self> {
        let index = hearing_index()?;
        // SAFETY: a live SSL (the caller owns it) and an index of SSL ex_data.
        let set = unsafe { ffi::SSL_set_ex_data(ssl, index, hearing.cast()) };
        (set == 1).then_some(Self {
            ssl,
            hearing,
            scope: PhantomData,
        })
    }

    /// The handshake came back by itself: whatever store there was is OpenSSL's to free.
    fn end(self) {
        // SAFETY: the hearing outlives this guard: both are in `hear`'s frame.
        unsafe { (*self.hearing).inside = ptr::null_mut() };
    }
}

impl Drop for InSession<'_> {
    fn drop(&mut self) {
        if let Some(index) = hearing_index() {
            // SAFETY: as in `begin`; setting what is there already allocates nothing.
            unsafe { ffi::SSL_set_ex_data(self.ssl, index, ptr::null_mut()) };
        }
        // SAFETY: as in `end`.
        let abandoned = unsafe { (*self.hearing).inside };
        if !abandoned.is_null() {
            // SAFETY: an exception left the hook, so OpenSSL's frame that would free this store is gone for good.
            unsafe { ffi::X509_STORE_CTX_free(abandoned) };
        }
    }
}

/// What OpenSSL calls. Outside of a handshake step (no hearing) its own opinion stands.
///
/// # Safety
///
/// Called by OpenSSL alone, with a live store that belongs to an SSL.
pub(super) unsafe extern "C-unwind" fn on_verify(
    preverify: c_int,
    store: *mut X509_STORE_CTX,
) -> c_int {
    // SAFETY: takes nothing.
    let slot = unsafe { ffi::SSL_get_ex_data_X509_STORE_CTX_idx() };
    // SAFETY: a live store, by this function's contract.
    let ssl = unsafe { ffi::X509_STORE_CTX_get_ex_data(store, slot) }.cast::<SSL>();
    let Some(index) = hearing_index().filter(|_| !ssl.is_null()) else {
        return preverify;
    };
    // SAFETY: the store's SSL is alive while its handshake asks.
    let hearing = unsafe { ffi::SSL_get_ex_data(ssl, index) }.cast::<Hearing<'_>>();
    // SAFETY: NULL or the hearing in `hear`'s frame below us, which nobody else touches while OpenSSL runs.
    let Some(hearing) = (unsafe { hearing.as_mut() }) else {
        return preverify;
    };
    hearing.ask(preverify, store, ssl)
}

/// The place in every SSL where a hearing is put; never anything else.
fn hearing_index() -> Option<c_int> {
    static INDEX: OnceLock<c_int> = OnceLock::new();
    let index = *INDEX.get_or_init(|| {
        let none: *mut c_void = ptr::null_mut();
        // SAFETY: no callbacks: what is stored is not OpenSSL's to copy or free.
        unsafe { ffi::CRYPTO_get_ex_new_index(ffi::CRYPTO_EX_INDEX_SSL, 0, none, None, None, None) }
    });
    (index >= 0).then_some(index)
}

fn error_of(store: *mut X509_STORE_CTX) -> c_int {
    // SAFETY: the store that OpenSSL asks about is alive until its question is answered.
    unsafe { ffi::X509_STORE_CTX_get_error(store) }
}

fn set_error(store: *mut X509_STORE_CTX, error: c_int) {
    // SAFETY: as in `error_of`.
    unsafe { ffi::X509_STORE_CTX_set_error(store, error) };
}
