//! The only place that says what all ways through a proxy have in common: words out, answers in, and then the tunnel is there.

use super::connect::Connect;
use super::socks::Socks;

/// A tunnel that is being made.
#[derive(Debug)]
pub(crate) enum Tunnel {
    Connect(Connect),
    Socks(Socks),
}

/// What came of some bytes from the proxy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Progress {
    /// They are the proxy's; what is behind them is not.
    pub(crate) eaten: usize,
    /// The tunnel is there: what follows is its other end's.
    pub(crate) done: bool,
}

impl Tunnel {
    /// Adds what is to be said next, if anything is.
    pub(crate) fn poll_tx(&mut self, out: &mut Vec<u8>) {
        match self {
            Self::Connect(connect) => connect.poll_tx(out),
            Self::Socks(socks) => socks.poll_tx(out),
        }
    }

    /// `Err`: there will be no tunnel, and why.
    pub(crate) fn handle_rx(&mut self, rx: &[u8]) -> Result<Progress, String> {
        match self {
            Self::Connect(connect) => connect.handle_rx(rx),
            Self::Socks(socks) => socks.handle_rx(rx),
        }
    }

    /// What programs know the end of the connection by.
    pub(crate) fn dead(&self) -> &'static str {
        match self {
            Self::Connect(_) => "proxy conn dead",
            Self::Socks(_) => "socks conn dead",
        }
    }

    pub(crate) fn read_failed(&self) -> &'static str {
        match self {
            Self::Connect(_) => "proxy read err",
            Self::Socks(_) => "socks recv fail",
        }
    }

    pub(crate) fn write_failed(&self) -> &'static str {
        match self {
            Self::Connect(_) => "proxy write failed",
            Self::Socks(_) => "socks write failed",
        }
    }

    /// What it says of bytes that come before we have said anything to the other end.
    pub(crate) fn surplus(&self) -> &'static str {
        match self {
            Self::Connect(_) => "http_proxy fail",
            Self::Socks(_) => "socks reply fail",
        }
    }
}
