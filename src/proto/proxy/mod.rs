//! The only place that says what a proxy is, and reads how programs and environments write one.

mod address;
mod bypass;
mod choice;
mod connect;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzz;
mod socks;
mod tunnel;

pub(crate) use address::Spelling;
pub(crate) use choice::Proxies;
pub(crate) use connect::Connect;
pub(crate) use socks::Socks;
#[cfg(any(test, feature = "fuzzing"))]
use tunnel::Progress;
pub(crate) use tunnel::Tunnel;

use std::fmt;

/// What a proxy speaks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Kind {
    /// HTTP: it makes a tunnel when it is asked by CONNECT (RFC 9110 section 9.3.6).
    Http,
    /// SOCKS 5 (RFC 1928), with user name and password (RFC 1929).
    Socks5,
    /// The environment names one that cannot be used, and this is why: going past it would tell the wrong network where the
    /// program goes.
    Unusable(&'static str),
}

/// One proxy.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Proxy {
    pub(crate) kind: Kind,
    /// Host name or address, without brackets.
    pub(crate) address: String,
    pub(crate) port: u16,
    pub(crate) credentials: Option<Credentials>,
}

/// What the proxy knows the program by. They are part of what makes two proxies the same, and go into no log.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Credentials {
    pub(crate) user: Vec<u8>,
    pub(crate) password: Vec<u8>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("(credentials)")
    }
}

/// What reasons call it: `http proxy a.test:3128`.
impl fmt::Display for Proxy {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Http => to.write_str("http proxy ")?,
            Kind::Socks5 => to.write_str("socks proxy ")?,
            Kind::Unusable(_) => return to.write_str("a proxy"),
        }
        to.write_str(&authority(&self.address, self.port))
    }
}

impl Proxy {
    fn unusable(why: &'static str) -> Self {
        Self {
            kind: Kind::Unusable(why),
            address: String::new(),
            port: 0,
            credentials: None,
        }
    }
}

/// `host:port`, an IPv6 address in brackets.
fn authority(address: &str, port: u16) -> String {
    match address.contains(':') && !address.starts_with('[') {
        true => format!("[{address}]:{port}"),
        false => format!("{address}:{port}"),
    }
}
