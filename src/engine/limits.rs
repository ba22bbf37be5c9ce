//! The only place that holds TLS connections to the program's limits: who is over them waits for a turn, and is not refused.

use super::conn::{Conn, Phase};
use super::gate::{Gate, Idle, Limit, Turn};
use super::table::Key;
use super::{Engine, Micros};
use crate::net::poll::Interest;

/// What a context was created with, and who is inside.
#[derive(Default)]
pub(crate) struct Limits {
    connections: Gate,
    handshakes: Gate,
    idle: Idle,
}

impl Limits {
    fn most(&self, limit: Limit) -> usize {
        match limit {
            Limit::Connections => self.connections.most(),
            Limit::Handshakes => self.handshakes.most(),
        }
    }

    pub(crate) fn gate(&mut self, limit: Limit) -> &mut Gate {
        match limit {
            Limit::Connections => &mut self.connections,
            Limit::Handshakes => &mut self.handshakes,
        }
    }
}

impl Engine {
    /// `simultaneous_ssl_restriction` and `simultaneous_ssl_handshake_restriction`: 0 and less is no limit.
    pub(crate) fn limit_tls(&mut self, connections: i32, handshakes: i32) {
        self.limits.connections = Gate::of(connections);
        self.limits.handshakes = Gate::of(handshakes);
    }

    /// May it go on to what `limit` is about? Otherwise it waits, and is listed when it is its turn.
    pub(crate) fn is_its_turn(&mut self, at: Key<Conn>, limit: Limit) -> bool {
        let gate = self.limits.gate(limit);
        let Some(conn) = self.conns.get_mut(at).filter(|_| gate.is_limited()) else {
            return true;
        };
        let turn = conn.turn(limit);
        let came = *turn == Turn::Outside;
        if came {
            *turn = gate.come(at);
        }
        if *turn == Turn::Inside {
            return true;
        }
        match limit {
            Limit::Connections if came => self.make_way(),
            Limit::Connections => {}
            // Its socket may have news that nobody hears until then.
            Limit::Handshakes => self.want(at, Interest::NONE),
        }
        false
    }

    /// It is done with what `limit` is about.
    pub(crate) fn is_through(&mut self, at: Key<Conn>, limit: Limit) {
        if let Some(conn) = self.conns.get_mut(at) {
            let turn = std::mem::take(conn.turn(limit));
            self.turn_is_over(limit, turn);
        }
    }

    /// A connection that had this turn is no more, or is done with it.
    pub(crate) fn turn_is_over(&mut self, limit: Limit, turn: Turn) {
        let conns = &mut self.conns;
        let gate = self.limits.gate(limit);
        match turn {
            Turn::Outside => return,
            Turn::Waits => {
                return gate
                    .give_up(|key| conns.get(key).is_some_and(|conn| conn.waits_for(limit)));
            }
            Turn::Inside => gate.leave(),
        }
        while let Some(next) = {
            let conns = &self.conns;
            let waits = |key| {
                conns
                    .get(key)
                    .is_some_and(|conn: &Conn| conn.waits_for(limit))
            };
            self.limits.gate(limit).next(waits)
        } {
            self.let_in(next, limit);
        }
    }

    /// What it waited for has a budget of its own, and begins now.
    fn let_in(&mut self, at: Key<Conn>, limit: Limit) {
        if let Some(conn) = self.conns.get_mut(at) {
            *conn.turn(limit) = Turn::Inside;
        }
        match limit {
            Limit::Connections => self.start_dialing(at),
            Limit::Handshakes => {
                self.arm_io_deadline(at);
                self.want(at, Interest::READ);
                self.list_conn(at);
            }
        }
    }

    /// Somebody waits for a connection: the one that was idle longest goes, as soon as what is under way now is done.
    fn make_way(&mut self) {
        while let Some(at) = self.limits.idle.pop() {
            let Some(conn) = self.conns.get_mut(at) else {
                continue;
            };
            conn.known_idle = false;
            if conn.is_up() && !conn.is_ridden() && !conn.is_waited_for() {
                return self.set_deadline(at, Some(0));
            }
        }
    }

    /// How long a connection that nobody rides is kept, when its riders asked for this long.
    pub(crate) fn warmth(&mut self, at: Key<Conn>, asked: Micros) -> Micros {
        let gate = &self.limits.connections;
        let Some(conn) = self.conns.get_mut(at) else {
            return asked;
        };
        if *conn.turn(Limit::Connections) != Turn::Inside {
            return asked;
        }
        if gate.is_waited_for() {
            return 0;
        }
        if !std::mem::replace(&mut conn.known_idle, true) {
            let most = gate.most();
            self.limits.idle.add(at, most, &self.conns);
        }
        asked
    }

    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn gate_counts(&mut self, limit: Limit) -> (usize, usize) {
        self.limits.gate(limit).counts()
    }

    /// Entries of the line, those of who went away among them.
    #[cfg(test)]
    pub(crate) fn gate_line(&mut self, limit: Limit) -> usize {
        self.limits.gate(limit).entries()
    }

    /// Why a connection that still waited for its turn has none.
    pub(crate) fn no_turn(&self, at: Key<Conn>) -> Option<String> {
        let conn = self.conns.get(at)?;
        let vhost = &self.vhosts.get(conn.vhost)?.config;
        let limit = match conn.phase {
            Phase::Dialing(_) => Limit::Connections,
            _ => Limit::Handshakes,
        };
        if !conn.waits_for(limit) {
            return None;
        }
        let (connect, io) = (vhost.connect_timeout_secs, vhost.timeout_secs);
        let most = self.limits.most(limit);
        Some(match limit {
            Limit::Connections => format!(
                "tls restriction limit: no turn within connect_timeout_secs ({connect} s), as simultaneous_ssl_restriction \
                 ({most}) TLS connections were in use; raise one of them"
            ),
            Limit::Handshakes => format!(
                "tls restriction limit: no turn within timeout_secs ({io} s), as simultaneous_ssl_handshake_restriction \
                 ({most}) handshakes were under way; raise one of them"
            ),
        })
    }
}
