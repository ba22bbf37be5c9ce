//! The only place that plays the engine's surroundings: steps run against a scripted peer, callbacks go to a scripted
//! program, and time passes when the story says so. It reads the mission's lists and, when a story ends, the books.

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use super::peer::{Dialed, Name, Shake, Socket};
use super::program::{Asked, Site, Told};
use super::world::addresses;
use crate::engine::Engine;
use crate::engine::call::{Call, Input, Reason, Who};
use crate::engine::conn::Conn;
use crate::engine::step::Step;
use crate::engine::table::Key;
use crate::engine::timer::Micros;
use crate::engine::vhost::{Protocol, Vhost, VhostConfig};
use crate::net::poll::Poll;

use crate::net::tls::{TlsClient, TlsConfig};
use crate::net::transport::Io;
use crate::proto::proxy::Proxies;

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
    /// Times that cookies were to be saved.
    pub(crate) saves: usize,
    log: Vec<(Req, Reason)>,
    hook: Option<Hook>,
    pub(crate) site: Site,
    /// What servers choose by ALPN.
    pub(crate) alpn: Option<&'static str>,
    /// The SETTINGS of servers that speak h2.
    pub(crate) settings: Vec<(u16, u32)>,
    /// Their h2 is `h2_peer.rs`'s: the story does not make their frames itself.
    pub(crate) serves_h2: bool,
    /// They do not say them.
    pub(crate) mute: bool,
    /// They give no window back by themselves.
    pub(crate) stingy: bool,
    /// Connections whose buffer is out with READ, and what is in it behind the payload.
    pub(crate) lent: Vec<(Key<Conn>, Vec<u8>)>,
    /// Books are checked after every callback.
    pub(crate) careful: bool,
    /// Inside a callback.
    pub(crate) inside: bool,
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
        story.site.tls = true;
        story
    }

    /// h2 by ALPN, over TLS.
    pub(crate) fn h2() -> Self {
        let mut story = Self::tls();
        story.alpn = Some("h2");
        story.serves_h2 = true;
        story.site.alpn = Some("h2,http/1.1");
        story
    }

    /// h2 by prior knowledge, without TLS.
    pub(crate) fn h2c() -> Self {
        let mut story = Self::new();
        story.serves_h2 = true;
        story.site.h2c = true;
        story
    }

    /// Requests want TLS, and the vhost says why there is none.
    pub(crate) fn without_tls(why: &'static str) -> Self {
        let mut story = Self::with(VhostConfig {
            no_tls: why,
            ..VhostConfig::default()
        });
        story.site.tls = true;
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
                rx_buffer_size: 8,
                c: 0,
                options: 0,
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
            saves: 0,
            log: Vec::new(),
            hook: None,
            site: Site {
                vhost,
                tls: false,
                alpn: None,
                h2c: false,
            },
            alpn: None,
            settings: Vec::new(),
            serves_h2: false,
            mute: false,
            stingy: false,
            lent: Vec::new(),
            careful: true,
            inside: false,
            destroyed: false,
            asking: false,
        }
    }

    /// The ways that requests go from now on.
    pub(crate) fn proxies(&mut self) -> &mut Proxies {
        let vhost = self.engine.vhosts.get_mut(self.vhost);
        &mut vhost.expect("it lives").config.proxies
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
        let request = asked.request(&self.site, who.0 + 1);
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
                self.check_rest();
                return;
            }
        }
        panic!("the loop spins: an event is reported again and again, and nobody sees to it");
    }

    /// Steps until there are none. `true` when there was one.
    pub(crate) fn drain(&mut self) -> bool {
        let most = STEPS * (1 + self.told.len() / 20);
        for n in 0..most {
            let Some(step) = self.engine.next() else {
                return n > 0;
            };
            self.carry_out(step);
        }
        panic!("the loop spins: {most} steps, and none of them waits for anything");
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

    pub(crate) fn deliver_and_check(&mut self, call: &Call) {
        self.deliver(call);
        if self.careful {
            self.check_books();
        }
    }

    /// A callback, as `ffi/deliver.rs` makes it.
    pub(crate) fn deliver(&mut self, call: &Call) -> i32 {
        let Who::Request(key) = call.who else {
            return 0;
        };
        let who = Req(call.user - 1);
        self.log.push((who, call.reason));
        self.note(who, call);
        let outer = std::mem::replace(&mut self.inside, true);
        let hooked = self
            .hook
            .clone()
            .map_or(0, |hook| hook(self, who, call.reason));
        let verdict = match hooked {
            0 => self.usual(who, call.reason),
            no => no,
        };
        self.inside = outer;
        match call.input {
            Input::Append => {
                let made_get = self.was_made_get(who);
                let lines = &self.told[who.0].asked.append;
                let extra = if made_get {
                    String::new()
                } else {
                    lines.clone()
                };
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
            (Reason::ClientHttpRedirect, Input::Said(said, of)) => {
                assert_eq!(*of, status);
                let said = String::from_utf8_lossy(said);
                told.location = said.trim_end_matches('\0').to_owned();
            }
            (Reason::ConnectionError, other) => panic!("{who:?} failed with {other:?}"),
            _ => {}
        }
    }

    /// lws_write(LWS_WRITE_HTTP), as `ffi/write.rs` has it. `false` when it was refused.
    pub(crate) fn write(&mut self, who: Req, bytes: &[u8]) -> bool {
        self.send(who, bytes, false)
    }

    /// lws_write(LWS_WRITE_HTTP_FINAL).
    pub(crate) fn write_last(&mut self, who: Req, bytes: &[u8]) -> bool {
        let sent = self.send(who, bytes, true);
        let key = self.told[who.0].key;
        self.engine.set_body_pending(key, false);
        sent
    }

    fn send(&mut self, who: Req, bytes: &[u8], last: bool) -> bool {
        use crate::engine::write::Writing;
        let key = self.told[who.0].key;
        match self.engine.write_begin(key, bytes, last) {
            Writing::Refused(_) => false,
            Writing::Buffered => true,
            Writing::Step(step) => {
                self.carry_out(step);
                true
            }
            Writing::Wire { conn, transport } => {
                let io: Io = self.socket(conn).write(bytes);
                self.engine.write_returned(conn, transport, bytes, io)
            }
        }
    }
}
