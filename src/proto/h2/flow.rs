//! The only place that does arithmetic on flow-control windows (RFC 9113 §5.2, §6.9).

/// What we may send: the peer adds to it, and may make it negative by lowering its initial window (§6.9.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SendWindow(i64);

impl SendWindow {
    pub(super) fn new(initial: u32) -> Self {
        Self(i64::from(initial))
    }

    pub(super) fn left(self) -> i64 {
        self.0
    }

    /// §6.9.1: False when the window would exceed 2^31-1, and is that wide then.
    #[must_use]
    pub(super) fn widen(&mut self, by: i64) -> bool {
        let wider = self.0.saturating_add(by);
        self.0 = wider.min(MAX_WINDOW);
        wider <= MAX_WINDOW
    }

    /// `n` bytes leave; they were allowed.
    pub(super) fn spend(&mut self, n: usize) {
        self.0 = self.0.saturating_sub_unsigned(n as u64);
    }
}

/// What the peer may send, and what we owe it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ReceiveWindow {
    left: u32,
    /// Used up by what the program consumed, and not yet given back.
    owed: u32,
    /// Given back at once when half of this is owed.
    size: u32,
}

impl ReceiveWindow {
    pub(super) fn new(size: u32) -> Self {
        Self {
            left: size,
            owed: 0,
            size,
        }
    }

    /// The peer sent `n` bytes. False when it was not allowed to.
    #[must_use]
    pub(super) fn take(&mut self, n: u32) -> bool {
        match self.left.checked_sub(n) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }

    pub(super) fn left(self) -> u32 {
        self.left
    }

    pub(super) fn owe(&mut self, n: u32) {
        self.owed = self.owed.saturating_add(n);
    }

    /// What a WINDOW_UPDATE says now, if it is time for one: few large ones cost the least.
    #[must_use]
    pub(super) fn due(&mut self) -> Option<u32> {
        if self.owed == 0 || self.owed < self.size / 2 {
            return None;
        }
        let by = std::mem::take(&mut self.owed).min(MAX_WINDOW as u32 - self.left);
        self.left += by;
        (by > 0).then_some(by)
    }

    /// As `due`, and twice as wide from then on, up to `widest`: who consumes what comes can do with more on its way.
    #[must_use]
    pub(super) fn due_and_wider(&mut self, widest: u32) -> Option<u32> {
        let by = self.due()?;
        let wider = self.size.saturating_mul(2).min(widest).max(self.size);
        let more = self.grow(wider - self.size);
        // What the program holds is not in `left`, and is a part of the size all the same.
        self.size = wider;
        Some(by + more)
    }

    /// What the peer has, and what it gets back.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) fn credit(&self) -> u32 {
        self.left + self.owed
    }

    /// Widens it on top of its size: §6.9.1 caps the sum, and `by` is cut to that.
    pub(super) fn grow(&mut self, by: u32) -> u32 {
        let by = by.min(MAX_WINDOW as u32 - self.left);
        self.left += by;
        self.size = self.size.max(self.left);
        by
    }
}

const MAX_WINDOW: i64 = i32::MAX as i64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_send_window_goes_below_zero_and_never_above_the_largest() {
        let mut w = SendWindow::new(10);
        assert!(w.widen(-30));
        assert_eq!(w.left(), -20);
        assert!(w.widen(MAX_WINDOW + 20));
        assert_eq!(w.left(), MAX_WINDOW);
        assert!(!w.widen(1));
        w.spend(1);
        assert!(w.widen(1));
    }

    #[test]
    fn credit_is_given_back_in_halves_and_overruns_are_told() {
        let mut w = ReceiveWindow::new(100);
        assert!(w.take(100));
        assert!(!w.take(1));
        w.owe(49);
        assert_eq!(w.due(), None);
        w.owe(1);
        assert_eq!(w.due(), Some(50));
        assert_eq!(w.due(), None);
        assert!(w.take(50) && !w.take(1));
    }

    #[test]
    fn a_window_grows_up_to_the_largest() {
        let mut w = ReceiveWindow::new(0);
        assert_eq!(w.grow(u32::MAX), MAX_WINDOW as u32);
        assert_eq!(w.grow(1), 0);
        assert!(w.take(7));
        w.owe(7);
        assert_eq!(w.due(), None);
        assert_eq!(w.grow(7), 7);
    }
}
