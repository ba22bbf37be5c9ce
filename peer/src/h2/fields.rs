//! The only place that judges the fields of a request (RFC 9113 §8.2, §8.3).

use super::hpack::Field;

/// A request's fields, and what they lack or say too much.
pub(super) struct Fields(pub(super) Vec<Field>);

impl Fields {
    /// "-" when there is none.
    pub(super) fn text(&self, name: &str) -> String {
        let value = self.bytes(name).unwrap_or(b"-");
        String::from_utf8_lossy(value).into_owned()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.bytes(name).is_some()
    }

    /// `name: value` and CR LF, each.
    pub(super) fn lines(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for f in &self.0 {
            out.extend_from_slice(&f.name);
            out.extend_from_slice(b": ");
            out.extend_from_slice(&f.value);
            out.extend_from_slice(b"\r\n");
        }
        out
    }

    pub(super) fn content_length(&self) -> Option<u64> {
        self.text("content-length").parse().ok()
    }

    /// `extended`: may it be a CONNECT with a protocol (RFC 8441 §4)?
    pub(super) fn check_request(&self, extended: bool) -> Result<(), String> {
        self.check_names()?;
        let regular = |f: &Field| !f.name.starts_with(b":");
        let pseudo = self.0.iter().position(regular).unwrap_or(self.0.len());
        if self.0.iter().skip(pseudo).any(|f| !regular(f)) {
            return Err("a pseudo field after a regular one".into());
        }
        let connect = self.bytes(":method") == Some(b"CONNECT");
        let tunnel = self.has(":protocol");
        if tunnel && (!extended || !connect || self.count(":protocol") > 1) {
            return Err(":protocol, which was not allowed or is not for this".into());
        }
        for name in [":method", ":scheme", ":path", ":authority"] {
            let count = self.count(name);
            let forbidden = connect && !tunnel && matches!(name, ":scheme" | ":path");
            let needed = match name {
                ":authority" => connect,
                _ => !connect || tunnel,
            };
            if count > 1 || (needed && count == 0) || (forbidden && count > 0) {
                return Err(format!("{name} comes {count} times"));
            }
        }
        self.check_values()
    }

    pub(super) fn check_trailers(&self) -> Result<(), String> {
        self.check_names()?;
        match self.0.iter().any(|f| f.name.starts_with(b":")) {
            true => Err("a pseudo field in trailers".into()),
            false => Ok(()),
        }
    }

    fn check_names(&self) -> Result<(), String> {
        for Field { name, value } in &self.0 {
            let told = name.escape_ascii();
            let known = [
                &b":method"[..],
                b":scheme",
                b":path",
                b":authority",
                b":protocol",
            ];
            if name.starts_with(b":") && !known.contains(&&**name) {
                return Err(format!("{told} is no pseudo field of a request"));
            }
            let bare = name.strip_prefix(b":").unwrap_or(name);
            if bare.is_empty() || !bare.iter().all(|b| is_name(*b)) {
                return Err(format!("the field name {told}"));
            }
            if FORBIDDEN.contains(&&**name) || (name == b"te" && value != b"trailers") {
                return Err(format!("{told} is forbidden"));
            }
            let edge = [value.first(), value.last()];
            if value.iter().any(|b| matches!(b, 0 | b'\r' | b'\n'))
                || edge.iter().any(|b| matches!(b, Some(b' ' | b'\t')))
            {
                return Err(format!("the value of {told}: {}", value.escape_ascii()));
            }
        }
        Ok(())
    }

    fn check_values(&self) -> Result<(), String> {
        let path = self.bytes(":path").unwrap_or(b"/");
        if !path.starts_with(b"/") && path != b"*" {
            return Err(format!("the path {}", path.escape_ascii()));
        }
        let hosts = [self.bytes(":authority"), self.bytes("host")];
        if let [Some(authority), Some(host)] = hosts
            && authority != host
        {
            return Err("host is not :authority".into());
        }
        let digits = |v: &[u8]| !v.is_empty() && v.iter().all(u8::is_ascii_digit);
        match self.bytes("content-length") {
            Some(v) if !digits(v) || self.count("content-length") > 1 => {
                Err(format!("the content-length {}", v.escape_ascii()))
            }
            _ => Ok(()),
        }
    }

    fn bytes(&self, name: &str) -> Option<&[u8]> {
        let found = self.0.iter().find(|f| f.name == name.as_bytes());
        found.map(|f| &*f.value)
    }

    fn count(&self, name: &str) -> usize {
        let same = self.0.iter().filter(|f| f.name == name.as_bytes());
        same.count()
    }
}

/// A character of a lower-case token.
fn is_name(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9') || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// §8.2.2.
const FORBIDDEN: [&[u8]; 5] = [
    b"connection",
    b"keep-alive",
    b"proxy-connection",
    b"transfer-encoding",
    b"upgrade",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn with(more: &[(&str, &str)]) -> Fields {
        let common = [(":method", "GET"), (":scheme", "http"), (":path", "/")];
        let field = |(n, v): &(&str, &str)| Field {
            name: n.as_bytes().to_vec(),
            value: v.as_bytes().to_vec(),
        };
        Fields(common.iter().chain(more).map(field).collect())
    }

    #[test]
    fn a_request_may_have_what_the_rfc_allows_it() {
        let good: [&[(&str, &str)]; 4] = [
            &[],
            &[(":authority", "a"), ("host", "a")],
            &[("te", "trailers"), ("content-length", "5")],
            &[("x-empty", ""), ("x-inner", "a b")],
        ];
        for more in good {
            assert_eq!(with(more).check_request(true), Ok(()), "{more:?}");
        }
    }

    #[test]
    fn what_h2_forbids_is_found() {
        let bad: [&[(&str, &str)]; 16] = [
            &[(":protocol", "websocket")],
            &[("connection", "close")],
            &[("keep-alive", "1")],
            &[("transfer-encoding", "chunked")],
            &[("upgrade", "h2c")],
            &[("te", "gzip")],
            &[("X-Upper", "1")],
            &[("x space", "1")],
            &[("x", " 1")],
            &[("x", "1\r\n")],
            &[(":authority", "a"), ("host", "b")],
            &[("content-length", "+5")],
            &[("content-length", "5"), ("content-length", "5")],
            &[(":path", "/")],
            &[("x", "1"), (":authority", "a")],
            &[(":status", "200")],
        ];
        for more in bad {
            assert!(with(more).check_request(true).is_err(), "{more:?}");
        }
        assert!(with(&[]).check_trailers().is_err());
    }
}
