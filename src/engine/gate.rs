//! The only place that counts how many are let through at once, and remembers who waits for that, in the order they came.

use std::collections::VecDeque;

use super::conn::Conn;
use super::table::{Key, Table};

/// What is limited.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Limit {
    /// TLS connections, from before they are dialled until they are closed: `simultaneous_ssl_restriction`.
    Connections,
    /// TLS handshakes: `simultaneous_ssl_handshake_restriction`.
    Handshakes,
}

/// Where a connection stands with a limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Turn {
    #[default]
    Outside,
    Waits,
    Inside,
}

/// One limit. When it has room nobody waits.
#[derive(Default)]
pub(crate) struct Gate {
    /// 0: none, and nothing is counted.
    most: usize,
    inside: usize,
    /// Those that went away meanwhile are still here, until it is their turn, or they are many.
    line: VecDeque<Key<Conn>>,
    gone: usize,
}

impl Gate {
    pub(crate) fn of(most: i32) -> Self {
        Self {
            most: usize::try_from(most).unwrap_or(0),
            ..Self::default()
        }
    }

    /// A newcomer is let in, or waits behind all others.
    pub(crate) fn come(&mut self, key: Key<Conn>) -> Turn {
        if self.inside < self.most {
            self.inside += 1;
            return Turn::Inside;
        }
        self.line.push_back(key);
        Turn::Waits
    }

    /// One that was inside left.
    pub(crate) fn leave(&mut self) {
        self.inside -= 1;
    }

    /// One that waited left; `waits` tells of those who are left.
    pub(crate) fn give_up(&mut self, waits: impl Fn(Key<Conn>) -> bool) {
        self.gone += 1;
        if self.gone * 2 > self.line.len() {
            self.line.retain(|key| waits(*key));
            self.gone = 0;
        }
    }

    /// Who is let in next, if there is room and somebody waits.
    pub(crate) fn next(&mut self, waits: impl Fn(Key<Conn>) -> bool) -> Option<Key<Conn>> {
        while self.inside < self.most {
            let key = self.line.pop_front()?;
            if waits(key) {
                self.inside += 1;
                return Some(key);
            }
            self.gone = self.gone.saturating_sub(1);
        }
        None
    }

    pub(crate) fn is_limited(&self) -> bool {
        self.most > 0
    }

    pub(crate) fn most(&self) -> usize {
        self.most
    }

    /// Somebody waits.
    pub(crate) fn is_waited_for(&self) -> bool {
        self.line.len() > self.gone
    }

    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.inside, self.line.len() - self.gone)
    }

    #[cfg(test)]
    pub(crate) fn entries(&self) -> usize {
        self.line.len()
    }
}

/// Connections that nobody rides, oldest first: they go when somebody waits for what they hold.
#[derive(Default)]
pub(crate) struct Idle {
    keys: VecDeque<Key<Conn>>,
}

impl Idle {
    /// Each once; `most` are inside at the same time.
    pub(crate) fn add(&mut self, key: Key<Conn>, most: usize, conns: &Table<Conn>) {
        if self.keys.len() > 2 * most {
            self.keys.retain(|key| conns.get(*key).is_some());
        }
        self.keys.push_back(key);
    }

    pub(crate) fn pop(&mut self) -> Option<Key<Conn>> {
        self.keys.pop_front()
    }
}
