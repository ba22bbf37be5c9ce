//! The only place that goes through a proxy: between a socket that is connected and what is spoken with the place behind it.
//!
//! ```text
//! Dialing -> Tunneling: words out, answers in -> Securing | Greeting | Up
//! ```
//!
//! The proxy's part of what arrives is eaten here, and no byte of what is behind it. Connecting and this have one deadline.

use super::Engine;
use super::conn::{Conn, Loss, Phase};
use super::matching::Place;
use super::role::Role;
use super::step::Step;
use super::table::Key;
use crate::net::poll::Interest;
use crate::net::random::base64;
use crate::net::transport::Io;
use crate::proto::proxy::{Connect, Credentials, Kind, Proxy, Socks, Tunnel};

impl Engine {
    /// The first of a connection's sockets is connected: to its place, or to the proxy before it.
    pub(crate) fn reached(&mut self, at: Key<Conn>) {
        let Some(conn) = self.conns.get_mut(at) else {
            return;
        };
        let place = self.identities.get(conn.identity).place();
        let Some(proxy) = place.proxy else {
            return self.speak(at);
        };
        match tunnel_to(&place, proxy) {
            Ok(mut tunnel) => {
                tunnel.poll_tx(conn.tx.frames());
                conn.phase = Phase::Tunneling {
                    tunnel: Box::new(tunnel),
                    write_failed: None,
                };
                self.list_conn(at);
            }
            Err(text) => self.lose(at, Loss::Attempt(text)),
        }
    }

    /// What a connection does next whose tunnel is being made.
    pub(crate) fn tunnel_step(&mut self, at: Key<Conn>) -> Option<Step> {
        let conn = self.conns.get(at)?;
        if !conn.tx.is_empty() && !conn.write_blocked {
            return self.write_step(at);
        }
        match conn.readable {
            true => self.read_step(at),
            false => None,
        }
    }

    pub(crate) fn tunnel_wrote(&mut self, at: Key<Conn>, io: Io) {
        let Some(conn) = self.conns.get_mut(at) else {
            return;
        };
        let text = match io {
            Io::Done { n, .. } => {
                conn.tx.advance(n);
                if conn.tx.is_empty() && conn.interest.write {
                    self.want(at, Interest::READ);
                }
                return self.list_conn(at);
            }
            Io::WantWrite => {
                conn.write_blocked = true;
                return self.want(at, Interest::BOTH);
            }
            Io::WantRead => {
                conn.write_blocked = true;
                return;
            }
            Io::Eof | Io::Truncated => "the proxy closed the connection".to_owned(),
            Io::Failed(text) => text,
        };
        // It may have said why before it stopped to listen: that is looked at first.
        conn.tx = Default::default();
        conn.readable = true;
        if let Phase::Tunneling { write_failed, .. } = &mut conn.phase {
            *write_failed = Some(text);
        }
        self.list_conn(at);
    }

    pub(crate) fn tunnel_read(&mut self, at: Key<Conn>, io: Io) {
        let Some(conn) = self.conns.get_mut(at) else {
            return;
        };
        let Phase::Tunneling {
            tunnel,
            write_failed,
        } = &conn.phase
        else {
            return;
        };
        let text = match (io, write_failed) {
            (Io::Done { n, more }, _) => {
                conn.rx.filled(n);
                conn.readable = more;
                return self.proxy_said(at);
            }
            (_, Some(text)) => format!("{}: {text}", tunnel.write_failed()),
            (Io::WantRead, None) => return self.resume_read(at),
            (Io::WantWrite, None) => return self.want(at, Interest::BOTH),
            (Io::Eof | Io::Truncated, None) => {
                format!("{}: the proxy closed the connection", tunnel.dead())
            }
            (Io::Failed(text), None) => format!("{}: {text}", tunnel.read_failed()),
        };
        self.lose(at, Loss::Attempt(text));
    }

    fn proxy_said(&mut self, at: Key<Conn>) {
        let Some(conn) = self.conns.get_mut(at) else {
            return;
        };
        let Phase::Tunneling { tunnel, .. } = &mut conn.phase else {
            return;
        };
        match tunnel.handle_rx(conn.rx.pending()) {
            Ok(progress) => {
                conn.rx.consume(progress.eaten);
                if progress.done {
                    let surplus = tunnel.surplus();
                    return self.tunnel_is_there(at, surplus);
                }
                tunnel.poll_tx(conn.tx.frames());
                self.resume_read(at);
                self.list_conn(at);
            }
            Err(text) => self.lose(at, Loss::Attempt(text)),
        }
    }

    /// From here on nothing is different from a connection that goes there directly.
    fn tunnel_is_there(&mut self, at: Key<Conn>, surplus: &str) {
        let raw = self.leader_role(at) == Some(Role::Raw);
        let Some(conn) = self.conns.get(at) else {
            return;
        };
        if !conn.tx.is_empty() {
            let text = format!("{surplus}: the proxy answered before it was asked");
            return self.lose(at, Loss::Attempt(text));
        }
        let place = self.identities.get(conn.identity).place();
        let may_be_first = !place.tls && (raw || place.h2_prior_knowledge);
        if !conn.rx.is_empty() && !may_be_first {
            // Nobody behind it speaks before he is spoken to: they would be taken for an answer that was never asked for.
            let text = format!("{surplus}: something follows the proxy's answer too early");
            return self.lose(at, Loss::Attempt(text));
        }
        self.speak(at);
    }
}

fn tunnel_to(place: &Place<'_>, proxy: &Proxy) -> Result<Tunnel, String> {
    let credentials = &proxy.credentials;
    match proxy.kind {
        Kind::Http => {
            let value = credentials.as_ref().map(basic);
            let connect = Connect::new(place.address, place.port, value.as_deref());
            connect.map(Tunnel::Connect)
        }
        Kind::Socks5 => {
            let socks = Socks::new(place.address, place.port, credentials.clone());
            socks.map(Tunnel::Socks)
        }
        Kind::Unusable(why) => Err(unusable(why)),
    }
}

/// What a request is told that would have to go by it.
pub(crate) fn unusable(why: &str) -> String {
    format!("http_proxy fail: the environment's proxy cannot be used: {why}")
}

/// RFC 7617 section 2.
fn basic(credentials: &Credentials) -> String {
    let Credentials { user, password } = credentials;
    let pair = [user.as_slice(), password].join(&b':');
    format!("Basic {}", base64(&pair))
}
