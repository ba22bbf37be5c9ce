//! The only place that says when the next address of a connection is tried: while others are (RFC 8305), or one after the other.

use super::attempt::Stage;
use super::conn::Conn;
use super::table::Key;
use super::timer::Micros;
use super::{Engine, Fire};

/// RFC 8305 section 5, "Connection Attempt Delay": 250 ms recommended.
const PACE_US: u64 = 250_000;
/// Sockets that are tried at once.
const RACERS: usize = 4;

impl Engine {
    /// Sockets of one connection that may be tried at once. A program that runs the loop itself is told of one.
    pub(crate) fn racers(&self) -> usize {
        match self.is_run_from_outside() {
            true => 1,
            false => RACERS,
        }
    }

    /// One more address after a while, when there is one.
    pub(crate) fn pace(&mut self, key: Key<Conn>) {
        let Some(dial) = self.dial_mut(key) else {
            return;
        };
        if dial.pace.is_some() || dial.addrs.len() == 0 {
            return;
        }
        let all = dial.addrs.len() + dial.attempts.len();
        let after = match self.is_run_from_outside() {
            true => self.share(key, all),
            false => PACE_US,
        };
        let timer = self.timers.schedule(self.now + after, Fire::Pace(key));
        if let Some(dial) = self.dial_mut(key) {
            dial.pace = Some(timer);
        }
    }

    /// The first addresses had their time alone; where one is tried at a time, it had all of its time.
    pub(crate) fn paced(&mut self, key: Key<Conn>) {
        let alone = self.is_run_from_outside();
        let Some(dial) = self.dial_mut(key) else {
            return;
        };
        dial.pace = None;
        dial.go = true;
        let mut attempts = dial.attempts.iter();
        let pending = attempts.position(|attempt| attempt.stage == Stage::Pending);
        match pending.filter(|_| alone) {
            Some(n) => {
                let text = "Unable to connect: no answer from the last address tried";
                self.attempt_failed(key, n, text.into());
            }
            None => self.list_conn(key),
        }
    }

    /// An attempt is over: the next one's time is its own.
    pub(crate) fn end_pace(&mut self, key: Key<Conn>) {
        if !self.is_run_from_outside() {
            return; // the time is since the first one began
        }
        let pace = self.dial_mut(key).and_then(|dial| dial.pace.take());
        self.cancel_timer(pace);
    }

    /// Of the time that there is for connecting, what each of `all` addresses has.
    fn share(&self, key: Key<Conn>, all: usize) -> Micros {
        let conn = self.conns.get(key);
        let vhost = conn.and_then(|conn| self.vhosts.get(conn.vhost));
        let secs = vhost.map_or(0, |vhost| vhost.config.connect_timeout_secs);
        u64::from(secs) * 1_000_000 / all.max(1) as u64
    }
}
