//! The only place that knows where a Location leads: RFC 3986 section 5, and the schemes that are spoken here.

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzz;

use fluent_uri::component::{Authority, Scheme};
use fluent_uri::{Uri, UriRef};

/// Where a request goes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Location {
    /// None: where it went before.
    pub(crate) origin: Option<Origin>,
    pub(crate) target: String,
}

/// A server, as a URI names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) tls: bool,
    /// Without the brackets of an IPv6 literal.
    pub(crate) address: String,
    pub(crate) port: u16,
    /// With the port, unless that is the scheme's own: what Host says.
    pub(crate) authority: String,
}

/// What `location` means as the answer to a request for `target`. None: it is no URI, or none that can be followed.
pub(crate) fn resolve(location: &[u8], tls: bool, target: &str) -> Option<Location> {
    let scheme = if tls { "https" } else { "http" };
    let base = format!("{scheme}://base{}", escaped(target.as_bytes(), 0));
    let base = Uri::parse(base).ok()?;
    let reference = escaped(location, authority_len(location));
    let reference = UriRef::parse(reference).ok()?;
    let resolved = reference.resolve_against(&base).ok()?;
    let origin = match (reference.scheme(), reference.authority()) {
        (None, None) => None,
        (scheme, authority) => Some(origin(scheme.map_or(Some(tls), is_tls)?, authority?)?),
    };
    let path = match resolved.path().as_str() {
        "" => "/",
        path => path,
    };
    let target = match resolved.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    Some(Location { origin, target })
}

/// The URL that `reference` means on the page at `base`, which is absolute. None: one of them is no URL.
pub(crate) fn join(base: &[u8], reference: &[u8]) -> Option<String> {
    let base = Uri::parse(escaped(base, authority_len(base))).ok()?;
    let reference = UriRef::parse(escaped(reference, authority_len(reference))).ok()?;
    let joined = reference.resolve_against(&base).ok()?;
    Some(joined.as_str().to_owned())
}

fn is_tls(scheme: &Scheme) -> Option<bool> {
    const TLS: [&str; 2] = ["https", "wss"];
    const PLAIN: [&str; 2] = ["http", "ws"];
    let named = |names: [&str; 2]| {
        names
            .iter()
            .any(|name| name.eq_ignore_ascii_case(scheme.as_str()))
    };
    match (named(TLS), named(PLAIN)) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

/// User and password are dropped: what a server says is nobody's secret, and Authorization is the program's.
fn origin(tls: bool, authority: Authority<'_>) -> Option<Origin> {
    let host = authority.host().to_ascii_lowercase();
    let literal = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    let may_stand = |c: char| match literal {
        Some(_) => c.is_ascii_hexdigit() || matches!(c, ':' | '.'),
        // More is allowed in a URI. An address that begins with + would be a unix socket's path here.
        None => c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'),
    };
    let address = literal.unwrap_or(&host).to_owned();
    if address.is_empty() || !address.chars().all(may_stand) {
        return None;
    }
    let usual = if tls { 443 } else { 80 };
    let port = authority.port_to_u16().ok()?.unwrap_or(usual);
    let authority = match port {
        0 => return None,
        port if port == usual => host,
        port => format!("{host}:{port}"),
    };
    Some(Origin {
        tls,
        address,
        port,
        authority,
    })
}

/// How far scheme and authority reach: brackets mean something there.
fn authority_len(location: &[u8]) -> usize {
    let ends = |b: &u8| matches!(b, b'/' | b'?' | b'#');
    let relative = match location.iter().position(|b| *b == b':' || ends(b)) {
        Some(colon) if location.get(colon) == Some(&b':') => colon + 1,
        _ => 0,
    };
    let rest = location.get(relative..).unwrap_or_default();
    let Some(rest) = rest.strip_prefix(b"//") else {
        return 0;
    };
    let len = rest.iter().position(ends).unwrap_or(rest.len());
    relative + 2 + len
}

/// As a URI, without its fragment: servers send what no URI may have, and mean its escaped form.
fn escaped(text: &[u8], authority_len: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let whole = text.split(|b| *b == b'#').next().unwrap_or_default();
    for (at, &b) in whole.iter().enumerate() {
        let digits = whole.get(at + 1..at + 3).unwrap_or_default();
        let stays = match b {
            b'%' => digits.len() == 2 && digits.iter().all(u8::is_ascii_hexdigit),
            b'[' | b']' => at < authority_len,
            _ => b.is_ascii_alphanumeric() || b"-._~:/?@!$&'()*+,;=".contains(&b),
        };
        match stays {
            true => out.push(char::from(b)),
            false => {
                for digit in [b'%', hex(b >> 4), hex(b & 15)] {
                    out.push(char::from(digit));
                }
            }
        }
    }
    out
}

fn hex(nibble: u8) -> u8 {
    match nibble {
        0..10 => b'0' + nibble,
        _ => b'A' + nibble - 10,
    }
}

#[cfg(test)]
mod tests {
    use super::{Location, Origin, join, resolve};

    #[test]
    fn a_reference_is_joined_to_the_page_that_has_it() {
        let page = b"https://x.com/y/z.html?q#f";
        for (reference, url) in [
            ("a.html", "https://x.com/y/a.html"),
            ("../b.html", "https://x.com/b.html"),
            ("/c d.html#f", "https://x.com/c%20d.html"),
            ("//y.com", "https://y.com"),
            ("file:///etc/x", "file:///etc/x"),
            ("", "https://x.com/y/z.html?q"),
        ] {
            assert_eq!(join(page, reference.as_bytes()).as_deref(), Some(url));
        }
        assert_eq!(join(b"/no/page", b"a"), None);
        assert_eq!(join(page, b"https://[x"), None);
    }

    /// The target that `location` means at http://a/b/c/d;p?q.
    fn target(location: &str) -> String {
        let found = resolve(location.as_bytes(), false, "/b/c/d;p?q").expect(location);
        assert_eq!(found.origin, None, "{location}");
        found.target
    }

    fn origin(location: &str, from_tls: bool) -> Option<(bool, String, u16, String)> {
        let Location { origin, .. } = resolve(location.as_bytes(), from_tls, "/")?;
        let Origin {
            tls,
            address,
            port,
            authority,
        } = origin?;
        Some((tls, address, port, authority))
    }

    #[test]
    fn the_normal_examples_of_rfc_3986_section_5_4_1() {
        for (location, wanted) in [
            ("g", "/b/c/g"),
            ("./g", "/b/c/g"),
            ("g/", "/b/c/g/"),
            ("/g", "/g"),
            ("?y", "/b/c/d;p?y"),
            ("g?y", "/b/c/g?y"),
            ("#s", "/b/c/d;p?q"),
            ("g#s", "/b/c/g"),
            ("g?y#s", "/b/c/g?y"),
            (";x", "/b/c/;x"),
            ("g;x", "/b/c/g;x"),
            ("g;x?y#s", "/b/c/g;x?y"),
            ("", "/b/c/d;p?q"),
            (".", "/b/c/"),
            ("./", "/b/c/"),
            ("..", "/b/"),
            ("../", "/b/"),
            ("../g", "/b/g"),
            ("../..", "/"),
            ("../../", "/"),
            ("../../g", "/g"),
        ] {
            assert_eq!(target(location), wanted, "{location}");
        }
        let other = resolve(b"//g", false, "/b/c/d;p?q").expect("a place");
        assert_eq!(other.target, "/");
        assert_eq!(other.origin.expect("another").authority, "g");
        assert_eq!(resolve(b"g:h", false, "/"), None);
    }

    #[test]
    fn the_abnormal_examples_of_rfc_3986_section_5_4_2() {
        for (location, wanted) in [
            ("../../../g", "/g"),
            ("../../../../g", "/g"),
            ("/./g", "/g"),
            ("/../g", "/g"),
            ("g.", "/b/c/g."),
            (".g", "/b/c/.g"),
            ("g..", "/b/c/g.."),
            ("..g", "/b/c/..g"),
            ("./../g", "/b/g"),
            ("./g/.", "/b/c/g/"),
            ("g/./h", "/b/c/g/h"),
            ("g/../h", "/b/c/h"),
            ("g;x=1/./y", "/b/c/g;x=1/y"),
            ("g;x=1/../y", "/b/c/y"),
            ("g?y/./x", "/b/c/g?y/./x"),
            ("g?y/../x", "/b/c/g?y/../x"),
            ("g#s/./x", "/b/c/g"),
            ("g#s/../x", "/b/c/g"),
        ] {
            assert_eq!(target(location), wanted, "{location}");
        }
        assert_eq!(resolve(b"http:g", false, "/"), None, "as a strict parser");
    }

    #[test]
    fn a_server_is_named_with_its_port_unless_that_is_the_schemes() {
        let some = |tls, address: &str, port, authority: &str| {
            Some((tls, address.to_owned(), port, authority.to_owned()))
        };
        for (location, from_tls, wanted) in [
            (
                "http://A.test/x",
                false,
                some(false, "a.test", 80, "a.test"),
            ),
            (
                "http://a.test:80",
                true,
                some(false, "a.test", 80, "a.test"),
            ),
            (
                "HTTPS://a.test:8443/",
                false,
                some(true, "a.test", 8443, "a.test:8443"),
            ),
            ("wss://a.test:/", false, some(true, "a.test", 443, "a.test")),
            (
                "ws://a.test:443/",
                false,
                some(false, "a.test", 443, "a.test:443"),
            ),
            ("//a.test/x", false, some(false, "a.test", 80, "a.test")),
            ("//a.test/x", true, some(true, "a.test", 443, "a.test")),
            (
                "http://u:p@a.test/",
                false,
                some(false, "a.test", 80, "a.test"),
            ),
            ("http://[::1]/", false, some(false, "::1", 80, "[::1]")),
            (
                "http://[2001:DB8::1]:81/[x]",
                false,
                some(false, "2001:db8::1", 81, "[2001:db8::1]:81"),
            ),
            (
                "http://a_b.test/",
                false,
                some(false, "a_b.test", 80, "a_b.test"),
            ),
            (
                "http://127.0.0.1:1/",
                false,
                some(false, "127.0.0.1", 1, "127.0.0.1:1"),
            ),
        ] {
            assert_eq!(origin(location, from_tls), wanted, "{location}");
        }
    }

    #[test]
    fn what_is_no_place_to_go_to_is_not_followed() {
        for location in [
            "ftp://a.test/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "http:",
            "http:/x",
            "http:///x",
            "http://",
            "http://:80/",
            "http://a.test:0/",
            "http://a.test:65536/",
            "http://a.test:x/",
            "http://+/",
            "http://+run+docker.sock/",
            "http://a%00b/",
            "http://a b/",
            "http://a\\b/",
            "http://a.test\r\nX: y/",
            "http://\u{e4}.test/",
            "http://[::1/",
            "http://[v1.x]/",
            "http://[fe80::1%25lo]/",
            "http://[::1]x/",
            ":80/",
        ] {
            let found = resolve(location.as_bytes(), false, "/");
            assert_eq!(found, None, "{location}");
        }
    }

    #[test]
    fn what_no_uri_may_have_is_escaped() {
        for (location, wanted) in [
            ("/a b", "/a%20b"),
            ("/\u{e4}?\u{e4}", "/%C3%A4?%C3%A4"),
            ("/?f[a]=[b]", "/?f%5Ba%5D=%5Bb%5D"),
            ("/100%", "/100%25"),
            ("/%zz%4", "/%25zz%254"),
            ("/%2e%2F%41", "/%2e%2F%41"),
            ("/a\r\nX: y", "/a%0D%0AX:%20y"),
            ("/\0\t\u{7f}", "/%00%09%7F"),
            ("/\"<>\\^`{|}", "/%22%3C%3E%5C%5E%60%7B%7C%7D"),
            ("/a#b#c", "/a"),
            ("?a=http://b/[x]", "/b/c/d;p?a=http://b/%5Bx%5D"),
        ] {
            assert_eq!(target(location), wanted, "{location}");
        }
        let latin = resolve(b"/\xe4", false, "/").expect("a place");
        assert_eq!(latin.target, "/%E4");
    }

    #[test]
    fn a_target_that_is_no_uri_is_a_base_all_the_same() {
        for (base, location, wanted) in [
            ("/", "x", "/x"),
            ("/a b/c", "x", "/a%20b/x"),
            ("/%/c#d/e", "x", "/%25/x"),
            ("//evil/c", "x", "//evil/x"),
            ("/*", "x", "/x"),
            ("/[a]/b?[c]", "", "/%5Ba%5D/b?%5Bc%5D"),
        ] {
            let found = resolve(location.as_bytes(), true, base).expect("a place");
            assert_eq!((found.origin, &found.target[..]), (None, wanted), "{base}");
        }
    }
}
