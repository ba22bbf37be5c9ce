//! The only place that plays what is outside of the engine: steps run against scripted sockets, and names, handshakes and
//! the event loop answer.

use super::h2_peer::Server;
use super::peer::{Dialed, Name, Shake, Socket};
use super::program::Piece;
use super::story::Story;
use crate::engine::call::{Call, Notice, Reason, Who};
use crate::engine::conn::{Conn, Phase};
use crate::engine::dial::token;
use crate::engine::role::Role;
use crate::engine::step::{Done, Home, Parcel, Step};
use crate::engine::table::Key;
use crate::engine::wsi::Wsi;
use crate::net::poll::Ready;
use crate::net::socket::{Addr, Connecting};
use crate::net::transport::{Handshake, Transport};

impl Story {
    pub(crate) fn carry_out(&mut self, step: Step) {
        let done = match step {
            Step::Tell(_) => unreachable!("fakes have no descriptors"),
            Step::Call(call) => return self.deliver_and_check(&call),
            Step::Notice(Notice::VhostEmpty(vhost)) => return self.engine.remove_vhost(vhost),
            Step::Notice(Notice::Cookies) => {
                self.saves += 1;
                return;
            }
            Step::Notice(_) => return,
            Step::Close(parting) => {
                self.closed += 1;
                let socket = &mut self.sockets[parting.transport.mark as usize];
                return socket.last_words(&parting.words);
            }
            Step::Payload { call, parcel } => return self.hand_over(&call, parcel),
            Step::Resolve { conn, .. } => {
                self.lookups += 1;
                let name = self.names.pop_front().unwrap_or(Name::Has(1));
                return self.name_is(conn, &name);
            }
            Step::Open {
                conn,
                attempt,
                addr,
                ..
            } => self.open(conn, attempt, addr),
            Step::Connect {
                conn,
                attempt,
                transport,
                ..
            } => Done::Connected {
                conn,
                attempt,
                transport,
                outcome: self.tried(conn, attempt, Socket::connect),
            },
            Step::Outcome {
                conn,
                attempt,
                transport,
            } => Done::Connected {
                conn,
                attempt,
                transport,
                outcome: self.tried(conn, attempt, Socket::outcome),
            },
            Step::Secure {
                conn, transport, ..
            } => Done::Secured {
                conn,
                transport,
                outcome: Ok(()),
            },
            Step::Handshake { conn, transport } => Done::Shook {
                conn,
                outcome: self.shake(conn),
                transport,
            },
            Step::Receive { .. } | Step::Send { .. } => unreachable!("no story has datagrams"),
            Step::Read {
                conn,
                transport,
                mut rx,
            } => Done::Read {
                conn,
                io: self.socket(conn).read(rx.space()),
                transport,
                rx,
            },
            Step::Write {
                conn,
                transport,
                tx,
            } => Done::Written {
                conn,
                io: self.socket(conn).write(tx.pending()),
                transport,
                tx,
            },
        };
        let now = self.engine.now;
        self.engine.finish_step(done, now);
    }

    /// READ, as `ffi/lent.rs` has it.
    fn hand_over(&mut self, call: &Call, mut parcel: Parcel) {
        let Who::Request(key) = call.who else { return };
        let role = self.engine.role_of(key);
        if role != Role::Http {
            self.look_at(key, call, &mut parcel);
        }
        let home = parcel.home;
        let (payload, behind, first) = parcel.rx.lend(parcel.len);
        let mut behind = behind.to_vec();
        if let (Some(first), Some(place)) = (first, behind.first_mut()) {
            *place = first;
        }
        self.told[call.user - 1].body.extend_from_slice(payload);
        let lent = (home == Home::Lent).then_some((parcel.conn, behind));
        let depth = self.lent.len();
        self.lent.extend(lent);
        let verdict = self.deliver(call);
        self.lent.truncate(depth);
        self.engine.payload_returned(parcel, verdict);
        if self.careful {
            self.check_books();
        }
    }

    /// What the program of a ws or raw request sees, and what it may do to it.
    fn look_at(&mut self, key: Key<Wsi>, call: &Call, parcel: &mut Parcel) {
        let len = parcel.len;
        let wsi = self.engine.wsis.get(key).expect("it is called");
        let shown = wsi.ws.as_ref().map(|ws| ws.shown);
        let reach = parcel.rx.reach(len).expect("LWS_PRE bytes, and a NUL");
        let (before, rest) = reach.split_at_mut(16);
        let piece = Piece {
            reason: call.reason,
            bytes: rest[..len].to_vec(),
            shown: shown.filter(|_| call.reason == Reason::ClientReceive),
        };
        if shown.is_some() {
            assert_eq!(rest[len], 0, "text ends with a NUL");
        }
        // It answers from the same buffer.
        before.fill(b'#');
        if shown.is_some() {
            rest[len] = b'#';
        }
        self.told[call.user - 1].pieces.push(piece);
    }

    /// lws_service() inside a callback.
    pub(crate) fn nested(&mut self) {
        let lent = std::mem::take(&mut self.lent);
        for (conn, behind) in &lent {
            self.engine.carry_on(*conn, None, behind);
        }
        self.run();
        // Once each: what is put back only keeps the depth.
        self.lent = lent
            .iter()
            .map(|_| (Key::from_parts(0, 0), Vec::new()))
            .collect();
    }

    fn open(&mut self, conn: Key<Conn>, attempt: usize, addr: Addr) -> Done {
        let dialed = self.dials.pop_front().unwrap_or(Dialed::Accepts);
        let outcome = match dialed {
            Dialed::NoSocket(text) => Err(text.into()),
            _ => {
                let mark = self.sockets.len() as u32;
                self.sockets.push(Socket::new(conn, attempt, addr, dialed));
                Ok(Transport::fake(mark))
            }
        };
        Done::Opened {
            conn,
            attempt,
            outcome,
        }
    }

    fn shake(&mut self, conn: Key<Conn>) -> Handshake {
        self.handshakes += 1;
        if !self.says_hello {
            return Handshake::WantRead;
        }
        let shake = self.shakes.pop_front().unwrap_or(Shake::Done);
        if matches!(shake, Shake::Changed | Shake::Refused(_)) {
            let call = self.engine.verify_call(conn);
            call.map(|call| self.deliver(&call));
        }
        match shake {
            Shake::Done | Shake::Changed => Handshake::Done {
                alpn: self.chosen(conn),
                verdict_changed: matches!(shake, Shake::Changed),
                peer: std::sync::Arc::default(),
            },
            Shake::WantRead => Handshake::WantRead,
            Shake::WantWrite => Handshake::WantWrite,
            Shake::Failed(text) => Handshake::Failed(text.into()),
            Shake::Refused(text) => Handshake::Refused(text.into()),
        }
    }

    /// What the server chooses of the list that it was offered.
    fn chosen(&mut self, conn: Key<Conn>) -> Option<String> {
        let identity = self.engine.conns.get(conn)?.identity;
        let offered = self.engine.identities.get(identity).place().alpn;
        let alpn = self.alpn.filter(|name| {
            if !self.serves_h2 {
                return true;
            }
            let mut names = offered.unwrap_or_default().split(',');
            names.any(|offered| offered == *name)
        });
        if alpn == Some("h2") {
            self.greet(conn);
        }
        alpn.map(str::to_owned)
    }

    /// The server at the other end speaks h2, and says so unless it is mute.
    fn greet(&mut self, conn: Key<Conn>) {
        if !self.serves_h2 {
            return;
        }
        let mut server = match self.mute {
            true => Server::mute(),
            false => Server::new(&self.settings),
        };
        server.stingy = self.stingy;
        let socket = self.socket(conn);
        socket.server = Some(Box::new(server));
        socket.flush();
    }

    fn tried(
        &mut self,
        conn: Key<Conn>,
        attempt: usize,
        how: fn(&mut Socket) -> Connecting,
    ) -> Connecting {
        let outcome = how(self.attempt(conn, attempt));
        if outcome == Connecting::Done && self.site.h2c {
            self.greet(conn);
        }
        let leader = self.engine.conns.get(conn).and_then(|conn| conn.leader);
        if leader.is_some_and(|leader| self.engine.role_of(leader) == Role::Ws) {
            self.attempt(conn, attempt).ws = Some(Box::default());
        }
        outcome
    }

    fn attempt(&mut self, conn: Key<Conn>, attempt: usize) -> &mut Socket {
        let mut sockets = self.sockets.iter_mut();
        sockets
            .find(|socket| socket.conn == conn && socket.attempt == attempt)
            .expect("a step is about a socket that was opened")
    }

    pub(crate) fn socket(&mut self, conn: Key<Conn>) -> &mut Socket {
        let mut sockets = self.sockets.iter_mut();
        sockets
            .find(|socket| socket.conn == conn && socket.up)
            .expect("a step is about a socket that is up")
    }

    /// What level-triggered epoll reports. `false` when it would sleep.
    pub(crate) fn turn(&mut self) -> bool {
        let mut events = Vec::new();
        // What lost a race is closed: the kernel says no more of it.
        for socket in self.sockets.iter().filter(|socket| !socket.closed) {
            if let Some(conn) = self.engine.conns.get(socket.conn) {
                events.extend(self.event(socket, conn));
            }
        }
        for event in &events {
            self.engine.on_ready(event);
        }
        !events.is_empty()
    }

    fn event(&self, socket: &Socket, conn: &Conn) -> Option<Ready> {
        let mut ready = Ready {
            token: token(socket.conn, socket.attempt),
            readable: false,
            writable: socket.has_answer(),
            hangup: false,
        };
        if socket.up {
            let interest = conn.interest;
            let shakes = matches!(conn.phase, Phase::Securing { .. });
            let says_hello = self.says_hello && shakes;
            ready.token = token(socket.conn, 0);
            ready.readable = interest.read && (socket.is_readable() || says_hello);
            ready.writable = interest.write && socket.is_writable();
            ready.hangup = (interest.read || interest.write) && socket.is_broken();
        }
        (ready.readable || ready.writable || ready.hangup).then_some(ready)
    }
}

pub(crate) fn addresses(name: &Name) -> Option<Result<Vec<Addr>, String>> {
    match name {
        Name::Has(count) => {
            let addrs = (1..=*count).map(|n| Addr::Inet(([192, 0, 2, n], 80).into()));
            Some(Ok(addrs.collect()))
        }
        Name::Fails(text) => Some(Err((*text).into())),
        Name::Later => None,
    }
}
