//! The only place where stories read the mission's lists, and hold the books to be right: after every callback, and at the end.

use super::story::{Req, Story};
use crate::engine::call::Reason;
use crate::engine::conn::Conn;
use crate::engine::gate::{Limit, Turn};
use crate::engine::role::Role;
use crate::engine::table::Key;
use crate::engine::wsi::{Lane, State, Wsi};

/// How a request ended. Contract 1.1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum End {
    Completed,
    Failed,
    Closed,
}

/// Any idle connection is gone by then.
const LONG: u32 = 100_000;

impl Story {
    /// `Vhost.dll_cli_active_conns_owner`, in order.
    pub(crate) fn active_conns(&mut self) -> Vec<Key<Conn>> {
        let Some(vhost) = self.engine.vhosts.get_mut(self.vhost) else {
            return Vec::new();
        };
        let owner = &mut vhost.dll_cli_active_conns_owner;
        let conns = &mut self.engine.conns;
        let order: Vec<_> = std::iter::from_fn(|| owner.pop_head(conns)).collect();
        for at in &order {
            owner.add_tail(conns, *at, self.vhost);
        }
        order
    }

    /// `Conn.dll2_cli_txn_queue_owner`, in order.
    pub(crate) fn queue_of(&mut self, at: Key<Conn>) -> Vec<Req> {
        let Some(conn) = self.engine.conns.get_mut(at) else {
            return Vec::new();
        };
        let (owner, identity) = (&mut conn.dll2_cli_txn_queue_owner, conn.identity);
        let wsis = &mut self.engine.wsis;
        let order: Vec<_> = std::iter::from_fn(|| owner.pop_head(wsis)).collect();
        for key in &order {
            owner.add_tail(wsis, *key, identity);
        }
        let named = order.iter().filter_map(|key| wsis.get(*key));
        named.map(|wsi| Req(wsi.opaque - 1)).collect()
    }

    /// The active connections: who leads each, and who waits behind.
    pub(crate) fn lists(&mut self) -> Vec<(Option<Req>, Vec<Req>)> {
        let active = self.active_conns();
        let read = |at| {
            let leader = self.engine.conns.get(at).and_then(|conn| conn.leader);
            let leader = leader.and_then(|key| self.engine.wsis.get(key));
            (leader.map(|wsi| Req(wsi.opaque - 1)), self.queue_of(at))
        };
        active.into_iter().map(read).collect()
    }

    /// The connection that a request sits on: whose fd and `SSL *` it answers for.
    pub(crate) fn seat(&self, who: Req) -> Option<Key<Conn>> {
        let wsi = self.engine.wsis.get(self.told[who.0].key)?;
        Some(wsi.seat.as_ref()?.conn)
    }

    /// How requests ended, in the order in which the program was told.
    pub(crate) fn ends(&self) -> Vec<(Req, End)> {
        let mut ends: Vec<(Req, End)> = Vec::new();
        let mut known = vec![false; self.told.len()];
        for &(who, reason) in self.log() {
            let end = match reason {
                Reason::CompletedClientHttp => End::Completed,
                Reason::ConnectionError => End::Failed,
                Reason::ClosedClientHttp | Reason::ClientClosed | Reason::RawClose
                    if !known[who.0] =>
                {
                    End::Closed
                }
                _ => continue,
            };
            known[who.0] = true;
            ends.push((who, end));
        }
        ends
    }

    pub(crate) fn end_of(&self, who: Req) -> Option<End> {
        let ends = self.ends();
        ends.iter().find(|(at, _)| *at == who).map(|(_, end)| *end)
    }

    pub(crate) fn error(&self, who: Req) -> &str {
        &self.told[who.0].error
    }

    pub(crate) fn body(&self, who: Req) -> &str {
        str::from_utf8(&self.told[who.0].body).expect("stories answer with text")
    }

    /// Who sits where and who waits where is told by both sides of every link.
    pub(crate) fn check_books(&mut self) {
        let (mut seated, mut waiting, mut moving) = (0, 0, 0);
        for at in self.engine.conns.keys() {
            waiting += self.queue_of(at).len();
            seated += self.check_conn(at);
            let mux = self.engine.conns.get(at).and_then(|conn| conn.mux.as_ref());
            moving += mux.map_or(0, |mux| mux.moving.len());
        }
        let wsis = || self.engine.wsis.iter().map(|(_, wsi)| wsi);
        let sits = |wsi: &&Wsi| wsi.seat.is_some();
        let waits = |wsi: &&Wsi| wsi.dll2_cli_txn_queue.owner.is_some();
        assert_eq!(
            wsis().filter(sits).count(),
            seated,
            "every seat has its connection"
        );
        assert_eq!(
            wsis().filter(waits).count(),
            waiting,
            "who waits is in a queue"
        );
        let mut nowhere = 0;
        for wsi in wsis() {
            let needs_none = matches!(wsi.state, State::New | State::Ended | State::Completing);
            nowhere += usize::from(!(sits(&wsi) || waits(&wsi) || needs_none));
            assert!(
                !(waits(&wsi) && wsi.state == State::Ended),
                "who has ended waits for nothing"
            );
        }
        assert!(
            nowhere <= moving,
            "a request that has not ended has a place"
        );
        self.check_turns();
        let vhost = self.engine.vhosts.get(self.vhost);
        let listed = vhost.map_or(0, |vhost| vhost.dll_cli_active_conns_owner.count);
        assert_eq!(listed, self.engine.conns.len(), "the vhost's list has all");
    }

    /// The gates count whom the connections say.
    fn check_turns(&mut self) {
        for limit in [Limit::Connections, Limit::Handshakes] {
            let (mut inside, mut waiting) = (0, 0);
            for at in self.engine.conns.keys() {
                let conn = self.engine.conns.get_mut(at).expect("it was listed");
                inside += usize::from(*conn.turn(limit) == Turn::Inside);
                waiting += usize::from(conn.waits_for(limit));
            }
            assert_eq!(
                self.engine.gate_counts(limit),
                (inside, waiting),
                "{limit:?}"
            );
        }
    }

    /// How many sit on it.
    fn check_conn(&self, at: Key<Conn>) -> usize {
        let conn = self.engine.conns.get(at).expect("it was listed");
        assert!(
            conn.dll_cli_active_conns.owner.is_some(),
            "every connection is on its vhost's list"
        );
        if conn.dll2_cli_txn_queue_owner.count > 0 {
            let live = self.engine.identities.live(conn.identity);
            assert_eq!(
                live,
                Some(at),
                "who waits can be found by what it waits for"
            );
            assert!(
                conn.leader.is_some() || conn.mux.is_some(),
                "nobody waits behind nobody"
            );
        }
        let mux = conn.mux.as_ref();
        let mut riders = mux.map_or_else(Vec::new, |mux| mux.everybody());
        riders.drain(..mux.map_or(0, |mux| mux.moving.len())); // they come first, and have no place
        let whole = |key: &Key<Wsi>| conn.leader == Some(*key);
        for key in riders.iter().chain(&conn.leader) {
            let wsi = self.engine.wsis.get(*key).expect("who rides lives");
            let seat = wsi.seat.as_ref().expect("who rides holds a seat");
            assert_eq!(seat.conn, at, "who rides holds its seat");
            assert_eq!(
                seat.lane == Lane::Whole,
                whole(key),
                "the leader has all of it, the others a lane"
            );
            assert!(
                wsi.dll2_cli_txn_queue.owner.is_none(),
                "who rides does not wait"
            );
        }
        riders.len() + usize::from(conn.leader.is_some())
    }

    /// Nothing is left to do: whoever may ride does, and servers have nothing to complain of.
    pub(crate) fn check_rest(&mut self) {
        for at in self.engine.conns.keys() {
            let conn = self.engine.conns.get(at).expect("it was listed");
            let waits = conn.dll2_cli_txn_queue_owner.count > 0 && !self.inside;
            assert!(!(waits && conn.room() > 0), "there is room, and some wait");
        }
        for socket in &self.sockets {
            if let Some(server) = &socket.server {
                assert_eq!(server.violations, [""; 0], "what the client may not do");
            }
            if let Some(listener) = &socket.ws {
                assert_eq!(listener.violations, [""; 0], "what a ws may not do");
            }
        }
    }

    /// Contract section 1, for one request.
    fn check_request(&self, who: Req, heard: &[Reason]) {
        let n = |reason| heard.iter().filter(|at| **at == reason).count();
        let (completed, failed) = (n(Reason::CompletedClientHttp), n(Reason::ConnectionError));
        let role = self.told[who.0].asked.role;
        let (opened, closed) = match role {
            Role::Http => (Reason::EstablishedClientHttp, Reason::ClosedClientHttp),
            Role::Ws => (Reason::ClientEstablished, Reason::ClientClosed),
            _ => (Reason::RawConnected, Reason::RawClose),
        };
        let closed = n(closed);
        let legal = match (completed, failed, closed) {
            (1, 0, 1) => role == Role::Http,
            (0, 1, 0) => true,
            (0, 0, 1) => n(opened) == 1,
            (0, 0, 0) => self.destroyed,
            _ => false,
        };
        assert!(legal, "{who:?} ends once: {heard:?}");
        let (bind, drop) = match (role, closed) {
            (Role::Raw, _) => (Reason::RawSktBindProtocol, Reason::RawSktDropProtocol),
            (Role::Ws, 1) => (Reason::ClientHttpBindProtocol, Reason::WsClientDropProtocol),
            _ => (
                Reason::ClientHttpBindProtocol,
                Reason::ClientHttpDropProtocol,
            ),
        };
        let bound = usize::from(self.told[who.0].asked.bound);
        let (binds, redirects) = (n(bind), n(Reason::ClientHttpRedirect));
        let most = bound * (1 + redirects);
        assert!((bound..=most).contains(&binds), "{who:?}: {heard:?}");
        let drops = match drop {
            Reason::WsClientDropProtocol => n(drop) + n(Reason::ClientHttpDropProtocol),
            drop => n(drop),
        };
        assert_eq!(drops, binds, "{who:?}: {heard:?}");
        assert_eq!(n(Reason::WsiCreate), 1, "{who:?}: {heard:?}");
        assert_eq!(n(Reason::WsiDestroy), 1, "{who:?}: {heard:?}");
        assert_eq!(
            heard.last(),
            Some(&Reason::WsiDestroy),
            "{who:?}: {heard:?}"
        );
        assert_eq!(
            failed == 1,
            !self.error(who).trim().is_empty(),
            "{who:?} has a reason if it failed"
        );
        let logins = match self.told[who.0].asked.auth {
            Some(_) => 3 * (1 + redirects),
            None => 0,
        };
        assert!(
            n(Reason::AppendHandshakeHeader) <= 1 + redirects + logins,
            "{who:?} is asked for its headers once a target, and once a login: {heard:?}"
        );
    }

    /// The peers of what is still open go.
    fn part(&mut self) {
        let wsis = self.engine.wsis.iter();
        let opened = wsis.filter(|(_, wsi)| wsi.opened);
        let open: Vec<_> = opened
            .map(|(key, wsi)| (key, wsi.seat.as_ref().map(|seat| seat.conn)))
            .collect();
        for (key, at) in open {
            self.engine.pause_rx(key, false);
            if let Some(at) = at {
                self.socket(at).hangs_up();
            }
        }
        self.run();
    }

    /// All requests have ended and idle times are over: nothing is left.
    pub(crate) fn check_end(&mut self) {
        self.unhook();
        self.run();
        self.part();
        let mut heard = vec![Vec::new(); self.told.len()];
        for (who, reason) in self.log() {
            heard[who.0].push(*reason);
        }
        for (n, heard) in heard.iter().enumerate() {
            self.check_request(Req(n), heard);
        }
        self.wait_secs(LONG);
        self.check_rest();
        assert_eq!(self.engine.wsis.len(), 0, "requests are left");
        assert_eq!(self.engine.conns.len(), 0, "connections are left");
        assert_eq!(self.engine.identities.len(), 0, "identities are left");
        assert_eq!(self.engine.timers.next(), None, "deadlines are left");
        assert!(!self.engine.has_work(), "work is left");
        assert_eq!(
            self.closed,
            self.sockets.len(),
            "sockets are left, or were closed twice"
        );
        let vhost = self.engine.vhosts.get(self.vhost);
        assert_eq!(
            vhost.map_or(0, |vhost| vhost.requests),
            0,
            "the vhost counts requests that are none"
        );
    }
}

impl Drop for Story {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.check_end();
        }
    }
}
