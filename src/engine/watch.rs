//! The only place that says which descriptors are waited for: to the kernel, and to a program that runs the loop itself.
//!
//! ```text
//! watch -> ADD -> (watch -> CHANGE)* -> unwatch -> DEL -> the descriptor is closed
//! ```
//!
//! What changes is noted here, and the program told between two steps, so of several changes only what they came to. While there
//! is anything to tell, or it is being told, nothing is closed: the program is never left with a number that means something else.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;

use super::Engine;
use super::attempt::NameLookup;
use super::call::Reason;
use super::conn::{Conn, Loss, Phase};
use super::dial::token;
use super::step::{News, Step};
use super::table::Key;
use super::vhost::Vhost;
use crate::net::poll::{Interest, Registered};

/// What a program that runs the loop itself was told, and what it is to be told.
#[derive(Default)]
pub(crate) struct Watcher {
    watched: HashMap<i32, Watched>,
    /// Of these there may be news, in order.
    news: VecDeque<i32>,
    /// Connections that are gone, until all is told of them; by the token of their socket.
    departed: HashMap<u64, Own>,
    /// What the program is being told of.
    telling: Option<(Key<Conn>, i32)>,
}

/// One descriptor.
struct Watched {
    conn: Key<Conn>,
    attempt: usize,
    vhost: Key<Vhost>,
    told: Option<Interest>,
    /// None: it is to be closed.
    wanted: Option<Interest>,
    listed: bool,
}

/// What the handle of a connection answers.
#[derive(Clone, Copy)]
pub(crate) struct Own {
    pub(crate) vhost: Key<Vhost>,
    pub(crate) fd: i32,
    pub(crate) ssl: usize,
    pub(crate) peer: Option<SocketAddr>,
}

impl Engine {
    /// The program runs the loop itself, and is told of descriptors from here on.
    pub(crate) fn run_from_outside(&mut self) {
        self.watcher = Some(Box::default());
    }

    pub(crate) fn is_run_from_outside(&self) -> bool {
        self.watcher.is_some()
    }

    /// Waits for `new` where `old` was waited for.
    pub(crate) fn watch(
        &mut self,
        at: Key<Conn>,
        attempt: usize,
        fd: i32,
        old: Interest,
        new: Interest,
    ) -> Registered {
        self.poll.set(fd, token(at, attempt), old, new)?;
        if let (Some(watcher), Some(conn)) = (&mut self.watcher, self.conns.get(at)) {
            watcher.wants(at, attempt, conn.vhost, fd, new);
        }
        Ok(())
    }

    /// Waits no more: the descriptor is to be closed.
    pub(crate) fn unwatch(&mut self, at: Key<Conn>, fd: i32, old: Interest) {
        let _ = self.poll.set(fd, 0, old, Interest::NONE);
        if let Some(watcher) = &mut self.watcher {
            watcher.is_over(at, fd);
        }
    }

    /// The program saw that a peer is gone, where nothing is wanted: that cannot be switched off, and would come again and again. It
    /// is to leave the descriptor out until something is.
    pub(crate) fn leave_out(&mut self, fd: i32) {
        let Some(watcher) = &mut self.watcher else {
            return;
        };
        let watched = watcher.watched.get(&fd);
        if let Some(watched) = watched.filter(|watched| watched.wanted == Some(Interest::NONE)) {
            watcher.is_over(watched.conn, fd);
        }
    }

    /// A connection is in no table any more, but the program may still be told of it.
    pub(crate) fn remember(&mut self, at: Key<Conn>, conn: &Conn) {
        if let Some(watcher) = self.watcher.as_mut().filter(|w| !w.news.is_empty()) {
            watcher.departed.insert(token(at, 0), own(conn));
        }
    }

    /// What the handle of a connection answers, until the program was told that its descriptor goes.
    pub(crate) fn own(&self, at: Key<Conn>) -> Option<Own> {
        let watcher = self.watcher.as_ref();
        let departed = || watcher?.departed.get(&token(at, 0)).copied();
        let mut found = self.conns.get(at).map(own).or_else(departed)?;
        let told = watcher.and_then(|watcher| watcher.telling);
        if let Some((_, fd)) = told.filter(|(told, _)| *told == at) {
            found.fd = fd;
        }
        Some(found)
    }

    /// The event token of what the loop waits for on a descriptor.
    pub(crate) fn token_of(&self, fd: i32) -> Option<u64> {
        if let Some(watcher) = &self.watcher {
            let watched = watcher.watched.get(&fd)?;
            watched.wanted?;
            return Some(token(watched.conn, watched.attempt));
        }
        if fd < 0 {
            return None;
        }
        let dialing = |(at, conn): (Key<Conn>, &Conn)| match &conn.phase {
            Phase::Dialing(dial) => Some(token(at, dial.attempt_with(fd)?)),
            _ => None,
        };
        match self.riding_fd(fd) {
            Some((at, _)) => Some(token(at, 0)),
            None => self.conns.iter().find_map(dialing),
        }
    }

    /// There is something to tell.
    pub(crate) fn has_news(&self) -> bool {
        let watcher = self.watcher.as_ref();
        watcher.is_some_and(|watcher| !watcher.news.is_empty())
    }

    /// Nothing may be closed now.
    pub(crate) fn is_telling(&self) -> bool {
        let watcher = self.watcher.as_ref();
        watcher.is_some_and(|watcher| watcher.telling.is_some())
    }

    /// What is to be told, and what is to be closed when that was told.
    #[cold]
    pub(crate) fn outside_step(&mut self) -> Option<Step> {
        match self.next_news() {
            Some(news) => Some(Step::Tell(news)),
            None => self.next_closing().map(Step::Close),
        }
    }

    /// What the program is to be told next. It has been told from here on.
    pub(crate) fn next_news(&mut self) -> Option<News> {
        let watcher = self.watcher.as_deref_mut()?;
        if watcher.telling.is_some() {
            return None;
        }
        while let Some(fd) = watcher.news.pop_front() {
            let Some((change, conn, vhost)) = watcher.change(fd) else {
                continue;
            };
            let protocols = self.vhosts.get(vhost).map(|vhost| &vhost.config.protocols);
            let Some(first) = protocols.and_then(|protocols| protocols.first()) else {
                continue;
            };
            watcher.telling = Some((conn, fd));
            let (reason, events, prev_events) = match change {
                Change::Add(new) => (Reason::AddPollFd, new, Interest::NONE),
                Change::Mode(old, new) => (Reason::ChangeModePollFd, new, old),
                Change::Del => (Reason::DelPollFd, Interest::NONE, Interest::NONE),
            };
            return Some(News {
                conn,
                callback: first.callback,
                reason,
                fd,
                events: events.poll_events(),
                prev_events: prev_events.poll_events(),
            });
        }
        watcher.departed.clear();
        None
    }

    /// The program was told. A connection that it does not wait for is lost.
    pub(crate) fn told(&mut self, news: &News, verdict: i32) {
        let Some(watcher) = &mut self.watcher else {
            return;
        };
        watcher.telling = None;
        let (what, from) = match news.reason {
            _ if verdict == 0 => return,
            Reason::AddPollFd => ("insert fd", "ADD_POLL_FD"),
            Reason::ChangeModePollFd => ("change pollfd", "CHANGE_MODE_POLL_FD"),
            _ => return,
        };
        if news.reason == Reason::AddPollFd {
            watcher.is_refused(news.fd);
        }
        let text =
            format!("conn fail: {what}: the program's callback returned {verdict} from {from}");
        self.lose(news.conn, Loss::Broken(text));
    }

    /// A name is looked up: the answer comes with news of a descriptor. `false`: nobody waits for it any more.
    pub(crate) fn await_name(&mut self, at: Key<Conn>, lookup: NameLookup) -> bool {
        let fd = lookup.transport.fd();
        let dial = self.dial_mut(at);
        let Some(dial) = dial.filter(|dial| dial.name.is_none()) else {
            self.close_transport(lookup.transport, false);
            return false;
        };
        dial.name = Some(lookup);
        match self.watch(at, 0, fd, Interest::NONE, Interest::READ) {
            Ok(()) => true,
            Err(error) => {
                self.resolved(at, Err(format!("DNS: its fd cannot be watched: {error}")));
                false
            }
        }
    }

    /// Takes the resolver's answer in, if it is there.
    pub(crate) fn name_answered(&mut self, at: Key<Conn>) {
        let name = self.dial_mut(at).and_then(|dial| dial.name.as_mut());
        let Some(answer) = name.and_then(|name| name.mailbox.take_one()) else {
            return;
        };
        self.end_lookup(at);
        self.resolved(at, answer.addresses());
    }

    /// The answer came, or is wanted no more.
    pub(crate) fn end_lookup(&mut self, at: Key<Conn>) {
        let name = self.dial_mut(at).and_then(|dial| dial.name.take());
        if let Some(NameLookup { transport, mailbox }) = name {
            mailbox.close();
            self.unwatch(at, transport.fd(), Interest::READ);
            self.close_transport(transport, false);
        }
    }
}

fn own(conn: &Conn) -> Own {
    let fd = match &conn.phase {
        Phase::Dialing(dial) if conn.fd < 0 => dial.fd(),
        _ => conn.fd,
    };
    Own {
        vhost: conn.vhost,
        fd,
        ssl: conn.ssl,
        peer: conn.peer,
    }
}

enum Change {
    Add(Interest),
    /// From, to.
    Mode(Interest, Interest),
    Del,
}

impl Watcher {
    fn wants(
        &mut self,
        conn: Key<Conn>,
        attempt: usize,
        vhost: Key<Vhost>,
        fd: i32,
        new: Interest,
    ) {
        if fd < 0 {
            return; // a fake's
        }
        let watched = self.watched.entry(fd).or_insert(Watched {
            conn,
            attempt,
            vhost,
            told: None,
            wanted: None,
            listed: false,
        });
        watched.conn = conn;
        watched.attempt = attempt;
        watched.vhost = vhost;
        watched.wanted = Some(new);
        self.list(fd);
    }

    /// Of somebody else's descriptor it is not for this connection to say.
    fn is_over(&mut self, conn: Key<Conn>, fd: i32) {
        let watched = self.watched.get_mut(&fd);
        let Some(watched) = watched.filter(|watched| watched.conn == conn) else {
            return;
        };
        watched.wanted = None;
        match watched.told {
            Some(_) => self.list(fd),
            // It never heard of it, and need not.
            None => drop(self.watched.remove(&fd)),
        }
    }

    /// The program does not wait for what it was told to add, and is told no more of it.
    fn is_refused(&mut self, fd: i32) {
        if let Some(watched) = self.watched.get_mut(&fd) {
            watched.told = None;
        }
    }

    fn list(&mut self, fd: i32) {
        let watched = self.watched.get_mut(&fd);
        if let Some(watched) = watched.filter(|watched| !watched.listed) {
            watched.listed = true;
            self.news.push_back(fd);
        }
    }

    /// What is new of a descriptor; it is told from here on.
    fn change(&mut self, fd: i32) -> Option<(Change, Key<Conn>, Key<Vhost>)> {
        let watched = self.watched.get_mut(&fd)?;
        watched.listed = false;
        let change = match (watched.told, watched.wanted) {
            (None, Some(new)) if new != Interest::NONE => Some(Change::Add(new)),
            (Some(old), Some(new)) if old != new => Some(Change::Mode(old, new)),
            (Some(_), None) => Some(Change::Del),
            _ => None,
        };
        let (conn, vhost) = (watched.conn, watched.vhost);
        if change.is_some() {
            watched.told = watched.wanted;
        }
        if watched.wanted.is_none() {
            self.watched.remove(&fd);
        }
        change.map(|change| (change, conn, vhost))
    }
}

#[cfg(test)]
mod tests {
    use super::{Change, Interest, Key, Watcher};

    /// All that is to be told, in order.
    fn told(watcher: &mut Watcher) -> Vec<(i32, &'static str, i32)> {
        let mut out = Vec::new();
        while let Some(fd) = watcher.news.pop_front() {
            out.extend(watcher.change(fd).map(|(change, ..)| match change {
                Change::Add(new) => (fd, "add", new.poll_events()),
                Change::Mode(_, new) => (fd, "mode", new.poll_events()),
                Change::Del => (fd, "del", 0),
            }));
        }
        out
    }

    fn wants(watcher: &mut Watcher, fd: i32, new: Interest) {
        watcher.wants(Key::from_parts(1, 1), 0, Key::from_parts(1, 1), fd, new);
    }

    #[test]
    fn of_several_changes_the_program_is_told_what_they_came_to() {
        let mut watcher = Watcher::default();
        wants(&mut watcher, 5, Interest::WRITE);
        wants(&mut watcher, 5, Interest::READ);
        assert_eq!(told(&mut watcher), [(5, "add", 1)]);
        wants(&mut watcher, 5, Interest::NONE);
        wants(&mut watcher, 5, Interest::READ);
        assert_eq!(told(&mut watcher), []);
        wants(&mut watcher, 5, Interest::BOTH);
        wants(&mut watcher, 6, Interest::READ);
        wants(&mut watcher, 5, Interest::NONE);
        assert_eq!(told(&mut watcher), [(5, "mode", 0), (6, "add", 1)]);
    }

    #[test]
    fn what_it_never_heard_of_is_not_taken_back() {
        let mut watcher = Watcher::default();
        let owner = Key::from_parts(1, 1);
        wants(&mut watcher, 5, Interest::READ);
        watcher.is_over(owner, 5);
        wants(&mut watcher, 6, Interest::NONE);
        assert_eq!(told(&mut watcher), []);
        wants(&mut watcher, 6, Interest::READ);
        assert_eq!(told(&mut watcher), [(6, "add", 1)]);
        watcher.is_over(Key::from_parts(2, 2), 6);
        assert_eq!(told(&mut watcher), [], "it is another's to take back");
        wants(&mut watcher, 7, Interest::READ);
        assert_eq!(told(&mut watcher), [(7, "add", 1)]);
        watcher.is_over(owner, 7);
        watcher.is_refused(7);
        assert_eq!(told(&mut watcher), [], "it went while the program said no");
        watcher.is_over(owner, 6);
        watcher.is_over(owner, 6);
        assert_eq!(told(&mut watcher), [(6, "del", 0)]);
        assert!(watcher.watched.is_empty());
    }
}
