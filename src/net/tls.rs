//! The only place that builds an SSL_CTX: what a vhost brings to all of its TLS connections.

use std::fs;
use std::path::Path;
use std::ptr::NonNull;
use std::sync::Arc;

use foreign_types::ForeignType;
use openssl::error::ErrorStack;
use openssl::ssl::{
    SslContext, SslContextBuilder, SslContextRef, SslMethod, SslOptions, SslSessionCacheMode,
    SslVersion,
};
use openssl::x509::X509Ref;
use openssl_sys::{self as ffi, SSL_CTX};

pub(crate) use super::ask::{Credentials, TlsAsk, Trust};
use super::pem::{certificates, private_key};
use super::secret::Secret;
use super::tickets::Sessions;
pub(crate) use super::transport::Handshake;

/// What the context creation info says about client TLS.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TlsConfig<'a> {
    pub(crate) ca_filepath: Option<&'a Path>,
    /// PEM or DER, like all memory here.
    pub(crate) ca_mem: Option<&'a [u8]>,
    pub(crate) cert_filepath: Option<&'a Path>,
    pub(crate) cert_mem: Option<&'a [u8]>,
    pub(crate) key_filepath: Option<&'a Path>,
    pub(crate) key_mem: Option<&'a [u8]>,
    pub(crate) key_password: Option<&'a [u8]>,
    pub(crate) cipher_list: Option<&'a str>,
    pub(crate) tls13_ciphers: Option<&'a str>,
    pub(crate) options_set: i64,
    pub(crate) options_clear: i64,
    /// How many TLS sessions are kept and for how many seconds, 0 for what is usual; `None`: none.
    pub(crate) sessions: Option<(u32, u32)>,
    /// Trust what the system trusts.
    pub(crate) os_store: bool,
    /// The program's own, live during `TlsClient::new`; all of the above is then its business.
    pub(crate) provided: Option<NonNull<SSL_CTX>>,
}

/// A vhost's SSL_CTX.
#[derive(Debug)]
pub(crate) struct TlsClient {
    context: SslContext,
    sessions: Option<Arc<Sessions>>,
}

impl TlsClient {
    /// With it come lines for the log, about what is missing and can be done without.
    pub(crate) fn new(config: &TlsConfig<'_>) -> Result<(Self, Vec<String>), String> {
        if let Some(provided) = config.provided {
            return Ok((Self::adopt(provided), Vec::new()));
        }
        let mut builder = context().map_err(|e| format!("tls: no SSL_CTX: {}", reason(&e)))?;
        set_options(&mut builder, config);
        set_ciphers(&mut builder, config)?;
        let mut warnings = Vec::new();
        add_trust(&mut builder, config, &mut warnings);
        add_identity(&mut builder, config, &mut warnings)?;
        let sessions = config.sessions.map(|(most, secs)| {
            Sessions::listen(&mut builder);
            Arc::new(Sessions::new(most, secs))
        });
        Ok((
            Self {
                context: builder.build(),
                sessions,
            },
            warnings,
        ))
    }

    fn adopt(provided: NonNull<SSL_CTX>) -> Self {
        // SAFETY: live, as TlsConfig asks; the count makes the reference ours to drop.
        unsafe { ffi::SSL_CTX_up_ref(provided.as_ptr()) };
        // SAFETY: as above, with the reference just counted.
        let context = unsafe { SslContext::from_ptr(provided.as_ptr()) };
        // Its callbacks are the program's.
        Self {
            context,
            sessions: None,
        }
    }

    /// For the program's OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS.
    pub(crate) fn ctx(&self) -> *mut SSL_CTX {
        self.context.as_ptr()
    }

    /// Who the vhost is to servers.
    pub(crate) fn certificate(&self) -> Option<&X509Ref> {
        self.context.certificate()
    }

    pub(crate) fn sessions(&self) -> Option<&Arc<Sessions>> {
        self.sessions.as_ref()
    }

    pub(super) fn context(&self) -> &SslContextRef {
        &self.context
    }
}

/// One line: OpenSSL's first complaint, which the others follow from.
pub(super) fn reason(errors: &ErrorStack) -> String {
    let first = errors.errors().first();
    match first.map(|e| (e.reason(), e.code())) {
        Some((Some(reason), _)) => reason.to_string(),
        Some((None, code)) => format!("error {code:#x}"),
        None => "no reason given".to_string(),
    }
}

fn context() -> Result<SslContextBuilder, ErrorStack> {
    let mut builder = SslContextBuilder::new(SslMethod::tls_client())?;
    builder.set_min_proto_version(Some(SslVersion::TLS1_2))?;
    // contract 3.1: a session may only be resumed by the same trust identity, and OpenSSL knows none. `tickets` does.
    builder.set_session_cache_mode(SslSessionCacheMode::OFF);
    Ok(builder)
}

fn set_options(builder: &mut SslContextBuilder, config: &TlsConfig<'_>) {
    let bits = |options: i64| SslOptions::from_bits_retain(options as _);
    builder.set_options(SslOptions::NO_COMPRESSION | bits(config.options_set));
    builder.clear_options(bits(config.options_clear));
}

fn set_ciphers(builder: &mut SslContextBuilder, config: &TlsConfig<'_>) -> Result<(), String> {
    if let Some(list) = config.cipher_list {
        builder
            .set_cipher_list(list)
            .map_err(|e| format!("tls: client_ssl_cipher_list {list:?}: {}", reason(&e)))?;
    }
    if let Some(list) = config.tls13_ciphers {
        let text = |e| {
            format!(
                "tls: client_tls_1_3_plus_cipher_list {list:?}: {}",
                reason(&e)
            )
        };
        builder.set_ciphersuites(list).map_err(text)?;
    }
    Ok(())
}

/// A CA that is missing only makes for fewer servers that are trusted: the connection will say which.
fn add_trust(builder: &mut SslContextBuilder, config: &TlsConfig<'_>, warnings: &mut Vec<String>) {
    if config.os_store
        && let Err(e) = builder.set_default_verify_paths()
    {
        warnings.push(format!(
            "tls: the system's trust store does not load: {}; install CA certificates",
            reason(&e)
        ));
    }
    if let Some(path) = config.ca_filepath
        && let Err(e) = builder.set_ca_file(path)
    {
        let path = path.display();
        let why = reason(&e);
        warnings.push(format!(
                "tls: client_ssl_ca_filepath {path} does not load: {why}; servers it was meant for will be refused: \
                 give a readable file of PEM certificates"
            ));
    }
    if let Some(mem) = config.ca_mem
        && let Err(e) = add_ca_mem(builder, mem)
    {
        warnings.push(format!(
            "tls: client_ssl_ca_mem does not load: {}; give PEM or DER certificates",
            reason(&e)
        ));
    }
}

fn add_ca_mem(builder: &mut SslContextBuilder, mem: &[u8]) -> Result<(), ErrorStack> {
    for certificate in certificates(mem)? {
        builder.cert_store_mut().add_cert(certificate)?;
    }
    Ok(())
}

/// Who we are. The server was promised it, so what does not load is an error.
fn add_identity(
    builder: &mut SslContextBuilder,
    config: &TlsConfig<'_>,
    warnings: &mut Vec<String>,
) -> Result<(), String> {
    let cert = Source::pick("client certificate", config.cert_filepath, config.cert_mem);
    let key = Source::pick("client private key", config.key_filepath, config.key_mem);
    if let Some(cert) = &cert {
        cert.load(|bytes| use_certificate(builder, bytes))?;
    }
    if let Some(key) = &key {
        // OpenSSL compares it with the certificate.
        key.load(|bytes| {
            builder.set_private_key(private_key(bytes, config.key_password)?.as_ref())
        })?;
    }
    if let (Some(cert), None) = (cert, key) {
        let name = cert.name();
        warnings.push(format!(
            "tls: {name} is not used without client_ssl_private_key_filepath or client_ssl_key_mem"
        ));
    }
    Ok(())
}

/// Where a certificate or key comes from; the file goes first when both are given.
struct Source<'a> {
    what: &'static str,
    path: Option<&'a Path>,
    mem: &'a [u8],
}

impl<'a> Source<'a> {
    fn pick(what: &'static str, path: Option<&'a Path>, mem: Option<&'a [u8]>) -> Option<Self> {
        (path.is_some() || mem.is_some()).then(|| Self {
            what,
            path,
            mem: mem.unwrap_or_default(),
        })
    }

    fn load(&self, take: impl FnOnce(&[u8]) -> Result<(), ErrorStack>) -> Result<(), String> {
        let taken = match self.path {
            Some(path) => {
                let bytes = fs::read(path).map_err(|e| format!("tls: {}: {e}", self.name()))?;
                take(&Secret::of(bytes))
            }
            None => take(self.mem),
        };
        taken.map_err(|e| format!("tls: {} does not load: {}", self.name(), reason(&e)))
    }

    fn name(&self) -> String {
        match self.path {
            Some(path) => format!("{} {}", self.what, path.display()),
            None => format!("{} in memory", self.what),
        }
    }
}

/// The first is ours, the others lead to its CA.
fn use_certificate(builder: &mut SslContextBuilder, bytes: &[u8]) -> Result<(), ErrorStack> {
    let mut chain = certificates(bytes)?.into_iter();
    if let Some(own) = chain.next() {
        builder.set_certificate(&own)?;
    }
    chain.try_for_each(|between| builder.add_extra_chain_cert(between))
}
