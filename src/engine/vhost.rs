//! The only place that says what a vhost is: protocols to call, trust to connect with, the connections it leads.

use std::sync::Arc;

use super::conn::Conn;
use super::list::Dll2Owner;
use super::table::Key;
use super::ws::{Offer, Validity};
use crate::net::heap::Block;
use crate::net::tls::TlsClient;
use crate::proto::h2;
use crate::proto::proxy::Proxies;

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
    /// Address of the options that the vhost was given for it, or 0: what PROTOCOL_INIT hands it.
    pub(crate) options: usize,
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
    /// What it says of a port, though it does not listen.
    pub(crate) port: i32,
    pub(crate) alpn: Option<Arc<str>>,
    pub(crate) iface: Option<String>,
    pub(crate) tls: Option<Arc<TlsClient>>,
    /// The ways to go.
    pub(crate) proxies: Proxies,
    /// Why there is no `tls`, for the request that needs it.
    pub(crate) no_tls: &'static str,
    pub(crate) connect_timeout_secs: u32,
    pub(crate) timeout_secs: u32,
    pub(crate) keepalive: Option<(i32, i32, i32)>,
    /// What the program accepted for it elsewhere is raw, and the protocol's that this names, if it names one.
    pub(crate) accepts_raw: bool,
    pub(crate) accept_protocol: Option<String>,
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
    /// Memory that protocols keep here until the end, by their indices; the last one counts.
    privs: Vec<(u16, Block)>,
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
            privs: Vec::new(),
            initialised: false,
            dying: false,
            leaving: false,
            requests: 0,
            dll_cli_active_conns_owner: Dll2Owner::default(),
        }
    }

    /// Zeroed memory for a protocol, by its address. What it had before stays where it is, for those who know it.
    pub(crate) fn keep(&mut self, protocol: u16, bytes: usize) -> Option<usize> {
        self.privs.try_reserve(1).ok()?;
        let memory = Block::zeroed(bytes, c"lws_protocol_vh_priv_zalloc")?;
        let address = memory.as_ptr().expose_provenance();
        self.privs.push((protocol, memory));
        Some(address)
    }

    /// What was kept for a protocol, or 0.
    pub(crate) fn kept(&self, protocol: u16) -> usize {
        let found = self.privs.iter().rfind(|(of, _)| *of == protocol);
        found.map_or(0, |(_, memory)| memory.as_ptr().expose_provenance())
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

/// A request's own data.
pub(crate) fn session(bytes: usize) -> Option<Block> {
    Block::zeroed(bytes, c"per_session_data_size")
}
