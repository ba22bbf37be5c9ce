//! The only place that reads a proxy as it is written: `[scheme://][user[:password]@]host[:port][/]`.

use super::{Credentials, Kind, Proxy};

/// RFC 1929 section 2: a length is one byte.
const SOCKS_MOST: usize = 255;
/// What curl takes when a variable names no port.
const USUAL_PORT: u16 = 1080;

/// How somebody writes a proxy, and what it is when the text does not say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spelling {
    kind: Kind,
    /// The text is a URL: any scheme that is known, and credentials percent-encoded.
    url: bool,
    port: Option<u16>,
}

impl Spelling {
    /// Of a program: `kind` it is, credentials are as they are, and the port has to be said somewhere.
    pub(crate) fn of_program(kind: Kind, port: Option<u16>) -> Self {
        Self {
            kind,
            url: false,
            port,
        }
    }

    /// Of an environment variable.
    pub(crate) fn of_variable(kind: Kind) -> Self {
        Self {
            kind,
            url: true,
            port: Some(USUAL_PORT),
        }
    }

    /// The proxy, or what is wrong with it. The text is not repeated: it may have a password in it.
    pub(crate) fn read(&self, text: &str) -> Result<Proxy, &'static str> {
        let (kind, rest) = self.scheme(text)?;
        let rest = match rest.split_once('/') {
            // A password may have a slash in it when it is not a URL's.
            Some((before, "")) => before,
            Some((before, _)) if self.url => before,
            _ => rest,
        };
        let (user, place) = match rest.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, rest),
        };
        let credentials = user.map(|user| self.credentials(user)).transpose()?;
        let lengths =
            |c: &Credentials| c.user.len() <= SOCKS_MOST && c.password.len() <= SOCKS_MOST;
        if kind == Kind::Socks5 && !credentials.as_ref().is_none_or(lengths) {
            return Err("user name and password may have 255 bytes each");
        }
        let (address, port) = self.place(place)?;
        Ok(Proxy {
            kind,
            address: address.to_owned(),
            port,
            credentials,
        })
    }

    fn scheme<'a>(&self, text: &'a str) -> Result<(Kind, &'a str), &'static str> {
        let Some((scheme, rest)) = text.split_once("://") else {
            return Ok((self.kind, text));
        };
        let kind = match scheme.to_ascii_lowercase().as_str() {
            "http" => Kind::Http,
            "socks" | "socks5" | "socks5h" => Kind::Socks5,
            // Without the other schemes of URLs it is a part of the credentials.
            _ if !self.url && rest.contains('@') => return Ok((self.kind, text)),
            "https" => return Err("proxies are not spoken to by TLS: use http:// or socks5://"),
            _ => return Err("its scheme is not one of http, socks5, socks5h"),
        };
        match self.url || kind == self.kind {
            true => Ok((kind, rest)),
            false => Err("its scheme is of another kind of proxy"),
        }
    }

    fn credentials(&self, text: &str) -> Result<Credentials, &'static str> {
        let (user, password) = text.split_once(':').unwrap_or((text, ""));
        let read = |part: &str| match self.url {
            true => decoded(part),
            false => Ok(part.as_bytes().to_vec()),
        };
        let (user, password) = (read(user)?, read(password)?);
        Ok(Credentials { user, password })
    }

    fn place<'a>(&self, text: &'a str) -> Result<(&'a str, u16), &'static str> {
        let (address, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (address, behind) = rest.split_once(']').ok_or("a ']' is missing")?;
                match behind.strip_prefix(':') {
                    _ if behind.is_empty() => (address, None),
                    Some(port) => (address, Some(port)),
                    None => return Err("there is something behind the ']'"),
                }
            }
            None => match text.split_once(':') {
                Some((address, port)) => (address, Some(port)),
                None => (text, None),
            },
        };
        let visible = |byte: u8| byte > b' ' && byte != 0x7f;
        if address.is_empty() || !address.bytes().all(visible) {
            return Err("it names no host");
        }
        let port = match port.filter(|port| !port.is_empty()) {
            Some(port) => port.parse().ok(),
            None => Some(self.port.ok_or("it needs to be address:port")?),
        };
        let port = port.filter(|port| *port > 0);
        Ok((address, port.ok_or("its port is out of range 1..65535")?))
    }
}

/// `%41` is A.
fn decoded(text: &str) -> Result<Vec<u8>, &'static str> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut digit = || bytes.next().and_then(|byte| char::from(byte).to_digit(16));
        match (digit(), digit()) {
            (Some(high), Some(low)) => out.push((high * 16 + low) as u8),
            _ => return Err("a '%' in its credentials is not followed by two hexadecimal digits"),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::Spelling;
    use crate::proto::proxy::{Credentials, Kind, Proxy};

    fn said(proxy: &Proxy) -> String {
        let Some(Credentials { user, password }) = &proxy.credentials else {
            return proxy.to_string();
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        format!("{proxy} as {}:{}", text(user), text(password))
    }

    #[test]
    fn a_programs_proxy_is_taken_as_it_stands() {
        let spelling = Spelling::of_program(Kind::Http, None);
        for (text, expected) in [
            ("p.test:3128", Ok("http proxy p.test:3128")),
            ("http://p.test:3128", Ok("http proxy p.test:3128")),
            ("HTTP://p.test:3128/", Ok("http proxy p.test:3128")),
            ("[::1]:3128", Ok("http proxy [::1]:3128")),
            ("me:secret@p.test:1", Ok("http proxy p.test:1 as me:secret")),
            ("me@p.test:1", Ok("http proxy p.test:1 as me:")),
            (
                "me:a@b:c%41/@p.test:1",
                Ok("http proxy p.test:1 as me:a@b:c%41/"),
            ),
            ("p.test", Err("it needs to be address:port")),
            ("p.test:", Err("it needs to be address:port")),
            ("", Err("it names no host")),
            (":3128", Err("it names no host")),
            ("p .test:3128", Err("it names no host")),
            ("p.test:0", Err("its port is out of range 1..65535")),
            ("p.test:65536", Err("its port is out of range 1..65535")),
            ("p.test:x", Err("its port is out of range 1..65535")),
            ("[::1:3128", Err("a ']' is missing")),
            ("[::1]3128", Err("there is something behind the ']'")),
            (
                "socks5://p.test:1",
                Err("its scheme is of another kind of proxy"),
            ),
            (
                "https://p.test:1",
                Err("proxies are not spoken to by TLS: use http:// or socks5://"),
            ),
        ] {
            let read = spelling.read(text);
            let read = read.as_ref().map(said).map_err(|why| *why);
            assert_eq!(read, expected.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn a_variable_is_a_url() {
        let spelling = Spelling::of_variable(Kind::Http);
        for (text, expected) in [
            ("p.test", Ok("http proxy p.test:1080")),
            ("http://p.test/path", Ok("http proxy p.test:1080")),
            ("socks5h://p.test:9050", Ok("socks proxy p.test:9050")),
            ("socks://[fe80::1]:9050/", Ok("socks proxy [fe80::1]:9050")),
            (
                "http://a%3Ab:p%40@p.test:1",
                Ok("http proxy p.test:1 as a:b:p@"),
            ),
            (
                "http://%4:p@p.test:1",
                Err("a '%' in its credentials is not followed by two hexadecimal digits"),
            ),
            (
                "socks4://p.test:1",
                Err("its scheme is not one of http, socks5, socks5h"),
            ),
        ] {
            let read = spelling.read(text);
            let read = read.as_ref().map(said).map_err(|why| *why);
            assert_eq!(read, expected.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn the_port_that_was_said_elsewhere_counts_when_the_text_has_none() {
        let spelling = Spelling::of_program(Kind::Socks5, Some(9050));
        let read = |text: &str| spelling.read(text).map(|proxy| proxy.port);
        assert_eq!(read("p.test"), Ok(9050));
        assert_eq!(read("socks5://p.test:1"), Ok(1));
    }

    #[test]
    fn socks_credentials_have_a_length_of_one_byte() {
        let spelling = Spelling::of_program(Kind::Socks5, None);
        let with = |n: usize| spelling.read(&format!("u:{}@p.test:1", "x".repeat(n)));
        assert!(with(255).is_ok());
        assert!(with(256).is_err());
    }

    #[test]
    fn credentials_are_in_no_debug_output() {
        let proxy = Spelling::of_program(Kind::Http, None).read("u:secret@p.test:1");
        assert!(!format!("{proxy:?} {}", proxy.clone().expect("it is one")).contains("secret"));
    }
}
