//! The only place that answers HTTP challenges: Basic (RFC 7617) and Digest (RFC 7616).
//!
//! ```text
//!   challenge  what WWW-Authenticate offers      digest  the proof that the password is known      secret  what is wiped
//! ```

mod challenge;
mod digest;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzz;
mod secret;

use self::challenge::Challenge;
use self::digest::Digest;
pub(crate) use self::digest::{Algorithm, Asked};
pub(crate) use self::secret::Secret;

/// What needs a library: lower-case hex of a hash, `None` where that is not to be had, and base64.
#[derive(Clone, Copy)]
pub(crate) struct Tools {
    pub(crate) hash: fn(Algorithm, &[u8]) -> Option<String>,
    pub(crate) base64: fn(&[u8]) -> String,
}

/// A user and a password.
pub(crate) struct Credentials {
    user: Secret,
    password: Secret,
}

impl Credentials {
    /// RFC 7617 section 2: no control characters. Digest has no way to say them either.
    pub(crate) fn new(user: &str, password: &str) -> Result<Self, &'static str> {
        if user.contains(char::is_control) || password.contains(char::is_control) {
            return Err("control characters in a user or a password cannot be sent");
        }
        Ok(Self {
            user: Secret::copy(user.as_bytes()),
            password: Secret::copy(password.as_bytes()),
        })
    }

    /// RFC 7617 section 2: the first colon ends the user.
    fn fit_basic(&self) -> bool {
        !self.user.as_bytes().contains(&b':')
    }
}

/// A challenge that is answered, as often as requests are made.
pub(crate) enum Answer {
    Basic,
    Digest(Box<Digest>),
}

impl Answer {
    /// The strongest that the values of WWW-Authenticate offer. `cnonce`: anything that a server cannot foresee.
    pub(crate) fn choose<'a>(
        values: impl Iterator<Item = &'a [u8]>,
        credentials: &Credentials,
        cnonce: &str,
    ) -> Option<Self> {
        let mut chosen: Option<Self> = None;
        for value in values {
            for challenge in challenge::parse(value) {
                let Some(answer) = Self::to(&challenge, credentials, cnonce) else {
                    continue;
                };
                // Of equals the first: RFC 7616 section 3.7 has the server's preferred one there.
                let is_better = |than: &Self| answer.strength() > than.strength();
                if chosen.as_ref().is_none_or(is_better) {
                    chosen = Some(answer);
                }
            }
        }
        chosen
    }

    fn to(challenge: &Challenge<'_>, credentials: &Credentials, cnonce: &str) -> Option<Self> {
        if challenge.scheme.eq_ignore_ascii_case("basic") {
            return credentials.fit_basic().then_some(Self::Basic);
        }
        if challenge.scheme.eq_ignore_ascii_case("digest") {
            let digest = Digest::new(challenge, cnonce)?;
            return Some(Self::Digest(Box::new(digest)));
        }
        None
    }

    fn strength(&self) -> u8 {
        match self {
            Self::Basic => 0,
            Self::Digest(digest) => 1 + digest.algorithm as u8,
        }
    }

    /// Only the nonce was old: the same password may be right with this one (RFC 7616 section 3.3).
    pub(crate) fn renews(&self, before: &Self) -> bool {
        match (self, before) {
            (Self::Digest(new), Self::Digest(old)) => new.stale && new.nonce != old.nonce,
            _ => false,
        }
    }

    /// The Authorization line of the next request, with its CR LF. `None`: there is no answer that this request can give.
    pub(crate) fn line(
        &mut self,
        credentials: &Credentials,
        asked: &Asked<'_>,
        tools: Tools,
    ) -> Option<Secret> {
        match self {
            Self::Basic => Some(basic(credentials, tools)),
            Self::Digest(digest) => digest.line(credentials, asked, tools),
        }
    }
}

/// RFC 7617 section 2
fn basic(credentials: &Credentials, tools: Tools) -> Secret {
    let pair = Secret::join(&[
        credentials.user.as_bytes(),
        b":",
        credentials.password.as_bytes(),
    ]);
    let encoded = Secret::from((tools.base64)(pair.as_bytes()));
    Secret::join(&[b"Authorization: Basic ", encoded.as_bytes(), b"\r\n"])
}

#[cfg(test)]
mod tests;
