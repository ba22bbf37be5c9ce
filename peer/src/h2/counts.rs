//! The only place that knows what the tally counts of h2 connections, and which of them are live.

use crate::orders::{Order, Post};
use std::collections::HashMap;
use std::sync::Arc;

/// What `first-bytes` keeps.
const KEPT: usize = 4000;

#[derive(Default)]
pub(crate) struct H2Counts {
    pub(crate) refused: usize,
    pub(crate) goaways: usize,
    pub(crate) resets: usize,
    /// Acknowledgements of our SETTINGS and PINGs.
    pub(crate) acks: usize,
    pub(crate) pongs: usize,
    /// Of the client's last GOAWAY.
    pub(crate) goaway_code: Option<u32>,
    pub(crate) reset_code: Option<u32>,
    pub(crate) last_violation: Option<String>,
    violations: usize,
    connections: usize,
    /// Most that were open at once on one connection.
    streams: usize,
    firsts: String,
    /// How often each target came that counts it.
    seen: HashMap<String, usize>,
    live: HashMap<usize, Arc<Post>>,
}

impl H2Counts {
    pub(super) fn begin(&mut self, id: usize, post: Arc<Post>) {
        self.connections += 1;
        self.live.insert(id, post);
    }

    pub(super) fn end(&mut self, id: usize) {
        self.live.remove(&id);
    }

    pub(crate) fn violation(&mut self, text: String) {
        self.violations += 1;
        self.last_violation = Some(text);
    }

    pub(super) fn reset(&mut self, code: u32) {
        self.resets += 1;
        self.reset_code = Some(code);
    }

    /// Targets whose answers began, and how many streams were open.
    pub(super) fn turn(&mut self, firsts: &[String], peak: usize) {
        self.streams = self.streams.max(peak);
        for target in firsts {
            self.firsts.push_str(target);
            self.firsts.push(' ');
        }
        // Seldom, as it moves what it keeps.
        if self.firsts.len() > 10 * KEPT {
            self.firsts = self.last_firsts().to_owned() + " ";
        }
    }

    /// With this time.
    pub(super) fn seen(&mut self, target: &str) -> usize {
        let times = self.seen.entry(target.to_owned()).or_default();
        *times += 1;
        *times
    }

    pub(crate) fn last_firsts(&self) -> &str {
        let all = self.firsts.trim_end();
        let from = (all.len().saturating_sub(KEPT)..).find(|at| all.is_char_boundary(*at));
        all.get(from.unwrap_or(0)..).unwrap_or("")
    }

    /// How many it reached.
    pub(crate) fn post(&self, order: &Order) -> usize {
        self.live.values().for_each(|post| post.send(order.clone()));
        self.live.len()
    }

    pub(crate) fn stats(&self) -> String {
        format!(
            "streams={} violations={} resets={} goaways={} h2={} refused={} acks={} pongs={}",
            self.streams,
            self.violations,
            self.resets,
            self.goaways,
            self.connections,
            self.refused,
            self.acks,
            self.pongs
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_first_bytes_are_kept() {
        let mut c = H2Counts::default();
        c.turn(&["/a".into(), "/b".into()], 2);
        assert_eq!(c.last_firsts(), "/a /b");
        for n in 0..20_000 {
            c.turn(&[format!("/{n}")], 1);
        }
        assert!(c.last_firsts().ends_with("/19998 /19999"));
        assert_eq!(c.last_firsts().len(), KEPT);
        assert!(c.firsts.len() <= 11 * KEPT);
        assert_eq!((c.seen("/x"), c.seen("/x"), c.seen("/y")), (1, 2, 1));
    }
}
