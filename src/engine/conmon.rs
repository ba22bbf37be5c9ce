//! The only place that says what is measured of a request: how long each step took of the connection that it made, and its response.

use std::net::SocketAddr;

use super::timer::Micros;

/// What became of the lookup of a name.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) enum Lookup {
    /// There was none: an address, a unix socket, or a connection that was there.
    #[default]
    None,
    Found,
    /// Nobody answered for the name.
    Unreachable,
    /// There is no such name.
    NoResult,
}

impl Lookup {
    /// What the resolver's text means.
    pub(crate) fn failed(text: &str) -> Self {
        match text.starts_with("DNS NXDOMAIN") {
            true => Self::NoResult,
            false => Self::Unreachable,
        }
    }
}

/// Microseconds, 0 for what was not done for this request.
#[derive(Default)]
pub(crate) struct Conmon {
    pub(crate) dns_us: u32,
    pub(crate) connect_us: u32,
    pub(crate) tls_us: u32,
    /// From the request to its response's head.
    pub(crate) reply_us: u32,
    pub(crate) lookup: Lookup,
    /// What the lookup found, where that was asked for.
    pub(crate) addresses: Vec<SocketAddr>,
    asked: Micros,
}

impl Conmon {
    /// The request begins to be sent.
    pub(crate) fn asks(&mut self, now: Micros) {
        self.asked = now;
    }

    /// The response's head is in.
    pub(crate) fn is_answered(&mut self, now: Micros) {
        self.reply_us = span(self.asked, now);
    }
}

/// What was done took a microsecond at least.
pub(crate) fn span(from: Micros, now: Micros) -> u32 {
    let span = now.saturating_sub(from).max(1);
    u32::try_from(span).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_never_nothing_and_never_wraps() {
        assert_eq!(span(5, 5), 1);
        assert_eq!(span(9, 5), 1);
        assert_eq!(span(5, 1_000_005), 1_000_000);
        assert_eq!(span(0, u64::MAX), u32::MAX);
    }

    #[test]
    fn a_name_that_nobody_has_is_no_result() {
        assert_eq!(
            Lookup::failed("DNS NXDOMAIN: no such host"),
            Lookup::NoResult
        );
        assert_eq!(Lookup::failed("DNS EMFILE for host"), Lookup::Unreachable);
    }
}
