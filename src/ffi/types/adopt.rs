//! The only place for what the adoption of descriptors and datagram sockets are told and tell.

use super::{lws, lws_sockfd_type, lws_vhost};
use core::ffi::{c_char, c_int, c_void};
use libc::{sockaddr_in, sockaddr_in6};

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

/// flag: the socket waits at the address; without it talks with the address
pub const LWS_CAUDP_BIND: c_int = 1 << 0;
/// flag: it may send to broadcast addresses
pub const LWS_CAUDP_BROADCAST: c_int = 1 << 1;
/// flag: whole packets; refused
pub const LWS_CAUDP_PF_PACKET: c_int = 1 << 2;

/// of lws_interface_to_sa(): the address was written
pub const LWS_ITOSA_USABLE: c_int = 0;
/// of lws_interface_to_sa(): there is no such interface
pub const LWS_ITOSA_NOT_EXIST: c_int = -1;
/// of lws_interface_to_sa(): the interface has no such address
pub const LWS_ITOSA_NOT_USABLE: c_int = -2;
/// of a server's bind; nothing here returns it
pub const LWS_ITOSA_BUSY: c_int = -3;

/// An address of either family: `sa4.sin_family` says which.
#[repr(C)]
#[derive(Clone, Copy)]
pub union lws_sockaddr46 {
    /// AF_INET
    pub sa4: sockaddr_in,
    /// AF_INET6
    pub sa6: sockaddr_in6,
}

/// What lws_get_udp() points at.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_udp {
    /// who sent the last datagram, and where lws_write() sends the next; a program may set it
    pub sa46: lws_sockaddr46,
    /// not used
    pub sa46_pending: lws_sockaddr46,
    /// 1: the socket talks with one peer
    ///
    /// cbindgen:bitfield=1
    pub connected: u8,
}

const _: () = {
    use core::mem::{align_of, offset_of, size_of};
    assert!(size_of::<lws_sockaddr46>() == 28);
    assert!(size_of::<lws_udp>() == 60 && align_of::<lws_udp>() == 4);
    assert!(offset_of!(lws_udp, sa46) == 0);
    assert!(offset_of!(lws_udp, sa46_pending) == 28);
    assert!(offset_of!(lws_udp, connected) == 56);
    assert!(size_of::<lws_udp>() == 4 * crate::engine::udp::WORDS);
};

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
