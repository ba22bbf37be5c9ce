//! The only place that says what a request speaks, and which callbacks come of that.

use super::call::{Due, Reason};

/// What a request speaks once its connection is up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Role {
    #[default]
    Http,
    /// The bytes of the socket, as they are. It has its connection to itself.
    Raw,
}

impl Role {
    /// The callbacks that come inside the connect call.
    pub(crate) fn first_callbacks(self, bound: bool) -> Due {
        let mut due = Due::CREATE;
        due.set(Due::BIND, bound);
        due.set(Due::NEW, self != Self::Raw);
        due
    }

    pub(crate) fn bind(self) -> Reason {
        match self {
            Self::Http => Reason::ClientHttpBindProtocol,
            Self::Raw => Reason::RawSktBindProtocol,
        }
    }

    pub(crate) fn established(self) -> Reason {
        match self {
            Self::Http => Reason::EstablishedClientHttp,
            Self::Raw => Reason::RawConnected,
        }
    }

    pub(crate) fn writeable(self) -> Reason {
        match self {
            Self::Http => Reason::ClientHttpWriteable,
            Self::Raw => Reason::RawWriteable,
        }
    }

    pub(crate) fn drop(self) -> Reason {
        match self {
            Self::Http => Reason::ClientHttpDropProtocol,
            Self::Raw => Reason::RawSktDropProtocol,
        }
    }

    pub(crate) fn closed(self) -> Reason {
        match self {
            Self::Http => Reason::ClosedClientHttp,
            Self::Raw => Reason::RawClose,
        }
    }
}
