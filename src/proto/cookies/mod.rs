//! The only place that keeps cookies: RFC 6265bis, for a client that has no pages and no scripts.
//!
//! ```text
//!   set_cookie  what a server says      rules  who may set what and who gets it back      netscape  the file they are kept in
//! ```
//!
//! What is about pages has no effect here: SameSite, and that HttpOnly keeps scripts away. There is no list of public suffixes:
//! a domain of one label is refused, and more would be a list that is old on the day it ships.

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzz;
mod netscape;
mod rules;
mod set_cookie;

use std::collections::HashMap;

use self::rules::{domain_matches, parents, path_matches};
use self::set_cookie::SetCookie;

/// Where a request goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site<'a> {
    /// Lower case, without port and brackets.
    pub(crate) host: &'a str,
    /// Without query.
    pub(crate) path: &'a str,
    /// TLS.
    pub(crate) secure: bool,
}

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) items: usize,
    /// Of names, values, domains and paths together.
    pub(crate) bytes: usize,
    /// Of one cookie's name and value.
    pub(crate) payload: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            items: ITEMS,
            bytes: usize::MAX,
            payload: PAYLOAD,
        }
    }
}

/// RFC 6265bis section 6.1 asks for 3,000 and 50 at least, and section 5.6 forbids more than so many bytes.
const ITEMS: usize = 3_000;
const PER_DOMAIN: usize = 180;
pub(crate) const PAYLOAD: usize = 4_096;
/// A line that is longer is refused by many servers: what does not fit is left out.
const LINE: usize = 8_190;

struct Cookie {
    name: Box<[u8]>,
    value: Box<[u8]>,
    path: Box<str>,
    /// For the domain itself alone.
    host_only: bool,
    secure: bool,
    http_only: bool,
    /// Seconds since 1970; `None`: as long as the context lives.
    expires: Option<i64>,
    /// In the order of creation, and of use.
    created: u64,
    used: u64,
}

impl Cookie {
    fn is_expired(&self, now: i64) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    fn weight(&self, domain: &str) -> usize {
        self.name.len() + self.value.len() + self.path.len() + domain.len()
    }
}

/// All that servers have set.
#[derive(Default)]
pub(crate) struct Cookies {
    limits: Limits,
    domains: HashMap<Box<str>, Vec<Cookie>>,
    items: usize,
    bytes: usize,
    /// Of the last creation or use.
    turn: u64,
}

impl Cookies {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// A value of Set-Cookie, in a response from there. True when that changes what is kept beyond the context.
    pub(crate) fn set(&mut self, line: &[u8], from: &Site<'_>, now: i64) -> bool {
        let Some(said) = SetCookie::parse(line, now) else {
            return false;
        };
        let Some((domain, cookie)) = rules::accept(said, from) else {
            return false;
        };
        if !cookie.secure && !from.secure && self.shadows_secure(&domain, &cookie) {
            return false;
        }
        self.insert(&domain, cookie, now)
    }

    /// The value of Cookie for a request to there, after the pairs that the program wrote itself. `None`: there is nothing to add.
    pub(crate) fn header(&mut self, to: &Site<'_>, own: &[u8], now: i64) -> Option<Vec<u8>> {
        let mut found = Vec::new();
        for domain in parents(to.host) {
            let cookies = self.domains.get(domain).map_or(&[][..], Vec::as_slice);
            for (at, cookie) in cookies.iter().enumerate() {
                let goes = (!cookie.host_only || domain == to.host)
                    && (!cookie.secure || to.secure)
                    && path_matches(to.path, &cookie.path)
                    && !cookie.is_expired(now);
                if goes && !has_name(own, &cookie.name) {
                    found.push((domain, at, cookie));
                }
            }
        }
        // RFC 6265bis section 5.7.3: longer paths first, then the older.
        found.sort_by_key(|(.., cookie)| (usize::MAX - cookie.path.len(), cookie.created));
        let mut line = own.to_vec();
        found.retain(|(.., cookie)| put_pair(&mut line, cookie));
        let used: Vec<_> = found.iter().map(|(domain, at, _)| (*domain, *at)).collect();
        self.turn += 1;
        for (domain, at) in &used {
            let cookies = self.domains.get_mut(*domain);
            if let Some(cookie) = cookies.and_then(|cookies| cookies.get_mut(*at)) {
                cookie.used = self.turn;
            }
        }
        (!used.is_empty()).then_some(line)
    }

    /// RFC 6265bis section 5.7, step 12: who is not secure does not hide what is.
    fn shadows_secure(&self, domain: &str, new: &Cookie) -> bool {
        self.domains.iter().any(|(known, cookies)| {
            (domain_matches(known, domain) || domain_matches(domain, known))
                && cookies.iter().any(|old| {
                    old.secure && old.name == new.name && path_matches(&new.path, &old.path)
                })
        })
    }

    /// In the place of one of the same name, domain and path. One that is over only takes that away.
    fn insert(&mut self, domain: &str, mut new: Cookie, now: i64) -> bool {
        self.turn += 1;
        (new.created, new.used) = (self.turn, self.turn);
        let old = self.take(domain, &new);
        let lasted = old.as_ref().is_some_and(|old| old.expires.is_some());
        if let Some(old) = old {
            new.created = old.created;
        }
        let too_large = new.name.len() + new.value.len() > self.limits.payload
            || new.weight(domain) > self.limits.bytes;
        if new.is_expired(now) || too_large || self.limits.items == 0 {
            return lasted;
        }
        let lasts = new.expires.is_some();
        let evicted = self.make_room(domain, new.weight(domain), now);
        self.items += 1;
        self.bytes += new.weight(domain);
        match self.domains.get_mut(domain) {
            Some(cookies) => cookies.push(new),
            None => {
                self.domains.insert(domain.into(), vec![new]);
            }
        }
        lasts || lasted || evicted
    }

    fn take(&mut self, domain: &str, like: &Cookie) -> Option<Cookie> {
        let cookies = self.domains.get(domain)?;
        let at = cookies.iter().position(|old| {
            old.name == like.name && old.path == like.path && old.host_only == like.host_only
        })?;
        self.remove(domain, at)
    }

    fn remove(&mut self, domain: &str, at: usize) -> Option<Cookie> {
        let cookies = self.domains.get_mut(domain)?;
        if at >= cookies.len() {
            return None;
        }
        let cookie = cookies.remove(at);
        if cookies.is_empty() {
            self.domains.remove(domain);
        }
        self.items -= 1;
        self.bytes -= cookie.weight(domain);
        Some(cookie)
    }

    /// RFC 6265bis section 5.7, "evict": first what is over, then of a domain that has too many, then whatever was not used for longest.
    /// True when one of them would have outlived the context.
    fn make_room(&mut self, domain: &str, weight: usize, now: i64) -> bool {
        let mut lasted = false;
        let many = self.domains.get(domain).map_or(0, Vec::len);
        let full = |of: &Self| {
            of.items >= of.limits.items || of.bytes.saturating_add(weight) > of.limits.bytes
        };
        if many >= PER_DOMAIN || full(self) {
            self.forget_expired(now);
        }
        if self.domains.get(domain).map_or(0, Vec::len) >= PER_DOMAIN {
            let domain: Box<str> = domain.into();
            lasted |= self.evict(|known| *known == *domain);
        }
        while full(self) && self.items > 0 {
            lasted |= self.evict(|_| true);
        }
        lasted
    }

    fn forget_expired(&mut self, now: i64) {
        self.domains.retain(|_, cookies| {
            cookies.retain(|cookie| !cookie.is_expired(now));
            !cookies.is_empty()
        });
        self.items = self.domains.values().map(Vec::len).sum();
        let weights = self
            .domains
            .iter()
            .flat_map(|(domain, cookies)| cookies.iter().map(|cookie| cookie.weight(domain)));
        self.bytes = weights.sum();
    }

    /// The least recently used one of these domains.
    fn evict(&mut self, of: impl Fn(&str) -> bool) -> bool {
        let domains = self.domains.iter().filter(|(domain, _)| of(domain));
        let all = domains.flat_map(|(domain, cookies)| {
            let numbered = cookies.iter().enumerate();
            numbered.map(move |(at, cookie)| (cookie.used, at, domain))
        });
        let Some((_, at, domain)) = all.min_by_key(|(used, ..)| *used) else {
            return false;
        };
        let domain = domain.clone();
        let evicted = self.remove(&domain, at);
        evicted.is_some_and(|cookie| cookie.expires.is_some())
    }
}

/// Another pair of a line, if there is room for it.
fn put_pair(line: &mut Vec<u8>, cookie: &Cookie) -> bool {
    if line.len() + cookie.name.len() + cookie.value.len() + "; =".len() > LINE {
        return false;
    }
    if !line.is_empty() {
        line.extend_from_slice(b"; ");
    }
    if !cookie.name.is_empty() {
        line.extend_from_slice(&cookie.name);
        line.push(b'=');
    }
    line.extend_from_slice(&cookie.value);
    true
}

/// Whether a list of pairs has one of this name.
fn has_name(pairs: &[u8], name: &[u8]) -> bool {
    pairs.split(|b| *b == b';').any(|pair| {
        let own = pair.split(|b| *b == b'=').next().unwrap_or_default();
        own.trim_ascii() == name && (pair.contains(&b'=') || !name.is_empty())
    })
}

#[cfg(test)]
mod tests;
