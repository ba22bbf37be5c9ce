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
    /// The request was sent, and its response's head is not in.
    waits: bool,
}

impl Conmon {
    /// It asks again, there or somewhere else in the same place: that was reached for it all the same.
    pub(crate) fn begins_again(&mut self) {
        self.reply_us = 0;
    }

    /// The request begins to be sent.
    pub(crate) fn asks(&mut self, now: Micros) {
        self.asked = now;
        self.waits = true;
    }

    /// The response's head is in. When the request was sent.
    pub(crate) fn is_answered(&mut self, now: Micros) -> Option<Micros> {
        self.reply_us = span(self.asked, now);
        self.give_up()
    }

    /// There will be no response. When the request was sent, if it was and has none.
    pub(crate) fn give_up(&mut self) -> Option<Micros> {
        std::mem::take(&mut self.waits).then_some(self.asked)
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
    fn a_request_is_answered_or_given_up_once() {
        let mut conmon = Conmon::default();
        assert_eq!(conmon.give_up(), None);
        conmon.asks(5);
        assert_eq!((conmon.is_answered(9), conmon.reply_us), (Some(5), 4));
        assert_eq!(conmon.give_up(), None);
        conmon.asks(10);
        conmon.asks(20); // on another connection
        assert_eq!(conmon.give_up(), Some(20));
        assert_eq!(conmon.give_up(), None);
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
