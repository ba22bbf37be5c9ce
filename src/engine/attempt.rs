//! The only place that says what a connection that is being made is: the addresses it has, and how far each is.

use super::timer::{Micros, TimerKey};
use crate::net::poll::Interest;
use crate::net::socket::Addr;
use crate::net::transport::Transport;

/// How far one address is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stage {
    /// CONNECTING is asked.
    Announced,
    /// To be connected now.
    Allowed,
    /// The kernel is at it.
    Pending,
    /// The kernel says that it has an answer.
    Answered,
    /// Out on a step.
    Away,
    Failed,
}

/// One address that is tried.
pub(crate) struct Attempt {
    pub(crate) addr: Addr,
    pub(crate) transport: Option<Transport>,
    pub(crate) stage: Stage,
    pub(crate) interest: Interest,
    /// When connect() was called.
    pub(crate) since: Micros,
}

/// A connection that is being made.
#[derive(Default)]
pub(crate) struct Dial {
    pub(crate) asked: bool,
    /// When the name began to be looked up.
    pub(crate) since: Micros,
    /// It has no address yet.
    pub(crate) looks_up: bool,
    pub(crate) addrs: std::vec::IntoIter<Addr>,
    pub(crate) attempts: Vec<Attempt>,
    /// One more address may be started.
    pub(crate) go: bool,
    pub(crate) pace: Option<TimerKey>,
    pub(crate) last: String,
}

impl Dial {
    /// Addresses that may still win.
    pub(crate) fn under_way(&self) -> usize {
        let alive = |attempt: &&Attempt| attempt.stage != Stage::Failed;
        self.attempts.iter().filter(alive).count()
    }

    /// When connect() was called on each socket that has no outcome yet.
    pub(crate) fn connecting(&self) -> impl Iterator<Item = Micros> {
        let attempts = self.attempts.iter();
        attempts
            .filter(|attempt| attempt.stage != Stage::Failed && attempt.since > 0)
            .map(|attempt| attempt.since)
    }

    /// The sockets, to be closed.
    pub(crate) fn take_transports(&mut self) -> Vec<(Transport, Interest)> {
        let attempts = self.attempts.iter_mut();
        attempts
            .filter_map(|attempt| Some((attempt.transport.take()?, attempt.interest)))
            .collect()
    }
}
