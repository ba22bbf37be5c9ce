//! The only place that says what a request speaks, and which callbacks come of that.

use super::call::{Due, Reason};

/// What a request speaks once its connection is up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Role {
    #[default]
    Http,
    /// WebSocket: begins as http, and is messages from CLIENT_ESTABLISHED on.
    Ws,
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
            Self::Http | Self::Ws => Reason::ClientHttpBindProtocol,
            Self::Raw => Reason::RawSktBindProtocol,
        }
    }

    /// The connection is the program's from here on; of http that is ESTABLISHED_CLIENT_HTTP's to say.
    pub(crate) fn opened(self) -> Reason {
        match self {
            Self::Http | Self::Ws => Reason::ClientEstablished,
            Self::Raw => Reason::RawConnected,
        }
    }

    pub(crate) fn writeable(self) -> Reason {
        match self {
            Self::Http => Reason::ClientHttpWriteable,
            Self::Ws => Reason::ClientWriteable,
            Self::Raw => Reason::RawWriteable,
        }
    }

    /// `opened`: CLIENT_ESTABLISHED was answered with 0.
    pub(crate) fn drop(self, opened: bool) -> Reason {
        match self {
            Self::Ws if opened => Reason::WsClientDropProtocol,
            Self::Http | Self::Ws => Reason::ClientHttpDropProtocol,
            Self::Raw => Reason::RawSktDropProtocol,
        }
    }

    pub(crate) fn closed(self) -> Reason {
        match self {
            Self::Http => Reason::ClosedClientHttp,
            Self::Ws => Reason::ClientClosed,
            Self::Raw => Reason::RawClose,
        }
    }
}
