//! The only place that says which requests may share: the endpoint and trust identity, compared in full.
//!
//! A hash only finds candidates. A new field of `Place` does not compile until `same` and `hash` decide about it, because
//! both take it apart without `..`.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::Arc;

use hashbrown::HashTable;
use slab::Slab;

use super::conn::Conn;
use super::table::Key;
use super::vhost::Vhost;
use crate::net::tls::Trust;
use crate::proto::proxy::Proxy;

/// What a socket is told by `priority` and the LCCSCF_IP_* flags.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct IpService {
    pub(crate) priority: u8,
    pub(crate) low_latency: bool,
    pub(crate) high_throughput: bool,
    pub(crate) high_reliability: bool,
    pub(crate) low_cost: bool,
}

/// Where a request goes, by which way, and what it trusts there, borrowed from who asks. Contract section 3.1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) vhost: Key<Vhost>,
    /// Host name, address, or `+` and a unix socket's path.
    pub(crate) address: &'a str,
    pub(crate) port: u16,
    pub(crate) host: Option<&'a str>,
    pub(crate) tls: bool,
    pub(crate) trust: Trust,
    /// The list offered, comma separated.
    pub(crate) alpn: Option<&'a str>,
    pub(crate) h2_prior_knowledge: bool,
    /// `sys_tls_client_cert`: 1-based, 0 for the vhost's own.
    pub(crate) client_cert: u8,
    pub(crate) iface: Option<&'a str>,
    pub(crate) local_port: u16,
    pub(crate) ip: IpService,
    /// `None`: directly.
    pub(crate) proxy: Option<&'a Arc<Proxy>>,
}

/// A `Place` that lasts.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    vhost: Key<Vhost>,
    address: Box<str>,
    port: u16,
    host: Option<Box<str>>,
    tls: bool,
    trust: Trust,
    alpn: Option<Box<str>>,
    h2_prior_knowledge: bool,
    client_cert: u8,
    iface: Option<Box<str>>,
    local_port: u16,
    ip: IpService,
    proxy: Option<Arc<Proxy>>,
}

impl Identity {
    pub(crate) fn place(&self) -> Place<'_> {
        let Self {
            vhost,
            address,
            port,
            host,
            tls,
            trust,
            alpn,
            h2_prior_knowledge,
            client_cert,
            iface,
            local_port,
            ip,
            proxy,
        } = self;
        Place {
            vhost: *vhost,
            address,
            port: *port,
            host: host.as_deref(),
            tls: *tls,
            trust: *trust,
            alpn: alpn.as_deref(),
            h2_prior_knowledge: *h2_prior_knowledge,
            client_cert: *client_cert,
            iface: iface.as_deref(),
            local_port: *local_port,
            ip: *ip,
            proxy: proxy.as_ref(),
        }
    }
}

impl Place<'_> {
    /// May one ride a connection, or resume a session, that was made for the other?
    pub(crate) fn same(&self, other: &Place<'_>) -> bool {
        let Self {
            vhost,
            address,
            port,
            host,
            tls,
            trust,
            alpn,
            h2_prior_knowledge,
            client_cert,
            iface,
            local_port,
            ip,
            proxy,
        } = *self;
        vhost == other.vhost
            && address == other.address
            && port == other.port
            && host == other.host
            && tls == other.tls
            && trust == other.trust
            && alpn == other.alpn
            && h2_prior_knowledge == other.h2_prior_knowledge
            && client_cert == other.client_cert
            && iface == other.iface
            && local_port == other.local_port
            && ip == other.ip
            && proxy == other.proxy
    }

    fn hash(&self, state: &RandomState) -> u64 {
        let Self {
            vhost,
            address,
            port,
            host,
            tls,
            trust,
            alpn,
            h2_prior_knowledge,
            client_cert,
            iface,
            local_port,
            ip,
            proxy,
        } = *self;
        let mut hasher = state.build_hasher();
        (vhost.index(), vhost.generation()).hash(&mut hasher);
        (address, port, host, tls, trust, alpn).hash(&mut hasher);
        (h2_prior_knowledge, client_cert, iface, local_port, ip).hash(&mut hasher);
        proxy.hash(&mut hasher);
        hasher.finish()
    }

    /// What TLS sessions of one identity are kept under: nobody else's text is the same.
    pub(crate) fn session_key(&self) -> String {
        let Self {
            vhost,
            address,
            port,
            host,
            tls,
            trust,
            alpn,
            h2_prior_knowledge,
            client_cert,
            iface,
            local_port,
            ip,
            proxy,
        } = *self;
        let vhost = (vhost.index(), vhost.generation());
        let name = (address, port, host, tls, trust, alpn);
        let rest = (h2_prior_knowledge, client_cert, iface, local_port, ip);
        // Credentials go into no log, so their Debug does not tell them apart.
        let login = proxy.and_then(|proxy| proxy.credentials.as_ref());
        let login = login.map(|login| (&login.user, &login.password));
        format!("{vhost:?}{name:?}{rest:?}{proxy:?}{login:?}")
    }

    fn to_identity(self) -> Identity {
        Identity {
            vhost: self.vhost,
            address: self.address.into(),
            port: self.port,
            host: self.host.map(Into::into),
            tls: self.tls,
            trust: self.trust,
            alpn: self.alpn.map(Into::into),
            h2_prior_knowledge: self.h2_prior_knowledge,
            client_cert: self.client_cert,
            iface: self.iface.map(Into::into),
            local_port: self.local_port,
            ip: self.ip,
            proxy: self.proxy.cloned(),
        }
    }

    /// The name that SNI and the certificate check use: `host` without its port, or `address` when there is none.
    pub(crate) fn tls_name(&self) -> &str {
        let name = self.host.unwrap_or(self.address);
        if let Some((literal, _)) = name.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            return literal;
        }
        match name.split_once(':') {
            // One colon is a port's; more are an IPv6 literal's.
            Some((bare, port)) if !port.contains(':') => bare,
            _ => name,
        }
    }

    /// What reasons call the peer: `host:port`, or the socket's path; and by what it is reached.
    pub(crate) fn peer_text(&self) -> String {
        match self.proxy {
            Some(proxy) => format!("{} by {proxy}", self.end_text()),
            None => self.end_text(),
        }
    }

    fn end_text(&self) -> String {
        if self.address.starts_with('+') {
            return self.address.to_owned();
        }
        if self.address.contains(':') && !self.address.starts_with('[') {
            return format!("[{}]:{}", self.address, self.port);
        }
        format!("{}:{}", self.address, self.port)
    }
}

/// Whether a list for ALPN, comma separated, has this name.
pub(crate) fn lists(alpn: &str, name: &str) -> bool {
    alpn.split(',').any(|listed| listed.trim() == name)
}

/// Names an interned identity while somebody uses it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct IdentityId(u32);

struct Entry {
    identity: Identity,
    users: usize,
    /// The connection that takes further requests, with its queue.
    live: Option<Key<Conn>>,
    /// After so many requests the peer ended the last connection.
    lasts: u32,
}

/// Every identity in use, once, found by hash without allocating.
pub(crate) struct Identities {
    entries: Slab<Entry>,
    index: HashTable<u32>,
    state: RandomState,
    /// The one that was asked for last: most requests go where the one before went.
    last: u32,
}

impl Identities {
    pub(crate) fn new() -> Self {
        Self {
            entries: Slab::new(),
            index: HashTable::new(),
            state: RandomState::new(),
            last: 0,
        }
    }

    /// One more user of the identity that `place` describes.
    pub(crate) fn intern(&mut self, place: &Place<'_>) -> IdentityId {
        let last = self.entries.get(self.last as usize);
        if last.is_some_and(|entry| place.same(&entry.identity.place())) {
            let id = IdentityId(self.last);
            self.keep(id);
            return id;
        }
        let id = self.find_or_add(place);
        self.last = id.0;
        self.keep(id);
        id
    }

    fn find_or_add(&mut self, place: &Place<'_>) -> IdentityId {
        let hash = place.hash(&self.state);
        let entries = &self.entries;
        let found = self.index.find(hash, |id| {
            let entry = entries.get(*id as usize);
            entry.is_some_and(|entry| place.same(&entry.identity.place()))
        });
        let id = match found {
            Some(id) => *id,
            None => {
                let id = self.entries.insert(Entry {
                    identity: place.to_identity(),
                    users: 0,
                    live: None,
                    lasts: u32::MAX,
                }) as u32;
                let (entries, state) = (&self.entries, &self.state);
                self.index.insert_unique(hash, id, |id| {
                    let entry = entries.get(*id as usize);
                    entry.map_or(0, |entry| entry.identity.place().hash(state))
                });
                id
            }
        };
        IdentityId(id)
    }

    pub(crate) fn keep(&mut self, id: IdentityId) {
        if let Some(entry) = self.entries.get_mut(id.0 as usize) {
            entry.users += 1;
        }
    }

    /// One user less; the last takes the entry away.
    pub(crate) fn release(&mut self, id: IdentityId) {
        let Some(entry) = self.entries.get_mut(id.0 as usize) else {
            return;
        };
        entry.users -= 1;
        if entry.users > 0 {
            return;
        }
        let hash = entry.identity.place().hash(&self.state);
        if let Ok(found) = self.index.find_entry(hash, |other| *other == id.0) {
            found.remove();
        }
        self.entries.remove(id.0 as usize);
    }

    pub(crate) fn get(&self, id: IdentityId) -> &Identity {
        &self.entries[id.0 as usize].identity
    }

    pub(crate) fn live(&self, id: IdentityId) -> Option<Key<Conn>> {
        self.entries.get(id.0 as usize)?.live
    }

    pub(crate) fn set_live(&mut self, id: IdentityId, live: Option<Key<Conn>>) {
        if let Some(entry) = self.entries.get_mut(id.0 as usize) {
            entry.live = live;
        }
    }

    /// How many requests a connection there is good for, as far as its peers have shown.
    pub(crate) fn lasts(&self, id: IdentityId) -> u32 {
        self.entries
            .get(id.0 as usize)
            .map_or(u32::MAX, |entry| entry.lasts)
    }

    pub(crate) fn set_lasts(&mut self, id: IdentityId, lasts: u32) {
        if let Some(entry) = self.entries.get_mut(id.0 as usize) {
            entry.lasts = lasts;
        }
    }

    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use super::{Identities, IpService, Place, Proxy, Trust};
    use crate::engine::table::Key;
    use crate::proto::proxy::{Kind, Spelling};

    fn base() -> Place<'static> {
        Place {
            vhost: Key::from_parts(1, 1),
            address: "a.test",
            port: 443,
            host: Some("a.test"),
            tls: true,
            trust: Trust::default(),
            alpn: Some("http/1.1"),
            h2_prior_knowledge: false,
            client_cert: 0,
            iface: None,
            local_port: 0,
            ip: IpService::default(),
            proxy: None,
        }
    }

    /// Every field flipped, one at a time.
    fn flipped() -> Vec<Place<'static>> {
        let b = base();
        let trust = Trust::default();
        let ip = IpService::default();
        vec![
            Place {
                vhost: Key::from_parts(2, 1),
                ..b
            },
            Place {
                vhost: Key::from_parts(1, 2),
                ..b
            },
            Place {
                address: "b.test",
                ..b
            },
            Place { port: 444, ..b },
            Place { host: None, ..b },
            Place {
                host: Some("b.test"),
                ..b
            },
            Place { tls: false, ..b },
            Place {
                trust: Trust {
                    selfsigned: true,
                    ..trust
                },
                ..b
            },
            Place {
                trust: Trust {
                    skip_hostname: true,
                    ..trust
                },
                ..b
            },
            Place {
                trust: Trust {
                    expired: true,
                    ..trust
                },
                ..b
            },
            Place {
                trust: Trust {
                    insecure: true,
                    ..trust
                },
                ..b
            },
            Place { alpn: None, ..b },
            Place {
                alpn: Some("h2"),
                ..b
            },
            Place {
                h2_prior_knowledge: true,
                ..b
            },
            Place {
                client_cert: 1,
                ..b
            },
            Place {
                iface: Some("lo"),
                ..b
            },
            Place { local_port: 1, ..b },
            Place {
                ip: IpService { priority: 1, ..ip },
                ..b
            },
            Place {
                ip: IpService {
                    low_latency: true,
                    ..ip
                },
                ..b
            },
            Place {
                ip: IpService {
                    high_throughput: true,
                    ..ip
                },
                ..b
            },
            Place {
                ip: IpService {
                    high_reliability: true,
                    ..ip
                },
                ..b
            },
            Place {
                ip: IpService {
                    low_cost: true,
                    ..ip
                },
                ..b
            },
        ]
    }

    /// And what makes a proxy another.
    fn proxies() -> Vec<Arc<Proxy>> {
        let http = |text: &str| Spelling::of_program(Kind::Http, None).read(text);
        let socks = |text: &str| Spelling::of_program(Kind::Socks5, None).read(text);
        let all = [
            http("p.test:1"),
            http("p.test:2"),
            http("q.test:1"),
            http("me:a@p.test:1"),
            http("you:a@p.test:1"),
            http("me:b@p.test:1"),
            socks("p.test:1"),
        ];
        all.into_iter()
            .map(|proxy| Arc::new(proxy.expect("a proxy")))
            .collect()
    }

    #[test]
    fn any_field_that_differs_makes_another_identity() {
        let mut identities = Identities::new();
        let first = identities.intern(&base());
        assert_eq!(identities.intern(&base()), first);
        for place in flipped() {
            assert!(!place.same(&base()), "{place:?}");
            assert_ne!(identities.intern(&place), first, "{place:?}");
        }
        assert_eq!(identities.len(), 1 + flipped().len());
        let keys: HashSet<_> = flipped().iter().map(Place::session_key).collect();
        assert_eq!(keys.len(), flipped().len());
        assert!(!keys.contains(&base().session_key()));
    }

    #[test]
    fn another_way_makes_another_identity_and_the_same_said_twice_does_not() {
        let mut identities = Identities::new();
        identities.intern(&base());
        let mut keys = HashSet::from([base().session_key()]);
        for _ in 0..2 {
            for proxy in &proxies() {
                let place = Place {
                    proxy: Some(proxy),
                    ..base()
                };
                identities.intern(&place);
                keys.insert(place.session_key());
            }
        }
        assert_eq!(identities.len(), 1 + proxies().len());
        assert_eq!(keys.len(), identities.len());
    }

    #[test]
    fn the_last_user_takes_the_entry_away() {
        let mut identities = Identities::new();
        let id = identities.intern(&base());
        identities.keep(id);
        identities.release(id);
        assert_eq!(identities.len(), 1);
        identities.release(id);
        assert_eq!(identities.len(), 0);
    }

    #[test]
    fn the_tls_name_is_the_host_without_its_port() {
        for (host, name) in [
            (Some("h.test:8443"), "h.test"),
            (Some("h.test"), "h.test"),
            (Some("[::1]:443"), "::1"),
            (Some("::1"), "::1"),
            (Some("127.0.0.1:443"), "127.0.0.1"),
            (None, "a.test"),
        ] {
            assert_eq!(Place { host, ..base() }.tls_name(), name);
        }
    }
}
