//! The only place that judges a client's opening handshake and bends the server's (RFC 6455 §4, RFC 8441 §5).

use super::deflate::{self, Params};
use super::script::Options;
use crate::conn::Request;
use crate::plain::Plain;
use openssl::base64::{decode_block, encode_block};
use openssl::sha::sha1;

/// The fields of a request, whatever it came over.
pub(crate) trait Asked {
    /// Every value of a field, in their order.
    fn values(&self, name: &str) -> Vec<String>;

    /// The elements of a list that may be spread over several fields.
    fn list(&self, name: &str) -> Vec<String> {
        let all = self.values(name).join(",");
        let words = all.split(',').map(|w| w.trim().to_owned());
        words.filter(|w| !w.is_empty()).collect()
    }
}

impl Asked for Request {
    fn values(&self, name: &str) -> Vec<String> {
        self.all(name).map(str::to_owned).collect()
    }
}

/// The client's key, or what is wrong with its request.
pub(super) fn check_h1(request: &Request) -> Result<String, String> {
    let line = request.head.split(|b| *b == b'\r').next().unwrap_or(b"");
    if request.method != "GET" || !line.ends_with(b" HTTP/1.1") {
        return Err(format!("the request line {}", line.escape_ascii()));
    }
    if request.values("host").len() != 1 {
        return Err("not one Host".into());
    }
    if !has(request, "upgrade", "websocket") {
        return Err("no Upgrade: websocket".into());
    }
    if !has(request, "connection", "upgrade") {
        return Err("no Connection: upgrade".into());
    }
    check_common(request)?;
    let [key] = &*request.values("sec-websocket-key") else {
        return Err("not one Sec-WebSocket-Key".into());
    };
    // A decoder alone is too kind: what it read has to be written the same.
    let whole = key.len() == 24 && key.ends_with("==");
    let bytes = decode_block(key).unwrap_or_default();
    match bytes.get(..16) {
        Some(bytes) if whole && encode_block(bytes) == *key => Ok(key.clone()),
        _ => Err(format!("the key {}, not 16 bytes in base64", key)),
    }
}

/// Without what h2 has in other places.
pub(super) fn check_common(request: &impl Asked) -> Result<(), String> {
    if request.values("sec-websocket-version") != ["13"] {
        return Err("no Sec-WebSocket-Version: 13".into());
    }
    let names = request.list("sec-websocket-protocol");
    for (at, name) in names.iter().enumerate() {
        if !is_token(name) || names.iter().skip(at + 1).any(|other| other == name) {
            return Err(format!(
                "the subprotocol {}, no token or twice",
                name.escape_debug()
            ));
        }
    }
    let extensions = request.list("sec-websocket-extensions");
    let good = |e: &String| is_extension(e) && deflate::check_offer(e);
    match extensions.iter().find(|e| !good(e)) {
        Some(bad) => Err(format!("the extension {}", bad.escape_debug())),
        None => Ok(()),
    }
}

/// The fields of the answer that h1 and h2 have in common.
pub(super) fn fields(
    options: &Options,
    request: &impl Asked,
    extension: Option<&str>,
) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut put = |name: &str, value: &str| out.push((name.to_owned(), value.to_owned()));
    let offered = request.list("sec-websocket-protocol");
    match options.protocol.as_deref() {
        Some("none") => {}
        Some(name) => put("Sec-WebSocket-Protocol", name),
        None => {
            if let Some(first) = offered.first() {
                put("Sec-WebSocket-Protocol", first);
            }
        }
    }
    for value in [options.ext.as_deref(), extension].into_iter().flatten() {
        put("Sec-WebSocket-Extensions", value);
    }
    out.extend_from_slice(&options.extra);
    out
}

impl Options {
    /// What Sec-WebSocket-Extensions says and means, when compression is asked for on both sides.
    pub(super) fn agree(&self, request: &impl Asked) -> Option<(String, Params)> {
        deflate::agree(self.deflate.as_deref()?, request)
    }

    /// What there is instead of a WebSocket, when they say so.
    pub(super) fn refusal(&self) -> Option<Plain> {
        let (status, location) = self.status.as_ref()?;
        let mut plain = Plain {
            status: *status,
            ..Plain::ok("no")
        };
        if matches!(status, 100..200 | 204 | 304) {
            plain.body.clear();
        }
        plain.fields.extend_from_slice(&self.extra);
        Some(match location {
            Some(location) => plain.with("Location", location),
            None => plain,
        })
    }
}

/// 101, or what the options make of it.
pub(super) fn head_h1(options: &Options, key: &str, fields: &[(String, String)]) -> Vec<u8> {
    let mut out = String::from("HTTP/1.1 101 Switching Protocols\r\n");
    let mut put = |name: &str, value: &str| {
        for part in [name, ": ", value, "\r\n"] {
            out.push_str(part);
        }
    };
    match options.upgrade.as_deref() {
        Some("none") => {}
        Some("other") => put("Upgrade", "tea"),
        other => put("Upgrade", other.unwrap_or("websocket")),
    }
    match options.connection.as_deref() {
        Some("none") => {}
        other => put("Connection", other.unwrap_or("Upgrade")),
    }
    let (name, good) = ("Sec-WebSocket-Accept", accept(key));
    match options.accept.as_deref() {
        Some("none") => {}
        Some("bad") => put(name, &accept("somebody else's")),
        Some("twice") => [&good, &good].into_iter().for_each(|v| put(name, v)),
        other => put(name, other.unwrap_or(&good)),
    }
    for (name, value) in fields {
        put(name, value);
    }
    out.push_str("\r\n");
    out.into_bytes()
}

/// §4.2.2.
fn accept(key: &str) -> String {
    let both = [key, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"].concat();
    encode_block(&sha1(both.as_bytes()))
}

fn has(request: &Request, name: &str, word: &str) -> bool {
    let words = request.list(name);
    words.iter().any(|w| w.eq_ignore_ascii_case(word))
}

/// §9.1: a token, and parameters after semicolons.
fn is_extension(text: &str) -> bool {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().unwrap_or("");
    let good = |p: &str| {
        let (name, value) = p.split_once('=').unwrap_or((p, "1"));
        let bare = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
        is_token(name.trim()) && is_token(bare.unwrap_or_else(|| value.trim()))
    };
    is_token(name) && parts.all(good)
}

fn is_token(text: &str) -> bool {
    let good = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !text.is_empty() && text.bytes().all(good)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "GET /ws/echo HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\n\
        Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Protocol: one, two\r\n\
        Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x; x=\"9\"\r\n\r\n";

    fn judged(head: &str) -> Result<String, String> {
        let request = Request::parse(head.as_bytes().to_vec());
        check_h1(&request.expect("a request"))
    }

    #[test]
    fn the_example_of_the_rfc_is_answered_as_there() {
        let key = judged(GOOD).expect("good");
        assert_eq!(accept(&key), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn what_a_request_lacks_is_named() {
        for (from, to, why) in [
            ("GET ", "PUT ", "the request line"),
            ("HTTP/1.1", "HTTP/1.0", "the request line"),
            ("Host: a\r\n", "", "not one Host"),
            ("Upgrade: WebSocket", "Upgrade: tea", "no Upgrade"),
            ("keep-alive, Upgrade", "close", "no Connection"),
            ("Version: 13", "Version: 8", "no Sec-WebSocket-Version"),
            ("Sec-WebSocket-Key", "X-Key", "not one Sec-WebSocket-Key"),
            ("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZQ==", "the key"),
            ("bm9uY2UQ==", "bm9uY2UR==", ""),
            ("SBub25jZQ==", "SBub25jZR==", "the key"),
            ("one, two", "one, one", "the subprotocol one"),
            ("one, two", "o n e", "the subprotocol o n e"),
            ("bits, x; x=\"9\"", "bits=", "the extension"),
            ("bits, x; x=\"9\"", "bits=7", "the extension"),
        ] {
            let told = judged(&GOOD.replace(from, to));
            match why {
                "" => assert!(told.is_ok()),
                why => assert!(told.expect_err(why).starts_with(why), "{why}"),
            }
        }
    }

    #[test]
    fn the_answer_is_bent_where_it_is_asked_to() {
        let head = |o: &Options| {
            let bytes = head_h1(o, "k", &[("A".into(), "b".into())]);
            String::from_utf8(bytes).expect("text")
        };
        let plain = head(&Options::default());
        assert!(plain.starts_with("HTTP/1.1 101 ") && plain.ends_with("A: b\r\n\r\n"));
        let mut o = Options {
            upgrade: Some("none".into()),
            connection: Some("none".into()),
            accept: Some("twice".into()),
            ..Options::default()
        };
        let bent = head(&o);
        assert!(!bent.contains("Upgrade") && !bent.contains("Connection"));
        assert_eq!(bent.matches("Sec-WebSocket-Accept: ").count(), 2);
        o.accept = Some("bad".into());
        assert_ne!(
            head(&o).split("Accept").nth(1),
            plain.split("Accept").nth(1)
        );
    }
}
