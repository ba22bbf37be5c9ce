//! The only place for what a vhost is made of: protocols, extensions, named options.

use super::{lws, lws_callback_function, lws_context};
use core::ffi::{c_char, c_int, c_uint, c_void};

/// One protocol: a name and the callback of all requests bound to it. A list ends with an all-zero one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_protocols {
    /// the ws subprotocol, or whatever `local_protocol_name` picks it by
    pub name: *const c_char,
    /// what is told everything
    pub callback: lws_callback_function,
    /// bytes that each request gets, zeroed, as the callback's `user`
    pub per_session_data_size: usize,
    /// the most that one receive callback brings; 0: the library's choice
    pub rx_buffer_size: usize,
    /// for the program
    pub id: c_uint,
    /// for the program
    pub user: *mut c_void,
    /// the most that is sent at once; 0: as `rx_buffer_size`
    pub tx_packet_size: usize,
}

/// Why an extension is called.
///
/// cbindgen:ignore
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct lws_extension_callback_reasons(pub c_int);

/// What an extension is; the library knows its own by this address.
///
/// cbindgen:ignore
pub type lws_extension_callback_function = Option<
    unsafe extern "C-unwind" fn(
        context: *mut lws_context,
        ext: *const lws_extension,
        wsi: *mut lws,
        reason: lws_extension_callback_reasons,
        user: *mut c_void,
        in_: *mut c_void,
        len: usize,
    ) -> c_int,
>;

/// One ws extension. A list ends with an all-zero one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_extension {
    /// its name, as in Sec-WebSocket-Extensions
    pub name: *const c_char,
    /// what it does
    pub callback: lws_extension_callback_function,
    /// what a client offers: name and parameters
    pub client_offer: *const c_char,
}

/// One named option; a list, and each may have its own list below.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_protocol_vhost_options {
    /// the next on this level, or NULL
    pub next: *const Self,
    /// the first one below, or NULL
    pub options: *const Self,
    /// its name
    pub name: *const c_char,
    /// its value
    pub value: *const c_char,
}

#[cfg(target_pointer_width = "64")]
const _: () = {
    use core::mem::{offset_of, size_of};
    assert!(size_of::<lws_protocols>() == 56);
    assert!(offset_of!(lws_protocols, callback) == 8);
    assert!(offset_of!(lws_protocols, per_session_data_size) == 16);
    assert!(offset_of!(lws_protocols, rx_buffer_size) == 24);
    assert!(offset_of!(lws_protocols, id) == 32);
    assert!(offset_of!(lws_protocols, user) == 40);
    assert!(offset_of!(lws_protocols, tx_packet_size) == 48);
    assert!(size_of::<lws_extension>() == 24);
    assert!(offset_of!(lws_extension, callback) == 8);
    assert!(offset_of!(lws_extension, client_offer) == 16);
    assert!(size_of::<lws_protocol_vhost_options>() == 32);
    assert!(offset_of!(lws_protocol_vhost_options, options) == 8);
    assert!(offset_of!(lws_protocol_vhost_options, name) == 16);
    assert!(offset_of!(lws_protocol_vhost_options, value) == 24);
};
