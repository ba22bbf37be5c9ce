//! The only place for what the adoption of descriptors and datagram sockets are told and tell.

use super::{lws, lws_sockfd_type, lws_vhost};
use core::ffi::{c_char, c_int, c_void};

/// A descriptor that is no socket.
///
/// cbindgen:ignore
pub type lws_filefd_type = c_int;

/// What a descriptor is: a combination of flags.
///
/// cbindgen:ignore
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct lws_adoption_type(pub c_int);

impl lws_adoption_type {
    /// no flag: anything that can be waited for
    pub const RAW_FILE_DESC: Self = Self(0);
    /// a server's; refused
    pub const HTTP: Self = Self(1);
    pub const SOCKET: Self = Self(2);
    /// a server's; refused
    pub const ALLOW_SSL: Self = Self(4);
    pub const FLAG_UDP: Self = Self(16);
    /// a server's; refused
    pub const FLAG_RAW_PROXY: Self = Self(32);
    pub const RAW_SOCKET_UDP: Self = Self(18);
}

/// A descriptor to adopt.
#[repr(C)]
#[derive(Clone, Copy)]
pub union lws_sock_file_fd_type {
    /// with LWS_ADOPT_SOCKET
    pub sockfd: lws_sockfd_type,
    /// without
    pub filefd: lws_filefd_type,
}

/// What lws_adopt_descriptor_vhost_via_info() is told.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_adopt_desc {
    /// whose protocols are called
    pub vh: *mut lws_vhost,
    /// LWS_ADOPT_ flags
    pub r#type: lws_adoption_type,
    /// the descriptor
    pub fd: lws_sock_file_fd_type,
    /// the protocol to call; NULL: the vhost's first
    pub vh_prot_name: *const c_char,
    /// NULL: children are not provided
    pub parent: *mut lws,
    /// what lws_get_opaque_user_data() answers from the start
    pub opaque: *mut c_void,
    /// not used
    pub fi_wsi_name: *const c_char,
}

#[cfg(target_pointer_width = "64")]
const _: () = {
    use core::mem::{offset_of, size_of};
    assert!(size_of::<lws_sock_file_fd_type>() == 4);
    assert!(size_of::<lws_adopt_desc>() == 48);
    assert!(offset_of!(lws_adopt_desc, vh) == 0);
    assert!(offset_of!(lws_adopt_desc, r#type) == 8);
    assert!(offset_of!(lws_adopt_desc, fd) == 12);
    assert!(offset_of!(lws_adopt_desc, vh_prot_name) == 16);
    assert!(offset_of!(lws_adopt_desc, parent) == 24);
    assert!(offset_of!(lws_adopt_desc, opaque) == 32);
    assert!(offset_of!(lws_adopt_desc, fi_wsi_name) == 40);
};
