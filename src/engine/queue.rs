//! The only queue policy: who rides now, who waits, who is next. It asks a connection for room and nothing else.

use super::conn::Conn;
use super::list::Dll2Owner;
use super::matching::Place;
use super::table::Key;
use super::wsi::{Lane, Seat, State, Wsi};
use super::{Engine, LLL_ERR};

impl Engine {
    /// Finds a request its connection: the live one for its identity, or one of its own. lws: lws_vhost_active_conns().
    pub(crate) fn place(&mut self, key: Key<Wsi>) {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return; // closed itself in a callback of its connect call
        };
        if wsi.state != State::New {
            return;
        }
        wsi.state = State::Waiting;
        let live = match wsi.ask.pipeline {
            true => self.identities.live(wsi.identity),
            false => None,
        };
        match live {
            Some(conn) if self.takes_no_ws(conn, key) => self.upgrade_alone(key),
            Some(conn) => self.join(conn, key),
            None => self.lead(key, Dll2Owner::default()),
        }
    }

    fn join(&mut self, at: Key<Conn>, key: Key<Wsi>) {
        let (Some(conn), Some(wsi)) = (self.conns.get_mut(at), self.wsis.get_mut(key)) else {
            return;
        };
        conn.keep_warm = conn.keep_warm.max(wsi.ask.keep_warm);
        let identity = wsi.identity;
        let queue = &mut conn.dll2_cli_txn_queue_owner;
        queue.add_tail(&mut self.wsis, key, identity);
        self.see_to_queue(at);
    }

    /// Somebody waits for a connection that may have room.
    fn see_to_queue(&mut self, at: Key<Conn>) {
        let Some(conn) = self.conns.get_mut(at) else {
            return;
        };
        if !conn.is_up() || conn.probe || conn.is_ridden() {
            return self.promote(at);
        }
        // Idle: the server may have closed it since. A look costs one read and saves a request that could not be re-sent.
        conn.probe = true;
        self.next_rider(at);
        self.set_deadline(at, None);
        self.list_conn(at);
    }

    /// A request that waits nowhere and rides nothing goes there from now on.
    pub(crate) fn change_place(&mut self, key: Key<Wsi>, place: &Place<'_>) {
        let new = self.identities.intern(place);
        let wsi = self.wsis.get_mut(key);
        let old = wsi.map_or(new, |wsi| std::mem::replace(&mut wsi.identity, new));
        self.identities.release(old);
    }

    /// Makes a connection that `key` leads; `line` waits behind it.
    pub(crate) fn lead(&mut self, key: Key<Wsi>, line: Dll2Owner<Wsi>) {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return self.rejoin(line);
        };
        let (vhost, identity, pipeline) = (wsi.vhost, wsi.identity, wsi.ask.pipeline);
        let mut conn = Conn::new(vhost, identity, pipeline);
        conn.keep_warm = wsi.ask.keep_warm;
        conn.leader = Some(key);
        conn.dll2_cli_txn_queue_owner = line;
        let Some(at) = self.conns.insert(conn) else {
            self.log_wsi(key, LLL_ERR, "connect: 16777216 connections are in use");
            return;
        };
        wsi.seat = Some(Seat {
            conn: at,
            lane: Lane::Whole,
        });
        self.identities.keep(identity);
        if pipeline {
            self.identities.set_live(identity, Some(at));
        }
        if let Some(vhost_entry) = self.vhosts.get_mut(vhost) {
            let owner = &mut vhost_entry.dll_cli_active_conns_owner;
            owner.add_tail(&mut self.conns, at, vhost);
        }
        self.start_dialing(at);
    }

    /// Those who waited for a connection that is no more go to a new one, in order; before all others, if there is one already.
    pub(crate) fn rejoin(&mut self, mut line: Dll2Owner<Wsi>) {
        let Some(wsi) = line.head.and_then(|first| self.wsis.get(first)) else {
            return;
        };
        let live = match wsi.ask.pipeline {
            true => self.identities.live(wsi.identity),
            false => None,
        };
        if let Some((at, conn)) = live.and_then(|at| Some((at, self.conns.get_mut(at)?))) {
            let others = std::mem::take(&mut conn.dll2_cli_txn_queue_owner);
            line.append(&mut self.wsis, others);
            conn.dll2_cli_txn_queue_owner = line;
            return self.see_to_queue(at);
        }
        if let Some(first) = line.pop_head(&mut self.wsis) {
            self.lead(first, line);
        }
    }

    /// As `rejoin`, with these before those of `line`; they wait nowhere yet.
    pub(crate) fn rejoin_after(&mut self, first: &[Key<Wsi>], line: Dll2Owner<Wsi>) {
        let mut all = self.line_of(first);
        all.append(&mut self.wsis, line);
        self.rejoin(all);
    }

    fn line_of(&mut self, keys: &[Key<Wsi>]) -> Dll2Owner<Wsi> {
        let mut line = Dll2Owner::default();
        for key in keys {
            if let Some(identity) = self.wsis.get(*key).map(|wsi| wsi.identity) {
                line.add_tail(&mut self.wsis, *key, identity);
            }
        }
        line
    }

    /// These wait before all others.
    pub(crate) fn queue_first(&mut self, at: Key<Conn>, keys: &[Key<Wsi>]) {
        let mut line = self.line_of(keys);
        let Some(conn) = self.conns.get_mut(at) else {
            return self.rejoin(line);
        };
        let others = std::mem::take(&mut conn.dll2_cli_txn_queue_owner);
        line.append(&mut self.wsis, others);
        conn.dll2_cli_txn_queue_owner = line;
    }

    /// Whoever may ride now does.
    pub(crate) fn promote(&mut self, at: Key<Conn>) {
        while self.conns.get(at).is_some_and(|conn| conn.room() > 0) {
            let Some(next) = self.next_rider(at) else {
                return self.idle(at);
            };
            self.begin(at, next);
        }
        let starves = |conn: &Conn| {
            conn.is_up() && !conn.probe && !conn.is_under_way() && conn.deadline.is_none()
        };
        if self.conns.get(at).is_some_and(starves) {
            self.arm_io_deadline(at);
        }
        self.arm_patience(at);
    }

    fn next_rider(&mut self, at: Key<Conn>) -> Option<Key<Wsi>> {
        let conn = self.conns.get_mut(at)?;
        if conn.leader.is_some() {
            return conn.leader;
        }
        let next = conn.dll2_cli_txn_queue_owner.pop_head(&mut self.wsis)?;
        self.seat(
            at,
            next,
            Seat {
                conn: at,
                lane: Lane::Whole,
            },
        );
        Some(next)
    }

    fn seat(&mut self, at: Key<Conn>, key: Key<Wsi>, seat: Seat) {
        let (Some(conn), Some(wsi)) = (self.conns.get_mut(at), self.wsis.get_mut(key)) else {
            return;
        };
        assert!(
            conn.leader.is_none() && wsi.seat.is_none(),
            "one seat, one leader"
        );
        conn.leader = Some(key);
        conn.keep_warm = conn.keep_warm.max(wsi.ask.keep_warm);
        wsi.seat = Some(seat);
    }

    /// The transaction of `done` is over and its connection lives: the seat, and with it fd and `SSL *`, goes to the head of
    /// the queue, which now leads the rest of it.
    pub(crate) fn _lws_generic_transaction_completed_active_conn(&mut self, done: Key<Wsi>) {
        let Some((at, seat)) = self.leave_seat(done) else {
            return;
        };
        let Some(conn) = self.conns.get_mut(at) else {
            return;
        };
        let next = conn.dll2_cli_txn_queue_owner.pop_head(&mut self.wsis);
        if let Some(next) = next {
            self.seat(at, next, seat);
        }
        self.promote(at);
    }

    /// Takes the seat from a request, which keeps nothing of the connection but whom it reached.
    pub(crate) fn leave_seat(&mut self, key: Key<Wsi>) -> Option<(Key<Conn>, Seat)> {
        let wsi = self.wsis.get_mut(key)?;
        let seat = wsi.seat.take()?;
        let at = seat.conn;
        if let Some(conn) = self.conns.get_mut(at) {
            wsi.peer = conn.peer;
            match seat.lane {
                Lane::Whole => {
                    conn.leader = None;
                    conn.started = false;
                }
                lane => self.leave_lane(at, key, lane),
            }
        }
        Some((at, seat))
    }

    /// The leader left before anything of it was sent: the next one leads. `false` when there is none.
    pub(crate) fn next_leader(&mut self, at: Key<Conn>) -> bool {
        let Some(conn) = self.conns.get_mut(at) else {
            return false;
        };
        let Some(next) = conn.dll2_cli_txn_queue_owner.pop_head(&mut self.wsis) else {
            return false;
        };
        self.seat(
            at,
            next,
            Seat {
                conn: at,
                lane: Lane::Whole,
            },
        );
        self.announce(at);
        true
    }
}
