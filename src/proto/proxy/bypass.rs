//! The only place that reads `no_proxy`: which hosts are gone to directly, as curl has it.
//!
//! Entries are separated by commas or blanks. `*`, alone, is every host. A name is that host and all below it, with or without a
//! dot in front. An address is that address, and with `/bits` those of its network. There are no ports, and no other wildcards.

use core::net::{IpAddr, Ipv6Addr};

/// The list, as it was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bypass(String);

impl Bypass {
    pub(crate) fn new(list: &str) -> Self {
        Self(list.to_owned())
    }

    /// Is `host`, a name or an address with or without brackets, gone to directly?
    pub(crate) fn covers(&self, host: &str) -> bool {
        let is_separator = |c: char| c == ',' || c.is_ascii_whitespace();
        let list = self.0.trim_matches(is_separator);
        let mut entries = list.split(is_separator).filter(|entry| !entry.is_empty());
        if list == "*" {
            return true;
        }
        match address(host) {
            Some(ip) => entries.any(|entry| has_address(entry, ip)),
            None => {
                let host = host.strip_suffix('.').unwrap_or(host);
                entries.any(|entry| has_name(entry, host))
            }
        }
    }
}

fn address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let text = bare.unwrap_or(text);
    let text = text.split_once('%').map_or(text, |(ip, _zone)| ip);
    match bare {
        Some(_) => text.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => text.parse().ok(),
    }
}

fn has_name(entry: &str, host: &str) -> bool {
    let entry = entry.strip_prefix('.').unwrap_or(entry);
    let entry = entry.strip_suffix('.').unwrap_or(entry);
    let Some(at) = host
        .len()
        .checked_sub(entry.len())
        .filter(|_| !entry.is_empty())
    else {
        return false;
    };
    let (before, tail) = host.as_bytes().split_at(at);
    tail.eq_ignore_ascii_case(entry.as_bytes()) && matches!(before.last(), None | Some(b'.'))
}

fn has_address(entry: &str, ip: IpAddr) -> bool {
    let (network, bits) = match entry.split_once('/') {
        Some((network, bits)) => (network, Some(bits)),
        None => (entry, None),
    };
    let bits = bits.map(str::parse::<u32>);
    match (address(network), ip) {
        (Some(IpAddr::V4(network)), IpAddr::V4(ip)) => {
            let (network, ip) = (u32::from(network), u32::from(ip));
            same_network(network.into(), ip.into(), bits, 32)
        }
        (Some(IpAddr::V6(network)), IpAddr::V6(ip)) => {
            same_network(network.into(), ip.into(), bits, 128)
        }
        _ => false,
    }
}

/// Nonsense for a prefix's length covers nothing.
fn same_network<E>(a: u128, b: u128, bits: Option<Result<u32, E>>, width: u32) -> bool {
    let bits = bits.unwrap_or(Ok(width)).ok();
    let Some(rest) = bits.and_then(|bits| width.checked_sub(bits)) else {
        return false;
    };
    (a ^ b).checked_shr(rest).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::Bypass;

    #[test]
    fn entries_cover_what_they_say() {
        for (list, host, covered) in [
            ("", "a.test", false),
            ("*", "a.test", true),
            (" *, ", "192.0.2.1", true),
            ("*,b.test", "a.test", false),
            ("*.a.test", "x.a.test", false),
            ("a.test", "a.test", true),
            ("a.test", "A.TEST.", true),
            ("A.test.", "a.test", true),
            ("a.test", "x.a.test", true),
            ("a.test", "xa.test", false),
            ("x.a.test", "a.test", false),
            (".a.test", "a.test", true),
            (".a.test", "x.y.a.test", true),
            (".", "a.test", false),
            ("b.test, a.test", "a.test", true),
            ("b.test a.test", "a.test", true),
            ("a.test:80", "a.test", false),
            ("localhost", "127.0.0.1", false),
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.11", false),
            ("0.2.1", "192.0.2.1", false),
            ("192.0.2.0/24", "192.0.2.77", true),
            ("192.0.2.0/24", "192.0.3.77", false),
            ("192.0.2.77/24", "192.0.2.1", true),
            ("0.0.0.0/0", "198.51.100.7", true),
            ("192.0.2.0/33", "192.0.2.0", false),
            ("192.0.2.0/x", "192.0.2.0", false),
            ("192.0.2.0/", "192.0.2.0", false),
            ("::/0", "192.0.2.1", false),
            ("::1", "::1", true),
            ("::1", "[::1]", true),
            ("[::1]", "::1", true),
            ("0:0:0:0:0:0:0:1", "::1", true),
            ("fe80::/10", "fe80::1%eth0", true),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::/0", "2001:db9::1", true),
            ("ü.test", "x.ü.test", true),
        ] {
            let bypass = Bypass::new(list);
            assert_eq!(bypass.covers(host), covered, "{list:?} {host:?}");
        }
    }
}
