//! The only place that keeps TLS sessions, for a later connection to resume: whose they are is compared in full.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use openssl::ex_data::Index;
use openssl::ssl::{Ssl, SslContextBuilder, SslRef, SslSession, SslSessionCacheMode};

/// What `tls_session_cache_max` and `tls_session_timeout` are when they are 0.
const MOST: usize = 10;
const SECS: u32 = 300;

/// Whose session it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Whose<'a> {
    /// All that makes one trust differ from another, as one text.
    pub(crate) identity: &'a str,
    /// Nothing but a name and a port: it checks certificates in full, and is the vhost's own to servers. Such sessions can be kept
    /// outside.
    pub(crate) plain: Option<(&'a str, u16)>,
}

/// The sessions of one SSL_CTX. Locked for moments only, also inside of OpenSSL's calls.
pub(crate) struct Sessions {
    /// As it was used: longest ago first.
    entries: Mutex<VecDeque<Entry>>,
    most: usize,
    secs: i64,
}

/// A session is kept as bytes: what becomes of one connection does not touch the next.
struct Entry {
    /// `None`: the program brought it.
    identity: Option<Box<str>>,
    plain: Option<(Box<str>, u16)>,
    der: Vec<u8>,
    /// Seconds since 1970.
    until: i64,
}

impl Sessions {
    pub(crate) fn new(most: u32, secs: u32) -> Self {
        let or = |given: u32, usual: u32| if given == 0 { usual } else { given };
        Self {
            entries: Mutex::default(),
            most: or(most, MOST as u32) as usize,
            secs: or(secs, SECS).into(),
        }
    }

    /// Makes an SSL_CTX tell of the sessions that it gets.
    pub(super) fn listen(builder: &mut SslContextBuilder) {
        builder
            .set_session_cache_mode(SslSessionCacheMode::CLIENT | SslSessionCacheMode::NO_INTERNAL);
        builder.set_new_session_callback(|ssl: &mut SslRef, session| {
            if let Some(memory) = memory_index().and_then(|index| ssl.ex_data(index)) {
                memory.hear(session);
            }
        });
    }

    /// The session to resume, if there is one that is not too old. `now`: seconds since 1970.
    pub(super) fn find(&self, whose: Whose<'_>, now: i64) -> Option<SslSession> {
        let mut entries = self.entries();
        entries.retain(|entry| now < entry.until);
        let own = entries.iter().position(|entry| entry.is(whose.identity));
        let n = own.or_else(|| entries.iter().position(|entry| entry.is_brought_for(whose)))?;
        let entry = entries.remove(n)?;
        let session = SslSession::from_der(&entry.der).ok();
        if session.is_some() {
            entries.push_back(entry);
        }
        session
    }

    /// What was offered did no good.
    pub(super) fn forget(&self, whose: Whose<'_>) {
        self.entries()
            .retain(|entry| !entry.is(whose.identity) && !entry.is_brought_for(whose));
    }

    /// The bytes of the session for this name and port that was used last.
    pub(crate) fn dump(&self, host: &str, port: u16, now: i64) -> Option<Vec<u8>> {
        let entries = self.entries();
        let mut fresh = entries.iter().rev().filter(|entry| now < entry.until);
        let found = fresh.find(|entry| entry.is_plain(host, port))?;
        Some(found.der.clone())
    }

    /// Whether a session for this name and port is here.
    pub(crate) fn has(&self, host: &str, port: u16, now: i64) -> bool {
        self.dump(host, port, now).is_some()
    }

    /// Takes a session in that the program kept. `false`: the bytes are none.
    pub(crate) fn load(&self, host: &str, port: u16, der: &[u8], now: i64) -> bool {
        if SslSession::from_der(der).is_err() {
            return false;
        }
        self.add(Entry {
            identity: None,
            plain: Some((host.into(), port)),
            der: der.to_vec(),
            until: now.saturating_add(self.secs),
        });
        true
    }

    fn keep(&self, memory: &Memory, session: &SslSession) {
        let Ok(der) = session.to_der() else {
            return;
        };
        let lasts = session.timeout().clamp(0, self.secs);
        let begun = session.time();
        self.forget(memory.whose());
        self.add(Entry {
            identity: Some(memory.identity.clone()),
            plain: memory.plain.clone(),
            der,
            until: begun.saturating_add(lasts),
        });
    }

    fn add(&self, entry: Entry) {
        let mut entries = self.entries();
        while entries.len() >= self.most {
            entries.pop_front();
        }
        entries.push_back(entry);
    }

    fn entries(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Sessions {
    /// Without the keys in them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} sessions", self.entries().len())
    }
}

impl Entry {
    fn is(&self, identity: &str) -> bool {
        self.identity.as_deref() == Some(identity)
    }

    fn is_plain(&self, host: &str, port: u16) -> bool {
        let plain = self.plain.as_ref();
        plain.is_some_and(|(own, own_port)| **own == *host && *own_port == port)
    }

    fn is_brought_for(&self, whose: Whose<'_>) -> bool {
        let plain = whose.plain;
        self.identity.is_none() && plain.is_some_and(|(host, port)| self.is_plain(host, port))
    }
}

/// What an SSL knows of where its sessions go.
pub(super) struct Memory {
    sessions: Arc<Sessions>,
    identity: Box<str>,
    plain: Option<(Box<str>, u16)>,
    trusted: Mutex<Trusted>,
}

/// TLS 1.2 tells of its session before the handshake has ended, and with it what the program's hook said.
enum Trusted {
    Open(Option<SslSession>),
    Yes,
    No,
}

impl Memory {
    pub(super) fn new(sessions: Arc<Sessions>, whose: Whose<'_>) -> Self {
        Self {
            sessions,
            identity: whose.identity.into(),
            plain: whose.plain.map(|(host, port)| (host.into(), port)),
            trusted: Mutex::new(Trusted::Open(None)),
        }
    }

    /// From now on the SSL remembers.
    pub(super) fn attach(self, ssl: &mut SslRef) {
        if let Some(index) = memory_index() {
            ssl.set_ex_data(index, self);
        }
    }

    pub(super) fn of(ssl: &SslRef) -> Option<&Self> {
        ssl.ex_data(memory_index()?)
    }

    /// The handshake is done. Contract 3.2: a verdict that the program changed is good for one request.
    pub(super) fn settle(&self, trusted: bool) {
        let now = if trusted { Trusted::Yes } else { Trusted::No };
        let before = std::mem::replace(&mut *self.trusted(), now);
        if let (Trusted::Open(Some(session)), true) = (before, trusted) {
            self.sessions.keep(self, &session);
        }
    }

    /// The handshake failed.
    pub(super) fn give_up(&self) {
        self.sessions.forget(self.whose());
    }

    fn hear(&self, session: SslSession) {
        match &mut *self.trusted() {
            Trusted::Open(waiting) => *waiting = Some(session),
            Trusted::Yes => self.sessions.keep(self, &session),
            Trusted::No => {}
        }
    }

    fn whose(&self) -> Whose<'_> {
        let plain = self.plain.as_ref();
        Whose {
            identity: &self.identity,
            plain: plain.map(|(host, port)| (&**host, *port)),
        }
    }

    fn trusted(&self) -> MutexGuard<'_, Trusted> {
        self.trusted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place in every SSL where its memory is.
fn memory_index() -> Option<Index<Ssl, Memory>> {
    static INDEX: OnceLock<Option<Index<Ssl, Memory>>> = OnceLock::new();
    *INDEX.get_or_init(|| Ssl::new_ex_index().ok())
}
