//! The only place that writes an h1 request head, and that decides what a program may put into one.

use crate::proto::Fault;

use super::response::{Codings, content_length, has_token};

/// What goes into a request head. All text in it passed the checks below.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestHead<'a> {
    pub(crate) method: &'a str,
    pub(crate) target: &'a str,
    /// None when the program writes its own (`Fields::has_host`).
    pub(crate) host: Option<&'a str>,
    /// As the program gave it: the scheme is put before it unless `raw_origin`.
    pub(crate) origin: Option<&'a str>,
    pub(crate) tls: bool,
    pub(crate) raw_origin: bool,
    pub(crate) no_cache_control: bool,
    pub(crate) close: bool,
    /// Of the body, where the program did not say it itself; or empty.
    pub(crate) content_type: &'a str,
    /// The body comes in chunks.
    pub(crate) chunked: bool,
    /// Whole lines that ask for another protocol (RFC 9110 §7.8); empty when none is.
    pub(crate) upgrade: &'a [u8],
    /// Whole lines that are the library's own doing: who asks.
    pub(crate) own: &'a [u8],
    /// Whole header lines, as APPEND_HANDSHAKE_HEADER left them.
    pub(crate) extra: &'a [u8],
}

impl RequestHead<'_> {
    /// Appends the head, in the order that servers have always seen.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.reserve(self.room_needed());
        put(out, self.method);
        put(out, " ");
        put(out, self.target);
        put(out, " HTTP/1.1\r\n");
        if !self.no_cache_control {
            put(out, "Pragma: no-cache\r\nCache-Control: no-cache\r\n");
        }
        if let Some(host) = self.host {
            put(out, "Host: ");
            put(out, host);
            put(out, "\r\n");
        }
        if let Some(origin) = self.origin {
            put(out, self.origin_scheme());
            put(out, origin);
            put(out, "\r\n");
        }
        out.extend_from_slice(self.upgrade);
        if !self.content_type.is_empty() {
            put(out, "Content-Type: ");
            put(out, self.content_type);
            put(out, "\r\n");
        }
        if self.chunked {
            put(out, "Transfer-Encoding: chunked\r\n");
        }
        out.extend_from_slice(self.own);
        if self.close {
            put(out, "connection: close\r\n");
        }
        out.extend_from_slice(self.extra);
        put(out, "\r\n");
    }

    fn origin_scheme(&self) -> &'static str {
        match (self.raw_origin, self.tls) {
            (true, _) => "Origin: ",
            (false, true) => "Origin: https://",
            (false, false) => "Origin: http://",
        }
    }

    /// Enough for every fixed text; a guess above is one reallocation fewer, not an error.
    fn room_needed(&self) -> usize {
        192 + self.method.len()
            + self.target.len()
            + self.host.map_or(0, str::len)
            + self.origin.map_or(0, str::len)
            + self.content_type.len()
            + self.upgrade.len()
            + self.own.len()
            + self.extra.len()
    }
}

fn put(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

/// What the lines of a program say that the head or the body depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields {
    pub(crate) content_length: Option<u64>,
    pub(crate) has_transfer_encoding_chunked: bool,
    pub(crate) has_connection_close: bool,
    pub(crate) has_host: bool,
    pub(crate) has_authorization: bool,
    pub(crate) has_content_type: bool,
}

/// Whether `target` may stand in a request line.
pub(crate) fn check_target(target: &str) -> Result<(), Fault> {
    if target.is_empty() {
        return Err(Fault::App("HS: URI missing: the path is empty; use \"/\""));
    }
    if target.bytes().any(splits) {
        return Err(Fault::App(
            "path refused: it has a CR, LF or NUL, which would split the request; percent-encode it",
        ));
    }
    Ok(())
}

/// Whether `value` may stand after a header's name.
pub(crate) fn check_value(value: &[u8]) -> Result<(), Fault> {
    if value.iter().copied().any(splits) {
        return Err(Fault::App(
            "header refused: its value has a CR, LF or NUL, which would split the request",
        ));
    }
    Ok(())
}

/// Whether `name` (without its colon) is a header name: RFC 9110 §5.1, a token.
pub(crate) fn check_name(name: &[u8]) -> Result<(), Fault> {
    if name.is_empty() {
        return Err(Fault::App(
            "header refused: its name is empty; each line is `name: value` and CR LF",
        ));
    }
    if !name.iter().copied().all(is_tchar) {
        return Err(Fault::App(
            "header refused: its name has a byte other than letters, digits and !#$%&'*+-.^_`|~",
        ));
    }
    Ok(())
}

/// Reads what the program appended: nothing but whole `name: value` lines, each with its CR LF.
pub(crate) fn check_fields(extra: &[u8]) -> Result<Fields, Fault> {
    let mut fields = Fields::default();
    let mut codings = Codings::default();
    let mut rest = extra;
    while !rest.is_empty() {
        let (line, after) = split_line(rest)?;
        let (name, value) = split_field(line)?;
        note_field(&mut fields, &mut codings, name, value)?;
        rest = after;
    }
    fields.has_transfer_encoding_chunked = match codings {
        Codings::Absent => false,
        Codings::Chunked => true,
        Codings::Other => {
            return Err(Fault::App(
                "header refused: transfer-encoding can only be chunked",
            ));
        }
    };
    if fields.has_transfer_encoding_chunked && fields.content_length.is_some() {
        // RFC 9112 §6.2: a sender that sends both invites smuggling.
        return Err(Fault::App(
            "header refused: both content-length and transfer-encoding; append one of them",
        ));
    }
    Ok(fields)
}

/// The pairs of the Cookie lines that are among `lines`, as one line has them.
pub(crate) fn cookie_pairs(lines: &[u8]) -> Vec<u8> {
    let mut pairs = Vec::new();
    for (_, value) in fields(lines).filter(|(line, _)| is_cookie(line)) {
        if !pairs.is_empty() {
            pairs.extend_from_slice(b"; ");
        }
        pairs.extend_from_slice(value);
    }
    pairs
}

/// `lines` with this Cookie line, and no other: RFC 6265 section 5.4.
pub(crate) fn with_cookie(lines: &[u8], value: &[u8]) -> Vec<u8> {
    let mut all = Vec::with_capacity(lines.len() + value.len() + "Cookie: \r\n".len());
    for (line, _) in fields(lines).filter(|(line, _)| !is_cookie(line)) {
        all.extend_from_slice(line);
        all.extend_from_slice(b"\r\n");
    }
    all.extend_from_slice(b"Cookie: ");
    all.extend_from_slice(value);
    all.extend_from_slice(b"\r\n");
    all
}

/// Lines that were checked, without their ends, and their values.
fn fields(lines: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = lines;
    std::iter::from_fn(move || {
        let (line, after) = split_line(rest).ok()?;
        let (_, value) = split_field(line).ok()?;
        rest = after;
        Some((line, value))
    })
}

fn is_cookie(line: &[u8]) -> bool {
    let name = line.split(|b| *b == b':').next();
    name.is_some_and(|name| name.eq_ignore_ascii_case(b"cookie"))
}

fn split_line(rest: &[u8]) -> Result<(&[u8], &[u8]), Fault> {
    let lf = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
    let (line, after) = rest.split_at_checked(lf).unwrap_or((rest, b""));
    let Some((_, after)) = after.split_first() else {
        return Err(Fault::App(
            "header refused: the last line has no CR LF; end each line with it",
        ));
    };
    match line {
        [b'\r'] => Err(Fault::App(
            "header refused: a blank line, which would end the request head early",
        )),
        [line @ .., b'\r'] => Ok((line, after)),
        _ => Err(Fault::App(
            "header refused: a line ends with LF alone; end each line with CR LF",
        )),
    }
}

fn split_field(line: &[u8]) -> Result<(&[u8], &[u8]), Fault> {
    let Some(colon) = line.iter().position(|b| *b == b':') else {
        return Err(Fault::App(
            "header refused: a line has no colon; each line is `name: value` and CR LF",
        ));
    };
    let (name, value) = line.split_at_checked(colon).unwrap_or((line, b""));
    check_name(name)?;
    check_value(value)?;
    let value = value.split_first().map_or(&b""[..], |(_, value)| value);
    Ok((name, value.trim_ascii()))
}

fn note_field(
    fields: &mut Fields,
    codings: &mut Codings,
    name: &[u8],
    value: &[u8],
) -> Result<(), Fault> {
    if name.eq_ignore_ascii_case(b"content-length") {
        fields.content_length = Some(content_length(value, fields.content_length).ok_or(
            Fault::App("header refused: content-length has to be one plain decimal number"),
        )?);
    } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
        codings.add(value);
    } else if name.eq_ignore_ascii_case(b"connection") {
        fields.has_connection_close |= has_token(value, b"close");
    } else if name.eq_ignore_ascii_case(b"authorization") {
        fields.has_authorization = true;
    } else if name.eq_ignore_ascii_case(b"content-type") {
        fields.has_content_type = true;
    } else if name.eq_ignore_ascii_case(b"host") {
        if fields.has_host {
            // RFC 9112 §3.2: every server has to refuse two.
            return Err(Fault::App("header refused: host is there twice"));
        }
        fields.has_host = true;
    }
    Ok(())
}

/// What ends a line, or a C string, for whoever reads the request.
fn splits(b: u8) -> bool {
    matches!(b, b'\r' | b'\n' | 0)
}

/// RFC 9110 §5.6.2
pub(super) fn is_tchar(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: RequestHead<'static> = RequestHead {
        method: "GET",
        target: "/a?b",
        host: Some("a.test"),
        origin: None,
        tls: false,
        raw_origin: false,
        no_cache_control: false,
        close: false,
        content_type: "",
        chunked: false,
        upgrade: b"",
        own: b"",
        extra: b"",
    };

    fn text(head: RequestHead<'_>) -> String {
        let mut out = Vec::new();
        head.write(&mut out);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_plain_get_has_the_default_headers_in_their_order() {
        assert_eq!(
            text(PLAIN),
            "GET /a?b HTTP/1.1\r\nPragma: no-cache\r\nCache-Control: no-cache\r\nHost: a.test\r\n\r\n"
        );
    }

    #[test]
    fn everything_at_once_stands_in_its_place() {
        let head = RequestHead {
            method: "POST",
            origin: Some("o.test"),
            tls: true,
            close: true,
            content_type: "a/b",
            chunked: true,
            own: b"Authorization: Basic eA==\r\n",
            extra: b"X-A: 1\r\n",
            ..PLAIN
        };
        assert_eq!(
            text(head),
            "POST /a?b HTTP/1.1\r\nPragma: no-cache\r\nCache-Control: no-cache\r\nHost: a.test\r\n\
             Origin: https://o.test\r\nContent-Type: a/b\r\nTransfer-Encoding: chunked\r\n\
             Authorization: Basic eA==\r\nconnection: close\r\nX-A: 1\r\n\r\n"
        );
    }

    #[test]
    fn the_origin_is_given_a_scheme_unless_it_is_raw_and_flags_leave_headers_out() {
        let bare = RequestHead {
            host: None,
            no_cache_control: true,
            origin: Some("o"),
            ..PLAIN
        };
        assert_eq!(text(bare), "GET /a?b HTTP/1.1\r\nOrigin: http://o\r\n\r\n");
        let raw = RequestHead {
            raw_origin: true,
            tls: true,
            ..bare
        };
        assert_eq!(text(raw), "GET /a?b HTTP/1.1\r\nOrigin: o\r\n\r\n");
    }

    #[test]
    fn a_target_that_splits_the_request_is_refused() {
        for bad in ["", "/a\r\nX: y", "/\n", "/\0", "\r"] {
            assert!(matches!(check_target(bad), Err(Fault::App(_))), "{bad:?}");
        }
        for good in ["/", "*", "/ä", "http://a/b?c=%0d%0a"] {
            assert_eq!(check_target(good), Ok(()));
        }
    }

    #[test]
    fn names_are_tokens_and_values_are_one_line() {
        for bad in [&b""[..], b"a b", b"a:", b":a", b"a\r", b"\xe4", b"a\0"] {
            assert!(check_name(bad).is_err(), "{bad:?}");
        }
        assert_eq!(check_name(b"X-a_1.~"), Ok(()));
        for bad in [&b"a\r\nb: c"[..], b"\n", b"a\0"] {
            assert!(check_value(bad).is_err(), "{bad:?}");
        }
        assert_eq!(check_value(b" a\tb\xe4 "), Ok(()));
    }

    #[test]
    fn whole_lines_are_taken_and_what_they_say_is_known() {
        assert_eq!(check_fields(b""), Ok(Fields::default()));
        assert_eq!(
            check_fields(b"X-Empty:\r\nContent-Length: 12 \r\nConnection: x, Close\r\nhost:h\r\n"),
            Ok(Fields {
                content_length: Some(12),
                has_transfer_encoding_chunked: false,
                has_connection_close: true,
                has_host: true,
                has_authorization: false,
                has_content_type: false,
            })
        );
        let chunked = check_fields(b"Transfer-Encoding: chunked\r\n").expect("fine");
        assert!(chunked.has_transfer_encoding_chunked);
        let by_hand = check_fields(b"AUTHORIZATION: Basic x\r\n").expect("fine");
        assert!(by_hand.has_authorization);
    }

    #[test]
    fn a_request_has_one_cookie_line() {
        let lines = b"A: 1\r\ncookie: a=1\r\nB:\r\nCOOKIE:b=2; c=3 \r\n";
        assert_eq!(cookie_pairs(lines), b"a=1; b=2; c=3");
        assert_eq!(with_cookie(lines, b"x=y"), b"A: 1\r\nB:\r\nCookie: x=y\r\n");
        assert_eq!(cookie_pairs(b"Set-Cookie: a=1\r\n"), b"");
        assert_eq!(with_cookie(b"", b"x"), b"Cookie: x\r\n");
    }

    #[test]
    fn lines_that_split_or_smuggle_a_request_are_refused() {
        for bad in [
            &b"X: y"[..],
            b"X: y\n",
            b"X: y\r",
            b"X: y\r\n\r\n",
            b"\r\n",
            b"\r\nGET / HTTP/1.1\r\n",
            b"X: a\rb\r\n",
            b"X: a\nY: b\r\n",
            b"X: a\0b\r\n",
            b"no colon\r\n",
            b": empty\r\n",
            b"X : y\r\n",
            b"X: y\r\n folded\r\n",
            b"X\0: y\r\n",
            b"Content-Length: 1\r\nContent-Length: 2\r\n",
            b"Content-Length: +1\r\n",
            b"Content-Length: \r\n",
            b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            b"Transfer-Encoding: gzip\r\n",
            b"Transfer-Encoding: chunked, chunked\r\n",
            b"Host: a\r\nHost: a\r\n",
        ] {
            let found = check_fields(bad);
            assert!(
                matches!(found, Err(Fault::App(_))),
                "{:?}",
                bad.escape_ascii()
            );
        }
    }
}
