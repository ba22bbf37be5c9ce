//! The only place where a script plays a program and its peers against the whole engine: whatever comes, each request ends
//! once, the books are right after every callback, and nobody is given what was another's.

mod answers;

use super::peer::{Dialed, Name, Shake, Socket};
use super::program::Asked;
use super::story::{Req, Story};
use crate::engine::call::Reason;
use crate::engine::conn::{Conn, Phase};
use crate::engine::wsi::{Method, State};
use crate::net::transport::Io;
use crate::proto::proxy::{Kind, Spelling};
use crate::proto::script::Script;
use answers::{SAYINGS, Said, h2_saying, is_h2};

/// The first byte says what the vhost is like; then each move is a byte, and what it needs.
pub(crate) fn client(data: &[u8]) {
    let mut script = Script(data);
    let mode = script.byte().unwrap_or(0);
    let is_h2 = mode & 4 != 0;
    let proxied = mode & 16 != 0;
    let mut story = match mode & 1 {
        0 if !is_h2 => Story::new(),
        _ => Story::tls(),
    };
    story.alpn = is_h2.then_some("h2");
    if proxied {
        let proxy = Spelling::of_program(Kind::Http, None).read("192.0.2.9:3128");
        story.proxies().set_http(proxy.ok());
    }
    let mut client = Client {
        story,
        records: mode & 2 != 0,
        greets: mode & 8 == 0,
        said: Vec::new(),
        cut: usize::from(mode >> 5),
    };
    while !client.story.destroyed
        && let Some(op) = script.byte()
    {
        client.play(op, &mut script);
        client.mark_sockets();
        // Else the next move comes before the loop has its pass.
        if op & 0x10 == 0 {
            client.story.run();
        }
    }
    client.finish();
}

struct Client {
    story: Story,
    /// Bytes come in TLS records.
    records: bool,
    /// Peers say their SETTINGS as soon as they can.
    greets: bool,
    /// By the peer of each socket.
    said: Vec<Said>,
    /// Where a proxy's answer is cut in two.
    cut: usize,
}

impl Client {
    fn play(&mut self, op: u8, script: &mut Script<'_>) {
        let more = op & 0x20 != 0;
        match op & 15 {
            0 | 1 => self.ask(more, script),
            2 | 3 => self.answer(script),
            4 => self.say(script.text(), script),
            5 => self.end_of_peer(script),
            6 => self.dial(script),
            7 => self.hold_back(more, script),
            8 => self.cancel(more, script),
            9 => self.let_time_pass(more, script),
            10 => self.hook(more, script),
            11 => self.with_socket(script, |_, socket, script| {
                socket.next_read_is(match script.byte() {
                    Some(1) => Io::WantWrite,
                    _ => Io::WantRead,
                });
            }),
            12 => self.read(script),
            13 => self.name(script),
            14 if more => self.say(script.pick(&SAYINGS), script),
            14 => self.say_what_may_be(script),
            _ if more => self.story.destroy_vhost(),
            _ => self.shake(script),
        }
    }

    fn ask(&mut self, more: bool, script: &mut Script<'_>) {
        if self.story.told.len() >= MOST_REQUESTS {
            return;
        }
        if more {
            let dialed = script.pick(&DIALS);
            self.story.dials.push_back(dialed);
        }
        let what = script.byte().unwrap_or(0);
        let path = format!("/{}", self.story.told.len());
        let mut asked = match what & 3 {
            0 | 1 => Asked::get(),
            2 => Asked::with(Method::Post).body(&["one", "two"]),
            _ => Asked::with(Method::Head),
        };
        asked = asked
            .path(&path)
            .buffer([4096, 0, 1, 7][usize::from(what >> 2 & 3)]);
        if what & 0x10 != 0 {
            asked = asked.alone();
        }
        if what & 0x20 != 0 {
            asked = asked.at("b.test");
        }
        if what & 0x40 != 0 {
            asked = asked.keep_warm(u16::from(what >> 7) * 30);
        }
        self.story.ask(asked);
    }

    fn with_socket(
        &mut self,
        script: &mut Script<'_>,
        act: impl FnOnce(&mut Said, &mut Socket, &mut Script<'_>),
    ) {
        let nth = usize::from(script.byte().unwrap_or(0));
        self.mark_sockets();
        let story = &mut self.story;
        let live = |socket: &Socket| story.engine.conns.get(socket.conn).is_some_and(speaks);
        let live = |socket: &Socket| socket.up && live(socket);
        let found: Vec<usize> = (0..story.sockets.len())
            .filter(|n| live(&story.sockets[*n]))
            .collect();
        if !found.is_empty() {
            let at = found[nth % found.len()];
            act(&mut self.said[at], &mut story.sockets[at], script);
        }
    }

    /// New ones too have what the peer is like.
    fn mark_sockets(&mut self) {
        self.said
            .resize_with(self.story.sockets.len(), Said::default);
        for (said, socket) in self.said.iter_mut().zip(&mut self.story.sockets) {
            socket.records = self.records;
            said.make_tunnel(socket, self.cut);
            if self.greets {
                said.greet(socket);
            }
        }
    }

    fn answer(&mut self, script: &mut Script<'_>) {
        let form = script.byte().unwrap_or(0);
        self.with_socket(script, |said, socket, _| said.answer(socket, form));
    }

    fn say(&mut self, bytes: &[u8], script: &mut Script<'_>) {
        self.with_socket(script, |said, socket, _| {
            if !bytes.is_empty() {
                socket.says(bytes);
                said.nonsense = true;
            }
        });
    }

    /// What means nothing to the contents of answers.
    fn say_what_may_be(&mut self, script: &mut Script<'_>) {
        let (nth, number) = (script.byte().unwrap_or(0), script.byte().unwrap_or(0));
        self.with_socket(script, |_, socket, _| {
            if is_h2(socket) {
                socket.says(h2_saying(nth, number));
            }
        });
    }

    fn end_of_peer(&mut self, script: &mut Script<'_>) {
        let how = script.byte().unwrap_or(0);
        self.with_socket(script, |_, socket, _| match how % 3 {
            _ if socket.has_ended() => {}
            0 => socket.hangs_up(),
            1 => socket.is_cut(),
            _ => socket.breaks("ECONNRESET"),
        });
    }

    /// What hangs is decided.
    fn dial(&mut self, script: &mut Script<'_>) {
        let dialed = script.pick(&[Dialed::Accepts, Dialed::Refuses("conn fail: ECONNREFUSED")]);
        let mut sockets = self.story.sockets.iter_mut();
        if let Some(socket) = sockets.find(|socket| socket.dialed == Dialed::Hangs) {
            socket.dialed = dialed;
        }
    }

    /// What a handshake comes to, or whether peers take part in one.
    fn shake(&mut self, script: &mut Script<'_>) {
        let shake = script.pick(&[
            None,
            Some(Shake::WantRead),
            Some(Shake::WantWrite),
            Some(Shake::Changed),
            Some(Shake::Failed("tls: handshake failure")),
            Some(Shake::Refused("the program's hook refused it")),
        ]);
        match shake {
            Some(shake) => self.story.shakes.push_back(shake),
            None => self.story.says_hello ^= true,
        }
    }

    fn hold_back(&mut self, fails: bool, script: &mut Script<'_>) {
        let takes = script.pick(&[0, 1, 10, 100, usize::MAX]);
        self.with_socket(script, |_, socket, _| match fails {
            true => socket.write_fails = Some(Io::WantRead),
            false => socket.takes = takes,
        });
    }

    fn request(&self, script: &mut Script<'_>) -> Option<Req> {
        let nth = usize::from(script.byte().unwrap_or(0));
        nth.checked_rem(self.story.told.len()).map(Req)
    }

    fn cancel(&mut self, now: bool, script: &mut Script<'_>) {
        match self.request(script) {
            Some(who) if now => self.story.cancel_now(who),
            Some(who) => self.story.cancel(who),
            None => {}
        }
    }

    fn let_time_pass(&mut self, to_deadline: bool, script: &mut Script<'_>) {
        if to_deadline {
            let next = self.story.engine.timers.next().unwrap_or_default();
            let now = self.story.engine.now;
            return self.story.wait(next.saturating_sub(now));
        }
        self.story
            .wait(script.pick(&[1, 250_000, 1_000_000, 5_000_000, 21_000_000, 60_000_000]));
    }

    /// What the program does in one callback of one request.
    fn hook(&mut self, acts: bool, script: &mut Script<'_>) {
        let Some(who) = self.request(script) else {
            return;
        };
        let (reason, deed) = (script.pick(&REASONS), script.byte().unwrap_or(0));
        if !acts {
            return self.story.says_no(who, reason);
        }
        let other = Req(usize::from(deed >> 3) % self.story.told.len());
        let left = std::cell::Cell::new(2);
        self.story.hook(move |story, at, of| {
            if (at, of) != (who, reason) || left.get() == 0 {
                return 0;
            }
            left.set(left.get() - 1);
            match deed & 7 {
                0 => story.cancel(other),
                1 => story.cancel_now(other),
                2 | 3 if story.told.len() < MOST_REQUESTS => {
                    let path = format!("/{}", story.told.len());
                    story.ask(Asked::get().path(&path));
                }
                4 => drop(story.read(at, 3)),
                5 => story.unhook(),
                _ => {}
            }
            0
        });
    }

    /// A program that reads when it likes.
    fn read(&mut self, script: &mut Script<'_>) {
        let size = usize::from(script.byte().unwrap_or(1)).max(1);
        if let Some(who) = self.request(script) {
            self.story.read(who, size);
        }
    }

    /// The next name is what it is, or one that was asked for is known at last.
    fn name(&mut self, script: &mut Script<'_>) {
        let name = match script.byte().unwrap_or(0) & 3 {
            0 => Name::Later,
            1 => Name::Fails("Name or service not known"),
            2 => Name::Has(2),
            _ => {
                for at in self.story.active_conns() {
                    if self.story.engine.conns.get(at).is_some_and(is_looked_up) {
                        self.story.name_is(at, &Name::Has(1));
                    }
                }
                return;
            }
        };
        self.story.names.push_back(name);
    }

    /// From here on nothing is in the way and programs read. Peers say no more: all requests end, apart from those whose
    /// content does not, as programs decide how long that may take. Then peers hang up: all end.
    fn finish(mut self) {
        self.story.unhook();
        (self.story.dials, self.story.names, self.story.shakes) = Default::default();
        self.story.says_hello = true;
        self.wait_for_all(false);
        let wsis = &self.story.engine.wsis;
        let in_content = wsis.iter().any(|(_, wsi)| wsi.state == State::Body);
        if !in_content {
            self.check_all_ended();
        }
        self.wait_for_all(true);
        self.check_all_ended();
        self.check_contents();
    }

    fn wait_for_all(&mut self, hanging_up: bool) {
        for _ in 0..2 * MOST_REQUESTS {
            self.mark_sockets();
            let story = &mut self.story;
            story.run();
            for n in 0..story.told.len() {
                if story.told[n].asked.buffer == 0 {
                    story.read(Req(n), 4096);
                }
            }
            for socket in &mut story.sockets {
                socket.takes = usize::MAX;
                let conn = story.engine.conns.get(socket.conn);
                let is_live = socket.up && conn.is_some_and(speaks);
                if hanging_up && is_live && !socket.has_ended() {
                    socket.hangs_up();
                }
            }
            story.wait_secs(60);
            if story.ends().len() == story.told.len() {
                return;
            }
        }
    }

    fn check_all_ended(&self) {
        let story = &self.story;
        for who in (0..story.told.len()).map(Req) {
            let ended = story.end_of(who).is_some() || story.destroyed;
            assert!(ended, "{who:?} never ends: {:?}", story.heard(who));
        }
    }

    /// Peers that answered in order gave everybody his own.
    fn check_contents(&self) {
        if self.said.iter().any(|said| said.nonsense) {
            return;
        }
        for (n, told) in self.story.told.iter().enumerate() {
            let path = format!("/{n}");
            assert!(
                path.as_bytes().starts_with(&told.body),
                "{path} was given {:?}",
                told.body
            );
        }
    }
}

/// Its name was asked for, and is not known.
fn is_looked_up(conn: &Conn) -> bool {
    match &conn.phase {
        Phase::Dialing(dial) => dial.asked && !dial.go && dial.attempts.is_empty(),
        _ => false,
    }
}

/// Bytes have a meaning there: a handshake is `Shake`s.
fn speaks(conn: &Conn) -> bool {
    conn.is_up() || conn.mux.is_some()
}

const MOST_REQUESTS: usize = 12;

const DIALS: [Dialed; 6] = [
    Dialed::Accepts,
    Dialed::AtOnce,
    Dialed::Refuses("conn fail: ECONNREFUSED"),
    Dialed::RefusesAtOnce("conn fail: ENETUNREACH"),
    Dialed::Hangs,
    Dialed::NoSocket("socket() failed: EMFILE"),
];

const REASONS: [Reason; 13] = [
    Reason::Connecting,
    Reason::AppendHandshakeHeader,
    Reason::FilterPreEstablish,
    Reason::EstablishedClientHttp,
    Reason::ReceiveClientHttp,
    Reason::ReceiveClientHttpRead,
    Reason::CompletedClientHttp,
    Reason::ClientHttpWriteable,
    Reason::ConnectionError,
    Reason::ClosedClientHttp,
    Reason::ClientHttpRedirect,
    Reason::ClientHttpDropProtocol,
    Reason::ClientHttpBindProtocol,
];
