//! The only place that asks an HTTP proxy for a tunnel (RFC 9110 section 9.3.6), and reads its answer.
//!
//! Nothing of the answer is kept but its status: of a 2xx its Content-Length and Transfer-Encoding mean nothing, and any other ends
//! the attempt. So it is read byte by byte, in whatever pieces, into no buffer.

use super::authority;
use super::tunnel::Progress;

/// All heads of an answer together: interim ones, then the final one.
const MOST: usize = 64 * 1024;

/// `HTTP/1.1 200`
const STATUS_LINE: usize = 12;

#[derive(Debug)]
pub(crate) struct Connect {
    request: Vec<u8>,
    seen: usize,
    line: Line,
    /// Of the head that is being read, once its first line is in.
    status: Option<u16>,
}

/// The line that is being read: its beginning, and how long it is, less CR and LF.
#[derive(Debug, Default)]
struct Line {
    start: [u8; STATUS_LINE + 1],
    len: usize,
    ends: bool,
}

impl Connect {
    /// `authorization`: the value of Proxy-Authorization. `Err`: such an address cannot be asked for.
    pub(crate) fn new(
        address: &str,
        port: u16,
        authorization: Option<&str>,
    ) -> Result<Self, String> {
        let authority = authority(address, port);
        let visible = |byte: u8| byte.is_ascii_graphic() && !b"/?#@\\".contains(&byte);
        if !authority.bytes().all(visible) {
            return Err("proxy write failed: the address has characters that an http proxy cannot be asked for".into());
        }
        let mut request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
        if let Some(value) = authorization {
            request.push_str("Proxy-Authorization: ");
            request.push_str(value);
            request.push_str("\r\n");
        }
        request.push_str("\r\n");
        Ok(Self {
            request: request.into_bytes(),
            seen: 0,
            line: Line::default(),
            status: None,
        })
    }

    pub(super) fn poll_tx(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.request);
    }

    pub(super) fn handle_rx(&mut self, rx: &[u8]) -> Result<Progress, String> {
        for (n, byte) in rx.iter().enumerate() {
            self.seen += 1;
            if self.seen > MOST {
                return Err(format!(
                    "http_proxy fail: its answer is larger than {MOST} bytes"
                ));
            }
            if self.take(*byte)? {
                return Ok(Progress {
                    eaten: n + 1,
                    done: true,
                });
            }
        }
        Ok(Progress {
            eaten: rx.len(),
            done: false,
        })
    }

    /// `true`: that was the last byte of an answer that says yes.
    fn take(&mut self, byte: u8) -> Result<bool, String> {
        if byte != b'\n' {
            self.line.push(byte);
            if self.status.is_none() && !self.line.may_be_http() {
                return Err(not_http());
            }
            return Ok(false);
        }
        let line = std::mem::take(&mut self.line);
        match self.status {
            None => {
                let status = line.status().ok_or_else(not_http)?;
                self.status = Some(acceptable(status)?);
                Ok(false)
            }
            Some(_) if line.len > 0 => Ok(false),
            Some(status) => {
                self.status = None; // another head follows an interim one
                Ok(status >= 200)
            }
        }
    }
}

impl Line {
    fn push(&mut self, byte: u8) {
        if std::mem::take(&mut self.ends) {
            self.add(b'\r');
        }
        match byte {
            b'\r' => self.ends = true,
            byte => self.add(byte),
        }
    }

    fn add(&mut self, byte: u8) {
        if let Some(place) = self.start.get_mut(self.len) {
            *place = byte;
        }
        self.len += 1;
    }

    fn known(&self) -> &[u8] {
        self.start.get(..self.len).unwrap_or(&self.start)
    }

    fn may_be_http(&self) -> bool {
        const HTTP: &[u8] = b"HTTP/1.";
        self.known().iter().zip(HTTP).all(|(a, b)| a == b)
    }

    /// RFC 9112 section 4: the reason phrase may be missing, and the blank before it with it.
    fn status(&self) -> Option<u16> {
        let [
            b'H',
            b'T',
            b'T',
            b'P',
            b'/',
            b'1',
            b'.',
            minor,
            b' ',
            code @ ..,
        ] = self.known()
        else {
            return None;
        };
        let (code, behind) = code.split_at_checked(3)?;
        let digits = minor.is_ascii_digit() && code.iter().all(u8::is_ascii_digit);
        let ends = matches!(behind, [] | [b' ', ..]);
        let code = str::from_utf8(code).ok()?.parse().ok()?;
        (digits && ends && code >= 100).then_some(code)
    }
}

fn not_http() -> String {
    "http_proxy fail: its answer is not HTTP/1.x; check that a proxy listens there".into()
}

fn acceptable(status: u16) -> Result<u16, String> {
    let advice = match status {
        100 | 102..300 => return Ok(status),
        407 => "; the proxy wants credentials that it knows: user:password@ before its address",
        403 | 405 => "; the proxy does not let one go there",
        500.. => "; the proxy did not get there",
        _ => "",
    };
    Err(format!("http_proxy -> {status}{advice}"))
}

#[cfg(test)]
mod tests {
    use super::{Connect, MOST};
    use crate::proto::proxy::Progress;

    fn fresh() -> Connect {
        Connect::new("a.test", 443, None).expect("an address")
    }

    /// What is left when the tunnel is there. Every cut in two, and byte by byte.
    fn answered(answer: &[u8]) -> Result<Vec<u8>, String> {
        let whole = fed(&[answer]);
        for at in 0..=answer.len() {
            let (first, second) = answer.split_at(at);
            assert_eq!(fed(&[first, second]), whole, "cut at {at}");
        }
        let bytes: Vec<&[u8]> = answer.chunks(1).collect();
        assert_eq!(fed(&bytes), whole, "byte by byte");
        whole
    }

    fn fed(pieces: &[&[u8]]) -> Result<Vec<u8>, String> {
        let mut connect = fresh();
        for (n, piece) in pieces.iter().enumerate() {
            let Progress { eaten, done } = connect.handle_rx(piece)?;
            if done {
                let rest = [&piece[eaten..], &pieces[n + 1..].concat()].concat();
                return Ok(rest);
            }
            assert_eq!(eaten, piece.len());
        }
        Err("more".into())
    }

    #[test]
    fn it_asks_for_host_and_port() {
        for (address, authorization, head) in [
            (
                "a.test",
                None,
                "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n",
            ),
            (
                "::1",
                None,
                "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\r\n",
            ),
            (
                "[::1]",
                Some("Basic dTpw"),
                "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\nProxy-Authorization: Basic dTpw\r\n\r\n",
            ),
        ] {
            let mut connect = Connect::new(address, 443, authorization).expect("an address");
            let mut out = Vec::new();
            connect.poll_tx(&mut out);
            connect.poll_tx(&mut out);
            assert_eq!(String::from_utf8_lossy(&out), head);
        }
    }

    #[test]
    fn an_address_that_would_say_more_is_not_asked_for() {
        for address in ["a b", "a\r\nX: y", "a/b", "u@a", "ü", "a\0"] {
            assert!(Connect::new(address, 80, None).is_err(), "{address:?}");
        }
    }

    #[test]
    fn any_2xx_makes_the_tunnel_and_what_follows_is_the_tunnels() {
        for (answer, rest) in [
            ("HTTP/1.1 200 Connection established\r\n\r\n", ""),
            ("HTTP/1.0 200 OK\r\n\r\nSSH-2.0\r\n", "SSH-2.0\r\n"),
            ("HTTP/1.1 200\r\n\r\n\r\n", "\r\n"),
            ("HTTP/1.1 299 \r\nA: b\r\n c\r\n\r\nx", "x"),
            ("HTTP/1.1 200 OK\nA: b\n\nx", "x"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello"),
            (
                "HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "0\r\n\r\n",
            ),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\nLink: y\r\n\r\nHTTP/1.1 200 OK\r\n\r\nx",
                "x",
            ),
        ] {
            let left = answered(answer.as_bytes());
            assert_eq!(left, Ok(rest.as_bytes().to_vec()), "{answer:?}");
        }
    }

    #[test]
    fn other_answers_end_it_with_their_status() {
        for (answer, text) in [
            (
                "HTTP/1.1 407 Proxy Authentication Required\r\n",
                "http_proxy -> 407; the proxy wants cred",
            ),
            ("HTTP/1.0 403 no\r\n", "http_proxy -> 403"),
            ("HTTP/1.1 302 Found\r\n", "http_proxy -> 302"),
            ("HTTP/1.1 101 x\r\n", "http_proxy -> 101"),
            ("HTTP/1.1 502\n", "http_proxy -> 502"),
            ("HTTP/2 200\r\n", "http_proxy fail"),
            ("HTTP/1.1 20\r\n", "http_proxy fail"),
            ("HTTP/1.1 2000\r\n", "http_proxy fail"),
            ("HTTP/1.1 0200\r\n", "http_proxy fail"),
            ("HTTP/1.1 099 x\r\n", "http_proxy fail"),
            ("HTTP/1.1200 OK\r\n", "http_proxy fail"),
            ("HTTP/1.x 200 OK\r\n", "http_proxy fail"),
            ("\r\nHTTP/1.1 200 OK\r\n\r\n", "http_proxy fail"),
            ("SSH-2.0-x", "http_proxy fail"),
            ("\0", "http_proxy fail"),
        ] {
            let error = answered(answer.as_bytes()).expect_err(answer);
            assert!(error.starts_with(text), "{answer:?}: {error}");
        }
    }

    #[test]
    fn an_answer_without_an_end_is_too_large() {
        let mut connect = fresh();
        let mut fed = connect.handle_rx(b"HTTP/1.1 200 OK\r\nA: ");
        let mut n = 0;
        while fed.is_ok() {
            fed = connect.handle_rx(&[b'x'; 1000]);
            n += 1000;
            assert!(n <= 2 * MOST);
        }
        let error = fed.expect_err("it is too large");
        assert!(error.starts_with("http_proxy fail"), "{error}");
    }
}
