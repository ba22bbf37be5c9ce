//! The only place that carries a WebSocket over an h1 connection: it answers the upgrade, then polls and writes.

use super::handshake;
use super::script::{Ask, Writes};
use super::session::{Act, Session};
use crate::answer::{self, Next};
use crate::conn::{Conn, Request};
use crate::plain::Plain;
use crate::sys;
use crate::tally::Tally;
use crate::wire::Wire;
use std::io::{self, ErrorKind};
use std::os::fd::AsFd;
use std::sync::Arc;

/// After our FIN the client's is waited for as long: to close on unread bytes would send RST instead.
const LINGER_MS: i32 = 5000;

pub(crate) fn answer(conn: &mut Conn, request: &Request) -> io::Result<Next> {
    conn.tally.note(|c| c.ws.asked(&request.head));
    let ask = match Ask::parse(&request.target) {
        Ok(ask) => ask,
        Err(why) => return refuse(conn, request, 500, &why),
    };
    let key = match handshake::check_h1(request) {
        Ok(key) => key,
        Err(why) => {
            blame(conn, &why);
            return refuse(conn, request, 400, &why);
        }
    };
    let options = &ask.options;
    if let Some(gate) = &options.wait
        && !conn.tally.pass_gate(gate, &conn.wire.socket)
    {
        return Ok(Next::Drop);
    }
    if conn.has_more() {
        blame(conn, "bytes before the answer");
    }
    if let Some(plain) = options.refusal() {
        return answer::plain(conn, request, plain);
    }
    let agreed = options.agree(request);
    let fields = handshake::fields(
        options,
        request,
        agreed.as_ref().map(|(answer, _)| answer.as_str()),
    );
    let head = handshake::head_h1(options, &key, &fields);
    if options.mute || options.half {
        let some = if options.half { head.len() / 2 } else { 0 };
        conn.send(head.get(..some).unwrap_or(&[]))?;
        conn.wait_for_the_end();
        return Ok(Next::Drop);
    }
    let writes = match () {
        () if options.split => Writes::Cut(1),
        () if options.glue => Writes::Glued { once: true },
        () => Writes::Whole,
    };
    let place = format!("conn={}", conn.id());
    let mut session = Session::new(&conn.tally, &place, ask, agreed.map(|(_, params)| params));
    session.begin(head, writes);
    let rx = conn.take_rx();
    Ok(Drive::new(conn, session).run(&rx))
}

fn blame(conn: &Conn, why: &str) {
    let text = format!("conn={}: {why}", conn.id());
    conn.tally.note(|c| c.h2.violation(text));
}

fn refuse(conn: &mut Conn, request: &Request, status: u16, why: &str) -> io::Result<Next> {
    eprintln!("broadside-peer: {}: {why}", request.target);
    let plain = Plain {
        status,
        ..Plain::ok(why)
    };
    answer::plain(conn, request, plain).map(|_| Next::Close)
}

struct Drive<'a> {
    wire: &'a mut Wire,
    tally: Arc<Tally>,
    session: Session,
    /// What is being written, and how much of it was.
    tx: Vec<u8>,
    at: usize,
    buf: Vec<u8>,
    /// The client ended its side.
    eof: bool,
}

impl<'a> Drive<'a> {
    fn new(conn: &'a mut Conn, session: Session) -> Self {
        Self {
            wire: &mut conn.wire,
            tally: Arc::clone(&conn.tally),
            session,
            tx: Vec::new(),
            at: 0,
            buf: vec![0; 64 << 10],
            eof: false,
        }
    }

    fn run(mut self, rx: &[u8]) -> Next {
        sys::set_nonblocking(self.wire.socket.as_fd());
        self.session.receive(rx);
        loop {
            match self.turn() {
                Ok(Some(Next::Reset)) => return Next::Reset,
                Ok(Some(_)) => break,
                Ok(None) => {}
                Err(_) => return Next::Drop,
            }
        }
        self.end_side(true);
        self.linger();
        Next::Drop
    }

    /// Says how the connection ends, when it does.
    fn turn(&mut self) -> io::Result<Option<Next>> {
        let more = self.read()?;
        if self.write()? {
            self.wait(libc::POLLOUT, None);
            return Ok(None);
        }
        match self.session.next() {
            Act::Write(bytes) => (self.tx, self.at) = (bytes, 0),
            Act::Fin(polite) => self.end_side(polite),
            Act::Reset(_) => return Ok(Some(Next::Reset)),
            Act::End => return Ok(Some(Next::Close)),
            Act::Idle(_) if more => {}
            Act::Idle(gate) => self.wait(0, gate),
        }
        Ok(None)
    }

    /// True when there may be more at once.
    fn read(&mut self) -> io::Result<bool> {
        if self.eof || self.session.is_deaf() {
            return Ok(false);
        }
        match self.wire.read(&mut self.buf) {
            Ok(0) => {
                self.eof = true;
                self.session.on_end();
                Ok(false)
            }
            Ok(n) => {
                self.session.receive(self.buf.get(..n).unwrap_or(&[]));
                Ok(true)
            }
            Err(e) if e.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(e) => Err(e),
        }
    }

    /// True when something had to stay.
    fn write(&mut self) -> io::Result<bool> {
        while let Some(rest @ [_, ..]) = self.tx.get(self.at..) {
            match self.wire.write(rest) {
                Ok(n) => self.at += n,
                Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(e) => return Err(e),
            }
        }
        Ok(false)
    }

    /// For what can be read now, for `events`, or for the gate.
    fn wait(&mut self, events: i16, gate: Option<String>) {
        let deaf = self.session.is_deaf();
        let ears = match (self.eof, deaf) {
            (true, _) => 0,
            (false, true) if events != 0 => 0,
            (false, true) => libc::POLLRDHUP,
            (false, false) => libc::POLLIN,
        };
        let gate = gate.and_then(|name| self.tally.gate(&name));
        let mut asks = vec![(self.wire.socket.as_fd(), events | ears)];
        asks.extend(gate.iter().map(|g| (g.as_fd(), libc::POLLIN)));
        let ready = sys::wait_any(&asks, -1);
        // Nobody reads what comes before the end.
        if deaf && events == 0 && ready.first() == Some(&true) {
            self.eof = true;
            self.session.on_end();
        }
    }

    fn end_side(&mut self, polite: bool) {
        if polite {
            self.wire.end_politely();
        }
        sys::end_writing(self.wire.socket.as_fd());
    }

    fn linger(&mut self) {
        while !self.eof {
            let more = self.read();
            if more.is_err() {
                return;
            }
            let ask = [(self.wire.socket.as_fd(), libc::POLLIN)];
            if more.is_ok_and(|m| !m) && !self.eof && sys::wait_any(&ask, LINGER_MS) != [true] {
                return;
            }
        }
    }
}
