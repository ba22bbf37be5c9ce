//! The only place that says what it means when a phase of a connection takes too long, and for whom.

use super::Engine;
use super::conn::{Conn, Loss, Phase};
use super::table::Key;

impl Engine {
    /// The phase of a connection took too long.
    pub(crate) fn phase_over(&mut self, at: Key<Conn>) {
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
                let text =
                    format!("Unable to connect: no answer within connect_timeout_secs ({secs} s)");
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
                let text = format!(
                    "Timed out waiting SSL: no end of the handshake within timeout_secs ({secs} s)"
                );
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
