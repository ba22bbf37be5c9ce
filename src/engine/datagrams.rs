//! The only place that says which datagram is handed out or sent next, and from whom and to whom it is.

use std::net::SocketAddr;

use super::Engine;
use super::buffer::Rx;
use super::call::{Input, Reason};
use super::conn::{Conn, Loss};
use super::step::{Datagram, Home, Parcel, Step};
use super::table::Key;
use super::udp::Udp;
use super::wsi::Wsi;
use crate::net::poll::Interest;
use crate::net::transport::{Io, Transport};

/// No datagram of UDP is larger.
const LARGEST: usize = 65_536;

/// How a write of one begins.
pub(crate) enum Sending {
    /// It cannot be sent; why.
    Refused(&'static str),
    /// It waits for the socket.
    Kept,
    Wire {
        conn: Key<Conn>,
        transport: Transport,
        to: Option<SocketAddr>,
    },
}

impl Engine {
    fn udp_mut(&mut self, at: Key<Conn>) -> Option<&mut Udp> {
        let leader = self.conns.get(at)?.leader?;
        self.wsis.get_mut(leader)?.udp.as_deref_mut()
    }

    /// The socket is there: whom it is connected with is whom the program writes to.
    pub(crate) fn datagrams_begin(&mut self, at: Key<Conn>, key: Key<Wsi>) {
        let (Some(conn), Some(wsi)) = (self.conns.get_mut(at), self.wsis.get_mut(key)) else {
            return;
        };
        if wsi.ask.udp.bind {
            conn.peer = None;
        }
        let peer = conn.peer;
        if let Some(udp) = wsi.udp.as_deref_mut() {
            udp.face.set_connected(peer);
            udp.connected = peer.is_some();
        }
    }

    /// What a socket for datagrams does next.
    pub(crate) fn datagram_step(&mut self, at: Key<Conn>) -> Option<Step> {
        if let Some(step) = self.send_step(at) {
            return Some(step);
        }
        let conn = self.conns.get_mut(at)?;
        let key = conn.leader?;
        let wsi = self.wsis.get_mut(key)?;
        if conn.away || !wsi.takes_bytes() {
            return None;
        }
        let udp = wsi.udp.as_deref_mut()?;
        if let Some(from) = udp.arrived.take() {
            udp.face.set_sender(from);
            return self.datagram_call(at, key);
        }
        if !conn.readable {
            self.resume_read(at);
            return None;
        }
        let transport = conn.transport.take()?;
        conn.away = true;
        let mut rx = self.wide_rx.take().unwrap_or_default().ready();
        if !rx.make_room(LARGEST) {
            self.give_back(at, transport);
            self.fail(key, "HS: OOM");
            return None;
        }
        Some(Step::Receive {
            conn: at,
            transport,
            rx,
        })
    }

    fn send_step(&mut self, at: Key<Conn>) -> Option<Step> {
        let conn = self.conns.get_mut(at)?;
        if conn.away || conn.write_blocked {
            return None;
        }
        let wsi = self.wsis.get_mut(conn.leader?)?;
        let datagram = wsi.udp.as_deref_mut()?.waiting.pop_front()?;
        let transport = conn.transport.take()?;
        conn.away = true;
        Some(Step::Send {
            conn: at,
            transport,
            datagram,
        })
    }

    /// RAW_RX about one datagram, all of it: an empty one too.
    fn datagram_call(&mut self, at: Key<Conn>, key: Key<Wsi>) -> Option<Step> {
        let call = self.call(key, Reason::RawRx, Input::None)?;
        let rx = std::mem::take(&mut self.conns.get_mut(at)?.rx);
        self.wsis.get_mut(key)?.reading = true;
        let parcel = Parcel {
            conn: at,
            wsi: key,
            reason: call.reason,
            stream: None,
            len: rx.pending().len(),
            rx,
            home: Home::Own,
            end: false,
        };
        Some(Step::Payload { call, parcel })
    }

    /// The socket gave a datagram, or had none.
    pub(crate) fn received(&mut self, at: Key<Conn>, mut rx: Rx, io: Io, from: Option<SocketAddr>) {
        let Some(conn) = self.conns.get_mut(at) else {
            return self.keep_rx(rx);
        };
        conn.readable = false;
        match io {
            Io::Done { n, more } => {
                rx.filled(n);
                conn.rx = rx;
                conn.readable = more;
                if let Some(udp) = self.udp_mut(at) {
                    udp.arrived = Some(from);
                }
            }
            Io::Failed(text) => {
                self.keep_rx(rx);
                let text = format!("read failed: {text}");
                self.lose(at, Loss::Broken(text));
            }
            _ => {
                self.keep_rx(rx);
                self.resume_read(at);
            }
        }
        self.look_for_rest_on(at);
    }

    /// `lws_write` begins.
    pub(crate) fn send_begin(&mut self, key: Key<Wsi>, payload: &[u8]) -> Sending {
        let wsi = self.wsis.get_mut(key).filter(|wsi| wsi.may_send());
        let Some(wsi) = wsi else {
            return Sending::Refused("the socket is not there yet: write in RAW_WRITEABLE");
        };
        let seat = wsi.seat.as_ref();
        let (Some(at), Some(udp)) = (seat.map(|seat| seat.conn), wsi.udp.as_deref_mut()) else {
            return Sending::Refused("the socket is gone");
        };
        let to = udp.face.target();
        if to.is_none() && !udp.connected {
            return Sending::Refused(
                "nobody to send it to: no datagram has come yet, and sa46 of lws_get_udp() is not set",
            );
        }
        let Some(conn) = self.conns.get_mut(at) else {
            return Sending::Refused("the socket is gone");
        };
        let free = udp.waiting.is_empty() && !conn.write_blocked && !conn.away;
        if free && let Some(transport) = conn.transport.take() {
            conn.away = true;
            return Sending::Wire {
                conn: at,
                transport,
                to,
            };
        }
        let datagram = Datagram {
            payload: payload.to_vec(),
            to,
        };
        udp.waiting.push_back(datagram);
        self.list_conn(at);
        Sending::Kept
    }

    /// The socket took a datagram of the program's, or not now, or not at all.
    pub(crate) fn send_returned(
        &mut self,
        at: Key<Conn>,
        transport: Transport,
        payload: &[u8],
        to: Option<SocketAddr>,
        io: Io,
    ) -> Result<(), String> {
        if self.give_back(at, transport).is_none() {
            return Err("the socket is gone".into());
        }
        match io {
            Io::Done { .. } => Ok(()),
            Io::Failed(text) => Err(text),
            _ => {
                let payload = payload.to_vec();
                self.send_later(at, Datagram { payload, to });
                Ok(())
            }
        }
    }

    /// One that had waited was sent, or not. What is lost is lost: that is what datagrams are.
    pub(crate) fn sent(&mut self, at: Key<Conn>, datagram: Datagram, io: Io) {
        if matches!(io, Io::WantWrite | Io::WantRead) {
            self.send_later(at, datagram);
        }
        let empty = self.udp_mut(at).is_some_and(|udp| udp.waiting.is_empty());
        let conn = self.conns.get(at);
        if empty && conn.is_some_and(|conn| conn.interest.write) {
            self.want(at, Interest::READ);
        }
        self.look_for_rest_on(at);
    }

    fn send_later(&mut self, at: Key<Conn>, datagram: Datagram) {
        if let Some(udp) = self.udp_mut(at) {
            udp.waiting.push_front(datagram);
        }
        if let Some(conn) = self.conns.get_mut(at) {
            conn.write_blocked = true;
        }
        self.want(at, Interest::BOTH);
    }

    fn look_for_rest_on(&mut self, at: Key<Conn>) {
        let leader = self.conns.get(at).and_then(|conn| conn.leader);
        if let Some(leader) = leader {
            self.look_for_rest(leader);
        }
    }
}
