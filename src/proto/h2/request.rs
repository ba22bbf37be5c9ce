//! The only place that turns a request into h2 fields (RFC 9113 §8.2.2, §8.3.1; RFC 8441 §4).

use super::hpack::{Encoder, Indexing};

/// What goes into a request's HEADERS. All text in it passed the checks of the h1 request head.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestFields<'a> {
    pub(crate) method: &'a str,
    /// "http" or "https"
    pub(crate) scheme: &'a str,
    /// None when the program writes its own host line.
    pub(crate) authority: Option<&'a str>,
    pub(crate) path: &'a str,
    /// RFC 8441: "websocket". The method is CONNECT then.
    pub(crate) protocol: Option<&'a str>,
    /// Of the body, where the program did not say it itself; or empty.
    pub(crate) content_type: &'a str,
    /// The stream's window begins with so much, and `release()` gives nothing back to it: `widen()` does.
    pub(crate) manual_window: Option<u32>,
    /// Whole h1 header lines, as APPEND_HANDSHAKE_HEADER left them.
    pub(crate) extra: &'a [u8],
}

impl RequestFields<'_> {
    /// Appends the block. `scratch` is anybody's.
    pub(super) fn encode(&self, encoder: &mut Encoder, scratch: &mut Vec<u8>, out: &mut Vec<u8>) {
        encoder.begin(out);
        match self.method {
            "GET" => encoder.put_static(METHOD_GET, out),
            "POST" => encoder.put_static(METHOD_POST, out),
            method => encoder.put(b":method", method.as_bytes(), Indexing::Keep, out),
        }
        if let Some(protocol) = self.protocol {
            encoder.put(b":protocol", protocol.as_bytes(), Indexing::Keep, out);
        }
        match self.scheme {
            "http" => encoder.put_static(SCHEME_HTTP, out),
            _ => encoder.put_static(SCHEME_HTTPS, out),
        }
        if let Some(authority) = self.authority {
            encoder.put(b":authority", authority.as_bytes(), Indexing::Keep, out);
        }
        match self.path {
            "/" => encoder.put_static(PATH_ROOT, out),
            path => encoder.put(b":path", path.as_bytes(), Indexing::Pass, out),
        }
        if !self.content_type.is_empty() {
            // A boundary is one request's alone.
            let indexing = match self.content_type.contains(';') {
                true => Indexing::Pass,
                false => Indexing::Keep,
            };
            let content_type = self.content_type.as_bytes();
            encoder.put(b"content-type", content_type, indexing, out);
        }
        let mut rest = self.extra;
        while let Some((name, value)) = next_line(&mut rest) {
            scratch.clear();
            scratch.extend(name.iter().map(u8::to_ascii_lowercase));
            if self.may_go(scratch, value) {
                encoder.put(scratch, value, indexing(scratch, value), out);
            }
        }
    }

    /// §8.2.2: what is about an h1 connection stays behind.
    fn may_go(&self, name: &[u8], value: &[u8]) -> bool {
        match name {
            b"connection" | b"keep-alive" | b"proxy-connection" | b"transfer-encoding"
            | b"upgrade" | b"http2-settings" => false,
            b"te" => value.eq_ignore_ascii_case(b"trailers"),
            // :authority says it.
            b"host" => self.authority.is_none(),
            _ => true,
        }
    }
}

/// Name and value of the next line, without the blanks around the value. A line without a colon was refused before.
fn next_line<'a>(rest: &mut &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
    let colon = rest.iter().position(|b| *b == b':')?;
    let (name, after) = rest.split_at_checked(colon)?;
    let end = after
        .iter()
        .position(|b| *b == b'\n')
        .unwrap_or(after.len());
    let (value, after) = after.split_at_checked(end)?;
    *rest = after.split_first().map_or(&[][..], |(_, after)| after);
    let value = value.split_first().map_or(&[][..], |(_, value)| value);
    Some((name, value.trim_ascii()))
}

fn indexing(name: &[u8], value: &[u8]) -> Indexing {
    match name {
        b"authorization" | b"proxy-authorization" => Indexing::Never,
        // RFC 7541 §7.1.3: short secrets are the ones that can be guessed.
        b"cookie" if value.len() < SHORT_SECRET => Indexing::Never,
        b"content-length"
        | b"if-modified-since"
        | b"if-none-match"
        | b"if-range"
        | b"if-match"
        | b"if-unmodified-since"
        | b"range"
        | b"date"
        | b"etag"
        | b"age"
        | b"content-range"
        | b"sec-websocket-key" => Indexing::Pass,
        _ => Indexing::Keep,
    }
}

const SHORT_SECRET: usize = 20;

// RFC 7541 Appendix A
const METHOD_GET: u8 = 2;
const METHOD_POST: u8 = 3;
const PATH_ROOT: u8 = 4;
const SCHEME_HTTP: u8 = 6;
const SCHEME_HTTPS: u8 = 7;
