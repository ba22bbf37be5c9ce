//! The only place that puts one connection's wishes for TLS into its SSL: name, check, who we are, ALPN.

use std::net::IpAddr;

use foreign_types::ForeignTypeRef;
use openssl::error::ErrorStack;
use openssl::ssl::SslRef;
use openssl::x509::verify::X509CheckFlags;

use super::libssl as raw;
use super::pem::{certificates, private_key};
use super::secret::Secret;
use super::tickets::Whose;

/// What one connection wants of TLS.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TlsAsk<'a> {
    /// Host or address, without a port; an IPv6 literal with or without brackets.
    pub(crate) name: &'a str,
    /// "h2,http/1.1"
    pub(crate) alpn: Option<&'a str>,
    pub(crate) trust: Trust,
    /// A session may be resumed, and kept, for this; and what the time is, in seconds since 1970.
    pub(crate) session: Option<(Whose<'a>, i64)>,
    /// Who we are, instead of whom the vhost says.
    pub(crate) credentials: Option<Credentials<'a>>,
}

/// A client certificate, with those that lead to its CA, and its key: PEM or DER, without a password.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Credentials<'a> {
    pub(crate) certificate: &'a [u8],
    pub(crate) key: &'a Secret,
}

impl Credentials<'_> {
    fn apply(&self, ssl: &mut SslRef) -> Result<(), String> {
        // With two of different kinds OpenSSL would choose, and could choose the vhost's.
        // SAFETY: a live SSL.
        unsafe { raw::SSL_certs_clear(ssl.as_ptr()) };
        let unfit = |what: &'static str| {
            move |e: ErrorStack| {
                let why = super::tls::reason(&e);
                format!("tls: sys_tls_client_cert: the {what} does not load: {why}")
            }
        };
        self.set_certificate(ssl).map_err(unfit("certificate"))?;
        // OpenSSL compares it with the certificate.
        let key = private_key(self.key, None).map_err(unfit("private key"))?;
        ssl.set_private_key(&key).map_err(unfit("private key"))
    }

    fn set_certificate(&self, ssl: &mut SslRef) -> Result<(), ErrorStack> {
        let mut chain = certificates(self.certificate)?.into_iter();
        if let Some(own) = chain.next() {
            ssl.set_certificate(&own)?;
        }
        chain.try_for_each(|between| ssl.add_chain_cert(between))
    }
}

/// LCCSCF's trust flags: what is wrong with a certificate and still good enough.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Trust {
    pub(crate) selfsigned: bool,
    pub(crate) skip_hostname: bool,
    pub(crate) expired: bool,
    pub(crate) insecure: bool,
}

/// The list that lws lets a connection offer, as it goes on the wire.
const ALPN_MAX: usize = 39;

impl TlsAsk<'_> {
    pub(super) fn apply(&self, ssl: &mut SslRef) -> Result<(), String> {
        match Name::of(self.name)? {
            Name::Ip(ip) => self.check_ip(ssl, ip),
            Name::Dns(name) => self.check_dns(ssl, name),
        }
        .map_err(|e| {
            format!(
                "tls: cannot ask for the name {:?}: {}",
                self.name,
                super::tls::reason(&e)
            )
        })?;
        if let Some(credentials) = &self.credentials {
            credentials.apply(ssl)?;
        }
        self.offer_alpn(ssl)
    }

    /// No SNI: RFC 6066 §3 has host names alone there.
    fn check_ip(&self, ssl: &mut SslRef, ip: IpAddr) -> Result<(), ErrorStack> {
        if self.trust.skip_hostname {
            return Ok(());
        }
        ssl.param_mut().set_ip(ip)
    }

    fn check_dns(&self, ssl: &mut SslRef, name: &str) -> Result<(), ErrorStack> {
        ssl.set_hostname(name)?;
        if self.trust.skip_hostname {
            return Ok(());
        }
        ssl.param_mut()
            .set_hostflags(X509CheckFlags::NO_PARTIAL_WILDCARDS);
        ssl.param_mut().set_host(name)
    }

    fn offer_alpn(&self, ssl: &mut SslRef) -> Result<(), String> {
        let wire = alpn_wire(self.alpn.unwrap_or_default())?;
        if wire.is_empty() {
            return Ok(());
        }
        ssl.set_alpn_protos(&wire)
            .map_err(|e| format!("tls: cannot offer ALPN: {}", super::tls::reason(&e)))
    }
}

enum Name<'a> {
    Ip(IpAddr),
    Dns(&'a str),
}

impl<'a> Name<'a> {
    fn of(name: &'a str) -> Result<Self, String> {
        let bare = name
            .strip_prefix('[')
            .and_then(|n| n.strip_suffix(']'))
            .unwrap_or(name);
        // A scope says which wire, not who: no certificate has it.
        let unscoped = bare.split_once('%').map_or(bare, |(ip, _)| ip);
        if let Ok(ip) = unscoped.parse() {
            return Ok(Self::Ip(ip));
        }
        // The root's dot is DNS spelling; RFC 6066 §3 leaves it out, and so do certificates.
        let dns = bare.strip_suffix('.').unwrap_or(bare);
        // An empty name would not be an odd check but none at all.
        if dns.is_empty() || dns.contains('\0') {
            return Err(format!(
                "tls: no name to check the certificate for in {name:?}; set host or address"
            ));
        }
        Ok(Self::Dns(dns))
    }
}

/// RFC 7301 §3.1: each name after a byte with its length.
fn alpn_wire(list: &str) -> Result<Vec<u8>, String> {
    let mut wire = Vec::with_capacity(list.len() + 1);
    for protocol in list.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        wire.push(u8::try_from(protocol.len()).unwrap_or(u8::MAX));
        wire.extend_from_slice(protocol.as_bytes());
    }
    if wire.len() > ALPN_MAX {
        return Err(format!(
            "tls: the alpn list takes {} bytes, {ALPN_MAX} is the most: {list:?}",
            wire.len()
        ));
    }
    Ok(wire)
}
