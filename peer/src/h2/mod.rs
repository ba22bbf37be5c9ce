//! The only place that moves an h2 connection along: one thread polls the socket and the inbox, and writes once a turn.

mod answer;
mod counts;
mod fields;
mod frame;
mod hpack;
mod huffman;
mod link;
mod receive;
mod send;
mod settings;
mod stream;
#[cfg(test)]
mod tests;
mod tunnel;

use crate::answer::Next;
use crate::orders::Inbox;
use crate::sys;
use crate::tally::Tally;
use crate::wire::Wire;
pub(crate) use counts::H2Counts;
pub(crate) use frame::PREFACE;
use link::Link;
pub(crate) use settings::{Settings, pairs};
use std::io::{self, ErrorKind, Read};
use std::os::fd::AsFd;
use std::sync::Arc;

/// What is read in a turn.
const SOME: usize = 64 << 10;

/// Bytes that come after our FIN are waited for as long: to close on unread ones would send RST instead.
const LINGER_MS: i32 = 5000;

/// `rx` is what was read already.
pub(crate) fn serve(wire: Wire, rx: Vec<u8>, settings: Settings, tally: &Arc<Tally>, id: usize) {
    let Ok(inbox) = Inbox::new() else { return };
    tally.note(|c| c.h2.begin(id, inbox.post()));
    let mut pump = Pump {
        wire,
        rx,
        buf: vec![0; SOME],
        link: Link::new(settings, Arc::clone(tally), id),
        inbox,
    };
    let next = pump.run();
    tally.note(|c| c.h2.end(id));
    match next {
        Next::Reset => sys::reset_on_close(pump.wire.socket.as_fd()),
        Next::Close => {
            pump.wire.end_politely();
            pump.linger();
        }
        Next::Keep | Next::Drop => pump.linger(),
    }
}

struct Pump {
    wire: Wire,
    /// What the link has not used yet.
    rx: Vec<u8>,
    buf: Vec<u8>,
    link: Link,
    inbox: Inbox,
}

impl Pump {
    fn run(&mut self) -> Next {
        sys::set_nonblocking(self.wire.socket.as_fd());
        loop {
            match self.turn() {
                Ok(Some(next)) => return next,
                Ok(None) => {}
                Err(_) => return Next::Drop,
            }
        }
    }

    /// Says how the connection ends, when it does.
    fn turn(&mut self) -> io::Result<Option<Next>> {
        let more = self.read()?;
        for order in self.inbox.take() {
            self.link.obey(order);
        }
        let used = self.link.receive(&self.rx);
        self.rx.drain(..used);
        self.link.fill();
        self.link.settle();
        let stuck = self.write()?;
        if !stuck && let Some(next) = self.link.end {
            return Ok(Some(next));
        }
        let busy = more || (!stuck && self.link.has_more());
        self.wait(stuck, busy);
        Ok(None)
    }

    /// True when there may be more at once; the end of the stream is an error.
    fn read(&mut self) -> io::Result<bool> {
        match self.wire.read(&mut self.buf) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(n) => {
                let bytes = self.buf.get(..n).unwrap_or(&[]);
                self.rx.extend_from_slice(bytes);
                Ok(true)
            }
            Err(e) if e.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(e) => Err(e),
        }
    }

    /// True when something had to stay.
    fn write(&mut self) -> io::Result<bool> {
        let tx = &mut self.link.tx;
        if self.link.held {
            return Ok(false);
        }
        while !tx.is_empty() {
            match self.wire.write(tx) {
                Ok(n) => drop(tx.drain(..n)),
                Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(e) => return Err(e),
            }
        }
        Ok(false)
    }

    fn wait(&self, stuck: bool, busy: bool) {
        let events = if stuck {
            libc::POLLIN | libc::POLLOUT
        } else {
            libc::POLLIN
        };
        if !busy {
            let socket = self.wire.socket.as_fd();
            sys::wait_any(&[(socket, events), (self.inbox.fd(), libc::POLLIN)], -1);
        }
    }

    fn linger(&mut self) {
        let socket = self.wire.socket.as_fd();
        sys::end_writing(socket);
        while sys::wait_any(&[(socket, libc::POLLIN)], LINGER_MS) == [true] {
            match (&self.wire.socket).read(&mut self.buf) {
                Ok(1..) => {}
                _ => return,
            }
        }
    }
}
