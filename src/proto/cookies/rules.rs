//! The only place that says who may set which cookie, and who gets it back: RFC 6265bis sections 5.1.2 to 5.1.4 and 5.7.

use super::set_cookie::SetCookie;
use super::{Cookie, Site};

/// What is kept of it, and for which domain. `None`: it is none that this server may set.
pub(super) fn accept(said: SetCookie<'_>, from: &Site<'_>) -> Option<(String, Cookie)> {
    let (domain, host_only) = domain_of(said.domain.unwrap_or_default(), from.host)?;
    let path = match said.path {
        Some(path) => str::from_utf8(path).ok()?,
        None => default_path(from.path),
    };
    if said.secure && !from.secure {
        return None;
    }
    let pinned = host_only && said.path == Some(b"/");
    if !keeps_its_word(said.name, said.value, said.secure, pinned) {
        return None;
    }
    let cookie = Cookie {
        name: said.name.into(),
        value: said.value.into(),
        path: path.into(),
        host_only,
        secure: said.secure,
        http_only: said.http_only,
        expires: said.expires,
        created: 0,
        used: 0,
    };
    Some((domain, cookie))
}

/// RFC 6265bis section 4.1.3: what a name promises. `pinned`: it is for one host, and all of it.
pub(super) fn keeps_its_word(name: &[u8], value: &[u8], secure: bool, pinned: bool) -> bool {
    // A nameless one is sent as its value: it must not look like what it is not.
    let shown = if name.is_empty() { value } else { name };
    let (is_secure, is_host) = (
        has_prefix(shown, b"__secure-"),
        has_prefix(shown, b"__host-"),
    );
    match name.is_empty() {
        true => !is_secure && !is_host,
        false => (secure || !is_secure) && ((secure && pinned) || !is_host),
    }
}

/// Whose it is, and whether it is for that host alone. A domain of one label is nobody's: it would be for all of `com`.
fn domain_of(named: &[u8], host: &str) -> Option<(String, bool)> {
    if host.is_empty() || host.starts_with('+') {
        return None; // a unix socket
    }
    let named = str::from_utf8(named)
        .ok()
        .filter(|named| named.is_ascii())?;
    let named = named.to_ascii_lowercase();
    if named.is_empty() {
        return Some((host.to_owned(), true));
    }
    let is_suffix = !named.trim_end_matches('.').contains('.');
    if is_suffix || is_address(host) {
        return (named == host).then_some((named, true));
    }
    domain_matches(host, &named).then_some((named, false))
}

/// RFC 6265bis section 5.1.3
pub(super) fn domain_matches(host: &str, domain: &str) -> bool {
    let below = |rest: &str| rest.ends_with('.') && !is_address(host);
    host == domain || host.strip_suffix(domain).is_some_and(below)
}

/// The host, and each domain that it is in.
pub(super) fn parents(host: &str) -> impl Iterator<Item = &str> {
    let alone = is_address(host);
    std::iter::successors(Some(host), move |domain: &&str| {
        let (_, above) = domain.split_once('.')?;
        Some(above).filter(|_| !alone)
    })
}

/// An IP address has no domain above it.
fn is_address(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    host.contains(':') || (!last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()))
}

/// RFC 6265bis section 5.1.4
pub(super) fn default_path(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some((parent, _)) if parent.starts_with('/') => parent,
        _ => "/",
    }
}

/// RFC 6265bis section 5.1.4
pub(super) fn path_matches(path: &str, of: &str) -> bool {
    let below = |rest: &str| of.ends_with('/') || rest.starts_with('/') || rest.is_empty();
    path.strip_prefix(of).is_some_and(below)
}

fn has_prefix(name: &[u8], prefix: &[u8]) -> bool {
    let start = name.get(..prefix.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}
