//! The only place that says what the application is called with.

use std::sync::Arc;

use super::conn::Conn;
use super::table::Key;
use super::vhost::{Face, Vhost};
use super::wsi::Wsi;

bitflags::bitflags! {
    /// Callbacks that a request is owed, in the order in which it gets them.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub(crate) struct Due: u32 {
        /// DROP, when BIND follows: the request was redirected.
        const UNBIND = 1 << 0;
        /// WSI_CREATE of what was adopted, to the vhost's first protocol.
        const CREATE_FIRST = 1 << 1;
        const BIND = 1 << 2;
        const CREATE = 1 << 3;
        const NEW = 1 << 4;
        const CONNECTING = 1 << 5;
        /// CLIENT_CONFIRM_EXTENSION_SUPPORTED.
        const CONFIRM = 1 << 6;
        const APPEND = 1 << 7;
        /// CLIENT_HTTP_REDIRECT.
        const REDIRECT = 1 << 8;
        const FILTER = 1 << 9;
        const ESTABLISHED = 1 << 10;
        /// WS_EXT_DEFAULTS.
        const EXTENSION = 1 << 11;
        /// CLIENT_ESTABLISHED, RAW_CONNECTED, RAW_ADOPT or RAW_ADOPT_FILE.
        const OPENED = 1 << 12;
        const RECEIVE = 1 << 13;
        /// READ, of payload that was put aside; of a ws, whatever its stream brought.
        const BACKLOG = 1 << 14;
        /// WSI_TX_CREDIT_GET.
        const CREDIT = 1 << 15;
        const WRITEABLE = 1 << 16;
        const TIMER = 1 << 17;
        const COMPLETED = 1 << 18;
        const ERROR = 1 << 19;
        const DROP = 1 << 20;
        const CLOSED = 1 << 21;
        /// CHILD_CLOSING, to its parent's protocol.
        const CHILD_CLOSING = 1 << 22;
        const DESTROY = 1 << 23;
    }
}

impl Due {
    /// The one that comes next.
    pub(crate) fn first(self) -> Self {
        Self::from_bits_truncate(self.bits() & self.bits().wrapping_neg())
    }
}

/// Why the application is called: `enum lws_callback_reasons`, the part that this library sends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(i32)]
pub(crate) enum Reason {
    ConnectionError = 1,
    FilterPreEstablish = 2,
    ClientEstablished = 3,
    ClientReceive = 8,
    ClientReceivePong = 9,
    ClientWriteable = 10,
    AppendHandshakeHeader = 24,
    ClientConfirmExtensionSupported = 26,
    ProtocolInit = 27,
    ProtocolDestroy = 28,
    WsiCreate = 29,
    WsiDestroy = 30,
    GetThreadId = 31,
    AddPollFd = 32,
    DelPollFd = 33,
    ChangeModePollFd = 34,
    LockPoll = 35,
    UnlockPoll = 36,
    LoadExtraClientVerifyCerts = 21,
    ServerNewClientInstantiated = 19,
    WsPeerInitiatedClose = 38,
    WsExtDefaults = 39,
    EstablishedClientHttp = 44,
    ClosedClientHttp = 45,
    ReceiveClientHttp = 46,
    CompletedClientHttp = 47,
    ReceiveClientHttpRead = 48,
    ClientHttpWriteable = 57,
    PerformServerCertVerification = 58,
    RawRx = 59,
    RawClose = 60,
    RawWriteable = 61,
    RawAdopt = 62,
    RawAdoptFile = 63,
    RawRxFile = 64,
    RawWriteableFile = 65,
    RawCloseFile = 66,
    ChildClosing = 69,
    EventWaitCancelled = 71,
    Timer = 73,
    ClientClosed = 75,
    ClientHttpDropProtocol = 76,
    WsClientDropProtocol = 80,
    RawSktBindProtocol = 81,
    RawSktDropProtocol = 82,
    RawFileBindProtocol = 83,
    RawFileDropProtocol = 84,
    ClientHttpBindProtocol = 85,
    RawConnected = 101,
    WsiTxCreditGet = 103,
    ClientHttpRedirect = 104,
    Connecting = 105,
}

/// Whom a callback names as its wsi.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Who {
    Request(Key<Wsi>),
    /// A vhost's protocol: context, vhost and protocol are all it answers.
    Face(Key<Face>),
    /// A connection itself.
    Conn(Key<Conn>),
}

/// The `in` and `len` of a callback.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    None,
    /// NUL-terminated; `len` leaves the NUL out.
    Text(Arc<str>),
    /// What a peer said, NUL-terminated; the length is its status.
    Said(Arc<[u8]>, u16),
    /// A constant that ends with a NUL.
    Fixed(&'static str),
    /// `(void *)(intptr_t)fd`, length 0.
    Fd(i32),
    /// The wsi that the callback is about, length 0.
    Itself,
    /// A pointer of the program's, length 0.
    Pointer(usize),
    /// NULL, and a number as length.
    Count(u32),
    /// APPEND: the scratch buffer to write header lines into.
    Append,
    /// WS_EXT_DEFAULTS: a buffer to write options into.
    Options,
}

/// One callback, decided: nothing in it refers to the engine.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) who: Who,
    pub(crate) reason: Reason,
    /// Address of the protocol's callback function.
    pub(crate) callback: usize,
    pub(crate) user: usize,
    pub(crate) input: Input,
}

/// Callbacks that are nobody's in particular, in the order they were posted.
#[derive(Clone, Debug)]
pub(crate) enum Notice {
    /// EVENT_WAIT_CANCELLED to every protocol of every vhost.
    Cancelled,
    ProtocolInit(Key<Vhost>),
    /// Cookies are to be written to their file.
    Cookies,
    /// The last request of a vhost that was destroyed is freed.
    VhostEmpty(Key<Vhost>),
}
