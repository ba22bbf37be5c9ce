//! The only place for what stories ask of an h2 server, and for the words that stories of both protocols use.

use super::books::End;
use super::h2_peer::Server;
use super::peer::Socket;
use super::program::Asked;
use super::story::{Req, Story};
use crate::engine::conn::Conn;
use crate::engine::table::Key;

/// What a story plays on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Proto {
    H1,
    /// h2 with a server that allows one stream at a time.
    InTurn,
    /// h2 with a server that allows many.
    Broadside,
}

impl Proto {
    pub(crate) const ALL: [Self; 3] = [Self::H1, Self::InTurn, Self::Broadside];
    /// Those on which one rides and the others wait.
    pub(crate) const IN_TURN: [Self; 2] = [Self::H1, Self::InTurn];

    pub(crate) fn is_h2(self) -> bool {
        self != Self::H1
    }

    pub(crate) fn story(self) -> Story {
        match self {
            Self::H1 => Story::new(),
            _ => self.settle(Story::h2c()),
        }
    }

    pub(crate) fn tls(self) -> Story {
        match self {
            Self::H1 => Story::tls(),
            _ => self.settle(Story::h2()),
        }
    }

    fn settle(self, mut story: Story) -> Story {
        let streams = match self {
            Self::InTurn => 1,
            _ => 100,
        };
        story.settings = vec![(3, streams)];
        story
    }
}

impl Story {
    /// h2 with a server that says these SETTINGS.
    pub(crate) fn h2_with(settings: &[(u16, u32)]) -> Self {
        let mut story = Self::h2();
        story.settings = settings.to_vec();
        story
    }

    /// As many requests as that, and the loop runs.
    pub(crate) fn some(&mut self, count: usize) -> Vec<Req> {
        let some = (0..count).map(|_| self.get()).collect();
        self.run();
        some
    }

    /// Without the checks that each callback has: for stories of very many requests.
    pub(crate) fn many(mut self) -> Self {
        self.careful = false;
        self
    }

    /// The server of the connection that was last to be up, of those that live.
    pub(crate) fn server(&mut self) -> &mut Server {
        let socket = self.peer();
        socket.server.as_mut().expect("it speaks h2")
    }

    /// The server of the nth socket, also when that is closed.
    pub(crate) fn server_of(&self, nth: usize) -> &Server {
        let socket = &self.sockets[nth];
        socket.server.as_ref().expect("it speaks h2")
    }

    /// The server says something, and the loop runs.
    pub(crate) fn says(&mut self, what: impl FnOnce(&mut Server)) {
        self.puts(what);
        self.run();
    }

    /// The server says something that the loop has not seen yet.
    pub(crate) fn puts(&mut self, what: impl FnOnce(&mut Server)) {
        what(self.server());
        self.peer().flush();
    }

    /// The same on the nth socket.
    pub(crate) fn puts_on(&mut self, nth: usize, what: impl FnOnce(&mut Server)) {
        let socket = &mut self.sockets[nth];
        what(socket.server.as_mut().expect("it speaks h2"));
        socket.flush();
    }

    /// Every request that is asked and not answered is, until none is left.
    pub(crate) fn answer_all(&mut self) {
        for _ in 0..20_000 {
            self.run();
            if !self.answer_live() {
                return;
            }
        }
        panic!("the peer is asked again and again");
    }

    /// `false` when nobody stood there.
    pub(crate) fn answer_live(&mut self) -> bool {
        let mut any = false;
        for nth in 0..self.sockets.len() {
            if !self.is_live(nth) {
                continue;
            }
            let Some(server) = &self.sockets[nth].server else {
                continue;
            };
            let waiting = server.waiting();
            any |= !waiting.is_empty();
            self.puts_on(nth, |server| {
                for id in waiting {
                    finish(server, id);
                }
            });
        }
        any
    }

    pub(crate) fn is_live(&self, nth: usize) -> bool {
        let socket = &self.sockets[nth];
        self.engine.conns.get(socket.conn).is_some() && socket.up && !socket.has_ended()
    }

    /// The stream of a request that rides one: its id.
    pub(crate) fn stream(&self, who: Req) -> u32 {
        let wsi = self.engine.wsis.get(self.told[who.0].key);
        let (_, stream) = wsi.and_then(|wsi| wsi.stream()).expect("it rides a stream");
        stream.id()
    }

    pub(crate) fn rides(&self, who: Req) -> bool {
        let wsi = self.engine.wsis.get(self.told[who.0].key);
        wsi.is_some_and(|wsi| wsi.stream().is_some())
    }

    /// The active connections: who rides each, and who waits for it.
    pub(crate) fn places(&mut self) -> Vec<(Vec<Req>, Vec<Req>)> {
        let active = self.active_conns();
        let read = |at| (self.riders_of(at), self.queue_of(at));
        active.into_iter().map(read).collect()
    }

    /// Who sits on a connection, in the order in which they came.
    pub(crate) fn riders_of(&self, at: Key<Conn>) -> Vec<Req> {
        let Some(conn) = self.engine.conns.get(at) else {
            return Vec::new();
        };
        let mux = conn.mux.as_ref();
        let riders = mux.map_or_else(Vec::new, |mux| mux.everybody());
        let all = riders.into_iter().chain(conn.leader);
        let wsis = all.filter_map(|key| self.engine.wsis.get(key));
        wsis.map(|wsi| Req(wsi.opaque - 1)).collect()
    }

    /// How many ended so.
    pub(crate) fn ended(&self, how: End) -> usize {
        self.ends().iter().filter(|(_, end)| *end == how).count()
    }

    // One story, both protocols: the server of the connection that was last to be up answers the oldest that waits.

    /// 200 and "ok", and the loop runs.
    pub(crate) fn answers_ok(&mut self) {
        self.answers(200, "ok");
    }

    pub(crate) fn answers(&mut self, status: u16, body: &str) {
        if self.peer().server.is_none() {
            let length = body.len();
            let head = format!("HTTP/1.1 {status} Any\r\nContent-Length: {length}\r\n\r\n");
            return self.answer(&format!("{head}{body}"));
        }
        self.says(|server| {
            let id = *server.waiting().first().expect("a request waits");
            match body {
                "" => server.head_only(id, status, &[]),
                body => server.reply(id, status, body),
            }
        });
    }

    /// A redirect, with its body.
    pub(crate) fn redirects(&mut self, status: u16, location: &str, body: &str) {
        self.replies(status, &[("location", location)], body);
    }

    /// A whole response with these fields.
    pub(crate) fn replies(&mut self, status: u16, fields: &[(&str, &str)], body: &str) {
        let length = body.len().to_string();
        let fields = [fields, &[("content-length", &length)]].concat();
        if self.peer().server.is_none() {
            let line = |(name, value): &(&str, &str)| format!("{name}: {value}\r\n");
            let fields: String = fields.iter().map(line).collect();
            return self.answer(&format!("HTTP/1.1 {status} Any\r\n{fields}\r\n{body}"));
        }
        self.says(|server| {
            let id = *server.waiting().first().expect("a request waits");
            match body {
                "" => server.head_only(id, status, &fields),
                _ => {
                    server.head(id, status, &fields);
                    server.last(id, body);
                }
            }
        });
    }

    /// A head that promises `length` bytes.
    pub(crate) fn begins(&mut self, status: u16, length: usize) {
        let length = length.to_string();
        let fields = [("content-length", &length[..])];
        if self.peer().server.is_none() {
            let head = format!("HTTP/1.1 {status} Any\r\nContent-Length: {length}\r\n\r\n");
            return self.answer(&head);
        }
        self.says(|server| {
            let id = *server.waiting().first().expect("a request waits");
            match &length[..] {
                "0" => server.head_only(id, status, &fields),
                _ => server.head(id, status, &fields),
            }
        });
    }

    /// More of the body that was begun; the last when the promised length is reached.
    pub(crate) fn goes_on(&mut self, body: &str) {
        if self.peer().server.is_none() {
            return self.answer(body);
        }
        self.says(|server| {
            let id = *server.waiting().first().expect("a request waits");
            server.piece(id, body);
        });
    }

    /// The methods and paths that reached the live peer since this was asked last.
    pub(crate) fn asked_there(&mut self) -> Vec<String> {
        match &self.peer().server {
            None => self.requests_heard(),
            Some(server) => {
                let all = server.requests();
                let seen = std::mem::replace(&mut self.peer().answers, all.len());
                all[seen..].to_vec()
            }
        }
    }
}

/// Ends whatever a response lacks.
pub(crate) fn finish(server: &mut Server, id: u32) {
    let stream = &server.streams[&id];
    match (stream.answered, stream.left()) {
        (false, _) if server.field(id, ":method") == Some("HEAD") => {
            server.head_only(id, 200, &[]);
        }
        (false, _) => server.ok(id),
        (true, Some(left)) => server.last(id, "x".repeat(left)),
        (true, None) => server.last(id, ""),
    }
}

impl Socket {
    /// The peer says no more, whatever it speaks.
    pub(crate) fn dies(&mut self, how: &str) {
        match how {
            "fin" => self.hangs_up(),
            "cut" => self.is_cut(),
            _ => self.breaks("ECONNRESET"),
        }
    }
}

impl Asked {
    /// A POST with a body in these parts.
    pub(crate) fn post(parts: &[&str]) -> Self {
        Self::with(crate::engine::wsi::Method::Post).body(parts)
    }
}
