//! The only place for types that C knows by name alone.

use core::ffi::c_void;
use core::marker::{PhantomData, PhantomPinned};

/// What makes a type opaque: no size of its own, neither `Send` nor `Unpin` by accident.
type Hidden = PhantomData<(*mut c_void, PhantomPinned)>;

/// A request, or a connection's own handle. Never dereferenced: its pointer is a key.
///
/// cbindgen:ignore
#[repr(C)]
pub struct lws {
    _bytes: [u8; 0],
    _hidden: Hidden,
}

/// A context: one event loop with its vhosts.
///
/// cbindgen:ignore
#[repr(C)]
pub struct lws_context {
    _bytes: [u8; 0],
    _hidden: Hidden,
}

/// A vhost: protocols and TLS settings that requests are made with.
///
/// cbindgen:ignore
#[repr(C)]
pub struct lws_vhost {
    _bytes: [u8; 0],
    _hidden: Hidden,
}

/// Bytes that a context keeps for the system it is part of. Never dereferenced: its pointer is a key.
///
/// cbindgen:ignore
#[repr(C)]
pub struct lws_system_blob {
    _bytes: [u8; 0],
    _hidden: Hidden,
}

/// Memory that is given out in small pieces and freed at once.
///
/// cbindgen:ignore
#[repr(C)]
pub struct lwsac {
    _bytes: [u8; 0],
    _hidden: Hidden,
}

/// Bytes that wait, in the pieces that they came in.
///
/// cbindgen:ignore
#[repr(C)]
pub struct lws_buflist {
    _bytes: [u8; 0],
    _hidden: Hidden,
}

/// A sequencer; nothing here makes one.
///
/// cbindgen:ignore
#[repr(C)]
pub struct lws_sequencer {
    _bytes: [u8; 0],
    _hidden: Hidden,
}

/// A mount of a server; nothing here serves one.
///
/// cbindgen:ignore
#[repr(C)]
pub struct lws_http_mount {
    _bytes: [u8; 0],
    _hidden: Hidden,
}

/// A set of file operations.
///
/// cbindgen:ignore
#[repr(C)]
pub struct lws_plat_file_ops {
    _bytes: [u8; 0],
    _hidden: Hidden,
}

/// An event library given by the program.
///
/// cbindgen:ignore
#[repr(C)]
pub struct lws_plugin_evlib {
    _bytes: [u8; 0],
    _hidden: Hidden,
}

/// A call that waits for a system state.
///
/// cbindgen:ignore
#[repr(C)]
pub struct lws_attach_item {
    _bytes: [u8; 0],
    _hidden: Hidden,
}

/// One who is told of system messages. Never dereferenced: its pointer is a key.
///
/// cbindgen:ignore
#[repr(C)]
pub struct lws_smd_peer {
    _bytes: [u8; 0],
    _hidden: Hidden,
}

/// An object that holds a certificate.
///
/// cbindgen:ignore
#[repr(C)]
pub struct lws_x509_cert {
    _bytes: [u8; 0],
    _hidden: Hidden,
}

/// A multipart form that is being filled in.
///
/// cbindgen:ignore
#[repr(C)]
pub struct lws_http_mp_sm {
    _bytes: [u8; 0],
    _hidden: Hidden,
}

/// A ring of elements.
///
/// cbindgen:ignore
#[repr(C)]
pub struct lws_ring {
    _bytes: [u8; 0],
    _hidden: Hidden,
}
