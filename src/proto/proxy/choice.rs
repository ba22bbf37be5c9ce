//! The only place that says which proxy a connection goes by: what the program said, and only when it said nothing the
//! environment.

use std::sync::Arc;

use super::address::Spelling;
use super::bypass::Bypass;
use super::{Kind, Proxy};

/// What a vhost has for its connections.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proxies {
    http: Option<Arc<Proxy>>,
    socks: Option<Arc<Proxy>>,
    environment: Environment,
}

/// As the variables were when the vhost was made.
#[derive(Clone, Debug, Default)]
struct Environment {
    plain: Option<Arc<Proxy>>,
    tls: Option<Arc<Proxy>>,
    bypass: Bypass,
}

/// In the order in which they count. HTTP_PROXY is not one of them: a CGI program has it from its client.
const PLAIN: [&str; 4] = ["http_proxy", "all_proxy", "ALL_PROXY", SOCKS];
/// lws: `http_proxy` is for TLS as well, when nothing else is there.
const TLS: [&str; 6] = [
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "http_proxy",
    SOCKS,
];
const SOCKS: &str = "socks_proxy";
const NO_PROXY: [&str; 2] = ["no_proxy", "NO_PROXY"];

impl Proxies {
    /// What the environment says, until the program says something. `variable` has its values. With it come lines for the
    /// log about those that cannot be used.
    pub(crate) fn from_environment(
        variable: impl Fn(&str) -> Option<String>,
    ) -> (Self, Vec<String>) {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let mut lines = Vec::new();
        let mut first = |names: &[&'static str]| {
            let found = names.iter().find_map(|name| Some((*name, variable(name)?)));
            found.map(|(name, value)| {
                Arc::new(usable(name, &value).unwrap_or_else(|why| {
                    lines.push(format!("{name}: {why}"));
                    Proxy::unusable(why)
                }))
            })
        };
        let (plain, tls) = (first(&PLAIN), first(&TLS));
        lines.dedup();
        let list = NO_PROXY.iter().find_map(|name| variable(name));
        let environment = Environment {
            plain,
            tls,
            bypass: Bypass::new(list.as_deref().unwrap_or_default()),
        };
        let proxies = Self {
            environment,
            ..Self::default()
        };
        (proxies, lines)
    }

    /// The program's HTTP proxy from now on; `None`: none. Either way the environment counts no more.
    pub(crate) fn set_http(&mut self, proxy: Option<Proxy>) {
        self.environment = Environment::default();
        self.http = proxy.map(Arc::new);
    }

    /// The program's SOCKS proxy, likewise.
    pub(crate) fn set_socks(&mut self, proxy: Option<Proxy>) {
        self.environment = Environment::default();
        self.socks = proxy.map(Arc::new);
    }

    /// The port of the program's own, for one that it names without a port.
    pub(crate) fn port_of(&self, kind: Kind) -> Option<u16> {
        let known = match kind {
            Kind::Http => &self.http,
            _ => &self.socks,
        };
        known.as_ref().map(|proxy| proxy.port)
    }

    /// By which proxy `address` is gone to. Unix sockets, which begin with '+', are gone to directly.
    pub(crate) fn choose(&self, address: &str, tls: bool) -> Option<&Arc<Proxy>> {
        if address.starts_with('+') {
            return None;
        }
        let said = self.http.as_ref().or(self.socks.as_ref());
        said.or_else(|| self.environment.choose(address, tls))
    }
}

impl Environment {
    fn choose(&self, address: &str, tls: bool) -> Option<&Arc<Proxy>> {
        let proxy = if tls { &self.tls } else { &self.plain };
        proxy.as_ref().filter(|_| !self.bypass.covers(address))
    }
}

fn usable(name: &str, value: &str) -> Result<Proxy, &'static str> {
    let kind = if name == SOCKS {
        Kind::Socks5
    } else {
        Kind::Http
    };
    let proxy = Spelling::of_variable(kind).read(value)?;
    match name == SOCKS && proxy.kind != kind {
        true => Err("its scheme is of another kind of proxy"),
        false => Ok(proxy),
    }
}

#[cfg(test)]
mod tests {
    use super::Proxies;
    use crate::proto::proxy::{Kind, Proxy, Spelling};

    fn proxies(variables: &[(&str, &str)]) -> Proxies {
        let (proxies, lines) = Proxies::from_environment(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        });
        assert_eq!(lines, [""; 0]);
        proxies
    }

    fn way(proxies: &Proxies, address: &str, tls: bool) -> String {
        let chosen = proxies.choose(address, tls);
        chosen.map_or_else(|| "direct".to_owned(), |proxy| proxy.to_string())
    }

    fn read(kind: Kind, text: &str) -> Option<Proxy> {
        Spelling::of_program(kind, None).read(text).ok()
    }

    #[test]
    fn variables_count_in_their_order() {
        for (variables, plain, tls) in [
            (&[][..], "direct", "direct"),
            (&[("http_proxy", "p:1")], "http proxy p:1", "http proxy p:1"),
            (&[("HTTP_PROXY", "p:1")], "direct", "direct"),
            (&[("https_proxy", "p:1")], "direct", "http proxy p:1"),
            (&[("HTTPS_PROXY", "p:1")], "direct", "http proxy p:1"),
            (
                &[
                    ("https_proxy", "p:1"),
                    ("HTTPS_PROXY", "p:2"),
                    ("http_proxy", "p:3"),
                ],
                "http proxy p:3",
                "http proxy p:1",
            ),
            (
                &[("http_proxy", "p:1"), ("ALL_PROXY", "socks5://s:2")],
                "http proxy p:1",
                "socks proxy s:2",
            ),
            (
                &[
                    ("all_proxy", ""),
                    ("ALL_PROXY", "a:2"),
                    ("socks_proxy", "s:3"),
                ],
                "http proxy a:2",
                "http proxy a:2",
            ),
            (
                &[("socks_proxy", "s:3")],
                "socks proxy s:3",
                "socks proxy s:3",
            ),
        ] {
            let proxies = proxies(variables);
            assert_eq!(way(&proxies, "a.test", false), plain, "{variables:?}");
            assert_eq!(way(&proxies, "a.test", true), tls, "{variables:?}");
        }
    }

    #[test]
    fn no_proxy_and_unix_sockets_go_past_it() {
        let proxies = proxies(&[("http_proxy", "p:1"), ("NO_PROXY", "b.test")]);
        assert_eq!(way(&proxies, "b.test", false), "direct");
        assert_eq!(way(&proxies, "x.b.test", true), "direct");
        assert_eq!(way(&proxies, "+/run/a", false), "direct");
        assert_eq!(way(&proxies, "a.test", false), "http proxy p:1");
    }

    #[test]
    fn what_the_program_says_counts_before_the_environment_and_its_exceptions() {
        let mut proxies = proxies(&[("http_proxy", "e:1"), ("no_proxy", "*")]);
        assert_eq!(way(&proxies, "a.test", false), "direct");
        proxies.set_socks(read(Kind::Socks5, "s:2"));
        assert_eq!(way(&proxies, "a.test", false), "socks proxy s:2");
        proxies.set_http(read(Kind::Http, "h:3"));
        assert_eq!(way(&proxies, "a.test", true), "http proxy h:3");
        assert_eq!(way(&proxies, "+/run/a", true), "direct");
        assert_eq!(proxies.port_of(Kind::Http), Some(3));
        proxies.set_http(None);
        proxies.set_socks(None);
        assert_eq!(way(&proxies, "a.test", false), "direct");
    }

    #[test]
    fn a_variable_that_cannot_be_used_is_not_gone_past() {
        let (proxies, lines) = Proxies::from_environment(|name| {
            (name == "http_proxy").then(|| "https://u:secret@p:1".to_owned())
        });
        let chosen = proxies.choose("a.test", false).map(|proxy| proxy.kind);
        assert!(matches!(chosen, Some(Kind::Unusable(_))), "{chosen:?}");
        assert_eq!(lines.len(), 1);
        assert!(!lines[0].contains("secret"), "{lines:?}");
        let (proxies, _) =
            Proxies::from_environment(|name| (name == "socks_proxy").then(|| "http://p:1".into()));
        let chosen = proxies.choose("a.test", true).map(|proxy| proxy.kind);
        assert!(matches!(chosen, Some(Kind::Unusable(_))), "{chosen:?}");
    }
}
