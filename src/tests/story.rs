//! The only place that plays the engine's surroundings: steps run against a scripted peer, callbacks go to a scripted
//! program, and time passes when the story says so. It reads the mission's lists and, when a story ends, the books.

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use super::peer::{Dialed, Name, Shake, Socket};
use super::program::{Asked, Told};
use crate::engine::Engine;
use crate::engine::call::{Call, Input, Notice, Reason, Who};
use crate::engine::conn::Conn;
use crate::engine::dial::token;
use crate::engine::step::{Done, Step};
use crate::engine::table::Key;
use crate::engine::timer::Micros;
use crate::engine::vhost::{Protocol, Vhost, VhostConfig};
use crate::net::poll::{Poll, Ready};
use crate::net::socket::Addr;
use crate::net::tls::{Handshake, TlsClient, TlsConfig};
use crate::net::transport::{Io, Transport};

/// One request of a story: the how manieth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Req(pub(crate) usize);

/// What the program does in a callback before its usual; nonzero is the callback's return.
pub(crate) type Hook = Rc<dyn Fn(&mut Story, Req, Reason) -> i32>;

pub(crate) const CONNECT_SECS: u32 = 20;
pub(crate) const REPLY_SECS: u32 = 20;
pub(crate) const SECOND: Micros = 1_000_000;
/// The clock does not start at 0, so that 0 is nobody's deadline.
const START: Micros = 1_000 * SECOND;
/// More in one pass is a loop that does not end.
const STEPS: usize = 2_000;
/// More in a row is an event that nobody answers.
const TURNS: usize = 200;

pub(crate) struct Story {
    pub(crate) engine: Engine,
    pub(crate) vhost: Key<Vhost>,
    pub(crate) told: Vec<Told>,
    pub(crate) sockets: Vec<Socket>,
    /// Of the sockets that are to be opened, in order; then `Dialed::Accepts`.
    pub(crate) dials: VecDeque<Dialed>,
    /// Of the names that are to be looked up, in order; then one address.
    pub(crate) names: VecDeque<Name>,
    pub(crate) shakes: VecDeque<Shake>,
    pub(crate) lookups: usize,
    pub(crate) handshakes: usize,
    /// The peer answers to TLS.
    pub(crate) says_hello: bool,
    pub(crate) closed: usize,
    log: Vec<(Req, Reason)>,
    hook: Option<Hook>,
    tls: bool,
    /// What servers choose by ALPN.
    pub(crate) alpn: Option<&'static str>,
    /// The vhost, or all, was destroyed.
    pub(crate) destroyed: bool,
    /// Inside the connect call.
    pub(crate) asking: bool,
}

thread_local! {
    /// Fake sockets are never registered: one serves all stories of a thread.
    static POLL: Arc<Poll> = Arc::new(Poll::new().expect("epoll"));
}

impl Story {
    pub(crate) fn new() -> Self {
        Self::with(VhostConfig::default())
    }

    pub(crate) fn tls() -> Self {
        let config = TlsConfig::default();
        let (client, _) = TlsClient::new(&config).expect("an SSL_CTX");
        let mut story = Self::with(VhostConfig {
            tls: Some(Arc::new(client)),
            ..VhostConfig::default()
        });
        story.tls = true;
        story
    }

    /// Requests want TLS, and the vhost says why there is none.
    pub(crate) fn without_tls(why: &'static str) -> Self {
        let mut story = Self::with(VhostConfig {
            no_tls: why,
            ..VhostConfig::default()
        });
        story.tls = true;
        story
    }

    fn with(config: VhostConfig) -> Self {
        let mut engine = Engine::new(POLL.with(Arc::clone));
        engine.now = START;
        let config = VhostConfig {
            name: "default\0".into(),
            protocols: vec![Protocol {
                name: "http".into(),
                callback: 1,
                per_session_data_size: 0,
                c: 0,
                face: None,
            }],
            connect_timeout_secs: CONNECT_SECS,
            timeout_secs: REPLY_SECS,
            ..config
        };
        let vhost = engine.create_vhost(config).expect("room for a vhost");
        Self {
            engine,
            vhost,
            told: Vec::new(),
            sockets: Vec::new(),
            dials: VecDeque::new(),
            names: VecDeque::new(),
            shakes: VecDeque::new(),
            lookups: 0,
            handshakes: 0,
            says_hello: true,
            closed: 0,
            log: Vec::new(),
            hook: None,
            tls: false,
            alpn: None,
            destroyed: false,
            asking: false,
        }
    }

    /// From now on the program does this first in every callback.
    pub(crate) fn hook(&mut self, hook: impl Fn(&mut Self, Req, Reason) -> i32 + 'static) {
        self.hook = Some(Rc::new(hook));
    }

    pub(crate) fn unhook(&mut self) {
        self.hook = None;
    }

    /// The program says no, once: `who`'s `reason` is answered with -1.
    pub(crate) fn says_no(&mut self, who: Req, reason: Reason) {
        self.hook(move |_, at, of| if (at, of) == (who, reason) { -1 } else { 0 });
    }

    /// The connect call, as `ffi/client.rs` makes it.
    pub(crate) fn ask(&mut self, asked: Asked) -> Req {
        let who = Req(self.told.len());
        let request = asked.request(self.vhost, self.tls, who.0 + 1);
        let key = self.engine.accept(request).expect("room for a request");
        self.told.push(Told::new(key, asked));
        let outer = std::mem::replace(&mut self.asking, true);
        self.drain_request(key);
        self.asking = outer;
        self.engine.place(key);
        who
    }

    /// A plain GET that shares.
    pub(crate) fn get(&mut self) -> Req {
        self.ask(Asked::get())
    }

    /// Three that share, led by the first, which is connected and has sent its head.
    pub(crate) fn three(&mut self) -> [Req; 3] {
        let three = [(); 3].map(|()| self.get());
        self.run();
        three
    }

    /// Passes of the loop until all that is left waits for the peer or the clock.
    pub(crate) fn run(&mut self) {
        for _ in 0..TURNS {
            self.drain();
            if !self.turn() {
                self.check_books();
                return;
            }
        }
        panic!("the loop spins: an event is reported again and again, and nobody sees to it");
    }

    /// Steps until there are none. `true` when there was one.
    pub(crate) fn drain(&mut self) -> bool {
        for n in 0..STEPS {
            let Some(step) = self.engine.next() else {
                return n > 0;
            };
            self.carry_out(step);
        }
        panic!("the loop spins: {STEPS} steps, and none of them waits for anything");
    }

    fn drain_request(&mut self, key: Key<crate::engine::wsi::Wsi>) {
        while let Some(call) = self.engine.next_call(key) {
            self.deliver(&call);
        }
    }

    /// Lets time pass, and whatever becomes due in it.
    pub(crate) fn wait(&mut self, time: Micros) {
        let until = self.engine.now + time;
        self.run();
        while let Some(at) = self.engine.timers.next().filter(|at| *at <= until) {
            let now = at.max(self.engine.now);
            let sul = self.engine.fire(now);
            assert!(sul.is_none(), "a story has no timers of C's");
            self.run();
        }
        self.engine.now = until;
    }

    pub(crate) fn wait_secs(&mut self, secs: u32) {
        self.wait(Micros::from(secs) * SECOND);
    }

    /// lws_set_timeout(LWS_TO_KILL_ASYNC).
    pub(crate) fn cancel(&mut self, who: Req) {
        let key = self.told[who.0].key;
        if let Some(wsi) = self.engine.wsis.get_mut(key) {
            wsi.kill = true;
        }
        self.engine.list_wsi(key);
    }

    /// lws_set_timeout(LWS_TO_KILL_SYNC).
    pub(crate) fn cancel_now(&mut self, who: Req) {
        let key = self.told[who.0].key;
        self.engine
            .cancel(key, "the program cancelled it (LWS_TO_KILL_SYNC)");
        self.drain_request(key);
    }

    /// lws_vhost_destroy().
    pub(crate) fn destroy_vhost(&mut self) {
        self.destroyed = true;
        let Some(vhost) = self.engine.vhosts.get_mut(self.vhost) else {
            return;
        };
        vhost.dying = true;
        for key in self.engine.end_all(Some(self.vhost)) {
            self.drain_request(key);
        }
        while let Some(parting) = self.engine.next_closing() {
            self.carry_out(Step::Close(parting));
        }
        let empty = self.engine.vhosts.get(self.vhost);
        if empty.is_some_and(|vhost| vhost.requests == 0) {
            self.engine.remove_vhost(self.vhost);
        }
    }

    /// The answer to a `Name::Later`, for the connection that `who` leads or waits for.
    pub(crate) fn name_is(&mut self, conn: Key<Conn>, name: &Name) {
        if let Some(answer) = addresses(name) {
            self.engine.resolved(conn, answer);
        }
    }

    /// The socket that is connected and was last to be.
    pub(crate) fn peer(&mut self) -> &mut Socket {
        let conns = &self.engine.conns;
        let mut live = self.sockets.iter_mut().rev();
        live.find(|socket| socket.up && conns.get(socket.conn).is_some())
            .expect("a connection is up")
    }

    /// The peer of the connection that is up says so, and the loop runs.
    pub(crate) fn answer(&mut self, bytes: &str) {
        self.peer().says(bytes);
        self.run();
    }

    /// Sockets that were connected.
    pub(crate) fn connects(&self) -> usize {
        self.sockets.iter().filter(|socket| socket.up).count()
    }

    /// What the peer of the live connection was sent since this was asked last: its request lines.
    pub(crate) fn requests_heard(&mut self) -> Vec<String> {
        let heard = self.peer().heard();
        let lines = heard.lines().filter(|line| line.ends_with(" HTTP/1.1"));
        lines
            .map(|line| line.trim_end_matches(" HTTP/1.1").to_owned())
            .collect()
    }

    pub(crate) fn log(&self) -> &[(Req, Reason)] {
        &self.log
    }

    /// What the program was told about one request, in order.
    pub(crate) fn heard(&self, who: Req) -> Vec<Reason> {
        let of = self.log.iter().filter(|(at, _)| *at == who);
        of.map(|(_, reason)| *reason).collect()
    }

    pub(crate) fn count(&self, who: Req, reason: Reason) -> usize {
        self.log
            .iter()
            .filter(|entry| **entry == (who, reason))
            .count()
    }

    fn carry_out(&mut self, step: Step) {
        let done = match step {
            Step::Call(call) => return self.deliver_and_check(&call),
            Step::Notice(Notice::VhostEmpty(vhost)) => return self.engine.remove_vhost(vhost),
            Step::Notice(_) => return,
            Step::Close(parting) => {
                self.closed += 1;
                return drop(parting);
            }
            Step::Payload { call, mut parcel } => {
                let len = parcel.len;
                let bytes = parcel.rx.pending_mut()[..len].to_vec();
                let Who::Request(_) = call.who else { return };
                self.told[call.user - 1].body.extend_from_slice(&bytes);
                let verdict = self.deliver(&call);
                return self.engine.payload_returned(parcel, verdict);
            }
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
                outcome: self.attempt(conn, attempt).connect(),
            },
            Step::Outcome {
                conn,
                attempt,
                transport,
            } => Done::Connected {
                conn,
                attempt,
                transport,
                outcome: self.attempt(conn, attempt).outcome(),
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

    fn open(&mut self, conn: Key<Conn>, attempt: usize, addr: Addr) -> Done {
        let dialed = self.dials.pop_front().unwrap_or(Dialed::Accepts);
        let outcome = match dialed {
            Dialed::NoSocket(text) => Err(text.into()),
            _ => {
                self.sockets.push(Socket::new(conn, attempt, addr, dialed));
                Ok(Transport::fake())
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
                alpn: self.alpn.map(str::to_owned),
                verdict_changed: matches!(shake, Shake::Changed),
            },
            Shake::WantRead => Handshake::WantRead,
            Shake::WantWrite => Handshake::WantWrite,
            Shake::Failed(text) => Handshake::Failed(text.into()),
            Shake::Refused(text) => Handshake::Refused(text.into()),
        }
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
        for socket in &self.sockets {
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
            let shakes_hands = !conn.is_up() && conn.mux.is_none();
            let says_hello = self.says_hello && shakes_hands;
            ready.token = token(socket.conn, 0);
            ready.readable = interest.read && (socket.is_readable() || says_hello);
            ready.writable = interest.write && socket.is_writable();
            ready.hangup = (interest.read || interest.write) && socket.is_broken();
        }
        (ready.readable || ready.writable || ready.hangup).then_some(ready)
    }

    fn deliver_and_check(&mut self, call: &Call) {
        self.deliver(call);
        self.check_books();
    }

    /// A callback, as `ffi/deliver.rs` makes it.
    pub(crate) fn deliver(&mut self, call: &Call) -> i32 {
        let Who::Request(key) = call.who else {
            return 0;
        };
        let who = Req(call.user - 1);
        self.log.push((who, call.reason));
        self.note(who, call);
        let hooked = self
            .hook
            .clone()
            .map_or(0, |hook| hook(self, who, call.reason));
        let verdict = match hooked {
            0 => self.usual(who, call.reason),
            no => no,
        };
        match call.input {
            Input::Append => {
                let extra = self.told[who.0].asked.append.clone();
                self.engine
                    .append_returned(key, verdict, Ok(extra.as_bytes()));
            }
            _ => self.engine.returned(key, call.reason, verdict),
        }
        verdict
    }

    fn note(&mut self, who: Req, call: &Call) {
        let wsi = self.engine.wsis.get(self.told[who.0].key);
        let status = wsi.map_or(0, crate::engine::wsi::Wsi::status);
        let told = &mut self.told[who.0];
        match (call.reason, &call.input) {
            (Reason::EstablishedClientHttp, _) => told.status = status,
            (Reason::ConnectionError, Input::Text(text)) => {
                told.error = text.trim_end_matches('\0').to_owned();
            }
            (Reason::ConnectionError, other) => panic!("{who:?} failed with {other:?}"),
            _ => {}
        }
    }

    /// lws_client_http_body_pending() and lws_write(), as `ffi/write.rs` has them. `false` when it was refused.
    pub(crate) fn write(&mut self, who: Req, bytes: &[u8]) -> bool {
        use crate::engine::write::Writing;
        let key = self.told[who.0].key;
        match self.engine.write_begin(key, bytes, false) {
            Writing::Refused(_) => false,
            Writing::Buffered => true,
            Writing::Wire { conn, transport } => {
                let io: Io = self.socket(conn).write(bytes);
                self.engine.write_returned(conn, transport, bytes, io)
            }
        }
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
