//! The only place that writes a metric as a line of text.

use super::humanize::{SI, US, Unit, humanize};

/// Times or sums that were added up, those that went well and those that did not.
pub(crate) struct Aggregate<'a> {
    pub(crate) name: &'a [u8],
    /// The mean and the extremes say something, not only the sum.
    pub(crate) mean: bool,
    /// Microseconds, to be compared with what passed.
    pub(crate) duty: bool,
    /// What did not go well says nothing.
    pub(crate) only_go: bool,
    pub(crate) sum: [u64; 2],
    pub(crate) min: u64,
    pub(crate) max: u64,
    pub(crate) count: [u32; 2],
    /// Microseconds since it began to be collected.
    pub(crate) passed: u64,
}

impl Aggregate<'_> {
    /// None: nothing was counted.
    pub(crate) fn line(&self) -> Option<Vec<u8>> {
        if self.count == [0; 2] {
            return None;
        }
        let mut line = [self.name, b": "].concat();
        if self.count[0] > 0 {
            let label = if self.only_go { "" } else { "Go: " };
            line.extend([label.as_bytes(), self.part(0).as_bytes()].concat());
        }
        if self.count[1] > 0 && !self.only_go {
            // lws: the comma is there without a part before it, too.
            line.extend([b", NoGo: ", self.part(1).as_bytes()].concat());
        }
        if self.mean {
            let (min, max) = (self.human(self.min), self.human(self.max));
            line.extend(format!(", min: {min}, max: {max}").into_bytes());
        }
        Some(line)
    }

    fn part(&self, n: usize) -> String {
        let (count, sum) = (self.count[n], self.sum[n]);
        match (self.mean, self.duty) {
            (true, _) => {
                let mean = sum.checked_div(u64::from(count)).unwrap_or(0);
                format!("{count}, mean: {}", self.human(mean))
            }
            (false, true) => {
                let percent = u128::from(sum) * 100 / u128::from(self.passed.max(1));
                let (sum, passed) = (self.human(sum), self.human(self.passed));
                format!(" {count}, {sum} / {passed} ({percent}%)")
            }
            (false, false) => format!("({count}) {}", self.human(sum)),
        }
    }

    fn human(&self, value: u64) -> String {
        let units: &[Unit] = if self.duty { &US } else { &SI };
        let text = humanize(value, units.iter().map(|(name, of)| (name.to_bytes(), *of)));
        String::from_utf8(text.unwrap_or_default()).unwrap_or_default()
    }
}

/// One outcome of a histogram, and how often it came.
pub(crate) fn bucket_line(name: &[u8], bucket: &[u8], count: u64) -> Vec<u8> {
    [name, b"{", bucket, b"} ", count.to_string().as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMES: Aggregate<'_> = Aggregate {
        name: b"n.cn.dns",
        mean: true,
        duty: true,
        only_go: false,
        sum: [15_168, 0],
        min: 2_470,
        max: 5_426,
        count: [4, 0],
        passed: 1,
    };

    fn text(aggregate: &Aggregate<'_>) -> String {
        let line = aggregate.line().unwrap_or_else(|| b"-".to_vec());
        String::from_utf8(line).expect("ASCII")
    }

    #[test]
    fn times_have_a_mean_and_extremes() {
        assert_eq!(
            text(&TIMES),
            "n.cn.dns: Go: 4, mean: 3.792ms, min: 2.470ms, max: 5.426ms"
        );
        let both = Aggregate {
            sum: [15_168, 21],
            count: [4, 2],
            min: 10,
            ..TIMES
        };
        assert_eq!(
            text(&both),
            "n.cn.dns: Go: 4, mean: 3.792ms, NoGo: 2, mean: 10us, min: 10us, max: 5.426ms"
        );
        let failed = Aggregate {
            sum: [0, 7],
            count: [0, 1],
            min: 7,
            max: 7,
            ..TIMES
        };
        assert_eq!(
            text(&failed),
            "n.cn.dns: , NoGo: 1, mean: 7us, min: 7us, max: 7us"
        );
    }

    #[test]
    fn sums_are_in_powers_of_1024() {
        let sums = Aggregate {
            name: b"vh.a.rx",
            mean: false,
            duty: false,
            sum: [102, 0],
            count: [1, 1],
            ..TIMES
        };
        assert_eq!(text(&sums), "vh.a.rx: Go: (1) 102, NoGo: (1) 0");
        let large = Aggregate {
            sum: [2048, 0],
            only_go: true,
            ..sums
        };
        assert_eq!(text(&large), "vh.a.rx: (1) 2.000Ki");
    }

    #[test]
    fn a_duty_is_of_what_passed_and_no_time_is_no_division() {
        let duty = Aggregate {
            name: b"cpu.svc",
            mean: false,
            only_go: true,
            sum: [150_000, 0],
            count: [3, 0],
            passed: 1_000_000,
            ..TIMES
        };
        assert_eq!(text(&duty), "cpu.svc:  3, 150.000ms / 1.000s (15%)");
        let at_once = Aggregate { passed: 0, ..duty };
        assert_eq!(text(&at_once), "cpu.svc:  3, 150.000ms / 0us (15000000%)");
        let most = Aggregate {
            sum: [u64::MAX, 0],
            passed: u64::MAX,
            ..at_once
        };
        assert!(text(&most).ends_with("(100%)"));
    }

    #[test]
    fn nothing_counted_is_no_line() {
        let nothing = Aggregate {
            count: [0; 2],
            ..TIMES
        };
        assert_eq!(nothing.line(), None);
    }

    #[test]
    fn a_bucket_is_its_name_and_its_count() {
        assert_eq!(
            bucket_line(b"n.cn.failures", b"dns=\"nores -2\"", 8),
            b"n.cn.failures{dns=\"nores -2\"} 8"
        );
    }
}
