//! The only place that accepts connections, and that can stop doing so and start again on the same port.

use crate::Options;
use crate::certs::{Certs, KINDS};
use crate::conn::Conn;
use crate::h2::{self, Settings};
use crate::sys;
use crate::tally::{Mode, Tally};
use crate::wire::Wire;
use openssl::ssl::SslAcceptor;
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr as UnixAddr, UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// What every connection needs.
pub(crate) struct Shared {
    pub(crate) tally: Arc<Tally>,
    certs: Certs,
    acceptors: Option<HashMap<&'static str, SslAcceptor>>,
    shown: Mutex<String>,
    counts_most: bool,
    h2: Mutex<Settings>,
}

impl Shared {
    pub(crate) fn make(options: &Options) -> Result<Self, openssl::error::ErrorStack> {
        let certs = Certs::make()?;
        let mut acceptors = HashMap::new();
        for kind in KINDS {
            acceptors.insert(kind, certs.acceptor(kind, options)?);
        }
        Ok(Self {
            tally: Arc::new(Tally::new()),
            certs,
            acceptors: options.tls.then_some(acceptors),
            shown: Mutex::new(options.cert.clone()),
            counts_most: options.most,
            h2: Mutex::new(Settings::new()),
        })
    }

    /// `ca.pem`, `ca.der`, and `KIND.pem`, `KIND.key` for each kind of leaf: other servers in tests use them too.
    pub(crate) fn write_certs(&self, dir: &Path) -> io::Result<()> {
        std::fs::create_dir_all(dir)?;
        std::fs::write(dir.join("ca.pem"), self.certs.ca.to_pem()?)?;
        std::fs::write(dir.join("ca.der"), self.certs.ca.to_der()?)?;
        for (kind, leaf) in &self.certs.leaves {
            std::fs::write(dir.join(format!("{kind}.pem")), leaf.cert.to_pem()?)?;
            let key = leaf.key.private_key_to_pem_pkcs8()?;
            std::fs::write(dir.join(format!("{kind}.key")), key)?;
        }
        Ok(())
    }

    /// New connections see this certificate; false when there is no such kind.
    pub(crate) fn show(&self, kind: &str) -> bool {
        let known = KINDS.contains(&kind);
        if known {
            kind.clone_into(&mut self.shown.lock().unwrap_or_else(PoisonError::into_inner));
        }
        known
    }

    /// New h2 connections get these; false when a word is not understood.
    pub(crate) fn change_h2(&self, text: &str) -> bool {
        self.h2_settings().change(text)
    }

    fn h2_settings(&self) -> MutexGuard<'_, Settings> {
        self.h2.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn acceptor(&self) -> Option<&SslAcceptor> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        self.acceptors.as_ref()?.get(shown.as_str())
    }
}

enum Door {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Door {
    fn fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(l) => l.as_fd(),
            Self::Unix(l) => l.as_fd(),
        }
    }

    fn accept(&self) -> io::Result<File> {
        let fd: OwnedFd = match self {
            Self::Tcp(l) => l.accept()?.0.into(),
            Self::Unix(l) => l.accept()?.0.into(),
        };
        Ok(fd.into())
    }
}

pub(crate) struct Listen {
    place: String,
    port: u16,
    mode: Mode,
    shared: Arc<Shared>,
    running: Option<Running>,
}

/// The accepting thread; it ends when `stop` is dropped.
struct Running {
    stop: UnixStream,
    thread: JoinHandle<()>,
}

impl Listen {
    pub(crate) fn start(place: &str, shared: Arc<Shared>) -> io::Result<Self> {
        let mut me = Self {
            place: place.to_owned(),
            port: 0,
            mode: Mode::Normal,
            shared,
            running: None,
        };
        me.run(Mode::Normal)?;
        Ok(me)
    }

    /// What went wrong, if anything did.
    pub(crate) fn set_mode(&mut self, mode: Mode) -> Option<io::Error> {
        if mode == self.mode {
            return None;
        }
        if let Some(running) = self.running.take() {
            drop(running.stop);
            let _ = running.thread.join();
        }
        self.mode = mode;
        if mode == Mode::Refuse {
            return None;
        }
        self.run(mode).err()
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    fn run(&mut self, mode: Mode) -> io::Result<()> {
        let doors = self.open_doors()?;
        let (stop, stopped) = UnixStream::pair()?;
        let shared = Arc::clone(&self.shared);
        let thread = std::thread::spawn(move || accept_all(&doors, &stopped, mode, &shared));
        self.running = Some(Running { stop, thread });
        Ok(())
    }

    fn open_doors(&mut self) -> io::Result<Vec<Door>> {
        let mut doors = Vec::new();
        if let Some(path) = self.place.strip_prefix("unix:") {
            let _ = std::fs::remove_file(path);
            doors.push(Door::Unix(match path.strip_prefix('@') {
                Some(name) => UnixListener::bind_addr(&UnixAddr::from_abstract_name(name)?)?,
                None => UnixListener::bind(path)?,
            }));
        }
        if matches!(self.place.as_str(), "v4" | "both") {
            doors.push(self.tcp(Ipv4Addr::LOCALHOST.into())?);
        }
        if matches!(self.place.as_str(), "v6" | "both") {
            doors.push(self.tcp(Ipv6Addr::LOCALHOST.into())?);
        }
        if doors.is_empty() {
            return Err(io::Error::other("v4, v6, both or unix:PATH"));
        }
        Ok(doors)
    }

    fn tcp(&mut self, ip: std::net::IpAddr) -> io::Result<Door> {
        let listener = TcpListener::bind(SocketAddr::new(ip, self.port))?;
        sys::listen_longer(listener.as_fd());
        self.port = listener.local_addr()?.port();
        Ok(Door::Tcp(listener))
    }
}

fn accept_all(doors: &[Door], stopped: &UnixStream, mode: Mode, shared: &Arc<Shared>) {
    let mut asks: Vec<_> = doors.iter().map(|d| (d.fd(), libc::POLLIN)).collect();
    asks.push((stopped.as_fd(), libc::POLLIN));
    loop {
        let ready = sys::wait_any(&asks, -1);
        if ready.last() == Some(&true) {
            return;
        }
        for (door, _) in doors.iter().zip(&ready).filter(|(_, ready)| **ready) {
            if let Ok(socket) = door.accept() {
                receive(socket, mode, shared);
            }
        }
    }
}

fn receive(socket: File, mode: Mode, shared: &Arc<Shared>) {
    sys::no_delay(socket.as_fd());
    let twin = socket.try_clone();
    let id = shared.tally.note(|c| {
        c.accepts += 1;
        if shared.counts_most {
            // Those whose client has said that it is done are none, also when their threads have not seen it.
            let asks: Vec<_> = c
                .live
                .values()
                .map(|socket| (socket.as_fd(), libc::POLLRDHUP))
                .collect();
            let open = sys::wait_any(&asks, 0)
                .iter()
                .filter(|done| !**done)
                .count();
            c.most = c.most.max(open + 1);
        }
        if let Ok(twin) = twin {
            c.live.insert(c.accepts, twin);
        }
        c.accepts
    });
    let shared = Arc::clone(shared);
    let serve = move || {
        match mode {
            Mode::AcceptMute => {
                sys::wait_any(&[(socket.as_fd(), libc::POLLRDHUP)], -1);
                drop(socket);
            }
            Mode::DieOnAccept | Mode::Refuse => drop(socket),
            Mode::Normal => {
                if let Some(wire) = Wire::begin(socket, shared.acceptor(), &shared.tally) {
                    serve(wire, &shared, id);
                }
            }
        }
        // The twin goes first: with the last name for the socket the client sees the end, and only then it counts.
        let twin = shared.tally.note(|c| c.live.remove(&id));
        drop(twin);
        shared.tally.note(|c| c.closed += 1);
    };
    let started = std::thread::Builder::new()
        .stack_size(256 << 10)
        .spawn(serve);
    if let Err(why) = started {
        eprintln!("broadside-peer: no thread for connection {id}: {why}");
    }
}

fn serve(mut wire: Wire, shared: &Shared, id: usize) {
    let mut rx = Vec::new();
    if wire.is_h2(h2::PREFACE, &mut rx) {
        let settings = shared.h2_settings().clone();
        h2::serve(wire, rx, settings, &shared.tally, id);
    } else {
        Conn::new(wire, rx, Arc::clone(&shared.tally), id).serve();
    }
}
