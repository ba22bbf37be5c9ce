//! The only place that adds up how long the steps of all requests took, where the program asked for that.

use super::Engine;
use super::conmon::span;
use super::conn::{Conn, Phase};
use super::role::Role;
use super::table::Key;
use super::timer::Micros;
use super::wsi::Wsi;

/// A step that is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Measure {
    /// The lookup of a name.
    Dns,
    /// connect() of one address.
    Tcp,
    /// A TLS handshake.
    Tls,
    /// From a request to its response's head.
    Http,
}

/// In the order in which they are reported.
const ALL: [Measure; 4] = [Measure::Dns, Measure::Tcp, Measure::Tls, Measure::Http];

/// lws: METRES_GO and METRES_NOGO.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    Go = 0,
    NoGo = 1,
}

/// All times of one step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Metric {
    /// Since when it is collected.
    pub(crate) first: Micros,
    /// When the last was added, or 0.
    pub(crate) last: Micros,
    /// Microseconds, by outcome.
    pub(crate) sum: [u64; 2],
    /// `u64::MAX` while there is none.
    pub(crate) min: u64,
    pub(crate) max: u64,
    pub(crate) count: [u32; 2],
}

impl Metric {
    fn since(now: Micros) -> Self {
        Self {
            first: now,
            last: 0,
            sum: [0; 2],
            min: u64::MAX,
            max: 0,
            count: [0; 2],
        }
    }

    fn add(&mut self, outcome: Outcome, us: u64, now: Micros) {
        let n = outcome as usize;
        self.last = now;
        self.sum[n] = self.sum[n].saturating_add(us);
        self.count[n] = self.count[n].saturating_add(1);
        self.min = self.min.min(us);
        self.max = self.max.max(us);
    }
}

/// What a context collects.
pub(crate) struct Metrics {
    each: [Metric; ALL.len()],
    reported: usize,
}

impl Metrics {
    fn since(now: Micros) -> Self {
        Self {
            each: [Metric::since(now); ALL.len()],
            reported: 0,
        }
    }

    fn next(&mut self) -> Option<(Measure, Metric)> {
        let what = *ALL.get(self.reported)?;
        self.reported += 1;
        Some((what, self.each[what as usize]))
    }
}

impl Engine {
    /// From now on. Without this nothing is collected.
    pub(crate) fn collect_metrics(&mut self, now: Micros) {
        self.metrics = Some(Box::new(Metrics::since(now)));
    }

    /// The next that was not reported yet.
    pub(crate) fn next_metric(&mut self) -> Option<(Measure, Metric)> {
        self.metrics.as_mut()?.next()
    }

    /// A step ends that began at `since`.
    pub(crate) fn measure(&mut self, what: Measure, outcome: Outcome, since: Micros) {
        let now = self.now;
        if let Some(metrics) = &mut self.metrics {
            metrics.each[what as usize].add(outcome, u64::from(span(since, now)), now);
        }
    }

    /// A response's head is in: 2xx is go, and so is the 101 of a ws.
    pub(crate) fn measure_answer(&mut self, key: Key<Wsi>) {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return;
        };
        let Some(since) = wsi.conmon.is_answered(self.now) else {
            return;
        };
        let outcome = match (wsi.status(), wsi.ask.role) {
            (200..300, _) | (101, Role::Ws) => Outcome::Go,
            _ => Outcome::NoGo,
        };
        self.measure(Measure::Http, outcome, since);
    }

    /// A request ends: one that was sent, and has no response, is no-go.
    pub(crate) fn measure_silence(&mut self, key: Key<Wsi>) {
        let wsi = self.wsis.get_mut(key);
        if let Some(since) = wsi.and_then(|wsi| wsi.conmon.give_up()) {
            self.measure(Measure::Http, Outcome::NoGo, since);
        }
    }

    /// A connection goes: what was being done to make it did not come to its end.
    pub(crate) fn measure_unmade(&mut self, at: Key<Conn>) {
        let Some(conn) = self.conns.get(at).filter(|_| self.metrics.is_some()) else {
            return;
        };
        match &conn.phase {
            Phase::Dialing(dial) if dial.looks_up => {
                let since = dial.since;
                self.measure(Measure::Dns, Outcome::NoGo, since);
            }
            Phase::Dialing(dial) => {
                let connecting: Vec<Micros> = dial.connecting().collect();
                for since in connecting {
                    self.measure(Measure::Tcp, Outcome::NoGo, since);
                }
            }
            Phase::Securing { begun: true, .. } => {
                let since = conn.since;
                self.measure(Measure::Tls, Outcome::NoGo, since);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_counts_go_by_outcome_and_the_extremes_are_of_both() {
        let mut metric = Metric::since(7);
        for (outcome, us, now) in [
            (Outcome::Go, 30, 40),
            (Outcome::Go, 10, 50),
            (Outcome::NoGo, 100, 60),
        ] {
            metric.add(outcome, us, now);
        }
        assert_eq!((metric.first, metric.last), (7, 60));
        assert_eq!((metric.sum, metric.count), ([40, 100], [2, 1]));
        assert_eq!((metric.min, metric.max), (10, 100));
    }

    #[test]
    fn nothing_measured_has_no_last_and_no_extremes() {
        let metric = Metric::since(7);
        assert_eq!((metric.first, metric.last), (7, 0));
        assert_eq!((metric.min, metric.max), (u64::MAX, 0));
    }

    #[test]
    fn sums_and_counts_stay_at_the_largest_number() {
        let mut metric = Metric::since(0);
        metric.count = [u32::MAX; 2];
        metric.add(Outcome::Go, u64::MAX, 1);
        metric.add(Outcome::Go, 1, 2);
        assert_eq!((metric.sum[0], metric.count[0]), (u64::MAX, u32::MAX));
    }

    #[test]
    fn each_metric_is_reported_once_and_in_order() {
        let mut metrics = Metrics::since(3);
        metrics.each[Measure::Tls as usize].add(Outcome::Go, 5, 9);
        let mut seen = Vec::new();
        while let Some((what, metric)) = metrics.next() {
            seen.push((what, metric.count[0]));
        }
        let expected = ALL.map(|what| (what, u32::from(what == Measure::Tls)));
        assert_eq!(seen, expected);
    }
}
