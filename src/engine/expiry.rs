//! The only place that says what happens when a time is over.

use super::call::Due;
use super::conn::{Conn, Loss, Phase};
use super::table::Key;
use super::timer::{Micros, TimerKey};
use super::{Engine, Fire};

impl Engine {
    /// Carries out what is due at `now`, up to a timer of the program's: its key and its address.
    pub(crate) fn fire(&mut self, now: Micros) -> Option<(TimerKey, usize)> {
        self.now = now;
        while let Some((timer, fire)) = self.timers.pop_due(now) {
            match fire {
                Fire::Conn(at) => self.phase_over(at),
                Fire::Pace(at) => self.paced(at),
                Fire::Reply(key) => self.reply_is_late(key),
                Fire::Timeout(key) => {
                    if let Some(wsi) = self.wsis.get_mut(key) {
                        wsi.timeout = None;
                    }
                    self.cancel(key, "the program's timeout (lws_set_timeout) passed");
                }
                Fire::Timer(key) => {
                    if let Some(wsi) = self.wsis.get_mut(key) {
                        wsi.timer = None;
                    }
                    self.owe(key, Due::TIMER);
                }
                Fire::Cookies => self.save_cookies(),
                Fire::Sul(sul) => return Some((timer, sul)),
            }
        }
        None
    }

    /// The phase of a connection took too long.
    fn phase_over(&mut self, at: Key<Conn>) {
        let Some(conn) = self.conns.get_mut(at) else {
            return;
        };
        conn.deadline = None;
        let Some(vhost) = self.vhosts.get(conn.vhost) else {
            return;
        };
        let secs = vhost.config.timeout_secs;
        match conn.phase {
            Phase::Dialing(_) => {
                let secs = vhost.config.connect_timeout_secs;
                let text = self.no_turn(at).unwrap_or_else(|| {
                    format!("Unable to connect: no answer within connect_timeout_secs ({secs} s)")
                });
                self.lose(at, Loss::Attempt(text));
            }
            Phase::Tunneling { .. } => {
                let secs = vhost.config.connect_timeout_secs;
                let text = format!(
                    "Unable to connect: no tunnel from the proxy within connect_timeout_secs ({secs} s)"
                );
                self.lose(at, Loss::Attempt(text));
            }
            Phase::Securing { .. } => {
                let text = self.no_turn(at).unwrap_or_else(|| {
                    format!(
                        "Timed out waiting SSL: no end of the handshake within timeout_secs ({secs} s)"
                    )
                });
                self.lose(at, Loss::Attempt(text));
            }
            Phase::Greeting => {
                let text = format!(
                    "h2: no SETTINGS within timeout_secs ({secs} s); check that the server speaks h2 there"
                );
                self.lose(at, Loss::Attempt(text));
            }
            Phase::Up if conn.mux.as_ref().is_some_and(|mux| mux.is_ridden()) => {
                self.patience_ends(at);
            }
            Phase::Up if conn.mux.is_some() && conn.is_waited_for() => {
                let text = format!(
                    "h2: the server allowed no stream for timeout_secs ({secs} s): its SETTINGS_MAX_CONCURRENT_STREAMS is 0"
                );
                self.lose(at, Loss::Attempt(text));
            }
            Phase::Up => match conn.leader.filter(|_| conn.started) {
                Some(leader) if self.stop_draining(leader) => {}
                Some(leader) => {
                    let text = format!(
                        "Timed out waiting server reply: none within timeout_secs ({secs} s)"
                    );
                    self.fail(leader, &text);
                }
                None => self.retire(at),
            },
        }
    }
}
