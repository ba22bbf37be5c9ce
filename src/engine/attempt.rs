//! The only place that says what a connection that is being made is: the addresses it has, and how far each is.

use std::sync::Arc;

use super::timer::{Micros, TimerKey};
use crate::net::poll::Interest;
use crate::net::resolve::Mailbox;
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

/// A name that is looked up for a program which runs the loop itself: the answer has a descriptor of its own.
pub(crate) struct NameLookup {
    pub(crate) transport: Transport,
    pub(crate) mailbox: Arc<Mailbox>,
}

/// A connection that is being made.
#[derive(Default)]
pub(crate) struct Dial {
    pub(crate) asked: bool,
    /// When the name began to be looked up.
    pub(crate) since: Micros,
    /// It has no address yet.
    pub(crate) looks_up: bool,
    pub(crate) name: Option<NameLookup>,
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

    /// Which of its sockets has this number.
    pub(crate) fn attempt_with(&self, fd: i32) -> Option<usize> {
        let has = |attempt: &Attempt| attempt.transport.as_ref().map(Transport::fd) == Some(fd);
        self.attempts.iter().position(has)
    }

    /// What is waited for: the name, or the socket that is tried last. -1: nothing.
    pub(crate) fn fd(&self) -> i32 {
        let name = self.name.as_ref().map(|name| name.transport.fd());
        let mut sockets = self.attempts.iter().rev();
        let socket = || sockets.find_map(|attempt| attempt.transport.as_ref().map(Transport::fd));
        name.or_else(socket).unwrap_or(-1)
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
