//! The only place for what lws_write() is told about the bytes, and how a ws ends.

use core::ffi::c_int;

/// How much room before the payload lws_write() may use for framing.
pub const LWS_PRE: usize = 16;

/// What the bytes given to lws_write() are: a kind in the low five bits, flags above.
///
/// cbindgen:ignore
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct lws_write_protocol(pub c_int);

impl lws_write_protocol {
    pub const TEXT: Self = Self(0);
    pub const BINARY: Self = Self(1);
    pub const CONTINUATION: Self = Self(2);
    /// a part of a body; also LWS_WRITE_RAW
    pub const HTTP: Self = Self(3);
    pub const PING: Self = Self(5);
    pub const PONG: Self = Self(6);
    /// the last part of a body
    pub const HTTP_FINAL: Self = Self(7);
    pub const HTTP_HEADERS: Self = Self(8);
    pub const HTTP_HEADERS_CONTINUATION: Self = Self(9);

    /// flag: queue it, send when writeable
    ///
    /// cbindgen:ignore
    pub const BUFLIST: c_int = 0x20;
    /// flag: more frames of this message follow
    ///
    /// cbindgen:ignore
    pub const NO_FIN: c_int = 0x40;
    /// flag: nothing follows on this stream
    ///
    /// cbindgen:ignore
    pub const H2_STREAM_END: c_int = 0x80;
    /// flag on ws: the payload is masked already
    ///
    /// cbindgen:ignore
    pub const CLIENT_IGNORE_XOR_MASK: c_int = 0x80;
    /// which bits are the kind
    ///
    /// cbindgen:ignore
    pub const KIND: c_int = 0x1f;
}

/// Why a ws ended, RFC 6455 section 7.4.
///
/// cbindgen:ignore
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct lws_close_status(pub c_int);

impl lws_close_status {
    pub const NOSTATUS: Self = Self(0);
    pub const NORMAL: Self = Self(1000);
    pub const GOINGAWAY: Self = Self(1001);
    pub const PROTOCOL_ERR: Self = Self(1002);
    pub const UNACCEPTABLE_OPCODE: Self = Self(1003);
    pub const NO_STATUS: Self = Self(1005);
    pub const ABNORMAL_CLOSE: Self = Self(1006);
    pub const INVALID_PAYLOAD: Self = Self(1007);
    pub const POLICY_VIOLATION: Self = Self(1008);
    pub const MESSAGE_TOO_LARGE: Self = Self(1009);
    pub const EXTENSION_REQUIRED: Self = Self(1010);
    pub const UNEXPECTED_CONDITION: Self = Self(1011);
    pub const TLS_FAILURE: Self = Self(1015);
}
