//! The only place that says what a vhost is: protocols to call, trust to connect with, the connections it leads.

use std::sync::Arc;

use super::conn::Conn;
use super::list::Dll2Owner;
use super::table::Key;
use super::ws::{Offer, Validity};
use crate::net::tls::TlsClient;
use crate::proto::h2;

/// One entry of the program's `struct lws_protocols` list.
#[derive(Clone, Debug)]
pub(crate) struct Protocol {
    pub(crate) name: String,
    /// Address of the callback function.
    pub(crate) callback: usize,
    pub(crate) per_session_data_size: usize,
    /// The most that one callback is handed of what was received.
    pub(crate) rx_buffer_size: usize,
    /// Address of the program's own entry: what `lws_get_protocol` answers.
    pub(crate) c: usize,
    /// What PROTOCOL_INIT and its like name as their wsi.
    pub(crate) face: Option<Key<Face>>,
}

/// A handle's entry that stands for a vhost's protocol in callbacks that are no request's.
pub(crate) struct Face {
    pub(crate) vhost: Key<Vhost>,
    pub(crate) protocol: u16,
}

/// What a vhost was created with.
#[derive(Clone, Debug, Default)]
pub(crate) struct VhostConfig {
    /// NUL-terminated, so that `lws_get_vhost_name` can point into it.
    pub(crate) name: String,
    pub(crate) protocols: Vec<Protocol>,
    pub(crate) user: usize,
    pub(crate) pvo: usize,
    pub(crate) alpn: Option<Arc<str>>,
    pub(crate) iface: Option<String>,
    pub(crate) tls: Option<Arc<TlsClient>>,
    /// Why there is no `tls`, for the request that needs it.
    pub(crate) no_tls: &'static str,
    pub(crate) connect_timeout_secs: u32,
    pub(crate) timeout_secs: u32,
    pub(crate) keepalive: Option<(i32, i32, i32)>,
    pub(crate) raw_origin: bool,
    /// permessage-deflate, as it is offered.
    pub(crate) deflate: Option<Offer>,
    /// Text of a ws that is not UTF-8 ends it.
    pub(crate) validate_utf8: bool,
    /// When a ws's request has no policy of its own.
    pub(crate) validity: Validity,
    /// What h2 connections are made with.
    pub(crate) h2: h2::Config,
}

pub(crate) struct Vhost {
    pub(crate) config: VhostConfig,
    pub(crate) initialised: bool,
    /// `lws_vhost_destroy` was called: nothing new is accepted.
    pub(crate) dying: bool,
    /// Its PROTOCOL_DESTROY is sent, or under way.
    pub(crate) leaving: bool,
    /// Requests that are not freed yet.
    pub(crate) requests: usize,
    /// Its connections: the leaders that requests may queue on, and those that serve one request alone.
    pub(crate) dll_cli_active_conns_owner: Dll2Owner<Conn>,
}

impl Vhost {
    pub(crate) fn new(config: VhostConfig) -> Self {
        Self {
            config,
            initialised: false,
            dying: false,
            leaving: false,
            requests: 0,
            dll_cli_active_conns_owner: Dll2Owner::default(),
        }
    }

    /// The index of the protocol with this name.
    pub(crate) fn protocol_named(&self, name: &str) -> Option<u16> {
        let protocols = &self.config.protocols;
        let found = protocols
            .iter()
            .position(|protocol| protocol.name == name)?;
        u16::try_from(found).ok()
    }
}
