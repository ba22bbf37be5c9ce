//! The only place that says when a program is told of a file: a descriptor that it reads and writes itself.

use super::Engine;
use super::call::{Input, Reason};
use super::conn::Conn;
use super::dial::token;
use super::exchange::HUNG_UP;
use super::role::Role;
use super::step::Step;
use super::table::Key;
use super::wsi::Wsi;
use crate::net::poll::{Interest, Ready};

impl Engine {
    /// What the leader of a connection speaks.
    pub(crate) fn leader_role(&self, at: Key<Conn>) -> Option<Role> {
        let leader = self.conns.get(at)?.leader?;
        Some(self.wsis.get(leader)?.ask.role)
    }

    /// The kernel waits for no file of this kind: it counts as ready at every pass of the loop, as poll(2) has it.
    pub(crate) fn always_ready(&mut self, at: Key<Conn>) {
        if let Some(conn) = self.conns.get_mut(at) {
            conn.unpolled = true;
            conn.interest = Interest::READ;
            self.always_ready.push(at);
        }
    }

    /// Somebody wants to know of such a file: the loop does not wait.
    pub(crate) fn has_ready_files(&mut self) -> bool {
        let conns = &self.conns;
        self.always_ready.retain(|at| conns.get(*at).is_some());
        let mut files = self.always_ready.iter().filter_map(|at| conns.get(*at));
        files.any(|conn| conn.interest != Interest::NONE)
    }

    /// The loop has looked at what the kernel waits for; these are ready too.
    pub(crate) fn look_at_ready_files(&mut self) {
        for at in self.always_ready.clone() {
            let Some(interest) = self.conns.get(at).map(|conn| conn.interest) else {
                continue;
            };
            if interest != Interest::NONE {
                self.on_ready(&Ready {
                    token: token(at, 0),
                    readable: interest.read,
                    writable: interest.write,
                    hangup: false,
                });
            }
        }
    }

    /// What the loop saw of a file.
    pub(crate) fn file_ready(&mut self, at: Key<Conn>, ready: &Ready) {
        let Some(conn) = self.conns.get_mut(at) else {
            return;
        };
        conn.readable |= ready.readable;
        if ready.writable {
            conn.write_blocked = false;
        }
        let Some(leader) = conn.leader else { return };
        if ready.hangup && !ready.readable {
            return self.fail(leader, HUNG_UP);
        }
        let takes = self.wsis.get(leader).is_some_and(Wsi::takes_bytes);
        // What nobody takes now is not waited for, or it would come again and again.
        let interest = Interest {
            read: takes || !conn.readable,
            write: conn.write_blocked,
        };
        self.want(at, interest);
        self.list_conn(at);
    }

    /// RAW_RX_FILE, or what `lws_write` could not write at once.
    pub(crate) fn file_step(&mut self, at: Key<Conn>) -> Option<Step> {
        if let Some(step) = self.write_step(at) {
            return Some(step);
        }
        let conn = self.conns.get_mut(at)?;
        let leader = conn.leader?;
        if !self.wsis.get(leader)?.takes_bytes() {
            return None;
        }
        if std::mem::take(&mut conn.readable) {
            let call = self.call(leader, Reason::RawRxFile, Input::None);
            return call.map(Step::Call);
        }
        self.resume_read(at);
        None
    }

    /// RAW_WRITEABLE_FILE was asked for: it comes when the kernel says so, as the program may write by itself.
    pub(crate) fn await_room(&mut self, at: Key<Conn>) {
        if let Some(conn) = self.conns.get_mut(at) {
            conn.write_blocked = true;
            let read = conn.interest.read;
            self.want(at, Interest { read, write: true });
        }
    }
}
