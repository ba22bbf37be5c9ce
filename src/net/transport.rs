//! The only place that holds a connection's fd, and its SSL once there is one.

use std::net::SocketAddr;
use std::os::fd::{AsRawFd, IntoRawFd, OwnedFd, RawFd};
use std::sync::Arc;

use super::certificate::TlsPeer;
use super::errno::{errno_name, last};
use super::session::Session;
use super::tls::{TlsAsk, TlsClient};
use super::udp;
use super::verify::VerifyHook;

/// What a connection is made of. It exists once and moves; dropping it closes without a goodbye.
#[derive(Debug)]
pub(crate) struct Transport {
    // Before `fd`: the SSL goes while the number is still its own.
    tls: Option<Session>,
    /// None only in a test's fake.
    fd: Option<OwnedFd>,
    kind: Kind,
    /// Which fake.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) mark: u32,
}

/// How bytes go through a descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Stream,
    Datagrams,
    /// No socket: a pipe, a tty, an eventfd. The program reads it itself.
    File,
}

/// What reading or writing came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Io {
    /// `more`: there may be more inside already, of which epoll knows nothing.
    Done {
        n: usize,
        more: bool,
    },
    WantRead,
    WantWrite,
    /// The peer said that it is finished: FIN, or with TLS close_notify.
    Eof,
    /// FIN without close_notify: anybody on the way may have said so.
    Truncated,
    /// "ECONNRESET", "tls: reason"
    Failed(String),
}

/// How far a handshake has come.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Handshake {
    Done {
        alpn: Option<String>,
        /// The hook turned a bad verdict into a good one.
        verdict_changed: bool,
        peer: Arc<TlsPeer>,
    },
    WantRead,
    WantWrite,
    Failed(String),
    /// The program's hook said no, of a certificate that may suit others.
    Refused(String),
}

// The engine keeps one in every connection and passes it around by value.
#[cfg(not(any(test, feature = "fuzzing")))]
const _: () = assert!(size_of::<Transport>() <= 24);

impl Transport {
    pub(crate) fn plain(fd: OwnedFd) -> Self {
        Self::adopted(fd, Kind::Stream)
    }

    pub(crate) fn adopted(fd: OwnedFd, kind: Kind) -> Self {
        Self {
            tls: None,
            fd: Some(fd),
            kind,
            #[cfg(any(test, feature = "fuzzing"))]
            mark: 0,
        }
    }

    /// For stories without sockets: reading or writing it is a mistake of the story.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn fake(mark: u32) -> Self {
        Self {
            tls: None,
            fd: None,
            kind: Kind::Stream,
            mark,
        }
    }

    /// TLS from now on; nothing is sent before `handshake`.
    pub(crate) fn secure(&mut self, client: &TlsClient, ask: &TlsAsk<'_>) -> Result<(), String> {
        self.tls = Some(Session::new(client, ask, self.fd())?);
        Ok(())
    }

    pub(crate) fn handshake(&mut self, hook: &mut dyn VerifyHook) -> Handshake {
        match &mut self.tls {
            Some(tls) => tls.handshake(hook),
            None => Handshake::Failed("tls: the handshake of a connection without TLS".into()),
        }
    }

    #[inline]
    pub(crate) fn read(&mut self, buf: &mut [u8]) -> Io {
        #[cfg(feature = "planted-net")]
        read_what_was_freed();
        if buf.is_empty() {
            return Io::Done { n: 0, more: false }; // recv() of nothing would look like a FIN
        }
        match &mut self.tls {
            Some(tls) => tls.read(buf),
            None => recv(self.fd(), buf),
        }
    }

    #[inline]
    pub(crate) fn write(&mut self, buf: &[u8]) -> Io {
        if buf.is_empty() {
            return Io::Done { n: 0, more: false };
        }
        match &mut self.tls {
            Some(tls) => tls.write(buf),
            None if self.kind == Kind::File => write(self.fd(), buf),
            None => send(self.fd(), buf),
        }
    }

    /// One datagram, and who sent it.
    pub(crate) fn receive(&mut self, buf: &mut [u8]) -> (Io, Option<SocketAddr>) {
        udp::receive(self.fd(), buf)
    }

    /// One datagram, to whom it is connected with when `to` is nobody.
    pub(crate) fn send_to(&mut self, buf: &[u8], to: Option<&SocketAddr>) -> Io {
        udp::send(self.fd(), buf, to)
    }

    /// `polite`: with TLS, a close_notify goes out first if it can.
    pub(crate) fn close(mut self, polite: bool) {
        if let Some(tls) = self.tls.as_mut().filter(|_| polite) {
            tls.say_goodbye();
        }
    }

    /// Lets go of the descriptor without closing it.
    pub(crate) fn release(mut self) {
        let _ = self.fd.take().map(IntoRawFd::into_raw_fd);
    }

    /// -1 for a fake.
    #[inline]
    pub(crate) fn fd(&self) -> RawFd {
        self.fd.as_ref().map_or(-1, AsRawFd::as_raw_fd)
    }

    /// The address of the `SSL`, for `lws_get_ssl()`; 0 when plain.
    #[inline]
    pub(crate) fn ssl(&self) -> usize {
        self.tls.as_ref().map_or(0, Session::address)
    }
}

/// The bug that the AddressSanitizer run of this layer has to find (scripts/stories.sh planted).
#[cfg(feature = "planted-net")]
fn read_what_was_freed() {
    let block = Box::into_raw(Box::new(1u64));
    // SAFETY: from `into_raw` above.
    drop(unsafe { Box::from_raw(block) });
    // SAFETY: not at all: that is what is planted.
    let stale = unsafe { block.read_volatile() };
    std::hint::black_box(stale);
}

fn recv(fd: RawFd, buf: &mut [u8]) -> Io {
    debug_assert!(fd >= 0, "a fake transport is not for reading");
    loop {
        // SAFETY: room for as many bytes as said.
        let n = unsafe { libc::recv(fd, buf.as_mut_ptr().cast(), buf.len(), 0) };
        match n {
            1.. => {
                return Io::Done {
                    n: n as usize,
                    more: false,
                };
            }
            0 => return Io::Eof,
            _ => {}
        }
        match last() {
            libc::EINTR => {}
            libc::EAGAIN => return Io::WantRead,
            errno => return Io::Failed(errno_name(errno).into()),
        }
    }
}

fn send(fd: RawFd, buf: &[u8]) -> Io {
    debug_assert!(fd >= 0, "a fake transport is not for writing");
    written(|| {
        // SAFETY: as many readable bytes as said.
        unsafe { libc::send(fd, buf.as_ptr().cast(), buf.len(), libc::MSG_NOSIGNAL) }
    })
}

/// A file has no flag against SIGPIPE, which is ignored anyway.
fn write(fd: RawFd, buf: &[u8]) -> Io {
    written(|| {
        // SAFETY: as many readable bytes as said.
        unsafe { libc::write(fd, buf.as_ptr().cast(), buf.len()) }
    })
}

#[inline]
pub(super) fn written(mut call: impl FnMut() -> isize) -> Io {
    loop {
        let n = call();
        if n >= 0 {
            return Io::Done {
                n: n as usize,
                more: false,
            };
        }
        match last() {
            libc::EINTR => {}
            libc::EAGAIN => return Io::WantWrite,
            errno => return Io::Failed(errno_name(errno).into()),
        }
    }
}
