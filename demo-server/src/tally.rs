//! The only place that counts what the demo's clients did.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Counts since the last report, shared by every connection.
#[derive(Default)]
pub(crate) struct Tally(Mutex<Report>);

#[derive(Default)]
pub(crate) struct Report {
    accepts: usize,
    requests: usize,
    waiting: usize,
    at_once: usize,
    first_bytes: Vec<String>,
}

impl Tally {
    pub(crate) fn accepted(&self) {
        self.report().accepts += 1;
    }

    pub(crate) fn asked(&self) {
        let mut report = self.report();
        report.requests += 1;
        report.waiting += 1;
        report.at_once = report.at_once.max(report.waiting);
    }

    /// The answer to `path` begins now.
    pub(crate) fn first_byte(&self, path: &str) {
        let mut report = self.report();
        report.waiting = report.waiting.saturating_sub(1);
        report.first_bytes.push(path.to_owned());
    }

    /// What was counted so far; counting starts anew.
    pub(crate) fn take(&self) -> Report {
        std::mem::take(&mut self.report())
    }

    fn report(&self) -> MutexGuard<'_, Report> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (accepts, requests, at_once) = (self.accepts, self.requests, self.at_once);
        writeln!(
            out,
            "accepts={accepts} requests={requests} at-once={at_once}"
        )?;
        for path in &self.first_bytes {
            writeln!(out, "first-byte {path}")?;
        }
        writeln!(out, "end")
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn a_report_starts_the_counts_anew() {
        let tally = Tally::default();
        tally.accepted();
        tally.asked();
        tally.first_byte("/bytes/1");
        assert_eq!(
            tally.take().to_string(),
            "accepts=1 requests=1 at-once=1\nfirst-byte /bytes/1\nend\n"
        );
        assert_eq!(
            tally.take().to_string(),
            "accepts=0 requests=0 at-once=0\nend\n"
        );
    }
}
