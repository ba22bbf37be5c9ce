//! The only place that speaks SOCKS 5 (RFC 1928), with user name and password (RFC 1929).
//!
//! ```text
//! greeting -> method [-> credentials -> verdict] -> request -> reply: the tunnel is there
//! ```
//!
//! Names are resolved by the proxy. An answer may come in any pieces; nothing but the tunnel's bytes may follow one.

use core::net::{IpAddr, Ipv6Addr};

use super::Credentials;
use super::tunnel::Progress;

const VERSION: u8 = 5;
/// RFC 1929 section 2: of the negotiation about credentials.
const AUTH_VERSION: u8 = 1;

/// RFC 1928 section 3.
const NO_AUTH: u8 = 0;
const BY_PASSWORD: u8 = 2;
const NO_METHOD: u8 = 0xff;

const CONNECT: u8 = 1;

/// RFC 1928 section 5.
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// VER REP RSV ATYP, a length, a name of 255 bytes and a port.
const MOST: usize = 4 + 1 + 255 + 2;

/// What is awaited.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Awaits {
    Method,
    Verdict,
    Reply,
}

#[derive(Debug)]
pub(crate) struct Socks {
    credentials: Option<Credentials>,
    /// Where to, as it stands in the request.
    target: Vec<u8>,
    awaits: Awaits,
    to_say: Vec<u8>,
    /// As far as it is in: MOST bytes at most.
    answer: Vec<u8>,
}

impl Socks {
    /// `Err`: such an address cannot be asked for.
    pub(crate) fn new(
        address: &str,
        port: u16,
        credentials: Option<Credentials>,
    ) -> Result<Self, String> {
        let mut target =
            target(address).ok_or("socks msg too large: a name has 255 bytes at most")?;
        target.extend_from_slice(&port.to_be_bytes());
        let to_say = match credentials {
            Some(_) => vec![VERSION, 2, NO_AUTH, BY_PASSWORD],
            None => vec![VERSION, 1, NO_AUTH],
        };
        Ok(Self {
            credentials,
            target,
            awaits: Awaits::Method,
            to_say,
            answer: Vec::with_capacity(MOST),
        })
    }

    pub(super) fn poll_tx(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.to_say);
    }

    pub(super) fn handle_rx(&mut self, rx: &[u8]) -> Result<Progress, String> {
        let mut eaten = 0;
        loop {
            let wanted = self.wanted()?;
            if self.answer.len() == wanted {
                let done = self.answered()?;
                if done {
                    return Ok(Progress { eaten, done });
                }
                continue;
            }
            let Some(byte) = rx.get(eaten) else {
                return Ok(Progress { eaten, done: false });
            };
            self.answer.push(*byte);
            eaten += 1;
        }
    }

    /// How long the answer is, as far as it says by now. What it says wrong is not read on.
    fn wanted(&self) -> Result<usize, String> {
        let known = self.answer.as_slice();
        let version = match self.awaits {
            Awaits::Verdict => AUTH_VERSION,
            _ => VERSION,
        };
        if let Some(said) = known.first().filter(|said| **said != version) {
            return Err(format!(
                "socks reply fail: it begins with {said}, not with {version}; check that a SOCKS 5 proxy listens there"
            ));
        }
        if self.awaits != Awaits::Reply {
            return Ok(2);
        }
        if let Some(code) = known.get(1).filter(|code| **code != 0) {
            return Err(refusal(*code));
        }
        match known {
            [_, _, _, IPV4, ..] => Ok(4 + 4 + 2),
            [_, _, _, IPV6, ..] => Ok(4 + 16 + 2),
            [_, _, _, NAME, len, ..] => Ok(4 + 1 + usize::from(*len) + 2),
            [_, _, _, kind, ..] if *kind != NAME => {
                Err(format!("socks reply fail: no address is of kind {kind}"))
            }
            _ => Ok(5),
        }
    }

    /// A whole answer is in. `true`: it was the last.
    fn answered(&mut self) -> Result<bool, String> {
        let code = self.answer.get(1).copied().unwrap_or_default();
        self.answer.clear();
        match (self.awaits, code) {
            (Awaits::Method, NO_AUTH) => self.request(),
            (Awaits::Method, BY_PASSWORD) if self.credentials.is_some() => {
                self.awaits = Awaits::Verdict;
                self.authenticate();
            }
            (Awaits::Method, NO_METHOD) if self.credentials.is_some() => {
                return Err(
                    "socks reply fail: the proxy takes neither a user name with password nor none"
                        .into(),
                );
            }
            (Awaits::Method, NO_METHOD) => {
                return Err("socks reply fail: the proxy wants to know who asks: user:password@ before its address".into());
            }
            (Awaits::Method, method) => {
                return Err(format!(
                    "socks reply fail: the proxy chose method {method}, which was not offered"
                ));
            }
            (Awaits::Verdict, 0) => self.request(),
            (Awaits::Verdict, code) => {
                return Err(format!(
                    "socks reply fail: the proxy refuses user name and password ({code})"
                ));
            }
            (Awaits::Reply, _) => return Ok(true),
        }
        Ok(false)
    }

    fn authenticate(&mut self) {
        let Some(Credentials { user, password }) = &self.credentials else {
            return;
        };
        self.to_say.push(AUTH_VERSION);
        for part in [user, password] {
            self.to_say.push(part.len() as u8); // 255 at most, as they were read
            self.to_say.extend_from_slice(part);
        }
    }

    fn request(&mut self) {
        self.awaits = Awaits::Reply;
        self.to_say.extend_from_slice(&[VERSION, CONNECT, 0]);
        self.to_say.append(&mut self.target);
    }
}

/// Kind and address. `None`: the name is too long.
fn target(address: &str) -> Option<Vec<u8>> {
    let bare = address
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let ip = match bare {
        Some(bare) => bare.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => address.parse().ok(),
    };
    Some(match ip {
        Some(IpAddr::V4(v4)) => [&[IPV4][..], &v4.octets()].concat(),
        Some(IpAddr::V6(v6)) => [&[IPV6][..], &v6.octets()].concat(),
        None => {
            let len = u8::try_from(address.len()).ok()?;
            [&[NAME, len], address.as_bytes()].concat()
        }
    })
}

/// RFC 1928 section 6.
fn refusal(code: u8) -> String {
    let what = match code {
        1 => "general SOCKS server failure",
        2 => "connection not allowed by ruleset",
        3 => "Network unreachable",
        4 => "Host unreachable",
        5 => "Connection refused",
        6 => "TTL expired",
        7 => "Command not supported",
        8 => "Address type not supported",
        _ => "a code that has no meaning",
    };
    format!("socks reply fail: {what} ({code})")
}

#[cfg(test)]
mod tests {
    use super::Socks;
    use crate::proto::proxy::{Credentials, Progress};

    fn known() -> Option<Credentials> {
        Some(Credentials {
            user: b"me".to_vec(),
            password: b"secret".to_vec(),
        })
    }

    /// What was said when all of `answers` were given, and what is left of the last; every cut of each.
    fn talk(
        credentials: Option<Credentials>,
        answers: &[&[u8]],
    ) -> Result<(Vec<u8>, Vec<u8>), String> {
        let whole = talk_in(usize::MAX, credentials.clone(), answers);
        for size in 1..=answers.iter().map(|answer| answer.len()).max().unwrap_or(1) {
            let cut = talk_in(size, credentials.clone(), answers);
            assert_eq!(cut, whole, "in pieces of {size}");
        }
        whole
    }

    fn talk_in(
        size: usize,
        credentials: Option<Credentials>,
        answers: &[&[u8]],
    ) -> Result<(Vec<u8>, Vec<u8>), String> {
        let mut socks = Socks::new("a.test", 443, credentials)?;
        let mut said = Vec::new();
        socks.poll_tx(&mut said);
        let pieces = answers.iter().flat_map(|answer| answer.chunks(size));
        let mut left = Vec::new();
        let mut over = false;
        for piece in pieces {
            if over {
                left.extend_from_slice(piece);
                continue;
            }
            let Progress { eaten, done } = socks.handle_rx(piece)?;
            socks.poll_tx(&mut said);
            left.extend_from_slice(&piece[eaten..]);
            over = done;
        }
        match over {
            true => Ok((said, left)),
            false => Err("more".into()),
        }
    }

    const REPLY: &[u8] = b"\x05\0\0\x01\x7f\0\0\x01\x1f\x90";

    #[test]
    fn a_name_goes_to_the_proxy_as_it_is() {
        let (said, left) = talk(None, &[b"\x05\0", REPLY]).expect("a tunnel");
        assert_eq!(said, b"\x05\x01\0\x05\x01\0\x03\x06a.test\x01\xbb");
        assert_eq!(left, b"");
    }

    #[test]
    fn credentials_are_said_when_they_are_asked_for() {
        let (said, _) = talk(known(), &[b"\x05\x02", b"\x01\0", REPLY]).expect("a tunnel");
        assert_eq!(
            said,
            b"\x05\x02\0\x02\x01\x02me\x06secret\x05\x01\0\x03\x06a.test\x01\xbb"
        );
        let (said, _) = talk(known(), &[b"\x05\0", REPLY]).expect("a tunnel");
        assert_eq!(said, b"\x05\x02\0\x02\x05\x01\0\x03\x06a.test\x01\xbb");
    }

    #[test]
    fn addresses_are_said_as_such() {
        let v6 = "20010db8000000000000000000000001";
        for (address, kind, hex) in [
            ("192.0.2.1", 1, "c0000201"),
            ("2001:db8::1", 4, v6),
            ("[2001:db8::1]", 4, v6),
        ] {
            let mut socks = Socks::new(address, 80, None).expect("an address");
            socks.poll_tx(&mut Vec::new());
            socks.handle_rx(b"\x05\0").expect("no auth");
            let mut said = Vec::new();
            socks.poll_tx(&mut said);
            assert_eq!(said[..4], [5, 1, 0, kind]);
            let said: String = said[4..].iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(said, format!("{hex}0050"));
        }
    }

    #[test]
    fn what_follows_the_reply_is_the_tunnels_whatever_address_is_in_it() {
        let v6 = [&b"\x05\0\0\x04"[..], &[7; 18], b"SSH"].concat();
        let name = b"\x05\0\0\x03\x04host\0\x16SSH";
        let no_name = b"\x05\0\0\x03\0\0\x16SSH";
        let v4 = [REPLY, b"SSH"].concat();
        for reply in [&v4[..], &v6, name, no_name] {
            let (_, left) = talk(None, &[b"\x05\0", reply]).expect("a tunnel");
            assert_eq!(left, b"SSH");
        }
    }

    #[test]
    fn refusals_say_why() {
        for (answers, text) in [
            (
                &[&b"\x05\xff"[..]][..],
                "socks reply fail: the proxy wants to know who asks",
            ),
            (
                &[b"\x05\x02"],
                "socks reply fail: the proxy chose method 2, which was not",
            ),
            (&[b"\x04\0"], "socks reply fail: it begins with 4"),
            (&[b"H"], "socks reply fail: it begins with 72"),
            (
                &[b"\x05\0", b"\x05\x01"],
                "socks reply fail: general SOCKS server failure (1)",
            ),
            (
                &[b"\x05\0", b"\x05\x02"],
                "socks reply fail: connection not allowed by ruleset (2)",
            ),
            (
                &[b"\x05\0", b"\x05\x03"],
                "socks reply fail: Network unreachable (3)",
            ),
            (
                &[b"\x05\0", b"\x05\x04"],
                "socks reply fail: Host unreachable (4)",
            ),
            (
                &[b"\x05\0", b"\x05\x05"],
                "socks reply fail: Connection refused (5)",
            ),
            (
                &[b"\x05\0", b"\x05\x06"],
                "socks reply fail: TTL expired (6)",
            ),
            (
                &[b"\x05\0", b"\x05\x07"],
                "socks reply fail: Command not supported (7)",
            ),
            (
                &[b"\x05\0", b"\x05\x08"],
                "socks reply fail: Address type not supported (8)",
            ),
            (
                &[b"\x05\0", b"\x05\x5b"],
                "socks reply fail: a code that has no meaning (91)",
            ),
            (
                &[b"\x05\0", b"\x05\0\0\x02"],
                "socks reply fail: no address is of kind 2",
            ),
            (&[b"\x05\0", b"\x01"], "socks reply fail: it begins with 1"),
        ] {
            let error = talk(None, answers).expect_err(text);
            assert!(error.starts_with(text), "{error}");
        }
    }

    #[test]
    fn refusals_of_credentials_say_why() {
        for (answers, text) in [
            (
                &[&b"\x05\x02"[..], b"\x01\x01"][..],
                "socks reply fail: the proxy refuses user name",
            ),
            (
                &[b"\x05\x02", b"\x05\0"],
                "socks reply fail: it begins with 5",
            ),
            (&[b"\x05\xff"], "socks reply fail: the proxy takes neither"),
        ] {
            let error = talk(known(), answers).expect_err(text);
            assert!(error.starts_with(text), "{error}");
        }
    }

    #[test]
    fn a_name_that_is_too_long_is_not_asked_for() {
        assert!(Socks::new(&"a".repeat(255), 80, None).is_ok());
        let error = Socks::new(&"a".repeat(256), 80, None).expect_err("too long");
        assert!(error.starts_with("socks msg too large"), "{error}");
    }
}
