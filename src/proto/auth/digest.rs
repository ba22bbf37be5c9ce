//! The only place that computes Digest answers: RFC 7616, and what RFC 2069 had before `qop`.

use super::challenge::Challenge;
use super::{Credentials, Secret, Tools};

/// RFC 7616 section 6.1, the better the greater. SHA-512/256 is no stronger than SHA-256 here, and not every server means FIPS 180-4's
/// by that name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Algorithm {
    Md5,
    Sha512_256,
    Sha256,
}

impl Algorithm {
    fn named(name: &str) -> Option<(Self, bool)> {
        let lower = name.to_ascii_lowercase();
        let (name, session) = match lower.strip_suffix("-sess") {
            Some(name) => (name, true),
            None => (lower.as_str(), false),
        };
        let algorithm = match name {
            "md5" => Self::Md5,
            "sha-256" => Self::Sha256,
            "sha-512-256" => Self::Sha512_256,
            _ => return None,
        };
        Some((algorithm, session))
    }

    fn text(self, session: bool) -> &'static str {
        match (self, session) {
            (Self::Md5, false) => "MD5",
            (Self::Md5, true) => "MD5-sess",
            (Self::Sha256, false) => "SHA-256",
            (Self::Sha256, true) => "SHA-256-sess",
            (Self::Sha512_256, false) => "SHA-512-256",
            (Self::Sha512_256, true) => "SHA-512-256-sess",
        }
    }
}

/// The request that is answered for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a str,
    /// As it stands in the request line, or in `:path`.
    pub(crate) target: &'a str,
    /// Its bytes are not known when the head is made.
    pub(crate) has_body: bool,
}

/// A challenge, and how often it was answered.
pub(crate) struct Digest {
    pub(super) algorithm: Algorithm,
    session: bool,
    /// The server said which algorithm it is.
    named: bool,
    realm: Vec<u8>,
    pub(super) nonce: Vec<u8>,
    opaque: Option<Vec<u8>>,
    qop: Qop,
    pub(super) stale: bool,
    userhash: bool,
    utf8: bool,
    /// The same for as long as the nonce is: what `-sess` is about.
    cnonce: String,
    count: u32,
}

/// What a server wants to be protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Qop {
    /// It did not say: RFC 2069.
    None,
    Auth,
    /// With the body: for requests without one.
    AuthInt,
}

impl Digest {
    /// `None`: the challenge wants what is not provided here, or is no challenge.
    pub(super) fn new(challenge: &Challenge<'_>, cnonce: &str) -> Option<Self> {
        let text = |name: &str| {
            let value = challenge.param(name)?;
            std::str::from_utf8(value).ok()
        };
        let bytes = |name: &str| {
            let value = challenge.param(name)?;
            let sendable = !value.iter().any(u8::is_ascii_control);
            sendable.then(|| value.to_vec())
        };
        let is = |name: &str, value: &str| {
            text(name).is_some_and(|found| found.eq_ignore_ascii_case(value))
        };
        let named = challenge.param("algorithm").is_some();
        let (algorithm, session) = match named {
            true => Algorithm::named(text("algorithm")?)?,
            false => (Algorithm::Md5, false),
        };
        let qop = match challenge.param("qop") {
            None => Qop::None,
            Some(_) => qop_of(text("qop")?)?,
        };
        Some(Self {
            algorithm,
            session,
            named,
            realm: bytes("realm")?,
            nonce: bytes("nonce")?,
            opaque: bytes("opaque"),
            qop,
            stale: is("stale", "true"),
            userhash: is("userhash", "true"),
            utf8: is("charset", "utf-8"),
            cnonce: cnonce.to_owned(),
            count: 0,
        })
    }

    /// The Authorization line of the next request that this nonce is for.
    pub(super) fn line(
        &mut self,
        credentials: &Credentials,
        asked: &Asked<'_>,
        tools: Tools,
    ) -> Option<Secret> {
        if self.qop == Qop::AuthInt && asked.has_body {
            return None;
        }
        self.count = self.count.saturating_add(1);
        let nc = format!("{:08x}", self.count);
        let response = self.response(credentials, asked, &nc, tools)?;
        let mut line = b"Authorization: Digest ".to_vec();
        self.put_user(&mut line, credentials, tools)?;
        put_quoted(&mut line, ", realm", &self.realm);
        put_quoted(&mut line, ", nonce", &self.nonce);
        put_quoted(&mut line, ", uri", asked.target.as_bytes());
        put_quoted(&mut line, ", response", response.as_bytes());
        if self.named {
            let algorithm = self.algorithm.text(self.session);
            line.extend_from_slice(format!(", algorithm={algorithm}").as_bytes());
        }
        if let Some(qop) = self.qop.text() {
            line.extend_from_slice(format!(", qop={qop}, nc={nc}").as_bytes());
        }
        if self.qop != Qop::None || self.session {
            put_quoted(&mut line, ", cnonce", self.cnonce.as_bytes());
        }
        if let Some(opaque) = &self.opaque {
            put_quoted(&mut line, ", opaque", opaque);
        }
        line.extend_from_slice(b"\r\n");
        Some(Secret::from_vec(line))
    }

    /// RFC 7616 section 3.4.1
    fn response(
        &self,
        credentials: &Credentials,
        asked: &Asked<'_>,
        nc: &str,
        tools: Tools,
    ) -> Option<String> {
        let hash = |parts: &[&[u8]]| {
            let joined = Secret::from_parts(parts);
            (tools.hash)(self.algorithm, joined.as_bytes())
        };
        let (user, password) = (credentials.user.as_bytes(), credentials.password.as_bytes());
        let cnonce = self.cnonce.as_bytes();
        let mut a1 = Secret::from(hash(&[user, &self.realm, password])?);
        if self.session {
            a1 = Secret::from(hash(&[a1.as_bytes(), &self.nonce, cnonce])?);
        }
        let (method, target) = (asked.method.as_bytes(), asked.target.as_bytes());
        let a2 = match self.qop {
            Qop::AuthInt => hash(&[method, target, hash(&[b""])?.as_bytes()])?,
            _ => hash(&[method, target])?,
        };
        let (a1, a2) = (a1.as_bytes(), a2.as_bytes());
        match self.qop.text() {
            None => hash(&[a1, &self.nonce, a2]),
            Some(qop) => hash(&[a1, &self.nonce, nc.as_bytes(), cnonce, qop.as_bytes(), a2]),
        }
    }

    /// RFC 7616 sections 3.4 and 3.4.4
    fn put_user(&self, out: &mut Vec<u8>, credentials: &Credentials, tools: Tools) -> Option<()> {
        let user = credentials.user.as_bytes();
        if self.userhash {
            let joined = Secret::from_parts(&[user, &self.realm]);
            let hashed = (tools.hash)(self.algorithm, joined.as_bytes())?;
            put_quoted(out, "username", hashed.as_bytes());
            out.extend_from_slice(b", userhash=true");
        } else if self.utf8 && !user.is_ascii() {
            out.extend_from_slice(b"username*=UTF-8''");
            put_escaped(out, user);
        } else {
            put_quoted(out, "username", user);
        }
        Some(())
    }
}

impl Qop {
    fn text(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Auth => Some("auth"),
            Self::AuthInt => Some("auth-int"),
        }
    }
}

/// `auth` where it is offered: it is for any request.
fn qop_of(list: &str) -> Option<Qop> {
    let offers = |name: &str| {
        let mut offered = list.split(',');
        offered.any(|one| one.trim().eq_ignore_ascii_case(name))
    };
    match (offers("auth"), offers("auth-int")) {
        (true, _) => Some(Qop::Auth),
        (_, true) => Some(Qop::AuthInt),
        _ => None,
    }
}

impl Secret {
    /// With colons between them.
    fn from_parts(parts: &[&[u8]]) -> Self {
        Self::from_vec(parts.join(&b':'))
    }
}

/// RFC 9110 section 5.6.4
fn put_quoted(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"=\"");
    for &b in value {
        if matches!(b, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(b);
    }
    out.push(b'"');
}

/// RFC 5987 section 3.2.1
fn put_escaped(out: &mut Vec<u8>, value: &[u8]) {
    for &b in value {
        match b.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&b) {
            true => out.push(b),
            false => out.extend_from_slice(format!("%{b:02X}").as_bytes()),
        }
    }
}
