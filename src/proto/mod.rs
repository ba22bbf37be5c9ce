//! The only place for protocol machines: bytes go in, events come out; no fd, no clock, no wsi, no callback.

#![forbid(unsafe_code)]

pub(crate) mod auth;
pub(crate) mod cookies;
pub(crate) mod date;
pub(crate) mod h1;
pub(crate) mod h2;
pub(crate) mod headers;
pub(crate) mod location;
pub(crate) mod pmd;
pub(crate) mod proxy;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod script;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod split;
pub(crate) mod text;
pub(crate) mod tokens;
pub(crate) mod ws;

/// Why a machine stopped, and whose fault it was.
///
/// The text reaches the program as (part of) the reason of CLIENT_CONNECTION_ERROR: one line that begins with the
/// words programs already look for, then says what was wrong and, where there is something, what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The other end broke the protocol or went away.
    Peer(&'static str),
    /// The program asked for something that may not be sent.
    App(&'static str),
}

impl Fault {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Peer(text) | Self::App(text) => text,
        }
    }
}
