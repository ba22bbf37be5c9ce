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
    /// The same on a socket that the program made: lws: adoption.
    Adopted,
    /// Datagrams, each as it is.
    Datagrams,
    /// A descriptor that the program reads and writes itself.
    File,
}

impl Role {
    /// The callbacks that come inside the connect call.
    pub(crate) fn first_callbacks(self, bound: bool) -> Due {
        let mut due = match self.is_adopted() {
            true => Due::CREATE_FIRST,
            false => Due::CREATE,
        };
        due.set(Due::BIND, bound);
        due.set(Due::NEW, matches!(self, Self::Http | Self::Ws));
        due
    }

    /// lws: of a server's kind. There is no CLIENT_CONNECTION_ERROR once RAW_ADOPT was called: RAW_CLOSE follows it, whatever
    /// it returned.
    pub(crate) fn is_adopted(self) -> bool {
        matches!(self, Self::Adopted | Self::Datagrams | Self::File)
    }

    pub(crate) fn bind(self) -> Reason {
        match self {
            Self::Http | Self::Ws => Reason::ClientHttpBindProtocol,
            Self::Raw | Self::Adopted | Self::Datagrams => Reason::RawSktBindProtocol,
            Self::File => Reason::RawFileBindProtocol,
        }
    }

    /// The connection is the program's from here on; of http that is ESTABLISHED_CLIENT_HTTP's to say.
    pub(crate) fn opened(self) -> Reason {
        match self {
            Self::Http | Self::Ws => Reason::ClientEstablished,
            Self::Raw => Reason::RawConnected,
            Self::Adopted | Self::Datagrams => Reason::RawAdopt,
            Self::File => Reason::RawAdoptFile,
        }
    }

    pub(crate) fn writeable(self) -> Reason {
        match self {
            Self::Http => Reason::ClientHttpWriteable,
            Self::Ws => Reason::ClientWriteable,
            Self::Raw | Self::Adopted | Self::Datagrams => Reason::RawWriteable,
            Self::File => Reason::RawWriteableFile,
        }
    }

    /// `opened`: CLIENT_ESTABLISHED was answered with 0.
    pub(crate) fn drop(self, opened: bool) -> Reason {
        match self {
            Self::Ws if opened => Reason::WsClientDropProtocol,
            Self::Http | Self::Ws => Reason::ClientHttpDropProtocol,
            Self::Raw | Self::Adopted | Self::Datagrams => Reason::RawSktDropProtocol,
            Self::File => Reason::RawFileDropProtocol,
        }
    }

    pub(crate) fn closed(self) -> Reason {
        match self {
            Self::Http => Reason::ClosedClientHttp,
            Self::Ws => Reason::ClientClosed,
            Self::Raw | Self::Adopted | Self::Datagrams => Reason::RawClose,
            Self::File => Reason::RawCloseFile,
        }
    }
}
