//! The only place that reads h1 requests: one connection, served until somebody ends it.

use crate::answer::{Next, answer};
use crate::sys;
use crate::tally::{Entry, Tally, sum};
use crate::wire::Wire;
use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;

pub(crate) struct Conn {
    pub(crate) wire: Wire,
    rx: Vec<u8>,
    pub(crate) tally: Arc<Tally>,
    id: usize,
    /// The request under way, counted from 1 on this connection.
    pub(crate) nth: usize,
    /// Its place in the tally's log.
    entry: usize,
}

pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) head: Vec<u8>,
    fields: Vec<(String, String)>,
}

impl Request {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    }

    /// Every value of a field that may come more than once.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields
            .iter()
            .filter(move |(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    }

    pub(crate) fn wants_close(&self) -> bool {
        self.field("connection")
            .is_some_and(|v| v.eq_ignore_ascii_case("close"))
    }

    pub(crate) fn parse(head: Vec<u8>) -> Option<Self> {
        let text = String::from_utf8_lossy(&head).into_owned();
        let mut lines = text.split("\r\n");
        let mut first = lines.next()?.split(' ');
        let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
        let fields = lines
            .filter_map(|l| l.split_once(':'))
            .map(|(n, v)| (n.to_owned(), v.trim().to_owned()))
            .collect();
        Some(Self {
            method,
            target,
            head,
            fields,
        })
    }
}

impl Conn {
    /// `rx` is what was read already.
    pub(crate) fn new(wire: Wire, rx: Vec<u8>, tally: Arc<Tally>, id: usize) -> Self {
        Self {
            wire,
            rx,
            tally,
            id,
            nth: 0,
            entry: 0,
        }
    }

    pub(crate) fn serve(mut self) {
        while let Ok(Some(request)) = self.next_request() {
            match answer(&mut self, &request) {
                Ok(Next::Keep) => {}
                Ok(Next::Close) => return self.wire.end_politely(),
                Ok(Next::Reset) => return sys::reset_on_close(self.wire.socket.as_fd()),
                Ok(Next::Drop) | Err(_) => return,
            }
        }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.wire.write_all(bytes)
    }

    /// The whole body, decoded, and noted in the log.
    pub(crate) fn read_body(&mut self, request: &Request) -> io::Result<Vec<u8>> {
        let chunked = request
            .field("transfer-encoding")
            .is_some_and(|v| v.eq_ignore_ascii_case("chunked"));
        let body = if chunked {
            self.read_chunks()?
        } else {
            let length = request.field("content-length").and_then(|v| v.parse().ok());
            self.take(length.unwrap_or(0))?
        };
        let (at, len, sum) = (self.entry, body.len(), sum(&body));
        self.tally.note(|c| {
            if let Some(e) = c.log.get_mut(at) {
                (e.body, e.sum) = (len, sum);
            }
        });
        Ok(body)
    }

    /// Says in the tally when the client already sent more than the request being answered.
    pub(crate) fn look_ahead(&mut self) {
        if self.has_more() {
            self.tally.note(|c| c.ahead += 1);
        }
    }

    pub(crate) fn has_more(&self) -> bool {
        !self.rx.is_empty() || self.wire.readable()
    }

    /// In the tally.
    pub(crate) fn id(&self) -> usize {
        self.id
    }

    /// What was read and is of no request.
    pub(crate) fn take_rx(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.rx)
    }

    /// Until the client ends the connection; what it sends is thrown away.
    pub(crate) fn wait_for_the_end(&mut self) {
        while self.fill().is_ok_and(|more| more) {
            self.rx.clear();
        }
    }

    fn next_request(&mut self) -> io::Result<Option<Request>> {
        let end = loop {
            if let Some(at) = self.rx.windows(4).position(|w| w == b"\r\n\r\n") {
                break at + 4;
            }
            if !self.fill()? {
                return Ok(None);
            }
        };
        let rest = self.rx.split_off(end);
        let Some(request) = Request::parse(std::mem::replace(&mut self.rx, rest)) else {
            return Ok(None);
        };
        self.nth += 1;
        let word = |name: &str| request.field(name).unwrap_or("-").to_owned();
        let entry = Entry {
            conn: self.id,
            nth: self.nth,
            method: request.method.clone(),
            target: request.target.clone(),
            host: word("host"),
            connection: word("connection"),
            head: request.head.clone(),
            body: 0,
            sum: sum(b""),
        };
        self.entry = self.tally.note(|c| {
            c.log.push(entry);
            c.log.len() - 1
        });
        Ok(Some(request))
    }

    fn read_chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.take_line()?;
            let size = usize::from_str_radix(line.split(';').next().unwrap_or("").trim(), 16)
                .map_err(|_| io::ErrorKind::InvalidData)?;
            body.extend(self.take(size)?);
            let end = self.take_line()?;
            if size == 0 && end.is_empty() {
                return Ok(body);
            }
        }
    }

    fn take_line(&mut self) -> io::Result<String> {
        loop {
            if let Some(at) = self.rx.windows(2).position(|w| w == b"\r\n") {
                let line = self.take(at + 2)?;
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            if !self.fill()? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    fn take(&mut self, n: usize) -> io::Result<Vec<u8>> {
        while self.rx.len() < n {
            if !self.fill()? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let rest = self.rx.split_off(n);
        Ok(std::mem::replace(&mut self.rx, rest))
    }

    /// False at the end of the stream.
    fn fill(&mut self) -> io::Result<bool> {
        let mut buf = [0; 16_384];
        let n = self.wire.read(&mut buf)?;
        self.rx.extend_from_slice(buf.get(..n).unwrap_or(&[]));
        Ok(n > 0)
    }
}
