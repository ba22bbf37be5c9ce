//! The only place that takes in a socket or a file that the program made: it leads a connection of its own, which is up from the
//! start.
//!
//! ```text
//! adopt -> CREATE BIND -> offer_adopted -> RAW_ADOPT -> adopted | the last callbacks
//! ```
//!
//! Until RAW_ADOPT has returned the transport is out: with whoever called, who has it back if the program says no.

use std::net::SocketAddr;

use super::Engine;
use super::call::Due;
use super::conn::{Conn, Phase};
use super::connect::Request;
use super::role::Role;
use super::table::Key;
use super::wsi::{Lane, Seat, State, Wsi};
use crate::net::poll::{Interest, unpollable};
use crate::net::transport::Transport;

/// What reasons call the place of a descriptor that came from the program.
pub(crate) const ADOPTED: &str = "+adopted";

/// What is known of a descriptor from the start.
pub(crate) struct Handed<'a> {
    pub(crate) fd: i32,
    pub(crate) peer: Option<SocketAddr>,
    /// It has a peer, of whatever family.
    pub(crate) connected: bool,
    /// What the program has read of it already.
    pub(crate) first: &'a [u8],
}

impl Engine {
    /// A wsi and its connection, owed their first callbacks. `Err`: nothing was made, and why.
    pub(crate) fn adopt(
        &mut self,
        request: Request<'_>,
        handed: &Handed<'_>,
    ) -> Result<(Key<Wsi>, Key<Conn>), String> {
        let file = request.ask.role == Role::File;
        let key = self.accept(request).ok_or("out of memory for one more")?;
        let made = self.connection_of(key, handed).and_then(|at| {
            self.register(at, file)?;
            Ok(at)
        });
        match made {
            Ok(at) => Ok((key, at)),
            Err(line) => {
                if let Some((at, _)) = self.leave_seat(key) {
                    self.drop_conn(at, false);
                }
                self.free(key);
                Err(line)
            }
        }
    }

    fn connection_of(&mut self, key: Key<Wsi>, handed: &Handed<'_>) -> Result<Key<Conn>, String> {
        let wsi = self.wsis.get_mut(key).ok_or("it is gone")?;
        let (vhost, identity) = (wsi.vhost, wsi.identity);
        let mut conn = Conn::new(vhost, identity, false);
        conn.phase = Phase::Up;
        conn.fd = handed.fd;
        conn.peer = handed.peer;
        conn.leader = Some(key);
        conn.away = true;
        conn.started = true;
        conn.response_began = true; // a write of the program's starts no clock
        conn.open = true;
        if !handed.first.is_empty() && !conn.rx.append(handed.first) {
            return Err("out of memory for what was read of it".into());
        }
        let at = self
            .conns
            .insert(conn)
            .ok_or("16777216 connections are in use")?;
        wsi.seat = Some(Seat {
            conn: at,
            lane: Lane::Whole,
        });
        self.identities.keep(identity);
        if let Some(entry) = self.vhosts.get_mut(vhost) {
            let owner = &mut entry.dll_cli_active_conns_owner;
            owner.add_tail(&mut self.conns, at, vhost);
        }
        self.datagrams_begin(at, key);
        let udp = self
            .wsis
            .get_mut(key)
            .and_then(|wsi| wsi.udp.as_deref_mut());
        if let Some(udp) = udp {
            udp.connected = handed.connected;
        }
        Ok(at)
    }

    fn register(&mut self, at: Key<Conn>, file: bool) -> Result<(), String> {
        let fd = self.conns.get(at).ok_or("it is gone")?.fd;
        match self.watch(at, 0, fd, Interest::NONE, Interest::READ) {
            Ok(()) => self.conns.get_mut(at).ok_or("it is gone")?.interest = Interest::READ,
            Err(error) if file && unpollable(&error) => self.always_ready(at),
            Err(error) => return Err(format!("fd {fd} cannot be watched: {error}")),
        }
        Ok(())
    }

    /// Its first callbacks have returned: RAW_ADOPT is next, unless one of them ended it.
    pub(crate) fn offer_adopted(&mut self, key: Key<Wsi>) {
        let wsi = self.wsis.get_mut(key);
        if let Some(wsi) = wsi.filter(|wsi| wsi.state == State::New) {
            wsi.state = State::Opening;
            self.owe(key, Due::OPENED);
        }
    }

    /// RAW_ADOPT has returned. The transport comes back to the caller when there is nothing to put it into any more.
    pub(crate) fn adopted(&mut self, at: Key<Conn>, transport: Transport) -> Result<(), Transport> {
        match self.conns.get(at) {
            Some(_) => self.give_back(at, transport),
            None => return Err(transport),
        };
        Ok(())
    }

    /// `wsi_from_fd`: whose connection has this descriptor, and its leader if it has one.
    pub(crate) fn riding_fd(&self, fd: i32) -> Option<(Key<Conn>, Option<Key<Wsi>>)> {
        let mut conns = self.conns.iter();
        let (at, conn) = conns.find(|(_, conn)| conn.fd == fd)?;
        Some((at, conn.leader))
    }
}
