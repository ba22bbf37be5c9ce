//! The only place that says what a connection is: transport, machine, who leads it, who waits for it.

use std::net::SocketAddr;
use std::sync::Arc;

use super::attempt::Dial;
use super::buffer::{Rx, Tx};
use super::gate::{Limit, Turn};
use super::list::{Dll2, Dll2Owner, Member};
use super::matching::IdentityId;
use super::mux::Mux;
use super::table::{Key, Table};
use super::timer::TimerKey;
use super::vhost::Vhost;
use super::wsi::Wsi;
use crate::net::certificate::TlsPeer;
use crate::net::poll::Interest;
use crate::net::transport::Transport;
use crate::proto::h1::H1;
use crate::proto::proxy::Tunnel;

/// How far a connection is.
pub(crate) enum Phase {
    /// Addresses are being found and sockets tried.
    Dialing(Box<Dial>),
    /// A proxy is reached, and asked to make a tunnel.
    Tunneling {
        tunnel: Box<Tunnel>,
        /// It takes nothing more, and why.
        write_failed: Option<String>,
    },
    /// TCP is up, TLS is not.
    Securing {
        begun: bool,
        /// The handshake goes on when the socket has news.
        waits: bool,
    },
    /// The peer of an h2 connection has not said its SETTINGS.
    Greeting,
    /// Requests can ride.
    Up,
}

/// One connection.
pub(crate) struct Conn {
    pub(crate) vhost: Key<Vhost>,
    pub(crate) identity: IdentityId,
    pub(crate) phase: Phase,
    pub(crate) transport: Option<Transport>,
    /// The transport is out on a step: nothing else may use it.
    pub(crate) away: bool,
    /// What `lws_get_socket_fd` and `lws_get_ssl` answer for the leader, also while the transport is out.
    pub(crate) fd: i32,
    pub(crate) ssl: usize,
    pub(crate) peer: Option<SocketAddr>,
    /// Whom the TLS handshake found there.
    pub(crate) tls_peer: Option<Arc<TlsPeer>>,
    pub(crate) machine: H1,
    /// What rides it when it speaks h2; `machine` is idle then.
    pub(crate) mux: Option<Box<Mux>>,
    /// Holds the seat.
    pub(crate) leader: Option<Key<Wsi>>,
    /// The leader's exchange has begun: its APPEND was asked.
    pub(crate) started: bool,
    /// Who waits, in the order they asked.
    pub(crate) dll2_cli_txn_queue_owner: Dll2Owner<Wsi>,
    pub(crate) dll_cli_active_conns: Dll2<Self, Key<Vhost>>,
    pub(crate) rx: Rx,
    pub(crate) tx: Tx,
    pub(crate) interest: Interest,
    /// The kernel does not wait for it.
    pub(crate) unpolled: bool,
    /// The socket told that it can be read, and nobody has.
    pub(crate) readable: bool,
    /// The last write said that the socket is full.
    pub(crate) write_blocked: bool,
    /// The last read left, or may have left, bytes behind.
    pub(crate) maybe_more: bool,
    /// The request said that it is the last on this connection.
    pub(crate) announced_close: bool,
    /// Look for surplus bytes, or a close, before anyone else rides.
    pub(crate) probe: bool,
    /// What it carries is its leader's alone: raw bytes, or the frames of a ws.
    pub(crate) open: bool,
    /// Exchanges of which a byte was sent.
    pub(crate) carried: u32,
    /// Bytes of the response to the exchange under way have arrived.
    pub(crate) response_began: bool,
    /// Requests other than its leader may ride it.
    pub(crate) shared: bool,
    /// The largest that a rider asked for.
    pub(crate) keep_warm: u16,
    pub(crate) listed: bool,
    /// With the limits of TLS.
    pub(crate) connection_turn: Turn,
    pub(crate) handshake_turn: Turn,
    /// It is among those that go when somebody waits for its turn.
    pub(crate) known_idle: bool,
    /// What it has to send leaves when there is nothing else to do.
    pub(crate) flushing: bool,
    /// The deadline of its phase.
    pub(crate) deadline: Option<TimerKey>,
}

impl Member<Key<Vhost>> for Conn {
    fn dll2(&mut self) -> &mut Dll2<Self, Key<Vhost>> {
        &mut self.dll_cli_active_conns
    }
}

impl Conn {
    pub(crate) fn new(vhost: Key<Vhost>, identity: IdentityId, shared: bool) -> Self {
        Self {
            vhost,
            identity,
            phase: Phase::Dialing(Box::default()),
            transport: None,
            away: false,
            fd: -1,
            ssl: 0,
            peer: None,
            tls_peer: None,
            machine: H1::new(),
            mux: None,
            leader: None,
            started: false,
            dll2_cli_txn_queue_owner: Dll2Owner::default(),
            dll_cli_active_conns: Dll2::default(),
            rx: Rx::default(),
            tx: Tx::default(),
            interest: Interest::NONE,
            unpolled: false,
            readable: false,
            write_blocked: false,
            maybe_more: false,
            announced_close: false,
            probe: false,
            open: false,
            carried: 0,
            response_began: false,
            shared,
            keep_warm: 0,
            listed: false,
            connection_turn: Turn::default(),
            handshake_turn: Turn::default(),
            known_idle: false,
            flushing: false,
            deadline: None,
        }
    }

    pub(crate) fn turn(&mut self, limit: Limit) -> &mut Turn {
        match limit {
            Limit::Connections => &mut self.connection_turn,
            Limit::Handshakes => &mut self.handshake_turn,
        }
    }

    pub(crate) fn waits_for(&self, limit: Limit) -> bool {
        let turn = match limit {
            Limit::Connections => self.connection_turn,
            Limit::Handshakes => self.handshake_turn,
        };
        turn == Turn::Waits
    }

    /// How many more may ride now. The queue asks nothing else.
    pub(crate) fn room(&self) -> usize {
        match self.phase {
            Phase::Up if !self.probe && !self.started => match &self.mux {
                Some(mux) => mux.room(),
                None => self.machine.room(),
            },
            _ => 0,
        }
    }

    /// Somebody leads it, or rides one of its lanes.
    pub(crate) fn is_ridden(&self) -> bool {
        self.leader.is_some() || self.mux.as_ref().is_some_and(|mux| mux.is_ridden())
    }

    /// Somebody's request is being made, or out. A leader may wait for room to begin.
    pub(crate) fn is_under_way(&self) -> bool {
        self.started || self.mux.as_ref().is_some_and(|mux| mux.is_ridden())
    }

    /// Somebody waits for room on it.
    pub(crate) fn is_waited_for(&self) -> bool {
        let waits = self.leader.is_some() && !self.started;
        waits || self.dll2_cli_txn_queue_owner.count > 0
    }

    pub(crate) fn is_up(&self) -> bool {
        matches!(self.phase, Phase::Up)
    }

    /// The exchange under way can be taken elsewhere as if it had never been here.
    pub(crate) fn leader_sent_nothing(&self) -> bool {
        !self.response_began && self.tx.head_is_untouched()
    }
}

/// What rides a connection that speaks h2.
pub(crate) fn mux_at(conns: &mut Table<Conn>, at: Key<Conn>) -> Option<&mut Mux> {
    conns.get_mut(at)?.mux.as_deref_mut()
}

/// How a connection ended, and so what becomes of those who rode it or waited for it.
pub(crate) enum Loss {
    /// It could not be made: everyone who waited for it is told.
    Attempt(String),
    /// The program's hook refused the certificate for its leader: the others dial again.
    Refused(String),
    /// It ended, or its peer broke the rules.
    Broken(String),
}
