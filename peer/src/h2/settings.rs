//! The only place that knows what the server allows: what was asked for, what was sent, what the client acknowledged.

use std::collections::VecDeque;

pub(super) const TABLE: u16 = 1;
pub(super) const PUSH: u16 = 2;
const STREAMS: u16 = 3;
pub(super) const WINDOW: u16 = 4;
pub(super) const FRAME: u16 = 5;
/// RFC 8441 §3.
const CONNECT: u16 = 8;

/// Identifiers and values of a SETTINGS frame.
pub(crate) type Pairs = Vec<(u16, u32)>;

/// What new connections get: `--h2` and the control line `h2`.
#[derive(Clone)]
pub(crate) struct Settings {
    bounds: Bounds,
    /// Added to the connection's window at the start.
    pub(super) conn_window: u32,
    pub(super) goaway_after: Option<usize>,
    /// Nothing is said before the gate `settings` opens.
    pub(super) late: bool,
    pub(super) refuse_above: Option<usize>,
    /// Nothing is given back before the gate `window` opens.
    pub(super) no_window_updates: bool,
}

impl Settings {
    pub(crate) fn new() -> Self {
        Self {
            bounds: Bounds {
                streams: Some(128),
                ..Bounds::RFC
            },
            conn_window: 0,
            goaway_after: None,
            late: false,
            refuse_above: None,
            no_window_updates: false,
        }
    }

    /// `key=value` words between spaces or commas; false when one of them is not understood, which changes nothing.
    pub(crate) fn change(&mut self, text: &str) -> bool {
        let mut new = self.clone();
        let good = words(text).all(|word| new.set(word).is_some());
        if good {
            *self = new;
        }
        good
    }

    /// What the first SETTINGS frame says: the streams, and what is not as the RFC has it without a word.
    pub(super) fn first(&self) -> Pairs {
        let (b, rfc) = (self.bounds, Bounds::RFC);
        let mut out = Vec::new();
        out.extend(b.streams.map(|n| (STREAMS, n)));
        out.extend((b.window != rfc.window).then_some((WINDOW, b.window)));
        out.extend((b.frame != rfc.frame).then_some((FRAME, b.frame)));
        out.extend((b.table != rfc.table).then_some((TABLE, b.table)));
        out.extend((b.connect != rfc.connect).then_some((CONNECT, b.connect)));
        out
    }

    fn set(&mut self, word: &str) -> Option<()> {
        let (key, value) = word.split_once('=')?;
        let number = value.parse().ok();
        match key {
            "conn-window" => self.conn_window = value.parse().ok()?,
            "goaway-after" => self.goaway_after = number.filter(|n| *n > 0),
            "refuse-above" => self.refuse_above = number,
            "settings" => self.late = value == "late",
            "no-window-updates" => self.no_window_updates = value == "1",
            "max-streams" if value == "none" => self.bounds.streams = None,
            _ => self.bounds.apply(pair(word)?),
        }
        Some(())
    }
}

/// For the control line `settings`; a key may be a number as well. None when one is not understood.
pub(crate) fn pairs(text: &str) -> Option<Pairs> {
    words(text).map(pair).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', ',']).filter(|word| !word.is_empty())
}

fn pair(word: &str) -> Option<(u16, u32)> {
    let (key, value) = word.split_once('=')?;
    let id = match key {
        "max-streams" => STREAMS,
        "window" => WINDOW,
        "max-frame" => FRAME,
        "table" => TABLE,
        "connect-protocol" => CONNECT,
        _ => key.parse().ok()?,
    };
    Some((id, value.parse().ok()?))
}

/// What a SETTINGS frame bounds the client by.
#[derive(Clone, Copy)]
struct Bounds {
    streams: Option<u32>,
    window: u32,
    frame: u32,
    table: u32,
    connect: u32,
}

impl Bounds {
    /// What holds before anything is said (RFC 9113 §6.5.2).
    const RFC: Self = Self {
        streams: None,
        window: 65_535,
        frame: 16_384,
        table: 4096,
        connect: 0,
    };

    fn apply(&mut self, (id, value): (u16, u32)) {
        match id {
            STREAMS => self.streams = Some(value),
            WINDOW => self.window = value,
            FRAME => self.frame = value,
            TABLE => self.table = value,
            CONNECT => self.connect = value,
            _ => {}
        }
    }
}

/// What the client may do. Until it has acknowledged a frame it may go by the one before or already by this one,
/// so each bound is the widest of those that can hold.
pub(super) struct Agreed {
    acked: Bounds,
    pending: VecDeque<Bounds>,
    settled: bool,
}

impl Agreed {
    pub(super) fn new() -> Self {
        Self {
            acked: Bounds::RFC,
            pending: VecDeque::new(),
            settled: false,
        }
    }

    pub(super) fn sent(&mut self, pairs: &[(u16, u32)]) {
        let mut next = self.pending.back().copied().unwrap_or(self.acked);
        pairs.iter().for_each(|pair| next.apply(*pair));
        self.pending.push_back(next);
    }

    /// How much the windows of streams grow by this acknowledgement; None when nothing was waiting for one.
    pub(super) fn acknowledged(&mut self) -> Option<i64> {
        let before = self.window();
        self.acked = self.pending.pop_front()?;
        self.settled = true;
        Some(self.window() - before)
    }

    /// True when the client knows how many streams it may open.
    pub(super) fn settled(&self) -> bool {
        self.settled
    }

    /// Before the first acknowledgement what was said counts: streams above it are refused, and are no violation yet.
    pub(super) fn streams(&self) -> usize {
        let known = self.settled.then_some(&self.acked);
        let of = |b: &Bounds| b.streams.map_or(usize::MAX, |n| n as usize);
        let said = known.into_iter().chain(&self.pending).map(of);
        said.max().unwrap_or(usize::MAX)
    }

    /// Of a new stream.
    pub(super) fn window(&self) -> i64 {
        i64::from(self.acked.window)
    }

    /// What a stream's window may already have grown by.
    pub(super) fn slack(&self) -> i64 {
        self.widest(|b| b.window) as i64 - self.window()
    }

    pub(super) fn frame(&self) -> usize {
        self.widest(|b| b.frame)
    }

    /// May a CONNECT name a protocol? Only a client that has read so knows it, and that one has acknowledged it.
    pub(super) fn connect(&self) -> bool {
        self.acked.connect == 1
    }

    pub(super) fn table(&self) -> usize {
        self.widest(|b| b.table)
    }

    fn widest(&self, of: impl Fn(&Bounds) -> u32) -> usize {
        let pending = self.pending.iter().map(&of).max().unwrap_or(0);
        of(&self.acked).max(pending) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_change_all_or_nothing() {
        let mut s = Settings::new();
        assert_eq!(s.first(), [(STREAMS, 128)]);
        assert!(s.change("max-streams=3,window=1 goaway-after=7"));
        assert_eq!(s.first(), [(STREAMS, 3), (WINDOW, 1)]);
        assert_eq!(s.goaway_after, Some(7));
        assert!(!s.change("window=2 nonsense=1") && !s.change("window"));
        assert_eq!(s.first(), [(STREAMS, 3), (WINDOW, 1)]);
        assert_eq!(pairs("max-streams=0 9=8"), Some(vec![(STREAMS, 0), (9, 8)]));
    }

    #[test]
    fn the_widest_bound_holds_until_the_acknowledgement() {
        let mut a = Agreed::new();
        a.sent(&[(STREAMS, 5), (WINDOW, 100)]);
        assert_eq!((a.streams(), a.window(), a.slack()), (5, 65_535, 0));
        assert_eq!(a.acknowledged(), Some(100 - 65_535));
        a.sent(&[(STREAMS, 0)]);
        a.sent(&[(WINDOW, 150)]);
        assert_eq!((a.streams(), a.window(), a.slack()), (5, 100, 50));
        assert_eq!(a.acknowledged(), Some(0));
        assert_eq!((a.streams(), a.slack()), (0, 50));
        assert_eq!(a.acknowledged(), Some(50));
        assert_eq!((a.streams(), a.window(), a.slack()), (0, 150, 0));
        assert_eq!(a.acknowledged(), None);
    }
}
