//! The only place that accepts: vhosts, and requests on them.

use super::conn::Conn;
use super::exchange::SECOND;
use super::matching::Place;
use super::role::Role;
use super::table::Key;
use super::timer::Micros;
use super::vhost::{Face, Vhost, VhostConfig, session as session_memory};
use super::wsi::{Ask, State, Wsi};
use super::{Engine, Fire};

/// Idle seconds when a request does not say: `keep_warm_secs` 0.
const KEEP_WARM: u16 = 5;

/// A request, checked, before it has a wsi.
pub(crate) struct Request<'a> {
    pub(crate) place: Place<'a>,
    pub(crate) ask: Ask,
    pub(crate) protocol: u16,
    /// A protocol name was given and known.
    pub(crate) bound: bool,
    pub(crate) user: usize,
    pub(crate) opaque: usize,
    /// The request that it belongs to.
    pub(crate) parent: Option<Key<Wsi>>,
}

impl Engine {
    /// A new vhost, its protocols not initialised yet. `None` when memory or keys ran out.
    pub(crate) fn create_vhost(&mut self, mut config: VhostConfig) -> Option<Key<Vhost>> {
        let log_cx = config.log_cx;
        config.tag = self.counts.vhost_tag(&config);
        let key = self.vhosts.insert(Vhost::new(config))?;
        self.joins(log_cx);
        let count = self.vhosts.get(key)?.config.protocols.len();
        for protocol in 0..count {
            let face = self.faces.insert(Face {
                vhost: key,
                protocol: u16::try_from(protocol).ok()?,
            });
            if let Some(entry) = self.vhosts.get_mut(key)?.config.protocols.get_mut(protocol) {
                entry.face = face;
            }
        }
        Some(key)
    }

    /// A vhost that is owed PROTOCOL_INIT, which is for the caller to deliver, now: once a vhost. One at a time, so that a
    /// request made inside the one's does not come before the other's.
    pub(crate) fn next_uninitialised(&mut self) -> Option<Key<Vhost>> {
        let mut vhosts = self.vhosts.iter();
        let key = vhosts.find(|(_, vhost)| !vhost.initialised)?.0;
        drop(vhosts);
        self.vhosts.get_mut(key)?.initialised = true;
        Some(key)
    }

    /// PROTOCOL_DESTROY goes out, then nothing of the vhost stays.
    pub(crate) fn remove_vhost(&mut self, key: Key<Vhost>) {
        let Some(vhost) = self.vhosts.remove(key) else {
            return;
        };
        for protocol in vhost.config.protocols {
            if let Some(face) = protocol.face {
                self.faces.remove(face);
            }
        }
        self.leaves(vhost.config.log_cx);
    }

    /// The vhost that a request with none goes to: the one named "default", else the first.
    pub(crate) fn default_vhost(&self) -> Option<Key<Vhost>> {
        let alive = || self.vhosts.iter().filter(|(_, vhost)| !vhost.dying);
        let named = alive().find(|(_, vhost)| vhost.config.name == "default\0");
        // Programs that adopt stdin have one more, which is nobody's choice while there is another.
        let own = || alive().find(|(_, vhost)| vhost.config.name != "system\0");
        let found = named.or_else(own).or_else(|| alive().next());
        found.map(|(key, _)| key)
    }

    /// A request gets its wsi. It has no place yet: `place` follows its first callbacks.
    pub(crate) fn accept(&mut self, request: Request<'_>) -> Option<Key<Wsi>> {
        let vhost = self.vhosts.get(request.place.vhost)?;
        let protocol = vhost.config.protocols.get(usize::from(request.protocol))?;
        let session = match request.user {
            0 if protocol.per_session_data_size > 0 => {
                Some(session_memory(protocol.per_session_data_size)?)
            }
            _ => None,
        };
        let user = session
            .as_ref()
            .map_or(request.user, |session| session.as_ptr().expose_provenance());
        let mut ask = request.ask;
        if ask.keep_warm == 0 {
            ask.keep_warm = KEEP_WARM;
        }
        if ask.log_cx == 0 {
            ask.log_cx = vhost.config.log_cx;
        }
        let log_cx = ask.log_cx;
        let goes = matches!(ask.role, Role::Http | Role::Ws | Role::Raw);
        let (address, tls) = (request.place.address, request.place.tls);
        let place = Place {
            proxy: vhost.config.proxies.choose(address, tls).filter(|_| goes),
            ..request.place
        };
        let identity = self.identities.intern(&place);
        let vhost = request.place.vhost;
        let ordinal = self.counts.next(ask.role);
        let key = self.wsis.insert(Wsi {
            protocol: request.protocol,
            bound: request.bound,
            user,
            session,
            opaque: request.opaque,
            udp: (ask.role == Role::Datagrams).then(Box::default),
            due: ask.role.first_callbacks(request.bound),
            ordinal,
            ..Wsi::new(vhost, identity, ask)
        });
        match self.vhosts.get_mut(vhost) {
            Some(entry) if key.is_some() => {
                entry.requests += 1;
                self.joins(log_cx);
            }
            _ => self.identities.release(identity),
        }
        if let (Some(parent), Some(child)) = (request.parent, key) {
            self.add_child(parent, child);
        }
        key
    }

    /// Per-session data, where its protocol has some and the program gave no pointer. `false`: memory is short.
    pub(crate) fn ensure_session(&mut self, key: Key<Wsi>) -> bool {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return false;
        };
        let protocols = self.vhosts.get(wsi.vhost).map(|own| &own.config.protocols);
        let protocol = protocols.and_then(|all| all.get(usize::from(wsi.protocol)));
        let size = protocol.map_or(0, |protocol| protocol.per_session_data_size);
        if wsi.user != 0 || size == 0 {
            return true;
        }
        if wsi.session.is_none() {
            wsi.session = session_memory(size);
        }
        let Some(session) = &wsi.session else {
            return false;
        };
        wsi.user = session.as_ptr().expose_provenance();
        true
    }

    /// The connect call was left by an exception: the loop goes on where it ended.
    pub(crate) fn place_later(&mut self, key: Key<Wsi>) {
        if let Some(wsi) = self.wsis.get_mut(key) {
            wsi.unplaced = true;
        }
        self.list_wsi(key);
    }

    /// A connection begins to be made.
    pub(crate) fn start_dialing(&mut self, at: Key<Conn>) {
        let vhost = self
            .conns
            .get(at)
            .and_then(|conn| self.vhosts.get(conn.vhost));
        let secs = vhost.map_or(0, |vhost| vhost.config.connect_timeout_secs);
        self.set_deadline(at, Some(Micros::from(secs) * SECOND));
        self.list_conn(at);
    }

    /// Nobody rides: the connection waits for the next one, for a while.
    pub(crate) fn idle(&mut self, at: Key<Conn>) {
        let Some(conn) = self.conns.get_mut(at) else {
            return;
        };
        if conn.is_ridden() {
            return;
        }
        let secs = conn.keep_warm;
        if conn.rx.is_allocated() && conn.rx.is_empty() {
            let rx = std::mem::take(&mut conn.rx);
            self.keep_rx(rx);
        }
        let warmth = self.warmth(at, Micros::from(secs) * SECOND);
        self.set_deadline(at, Some(warmth));
        self.resume_read(at);
    }

    /// `lws_set_timeout` with seconds; 0 takes it back.
    pub(crate) fn set_timeout(&mut self, key: Key<Wsi>, secs: u32) {
        self.set_timeout_us(key, Micros::from(secs) * SECOND);
    }

    /// The same with microseconds.
    pub(crate) fn set_timeout_us(&mut self, key: Key<Wsi>, after: Micros) {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return;
        };
        let old = wsi.timeout.take();
        let ended = wsi.state == State::Ended;
        self.cancel_timer(old);
        if after == 0 || ended {
            return;
        }
        let at = self.now.saturating_add(after);
        let timer = self.timers.schedule(at, Fire::Timeout(key));
        if let Some(wsi) = self.wsis.get_mut(key) {
            wsi.timeout = Some(timer);
        }
    }

    /// `lws_set_timer_usecs`; `None` takes it back.
    pub(crate) fn set_timer(&mut self, key: Key<Wsi>, after: Option<Micros>) {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return;
        };
        let old = wsi.timer.take();
        let ended = wsi.state == State::Ended;
        self.cancel_timer(old);
        let Some(after) = after.filter(|_| !ended) else {
            return;
        };
        let timer = self
            .timers
            .schedule(self.now.saturating_add(after), Fire::Timer(key));
        if let Some(wsi) = self.wsis.get_mut(key) {
            wsi.timer = Some(timer);
        }
    }
}
