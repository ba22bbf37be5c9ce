//! The only place that makes a connection: names to addresses, addresses raced as sockets (RFC 8305), TLS on the winner.

use super::Engine;
use super::attempt::{Attempt, Dial, Stage};
use super::call::{Call, Due, Input, Reason};
use super::conmon::{Lookup, span};
use super::conn::{Conn, Loss, Phase};
use super::gate::Limit;
use super::metrics::{Measure, Outcome};
use super::role::Role;
use super::step::Step;
use super::table::Key;
use super::timer::Micros;
use super::tunnel::unusable;
use super::wsi::Wsi;
use crate::net::poll::Interest;
use crate::net::resolve;
use crate::net::socket::{Addr, Connecting, IpFlags, SocketOptions};
use crate::net::tls::Handshake;
use crate::net::transport::Transport;
use crate::proto::proxy::Kind;

/// The event token of a connection's socket, or of one of its attempts.
pub(crate) fn token(key: Key<Conn>, attempt: usize) -> u64 {
    u64::from(key.index()) | u64::from(key.generation()) << 24 | (attempt as u64) << 47
}

/// The inverse of `token`.
pub(crate) fn from_token(token: u64) -> (Key<Conn>, usize) {
    let index = (token & 0xff_ffff) as u32;
    let generation = (token >> 24 & 0x7f_ffff) as u32;
    (Key::from_parts(index, generation), (token >> 47) as usize)
}

impl Engine {
    pub(crate) fn dial_mut(&mut self, key: Key<Conn>) -> Option<&mut Dial> {
        match &mut self.conns.get_mut(key)?.phase {
            Phase::Dialing(dial) => Some(dial),
            _ => None,
        }
    }

    /// What a connection that is being dialled does next.
    pub(crate) fn dial_step(&mut self, key: Key<Conn>) -> Option<Step> {
        let conn = self.conns.get(key)?;
        let place = self.identities.get(conn.identity).place();
        if place.tls && !self.is_its_turn(key, Limit::Connections) {
            return None;
        }
        let conn = self.conns.get(key)?;
        let place = self.identities.get(conn.identity).place();
        let (address, port) = match place.proxy {
            Some(proxy) => (proxy.address.as_str(), proxy.port),
            None => (place.address, place.port),
        };
        if let Some(Kind::Unusable(why)) = place.proxy.map(|proxy| proxy.kind) {
            self.lose(key, Loss::Attempt(unusable(why)));
            return None;
        }
        let Phase::Dialing(dial) = &self.conns.get(key)?.phase else {
            return None;
        };
        if !dial.asked {
            let found = match Addr::unix(address) {
                _ if !address.starts_with('+') => {
                    resolve::literal(address, port).map(|addr| Ok(Addr::Inet(addr)))
                }
                parsed => Some(parsed),
            };
            let host = address.to_owned();
            let now = self.now;
            let dial = self.dial_mut(key)?;
            dial.asked = true;
            dial.since = now;
            dial.looks_up = found.is_none();
            return match found {
                Some(Ok(addr)) => {
                    self.addresses(key, vec![addr]);
                    self.dial_step(key)
                }
                Some(Err(text)) => {
                    self.lose(key, Loss::Attempt(text));
                    None
                }
                None => Some(Step::Resolve {
                    conn: key,
                    host,
                    port,
                }),
            };
        }
        self.attempt_step(key)
    }

    fn attempt_step(&mut self, key: Key<Conn>) -> Option<Step> {
        let now = self.now;
        let dial = self.dial_mut(key)?;
        for (n, attempt) in dial.attempts.iter_mut().enumerate() {
            let answered = match attempt.stage {
                Stage::Allowed => false,
                Stage::Answered => true,
                _ => continue,
            };
            let Some(transport) = attempt.transport.take() else {
                continue;
            };
            attempt.stage = Stage::Away;
            if !answered {
                attempt.since = now;
            }
            let addr = attempt.addr.clone();
            self.list_conn(key);
            return Some(match answered {
                false => Step::Connect {
                    conn: key,
                    attempt: n,
                    transport,
                    addr,
                },
                true => Step::Outcome {
                    conn: key,
                    attempt: n,
                    transport,
                },
            });
        }
        self.open_step(key)
    }

    fn open_step(&mut self, key: Key<Conn>) -> Option<Step> {
        let options = self.socket_options(key)?;
        let racers = self.racers();
        let dial = self.dial_mut(key)?;
        if !dial.go || dial.under_way() >= racers {
            return None;
        }
        dial.go = false;
        let Some(addr) = dial.addrs.next() else {
            if dial.under_way() == 0 {
                let text = std::mem::take(&mut dial.last);
                self.lose(key, Loss::Attempt(text));
            }
            return None;
        };
        let attempt = dial.attempts.len();
        dial.attempts.push(Attempt {
            addr: addr.clone(),
            transport: None,
            stage: Stage::Away,
            interest: Interest::NONE,
            since: 0,
        });
        Some(Step::Open {
            conn: key,
            attempt,
            addr,
            options,
        })
    }

    fn socket_options(&self, key: Key<Conn>) -> Option<SocketOptions> {
        let conn = self.conns.get(key)?;
        let vhost = &self.vhosts.get(conn.vhost)?.config;
        let place = self.identities.get(conn.identity).place();
        let leader = conn.leader.and_then(|leader| self.wsis.get(leader));
        let udp = leader.filter(|wsi| wsi.ask.role == Role::Datagrams);
        Some(SocketOptions {
            udp: udp.map(|wsi| wsi.ask.udp),
            keepalive: vhost.keepalive,
            iface: place.iface.map(str::to_owned),
            device: vhost.device.clone(),
            local_port: place.local_port,
            // More than 6 needs a privilege.
            priority: (place.ip.priority > 0).then_some(place.ip.priority.min(6)),
            ip: IpFlags {
                low_latency: place.ip.low_latency,
                high_throughput: place.ip.high_throughput,
                high_reliability: place.ip.high_reliability,
                low_cost: place.ip.low_cost,
            },
        })
    }

    /// In a forked child: the parent's lookup is not answered here, and its epoll knows our sockets no more.
    pub(crate) fn ask_again(&mut self, key: Key<Conn>) {
        self.end_lookup(key);
        let poll = self.poll.clone();
        let Some(dial) = self.dial_mut(key) else {
            return;
        };
        if dial.attempts.is_empty() && dial.addrs.len() == 0 {
            dial.asked = false;
        }
        for (n, attempt) in dial.attempts.iter().enumerate() {
            let fd = attempt.transport.as_ref().map_or(-1, Transport::fd);
            let _ = poll.set(fd, token(key, n), Interest::NONE, attempt.interest);
        }
    }

    /// The resolver's answer.
    pub(crate) fn resolved(&mut self, key: Key<Conn>, answer: Result<Vec<Addr>, String>) {
        let Some(dial) = self.dial_mut(key) else {
            return;
        };
        let since = dial.since;
        self.looked_up(key, since, &answer);
        match answer {
            Ok(addrs) if !addrs.is_empty() => {
                self.measure(Measure::Dns, Outcome::Go, since);
                self.addresses(key, addrs);
            }
            Ok(_) => self.lose(key, Loss::Attempt("DNS NXDOMAIN: no address".into())),
            Err(text) => self.lose(key, Loss::Attempt(text)),
        }
    }

    /// What is measured of a connection that is being made is its leader's.
    fn measured(&mut self, key: Key<Conn>) -> Option<&mut Wsi> {
        let leader = self.conns.get(key)?.leader?;
        self.wsis.get_mut(leader)
    }

    fn looked_up(&mut self, key: Key<Conn>, since: Micros, answer: &Result<Vec<Addr>, String>) {
        let now = self.now;
        let Some(wsi) = self.measured(key) else {
            return;
        };
        wsi.conmon.dns_us = span(since, now);
        wsi.conmon.lookup = match answer {
            Ok(addrs) if !addrs.is_empty() => Lookup::Found,
            Ok(_) => Lookup::NoResult,
            Err(text) => Lookup::failed(text),
        };
        if let (Ok(addrs), true) = (answer, wsi.ask.conmon) {
            wsi.conmon.addresses = addrs.iter().filter_map(Addr::inet).collect();
        }
    }

    fn addresses(&mut self, key: Key<Conn>, addrs: Vec<Addr>) {
        if let Some(dial) = self.dial_mut(key) {
            dial.looks_up = false;
            dial.addrs = addrs.into_iter();
            dial.go = true;
        }
        self.list_conn(key);
    }

    /// A socket was made, or could not be.
    pub(crate) fn opened(&mut self, key: Key<Conn>, n: usize, outcome: Result<Transport, String>) {
        let transport = match outcome {
            Ok(transport) => transport,
            Err(text) => return self.attempt_failed(key, n, text),
        };
        let Some(attempt) = self.dial_mut(key).and_then(|dial| dial.attempts.get_mut(n)) else {
            self.close_transport(transport, false);
            return;
        };
        let addr = attempt.addr.clone();
        if self.leader_role(key) == Some(Role::Datagrams) {
            // It is connected, or bound, from the start.
            return self.won(key, transport, Interest::NONE, &addr);
        }
        let Some(attempt) = self.dial_mut(key).and_then(|dial| dial.attempts.get_mut(n)) else {
            return;
        };
        attempt.transport = Some(transport);
        attempt.stage = Stage::Announced;
        self.announce(key);
    }

    /// CONNECTING to whoever leads now, for the socket that is about to be connected.
    pub(crate) fn announce(&mut self, key: Key<Conn>) {
        let leader = self.conns.get(key).and_then(|conn| conn.leader);
        let Some(dial) = self.dial_mut(key) else {
            return;
        };
        let announced = |attempt: &&Attempt| attempt.stage == Stage::Announced;
        let Some(attempt) = dial.attempts.iter().find(announced) else {
            return;
        };
        let fd = attempt.transport.as_ref().map_or(-1, Transport::fd);
        if let Some(wsi) = leader.and_then(|leader| self.wsis.get_mut(leader)) {
            wsi.connecting_fd = fd;
        }
        if let Some(leader) = leader {
            self.owe(leader, Due::CONNECTING);
        }
    }

    /// CONNECTING was answered with 0.
    pub(crate) fn connecting_allowed(&mut self, key: Key<Conn>) {
        let Some(dial) = self.dial_mut(key) else {
            return;
        };
        for attempt in &mut dial.attempts {
            if attempt.stage == Stage::Announced {
                attempt.stage = Stage::Allowed;
            }
        }
        self.list_conn(key);
    }

    /// `connect()` or its delayed outcome.
    pub(crate) fn connected(
        &mut self,
        key: Key<Conn>,
        n: usize,
        transport: Transport,
        outcome: Connecting,
    ) {
        let Some(attempt) = self.dial_mut(key).and_then(|dial| dial.attempts.get_mut(n)) else {
            return self.drop_socket(key, transport, Interest::NONE, false);
        };
        let fd = transport.fd();
        match outcome {
            Connecting::InProgress => {
                let old = std::mem::replace(&mut attempt.interest, Interest::WRITE);
                attempt.transport = Some(transport);
                attempt.stage = Stage::Pending;
                if let Err(error) = self.watch(key, n, fd, old, Interest::WRITE) {
                    return self.attempt_failed(key, n, format!("conn fail: insert fd: {error}"));
                }
                self.pace(key);
            }
            Connecting::Done => {
                let old = attempt.interest;
                let addr = attempt.addr.clone();
                let (since, now) = (attempt.since, self.now);
                if let Some(wsi) = self.measured(key) {
                    wsi.conmon.connect_us = span(since, now);
                }
                self.measure(Measure::Tcp, Outcome::Go, since);
                self.won(key, transport, old, &addr);
            }
            Connecting::Failed(text) => {
                attempt.transport = Some(transport);
                self.attempt_failed(key, n, text);
            }
        }
    }

    pub(crate) fn attempt_failed(&mut self, key: Key<Conn>, n: usize, text: String) {
        self.end_pace(key);
        let Some(dial) = self.dial_mut(key) else {
            return;
        };
        dial.last = text;
        dial.go = true;
        if let Some(attempt) = dial.attempts.get_mut(n) {
            attempt.stage = Stage::Failed;
            let (interest, since) = (attempt.interest, attempt.since);
            if let Some(transport) = attempt.transport.take() {
                self.drop_socket(key, transport, interest, false);
            }
            if since > 0 {
                self.measure(Measure::Tcp, Outcome::NoGo, since);
            }
        }
        self.list_conn(key);
    }

    /// The event loop says that a socket which is being connected has an answer.
    pub(crate) fn attempt_ready(&mut self, key: Key<Conn>, n: usize) {
        let Some(dial) = self.dial_mut(key) else {
            return;
        };
        if dial.name.is_some() {
            return self.list_conn(key);
        }
        let attempt = dial.attempts.get_mut(n);
        if let Some(attempt) = attempt.filter(|attempt| attempt.stage == Stage::Pending) {
            attempt.stage = Stage::Answered;
            self.list_conn(key);
        }
    }

    /// Deregisters a socket and hands it out to be closed.
    fn drop_socket(
        &mut self,
        key: Key<Conn>,
        transport: Transport,
        interest: Interest,
        polite: bool,
    ) {
        self.unwatch(key, transport.fd(), interest);
        self.close_transport(transport, polite);
    }

    /// Closes whatever sockets are being tried.
    pub(crate) fn stop_dialing(&mut self, key: Key<Conn>) {
        self.end_lookup(key);
        let Some(dial) = self.dial_mut(key) else {
            return;
        };
        let pace = dial.pace.take();
        for (transport, interest) in dial.take_transports() {
            self.drop_socket(key, transport, interest, false);
        }
        self.cancel_timer(pace);
    }

    /// TCP is up on one of the sockets; the others are closed.
    fn won(&mut self, key: Key<Conn>, transport: Transport, old: Interest, addr: &Addr) {
        self.stop_dialing(key);
        let Some(conn) = self.conns.get_mut(key) else {
            return self.drop_socket(key, transport, old, false);
        };
        conn.fd = transport.fd();
        conn.peer = addr.inet();
        conn.transport = Some(transport);
        conn.interest = Interest::READ;
        let fd = conn.fd;
        if let Err(error) = self.watch(key, 0, fd, old, Interest::READ) {
            return self.lose(key, Loss::Attempt(format!("conn fail: insert fd: {error}")));
        }
        self.reached(key);
    }

    /// The other end is the connection's place.
    pub(crate) fn speak(&mut self, key: Key<Conn>) {
        let Some(conn) = self.conns.get_mut(key) else {
            return;
        };
        let place = self.identities.get(conn.identity).place();
        if place.tls {
            conn.phase = Phase::Securing {
                begun: false,
                waits: false,
            };
            self.arm_io_deadline(key);
            self.list_conn(key);
        } else if place.h2_prior_knowledge {
            self.greet(key);
        } else {
            self.up(key);
        }
    }

    /// What a connection that is being secured does next.
    pub(crate) fn secure_step(&mut self, key: Key<Conn>) -> Option<Step> {
        let conn = self.conns.get_mut(key)?;
        let Phase::Securing {
            begun,
            waits: false,
        } = conn.phase
        else {
            return None;
        };
        if !begun && !self.is_its_turn(key, Limit::Handshakes) {
            return None;
        }
        let conn = self.conns.get_mut(key)?;
        let vhost = &self.vhosts.get(conn.vhost)?.config;
        let Some(client) = vhost.tls.clone() else {
            let text = vhost.no_tls.to_owned();
            self.lose(key, Loss::Attempt(text));
            return None;
        };
        let leader = conn.leader.and_then(|leader| self.wsis.get(leader));
        let raw = leader.is_some_and(|wsi| wsi.ask.role == Role::Raw);
        let transport = conn.transport.take()?;
        conn.away = true;
        if !begun {
            // Not before: a proxy may have taken its time, and others their turn.
            conn.since = self.now;
        }
        Some(match begun {
            true => Step::Handshake {
                conn: key,
                transport,
            },
            false => Step::Secure {
                conn: key,
                raw,
                transport,
                client,
                identity: Box::new(self.identities.get(conn.identity).clone()),
            },
        })
    }

    /// The certificate of a connection that is being made, for whoever leads it now: `user` is filled in by who asks.
    pub(crate) fn verify_call(&mut self, at: Key<Conn>) -> Option<Call> {
        let leader = self.conns.get(at)?.leader?;
        self.call(leader, Reason::PerformServerCertVerification, Input::None)
    }

    /// The `SSL *` exists, or could not be made.
    pub(crate) fn secured(&mut self, key: Key<Conn>, outcome: Result<(), String>) {
        let Some(conn) = self.conns.get_mut(key) else {
            return;
        };
        match outcome {
            Ok(()) => {
                conn.ssl = conn.transport.as_ref().map_or(0, Transport::ssl);
                conn.phase = Phase::Securing {
                    begun: true,
                    waits: false,
                };
                self.list_conn(key);
            }
            Err(text) => self.lose(key, Loss::Attempt(text)),
        }
    }

    /// One turn of the handshake is over.
    pub(crate) fn shook(&mut self, key: Key<Conn>, outcome: Handshake) {
        let Some(conn) = self.conns.get_mut(key) else {
            return;
        };
        match outcome {
            Handshake::Done {
                alpn,
                verdict_changed,
                peer,
            } => {
                conn.tls_peer = Some(peer);
                let since = conn.since;
                self.measure(Measure::Tls, Outcome::Go, since);
                self.is_through(key, Limit::Handshakes);
                let Some(conn) = self.conns.get_mut(key) else {
                    return;
                };
                if verdict_changed {
                    // Contract 3.2: the verdict is the program's, for the request it was asked for.
                    conn.shared = false;
                }
                let place = self.identities.get(conn.identity).place();
                let leader = conn.leader.and_then(|leader| self.wsis.get_mut(leader));
                let raw = leader.is_some_and(|wsi| {
                    wsi.conmon.tls_us = span(since, self.now);
                    wsi.ask.role == Role::Raw
                });
                match alpn.as_deref() {
                    _ if raw => self.up(key),
                    Some("h2") => self.greet(key),
                    None if place.h2_prior_knowledge => self.greet(key),
                    _ => self.up(key),
                }
            }
            Handshake::WantRead => self.shake_later(key, Interest::READ),
            Handshake::WantWrite => self.shake_later(key, Interest::BOTH),
            Handshake::Failed(text) => self.lose(key, Loss::Attempt(text)),
            Handshake::Refused(text) => self.lose(key, Loss::Refused(text)),
        }
    }

    /// The next turn comes with the socket's news, not with the connection's.
    fn shake_later(&mut self, key: Key<Conn>, interest: Interest) {
        if let Some(conn) = self.conns.get_mut(key) {
            conn.phase = Phase::Securing {
                begun: true,
                waits: true,
            };
        }
        self.want(key, interest);
    }
}

#[cfg(test)]
mod tests {
    use super::{from_token, token};
    use crate::engine::table::Key;

    #[test]
    fn a_token_names_its_connection_and_its_attempt() {
        let key = Key::from_parts(0xab_cdef, 0x7f_1234);
        assert_eq!(from_token(token(key, 3)), (key, 3));
    }
}
