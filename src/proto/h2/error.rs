//! The only place that says how far an error of the peer's reaches (RFC 9113 §5.4), and how much nonsense it may send.

use super::frame::ErrorCode;
use super::stream::StreamKey;

/// What the peer broke: all, or one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Error {
    Connection(ErrorCode, &'static str),
    Stream(StreamKey, ErrorCode, &'static str),
}

impl Error {
    pub(super) fn protocol<T>(text: &'static str) -> Result<T, Self> {
        Err(Self::Connection(ErrorCode::PROTOCOL_ERROR, text))
    }

    pub(super) fn frame_size<T>(text: &'static str) -> Result<T, Self> {
        Err(Self::Connection(ErrorCode::FRAME_SIZE_ERROR, text))
    }

    pub(super) fn calm<T>(text: &'static str) -> Result<T, Self> {
        Err(Self::Connection(ErrorCode::ENHANCE_YOUR_CALM, text))
    }
}

/// Frames that cost us something and bring nobody anything.
#[derive(Clone, Copy, Debug)]
pub(super) enum Nuisance {
    Settings,
    Ping,
    WindowUpdate,
    EmptyData,
    TinyData,
    /// PRIORITY and unknown frames.
    Ignored,
    /// Frames for streams that are over: those which were under way when we reset a stream are the peer's right.
    Late,
}

/// How many of each the peer may send between two refills. Progress allows more: a server that sends a PING or a
/// WINDOW_UPDATE with each response is a busy one, not a hostile one.
#[derive(Debug, Default)]
pub(super) struct Budget {
    spent: [u32; LIMITS.len()],
    earned: u32,
    late_earned: u32,
    /// DATA that was allowed on streams when we reset them, and may be under way.
    late_window: u64,
}

impl Budget {
    pub(super) fn spend(&mut self, nuisance: Nuisance) -> Result<(), Error> {
        let (Some(spent), Some((limit, text))) = (
            self.spent.get_mut(nuisance as usize),
            LIMITS.get(nuisance as usize),
        ) else {
            return Ok(());
        };
        *spent = spent.saturating_add(1);
        let earned = match nuisance {
            Nuisance::Late => self.late_earned,
            _ => self.earned,
        };
        if *spent > limit.saturating_add(earned) {
            return Error::calm(text);
        }
        Ok(())
    }

    /// A response's head or a fair piece of a body came, or we sent DATA.
    #[inline]
    pub(super) fn earn(&mut self) {
        self.earned = self.earned.saturating_add(8);
    }

    /// We reset a stream: its peer could not know yet, and may send what `window` allowed.
    pub(super) fn earn_late(&mut self, window: u32) {
        self.late_earned = self.late_earned.saturating_add(256);
        self.late_window = self.late_window.saturating_add(window.into());
    }

    /// DATA for a stream that is over. In fair pieces it may be as much as the windows allowed, in however many frames:
    /// on a fast and long way that are thousands.
    pub(super) fn spend_late_data(&mut self, len: usize) -> Result<(), Error> {
        match self.late_window.checked_sub(len as u64) {
            Some(left) if len >= TINY => {
                self.late_window = left;
                Ok(())
            }
            _ => self.spend(Nuisance::Late),
        }
    }

    /// Some time has passed. What was earned by resets stays: their frames may be slow.
    pub(super) fn refill(&mut self) {
        *self = Self {
            late_earned: self.late_earned,
            late_window: self.late_window,
            ..Self::default()
        };
    }
}

/// By the number of the `Nuisance`.
static LIMITS: [(u32, &str); 7] = [
    (100, "h2: flooded with SETTINGS"),
    (1_000, "h2: flooded with PINGs"),
    (10_000, "h2: flooded with WINDOW_UPDATEs"),
    (1_000, "h2: flooded with empty DATA frames"),
    (20_000, "h2: flooded with tiny DATA frames"),
    (1_000, "h2: flooded with PRIORITY or unknown frames"),
    (1_000, "h2: flooded with frames for closed streams"),
];

/// DATA below this is tiny.
pub(super) const TINY: usize = 32;
