//! The only place that moves bytes over an accepted socket, plain or TLS, and that shakes hands.

use crate::sys;
use crate::tally::Tally;
use openssl::nid::Nid;
use openssl::ssl::{SslAcceptor, SslRef, SslStream};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;

enum Stream {
    Plain(File),
    Tls(Box<SslStream<File>>),
}

pub(crate) struct Wire {
    stream: Stream,
    /// A second name for the socket: gates watch it, and ends are made on it.
    pub(crate) socket: File,
    h2: bool,
}

/// The common name of the client's certificate, or `-`.
fn client_name(ssl: &SslRef) -> String {
    let cert = ssl.peer_certificate();
    let entry = cert.as_ref().and_then(|cert| {
        let mut names = cert.subject_name().entries_by_nid(Nid::COMMONNAME);
        names.next()
    });
    let name = entry.map(|entry| String::from_utf8_lossy(entry.data().as_slice()).into_owned());
    name.unwrap_or_else(|| "-".into())
}

impl Wire {
    /// Shakes hands when there is an acceptor; None when that failed.
    pub(crate) fn begin(
        socket: File,
        acceptor: Option<&SslAcceptor>,
        tally: &Tally,
    ) -> Option<Self> {
        let twin = socket.try_clone().ok()?;
        let Some(acceptor) = acceptor else {
            return Some(Self {
                stream: Stream::Plain(socket),
                socket: twin,
                h2: false,
            });
        };
        let tls = acceptor.accept(socket).ok()?;
        let ssl = tls.ssl();
        let alpn = ssl.selected_alpn_protocol().unwrap_or(b"-");
        let h2 = alpn == b"h2";
        let seen = format!(
            "sni={} alpn={} version={} resumed={} client={}",
            ssl.servername(openssl::ssl::NameType::HOST_NAME)
                .unwrap_or("-"),
            String::from_utf8_lossy(alpn),
            ssl.version_str(),
            u8::from(ssl.session_reused()),
            client_name(ssl)
        );
        tally.note(|c| {
            c.handshakes += 1;
            c.last_tls = seen;
        });
        Some(Self {
            stream: Stream::Tls(Box::new(tls)),
            socket: twin,
            h2,
        })
    }

    /// By ALPN, or in cleartext by the first bytes. What was read to find out is left in `rx`.
    pub(crate) fn is_h2(&mut self, preface: &[u8], rx: &mut Vec<u8>) -> bool {
        if matches!(self.stream, Stream::Tls(_)) {
            return self.h2;
        }
        let mut buf = [0; 64];
        while rx.len() < preface.len() && preface.starts_with(rx) {
            match self.read(&mut buf) {
                Ok(n @ 1..) => rx.extend_from_slice(buf.get(..n).unwrap_or(&[])),
                _ => return false,
            }
        }
        rx.starts_with(preface)
    }

    pub(crate) fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match &mut self.stream {
            Stream::Plain(s) => s.read(buf),
            Stream::Tls(s) => s.read(buf),
        }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.stream {
            Stream::Plain(s) => s.write(bytes),
            Stream::Tls(s) => s.write(bytes),
        }
    }

    pub(crate) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.stream {
            Stream::Plain(s) => s.write_all(bytes),
            Stream::Tls(s) => s.write_all(bytes),
        }
    }

    /// Bytes that can be read without waiting.
    pub(crate) fn readable(&self) -> bool {
        match &self.stream {
            Stream::Plain(_) => {
                let asks = [
                    (self.socket.as_fd(), libc::POLLIN),
                    (self.socket.as_fd(), libc::POLLRDHUP),
                ];
                sys::wait_any(&asks, 0) == [true, false]
            }
            Stream::Tls(s) => s.ssl().pending() > 0,
        }
    }

    pub(crate) fn end_politely(&mut self) {
        if let Stream::Tls(s) = &mut self.stream {
            let _ = s.shutdown();
        }
    }
}
