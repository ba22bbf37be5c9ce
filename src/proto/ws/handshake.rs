//! The only place that knows the opening handshake: what a request asks with, and whether the response agrees.
//!
//! The key, and the hash of it that the peer has to answer with, are the caller's: nothing here is random, or hashes.

/// What the peer chose of what was offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chosen<'h> {
    pub(crate) protocol: Option<&'h str>,
    /// As the peer wrote them: whoever offered some knows what to make of it (RFC 6455 §9.1).
    pub(crate) extensions: Option<&'h str>,
}

/// Appends the fields that make an HTTP/1.1 request a handshake (RFC 6455 §4.1); on an error, nothing.
///
/// An empty list is none.
pub(crate) fn request(
    out: &mut Vec<u8>,
    key: &str,
    protocols: Option<&str>,
    extensions: Option<&str>,
) -> Result<(), &'static str> {
    let lines = [
        ("Upgrade: ", Some("websocket")),
        ("Connection: ", Some("Upgrade")),
        ("Sec-WebSocket-Key: ", Some(key)),
        ("Sec-WebSocket-Protocol: ", protocols),
        ("Sec-WebSocket-Extensions: ", extensions),
        ("Sec-WebSocket-Version: ", Some("13")),
    ];
    append(out, lines)
}

/// Those that have a value; on an error, none.
fn append<const N: usize>(
    out: &mut Vec<u8>,
    lines: [(&str, Option<&str>); N],
) -> Result<(), &'static str> {
    let lines = lines
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)));
    let mut len = 0_usize;
    for (name, value) in lines.clone() {
        // RFC 9110 §5.5: they would end the field, and begin one that nobody asked for.
        if value.contains(['\r', '\n', '\0']) {
            return Err("HS: a handshake field has a line break in it");
        }
        len = len.saturating_add(name.len() + value.len() + 2);
    }
    if out.try_reserve(len).is_err() {
        return Err("HS: out of memory for the request");
    }
    for (name, value) in lines {
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    Ok(())
}

/// As `request`, of an extended CONNECT over HTTP/2: no upgrade, and no key (RFC 8441 §5).
pub(crate) fn request_h2(
    out: &mut Vec<u8>,
    origin: Option<&str>,
    protocols: Option<&str>,
    extensions: Option<&str>,
) -> Result<(), &'static str> {
    let lines = [
        ("Origin: ", origin),
        ("Sec-WebSocket-Protocol: ", protocols),
        ("Sec-WebSocket-Extensions: ", extensions),
        ("Sec-WebSocket-Version: ", Some("13")),
    ];
    append(out, lines)
}

/// Whether an HTTP/1.1 response completes the handshake (RFC 6455 §4.1, "client requirements").
///
/// `header` finds a field by its name in lower case; of fields that came several times, the values joined by commas.
pub(crate) fn check<'h>(
    status: u16,
    header: impl Fn(&str) -> Option<&'h str>,
    expected_accept: &str,
    offered_protocols: Option<&str>,
) -> Result<Chosen<'h>, &'static str> {
    if status != 101 {
        return Err("HS: ws upgrade response not 101");
    }
    let accept = header("sec-websocket-accept").ok_or("HS: ACCEPT missing")?;
    let upgrade = header("upgrade").ok_or("HS: UPGRADE missing")?;
    if !upgrade.trim().eq_ignore_ascii_case("websocket") {
        return Err("HS: Upgrade to something other than websocket");
    }
    let connection = header("connection").unwrap_or_default();
    if !items(connection).any(|token| token.eq_ignore_ascii_case("upgrade")) {
        return Err("HS: UPGRADE malformed");
    }
    let chosen = choice(header, offered_protocols)?;
    // Base64: case matters.
    if accept.trim() != expected_accept {
        return Err("HS: Accept hash wrong");
    }
    Ok(chosen)
}

/// As `check`, of an extended CONNECT over HTTP/2: no upgrade, and nothing to hash (RFC 8441 §5).
pub(crate) fn check_h2<'h>(
    status: u16,
    header: impl Fn(&str) -> Option<&'h str>,
    offered_protocols: Option<&str>,
) -> Result<Chosen<'h>, &'static str> {
    if status != 200 {
        return Err("HS: ws upgrade response not 200");
    }
    choice(header, offered_protocols)
}

fn choice<'h>(
    header: impl Fn(&str) -> Option<&'h str>,
    offered_protocols: Option<&str>,
) -> Result<Chosen<'h>, &'static str> {
    let protocol = header("sec-websocket-protocol").map(str::trim);
    // RFC 6455 §4.1: one of those that were asked for, or none.
    let was_offered = |name: &str| {
        let mut offered = items(offered_protocols.unwrap_or_default());
        !name.is_empty() && offered.any(|offer| offer == name)
    };
    if protocol.is_some_and(|name| !was_offered(name)) {
        return Err("HS: PROTOCOL malformed");
    }
    Ok(Chosen {
        protocol,
        extensions: header("sec-websocket-extensions"),
    })
}

/// Of a list with commas (RFC 9110 §5.6.1).
fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim)
}
