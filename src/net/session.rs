//! The only place that works one SSL: handshake, read, write, goodbye.

use std::ffi::c_int;
use std::os::fd::RawFd;
use std::ptr;
use std::sync::Arc;

use openssl::error::ErrorStack;
use openssl::ssl::{Ssl, SslRef};
use openssl_sys::{self as ffi, SSL};

use super::ask::{TlsAsk, Trust};
use super::certificate::TlsPeer;
use super::errno::{errno_name, last};
use super::libssl as raw;
use super::tickets::Memory;
use super::tls::{TlsClient, reason};
use super::transport::{Handshake, Io};
use super::verify::{self, Verdict, VerifyHook};

/// One TLS tunnel over an fd that somebody else owns and closes later.
#[derive(Debug)]
pub(super) struct Session {
    ssl: Ssl,
    trust: Trust,
    ready: bool,
    /// OpenSSL forbids SSL_shutdown after a fatal error, and after an exception went through a handshake.
    broken: bool,
    verdict_changed: bool,
}

/// Several records a recv(2), instead of two calls a record.
const READ_AHEAD: usize = 64 * 1024;

/// Why an operation gave nothing.
enum Stop {
    WantRead,
    WantWrite,
    Closed,
    Truncated,
    System(c_int),
    Tls(String),
    Unknown(c_int),
}

impl Session {
    pub(super) fn new(client: &TlsClient, ask: &TlsAsk<'_>, fd: RawFd) -> Result<Self, String> {
        clear_errors();
        let mut ssl =
            Ssl::new(client.context()).map_err(|e| format!("tls: no SSL: {}", reason(&e)))?;
        configure(ssl_ptr(&ssl));
        ask.apply(&mut ssl)?;
        ssl.set_connect_state();
        offer_session(&mut ssl, client, ask);
        // SAFETY: a live SSL; it takes a BIO over the fd that does not close it.
        if unsafe { raw::SSL_set_fd(ssl_ptr(&ssl), fd) } != 1 {
            return Err(format!("bio_create failed: {}", reason(&ErrorStack::get())));
        }
        Ok(Self {
            ssl,
            trust: ask.trust,
            ready: false,
            broken: false,
            verdict_changed: false,
        })
    }

    pub(super) fn handshake(&mut self, hook: &mut dyn VerifyHook) -> Handshake {
        let ssl = ssl_ptr(&self.ssl);
        clear_errors();
        // Stays so if the hook throws: what is half done inside the SSL must not be built on.
        self.broken = true;
        let heard = verify::hear(ssl, self.trust, hook, || {
            // SAFETY: a live SSL with an fd, used by nobody else meanwhile: this transport is `&mut`.
            let result = unsafe { raw::SSL_do_handshake(ssl) };
            (result, last())
        });
        let Some(((result, errno), verdict)) = heard else {
            return Handshake::Failed("tls: out of memory; nothing was sent".into());
        };
        self.verdict_changed |= verdict.changed;
        if result == 1 {
            self.broken = false;
            self.ready = true;
            if let Some(memory) = Memory::of(&self.ssl) {
                memory.settle(!self.verdict_changed);
            }
            return Handshake::Done {
                alpn: self.alpn(),
                verdict_changed: self.verdict_changed,
                peer: Arc::new(TlsPeer::of(&self.ssl)),
            };
        }
        self.handshake_stopped(result, errno, &verdict)
    }

    #[inline]
    pub(super) fn read(&mut self, buf: &mut [u8]) -> Io {
        let ssl = ssl_ptr(&self.ssl);
        clear_errors();
        // SAFETY: a live SSL, and room for as many bytes as said.
        let n = unsafe { raw::SSL_read(ssl, buf.as_mut_ptr().cast(), len_of(buf)) };
        if n > 0 {
            // SAFETY: a live SSL.
            let more = unsafe { raw::SSL_has_pending(ssl) } == 1;
            return Io::Done {
                n: n as usize,
                more,
            };
        }
        self.io_stopped(n, last())
    }

    #[inline]
    pub(super) fn write(&mut self, buf: &[u8]) -> Io {
        let ssl = ssl_ptr(&self.ssl);
        clear_errors();
        // SAFETY: a live SSL, and as many readable bytes as said.
        let n = unsafe { raw::SSL_write(ssl, buf.as_ptr().cast(), len_of(buf)) };
        if n > 0 {
            return Io::Done {
                n: n as usize,
                more: false,
            };
        }
        self.io_stopped(n, last())
    }

    /// One close_notify, if there is somebody to understand it. Whether it gets out is not waited for.
    pub(super) fn say_goodbye(&mut self) {
        if self.ready && !self.broken {
            clear_errors();
            // SAFETY: a live SSL whose handshake is done and that had no fatal error.
            unsafe { raw::SSL_shutdown(ssl_ptr(&self.ssl)) };
            clear_errors();
        }
    }

    pub(super) fn address(&self) -> usize {
        ssl_ptr(&self.ssl) as usize
    }

    fn alpn(&self) -> Option<String> {
        self.ssl
            .selected_alpn_protocol()
            .map(|p| String::from_utf8_lossy(p).into_owned())
    }

    #[cold]
    fn io_stopped(&mut self, result: c_int, errno: c_int) -> Io {
        let stop = self.stop(result, errno);
        self.broken |= matches!(
            stop,
            Stop::Truncated | Stop::System(_) | Stop::Tls(_) | Stop::Unknown(_)
        );
        match stop {
            Stop::WantRead => Io::WantRead,
            Stop::WantWrite => Io::WantWrite,
            Stop::Closed => Io::Eof,
            Stop::Truncated => Io::Truncated,
            Stop::System(errno) => Io::Failed(errno_name(errno).into()),
            Stop::Tls(reason) => Io::Failed(format!("tls: {reason}")),
            Stop::Unknown(code) => Io::Failed(format!("tls: SSL_get_error says {code}")),
        }
    }

    #[cold]
    fn handshake_stopped(&mut self, result: c_int, errno: c_int, verdict: &Verdict) -> Handshake {
        let stop = self.stop(result, errno);
        self.broken = !matches!(stop, Stop::WantRead | Stop::WantWrite);
        if let Some(memory) = Memory::of(&self.ssl).filter(|_| self.broken) {
            memory.give_up();
        }
        if let (Some(error), true) = (verdict.error, self.broken) {
            clear_errors();
            return match verdict.refused {
                true => Handshake::Refused(verify::refusal(error)),
                false => Handshake::Failed(verify::complaint(error)),
            };
        }
        match stop {
            Stop::WantRead => Handshake::WantRead,
            Stop::WantWrite => Handshake::WantWrite,
            Stop::Closed | Stop::Truncated => {
                Handshake::Failed(format!("tls: {EOF}; {}", advice(EOF)))
            }
            Stop::System(errno) => Handshake::Failed(format!(
                "connect SYSCALL {errno}: {} during the TLS handshake; check that the peer speaks TLS on this port",
                errno_name(errno)
            )),
            Stop::Tls(reason) => Handshake::Failed(format!("tls: {reason}; {}", advice(&reason))),
            Stop::Unknown(code) => Handshake::Failed(format!(
                "connect unk {code}: the handshake waits for something that only the provided SSL_CTX knows; remove its \
                 callbacks that suspend"
            )),
        }
    }

    /// `errno` is the one right after the operation.
    fn stop(&self, result: c_int, errno: c_int) -> Stop {
        // SAFETY: a live SSL, and what its last operation returned in this thread.
        match unsafe { ffi::SSL_get_error(ssl_ptr(&self.ssl), result) } {
            ffi::SSL_ERROR_WANT_READ => Stop::WantRead,
            ffi::SSL_ERROR_WANT_WRITE => Stop::WantWrite,
            ffi::SSL_ERROR_ZERO_RETURN => Stop::Closed,
            // OpenSSL 1.1.1 tells a missing close_notify so, with errno 0 or result 0.
            ffi::SSL_ERROR_SYSCALL if result == 0 || errno == 0 => Stop::Truncated,
            ffi::SSL_ERROR_SYSCALL => Stop::System(errno),
            ffi::SSL_ERROR_SSL => tls_stop(&ErrorStack::get()),
            code => Stop::Unknown(code),
        }
    }
}

/// OpenSSL 3's own words for a FIN without a close_notify.
const EOF: &str = "unexpected eof while reading";

fn tls_stop(errors: &ErrorStack) -> Stop {
    match reason(errors) {
        reason if reason == EOF => Stop::Truncated,
        reason => Stop::Tls(reason),
    }
}

/// What a person may do about a handshake that failed for OpenSSL's `reason`.
fn advice(reason: &str) -> &'static str {
    let about = |words: &[&str]| words.iter().any(|w| reason.contains(w));
    if about(&[EOF]) {
        "the peer hung up during the handshake: check that it speaks TLS on this port and wants this host name"
    } else if about(&[
        "wrong version number",
        "http request",
        "packet length",
        "record layer",
    ]) {
        "the peer does not speak TLS here: check the port, or leave LCCSCF_USE_SSL out"
    } else if about(&["application protocol"]) {
        "the peer speaks none of the protocols in alpn: offer http/1.1 or leave alpn out"
    } else if about(&[
        "protocol version",
        "unsupported protocol",
        "no protocols available",
    ]) {
        "no common TLS version: 1.2 is the oldest allowed, unless ssl_client_options_clear and the peer agree"
    } else if about(&[
        "certificate required",
        "bad certificate",
        "unknown ca",
        "certificate unknown",
    ]) {
        "the peer wants a client certificate that it trusts: client_ssl_cert_filepath and client_ssl_private_key_filepath"
    } else if about(&["unrecognized name"]) {
        "the peer does not serve this host name: check host"
    } else if about(&[
        "handshake failure",
        "no shared cipher",
        "no ciphers available",
    ]) {
        "no common cipher, or the peer wants a client certificate: check client_ssl_cipher_list and the peer's log"
    } else {
        "check the TLS settings of both ends"
    }
}

/// An earlier session of the same trust, and where those of this connection go.
fn offer_session(ssl: &mut SslRef, client: &TlsClient, ask: &TlsAsk<'_>) {
    let (Some(sessions), Some((whose, now))) = (client.sessions(), ask.session) else {
        return;
    };
    if let Some(session) = sessions.find(whose, now) {
        // SAFETY: it is of this SSL_CTX, or of the program's keeping, and an object that nobody else has.
        let offered = unsafe { ssl.set_session(&session) };
        if offered.is_err() {
            sessions.forget(whose);
        }
    }
    Memory::new(Arc::clone(sessions), whose).attach(ssl);
}

/// What every SSL needs, a program's own SSL_CTX behind it or ours.
fn configure(ssl: *mut SSL) {
    let mode = ffi::SSL_MODE_ENABLE_PARTIAL_WRITE
        | ffi::SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
        | ffi::SSL_MODE_AUTO_RETRY;
    // SAFETY: a live SSL; this command takes bits and no pointer.
    unsafe { ffi::SSL_ctrl(ssl, ffi::SSL_CTRL_MODE, mode, ptr::null_mut()) };
    // SAFETY: a live SSL.
    unsafe { raw::SSL_set_read_ahead(ssl, 1) };
    // SAFETY: a live SSL.
    unsafe { raw::SSL_set_default_read_buffer_len(ssl, READ_AHEAD) };
    // A renegotiation would ask about a certificate when no hook is there to be asked.
    // SAFETY: a live SSL.
    unsafe { raw::SSL_set_options(ssl, raw::SSL_OP_NO_RENEGOTIATION) };
    // SAFETY: a live SSL, and a callback as OpenSSL declares it.
    unsafe { raw::SSL_set_verify(ssl, ffi::SSL_VERIFY_PEER, Some(verify::on_verify)) };
}

/// A leftover of anybody's in this thread would be taken for ours by SSL_get_error. Looking is cheaper than clearing.
#[inline]
fn clear_errors() {
    // SAFETY: takes nothing.
    if unsafe { raw::ERR_peek_error() } != 0 {
        // SAFETY: takes nothing.
        unsafe { ffi::ERR_clear_error() };
    }
}

fn ssl_ptr(ssl: &Ssl) -> *mut SSL {
    foreign_types::ForeignType::as_ptr(ssl)
}

fn len_of(buf: &[u8]) -> c_int {
    c_int::try_from(buf.len()).unwrap_or(c_int::MAX)
}
